-- SPDX-License-Identifier: MIT
--
-- What fs says when something is wrong: texts, codes and fields as Node 20.20.2 gave them for the same calls.
local test = require "../support/test"
local fs = require "fs"
local path = require "path"
local os = require "os"

local dir = fs.mkdtempSync(path.join(os.tmpdir(), "lunode-fs-errors-"))
local function at(name) return path.join(dir, name) end
process:on("exit", function() fs.rmSync(dir, { recursive = true, force = true }) end)
fs.mkdirSync(at "a/b", { recursive = true })
fs.writeFileSync(at "f", "hello")

local function raised(t, fn)
  local ok, e = pcall(fn)
  t:no(ok, "it raised nothing")
  return e
end

-- fn must raise "message" (with D for the folder) and code; errno, syscall, path, dest when it is the system's error.
local function check(t, name, fn, code, message, fields)
  local e = raised(t, fn)
  message = message:gsub("D/", function() return dir .. "/" end)
  t:equal(e.message, message, name)
  t:equal(e.code, code, name .. ": code")
  for k, v in pairs(fields or {}) do t:equal(e[k], type(v) == "string" and v:gsub("^D/", function() return dir .. "/" end) or v, name .. ": " .. k) end
end

test("the system's errors have code, errno, syscall, path and dest", function(t)
  local none, f = at "none", at "f"
  local function one(name, syscall, fn, code, text, errno)
    check(t, name, fn, code, ("%s: %s, %s 'D/none'"):format(code, text, syscall), { errno = errno, syscall = syscall, path = "D/none" })
  end
  local function missing(name, syscall, fn) one(name, syscall, fn, "ENOENT", "no such file or directory", -2) end
  missing("open", "open", function() fs.openSync(none) end)
  missing("readFile", "open", function() fs.readFileSync(none) end)
  missing("truncate", "open", function() fs.truncateSync(none) end)
  missing("stat", "stat", function() fs.statSync(none) end)
  missing("lstat", "lstat", function() fs.lstatSync(none) end)
  missing("rm", "lstat", function() fs.rmSync(none) end)
  missing("access", "access", function() fs.accessSync(none) end)
  missing("chmod", "chmod", function() fs.chmodSync(none, 384) end)
  missing("chown", "chown", function() fs.chownSync(none, 1, 1) end)
  missing("utimes", "utime", function() fs.utimesSync(none, 1, 1) end)
  missing("lutimes", "lutime", function() fs.lutimesSync(none, 1, 1) end)
  missing("unlink", "unlink", function() fs.unlinkSync(none) end)
  missing("readdir", "scandir", function() fs.readdirSync(none) end)
  missing("statfs", "statfs", function() fs.statfsSync(none) end)
  missing("realpath", "lstat", function() fs.realpathSync(none) end)
  missing("realpath.native", "realpath", function() fs.realpathSync.native(none) end)
  missing("watch", "watch", function() fs.watch(none) end)
  local two = { errno = -2, path = "D/none", dest = "D/g" }
  for _, name in ipairs { "rename", "link", "copyFile" } do
    local syscall = name:lower()
    check(t, name, function() fs[name .. "Sync"](none, at "g") end, "ENOENT", ("ENOENT: no such file or directory, %s 'D/none' -> 'D/g'"):format(syscall), two)
  end
  check(t, "symlink", function() fs.symlinkSync("x", f) end, "EEXIST", "EEXIST: file already exists, symlink 'x' -> 'D/f'", { path = "x", dest = "D/f" })
  check(t, "mkdtemp", function() fs.mkdtempSync(none .. "/x") end, "ENOENT", "ENOENT: no such file or directory, mkdtemp 'D/none/xXXXXXX'", { path = "D/none/xXXXXXX" })
  check(t, "readlink", function() fs.readlinkSync(f) end, "EINVAL", "EINVAL: invalid argument, readlink 'D/f'", { errno = -22 })
  check(t, "opendir", function() fs.opendirSync(none) end, "ENOENT", "ENOENT: no such file or directory, opendir", { syscall = "opendir" })
  check(t, "readFile of a folder", function() fs.readFileSync(at "a") end, "EISDIR", "EISDIR: illegal operation on a directory, read", { syscall = "read", errno = -21 })
  check(t, "readFile of no descriptor", function() fs.readFileSync(999) end, "EBADF", "EBADF: bad file descriptor, fstat", { syscall = "fstat" })
  for _, name in ipairs { "close", "fsync", "fdatasync", "fstat" } do
    check(t, name, function() fs[name .. "Sync"](999) end, "EBADF", "EBADF: bad file descriptor, " .. name, { syscall = name })
  end
  check(t, "futimes", function() fs.futimesSync(999, 1, 1) end, "EBADF", "EBADF: bad file descriptor, futime")
  check(t, "mkdir over a file", function() fs.mkdirSync(f, { recursive = true }) end, "EEXIST", "EEXIST: file already exists, mkdir 'D/f'", { path = "D/f" })
  check(t, "mkdir through a file", function() fs.mkdirSync(f .. "/x/y", { recursive = true }) end, "ENOTDIR", "ENOTDIR: not a directory, mkdir 'D/f/x/y'")
  check(t, "mkdir of nothing", function() fs.mkdirSync("", { recursive = true }) end, "ENOENT", "ENOENT: no such file or directory, mkdir ''")
  check(t, "rmdir of a file", function() fs.rmdirSync(f) end, "ENOTDIR", "ENOTDIR: not a directory, rmdir 'D/f'")
  check(t, "rm of a folder", function() fs.rmSync(at "a") end, "ERR_FS_EISDIR", "Path is a directory: rm returned EISDIR (is a directory) D/a",
    { name = "SystemError", errno = 21, syscall = "rm", path = "D/a" })
  t:equal(raised(t, function() fs.watch(none) end).filename, none)
end)

