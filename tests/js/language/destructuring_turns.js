const log = []; const src = { [Symbol.iterator]() { let i = 0; return { next() { log.push('n' + i); return { value: i++ ? undefined : 1, done: false } }, return() { log.push('r'); return {} } } } };
const o = { get a() { log.push('a'); return {} } }; const k = (x) => (log.push('k' + x), x), d = x => (log.push('d' + x), x);
[o.a[k(1)], o.a[k(2)] = d(3), , ...o.a[k(4)]] = [1]; console.log(log.join()); log.length = 0;
[o.a[k(1)], o.a[k(2)] = d(3)] = src; console.log(log.join()); log.length = 0;
var [x, y = d(7), z = d(8)] = src; console.log(log.join(), x, y, z); log.length = 0;
try { var [p, q = (() => { throw 1 })()] = src } catch (e) { console.log(e, log.join()) } log.length = 0;
function* g() { [({})[yield]] = src } const it = g(); it.next(); it.return(); console.log(log.join());
function f([a = d(1), b = d(2), ...c]) { return [a, b, c] } console.log(f([5]), f([1, 2, 3, 4]), f('héllo'));
