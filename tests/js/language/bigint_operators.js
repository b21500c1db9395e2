function f(a,b){ return a*b < 5 } 
try { console.log(f(2n,3n)); } catch (e) { console.log(e.message) }
function g(a){ let n = a - 1n; if (n > 3) return 1; n++; return n } 
try { console.log(g(2n), g(8n)); } catch (e) { console.log(e.message) }
function h(x){ let c = 0n; for (let i = 0n; i < 5; i++) c += i; return c; }
try { console.log(h()); } catch (e) { console.log(e.message) }
function k(x){ x++; ++x; let y = x++; y--; return [x, y, x--, --x] } console.log(k(1n), k(1), k('5'), k(new String('5')), k(null), k(undefined), k({}), k([3]));
console.log((2n ** 3n) * 2n + 1n, -(2n ** 3n) < 0, (5n % 3n) > 1);
function big(a, b) { return ((a * b) & 255n) + 1n } console.log(big(123n, 456n));
try { (1n * 2n) + 1 } catch (e) { console.log(e.message) }
try { +-1n } catch (e) { console.log(e.message) }
const o = { x: 1n, n: 2 }; o.x++; o.n++; o['x']--; console.log(o, o.x++, o.x);
var gg = 5n; gg++; console.log(gg, gg-- > 5);
