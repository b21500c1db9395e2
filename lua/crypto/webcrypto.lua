-- SPDX-License-Identifier: MIT
--
-- Web Crypto (Node 20 docs: Web Crypto API): crypto.webcrypto, of which `subtle` is the most. Its functions return promises.
-- What is an ArrayBuffer there is a Buffer here. Work of any length runs on the thread pool (digests, signatures by RSA and curves, key
-- generation, PBKDF2, HKDF); AES, HMAC and RSA-OAEP are done on the spot, before the promise is handed out.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local algorithms = require "lunode.crypto.algorithms"
local crypto_key = require "lunode.crypto.crypto_key"
local subtle_keys = require "lunode.crypto.subtle_keys"
local random = require "lunode.crypto.random"
local hash = require "lunode.crypto.hash"
local util = require "lunode.crypto.util"
local async = require "lunode.internal.async"
local Buffer = require("lunode.buffer").Buffer

local native, check = util.native, util.check
local normalize, exception, type_error, failed, HASHES = algorithms.normalize, algorithms.exception, algorithms.type_error, algorithms.failed, algorithms.HASHES
local job, BLOCK_BITS = subtle_keys.job, subtle_keys.BLOCK_BITS
local PSS = native.constants.RSA_PKCS1_PSS_PADDING
local type, error, ipairs, pcall, rawget, select, floor = type, error, ipairs, pcall, rawget, select, math.floor

local function fail(message, name, cause) error(exception(message, name, cause), 0) end

-- ---- arguments

local ORDINALS = { "1st", "2nd", "3rd", "4th", "5th", "6th", "7th" }
local FORMATS = { raw = true, pkcs8 = true, spki = true, jwk = true }
local USAGES = { encrypt = true, decrypt = true, sign = true, verify = true, deriveKey = true, deriveBits = true, wrapKey = true, unwrapKey = true }

local arguments = {}

function arguments.algorithm(value) return value end

function arguments.bytes(value, where)
  if not util.is_bytes(value) then
    error(type_error("ERR_INVALID_ARG_TYPE", where .. " is not instance of ArrayBuffer, Buffer, TypedArray, or DataView."), 0)
  end
  return value
end

function arguments.key(value, where)
  if not crypto_key.is(value) then error(type_error("ERR_INVALID_ARG_TYPE", where .. " is not of type CryptoKey."), 0) end
  return value
end

arguments["boolean"] = function(value) return value ~= nil and value ~= false and value ~= errors.null and value ~= 0 and value ~= "" end

local function enum(value, known, where, name)
  if not known[value] then
    error(type_error("ERR_INVALID_ARG_VALUE", ("%s value '%s' is not a valid enum value of type %s."):format(where, tostring(value), name)), 0)
  end
  return value
end

function arguments.format(value, where) return enum(value, FORMATS, where, "KeyFormat") end

function arguments.usages(value, where)
  if type(value) ~= "table" or value == errors.null then error(type_error("ERR_INVALID_ARG_TYPE", where .. " can not be converted to sequence."), 0) end
  for i, usage in ipairs(value) do enum(usage, USAGES, ("%s, index %d"):format(where, i - 1), "KeyUsage") end
  return value
end

-- importKey's: bytes, or a table for "jwk".
function arguments.data(value, where, list)
  if list[1] ~= "jwk" then return arguments.bytes(value, where) end
  if type(value) ~= "table" or value == errors.null then error(type_error("ERR_INVALID_ARG_TYPE", where .. " can not be converted to a dictionary."), 0) end
  return value
end

function arguments.length(value, where)
  if value == nil or value == errors.null then return nil end
  if type(value) ~= "number" or value % 1 ~= 0 or value < 0 or value > 4294967295 then
    error(type_error("ERR_INVALID_ARG_TYPE", where .. " is not an unsigned 32-bit integer."), 0)
  end
  return value
end

-- ---- SubtleCrypto

local SubtleCrypto = class "SubtleCrypto"
function SubtleCrypto:initialize() error(errors.ERR_ILLEGAL_CONSTRUCTOR(), 0) end
local subtle = setmetatable({}, SubtleCrypto.meta)

