-- SPDX-License-Identifier: MIT
--
-- RSA on short messages (Node 20 docs: crypto.publicEncrypt …): fn(key, bytes) -> Buffer. A key given as a table may have padding
-- (crypto.constants), oaepHash (name, "sha1"), oaepLabel (bytes), encoding (of those that are text).
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"
local util = require "lunode.crypto.util"
local keys = require "lunode.crypto.keys"

local native = util.native
local constants = native.constants

local function rsa(operation, prepare, default_padding)
  return function(options, buffer)
    local key = prepare(options)
    local padding, hash, label, encoding
    if type(options) == "table" and not keys.is_key(options) and options ~= errors.null then
      padding, hash, label, encoding = util.option(options, "padding"), util.option(options, "oaepHash"), util.option(options, "oaepLabel"), util.option(options, "encoding")
    end
    if padding ~= nil then validators.validateInt32(padding, "options.padding") end
    if padding == nil or padding == 0 then padding = default_padding end
    if hash ~= nil then validators.validateString(hash, "key.oaepHash") end
    if label ~= nil then label = util.bytes(label, "key.oaepLabel", encoding) end
    buffer = util.bytes(buffer, "buffer", encoding)
    return (util.check(native.rsaCrypt(operation, key, buffer, padding, hash, label)))
  end
end

return {
  -- publicEncrypt(key: KeyObject|CryptoKey|string|Buffer|table, data: string|Buffer) -> Buffer; RSA_PKCS1_OAEP_PADDING unless the key's padding says otherwise
  publicEncrypt = rsa("encrypt", keys.prepare_public, constants.RSA_PKCS1_OAEP_PADDING),
  -- privateDecrypt(key: KeyObject|CryptoKey|string|Buffer|table, data: string|Buffer) -> Buffer; what publicEncrypt made
  privateDecrypt = rsa("decrypt", keys.prepare_private, constants.RSA_PKCS1_OAEP_PADDING),
  -- privateEncrypt(key: KeyObject|CryptoKey|string|Buffer|table, data: string|Buffer) -> Buffer; RSA_PKCS1_PADDING: a signature without a digest
  privateEncrypt = rsa("sign", keys.prepare_private, constants.RSA_PKCS1_PADDING),
  -- publicDecrypt(key: KeyObject|CryptoKey|string|Buffer|table, data: string|Buffer) -> Buffer; what privateEncrypt made
  publicDecrypt = rsa("recover", keys.prepare_public, constants.RSA_PKCS1_PADDING),
}
