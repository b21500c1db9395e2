-- SPDX-License-Identifier: MIT
--
-- require "fs/promises": every operation as a promise. Source: Node 20 docs, "Promises API". FileHandle: lua/fs/file_handle.lua.
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local args = require "lunode.fs.arguments"
local file_handle = require "lunode.fs.file_handle"
local ops = require "lunode.fs.operations"
require "lunode.fs.trees"

local pcall, type, error = pcall, type, error
local FileHandle, run = file_handle.FileHandle, file_handle.run
local as_bytes, null = require("lunode.internal.validators").bytes, errors.null

local M = { constants = require("lunode.fs").constants }

-- A wrong argument rejects, as in an async function.
local function promised(op)
  return function(a, b, c, d)
    if b == null then b = nil end
    if c == null then c = nil end
    if d == null then d = nil end
    local p = promise.new()
    local ok, e = pcall(op, function(err, result)
      if err ~= nil then return promise.reject(p, err) end
      return promise.resolve(p, result)
    end, a, b, c, d)
    if not ok then promise.reject(p, e) end
    return p
  end
end

for _, name in ipairs {
  "access", "chmod", "chown", "copyFile", "lchown", "link", "lstat", "lutimes", "mkdir", "mkdtemp", "readdir", "readlink", "realpath",
  "rename", "rm", "rmdir", "stat", "statfs", "symlink", "truncate", "unlink", "utimes",
} do
  M[name] = promised(ops[name])
end
M.realpath = promised(ops.realpathNative)
-- cp(src: string|Buffer|url.URL, dest: string|Buffer|url.URL, options?: table) -> Promise
function M.cp(...)
  require "lunode.fs.cp"
  M.cp = promised(ops.cp)
  return M.cp(...)
end
-- opendir(path, options?: string|table) -> Promise
function M.opendir(...)
  require "lunode.fs.dir"
  M.opendir = promised(ops.opendir)
  return M.opendir(...)
end

local function open(cb, path, flags, mode)
  return ops.open(function(err, fd)
    if err ~= nil then return cb(err) end
    return cb(nil, file_handle.wrap(fd))
  end, path, flags, mode)
end
M.open = promised(open)

-- ---- writing what is iterated

local function aborted(signal)
  if signal and signal.aborted then error(require("lunode.stream.abort").error(signal), 0) end
end

-- In an async function: the chunks of an iterable, stream or iterator, one after the other.
local function write_chunks(target, step, options, default_flag)
  local await = require("lunode.internal.async").await
  local encoding, signal = options.encoding, options.signal
  aborted(signal)
  local fd = target
  if type(target) ~= "number" then
    fd = await(promise.from_callback(function(...)
      local a, b, c, cb = ...
      return ops.open(cb, a, b, c)
    end, target, options.flag or default_flag, options.mode or 438))
  end
  local ok, why = pcall(function()
    while true do
      local chunk = step()
      if chunk == nil then break end
      aborted(signal)
      local data = args.data(chunk, encoding)
      local p = promise.new()
      ops.writeFile(function(err)
        if err ~= nil then return promise.reject(p, err) end
        return promise.resolve(p)
      end, fd, data, { signal = signal })
      await(p)
    end
    if options.flush then await(promised(ops.fsync)(fd)) end
  end)
  if type(target) ~= "number" then
    local closed, e = pcall(await, promised(ops.close)(fd))
    if ok and not closed then ok, why = false, e end
  end
  if not ok then error(why, 0) end
end

local function write_any(op, default_flag)
  return function(cb, target, data, options)
    if type(data) == "string" then return op(cb, target, data, options) end
    local bytes = as_bytes(data)
    if bytes then return op(cb, target, bytes, options) end
    local step, close
    if type(data) == "table" or type(data) == "function" then step, close = require("lunode.stream.from").source(data) end
    if not step then args.wrong_data(data, "data") end
    options = args.options(options)
    args.boolean(options, "flush")
    if type(target) ~= "number" then target = args.path(target) end
    local async = require "lunode.internal.async"
    return async.async(function()
      local ok, why = pcall(write_chunks, target, step, options, default_flag)
      if not ok then
        if close then pcall(close, why) end
        error(why, 0)
      end
    end):next(function() cb() end, cb)
  end
end
ops.writeAny = write_any(ops.writeFile, "w")
ops.appendAny = write_any(ops.appendFile, "a")

-- Path or FileHandle.
local function whole(name, op)
  local of_path = promised(op)
  M[name] = function(target, a, b)
    if a == null then a = nil end
    if b == null then b = nil end
    if type(target) == "table" and FileHandle:is(target) then return run(target, name, op, nil, a, b) end
    if type(target) == "number" then -- a descriptor is no path here
      return promise.rejected(errors.ERR_INVALID_ARG_TYPE("path", { "string", "Buffer", "URL" }, target))
    end
    return of_path(target, a, b)
  end
end
whole("readFile", ops.readFile)
whole("writeFile", ops.writeAny)
whole("appendFile", ops.appendAny)

-- lchmod(path, mode: integer) -> Promise: rejects: Linux has no such call
function M.lchmod() return promise.rejected(errors.ERR_METHOD_NOT_IMPLEMENTED "lchmod()") end

-- watch(path, options?: string|table) -> table: for event in watch(path, options):iter() do … end; event = { eventType, filename }
function M.watch(path, options) return require("lunode.fs.watch").watch_async(path, options) end
-- glob(pattern: string|string[], options?: table) -> table: for path in glob(pattern, options):iter() do … end
function M.glob(pattern, options) return require("lunode.fs.glob").iterate(pattern, options) end

M.FileHandle = FileHandle
return M
