-- SPDX-License-Identifier: MIT
--
-- Promise, async functions, async generators: on the promises of lua/internal/promise (ECMA-262, 27.2, 27.6, 27.7).
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, select, error, pcall, getfenv = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset,
  L.select, L.error, L.pcall, L.getfenv
local create, co_yield = L.coroutine.create, L.coroutine.yield
local getinfo = L.debug.getinfo
local promise = L.require "lunode.internal.promise"
local queue = L.require "lunode.internal.queue"
local validators = L.require "lunode.internal.validators"
local new, settle_resolve, settle_reject, subscribe = promise.new, promise.resolve, promise.reject, promise.subscribe
local microtask = queue.microtask

local null, is_object, truthy, native, is_callable = rt.null, rt.is_object, rt.truthy, rt.native, rt.is_callable
local attempt, go, iter_result, DATA, RETURN = rt.attempt, rt.go, rt.iter_result, rt.DATA, rt.RETURN
local SYMBOL = rt.symbols
local G = rt.global

-- Does the function take `this` first? Lua's functions do not, but methods of lua/'s classes do (emitter.once("x", server.close)).
local methods = L.setmetatable({}, { __mode = "k" })
local function wants_this(f) return type(f) ~= "function" or getfenv(f) == G or methods[f] ~= nil end
rt.wants_this, rt.class_methods = wants_this, methods

local PromisePrototype, PromiseFunction, native_then

local function is_promise(v) return type(v) == "table" and rawget(v, "_state") ~= nil end
rt.is_promise = is_promise

-- ---- resolving

local function resolving_functions(p)
  local done = false
  return function(_, v)
    if done then return end
    done = true
    rt.resolve_promise(p, v)
  end, function(_, v)
    if done then return end
    done = true
    settle_reject(p, v)
  end
end
do
  local resolve, reject = resolving_functions(false)
  rt.native_kind("", 1, resolve)
  rt.native_kind("", 1, reject)
end

local function thenable_job(p, thenable, method)
  local resolve, reject = resolving_functions(p)
  local ok, e = attempt(method, thenable, resolve, reject)
  if not ok then reject(nil, rt.thrown(e)) end
end

local function adopt_job(reaction, ok, value)
  if ok then return rt.resolve_promise(reaction.target, value) end
  return settle_reject(reaction.target, value)
end

local function native_job(p, thenable) return subscribe(thenable, { _job = adopt_job, target = p }) end

local function get_then(v) return v["then"] end

-- Resolves p with a value of JavaScript. lua/'s own resolve deals with what is no object.
local function resolve_promise(p, v)
  if p._state ~= 0 then return end
  if not is_object(v) then return settle_resolve(p, v) end
  if v == p then return settle_reject(p, rt.new_error("TypeError", "Chaining cycle detected for promise #<Promise>")) end
  local ok, method = attempt(get_then, v)
  if not ok then return settle_reject(p, rt.thrown(method)) end
  if not is_callable(method) then return settle_resolve(p, v) end
  if method == native_then and is_promise(v) and v.constructor == PromiseFunction then return microtask(native_job, p, v) end
  return microtask(thenable_job, p, v, method)
end
rt.resolve_promise = resolve_promise
rt.reject_promise = settle_reject

-- ---- capabilities

local function new_capability(C)
  if C == PromiseFunction then
    local p = new()
    local c = { promise = p }
    c.resolve, c.reject = resolving_functions(p)
    return c
  end
  if not rt.is_constructor(C) then rt.type_error(rt.show(C) .. " is not a constructor") end
  local c = {}
  c.promise = rt.construct(C, C, native("", 2, function(_, resolve, reject)
    if c.resolve ~= nil or c.reject ~= nil then rt.type_error "Promise executor has already been invoked with non-undefined arguments" end
    c.resolve, c.reject = resolve, reject
  end))
  if not is_callable(c.resolve) or not is_callable(c.reject) then rt.type_error "Promise resolve or reject function is not callable" end
  return c
