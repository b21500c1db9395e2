-- SPDX-License-Identifier: MIT
--
-- zlib (Node 20 docs: Zlib): gzip, deflate and Brotli. Streams, functions with a callback, and functions that block; all work
-- but that of the last is done on the thread pool.
--
--   zlib.createGzip(options) or zlib.Gzip(options)       a Transform stream
--   zlib.gzip(data, options, cb)                         cb(err, Buffer), or cb(err, { buffer, engine }) with options.info
--   zlib.gzipSync(data, options) -> Buffer               data: a string or Buffer
-- and so for Deflate, DeflateRaw, Inflate, InflateRaw, Gunzip, Unzip, BrotliCompress, BrotliDecompress.
--
-- Errors in the data: an Error with code and errno of the library (Z_DATA_ERROR, Z_BUF_ERROR, ERR__ERROR_FORMAT_…).
-- More output than options.maxOutputLength: ERR_BUFFER_TOO_LARGE.
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"
local constants = require "lunode.zlib.constants"
local options = require "lunode.zlib.options"
local base = require "lunode.zlib.base"
require "lunode.buffer" -- its methods for the Buffers made in C

local is_buffer, open, failure, callback = core.buffer.is, options.open, options.failure, validators.callback
local type, error, null = type, error, errors.null

local M = { constants = constants.constants, codes = constants.codes }

local TYPES = { "string", "Buffer", "TypedArray", "DataView", "ArrayBuffer" }

-- ---- whole pieces of data

-- The Error of what handle:whole returned, or nil.
local function problem(set, message, errno, code)
  if message then return failure(message, errno, code) end
  if code then return errors.ERR_BUFFER_TOO_LARGE(errors.number(set.maxOutputLength)) end
end

-- An instance of the class is made only where one is asked for: by `info`, and by a signal, which destroys it.
local function with_engine(Class, data, opts, cb)
  local engine = Class(opts)
  local set, context, answered = { maxOutputLength = engine._maxOutputLength }, queue.context, false
  engine:on("error", function(err)
    if answered then return end
    answered = true
    cb(err)
  end)
  if not engine._handle then return end -- aborted before it began
  engine._handle:whole(engine._finishFlushFlag, data, engine._maxOutputLength, function(output, used, message, errno, code)
    if answered then return end
    queue.context = context
    answered = true
    engine.bytesWritten = used
    engine:close()
    local err = problem(set, message, errno, code)
    if err then return cb(err) end
    cb(nil, engine._info and { buffer = output, engine = engine } or output)
  end)
end

local function later(Class, data, opts, cb)
  if type(opts) == "function" then opts, cb = nil, opts end
  cb = callback(cb, "callback")
  if data == nil or data == null then data = "" end
  if type(data) ~= "string" and not is_buffer(data) then
    error(errors.ERR_INVALID_ARG_TYPE("chunk", { "string", "Buffer", "TypedArray", "DataView" }, data), 0)
  end
  if type(opts) == "table" and (opts.info or opts.signal) then return with_engine(Class, data, opts, cb) end
  local set, context = open(Class.prototype._mode, opts), queue.context
  set.handle:whole(set.finishFlush, data, set.maxOutputLength, function(output, _, message, errno, code)
    queue.context = context
    local err = problem(set, message, errno, code)
    if err then return cb(err) end
    cb(nil, output)
  end)
end

local function now(Class, data, opts)
  local engine = type(opts) == "table" and opts.info and Class(opts) or nil
  local set = not engine and open(Class.prototype._mode, opts)
    or { handle = engine._handle, finishFlush = engine._finishFlushFlag, maxOutputLength = engine._maxOutputLength }
  if type(data) ~= "string" and not is_buffer(data) then error(errors.ERR_INVALID_ARG_TYPE("buffer", TYPES, data), 0) end
  local output, used, message, errno, code = set.handle:whole(set.finishFlush, data, set.maxOutputLength)
  local err = problem(set, message, errno, code)
  if err then error(err, 0) end
  if not engine then return output end
  engine.bytesWritten = used
  engine:_close_handle()
  return { buffer = output, engine = engine }
end

-- ---- the classes, and the functions of each

