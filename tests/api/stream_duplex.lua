-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local stream = require "stream"
local lunode = require "lunode"
local Readable, Writable, Duplex, Transform, PassThrough = stream.Readable, stream.Writable, stream.Duplex, stream.Transform, stream.PassThrough
local Error, await, sleep, Promise = lunode.Error, lunode.await, lunode.sleep, lunode.Promise

local function watch(s, names, log)
  log = log or {}
  for name in names:gmatch "%S+" do
    s:on(name, function(x) log[#log + 1] = name .. (x ~= nil and ":" .. tostring(type(x) == "table" and (x.code or x.message) or x) or "") end)
  end
  return log
end
local function texts(list)
  local out = {}
  for i = 1, #list do out[i] = tostring(list[i]) end
  return table.concat(out, "|")
end

test("the sides of a duplex are their own; it closes when both are over", function(t)
  local d = Duplex { read = function() end, write = function(_, _, _, cb) cb() end }
  local log = watch(d, "data end finish close")
  d:push "r"
  d:push(nil)
  await(sleep(2))
  t:equal(texts(log), "data:r|end")
  t:equal(d.writable, true)
  t:equal(d.destroyed, false)
  d:finish "w"
  await(sleep(2))
  t:equal(texts(log), "data:r|end|finish|close")
end)

test("allowHalfOpen false ends the writable side with the readable one", function(t)
  local d = Duplex { allowHalfOpen = false, read = function(self) self:push(nil) end, write = function(_, _, _, cb) cb() end }
  d:on("finish", t:called())
  d:on("close", t:called())
  d:resume()
end)

test("each side has its own mark and mode, and can be absent", function(t)
  local d = Duplex { readableHighWaterMark = 1, writableHighWaterMark = 2, readableObjectMode = true, read = function() end }
  t:equal(d.readableHighWaterMark, 1)
  t:equal(d.writableHighWaterMark, 2)
  t:equal(d.readableObjectMode, true)
  t:equal(d.writableObjectMode, false)
  local r = Duplex { writable = false, read = function(self) self:push(nil) end }
  t:equal(r.writable, false)
  r:on("close", t:called())
  r:resume()
  local w = Duplex { readable = false, write = function(_, _, _, cb) cb() end }
  t:equal(w.readable, false)
  w:on("close", t:called())
  w:finish "x"
  t:throws(function() Duplex { readableHighWaterMark = "x" } end, { code = "ERR_INVALID_ARG_VALUE", message = "The property 'options.readableHighWaterMark' is invalid. Received 'x'" })
end)

test("construct of a duplex runs once for both sides", function(t)
  local d = Duplex { construct = t:called(function(_, cb) cb() end), read = function(self) self:push(nil) end, write = function(_, _, _, cb) cb() end }
  d:on("close", t:called())
  d:resume()
  d:finish "x"
end)

test("a transform maps chunks, pushes many or none, and flushes", function(t)
  local rest = ""
  local lines = Transform { readableObjectMode = true, transform = function(self, chunk, _, cb)
    rest = rest .. tostring(chunk)
    for line, after in rest:gmatch "([^\n]*)\n()" do
      self:push(line)
      self.tail = after
    end
    rest = rest:match "([^\n]*)$"
    cb()
  end, flush = function(_, cb) cb(nil, rest) end }
  local log = watch(lines, "data end")
  lines:write "a\nb"
  lines:write "c\nd"
  lines:finish()
  await(sleep(3))
  t:equal(texts(log), "data:a|data:bc|data:d|end")
end)

test("a transform waits while its readable side is full", function(t)
  local seen = 0
  local tr = Transform { highWaterMark = 1, transform = function(_, chunk, _, cb)
    seen = seen + 1
    cb(nil, chunk)
  end }
  for _ = 1, 5 do tr:write "x" end
  await(sleep(2))
  t:equal(seen, 1)
  t:equal(tostring(tr:read()), "xx") -- its _read lets one more through at once
  await(sleep(2))
  t:ok(seen > 1)
end)

test("errors of transform and flush destroy it; without a transform method there is ERR_METHOD_NOT_IMPLEMENTED", function(t)
  local bad = Transform { transform = function(_, _, _, cb) cb(Error "t") end }
  bad:on("error", t:called(function(e) t:equal(e.message, "t") end))
  bad:write "x"
  local f = Transform { transform = function(_, _, _, cb) cb() end, flush = function(_, cb) cb(Error "f") end }
  f:on("error", t:called(function(e) t:equal(e.message, "f") end))
  f:finish()
  t:throws(function() Transform():write "x" end, "ERR_METHOD_NOT_IMPLEMENTED")
end)

test("a final of the user's own does not keep the readable side open", function(t)
  local log = {}
  local tr = Transform { transform = function(_, chunk, _, cb) cb(nil, chunk) end, final = function(_, cb)
    log[#log + 1] = "final"
    cb()
  end, flush = function(_, cb)
    log[#log + 1] = "flush"
    cb()
  end }
  watch(tr, "end", log)
  tr:resume()
  tr:finish "x"
  await(sleep(3))
  t:equal(texts(log), "final|flush|end")
end)

test("a readable mark of 0 leaves the writable side its own", function(t)
  local tr = Transform { readableHighWaterMark = 0 }
  t:equal(tr.readableHighWaterMark, 0)
  t:equal(tr.writableHighWaterMark, 0)
  t:equal(Transform { readableHighWaterMark = 0, writableHighWaterMark = 7 }.writableHighWaterMark, 7)
end)

test("a subclass implements _transform and _flush", function(t)
  local Upper = Transform:extend "Upper"
  function Upper:_transform(chunk, _, cb) cb(nil, tostring(chunk):upper()) end
  function Upper:_flush(cb)
    self:push "!"
    cb()
  end
  local u = Upper()
  local log = watch(u, "data")
  u:finish "ab"
  await(sleep(2))
  t:equal(texts(log), "data:AB|data:!")
end)

test("duplexPair: what one side writes the other reads, with back-pressure and ends", function(t)
  local pair = stream.duplexPair()
  local a, b = pair[1], pair[2]
  b:setEncoding "utf8"
  local log = watch(b, "data end")
  a:write("x", t:called())
  a:finish "y"
  a:on("finish", t:called())
  await(sleep(3))
  t:equal(texts(log), "data:x|data:y|end")
  a:resume()
  b:finish()
  await(sleep(2))
  t:equal(a.destroyed, true)
end)

test("Duplex.from: a pair, a function, a promise, a list, a stream", function(t)
  local wrote = {}
  local d = Duplex.from { readable = Readable.from { "r" }, writable = Writable { write = function(_, chunk, _, cb)
    wrote[#wrote + 1] = tostring(chunk)
    cb()
  end } }
  d:finish "w"
  t:equal(texts(await(d:toArray())), "r")
  t:equal(texts(wrote), "w")
  local twice = Duplex.from(function(source, push)
    for chunk in source:iter() do push(tostring(chunk):rep(2)) end
  end)
  twice:write "1"
  twice:finish "2"
  t:equal(texts(await(twice:toArray())), "11|22")
  t:equal(texts(await(Duplex.from(Promise.resolve "p"):toArray())), "p")
  t:equal(texts(await(Duplex.from({ "l" }):toArray())), "l")
  local p = PassThrough()
  t:equal(Duplex.from(p), p)
  t:rejects(Duplex.from(Promise.reject(Error "no")):toArray(), { message = "no" })
  t:throws(function() Duplex.from(5) end, "ERR_INVALID_ARG_TYPE")
end)

test("compose: streams and functions as one duplex; errors go through", function(t)
  local c = stream.compose(
    Transform { transform = function(_, chunk, _, cb) cb(nil, tostring(chunk):upper()) end },
    function(source, push)
      for chunk in source:iter() do push(tostring(chunk) .. "!") end
    end)
  c:finish "ab"
  t:equal(texts(await(c:toArray())), "AB!")
  local bad = stream.compose(PassThrough(), Transform { transform = function(_, _, _, cb) cb(Error "mid") end })
  bad:on("error", t:called(function(e) t:equal(e.message, "mid") end))
  bad:write "x"
  t:throws(function() stream.compose() end, "ERR_MISSING_ARGS")
  t:throws(function() stream.compose(Writable(), PassThrough()) end, "ERR_INVALID_ARG_VALUE")
  t:equal(texts(await(Readable.from({ 1, 2 }):compose(function(source, push)
    for x in source:iter() do push(x + 1) end
  end):toArray())), "2|3")
end)

test("the class is the module, and its statics are the classes", function(t)
  t:equal(stream.Stream, stream)
  t:equal(stream.promises, require "stream/promises")
  t:ok(stream:is(Readable()))
  t:ok(Readable:is(Duplex()))
  t:ok(Duplex:is(PassThrough()))
  t:ok(require("events"):is(Writable()))
end)

test("old streams: Stream's own pipe takes 'data' to write", function(t)
  local source, got = stream(), {}
  source.readable = true
  source:pipe(Writable { write = function(_, chunk, _, cb)
    got[#got + 1] = tostring(chunk)
    cb()
  end }):on("finish", t:called(function() t:equal(texts(got), "a|b") end))
  source:emit("data", "a")
  source:emit("data", "b")
  source:emit "end"
end)
