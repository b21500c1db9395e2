// Classes, inheritance, private names, accessors.
class A {
  #secret = 1; static count = 0; pub = this.#secret + 1; ['comp' + 1] = 'c';
  static #hidden = 'h'; static { A.count += 10; this.block = A.#hidden; }
  constructor(x) { this.x = x; A.count++; }
  get secret() { return this.#secret; } set secret(v) { this.#secret = v; }
  method() { return 'A.method ' + this.x; }
  #priv(y) { return y * 2; } callPriv(y) { return this.#priv(y); }
  static make(x) { return new this(x); } static isA(o) { return #secret in o; }
  ['dyn' + 'amic']() { return 'dyn'; } *gen() { yield* [1, 2, this.x]; } async later() { return this.x; }
  toString() { return `A(${this.x})`; }
}
class B extends A {
  extra = 'e';
  constructor(x, y) { super(x); this.y = y; }
  method() { return 'B:' + super.method(); } get secret() { return 'B' + super.method(); }
  static make(x) { const b = super.make(x); b.made = true; return b; }
  arrow() { return [1].map(() => super.method())[0]; }
}
const a = new A(5), b = new B(1, 2);
console.log(a.pub, a.secret, a.comp1, A.count, A.block, a.method(), a.callPriv(4), a.dynamic(), `${a}`);
a.secret = 9; console.log(a.secret, A.isA(a), A.isA({}), [...a.gen()].join());
console.log(b.method(), b.secret, b.extra, b.y, B.make(3).made, b instanceof A, b instanceof B, a instanceof B, b.arrow());
console.log(Object.keys(a).join(), Object.keys(b).join(), A.name, B.name, new (class { z = 1 })().z, (class Foo {}).name);
class C extends B {} console.log(new C(7, 8).y, C.name, Object.getPrototypeOf(C) === B);
try { A(); } catch (e) { console.log(e.name); }
class D extends A { constructor() { try { this.x; } catch (e) { console.log(e.name); } super(0); return {alt: 1}; } } console.log(new D().alt);
function Old(x) { this.x = x; } Old.prototype.get = function () { return this.x; }; Old.stat = 5;
function Young(x, y) { Old.call(this, x); this.y = y; } Young.prototype = Object.create(Old.prototype); Young.prototype.constructor = Young;
const y = new Young(1, 2); console.log(y.get(), y.y, y instanceof Old, Old.stat, y.constructor === Young);
const o = {a: 1, 'b c': 2, 3: 'three', [`k${1}`]: 4, f() { return super.toString === Object.prototype.toString; }, get g() { return this.a; }, set g(v) { this.a = v; }, async am() {}, *gm() { yield 1; }, ...{s: 1}, __proto__: {inherited: true}};
o.g = 10; console.log(o.g, o['b c'], o[3], o.k1, o.f(), o.inherited, o.s, Object.keys(o).join());
class N { static f = () => this.g; static g = 3; h = () => this; } console.log(N.f(), new N().h() instanceof N);
function target() { return new.target === undefined ? 'call' : new.target === target ? 'new' : 'other'; }
class T { constructor() { this.t = new.target.name; } } class U extends T {} console.log(target(), new T().t, new U().t);
const E1 = class extends Error { constructor(m) { super(m); this.name = 'E1'; } }; try { throw new E1('msg'); } catch (e) { console.log(e.name, e.message, e instanceof Error, String(e)); }
class Stack extends Array { top() { return this[this.length - 1]; } } const st = new Stack(); st.push(1, 2); console.log(st.top(), st.length, st.map((x) => x * 2).join());
var getter = {get ['x' + 1]() { return 1; }}; console.log(getter.x1);
class P { static #c = 0; static inc() { return ++P.#c; } #f; set(v) { this.#f ??= v; return this.#f; } up() { return this.#f++; } } console.log(P.inc(), P.inc(), new P().set(3)); const pp = new P(); pp.set(1); pp.up(); console.log(pp.set());
