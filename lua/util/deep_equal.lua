-- SPDX-License-Identifier: MIT
--
-- Deep comparison, strict (util.isDeepStrictEqual, assert.deepStrictEqual) or loose (assert.deepEqual).
--   deep_equal(a, b, loose) -> boolean
-- Tables are equal when they have the same prototype (strict), and equal values under the same keys; numbers by
-- Object.is; Buffers by their bytes; Errors by name and message too; promises, functions and coroutines by identity.
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local shape = require "lunode.internal.shape"

local type, next, rawget, getmetatable, tostring = type, next, rawget, getmetatable, tostring
local null, Error = errors.null, errors.Error

local function same_number(a, b, loose)
  if a ~= a then return b ~= b end
  if a ~= b then return false end
  return loose or a ~= 0 or 1 / a == 1 / b
end

-- What is no part of an Error's value.
local not_compared = { _trace = true, _coded = true, _async = true, stack = true }

local compare

local function has_equal_key(t, key, value, loose, seen)
  for k, v in next, t do
    if type(k) == "table" and compare(k, key, loose, seen) and compare(v, value, loose, seen) then return true end
  end
  return false
end

local function compare_tables(a, b, loose, seen)
  local an_error = Error:is(a)
  if an_error ~= Error:is(b) then return false end
  if not loose then
    if shape.prototype(a) ~= shape.prototype(b) then return false end
    if shape.prototype(a) == nil then
      local ma, mb = getmetatable(a), getmetatable(b)
      if ma ~= mb and ma ~= shape.ARRAY and mb ~= shape.ARRAY then return false end
    end
  end
  if promise.is(a) or promise.is(b) then return false end
  if an_error and (tostring(a.message) ~= tostring(b.message) or tostring(a.name) ~= tostring(b.name)) then return false end
  local known = seen[a]
  if known and known[b] then return true end
  if not known then
    known = {}
    seen[a] = known
  end
  known[b] = true
  for key, value in next, a do
    if not (an_error and not_compared[key]) then
      local other = rawget(b, key)
      if other == nil and type(key) == "table" then
        if not has_equal_key(b, key, value, loose, seen) then return false end
      elseif not compare(value, other, loose, seen) then
        return false
      end
    end
  end
  for key in next, b do
    if rawget(a, key) == nil and type(key) ~= "table" and not (an_error and not_compared[key]) then return false end
  end
  local count = 0
  for key in next, a do if type(key) == "table" then count = count + 1 end end
  for key in next, b do if type(key) == "table" then count = count - 1 end end
  if count ~= 0 then return false end
  known[b] = nil
  return true
end

function compare(a, b, loose, seen)
  local ta, tb = type(a), type(b)
  if ta == "number" and tb == "number" then return same_number(a, b, loose) end
  if rawequal(a, b) then return true end
  if loose then
    if (a == nil or a == null) and (b == nil or b == null) then return true end
    if ta == "number" and tb == "string" then return tonumber(b) == a end
    if ta == "string" and tb == "number" then return tonumber(a) == b end
  end
  if ta ~= tb then return false end
  if ta == "table" then
    if a == null or b == null then return false end
    return compare_tables(a, b, loose, seen)
  end
  if ta == "userdata" then
    local mt = getmetatable(a)
    if type(mt) == "table" and mt.is_buffer and mt == getmetatable(b) then return a:equals(b) end
    return false
  end
  return ta == "cdata" and a == b
end

return function(a, b, loose) return compare(a, b, loose, {}) end
