// Bodies of try that are made once, and those that cannot be.
'use strict';
const log = [];
let counter = 0;
function early(n) { try { counter++; if (n > 2) throw new Error('n' + n); return n; } catch (e) { return e.message } finally { log.push(n) } }
console.log(early(1), early(5), log, counter);
function made(k) { return function (x) { try { return k + x.y } catch (e) { return k + ':' + (e instanceof TypeError) } } }
console.log(made(1)({ y: 2 }), made(10)({ y: 2 }), made('a')(null));
class A { constructor(v) { this.v = v } get() { try { return (() => this.v.deep)() } catch { return 'none ' + this.v } }
  static s(x) { try { return new this(x).get() } catch (e) { return e } } #p = 3; q() { try { return this.#p } catch (e) { return 0 } } }
console.log(new A({ deep: 1 }).get(), new A(null).get(), A.s({ deep: 4 }), new A().q());
function closures() { const out = []; for (let i = 0; i < 3; i++) { try { out.push(() => i) } catch (e) {} } return out.map((f) => f()) }
console.log(closures());
function late() { const out = []; try { out.push(() => after) } catch (e) {} const after = 7; return out[0]() }
function later() { const out = []; try { out.push(() => v) } catch (e) {} var v = 8; return out[0]() }
function assigned() { let a = 1; const set = () => { a = 2 }; try { set(); return a } catch (e) {} }
function inside() { try { var w = 5 } catch (e) {} return w }
function loops(list) { let n = 0; for (const x of list) { try { if (x === 2) continue; if (x === 4) break; n += x } catch (e) { n = -1 } } return n }
console.log(late(), later(), assigned(), inside(), loops([1, 2, 3, 4, 5]));
function nested(a, b) { try { try { return a.x.y } catch (e) { return b.z.w } } catch (e2) { try { throw [a, b] } catch ([c, d]) { return [c, d, e2.constructor.name] } } }
console.log(nested({ x: { y: 1 } }, 0), nested(null, { z: { w: 2 } }), nested(null, null));
function* gen(a) { try { yield a; yield this && 1 } finally { log.push('gen') } }
console.log([...gen(3)], log);
async function asy(a, p) { try { return a + await p } catch (e) { return 'caught ' + e } }
asy(1, Promise.resolve(2)).then(console.log); asy(1, Promise.reject(3)).then(console.log);
function args() { try { return arguments.length + arguments[1] } catch (e) {} }
const arrow = (x) => { try { return x.y } catch { return 'arrow' } };
const obj = { m() { const f = () => { try { return this.n.o } catch { return this.n } }; return f() }, n: 6 };
console.log(args(1, 2), arrow({ y: 1 }), arrow(), obj.m(), obj.m.call({ n: { o: 2 } }));
function self(n) { try { return n ? self(n - 1) + 1 : 0 } catch (e) { return e } }
const named = function me(n) { try { return n ? me(n - 1) + 1 : 0 } catch (e) { return e } };
console.log(self(5), named(5));
function many(a, b, c, d, e, f, g, h) { try { return a + b + c + d + e + f + g + h } catch (x) { return 0 } }
function six(a, b, c, d, e, f) { try { return a + b + c + d + e + f } catch (x) { return 0 } }
console.log(many(1, 2, 3, 4, 5, 6, 7, 8), six(1, 2, 3, 4, 5, 6));
function param(a) { a = a || 4; try { return a } catch (e) {} }
function destructured({ a, b = 2 }, [c]) { try { return [a, b, c] } catch (e) {} }
console.log(param(), destructured({ a: 1 }, [3]));
{ const block = 5; var usesBlock = function (x) { try { return block + x } catch (e) {} } }
console.log(usesBlock(1));
const fs = [1, 2].map((k) => { const f = function (x) { try { return k + x } catch (e) {} }; return f });
console.log(fs[0](10), fs[1](10));
function T(a) { try { return a.b } catch (e) { return T.name } } console.log(T({ b: 1 }), T());
