-- SPDX-License-Identifier: MIT
-- Ciphers: vectors of NIST SP 800-38A/C/D, RFC 8439, RFC 7253, RFC 3394; errors as Node 20 words them.
local test = require "../support/test"
local crypto = require "crypto"

local function hex(text) return Buffer.from((text:gsub("%s", "")), "hex") end
local ZEROS = Buffer.alloc(16)

test("AES-128-CBC and CTR: NIST SP 800-38A", function(t)
  local key = hex "2b7e151628aed2a6abf7158809cf4f3c"
  local plain = hex "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51"
  local vectors = {
    { "aes-128-cbc", "000102030405060708090a0b0c0d0e0f", "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2" }, -- F.2.1
    { "aes-128-ctr", "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff" }, -- F.5.1
    { "aes-128-ecb", nil, "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf" }, -- F.1.1
  }
  for _, v in ipairs(vectors) do
    local iv = v[2] and hex(v[2]) or nil
    local c = crypto.createCipheriv(v[1], key, iv):setAutoPadding(false)
    t:equal((Buffer.concat { c:update(plain), c:final() }):toString "hex", v[3], v[1])
    local d = crypto.createDecipheriv(v[1], key, iv):setAutoPadding(false)
    t:ok((Buffer.concat { d:update(v[3], "hex"), d:final() }):equals(plain), v[1])
  end
end)

local AEAD = {
  { -- McGrew and Viega, "The Galois/Counter Mode of Operation", test case 4
    "aes-128-gcm", "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
    "5bc94fbc3221a5db94fae95ae7121a47",
  },
  { -- RFC 8439, 2.8.2
    "chacha20-poly1305", "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
    Buffer.from("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."):toString "hex",
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116",
    "1ae10b594f09e26a7e902ecbd0600691",
  },
  { -- NIST SP 800-38C, example 2
    "aes-128-ccm", "404142434445464748494a4b4c4d4e4f", "1011121314151617", "000102030405060708090a0b0c0d0e0f",
    "202122232425262728292a2b2c2d2e2f", "d2a1f0e051ea5f62081a7792073d593d", "1fc64fbfaccd",
  },
  { -- RFC 7253, appendix A
    "aes-128-ocb", "000102030405060708090a0b0c0d0e0f", "bbaa99887766554433221101", "0001020304050607", "0001020304050607", "6820b3657b6f615a", "5725bda0d3b4eb3a257c9af1f8f03009",
  },
}