end

local function species_constructor(o, default)
  local C = o.constructor
  if C == nil then return default end
  if not is_object(C) then rt.type_error "The .constructor property is not an object" end
  local S = C[SYMBOL.species]
  if S == nil or S == null then return default end
  if rt.is_constructor(S) then return S end
  rt.type_error "object.constructor[Symbol.species] is not a constructor"
end
rt.species_constructor = species_constructor

local function promise_resolve(C, v)
  if is_promise(v) and v.constructor == C then return v end
  if C == PromiseFunction then
    local p = new()
    resolve_promise(p, v)
    return p
  end
  local c = new_capability(C)
  c.resolve(nil, v)
  return c.promise
end

-- ---- then

local function call_handler(handler, value)
  if wants_this(handler) then return handler(nil, value) end
  return handler(value)
end

local function reaction_job(reaction, ok, value)
  if reaction._context then queue.context = reaction._context end
  local handler
  if ok then handler = reaction.on_ok else handler = reaction.on_error end
  local capability = reaction.capability
  if handler then
    ok, value = attempt(call_handler, handler, value)
    if not ok then value = rt.thrown(value) end
  end
  if capability then
    if ok then capability.resolve(nil, value) else capability.reject(nil, value) end
    return
  end
  local derived = reaction.derived
  if ok then return resolve_promise(derived, value) end
  return settle_reject(derived, value)
end

local function perform_then(p, on_ok, on_error, derived, capability)
  subscribe(p, {
    _job = reaction_job, on_ok = is_callable(on_ok) and on_ok or false, on_error = is_callable(on_error) and on_error or false,
    derived = derived, capability = capability, _context = queue.context,
  })
end

-- ---- async functions

local idle, idle_count, IDLE_MAX = {}, 0, 256 -- tasks whose function has returned

local function after(task, fine, what, value)
  if what == "await" then return end
  local p = task.promise
  if fine and task.again and idle_count < IDLE_MAX then
    idle_count = idle_count + 1
    idle[idle_count] = task
    task.promise = false
  end
  if fine and what == "done" then return resolve_promise(p, value) end
  if fine then what = value end
  return settle_reject(p, rt.thrown(what))
end

local function step(task, ok, value)
  return after(task, go(task, ok and "next" or "throw", value))
end

local function body(f)
  local ok, v = attempt(f)
  if ok then return "done", v end
  return "failed", v
end

-- Making a coroutine costs more than most async functions do: one runs function after function.
local function worker(f)
  while true do
    local ok, v = attempt(f)
    f = co_yield(ok and "done" or "failed", v)
  end
end

function rt.async(f)
  local p = new()
  local task
  if idle_count > 0 then
    task = idle[idle_count]
    idle[idle_count] = false
    idle_count = idle_count - 1
    task.promise = p
  else
    task = { kind = "async", co = create(worker), again = true, open = { n = 0 }, promise = p, _job = step }
  end
  after(task, go(task, f))
  return p
end

-- A module's body: runs to its rt.link, and from there when it is continued.
function rt.module_task(f)
  local task = { kind = "async", co = create(body), open = { n = 0 }, promise = new(), _job = step }
  local fine, what, value = go(task, f)
  if fine and what == "link" then return task end
  after(task, fine, what, value)
  return task
end

function rt.continue_task(task)
  if task.promise._state ~= 0 then return end
  return after(task, go(task, "next"))
end

local function await_resumed(mode, v)
  if mode == "throw" then rt.throw(v) end
  return v
end

function rt.await(v)
  local task = rt.current_coroutine()
  if not task or not task._job then
    rt.throw_error("SyntaxError", "await is only valid in async functions and the top level bodies of modules")
  end
  local p
  if is_promise(v) and v.constructor == PromiseFunction then
    p = v
  else
    p = new()
    resolve_promise(p, v)
  end
  subscribe(p, task)
  return await_resumed(co_yield "await")
