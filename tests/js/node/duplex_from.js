// Duplex.from and compose of functions: async ones only take what is written, generators give; Blobs are read whole.
'use strict';
const { compose, Duplex, finished } = require('stream');
const { buffer } = require('stream/consumers');
(async () => {
  let got = '';
  const sink = Duplex.from(async (source) => { for await (const c of source) got += c; });
  console.log(sink.writable, sink.readable);
  sink.write('a');
  await new Promise((done) => sink.end('b', done));
  console.log(got, sink.destroyed);
  const failing = Duplex.from(async () => { throw new Error('refused'); });
  await new Promise((done) => failing.on('error', (e) => { console.log(e.message); done(); }));
  for (const f of [() => {}, () => 5]) try { Duplex.from(f); } catch (e) { console.log(e.code); }
  let out = '';
  const s = compose(async function*() { yield 'Hello'; yield 'World'; }(), async function*(source) {
    for await (const c of source) yield String(c).toUpperCase();
  }, async (source) => { for await (const c of source) out += c; });
  console.log(s.writable, s.readable);
  await new Promise((done) => finished(s.resume(), done));
  console.log(out);
  const upper = Duplex.from(async function*(source) { for await (const c of source) yield String(c).toUpperCase(); });
  console.log(upper.writable, upper.readable);
  upper.end('text');
  console.log(String(await buffer(upper)));
  Duplex.from(new Blob(['blob'])).on('data', (d) => console.log(d.byteLength));
})();
