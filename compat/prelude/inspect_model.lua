-- SPDX-License-Identifier: MIT
--
-- JavaScript's values as util.inspect sees them: a model for lua/util/inspect/floor.lua, which says what each function answers.
local rt = ...
local L = rt.lua
local type, getmetatable, rawget, next, ipairs = L.type, L.getmetatable, L.rawget, L.next, L.ipairs
local null, is_object, is_array, DATA, G, SYMBOL = rt.null, rt.is_object, rt.is_array, rt.DATA, rt.global, rt.symbols
local finfo, get_own, own_keys, proto_of = rt.finfo, rt.get_own, rt.own_keys, rt.proto_of
local floor = L.require "lunode.util.inspect.floor"
local custom = L.require "lunode.internal.inspect_custom"
local promise = L.require "lunode.internal.promise"
local errors = L.require "lunode.internal.errors"

local M = {}

function M.claims(v)
  local t = type(v)
  if t == "function" then return true end
  if t == "userdata" then return v ~= null end
  if t ~= "table" then return false end
  local mt = getmetatable(v)
  if mt == nil then return false end
  return mt == rt.symbol_meta or mt == rt.bigint_meta or rawget(mt, "n") ~= nil
end

local function data_of(v)
  if type(v) ~= "table" then return nil end
  return rawget(v, DATA)
end

local COLLECTIONS = { Map = "map", Set = "set", WeakMap = "weak_map", WeakSet = "weak_set" }

local function kind_of_data(d, mt)
  local t = type(d)
  if mt.class == "Date" then return "date" end
  if t ~= "table" or getmetatable(d) == rt.symbol_meta or getmetatable(d) == rt.bigint_meta then return "boxed" end
  if COLLECTIONS[d.kind] then return COLLECTIONS[d.kind] end
  if d.regexp then return "regexp" end
  if d.typed then return "typed" end
  if d.array_buffer then return "buffer" end
  if d.view then return "view" end
  if d.iterator then return d.iterator == "Map" and "map_iterator" or "set_iterator" end
  if d.exports and mt.class == "Module" then return "module" end
  return "object"
end

local function is_class(f)
  local info = finfo(f)
  return info ~= nil and (info.kind == "base" or info.kind == "derived" or info.is_class == true)
end

function M.kind(v)
  local t = type(v)
  if t == "function" then return is_class(v) and "class" or "function" end
  if t == "userdata" then return rt.is_buffer(v) and "typed" or "opaque" end
  local mt = getmetatable(v)
  if mt == rt.symbol_meta then return "symbol" end
  if mt == rt.bigint_meta then return "primitive" end
  if is_array(v) then return "array" end
  local d = data_of(v)
  if d ~= nil then return kind_of_data(d, mt) end
  if mt.class == "Error" or rawget(v, "_trace") ~= nil then return "error" end
  if rawget(v, "_state") ~= nil and promise.is(v) then return "promise" end
  if mt.class == "Arguments" then return "arguments" end
  return "object"
end

-- ---- names

local function instance_of(v, f)
  local ok, r = rt.attempt(rt.instanceof, v, f)
  return ok and r
end

function M.constructor(v, ctx)
  local o, depth = v, 0
  local first
  while o ~= nil do
    local d = get_own(o, "constructor")
    local f = d and d.value
    if type(f) == "function" then
      local name = rt.function_name(f)
      if name ~= "" and instance_of(v, f) then return name end
    end
    o = proto_of(o)
    if depth == 0 then first = o end
    depth = depth + 1
  end
  if first == nil then return nil end
  local name = type(v) == "function" and "Function" or is_array(v) and "Array" or "Object"
  if not ctx then return name end
  local shown = L.require("lunode.util.inspect").inspect(first, { depth = -1, customInspect = ctx.customInspect })
  return name .. " <" .. shown .. ">"
end

function M.tag(v)
  if type(v) == "userdata" then return "Uint8Array" end
  local ok, tag = rt.attempt(rt.get, v, SYMBOL.toStringTag, v)
  if not ok or type(tag) ~= "string" or tag == "" then return nil end
  local d = get_own(v, SYMBOL.toStringTag)
  if d and d.bits % 4 >= 2 then return nil end
  return tag
end

-- ---- properties

local WITHOUT_INDICES = { array = true, typed = true }

