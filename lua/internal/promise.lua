-- SPDX-License-Identifier: MIT
--
-- Promises (ECMA-262, clause 27.2), with its job counts.
--
--   Promise(function(resolve, reject) … end), promise:next(ok, err) = promise["then"](…), :catch(err), :finally(fn)
--   Promise.resolve, reject, all, allSettled, any, race, withResolvers, try: called with a dot
--
-- For the library, without closures:
--   promise.new() -> a pending one; promise.resolve(p, value), promise.reject(p, reason) settle it (only the first counts)
--   promise.resolved(value), promise.rejected(reason); promise.is(x); promise.state(p) -> "pending" | "fulfilled" | "rejected", value
--   promise.subscribe(p, reaction)   reaction._job(reaction, ok, value) runs as a job once p is settled; p counts as handled
--   promise.call_then(fn, thenable, on_ok, on_error)  calls a `then` method of whatever origin
--   promise.from_callback(fn, …)     -> promise; calls fn(…, function(err, value) … end)
--   promise.on_unhandled(reason, p)  set by lunode.process; true: somebody listened
--   promise.on_handled_late(p)       the same for 'rejectionHandled'
--
-- A promise is a table: _state (0 pending, 1 fulfilled, 2 rejected), _value, _first and _more (who waits), _ok and _err (its
-- own handlers when next() made it: the derived promise is itself the reaction that its source keeps), _context.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local symbols = require "lunode.internal.symbols"
local validators = require "lunode.internal.validators"

local type, setmetatable, getmetatable, rawget, rawset, pcall, xpcall, error, traceback, select =
  type, setmetatable, getmetatable, rawget, rawset, pcall, xpcall, error, debug.traceback, select
local microtask, shared, door = queue.microtask, queue.shared, validators.door
local null = errors.null

local M = { on_unhandled = false, on_handled_late = false }

local Promise = class "Promise"
local meta, prototype, static = Promise.meta, Promise.prototype, Promise.static
M.Promise = Promise
meta.__tostring = function() return "[object Promise]" end

-- The stack of the last value that was raised and is no Error: kept beside it, in case nobody catches it.
local raised_value, raised_trace
local function on_raise(e)
  if type(e) ~= "table" then raised_value, raised_trace = e, traceback("", 2) end
  return e
end
M.on_raise = on_raise
function M.note_raised(e, co)
  if type(e) ~= "table" then raised_value, raised_trace = e, co end
end

local function new()
  return (setmetatable({ _state = 0, _value = false, _first = false, _ok = false, _err = false }, meta))
end
M.new = new

local function is(x)
  if type(x) ~= "table" then return false end
  if getmetatable(x) == meta then return true end
  return x._state ~= nil and Promise:is(x)
end
M.is = is

-- ---- settling

local resolve, reject, run_reaction, native_then

local function notify(p, ok, value)
  local first, more = p._first, p._more
  p._first = false
  if first then microtask(run_reaction, first, ok, value) end
  if more then
    p._more = nil
    for i = 1, #more do microtask(run_reaction, more[i], ok, value) end
  end
end

local pending = {} -- rejected with nobody waiting, not yet reported
local late = {}    -- reported, and now handled after all

local function fulfill(p, value)
  p._state, p._value = 1, value
  if p._first then notify(p, true, value) end
end

