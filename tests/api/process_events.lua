-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local command = require "../support/command"
local lua, run = command.lua, command.run

test("beforeExit comes when nothing is left, again after new work, then exit with the code", function(t)
  local r = lua [[
    local n = 0
    process:on("beforeExit", function(code) n = n + 1 print("before", code, n) if n < 3 then setTimeout(function() print "work" end, 1) end end)
    process:on("exit", function(code) print("exit", code) setTimeout(print, 0, "never") process.nextTick(print, "never") end)]]
  t:equal(r.out, "before\t0\t1\nwork\nbefore\t0\t2\nwork\nbefore\t0\t3\nexit\t0\n")
  t:equal(r.code, 0)
end)

test("process.exit leaves at once from anywhere; exit is emitted once; beforeExit is not", function(t)
  for _, how in ipairs { "%s", "setTimeout(function() %s end, 1)", "process.nextTick(function() %s end)", "setImmediate(function() %s end)",
    "queueMicrotask(function() %s end)", "async(function() await(Promise.resolve()) %s end)", "coroutine.wrap(function() %s end)()" } do
    local r = lua("process:on('beforeExit', function() print 'never' end) process:on('exit', function(c) print('exit', c) process.exit(9) end) setTimeout(print, 50, 'never') " .. how:format "process.exit(3) print 'never'")
    t:equal(r.out, "exit\t3\n", how)
    t:equal(r.code, 9, how)
  end
end)

test("exitCode", function(t)
  t:equal(lua("process.exitCode = 4").code, 4)
  t:equal(lua("process.exitCode = 4 process.exit()").code, 4)
  t:equal(lua("process.exitCode = 4 process.exit(0)").code, 0)
  t:equal(lua("process.exitCode = '5'").code, 5)
  t:equal(lua("process.exit('6')").code, 6)
  t:equal(lua("process.exitCode = 4 process.exitCode = nil").code, 0)
  t:equal(lua("process:on('exit', function() process.exitCode = 8 end)").code, 8)
  t:equal(lua("process.exit(256 + 3)").code, 3)
  t:equal(process.exitCode, nil)
  t:throws(function() process.exitCode = "x" end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() process.exitCode = {} end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() process.exitCode = 1.5 end, "ERR_OUT_OF_RANGE")
  t:throws(function() process.exit "x" end, "ERR_INVALID_ARG_TYPE")
end)

test("output written before process.exit arrives", function(t)
  local r = lua "io.write 'a' process.stdout:write(('x'):rep(200000)) console.log 'b' process.exit(0)"
  t:equal(#r.out, 200003)
end)

test("abort ends with SIGABRT", function(t)
  local r = lua "process.abort()"
  t:ok(r.signal % 128 == 6 or r.code == 134)
end)

test("a warning is printed in Node's words and emitted", function(t)
  local r = lua [[
    process:on("warning", function(w) print(w.name, w.message, w.code, w.detail) end)
    process.emitWarning("first")
    process.emitWarning("second", "Custom", "C1")
    process.emitWarning("third", { type = "Other", code = "C2", detail = "more" })
    process.emitWarning(Error "fourth")
    print "sync"]]
  t:equal(r.out, "sync\nWarning\tfirst\tnil\tnil\nCustom\tsecond\tC1\tnil\nOther\tthird\tC2\tmore\nError\tfourth\tnil\tnil\n")
  t:match(r.err, "^%(lunode:%d+%) Warning: first\n%(Use `lunode %-%-trace%-warnings %.%.%.` to show where the warning was created%)\n"
    .. "%(lunode:%d+%) %[C1%] Custom: second\n%(lunode:%d+%) %[C2%] Other: third\nmore\n%(lunode:%d+%) Error: fourth\n$")
end)

test("--no-warnings, --trace-warnings and the deprecation options", function(t)
  local path = command.script "process.emitWarning 'w' process.emitWarning('d', 'DeprecationWarning', 'DEP1')"
  t:equal(run("--no-warnings " .. path).err, "")
  t:equal(run(path, { env = "NODE_NO_WARNINGS=1" }).err, "")
  t:match(run("--trace-warnings " .. path).err, "Warning: w\n    at main ")
  t:match(run("--no-deprecation " .. path).err, "^[^\n]*Warning: w\n[^\n]*\n$")
  local r = run("--throw-deprecation " .. path)
  t:equal(r.code, 1)
  t:match(r.err, "DeprecationWarning: d")
  t:match(run(path).err, "%[DEP1%] DeprecationWarning: d\n")
end)

test("emitWarning checks its arguments", function(t)
  t:throws(function() process.emitWarning() end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() process.emitWarning(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() process.emitWarning("x", 5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() process.emitWarning("x", "T", 5) end, "ERR_INVALID_ARG_TYPE")
end)

test("util.deprecate warns once for a code", function(t)
  local r = lua [[
    local util = require "util"
    local f, g = util.deprecate(function(a) return a + 1 end, "f is old", "DEP9"), util.deprecate(function() end, "g is old", "DEP9")
    print(f(1), f(2)) g()]]
  t:equal(r.out, "2\t3\n")
  t:match(r.err, "%[DEP9%] DeprecationWarning: f is old\n")
  t:no(r.err:find "g is old")
end)
