-- SPDX-License-Identifier: MIT
--
-- nextTick and microtasks, and what C calls after every callback.
--
--   queue.nextTick(fn, …)            runs before any other pending work
--   queue.microtask(fn, a, b, c)     runs after the ticks; fixed arguments, so that a promise job makes no closure
--   queue.rejections = function() end    called when both are empty (internal/promise.lua looks for unhandled ones)
--   queue.uncaught = function(err, trace) end   an error nobody caught; trace is the stack where it was raised
--   queue.raised                     false, or raised(err) -> err, called where it is raised: JavaScript's view of it; raised(text, true) later, after a stack overflow
--   queue.context                    the running async context: false, or an unchanging table (internal/async_context.lua); every task
--                                    keeps the one it was made in. C sees it: handles keep theirs once `shared.tracking` is set
--   queue.hooks                      false, or what is told of new timers and promises (lua/internal/async_context.lua)
--
-- The order is Node's: all ticks, then all microtasks, until both are empty.
local ffi = require "ffi"
local core = require "lunode.core"

ffi.cdef [[
struct lunode_shared { uint32_t pending, depth, tracking; };
]]
local shared = ffi.cast("struct lunode_shared *", core.shared)

local select, unpack, traceback = select, unpack, debug.traceback
local M = { context = false, hooks = false, raised = false, rejections = false, shared = shared }

-- Parallel arrays, filled at the tail, emptied from the head, reset when empty: no table a task.
local function new_ring() return { head = 1, tail = 1, fn = {}, n = {}, a = {}, b = {}, c = {}, context = {} } end
local ticks, micro = new_ring(), new_ring()

local function put(ring, n, fn, a, b, c)
  local i = ring.tail
  ring.fn[i], ring.n[i], ring.a[i], ring.b[i], ring.c[i], ring.context[i] = fn, n, a, b, c, M.context
  ring.tail = i + 1
  shared.pending = 1
end

local function run(ring)
  local fns, ns, as, bs, cs, contexts = ring.fn, ring.n, ring.a, ring.b, ring.c, ring.context
  local i = ring.head
  while i < ring.tail do
    local fn, n, a, b, c = fns[i], ns[i], as[i], bs[i], cs[i]
    M.context = contexts[i]
    fns[i], as[i], bs[i], cs[i], contexts[i] = false, false, false, false, false -- not nil: the arrays stay arrays
    -- Back to the start as soon as it is empty: a chain of tasks, each making the next, takes no more room than one.
    if i + 1 == ring.tail then ring.head, ring.tail = 1, 1 else ring.head = i + 1 end
    if n == 0 then fn() elseif n == 1 then fn(a) elseif n == 2 then fn(a, b) else fn(a, b, c) end
    i = ring.head
  end
  ring.head, ring.tail = 1, 1
end

local function spread(fn, args) return fn(unpack(args, 1, args.n)) end

local function put_tick(fn) return put(ticks, 0, fn) end

function M.nextTick(fn, ...)
  local n = select("#", ...)
  if M.hooks then return M.hooks.tick(put_tick, fn, ...) end
  if n <= 3 then return put(ticks, n, fn, ...) end
  return put(ticks, 2, spread, fn, { n = n, ... })
end

function M.microtask(fn, a, b, c) return put(micro, 3, fn, a, b, c) end

-- An error leaves the rings consistent (the failing task is already off); C reports it and calls again.
function M.drain()
  repeat
    repeat
      run(ticks)
      run(micro)
    until ticks.head == ticks.tail
    if M.rejections then M.rejections() end
  until ticks.head == ticks.tail and micro.head == micro.tail
  M.context = false
  shared.pending = 0
end

local trace -- of the last error that reached C
local function on_error(err)
  if M.raised then err = M.raised(err) end
  local errors = package.loaded["lunode.internal.errors"]
  trace = traceback("", 2)
  if errors then errors.attach(err, trace) end
  return err
end

local function nop() end

local function on_uncaught(err)
  M.raised_in = M.context -- for lua/domain.lua
  M.context = false
  -- As in Node ticks that are left come after the immediates that wait: they cannot keep the loop from turning.
  if shared.pending ~= 0 then require("lunode.internal.timers").immediate(nop, 0) end
  if M.uncaught then return M.uncaught(err, trace) end
  io.stderr:write(tostring(err), "\n", tostring(trace), "\n")
  core.loop.exit(1)
end

M.on_error = on_error
core.loop.setup(M.drain, on_uncaught, on_error, M)

return M
