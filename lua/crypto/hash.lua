-- SPDX-License-Identifier: MIT
--
-- Hash, Hmac and hash() (Node 20 docs: class Hash, class Hmac, crypto.hash). Both are Transforms as well: what is written is
-- digested, the digest can be read after the end.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"
local util = require "lunode.crypto.util"
local LazyTransform = require "lunode.crypto.lazy_transform"
local Buffer = require("lunode.buffer").Buffer

local native, check, data, normalize = util.native, util.check, util.data, validators.normalizeEncoding
local hashNew, hashUpdate, hashDigest = native.hashNew, native.hashUpdate, native.hashDigest
local rawget, rawset, type, error, tostring = rawget, rawset, type, error, tostring
local lazy = LazyTransform.lazy

local digests = {} -- name -> digest object

-- The digest of a name; nil and the problem where there is none.
local function digest_named(name)
  local d = digests[name]
  if d then return d end
  local problem
  d, problem = native.digest(name)
  if d then digests[name] = d end
  return d, problem
end

-- The encoding of a result: nil for a Buffer.
local function output(encoding)
  if encoding == nil or encoding == "hex" or encoding == "base64" then return encoding end
  encoding = tostring(encoding)
  if encoding == "" then return nil end
  return normalize(encoding)
end

local function in_text(result, encoding)
  if encoding and type(result) ~= "string" then return result:toString(encoding) end
  return result
end

-- ---- Hash

local Hash = class("Hash", LazyTransform)

-- Hash(algorithm: string, options?: table)
function Hash:initialize(algorithm, options)
  local from
  if Hash:is(algorithm) then
    from = rawget(algorithm, "_handle")
  else
    validators.validateString(algorithm, "algorithm")
  end
  local length = util.option(options, "outputLength")
  if length ~= nil then validators.validateUint32(length, "options.outputLength") end
  if not from then
    local problem
    from, problem = digest_named(algorithm)
    if not from then error(util.failure(problem, "Digest method not supported"), 0) end
  end
  rawset(self, "_handle", (check(hashNew(from, length))))
  rawset(self, "_finalized", false)
  lazy(self, options)
end

-- copy(options?: table) -> Hash; in the same state
function Hash:copy(options)
  if rawget(self, "_finalized") then error(errors.ERR_CRYPTO_HASH_FINALIZED(), 0) end
  return Hash(self, options)
end

local function update(feed)
  -- update(data: string|Buffer, inputEncoding?: string) -> Hash|Hmac; itself
  return function(self, chunk, encoding)
    if rawget(self, "_finalized") then error(errors.ERR_CRYPTO_HASH_FINALIZED(), 0) end
    if type(chunk) ~= "string" or encoding ~= nil then chunk = data(chunk, encoding) end
    if not feed(rawget(self, "_handle"), chunk) then error(errors.ERR_CRYPTO_HASH_UPDATE_FAILED(), 0) end
    return self
  end
end

local function transform(feed)
  return function(self, chunk, encoding, callback)
    callback = validators.callback(callback, "callback")
    if not feed(rawget(self, "_handle"), data(chunk, encoding)) then return callback(errors.ERR_CRYPTO_HASH_UPDATE_FAILED()) end
    callback()
  end
end

Hash.prototype.update = update(hashUpdate)
Hash.prototype._transform = transform(hashUpdate)

-- digest(encoding?: string) -> Buffer|string; once
function Hash:digest(encoding)
  if rawget(self, "_finalized") then error(errors.ERR_CRYPTO_HASH_FINALIZED(), 0) end
  encoding = output(encoding)
  local done = rawget(self, "_result") -- the stream has ended before
  rawset(self, "_finalized", true)
  if done then return in_text(encoding and done or Buffer.from(done), encoding) end
  return in_text(check(hashDigest(rawget(self, "_handle"), encoding)), encoding)
end

function Hash:_flush(callback)
  callback = validators.callback(callback, "callback")
  if rawget(self, "_finalized") then return callback(errors.ERR_CRYPTO_HASH_FINALIZED()) end
  local result, problem = hashDigest(rawget(self, "_handle"))
  if not result then return callback(util.failure(problem)) end
  rawset(self, "_result", Buffer.from(result))
  self:push(result)
  callback()
end

-- ---- Hmac

local Hmac = class("Hmac", LazyTransform)

-- Hmac(algorithm: string, key: string|Buffer|KeyObject, options?: table)
function Hmac:initialize(algorithm, key, options)
  validators.validateString(algorithm, "hmac")
  key = require("lunode.crypto.keys").prepare_secret(key, util.string_option(options, "encoding"))
  local digest = digest_named(algorithm)
  if not digest then error(util.coded("ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: " .. algorithm), 0) end
  rawset(self, "_handle", (check(native.hmacNew(digest, key))))
  rawset(self, "_finalized", false)
  lazy(self, options)
end

Hmac.prototype.update = update(native.hmacUpdate)
Hmac.prototype._transform = transform(native.hmacUpdate)

-- digest(encoding?: string) -> Buffer|string; as Node has it, an hmac that is over gives nothing instead of an error
function Hmac:digest(encoding)
  encoding = output(encoding)
  if rawget(self, "_finalized") then return encoding and "" or Buffer.alloc(0) end
  rawset(self, "_finalized", true)
  return in_text(check(native.hmacDigest(rawget(self, "_handle"), encoding)), encoding)
end

function Hmac:_flush(callback)
  callback = validators.callback(callback, "callback")
  self:push(self:digest())
  callback()
end

-- ---- in one call

-- hash(algorithm: string, data: string|Buffer, outputEncoding?: string) -> string|Buffer; in one call. The encoding is "hex" when it is not given; "buffer" for a Buffer
-- Example:
--   print(require("crypto").hash("sha1", "abc"))   --> a9993e364706816aba3e25717850c26c9cd0d89d
local function hash(algorithm, input, encoding)
  validators.validateString(algorithm, "algorithm")
  if type(input) ~= "string" and not util.is_buffer(input) then
    error(errors.ERR_INVALID_ARG_TYPE("input", { "Buffer", "TypedArray", "DataView", "string" }, input), 0)
  end
  local known = "hex"
  if encoding ~= nil and encoding ~= "hex" then
    validators.validateString(encoding, "outputEncoding")
    known = normalize(encoding)
    if known == nil and encoding:lower() ~= "buffer" then error(errors.ERR_INVALID_ARG_VALUE("outputEncoding", encoding), 0) end
  end
  local digest, problem = digest_named(algorithm)
  if not digest then error(util.failure(problem, ("Digest method %s is not supported"):format(algorithm)), 0) end
  return in_text(check(native.hashOnce(digest, input, known)), known)
end

return { Hash = Hash, Hmac = Hmac, hash = hash, digest_named = digest_named }
