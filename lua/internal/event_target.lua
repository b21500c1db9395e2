-- SPDX-License-Identifier: MIT
--
-- EventTarget, Event and CustomEvent, as much of the DOM's as Node has (Node 20 docs: EventTarget and Event API).
--
-- There is no tree: an event has its target and no more. A listener is a function, called as listener(event), or an object
-- with a `handleEvent` method. What a listener raises, or rejects with, becomes an uncaught exception in the next tick.
--
--   M.defineHandler(class, "abort")   the property `onabort`
--   M.listenerCount(target, type), M.getEventListeners, M.setMaxListeners, M.getMaxListeners
--   EventTarget.prototype._changed(self, type, count)   called when the number of listeners changed (AbortSignal)
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local type, select, rawget, rawset, tostring, error, xpcall = type, select, rawget, rawset, tostring, error, xpcall
local door, null = validators.door, errors.null

local M = {}
local origin = core.loop.hrtime()

-- ---- Event

local Event = class "Event"
M.Event = Event
Event.static.NONE, Event.static.CAPTURING_PHASE, Event.static.AT_TARGET, Event.static.BUBBLING_PHASE = 0, 1, 2, 3

-- options: bubbles, cancelable, composed
function Event:initialize(...)
  local name, options = ...
  if select("#", ...) == 0 then error(errors.ERR_MISSING_ARGS "type", 0) end
  if options ~= nil and options ~= null then validators.validateObject(options, "options") else options = {} end
  rawset(self, "_type", tostring(name))
  rawset(self, "_bubbles", options.bubbles and true or false)
  rawset(self, "_cancelable", options.cancelable and true or false)
  rawset(self, "_composed", options.composed and true or false)
  rawset(self, "_timeStamp", (core.loop.hrtime() - origin) / 1e6)
end

function Event:initEvent(name, bubbles, cancelable)
  if name == nil then error(errors.ERR_MISSING_ARGS "type", 0) end
  if self._dispatching then return end
  rawset(self, "_type", tostring(name))
  rawset(self, "_bubbles", bubbles and true or false)
  rawset(self, "_cancelable", cancelable and true or false)
end

function Event:preventDefault()
  if self._cancelable and not self._passive then rawset(self, "_defaultPrevented", true) end
end
function Event:stopImmediatePropagation()
  rawset(self, "_stop", true)
  rawset(self, "_propagationStopped", true)
end
function Event:stopPropagation() rawset(self, "_propagationStopped", true) end
function Event:composedPath() return shape.list(self._dispatching and { self._target } or {}) end

Event:accessor("type", function(self) return self._type end)
Event:accessor("bubbles", function(self) return self._bubbles end)
Event:accessor("cancelable", function(self) return self._cancelable end)
Event:accessor("composed", function(self) return self._composed end)
Event:accessor("timeStamp", function(self) return self._timeStamp end)
Event:accessor("isTrusted", function(self) return self._trusted or false end)
Event:accessor("target", function(self) return self._target end)
Event:accessor("srcElement", function(self) return self._target end)
Event:accessor("currentTarget", function(self) return self._dispatching and self._target or nil end)
Event:accessor("eventPhase", function(self) return self._dispatching and 2 or 0 end)
Event:accessor("defaultPrevented", function(self) return self._defaultPrevented or false end)
Event:accessor("returnValue", function(self) return not self._defaultPrevented end, function(self, value)
  if value == false then self:preventDefault() end
end)
Event:accessor("cancelBubble", function(self) return self._propagationStopped or false end, function(self, value)
  if value then self:stopPropagation() end
end)

-- options.detail: anything
local CustomEvent = class("CustomEvent", Event)
M.CustomEvent = CustomEvent
function CustomEvent:initialize(...)
  local _, options = ...
  Event.prototype.initialize(self, ...)
  if type(options) == "table" then rawset(self, "_detail", options.detail) end
end
CustomEvent:accessor("detail", function(self) return self._detail end)

-- ---- EventTarget

local EventTarget = class "EventTarget"
M.EventTarget = EventTarget
local default_max = 10

-- `_listeners`: type -> list of records {listener, capture, once, passive, resist}; records taken off bear `removed`.
function EventTarget:initialize() rawset(self, "_listeners", {}) end

local function lists_of(self)
  local lists = type(self) == "table" and self._listeners
  if not lists then
    if type(self) ~= "table" or not EventTarget:is(self) then error(errors.ERR_INVALID_THIS "EventTarget", 0) end
    lists = {}
    rawset(self, "_listeners", lists)
  end
  return lists
end

local function warn(message, name, fields)
  local ok, process = pcall(require, "lunode.process")
  if not ok then return end
  local warning = errors.Error(message)
  rawset(warning, "name", name)
  for k, v in pairs(fields) do rawset(warning, k, v) end
  process.emitWarning(warning)
end

local function capture_of(options)
  if type(options) == "boolean" then return options end
  return type(options) == "table" and options.capture and true or false
end

