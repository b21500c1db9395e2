-- SPDX-License-Identifier: MIT
--
-- The machinery of timers and immediates.
--
-- Timers of one duration form a list, in the order of their start, which is that of their expiry: starting and
-- cancelling cost O(1). The lists stand in a heap by the expiry of their first timer; one uv timer waits for
-- the nearest. A list's expiry may be too early (its first timer was cancelled); it is put right when it comes up.
--
--   timers.Timeout, timers.Immediate        the classes
--   timers.timeout(fn, ms, n, arg)          a started Timeout; n arguments: none, `arg` itself, or the table `arg` of n
--   timers.setUnrefTimeout(fn, ms, arg)     the library's own: does not keep the loop, no callback check, calls fn(arg)
--   timers.clear(timeout)                   O(1); also of one that is over
--   timers.now()                            the loop's clock in ms
--   timers.active()                         -> number of timers and of immediates that keep the loop alive
local ffi = require "ffi"
local core = require "lunode.core"
local class = require "lunode.internal.class"
local queue = require "lunode.internal.queue"
local symbols = require "lunode.internal.symbols"
local validators = require "lunode.internal.validators"

local self = ffi.cast("void *", core.timer.self) -- the JIT converts no light userdata
local c_now = ffi.cast("double (*)(void *)", core.timer.now)
local c_start = ffi.cast("void (*)(void *, double)", core.timer.start)
local c_toggle_ref = ffi.cast("void (*)(void *, int)", core.timer.toggleRef)
local c_immediates = ffi.cast("void (*)(void *, int, int)", core.timer.immediates)

local null = require("lunode.internal.errors").null
local setmetatable, type, tonumber, unpack, max = setmetatable, type, tonumber, unpack, math.max
local shared, drain, door = queue.shared, queue.drain, validators.door

local M = {}

local function now() return c_now(self) end
M.now = now

local function keep_context(object, kind)
  local context = queue.context
  if queue.hooks then context = queue.hooks.made(kind, object) end
  if context then object._context = context end
end

-- ---- the heap of lists

local heap, size = {}, 0

-- Equal expiries come up in the order of the lists' making, or last run.
local function before(a, b)
  local x, y = a.expiry, b.expiry
  if x ~= y then return x < y end
  return a.id < b.id
end

local function sift_down(list, i)
  while true do
    local child = 2 * i
    if child > size then break end
    if child < size and before(heap[child + 1], heap[child]) then child = child + 1 end
    local lower = heap[child]
    if not before(lower, list) then break end
    heap[i], lower.pos = lower, i
    i = child
  end
  heap[i], list.pos = list, i
end

local function sift_up(list, i)
  while i > 1 do
    local parent = (i - i % 2) / 2
    local upper = heap[parent]
    if not before(list, upper) then break end
    heap[i], upper.pos = upper, i
    i = parent
  end
  heap[i], list.pos = list, i
end

local function heap_remove(list)
  local i, last = list.pos, heap[size]
  heap[size] = nil
  size = size - 1
  if last ~= list then
    sift_up(last, i)
    sift_down(last, last.pos)
  end
end

-- ---- lists

local lists = {}      -- duration -> list: a ring with itself as the sentinel
local next_id = 0
local refs = 0        -- started timers that keep the loop alive
local next_expiry = math.huge -- what the uv timer is set for
local by_id = {}      -- Timeouts that were asked for their number

local Timeout = class "Timeout"

local function insert(timer, ms, start)
  start = start or now()
  timer._idleStart = start
  local list = lists[ms]
  if not list then
    next_id = next_id + 1
    local expiry = start + ms
    list = { expiry = expiry, id = next_id, ms = ms, pos = 0, _idleNext = false, _idlePrev = false }
    list._idleNext, list._idlePrev = list, list
    lists[ms] = list
    size = size + 1
    sift_up(list, size)
    if next_expiry > expiry then
      c_start(self, ms)
      next_expiry = expiry
    end
  end
  local last = list._idlePrev
  timer._idlePrev, timer._idleNext = last, list
  last._idleNext, list._idlePrev = timer, timer
end

local function unlink(timer)
  local prev, next = timer._idlePrev, timer._idleNext
  if not prev then return end
  prev._idleNext, next._idlePrev = next, prev
  timer._idlePrev, timer._idleNext = false, false
  -- Only the list itself was left.
  if prev == next and prev.pos and lists[prev.ms] == prev then
    lists[prev.ms] = nil
    heap_remove(prev)
  end
end

local function add_ref()
  refs = refs + 1
  if refs == 1 then c_toggle_ref(self, 1) end
end

local function drop_ref()
  refs = refs - 1
  if refs == 0 then c_toggle_ref(self, 0) end
end

