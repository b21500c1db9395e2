-- SPDX-License-Identifier: MIT
--
-- crypto (Node 20 docs: Crypto), on OpenSSL 3, which is loaded when this module is. No primitive of our own.
-- What Node gives as an ArrayBuffer (hkdf, generatePrime) is a Buffer.
local errors = require "lunode.internal.errors"
local lazy = require "lunode.internal.lazy"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"
local util = require "lunode.crypto.util"
local cipher = require "lunode.crypto.cipher"
local dh = require "lunode.crypto.diffie_hellman"
local hash = require "lunode.crypto.hash"
local kdf = require "lunode.crypto.kdf"
local keygen = require "lunode.crypto.keygen"
local keys = require "lunode.crypto.keys"
local random = require "lunode.crypto.random"
local rsa = require "lunode.crypto.rsa"
local sign = require "lunode.crypto.sign"
local x509 = require "lunode.crypto.x509"

local native = util.native
local error = error

local M = {
  Certificate = x509.Certificate, Cipher = cipher.Cipher, Cipheriv = cipher.Cipheriv, Decipher = cipher.Decipher, Decipheriv = cipher.Decipheriv,
  DiffieHellman = dh.DiffieHellman, DiffieHellmanGroup = dh.DiffieHellmanGroup, ECDH = dh.ECDH, Hash = hash.Hash, Hmac = hash.Hmac,
  KeyObject = keys.KeyObject, Sign = sign.Sign, Verify = sign.Verify, X509Certificate = x509.X509Certificate,
  hash = hash.hash, sign = sign.sign, verify = sign.verify, diffieHellman = dh.diffieHellman, getCipherInfo = cipher.getCipherInfo,
  createSecretKey = keys.createSecretKey, createPublicKey = keys.createPublicKey, createPrivateKey = keys.createPrivateKey,
}
for _, part in ipairs { kdf, keygen, random, rsa } do
  for name, fn in pairs(part) do M[name] = fn end
end

-- ---- the classes by their old names

-- createHash(algorithm: string, options?: table) -> Hash; a Transform as well. options: outputLength (bytes) for shake128 and shake256
-- Example:
--   local crypto = require "crypto"
--   print(crypto.createHash("sha256"):update("ab"):update("c"):digest "hex")   --> ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
function M.createHash(algorithm, options) return hash.Hash(algorithm, options) end
-- createHmac(algorithm: string, key: string|Buffer|KeyObject, options?: table) -> Hmac; a Transform as well. options: encoding of a key that is text
function M.createHmac(algorithm, key, options) return hash.Hmac(algorithm, key, options) end
-- createCipheriv(algorithm: string, key: string|Buffer|KeyObject, iv: string|Buffer|nil, options?: table) -> Cipheriv; a Transform as well.
-- options: authTagLength (bytes; CCM and OCB need it), encoding of a key that is text
-- Example:
--   local crypto = require "crypto"
--   local key, iv = crypto.randomBytes(32), crypto.randomBytes(12)
--   local cipher = crypto.createCipheriv("aes-256-gcm", key, iv)
--   local secret = cipher:update("text", "utf8", "hex") .. cipher:final "hex"
--   local decipher = crypto.createDecipheriv("aes-256-gcm", key, iv):setAuthTag(cipher:getAuthTag())
--   print(decipher:update(secret, "hex", "utf8") .. decipher:final "utf8")   --> text
function M.createCipheriv(name, key, iv, options) return cipher.Cipheriv(name, key, iv, options) end
-- createDecipheriv(algorithm: string, key: string|Buffer|KeyObject, iv: string|Buffer|nil, options?: table) -> Decipheriv; the inverse of createCipheriv
function M.createDecipheriv(name, key, iv, options) return cipher.Decipheriv(name, key, iv, options) end
-- createSign(algorithm: string, options?: table) -> Sign; a Writable as well
function M.createSign(algorithm, options) return sign.Sign(algorithm, options) end
-- createVerify(algorithm: string, options?: table) -> Verify; a Writable as well
function M.createVerify(algorithm, options) return sign.Verify(algorithm, options) end
-- createDiffieHellman(prime: integer|string|Buffer, primeEncoding?: string, generator?: integer|string|Buffer, generatorEncoding?: string) -> DiffieHellman
-- `prime` may be a number of bits: one is made. The generator is 2 when it is not given.
function M.createDiffieHellman(prime, prime_encoding, generator, generator_encoding)
  return dh.DiffieHellman(prime, prime_encoding, generator, generator_encoding)
