-- SPDX-License-Identifier: MIT
--
-- events.once, events.on and events.addAbortListener (Node 20 docs: Events).
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local symbols = require "lunode.internal.symbols"
local validators = require "lunode.internal.validators"

local type, select, error = type, select, error
local null = errors.null

local M = {}

local function is_emitter(x) return (type(x) == "table" or type(x) == "userdata") and x ~= null and type(x.on) == "function" and type(x.once) == "function" end
local function is_target(x) return (type(x) == "table" or type(x) == "userdata") and x ~= null and type(x.addEventListener) == "function" end

local function check_source(x)
  if not is_emitter(x) and not is_target(x) then error(errors.ERR_INVALID_ARG_TYPE("emitter", { "EventEmitter", "EventTarget" }, x), 0) end
end

-- The arguments of an event as a list; `n` only where a nil is among them. A JavaScript runtime names the events whose missing
-- arguments are null in the emitter's `_nulls`.
local function pack(emitter, name, ...)
  local n, list = select("#", ...), { ... }
  local nulls = emitter._nulls
  nulls = nulls and nulls[name]
  for i = 1, n do
    if list[i] == nil then
      if not nulls then
        list.n = n
        break
      end
      list[i] = null
    end
  end
  return shape.list(list)
end

local function abort_error(signal)
  return errors.AbortError(nil, { cause = signal.reason })
end

local function options_of(options, default_signal_name)
  if options == nil or options == null then return {} end
  validators.validateObject(options, "options")
  local signal = options.signal
  if signal ~= null then validators.validateAbortSignal(signal, default_signal_name) end
  return options
end

-- -> promise of the list of the event's arguments. options.signal cancels the waiting.
-- An 'error' event rejects it, unless it is what is waited for.
function M.once(emitter, name, options)
  local p, given = promise.new(), promise.new()
  local ok, e = pcall(function()
    options = options_of(options, "options.signal")
    local signal = options.signal
    if signal == null then signal = nil end
    if signal and signal.aborted then error(abort_error(signal), 0) end
    check_source(emitter)
    local on_abort, on_event, on_error
    local target = not is_emitter(emitter)
    local function clean()
      if target then
        emitter:removeEventListener(name, on_event)
      else
        emitter:removeListener(name, on_event)
        if on_error then emitter:removeListener("error", on_error) end
      end
      if signal then signal:removeEventListener("abort", on_abort) end
    end
    function on_event(...)
      clean()
      promise.resolve(p, pack(emitter, name, ...))
    end
    function on_abort()
      clean()
      promise.reject(p, abort_error(signal))
    end
    if target then
      emitter:addEventListener(name, on_event, { once = true })
    else
      emitter:once(name, on_event)
      if name ~= "error" then
        function on_error(err)
          clean()
          promise.reject(p, err)
        end
        emitter:once("error", on_error)
      end
    end
    if signal then signal:addEventListener("abort", on_abort, { once = true }) end
  end)
  -- Node's is an async function that returns a promise: what waits is told one turn after that.
  if ok then promise.resolve(given, p) else promise.reject(given, e) end
  return given
end

-- ---- on

local function result(value, done) return shape.dict { value = value, done = done } end

local Iterator = {}
Iterator.__index = Iterator

-- Takes the first of a queue {first =, last =, [i] = …}.
local function push(q, value)
  q.last = q.last + 1
  q[q.last] = value
end
local function shift(q)
  if q.first > q.last then return nil end
  local value = q[q.first]
  q[q.first] = nil
  q.first = q.first + 1
  return value
end
local function new_queue() return { first = 1, last = 0 } end
local function length(q) return q.last - q.first + 1 end

local function close(self)
  if self._finished then return end
  self._finished = true
  for i = 1, #self._undo do self._undo[i]() end
  local p = shift(self._waiting)
  while p do
    promise.resolve(p, result(nil, true))
    p = shift(self._waiting)
  end
end

local function fail(self, err)
  local p = shift(self._waiting)
  if p then promise.reject(p, err) else self._error, self._failed = err, true end
  close(self)
