-- SPDX-License-Identifier: MIT
--
-- The options of zlib's classes and functions (Node 20 docs: Class: Options, Class: BrotliOptions), checked, and the stream of
-- core.zlib that they ask for.
--
--   options.open(mode, opts) -> { handle, chunkSize, flush, finishFlush, fullFlush, maxOutputLength, level, strategy, info }
--   options.range(value, name, low, high, default) -> value or default; raises ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
--   options.failure(message, errno, code) -> the Error of what went wrong in the library
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"
local constants = require("lunode.zlib.constants").constants
local MAX_LENGTH = require("lunode.buffer").kMaxLength

local native, is_buffer, door = core.zlib, core.buffer.is, validators.door
local type, error, pairs, tonumber, tostring, rawset, huge = type, error, pairs, tonumber, tostring, rawset, math.huge
local floor, null = math.floor, errors.null

local M = {}

-- Whether it is a number that counts: absent and NaN do not.
local function finite(value, name)
  if value == nil or value == null or value ~= value then return false end
  if type(value) ~= "number" then error(errors.ERR_INVALID_ARG_TYPE(name, "number", value), 0) end
  if value == huge or value == -huge then error(errors.ERR_OUT_OF_RANGE(name, "a finite number", value), 0) end
  return true
end

-- As the number that C gets: fractions are cut off.
function M.range(value, name, low, high, default)
  if not finite(value, name) then return default end
  if value < low or value > high then
    error(errors.ERR_OUT_OF_RANGE(name, ">= " .. errors.number(low) .. " and <= " .. errors.number(high), value), 0)
  end
  return value < 0 and -floor(-value) or floor(value)
end
local range = M.range

function M.failure(message, errno, code)
  local err = errors.Error(message)
  rawset(err, "errno", errno)
  rawset(err, "code", code)
  return err
end

local GZIP, INFLATE, GUNZIP, UNZIP, DEFLATERAW = constants.GZIP, constants.INFLATE, constants.GUNZIP, constants.UNZIP, constants.DEFLATERAW
local NONE = {}

local function open_zlib(mode, opts)
  local bits = opts.windowBits
  if bits == null then bits = nil end
  if (bits == nil or bits == 0) and (mode == INFLATE or mode == GUNZIP or mode == UNZIP) then
    bits = 0 -- that of the data's header
  else
    bits = range(bits, "options.windowBits", mode == GZIP and 9 or 8, 15, 15)
    if bits == 8 and mode == DEFLATERAW then bits = 9 end -- zlib can make no raw data with 8
  end
  local level = range(opts.level, "options.level", -1, 9, -1)
  local mem = range(opts.memLevel, "options.memLevel", 1, 9, 8)
  local strategy = range(opts.strategy, "options.strategy", 0, 4, 0)
  local dictionary = opts.dictionary
  if dictionary == null then dictionary = nil end
  if dictionary ~= nil and (type(dictionary) ~= "string" or door.kind) and not is_buffer(dictionary) then
    error(errors.ERR_INVALID_ARG_TYPE("options.dictionary", { "Buffer", "TypedArray", "DataView", "ArrayBuffer" }, dictionary), 0)
  end
  return native.zlib(mode, bits, level, mem, strategy, dictionary), level, strategy
end

local LAST_PARAM = constants.BROTLI_PARAM_NDIRECT

local function open_brotli(mode, opts)
  local params, given = {}, opts.params
  if type(given) == "table" and given ~= null then
    -- A number key of a JavaScript object is one higher.
    local shift = door.kind and door.kind(given) == "object" and 1 or 0
    for name, value in pairs(given) do
      local key = type(name) == "number" and name - shift or tonumber(name)
      if not key or key < 0 or key > LAST_PARAM or key % 1 ~= 0 or params[key] ~= nil then
        error(errors.ERR_BROTLI_INVALID_PARAM(type(name) == "string" and name or tostring(key or name)), 0)
      end
      if type(value) ~= "number" and type(value) ~= "boolean" then error(errors.ERR_INVALID_ARG_TYPE("options.params[key]", "number", value), 0) end
      params[key] = value
    end
  end
  local handle = native.brotli(mode, params)
  if not handle then error(errors.ERR_ZLIB_INITIALIZATION_FAILED(), 0) end
  return handle
end

-- How a family flushes: in between, at the end, when flush() is called, the highest kind.
local ZLIB = { open = open_zlib, flush = constants.Z_NO_FLUSH, finishFlush = constants.Z_FINISH, fullFlush = constants.Z_FULL_FLUSH, last = constants.Z_BLOCK }
local BROTLI = {
  open = open_brotli, flush = constants.BROTLI_OPERATION_PROCESS, finishFlush = constants.BROTLI_OPERATION_FINISH,
  fullFlush = constants.BROTLI_OPERATION_FLUSH, last = constants.BROTLI_OPERATION_EMIT_METADATA,
}

function M.open(mode, opts)
  if type(opts) ~= "table" or opts == null then opts = NONE end
  local family = mode >= constants.BROTLI_DECODE and BROTLI or ZLIB
  local handle, level, strategy = family.open(mode, opts)
  local chunk = opts.chunkSize
  if not finite(chunk, "options.chunkSize") then chunk = constants.Z_DEFAULT_CHUNK end
  if chunk < constants.Z_MIN_CHUNK then error(errors.ERR_OUT_OF_RANGE("options.chunkSize", ">= " .. constants.Z_MIN_CHUNK, chunk), 0) end
  local flush = range(opts.flush, "options.flush", 0, family.last, family.flush)
  local finish = range(opts.finishFlush, "options.finishFlush", 0, family.last, family.finishFlush)
  local max = range(opts.maxOutputLength, "options.maxOutputLength", 1, MAX_LENGTH, MAX_LENGTH)
  local info = opts.info
  return {
    handle = handle, chunkSize = floor(chunk), flush = flush, finishFlush = finish, fullFlush = family.fullFlush, maxOutputLength = max,
    level = level, strategy = strategy, info = info and info ~= null and info or nil,
  }
end

return M
