'use strict';
const domain = require('domain');
const EventEmitter = require('events');
const d = domain.create();
console.log(process.domain, domain.active == null);
d.on('error', (e) => console.log(e.message, e.domain === d, e.domainThrown, process.domain == null, Object.keys(e).sort()));
const emitter = new EventEmitter();
d.add(emitter);
emitter.emit('error', new Error('emitted'));
d.run(() => {
  console.log(process.domain === d, domain._stack.length);
  setTimeout(() => { throw new Error('timer'); }, 5);
  process.nextTick(() => { throw new Error('tick'); });
  console.log(new EventEmitter().domain === d);
});
d.bind((a) => console.log(a, process.domain === d))(1);
d.intercept(() => {})(new Error('intercepted'));
