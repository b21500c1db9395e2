'use strict';
const a = [1, , 3];
console.log(a.length, 1 in a, 0 in a, Object.keys(a).join(), a.map(x => x * 2).length, JSON.stringify(a));
a[1] = undefined;
console.log(1 in a, a.indexOf(undefined), a.includes(undefined));
a.length = 1;
console.log(a.length, a[2], a.join());
a[4] = 5;
console.log(a.length, 3 in a, a.filter(() => true).length, a.flat().length);
const b = Array(3);
console.log(b.length, 0 in b, b.fill(7).join(), 0 in b, [...Array(2)].length, Array.from({ length: 2 }, (_, i) => i * 2).join());
console.log([3, 1, 2].sort().join(), [10, 9, 1].sort().join(), [10, 9, 1].sort((x, y) => x - y).join(), [, 1, undefined, 0].sort().length);
console.log([1, 2, 3, 4].splice(1, 2).join(), [1, [2, [3, [4]]]].flat(Infinity).join(), [1, 2, 3].at(-1), [1, 2, 3].with(1, 9).join(), [3, 1].toSorted().join());
const c = [1, 2, 3];
console.log(c.push(4, 5), c.shift(), c.unshift(0, 1), c.pop(), c.reverse().join(), c.concat([1], 2, [[3]]).length, c.copyWithin(0, 2).join());
c.extra = 1;
console.log(Object.keys(c).join(), c.length, Object.getOwnPropertyNames(c).join());
class Stack extends Array { top() { return this[this.length - 1]; } }
const s = Stack.from([1, 2]);
s.push(3);
console.log(s.top(), s.length, s instanceof Stack, s.map(x => x) instanceof Stack, Array.isArray(s));
try { Object.freeze(c).push(1); } catch (e) { console.log(e.name); }
try { [].length = -1; } catch (e) { console.log(e.message); }
try { null[0]; } catch (e) { console.log(e.message); }
try { [].reduce((x, y) => x); } catch (e) { console.log(e.message); }
const [x, , y = 5, ...z] = [1, 2, undefined, 4, 5];
console.log(x, y, z.join(), Math.max(...[1, 5, 3]), [...'añ😀'].length, 'añ😀'.length, 'añ😀'.charCodeAt(3));
for (const [i, v] of ['p', 'q'].entries()) console.log(i, v);
console.log([1, 2, 3].reduceRight((p, q) => p + '-' + q), [1, 2, 3, 4].findLast(v => v % 2), [5, 1].toString(), String([null, undefined, [1, [2]]]));
Array.prototype.extra = function () { return this.length; };
console.log([1, 2].extra());
delete Array.prototype.extra;
