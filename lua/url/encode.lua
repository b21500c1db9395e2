-- SPDX-License-Identifier: MIT
--
-- Percent-decoding, and application/x-www-form-urlencoded (WHATWG URL, clauses 1.3 and 5).
--   decode(text) -> bytes · form_decode(text), form_encode(text) · utf16_order(text)
local char, find, format, gsub, tonumber = string.char, string.find, string.format, string.gsub, tonumber

local M = {}

local plain, escapes = {}, { [" "] = "+" }
for i = 0, 255 do plain[format("%02X", i)] = char(i) end
for i = 0, 255 do
  local c = char(i)
  if c ~= " " and not find(c, "[%w*%-._]") then escapes[c] = format("%%%02X", i) end
end

local function unescape(digits) return plain[digits] or char(tonumber(digits, 16)) end

local function decode(text)
  if not find(text, "%", 1, true) then return text end
  return (gsub(text, "%%(%x%x)", unescape))
end
M.decode = decode

function M.form_decode(text)
  if not find(text, "[+%%\128-\255]") then return text end
  text = decode((gsub(text, "+", " ")))
  if find(text, "[\128-\255]") then text = require("lunode.util.text_encoding").well_formed(text) end
  return text
end

function M.form_encode(text)
  if not find(text, "[^%w*%-._]") then return text end
  return (gsub(text, "[^%w*%-._]", escapes))
end

-- A key that sorts as bytes as `text` does by UTF-16 code units: characters beyond U+FFFF come before U+E000.
local HIGH = { ["\238"] = "\248", ["\239"] = "\249" }
function M.utf16_order(text)
  if not find(text, "[\238\239]") then return text end
  return (gsub(text, "[\238\239]", HIGH))
end

return M