end
-- createDiffieHellmanGroup(name: string) -> DiffieHellmanGroup; "modp1" … "modp18" of RFC 2409 and RFC 3526
-- getDiffieHellman(name: string) -> DiffieHellmanGroup; the same
function M.createDiffieHellmanGroup(name) return dh.DiffieHellmanGroup(name) end
M.getDiffieHellman = M.createDiffieHellmanGroup
-- createECDH(curve: string) -> ECDH
-- Example:
--   local crypto = require "crypto"
--   local alice, bob = crypto.createECDH "secp521r1", crypto.createECDH "secp521r1"
--   local from_alice, from_bob = alice:generateKeys(), bob:generateKeys()
--   print(alice:computeSecret(from_bob):equals(bob:computeSecret(from_alice)))   --> true
function M.createECDH(curve) return dh.ECDH(curve) end

-- ---- what there is

-- A fresh list each time, as a caller may change it.
local function listed(get)
  local names
  return function()
    names = names or get()
    local copy = {}
    for i = 1, #names do copy[i] = names[i] end
    return shape.list(copy)
  end
end
-- getHashes() -> string[]
M.getHashes = listed(native.hashes)
-- getCiphers() -> string[]
M.getCiphers = listed(native.ciphers)
-- getCurves() -> string[]
M.getCurves = listed(native.curves)

M.constants = native.constants
-- Of TLS, in OpenSSL's notation (Node 20 docs: tls.DEFAULT_CIPHERS).
M.constants.defaultCoreCipherList = table.concat({
  "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384", "DHE-RSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-SHA256", "DHE-RSA-AES128-SHA256", "ECDHE-RSA-AES256-SHA384", "DHE-RSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA256",
  "DHE-RSA-AES256-SHA256", "HIGH", "!aNULL", "!eNULL", "!EXPORT", "!DES", "!RC4", "!MD5", "!PSK", "!SRP", "!CAMELLIA",
}, ":")
M.constants.defaultCipherList = M.constants.defaultCoreCipherList

local function check_compared(value, name)
  if util.is_bytes(value) and not (validators.door.kind and type(value) == "string") then return end
  local err = errors.ERR_INVALID_ARG_TYPE(name, util.VIEW_TYPES, value)
  err.message = err.message:gsub(" Received.*$", "")
  error(err, 0)
end

-- timingSafeEqual(a: string|Buffer, b: string|Buffer) -> boolean; in a time that does not tell where they differ. Both must be of one length
function M.timingSafeEqual(a, b)
  check_compared(a, "buf1")
  check_compared(b, "buf2")
  if #a ~= #b then error(util.coded "ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH", 0) end
  return native.timingSafeEqual(a, b)
end

-- secureHeapUsed() -> table; total, used, utilization, min: all 0, as nothing sets a secure heap up
function M.secureHeapUsed() return shape.dict { total = 0, used = 0, utilization = 0, min = 0 } end

-- getFips() -> integer; 1 when only approved algorithms are used, else 0
function M.getFips() return native.fips() and 1 or 0 end
-- setFips(on: boolean): needs OpenSSL's FIPS provider
function M.setFips(on) util.check(native.setFips(on ~= nil and on ~= false and on ~= 0 and on ~= errors.null)) end

-- setEngine(id: string, flags?: integer): raises ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED, for OpenSSL 3 has providers instead of engines
function M.setEngine(id, flags)
  validators.validateString(id, "id")
  if flags ~= nil then validators.validateNumber(flags, "flags") end
  error(errors.ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED(), 0)
end

-- ---- made when first asked for

local function deprecated(class, name, code)
  return require("lunode.util").deprecate(function(algorithm, password, options) return class(algorithm, password, options) end,
    "crypto." .. name .. " is deprecated.", code)
end

return lazy(M, {
  webcrypto = function() return require("lunode.crypto.webcrypto").crypto end,
  subtle = function() return require("lunode.crypto.webcrypto").crypto.subtle end,
  createCipher = function() return deprecated(cipher.Cipher, "createCipher", "DEP0106") end,
  createDecipher = function() return deprecated(cipher.Decipher, "createDecipher", "DEP0106") end,
  prng = function() return M.randomBytes end,
  pseudoRandomBytes = function() return M.randomBytes end,
  rng = function() return M.randomBytes end,
}, { fips = { M.getFips, M.setFips } })
