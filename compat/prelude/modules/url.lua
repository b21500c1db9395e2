-- SPDX-License-Identifier: MIT
local rt = ...
local L = rt.lua
local rawget, ipairs = L.rawget, L.ipairs

-- A parsed URL has all of these, in this order.
local LEGACY = { "protocol", "slashes", "auth", "host", "port", "hostname", "hash", "search", "query", "pathname", "path", "href" }

function rt.complete.url(view, module)
  local P = rt.face(module.URLSearchParams).prototype
  rt.null_methods(P, "get")
  for _, name in ipairs { "entries", "keys", "values" } do
    local make = rawget(P, name)
    rt.native_method(P, name, 0, function(this) return rt.iterator_over(make(this)) end)
  end
  rt.hide(P, rt.symbols.iterator, P.entries)
  local parse = view.parse
  rt.put(view, "parse", { bits = 7, value = rt.native("parse", 3, L.setfenv(function(_, ...)
    local parsed = parse(nil, ...)
    local o = rt.object_of(rt.proto_of(parsed))
    for _, key in ipairs(LEGACY) do
      local v = rawget(parsed, key)
      if v == nil then v = rt.null end
      rt.define_data(o, key, v)
    end
    return o
  end, rt.global)) })
end
