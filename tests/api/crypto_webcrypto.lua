-- SPDX-License-Identifier: MIT
-- Web Crypto: vectors of the RFCs for each algorithm, round trips through every format, errors as Node 20 words them.
local test = require "../support/test"
local nodecrypto, util = require "crypto", require "util"

local subtle = crypto.subtle
local function hex(text) return Buffer.from(text, "hex") end

local function rejects(t, promise, name, message)
  local ok, err = pcall(await, promise)
  t:no(ok)
  if message then t:equal(err.message, message) end
  t:ok(err.name == name or err.code == name, tostring(err) .. ", want " .. name)
end

test("the global, its values, its classes", function(t)
  t:ok(nodecrypto.webcrypto == crypto and nodecrypto.subtle == subtle)
  t:match(crypto:randomUUID(), "^%x+%-%x+%-4")
  local b = Buffer.alloc(32)
  t:equal(crypto:getRandomValues(b), b)
  t:no(b:equals(Buffer.alloc(32)))
  t:throws(function() crypto:getRandomValues(Buffer.alloc(65537)) end, "QuotaExceededError")
  t:throws(function() crypto:getRandomValues "text" end, "TypeMismatchError")
  t:throws(function() CryptoKey() end, "ERR_ILLEGAL_CONSTRUCTOR")
  t:throws(function() SubtleCrypto() end, "ERR_ILLEGAL_CONSTRUCTOR")
  t:throws(function() Crypto() end, "ERR_ILLEGAL_CONSTRUCTOR")
  t:throws(function() crypto.randomUUID {} end, "ERR_INVALID_THIS")
  rejects(t, subtle.digest({}, "SHA-1", "x"), "ERR_INVALID_THIS")
end)

