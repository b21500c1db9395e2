-- SPDX-License-Identifier: MIT
-- Key agreement: RFC 7748, RFC 5903; errors as Node 20 words them.
local test = require "../support/test"
local crypto = require "crypto"

local function fails(t, fn, code, message)
  local err = t:throws(fn, code)
  if message then t:equal(err.message, message) end
end

test("groups of RFC 2409 and RFC 3526: both sides get one secret", { timeout = 30000 }, function(t)
  for _, name in ipairs { "modp1", "modp2", "modp5", "MODP14" } do
    local a, b = crypto.createDiffieHellmanGroup(name), crypto.getDiffieHellman(name)
    local from_a, from_b = a:generateKeys(), b:generateKeys "hex"
    t:ok(a:computeSecret(from_b, "hex"):equals(b:computeSecret(from_a)), name)
    t:equal(a:computeSecret(from_b, "hex", "base64"), b:computeSecret(from_a, nil, "base64"))
    t:equal(#a:computeSecret(from_b, "hex"), #a:getPrime())
    t:equal(a:getGenerator "hex", "02")
    t:ok(a:getPublicKey():equals(from_a))
    t:equal(a.verifyError, 0)
    t:equal(a.setPublicKey, nil)
  end
  for _, name in ipairs { "modp15", "modp16", "modp17", "modp18" } do t:ok(#crypto.createDiffieHellmanGroup(name):getPrime() >= 384) end
end)

test("a prime of one's own", { timeout = 30000 }, function(t)
  local prime = crypto.createDiffieHellmanGroup("modp2"):getPrime()
  local a, b = crypto.createDiffieHellman(prime), crypto.createDiffieHellman(prime:toString "hex", "hex", Buffer.from { 2 })
  local c = crypto.createDiffieHellman(prime:toString "base64", "base64", "02", "hex")
  local from_a, from_b = a:generateKeys(), b:generateKeys()
  t:ok(a:computeSecret(from_b):equals(b:computeSecret(from_a)))
  c:setPrivateKey(a:getPrivateKey())
  c:setPublicKey(a:getPublicKey "hex", "hex")
  t:ok(c:computeSecret(b:getPublicKey()):equals(a:computeSecret(b:getPublicKey())))
  local made = crypto.createDiffieHellman(512)
  t:ok(#made:getPrime() == 64 and #made:generateKeys() > 0)
  t:equal(crypto.createDiffieHellman("0c", "hex").verifyError % 2, crypto.constants.DH_CHECK_P_NOT_PRIME)
end)

test("mistakes with DiffieHellman", function(t)
  fails(t, function() crypto.createDiffieHellman() end, "ERR_INVALID_ARG_TYPE",
    'The "sizeOrKey" argument must be one of type number or string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView. Received undefined')
  fails(t, function() crypto.createDiffieHellman(1) end, "ERR_OSSL_DH_MODULUS_TOO_SMALL", "error:0280007E:Diffie-Hellman routines::modulus too small")
  fails(t, function() crypto.createDiffieHellman(-1) end, "ERR_OSSL_DH_MODULUS_TOO_SMALL")
  fails(t, function() crypto.createDiffieHellman(1.5) end, "ERR_OUT_OF_RANGE")
  fails(t, function() crypto.createDiffieHellman(Buffer.from { 23 }, 1) end, "ERR_OSSL_DH_BAD_GENERATOR", "error:02800065:Diffie-Hellman routines::bad generator")
  fails(t, function() crypto.createDiffieHellman(Buffer.from { 23 }, true) end, "ERR_INVALID_ARG_TYPE")
  fails(t, function() crypto.createDiffieHellmanGroup "none" end, "ERR_CRYPTO_UNKNOWN_DH_GROUP", "Unknown DH group")
  local d = crypto.createDiffieHellmanGroup "modp1"
  fails(t, function() d:getPublicKey() end, "ERR_CRYPTO_INVALID_STATE", "No public key - did you forget to generate one?")
  fails(t, function() d:getPrivateKey() end, "ERR_CRYPTO_INVALID_STATE", "No private key - did you forget to generate one?")
  fails(t, function() d:computeSecret(Buffer.from { 5 }) end, "ERR_CRYPTO_INVALID_KEYTYPE", "Invalid key type")
  d:generateKeys()
  fails(t, function() d:computeSecret "" end, "ERR_CRYPTO_INVALID_KEYLEN", "Supplied key is too small")
  fails(t, function() d:computeSecret(d:getPrime()) end, "ERR_CRYPTO_INVALID_KEYLEN", "Supplied key is too large")
  fails(t, function() d:computeSecret(5) end, "ERR_INVALID_ARG_TYPE")
end)

test("ECDH: RFC 5903, 8.1", function(t)
  local i = crypto.createECDH "prime256v1"
  i:setPrivateKey("C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433", "hex")
  local public = "04dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180" .. "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3"
  t:equal(i:getPublicKey "hex", public)
  t:equal(i:getPublicKey("hex", "compressed"), "03" .. public:sub(3, 66))
  t:equal(i:getPublicKey("hex", "hybrid"), "07" .. public:sub(3))
  t:equal(i:getPrivateKey "hex", "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433")
  local r = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab"
  t:equal(i:computeSecret(r, "hex", "hex"), "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de")
  local short = crypto.ECDH.convertKey(r, "prime256v1", "hex", "hex", "compressed")
  t:equal(short, "03" .. r:sub(3, 66))
  t:equal(crypto.ECDH.convertKey(short, "prime256v1", "hex", "hex"), r)
  t:ok(Buffer.isBuffer(crypto.ECDH.convertKey(short, "prime256v1", "hex")))
end)

test("ECDH on many curves", function(t)
  for _, curve in ipairs { "secp256k1", "secp521r1", "secp224r1", "brainpoolP256r1" } do
    local a, b = crypto.createECDH(curve), crypto.createECDH(curve)
    local from_a = a:generateKeys("base64", "compressed")
    t:ok(a:computeSecret(b:generateKeys()):equals(b:computeSecret(from_a, "base64")), curve)
  end
end)

test("mistakes with ECDH", function(t)
  fails(t, function() crypto.createECDH() end, "ERR_INVALID_ARG_TYPE")
  fails(t, function() crypto.createECDH "none" end, "ERR_CRYPTO_INVALID_CURVE", "Invalid EC curve name")
  local e = crypto.createECDH "secp256k1"
  fails(t, function() e:getPublicKey() end, "ERR_CRYPTO_OPERATION_FAILED", "Failed to get ECDH public key")
  fails(t, function() e:getPrivateKey() end, "ERR_CRYPTO_OPERATION_FAILED", "Failed to get ECDH private key")
  fails(t, function() e:computeSecret "a" end, "ERR_CRYPTO_INVALID_KEYPAIR", "Invalid key pair")
  fails(t, function() e:setPrivateKey(Buffer.alloc(32)) end, "ERR_CRYPTO_INVALID_KEYTYPE", "Private key is not valid for specified curve.")
  e:generateKeys()
  fails(t, function() e:computeSecret "a" end, "ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY", "Public key is not valid for specified curve")
  fails(t, function() e:setPublicKey "a" end, "ERR_CRYPTO_OPERATION_FAILED", "Failed to convert Buffer to EC_POINT")
  fails(t, function() e:getPublicKey("hex", "none") end, "ERR_CRYPTO_ECDH_INVALID_FORMAT", "Invalid ECDH format: none")
  fails(t, function() crypto.ECDH.convertKey("a", "secp256k1") end, "ERR_CRYPTO_OPERATION_FAILED", "Failed to convert Buffer to EC_POINT")
  fails(t, function() crypto.ECDH.convertKey("a", "none") end, "ERR_CRYPTO_INVALID_CURVE")
  -- the other's public key with a private one that does not belong to it
  e:setPublicKey(crypto.createECDH("secp256k1"):generateKeys())
  fails(t, function() e:computeSecret(crypto.createECDH("secp256k1"):generateKeys()) end, "ERR_CRYPTO_INVALID_KEYPAIR")
end)

test("X25519: RFC 7748, 6.1, by KeyObjects", function(t)
  local function key(d, x)
    return crypto.createPrivateKey { key = { kty = "OKP", crv = "X25519", d = Buffer.from(d, "hex"):toString "base64url", x = Buffer.from(x, "hex"):toString "base64url" }, format = "jwk" }
  end
  local bob = key("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb", "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
  t:equal(crypto.createPublicKey(bob):export({ format = "jwk" }).x, Buffer.from("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f", "hex"):toString "base64url")
  local public = crypto.createPublicKey { key = { kty = "OKP", crv = "X25519", x = Buffer.from("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", "hex"):toString "base64url" }, format = "jwk" }
  t:equal(crypto.diffieHellman({ privateKey = bob, publicKey = public }):toString "hex", "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
end)

test("diffieHellman: all kinds of keys, and mistakes", function(t)
  for _, kind in ipairs { { "ec", { namedCurve = "P-256" } }, { "x448" }, { "dh", { group = "modp1" } } } do
    local a, b = crypto.generateKeyPairSync(kind[1], kind[2]), crypto.generateKeyPairSync(kind[1], kind[2])
    local secret = crypto.diffieHellman { privateKey = a.privateKey, publicKey = b.publicKey }
    t:ok(secret:equals(crypto.diffieHellman { privateKey = b.privateKey, publicKey = a.privateKey }), kind[1])
  end
  local ec, rsa = crypto.generateKeyPairSync("ec", { namedCurve = "P-256" }), crypto.generateKeyPairSync("rsa", { modulusLength = 512 })
  fails(t, function() crypto.diffieHellman() end, "ERR_INVALID_ARG_TYPE")
  fails(t, function() crypto.diffieHellman {} end, "ERR_INVALID_ARG_VALUE", "The property 'options.privateKey' is invalid. Received undefined")
  fails(t, function() crypto.diffieHellman { privateKey = ec.publicKey, publicKey = ec.publicKey } end, "ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE")
  fails(t, function() crypto.diffieHellman { privateKey = ec.privateKey, publicKey = rsa.publicKey } end, "ERR_CRYPTO_INCOMPATIBLE_KEY",
    "Incompatible key types for Diffie-Hellman: ec and rsa")
  fails(t, function() crypto.diffieHellman { privateKey = rsa.privateKey, publicKey = rsa.publicKey } end, "ERR_CRYPTO_INCOMPATIBLE_KEY")
  local other = crypto.generateKeyPairSync("ec", { namedCurve = "P-384" })
  fails(t, function() crypto.diffieHellman { privateKey = ec.privateKey, publicKey = other.publicKey } end, "ERR_OSSL_MISMATCHING_DOMAIN_PARAMETERS")
end)
