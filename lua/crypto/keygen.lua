-- SPDX-License-Identifier: MIT
--
-- New keys (Node 20 docs: crypto.generateKeyPair, crypto.generateKey).
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"
local util = require "lunode.crypto.util"
local keys = require "lunode.crypto.keys"

local native = util.native
local type, error = type, error
local ARG_VALUE = errors.ERR_INVALID_ARG_VALUE

local M = {}

-- ---- pairs

local function checked(validate, options, name, ...)
  local value = util.option(options, name)
  if value ~= nil then validate(value, "options." .. name, ...) end
  return value
end

local function warn(old, new)
  require("lunode.process").emitWarning(('"options.%s" is deprecated, use "options.%s" instead.'):format(old, new), "DeprecationWarning", "DEP0154")
end

-- A name under its present or its former option.
local function digest_option(options, name, former)
  local value = checked(validators.validateString, options, name)
  local old = util.option(options, former)
  if old == nil then return value end
  warn(former, name)
  validators.validateString(old, "options." .. former)
  if value ~= nil and value ~= old then error(ARG_VALUE("options." .. former, old), 0) end
  return value or old
end

local function rsa(kind, options)
  validators.validateObject(options, "options")
  validators.validateUint32(options.modulusLength, "options.modulusLength")
  local exponent = checked(validators.validateUint32, options, "publicExponent") or 65537
  if kind == "rsa" then return native.generateRsa, false, options.modulusLength, exponent, nil, nil, nil end
  local salt = checked(validators.validateInt32, options, "saltLength", 0)
  local hash, mgf1 = digest_option(options, "hashAlgorithm", "hash"), digest_option(options, "mgf1HashAlgorithm", "mgf1Hash")
  return native.generateRsa, true, options.modulusLength, exponent, hash, mgf1, salt
end

local function dsa(_, options)
  validators.validateObject(options, "options")
  validators.validateUint32(options.modulusLength, "options.modulusLength")
  return native.generateDsa, options.modulusLength, (checked(validators.validateInt32, options, "divisorLength", 0))
end

local function ec(_, options)
  validators.validateObject(options, "options")
  validators.validateString(options.namedCurve, "options.namedCurve")
  local encoding = util.option(options, "paramEncoding")
  if encoding ~= nil and encoding ~= "named" and encoding ~= "explicit" then error(ARG_VALUE("options.paramEncoding", encoding), 0) end
  return native.generateEc, options.namedCurve, encoding == "explicit"
end

local function named(kind) return native.generateNamed, kind:upper() end

local function dh(_, options)
  validators.validateObject(options, "options")
  local function option(name) return util.option(options, name) end
  local group, prime = option "group", option "prime"
  if group ~= nil then
    for _, other in ipairs { "prime", "primeLength", "generator" } do
      if option(other) ~= nil then error(errors.ERR_INCOMPATIBLE_OPTION_PAIR("group", other), 0) end
    end
    validators.validateString(group, "options.group")
    return native.generateDh, group, nil, nil, 2
  end
  local length
  if prime ~= nil then
    if option "primeLength" ~= nil then error(errors.ERR_INCOMPATIBLE_OPTION_PAIR("prime", "primeLength"), 0) end
    if not util.is_bytes(prime) then error(errors.ERR_INVALID_ARG_TYPE("options.prime", { "Buffer", "TypedArray", "DataView" }, prime), 0) end
  elseif option "primeLength" ~= nil then
    length = checked(validators.validateInt32, options, "primeLength", 0)
  else
    error(errors.ERR_MISSING_OPTION "At least one of the group, prime, or primeLength options", 0)
  end
  return native.generateDh, nil, prime, length, checked(validators.validateInt32, options, "generator", 0) or 2
end

local KINDS = { rsa = rsa, ["rsa-pss"] = rsa, dsa = dsa, ec = ec, ed25519 = named, ed448 = named, x25519 = named, x448 = named, dh = dh }