test("the callback and the promise give the same error", function(t)
  fs.stat(at "none", t:called(function(e, st)
    t:equal(st, nil)
    t:equal(e.message, "ENOENT: no such file or directory, stat '" .. at "none" .. "'")
  end))
  fs.rename(at "none", at "g", t:called(function(e)
    t:equal(e.dest, at "g")
    t:equal(e.syscall, "rename")
  end))
  local e = t:rejects(fs.promises.rename(at "none", at "g"), "ENOENT")
  t:equal(e.dest, at "g")
  t:rejects(fs.promises.stat(5), "ERR_INVALID_ARG_TYPE")
  t:rejects(fs.promises.rm(at "a"), "ERR_FS_EISDIR")
  t:equal(t:rejects(fs.promises.lchmod("f", 0), "ERR_METHOD_NOT_IMPLEMENTED").message, "The lchmod() method is not implemented")
end)

test("wrong arguments raise Node's errors", function(t)
  local f = at "f"
  local fd = fs.openSync(f, "r+")
  local b = Buffer.alloc(8)
  local TYPE, VALUE, RANGE = "ERR_INVALID_ARG_TYPE", "ERR_INVALID_ARG_VALUE", "ERR_OUT_OF_RANGE"
  local function is(fn, code, message) check(t, message, fn, code, message) end
  is(function() fs.openSync(5) end, TYPE, 'The "path" argument must be of type string or an instance of Buffer or URL. Received type number (5)')
  is(function() fs.openSync "a\0b" end, VALUE, "The argument 'path' must be a string, Uint8Array, or URL without null bytes. Received 'a\\x00b'")
  is(function() fs.openSync(f, "zz") end, VALUE, "The argument 'flags' is invalid. Received 'zz'")
  is(function() fs.openSync(f, "r", "zz") end, VALUE, "The argument 'mode' must be a 32-bit unsigned integer or an octal string. Received 'zz'")
  is(function() fs.fstatSync(-1) end, RANGE, 'The value of "fd" is out of range. It must be >= 0 && <= 2147483647. Received -1')
  is(function() fs.closeSync "x" end, TYPE, [[The "fd" argument must be of type number. Received type string ('x')]])
  is(function() fs.chmodSync(f) end, TYPE, 'The "mode" argument must be of type number. Received undefined')
  is(function() fs.accessSync(f, 8) end, RANGE, "mode is out of range: >= 0 && <= 7")
  is(function() fs.copyFileSync(f, "g", "x") end, TYPE, "mode must be int32 or null/undefined")
  is(function() fs.chownSync(f, -2, 1) end, RANGE, 'The value of "uid" is out of range. It must be >= -1 && <= 4294967295. Received -2')
  is(function() fs.utimesSync(f, 1) end, TYPE, 'The "time" argument must be an instance of Date or an Time in seconds. Received undefined')
  is(function() fs.ftruncateSync(fd, "x") end, TYPE, [[The "len" argument must be of type number. Received type string ('x')]])
  is(function() fs.mkdtempSync(5) end, TYPE, 'The "prefix" argument must be of type string or an instance of Buffer or URL. Received type number (5)')
  is(function() fs.symlinkSync("a", "b", "zz") end, "ERR_FS_INVALID_SYMLINK_TYPE", 'Symlink type must be one of "dir", "file", or "junction". Received "zz"')
  is(function() fs.rmSync(f, { recursive = 5 }) end, TYPE, 'The "options.recursive" property must be of type boolean. Received type number (5)')
  is(function() fs.rmSync(f, { maxRetries = -1 }) end, RANGE, 'The value of "options.maxRetries" is out of range. It must be >= 0 && <= 4294967295. Received -1')
  is(function() fs.readFileSync(f, "zz") end, VALUE, "The argument 'encoding' is invalid encoding. Received 'zz'")
  is(function() fs.readFileSync(f, 5) end, TYPE, 'The "options" argument must be one of type string or object. Received type number (5)')
  is(function() fs.writeFileSync(f, 5) end, TYPE, 'The "data" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received type number (5)')
  is(function() fs.writeFileSync(f, "x", { flush = "zz" }) end, TYPE, [[The "options.flush" property must be of type boolean. Received type string ('zz')]])
  is(function() fs.writeSync(fd, 5) end, TYPE, 'The "buffer" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received type number (5)')
  is(function() fs.writeSync(fd, "616", 0, "hex") end, VALUE, "The argument 'encoding' is invalid for data of length 3. Received 'hex'")
  is(function() fs.writeSync(fd, b, 9) end, RANGE, 'The value of "offset" is out of range. It must be <= 8. Received 9')
  is(function() fs.writeSync(fd, b, 0, 9) end, RANGE, 'The value of "length" is out of range. It must be <= 8. Received 9')
  is(function() fs.readSync(fd, b, 0, 9, 0) end, RANGE, 'The value of "length" is out of range. It must be <= 8. Received 9')
  is(function() fs.readSync(fd, b, -1, 1, 0) end, RANGE, 'The value of "offset" is out of range. It must be >= 0 && <= 9007199254740991. Received -1')
  is(function() fs.readSync(fd, b, 0, 1, "1") end, TYPE, [[The "position" argument must be of type bigint or integer. Received type string ('1')]])
  is(function() fs.readSync(fd, b, 0, 1, -2) end, RANGE, 'The value of "position" is out of range. It must be >= -1 && <= 9007199254740991. Received -2')
  is(function() fs.readSync(fd, "abc", 0, 1, 0) end, TYPE, [[The "buffer" argument must be an instance of Buffer, TypedArray, or DataView. Received type string ('abc')]])
  is(function() fs.readSync(fd, b, "x") end, TYPE, [[The "options" argument must be of type object. Received type string ('x')]])
  is(function() fs.readvSync(fd, { 1 }) end, TYPE, 'The "buffers" argument must be an ArrayBufferView[]. Received an instance of Array')
  is(function() fs.readvSync(fd, {}) end, "EINVAL", "EINVAL: invalid argument, read")
  is(function() fs.opendirSync(".", { bufferSize = 0 }) end, RANGE, 'The value of "options.bufferSize" is out of range. It must be >= 1 && <= 4294967295. Received 0')
  is(function() fs.watch(".", { recursive = 5 }) end, TYPE, 'The "options.recursive" property must be of type boolean. Received type number (5)')
  is(function() fs.watchFile(f) end, TYPE, 'The "listener" argument must be of type function. Received undefined')
  is(function() fs.cpSync("a", "b", { filter = 1 }) end, TYPE, 'The "options.filter" property must be of type function. Received type number (1)')
  is(function() fs.cpSync("a", "b", { dereference = true, verbatimSymlinks = true }) end, "ERR_INCOMPATIBLE_OPTION_PAIR",
    'Option "dereference" cannot be used in combination with option "verbatimSymlinks"')
  is(function() fs.createReadStream(f, { start = 5, ["end"] = 3 }) end, RANGE, 'The value of "start" is out of range. It must be <= "end" (here: 3). Received 5')
  is(function() fs.createReadStream(f, { fs = {} }) end, TYPE, 'The "options.fs.open" property must be of type function. Received undefined')
  is(function() fs.createReadStream(f, { fd = "x" }) end, TYPE, [[The "options.fd" property must be of type number or an instance of FileHandle. Received type string ('x')]])
  is(function() fs.createWriteStream(f, { flush = 1 }) end, TYPE, 'The "options.flush" property must be of type boolean. Received type number (1)')
  is(function() fs.globSync(5) end, TYPE, 'The "patterns" argument must be of type string. Received type number (5)')
  t:equal(fs.existsSync(nil), false)
  fs.closeSync(fd)
end)

