-- SPDX-License-Identifier: MIT
--
-- timers: setTimeout, setInterval, setImmediate and what clears them (Node 20 docs: Timers).
--
-- Delays are milliseconds; what is not a number from 1 to 2^31 - 1 counts as 1. Arguments behind the delay are
-- passed to the callback. Each runs in the async context it was made in; nextTick and microtasks run between any two.
local custom = require "lunode.internal.promisify_custom"
local internal = require "lunode.internal.timers"
local validators = require "lunode.internal.validators"
local errors = require "lunode.internal.errors"

local callback, door = validators.callback, validators.door
local timeout, immediate, clear, clear_immediate = internal.timeout, internal.immediate, internal.clear, internal.clearImmediate
local select, type = select, type

local M = {}

-- -> Timeout
function M.setTimeout(fn, ms, ...)
  local cb = callback(fn, "callback")
  local n = select("#", ...)
  local timer
  if n == 0 then timer = timeout(cb, ms, 0)
  elseif n == 1 then timer = timeout(cb, ms, 1, (...))
  else timer = timeout(cb, ms, n, { ... }) end
  if door.adapt then internal.adopt(timer, fn) end
  return timer
end

-- -> Timeout
function M.setInterval(fn, ms, ...)
  local timer = M.setTimeout(fn, ms, ...)
  timer._repeat = timer._idleTimeout
  return timer
end

-- -> Immediate
function M.setImmediate(fn, ...)
  local n, first = select("#", ...), ...
  local cb = callback(fn, "callback")
  local im
  if n == 0 then im = immediate(cb, 0)
  elseif n == 1 then im = immediate(cb, 1, first)
  else im = immediate(cb, n, { ... }) end
  if door.adapt then internal.adopt(im, fn) end
  return im
end

-- Takes a Timeout, its number, or that as text; anything else is ignored.
function M.clearTimeout(timer)
  local t = type(timer)
  if t == "table" and timer ~= errors.null then
    if timer._onTimeout then clear(timer) end
  elseif t == "number" or t == "string" then
    local found = internal.byId(tonumber(timer))
    if found then clear(found) end
  end
end
M.clearInterval = M.clearTimeout

function M.clearImmediate(im)
  if type(im) == "table" and im ~= errors.null and im._onImmediate then clear_immediate(im) end
end

-- timers.promises is loaded when first asked for, and so are the promise forms of the two functions.
custom[M.setTimeout] = function(...) return require("lunode.timers.promises").setTimeout(...) end
custom[M.setImmediate] = function(...) return require("lunode.timers.promises").setImmediate(...) end

-- ---- signatures, for the reference (docs/api/README.md)
-- clearImmediate(immediate: timers.Immediate)
-- clearInterval(timer: timers.Timeout|number|string)

return require "lunode.internal.lazy"(M, { promises = function() return require "lunode.timers.promises" end })
