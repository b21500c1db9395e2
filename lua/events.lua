-- SPDX-License-Identifier: MIT
--
-- events: the EventEmitter class, which is the module (Node 20 docs: Events).
--
-- An emitter keeps `_events`, name -> what listens, with the names in the order of their coming under a key of its own. What listens is
--   a function;
--   a once record, callable like a function, with the function in `.listener`;
--   a list of these, with the number of emits now walking it at [0]: while that is not 0 a change goes into a copy.
-- The table is made with the first listener (with JavaScript, which looks at it, at once), so objects whose `initialize` never ran are emitters all the same.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local symbols = require "lunode.internal.symbols"
local validators = require "lunode.internal.validators"

local type, select, setmetatable, rawget, rawset, pcall, error = type, select, setmetatable, rawget, rawset, pcall, error
local door = validators.door

local EventEmitter = class "EventEmitter"
local prototype, static = EventEmitter.prototype, EventEmitter.static
local errorMonitor = symbols.new "events.errorMonitor"
local captureRejectionSymbol = symbols["for"] "nodejs.rejection"

-- ---- once records

local once_meta = { __name = "once" }

local function with_this(fn, emitter, _, ...) return fn(emitter, ...) end

-- Takes itself off first, so that the listener may emit the same event again.
local function fire_once(record, ...)
  if record.fired then return end
  record.target:removeListener(record.name, record)
  record.fired = true
  local fn = record.listener
  local wants_this = door.wants_this
  if wants_this and wants_this(fn) then return (door.listener or with_this)(fn, record.target, record.name, ...) end
  return fn(...)
end
once_meta.__call = fire_once

local function new_once(target, name, listener)
  return (setmetatable({ listener = listener, target = target, name = name, fired = false }, once_meta))
end

-- Emitters may be functions in JavaScript.
local function own(self, key, value)
  if type(self) == "table" then rawset(self, key, value) else self[key] = value end
end

local NAMES, new_events = shape.EVENT_NAMES, shape.new_events

local function is_once(x) return getmetatable(x) == once_meta end

local function check_listener(listener)
  if type(listener) ~= "function" and not is_once(listener) then
    error(errors.ERR_INVALID_ARG_TYPE("listener", "function", listener), 0)
  end
end

-- ---- defaults that are checked when assigned

local default_max, default_capture = 10, false

setmetatable(static, {
  __index = function(_, key)
    if key == "defaultMaxListeners" then return default_max end
    if key == "captureRejections" then return default_capture end
    if key == "EventEmitterAsyncResource" then return require "lunode.internal.emitter_async_resource" end
  end,
  __newindex = function(t, key, value)
    if key == "defaultMaxListeners" then
      validators.validateNumber(value, "defaultMaxListeners", 0)
      default_max = value
    elseif key == "captureRejections" then
      validators.validateBoolean(value, "EventEmitter.captureRejections")
      default_capture = value
      prototype._captureRejections = value or nil -- of emitters whose constructor never runs
    else
      rawset(t, key, value)
    end
  end,
})

-- options.captureRejections: rejections of promises that listeners return become 'error' events.
-- The tables are a plain emitter's own, even when its prototype is itself an emitter with listeners.
function EventEmitter:initialize(options)
  if (door.wants_this or self._events ~= nil) and (type(self) ~= "table" or rawget(self, "_events") == nil) then own(self, "_events", new_events()) end
  local capture = type(options) == "table" and options.captureRejections
  if capture ~= nil and capture ~= false then
    validators.validateBoolean(capture, "options.captureRejections")
    own(self, "_captureRejections", capture)
  elseif default_capture then
    own(self, "_captureRejections", true)
  end
end

-- ---- emit

local function rejected(emitter, err, name, ...)
  local handler = emitter[captureRejectionSymbol]
  if type(handler) == "function" then return handler(emitter, err, name, ...) end
  -- An 'error' listener that rejects in turn must not come back here.
  local before = emitter._captureRejections
  own(emitter, "_captureRejections", false)
  local ok, raised = pcall(emitter.emit, emitter, "error", err)
  own(emitter, "_captureRejections", before)
  if not ok then error(raised, 0) end
end

local function watch(emitter, result, name, ...)
  if type(result) ~= "table" and type(result) ~= "userdata" then return end
  local n, args = select("#", ...), { ... }
  local nextTick = require("lunode.internal.queue").nextTick
  local function failed(err) nextTick(rejected, emitter, err, name, unpack(args, 1, n)) end
  local ok, raised = pcall(function()
    local after = result["then"]
    if type(after) == "function" then require("lunode.internal.promise").call_then(after, result, nil, failed) end
  end)
  if not ok then emitter:emit("error", raised) end
