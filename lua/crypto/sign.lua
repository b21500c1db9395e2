-- SPDX-License-Identifier: MIT
--
-- Signatures (Node 20 docs: class Sign, class Verify, crypto.sign, crypto.verify). A key given as a table may have padding and
-- saltLength (crypto.constants) and dsaEncoding ("der", "ieee-p1363"). Sign and Verify are Writables as well.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"
local util = require "lunode.crypto.util"
local keys = require "lunode.crypto.keys"
local Writable = require("lunode.stream").Writable

local native, check = util.native, util.check
local PSS, MAX_SIGN = native.constants.RSA_PKCS1_PSS_PADDING, native.constants.RSA_PSS_SALTLEN_MAX_SIGN
local rawget, rawset, type, error = rawget, rawset, type, error

local M = {}

local function integer_option(options, name)
  local value = util.option(options, name)
  if value ~= nil and (type(value) ~= "number" or value % 1 ~= 0 or value < -2147483648 or value > 2147483647) then
    error(errors.ERR_INVALID_ARG_VALUE("options." .. name, value), 0)
  end
  return value
end

-- padding, salt length, whether r and s stand side by side
local function signature_options(key)
  if type(key) ~= "table" then return nil, nil, false end
  local padding, salt = integer_option(key, "padding"), integer_option(key, "saltLength")
  if padding == PSS and salt == nil then salt = MAX_SIGN end
  local encoding = util.option(key, "dsaEncoding")
  if encoding ~= nil and encoding ~= "der" and encoding ~= "ieee-p1363" then
    error(errors.ERR_INVALID_ARG_VALUE("options.dsaEncoding", encoding), 0)
  end
  return padding, salt, encoding == "ieee-p1363"
end

local function require_key(key)
  if key == nil or key == errors.null or key == false or key == "" then error(errors.ERR_CRYPTO_SIGN_KEY_REQUIRED(), 0) end
end

-- ---- classes

local function begin(self, algorithm, options)
  validators.validateString(algorithm, "algorithm")
  rawset(self, "_handle", (check(native.signNew(algorithm))))
  Writable.prototype.initialize(self, options)
end

-- update(data: string|Buffer, inputEncoding?: string) -> Sign|Verify; itself
local function update(self, chunk, encoding)
  check(native.signUpdate(rawget(self, "_handle"), util.data(chunk, encoding)))
  return self
end

local function write(self, chunk, encoding, callback)
  callback = validators.callback(callback, "callback")
  local ok, err = pcall(self.update, self, chunk, encoding)
  if ok then callback() else callback(err) end
end

local Sign = class("Sign", Writable)
function Sign:initialize(algorithm, options) begin(self, algorithm, options) end
Sign.prototype.update, Sign.prototype._write = update, write

-- sign(privateKey: KeyObject|CryptoKey|string|Buffer|table, outputEncoding?: string) -> Buffer|string; once
function Sign:sign(key, encoding)
  require_key(key)
  local handle = keys.prepare_private(key)
  local padding, salt, p1363 = signature_options(key)
  return util.encoded(check(native.signFinal(rawget(self, "_handle"), handle, padding, salt, p1363)), encoding)
end

local Verify = class("Verify", Writable)
function Verify:initialize(algorithm, options) begin(self, algorithm, options) end
Verify.prototype.update, Verify.prototype._write = update, write

-- verify(key: KeyObject|CryptoKey|string|Buffer|table, signature: string|Buffer, signatureEncoding?: string) -> boolean; once
function Verify:verify(key, signature, encoding)
  local handle = keys.prepare_public(key)
  local padding, salt, p1363 = signature_options(key)
  signature = util.bytes(signature, "signature", encoding)
  return (check(native.verifyFinal(rawget(self, "_handle"), handle, signature, padding, salt, p1363)))
end

M.Sign, M.Verify = Sign, Verify

-- ---- in one call

local function check_algorithm(algorithm)
  if algorithm == errors.null then return nil end
  if algorithm ~= nil then validators.validateString(algorithm, "algorithm") end
  return algorithm
end

-- sign(algorithm: string|nil, data: string|Buffer, privateKey: KeyObject|CryptoKey|string|Buffer|table, callback?: fun(err: Error?, signature: Buffer)) -> Buffer
-- A key that is a table may have padding, saltLength (crypto.constants), dsaEncoding ("der", "ieee-p1363"). Nothing comes back with a callback.
function M.sign(algorithm, data, key, callback)
  algorithm = check_algorithm(algorithm)
  callback = validators.optional_callback(callback, "callback")
  data = util.bytes(data, "data")
  require_key(key)
  local padding, salt, p1363 = signature_options(key)
  return util.job(native.sign, callback, nil, algorithm, keys.prepare_private(key), data, padding, salt, p1363)
end

-- verify(algorithm: string|nil, data: string|Buffer, key: KeyObject|CryptoKey|string|Buffer|table, signature: string|Buffer, callback?: fun(err: Error?, good: boolean)) -> boolean
-- The key as for sign; nothing comes back with a callback.
function M.verify(algorithm, data, key, signature, callback)
  algorithm = check_algorithm(algorithm)
  callback = validators.optional_callback(callback, "callback")
  data = util.bytes(data, "data")
  local padding, salt, p1363 = signature_options(key)
  if not util.is_bytes(signature) then error(errors.ERR_INVALID_ARG_TYPE("signature", { "Buffer", "TypedArray", "DataView" }, signature), 0) end
  return (util.job(native.verify, callback, nil, algorithm, keys.prepare_public(key), data, signature, padding, salt, p1363))
end

return M
