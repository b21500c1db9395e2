// Defining undefined over an inherited accessor runs no getter.
let runs = 0;
const base = { get lazy() { runs++; Object.defineProperty(this, 'lazy', { value: undefined, writable: true, configurable: true }); return runs; } };
const o = Object.create(base);
console.log(o.lazy, o.lazy, runs, Object.hasOwn(o, 'lazy'), Object.hasOwn(base, 'lazy'));
class Cell { get x() { throw new Error('not to be run'); } set x(v) { Object.defineProperty(this, 'x', { value: v, configurable: true }); } }
const c = new Cell(); c.x = undefined; console.log(c.x, Object.keys(c));
class Field extends Cell { x; } console.log(new Field().x);
const p = Object.create(new Proxy({}, { get(t, k) { return 'from proxy ' + String(k); } }));
Object.defineProperty(p, 'q', { value: undefined }); console.log(p.q, p.r);
