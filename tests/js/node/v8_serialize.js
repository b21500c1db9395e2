// v8.serialize byte for byte, what comes back, the classes, and messages of serialization 'advanced'.
'use strict';
const v8 = require('v8');
const { fork } = require('child_process');
if (process.argv[2] === 'child') {
  process.on('message', (m) => process.send(m));
} else {
  class Point { constructor() { this.x = 1; } get y() { return 2; } }
  const cycle = { list: [] };
  cycle.self = cycle;
  cycle.list.push(cycle, cycle.list);
  const shared = new Date(7);
  const values = [undefined, null, true, false, 0, -0, 1, -1, 63, 64, -64, -65, 8191, 2147483647, -2147483648, 2147483648, 1.5, NaN, -Infinity, 0n, 1n, -1n, 2n ** 64n, -(2n ** 70n),
    '', 'ascii', 'é', 'aé€', '😀', new Map([[1, { a: 'b' }], ['k', new Set([1, 'x'])]]), new Set(), shared, [shared, shared], /a"b\/é/gimsuy, Object(1), Object(true), Object(false),
    Object('s'), Object(5n), [1, 2, 3], ['a', , 'c'], Object.assign([1], { x: 2 }), { 1: 'one', b: 2, u: undefined, n: null }, { __proto__: null, k: 1 }, new Point(),
    new Uint8Array([1, 2]), new Float32Array([1.5]), new BigInt64Array([-1n]), new DataView(new ArrayBuffer(3)), Buffer.from('buf'), new ArrayBuffer(4), new Uint16Array(new ArrayBuffer(8), 2, 2),
    cycle, [,], [undefined], Object.assign(Object.create({ inherited: 1 }), { own: 1 })];
  for (const v of values) {
    const bytes = v8.serialize(v);
    console.log(bytes.toString('hex'), v8.deserialize(bytes));
  }
  for (const E of [Error, TypeError, RangeError]) {
    const e = new E('msg', { cause: [1] });
    const back = v8.deserialize(v8.serialize(e));
    console.log(back instanceof E, back.message, back.cause, back.stack === e.stack, Object.keys(back));
  }
  for (const v of [() => 1, Symbol('s'), { f() {} }, Promise.resolve(), new WeakMap(), new Proxy({}, {})]) {
    try { console.log(v8.serialize(v)); } catch (e) { console.log(e.name, e.message); }
  }
  for (const hex of ['', 'ff', 'ff0f', 'ff7f5f', 'ff0f22', 'ff0f2205', 'ff0f5e07', 'ff0f6f2201617b00', 'ff0d6f2201614904', 'ff0f00005f']) {
    try { console.log(hex, v8.deserialize(Buffer.from(hex, 'hex'))); } catch (e) { console.log(hex, e.name, e.message); }
  }
  class Own extends v8.Serializer {
    _writeHostObject(v) { this.writeUint32(v.byteLength); this.writeUint64(1, 2); this.writeDouble(0.5); this.writeRawBytes(v); }
  }
  const own = new Own();
  own._setTreatArrayBufferViewsAsHostObjects(true);
  own.writeHeader();
  console.log(own.writeValue({ v: new Uint8Array([9, 8]) }));
  const bytes = own.releaseBuffer();
  class Back extends v8.Deserializer {
    _readHostObject() { const n = this.readUint32(); console.log(this.readUint64(), this.readDouble()); return this.readRawBytes(n); }
  }
  const back = new Back(bytes);
  console.log(bytes.toString('hex'), back.readHeader(), back.getWireFormatVersion(), back.readValue(), back.buffer === bytes);
  const views = new v8.Serializer();
  views.writeValue([new Uint16Array(new ArrayBuffer(8), 2, 2), 1]);
  console.log(views.releaseBuffer().toString('hex'));

  const child = fork(__filename, ['child'], { serialization: 'advanced' });
  const sent = [{ uint8: new Uint8Array(4) }, new Map([[{ a: 1 }, 2]]), cycle, Buffer.alloc(100000, 'x'), { date: shared, re: /x/y, set: new Set([NaN]), buf: Buffer.from('b') }, 'text', null];
  let i = 0;
  child.on('message', (m) => {
    console.log(Buffer.isBuffer(m) ? [m.length, m[5]] : m);
    if (++i < sent.length) child.send(sent[i]); else child.disconnect();
  });
  child.send(sent[0]);
}
