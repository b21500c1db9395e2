// What is called through a parenthesized chain keeps its object.
const a = { b(x) { return x ? this.v + x : this.v; }, v: 42, self() { return this }, get g() { console.log('g'); return this } };
let n = null;
console.log((a?.b)(), (a?.b)?.(1), (a?.['b'])(2), (a?.self().b)(3), (a?.self()?.b)?.(4), (a.g?.g.b)(5));
try { (n?.b)() } catch (e) { console.log(e.name) }
console.log((n?.b)?.(), (a?.nope)?.());
class K { #p() { return this.q } q = 8; static t(k) { return (k?.#p)() } }
console.log(K.t(new K));
for (let i = 0; i < 3; i++) if ((a?.b)(i) > 42) console.log('more', i);
