// Texts as numbers: what Lua would read otherwise.
const texts = ['1', '12', '007', '0', '-0', '+5', ' 7 ', '1.5', '.5', '5.', '1e3', '1e', '1e400', '0x10', '0b11', '0o17', '1p4', '0x1p4', '1i', '1LL', '12abc', 'inf', 'nan',
  'Infinity', '-Infinity', '1_000', '123456789012345678', '99999999999999', '1.5.2', '1 2', '\t9\n', '9\u00a0', '0.1', '0/', '1e-7', '', '1e21', '1n', '-7', '-7.5', '08', '1\0'];
for (const t of texts) console.log(JSON.stringify(t), Number(t), +t, parseInt(t), parseInt(t, 10), parseInt(t, 16), parseFloat(t), t == 12);
function rest(...all) { return all; }
function after(a, ...all) { return all; }
console.log(rest(), rest(undefined), rest(1, undefined), rest(1, 2, 3), rest(1, 2, 3, 4), after(), after(1), after(1, undefined), after(1, 2, 3), after(1, 2, 3, 4), after(1, undefined, undefined).length);
console.log(Math.max.apply(null, [1, 5, 3]), rest.apply(null, [1]), rest.apply(null, { length: 2, 0: 'a' }), rest.apply(1, [1, 2, 3]));
const words = ['b', 'a', 'é', 'z', '\u{1f600}', '\uffee', '', 'aa', 'B'];
console.log(words.slice().sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)), words.map((w) => w <= 'b' && w >= 'a'));
for (const n of [0, -0, 1023, 1024, -1, 5000, 2 ** 31, 99999999999999, 1e14, 123456789012345, 1e15, 2 ** 53, 1e21, 0.1, 1e-7, NaN, -Infinity]) console.log(`${n}`, n + '', [n] + '');
class Counter { #n = 0; get n() { return this.#n; } set n(v) { this.#n = v; } static { this.made = 0; } }
class Twice extends Counter { set twice(v) { this.n = v * 2; } get twice() { return this.n; } }
const counter = new Twice();
for (let i = 0; i < 300; i++) { counter.n += 1; counter.twice = counter.twice; counter.n /= 2; counter.other = i; }
console.log(counter.n, counter.twice, Object.keys(counter));
