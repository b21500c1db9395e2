-- SPDX-License-Identifier: MIT
--
-- Typed arrays as objects, and their constructors (ECMA-262, clauses 10.4.5, 23.2), over the memory of Buffers. What the parts beside this
-- one need of it (array_buffer, typed_array_methods, atomics, buffer_object) is in rt.views.
--
-- An ArrayBuffer's slot: {owner (a Buffer), memory (uint8_t *), length, max (of a resizable one), detached, shared (a SharedArrayBuffer's)}.
-- A view's: {kind, buffer (the object), data (its slot), offset, length (nil: to the buffer's end), at (pointer of the element's type)}.
-- A resizable buffer has its memory from the start, so that pointers stay.
local rt = ...
local L = rt.lua
local ffi = L.require "ffi"
local type, getmetatable, setmetatable, rawget, rawset, tonumber, ipairs = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset, L.tonumber,
  L.ipairs
local floor = L.math.floor
local cast, copy, bit = ffi.cast, ffi.copy, L.bit
local band = bit.band
local null, is_object, tonum, text, is_callable = rt.null, rt.is_object, rt.tonum, rt.text, rt.is_callable
local SYMBOL, DATA = rt.symbols, rt.DATA
local to_index = rt.to_index
local core_buffer = L.require("lunode.core").buffer
local alloc, window, is_buffer = core_buffer.alloc, core_buffer.slice, core_buffer.is
local buffer_view = L.require "lunode.internal.buffer_view"

-- ---- elements

-- A NaN from memory may have any payload, and some are what LuaJIT marks its own values with: the bits are looked at first.
local function get_float64(at, i)
  local words = cast("uint32_t *", at + i)
  local high = words[1]
  if band(high, 0x7ff00000) == 0x7ff00000 and (band(high, 0xfffff) ~= 0 or words[0] ~= 0) then return 0 / 0 end
  return at[i]
end
local function get_float32(at, i)
  local word = cast("uint32_t *", at + i)[0]
  if band(word, 0x7f800000) == 0x7f800000 and band(word, 0x7fffff) ~= 0 then return 0 / 0 end
  return tonumber(at[i])
end
local function get_number(at, i) return tonumber(at[i]) end

local function big_of_words(low, high, signed)
  local op = rt.bigint_op
  local v = op.add(op.mul(rt.bigint_of(high), rt.bigint_of(4294967296)), rt.bigint_of(low))
  if signed and high >= 2147483648 then v = op.sub(v, rt.bigint_of(18446744073709551616)) end
  return v
end
local function get_big(signed)
  return function(at, i)
    local words = cast("uint32_t *", at + i)
    return big_of_words(tonumber(words[0]), tonumber(words[1]), signed)
  end
end
local function set_big(at, i, v)
  local low, high = rt.bigint_words(v)
  local words = cast("uint32_t *", at + i)
  words[0], words[1] = low, high
end

local function wrap(bits)
  local m = 2 ^ bits
  return function(at, i, v) at[i] = rt.touint32(v) % m end
end
local function wrap_signed(bits)
  local m, half = 2 ^ bits, 2 ^ (bits - 1)
  return function(at, i, v)
    v = rt.touint32(v) % m
    at[i] = v >= half and v - m or v
  end
end
local function set_clamped(at, i, v)
  if not (v > 0) then at[i] = 0 elseif v >= 255 then at[i] = 255 else
    local low = floor(v)
    local rest = v - low
    if rest > 0.5 or rest == 0.5 and low % 2 == 1 then low = low + 1 end
    at[i] = low
  end
end
local function set_plain(at, i, v) at[i] = v end

local kinds = {}
for _, each in ipairs {
  { "Int8Array", 1, "int8_t *", get_number, wrap_signed(8) }, { "Uint8Array", 1, "uint8_t *", get_number, wrap(8) },
  { "Uint8ClampedArray", 1, "uint8_t *", get_number, set_clamped }, { "Int16Array", 2, "int16_t *", get_number, wrap_signed(16) },
  { "Uint16Array", 2, "uint16_t *", get_number, wrap(16) }, { "Int32Array", 4, "int32_t *", get_number, wrap_signed(32) },
  { "Uint32Array", 4, "uint32_t *", get_number, wrap(32) }, { "Float32Array", 4, "float *", get_float32, set_plain },
  { "Float64Array", 8, "double *", get_float64, set_plain }, { "BigInt64Array", 8, "int64_t *", get_big(true), set_big, true },
  { "BigUint64Array", 8, "uint64_t *", get_big(false), set_big, true },
} do
  kinds[#kinds + 1] = { name = each[1], size = each[2], ctype = ffi.typeof(each[3]), get = each[4], set = each[5], big = each[6] or false }
end

local byte_kind = kinds[2]

local function convert(kind, v)
  if kind.big then return rt.to_bigint(v) end
  if type(v) == "number" then return v end
  return tonum(v)
end

-- ---- buffers

local MOST = 4294967296 -- bytes

local views = { kinds = kinds, byte_kind = byte_kind, convert = convert }
rt.views = views

local function allocate_buffer(proto, length, most, shared)
  local size = most or length
  if size > MOST then rt.range_error "Array buffer allocation failed" end
  local owner = alloc(size > 0 and size or 1)
  local memory = buffer_view(owner).data
  ffi.fill(memory, size)
  local o = setmetatable({}, rt.root_of(proto))
  rawset(o, DATA, { array_buffer = true, owner = owner, memory = memory, length = length, max = most, detached = false, shared = shared })
  return o
end
views.allocate_buffer = allocate_buffer

-- A Buffer's slot as a Uint8Array. It must not refer to the Buffer itself, whose key here is weak, but to a window on its block.
local slots = setmetatable({}, { __mode = "k" })
views.slots = slots
local function buffer_slot(o)
  local d = slots[o]
  if d then return d end
  local b = buffer_view(o)
  local n = b.length
  local data = { array_buffer = true, owner = window(o, 0, n), memory = b.data, length = n, detached = false }
  d = { typed = true, kind = byte_kind, data = data, offset = 0, length = n, at = b.data, get = byte_kind.get }
  slots[o] = d
  return d
end
views.buffer_slot = buffer_slot

function views.slot_buffer(d)
  local buffer = d.buffer
  if not buffer then
    buffer = setmetatable({ [DATA] = d.data }, rt.root_of(views.ArrayBufferPrototype))
    d.buffer = buffer
  end
  return buffer
end

-- ---- views

-- How many elements there are now; nil when the view lies outside its buffer.
local function live_length(d)
  local data = d.data
  if data.detached then return nil end
  local length = d.length
  if data.max == nil then return length end
  if length == nil then
    if d.offset > data.length then return nil end
    return floor((data.length - d.offset) / d.kind.size)
  end
  if d.offset + length * d.kind.size > data.length then return nil end
  return length
end
views.live_length = live_length

local exotic = {}

local function typed_data(o)
  local t = type(o)
  local d = t == "table" and rawget(o, DATA)
  if type(d) == "table" and d.typed then return d end
  if t == "userdata" and is_buffer(o) then return buffer_slot(o) end
end
views.typed_data = typed_data

-- A string that is a number's text, though no index: no property of a typed array.
local function numeric_text(k)
  if type(k) ~= "string" then return false end
  if k == "-0" then return true end
  local c = L.string.byte(k, 1)
  if not c or not (c >= 48 and c <= 57 or c == 45 or c == 73 or c == 78) then return false end
  local n = rt.text_number(k)
  return rt.number_text(n) == k
end

local function in_bounds(d, k)
  local n = live_length(d)
  return n ~= nil and k >= 1 and k <= n and k == floor(k)
end
views.in_bounds = in_bounds

local function read(o, k)
  local d = rawget(o, DATA)
  local n = d.length
  if d.data.max ~= nil or d.data.detached then n = live_length(d) or 0 end
  if k >= 1 and k <= n and k == floor(k) then return d.get(d.at, k - 1) end
  return nil
end

local function typed_get(t, k, this)
  if type(k) == "number" then return (read(t, k)) end
  if numeric_text(k) then return nil end
  local base = getmetatable(t).base
  if base == nil then return nil end
  return (rt.get(getmetatable(t).proto, k, this))
end

local function typed_index(o, k)
  if type(k) == "number" then return (read(o, k)) end
  local mt = getmetatable(o)
  if mt.special then return (rt.lookup(o, k, o)) end
  local v = rawget(mt.base, k)
  if v ~= nil then return v end
  return (typed_get(o, k, o))
end

local function write(o, k, v)
  local d = rawget(o, DATA)
  local kind = d.kind
  if type(v) ~= "number" or kind.big then v = convert(kind, v) end
  if in_bounds(d, k) then kind.set(d.at, k - 1, v) end
end

local function typed_newindex(o, k, v)
  if type(k) == "number" then return write(o, k, v) end
  rt.set_slow(o, k, v, o)
end

local function typed_set(t, k, v, this, quiet)
  if type(k) == "number" or numeric_text(k) then
    local d = rawget(t, DATA)
    if this == t then
      if type(k) == "number" then write(t, k, v) else convert(d.kind, v) end
      return true
    end
    if type(k) ~= "number" or not in_bounds(d, k) then return true end
  end
  local mt = getmetatable(t)
  if type(k) ~= "number" and rawget(t, k) == nil and mt.proto ~= nil then return rt.set(mt.proto, k, v, this, quiet) end
  return rt.set_on_receiver(this, k, v, quiet)
end

function exotic.get_own(o, k)
  if type(k) == "number" then
    local v = read(o, k)
    if v == nil then return nil end
    return { value = v, bits = 7 }
  end
  if numeric_text(k) then return nil end
  local mt = getmetatable(o)
  if mt.special and mt.special[k] then return mt.special[k] end
  if not rt.pos_of(mt)[k] then return nil end
  return { value = rawget(o, k), bits = mt.bits and mt.bits[k] or 7 }
end
function exotic.has(o, k)
  if type(k) == "number" then return in_bounds(rawget(o, DATA), k) end
  if numeric_text(k) then return false end
  if exotic.get_own(o, k) then return true end
  local proto = getmetatable(o).proto
  return proto ~= nil and rt.has_property(proto, k)
end
function exotic.define(o, k, d)
  if type(k) == "number" then
    if not in_bounds(rawget(o, DATA), k) then return false end
    if band(d.mask or 0, bit.bnot(d.bits or 0)) % 8 ~= 0 or d.has_get or d.has_set then return false end
    if d.has_value then write(o, k, d.value) end
    return true
  end
  if numeric_text(k) then return false end
  return rt.apply_descriptor(o, k, d, exotic.get_own(o, k), not getmetatable(o).sealed)
end
function exotic.delete(o, k)
  if type(k) == "number" then return not in_bounds(rawget(o, DATA), k) end
  if numeric_text(k) then return true end
  return rt.plain_delete(o, k)
end
function exotic.keys(o)
  local list, n = {}, live_length(rawget(o, DATA)) or 0
  for i = 1, n do list[i] = i end
  return rt.add_named_keys(getmetatable(o), list, n)
end

local function shape_of(proto)
  local up = getmetatable(rt.root_of(proto).base)
  local shape = up.typed_shape
  if not shape then
    shape = rt.new_shape(proto)
    shape.exotic, shape.class = exotic, "TypedArray"
    shape.exotic_get, shape.exotic_set = typed_get, typed_set
    shape.exotic_index, shape.exotic_newindex = typed_index, typed_newindex
    rt.settle(shape)
    up.typed_shape = shape
  end
  return shape
end

local function make_view(proto, kind, buffer, offset, length)
  local data = rawget(buffer, DATA)
  local o = setmetatable({}, shape_of(proto))
  rawset(o, DATA, { typed = true, kind = kind, buffer = buffer, data = data, offset = offset, length = length,
    at = cast(kind.ctype, data.memory + offset), get = kind.get })
  return o
end

local function with_length(proto, kind, n)
  return make_view(proto, kind, allocate_buffer(views.ArrayBufferPrototype, n * kind.size), 0, n)
end

-- ValidateTypedArray: the slot and the length
local function validate(o, name)
  local d = typed_data(o)
  if not d then rt.type_error "this is not a typed array." end
  local n = live_length(d)
  if n == nil then rt.type_error("Cannot perform " .. name .. " on a detached ArrayBuffer") end
  return d, n
end

-- The typed array that a constructor makes, checked.
local function create(C, name, needed, ...)
  local o = rt.construct(C, C, ...)
  local d, n = validate(o, name)
  if needed and n < needed then rt.type_error "Derived TypedArray constructor created an array which was too small" end
  return o, d
end

local function species_create(o, d, name, needed, ...)
  local C = rt.species_constructor(o, d.kind.constructor)
  local made, md = create(C, name, needed, ...)
  if md.kind.big ~= d.kind.big then rt.type_error "Content type of source and derived typed arrays differ" end
  return made, md
end

-- Lets array iterators see the length of a typed array.
function rt.typed_length(o)
  local d = typed_data(o)
  if not d then return nil end
  local n = live_length(d)
  if n == nil then rt.type_error "Cannot perform %ArrayIteratorPrototype%.next on a detached ArrayBuffer" end
  return n
end
views.with_length, views.validate, views.create, views.species_create = with_length, validate, create, species_create


-- ---- the constructors

-- GetPrototypeFromConstructor
local function prototype_for(target, proto)
  local p = rt.target_prototype(target)
  return is_object(p) and p or proto
end
views.prototype_for = prototype_for

-- A view of a buffer whose slot is given (InitializeTypedArrayFromArrayBuffer).
local function from_buffer(proto, kind, buffer, slot, offset, length)
  offset = to_index(offset)
  if offset % kind.size ~= 0 then rt.range_error("start offset of " .. kind.name .. " should be a multiple of " .. kind.size) end
  if length ~= nil then length = to_index(length) end
  if slot.detached then rt.type_error "Cannot perform Construct on a detached ArrayBuffer" end
  if length == nil then
    if slot.max ~= nil then
      if offset > slot.length then rt.range_error("Start offset " .. offset .. " is outside the bounds of the buffer") end
    else
      if slot.length % kind.size ~= 0 then rt.range_error("byte length of " .. kind.name .. " should be a multiple of " .. kind.size) end
      length = (slot.length - offset) / kind.size
      if length < 0 then rt.range_error("Start offset " .. offset .. " is outside the bounds of the buffer") end
    end
  elseif offset + length * kind.size > slot.length then
    rt.range_error("Invalid typed array length: " .. length)
  end
  return make_view(proto, kind, buffer, offset, length)
end

local function from_typed_array(proto, kind, source, slot)
  local n = live_length(slot)
  if n == nil then rt.type_error "Cannot perform Construct on a detached ArrayBuffer" end
  if slot.kind.big ~= kind.big then rt.type_error "Cannot mix BigInt and other types, use explicit conversions" end
  local o = with_length(proto, kind, n)
  if slot.kind == kind then
    copy(rawget(o, DATA).at, slot.data.memory + slot.offset, n * kind.size)
  else
    for i = 1, n do o[i] = source[i] end
  end
  return o
end

local function from_list(proto, kind, source)
  local iterator = source[SYMBOL.iterator]
  local list, n
  if iterator ~= nil and iterator ~= null then
    if not is_callable(iterator) then rt.type_error(rt.show(iterator) .. " is not a function") end
    list, n = rt.collect(source)
  else
    list, n = source, rt.tolength(source.length)
  end
  if n * kind.size > MOST then rt.range_error("Invalid typed array length: " .. n) end
  local o = with_length(proto, kind, n)
  for i = 1, n do o[i] = list[i] end
  return o
end

function rt.install_typed_arrays()
  local TypedArray = views.TypedArray
  for _, kind in ipairs(kinds) do
    local name = kind.name
    local proto = rt.object_of(views.TypedArrayPrototype)
    kind.prototype = proto
    local C = rt.global_class(name, 3, function() rt.type_error("Constructor " .. name .. " requires 'new'") end, function(target, first, offset, length)
      if not is_object(first) then
        local n = to_index(first)
        local p = prototype_for(target, proto)
        if n * kind.size > MOST then rt.range_error("Invalid typed array length: " .. text(first)) end
        return with_length(p, kind, n)
      end
      local p = prototype_for(target, proto)
      local slot = typed_data(first) or type(first) == "table" and rawget(first, DATA)
      if type(slot) == "table" then
        if slot.array_buffer then return from_buffer(p, kind, first, slot, offset, length) end
        if slot.typed then return from_typed_array(p, kind, first, slot) end
      end
      return from_list(p, kind, first)
    end, proto)
    kind.constructor = C
    rt.set_prototype(C, TypedArray)
    rt.constant_property(C, "BYTES_PER_ELEMENT", kind.size)
    rt.constant_property(proto, "BYTES_PER_ELEMENT", kind.size)
  end
end
