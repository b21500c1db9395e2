-- SPDX-License-Identifier: MIT
--
-- KeyObjects, and keys in PEM, DER and JWK (Node 20 docs: class KeyObject, crypto.createPublicKey …).
--
-- Where an API takes a key it takes: a KeyObject, a CryptoKey, text or bytes (PEM), or {key =, format = "pem" | "der" | "jwk",
-- type = "pkcs1" | "spki" | "pkcs8" | "sec1", passphrase =, encoding =}. `key` there is bytes, a KeyObject, or a table for JWK.
--
--   prepare_secret(key, encoding)      bytes or C's key of a secret one
--   prepare_private(key), prepare_public(key) -> C's key; the second takes private keys as well
--   public_encoding(options, type, name), private_encoding(…)  -> how a key is to be exported: {format, type, cipher, passphrase}
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local inspect_custom = require "lunode.internal.inspect_custom"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"
local util = require "lunode.crypto.util"
local Buffer = require("lunode.buffer").Buffer

local native, check, bytes = util.native, util.check, util.bytes
local is_bytes, null = util.is_bytes, errors.null
local type, error, rawget, rawset = type, error, rawget, rawset
local ARG_TYPE, ARG_VALUE = errors.ERR_INVALID_ARG_TYPE, errors.ERR_INVALID_ARG_VALUE

local M = {}

-- ---- classes

local KeyObject = class "KeyObject"
M.KeyObject = KeyObject

-- KeyObject: made by createSecretKey, createPublicKey, createPrivateKey, generateKeyPair …
function KeyObject:initialize(kind, handle)
  if kind ~= "secret" and kind ~= "public" and kind ~= "private" then error(ARG_VALUE("type", kind), 0) end
  if type(handle) ~= "userdata" or util.is_buffer(handle) then error(ARG_TYPE("handle", "object", handle), 0) end
  rawset(self, "_type", kind)
  rawset(self, "_handle", handle)
end

KeyObject:accessor("type", function(self) return rawget(self, "_type") end)

local function is_key(value) return KeyObject:is(value) and rawget(value, "_handle") ~= nil end
M.is_key = is_key

-- The KeyObject of a CryptoKey (lua/crypto/crypto_key.lua), or nil.
local function of_crypto_key(value)
  if type(value) == "table" then return rawget(value, "_keyObject") end
end

-- from(key: CryptoKey) -> KeyObject
KeyObject.static.from = function(key)
  local found = of_crypto_key(key)
  if not found then error(ARG_TYPE("key", "CryptoKey", key), 0) end
  return found
end

-- equals(other: KeyObject) -> boolean
function KeyObject:equals(other)
  if not is_key(other) then error(ARG_TYPE("otherKeyObject", "KeyObject", other), 0) end
  return rawget(other, "_type") == rawget(self, "_type") and (check(native.keyEquals(rawget(self, "_handle"), rawget(other, "_handle"))))
end

local SecretKeyObject = class("SecretKeyObject", KeyObject)
M.SecretKeyObject = SecretKeyObject
function SecretKeyObject:initialize(handle) KeyObject.prototype.initialize(self, "secret", handle) end

SecretKeyObject:accessor("symmetricKeySize", function(self) return native.keySize(rawget(self, "_handle")) end)

-- export(options?: table) -> Buffer|string|table; of a secret key its bytes, or with format = "jwk" a table. Of others format is "pem", "der" or "jwk" and
-- type "pkcs1", "spki" (public), "pkcs8", "sec1" (private, which may have cipher and passphrase)
function SecretKeyObject:export(options)
  options = util.options(options)
  if options then
    local format = options.format
    if format ~= nil and format ~= "buffer" and format ~= "jwk" then
      error(ARG_VALUE("options.format", format, "must be one of: undefined, 'buffer', 'jwk'"), 0)
    end
    if format == "jwk" then
      return shape.dict { kty = "oct", k = native.keyBytes(rawget(self, "_handle")):toString "base64url" }
    end
  end
  return native.keyBytes(rawget(self, "_handle"))
