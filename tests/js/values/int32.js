// Operators on 32-bit integers, with every kind of number on either side.
const values = [0, -0, 1, -1, 0.5, -0.5, 1.9, -1.9, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 32, 2 ** 32 + 5, 2 ** 51, 2 ** 51 + 3, 2 ** 53 + 2,
  -(2 ** 53) - 2, 1e20, -1e20, 1e300, NaN, Infinity, -Infinity, '7', '', 'x', null, undefined, true, [3], {}];
const show = (v) => (Object.is(v, -0) ? '-0' : String(v));
for (let round = 0; round < 20; round++) {
  const lines = [];
  for (const a of values) {
    const line = [~a, a | 0, a >>> 0];
    for (const b of values) line.push(a & b, a | b, a ^ b, a << b, a >> b, a >>> b, a % b);
    lines.push(line.map(show).join(' '));
  }
  if (round === 19) for (const line of lines) console.log(line.slice(0, 60), [...line].reduce((h, c) => (h * 31 + c.charCodeAt(0)) % 1000003, 7));
}
// keys that are numbers of every kind
const object = {};
for (const key of values) object[key] = (object[key] || 0) + 1;
console.log(Object.keys(object).join(' '));
const holes = new Array(5);
holes[2] = 1;
console.log(holes.length, 0 in holes, 2 in holes, holes.map((v) => v + 1), Object.keys(holes), new Array(0), new Array('3'), new Array(2, 3), new Array(2 ** 32 - 1).length);
try { new Array(-1); } catch (e) { console.log(e.message); }
try { new Array(1.5); } catch (e) { console.log(e.message); }
// what is null is no object, whatever asks
const nothing = [null, undefined, {}, [], Buffer.from('a'), () => 1, 0n, 1n, Symbol.iterator];
for (const v of nothing) console.log(typeof v, v === null, v == null, v !== null, v ? 1 : 2, !v, v instanceof Object, Array.isArray(v), JSON.stringify([typeof v === 'bigint' ? 0 : v]));
console.log(nothing.filter(Boolean).length, [0n, 1n].filter(Boolean), 0n ? 1 : 2, BigInt(0) || 'zero', 5n - 5n ? 1 : 2);
