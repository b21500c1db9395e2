// Arguments and rest parameters that are only handed on, counted or read.
function s(){ return [...arguments] } function t(a,...r){ return [a,1,...r] } 
console.log(s(1,undefined,3), t(1,2,3), s(), t()); 
const f=function(...a){ return a.length+'|'+a[0]+'|'+a[2] }; console.log(f(),f(1),f(1,2,3));
function g(){ return f.apply(this, arguments) } console.log(g(1,2,3)); 
const slice=[].slice; function h(){ return [slice.call(arguments,1), slice.call(arguments), slice.call(arguments,-1), slice.call(arguments,0,1), Array.from(arguments), slice.call(arguments, 5)] } console.log(h(1,undefined,3), h());
function k(){ arguments.length=1; return [slice.call(arguments,0), [...arguments]] } console.log(k(1,2));
function l(){ arguments[1]=9; return Array.from(arguments) } console.log(l(1,2,3));
const a=[1,,3]; console.log([...a,4],[0,...a],[...a,...a],[,...a]);
try { undefined_fn.apply(null, arguments) } catch(e) { console.log(e.message) }
(function(){ try { const o={}; o.x.apply(o, arguments) } catch(e) { console.log(e.message) } try { const o={x:1}; o.x.apply(o, arguments) } catch(e) { console.log(e.message) } try { let n=null; n.apply(null, arguments) } catch (e) { console.log(e.message) } })(1);
const own={apply(o,a){ return [o,a.length,a[0]] }}; (function(){ console.log(own.apply(1, arguments)) })(7,8);
class P { constructor(){ } } (function(){ try { P.apply({}, arguments) } catch(e) { console.log(e.message) } })();
function big(...a){ return a.length } function fw(...a){ return big(...a) } console.log(fw.apply(null, new Array(5000)), fw(...Array(3000).fill(1)));
const gen=function*(...a){ yield* inner(...a) }; function* inner(...a){ for (const x of a) yield x } console.log([...gen(1,2,3)]);
const as=async(...a)=>{ await null; return big(...a) }; as(1,2).then(console.log);
(function(...a){ try { console.log(big(...a)) } finally { console.log(big(...a, 1)) } })(1,2);
console.log(((...a)=>(()=>big(...a))())(1,2,3));
const {x=((...r)=>big(...r))(1,2)}={}; console.log(x);
function sloppy(a){ a=5; return big2.apply(null, arguments) } function big2(x){ return x } console.log(sloppy(1));
console.log(Reflect.apply(function(...z){ return new Date(...z).getFullYear() }, null, [2020, 1]));
console.log((function(...a){ return a?.length + String(a[0]) })(4), (function(){ return f?.(...arguments) })(1,2,3), (function(...a){ return this.m?.(...a) }).call({m:f},1,2,3));
(function(...args){ with({f:big}) console.log(f(...args)) })(1,2);
(function(...args){ console.log(eval('args.length')); return big(...args) })(1,2);
(function(a,...args){ var args; console.log(args, big(...args)) })(1,2);
(function(...args){ function args(){}; console.log(typeof args) })(1,2);
console.log(Math.max.apply(Math, [1,2]), (function(){ return Math.max.apply(Math, arguments) })(1,5,2));
