-- SPDX-License-Identifier: MIT
--
-- readable:map, filter, flatMap, drop, take, asIndexedPairs, compose (-> Readable), forEach, toArray, some, every, find,
-- reduce (-> promise). Node 20 docs: Readable streams, from "readable.compose" on.
--
-- fn(chunk, {signal}) may return a promise, or await. options: concurrency (calls at the same time, 1), highWaterMark
-- (results kept in advance), signal. The order of the chunks is kept. flatMap takes lists and all else that can be iterated;
-- a string or Buffer is one element.
local async = require "lunode.internal.async"
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"
local abort = require "lunode.stream.abort"
local finished = require "lunode.stream.end_of_stream"
local from = require "lunode.stream.from"
local generate = require "lunode.stream.generate"
local iterator = require "lunode.stream.iterator"
local state_of = require "lunode.stream.state"
local utils = require "lunode.stream.utils"

local type, error, pcall, select, floor = type, error, pcall, select, math.floor
local await, null = async.await, errors.null

local M = {}

local EMPTY, EOF = {}, {}

local function check_options(options)
  if options == null then options = nil end
  if options ~= nil then
    validators.validateObject(options, "options")
    if options.signal ~= nil then validators.validateAbortSignal(options.signal, "options.signal") end
  end
  return options
end

local function check_aborted(options, with_cause)
  local signal = options and options.signal
  if signal and signal.aborted then error(with_cause and abort.error(signal) or errors.AbortError(), 0) end
end

-- Calls body(next) with next() giving chunk after chunk; the stream is closed however the body ends.
local function each(stream, body)
  local reader = iterator.open(stream)
  local ok, result = pcall(body, function() return reader:pull() end)
  reader:close(not ok and result or nil)
  if not ok then error(result, 0) end
  return result
end

local function settle(x)
  if utils.isThenable(x) then return await(x) end
  return x
end

-- The heart of map: emit(result) for each chunk's result, in order, `concurrency` calls at a time. Stops early when emit
-- returns true.
local function concurrent(stream, fn, options, concurrency, mark, emit)
  local signal = options and options.signal
  local fn_options = { signal = signal or abort.controller().signal }
  local queue, first, last = {}, 1, 0
  local running, over = 0, false
  local wants_result, wants_room -- promises that wait

  local function wake_reader()
    local p = wants_result
    if p then
      wants_result = nil
      promise.resolve(p)
    end
  end
  local function wake_pump()
    local p = wants_room
    if p then
      wants_room = nil
      promise.resolve(p)
    end
  end
  local function one_done()
    running = running - 1
    if not over and running < concurrency and last - first + 1 < mark then wake_pump() end
  end
  local function one_failed()
    over = true
    one_done()
  end
  local function add(result)
    last = last + 1
    queue[last] = result
    wake_reader()
  end

  local reader = iterator.open(stream)
  local function pump()
    while true do
      local chunk = reader:pull()
      if chunk == nil then break end
      if over then return end
      if signal and signal.aborted then error(errors.AbortError(), 0) end
      running = running + 1
      local result = async.async(function() return settle(fn(chunk, fn_options)) end)
      result:next(one_done, one_failed)
      add(result)
      if not over and (last - first + 1 >= mark or running >= concurrency) then
        wants_room = promise.new()
        await(wants_room)
      end
    end
    add(EOF)
  end
  async.async(function()
    local ok, raised = pcall(pump)
    if not ok then
      local p = promise.new()
      p:catch(state_of.nop)
      promise.reject(p, raised)
      running = running + 1
      add(p)
    end
    over = true
    wake_reader()
    reader:close(not ok and raised or nil)
  end)

  local ok, raised = pcall(function()
    while true do
      while first <= last do
        local p = queue[first]
        if p == EOF then return end
        local result = await(p)
        if signal and signal.aborted then error(errors.AbortError(), 0) end
        if result ~= EMPTY and emit(result) then return end
        queue[first] = nil
        first = first + 1
        if not over and running < concurrency and last - first + 1 < mark then wake_pump() end
      end
      if over then return end
      wants_result = promise.new()
      await(wants_result)
    end
  end)
  over = true
  wake_pump()
  if not ok then
    reader:close(raised)
    error(raised, 0)
  end
  reader:close()
end

-- Rounded down; what is no number is NaN, which is out of range.
local function whole(value, default)
  if value == nil or value == null then return default end
  return floor(tonumber(value) or 0 / 0)
end

local function limits(options)
  local concurrency = whole(options and options.concurrency, 1)
  local mark = whole(options and options.highWaterMark, concurrency - 1)
  validators.validateInteger(concurrency, "options.concurrency", 1)
  validators.validateInteger(mark, "options.highWaterMark", 0)
  return concurrency, mark + concurrency
end

local function check_map(fn, options)
  fn = validators.visitor(fn, "fn")
  options = check_options(options)
  return fn, options, limits(options)
end

function M.map(self, fn, options)
  local concurrency, mark
  fn, options, concurrency, mark = check_map(fn, options)
  return generate(function(push)
    concurrent(self, fn, options, concurrency, mark, function(result) push(result) end)
  end)
end

local function keeping(fn)
  return function(chunk, options)
    if validators.truthy(settle(fn(chunk, options))) then return chunk end
    return EMPTY
  end
end

