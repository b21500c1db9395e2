-- SPDX-License-Identifier: MIT
--
-- ArrayBuffer, the typed arrays, DataView (ECMA-262, clauses 23.2, 25.1, 25.3), over the memory of Buffers; and a Buffer as a Uint8Array.
--
--   rt.bytes_of(v)     the Buffer over the same bytes of a typed array, DataView or ArrayBuffer; nil for anything else
--
-- An ArrayBuffer's slot: {owner (a Buffer), memory (uint8_t *), length, max (of a resizable one), detached}. A view's: {kind, buffer (the object), data (its slot),
-- offset, length (nil: to the buffer's end), at (pointer of the element's type)}. A resizable buffer has its memory from the start, so
-- that pointers stay.
local rt = ...
local L = rt.lua
local ffi = L.require "ffi"
local type, getmetatable, setmetatable, rawget, rawset, select, tonumber, ipairs, pairs = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset,
  L.select, L.tonumber, L.ipairs, L.pairs
local floor, huge, min, max = L.math.floor, L.math.huge, L.math.min, L.math.max
local cast, copy, bit = ffi.cast, ffi.copy, L.bit
local band = bit.band
local null, is_object, native, hide, tonum, toint, text, truthy, is_callable = rt.null, rt.is_object, rt.native, rt.hide, rt.tonum, rt.toint, rt.text,
  rt.truthy, rt.is_callable
local SYMBOL, DATA, G = rt.symbols, rt.DATA, rt.global
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

local ArrayBufferPrototype, ArrayBufferFunction

local function allocate_buffer(proto, length, most)
  local size = most or length
  if size > 4294967296 then rt.range_error "Array buffer allocation failed" end
  local owner = alloc(size > 0 and size or 1)
  local memory = buffer_view(owner).data
  ffi.fill(memory, size)
  local o = setmetatable({}, rt.root_of(proto))
  rawset(o, DATA, { array_buffer = true, owner = owner, memory = memory, length = length, max = most, detached = false })
  return o
end

-- A Buffer's slot as a Uint8Array. It must not refer to the Buffer itself, whose key here is weak, but to a window on its block.
local slots = setmetatable({}, { __mode = "k" })
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

local function slot_buffer(d)
  local buffer = d.buffer
  if not buffer then
    buffer = setmetatable({ [DATA] = d.data }, rt.root_of(ArrayBufferPrototype))
    d.buffer = buffer
  end
  return buffer
end

local function buffer_data(o, name)
  local d = type(o) == "table" and rawget(o, DATA)
  if type(d) ~= "table" or not d.array_buffer then rt.type_error("Method ArrayBuffer.prototype." .. name .. " called on incompatible receiver " .. rt.show(o)) end
  return d
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

local exotic = {}

local function typed_data(o)
  local t = type(o)
  local d = t == "table" and rawget(o, DATA)
  if type(d) == "table" and d.typed then return d end
  if t == "userdata" and is_buffer(o) then return buffer_slot(o) end
end

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
  return make_view(proto, kind, allocate_buffer(ArrayBufferPrototype, n * kind.size), 0, n)
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

local function need_function(f) if not is_callable(f) then rt.type_error(rt.show(f) .. " is not a function") end end

-- this value for a method that only uses elements: f(o, n, …)
local function method(name, length, f)
  return native(name, length, function(this, ...)
    local d, n = validate(this, "%TypedArray%.prototype." .. name)
    return f(this, n, d, ...)
  end)
end

