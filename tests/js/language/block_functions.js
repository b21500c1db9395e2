// Annex B.3.3: a block's function and the function's variable of its name are two, which meet where the declaration stands.
function t(n){ var log=[];
 log.push(typeof f);
 switch(n){ case 1: log.push(f()); break; case 2: log.push('two'); function f(){return 'f'} case 3: log.push('three:'+f()); let z = 3; function g(){return z} log.push(g()); break; default: log.push(g.name) }
 log.push(typeof f, typeof g);
 return log.join()
}
for (let i=0;i<5;i++) console.log(t(i));
(function(){ console.log(typeof h); { console.log(h()); h = 3; function h(){ return 1 } h = 4; console.log(h) } console.log(typeof h) })();
(function(){ if (true) function q(){ return 'q' } else function q2(){}; console.log(q(), typeof q2) })();
(function(){ console.log(f()); switch(1){case 1: function f(){return 'inner'}} console.log(f()); function f(){return 'outer'} })();
(function(){ try { throw 1 } catch (f) { { function f(){return 1} } console.log(f) } console.log(f()) })();
(function(){ let f = 5; { function f(){} } console.log(f) })();
(function(f){ { function f(){} } console.log(f) })(7);
(function(){ l: function f(){return 3} { m: function g(){return 4} } console.log(f(), g()) })();
(function(){ for (var i=0, a=[];i<3;i++){ let j=i; function k(){return j} a.push(k) } console.log(a.map(f=>f()), k()) })();
{ function top1(){ return top1 } top1 = 2 } console.log(typeof top1, top1());
(function(){ eval('{ function e1(){return e1} e1 = 5 }'); console.log(typeof e1, e1()) })();
(function(){ { function e2(){ return eval('e2') } e2.x = 1; console.log(eval('e2.x')) } console.log(eval('e2').x) })();
(function(){ with ({w1: 1}) { function w1(){return 'w'} console.log(w1) } console.log(w1()) })();
function* gen(){ { yield f; function f(){return 9} } yield f } console.log([...gen()].map(f=>f()));
async function as(){ { await null; function f(){return 9} } return f() } as().then(console.log);
(function(){ { async function z(){} function* y(){} } console.log(typeof z, typeof y) })();
console.log(typeof r); if (1) { function r(){} } console.log(typeof r);
