-- SPDX-License-Identifier: MIT
--
-- Lua as assert/functions.lua wants to know it: nil and lunode.null are absent; false and nil are falsy; a string where Node takes a regular
-- expression is a Lua pattern; tables are objects.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local source = require "lunode.assert.source"
local validators = require "lunode.internal.validators"

local type, tostring, pcall, error, ipairs, next, rawget, rawset, rawequal, setmetatable, getmetatable =
  type, tostring, pcall, error, ipairs, next, rawget, rawset, rawequal, setmetatable, getmetatable
local Error = errors.Error
local null, callback = errors.null, validators.callback

local function util() return require "lunode.util" end
local function deep_equal(a, b, mode) return (require "lunode.util.deep_equal"(a, b, mode)) end

local L = { deep = deep_equal }

function L.truthy(v) return v ~= nil and v ~= false and v ~= null end
function L.absent(v) return v == nil or v == null end
function L.equals(a, b) return a == b or not (L.is_object(a) and L.is_object(b)) and deep_equal(a, b, "loose") end
function L.is(a, b)
  if type(a) == "number" and type(b) == "number" then
    if a ~= a then return b ~= b end
    return a == b and (a ~= 0 or 1 / a == 1 / b)
  end
  if type(a) == "cdata" and type(b) == "cdata" then return deep_equal(a, b) end
  return rawequal(a, b)
end

function L.is_object(v)
  local t = type(v)
  return (t == "table" or t == "userdata" or t == "thread") and v ~= null and not class.is_class(v)
end
function L.is_function(v) return type(v) == "function" or class.is_class(v) end
function L.is_error(v) return type(v) == "table" and Error:is(v) end

function L.is_pattern(v) return type(v) == "string" end
function L.is_regexp(v)
  if type(v) ~= "table" then return false end
  local values = package.loaded["lunode.internal.value_classes"]
  return values ~= nil and values.RegExp:is(v)
end
function L.matches(re, text)
  if type(re) == "string" then return text:find(re) ~= nil end
  if type(re.test) ~= "function" then return errors.notImplemented "RegExp.prototype.test"() end
  return re:test(text)
end

function L.text(v)
  if v == nil then return "nil" end
  if type(v) == "number" then return errors.number(v) end
  return tostring(v)
end

local WHOLE = {
  compact = false, customInspect = false, depth = 1000, maxArrayLength = math.huge, showHidden = false, showProxy = false, sorted = true,
  getters = true,
}
function L.inspect(v, options) return util().inspect(v, options) end

function L.instance_of(v, F) return class.is_class(F) and F:is(v) end
function L.is_error_class(F)
  while class.is_class(F) do
    if F == Error then return true end
    F = rawget(F, "super")
  end
  return false
end
function L.name_of(F)
  if class.is_class(F) then return tostring(rawget(F, "name")) end
  return ""
end
function L.class_name(v)
  local mt = getmetatable(v)
  local C = type(mt) == "table" and rawget(mt, "class")
  return class.is_class(C) and tostring(rawget(C, "name")) or "Object"
end
function L.typeof(v) return type(v) end

function L.keys(o)
  util().inspect "" -- the models
  local floor = require "lunode.util.inspect.floor"
  local model = floor.model_of(o)
  local list = {}
  if model.kind(o) == "array" then
    for i = 1, #o do list[i] = i end
  end
  for _, key in ipairs(model.keys(o, false, model.kind(o))) do list[#list + 1] = key end
  return list
end
function L.has(o, key) return o[key] ~= nil end
function L.get(o, key)
  local t = type(o)
  if t == "table" or t == "userdata" then return o[key] end
end

-- What the keys of a comparison show as: an instance of a class of this name.
local Comparison = class "Comparison"
function L.comparison(o, keys, other)
  local c = setmetatable({}, Comparison.meta)
  for _, key in ipairs(keys) do
    local value = L.get(o, key)
    if value ~= nil then
      if other and L.is_regexp(value) and type(other[key]) == "string" and L.matches(value, other[key]) then value = other[key] end
      rawset(c, key, value)
    end
  end
  return c
end

function L.validate(fn, value) return (callback(fn, "expected")(value)) end
function L.call(fn) return pcall(callback(fn, "fn")) end
L.attempt = pcall
function L.run(fn) return (callback(fn, "promiseFn")()) end
function L.throw(v) error(v, 0) end
function L.new(options) return require "lunode.assert.assertion_error"(options) end
function L.define(o, key, value) rawset(o, key, value) end
L.code = source.message
function L.join_stacks() end

function L.promise(v)
  if promise.is(v) then return v end
  if type(v) == "table" and type(v["then"]) == "function" and type(v.catch) == "function" then return promise.resolved(v) end
end

-- ---- for messages

function L.show(v) return util().inspect(v, WHOLE) end

-- An error is shown without its stack where it is compared with another.
local function without_stack(e)
  local copy = {}
  for key, value in next, e do copy[key] = value end
  copy._trace, copy._async, copy.stack = nil, nil, nil
  return setmetatable(copy, getmetatable(e))
end

function L.limit_errors(a, b)
  if not (L.is_error(a) and L.is_error(b)) then return a, b end
  return without_stack(a), without_stack(b)
end

return L
