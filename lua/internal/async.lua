-- SPDX-License-Identifier: MIT
--
-- async and await: promises written as straight code, on coroutines.
--
--   async(fn, …) -> promise    runs fn(…) at once, up to its first await; the promise gets what fn returns or raises
--   await(value) -> result     suspends until the promise is settled; raises what it was rejected with
--   sleep(ms, value) -> promise
--   async.start(fn, done, …)   the same machinery for the main script: done(ok, value, co) is called when it ends
--
-- An await costs one turn of the microtask queue, as ECMA-262 has it. Coroutines are used again when their function has
-- returned. A yield that is not await's own means that the program called coroutine.yield in an async function: nobody
-- could ever resume it, so it is an error.
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"

local create, resume, yield, running, isyieldable = coroutine.create, coroutine.resume, coroutine.yield, coroutine.running, coroutine.isyieldable
local type, error, getmetatable, rawget, rawset, traceback = type, error, getmetatable, rawget, rawset, debug.traceback
local microtask = queue.microtask
local new, resolve, reject, subscribe = promise.new, promise.resolve, promise.reject, promise.subscribe
local Promise, promise_resolve = promise.Promise, promise.promise_resolve
local promise_meta = Promise.meta

local M = {}

local AWAIT, DONE = {}, {} -- what coroutines yield with
local current = false      -- the task whose coroutine runs: its promise, with the coroutine in `_co`

local pool, pooled = {}, 0
local POOL_MAX = 256

-- The name is what stacks show for the function.
local function body(async_function, ...) return body(yield(DONE, (async_function(...)))) end

local function finish(task, ok, value)
  task._co, task._job = nil, nil
  local done = task._done
  if done then return done(ok, value) end
  if ok then return resolve(task, value) end
  return reject(task, value)
end

-- What a coroutine did since it was resumed.
local function after(task, previous, fine, what, value)
  current = previous
  if what == AWAIT then return end
  if not fine then
    promise.note_raised(what, task._co)
    task._failed = type(what) ~= "table" and task._co or nil
    return finish(task, false, what)
  end
  if what == DONE then
    if pooled < POOL_MAX then
      pooled = pooled + 1
      pool[pooled] = task._co
    end
    return finish(task, true, value)
  end
  return finish(task, false, errors.ERR_YIELD_IN_ASYNC())
end

local function told(hooks, context, task) return hooks.after(context, task) end

-- The reaction of what the task awaits.
local function step(task, ok, value)
  local context = task._context or false
  queue.context = context
  local previous = current
  current = task
  local hooks = context and queue.hooks
  if hooks then
    hooks.before(context, task)
    return told(hooks, context, task, after(task, previous, resume(task._co, ok, value)))
  end
  return after(task, previous, resume(task._co, ok, value))
end

local function launch(task, fn, ...)
  local co
  if pooled > 0 then
    co = pool[pooled]
    pool[pooled] = nil
    pooled = pooled - 1
  else
    co = create(body)
  end
  task._co, task._job = co, step
  local previous, context = current, queue.context
  current = task
  after(task, previous, resume(co, fn, ...))
  queue.context = context
  return task
end

function M.async(fn, ...)
  fn = validators.callback(fn, "fn")
  return launch(new(), fn, ...)
end

function M.start(fn, done, ...)
  local task = new()
  task._done = function(ok, value) return done(ok, value, task._failed) end
  return launch(task, fn, ...)
end

-- ---- await

-- "table.sort" for a function of the standard libraries, or what the debug information calls it.
local function c_name(info)
  for _, library in ipairs { "table", "string", "math", "os", "io", "coroutine", "debug", "package" } do
    for name, fn in pairs(_G[library] or {}) do
      if fn == info.func then return library .. "." .. name end
    end
  end
  for name, fn in pairs(_G) do
    if fn == info.func and type(name) == "string" then return name end
  end
  return info.name or "a C function"
end

-- These let a coroutine yield through them.
local transparent = { [pcall] = true, [xpcall] = true, [resume] = true, [yield] = true }

local function wrong_place(task)
  local co = running()
  if task and co and task._co ~= co then
    error(errors.ERR_AWAIT_OUTSIDE_ASYNC "in a coroutine of the program's own. Start it with async(function() ... end) instead of coroutine.create or coroutine.wrap", 0)
  elseif not task or not co then
    error(errors.ERR_AWAIT_OUTSIDE_ASYNC "outside of an async function. Wrap the code in async(function() ... end)", 0)
  end
  local level = 3
  while true do
    local info = debug.getinfo(level, "Snf")
    if not info then break end
    if info.what == "C" and not transparent[info.func] then
      error(errors.ERR_AWAIT_ACROSS_C(c_name(info)), 0)
    end
    level = level + 1
  end
  error(errors.ERR_AWAIT_ACROSS_C "a C function", 0)
end

-- The stack of the awaiting side, kept with an Error that arrives here: `stack` shows it as "at async …".
local function crossed(e)
  if type(e) ~= "table" or rawget(e, "_trace") == nil then return end
  local list = rawget(e, "_async")
  if not list then
    list = {}
    rawset(e, "_async", list)
  end
  local n = #list
  if n < 10 then list[n + 1] = traceback("", 3) end
end

function M.await(value)
  local task = current
  if not task or task._co ~= running() or not isyieldable() then wrong_place(task) end
  task._context = queue.hooks and queue.hooks.promise(task) or queue.context
  local t = type(value)
  if (t ~= "table" and t ~= "userdata") or value == errors.null then
    microtask(step, task, true, value)
  elseif getmetatable(value) == promise_meta and value.constructor == Promise then
    subscribe(value, task)
  else
    subscribe(promise_resolve(Promise, value), task)
  end
  local ok, result = yield(AWAIT)
  if ok then return result end
  crossed(result)
  error(result, 0)
end

-- Whether await would work here.
function M.can_await()
  local task = current
  return task and task._co == running() and isyieldable() or false
end

-- ms as with setTimeout; for await(sleep(10)).
local timers
function M.sleep(ms, value)
  timers = timers or require "lunode.internal.timers"
  local p = new()
  timers.timeout(resolve, ms, 2, { p, value })
  return p
end

return M
