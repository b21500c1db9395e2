-- SPDX-License-Identifier: MIT
--
-- The system's clocks: clock.monotonic(), clock.realtime() -> seconds, nanoseconds.
local ffi = require "ffi"

ffi.cdef [[
typedef struct { long sec, nsec; } lunode_timespec;
int clock_gettime(int clock, lunode_timespec *at);
]]
local at = ffi.new "lunode_timespec"
local C, tonumber = ffi.C, tonumber

local M = {}

function M.realtime()
  C.clock_gettime(0, at)
  return tonumber(at.sec), tonumber(at.nsec)
end

function M.monotonic()
  C.clock_gettime(1, at)
  return tonumber(at.sec), tonumber(at.nsec)
end

return M
