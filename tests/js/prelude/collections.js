const m = new Map([[NaN, 'nan'], [0, 'zero'], [undefined, 'u'], [null, 'n'], ['1', 's'], [1, 'i']]);
console.log(m.size, m.get(NaN), m.get(-0), m.get(undefined), m.get(null), m.get('1'), m.get(1));
for (const [k] of m) { if (k === 0) { m.delete(undefined); m.set('new', 1); } }
console.log([...m.keys()].map(String).join());
const it = m.values();
it.next();
m.clear();
m.set('after', 2);
console.log(it.next().value, it.next().done);
const s = new Set('hello');
console.log([...s].join(''), s.has('l'), s.delete('l'), s.size, [...s.entries()][0].join());
const w = new WeakMap(), key = {};
w.set(key, 1);
console.log(w.get(key), w.has({}), new WeakSet([key]).has(key));
try { w.set(1, 1); } catch (e) { console.log(e.name); }
try { Map(); } catch (e) { console.log(e.message); }
console.log(Object.prototype.toString.call(m));
