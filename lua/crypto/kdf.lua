-- SPDX-License-Identifier: MIT
--
-- Keys from passwords and from other keys (Node 20 docs: crypto.pbkdf2, crypto.scrypt, crypto.hkdf). Each -> Buffer;
-- those with a callback work on the thread pool: callback(err, key). Lengths are bytes.
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"
local util = require "lunode.crypto.util"

local native, bytes = util.native, util.bytes
local type, error = type, error

local M = {}

local function pbkdf2(async, callback, password, salt, iterations, length, digest)
  validators.validateString(digest, "digest")
  password, salt = bytes(password, "password"), bytes(salt, "salt")
  validators.validateInt32(iterations, "iterations", 1)
  validators.validateInt32(length, "keylen", 0)
  if async then callback = validators.callback(callback, "callback") end
  return util.job(native.pbkdf2, callback, nil, password, salt, iterations, length, digest)
end

-- pbkdf2(password: string|Buffer, salt: string|Buffer, iterations: integer, keylen: integer, digest: string, callback: fun(err: Error?, key: Buffer))
function M.pbkdf2(password, salt, iterations, length, digest, callback)
  if type(digest) == "function" then digest, callback = nil, digest end
  pbkdf2(true, callback, password, salt, iterations, length, digest)
end
-- pbkdf2Sync(password: string|Buffer, salt: string|Buffer, iterations: integer, keylen: integer, digest: string) -> Buffer
-- Example:
--   print(require("crypto").pbkdf2Sync("password", "salt", 1, 20, "sha1"):toString "hex")   --> 0c60c80f961f0e71f3a9b524af6012062fe037a6
function M.pbkdf2Sync(password, salt, iterations, length, digest) return pbkdf2(false, nil, password, salt, iterations, length, digest) end

local DEFAULTS = { N = 16384, r = 8, p = 1, maxmem = 32 * 1024 * 1024 }
local SCRYPT = { { "N", "cost" }, { "r", "blockSize" }, { "p", "parallelization" } }

local function scrypt_options(options)
  local o = {}
  for _, names in ipairs(SCRYPT) do
    local short, long = names[1], names[2]
    local value = util.option(options, short)
    if value ~= nil then validators.validateUint32(value, short) end
    local other = util.option(options, long)
    if other ~= nil then
      if value ~= nil then error(errors.ERR_CRYPTO_SCRYPT_INVALID_PARAMETER(), 0) end
      validators.validateUint32(other, long)
      value = other
    end
    o[short] = (value == nil or value == 0) and DEFAULTS[short] or value
  end
  o.maxmem = util.option(options, "maxmem")
  if o.maxmem ~= nil then validators.validateInteger(o.maxmem, "maxmem", 0) end
  if o.maxmem == nil or o.maxmem == 0 then o.maxmem = DEFAULTS.maxmem end
  return o
end

local function scrypt(async, callback, password, salt, length, options)
  password, salt = bytes(password, "password"), bytes(salt, "salt")
  validators.validateInt32(length, "keylen", 0)
  local o = scrypt_options(options)
  if async then callback = validators.callback(callback, "callback") end
  return util.job(native.scrypt, callback, nil, password, salt, length, o.N, o.r, o.p, o.maxmem)
end

-- scrypt(password: string|Buffer, salt: string|Buffer, keylen: integer, options?: table, callback: fun(err: Error?, key: Buffer))
-- options: N or cost (16384), r or blockSize (8), p or parallelization (1), maxmem (bytes, 32 MiB)
function M.scrypt(password, salt, length, options, callback)
  if callback == nil then options, callback = nil, options end
  scrypt(true, callback, password, salt, length, options)
end
-- scryptSync(password: string|Buffer, salt: string|Buffer, keylen: integer, options?: table) -> Buffer
function M.scryptSync(password, salt, length, options) return scrypt(false, nil, password, salt, length, options) end

local SOURCE = { "string", "ArrayBuffer", "TypedArray", "DataView", "Buffer" }
local function source(value, name)
  if not util.is_bytes(value) then error(errors.ERR_INVALID_ARG_TYPE(name, SOURCE, value), 0) end
  return value
end

local function hkdf(async, callback, digest, key, salt, info, length)
  validators.validateString(digest, "digest")
  local keys = require "lunode.crypto.keys"
  if keys.is_key(key) then
    key = keys.prepare_secret(key)
  elseif not util.is_bytes(key) then
    error(errors.ERR_INVALID_ARG_TYPE("ikm", { "string", "SecretKeyObject", "ArrayBuffer", "TypedArray", "DataView", "Buffer" }, key), 0)
  end
  source(salt, "salt")
  source(info, "info")
  validators.validateInteger(length, "length", 0, 2147483647)
  if #info > 1024 then error(errors.ERR_OUT_OF_RANGE("info", "must not contain more than 1024 bytes", #info), 0) end
  if async then callback = validators.callback(callback, "callback") end
  return util.job(native.hkdf, callback, nil, digest, key, salt, info, length)
end

-- hkdf(digest: string, key: string|Buffer|KeyObject, salt: string|Buffer, info: string|Buffer, keylen: integer, callback: fun(err: Error?, key: Buffer))
function M.hkdf(digest, key, salt, info, length, callback) hkdf(true, callback, digest, key, salt, info, length) end
-- hkdfSync(digest: string, key: string|Buffer|KeyObject, salt: string|Buffer, info: string|Buffer, keylen: integer) -> Buffer
function M.hkdfSync(digest, key, salt, info, length) return hkdf(false, nil, digest, key, salt, info, length) end

return M
