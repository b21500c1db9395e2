const m=new Map([[1,2],['a','b'],[NaN,3],[-0,4],[undefined,5]]);
for(const [k,v] of m)console.log(k,v);for(const x of m.keys())console.log(x);for(const x of m.values())console.log(x);
console.log(m,[...m],new Map(m),m.keys(),m.entries(),m.values().next(),m.get(0),m.has(undefined));
const s=new Set([1,2,2,3,-0]);for(const x of s){console.log(x);s.delete(2);if(x===3)s.add(9)}console.log(s,[...s],Math.max(...s),Array.from(s),s.entries());
const it=m.entries();it.next();console.log(it,[...it],it.next());
for(const [i,v] of ['x','y'].entries()){console.log(i,v);if(i)break}
const e=['x','y','z'].values();for(const v of e){console.log(v);break}console.log([...e]);
const [p,...q]=s;console.log(p,q);const [a1]=m;console.log(a1);
s.clear();for(const x of s)console.log('no');
const n=new Set([1,2,3]);const ni=n.values();ni.next();n.delete(1);n.delete(2);console.log(ni.next());n.clear();n.add(7);console.log(ni.next(),ni.next());
class M2 extends Map{set(k,v){return super.set(k,v*2)}};console.log(new M2([[1,2]]));
const old=Set.prototype.add;Set.prototype.add=function(v){return old.call(this,v+1)};console.log(new Set([1,2]));Set.prototype.add=old;
const MI=Object.getPrototypeOf(new Map().entries());const on=MI.next;MI.next=function(){const r=on.call(this);if(!r.done)r.value=['p',r.value];return r};console.log([...new Map([[1,2]])]);for(const x of new Map([[3,4]]))console.log(x);MI.next=on;
MI.return=function(){console.log('closed');return {}};for(const x of new Map([[3,4]])){break}delete MI.return;
try{new Map([1])}catch(e){console.log(e.message)}
function* g(){try{yield 1;yield [2]}finally{console.log('fin')}}try{new Map(g())}catch(e){console.log(e.message)}
console.log(new Set('hello').size,new Map([[1,{a:1}]]).get(1).a);
const wm=new WeakMap([[m,1]]);console.log(wm.get(m));
for (const x of new Int8Array([1,2]).entries()) console.log(x);
const sp=new Set();sp.add(sp);console.log(sp);console.log(structuredClone(new Map([[1,new Set([2])]])));
