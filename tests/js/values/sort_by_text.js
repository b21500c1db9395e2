console.log([10, 9, 1, 'b', 'a', undefined, null, true, -0, 0].sort(), ['\uff5e', '\u{1f600}', 'a', 'é'].sort(), [1, '1', 1n, [1], '01'].sort().map((x) => typeof x).join());
console.log([3, , 1, undefined, 2].sort(), [3, , 1].toSorted(), Object.keys([1, , 2]), Object.keys(Object.assign([1, 2], { x: 1 })), Object.keys(Object.create([1], { y: { enumerable: true } })));
const big = Array.from({ length: 20000 }, (_, i) => (i * 7919) % 20000);
console.log(big.sort()[3], big.sort((a, b) => a - b)[3], Object.keys(big).length, Object.keys(big)[19999]);
try { [Symbol()].concat(1).sort(); } catch (e) { console.log(e.message); }
