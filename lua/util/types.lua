-- SPDX-License-Identifier: MIT
--
-- util.types (Node 20 docs: util.types), for what exists in Lua. What only JavaScript has answers false.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"

local type, tostring, getmetatable = type, tostring, getmetatable
local M = {}

local function never() return false end

for _, name in ipairs {
  "isAnyArrayBuffer", "isArgumentsObject", "isArrayBuffer", "isBigInt64Array", "isBigUint64Array", "isBooleanObject", "isBoxedPrimitive",
  "isCryptoKey", "isDataView", "isExternal", "isFloat32Array", "isFloat64Array", "isGeneratorFunction", "isInt16Array",
  "isInt32Array", "isInt8Array", "isKeyObject", "isMapIterator", "isModuleNamespaceObject", "isNumberObject", "isProxy",
  "isSetIterator", "isSharedArrayBuffer", "isStringObject", "isSymbolObject", "isUint16Array", "isUint32Array",
  "isUint8ClampedArray", "isWeakMap", "isWeakSet", "isBigIntObject",
} do M[name] = never end

local function is_buffer(value)
  local mt = type(value) == "userdata" and getmetatable(value)
  return type(mt) == "table" and mt.is_buffer == true
end

-- Classes that are loaded when a value of them arrives in a message.
for _, name in ipairs { "Date", "Map", "Set", "RegExp" } do
  M["is" .. name] = function(value)
    local classes = package.loaded["lunode.internal.value_classes"]
    return classes ~= nil and type(value) == "table" and classes[name]:is(value)
  end
end

-- A Buffer is a Uint8Array.
M.isUint8Array, M.isTypedArray, M.isArrayBufferView = is_buffer, is_buffer, is_buffer

function M.isNativeError(value) return type(value) == "table" and errors.Error:is(value) end
function M.isPromise(value) return require("lunode.internal.promise").is(value) end
function M.isGeneratorObject(value) return type(value) == "thread" end
-- A Lua function does not tell whether it awaits.
M.isAsyncFunction = never

function M.isClass(value) return class.is_class(value) end
function M.isBigInt(value) return type(value) == "cdata" and tostring(value):find "^%-?%d+U?LL$" ~= nil end

return M
