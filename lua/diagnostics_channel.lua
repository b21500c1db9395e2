-- SPDX-License-Identifier: MIT
--
-- diagnostics_channel (Node 20 docs: Diagnostics Channel). Messages are any values, by convention tables.
--
-- Functions that Node calls with a `thisArg` have it in the same place here; Lua functions do not get it.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local queue = require "lunode.internal.queue"
local symbols = require "lunode.internal.symbols"
local taps = require "lunode.internal.taps"
local validators = require "lunode.internal.validators"

local type, error, rawset, xpcall, select, unpack, ipairs, setmetatable, getfenv, setfenv =
  type, error, rawset, xpcall, select, unpack, ipairs, setmetatable, getfenv, setfenv
local door, on_raise = validators.door, promise.on_raise

local M = {}

local channels = setmetatable({}, { __mode = "v" }) -- name -> Channel
local active = {}                                   -- those that somebody subscribes to: they are not collected

-- ---- Channel

local Channel = class "Channel"
M.Channel = Channel

function Channel:initialize(name)
  rawset(self, "name", name)
  rawset(self, "_subscribers", false) -- lists that are replaced, never changed: a publish may be walking them
  rawset(self, "_stores", false)
  if name ~= nil then channels[name] = self end
end

local function update(self)
  local on = (self._subscribers or self._stores) and self or nil
  active[self] = on and true or nil
  if channels[self.name] == self and taps[self.name] ~= nil then taps[self.name] = on or false end
end

Channel:accessor("hasSubscribers", function(self) return (self._subscribers or self._stores) and true or false end)