end

local AsymmetricKeyObject = class("AsymmetricKeyObject", KeyObject)

AsymmetricKeyObject:accessor("asymmetricKeyType", function(self) return native.keyType(rawget(self, "_handle")) end)

local has_details = { rsa = true, ["rsa-pss"] = true, dsa = true, ec = true }

-- modulusLength, publicExponent (a 64-bit integer; a Buffer where it is longer), hashAlgorithm, mgf1HashAlgorithm, saltLength, divisorLength, namedCurve
AsymmetricKeyObject:accessor("asymmetricKeyDetails", function(self)
  local details = rawget(self, "_details")
  if not details then
    details = has_details[self.asymmetricKeyType] and check(native.keyDetails(rawget(self, "_handle"))) or {}
    if details.publicExponent then details.publicExponent = util.to_integer(details.publicExponent) or details.publicExponent end
    details = shape.dict(details)
    rawset(self, "_details", details)
  end
  return details
end)

local JWK_MEMBERS = { "x", "y", "n", "e", "d", "p", "q", "dp", "dq", "qi" }

local function to_jwk(self)
  local jwk = check(native.keyParts(rawget(self, "_handle")))
  for i = 1, #JWK_MEMBERS do
    local name = JWK_MEMBERS[i]
    if jwk[name] then jwk[name] = jwk[name]:toString "base64url" end
  end
  return shape.dict(jwk)
end

-- What export() gives, for generateKeyPair as well.
local function export(self, how)
  if how.format == "jwk" then return to_jwk(self) end
  return (check(native.keyExport(rawget(self, "_handle"), how.format, how.type, how.cipher, how.passphrase)))
end
M.export = export

local function wants_jwk(options) return type(options) == "table" and options.format == "jwk" end

local PublicKeyObject = class("PublicKeyObject", AsymmetricKeyObject)
M.PublicKeyObject = PublicKeyObject
function PublicKeyObject:initialize(handle) KeyObject.prototype.initialize(self, "public", handle) end

-- export({format = "pem" | "der" | "jwk", type = "pkcs1" | "spki"}) -> text, Buffer or table
function PublicKeyObject:export(options)
  if wants_jwk(options) then return to_jwk(self) end
  return export(self, M.public_encoding(options, self.asymmetricKeyType))
end

local PrivateKeyObject = class("PrivateKeyObject", AsymmetricKeyObject)
M.PrivateKeyObject = PrivateKeyObject
function PrivateKeyObject:initialize(handle) KeyObject.prototype.initialize(self, "private", handle) end

-- export({format = "pem" | "der" | "jwk", type = "pkcs1" | "pkcs8" | "sec1", cipher =, passphrase =}) -> text, Buffer or table
function PrivateKeyObject:export(options)
  if wants_jwk(options) then
    if options.passphrase ~= nil then error(errors.ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS("jwk", "does not support encryption"), 0) end
    return to_jwk(self)
  end
  return export(self, M.private_encoding(options, self.asymmetricKeyType))
end

-- Nothing of a key's bytes is ever shown.
for _, c in ipairs { SecretKeyObject, PublicKeyObject, PrivateKeyObject } do
  c.prototype[inspect_custom] = function() return c.name .. " {}" end
end

local BY_KIND = { secret = SecretKeyObject, public = PublicKeyObject, private = PrivateKeyObject }

-- The KeyObject of C's key.
local function wrap(handle) return BY_KIND[native.keyKind(handle)](handle) end
M.wrap = wrap

-- ---- encodings

local function full_name(name, object_name) return "options." .. (object_name and object_name .. "." or "") .. name end

local function parse_format(format, default, name)
  if format == nil and default then return default end
  if format == "pem" or format == "der" or format == "jwk" then return format end
  error(ARG_VALUE(name, format), 0)
end

