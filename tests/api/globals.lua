-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local command = require "../support/command"

test("Node's globals and Lunode's are there, and are the modules' own", function(t)
  t:equal(process, require "process")
  t:equal(console, require "console")
  t:equal(Buffer, require("buffer").Buffer)
  for _, n in ipairs { "setTimeout", "setInterval", "setImmediate", "clearTimeout", "clearInterval", "clearImmediate" } do
    t:equal(_G[n], require("timers")[n], n)
  end
  t:equal(URL, require("url").URL)
  t:equal(URLSearchParams, require("url").URLSearchParams)
  t:equal(TextEncoder, require("util").TextEncoder)
  for _, n in ipairs { "AbortController", "AbortSignal", "Event", "EventTarget", "Promise", "Error", "TypeError", "RangeError", "SyntaxError",
    "ReferenceError", "URIError", "AggregateError", "DOMException", "TextDecoder" } do t:ok(_G[n], n) end
  t:equal(type(async), "function")
  t:equal(type(await), "function")
end)

test("an unknown global is nil, and assigning one works", function(t)
  t:equal(no_such_global, nil)
  t:equal(JSON, nil)
  local r = command.lua "x = 5 print(x, rawget(_G, 'x')) setTimeout = 'mine' print(setTimeout) Buffer = nil print(type(Buffer))"
  t:equal(r.out, "5\t5\nmine\ntable\n")
end)

test("queueMicrotask runs after the ticks, without arguments", function(t)
  local order = {}
  queueMicrotask(t:called(function(...) order[#order + 1] = "micro" .. select("#", ...) end))
  process.nextTick(t:called(function() order[#order + 1] = "tick" end))
  setImmediate(t:called(function() t:deep(order, { "tick", "micro0" }) end))
  t:throws(function() queueMicrotask(5) end, "ERR_INVALID_ARG_TYPE")
end)

test("structuredClone copies deeply", function(t)
  local value = { list = { 1, 2 }, bytes = Buffer.from "x" }
  value.self = value
  local copy = structuredClone(value)
  t:ok(copy ~= value and copy.self == copy and copy.list ~= value.list)
  t:deep(copy.list, { 1, 2 })
  t:equal(tostring(copy.bytes), "x")
  t:throws(function() structuredClone() end, { code = "ERR_MISSING_ARGS", message = "The value argument must be specified" })
  t:throws(function() structuredClone(print) end, { name = "DataCloneError", code = 25 })
  t:throws(function() structuredClone({}, { transfer = { 1 } }) end, { code = "ERR_INVALID_TRANSFER_OBJECT", message = "Found invalid object in transferList" })
  t:throws(function() structuredClone({}, { transfer = 5 }) end, { code = "ERR_INVALID_ARG_TYPE", message = "Optional transferList argument must be an iterable" })
  t:throws(function() structuredClone({}, 5) end, { code = "ERR_INVALID_ARG_TYPE", message = "The options argument must be either an object or undefined" })
  t:equal(structuredClone(5, { transfer = {} }), 5)
  t:throws(function() structuredClone(Promise.resolve()) end, { name = "DataCloneError", message = "#<Promise> could not be cloned." })
  local err = structuredClone(TypeError("x", { cause = 1 }))
  t:ok(TypeError:is(err))
  t:equal(err.message, "x")
  t:equal(err.cause, 1)
end)

test("a strict.lua that looks at unknown globals sees none of Lunode's own habits", function(t)
  local r = command.lua "local mt = getmetatable(_G) local before = mt.__index mt.__index = function(g, n) local v = before(g, n) if v == nil then error('undeclared ' .. n, 2) end return v end print(type(console.log), pcall(function() return nothing end))"
  t:match(r.out, "^function\tfalse\t[^\n]*undeclared nothing\n$")
end)

test("os.getenv follows process.env, os.exit emits 'exit'", function(t)
  local r = command.lua "process.env.MINE = 'x' process.env.N = 5 print(os.getenv 'MINE', os.getenv 'N', os.getenv 'NOT_THERE') process:on('exit', function(c) print('exit', c) end) os.exit(3)"
  t:equal(r.out, "x\t5\tnil\nexit\t3\n")
  t:equal(r.code, 3)
  t:equal(command.lua("os.exit(true)").code, 0)
  t:equal(command.lua("os.exit(false)").code, 1)
end)