local function encoding_option(options, name, parse, kind)
  local value = util.option(options, name)
  if value == nil then return nil end
  if type(value) ~= "table" then error(ARG_VALUE("options." .. name, value), 0) end
  local how = parse(value, kind, name)
  if how.cipher and not native.cipherInfo(how.cipher) then error(util.coded "ERR_CRYPTO_UNKNOWN_CIPHER", 0) end
  return how
end

local function pair(callback, kind, options)
  validators.validateString(kind, "type")
  local public_how = encoding_option(options, "publicKeyEncoding", keys.public_encoding, kind)
  local private_how = encoding_option(options, "privateKeyEncoding", keys.private_encoding, kind)
  if options ~= nil then validators.validateObject(options, "options") end
  local prepare = KINDS[kind]
  if not prepare then error(ARG_VALUE("type", kind, "must be a supported key type"), 0) end
  local function convert(public, private)
    public, private = keys.wrap(public), keys.wrap(private)
    return public_how and keys.export(public, public_how) or public, private_how and keys.export(private, private_how) or private
  end
  local function start(fn, ...) return util.job(fn, callback, convert, ...) end
  return start(prepare(kind, options))
end

-- generateKeyPair(type: string, options?: table, callback: fun(err: Error?, publicKey: KeyObject, privateKey: KeyObject))
-- KeyObjects, or what publicKeyEncoding and privateKeyEncoding (the options of KeyObject:export) make of them. type: "rsa" (modulusLength,
-- publicExponent), "rsa-pss" (also hashAlgorithm, mgf1HashAlgorithm, saltLength), "dsa" (modulusLength, divisorLength), "ec" (namedCurve,
-- paramEncoding), "ed25519", "ed448", "x25519", "x448", "dh" (group, or prime or primeLength, and generator)
function M.generateKeyPair(kind, options, callback)
  if type(options) == "function" then options, callback = nil, options end
  pair(validators.callback(callback, "callback"), kind, options)
end

-- generateKeyPairSync(type: string, options?: table) -> table; {publicKey =, privateKey =}
-- Example:
--   local crypto = require "crypto"
--   local pair = crypto.generateKeyPairSync "ed25519"
--   local signature = crypto.sign(nil, "text", pair.privateKey)
--   print(crypto.verify(nil, "text", pair.publicKey, signature))   --> true
function M.generateKeyPairSync(kind, options)
  local public, private = pair(nil, kind, options)
  return shape.dict { publicKey = public, privateKey = private }
end

require("lunode.internal.promisify_custom")[M.generateKeyPair] = function(kind, options)
  local Promise = require("lunode.internal.promise").Promise
  return Promise(function(resolve, reject)
    M.generateKeyPair(kind, options, function(err, public, private)
      if err then return reject(err) end
      resolve(shape.dict { publicKey = public, privateKey = private })
    end)
  end)
end

-- ---- secret keys

local function secret(callback, kind, options)
  validators.validateString(kind, "type")
  validators.validateObject(options, "options")
  local length = options.length
  if kind == "hmac" then
    validators.validateInteger(length, "options.length", 8, 2147483647)
  elseif kind == "aes" then
    validators.validateOneOf(length, "options.length", { 128, 192, 256 })
  else
    error(ARG_VALUE("type", kind, "must be a supported key type"), 0)
  end
  return util.job(native.randomBytes, callback, keys.createSecretKey, math.floor(length / 8))
end

-- generateKey(type: string, options: table, callback: fun(err: Error?, key: KeyObject)): a secret key; type: "hmac" or "aes"; options: length (bits)
function M.generateKey(kind, options, callback)
  if type(options) == "function" then options, callback = nil, options end
  secret(validators.callback(callback, "callback"), kind, options)
end
-- generateKeySync(type: string, options: table) -> KeyObject
function M.generateKeySync(kind, options) return secret(nil, kind, options) end

return M
