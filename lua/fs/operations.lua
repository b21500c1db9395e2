-- SPDX-License-Identifier: MIT
--
-- Every file operation, once. ops.NAME(cb, …): with cb nil it blocks, returns the result or raises; with a function it
-- returns at once and calls cb(err, result). fs.lua and fs/promises.lua give these their three faces.
--
-- Composite operations (readFile, rm, cp …) are written once too, as body(io, …) where io.NAME(…) is the blocking
-- operation, or one that suspends the body's own coroutine until the callback comes.
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"
local shape = require "lunode.internal.shape"
local args = require "lunode.fs.arguments"
local st = require "lunode.fs.stats"
local path_module = require "lunode.path"
require "lunode.buffer" -- gives the Buffers that C makes their methods

local fs, C = core.fs, core.fs.constants
local uv, list = errors.uv, shape.list
local unpack, type, error, pcall, tostring = unpack, type, error, pcall, tostring
local getpath, getflags, getmode, getfd = args.path, args.flags, args.mode, args.fd
local ENOENT, EEXIST = core.error.code "ENOENT", core.error.code "EEXIST"

local ops = {}

local function queue() return require "lunode.internal.queue" end

-- How one libuv call ends. `map` turns the raw result into Node's.
local function adapt(cb, syscall, path, dest, map)
  local context = queue().context
  return function(code, ...)
    queue().context = context
    if code then return cb(uv(code, syscall, path, dest)) end
    if map then return cb(nil, map(...)) end
    return cb(nil, ...)
  end
end

local function sync(syscall, path, dest, map, result, ...)
  if result == nil then error(uv((...), syscall, path, dest), 0) end
  if map then return map(result, ...) end
  return result, ...
end

local function failed_start(cb, err) if err then queue().nextTick(cb, err) end end

-- Calls fs[name] with up to five arguments.
local function call(cb, name, syscall, path, dest, map, ...)
  if not cb then return sync(syscall, path, dest, map, fs[name](...)) end
  local n = select("#", ...)
  local a = { ... }
  a[n + 1] = adapt(cb, syscall, path, dest, map)
  local code = fs[name](unpack(a, 1, n + 1))
  if code < 0 then failed_start(cb, uv(code, syscall, path, dest)) end
end

local function nothing() end

function ops.open(cb, path, flags, mode)
  path, flags, mode = getpath(path), getflags(flags), getmode(mode, "mode", 438)
  return call(cb, "open", "open", path, nil, nil, path, flags, mode)
end

function ops.close(cb, fd) return call(cb, "close", "close", nil, nil, nothing, getfd(fd)) end

local function check_range(buffer, offset, length)
  if offset == nil then offset = 0 end
  validators.validateInteger(offset, "offset", 0)
  local size = #buffer
  if length == nil then length = size - offset end
  validators.validateInteger(length, "length")
  if offset > size then error(errors.ERR_OUT_OF_RANGE("offset", ("<= %d"):format(size), offset), 0) end
  if length < 0 or length > size - offset then
    error(errors.ERR_OUT_OF_RANGE("length", length < 0 and ">= 0" or ("<= %d"):format(size - offset), length), 0)
  end
  return offset, length
end

local function getposition(position)
  if position == nil or position == errors.null then return -1 end
  if type(position) == "cdata" then position = tonumber(position) end
  validators.validateInteger(position, "position", -1)
  return position
end

-- read(fd, buffer, offset, length, position) or read(fd, buffer, {offset=, length=, position=}) -> bytes read
function ops.read(cb, fd, buffer, offset, length, position)
  getfd(fd)
  if type(buffer) == "table" then offset, buffer = buffer, buffer.buffer end
  if type(offset) == "table" then offset, length, position = offset.offset, offset.length, offset.position end
  if buffer == nil then buffer = core.buffer.alloc(16384) end
  if not core.buffer.is(buffer) then error(errors.ERR_INVALID_ARG_TYPE("buffer", { "Buffer", "TypedArray", "DataView" }, buffer), 0) end
  offset, length = check_range(buffer, offset, length)
  position = getposition(position)
  if not cb then return sync("read", nil, nil, nil, fs.read(fd, buffer, offset, length, position)) end
  local code = fs.read(fd, buffer, offset, length, position, adapt(function(err, n) cb(err, n or 0, buffer) end, "read"))
  if code < 0 then failed_start(cb, uv(code, "read")) end
