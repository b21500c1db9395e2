-- SPDX-License-Identifier: MIT
--
-- Lua's values, as inspect sees them (see floor.lua). A table with [1], or marked as a list, is an Array: its sequence, then its other
-- keys. Keys are sorted, for tables have no order. Instances of the library's own classes keep back what begins with "_"; functions
-- that stand in a class's prototype are not listed, as in JavaScript.
local class = require "lunode.internal.class"
local custom = require "lunode.internal.inspect_custom"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local symbols = require "lunode.internal.symbols"

local type, tostring, rawget, next, getmetatable, pairs, sort = type, tostring, rawget, next, getmetatable, pairs, table.sort
local byte, Error, is_class, is_symbol = string.byte, errors.Error, class.is_class, symbols.is
local loaded = package.loaded

local M = {}

function M.claims() return true end
M.named_by_key, M.first = true, 1

-- ---- classes

-- Does the class belong to the library?
local own_class = setmetatable({}, { __mode = "k" })
local function is_own(C)
  local known = own_class[C]
  if known ~= nil then return known end
  known = false
  for _, value in pairs(rawget(C, "prototype")) do
    if type(value) == "function" then
      known = errors.is_internal(debug.getinfo(value, "S").source)
      if known then break end
    end
  end
  if not known and rawget(C, "super") then known = is_own(rawget(C, "super")) end
  own_class[C] = known
  return known
end

local function class_of(value)
  local mt = getmetatable(value)
  if type(mt) ~= "table" then return nil end
  local C = rawget(mt, "class")
  if is_class(C) then return C end
  local proto = rawget(mt, "proto") -- an object made over a prototype by hand
  local made = type(proto) == "table" and proto.constructor
  return is_class(made) and made or nil
end

local function is_prototype(value)
  local C = rawget(value, "constructor")
  return is_class(C) and rawget(C, "prototype") == value
end

local function is_list(value)
  if rawget(value, 1) ~= nil then return true end
  local mt = getmetatable(value)
  return mt ~= nil and (mt == shape.ARRAY or type(mt) == "table" and rawget(mt, "__jsontype") == "array")
end

-- class -> kind, and a field without which an instance is none
local VALUE_KINDS = { Map = { "map", "_size" }, Set = { "set", "_size" }, Date = { "date", "_ms" }, RegExp = { "regexp", "source" } }

function M.kind(value)
  local t = type(value)
  if t == "function" then return "function" end
  if t == "cdata" then return "primitive" end
  if t == "thread" or t == "userdata" and not class_of(value) then return "opaque" end
  if t == "userdata" then return getmetatable(value).is_buffer and "typed" or "object" end
  if is_symbol(value) then return "symbol" end
  if is_class(value) then return "class" end
  if getmetatable(value) == nil then return rawget(value, 1) ~= nil and "array" or "object" end
  if Error:is(value) then return "error" end
  local C = class_of(value)
  if C then
    if rawget(value, "_state") ~= nil and require("lunode.internal.promise").is(value) then return "promise" end
    local values = loaded["lunode.internal.value_classes"]
    if values then
      for name, kind in pairs(VALUE_KINDS) do
        if values[name]:is(value) and rawget(value, kind[2]) then return kind[1] end
      end
    end
    return "object"
  end
  if is_list(value) then return "array" end
  local mt = getmetatable(value)
  return type(mt) == "table" and type(rawget(mt, "__call")) == "function" and "function" or "object"
end

function M.constructor(value)
  local t = type(value)
  if t == "function" then return "Function" end
  local mt = getmetatable(value)
  if type(mt) == "table" then
    if t == "table" and is_prototype(value) then
      local super = rawget(rawget(value, "constructor"), "super")
      return super and rawget(super, "name") or "Object"
    end
    local C = class_of(value)
    if C then return rawget(C, "name") end
    if t == "table" and rawget(mt, "__call") ~= nil then return "Function" end
    local name = rawget(mt, "__name")
    if type(name) == "string" and mt ~= shape.ARRAY then return name end
  end
  return t == "table" and is_list(value) and "Array" or "Object"
end

