-- SPDX-License-Identifier: MIT
local rt = ...
local L = rt.lua
local native, put = rt.native, rt.put

function rt.complete.domain(view, module)
  rt.through(view, module, "_stack")
  local process = rt.node_module "process"
  put(process, "domain", { accessor = true, bits = 6,
    get = native("get domain", 0, L.setfenv(module._current, rt.global)),
    set = native("set domain", 1, L.setfenv(function() end, rt.global)) })
end