function M.filter(self, fn, options)
  local concurrency, mark
  fn, options, concurrency, mark = check_map(fn, options)
  return generate(function(push)
    concurrent(self, keeping(fn), options, concurrency, mark, function(result) push(result) end)
  end)
end

function M.flatMap(self, fn, options)
  local concurrency, mark
  fn, options, concurrency, mark = check_map(fn, options)
  return generate(function(push)
    concurrent(self, fn, options, concurrency, mark, function(result)
      if type(result) == "string" or utils.isBuffer(result) then return push(result) end
      local step, close = from.source(result)
      if not step then error(errors.TypeError(errors.inspect_brief(result) .. " is not iterable"), 0) end
      local ok, raised = pcall(function()
        while true do
          local value = step()
          if value == nil then return end
          push(value)
        end
      end)
      if not ok then
        if close then close(raised) end
        error(raised, 0)
      end
    end)
  end)
end

local function count_of(n)
  local value = tonumber(n)
  if type(n) == "boolean" then value = n and 1 or 0 end
  if value == nil or value ~= value then return 0 end
  if value < 0 then error(errors.ERR_OUT_OF_RANGE("number", ">= 0", value), 0) end
  return value
end

function M.drop(self, n, options)
  options = check_options(options)
  n = count_of(n)
  return generate(function(push)
    check_aborted(options)
    each(self, function(next_chunk)
      for chunk in next_chunk do
        check_aborted(options)
        if n <= 0 then push(chunk) end
        n = n - 1
      end
    end)
  end)
end

function M.take(self, n, options)
  options = check_options(options)
  n = count_of(n)
  return generate(function(push)
    check_aborted(options)
    each(self, function(next_chunk)
      for chunk in next_chunk do
        if options and options.signal then await(nil) end -- a chunk that was there at once must not outrun abort()
        check_aborted(options)
        if n > 0 then push(chunk) end
        n = n - 1
        if n <= 0 then return end
      end
    end)
  end)
end

-- Lists {index, chunk}; the index counts from 0, as in Node.
function M.asIndexedPairs(self, options)
  options = check_options(options)
  return generate(function(push)
    local index = 0
    each(self, function(next_chunk)
      for chunk in next_chunk do
        check_aborted(options, true)
        push(shape.list { index, chunk })
        index = index + 1
      end
    end)
  end)
end

function M.compose(self, stream, options)
  options = check_options(options)
  if utils.isNodeStream(stream) and not utils.isWritable(stream) then
    error(errors.ERR_INVALID_ARG_VALUE("stream", stream, "must be writable"), 0)
  end
  local composed = require "lunode.stream.compose"(self, stream)
  if options and options.signal then require "lunode.stream.add_abort_signal"(options.signal, composed) end
  return composed
end

-- ---- to a promise. Wrong arguments reject it, as in an async function.

local function with_args(fn) return function(...) return async.async(fn, ...) end end

M.forEach = with_args(function(self, fn, options)
  local concurrency, mark
  fn, options, concurrency, mark = check_map(fn, options)
  concurrent(self, function(chunk, fn_options)
    settle(fn(chunk, fn_options))
    return EMPTY
  end, options, concurrency, mark, state_of.nop)
end)

M.toArray = with_args(function(self, options)
  options = check_options(options)
  local list = {}
  each(self, function(next_chunk)
    for chunk in next_chunk do
      check_aborted(options, true)
      list[#list + 1] = chunk
    end
  end)
  return shape.list(list)
end)

-- The first chunk that fn accepts.
local function first_match(self, fn, options)
  local concurrency, mark
  fn, options, concurrency, mark = check_map(fn, options)
  local found
  concurrent(self, keeping(fn), options, concurrency, mark, function(result)
    found = result
    return true
  end)
  return found
end

M.find = with_args(first_match)

M.some = with_args(function(self, fn, options) return first_match(self, fn, options) ~= nil end)

M.every = with_args(function(self, fn, options)
  local cb = validators.visitor(fn, "fn")
  return first_match(self, function(chunk, fn_options) return not validators.truthy(settle(cb(chunk, fn_options))) end, options) == nil
end)

-- (fn(previous, chunk, {signal}) [, initial [, options]])
M.reduce = with_args(function(self, fn, ...)
  fn = validators.visitor(fn, "reducer")
  local has_value = select("#", ...) > 0
  local value, options = ...
  options = check_options(options)
  local signal = options and options.signal
  if signal and signal.aborted then
    local err = abort.error(signal)
    self:once("error", state_of.nop)
    self:destroy(err)
    local p = promise.new()
    finished(self, function() promise.resolve(p) end)
    await(p)
    error(err, 0)
  end
  local controller = abort.controller()
  local stop = signal and abort.listen(signal, function() controller:abort() end)
  local got_any = false
  local ok, raised = pcall(each, self, function(next_chunk)
    for chunk in next_chunk do
      got_any = true
      check_aborted(options)
      if has_value then
        value = settle(fn(value, chunk, { signal = controller.signal }))
      else
        value, has_value = chunk, true
      end
    end
    if not got_any and not has_value then
      local err = errors.TypeError "Reduce of an empty stream requires an initial value"
      err.code = "ERR_MISSING_ARGS"
      error(err, 0)
    end
  end)
  if stop then stop() end
  controller:abort()
  if not ok then error(raised, 0) end
  return value
end)

return M
