-- SPDX-License-Identifier: MIT
--
-- The operations of one system call each, and those on whole files, in the form that lua/fs/call.lua describes. lua/fs/trees.lua, cp.lua and dir.lua
-- add theirs to the same table; lua/fs.lua and lua/fs/promises.lua give them their three faces.
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"
local args = require "lunode.fs.arguments"
local calls = require "lunode.fs.call"
local st = require "lunode.fs.stats"
require "lunode.buffer" -- gives the Buffers that C makes their methods

local fs, file, C = core.fs, core.fs_file, core.fs.constants
local uv, nextTick = errors.uv, queue.nextTick
local call, adapt = calls.call, calls.adapt
local type, error, pcall, max = type, error, pcall, math.max
local as_bytes = validators.bytes
local getpath, getflags, getmode, getfd = args.path, args.flags, args.mode, args.fd
local ENOENT, ENOTDIR, EINVAL = core.error.code "ENOENT", core.error.code "ENOTDIR", core.error.code "EINVAL"

local ops = {}

local function nothing() end

function ops.open(cb, path, flags, mode)
  path, flags, mode = getpath(path), getflags(flags), getmode(mode, "mode", 438)
  return call(cb, fs.open, "open", path, nil, nil, path, flags, mode)
end

function ops.close(cb, fd) return call(cb, fs.close, "close", nil, nil, nothing, getfd(fd)) end

-- ---- bytes

-- The result and what it was about: cb(err, count, data).
local function transfer(cb, fn, syscall, subject, ...)
  if not cb or cb == calls.MISSING then return call(cb, fn, syscall, nil, nil, nil, ...) end
  return call(function(err, n)
    if err then return cb(err, 0, subject) end
    return cb(nil, n, subject)
  end, fn, syscall, nil, nil, nil, ...)
end

local function check_length(length, size, offset)
  if length < 0 then error(errors.ERR_OUT_OF_RANGE("length", ">= 0", length), 0) end
  if length > size - offset then error(errors.ERR_OUT_OF_RANGE("length", "<= " .. validators.number(size - offset), length), 0) end
end

-- read(fd, buffer, offset, length, position), read(fd, buffer, { offset, length, position }), read(fd, { buffer, … }), read(fd)
-- -> bytes read
function ops.read(cb, fd, buffer, offset, length, position)
  getfd(fd)
  if type(buffer) == "table" and not as_bytes(buffer) then offset, buffer = buffer, buffer.buffer end
  if buffer == nil then buffer = core.buffer.alloc(16384, true) end
  local bytes = as_bytes(buffer)
  if not bytes then error(errors.ERR_INVALID_ARG_TYPE("buffer", { "Buffer", "TypedArray", "DataView" }, buffer), 0) end
  if offset ~= nil and type(offset) ~= "number" then
    validators.validateObject(offset, "options")
    offset, length, position = offset.offset, offset.length, offset.position
  end
  local size = #bytes
  offset, length = args.window(size, offset, length)
  if length ~= 0 then check_length(length, size, offset) end
  position = args.position(position)
  if length == 0 then
    if not cb then return 0 end
    return nextTick(cb, nil, 0, buffer)
  end
  if size == 0 then error(errors.ERR_INVALID_ARG_VALUE("buffer", buffer, "is empty and cannot be written"), 0) end
  return transfer(cb, fs.read, "read", buffer, fd, bytes, offset, length, position)
end

-- write(fd, buffer, offset, length, position), write(fd, buffer, { offset, length, position }), write(fd, text, position, encoding)
-- -> bytes written
function ops.write(cb, fd, data, offset, length, position)
  getfd(fd)
  local bytes = data
  if type(data) == "string" then
    bytes, position, offset = args.data(data, length), offset, 0
    length = #bytes
  else
    bytes = as_bytes(data)
    if not bytes then args.wrong_data(data, "buffer") end
    if type(offset) == "table" then offset, length, position = offset.offset, offset.length, offset.position end
    local size = #bytes
    offset, length = args.window(size, offset, length)
    if offset > size then error(errors.ERR_OUT_OF_RANGE("offset", "<= " .. validators.number(size), offset), 0) end
    check_length(length, size, offset)
  end
  -- What is no place means where the file stands.
  if type(position) == "cdata" then position = tonumber(position) end
  if type(position) ~= "number" or not (position >= 0) then position = -1 end
  return transfer(cb, fs.write, "write", data, fd, bytes, offset, length, position)
end

local function vector(name, syscall)
  ops[name] = function(cb, fd, buffers, position)
    getfd(fd)
    local fine, list = type(buffers) == "table" and args.is_list(buffers), {}
    for i = 1, fine and #buffers or 0 do
      list[i] = as_bytes(buffers[i])
      fine = fine and list[i]
    end
    if not fine then
      local e = errors.ERR_INVALID_ARG_TYPE("buffers", "ArrayBufferView[]", buffers)
      e.message = e.message:gsub("must be .- Received", "must be an ArrayBufferView[]. Received", 1)
      error(e, 0)
    end
    if type(position) == "cdata" then position = tonumber(position) end
    if type(position) ~= "number" or not (position >= 0) then position = -1 end
    if #buffers > 0 then return transfer(cb, fs[name], syscall, buffers, fd, list, position) end
    if name == "readv" then
      local err = uv(EINVAL, syscall)
      if not cb then error(err, 0) end
      return nextTick(cb, err, 0, buffers)
    end
    if not cb then return 0 end
    return nextTick(cb, nil, 0, buffers)
  end
