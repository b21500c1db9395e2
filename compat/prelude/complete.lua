-- SPDX-License-Identifier: MIT
--
-- Tools for compat/prelude/modules: what Node's modules have and lua/ has not, or has in Lua's way.
local rt = ...
local L = rt.lua
local type, rawget, rawset, setfenv = L.type, L.rawget, L.rawset, L.setfenv
local put, hide, native, G, null = rt.put, rt.hide, rt.native, rt.global, rt.null
local SYMBOL = rt.symbols
if rt.null_methods then return end

-- Where Node gives null and lua/ nil. Lua's own code must go on seeing nil: the caller's environment tells.
local getfenv = L.getfenv

function rt.null_methods(P, names)
  for name in names:gmatch "%S+" do
    local f = rawget(P, name)
    local info = rt.finfo(f)
    rawset(P, name, native(name, info and info.length or 0, function(this, ...)
      local v = f(this, ...)
      if v == nil and getfenv(2) == G then return null end
      return v
    end))
  end
end

function rt.null_properties(P, names)
  for name in names:gmatch "%S+" do
    local d = rt.get_own(P, name)
    local get, set = d and d.get, d and d.set
    if not d then
      function set(this, v)
        if v ~= nil then rt.define_data(this, name, v) end
      end
    end
    put(P, name, { accessor = true, bits = d and d.bits or 4, set = set, get = native("get " .. name, 0, function(this)
      local v
      if get then v = get(this) end
      if v == nil and getfenv(3) == G then return null end
      return v
    end) })
  end
end

-- Constants that nobody may change, seen as Node's are.
function rt.fixed(o)
  for _, key in L.ipairs(rt.own_keys(o)) do put(o, key, { value = o[key], bits = 2 }) end
  return o
end

-- ---- bytes

local function window(v)
  if type(v) ~= "table" or v == null then return v end
  return rt.bytes_of(v) or v
end

-- An argument with Buffers for its typed arrays, also among the properties of an object.
local function given_bytes(v)
  if type(v) ~= "table" or v == null or not rt.is_object(v) then return v end
  local bytes = rt.bytes_of(v)
  if bytes then return bytes end
  local mt = L.getmetatable(v)
  if mt == nil or mt.host or mt.array then return v end
  for _, inner in L.next, v do
    if type(inner) == "table" and inner ~= null and rt.bytes_of(inner) then
      local copy = rt.object_of(rt.proto_of(v))
      for _, key in L.ipairs(rt.own_keys(v)) do rt.define_data(copy, key, window(v[key])) end
      return copy
    end
  end
  return v
end

-- f, a method (or with this dropped a function) that takes Buffers, as one that takes typed arrays, DataViews and ArrayBuffers: where it
-- gives back the Buffer, the caller gets what it gave.
function rt.bytes_door(f)
  return function(this, ...)
    local n = L.select("#", ...)
    local list, before = { ... }, nil
    for i = 1, n do
      local v = list[i]
      local now = given_bytes(v)
      if now ~= v and type(v) == "table" then
        before = before or {}
        before[now], list[i] = v, now
      end
    end
    local cb = list[n]
    if before and type(cb) == "function" then
      list[n] = native("", 2, setfenv(function(_, err, v)
        if v ~= nil and before[v] then v = before[v] end
        return (cb(nil, err, v))
      end, G))
    end
    local r = f(this, L.unpack(list, 1, n))
    if before and r ~= nil and before[r] then return before[r] end
    return r
  end
end

-- All functions of an object so.
function rt.bytes_doors(o, names)
  for _, name in L.ipairs(names or rt.own_keys(o)) do
    local d = rt.get_own(o, name)
    local f = d and d.value
    if type(f) == "function" and name ~= "constructor" and not rt.get_own(f, "prototype") then
      local info = rt.finfo(f)
      local door = native(info and info.name or name, info and info.length or 0, setfenv(rt.bytes_door(f), G))
      rt.behind[door] = rt.behind[f]
      put(o, name, { bits = d.bits, value = door })
    end
  end
end

-- The ArrayBuffer of a Buffer's bytes.
function rt.array_buffer_of(bytes)
  local buffer, offset = bytes.buffer, bytes.byteOffset
  if offset == 0 and buffer.byteLength == #bytes then return buffer end
  return (buffer:slice(offset, offset + #bytes))
end

-- The JavaScript iterator over an object of lua/'s that next() steps: it gives { value, done }.
function rt.iterator_over(it)
  local o = rt.object_of(rt.IteratorPrototype)
  rt.native_method(o, "next", 0, function()
    local r = it:next()
    return rt.iter_result(r.value, r.done and true or false)
  end)
  return o
end

-- The same where next(), return() and throw() give promises.
function rt.async_iterator_over(it)
  local o = rt.object_of(rt.AsyncIteratorPrototype)
  local function answer(p)
    return p["then"](p, native("", 1, setfenv(function(_, r) return rt.iter_result(r.value, r.done and true or false) end, G)))
  end
  rt.native_method(o, "next", 0, function() return answer(it:next()) end)
  rt.native_method(o, "return", 1, function(_, v) return answer(it["return"](it, v)) end)
  rt.native_method(o, "throw", 1, function(_, e) return answer(it["throw"](it, e)) end)
  return o
end
