// Operators on all sorts of values.
const values = [0, 1, -1, 1.5, NaN, Infinity, '', '0', 'a', '12', null, undefined, true, false];
const show = (v) => typeof v === 'string' ? JSON.stringify(v) : String(v);
for (const a of values) {
  const row = [];
  for (const b of values) row.push(show(a + b), show(a - b), show(a * b), show(a == b), show(a === b), show(a < b), show(a <= b), show(a && b), show(a || b), show(a ?? b), show(a | b), show(a >>> b), show(a % b));
  console.log(row.join(' '));
}
for (const a of values) console.log(show(!a), show(-a), show(+a), show(~a), typeof a, show(a ? 1 : 2), `${a}`, show(a ? undefined : false));
let i = 5; console.log(i++ + ++i, i-- - --i, i);
let o = {n: 1, s: 'x', a: [1, 2, 3]}; o.n += 2; o.s += o.n; o.a[1] *= 5; o['n']++; console.log(JSON.stringify(o), o.n++, o.n);
let k = 0; o.a[k++] += o.a[k] + (k = 2); console.log(o.a.join(), k);
let p = null; p ??= 4; p ||= 5; p &&= 6; console.log(p);
o.q ??= 'q'; o.q ||= 'z'; o.s &&= 's'; console.log(JSON.stringify(o));
let a, b, c; a = b = c = 3; console.log(a, b, c, (a, b, 9));
[a, b] = [b + 1, a]; console.log(a, b);
console.log(2 ** 10, 2 ** -1, (-2) ** 2, 7 % -3, -7 % 3, 5 / 2 | 0, -5 >> 1, -5 >>> 28, 1 << 31, 2 ** 53);
console.log('b' > 'a', 'B' < 'a', '10' < '9', 10 < '9', null >= 0, undefined == null, null == 0, '' == 0, '1' == 1, NaN != NaN);
console.log(void 0, typeof function () {}, typeof null, typeof {}, typeof Symbol.iterator);
const s = 'abc'; console.log(s[0], s[1] + s['2'], s.length, s[9], 'x'.length);
console.log('a' in {a: 1}, 'b' in {a: 1}, 0 in [1], 1 in [1], [] instanceof Array, {} instanceof Array);
console.log(1 + 2 + 'x' + 1 + 2, 1 - '1' + '2', '3' * '4', [] + {}, [1, 2] + '', +'0x10', +' 12 ', +'1e3', +'');
var obj = {a: {b: {c: 1}}}; console.log(obj?.a?.b.c, obj?.x?.b.c, obj.x?.[0], obj.f?.(), obj.a?.['b'].c, delete obj.a.b, JSON.stringify(obj), delete obj?.a);
const t = (x, ...r) => x.raw.join('|') + r.join(); console.log(t`a${1}\n${2}c`, `x${1}${'y'}z${[1, 2]}`);
console.log(0.1 + 0.2, 1e21, 1e-7, 5e-324, 1 / 3, 100, 1 / -0, 0xff, 0b11, 0o17, 1_000);
let cond = 5; console.log(cond > 3 ? cond < 10 ? 'mid' : 'big' : 'small', cond ? null : 1, !cond ? 1 : undefined);
console.log(((x) => x && x.y || 'none')(null), ((x) => x && x.y || 'none')({y: 'yes'}), ((x) => (x || {}).z)(0));
var n = 3, acc = ''; while (n--) acc += n + ','; console.log(acc); acc = 'r' + acc; console.log(acc);
function build() { let r = ''; for (let i = 0; i < 5; i++) { r = r + 'x' + i; } r += 1; r += null; return r; } console.log(build());
function build2(list) { var out = 'start'; for (const e of list) out += e, out += ';'; return out + out.length; } console.log(build2(['a', 1, null]));
console.log([1, 2, 3].includes(2) && !![].length === false, (function () { return arguments.length; })(1, 2, ...[3, 4], 5));
