-- SPDX-License-Identifier: MIT
local rt = ...
local L = rt.lua

-- The serializers are JavaScript's own, and compiled when first used.
function rt.complete.v8(view)
  local G = rt.global
  local function of(name)
    rt.part "serdes"
    return rt.serdes[name]
  end
  for _, name in L.ipairs { "serialize", "deserialize" } do
    rt.put(view, name, { bits = 7, value = rt.native(name, 1, L.setfenv(function(_, v) return (of(name)(nil, v)) end, G)) })
  end
  for _, name in L.ipairs { "Serializer", "Deserializer", "DefaultSerializer", "DefaultDeserializer" } do
    rt.put(view, name, { accessor = true, late = true, bits = 7, get = rt.native("get " .. name, 0, L.setfenv(function()
      local class = of(name)
      rt.put(view, name, { bits = 7, value = class })
      return class
    end, G)), set = rt.native("set " .. name, 1, L.setfenv(function(_, v) rt.put(view, name, { bits = 7, value = v }) end, G)) })
  end
end
