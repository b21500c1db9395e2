-- SPDX-License-Identifier: MIT
--
-- Symbols: keys and event names that clash with no string.
--
--   symbols.new(description) -> a fresh one; symbols["for"](key) -> the one registered under key
--   symbols.is(x); symbols.meta is their metatable
--   symbols.asyncIterator, iterator, toPrimitive, dispose, asyncDispose, …: the well-known ones
local M = {}

local meta = { __name = "symbol" }
meta.__index = meta
function meta:__tostring() return "Symbol(" .. self.description .. ")" end
meta.__metatable = nil
M.meta = meta

function M.new(description)
  return setmetatable({ description = description == nil and "" or tostring(description) }, meta)
end

function M.is(x) return getmetatable(x) == meta end

local registered = {}
M["for"] = function(key)
  local found = registered[key]
  if not found then
    found = M.new(key)
    registered[key] = found
  end
  return found
end

for _, name in ipairs { "asyncIterator", "iterator", "toPrimitive", "toStringTag", "hasInstance", "species", "dispose", "asyncDispose" } do
  M[name] = M.new("Symbol." .. name)
end
M.dispose.description, M.asyncDispose.description = "nodejs.dispose", "nodejs.asyncDispose" -- as in Node 20

return M
