-- SPDX-License-Identifier: MIT
--
-- Files that are not plain, large ones, and many at once.
local test = require "../support/test"
local fs = require "fs"
local path = require "path"
local os = require "os"
local child_process = require "child_process"
local sleep = require("lunode").sleep
local p = fs.promises

local dir = fs.mkdtempSync(path.join(os.tmpdir(), "lunode-fs-special-"))
local function at(name) return path.join(dir, name) end
process:on("exit", function() fs.rmSync(dir, { recursive = true, force = true }) end)

local function descriptors() return #fs.readdirSync "/proc/self/fd" end

local function fifo(name)
  child_process.spawnSync("mkfifo", { at(name) })
  return at(name)
end

test("copies: of what has no size, onto itself, and of a file that gets shorter", function(t)
  fs.copyFileSync("/proc/self/status", at "status")
  t:match(fs.readFileSync(at "status", "utf8"), "^Name:")
  fs.writeFileSync(at "c1", "abc", { mode = 416 })
  await(p.copyFile(at "c1", at "c1"))
  t:equal(fs.readFileSync(at "c1", "utf8"), "abc")
  t:throws(function() fs.copyFileSync(at "c1", at "c1", 1) end, "EEXIST")
  t:equal(fs.readFileSync(at "c1", "utf8"), "abc")
  t:throws(function() fs.copyFileSync(dir, at "c2") end, "EISDIR")
  t:no(fs.existsSync(at "c2"))
  fs.copyFileSync(at "c1", at "c2", fs.constants.COPYFILE_FICLONE)
  t:equal(fs.statSync(at "c2").mode % 512, 416)
  local size = 9 * 1048576 + 1
  fs.writeFileSync(at "c3", Buffer.alloc(size, "xyz"))
  await(p.copyFile(at "c3", at "c4"))
  t:ok(fs.readFileSync(at "c3"):equals(fs.readFileSync(at "c4")))
  local copying = p.copyFile(at "c3", at "c4")
  fs.truncateSync(at "c3", 5)
  await(copying)
  t:ok(fs.statSync(at "c4").size <= size)
  for _, name in ipairs { "c3", "c4" } do fs.unlinkSync(at(name)) end
end)