local function destroy(timer)
  if timer._destroyed then return end
  timer._destroyed = true
  if not timer._unrefed then drop_ref() end
  if timer._id then by_id[timer._id] = nil end
  if queue.hooks then queue.hooks.destroyed(timer._context, timer) end
end

-- ---- firing

local running -- the timer whose callback is on the stack, or raised
local last_run_id = 0

local function after_run(timer)
  running = nil
  if timer._repeat and timer._idleTimeout ~= -1 and timer._onTimeout and timer._onTimeout ~= null then
    timer._idleTimeout = timer._repeat
    unlink(timer)
    insert(timer, timer._repeat, timer._runStart)
  elseif not timer._idleNext then
    destroy(timer)
  end
end

local function fire(timer)
  local fn, n, arg = timer._onTimeout, timer._n, timer._arg
  local context = timer._context or false
  queue.context = context
  local hooks = context and queue.hooks
  if hooks then hooks.before(context, timer) end
  if timer._this then -- a JavaScript function
    if n == 0 then fn(timer) elseif n == 1 then fn(timer, arg) else fn(timer, unpack(arg, 1, n)) end
  elseif n == 0 then fn()
  elseif n == 1 then fn(arg)
  else fn(unpack(arg, 1, n)) end
  if hooks then hooks.after(context, timer) end
end

local function run_list(list, at)
  local ms = list.ms
  while true do
    local timer = list._idleNext
    if timer == list then break end
    if at - timer._idleStart < ms then
      -- The rest is not due. Lists that come up again stand behind those of the same expiry.
      list.expiry = max(timer._idleStart + ms, at + 1)
      next_id = next_id + 1
      list.id = next_id
      sift_down(list, list.pos)
      return
    end
    -- Out of the ring by hand: an empty list stays until all is run, for the callback may start the next of its kind.
    local next = timer._idleNext
    list._idleNext, next._idlePrev = next, list
    timer._idlePrev, timer._idleNext = false, false
    if timer._onTimeout and timer._onTimeout ~= null then
      running = timer
      if timer._repeat then timer._runStart = now() end
      fire(timer)
      after_run(timer)
      if shared.pending ~= 0 then drain() end
    else
      destroy(timer)
    end
  end
  if lists[ms] == list then
    lists[ms] = nil
    heap_remove(list)
  end
end

-- Called by C. After an error it is called again and goes on behind the timer that raised it.
local function on_timer(at)
  if running then after_run(running) end
  next_expiry = math.huge
  while true do
    local list = heap[1]
    if not list then
      queue.context = false
      return 0
    end
    if list.expiry > at then
      at = now()
      if list.expiry > at then
        queue.context = false
        next_expiry = list.expiry
        return refs > 0 and next_expiry - at or at - next_expiry
      end
    end
    run_list(list, at)
  end
end

-- ---- Timeout

local MAX = 2147483647

local function duration(after)
  if type(after) ~= "number" then after = tonumber(after) or 1 end
  if after >= 1 and after <= MAX then return after - after % 1 end
  if after > MAX then
    local ok, process = pcall(require, "lunode.process")
    if ok then
      process.emitWarning(validators.number(after) .. " does not fit into a 32-bit signed integer.\nTimeout duration was set to 1.", "TimeoutOverflowWarning")
    end
  end
  return 1
end
M.duration = duration

function M.timeout(fn, after, n, arg)
  local ms = duration(after)
  local timer = setmetatable({ _idleTimeout = ms, _idlePrev = false, _idleNext = false, _idleStart = 0, _onTimeout = fn, _n = n, _arg = arg }, Timeout.meta)
  keep_context(timer, "Timeout")
  insert(timer, ms)
  add_ref()
  return timer
end

function M.setUnrefTimeout(fn, after, arg)
  local ms = duration(after)
  local timer = setmetatable({ _idleTimeout = ms, _idlePrev = false, _idleNext = false, _idleStart = 0, _onTimeout = fn, _n = 1, _arg = arg, _unrefed = true }, Timeout.meta)
  keep_context(timer, "Timeout")
  insert(timer, ms)
  return timer
end

local function clear(timer)
  if not timer._onTimeout then return end
  timer._onTimeout = false
  unlink(timer)
  destroy(timer)
  timer._idleTimeout = -1
end
M.clear = clear

function M.byId(id) return by_id[id] end

-- Starts again from now, without a new object (Node 20 docs: timeout.refresh()). Nothing on one that was cleared.
function Timeout:refresh()
  if self._idleTimeout == -1 or not self._onTimeout then return self end
  local next, list = self._idleNext, lists[self._idleTimeout]
  if next and list then
    -- To the end of its list, which stays: should it come up too early, it is put off then.
    local prev = self._idlePrev
    self._idleStart = now()
    if next ~= list then
      prev._idleNext, next._idlePrev = next, prev
      local last = list._idlePrev
      self._idlePrev, self._idleNext = last, list
      last._idleNext, list._idlePrev = self, self
    end
    return self
  elseif next then
    unlink(self)
  elseif self._destroyed then
    self._destroyed = nil
    if self._id then by_id[self._id] = self end
    if not self._unrefed then add_ref() end
  end
  insert(self, self._idleTimeout)
  return self