function M.keys(v, hidden, kind)
  local out, n = {}, 0
  if kind == "symbol" or kind == "primitive" then return out end
  local indexed = WITHOUT_INDICES[kind] or kind == "boxed" and type(data_of(v)) == "string" or type(v) == "userdata"
  for _, k in ipairs(own_keys(v)) do
    if not (indexed and type(k) == "number" and rt.is_index(k)) then
      if hidden then
        n = n + 1
        out[n] = k
      else
        local ok, d = rt.attempt(get_own, v, k)
        if not ok or d and d.bits % 4 >= 2 then
          n = n + 1
          out[n] = k
        end
      end
    end
  end
  return out
end

function M.property(v, k)
  local d = get_own(v, k)
  if not d then return nil end
  local hidden = d.bits % 4 < 2
  if d.accessor then return nil, d.get, d.set, hidden end
  return d.value, nil, nil, hidden
end

function M.key(k)
  if type(k) == "string" then return k end
  if type(k) == "number" then return rt.number_text(k - 1) end
end

function M.get(v, k) return v[k] end
function M.call(get, this) return (get(this)) end
function M.callable(v) return type(v) == "function" end

-- ---- own words

local view_of_inspect
M.inspect = rt.native("inspect", 2, function(this, ...)
  view_of_inspect = view_of_inspect or rt.node_module("util").inspect
  return (view_of_inspect(this, ...))
end)

function M.custom(v)
  if type(v) == "table" and (getmetatable(v) == rt.symbol_meta or getmetatable(v) == rt.bigint_meta) then return nil end
  local fn = v[custom]
  if type(fn) ~= "function" or fn == view_of_inspect then return nil end
  local c = v.constructor
  if type(c) == "function" and c.prototype == v then return nil end
  if not rt.wants_this(fn) then return fn end
  return function(value, depth, options)
    local stylize = options.stylize
    options.stylize = rt.native("stylize", 2, function(_, text, style) return stylize(text, style) end)
    if depth == L.math.huge then options.depth = L.math.huge end
    return fn(value, depth, rt.given(options), M.inspect)
  end
end

function M.proxy(v)
  if type(v) ~= "table" then return nil end
  local mt = getmetatable(v)
  if not mt or not mt.proxy_target then return nil end
  local d = rawget(v, DATA)
  return d.target, d.handler
end

