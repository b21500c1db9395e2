-- SPDX-License-Identifier: MIT
--
-- Map, Set, WeakMap, WeakSet, WeakRef, FinalizationRegistry (ECMA-262, clauses 24 and 26).
--
-- A Map's entries are a ring in order of insertion, found by key through a table. A removed entry keeps `before`, so that an iterator
-- that stands on it finds its way back.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, select = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset, L.select
local null, is_object, native, hide, is_callable = rt.null, rt.is_object, rt.native, rt.hide, rt.is_callable
local SYMBOL, DATA, G = rt.symbols, rt.DATA, rt.global

local NIL, NAN = {}, {}

local function key_of(k)
  if k == nil then return NIL end
  if k ~= k then return NAN end
  if type(k) == "table" and getmetatable(k) == rt.bigint_meta then return "\0bigint" .. rt.bigint_text(k) end
  return k
end

-- An entry is {key, value, before, after}; `after` of a removed one is false.
local function new_data(kind)
  local head = { NIL, NIL, NIL, NIL }
  head[3], head[4] = head, head
  return { kind = kind, index = {}, head = head, size = 0 }
end

local function put(d, k, v)
  local key = key_of(k)
  local index = d.index
  local e = index[key]
  if e then
    e[2] = v
    return
  end
  if k == 0 then k = 0 end
  local head = d.head
  local last = head[3]
  e = { k, v, last, head }
  last[4], head[3] = e, e
  index[key] = e
  d.size = d.size + 1
end

local function remove(d, k)
  local key = key_of(k)
  local e = d.index[key]
  if not e then return false end
  d.index[key] = nil
  local before, after = e[3], e[4]
  before[4], after[3] = after, before
  e[4] = false
  d.size = d.size - 1
  return true
end

local function clear(d)
  local head = d.head
  local e = head[4]
  while e ~= head do
    local after = e[4]
    e[3], e[4] = head, false
    e = after
  end
  head[3], head[4] = head, head
  d.index, d.size = {}, 0
end

-- The entry behind e, whatever happened to e; nil at the end.
local function following(d, e)
  while not e[4] do e = e[3] end
  e = e[4]
  if e == d.head then return nil end
  return e
end
rt.following_entry = following

local function data_of(this, kind, name)
  local d = type(this) == "table" and rawget(this, DATA)
  if type(d) ~= "table" or d.kind ~= kind then
    rt.type_error("Method " .. kind .. ".prototype." .. name .. " called on incompatible receiver " .. rt.show(this))
  end
  return d
end

local function can_be_weak(v)
  return is_object(v) or type(v) == "table" and getmetatable(v) == rt.symbol_meta and not rt.symbol_registered(v)
end

local function species(C)
  rt.getter(C, SYMBOL.species, native("get [Symbol.species]", 0, function(this) return this end))
end

local native_adders = {} -- Map's set and Set's add as they were made

-- Fills a new collection through its own method, as the standard has it.
local function fill(o, iterable, adder_name, pairs_wanted)
  if iterable == nil or iterable == null then return end
  local adder = o[adder_name]
  if native_adders[adder] then
    local d = rawget(o, DATA)
    for _, item in rt.each(iterable) do
      if pairs_wanted then
        if not is_object(item) then rt.type_error("Iterator value " .. rt.show(item) .. " is not an entry object") end
        put(d, item[1], item[2])
      else
        if item == 0 then item = 0 end
        put(d, item, item)
      end
    end
    return
  end
  if not is_callable(adder) then rt.type_error("'" .. rt.show(adder) .. "' returned for property '" .. adder_name .. "' of object '#<" .. "Map" .. ">' is not a function") end
  rt.for_each(iterable, function(item)
    if pairs_wanted then
      if not is_object(item) then rt.type_error("Iterator value " .. rt.show(item) .. " is not an entry object") end
      adder(o, item[1], item[2])
    else
      adder(o, item)
    end
  end)
end

