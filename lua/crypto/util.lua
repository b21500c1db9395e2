-- SPDX-License-Identifier: MIT
--
-- What the files of crypto share: the functions of C, their errors, arguments that are bytes, and work on the thread pool.
--
--   util.native                              core.crypto's table (src/crypto*.c)
--   util.check(value, problem, …)            the same values, or the Error of `problem` raised
--   util.job(fn, cb, convert, …)             fn(…) now, or with cb on the thread pool: cb(err, convert(results))
--   util.bytes(value, name, encoding)        text or a Buffer as what C takes; anything else raises ERR_INVALID_ARG_TYPE
--   util.data(value, encoding)               the same for the pieces of update()
--   util.encoded(buffer, encoding)           the Buffer, or its text
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"
local Buffer = require("lunode.buffer").Buffer

local is_buffer, normalize = core.buffer.is, validators.normalizeEncoding
local type, error, rawset, select, unpack, tostring = type, error, rawset, select, unpack, tostring
local Error, TypeError, RangeError = errors.Error, errors.TypeError, errors.RangeError

local M = { native = core.crypto.load() }

-- ---- errors

-- Those that Node's C++ makes: no code in their first line. {class, text}
local CODED = {
  ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY = { Error, "Public key is not valid for specified curve" },
  ERR_CRYPTO_INVALID_AUTH_TAG = { TypeError, "Invalid authentication tag" },
  ERR_CRYPTO_INVALID_CURVE = { TypeError, "Invalid EC curve name" },
  ERR_CRYPTO_INVALID_DIGEST = { TypeError, "Invalid digest" },
  ERR_CRYPTO_INVALID_IV = { TypeError, "Invalid initialization vector" },
  ERR_CRYPTO_INVALID_JWK = { TypeError, "Invalid JWK format" },
  ERR_CRYPTO_INVALID_KEYLEN = { RangeError, "Invalid key length" },
  ERR_CRYPTO_INVALID_KEYPAIR = { RangeError, "Invalid key pair" },
  ERR_CRYPTO_INVALID_KEYTYPE = { RangeError, "Invalid key type" },
  ERR_CRYPTO_INVALID_MESSAGELEN = { RangeError, "Invalid message length" },
  ERR_CRYPTO_INVALID_SCRYPT_PARAMS = { RangeError, "Invalid scrypt params" },
  ERR_CRYPTO_INVALID_STATE = { Error, "Invalid state" },
  ERR_CRYPTO_JWK_UNSUPPORTED_CURVE = { Error, "Unsupported JWK EC curve" },
  ERR_CRYPTO_JWK_UNSUPPORTED_KEY_TYPE = { Error, "Unsupported JWK Key Type." },
  ERR_CRYPTO_OPERATION_FAILED = { Error, "Operation failed" },
  ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH = { RangeError, "Input buffers must have the same byte length" },
  ERR_CRYPTO_UNKNOWN_CIPHER = { Error, "Unknown cipher" },
  ERR_CRYPTO_UNKNOWN_DH_GROUP = { Error, "Unknown DH group" },
  ERR_CRYPTO_UNSUPPORTED_OPERATION = { Error, "Unsupported crypto operation" },
  ERR_INVALID_ARG_VALUE = { TypeError, "Invalid argument value" },
  ERR_MISSING_ARGS = { TypeError, "Missing arguments" },
  ERR_MISSING_PASSPHRASE = { TypeError, "Passphrase required for encrypted key" },
  ERR_OSSL_EVP_INVALID_DIGEST = { Error, "Invalid digest used" },
  ERR_OUT_OF_RANGE = { RangeError, "Out of range" },
}

function M.coded(code, message)
  local known = CODED[code]
  local err = known[1](message or known[2])
  rawset(err, "code", code)
  return err
end

-- The Error of what C returns (crypto.h). OpenSSL's has library, reason, code and, where there was more than one, opensslErrorStack (a
-- list of texts, the newest first); `default` is the text when OpenSSL gave no reason.
function M.failure(problem, default)
  if problem.code then return M.coded(problem.code, problem.message) end
  local list = problem.queue
  local first = list[1]
  if not first then return Error(problem.message or default or "error:00000000:lib(0)::reason(0)") end
  local err = Error(first[1])
  if #list > 1 then
    local stack = {}
    for i = #list, 2, -1 do stack[#stack + 1] = list[i][1] end
    rawset(err, "opensslErrorStack", stack)
  end
  if first[2] then rawset(err, "library", first[2]) end
  if first[3] then
    rawset(err, "reason", first[3])
    rawset(err, "code", first[4])
  end
  return err