test("authenticated modes: encryption, its tag, decryption", function(t)
  for _, v in ipairs(AEAD) do
    local name, key, iv, aad, plain, secret, tag = v[1], hex(v[2]), hex(v[3]), hex(v[4]), hex(v[5]), v[6], v[7]
    local options = { authTagLength = #tag / 2 }
    local c = crypto.createCipheriv(name, key, iv, options)
    c:setAAD(aad, { plaintextLength = #plain })
    t:equal(c:update(plain, nil, "hex") .. c:final "hex", secret, name)
    t:equal(c:getAuthTag():toString "hex", tag, name)
    local function decrypt(with_tag, with_aad)
      local d = crypto.createDecipheriv(name, key, iv, options)
      d:setAuthTag(with_tag, "hex")
      d:setAAD(with_aad, { plaintextLength = #plain })
      local out = d:update(secret, "hex")
      return Buffer.concat { out, d:final() }
    end
    t:ok(decrypt(tag, aad):equals(plain), name)
    local wrong = (tag:sub(1, 1) == "0" and "1" or "0") .. tag:sub(2)
    t:throws(function() decrypt(wrong, aad) end, { message = "Unsupported state or unable to authenticate data" })
    t:throws(function() decrypt(tag, "other") end, { message = "Unsupported state or unable to authenticate data" })
  end
end)

test("without a tag nothing is authentic", function(t)
  for _, name in ipairs { "aes-128-gcm", "chacha20-poly1305", "aes-128-ocb", "aes-128-ccm" } do
    local d = crypto.createDecipheriv(name, Buffer.alloc(name == "chacha20-poly1305" and 32 or 16), Buffer.alloc(12), { authTagLength = 16 })
    d:update "abc"
    t:throws(function() d:final() end, { message = "Unsupported state or unable to authenticate data" })
  end
end)

test("CCM gives out nothing of a message that is not authentic", function(t)
  local d = crypto.createDecipheriv("aes-128-ccm", ZEROS, Buffer.alloc(12), { authTagLength = 16 })
  d:setAuthTag(ZEROS)
  t:equal(#d:update "secret", 0)
  t:throws(function() d:final() end)
end)

test("AES key wrap: RFC 3394, 4.1", function(t)
  local key, iv = hex "000102030405060708090A0B0C0D0E0F", ("\166"):rep(8)
  local c = crypto.createCipheriv("id-aes128-wrap", key, iv)
  local wrapped = "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"
  t:equal(c:update("00112233445566778899aabbccddeeff", "hex", "hex") .. c:final "hex", wrapped)
  local d = crypto.createDecipheriv("id-aes128-wrap", key, iv)
  t:equal(d:update(wrapped, "hex", "hex"), "00112233445566778899aabbccddeeff")
end)

test("text in pieces: characters across the cipher's blocks", function(t)
  local text = ("äöü€😀"):rep(50)
  local c = crypto.createCipheriv("aes-256-cbc", Buffer.alloc(32, 1), ZEROS)
  local secret = c:update(text, "utf8", "base64") .. c:final "base64"
  local d = crypto.createDecipheriv("aes-256-cbc", Buffer.alloc(32, 1), ZEROS)
  local out = {}
  for i = 1, #secret, 12 do out[#out + 1] = d:update(secret:sub(i, i + 11), "base64", "utf8") end
  t:equal(table.concat(out) .. d:final "utf8", text)
  local e = crypto.createCipheriv("aes-256-cbc", Buffer.alloc(32), ZEROS)
  e:update("x", "utf8", "hex")
  t:throws(function() e:update("x", "utf8", "none") end, "ERR_UNKNOWN_ENCODING")
  t:throws(function() e:update("x", "utf8", "base64") end, { message = "Cannot change encoding" })
end)

test("a cipher is a stream; a bad end is its 'error'", function(t)
  local c = crypto.createCipheriv("aes-128-cbc", ZEROS, ZEROS)
  local d = crypto.createDecipheriv("aes-128-cbc", ZEROS, ZEROS)
  local parts = {}
  c:pipe(d)
  d:on("data", function(chunk) parts[#parts + 1] = tostring(chunk) end)
  d:on("end", t:called(function() t:equal(table.concat(parts), ("x"):rep(100000) .. "end") end))
  c:write(("x"):rep(100000))
  c:finish "end"
  local bad = crypto.createDecipheriv("aes-128-cbc", ZEROS, ZEROS)
  bad:on("error", t:called(function(err) t:equal(err.code, "ERR_OSSL_WRONG_FINAL_BLOCK_LENGTH") end))
  bad:on("data", function() end)
  bad:finish "short"
end)

test("keys may be KeyObjects and text in an encoding", function(t)
  local function encrypt(key, options)
    local c = crypto.createCipheriv("aes-128-ecb", key, nil, options)
    return c:update("x", nil, "hex") .. c:final "hex"
  end
  local want = encrypt "0123456789abcdef"
  t:equal(encrypt(crypto.createSecretKey "0123456789abcdef"), want)
  t:equal(encrypt("30313233343536373839616263646566", { encoding = "hex" }), want)
  t:throws(function() encrypt(crypto.generateKeyPairSync("ed25519").privateKey) end, "ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE")
end)

test("mistakes with ciphers raise Node's errors", function(t)
  local iv12 = Buffer.alloc(12)
  local function make(name, key, iv, options) return function() return crypto.createCipheriv(name, key, iv, options) end end
  local cases = {
    { make("none", "k", "i"), "ERR_CRYPTO_UNKNOWN_CIPHER", "Unknown cipher" },
    { make("aes-128-cbc", "k", ZEROS), "ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length" },
    { make("aes-128-cbc", ZEROS, "i"), "ERR_CRYPTO_INVALID_IV", "Invalid initialization vector" },
    { make("aes-128-cbc", ZEROS), "ERR_CRYPTO_INVALID_IV", "Invalid initialization vector" },
    { make("aes-128-gcm", ZEROS, iv12, { authTagLength = 7 }), "ERR_CRYPTO_INVALID_AUTH_TAG", "Invalid authentication tag length: 7" },
    { make("aes-128-gcm", ZEROS, iv12, { authTagLength = 1.5 }), "ERR_INVALID_ARG_VALUE", "The property 'options.authTagLength' is invalid. Received 1.5" },
    { make("aes-128-ccm", ZEROS, iv12), "ERR_CRYPTO_INVALID_AUTH_TAG", "authTagLength required for aes-128-ccm" },
    { make("aes-128-ccm", ZEROS, "123", { authTagLength = 8 }), "ERR_CRYPTO_INVALID_IV", "Invalid initialization vector" },
    { make("aes-128-ocb", ZEROS, iv12, { authTagLength = 17 }), "ERR_CRYPTO_INVALID_AUTH_TAG", "Invalid authentication tag length: 17" },
    { make("chacha20-poly1305", Buffer.alloc(32), Buffer.alloc(13)), "ERR_CRYPTO_INVALID_IV", "Invalid initialization vector" },
    { make(5, ZEROS, ZEROS), "ERR_INVALID_ARG_TYPE" },
    { make("aes-128-cbc", 5, ZEROS), "ERR_INVALID_ARG_TYPE" },
    { make("aes-128-cbc", ZEROS, 5), "ERR_INVALID_ARG_TYPE" },
  }
  for i, case in ipairs(cases) do
    local err = t:throws(case[1], case[2])
    if case[3] then t:equal(err.message, case[3], "case " .. i) end
  end
  local ccm = crypto.createCipheriv("aes-128-ccm", ZEROS, Buffer.alloc(13), { authTagLength = 16 })
  t:throws(function() ccm:setAAD "x" end, { code = "ERR_MISSING_ARGS", message = "options.plaintextLength required for CCM mode with AAD" })
  t:throws(function() ccm:setAAD("x", { plaintextLength = 70000 }) end, "ERR_CRYPTO_INVALID_MESSAGELEN")
  t:throws(function() ccm:update(Buffer.alloc(70000)) end, "ERR_CRYPTO_INVALID_MESSAGELEN")
  local cbc = crypto.createCipheriv("aes-128-cbc", ZEROS, ZEROS)
  t:throws(function() cbc:setAAD "x" end, { code = "ERR_CRYPTO_INVALID_STATE", message = "Invalid state for operation setAAD" })
  t:throws(function() cbc:getAuthTag() end, { code = "ERR_CRYPTO_INVALID_STATE", message = "Invalid state for operation getAuthTag" })
  t:throws(function() cbc:update(5) end, "ERR_INVALID_ARG_TYPE")
  cbc:final()
  t:throws(function() cbc:final() end, { code = "ERR_CRYPTO_INVALID_STATE", message = "Invalid state" })
  t:throws(function() cbc:update "x" end, { message = "Trying to add data in unsupported state" })
  t:throws(function() cbc:setAutoPadding() end, "ERR_CRYPTO_INVALID_STATE")
  local gcm = crypto.createDecipheriv("aes-128-gcm", ZEROS, iv12)
  t:throws(function() gcm:setAuthTag "abc" end, { code = "ERR_CRYPTO_INVALID_AUTH_TAG", message = "Invalid authentication tag length: 3" })
  gcm:setAuthTag(ZEROS)
  t:throws(function() gcm:setAuthTag(ZEROS) end, { code = "ERR_CRYPTO_INVALID_STATE", message = "Invalid state for operation setAuthTag" })
  t:equal(gcm.getAuthTag, nil)
  t:throws(function()
    local d = crypto.createDecipheriv("aes-128-cbc", ZEROS, ZEROS)
    d:update(ZEROS)
    d:final()
  end, { code = "ERR_OSSL_BAD_DECRYPT", library = "Provider routines", reason = "bad decrypt", message = "error:1C800064:Provider routines::bad decrypt" })
end)

test("getCipherInfo", function(t)
  t:deep(crypto.getCipherInfo "aes-128-gcm", { mode = "gcm", name = "id-aes128-gcm", nid = 895, blockSize = 1, ivLength = 12, keyLength = 16 })
  t:deep(crypto.getCipherInfo(427), { mode = "cbc", name = "aes-256-cbc", nid = 427, blockSize = 16, ivLength = 16, keyLength = 32 })
  t:deep(crypto.getCipherInfo "chacha20-poly1305", { mode = "stream", name = "chacha20-poly1305", nid = 1018, ivLength = 12, keyLength = 32 })
  t:equal(crypto.getCipherInfo("aes-128-ccm", { ivLength = 1 }), nil)
  t:equal(crypto.getCipherInfo("aes-128-ccm", { ivLength = 13 }).ivLength, 13)
  t:equal(crypto.getCipherInfo("aes-128-cbc", { keyLength = 12 }), nil)
  t:equal(crypto.getCipherInfo "none", nil)
  t:throws(function() crypto.getCipherInfo() end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() crypto.getCipherInfo("aes-128-cbc", { keyLength = "1" }) end, "ERR_INVALID_ARG_TYPE")
end)

test("createCipher works as ever, and warns once", function(t)
  process:on("warning", t:called(function(w) t:equal(w.code, "DEP0106") end))
  local c = crypto.createCipher("aes-128-cbc", "password")
  local secret = c:update("text", nil, "hex") .. c:final "hex"
  local d = crypto.createDecipher("aes-128-cbc", "password")
  t:equal(d:update(secret, "hex", "utf8") .. d:final "utf8", "text")
  crypto.createCipher("aes-128-cbc", "password")
end)

test("RSA: every padding, both directions", function(t)
  local pair = crypto.generateKeyPairSync("rsa", { modulusLength = 1024 })
  local C = crypto.constants
  local text = "attack at dawn"
  t:equal(tostring(crypto.privateDecrypt(pair.privateKey, crypto.publicEncrypt(pair.publicKey, text))), text)
  t:equal(tostring(crypto.privateDecrypt(pair.privateKey, crypto.publicEncrypt(pair.privateKey, text))), text)
  local oaep = { key = pair.publicKey, oaepHash = "sha256", oaepLabel = "label" }
  local secret = crypto.publicEncrypt(oaep, text)
  t:equal(tostring(crypto.privateDecrypt({ key = pair.privateKey, oaepHash = "sha256", oaepLabel = Buffer.from "label" }, secret)), text)
  t:throws(function() crypto.privateDecrypt({ key = pair.privateKey, oaepHash = "sha256", oaepLabel = "other" }, secret) end, "ERR_OSSL_RSA_OAEP_DECODING_ERROR")
  t:equal(tostring(crypto.publicDecrypt(pair.publicKey, crypto.privateEncrypt(pair.privateKey, text))), text)
  local block = Buffer.alloc(128, 1)
  local raw = crypto.publicEncrypt({ key = pair.publicKey, padding = C.RSA_NO_PADDING }, block)
  t:ok(crypto.privateDecrypt({ key = pair.privateKey, padding = C.RSA_NO_PADDING }, raw):equals(block))
  -- The old padding is decrypted only where a wrong one gives random bytes instead of an error (CVE-2023-46809).
  local old = crypto.publicEncrypt({ key = pair.publicKey, padding = C.RSA_PKCS1_PADDING }, text)
  local ok, got = pcall(crypto.privateDecrypt, { key = pair.privateKey, padding = C.RSA_PKCS1_PADDING }, old)
  if ok then
    t:equal(tostring(got), text)
    crypto.privateDecrypt({ key = pair.privateKey, padding = C.RSA_PKCS1_PADDING }, Buffer.alloc(128, 3))
  else
    t:equal(got.code, "ERR_INVALID_ARG_VALUE")
    t:match(got.message, "^RSA_PKCS1_PADDING is no longer supported for private decryption")
  end
  t:throws(function() crypto.publicEncrypt(pair.publicKey, Buffer.alloc(500)) end, { code = "ERR_OSSL_RSA_DATA_TOO_LARGE_FOR_KEY_SIZE", library = "rsa routines" })
  t:throws(function() crypto.publicEncrypt(crypto.generateKeyPairSync("ec", { namedCurve = "P-256" }).publicKey, "x") end,
    "ERR_OSSL_EVP_OPERATION_NOT_SUPPORTED_FOR_THIS_KEYTYPE")
  t:throws(function() crypto.publicEncrypt({ key = pair.publicKey, oaepHash = 5 }, "x") end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() crypto.publicEncrypt({ key = pair.publicKey, oaepHash = "none" }, "x") end, "ERR_OSSL_EVP_INVALID_DIGEST")
  t:throws(function() crypto.publicEncrypt(pair.publicKey, 5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() crypto.privateDecrypt(pair.publicKey, secret) end, "ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE")
end)
