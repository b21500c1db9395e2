-- SPDX-License-Identifier: MIT
--
-- Files. Source: Node 20 docs, "File system". Each operation of lua/fs/ in two of its faces here:
--   fs.readFile(path, options, callback)   callback(err, result)
--   fs.readFileSync(path, options)         the result, or an Error raised
-- The third is require "fs/promises". Paths: text, Buffer or file: URL. Modes: numbers or octal text. Times: seconds.
--
-- access(path, mode?: integer, callback: fun(err: Error?)): whether the process may: constants F_OK, R_OK, W_OK, X_OK
-- appendFile(path: string|Buffer|url.URL|integer, data: string|Buffer, options?: string|table, callback: fun(err: Error?)): encoding, mode, flag, flush
-- closeSync(fd: integer)
-- chmod(path, mode: integer|string, callback: fun(err: Error?))
-- chown(path, uid: integer, gid: integer, callback: fun(err: Error?))
-- copyFile(src: string|Buffer|url.URL, dest: string|Buffer|url.URL, mode?: integer, callback: fun(err: Error?)): mode: COPYFILE_EXCL and others of constants
-- cp(src: string|Buffer|url.URL, dest: string|Buffer|url.URL, options?: table, callback: fun(err: Error?)): see lua/fs/cp.lua
-- exists(path, callback: fun(there: boolean))
-- fchmod(fd: integer, mode: integer|string, callback: fun(err: Error?))
-- fchown(fd: integer, uid: integer, gid: integer, callback: fun(err: Error?))
-- fdatasync(fd: integer, callback: fun(err: Error?))
-- fstat(fd: integer, options?: table, callback: fun(err: Error?, stats: fs.Stats)): bigint
-- fsync(fd: integer, callback: fun(err: Error?))
-- ftruncate(fd: integer, len?: integer, callback: fun(err: Error?))
-- futimes(fd: integer, atime: number|string|table, mtime: number|string|table, callback: fun(err: Error?))
-- lchown(path, uid: integer, gid: integer, callback: fun(err: Error?))
-- link(existingPath: string|Buffer|url.URL, newPath: string|Buffer|url.URL, callback: fun(err: Error?))
-- lstat(path, options?: table, callback: fun(err: Error?, stats: fs.Stats)): bigint; lstatSync also throwIfNoEntry
-- lutimes(path, atime: number|string|table, mtime: number|string|table, callback: fun(err: Error?))
-- mkdir(path, options?: integer|string|table, callback: fun(err: Error?, first: string?)): recursive, mode; first: the first folder made, when recursive
-- mkdtemp(prefix: string|Buffer|url.URL, options?: string|table, callback: fun(err: Error?, path: string))
-- open(path, flags?: string|integer, mode?: integer|string, callback: fun(err: Error?, fd: integer))
-- opendir(path, options?: string|table, callback: fun(err: Error?, dir: fs.Dir)): encoding, bufferSize, recursive
-- read(fd: integer, buffer: Buffer, offset?: integer, length?: integer, position?: integer, callback: fun(err: Error?, bytesRead: integer, buffer: Buffer))
-- readSync(fd: integer, buffer: Buffer, offset?: integer, length?: integer, position?: integer) -> integer: or (fd, buffer, options)
-- readFile(path: string|Buffer|url.URL|integer, options?: string|table, callback: fun(err: Error?, data: Buffer|string)): encoding, flag, signal
-- readdir(path, options?: string|table, callback: fun(err: Error?, entries: table)): encoding, withFileTypes, recursive
-- readlink(path, options?: string|table, callback: fun(err: Error?, target: string|Buffer))
-- readv(fd: integer, buffers: Buffer[], position?: integer, callback: fun(err: Error?, bytesRead: integer, buffers: Buffer[]))
-- realpath(path, options?: string|table, callback: fun(err: Error?, path: string|Buffer))
-- rename(oldPath: string|Buffer|url.URL, newPath: string|Buffer|url.URL, callback: fun(err: Error?))
-- rm(path, options?: table, callback: fun(err: Error?)): force, recursive, maxRetries, retryDelay (ms)
-- rmdir(path, options?: table, callback: fun(err: Error?))
-- stat(path, options?: table, callback: fun(err: Error?, stats: fs.Stats)): bigint; statSync also throwIfNoEntry
-- statfs(path, options?: table, callback: fun(err: Error?, stats: fs.StatFs)): bigint
-- symlink(target: string|Buffer|url.URL, path, type?: string, callback: fun(err: Error?))
-- truncate(path, len?: integer, callback: fun(err: Error?))
-- unlink(path, callback: fun(err: Error?))
-- utimes(path, atime: number|string|table, mtime: number|string|table, callback: fun(err: Error?))
-- write(fd: integer, data: string|Buffer, offset?: integer, length?: integer, position?: integer, callback: fun(err: Error?, written: integer, data: string|Buffer)): with text: (fd, text, position, encoding, callback)
-- writeFile(path: string|Buffer|url.URL|integer, data: string|Buffer, options?: string|table, callback: fun(err: Error?)): encoding, mode, flag, signal, flush
-- writev(fd: integer, buffers: Buffer[], position?: integer, callback: fun(err: Error?, written: integer, buffers: Buffer[]))
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"

