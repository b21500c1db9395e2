// Definitions of symbols over prototypes with setters of their own: arrays, proxies, typed arrays.
const s=Symbol('x');
class A extends Array {}; const a=new A(); a[s]=1; console.log(a[s]);
const b = Object.create([]); b[s]=2; console.log(b[s], Object.getOwnPropertySymbols(b).length);
const p = Object.create(new Proxy({}, {})); p[s]=3; console.log(p[s]);
const d = Object.create(new Proxy({}, {set(t,k,v,r){ return Reflect.set(t,k,v,r) }})); d[s]=3; d.q=4; console.log(d[s], d.q, Object.keys(d));
const t = Object.create(new Uint8Array(2)); t[s]=5; t.a=1; console.log(t[s]);
const m = Object.assign([], {x:1}); m[s]=1; console.log(m[s]);
class Flagged extends Array { constructor(...a) { super(...a); this[s] = 'own'; } }
const f = new Flagged(1, 2); f.name = 'n'; console.log(f[s], f.name, f.length, Object.getOwnPropertySymbols(f).length);
