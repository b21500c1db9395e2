-- SPDX-License-Identifier: MIT
--
-- FileHandle: an open file of fs.promises. Source: Node 20 docs, "Class: FileHandle".
--
-- Its methods give promises; those of read, write, readv and writev of { bytesRead or bytesWritten, buffer or buffers }.
--
-- appendFile(data: string|Buffer|table, options?: string|table) -> Promise
-- chmod(mode: integer|string) -> Promise
-- chown(uid: integer, gid: integer) -> Promise
-- createReadStream(options?: string|table) -> fs.ReadStream: closes the handle at its end, unless autoClose is false
-- createWriteStream(options?: string|table) -> fs.WriteStream
-- datasync() -> Promise
-- read(buffer?: Buffer|table, offset?: integer|table, length?: integer, position?: integer) -> Promise
-- readFile(options?: string|table) -> Promise
-- readv(buffers: Buffer[], position?: integer) -> Promise
-- readableWebStream() -> nil: absent
-- stat(options?: table) -> Promise
-- sync() -> Promise
-- truncate(len?: integer) -> Promise
-- utimes(atime: number|string|table, mtime: number|string|table) -> Promise
-- write(data: string|Buffer, offset?: integer, length?: integer, position?: integer) -> Promise
-- writeFile(data: string|Buffer|table, options?: string|table) -> Promise
-- writev(buffers: Buffer[], position?: integer) -> Promise
--
-- close() waits for the operations under way. A handle that is collected open is closed, with a warning.
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local symbols = require "lunode.internal.symbols"
local EventEmitter = require "lunode.events"
local ops = require "lunode.fs.operations"

local getmetatable, setmetatable, rawset, rawget, pcall, type, newproxy = getmetatable, setmetatable, rawset, rawget, pcall, type, newproxy

local FileHandle = class("FileHandle", EventEmitter)
FileHandle:accessor("fd", function(self) return rawget(self, "_fd") end)

local function warn(fd)
  local emitWarning = require("lunode.process").emitWarning
  emitWarning(("Closing file descriptor %d on garbage collection"):format(fd))
  emitWarning("Closing a FileHandle object on garbage collection is deprecated. Please close FileHandle objects explicitly using "
    .. "FileHandle.prototype.close(). In the future, an error will be thrown if a file descriptor is closed during garbage collection.",
    "DeprecationWarning", "DEP0137")
end

-- Collected together with its handle; `box.fd` is what is still to be closed.
local function guard(fd)
  local proxy = newproxy(true)
  local mt = getmetatable(proxy)
  mt.__index = { fd = fd }
  mt.__gc = function()
    local left = mt.__index.fd
    if left < 0 then return end
    core.fs.close(left)
    queue.nextTick(warn, left)
  end
  return proxy, mt.__index
end

local function wrap(fd)
  local self = setmetatable({}, FileHandle.meta)
  EventEmitter.prototype.initialize(self)
  local proxy, box = guard(fd)
  rawset(self, "_fd", fd)
  rawset(self, "_guard", proxy)
  rawset(self, "_box", box)
  rawset(self, "_running", 0)
  return self
end

local function closed_error(syscall)
  local e = errors.Error "file closed"
  rawset(e, "code", "EBADF")
  rawset(e, "syscall", syscall)
  return e
end

local function close_now(self)
  local fd = self._fd
  rawset(self, "_fd", -1)
  self._box.fd = -1
  ops.close(function(err)
    local p = self._closing
    rawset(self, "_closing", nil)
    if err ~= nil then promise.reject(p, err) else promise.resolve(p) end
  end, fd)
end

-- What uses the descriptor holds it: it is closed when the last one has let go.
local function acquire(self) rawset(self, "_running", self._running + 1) end
local function release(self)
  rawset(self, "_running", self._running - 1)
  if self._running == 0 and self._closing and self._fd >= 0 then close_now(self) end
end

-- The promise of an operation on the handle's descriptor. shape_of(a, b) -> what it resolves to.
local function run(self, syscall, op, shape_of, ...)
  local p = promise.new()
  if type(self) ~= "table" or not FileHandle:is(self) then
    promise.reject(p, errors.ERR_INVALID_THIS "FileHandle")
    return p
  end
  if self._fd < 0 then
    promise.reject(p, closed_error(syscall))
    return p
  end
  acquire(self)
  local ok, e = pcall(op, function(err, a, b)
    release(self)
    if err ~= nil then return promise.reject(p, err) end
    if shape_of then a = shape_of(a, b) end
    return promise.resolve(p, a)
  end, self._fd, ...)
  if not ok then
    release(self)
    promise.reject(p, e)
  end
  return p
end

local function method(name, op, syscall, shape_of)
  FileHandle[name] = function(self, ...) return run(self, syscall or op, ops[op], shape_of, ...) end
end

local function pair(first, second)
  return function(a, b) return shape.dict { [first] = a, [second] = b } end
end

method("chmod", "fchmod")
method("chown", "fchown")
method("datasync", "fdatasync")
method("sync", "fsync")
method("stat", "fstat")
method("truncate", "ftruncate")
method("utimes", "futimes")
method("readFile", "readFile")
method("writeFile", "writeAny", "writeFile")
method("appendFile", "writeAny", "writeFile")
method("read", "read", "read", pair("bytesRead", "buffer"))
method("readv", "readv", "readv", pair("bytesRead", "buffers"))
method("write", "write", "write", pair("bytesWritten", "buffer"))
method("writev", "writev", "writev", pair("bytesWritten", "buffers"))

-- Resolves once the descriptor is closed; a second call waits for the same.
function FileHandle:close()
  if self._fd < 0 and not self._closing then return promise.resolved() end
  if self._closing then return self._closing end
  local p = promise.new()
  rawset(self, "_closing", p)
  if self._running == 0 then close_now(self) end
  self:emit "close"
  return p
end
FileHandle.prototype[symbols.asyncDispose] = FileHandle.prototype.close

local function with_handle(self, options)
  return setmetatable({ fd = self }, { __index = type(options) == "string" and { encoding = options } or options })
end

-- Streams that close the handle at their end, unless autoClose is false.
function FileHandle:createReadStream(options) return require("lunode.fs.streams").ReadStream(nil, with_handle(self, options)) end
function FileHandle:createWriteStream(options) return require("lunode.fs.streams").WriteStream(nil, with_handle(self, options)) end

-- A readline.Interface over the file: for line in handle:readLines():iter() do … end. options: those of createReadStream.
function FileHandle:readLines(options)
  return require "lunode.internal.read_lines"(self:createReadStream(options))
end
FileHandle.readableWebStream = errors.notImplemented "FileHandle.readableWebStream"

return { FileHandle = FileHandle, wrap = wrap, run = run, acquire = acquire, release = release }
