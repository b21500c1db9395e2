-- SPDX-License-Identifier: MIT
--
-- node:assert: the functions of lua/assert, made for the values of JavaScript.
local rt = ...
local L = rt.lua
local type, rawset, setmetatable, error, ipairs, select = L.type, L.rawset, L.setmetatable, L.error, L.ipairs, L.select
local null, native, put, hide, G, truthy, text = rt.null, rt.native, rt.put, rt.hide, rt.global, rt.truthy, rt.text
local errors = L.require "lunode.internal.errors"
local promise = L.require "lunode.internal.promise"
local source = L.require "lunode.assert.source"
local deep_equal = L.require "lunode.util.deep_equal"
local inspect = L.require("lunode.util").inspect
local AssertionError = L.require "lunode.assert.assertion_error"

local language = { null = null, truthy = truthy, equals = rt.equals, is = rt.same_value, deep = deep_equal, typeof = rt.typeof }
local public = {} -- name -> function of JavaScript

function language.text(v)
  if L.getmetatable(v) == rt.symbol_meta then return rt.symbol_text(v) end
  return text(v)
end
function language.absent(v) return v == nil or v == null end
function language.is_object(v) return v ~= null and type(v) ~= "function" and rt.is_object(v) end
function language.is_function(v) return type(v) == "function" end
function language.is_pattern() return false end
function language.is_regexp(v)
  local d = language.is_object(v) and type(v) == "table" and L.rawget(v, rt.DATA)
  return type(d) == "table" and d.regexp ~= nil and d.regexp ~= false
end

local function instance_of(v, f)
  local ok, r = rt.attempt(rt.instanceof, v, f)
  return ok and r or false
end
function language.is_error(v) return rt.is_object(v) and instance_of(v, G.Error) end
function language.instance_of(v, F) return F.prototype ~= nil and (rt.instanceof(v, F)) end
function language.is_error_class(F)
  local f = rt.proto_of(F)
  if F == G.Error then return false end
  while f ~= nil do
    if f == G.Error then return true end
    f = rt.proto_of(f)
  end
  return false
end

function language.matches(re, s) return (G.RegExp.prototype.exec(re, s)) ~= null end
function language.inspect(v, options) return inspect(v, options) end

local WHOLE = {
  compact = false, customInspect = false, depth = 1000, maxArrayLength = L.math.huge, showHidden = false, showProxy = false, sorted = true, getters = true,
}
function language.show(v) return inspect(v, WHOLE) end

function language.name_of(F)
  local name = F.name
  if name == nil or name == null then return "" end
  return text(name)
end
function language.class_name(o)
  local c = o.constructor
  return truthy(c) and text(c.name) or ""
end

-- ---- properties

