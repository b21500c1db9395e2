-- SPDX-License-Identifier: MIT
--
-- Appends at speed. A Lua string is copied by each `..`, so a place that is appended to again and again holds a rope once its text is long: a
-- string.buffer that nobody but the place itself ever sees. The compiler knows two kinds of places.
--
-- A variable (`let out = ''; function w(x) { out += x }`) holds a string or a rope; the emitted code reads it by `textof` and `unitsof`.
--
-- A property (`this.out += x`) with a rope is not in the raw table. The object's metatable is then a short-lived one that stands before its shape:
-- what misses in the raw table or asks for more than an element's value (a read of the property, a new key, a list of keys …) puts the text
-- back and the shape in force, and is then done as ever. Only the next append finds the rope.
--
-- An append is `old value, then the operand, then the sum`: where the operand may run code that appends too, the old value is held before it
-- (`sizeof`, `held`) and the sum made with what was held.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, getfenv = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset, L.getfenv
local byte, sub, find = L.string.byte, L.string.sub, L.string.find
local new_buffer = L.require("string.buffer").new
local number_text, tostr, plus, string_length, join_surrogates = rt.number_text, rt.tostr, rt.plus, rt.string_length, rt.join_surrogates

local LONG = 512 -- bytes; below, `..` is as fast

-- ---- the rope: {buffer, size in bytes, units, text: all of it, where it was read since the last append}

-- The rope read last: who appends after each read goes on with its buffer.
local last = { text = false }

