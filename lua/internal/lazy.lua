-- SPDX-License-Identifier: MIT
--
-- What a module gives only when asked for:
--
--   lazy(M, { name = function() return value end, … }, { name = { get, set }, … }) -> M
--
-- A value of the first table is kept as a plain field; those of the second are asked for and set by functions each time.
-- The names stand in the metatable's fields `lazy` and `live`, for those that list a module.
local rawset, setmetatable = rawset, setmetatable

return function(module, lazy, live)
  local mt = { lazy = lazy, live = live }
  function mt.__index(t, name)
    local make = lazy[name]
    if make ~= nil then
      local value = make()
      rawset(t, name, value)
      return value
    end
    local property = live and live[name]
    if property then return property[1]() end
  end
  if live then
    function mt.__newindex(t, name, value)
      local property = live[name]
      if not property then return rawset(t, name, value) end
      if property[2] then property[2](value) end
    end
  end
  return setmetatable(module, mt)
end
