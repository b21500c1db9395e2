// Ticks that raise again and again do not keep the loop from turning; what is emitted as a warning by hand is not printed.
'use strict';
const EventEmitter = require('events');
const dns = require('dns');
const log = [];
let n = 0;
process.on('uncaughtException', () => { if (!done) process.nextTick(bad); });
let done = false;
function bad() { n++; throw new Error('x'); }
process.nextTick(bad);
setImmediate(() => { done = true; log.push('immediate', n > 0 && n < 1000); setTimeout(next, 1); });

setTimeout(() => { log.push('a'); process.nextTick(() => log.push('tick')); throw new Error('y'); }, 20);
setTimeout(() => log.push('b'), 20);

function next() {
  process.emit('warning', 'text');
  EventEmitter.captureRejections = true;
  function Bare() {}
  Object.setPrototypeOf(Bare.prototype, EventEmitter.prototype);
  const bare = new Bare();
  EventEmitter.prototype.on.call(bare, 'x', async () => { throw new Error('async'); });
  bare.on('error', (e) => { log.push(e.message); EventEmitter.captureRejections = false; });
  bare.emit('x');

  const key = Symbol('key'), e = new EventEmitter().setMaxListeners(1);
  process.removeAllListeners('warning'); // printing is one of them
  process.once('warning', (w) => log.push(w.name, w.count, w.type === key));
  e.on(key, () => {}).on(key, () => {});
  log.push(Object.hasOwn(e._events[key], 'warned'));

  const resolver = new dns.Resolver();
  resolver.resolve('localhost', () => {});
  try { resolver.setServers(['127.0.0.1']); } catch (err) { log.push(err.code, err.message.includes("There are pending queries.")); }
  resolver.cancel();
  dns.resolve('localhost', () => {});
  dns.setServers(['127.0.0.1']);
  log.push(dns.getServers());
  setTimeout(() => { console.log(log); process.exit(); }, 50);
}
