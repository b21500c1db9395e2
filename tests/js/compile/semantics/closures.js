// Closures per iteration, hoisting, dead zones.
var out = [];
for (let i = 0; i < 3; i++) out.push(() => i);
console.log(out.map((f) => f()).join());
out = [];
for (let i = 0, n = 2; i < 5; i += n) { out.push(() => i++ + n); if (i > 3) break; }
console.log(out.map((f) => f()).join(), out.map((f) => f()).join());
out = [];
for (var v = 0; v < 3; v++) out.push(() => v);
console.log(out.map((f) => f()).join());
out = [];
for (const x of [1, 2, 3]) { if (x === 2) continue; out.push(() => x); }
for (const k in {a: 1, b: 2}) out.push(() => k);
console.log(out.map((f) => f()).join());
out = [];
let w = 0;
while (w < 3) { let c = w * 2; out.push(() => c++); w++; if (c === 2) continue; c += 10; }
console.log(out.map((f) => f()).join(), out.map((f) => f()).join());
console.log(early(2), typeof late, typeof hoisted, hoisted === undefined);
function early(n) { return helper(n) + 1; }
function helper(n) { return n * 10; }
var hoisted = 5;
var late = function () { return 1; };
function dead() { return later; }
try { dead(); } catch (e) { console.log(e.name, e.message); }
let later = 7;
console.log(dead());
try { const q = q + 1; } catch (e) { console.log(e.name, e.message); }
try { const z = 1; z = 2; } catch (e) { console.log(e.name, e.message); }
{
  function inBlock() { return 'block'; }
}
console.log(inBlock());
const fact = function self(n) { return n < 2 ? 1 : n * self(n - 1); };
console.log(fact(5));
(function () { console.log(typeof inner); if (true) { function inner() {} } console.log(typeof inner); })();
var counter = (function () { let n = 0; return {inc: () => ++n, dec: () => --n, get n() { return n; }}; })();
counter.inc(); counter.inc(); counter.dec();
console.log(counter.n);
function shadow(a) { { let a = 2; console.log(a); } console.log(a); var a; console.log(a); }
shadow(1);
switch (1) { case 0: let sw; case 1: try { sw = 1; } catch (e) { console.log(e.name); } }
let u; console.log(u); u = 3;
for (let i = 0; i < 2; i++) { let fresh; console.log(fresh); fresh = i; }
lab: { console.log('in'); if (u) break lab; console.log('not'); }
console.log((() => { for (let i = 0; ; i++) { try { if (i === 3) return i; continue; } finally { if (i === 1) console.log('f', i); } } })());
