-- SPDX-License-Identifier: MIT
--
-- Arguments objects: an array's elements over Object.prototype (ECMA-262, 10.4.4).
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, select = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset, L.select
local SYMBOL, none = rt.symbols, rt.none

local sloppy_shape, strict_shape
local function make_shapes()
  local function grown(special)
    local shape = rt.new_shape(rt.ObjectPrototype)
    shape = rt.grow(rt.grow(rt.grow(shape, "length"), "callee"), SYMBOL.iterator)
    shape.bits = { length = 5, callee = 5, [SYMBOL.iterator] = 5 }
    shape.special = special
    shape.class, shape.arguments = "Arguments", true -- as long as it has no other properties
    rt.settle(shape)
    return shape
  end
  sloppy_shape = grown()
  strict_shape = grown { callee = { accessor = true, bits = 0, get = rt.thrower, set = rt.thrower } }
end

-- Is the length a count still, whatever was assigned to it?
function rt.is_counted(o)
  local n = rawget(o, "length")
  return type(n) == "number" and n >= 0 and n <= 1e6 and n % 1 == 0
end

rt.select = select

-- arguments[i] of a function that needs no arguments object: a plain sequence.
function rt.pack(...)
  local n = select("#", ...)
  if n > rt.MANY then return (rt.whole({ ... }, n)) end
  if n > 6 then return { ... } end
  local a, b, c, d, e, f = ... -- written out: the JIT compiles no { ... }
  if n < 3 then return { a, b } end
  return { a, b, c, d, e, f }
end

local function mark_undefined(o, n)
  for i = 1, n do
    if o[i] == nil then rt.mark(o, i) end
  end
end

local ITERATOR, FEW = SYMBOL.iterator, 4
local function few_arguments(shape, n, a, b, c, d)
  local o
  if n < 3 then o = { a, b, length = n, callee = nil, [ITERATOR] = rt.array_values }
  else o = { a, b, c, d, length = n, callee = nil, [ITERATOR] = rt.array_values } end
  setmetatable(o, shape)
  if n > 0 and (a == nil or n > 1 and b == nil or n > 2 and c == nil or n > 3 and d == nil) then mark_undefined(o, n) end
  return o, none()
end

local function make_arguments(shape, n, ...)
  local o = setmetatable({ length = n, callee = nil, [ITERATOR] = rt.array_values, ... }, shape) -- with room for all from the start
  if n > rt.MANY then
    o, n = rt.whole(o, n)
    o.length = n
  end
  for i = 1, n do
    if o[i] == nil then rt.mark(o, i) end
  end
  return o
end

function rt.strictarguments(...)
  if not strict_shape then make_shapes() end
  local n = select("#", ...)
  if n > FEW then return make_arguments(strict_shape, n, ...) end
  local a, b, c, d = ...
  return few_arguments(strict_shape, n, a, b, c, d)
end

-- Of sloppy code in whose source `callee` does not occur.
function rt.plainarguments(...)
  if not sloppy_shape then make_shapes() end
  local n = select("#", ...)
  if n > FEW then return make_arguments(sloppy_shape, n, ...) end
  local a, b, c, d = ...
  return few_arguments(sloppy_shape, n, a, b, c, d)
end

function rt.arguments(...)
  local o = rt.plainarguments(...)
  local info = L.debug.getinfo(2, "f")
  rawset(o, "callee", info and info.func)
  return o
end

-- ---- those of sloppy functions that assign a parameter or an element: each element is its parameter, as long as it is mapped

local mapped = {}

local function plain_get_own(o, k)
  local mt = getmetatable(o)
  if mt.special and mt.special[k] then return mt.special[k] end
  local v = rawget(o, k)
  if v == nil and not (type(k) == "number" and mt.indices and mt.indices[k] or type(k) ~= "number" and rt.pos_of(mt)[k]) then return nil end
  return { value = v, bits = mt.bits and mt.bits[k] or 7 }
end

-- A mapped element is absent from the raw table, so that every access asks.
local function keep_mapped(o, mt, k)
  rawset(o, k, nil)
  mt.indices = mt.indices or {}
  mt.indices[k] = true
end

function mapped.get_own(o, k)
  local mt = getmetatable(o)
  if not mt.mapped[k] then return plain_get_own(o, k) end
  return { value = mt.access(k), bits = mt.bits and mt.bits[k] or 7 }
end

function mapped.define(o, k, d)
  local mt = getmetatable(o)
  if not rt.apply_descriptor(o, k, d, mapped.get_own(o, k), not mt.sealed) then return false end
  if not mt.mapped[k] then return true end
  local refused = d.mask and d.mask % 2 == 1 and (d.bits or 0) % 2 == 0 -- no longer writable
  if d.has_get or d.has_set then
    mt.mapped[k] = nil
  else
    if d.has_value then mt.access(k, true, d.value) end
    if refused then mt.mapped[k] = nil else keep_mapped(o, mt, k) end
  end
  return true
end

function mapped.delete(o, k)
  local d = mapped.get_own(o, k)
  if d and d.bits < 4 then return false end
  getmetatable(o).mapped[k] = nil
  return rt.plain_delete(o, k)
end

local function mapped_get(o, k, this)
  local mt = getmetatable(o)
  if mt.mapped[k] then return (mt.access(k)) end
  return rt.get(mt.proto, k, this)
end

local function mapped_index(o, k)
  local mt = getmetatable(o)
  if mt.mapped[k] then return (mt.access(k)) end
  return rt.lookup(o, k, o)
end

local function mapped_set(o, k, v, this, quiet)
  local mt = getmetatable(o)
  if this == o and mt.mapped[k] then
    mt.access(k, true, v)
    return true
  end
  local d = mapped.get_own(o, k)
  if d and d.accessor and d.set then
    d.set(this, v)
    return true
  end
  if d then return rt.set_on_receiver(this, k, v, quiet) end
  return rt.set(mt.proto, k, v, this, quiet)
end

-- access(i, set, v) reads or, where set is true, writes the i-th of the n parameters.
function rt.mappedarguments(n, access, ...)
  local count = select("#", ...)
  local o = rt.plainarguments(...)
  local info = L.debug.getinfo(2, "f")
  rawset(o, "callee", info and info.func)
  local mt = rt.to_own(o)
  mt.mapped, mt.access, mt.exotic = {}, access, mapped
  mt.exotic_get, mt.exotic_index, mt.exotic_set = mapped_get, mapped_index, mapped_set
  mt.exotic_newindex = function(t, k, v) mapped_set(t, k, v, t) end
  for i = 1, count < n and count or n do
    mt.mapped[i] = true
    keep_mapped(o, mt, i)
  end
  rt.settle(mt)
  return o
end