-- With showHidden: properties of the prototypes of the program's own classes.
function M.inherited(v)
  if type(v) ~= "table" then return nil end
  local list, seen = {}, {}
  local o = proto_of(v)
  while o ~= nil do
    local d = get_own(o, "constructor")
    local f = d and d.value
    if type(f) ~= "function" or not finfo(f) or finfo(f).native then break end
    for _, k in ipairs(own_keys(o)) do
      if k ~= "constructor" and not seen[k] and not get_own(v, k) then
        seen[k] = true
        local p = get_own(o, k)
        if type(p.value) ~= "function" then list[#list + 1] = { key = k, value = p.value, get = p.get, set = p.set } end
      end
    end
    o = proto_of(o)
  end
  return list
end

-- ---- what kinds hold

function M.length(v)
  local d = data_of(v)
  if type(d) == "table" and d.typed then return rt.typed_length(v) end
  return v.length
end

function M.element(v, i) return v[i] end

function M.indices(v)
  local mt = getmetatable(v)
  if not mt.holey then return nil end
  local list = {}
  for _, k in ipairs(own_keys(v)) do
    if type(k) == "number" and rt.is_index(k) then list[#list + 1] = k end
  end
  return list
end

function M.extras(v)
  local list = {}
  local d = data_of(v)
  local names = (d == nil or d.typed) and { "BYTES_PER_ELEMENT", "length", "byteLength", "byteOffset", "buffer" } or { "byteLength", "byteOffset", "buffer" }
  for _, name in ipairs(names) do list[#list + 1] = { name, v[name] } end
  return list
end

local FUNCTION_KINDS = { ["false,false"] = "Function", ["true,false"] = "AsyncFunction", ["false,true"] = "GeneratorFunction", ["true,true"] = "AsyncGeneratorFunction" }

function M.type_name(v)
  if type(v) == "function" then
    local info = finfo(v)
    return info and FUNCTION_KINDS[L.tostring(info.async or false) .. "," .. L.tostring(info.generator or false)] or "Function"
  end
  if type(v) == "userdata" then return "Uint8Array" end
  local d = data_of(v)
  if type(d) == "table" and d.typed then return d.kind.name end
  if type(d) == "table" and d.array_buffer then return d.shared and "SharedArrayBuffer" or "ArrayBuffer" end
  local t = rt.typeof(d)
  return L.string.upper(L.string.sub(t, 1, 1)) .. (t == "bigint" and "igInt" or L.string.sub(t, 2))
end

function M.name(v)
  local name = get_own(v, "name")
  name = name and name.value
  if type(name) ~= "string" then name = "" end
  if not is_class(v) then return name end
  local parent = proto_of(v)
  if parent == nil then return name, false end
  return name, type(parent) == "function" and parent ~= rt.FunctionPrototype and rt.function_name(parent) or nil
end

local function ring(d, list, n, pairs_wanted, values_only)
  local e = d.head[4]
  while e ~= d.head do
    if pairs_wanted then
      list[n + 1], list[n + 2] = e[1], e[2]
      n = n + 2
    else
      n = n + 1
      if values_only then list[n] = e[2] else list[n] = e[1] end
    end
    e = e[4]
  end
  list.n = n
  return list
end

function M.entries(v)
  local d = data_of(v)
  if d.values then
    local list, n = {}, 0
    for k, value in next, d.values do
      n = n + 1
      list[n] = k
      if d.kind == "WeakMap" then
        n = n + 1
        list[n] = value
      end
    end
    list.n = n
    return list
  end
  if d.iterator then
    local list, n, e = {}, 0, d.at
    local of_pairs = d.what == "entries"
    while e and d.data do
      while not e[4] do e = e[3] end
      e = e[4]
      if e == d.data.head then break end
      if of_pairs then
        list[n + 1], list[n + 2] = e[1], d.iterator == "Map" and e[2] or e[1]
        n = n + 2
      else
        n = n + 1
        if d.what == "values" and d.iterator == "Map" then list[n] = e[2] else list[n] = e[1] end
      end
    end
    list.n = n
    return list, of_pairs
  end
  return ring(d, {}, 0, d.kind == "Map")
end

function M.promise(v) return promise.state(v) end

function M.text(v, separator)
  local t = type(v)
  if t == "userdata" then return L.tostring(v) end
  local mt = getmetatable(v)
  if mt == rt.symbol_meta then return rt.symbol_text(v) end
  if mt == rt.bigint_meta then
    local digits = rt.text(v)
    if separator then digits = L.require("lunode.util.inspect.text").integer(digits, true) end
    return digits .. "n"
  end
  if mt.class == "Date" then
    local at = data_of(v).date
    if at ~= at then return "Invalid Date" end
    return G.Date.prototype.toISOString(v)
  end
  return G.RegExp.prototype.toString(v)
end

function M.unboxed(v) return data_of(v) end

function M.bytes(v)
  local d = data_of(v)
  if d.detached then return nil end
  return L.require("ffi").string(d.memory, d.length)
end

M.internal = errors.is_internal

-- ---- comparison

function M.prototype(v) return proto_of(v) end
function M.make(v) return G.Object.prototype.toString(v) end

-- ---- format

local builtin = {}
function M.text_of(v)
  if type(v) == "function" then return rt.text(v) end
  if type(v) ~= "table" and type(v) ~= "userdata" then return nil end
  local mt = getmetatable(v)
  if mt == rt.symbol_meta then return rt.symbol_text(v) end
  if mt == rt.bigint_meta then return rt.text(v) .. "n" end
  if M.proxy(v) ~= nil then return nil end
  local f = v.toString
  if type(f) ~= "function" then return nil end
  if next(builtin) == nil then
    builtin[G.Object.prototype.toString], builtin[G.Error.prototype.toString], builtin[G.Array.prototype.toString] = true, true, true
  end
  if builtin[f] then return nil end
  local o = v
  while o ~= nil do
    if get_own(o, "toString") then break end
    o = proto_of(o)
  end
  local d = o ~= nil and get_own(o, "constructor")
  local class = d and d.value
  if o ~= v and type(class) == "function" and finfo(class) and finfo(class).native and mt.class ~= "Date" then return nil end
  local ok, text = rt.attempt(rt.text, v)
  return ok and text or nil
end

function M.number_of(v)
  if type(v) == "table" and getmetatable(v) == rt.bigint_meta then return v end
  local ok, n = rt.attempt(rt.tonum, v)
  return ok and n or 0 / 0
end

function M.json(v)
  local ok, text = rt.attempt(G.JSON.stringify, nil, v)
  if ok then return text end
  L.error(text, 0)
end

L.table.insert(floor.models, 1, M)
floor.undefined = "undefined"
floor.loosely_equal = rt.equals
floor.model_text = rt.text