end
local await = rt.await

-- ---- async generators

local drain

local function generator_after(g, fine, what, value)
  if what == "await" then return end
  local request = L.table.remove(g.queue, 1)
  g.busy = false
  if fine and what == "yield" then
    g.state = "suspended"
    resolve_promise(request.promise, iter_result(value, false))
  else
    g.state = "done"
    if not fine then value = what end
    if fine and what == "done" then
      resolve_promise(request.promise, iter_result(value, true))
    elseif type(value) == "table" and getmetatable(value) == RETURN then
      resolve_promise(request.promise, iter_result(value.value, true))
    else
      settle_reject(request.promise, rt.thrown(value))
    end
  end
  return drain(g)
end

local function generator_step(g, ok, value)
  return generator_after(g, go(g, ok and "next" or "throw", value))
end

local function generator_body(f)
  local ok, v = attempt(f)
  if ok then return "done", v end
  return "failed", v
end

local function finish_return(reaction, ok, value)
  local g = reaction.generator
  local request = L.table.remove(g.queue, 1)
  g.busy = false
  if ok then resolve_promise(request.promise, iter_result(value, true)) else settle_reject(request.promise, value) end
  return drain(g)
end

function drain(g)
  while not g.busy do
    local request = g.queue[1]
    if not request then return end
    local mode, value = request.mode, request.value
    if g.state == "start" and mode ~= "next" then g.state = "done" end
    if g.state == "done" then
      if mode == "next" then
        L.table.remove(g.queue, 1)
        resolve_promise(request.promise, iter_result(nil, true))
      elseif mode == "throw" then
        L.table.remove(g.queue, 1)
        settle_reject(request.promise, value)
      else
        g.busy = true
        local ok, p = attempt(promise_resolve, PromiseFunction, value)
        if not ok then
          p = new()
          settle_reject(p, rt.thrown(p))
        end
        subscribe(p, { _job = finish_return, generator = g })
      end
    elseif g.state == "start" then
      g.state, g.busy = "running", true
      g.co = create(generator_body)
      return generator_after(g, go(g, g.f))
    else
      g.state, g.busy = "running", true
      return generator_after(g, go(g, mode, value))
    end
  end
end

function rt.asyncgenerator(f)
  local callee = getinfo(2, "f").func
  local proto = rt.store(callee).prototype
  if not is_object(proto) then proto = rt.AsyncGeneratorPrototype end
  local o = setmetatable({}, rt.root_of(proto))
  rawset(o, DATA, { kind = "asyncgenerator", state = "start", f = f, open = { n = 0 }, queue = {}, busy = false, _job = generator_step })
  return o
end

-- After a yield: return(v) waits for v first.
function rt.async_resumed(mode, v)
  if mode == "return" then
    v = await(v)
    error(setmetatable({ value = v }, RETURN), 0)
  end
  if mode == "throw" then rt.throw(v) end
  return v
end

-- The async iterator of v: its own, or one around its sync iterator (ECMA-262, 27.1.4).
local function async_from_sync(it, next_method)
  local wrapper = {}
  local function continue(r, closes)
    local done = truthy(r.done)
    local ok, v = attempt(promise_resolve, PromiseFunction, r.value)
    if ok then ok, v = attempt(await, v) end
    if not ok then
      if not done and closes then rt.close_quietly { it = it } end
      error(v, 0)
    end
    return iter_result(v, done)
  end
  local function checked(r)
    if not is_object(r) then rt.type_error("Iterator result " .. rt.text(r) .. " is not an object") end
    return r
  end
  function wrapper.next(_, ...) return continue(checked(next_method(it, ...)), true) end
  wrapper["return"] = function(_, ...)
    local method = it["return"]
    if method == nil or method == null then return iter_result((...), true) end
    return continue(checked(method(it, ...)), false)
  end
  wrapper["throw"] = function(_, ...)
    local method = it["throw"]
    if method == nil or method == null then
      rt.close_quietly { it = it }
      rt.type_error "The iterator does not provide a 'throw' method"
    end
    return continue(checked(method(it, ...)), true)
  end
  return wrapper
