-- SPDX-License-Identifier: MIT
--
-- described(Class, names, title): how util.inspect shows the instances: `title`, or the class's name, and these properties in this order.
local inspect_custom = require "lunode.internal.inspect_custom"

return function(Class, names, title)
  Class.prototype[inspect_custom] = function(self, depth, options, inspect)
    local name = title or self.constructor.name
    if type(depth) == "number" and depth < 0 then return self end
    inspect = inspect or require("lunode.util").inspect
    local inner = {}
    for k, v in pairs(options or {}) do inner[k] = v end
    if type(inner.depth) == "number" then inner.depth = inner.depth - 1 end
    local parts = {}
    for i, key in ipairs(names) do parts[i] = "  " .. key .. ": " .. inspect(self[key], inner):gsub("\n", "\n  ") end
    return name .. " {\n" .. table.concat(parts, ",\n") .. "\n}"
  end
end
