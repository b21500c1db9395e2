-- SPDX-License-Identifier: MIT
--
-- require "fs/promises": every operation as a promise, and FileHandle. Source: Node 20 docs, "Promises API".
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local Promise = require("lunode.internal.promise").Promise
local EventEmitter = require "lunode.events"
local ops = require "lunode.fs.operations"

local M = { constants = require("lunode.fs").constants }

-- A wrong argument rejects, as in an async function.
local function promised(op)
  return function(...)
    local n, a = select("#", ...), { ... }
    return Promise(function(resolve, reject)
      op(function(err, result)
        if err ~= nil then reject(err) else resolve(result) end
      end, unpack(a, 1, n))
    end)
  end
end

local FileHandle = class("FileHandle", EventEmitter)
FileHandle:accessor("fd", function(self) return self._fd end)

local function wrap(fd)
  local handle = setmetatable({}, FileHandle.meta)
  EventEmitter.prototype.initialize(handle)
  rawset(handle, "_fd", fd)
  return handle
end

-- Anything that takes a path takes a FileHandle too (readFile, writeFile, appendFile).
local function fd_of(x)
  if FileHandle:is(x) then return x._fd end
  return x
end

for _, name in ipairs {
  "access", "chmod", "chown", "copyFile", "cp", "lchown", "link", "lstat", "lutimes", "mkdir", "mkdtemp", "readdir", "readlink",
  "realpath", "rename", "rm", "rmdir", "stat", "statfs", "symlink", "truncate", "unlink", "utimes",
} do
  M[name] = promised(ops[name])
end

for _, name in ipairs { "readFile", "writeFile", "appendFile" } do
  local op = promised(ops[name])
  M[name] = function(path, ...) return op(fd_of(path), ...) end
end

local open = promised(ops.open)
function M.open(path, flags, mode) return open(path, flags, mode):next(wrap) end

local function closed_error(syscall)
  local e = errors.Error("file closed")
  e.code, e.syscall = "EBADF", syscall
  return e
end

-- Methods that pass the descriptor to an operation.
local function method(name, op_name)
  local op = promised(ops[op_name or name])
  FileHandle[name] = function(self, ...)
    if self._fd < 0 then return Promise.reject(closed_error(name)) end
    return op(self._fd, ...)
  end
end
method("chmod", "fchmod")
method("chown", "fchown")
method("datasync", "fdatasync")
method("sync", "fsync")
method("stat", "fstat")
method("truncate", "ftruncate")
method("utimes", "futimes")
method "readFile"
method "writeFile"
method "appendFile"

local function method2(name, first, second)
  FileHandle[name] = function(self, ...)
    local n, a = select("#", ...), { ... }
    return Promise(function(resolve, reject)
      if self._fd < 0 then return reject(closed_error(name)) end
      ops[name](function(err, x, y)
        if err then return reject(err) end
        resolve({ [first] = x, [second] = y })
      end, self._fd, unpack(a, 1, n))
    end)
  end
end
method2("read", "bytesRead", "buffer")
method2("write", "bytesWritten", "buffer")
method2("readv", "bytesRead", "buffers")
method2("writev", "bytesWritten", "buffers")

-- Resolves once the descriptor is closed; a second call waits for the same.
function FileHandle:close()
  if self._closing then return self._closing end
  if self._fd < 0 then return Promise.resolve() end
  local fd = self._fd
  rawset(self, "_fd", -1)
  rawset(self, "_closing", promised(ops.close)(fd):next(function()
    rawset(self, "_closing", nil)
    self:emit "close"
  end))
  return self._closing
end

function FileHandle:createReadStream(options)
  return require("lunode.fs.streams").ReadStream(nil, setmetatable({ fd = self }, { __index = options }))
end

function FileHandle:createWriteStream(options)
  return require("lunode.fs.streams").WriteStream(nil, setmetatable({ fd = self }, { __index = options }))
end

-- A readline.Interface over the file: for line in handle:readLines():iter() do … end. options: those of createReadStream.
function FileHandle:readLines(options)
  return require "lunode.internal.read_lines"(self:createReadStream(options))
end
FileHandle.readableWebStream = errors.notImplemented "FileHandle.readableWebStream"

for _, name in ipairs { "watch", "opendir", "glob" } do M[name] = errors.notImplemented("fs.promises." .. name) end
function M.lchmod() return Promise.reject(errors.ERR_METHOD_NOT_IMPLEMENTED "lchmod()") end

M.FileHandle = FileHandle
M._core = core.fs
return M
