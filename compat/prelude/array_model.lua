-- SPDX-License-Identifier: MIT
--
-- Arrays as objects: the elements are the sequence part, `length` is a field beside them.
--
-- An array is dense as long as nothing leaves a hole: a nil within its length is then an element that is undefined. In a `holey` one it is a
-- hole; elements that are there though they are nil stand in the shape's `indices` (rt.mark). Those without such share rt.holey_array.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, pairs, next = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset, L.pairs, L.next
local floor, sort, band = L.math.floor, L.table.sort, L.bit.band
local new_table = L.require "table.new"
local put, to_own, is_index, mark = rt.put, rt.to_own, rt.is_index, rt.mark

local exotic = {}

local function length_of(a)
  local n = rawget(a, "length")
  if n ~= nil then return n end
  local special = getmetatable(a).special
  local d = special and special.length
  return d and d.value or 0
end

-- From now on a nil is a hole, but for those that are there now.
local function make_holey(a)
  local mt = getmetatable(a)
  if mt.holey then return mt end
  local n = length_of(a)
  local first = 1
  while first <= n and rawget(a, first) ~= nil do first = first + 1 end
  if first > n and mt == rt.array then
    setmetatable(a, rt.holey_array)
    return rt.holey_array
  end
  mt = to_own(a)
  mt.holey = true
  if first <= n then
    local indices = mt.indices or {}
    mt.indices = indices
    for i = first, n do
      if rawget(a, i) == nil then indices[i] = true end
    end
  end
  return mt
end

rt.make_holey = make_holey

-- An array literal whose elements at these keys are holes.
function rt.holey(a, list)
  local mt = make_holey(a)
  if mt.indices then
    mt = to_own(a)
    for i = 1, #list do mt.indices[list[i]] = nil end
  end
  return a
end

-- An array of n holes, n > 0. Room is made for what is likely to be filled.
local ROOM = 1048576
function rt.holes(n)
  local a = new_table(n <= ROOM and n or 0, 1)
  a.length = n
  return (setmetatable(a, rt.holey_array))
end

local function has_element(a, k)
  if rawget(a, k) ~= nil then return true end
  local mt = getmetatable(a)
  if mt.special and mt.special[k] then return true end
  if not mt.holey then return k <= length_of(a) end
  return mt.indices ~= nil and mt.indices[k] or false
end

local function length_writable(mt)
  if mt.special and mt.special.length then return false end
  return true
end

-- A new element, or an undefined one, k a valid index. The raw table has nothing there.
local function add_element(a, k, v)
  local n = length_of(a)
  if k <= n then
    rawset(a, k, v)
    if v == nil and getmetatable(a).holey then mark(a, k) end
    return
  end
  if k > n + 1 then make_holey(a) end
  if v == nil and getmetatable(a).holey then mark(a, k) end
  if v ~= nil then rawset(a, k, v) end
  rawset(a, "length", k)
end

local own_newindex
local function array_newindex(a, k, v)
  local mt = getmetatable(a)
  if type(k) == "number" then
    local n = rawget(a, "length")
    if v ~= nil and n ~= nil and not mt.guarded and mt.special == nil and not mt.sealed then
      if k == n + 1 then
        rawset(a, k, v)
        rawset(a, "length", k)
        return
      elseif k >= 1 and k <= n and k == floor(k) then
        rawset(a, k, v)
        return
      end
    end
    if is_index(k) then
      if mt.guarded or mt.own then
        rt.set_slow(a, k, v, a)
        return
      end
      return add_element(a, k, v)
    end
  end
  rt.set_slow(a, k, v, a)
end

