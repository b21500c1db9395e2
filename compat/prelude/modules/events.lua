-- SPDX-License-Identifier: MIT
local rt = ...
local L = rt.lua
local G, put, native = rt.global, rt.put, rt.native

function rt.complete.events(F, module)
  if not rt.has_own(F, "EventEmitter") then put(F, "EventEmitter", { value = F, bits = 7 }) end
  for _, name in L.ipairs { "defaultMaxListeners", "captureRejections" } do
    put(F, name, { accessor = true, bits = name == "captureRejections" and 6 or 2,
      get = native("get " .. name, 0, L.setfenv(function() return module[name] end, G)),
      set = native("set " .. name, 1, L.setfenv(function(_, v) module[name] = v end, G)) })
  end
  put(F, "EventEmitterAsyncResource", { accessor = true, bits = 6,
    get = native("get EventEmitterAsyncResource", 0, L.setfenv(function() return rt.face(module.EventEmitterAsyncResource) end, G)) })
end
