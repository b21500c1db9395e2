-- SPDX-License-Identifier: MIT
--
-- async_hooks (Node 20 docs: Asynchronous context tracking; Async hooks).
--
-- Ids are given from the moment that somebody asks for them: createHook(…).enable(), executionAsyncId, triggerAsyncId or
-- executionAsyncResource looked up in this module. A program that only uses AsyncLocalStorage pays for no id.
local class = require "lunode.internal.class"
local contexts = require "lunode.internal.async_context"
local errors = require "lunode.internal.errors"
local lazy = require "lunode.internal.lazy"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local rawset, type, error, getfenv, setfenv, newproxy, getmetatable = rawset, type, error, getfenv, setfenv, newproxy, getmetatable
local door, callback = validators.door, validators.callback
local RESOURCE = contexts.RESOURCE

local M = {}

-- A function like `fn` that calls around(fn's Lua form, …); one of JavaScript stays one, with its `this` (thisArg, where it is given).
local function bound(fn, around, this)
  if door.wants_this and door.wants_this(fn) then
    return setfenv(function(self, ...)
      if this ~= nil then self = this end
      return around(fn, self, ...)
    end, getfenv(fn))
  end
  return function(...) return around(fn, ...) end
end

-- ---- AsyncResource

local AsyncResource = class "AsyncResource"
M.AsyncResource = AsyncResource

-- options: triggerAsyncId (default: the running resource's id), requireManualDestroy (default: the hooks' `destroy` comes when it is
-- collected, if nobody called emitDestroy); a number is the triggerAsyncId.
function AsyncResource:initialize(kind, options)
  validators.validateString(kind, "type")
  local trigger, manual = options, false
  if options == errors.null then trigger = nil
  elseif type(options) == "table" then trigger, manual = options.triggerAsyncId, options.requireManualDestroy end
  if trigger ~= nil and (type(trigger) ~= "number" or trigger % 1 ~= 0 or trigger < -1) then
    error(errors.ERR_INVALID_ASYNC_ID("triggerAsyncId", trigger), 0)
  end
  local hooks = contexts.hooks
  if hooks[1] and kind == "" then error(errors.ERR_ASYNC_TYPE(kind), 0) end
  local record = contexts.record(kind, self, trigger)
  rawset(self, "_record", record)
  rawset(self, "_context", contexts.with(RESOURCE, record))
  if not manual then
    for i = 1, #hooks do
      if hooks[i].destroy then
        local guard = newproxy(true)
        getmetatable(guard).__gc = function()
          if record.destroyed then return end
          record.destroyed = true
          queue.nextTick(contexts.destroyed, record)
        end
        rawset(self, "_guard", guard)
        break
      end
    end
  end
end

-- fn(…) in this resource's context; thisArg is `this` of a JavaScript function. What fn returns or raises passes through.
function AsyncResource:runInAsyncScope(fn, this, ...)
  if door.wants_this and type(fn) == "function" and door.wants_this(fn) then return contexts.enter(self._context, fn, this, ...) end
  return contexts.enter(self._context, fn, ...)
end

-- Tells the hooks, each time.
function AsyncResource:emitDestroy()
  self._record.destroyed = true
  contexts.destroyed(self._record)
  return self
end

-- Its number, never given twice.
function AsyncResource:asyncId() return self._record.id end
-- The number of the resource that caused this one.
function AsyncResource:triggerAsyncId() return self._record.trigger end

-- resource:bind(fn, thisArg) -> a function that runs fn in the resource's context
function AsyncResource.prototype:bind(fn, this)
  validators.validateFunction(fn, "fn")
  local context = self._context
  return bound(fn, function(...) return contexts.enter(context, ...) end, this)
end

-- AsyncResource.bind(fn, type, thisArg) -> a function that runs fn in the context of now
rawset(AsyncResource.static, "bind", function(fn, kind, this)
  validators.validateFunction(fn, "fn")
  if kind == nil or kind == "" then kind = "bound-anonymous-fn" end
  return AsyncResource(kind):bind(fn, this)
end)

-- ---- AsyncLocalStorage

local AsyncLocalStorage = class "AsyncLocalStorage"
M.AsyncLocalStorage = AsyncLocalStorage

function AsyncLocalStorage:initialize() rawset(self, "_enabled", false) end

-- The store of the running code, or nil.
function AsyncLocalStorage:getStore()
  local context = queue.context
  if context and self._enabled then return context[self] end
  return nil
end

-- fn(…) with this store, and all that it starts; -> what fn returns.
function AsyncLocalStorage:run(store, fn, ...)
  fn = callback(fn, "callback")
  rawset(self, "_enabled", true)
  return contexts.run_with(self, store, fn, ...)
end

-- fn(…) without a store.
function AsyncLocalStorage:exit(fn, ...)
  fn = callback(fn, "callback")
  if not self._enabled then return fn(...) end
  return contexts.run_with(self, nil, fn, ...)
end

-- The rest of the running code has this store, and all that it starts.
function AsyncLocalStorage:enterWith(store)
  rawset(self, "_enabled", true)
  queue.context = contexts.with(self, store)
end

-- getStore() gives nil until the next run or enterWith.
function AsyncLocalStorage:disable()
  if not self._enabled then return end
  rawset(self, "_enabled", false)
  queue.context = contexts.with(self, nil)
end

rawset(AsyncLocalStorage.static, "bind", function(fn) return AsyncResource.bind(fn) end)

-- -> function(fn, …) that runs fn(…) in the context of now
rawset(AsyncLocalStorage.static, "snapshot", function()
  local context = AsyncResource("bound-anonymous-fn")._context
  return function(fn, ...) return contexts.enter(context, callback(fn, "fn"), ...) end
end)

-- ---- hooks

local AsyncHook = class "AsyncHook"

local function without(list, hook)
  local rest = {}
  for i = 1, #list do
    if list[i] ~= hook then rest[#rest + 1] = list[i] end
  end
  return rest
end

function AsyncHook:enable()
  contexts.track()
  local list = without(contexts.hooks, self._fns)
  list[#list + 1] = self._fns
  contexts.hooks = list
  return self
end

function AsyncHook:disable()
  contexts.hooks = without(contexts.hooks, self._fns)
  return self
end

-- callbacks: init(asyncId, type, triggerAsyncId, resource), before(asyncId), after(asyncId), destroy(asyncId)
function M.createHook(callbacks)
  if type(callbacks) ~= "table" then error(errors.TypeError("Cannot destructure property 'init' of '" .. errors.inspect_brief(callbacks) .. "' as it is undefined."), 0) end
  local fns = {}
  for _, name in ipairs { "init", "before", "after", "destroy", "promiseResolve" } do
    local fn = callbacks[name]
    if fn ~= nil then
      if type(fn) ~= "function" then error(errors.ERR_ASYNC_CALLBACK("hook." .. name), 0) end
      fns[name] = callback(fn, "hook." .. name)
    end
  end
  if fns.promiseResolve then errors.notImplemented "async_hooks.createHook with promiseResolve"() end
  local hook = AsyncHook()
  rawset(hook, "_fns", fns)
  return hook
end

local function execution_id() return contexts.current_id() end

local function trigger_id()
  local record = contexts.current()
  return record and record.trigger or 0
end

local top = shape.dict {}
local function execution_resource()
  local record = contexts.current()
  return record and record.resource or top
end

local function tracked(fn)
  return function()
    contexts.track()
    return fn
  end
end

return lazy(M, {
  executionAsyncId = tracked(execution_id),
  triggerAsyncId = tracked(trigger_id),
  executionAsyncResource = tracked(execution_resource),
  asyncWrapProviders = function() return shape.dict { NONE = 0, PROMISE = 26 } end, -- Node's numbers for the kinds that there are
})
