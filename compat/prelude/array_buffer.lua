-- SPDX-License-Identifier: MIT
--
-- ArrayBuffer, SharedArrayBuffer, DataView (ECMA-262, clauses 25.1 to 25.3). What a slot holds: typed_array.lua.
local rt = ...
local L = rt.lua
local ffi = L.require "ffi"
local type, setmetatable, rawget, rawset, ipairs = L.type, L.setmetatable, L.rawget, L.rawset, L.ipairs
local min, max = L.math.min, L.math.max
local cast, copy = ffi.cast, ffi.copy
local is_object, native, truthy, to_index = rt.is_object, rt.native, rt.truthy, rt.to_index
local SYMBOL, DATA = rt.symbols, rt.DATA
local is_buffer = L.require("lunode.core").buffer.is
local views = rt.views
local allocate_buffer = views.allocate_buffer

-- ---- ArrayBuffer and SharedArrayBuffer

-- The slot of a buffer of one of the two classes.
local function slot_of(o, shared, name)
  local d = type(o) == "table" and rawget(o, DATA)
  if type(d) ~= "table" or not d.array_buffer or (d.shared or false) ~= shared then
    rt.type_error("Method " .. (shared and "SharedArrayBuffer" or "ArrayBuffer") .. ".prototype." .. name .. " called on incompatible receiver " .. rt.show(o))
  end
  return d
end

local function attached(d, name)
  if d.detached then rt.type_error("Cannot perform ArrayBuffer.prototype." .. name .. " on a detached ArrayBuffer") end
end

-- One of the two classes, with what they share. -> constructor, prototype
local function buffer_class(name, shared)
  local P = rt.object_of(rt.ObjectPrototype)
  local C
  C = rt.global_class(name, 1, function() rt.type_error("Constructor " .. name .. " requires 'new'") end, function(target, length, options)
    length = to_index(length)
    local most
    if is_object(options) then
      local v = options.maxByteLength
      if v ~= nil then most = to_index(v) end
    end
    local proto = views.prototype_for(target, P)
    if most and length > most then rt.range_error "Invalid array buffer max length" end
    return allocate_buffer(proto, length, most, shared)
  end, P)
  rt.getter(C, SYMBOL.species, native("get [Symbol.species]", 0, function(this) return this end))
  rt.define_getter(P, "byteLength", function(this)
    local d = slot_of(this, shared, "byteLength")
    return d.detached and 0 or d.length
  end)
  rt.methods(P, { "slice", 2, function(this, from, to)
    local d = slot_of(this, shared, "slice")
    attached(d, "slice")
    local n = d.length
    from = rt.relative(from, n, 0)
    to = rt.relative(to, n, n)
    local count = max(to - from, 0)
    local S = rt.species_constructor(this, C)
    local o = rt.construct(S, S, count)
    local e = slot_of(o, shared, "slice")
    attached(e, "slice")
    if o == this or e.memory == d.memory then rt.type_error(name .. " subclass returned this from species constructor") end
    if e.length < count then rt.type_error("Species constructor returned a too small " .. name) end
    attached(d, "slice")
    if from < d.length then copy(e.memory, d.memory + from, min(count, d.length - from)) end
    return o
  end })
  rt.define_getter(P, "maxByteLength", function(this)
    local d = slot_of(this, shared, "maxByteLength")
    return d.detached and 0 or d.max or d.length
  end)
  rt.readonly(P, SYMBOL.toStringTag, name)
  return C, P
end

-- A transferred ArrayBuffer has no bytes any more.
function rt.detach(buffer)
  local d = rawget(buffer, DATA)
  d.detached, d.length = true, 0
end
function rt.is_detached(v)
  local d = rawget(v, DATA)
  return type(d) == "table" and d.detached or false
end

local function install_array_buffer()
  local C, P = buffer_class("ArrayBuffer", false)
  views.ArrayBufferPrototype = P
  rt.methods(C, { "isView", 1, function(_, v)
    if type(v) == "userdata" then return is_buffer(v) end
    local d = type(v) == "table" and rawget(v, DATA)
    return type(d) == "table" and (d.typed or d.view) and true or false
  end })
  rt.define_getter(P, "resizable", function(this) return slot_of(this, false, "resizable").max ~= nil end)
  rt.methods(P, { "resize", 1, function(this, n)
    local d = slot_of(this, false, "resize")
    if d.max == nil then rt.type_error "Method ArrayBuffer.prototype.resize called on incompatible receiver #<ArrayBuffer>" end
    n = to_index(n)
    attached(d, "resize")
    if n > d.max then rt.range_error "ArrayBuffer.prototype.resize: Invalid length parameter" end
    if n < d.length then ffi.fill(d.memory + n, d.length - n) end
    d.length = n
  end })