end

-- write(fd, buffer, offset, length, position) or write(fd, text, position, encoding) -> bytes written
function ops.write(cb, fd, data, offset, length, position)
  getfd(fd)
  local bytes
  if type(data) == "string" then
    bytes, position, offset = args.data(data, length), offset, 0
    length = #bytes
  else
    if not core.buffer.is(data) then error(errors.ERR_INVALID_ARG_TYPE("buffer", { "string", "Buffer", "TypedArray", "DataView" }, data), 0) end
    bytes = data
    if type(offset) == "table" then offset, length, position = offset.offset, offset.length, offset.position end
    offset, length = check_range(data, offset, length)
  end
  if type(position) ~= "number" then position = nil end
  position = getposition(position)
  if not cb then return sync("write", nil, nil, nil, fs.write(fd, bytes, offset, length, position)) end
  local code = fs.write(fd, bytes, offset, length, position, adapt(function(err, n) cb(err, n or 0, data) end, "write"))
  if code < 0 then failed_start(cb, uv(code, "write")) end
end

local function vector(cb, name, fd, buffers, position)
  getfd(fd)
  validators.validateArray(buffers, "buffers")
  for i = 1, #buffers do
    if not core.buffer.is(buffers[i]) then error(errors.ERR_INVALID_ARG_TYPE("buffers", "Buffer[]", buffers), 0) end
  end
  position = getposition(position)
  local syscall = name == "readv" and "read" or "write"
  if #buffers == 0 then
    if not cb then return 0 end
    return queue().nextTick(cb, nil, 0, buffers)
  end
  if not cb then return sync(syscall, nil, nil, nil, fs[name](fd, buffers, position)) end
  local code = fs[name](fd, buffers, position, adapt(function(err, n) cb(err, n or 0, buffers) end, syscall))
  if code < 0 then failed_start(cb, uv(code, syscall)) end
end
function ops.readv(cb, fd, buffers, position) return vector(cb, "readv", fd, buffers, position) end
function ops.writev(cb, fd, buffers, position) return vector(cb, "writev", fd, buffers, position) end

local function no_bigint(options, name)
  if type(options) == "table" and options.bigint then error(errors.ERR_METHOD_NOT_IMPLEMENTED(name .. " with bigint: true"), 0) end
end

local function stat(name)
  ops[name] = function(cb, path, options)
    path = getpath(path)
    no_bigint(options, "fs." .. name)
    if not cb and type(options) == "table" and options.throwIfNoEntry == false then
      local values, code = fs[name](path)
      if not values and (code == ENOENT or code == core.error.code "ENOTDIR") then return nil end
      return sync(name, path, nil, st.stats, values, code)
    end
    return call(cb, name, name, path, nil, st.stats, path)
  end
end
stat "stat"
stat "lstat"

function ops.fstat(cb, fd, options)
  no_bigint(options, "fs.fstat")
  return call(cb, "fstat", "fstat", nil, nil, st.stats, getfd(fd))
end

function ops.statfs(cb, path, options)
  no_bigint(options, "fs.statfs")
  path = getpath(path)
  return call(cb, "statfs", "statfs", path, nil, function(v)
    return { type = v[1], bsize = v[2], blocks = v[3], bfree = v[4], bavail = v[5], files = v[6], ffree = v[7] }
  end, path)
end

function ops.access(cb, path, mode)
  path = getpath(path)
  if mode == nil then mode = C.F_OK end
  validators.validateInteger(mode, "mode", 0, 7)
  return call(cb, "access", "access", path, nil, nothing, path, mode)
end

