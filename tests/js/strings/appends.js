// Appends to variables and properties, with everything that may come between: all long enough to be kept as ropes.
const long = 'x'.repeat(2000);
const show = (name, s) => console.log(name, s.length, s.slice(-24), s.charCodeAt(5), typeof s);

{ // who reads while it grows sees the text
  let out = long;
  const seen = [];
  function w(x) { out += x; }
  for (let i = 0; i < 5; i++) { w('ab' + i); seen.push(out.length, out.slice(-3), out === long + 'ab0'); }
  console.log(seen.join());
  const copy = out;
  w('more');
  show('copy', copy); show('out', out);
  out = out + 1 + 2; show('numbers', out);
  w(null); w(undefined); w(true); w({ toString() { return 'obj'; } }); w([1, 2]); show('values', out);
  try { w(Symbol('s')); } catch (e) { console.log(e.constructor.name, e.message); }
  show('after', out);
}
{ // the operand appends too
  let out = long;
  function inner() { out += 'INNER'; return 'ret'; }
  for (let i = 0; i < 3; i++) out += inner();
  show('nested', out);
  for (let i = 0; i < 3; i++) out += { toString() { out += 'lost'; return 'T'; } };
  show('toString', out);
  for (let i = 0; i < 2; i++) out = out + out;
  show('doubled', out);
  for (let i = 0; i < 3; i++) { try { out += (() => { out += 'kept'; throw new Error('x'); })(); } catch (e) { out += '!'; } }
  show('thrown', out);
  const each = [];
  for (let i = 0; i < 3; i++) { let part = long; for (let k = 0; k < 3; k++) part += k; each.push(() => (part += i)); }
  console.log(each.map((f) => f().slice(-3) + f().slice(-3)).join());
  for (let s = long, i = 0; i < 3; s += i, i++) each.push(() => s.slice(-3));
  console.log(each.slice(3).map((f) => f()).join());
}
class Gen {
  constructor() { this.out = ''; this.level = 0; }
  write(s) { this.out += s; }
  call(s) { this.out += this.make(s); }
  make(s) { this.out += '<'; return s + '>'; }
  get size() { return this.out.length; }
}
{
  const g = new Gen();
  g.write(long);
  for (let i = 0; i < 5; i++) { g.write('ab'); g.call('c' + i); }
  show('property', g.out); console.log(g.size, Object.keys(g).join());
  g.write('1'); console.log(JSON.stringify(g).slice(-30));
  g.write('2'); console.log(Object.entries(g).map(([k, v]) => k + String(v).slice(-3)).join());
  g.write('3'); console.log({ ...g }.out.slice(-4), Object.assign({}, g).out.slice(-4));
  g.write('4'); for (const k in g) console.log(k, String(g[k]).slice(-3));
  g.write('5'); console.log(Object.getOwnPropertyDescriptor(g, 'out').value.slice(-3), g.hasOwnProperty('out'), 'out' in g, Reflect.ownKeys(g).join());
  g.write('6'); const { out } = g; show('pattern', out);
  g.write('7'); g.added = 1; g.write('8'); console.log(Object.keys(g).join(), g.out.slice(-3));
  g.write('9'); const child = Object.create(g); console.log(child.out.slice(-3)); child.out += 'own'; console.log(child.out.slice(-5), g.out.slice(-3), Object.keys(child).join());
  g.write('a'); g.out = 'short'; g.write('b'); console.log(g.out);
  g.out = long; g.write('b'); g.out = undefined; g.write('c'); console.log(g.out, 'out' in g);
  g.out = long; g.write('d'); delete g.out; console.log(g.out, 'out' in g, Object.keys(g).join()); g.write('e'); console.log(g.out, Object.keys(g).join());
}
{
  const g = new Gen();
  g.write(long); g.write('a'); Object.freeze(g);
  try { (function () { 'use strict'; g.out += 'b'; })(); } catch (e) { console.log(e.message); }
  console.log(g.out.slice(-2), Object.isFrozen(g));
  const h = new Gen();
  h.write(long); h.write('a');
  Object.defineProperty(h, 'out', { get() { return 'got'; }, set(v) { console.log('set', v); }, configurable: true });
  h.write('b'); console.log(h.out);
  const i = new Gen();
  i.write(long); i.write('a'); Object.setPrototypeOf(i, { write(s) { this.out += '[' + s + ']'; } });
  i.write('b'); i.write('c'); console.log(i.out.slice(-8), i instanceof Gen);
  const j = new Gen(); j.write(long); j.write('a');
  console.log(structuredClone({ ...j }).out.length, require('util').inspect(j).slice(-20), j instanceof Gen, j.constructor.name);
  const log = [];
  const p = new Proxy(j, { get(t, k, r) { log.push('get ' + String(k)); return Reflect.get(t, k, r); }, set(t, k, v, r) { log.push('set ' + k); return Reflect.set(t, k, v, r); } });
  for (let n = 0; n < 2; n++) p.out += 'p';
  console.log(log.join(), j.out.slice(-3));
  j.write('z'); j.out.length; console.log(Object.values(j)[0].slice(-3), Object.is(j.out, j.out));
  const o = { get out() { return long; }, set out(v) { this.v = v; } };
  o.out += 'k'; o.out += 'k'; console.log(o.v.slice(-3));
  const n = { out: 1 }; n.out += 'a'; n.out += 2; n.out += long; n.out += null; console.log(n.out.slice(-5), n.out.slice(0, 4));
  try { null.out += 'a'; } catch (e) { console.log(e.message); }
  class Emitting extends require('events') { constructor() { super(); this.text = ''; } add(s) { this.text += s; this.emit('data', s); } }
  const em = new Emitting(); let heard = 0; em.on('data', () => heard++);
  for (let k = 0; k < 1000; k++) em.add('abc'); em.once('x', () => {}); em.add('z');
  console.log(heard, em.text.length, Object.keys(em).includes('text'), em.listenerCount('x'));
  function* gen() { const g = new Gen(); g.out = long; while (true) g.out += yield g; }
  const it = gen(); it.next(); it.next('1').value.out += 'X'; console.log(it.next('2').value.out.slice(-3));
}
{ // the halves of a pair make one character
  const smile = '😀';
  let a = '', b = long;
  for (let i = 0; i < smile.length; i++) a += String.fromCharCode(smile.charCodeAt(i));
  for (let i = 0; i < 4; i++) { b += smile[0]; b += smile[1]; if (b.length % 2) console.log('odd'); }
  const o = { s: long };
  for (let i = 0; i < 4; i++) { o.s += smile[0]; o.s += smile[1]; }
  console.log(a === smile, a.length, b === o.s, b.endsWith('😀😀😀😀'), encodeURIComponent(b.slice(-4)), [...o.s.slice(-8)].length, Buffer.from(a).length);
}
