-- SPDX-License-Identifier: MIT
-- KeyObjects, their encodings, key generation: JWKs of RFC 7517, 8037; errors as Node 20 words them.
local test = require "../support/test"
local crypto, util = require "crypto", require "util"

local function error_of(t, fn, code, message)
  local err = t:throws(fn, code)
  if message then t:equal(err.message, message) end
  return err
end

local KINDS = {
  { "rsa", { modulusLength = 1024 }, { modulusLength = 1024 }, "RSA" },
  { "rsa-pss", { modulusLength = 1024, hashAlgorithm = "sha256", mgf1HashAlgorithm = "sha512", saltLength = 20 },
    { modulusLength = 1024, hashAlgorithm = "sha256", mgf1HashAlgorithm = "sha512", saltLength = 20 } },
  { "dsa", { modulusLength = 1024, divisorLength = 160 }, { modulusLength = 1024, divisorLength = 160 } },
  { "ec", { namedCurve = "P-256" }, { namedCurve = "prime256v1" }, "EC" },
  { "ec", { namedCurve = "secp521r1" }, { namedCurve = "secp521r1" }, "EC" },
  { "ed25519", nil, {}, "OKP" }, { "ed448", nil, {}, "OKP" }, { "x25519", nil, {}, "OKP" }, { "x448", nil, {}, "OKP" },
  { "dh", { group = "modp5" }, {} },
}

test("pairs of every kind: details, all encodings and back", { timeout = 60000 }, function(t)
  for _, k in ipairs(KINDS) do
    local name = k[1]
    local pair = crypto.generateKeyPairSync(name, k[2])
    local public, private = pair.publicKey, pair.privateKey
    t:equal(public.type, "public")
    t:equal(private.type, "private")
    t:equal(public.asymmetricKeyType, name)
    for field, value in pairs(k[3]) do t:equal(private.asymmetricKeyDetails[field], value, name .. "." .. field) end
    if name:find "^rsa" then t:ok(public.asymmetricKeyDetails.publicExponent == 65537ULL) end
    for _, format in ipairs { "pem", "der" } do
      local spki = public:export { type = "spki", format = format }
      t:ok(crypto.createPublicKey({ key = spki, format = format, type = "spki" }):equals(public), name)
      local pkcs8 = private:export { type = "pkcs8", format = format }
      t:ok(crypto.createPrivateKey({ key = pkcs8, format = format, type = "pkcs8" }):equals(private), name)
      t:ok(crypto.createPublicKey({ key = pkcs8, format = format, type = "pkcs8" }):equals(public), name)
      local locked = private:export { type = "pkcs8", format = format, cipher = "aes-256-cbc", passphrase = "tøp" }
      t:ok(crypto.createPrivateKey({ key = locked, format = format, type = "pkcs8", passphrase = Buffer.from "tøp" }):equals(private), name)
      t:throws(function() crypto.createPrivateKey { key = locked, format = format, type = "pkcs8", passphrase = "other" } end)
      error_of(t, function() crypto.createPrivateKey { key = locked, format = "pem" } end)
    end
    t:ok(crypto.createPublicKey(private):equals(public), name)
    if k[4] then
      local jwk = private:export { format = "jwk" }
      t:equal(jwk.kty, k[4])
      t:ok(crypto.createPrivateKey({ key = jwk, format = "jwk" }):equals(private), name)
      t:ok(crypto.createPublicKey({ key = jwk, format = "jwk" }):equals(public), name)
      local half = public:export { format = "jwk" }
      t:equal(half.d, nil)
      t:ok(crypto.createPublicKey({ key = half, format = "jwk" }):equals(public), name)
    else
      error_of(t, function() public:export { format = "jwk" } end, "ERR_CRYPTO_JWK_UNSUPPORTED_KEY_TYPE", "Unsupported JWK Key Type.")
    end
  end
end)