function rt.install_typed_arrays()
  -- ---- ArrayBuffer
  local P = rt.object_of(rt.ObjectPrototype)
  ArrayBufferPrototype = P
  ArrayBufferFunction = rt.global_class("ArrayBuffer", 1, function() rt.type_error "Constructor ArrayBuffer requires 'new'" end, function(target, length, options)
    length = to_index(length)
    local most
    if is_object(options) then
      local v = options.maxByteLength
      if v ~= nil then most = to_index(v) end
    end
    local proto = rt.target_prototype(target)
    if not is_object(proto) then proto = P end
    if most and length > most then rt.range_error "Invalid array buffer max length" end
    return allocate_buffer(proto, length, most)
  end, P)
  rt.getter(ArrayBufferFunction, SYMBOL.species, native("get [Symbol.species]", 0, function(this) return this end))
  rt.methods(ArrayBufferFunction, { "isView", 1, function(_, v)
    if type(v) == "userdata" then return is_buffer(v) end
    local d = type(v) == "table" and rawget(v, DATA)
    return type(d) == "table" and (d.typed or d.view) and true or false
  end })
  rt.define_getter(P, "byteLength", function(this) local d = buffer_data(this, "byteLength") return d.detached and 0 or d.length end)
  rt.define_getter(P, "maxByteLength", function(this) local d = buffer_data(this, "maxByteLength") return d.detached and 0 or d.max or d.length end)
  rt.define_getter(P, "resizable", function(this) return buffer_data(this, "resizable").max ~= nil end)
  rt.define_getter(P, "detached", function(this) return buffer_data(this, "detached").detached end)
  local function transfer(name, fixed)
    return function(this, length)
      local d = buffer_data(this, name)
      local n = length == nil and d.length or to_index(length)
      if d.detached then rt.type_error("Cannot perform ArrayBuffer.prototype." .. name .. " on a detached ArrayBuffer") end
      local o = allocate_buffer(P, n, not fixed and d.max or nil)
      copy(rawget(o, DATA).memory, d.memory, min(n, d.length))
      d.detached, d.length = true, 0
      return o
    end
  end
  rt.methods(P, {
    "slice", 2, function(this, from, to)
      local d = buffer_data(this, "slice")
      if d.detached then rt.type_error "Cannot perform ArrayBuffer.prototype.slice on a detached ArrayBuffer" end
      local n = d.length
      from = rt.relative(from, n, 0)
      to = rt.relative(to, n, n)
      local count = max(to - from, 0)
      local C = rt.species_constructor(this, ArrayBufferFunction)
      local o = rt.construct(C, C, count)
      local e = buffer_data(o, "slice")
      if e.detached then rt.type_error "detached" end
      if o == this then rt.type_error "ArrayBuffer subclass returned this from species constructor" end
      if e.length < count then rt.type_error "Species constructor returned a too small ArrayBuffer" end
      if d.detached then rt.type_error "Cannot perform ArrayBuffer.prototype.slice on a detached ArrayBuffer" end
      if from < d.length then copy(e.memory, d.memory + from, min(count, d.length - from)) end
      return o
    end,
    "resize", 1, function(this, n)
      local d = buffer_data(this, "resize")
      if d.max == nil then rt.type_error "Method ArrayBuffer.prototype.resize called on incompatible receiver #<ArrayBuffer>" end
      n = to_index(n)
      if d.detached then rt.type_error "Cannot perform ArrayBuffer.prototype.resize on a detached ArrayBuffer" end
      if n > d.max then rt.range_error "ArrayBuffer.prototype.resize: Invalid length parameter" end
      if n < d.length then ffi.fill(d.memory + n, d.length - n) end
      d.length = n
    end,
    "transfer", 0, transfer("transfer", false),
    "transferToFixedLength", 0, transfer("transferToFixedLength", true),
  })
  rt.readonly(P, SYMBOL.toStringTag, "ArrayBuffer")

  -- ---- %TypedArray%
  local T = rt.object_of(rt.ObjectPrototype)
  local TypedArray = rt.native_constructor("TypedArray", 0, function() rt.type_error "Abstract class TypedArray not directly constructable" end,
    function() rt.type_error "Abstract class TypedArray not directly constructable" end, T)
  rt.getter(TypedArray, SYMBOL.species, native("get [Symbol.species]", 0, function(this) return this end))
  rt.methods(TypedArray, {
    "of", 0, function(C, ...)
      if not rt.is_constructor(C) then rt.type_error(rt.show(C) .. " is not a constructor") end
      local n = select("#", ...)
      local o = create(C, "%TypedArray%.of", n, n)
      for i = 1, n do o[i] = (select(i, ...)) end
      return o
    end,
    "from", 1, function(C, items, f, receiver)
      if not rt.is_constructor(C) then rt.type_error(rt.show(C) .. " is not a constructor") end
      if f ~= nil then need_function(f) end
      local iterator = items[SYMBOL.iterator]
      local list, n
      if iterator ~= nil and iterator ~= null then
        need_function(iterator)
        list, n = rt.collect(items)
      else
        list = rt.toobject(items)
        n = rt.tolength(list.length)
      end
      local o = create(C, "%TypedArray%.from", n, n)
      for i = 1, n do
        local v = list[i]
        if f then v = f(receiver, v, i - 1) end
        o[i] = v
      end
      return o
    end,
  })
  local function data_for(this, name)
    local d = typed_data(this)
    if not d then rt.type_error("Receiver of TypedArray.prototype." .. name .. " is not a typed array") end
    return d
  end
  rt.define_getter(T, "buffer", function(this) return slot_buffer(data_for(this, "buffer")) end)
  rt.define_getter(T, "byteLength", function(this)
    local d = data_for(this, "byteLength")
    return (live_length(d) or 0) * d.kind.size
  end)
  rt.define_getter(T, "byteOffset", function(this)
    local d = data_for(this, "byteOffset")
    return live_length(d) and d.offset or 0
  end)
  rt.define_getter(T, "length", function(this) return live_length(data_for(this, "length")) or 0 end)
  rt.getter(T, SYMBOL.toStringTag, native("get [Symbol.toStringTag]", 0, function(this)
    local d = typed_data(this)
    return d and d.kind.name
  end))

  local A = rt.ArrayPrototype
  -- These are Array.prototype's, but for the check of `this`.
  for _, name in ipairs { "every", "some", "forEach", "find", "findIndex", "findLast", "findLastIndex", "reduce", "reduceRight" } do
    local shared = A[name]
    hide(T, name, native(name, 1, function(this, ...)
      local f, receiver = ... -- first of all: tests/support/varargs.lua
      local d, n = validate(this, "%TypedArray%.prototype." .. name)
      need_function(f)
      if name == "reduce" or name == "reduceRight" then
        local i, last, step = 1, n, 1
        if name == "reduceRight" then i, last, step = n, 1, -1 end
        local v
        if select("#", ...) > 1 then v = receiver else
          if n == 0 then rt.type_error "Reduce of empty array with no initial value" end
          v = this[i]
          i = i + step
        end
        for k = i, last, step do v = f(nil, v, this[k], k - 1, this) end
        return v
      end
      local back = name == "findLast" or name == "findLastIndex"
      for i = back and n or 1, back and 1 or n, back and -1 or 1 do
        local v = this[i]
        local r = f(receiver, v, i - 1, this)
        if name ~= "forEach" then
          r = truthy(r)
          if name == "every" then if not r then return false end
          elseif r then
            if name == "some" then return true end
            if name == "find" or name == "findLast" then return v end
            return i - 1
          end
        end
      end
      if name == "every" then return true elseif name == "some" then return false
      elseif name == "findIndex" or name == "findLastIndex" then return -1 end
    end))
  end
  for _, name in ipairs { "values", "keys", "entries" } do
    local shared = A[name]
    hide(T, name, native(name, 0, function(this)
      validate(this, "%TypedArray%.prototype." .. name)
      return shared(this)
    end))
  end
  hide(T, SYMBOL.iterator, T.values)
  hide(T, "toString", A.toString)

  local function strict_search(name, length, f) hide(T, name, method(name, length, f)) end
  strict_search("includes", 1, function(o, n, _, v, from)
    if n == 0 then return false end
    from = toint(from)
    if from < 0 then from = max(n + from, 0) end
    for i = from + 1, n do if rt.same_value_zero(o[i], v) then return true end end
    return false
  end)
  strict_search("indexOf", 1, function(o, n, d, v, from)
    if n == 0 then return -1 end
    from = toint(from)
    if from < 0 then from = max(n + from, 0) end
    for i = from + 1, min(n, live_length(d) or 0) do if o[i] == v then return i - 1 end end
    return -1
  end)
  strict_search("lastIndexOf", 1, function(o, n, d, v, ...)
    if n == 0 then return -1 end
    local from = n - 1
    if select("#", ...) > 0 then from = toint((...)) end
    if from < 0 then from = n + from elseif from > n - 1 then from = n - 1 end
    for i = min(from + 1, live_length(d) or 0), 1, -1 do if o[i] == v then return i - 1 end end
    return -1
  end)
  strict_search("at", 1, function(o, n, _, i)
    i = toint(i)
    if i < 0 then i = i + n end
    if i < 0 or i >= n then return nil end
    return o[i + 1]
  end)
  strict_search("join", 1, function(o, n, _, separator)
    separator = separator == nil and "," or text(separator)
    local list = {}
    for i = 1, n do
      local v = o[i]
      list[i] = v == nil and "" or text(v)
    end
    return L.table.concat(list, separator)
  end)
  strict_search("toLocaleString", 0, function(o, n)
    local list = {}
    for i = 1, n do
      local v = o[i]
      list[i] = (v == nil or v == null) and "" or text(v:toLocaleString())
    end
    return L.table.concat(list, ",")
  end)
  strict_search("fill", 1, function(o, n, d, v, from, to)
    v = convert(d.kind, v)
    from = rt.relative(from, n, 0)
    to = rt.relative(to, n, n)
    local now = live_length(d)
    if now == nil then rt.type_error "Cannot perform %TypedArray%.prototype.fill on a detached ArrayBuffer" end
    for i = from + 1, min(to, now) do d.kind.set(d.at, i - 1, v) end
    return o
  end)
  strict_search("reverse", 0, function(o, n)
    for i = 1, floor(n / 2) do
      local a, b = o[i], o[n + 1 - i]
      o[i], o[n + 1 - i] = b, a
    end
    return o
  end)
  strict_search("copyWithin", 2, function(o, n, d, target, from, to)
    target = rt.relative(target, n, 0)
    from = rt.relative(from, n, 0)
    to = rt.relative(to, n, n)
    local count = min(to - from, n - target)
    if count <= 0 then return o end
    local now = live_length(d)
    if now == nil then rt.type_error "Cannot perform %TypedArray%.prototype.copyWithin on a detached ArrayBuffer" end
    count = min(count, now - from, now - target)
    local size = d.kind.size
    local base = d.data.memory + d.offset
    if count > 0 then
      local part = ffi.new("uint8_t[?]", count * size)
      copy(part, base + from * size, count * size)
      copy(base + target * size, part, count * size)
    end
    return o
  end)
  strict_search("map", 1, function(o, n, d, f, receiver)
    need_function(f)
    local made = species_create(o, d, "map", n, n)
    for i = 1, n do made[i] = f(receiver, o[i], i - 1, o) end
    return made
  end)
  strict_search("filter", 1, function(o, n, d, f, receiver)
    need_function(f)
    local list, m = {}, 0
    for i = 1, n do
      local v = o[i]
      if truthy(f(receiver, v, i - 1, o)) then
        m = m + 1
        list[m] = v
      end
    end
    local made = species_create(o, d, "filter", m, m)
    for i = 1, m do made[i] = list[i] end
    return made
  end)
  strict_search("slice", 2, function(o, n, d, from, to)
    from = rt.relative(from, n, 0)
    to = rt.relative(to, n, n)
    local count = max(to - from, 0)
    local made, md = species_create(o, d, "slice", count, count)
    if count == 0 then return made end
    local now = live_length(d)
    if now == nil then rt.type_error "Cannot perform %TypedArray%.prototype.slice on a detached ArrayBuffer" end
    to = min(to, now)
    if md.kind == d.kind then
      local source, target = d.data.memory + d.offset + from * d.kind.size, md.data.memory + md.offset
      for i = 0, (to - from) * d.kind.size - 1 do target[i] = source[i] end
    else
      for i = from + 1, to do made[i - from] = o[i] end
    end
    return made
  end)
  hide(T, "subarray", native("subarray", 2, function(this, from, to)
    local d = data_for(this, "subarray")
    local n = live_length(d) or 0
    from = rt.relative(from, n, 0)
    local tracking = d.length == nil and to == nil
    local last = rt.relative(to, n, n)
    local C = rt.species_constructor(this, d.kind.constructor)
    local offset = d.offset + from * d.kind.size
    local made, md
    if tracking then made, md = create(C, "subarray", nil, slot_buffer(d), offset)
    else made, md = create(C, "subarray", nil, slot_buffer(d), offset, max(last - from, 0)) end
    if md.kind.big ~= d.kind.big then rt.type_error "Content type of source and derived typed arrays differ" end
    return made
  end))
  hide(T, "set", native("set", 1, function(this, source, offset)
    local d = data_for(this, "set")
    offset = toint(offset)
    if offset < 0 then rt.range_error "offset is out of bounds" end
    local n = live_length(d)
    if n == nil then rt.type_error "Cannot perform %TypedArray%.prototype.set on a detached ArrayBuffer" end
    local e = typed_data(source)
    if e then
      local m = live_length(e)
      if m == nil then rt.type_error "Cannot perform %TypedArray%.prototype.set on a detached ArrayBuffer" end
      if e.kind.big ~= d.kind.big then rt.type_error "Cannot mix BigInt and other types, use explicit conversions" end
      if offset == huge or m + offset > n then rt.range_error "offset is out of bounds" end
      if e.kind == d.kind then
        local part = ffi.new("uint8_t[?]", m * e.kind.size + 1)
        copy(part, e.data.memory + e.offset, m * e.kind.size)
        copy(d.data.memory + d.offset + offset * d.kind.size, part, m * d.kind.size)
      else
        local list = {}
        for i = 1, m do list[i] = source[i] end
        for i = 1, m do this[offset + i] = list[i] end
      end
      return
    end
    source = rt.toobject(source)
    local m = rt.tolength(source.length)
    if offset == huge or m + offset > n then rt.range_error "offset is out of bounds" end
    for i = 1, m do this[offset + i] = source[i] end
  end))
  local function numeric_compare(a, b)
    if a ~= a then return b ~= b and 0 or 1 end
    if b ~= b then return -1 end
    if a < b then return -1 elseif b < a then return 1 end
    if a == 0 and b == 0 and type(a) == "number" then
      if 1 / a < 0 and 1 / b > 0 then return -1 elseif 1 / a > 0 and 1 / b < 0 then return 1 end
    end
    return 0
  end
  local function comparator(f)
    if f == nil then return numeric_compare end
    return function(a, b)
      local r = tonum(f(nil, a, b))
      return r ~= r and 0 or r
    end
  end
  hide(T, "sort", native("sort", 1, function(this, f)
    if f ~= nil then need_function(f) end
    local d, n = validate(this, "%TypedArray%.prototype.sort")
    local list = {}
    for i = 1, n do list[i] = this[i] end
    list = rt.merge_sort(list, n, comparator(f))
    for i = 1, min(n, live_length(d) or 0) do this[i] = list[i] end
    return this
  end))
  hide(T, "toSorted", native("toSorted", 1, function(this, f)
    if f ~= nil then need_function(f) end
    local d, n = validate(this, "%TypedArray%.prototype.toSorted")
    local list = {}
    for i = 1, n do list[i] = this[i] end
    local made = with_length(d.kind.prototype, d.kind, n)
    list = rt.merge_sort(list, n, comparator(f))
    for i = 1, n do made[i] = list[i] end
    return made
  end))
  strict_search("toReversed", 0, function(o, n, d)
    local made = with_length(d.kind.prototype, d.kind, n)
    for i = 1, n do made[i] = o[n + 1 - i] end
    return made
  end)
  strict_search("with", 2, function(o, n, d, i, v)
    local at = toint(i)
    if at < 0 then at = at + n end
    v = convert(d.kind, v)
    if at < 0 or not in_bounds(d, at + 1) then rt.range_error "Invalid typed array index" end
    local made = with_length(d.kind.prototype, d.kind, n)
    for k = 1, n do
      if k == at + 1 then made[k] = v else made[k] = o[k] end
    end
    return made
  end)

  -- ---- the constructors
  for _, kind in ipairs(kinds) do
    local name = kind.name
    local proto = rt.object_of(T)
    kind.prototype = proto
    local C = rt.global_class(name, 3, function() rt.type_error("Constructor " .. name .. " requires 'new'") end, function(target, first, ...)
      local function prototype()
        local p = rt.target_prototype(target)
        return is_object(p) and p or proto
      end
      if not is_object(first) then
        local n = to_index(first)
        if n * kind.size > 4294967296 then rt.range_error("Invalid typed array length: " .. text(first)) end
        return with_length(prototype(), kind, n)
      end
      local p = prototype()
      local slot = typed_data(first) or type(first) == "table" and rawget(first, DATA)
      if type(slot) == "table" and slot.array_buffer then
        local offset, length = ...
        offset = to_index(offset)
        if offset % kind.size ~= 0 then rt.range_error("start offset of " .. name .. " should be a multiple of " .. kind.size) end
        if length ~= nil then length = to_index(length) end
        if slot.detached then rt.type_error "Cannot perform Construct on a detached ArrayBuffer" end
        if length == nil then
          if slot.max ~= nil then
            if offset > slot.length then rt.range_error("Start offset " .. offset .. " is outside the bounds of the buffer") end
          else
            if slot.length % kind.size ~= 0 then rt.range_error("byte length of " .. name .. " should be a multiple of " .. kind.size) end
            length = (slot.length - offset) / kind.size
            if length < 0 then rt.range_error("Start offset " .. offset .. " is outside the bounds of the buffer") end
          end
        elseif offset + length * kind.size > slot.length then
          rt.range_error("Invalid typed array length: " .. length)
        end
        return make_view(p, kind, first, offset, length)
      end
      if type(slot) == "table" and slot.typed then
        local n = live_length(slot)
        if n == nil then rt.type_error "Cannot perform Construct on a detached ArrayBuffer" end
        if slot.kind.big ~= kind.big then rt.type_error "Cannot mix BigInt and other types, use explicit conversions" end
        local o = with_length(p, kind, n)
        if slot.kind == kind then
          copy(rawget(o, DATA).at, slot.data.memory + slot.offset, n * kind.size)
        else
          for i = 1, n do o[i] = first[i] end
        end
        return o
      end
      local iterator = first[SYMBOL.iterator]
      local list, n
      if iterator ~= nil and iterator ~= null then
        need_function(iterator)
        list, n = rt.collect(first)
      else
        list, n = first, rt.tolength(first.length)
      end
      if n * kind.size > 4294967296 then rt.range_error("Invalid typed array length: " .. n) end
      local o = with_length(p, kind, n)
      for i = 1, n do o[i] = list[i] end
      return o
    end, proto)
    kind.constructor = C
    rt.set_prototype(C, TypedArray)
    rt.constant_property(C, "BYTES_PER_ELEMENT", kind.size)
    rt.constant_property(proto, "BYTES_PER_ELEMENT", kind.size)
  end

  -- ---- DataView
  local V = rt.object_of(rt.ObjectPrototype)
  rt.global_class("DataView", 1, function() rt.type_error "Constructor DataView requires 'new'" end, function(target, buffer, offset, length)
    local slot = type(buffer) == "table" and rawget(buffer, DATA)
    if type(slot) ~= "table" or not slot.array_buffer then rt.type_error "First argument to DataView constructor must be an ArrayBuffer" end
    offset = to_index(offset)
    if slot.detached then rt.type_error "Cannot perform DataView on a detached ArrayBuffer" end
    local size = slot.length
    if offset > size then rt.range_error("Start offset " .. offset .. " is outside the bounds of the buffer") end
    local tracking = false
    if length == nil then
      if slot.max ~= nil then tracking = true else length = size - offset end
    else
      length = to_index(length)
      if offset + length > size then rt.range_error("Invalid DataView length " .. length) end
    end
    local p = rt.target_prototype(target)
    if not is_object(p) then p = V end
    if slot.detached then rt.type_error "Cannot perform DataView on a detached ArrayBuffer" end
    if offset > slot.length or not tracking and offset + length > slot.length then rt.range_error "Invalid DataView length" end
    local o = setmetatable({}, rt.root_of(p))
    rawset(o, DATA, { view = true, buffer = buffer, data = slot, offset = offset, length = not tracking and length or nil })
    return o
  end, V)
  local function view_data(this, name)
    local d = type(this) == "table" and rawget(this, DATA)
    if type(d) ~= "table" or not d.view then rt.type_error("Method DataView.prototype." .. name .. " called on incompatible receiver " .. rt.show(this)) end
    return d
  end
  local function view_length(d, name)
    local slot = d.data
    if slot.detached then rt.type_error("Cannot perform DataView.prototype." .. name .. " on a detached ArrayBuffer") end
    if d.offset > slot.length or d.length and d.offset + d.length > slot.length then rt.type_error("Invalid DataView accessor " .. name .. ": out of bounds") end
    return d.length or slot.length - d.offset
  end
  rt.define_getter(V, "buffer", function(this) return view_data(this, "buffer").buffer end)
  rt.define_getter(V, "byteLength", function(this) return view_length(view_data(this, "byteLength"), "byteLength") end)
  rt.define_getter(V, "byteOffset", function(this)
    local d = view_data(this, "byteOffset")
    view_length(d, "byteOffset")
    return d.offset
  end)
  rt.readonly(V, SYMBOL.toStringTag, "DataView")
  local scratch = ffi.new "uint8_t[8] __attribute__((aligned(8)))"
  for _, kind in ipairs(kinds) do
    if kind.name ~= "Uint8ClampedArray" then
      local short = L.string.gsub(kind.name, "Array$", "")
      local size = kind.size
      local at = cast(kind.ctype, scratch)
      local function move(d, index, little, to_memory)
        local memory = d.data.memory + d.offset + index
        for i = 0, size - 1 do
          local j = little and i or size - 1 - i
          if to_memory then memory[i] = scratch[j] else scratch[j] = memory[i] end
        end
      end
      local function check(d, index, name)
        local n = view_length(d, name)
        if index + size > n then rt.range_error "Offset is outside the bounds of the DataView" end
      end
      rt.methods(V, {
        "get" .. short, 1, function(this, index, little)
          local d = view_data(this, "get" .. short)
          index = to_index(index)
          little = truthy(little)
          check(d, index, "get" .. short)
          move(d, index, little, false)
          return kind.get(at, 0)
        end,
        "set" .. short, 2, function(this, index, v, little)
          local d = view_data(this, "set" .. short)
          index = to_index(index)
          v = convert(kind, v)
          little = truthy(little)
          check(d, index, "set" .. short)
          kind.set(at, 0, v)
          move(d, index, little, true)
        end,
      })
    end
  end
