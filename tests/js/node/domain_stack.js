// Which domains are entered: callbacks run in theirs alone; handlers of an emitter's errors outside of it; what is thrown arrives as it was.
'use strict';
const domain = require('domain');
const EventEmitter = require('events');
const log = (...a) => console.log(...a);
log(process.domain);
const [d1, d2, d3] = [1, 2, 3].map((n) => Object.assign(domain.create(), { n }));
const at = () => [process.domain && process.domain.n, domain._stack.map((d) => d.n).join()];
for (const d of [d1, d2]) {
  d.on('error', (e) => {
    log('handler', d.n, e.message, ...at());
    process.nextTick(() => log('tick after', e.message, ...at()));
  });
}
d1.run(() => { new EventEmitter().emit('error', new Error('a')); log(...at()); });
log(...at());
d1.run(() => d2.run(() => d2.run(() => { new EventEmitter().emit('error', new Error('b')); log(...at()); })));
d1.run(() => d2.run(() => setTimeout(() => {
  log('timer', ...at());
  d3.run(() => log('inner', ...at()));
  thrown();
}, 1)));

function thrown() {
  const d = domain.create();
  const values = [42, null, undefined, false, 'text', '', Symbol('s'), 1n, NaN];
  d.on('error', function(e) {
    log(Object.is(e, values.shift()), arguments.length);
    if (values.length === 0) setTimeout(rejected, 1);
  });
  for (const v of values) d.run(() => process.nextTick(() => { throw v; }));
}

function rejected() {
  const d = domain.create();
  d.on('error', (e) => { log('rejected', e && e.message, e && e.domainThrown); if (e === null) calls(); });
  d.run(() => { Promise.reject(new Error('r')); Promise.reject(null); });
}

// What LuaJIT raises in a callback is the TypeError that JavaScript raises.
function calls() {
  let none;
  const o = { f: {} };
  const deep = () => deep() + 1;
  const list = [() => none(), () => o.g(), () => o.f.h.i, () => deep(), () => { throw 'text'; }, () => { throw undefined; }];
  process.on('uncaughtException', (e, origin) => {
    log(e instanceof Error ? e.name + ': ' + e.message : e, origin);
    const f = list.shift();
    if (f) setTimeout(f, 1);
  });
  setTimeout(list.shift(), 1);
}

try { process.setUncaughtExceptionCaptureCallback(() => {}); } catch (e) { log(e.code, e.message); }