end
vector("readv", "read")
vector("writev", "write")

-- ---- what is known of a file

local function big(options) return type(options) == "table" and options.bigint == true end
local function stats_map(wide) return wide and st.big_stats or st.stats end

local function stat(name)
  local fn = fs[name]
  ops[name] = function(cb, path, options)
    path = getpath(path)
    local wide = big(options)
    if not cb and type(options) == "table" and options.throwIfNoEntry == false then
      local values, code = fn(path, wide)
      if values then return stats_map(wide)(values) end
      if code == ENOENT or code == ENOTDIR then return nil end
      error(uv(code, name, path), 0)
    end
    return call(cb, fn, name, path, nil, stats_map(wide), path, wide)
  end
end
stat "stat"
stat "lstat"

function ops.fstat(cb, fd, options)
  local wide = big(options)
  return call(cb, fs.fstat, "fstat", nil, nil, stats_map(wide), getfd(fd), wide)
end

function ops.statfs(cb, path, options)
  path = getpath(path)
  return call(cb, fs.statfs, "statfs", path, nil, st.statfs, path, big(options))
end

function ops.access(cb, path, mode)
  path, mode = getpath(path), args.small_mode(mode)
  return call(cb, fs.access, "access", path, nil, nothing, path, mode)
end

-- A false answer for anything that goes wrong, bad arguments among it.
function ops.exists(cb, path)
  local ok, text = pcall(getpath, path)
  if not cb then return ok and fs.access(text, C.F_OK) ~= nil end
  if not ok then return nextTick(cb, false) end
  local done = adapt(function(err) cb(err == nil) end)
  if fs.access(text, C.F_OK, done) < 0 then nextTick(cb, false) end
end

-- ---- changes of it

-- first: args.path or args.fd; check(…) -> the arguments behind it
local function change(name, first, check, core_name, syscall)
  local fn = fs[core_name or name]
  ops[name] = function(cb, target, a, b)
    target = first(target)
    local path = first == getpath and target or nil
    return call(cb, fn, syscall or name, path, nil, nothing, target, check(a, b))
  end
end

local function one_mode(mode) return getmode(mode, "mode") end
local function owner(uid, gid)
  validators.validateInteger(uid, "uid", -1, 4294967295)
  validators.validateInteger(gid, "gid", -1, 4294967295)
  return uid % 4294967296, gid % 4294967296
end
local function times(atime, mtime) return args.time(atime), args.time(mtime) end

change("chmod", getpath, one_mode)
change("fchmod", getfd, one_mode)
change("chown", getpath, owner)
change("lchown", getpath, owner)
change("fchown", getfd, owner)
change("utimes", getpath, times, "utime", "utime")
change("lutimes", getpath, times, "lutime", "lutime")
change("futimes", getfd, times, "futime", "futime")
change("fsync", getfd, nothing)
change("fdatasync", getfd, nothing)
change("unlink", getpath, nothing)

function ops.ftruncate(cb, fd, length)
  getfd(fd)
  if length == nil then length = 0 end
  validators.validateInteger(length, "len")
  return call(cb, fs.ftruncate, "ftruncate", nil, nil, nothing, fd, max(0, length))
end

calls.composite(ops, "truncate", function(path, length)
  if length == nil then length = 0 end
  validators.validateInteger(length, "len")
  if type(path) == "number" then
    require("lunode.process").emitWarning("Using fs.truncate with a file descriptor is deprecated. Please use fs.ftruncate with a file descriptor instead.",
      "DeprecationWarning", "DEP0081")
    return getfd(path), max(0, length)
  end
  return getpath(path), max(0, length)
end, function(io, path, length)
  if type(path) == "number" then return io.ftruncate(path, length) end
  local fd = io.open(path, "r+")
  local ok, why = pcall(io.ftruncate, fd, length)
  io.close(fd)
  if not ok then error(why, 0) end
end)

-- ---- names

local function two_paths(name, first, second)
  local fn = fs[name]
  ops[name] = function(cb, from, to)
    from, to = getpath(from, first), getpath(to, second)
    return call(cb, fn, name, from, to, nothing, from, to)
  end
end
two_paths("rename", "oldPath", "newPath")
two_paths("link", "existingPath", "newPath")

function ops.symlink(cb, target, path, kind)
  if kind ~= nil and kind ~= "dir" and kind ~= "file" and kind ~= "junction" then error(errors.ERR_FS_INVALID_SYMLINK_TYPE(kind), 0) end
  target, path = getpath(target, "target"), getpath(path)
  return call(cb, fs.symlink, "symlink", target, path, nothing, target, path, 0)
