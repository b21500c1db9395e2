class A { get x(){return 5} }
class B extends A { #p=7; m(){ return eval('super.x') } n(){ return eval('this.#p = 8; this.#p') } a(){ return (()=>eval('(()=>super.x + eval("super.x + this.#p"))()'))() } f = eval('super.x'); static s = eval('super.name'); static g(){ return eval('super.name') } }
const b = new B; console.log(b.m(), b.n(), b.a(), b.f, B.s, B.g());
console.log(({__proto__:{q:1}, m(){ return eval('super.q') }}).m());
function F(){ return eval('new.target') } console.log(new F() === undefined, F(), eval('typeof new F'));
class C { f = eval('arguments') } try { new C } catch (e) { console.log(e.name, e.message) }
class D { f = eval('1;') ; #m(){return 3} z(){ return eval('#m in this && this.#m()') } } console.log(new D().f, new D().z());
try { eval('this.#zz') } catch (e) { console.log(e.message) }
(function(){ 'use strict'; try { eval('undefd = 1') } catch (e) { console.log(e.message) } })();
class E1 { constructor(){ this.t = eval('new.target'); this.u = (() => eval('new.target'))() } } const e1 = new E1; console.log(e1.t === E1, e1.u === E1);
console.log(eval('(function(){ return eval("new.target") })()'));
var q = function fn(){ 'use strict'; try { eval('fn = 1') } catch (e) { console.log(e.message) } }; q();
