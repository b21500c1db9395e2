-- SPDX-License-Identifier: MIT
--
-- Random numbers and primes (Node 20 docs: crypto.randomBytes … crypto.checkPrime). All from OpenSSL's generator.
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"
local util = require "lunode.crypto.util"
local Buffer = require("lunode.buffer").Buffer

local native, check = util.native, util.check
local type, error, floor = type, error, math.floor

local M = {}
local MAX = 2147483647

local function check_offset(offset, length)
  validators.validateNumber(offset, "offset")
  if not (offset >= 0 and offset <= length) then
    error(errors.ERR_OUT_OF_RANGE("offset", (">= 0 && <= %d"):format(length), offset), 0)
  end
  return floor(offset)
end

local function check_size(size, offset, length)
  validators.validateNumber(size, "size")
  if not (size >= 0 and size <= MAX) then error(errors.ERR_OUT_OF_RANGE("size", (">= 0 && <= %d"):format(MAX), size), 0) end
  if size + offset > length then error(errors.ERR_OUT_OF_RANGE("size + offset", "<= " .. validators.number(length), size + offset), 0) end
  return floor(size)
end

-- randomBytes(size: integer, callback?: fun(err: Error?, bytes: Buffer)) -> Buffer; nothing with a callback
-- Example:
--   print(#require("crypto").randomBytes(16))   --> 16
function M.randomBytes(size, callback)
  size = check_size(size, 0, math.huge)
  if callback ~= nil then callback = validators.callback(callback, "callback") end
  if callback then return util.job(native.randomBytes, callback, nil, size) end
  local buffer = Buffer.allocUnsafe(size)
  check(native.randomFill(buffer, 0, size))
  return buffer
end

local function check_buffer(buffer)
  if not util.is_buffer(buffer) then error(errors.ERR_INVALID_ARG_TYPE("buf", { "ArrayBuffer", "ArrayBufferView" }, buffer), 0) end
end

-- randomFillSync(buffer: Buffer, offset?: integer, size?: integer) -> Buffer; the same one. All from the offset, when no size is given
function M.randomFillSync(buffer, offset, size)
  check_buffer(buffer)
  local length = #buffer
  offset = check_offset(offset == nil and 0 or offset, length)
  size = size == nil and length - offset or check_size(size, offset, length)
  if size > 0 then check(native.randomFill(buffer, offset, size)) end
  return buffer
end

-- randomFill(buffer: Buffer, offset?: integer, size?: integer, callback: fun(err: Error?, buffer: Buffer))
function M.randomFill(buffer, offset, size, callback)
  check_buffer(buffer)
  local length = #buffer
  if type(offset) == "function" then offset, size, callback = 0, length, offset
  elseif type(size) == "function" then size, callback = nil, size end
  callback = validators.callback(callback, "callback")
  offset = check_offset(offset, length)
  size = size == nil and length - offset or check_size(size, offset, length)
  if size == 0 then return callback(nil, buffer) end
  util.job(native.randomBytes, function(err, bytes)
    if err then return callback(err) end
    bytes:copy(buffer, offset)
    callback(nil, buffer)
  end, nil, size)
end

-- ---- whole numbers

local RANGE = 2 ^ 48 - 1
local SAFE = 9007199254740991
local cache = Buffer.allocUnsafeSlow(6 * 1024)
local at = #cache

-- A whole number from 0 to 2^48 - 1, each as likely.
local function draw()
  if at >= #cache then
    check(native.randomFill(cache, 0, #cache))
    at = 0
  end
  at = at + 6
  return cache:readUIntBE(at - 6, 6)
end

local function is_safe(n) return type(n) == "number" and n % 1 == 0 and n >= -SAFE and n <= SAFE end

-- randomInt(min?: integer, max: integer, callback?: fun(err: Error?, n: integer)) -> integer; n with min <= n < max, each as likely. min is 0 when it is not given
function M.randomInt(min, max, callback)
  local without_min = max == nil or type(max) == "function"
  if without_min then min, max, callback = 0, min, max end
  callback = validators.optional_callback(callback, "callback")
  if not is_safe(min) then error(errors.ERR_INVALID_ARG_TYPE("min", "a safe integer", min), 0) end
  if not is_safe(max) then error(errors.ERR_INVALID_ARG_TYPE("max", "a safe integer", max), 0) end
  if max <= min then
    error(errors.ERR_OUT_OF_RANGE("max", ('greater than the value of "min" (%s)'):format(validators.number(min)), max), 0)
  end
  local range = max - min
  if range > RANGE then error(errors.ERR_OUT_OF_RANGE(without_min and "max" or "max - min", "<= 281474976710655", range), 0) end
  -- What lies above the last whole multiple of the range would make small numbers likelier: it is drawn again.
  local limit = RANGE - RANGE % range
  local x
  repeat x = draw() until x < limit
  local n = x % range + min
  if not callback then return n end
  queue.nextTick(callback, nil, n)
end

-- ---- UUIDs

local BATCH = 128
local uuids = Buffer.allocUnsafeSlow(16 * BATCH)
local next_uuid = BATCH

local function format_uuid(buffer, offset)
  buffer[offset + 7] = buffer[offset + 7] % 16 + 64 -- version 4
  buffer[offset + 9] = buffer[offset + 9] % 64 + 128 -- the variant of RFC 4122
  local hex = buffer:toString("hex", offset, offset + 16)
  return ("%s-%s-%s-%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(13, 16), hex:sub(17, 20), hex:sub(21))
end

-- randomUUID(options?: table) -> string; version 4 of RFC 4122. options: disableEntropyCache
function M.randomUUID(options)
  if options ~= nil then validators.validateObject(options, "options") end
  local unbuffered = util.option(options, "disableEntropyCache")
  if unbuffered ~= nil then validators.validateBoolean(unbuffered, "options.disableEntropyCache") end
  if unbuffered then return format_uuid(M.randomBytes(16), 0) end
  if next_uuid == BATCH then
    check(native.randomFill(uuids, 0, #uuids))
    next_uuid = 0
  end
  next_uuid = next_uuid + 1
  return format_uuid(uuids, (next_uuid - 1) * 16)
end

-- getRandomValues(buffer: Buffer) -> Buffer; the same one, filled (Web Cryptography API, 10.1.1). No more than 65536 bytes
function M.getRandomValues(array)
  local DOMException = require "lunode.internal.dom_exception"
  if not util.is_buffer(array) then error(DOMException("The data argument must be an integer-type TypedArray", "TypeMismatchError"), 0) end
  if #array > 65536 then error(DOMException("The requested length exceeds 65,536 bytes", "QuotaExceededError"), 0) end
  return M.randomFillSync(array)
end

-- ---- primes

local NUMBER = { "ArrayBuffer", "TypedArray", "Buffer", "DataView", "bigint" }

local function number_bytes(value, name)
  value = util.unsigned(value, name)
  if not util.is_bytes(value) then error(errors.ERR_INVALID_ARG_TYPE(name, NUMBER, value), 0) end
  return value
end

local function prime(callback, size, options)
  local safe, bigint = util.option(options, "safe"), util.option(options, "bigint")
  local add, rem = util.option(options, "add"), util.option(options, "rem")
  if safe ~= nil then validators.validateBoolean(safe, "options.safe") end
  if bigint ~= nil then validators.validateBoolean(bigint, "options.bigint") end
  if add ~= nil then add = number_bytes(add, "options.add") end
  if rem ~= nil then rem = number_bytes(rem, "options.rem") end
  -- Lua's integers have 64 bits.
  if bigint and size > 64 then error(errors.ERR_OUT_OF_RANGE("size", "<= 64 with options.bigint", size), 0) end
  return util.job(native.generatePrime, callback, bigint and util.to_integer or nil, size, safe or false, add, rem)
end

-- generatePrime(size: integer, options?: table, callback: fun(err: Error?, prime: Buffer|integer))
-- A prime of so many bits as a big-endian Buffer, or with options.bigint as a 64-bit integer. options: safe, add, rem (a Buffer or a 64-bit integer)
function M.generatePrime(size, options, callback)
  validators.validateInt32(size, "size", 1)
  if type(options) == "function" then options, callback = nil, options else validators.validateObject(options, "options") end
  prime(validators.callback(callback, "callback"), size, options)
end

-- generatePrimeSync(size: integer, options?: table) -> Buffer|integer
function M.generatePrimeSync(size, options)
  validators.validateInt32(size, "size", 1)
  return prime(nil, size, util.options(options))
end

local function rounds(options)
  local checks = util.option(options, "checks")
  if checks == nil then return 0 end
  validators.validateInt32(checks, "options.checks", 0)
  return checks
end

-- checkPrime(candidate: Buffer|integer, options?: table, callback: fun(err: Error?, isPrime: boolean))
-- The candidate is a big-endian Buffer or a 64-bit integer. options: checks (rounds of Miller and Rabin; 0: as many as it takes)
function M.checkPrime(candidate, options, callback)
  candidate = number_bytes(candidate, "candidate")
  if type(options) == "function" then options, callback = nil, options end
  callback = validators.callback(callback, "callback")
  util.job(native.checkPrime, callback, nil, candidate, rounds(util.options(options)))
end

-- checkPrimeSync(candidate: Buffer|integer, options?: table) -> boolean
function M.checkPrimeSync(candidate, options)
  candidate = number_bytes(candidate, "candidate")
  return util.job(native.checkPrime, nil, nil, candidate, rounds(util.options(options)))
end

return M