-- A false answer for anything that goes wrong, bad arguments among it.
function ops.exists(cb, path)
  local ok, text = pcall(getpath, path)
  if not cb then return ok and fs.access(text, C.F_OK) ~= nil end
  if not ok then return queue().nextTick(cb, false) end
  fs.access(text, C.F_OK, function(code) cb(code == nil) end)
end

function ops.chmod(cb, path, mode)
  path = getpath(path)
  return call(cb, "chmod", "chmod", path, nil, nothing, path, getmode(mode, "mode", nil) or error(errors.ERR_INVALID_ARG_TYPE("mode", "number", mode), 0))
end
function ops.fchmod(cb, fd, mode)
  return call(cb, "fchmod", "fchmod", nil, nil, nothing, getfd(fd), getmode(mode, "mode", nil) or error(errors.ERR_INVALID_ARG_TYPE("mode", "number", mode), 0))
end

local function owner(name, first)
  ops[name] = function(cb, target, uid, gid)
    target = first(target)
    validators.validateInteger(uid, "uid", -1, 4294967295)
    validators.validateInteger(gid, "gid", -1, 4294967295)
    return call(cb, name, name, first == getpath and target or nil, nil, nothing, target, uid, gid)
  end
end
owner("chown", getpath)
owner("lchown", getpath)
owner("fchown", getfd)

local function times(name, core_name, syscall, first)
  ops[name] = function(cb, target, atime, mtime)
    target = first(target)
    atime, mtime = args.time(atime, "atime"), args.time(mtime, "mtime")
    return call(cb, core_name, syscall, first == getpath and target or nil, nil, nothing, target, atime, mtime)
  end
end
times("utimes", "utime", "utime", getpath)
times("lutimes", "lutime", "lutime", getpath)
times("futimes", "futime", "futime", getfd)

function ops.fsync(cb, fd) return call(cb, "fsync", "fsync", nil, nil, nothing, getfd(fd)) end
function ops.fdatasync(cb, fd) return call(cb, "fdatasync", "fdatasync", nil, nil, nothing, getfd(fd)) end

function ops.ftruncate(cb, fd, length)
  if length == nil then length = 0 end
  validators.validateInteger(length, "len")
  return call(cb, "ftruncate", "ftruncate", nil, nil, nothing, getfd(fd), math.max(0, length))
end

function ops.unlink(cb, path)
  path = getpath(path)
  return call(cb, "unlink", "unlink", path, nil, nothing, path)
end

function ops.rename(cb, from, to)
  from, to = getpath(from, "oldPath"), getpath(to, "newPath")
  return call(cb, "rename", "rename", from, to, nothing, from, to)
end

function ops.link(cb, from, to)
  from, to = getpath(from, "existingPath"), getpath(to, "newPath")
  return call(cb, "link", "link", from, to, nothing, from, to)
end

function ops.symlink(cb, target, path)
  target, path = getpath(target, "target"), getpath(path)
  return call(cb, "symlink", "symlink", target, path, nothing, target, path, 0)
end

function ops.readlink(cb, path, options)
  options = args.options(options)
  path = getpath(path)
  return call(cb, "readlink", "readlink", path, nil, function(text) return args.name(text, options.encoding) end, path)
end

function ops.copyFile(cb, from, to, mode)
  from, to = getpath(from, "src"), getpath(to, "dest")
  if mode == nil then mode = 0 end
  validators.validateInteger(mode, "mode", 0, 7)
  return call(cb, "copyfile", "copyfile", from, to, nothing, from, to, mode)
end

function ops.mkdtemp(cb, prefix, options)
  options = args.options(options)
  prefix = getpath(prefix, "prefix")
  local template = prefix .. "XXXXXX"
  return call(cb, "mkdtemp", "mkdtemp", template, nil, function(text) return args.name(text, options.encoding) end, template)
end

-- ---- composites

local blocking = setmetatable({}, { __index = function(t, name)
  local op = ops[name]
  local fn = function(...) return op(nil, ...) end
  t[name] = fn
  return fn
end })

