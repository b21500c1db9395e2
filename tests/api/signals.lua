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

test("every signal may be listened to but SIGKILL and SIGSTOP", function(t)
  local n = 0
  for name, number in pairs(require("os").constants.signals) do
    local function listener() end
    if name == "SIGKILL" or name == "SIGSTOP" then
      t:equal(t:throws(function() process:on(name, listener) end, "EINVAL").message, "uv_signal_start EINVAL")
    else
      process:on(name, listener)
      process:removeListener(name, listener)
      n = n + 1
    end
    t:ok(number >= 1 and number <= 64)
  end
  t:ok(n >= 29)
end)

test("signals to itself come with name and number", function(t)
  local numbers = require("os").constants.signals
  for _, name in ipairs { "SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGTERM", "SIGCHLD", "SIGCONT", "SIGTSTP", "SIGTTIN",
    "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS", "SIGPIPE", "SIGTRAP", "SIGABRT" } do
    local done
    local timer = setTimeout(t:never(name), 5000)
    local came = Promise(function(resolve) done = resolve end)
    process:once(name, t:called(function(given, number)
      t:equal(given, name)
      t:equal(number, numbers[name])
      done()
    end))
    t:equal(process.kill(process.pid, name), true)
    await(came)
    clearTimeout(timer)
  end
end)

test("kill: what it takes and what it refuses", function(t)
  t:equal(process.kill(process.pid, 0), true)
  t:equal(process.kill(tostring(process.pid), 0), true)
  t:throws(function() process.kill("x", 0) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() process.kill(1.5, 0) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() process.kill(process.pid, "SIGNO") end, "ERR_UNKNOWN_SIGNAL")
  t:throws(function() process.kill(process.pid, "sigterm") end, "ERR_UNKNOWN_SIGNAL")
  t:throws(function() process.kill(process.pid, 1.5) end, "ERR_UNKNOWN_SIGNAL")
  t:equal(t:throws(function() process.kill(process.pid, 999) end, "EINVAL").syscall, "kill")
  t:equal(t:throws(function() process.kill(2147483000, 0) end, "ESRCH").syscall, "kill")
end)

test("a burst: different signals all come, the same one at least once", function(t)
  local counts = { SIGUSR1 = 0, SIGUSR2 = 0, SIGHUP = 0 }
  local listeners = {}
  for name in pairs(counts) do
    listeners[name] = function() counts[name] = counts[name] + 1 end
    process:on(name, listeners[name])
  end
  for _ = 1, 200 do
    for name in pairs(counts) do process.kill(process.pid, name) end
  end
  await(require("lunode").sleep(30))
  for name, n in pairs(counts) do
    t:ok(n >= 1 and n <= 200, name .. ": " .. n)
    process:removeListener(name, listeners[name])
  end
end)

test("a burst sent one by one is counted to the last", function(t)
  local r = lua([[
    local n = 0
    process:on("SIGUSR1", function() n = n + 1 process.stdout:write(n .. "\n") if n == 100 then process.exit() end end)
    local function again() process.kill(process.pid, "SIGUSR1") end
    process:on("SIGUSR1", function() setImmediate(again) end)
    again()
    setTimeout(function() end, 5000)]])
  t:equal(select(2, r.out:gsub("\n", "")), 100)
end)

test("without listeners the default actions: some end the process, some do nothing", function(t)
  local function status(name) return lua("process.kill(process.pid, '" .. name .. "') setTimeout(print, 30, 'alive')") end
  for name, number in pairs { SIGHUP = 1, SIGINT = 2, SIGQUIT = 3, SIGUSR1 = 10, SIGUSR2 = 12, SIGALRM = 14, SIGTERM = 15, SIGKILL = 9 } do
    local r = status(name)
    t:ok(r.code == 128 + number or r.signal % 128 == number, name .. ": " .. r.code .. "/" .. r.signal)
    t:equal(r.out, "")
  end
  for _, name in ipairs { "SIGWINCH", "SIGCHLD", "SIGURG", "SIGCONT", "SIGPIPE" } do t:equal(status(name).out, "alive\n", name) end
end)

test("SIGPIPE is ignored again once its last listener has gone", function(t)
  local r = lua [[
    local function f() end
    process:on("SIGPIPE", f) process:off("SIGPIPE", f)
    setTimeout(function() process.kill(process.pid, "SIGPIPE") print "alive" end, 20)]]
  t:equal(r.out, "alive\n")
end)

test("a listener may be added and removed again and again", function(t)
  local before = #require("fs").readdirSync "/proc/self/fd"
  for _ = 1, 500 do
    local function f() end
    process:on("SIGUSR2", f)
    process:off("SIGUSR2", f)
  end
  process:once("SIGUSR2", t:called())
  process.kill(process.pid, "SIGUSR2")
  await(require("lunode").sleep(10))
  t:equal(#require("fs").readdirSync "/proc/self/fd", before)
end)