test("digest: FIPS 180-4", function(t)
  t:equal(await(subtle:digest("sha-256", "abc")):toString "hex", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  t:equal(await(subtle:digest({ name = "SHA-1" }, Buffer.from "abc")):toString "hex", "a9993e364706816aba3e25717850c26c9cd0d89d")
  local data = Buffer.alloc(100000, 1)
  local promise = subtle:digest("SHA-512", data)
  data:fill(2)
  t:equal(await(promise):toString "hex", nodecrypto.hash("sha512", Buffer.alloc(100000, 1)))
end)

test("AES: RFC 3394, NIST SP 800-38A, and what was changed on the way", function(t)
  local kek = await(subtle:importKey("raw", hex "000102030405060708090A0B0C0D0E0F", "AES-KW", false, { "wrapKey", "unwrapKey" }))
  local key = await(subtle:importKey("raw", hex "00112233445566778899AABBCCDDEEFF", "AES-CBC", true, { "encrypt", "decrypt" }))
  local wrapped = await(subtle:wrapKey("raw", key, kek, "AES-KW"))
  t:equal(wrapped:toString "hex", "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5")
  local back = await(subtle:unwrapKey("raw", wrapped, kek, "AES-KW", "AES-CBC", true, { "encrypt" }))
  t:equal(await(subtle:exportKey("raw", back)):toString "hex", "00112233445566778899aabbccddeeff")
  wrapped[1] = 0
  rejects(t, subtle:unwrapKey("raw", wrapped, kek, "AES-KW", "AES-CBC", true, { "encrypt" }), "OperationError")
  local jwk = await(subtle:wrapKey("jwk", key, kek, "AES-KW"))
  t:equal(#jwk % 8, 0)
  t:equal(await(subtle:unwrapKey("jwk", jwk, kek, "AES-KW", "AES-CBC", true, { "encrypt" })).algorithm.length, 128)

  local iv = Buffer.alloc(16, 7)
  local secret = await(subtle:encrypt({ name = "AES-CBC", iv = iv }, key, "hello"))
  t:equal(tostring(await(subtle:decrypt({ name = "AES-CBC", iv = iv }, key, secret))), "hello")
  rejects(t, subtle:encrypt({ name = "AES-CBC", iv = "short" }, key, "x"), "OperationError", "algorithm.iv must contain exactly 16 bytes")

  local ctr = await(subtle:importKey("raw", hex "2b7e151628aed2a6abf7158809cf4f3c", "AES-CTR", true, { "encrypt", "decrypt" }))
  local algorithm = { name = "AES-CTR", counter = hex "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", length = 128 }
  t:equal(await(subtle:encrypt(algorithm, ctr, hex "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")):toString "hex",
    "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff")
end)

test("AES-CTR: only the counter's bits count", function(t)
  local key = await(subtle:importKey("raw", Buffer.alloc(16, 3), "AES-CTR", true, { "encrypt" }))
  local zeros = Buffer.alloc(16 * 4)
  local function blocks(counter, bits, data) return await(subtle:encrypt({ name = "AES-CTR", counter = hex(counter), length = bits }, key, data or zeros)) end
  local function block(counter) return blocks(counter, 128, Buffer.alloc(16)) end
  for _, c in ipairs {
    { "000000000000000000000000000000fe", 8, { "000000000000000000000000000000fe", "000000000000000000000000000000ff", ("0"):rep(32), ("0"):rep(31) .. "1" } },
    { "aa00000000000000000000000000000f", 4, { "aa00000000000000000000000000000f", "aa000000000000000000000000000000", "aa000000000000000000000000000001", "aa000000000000000000000000000002" } },
    { "00000000000000000000000fffffffff", 36, { "00000000000000000000000fffffffff", ("0"):rep(32), ("0"):rep(31) .. "1", ("0"):rep(31) .. "2" } },
    { "000000000000000000000001ffffffff", 36, { "000000000000000000000001ffffffff", "00000000000000000000000200000000", "00000000000000000000000200000001", "00000000000000000000000200000002" } },
    { ("f"):rep(32), 128, { ("f"):rep(32), ("0"):rep(32), ("0"):rep(31) .. "1", ("0"):rep(31) .. "2" } },
  } do
    local want = {}
    for i, counter in ipairs(c[3]) do want[i] = block(counter) end
    t:equal(blocks(c[1], c[2]):toString "hex", Buffer.concat(want):toString "hex", c[1])
  end
  rejects(t, subtle:encrypt({ name = "AES-CTR", counter = Buffer.alloc(16), length = 1 }, key, zeros), "OperationError")
  rejects(t, subtle:encrypt({ name = "AES-CTR", counter = Buffer.alloc(16), length = 129 }, key, zeros), "OperationError", "AES-CTR algorithm.length must be between 1 and 128")
end)

test("AES-GCM", function(t)
  local key = await(subtle:generateKey({ name = "AES-GCM", length = 256 }, true, { "encrypt", "decrypt" }))
  local iv = crypto:getRandomValues(Buffer.alloc(12))
  for _, bits in ipairs { 32, 64, 96, 104, 112, 120, 128 } do
    local algorithm = { name = "AES-GCM", iv = iv, additionalData = "aad", tagLength = bits }
    local secret = await(subtle:encrypt(algorithm, key, "hello"))
    t:equal(#secret, 5 + bits / 8)
    t:equal(tostring(await(subtle:decrypt(algorithm, key, secret))), "hello")
    algorithm.additionalData = "other"
    rejects(t, subtle:decrypt(algorithm, key, secret), "OperationError", "The operation failed for an operation-specific reason")
  end
  rejects(t, subtle:encrypt({ name = "AES-GCM", iv = iv, tagLength = 5 }, key, "x"), "OperationError", "5 is not a valid AES-GCM tag length")
  rejects(t, subtle:decrypt({ name = "AES-GCM", iv = iv }, key, "x"), "OperationError", "The provided data is too small.")
end)

local SIGNERS = {
  { { name = "ECDSA", namedCurve = "P-256" }, { name = "ECDSA", hash = "SHA-512" }, 64 },
  { { name = "ECDSA", namedCurve = "P-521" }, { name = "ECDSA", hash = "SHA-256" }, 132 },
  { { name = "Ed25519" }, "Ed25519", 64 }, { { name = "Ed448" }, "Ed448", 114 },
  { { name = "RSASSA-PKCS1-v1_5", hash = "SHA-256", modulusLength = 1024, publicExponent = Buffer.from { 1, 0, 1 } }, "RSASSA-PKCS1-v1_5", 128 },
  { { name = "RSA-PSS", hash = "SHA-384", modulusLength = 1024, publicExponent = Buffer.from { 1, 0, 1 } }, { name = "RSA-PSS", saltLength = 16 }, 128 },
}

test("signatures: made, checked, the keys through every format", { timeout = 60000 }, function(t)
  for _, s in ipairs(SIGNERS) do
    local generation, algorithm, size = s[1], s[2], s[3]
    local pair = await(subtle:generateKey(generation, true, { "sign", "verify" }))
    local name = generation.name
    t:deep(pair.publicKey.usages, { "verify" })
    t:deep(pair.privateKey.usages, { "sign" })
    t:equal(pair.privateKey.algorithm.name, name)
    local signature = await(subtle:sign(algorithm, pair.privateKey, "data"))
    t:equal(#signature, size)
    for _, format in ipairs { "pkcs8", "jwk" } do
      local key = await(subtle:importKey(format, await(subtle:exportKey(format, pair.privateKey)), generation, false, { "sign" }))
      t:ok(await(subtle:verify(algorithm, pair.publicKey, await(subtle:sign(algorithm, key, "data")), "data")), name)
      rejects(t, subtle:exportKey(format, key), "InvalidAccessException", "key is not extractable")
    end
    for _, format in ipairs { "spki", "jwk", "raw" } do
      if format == "raw" and name:find "RSA" then
        rejects(t, subtle:exportKey("raw", pair.publicKey), "InvalidAccessError")
      else
        local data = await(subtle:exportKey(format, pair.publicKey))
        local key = await(subtle:importKey(format, data, generation, true, { "verify" }))
        t:equal(await(subtle:verify(algorithm, key, signature, "data")), true)
        t:equal(await(subtle:verify(algorithm, key, signature, "dato")), false)
        t:equal(await(subtle:verify(algorithm, key, "", "data")), false)
      end
    end
    rejects(t, subtle:sign(algorithm, pair.publicKey, "data"), "InvalidAccessError", "Unable to use this key to sign")
    t:equal(nodecrypto.KeyObject.from(pair.publicKey).type, "public")
  end
end)

test("a CryptoKey is taken where a KeyObject is", function(t)
  local pair = await(subtle:generateKey({ name = "Ed25519" }, true, { "sign" }))
  t:ok(nodecrypto.verify(nil, "m", pair.publicKey, nodecrypto.sign(nil, "m", pair.privateKey)))
  local hmac = await(subtle:importKey("raw", "Jefe", { name = "HMAC", hash = "SHA-256" }, true, { "sign" }))
  t:equal(nodecrypto.createHmac("sha256", hmac):update("what do ya want for nothing?"):digest "hex", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
  t:match(util.inspect(hmac), "^CryptoKey {")
end)

test("HMAC: RFC 4231, case 2", function(t)
  local key = await(subtle:importKey("raw", "Jefe", { name = "HMAC", hash = "SHA-256" }, true, { "sign", "verify" }))
  local made = await(subtle:sign("HMAC", key, "what do ya want for nothing?"))
  t:equal(made:toString "hex", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
  t:equal(await(subtle:verify("HMAC", key, made, "what do ya want for nothing?")), true)
  t:equal(await(subtle:verify("HMAC", key, made:subarray(1), "what do ya want for nothing?")), false)
  t:deep(await(subtle:exportKey("jwk", key)), { kty = "oct", k = "SmVmZQ", alg = "HS256", ext = true, key_ops = { "sign", "verify" } })
  t:equal(await(subtle:generateKey({ name = "HMAC", hash = "SHA-512" }, true, { "sign" })).algorithm.length, 1024)
end)

test("RSA-OAEP, and keys wrapped by it", { timeout = 30000 }, function(t)
  local pair = await(subtle:generateKey({ name = "RSA-OAEP", hash = "SHA-256", modulusLength = 2048, publicExponent = Buffer.from { 1, 0, 1 } }, true,
    { "encrypt", "decrypt", "wrapKey", "unwrapKey" }))
  local algorithm = { name = "RSA-OAEP", label = "label" }
  local secret = await(subtle:encrypt(algorithm, pair.publicKey, "hi"))
  t:equal(tostring(await(subtle:decrypt(algorithm, pair.privateKey, secret))), "hi")
  rejects(t, subtle:decrypt("RSA-OAEP", pair.privateKey, secret), "OperationError")
  local key = await(subtle:generateKey({ name = "AES-CTR", length = 128 }, true, { "encrypt" }))
  local wrapped = await(subtle:wrapKey("raw", key, pair.publicKey, algorithm))
  local back = await(subtle:unwrapKey("raw", wrapped, pair.privateKey, algorithm, "AES-CTR", true, { "encrypt" }))
  t:ok(await(subtle:exportKey("raw", back)):equals(await(subtle:exportKey("raw", key))))
end)

test("derivation: RFC 5869, RFC 7914 (PBKDF2), RFC 7748", function(t)
  local ikm = await(subtle:importKey("raw", Buffer.alloc(22, 11), "HKDF", false, { "deriveBits", "deriveKey" }))
  local hkdf = { name = "HKDF", hash = "SHA-256", salt = hex "000102030405060708090a0b0c", info = hex "f0f1f2f3f4f5f6f7f8f9" }
  t:equal(await(subtle:deriveBits(hkdf, ikm, 336)):toString "hex", "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
  t:equal(#await(subtle:deriveBits(hkdf, ikm, 0)), 0)
  rejects(t, subtle:deriveBits(hkdf, ikm), "OperationError", "length cannot be null")
  rejects(t, subtle:deriveBits(hkdf, ikm, 9), "OperationError", "length must be a multiple of 8")
  local derived = await(subtle:deriveKey(hkdf, ikm, { name = "AES-GCM", length = 128 }, true, { "encrypt" }))
  t:equal(await(subtle:exportKey("raw", derived)):toString "hex", "3cb25f25faacd57a90434f64d0362f2a")
  local password = await(subtle:importKey("raw", "passwd", "PBKDF2", false, { "deriveBits" }))
  t:equal(await(subtle:deriveBits({ name = "PBKDF2", hash = "SHA-256", salt = "salt", iterations = 1 }, password, 128)):toString "hex", "55ac046e56e3089fec1691c22544b605")
  rejects(t, subtle:deriveKey(hkdf, password, "HKDF", false, {}), "InvalidAccessError", "baseKey does not have deriveKey usage")

  local bob = await(subtle:importKey("jwk", { kty = "OKP", crv = "X25519", d = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"):toString "base64url",
    x = hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"):toString "base64url" }, "X25519", false, { "deriveBits" }))
  local alice = await(subtle:importKey("raw", hex "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", "X25519", true, {}))
  local secret = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
  t:equal(await(subtle:deriveBits({ name = "X25519", public = alice }, bob)):toString "hex", secret)
  t:equal(await(subtle:deriveBits({ name = "X25519", public = alice }, bob, 4)):toString "hex", "40")
  rejects(t, subtle:deriveBits({ name = "X25519", public = alice }, bob, 257), "OperationError", "derived bit length is too small")
  rejects(t, subtle:deriveBits({ name = "X25519", public = bob }, bob), "InvalidAccessError", "algorithm.public must be a public key")
  for _, g in ipairs { { name = "ECDH", namedCurve = "P-384" }, { name = "X448" } } do
    local a, b = await(subtle:generateKey(g, true, { "deriveBits" })), await(subtle:generateKey(g, true, { "deriveBits" }))
    t:ok(await(subtle:deriveBits({ name = g.name, public = a.publicKey }, b.privateKey)):equals(await(subtle:deriveBits({ name = g.name, public = b.publicKey }, a.privateKey))))
  end
end)

test("compressed points are taken; JWKs are looked at", function(t)
  local e = nodecrypto.createECDH "prime256v1"
  local short = e:generateKeys(nil, "compressed")
  local key = await(subtle:importKey("raw", short, { name = "ECDH", namedCurve = "P-256" }, true, {}))
  t:ok(await(subtle:exportKey("raw", key)):equals(e:getPublicKey()))
  local jwk = await(subtle:exportKey("jwk", key))
  local function import(changes, algorithm, usages, extractable)
    local copy = {}
    for name, value in pairs(jwk) do copy[name] = value end
    for name, value in pairs(changes) do copy[name] = value end
    return subtle:importKey("jwk", copy, algorithm or { name = "ECDH", namedCurve = "P-256" }, extractable ~= false, usages or {})
  end
  rejects(t, import { kty = "RSA" }, "DataError", 'Invalid JWK "kty" Parameter')
  rejects(t, import { ext = false }, "DataError", 'JWK "ext" Parameter and extractable mismatch')
  rejects(t, import { key_ops = { "sign", "sign" } }, "DataError", "Duplicate key operation")
  rejects(t, import { x = "AA" }, "DataError", "Invalid keyData")
  rejects(t, import({}, { name = "ECDH", namedCurve = "P-384" }), "DataError")
  rejects(t, import({}, nil, { "deriveBits" }), "DataError", "Key operations and usage mismatch")
  rejects(t, import({ key_ops = { "deriveBits" } }, nil, { "deriveBits" }), "SyntaxError", "Unsupported key usage for a ECDH key")
end)

test("mistakes are rejected in Node's words", function(t)
  local key = await(subtle:generateKey({ name = "AES-GCM", length = 128 }, true, { "encrypt" }))
  local B = Buffer.alloc
  local PREFIX = "Failed to execute '%s' on 'SubtleCrypto': "
  for _, c in ipairs {
    { "digest", { "x", "a" }, "NotSupportedError", "Unrecognized algorithm name" },
    { "digest", { {}, "a" }, "ERR_MISSING_OPTION", "Failed to normalize algorithm: passed algorithm can not be converted to 'Algorithm' because 'name' is required in 'Algorithm'." },
    { "digest", { "SHA-1", 5 }, "ERR_INVALID_ARG_TYPE", PREFIX:format "digest" .. "2nd argument is not instance of ArrayBuffer, Buffer, TypedArray, or DataView." },
    { "digest", { "SHA-1" }, "ERR_MISSING_ARGS", PREFIX:format "digest" .. "2 arguments required, but only 1 present." },
    { "encrypt", { { name = "AES-GCM" }, 1, 1 }, "ERR_INVALID_ARG_TYPE", PREFIX:format "encrypt" .. "2nd argument is not of type CryptoKey." },
    { "importKey", { "raw", B(16), { name = "HMAC" }, true, { "sign" } }, "ERR_MISSING_OPTION",
      "Failed to normalize algorithm: passed algorithm can not be converted to 'HmacImportParams' because 'hash' is required in 'HmacImportParams'." },
    { "importKey", { "raw", B(16), "AES-GCM", true, { "sign" } }, "SyntaxError", "Unsupported key usage for an AES key" },
    { "importKey", { "raw", B(15), "AES-GCM", true, { "encrypt" } }, "DataError", "Invalid key length" },
    { "importKey", { "rew", B(15), "AES-GCM", true, { "encrypt" } }, "ERR_INVALID_ARG_VALUE", PREFIX:format "importKey" .. "1st argument value 'rew' is not a valid enum value of type KeyFormat." },
    { "importKey", { "raw", B(16), "AES-GCM", true, { "enc" } }, "ERR_INVALID_ARG_VALUE",
      PREFIX:format "importKey" .. "5th argument, index 0 value 'enc' is not a valid enum value of type KeyUsage." },
    { "importKey", { "raw", B(16), "AES-GCM", true, {} }, "SyntaxError", "Usages cannot be empty when importing a secret key." },
    { "importKey", { "raw", "x", "HKDF", true, { "deriveBits" } }, "SyntaxError", "HKDF keys are not extractable" },
    { "importKey", { "spki", "x", { name = "RSA-PSS", hash = "SHA-1" }, true, { "verify" } }, "DataError", "Invalid keyData" },
    { "importKey", { "raw", "x", { name = "RSA-PSS", hash = "SHA-1" }, true, { "verify" } }, "NotSupportedError", "Unable to import RSA key with format raw" },
    { "importKey", { "raw", "x", "Ed25519", true, { "verify" } }, "DataError", "Ed25519 raw keys must be exactly 32-bytes" },
    { "encrypt", { { name = "AES-GCM" }, key, "x" }, "ERR_MISSING_OPTION" },
    { "encrypt", { { name = "AES-CBC", iv = B(16) }, key, "x" }, "InvalidAccessError", "The requested operation is not valid for the provided key" },
    { "decrypt", { { name = "AES-GCM", iv = B(12) }, key, "x" }, "InvalidAccessError", "The requested operation is not valid for the provided key" },
    { "exportKey", { "spki", key }, "InvalidAccessError", "Unable to export a raw AES-GCM secret key" },
    { "generateKey", { { name = "AES-GCM", length = 1 }, true, { "encrypt" } }, "OperationError", "AES key length must be 128, 192, or 256 bits" },
    { "generateKey", { { name = "AES-GCM", length = 128 }, true, {} }, "SyntaxError", "Usages cannot be empty when creating a key." },
    { "generateKey", { { name = "ECDSA", namedCurve = "x" }, true, { "sign" } }, "NotSupportedError", "Unrecognized namedCurve" },
    { "generateKey", { { name = "Ed25519" }, true, { "encrypt" } }, "SyntaxError", "Unsupported key usage for an Ed25519 key" },
  } do rejects(t, subtle[c[1]](subtle, unpack(c[2])), c[3], c[4]) end
end)
