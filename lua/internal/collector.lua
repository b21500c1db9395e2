-- SPDX-License-Identifier: MIT
--
-- The collector's pause, for the command: a small heap may grow to four times its live size before the next cycle begins
-- (it costs a server of some MB one or two more, and saves it a twentieth of its CPU time), a large one only to twice.
-- A userdata that is garbage at once is finalized in every cycle, and makes the next.
-- JavaScript's world alone is some MB: with it small is more.
local M = { small = 8192 } -- KiB

local collectgarbage, newproxy, getmetatable = collectgarbage, newproxy, getmetatable

local function watch()
  getmetatable(newproxy(true)).__gc = function()
    collectgarbage("setpause", collectgarbage "count" < M.small and 400 or 200)
    watch()
  end
end

collectgarbage("setpause", 400)
watch()
return M