-- Reached by set_slow: after the special properties of the array itself, before those of its prototypes.
function rt.array_set(t, k, v, this, quiet)
  local mt = getmetatable(t)
  if this ~= t then
    if k == "length" or (type(k) == "number" and is_index(k) and has_element(t, k)) then return rt.set_on_receiver(this, k, v, quiet) end
  elseif k == "length" then
    return exotic.define(t, "length", { value = v, has_value = true })
  elseif type(k) == "number" and is_index(k) then
    if not has_element(t, k) then
      -- a prototype may have a setter
      local base = mt.base
      if mt.guarded and base and rt.has_property(mt.proto, k) then
        return rt.set_slow(mt.proto, k, v, this, quiet)
      end
      if mt.sealed or (k > length_of(t) and not length_writable(mt)) then
        if quiet then return false end
        if rt.strict_caller() then rt.type_error("Cannot add property " .. rt.key_text(k) .. ", object is not extensible") end
        return false
      end
    end
    add_element(t, k, v)
    return true
  end
  local base = mt.base
  if base ~= nil and (mt.guarded) then return rt.set_slow(mt.proto, k, v, this, quiet) end
  return rt.set_on_receiver(this, k, v, quiet)
end

function exotic.get_own(a, k)
  local mt = getmetatable(a)
  local special = mt.special
  if special then
    local d = special[k]
    if d then return d end
  end
  if k == "length" then return { value = rawget(a, "length"), bits = 1 } end
  if type(k) == "number" and is_index(k) then
    local v = rawget(a, k)
    if v == nil and not has_element(a, k) then return nil end
    return { value = v, bits = mt.bits and mt.bits[k] or 7 }
  end
  if not rt.pos_of(mt)[k] then return nil end
  return { value = rawget(a, k), bits = mt.bits and mt.bits[k] or 7 }
end

-- Shortens from n to m elements; gives the length that it came to (an element may refuse to go).
local function shorten(a, n, m)
  local mt = getmetatable(a)
  local floor_at = m
  if mt.special or mt.bits then
    for i = n, m + 1, -1 do
      local d = mt.special and mt.special[i]
      local bits = d and d.bits or mt.bits and mt.bits[i] or 7
      if has_element(a, i) and bits < 4 then
        floor_at = i
        break
      end
    end
  end
  if n - floor_at > 1000000 and mt.holey then
    for k in next, a do
      if type(k) == "number" and k > floor_at then rawset(a, k, nil) end
    end
  else
    for i = floor_at + 1, n do rawset(a, i, nil) end
  end
  if mt.indices then mt = to_own(a) end
  for _, list in pairs { mt.indices or {}, mt.special or {}, mt.bits or {} } do
    for k in pairs(list) do if type(k) == "number" and k > floor_at then list[k] = nil end end
  end
  return floor_at
end

-- ArraySetLength
local function set_length(a, d)
  local mt = getmetatable(a)
  local old = length_of(a)
  local writable = length_writable(mt)
  local mask, bits = d.mask or 0, d.bits or 0
  local n = old
  if d.has_get or d.has_set then
    return false
  end
  if d.has_value then
    n = rt.touint32(d.value)
    if n ~= rt.tonum(d.value) then rt.range_error "Invalid array length" end
  end
  if band(mask, 4) ~= 0 and band(bits, 4) ~= 0 then return false end
  if band(mask, 2) ~= 0 and band(bits, 2) ~= 0 then return false end
  writable = length_writable(getmetatable(a))
  if not writable then
    if band(mask, 1) ~= 0 and band(bits, 1) ~= 0 then return false end
    return n == old
  end
  local reached = n
  if n < old then
    reached = shorten(a, old, n)
  elseif n > old then
    make_holey(a)
  end
  rawset(a, "length", reached)
  if band(mask, 1) ~= 0 and band(bits, 1) == 0 then
    mt = to_own(a)
    mt.special = mt.special or {}
    mt.special.length = { value = reached, bits = 0 }
    rawset(a, "length", nil)
    rt.settle(mt)
  end
  return reached == n
end

-- The emitted code's `o.length = v` for any o.
function rt.setlength(o, v)
  if type(o) == "table" then
    local mt = getmetatable(o)
    if mt ~= nil and mt.array then
      if v == o.length then return end
      if not set_length(o, { value = v, has_value = true }) and rt.strict_caller() then
        rt.type_error "Cannot assign to read only property 'length' of object '[object Array]'"
      end
      return
    end
  end
  o.length = v
end

