-- SPDX-License-Identifier: MIT
-- Signatures: RFC 8032 for Ed25519, round trips for the others; errors as Node 20 words them.
local test = require "../support/test"
local crypto = require "crypto"

local C = crypto.constants
local RSA = crypto.generateKeyPairSync("rsa", { modulusLength = 1024 })
local EC = crypto.generateKeyPairSync("ec", { namedCurve = "P-256" })
local ED = crypto.generateKeyPairSync "ed25519"
local DSA = crypto.generateKeyPairSync("dsa", { modulusLength = 1024, divisorLength = 160 })

-- The key with options, in a table of its own.
local function with(key, options)
  local copy = { key = key }
  for name, value in pairs(options or {}) do copy[name] = value end
  return copy
end

test("Ed25519: RFC 8032, 7.1, tests 1 and 2", function(t)
  local vectors = {
    { "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
    { "TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs", "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJbMwM1V8Sr0Zgw", "r",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
  }
  for _, v in ipairs(vectors) do
    local key = crypto.createPrivateKey { key = { kty = "OKP", crv = "Ed25519", d = v[1], x = v[2] }, format = "jwk" }
    t:equal(crypto.sign(nil, v[3], key):toString "hex", v[4])
    t:ok(crypto.verify(nil, v[3], crypto.createPublicKey(key), Buffer.from(v[4], "hex")))
  end
end)

test("every kind of key signs and verifies, in one call and in pieces, alone and on the thread pool", { timeout = 30000 }, function(t)
  local cases = {
    { "sha256", RSA }, { "RSA-SHA1", RSA }, { "sha512", RSA, { padding = C.RSA_PKCS1_PSS_PADDING } },
    { "sha256", RSA, { padding = C.RSA_PKCS1_PSS_PADDING, saltLength = 0 } },
    { "sha256", RSA, { padding = C.RSA_PKCS1_PSS_PADDING, saltLength = C.RSA_PSS_SALTLEN_DIGEST } },
    { "sha384", EC }, { "sha384", EC, { dsaEncoding = "ieee-p1363" } },
    { "sha256", DSA }, { "sha256", DSA, { dsaEncoding = "ieee-p1363" } },
    { "sha256", crypto.generateKeyPairSync("rsa-pss", { modulusLength = 1024 }) },
    { nil, ED }, { nil, crypto.generateKeyPairSync "ed448" },
  }
  for _, c in ipairs(cases) do
    local digest, private, public = c[1], with(c[2].privateKey, c[3]), with(c[2].publicKey, c[3])
    local signature = crypto.sign(digest, "message", private)
    t:ok(crypto.verify(digest, "message", public, signature))
    t:ok(crypto.verify(digest, Buffer.from "message", private, signature)) -- a private key has a public half
    t:equal(crypto.verify(digest, "another", public, signature), false)
    t:equal(crypto.verify(digest, "message", public, "nonsense"), false)
    t:equal(crypto.verify(digest, "message", public, ""), false)
    if c[3] and c[3].dsaEncoding then t:equal(#signature, c[2] == EC and 64 or 40) end
    crypto.sign(digest, "message", private, t:called(function(err, made)
      t:equal(err, nil)
      crypto.verify(digest, "message", public, made, t:called(function(e, good)
        t:equal(e, nil)
        t:equal(good, true)
      end))
    end))
    if digest then
      local made = crypto.createSign(digest):update("mess"):update("616765", "hex"):sign(private, "base64")
      t:ok(crypto.createVerify(digest):update("message"):verify(public, made, "base64"))
      t:no(crypto.createVerify(digest):update("messag"):verify(public, made, "base64"))
      t:ok(crypto.verify(digest, "message", public, Buffer.from(made, "base64")))
    end
  end
end)

test("keys in any form: PEM, DER, JWK, encrypted", function(t)
  local private = EC.privateKey
  for _, key in ipairs {
    private:export { type = "pkcs8", format = "pem" },
    Buffer.from(private:export { type = "sec1", format = "pem" }),
    { key = private:export { type = "pkcs8", format = "der" }, format = "der", type = "pkcs8" },
    { key = private:export { format = "jwk" }, format = "jwk" },
    { key = private:export { type = "pkcs8", format = "pem", cipher = "aes-128-cbc", passphrase = "x" }, passphrase = "x" },
  } do
    local signature = crypto.sign("sha256", "m", key)
    t:ok(crypto.verify("sha256", "m", EC.publicKey, signature))
    t:ok(crypto.verify("sha256", "m", key, signature))
  end
end)

test("Sign and Verify are Writables", function(t)
  local s, v = crypto.createSign "sha256", crypto.createVerify "sha256"
  s:on("finish", t:called(function()
    local signature = s:sign(RSA.privateKey)
    v:on("finish", t:called(function() t:ok(v:verify(RSA.publicKey, signature)) end))
    v:write "some "
    v:finish "data"
  end))
  s:write "some "
  s:finish "data"
end)

test("mistakes with signatures raise Node's errors", function(t)
  local function fails(fn, code, message)
    local err = t:throws(fn, code)
    if message then t:equal(err.message, message) end
  end
  fails(function() crypto.createSign "none" end, "ERR_CRYPTO_INVALID_DIGEST", "Invalid digest")
  fails(function() crypto.createVerify "none" end, "ERR_CRYPTO_INVALID_DIGEST", "Invalid digest")
  fails(function() crypto.createSign() end, "ERR_INVALID_ARG_TYPE")
  fails(function() crypto.sign("none", "a", RSA.privateKey) end, "ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: none")
  fails(function() crypto.createSign("sha256"):sign() end, "ERR_CRYPTO_SIGN_KEY_REQUIRED", "No key provided to sign")
  fails(function() crypto.sign("sha256", "a") end, "ERR_CRYPTO_SIGN_KEY_REQUIRED")
  fails(function() crypto.createSign("sha256"):sign(RSA.publicKey) end, "ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE", "Invalid key object type public, expected private.")
  fails(function() crypto.createSign("sha256"):update("a"):sign(ED.privateKey) end, "ERR_CRYPTO_UNSUPPORTED_OPERATION", "Unsupported crypto operation")
  fails(function() crypto.sign("sha256", "a", ED.privateKey) end, "ERR_OSSL_INVALID_DIGEST", "error:1C80007A:Provider routines::invalid digest")
  fails(function() crypto.sign("sha256", "a", with(RSA.privateKey, { padding = 99 })) end, "ERR_OSSL_ILLEGAL_OR_UNSUPPORTED_PADDING_MODE")
  fails(function() crypto.sign("sha256", "a", with(RSA.privateKey, { padding = C.RSA_PKCS1_PSS_PADDING, saltLength = 1000 })) end, "ERR_OSSL_RSA_DATA_TOO_LARGE_FOR_KEY_SIZE")
  fails(function() crypto.sign("sha256", "a", with(RSA.privateKey, { padding = "x" })) end, "ERR_INVALID_ARG_VALUE", "The property 'options.padding' is invalid. Received 'x'")
  fails(function() crypto.sign("sha256", "a", with(EC.privateKey, { dsaEncoding = "x" })) end, "ERR_INVALID_ARG_VALUE", "The property 'options.dsaEncoding' is invalid. Received 'x'")
  fails(function() crypto.sign("sha256", 5, EC.privateKey) end, "ERR_INVALID_ARG_TYPE")
  fails(function() crypto.verify("sha256", "a", EC.publicKey, 5) end, "ERR_INVALID_ARG_TYPE")
  fails(function() crypto.sign("sha256", "a", EC.privateKey, "callback") end, "ERR_INVALID_ARG_TYPE")
  local s = crypto.createSign "sha256"
  s:update "a"
  s:sign(RSA.privateKey)
  fails(function() s:sign(RSA.privateKey) end, "ERR_CRYPTO_INVALID_STATE", "Not initialised")
  fails(function() s:update "a" end, "ERR_CRYPTO_INVALID_STATE", "Not initialised")
  crypto.sign("sha256", "a", with(RSA.privateKey, { padding = 99 }), t:called(function(err, signature)
    t:equal(err.code, "ERR_OSSL_ILLEGAL_OR_UNSUPPORTED_PADDING_MODE")
    t:equal(signature, nil)
  end))
end)