test("every asynchronous function asks for its callback", function(t)
  for name, args in pairs {
    access = { "f" }, appendFile = { "f", "x" }, chmod = { "f", 1 }, chown = { "f", 1, 1 }, copyFile = { "f", "g" }, cp = { "f", "g" }, exists = { "f" },
    fchmod = { 9, 1 }, fchown = { 9, 1, 1 }, fdatasync = { 9 }, fstat = { 9 }, fsync = { 9 }, ftruncate = { 9, 1 }, futimes = { 9, 1, 1 },
    lchown = { "f", 1, 1 }, link = { "f", "g" }, lstat = { "f" }, lutimes = { "f", 1, 1 }, mkdir = { "f" }, mkdtemp = { "f" }, open = { "f" },
    opendir = { "f" }, read = { 9 }, readFile = { "f" }, readdir = { "f" }, readlink = { "f" }, readv = { 9, {} }, realpath = { "f" },
    rename = { "f", "g" }, rm = { "f" }, rmdir = { "f" }, stat = { "f" }, statfs = { "f" }, symlink = { "f", "g" }, truncate = { "f" },
    unlink = { "f" }, utimes = { "f", 1, 1 }, write = { 9, "x" }, writeFile = { "f", "x" }, writev = { 9, {} }, glob = { "*" },
  } do
    local e = raised(t, function() fs[name](unpack(args)) end)
    t:match(e.message, '^The "c%l+" argument must be of type function. Received undefined$', name)
    t:equal(e.code, "ERR_INVALID_ARG_TYPE")
  end
end)
