-- SPDX-License-Identifier: MIT
-- crypto beside Node's, where it is installed: what it gives for the same input, and keys, signatures and secrets of one
-- in the hands of the other. Where its OpenSSL knows other algorithms, those that both have are compared.
local test = require "../support/test"
local command = require "../support/command"
local crypto, json = require "crypto", require "json"

local node = require("../support/node").path
local options = { skip = not node and "node is not installed" or nil, timeout = 60000 }
local script = debug.getinfo(1, "S").source:match "^@(.*)api/[^/]*$" .. "fixtures/crypto_node.js"
if script:sub(1, 1) ~= "/" then script = process.cwd() .. "/" .. script end

local function ask(what)
  local result = command.run(command.quote(script), { command = command.quote(node), input = json.stringify(what), env = "NODE_NO_WARNINGS=1" })
  if result.code ~= 0 then error(result.err) end
  return json.parse(result.out)
end

local function set(list)
  local out = {}
  for _, name in ipairs(list) do out[name] = true end
  return out
end

local function random(n) return crypto.randomBytes(n):toString "hex" end
local function hex(text) return Buffer.from(text, "hex") end

-- What both know, by Node's lists.
local function both(ours, theirs)
  local known, out = set(theirs), {}
  for _, name in ipairs(ours) do
    if known[name] then out[#out + 1] = name end
  end
  return out
end

test("lists and constants", options, function(t)
  local lists = ask { lists = {} }.lists
  for name, get in pairs { hashes = crypto.getHashes, ciphers = crypto.getCiphers, curves = crypto.getCurves } do
    local ours = get()
    t:ok(#both(ours, lists[name]) >= #ours * 0.9, name)
  end
  for name, value in pairs(lists.constants) do
    if name ~= "OPENSSL_VERSION_NUMBER" then t:equal(crypto.constants[name], value, name) end
  end
end)

test("every hash, every HMAC", options, function(t)
  local lists = ask { lists = {} }.lists
  local names, data, key = both(crypto.getHashes(), lists.hashes), random(1000), random(100)
  local for_hmac = {}
  for _, name in ipairs(names) do
    if not name:find "shake" then for_hmac[#for_hmac + 1] = name end
  end
  local answer = ask { hash = { names = names, data = data }, hmac = { names = for_hmac, key = key, data = data } }
  for i, name in ipairs(names) do t:equal(crypto.createHash(name):update(data, "hex"):digest "hex", answer.hash[i], name) end
  for i, name in ipairs(for_hmac) do t:equal(crypto.createHmac(name, hex(key)):update(data, "hex"):digest "hex", answer.hmac[i], name) end
end)

test("every cipher, both ways, and what is said of it", options, function(t)
  local lists = ask { lists = {} }.lists
  local names, list, data = both(crypto.getCiphers(), lists.ciphers), {}, random(160)
  local tested = {}
  for _, name in ipairs(names) do
    local info = crypto.getCipherInfo(name)
    if info and info.mode ~= "wrap" and info.mode ~= "xts" and not name:find "cbc%-hmac" and not name:find "siv" then
      local aead = info.mode == "gcm" or info.mode == "ccm" or info.mode == "ocb" or name == "chacha20-poly1305"
      tested[#tested + 1] = name
      list[#list + 1] = { name = name, key = random(info.keyLength), iv = info.ivLength and random(info.ivLength) or nil, aad = aead and random(20) or nil, tag = aead and 16 or nil }
    end
  end
  t:ok(#list > 80, #list .. " ciphers")
  local answer = ask { encrypt = { list = list, data = data }, info = { names = names } }
  for i, name in ipairs(names) do t:deep(crypto.getCipherInfo(name), answer.info[i] ~= json.null and answer.info[i] or nil, name) end
  for i, c in ipairs(list) do
    local make = { authTagLength = c.tag }
    local e, d = crypto.createCipheriv(c.name, hex(c.key), c.iv and hex(c.iv), make), crypto.createDecipheriv(c.name, hex(c.key), c.iv and hex(c.iv), make)
    if c.aad then
      e:setAAD(hex(c.aad), { plaintextLength = #data / 2 })
      d:setAuthTag(answer.encrypt[i].tag, "hex")
      d:setAAD(hex(c.aad), { plaintextLength = #data / 2 })
    end
    t:equal(e:update(data, "hex", "hex") .. e:final "hex", answer.encrypt[i].out, c.name)
    if c.aad then t:equal(e:getAuthTag():toString "hex", answer.encrypt[i].tag, c.name) end
    t:equal(d:update(answer.encrypt[i].out, "hex", "hex") .. d:final "hex", data, c.name)
  end
end)

test("signatures and encrypted keys, both ways", options, function(t)
  local kinds = {
    { kind = "rsa", options = { modulusLength = 1024 }, digest = "sha256" },
    { kind = "rsa", options = { modulusLength = 1024 }, digest = "sha512", sign = { padding = 6, saltLength = 20 } },
    { kind = "rsa-pss", options = { modulusLength = 1024, hashAlgorithm = "sha256", mgf1HashAlgorithm = "sha256", saltLength = 16 }, digest = "sha256" },
    { kind = "dsa", options = { modulusLength = 1024, divisorLength = 160 }, digest = "sha1" },
    { kind = "dsa", options = { modulusLength = 1024, divisorLength = 160 }, digest = "sha256", sign = { dsaEncoding = "ieee-p1363" } },
    { kind = "ec", options = { namedCurve = "secp256k1" }, digest = "sha256" },
    { kind = "ec", options = { namedCurve = "P-521" }, digest = "sha512", sign = { dsaEncoding = "ieee-p1363" } },
    { kind = "ed25519" }, { kind = "ed448" },
  }
  local data, pairs_of = random(100), {}
  for i, k in ipairs(kinds) do
    local pair = crypto.generateKeyPairSync(k.kind, k.options)
    pairs_of[i] = pair
    local private = { key = pair.privateKey }
    for name, value in pairs(k.sign or {}) do private[name] = value end
    k.key, k.signature = pair.publicKey:export { type = "spki", format = "pem" }, crypto.sign(k.digest, hex(data), private):toString "hex"
  end
  local answer = ask { sign = { list = kinds, data = data } }.sign
  for i, k in ipairs(kinds) do
    t:equal(answer[i].verified, true, k.kind)
    for name, value in pairs(pairs_of[i].publicKey.asymmetricKeyDetails) do
      t:equal((tostring(value):gsub("ULL$", "")), answer[i].details[name], k.kind .. "." .. name)
    end
    local key = { key = answer[i].key, passphrase = "secret" }
    for name, value in pairs(k.sign or {}) do key[name] = value end
    t:ok(crypto.verify(k.digest, hex(data), key, hex(answer[i].signature)), k.kind)
    if k.digest then t:ok(crypto.createVerify(k.digest):update(data, "hex"):verify(key, answer[i].signature, "hex"), k.kind) end
  end
end)

test("one secret of two keys", options, function(t)
  local kinds = { { kind = "ec", options = { namedCurve = "P-384" } }, { kind = "x25519" }, { kind = "x448" }, { kind = "dh", options = { group = "modp5" } } }
  local own = {}
  for i, k in ipairs(kinds) do
    own[i] = crypto.generateKeyPairSync(k.kind, k.options)
    k.key = own[i].publicKey:export { type = "spki", format = "pem" }
  end
  for i, a in ipairs(ask { agree = { list = kinds } }.agree) do
    t:equal(crypto.diffieHellman({ privateKey = own[i].privateKey, publicKey = crypto.createPublicKey(a.key) }):toString "hex", a.secret, kinds[i].kind)
  end
end)

test("RSA encryption, both ways", options, function(t)
  local pair = crypto.generateKeyPairSync("rsa", { modulusLength = 1024 })
  local list = { { options = {} }, { options = { oaepHash = "sha256" } }, { options = { oaepHash = "sha1", oaepLabel = "label" } } }
  for i, e in ipairs(list) do
    e.text = "text " .. i
    e.secret = crypto.publicEncrypt({ key = pair.publicKey, oaepHash = e.options.oaepHash, oaepLabel = e.options.oaepLabel }, e.text):toString "hex"
  end
  for i, a in ipairs(ask { rsa = { key = pair.privateKey:export { type = "pkcs1", format = "pem" }, list = list } }.rsa) do
    t:equal(a.text, list[i].text)
    local o = list[i].options
    t:equal(tostring(crypto.privateDecrypt({ key = pair.privateKey, oaepHash = o.oaepHash, oaepLabel = o.oaepLabel }, hex(a.secret))), list[i].text)
  end
end)

test("derived keys, JWKs, counters that overflow", options, function(t)
  local pbkdf2, scrypt, hkdf = { "pässword", "salt", 1000, 50, "sha512" }, { "pässword", "salt", 50, { N = 1024, r = 4, p = 3 } }, { "sha384", "key", "salt", "info", 100 }
  local jwks = {}
  for i, kind in ipairs { { "rsa", { modulusLength = 512 } }, { "ec", { namedCurve = "P-256" } }, { "ed448" } } do
    jwks[i] = crypto.generateKeyPairSync(kind[1], kind[2]).privateKey:export { format = "jwk" }
  end
  local counters = {}
  for _, bits in ipairs { 3, 8, 31, 32, 33, 64, 100, 128 } do
    for _, last in ipairs { "fe", "f8", "ff", "00" } do counters[#counters + 1] = { counter = ("f"):rep(30) .. last, length = bits } end
    counters[#counters + 1] = { counter = random(16), length = bits }
  end
  local key, data = random(16), random(16 * 7 + 3)
  local answer = ask { kdf = { pbkdf2 = pbkdf2, scrypt = scrypt, hkdf = hkdf }, jwk = { list = jwks }, ctr = { list = counters, key = key, data = data } }
  t:equal(crypto.pbkdf2Sync(unpack(pbkdf2)):toString "hex", answer.kdf[1])
  t:equal(crypto.scryptSync(unpack(scrypt)):toString "hex", answer.kdf[2])
  t:equal(crypto.hkdfSync(unpack(hkdf)):toString "hex", answer.kdf[3])
  for i, jwk in ipairs(jwks) do t:deep(answer.jwk[i], jwk) end
  local subtle = crypto.subtle
  local k = await(subtle:importKey("raw", hex(key), "AES-CTR", false, { "encrypt" }))
  for i, c in ipairs(counters) do
    t:equal(await(subtle:encrypt({ name = "AES-CTR", counter = hex(c.counter), length = c.length }, k, hex(data))):toString "hex", answer.ctr[i],
      c.counter .. " " .. c.length)
  end
end)