end

-- -> next, return, throw: functions that give results which have been awaited
local function async_iterator(v)
  if v == nil or v == null then rt.type_error(rt.show(v) .. " is not async iterable") end
  local method = v[SYMBOL.asyncIterator]
  if method == nil or method == null then
    local it, next_method = rt.get_iterator(v)
    return async_from_sync(it, next_method), true
  end
  if not is_callable(method) then rt.type_error(rt.show(method) .. " is not a function") end
  local it = method(v)
  if not is_object(it) then rt.type_error "Result of the Symbol.asyncIterator method is not an object" end
  return it, false
end

function rt.async_yieldall(v)
  local it, sync = async_iterator(v)
  local next_method = it.next
  local mode, value = "next", nil
  local function settled(r)
    if not sync then r = await(r) end
    if not is_object(r) then rt.type_error("Iterator result " .. rt.text(r) .. " is not an object") end
    return r
  end
  while true do
    local r
    if mode == "next" then
      r = settled(next_method(it, value))
    elseif mode == "throw" then
      local method = it["throw"]
      if method == nil or method == null then
        local close = it["return"]
        if close ~= nil and close ~= null then settled(close(it)) end
        rt.type_error "The iterator does not provide a 'throw' method"
      end
      r = settled(method(it, value))
    else
      local method = it["return"]
      if method == nil or method == null then
        value = await(value)
        error(setmetatable({ value = value }, RETURN), 0)
      end
      r = settled(method(it, value))
      if truthy(r.done) then error(setmetatable({ value = r.value }, RETURN), 0) end
      mode, value = co_yield("yield", r.value)
      goto continue
    end
    if truthy(r.done) then return r.value end
    mode, value = co_yield("yield", r.value)
    ::continue::
  end
end

local function async_step(state)
  state.busy = true
  local r = state.next(state.it)
  if not state.sync then r = await(r) end
  if not is_object(r) then rt.type_error("Iterator result " .. rt.text(r) .. " is not an object") end
  if truthy(r.done) then
    local open, n = state.list, state.at
    if open[n] == state then
      open[n] = nil
      open.n = n - 1
    end
    return nil
  end
  local v = r.value
  state.busy = false
  return 1, v
end

function rt.eachasync(v)
  local it, sync = async_iterator(v)
  local state = { it = it, next = it.next, busy = false, async = not sync, sync = sync }
  local open = rt.open_iterators()
  local n = open.n + 1
  open.n = n
  open[n] = state
  state.list, state.at = open, n
  return async_step, state
end

-- ---- the Promise class

local function check_this(this)
  if not is_object(this) then rt.type_error "Promise method called on non-object" end
end

-- Promise.all and its kin: each(C, capability, call_resolve, iterate)
local function combinator(name, run)
  return native(name, 1, function(C, iterable)
    local capability = new_capability(C)
    local ok, e = attempt(function()
      local resolve = C.resolve
      if not is_callable(resolve) then rt.type_error "Promise resolve or reject function is not callable" end
      run(C, capability, function(v) return resolve(C, v) end, iterable)
    end)
    if not ok then capability.reject(nil, rt.thrown(e)) end
    return capability.promise
  end)
end

-- One of the promises of Promise.all that are as they were made: its value, without functions for it.
local function value_job(element, ok, value)
  local all = element.all
  if not ok then return settle_reject(all.promise, value) end
  all.values[element.i] = value
  local left = all.left - 1
  all.left = left
  if left == 0 then return resolve_promise(all.promise, rt.new_array(all.values, all.n)) end
end

