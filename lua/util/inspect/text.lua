-- SPDX-License-Identifier: MIT
--
-- Strings and numbers as inspect prints them. Lengths are in UTF-16 units, as Node counts them; text is UTF-8, also with
-- lone surrogates in it (WTF-8).
--   quote(text), number(n, separated), integer(digits, separated), units(text), cut(text, units), strip(text), width(text)
local errors = require "lunode.internal.errors"

local type, concat, floor = type, table.concat, math.floor
local find, sub, byte, gsub, match = string.find, string.sub, string.byte, string.gsub, string.match

local M = {}

-- ---- quotes

local escapes = { ["\b"] = "\\b", ["\t"] = "\\t", ["\n"] = "\\n", ["\f"] = "\\f", ["\r"] = "\\r", ["\\"] = "\\\\" }
local function escape(c) return escapes[c] or ("\\x%02X"):format(byte(c)) end

-- The length of the UTF-8 sequence at i, and its code; nil where there is none.
local function sequence(text, i)
  local a, b, c, d = byte(text, i, i + 3)
  if a < 0xc2 or a > 0xf4 or not b or b < 0x80 or b > 0xbf then return nil end
  if a < 0xe0 then return 2, (a - 0xc0) * 64 + b - 0x80 end
  if not c or c < 0x80 or c > 0xbf then return nil end
  if a < 0xf0 then
    if a == 0xe0 and b < 0xa0 then return nil end
    return 3, (a - 0xe0) * 4096 + (b - 0x80) * 64 + c - 0x80
  end
  if not d or d < 0x80 or d > 0xbf or a == 0xf0 and b < 0x90 or a == 0xf4 and b > 0x8f then return nil end
  return 4, (a - 0xf0) * 262144 + (b - 0x80) * 4096 + (c - 0x80) * 64 + d - 0x80
end