end

function M.check(value, problem, ...)
  if value == nil and problem then error(M.failure(problem), 0) end
  return value, problem, ...
end
local check = M.check

-- ---- work

local function convert_results(convert, ...)
  if convert then return convert(...) end
  return ...
end

local function started(_, problem)
  if problem then error(M.failure(problem), 0) end
end

-- cb must have passed validators.callback. What convert() raises goes to cb, too.
function M.job(fn, cb, convert, ...)
  if not cb then return convert_results(convert, check(fn(...))) end
  local n, args, context = select("#", ...), { ... }, queue.context
  args[n + 1] = function(problem, ...)
    queue.context = context
    if problem then return cb(M.failure(problem)) end
    if not convert then return cb(nil, ...) end
    local ok, a, b = pcall(convert, ...)
    if not ok then return cb(a) end
    return cb(nil, a, b)
  end
  started(fn(unpack(args, 1, n + 1)))
end

-- ---- arguments

local BYTES = { "string", "ArrayBuffer", "Buffer", "TypedArray", "DataView" }
local DATA = { "string", "Buffer", "TypedArray", "DataView" }
M.VIEW_TYPES = { "ArrayBuffer", "Buffer", "TypedArray", "DataView" }

M.is_buffer = is_buffer
function M.is_bytes(value) return type(value) == "string" or is_buffer(value) end

-- Text is its bytes, unless an encoding says how to read it.
local function read_text(text, encoding)
  if encoding == nil or encoding == "utf8" or encoding == "buffer" then return text end
  return Buffer.from(text, encoding)
end

function M.bytes(value, name, encoding)
  if type(value) == "string" then return read_text(value, encoding) end
  if not is_buffer(value) then error(errors.ERR_INVALID_ARG_TYPE(name, BYTES, value), 0) end
  return value
end

function M.data(value, encoding)
  if type(value) == "string" then
    if encoding == nil then return value end
    local known = normalize(encoding)
    if known == nil or known == "utf8" then return value end
    if known == "hex" and #value % 2 ~= 0 then
      error(errors.ERR_INVALID_ARG_VALUE("encoding", encoding, "is invalid for data of length " .. #value), 0)
    end
    return Buffer.from(value, known)
  end
  if not is_buffer(value) then error(errors.ERR_INVALID_ARG_TYPE("data", DATA, value), 0) end
  return value
end

function M.encoded(buffer, encoding)
  if encoding == nil or encoding == "" or encoding == "buffer" then return buffer end
  return buffer:toString(encoding)
end

-- A field of an options table that may be left out; nil for lunode.null.
function M.option(options, key)
  if type(options) ~= "table" or options == errors.null then return nil end
  local value = options[key]
  if value == errors.null then return nil end
  return value
end

function M.string_option(options, key)
  local value = M.option(options, key)
  if value ~= nil then validators.validateString(value, "options." .. key) end
  return value
end

-- options, or nil when they are left out; raises unless they are a table.
function M.options(options)
  if options == nil then return nil end
  validators.validateObject(options, "options")
  return options
end

-- ---- numbers of 64 bits

-- A 64-bit integer as big-endian bytes; anything else as it is.
function M.unsigned(value, name)
  if type(value) ~= "cdata" then return value end
  if value < 0 and tostring(value):sub(1, 1) == "-" then error(errors.ERR_OUT_OF_RANGE(name, ">= 0", value), 0) end
  local b = Buffer.alloc(8)
  b:writeBigUInt64BE(value + 0ULL, 0)
  return b
end

-- Big-endian bytes as a 64-bit integer; nil when they are too many.
function M.to_integer(buffer)
  local first = 1
  while first < #buffer and buffer[first] == 0 do first = first + 1 end
  if #buffer - first >= 8 then return nil end
  local n = 0ULL
  for i = first, #buffer do n = n * 256 + buffer[i] end
  return n
end

return M
