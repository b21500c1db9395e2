-- SPDX-License-Identifier: MIT
--
-- How Lua sees values of JavaScript's, and hands its own in.
--
--   rt.to_lua(value, owner)   undefined and null are nil; strings, numbers, promises, errors, Buffers and what lua/ made are themselves; arrays
--                             are new sequences, objects of data new tables; a function is a Lua function, its `this` is the owner;
--                             everything else is a proxy: p.key, p.key = v, p:method(…), p.method(…) as well, p(…) of a class makes an instance
--   rt.from_lua(value)        the way back: functions are wrapped, tables copied, proxies opened, nil is undefined
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, select, next, getfenv, setfenv, unpack, tostring, ipairs = L.type, L.getmetatable, L.setmetatable, L.rawget,
  L.select, L.next, L.getfenv, L.setfenv, L.unpack, L.tostring, L.ipairs
local class = L.require "lunode.internal.class"
local null, G = rt.null, rt.global

local targets = setmetatable({}, { __mode = "k" }) -- proxy -> JavaScript's value
local proxies = setmetatable({}, { __mode = "kv" }) -- and back
local wrapped = setmetatable({}, { __mode = "kv" })  -- Lua's function -> JavaScript's
local to_lua, from_lua
local DEPTH = 100 -- of data that is copied

local function each_to_lua(owner, n, ...)
  if n == 0 then return end
  if n == 1 then return (to_lua((...), owner)) end
  local list = { ... }
  for i = 1, n do list[i] = to_lua(list[i], owner) end
  return unpack(list, 1, n)
end

local function each_from_lua(n, ...)
  if n == 0 then return end
  if n == 1 then return (from_lua((...))) end
  local list = { ... }
  for i = 1, n do list[i] = from_lua(list[i]) end
  return unpack(list, 1, n)
end

-- ---- functions

local function is_class(f)
  local info = rt.finfo(f)
  return info and (info.kind == "base" or info.kind == "derived")
end

-- What a proxy's function does: with the proxy itself as first argument it was called with a colon.
local function method(f, owner, proxy)
  local m = setfenv(function(...)
    local n = select("#", ...)
    if n == 0 then return (to_lua((f(owner)))) end
    local list = { ... }
    local first = 1
    if L.rawequal(list[1], proxy) then first = 2 end
    for i = first, n do list[i] = from_lua(list[i]) end
    return (to_lua((f(owner, unpack(list, first, n)))))
  end, L)
  targets[m] = f
  return m
end

local function wrap(f)
  local known = wrapped[f]
  if known then return known end
  local w = setfenv(function(_, ...) return (from_lua((f(each_to_lua(nil, select("#", ...), ...))))) end, G)
  rt.native("", L.debug.getinfo(f, "u").nparams or 0, w)
  wrapped[f], rt.behind[w] = w, f
  return w
end

-- ---- proxies

local proxy = {}

function proxy:__index(key)
  local target = targets[self]
  local v = target[key]
  if type(v) == "function" and getfenv(v) == G and not is_class(v) then return method(v, target, self) end
  return (to_lua(v))
end

function proxy:__newindex(key, value) targets[self][key] = from_lua(value) end

-- A class makes an instance; any other function is called.
function proxy:__call(...)
  local target = targets[self]
  if type(target) ~= "function" then rt.type_error(rt.show(target) .. " is not a function") end
  if is_class(target) then return (to_lua(rt.construct(target, target, each_from_lua(select("#", ...), ...)))) end
  return (to_lua(target(nil, each_from_lua(select("#", ...), ...))))
end

function proxy:__tostring() return (rt.text(targets[self])) end
function proxy.__eq(a, b) return targets[a] == targets[b] end
proxy.__name = "JavaScript"

local function proxy_of(v)
  local p = proxies[v]
  if not p then
    p = setmetatable({}, proxy)
    targets[p], proxies[v] = v, p
  end
  return p
end

-- ---- promises

local Promise = L.require("lunode.internal.promise").Promise
local promises = setmetatable({}, { __mode = "kv" }) -- one language's promise -> the other's, whose value is converted

local function promise_of(p, convert)
  local known = promises[p]
  if known then return known end
  local other = Promise.prototype.next(p, function(_, value) return (convert(value)) end)
  promises[p], promises[other] = other, p
  return other
end

-- ---- data