function language.keys(o)
  local list = {}
  for _, key in ipairs(rt.own_keys(o)) do
    if type(key) ~= "table" then
      local d = rt.get_own(o, key)
      if d and d.bits % 4 >= 2 then list[#list + 1] = key end
    end
  end
  return list
end
function language.has(o, key) return (rt.has_property(o, key)) end
function language.get(o, key)
  if o == nil or o == null then return nil end
  return o[key]
end

local function define(o, key, value, enumerable) put(o, key, { value = value, bits = enumerable and 7 or 5 }) end
language.define = define

local Comparison
function language.comparison(o, keys, other)
  if not Comparison then
    Comparison = rt.object_of(rt.ObjectPrototype)
    local function make() return rt.object_of(Comparison) end
    rt.native_constructor("Comparison", 3, make, make, Comparison)
  end
  local c = rt.object_of(Comparison)
  for _, key in ipairs(keys) do
    if rt.has_property(o, key) then
      local value = o[key]
      if other ~= nil and type(other[key]) == "string" and language.is_regexp(value) and language.matches(value, other[key]) then value = other[key] end
      rt.define_data(c, key, value)
    end
  end
  return c
end

-- Errors are compared without their stacks.
local function without_stack(e)
  local copy = rt.object_of(rt.proto_of(e))
  for _, key in ipairs(language.keys(e)) do rt.define_data(copy, key, e[key]) end
  hide(copy, "message", e.message)
  return copy
end
function language.limit_errors(a, b)
  if language.is_object(a) and language.is_object(b) and language.is_error(a) and language.is_error(b) then return without_stack(a), without_stack(b) end
  return a, b
end

-- ---- calls

local function outcome(ok, value)
  if ok then return true, value end
  return false, rt.thrown(value)
end
function language.attempt(f, ...) return outcome(rt.attempt(f, ...)) end
function language.call(fn) return outcome(rt.attempt(fn, nil)) end
function language.run(fn) return (fn(nil)) end
function language.validate(fn, v)
  local info = rt.finfo(fn)
  if info and (info.kind == "base" or info.kind == "derived") then
    local name = rt.function_name(fn)
    rt.type_error("Class constructor" .. (name == "" and "s" or " " .. name) .. " cannot be invoked without 'new'")
  end
  return (fn(rt.object_of(rt.ObjectPrototype), v))
end
language.throw = rt.throw
language.code = source.message

function language.promise(v)
  if rt.is_promise(v) then return v end
  if language.is_object(v) and type(v["then"]) == "function" and type(v.catch) == "function" then
    local p = promise.new()
    rt.resolve_promise(p, v)
    return p
  end
end

-- ---- the class

local P = rt.adopt_class(AssertionError)
L.rawset(P, "constructor", nil)

local ASYNC = { rejects = true, doesNotReject = true }

local function build(shape, options)
  shape.class = "Error"
  local o = setmetatable({}, shape)
  local fn = options.fn or options.stackStartFn or options.stackStartFunction
  local name = fn
  if type(fn) == "string" then fn = public[fn] end
  rawset(o, "_trace", "")
  AssertionError.fill(o, options, language)
  rawset(o, "_frames", rt.frames(type(fn) == "function" and fn or nil, 0))
  define(o, "name", "AssertionError [ERR_ASSERTION]", false)
  local stack = o.stack -- has the code in its first line
  if ASYNC[name] then define(o, "stack", text(stack) .. "\n    at async Function." .. name .. " (node:assert)", false) end
  o.name = "AssertionError"
  return o
end

function language.new(options) return build(rt.root_of(P), options) end

local function call() rt.type_error "Class constructor AssertionError cannot be invoked without 'new'" end
local F = rt.native_constructor("AssertionError", 1, L.setfenv(call, G), function(target, options)
  if not language.is_object(options) or rt.is_array(options) then error(errors.ERR_INVALID_ARG_TYPE("options", "Object", options), 0) end
  return build(rt.target_root(target, P), options)
end, P)
rt.set_prototype(F, G.Error)
rt.finfo(F).is_class = true

function language.join_stacks(err, value)
  local stack = language.is_object(value) and value.stack
  if type(stack) ~= "string" or stack == "" then return end
  local own = err.stack
  local first = stack:find("\n    at", 1, true)
  if not first then return end
  local theirs = {}
  for line in (stack:sub(first + 1) .. "\n"):gmatch "(.-)\n" do theirs[#theirs + 1] = line end
  local mine, n = {}, 0
  for line in (own .. "\n"):gmatch "(.-)\n" do
    n = n + 1
    mine[n] = line
  end
  -- what both have below is shown once
  for i = 1, #theirs do
    for j = 1, n do
      if mine[j] == theirs[i] then
        n = j - 1
        theirs = { L.unpack(theirs, 1, i - 1) }
        break
      end
    end
    if #theirs < i then break end
  end
  define(err, "stack", L.table.concat(mine, "\n", 1, n) .. "\n" .. L.table.concat(theirs, "\n"), false)
end

-- ---- CallTracker

-- Made by lua/; what is counted is a Proxy of the function.
local function call_tracker()
  local Tracker = L.require "lunode.assert.call_tracker"
  local own = L.rawget(Tracker, "static")
  local function wrap(fn, count)
    if L.getfenv(fn) ~= G then fn = native("", 0, L.setfenv(function() end, G)) end
    local handler = rt.object_of(rt.ObjectPrototype)
    hide(handler, "apply", native("apply", 3, L.setfenv(function(_, target, this, list)
      count(this, L.unpack(list, 1, list.length))
      return (target(this, L.unpack(list, 1, list.length)))
    end, G)))
    return (rt.construct(G.Proxy, G.Proxy, fn, handler))
  end
  function own.entry(this, ...)
    local call = rt.object_of(rt.ObjectPrototype)
    rt.define_data(call, "thisArg", this)
    rt.define_data(call, "arguments", G.Object.freeze(nil, rt.new_array({ ... }, select("#", ...))))
    return (G.Object.freeze(nil, call))
  end
  own.wrap, own.name_of, own.failure = wrap, language.name_of, language.new
  local F = rt.class_face(Tracker)
  local P = F.prototype
  local calls, get_calls = P.calls, P.getCalls
  rt.native_method(P, "calls", 2, function(this, fn, expected)
    if fn == null then error(errors.ERR_INVALID_ARG_TYPE("fn", "function", fn), 0) end
    return (calls(this, fn, expected))
  end)
  rt.native_method(P, "getCalls", 1, function(this, tracked) return (G.Object.freeze(nil, get_calls(this, tracked))) end)
  return (rt.node_module("util").deprecate(nil, F, "assert.CallTracker is deprecated.", "DEP0173"))
end

-- ---- the module

local functions = L.require "lunode.assert.functions"(language)

local LENGTHS = {
  fail = 5, throws = 1, rejects = 1, doesNotThrow = 1, doesNotReject = 1, ifError = 1, ok = 0, strict = 0,
}
local ORDER = "fail AssertionError ok equal notEqual deepEqual notDeepEqual deepStrictEqual notDeepStrictEqual strictEqual notStrictEqual "
  .. "throws rejects doesNotThrow doesNotReject ifError match doesNotMatch CallTracker partialDeepStrictEqual"
local STRICT = { equal = "strictEqual", notEqual = "notStrictEqual", deepEqual = "deepStrictEqual", notDeepEqual = "notDeepStrictEqual" }

local function public_function(name)
  local f = functions[name]
  local w = native(name, LENGTHS[name] or 3, L.setfenv(function(_, ...)
    local r = f(...)
    return r
  end, G))
  if ASYNC[name] then rt.finfo(w).async = true end
  public[name] = w
  return w
end

function rt.own_module.assert()
  local assert, strict = public_function "ok", public_function "strict"
  for name in ORDER:gmatch "%S+" do
    local value
    if name == "AssertionError" then value = F
    elseif name == "CallTracker" then value = call_tracker()
    elseif name == "ok" then value = assert
    else value = public_function(name) end
    put(assert, name, { value = value, bits = 7 })
  end
  for name in ORDER:gmatch "%S+" do
    put(strict, name, { value = assert[STRICT[name] or name], bits = 7 })
  end
  put(assert, "strict", { value = strict, bits = 7 })
  put(strict, "strict", { value = strict, bits = 7 })
  return assert
end
