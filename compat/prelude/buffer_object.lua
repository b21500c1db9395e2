-- SPDX-License-Identifier: MIT
--
-- A Buffer as JavaScript's Uint8Array.
--
--   rt.bytes_of(v)     the Buffer over the same bytes of a typed array, DataView or ArrayBuffer; nil for anything else
local rt = ...
local L = rt.lua
local type, setmetatable, rawget, rawset, ipairs = L.type, L.setmetatable, L.rawget, L.rawset, L.ipairs
local min, max = L.math.min, L.math.max
local null, is_object, native, tonum, toint, is_callable, to_index = rt.null, rt.is_object, rt.native, rt.tonum, rt.toint, rt.is_callable, rt.to_index
local SYMBOL, DATA = rt.symbols, rt.DATA
local window = L.require("lunode.core").buffer.slice
local buffer_view = L.require "lunode.internal.buffer_view"
local views = rt.views
local live_length, typed_data, buffer_slot, slot_buffer, slots, byte_kind = views.live_length, views.typed_data, views.buffer_slot, views.slot_buffer,
  views.slots, views.byte_kind

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