local callback, type, select, null, rawset = validators.callback, type, select, errors.null, rawset

local fs = { constants = {} }
for name, value in pairs(core.fs.constants) do
  fs.constants[name] = value
  if name:find "^UV_FS_COPYFILE" then fs.constants[name:sub(7)] = value end
end
fs.F_OK, fs.R_OK, fs.W_OK, fs.X_OK = fs.constants.F_OK, fs.constants.R_OK, fs.constants.W_OK, fs.constants.X_OK

-- ---- the faces of an operation

-- The callback is the last argument that is a function, or what stands where it belongs: behind `most` others.
local LAST = {} -- operations that look at their callback last
for name in ("chmod fchmod chown fchown lchown truncate ftruncate utimes futimes lutimes"):gmatch "%S+" do LAST[name] = true end

local function with_callback(op, most, last)
  return function(a, b, c, d, e, f)
    local cb
    if type(f) == "function" then cb = f
    elseif type(e) == "function" then cb, e = e, nil
    elseif type(d) == "function" then cb, d, e = d, nil, nil
    elseif type(c) == "function" then cb, c, d, e = c, nil, nil, nil
    elseif type(b) == "function" then cb, b, c, d, e = b, nil, nil, nil, nil
    else cb = select(most + 1, a, b, c, d, e, f) end
    if cb == nil and last then cb = require("lunode.fs.call").MISSING else cb = callback(cb, "cb") end
    if b == null then b = nil end
    if c == null then c = nil end
    if d == null then d = nil end
    if e == null then e = nil end
    return op(cb, a, b, c, d, e)
  end
end

local function blocking(op)
  return function(a, b, c, d, e)
    if b == null then b = nil end
    if c == null then c = nil end
    if d == null then d = nil end
    if e == null then e = nil end
    return op(nil, a, b, c, d, e)
  end
end

-- Operations by the file they are in, with the number of arguments before the callback.
local sources = {
  operations = {
    access = 2, appendFile = 3, chmod = 2, chown = 3, copyFile = 3, exists = 1, fchmod = 2, fchown = 3, fdatasync = 1, fstat = 2, fsync = 1,
    ftruncate = 2, futimes = 3, lchown = 3, link = 2, lstat = 2, lutimes = 3, mkdtemp = 2, open = 3, read = 5, readFile = 2, readlink = 2,
    readv = 3, rename = 2, stat = 2, statfs = 2, symlink = 3, truncate = 2, unlink = 1, utimes = 3, write = 5, writeFile = 3, writev = 3,
    close = 1, realpathNative = 2,
  },
  trees = { mkdir = 2, readdir = 2, realpath = 2, rm = 2, rmdir = 2 },
  cp = { cp = 3 },
  dir = { opendir = 2 },
}
local ops = require "lunode.fs.operations"

