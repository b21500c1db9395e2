-- SPDX-License-Identifier: MIT
-- Errors that nobody catches: what is printed, what is emitted, how the process ends.
local test = require "../support/test"
local command = require "../support/command"
local lua, run = command.lua, command.run

test("a raised Error is shown with place, line, caret, stack and version; exit code 1", function(t)
  local dir = command.dir()
  command.write(dir .. "/a.lua", "local function f()\n    error(TypeError('boom'))\nend\nf()\nprint 'not reached'\n")
  local r = run("a.lua", { cwd = dir })
  t:equal(r.code, 1)
  t:equal(r.out, "")
  t:match(r.err, "^a%.lua:2\n    error%(TypeError%('boom'%)%)\n    %^\n\nTypeError: boom\n    at f %(a%.lua:2%)\n    at main %(a%.lua:4%)\n")
  t:match(r.err, "\n\nLunode v%d+%.%d+%.%d+\n$")
end)

test("a Lua runtime error and plain text keep their place and stack", function(t)
  local dir = command.dir()
  command.write(dir .. "/a.lua", "local function f(x)\n  local y = x.z.q\n  return y\nend\nlocal n = f({})\nprint(n)\n")
  local r = run("a.lua", { cwd = dir })
  t:match(r.err, "^a%.lua:2\n  local y = x%.z%.q\n  %^\n\nUncaught a%.lua:2: attempt to index field 'z' %(a nil value%)\n    at f %(a%.lua:2%)\n    at main %(a%.lua:5%)")
end)

test("any value may be raised", function(t)
  t:match(lua("error({ a = 1 })").err, "Uncaught { a: 1 }\n")
  t:match(lua("error(nil)").err, "Uncaught nil\n")
  t:match(lua("error(42)").err, "Uncaught [^\n]*42\n")
  t:match(lua("error(false)").err, "Uncaught false\n")
  t:match(lua("error(setmetatable({}, { __tostring = function() error 'again' end }))").err, "Uncaught {}\n")
  t:equal(lua("error(nil)").code, 1)
end)

test("extra fields of an Error are shown", function(t)
  local r = lua "local e = Error('x') e.code = 'E_X' e.info = { 1 } error(e)"
  t:match(r.err, "{\n  code: 'E_X',\n  info: %[ 1 %]\n}\n")
end)

local kinds = {
  timer = "setTimeout(function() error(Error 'boom') end, 1)",
  interval = "setInterval(function() error(Error 'boom') end, 1)",
  immediate = "setImmediate(function() error(Error 'boom') end)",
  nextTick = "process.nextTick(function() error(Error 'boom') end)",
  microtask = "queueMicrotask(function() error(Error 'boom') end)",
  promise = "Promise.resolve():next(function() error(Error 'boom') end)",
  async = "async(function() await(Promise.resolve()) error(Error 'boom') end)",
  main_after_await = "await(Promise.resolve()) error(Error 'boom')",
  file = "require('fs').stat('/', function() error(Error 'boom') end)",
  signal = "process:on('SIGUSR2', function() error(Error 'boom') end) process.kill(process.pid, 'SIGUSR2') setTimeout(function() end, 1000)",
  emitter = "local e = require('events')() e:on('x', function() error(Error 'boom') end) setTimeout(function() e:emit('x') end, 1)",
  beforeExit = "process:on('beforeExit', function() error(Error 'boom') end)",
  exit = "process:on('exit', function() error(Error 'boom') end)",
  exit_call = "process:on('exit', function() error(Error 'boom') end) setTimeout(function() process.exit(0) end, 1)",
}
for name, text in pairs(kinds) do
  test("an error ends the process from: " .. name, function(t)
    local r = lua(text)
    t:equal(r.code, 1)
    t:match(r.err, "Error: boom\n")
    t:match(r.err, "script%.lua:1\n")
  end)
  if not name:find "exit" then
    test("uncaughtException keeps the process alive: " .. name, function(t)
      local r = lua("process:on('uncaughtException', function(e, origin) print(e.message, origin) clearInterval(I) process:removeAllListeners('beforeExit') end) "
        .. text:gsub("setInterval", "I = setInterval"))
      t:match(r.out, "^boom\tu[nc]%a+\n")
      t:equal(r.err, "")
      t:equal(r.code, 0)
    end)
  end
end

