-- SPDX-License-Identifier: MIT
-- PBKDF2 (RFC 6070, RFC 7914), scrypt (RFC 7914), HKDF (RFC 5869); errors as Node 20 words them.
local test = require "../support/test"
local crypto, util = require "crypto", require "util"

local function hex(text) return Buffer.from(text, "hex") end
local function fails(t, fn, code, message)
  local err = t:throws(fn, code)
  if message then t:equal(err.message, message) end
end

test("pbkdf2", function(t)
  local function key(...) return crypto.pbkdf2Sync(...):toString "hex" end
  t:equal(key("password", "salt", 1, 20, "sha1"), "0c60c80f961f0e71f3a9b524af6012062fe037a6") -- RFC 6070
  t:equal(key("password", "salt", 4096, 20, "sha1"), "4b007901b765489abead49d926f721d065a429c1")
  t:equal(key("pass\0word", "sa\0lt", 4096, 16, "sha1"), "56fa6aa75548099dcc37d7f03425e0c3")
  t:equal(key(Buffer.from "passwd", Buffer.from "salt", 1, 64, "sha256"), -- RFC 7914, 11
    "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783")
  t:equal(#crypto.pbkdf2Sync("a", "b", 1, 0, "sha1"), 0)
  crypto.pbkdf2("password", "salt", 2, 20, "sha1", t:called(function(err, made)
    t:equal(err, nil)
    t:equal(made:toString "hex", "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957")
  end))
  fails(t, function() crypto.pbkdf2Sync("a", "b", 1, 10, "none") end, "ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: none")
  fails(t, function() crypto.pbkdf2("a", "b", 1, 10, "none", t:never()) end, "ERR_CRYPTO_INVALID_DIGEST")
  fails(t, function() crypto.pbkdf2Sync("a", "b", 1, 10) end, "ERR_INVALID_ARG_TYPE", 'The "digest" argument must be of type string. Received undefined')
  fails(t, function() crypto.pbkdf2("a", "b", 1, 10, t:never()) end, "ERR_INVALID_ARG_TYPE", 'The "digest" argument must be of type string. Received undefined')
  fails(t, function() crypto.pbkdf2("a", "b", 1, 10, "sha1") end, "ERR_INVALID_ARG_TYPE")
  fails(t, function() crypto.pbkdf2Sync("a", "b", 0, 10, "sha1") end, "ERR_OUT_OF_RANGE", 'The value of "iterations" is out of range. It must be >= 1 && <= 2147483647. Received 0')
  fails(t, function() crypto.pbkdf2Sync("a", "b", 1, -1, "sha1") end, "ERR_OUT_OF_RANGE")
  fails(t, function() crypto.pbkdf2Sync(5, "b", 1, 1, "sha1") end, "ERR_INVALID_ARG_TYPE")
end)

test("scrypt: RFC 7914, 12", function(t)
  local function key(...) return crypto.scryptSync(...):toString "hex" end
  local first = "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
  t:equal(key("", "", 64, { N = 16, r = 1, p = 1 }), first)
  t:equal(key("", "", 64, { cost = 16, blockSize = 1, parallelization = 1 }), first)
  t:equal(key("pleaseletmein", "SodiumChloride", 64, { N = 16384, r = 8, p = 1 }),
    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887")
  t:equal(key("pleaseletmein", "SodiumChloride", 64), key("pleaseletmein", "SodiumChloride", 64, { N = 0, r = 0, p = 0, maxmem = 0 }))
  t:equal(#crypto.scryptSync("a", "b", 0), 0)
  crypto.scrypt("", "", 64, { N = 16, r = 1, p = 1 }, t:called(function(err, made)
    t:equal(err, nil)
    t:equal(made:toString "hex", first)
  end))
  crypto.scrypt("pw", "salt", 8, t:called(function(err, made)
    t:equal(err, nil)
    t:equal(made:toString "hex", key("pw", "salt", 8))
  end))
  t:equal(#await(util.promisify(crypto.scrypt)("pw", "salt", 8)), 8)
  fails(t, function() crypto.scryptSync("a", "b", 1, { N = 3 }) end, "ERR_CRYPTO_INVALID_SCRYPT_PARAMS", "Invalid scrypt params")
  fails(t, function() crypto.scryptSync("a", "b", 1, { N = 2 ^ 20 }) end, "ERR_CRYPTO_INVALID_SCRYPT_PARAMS",
    "Invalid scrypt params: error:030000AC:digital envelope routines::memory limit exceeded")
  fails(t, function() crypto.scrypt("a", "b", 1, { N = 3 }, t:never()) end, "ERR_CRYPTO_INVALID_SCRYPT_PARAMS")
  fails(t, function() crypto.scryptSync("a", "b", 1, { N = 2, cost = 2 }) end, "ERR_CRYPTO_SCRYPT_INVALID_PARAMETER", "Invalid scrypt parameter")
  fails(t, function() crypto.scryptSync("a", "b", 1, { N = -1 }) end, "ERR_OUT_OF_RANGE")
  fails(t, function() crypto.scryptSync("a", "b", 1, { maxmem = -1 }) end, "ERR_OUT_OF_RANGE")
  fails(t, function() crypto.scryptSync("a", "b", -1) end, "ERR_OUT_OF_RANGE")
  fails(t, function() crypto.scrypt("a", "b", 1, {}) end, "ERR_INVALID_ARG_TYPE")
end)

test("hkdf: RFC 5869, appendix A", function(t)
  local okm = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
  local ikm, salt, info = Buffer.alloc(22, 11), hex "000102030405060708090a0b0c", hex "f0f1f2f3f4f5f6f7f8f9"
  t:equal(crypto.hkdfSync("sha256", ikm, salt, info, 42):toString "hex", okm) -- A.1
  t:equal(crypto.hkdfSync("sha256", crypto.createSecretKey(ikm), salt, info, 42):toString "hex", okm)
  t:equal(crypto.hkdfSync("sha256", ikm, "", "", 42):toString "hex", -- A.3
    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")
  t:equal(crypto.hkdfSync("sha256", "", "", "", 16):toString "hex", "eb70f01dede9afafa449eee1b1286504") -- Node 20
  t:equal(#crypto.hkdfSync("sha1", "a", "b", "c", 255 * 20), 5100)
  t:equal(#crypto.hkdfSync("sha1", "a", "b", "c", 0), 0)
  crypto.hkdf("sha256", ikm, salt, info, 42, t:called(function(err, made)
    t:equal(err, nil)
    t:equal(made:toString "hex", okm)
  end))
  fails(t, function() crypto.hkdfSync("none", "a", "b", "c", 10) end, "ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: none")
  fails(t, function() crypto.hkdfSync("sha1", "a", "b", "c", 5101) end, "ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length")
  fails(t, function() crypto.hkdfSync("sha1", "a", "b", ("c"):rep(1025), 10) end, "ERR_OUT_OF_RANGE",
    'The value of "info" is out of range. It must be must not contain more than 1024 bytes. Received 1025')
  fails(t, function() crypto.hkdfSync("sha1", 5, "b", "c", 10) end, "ERR_INVALID_ARG_TYPE")
  fails(t, function() crypto.hkdfSync("sha1", "a", 5, "c", 10) end, "ERR_INVALID_ARG_TYPE")
  fails(t, function() crypto.hkdfSync("sha1", "a", "b", "c", -1) end, "ERR_OUT_OF_RANGE")
  fails(t, function() crypto.hkdf("sha1", "a", "b", "c", 10) end, "ERR_INVALID_ARG_TYPE")
end)

test("many at once run beside the loop, and each callback keeps its arguments' values", function(t)
  local buffer = Buffer.from "password"
  local ticks, open = 0, 8
  local timer = setInterval(function() ticks = ticks + 1 end, 1)
  for i = 1, open do
    crypto.pbkdf2(buffer, "salt" .. i, 20000, 16, "sha512", t:called(function(err, made)
      t:equal(err, nil)
      t:ok(made:equals(crypto.pbkdf2Sync("password", "salt" .. i, 20000, 16, "sha512")))
      open = open - 1
      if open == 0 then
        clearInterval(timer)
        t:ok(ticks > 0, "the loop stood still")
      end
    end))
  end
  buffer:fill(0) -- the work has a copy
  collectgarbage()
end)
