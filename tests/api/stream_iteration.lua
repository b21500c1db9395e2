-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local stream = require "stream"
local consumers = require "stream/consumers"
local lunode = require "lunode"
local Readable, Writable = stream.Readable, stream.Writable
local Error, await, sleep, Promise = lunode.Error, lunode.await, lunode.sleep, lunode.Promise

local function texts(list)
  local out = {}
  for i = 1, #list do out[i] = tostring(list[i]) end
  return table.concat(out, "|")
end
local function numbers(n)
  local i = 0
  return Readable.from(function()
    i = i + 1
    if i <= n then return i end
  end)
end

test("a for loop over a stream waits for chunks and ends with it", function(t)
  local r = Readable { read = function() end }
  setTimeout(function()
    r:push "a"
    setTimeout(function()
      r:push "b"
      r:push(nil)
    end, 1)
  end, 1)
  local got = {}
  for chunk in r:iter() do got[#got + 1] = tostring(chunk) end
  t:equal(texts(got), "a|b")
  t:equal(r.destroyed, true)
end)

test("a loop holds the source back: what nobody takes is not read", function(t)
  local made = 0
  local r = Readable { objectMode = true, highWaterMark = 2, read = function(self)
    made = made + 1
    self:push(made <= 50 and made or nil)
  end }
  local n = 0
  for chunk in r:iter() do
    n = n + 1
    t:equal(chunk, n)
    t:ok(made - n <= 3, "ahead by " .. (made - n))
    if n % 10 == 0 then await(sleep(1)) end
  end
  t:equal(n, 50)
end)

test("the stream's error is raised in the loop", function(t)
  local r = Readable { read = function() end }
  setImmediate(function() r:destroy(Error "boom") end)
  t:throws(function() for _ in r:iter() do end end, { message = "boom" })
  local early = Readable { read = function() end }
  setImmediate(function() early:destroy() end)
  t:throws(function() for _ in early:iter() do end end, "ERR_STREAM_PREMATURE_CLOSE")
end)

test("a loop that was left keeps the stream open until the iterator is collected", function(t)
  local function leave(options)
    local r = numbers(10)
    for x in r:iterator(options) do
      if x == 2 then break end
    end
    return r
  end
  local kept, dropped = leave { destroyOnReturn = false }, leave()
  t:equal(dropped.destroyed, false)
  for _ = 1, 3 do collectgarbage() end
  await(sleep(3))
  t:equal(kept.destroyed, false)
  t:equal(dropped.destroyed, true)
end)

test("iterator:next gives promises of value and done, in order; return ends it", function(t)
  local r = numbers(5)
  local it = r:iterator()
  local a, b = it:next(), it:next()
  t:equal(await(b).value, 2)
  t:equal(await(a).value, 1)
  t:equal(await(it["return"](it, "x")).value, "x")
  t:equal(r.destroyed, true)
  t:equal(await(it:next()).done, true)
  local short = numbers(1):iterator()
  await(short:next())
  t:equal(await(short:next()).done, true)
end)

test("Readable.from takes lists, strings, Buffers, iterators, streams, objects with next", function(t)
  t:equal(texts(await(Readable.from({ 1, 2, 3 }):toArray())), "1|2|3")
  t:equal(texts(await(Readable.from({}):toArray())), "")
  t:equal(texts(await(Readable.from("abc"):toArray())), "abc")
  t:equal(texts(await(Readable.from(Buffer.from "abc"):toArray())), "abc")
  t:equal(texts(await(Readable.from(("a b"):gmatch "%a"):toArray())), "a|b")
  t:equal(texts(await(Readable.from(numbers(3)):toArray())), "1|2|3")
  local i = 0
  t:equal(texts(await(Readable.from({ next = function()
    i = i + 1
    return Promise.resolve { value = i, done = i > 2 }
  end }):toArray())), "1|2")
  t:throws(function() Readable.from(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() Readable.from(nil) end, "ERR_INVALID_ARG_TYPE")
end)

test("Readable.from awaits promises, lets iterators await, and passes errors on", function(t)
  t:equal(texts(await(Readable.from({ Promise.resolve(1), 2 }):toArray())), "1|2")
  local n = 0
  t:equal(texts(await(Readable.from(function()
    await(sleep(1))
    n = n + 1
    return n < 3 and n or nil
  end):toArray())), "1|2")
  t:rejects(Readable.from({ 1, Promise.reject(Error "rejected") }):toArray(), { message = "rejected" })
  t:rejects(Readable.from(function() error(Error "raised", 0) end):toArray(), { message = "raised" })
end)

test("an iterator with return is told when the stream is destroyed", function(t)
  local i, closed = 0, false
  local source = { next = function()
    i = i + 1
    return { value = i, done = false }
  end }
  source["return"] = function()
    closed = true
    return { done = true }
  end
  local r = Readable.from(source)
  r:on("data", function(x) if x == 2 then r:destroy() end end)
  r:on("close", t:called(function() t:equal(closed, true) end))
end)

test("map, filter, flatMap, drop, take, asIndexedPairs", function(t)
  t:equal(texts(await(numbers(3):map(function(x) return x * 2 end):toArray())), "2|4|6")
  t:equal(texts(await(numbers(4):filter(function(x) return x % 2 == 0 end):toArray())), "2|4")
  t:equal(texts(await(numbers(2):flatMap(function(x) return { x, x * 10 } end):toArray())), "1|10|2|20")
  t:equal(texts(await(numbers(4):drop(2):toArray())), "3|4")
  t:equal(texts(await(numbers(4):take(2):toArray())), "1|2")
  t:equal(texts(await(numbers(4):take(0):toArray())), "")
  local pairs_of = await(numbers(2):asIndexedPairs():toArray())
  t:equal(pairs_of[1][1] .. pairs_of[1][2] .. pairs_of[2][1] .. pairs_of[2][2], "0112")
end)

test("some, every, find, forEach, reduce", function(t)
  t:equal(await(numbers(5):some(function(x) return x > 4 end)), true)
  t:equal(await(numbers(5):every(function(x) return x < 5 end)), false)
  t:equal(await(numbers(5):every(function(x) return x < 6 end)), true)
  t:equal(await(numbers(5):find(function(x) return x > 2 end)), 3)
  t:equal(await(numbers(5):find(function() return false end)), nil)
  local seen = {}
  t:equal(await(numbers(3):forEach(function(x) seen[#seen + 1] = x end)), nil)
  t:equal(texts(seen), "1|2|3")
  t:equal(await(numbers(4):reduce(function(a, b) return a + b end)), 10)
  t:equal(await(numbers(4):reduce(function(a, b) return a + b end, 5)), 15)
  t:rejects(numbers(0):reduce(function() end), { code = "ERR_MISSING_ARGS", message = "Reduce of an empty stream requires an initial value" })
end)

test("operators keep the order with several calls at a time, and never run more", function(t)
  local running, most = 0, 0
  local got = await(numbers(8):map(function(x)
    running = running + 1
    most = math.max(most, running)
    await(sleep((9 - x) % 4))
    running = running - 1
    return x
  end, { concurrency = 3 }):toArray())
  t:equal(texts(got), "1|2|3|4|5|6|7|8")
  t:equal(most, 3)
end)

test("an early end destroys the source, and so does an error in the function", function(t)
  local source = numbers(100)
  await(source:take(3):toArray())
  await(sleep(1))
  t:equal(source.destroyed, true)
  local failing = numbers(100)
  t:rejects(failing:map(function(x) if x == 2 then error(Error "bad", 0) end return x end):toArray(), { message = "bad" })
  await(sleep(1))
  t:equal(failing.destroyed, true)
  local found = numbers(100)
  await(found:find(function(x) return x == 2 end))
  await(sleep(1))
  t:equal(found.destroyed, true)
end)

test("operators check their arguments and heed a signal", function(t)
  t:throws(function() numbers(1):map(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() numbers(1):map(function() end, { concurrency = 0 }) end, "ERR_OUT_OF_RANGE")
  t:throws(function() numbers(1):map(function() end, { concurrency = "x" }) end, "ERR_OUT_OF_RANGE")
  t:throws(function() numbers(1):take(-1) end, "ERR_OUT_OF_RANGE")
  t:rejects(numbers(1):forEach(5), "ERR_INVALID_ARG_TYPE")
  local controller = AbortController()
  local p = numbers(100):map(function(x, options)
    t:equal(options.signal, controller.signal)
    await(sleep(1))
    return x
  end, { signal = controller.signal }):toArray()
  controller:abort()
  t:rejects(p, "ABORT_ERR")
  t:rejects(numbers(3):toArray { signal = AbortSignal.abort() }, "ABORT_ERR")
  t:rejects(numbers(3):reduce(function(a) return a end, 0, { signal = AbortSignal.abort() }), "ABORT_ERR")
end)

test("consumers read the whole of a stream", function(t)
  local euro = Buffer.from "€"
  t:equal(await(consumers.text(Readable.from { "a", euro:subarray(0, 1), euro:subarray(1) })), "a€")
  t:equal(await(consumers.json(Readable.from { '{"a":', "1}" })).a, 1)
  local b = await(consumers.buffer(Readable.from { "\255", Buffer.from "x" }))
  t:equal(tostring(b), "\255x")
  t:rejects(consumers.json(Readable.from { "{" }))
  t:equal(#await(consumers.arrayBuffer(Readable.from { "ab" })), 2)
end)

test("a written stream can be read through a for loop after a pipe", function(t)
  local p = stream.PassThrough()
  Readable.from({ "x", "y" }):pipe(p)
  local got = {}
  for chunk in p:iter() do got[#got + 1] = tostring(chunk) end
  t:equal(table.concat(got), "xy")
  t:ok(Writable:is(p))
end)
