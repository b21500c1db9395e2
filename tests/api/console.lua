-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local command = require "../support/command"
local lua = command.lua
local Writable = require("stream").Writable

local function sink()
  local chunks = {}
  local stream = Writable { decodeStrings = false, write = function(_, chunk, _, cb) chunks[#chunks + 1] = tostring(chunk) cb() end }
  return stream, function()
    local text = table.concat(chunks)
    for i = #chunks, 1, -1 do chunks[i] = nil end
    return text
  end
end

test("log, info, debug go to standard output; error, warn, trace to standard error", function(t)
  local r = lua "console.log 'log' console.info 'info' console.debug 'debug' console.error 'error' console.warn 'warn' console.trace('tr %d', 1)"
  t:equal(r.out, "log\ninfo\ndebug\n")
  t:match(r.err, "^error\nwarn\nTrace: tr 1\n    at main ")
end)

test("what is no text is inspected, formats are applied, nil is kept", function(t)
  local r = lua "console.log('%s is %d', 'a', 5, { b = 1 }, 'c') console.log(nil) console.log('a', nil, nil) console.log() console.log({ 1 }, 'x') console.log('100%', 1)"
  t:equal(r.out, "a is 5 { b: 1 } c\nnil\na nil nil\n\n[ 1 ] x\n100% 1\n")
end)

test("a colon does no harm, and a method may be detached", function(t)
  t:equal(lua "console:log('x', 1) local log = console.log log 'y'".out, "x 1\ny\n")
end)

test("group indents, also several lines; count; assert; dir", function(t)
  local out, read = sink()
  local c = console.Console(out)
  c.group "G"
  c.log "a\nb"
  c.group()
  c.log { x = 1 }
  c.groupEnd() c.groupEnd() c.groupEnd()
  c.log "end"
  t:equal(read(), "G\n  a\n  b\n    { x: 1 }\nend\n")
  c.count() c.count() c.count "k" c.countReset() c.count()
  t:equal(read(), "default: 1\ndefault: 2\nk: 1\ndefault: 1\n")
  c.assert(true, "no") c.assert(false, "say %s", "it") c.assert(false) c.assert(nil, { 1 })
  t:equal(read(), "Assertion failed: say it\nAssertion failed\nAssertion failed: [ 1 ]\n")
  c.dir({ a = { b = { c = {} } } }, { depth = 0 })
  t:equal(read(), "{ a: [Object] }\n")
end)

test("a Console of its own: two streams, groupIndentation, inspectOptions, colorMode", function(t)
  local out, read = sink()
  local err, read_err = sink()
  local c = console.Console { stdout = out, stderr = err, groupIndentation = 4, inspectOptions = { depth = 0 } }
  c:group "x"
  c:log { a = { 1 } }
  c:error "e"
  t:equal(read(), "x\n    { a: [Array] }\n")
  t:equal(read_err(), "    e\n")
  local colored = console.Console { stdout = out, colorMode = true }
  colored.log(5)
  t:equal(read(), "\27[33m5\27[39m\n")
  t:throws(function() console.Console {} end, "ERR_CONSOLE_WRITABLE_STREAM")
  t:throws(function() console.Console { stdout = out, colorMode = 5 } end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() console.Console { stdout = out, groupIndentation = -1 } end, "ERR_OUT_OF_RANGE")
  t:ok(console.Console:is(console))
end)

test("errors of the stream are swallowed unless ignoreErrors is false", function(t)
  local broken = { write = function() error "broken" end }
  console.Console(broken).log "x"
  t:throws(function() console.Console { stdout = broken, ignoreErrors = false }.log "x" end, "broken")
end)

test("errors that come after the write are swallowed, too", function(t)
  local failing = Writable { write = function(_, _, _, cb) setTimeout(cb, 1, Error "later") end }
  local c = console.Console(failing)
  c.log "x"
  c.log "y"
  await(require("timers").promises.setTimeout(10))
  t:ok(failing.destroyed)
  t:equal(failing:listenerCount "error", 0)
end)

test("a subclass's own log is used, and bound", function(t)
  local out, read = sink()
  local Mine = console.Console:extend "Mine"
  function Mine:log(...) return console.Console.prototype.log(self, "mine", ...) end
  local c = Mine(out)
  c.log "x"
  c:info "y"
  local log = c.log
  log "z"
  t:equal(read(), "mine x\ny\nmine z\n")
  t:ok(Mine:is(c))
end)

test("clear and colours ask the stream", function(t)
  local out, read = sink()
  local c = console.Console(out)
  c.clear()
  c.log { 1 }
  t:equal(read(), "[ 1 ]\n")
  out.isTTY = true
  c.clear()
  c.log { 1 }
  t:equal(read(), "\27[1;1H\27[0J[ \27[33m1\27[39m ]\n")
  out.getColorDepth = function() return 1 end
  c.log { 1 }
  t:equal(read(), "[ 1 ]\n")
end)

test("table, as Node draws it", function(t)
  local out, read = sink()
  local c = console.Console(out)
  c.table { { a = 1, b = "x" }, { a = 2, c = { 1 } } }
  t:equal(read(), [[
┌─────────┬───┬─────┬───────┐
│ (index) │ a │ b   │ c     │
├─────────┼───┼─────┼───────┤
│ 1       │ 1 │ 'x' │       │
│ 2       │ 2 │     │ [ 1 ] │
└─────────┴───┴─────┴───────┘
]])
  c.table({ { a = 1, b = 2 } }, { "b" })
  t:equal(read(), "┌─────────┬───┐\n│ (index) │ b │\n├─────────┼───┤\n│ 1       │ 2 │\n└─────────┴───┘\n")
  c.table { x = 5, y = { z = true } }
  t:equal(read(), [[
┌─────────┬──────┬────────┐
│ (index) │ z    │ Values │
├─────────┼──────┼────────┤
│ x       │      │ 5      │
│ y       │ true │        │
└─────────┴──────┴────────┘
]])
  c.table "text"
  t:equal(read(), "text\n")
  t:throws(function() c.table({}, 5) end, "ERR_INVALID_ARG_TYPE")
end)

test("time, timeLog, timeEnd", function(t)
  local out, read = sink()
  local c = console.Console(out)
  c.time "t" c.timeLog("t", { 1 }) c.timeEnd "t"
  t:match(read(), "^t: [%d.]+ms %[ 1 %]\nt: [%d.]+ms\n$")
  local r = lua "console.timeEnd 'none' console.time() console.time() console.countReset 'c'"
  t:match(r.err, "Warning: No such label 'none' for console%.timeEnd%(%)")
  t:match(r.err, "Warning: Label 'default' already exists for console%.time%(%)")
  t:match(r.err, "Warning: Count for 'c' does not exist")
end)

test("a replaced process.stdout.write sees what console writes", function(t)
  t:equal(lua "local seen = {} local w = process.stdout.write process.stdout.write = function(self, s) seen[#seen + 1] = s return true end console.log 'x' process.stdout.write = w console.log(#seen, seen[1])".out, "1 x\n\n")
end)
