// What programs see of an emitter's own table.
const EventEmitter = require('events');
const e = new EventEmitter();
console.log(Object.keys(e._events), Object.getPrototypeOf(e._events));
const a = () => {}, b = () => {};
e.on('x', a);
console.log(e._events.x === a, e._events.hasOwnProperty, 'x' in e._events, 'y' in e._events);
e.on('x', b);
console.log(Array.isArray(e._events.x), e._events.x.length, e._events.x.indexOf(b));
e.prependListener('x', b);
console.log(e._events.x.length, e._events.x[0] === b);
e.removeListener('x', b);
console.log(e._events.x.length, e._events.x[0] === b, e._events.x[1] === a);
e.removeListener('x', b);
console.log(e._events.x === a);
e.on('toString', a).on('hasOwnProperty', a);
console.log(Object.keys(e._events).join());
e.removeAllListeners('toString');
console.log(Object.keys(e._events).join(), JSON.stringify(e.eventNames()));
e.removeAllListeners();
console.log(Object.keys(e._events).length);
class Sub extends EventEmitter { constructor() { super(); this.own = this._events; } }
console.log(new Sub().own !== new Sub().own);
function Old() { EventEmitter.call(this); }
Object.setPrototypeOf(Old.prototype, new EventEmitter());
const o1 = new Old(), o2 = new Old();
o1.on('z', a);
console.log(o2.listenerCount('z'), o1.listenerCount('z'));
// An error that cannot be inspected
try {
  e.emit('error', { [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('no'); } });
} catch (err) { console.log(err.code, err.message); }
// pipe to an emitter without prependListener
const { Readable, Writable } = require('stream');
const w = new Writable({ write(c, enc, cb) { console.log('got', String(c)); cb(); } });
w.prependListener = undefined;
w.on('error', () => {});
Readable.from(['p']).pipe(w).on('finish', () => console.log('finish', w._events.error.length));