end

local function in_encoding(options)
  local encoding = args.options(options).encoding
  return function(text) return args.name(text, encoding) end
end

function ops.readlink(cb, path, options)
  local map = in_encoding(options)
  path = getpath(path)
  return call(cb, fs.readlink, "readlink", path, nil, map, path)
end

function ops.realpathNative(cb, path, options)
  local map = in_encoding(options)
  path = getpath(path)
  return call(cb, fs.realpath, "realpath", path, nil, map, path)
end

function ops.mkdtemp(cb, prefix, options)
  local map = in_encoding(options)
  local template = getpath(prefix, "prefix") .. "XXXXXX"
  return call(cb, fs.mkdtemp, "mkdtemp", template, nil, map, template)
end

function ops.copyFile(cb, from, to, mode)
  from, to, mode = getpath(from, "src"), getpath(to, "dest"), args.small_mode(mode)
  if cb then
    file.copy(from, to, mode, adapt(cb, "copyfile", from, to, nothing))
    return
  end
  local done, code = file.copy(from, to, mode)
  if not done then error(uv(code, "copyfile", from, to), 0) end
end

-- For what is made of others.
function ops.mkdirOne(cb, path, mode) return call(cb, fs.mkdir, "mkdir", path, nil, nothing, path, mode) end
function ops.rmdirOne(cb, path) return call(cb, fs.rmdir, "rmdir", path, nil, nothing, path) end
local function names_and_types(names, types) return { names = names, types = types } end
function ops.scandir(cb, path) return call(cb, fs.scandir, "scandir", path, nil, names_and_types, path) end
function ops.wait(cb, ms)
  if cb then return require("lunode.timers").setTimeout(cb, ms) end
  local ffi = require "ffi"
  pcall(ffi.cdef, "int poll(void *, unsigned long, int);")
  ffi.C.poll(nil, 0, ms)
end
-- What fn(…) returns, or what it is a promise of; fn may await.
function ops.ask(cb, fn, ...)
  require("lunode.internal.async").async(fn, ...):next(function(value) cb(nil, value) end, function(why)
    cb(why == nil and errors.ERR_FALSY_VALUE_REJECTION(why) or why)
  end)
end

-- ---- whole files: one job of src/fs_file.c each

local function job_error(code, syscall, size, path)
  if syscall == "size" then return errors.ERR_FS_FILE_TOO_LARGE(validators.number(size)) end
  return uv(code, syscall, syscall == "open" and path or nil)
end

local function abort_error(signal) return require("lunode.stream.abort").error(signal) end

local function target_of(path)
  if type(path) == "number" then return getfd(path) end
  return getpath(path)
end

-- readFile(path or fd, encoding or { encoding, flag, signal }) -> Buffer, or text
function ops.readFile(cb, path, options)
  path = target_of(path)
  local encoding, signal, flags = nil, nil, C.O_RDONLY
  if options ~= nil then
    options = args.options(options)
    encoding, signal, flags = options.encoding, options.signal, getflags(options.flag)
    if encoding == "buffer" then encoding = nil end
  end
  local text = encoding ~= nil and validators.normalizeEncoding(encoding) == "utf8"
  if not cb then
    local result, code, syscall, size = file.read(path, flags, text)
    if result == nil then error(job_error(code, syscall, size, path), 0) end
    if encoding and type(result) ~= "string" then return result:toString(encoding) end
    return result
  end
  if signal and signal.aborted then return nextTick(cb, abort_error(signal)) end
  local context, stop = queue.context, nil
  local job = file.read(path, flags, text, function(code, result, size)
    queue.context = context
    if signal then
      stop()
      if signal.aborted then return cb(abort_error(signal)) end
    end
    if code then return cb(job_error(code, result, size, path)) end
    if encoding and type(result) ~= "string" then result = result:toString(encoding) end
    return cb(nil, result)
  end)
  if signal then stop = require("lunode.stream.abort").listen(signal, function() file.cancel(job) end) end
end

local function write_whole(name, default_flag)
  ops[name] = function(cb, path, data, options)
    options = args.options(options)
    local signal, flush = options.signal, args.boolean(options, "flush")
    path = target_of(path)
    data = args.data(data, options.encoding)
    local flags, mode = getflags(options.flag or default_flag), getmode(options.mode, "mode", 438)
    if not cb then
      local result, code, syscall, size = file.write(path, flags, mode, data, flush)
      if result == nil then error(job_error(code, syscall, size, path), 0) end
      return
    end
    if signal and signal.aborted then return nextTick(cb, abort_error(signal)) end
    local context, stop = queue.context, nil
    local job = file.write(path, flags, mode, data, flush, function(code, syscall, size)
      queue.context = context
      if signal then
        stop()
        if signal.aborted then return cb(abort_error(signal)) end
      end
      return cb(code and job_error(code, syscall, size, path) or nil)
    end)
    if signal then stop = require("lunode.stream.abort").listen(signal, function() file.cancel(job) end) end
  end
end
write_whole("writeFile", "w")
write_whole("appendFile", "a")

return ops