local FAILED = {} -- marks an answer that is an error

local function answer(first, ...)
  if first == FAILED then error((...), 0) end
  return first, ...
end

-- The same names, suspending the running body.
local suspending = setmetatable({}, { __index = function(t, name)
  local fn = function(...) return answer(coroutine.yield(name, ...)) end
  t[name] = fn
  return fn
end })

-- Runs body(suspending, …) in a coroutine of its own; cb(err, result) once it ends.
local function drive(cb, body, ...)
  local co = coroutine.create(body)
  local step
  local function resumed(ok, name, ...)
    if not ok then return cb(name) end
    if coroutine.status(co) == "dead" then return cb(nil, name, ...) end
    local fine, err = pcall(ops[name], step, ...)
    if not fine then return step(err) end
  end
  function step(err, ...)
    if err ~= nil then return resumed(coroutine.resume(co, FAILED, err)) end
    return resumed(coroutine.resume(co, ...))
  end
  return resumed(coroutine.resume(co, suspending, ...))
end

-- check(…) runs at once and raises on bad arguments; its results are the body's arguments.
local function composite(name, check, body)
  ops[name] = function(cb, ...)
    if not cb then return body(blocking, check(...)) end
    return drive(cb, body, check(...))
  end
end

local function aborted(signal)
  if signal and signal.aborted then error(errors.AbortError(nil, { cause = signal.reason }), 0) end
end

local MAX_FILE = 2147483647