test("files without a size are read to their end", function(t)
  local maps = fs.readFileSync("/proc/self/maps", "utf8")
  t:match(maps, "lunode")
  t:equal(maps:sub(-1), "\n")
  t:match(await(p.readFile("/proc/self/status", "utf8")), "Threads:")
  t:equal(#fs.readFileSync "/dev/null", 0)
  t:equal(fs.readFileSync("/dev/null", "utf8"), "")
  t:equal(fs.statSync("/proc/self/maps").size, 0)
  local size = fs.readFileSync("/sys/kernel/mm/transparent_hugepage/enabled", "utf8") -- says 4096, has less
  t:ok(#size < 4096)
end)

test("what is bigger than its first block arrives whole", function(t)
  local text = ("0123456789abcdef"):rep(20000)
  local pipe = fifo "pipe"
  local reading = p.readFile(pipe, "utf8")
  fs.writeFile(pipe, text, t:called(function(e) t:equal(e, nil) end))
  t:equal(await(reading), text)
  local both = child_process.spawn(process.execPath, { "-e", "io.write((require 'fs'.readFileSync(0, 'utf8')))" }, { stdio = { "pipe", "pipe", "inherit" } })
  both.stdin:finish(text)
  local got = {}
  for chunk in both.stdout:iter() do got[#got + 1] = tostring(chunk) end
  t:equal(table.concat(got), text)
end)

test("the loop goes on while a pipe is waited for", function(t)
  local pipe = fifo "slow"
  local ticks, done = 0, false
  local interval = setInterval(function() ticks = ticks + 1 end, 1)
  fs.readFile(pipe, "utf8", t:called(function(e, text)
    done = true
    t:equal(text, "at last")
  end))
  while ticks < 3 do await(sleep(1)) end
  t:no(done)
  clearInterval(interval)
  await(p.writeFile(pipe, "at last"))
end)

test("a large file", { timeout = 60000 }, function(t)
  local size = 9 * 1048576 + 5 -- several turns
  local block = Buffer.alloc(size)
  for i = 0, size - 1, 4096 do block[i + 1] = i / 4096 % 251 end
  await(p.writeFile(at "large", block, { flush = true }))
  local back = await(p.readFile(at "large"))
  t:equal(#back, size)
  t:ok(back:equals(block))
  t:ok(fs.readFileSync(at "large"):equals(block))
end)

test("sparse files: sizes beyond 2 GiB are told, and refused as one Buffer", function(t)
  fs.writeFileSync(at "sparse", "")
  fs.truncateSync(at "sparse", 2 ^ 33)
  t:equal(fs.statSync(at "sparse").size, 2 ^ 33)
  t:equal(fs.statSync(at "sparse", { bigint = true }).size, 8589934592LL)
  local text = "File size (8589934592) is greater than 2 GiB"
  t:throws(function() fs.readFileSync(at "sparse") end, { code = "ERR_FS_FILE_TOO_LARGE", message = text, name = "RangeError" })
  t:rejects(p.readFile(at "sparse"), "ERR_FS_FILE_TOO_LARGE")
  local fd = fs.openSync(at "sparse", "r+")
  t:equal(fs.writeSync(fd, "end", 2 ^ 33 - 3), 3)
  local b = Buffer.alloc(10)
  t:equal(fs.readSync(fd, b, 0, 10, 2 ^ 33 - 5), 5)
  t:equal(b:toString("latin1", 0, 5), "\0\0end")
  t:equal(fs.readSync(fd, b, 0, 3, 8589934589LL), 3)
  fs.closeSync(fd)
  local parts = {}
  for chunk in fs.createReadStream(at "sparse", { start = 2 ^ 33 - 4 }):iter() do parts[#parts + 1] = tostring(chunk) end
  t:equal(table.concat(parts), "\0end")
  fs.unlinkSync(at "sparse")
end)

test("text that is no UTF-8 is replaced as in Node", function(t)
  fs.writeFileSync(at "bad", Buffer.from("61ff62c3", "hex"))
  t:equal(fs.readFileSync(at "bad", "utf8"), "a\239\191\189b\239\191\189")
  t:equal(await(p.readFile(at "bad", { encoding = "utf-8" })), "a\239\191\189b\239\191\189")
  t:equal(fs.readFileSync(at "bad", "latin1"), "a\195\191b\195\131")
  t:equal(fs.readFileSync(at "bad", { encoding = "buffer" }):toString "hex", "61ff62c3")
end)

test("64-bit integers in Stats and StatFs", function(t)
  fs.writeFileSync(at "big", "12345")
  fs.utimesSync(at "big", 1700000000.123456, 1700000001.5)
  local st, wide = fs.statSync(at "big"), fs.statSync(at "big", { bigint = true })
  for _, name in ipairs { "dev", "mode", "nlink", "uid", "gid", "rdev", "blksize", "ino", "size", "blocks" } do
    t:equal(type(wide[name]), "cdata", name)
    t:equal(tonumber(wide[name]), st[name], name)
  end
  t:equal(wide.mtimeNs, 1700000001500000000LL)
  t:equal(wide.mtimeMs, 1700000001500LL)
  t:equal(wide.atimeNs, 1700000000123456000LL)
  t:equal(wide.mtime:getTime(), 1700000001500)
  t:equal(st.mtimeMs, 1700000001500)
  t:equal(st.mtime:toISOString(), "2023-11-14T22:13:21.500Z")
  t:ok(wide:isFile())
  t:no(wide:isDirectory())
  t:equal(await(p.lstat(at "big", { bigint = true })).size, 5LL)
  fs.fstat(fs.openSync(at "big"), { bigint = true }, t:called(function(_, s) t:equal(s.size, 5LL) end))
  local space, wide_space = fs.statfsSync(dir), await(p.statfs(dir, { bigint = true }))
  for _, name in ipairs { "type", "bsize", "blocks", "files" } do
    t:equal(tonumber(wide_space[name]), space[name], name)
  end
  t:ok(fs.Stats:is(st))
  t:match(require("util").inspect(st), "^Stats {\n  dev: %d+,\n  mode: 33188,\n")
  t:equal(fs.statSync(at "none", { throwIfNoEntry = false }), nil)
  t:equal(fs.lstatSync(at "none/x", { throwIfNoEntry = false }), nil)
  t:throws(function() fs.statSync(("x"):rep(300), { throwIfNoEntry = false }) end, "ENAMETOOLONG")
end)

test("buffers that the program forgets are kept while they are read into", function(t)
  fs.writeFileSync(at "kept", ("y"):rep(100000))
  local fd = fs.openSync(at "kept")
  local left = 50
  for i = 1, 50 do
    local list = { Buffer.alloc(1000), Buffer.alloc(1000) }
    fs.readv(fd, list, 0, t:called(function(e, n, same)
      t:equal(e, nil)
      t:equal(n, 2000)
      t:ok(same == list)
      left = left - 1
      if left == 0 then fs.closeSync(fd) end
    end))
    list[1], list[2] = nil, nil
    fs.read(fd, Buffer.alloc(5000), 0, 5000, i, t:called(function(_, n, b)
      t:equal(n, 5000)
      t:equal(b[5000], 121)
    end))
  end
  collectgarbage()
  collectgarbage()
end)

test("a descriptor that is closed while it is in use gives errors, no more", function(t)
  for _ = 1, 20 do
    local fd = fs.openSync(at "kept")
    fs.read(fd, Buffer.alloc(10), 0, 10, 0, t:called(function(e) t:ok(e == nil or e.code == "EBADF") end))
    fs.close(fd, t:called(function(e) t:equal(e, nil) end))
    fs.fstat(fd, t:called(function(e) t:ok(e == nil or e.code == "EBADF") end))
  end
end)

test("thousands of files at once, without a descriptor left open", function(t)
  local before = descriptors()
  fs.mkdirSync(at "many")
  local list = {}
  for i = 1, 2000 do list[i] = p.writeFile(at("many/" .. i), "file " .. i) end
  await(Promise.all(list))
  for i = 1, 2000 do list[i] = p.readFile(at("many/" .. i), i % 2 == 0 and "utf8" or nil) end
  local all = await(Promise.all(list))
  for i = 1, 2000 do t:equal(tostring(all[i]), "file " .. i) end
  for i = 1, 2000 do list[i] = i % 3 == 0 and p.readFile(at("many/none" .. i)):catch(function(e) return e.code end) or p.stat(at("many/" .. i)) end
  all = await(Promise.all(list))
  t:equal(all[3], "ENOENT")
  t:equal(all[2].size, 6)
  t:equal(descriptors(), before)
  await(p.rm(at "many", { recursive = true }))
end)

test("leaving with work under way", function(t)
  local pipe = fifo "never"
  for _, text in ipairs {
    ("require 'fs'.readFile(%q, function() end); setTimeout(process.exit, 10, 3)"):format(pipe),
    ("require 'fs'.createReadStream(%q):on('data', print); setTimeout(process.exit, 10, 3)"):format(pipe),
    ("require 'fs'.createWriteStream(%q):write('x'); setTimeout(process.exit, 10, 3)"):format(pipe),
    "local fs = require 'fs'; for i = 1, 100 do fs.readFile('/proc/self/maps', function() end) end process.exit(3)",
    "local fs = require 'fs'; for i = 1, 100 do fs.readFile('/proc/self/maps', function() process.exit(3) end) end",
    "local fs = require 'fs'; fs.opendir('/', function(e, d) d:read(function() process.exit(3) end) d:read() end)",
    "local fs = require 'fs'; fs.watch('/', { recursive = false }); fs.watchFile('/', function() end); setTimeout(process.exit, 10, 3)",
  } do
    local r = child_process.spawnSync(process.execPath, { "-e", text }, { timeout = 5000 })
    t:equal(r.status, 3, text)
    t:equal(r.stderr:toString(), "")
  end
end)

test("the async context goes through", function(t)
  local queue = require "lunode.internal.queue"
  local mine = {}
  queue.context = mine
  fs.readFile(at "kept", t:called(function() t:ok(queue.context == mine) end))
  fs.stat(at "kept", t:called(function() t:ok(queue.context == mine) end))
  fs.readdir(dir, t:called(function() t:ok(queue.context == mine) end))
  queue.context = false
end)

test("truncate and ftruncate; a descriptor given to truncate", function(t)
  process:removeAllListeners "warning"
  fs.writeFileSync(at "tr", "0123456789")
  fs.truncateSync(at "tr", 4)
  t:equal(fs.readFileSync(at "tr", "utf8"), "0123")
  fs.truncate(at "tr", t:called(function(e)
    t:equal(e, nil)
    t:equal(fs.statSync(at "tr").size, 0)
    local fd = fs.openSync(at "tr", "r+")
    fs.ftruncateSync(fd, 3)
    t:equal(fs.fstatSync(fd).size, 3)
    fs.truncateSync(fd, 1)
    t:equal(fs.fstatSync(fd).size, 1)
    fs.ftruncate(fd, t:called(function()
      t:equal(fs.fstatSync(fd).size, 0)
      fs.closeSync(fd)
    end))
  end))
end)

test("modes, owners and times in all forms", function(t)
  fs.writeFileSync(at "meta", "")
  fs.symlinkSync("meta", at "metalink")
  await(p.chmod(at "meta", "600"))
  t:equal(fs.statSync(at "meta").mode % 512, 384)
  fs.chownSync(at "meta", -1, -1)
  await(p.lchown(at "metalink", process.getuid(), process.getgid()))
  await(p.lutimes(at "metalink", "5", { getTime = function() return 7000 end }))
  t:equal(fs.lstatSync(at "metalink").atimeMs, 5000)
  t:equal(fs.lstatSync(at "metalink").mtimeMs, 7000)
  t:ok(fs.statSync(at "meta").mtimeMs > 1e12)
  local fd = fs.openSync(at "meta", "r+")
  fs.futimes(fd, 1, fs.statSync(at "metalink").mtime, t:called(function(e)
    t:equal(e, nil)
    fs.fchmod(fd, 420, t:called(function()
      t:equal(fs.fstatSync(fd).mode % 512, 420)
      fs.fchownSync(fd, -1, -1)
      fs.fsync(fd, t:called(function() fs.fdatasync(fd, t:called(function() fs.closeSync(fd) end)) end))
    end))
  end))
end)

test("a Blob of a file", function(t)
  fs.writeFileSync(at "blob", "hello blob")
  local blob = await(fs.openAsBlob(at "blob", { type = "text/plain" }))
  t:equal(blob.size, 10)
  t:equal(blob.type, "text/plain")
  t:ok(require("buffer").Blob:is(blob))
  t:equal(await(blob:text()), "hello blob")
  t:equal(await(blob:slice(6):text()), "blob")
  t:equal(await(blob:slice(0, 5):slice(1, -1):text()), "ell")
  local parts = {}
  for chunk in blob:stream():iter() do parts[#parts + 1] = tostring(chunk) end
  t:equal(table.concat(parts), "hello blob")
  fs.writeFileSync(at "blob", "something else")
  t:equal(t:rejects(blob:text()).name, "NotReadableError")
  t:throws(function() fs.openAsBlob(5) end, "ERR_INVALID_ARG_TYPE")
  t:equal(t:rejects(fs.openAsBlob(at "no blob"), "ERR_INVALID_ARG_VALUE").message, "Unable to open file as blob")
end)
