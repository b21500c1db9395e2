-- SPDX-License-Identifier: MIT
local rt = ...
local face = rt.face

function rt.complete.net(view, module)
  local P = face(module.Server).prototype
  rt.null_methods(P, "address")
  rt.null_properties(P, "_handle")
  rt.lua.rawset(face(module.Socket).prototype, "_nulls", { lookup = "first" })
  for _, name in rt.lua.ipairs { "isIP", "isIPv4", "isIPv6" } do
    local is = view[name]
    rt.put(view, name, { bits = 7, value = rt.native(name, 1, function(_, s)
      if rt.is_object(s) then s = rt.text(s) end
      return (is(nil, s))
    end) })
  end
  rt.null_properties(face(module.Socket).prototype, "_handle server parser _httpMessage")
end
