-- SPDX-License-Identifier: MIT
--
-- structuredClone of JavaScript's values (HTML Standard, 2.7), in JavaScript, compiled when it is first called.
local rt = ...
if rt.structured_clone then return end

local source = [==[
'use strict';
const { types } = require('util');
const hidden = (f) => Object.defineProperty(f, 'length', { value: 0, configurable: true });
const ERRORS = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

function refuse(value) {
  let text;
  try { text = typeof value === 'symbol' ? value.toString() : typeof value === 'function' ? Function.prototype.toString.call(value) : `#<${value.constructor?.name || 'Object'}>`; } catch { text = '#<Object>'; }
  throw new DOMException(`${text} could not be cloned.`, 'DataCloneError');
}

function clone(value, seen) {
  if (typeof value === 'symbol' || typeof value === 'function') refuse(value);
  if (value === null || typeof value !== 'object') return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  const keep = (made) => { seen.set(value, made); return made; };
  if (types.isBoxedPrimitive(value)) { if (types.isSymbolObject(value)) refuse(value); return keep(Object(value.valueOf())); }
  if (types.isDate(value)) return keep(new Date(Date.prototype.getTime.call(value)));
  if (types.isRegExp(value)) return keep(new RegExp(value.source, value.flags));
  if (types.isAnyArrayBuffer(value)) return keep(value.slice(0));
  if (ArrayBuffer.isView(value)) {
    if (Buffer.isBuffer(value)) return keep(new Uint8Array(value));
    const buffer = clone(value.buffer, seen);
    const C = types.isDataView(value) ? DataView : globalThis[value[Symbol.toStringTag]];
    return keep(new C(buffer, value.byteOffset, types.isDataView(value) ? value.byteLength : value.length));
  }
  if (types.isMap(value)) {
    const made = keep(new Map());
    for (const [k, v] of [...Map.prototype.entries.call(value)]) made.set(clone(k, seen), clone(v, seen));
    return made;
  }
  if (types.isSet(value)) {
    const made = keep(new Set());
    for (const v of [...Set.prototype.values.call(value)]) made.add(clone(v, seen));
    return made;
  }
  if (value instanceof DOMException && types.isNativeError(value)) {
    const made = keep(new DOMException(value.message, value.name));
    Object.defineProperty(made, 'stack', { value: String(value.stack), writable: true, configurable: true, enumerable: false });
    return made;
  }
  if (types.isNativeError(value)) {
    const C = ERRORS[value.name] || Error, d = Object.getOwnPropertyDescriptor(value, 'message');
    const made = keep(d && 'value' in d ? new C(String(d.value)) : new C());
    Object.defineProperty(made, 'stack', { value: String(value.stack), writable: true, configurable: true, enumerable: false });
    if (Object.hasOwn(value, 'cause')) Object.defineProperty(made, 'cause', { value: clone(value.cause, seen), writable: true, configurable: true, enumerable: false });
    return made;
  }
  if (Array.isArray(value)) {
    const made = keep(new Array(value.length));
    for (const k of Object.keys(value)) made[k] = clone(value[k], seen);
    return made;
  }
  if (types.isPromise(value) || types.isProxy(value) || types.isWeakMap(value) || types.isWeakSet(value) || types.isGeneratorObject(value) || value instanceof WeakRef) refuse(value);
  const made = keep({});
  for (const k of Object.keys(value)) made[k] = clone(value[k], seen);
  return made;
}

exports.structuredClone = hidden(function structuredClone(value, options) {
  if (arguments.length === 0) throw Object.assign(new TypeError('The "value" argument must be specified'), { code: 'ERR_MISSING_ARGS' });
  const transfer = options?.transfer === undefined ? [] : [...options.transfer];
  for (const each of transfer) {
    if (each instanceof DOMException) throw new DOMException('Value could not be transferred', 'DataCloneError');
    if (!types.isArrayBuffer(each)) throw Object.assign(new TypeError('Found invalid object in transferList'), { code: 'ERR_INVALID_TRANSFER_OBJECT' });
    if (isDetached(each)) throw new DOMException('An ArrayBuffer is detached and could not be cloned.', 'DataCloneError');
  }
  if (new Set(transfer).size < transfer.length) throw new DOMException('Transfer list contains duplicate ArrayBuffer', 'DataCloneError');
  const made = clone(value, new Map());
  for (const each of transfer) detach(each);
  return made;
});
]==]

local exports = rt.object_of(rt.ObjectPrototype)
local main = rt.load(source, "lunode:compat/clone", { goal = "function", params = "exports require detach isDetached" }, rt)
local function given(name, length, f) return rt.native(name, length, rt.lua.setfenv(f, rt.global)) end
main(exports, exports, given("require", 1, function(_, name) return rt.node_module(name) end),
  given("detach", 1, function(_, buffer) rt.detach(buffer) end), given("isDetached", 1, function(_, buffer) return rt.is_detached(buffer) end))
rt.structured_clone = exports.structuredClone
