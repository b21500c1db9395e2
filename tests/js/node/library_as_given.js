// Small things that the library has of JavaScript: undefined options, methods as listeners, descriptors of globals.
'use strict';
const { exec, fork } = require('child_process'), net = require('net'), url = require('url'), qs = require('querystring');
if (process.argv[2] === 'child') {
  process.send({ env: process.env, none: undefined, date: new Date(0), map: new Map([[1, 2]]), list: [undefined, () => 1], n: NaN });
} else {
  for (const name of ['process', 'Buffer', 'URL', 'console', 'queueMicrotask']) {
    const d = Object.getOwnPropertyDescriptor(globalThis, name);
    console.log(name, typeof d.get, typeof d.value, d.enumerable, d.configurable);
  }
  for (const v of [undefined, null, true, 0, () => {}, Symbol('s')]) try { url.format(v); } catch (e) { console.log(e.code); }
  for (const v of [0, true, () => {}, Symbol('s')]) {
    try { fork(__filename, v); } catch (e) { console.log(e.code); }
    try { fork(__filename, [], v); } catch (e) { console.log(e.code); }
  }
  console.log(qs.escape('\ud801test'), qs.escape('\ud801é'));
  try { qs.escape('a\ud801'); } catch (e) { console.log(e.name, e.code); }
  const server = net.createServer().listen(0);
  server.once('close', () => {
    console.log('closed');
    exec('echo text', { encoding: undefined }, (err, out) => {
      console.log(Buffer.isBuffer(out), String(out).trim());
      fork(__filename, ['child']).on('message', (m) => console.log(typeof m.env.PATH, Object.keys(m).join(), m.date, JSON.stringify(m.list), m.n));
    });
  });
  server.once('listening', server.close);
}