function reject(p, reason)
  if p._state ~= 0 then return end
  p._state, p._value = 2, reason
  if p._first then return notify(p, false, reason) end
  p._unhandled = 1
  if queue.context then p._rejected_in = queue.context end -- for lua/domain.lua
  pending[#pending + 1] = p
  shared.pending = 1
end

local function index_then(value) return value["then"] end

local function resolve_functions(p)
  local done = false
  return function(value)
    if done then return end
    done = true
    resolve(p, value)
  end, function(reason)
    if done then return end
    done = true
    reject(p, reason)
  end
end

function M.call_then(fn, thenable, on_ok, on_error)
  if door.method then fn = door.method(fn) end
  return fn(thenable, on_ok, on_error)
end

local function adopt_job(p, ok, value)
  p._job = nil
  if ok then return resolve(p, value) end
  return reject(p, value)
end

local subscribe

-- NewPromiseResolveThenableJob
local function thenable_job(p, thenable, fn)
  if fn == native_then and is(thenable) and thenable.constructor == Promise then
    p._job = adopt_job
    return subscribe(thenable, p)
  end
  local on_ok, on_error = resolve_functions(p)
  local ok, e = xpcall(M.call_then, on_raise, fn, thenable, on_ok, on_error)
  if not ok then on_error(e) end
end

function resolve(p, value)
  if p._state ~= 0 then return end
  local t = type(value)
  if (t ~= "table" and t ~= "userdata") or value == null then return fulfill(p, value) end
  if value == p then return reject(p, errors.TypeError "Chaining cycle detected for promise #<Promise>") end
  local after
  local mt = getmetatable(value)
  if mt == nil then
    after = value["then"]
  elseif mt == meta then
    after = value["then"]
  else
    local ok
    ok, after = pcall(index_then, value)
    if not ok then return reject(p, after) end
  end
  if type(after) ~= "function" then return fulfill(p, value) end
  return microtask(thenable_job, p, value, after)
end

M.resolve, M.reject = resolve, reject
M.resolve_functions = resolve_functions

-- A job: `reaction` is a derived promise, or a record with its own `_job`, or one with a capability of a subclass.
function run_reaction(reaction, ok, value)
  local job = reaction._job
  if job then return job(reaction, ok, value) end
  local context, capability, hooks = reaction._context, reaction._capability, false
  if context then
    queue.context = context
    hooks = queue.hooks
    if hooks then hooks.before(context, capability and capability.promise or reaction) end
  end
  local handler
  if ok then handler = reaction._ok else handler = reaction._err end
  if handler then ok, value = xpcall(handler, on_raise, value) end
  if hooks then hooks.after(context, capability and capability.promise or reaction) end
  if capability then
    if ok then return capability.resolve(value) end
    return capability.reject(value)
  end
  reaction._ok, reaction._err = false, false
  if ok then return resolve(reaction, value) end
  return reject(reaction, value)
end

local function handled(p)
  if p._unhandled == 2 then
    late[#late + 1] = p
    shared.pending = 1
  end
  p._unhandled = nil
end

function subscribe(p, reaction)
  local state = p._state
  if state == 0 then
    if not p._first then
      p._first = reaction
    elseif p._more then
      p._more[#p._more + 1] = reaction
    else
      p._more = { reaction }
    end
  else
    if p._unhandled then handled(p) end
    microtask(run_reaction, reaction, state == 1, p._value)
  end
end
M.subscribe = subscribe

-- ---- the class

rawset(Promise, "construct", function(self, executor)
  local p = setmetatable({ _state = 0, _value = false, _first = false, _ok = false, _err = false }, rawget(self, "meta"))
  p:initialize(executor)
  return p
end)

function Promise:initialize(executor)
  if type(executor) ~= "function" then
    error(errors.TypeError("Promise resolver " .. errors.inspect_brief(executor) .. " is not a function"), 0)
  end
  executor = validators.callback(executor, "executor")
  if self._state == nil then self._state, self._value, self._first, self._ok, self._err = 0, false, false, false, false end
  if queue.hooks then queue.hooks.promise(self) end
  local on_ok, on_error = resolve_functions(self)
  local ok, e = xpcall(executor, on_raise, on_ok, on_error)
  if not ok then on_error(e) end
end

-- NewPromiseCapability: for any constructor C that takes an executor.
local function capability_of(C)
  if type(C) ~= "table" and type(C) ~= "function" then error(errors.TypeError(errors.inspect_brief(C) .. " is not a constructor"), 0) end
  local c = {}
  if C == Promise then
    c.promise = new()
    c.resolve, c.reject = resolve_functions(c.promise)
    return c
  end
  c.promise = C(function(on_ok, on_error)
    if c.resolve ~= nil or c.reject ~= nil then error(errors.TypeError "Promise executor has already been invoked with non-undefined arguments", 0) end
    c.resolve, c.reject = on_ok, on_error
  end)
  if type(c.resolve) ~= "function" or type(c.reject) ~= "function" then
    error(errors.TypeError "Promise resolve or reject function is not callable", 0)
  end
  return c
end
M.capability = capability_of

local function species(p)
  local C = p.constructor
  if C == Promise or C == nil then return Promise end
  local S = type(C) == "table" and C[symbols.species]
  if S == nil or S == false then return C end
  return S
end

-- An ok or err that is no function is as good as none.
function native_then(self, ok, err)
  if not is(self) then
    error(errors.TypeError("Method Promise.prototype.then called on incompatible receiver " .. errors.inspect_brief(self)), 0)
  end
  if type(ok) ~= "function" then ok = false elseif door.adapt then ok = validators.callback(ok) end
  if type(err) ~= "function" then err = false elseif door.adapt then err = validators.callback(err) end
  local C = species(self)
  local derived, reaction
  if C == Promise then
    derived = setmetatable({ _state = 0, _value = false, _first = false, _ok = ok, _err = err }, meta)
    reaction = derived
  else
    local capability = capability_of(C)
    derived = capability.promise
    reaction = { _ok = ok, _err = err, _capability = capability }
  end
  local context = queue.context
  if queue.hooks then context = queue.hooks.promise(derived, self) end
  if context then reaction._context = context end
  subscribe(self, reaction)
  return derived
end
prototype["then"] = native_then

function prototype:next(ok, err) return self["then"](self, ok, err) end

-- Through whatever `then` the receiver has.
local function invoke_then(self, ok, err)
  local after = self["then"]
  if after == native_then then return native_then(self, ok, err) end
  if type(after) ~= "function" then error(errors.TypeError(errors.inspect_brief(after) .. " is not a function"), 0) end
  return M.call_then(after, self, ok, err)
end

function prototype:catch(err)
  if type(err) == "function" and door.adapt then err = validators.callback(err) end
  return invoke_then(self, nil, err)
end

-- PromiseResolve(C, value)
local function promise_resolve(C, value)
  if is(value) and value.constructor == C then return value end
  if C == Promise then
    local p = new()
    resolve(p, value)
    return p
  end
  local capability = capability_of(C)
  capability.resolve(value)
  return capability.promise
end
M.promise_resolve = promise_resolve

-- fn is called without arguments either way; what it returns is waited for, then dropped; what it raises wins.
function prototype:finally(fn)
  if type(fn) ~= "function" then return invoke_then(self, fn, fn) end
  fn = validators.callback(fn, "onFinally")
  local C = species(self)
  return invoke_then(self, function(value)
    return invoke_then(promise_resolve(C, fn()), function() return value end)
  end, function(reason)
    return invoke_then(promise_resolve(C, fn()), function() error(reason, 0) end)
  end)
end

-- ---- statics. Those of `of` take the constructor first, as JavaScript's take it from `this`.

local of = {}
M.of = of

function of.resolve(C, value) return promise_resolve(C, value) end

function of.reject(C, reason)
  if C == Promise then
    local p = new()
    reject(p, reason)
    return p
  end
  local capability = capability_of(C)
  capability.reject(reason)
  return capability.promise
end

function of.withResolvers(C)
  local c = capability_of(C)
  return shape.dict { promise = c.promise, resolve = c.resolve, reject = c.reject }
end

-- try(fn, …): fn's result or error as a promise; fn runs at once.
of["try"] = function(C, fn, ...)
  local capability = capability_of(C)
  local ok, value = xpcall(validators.callback(fn, "fn"), on_raise, ...)
  if ok then capability.resolve(value) else capability.reject(value) end
  return capability.promise
end

local function length_of(list)
  local n = list.length
  if type(n) == "number" then return n end
  n = list.n
  if type(n) == "number" then return n end
  return #list
end

-- Walks a list. start(capability) gives element(i) -> on_ok, on_error for the i-th value, and finish(n), called at the end.
local function combine(C, list, start)
  local capability = capability_of(C)
  local ok, e = xpcall(function()
    if type(list) ~= "table" or list == null then
      error(errors.TypeError((list == nil and "undefined" or type(list) .. " " .. errors.inspect_brief(list))
        .. " is not iterable (cannot read property Symbol(Symbol.iterator))"), 0)
    end
    local element, finish = start(capability)
    local n = length_of(list)
    for i = 1, n do invoke_then(promise_resolve(C, list[i]), element(i)) end
    if finish then finish(n) end
  end, on_raise)
  if not ok then capability.reject(e) end
  return capability.promise
end

-- Collects by position. element(i, put, capability) -> on_ok, on_error; put(i, value) counts once for each i.
-- The walk itself counts as one that is out, so that nothing concludes before its end.
local function gather(C, list, element, conclude)
  return combine(C, list, function(capability)
    local values, seen, left, count = {}, {}, 1, 0
    local function put(i, value)
      if seen[i] then return end
      seen[i] = true
      values[i] = value
      left = left - 1
      if left == 0 then conclude(capability, values, count) end
    end
    return function(i)
      left, count = left + 1, i
      return element(i, put, capability)
    end, function(n)
      left = left - 1
      if left == 0 then conclude(capability, values, n) end
    end
  end)
end

-- A list with nil in it has its length in `n`.
local function as_list(values, n)
  for i = 1, n do
    if values[i] == nil then
      values.n = n
      break
    end
  end
  return shape.list(values)
end

local function resolve_list(capability, values, n) capability.resolve(as_list(values, n)) end

function of.all(C, list)
  return gather(C, list, function(i, put, capability)
    return function(value) put(i, value) end, capability.reject
  end, resolve_list)
end

-- -> list of {status = "fulfilled", value =} and {status = "rejected", reason =}
function of.allSettled(C, list)
  return gather(C, list, function(i, put)
    return function(value) put(i, shape.dict { status = "fulfilled", value = value }) end,
      function(reason) put(i, shape.dict { status = "rejected", reason = reason }) end
  end, resolve_list)
end

-- The first that is fulfilled; else AggregateError with all reasons in `errors`.
function of.any(C, list)
  return gather(C, list, function(i, put, capability)
    return capability.resolve, function(reason) put(i, reason) end
  end, function(capability, reasons, n)
    capability.reject(errors.AggregateError(as_list(reasons, n), "All promises were rejected"))
  end)
end

function of.race(C, list)
  return combine(C, list, function(capability)
    return function() return capability.resolve, capability.reject end
  end)
end

for name, fn in pairs(of) do
  rawset(static, name, function(...) return fn(Promise, ...) end)
end

function M.resolved(value) return promise_resolve(Promise, value) end
function M.rejected(reason) return of.reject(Promise, reason) end

local state_names = { [0] = "pending", "fulfilled", "rejected" }
function M.state(p)
  if p._state == 0 then return "pending" end
  return state_names[p._state], p._value
end

-- fn(…, function(err, value)) -> promise
function M.from_callback(fn, ...)
  local p = new()
  local n, args = select("#", ...), { ... }
  args[n + 1] = function(err, value)
    if err ~= nil and err ~= null then reject(p, err) else resolve(p, value) end
  end
  fn(unpack(args, 1, n + 1))
  return p
end

-- ---- rejections nobody handled

local Error = errors.Error

local function as_error(reason)
  if type(reason) == "table" and Error:is(reason) then return reason, rawget(reason, "_trace") end
  local trace = raised_value == reason and raised_trace or nil
  if type(trace) == "thread" then trace = traceback(trace, "") end
  local err = errors.ERR_UNHANDLED_REJECTION(reason)
  rawset(err, "name", "UnhandledPromiseRejection")
  rawset(err, "message", "This error originated either by throwing inside of an async function without a catch block, "
    .. "or by rejecting a promise which was not handled with .catch(). The promise rejected with the reason \""
    .. (type(reason) == "string" and reason or type(reason) == "table" and reason ~= null and "#<Object>" or errors.inspect_brief(reason)) .. '".')
  rawset(err, "_trace", trace or "")
  return err, trace or ""
end
M.as_error = as_error

local function nobody() end

-- From queue.drain, when ticks and microtasks are done. What raises here is off the list already, and reaches C.
queue.rejections = function()
  while late[1] do
    local p = table.remove(late, 1)
    if M.on_handled_late then M.on_handled_late(p) end
  end
  local list = pending
  if not list[1] then return end
  pending = {}
  for i = 1, #list do
    local p = list[i]
    list[i] = false
    if p._unhandled == 1 then
      p._unhandled = 2
      -- An error raised by the handler of one must not lose the others.
      local ok, took = xpcall(M.on_unhandled or nobody, queue.on_error, p._value, p)
      if not ok or not took and not queue.uncaught then
        for j = i + 1, #list do pending[#pending + 1] = list[j] end
        error(ok and as_error(p._value) or took, 0)
      elseif not took then
        local err, trace = as_error(p._value)
        queue.uncaught(err, trace, "unhandledRejection")
      end
    end
  end
  if pending[1] then microtask(nobody) end -- another round
end

return M
