-- SPDX-License-Identifier: MIT
--
-- Readable.from(iterable, options) (Node 20 docs: stream.Readable.from). What can be iterated:
--   a string or Buffer: one chunk          a list: its elements          a stream
--   a Lua iterator, that is a function: called until it returns nil; it may await
--   an object with Symbol.asyncIterator or Symbol.iterator, or `iter`, or `next` (giving {value, done} or a promise of it)
-- Elements that are promises are awaited. Object mode, and a mark of 1 but for strings and Buffers, unless options say otherwise.
--
--   from.source(x) -> step, close | nil     step() -> value or nil at the end (may await), close(err) or false
local async = require "lunode.internal.async"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local symbols = require "lunode.internal.symbols"
local validators = require "lunode.internal.validators"
local utils = require "lunode.stream.utils"

local type, error, pairs, pcall, getmetatable, rawset = type, error, pairs, pcall, getmetatable, rawset
local await, isThenable = async.await, utils.isThenable

local function settle(x)
  if isThenable(x) then return await(x) end
  return x
end

-- An object with `next`.
local function object_source(it)
  local function step()
    local r = settle(it:next())
    if type(r) ~= "table" then error(errors.TypeError("Iterator result " .. tostring(r) .. " is not an object"), 0) end
    if r.done then return nil end
    local value = settle(r.value)
    if value == nil or value == errors.null then error(errors.ERR_STREAM_NULL_VALUES(), 0) end
    return value
  end
  local function close(err)
    if err ~= nil and type(it.throw) == "function" then
      local r = settle(it:throw(err))
      if type(r) == "table" then
        settle(r.value)
        if r.done then return end
      end
    end
    if type(it["return"]) == "function" then
      local r = settle(it["return"](it))
      if type(r) == "table" then settle(r.value) end
    end
  end
  return step, close
end

local function list_source(list)
  local i, n = 0, type(list.length) == "number" and list.length or #list
  return function()
    i = i + 1
    if i > n then return nil end
    local value = list[i]
    if type(value) == "table" then value = settle(value) end
    if value == nil or value == errors.null then error(errors.ERR_STREAM_NULL_VALUES(), 0) end
    return value
  end, false
end

local function source(x)
  if type(x) == "function" then
    local fn = validators.callback(x, "iterable")
    return function() return settle(fn()) end, false
  end
  if type(x) ~= "table" or x == errors.null then return nil end
  if utils.isList(x) then return list_source(x) end
  local make = x[symbols.asyncIterator] or x[symbols.iterator]
  if type(make) == "function" then
    local it = make(x)
    if type(it) == "table" and type(it.next) == "function" then return object_source(it) end
    x = it
  elseif type(x.iter) == "function" then
    x = x:iter()
    if type(x) == "table" and type(x.next) == "function" then return object_source(x) end
  end
  if type(x) == "table" and type(x.next) == "function" and not utils.isThenable(x) then return object_source(x) end
  local mt = getmetatable(x)
  if type(x) == "function" or type(mt) == "table" and mt.__call then return function() return settle(x()) end, false end
  if type(x) == "table" and mt == nil and next(x) == nil then return list_source(x) end
  return nil
end

local function from(Readable, iterable, options)
  local own = { objectMode = true }
  if type(iterable) == "string" or utils.isBuffer(iterable) then
    for k, v in pairs(options or {}) do own[k] = v end
    own.read = function(self)
      self:push(iterable)
      self:push(nil)
    end
    return Readable(own)
  end
  local step, close = source(iterable)
  if not step then error(errors.ERR_INVALID_ARG_TYPE("iterable", { "Iterable" }, iterable), 0) end

  own.highWaterMark = 1
  for k, v in pairs(options or {}) do own[k] = v end
  local readable = Readable(own)
  local reading = false

  local function pump()
    local ok, raised = pcall(function()
      repeat
        local value = step()
        if value == nil then return readable:push(nil) end
      until not readable:push(value)
      reading = false
    end)
    if not ok then readable:destroy(raised) end
  end
  rawset(readable, "_read", function()
    if reading then return end
    reading = true
    async.async(pump)
  end)
  rawset(readable, "_destroy", function(_, err, cb)
    cb = validators.callback(cb, "callback")
    local function closed() queue.nextTick(cb, err) end
    if not close then return queue.microtask(closed) end
    async.async(close, err):next(closed, function(e) queue.nextTick(cb, err == nil and e or err) end)
  end)
  return readable
end

return setmetatable({ source = source }, { __call = function(_, ...) return from(...) end })
