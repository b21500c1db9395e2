-- SPDX-License-Identifier: MIT
--
-- Percent-encoding (WHATWG URL, clause 1.3). A set is a table from byte to true; bytes from 0x7f on are in every set.
--   encode(text, set) · decode(text) · encode.sets.fragment, query, special_query, path, userinfo, component, form, c0
local M = { sets = {} }

local function set(from, more)
  local s = {}
  for byte in pairs(from) do s[byte] = true end
  for i = 1, #more do s[more:byte(i)] = true end
  return s
end

local c0 = {}
for byte = 0, 31 do c0[byte] = true end
for byte = 127, 255 do c0[byte] = true end
local sets = M.sets
sets.c0 = c0
sets.fragment = set(c0, ' "<>`')
sets.query = set(c0, ' "#<>')
sets.special_query = set(sets.query, "'")
sets.path = set(sets.query, "?`{}")
sets.userinfo = set(sets.path, "/:;=@[\\]^|")
sets.component = set(sets.userinfo, "$%&+,")
sets.form = set(sets.component, "!'()~")

local hex = {}
for byte = 0, 255 do hex[byte] = ("%%%02X"):format(byte) end

local replacers = setmetatable({}, { __mode = "k" })
local function replacer(s)
  local r = {}
  for byte in pairs(s) do r[string.char(byte)] = hex[byte] end
  replacers[s] = r
  return r
end

function M.encode(text, s)
  if not text:find "[^%w%-%._]" then return text end
  return (text:gsub("[^%w]", replacers[s] or replacer(s)))
end

function M.decode(text)
  if not text:find("%", 1, true) then return text end
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

return M
