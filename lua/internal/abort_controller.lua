-- SPDX-License-Identifier: MIT
--
-- AbortController and AbortSignal (Node 20 docs: globals).
--
--   AbortController().signal, :abort(reason)
--   AbortSignal.abort(reason), AbortSignal.timeout(ms), AbortSignal.any(list)
--   signal.aborted, .reason, .onabort, :throwIfAborted()
--
-- A time limit keeps neither the loop nor its signal alive, and a source signal does not keep what AbortSignal.any made
-- of it, unless somebody listens for 'abort' there.
local class = require "lunode.internal.class"
local DOMException = require "lunode.internal.dom_exception"
local errors = require "lunode.internal.errors"
local event_target = require "lunode.internal.event_target"
local timers = require "lunode.internal.timers"
local validators = require "lunode.internal.validators"

local EventTarget, Event = event_target.EventTarget, event_target.Event
local rawget, rawset, setmetatable, type, error = rawget, rawset, setmetatable, type, error

local AbortSignal = class("AbortSignal", EventTarget)
AbortSignal.prototype._maxListeners = 0

local WEAK = { __mode = "v" }
local kept = {} -- signals that must live because they are listened to

function AbortSignal:initialize() error(errors.ERR_ILLEGAL_CONSTRUCTOR(), 0) end

local function new_signal()
  local signal = setmetatable({ _aborted = false, _reason = nil }, AbortSignal.meta)
  EventTarget.prototype.initialize(signal)
  return signal
end

local function check(self)
  if type(self) ~= "table" or self._aborted == nil then error(errors.ERR_INVALID_THIS "AbortSignal", 0) end
end

AbortSignal:accessor("aborted", function(self)
  check(self)
  return self._aborted
end)
AbortSignal:accessor("reason", function(self)
  check(self)
  return self._reason
end)
event_target.defineHandler(AbortSignal, "abort")

function AbortSignal:throwIfAborted()
  check(self)
  if self._aborted then error(self._reason, 0) end
end

function AbortSignal:_changed(name, count)
  if name ~= "abort" or not self._weakly then return end
  kept[self] = count > 0 and not self._aborted or nil
end

local function abort(signal, reason)
  if signal._aborted then return end
  rawset(signal, "_aborted", true)
  rawset(signal, "_reason", reason)
  local event = Event "abort"
  rawset(event, "_trusted", true)
  signal:dispatchEvent(event)
  kept[signal] = nil
  local dependents = signal._dependents
  for i = 1, dependents and #dependents or 0 do
    local dependent = dependents[i].signal
    if dependent then abort(dependent, reason) end
  end
  rawset(signal, "_dependents", nil)
end

local function default_reason(reason)
  if reason == nil then return DOMException("This operation was aborted", "AbortError") end
  return reason
end

AbortSignal.static.abort = function(reason)
  local signal = new_signal()
  rawset(signal, "_aborted", true)
  rawset(signal, "_reason", default_reason(reason))
  return signal
end

local function on_time(box)
  local signal = box.signal
  if signal then abort(signal, DOMException("The operation was aborted due to timeout", "TimeoutError")) end
end

AbortSignal.static.timeout = function(ms)
  validators.validateUint32(ms, "delay", false)
  local signal = new_signal()
  rawset(signal, "_weakly", true)
  timers.setUnrefTimeout(on_time, ms, setmetatable({ signal = signal }, WEAK))
  return signal
end

-- The source knows its dependents by weak boxes; the empty ones are thrown out now and then.
local function depend(source, signal)
  local list = rawget(source, "_dependents")
  if not list then
    list = { limit = 16 }
    rawset(source, "_dependents", list)
  elseif #list >= list.limit then
    local live = {}
    for i = 1, #list do
      if list[i].signal then live[#live + 1] = list[i] end
    end
    live.limit = 16 + 2 * #live
    list = live
    rawset(source, "_dependents", list)
  end
  list[#list + 1] = setmetatable({ signal = signal }, WEAK)
end

AbortSignal.static.any = function(signals)
  if type(signals) ~= "table" or signals == errors.null then error(errors.ERR_INVALID_ARG_TYPE("signals", "Array", signals), 0) end
  for i = 1, #signals do
    if signals[i] == nil or signals[i] == errors.null or not AbortSignal:is(signals[i]) then
      error(errors.ERR_INVALID_ARG_TYPE(("signals[%d]"):format(i - 1), "AbortSignal", signals[i]), 0)
    end
  end
  local signal = new_signal()
  for i = 1, #signals do
    if signals[i]._aborted then
      rawset(signal, "_aborted", true)
      rawset(signal, "_reason", signals[i]._reason)
      return signal
    end
  end
  rawset(signal, "_weakly", true)
  local sources, seen = {}, {}
  local function take(source)
    if seen[source] then return end
    seen[source] = true
    sources[#sources + 1] = source
    depend(source, signal)
  end
  for i = 1, #signals do
    local parts = rawget(signals[i], "_sources")
    if parts then
      for j = 1, #parts do take(parts[j]) end
    else
      take(signals[i])
    end
  end
  rawset(signal, "_sources", sources)
  return signal
end

local AbortController = class "AbortController"

function AbortController:initialize() end

AbortController:accessor("signal", function(self)
  local signal = rawget(self, "_signal")
  if not signal then
    if type(self) ~= "table" or not AbortController:is(self) then error(errors.ERR_INVALID_THIS "AbortController", 0) end
    signal = new_signal()
    rawset(self, "_signal", signal)
  end
  return signal
end)

-- reason: any value but nil; by default a DOMException named AbortError.
function AbortController:abort(reason) abort(self.signal, default_reason(reason)) end

return { AbortController = AbortController, AbortSignal = AbortSignal }
