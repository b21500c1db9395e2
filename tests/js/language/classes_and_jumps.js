function f() { do { try { 39 } finally { break; } } while (false); return 1 } console.log(f());
function g() { L: { try { return 5 } finally { break L } } return 1 } console.log(g());
for (var i = 0; i < 3; i++) { try { continue } finally { if (i === 1) break } } console.log(i);
try { for (const q = 0; q < 2; q++) {} } catch (e) { console.log(e.message) }
try { for (const q of [1]) { q = 2 } } catch (e) { console.log(e.message) }
try { for (const q = 0; q < 1;) { q += 1 } } catch (e) { console.log(e.message) }
for (const C of [() => {}, async function () {}, { m() {} }.m, function* () {}, 5, null, undefined, {}, Math.max, function () {}, Object.assign(function () {}, { prototype: 3 })]) { try { class D extends C {} console.log('ok') } catch (e) { console.log(e.name, e.message) } }
class S extends Object { m() { try { delete super.x } catch (e) { console.log(e.name, e.message) } try { delete super[console.log('evaluated')] } catch (e) { console.log(e.name, e.message) } } } new S().m();
class B { constructor() { this.n = 1 } } class D1 extends B { constructor() { super(); try { super() } catch (e) { console.log(e.name, e.message) } } } new D1;
class D2 extends B { constructor() { try { this.x } catch (e) { console.log(e.name, e.message) } try { super.x } catch (e) { console.log(e.name, e.message) } try { super.x = 1 } catch (e) { console.log(e.name, e.message) } try { (() => this)() } catch (e) { console.log(e.name) } super() } } new D2;
class D3 extends null { constructor() { } } try { new D3 } catch (e) { console.log(e.name, e.message) }
class D4 extends null { } try { new D4 } catch (e) { console.log(e.name, e.message) }
try { class E1 extends E1 {} } catch (e) { console.log(e.name, e.message) }
try { (class E2 extends E2 {}) } catch (e) { console.log(e.name, e.message) }
class K { m() { try { K = 1 } catch (e) { console.log(e.message) } return K } } const k = new K, K0 = K; K = 5; try { console.log(k.m() === K0, K) } catch (e) { console.log(e.message) }
console.log(-0 % 1, Object.is(-0 % 1, -0), Object.is(-1 % 1, -0), -4 % 2);
try { with (undefined) { } } catch (e) { console.log(e.message) } try { with (null) x = 2 } catch (e) { console.log(e.message) }
