var o={a:1,b:2,c:3};for(var k in o){console.log(k);delete o.b;o.d=4}
class A{m(){}};class B extends A{x=1;y=2};for(k in new B)console.log(k);
A.prototype.zz=1;for(k in new B)console.log(k);
Object.defineProperty(A.prototype,'zz',{enumerable:false});for(k in new B)console.log(k);
Object.defineProperty(A.prototype,'zz',{enumerable:true});for(k in new B)console.log(k);
for(k in [1,2,3])console.log(k);Array.prototype.foo=1;for(k in [1,2,3])console.log(k);delete Array.prototype.foo;for(k in [1,,3])console.log(k);
Object.prototype[7]=1;for(k in {a:1})console.log(k);for(k in {a:1})console.log(k);delete Object.prototype[7];for(k in {a:1})console.log(k);
console.log({...{a:1,b:undefined},c:1},{x:1,...{a:1}},Object.keys({2:1,1:2,a:3}),{...'ab'},{...[1,2]},Object.assign({},[1],'x',{a:undefined}));
const {a,...r}={a:1,b:2,[Symbol('x')]:3,5:1};console.log(r);const s=Object.freeze({a:1,b:2});const t={...s};t.a=5;console.log(t,Object.entries({get x(){return 1},y:2}));
const d={};for(let i=0;i<60;i++)d['k'+i]=i;delete d.k5;d.k5=1;let n=0;for(k in d){n++;if(k==='k7')delete d.k8;}console.log(n,Object.keys(d).length,Object.keys({...d}).join().length);
const u={...{a:1}};u.b=2;console.log(Object.keys(u),Object.keys({a:1}));
function F(){this.q=1}F.prototype={w:1};for(k in new F)console.log(k);for(k in 'abc')console.log(k);for(k in null);
for (k in Object.create({a:1,b:2},{b:{value:1,enumerable:false},c:{value:2,enumerable:true}})) console.log(k);
var arr=[1,2,3,4];for(k in arr){console.log(k);arr.length=2}
const big=Object.create(null);big.x=1;big.y=2;for(k in big)console.log(k,Object.keys(big));
