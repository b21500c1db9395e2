console.log(/^\p{L}+$/u.test('añб漢'), /^\P{L}+$/u.test('123'), /[^\p{L}\d]/u.exec('abc1-')[0], /[\p{Lu}\P{L}]+/u.exec('abCD12x')[0]);
console.log(/^\p{Script=Greek}+$/u.test('αβγ'), /\p{scx=Deva}/u.test('।'), /\p{Emoji}/u.test('😀'), /^\p{Lowercase}+$/u.test('abc'));
console.log('x1y2'.replace(/[\w--\d]/gv, '_'), 'aBc'.match(/[[a-z]&&[b-z]]/gv), /^[\q{abc|d}x]$/v.test('abc'), 'abcd'.match(/[\q{ab|a|abc}]/v)[0]);
console.log(/[^\d]/v.test('1'), /[\p{L}--[a-z]]/v.test('a'), /[\p{L}--[a-z]]/v.test('B'), /[[a-z]&&[^aeiou]]/v.exec('aeb')[0]);
console.log(/\w/iu.test('ſ'), /\W/iu.test('ſ'));
console.log("ŉǰΐﬀ".toUpperCase(), 'ὈΔΥΣΣΕΎΣ Σ ΑΣ'.toLowerCase(), 'ǅ'.toLowerCase(), 'ⴀ'.toUpperCase(), 'İ'.toLowerCase().length, 'ß'.toUpperCase(), 'ꭰ'.toUpperCase(), '𐐨'.toUpperCase());
// lone surrogates; $$ before a named group; Final_Sigma; a surrogate pair in two parts
console.log(/^\P{L}$/u.test('\udc00'), /^\p{Cs}+$/u.test('\ud800\udfff'.slice(0, 1)), /^.$/su.test('\ud800'), 'a\ud800b'.replace(/[^a-z]/g, '?'));
console.log('abcabc'.replace(/a(?<z>b)/g, '$$<z>$<z>$<y>'), [...('\ud83d' + '\ude00')].length, /^.$/u.test('\ud83d' + '\ude00'));
console.log((1.5).toFixed(100).length, (0).toExponential(-0), [1, , 2].lastIndexOf(undefined), [, 1].slice(-0, 0).length);
console.log(JSON.stringify(JSON.parse('{"a":1,"b":2}', function (k, v) { if (k === 'a') delete this.b; return v; })));