function exotic.define(a, k, d)
  if k == "length" then return set_length(a, d) end
  if type(k) == "number" and is_index(k) then
    local n = length_of(a)
    local mt = getmetatable(a)
    if k > n then
      if not length_writable(mt) then return false end
      if mt.sealed then return false end
      if k > n + 1 then make_holey(a) end
      if d.has_value and not d.has_get and not d.has_set and d.bits == 7 and d.mask == 7 and d.value ~= nil then
        rawset(a, k, d.value)
      else
        local done = rt.apply_descriptor(a, k, d, nil, true)
        if not done then return false end
        if getmetatable(a).indices then make_holey(a) end
      end
      rawset(a, "length", k)
      return true
    end
    local current = exotic.get_own(a, k)
    if current and current.bits == 7 and not current.accessor and d.has_value and d.bits == 7 and d.mask == 7 then
      if d.value ~= nil then rawset(a, k, d.value) else
        rawset(a, k, nil)
        if mt.holey then mark(a, k) end
      end
      return true
    end
    return rt.apply_descriptor(a, k, d, current, not mt.sealed)
  end
  return rt.apply_descriptor(a, k, d, exotic.get_own(a, k), not getmetatable(a).sealed)
end

function exotic.delete(a, k)
  if k == "length" then return false end
  local d = exotic.get_own(a, k)
  if not d then return true end
  if d.bits < 4 then return false end
  if type(k) == "number" and is_index(k) then
    local mt = make_holey(a)
    if mt.indices then mt = to_own(a) end
    rawset(a, k, nil)
    if mt.indices then mt.indices[k] = nil end
    if mt.special then mt.special[k] = nil end
    if mt.bits then mt.bits[k] = nil end
    return true
  end
  return rt.plain_delete(a, k)
end

function exotic.keys(a)
  local list, n = {}, 0
  local mt = getmetatable(a)
  local length = length_of(a)
  if not mt.holey then
    for i = 1, length do list[i] = i end
    n = length
  else
    for k in next, a do
      if type(k) == "number" and is_index(k) then
        n = n + 1
        list[n] = k
      end
    end
    if mt.indices then
      for k in pairs(mt.indices) do
        if rawget(a, k) == nil then
          n = n + 1
          list[n] = k
        end
      end
    end
    sort(list)
  end
  n = n + 1
  list[n] = "length"
  return rt.add_named_keys(mt, list, n)
end

-- Makes rt.array, the shape of arrays, once Array.prototype is there.
function rt.install_arrays()
  local proto = rt.ArrayPrototype
  local up = getmetatable(proto)
  rawset(proto, "length", 0)
  up.array, up.exotic, up.exotic_newindex, up.exotic_set, up.class = true, exotic, array_newindex, rt.array_set, "Array" -- an array itself
  rt.settle(up)
  local shape = rt.new_shape(proto)
  shape.array, shape.exotic, shape.exotic_newindex, shape.exotic_set = true, exotic, array_newindex, rt.array_set
  shape.class = "Array"
  rt.settle(shape)
  rt.array = shape
  up.array_root = shape
  local holey = rt.new_shape(proto)
  for k, v in pairs(shape) do if k ~= "next" and k ~= "keys" and k ~= "pos" then holey[k] = v end end
  holey.holey = true
  rt.holey_array = holey
end

-- The shape of arrays over another prototype (class X extends Array).
function rt.array_root(proto)
  if proto == rt.ArrayPrototype then return rt.array end
  local up = to_own(rt.store(proto))
  local shape = up.array_root
  if not shape then
    shape = rt.new_shape(proto)
    shape.array, shape.exotic, shape.exotic_newindex, shape.exotic_set = true, exotic, array_newindex, rt.array_set
    shape.class = "Array"
    rt.settle(shape)
    up.array_root = shape
  end
  return shape
end

function rt.is_array(v)
  if type(v) ~= "table" then return false end
  local mt = getmetatable(v)
  if mt == nil then return false end
  if mt.array then return true end
  if mt.proxy_target then return rt.proxy_is_array(v) end
  return false
end
