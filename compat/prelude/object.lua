-- SPDX-License-Identifier: MIT
--
-- Object, Function, Boolean, Symbol, Reflect; the helpers for literals, `in`, `delete`, and the wrappers of primitives.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, pairs, select, unpack, next, error, getfenv = L.type, L.getmetatable, L.setmetatable,
  L.rawget, L.rawset, L.pairs, L.select, L.unpack, L.next, L.error, L.getfenv
local band = L.bit.band

local null, is_object, truthy, native, put, hide, store, none = rt.null, rt.is_object, rt.truthy, rt.native, rt.put, rt.hide, rt.store, rt.none
local tokey, toobject, is_callable, symbol_meta = rt.tokey, rt.toobject, rt.is_callable, rt.symbol_meta
local SYMBOL, DATA = rt.symbols, rt.DATA
local G = rt.global

-- A value in a message.
local function show(v)
  local t = type(v)
  if t == "string" then return '"' .. v .. '"' end
  if t == "function" then
    local text = rt.function_text(v)
    return text
  end
  if t == "table" and getmetatable(v) == symbol_meta then return rt.symbol_text(v) end
  if is_object(v) then return rt.brief(v) end
  return rt.text(v)
end
rt.show = show

function rt.class_name(o)
  local c = o.constructor
  if type(c) == "function" then
    local name = rt.function_name(c)
    if name ~= "" then return name end
  end
  return "Object"
end

-- record(key, value, …): a plain object
function rt.record(...)
  local o = rt.object_of(rt.ObjectPrototype)
  for i = 1, select("#", ...), 2 do
    local k, v = (select(i, ...)), (select(i + 1, ...)) -- one by one: see rt.class
    rt.define_data(o, k, v)
  end
  return o
end

-- ---- literals

function rt.object(o, ...)
  for i = 1, select("#", ...), 3 do
    local kind, k, v = (select(i, ...)), (select(i + 1, ...)), (select(i + 2, ...))
    if kind == "value" then
      rt.define_data(o, k, v)
    elseif kind == "named" then
      if type(v) == "function" then rt.give_name(v, k) end
      rt.define_data(o, k, v)
    elseif kind == "get" or kind == "set" then
      rt.give_name(v, k, kind .. " ")
      local old = rt.get_own(o, k)
      local d = { accessor = true, bits = 6, get = old and old.get, set = old and old.set }
      d[kind] = v
      put(o, k, d)
    elseif kind == "proto" then
      if v == null then rt.set_prototype(o, nil) elseif is_object(v) then rt.set_prototype(o, v) end
    else
      rt.copy_own(o, v)
    end
  end
  return o
end

function rt.has(key, o)
  if type(key) == "string" and type(o) == "table" and rawget(o, key) ~= nil then
    local mt = getmetatable(o)
    if mt ~= nil and mt.n and not mt.exotic and not mt.host then return true, none() end -- an index would be no string
  end
  if not is_object(o) then rt.type_error("Cannot use 'in' operator to search for '" .. (getmetatable(key) == symbol_meta and rt.symbol_text(key) or rt.text(key)) .. "' in " .. rt.text(o)) end
  return rt.has_property(o, tokey(key))
end

rt.delete = function(o, k, strict)
  if o == nil or o == null then rt.type_error("Cannot convert undefined or null to object") end
  if not is_object(o) then o = toobject(o) end
  if rt.delete_own(o, k) then return true end
  if strict then rt.type_error("Cannot delete property '" .. rt.key_text(k) .. "' of " .. rt.brief(o)) end
  return false
end

function rt.getproto(o)
  local p
  if not is_object(o) then p = rt.proto_of_primitive(o)
  elseif type(o) == "table" and rawget(o, "__proto__") ~= nil then p = o["__proto__"] -- a property of JSON's or of Object.defineProperty
  else p = rt.proto_of(o) end
  if p == nil then return null end
  return p
end

-- What super looks into: the home object's prototype.
function rt.superbase(o)
  local p = rt.proto_of(o)
  if p == nil then return null end
  return p
end

-- The descriptor of __proto__ that o has or inherits; nil where its chain of prototypes does not reach Object.prototype.
local function proto_property(o)
  local t = is_object(o) and o or rt.proto_of_primitive(o)
  while t ~= nil do
    local d = rt.get_own(t, "__proto__")
    if d then return d end
    t = rt.proto_of(t)
  end