-- A list with one more, or without the last that matches; false for an empty one, nil when nothing matches.
local function with(list, item)
  local new = { unpack(list or {}) }
  new[#new + 1] = item
  return new
end

local function without(list, matches)
  if not list then return nil end
  for at = 1, #list do
    if matches(list[at]) then
      local new = {}
      for i = 1, #list do
        if i ~= at then new[#new + 1] = list[i] end
      end
      return new[1] ~= nil and new
    end
  end
end

-- fn(message, name) hears all that is published.
function Channel:subscribe(fn)
  validators.validateFunction(fn, "subscription")
  self._subscribers = with(self._subscribers, fn)
  update(self)
end

-- Whether it was subscribed.
function Channel:unsubscribe(fn)
  local list = without(self._subscribers, function(item) return item == fn end)
  if list == nil then return false end
  self._subscribers = list
  update(self)
  return true
end

-- store: an AsyncLocalStorage, or what has its `run`; transform(message) -> the store for runStores (the message itself)
function Channel:bindStore(store, transform)
  if transform ~= nil then transform = validators.callback(transform, "transform") end
  self:unbindStore(store)
  self._stores = with(self._stores, { store = store, transform = transform })
  update(self)
end

function Channel:unbindStore(store)
  local list = without(self._stores, function(item) return item.store == store end)
  if list == nil then return false end
  self._stores = list
  update(self)
  return true
end

local function raise(err) error(err, 0) end

-- What a subscriber raises is uncaught, in the next tick; the others hear the message all the same.
function Channel:publish(message)
  local list = self._subscribers
  if not list then return end
  local name = self.name
  for i = 1, #list do
    local fn = list[i]
    local ok, err
    if door.wants_this and door.wants_this(fn) then ok, err = xpcall(fn, queue.on_error, nil, message, name)
    else ok, err = xpcall(fn, queue.on_error, message, name) end
    if not ok then queue.nextTick(raise, err) end
  end
end

-- fn as the library calls it: fn(…) with `this` for JavaScript's.
local function called(fn, this)
  if door.wants_this and type(fn) == "function" and door.wants_this(fn) then
    return function(...) return fn(this, ...) end
  end
  return fn
end

-- fn(…) with the message published, within the stores that are bound.
function Channel:runStores(message, fn, this, ...)
  local run = called(fn, this)
  local stores = self._stores
  if not stores then
    self:publish(message)
    return run(...)
  end
  local function innermost(...)
    self:publish(message)
    return run(...)
  end
  for i = #stores, 1, -1 do
    local bound, inner = stores[i], innermost
    innermost = function(...)
      local context = message
      if bound.transform then
        local ok, made = xpcall(bound.transform, queue.on_error, message)
        if not ok then
          queue.nextTick(raise, made)
          return inner(...)
        end
        context = made
      end
      return bound.store:run(context, inner, ...)
    end
  end
  return innermost(...)
end

-- ---- by name

-- name: text or a symbol
local function channel(name)
  if type(name) ~= "string" and not symbols.is(name) then error(errors.ERR_INVALID_ARG_TYPE("channel", { "string", "symbol" }, name), 0) end
  return channels[name] or Channel(name)
end
M.channel = channel

function M.subscribe(name, fn) return channel(name):subscribe(fn) end
function M.unsubscribe(name, fn) return channel(name):unsubscribe(fn) end

function M.hasSubscribers(name)
  local found = channels[name]
  return found ~= nil and found.hasSubscribers
end

-- ---- TracingChannel

local EVENTS = { "start", "end", "asyncStart", "asyncEnd", "error" }

local TracingChannel = class "TracingChannel"

function TracingChannel:initialize(names)
  if type(names) == "string" then
    for _, event in ipairs(EVENTS) do rawset(self, event, channel("tracing:" .. names .. ":" .. event)) end
  elseif type(names) == "table" and names ~= errors.null then
    for _, event in ipairs(EVENTS) do
      local given = names[event]
      if given == nil or not Channel:is(given) then error(errors.ERR_INVALID_ARG_TYPE("nameOrChannels." .. event, "Channel", given), 0) end
      rawset(self, event, given)
    end
  else
    error(errors.ERR_INVALID_ARG_TYPE("nameOrChannels", { "string", "TracingChannel", "Object" }, names), 0)
  end
end

TracingChannel:accessor("hasSubscribers", function(self)
  for _, event in ipairs(EVENTS) do
    if self[event].hasSubscribers then return true end
  end
  return false
end)

-- handlers: {start, end, asyncStart, asyncEnd, error}, as many as wanted
function TracingChannel:subscribe(handlers)
  for _, event in ipairs(EVENTS) do
    if handlers[event] ~= nil then self[event]:subscribe(handlers[event]) end
  end
end

-- Whether all of them were subscribed.
function TracingChannel:unsubscribe(handlers)
  local done = true
  for _, event in ipairs(EVENTS) do
    if handlers[event] ~= nil and not self[event]:unsubscribe(handlers[event]) then done = false end
  end
  return done
end

-- The end of the synchronous part: what the function raised goes on.
local function ended(self, context, ok, ...)
  if not ok then
    context.error = (...)
    self.error:publish(context)
  end
  self["end"]:publish(context)
  if not ok then error((...), 0) end
  return ...
end

local function returned(context, ok, ...)
  if ok then context.result = (...) end
  return ok, ...
end

-- fn(…) between `start` and `end`. -> what fn returns; the first value is context.result, what it raises context.error
function TracingChannel:traceSync(fn, context, this, ...)
  local run = called(fn, this)
  if not self.hasSubscribers then return run(...) end
  context = context or {}
  return self.start:runStores(context, function(...)
    return ended(self, context, returned(context, xpcall(run, on_raise, ...)))
  end, nil, ...)
end

-- The same for a function that returns a promise: `asyncStart` and `asyncEnd` when it is settled. -> a promise
function TracingChannel:tracePromise(fn, context, this, ...)
  local run = called(fn, this)
  if not self.hasSubscribers then return run(...) end
  context = context or {}
  local function settled()
    self.asyncStart:publish(context)
    self.asyncEnd:publish(context)
  end
  local function traced(...)
    local result = run(...)
    if not promise.is(result) then result = promise.resolved(result) end
    return result["then"](result, function(value)
      context.result = value
      settled()
      return value
    end, function(err)
      context.error = err
      self.error:publish(context)
      settled()
      error(err, 0)
    end)
  end
  return self.start:runStores(context, function(...) return ended(self, context, xpcall(traced, on_raise, ...)) end, nil, ...)
end

-- The same for a function that takes a callback(err, result): `asyncStart` before it is called, `asyncEnd` behind.
-- position: which argument is the callback: from 0, or from the end with -1 (the default) for the last
function TracingChannel:traceCallback(fn, position, context, this, ...)
  local run = called(fn, this)
  if not self.hasSubscribers then return run(...) end
  context = context or {}
  position = position or -1
  local n, args = select("#", ...), { ... }
  local at = position < 0 and n + position + 1 or position + 1
  local given = args[at]
  validators.validateFunction(given, "callback")
  local adapted = validators.callback(given, "callback")
  local function wrapped(err, result, ...)
    if err ~= nil and err ~= errors.null and err ~= false then
      context.error = err
      self.error:publish(context)
    else
      context.result = result
    end
    return self.asyncStart:runStores(context, function(...)
      local function over(ok, ...)
        local problem = ...
        self.asyncEnd:publish(context)
        if not ok then error(problem, 0) end
        return ...
      end
      return over(xpcall(adapted, on_raise, ...))
    end, nil, err, result, ...)
  end
  args[at] = wrapped
  if adapted ~= given then args[at] = setfenv(function(_, ...) return wrapped(...) end, getfenv(given)) end -- JavaScript's, for JavaScript
  return self.start:runStores(context, function(...) return ended(self, context, xpcall(run, on_raise, ...)) end, nil, unpack(args, 1, n))
end

-- A name, whose channels are then tracing:name:start …, or a table of the five channels
function M.tracingChannel(names) return TracingChannel(names) end

-- ---- signatures, for the reference (docs/api/README.md)
-- hasSubscribers(name: string) -> boolean
-- unbindStore(store: async_hooks.AsyncLocalStorage) -> boolean: whether it was bound

return M
