'use strict';
const big = (n) => Array.from({ length: n }, (_, i) => i);
const say = (name, f) => { let r; try { r = f(); } catch (e) { r = e instanceof RangeError ? 'RangeError ' + e.message : e; } console.log(name, typeof r === 'string' && r.length > 60 ? r.length + r.slice(-20) : r); };
function count() { return arguments.length; }
function element() { return arguments.length + arguments[0] + arguments[1]; }
function every() { let s = 0; for (let i = 0; i < arguments.length; i++) s += arguments[i]; return s; }
function all(...a) { return [a.length, a[0], a[a.length - 1]].join(); }
function after(a, b, ...c) { return [a, b, c.length, c[c.length - 1], arguments.length].join(); }
function* gen(...a) { yield a.length; yield arguments.length; }
class Base { constructor(...a) { this.n = a.length; } }
class Derived extends Base {}
class Handed extends Base { constructor() { super(...arguments); } }
function Plain() { this.n = arguments.length; }
const sloppy = new Function('a', 'a = 5; return arguments[0] + arguments.length + arguments[arguments.length - 1]');
for (const n of [3699, 3701, 4001, 7001, 30000]) {
  const a = big(n);
  say('max', () => Math.max(...a));
  say('min', () => Math.min.apply(null, a));
  say('hypot', () => Math.round(Math.hypot(...a)));
  say('fromCharCode', () => String.fromCharCode.apply(null, a.map((x) => 97 + x % 26)));
  say('fromCodePoint', () => String.fromCodePoint(...a.map((x) => x % 2 ? 0x1f600 : 65)).length);
  say('push', () => { const r = [1]; return [r.push(...a), r.length, r[n], Reflect.apply([].push, r, a), r.at(-1)]; });
  say('unshift', () => { const r = [-1]; return [r.unshift(...a), r[0], r[n - 1], r[n]].join(); });
  say('concat', () => { const r = [7].concat(...a.map((x) => [x, x])); return [r.length, r[1], r.at(-1)].join(); });
  say('splice', () => { const r = [1, 2, 3]; const g = r.splice(1, 1, ...a); return [g, r.length, r[1], r[n], r[n + 1]].join(); });
  say('splice out', () => { const r = [1, 2, 3]; return [r.splice(-1, 1, ...a), r.length, r.at(-1)].join(); });
  say('toSpliced', () => { const r = [1, 2, 3].toSpliced(1, 1, ...a); return [r.length, r[1], r[n], r[n + 1]].join(); });
  say('of', () => Array.of(...a).length);
  say('subclass of', () => (class A extends Array {}).of(...a).length);
  say('typed of', () => Uint8Array.of(...a).length);
  say('string concat', () => 'x'.concat(...a));
  say('raw', () => String.raw({ raw: a }, ...a));
  say('assign', () => Object.keys(Object.assign({}, ...a.map((x) => ({ [x % 100]: x })))).length);
  say('count', () => count(...a));
  say('count two', () => count(1, ...a, 2, ...[3]));
  say('element', () => element(...a));
  say('every', () => every(...a));
  say('all', () => all(...a));
  say('after', () => after(...a));
  say('apply arguments', () => (function () { return after.apply(null, arguments); })(...a));
  say('sloppy', () => sloppy(...a));
  say('call', () => all.call(null, ...a));
  say('generator', () => [...gen(...a)].join());
  say('new', () => new Plain(...a).n);
  say('class', () => new Base(...a).n);
  say('derived', () => new Derived(...a).n);
  say('handed', () => new Handed(...a).n);
  say('construct', () => Reflect.construct(Derived, a).n);
  say('bind', () => all.bind(null, ...a)(-5));
  say('bound', () => all.bind(null, 1, 2)(...a));
  say('bound constructor', () => new (Base.bind(null, 1, 2))(...a).n);
  say('proxy', () => new Proxy(all, { apply: (f, t, list) => list.length })(...a));
  say('proxy through', () => new Proxy(all, {})(...a));
  say('method', () => ({ m(x, ...r) { return x + r.length; } }).m(...a));
  say('optional', () => ({ m(x, ...r) { return x + r.length; } }).m?.(...a));
  say('private', () => new (class { #m(...r) { return r.length; } go() { return this.#m(...a); } })().go());
  say('default', () => ((x, y = 5, { length } = [], [z] = [1]) => [x, y, length, z].join())(...a.slice(0, 2), [1], [2], ...a));
  say('string', () => count(...'ab'.repeat(n / 2)));
  say('set', () => count(...new Set(a)));
  say('holes', () => { const r = new Array(n); return all(...r); });
  say('destructuring', () => { const [x, ...y] = a; return x + y.length; });
}
for (const n of [130000, 1e6]) {
  const a = new Array(n).fill(1);
  say('max', () => Math.max(...a));
  say('push', () => [].push.apply([], a));
  say('own', () => count(...a));
  say('array-like', () => count.apply(null, { length: n }));
}
say('huge', () => count.apply(null, { length: 2 ** 32 }));
let s = 0;
for (let i = 0; i < 300; i++) s += count(...big(i % 3 ? i : 8000)) + all(...big(4000 + i)).length;
say('hot', () => s);