end

function Timeout:unref()
  if not self._unrefed then
    self._unrefed = true
    if not self._destroyed then drop_ref() end
  end
  return self
end

function Timeout:ref()
  if self._unrefed then
    self._unrefed = nil
    if not self._destroyed then add_ref() end
  end
  return self
end

function Timeout:hasRef() return not self._unrefed end

function Timeout:close()
  clear(self)
  return self
end
Timeout.prototype[symbols.dispose] = function(self) clear(self) end

-- A number that clearTimeout takes in the Timeout's place.
local ids = 0
function Timeout:toPrimitive()
  if not self._id then
    ids = ids + 1
    self._id = ids
    if not self._destroyed then by_id[ids] = self end
  end
  return self._id
end
Timeout.prototype[symbols.toPrimitive] = Timeout.prototype.toPrimitive

Timeout.prototype._destroyed = false
M.Timeout = Timeout

-- ---- immediates: a ring for the turn to come, one for those running

local Immediate = class "Immediate"
local function new_ring()
  local ring = {}
  ring._next, ring._prev = ring, ring
  return ring
end
local waiting, due = new_ring(), new_ring()
local immediate_count, immediate_refs = 0, 0

local function toggle_immediates() c_immediates(self, immediate_count > 0 and 1 or 0, immediate_refs > 0 and 1 or 0) end

local function drop_immediate(im)
  if im._destroyed then return end
  im._destroyed = true
  im._prev._next, im._next._prev = im._next, im._prev
  im._prev, im._next = false, false
  immediate_count = immediate_count - 1
  if not im._unrefed then immediate_refs = immediate_refs - 1 end
end

-- As with timeouts, n is the number of arguments.
function M.immediate(fn, n, arg)
  local last = waiting._prev
  local im = setmetatable({ _prev = last, _next = waiting, _onImmediate = fn, _n = n, _arg = arg, _destroyed = false }, Immediate.meta)
  keep_context(im, "Immediate")
  last._next, waiting._prev = im, im
  immediate_count, immediate_refs = immediate_count + 1, immediate_refs + 1
  if immediate_refs == 1 then toggle_immediates() end
  return im
end

function M.clearImmediate(im)
  if im._destroyed ~= false then return end
  drop_immediate(im)
  im._onImmediate = false
  if queue.hooks then queue.hooks.destroyed(im._context, im) end
  if immediate_refs == 0 then toggle_immediates() end
end

function Immediate:ref()
  if self._unrefed then
    self._unrefed = nil
    if not self._destroyed then
      immediate_refs = immediate_refs + 1
      if immediate_refs == 1 then toggle_immediates() end
    end
  end
  return self
end

function Immediate:unref()
  if not self._unrefed then
    self._unrefed = true
    if not self._destroyed then
      immediate_refs = immediate_refs - 1
      if immediate_refs == 0 then toggle_immediates() end
    end
  end
  return self
end

function Immediate:hasRef() return not self._unrefed end
Immediate.prototype[symbols.dispose] = M.clearImmediate

-- Called by C in the check phase; again after an error, to run the rest of this turn's.
local function on_check()
  if due._next == due then due, waiting = waiting, due end
  while true do
    local im = due._next
    if im == due then break end
    drop_immediate(im)
    local fn, n, arg = im._onImmediate, im._n, im._arg
    local context = im._context or false
    queue.context = context
    local hooks = context and queue.hooks
    if hooks then hooks.before(context, im) end
    if im._this then
      if n == 0 then fn(im) elseif n == 1 then fn(im, arg) else fn(im, unpack(arg, 1, n)) end
    elseif n == 0 then fn()
    elseif n == 1 then fn(arg)
    else fn(unpack(arg, 1, n)) end
    if hooks then
      hooks.after(context, im)
      hooks.destroyed(context, im)
    end
    if shared.pending ~= 0 then drain() end
  end
  queue.context = false
  if immediate_refs == 0 then toggle_immediates() end
  return true
end
M.Immediate = Immediate

-- The two steps with which the public functions take a callback: fn itself with a mark when it wants `this`, else adapted.
function M.adopt(timer, fn)
  if door.wants_this and door.wants_this(fn) then
    timer._this = true
    if timer._onTimeout then timer._onTimeout = fn else timer._onImmediate = fn end
  end
  return timer
end

function M.active() return refs, immediate_refs end

core.timer.setup(on_timer, on_check)

return M