end

-- o.__proto__
function rt.dunder_proto(o)
  if o == nil or o == null then rt.type_error("Cannot read properties of " .. rt.text(o) .. " (reading '__proto__')") end
  local d = proto_property(o)
  if d == nil then return nil end
  if not d.accessor then return d.value end
  return d.get and (d.get(o)) or nil
end

-- o.__proto__ = v
function rt.setproto(o, v)
  if o == nil or o == null then rt.type_error("Cannot set properties of " .. rt.text(o) .. " (setting '__proto__')") end
  local d = proto_property(o)
  if d and d.accessor then
    if d.set then d.set(o, v) end
  else
    rt.set(o, "__proto__", v, o)
  end
end

local function assign_proto(o, v)
  if v ~= null and not is_object(v) or not is_object(o) then return end
  if v == null then v = nil end
  if not rt.set_prototype(o, v) then
    if rt.is_extensible(o) then rt.type_error "Cyclic __proto__ value" end
    rt.type_error(rt.brief(o) .. " is not extensible")
  end
end

function rt.invoke(o, k, ...)
  return (o[k](o, ...))
end

function rt.proto_of_primitive(v)
  local t = type(v)
  if t == "string" then return rt.StringPrototype end
  if t == "number" then return rt.NumberPrototype end
  if t == "boolean" then return rt.BooleanPrototype end
  if getmetatable(v) == symbol_meta then return rt.SymbolPrototype end
  if getmetatable(v) == rt.bigint_meta or t == "cdata" then return rt.BigIntPrototype end
end

-- ---- wrappers

local string_exotic = {}
function string_exotic.get_own(o, k)
  local s = rawget(o, DATA)
  if k == "length" then return { value = rt.string_length(s), bits = 0 } end
  if type(k) == "number" then
    local c = rt.unit_at(s, k)
    if c ~= nil then return { value = c, bits = 2 } end
  end
  local mt = getmetatable(o)
  if mt.special and mt.special[k] then return mt.special[k] end
  local v = rawget(o, k)
  if v == nil and (type(k) == "number" or not rt.pos_of(mt)[k]) then return nil end
  return { value = v, bits = mt.bits and mt.bits[k] or 7 }
end
function string_exotic.define(o, k, d)
  return rt.apply_descriptor(o, k, d, string_exotic.get_own(o, k), not getmetatable(o).sealed)
end
function string_exotic.delete(o, k)
  local d = string_exotic.get_own(o, k)
  if not d then return true end
  if d.bits < 4 then return false end
  return rt.plain_delete(o, k)
end
function string_exotic.keys(o)
  local list, n = {}, rt.string_length(rawget(o, DATA))
  for i = 1, n do list[i] = i end
  local more, m = {}, 0
  for k in next, o do
    if type(k) == "number" and rt.is_index(k) then
      m = m + 1
      more[m] = k
    end
  end
  L.table.sort(more)
  for i = 1, m do list[n + i] = more[i] end
  n = n + m + 1
  list[n] = "length"
  return rt.add_named_keys(getmetatable(o), list, n)
end
local function string_get(t, k, this)
  local s = rawget(t, DATA)
  if k == "length" then return rt.string_length(s) end
  if type(k) == "number" then
    local c = rt.unit_at(s, k)
    if c ~= nil then return c end
  end
  return rt.get(getmetatable(t).proto, k, this)
end

function string_exotic.set(t, k, v, this, quiet)
  local d = string_exotic.get_own(t, k)
  if d and d.bits % 2 == 0 then
    if quiet then return false end
    if rt.strict_caller() then rt.type_error("Cannot assign to read only property '" .. rt.key_text(k) .. "' of object '[object String]'") end
    return false
  end
  return rt.set_on_receiver(this, k, v, quiet)
end

function rt.wrap_string(s, proto)
  local shape = rt.own_shape(proto or rt.StringPrototype)
  shape.exotic, shape.class = string_exotic, "String"
  shape.exotic_get, shape.exotic_index = string_get, function(o, k) return (rt.lookup(o, k, o)) end
  shape.exotic_set = string_exotic.set
  rt.settle(shape)
  local o = { [DATA] = s }
  return (setmetatable(o, shape))
end

function rt.wrap(v)
  if type(v) == "string" then return rt.wrap_string(v) end
  local o = rt.object_of(rt.proto_of_primitive(v))
  rawset(o, DATA, v)
  return o