-- is_public: true, false, or nil when both will do
local function parse_type(kind, required, key_type, is_public, name)
  if kind == nil and not required then return nil end
  if kind == "pkcs1" then
    if key_type ~= nil and key_type ~= "rsa" then error(errors.ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS(kind, "can only be used for RSA keys"), 0) end
    return kind
  elseif kind == "spki" and is_public ~= false or kind == "pkcs8" and is_public ~= true then
    return kind
  elseif kind == "sec1" and is_public ~= true then
    if key_type ~= nil and key_type ~= "ec" then error(errors.ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS(kind, "can only be used for EC keys"), 0) end
    return kind
  end
  error(ARG_VALUE(name, kind), 0)
end

-- key_type is given for keys that are to be written, nil for those to be read.
local function parse_encoding(options, key_type, is_public, object_name)
  validators.validateObject(options, "options")
  local reading = key_type == nil
  local function option(key) return util.option(options, key) end
  local format = parse_format(options.format, reading and "pem", full_name("format", object_name))
  local required = (not reading or format == "der") and format ~= "jwk"
  local kind = parse_type(option "type", required, key_type, is_public, full_name("type", object_name))
  local cipher, passphrase
  if is_public ~= true then
    cipher, passphrase = option "cipher", option "passphrase"
    if not reading then
      if cipher ~= nil then
        if type(cipher) ~= "string" then error(ARG_VALUE(full_name("cipher", object_name), cipher), 0) end
        if format == "der" and (kind == "pkcs1" or kind == "sec1") then
          error(errors.ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS(kind, "does not support encryption"), 0)
        end
      elseif passphrase ~= nil then
        error(ARG_VALUE(full_name("cipher", object_name), cipher), 0)
      end
    end
    if not is_bytes(passphrase) and (reading and passphrase ~= nil or not reading and cipher ~= nil) then
      error(ARG_VALUE(full_name("passphrase", object_name), passphrase), 0)
    end
    if passphrase ~= nil then passphrase = bytes(passphrase, "key.passphrase", option "encoding") end
  end
  return { format = format, type = kind, cipher = not reading and cipher or nil, passphrase = passphrase }
end

function M.public_encoding(options, key_type, object_name) return parse_encoding(options, key_type, key_type and true or nil, object_name) end
function M.private_encoding(options, key_type, object_name) return parse_encoding(options, key_type, false, object_name) end

-- ---- JWK (RFC 7517, RFC 7518, RFC 8037)

local CURVES = { ["P-256"] = "prime256v1", secp256k1 = "secp256k1", ["P-384"] = "secp384r1", ["P-521"] = "secp521r1" }
local RAW_LENGTH = { Ed25519 = 32, X25519 = 32, Ed448 = 57, X448 = 56 }

local function member(jwk, name)
  validators.validateString(jwk[name], "key." .. name)
  return Buffer.from(jwk[name], "base64url")
end

local function from_jwk(jwk, kind)
  validators.validateObject(jwk, "key")
  validators.validateOneOf(jwk.kty, "key.kty", { "RSA", "EC", "OKP" })
  local private = kind == "private"
  local key
  if jwk.kty == "OKP" then
    validators.validateString(jwk.crv, "key.crv")
    validators.validateOneOf(jwk.crv, "key.crv", { "Ed25519", "Ed448", "X25519", "X448" })
    local raw = member(jwk, "x")
    if private then raw = member(jwk, "d") end
    key = #raw == RAW_LENGTH[jwk.crv] and native.keyFromRaw(kind, jwk.crv:upper(), raw)
    if not key then error(errors.ERR_CRYPTO_INVALID_JWK(), 0) end
  elseif jwk.kty == "EC" then
    validators.validateString(jwk.crv, "key.crv")
    validators.validateOneOf(jwk.crv, "key.crv", { "P-256", "secp256k1", "P-384", "P-521" })
    local x, y = member(jwk, "x"), member(jwk, "y")
    key = native.keyFromEc(kind, CURVES[jwk.crv], x, y, private and member(jwk, "d") or nil)
    if not key then error(util.coded("ERR_CRYPTO_INVALID_JWK", "Invalid JWK EC key"), 0) end
  else
    local n, e = member(jwk, "n"), member(jwk, "e")
    if private then
      key = native.keyFromRsa(kind, n, e, member(jwk, "d"), member(jwk, "p"), member(jwk, "q"), member(jwk, "dp"), member(jwk, "dq"), member(jwk, "qi"))
    else
      key = native.keyFromRsa(kind, n, e)
    end
    if not key then error(util.coded("ERR_CRYPTO_INVALID_JWK", "Invalid JWK RSA key"), 0) end
  end
  return key