local function begin(text)
  local rope = last
  if rope.text == text then
    last = { text = false }
  else
    local buffer = new_buffer(#text * 2)
    buffer:put(text)
    rope = { buffer = buffer, size = #text, units = string_length(text), text = text }
  end
  return rope
end

local function flat(rope)
  local text = rope.text
  if not text then
    text = rope.buffer:tostring()
    rope.text = text
  end
  return text
end

local function low_half(x)
  local a, b = byte(x, 1, 2)
  return a == 237 and b ~= nil and b >= 176
end

-- Both halves of a pair make one character.
local function put_low(rope, x)
  local text = flat(rope)
  local joined = find(text, "\237[\160-\175][\128-\191]$") and join_surrogates(sub(text, -3) .. x)
  if joined then
    rope.buffer:set(sub(text, 1, -4))
    rope.size = rope.size - 3
    rope.units = rope.units - 1
    x = joined
  end
  rope.buffer:put(x)
  rope.size, rope.units, rope.text = rope.size + #x, rope.units + string_length(x), false
end

local function put(rope, x)
  if byte(x, 1) == 237 and low_half(x) then return put_low(rope, x) end
  rope.buffer:put(x)
  rope.size, rope.units, rope.text = rope.size + #x, rope.units + string_length(x), false
end

-- a .. b, where a may end in the first half of a pair and b begin with the second.
local function join(a, b)
  if byte(b, 1) == 237 and low_half(b) and find(a, "\237[\160-\175][\128-\191]$") then return sub(a, 1, -4) .. join_surrogates(sub(a, -3) .. b) end
  return a .. b
end
rt.join = join

-- ---- variables

function rt.textof(v)
  if type(v) == "string" then return v end
  return flat(v)
end

function rt.unitsof(v)
  if type(v) == "string" then return string_length(v) end
  return v.units
end

local function sizeof(v)
  if type(v) == "string" then return 0 end
  return v.size
end
rt.sizeof = sizeof

local function grown(v, x)
  if type(v) == "string" then
    if #v < LONG then return join(v, x) end
    v = begin(v)
  end
  put(v, x)
  return v
end

-- What v and x are together, v being the variable's value as it was when it had `size`.
local function appended_at(v, size, x)
  if type(x) ~= "string" then x = tostr(x) end
  if type(v) ~= "string" and v.size ~= size then return join(sub(flat(v), 1, size), x) end
  return grown(v, x)
end
rt.appended_at = appended_at

function rt.appended(v, x)
  if type(x) == "string" then return grown(v, x) end
  if type(x) == "number" then return grown(v, number_text(x)) end
  return appended_at(v, sizeof(v), x)
end

-- ---- properties

local ROPE = {} -- key of an object's rope, in its raw table

-- Puts the text in its place and the shape in force, which it returns.
local function settle(o)
  local mt = getmetatable(o)
  local rope, shape = rawget(o, ROPE), mt.rope_shape
  rawset(o, ROPE, nil)
  setmetatable(o, shape)
  rawset(o, mt.rope_key, flat(rope))
  last = rope
  return shape
end
rt.settle_rope = settle

local exotic = {}
for name, general in L.pairs { get_own = "get_own", define = "define_own", has = "has_property", delete = "delete_own", keys = "own_keys",
  set_proto = "set_prototype", is_extensible = "is_extensible", prevent = "prevent_extensions" } do
  local f = rt[general]
  exotic[name] = function(o, a, b)
    settle(o)
    return f(o, a, b)
  end
end
local function exotic_get(o, k, this)
  settle(o)
  return (rt.get(o, k, this))
end
local function exotic_set(o, k, v, this, quiet)
  settle(o)
  return rt.set(o, k, v, this, quiet)
end
function exotic.get_proto(o) return getmetatable(o).proto end

local function newindex(o, k, v)
  local mt = getmetatable(o)
  if k == mt.rope_key and v ~= nil then -- a new text: nobody wants the old one
    rawset(o, ROPE, nil)
    setmetatable(o, mt.rope_shape)
    rawset(o, k, v)
    return
  end
  if mt.host and type(k) == "string" and byte(k) == 95 and getfenv(2) ~= rt.global then
    rawset(o, k, v)
    return
  end
  settle(o)
  o[k] = v
end

local metamethods, inherit = rt.metamethods, rt.inherit
local function stand_in(shape, key)
  local mt = { rope_shape = shape, rope_key = key, exotic = exotic, exotic_get = exotic_get, exotic_set = exotic_set, __newindex = newindex }
  local base = shape.base
  function mt.__index(o, k)
    if k == key then
      settle(o)
      return rawget(o, key)
    end
    if base == nil then return nil end
    if shape.served then return (inherit(shape, k, o)) end
    return base[k]
  end
  for k, v in L.pairs(metamethods) do mt[k] = v end
  if shape.extra then for k, v in L.pairs(shape.extra) do mt[k] = v end end
  return setmetatable(mt, { __index = shape })
end

-- Begins a rope for o[k], whose text is v, if its shape lets the property be kept elsewhere.
local function begin_property(o, k, v)
  local mt = getmetatable(o)
  if not mt or mt.exotic or mt.special or mt.bits or mt.users or mt.own or mt.sealed or mt.indices or mt.array or mt.rope_key ~= nil then return nil end
  local ropes = mt.ropes
  if not ropes then
    ropes = {}
    mt.ropes = ropes
  end
  local stand = ropes[k]
  if not stand then
    if type(k) ~= "string" or not rt.pos_of(mt)[k] then return nil end
    stand = stand_in(mt, k)
    ropes[k] = stand
  end
  local rope = begin(v)
  rawset(o, k, nil)
  rawset(o, ROPE, rope)
  setmetatable(o, stand)
  return rope
end

-- o[k] as an append finds it: a value, or a rope and its size.
local function held(o, k)
  if type(o) == "table" then
    local v = rawget(o, k)
    if v ~= nil then return v end
    local mt = getmetatable(o)
    if mt and mt.rope_key == k then
      local rope = rawget(o, ROPE)
      return rope, rope.size
    end
  end
  return o[k]
end
rt.held = held

-- o[k] = v + x, where v, or the rope v with `size`, was held.
local function extend_at(o, k, v, size, x)
  if size then
    if type(x) ~= "string" then x = tostr(x) end
    if v.size == size and rawget(o, ROPE) == v then
      put(v, x)
      return
    end
    o[k] = join(sub(flat(v), 1, size), x)
    return
  end
  if type(v) == "string" and #v >= LONG and type(o) == "table" then
    if type(x) ~= "string" then x = tostr(x) end
    if rawget(o, k) == v then
      local rope = begin_property(o, k, v)
      if rope then
        put(rope, x)
        return
      end
    end
  end
  o[k] = plus(v, x)
end
rt.extend_at = extend_at

function rt.extend(o, k, x)
  if type(o) == "table" then
    local v = rawget(o, k)
    if v ~= nil then
      if type(x) == "string" and type(v) == "string" and #v < LONG then
        o[k] = join(v, x)
        return
      end
    elseif type(x) == "string" then
      local mt = getmetatable(o)
      if mt and mt.rope_key == k then
        put(rawget(o, ROPE), x)
        return
      end
    end
  end
  local v, size = held(o, k)
  return extend_at(o, k, v, size, x)
end

-- o[k].length, in a program that appends to properties of this name.
function rt.length_of(o, k)
  if type(o) == "table" then
    local mt = getmetatable(o)
    if mt and mt.rope_key == k and rawget(o, k) == nil then return rawget(o, ROPE).units end
  end
  return o[k].length
end