end

local function install_shared_array_buffer()
  local _, P = buffer_class("SharedArrayBuffer", true)
  rt.define_getter(P, "growable", function(this) return slot_of(this, true, "growable").max ~= nil end)
  rt.methods(P, { "grow", 1, function(this, n)
    local d = slot_of(this, true, "grow")
    if d.max == nil then rt.type_error "Method SharedArrayBuffer.prototype.grow called on incompatible receiver #<SharedArrayBuffer>" end
    n = to_index(n)
    if n > d.max or n < d.length then rt.range_error "SharedArrayBuffer.prototype.grow: Invalid length parameter" end
    d.length = n
  end })
end

-- ---- DataView

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

local function construct_view(target, proto, buffer, offset, length)
  local slot = type(buffer) == "table" and rawget(buffer, DATA)
  if type(slot) ~= "table" or not slot.array_buffer then rt.type_error "First argument to DataView constructor must be an ArrayBuffer" end
  offset = to_index(offset)
  if slot.detached then rt.type_error "Cannot perform DataView on a detached ArrayBuffer" end
  if offset > slot.length then rt.range_error("Start offset " .. offset .. " is outside the bounds of the buffer") end
  local tracking = false
  if length == nil then
    if slot.max ~= nil then tracking = true else length = slot.length - offset end
  else
    length = to_index(length)
    if offset + length > slot.length then rt.range_error("Invalid DataView length " .. length) end
  end
  local p = views.prototype_for(target, proto)
  if slot.detached then rt.type_error "Cannot perform DataView on a detached ArrayBuffer" end
  if offset > slot.length or not tracking and offset + length > slot.length then rt.range_error "Invalid DataView length" end
  local o = setmetatable({}, rt.root_of(p))
  rawset(o, DATA, { view = true, buffer = buffer, data = slot, offset = offset, length = not tracking and length or nil })
  return o
end

local scratch = ffi.new "uint8_t[8] __attribute__((aligned(8)))"

-- getX and setX of a kind of elements: its bytes go through `scratch`, in the order that is asked for.
local function accessors(V, kind)
  local short, size = L.string.gsub(kind.name, "Array$", ""), kind.size
  local at = cast(kind.ctype, scratch)
  local function place(d, index, name)
    if index + size > view_length(d, name) then rt.range_error "Offset is outside the bounds of the DataView" end
    return d.data.memory + d.offset + index
  end
  rt.methods(V, {
    "get" .. short, 1, function(this, index, little)
      local d = view_data(this, "get" .. short)
      index = to_index(index)
      little = truthy(little)
      local memory = place(d, index, "get" .. short)
      if little then for i = 0, size - 1 do scratch[i] = memory[i] end
      else for i = 0, size - 1 do scratch[i] = memory[size - 1 - i] end end
      return kind.get(at, 0)
    end,
    "set" .. short, 2, function(this, index, v, little)
      local d = view_data(this, "set" .. short)
      index = to_index(index)
      v = views.convert(kind, v)
      little = truthy(little)
      local memory = place(d, index, "set" .. short)
      kind.set(at, 0, v)
      if little then for i = 0, size - 1 do memory[i] = scratch[i] end
      else for i = 0, size - 1 do memory[i] = scratch[size - 1 - i] end end
    end,
  })
end

local function install_data_view()
  local V = rt.object_of(rt.ObjectPrototype)
  rt.global_class("DataView", 1, function() rt.type_error "Constructor DataView requires 'new'" end, function(target, buffer, offset, length)
    return construct_view(target, V, buffer, offset, length)
  end, V)
  rt.define_getter(V, "buffer", function(this) return view_data(this, "buffer").buffer end)
  rt.define_getter(V, "byteLength", function(this) return view_length(view_data(this, "byteLength"), "byteLength") end)
  rt.define_getter(V, "byteOffset", function(this)
    local d = view_data(this, "byteOffset")
    view_length(d, "byteOffset")
    return d.offset
  end)
  for _, kind in ipairs(views.kinds) do
    if kind.name ~= "Uint8ClampedArray" then accessors(V, kind) end
  end
  rt.readonly(V, SYMBOL.toStringTag, "DataView")
end

function rt.install_array_buffers()
  install_array_buffer()
  install_shared_array_buffer()
  install_data_view()
end