local function class(name, make, adder, with_pairs)
  local P = rt.object_of(rt.ObjectPrototype)
  local C = rt.global_class(name, 0, function() rt.type_error("Constructor " .. name .. " requires 'new'") end, function(target, iterable)
    local o = setmetatable({}, rt.target_root(target, P))
    rawset(o, DATA, make())
    fill(o, iterable, adder, with_pairs)
    return o
  end, P)
  rt.readonly(P, SYMBOL.toStringTag, name)
  return C, P
end

-- One step of an iterator's record: 1 and the value, or nothing at the end.
local function entry_step(it)
  local d = it.data
  if not d then return nil end
  local e = following(d, it.at)
  if not e then
    it.data = nil
    return nil
  end
  it.at = e
  local what = it.what
  if what == "keys" then return 1, e[1] end
  if what == "values" then return 1, e[2] end
  return 1, rt.new_array({ e[1], e[2] }, 2)
end

local function iterators(kind, P, names)
  local I = rt.object_of(rt.IteratorPrototype)
  local root = rt.root_of(I)
  local function next_method(this)
    local it = type(this) == "table" and rawget(this, DATA)
    if type(it) ~= "table" or it.iterator ~= kind then rt.type_error("next method called on incompatible receiver " .. rt.show(this)) end
    local there, v = entry_step(it)
    return (rt.iter_result(v, there == nil))
  end
  rt.methods(I, { "next", 0, next_method })
  rt.direct_step(next_method, entry_step)
  rt.readonly(I, SYMBOL.toStringTag, kind .. " Iterator")
  for _, what in L.ipairs(names) do
    hide(P, what, native(what, 0, function(this)
      local d = data_of(this, kind, what)
      local o = setmetatable({}, root)
      rawset(o, DATA, { iterator = kind, data = d, at = d.head, what = what })
      return o
    end))
  end
end

local function shared(kind, P)
  rt.methods(P, {
    "has", 1, function(this, k) return data_of(this, kind, "has").index[key_of(k)] ~= nil end,
    "delete", 1, function(this, k) return remove(data_of(this, kind, "delete"), k) end,
    "clear", 0, function(this) clear(data_of(this, kind, "clear")) end,
    "forEach", 1, function(this, f, receiver)
      local d = data_of(this, kind, "forEach")
      if not is_callable(f) then rt.type_error(rt.show(f) .. " is not a function") end
      local e = following(d, d.head)
      while e do
        f(receiver, e[2], e[1], this)
        e = following(d, e)
      end
    end,
  })
  rt.define_getter(P, "size", function(this) return data_of(this, kind, "size").size end)
end

