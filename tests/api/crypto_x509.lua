-- SPDX-License-Identifier: MIT
-- X509Certificate and Certificate, on tests/fixtures/crypto (make.sh there tells how they were made; leaf.json is Node 20's view).
local test = require "../support/test"
local crypto, fs, json, util = require "crypto", require "fs", require "json", require "util"

local folder = debug.getinfo(1, "S").source:match "^@(.*)api/[^/]*$" .. "fixtures/crypto/"
local function read(name) return fs.readFileSync(folder .. name) end
local leaf, ca = crypto.X509Certificate(read "leaf.pem"), crypto.X509Certificate(read "ca.pem")
local node = json.parse(tostring(read "leaf.json"))

test("a certificate says what Node says", function(t)
  for name, value in pairs(node.info) do
    if type(value) == "table" then t:deep(leaf[name], value, name) else t:equal(leaf[name], value, name) end
  end
  t:equal(leaf.keyUsage[1], "1.3.6.1.5.5.7.3.1")
  t:equal(ca.keyUsage, nil)
  t:equal(ca.infoAccess, nil)
  t:equal(ca.ca, true)
  t:equal(leaf.issuerCertificate, nil)
  t:match(util.inspect(leaf), "^X509Certificate {")
end)

test("the form of TLS sockets", function(t)
  local legacy = leaf:toLegacyObject()
  legacy.pubkey, legacy.raw = legacy.pubkey:toString "hex", legacy.raw:toString "hex"
  t:deep(legacy, node.legacy)
  local of_curve = ca:toLegacyObject()
  t:equal(of_curve.bits, 384)
  t:equal(of_curve.asn1Curve, "secp384r1")
  t:equal(of_curve.nistCurve, "P-384")
  t:equal(#of_curve.pubkey, 97)
  t:equal(of_curve.modulus, nil)
end)

test("PEM and DER", function(t)
  t:equal(tostring(leaf), tostring(read "leaf.pem"))
  t:equal(leaf:toString(), leaf:toJSON())
  t:equal(crypto.X509Certificate(leaf.raw).fingerprint256, leaf.fingerprint256)
  t:ok(crypto.createPublicKey(leaf:toString()):equals(leaf.publicKey))
end)

test("names are matched as RFC 6125 has it", function(t)
  t:equal(leaf:checkHost "example.org", "example.org")
  t:equal(leaf:checkHost "EXAMPLE.org", "example.org")
  t:equal(leaf:checkHost "a.example.com", "*.example.com")
  t:equal(leaf:checkHost "a.b.example.com", nil)
  t:equal(leaf:checkHost "other.example", nil)
  t:equal(leaf:checkHost("a.example.com", { wildcards = false }), nil)
  t:equal(leaf:checkHost("example.org", { subject = "never" }), "example.org")
  t:equal(ca:checkHost("Test authority", { subject = "never" }), nil)
  t:equal(leaf:checkEmail "a@example.org", "a@example.org")
  t:equal(leaf:checkEmail "b@example.org", nil)
  t:equal(leaf:checkIP "127.0.0.1", "127.0.0.1")
  t:equal(leaf:checkIP "::1", "::1")
  t:equal(leaf:checkIP "127.0.0.2", nil)
  t:throws(function() leaf:checkIP "none" end, { code = "ERR_INVALID_ARG_VALUE", message = "Invalid IP" })
  t:throws(function() leaf:checkHost "a\0b" end, { code = "ERR_INVALID_ARG_VALUE", message = "Invalid name" })
  t:throws(function() leaf:checkHost(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() leaf:checkHost("a", { subject = "x" }) end, { code = "ERR_INVALID_ARG_VALUE", message = "The property 'options.subject' is invalid. Received 'x'" })
  t:throws(function() leaf:checkHost("a", { wildcards = 5 }) end, "ERR_INVALID_ARG_TYPE")
end)

test("who issued it, whose key it is", function(t)
  t:equal(leaf:checkIssued(ca), true)
  t:equal(ca:checkIssued(leaf), false)
  t:equal(leaf:verify(ca.publicKey), true)
  t:equal(leaf:verify(leaf.publicKey), false)
  t:equal(ca:verify(ca.publicKey), true)
  local private = crypto.createPrivateKey(read "leaf.key")
  t:equal(leaf:checkPrivateKey(private), true)
  t:equal(ca:checkPrivateKey(private), false)
  t:equal(leaf.publicKey.asymmetricKeyType, "rsa")
  t:ok(leaf.publicKey == leaf.publicKey)
  t:throws(function() leaf:verify(private) end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() leaf:checkPrivateKey(leaf.publicKey) end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() leaf:verify "x" end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() leaf:checkIssued "x" end, "ERR_INVALID_ARG_TYPE")
end)

test("what is no certificate", function(t)
  t:throws(function() crypto.X509Certificate() end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() crypto.X509Certificate "zz" end, { code = "ERR_OSSL_PEM_NO_START_LINE", message = "error:0480006C:PEM routines::no start line" })
  local raw = leaf.raw
  for n = 0, #raw - 1, 7 do t:throws(function() crypto.X509Certificate(raw:subarray(0, n)) end) end
  -- a byte changed anywhere: an error, or a certificate of which everything can be asked
  for i = 1, #raw, 5 do
    local copy = Buffer.from(raw)
    copy[i] = 255 - copy[i]
    local ok, x = pcall(crypto.X509Certificate, copy)
    if ok then
      local _ = x.subject, x.issuer, x.subjectAltName, x.infoAccess, x.keyUsage, x.serialNumber, x.validFrom, x.ca, pcall(function() return x.publicKey end)
      pcall(x.toLegacyObject, x)
      t:equal(x:verify(ca.publicKey), false)
    end
  end
end)

test("SPKAC", function(t)
  local spkac = read "leaf.spkac"
  local C = crypto.Certificate
  t:equal(C.verifySpkac(spkac), true)
  t:equal(C.verifySpkac(tostring(spkac) .. " \t\r\n"), true)
  t:equal(tostring(C.exportChallenge(spkac)), "hello")
  t:ok(crypto.createPublicKey(C.exportPublicKey(spkac)):equals(leaf.publicKey))
  t:equal(C():verifySpkac(spkac), true)
  t:equal(C():exportChallenge(spkac):toString(), "hello")
  t:equal(C.verifySpkac "nonsense", false)
  t:equal(C.exportPublicKey "nonsense", "")
  t:equal(C.exportChallenge "", "")
  t:throws(function() C.verifySpkac(5) end, "ERR_INVALID_ARG_TYPE")
end)
