// A block inside with has a scope of its own.
(function () { var a = 1; with ({}) { let b = 2; var c = b; } console.log(a, c); })();
(function () { with ({ p: 1 }) { with ({ q: 2 }) { { let q = 3, p = 4; console.log(p, q); (() => console.log(p, q))(); } console.log(p, q); } } })();
(function () { { let y = 1; with ({ y: 2 }) { console.log(y); { let y = 3; console.log(y); } } console.log(y); } })();
(function () { with ({ x: 1 }) { for (let x of [5]) console.log(x); try { throw 6 } catch (x) { console.log(x) } console.log(x); var z = 7; class K {} console.log(typeof K); } console.log(z); })();
(function () { with ({ x: 1 }) { { let k = 1; console.log(eval('x + k')); } } })();
