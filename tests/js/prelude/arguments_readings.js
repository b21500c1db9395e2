// arguments of which only the count and single ones are read

function a() { return arguments.length }
function b(x, y) { return [arguments.length, arguments[0], arguments[3], x, y] }
function c() { const out = []; for (let i = 0; i < arguments.length; i++) out.push(arguments[i]); return out }
function d(x = 5, { y } = {}, ...z) { return [arguments.length, x, y, z, arguments[1]] }
console.log(a(), a(1), a(undefined, undefined), b(1), b(1, 2, 3, 4), c(), c(1, undefined, 3), c(1,2,3,4,5,6,7,8), d(), d(1, {y: 2}, 3, 4));
function f() { try { return arguments.length + arguments[0] } catch (e) {} }
function g() { return (() => arguments.length + arguments[0])() }
function h() { arguments.length = 2; return arguments.length }
function i() { delete arguments[0]; return arguments[0] }
function* j() { yield arguments.length; yield arguments[1] }
async function k() { await 0; return arguments.length + arguments[1] }
console.log(f(1), g(1), h(1), i(1), [...j(1, 2)]); k(1, 2).then(console.log);
function l(i) { return arguments[i] }
console.log(l(0), l('length'), l(1, 2), l(-1), l(1.5));
function m(n) { let s = 0; for (let i = n; i >= -1; i--) s += arguments[i] === undefined ? 100 : arguments[i]; return s }
console.log(m(2, 1, 1), m(3, 1));
function n(count) { for (let count = 0; count < arguments.length; count++) if (arguments[count] === 3) return count }
console.log(n(1, 2, 3), n());
class P { constructor() { this.n = arguments.length } static s() { return arguments[0] } get v() { return arguments.length } }
console.log(new P(1, 2).n, P.s(9), new P().v, arguments.length > 0);
console.log((function () { return typeof arguments[0] + arguments[0]++ })(1), (function () { return arguments[0]() + arguments.length })(() => 7));
console.log((function () { return arguments?.length })(1), (function () { return `${arguments.length}` + -arguments[0] })(1));
console.log((function (x) { if (arguments.length === 1) { var y = arguments[0] || 'no'; return y } return arguments[1] })('yes'));
console.log((function (x) { arguments.length; return x })(1));
console.log((function (p) { p = 2; return arguments.length })(1));
