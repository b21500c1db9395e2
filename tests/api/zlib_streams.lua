-- SPDX-License-Identifier: MIT
-- zlib: the stream classes. Flushing, resetting, backpressure, closing while the thread is at work, many at once.
local test = require "../support/test"
local stream = require "stream"
local zlib = require "zlib"
local Buffer = require("buffer").Buffer
local c = zlib.constants

local KINDS = {
  { "Deflate", "Inflate", "deflate", "inflate" }, { "Gzip", "Gunzip", "gzip", "gunzip" }, { "DeflateRaw", "InflateRaw", "deflateRaw", "inflateRaw" },
  { "BrotliCompress", "BrotliDecompress", "brotliCompress", "brotliDecompress" }, { "Gzip", "Unzip", "gzip", "unzip" },
  { "Deflate", "Unzip", "deflate", "unzip" },
}

local function text_of(size)
  local out, seed = {}, 3
  for i = 1, math.ceil(size / 8) do
    seed = (seed * 1103515245 + 12345) % 2147483648
    out[i] = ("%08x"):format(seed % 65536 * (i % 7))
  end
  return table.concat(out):sub(1, size)
end

-- All that comes out of a stream, as text, once it has ended.
local function collect(s, fn)
  local parts = {}
  s:on("data", function(chunk) parts[#parts + 1] = tostring(chunk) end)
  s:on("end", function() fn(table.concat(parts), parts) end)
  return s
end

test("each class is callable and has its create function; instances are Transforms", function(t)
  for name in ("Deflate Inflate Gzip Gunzip DeflateRaw InflateRaw Unzip BrotliCompress BrotliDecompress"):gmatch "%S+" do
    for _, made in ipairs { zlib[name](), zlib[name]:new(), zlib["create" .. name]() } do
      t:ok(zlib[name]:is(made))
      t:ok(stream.Transform:is(made))
      t:equal(made.bytesWritten, 0)
      made:close(t:called())
    end
  end
end)

test("compress and expand through a pipe, whatever the sizes of the chunks", { timeout = 60000 }, function(t)
  local text = text_of(100000)
  for _, kind in ipairs(KINDS) do
    for _, size in ipairs { 997, 16384, 100000 } do
      local packer, unpacker = zlib["create" .. kind[1]] { chunkSize = size }, zlib["create" .. kind[2]]()
      collect(packer:pipe(unpacker), t:called(function(out)
        t:equal(out == text, true, kind[1] .. "/" .. kind[2] .. " in pieces of " .. size)
        t:equal(packer.bytesWritten, #text)
      end))
      for at = 1, #text, size do packer:write(text:sub(at, at + size - 1)) end
      packer:finish()
    end
  end
end)

test("one byte at a time in, the smallest chunks out", function(t)
  local text = text_of(600)
  for _, kind in ipairs(KINDS) do
    local packed = tostring(zlib[kind[3] .. "Sync"](text))
    local s = zlib["create" .. kind[2]] { chunkSize = 64 }
    collect(s, t:called(function(out, parts)
      t:equal(out == text, true, kind[2])
      for i = 1, #parts do t:ok(#parts[i] <= 64) end
    end))
    for i = 1, #packed do s:write(packed:sub(i, i)) end
    s:finish()
  end
end)

test("flush brings out what was written, and counts as no end", function(t)
  for _, kind in ipairs(KINDS) do
    local packer, unpacker = zlib["create" .. kind[1]](), zlib["create" .. kind[2]]()
    local seen = ""
    packer:pipe(unpacker)
    unpacker:on("data", function(chunk) seen = seen .. tostring(chunk) end)
    packer:write "hello "
    packer:flush(t:called(function()
      unpacker:once("data", t:called(function()
        t:equal(seen, "hello ")
        packer:finish "world"
      end))
    end))
    unpacker:on("end", t:called(function() t:equal(seen, "hello world") end))
  end
end)

test("the kinds of flush", function(t)
  local d, sizes, n = zlib.createDeflate(), {}, 0
  d:on("data", function(chunk) n = n + #chunk end)
  local function after(name, fn)
    return t:called(function()
      sizes[name] = n
      fn()
    end)
  end
  d:write "hello hello hello"
  d:flush(c.Z_NO_FLUSH, after("no", function()
    d:flush(c.Z_SYNC_FLUSH, after("sync", function()
      d:flush(c.Z_FULL_FLUSH, after("full", function()
        t:ok(sizes.no <= 2) -- the header
        t:ok(sizes.sync > 10)
        t:ok(sizes.full > sizes.sync)
        t:throws(function() d:flush(99) end, "ERR_INVALID_ARG_TYPE")
        t:throws(function() d:flush "x" end, "ERR_INVALID_ARG_TYPE")
        d:close()
      end))
    end))
  end))
end)

test("flush after the end and after the close", function(t)
  local d = zlib.createDeflate()
  d:resume()
  d:finish "x"
  d:flush(t:called()) -- with 'end'
  d:on("end", t:called(function() d:flush(t:called()) end))
  local closed = zlib.createDeflate()
  closed:close()
  closed:flush(t:called(function(err) t:equal(err.code, "ERR_STREAM_DESTROYED") end))
end)

test("options.flush is for every write", function(t)
  local d, n = zlib.createGzip { flush = c.Z_SYNC_FLUSH }, 0
  d:on("data", function(chunk) n = n + #chunk end)
  d:write("hello", t:called(function()
    t:ok(n > 10)
    d:close()
  end))
end)

test("params changes the level in the middle, in its place among the writes", function(t)
  local text = text_of(60000)
  local d = zlib.createDeflate { level = 9 }
  collect(d, t:called(function(out)
    t:equal(tostring(zlib.inflateSync(out)) == text .. text .. text, true)
    t:ok(#out > 60000 + 2 * #zlib.deflateSync(text, { level = 9 }) - 5000) -- the second part is stored
    t:equal(d._level, 9)
  end))
  d:write(text)
  d:params(0, c.Z_DEFAULT_STRATEGY, t:called(function(err) t:equal(err, nil) t:equal(d._level, 0) end))
  d:write(text)
  d:params(9, c.Z_FILTERED, t:called(function() t:equal(d._strategy, c.Z_FILTERED) end))
  d:finish(text)
  local same = zlib.createGzip()
  same:params(-1, 0, t:called())
  t:throws(function() same:params(10, 0) end, { code = "ERR_OUT_OF_RANGE", message = 'The value of "level" is out of range. It must be >= -1 and <= 9. Received 10' })
  t:throws(function() same:params(1, 5) end, { code = "ERR_OUT_OF_RANGE", message = 'The value of "strategy" is out of range. It must be >= 0 and <= 4. Received 5' })
  t:equal(zlib.createBrotliCompress().params, nil)
  local closed = zlib.createDeflate()
  closed:close()
  closed:params(1, 0, t:called(function(err) t:equal(err.code, "ERR_STREAM_DESTROYED") end))
end)

test("reset begins anew, after the chunk that is at work", function(t)
  for _, kind in ipairs(KINDS) do
    local first = zlib["create" .. kind[1]]()
    local out = {}
    first:on("data", function(chunk) out[#out + 1] = chunk end)
    first:write("to be forgotten", t:called(function()
      first:reset()
      out = {}
      first:write "kept"
      first:finish()
    end))
    first:on("end", t:called(function() t:equal(tostring(zlib[kind[4] .. "Sync"](Buffer.concat(out))), "kept") end))
  end
  local g = zlib.createGunzip()
  local seen = ""
  g:on("data", function(chunk) seen = seen .. tostring(chunk) end)
  local packed = zlib.gzipSync "again "
  g:write(packed:subarray(0, 15))
  g:reset()
  g:write(packed)
  g:reset()
  g:finish(packed)
  g:on("end", t:called(function() t:equal(seen:sub(-12), "again again ") end))
  local closed = zlib.createGzip()
  closed:close()
  t:throws(function() closed:reset() end, "ERR_INTERNAL_ASSERTION")
end)

test("members of gzip in chunks that end anywhere; what follows zlib data ends the stream", { timeout = 60000 }, function(t)
  local all = tostring(Buffer.concat { zlib.gzipSync "hello ", zlib.gzipSync "my ", zlib.gzipSync "world" })
  for _, name in ipairs { "createGunzip", "createUnzip" } do
    for at = 1, #all - 1 do
      local s = zlib[name]()
      collect(s, t:called(function(out) t:equal(out, "hello my world", name .. " cut at " .. at) end))
      s:write(all:sub(1, at))
      s:finish(all:sub(at + 1))
    end
  end
  local s = zlib.createInflate()
  local packed = zlib.deflateSync "hello"
  collect(s, t:called(function(out)
    t:equal(out, "hello")
    t:equal(s.bytesWritten, #packed)
  end))
  s:write(Buffer.concat { packed, Buffer.from "trailing" })
end)

test("wrong data and an early end destroy the stream with the error", function(t)
  local g = zlib.createGunzip()
  g:on("error", t:called(function(err)
    t:equal(err.message, "incorrect header check")
    t:equal(err.code, "Z_DATA_ERROR")
    t:equal(err.errno, -3)
    t:ok(g.destroyed)
    t:ok(g._closed)
  end))
  g:on("close", t:called())
  g:on("data", t:never())
  g:finish "not gzip"
  for _, kind in ipairs(KINDS) do
    local packed = zlib[kind[3] .. "Sync"](text_of(3000))
    local s = zlib["create" .. kind[2]]()
    s:resume()
    s:on("end", t:never())
    s:on("error", t:called(function(err) t:equal(err.code, "Z_BUF_ERROR") end))
    s:finish(packed:subarray(0, #packed - 12))
  end
  local b = zlib.createBrotliDecompress()
  b:on("error", t:called(function(err) t:match(err.code, "^ERR__ERROR_FORMAT_") end))
  b:write "\255\255\255\255\255"
end)

test("only bytes go in: encodings, object modes", function(t)
  local s = zlib.createGzip { encoding = "utf8", objectMode = true }
  t:equal(s.readableEncoding, nil)
  t:equal(s.writableObjectMode, false)
  t:throws(function() s:write(5) end, "ERR_INVALID_ARG_TYPE")
  collect(s, t:called(function(out) t:equal(tostring(zlib.gunzipSync(out)), "hi\233") end))
  s:write("6869", "hex")
  s:finish("\195\169", "latin1")
end)

test("output waits for the reader: a bomb makes no more than the reader takes", function(t)
  local packed = zlib.gzipSync(("\0"):rep(20000000))
  local g = zlib.createGunzip()
  g:finish(packed)
  setTimeout(t:called(function()
    t:ok(g.readableLength >= 16384 and g.readableLength < 200000)
    local total = 0
    g:on("data", function(chunk)
      total = total + #chunk
      if total > 1000000 then g:destroy() end
    end)
    g:on("close", t:called(function() t:ok(total < 1200000) end))
  end), 100)
end)

test("writers are told to wait", function(t)
  local d = zlib.createDeflate { highWaterMark = 1000 }
  t:equal(d:write(("x"):rep(2000)), false)
  d:on("drain", t:called(function() d:finish() end))
  d:resume()
end)

test("closing and destroying while the thread is at work", function(t)
  local text = text_of(300000)
  for _, kind in ipairs(KINDS) do
    for round = 1, 5 do
      local s = zlib["create" .. kind[1]]()
      s:on("data", function() end)
      s:on("error", function(err) t:equal(err.message, "stop") end)
      s:write(text)
      if round == 1 then s:close()
      elseif round == 2 then s:destroy(Error "stop")
      elseif round == 3 then setImmediate(function() s:close() end)
      elseif round == 4 then s:once("data", function() s:close() end)
      else process.nextTick(function() s:destroy() end) end
      if round == 4 then s:finish() end
      s:on("close", t:called(function() t:ok(s._closed) end))
    end
  end
end)

test("close calls back, any number of times; writes then fail", function(t)
  local s = zlib.createGzip()
  s:close(t:called(function()
    s:close(t:called())
    s:write("x", t:called(function(err) t:equal(err.code, "ERR_STREAM_DESTROYED") end))
  end))
end)

test("streams that are let go of are freed, at work or not", { timeout = 30000 }, function(t)
  collectgarbage()
  collectgarbage()
  local before = process.memoryUsage().external
  for i = 1, 200 do
    local s = zlib.createGzip()
    s:write(text_of(1000))
    if i % 20 == 0 then await(require("timers/promises").setImmediate()) end
  end
  await(require("timers/promises").setTimeout(50))
  collectgarbage()
  collectgarbage()
  t:ok(process.memoryUsage().external - before < 5000000, "memory outside of Lua's, " .. process.memoryUsage().external - before)
end)

test("many streams at once", { timeout = 60000 }, function(t)
  local text = text_of(20000)
  for i = 1, 60 do
    local kind = KINDS[i % #KINDS + 1]
    local packer, unpacker = zlib["create" .. kind[1]](), zlib["create" .. kind[2]]()
    collect(unpacker, t:called(function(out) t:equal(out == text .. i, true) end))
    stream.pipeline(packer, unpacker, t:called(function(err) t:equal(err, nil) end))
    packer:write(text)
    packer:finish(tostring(i))
  end
end)

test("an error travels through a pipeline", function(t)
  stream.pipeline(stream.Readable.from { "not ", "gzip" }, zlib.createGunzip(), stream.PassThrough(), t:called(function(err)
    t:equal(err.code, "Z_DATA_ERROR")
  end))
end)

test("for … in iter() reads them", function(t)
  local s = zlib.createGunzip()
  s:finish(zlib.gzipSync(text_of(100000)))
  local n = 0
  for chunk in s:iter() do n = n + #chunk end
  t:equal(n, 100000)
end)

test("_processChunk works at once, and closes the stream", function(t)
  local d = zlib.createDeflate()
  local out = d:_processChunk(Buffer.from "hello", c.Z_FINISH)
  t:equal(tostring(zlib.inflateSync(out)), "hello")
  t:ok(d._closed)
  t:equal(d.bytesWritten, 5)
  t:throws(function() zlib.createInflate { maxOutputLength = 100 }:_processChunk(zlib.deflateSync(("x"):rep(1000)), c.Z_FINISH) end, "ERR_BUFFER_TOO_LARGE")
  local bad = zlib.createInflate()
  bad:on("error", t:called(function(err) t:equal(err.code, "Z_DATA_ERROR") end))
  t:throws(function() bad:_processChunk("xxxx", c.Z_FINISH) end, "Z_DATA_ERROR")
  local busy = zlib.createGzip()
  busy:write(text_of(100000))
  t:throws(function() busy:_processChunk("x", c.Z_FINISH) end, "ERR_INTERNAL_ASSERTION")
  busy:close()
  local big = zlib.createInflate()
  t:equal(tostring(big:_processChunk(zlib.deflateSync(text_of(70000)), c.Z_FINISH)) == text_of(70000), true)
end)

test("a subclass may change what the stream does", function(t)
  local Counted = zlib.Gzip:extend "Counted"
  function Counted:_transform(chunk, encoding, cb)
    self.chunks = (self.chunks or 0) + 1
    return zlib.Gzip.prototype._transform(self, chunk, encoding, cb)
  end
  local s = Counted()
  collect(s, t:called(function(out)
    t:equal(tostring(zlib.gunzipSync(out)), "ab")
    t:equal(s.chunks, 3) -- and the flush
  end))
  s:write "a"
  s:write "b"
  s:finish()
end)

test("autoDestroy, which may be turned off", function(t)
  local s = zlib.createGzip { autoDestroy = false }
  s:resume()
  s:on("end", t:called(function() setImmediate(t:called(function()
    t:no(s.destroyed)
    s:close()
  end)) end))
  s:finish()
  local on = zlib.createGzip()
  on:resume()
  on:on("close", t:called(function() t:ok(on._closed) end))
  on:finish()
end)
