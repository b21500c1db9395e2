-- SPDX-License-Identifier: MIT
--
-- The older encodings of TextDecoder (WHATWG Encoding, clause 4.2), decoded by the C library's iconv.
--   open(label) -> name, function(text, stream) -> text in UTF-8, what was left over, whether something was wrong; nil where the label
--   or the library's table is missing
local ffi = require "ffi"

local M = {}

ffi.cdef [[
void *iconv_open(const char *to, const char *from);
size_t iconv(void *cd, char **in, size_t *in_left, char **out, size_t *out_left);
int iconv_close(void *cd);
]]

local C, MINUS = ffi.C, ffi.cast("intptr_t", -1)
local NONE, FAILED = ffi.cast("void *", MINUS), ffi.cast("size_t", MINUS)
local EILSEQ, EINVAL, E2BIG = 84, 22, 7 -- Linux
local REPLACEMENT = "\239\191\189"

-- name of the standard = name of iconv: labels
local TABLE = {
  ["ibm866"] = { "CP866", "866 cp866 csibm866" },
  ["iso-8859-2"] = { "ISO-8859-2", "csisolatin2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2" },
  ["iso-8859-3"] = { "ISO-8859-3", "csisolatin3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3" },
  ["iso-8859-4"] = { "ISO-8859-4", "csisolatin4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4" },
  ["iso-8859-5"] = { "ISO-8859-5", "csisolatincyrillic cyrillic iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988" },
  ["iso-8859-6"] = { "ISO-8859-6", "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6-e iso-8859-6-i iso-ir-127 "
    .. "iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987" },
  ["iso-8859-7"] = { "ISO-8859-7", "csisolatingreek ecma-118 elot_928 greek greek8 iso-ir-126 iso8859-7 iso88597 iso_8859-7 "
    .. "iso_8859-7:1987 sun_eu_greek" },
  ["iso-8859-8"] = { "ISO-8859-8", "csiso88598e csisolatinhebrew hebrew iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 "
    .. "iso_8859-8:1988 visual" },
  ["iso-8859-8-i"] = { "ISO-8859-8", "csiso88598i logical" },
  ["iso-8859-10"] = { "ISO-8859-10", "csisolatin6 iso-ir-157 iso8859-10 iso885910 l6 latin6" },
  ["iso-8859-13"] = { "ISO-8859-13", "iso8859-13 iso885913" },
  ["iso-8859-14"] = { "ISO-8859-14", "iso8859-14 iso885914" },
  ["iso-8859-15"] = { "ISO-8859-15", "csisolatin9 iso8859-15 iso885915 iso_8859-15 l9" },
  ["koi8-r"] = { "KOI8-R", "cskoi8r koi koi8 koi8_r" },
  ["koi8-u"] = { "KOI8-U", "koi8-ru" },
  ["macintosh"] = { "MACINTOSH", "csmacintosh mac x-mac-roman" },
  ["windows-874"] = { "CP874", "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620" },
  ["windows-1250"] = { "CP1250", "cp1250 x-cp1250" },
  ["windows-1251"] = { "CP1251", "cp1251 x-cp1251" },
  ["windows-1253"] = { "CP1253", "cp1253 x-cp1253" },
  ["windows-1254"] = { "CP1254", "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 x-cp1254" },
  ["windows-1255"] = { "CP1255", "cp1255 x-cp1255" },
  ["windows-1256"] = { "CP1256", "cp1256 x-cp1256" },
  ["windows-1257"] = { "CP1257", "cp1257 x-cp1257" },
  ["windows-1258"] = { "CP1258", "cp1258 x-cp1258" },
  ["x-mac-cyrillic"] = { "MAC-CYRILLIC", "x-mac-ukrainian" },
  ["gbk"] = { "GB18030", "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 iso-ir-58 x-gbk" },
  ["gb18030"] = { "GB18030", "" },
  ["big5"] = { "BIG5-HKSCS", "big5-hkscs cn-big5 csbig5 x-x-big5" },
  ["euc-jp"] = { "EUC-JP", "cseucpkdfmtjapanese x-euc-jp" },
  ["iso-2022-jp"] = { "ISO-2022-JP", "csiso2022jp" },
  ["shift_jis"] = { "CP932", "csshiftjis ms932 ms_kanji shift-jis sjis windows-31j x-sjis" },
  ["euc-kr"] = { "CP949", "cseuckr csksc56011987 iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949" },
}
local labels = {}
for name, entry in pairs(TABLE) do
  labels[name] = name
  for label in entry[2]:gmatch "%S+" do labels[label] = name end
end

local MULTIPLE = { gbk = true, gb18030 = true, big5 = true, ["euc-jp"] = true, ["iso-2022-jp"] = true, shift_jis = true, ["euc-kr"] = true }

-- Decodes all of `text`; the state of the encoding (iso-2022-jp) stays in cd while a stream goes on.
local function run(cd, text, stream)
  local size = #text * 3 + 64
  local buffer, input = ffi.new("char[?]", size), ffi.new("char[?]", #text + 1, text)
  local from, left = ffi.new("char *[1]", input), ffi.new("size_t[1]", #text)
  local to, room = ffi.new "char *[1]", ffi.new "size_t[1]"
  local out, wrong, rest = {}, false, ""
  while true do
    to[0], room[0] = buffer, size
    local done = C.iconv(cd, from, left, to, room)
    local err = ffi.errno()
    out[#out + 1] = ffi.string(buffer, size - tonumber(room[0]))
    if done ~= FAILED then break end
    if err == EINVAL and stream then
      rest = text:sub(#text - tonumber(left[0]) + 1)
      break
    elseif err == EILSEQ then
      out[#out + 1], wrong = REPLACEMENT, true
      from[0], left[0] = from[0] + 1, left[0] - 1
    elseif err ~= E2BIG then
      out[#out + 1], wrong = REPLACEMENT, true
      break
    end
  end
  if not stream then
    to[0], room[0] = buffer, size
    C.iconv(cd, nil, nil, to, room) -- what was held back, and back to the first state
    out[#out + 1] = ffi.string(buffer, size - tonumber(room[0]))
  end
  return table.concat(out), rest, wrong
end

-- Of an encoding of single bytes: byte -> text, false where there is none. Made one by one, for iconv joins accents with letters.
local tables = {}
local function table_of(name, cd)
  local map = tables[name]
  if map then return map end
  map = {}
  local controls = name:find "^windows" or name:find "^iso"
  for b = 0x80, 0xff do
    local c = string.char(b)
    local text, _, wrong = run(cd, c, false)
    if wrong then text = controls and b < 0xa0 and "\194" .. c end
    map[c] = text
  end
  tables[name] = map
  return map
end

function M.open(label)
  local name = labels[label]
  if not name then return nil end
  local cd = C.iconv_open("UTF-8", TABLE[name][1])
  if cd == NONE then return nil end
  cd = ffi.gc(cd, C.iconv_close)
  if MULTIPLE[name] then return name, function(text, stream) return run(cd, text, stream) end end
  local map = table_of(name, cd)
  return name, function(text)
    local wrong = false
    text = text:gsub("[\128-\255]", function(c)
      local found = map[c]
      wrong = wrong or not found
      return found or REPLACEMENT
    end)
    return text, "", wrong
  end
end

return M
