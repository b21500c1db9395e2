console.log(1+2, "x" + 3, [1,2,3].map(x => x * 2).join());
class A { #p = 1; get p() { return this.#p } static s = 5; m(...a) { return a.length } }
class B extends A { constructor() { super(); this.z = 1 } m(a) { return super.m(a, 2) + 10 } }
const b = new B();
console.log(b.p, A.s, b.m(1), b instanceof A, JSON.stringify(b), Object.keys(b).join());
function* g() { const x = yield 1; console.log('got', x); try { yield 2 } finally { console.log('fin') } }
for (const v of g()) { console.log(v); if (v === 2) break }
try { null.foo } catch (e) { console.log(e.message, e instanceof TypeError, e.name) }
try { b.nope() } catch (e) { console.log(e.message) }
async function f() { await null; console.log('async'); return 5 }
f().then(v => console.log('then', v));
console.log(`t${1}`, typeof f, void 0, null ?? 4);
for (const k in {a:1,b:2}) console.log(k);
const {x, ...rest} = {x:1, y:2, z:3}; console.log(x, JSON.stringify(rest));
console.log(eval("1+1"), new Function("a","b","return a*b")(3,4));