local function checked(name, kinds, required, list, count)
  local prefix = ("Failed to execute '%s' on 'SubtleCrypto': "):format(name)
  while count > 0 and list[count] == nil do count = count - 1 end
  if count < required then
    error(type_error("ERR_MISSING_ARGS", ("%s%d arguments required, but only %d present."):format(prefix, required, count)), 0)
  end
  for i = 1, #kinds do list[i] = arguments[kinds[i]](list[i], prefix .. ORDINALS[i] .. " argument", list) end
end

-- A method whose arguments are of the kinds named ("?" ends those that must be given), run as an async function.
local function method(name, signature, fn)
  local kinds, required = {}
  for kind in signature:gmatch "[%w?]+" do
    if kind == "?" then required = #kinds else kinds[#kinds + 1] = kind end
  end
  required = required or #kinds
  local function run(self, count, list)
    if self ~= subtle then error(errors.ERR_INVALID_THIS "SubtleCrypto", 0) end
    checked(name, kinds, required, list, count)
    return fn(unpack(list, 1, #kinds))
  end
  SubtleCrypto.prototype[name] = function(self, ...) return async.async(run, self, select("#", ...), { ... }) end
end

local function digest_of(name) return (check(hash.digest_named(HASHES[name]))) end

-- digest(algorithm, bytes) -> Buffer
method("digest", "algorithm bytes", function(algorithm, data)
  return job(native.hashJob, nil, digest_of(normalize(algorithm, "digest").name), data)
end)

-- generateKey(algorithm, extractable, usages) -> CryptoKey, or {publicKey =, privateKey =}
method("generateKey", "algorithm boolean usages", function(algorithm, extractable, usages)
  return subtle_keys.generate(normalize(algorithm, "generateKey"), extractable, usages)
end)

-- importKey(format, bytes or JWK, algorithm, extractable, usages) -> CryptoKey
method("importKey", "format data algorithm boolean usages", function(format, data, algorithm, extractable, usages)
  return subtle_keys.import(format, data, normalize(algorithm, "importKey"), extractable, usages)
end)

-- exportKey(format, key) -> Buffer, or a JWK
method("exportKey", "format key", subtle_keys.export)

local function handle_of(key) return rawget(rawget(key, "_keyObject"), "_handle") end

local function may(key, usage)
  for _, each in ipairs(key.usages) do
    if each == usage then return true end
  end
  return false
end

-- What C refuses is an OperationError.
local function attempt(fn, ...)
  local ok, result = pcall(fn, ...)
  if not ok then error(failed(result), 0) end
  return result
end

-- ---- signatures

local function hmac(key, data)
  local h = check(native.hmacNew(digest_of(key.algorithm.hash.name), handle_of(key)))
  native.hmacUpdate(h, data)
  return (check(native.hmacDigest(h)))
end

local DIGEST_BYTES = { ["SHA-1"] = 20, ["SHA-256"] = 32, ["SHA-384"] = 48, ["SHA-512"] = 64 }

-- digest, padding, salt length, whether r and s stand side by side
local function signature_options(algorithm, key)
  local name = algorithm.name
  if name == "ECDSA" then return HASHES[algorithm.hash.name], nil, nil, true end
  if name == "Ed25519" or name == "Ed448" then
    if algorithm.context and #algorithm.context > 0 then fail("Non zero-length context is not yet supported.", "NotSupportedError") end
    return nil, nil, nil, false
  end
  local digest = key.algorithm.hash.name
  if name ~= "RSA-PSS" then return HASHES[digest], nil, nil, false end
  local most = math.ceil((key.algorithm.modulusLength - 1) / 8) - DIGEST_BYTES[digest] - 2
  if algorithm.saltLength > most then
    error(failed(errors.ERR_OUT_OF_RANGE("algorithm.saltLength", ">= 0 && <= " .. most, algorithm.saltLength)), 0)
  end
  return HASHES[digest], PSS, algorithm.saltLength, false
end

local function prepare_signature(usage, algorithm, key)
  algorithm = normalize(algorithm, usage)
  if not may(key, usage) or algorithm.name ~= key.algorithm.name then fail("Unable to use this key to " .. usage, "InvalidAccessError") end
  return algorithm
end

-- sign(algorithm, key, bytes) -> Buffer
method("sign", "algorithm key bytes", function(algorithm, key, data)
  algorithm = prepare_signature("sign", algorithm, key)
  if algorithm.name == "HMAC" then return attempt(hmac, key, data) end
  local digest, padding, salt, p1363 = signature_options(algorithm, key)
  return job(native.sign, nil, digest, handle_of(key), data, padding, salt, p1363)
end)

-- verify(algorithm, key, signature, bytes) -> boolean
method("verify", "algorithm key bytes bytes", function(algorithm, key, signature, data)
  algorithm = prepare_signature("verify", algorithm, key)
  if algorithm.name == "HMAC" then
    local expected = attempt(hmac, key, data)
    return #expected == #signature and native.timingSafeEqual(expected, signature)
  end
  local digest, padding, salt, p1363 = signature_options(algorithm, key)
  return job(native.verify, nil, digest, handle_of(key), data, signature, padding, salt, p1363)
end)

-- ---- encryption

-- One cipher from end to end. `tag`: bytes to check, or the length of the one to append.
local function run_cipher(name, encrypt, key, iv, data, tag, aad)
  local tag_length = type(tag) == "number" and tag or tag and #tag or -1
  local cipher = check(native.cipherNew(name, encrypt, handle_of(key), iv, tag_length))
  if not encrypt and tag then check(native.cipherSetAuthTag(cipher, tag)) end
  if aad then check(native.cipherSetAAD(cipher, aad, -1)) end
  local first = check(native.cipherUpdate(cipher, data))
  local out = { first, (check(native.cipherFinal(cipher))) }
  if encrypt and tag then out[3] = native.cipherGetAuthTag(cipher) end
  return Buffer.concat(out)
end

local function check_size(bytes, name, size)
  if #bytes ~= size then fail(("%s must contain exactly %d bytes"):format(name, size), "OperationError") end
end

local ciphers = {}

ciphers["AES-CBC"] = function(encrypt, key, data, algorithm)
  check_size(algorithm.iv, "algorithm.iv", 16)
  return attempt(run_cipher, ("aes-%d-cbc"):format(key.algorithm.length), encrypt, key, algorithm.iv, data)
end

local TAG_BITS = { [32] = true, [64] = true, [96] = true, [104] = true, [112] = true, [120] = true, [128] = true }

ciphers["AES-GCM"] = function(encrypt, key, data, algorithm)
  local bits = algorithm.tagLength or 128
  if not TAG_BITS[bits] then fail(bits .. " is not a valid AES-GCM tag length", "OperationError") end
  local tag = bits / 8
  if not encrypt then
    if #data < tag then fail("The provided data is too small.", "OperationError") end
    data = Buffer.from(data)
    data, tag = data:subarray(0, #data - tag), data:subarray(#data - tag)
  end
  return attempt(run_cipher, ("aes-%d-gcm"):format(key.algorithm.length), encrypt, key, algorithm.iv, data, tag, algorithm.additionalData)
end

-- Only the last `length` bits of the counter count: where they overflow the rest goes on from zero (NIST SP 800-38A, B.1).
ciphers["AES-CTR"] = function(encrypt, key, data, algorithm)
  local counter, bits = algorithm.counter, algorithm.length
  check_size(counter, "algorithm.counter", 16)
  if bits == 0 or bits > 128 then fail("AES-CTR algorithm.length must be between 1 and 128", "OperationError") end
  local name = ("aes-%d-ctr"):format(key.algorithm.length)
  local blocks = math.ceil(#data / 16)
  if blocks > 2 ^ bits then error(failed(), 0) end
  -- Blocks until the overflow; data has no more than 2^27, so that of longer counters only the last 32 bits matter, unless the others are all ones.
  local low = counter:readUInt32BE(12)
  local left = math.huge
  if bits <= 32 then
    left = 2 ^ bits - low % 2 ^ bits
  else
    local ones = true
    for bit = 32, bits - 1 do
      local byte = counter[16 - floor(bit / 8)]
      if floor(byte / 2 ^ (bit % 8)) % 2 == 0 then ones = false end
    end
    if ones then left = 2 ^ 32 - low end
  end
  if blocks <= left then return attempt(run_cipher, name, encrypt, key, counter, data) end
  local wrapped = Buffer.from(counter)
  for i = 16, 1, -1 do
    local of_byte = math.min(8, math.max(0, bits - (16 - i) * 8))
    wrapped[i] = wrapped[i] - wrapped[i] % 2 ^ of_byte
  end
  data = Buffer.from(data)
  return Buffer.concat {
    attempt(run_cipher, name, encrypt, key, counter, data:subarray(0, left * 16)),
    attempt(run_cipher, name, encrypt, key, wrapped, data:subarray(left * 16)),
  }
end

local WRAP_IV = ("\166"):rep(8) -- RFC 3394, 2.2.3.1

ciphers["AES-KW"] = function(encrypt, key, data)
  return attempt(run_cipher, ("id-aes%d-wrap"):format(key.algorithm.length), encrypt, key, WRAP_IV, data)
end

ciphers["RSA-OAEP"] = function(encrypt, key, data, algorithm)
  if key.type ~= (encrypt and "public" or "private") then fail("The requested operation is not valid for the provided key", "InvalidAccessError") end
  return attempt(function()
    return (check(native.rsaCrypt(encrypt and "encrypt" or "decrypt", handle_of(key), data, native.constants.RSA_PKCS1_OAEP_PADDING,
      HASHES[key.algorithm.hash.name], algorithm.label)))
  end)
end

local function crypt(encrypt, algorithm, key, data, usage)
  if key.algorithm.name ~= algorithm.name or not may(key, usage) then
    fail("The requested operation is not valid for the provided key", "InvalidAccessError")
  end
  return ciphers[algorithm.name](encrypt, key, data, algorithm)
end

-- encrypt(algorithm, key, bytes) -> Buffer; decrypt is its inverse
method("encrypt", "algorithm key bytes", function(algorithm, key, data) return crypt(true, normalize(algorithm, "encrypt"), key, data, "encrypt") end)
method("decrypt", "algorithm key bytes", function(algorithm, key, data) return crypt(false, normalize(algorithm, "decrypt"), key, data, "decrypt") end)

-- As the first operation when there is such an algorithm, else as the second.
local function either(algorithm, first, second)
  local ok, normal = pcall(normalize, algorithm, first)
  if ok then return normal end
  return normalize(algorithm, second)
end

-- wrapKey(format, key, wrapping key, algorithm) -> Buffer: exportKey and encrypt in one
method("wrapKey", "format key key algorithm", function(format, key, wrapping, algorithm)
  algorithm = either(algorithm, "wrapKey", "encrypt")
  local data = subtle_keys.export(format, key)
  if format == "jwk" then
    data = require("lunode.json").stringify(data)
    if algorithm.name == "AES-KW" then data = data .. (" "):rep(-#data % 8) end
  end
  return crypt(true, algorithm, wrapping, data, "wrapKey")
end)

-- unwrapKey(format, bytes, unwrapping key, algorithm, algorithm of the key, extractable, usages) -> CryptoKey
method("unwrapKey", "format bytes key algorithm algorithm boolean usages", function(format, wrapped, unwrapping, algorithm, key_algorithm, extractable, usages)
  local data = crypt(false, either(algorithm, "unwrapKey", "decrypt"), unwrapping, wrapped, "unwrapKey")
  if format == "jwk" then
    local ok, jwk = pcall(require("lunode.json").parse, tostring(data))
    if not ok or type(jwk) ~= "table" then fail("Invalid wrapped JWK key", "DataError") end
    data = jwk
  end
  return subtle_keys.import(format, data, normalize(key_algorithm, "importKey"), extractable, usages)
end)

-- ---- derivation

local function agree(algorithm, key, length)
  local other = algorithm.public
  if other.type ~= "public" then fail("algorithm.public must be a public key", "InvalidAccessError") end
  if key.type ~= "private" then fail("baseKey must be a private key", "InvalidAccessError") end
  local name = other.algorithm.name
  if name ~= "ECDH" and name ~= "X25519" and name ~= "X448" then fail("Keys must be ECDH, X25519, or X448 keys", "InvalidAccessError") end
  if name ~= key.algorithm.name then fail("The public and private keys must be of the same type", "InvalidAccessError") end
  if other.algorithm.namedCurve ~= key.algorithm.namedCurve then fail("Named curve mismatch", "InvalidAccessError") end
  local bits = attempt(function() return (check(native.derive(handle_of(key), handle_of(other)))) end)
  if length == nil then return bits end
  local bytes = math.ceil(length / 8)
  if #bits < bytes then fail("derived bit length is too small", "OperationError") end
  bits = bits:subarray(0, bytes)
  local extra = -length % 8
  if extra > 0 then bits[bytes] = bits[bytes] - bits[bytes] % 2 ^ extra end
  return bits
end

local function derive(algorithm, key, length)
  local name = algorithm.name
  if name ~= "HKDF" and name ~= "PBKDF2" then return agree(algorithm, key, length) end
  if name == "PBKDF2" and algorithm.iterations == 0 then fail("iterations cannot be zero", "OperationError") end
  if length == nil then fail("length cannot be null", "OperationError") end
  if length == 0 then return Buffer.alloc(0) end
  if length % 8 ~= 0 then fail("length must be a multiple of 8", "OperationError") end
  local digest = HASHES[algorithm.hash.name]
  if name == "HKDF" then
    if #algorithm.info > 1024 then
      error(failed(errors.ERR_OUT_OF_RANGE("info", "must not contain more than 1024 bytes", #algorithm.info)), 0)
    end
    return job(native.hkdf, nil, digest, handle_of(key), algorithm.salt, algorithm.info, length / 8)
  end
  if algorithm.iterations > 2147483647 then
    error(failed(errors.ERR_OUT_OF_RANGE("iterations", ">= 1 && <= 2147483647", algorithm.iterations)), 0)
  end
  return job(native.pbkdf2, nil, native.keyBytes(handle_of(key)), algorithm.salt, algorithm.iterations, length / 8, digest)
end

local function prepare_derivation(algorithm, key, usage)
  algorithm = normalize(algorithm, "deriveBits")
  if not may(key, usage) then fail("baseKey does not have " .. usage .. " usage", "InvalidAccessError") end
  if key.algorithm.name ~= algorithm.name then fail("Key algorithm mismatch", "InvalidAccessError") end
  return algorithm
end

-- deriveBits(algorithm, key, length) -> Buffer; length: bits, nil for all that the algorithm gives
method("deriveBits", "algorithm key ? length", function(algorithm, key, length)
  return derive(prepare_derivation(algorithm, key, "deriveBits"), key, length)
end)

local function key_length(algorithm)
  local name, length = algorithm.name, algorithm.length
  if name == "HKDF" or name == "PBKDF2" then return nil end
  if name == "HMAC" and length == nil then return BLOCK_BITS[algorithm.hash.name] end
  if name == "HMAC" and length ~= 0 or length == 128 or length == 192 or length == 256 then return length end
  fail("Invalid key length", "OperationError")
end

-- deriveKey(algorithm, key, algorithm of the new key, extractable, usages) -> CryptoKey
method("deriveKey", "algorithm key algorithm boolean usages", function(algorithm, key, derived, extractable, usages)
  algorithm = normalize(algorithm, "deriveBits")
  local key_algorithm = normalize(derived, "importKey")
  algorithm = prepare_derivation(algorithm, key, "deriveKey")
  local bits = derive(algorithm, key, key_length(normalize(derived, "get key length")))
  return subtle_keys.import("raw", bits, key_algorithm, extractable, usages)
end)

-- ---- Crypto

local Crypto = class "Crypto"
function Crypto:initialize() error(errors.ERR_ILLEGAL_CONSTRUCTOR(), 0) end
local crypto = setmetatable({}, Crypto.meta)

local function check_this(self)
  if self ~= crypto then error(errors.ERR_INVALID_THIS "Crypto", 0) end
end

Crypto:accessor("subtle", function(self)
  check_this(self)
  return subtle
end)

-- getRandomValues(buffer) -> the same buffer, filled; no more than 65536 bytes
function Crypto:getRandomValues(array)
  check_this(self)
  return random.getRandomValues(array)
end

function Crypto:randomUUID()
  check_this(self)
  return random.randomUUID()
end

return { crypto = crypto, Crypto = Crypto, SubtleCrypto = SubtleCrypto, CryptoKey = crypto_key.CryptoKey }
