// What a constructor begins with decides the shape of its objects; nobody may see it before its time.
class A { x=1; constructor(){ this.y=2 } }
console.log(Object.keys(new A));
class B { x=1; y; constructor(){ this.y=2; this.z=3; } }
class C extends B { w = 5; constructor(a){ super(); this.c=a; this.d=4 } }
class D extends C { constructor() { super(1); this.e = 1; } }
console.log(new B, new C(3), new D(3));
function F(a){ this.a=a; this.b=2; }
class G extends F { constructor(){ super(9); this.g=1; this.a = 3; this.h = undefined; } }
class H extends G { }
class I extends H { constructor(q){ super(q); this.i=q; } get k() {return 1} }
console.log(new G, new H, new I(2), Object.keys(new I));
class P { constructor(){ this.p=1; this.seen = Object.keys(this).join(); } }
class Q extends P { constructor(){ super(); this.q=1; } }
console.log(new Q);
class R { constructor(){ this.r=1; log.push(Object.keys(this).join()); } }
const log = [];
class S extends R { constructor(){ super(); this.s=1; } }
new S; console.log(log);
class T { constructor(){ this.t=1; return {other:1}; } }
class U extends T { constructor(){ super(); this.u=1; } }
console.log(new U);
class V { set v(x) { console.log('set', x) } }
class W extends V { constructor(){ super(); this.v=1; this.w=2; } }
console.log(new W);
class X { constructor(){ this.x=1; } }
class Y extends X { constructor(){ super(); this.y=1; } }
console.log(new Y);
Object.defineProperty(Y.prototype, 'y', {set(v){ console.log('y', v)}});
console.log(new Y);
class Z { constructor(){ this.z=1; } }
class Y2 extends X { constructor(a){ super(a); this.y=1; } }
console.log(new Y2);
Object.setPrototypeOf(Y2, Z); console.log(new Y2);
class E2 extends Error { constructor(m){ super(m); this.name='E2'; this.code=5; } }
const e = new E2('hi'); console.log(Object.keys(e), e.message, e.code);
class M extends Map { constructor(){ super(); this.m=5; } }
console.log(new M, new M().m);
class AA extends Array { constructor(){ super(3); this.m=5; } }
console.log(new AA);
class N0 { constructor(){ if (new.target === N0) throw new Error('abstract'); this.n=1 } }
class N1 extends N0 { constructor(){ super(); this.k=1 } }
console.log(new N1);
const J = class extends X { constructor(...a){ super(...a); this.j = a.length; } };
console.log(new J(1,2,3), Reflect.construct(Y2, [], X) instanceof X, Reflect.construct(Y2, [], X));
