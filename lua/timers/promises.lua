-- SPDX-License-Identifier: MIT
--
-- timers/promises (Node 20 docs: Timers Promises API).
--
--   setTimeout(ms, value, options), setImmediate(value, options) -> promise of value
--   setInterval(ms, value, options) -> asynchronous iterator; `for value in setInterval(…):iter() do`
--   scheduler.wait(ms, options), scheduler.yield() -> promise
-- options: ref = false (does not keep the loop), signal (an AbortSignal: rejects with AbortError).
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local shape = require "lunode.internal.shape"
local symbols = require "lunode.internal.symbols"
local timers = require "lunode.internal.timers"
local validators = require "lunode.internal.validators"

local resolve, reject = promise.resolve, promise.reject
local null = errors.null

local M = {}

-- Raises for bad options; -> signal or nil, whether ref'd
local function options_of(options)
  if options == nil then return nil, true end
  validators.validateObject(options, "options")
  local signal, ref = options.signal, options.ref
  if signal == null then signal = nil end
  validators.validateAbortSignal(signal, "options.signal")
  if ref == nil then ref = true end
  validators.validateBoolean(ref, "options.ref")
  return signal, ref
end

local function abort_error(signal) return errors.AbortError(nil, { cause = signal.reason }) end

-- start(p) -> timer; clear(timer)
local function timer_promise(options, start, clear)
  local p = promise.new()
  local ok, signal, ref = pcall(options_of, options)
  if not ok then
    reject(p, signal)
    return p
  end
  if signal and signal.aborted then
    reject(p, abort_error(signal))
    return p
  end
  local timer = start(p)
  if not ref then timer:unref() end
  if signal then
    local function on_abort()
      clear(timer)
      reject(p, abort_error(signal))
    end
    signal:addEventListener("abort", on_abort, { once = true, _resist = true })
    local function done() signal:removeEventListener("abort", on_abort) end
    p:next(done, done)
  end
  return p
end

function M.setTimeout(ms, value, options)
  return timer_promise(options, function(p) return timers.timeout(resolve, ms, 2, { p, value }) end, timers.clear)
end

function M.setImmediate(value, options)
  return timer_promise(options, function(p) return timers.immediate(resolve, 2, { p, value }) end, timers.clearImmediate)
end

-- ---- setInterval

local Interval = {}
Interval.__index = Interval

local function result(value, done) return shape.dict { value = value, done = done } end

local function stop(self)
  self._stopped = true
  if self._timer then
    timers.clear(self._timer)
    self._timer = nil
  end
  if self._on_abort then
    self._signal:removeEventListener("abort", self._on_abort)
    self._on_abort = nil
  end
end

-- Answers those who wait, oldest first.
local function serve(self)
  local waiting = self._waiting
  while waiting[1] do
    if self._due > 0 and not self._aborted then
      self._due = self._due - 1
      resolve(table.remove(waiting, 1), result(self._value, false))
    elseif self._aborted then
      self._aborted = false
      local signal = self._signal
      stop(self)
      reject(table.remove(waiting, 1), abort_error(signal))
    elseif self._stopped then
      resolve(table.remove(waiting, 1), result(nil, true))
    else
      break
    end
  end
end

local function tick(self)
  self._due = self._due + 1
  serve(self)
end

-- Starts with the first call, as Node's does.
function Interval:next()
  local p = promise.new()
  if not self._started and not self._stopped then
    self._started = true
    local ok, signal, ref = pcall(options_of, self._options)
    if not ok then
      self._stopped = true
      reject(p, signal)
      return p
    end
    self._signal = signal
    if signal and signal.aborted then
      self._stopped = true
      reject(p, abort_error(signal))
      return p
    end
    local timer = timers.timeout(tick, self._ms, 1, self)
    timer._repeat = timer._idleTimeout
    if not ref then timer:unref() end
    self._timer = timer
    if signal then
      self._on_abort = function()
        self._aborted = true
        timers.clear(timer)
        serve(self)
      end
      signal:addEventListener("abort", self._on_abort, { once = true, _resist = true })
    end
  end
  self._waiting[#self._waiting + 1] = p
  serve(self)
  return p
end

Interval["return"] = function(self, value)
  stop(self)
  self._due = 0
  serve(self)
  return promise.resolved(result(value, true))
end

function Interval:throw(err)
  stop(self)
  self._due = 0
  serve(self)
  return promise.rejected(err)
end

-- for value in setInterval(100, value):iter() do … end; nil comes as lunode.null
function Interval:iter() return require "lunode.internal.async_iter"(self) end
Interval[symbols.asyncIterator] = function(self) return self end

function M.setInterval(ms, value, options)
  return setmetatable({ _ms = ms, _value = value, _options = options, _waiting = {}, _due = 0, _started = false, _stopped = false, _aborted = false }, Interval)
end

-- ---- scheduler

M.scheduler = {
  wait = function(ms, options) return M.setTimeout(ms, nil, options) end,
  yield = function() return M.setImmediate() end,
}

-- ---- signatures, for the reference (docs/api/README.md)
-- setTimeout(ms?: number, value?: any, options?: table) -> Promise
-- setImmediate(value?: any, options?: table) -> Promise
-- setInterval(ms?: number, value?: any, options?: table) -> fun(): any: for … in, each turn after that time

return M
