// Halves of surrogate pairs in patterns and separators; dates that run over; the last place of numbers.
const high = '\ud83d', low = '\ude00z';
console.log([high.match(/[😀é]/), low.match(/[😀é]/gi), high.search(/[😀é]/), high.replace(/[😀é]/, 'x'), [...low.matchAll(/[😀é]/g)].length, high.split(/[😀é]/).length].map((v) => JSON.stringify(v)).join());
console.log(JSON.stringify(['x😀'.replace(/x*/g, '[$&]'), 'x😀'.replace(/x*/gu, '[$&]'), 'x😀'.split('\ud83d'), 'é😀b😀'.split('\ude00'), '\ude00z'.split('\ude00z'), 'x😀'.split('\ud83d', 1)]));
console.log(['a'.localeCompare(high), low.localeCompare('aab'), high.localeCompare('😀b'), high.localeCompare(high)].join());
console.log(Date.parse('2023-02-30T10:20:30Z'), Date.parse('2027-04-31'), Date.parse('2027-04-32'), Date.parse('2003-02-29T10:20:30.5+02:00'));
console.log([10, 53, -5, 6, -2, 1e-7, 27, 1e300, 5e-324, -0, Infinity, 0.1, 2e-290].map((v) => Object.is(Math.cbrt(v), -0) ? '-0' : Math.cbrt(v)).join(' '));
console.log(parseInt(1e21), parseInt('1e+21'), parseInt('12e3'), parseInt(123456789012345680000), parseInt(999999999999999));
const wide = 'é,'.repeat(60000);
let n = 0;
for (const m of wide.matchAll(/,/g)) n++;
console.log(n, wide.split(/,/).length, wide.match(/é/g).length);
