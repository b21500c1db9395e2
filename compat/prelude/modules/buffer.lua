-- SPDX-License-Identifier: MIT
local rt = ...
local L = rt.lua

function rt.complete.buffer(view, module)
  rt.put(view, "INSPECT_MAX_BYTES", { accessor = true, bits = 6,
    get = rt.native("get INSPECT_MAX_BYTES", 0, L.setfenv(function() return module.INSPECT_MAX_BYTES end, rt.global)),
    set = rt.native("set INSPECT_MAX_BYTES", 1, L.setfenv(function(_, v)
      L.require("lunode.internal.validators").validateNumber(v, "INSPECT_MAX_BYTES", 0)
      module.INSPECT_MAX_BYTES = v
    end, rt.global)) })
end
