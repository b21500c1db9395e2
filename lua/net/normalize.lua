-- SPDX-License-Identifier: MIT
--
-- The argument forms that listen and connect share: (options[, cb]), (path[, cb]), (port[, host][, cb]).
local errors = require "lunode.internal.errors"
local type, select = type, select

local M = {}

-- Text that is no number is a path.
function M.is_path(x) return type(x) == "string" and not (tonumber(x) and tonumber(x) >= 0) end

-- -> options (a fresh table but for a given one), callback or nil
function M.args(...)
  local n = select("#", ...)
  local first, second = ...
  local options
  if n == 0 then return {}, nil end
  if type(first) == "table" and first ~= errors.null then
    options = first
  elseif M.is_path(first) then
    options = { path = first }
  else
    if first == errors.null or type(first) == "function" then first = nil end
    options = { port = first }
    if n > 1 and type(second) == "string" then options.host = second end
  end
  local cb = select(n, ...)
  if type(cb) ~= "function" then cb = nil end
  return options, cb
end

return M