end

-- ---- Buffers

function rt.bytes_of(v)
  local d = typed_data(v)
  if type(v) == "userdata" then return d and v or nil end
  d = d or type(v) == "table" and rawget(v, DATA)
  if type(d) ~= "table" then return nil end
  if d.array_buffer then return not d.detached and window(d.owner, 0, d.length) or nil end
  local n = d.typed and (live_length(d) or 0) * d.kind.size or d.view and (d.length or d.data.length - d.offset)
  if not n then return nil end
  return window(d.data.owner, d.offset, d.offset + n)
end

-- The class Buffer (lua/buffer.lua) becomes a subclass of Uint8Array, its instances objects with properties of their own.
function rt.adopt_buffer(Buffer)
  local F = rt.class_face(Buffer)
  local P, meta, getters = Buffer.prototype, Buffer.meta, Buffer.meta.getters
  rt.set_prototype(P, byte_kind.prototype)
  rt.set_prototype(F, byte_kind.constructor)
  local own = setmetatable({}, { __mode = "k" }) -- Buffer -> an object with what a program has stored on it
  local bytes, set_byte = meta.__index, meta.__newindex

  function getters.buffer(o) return slot_buffer(buffer_slot(o)) end
  getters.parent = getters.buffer
  function getters.byteOffset(o) return buffer_slot(o).offset end
  getters.offset = getters.byteOffset

  local buffer_exotic = {}
  function buffer_exotic.get_own(o, k)
    if type(k) == "number" then
      local v = bytes(o, k)
      if v ~= nil then return { value = v, bits = 7 } end
      return nil
    end
    return own[o] and rt.get_own(own[o], k)
  end
  function buffer_exotic.has(o, k) return buffer_exotic.get_own(o, k) ~= nil or rt.has_property(P, k) end
  function buffer_exotic.define(o, k, d)
    if type(k) == "number" then
      if bytes(o, k) == nil then return false end
      if d.has_value then set_byte(o, k, tonum(d.value)) end
      return true
    end
    own[o] = own[o] or rt.object_of(nil)
    return rt.define_own(own[o], k, d)
  end
  function buffer_exotic.delete(o, k)
    if type(k) == "number" then return bytes(o, k) == nil end
    return own[o] == nil or rt.delete_own(own[o], k)
  end
  function buffer_exotic.keys(o)
    local list, n = {}, buffer_view(o).length
    for i = 1, n do list[i] = i end
    if own[o] then for _, k in ipairs(rt.own_keys(own[o])) do list[#list + 1] = k end end
    return list
  end
  function buffer_exotic.get_proto() return P end
  function buffer_exotic.set_proto(_, proto) return proto == P end
  function buffer_exotic.is_extensible() return true end
  function buffer_exotic.prevent() return false end
  meta.exotic, meta.class = buffer_exotic, "TypedArray"

  local function get(o, k, this)
    if type(k) == "number" then return (bytes(o, k)) end
    local mine = own[o]
    if mine then
      local d = rt.get_own(mine, k)
      if d then
        if d.accessor then return d.get and (d.get(this)) end
        return d.value
      end
    end
    local getter = getters[k]
    if getter then return (getter(o)) end
    local v = rawget(P, k)
    if v ~= nil then return v end
    return (rt.lookup(P, k, this))
  end
  meta.exotic_get = get
  function meta.exotic_set(o, k, v, this, quiet)
    if this ~= o then return rt.set_on_receiver(this, k, v, quiet) end
    if type(k) == "number" then set_byte(o, k, tonum(v)) else
      own[o] = own[o] or rt.object_of(nil)
      rt.set(own[o], k, v, own[o], quiet)
    end
    return true
  end
  -- A number is a byte; the first look is into the prototype.
  meta.__index = function(o, k)
    if type(k) == "number" then return (bytes(o, k)) end
    if own[o] == nil then
      local v = rawget(P, k)
      if v ~= nil then return v end
    end
    return (get(o, k, o))
  end
  meta.__newindex = function(o, k, v)
    if type(k) == "number" then return set_byte(o, k, type(v) == "number" and v or tonum(v)) end
    meta.exotic_set(o, k, v, o, false)
  end

  -- Statics take typed arrays and ArrayBuffers.
  local static = Buffer.static
  local function as_bytes(v) return type(v) == "table" and rt.bytes_of(v) or v end
  local function from_memory(first, offset, length)
    local d = type(first) == "table" and rawget(first, DATA)
    if type(d) ~= "table" or not d.array_buffer then return nil end
    offset = offset == nil and 0 or to_index(offset)
    if offset > d.length then
      L.error(L.require("lunode.internal.errors").ERR_BUFFER_OUT_OF_BOUNDS "offset", 0)
    end
    local n = d.length - offset
    if length ~= nil then
      length = max(toint(length), 0)
      if length > n then L.error(L.require("lunode.internal.errors").ERR_BUFFER_OUT_OF_BOUNDS "length", 0) end
      n = length
    end
    local b = window(d.owner, offset, offset + n)
    slots[b] = { typed = true, kind = byte_kind, data = d, offset = offset, length = n, at = buffer_view(b).data, get = byte_kind.get, buffer = first }
    return b
  end
  local from = static.from
  local function make(value, second, third)
    local made = from_memory(value, second, third)
    if made then return made end
    local d = typed_data(value)
    if d and type(value) == "table" then
      local n = live_length(d) or 0
      if d.kind.size == 1 then return from(rt.bytes_of(value)) end
      local list = {}
      for i = 1, n do list[i] = value[i] end
      return from(rt.new_array(list, n))
    end
    if is_object(value) and rawget(L.getmetatable(value), "n") ~= nil and type(value) == "table" then
      local inner = is_callable(value.valueOf) and value:valueOf()
      if inner ~= nil and inner ~= false and inner ~= null and inner ~= value and (type(inner) == "string" or is_object(inner)) then
        return make(inner, second, third)
      end
      if value.length ~= nil or rt.is_array(value.data) and value.type == "Buffer" then
        local source = value.length ~= nil and value or value.data
        local n = rt.tolength(source.length)
        local list = {}
        for i = 1, n do list[i] = tonum(source[i]) end
        return from(rt.new_array(list, n))
      end
      local primitive = value[SYMBOL.toPrimitive]
      if is_callable(primitive) then
        local text_value = primitive(value, "string")
        if type(text_value) == "string" then return from(text_value, second) end
      end
    end
    return from(value, second, third)
  end
  local function replace(name, length, f) rt.put(F, name, { value = native(name, length, f), bits = 7 }) end
  replace("from", 3, function(_, value, second, third) return (make(value, second, third)) end)
  local concat, compare, byte_length = static.concat, static.compare, static.byteLength
  replace("concat", 2, function(_, list, total)
    if rt.is_array(list) then
      local copied = {}
      for i = 1, list.length do copied[i] = as_bytes(list[i]) end
      list = rt.new_array(copied, list.length)
    end
    return (concat(list, total))
  end)
  replace("compare", 2, function(_, a, b) return (compare(as_bytes(a), as_bytes(b))) end)
  replace("byteLength", 2, function(_, v, encoding) return (byte_length(as_bytes(v), encoding)) end)
  local copy_from = static.copyBytesFrom
  replace("copyBytesFrom", 3, function(_, v, offset, length)
    local d = typed_data(v)
    if not d or type(v) == "userdata" then return (copy_from(v, offset, length)) end
    local size = d.kind.size
    local n = live_length(d) or 0
    offset = offset == nil and 0 or offset
    local last = length == nil and n or min(n, offset + length)
    if offset >= last then return (static.alloc(0)) end
    return (copy_from(window(d.data.owner, d.offset + offset * size, d.offset + last * size)))
  end)
  for name in ("readBigInt64LE readBigInt64BE readBigUInt64LE readBigUInt64BE readBigUint64LE readBigUint64BE"):gmatch "%S+" do
    local read = rawget(P, name)
    rawset(P, name, native(name, 0, function(this, offset)
      local v = read(this, offset)
      if L.getfenv(2) == rt.global then return (rt.bigint_of_integer(v)) end
      return v
    end))
  end
  for name in ("writeBigInt64LE writeBigInt64BE writeBigUInt64LE writeBigUInt64BE writeBigUint64LE writeBigUint64BE"):gmatch "%S+" do
    local write = rawget(P, name)
    rawset(P, name, native(name, 1, function(this, v, offset)
      if L.getfenv(2) == rt.global and rt.typeof(v) ~= "bigint" then rt.type_error "Cannot mix BigInt and other types, use explicit conversions" end
      return (write(this, v, offset))
    end))
  end
  -- What takes functions or gives iterators is Uint8Array's.
  for name in ("every some find findIndex findLast findLastIndex forEach map filter reduce reduceRight sort entries keys values"):gmatch "%S+" do
    if rt.has_own(P, name) then rt.delete_own(P, name) end
    rawset(P, name, nil)
  end
  rt.hide(P, "toJSON", native("toJSON", 0, function(this) return rt.record("type", "Buffer", "data", rt.new_array(rt.collect(this))) end))
  -- The constructor is deprecated; packages may use it.
  local warned, plain_construct = false, rawget(Buffer, "construct")
  local function warn()
    if warned or L.string.find(L.debug.traceback("", 2), "/node_modules/", 1, true) then return end
    warned = true
    L.require("lunode.process").emitWarning("Buffer() is deprecated due to security and usability issues. Please use the Buffer.alloc(), "
      .. "Buffer.allocUnsafe(), or Buffer.from() methods instead.", "DeprecationWarning", "DEP0005")
  end
  rawset(Buffer, "construct", function(...)
    warn()
    return plain_construct(...)
  end)
  -- What slices are made by: a number is no deprecated size.
  local function illegal() rt.type_error "Class constructor FastBuffer cannot be invoked without 'new'" end
  local FastBuffer = rt.native_constructor("FastBuffer", 3, illegal, function(_, value, second, third)
    if type(value) == "number" then return (static.alloc(value)) end
    return (make(value, second, third))
  end)
  rt.put(FastBuffer, "prototype", { value = P, bits = 0 })
  rt.set_prototype(FastBuffer, byte_kind.constructor)
  rt.getter(F, SYMBOL.species, native("get [Symbol.species]", 0, function() return FastBuffer end))
  local construct = rt.constructors[F]
  construct.native = function(_, value, second, third)
    warn()
    if type(value) == "number" then return (Buffer(value, second)) end
    return (make(value, second, third))
  end
  for _, name in ipairs { "copy", "equals", "compare", "indexOf", "lastIndexOf", "includes", "fill", "set" } do
    local plain = rawget(P, name)
    local info = rt.finfo(plain)
    rawset(P, name, native(name, info and info.length or 1, function(this, v, ...)
      if type(v) == "table" then v = rt.bytes_of(v) or v end
      return (plain(this, v, ...))
    end))
  end
end
