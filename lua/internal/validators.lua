-- SPDX-License-Identifier: MIT
--
-- Argument checks. Each raises Node's error object (ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE …) and returns nothing,
-- but for the two doors to JavaScript:
--
--   fn = callback(fn, name)          for every function that the library will call without a self
--   fn = optional_callback(fn, name) the same, nil allowed
--   method, done = hook(self, name, done)   then method(self, …, done): for every method that users may override
--                                     and that is handed a callback (_write, _read, _destroy, lookup …)
--
-- bytes(x) gives the Buffer that x stands for: itself, or with JavaScript loaded one over a typed array's memory (door.bytes).
--
-- A Lua function comes back as it is. Once JavaScript has been loaded, `door.adapt` and `door.hook` are set and
-- adapt the calling convention (a JavaScript function's first parameter is `this`).
-- Two more fields of the door: door.wants_this(fn) says that fn is to be called with its object first (listeners get the
-- emitter, timers' callbacks the timer) and door.listener(fn, emitter, …) calls such a listener; door.parse(text) is
-- JSON.parse, door.kind(value) says of JavaScript's tables "array", "object", "bigint" or "symbol", door.text(v) is String(v), door.encode(v) and door.decode(bytes) take its values through a process's channel; door.method(fn) gives the Lua form of a method that is handed functions (a thenable's `then`).
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"

local type, error = type, error
local ARG_TYPE, ARG_VALUE, RANGE = errors.ERR_INVALID_ARG_TYPE, errors.ERR_INVALID_ARG_VALUE, errors.ERR_OUT_OF_RANGE

local M = {}
local door = { adapt = false, hook = false }
M.door = door

function M.callback(fn, name)
  if type(fn) ~= "function" then error(ARG_TYPE(name or "callback", "function", fn), 0) end
  if door.adapt then return door.adapt(fn) end
  return fn
end

-- A function whose first argument is a value, not an error or null: JavaScript's is given undefined for nil.
function M.visitor(fn, name)
  if type(fn) ~= "function" then error(ARG_TYPE(name or "callback", "function", fn), 0) end
  if door.visitor then return door.visitor(fn) end
  return fn
end

function M.optional_callback(fn, name)
  if fn == nil or fn == errors.null then return nil end
  return M.callback(fn, name)
end

function M.hook(self, name, done)
  if door.hook then return door.hook(self, name, done) end
  return self[name], done
end

-- A listener is kept as it is: EventEmitter calls JavaScript ones with `this`.
function M.validateFunction(value, name)
  if type(value) ~= "function" then error(ARG_TYPE(name, "function", value), 0) end
end

function M.validateString(value, name)
  if type(value) ~= "string" then error(ARG_TYPE(name, "string", value), 0) end
end

function M.validateBoolean(value, name)
  if type(value) ~= "boolean" then error(ARG_TYPE(name, "boolean", value), 0) end
end

function M.validateNumber(value, name, min, max)
  if type(value) ~= "number" then error(ARG_TYPE(name, "number", value), 0) end
  if (min and not (value >= min)) or (max and not (value <= max)) or ((min or max) and value ~= value) then
    local range = min and max and (">= " .. M.number(min) .. " && <= " .. M.number(max))
      or min and (">= " .. M.number(min)) or ("<= " .. M.number(max))
    error(RANGE(name, range, value), 0)
  end
end

local MAX_SAFE = 9007199254740991

-- A number as Node prints it in range errors.
function M.number(n)
  if n == math.floor(n) and n > -1e15 and n < 1e15 then return ("%d"):format(n) end
  return errors.number(n)
end

function M.validateInteger(value, name, min, max)
  min, max = min or -MAX_SAFE, max or MAX_SAFE
  if type(value) ~= "number" then error(ARG_TYPE(name, "number", value), 0) end
  if value % 1 ~= 0 then error(RANGE(name, "an integer", value), 0) end
  if value < min or value > max then
    error(RANGE(name, ">= " .. M.number(min) .. " && <= " .. M.number(max), value), 0)
  end
end

function M.validateInt32(value, name, min, max) M.validateInteger(value, name, min or -2147483648, max or 2147483647) end

function M.validateUint32(value, name, positive)
  if type(value) ~= "number" then error(ARG_TYPE(name, "number", value), 0) end
  if value % 1 ~= 0 then error(RANGE(name, "an integer", value), 0) end
  local min = positive and 1 or 0
  if value < min or value > 4294967295 then error(RANGE(name, ">= " .. min .. " && <= 4294967295", value), 0) end
end

function M.validateOneOf(value, name, one_of)
  for i = 1, #one_of do
    if one_of[i] == value then return end
  end
  local shown = {}
  for i = 1, #one_of do shown[i] = errors.inspect_brief(one_of[i]) end
  error(ARG_VALUE(name, value, "must be one of: " .. table.concat(shown, ", ")), 0)
end

-- A table that is not null; instances pass, as objects do in Node, and lists of Lua's, which an empty table may be.
function M.validateObject(value, name)
  if type(value) ~= "table" and type(value) ~= "userdata" or value == errors.null or door.kind and door.kind(value) == "array" then
    error(ARG_TYPE(name, "Object", value), 0)
  end
end

-- Whether a table is a list: one with elements, one marked as such; JavaScript's Arrays.
function M.is_list(t)
  if type(t) ~= "table" or t == errors.null then return false end
  local kind = door.kind and door.kind(t)
  if kind then return kind == "array" end
  local mt = getmetatable(t)
  return t[1] ~= nil or mt == shape.ARRAY
end

function M.validateArray(value, name, min_length)
  local kind = door.kind and door.kind(value)
  if type(value) ~= "table" or value == errors.null or kind and kind ~= "array" then error(ARG_TYPE(name, "Array", value), 0) end
  if min_length and #value < min_length then error(ARG_VALUE(name, value, "must be longer than " .. min_length), 0) end
end

-- Port numbers: 0 to 65535, a number or decimal text; returns it as a number.
function M.validatePort(port, name, allow_zero)
  local n = type(port) == "number" and port or type(port) == "string" and port:match "^%s*%S" and tonumber(port) or nil
  if not n or n % 1 ~= 0 or n < 0 or n > 65535 or (n == 0 and allow_zero == false) then
    error(errors.ERR_SOCKET_BAD_PORT(name or "Port", port, allow_zero ~= false), 0)
  end
  return n
end

function M.validateAbortSignal(signal, name)
  if signal == nil then return end
  if type(signal) ~= "table" or signal.aborted == nil then error(ARG_TYPE(name or "signal", "AbortSignal", signal), 0) end
end

local encodings = {
  utf8 = "utf8", ["utf-8"] = "utf8", hex = "hex", base64 = "base64", base64url = "base64url", ascii = "ascii",
  latin1 = "latin1", binary = "latin1", ucs2 = "utf16le", ["ucs-2"] = "utf16le", utf16le = "utf16le", ["utf-16le"] = "utf16le",
}

-- Makes an object of a class that a user gave: one of lua/'s, or a constructor of JavaScript's.
function M.construct(class, ...)
  if type(class) == "function" and door.construct then return door.construct(class, ...) end
  return class(...)
end

-- Tells `push`, which may be a method of JavaScript's and wants null there, that there is no more.
function M.push_end(stream) return stream:push(door.wants_this and errors.null or nil) end

-- What a user's function has answered, as yes or no: JavaScript's 0, "" and null are no.
function M.truthy(v)
  if door.truthy then return door.truthy(v) end
  return v ~= nil and v ~= false and v ~= errors.null
end

local is_buffer = require("lunode.core").buffer.is

function M.bytes(x)
  local t = type(x)
  if t == "userdata" then return is_buffer(x) and x or nil end
  if t == "table" and door.bytes then return door.bytes(x) end
end

-- The canonical name of an encoding in any spelling, or nil. nil and "" mean utf8.
function M.normalizeEncoding(enc)
  if enc == nil or enc == "" or enc == errors.null then return "utf8" end
  if type(enc) ~= "string" then return nil end
  return encodings[enc] or encodings[enc:lower()]
end

return M
