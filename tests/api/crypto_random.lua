-- SPDX-License-Identifier: MIT
-- Random bytes, whole numbers, UUIDs, primes, timingSafeEqual, and what else is small.
local test = require "../support/test"
local crypto, util = require "crypto", require "util"

local function fails(t, fn, code, message)
  local err = t:throws(fn, code)
  if message then t:equal(err.message, message) end
end

test("randomBytes", function(t)
  for _, n in ipairs { 0, 1, 16, 4096, 100000 } do t:equal(#crypto.randomBytes(n), n) end
  t:no(crypto.randomBytes(32):equals(crypto.randomBytes(32)))
  crypto.randomBytes(1000, t:called(function(err, b)
    t:equal(err, nil)
    t:equal(#b, 1000)
    t:no(b:equals(Buffer.alloc(1000)))
  end))
  crypto.randomBytes(0, t:called(function(_, b) t:equal(#b, 0) end))
  t:equal(#await(util.promisify(crypto.randomBytes)(5)), 5)
  t:equal(crypto.pseudoRandomBytes, crypto.randomBytes)
  fails(t, function() crypto.randomBytes(-1) end, "ERR_OUT_OF_RANGE", 'The value of "size" is out of range. It must be >= 0 && <= 2147483647. Received -1')
  fails(t, function() crypto.randomBytes(2 ^ 31) end, "ERR_OUT_OF_RANGE")
  fails(t, function() crypto.randomBytes(0 / 0) end, "ERR_OUT_OF_RANGE")
  fails(t, function() crypto.randomBytes "5" end, "ERR_INVALID_ARG_TYPE", [[The "size" argument must be of type number. Received type string ('5')]])
  fails(t, function() crypto.randomBytes(5, "x") end, "ERR_INVALID_ARG_TYPE")
end)

test("randomFill", function(t)
  local b = Buffer.alloc(64)
  t:equal(crypto.randomFillSync(b, 16, 16), b)
  t:ok(b:subarray(0, 16):equals(Buffer.alloc(16)) and b:subarray(32):equals(Buffer.alloc(32)))
  t:no(b:subarray(16, 32):equals(Buffer.alloc(16)))
  crypto.randomFillSync(b, 32)
  t:no(b:subarray(32):equals(Buffer.alloc(32)))
  crypto.randomFillSync(Buffer.alloc(0))
  local c = Buffer.alloc(64)
  crypto.randomFill(c, 10, 20, t:called(function(err, same)
    t:equal(err, nil)
    t:equal(same, c)
    t:ok(c:subarray(0, 10):equals(Buffer.alloc(10)) and c:subarray(30):equals(Buffer.alloc(34)))
    t:no(c:subarray(10, 30):equals(Buffer.alloc(20)))
  end))
  crypto.randomFill(Buffer.alloc(8), t:called(function(_, d) t:no(d:equals(Buffer.alloc(8))) end))
  crypto.randomFill(Buffer.alloc(8), 8, t:called())
  fails(t, function() crypto.randomFillSync "text" end, "ERR_INVALID_ARG_TYPE")
  fails(t, function() crypto.randomFillSync(b, 65) end, "ERR_OUT_OF_RANGE", 'The value of "offset" is out of range. It must be >= 0 && <= 64. Received 65')
  fails(t, function() crypto.randomFillSync(b, 60, 5) end, "ERR_OUT_OF_RANGE", 'The value of "size + offset" is out of range. It must be <= 64. Received 65')
  fails(t, function() crypto.randomFill(b) end, "ERR_INVALID_ARG_TYPE")
end)

test("randomInt: within its range, each number as likely", function(t)
  local counts = {}
  for _ = 1, 30000 do
    local n = crypto.randomInt(-1, 2)
    counts[n] = (counts[n] or 0) + 1
  end
  for n = -1, 1 do t:ok(counts[n] > 9400 and counts[n] < 10600, n .. ": " .. tostring(counts[n])) end -- 7 standard deviations
  t:equal(counts[-1] + counts[0] + counts[1], 30000)
  t:equal(crypto.randomInt(1), 0)
  for _ = 1, 100 do
    local n = crypto.randomInt(2 ^ 48 - 1)
    t:ok(n >= 0 and n < 2 ^ 48 - 1 and n % 1 == 0)
  end
  local over = false
  crypto.randomInt(5, t:called(function(err, n)
    t:equal(err, nil)
    t:ok(over and n >= 0 and n < 5)
  end))
  crypto.randomInt(10, 11, t:called(function(_, n) t:equal(n, 10) end))
  over = true
  fails(t, function() crypto.randomInt() end, "ERR_INVALID_ARG_TYPE", 'The "max" argument must be a safe integer. Received undefined')
  fails(t, function() crypto.randomInt(0) end, "ERR_OUT_OF_RANGE", 'The value of "max" is out of range. It must be greater than the value of "min" (0). Received 0')
  fails(t, function() crypto.randomInt(1.5) end, "ERR_INVALID_ARG_TYPE")
  fails(t, function() crypto.randomInt("a", 5) end, "ERR_INVALID_ARG_TYPE", [[The "min" argument must be a safe integer. Received type string ('a')]])
  fails(t, function() crypto.randomInt(2 ^ 48) end, "ERR_OUT_OF_RANGE", 'The value of "max" is out of range. It must be <= 281474976710655. Received 281_474_976_710_656')
  fails(t, function() crypto.randomInt(-1, 2 ^ 48) end, "ERR_OUT_OF_RANGE", 'The value of "max - min" is out of range. It must be <= 281474976710655. Received 281_474_976_710_657')
  fails(t, function() crypto.randomInt(0, 5, "x") end, "ERR_INVALID_ARG_TYPE")
end)

test("randomUUID: version 4 of RFC 4122, never twice", function(t)
  local seen = {}
  for i = 1, 1000 do
    local id = crypto.randomUUID(i % 2 == 0 and { disableEntropyCache = true } or nil)
    t:match(id, "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-4%x%x%x%-[89ab]%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$")
    t:no(seen[id])
    seen[id] = true
  end
  fails(t, function() crypto.randomUUID(5) end, "ERR_INVALID_ARG_TYPE")
  fails(t, function() crypto.randomUUID { disableEntropyCache = 1 } end, "ERR_INVALID_ARG_TYPE")
end)

test("primes", { timeout = 30000 }, function(t)
  local prime = crypto.generatePrimeSync(64)
  t:equal(#prime, 8)
  t:equal(crypto.checkPrimeSync(prime), true)
  t:equal(crypto.checkPrimeSync(crypto.generatePrimeSync(48, { bigint = true })), true)
  local safe = crypto.generatePrimeSync(32, { safe = true, bigint = true })
  t:equal(crypto.checkPrimeSync((safe - 1) / 2), true)
  local with = crypto.generatePrimeSync(32, { add = 12ULL, rem = Buffer.from { 11 }, bigint = true })
  t:ok(with % 12 == 11ULL)
  crypto.generatePrime(40, t:called(function(err, p)
    t:equal(err, nil)
    crypto.checkPrime(p, t:called(function(e, yes)
      t:equal(e, nil)
      t:equal(yes, true)
    end))
  end))
  crypto.generatePrime(24, { bigint = true }, t:called(function(_, p) t:equal(tonumber(p) > 2 ^ 23, true) end))
  crypto.checkPrime(91ULL, { checks = 10 }, t:called(function(_, yes) t:equal(yes, false) end))
  t:equal(crypto.checkPrimeSync(2305843009213693951ULL), true) -- a Mersenne prime
  t:equal(crypto.checkPrimeSync "", false)
  fails(t, function() crypto.generatePrimeSync(0) end, "ERR_OUT_OF_RANGE")
  fails(t, function() crypto.generatePrimeSync(3, { add = Buffer.from { 255 } }) end, "ERR_OUT_OF_RANGE", "invalid options.add")
  fails(t, function() crypto.generatePrimeSync(32, { add = Buffer.from { 5 }, rem = Buffer.from { 7 } }) end, "ERR_OUT_OF_RANGE", "invalid options.rem")
  fails(t, function() crypto.generatePrimeSync(32, { add = 5 }) end, "ERR_INVALID_ARG_TYPE")
  fails(t, function() crypto.generatePrimeSync(32, { safe = 5 }) end, "ERR_INVALID_ARG_TYPE")
  fails(t, function() crypto.generatePrimeSync(65, { bigint = true }) end, "ERR_OUT_OF_RANGE")
  fails(t, function() crypto.generatePrime(32) end, "ERR_INVALID_ARG_TYPE")
  fails(t, function() crypto.checkPrimeSync(5) end, "ERR_INVALID_ARG_TYPE")
  fails(t, function() crypto.checkPrimeSync(-5LL) end, "ERR_OUT_OF_RANGE")
  fails(t, function() crypto.checkPrimeSync(5ULL, { checks = -1 }) end, "ERR_OUT_OF_RANGE")
end)

test("timingSafeEqual", function(t)
  t:equal(crypto.timingSafeEqual(Buffer.from "abc", "abc"), true)
  t:equal(crypto.timingSafeEqual("abc", "abd"), false)
  t:equal(crypto.timingSafeEqual("", ""), true)
  fails(t, function() crypto.timingSafeEqual("a", "ab") end, "ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH", "Input buffers must have the same byte length")
  fails(t, function() crypto.timingSafeEqual(5, "a") end, "ERR_INVALID_ARG_TYPE", 'The "buf1" argument must be an instance of ArrayBuffer, Buffer, TypedArray, or DataView.')
  fails(t, function() crypto.timingSafeEqual("a") end, "ERR_INVALID_ARG_TYPE", 'The "buf2" argument must be an instance of ArrayBuffer, Buffer, TypedArray, or DataView.')
end)

test("constants, FIPS, the secure heap, engines", function(t)
  t:equal(crypto.constants.RSA_PKCS1_PSS_PADDING, 6)
  t:equal(crypto.constants.RSA_PSS_SALTLEN_AUTO, -2)
  t:equal(crypto.constants.SSL_OP_NO_TLSv1_3, 536870912)
  t:equal(crypto.getFips(), 0)
  t:equal(crypto.fips, 0)
  crypto.setFips(false)
  t:deep(crypto.secureHeapUsed(), { total = 0, used = 0, utilization = 0, min = 0 })
  fails(t, function() crypto.setEngine "none" end, "ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED")
  fails(t, function() crypto.setEngine(5) end, "ERR_INVALID_ARG_TYPE")
end)

test("a program that uses no cryptography does not load OpenSSL", function(t)
  local command = require "../support/command"
  local script = [[
    local maps = io.open("/proc/self/maps"):read "*a"
    print(maps:find("libcrypto", 1, true) == nil, package.loaded["lunode.crypto"] == nil)
    require("crypto").randomBytes(1)
    print(io.open("/proc/self/maps"):read("*a"):find("libcrypto", 1, true) ~= nil)
  ]]
  local probe = io.open "/proc/self/maps"
  if not probe then return end
  probe:close()
  t:equal(command.lua(script).out, "true\ttrue\ntrue\n")
end)

test("work that is under way when the process ends", function(t)
  local command = require "../support/command"
  local result = command.lua [[
    local crypto = require "crypto"
    for _ = 1, 20 do crypto.pbkdf2("a", "b", 5000, 64, "sha512", function() end) end
    crypto.generateKeyPair("rsa", { modulusLength = 1024 }, function() end)
    crypto.randomBytes(10, function() process.exit(3) end)
  ]]
  t:equal(result.code, 3)
  t:equal(result.err, "")
end)

test("callbacks run in the async context in which the work was begun", function(t)
  local queue = require "lunode.internal.queue"
  local before, mine = queue.context, {}
  queue.context = mine
  local function same() t:equal(queue.context, mine) end
  crypto.randomBytes(1, t:called(same))
  crypto.randomInt(5, t:called(same))
  crypto.scrypt("a", "b", 1, t:called(same))
  crypto.generateKeyPair("ed25519", t:called(same))
  queue.context = before
end)

test("async work keeps its callback's errors apart: an error raised there is uncaught", function(t)
  local command = require "../support/command"
  local result = command.lua [[
    process:on("uncaughtException", function(e) print("caught " .. e.message) end)
    require("crypto").randomBytes(5, function() error(Error "mine", 0) end)
  ]]
  t:equal(result.out, "caught mine\n")
end)
