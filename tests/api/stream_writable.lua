-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local stream = require "stream"
local lunode = require "lunode"
local Writable, Error, await, sleep = stream.Writable, lunode.Error, lunode.await, lunode.sleep

local function watch(s, names, log)
  log = log or {}
  for name in names:gmatch "%S+" do
    s:on(name, function(x) log[#log + 1] = name .. (x ~= nil and ":" .. tostring(type(x) == "table" and (x.code or x.message) or x) or "") end)
  end
  return log
end
local function texts(log) return table.concat(log, "|") end

test("chunks reach write as Buffers, in order, one at a time; finish ends", function(t)
  local log, inside = {}, 0
  local w = Writable { write = function(_, chunk, encoding, cb)
    inside = inside + 1
    t:equal(inside, 1)
    log[#log + 1] = tostring(chunk) .. ":" .. encoding
    t:equal(Buffer.isBuffer(chunk), true)
    setImmediate(function()
      inside = inside - 1
      cb()
    end)
  end }
  watch(w, "finish close", log)
  w:write "a"
  w:write(Buffer.from "b")
  w:finish("c", t:called(function() log[#log + 1] = "callback" end))
  t:equal(w.writableEnded, true)
  w:on("close", t:called(function()
    t:equal(texts(log), "a:buffer|b:buffer|c:buffer|callback|finish|close")
    t:equal(w.writableFinished, true)
  end))
end)

test("a string's bytes are written as they are; another encoding is decoded", function(t)
  local got = {}
  local w = Writable { write = function(_, chunk, _, cb)
    got[#got + 1] = tostring(chunk)
    cb()
  end }
  w:write "\255\0\195"
  w:write("6869", "hex")
  w:setDefaultEncoding "base64"
  w:write "aGk="
  t:equal(got[1], "\255\0\195")
  t:equal(got[2], "hi")
  t:equal(got[3], "hi")
  t:throws(function() w:write("x", "klingon") end, "ERR_UNKNOWN_ENCODING")
  t:throws(function() w:setDefaultEncoding "klingon" end, "ERR_UNKNOWN_ENCODING")
end)

test("with decodeStrings off strings come with their encoding", function(t)
  local w = Writable { decodeStrings = false, write = function(_, chunk, encoding, cb)
    t:equal(chunk, "é")
    t:equal(encoding, "latin1")
    cb()
  end }
  w:write("é", "latin1")
end)

test("write returns false at the mark, and 'drain' comes when all is out", function(t)
  local pending
  local w = Writable { highWaterMark = 4, write = function(_, _, _, cb) pending = cb end }
  t:equal(w:write "ab", true)
  t:equal(w.writableLength, 2)
  t:equal(w:write "cd", false)
  t:equal(w.writableNeedDrain, true)
  local drained = t:called()
  w:on("drain", drained)
  pending()
  t:equal(w.writableNeedDrain, true)
  pending()
  t:equal(w.writableNeedDrain, false)
end)

test("cork gathers chunks for one writev; nested corks count", function(t)
  local calls = {}
  local w = Writable { writev = function(_, chunks, cb)
    local list = {}
    for i, entry in ipairs(chunks) do list[i] = tostring(entry.chunk) .. entry.encoding end
    calls[#calls + 1] = table.concat(list, ",") .. tostring(chunks.allBuffers)
    cb()
  end }
  w:cork()
  w:cork()
  w:write "a"
  w:write "b"
  w:uncork()
  t:equal(#calls, 0)
  t:equal(w.writableCorked, 1)
  w:uncork()
  t:equal(#calls, 1)
  t:equal(calls[1], "abuffer,bbuffertrue")
  w:write "c"
  t:equal(calls[2], "cbuffernil")
end)

test("finish uncorks", function(t)
  local w = Writable { write = t:called(function(_, _, _, cb) cb() end) }
  w:cork()
  w:write "a"
  w:on("finish", t:called())
  w:finish()
end)

test("callbacks of writes come in order, after a tick when written at once", function(t)
  local log = {}
  local w = Writable { write = function(_, _, _, cb) cb() end }
  w:write("a", function() log[#log + 1] = "a" end)
  w:write("b", "utf8", function() log[#log + 1] = "b" end)
  log[#log + 1] = "sync"
  await(sleep(1))
  t:equal(texts(log), "sync|a|b")
end)

test("an error of write reaches its callback, those that wait, and 'error'", function(t)
  local log = {}
  local w = Writable { write = function(_, _, _, cb) setImmediate(cb, Error "full") end }
  watch(w, "error close finish", log)
  w:write("a", function(e) log[#log + 1] = "a-" .. e.message end)
  w:write("b", function(e) log[#log + 1] = "b-" .. e.message end)
  w:finish(function(e) log[#log + 1] = "end-" .. e.message end)
  w:on("close", t:called(function()
    t:equal(texts(log), "a-full|b-full|end-full|error:full|close")
    t:equal(w.writableAborted, true)
  end))
end)

test("write after the end and after destroy are errors, and go to the callback too", function(t)
  local w = Writable { write = function(_, _, _, cb) cb() end }
  w:finish()
  w:on("error", t:called(function(e) t:equal(e.code, "ERR_STREAM_WRITE_AFTER_END") end))
  t:equal(w:write("x", t:called(function(e) t:equal(e.code, "ERR_STREAM_WRITE_AFTER_END") end)), false)
  local d = Writable { write = t:never() }
  d:destroy()
  d:on("error", t:never())
  d:write("x", t:called(function(e) t:equal(e.code, "ERR_STREAM_DESTROYED") end))
end)

test("nil and values of a wrong type raise", function(t)
  local w = Writable { write = function(_, _, _, cb) cb() end }
  t:throws(function() w:write(nil) end, "ERR_STREAM_NULL_VALUES")
  t:throws(function() w:write(lunode.null) end, "ERR_STREAM_NULL_VALUES")
  t:throws(function() w:write(5) end, "ERR_INVALID_ARG_TYPE")
  local o = Writable { objectMode = true, write = t:called(function(_, chunk, _, cb)
    t:equal(chunk, 5)
    cb()
  end) }
  o:write(5)
end)

test("the callback of write must be called once", function(t)
  local w = Writable { write = function(_, _, _, cb)
    cb()
    cb()
  end }
  w:on("error", t:called(function(e) t:equal(e.code, "ERR_MULTIPLE_CALLBACK") end))
  w:write "a"
end)

test("final holds 'finish' back, and its error replaces it", function(t)
  local log = {}
  local w = Writable { write = function(_, _, _, cb) cb() end, final = function(_, cb)
    log[#log + 1] = "final"
    setImmediate(cb)
  end }
  watch(w, "prefinish finish", log)
  w:finish "x"
  local bad = Writable { final = function(_, cb) cb(Error "no") end }
  bad:on("finish", t:never())
  bad:on("error", t:called(function(e) t:equal(e.message, "no") end))
  bad:finish(t:called(function(e) t:equal(e.message, "no") end))
  await(sleep(5))
  t:equal(texts(log), "final|prefinish|finish")
end)

test("finish called again reports ERR_STREAM_ALREADY_FINISHED to its callback", function(t)
  local w = Writable { write = function(_, _, _, cb) cb() end }
  w:finish()
  await(sleep(1))
  w:finish(t:called(function(e) t:equal(e.code, "ERR_STREAM_ALREADY_FINISHED") end))
end)

test("destroy fails what waits with ERR_STREAM_DESTROYED", function(t)
  local w = Writable { write = function(_, _, _, cb) setImmediate(cb) end }
  w:write("a", t:called(function(e) t:equal(e, nil) end))
  w:write("b", t:called(function(e) t:equal(e.code, "ERR_STREAM_DESTROYED") end))
  w:finish(t:called(function(e) t:equal(e.code, "ERR_STREAM_DESTROYED") end))
  w:on("close", t:called())
  w:on("error", t:never())
  w:destroy()
end)

test("chunks written before construct is done wait for it", function(t)
  local log = {}
  local w = Writable { construct = function(_, cb) setImmediate(function()
    log[#log + 1] = "ready"
    cb()
  end) end, write = function(_, chunk, _, cb)
    log[#log + 1] = tostring(chunk)
    cb()
  end }
  w:write "a"
  w:finish "b"
  w:on("finish", t:called(function() t:equal(texts(log), "ready|a|b") end))
end)

test("destroy during construct waits for it", function(t)
  local log = {}
  local w = Writable { construct = function(_, cb) setImmediate(cb) end, destroy = function(_, err, cb)
    log[#log + 1] = "destroy " .. err.message
    cb(err)
  end }
  watch(w, "error close", log)
  w:destroy(Error "early")
  w:on("close", t:called(function() t:equal(texts(log), "destroy early|error:early|close") end))
end)

test("pipe of a Writable is an error; a Writable needs a write method", function(t)
  local w = Writable { write = function() end }
  w:on("error", t:called(function(e) t:equal(e.code, "ERR_STREAM_CANNOT_PIPE") end))
  w:pipe(w)
  t:throws(function() Writable():write "x" end, "ERR_METHOD_NOT_IMPLEMENTED")
end)

test("thousands of waiting chunks are written in order without a writev", function(t)
  local n, pending = 0, nil
  local w = Writable { objectMode = true, write = function(_, chunk, _, cb)
    n = n + 1
    t:equal(chunk, n)
    if n == 1 then pending = cb elseif n % 700 == 0 then setImmediate(cb) else cb() end
  end }
  for i = 1, 3000 do w:write(i) end
  w:finish(t:called(function() t:equal(n, 3000) end))
  pending()
end)

test("an override of finish is reached by 'end', and one of 'end' by finish, once", function(t)
  local log = {}
  local Sub = Writable:extend "Sub"
  function Sub:_write(_, _, cb) cb() end
  function Sub:finish(...)
    log[#log + 1] = "lua"
    return Writable.prototype.finish(self, ...)
  end
  Sub()["end"](Sub(), "x")
  Sub():finish()
  t:equal(texts(log), "lua|lua")
  log = {}
  local patched = Writable { write = function(_, _, _, cb) cb() end }
  patched["end"] = function(self, ...)
    log[#log + 1] = "patched"
    return Writable.prototype["end"](self, ...)
  end
  patched:on("finish", t:called())
  t:equal(patched:finish "x", patched)
  t:equal(texts(log), "patched")
  local both = Sub()
  both["end"] = function(self, ...)
    log[#log + 1] = "end"
    return Writable.prototype["end"](self, ...)
  end
  log = {}
  both:on("finish", t:called())
  both:finish()
  t:equal(texts(log), "lua|end")
end)

test("every duplex is a Writable for is()", function(t)
  t:equal(Writable:is(stream.PassThrough()), true)
  t:equal(Writable:is(Writable()), true)
  t:equal(Writable:is(stream.Readable()), false)
  t:equal(Writable:is {}, false)
end)

test("a signal destroys the stream with an AbortError", function(t)
  local controller = AbortController()
  local w = Writable { signal = controller.signal, write = function() end }
  w:on("error", t:called(function(e)
    t:equal(e.name, "AbortError")
    t:equal(e.cause, "why")
  end))
  controller:abort "why"
  local late = Writable { signal = AbortSignal.abort(), write = function() end }
  late:on("error", t:called(function(e) t:equal(e.code, "ABORT_ERR") end))
  t:throws(function() stream.addAbortSignal(5, late) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() stream.addAbortSignal(controller.signal, {}) end, "ERR_INVALID_ARG_TYPE")
end)

test("a write callback that raises is the program's error, the stream stays whole", function(t)
  local w = Writable { write = function() error(Error "in write", 0) end }
  t:throws(function() w:write "x" end, { message = "in write" })
  t:equal(w.destroyed, false)
end)
