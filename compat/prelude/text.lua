-- SPDX-License-Identifier: MIT
--
-- Strings as JavaScript sees them: UTF-8 in memory (lone surrogates as WTF-8), lengths and positions in UTF-16 units.
-- An ASCII string is indexed by bytes; any other is decoded once into units, and the last few decoded ones are kept.
local rt = ...
local L = rt.lua
local ffi, bit = L.require "ffi", L.bit
local type, setmetatable, select, tonumber = L.type, L.setmetatable, L.select, L.tonumber
local byte, char, sub, find, concat = L.string.byte, L.string.char, L.string.sub, L.string.find, L.table.concat
local floor = L.math.floor
local band, rshift, lshift = bit.band, bit.rshift, bit.lshift
local units_type = ffi.typeof "uint16_t[?]"

-- ---- is it ASCII? How long is it?

local lengths, known, weight = {}, 0, 0 -- of long strings
local SHORT = 64

-- A C function; the JIT compiles the call.
local count_units = ffi.cast("double (*)(const char *, double)", ffi.cast("uintptr_t", rt.compiler.unitsAddress))

local function string_length(s)
  local n = #s
  if n <= SHORT then return count_units(s, n) end
  local length = lengths[s]
  if length then return length end
  length = count_units(s, n)
  known, weight = known + 1, weight + n
  if known > 4096 or weight > 4194304 then lengths, known, weight = {}, 0, 0 end
  lengths[s] = length
  return length
end
rt.string_length = string_length

local function is_ascii(s) return string_length(s) == #s end
rt.is_ascii = is_ascii

-- ---- decoding and encoding

local cache_s, cache_u, cache_n, cache_at = {}, {}, {}, 0
local CACHE = 4

-- -> uint16_t array (from 0), length
local function units(s)
  for i = 1, CACHE do
    if cache_s[i] == s then return cache_u[i], cache_n[i] end
  end
  local n, m = #s, 0
  local u = units_type(n + 1)
  local i = 1
  while i <= n do
    local c = byte(s, i)
    if c < 0x80 then
      u[m] = c
      i = i + 1
    elseif c < 0xe0 then
      u[m] = (c - 0xc0) * 64 + (byte(s, i + 1) or 0x80) - 0x80
      i = i + 2
    elseif c < 0xf0 then
      local d, e = byte(s, i + 1, i + 2)
      u[m] = (c - 0xe0) * 4096 + ((d or 0x80) - 0x80) * 64 + (e or 0x80) - 0x80
      i = i + 3
    else
      local d, e, f = byte(s, i + 1, i + 3)
      local point = (c - 0xf0) * 262144 + ((d or 0x80) - 0x80) * 4096 + ((e or 0x80) - 0x80) * 64 + (f or 0x80) - 0x80 - 0x10000
      u[m] = 0xd800 + rshift(point, 10)
      m = m + 1
      u[m] = 0xdc00 + band(point, 1023)
      i = i + 4
    end
    m = m + 1
  end
  cache_at = cache_at % CACHE + 1
  cache_s[cache_at], cache_u[cache_at], cache_n[cache_at] = s, u, m
  return u, m
end
rt.units = units

local function encode(point)
  if point < 0x80 then return char(point) end
  if point < 0x800 then return char(0xc0 + rshift(point, 6), 0x80 + band(point, 63)) end
  if point < 0x10000 then return char(0xe0 + rshift(point, 12), 0x80 + band(rshift(point, 6), 63), 0x80 + band(point, 63)) end
  return char(0xf0 + rshift(point, 18), 0x80 + band(rshift(point, 12), 63), 0x80 + band(rshift(point, 6), 63), 0x80 + band(point, 63))
end
rt.encode_point = encode

-- The text of units i … j - 1.
local function from_units(u, i, j)
  local parts, n = {}, 0
  while i < j do
    local c = u[i]
    if c >= 0xd800 and c < 0xdc00 and i + 1 < j then
      local d = u[i + 1]
      if d >= 0xdc00 and d < 0xe000 then
        c = (c - 0xd800) * 1024 + (d - 0xdc00) + 0x10000
        i = i + 1
      end
    end
    n = n + 1
    parts[n] = encode(c)
    i = i + 1
  end
  return concat(parts)
end
rt.from_units = from_units

-- Joins a high surrogate at the end of a with a low one at the start of b, which `..` leaves apart (three bytes each).
-- Texts that are put together unit by unit are mended where they are measured.
local function join_surrogates(s)
  if not find(s, "\237[\160-\175][\128-\191]\237[\176-\191]") then return s end
  return (L.string.gsub(s, "\237([\160-\175])([\128-\191])\237([\176-\191])([\128-\191])", function(a, b, c, d)
    local high = (byte(a) - 0x80) * 64 + byte(b) - 0x80 + 0xd000
    local low = (byte(c) - 0x80) * 64 + byte(d) - 0x80 + 0xd000
    return encode((high - 0xd800) * 1024 + (low - 0xdc00) + 0x10000)
  end))
end
rt.join_surrogates = join_surrogates

local chars = {}
for i = 0, 127 do chars[i] = char(i) end

-- The unit at Lua key k, as a string; nil where there is none.
function rt.unit_at(s, k)
  if k < 1 or k ~= floor(k) then return nil end
  if is_ascii(s) then
    local c = byte(s, k)
    return c and chars[c]
  end
  local u, n = units(s)
  if k > n then return nil end
  return encode(u[k - 1])
end

-- The unit at position i (from 0) as a number; nil where there is none.
function rt.code_at(s, i)
  if is_ascii(s) then return (byte(s, i + 1)) end
  local u, n = units(s)
  if i < 0 or i >= n then return nil end
  return u[i]
end

-- Units i … j - 1; 0 <= i <= j <= length.
function rt.substring(s, i, j)
  if is_ascii(s) then
    if j == i + 1 then return chars[byte(s, j)] or "" end -- no string is made, and none looked for
    return sub(s, i + 1, j)
  end
  local u = units(s)
  return from_units(u, i, j)
end

-- The code point that starts at byte i, and where the next one does.
function rt.code_point_text(s, i)
  local c = byte(s, i)
  if not c then return nil end
  if c < 0x80 then return chars[c], i + 1 end
  local n = c < 0xe0 and 2 or c < 0xf0 and 3 or 4
  return sub(s, i, i + n - 1), i + n
end

-- Positions in units against positions in bytes, both from 0.
function rt.byte_position(s, i)
  if is_ascii(s) then return i end
  local u = units(s)
  local at = 0
  local k = 0
  while k < i do
    local c = u[k]
    if c < 0x80 then at = at + 1 elseif c < 0x800 then at = at + 2
    elseif c >= 0xd800 and c < 0xdc00 and u[k + 1] >= 0xdc00 and u[k + 1] < 0xe000 then
      if k + 1 >= i then return at end
      at = at + 4
      k = k + 1
    else
      at = at + 3
    end
    k = k + 1
  end
  return at
end
function rt.unit_position(s, b)
  if is_ascii(s) then return b end
  return count_units(s, b)
end

function rt.units_less(a, b)
  local ua, na = units(a)
  local ub, nb = units(b)
  for i = 0, (na < nb and na or nb) - 1 do
    if ua[i] ~= ub[i] then return ua[i] < ub[i] end
  end
  return na < nb
end
