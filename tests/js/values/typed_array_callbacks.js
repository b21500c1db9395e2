// Every callback method on every kind, often enough to be compiled.
const TA=[Float64Array,Float32Array,Int32Array,Int16Array,Int8Array,Uint32Array,Uint16Array,Uint8Array,Uint8ClampedArray];
let n=0;
for (let r=0;r<50;r++) for (const T of TA) for (const m of ['every','some','find','findLast','findIndex','forEach','findLastIndex']) {
  const s=new T([42,43,44]); 
  try { s[m](function(){ return n++ % 3 == 0; }); } catch(e) { console.log(r, T.name, m, e.message); process.exit(1) }
}
console.log('ok')
