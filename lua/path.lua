-- SPDX-License-Identifier: MIT
-- path: the POSIX functions, with path.posix and path.win32. Source: Node 20 docs, "Path".
local posix = require "lunode.path.posix"
posix.posix = posix
return require "lunode.internal.lazy"(posix, {
  win32 = function()
    local win32 = require "lunode.path.win32"
    win32.posix, win32.win32 = posix, win32
    return win32
  end,
})