test("the monitor sees the error first, and does not save the process", function(t)
  local r = lua "process:on('uncaughtExceptionMonitor', function(e, o) print('monitor', e.message, o) end) process:on('exit', function(c) print('exit', c, process.exitCode) end) error(Error 'x')"
  t:equal(r.out, "monitor\tx\tuncaughtException\nexit\t1\t1\n")
  t:equal(r.code, 1)
end)

test("a handler that fails gives exit code 7 and no 'exit'", function(t)
  local r = lua "process:on('exit', function() print 'exit' end) process:on('uncaughtException', function() error(Error 'again') end) error(Error 'x')"
  t:equal(r.code, 7)
  t:match(r.err, "Error: again")
  t:equal(r.out, "")
end)

test("a capture callback takes the place of the event", function(t)
  local r = lua [[
    print(process.hasUncaughtExceptionCaptureCallback())
    process.setUncaughtExceptionCaptureCallback(function(e) print('captured', e.message) end)
    print(process.hasUncaughtExceptionCaptureCallback(), pcall(process.setUncaughtExceptionCaptureCallback, print))
    process:on('uncaughtException', function() print 'never' end)
    setTimeout(function() process.setUncaughtExceptionCaptureCallback(nil) end, 5)
    error(Error 'x')]]
  t:match(r.out, "^false\ntrue\tfalse\t[^\n]*ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET[^\n]*\ncaptured\tx\n$")
  t:equal(r.code, 0)
end)

test("an exit handler may change the code of an uncaught error", function(t)
  t:equal(lua("process:on('exit', function() process.exitCode = 5 end) error('x')").code, 5)
end)

test("an unhandled rejection ends the process", function(t)
  local r = lua "Promise.reject(Error 'lost')"
  t:equal(r.code, 1)
  t:match(r.err, "Error: lost")
  r = lua "Promise.reject('text')"
  t:equal(r.code, 1)
  t:match(r.err, "rejected with the reason \"text\"")
  t:match(r.err, "ERR_UNHANDLED_REJECTION")
end)

test("unhandledRejection and rejectionHandled", function(t)
  local r = lua [[
    local p = Promise.reject(Error 'lost')
    process:on('unhandledRejection', function(reason, q) print(reason.message, p == q) end)
    process:on('rejectionHandled', function(q) print('handled', p == q) end)
    setTimeout(function() p:catch(function() print 'caught' end) end, 5)]]
  t:equal(r.out, "lost\ttrue\ncaught\nhandled\ttrue\n")
  t:equal(r.code, 0)
end)

test("an unhandled rejection without its event is an exception with that origin", function(t)
  local r = lua "process:on('uncaughtException', function(e, o) print(e.message, o) end) Promise.reject(Error 'lost')"
  t:equal(r.out, "lost\tunhandledRejection\n")
end)

test("--unhandled-rejections: none, warn, strict, warn-with-error-codes", function(t)
  local path = command.script "Promise.reject(Error 'lost') setTimeout(function() print 'alive' end, 5)"
  local r = run("--unhandled-rejections=none " .. path)
  t:equal(r.out .. r.err .. r.code, "alive\n0")
  r = run("--unhandled-rejections=warn " .. path)
  t:equal(r.out .. r.code, "alive\n0")
  t:match(r.err, "UnhandledPromiseRejectionWarning: Error: lost")
  r = run("--unhandled-rejections=strict " .. path)
  t:equal(r.out .. r.code, "1")
  r = run("--unhandled-rejections=warn-with-error-codes " .. path)
  t:equal(r.out .. r.code, "alive\n1")
end)

test("an error in the library's own frames shows the user's first", function(t)
  local r = lua "local function mine() require('fs').readFileSync('/no/such') end\nmine()\nprint 'x'"
  t:match(r.err, "ENOENT: no such file or directory, open '/no/such'\n    at [^\n]*script%.lua:1%)\n    at main %([^\n]*script%.lua:2%)")
end)

test("an error that crosses an await shows both sides", function(t)
  local r = lua "local function fails() await(Promise.resolve()) error(Error 'deep') end\nlocal function outer()\n  await(async(fails))\n  return 1\nend\nouter()\nprint 'x'"
  t:match(r.err, "Error: deep\n    at [%w_]+ [^\n]*:1%)")
  t:match(r.err, "at async outer [^\n]*:3%)")
end)
