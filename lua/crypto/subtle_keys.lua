-- SPDX-License-Identifier: MIT
--
-- SubtleCrypto's keys: made, imported, exported (Web Cryptography API, 14.3.6, 14.3.9, 14.3.10, and the sections on each algorithm).
-- Functions suspend the async function that they run in.
--
--   generate(algorithm, extractable, usages) -> CryptoKey or {publicKey =, privateKey =}
--   import(format, data, algorithm, extractable, usages) -> CryptoKey
--   export(format, key) -> Buffer, or for "jwk" a table
--   job(fn, convert, …) -> what C's function gives from the thread pool; OperationError
local algorithms = require "lunode.crypto.algorithms"
local crypto_key = require "lunode.crypto.crypto_key"
local keys = require "lunode.crypto.keys"
local keygen = require "lunode.crypto.keygen"
local shape = require "lunode.internal.shape"
local util = require "lunode.crypto.util"
local validators = require "lunode.internal.validators"
local async = require "lunode.internal.async"
local errors = require "lunode.internal.errors"
local Promise = require("lunode.internal.promise").Promise
local Buffer = require("lunode.buffer").Buffer

local native, exception, failed = util.native, algorithms.exception, algorithms.failed
local make = crypto_key.make
local type, error, ipairs, pcall, rawget = type, error, ipairs, pcall, rawget

local M = {}

local function fail(message, name, cause) error(exception(message, name, cause), 0) end

function M.job(fn, convert, ...)
  local n, args = select("#", ...), { ... }
  return async.await(Promise(function(resolve, reject)
    local ok, err = pcall(util.job, fn, function(err, result)
      if err then return reject(failed(err)) end
      resolve(result)
    end, convert, unpack(args, 1, n))
    if not ok then reject(failed(err)) end
  end))
end