-- For comparisons: what two values must have in common to be of one make.
function M.prototype(value)
  local proto = shape.prototype(value)
  if proto ~= nil then return proto end
  local mt = getmetatable(value)
  return mt ~= shape.ARRAY and mt or nil
end

local TAGS = { promise = "Promise", map = "Map", set = "Set", typed = "Uint8Array" }

function M.tag(value, name, kind)
  local tag = TAGS[kind]
  if not tag and (kind == "object" or kind == "error") and type(value) == "table" and getmetatable(value) ~= nil
    and rawget(value, symbols.toStringTag) == nil and type(getmetatable(value)) == "table" then
    local proto = rawget(getmetatable(value), "proto")
    tag = type(proto) == "table" and value[symbols.toStringTag] or nil
  end
  return type(tag) == "string" and tag ~= name and tag or nil
end

-- ---- keys

local order = { number = 1, string = 2, boolean = 3, table = 4, userdata = 5, ["function"] = 6, thread = 7, cdata = 8 }
local LENGTH = setmetatable({}, { __tostring = function() return "length" end }) -- the key of a list's length, for showHidden

local function key_less(a, b)
  local ta, tb = type(a), type(b)
  if ta ~= tb then return order[ta] < order[tb] end
  if ta == "number" or ta == "string" then return a < b end
  return tostring(a) < tostring(b)
end
M.key_less = key_less

local HIDDEN = { -- of kinds that print it in their own way
  map = { _head = true, _index = true, _integers = true, _size = true }, date = { _ms = true },
  regexp = { source = true, flags = true, lastIndex = true },
  error = { _trace = true, _coded = true, _async = true, stack = true, message = true, cause = true },
}
HIDDEN.aggregate = setmetatable({ errors = true }, { __index = HIDDEN.error })

