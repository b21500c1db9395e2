-- SPDX-License-Identifier: MIT
local rt = ...
local L = rt.lua

function rt.complete.buffer(view, module)
  for name in ("isAscii isUtf8"):gmatch "%S+" do
    local f = module[name]
    rt.put(view, name, { bits = 7, value = rt.native(name, 1, L.setfenv(function(_, input)
      if L.type(input) == "table" and input ~= rt.null and rt.is_detached(input) then
        L.error(L.require("lunode.internal.errors").ERR_INVALID_STATE "Cannot validate on a detached buffer", 0)
      end
      return (f(input))
    end, rt.global)) })
  end
  -- undefined is text where it is given.
  for name in ("atob btoa"):gmatch "%S+" do
    local f = module[name]
    rt.put(view, name, { bits = 7, value = rt.native(name, 1, L.setfenv(function(_, ...)
      if L.select("#", ...) == 0 then return f() end
      local input = ...
      return (f(rt.text(input)))
    end, rt.global)) })
  end
  rt.put(view, "INSPECT_MAX_BYTES", { accessor = true, bits = 6,
    get = rt.native("get INSPECT_MAX_BYTES", 0, L.setfenv(function() return module.INSPECT_MAX_BYTES end, rt.global)),
    set = rt.native("set INSPECT_MAX_BYTES", 1, L.setfenv(function(_, v)
      L.require("lunode.internal.validators").validateNumber(v, "INSPECT_MAX_BYTES", 0)
      module.INSPECT_MAX_BYTES = v
    end, rt.global)) })
end