end

-- With a JavaScript runtime loaded: listeners that are JavaScript functions are given the emitter as `this`.
local known = setmetatable({}, { __mode = "k" }) -- listeners that are JavaScript's: what tells that is not compiled by the JIT
local function call_any(emitter, name, fn, ...)
  if type(fn) ~= "function" then return fire_once(fn, ...) end
  local wants = known[fn] or door.wants_this(fn)
  if wants then
    if not known[fn] then known[fn] = true end
    return (door.listener or with_this)(fn, emitter, name, ...)
  end
  return fn(...)
end

local function unhandled(err)
  if errors.Error:is(err) then error(err, 0) end
  local made = errors.ERR_UNHANDLED_ERROR()
  local ok, text = pcall(errors.inspect_brief, err)
  if not ok then text = (door.text or tostring)(err) end
  rawset(made, "message", "Unhandled error. (" .. text .. ")")
  rawset(made, "context", err)
  error(made, 0)
end

local function emit_any(self, entry, name, ...)
  if type(entry) == "function" or entry[0] == nil then
    local result = call_any(self, name, entry, ...)
    if result ~= nil and self._captureRejections then watch(self, result, name, ...) end
    return true
  end
  entry[0] = entry[0] + 1
  for i = 1, #entry do
    local result = call_any(self, name, entry[i], ...)
    if result ~= nil and self._captureRejections then watch(self, result, name, ...) end
  end
  entry[0] = entry[0] - 1
  return true
end

-- Calls what listens to `name`, in order; whether there was any. 'error' without a listener raises its argument.
function prototype:emit(name, ...)
  local events = self._events
  local entry
  if events then entry = events[name] end
  if name == "error" then
    if events and events[errorMonitor] ~= nil then
      self:emit(errorMonitor, ...)
      entry = self._events[name]
    end
    if entry == nil then unhandled((...)) end
  elseif entry == nil then
    return false
  end
  if door.wants_this then return emit_any(self, entry, name, ...) end
  if type(entry) == "function" then
    local result = entry(...)
    if result ~= nil and self._captureRejections then watch(self, result, name, ...) end
    return true
  end
  local busy = entry[0]
  if not busy then
    local result = fire_once(entry, ...)
    if result ~= nil and self._captureRejections then watch(self, result, name, ...) end
    return true
  end
  entry[0] = busy + 1
  for i = 1, #entry do
    local fn = entry[i]
    local result
    if type(fn) == "function" then result = fn(...) else result = fire_once(fn, ...) end
    if result ~= nil and self._captureRejections then watch(self, result, name, ...) end
  end
  entry[0] = entry[0] - 1
  return true
end

-- ---- adding and removing

