-- SPDX-License-Identifier: MIT
--
-- Deep comparison, strict (util.isDeepStrictEqual, assert.deepStrictEqual) or loose (assert.deepEqual); Node 20 docs: assert.
--   deep_equal(a, b, loose) -> boolean
-- Objects are equal when they are of one kind, have the same prototype (strict), equal contents (elements, entries, bytes, time …) and
-- equal values under the same keys; numbers by Object.is (strict), primitives as == does (loose). Functions, coroutines and symbols are
-- equal to themselves only. What a value holds is asked from its model (util/inspect/floor.lua), so that any language's values do.
local errors = require "lunode.internal.errors"
require "lunode.util.inspect"
local floor = require "lunode.util.inspect.floor"
local text = require "lunode.util.inspect.text"

local type, tostring, tonumber, rawequal, ipairs = type, tostring, tonumber, rawequal, ipairs
local null, model_of = errors.null, floor.model_of

local compare

-- ---- primitives

local function is_object(value)
  local t = type(value)
  if t == "table" or t == "userdata" then
    if value == null then return false end
    local kind = model_of(value).kind(value)
    return kind ~= "symbol" and kind ~= "primitive"
  end
  return t == "function" or t == "thread" or t == "cdata" and not text.bigint(value)
end

-- What == compares when the types differ: a number.
local function as_number(value)
  local t = type(value)
  if t == "number" then return value end
  if t == "boolean" then return value and 1 or 0 end
  if t == "string" then
    if value:find "^%s*$" then return 0 end
    return value:find "^%s*[%d.+-]" and tonumber(value) or 0 / 0
  end
  if t == "cdata" then return tonumber(text.bigint(value)) end
  return 0 / 0
end

local function same_primitive(a, b, loose)
  local ta, tb = type(a), type(b)
  if ta == "number" and tb == "number" then
    if a ~= a then return b ~= b end
    return a == b and (loose or a ~= 0 or 1 / a == 1 / b)
  end
  if ta == "cdata" and tb == "cdata" then return text.bigint(a) == text.bigint(b) end
  if rawequal(a, b) then return true end
  local model = ta == "table" and a ~= null and model_of(a)
  if model and tb == "table" and b ~= null and model.kind(a) == "primitive" and model_of(b) == model then return model.text(a) == model.text(b) end
  if not loose then return false end
  if a == nil or a == null then return b == nil or b == null end
  if b == nil or b == null or ta == tb then return false end
  return as_number(a) == as_number(b)
end

-- ---- contents, kind by kind: (model, a, model of b, b, loose, seen) -> boolean

local contents = {}

function contents.array(ma, a, mb, b, loose, seen)
  local n = ma.length(a)
  if n ~= mb.length(b) then return false end
  local ia, ib = ma.indices and ma.indices(a), mb.indices and mb.indices(b)
  if ia or ib then
    if #(ia or {}) ~= #(ib or {}) then return false end
    for k, i in ipairs(ia) do
      if ib[k] ~= i then return false end
    end
  end
  for i = 1, n do
    if not compare(ma.element(a, i), mb.element(b, i), loose, seen) then return false end
  end
  return true
end

function contents.typed(ma, a, mb, b, loose, seen)
  if ma.type_name(a) ~= mb.type_name(b) then return false end
  if type(a) == "userdata" and type(b) == "userdata" then return a:equals(b) end
  return contents.array(ma, a, mb, b, loose, seen)
end

local function pair_of(entries, step, used, key, value, loose, seen)
  for i = 1, entries.n, step do
    if not used[i] and compare(entries[i], key, loose, seen) and (step == 1 or compare(entries[i + 1], value, loose, seen)) then return i end
  end
end

-- Every entry of a has one of its own in b: first those whose keys are the same, then any that are equal.
local function collection(step)
  return function(ma, a, mb, b, loose, seen)
    local ea, eb = ma.entries(a), mb.entries(b)
    if ea.n ~= eb.n then return false end
    local at, used, rest = {}, {}, {}
    for i = 1, eb.n, step do
      local key = eb[i]
      if key ~= nil and key == key then at[key] = i end
    end
    for i = 1, ea.n, step do
      local key = ea[i]
      local j = key ~= nil and key == key and at[key] or nil
      if j and (step == 1 or compare(ea[i + 1], eb[j + 1], loose, seen)) then used[j] = true
      elseif j and not loose and not is_object(key) then return false
      else rest[#rest + 1] = i end
    end
    for _, i in ipairs(rest) do
      local j = pair_of(eb, step, used, ea[i], ea[i + 1], loose, seen)
      if not j then return false end
      used[j] = true
    end
    return true
  end
end
contents.set, contents.map = collection(1), collection(2)

function contents.date(ma, a, mb, b) return ma.text(a) == mb.text(b) and ma.text(a) ~= "Invalid Date" end
function contents.regexp(ma, a, mb, b) return ma.text(a) == mb.text(b) and ma.get(a, "lastIndex") == mb.get(b, "lastIndex") end
function contents.boxed(ma, a, mb, b, loose, seen)
  return ma.type_name(a) == mb.type_name(b) and compare(ma.unboxed(a), mb.unboxed(b), loose, seen)
end
function contents.buffer(ma, a, mb, b) return ma.type_name(a) == mb.type_name(b) and ma.bytes(a) == mb.bytes(b) end

function contents.error(ma, a, mb, b, loose, seen)
  for _, key in ipairs { "message", "name" } do
    if tostring(ma.get(a, key)) ~= tostring(mb.get(b, key)) then return false end
  end
  for _, key in ipairs { "cause", "errors" } do
    if not compare((ma.property(a, key)), (mb.property(b, key)), loose, seen) then return false end
  end
  return true
end

local IDENTICAL = { ["function"] = true, class = true, opaque = true, symbol = true, primitive = true }

-- ---- objects

local function prototype_of(model, value)
  if model.prototype then return model.prototype(value) end
  return model.constructor(value)
end

local function same_keys(ma, a, mb, b, kind, loose, seen)
  local keys, others = ma.keys(a, false, kind), mb.keys(b, false, kind)
  if #keys ~= #others then return false end
  local present, used = {}, {}
  for _, key in ipairs(others) do present[key] = true end
  for _, key in ipairs(keys) do
    local value = (ma.property(a, key))
    local other = present[key] and key or nil
    if other == nil and type(key) == "table" and is_object(key) then -- Lua's tables have keys of any kind
      for _, k in ipairs(others) do
        if not used[k] and type(k) == "table" and compare(key, k, loose, seen) and compare(value, (mb.property(b, k)), loose, seen) then
          other = k
          break
        end
      end
    end
    if other == nil or not compare(value, (mb.property(b, other)), loose, seen) then return false end
    used[other] = true
  end
  return true
end

function compare(a, b, loose, seen)
  if not is_object(a) then return not is_object(b) and same_primitive(a, b, loose) end
  if rawequal(a, b) then return true end
  if not is_object(b) then return false end
  local ma, mb = model_of(a), model_of(b)
  local kind = ma.kind(a)
  if kind ~= mb.kind(b) or IDENTICAL[kind] then return false end
  if not loose and prototype_of(ma, a) ~= prototype_of(mb, b) then return false end
  local known = seen[a]
  if known and known[b] then return true end
  if not known then
    known = {}
    seen[a] = known
  end
  known[b] = true
  local same = not contents[kind] or contents[kind](ma, a, mb, b, loose, seen)
  same = same and same_keys(ma, a, mb, b, kind, loose, seen)
  known[b] = nil
  return same
end

return function(a, b, loose) return compare(a, b, loose, {}) end