local function remove(self, name, list, at)
  local record = list[at]
  record.removed = true
  -- A fresh list: dispatchEvent may be walking the old one.
  local rest = { warned = list.warned }
  for i = 1, #list do
    if i ~= at then rest[#rest + 1] = list[i] end
  end
  self._listeners[name] = rest[1] and rest or nil
  if self._changed then self:_changed(name, #rest) end
end

local function remove_record(self, record)
  local list = self._listeners[record.name]
  for i = 1, list and #list or 0 do
    if list[i] == record then return remove(self, record.name, list, i) end
  end
end

-- options: once, capture, passive, signal (an abort takes the listener off); true means capture.
function EventTarget:addEventListener(...)
  local name, listener, options = ...
  local lists = lists_of(self)
  if select("#", ...) < 2 then error(errors.ERR_MISSING_ARGS("type", "listener"), 0) end
  name = tostring(name)
  if listener == nil or listener == null then
    return warn("addEventListener called with null which has no effect.", "AddEventListenerArgumentTypeWarning", { target = self, type = name })
  end
  local t = type(listener)
  if t ~= "function" and t ~= "table" and t ~= "userdata" then
    error(errors.ERR_INVALID_ARG_TYPE("listener", "EventListener", listener), 0)
  end
  local capture = capture_of(options)
  if options ~= nil and options ~= null and type(options) ~= "boolean" then validators.validateObject(options, "options") end
  if type(options) ~= "table" or options == null then options = {} end
  local signal = options.signal
  if signal == null then signal = nil end
  validators.validateAbortSignal(signal, "options.signal")
  if signal and signal.aborted then return end
  local list = lists[name]
  for i = 1, list and #list or 0 do
    if list[i].listener == listener and list[i].capture == capture then return end
  end
  local record = { name = name, listener = listener, capture = capture, once = options.once and true or false,
    passive = options.passive and true or false, resist = options._resist }
  if signal then
    signal:addEventListener("abort", function() remove_record(self, record) end, { once = true, _resist = true })
  end
  local copy = { warned = list and list.warned }
  for i = 1, list and #list or 0 do copy[i] = list[i] end
  copy[#copy + 1] = record
  lists[name] = copy
  local max = self._maxListeners or default_max
  if max > 0 and #copy > max and not copy.warned then
    copy.warned = true
    warn(("Possible EventTarget memory leak detected. %d %s listeners added to %s. MaxListeners is %d. Use events.setMaxListeners() to increase limit")
      :format(#copy, name, self.constructor.name, max), "MaxListenersExceededWarning", { target = self, type = name, count = #copy })
  end
  if self._changed then self:_changed(name, #copy) end
end

function EventTarget:removeEventListener(...)
  local name, listener, options = ...
  local lists = lists_of(self)
  if select("#", ...) < 2 then error(errors.ERR_MISSING_ARGS("type", "listener"), 0) end
  name = tostring(name)
  local capture = capture_of(options)
  local list = lists[name]
  for i = 1, list and #list or 0 do
    if list[i].listener == listener and list[i].capture == capture then return remove(self, name, list, i) end
  end
end

local function raise(err) error(err, 0) end
local function uncaught(err)
  queue.nextTick(raise, err)
end

local function call_listener(self, listener, event)
  if type(listener) == "function" then
    local wants_this = door.wants_this
    if wants_this and wants_this(listener) then return listener(self, event) end
    return listener(event)
  end
  local handle = listener.handleEvent
  if type(handle) == "function" then return handle(listener, event) end
end

local function on_raise(e)
  if type(e) == "table" then return e end
  return queue.on_error(e)
end

-- Calls the listeners now; false when one of them called preventDefault on a cancelable event.
function EventTarget:dispatchEvent(...)
  local event = ...
  local lists = lists_of(self)
  if select("#", ...) == 0 then error(errors.ERR_MISSING_ARGS "event", 0) end
  if not Event:is(event) then error(errors.ERR_INVALID_ARG_TYPE("event", "Event", event), 0) end
  if event._dispatching then error(errors.ERR_EVENT_RECURSION(event.type), 0) end
  rawset(event, "_target", self)
  rawset(event, "_dispatching", true)
  local list = lists[event._type]
  for i = 1, list and #list or 0 do
    local record = list[i]
    if not record.removed and (not event._stop or record.resist) then
      if record.once then remove_record(self, record) end
      rawset(event, "_passive", record.passive)
      local ok, result = xpcall(call_listener, on_raise, self, record.listener, event)
      rawset(event, "_passive", nil)
      if not ok then
        uncaught(result)
      elseif type(result) == "table" then
        local fine, after = pcall(function() return result["then"] end)
        if fine and type(after) == "function" then require("lunode.internal.promise").call_then(after, result, nil, uncaught) end
      end
    end
  end
  rawset(event, "_dispatching", false)
  return not event._defaultPrevented
end

-- on<name>: one listener in the place where the first was set; nil takes it off.
function M.defineHandler(target_class, name)
  local field = "_on" .. name
  target_class:accessor("on" .. name, function(self)
    local current = rawget(self, field)
    return current and current.fn or nil
  end, function(self, fn)
    local current = rawget(self, field)
    if type(fn) ~= "function" then
      if current then
        rawset(self, field, nil)
        self:removeEventListener(name, current.listener)
      end
      return
    end
    if current then
      current.fn = fn
      return
    end
    current = { fn = fn }
    current.listener = function(event) return call_listener(self, current.fn, event) end
    rawset(self, field, current)
    self:addEventListener(name, current.listener)
  end)
end

function M.listenerCount(target, name)
  local list = lists_of(target)[tostring(name)]
  return list and #list or 0
end

function M.getEventListeners(target, name)
  local out, list = {}, lists_of(target)[tostring(name)]
  for i = 1, list and #list or 0 do out[i] = list[i].listener end
  return shape.list(out)
end

function M.setMaxListeners(target, n) rawset(target, "_maxListeners", n) end
function M.getMaxListeners(target) return target._maxListeners or default_max end

return M
