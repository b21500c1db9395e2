-- SPDX-License-Identifier: MIT
-- path: the POSIX functions, with path.posix and path.win32. Source: Node 20 docs, "Path".
local posix = require "lunode.path.posix"
posix.posix = posix
return setmetatable(posix, { __index = function(t, name)
  if name ~= "win32" then return nil end
  local win32 = require "lunode.path.win32"
  win32.posix, win32.win32 = t, win32
  rawset(t, "win32", win32)
  return win32
end })
