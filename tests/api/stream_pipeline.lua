-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local stream = require "stream"
local promises = require "stream/promises"
local lunode = require "lunode"
local Readable, Writable, PassThrough, Duplex = stream.Readable, stream.Writable, stream.PassThrough, stream.Duplex
local pipeline, finished = stream.pipeline, stream.finished
local Error, await, sleep = lunode.Error, lunode.await, lunode.sleep

local function texts(list)
  local out = {}
  for i = 1, #list do out[i] = tostring(list[i]) end
  return table.concat(out, "|")
end
local function sink(got, options)
  options = options or {}
  options.write = function(_, chunk, _, cb)
    if got then got[#got + 1] = tostring(chunk) end
    cb()
  end
  return Writable(options)
end
local function endless() return Readable { read = function() end } end
local function numbers(n)
  local i = 0
  return Readable.from(function()
    i = i + 1
    if i <= n then return i end
  end)
end

-- ---- pipe

test("pipe carries all, ends the target, and emits 'pipe' and 'unpipe'", function(t)
  local got = {}
  local r, w = Readable.from { "a", "b" }, sink(got, { objectMode = true })
  w:on("pipe", t:called(function(s) t:equal(s, r) end))
  w:on("unpipe", t:called(function(s) t:equal(s, r) end))
  w:on("finish", t:called(function() t:equal(texts(got), "a|b") end))
  t:equal(r:pipe(w), w)
end)

test('pipe with ["end"] = false leaves the target open', function(t)
  local p, w = PassThrough(), sink()
  p:pipe(w, { ["end"] = false })
  p:finish "x"
  await(sleep(2))
  t:equal(w.writableEnded, false)
end)

test("a full target pauses the source until 'drain'", function(t)
  local pushed, taken, most = 0, 0, 0
  local r = Readable { highWaterMark = 2, read = function(self)
    pushed = pushed + 1
    self:push(pushed <= 30 and "x" or nil)
    most = math.max(most, pushed - taken)
  end }
  local w = Writable { highWaterMark = 2, write = function(_, chunk, _, cb)
    taken = taken + #chunk
    setImmediate(cb)
  end }
  r:pipe(w):on("finish", t:called(function()
    t:equal(taken, 30)
    t:ok(most < 8, "most in flight: " .. most)
  end))
end)

test("of several targets the slowest sets the pace, until it is unpiped", function(t)
  local fast_got, slow_cb = {}, nil
  local src = PassThrough()
  local fast = sink(fast_got)
  local slow = Writable { highWaterMark = 1, write = function(_, _, _, cb) slow_cb = cb end }
  src:pipe(fast)
  src:pipe(slow)
  src:write "1"
  await(sleep(1))
  src:write "2"
  await(sleep(1))
  t:equal(#fast_got, 1)
  src:unpipe(slow)
  await(sleep(1))
  t:equal(texts(fast_got), "1|2")
  src:write "3"
  await(sleep(1))
  t:equal(texts(fast_got), "1|2|3")
  t:ok(slow_cb)
end)

test("unpipe without a target takes all off and pauses", function(t)
  local src, a, b = PassThrough(), sink(), sink()
  a:on("unpipe", t:called())
  b:on("unpipe", t:called())
  src:pipe(a)
  src:pipe(b)
  src:unpipe()
  t:equal(src.readableFlowing, false)
end)

test("an error of the target unpipes it and leaves the source alive", function(t)
  local src = PassThrough()
  local bad = Writable { write = function(_, _, _, cb) cb(Error "full") end }
  bad:on("error", t:called(function() setImmediate(t:called(function()
    t:equal(src.destroyed, false)
    t:equal(bad.destroyed, true)
  end)) end))
  src:pipe(bad)
  src:write "x"
end)

-- ---- pipeline

test("pipeline ends with its callback after all streams are over", function(t)
  local got = {}
  local last = sink(got, { objectMode = true })
  t:equal(pipeline(Readable.from { "a", "b" }, PassThrough { objectMode = true }, last, t:called(function(err)
    t:equal(err, nil)
    t:equal(texts(got), "a|b")
  end)), last)
end)

for place = 1, 3 do
  test("an error in stream " .. place .. " of a pipeline destroys all, and comes once", function(t)
    local list = { endless(), PassThrough(), sink() }
    pipeline(list[1], list[2], list[3], t:called(function(err)
      t:equal(err.message, "bad")
      for i = 1, 3 do t:equal(list[i].destroyed, true) end
    end))
    setImmediate(function() list[place]:destroy(Error "bad") end)
  end)
end

test("a stream that closes too early is ERR_STREAM_PREMATURE_CLOSE", function(t)
  local r, w = endless(), sink()
  pipeline(r, w, t:called(function(err) t:equal(err.code, "ERR_STREAM_PREMATURE_CLOSE") end))
  r:destroy()
  local r2, w2 = endless(), sink()
  pipeline(r2, w2, t:called(function(err) t:equal(err.code, "ERR_STREAM_PREMATURE_CLOSE") end))
  setImmediate(function() w2:destroy() end)
end)

test("wrong arguments of pipeline raise", function(t)
  t:throws(function() pipeline(sink(), function() end) end, "ERR_MISSING_ARGS")
  t:throws(function() pipeline(sink(), sink()) end, "ERR_INVALID_ARG_TYPE")
  t:rejects(promises.pipeline(sink()), "ERR_MISSING_ARGS")
end)

test("a list of streams may be given", function(t)
  local got = {}
  pipeline({ Readable.from { "a" }, sink(got, { objectMode = true }) }, t:called(function(err)
    t:equal(err, nil)
    t:equal(texts(got), "a")
  end))
end)

test("functions make, change and take chunks; the last one's result is the value", function(t)
  local got = {}
  local value = await(promises.pipeline(
    function(push, options)
      t:equal(options.signal.aborted, false)
      for _, v in ipairs { "a", "b", "c" } do
        push(v)
        await(sleep(1))
      end
    end,
    function(source, push)
      for chunk in source:iter() do push(tostring(chunk):upper()) end
    end,
    function(source)
      for chunk in source:iter() do got[#got + 1] = chunk end
      return #got
    end))
  t:equal(value, 3)
  t:equal(texts(got), "A|B|C")
end)

test("a function's push waits for a slow target", function(t)
  local made, taken, most = 0, 0, 0
  await(promises.pipeline(function(push)
    for i = 1, 20 do
      made = i
      most = math.max(most, made - taken)
      push(i)
    end
  end, Writable { objectMode = true, highWaterMark = 1, write = function(_, _, _, cb)
    taken = taken + 1
    setImmediate(cb)
  end }))
  t:equal(taken, 20)
  t:ok(most < 7, "most in flight: " .. most)
end)

test("an error raised in a function ends the pipeline, and the stream before it is destroyed", function(t)
  local source = numbers(10)
  t:rejects(promises.pipeline(source, function(s, push)
    for x in s:iter() do
      if x == 3 then error(Error "three", 0) end
      push(x)
    end
  end, sink(nil, { objectMode = true })), { message = "three" })
  t:equal(source.destroyed, true)
end)

test("a function that waits in push is ended when its target fails", function(t)
  local ended
  t:rejects(promises.pipeline(function(push)
    local ok, e = pcall(function()
      while true do push "x" end
    end)
    ended = not ok and e
    error(e, 0)
  end, Writable { write = function(_, _, _, cb) setImmediate(cb, Error "sink") end }), { message = "sink" })
  await(sleep(2))
  t:ok(ended)
end)

test("a list or iterator may be the source", function(t)
  local got = {}
  await(promises.pipeline({ "x", "y" }, sink(got, { objectMode = true })))
  local n = 0
  await(promises.pipeline(function(push) push "z" end, sink(got)))
  await(promises.pipeline(Readable.from(function()
    n = n + 1
    return n < 3 and n or nil
  end), sink(got, { objectMode = true })))
  t:equal(texts(got), "x|y|z|1|2")
end)

test("a signal aborts a pipeline and its functions", function(t)
  local controller = AbortController()
  local seen
  local p = promises.pipeline(endless(), function(source, push, options)
    seen = options.signal
    for chunk in source:iter() do push(chunk) end
  end, sink(), { signal = controller.signal })
  setImmediate(function() controller:abort "stop" end)
  local e = t:rejects(p, "ABORT_ERR")
  t:equal(e.cause, "stop")
  t:equal(seen.aborted, true)
  t:rejects(promises.pipeline(endless(), sink(), { signal = AbortSignal.abort() }), { name = "AbortError" })
end)

test('pipeline with ["end"] = false leaves the last stream open', function(t)
  local got, w = {}, nil
  w = sink(got, { objectMode = true })
  await(promises.pipeline(Readable.from { "a" }, w, { ["end"] = false }))
  t:equal(w.writable, true)
  await(promises.pipeline(Readable.from { "b" }, w))
  t:equal(texts(got), "a|b")
  t:equal(w.writableFinished, true)
end)

-- ---- finished

test("finished waits for both sides, or for one", function(t)
  local p = PassThrough()
  local log = {}
  finished(p, function(e) log[#log + 1] = "both" .. tostring(e) end)
  finished(p, { readable = false }, function(e) log[#log + 1] = "writable" .. tostring(e) end)
  finished(p, { writable = false }, function(e) log[#log + 1] = "readable" .. tostring(e) end)
  p:finish "x"
  await(sleep(2))
  t:equal(texts(log), "writablenil")
  p:resume()
  await(sleep(2))
  t:equal(texts(log), "writablenil|readablenil|bothnil")
  finished(p, t:called(function(e) t:equal(e, nil) end))
end)

test("finished reports errors, premature closes, and those that have happened", function(t)
  local w = Writable { write = function(_, _, _, cb) cb(Error "w") end }
  w:write "x"
  t:rejects(promises.finished(w), { message = "w" })
  t:rejects(promises.finished(w), { message = "w" })
  local r = endless()
  r:destroy()
  t:rejects(promises.finished(r), "ERR_STREAM_PREMATURE_CLOSE")
  await(sleep(1))
  t:rejects(promises.finished(r), "ERR_STREAM_PREMATURE_CLOSE")
end)

test("cleanup takes finished's listeners off", function(t)
  local r = endless()
  local before = r:listenerCount "close" + r:listenerCount "end" + r:listenerCount "error"
  local stop = finished(r, t:never())
  t:ok(r:listenerCount "close" > 0)
  stop()
  t:equal(r:listenerCount "close" + r:listenerCount "end" + r:listenerCount "error", before)
  r:destroy()
  local p = PassThrough()
  p:resume()
  local promise = promises.finished(p, { cleanup = true })
  p:finish()
  await(promise)
  t:equal(p:listenerCount "error", 0)
end)

test("finished takes a signal, and checks its arguments", function(t)
  local controller = AbortController()
  local r = endless()
  finished(r, { signal = controller.signal }, t:called(function(e) t:equal(e.name, "AbortError") end))
  controller:abort()
  t:equal(r.destroyed, false)
  t:throws(function() finished({}, function() end) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() finished(r, {}) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() finished(r, 5, function() end) end, "ERR_INVALID_ARG_TYPE")
end)

test("half-open duplexes are over when both sides are", function(t)
  local d = Duplex { read = function() end, write = function(_, _, _, cb) cb() end }
  local over = false
  finished(d, t:called(function() over = true end))
  d:finish()
  await(sleep(1))
  t:equal(over, false)
  d:push(nil)
  d:resume()
end)