composite("readFile", function(path, options)
  options = args.options(options)
  validators.validateAbortSignal(options.signal, "options.signal")
  local is_fd = type(path) == "number"
  if is_fd then getfd(path) else path = getpath(path) end
  return path, is_fd, getflags(options.flag, "options.flag"), options.encoding, options.signal
end, function(io, path, is_fd, flags, encoding, signal)
  aborted(signal)
  local fd = is_fd and path or io.open(path, flags, 438)
  local ok, result = pcall(function()
    local stats = io.fstat(fd)
    local size = stats:isFile() and stats.size or 0
    if size > MAX_FILE then error(errors.ERR_FS_FILE_TOO_LARGE(("%d"):format(size)), 0) end
    local chunks, total = {}, 0
    while true do
      aborted(signal)
      local want = size > 0 and math.max(size - total, 0) or 65536
      if want == 0 then
        if size > 0 and #chunks > 0 then -- one byte more tells whether the file has grown
          want = 8192
        end
      end
      local chunk = core.buffer.alloc(math.min(want, 16777216))
      local n = io.read(fd, chunk, 0, #chunk, nil)
      if n == 0 then break end
      chunks[#chunks + 1] = n == #chunk and chunk or core.buffer.slice(chunk, 0, n)
      total = total + n
    end
    if #chunks == 1 then return chunks[1] end
    return require("lunode.buffer").Buffer.concat(chunks, total)
  end)
  if not is_fd then
    local closed, why = pcall(io.close, fd)
    if ok and not closed then ok, result = false, why end
  end
  if not ok then error(result, 0) end
  if encoding and encoding ~= "buffer" then return result:toString(encoding) end
  return result
end)

local function write_all(io, fd, data, append)
  local offset, size = 0, #data
  if type(data) == "string" then data = require("lunode.buffer").Buffer.from(data) end
  while offset < size do offset = offset + io.write(fd, data, offset, size - offset, nil) end
end

local function write_file(default_flag)
  return function(path, data, options)
    options = args.options(options, { encoding = "utf8", mode = 438, flag = default_flag })
    validators.validateAbortSignal(options.signal, "options.signal")
    local is_fd = type(path) == "number"
    if is_fd then getfd(path) else path = getpath(path) end
    return path, is_fd, args.data(data, options.encoding), getflags(options.flag, "options.flag"), getmode(options.mode, "mode", 438), options.signal, options.flush
  end, function(io, path, is_fd, data, flags, mode, signal, flush)
    aborted(signal)
    local fd = is_fd and path or io.open(path, flags, mode)
    local ok, why = pcall(function()
      write_all(io, fd, data)
      aborted(signal)
      if flush then io.fsync(fd) end
    end)
    if not is_fd then
      local closed, other = pcall(io.close, fd)
      if ok and not closed then ok, why = false, other end
    end
    if not ok then error(why, 0) end
  end
end
composite("writeFile", write_file "w")
composite("appendFile", write_file "a")

composite("truncate", function(path, length)
  if length == nil then length = 0 end
  validators.validateInteger(length, "len")
  return getpath(path), math.max(0, length)
end, function(io, path, length)
  local fd = io.open(path, "r+")
  local ok, why = pcall(io.ftruncate, fd, length)
  io.close(fd)
  if not ok then error(why, 0) end
end)

function ops.mkdir_plain(cb, path, mode) return call(cb, "mkdir", "mkdir", path, nil, nothing, path, mode) end

-- Returns the first folder made (recursive), or nothing.
composite("mkdir", function(path, options)
  local recursive, mode = false, options
  if type(options) == "table" then recursive, mode = options.recursive, options.mode end
  if recursive ~= nil then validators.validateBoolean(recursive, "options.recursive") end
  return getpath(path), recursive, getmode(mode, "mode", 511)
end, function(io, path, recursive, mode)
  if not recursive then
    io.mkdir_plain(path, mode)
    return nil
  end
  path = path_module.resolve(path)
  local missing, at = {}, path
  while true do
    local ok, e = pcall(io.mkdir_plain, at, mode)
    if ok then break end
    if e.code == "ENOENT" and path_module.dirname(at) ~= at then
      missing[#missing + 1] = at
      at = path_module.dirname(at)
    elseif e.code == "EEXIST" or e.code == "EISDIR" or e.code == "EPERM" or e.code == "EROFS" or e.code == "EACCES" then
      local there, stats = pcall(io.stat, at)
      if not there then error(uv(e.errno, "mkdir", path), 0) end
      if not stats:isDirectory() then error(#missing == 0 and uv(EEXIST, "mkdir", path) or uv(core.error.code "ENOTDIR", "mkdir", path), 0) end
      at = nil
      break
    else
      error(uv(e.errno, "mkdir", path), 0)
    end
  end
  local first = at
  for i = #missing, 1, -1 do
    local ok, e = pcall(io.mkdir_plain, missing[i], mode)
    if not ok and e.code ~= "EEXIST" then error(e, 0) end
    if ok then first = first or missing[i] end
  end
  return first
end)

function ops.scandir(cb, path)
  return call(cb, "scandir", "scandir", path, nil, function(names, types) return { names = names, types = types } end, path)
end

composite("readdir", function(path, options)
  options = args.options(options)
  if options.recursive ~= nil then validators.validateBoolean(options.recursive, "options.recursive") end
  return getpath(path), options.withFileTypes, options.recursive, options.encoding
end, function(io, path, with_types, recursive, encoding)
  local out = {}
  local function walk(dir, prefix)
    local found = io.scandir(dir)
    local inner = {}
    for i, name in ipairs(found.names) do
      local kind = found.types[i]
      local full = path_module.join(dir, name)
      if kind == "unknown" and (with_types or recursive) then
        local stats = io.lstat(full)
        kind = stats:isDirectory() and "dir" or stats:isSymbolicLink() and "link" or "file"
      end
      if with_types then out[#out + 1] = st.dirent(args.name(name, encoding), kind, dir)
      else out[#out + 1] = args.name(prefix .. name, encoding) end
      if recursive and kind == "dir" then inner[#inner + 1] = { full, prefix .. name .. "/" } end
    end
    for _, entry in ipairs(inner) do walk(entry[1], entry[2]) end
  end
  walk(path, "")
  return list(out)
end)

function ops.rmdir_plain(cb, path) return call(cb, "rmdir", "rmdir", path, nil, nothing, path) end
composite("rmdir", function(path, options) return getpath(path), type(options) == "table" and options.recursive end, function(io, path, recursive)
  if recursive then return io.rm(path, { recursive = true, force = false }) end
  return io.rmdir_plain(path)
end)

local retried = { EBUSY = true, EMFILE = true, ENFILE = true, ENOTEMPTY = true, EPERM = true }

composite("rm", function(path, options)
  options = args.options(options)
  path = getpath(path)
  for _, name in ipairs { "force", "recursive" } do
    if options[name] ~= nil then validators.validateBoolean(options[name], "options." .. name) end
  end
  local retries, delay = options.maxRetries or 0, options.retryDelay or 100
  validators.validateUint32(retries, "options.maxRetries")
  validators.validateInt32(delay, "options.retryDelay", 0)
  return path, options.force, options.recursive, retries, delay
end, function(io, path, force, recursive, retries, delay)
  local function attempt(op, at)
    for try = 0, retries do
      local ok, e = pcall(op, at)
      if ok or e.code == "ENOENT" then return end
      if not retried[e.code] or try == retries then error(e, 0) end
      io.wait(delay * (try + 1))
    end
  end
  local ok, stats = pcall(io.lstat, path)
  if not ok then
    if force and stats.code == "ENOENT" then return end
    error(uv(stats.errno, "rm", path), 0)
  end
  if stats:isDirectory() and not recursive then
    local e = errors.Error(("Path is a directory: rm returned EISDIR (is a directory) %s"):format(path))
    e.name, e.code, e.errno, e.syscall, e.path = "SystemError", "ERR_FS_EISDIR", 21, "rm", path
    error(e, 0)
  end
  local function remove(at, is_dir)
    if not is_dir then return attempt(io.unlink, at) end
    local found = io.scandir(at)
    for i, name in ipairs(found.names) do
      local kind = found.types[i]
      local full = path_module.join(at, name)
      if kind == "unknown" then kind = io.lstat(full):isDirectory() and "dir" or "file" end
      remove(full, kind == "dir")
    end
    attempt(io.rmdir_plain, at)
  end
  remove(path, stats:isDirectory())
end)

function ops.wait(cb, ms)
  if cb then return require("lunode.timers").setTimeout(cb, ms) end
  local ffi = require "ffi"
  pcall(ffi.cdef, "int poll(void *, unsigned long, int);")
  ffi.C.poll(nil, 0, ms)
end

-- The JavaScript form of realpath: its errors name lstat, as Node's do.
composite("realpath", function(path, options)
  options = args.options(options)
  return getpath(path), options.encoding
end, function(io, path, encoding)
  local at = path_module.resolve(path)
  local done, links = "/", 0
  local rest = {}
  for part in at:gmatch "[^/]+" do rest[#rest + 1] = part end
  local i = 1
  while i <= #rest do
    local next_path = path_module.join(done, rest[i])
    local stats = io.lstat(next_path)
    if stats:isSymbolicLink() then
      links = links + 1
      if links > 40 then error(uv(core.error.code "ELOOP", "stat", path), 0) end
      local target = path_module.resolve(done, io.readlink(next_path))
      local parts = {}
      for part in target:gmatch "[^/]+" do parts[#parts + 1] = part end
      for k = i + 1, #rest do parts[#parts + 1] = rest[k] end
      rest, i, done = parts, 1, "/"
    else
      done, i = next_path, i + 1
    end
  end
  return args.name(done, encoding)
end)

function ops.realpathNative(cb, path, options)
  options = args.options(options)
  path = getpath(path)
  return call(cb, "realpath", "realpath", path, nil, function(text) return args.name(text, options.encoding) end, path)
end

composite("cp", function(from, to, options)
  options = args.options(options)
  from, to = getpath(from, "src"), getpath(to, "dest")
  for _, name in ipairs { "dereference", "errorOnExist", "force", "preserveTimestamps", "recursive", "verbatimSymlinks" } do
    if options[name] ~= nil then validators.validateBoolean(options[name], "options." .. name) end
  end
  return from, to, options
end, function(io, from, to, options)
  local filter = options.filter
  local stat_from = options.dereference and io.stat or io.lstat
  local function fail(code, message, errno, at)
    local e = errors.Error(message)
    e.name, e.code, e.errno, e.syscall, e.path = "SystemError", code, errno, "cp", at
    error(e, 0)
  end
  local function copy(a, b)
    if filter and not filter(a, b) then return end
    local sa = stat_from(a)
    local there, sb = pcall(options.dereference and io.stat or io.lstat, b)
    if not there then sb = nil end
    if sb and sa.ino == sb.ino and sa.dev == sb.dev then fail("ERR_FS_CP_EINVAL", "Invalid src or dest: cp returned EINVAL (src and dest cannot be the same) " .. b, 22, b) end
    if sa:isDirectory() then
      if not options.recursive then fail("ERR_FS_EISDIR", "Recursive option not enabled, cannot copy a directory: cp returned EISDIR (" .. a .. " is a directory (not copied)) " .. a, 21, a) end
      if sb and not sb:isDirectory() then fail("ERR_FS_CP_DIR_TO_NON_DIR", "Cannot overwrite non-directory with directory: cp returned EISDIR (cannot overwrite non-directory " .. b .. " with directory " .. a .. ") " .. b, 21, b) end
      if (path_module.resolve(b) .. "/"):sub(1, #path_module.resolve(a) + 1) == path_module.resolve(a) .. "/" then
        fail("ERR_FS_CP_EINVAL", "Cannot copy to a subdirectory of self: cp returned EINVAL (cannot copy " .. a .. " to a subdirectory of self " .. b .. ") " .. b, 22, b)
      end
      if not sb then io.mkdir(b, { recursive = true }) end
      for _, name in ipairs(io.scandir(a).names) do copy(path_module.join(a, name), path_module.join(b, name)) end
      if not sb then io.chmod(b, args.band(sa.mode, 4095)) end
      return
    end
    if sb and sb:isDirectory() then fail("ERR_FS_CP_NON_DIR_TO_DIR", "Cannot overwrite directory with non-directory: cp returned ENOTDIR (cannot overwrite directory " .. b .. " with non-directory " .. a .. ") " .. b, 20, b) end
    io.mkdir(path_module.dirname(path_module.resolve(b)), { recursive = true })
    if sa:isSymbolicLink() then
      local target = io.readlink(a)
      if not options.verbatimSymlinks and not path_module.isAbsolute(target) then target = path_module.resolve(path_module.dirname(a), target) end
      if sb then io.unlink(b) end
      io.symlink(target, b)
    elseif sa:isFile() or sa:isCharacterDevice() or sa:isBlockDevice() then
      if sb and options.force == false then
        if options.errorOnExist then fail("ERR_FS_CP_EEXIST", "Target already exists: cp returned EEXIST (" .. b .. " already exists) " .. b, 17, b) end
        return
      end
      if sb then io.unlink(b) end
      io.copyFile(a, b, options.mode or 0)
      io.chmod(b, args.band(sa.mode, 4095))
      if options.preserveTimestamps then io.utimes(b, sa.atimeMs / 1000, sa.mtimeMs / 1000) end
    elseif sa:isSocket() then
      fail("ERR_FS_CP_SOCKET", "Cannot copy a socket file: cp returned EINVAL (cannot copy a socket file: " .. b .. ") " .. b, 22, b)
    elseif sa:isFIFO() then
      fail("ERR_FS_CP_FIFO_PIPE", "Cannot copy a FIFO pipe: cp returned EINVAL (cannot copy a FIFO pipe: " .. b .. ") " .. b, 22, b)
    else
      fail("ERR_FS_CP_UNKNOWN", "Cannot copy an unknown file type: cp returned EINVAL (cannot copy an unknown file type: " .. b .. ") " .. b, 22, b)
    end
  end
  copy(from, to)
end)

return ops
