-- SPDX-License-Identifier: MIT
--
-- constants (deprecated in Node): those of os, fs and crypto in one table.
local shape = require "lunode.internal.shape"

local all = {}
local os_constants = require("lunode.os").constants
local groups = { os_constants.dlopen, os_constants.errno, os_constants.priority, os_constants.signals, require("lunode.fs").constants,
  require("lunode.crypto").constants }
for _, group in ipairs(groups) do
  for name, value in pairs(group) do all[name] = value end
end
return shape.dict(all)