-- Those for a callback work on the thread pool, those named Sync at once:
-- deflate(data: string|Buffer, options?: table, callback: fun(err: Error?, result: Buffer)) compresses into zlib's format (RFC 1950)
-- inflate(data: string|Buffer, options?: table, callback: fun(err: Error?, result: Buffer)) expands zlib's format
-- gzip(data: string|Buffer, options?: table, callback: fun(err: Error?, result: Buffer)) compresses into gzip's format (RFC 1952)
-- gunzip(data: string|Buffer, options?: table, callback: fun(err: Error?, result: Buffer)) expands gzip's format, one member after the other
-- deflateRaw(data: string|Buffer, options?: table, callback: fun(err: Error?, result: Buffer)) compresses without header and checksum (RFC 1951)
-- inflateRaw(data: string|Buffer, options?: table, callback: fun(err: Error?, result: Buffer)) expands data without header and checksum
-- unzip(data: string|Buffer, options?: table, callback: fun(err: Error?, result: Buffer)) expands gzip's or zlib's format, whichever it is
-- brotliCompress(data: string|Buffer, options?: table, callback: fun(err: Error?, result: Buffer)) compresses into Brotli's format (RFC 7932)
-- brotliDecompress(data: string|Buffer, options?: table, callback: fun(err: Error?, result: Buffer)) expands Brotli's format
-- deflateSync(data: string|Buffer, options?: table) -> Buffer: compresses into zlib's format (RFC 1950), at once
-- inflateSync(data: string|Buffer, options?: table) -> Buffer: expands zlib's format, at once
-- gzipSync(data: string|Buffer, options?: table) -> Buffer: compresses into gzip's format (RFC 1952), at once
-- gunzipSync(data: string|Buffer, options?: table) -> Buffer: expands gzip's format, one member after the other, at once
-- deflateRawSync(data: string|Buffer, options?: table) -> Buffer: compresses without header and checksum (RFC 1951), at once
-- inflateRawSync(data: string|Buffer, options?: table) -> Buffer: expands data without header and checksum, at once
-- unzipSync(data: string|Buffer, options?: table) -> Buffer: expands gzip's or zlib's format, whichever it is, at once
-- brotliCompressSync(data: string|Buffer, options?: table) -> Buffer: compresses into Brotli's format (RFC 7932), at once
-- brotliDecompressSync(data: string|Buffer, options?: table) -> Buffer: expands Brotli's format, at once
-- createDeflate(options?: table) -> zlib.Deflate: a Transform stream that compresses into zlib's format (RFC 1950)
-- createInflate(options?: table) -> zlib.Inflate: a Transform stream that expands zlib's format
-- createGzip(options?: table) -> zlib.Gzip: a Transform stream that compresses into gzip's format (RFC 1952)
-- createGunzip(options?: table) -> zlib.Gunzip: a Transform stream that expands gzip's format, one member after the other
-- createDeflateRaw(options?: table) -> zlib.DeflateRaw: a Transform stream that compresses without header and checksum (RFC 1951)
-- createInflateRaw(options?: table) -> zlib.InflateRaw: a Transform stream that expands data without header and checksum
-- createUnzip(options?: table) -> zlib.Unzip: a Transform stream that expands gzip's or zlib's format, whichever it is
-- createBrotliCompress(options?: table) -> zlib.BrotliCompress: a Transform stream that compresses into Brotli's format (RFC 7932)
-- createBrotliDecompress(options?: table) -> zlib.BrotliDecompress: a Transform stream that expands Brotli's format
for _, kind in ipairs {
  { "Deflate", "deflate", "DEFLATE" }, { "Inflate", "inflate", "INFLATE" }, { "Gzip", "gzip", "GZIP" }, { "Gunzip", "gunzip", "GUNZIP" },
  { "DeflateRaw", "deflateRaw", "DEFLATERAW" }, { "InflateRaw", "inflateRaw", "INFLATERAW" }, { "Unzip", "unzip", "UNZIP" },
  { "BrotliCompress", "brotliCompress", "BROTLI_ENCODE" }, { "BrotliDecompress", "brotliDecompress", "BROTLI_DECODE" },
} do
  local name, fn, mode = kind[1], kind[2], M.constants[kind[3]]
  local Class = class(name, mode >= M.constants.BROTLI_DECODE and base.Brotli or base.Zlib)
  Class.prototype._mode = mode
  M[name] = Class
  M["create" .. name] = function(opts) return Class(opts) end
  M[fn] = function(data, opts, cb) return later(Class, data, opts, cb) end
  M[fn .. "Sync"] = function(data, opts) return now(Class, data, opts) end
end

-- crc32(data: string|Buffer, value?: integer) -> integer: the checksum of gzip and PNG; value is that of what came before, 0 at
-- first (Node 22 docs: zlib.crc32).
-- Example:
--   local zlib = require "zlib"
--   print(zlib.crc32("world", zlib.crc32 "hello ") == zlib.crc32 "hello world")   --> true
function M.crc32(data, value)
  if type(data) ~= "string" and not is_buffer(data) then
    error(errors.ERR_INVALID_ARG_TYPE("data", { "string", "Buffer", "TypedArray", "DataView" }, data), 0)
  end
  if value == nil or value == null and not validators.door.kind then value = 0 end
  validators.validateUint32(value, "value")
  return core.zlib.crc32(data, value)
end

return M
