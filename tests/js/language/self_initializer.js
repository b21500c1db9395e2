// A variable that its own initializer mentions: it is this variable, not another one of the name outside.
function f() { var J = { a() { return J.b(); }, b() { return 1; } }; return J.a(); }
console.log(f());
function shadow() { var x = 1; return (function () { var x = x || 2; return x; })(); }
console.log(shadow());
var list = [function () { return list.length; }, 2];
console.log(list[0]());
function loop() { for (var o = { next() { return o.n++; }, n: 0 }; o.next() < 3;); return o.n; }
console.log(loop());
function block() { { var q = [() => q.length]; } if (true) { var r = wrap(() => typeof r); } return q[0]() + r(); }
function wrap(f) { return f; }
console.log(block());
function many() { var a = 1, b = { a() { return a + b.c; }, c: 2 }, c = [() => b.a() + c.length]; return c[0](); }
console.log(many());
var timer = wrap(function () { return timer === wrap(timer); });
console.log(timer());
function text() { var s = '' + (typeof s); s += 'x'; return s; }
console.log(text());
function inner() { var v = v === undefined ? 'unset' : 'set'; return v; }
console.log(inner());
function nested(x) { return function () { var x = { y: typeof x }; return x.y; }; }
console.log(nested(5)());
function sw(k) { switch (k) { case 1: var z = { me: () => z }; return z.me() === z; } }
console.log(sw(1));
for (var i = 0; i < 2; i++) { var each = { i, self: () => each.i }; console.log(each.self()); }