local function gather_values(capability, promise_for, iterable)
  local all = { values = {}, left = 1, n = 0, promise = capability.promise }
  rt.for_each(iterable, function(v, i)
    all.n, all.left = i, all.left + 1
    local p = promise_for(v)
    if is_promise(p) and p["then"] == native_then and p.constructor == PromiseFunction then
      return subscribe(p, { _job = value_job, all = all, i = i })
    end
    local called = false
    p["then"](p, native("", 1, function(_, value)
      if called then return end
      called = true
      value_job({ all = all, i = i }, true, value)
    end), capability.reject)
  end)
  all.left = all.left - 1
  if all.left == 0 then resolve_promise(all.promise, rt.new_array(all.values, all.n)) end
end

-- Collects n values by position.
local function gather(iterable, promise_for, element, conclude)
  local values, left, n = {}, 1, 0
  rt.for_each(iterable, function(v, i)
    n = i
    left = left + 1
    local p = promise_for(v)
    local called = false
    local on_ok, on_error = element(function(value)
      if called then return end
      called = true
      values[i] = value
      left = left - 1
      if left == 0 then return conclude(values, n) end
    end)
    p["then"](p, on_ok, on_error)
  end)
  left = left - 1
  if left == 0 then conclude(values, n) end
end

function rt.install_promise()
  local class = promise.Promise
  PromisePrototype = class.prototype
  local lua_next = PromisePrototype.next
  local fields = {}
  for k, v in L.next, PromisePrototype do fields[k] = v end
  setmetatable(PromisePrototype, rt.own_shape(rt.ObjectPrototype))
  local shape = class.meta
  shape.n, shape.keys, shape.pos, shape.next, shape.served, shape.class = 0, {}, {}, {}, nil, "Promise"
  rt.connect(shape, PromisePrototype)
  rt.dress(shape)
  rt.settle(shape)
  getmetatable(PromisePrototype).root = shape
  rt.PromisePrototype = PromisePrototype
  rawset(PromisePrototype, "constructor", nil)
  for _, k in L.ipairs { "then", "catch", "finally" } do rawset(PromisePrototype, k, nil) end

  PromiseFunction = rt.native_constructor("Promise", 1, function()
    rt.type_error "Promise constructor cannot be invoked without 'new'"
  end, function(target, executor)
    if not is_callable(executor) then rt.type_error("Promise resolver " .. rt.show(executor) .. " is not a function") end
    local p = setmetatable({ _state = 0, _value = false, _first = false, _ok = false, _err = false }, rt.target_root(target, PromisePrototype))
    local resolve, reject = resolving_functions(p)
    local ok, e = attempt(executor, nil, resolve, reject)
    if not ok then reject(nil, rt.thrown(e)) end
    return p
  end, PromisePrototype)
  rt.hide(G, "Promise", PromiseFunction)
  rt.getter(PromiseFunction, SYMBOL.species, native("get [Symbol.species]", 0, function(this) return this end))

  native_then = native("then", 2, function(this, on_ok, on_error)
    if not is_promise(this) then rt.type_error("Method Promise.prototype.then called on incompatible receiver " .. rt.show(this)) end
    local C = species_constructor(this, PromiseFunction)
    if C == PromiseFunction then
      local derived = new()
      perform_then(this, on_ok, on_error, derived)
      return derived
    end
    local capability = new_capability(C)
    perform_then(this, on_ok, on_error, nil, capability)
    return capability.promise
  end)
  rt.hide(PromisePrototype, "then", native_then)
  rt.hide(PromisePrototype, "catch", native("catch", 1, function(this, on_error)
    return this["then"](this, nil, on_error)
  end))
  rt.hide(PromisePrototype, "finally", native("finally", 1, function(this, f)
    check_this(this)
    local C = species_constructor(this, PromiseFunction)
    if not is_callable(f) then return this["then"](this, f, f) end
    local function call()
      if wants_this(f) then return f(nil) end
      return f()
    end
    return this["then"](this, native("", 1, function(_, v)
      local p = promise_resolve(C, (call()))
      return p["then"](p, native("", 0, function() return v end))
    end), native("", 1, function(_, e)
      local p = promise_resolve(C, (call()))
      return p["then"](p, native("", 0, function() rt.throw(e) end))
    end))
  end))
  rt.readonly(PromisePrototype, SYMBOL.toStringTag, "Promise")

  local F = PromiseFunction
  rt.hide(F, "resolve", native("resolve", 1, function(C, v)
    if not is_object(C) then rt.type_error "PromiseResolve called on non-object" end
    return promise_resolve(C, v)
  end))
  rt.hide(F, "reject", native("reject", 1, function(C, v)
    local c = new_capability(C)
    c.reject(nil, v)
    return c.promise
  end))
  rt.hide(F, "withResolvers", native("withResolvers", 0, function(C)
    local c = new_capability(C)
    return rt.record("promise", c.promise, "resolve", c.resolve, "reject", c.reject)
  end))
  rt.hide(F, "all", combinator("all", function(C, capability, promise_for, iterable)
    if C == PromiseFunction then return gather_values(capability, promise_for, iterable) end
    gather(iterable, promise_for, function(put) return native("", 1, function(_, v) put(v) end), capability.reject end,
      function(values, n) capability.resolve(nil, rt.new_array(values, n)) end)
  end))
  rt.hide(F, "allSettled", combinator("allSettled", function(_, capability, promise_for, iterable)
    gather(iterable, promise_for, function(put)
      return native("", 1, function(_, v) put(rt.record("status", "fulfilled", "value", v)) end),
        native("", 1, function(_, v) put(rt.record("status", "rejected", "reason", v)) end)
    end, function(values, n) capability.resolve(nil, rt.new_array(values, n)) end)
  end))
  rt.hide(F, "any", combinator("any", function(_, capability, promise_for, iterable)
    gather(iterable, promise_for, function(put) return capability.resolve, native("", 1, function(_, v) put(v) end) end, function(values, n)
      local e = rt.new_error("AggregateError", "All promises were rejected")
      rt.hide(e, "errors", rt.new_array(values, n))
      capability.reject(nil, e)
    end)
  end))
  rt.hide(F, "race", combinator("race", function(_, capability, promise_for, iterable)
    rt.for_each(iterable, function(v)
      local p = promise_for(v)
      p["then"](p, capability.resolve, capability.reject)
    end)
  end))

  -- async generators
  local P = rt.AsyncGeneratorPrototype
  for _, mode in L.ipairs { "next", "return", "throw" } do
    rt.hide(P, mode, native(mode, 1, function(this, v)
      local p = new()
      local g = type(this) == "table" and rawget(this, DATA)
      if not g or g.kind ~= "asyncgenerator" then
        settle_reject(p, rt.new_error("TypeError", mode .. " method called on incompatible receiver " .. rt.show(this)))
        return p
      end
      g.queue[#g.queue + 1] = { mode = mode, value = v, promise = p }
      drain(g)
      return p
    end))
  end
  rt.readonly(P, SYMBOL.toStringTag, "AsyncGenerator")
  rt.readonly(P, "constructor", rt.AsyncGeneratorFunctionPrototype)
  rt.readonly(rt.AsyncGeneratorFunctionPrototype, "prototype", P)
  rt.readonly(rt.AsyncGeneratorFunctionPrototype, SYMBOL.toStringTag, "AsyncGeneratorFunction")
  rt.readonly(rt.AsyncFunctionPrototype, SYMBOL.toStringTag, "AsyncFunction")

  -- The doors of lua/.
  local door = validators.door
  door.wants_this = wants_this
  function door.adapt(f)
    if not wants_this(f) then return f end
    return function(...) return f(nil, ...) end
  end
  function door.method(f)
    if not wants_this(f) then return f end
    return function(this, on_ok, on_error)
      return f(this, on_ok and native("", 1, function(_, ...) return on_ok(...) end), on_error and native("", 1, function(_, ...) return on_error(...) end))
    end
  end
end
