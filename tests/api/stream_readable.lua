-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local stream = require "stream"
local lunode = require "lunode"
local Readable, Error, await, sleep = stream.Readable, lunode.Error, lunode.await, lunode.sleep

local function idle() return Readable { read = function() end } end
local function texts(list)
  local out = {}
  for i = 1, #list do out[i] = tostring(list[i]) end
  return table.concat(out, "|")
end
-- All that the stream emits of the named events, in order.
local function watch(s, names)
  local log = {}
  for name in names:gmatch "%S+" do
    s:on(name, function(x) log[#log + 1] = name .. (x ~= nil and ":" .. tostring(type(x) == "table" and (x.code or x.message) or x) or "") end)
  end
  return log
end

test("pushed chunks flow to a 'data' listener as Buffers, then 'end' and 'close' come", function(t)
  local r = idle()
  local log = watch(r, "data end close")
  r:push "a"
  r:push(Buffer.from "b")
  r:push(nil)
  await(sleep(2))
  t:equal(texts(log), "data:a|data:b|end|close")
  t:equal(r.readableEnded, true)
  t:equal(r.destroyed, true)
  t:equal(r.readable, false)
end)

test("a string is taken as its bytes, valid UTF-8 or not", function(t)
  local r = idle()
  r:push "\255\0\195"
  t:equal(tostring(r:read()), "\255\0\195")
end)

test("read(n) waits for n bytes, gives what is left at the end, and cuts chunks", function(t)
  local r = idle()
  r:push "abc"
  r:push "def"
  t:equal(tostring(r:read(4)), "abcd")
  t:equal(r.readableLength, 2)
  t:equal(r:read(3), nil)
  r:push(nil)
  t:equal(tostring(r:read(3)), "ef")
  t:equal(r:read(), nil)
end)

test("read(n) beyond the high-water mark raises the mark to the next power of two", function(t)
  local r = Readable { highWaterMark = 4, read = function() end }
  r:read(9)
  t:equal(r.readableHighWaterMark, 16)
  t:throws(function() r:read(2 ^ 31) end, "ERR_OUT_OF_RANGE")
end)

test("push tells when the mark is reached, and _read is called until it is", function(t)
  local calls = 0
  local r = Readable { highWaterMark = 3, read = function(self)
    calls = calls + 1
    if calls <= 10 then self:push "x" end
  end }
  r:on("readable", function() end)
  await(sleep(2))
  t:equal(calls, 3)
  t:equal(r:push "y", false)
  t:equal(r.readableLength, 4)
end)

test("unshift puts a chunk first, also back into a ring that has turned", function(t)
  local r = idle()
  for i = 1, 3 do r:push(tostring(i)) end
  t:equal(tostring(r:read(1)), "1")
  for i = 4, 9 do r:push(tostring(i)) end
  r:unshift "z"
  r:unshift "y"
  t:equal(tostring(r:read()), "yz23456789")
end)

test("a long buffer keeps its order while it is filled and emptied in turns", function(t)
  local r = Readable { objectMode = true, read = function() end }
  local put, got = 0, 0
  for round = 1, 200 do
    for _ = 1, round % 17 do
      put = put + 1
      r:push(put)
    end
    for _ = 1, round % 13 do
      local v = r:read()
      if v then
        got = got + 1
        t:equal(v, got)
      end
    end
  end
  t:equal(r.readableLength, put - got)
end)

test("object mode takes any value but nil, counts objects, and keeps false", function(t)
  local r = Readable { objectMode = true, read = function() end }
  local object = {}
  r:push(object)
  r:push(false)
  r:push ""
  t:equal(r.readableLength, 3)
  t:equal(r:read(), object)
  t:equal(r:read(), false)
  t:equal(r:read(), "")
  t:equal(r.readableHighWaterMark, 16)
end)

test("setEncoding puts split characters together and decodes what is buffered", function(t)
  local r = idle()
  local euro = Buffer.from "€"
  r:push(euro:subarray(0, 1))
  r:setEncoding "utf8"
  local log = watch(r, "data end")
  r:push(euro:subarray(1))
  r:push(nil)
  await(sleep(2))
  t:equal(texts(log), "data:€|end")
  t:equal(r.readableEncoding, "utf8")
  local hex = Readable { encoding = "hex", read = function() end }
  hex:push "az"
  t:equal(hex:read(), "617a")
end)

test("a wrong chunk destroys the stream with ERR_INVALID_ARG_TYPE", function(t)
  local r = idle()
  r:on("error", t:called(function(e) t:equal(e.code, "ERR_INVALID_ARG_TYPE") end))
  r:push(5)
end)

test("push after the end and unshift after 'end' are errors", function(t)
  local r = idle()
  r:on("error", t:called(function(e) t:equal(e.code, "ERR_STREAM_PUSH_AFTER_EOF") end))
  r:push(nil)
  t:equal(r:push "x", false)
  local u = Readable { autoDestroy = false, read = function() end }
  u:on("error", t:called(function(e) t:equal(e.code, "ERR_STREAM_UNSHIFT_AFTER_END_EVENT") end))
  u:on("end", function() u:unshift "x" end)
  u:resume()
  u:push(nil)
end)

test("pause holds the data and resume lets it go; readableFlowing tells", function(t)
  local r = idle()
  t:equal(r.readableFlowing, nil)
  local log = watch(r, "data pause resume")
  t:equal(r.readableFlowing, true)
  r:pause()
  t:equal(r:isPaused(), true)
  r:push "a"
  await(sleep(2))
  t:equal(texts(log), "pause|resume")
  r:resume()
  await(sleep(2))
  t:equal(texts(log), "pause|resume|resume|data:a")
end)

test("'readable' takes precedence over 'data'; without it the flow goes on", function(t)
  local r = idle()
  local log = watch(r, "data")
  local function on_readable() log[#log + 1] = "readable" end
  r:on("readable", on_readable)
  r:push "a"
  await(sleep(2))
  t:equal(texts(log), "readable")
  r:removeListener("readable", on_readable)
  await(sleep(2))
  t:equal(texts(log), "readable|data:a")
end)

test("after destroy in a 'data' listener what is buffered may still come, as in Node, but never 'end'", function(t)
  local r = idle()
  local log = watch(r, "end close error")
  r:on("data", function(c)
    log[#log + 1] = tostring(c)
    r:destroy()
  end)
  r:push "a"
  r:push "b"
  r:push(nil)
  await(sleep(2))
  t:equal(texts(log), "a|b|close")
  t:equal(r.readableAborted, true)
  t:equal(r.readableDidRead, true)
  t:equal(r.readableEnded, false)
end)

test("destroy(err) emits 'error' once, then 'close'; errored and closed tell", function(t)
  local r = idle()
  local log = watch(r, "error close")
  local err = Error "boom"
  r:destroy(err)
  r:destroy(Error "again")
  t:equal(r.errored, err)
  t:equal(texts(log), "")
  await(sleep(2))
  t:equal(texts(log), "error:boom|close")
  t:equal(r.closed, true)
end)

test("an error raised in read, and one passed to destroy's callback, become 'error'", function(t)
  local r = Readable { read = function() error(Error "raised", 0) end }
  r:on("error", t:called(function(e) t:equal(e.message, "raised") end))
  r:resume()
  local d = Readable { read = function() end, destroy = function(_, err, cb) cb(Error("late " .. tostring(err))) end }
  d:on("error", t:called(function(e) t:equal(e.message, "late nil") end))
  d:destroy()
end)

test("construct comes first: nothing is read before its callback, and its error destroys", function(t)
  local ready, log = nil, {}
  local r = Readable { construct = function(_, cb) ready = cb end, read = function(self)
    log[#log + 1] = "read"
    self:push(nil)
  end }
  r:resume()
  await(sleep(2))
  t:equal(texts(log), "")
  ready()
  await(sleep(2))
  t:equal(texts(log), "read")
  local bad = Readable { construct = function(_, cb) cb(Error "no") end, read = t:never() }
  bad:on("error", t:called(function(e) t:equal(e.message, "no") end))
  bad:resume()
end)

test("autoDestroy and emitClose can be turned off", function(t)
  local r = Readable { autoDestroy = false, read = function(self) self:push(nil) end }
  r:on("close", t:never())
  r:on("end", t:called())
  r:resume()
  local e = Readable { emitClose = false, read = function(self) self:push(nil) end }
  e:on("close", t:never())
  e:resume()
  await(sleep(3))
  t:equal(r.destroyed, false)
  t:equal(e.destroyed, true)
end)

test("a subclass implements _read, and initialises by Readable.prototype.initialize", function(t)
  local Counter = Readable:extend "Counter"
  function Counter:initialize(n)
    Readable.prototype.initialize(self, { highWaterMark = 1 })
    self.left = n
  end
  function Counter:_read()
    self:push(self.left > 0 and tostring(self.left) or nil)
    self.left = self.left - 1
  end
  local log = watch(Counter(3), "data end")
  await(sleep(2))
  t:equal(texts(log), "data:3|data:2|data:1|end")
  t:ok(Readable:is(Counter(1)))
end)

test("without _read the stream errs with ERR_METHOD_NOT_IMPLEMENTED", function(t)
  local r = Readable()
  r:on("error", t:called(function(e) t:equal(e.code, "ERR_METHOD_NOT_IMPLEMENTED") end))
  r:read()
end)

test("highWaterMark is checked; 0 means that one read at a time is asked for", function(t)
  t:throws(function() Readable { highWaterMark = -1 } end, { code = "ERR_INVALID_ARG_VALUE", message = "The property 'options.highWaterMark' is invalid. Received -1" })
  local sizes = {}
  local r = Readable { highWaterMark = 0, read = function(self, n)
    sizes[#sizes + 1] = n
    self:push "a"
  end }
  t:equal(tostring(r:read(1)), "a")
  t:equal(sizes[1], 1)
end)

test("setDefaultHighWaterMark changes what new streams get", function(t)
  t:equal(stream.getDefaultHighWaterMark(false), 16384)
  t:equal(stream.getDefaultHighWaterMark(true), 16)
  stream.setDefaultHighWaterMark(false, 99)
  t:equal(idle().readableHighWaterMark, 99)
  stream.setDefaultHighWaterMark(false, 16384)
  t:throws(function() stream.setDefaultHighWaterMark(false, -1) end, "ERR_OUT_OF_RANGE")
end)

test("wrap turns an old stream into a Readable with back-pressure", function(t)
  local EventEmitter = require "events"
  local old, log = EventEmitter(), {}
  old.pause = function() log[#log + 1] = "pause" end
  old.resume = function() log[#log + 1] = "resume" end
  old.extra = function(self, x) return self == old and x end
  local r = Readable { highWaterMark = 2 }:wrap(old)
  old:emit("data", Buffer.from "abc")
  t:equal(texts(log), "pause")
  t:equal(r:extra(7), 7)
  t:equal(tostring(r:read()), "abc")
  r:read()
  t:equal(texts(log), "pause|resume")
  old:emit "end"
  r:on("end", t:called())
  r:resume()
end)

test("questions about streams", function(t)
  local r = idle()
  t:equal(stream.isReadable(r), true)
  t:equal(stream.isErrored(r), false)
  t:equal(stream.isDisturbed(r), false)
  t:equal(Readable.isDisturbed(r), false)
  t:equal(stream.isDestroyed(r), false)
  t:equal(stream.isReadable {}, nil)
  r:push "x"
  r:read()
  t:equal(stream.isDisturbed(r), true)
  r:on("error", function() end)
  r:destroy(Error "e")
  t:equal(stream.isErrored(r), true)
  t:equal(stream.isReadable(r), false)
  t:equal(stream.isDestroyed(r), true)
end)

test("the web forms say that they are absent", function(t)
  t:throws(function() Readable.toWeb(idle()) end, "ERR_METHOD_NOT_IMPLEMENTED")
  t:throws(function() Readable.fromWeb {} end, "ERR_METHOD_NOT_IMPLEMENTED")
end)
