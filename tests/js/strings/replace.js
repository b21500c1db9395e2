// replace and replaceAll with regular expressions: as they are, and where the program has changed something.
const s = 'naïve ☕ a-b_c 2024-05-06 😀 aXbX';
const r = (...a) => console.log(JSON.stringify(s.replace(...a)));
r(/a/, 'A'); r(/a/g, '[$&]'); r(/(\d+)-(\d+)/g, '$2/$1'); r(/(\d)(\d)/g, '$11$02$3$$'); r(/X/g, '$'); r(/X/g, '$x$'); r(/-/g, "$`|"); r(/-/g, "$'|");
r(/(?<y>\d{4})/, '<$<y>>'); r(/(?<y>\d{4})/g, (m, y, at, all, groups) => [m, y, at, all.length, groups.y].join('+'));
r(/x*/gu, '.'); r(/(?:)/gu, '.'); r(/$/g, 'end'); r(/^/, 'start'); r(/(z)?a/g, '<$1>'); r(/(z)?a/g, (m, z, at) => typeof z + at);
r(/☕|😀/gu, (m, at) => m.length + ':' + at); r(/b(.)(.)(.)/, (...a) => a.join('|')); r(/nothing/g, 'x'); r(/a/g, undefined); r(/a/g, null); r(/a/g, () => undefined); r(/a/gi, 5);
const g = /a/g; g.lastIndex = 7; console.log(s.replace(g, 'A'), g.lastIndex);
const y = /n/y; console.log(s.replace(y, 'N'), y.lastIndex, s.replace(y, 'N'), y.lastIndex);
const n = /a/; n.lastIndex = { valueOf() { console.log('asked'); return 3; } }; s.replace(n, 'A'); n.lastIndex = 0;
console.log('aaa'.replace(/a/g, () => { return 'aba'.replace(/a/g, 'q').replace(/b/, (m) => m + m); }));
const own = /a/g; let asked = 0; own.exec = function (t) { asked++; return RegExp.prototype.exec.call(this, t); }; console.log('banana'.replace(own, 'o'), asked);
class R extends RegExp { exec(t) { const m = super.exec(t); if (m) m[0] = m[0] + '!'; return m; } }
console.log('banana'.replace(new R('n', 'g'), '<$&>'));
console.log('a.b.c'.replaceAll(/\./g, '$$'), 'x'.replace(/x/, '$0 $1 $00 $01'), 'abc'.replace(/(b)/, '$10 $1'), 'lone\ud83d'.replace(/e/g, 'E').length);
const exec = RegExp.prototype.exec; RegExp.prototype.exec = function () { return null; };
console.log('banana'.replace(/a/g, 'o')); RegExp.prototype.exec = exec; console.log('banana'.replace(/a/g, 'o'));
