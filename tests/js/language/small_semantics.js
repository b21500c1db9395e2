// super() twice, signs of zero, what is asked of proxies, messages.
class P { constructor(n) { this.n = n; console.log('P', n) } }
let fields = 0;
class D extends P { f = ++fields; constructor() { super(1); try { super(2) } catch (e) { console.log(e.message, fields, this.n) } } }
new D;
class D2 extends P { f = ++fields; constructor(k) { for (let i = 0; i < k; i++) super(i) } }
new D2(1); try { new D2(2) } catch (e) { console.log(e.message, fields) } try { new D2(0) } catch (e) { console.log(e.message) }
class D3 extends P { #x = 5; constructor() { const f = () => super(9); f(); console.log(this.#x); try { f() } catch (e) { console.log(e.name) } } } new D3;
console.log(Object.is((function(){}).bind(null, 1, 2).length, 0), Object.is(Math.ceil(-0.7), -0));
(function(){ 'use strict'; function F(a) {} try { F.length = 5 } catch (e) { console.log(e.message) } try { Object.freeze({ a: 1 }).a = 2 } catch (e) { console.log(e.message) } })();
const d = Object.getOwnPropertyDescriptor(Function.prototype, 'arguments'); console.log(d.get === d.set);
console.log([..."abc"].lastIndexOf.call(function (a, b) {}, 1), [1, , 3].lastIndexOf(undefined));
var log=[];
var proxy = new Proxy({}, { getOwnPropertyDescriptor(_t, key) { log.push(['d', key]); return {value: 1, writable: false, enumerable: key !== "0" && key !== 'x', configurable: true}; }, get(_t, key) { log.push(['g', key]); return 2; }, ownKeys() { return ['x','0','y','1'] } });
var {...rest} = proxy; console.log(log, rest); log = []; ({a: 1, ...proxy}); console.log(log); log=[]; Object.assign({}, proxy); console.log(log);
var desc = { value: 1, enumerable: false, configurable: true, writable: false }; 
console.log(Object.getOwnPropertyDescriptor(new Proxy({}, { getOwnPropertyDescriptor: () => desc }), "0"));
let promises = 0;
class Counted extends Promise { constructor(f) { promises++; super(f) } }
new Counted(r => r()).finally(() => {}).then(() => console.log(promises));
console.log(JSON.stringify({ get a() { delete this.b; return 1 }, b: 2 }, (k, v) => k === 'b' ? String(v) : v));
try { Object.getOwnPropertyDescriptor(Object.prototype, '__proto__').get.call(null) } catch (e) { console.log(e.name) }
console.log(String((function named() {}).bind()), (function () {}).caller, (function () {}).arguments);
for (const f of [() => {}, function () { 'use strict' }, class {}, Function.prototype]) try { console.log(f.caller) } catch (e) { console.log(e.name) }
