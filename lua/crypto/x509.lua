-- SPDX-License-Identifier: MIT
--
-- X509Certificate and Certificate (Node 20 docs: class X509Certificate, class Certificate).
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local inspect_custom = require "lunode.internal.inspect_custom"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"
local util = require "lunode.crypto.util"
local keys = require "lunode.crypto.keys"

local native, check = util.native, util.check
local rawget, rawset, type, error, pairs = rawget, rawset, type, error, pairs

local M = {}

-- ---- X509Certificate

local X509Certificate = class "X509Certificate"
M.X509Certificate = X509Certificate

-- X509Certificate(bytes: string|Buffer): PEM or DER
function X509Certificate:initialize(bytes)
  if not util.is_bytes(bytes) then error(errors.ERR_INVALID_ARG_TYPE("buffer", { "string", "Buffer", "TypedArray", "DataView" }, bytes), 0) end
  rawset(self, "_handle", (check(native.x509Parse(bytes))))
end

-- What was asked for once is kept.
local function kept(name, get)
  local field = "_" .. name
  X509Certificate:accessor(name, function(self)
    local value = rawget(self, field)
    if value == nil then
      value = get(rawget(self, "_handle"), self)
      rawset(self, field, value)
    end
    return value
  end)
end

kept("_info", native.x509Info)
for _, name in ipairs { "subject", "issuer", "subjectAltName", "infoAccess", "validFrom", "validTo", "serialNumber", "ca" } do
  X509Certificate:accessor(name, function(self) return self._info[name] end)
end
-- OIDs (RFC 5280, 4.2.1.12), or nil
kept("keyUsage", function(_, self)
  local list = self._info.keyUsage
  return list and shape.list(list)
end)
kept("raw", function(handle) return check(native.x509Raw(handle)) end)
kept("publicKey", function(handle) return keys.PublicKeyObject(check(native.x509PublicKey(handle))) end)
for name, digest in pairs { fingerprint = "sha1", fingerprint256 = "sha256", fingerprint512 = "sha512" } do
  kept(name, function(handle) return check(native.x509Fingerprint(handle, digest)) end)
end
-- Known only of a TLS connection's peer.
X509Certificate:accessor("issuerCertificate", function() return nil end)

-- toString() -> string; PEM
-- toJSON() -> string; PEM
function X509Certificate:toString() return check(native.x509Pem(rawget(self, "_handle"))) end
X509Certificate.prototype.toJSON = X509Certificate.prototype.toString
X509Certificate.meta.__tostring = X509Certificate.prototype.toString

local SHOWN = { "subject", "subjectAltName", "issuer", "infoAccess", "validFrom", "validTo", "fingerprint", "fingerprint256", "fingerprint512", "keyUsage", "serialNumber" }

X509Certificate.prototype[inspect_custom] = function(self, depth, options, inspect)
  if type(depth) == "number" and depth < 0 then return "[X509Certificate]" end
  local fields = {}
  for _, name in ipairs(SHOWN) do fields[name] = self[name] end
  return "X509Certificate " .. inspect(fields, options)
end

local FLAGS = native.x509CheckFlags()

local function flags_of(options)
  if options == nil then return 0 end
  validators.validateObject(options, "options")
  local flags = 0
  local subject = util.option(options, "subject")
  if subject ~= nil then
    validators.validateString(subject, "options.subject")
    if subject == "always" or subject == "never" then flags = flags + FLAGS[subject]
    elseif subject ~= "default" then error(errors.ERR_INVALID_ARG_VALUE("options.subject", subject), 0) end
  end
  local function flag(name, sets, flag_name)
    local value = util.option(options, name)
    if value == nil then return end
    validators.validateBoolean(value, "options." .. name)
    if value == sets then flags = flags + FLAGS[flag_name] end
  end
  flag("wildcards", false, "noWildcards")
  flag("partialWildcards", false, "noPartialWildcards")
  flag("multiLabelWildcards", true, "multiLabelWildcards")
  flag("singleLabelSubdomains", true, "singleLabelSubdomains")
  return flags
end

-- checkHost(name: string, options?: table) -> string?; the name that the certificate has for it, or nil. options: subject ("default", "always", "never"),
-- wildcards (true), partialWildcards (true), multiLabelWildcards (false), singleLabelSubdomains (false)
-- checkEmail(email: string, options?: table) -> string?
-- checkIP(ip: string, options?: table) -> string?
for method, entry in pairs { checkHost = { "name", native.x509CheckHost }, checkEmail = { "email", native.x509CheckEmail }, checkIP = { "ip", native.x509CheckIp } } do
  X509Certificate.prototype[method] = function(self, text, options)
    validators.validateString(text, entry[1])
    return (check(entry[2](rawget(self, "_handle"), text, flags_of(options))))
  end
end

