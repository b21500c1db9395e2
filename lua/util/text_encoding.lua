-- SPDX-License-Identifier: MIT
--
-- TextEncoder and TextDecoder (WHATWG Encoding; Node 20 docs: util.TextDecoder).
--   TextEncoder():encode(text) -> Buffer; :encodeInto(text, buffer) -> {read, written}
--   TextDecoder(label, {fatal =, ignoreBOM =}):decode(bytes, {stream =}) -> text
-- Encodings: utf-8, utf-16le, utf-16be, windows-1252 (latin1, ascii; without `stream` it is ISO 8859-1, as in Node 20), and those of the
-- standard that the C library's iconv knows.
-- A text that is not UTF-8 has its wrong bytes replaced with U+FFFD. `read` counts UTF-16 units, as in JavaScript.
local ffi = require "ffi"
local class = require "lunode.internal.class"
local view = require "lunode.internal.buffer_view"
local errors = require "lunode.internal.errors"
local inspect_custom = require "lunode.internal.inspect_custom"
local validators = require "lunode.internal.validators"

local M = {}
local REPLACEMENT = "\239\191\189"

-- ---- UTF-8

-- At i: the length of a well-formed sequence; or nil, the length of what one U+FFFD replaces, and whether more bytes
-- could complete it (WHATWG Encoding, "UTF-8 decoder").
local function utf8_at(text, i)
  local c = text:byte(i)
  if c < 0x80 then return 1 end
  local need, low, high = nil, 0x80, 0xbf
  if c >= 0xc2 and c <= 0xdf then need = 1
  elseif c >= 0xe0 and c <= 0xef then
    need = 2
    if c == 0xe0 then low = 0xa0 elseif c == 0xed then high = 0x9f end
  elseif c >= 0xf0 and c <= 0xf4 then
    need = 3
    if c == 0xf0 then low = 0x90 elseif c == 0xf4 then high = 0x8f end
  else
    return nil, 1
  end
  for k = 1, need do
    local d = text:byte(i + k)
    if not d then return nil, k, true end
    if d < low or d > high then return nil, k end
    low, high = 0x80, 0xbf
  end
  return need + 1
end
M.utf8_at = utf8_at