-- Calls a function of crypto with a callback: its results as a list.
local function call(fn, ...)
  local args = { ... }
  return async.await(Promise(function(resolve, reject)
    args[#args + 1] = function(err, a, b)
      if err then return reject(failed(err)) end
      resolve { a, b }
    end
    local ok, err = pcall(fn, unpack(args))
    if not ok then reject(failed(err)) end
  end))
end

local function set(text)
  local out = {}
  for word in text:gmatch "%S+" do out[word] = true end
  return out
end

-- family: how it is made and imported; public, private, secret: what such a key may be used for; use: of a JWK
local RSA_SIGN = { family = "RSA", public = set "verify", private = set "sign", use = "sig" }
local EDWARDS = { family = "OKP", public = set "verify", private = set "sign", use = "sig" }
local MONTGOMERY = { family = "OKP", public = {}, private = set "deriveKey deriveBits", use = "enc" }
local AES = { family = "AES", secret = set "encrypt decrypt wrapKey unwrapKey", use = "enc" }
local GENERIC = { family = "generic", secret = set "deriveKey deriveBits" }
local KINDS = {
  ["RSASSA-PKCS1-v1_5"] = RSA_SIGN, ["RSA-PSS"] = RSA_SIGN,
  ["RSA-OAEP"] = { family = "RSA", public = set "encrypt wrapKey", private = set "decrypt unwrapKey", use = "enc" },
  ECDSA = { family = "EC", public = set "verify", private = set "sign", use = "sig" },
  ECDH = { family = "EC", public = {}, private = set "deriveKey deriveBits", use = "enc" },
  Ed25519 = EDWARDS, Ed448 = EDWARDS, X25519 = MONTGOMERY, X448 = MONTGOMERY,
  ["AES-CTR"] = AES, ["AES-CBC"] = AES, ["AES-GCM"] = AES,
  ["AES-KW"] = { family = "AES", secret = set "wrapKey unwrapKey", use = "enc" },
  HMAC = { family = "HMAC", secret = set "sign verify", use = "sig" },
  HKDF = GENERIC, PBKDF2 = GENERIC,
}

local function unsupported_usage(name, generating)
  local kind = KINDS[name]
  local shown = kind.family == "AES" and "an AES" or kind.family == "HMAC" and "an HMAC" or generating and kind.family == "RSA" and "a RSA"
    or (kind.family == "RSA" and "an " or generating and kind.family == "OKP" and "an " or "a ") .. name
  fail(("Unsupported key usage for %s key"):format(shown), "SyntaxError")
end

local function check_usages(name, usages, allowed, generating)
  for _, usage in ipairs(usages) do
    if not allowed[usage] then unsupported_usage(name, generating) end
  end
end

local function those(usages, allowed)
  local out = {}
  for _, usage in ipairs(usages) do
    if allowed[usage] then out[#out + 1] = usage end
  end
  return out
end

local CURVES = { ["P-256"] = "prime256v1", ["P-384"] = "secp384r1", ["P-521"] = "secp521r1" }
local BLOCK_BITS = { ["SHA-1"] = 512, ["SHA-256"] = 512, ["SHA-384"] = 1024, ["SHA-512"] = 1024 }
M.BLOCK_BITS = BLOCK_BITS

-- ---- making

local function pair(algorithm, key_algorithm, extractable, usages, kind, options)
  local made = call(keygen.generateKeyPair, kind, options)
  local allowed = KINDS[algorithm.name]
  local private = make(made[2], key_algorithm, those(usages, allowed.private), extractable)
  if #private.usages == 0 then fail("Usages cannot be empty when creating a key.", "SyntaxError") end
  return shape.dict { publicKey = make(made[1], key_algorithm, those(usages, allowed.public), true), privateKey = private }
end

local generators = {}

function generators.RSA(algorithm, extractable, usages)
  local exponent = util.to_integer(algorithm.publicExponent)
  if exponent == nil or exponent > 4294967295ULL then
    fail("The publicExponent must be equivalent to an unsigned 32-bit value", "OperationError")
  end
  local key_algorithm = { name = algorithm.name, modulusLength = algorithm.modulusLength, publicExponent = algorithm.publicExponent, hash = algorithm.hash }
  return pair(algorithm, key_algorithm, extractable, usages, "rsa", { modulusLength = algorithm.modulusLength, publicExponent = tonumber(exponent) })
end

local function check_curve(algorithm)
  if not CURVES[algorithm.namedCurve] then fail("Unrecognized namedCurve", "NotSupportedError") end
end

function generators.EC(algorithm, extractable, usages)
  local key_algorithm = { name = algorithm.name, namedCurve = algorithm.namedCurve }
  return pair(algorithm, key_algorithm, extractable, usages, "ec", { namedCurve = algorithm.namedCurve })
end

function generators.OKP(algorithm, extractable, usages)
  return pair(algorithm, { name = algorithm.name }, extractable, usages, algorithm.name:lower(), {})
end

local function secret(key_algorithm, extractable, usages, kind)
  local made = call(keygen.generateKey, kind, { length = key_algorithm.length })
  if #usages == 0 then fail("Usages cannot be empty when creating a key.", "SyntaxError") end
  return make(made[1], key_algorithm, usages, extractable)
end

function generators.AES(algorithm, extractable, usages)
  return secret({ name = algorithm.name, length = algorithm.length }, extractable, usages, "aes")
end

function generators.HMAC(algorithm, extractable, usages)
  local length = algorithm.length or BLOCK_BITS[algorithm.hash.name]
  if length % 8 ~= 0 then error(errors.ERR_INVALID_ARG_VALUE("algorithm.length", length, "must be a multiple of 8"), 0) end
  return secret({ name = algorithm.name, length = length, hash = algorithm.hash }, extractable, usages, "hmac")
end

function M.generate(algorithm, extractable, usages)
  local kind = KINDS[algorithm.name]
  if kind.family == "AES" and algorithm.length ~= 128 and algorithm.length ~= 192 and algorithm.length ~= 256 then
    fail("AES key length must be 128, 192, or 256 bits", "OperationError")
  end
  if kind.family == "EC" then check_curve(algorithm) end
  local allowed = kind.secret
  if not allowed then
    allowed = {}
    for usage in pairs(kind.public) do allowed[usage] = true end
    for usage in pairs(kind.private) do allowed[usage] = true end
  end
  check_usages(algorithm.name, usages, allowed, true)
  return generators[kind.family](algorithm, extractable, usages)
end

-- ---- importing

-- The KeyObject that fn(…) makes; DataError when the data is none.
local function parse(fn, ...)
  local ok, key = pcall(fn, ...)
  if not ok then fail("Invalid keyData", "DataError", key) end
  return key
end

-- Members that every JWK may have (RFC 7517, 4).
local function check_jwk(jwk, kty, use, extractable, usages)
  if jwk.kty == nil or jwk.kty == "" then fail("Invalid keyData", "DataError") end
  if jwk.kty ~= kty then fail('Invalid JWK "kty" Parameter', "DataError") end
  if #usages > 0 and jwk.use ~= nil and jwk.use ~= use then fail('Invalid JWK "use" Parameter', "DataError") end
  if jwk.key_ops ~= nil then
    validators.validateArray(jwk.key_ops, "keyData.key_ops")
    local seen = {}
    for _, operation in ipairs(jwk.key_ops) do
      if seen[operation] then fail("Duplicate key operation", "DataError") end
      seen[operation] = true
    end
    for _, usage in ipairs(usages) do
      if not seen[usage] then fail("Key operations and usage mismatch", "DataError") end
    end
  end
  if jwk.ext == false and extractable then fail('JWK "ext" Parameter and extractable mismatch', "DataError") end
end

local function check_alg(jwk, wanted)
  if jwk.alg ~= nil and jwk.alg ~= wanted then fail('JWK "alg" does not match the requested algorithm', "DataError") end
end

local function from_jwk(jwk) return jwk.d ~= nil and keys.createPrivateKey { key = jwk, format = "jwk" } or keys.createPublicKey { key = jwk, format = "jwk" } end
local function from_spki(data) return keys.createPublicKey { key = data, format = "der", type = "spki" } end
local function from_pkcs8(data) return keys.createPrivateKey { key = data, format = "der", type = "pkcs8" } end

-- spki and pkcs8, alike for all; nil for other formats.
local function from_der(format, data, name, usages)
  local kind = KINDS[name]
  if format == "spki" then
    check_usages(name, usages, kind.public)
    return parse(from_spki, data)
  elseif format == "pkcs8" then
    check_usages(name, usages, kind.private)
    return parse(from_pkcs8, data)
  end
end

local function unsupported_format(what, format) fail(("Unable to import %s key with format %s"):format(what, format), "NotSupportedError") end

local RSA_ALG = { ["RSASSA-PKCS1-v1_5"] = "RS", ["RSA-PSS"] = "PS" }
local function jwk_alg(algorithm)
  local hash = algorithm.hash.name:match "%d+"
  if RSA_ALG[algorithm.name] then return RSA_ALG[algorithm.name] .. hash end
  if algorithm.name == "HMAC" then return "HS" .. hash end
  return hash == "1" and "RSA-OAEP" or "RSA-OAEP-" .. hash
end

local importers = {}

function importers.RSA(format, data, algorithm, extractable, usages)
  local name = algorithm.name
  local kind = KINDS[name]
  local key = from_der(format, data, name, usages)
  if format == "jwk" then
    check_jwk(data, "RSA", kind.use, extractable, usages)
    check_usages(name, usages, data.d ~= nil and kind.private or kind.public)
    check_alg(data, jwk_alg(algorithm))
    key = parse(from_jwk, data)
  end
  if not key then unsupported_format("RSA", format) end
  if key.asymmetricKeyType ~= "rsa" then fail("Invalid key type", "DataError") end
  local details = util.check(native.keyDetails(rawget(key, "_handle")))
  return make(key, { name = name, modulusLength = details.modulusLength, publicExponent = details.publicExponent, hash = algorithm.hash }, usages, extractable)
end

local function from_point(data, curve)
  local point = util.check(native.ecdhConvert(data, CURVES[curve], 4))
  local size = (#point - 1) / 2
  return keys.PublicKeyObject(util.check(native.keyFromEc("public", CURVES[curve], point:subarray(1, 1 + size), point:subarray(1 + size))))
end

function importers.EC(format, data, algorithm, extractable, usages)
  local name, curve = algorithm.name, algorithm.namedCurve
  local kind = KINDS[name]
  check_curve(algorithm)
  local key = from_der(format, data, name, usages)
  if format == "jwk" then
    check_jwk(data, "EC", kind.use, extractable, usages)
    if data.crv ~= curve then fail('JWK "crv" does not match the requested algorithm', "DataError") end
    check_usages(name, usages, data.d ~= nil and kind.private or kind.public)
    if name == "ECDSA" and data.alg ~= nil then
      check_alg(data, curve == "P-256" and "ES256" or curve == "P-384" and "ES384" or "ES512")
    end
    key = parse(from_jwk, data)
  elseif format == "raw" then
    check_usages(name, usages, kind.public)
    key = parse(from_point, data, curve)
  end
  if not key then unsupported_format(name, format) end
  if key.asymmetricKeyType ~= "ec" then fail("Invalid key type", "DataError") end
  if key.asymmetricKeyDetails.namedCurve ~= CURVES[curve] then fail("Named curve mismatch", "DataError") end
  return make(key, { name = name, namedCurve = curve }, usages, extractable)
end

local RAW_LENGTH = { Ed25519 = 32, X25519 = 32, Ed448 = 57, X448 = 56 }

function importers.OKP(format, data, algorithm, extractable, usages)
  local name = algorithm.name
  local kind = KINDS[name]
  local key = from_der(format, data, name, usages)
  if format == "jwk" then
    check_jwk(data, "OKP", kind.use, extractable, usages)
    if data.crv ~= name then fail('JWK "crv" Parameter and algorithm name mismatch', "DataError") end
    if kind == EDWARDS and data.alg ~= "EdDSA" then check_alg(data, name) end
    if data.d ~= nil and type(data.x) ~= "string" then fail("Invalid JWK", "DataError") end
    check_usages(name, usages, data.d ~= nil and kind.private or kind.public)
    key = parse(from_jwk, data)
    if data.d ~= nil and native.keyParts(rawget(key, "_handle")).x:toString "base64url" ~= data.x then fail("Invalid keyData", "DataError", errors.ERR_CRYPTO_INVALID_JWK()) end
  elseif format == "raw" then
    check_usages(name, usages, kind.public)
    if #data ~= RAW_LENGTH[name] then fail(("%s raw keys must be exactly %d-bytes"):format(name, RAW_LENGTH[name]), "DataError") end
    key = keys.PublicKeyObject(util.check(native.keyFromRaw("public", name:upper(), data)))
  end
  if not key then unsupported_format(name, format) end
  if key.asymmetricKeyType ~= name:lower() then fail("Invalid key type", "DataError") end
  return make(key, { name = name }, usages, extractable)
end

-- The bytes of a secret key in either format it may have.
local function secret_bytes(format, data, algorithm, extractable, usages, what)
  check_usages(algorithm.name, usages, KINDS[algorithm.name].secret)
  if format == "raw" then return data end
  if format ~= "jwk" then unsupported_format(what, format) end
  check_jwk(data, "oct", KINDS[algorithm.name].use, extractable, usages)
  if type(data.k) ~= "string" then fail("Invalid keyData", "DataError") end
  return Buffer.from(data.k, "base64url")
end

local function aes_alg(name, bits) return "A" .. bits .. name:sub(5) end

function importers.AES(format, data, algorithm, extractable, usages)
  local bytes = secret_bytes(format, data, algorithm, extractable, usages, "AES")
  local bits = #bytes * 8
  if bits ~= 128 and bits ~= 192 and bits ~= 256 then fail("Invalid key length", "DataError") end
  if format == "jwk" then check_alg(data, aes_alg(algorithm.name, bits)) end
  return make(keys.createSecretKey(bytes), { name = algorithm.name, length = bits }, usages, extractable)
end

function importers.HMAC(format, data, algorithm, extractable, usages)
  local bytes = secret_bytes(format, data, algorithm, extractable, usages, "HMAC")
  local bits = #bytes * 8
  if bits == 0 or algorithm.length == 0 then fail("Zero-length key is not supported", "DataError") end
  if algorithm.length ~= nil and algorithm.length ~= bits then fail("Invalid key length", "DataError") end
  if format == "jwk" then check_alg(data, jwk_alg(algorithm)) end
  return make(keys.createSecretKey(bytes), { name = "HMAC", hash = algorithm.hash, length = bits }, usages, extractable)
end

function importers.generic(format, data, algorithm, extractable, usages)
  local name = algorithm.name
  if extractable then fail(name .. " keys are not extractable", "SyntaxError") end
  check_usages(name, usages, GENERIC.secret)
  if format ~= "raw" then unsupported_format(name, format) end
  return make(keys.createSecretKey(data), { name = name }, usages, false)
end

function M.import(format, data, algorithm, extractable, usages)
  local key = importers[KINDS[algorithm.name].family](format, data, algorithm, extractable, usages)
  if key.type ~= "public" and #key.usages == 0 then
    fail(("Usages cannot be empty when importing a %s key."):format(key.type), "SyntaxError")
  end
  return key
end

-- ---- exporting

local function raw(key)
  local object = rawget(key, "_keyObject")
  if key.type == "secret" then return object:export() end
  local parts = util.check(native.keyParts(rawget(object, "_handle")))
  if parts.kty == "OKP" then return parts.x end
  return Buffer.concat { Buffer.from { 4 }, parts.x, parts.y }
end

local function jwk(key)
  local algorithm = key.algorithm
  local out = rawget(key, "_keyObject"):export { format = "jwk" }
  local ops = setmetatable({}, shape.ARRAY)
  for i, usage in ipairs(key.usages) do ops[i] = usage end
  out.key_ops, out.ext = shape.list(ops), key.extractable
  local family = KINDS[algorithm.name].family
  if family == "RSA" or family == "HMAC" then out.alg = jwk_alg(algorithm)
  elseif family == "AES" then out.alg = aes_alg(algorithm.name, algorithm.length)
  elseif algorithm.name == "Ed25519" or algorithm.name == "Ed448" then out.alg = algorithm.name end
  return out
end

function M.export(format, key)
  if not key.extractable then fail("key is not extractable", "InvalidAccessException") end
  local kind, family = key.type, KINDS[key.algorithm.name].family
  if format == "jwk" then return jwk(key) end
  local object = rawget(key, "_keyObject")
  if format == "spki" and kind == "public" then return object:export { format = "der", type = "spki" } end
  if format == "pkcs8" and kind == "private" then return object:export { format = "der", type = "pkcs8" } end
  if format == "raw" and (kind == "secret" or kind == "public" and family ~= "RSA") then return raw(key) end
  fail(("Unable to export a %s %s %s key"):format(format == "pkcs8" and "pkcs8" or "raw", key.algorithm.name, kind), "InvalidAccessError")
end

return M