test("the old encodings: pkcs1 of RSA, sec1 of curves, encrypted PEM", function(t)
  local rsa = crypto.generateKeyPairSync("rsa", { modulusLength = 1024 })
  local ec = crypto.generateKeyPairSync("ec", { namedCurve = "secp384r1" })
  for _, format in ipairs { "pem", "der" } do
    t:ok(crypto.createPublicKey({ key = rsa.publicKey:export { type = "pkcs1", format = format }, format = format, type = "pkcs1" }):equals(rsa.publicKey))
    local pkcs1 = rsa.privateKey:export { type = "pkcs1", format = format }
    t:ok(crypto.createPrivateKey({ key = pkcs1, format = format, type = "pkcs1" }):equals(rsa.privateKey))
    t:ok(crypto.createPublicKey({ key = pkcs1, format = format, type = "pkcs1" }):equals(rsa.publicKey))
    local sec1 = ec.privateKey:export { type = "sec1", format = format }
    t:ok(crypto.createPrivateKey({ key = sec1, format = format, type = "sec1" }):equals(ec.privateKey))
  end
  t:match(rsa.publicKey:export { type = "pkcs1", format = "pem" }, "^%-%-%-%-%-BEGIN RSA PUBLIC KEY")
  local locked = ec.privateKey:export { type = "sec1", format = "pem", cipher = "aes-128-cbc", passphrase = "x" }
  t:match(locked, "ENCRYPTED")
  t:ok(crypto.createPrivateKey({ key = locked, passphrase = "x" }):equals(ec.privateKey))
  error_of(t, function() ec.privateKey:export { type = "pkcs1", format = "pem" } end, "ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS",
    "The selected key encoding pkcs1 can only be used for RSA keys.")
  error_of(t, function() rsa.privateKey:export { type = "sec1", format = "pem" } end, "ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS",
    "The selected key encoding sec1 can only be used for EC keys.")
  error_of(t, function() rsa.privateKey:export { type = "pkcs1", format = "der", cipher = "aes-128-cbc", passphrase = "x" } end,
    "ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS", "The selected key encoding pkcs1 does not support encryption.")
end)

