const stream = require('stream');
const { Readable, Writable, Duplex, Transform } = stream;
const promises = require('stream/promises');
const util = require('util');
console.log(stream.promises === promises, util.promisify(stream.pipeline) === promises.pipeline, util.promisify(stream.finished) === promises.finished);
const d = new Duplex({ read() {}, write() {} });
class W2 extends Writable {}
console.log(d instanceof Writable, new Transform() instanceof Writable, new Readable() instanceof Writable, null instanceof Writable,
  d instanceof W2, new W2() instanceof W2, new W2() instanceof Writable);
// Characters, not bytes
const r = new Readable({ read() {}, encoding: 'utf8' });
r.push(Buffer.from('\uFEFFäö€😀z'));
console.log(r.readableLength, JSON.stringify(r.read(1)), r.read(2), r.readableLength, r.read(3), r.read());
// Bytes that were put back among text
const u = new Readable({ read() {} });
u.setEncoding('utf8');
u.push(new Uint8Array([0x44, 0x45]));
u.unshift(new Uint8Array([0x41, 0x42]));
console.log(u.read());
// undefined is no end
const h = new Readable({ highWaterMark: 0, read() {} });
console.log(h.push(), h.push(undefined), h.readableEnded, h._readableState.ended);
for (const f of [() => new Readable({ defaultEncoding: 'nope' }), () => new Writable().setDefaultEncoding({}), () => promises.finished(d, { cleanup: 2 })]) {
  try { f(); console.log('no error'); } catch (e) { console.log(e.code, e.message); }
}
(async () => {
  console.log(await Readable.from([1, 2]).reduce((a, b) => a + b, undefined));
  console.log(await Readable.from([1, 2]).reduce((a, b) => a + b));
  const ac = new AbortController();
  const p = promises.pipeline(new Readable({ read() {} }), new Writable({ write() {} }), { signal: ac.signal });
  ac.abort();
  await p.catch((e) => console.log(e.name));
})();
// An encoding that comes late, and text that ends in the middle of a character
const late = new Readable({ read() {} });
late.push(Buffer.from('aé😀'));
late.push(Buffer.from('€').subarray(0, 2));
late.setEncoding('utf8');
console.log(late.readableLength);
late.on('data', (c) => console.log(JSON.stringify(c))).on('end', () => console.log('end', late.readableLength));
late.push(null);
