-- SPDX-License-Identifier: MIT
--
-- Strings as JavaScript sees them: UTF-8 in memory (lone surrogates as WTF-8), lengths and positions in UTF-16 units.
-- An ASCII string is indexed by bytes; of any other the units are decoded once, or an index of its positions is made, and lately used ones are kept.
local rt = ...
local L = rt.lua
local ffi, bit = L.require "ffi", L.bit
local byte, char, sub, concat = L.string.byte, L.string.char, L.string.sub, L.table.concat
local floor = L.math.floor
local band, rshift = bit.band, bit.rshift
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

-- ---- other texts: their units and positions, by compat/units.c

ffi.cdef [[
typedef struct {
  void (*index)(const char *, double, uint32_t *);
  double (*unit_of)(const char *, const uint32_t *, double);
  double (*byte_of)(const char *, double, const uint32_t *, double);
  double (*unit_at)(const char *, double, double);
  void (*decode)(const char *, double, uint16_t *);
  double (*join)(const char *, double, char *);
} LunodeUnits;
]]
local C = ffi.cast("const LunodeUnits *", ffi.cast("uintptr_t", rt.compiler.unitsTable))
local c_index, c_unit_of, c_byte_of, c_unit_at, c_decode, c_join = C.index, C.unit_of, C.byte_of, C.unit_at, C.decode, C.join
local index_type = ffi.typeof "uint32_t[?]"

-- What is kept of texts lately asked by position: their units, and the index that leads from bytes to units and back. A full set gives way to a
-- new one, whose predecessor is kept for a while, so that what is in use moves on.
local KEPT = 16777216 -- bytes of text
local function new_kept(make)
  local recent, older, size = {}, {}, 0
  return function(s)
    local found = recent[s]
    if found ~= nil then return found end
    found = older[s]
    if found == nil then found = make(s) end
    size = size + #s
    if size > KEPT then recent, older, size = {}, recent, #s end
    recent[s] = found
    return found
  end
end

local decoded = new_kept(function(s)
  local u = units_type(string_length(s) + 1)
  c_decode(s, #s, u)
  return u
end)
local index_for = new_kept(function(s)
  local index = index_type(floor(#s / 256) + 1)
  c_index(s, #s, index)
  return index
end)

-- -> uint16_t array (from 0), length
local function units(s) return decoded(s), string_length(s) end
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

-- Joins each high surrogate with a low one behind it, which `..` leaves apart (three bytes each).
local LONG = 1024 -- bytes: of such texts is kept what was found, for a pattern goes through them in many steps
local nothing_to_join = new_kept(function(s) return c_join(s, #s, nil) < 0 end)
local function join_surrogates(s)
  local n = #s
  if n < LONG then
    if c_join(s, n, nil) < 0 then return s end
  elseif lengths[s] == n or nothing_to_join(s) then
    return s
  end
  local out = ffi.new("char[?]", #s)
  return ffi.string(out, c_join(s, #s, out))
end
rt.join_surrogates, rt.joined = join_surrogates, join_surrogates

-- Is the text free of lone surrogates? Asked again and again of the text that a pattern goes through.
local well_formed = new_kept(function(s) return not L.string.find(s, "\237[\160-\191]") end)
function rt.is_well_formed(s)
  if #s <= SHORT then return not L.string.find(s, "\237[\160-\191]") end
  return well_formed(s)
end

-- Has the text characters of two units, or lone halves of such?
local in_halves = new_kept(function(s) return L.string.find(s, "[\240-\244]") ~= nil or L.string.find(s, "\237[\160-\191]") ~= nil end)
function rt.has_halves(s)
  if #s <= SHORT then return L.string.find(s, "[\240-\244]") ~= nil or L.string.find(s, "\237[\160-\191]") ~= nil end
  return in_halves(s)
end

local chars = {}
for i = 0, 127 do chars[i] = char(i) end

local NEAR = 96 -- a text this short is walked, not decoded

-- The unit at position i (from 0) of a text that is not ASCII; -1 where there is none.
local function wide_code(s, i)
  if #s <= NEAR then return c_unit_at(s, #s, i) end
  if i >= string_length(s) then return -1 end
  return decoded(s)[i]
end

-- The unit at Lua key k, as a string; nil where there is none.
function rt.unit_at(s, k)
  if k < 1 or k ~= floor(k) then return nil end
  if is_ascii(s) then
    local c = byte(s, k)
    return c and chars[c]
  end
  local c = wide_code(s, k - 1)
  if c < 0 then return nil end
  return chars[c] or encode(c)
end

-- The unit at position i (from 0) as a number; nil where there is none.
function rt.code_at(s, i)
  if is_ascii(s) then return (byte(s, i + 1)) end
  if i < 0 then return nil end
  local c = wide_code(s, i)
  if c < 0 then return nil end
  return c
end

-- The byte (from 0) of the unit at position i, half a byte more for the second of a pair.
local function byte_of(s, i) return c_byte_of(s, #s, index_for(s), i) end

-- Units i … j - 1; 0 <= i <= j <= length.
function rt.substring(s, i, j)
  if is_ascii(s) then
    if j == i + 1 then return chars[byte(s, j)] or "" end -- no string is made, and none looked for
    return sub(s, i + 1, j)
  end
  local from, to = byte_of(s, i), byte_of(s, j)
  if from == floor(from) and to == floor(to) then return sub(s, from + 1, to) end
  return from_units(decoded(s), i, j)
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
  return floor(byte_of(s, i))
end
-- The first byte of a character that begins at unit i or later.
function rt.byte_from(s, i)
  local at = byte_of(s, i)
  local whole = floor(at)
  return at == whole and at or whole + 4
end
function rt.unit_position(s, b)
  if is_ascii(s) then return b end
  return c_unit_of(s, index_for(s), b)
end

function rt.units_less(a, b)
  local ua, na = units(a)
  local ub, nb = units(b)
  for i = 0, (na < nb and na or nb) - 1 do
    if ua[i] ~= ub[i] then return ua[i] < ub[i] end
  end
  return na < nb
end