end

-- The primitive of this: itself or a wrapper's; raises for others.
local function this_value(this, check, name)
  if check(this) then return this end
  if type(this) == "table" then
    local v = rawget(this, DATA)
    if v ~= nil and check(v) then return v end
  end
  rt.type_error(name .. " requires that 'this' be a " .. L.string.match(name, "^%w+"))
end
rt.this_value = this_value

-- ---- property descriptors

local function to_descriptor(o)
  if not is_object(o) then rt.type_error("Property description must be an object: " .. show(o)) end
  local d = { bits = 0, mask = 0 }
  local has = rt.has_property
  if has(o, "enumerable") then
    d.mask = d.mask + 2
    if truthy(o.enumerable) then d.bits = d.bits + 2 end
  end
  if has(o, "configurable") then
    d.mask = d.mask + 4
    if truthy(o.configurable) then d.bits = d.bits + 4 end
  end
  if has(o, "value") then d.has_value, d.value = true, o.value end
  if has(o, "writable") then
    d.mask = d.mask + 1
    if truthy(o.writable) then d.bits = d.bits + 1 end
  end
  if has(o, "get") then
    d.has_get, d.get = true, o.get
    if d.get ~= nil and not is_callable(d.get) then rt.type_error("Getter must be a function: " .. show(d.get)) end
  end
  if has(o, "set") then
    d.has_set, d.set = true, o.set
    if d.set ~= nil and not is_callable(d.set) then rt.type_error("Setter must be a function: " .. show(d.set)) end
  end
  if (d.has_get or d.has_set) and (d.has_value or band(d.mask, 1) ~= 0) then
    rt.type_error("Invalid property descriptor. Cannot both specify accessors and a value or writable attribute")
  end
  return d
end
rt.to_descriptor = to_descriptor

local function from_descriptor(d)
  if not d then return nil end
  local o = rt.object_of(rt.ObjectPrototype)
  local data = rt.define_data
  if d.accessor and d.late then
    data(o, "value", d.get())
    data(o, "writable", d.set ~= nil)
  elseif d.accessor then
    data(o, "get", d.get)
    data(o, "set", d.set)
  else
    data(o, "value", d.value)
    data(o, "writable", d.bits % 2 == 1)
  end
  data(o, "enumerable", band(d.bits, 2) ~= 0)
  data(o, "configurable", band(d.bits, 4) ~= 0)
  return o
end
rt.from_descriptor = from_descriptor

local function define_or_raise(o, k, d)
  if not rt.define_own(o, k, d) then
    if not rt.get_own(o, k) then rt.type_error("Cannot define property " .. rt.key_text(k) .. ", object is not extensible") end
    rt.type_error("Cannot redefine property: " .. rt.key_text(k))
  end
end
rt.define_or_raise = define_or_raise

-- SetIntegrityLevel
local function set_integrity(o, frozen)
  if not rt.prevent_extensions(o) then return false end
  local keys = rt.own_keys(o)
  for i = 1, #keys do
    local k = keys[i]
    local d = rt.get_own(o, k)
    if d then
      if frozen and not d.accessor then define_or_raise(o, k, { bits = 0, mask = 5 })
      else define_or_raise(o, k, { bits = 0, mask = 4 }) end
    end
  end
  return true
end

local function test_integrity(o, frozen)
  if rt.is_extensible(o) then return false end
  local keys = rt.own_keys(o)
  for i = 1, #keys do
    local d = rt.get_own(o, keys[i])
    if d then
      if band(d.bits, 4) ~= 0 then return false end
      if frozen and not d.accessor and d.bits % 2 == 1 then return false end
    end
  end
  return true
end