end

-- ---- reading

local function key_types(with_objects)
  local list = { "ArrayBuffer", "Buffer", "TypedArray", "DataView", "string" }
  if with_objects then list[6], list[7] = "KeyObject", "CryptoKey" end
  return list
end

-- What is done with the key: "read" is C's function, "kind" what a JWK is taken for, "objects" which KeyObjects will do.
local USES = {
  consume_public = { read = native.keyAny, kind = "public", objects = "private or public" },
  consume_private = { read = native.keyPrivate, kind = "private", objects = "private" },
  create_public = { read = native.keyPublic, kind = "public", objects = "private" },
  create_private = { read = native.keyPrivate, kind = "private" },
}

local function handle_of(key, use)
  if not use.objects then error(ARG_TYPE("key", key_types(false), key), 0) end
  local kind = key.type
  if kind ~= "private" and (use.objects == "private" or kind ~= "public") then
    error(errors.ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(kind, use.objects), 0)
  end
  local handle = rawget(key, "_handle")
  if use == USES.create_public then return native.keyPublicOf(handle) end
  return handle
end

local function prepare(key, use)
  if is_key(key) then return handle_of(key, use) end
  local inner = of_crypto_key(key)
  if inner then return handle_of(inner, use) end
  if is_bytes(key) then return (check(use.read(key, "pem"))) end
  if type(key) == "table" and key ~= null then
    local value = key.key
    if is_key(value) then return handle_of(value, use) end
    inner = of_crypto_key(value)
    if inner then return handle_of(inner, use) end
    if key.format == "jwk" then
      validators.validateObject(value, "key.key")
      return from_jwk(value, use.kind)
    end
    if not is_bytes(value) then error(ARG_TYPE("key.key", key_types(use.objects ~= nil), value), 0) end
    value = bytes(value, "key", key.encoding)
    local is_public
    if use.kind == "private" then is_public = false end
    local how = parse_encoding(key, nil, is_public)
    return (check(use.read(value, how.format, how.type, how.passphrase)))
  end
  error(ARG_TYPE("key", key_types(use.objects ~= nil), key), 0)
end

function M.prepare_private(key) return prepare(key, USES.consume_private) end
function M.prepare_public(key) return prepare(key, USES.consume_public) end

function M.prepare_secret(key, encoding, bytes_only)
  local object = is_key(key) and key or of_crypto_key(key)
  if object and not bytes_only then
    if object.type ~= "secret" then error(errors.ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(object.type, "secret"), 0) end
    return rawget(object, "_handle")
  end
  if not is_bytes(key) then
    local types = key_types(not bytes_only)
    if bytes_only then types[5] = nil end
    error(ARG_TYPE("key", types, key), 0)
  end
  return bytes(key, "key", encoding)
end

-- createSecretKey(key: string|Buffer, encoding?: string) -> KeyObject
function M.createSecretKey(key, encoding) return SecretKeyObject(native.keySecret(M.prepare_secret(key, encoding, true))) end

-- createPublicKey(key: KeyObject|string|Buffer|table) -> KeyObject; of a private key its public half. A table has key, format, type, passphrase, encoding
function M.createPublicKey(key) return PublicKeyObject(prepare(key, USES.create_public)) end

-- createPrivateKey(key: string|Buffer|table) -> KeyObject; a table has key, format, type, passphrase, encoding
function M.createPrivateKey(key) return PrivateKeyObject(prepare(key, USES.create_private)) end

return M
