const k = Math.PI; let o = {}; o[k] = 1; console.log(o[k], o[1 + 0.5]); o[1 + 0.5] = 2; console.log(o[1.5], o['1.5'], o[3 / 2], Object.keys(o));
class C { [k]() { return 1 } [1 + 2 - 3 * 4 / 5 ** 6]() { return 2 } static ['x' + 1] = 3; [3 / 2] = 4 }
const c = new C; console.log(c[k](), c['2.999232'], c[String(1 + 2 - 3 * 4 / 5 ** 6)], c[1 + 2 - 3 * 4 / 5 ** 6], c[1.5], c[3 / 2], C.x1);
const a = []; a[3 / 2] = 5; console.log(a[1.5], a.length, a[3 / 2]);
const __proto__ = 2, own = { __proto__ }; console.log(own.__proto__, Object.keys(own), { ['__proto__']: 3 }.__proto__);
const bare = Object.create(null); console.log(bare.__proto__); bare.__proto__ = 4; console.log(Object.keys(bare), ({}).__proto__ === Object.prototype, Object.prototype.__proto__);
try { class X { [{ toString() { throw new Error('once') } }]() {} } } catch (e) { console.log(e.message) }
let n = 0; class Y { static [{ toString() { n++; return 'y' } }] = 1; [{ toString() { n++; return 'z' } }]() {} get [{ toString() { n++; return 'g' } }]() { return 5 } } new Y; new Y; console.log(n, Y.y, typeof new Y().z, new Y().g);
let i = 0, x = 1; class Z { [i++] = 'a'; static [i++] = 'b'; [i++] = 'c'; get [x &&= 7]() { return 'g' } static [(x, 'q')] = 1 } console.log(Object.keys(new Z), Object.keys(Z), new Z()[7]);