local function list_of(keys, n) return rt.new_array(keys, n or #keys) end

-- ---- installing functions

-- methods(object, {name, length, function, …})
local function methods(o, list)
  for i = 1, #list, 3 do
    local name = list[i]
    local text = type(name) == "table" and "[" .. name.description .. "]" or name
    hide(o, name, native(text, list[i + 1], list[i + 2]))
  end
end
rt.methods = methods

local function getter(o, name, f, set)
  local text = type(name) == "table" and "[" .. name.description .. "]" or name
  rt.getter(o, name, native("get " .. text, 0, f), set and native("set " .. text, 1, set))
end
rt.define_getter = getter

-- A constructor that is global, too.
local function global_class(name, length, call, construct, prototype)
  local f = rt.native_constructor(name, length, call, construct, prototype)
  hide(G, name, f)
  return f
end
rt.global_class = global_class

local builtin_tag = { Array = "Array", Error = "Error", Function = "Function", String = "String", Arguments = "Arguments", Date = "Date", RegExp = "RegExp" }

-- Object.prototype.toString
function rt.object_text(this)
  if this == nil then return "[object Undefined]" elseif this == null then return "[object Null]" end
  local o = toobject(this)
  local tag
  if rt.is_array(o) then tag = "Array"
  elseif is_callable(o) then tag = "Function"
  else
    local data = type(o) == "table" and rawget(o, DATA)
    local mt = getmetatable(o)
    if type(data) == "boolean" and mt.class ~= "Date" then tag = "Boolean"
    elseif type(data) == "number" and mt.class ~= "Date" then tag = "Number"
    elseif type(data) == "string" then tag = "String"
    else tag = mt and builtin_tag[mt.class] or "Object" end
  end
  local given = o[SYMBOL.toStringTag]
  if type(given) == "string" then tag = given end
  return "[object " .. tag .. "]"
end

function rt.install_object()
  local ObjectPrototype = rt.ObjectPrototype
  local Object
  Object = global_class("Object", 1, function(_, v)
    if v == nil or v == null then return rt.object_of(ObjectPrototype) end
    return toobject(v)
  end, function(target, v)
    if target ~= Object then return (setmetatable({}, rt.target_root(target, ObjectPrototype))) end
    if v == nil or v == null then return rt.object_of(ObjectPrototype) end
    return toobject(v)
  end, ObjectPrototype)

  methods(Object, {
    "keys", 1, rt.object_keys,
    "values", 1, rt.object_values,
    "entries", 1, rt.object_entries,
    "assign", 2, rt.object_assign,
    "create", 2, function(_, proto, properties)
      if proto ~= null and not is_object(proto) then rt.type_error("Object prototype may only be an Object or null: " .. show(proto)) end
      if proto == null then proto = nil end
      local o = rt.object_of(proto)
      if properties ~= nil then return Object.defineProperties(Object, o, properties) end
      return o
    end,
    "getPrototypeOf", 1, function(_, o)
      o = toobject(o)
      local p = rt.proto_of(o)
      if p == nil then return null end
      return p
    end,
    "setPrototypeOf", 2, function(_, o, proto)
      if o == nil or o == null then rt.type_error "Object.setPrototypeOf called on null or undefined" end
      if proto ~= null and not is_object(proto) then rt.type_error("Object prototype may only be an Object or null: " .. show(proto)) end
      if not is_object(o) then return o end
      if proto == null then proto = nil end
      if not rt.set_prototype(o, proto) then
        if rt.is_extensible(o) then rt.type_error "Cyclic __proto__ value" end
        rt.type_error(rt.brief(o) .. " is not extensible")
      end
      return o
    end,
    "defineProperty", 3, function(_, o, k, d)
      if not is_object(o) then rt.type_error "Object.defineProperty called on non-object" end
      k = tokey(k)
      define_or_raise(o, k, to_descriptor(d))
      return o
    end,
    "defineProperties", 2, function(_, o, properties)
      if not is_object(o) then rt.type_error "Object.defineProperties called on non-object" end
      properties = toobject(properties)
      local keys, list = rt.own_keys(properties), {}
      for i = 1, #keys do
        local k = keys[i]
        local d = rt.get_own(properties, k)
        if d and band(d.bits, 2) ~= 0 then list[#list + 1] = { k, to_descriptor(properties[k]) } end
      end
      for i = 1, #list do define_or_raise(o, list[i][1], list[i][2]) end
      return o
    end,
    "getOwnPropertyDescriptor", 2, function(_, o, k)
      o = toobject(o)
      k = tokey(k)
      local d = rt.get_own(o, k)
      if o == rt.global and d then d = rt.global_descriptor(k, d) end
      return from_descriptor(d)
    end,
    "getOwnPropertyDescriptors", 1, function(_, o)
      o = toobject(o)
      local r, keys = rt.object_of(ObjectPrototype), rt.own_keys(o)
      for i = 1, #keys do
        local d = rt.get_own(o, keys[i])
        if o == rt.global and d then d = rt.global_descriptor(keys[i], d) end
        if d then rt.define_data(r, keys[i], from_descriptor(d)) end
      end
      return r
    end,
    "getOwnPropertyNames", 1, function(_, o)
      local keys, list, n = rt.own_keys(toobject(o)), {}, 0
      for i = 1, #keys do
        if type(keys[i]) ~= "table" then
          n = n + 1
          list[n] = rt.key_value(keys[i])
        end
      end
      return list_of(list, n)
    end,
    "getOwnPropertySymbols", 1, function(_, o)
      local keys, list, n = rt.own_keys(toobject(o)), {}, 0
      for i = 1, #keys do
        if type(keys[i]) == "table" then
          n = n + 1
          list[n] = keys[i]
        end
      end
      return list_of(list, n)
    end,
    "is", 2, function(_, a, b) return rt.same_value(a, b) end,
    "preventExtensions", 1, function(_, o)
      if is_object(o) and not rt.prevent_extensions(o) then rt.type_error "Cannot prevent extensions" end
      return o
    end,
    "isExtensible", 1, function(_, o) return is_object(o) and rt.is_extensible(o) end,
    "freeze", 1, function(_, o)
      if is_object(o) and not set_integrity(o, true) then rt.type_error "Cannot freeze" end
      return o
    end,
    "seal", 1, function(_, o)
      if is_object(o) and not set_integrity(o, false) then rt.type_error "Cannot seal" end
      return o
    end,
    "isFrozen", 1, function(_, o) return not is_object(o) or test_integrity(o, true) end,
    "isSealed", 1, function(_, o) return not is_object(o) or test_integrity(o, false) end,
    "fromEntries", 1, function(_, entries)
      if entries == nil or entries == null then rt.type_error(rt.text(entries) .. " is not iterable") end
      local o = rt.object_of(ObjectPrototype)
      rt.for_each(entries, function(entry)
        if not is_object(entry) then rt.type_error("Iterator value " .. show(entry) .. " is not an entry object") end
        local k, v = entry[1], entry[2]
        rt.define_data(o, tokey(k), v)
      end)
      return o
    end,
    "hasOwn", 2, function(_, o, k)
      o = toobject(o)
      return rt.has_own(o, tokey(k))
    end,
    "groupBy", 2, function(_, items, f)
      if items == nil or items == null then rt.type_error(rt.text(items) .. " is not iterable") end
      if not is_callable(f) then rt.type_error(show(f) .. " is not a function") end
      local o = rt.object_of(nil)
      rt.for_each(items, function(v, i)
        local k = tokey(f(nil, v, i - 1))
        local group = o[k]
        if not group then
          group = rt.new_array({}, 0)
          rt.define_data(o, k, group)
        end
        group[group.length + 1] = v
      end)
      return o
    end,
  })

  methods(ObjectPrototype, {
    "hasOwnProperty", 1, function(this, k)
      k = tokey(k)
      return rt.has_own(toobject(this), k)
    end,
    "isPrototypeOf", 1, function(this, o)
      if not is_object(o) then return false end
      this = toobject(this)
      o = rt.proto_of(o)
      while o ~= nil do
        if o == this then return true end
        o = rt.proto_of(o)
      end
      return false
    end,
    "propertyIsEnumerable", 1, function(this, k)
      k = tokey(k)
      local d = rt.get_own(toobject(this), k)
      return d ~= nil and band(d.bits, 2) ~= 0
    end,
    "toLocaleString", 0, function(this) return (this:toString()) end,
    "toString", 0, rt.object_text,
    "valueOf", 0, function(this) return toobject(this) end,
    "__defineGetter__", 2, function(this, k, f)
      local o = toobject(this)
      if not is_callable(f) then rt.type_error "Object.prototype.__defineGetter__: Expecting function" end
      define_or_raise(o, tokey(k), { has_get = true, get = f, bits = 6, mask = 6 })
    end,
    "__defineSetter__", 2, function(this, k, f)
      local o = toobject(this)
      if not is_callable(f) then rt.type_error "Object.prototype.__defineSetter__: Expecting function" end
      define_or_raise(o, tokey(k), { has_set = true, set = f, bits = 6, mask = 6 })
    end,
    "__lookupGetter__", 1, function(this, k)
      local o = toobject(this)
      k = tokey(k)
      while o ~= nil do
        local d = rt.get_own(o, k)
        if d then return d.get end
        o = rt.proto_of(o)
      end
    end,
    "__lookupSetter__", 1, function(this, k)
      local o = toobject(this)
      k = tokey(k)
      while o ~= nil do
        local d = rt.get_own(o, k)
        if d then return d.set end
        o = rt.proto_of(o)
      end
    end,
  })
  rt.own_add(getmetatable(ObjectPrototype), "__proto__")
  local mt = getmetatable(ObjectPrototype)
  mt.special = mt.special or {}
  mt.special.__proto__ = {
    accessor = true, bits = 4,
    get = native("get __proto__", 0, function(this)
      if this == nil or this == null then rt.type_error "Object.prototype.__proto__ called on null or undefined" end
      return (rt.getproto(this))
    end),
    set = native("set __proto__", 1, function(this, v) assign_proto(this, v) end),
  }
  mt.silent = true
  mt.accessors, mt.guards = nil, nil -- the emitted code knows the name; a computed key is looked for by the slow paths only
  rt.settle(mt)
  mt.fixed_proto = true
end

-- ---- Function

-- The values of an array-like.
local function spread_list(list, n)
  if type(list) == "table" then
    local mt = getmetatable(list)
    if not mt or not mt.special and not mt.exotic_get then return rt.passed(list, n) end
  end
  if n > 125000 then return rt.passed(list, n) end -- raises
  local copy = {}
  for i = 1, n do copy[i] = list[i] end
  return rt.passed(copy, n)
end

local function apply_arguments(list)
  if list == nil or list == null then return 0 end
  if not is_object(list) then rt.type_error "CreateListFromArrayLike called on non-object" end
  return rt.tolength(list.length)
end

-- What f.apply(o, arguments) calls, to be called with o and the arguments: f itself, wherever apply is the built-in one.
local bags, builtin_apply, function_base = rt.bags, nil, nil
local function check_class(f)
  local info = rt.finfo(f)
  if info and (info.kind == "base" or info.kind == "derived") then rt.noclass(f) end
end

local function own_apply(f, apply)
  return function(o, ...) return (apply(f, o, rt.plainarguments(...))) end
end

function rt.applied(f)
  if type(f) == "function" and bags[f] == nil and rawget(function_base, "apply") == builtin_apply then return f end
  local apply = f.apply
  if apply == builtin_apply and type(f) == "function" then
    check_class(f)
    return f
  end
  if not is_callable(apply) then return nil end
  return own_apply(f, apply)
end

function rt.install_function()
  local P = rt.FunctionPrototype
  methods(P, {
    "call", 1, function(this, receiver, ...)
      if type(this) ~= "function" and not is_callable(this) then rt.type_error "Function.prototype.call was called on a value that is not a function" end
      if bags[this] then check_class(this) end
      return (this(receiver, ...))
    end,
    "apply", 2, function(this, receiver, list)
      if type(this) ~= "function" and not is_callable(this) then rt.type_error("Function.prototype.apply was called on " .. rt.text(rt.typeof(this)) .. ", which is not a function") end
      if bags[this] then check_class(this) end
      local n = apply_arguments(list)
      if n == 0 then return (this(receiver)) end
      if n < 4 then -- LuaJIT compiles no unpack
        if n == 1 then return (this(receiver, list[1])) end
        if n == 2 then return (this(receiver, list[1], list[2])) end
        return (this(receiver, list[1], list[2], list[3]))
      end
      return (this(receiver, spread_list(list, n)))
    end,
    "bind", 1, function(this, receiver, ...)
      if not is_callable(this) then rt.type_error "Bind must be called on a function" end
      local n, given = select("#", ...), { ... }
      if n > rt.MANY then given, n = rt.whole(given, n) end
      local target = this
      local f
      if n == 0 then
        f = function(_, ...) return (target(receiver, ...)) end
      elseif n == 1 then
        local a = given[1]
        f = function(_, ...) return (target(receiver, a, ...)) end
      else
        f = function(_, ...)
          local m = select("#", ...)
          if m == 0 then return (target(receiver, rt.passed(given, n))) end
          local all = {}
          for i = 1, n do all[i] = given[i] end
          for i = 1, m do all[n + i] = (select(i, ...)) end
          if m > rt.MANY then
            all, m = rt.whole(all, n + m)
            m = m - n
          end
          return (target(receiver, rt.passed(all, n + m)))
        end
      end
      local length, l = 0, nil
      local info = type(target) == "function" and not rt.bags[target] and rt.finfo(target)
      if info then l = rt.length_of_function(info) -- as it is made: no bag for that
      elseif rt.has_own(target, "length") then l = target.length end
      if l ~= nil then
        if type(l) == "number" then
          if l == L.math.huge then length = l elseif l ~= -L.math.huge then length = rt.toint(l) - n end
          if length <= 0 then length = 0 end -- nor -0
        end
      end
      local name = target.name
      if type(name) ~= "string" then name = "" end
      native("bound " .. name, length, f, rt.is_constructor(target))
      rt.bound[f] = target
      given.n = n
      rt.bound_arguments[f] = given
      if not info or info.async or info.generator or rt.bags[target] then
        local proto = rt.proto_of(target)
        if proto ~= rt.FunctionPrototype then rt.set_prototype(f, proto) end
      end
      return f
    end,
    "toString", 0, function(this)
      if not is_callable(this) then rt.type_error "Function.prototype.toString requires that 'this' be a Function" end
      return rt.function_text(this)
    end,
  })
  function_base = bags[P]
  builtin_apply = rawget(function_base, "apply")
  for _, name in L.ipairs { "arguments", "caller" } do
    put(P, name, { accessor = true, bits = 4, get = rt.thrower, set = rt.thrower })
  end
  rt.default_has_instance = native("[Symbol.hasInstance]", 1, function(this, v) return rt.ordinary_has_instance(this, v) end)
  rt.constant_property(P, SYMBOL.hasInstance, rt.default_has_instance)
  rt.global_class("Function", 1, function(_, ...) return rt.make_function("function", ...) end,
    function(target, ...) return rt.make_function("function", ...) end, P)
  local function hidden_class(name, kind, prototype)
    local f = rt.native_constructor(name, 1, function(_, ...) return rt.make_function(kind, ...) end,
      function(_, ...) return rt.make_function(kind, ...) end)
    put(f, "prototype", { value = prototype, bits = 0 })
    put(prototype, "constructor", { value = f, bits = 4 })
    rt.set_prototype(f, G.Function)
  end
  hidden_class("GeneratorFunction", "function*", rt.GeneratorFunctionPrototype)
  hidden_class("AsyncFunction", "async function", rt.AsyncFunctionPrototype)
  hidden_class("AsyncGeneratorFunction", "async function*", rt.AsyncGeneratorFunctionPrototype)
end

-- ---- Boolean, Symbol

local function is_boolean(v) return type(v) == "boolean" end
local function is_symbol(v) return type(v) == "table" and getmetatable(v) == symbol_meta end

function rt.symbol_text(s) return "Symbol(" .. (s.description or "") .. ")" end

-- Reading a property of a symbol.
function rt.symbol_object_index()
  local proto = rt.SymbolPrototype
  symbol_meta.__index = function(s, k) return (rt.get(proto, k, s)) end
  symbol_meta.__newindex = rt.primitive_newindex
  for k, v in pairs(rt.metamethods) do symbol_meta[k] = v end
end

function rt.install_small()
  local B = rt.BooleanPrototype
  global_class("Boolean", 1, function(_, v) return truthy(v) end, function(target, v)
    local o = setmetatable({}, rt.target_root(target, B))
    rawset(o, DATA, truthy(v))
    return o
  end, B)
  rawset(B, DATA, false)
  methods(B, {
    "toString", 0, function(this) return this_value(this, is_boolean, "Boolean.prototype.toString") and "true" or "false" end,
    "valueOf", 0, function(this) return this_value(this, is_boolean, "Boolean.prototype.valueOf") end,
  })

  local S = rt.SymbolPrototype
  local Symbol = global_class("Symbol", 0, function(_, description)
    if description ~= nil then description = rt.text(description) end
    return setmetatable({ description = description }, symbol_meta)
  end, function() rt.type_error "Symbol is not a constructor" end, S)
  for _, name in L.ipairs { "asyncIterator", "hasInstance", "isConcatSpreadable", "iterator", "match", "matchAll", "replace", "search", "species",
    "split", "toPrimitive", "toStringTag", "unscopables", "dispose", "asyncDispose" } do
    rt.constant_property(Symbol, name, SYMBOL[name])
  end
  local registered = rt.symbol_registry
  methods(Symbol, {
    "for", 1, function(_, key) return registered["for"](rt.text(key)) end,
    "keyFor", 1, function(_, s)
      if not is_symbol(s) then rt.type_error(show(s) .. " is not a symbol") end
      if s.description ~= nil and rt.symbol_registered(s) then return s.description end
    end,
  })
  methods(S, {
    "toString", 0, function(this) return rt.symbol_text(this_value(this, is_symbol, "Symbol.prototype.toString")) end,
    "valueOf", 0, function(this) return this_value(this, is_symbol, "Symbol.prototype.valueOf") end,
  })
  getter(S, "description", function(this) return rawget(this_value(this, is_symbol, "Symbol.prototype.description"), "description") end)
  rt.readonly(S, SYMBOL.toStringTag, "Symbol")
  rt.readonly(S, SYMBOL.toPrimitive, native("[Symbol.toPrimitive]", 1, function(this)
    return this_value(this, is_symbol, "Symbol.prototype [ @@toPrimitive ]")
  end))

  -- Reflect
  local R = rt.object_of(rt.ObjectPrototype)
  hide(G, "Reflect", R)
  rt.readonly(R, SYMBOL.toStringTag, "Reflect")
  local function need(o, name) if not is_object(o) then rt.type_error("Reflect." .. name .. " called on non-object") end end
  methods(R, {
    "apply", 3, function(_, f, this, list)
      if not is_callable(f) then rt.type_error(show(f) .. " is not a function") end
      if not is_object(list) then rt.type_error "CreateListFromArrayLike called on non-object" end
      if bags[f] then check_class(f) end
      local n = apply_arguments(list)
      return (f(this, spread_list(list, n)))
    end,
    "construct", 2, function(_, f, list, ...)
      local target = f
      if not rt.is_constructor(f) then rt.type_error(show(f) .. " is not a constructor") end
      if select("#", ...) > 0 then
        target = ...
        if not rt.is_constructor(target) then rt.type_error(show(target) .. " is not a constructor") end
      end
      if not is_object(list) then rt.type_error "CreateListFromArrayLike called on non-object" end
      rt.note_target(f, target)
      return rt.construct(f, target, spread_list(list, apply_arguments(list)))
    end,
    "defineProperty", 3, function(_, o, k, d)
      need(o, "defineProperty")
      k = tokey(k)
      return rt.define_own(o, k, to_descriptor(d))
    end,
    "deleteProperty", 2, function(_, o, k)
      need(o, "deleteProperty")
      return rt.delete_own(o, tokey(k))
    end,
    "get", 2, function(_, o, k, ...)
      need(o, "get")
      k = tokey(k)
      local this = o
      if select("#", ...) > 0 then this = ... end
      return (rt.get(o, k, this))
    end,
    "set", 3, function(_, o, k, v, ...)
      need(o, "set")
      k = tokey(k)
      local this = o
      if select("#", ...) > 0 then this = ... end
      if this ~= o then
        local t = store(o)
        if rawget(t, k) ~= nil and not getmetatable(t).exotic_set then return rt.set_on_receiver(this, k, v, true) and true or false end
      end
      return rt.set(o, k, v, this, true) ~= false
    end,
    "getOwnPropertyDescriptor", 2, function(_, o, k)
      need(o, "getOwnPropertyDescriptor")
      return (rt.global.Object:getOwnPropertyDescriptor(o, k))
    end,
    "getPrototypeOf", 1, function(_, o)
      need(o, "getPrototypeOf")
      local p = rt.proto_of(o)
      if p == nil then return null end
      return p
    end,
    "setPrototypeOf", 2, function(_, o, proto)
      need(o, "setPrototypeOf")
      if proto ~= null and not is_object(proto) then rt.type_error("Object prototype may only be an Object or null: " .. show(proto)) end
      if proto == null then proto = nil end
      return rt.set_prototype(o, proto)
    end,
    "has", 2, function(_, o, k)
      need(o, "has")
      return rt.has_property(o, tokey(k))
    end,
    "isExtensible", 1, function(_, o)
      need(o, "isExtensible")
      return rt.is_extensible(o)
    end,
    "ownKeys", 1, function(_, o)
      need(o, "ownKeys")
      local keys, list = rt.own_keys(o), {}
      for i = 1, #keys do list[i] = rt.key_value(keys[i]) end
      return list_of(list, #keys)
    end,
    "preventExtensions", 1, function(_, o)
      need(o, "preventExtensions")
      return rt.prevent_extensions(o)
    end,
  })
end