local NONE = {}
local function class_keys(C)
  local keys = {}
  if is_own(C) then return keys end
  for key, value in next, rawget(C, "static") do
    if type(value) ~= "function" then keys[#keys + 1] = key end
  end
  if #keys > 1 then sort(keys, key_less) end
  return keys
end

-- What showHidden adds, in front: fields that are not enumerable in JavaScript.
local function hidden_keys(value, kind, keys)
  if kind == "array" then keys[1] = LENGTH
  elseif kind == "regexp" then keys[1] = "lastIndex"
  elseif kind == "error" then
    if rawget(value, "stack") ~= nil or rawget(value, "_trace") ~= nil then keys[1] = "stack" end
    if rawget(value, "message") ~= nil then keys[#keys + 1] = "message" end
  end
  return #keys
end

function M.keys(value, hidden, kind)
  local keys, count = {}, 0
  if kind == "class" then return class_keys(value) end
  if type(value) ~= "table" then return keys end
  local n, hide, proto, without = 0, kind == "promise", false, HIDDEN[kind == "set" and "map" or kind] or NONE
  if kind == "array" then n = #value end
  if kind == "error" and errors.AggregateError:is(value) then without = HIDDEN.aggregate end
  if not hidden then
    local C = getmetatable(value) ~= nil and class_of(value)
    hide = hide or C and is_own(C)
    proto = is_prototype(value)
  end
  for key, v in next, value do
    local t = type(key)
    if t == "string" then
      if not (hide and byte(key) == 95 or without[key] or proto and (type(v) == "function" or key == "constructor")) then
        count = count + 1
        keys[count] = key
      end
    elseif not (t == "number" and key >= 1 and key <= n and key % 1 == 0) and not (proto and type(v) == "function") then
      count = count + 1
      keys[count] = key
    end
  end
  if count > 1 then sort(keys, key_less) end
  if not hidden then return keys end
  local all = {}
  local first = hidden_keys(value, kind, all)
  for i = 1, count do
    local key = keys[i]
    if key ~= all[1] and key ~= all[2] then
      first = first + 1
      all[first] = key
    end
  end
  return all
end

local NOT_ENUMERABLE = { message = true, stack = true, cause = true, errors = true }

function M.property(value, key)
  if key == LENGTH then return #value, nil, nil, true end
  if is_class(value) then return rawget(value, "static")[key] end
  if type(key) == "string" and NOT_ENUMERABLE[key] and getmetatable(value) ~= nil and Error:is(value) then
    local v = rawget(value, key)
    if key == "stack" and v == nil then v = value.stack end
    return v, nil, nil, v ~= nil and (key ~= "errors" or errors.AggregateError:is(value))
  end
  return rawget(value, key), nil, nil, key == "lastIndex" and M.kind(value) == "regexp"
end

function M.key(key)
  if type(key) == "string" then return key end
  if type(key) ~= "table" then return nil end
  if key == LENGTH then return "length" end
end

function M.get(value, key) return value[key] end

-- With showHidden: the accessors and fields of the program's own classes.
function M.inherited(value)
  local C = type(value) == "table" and class_of(value)
  if not C or is_own(C) then return nil end
  local list, seen = {}, {}
  while C and not is_own(C) do
    local proto, meta, names = rawget(C, "prototype"), rawget(C, "meta"), {}
    for key in next, meta.getters do names[#names + 1] = key end
    for key, v in next, proto do
      if type(v) ~= "function" and key ~= "constructor" then names[#names + 1] = key end
    end
    sort(names, key_less)
    for _, key in ipairs(names) do
      if not seen[key] and rawget(value, key) == nil then
        seen[key] = true
        local get = rawget(meta.getters, key)
        local set = rawget(meta.setters, key)
        if set and errors.is_internal(debug.getinfo(set, "S").source) then set = nil end -- the one that drops what is written
        list[#list + 1] = { key = key, value = proto[key], get = get, set = set }
      end
    end
    C = rawget(C, "super")
  end
  return list
end

-- The object's own function, through its class, its metatable or a field; never by running an accessor.
function M.custom(value)
  if type(value) == "table" then
    local fn = rawget(value, custom)
    if fn ~= nil then return fn end
  end
  local mt = getmetatable(value)
  if type(mt) ~= "table" or is_class(value) then return nil end
  local proto = rawget(mt, "proto")
  if type(proto) ~= "table" then proto = rawget(mt, "__index") end
  while type(proto) == "table" do
    local fn = rawget(proto, custom)
    if fn ~= nil then return fn end
    local link = getmetatable(proto)
    proto = type(link) == "table" and rawget(link, "__index") or nil
  end
end

-- ---- what the kinds hold

function M.length(value) return #value end
function M.element(value, i)
  if type(value) == "userdata" then return value[i] end
  return rawget(value, i)
end

function M.entries(value)
  local list, n = {}, 0
  local head = rawget(value, "_head")
  local entry = head.next
  local pairs_wanted = loaded["lunode.internal.value_classes"].Map:is(value)
  while entry ~= head do
    n = n + 1
    list[n] = entry.key
    if pairs_wanted then
      n = n + 1
      list[n] = entry.value
    end
    entry = entry.next
  end
  list.n = n
  return list
end

function M.promise(value) return require("lunode.internal.promise").state(value) end

function M.text(value)
  local t = type(value)
  if t == "thread" then return "[Coroutine: " .. coroutine.status(value) .. "]" end
  if t == "cdata" then return "[" .. tostring(value) .. "]", "special" end
  if t == "userdata" then return "[" .. tostring(value) .. "]" end
  return tostring(value)
end

function M.type_name(value) return type(value) == "userdata" and "Uint8Array" or "Function" end

function M.name(value)
  if type(value) == "function" then return "" end
  if not is_class(value) then return rawget(getmetatable(value), "__name") or "" end
  local parent = rawget(value, "super")
  return tostring(rawget(value, "name")), parent and tostring(rawget(parent, "name")) or nil
end

M.internal = errors.is_internal

-- ---- format

-- An object whose own words say what it is: its metatable has __tostring, or its class defines toString.
function M.text_of(value)
  local mt = getmetatable(value)
  if type(mt) ~= "table" or type(value) ~= "table" and type(value) ~= "userdata" or is_class(value) then return nil end
  if Error:is(value) then
    local C = class_of(value)
    if not C or is_own(C) or rawget(mt, "__tostring") == Error.meta.__tostring then return nil end
  end
  if rawget(mt, "__tostring") ~= nil then return tostring(value) end
end

function M.json(value) return require("lunode.json").stringify(value) end

return M
