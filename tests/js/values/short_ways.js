const a=[1,2,3,4];let i=0,j=3;[a[i],a[j]]=[a[j],a[i]];console.log(a);const o={x:1,y:2};[o.x,o.y]=[o.y,o.x];console.log(o);
[a[0],i]=[9,1];console.log(a,i);[i,a[i]]=[2,7];console.log(a,i);let q=0;[a[q++],a[q++]]=[5,6];console.log(a,q);
function f(){return ([o.x,o.y]=[3,4])}console.log(f());[o.x=1,o.y]=[undefined,2];console.log(o);
for(let n=a.length-1;n>0;n--){const k=n>>1;[a[n],a[k]]=[a[k],a[n]];}console.log(a);
for (const [x,y] of [[0n,0n],[5n,-3n],[-7n,2n],[7n,-2n],[-7n,-7n],[281474976710655n,281474976710655n],[281474976710656n,1n],[-281474976710655n,3n],[94906266n,94906266n],[94906265n,94906267n],[9007199254740991n,1n],[16777215n,16777217n],[0n,-5n],[140737488355328n,2n],[281474976710655n,2n]]) { console.log(x+y,x-y,x*y,y&&x/y,y&&x%y,x<y,x===y,-x,x**2n,x&y,x|y); }
console.log(Number(5n),Number(-281474976710655n),BigInt(2**48),BigInt(-1),BigInt.asUintN(8,-1n),(123456789012345678901234567890n).toString(16));
class A{}class B extends A{}const C=A.bind();console.log(new B instanceof A,new B instanceof B,new A instanceof B,{} instanceof A,Object.create(null) instanceof Object,new A instanceof C,[] instanceof Array,(()=>1) instanceof Function,new Proxy(new A,{}) instanceof A);
class H{static [Symbol.hasInstance](v){return v===1}}console.log(1 instanceof H,new H instanceof H);A.prototype;function P(){}const p=new P;P.prototype={};console.log(p instanceof P);
try{({}) instanceof 5}catch(e){console.log(e.message)}try{({}) instanceof (()=>1)}catch(e){console.log(e.message)}
console.log('x' in {x:1},'x' in {x:undefined},'toString' in {},'1' in [1,2],'2' in [1,2],'length' in [],'z' in {}, 0 in [undefined],'a' in new Proxy({},{has(){return true}}));
const EE=require('events');const e=new EE;e.on('a',function(...x){console.log(this===e,x.length,x)});e.emit('a');e.emit('a',1);e.emit('a',1,undefined);e.emit('a',1,2,3,4,5);e.once('a',()=>console.log('once'));e.emit('a');e.emit('a');
