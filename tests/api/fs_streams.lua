-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local fs = require "fs"
local path = require "path"
local os = require "os"
local events = require "events"
local pipeline = require("stream/promises").pipeline

local dir = fs.mkdtempSync(path.join(os.tmpdir(), "lunode-fs-streams-"))
local function at(name) return path.join(dir, name) end
process:on("exit", function() fs.rmSync(dir, { recursive = true, force = true }) end)
fs.writeFileSync(at "digits", ("0123456789"):rep(30000))

local function text_of(stream)
  local parts = {}
  for chunk in stream:iter() do parts[#parts + 1] = tostring(chunk) end
  return table.concat(parts)
end

local function descriptors() return #fs.readdirSync "/proc/self/fd" end

test("ranges, with and without a start", function(t)
  t:equal(text_of(fs.createReadStream(at "digits", { start = 12, ["end"] = 14 })), "234")
  t:equal(text_of(fs.createReadStream(at "digits", { ["end"] = 2 })), "012")
  t:equal(text_of(fs.createReadStream(at "digits", { start = 299998 })), "89")
  t:equal(text_of(fs.createReadStream(at "digits", { start = 400000 })), "")
  t:equal(text_of(fs.createReadStream(at "digits", { start = 0, ["end"] = 0 })), "0")
  t:equal(#text_of(fs.createReadStream(at "digits", { ["end"] = math.huge })), 300000)
  t:equal(#text_of(fs.createReadStream(at "digits", { highWaterMark = 7, ["end"] = 99 })), 100)
end)

test("highWaterMark is the size of the chunks", function(t)
  local s = fs.createReadStream(at "digits", { highWaterMark = 1000, encoding = "latin1" })
  local sizes = {}
  s:on("data", function(chunk) sizes[#chunk] = (sizes[#chunk] or 0) + 1 end)
  await(events.once(s, "close"))
  t:deep(sizes, { [1000] = 300 })
  t:equal(fs.createReadStream(at "digits", { fd = 0, autoClose = false, highWaterMark = 5 }).readableHighWaterMark, 5)
  t:equal(fs.createReadStream(at "digits", "utf8").readableEncoding, "utf8")
end)

test("properties and events of a read stream, in Node's order", function(t)
  local s = fs.createReadStream(at "digits")
  t:equal(s.path, at "digits")
  t:equal(s.flags, "r")
  t:equal(s.mode, 438)
  t:equal(s.fd, nil)
  t:ok(s.pending)
  t:ok(s.autoClose)
  local seen = {}
  for _, name in ipairs { "open", "ready", "end", "close" } do
    s:on(name, function() seen[#seen + 1] = name end)
  end
  s:once("data", function() seen[#seen + 1] = "data" end)
  s:on("open", function(fd)
    t:equal(fd, s.fd)
    t:no(s.pending)
  end)
  await(events.once(s, "close"))
  t:deep(seen, { "open", "ready", "data", "end", "close" })
  t:equal(s.bytesRead, 300000)
  t:ok(s.destroyed)
  t:equal(s.fd, nil)
end)

test("a descriptor of one's own, with and without autoClose", function(t)
  local fd = fs.openSync(at "digits")
  local s = fs.createReadStream(nil, { fd = fd, autoClose = false, ["end"] = 4 })
  s:on("open", t:never())
  s:on("close", t:never())
  t:equal(text_of(s), "01234")
  t:ok(fs.fstatSync(fd))
  t:equal(text_of(fs.createReadStream(nil, { fd = fd, start = 2, ["end"] = 4 })), "234")
  t:throws(function() fs.fstatSync(fd) end, "EBADF")
end)

test("emitClose and close(callback)", function(t)
  local s = fs.createReadStream(at "digits", { emitClose = false })
  s:on("close", t:never())
  s:on("open", function() s:destroy() end)
  local s2 = fs.createReadStream(at "digits")
  s2:close(t:called(function()
    s2:close(t:called())
  end))
  local w = fs.createWriteStream(at "closed")
  w:close(t:called(function() t:equal(w.closed, true) end))
  w:on("finish", t:called())
end)

test("a signal destroys both kinds", function(t)
  local c = AbortController()
  local s = fs.createReadStream(at "digits", { signal = c.signal })
  s:on("error", t:called(function(e) t:equal(e.name, "AbortError") end))
  s:on("close", t:called())
  local w = fs.createWriteStream(at "aborted", { signal = c.signal })
  w:on("error", t:called(function(e) t:equal(e.code, "ABORT_ERR") end))
  w:on("close", t:called())
  c:abort()
end)

test("flags, modes and flush of a write stream", function(t)
  fs.writeFileSync(at "flags", "start")
  local w = fs.createWriteStream(at "flags", { flags = "a", flush = true })
  w:write "-"
  w:finish "end"
  await(events.once(w, "close"))
  t:equal(fs.readFileSync(at "flags", "utf8"), "start-end")
  t:equal(w.bytesWritten, 4)
  w = fs.createWriteStream(at "flags", { flags = "wx" })
  local e = await(events.once(w, "error"))[1]
  t:equal(e.code, "EEXIST")
  w = fs.createWriteStream(at "mode", { mode = 384 })
  w:finish()
  await(events.once(w, "close"))
  t:equal(fs.statSync(at "mode").mode % 512, 384)
  w = fs.createWriteStream(at "enc", { encoding = "hex" })
  w:finish "616263"
  await(events.once(w, "close"))
  t:equal(fs.readFileSync(at "enc", "utf8"), "abc")
end)

test("options.fs replaces the functions that it has", function(t)
  local calls = {}
  local function counted(name)
    return function(...)
      calls[name] = (calls[name] or 0) + 1
      return fs[name](...)
    end
  end
  t:equal(#text_of(fs.createReadStream(at "digits", { fs = { open = counted "open", read = counted "read", close = counted "close" } })), 300000)
  t:equal(calls.open, 1)
  t:equal(calls.close, 1)
  t:ok(calls.read >= 5)
  calls = {}
  local w = fs.createWriteStream(at "own", { flush = true, fs = { open = counted "open", write = counted "write", close = counted "close", fsync = counted "fsync" } })
  for i = 1, 3 do w:write(tostring(i)) end
  w:finish()
  await(events.once(w, "close"))
  t:deep(calls, { open = 1, write = 3, close = 1, fsync = 1 })
  calls = {}
  w = fs.createWriteStream(at "own", { fs = { open = counted "open", writev = counted "writev", close = counted "close" } })
  w:cork()
  for i = 1, 3 do w:write(tostring(i)) end
  w:uncork()
  w:finish()
  await(events.once(w, "close"))
  t:deep(calls, { open = 1, writev = 1, close = 1 })
  t:equal(fs.readFileSync(at "own", "utf8"), "123")
end)

test("what the system writes in parts is written whole", function(t)
  local parts = {}
  local function slow_write(fd, data, offset, length, position, cb)
    local n = math.min(length, 3)
    parts[#parts + 1] = data:toString("latin1", offset, offset + n)
    process.nextTick(cb, nil, n)
  end
  local w = fs.createWriteStream("x", { fd = 99, autoClose = false, fs = { write = slow_write } })
  w:finish("0123456789", t:called(function() t:equal(table.concat(parts, ","), "012,345,678,9") end))
  local got = {}
  local function slow_writev(fd, list, position, cb)
    local all = Buffer.concat(list)
    got[#got + 1] = all:toString("latin1", 0, 4)
    process.nextTick(cb, nil, math.min(4, #all))
  end
  local v = fs.createWriteStream("x", { fd = 99, autoClose = false, fs = { writev = slow_writev } })
  v:cork()
  for _, text in ipairs { "ab", "cde", "f", "ghijk" } do v:write(text) end
  v:uncork()
  v:finish(t:called(function() t:equal(table.concat(got, ","), "abcd,efgh,ijk") end))
end)

test("EAGAIN is tried again, some times", function(t)
  local tries = 0
  local function write(fd, data, offset, length, position, cb)
    tries = tries + 1
    local e = Error "EAGAIN: resource temporarily unavailable, write"
    e.code, e.errno = "EAGAIN", -11
    if tries < 4 then return process.nextTick(cb, e, 0) end
    process.nextTick(cb, nil, length)
  end
  local w = fs.createWriteStream("x", { fd = 99, autoClose = false, fs = { write = write } })
  w:finish("abc", t:called(function(err)
    t:equal(err, nil)
    t:equal(tries, 4)
  end))
end)

test("writing to what cannot be written to", function(t)
  local w = fs.createWriteStream(at "none/x")
  w:write("x", t:called(function(e) t:equal(e.code, "ENOENT") end))
  w:on("error", t:called(function(e) t:equal(e.syscall, "open") end))
  w:on("close", t:called())
  local full = fs.createWriteStream("/dev/full")
  full:write(("x"):rep(100))
  full:on("error", t:called(function(e)
    t:equal(e.message, "ENOSPC: no space left on device, write")
  end))
  full:on("close", t:called(function() t:equal(full.fd, nil) end))
end)

test("destroying while a read or write runs leaves no descriptor open", function(t)
  local before = descriptors()
  local closed = 0
  for i = 1, 40 do
    local s = fs.createReadStream(i % 2 == 0 and "/proc/self/status" or "/dev/zero", { highWaterMark = 1048576 })
    s:on("error", function() end)
    s:on("close", function() closed = closed + 1 end)
    if i % 4 == 0 then s:on("open", function() s:destroy() end) elseif i % 4 == 1 then s:once("data", function() s:destroy() end)
    elseif i % 4 == 2 then s:destroy(Error "now") else setImmediate(function() s:destroy() end) end
    local w = fs.createWriteStream(at("w" .. i))
    w:on("error", function() end)
    w:on("close", function() closed = closed + 1 end)
    w:write(Buffer.alloc(2000000))
    if i % 3 == 0 then w:destroy() elseif i % 3 == 1 then setImmediate(function() w:destroy() end) else w:on("open", function() w:destroy(Error "x") end) end
  end
  for _ = 1, 500 do
    if closed == 80 then break end
    await(require("lunode").sleep(5))
  end
  t:equal(closed, 80)
  t:equal(descriptors(), before)
end)

test("a file is copied through a pipeline, byte for byte", function(t)
  local bytes = {}
  for i = 1, 100000 do bytes[i] = string.char(i * 7 % 256) end
  fs.writeFileSync(at "from", table.concat(bytes))
  await(pipeline(fs.createReadStream(at "from", { highWaterMark = 3333 }), fs.createWriteStream(at "to", { highWaterMark = 1000 })))
  t:ok(fs.readFileSync(at "from"):equals(fs.readFileSync(at "to")))
end)

test("a path may be a Buffer or a file URL", function(t)
  local url = require("url").pathToFileURL(at "digits")
  t:equal(text_of(fs.createReadStream(url, { ["end"] = 1 })), "01")
  t:equal(text_of(fs.createReadStream(Buffer.from(at "digits"), { ["end"] = 1 })), "01")
  t:equal(fs.createReadStream(url, { fd = 0, autoClose = false }).path, at "digits")
end)

test("autoClose false leaves the file to its owner after an error too", function(t)
  local s = fs.createReadStream(dir, { autoClose = false })
  s:on("error", t:called(function(e)
    t:equal(e.code, "EISDIR")
    t:ok(s.fd)
    t:no(s.destroyed)
    s:close(t:called())
  end))
  s:resume()
end)
