-- SPDX-License-Identifier: MIT
--
-- Async contexts: what async_hooks and diagnostics_channel stand on.
--
-- A context is queue.context: false, or a table that is never changed once it is somebody's: AsyncLocalStorage -> its store, and
-- RESOURCE -> the record of the async resource that runs. What defers code keeps the context of its making; the first
-- context turns on `shared.tracking`, so that C does it for handles too. Without any, all of this costs a test for false.
--
--   context.with(key, value)               a context like the running one, with one entry more or changed; nil: without it
--   context.run(context, fn, …)            fn(…) in it; the running one is back afterwards
--   context.run_with(key, value, fn, …)    fn(…) in a context with that value; afterwards the key, and no other, is as before
--   context.track()                        from now on timers, immediates, ticks and promises are resources with ids
--   context.record(type, resource, trigger) -> record {id, trigger, type, resource}, told to the hooks as `init`
--   context.enter(context, fn, …)          run, told to the hooks as `before` and `after`
--   context.current()                      the running record, or nil
--   context.hooks                          the hooks that are enabled: a list of {init, before, after, destroy}, not changed but replaced
local core = require "lunode.core"
local queue = require "lunode.internal.queue"

local pairs, next, error, pcall, xpcall, tostring, select, unpack, type = pairs, next, error, pcall, xpcall, tostring, select, unpack, type
local shared = queue.shared

local RESOURCE = {}
local M = { RESOURCE = RESOURCE, hooks = {} }

local function with(key, value)
  local context = {}
  local now = queue.context
  if now then
    for k, v in pairs(now) do context[k] = v end
  end
  context[key] = value
  if next(context) == nil then return false end
  shared.tracking = 1
  return context
end
M.with = with

-- What is raised keeps where it was raised, though it passes here.
local function on_raise(e)
  return require("lunode.internal.promise").on_raise(e)
end

local function leave(before, ok, ...)
  queue.context = before
  if not ok then error((...), 0) end
  return ...
end

function M.run(context, fn, ...)
  local before = queue.context
  queue.context = context
  return leave(before, xpcall(fn, on_raise, ...))
end

local function leave_key(key, entered, before, ok, ...)
  if queue.context == entered then
    queue.context = before
  else -- what fn has entered besides stays
    local value
    if before then value = before[key] end
    queue.context = with(key, value)
  end
  if not ok then error((...), 0) end
  return ...
end

-- fn(…) with context[key] = value; afterwards that one is as before.
function M.run_with(key, value, fn, ...)
  local before = queue.context
  local entered = with(key, value)
  queue.context = entered
  return leave_key(key, entered, before, xpcall(fn, on_raise, ...))
end

-- ---- resources

local last_id = 1 -- the main script's

function M.new_id()
  last_id = last_id + 1
  return last_id
end

function M.current()
  local context = queue.context
  return context and context[RESOURCE] or nil
end

-- The main script is 1; code that C calls on nobody's behalf is 0.
function M.current_id()
  local record = M.current()
  if record then return record.id end
  return shared.depth == 0 and 1 or 0
end

-- A hook that raises ends the process, as in Node.
local function fatal(err)
  local text = type(err) == "table" and err.stack or err
  core.loop.flush()
  io.stderr:write(tostring(text), "\n")
  core.loop.exit(1)
end

local function tell(what, ...)
  local hooks = M.hooks
  for i = 1, #hooks do
    local fn = hooks[i][what]
    if fn then
      local ok, err = pcall(fn, ...)
      if not ok then fatal(err) end
    end
  end
end
M.tell = tell

function M.record(kind, resource, trigger)
  local record = { id = M.new_id(), trigger = trigger or M.current_id(), type = kind, resource = resource }
  if M.hooks[1] then tell("init", record.id, kind, record.trigger, resource) end
  return record
end

local function left(record, before, ok, ...)
  queue.context = before
  if M.hooks[1] then tell("after", record.id) end
  if not ok then error((...), 0) end
  return ...
end

function M.enter(context, fn, ...)
  local before, record = queue.context, context[RESOURCE]
  queue.context = context
  if M.hooks[1] then tell("before", record.id) end
  return left(record, before, xpcall(fn, on_raise, ...))
end

function M.destroyed(record)
  if M.hooks[1] then tell("destroy", record.id) end
end

-- ---- what the library's own resources tell, once there is tracking: queue.hooks

local own = {}

-- -> the context in which the code of a new timer, immediate or promise runs
function own.made(kind, resource, trigger) return with(RESOURCE, M.record(kind, resource, trigger)) end

-- `context` may be older than the tracking, and its record another's.
local function record_of(context, resource)
  local record = context and context[RESOURCE]
  return record and record.resource == resource and record or nil
end

function own.before(context, resource)
  local record = M.hooks[1] and record_of(context, resource)
  if record then tell("before", record.id) end
end

function own.after(context, resource)
  local record = M.hooks[1] and record_of(context, resource)
  if record then tell("after", record.id) end
end

function own.destroyed(context, resource)
  local record = M.hooks[1] and record_of(context, resource)
  if record then tell("destroy", record.id) end
end

-- A promise made by `then` has its source as trigger; -> the context of its handlers.
local ids = setmetatable({}, { __mode = "k" }) -- promise -> id
function own.promise(p, source)
  local context = own.made("PROMISE", p, source and ids[source] or nil)
  ids[p] = context[RESOURCE].id
  return context
end

-- nextTick(fn, …) as a resource: what to queue in its place.
function own.tick(put, fn, ...)
  local n, args = select("#", ...), { ... }
  local context = own.made("TickObject", args)
  local record = context[RESOURCE]
  return put(function()
    M.enter(context, fn, unpack(args, 1, n))
    M.destroyed(record)
  end)
end

function M.track()
  if queue.hooks then return end
  shared.tracking = 1
  queue.hooks = own
end

return M
