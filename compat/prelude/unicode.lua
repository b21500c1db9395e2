-- SPDX-License-Identifier: MIT
--
-- What unicode_data.lua holds, unpacked when it is asked for.
--   rt.property_items(text)          what stands in a PCRE2 class for \p{text}
--   rt.property_complement(text)     the same for \P{text}; nil where that needs a negated class of its own
--   rt.case_maps()                   to upper, to lower: from a character beyond ASCII (UTF-8) to text; the others are not in them
local rt = ...
local L = rt.lua
local byte, sub, find, match, format, concat, gmatch = L.string.byte, L.string.sub, L.string.find, L.string.match, L.string.format, L.table.concat, L.string.gmatch
local tonumber, ipairs = L.tonumber, L.ipairs

local function data()
  if not rt.unicode_data then rt.part "unicode_data" end
  return rt.unicode_data
end

-- ---- numbers: digits of 45, all but the last from the upper half of the alphabet

local value_of, count = {}, 0
for c = 33, 126 do
  if c ~= 34 and c ~= 92 and c ~= 91 and c ~= 93 then
    value_of[c] = count
    count = count + 1
  end
end

-- An iterator over the numbers of a packed text.
local function numbers(text)
  local at = 0
  return function()
    local n = 0
    while true do
      at = at + 1
      local c = byte(text, at)
      if not c then return nil end
      local v = value_of[c]
      if v < 45 then return n * 45 + v end
      n = n * 45 + v - 45
    end
  end
end

-- ---- properties

local found = {} -- name -> {PCRE2's name or nil, ranges as class items}

local function property(text)
  local name = match(text, "^General_Category=(.*)$") or match(text, "^gc=(.*)$")
  if not name then
    name = L.string.gsub(L.string.gsub(text, "^Script=", "sc="), "^Script_Extensions=", "scx=")
  end
  local known = found[name]
  if known then return known end
  for _, entry in ipairs(data().properties) do
    if find(entry[1], " " .. name .. " ", 1, true) then
      local out, last, next_number = {}, 0, numbers(entry[3])
      while true do
        local skip = next_number()
        if not skip then break end
        local from = last + skip
        last = from + next_number()
        out[#out + 1] = from == last and format("\\x{%x}", from) or format("\\x{%x}-\\x{%x}", from, last)
      end
      known = { native = entry[2] ~= "" and entry[2] or nil, ranges = concat(out) }
      found[name] = known
      return known
    end
  end
  rt.throw_error("SyntaxError", "Invalid regular expression: unknown property " .. text)
end

function rt.property_items(text)
  local p = property(text)
  return (p.native and "\\p{" .. p.native .. "}" or "") .. p.ranges
end

function rt.property_complement(text)
  local p = property(text)
  if p.native and p.ranges == "" then return "\\P{" .. p.native .. "}" end
  if not p.native and p.ranges == "" then return "\\x{0}-\\x{10ffff}" end
  return nil
end

-- ---- case

local function unpack_case(packed, special)
  local map, last = {}, 0
  local next_number = numbers(packed)
  while true do
    local skip = next_number()
    if not skip then break end
    local step, n, by = next_number(), next_number(), next_number()
    by = by % 2 == 1 and -(by - 1) / 2 or by / 2
    local c = last + skip
    for i = 0, n - 1 do map[rt.encode_point(c + i * step)] = rt.encode_point(c + i * step + by) end
    last = c + (n - 1) * step
  end
  for from, to in gmatch(special, "(%d+)=([%d ]+)") do
    local text = ""
    for c in gmatch(to, "%d+") do text = text .. rt.encode_point(tonumber(c)) end
    map[rt.encode_point(tonumber(from))] = text
  end
  return map
end

local upper, lower
function rt.case_maps()
  if not upper then
    local d = data()
    upper, lower = unpack_case(d.upper, d.upper_special), unpack_case(d.lower, d.lower_special)
  end
  return upper, lower
end

-- ---- properties of strings (the flag v)

local FLAGS = [[
AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
CC CD CF CG CH CI CK CL CM CN CO CP CQ CR CU CV CW CX CY CZ DE DG DJ DK DM DO DZ EA EC EE EG EH ER ES ET EU FI FJ FK
FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID IE IL IM IN IO IQ IR IS IT
JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP
MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE
RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT
TV TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
]]

local function tag_sequence(text) -- a black flag, letters as tags, the end
  return rt.encode_point(0x1f3f4) .. L.string.gsub(text, ".", function(c) return rt.encode_point(0xe0000 + byte(c)) end) .. rt.encode_point(0xe007f)
end

local sequences = {}
function sequences.Emoji_Keycap_Sequence(add)
  for c in gmatch("#*0123456789", ".") do add(c .. rt.encode_point(0xfe0f) .. rt.encode_point(0x20e3)) end
end
function sequences.RGI_Emoji_Flag_Sequence(add)
  for a, b in gmatch(FLAGS, "(%u)(%u)") do add(rt.encode_point(0x1f1e6 + byte(a) - 65) .. rt.encode_point(0x1f1e6 + byte(b) - 65)) end
end
function sequences.RGI_Emoji_Tag_Sequence(add)
  for _, name in ipairs { "gbeng", "gbsct", "gbwls" } do add(tag_sequence(name)) end
end

-- Adds the strings of \p{name} to a set's; false where it is no such property. The other RGI_ ones are not there.
function rt.emoji_strings(name, set)
  local each = sequences[name]
  if not each then return false end
  each(function(text) set.strings[#set.strings + 1] = text end)
  return true
end
