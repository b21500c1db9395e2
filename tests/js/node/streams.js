'use strict';
// What JavaScript sees of streams beside their methods: states, nulls, typed arrays, user functions' answers.
const { Readable, Writable, PassThrough, Stream, finished, pipeline } = require('stream');
const r = new Readable({ read() {} });
console.log(r.readableFlowing, r.readableEncoding, r.errored, r.read(), r._readableState.pipes.length, r._readableState.awaitDrainWriters);
const a = new PassThrough(), b = new PassThrough();
r.pipe(a);
r.pipe(b);
console.log(r._readableState.pipes.length, r._readableState.awaitDrainWriters.size);
r.unpipe(a);
console.log(r._readableState.pipes.length, r._readableState.pipes[0] === b);
const w = new Writable({ write(chunk, encoding, cb) { console.log(Buffer.isBuffer(chunk), encoding, chunk.toString()); setTimeout(cb, 1); } });
w.write(new Uint8Array([65, 66]));
w.write('text');
console.log(w._writableState.bufferedRequestCount, w._writableState.getBuffer()[0].chunk.toString());
for (const chunk of [undefined, 5, null]) {
  try { w.write(chunk); } catch (e) { console.log(String(e)); }
}
const o = new Writable({ objectMode: true, write(chunk, encoding, cb) { console.log(chunk, encoding); cb(); } });
o.write({ a: 1 });
o.write(undefined);
o.write('x', 'latin1');
console.log(new Readable().on('foo', () => {}).on('data', () => {}).on('error', () => {}).eventNames());
try { finished(r, 'foo'); } catch (e) { console.log(e.message); }
Readable.from([1, 2, 3, 4]).filter((x) => x % 2).toArray().then((list) => console.log(list));
try { Readable.from([1]).map((x) => x, { concurrency: 'Foo' }); } catch (e) { console.log(String(e)); }
finished(o.end(), function(err) { console.log('finished', arguments.length, err); });
const failed = new PassThrough();
failed.once('error', (e) => console.log('handled', e.message));
new Stream().pipe(failed);
failed.destroy(new Error('gone'));
(async () => {
  for await (const chunk of Readable.from(['a', 'b'])) console.log(chunk);
  const last = new Readable({ read() {} });
  await last[Symbol.asyncDispose]();
  console.log(last.destroyed);
})();
