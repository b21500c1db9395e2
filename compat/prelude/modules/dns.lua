-- SPDX-License-Identifier: MIT
local rt = ...
local L = rt.lua
local validators = L.require "lunode.internal.validators"

-- A `lookup` that a program puts in place of dns.lookup is what net and dgram use.
function rt.complete.dns(view, module)
  local shown = view.lookup
  rt.put(view, "lookup", { accessor = true, late = true, bits = 6,
    get = rt.native("get lookup", 0, L.setfenv(function() return shown end, rt.global)),
    set = rt.native("set lookup", 1, L.setfenv(function(_, f)
      shown = f
      if L.type(f) ~= "function" then return end
      module.lookup = f == rt.faces[module._own_lookup] and module._own_lookup or validators.callback(f)
    end, rt.global)) })
end
