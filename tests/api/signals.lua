-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local command = require "../support/command"
local lua = command.lua

test("a listener is given name and number", function(t)
  local timer = setTimeout(t:never(), 5000)
  process:once("SIGUSR2", t:called(function(name, number)
    clearTimeout(timer)
    t:equal(name, "SIGUSR2")
    t:equal(number, require("os").constants.signals.SIGUSR2)
  end))
  process.kill(process.pid, "SIGUSR2")
end)

test("signals as numbers", function(t)
  process:once("SIGUSR1", t:called())
  process.kill(process.pid, 10)
end)

test("a listener does not keep the process alive", function(t)
  t:equal(lua("process:on('SIGTERM', print) process:on('SIGINT', print)").code, 0)
end)

test("every listener is called, and none after its removal", function(t)
  local r = lua [[
    local function a() print "a" end
    process:on("SIGUSR2", a) process:on("SIGUSR2", function() print "b" end)
    process:once("SIGUSR2", function() process:off("SIGUSR2", a) process.kill(process.pid, "SIGUSR2") end)
    process.kill(process.pid, "SIGUSR2")
    setTimeout(function() end, 50)]]
  t:equal(r.out, "a\nb\nb\n")
end)

test("with the last listener gone the signal kills again", function(t)
  local r = lua "local f = function() end process:on('SIGTERM', f) process:off('SIGTERM', f) setTimeout(function() process.kill(process.pid) end, 20) setTimeout(print, 2000, 'alive')"
  t:equal(r.out, "")
  t:ok(r.signal % 128 == 15 or r.code == 143, r.code .. "/" .. r.signal)
end)

test("SIGPIPE is ignored; writing to a closed pipe is an error and no death", function(t)
  local path = command.script "local s = ('x'):rep(100000) for i = 1, 20 do io.write(s) end io.stderr:write 'alive'"
  local shell = command.script(process.execPath .. " " .. path .. " | head -c 1 >/dev/null")
  local r = command.run(shell, { command = "sh" })
  t:match(r.err, "alive")
end)

test("a signal that cannot be caught raises", function(t)
  local e = t:throws(function() process:on("SIGKILL", function() end) end, "EINVAL")
  t:equal(e.syscall, "uv_signal_start")
end)

test("a name that is no signal is a plain event", function(t)
  process:once("SIGNOTHING", t:called(function(x) t:equal(x, 5) end))
  t:equal(process:emit("SIGNOTHING", 5), true)
end)