-- checkIssued(other: X509Certificate) -> boolean; whether the other's subject is this one's issuer. Signatures are verify()'s
function X509Certificate:checkIssued(other)
  if not X509Certificate:is(other) then error(errors.ERR_INVALID_ARG_TYPE("otherCert", "X509Certificate", other), 0) end
  return native.x509Issued(rawget(self, "_handle"), rawget(other, "_handle"))
end

local function key_of(key, kind)
  if not keys.is_key(key) then error(errors.ERR_INVALID_ARG_TYPE("pkey", "KeyObject", key), 0) end
  if key.type ~= kind then error(errors.ERR_INVALID_ARG_VALUE("pkey", key), 0) end
  return rawget(key, "_handle")
end

-- checkPrivateKey(key: KeyObject) -> boolean; whether it belongs to the certificate
function X509Certificate:checkPrivateKey(key) return native.x509CheckPrivateKey(rawget(self, "_handle"), key_of(key, "private")) end
-- verify(publicKey: KeyObject) -> boolean; whether its private half made the signature
function X509Certificate:verify(key) return native.x509Verify(rawget(self, "_handle"), key_of(key, "public")) end

-- ---- the form that TLS sockets give their peer's certificate in

-- An entry that comes twice has a list.
local function add(to, name, value)
  local present = to[name]
  if present == nil then to[name] = value
  elseif type(present) == "table" then present[#present + 1] = value
  else to[name] = shape.list { present, value } end
end

local function names(handle, which)
  local out = {}
  for _, entry in ipairs(native.x509Names(handle, which)) do add(out, entry[1], entry[2]) end
  return shape.dict(out)
end

local NIST = { prime192v1 = "P-192", secp224r1 = "P-224", prime256v1 = "P-256", secp384r1 = "P-384", secp521r1 = "P-521",
  sect163k1 = "K-163", sect163r2 = "B-163" }
for _, bits in ipairs { 233, 283, 409, 571 } do NIST["sect" .. bits .. "k1"], NIST["sect" .. bits .. "r1"] = "K-" .. bits, "B-" .. bits end

local function add_key(out, key)
  local handle, kind = rawget(key, "_handle"), key.asymmetricKeyType
  if kind ~= "rsa" and kind ~= "ec" then return end
  local spki = check(native.keyExport(handle, "der", "spki"))
  out.bits = native.keyBits(handle)
  if kind == "rsa" then
    local parts = check(native.keyParts(handle))
    out.modulus = parts.n:toString("hex"):upper()
    out.exponent = "0x" .. parts.e:toString("hex"):gsub("^0+", "")
    out.pubkey = spki
  else
    -- The point is the end of it: 4, x, y.
    local length = 1 + 2 * math.ceil(out.bits / 8)
    if #spki >= length and spki[#spki - length + 1] == 4 then out.pubkey = spki:subarray(#spki - length) end
    out.asn1Curve = key.asymmetricKeyDetails.namedCurve
    out.nistCurve = out.asn1Curve and NIST[out.asn1Curve]
  end
end

-- toLegacyObject() -> table; as TLS sockets give their peer's certificate
function X509Certificate:toLegacyObject()
  local handle = rawget(self, "_handle")
  local out = { subject = names(handle, "subject"), issuer = names(handle, "issuer"), subjectaltname = self.subjectAltName, ca = self.ca }
  if self.infoAccess then
    local access = {}
    for line in self.infoAccess:gmatch "[^\n]+" do
      local name, value = line:match "^([^:]*):(.*)$"
      if name then
        access[name] = access[name] or shape.list {}
        table.insert(access[name], value)
      end
    end
    out.infoAccess = shape.dict(access)
  end
  local ok, key = pcall(function() return self.publicKey end)
  if ok then add_key(out, key) end
  out.valid_from, out.valid_to = self.validFrom, self.validTo
  out.fingerprint, out.fingerprint256, out.fingerprint512 = self.fingerprint, self.fingerprint256, self.fingerprint512
  out.ext_key_usage, out.serialNumber, out.raw = self.keyUsage, self.serialNumber, self.raw
  return shape.dict(out)
end

-- ---- Certificate: SPKAC

local Certificate = class "Certificate"
M.Certificate = Certificate

local function spkac(fn)
  return function(bytes, encoding) return fn(util.bytes(bytes, "spkac", encoding)) end
end

-- verifySpkac(spkac: string|Buffer, encoding?: string) -> boolean; a static and a method, like the other two
-- exportPublicKey(spkac: string|Buffer, encoding?: string) -> Buffer|string; PEM, "" when there is none
-- exportChallenge(spkac: string|Buffer, encoding?: string) -> Buffer|string; "" when there is none
for name, fn in pairs {
  verifySpkac = spkac(native.spkacVerify),
  exportPublicKey = spkac(function(bytes) return native.spkacPublicKey(bytes) or "" end),
  exportChallenge = spkac(function(bytes) return native.spkacChallenge(bytes) or "" end),
} do
  Certificate.static[name] = fn
  Certificate.prototype[name] = function(_, ...) return fn(...) end
end

return M
