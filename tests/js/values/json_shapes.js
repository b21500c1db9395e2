const t=(f)=>{try{return f()}catch(e){return e.message.split('\n')[0]}};
const vals=[{a:1,b:[1,2,{c:null}],d:undefined,e(){},f:Symbol('x')},[undefined,()=>1,Symbol('q')],{2:1,1:3,a:4},new Date(0),{d:new Date(5)},[new Date(7)],null,undefined,()=>1,'x"\n\u0001é😀\ud800',1e21,-0,NaN,{toJSON(k){return 'K'+k}},{x:{toJSON(k){return 'K'+k}},y:[{toJSON(k){return typeof k+k}}]},
 new Map([[1,2]]),new (class A{constructor(){this.x=1}get y(){return 2}}),{get z(){return 3}},[1,,3],Object.create({p:1}),Object.assign(Object.create(null),{q:1}),{b:new Number(3),s:new String('s'),t:new Boolean(false)},Buffer.from('ab'),new Uint8Array(2),new Error('x'),{u:undefined},[],{},[[]],{a:{}},'\ud83d'+'\ude00',{['\ud83d'+'\ude00']:1}, {e:new (class extends Array{})(3)}, Object.freeze({a:1,b:[2]}), process.versions.node.length>0, {__proto__:{a:1},b:2}, {['__proto__']:5}];
for(const v of vals){console.log(JSON.stringify(v));console.log(JSON.stringify(v,null,2));console.log(JSON.stringify({w:[v]},null,'--'))}
const c={a:1};c.c=[c];console.log(t(()=>JSON.stringify(c)).slice(0,40));
console.log(t(()=>JSON.stringify({a:1n})),t(()=>JSON.stringify([1n])));
const d={};for(let i=0;i<60;i++)d['k'+i]=i;delete d.k3;console.log(JSON.stringify(d).length);
for(const s of ['{"a":1,"b":[1,2,{"c":null}],"1":2,"01":3,"__proto__":{"x":1}}','[1,2,]','{"a":1,}','"\\ud83d\\ude00"','  [ ] ','{}','1 2','{"a":1,"a":2}','-0','1e5','"a\\u0041\\n"','tru','{"toString":1,"constructor":2}','[[[[1]]]]','"\u2028"','{"4294967294":1,"4294967295":2}']) { const r=t(()=>JSON.parse(s)); console.log(r, Array.isArray(r)&&r.length, r&&Object.keys(Object(r)), Object.is(r,-0)); }
const big='{'+Array.from({length:100},(_,i)=>`"p${i}":${i}`).join()+'}';console.log(JSON.stringify(JSON.parse(big))===big);
console.log(t(()=>JSON.parse('['.repeat(3000)+']'.repeat(3000)).length), JSON.stringify(JSON.parse('['.repeat(1500)+']'.repeat(1500))).length);
console.log(JSON.parse('{"a":[1,2],"b":{"c":3}}',(k,v)=>typeof v==='number'?v+1:v));
const arr=JSON.parse('[1,2,3]');arr.push(4);console.log(arr,arr.length);const ob=JSON.parse('{"x":1}');ob.y=2;console.log(ob,JSON.stringify(ob));