-- An object without functions, of no class.
local function is_data(v)
  local proto = rt.proto_of(v)
  if proto ~= nil and proto ~= rt.ObjectPrototype then return false end
  local mt = getmetatable(v)
  if mt.special and next(mt.special) ~= nil or mt.exotic then return false end
  for _, value in next, v do
    if type(value) == "function" then return false end
  end
  return true
end

-- Made by lua/ or as Lua has it: no proxy.
local function is_native(v)
  local mt = getmetatable(v)
  if mt == nil or mt.class ~= nil and mt.class ~= "Array" and class.is_class(mt.class) then return true end
  if rt.is_promise(v) or rawget(v, "_trace") ~= nil then return true end
  local proto = mt.proto
  while proto ~= nil do
    local up = getmetatable(rt.store(proto))
    if up and up.host then return true end
    proto = rt.proto_of(proto)
  end
  return false
end

local function copy_out(v, seen, depth)
  if depth > DEPTH then return proxy_of(v) end
  local copy = seen[v]
  if copy then return copy end
  copy = {}
  seen[v] = copy
  local function out(value)
    if type(value) == "table" and rt.is_object(value) and (rt.is_array(value) or not is_native(value) and is_data(value)) then return copy_out(value, seen, depth + 1) end
    return to_lua(value)
  end
  if rt.is_array(v) then
    for i = 1, v.length do copy[i] = out(v[i]) end
    return setmetatable(copy, L.require("lunode.internal.shape").ARRAY)
  end
  for _, key in ipairs(rt.own_keys(v)) do copy[key] = out(v[key]) end
  return copy
end

function to_lua(v)
  local t = type(v)
  if t == "function" then
    if getfenv(v) ~= G then return v end
    local f = rt.behind[v]
    if f then return f end
    return proxy_of(v)
  end
  if v == null then return nil end
  if t ~= "table" then return v end
  if not rt.is_object(v) then return v end -- symbols, big integers
  local module = rt.behind[v]
  if module then return module end
  if rt.is_array(v) then return copy_out(v, {}, 1) end
  if rt.is_promise(v) then return promise_of(v, to_lua) end
  if is_native(v) then return v end
  if is_data(v) then return copy_out(v, {}, 1) end
  return proxy_of(v)
end
rt.to_lua = to_lua

local function copy_in(v, seen)
  local copy = seen[v]
  if copy then return copy end
  if v[1] ~= nil or getmetatable(v) == L.require("lunode.internal.shape").ARRAY then
    local n = #v
    copy = rt.new_array({}, 0)
    seen[v] = copy
    for i = 1, n do copy[i] = from_lua(v[i], seen) end
    return copy
  end
  copy = rt.object_of(rt.ObjectPrototype)
  seen[v] = copy
  for _, key in ipairs(L.require("lunode.internal.shape").keys(v)) do
    rt.define_data(copy, type(key) == "string" and key or type(key) == "number" and key or tostring(key), from_lua(v[key], seen))
  end
  return copy
end

function from_lua(v, seen)
  local t = type(v)
  if t == "function" then
    if getfenv(v) == G then return v end
    return targets[v] or wrap(v)
  end
  if v == null then return nil end
  if t ~= "table" then return v end
  local target = targets[v]
  if target ~= nil then return target end
  if class.is_class(v) then return rt.class_face(v) end
  if rt.is_promise(v) then return promise_of(v, from_lua) end
  local mt = getmetatable(v)
  if mt == nil or mt == L.require("lunode.internal.shape").ARRAY then return copy_in(v, seen or {}) end
  return v
end
rt.from_lua = from_lua

-- What a Lua file gives to require: a table's functions and classes are properties of one object, which to_lua opens again.
function rt.module_of_lua(v)
  if type(v) ~= "table" or class.is_class(v) then return (from_lua(v)) end
  local known = rt.faces[v]
  if known then return known end
  local mt = getmetatable(v)
  local call = mt and rawget(mt, "__call")
  if mt ~= nil and not call then return rt.face(v) end
  if not call and v[1] ~= nil then return (from_lua(v)) end
  local o = call and wrap(function(...) return v(...) end) or rt.object_of(rt.ObjectPrototype)
  rt.faces[v], rt.behind[o] = o, v
  for _, key in ipairs(L.require("lunode.internal.shape").keys(v)) do
    rt.define_data(o, type(key) == "string" and key or tostring(key), from_lua(v[key]))
  end
  return o
end
