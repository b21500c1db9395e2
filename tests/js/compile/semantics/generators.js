// Generators, iterators, async functions, async generators.
function* g(n) { for (let i = 0; i < n; i++) { const got = yield i; if (got) console.log('got', got); } return 'done'; }
const it = g(2); console.log(JSON.stringify([it.next(), it.next('a'), it.next('b'), it.next()]));
console.log([...g(3)].join(), Math.max(...g(4)));
function* delegating() { const r = yield* g(1); console.log('r', r); yield* [8, 9]; try { yield 'try'; } catch (e) { console.log('caught', e); yield 'recovered'; } finally { console.log('finally'); } }
const d = delegating(); for (let i = 0; i < 4; i++) console.log(JSON.stringify(d.next())); console.log(JSON.stringify(d.throw('err')), JSON.stringify(d.next()), JSON.stringify(d.next()));
const r = delegating(); r.next(); r.next(); r.next(); r.next(); console.log(JSON.stringify(r.return('early')));
const iterable = {from: 1, to: 3, [Symbol.iterator]() { let c = this.from, t = this.to; return {next: () => c <= t ? {value: c++, done: false} : {value: undefined, done: true}, return() { console.log('return called'); return {}; }}; }};
console.log([...iterable].join()); for (const v of iterable) { if (v === 2) break; } const [first] = iterable; console.log(first);
function* fib() { let [a, b] = [0, 1]; for (;;) { yield a; [a, b] = [b, a + b]; } } const f10 = []; for (const v of fib()) { if (v > 50) break; f10.push(v); } console.log(f10.join());
const objGen = {*[Symbol.iterator]() { yield 1; yield 2; }}; console.log([...objGen].join());
const log = (...a) => console.log(...a);
async function sleep(v) { await null; return v; }
async function main() {
  log('start'); const v = await sleep(5); log('v', v);
  try { await (async () => { throw new Error('rejected'); })(); } catch (e) { log(e.message); } finally { log('fin'); }
  const all = await Promise.all([sleep(1), sleep(2), 3]); log(all.join());
  for (const x of [1, 2]) log(await sleep(x * 2)); for await (const x of [sleep(7), 8]) log(x);
  async function* ag() { try { for (let i = 0; i < 3; i++) { yield await sleep(i); } } finally { log('ag closed'); } }
  for await (const x of ag()) { log('ag', x); if (x === 1) break; }
  const w = (await sleep({a: {b: 3}})).a.b + (await sleep(1)) * 2; log(w, await sleep(1) || 'x', await sleep(0) ?? 'y');
  const arr = [await sleep(1), await sleep(2)]; log(arr.join()); let o = {k: await sleep('v'), m: 1}; log(o.k, o.m);
  let acc = 0; for (let i = 0; i < 3; i++) { acc += await sleep(i); } log(acc);
  return (() => { try { return 'ret'; } finally { log('f2'); } })();
}
main().then((v) => log('main', v), (e) => log('bad', e)); log('sync end');
(async () => { log('arrow', await 1); })();
class K { async *it() { yield 1; } async m() { return this; } } (async () => { for await (const v of new K().it()) log('K', v); log(await new K().m() instanceof K); })();
