// Object.prototype.__proto__ is an accessor like any other: objects without that prototype have none, own properties hide it.
const parsed = JSON.parse('{"__proto__":{"x":1}}');
console.log(parsed.__proto__, Object.keys(parsed), parsed.x, Object.hasOwn(parsed, '__proto__'));
const bare = Object.create(null);
console.log(bare.__proto__, bare['__proto__']);
bare.__proto__ = { a: 1 };
console.log(Object.keys(bare), bare.a, Object.getPrototypeOf(bare), bare.__proto__);
const name = '__proto__';
const o = {};
o[name] = { z: 1 };
console.log(o.z, Object.keys(o));
const big = {}; for (let i = 0; i < 100; i++) big['k' + i] = i;
big[name] = { z: 2 }; console.log(big.z, Object.keys(big).length);
const own = { [name]: 5 };
console.log(Object.keys(own), own.__proto__, own[name]);
own.__proto__ = 6; console.log(own.__proto__, own[name]);
const defined = Object.defineProperty({}, '__proto__', { value: 7, enumerable: true, writable: true, configurable: true });
console.log(Object.keys(defined), defined.__proto__);
const next = {}; next[name] = { q: 1 }; console.log(Object.keys(next), next.q);
function Bare() {} Bare.prototype = Object.create(null);
console.log(new Bare().__proto__, typeof (5).__proto__, 'x'.__proto__ === String.prototype);
class Base { get __proto__() { return 'mine'; } }
console.log(new Base().__proto__);
delete own.__proto__; console.log(own.__proto__ === Object.prototype);
try { null.__proto__; } catch (e) { console.log(e.message); }
try { undefined.__proto__ = 1; } catch (e) { console.log(e.message); }
const merged = {}; for (const k in parsed) merged[k] = parsed[k]; console.log(merged.x, Object.keys(merged));
const cp = { ...parsed }; console.log(Object.keys(cp), Object.getPrototypeOf(cp) === Object.prototype);
