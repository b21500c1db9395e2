-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local fs = require "fs"
local path = require "path"
local os = require "os"
local Readable = require("stream").Readable
local p = fs.promises
process:removeAllListeners "warning" -- handles are lost here on purpose

local dir = fs.mkdtempSync(path.join(os.tmpdir(), "lunode-fs-handle-"))
local function at(name) return path.join(dir, name) end
process:on("exit", function() fs.rmSync(dir, { recursive = true, force = true }) end)

local function descriptors() return #fs.readdirSync "/proc/self/fd" end
local function turn() await(require("lunode").sleep(1)) end

test("read and write in all their forms", function(t)
  local h = await(p.open(at "a", "w+"))
  t:equal(await(h:write "hello world").bytesWritten, 11)
  t:equal(await(h:write("é", 0, "latin1")).buffer, "é")
  t:equal(await(h:write(Buffer.from "xyz", 1, 1, 1)).bytesWritten, 1)
  t:equal(await(h:write(Buffer.from "xyz", { offset = 2, position = 2 })).bytesWritten, 1)
  t:equal(await(h:writev({ Buffer.from "12", Buffer.from "3" }, 3)).bytesWritten, 3)
  local b = Buffer.alloc(11)
  local r = await(h:read(b, 0, 11, 0))
  t:equal(r.bytesRead, 11)
  t:ok(r.buffer == b)
  t:equal(b:toString "latin1", "\195\169yz123world")
  t:equal(await(h:read { buffer = b, length = 2, position = 1 }).bytesRead, 2)
  t:equal(b:toString("latin1", 0, 3), "yzz")
  t:equal(#await(h:read { position = 0 }).buffer, 16384)
  t:equal(await(h:read(b, { position = 9, length = 5 })).bytesRead, 2)
  local v = await(h:readv({ Buffer.alloc(3), Buffer.alloc(3) }, 5))
  t:equal(v.bytesRead, 6)
  t:equal(v.buffers[2]:toString(), "rld")
  t:rejects(h:write(5), "ERR_INVALID_ARG_TYPE")
  t:rejects(h:read(b, 0, 99, 0), "ERR_OUT_OF_RANGE")
  await(h:close())
end)

test("the other methods", function(t)
  local h = await(p.open(at "b", "w+"))
  await(h:writeFile "one")
  await(h:appendFile(Buffer.from " two"))
  await(h:datasync())
  await(h:sync())
  t:equal(await(h:stat()).size, 7)
  t:equal(await(h:stat { bigint = true }).size, 7LL)
  await(h:chmod(384))
  t:equal(await(p.stat(at "b")).mode % 512, 384)
  await(h:chown(-1, -1))
  await(h:utimes(1000, 2000))
  t:equal(await(h:stat()).mtimeMs, 2000000)
  await(h:truncate(5))
  t:equal(await(p.readFile(at "b", "utf8")), "one t")
  await(h:truncate())
  t:equal(await(h:stat()).size, 0)
  await(h:close())
end)

test("readFile goes from where the file stands, and writeFile to there", function(t)
  await(p.writeFile(at "c", "0123456789"))
  local h = await(p.open(at "c", "r+"))
  await(h:read(Buffer.alloc(4)))
  t:equal(await(h:readFile "utf8"), "456789")
  t:equal(await(h:readFile { encoding = "utf8" }), "")
  await(h:writeFile "ab")
  await(h:close())
  t:equal(await(p.readFile(at "c", "utf8")), "0123456789ab")
end)

test("path functions take a FileHandle", function(t)
  local h = await(p.open(at "d", "w+"))
  await(p.writeFile(h, "x"))
  await(p.appendFile(h, "y"))
  t:equal(tostring(await(p.readFile(h))), "")
  await(h:close())
  t:equal(await(p.readFile(at "d", "utf8")), "xy")
  t:rejects(p.readFile(h), "EBADF")
  t:rejects(p.readFile(1), "ERR_INVALID_ARG_TYPE")
end)

test("writeFile takes streams, lists and iterators", function(t)
  await(p.writeFile(at "e", Readable.from { "a", "b", Buffer.from "c" }))
  t:equal(await(p.readFile(at "e", "utf8")), "abc")
  await(p.writeFile(at "e", { "d", "e" }, { flush = true }))
  t:equal(await(p.readFile(at "e", "utf8")), "de")
  local n = 0
  await(p.appendFile(at "e", function()
    n = n + 1
    if n <= 3 then return "é" end
  end, "latin1"))
  t:equal(#await(p.readFile(at "e")), 5)
  local h = await(p.open(at "e", "w"))
  await(h:writeFile(fs.createReadStream(at "c")))
  await(h:close())
  t:equal(await(p.readFile(at "e", "utf8")), "0123456789ab")
  t:rejects(p.writeFile(at "e", { 1, 2 }), "ERR_INVALID_ARG_TYPE")
  t:rejects(p.writeFile(at "e", 5), "ERR_INVALID_ARG_TYPE")
  t:rejects(p.writeFile(at "e", Readable { read = function(self) self:destroy(Error "broken") end }), { message = "broken" })
end)

test("a signal ends writing what is iterated", function(t)
  local before = descriptors()
  local c = AbortController()
  local n = 0
  local e = t:rejects(p.writeFile(at "sig", function()
    n = n + 1
    if n == 3 then c:abort "enough" end
    return "x"
  end, { signal = c.signal }), "ABORT_ERR")
  t:equal(e.cause, "enough")
  t:equal(n, 3)
  t:equal(descriptors(), before)
end)

test("close waits for what is under way; a closed handle refuses", function(t)
  local h = await(p.open("/dev/zero", "r"))
  local fd = h.fd
  local reading = h:read(Buffer.alloc(1000))
  local closed = t:called()
  h:on("close", closed)
  local closing = h:close()
  t:ok(h:close() == closing)
  t:equal(await(reading).bytesRead, 1000)
  await(closing)
  t:equal(h.fd, -1)
  t:throws(function() fs.fstatSync(fd) end, "EBADF")
  await(h:close())
  for method, syscall in pairs {
    stat = "fstat", read = "read", write = "write", sync = "fsync", datasync = "fdatasync", chmod = "fchmod", chown = "fchown",
    truncate = "ftruncate", utimes = "futimes", readFile = "readFile", writeFile = "writeFile", appendFile = "writeFile", readv = "readv", writev = "writev",
  } do
    local e = t:rejects(h[method](h, "x"), "EBADF")
    t:equal(e.message, "file closed")
    t:equal(e.syscall, syscall, method)
  end
end)

test("a stream of a handle closes it, unless autoClose is false", function(t)
  await(p.writeFile(at "s", ("line\n"):rep(3)))
  local h = await(p.open(at "s"))
  local text = {}
  for chunk in h:createReadStream { encoding = "utf8", start = 5 }:iter() do text[#text + 1] = chunk end
  t:equal(table.concat(text), "line\nline\n")
  turn()
  t:equal(h.fd, -1)
  h = await(p.open(at "s"))
  local s = h:createReadStream { autoClose = false }
  for _ in s:iter() do end
  t:ok(h.fd >= 0)
  s:on("close", t:called())
  await(h:close())
  t:equal(h.fd, -1)
  h = await(p.open(at "w", "w"))
  local w = h:createWriteStream()
  h:on("close", t:called())
  w:finish("written", t:called())
  await(require("events").once(w, "close"))
  t:equal(h.fd, -1)
  t:equal(fs.readFileSync(at "w", "utf8"), "written")
  h = await(p.open(at "s"))
  t:throws(function() fs.createReadStream(at "s", { fd = h, fs = fs }) end, "ERR_METHOD_NOT_IMPLEMENTED")
  await(h:close())
end)

test("lines of a handle", function(t)
  local h = await(p.open(at "s"))
  local n = 0
  for line in h:readLines():iter() do
    t:equal(line, "line")
    n = n + 1
  end
  t:equal(n, 3)
end)

test("a handle that is collected open is closed, with a warning", function(t)
  for _ = 1, 5 do -- what the tests before have left closes first
    collectgarbage()
    turn()
  end
  local before = descriptors()
  local warned = {}
  local function listener(w) warned[#warned + 1] = w.code or w.message end
  process:on("warning", listener)
  local fd
  local function lose()
    local h = await(p.open(at "s"))
    fd = h.fd
  end
  require("lunode").async(lose)
  turn()
  turn()
  for _ = 1, 5 do
    collectgarbage()
    turn()
  end
  process:removeListener("warning", listener)
  t:equal(descriptors(), before)
  t:equal(warned[1], ("Closing file descriptor %d on garbage collection"):format(fd))
  t:equal(warned[2], "DEP0137")
end)

test("a handle that is in use is not collected", function(t)
  local before = descriptors()
  local h = await(p.open(at "s"))
  local reading = h:read(Buffer.alloc(3), 0, 3, 0)
  h = nil
  collectgarbage()
  collectgarbage()
  t:equal(await(reading).bytesRead, 3)
  reading = nil
  for _ = 1, 100 do
    if descriptors() == before then break end
    collectgarbage()
    turn()
  end
  t:equal(descriptors(), before)
end)

test("aborting reads and writes of whole files", function(t)
  local before = descriptors()
  local c = AbortController()
  fs.writeFileSync(at "big", ("x"):rep(40000000))
  local reading = p.readFile(at "big", { signal = c.signal })
  c:abort()
  t:rejects(reading, "ABORT_ERR")
  c = AbortController()
  fs.writeFile(at "big2", ("x"):rep(40000000), { signal = c.signal }, t:called(function(e)
    t:equal(e.code, "ABORT_ERR")
    t:equal(e.name, "AbortError")
    t:ok(e.cause ~= nil)
    t:equal(descriptors(), before)
    fs.unlinkSync(at "big")
    fs.rmSync(at "big2", { force = true })
  end))
  c:abort()
  t:rejects(p.readFile(at "big", { signal = c.signal }), "ABORT_ERR")
  t:rejects(p.readFile(at "big", { signal = 5 }), "ERR_INVALID_ARG_TYPE")
end)
