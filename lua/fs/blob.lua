-- SPDX-License-Identifier: MIT
--
-- fs.openAsBlob(path, { type }) -> promise of a Blob backed by a file. Source: Node 20 docs, "fs.openAsBlob".
--
-- The bytes are read when they are asked for; text(), arrayBuffer(), bytes() reject and stream() fails with NotReadableError
-- when the file's size or time of change is not what it was.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local validators = require "lunode.internal.validators"
local args = require "lunode.fs.arguments"
local ops = require "lunode.fs.operations"
local Blob = require("lunode.buffer.blob").Blob

local rawget, rawset, setmetatable, tonumber, floor, pcall, error = rawget, rawset, setmetatable, tonumber, math.floor, pcall, error
local STREAM_CHUNK = 65536

local FileBlob = class("Blob", Blob)

FileBlob:accessor("size", function(self) return rawget(self, "_size") end)
FileBlob:accessor("type", function(self) return rawget(self, "_type") end)

local function new(path, stats, from, size, media)
  local self = setmetatable({}, FileBlob.meta)
  for name, value in pairs { _path = path, _mtime = stats.mtimeMs, _whole = stats.size, _from = from, _size = size, _type = media } do rawset(self, name, value) end
  return self
end

local function not_readable()
  return require "lunode.internal.dom_exception"("The blob could not be read", "NotReadableError")
end

-- The file's bytes from `from` on, if it is as it was.
require("lunode.fs.call").composite(ops, "blobRead", function(...) return ... end, function(io, path, from, size, whole, mtime)
  local opened, fd = pcall(io.open, path)
  if not opened then error(not_readable(), 0) end
  local ok, result = pcall(function()
    local stats = io.fstat(fd)
    if stats.size ~= whole or stats.mtimeMs ~= mtime then error(not_readable(), 0) end
    local Buffer = require("lunode.buffer").Buffer
    local buffer, done = Buffer.allocUnsafeSlow(size), 0
    while done < size do
      local n = io.read(fd, buffer, done, size - done, from + done)
      if n == 0 then error(not_readable(), 0) end
      done = done + n
    end
    return buffer
  end)
  io.close(fd)
  if not ok then error(result, 0) end
  return result
end)

local function read(self, from, size)
  return promise.from_callback(function(path, at, n, whole, mtime, cb) return ops.blobRead(cb, path, at, n, whole, mtime) end,
    rawget(self, "_path"), from, size, rawget(self, "_whole"), rawget(self, "_mtime"))
end

local function read_all(self) return read(self, rawget(self, "_from"), rawget(self, "_size")) end

function FileBlob:arrayBuffer() return read_all(self) end
function FileBlob:bytes() return read_all(self) end
function FileBlob:text()
  return read_all(self):next(function(buffer) return (buffer:toString():gsub("^\239\187\191", "")) end)
end

function FileBlob:stream()
  local at, size, from = 0, rawget(self, "_size"), rawget(self, "_from")
  return require("lunode.stream").Readable {
    read = function(stream)
      if at >= size then
        stream:push(nil)
        return
      end
      local n = math.min(STREAM_CHUNK, size - at)
      read(self, from + at, n):next(function(chunk)
        at = at + n
        stream:push(chunk)
      end, function(err) stream:destroy(err) end)
    end,
  }
end

local function place(value, size, default)
  if value == nil then return default end
  value = tonumber(value) or 0
  value = value < 0 and -floor(-value) + size or floor(value)
  return math.max(0, math.min(size, value))
end

function FileBlob:slice(start, stop, media)
  local size = rawget(self, "_size")
  start, stop = place(start, size, 0), place(stop, size, size)
  local stats = { mtimeMs = rawget(self, "_mtime"), size = rawget(self, "_whole") }
  return new(rawget(self, "_path"), stats, rawget(self, "_from") + start, math.max(0, stop - start), media == nil and "" or tostring(media):lower())
end

return function(path, options)
  if options ~= nil and options ~= errors.null then validators.validateObject(options, "options") end
  local media = type(options) == "table" and options.type or ""
  validators.validateString(media, "options.type")
  path = args.path(path)
  return promise.from_callback(function(cb) return ops.stat(cb, path) end):next(function(stats)
    return new(path, stats, 0, stats.size, media)
  end, function()
    local e = errors.ERR_INVALID_ARG_VALUE("path", path)
    e.message = "Unable to open file as blob"
    error(e, 0)
  end)
end
