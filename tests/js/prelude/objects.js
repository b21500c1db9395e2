'use strict';
// Hidden classes: what a prototype learns late must reach the objects that are there already.
class P { constructor(x, y) { this.x = x; this.y = y; } }
const before = new P(1, 2);
Object.defineProperty(P.prototype, 'z', { get() { return this.x + this.y; }, set(v) { this.x = v; }, configurable: true });
before.z = 10;
console.log(before.z, Object.keys(before).join(), JSON.stringify(new P(3, 4)));
const after = new P(5, 6);
after.z = 7;
console.log(after.z, 'z' in after, after.hasOwnProperty('z'));
// a read-only property of a prototype refuses assignments to the objects above it
const base = Object.freeze({ fixed: 1 });
const over = Object.create(base);
try { over.fixed = 2; } catch (e) { console.log(e.message); }
Object.defineProperty(over, 'fixed', { value: 3, writable: true, enumerable: true, configurable: true });
over.fixed++;
console.log(over.fixed, base.fixed);
// a constructor that assigns the setter's name
class WithSetter { constructor(v) { this.a = 1; this.v = v; } set v(n) { this.w = n * 2; } get v() { return this.w; } }
const s = new WithSetter(4);
console.log(Object.keys(s).join(), s.v);
// fields define, assignments set
class Field extends WithSetter { v = 'own'; }
console.log(new Field(1).v, Object.keys(new Field(1)).join());
// order of keys, deletion, undefined values
const o = { b: 1, 2: 'two', a: undefined, 1: 'one' };
o.c = 3;
delete o.b;
o.b = 4;
console.log(Object.keys(o).join(), 'a' in o, JSON.stringify(o), o.a === undefined);
const shadow = Object.create({ k: 'proto' });
shadow.k = undefined;
console.log(shadow.k, 'k' in shadow, Object.keys(shadow).join());
console.log({ toString: undefined }.toString, { valueOf: 1 }.valueOf);
// dictionaries
const d = {};
for (let i = 0; i < 200; i++) d['k' + i] = i;
for (let i = 0; i < 200; i += 2) delete d['k' + i];
console.log(Object.keys(d).length, Object.keys(d)[0], Object.keys(d)[99], d.k3, d.k4);
// frozen, sealed, not extensible
const frozen = Object.freeze({ a: 1, get g() { return 2; } });
for (const f of [() => { frozen.a = 2; }, () => { frozen.b = 1; }, () => { delete frozen.a; }, () => { frozen.g = 1; }]) {
  try { f(); console.log('no error'); } catch (e) { console.log(e.message); }
}
console.log(Object.isFrozen(frozen), Object.isSealed(Object.seal({ a: 1 })), Object.isExtensible(Object.preventExtensions({})));
// prototypes that change
function A() {} function B() {}
A.prototype.hi = () => 'A';
const changing = new A();
Object.setPrototypeOf(changing, B.prototype);
B.prototype.hi = () => 'B';
console.log(changing.hi(), changing instanceof A, changing instanceof B, new A().hi());
A.prototype = { hi: () => 'A2' };
console.log(new A().hi());
// symbols, numbers that are no indices
const sym = Symbol('s');
const keys = { [sym]: 1, 1.5: 'x', '-1': 'y', 1e21: 'z' };
keys[0.1] = 'w';
console.log(keys[1.5], keys['1.5'], keys[-1], keys[1e21], keys['0.1'], Object.getOwnPropertySymbols(keys).length, Reflect.ownKeys(keys).length);
// proxies
const log = [];
const proxy = new Proxy({ a: 1 }, { get(t, k, r) { log.push(String(k)); return Reflect.get(t, k, r); }, has: () => true, deleteProperty: () => false });
console.log(proxy.a, 'nothing' in proxy, log.join());
try { delete proxy.a; } catch (e) { console.log(e.name); }
console.log(typeof new Proxy(function () {}, {}), new (new Proxy(class { constructor() { this.q = 1; } }, {}))().q);