end

-- -> promise of {value = list of arguments, done =}
function Iterator:next()
  local events = self._events
  local value = shift(events)
  if value then
    if self._paused and length(events) < self._low then
      self._paused = false
      self._emitter:resume()
    end
    return promise.resolved(result(value, false))
  end
  if self._failed then
    self._failed = false
    return promise.rejected(self._error)
  end
  if self._finished then return promise.resolved(result(nil, true)) end
  local p = promise.new()
  push(self._waiting, p)
  return p
end

Iterator["return"] = function(self)
  close(self)
  return promise.resolved(result(nil, true))
end

-- Makes the iterator fail with err.
function Iterator:throw(err)
  if not errors.Error:is(err) then error(errors.ERR_INVALID_ARG_TYPE("EventEmitter.AsyncIterator", "Error", err), 0) end
  fail(self, err)
end

-- for a, b in events.on(emitter, "x"):iter() do … end
function Iterator:iter() return require "lunode.internal.async_iter"(self, true) end
Iterator[symbols.asyncIterator] = function(self) return self end

-- options: signal, close (names of events that end it), highWaterMark and lowWaterMark (events kept before the emitter is paused, resumed)
function M.on(emitter, name, options)
  options = options_of(options, "options.signal")
  local signal = options.signal
  if signal == null then signal = nil end
  if signal and signal.aborted then error(abort_error(signal), 0) end
  local high = options.highWaterMark or options.highWatermark
  local low = options.lowWaterMark or options.lowWatermark
  if high ~= nil then validators.validateInteger(high, "options.highWaterMark", 1) end
  if low ~= nil then validators.validateInteger(low, "options.lowWaterMark", 1) end
  check_source(emitter)
  local undo = {}
  local self = setmetatable({ _emitter = emitter, _events = new_queue(), _waiting = new_queue(), _finished = false, _failed = false,
    _paused = false, _low = low or 1, _undo = undo }, Iterator)

  local function on_event(...)
    local p = shift(self._waiting)
    if p then return promise.resolve(p, result(pack(emitter, name, ...), false)) end
    push(self._events, pack(emitter, name, ...))
    if high and not self._paused and length(self._events) > high and type(emitter.pause) == "function" then
      self._paused = true
      emitter:pause()
    end
  end
  local function on_error(err) fail(self, err) end
  local function on_close() close(self) end
  local emits = is_emitter(emitter)
  local function listen(event, fn)
    if emits then
      emitter:on(event, fn)
      undo[#undo + 1] = function() emitter:removeListener(event, fn) end
    else
      emitter:addEventListener(event, fn)
      undo[#undo + 1] = function() emitter:removeEventListener(event, fn) end
    end
  end
  listen(name, on_event)
  if emits and name ~= "error" then listen("error", on_error) end
  local closing = options.close
  for i = 1, type(closing) == "table" and #closing or 0 do listen(closing[i], on_close) end
  if signal then
    local function on_abort() fail(self, abort_error(signal)) end
    signal:addEventListener("abort", on_abort, { once = true })
    undo[#undo + 1] = function() signal:removeEventListener("abort", on_abort) end
  end
  return self
end

-- ---- addAbortListener

-- Calls the listener once when the signal aborts, also when another listener stopped the event. -> an object with
-- dispose(self), which takes it off.
function M.addAbortListener(signal, listener)
  if signal == nil then error(errors.ERR_INVALID_ARG_TYPE("signal", "AbortSignal", signal), 0) end
  validators.validateAbortSignal(signal, "signal")
  validators.validateFunction(listener, "listener")
  local undo
  if signal.aborted then
    local fn = validators.callback(listener, "listener")
    queue.microtask(function() fn() end)
  else
    signal:addEventListener("abort", listener, { once = true, _resist = true })
    undo = function() signal:removeEventListener("abort", listener) end
  end
  local function dispose()
    if undo then undo() end
  end
  return { dispose = dispose, [symbols.dispose] = dispose }
end

return M
