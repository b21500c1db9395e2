const order = [];
const log = x => order.push(x);
async function f(n) { log('f' + n); await null; log('g' + n); return n; }
f(1).then(v => log('then' + v));
f(2);
Promise.resolve().then(() => log('p1')).then(() => log('p2'));
queueMicrotask(() => log('micro'));
(async () => { try { await Promise.reject(new Error('no')); } catch (e) { log(e.message); } finally { log('fin'); } })();
async function* gen() { try { yield 1; yield Promise.resolve(2); } finally { log('closed'); } }
(async () => { for await (const v of gen()) { log('v' + v); if (v === 2) break; } for await (const v of [Promise.resolve('a'), 'b']) log(v); })();
setTimeout(() => {
  console.log(order.join(' '));
  Promise.all([1, Promise.resolve(2)]).then(v => console.log(v.join()));
  Promise.allSettled([Promise.reject(1), 2]).then(v => console.log(v.map(s => s.status).join()));
  Promise.any([Promise.reject(1), Promise.resolve(3)]).then(v => console.log(v));
  Promise.race([new Promise(r => setTimeout(r, 5, 'slow')), 'fast']).then(v => console.log(v));
  Promise.any([]).catch(e => console.log(e.constructor.name, e.errors.length));
}, 1);
function* g() { const got = yield 1; log(got); try { yield 2; } finally { yield 3; } }
const it = g();
console.log(it.next('x').value, it.next('y').value, JSON.stringify(it.return(9)), JSON.stringify(it.next()), JSON.stringify(it.next()));
function* outer() { const r = yield* (function* () { yield 'a'; return 'r'; })(); yield r; yield* [1, 2]; }
console.log([...outer()].join());
