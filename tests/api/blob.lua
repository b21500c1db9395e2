-- SPDX-License-Identifier: MIT
-- Blob and File. What is expected was recorded from Node 20.
local test = require "../support/test"
local await = require("lunode").await
local buffer = require "buffer"
local util = require "util"
local Blob, File, Buffer = buffer.Blob, buffer.File, buffer.Buffer

test("a Blob joins strings, Buffers and Blobs, and keeps its own copy", function(t)
  local bytes = Buffer.from "bc"
  local blob = Blob({ "a", bytes, Blob { "dé" }, 5, true }, { type = "Text/PLAIN" })
  bytes[1] = 0
  t:equal(blob.size, 11)
  t:equal(blob.type, "text/plain")
  t:equal(await(blob:text()), "abcdé5true")
  t:equal(Blob().size, 0)
  t:equal(Blob({}, { type = "é" }).type, "")
end)

test("text, arrayBuffer and bytes give promises; text is decoded, without a byte order mark", function(t)
  local blob = Blob { "\239\187\191hi", Buffer.from { 0xff } }
  t:equal(await(blob:text()), "hi\239\191\189")
  local one, two = await(blob:arrayBuffer()), await(blob:bytes())
  t:equal(one:toString "hex", "efbbbf6869ff")
  t:equal(two:toString "hex", "efbbbf6869ff")
  one[1] = 0 -- nobody else's bytes
  t:equal(await(blob:bytes())[1], 0xef)
end)

test("slice counts from either end and stays within the Blob", function(t)
  local blob = Blob({ "hello world" }, { type = "t" })
  local function sliced(...)
    local part = blob:slice(...)
    return await(part:text()) .. "|" .. part.type
  end
  t:equal(sliced(), "hello world|")
  t:equal(sliced(6), "world|")
  t:equal(sliced(-5, -1), "worl|")
  t:equal(sliced(5, 2), "|")
  t:equal(sliced(0, 100), "hello world|")
  t:equal(sliced(0, 3, "TEXT/x"), "hel|text/x")
  t:equal(sliced(0, 3, "TEXT/é"), "hel|")
  t:equal(await(blob:slice(6):slice(1, 3):text()), "or")
end)

test("line ends become the system's where asked for", function(t)
  t:equal(await(Blob({ "a\r\nb\nc" }, { endings = "native" }):text()), "a\nb\nc")
  t:equal(await(Blob({ "a\r\nb\nc" }, { endings = "transparent" }):text()), "a\r\nb\nc")
end)

test("a stream gives the bytes in pieces", function(t)
  local blob = Blob { ("x"):rep(150000), "end" }
  local total, pieces, last = 0, 0, nil
  for chunk in blob:stream():iter() do
    total, pieces, last = total + #chunk, pieces + 1, chunk
  end
  t:equal(total, 150003)
  t:ok(pieces > 1)
  t:equal(last:toString("latin1", #last - 3), "end")
end)

test("wrong arguments are refused in Node's words", function(t)
  local function message(...) return t:throws(..., "TypeError").message end
  t:equal(message(function() Blob "abc" end), [[The "sources" argument must be a sequence. Received type string ('abc')]])
  t:equal(message(function() Blob(5) end), 'The "sources" argument must be a sequence. Received type number (5)')
  t:equal(message(function() Blob { a = 1 } end), 'The "sources" argument must be a sequence. Received an instance of Object')
  t:equal(message(function() Blob({}, 5) end), 'The "options" argument must be a dictionary. Received type number (5)')
  t:equal(message(function() Blob({}, { endings = "x" }) end), "The property 'options.endings' is invalid. Received 'x'")
  t:equal(t:throws(function() File {} end, "ERR_MISSING_ARGS").message, 'The "fileBits" and "fileName" arguments must be specified')
end)

test("a method called without its Blob says so", function(t)
  local blob = Blob { "a" }
  t:equal(t:throws(function() blob.slice(1) end, "ERR_INVALID_THIS").message, 'Value of "this" must be of type Blob')
  t:throws(function() blob.stream() end, "ERR_INVALID_THIS")
  t:rejects(blob.text(), "ERR_INVALID_THIS")
  t:rejects(Blob.prototype.bytes {}, "ERR_INVALID_THIS")
end)

test("a File is a Blob with a name and a time", function(t)
  local file = File({ "abc" }, "a.txt", { type = "text/plain", lastModified = 1.5 })
  t:equal(file.name, "a.txt")
  t:equal(file.lastModified, 1.5)
  t:equal(file.size, 3)
  t:ok(Blob:is(file))
  t:no(File:is(file:slice(1)))
  t:equal(File({}, "x", { lastModified = "q" }).lastModified, 0)
  local before = os.time() * 1000 - 1000
  local now = File({}, "x").lastModified
  t:ok(now >= before and now <= before + 60000)
  t:equal(util.inspect(Blob({ "abc" }, { type = "t" })), "Blob { size: 3, type: 't' }")
  t:equal(util.inspect(File({ "a" }, "n", { lastModified = 5 })), "File { size: 1, type: '', name: 'n', lastModified: 5 }")
end)
