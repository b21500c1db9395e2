-- SPDX-License-Identifier: MIT
--
-- util.types (Node 20 docs: util.types): what kind of value something is, as its model has it (inspect/floor.lua). Kinds that only
-- JavaScript has answer false while only Lua runs. A Buffer is a Uint8Array.
local class = require "lunode.internal.class"
require "lunode.util.inspect"
local floor = require "lunode.util.inspect.floor"
local text = require "lunode.util.inspect.text"

local type, getmetatable = type, getmetatable
local M = {}

local OBJECTS = { table = true, userdata = true, ["function"] = true, thread = true, cdata = true }

-- -> kind, model; nil for what is no object
local function kind_of(value)
  if not OBJECTS[type(value)] then return nil end
  local model = floor.model_of(value)
  if model.proxy and model.proxy(value) ~= nil then return "proxy", model end
  return model.kind(value), model
end

-- isDate(value: any) -> boolean: a Date
-- isRegExp(value: any) -> boolean: a RegExp
-- isMap(value: any) -> boolean: a Map
-- isSet(value: any) -> boolean: a Set
-- isWeakMap(value: any) -> boolean: a WeakMap
-- isWeakSet(value: any) -> boolean: a WeakSet
-- isPromise(value: any) -> boolean: a promise of ours
-- isMapIterator(value: any) -> boolean: an iterator over a Map
-- isSetIterator(value: any) -> boolean: an iterator over a Set
-- isNativeError(value: any) -> boolean: an Error
-- isArgumentsObject(value: any) -> boolean: JavaScript's `arguments`
-- isDataView(value: any) -> boolean: a DataView
-- isModuleNamespaceObject(value: any) -> boolean: a module's namespace object
-- isBoxedPrimitive(value: any) -> boolean: a Number, String, Boolean, Symbol or BigInt object
-- isTypedArray(value: any) -> boolean: a typed array, or a Buffer
-- isAnyArrayBuffer(value: any) -> boolean: an ArrayBuffer or SharedArrayBuffer
-- isProxy(value: any) -> boolean: a Proxy
for name, kind in pairs {
  isDate = "date", isRegExp = "regexp", isMap = "map", isSet = "set", isWeakMap = "weak_map", isWeakSet = "weak_set", isPromise = "promise",
  isMapIterator = "map_iterator", isSetIterator = "set_iterator", isNativeError = "error", isArgumentsObject = "arguments", isDataView = "view",
  isModuleNamespaceObject = "module", isBoxedPrimitive = "boxed", isTypedArray = "typed", isAnyArrayBuffer = "buffer", isProxy = "proxy",
} do
  M[name] = function(value) return kind_of(value) == kind end
end

-- One of a kind whose values have names.
local function named(kind, names)
  for _, name in ipairs(names) do
    M[kind == "boxed" and "is" .. name .. "Object" or "is" .. name] = function(value)
      local found, model = kind_of(value)
      return found == kind and model.type_name(value) == name
    end
  end
end
-- isNumberObject(value: any) -> boolean: a Number object
-- isStringObject(value: any) -> boolean: a String object
-- isBooleanObject(value: any) -> boolean: a Boolean object
-- isSymbolObject(value: any) -> boolean: a Symbol object
-- isBigIntObject(value: any) -> boolean: a BigInt object
named("boxed", { "Number", "String", "Boolean", "Symbol", "BigInt" })
-- isArrayBuffer(value: any) -> boolean: an ArrayBuffer
-- isSharedArrayBuffer(value: any) -> boolean: a SharedArrayBuffer
named("buffer", { "ArrayBuffer", "SharedArrayBuffer" })
-- isUint8ClampedArray(value: any) -> boolean: such a typed array
-- isUint16Array(value: any) -> boolean: such a typed array
-- isUint32Array(value: any) -> boolean: such a typed array
-- isInt8Array(value: any) -> boolean: such a typed array
-- isInt16Array(value: any) -> boolean: such a typed array
-- isInt32Array(value: any) -> boolean: such a typed array
-- isFloat32Array(value: any) -> boolean: such a typed array
-- isFloat64Array(value: any) -> boolean: such a typed array
-- isBigInt64Array(value: any) -> boolean: such a typed array
-- isBigUint64Array(value: any) -> boolean: such a typed array
named("typed", {
  "Uint8ClampedArray", "Uint16Array", "Uint32Array", "Int8Array", "Int16Array", "Int32Array", "Float32Array", "Float64Array",
  "BigInt64Array", "BigUint64Array",
})

-- isUint8Array(value: any) -> boolean: a Uint8Array, or a Buffer
function M.isUint8Array(value)
  local mt = type(value) == "userdata" and getmetatable(value)
  if type(mt) == "table" and mt.is_buffer == true then return true end
  local kind, model = kind_of(value)
  return kind == "typed" and model.type_name(value) == "Uint8Array"
end
local is_typed = M.isTypedArray
function M.isTypedArray(value) return M.isUint8Array(value) or is_typed(value) end
-- isArrayBufferView(value: any) -> boolean: a typed array, a Buffer or a DataView
function M.isArrayBufferView(value) return M.isTypedArray(value) or M.isDataView(value) end

local function function_type(value)
  local kind, model = kind_of(value)
  return kind == "function" and model.type_name(value) or ""
end
-- isAsyncFunction(value: any) -> boolean: an async function of JavaScript; a Lua function does not tell whether it awaits
function M.isAsyncFunction(value) return function_type(value):find "^Async" ~= nil end
-- isGeneratorFunction(value: any) -> boolean: a generator function of JavaScript
function M.isGeneratorFunction(value) return function_type(value):find "Generator" ~= nil end
-- isGeneratorObject(value: any) -> boolean: a generator, or a coroutine
function M.isGeneratorObject(value)
  local _, model = kind_of(value)
  return type(value) == "thread" or model ~= nil and model.tag ~= nil and model.tag(value, "", "object") == "Generator"
end

-- isKeyObject(value: any) -> boolean: a KeyObject of crypto
-- isCryptoKey(value: any) -> boolean: a CryptoKey of webcrypto
for name, path in pairs { KeyObject = "lunode.crypto.keys", CryptoKey = "lunode.crypto.crypto_key" } do
  M["is" .. name] = function(value)
    local keys = package.loaded[path]
    local C = type(keys) == "table" and keys[name]
    return class.is_class(C) and C:is(value)
  end
end

-- isExternal(value: any) -> boolean: false: there are no such values
function M.isExternal() return false end
-- isClass(value: any) -> boolean: a class of lunode.class
function M.isClass(value) return class.is_class(value) end
-- isBigInt(value: any) -> boolean: a 64-bit integer of LuaJIT
function M.isBigInt(value) return text.bigint(value) ~= nil end

return M
