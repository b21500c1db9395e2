-- SPDX-License-Identifier: MIT
-- Hash, Hmac, hash(): vectors of FIPS 180-4, FIPS 202 and RFC 4231; errors as Node 20 words them.
local test = require "../support/test"
local crypto, fs, stream = require "crypto", require "fs", require "stream"

local ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" -- SHA-256("abc"), FIPS 180-4

test("digests of known texts", function(t)
  local vectors = {
    { "md5", "abc", "900150983cd24fb0d6963f7d28e17f72" }, -- RFC 1321
    { "sha1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
    { "sha256", "abc", ABC },
    { "SHA256", "abc", ABC },
    { "RSA-SHA256", "abc", ABC },
    { "sha512", "abc", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
    { "sha3-256", "", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a" }, -- FIPS 202
    { "shake128", "", "7f9c2ba4e88f827d616045507605853e" },
  }
  for _, v in ipairs(vectors) do
    t:equal(crypto.createHash(v[1]):update(v[2]):digest "hex", v[3], v[1])
    t:equal(crypto.hash(v[1], v[2]), v[3], v[1])
  end
end)

test("update takes pieces, Buffers, encodings; digest gives Buffers and encodings", function(t)
  local function digest(...) return crypto.createHash("sha256"):update(...):digest "hex" end
  t:equal(crypto.createHash("sha256"):update("a"):update(Buffer.from "b"):update("63", "hex"):digest "hex", ABC)
  t:equal(digest("YWJj", "base64"), ABC)
  t:equal(digest("é", "latin1"), digest(Buffer.from { 0xe9 }))
  t:equal(digest("é"), digest(Buffer.from "é"))
  t:equal(digest("abc", "no-such-encoding"), ABC) -- taken for UTF-8
  t:equal(digest("\255\0x"), digest(Buffer.from { 255, 0, 120 })) -- a string is its bytes
  local h = crypto.createHash("sha1"):update "abc"
  local raw = h:copy():digest()
  t:ok(Buffer.isBuffer(raw))
  t:equal(#raw, 20)
  t:equal(h:copy():digest "base64", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=")
  t:equal(h:copy():digest "base64url", "qZk-NkcGgWq6PiVxeFDCbJzQ2J0")
  t:equal(h:copy():digest "latin1", raw:toString "latin1")
  t:ok(Buffer.isBuffer(h:copy():digest "buffer"))
  t:ok(Buffer.isBuffer(crypto.hash("sha1", "abc", "buffer")))
  t:equal(crypto.hash("sha1", "abc", "base64"), "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=")
end)

test("copy goes on from the same state, both ways", function(t)
  local h = crypto.createHash("sha256"):update "a"
  local copy = h:copy()
  t:equal(h:update("bc"):digest "hex", ABC)
  t:equal(copy:update("b"):update("c"):digest "hex", ABC)
  t:throws(function() h:copy() end, "ERR_CRYPTO_HASH_FINALIZED")
end)

test("outputLength of the extendable functions", function(t)
  local function shake(length) return crypto.createHash("shake256", { outputLength = length }):update("x"):digest "hex" end
  local long = shake(1000)
  t:equal(#long, 2000)
  t:equal(long:sub(1, 128), shake(64))
  t:equal(shake(0), "")
  t:equal(#crypto.createHash("shake256"):update("x"):digest(), 32)
  t:equal(#crypto.createHash("shake128"):copy({ outputLength = 5 }):digest(), 5)
  t:equal(crypto.createHash("sha256", { outputLength = 32 }):update("abc"):digest "hex", ABC)
  t:throws(function() crypto.createHash("sha256", { outputLength = 5 }) end, { code = "ERR_OSSL_EVP_NOT_XOF_OR_INVALID_LENGTH", library = "digital envelope routines", reason = "not XOF or invalid length" })
  t:throws(function() crypto.createHash("shake128", { outputLength = -1 }) end, "ERR_OUT_OF_RANGE")
  t:throws(function() crypto.createHash("shake128", { outputLength = "5" }) end, "ERR_INVALID_ARG_TYPE")
end)

test("mistakes with hashes raise Node's errors", function(t)
  t:throws(function() crypto.createHash() end, { code = "ERR_INVALID_ARG_TYPE", message = 'The "algorithm" argument must be of type string. Received undefined' })
  t:throws(function() crypto.createHash "none" end, { message = "Digest method not supported" })
  t:throws(function() crypto.hash("none", "") end, { message = "Digest method none is not supported" })
  t:throws(function() crypto.hash("sha1", 5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() crypto.hash("sha1", "", "none") end, "ERR_INVALID_ARG_VALUE")
  local h = crypto.createHash "sha1"
  t:throws(function() h:update(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() h:update() end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() h:update("abc", "hex") end, { code = "ERR_INVALID_ARG_VALUE", message = "The argument 'encoding' is invalid for data of length 3. Received 'hex'" })
  h:digest()
  t:throws(function() h:digest() end, { code = "ERR_CRYPTO_HASH_FINALIZED", message = "Digest already called" })
  t:throws(function() h:update "x" end, "ERR_CRYPTO_HASH_FINALIZED")
end)

test("a hash is a stream", function(t)
  local h = crypto.createHash "sha256"
  t:equal(h.readable, true)
  t:equal(h.writable, true)
  h:setEncoding "hex"
  h:on("data", t:called(function(text) t:equal(text, ABC) end))
  h:on("end", t:called())
  h:write "ab"
  h:finish "c"
end)

test("a file goes through a hash by pipeline; its digest can be asked for afterwards", function(t)
  local source = debug.getinfo(1, "S").source:match "^@(.*)$"
  local h = crypto.createHash "sha256"
  stream.pipeline(fs.createReadStream(source), h, t:called(function(err)
    t:equal(err, nil)
    local streamed = h:read():toString "hex"
    t:equal(streamed, crypto.hash("sha256", fs.readFileSync(source)))
    t:equal(h:digest "hex", streamed)
    t:throws(function() h:digest() end, "ERR_CRYPTO_HASH_FINALIZED")
  end))
end)

test("HMAC: RFC 4231", function(t)
  local function hmac(key, data, algorithm) return crypto.createHmac(algorithm or "sha256", key):update(data):digest "hex" end
  t:equal(hmac(("\11"):rep(20), "Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7") -- case 1
  t:equal(hmac("Jefe", "what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843") -- case 2
  t:equal(hmac(("\170"):rep(131), "Test Using Larger Than Block-Size Key - Hash Key First"),
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54") -- case 6
  t:equal(hmac(crypto.createSecretKey "Jefe", "what do ya want for nothing?", "sha1"), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79") -- RFC 2202, case 2
  t:equal(crypto.createHmac("sha256", "4a656665", { encoding = "hex" }):update("what do ya want for nothing?"):digest "hex",
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
  t:equal(hmac("", ""), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
end)

test("an hmac that is over gives nothing; its mistakes", function(t)
  local h = crypto.createHmac("sha256", "k"):update "x"
  t:equal(#h:digest(), 32)
  t:equal(#h:digest(), 0)
  t:equal(h:digest "hex", "")
  t:throws(function() h:update "x" end, "ERR_CRYPTO_HASH_FINALIZED")
  t:throws(function() crypto.createHmac("none", "k") end, { code = "ERR_CRYPTO_INVALID_DIGEST", message = "Invalid digest: none" })
  t:throws(function() crypto.createHmac("sha1") end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() crypto.createHmac(5, "k") end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() crypto.createHmac("sha1", crypto.generateKeyPairSync("ed25519").publicKey) end,
    { code = "ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE", message = "Invalid key object type public, expected secret." })
  local s = crypto.createHmac("sha1", "Jefe")
  s:on("data", t:called(function(d) t:equal(d:toString "hex", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79") end))
  s:finish "what do ya want for nothing?"
end)

test("a class may be extended, and called without new", function(t)
  t:ok(crypto.Hash:is(crypto.Hash "sha1"))
  t:ok(stream.Transform:is(crypto.createHash "sha1"))
  local Twice = crypto.Hash:extend "Twice"
  function Twice:update(data) return crypto.Hash.prototype.update(crypto.Hash.prototype.update(self, data), data) end
  t:equal(Twice("sha1"):update("ab"):digest "hex", crypto.hash("sha1", "abab"))
end)

test("what there is: hashes, ciphers, curves", function(t)
  for _, each in ipairs { { crypto.getHashes, "RSA-SHA256" }, { crypto.getCiphers, "aes-256-gcm" }, { crypto.getCurves, "secp256k1" } } do
    local list = each[1]()
    local found = false
    for i, name in ipairs(list) do
      found = found or name == each[2]
      if i > 1 then t:ok(list[i] ~= list[i - 1], name) end
    end
    t:ok(found, each[2])
    list[1] = "changed"
    t:notEqual(each[1]()[1], "changed")
  end
  for _, name in ipairs(crypto.getHashes()) do t:ok(crypto.createHash(name), name) end
end)
