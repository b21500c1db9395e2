-- SPDX-License-Identifier: MIT
--
-- What SubtleCrypto's functions can be asked for, and the check of their first argument (Web Cryptography API, 18.4.4).
--
--   normalize(algorithm, operation) -> {name =, …} with the members that the operation needs, checked
--   exception(message, name, cause) -> DOMException
--   failed(cause) -> the OperationError of work that OpenSSL refused
local errors = require "lunode.internal.errors"
local DOMException = require "lunode.internal.dom_exception"
local util = require "lunode.crypto.util"
local Buffer = require("lunode.buffer").Buffer

local type, error, tostring, pairs = type, error, tostring, pairs
local null = errors.null

local M = {}

function M.exception(message, name, cause) return DOMException(message, { name = name, cause = cause }) end
local exception = M.exception

function M.failed(cause) return exception("The operation failed for an operation-specific reason", "OperationError", cause) end

-- A TypeError with a code, as Web IDL's conversions raise it.
function M.type_error(code, message)
  local err = errors.TypeError(message)
  rawset(err, "code", code)
  return err
end
local type_error = M.type_error

M.HASHES = { ["SHA-1"] = "sha1", ["SHA-256"] = "sha256", ["SHA-384"] = "sha384", ["SHA-512"] = "sha512" }

-- ---- dictionaries: {name, kind, required}

local HASH, LENGTH, BYTES, TEXT, KEY = "hash", "length", "bytes", "text", "key"
local DICTIONARIES = {
  RsaHashedKeyGenParams = { { "hash", HASH, true }, { "modulusLength", LENGTH, true }, { "publicExponent", BYTES, true } },
  RsaHashedImportParams = { { "hash", HASH, true } },
  RsaPssParams = { { "saltLength", LENGTH, true } },
  RsaOaepParams = { { "label", BYTES } },
  EcKeyGenParams = { { "namedCurve", TEXT, true } },
  EcKeyImportParams = { { "namedCurve", TEXT, true } },
  EcdsaParams = { { "hash", HASH, true } },
  EcdhKeyDeriveParams = { { "public", KEY, true } },
  HmacKeyGenParams = { { "hash", HASH, true }, { "length", LENGTH } },
  HmacImportParams = { { "hash", HASH, true }, { "length", LENGTH } },
  HkdfParams = { { "hash", HASH, true }, { "info", BYTES, true }, { "salt", BYTES, true } },
  Pbkdf2Params = { { "hash", HASH, true }, { "iterations", LENGTH, true }, { "salt", BYTES, true } },
  AesKeyGenParams = { { "length", LENGTH, true } },
  AesDerivedKeyParams = { { "length", LENGTH, true } },
  AesCbcParams = { { "iv", BYTES, true } },
  AesGcmParams = { { "iv", BYTES, true }, { "tagLength", LENGTH }, { "additionalData", BYTES } },
  AesCtrParams = { { "counter", BYTES, true }, { "length", LENGTH, true } },
  Ed448Params = { { "context", BYTES } },
}

local function all(names, dictionary)
  local out = {}
  for name in names:gmatch "%S+" do out[name] = dictionary or false end
  return out
end
local function merged(...)
  local out = {}
  for _, part in ipairs { ... } do
    for name, dictionary in pairs(part) do out[name] = dictionary end
  end
  return out
end

local RSA, AES, AES_ALL = "RSASSA-PKCS1-v1_5 RSA-PSS RSA-OAEP", "AES-CTR AES-CBC AES-GCM", "AES-CTR AES-CBC AES-GCM AES-KW"
local CURVES = "Ed25519 Ed448 X25519 X448"
local CIPHERS = { ["RSA-OAEP"] = "RsaOaepParams", ["AES-CBC"] = "AesCbcParams", ["AES-GCM"] = "AesGcmParams", ["AES-CTR"] = "AesCtrParams" }
local SIGNATURES = { ["RSASSA-PKCS1-v1_5"] = false, ["RSA-PSS"] = "RsaPssParams", ECDSA = "EcdsaParams", HMAC = false, Ed25519 = false, Ed448 = "Ed448Params" }

local OPERATIONS = {
  digest = all "SHA-1 SHA-256 SHA-384 SHA-512",
  generateKey = merged(all(RSA, "RsaHashedKeyGenParams"), all("ECDSA ECDH", "EcKeyGenParams"), all(AES_ALL, "AesKeyGenParams"),
    all("HMAC", "HmacKeyGenParams"), all(CURVES)),
  importKey = merged(all(RSA, "RsaHashedImportParams"), all("ECDSA ECDH", "EcKeyImportParams"), all("HMAC", "HmacImportParams"),
    all("HKDF PBKDF2"), all(AES_ALL), all(CURVES)),
  sign = SIGNATURES, verify = SIGNATURES, encrypt = CIPHERS, decrypt = CIPHERS,
  deriveBits = merged({ HKDF = "HkdfParams", PBKDF2 = "Pbkdf2Params" }, all("ECDH X25519 X448", "EcdhKeyDeriveParams")),
  ["get key length"] = merged(all(AES_ALL, "AesDerivedKeyParams"), all("HMAC", "HmacImportParams"), all("HKDF PBKDF2")),
  wrapKey = all "AES-KW", unwrapKey = all "AES-KW",
}

-- ---- conversion

local PREFIX = "Failed to normalize algorithm: "

local convert = {}

function convert.hash(value) return M.normalize(value, "digest") end

function convert.bytes(value, name)
  if not util.is_bytes(value) then
    error(type_error("ERR_INVALID_ARG_TYPE", PREFIX .. "'" .. name .. "' of passed algorithm is not instance of ArrayBuffer, Buffer, TypedArray, or DataView."), 0)
  end
  return Buffer.from(value) -- a copy: the caller may change his own meanwhile
end

function convert.length(value, name)
  if type(value) ~= "number" or value % 1 ~= 0 or value < 0 or value > 4294967295 then
    error(type_error("ERR_INVALID_ARG_TYPE", PREFIX .. "'" .. name .. "' of passed algorithm is not an unsigned 32-bit integer."), 0)
  end
  return value
end

function convert.text(value) return tostring(value) end

function convert.key(value, name)
  if not require("lunode.crypto.crypto_key").is(value) then
    error(type_error("ERR_INVALID_ARG_TYPE", PREFIX .. "'" .. name .. "' of passed algorithm is not of type CryptoKey."), 0)
  end
  return value
end

function M.normalize(algorithm, operation)
  if type(algorithm) == "string" then algorithm = { name = algorithm } end
  local name = type(algorithm) == "table" and algorithm ~= null and algorithm.name
  if name == nil or name == false or name == null then
    error(type_error("ERR_MISSING_OPTION", PREFIX .. "passed algorithm can not be converted to 'Algorithm' because 'name' is required in 'Algorithm'."), 0)
  end
  name = tostring(name):upper()
  for known, dictionary in pairs(OPERATIONS[operation]) do
    if known:upper() == name then
      local out = { name = known }
      for _, entry in ipairs(DICTIONARIES[dictionary] or {}) do
        local member, kind, required = entry[1], entry[2], entry[3]
        local value = algorithm[member]
        if value == null then value = nil end
        if value ~= nil then
          out[member] = convert[kind](value, member)
        elseif required then
          error(type_error("ERR_MISSING_OPTION", ("%spassed algorithm can not be converted to '%s' because '%s' is required in '%s'."):format(PREFIX, dictionary,
            member, dictionary)), 0)
        end
      end
      return out
    end
  end
  error(exception("Unrecognized algorithm name", "NotSupportedError"), 0)
end

return M
