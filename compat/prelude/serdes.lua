-- SPDX-License-Identifier: MIT
--
-- v8.Serializer and its kin for JavaScript's values, in JavaScript, compiled when first asked for. The format is that of V8's value-serializer.cc,
-- version 15; how typed arrays and Buffers travel is Node's (lib/v8.js; of messages: lib/internal/child_process/serialization.js).
local rt = ...
if rt.serdes then return end

local source = [==[
'use strict';
const { types } = require('util');
const { Buffer } = require('buffer');
const VERSION = 15;
const VIEWS = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array, DataView, Buffer,
  BigInt64Array, BigUint64Array];
const ERRORS = { EvalError: 'E', RangeError: 'R', ReferenceError: 'F', SyntaxError: 'S', TypeError: 'T', URIError: 'U' };
const ERROR_CLASSES = { E: EvalError, R: RangeError, F: ReferenceError, S: SyntaxError, T: TypeError, U: URIError };
const FLAGS = [['g', 1], ['i', 2], ['m', 4], ['y', 8], ['u', 16], ['s', 32], ['d', 128], ['v', 256]];
// What a view is on the wire when it comes behind its buffer.
const SUBTAGS = { b: Int8Array, B: Uint8Array, C: Uint8ClampedArray, w: Int16Array, W: Uint16Array, d: Int32Array, D: Uint32Array, f: Float32Array,
  F: Float64Array, '?': DataView, q: BigInt64Array, Q: BigUint64Array };
const code = (c) => c.charCodeAt(0);
const SUBTAG_OF = new Map(Object.keys(SUBTAGS).map((k) => [SUBTAGS[k], code(k)]));
const [UNDEFINED, NULL, TRUE, FALSE, INT, DOUBLE, BIGINT, ONE_BYTE, TWO_BYTE, UTF8, OBJECT, OBJECT_END, DENSE, DENSE_END, SPARSE, SPARSE_END, HOLE, DATE, REGEXP,
  MAP, MAP_END, SET, SET_END, BUFFER, VIEW, ERROR, REFERENCE, HOST, BOX_TRUE, BOX_FALSE, BOX_NUMBER, BOX_BIGINT, BOX_STRING, PADDING, RESIZABLE, VERIFY, UINT, TRANSFERRED] =
  [..."_0TFINZ\"cSo{A$a@-DR;:',BVr^\\yxnzs\0~?Ut"].map(code);
const index = /^(?:0|[1-9]\d{0,9})$/;
const isIndex = (k) => index.test(k) && +k < 4294967295;
const hidden = (o, k, value) => Object.defineProperty(o, k, { value, writable: true, configurable: true, enumerable: false });

class Serializer {
  #bytes = Buffer.allocUnsafe(64);
  #at = 0;
  #ids = new Map();
  #transferred = new Map();
  #views = false;

  #room(n) {
    const need = this.#at + n;
    if (need <= this.#bytes.length) return this.#bytes;
    const more = Buffer.allocUnsafe(Math.max(need, this.#bytes.length * 2));
    this.#bytes.copy(more, 0, 0, this.#at);
    return this.#bytes = more;
  }
  #tag(tag) {
    const bytes = this.#room(1);
    bytes[this.#at++] = tag;
  }
  #varint(n) {
    const bytes = this.#room(10);
    while (n >= 128) {
      bytes[this.#at++] = n % 128 + 128;
      n = Math.floor(n / 128);
    }
    bytes[this.#at++] = n;
  }
  #double(n) {
    this.#room(8).writeDoubleLE(n, this.#at);
    this.#at += 8;
  }
  #raw(source) {
    const bytes = this.#room(source.byteLength);
    const from = Buffer.isBuffer(source) ? source : ArrayBuffer.isView(source) ? Buffer.from(source.buffer, source.byteOffset, source.byteLength) : Buffer.from(source);
    from.copy(bytes, this.#at);
    this.#at += from.length;
  }
  #string(s) {
    if (!/[^\x00-\xff]/.test(s)) {
      this.#tag(ONE_BYTE);
      this.#varint(s.length);
      this.#room(s.length).latin1Write(s, this.#at);
      this.#at += s.length;
      return;
    }
    const n = s.length * 2;
    let sized = 1;
    for (let rest = n; rest >= 128; rest = Math.floor(rest / 128)) sized++;
    if ((this.#at + 1 + sized) % 2 !== 0) this.#tag(PADDING);
    this.#tag(TWO_BYTE);
    this.#varint(n);
    this.#room(n).ucs2Write(s, this.#at);
    this.#at += n;
  }
  #bigint(n) {
    let rest = n < 0n ? -n : n;
    const words = [];
    for (; rest > 0n; rest >>= 64n) words.push(rest & 0xffffffffffffffffn);
    this.#varint(words.length * 16 + (n < 0n ? 1 : 0));
    for (const word of words) {
      this.#room(8).writeBigUInt64LE(word, this.#at);
      this.#at += 8;
    }
  }
  #number(n) {
    if (n === (n | 0) && !Object.is(n, -0)) {
      this.#tag(INT);
      this.#varint(n >= 0 ? n * 2 : -n * 2 - 1);
    } else {
      this.#tag(DOUBLE);
      this.#double(n);
    }
  }
  #refuse(value) {
    let text;
    try {
      text = typeof value === 'symbol' ? value.toString() : typeof value === 'function' ? Function.prototype.toString.call(value) : `#<${value.constructor?.name || 'Object'}>`;
    } catch { text = '#<Object>'; }
    const make = this._getDataCloneError || Error;
    throw make === Error ? new Error(`${text} could not be cloned.`) : Reflect.construct(make, [`${text} could not be cloned.`]);
  }
  // The properties, from the first key on; how many there were.
  #properties(value, keys) {
    let n = 0;
    for (const k of keys) {
      if (!Object.hasOwn(value, k)) continue; // a getter has deleted it
      const v = value[k];
      if (isIndex(k)) this.#number(+k); else this.#string(k);
      this.#value(v);
      n++;
    }
    return n;
  }
  #array(value) {
    const length = value.length, keys = Object.keys(value);
    let dense = keys.length >= length;
    for (let i = 0; dense && i < length; i++) dense = keys[i] === String(i);
    if (dense) {
      this.#tag(DENSE);
      this.#varint(length);
      for (let i = 0; i < length; i++) {
        if (i < value.length && Object.hasOwn(value, i)) this.#value(value[i]); else this.#tag(HOLE);
      }
      const n = this.#properties(value, keys.slice(length));
      this.#tag(DENSE_END);
      this.#varint(n);
    } else {
      this.#tag(SPARSE);
      this.#varint(length);
      const n = this.#properties(value, keys);
      this.#tag(SPARSE_END);
      this.#varint(n);
    }
    this.#varint(length);
  }
  #error(value) {
    this.#tag(ERROR);
    const kind = ERRORS[value.name];
    if (kind) this.#tag(code(kind));
    const message = Object.getOwnPropertyDescriptor(value, 'message');
    if (message && 'value' in message) {
      this.#tag(code('m'));
      this.#string(String(message.value));
    }
    if (Object.hasOwn(value, 'cause')) {
      this.#tag(code('c'));
      this.#value(value.cause);
    }
    if (typeof value.stack === 'string') {
      this.#tag(code('s'));
      this.#string(value.stack);
    }
    this.#tag(code('.'));
  }
  #buffer(value) {
    const id = this.#transferred.get(value);
    if (id !== undefined) {
      this.#tag(TRANSFERRED);
      this.#varint(id);
      return;
    }
    if (value.resizable) {
      this.#tag(RESIZABLE);
      this.#varint(value.byteLength);
      this.#varint(value.maxByteLength);
    } else {
      this.#tag(BUFFER);
      this.#varint(value.byteLength);
    }
    this.#raw(value);
  }
  #view(value) {
    this.#tag(VIEW);
    const C = types.isDataView(value) ? DataView : globalThis[value[Symbol.toStringTag]];
    this.#tag(SUBTAG_OF.get(C));
    this.#varint(value.byteOffset);
    this.#varint(value.byteLength);
    this.#varint(0);
  }
  #object(value) {
    const known = this.#ids.get(value);
    if (known !== undefined) {
      this.#tag(REFERENCE);
      this.#varint(known);
      return;
    }
    const view = ArrayBuffer.isView(value);
    if (view && !this.#views && !this.#ids.has(value.buffer)) this.#object(value.buffer);
    this.#ids.set(value, this.#ids.size);
    if (view) {
      if (!this.#views) return this.#view(value);
      this.#tag(HOST);
      return this._writeHostObject(value);
    }
    if (Array.isArray(value) && !types.isProxy(value)) return this.#array(value);
    if (types.isDate(value)) {
      this.#tag(DATE);
      return this.#double(Date.prototype.getTime.call(value));
    }
    if (types.isRegExp(value)) {
      this.#tag(REGEXP);
      this.#string(value.source);
      let flags = 0;
      for (const [c, bit] of FLAGS) if (value.flags.includes(c)) flags += bit;
      return this.#varint(flags);
    }
    if (types.isMap(value)) {
      const list = [...Map.prototype.entries.call(value)];
      this.#tag(MAP);
      for (const [k, v] of list) {
        this.#value(k);
        this.#value(v);
      }
      this.#tag(MAP_END);
      return this.#varint(list.length * 2);
    }
    if (types.isSet(value)) {
      const list = [...Set.prototype.values.call(value)];
      this.#tag(SET);
      for (const v of list) this.#value(v);
      this.#tag(SET_END);
      return this.#varint(list.length);
    }
    if (types.isArrayBuffer(value)) return this.#buffer(value);
    if (types.isNativeError(value)) return this.#error(value);
    if (types.isBoxedPrimitive(value)) {
      const inner = value.valueOf();
      switch (typeof inner) {
        case 'boolean': return this.#tag(inner ? BOX_TRUE : BOX_FALSE);
        case 'number': this.#tag(BOX_NUMBER); return this.#double(inner);
        case 'bigint': this.#tag(BOX_BIGINT); return this.#bigint(inner);
        case 'string': this.#tag(BOX_STRING); return this.#string(inner);
        default: return this.#refuse(value);
      }
    }
    if (isHost(value)) {
      this.#tag(HOST);
      return this._writeHostObject(value);
    }
    if (types.isPromise(value) || types.isProxy(value) || types.isWeakMap(value) || types.isWeakSet(value) || types.isGeneratorObject(value) ||
        types.isSharedArrayBuffer(value) || value instanceof WeakRef) return this.#refuse(value);
    this.#tag(OBJECT);
    const n = this.#properties(value, Object.keys(value));
    this.#tag(OBJECT_END);
    this.#varint(n);
  }
  #value(value) {
    switch (typeof value) {
      case 'undefined': return this.#tag(UNDEFINED);
      case 'boolean': return this.#tag(value ? TRUE : FALSE);
      case 'number': return this.#number(value);
      case 'string': return this.#string(value);
      case 'bigint':
        this.#tag(BIGINT);
        return this.#bigint(value);
      case 'object': return value === null ? this.#tag(NULL) : this.#object(value);
      default: return this.#refuse(value);
    }
  }

  writeHeader() {
    this.#tag(0xff);
    this.#tag(VERSION);
  }
  writeValue(value) {
    this.#value(value);
    return true;
  }
  releaseBuffer() {
    const made = this.#bytes.subarray(0, this.#at);
    this.#bytes = Buffer.allocUnsafe(64);
    this.#at = 0;
    return made;
  }
  transferArrayBuffer(id, buffer) { this.#transferred.set(buffer, id >>> 0); }
  writeUint32(value) { this.#varint(value >>> 0); }
  writeUint64(hi, lo) {
    const bytes = this.#room(10);
    for (let rest = BigInt(hi >>> 0) << 32n | BigInt(lo >>> 0); ; rest >>= 7n) {
      if (rest < 128n) {
        bytes[this.#at++] = Number(rest);
        break;
      }
      bytes[this.#at++] = Number(rest & 127n) + 128;
    }
  }
  writeDouble(value) { this.#double(+value); }
  writeRawBytes(source) {
    if (!ArrayBuffer.isView(source) && !types.isAnyArrayBuffer(source)) {
      throw Object.assign(new TypeError('source must be a TypedArray or a DataView'), { code: 'ERR_INVALID_ARG_TYPE' });
    }
    this.#raw(source);
  }
  _setTreatArrayBufferViewsAsHostObjects(on) { this.#views = Boolean(on); }
  _writeHostObject(value) { this.#refuse(value); }
}
hidden(Serializer.prototype, '_getDataCloneError', Error);

class Deserializer {
  #bytes;
  #at = 0;
  #objects = [];
  #transferred = new Map();
  #version = 0;

  constructor(buffer) {
    if (!ArrayBuffer.isView(buffer)) throw Object.assign(new TypeError('buffer must be a TypedArray or a DataView'), { code: 'ERR_INVALID_ARG_TYPE' });
    this.buffer = buffer;
    this.#bytes = Buffer.isBuffer(buffer) ? buffer : Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }
  #bad() { throw new Error('Unable to deserialize cloned data.'); }
  #tag() {
    const bytes = this.#bytes;
    while (this.#at < bytes.length) {
      const tag = bytes[this.#at++];
      if (tag !== PADDING) return tag;
    }
    this.#bad();
  }
  #varint() {
    let n = 0, scale = 1;
    for (;;) {
      const b = this.#bytes[this.#at++];
      if (b === undefined) this.#bad();
      n += (b & 127) * scale;
      if (b < 128) return n;
      scale *= 128;
      if (scale > 1e22) this.#bad();
    }
  }
  #take(n) {
    const from = this.#at;
    if (!(n <= this.#bytes.length - from)) this.#bad();
    this.#at = from + n;
    return from;
  }
  #double() { return this.#bytes.readDoubleLE(this.#take(8)); }
  #bigint() {
    const field = this.#varint(), n = Math.floor(field / 2);
    let from = this.#take(n), made = 0n, shift = 0n;
    for (let i = 0; i < n; i += 8, shift += 64n) {
      let word = 0n;
      for (let k = Math.min(8, n - i) - 1; k >= 0; k--) word = word << 8n | BigInt(this.#bytes[from + i + k]);
      made |= word << shift;
    }
    return field % 2 ? -made : made;
  }
  #string(tag) {
    const n = this.#varint(), from = this.#take(n);
    return this.#bytes.toString(tag === ONE_BYTE ? 'latin1' : tag === TWO_BYTE ? 'utf16le' : 'utf8', from, from + n);
  }
  #text() {
    const tag = this.#tag();
    if (tag !== ONE_BYTE && tag !== TWO_BYTE && tag !== UTF8) this.#bad();
    return this.#string(tag);
  }
  #keep(made) {
    this.#objects.push(made);
    return made;
  }
  #properties(made, end) {
    let n = 0;
    for (;;) {
      const tag = this.#tag();
      if (tag === end) {
        if (this.#varint() !== n) this.#bad();
        return made;
      }
      const key = this.#value(tag);
      if (typeof key !== 'string' && typeof key !== 'number') this.#bad();
      const value = this.#value(this.#tag());
      if (key === '__proto__') Object.defineProperty(made, key, { value, writable: true, enumerable: true, configurable: true }); else made[key] = value;
      n++;
    }
  }
  #dense() {
    const length = this.#varint();
    if (length > this.#bytes.length - this.#at) this.#bad();
    const made = this.#keep([]);
    made.length = length;
    for (let i = 0; i < length; i++) {
      const tag = this.#tag();
      if (tag !== HOLE) made[i] = this.#value(tag);
    }
    this.#properties(made, DENSE_END);
    if (this.#varint() !== length) this.#bad();
    return made;
  }
  #sparse() {
    const length = this.#varint();
    const made = this.#keep([]);
    made.length = length;
    this.#properties(made, SPARSE_END);
    this.#varint();
    return made;
  }
  #map() {
    const made = this.#keep(new Map());
    let n = 0;
    for (;;) {
      const tag = this.#tag();
      if (tag === MAP_END) break;
      const key = this.#value(tag);
      made.set(key, this.#value(this.#tag()));
      n += 2;
    }
    if (this.#varint() !== n) this.#bad();
    return made;
  }
  #set() {
    const made = this.#keep(new Set());
    let n = 0;
    for (;;) {
      const tag = this.#tag();
      if (tag === SET_END) break;
      made.add(this.#value(tag));
      n++;
    }
    if (this.#varint() !== n) this.#bad();
    return made;
  }
  #error() {
    const at = this.#objects.length;
    this.#objects.push(undefined);
    let C = Error, message, cause, stack, caused = false;
    for (;;) {
      const tag = String.fromCharCode(this.#tag());
      if (tag === '.') break;
      if (tag in ERROR_CLASSES) C = ERROR_CLASSES[tag];
      else if (tag === 'm') message = this.#text();
      else if (tag === 's') stack = this.#text();
      else if (tag === 'c') {
        caused = true;
        cause = this.#value(this.#tag());
      } else this.#bad();
    }
    const made = message === undefined ? new C() : new C(message);
    this.#objects[at] = made;
    hidden(made, 'stack', stack);
    if (caused) hidden(made, 'cause', cause);
    return made;
  }
  // A buffer may have views behind it: the value is the last of them.
  #viewed(buffer) {
    if (this.#bytes[this.#at] !== VIEW) return buffer;
    this.#at++;
    const C = SUBTAGS[String.fromCharCode(this.#tag())];
    const offset = this.#varint(), length = this.#varint();
    if (this.#version >= 14) this.#varint();
    const size = C && (C.BYTES_PER_ELEMENT || 1);
    if (!C || offset + length > buffer.byteLength || offset % size || length % size) this.#bad();
    return this.#keep(new C(buffer, offset, length / size));
  }
  #buffer(resizable) {
    const n = this.#varint(), most = resizable ? this.#varint() : n;
    if (most < n) this.#bad();
    const from = this.#take(n);
    const made = resizable ? new ArrayBuffer(n, { maxByteLength: most }) : new ArrayBuffer(n);
    this.#bytes.copy(new Uint8Array(made), 0, from, from + n);
    return this.#viewed(this.#keep(made));
  }
  #value(tag) {
    switch (tag) {
      case UNDEFINED: return undefined;
      case NULL: return null;
      case TRUE: return true;
      case FALSE: return false;
      case INT: {
        const n = this.#varint();
        return n % 2 ? -(n + 1) / 2 : n / 2;
      }
      case UINT: return this.#varint();
      case DOUBLE: return this.#double();
      case BIGINT: return this.#bigint();
      case ONE_BYTE: case TWO_BYTE: case UTF8: return this.#string(tag);
      case REFERENCE: {
        const id = this.#varint();
        if (!(id < this.#objects.length)) this.#bad();
        const made = this.#objects[id];
        return types.isAnyArrayBuffer(made) ? this.#viewed(made) : made;
      }
      case OBJECT: return this.#properties(this.#keep({}), OBJECT_END);
      case DENSE: return this.#dense();
      case SPARSE: return this.#sparse();
      case DATE: return this.#keep(new Date(this.#double()));
      case REGEXP: {
        const text = this.#text(), bits = this.#varint();
        let made;
        try { made = new RegExp(text, FLAGS.map(([c, bit]) => bits & bit ? c : '').join('')); } catch { this.#bad(); }
        return this.#keep(made);
      }
      case MAP: return this.#map();
      case SET: return this.#set();
      case BUFFER: return this.#buffer(false);
      case RESIZABLE: return this.#buffer(true);
      case TRANSFERRED: {
        const made = this.#transferred.get(this.#varint());
        if (!made) this.#bad();
        return this.#viewed(this.#keep(made));
      }
      case ERROR: return this.#error();
      case BOX_TRUE: return this.#keep(Object(true));
      case BOX_FALSE: return this.#keep(Object(false));
      case BOX_NUMBER: return this.#keep(Object(this.#double()));
      case BOX_BIGINT: return this.#keep(Object(this.#bigint()));
      case BOX_STRING: return this.#keep(Object(this.#text()));
      case HOST: {
        const at = this.#objects.length;
        this.#objects.push(undefined);
        const made = this._readHostObject();
        this.#objects[at] = made;
        return made;
      }
      case VERIFY:
        this.#varint();
        return this.#value(this.#tag());
      default: return this.#bad();
    }
  }

  readHeader() {
    if (this.#bytes[this.#at] === 0xff) {
      this.#at++;
      if (this.#at < this.#bytes.length && (this.#version = this.#varint()) <= VERSION) return true;
    }
    throw new Error('Unable to deserialize cloned data due to invalid or unsupported version.');
  }
  readValue() { return this.#value(this.#tag()); }
  getWireFormatVersion() { return this.#version; }
  transferArrayBuffer(id, buffer) { this.#transferred.set(id >>> 0, buffer); }
  #number() {
    if (this.#at >= this.#bytes.length) return undefined;
    return this.#varint();
  }
  readUint32() {
    const n = this.#number();
    if (n === undefined) throw new Error('ReadUint32() failed');
    return n >>> 0;
  }
  readUint64() {
    let n = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const b = this.#bytes[this.#at++];
      if (b === undefined) throw new Error('ReadUint64() failed');
      n |= BigInt(b & 127) << shift;
      if (b < 128) break;
    }
    return [Number(n >> 32n & 0xffffffffn), Number(n & 0xffffffffn)];
  }
  readDouble() {
    if (this.#bytes.length - this.#at < 8) throw new Error('ReadDouble() failed');
    return this.#double();
  }
  _readRawBytes(length) {
    if (!(length <= this.#bytes.length - this.#at)) throw new Error('ReadRawBytes() failed');
    return this.#take(length);
  }
  readRawBytes(length) {
    const from = this._readRawBytes(length);
    return this.#bytes.subarray(from, from + length);
  }
  _readHostObject() { throw Object.assign(new Error('The _readHostObject() method is not implemented'), { code: 'ERR_METHOD_NOT_IMPLEMENTED' }); }
}

class DefaultSerializer extends Serializer {
  constructor() {
    super();
    this._setTreatArrayBufferViewsAsHostObjects(true);
  }
  _writeHostObject(view) {
    if (!ArrayBuffer.isView(view)) return super._writeHostObject(view);
    let i = Buffer.isBuffer(view) ? 10 : types.isDataView(view) ? 9 : -1;
    if (i < 0) i = VIEWS.indexOf(globalThis[view[Symbol.toStringTag]]);
    this.writeUint32(i);
    this.writeUint32(view.byteLength);
    this.writeRawBytes(view);
  }
}

class DefaultDeserializer extends Deserializer {
  _readHostObject() {
    const C = VIEWS[this.readUint32()], n = this.readUint32();
    const size = C && (C === Buffer ? 1 : C.BYTES_PER_ELEMENT || 1);
    if (!C || n % size) throw new Error('Unable to deserialize cloned data.');
    const from = this._readRawBytes(n), at = this.buffer.byteOffset + from;
    if (C === Buffer) return Buffer.from(this.buffer.buffer, at, n);
    if (at % size === 0) return new C(this.buffer.buffer, at, n / size);
    const copy = new Uint8Array(this.buffer.buffer, at, n).slice();
    return new C(copy.buffer, 0, n / size);
  }
}

// Messages between processes: what is no view goes as its properties.
class MessageSerializer extends DefaultSerializer {
  _writeHostObject(value) {
    const view = ArrayBuffer.isView(value);
    this.writeUint32(view ? 0 : 1);
    if (view) super._writeHostObject(value); else this.writeValue({ ...value });
  }
}
class MessageDeserializer extends DefaultDeserializer {
  _readHostObject() { return this.readUint32() === 0 ? super._readHostObject() : this.readValue(); }
}

exports.Serializer = Serializer;
exports.Deserializer = Deserializer;
exports.DefaultSerializer = DefaultSerializer;
exports.DefaultDeserializer = DefaultDeserializer;
exports.serialize = function serialize(value) {
  const made = new DefaultSerializer();
  made.writeHeader();
  made.writeValue(value);
  return made.releaseBuffer();
};
exports.deserialize = function deserialize(buffer) {
  if (!ArrayBuffer.isView(buffer) && !types.isAnyArrayBuffer(buffer)) {
    throw Object.assign(new TypeError('buffer must be a TypedArray or a DataView'), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  const made = new DefaultDeserializer(ArrayBuffer.isView(buffer) ? buffer : new Uint8Array(buffer));
  made.readHeader();
  return made.readValue();
};
exports.encode = (value) => {
  const made = new MessageSerializer();
  made.writeHeader();
  made.writeValue(value);
  return made.releaseBuffer();
};
exports.decode = (bytes) => {
  const made = new MessageDeserializer(bytes);
  made.readHeader();
  return made.readValue();
};
]==]

local exports = rt.object_of(rt.ObjectPrototype)
local main = rt.load(source, "lunode:compat/serdes", { goal = "function", params = "exports require isHost" }, rt)
local function given(name, length, f) return rt.native(name, length, rt.lua.setfenv(f, rt.global)) end
-- Objects that C made: handles, keys.
main(exports, exports, given("require", 1, function(_, name) return rt.node_module(name) end),
  given("isHost", 1, function(_, v) return rt.lua.type(v) == "userdata" end))
rt.serdes = exports