-- The others are loaded when first called.
local function operation(file, name)
  return ops[name] or function(...)
    require("lunode.fs." .. file)
    return ops[name](...)
  end
end

for file, names in pairs(sources) do
  for name, most in pairs(names) do
    local op = operation(file, name)
    fs[name], fs[name .. "Sync"] = with_callback(op, most, LAST[name]), blocking(op)
  end
end

local function nobody(err)
  if err then error(err, 0) end
end
-- close(fd: integer, callback?: fun(err: Error?)): without a callback an error is raised where nobody can catch it
function fs.close(fd, cb)
  if cb == nil then cb = nobody else cb = callback(cb, "cb") end
  return ops.close(cb, fd)
end

-- realpath and realpathSync are functions with a second form: realpath.native (one call of the C library).
for _, name in ipairs { "realpath", "realpathSync" } do
  local plain = fs[name]
  local native = name:gsub("realpath", "realpathNative")
  fs[name] = setmetatable({ native = fs[native] }, { __call = function(_, ...) return plain(...) end })
  fs[native] = nil
end

-- read: the callback gets (err, bytesRead, buffer), write (err, bytesWritten, data): util.promisify gives tables of them.
local custom = require "lunode.internal.promisify_custom"
local function two_results(name, first, second)
  custom[fs[name]] = function(...)
    local promise, shape = require "lunode.internal.promise", require "lunode.internal.shape"
    local p = promise.new()
    local n, a = select("#", ...), { ... }
    a[n + 1] = function(err, x, y)
      if err then return promise.reject(p, err) end
      promise.resolve(p, shape.dict { [first] = x, [second] = y })
    end
    fs[name](unpack(a, 1, n + 1))
    return p
  end
end
two_results("read", "bytesRead", "buffer")
two_results("write", "bytesWritten", "buffer")
two_results("readv", "bytesRead", "buffers")
two_results("writev", "bytesWritten", "buffers")
custom[fs.exists] = function(path)
  local promise = require "lunode.internal.promise"
  local p = promise.new()
  fs.exists(path, function(there) promise.resolve(p, there) end)
  return p
end

-- createReadStream(path, options?: string|table) -> fs.ReadStream: start, end, highWaterMark, encoding, fd, flags, mode, autoClose, emitClose, signal, fs
function fs.createReadStream(path, options) return fs.ReadStream(path, options) end
-- createWriteStream(path, options?: string|table) -> fs.WriteStream: start, flags, mode, encoding, fd, autoClose, emitClose, signal, flush, fs
function fs.createWriteStream(path, options) return fs.WriteStream(path, options) end

-- openAsBlob(path, options?: table) -> Promise: type
-- The Blob's bytes are the file's, read when they are asked for.
function fs.openAsBlob(path, options) return require "lunode.fs.blob"(path, options) end

-- Loaded when first asked for.
local lazy = {}
for name, file in pairs {
  Stats = "stats", StatFs = "stats", Dirent = "stats", ReadStream = "streams", WriteStream = "streams", FSWatcher = "watch", watch = "watch",
  StatWatcher = "stat_watcher", watchFile = "stat_watcher", unwatchFile = "stat_watcher", glob = "glob", globSync = "glob",
} do
  lazy[name] = function() return require("lunode.fs." .. file)[name] end
end
function lazy.Dir() return require "lunode.fs.dir" end
function lazy.FileReadStream() return fs.ReadStream end
function lazy.FileWriteStream() return fs.WriteStream end
function lazy.promises() return require "lunode.fs.promises" end
function lazy._toUnixTimestamp() return require("lunode.fs.arguments").time end

return require "lunode.internal.lazy"(fs, lazy)
