function sloppy() { return typeof this; }
function strict() { 'use strict'; return typeof this; }
console.log(sloppy.call(1), strict.call(1), sloppy() === 'object', strict());
console.log(sloppy.name, (() => {}).name, (function () {}).name, sloppy.length, ((a, b = 1, ...c) => {}).length);
const o = { m() {}, get g() { return 1; }, ['c' + 1]: () => {}, async *ag() {} };
console.log(o.m.name, Object.getOwnPropertyDescriptor(o, 'g').get.name, o.c1.name, o.ag.name, o.m.hasOwnProperty('prototype'));
const bound = function (a, b) { return [this.v, a, b].join(); }.bind({ v: 1 }, 2);
console.log(bound(3), bound.name, bound.length, new (function F(a) { this.a = a; }.bind(null, 5))().a);
console.log((function () { return arguments.length + [].slice.call(arguments, 1).join(); })(1, 2, 3));
function defaults(a, b = a + 1, { c, d = b } = {}) { return [a, b, c, d].join(); }
console.log(defaults(1), defaults(1, 2, { c: 3 }), String(function /* kept */ f() { }));
try { (function (a = b, b) {})(); } catch (e) { console.log(e.name, e.message); }
try { class C { constructor() { } } C(); } catch (e) { console.log(e.message); }
try { undefined.x; } catch (e) { console.log(e.message); }
try { o.missing.deep; } catch (e) { console.log(e.message); }
try { o.nope(); } catch (e) { console.log(e.message); }
try { let f = 5; f(); } catch (e) { console.log(e.message); }
try { new o.m(); } catch (e) { console.log(e.name); }
try { notThere; } catch (e) { console.log(e.message); }
try { (function f() { f(); })(); } catch (e) { console.log(e.name, e.message); }
try { throw 'text'; } catch (e) { console.log(typeof e, e); }
const self = function fact(n) { return n < 2 ? 1 : n * fact(n - 1); };
console.log(self(5));
var Named = class Named { static make() { return new Named(); } };
console.log(Named.make() instanceof Named, Named.name);
class Base { static create() { return new this(); } who() { return 'base'; } get v() { return this._v; } }
class Derived extends Base { _v = 3; who() { return super.who() + '+' + super.v; } }
console.log(Derived.create().who(), Object.getPrototypeOf(Derived) === Base, new.target === undefined);
function Old() { if (!new.target) return new Old(); this.ok = true; }
console.log(Old().ok, new Old().ok);
console.log(eval('1; if (true) { 2 } else { 3 }'), eval('var ev = 4; ev + 1'), typeof ev, (0, eval)('typeof module'), new Function('a', 'return a * 2')(4));
(function () { var local = 1; eval('local = 2; var made = 3'); console.log(local, made); })();
with ({ p: 1 }) { p = 2; console.log(p); }
label: for (let i = 0; ; i++) { for (;;) { if (i > 2) break label; continue label; } }
console.log(((a, b) => a ** b)(2, 10), 7 % -3, -7 % 3, 5 / 0, 1 / -0, 0.1 + 0.2, 1e21, 123456789012345680000, 1e-7, (25).toString(36), (0.5).toString(2));
