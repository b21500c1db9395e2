-- SPDX-License-Identifier: MIT
--
-- The classes of fetch: not there yet. They are there for `instanceof`; making one of them says so.
local class = require "lunode.internal.class"
local absent = require("lunode.internal.errors").notImplemented

local M = { fetch = absent "fetch" }
for _, name in ipairs { "Headers", "Request", "Response" } do
  M[name] = class(name)
  M[name].initialize = absent(name)
end

return M
