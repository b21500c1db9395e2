-- SPDX-License-Identifier: MIT
--
-- Deep comparison (Node 20 docs: assert.deepStrictEqual, util.isDeepStrictEqual).
--   deep_equal(a, b, mode) -> boolean. mode: nil strict, "loose" (assert.deepEqual), "partial" (assert.partialDeepStrictEqual: a has all that
--   b has, an array's elements in their order)
-- Objects are equal when they are of one kind, have the same prototype (not loose), equal contents (elements, entries, bytes, time …) and
-- equal values under the same keys; numbers by Object.is, loosely by ==, as all primitives then. Functions, coroutines and symbols are
-- equal to themselves only. What a value holds is asked from its model (util/inspect/floor.lua), so that any language's values do;
-- floor.loosely_equal(a, b), where set, is another language's == of primitives.
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
  return t == "thread" or t == "cdata" and not text.bigint(value)
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

local function same_primitive(a, b, mode)
  local ta, tb = type(a), type(b)
  if ta == "number" and tb == "number" then
    if a ~= a then return b ~= b end
    return a == b and (mode == "loose" or a ~= 0 or 1 / a == 1 / b)
  end
  if ta == "cdata" and tb == "cdata" then return text.bigint(a) == text.bigint(b) end
  if rawequal(a, b) then return true end
  local model = ta == "table" and a ~= null and model_of(a)
  if model and tb == "table" and b ~= null and model.kind(a) == "primitive" and model_of(b) == model then return model.text(a) == model.text(b) end
  if mode ~= "loose" then return false end
  if floor.loosely_equal then return floor.loosely_equal(a, b) end
  if a == nil or a == null then return b == nil or b == null end
  if b == nil or b == null or ta == tb then return false end
  return as_number(a) == as_number(b)
end

-- ---- contents, kind by kind: (model, a, model of b, b, mode, seen) -> boolean

local contents = {}

-- Are b's elements among a's, in this order?
local function subsequence(ma, a, n, mb, b, seen)
  local at = 0
  for i = 1, mb.length(b) do
    local wanted = mb.element(b, i)
    repeat
      at = at + 1
      if at > n then return false end
    until compare(ma.element(a, at), wanted, "partial", seen)
  end
  return true
end

function contents.array(ma, a, mb, b, mode, seen)
  local n = ma.length(a)
  local ia, ib = ma.indices and ma.indices(a), mb.indices and mb.indices(b)
  if mode == "partial" then
    if n < mb.length(b) then return false end
    if not ia and not ib then return subsequence(ma, a, n, mb, b, seen) end
    local there = {}
    for i = 1, ia and #ia or n do there[ia and ia[i] or i] = true end
    for i = 1, ib and #ib or mb.length(b) do
      local at = ib and ib[i] or i
      if not there[at] or not compare(ma.element(a, at), mb.element(b, at), mode, seen) then return false end
    end
    return true
  end
  if n ~= mb.length(b) then return false end
  if ia and #ia == n then ia = nil end -- no holes
  if ib and #ib == n then ib = nil end
  if ia or ib then
    if #(ia or {}) ~= #(ib or {}) then return false end
    for k, i in ipairs(ia) do
      if ib[k] ~= i then return false end
    end
  end
  for i = 1, n do
    if not compare(ma.element(a, i), mb.element(b, i), mode, seen) then return false end
  end
  return true
end

function contents.typed(ma, a, mb, b, mode, seen)
  local name = ma.type_name(a)
  if name ~= mb.type_name(b) then return false end
  if mode == "loose" and name:find "^Float" then -- no NaN is like another
    local n = ma.length(a)
    if n ~= mb.length(b) then return false end
    for i = 1, n do
      if ma.element(a, i) ~= mb.element(b, i) then return false end
    end
    return true
  end
  if type(a) == "userdata" and type(b) == "userdata" and mode ~= "partial" then return a:equals(b) end
  return contents.array(ma, a, mb, b, mode, seen)
end

local function pair_of(entries, step, used, key, value, mode, seen)
  for i = 1, entries.n, step do
    if not used[i] and compare(entries[i], key, mode, seen) and (step == 1 or compare(entries[i + 1], value, mode, seen)) then return i end
  end
end

-- Every wanted entry has one of its own in the other collection: first those whose keys are the same, then any that are equal.
local function collection(step)
  return function(ma, a, mb, b, mode, seen)
    local have, wanted = ma.entries(a), mb.entries(b)
    if mode == "partial" then
      if have.n < wanted.n then return false end
    else
      if have.n ~= wanted.n then return false end
    end
    local at, used, rest = {}, {}, {}
    for i = 1, have.n, step do
      local key = have[i]
      if key ~= nil and key == key then at[key] = i end
    end
    for i = 1, wanted.n, step do
      local key = wanted[i]
      local j = key ~= nil and key == key and at[key] or nil
      if j and (step == 1 or compare(have[j + 1], wanted[i + 1], mode, seen)) then used[j] = true
      elseif j and mode ~= "loose" and not is_object(key) then return false
      else rest[#rest + 1] = i end
    end
    for _, i in ipairs(rest) do
      local j = pair_of(have, step, used, wanted[i], wanted[i + 1], mode, seen)
      if not j then return false end
      used[j] = true
    end
    return true
  end
end
contents.set, contents.map = collection(1), collection(2)

function contents.date(ma, a, mb, b) return ma.text(a) == mb.text(b) and ma.text(a) ~= "Invalid Date" end
function contents.regexp(ma, a, mb, b) return ma.text(a) == mb.text(b) and ma.get(a, "lastIndex") == mb.get(b, "lastIndex") end
function contents.boxed(ma, a, mb, b, mode, seen)
  return ma.type_name(a) == mb.type_name(b) and compare(ma.unboxed(a), mb.unboxed(b), mode, seen)
end
function contents.buffer(ma, a, mb, b) return ma.type_name(a) == mb.type_name(b) and ma.bytes(a) == mb.bytes(b) end

function contents.error(ma, a, mb, b, mode, seen)
  for _, key in ipairs { "message", "name" } do
    if not compare(ma.get(a, key), mb.get(b, key), nil, seen) then return false end
  end
  for _, key in ipairs { "cause", "errors" } do
    if not (mode == "partial" and mb.property(b, key) == nil) and not compare((ma.property(a, key)), (mb.property(b, key)), mode, seen) then return false end
  end
  return true
end

local IDENTICAL = { ["function"] = true, class = true, opaque = true, symbol = true, primitive = true }

-- ---- objects

local function prototype_of(model, value)
  if model.prototype then return model.prototype(value) end
  return model.constructor(value)
end

-- The value under a key; accessors are asked.
local function value_of(model, value, key)
  local v, get = model.property(value, key)
  if get then return model.get(value, key) end
  return v
end

-- Loosely, keys that are symbols do not count.
local function keys_of(model, value, kind, mode)
  local keys = model.keys(value, false, kind)
  if mode ~= "loose" then return keys end
  local list, n = {}, 0
  for i = 1, #keys do
    local key = keys[i]
    if type(key) ~= "table" or model_of(key).kind(key) ~= "symbol" then
      n = n + 1
      list[n] = key
    end
  end
  return list
end

local function same_keys(ma, a, mb, b, kind, mode, seen)
  local keys, others = keys_of(ma, a, kind, mode), keys_of(mb, b, kind, mode)
  if #keys ~= #others and (mode ~= "partial" or #keys < #others) then return false end
  local present, used = {}, {}
  for i = 1, #keys do present[keys[i]] = true end
  for i = 1, #others do
    local key = others[i]
    local value = value_of(mb, b, key)
    local own = present[key] and key or nil
    if own == nil and type(key) == "table" and is_object(key) then -- Lua's tables have keys of any kind
      for _, k in ipairs(keys) do
        if not used[k] and type(k) == "table" and compare(k, key, mode, seen) and compare(value_of(ma, a, k), value, mode, seen) then
          own = k
          break
        end
      end
    end
    if own == nil or not compare(value_of(ma, a, own), value, mode, seen) then return false end
    used[own] = true
  end
  return true
end

function compare(a, b, mode, seen)
  if not is_object(a) then return not is_object(b) and same_primitive(a, b, mode) end
  if rawequal(a, b) then return true end
  if not is_object(b) then return false end
  local ma, mb = model_of(a), model_of(b)
  local kind = ma.kind(a)
  if kind ~= mb.kind(b) or IDENTICAL[kind] then return false end
  if mode ~= "loose" and prototype_of(ma, a) ~= prototype_of(mb, b) then return false end
  if ma.make and ma.make(a) ~= mb.make(b) then return false end
  local known = seen[a]
  if known and known[b] then return true end
  if not known then
    known = {}
    seen[a] = known
  end
  known[b] = true
  local same = not contents[kind] or contents[kind](ma, a, mb, b, mode, seen)
  same = same and same_keys(ma, a, mb, b, kind, mode, seen)
  known[b] = nil
  return same
end

return function(a, b, mode) return compare(a, b, mode, {}) end
