// Destructuring, defaults, rest, spread, arguments.
const {a, b: {c = 5, ...d} = {}, ['x' + 1]: e = 'dflt', ...rest} = {a: 1, b: {z: 1, y: 2}, q: 3, r: 4};
console.log(a, c, JSON.stringify(d), e, JSON.stringify(rest));
const [x, , y = 10, [z] = [7], ...more] = [1, 2, undefined, undefined, 5, 6]; console.log(x, y, z, more.join());
let p, q, obj = {}; [p, q] = [1, 2]; [p, q] = [q, p]; ({p: obj.m, q: obj['n']} = {p: 5, q: 6}); console.log(p, q, obj.m, obj.n);
[obj.a, obj.b = 3, ...obj.c] = 'hello'; console.log(JSON.stringify(obj));
function f({a, b = a + 1} = {}, [c, d] = [1, 2], ...[e, g]) { return [a, b, c, d, e, g].join(); }
console.log(f(), f({a: 1}), f({a: 1, b: 5}, 'xy', 8, 9), f.length);
function def(a, b = a * 2, c = () => a + b) { a = 100; return [a, b, c()].join(); } console.log(def(1), def(1, 1), def.length);
function rst(first, ...others) { return first + ':' + others.length + ':' + others.join(); } console.log(rst(1), rst(1, 2, 3), rst(...[4, 5], 6, ...'ab'));
function args() { let s = ''; for (let i = 0; i < arguments.length; i++) s += arguments[i]; return s + arguments.length; } console.log(args(1, 'b', 3), args.apply(null, [1, 2]), args.call(null, 9));
const arrow = (...as) => as.map(([k, v]) => `${k}=${v}`).join('&'); console.log(arrow(...Object.entries({a: 1, b: 2})));
for (const [k, {v, w = 'w'}] of [['a', {v: 1}], ['b', {v: 2, w: 3}]]) console.log(k, v, w);
for (const {length} of ['ab', 'c']) console.log(length); for (let [i, j] = [0, 3]; i < j; i++, j--) console.log(i, j);
try { const {n} = null; } catch (err) { console.log(err instanceof TypeError); } try { const [n] = {}; } catch (err) { console.log(err instanceof TypeError); }
try { throw {code: 1, inner: [2]}; } catch ({code, inner: [i]}) { console.log(code, i); }
console.log([...[1, 2], ...new Set([2, 3, 3]), ...'hi', ...new Map([[1, 2]])].join(), Math.max(...[1, 5, 3]), JSON.stringify({...{a: 1}, b: 2, ...null, a: 3}));
const fns = {['f' + 1]: (x) => x, g: function () {}, h() {}}; console.log(fns.f1.name, fns.g.name, fns.h.name, (() => {}).name === '', (function named() {}).name);
var {length} = 'four'; console.log(length); let {[length]: four = 'none'} = [0, 1, 2, 3, 'hit']; console.log(four);
const nested = ({a: {b: [, second]}}) => second; console.log(nested({a: {b: [1, 2]}}));
let s1, t1; console.log(([s1, t1] = [1, 2]).join(), s1 + t1); let chained = ({a: s1} = {a: 9}); console.log(s1, JSON.stringify(chained));
function withArgs(a) { arguments[0] = 'changed'; 'use strict'; return arguments[0]; } console.log(withArgs('orig'));
var fnExpr = function () { return (function () { return typeof this; }).call(5); }; console.log(fnExpr() !== 'string');
console.log(((a, b) => a + b)(...[1, 2]), new Array(...[1, 2, 3]).length, [, 1, , 2].length, [1, 2, , ].length);
var [one = (() => 'lazy')()] = []; console.log(one); const {x: {y: deep = 3} = {}} = {}; console.log(deep);
