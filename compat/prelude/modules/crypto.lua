-- SPDX-License-Identifier: MIT
local rt = ...
local L = rt.lua
local type, rawget, rawset, ipairs = L.type, L.rawget, L.rawset, L.ipairs
local promise = L.require "lunode.internal.promise"
local is_buffer = L.require("lunode.core").buffer.is

local function native(name, length, f) return rt.native(name, length, L.setfenv(f, rt.global)) end

local CLASSES = { "Certificate", "Cipher", "Cipheriv", "Decipher", "Decipheriv", "DiffieHellman", "DiffieHellmanGroup", "ECDH", "Hash", "Hmac", "Sign", "Verify",
  "X509Certificate" }

-- What Node gives as an ArrayBuffer.
local function as_array_buffer(v)
  if is_buffer(v) then return (rt.array_buffer_of(v)) end
  return v
end

local function gives_array_buffer(o, name)
  local f = o[name]
  rt.put(o, name, { bits = 7, value = native(name, rt.finfo(f).length, function(this, ...)
    local n = L.select("#", ...)
    local list = { ... }
    local cb = list[n]
    if type(cb) == "function" then list[n] = native("", 2, function(_, err, v) return (cb(nil, err, as_array_buffer(v))) end) end
    return as_array_buffer((f(this, L.unpack(list, 1, n))))
  end) })
end

function rt.complete.crypto(view, module)
  rt.bytes_doors(view)
  for _, name in ipairs(CLASSES) do
    local C = module[name]
    local F = rt.face(C)
    local P = F.prototype
    rt.bytes_doors(F)
    local initialize = rawget(P, "initialize")
    if initialize then rawset(P, "initialize", rt.bytes_door(initialize)) end
    rt.bytes_doors(P)
  end
  for _, name in ipairs { "hkdf", "hkdfSync", "generatePrime", "generatePrimeSync" } do gives_array_buffer(view, name) end

  rt.readonly(rt.face(module.KeyObject).prototype, rt.symbols.toStringTag, "KeyObject")
  local web = L.require "lunode.crypto.webcrypto"
  rt.bytes_doors(rt.face(web.Crypto).prototype)
  local S = rt.face(web.SubtleCrypto).prototype
  rt.bytes_doors(S)
  for _, name in ipairs { "encrypt", "decrypt", "sign", "digest", "deriveBits", "exportKey", "wrapKey" } do
    local f = S[name]
    rt.put(S, name, { bits = 7, value = native(name, rt.finfo(f).length, function(this, ...)
      local out = promise.new()
      promise.subscribe(f(this, ...), { _job = function(_, ok, v)
        if ok then promise.resolve(out, as_array_buffer(v)) else promise.reject(out, v) end
      end })
      return out
    end) })
  end
end