test("known JWKs: RFC 8037, appendix A; RFC 7517, appendix A", function(t)
  local ed = { kty = "OKP", crv = "Ed25519", d = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }
  local key = crypto.createPrivateKey { key = ed, format = "jwk" }
  t:deep(key:export { format = "jwk" }, ed)
  local ec = { kty = "EC", crv = "P-256", x = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", y = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    d = "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE" }
  t:deep(crypto.createPrivateKey({ key = ec, format = "jwk" }):export { format = "jwk" }, ec)
  error_of(t, function() crypto.createPublicKey { key = { kty = "EC", crv = "P-256", x = "aa", y = "bb" }, format = "jwk" } end, "ERR_CRYPTO_INVALID_JWK", "Invalid JWK EC key")
  error_of(t, function() crypto.createPublicKey { key = { kty = "OKP", crv = "Ed25519", x = "aa" }, format = "jwk" } end, "ERR_CRYPTO_INVALID_JWK", "Invalid JWK data")
  error_of(t, function() crypto.createPublicKey { key = { kty = "oct" }, format = "jwk" } end, "ERR_INVALID_ARG_VALUE",
    "The property 'key.kty' must be one of: 'RSA', 'EC', 'OKP'. Received 'oct'")
  error_of(t, function() crypto.createPrivateKey { key = { kty = "EC", crv = "P-256", x = ec.x, y = ec.y }, format = "jwk" } end, "ERR_INVALID_ARG_TYPE",
    'The "key.d" property must be of type string. Received undefined')
  error_of(t, function() crypto.createPublicKey { key = "text", format = "jwk" } end, "ERR_INVALID_ARG_TYPE")
  local odd = crypto.generateKeyPairSync("ec", { namedCurve = "secp224r1" }).publicKey
  error_of(t, function() odd:export { format = "jwk" } end, "ERR_CRYPTO_JWK_UNSUPPORTED_CURVE", "Unsupported JWK EC curve: secp224r1.")
end)

test("secret keys", function(t)
  local key = crypto.createSecretKey(Buffer.from "0123456789abcdef")
  t:equal(key.type, "secret")
  t:equal(key.symmetricKeySize, 16)
  t:equal(key.asymmetricKeyType, nil)
  t:equal(tostring(key:export()), "0123456789abcdef")
  t:deep(key:export { format = "jwk" }, { kty = "oct", k = "MDEyMzQ1Njc4OWFiY2RlZg" })
  t:ok(key:equals(crypto.createSecretKey("30313233343536373839616263646566", "hex")))
  t:no(key:equals(crypto.createSecretKey "0123456789abcdeX"))
  t:no(key:equals(crypto.createSecretKey "0123"))
  t:no(key:equals(crypto.generateKeyPairSync("ed25519").publicKey))
  t:throws(function() key:equals "x" end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() key:export { format = "pem" } end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() crypto.createSecretKey(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() crypto.createSecretKey(key) end, "ERR_INVALID_ARG_TYPE")
  t:equal(crypto.createSecretKey("").symmetricKeySize, 0)
  t:ok(crypto.KeyObject:is(key))
  t:no(util.inspect(key):find "0123")
  t:throws(function() crypto.KeyObject("other", 1) end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() crypto.KeyObject("secret", "x") end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() crypto.KeyObject.from "x" end, "ERR_INVALID_ARG_TYPE")
end)

test("what cannot be read as a key raises OpenSSL's reason", function(t)
  error_of(t, function() crypto.createPublicKey "garbage" end, "ERR_OSSL_UNSUPPORTED", "error:1E08010C:DECODER routines::unsupported")
  error_of(t, function() crypto.createPrivateKey "garbage" end, "ERR_OSSL_UNSUPPORTED")
  error_of(t, function() crypto.createPrivateKey { key = "aa", format = "der", type = "pkcs8" } end, "ERR_OSSL_ASN1_NOT_ENOUGH_DATA")
  error_of(t, function() crypto.createPublicKey { key = "aa", format = "der", type = "spki" } end, "ERR_OSSL_ASN1_TOO_LONG")
  error_of(t, function() crypto.createPublicKey { key = "aa", format = "der" } end, "ERR_INVALID_ARG_VALUE", "The property 'options.type' is invalid. Received undefined")
  error_of(t, function() crypto.createPublicKey { key = "aa", format = "none" } end, "ERR_INVALID_ARG_VALUE", "The property 'options.format' is invalid. Received 'none'")
  error_of(t, function() crypto.createPublicKey() end, "ERR_INVALID_ARG_TYPE")
  error_of(t, function() crypto.createPublicKey { key = 5 } end, "ERR_INVALID_ARG_TYPE")
  local public = crypto.generateKeyPairSync("ed25519").publicKey
  error_of(t, function() crypto.createPublicKey(public) end, "ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE", "Invalid key object type public, expected private.")
  error_of(t, function() crypto.createPrivateKey(public) end, "ERR_INVALID_ARG_TYPE")
  error_of(t, function() crypto.createPrivateKey(public:export { type = "spki", format = "pem" }) end)
  -- every prefix of a key: an error, never more
  local der = crypto.generateKeyPairSync("ec", { namedCurve = "P-256", privateKeyEncoding = { type = "pkcs8", format = "der" } }).privateKey
  for n = 0, #der - 1 do
    t:throws(function() crypto.createPrivateKey { key = der:subarray(0, n), format = "der", type = "pkcs8" } end)
    t:throws(function() crypto.createPublicKey { key = der:subarray(0, n), format = "der", type = "spki" } end)
  end
end)

test("generateKeyPair: on the thread pool, encoded, as a promise", { timeout = 30000 }, function(t)
  crypto.generateKeyPair("ec", { namedCurve = "P-256", publicKeyEncoding = { type = "spki", format = "der" }, privateKeyEncoding = { type = "sec1", format = "pem" } },
    t:called(function(err, public, private)
      t:equal(err, nil)
      t:ok(Buffer.isBuffer(public))
      t:match(private, "BEGIN EC PRIVATE KEY")
    end))
  crypto.generateKeyPair("ed25519", t:called(function(err, public, private)
    t:equal(err, nil)
    t:equal(public.type .. private.type, "publicprivate")
  end))
  crypto.generateKeyPair("rsa", { modulusLength = 1 }, t:called(function(err)
    t:equal(err.message, "error:1C8000AB:Provider routines::key size too small")
  end))
  local pair = await(util.promisify(crypto.generateKeyPair)("x25519"))
  t:equal(pair.privateKey.asymmetricKeyType, "x25519")
  local jwk = crypto.generateKeyPairSync("ed25519", { publicKeyEncoding = { format = "jwk" }, privateKeyEncoding = { format = "jwk" } })
  t:equal(jwk.publicKey.d, nil)
  t:equal(#jwk.privateKey.d, 43)
end)

test("generateKeyPair: Diffie-Hellman, DSA, explicit curves", { timeout = 60000 }, function(t)
  local a = crypto.generateKeyPairSync("dh", { primeLength = 512 })
  t:equal(a.publicKey.asymmetricKeyType, "dh")
  local prime = crypto.createDiffieHellmanGroup("modp1"):getPrime()
  local b, c = crypto.generateKeyPairSync("dh", { prime = prime, generator = 2 }), crypto.generateKeyPairSync("dh", { group = "modp1" })
  t:ok(crypto.diffieHellman({ privateKey = b.privateKey, publicKey = c.publicKey }):equals(crypto.diffieHellman { privateKey = c.privateKey, publicKey = b.publicKey }))
  local explicit = crypto.generateKeyPairSync("ec", { namedCurve = "secp256k1", paramEncoding = "explicit", publicKeyEncoding = { type = "spki", format = "der" } }).publicKey
  local named = crypto.generateKeyPairSync("ec", { namedCurve = "secp256k1", paramEncoding = "named", publicKeyEncoding = { type = "spki", format = "der" } }).publicKey
  t:ok(#explicit > #named)
end)

test("generateKeyPair: mistakes", function(t)
  local function sync(...)
    local n, args = select("#", ...), { ... }
    return function() crypto.generateKeyPairSync(unpack(args, 1, n)) end
  end
  error_of(t, sync(), "ERR_INVALID_ARG_TYPE", 'The "type" argument must be of type string. Received undefined')
  error_of(t, sync "none", "ERR_INVALID_ARG_VALUE", "The argument 'type' must be a supported key type. Received 'none'")
  error_of(t, sync "rsa", "ERR_INVALID_ARG_TYPE")
  error_of(t, sync("rsa", {}), "ERR_INVALID_ARG_TYPE", 'The "options.modulusLength" property must be of type number. Received undefined')
  error_of(t, sync("rsa", { modulusLength = 1.5 }), "ERR_OUT_OF_RANGE")
  error_of(t, sync("rsa-pss", { modulusLength = 512, hashAlgorithm = "none" }), "ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: none")
  error_of(t, sync("rsa-pss", { modulusLength = 512, mgf1HashAlgorithm = "none" }), "ERR_CRYPTO_INVALID_DIGEST", "Invalid MGF1 digest: none")
  error_of(t, sync("rsa-pss", { modulusLength = 512, saltLength = -1 }), "ERR_OUT_OF_RANGE")
  error_of(t, sync("dsa", { modulusLength = 512, divisorLength = 100 }), nil, "Key generation job failed")
  error_of(t, sync("ec", { namedCurve = "none" }), "ERR_CRYPTO_INVALID_CURVE", "Invalid EC curve name")
  error_of(t, sync("ec", { namedCurve = "P-256", paramEncoding = "x" }), "ERR_INVALID_ARG_VALUE")
  error_of(t, sync("dh", {}), "ERR_MISSING_OPTION", "At least one of the group, prime, or primeLength options is required")
  error_of(t, sync("dh", { group = "none" }), "ERR_CRYPTO_UNKNOWN_DH_GROUP", "Unknown DH group")
  error_of(t, sync("dh", { group = "modp1", prime = "x" }), "ERR_INCOMPATIBLE_OPTION_PAIR", 'Option "group" cannot be used in combination with option "prime"')
  error_of(t, sync("rsa", { modulusLength = 512, publicKeyEncoding = 5 }), "ERR_INVALID_ARG_VALUE", "The property 'options.publicKeyEncoding' is invalid. Received 5")
  error_of(t, sync("rsa", { modulusLength = 512, publicKeyEncoding = { type = "pkcs8", format = "pem" } }), "ERR_INVALID_ARG_VALUE",
    "The property 'options.publicKeyEncoding.type' is invalid. Received 'pkcs8'")
  error_of(t, sync("rsa", { modulusLength = 512, privateKeyEncoding = { type = "pkcs8", format = "pem", cipher = "none", passphrase = "" } }), "ERR_CRYPTO_UNKNOWN_CIPHER")
  error_of(t, sync("rsa", { modulusLength = 512, privateKeyEncoding = { type = "pkcs8", format = "pem", passphrase = "x" } }), "ERR_INVALID_ARG_VALUE",
    "The property 'options.privateKeyEncoding.cipher' is invalid. Received undefined")
  error_of(t, sync("rsa", { modulusLength = 512, privateKeyEncoding = { type = "pkcs8", format = "pem", cipher = "aes-128-cbc" } }), "ERR_INVALID_ARG_VALUE",
    "The property 'options.privateKeyEncoding.passphrase' is invalid. Received undefined")
  error_of(t, function() crypto.generateKeyPair("ed25519") end, "ERR_INVALID_ARG_TYPE")
end)

test("generateKey", function(t)
  crypto.generateKey("hmac", { length = 100 }, t:called(function(err, key)
    t:equal(err, nil)
    t:equal(key.symmetricKeySize, 12)
  end))
  t:equal(crypto.generateKeySync("aes", { length = 192 }).symmetricKeySize, 24)
  error_of(t, function() crypto.generateKeySync("aes", { length = 100 }) end, "ERR_INVALID_ARG_VALUE", "The property 'options.length' must be one of: 128, 192, 256. Received 100")
  error_of(t, function() crypto.generateKeySync("hmac", { length = 1 }) end, "ERR_OUT_OF_RANGE")
  error_of(t, function() crypto.generateKeySync("none", { length = 100 }) end, "ERR_INVALID_ARG_VALUE")
  error_of(t, function() crypto.generateKeySync "hmac" end, "ERR_INVALID_ARG_TYPE")
  error_of(t, function() crypto.generateKey("hmac", { length = 100 }) end, "ERR_INVALID_ARG_TYPE")
end)