-- -> well-formed text, what was left over at the end (with `stream`), whether something was wrong
local function utf8_decode(text, stream)
  if not text:find "[\128-\255]" then return text, "", false end
  local out, i, wrong = {}, 1, false
  while i <= #text do
    local plain = text:match("^[%z\1-\127]+", i)
    if plain then
      out[#out + 1] = plain
      i = i + #plain
    else
      local n, skip, incomplete = utf8_at(text, i)
      if n then
        out[#out + 1] = text:sub(i, i + n - 1)
        i = i + n
      else
        if incomplete and stream then return table.concat(out), text:sub(i), wrong end
        out[#out + 1] = REPLACEMENT
        wrong = true
        i = i + skip
      end
    end
  end
  return table.concat(out), "", wrong
end
-- A lone surrogate (WTF-8) is one character that is wrong, other wrong bytes are as in TextDecoder.
local function well_formed(text)
  if text:find "\237[\160-\191]" then text = text:gsub("\237[\160-\191][\128-\191]", REPLACEMENT) end
  return (utf8_decode(text))
end
M.well_formed = well_formed

local function char(cp)
  if cp < 0x80 then return string.char(cp) end
  if cp < 0x800 then return string.char(0xc0 + math.floor(cp / 64), 0x80 + cp % 64) end
  if cp < 0x10000 then return string.char(0xe0 + math.floor(cp / 4096), 0x80 + math.floor(cp / 64) % 64, 0x80 + cp % 64) end
  return string.char(0xf0 + math.floor(cp / 262144), 0x80 + math.floor(cp / 4096) % 64, 0x80 + math.floor(cp / 64) % 64, 0x80 + cp % 64)
end
M.char = char

-- 0x80 … 0x9f of windows-1252; what is 0 there stands for itself.
local WINDOWS = {
  0x20ac, 0, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0, 0x17d, 0, 0, 0x2018, 0x2019, 0x201c,
  0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0, 0x17e, 0x178,
}
local windows_chars = setmetatable({}, { __index = function(t, c)
  local code = c:byte()
  local special = WINDOWS[code - 127]
  local text = char(special and special ~= 0 and special or code)
  t[c] = text
  return text
end })
local latin1_chars = setmetatable({}, { __index = function(t, c)
  local text = char(c:byte())
  t[c] = text
  return text
end })
-- As Node 20 does it: ISO 8859-1 as long as the decoder was not used for a stream.
local function windows1252_decode(text, stream, decoder)
  if stream then decoder._streamed = true end
  return (text:gsub("[\128-\255]", decoder._streamed and windows_chars or latin1_chars)), "", false
end

-- high, low: which byte of two is the upper one
local function utf16_decode(text, stream, high, low)
  local out, i, wrong = {}, 1, false
  local n = #text
  local function unit_at(at) return text:byte(at + high) * 256 + text:byte(at + low) end
  while i + 1 <= n do
    local unit = unit_at(i)
    if unit >= 0xd800 and unit < 0xdc00 then
      if i + 3 > n then
        if stream then return table.concat(out), text:sub(i), wrong end
        out[#out + 1] = REPLACEMENT
        return table.concat(out), "", true
      end
      local second = unit_at(i + 2)
      if second >= 0xdc00 and second < 0xe000 then
        out[#out + 1] = char(0x10000 + (unit - 0xd800) * 1024 + second - 0xdc00)
        i = i + 2
      else
        out[#out + 1], wrong = REPLACEMENT, true
      end
    elseif unit >= 0xdc00 and unit < 0xe000 then
      out[#out + 1], wrong = REPLACEMENT, true
    else
      out[#out + 1] = char(unit)
    end
    i = i + 2
  end
  if i <= n then
    if stream then return table.concat(out), text:sub(i), wrong end
    out[#out + 1], wrong = REPLACEMENT, true
  end
  return table.concat(out), "", wrong
end
local function utf16le_decode(text, stream) return utf16_decode(text, stream, 1, 0) end
local function utf16be_decode(text, stream) return utf16_decode(text, stream, 0, 1) end

-- ---- classes

local TextEncoder = class "TextEncoder"
TextEncoder:accessor("encoding", function() return "utf-8" end)

function TextEncoder:encode(input)
  local text = input == nil and "" or tostring(input)
  return require("lunode.buffer").Buffer.from(well_formed(text))
end

function TextEncoder:encodeInto(src, dest)
  validators.validateString(src, "src")
  local bytes = validators.bytes(dest)
  if not bytes or not require("lunode.util.types").isUint8Array(dest) then
    error(errors.ERR_INVALID_ARG_TYPE("dest", "Uint8Array", dest), 0)
  end
  local text, window = well_formed(src), view(bytes)
  local i, units, room = 1, 0, window.length
  while i <= #text do
    local n = utf8_at(text, i)
    if i + n - 1 > room then break end
    units = units + (n == 4 and 2 or 1)
    i = i + n
  end
  if i > 1 then ffi.copy(window.data, text, i - 1) end
  return require("lunode.internal.shape").dict { read = units, written = i - 1 }
end

local decoders = { ["utf-8"] = utf8_decode, ["utf-16le"] = utf16le_decode, ["utf-16be"] = utf16be_decode, ["windows-1252"] = windows1252_decode }
local labels = {}
for name, list in pairs {
  ["utf-8"] = "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8",
  ["utf-16le"] = "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le utf16le",
  ["utf-16be"] = "unicodefffe utf-16be",
  ["windows-1252"] = "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 "
    .. "iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252",
} do
  for label in list:gmatch "%S+" do labels[label] = name end
end

-- A decoder's function for an encoding: (text, stream, decoder) -> text, what is left over, whether something was wrong
local function decoder_for(label)
  local encoding = labels[label]
  if encoding then return encoding, decoders[encoding] end
  return require("lunode.util.iconv").open(label)
end

local TextDecoder = class "TextDecoder"

function TextDecoder:initialize(label, options)
  label = label == nil and "utf-8" or tostring(label)
  if options ~= nil then validators.validateObject(options, "options") end
  local encoding, decode = decoder_for(label:match "^[ \t\n\f\r]*(.-)[ \t\n\f\r]*$":lower())
  if not encoding then error(errors.ERR_ENCODING_NOT_SUPPORTED(label), 0) end
  options = options or {}
  self._encoding, self._fatal, self._ignoreBOM = encoding, options.fatal and true or false, options.ignoreBOM and true or false
  self._left, self._started, self._decode = "", false, decode
end

local function shown(name, keys)
  return function(self, _, options, inspect)
    local fields = {}
    for _, key in ipairs(keys) do fields[key] = self[key] end
    return name .. inspect(fields, options)
  end
end
TextEncoder.prototype[inspect_custom] = shown("", { "encoding" })
TextDecoder.prototype[inspect_custom] = shown("TextDecoder ", { "encoding", "fatal", "ignoreBOM" })

TextDecoder:accessor("encoding", function(self) return self._encoding end)
TextDecoder:accessor("fatal", function(self) return self._fatal end)
TextDecoder:accessor("ignoreBOM", function(self) return self._ignoreBOM end)

-- input: byte string, Buffer or nil
function TextDecoder:decode(input, options)
  local text
  if input == nil then text = ""
  elseif type(input) == "string" then text = input
  elseif validators.bytes(input) then text = tostring(validators.bytes(input))
  else error(errors.ERR_INVALID_ARG_TYPE("list", { "SharedArrayBuffer", "ArrayBuffer", "ArrayBufferView" }, input), 0) end
  local stream = options and options.stream and true or false
  local out, left, wrong = self._decode(self._left .. text, stream, self)
  if wrong and self._fatal then
    self._left, self._started = "", false
    error(errors.ERR_ENCODING_INVALID_ENCODED_DATA(self._encoding), 0)
  end
  self._left = left
  if not self._started and #out > 0 then
    self._started = true
    if not self._ignoreBOM and out:sub(1, 3) == "\239\187\191" then out = out:sub(4) end
  end
  if not stream then self._left, self._started = "", false end
  return out
end

M.TextEncoder, M.TextDecoder = TextEncoder, TextDecoder
return M
