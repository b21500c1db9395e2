// The classes of the web have members that are seen and tell their class; null where nothing is; arguments are text.
const url = require('url');
const params = new URLSearchParams([['a', 1], new Set(['b', { toString: () => 'two' }])]);
console.log(String(params), params.get('c'), [...params], Object.prototype.toString.call(params.keys()));
for (const init of [[[1]], [1], { [Symbol('s')]: 1 }, { [Symbol.iterator]: 1 }]) {
  try { new URLSearchParams(init); console.log('no error'); } catch (e) { console.log(e.name, e.code); }
}
try { params.get({ toString() { throw new Error('toString'); } }); } catch (e) { console.log(e.message); }
try { params.keys().next.call(undefined); } catch (e) { console.log(e.code); }
const d = Object.getOwnPropertyDescriptor(URL.prototype, 'origin');
console.log(d.enumerable, d.set, URL.prototype[Symbol.toStringTag], URL.parse('x'));
console.log(params.keys());
try { new URL('x'); } catch (e) { console.log(String(e), e.code, e.input); }
const u = url.parse('http://h/p?0=a&b=1&b=2', true);
console.log(u.auth, u.query[0], u.query.b, Object.getPrototypeOf(u.query), Object.keys(u).join());
console.log(url.format(u), url.resolve('/one/two', 'three'), url.resolveObject(u, '/x').href, url.parse(u) === u);
console.log(new url.Url().parse('a:b').href);
const qs = require('querystring');
console.log(qs.parse('__proto__=1&toString=2&0=3&1=4&1=5'), qs.stringify({ a: 2n ** 64n, b: ['x', 1n], c: {} }), qs.stringify(['p', 'q']), qs.escape({}));
