// new: derived classes, default constructors, Array and Error as parents, new.target, holes that are filled.
class A { constructor(x) { this.x = x; } }
class B extends A { constructor(x) { super(x); this.y = 1; } }
class C extends B {}
class D extends C { constructor(...a) { super(...a); this.t = new.target.name; } }
for (let i = 0; i < 300; i++) new D(i);
console.log(new C(1), new D(2), new D(3) instanceof A);
class L extends Array { last() { return this[this.length - 1]; } }
const l = new L(1, 2, 3); l.push(9);
console.log(l.last(), l.length, l.map((v) => v * 2) instanceof L, new L(3).length);
class E extends Error { constructor(m) { super(m); this.name = 'E'; this.extra = 1; } }
const e = new E('m');
console.log(Object.keys(e), e.propertyIsEnumerable('message'), Object.getOwnPropertyNames(e).includes('stack'), String(e), e.stack.split('\n')[0]);
const a = new Array(3);
console.log(a, a.length, 0 in a, a.fill(7), a, Object.keys(new Array(2)));
const h = new Array(3); h[0] = 1; h[1] = undefined;
console.log(h, 1 in h, 2 in h, h.map((v) => 5), h.indexOf(undefined));
function F() { if (!new.target) return new F(); this.f = 1; }
console.log(F(), new F());
