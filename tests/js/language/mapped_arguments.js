function f(v, k) { var r = eval('v = 3; k = 4; [v, k].join()'); return r + v + k } console.log(f(1,2));
function g(a, b) { a = 5; arguments[1] = 6; arguments[2] = 7; return [a, b, arguments[0], arguments[1], arguments[2], arguments.length].join() } console.log(g(1, 2), g(1), g());
function h(a, switch_, i, v) { arguments[2] = 'x'; v = 'y'; return [].slice.call(arguments).join() + i } console.log(h(1,2,3,4));
function m(a) { Object.defineProperty(arguments, '0', { writable: false }); a = 9; return arguments[0] } console.log(m(1));
function n(a) { delete arguments[0]; a = 2; arguments[0] = 3; return [a, arguments[0], Object.keys(arguments)] } console.log(n(1));
function p(a, b) { a = { x: 1 }; return JSON.stringify(arguments) + Object.keys(arguments) + (function () { return arguments[0] === a }).apply(null, arguments) } console.log(p(1, 2));
function q(a) { a++; let r = []; for (const x of arguments) { r.push(x); arguments[1] = 'z' } return r.join() } console.log(q(1, 2));
function s(v) { return (() => { v = 4; return arguments[0] })() } console.log(s(1));
console.log((function (x, cb) { if (!cb) { cb = x; x = 0 } return arguments.length + x })(1));
