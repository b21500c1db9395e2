// Functions given to an array's methods: no closure is made of them, and nobody may notice.
'use strict';
class Lists {
  constructor(list) { this.list = list; this.k = 3; }
  sum(f) { let s = 0; this.list.forEach((v) => { s += v * f * this.k; }); return s; }
  maps(f) { return this.list.map((v, i) => v * f + i + this.k).filter((x) => x > f); }
  nested(n) { return this.list.map((v) => this.list.filter((w) => w !== v && w < n).map((w) => w * v + n)); }
  recursive(n) { return n === 0 ? [this.k] : this.list.flatMap((v) => (v > 2 ? this.recursive(n - 1).map((x) => x + v + n) : [])); }
}
const lists = new Lists([1, 2, 3, 4]);
console.log(lists.sum(2), lists.maps(2), lists.nested(4), lists.recursive(2));

class Keeper { // keeps what it is given
  constructor() { this.a = [5, 6]; this.kept = []; }
  forEach(f) { for (const x of this.a) f(x); this.kept.push(f); }
  map(f) { this.kept.push(f); return this; }
}
function outer(v, p) {
  let total = 0, c = p;
  v.forEach((x) => { total += x + c; });
  c = 10;
  v.map((x) => x + total + c);
  total++;
  return total;
}
const keeper = new Keeper();
console.log(outer(keeper, 1), outer(keeper, 2), outer([5, 6], 1));
console.log(keeper.kept.map((f) => [f.name, f.length, String(f), f === keeper.kept[0]]), keeper.kept[1](1), keeper.kept[3](1), keeper.kept[0](1), keeper.kept[1](1));

function each(m) { const seen = []; m.forEach((v, k) => seen.push([k, v, this === undefined])); return seen; }
console.log(each(new Map([['a', 1]])), each(new Set([2])), each(new Uint8Array([7, 8])), each(Object.assign(['x'], { forEach(f) { f('own', 1); } })));
class Sub extends Array { map(f) { return super.map((x) => f(x) + 1); } }
console.log((() => Sub.from([1, 2]).map((x) => x * 10))());

function shadows(x) { const r = []; [1, 2].forEach((y) => { { let x = y * 2; [3].forEach((z) => r.push(x + z)); } r.push(x); }); return r; }
function early() { return [1, 2].map((x) => helper(x)); function helper(v) { return v + later; } }
const later = 7;
function late() { try { return [1].map((x) => x + y); } catch (e) { return e.message; } let y = 1; }
function loops(n) { const fs = []; for (let i = 0; i < n; i++) { const j = i * 2; fs.push([1].map((v) => () => v + i + j)[0]); } return fs.map((f) => f()); }
function counts() { let n = 0; [1, 2, 3].some((v) => { n++; return v === 2; }); [1, 2].every((v) => (n += v)); return n; }
function args() { return [1].map((v) => v + arguments.length + arguments[0]); }
function defaults(a = 5, { b, c = a } = {}) { return [1, 2].map((v, i, { length } = []) => [v + a, b, c, length, i]); }
const make = (k) => (list) => list.filter((v) => v > k);
console.log(shadows(9), early(), late(), loops(3), counts(), args(4, 5), defaults(), make(1)([1, 2, 3]), make(2)([1, 2, 3]));
function* generator(n) { yield* [1, 2].map((v) => v * n); }
async function asynchronous(n) { const list = await Promise.all([1, 2].map((v) => Promise.resolve(v * n))); return list.find((v) => v > n); }
asynchronous(3).then((v) => console.log([...generator(2)], v));
class Privates { #p = 4; get(list) { return list.map((v) => v + this.#p); } static make(list) { return list.map((v) => new this(v)); } }
console.log(new Privates().get([1]), Privates.make([1]).length);
class Derived extends Lists { constructor(l) { super(l); this.m = l.map((v) => v + this.k); } }
console.log(new Derived([1, 2]).m);
function thrown() { try { [1].forEach((v) => { throw new Error('from ' + v); }); } catch (e) { return e.message + ' ' + e.stack.split('\n')[1].includes('lent.js:' + 52); } }
console.log(thrown());
try { (function (o) { o.forEach((x) => x + o); })({}); } catch (e) { console.log(e.message); }
try { (function (o) { o.list.forEach((x) => x + o); })({}); } catch (e) { console.log(e.message); }
const label = []; for (const top of [1, 2]) { const f = () => [10].map((v) => v + top); label.push(f); } console.log(label.map((f) => f()[0]));
class Tries { // functions that are lent, and bodies of try that are made once, in each other
  constructor(k) { this.k = k; }
  inside(list, x) { try { return list.map((v) => v + x + this.k); } finally { this.k++; } }
  around(list, x) { let n = 0; list.forEach((v) => { try { if (v === 2) throw new Error('two' + x); n += v * x; } catch (e) { n += e.message.length + this.k; } }); return n; }
}
const tries = new Tries(1);
for (let i = 0; i < 3; i++) console.log(tries.inside([1, 2], i), tries.around([1, 2, 3], i), new Tries(50).around([2], 7));