-- C1 controls, lone surrogates and bytes that are no UTF-8 are escaped, too.
local function escape_high(text)
  local out, i, n = {}, 1, #text
  while i <= n do
    local _, last = find(text, "^[%z\1-\127]+", i)
    if last then
      out[#out + 1] = sub(text, i, last)
      i = last + 1
    else
      local length, code = sequence(text, i)
      if not length then
        length = 1
        out[#out + 1] = escape(sub(text, i, i))
      elseif code < 0xa0 then out[#out + 1] = ("\\x%02X"):format(code)
      elseif code >= 0xd800 and code < 0xe000 then out[#out + 1] = ("\\u%04x"):format(code)
      else out[#out + 1] = sub(text, i, i + length - 1) end
      i = i + length
    end
  end
  return concat(out)
end

-- In single quotes; in others where the text holds these and not those.
function M.quote(text)
  local q = "'"
  if find(text, "'", 1, true) then
    if not find(text, '"', 1, true) then q = '"'
    elseif not find(text, "`", 1, true) and not find(text, "${", 1, true) then q = "`"
    end
  end
  if find(text, "[%z\1-\31\127\\]") then text = gsub(text, "[%z\1-\31\127\\]", escape) end
  if q == "'" and find(text, "'", 1, true) then text = gsub(text, "'", "\\'") end
  if find(text, "[\128-\255]") then text = escape_high(text) end
  return q .. text .. q
end

-- Control characters inside of a name.
function M.escape_name(name)
  if find(name, "[%z\1-\31\127\\']") then name = gsub(gsub(name, "[%z\1-\31\127\\]", escape), "'", "\\'") end
  if find(name, "[\128-\255]") then name = escape_high(name) end
  return name
end

-- ---- lengths

function M.units(text)
  if not find(text, "[\128-\255]") then return #text end
  local _, n = gsub(text, "[^\128-\191]", "")
  local _, wide = gsub(text, "[\240-\244]", "")
  return n + wide
end

-- The first `units` of a text; of a pair that is cut in two the first half.
function M.cut(text, units)
  if not find(text, "[\128-\255]") then return sub(text, 1, units) end
  local i, n = 1, #text
  while units > 0 and i <= n do
    local length, code = 1, nil
    if byte(text, i) >= 0x80 then
      length, code = sequence(text, i)
      length = length or 1
    end
    if length == 4 and units == 1 then
      local high = 0xd800 + floor((code - 0x10000) / 1024)
      return sub(text, 1, i - 1) .. string.char(0xed, 0x80 + floor(high / 64) % 64, 0x80 + high % 64)
    end
    units = units - (length == 4 and 2 or 1)
    i = i + length
  end
  return sub(text, 1, i - 1)
end

-- ---- escape sequences of terminals

-- One sequence: ESC or CSI (U+009B), any of []()#;? and then either parameters up to BEL, ESC \ or ST (U+009C), or numbers
-- of up to four digits and a final character; where that is missing the last digit stands for it. -> where it ends
local function sequence_end(text, i)
  local _, start = find(text, "^[][()#;?]*", i)
  start = start + 1
  local _, last = find(text, "^[%w]*", start)
  while true do
    local _, further = find(text, "^;[-%w/#&.:=?%%@~_]*", last + 1)
    if not further then break end
    last = further
  end
  local _, close = find(text, "^\7", last + 1)
  if not close then _, close = find(text, "^\27\\", last + 1) end
  if not close then _, close = find(text, "^\194\156", last + 1) end
  if close then return close end
  local at = start
  local _, digits = find(text, "^%d%d?%d?%d?", at)
  if digits then
    at = digits + 1
    while true do
      local _, further = find(text, "^;%d?%d?%d?%d?", at)
      if not further then break end
      at = further + 1
    end
  end
  if find(text, "^[%dA-PR-TZcf-nq-uy=><~]", at) then return at end
  while at > start do
    at = at - 1
    if find(text, "^%d", at) then return at end
  end
end

function M.strip(text)
  if not find(text, "\27", 1, true) and not find(text, "\194\155", 1, true) then return text end
  local out, from, i = {}, 1, 1
  while true do
    local first, last = find(text, "\27", i, true)
    local first8, last8 = find(text, "\194\155", i, true)
    if first8 and (not first or first8 < first) then first, last = first8, last8 end
    if not first then break end
    local stop = sequence_end(text, last + 1)
    if stop then
      out[#out + 1] = sub(text, from, first - 1)
      from, i = stop + 1, stop + 1
    else
      i = last + 1
    end
  end
  out[#out + 1] = sub(text, from)
  return concat(out)
end
local strip = M.strip

-- Columns on the screen; what the terminal takes as a command counts nothing.
function M.width(text)
  if not find(text, "[%c\128-\255]") then return #text end
  return require("lunode.internal.string_width").width(strip(text))
end

-- ---- numbers

local function groups(digits) return (gsub(gsub(digits:reverse(), "(%d%d%d)", "%1_"):reverse(), "^_", "")) end

-- digits: an integer's text, maybe with a sign
function M.integer(digits, separated)
  if not separated then return digits end
  local sign, rest = match(digits, "^(%-?)(%d+)$")
  return sign .. groups(rest)
end

function M.number(n, separated)
  if n == 0 then return 1 / n < 0 and not separated and "-0" or "0" end
  local text = errors.number(n)
  if not separated or n ~= n or find(text, "[ey]") then return text end
  local sign, whole, rest = match(text, "^(%-?)(%d+)%.?(%d*)$")
  text = sign .. groups(whole)
  if rest ~= "" then text = text .. "." .. gsub(gsub(rest, "(%d%d%d)", "%1_"), "_$", "") end
  return text
end

-- The decimal digits of a 64-bit integer of LuaJIT; nil for anything else.
function M.bigint(value)
  if type(value) ~= "cdata" then return nil end
  return match(tostring(value), "^(%-?%d+)U?LL$")
end

return M