function rt.install_collections()
  local Map, MapPrototype = class("Map", function() return new_data "Map" end, "set", true)
  species(Map)
  rt.methods(MapPrototype, {
    "get", 1, function(this, k)
      local e = data_of(this, "Map", "get").index[key_of(k)]
      return e and e[2]
    end,
    "set", 2, function(this, k, v)
      put(data_of(this, "Map", "set"), k, v)
      return this
    end,
  })
  shared("Map", MapPrototype)
  iterators("Map", MapPrototype, { "keys", "values", "entries" })
  hide(MapPrototype, SYMBOL.iterator, MapPrototype.entries)
  native_adders[MapPrototype.set] = true
  rt.methods(Map, { "groupBy", 2, function(_, items, f)
    if items == nil or items == null then rt.type_error(rt.text(items) .. " is not iterable") end
    if not is_callable(f) then rt.type_error(rt.show(f) .. " is not a function") end
    local o = rt.construct(Map, Map)
    local d = rawget(o, DATA)
    rt.for_each(items, function(v, i)
      local k = f(nil, v, i - 1)
      local e = d.index[key_of(k)]
      if e then
        local list = e[2]
        list[list.length + 1] = v
      else
        put(d, k, rt.new_array({ v }, 1))
      end
    end)
    return o
  end })

  local Set, SetPrototype = class("Set", function() return new_data "Set" end, "add", false)
  species(Set)
  rt.methods(SetPrototype, { "add", 1, function(this, v)
    local d = data_of(this, "Set", "add")
    if v == 0 then v = 0 end
    put(d, v, v)
    return this
  end })
  shared("Set", SetPrototype)
  iterators("Set", SetPrototype, { "values", "entries" })
  hide(SetPrototype, "keys", SetPrototype.values)
  hide(SetPrototype, SYMBOL.iterator, SetPrototype.values)
  native_adders[SetPrototype.add] = true

  local function weak(kind) return function() return { kind = kind, values = setmetatable({}, { __mode = "k" }) } end end
  local function invalid(what, v) rt.type_error("Invalid value used " .. what) end
  local _, WeakMapPrototype = class("WeakMap", weak "WeakMap", "set", true)
  rt.methods(WeakMapPrototype, {
    "get", 1, function(this, k)
      local v = data_of(this, "WeakMap", "get").values[key_of(k)]
      if v == NIL then return nil end
      return v
    end,
    "set", 2, function(this, k, v)
      local d = data_of(this, "WeakMap", "set")
      if not can_be_weak(k) then invalid("as weak map key", k) end
      if v == nil then v = NIL end
      d.values[k] = v
      return this
    end,
    "has", 1, function(this, k) return data_of(this, "WeakMap", "has").values[key_of(k)] ~= nil end,
    "delete", 1, function(this, k)
      local values = data_of(this, "WeakMap", "delete").values
      k = key_of(k)
      if values[k] == nil then return false end
      values[k] = nil
      return true
    end,
  })
  local _, WeakSetPrototype = class("WeakSet", weak "WeakSet", "add", false)
  rt.methods(WeakSetPrototype, {
    "add", 1, function(this, k)
      local d = data_of(this, "WeakSet", "add")
      if not can_be_weak(k) then invalid("in weak set", k) end
      d.values[k] = true
      return this
    end,
    "has", 1, function(this, k) return data_of(this, "WeakSet", "has").values[key_of(k)] ~= nil end,
    "delete", 1, function(this, k)
      local values = data_of(this, "WeakSet", "delete").values
      k = key_of(k)
      if values[k] == nil then return false end
      values[k] = nil
      return true
    end,
  })

  local R = rt.object_of(rt.ObjectPrototype)
  rt.global_class("WeakRef", 1, function() rt.type_error "Constructor WeakRef requires 'new'" end, function(target, v)
    if not can_be_weak(v) then rt.type_error "WeakRef: target must be an object" end
    local o = setmetatable({}, rt.target_root(target, R))
    rawset(o, DATA, { kind = "WeakRef", ref = setmetatable({ v }, { __mode = "v" }) })
    return o
  end, R)
  rt.methods(R, { "deref", 0, function(this) return data_of(this, "WeakRef", "deref").ref[1] end })
  rt.readonly(R, SYMBOL.toStringTag, "WeakRef")

  local F = rt.object_of(rt.ObjectPrototype)
  rt.global_class("FinalizationRegistry", 1, function() rt.type_error "Constructor FinalizationRegistry requires 'new'" end, function(target, f)
    if not is_callable(f) then rt.type_error "FinalizationRegistry: cleanup must be callable" end
    local o = setmetatable({}, rt.target_root(target, F))
    rawset(o, DATA, { kind = "FinalizationRegistry", cells = setmetatable({}, { __mode = "k" }) })
    return o
  end, F)
  rt.methods(F, {
    "register", 2, function(this, v, held, token)
      local d = data_of(this, "FinalizationRegistry", "register")
      if not can_be_weak(v) then rt.type_error "FinalizationRegistry.prototype.register: invalid target" end
      if v == held then rt.type_error "FinalizationRegistry.prototype.register: target and holdings must not be same" end
      if not can_be_weak(token) then
        if token ~= nil then rt.type_error("Invalid unregister token ('" .. rt.text(token) .. "')") end
        return
      end
      d.cells[token] = true
    end,
    "unregister", 1, function(this, token)
      local d = data_of(this, "FinalizationRegistry", "unregister")
      if not can_be_weak(token) then rt.type_error("Invalid unregister token ('" .. rt.text(token) .. "')") end
      local there = d.cells[token] or false
      d.cells[token] = nil
      return there
    end,
  })
  rt.readonly(F, SYMBOL.toStringTag, "FinalizationRegistry")
end
