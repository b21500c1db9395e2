-- SPDX-License-Identifier: MIT
--
-- Ciphers (Node 20 docs: class Cipher, class Decipher, crypto.createCipheriv, crypto.getCipherInfo). Each is a Transform as well.
-- options: authTagLength (bytes; CCM and OCB need it), encoding (of a key that is text), and the stream's.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"
local util = require "lunode.crypto.util"
local LazyTransform = require "lunode.crypto.lazy_transform"

local native, data, bytes = util.native, util.data, util.bytes
local rawget, rawset, type, error = rawget, rawset, type, error
local null = errors.null

local M = {}

-- A whole number from 0 on, or -1 when it is not given.
local function unsigned_option(options, key)
  local value = util.option(options, key)
  if value == nil then return -1 end
  if type(value) ~= "number" or value % 1 ~= 0 or value < 0 or value > 4294967295 then
    error(errors.ERR_INVALID_ARG_VALUE("options." .. key, value), 0)
  end
  return value
end

local function begin(self, options, handle, problem)
  if not handle then error(util.failure(problem), 0) end
  rawset(self, "_handle", handle)
  rawset(self, "_decoder", false)
  LazyTransform.lazy(self, options)
end

local function with_iv(self, encrypt, name, key, iv, options)
  validators.validateString(name, "cipher")
  local encoding = util.string_option(options, "encoding")
  key = require("lunode.crypto.keys").prepare_secret(key, encoding)
  if iv == null then iv = nil end
  if iv ~= nil then iv = bytes(iv, "iv") end
  begin(self, options, native.cipherNew(name, encrypt, key, iv, unsigned_option(options, "authTagLength")))
end

local function with_password(self, encrypt, name, password, options)
  validators.validateString(name, "cipher")
  password = bytes(password, "password")
  begin(self, options, native.cipherNewFromPassword(name, encrypt, password, unsigned_option(options, "authTagLength")))
end

local Cipheriv = class("Cipheriv", LazyTransform)
function Cipheriv:initialize(name, key, iv, options) with_iv(self, true, name, key, iv, options) end
local Decipheriv = class("Decipheriv", LazyTransform)
function Decipheriv:initialize(name, key, iv, options) with_iv(self, false, name, key, iv, options) end
local Cipher = class("Cipher", LazyTransform)
function Cipher:initialize(name, password, options) with_password(self, true, name, password, options) end
local Decipher = class("Decipher", LazyTransform)
function Decipher:initialize(name, password, options) with_password(self, false, name, password, options) end
M.Cipheriv, M.Decipheriv, M.Cipher, M.Decipher = Cipheriv, Decipheriv, Cipher, Decipher

-- ---- what they have in common

local methods = {}

local function run(self, chunk)
  local out, problem = native.cipherUpdate(rawget(self, "_handle"), chunk)
  if not out then error(util.failure(problem, "Trying to add data in unsupported state"), 0) end
  return out
end

local function finish(self)
  local out, problem = native.cipherFinal(rawget(self, "_handle"))
  if out then return out end
  error(util.failure(problem, problem.authenticated and "Unsupported state or unable to authenticate data" or "Unsupported state"), 0)
end

-- One decoder for all the pieces: a character may lie across two of them.
local function decoder(self, encoding)
  local known = validators.normalizeEncoding(encoding)
  if not known then error(errors.ERR_UNKNOWN_ENCODING(encoding), 0) end
  local d = rawget(self, "_decoder")
  if not d then
    d = require("lunode.string_decoder").StringDecoder(encoding)
    rawset(self, "_decoder", d)
  elseif validators.normalizeEncoding(d.encoding) ~= known then
    error(errors.Error "Cannot change encoding", 0)
  end
  return d
end

local function is_text(encoding) return encoding ~= nil and encoding ~= "" and encoding ~= "buffer" end

-- update(data: string|Buffer, inputEncoding?: string, outputEncoding?: string) -> Buffer|string
function methods:update(chunk, input, output)
  local out = run(self, data(chunk, input))
  if is_text(output) then return decoder(self, output):write(out) end
  return out
end

-- final(outputEncoding?: string) -> Buffer|string; raises when the data is not whole or not authentic
function methods:final(output)
  local out = finish(self)
  if is_text(output) then return decoder(self, output):finish(out) end
  return out
end

function methods:_transform(chunk, encoding, callback)
  callback = validators.callback(callback, "callback")
  local ok, out = pcall(run, self, data(chunk, encoding))
  if not ok then return callback(out) end
  self:push(out)
  callback()
end

function methods:_flush(callback)
  callback = validators.callback(callback, "callback")
  local ok, out = pcall(finish, self)
  if not ok then return callback(out) end
  self:push(out)
  callback()
end

local function require_state(done, name, self)
  if not done then error(errors.ERR_CRYPTO_INVALID_STATE(name), 0) end
  return self
end

-- setAutoPadding(on?: boolean) -> Cipheriv; itself. Without padding the data must be of whole blocks
function methods:setAutoPadding(on)
  return require_state(native.cipherSetAutoPadding(rawget(self, "_handle"), on == nil or on ~= false and on ~= null), "setAutoPadding", self)
end

-- setAAD(data: string|Buffer, options?: table) -> Cipheriv; itself. What is authenticated but not encrypted. options: plaintextLength (CCM needs it), encoding
function methods:setAAD(aad, options)
  local encoding, length = util.string_option(options, "encoding"), unsigned_option(options, "plaintextLength")
  aad = bytes(aad, "aadbuf", encoding)
  return require_state(util.check(native.cipherSetAAD(rawget(self, "_handle"), aad, length)), "setAAD", self)
end

for _, c in ipairs { Cipheriv, Decipheriv, Cipher, Decipher } do
  for name, method in pairs(methods) do c.prototype[name] = method end
end

-- getAuthTag() -> Buffer; after final()
local function get_tag(self)
  local tag = native.cipherGetAuthTag(rawget(self, "_handle"))
  return require_state(tag ~= nil, "getAuthTag", tag)
end
Cipheriv.prototype.getAuthTag, Cipher.prototype.getAuthTag = get_tag, get_tag

-- setAuthTag(tag: string|Buffer, encoding?: string) -> Decipheriv; itself. Before final(), of CCM before update()
local function set_tag(self, tag, encoding)
  tag = bytes(tag, "buffer", encoding)
  return require_state(util.check(native.cipherSetAuthTag(rawget(self, "_handle"), tag)), "setAuthTag", self)
end
Decipheriv.prototype.setAuthTag, Decipher.prototype.setAuthTag = set_tag, set_tag

-- getCipherInfo(nameOrNid: string|integer, options?: table) -> table?; {name, nid, mode, blockSize, ivLength, keyLength}, or nil for one that there is not, or not
-- with the keyLength or ivLength of `options`
function M.getCipherInfo(name, options)
  if type(name) ~= "string" and type(name) ~= "number" then error(errors.ERR_INVALID_ARG_TYPE("nameOrNid", { "string", "number" }, name), 0) end
  if type(name) == "number" then validators.validateInt32(name, "nameOrNid") end
  local key_length, iv_length
  if options ~= nil then
    validators.validateObject(options, "options")
    key_length, iv_length = options.keyLength, options.ivLength
    if key_length ~= nil then validators.validateInt32(key_length, "options.keyLength") end
    if iv_length ~= nil then validators.validateInt32(iv_length, "options.ivLength") end
  end
  local info = native.cipherInfo(name, key_length, iv_length)
  if not info then return nil end
  info.name = info.name:lower()
  return shape.dict(info)
end

return M
