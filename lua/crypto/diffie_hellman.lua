-- SPDX-License-Identifier: MIT
--
-- Key agreement (Node 20 docs: class DiffieHellman, class DiffieHellmanGroup, class ECDH, crypto.diffieHellman).
-- Numbers and points are big-endian Buffers, or text with an encoding.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"
local util = require "lunode.crypto.util"
local keys = require "lunode.crypto.keys"
local Buffer = require("lunode.buffer").Buffer

local native, check, bytes, encoded = util.native, util.check, util.bytes, util.encoded
local rawget, rawset, type, error = rawget, rawset, type, error

local M = {}

local function handle(self) return rawget(self, "_handle") end

-- ---- DiffieHellman

local DiffieHellman = class "DiffieHellman"
M.DiffieHellman = DiffieHellman

local SOURCES = { "number", "string", "ArrayBuffer", "Buffer", "TypedArray", "DataView" }

local function begin(self, h)
  rawset(self, "_handle", h)
  rawset(self, "verifyError", native.dhVerifyError(h)) -- bits: crypto.constants.DH_*
end

-- DiffieHellman(prime bits or prime, primeEncoding, generator = 2, generatorEncoding)
function DiffieHellman:initialize(prime, prime_encoding, generator, generator_encoding)
  if type(prime) == "number" then
    validators.validateInt32(prime, "sizeOrKey")
  elseif not util.is_bytes(prime) then
    error(errors.ERR_INVALID_ARG_TYPE("sizeOrKey", SOURCES, prime), 0)
  end
  if prime_encoding and prime_encoding ~= "buffer" and not Buffer.isEncoding(prime_encoding) then
    prime_encoding, generator, generator_encoding = nil, prime_encoding, generator
  end
  if type(prime) ~= "number" then prime = bytes(prime, "sizeOrKey", prime_encoding or nil) end
  if generator == nil or generator == false or generator == 0 or generator == "" or generator == errors.null then
    generator = 2
  elseif type(generator) == "number" then
    validators.validateInt32(generator, "generator")
  elseif util.is_bytes(generator) then
    generator = bytes(generator, "generator", generator_encoding)
  else
    error(errors.ERR_INVALID_ARG_TYPE("generator", SOURCES, generator), 0)
  end
  if type(prime) == "number" and type(generator) ~= "number" then
    generator = tonumber(util.to_integer(Buffer.from(generator)) or 0ULL)
    if generator > 2147483647 then generator = 0 end
  end
  begin(self, (check(native.dhNew(prime, generator))))
end

local DiffieHellmanGroup = class "DiffieHellmanGroup"
M.DiffieHellmanGroup = DiffieHellmanGroup

-- DiffieHellmanGroup(name): "modp1" … "modp18" (RFC 2409, RFC 3526)
function DiffieHellmanGroup:initialize(name)
  validators.validateString(name, "name")
  begin(self, (check(native.dhGroup(name))))
end

local shared = {}

-- generateKeys(encoding?: string) -> Buffer|string; the public key
function shared:generateKeys(encoding) return encoded(check(native.dhGenerate(handle(self))), encoding) end

-- computeSecret(otherPublicKey: string|Buffer, inputEncoding?: string, outputEncoding?: string) -> Buffer|string
function shared:computeSecret(key, input, output)
  return encoded(check(native.dhCompute(handle(self), bytes(key, "key", input))), output)
end

-- getPrime(encoding?: string) -> Buffer|string
-- getGenerator(encoding?: string) -> Buffer|string
-- getPublicKey(encoding?: string, format?: string) -> Buffer|string; format (of ECDH): "uncompressed", "compressed", "hybrid"
-- getPrivateKey(encoding?: string) -> Buffer|string
for method, what in pairs { getPrime = "prime", getGenerator = "generator", getPublicKey = "public", getPrivateKey = "private" } do
  shared[method] = function(self, encoding) return encoded(check(native.dhGet(handle(self), what)), encoding) end
end
for name, method in pairs(shared) do DiffieHellman.prototype[name], DiffieHellmanGroup.prototype[name] = method, method end

