-- SPDX-License-Identifier: MIT
--
-- CryptoKey (Web Cryptography API, 13; Node 20 docs: class CryptoKey): a KeyObject with what it may be used for.
--
--   make(keyObject, algorithm, usages, extractable) -> CryptoKey        programs cannot make one
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local inspect_custom = require "lunode.internal.inspect_custom"
local shape = require "lunode.internal.shape"

local rawget, setmetatable, ipairs = rawget, setmetatable, ipairs

local CryptoKey = class "CryptoKey"
function CryptoKey:initialize() error(errors.ERR_ILLEGAL_CONSTRUCTOR(), 0) end

for name, get in pairs {
  type = function(self) return rawget(self, "_keyObject").type end,
  extractable = function(self) return rawget(self, "_extractable") end,
  algorithm = function(self) return rawget(self, "_algorithm") end,
  usages = function(self) return rawget(self, "_usages") end,
} do
  CryptoKey:accessor(name, function(self)
    if rawget(self, "_keyObject") == nil then error(errors.ERR_INVALID_THIS "CryptoKey", 0) end
    return get(self)
  end)
end

CryptoKey.prototype[inspect_custom] = function(self, depth, options, inspect)
  if type(depth) == "number" and depth < 0 then return "[CryptoKey]" end
  return "CryptoKey " .. inspect({ type = self.type, extractable = self.extractable, algorithm = self.algorithm, usages = self.usages }, options)
end

-- Each usage once, in the order given.
local function unique(usages)
  local out, seen = setmetatable({}, shape.ARRAY), {}
  for _, usage in ipairs(usages) do
    if not seen[usage] then
      seen[usage] = true
      out[#out + 1] = usage
    end
  end
  return shape.list(out)
end

return {
  CryptoKey = CryptoKey,
  is = function(value) return CryptoKey:is(value) and rawget(value, "_keyObject") ~= nil end,
  make = function(key, algorithm, usages, extractable)
    return setmetatable({ _keyObject = key, _algorithm = shape.dict(algorithm), _usages = unique(usages), _extractable = extractable }, CryptoKey.meta)
  end,
}
