-- SPDX-License-Identifier: MIT
-- zlib: the functions for whole pieces of data, options, errors, checksums.
local test = require "../support/test"
local lunode = require "lunode"
local util = require "util"
local zlib = require "zlib"
local Buffer = require("buffer").Buffer
local c = zlib.constants

local PAIRS = {
  { "deflate", "inflate" }, { "gzip", "gunzip" }, { "deflateRaw", "inflateRaw" }, { "brotliCompress", "brotliDecompress" },
  { "gzip", "unzip" }, { "deflate", "unzip" },
}

-- Text that is neither constant nor noise, the same in each run.
local function prose(size)
  local words, out, seed, n = { "loop ", "handle ", "stream ", "buffer ", "chunk ", "event\n" }, {}, 7, 0
  while n < size do
    seed = (seed * 1103515245 + 12345) % 2147483648
    local w = words[math.floor(seed / 65536) % #words + 1] .. (seed % 97)
    out[#out + 1], n = w, n + #w
  end
  return table.concat(out):sub(1, size)
end

local function noise(size) return require("crypto").randomBytes(size) end

test("what is compressed comes back, at once and later, for every format and size", { timeout = 60000 }, function(t)
  for _, pair in ipairs(PAIRS) do
    for _, text in ipairs { "", "a", "\0\255\0", prose(100), prose(16384), prose(300000), ("x"):rep(1000000) } do
      local name = pair[1] .. "/" .. pair[2] .. " of " .. #text
      t:equal(tostring(zlib[pair[2] .. "Sync"](zlib[pair[1] .. "Sync"](text))) == text, true, name)
      local packed = await(util.promisify(zlib[pair[1]])(Buffer.from(text)))
      t:equal(tostring(await(util.promisify(zlib[pair[2]])(packed))) == text, true, name .. ", later")
    end
  end
end)

test("data that cannot be made smaller is kept, a little larger", function(t)
  local bytes = noise(200000)
  for _, pair in ipairs(PAIRS) do
    local packed = zlib[pair[1] .. "Sync"](bytes)
    t:ok(#packed > 200000 and #packed < 200400)
    t:equal(zlib[pair[2] .. "Sync"](packed):equals(bytes), true)
  end
end)

test("results are Buffers with methods, small ones too", function(t)
  t:equal(zlib.deflateRawSync("hi", { windowBits = 8 }):toString "hex", "cbc80400")
  t:equal(zlib.gunzipSync(zlib.gzipSync("x")):toString(), "x")
  t:equal(#zlib.inflateSync(zlib.deflateSync ""), 0)
end)

test("options may be left out, nil or null; a callback is needed", function(t)
  zlib.gzip("a", t:called(function(err, b) t:equal(err, nil) t:equal(tostring(zlib.gunzipSync(b)), "a") end))
  zlib.gzip("a", nil, t:called(function(err) t:equal(err, nil) end))
  zlib.gzip("a", lunode.null, t:called(function(err) t:equal(err, nil) end))
  zlib.gzip(nil, t:called(function(err, b) t:equal(err, nil) t:equal(#zlib.gunzipSync(b), 0) end))
  t:throws(function() zlib.gzip "a" end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() zlib.gzip("a", {}, 5) end, "ERR_INVALID_ARG_TYPE")
end)

test("callbacks come later, never before the call returns", function(t)
  local returned = false
  zlib.deflate("a", t:called(function() t:ok(returned) end))
  returned = true
end)

test("input is text or a Buffer", function(t)
  local e = t:throws(function() zlib.gzipSync(5) end, "ERR_INVALID_ARG_TYPE")
  t:equal(e.message, 'The "buffer" argument must be of type string or an instance of Buffer, TypedArray, DataView, or ArrayBuffer. Received type number (5)')
  t:throws(function() zlib.gzipSync() end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() zlib.inflateSync {} end, "ERR_INVALID_ARG_TYPE")
  e = t:throws(function() zlib.gzip({}, function() end) end, "ERR_INVALID_ARG_TYPE")
  t:match(e.message, '^The "chunk" argument must be of type string or an instance of Buffer, TypedArray, or DataView%.')
end)

test("options out of range are refused in Node's words", function(t)
  local function refused(options, code, message, fn)
    local e = t:throws(function() (fn or zlib.gzipSync)("hi", options) end, code)
    if message then t:equal(e.message, message) end
  end
  local RANGE, TYPE = "ERR_OUT_OF_RANGE", "ERR_INVALID_ARG_TYPE"
  refused({ chunkSize = 63 }, RANGE, 'The value of "options.chunkSize" is out of range. It must be >= 64. Received 63')
  refused({ chunkSize = math.huge }, RANGE, 'The value of "options.chunkSize" is out of range. It must be a finite number. Received Infinity')
  refused({ chunkSize = "a" }, TYPE, [[The "options.chunkSize" property must be of type number. Received type string ('a')]])
  refused({ windowBits = 8 }, RANGE, 'The value of "options.windowBits" is out of range. It must be >= 9 and <= 15. Received 8')
  refused({ windowBits = 0 }, RANGE)
  refused({ windowBits = 16 }, RANGE, 'The value of "options.windowBits" is out of range. It must be >= 8 and <= 15. Received 16', zlib.deflateSync)
  refused({ windowBits = 7 }, RANGE, nil, zlib.inflateSync)
  refused({ level = 10 }, RANGE, 'The value of "options.level" is out of range. It must be >= -1 and <= 9. Received 10')
  refused({ level = -2 }, RANGE)
  refused({ level = "1" }, TYPE)
  refused({ memLevel = 0 }, RANGE, 'The value of "options.memLevel" is out of range. It must be >= 1 and <= 9. Received 0')
  refused({ strategy = 5 }, RANGE, 'The value of "options.strategy" is out of range. It must be >= 0 and <= 4. Received 5')
  refused({ flush = 6 }, RANGE, 'The value of "options.flush" is out of range. It must be >= 0 and <= 5. Received 6')
  refused({ finishFlush = -1 }, RANGE)
  refused({ flush = 4 }, RANGE, 'The value of "options.flush" is out of range. It must be >= 0 and <= 3. Received 4', zlib.brotliCompressSync)
  refused({ maxOutputLength = 0 }, RANGE, 'The value of "options.maxOutputLength" is out of range. It must be >= 1 and <= 2147483647. Received 0')
  refused({ dictionary = 5 }, TYPE,
    'The "options.dictionary" property must be an instance of Buffer, TypedArray, DataView, or ArrayBuffer. Received type number (5)')
  refused({ level = 10 }, RANGE, nil, function(_, o) zlib.createGzip(o) end)
  refused({ level = 10 }, RANGE, nil, function(_, o) zlib.gzip("a", o, function() end) end)
  -- NaN is no number given, and fractions are cut off.
  t:equal(#zlib.gzipSync("hi", { level = 0 / 0, windowBits = 0 / 0, chunkSize = 64.5, memLevel = 8.9 }), 22)
  t:equal(#zlib.gzipSync("hi", { level = lunode.null, chunkSize = lunode.null }), 22)
end)

test("level, strategy, memory and window shape the output", function(t)
  local text = prose(100000)
  local sizes = {}
  for level = 0, 9 do sizes[level] = #zlib.deflateSync(text, { level = level }) end
  t:ok(sizes[0] > 100000 and sizes[1] < 60000 and sizes[9] < sizes[1])
  t:ok(#zlib.deflateSync(text, { strategy = c.Z_HUFFMAN_ONLY }) > sizes[6])
  t:notEqual(#zlib.deflateSync(text, { memLevel = 1 }), sizes[6])
  local small = zlib.deflateSync(text, { windowBits = 9 })
  t:equal(tostring(zlib.inflateSync(small, { windowBits = 9 })) == text, true)
  local e = t:throws(function() zlib.inflateSync(zlib.deflateSync(text), { windowBits = 9 }) end, "Z_DATA_ERROR")
  t:equal(e.message, "invalid window size")
end)

test("Brotli's parameters", function(t)
  local text = prose(50000)
  local fast = zlib.brotliCompressSync(text, { params = { [c.BROTLI_PARAM_QUALITY] = 1 } })
  local best = zlib.brotliCompressSync(text, { params = { [c.BROTLI_PARAM_QUALITY] = 11, [c.BROTLI_PARAM_MODE] = c.BROTLI_MODE_TEXT } })
  t:ok(#best < #fast)
  t:equal(tostring(zlib.brotliDecompressSync(fast)) == text, true)
  t:equal(#zlib.brotliCompressSync("x", { params = { ["1"] = 4, [c.BROTLI_PARAM_LARGE_WINDOW] = true } }) > 0, true)
  local e = t:throws(function() zlib.brotliCompressSync("x", { params = { [9] = 1 } }) end, { name = "RangeError", code = "ERR_BROTLI_INVALID_PARAM" })
  t:equal(e.message, "9 is not a valid Brotli parameter")
  t:throws(function() zlib.brotliCompressSync("x", { params = { foo = 1 } }) end, { message = "foo is not a valid Brotli parameter" })
  t:throws(function() zlib.brotliCompressSync("x", { params = { [1] = "a" } }) end,
    { code = "ERR_INVALID_ARG_TYPE", message = [[The "options.params[key]" property must be of type number. Received type string ('a')]] })
  t:throws(function() zlib.brotliDecompressSync("x", { params = { [7] = 5 } }) end, { code = "ERR_ZLIB_INITIALIZATION_FAILED", message = "Initialization failed" })
end)

test("dictionaries", function(t)
  local dictionary = Buffer.from "the quick brown fox jumps over the lazy dog"
  local text = "the lazy dog jumps over the quick brown fox"
  local packed = zlib.deflateSync(text, { dictionary = dictionary })
  t:ok(#packed < #zlib.deflateSync(text))
  t:equal(tostring(zlib.inflateSync(packed, { dictionary = dictionary })), text)
  t:equal(tostring(zlib.unzipSync(packed, { dictionary = tostring(dictionary) })), text)
  local raw = zlib.deflateRawSync(text, { dictionary = dictionary })
  t:equal(tostring(zlib.inflateRawSync(raw, { dictionary = dictionary })), text)
  t:throws(function() zlib.inflateSync(packed) end, { message = "Missing dictionary", code = "Z_NEED_DICT", errno = 2 })
  t:throws(function() zlib.inflateSync(packed, { dictionary = "other" }) end, { message = "Bad dictionary", code = "Z_NEED_DICT", errno = 2 })
  t:throws(function() zlib.inflateRawSync(raw, { dictionary = "other" }) end, { message = "invalid distance too far back", code = "Z_DATA_ERROR", errno = -3 })
  t:equal(tostring(zlib.gunzipSync(zlib.gzipSync(text, { dictionary = dictionary }))), text)
end)

test("data that is wrong or ends early is an error with the library's code", function(t)
  local function fails(fn, data, message, code, errno)
    t:throws(function() zlib[fn .. "Sync"](data) end, { name = "Error", message = message, code = code, errno = errno })
    zlib[fn](data, t:called(function(err, result)
      t:equal(err.message, message)
      t:equal(err.code, code)
      t:equal(err.errno, errno)
      t:equal(result, nil)
    end))
  end
  fails("gunzip", "not gzip", "incorrect header check", "Z_DATA_ERROR", -3)
  fails("inflate", "abcdefgh", "incorrect header check", "Z_DATA_ERROR", -3)
  fails("inflateRaw", "\255\255\255", "invalid block type", "Z_DATA_ERROR", -3)
  fails("brotliDecompress", "\255\255\255\255\255", "Decompression failed", "ERR__ERROR_FORMAT_PADDING_2", -15)
  for _, pair in ipairs(PAIRS) do
    fails(pair[2], "", "unexpected end of file", "Z_BUF_ERROR", -5)
    local packed = zlib[pair[1] .. "Sync"](prose(5000))
    fails(pair[2], packed:subarray(0, #packed - 10), "unexpected end of file", "Z_BUF_ERROR", -5)
  end
  local gz = zlib.gzipSync(prose(1000))
  gz[#gz - 6] = bit.bxor(gz[#gz - 6], 1)
  fails("gunzip", gz, "incorrect data check", "Z_DATA_ERROR", -3)
  local zl = zlib.deflateSync(prose(1000))
  zl[30] = bit.bxor(zl[30], 255)
  t:throws(function() zlib.inflateSync(zl) end, "Z_DATA_ERROR")
end)

test("no corruption of the data does more than raise an error", { timeout = 60000 }, function(t)
  local text = prose(3000)
  local seed = 42
  for _, pair in ipairs(PAIRS) do
    local packed = zlib[pair[1] .. "Sync"](text)
    for _ = 1, 300 do
      seed = (seed * 1103515245 + 12345) % 2147483648
      local bad = Buffer.from(packed)
      local at = math.floor(seed / 64) % #bad + 1
      bad[at] = bit.bxor(bad[at], seed % 255 + 1)
      local ok, err = pcall(zlib[pair[2] .. "Sync"], bad, { maxOutputLength = 1000000 })
      t:ok(ok or type(err.code) == "string")
    end
  end
end)

test("an early end is accepted when finishFlush says so", function(t)
  local text = prose(20000)
  for _, pair in ipairs(PAIRS) do
    local brotli = pair[1]:find "brotli"
    local flush = brotli and c.BROTLI_OPERATION_FLUSH or c.Z_SYNC_FLUSH
    local packed = zlib[pair[1] .. "Sync"](text)
    local part = tostring(zlib[pair[2] .. "Sync"](packed:subarray(0, #packed - 20), { finishFlush = flush }))
    t:ok(#part > 0 or brotli)
    t:equal(part, text:sub(1, #part))
  end
end)

test("members of a gzip file follow one another; garbage behind it is an error, zeros are not", function(t)
  local a, b = zlib.gzipSync "hello ", zlib.gzipSync "world"
  t:equal(tostring(zlib.gunzipSync(Buffer.concat { a, b })), "hello world")
  t:equal(tostring(zlib.unzipSync(Buffer.concat { a, b, a })), "hello worldhello ")
  t:equal(tostring(zlib.gunzipSync(Buffer.concat { a, b, Buffer.alloc(10) })), "hello world")
  t:throws(function() zlib.gunzipSync(Buffer.concat { a, Buffer.from "garbage" }) end, { message = "incorrect header check", code = "Z_DATA_ERROR" })
  t:throws(function() zlib.gunzipSync(Buffer.concat { a, Buffer.from { 0x1f, 0x8b, 0xff, 0xff } }) end,
    { message = "unknown compression method", code = "Z_DATA_ERROR" })
  t:throws(function() zlib.gunzipSync(Buffer.concat { a, b:subarray(0, 5) }) end, { code = "Z_BUF_ERROR" })
  t:equal(tostring(zlib.inflateSync(Buffer.concat { zlib.deflateSync "hello", Buffer.from "trailing" })), "hello")
  t:equal(tostring(zlib.brotliDecompressSync(Buffer.concat { zlib.brotliCompressSync "hello", Buffer.from "trailing" })), "hello")
end)

test("a bomb is an error: no more than maxOutputLength is made", function(t)
  local packed = zlib.gzipSync(("\0"):rep(50000000))
  t:ok(#packed < 60000)
  local want = { name = "RangeError", code = "ERR_BUFFER_TOO_LARGE", message = "Cannot create a Buffer larger than 1000000 bytes" }
  collectgarbage()
  local before = process.memoryUsage().external
  t:throws(function() zlib.gunzipSync(packed, { maxOutputLength = 1000000 }) end, want)
  t:ok(process.memoryUsage().external - before < 2000000)
  zlib.gunzip(packed, { maxOutputLength = 1000000 }, t:called(function(err, result)
    t:equal(err.code, want.code)
    t:equal(err.message, want.message)
    t:equal(result, nil)
  end))
  local brotli = zlib.brotliCompressSync(("\0"):rep(3000000), { params = { [c.BROTLI_PARAM_QUALITY] = 5 } })
  t:throws(function() zlib.brotliDecompressSync(brotli, { maxOutputLength = 1000000 }) end, want)
  -- The limit itself is allowed, for compression too.
  local exact = zlib.gzipSync(("y"):rep(1000))
  t:equal(#zlib.gunzipSync(exact, { maxOutputLength = 1000 }), 1000)
  t:throws(function() zlib.gunzipSync(exact, { maxOutputLength = 999 }) end, "ERR_BUFFER_TOO_LARGE")
  t:equal(#zlib.gzipSync(("y"):rep(1000), { maxOutputLength = #exact }), #exact)
  t:throws(function() zlib.gzipSync(("y"):rep(1000), { maxOutputLength = #exact - 1 }) end, "ERR_BUFFER_TOO_LARGE")
end)

test("info: the result and the engine that made it", function(t)
  local r = zlib.gzipSync("hello", { info = true })
  t:equal(tostring(zlib.gunzipSync(r.buffer)), "hello")
  t:ok(zlib.Gzip:is(r.engine))
  t:equal(r.engine.bytesWritten, 5)
  t:equal(r.engine.bytesRead, 5)
  t:ok(r.engine._closed)
  zlib.inflate(zlib.deflateSync "hello", { info = true }, t:called(function(err, result)
    t:equal(err, nil)
    t:equal(tostring(result.buffer), "hello")
    t:equal(result.engine.bytesWritten, #zlib.deflateSync "hello")
  end))
end)

test("a signal ends the wait", function(t)
  zlib.gzip("x", { signal = AbortSignal.abort() }, t:called(function(err) t:equal(err.code, "ABORT_ERR") end))
  local controller = AbortController()
  zlib.gzip(prose(1000000), { signal = controller.signal }, t:called(function(err, result)
    t:equal(err.code, "ABORT_ERR")
    t:equal(result, nil)
  end))
  controller:abort()
  zlib.gzip("x", { signal = AbortController().signal }, t:called(function(err, result)
    t:equal(err, nil)
    t:equal(tostring(zlib.gunzipSync(result)), "x")
  end))
end)

test("crc32", function(t)
  t:equal(zlib.crc32 "", 0)
  t:equal(zlib.crc32 "123456789", 0xcbf43926) -- the check value of CRC-32/ISO-HDLC
  t:equal(zlib.crc32(Buffer.from "6789", zlib.crc32 "12345"), 0xcbf43926)
  t:equal(zlib.crc32("", 4294967295), 4294967295)
  t:throws(function() zlib.crc32(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() zlib.crc32() end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() zlib.crc32("a", "x") end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() zlib.crc32("a", -1) end, "ERR_OUT_OF_RANGE")
  t:throws(function() zlib.crc32("a", 4294967296) end, "ERR_OUT_OF_RANGE")
end)

test("constants and codes", function(t)
  t:equal(c.Z_BEST_COMPRESSION, 9)
  t:equal(c.BROTLI_DECODER_ERROR_UNREACHABLE, -31)
  t:equal(c.Z_MAX_CHUNK, math.huge)
  t:equal(zlib.codes.Z_DATA_ERROR, -3)
  t:equal(zlib.codes[-3], "Z_DATA_ERROR")
  t:equal(zlib.codes[0], "Z_OK")
end)

test("input that the caller lets go of stays until the thread has read it", function(t)
  for i = 1, 50 do
    zlib.gzip(Buffer.from(prose(20000) .. i), t:called(function(err, packed)
      t:equal(err, nil)
      t:equal(tostring(zlib.gunzipSync(packed)):sub(20001), tostring(i))
    end))
  end
  collectgarbage()
  collectgarbage()
end)

test("the core refuses what the library has not checked", function(t)
  local native = require("lunode.core").zlib
  t:no(pcall(native.zlib, 0, 15, 6, 8, 0))
  t:no(pcall(native.zlib, 1, 99, 6, 8, 0))
  t:no(pcall(native.zlib, 1, 0 / 0, 6, 8, 0))
  t:no(pcall(native.brotli, 1, {}))
  local stream = native.zlib(1, 15, 6, 8, 0)
  local out = Buffer.alloc(100)
  t:no(pcall(stream.write, stream, 4, "abc", 2, 2, out, 0, 100))
  t:no(pcall(stream.write, stream, 4, "abc", 0, 3, out, 50, 51))
  t:no(pcall(stream.write, stream, 4, "abc", 0, 3, "text", 0, 1))
  t:no(pcall(stream.write, stream, 9, "abc", 0, 3, out, 0, 100))
  t:no(pcall(stream.write, out, 4, "abc", 0, 3, out, 0, 100))
  stream:whole(4, "abc", 100, t:called(function(result) t:ok(result) end))
  local ok, why = pcall(stream.whole, stream, 4, "abc", 100)
  t:no(ok)
  t:match(why, "at work")
  stream:close()
  stream:close()
  t:no(pcall(stream.reset, stream))
end)

test("callbacks run in the async context of the call, a stream's listeners in that of its making", function(t)
  local queue = require "lunode.internal.queue"
  local mine = {}
  queue.context = mine
  local function same() t:equal(queue.context, mine) end
  zlib.gzip("x", t:called(same))
  zlib.gzip("x", { info = true }, t:called(same))
  local s = zlib.createGzip()
  queue.context = false
  s:once("data", t:called(same))
  s:write "x"
  s:flush(t:called(function() s:close() end))
end)