-- setPublicKey(key: string|Buffer, encoding?: string) -> DiffieHellman; itself
-- setPrivateKey(key: string|Buffer, encoding?: string) -> DiffieHellman; itself
for method, what in pairs { setPublicKey = "public", setPrivateKey = "private" } do
  DiffieHellman.prototype[method] = function(self, key, encoding)
    check(native.dhSet(handle(self), what, bytes(key, "key", encoding)))
    return self
  end
end

-- ---- ECDH

local ECDH = class "ECDH"
M.ECDH = ECDH

function ECDH:initialize(curve)
  validators.validateString(curve, "curve")
  rawset(self, "_handle", (check(native.ecdhNew(curve))))
end

local FORMS = { compressed = 2, uncompressed = 4, hybrid = 6 }
local function form(name)
  if name == nil or name == "" then return FORMS.uncompressed end
  if not FORMS[name] then error(errors.ERR_CRYPTO_ECDH_INVALID_FORMAT(tostring(name)), 0) end
  return FORMS[name]
end

-- generateKeys(encoding?: string, format?: string) -> Buffer|string; the public key. format: "uncompressed", "compressed", "hybrid"
function ECDH:generateKeys(encoding, format)
  check(native.ecdhGenerate(handle(self)))
  return self:getPublicKey(encoding, format)
end

-- computeSecret(otherPublicKey: string|Buffer, inputEncoding?: string, outputEncoding?: string) -> Buffer|string
function ECDH:computeSecret(key, input, output)
  return encoded(check(native.ecdhCompute(handle(self), bytes(key, "key", input))), output)
end

-- getPublicKey(encoding?: string, format?: string) -> Buffer|string; format: "uncompressed", "compressed", "hybrid"
function ECDH:getPublicKey(encoding, format) return encoded(check(native.ecdhPublic(handle(self), form(format))), encoding) end
-- getPrivateKey(encoding?: string) -> Buffer|string
function ECDH:getPrivateKey(encoding) return encoded(check(native.ecdhPrivate(handle(self))), encoding) end

-- setPrivateKey(key: string|Buffer, encoding?: string) -> ECDH; itself
function ECDH:setPrivateKey(key, encoding)
  check(native.ecdhSetPrivate(handle(self), bytes(key, "key", encoding)))
  return self
end

-- setPublicKey(key: string|Buffer, encoding?: string) -> ECDH; itself. Deprecated in Node, too (DEP0031)
function ECDH:setPublicKey(key, encoding)
  check(native.ecdhSetPublic(handle(self), bytes(key, "key", encoding)))
  return self
end

-- convertKey(point: string|Buffer, curve: string, inputEncoding?: string, outputEncoding?: string, format?: string) -> Buffer|string; the same point in another form
ECDH.static.convertKey = function(key, curve, input, output, format)
  validators.validateString(curve, "curve")
  key = bytes(key, "key", input)
  return encoded(check(native.ecdhConvert(key, curve, form(format))), output)
end

-- ---- with KeyObjects

local KINDS = { dh = true, ec = true, x448 = true, x25519 = true }

-- diffieHellman(options: table) -> Buffer; options: privateKey, publicKey: KeyObjects
function M.diffieHellman(options)
  validators.validateObject(options, "options")
  local private, public = options.privateKey, options.publicKey
  if not keys.is_key(private) then error(errors.ERR_INVALID_ARG_VALUE("options.privateKey", private), 0) end
  if not keys.is_key(public) then error(errors.ERR_INVALID_ARG_VALUE("options.publicKey", public), 0) end
  if private.type ~= "private" then error(errors.ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(private.type, "private"), 0) end
  if public.type == "secret" then error(errors.ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(public.type, "private or public"), 0) end
  local a, b = private.asymmetricKeyType, public.asymmetricKeyType
  if a ~= b or not KINDS[a] then
    error(errors.ERR_CRYPTO_INCOMPATIBLE_KEY("key types for Diffie-Hellman", tostring(a) .. " and " .. tostring(b)), 0)
  end
  return (check(native.derive(handle(private), handle(public))))
end

return M