local function warn_leak(emitter, name, list, max)
  if shape.put_key then shape.put_key(list, "warned", true) else rawset(list, "warned", true) end
  local ok, process = pcall(require, "lunode.process")
  if not ok then return end
  local warning = errors.Error(("Possible EventEmitter memory leak detected. %d %s listeners added to [%s]. MaxListeners is %d. Use emitter.setMaxListeners() to increase limit")
    :format(#list, tostring(name), emitter.constructor and emitter.constructor.name or "Object", max))
  rawset(warning, "name", "MaxListenersExceededWarning")
  rawset(warning, "emitter", emitter)
  rawset(warning, "type", name)
  rawset(warning, "count", #list)
  process.emitWarning(warning)
end

-- JavaScript's programs see an Array.
local function list_of(entry)
  if shape.events then return shape.list(entry) end
  return entry
end

local function copy_list(list)
  local copy = { [0] = 0 }
  for i = 1, #list do copy[i] = list[i] end
  copy.warned = rawget(list, "warned")
  return list_of(copy)
end

local function add(self, name, listener, first)
  if name == nil then name = "undefined" end
  local events = self._events
  if not events then
    events = new_events()
    own(self, "_events", events)
  elseif events.newListener ~= nil then
    -- Before it is added, so that a listener of 'newListener' adding to the same event comes first.
    self:emit("newListener", name, is_once(listener) and listener.listener or listener)
    events = self._events
  end
  local entry = events[name]
  if entry == nil then
    events[name] = listener
    local names = events[NAMES]
    if names then names[#names + 1] = name else rawset(events, NAMES, { name }) end -- somebody's own table
    return self
  end
  if type(entry) == "function" or entry[0] == nil then
    entry = list_of(first and { [0] = 0, listener, entry } or { [0] = 0, entry, listener })
    events[name] = entry
  else
    if entry[0] ~= 0 then
      entry = copy_list(entry)
      events[name] = entry
    end
    local n = #entry
    if first then
      for i = n, 1, -1 do entry[i + 1] = entry[i] end
      entry[1] = listener
    else
      entry[n + 1] = listener
    end
    if shape.events then rawset(entry, "length", n + 1) end
  end
  if not rawget(entry, "warned") then
    local max = self._maxListeners or default_max
    if max > 0 and #entry > max then warn_leak(self, name, entry, max) end
  end
  return self
end

function prototype:addListener(name, listener)
  check_listener(listener)
  return add(self, name, listener, false)
end
prototype.on = prototype.addListener

function prototype:prependListener(name, listener)
  check_listener(listener)
  return add(self, name, listener, true)
end

-- The record goes through self:on, which subclasses override.
function prototype:once(name, listener)
  check_listener(listener)
  return self:on(name, new_once(self, name, listener))
end

function prototype:prependOnceListener(name, listener)
  check_listener(listener)
  return self:prependListener(name, new_once(self, name, listener))
end

local function drop_name(self, name)
  local events = self._events
  events[name] = nil
  local names = events[NAMES]
  local n = names and #names or 0
  local i = n
  while i > 0 and names[i] ~= name do i = i - 1 end
  if i == 0 then return end
  for j = i, n - 1 do names[j] = names[j + 1] end
  names[n] = nil
end

local function matches(entry, listener)
  return entry == listener or type(entry) == "table" and entry.listener == listener
end

-- Takes the newest such listener off.
function prototype:removeListener(name, listener)
  check_listener(listener)
  if name == nil then name = "undefined" end
  local events = self._events
  local entry = events and events[name]
  if entry == nil then return self end
  local removed
  if type(entry) == "function" or entry[0] == nil then
    if not matches(entry, listener) then return self end
    removed = entry
    drop_name(self, name)
  else
    local n = #entry
    local at = n
    while at > 0 and not matches(entry[at], listener) do at = at - 1 end
    if at == 0 then return self end
    removed = entry[at]
    if n == 2 then
      events[name] = entry[3 - at]
    else
      if entry[0] ~= 0 then
        entry = copy_list(entry)
        events[name] = entry
      end
      for i = at, n - 1 do entry[i] = entry[i + 1] end
      entry[n] = nil
      if shape.events then rawset(entry, "length", n - 1) end
    end
  end
  if events.removeListener ~= nil then
    self:emit("removeListener", name, type(removed) == "table" and removed.listener or removed)
  end
  return self
end
prototype.off = prototype.removeListener

-- All of one event, or of every event: the last first where 'removeListener' is listened to.
function prototype:removeAllListeners(...)
  local events = self._events
  if not events then return self end
  local name = ...
  if events.removeListener == nil then
    if select("#", ...) == 0 then
      own(self, "_events", new_events())
    elseif name ~= nil and events[name] ~= nil then
      drop_name(self, name)
    end
    return self
  end
  if select("#", ...) == 0 then
    local names = self:eventNames()
    for i = 1, #names do
      if names[i] ~= "removeListener" then self:removeAllListeners(names[i]) end
    end
    self:removeAllListeners "removeListener"
    own(self, "_events", new_events())
    return self
  end
  if name == nil then return self end
  local entry = events[name]
  if type(entry) == "function" or entry ~= nil and entry[0] == nil then
    self:removeListener(name, entry)
  elseif entry ~= nil then
    entry[0] = entry[0] + 1
    for i = #entry, 1, -1 do self:removeListener(name, entry[i]) end
    entry[0] = entry[0] - 1
  end
  return self
end

-- ---- asking

local function listeners(self, name, unwrap)
  local entry = self._events and name ~= nil and self._events[name]
  local out = {}
  if entry == nil or entry == false then return shape.list(out) end
  if type(entry) == "function" or entry[0] == nil then entry = { entry } end
  for i = 1, #entry do
    local fn = entry[i]
    out[i] = unwrap and type(fn) == "table" and fn.listener or fn
  end
  return shape.list(out)
end

function prototype:listeners(name) return listeners(self, name, true) end

-- With the once records as they are: callable, with the function in `.listener`.
function prototype:rawListeners(name) return listeners(self, name, false) end

function prototype:listenerCount(name, listener)
  local entry = self._events and name ~= nil and self._events[name]
  if entry == nil or entry == false then return 0 end
  if type(entry) == "function" or entry[0] == nil then
    return (listener == nil or matches(entry, listener)) and 1 or 0
  end
  if listener == nil then return #entry end
  local n = 0
  for i = 1, #entry do
    if matches(entry[i], listener) then n = n + 1 end
  end
  return n
end

-- -> list, in the order in which the names came; those of `_event_order` before all others
function prototype:eventNames()
  local events = self._events
  local out, names, order, seen = {}, events and events[NAMES], self._event_order, {}
  if names then
    for i = 1, order and #order or 0 do
      local name = order[i]
      if events[name] ~= nil then
        out[#out + 1] = name
        seen[name] = true
      end
    end
    for i = 1, #names do
      if not seen[names[i]] then out[#out + 1] = names[i] end
    end
  end
  return shape.list(out)
end

function prototype:setMaxListeners(n)
  validators.validateNumber(n, "setMaxListeners", 0)
  own(self, "_maxListeners", n)
  return self
end

function prototype:getMaxListeners() return self._maxListeners or default_max end

-- ---- statics

static.EventEmitter = EventEmitter
static.errorMonitor = errorMonitor
static.captureRejectionSymbol = captureRejectionSymbol
static.usingDomains = false

local function is_emitter(x)
  return (type(x) == "table" or type(x) == "userdata") and x ~= errors.null and type(x.on) == "function" and type(x.listenerCount) == "function"
end
local function is_target(x)
  return (type(x) == "table" or type(x) == "userdata") and x ~= errors.null and type(x.addEventListener) == "function"
end

local function define(name, fn)
  rawset(static, name, fn)
end

define("init", function(self, options) return prototype.initialize(self, options) end)

-- The old form of emitter:listenerCount(name).
define("listenerCount", function(emitter, name)
  if type(emitter.listenerCount) == "function" then return emitter:listenerCount(name) end
  return prototype.listenerCount(emitter, name)
end)

define("getMaxListeners", function(target)
  if is_emitter(target) and type(target.getMaxListeners) == "function" then return target:getMaxListeners() end
  if is_target(target) then return require("lunode.internal.event_target").getMaxListeners(target) end
  error(errors.ERR_INVALID_ARG_TYPE("emitter", { "EventEmitter", "EventTarget" }, target), 0)
end)

-- setMaxListeners(n, target, …); without targets the default of all.
define("setMaxListeners", function(n, ...)
  if n == nil then n = default_max end
  validators.validateNumber(n, "setMaxListeners", 0)
  local count = select("#", ...)
  if count == 0 then
    default_max = n
    return
  end
  for i = 1, count do
    local target = select(i, ...)
    if is_emitter(target) and type(target.setMaxListeners) == "function" then target:setMaxListeners(n)
    elseif is_target(target) then require("lunode.internal.event_target").setMaxListeners(target, n)
    else error(errors.ERR_INVALID_ARG_TYPE("eventTargets", { "EventEmitter", "EventTarget" }, target), 0) end
  end
end)

define("getEventListeners", function(target, name)
  if is_emitter(target) and type(target.listeners) == "function" then return target:listeners(name) end
  if is_target(target) then return require("lunode.internal.event_target").getEventListeners(target, name) end
  error(errors.ERR_INVALID_ARG_TYPE("emitter", { "EventEmitter", "EventTarget" }, target), 0)
end)

-- What needs promises is loaded when first used.
for _, name in ipairs { "once", "on", "addAbortListener" } do
  define(name, function(...) return require("lunode.internal.events_async")[name](...) end)
end

-- ---- signatures, for the reference (docs/api/README.md)
-- addAbortListener(signal: AbortSignal, listener: fun(event: table)) -> table: its dispose() takes the listener off
-- getEventListeners(emitter: events.EventEmitter, name: string) -> function[]
-- getMaxListeners(emitter?: events.EventEmitter) -> integer
-- init(): what the constructor does
-- on(name: string, listener: function) -> events.EventEmitter: itself; as a static, on(emitter, name, options) walks events with for … in
-- addListener, off, prependListener, prependOnceListener(name: string, listener: function) -> events.EventEmitter: itself
-- listenerCount(name: string, listener?: function) -> integer
-- listeners(name: string) -> function[]
-- setMaxListeners(n: integer) -> events.EventEmitter: itself; 0 for no limit

return EventEmitter
