-- SPDX-License-Identifier: MIT
-- What the terminal is like once the program has ended, however it ended.
local test = require "../support/test"
local command = require "../support/command"
local terminal = require "../support/terminal"
local sanitized = os.getenv "LUNODE_ASAN" ~= nil

local RAW = "process.stdin:setRawMode(true) process.stdin:resume() process.stdout:write('ready\\n') "

local function ends(name, options, code, act)
  test("raw mode is over after " .. name, options, function(t)
    local term = terminal.open()
    term:lua(RAW .. code)
    await(term:expect "ready")
    if act then
      t:equal(term:raw(), true)
      act(term)
    end
    local status = await(term:exit())
    t:equal(term:raw(), false)
    if options.status then t:equal(status, options.status) end
    term:close()
  end)
end

ends("process.exit", { status = 3 }, "process.exit(3)")
ends("os.exit", { status = 4 }, "os.exit(4)")
ends("an uncaught error", { status = 1 }, "error 'no'")
ends("an uncaught error in a callback", { status = 1 }, "setTimeout(function() error 'no' end, 1)")
ends("an unhandled rejection", { status = 1 }, "Promise.reject(Error 'no')")
ends("the end of the program", { status = 0 }, "process.stdin:pause()")
ends("process.abort", { status = not sanitized and 134 or nil }, "process.abort()")
for name, number in pairs { SIGTERM = 15, SIGINT = 2, SIGHUP = 1, SIGQUIT = 3, SIGUSR1 = 10, SIGSEGV = 11, SIGBUS = 7, SIGFPE = 8 } do
  local fault = number == 11 or number == 7 or number == 8
  ends(name, { status = not (sanitized and fault) and 128 + number or nil }, "process.stdout:write(process.pid .. ';') setInterval(function() end, 1000)", function(term)
    local pid = await(term:expect ";"):match "(%d+);"
    process.kill(tonumber(pid), name)
  end)
end

test("a listener of a signal keeps its program; the terminal is restored by the default action that comes back with its removal", function(t)
  local term = terminal.open()
  term:lua(RAW .. [[
    process:once("SIGTERM", function() process.stdout:write "caught\n" end)
    process.stdout:write(process.pid .. ";") setInterval(function() end, 1000)]])
  local pid = tonumber(await(term:expect ";"):match "(%d+);")
  process.kill(pid, "SIGTERM")
  await(term:expect "caught")
  t:equal(term:raw(), true)
  process.kill(pid, "SIGTERM")
  t:equal(await(term:exit()), 143)
  t:equal(term:raw(), false)
  term:close()
end)

test("the terminal is restored by a signal that comes while its last listener still runs", function(t)
  local term = terminal.open()
  term:lua(RAW .. [[
    process:once("SIGTERM", function() process.kill(process.pid, "SIGTERM") end)
    process.stdout:write(process.pid .. ";") setInterval(function() end, 1000)]])
  process.kill(tonumber(await(term:expect ";"):match "(%d+);"), "SIGTERM")
  t:equal(await(term:exit()), 143)
  t:equal(term:raw(), false)
  term:close()
end)

test("setRawMode(false) is enough, and an interrupt is a signal again", function(t)
  local term = terminal.open()
  term:lua(RAW .. "process.stdin:setRawMode(false) process.stdout:write 'cooked\\n' process:on('SIGINT', function() process.exit(9) end)")
  await(term:expect "cooked")
  t:equal(term:raw(), false)
  await(require("lunode").sleep(20))
  term:type "\3"
  t:equal(await(term:exit()), 9)
  term:close()
end)

-- O_NONBLOCK belongs to the open file, which the shell shares.
test("a pipe that was standard input is blocking again", function(t)
  local script = command.script "process.stdin:on('data', function() end) process.stdin:on('end', function() end)"
  local exits = command.script "process.stdin:on('data', function() process.exit() end)"
  local shell = command.script(("(echo a; sleep 0.1) | (%s %s; grep flags /proc/self/fdinfo/0)\n(echo a; sleep 0.1) | (%s %s; grep flags /proc/self/fdinfo/0)"):format(
    command.quote(process.execPath), script, command.quote(process.execPath), exits))
  local r = command.run(shell, { command = "sh" })
  local n = 0
  for flags in r.out:gmatch "flags:%s*(%d+)" do
    n = n + 1
    t:equal(bit.band(tonumber(flags, 8), 2048), 0, r.out)
  end
  t:equal(n, 2, r.out .. r.err)
end)

test("'resize' comes without a listener of SIGWINCH", function(t)
  local term = terminal.open { columns = 80, rows = 24 }
  term:lua [[
    local out = process.stdout
    out:on("resize", function()
      out:write(("now %dx%d\n"):format(out.columns, out.rows))
      if out.columns == 51 then process.exit() end
    end)
    out:write(("%dx%d\n"):format(out.columns, out.rows))
    setInterval(function() end, 1000)]]
  await(term:expect "80x24")
  term:resize(100, 30)
  await(term:expect "now 100x30")
  term:resize(51, 7)
  await(term:expect "now 51x7")
  t:equal(await(term:exit()), 0)
  term:close()
end)
