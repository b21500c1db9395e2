-- SPDX-License-Identifier: MIT
--
-- Buffer's numbers: read… and write… of every width, both byte orders. Source: Node 20 docs, "buf.readInt8" and on.
-- Offsets are from 0. 64-bit integers are LuaJIT's (1LL, 1ULL); where one is written, a number that is an integer will do.
-- Loads and stores go through pointers that need not be aligned, which x86-64 and arm64 allow.
local bit = require "bit"
local ffi = require "ffi"
local errors = require "lunode.internal.errors"
local view = require "lunode.internal.buffer_view"
local door = require("lunode.internal.validators").door

local cast, type, error, floor, band, bswap = ffi.cast, type, error, math.floor, bit.band, bit.bswap
local scratch = ffi.new "union { uint8_t b[8]; float f; double d; int32_t w; int64_t i; uint64_t u; }"
local int64, uint64 = ffi.typeof "int64_t", ffi.typeof "uint64_t"
local i8, u8 = ffi.typeof "int8_t *", ffi.typeof "uint8_t *"
local i16, u16 = ffi.typeof "int16_t *", ffi.typeof "uint16_t *"
local i32, u32 = ffi.typeof "int32_t *", ffi.typeof "uint32_t *"
local i64, u64 = ffi.typeof "int64_t *", ffi.typeof "uint64_t *"
local f32, f64 = ffi.typeof "float *", ffi.typeof "double *"

-- ---- arguments

local function bad_offset(offset, length, size)
  if type(offset) ~= "number" then error(errors.ERR_INVALID_ARG_TYPE("offset", "number", offset), 0) end
  if floor(offset) ~= offset then error(errors.ERR_OUT_OF_RANGE("offset", "an integer", offset), 0) end
  if length < size then error(errors.ERR_BUFFER_OUT_OF_BOUNDS(), 0) end
  error(errors.ERR_OUT_OF_RANGE("offset", (">= 0 and <= %d"):format(length - size), offset), 0)
end

-- The address of `size` bytes at offset, and the offset, checked.
local function at(self, offset, size)
  local b = view(self)
  if offset == nil then offset = 0 end
  if type(offset) ~= "number" or not (offset >= 0 and offset + size <= b.length) or floor(offset) ~= offset then bad_offset(offset, b.length, size) end
  return b.data + offset, offset
end

local function bad_value(value, min, max, size, signed)
  if type(value) ~= "number" then error(errors.ERR_INVALID_ARG_TYPE("value", "number", value), 0) end
  local range
  if size > 4 then
    local bits = size * 8
    range = signed and (">= -(2 ** %d) and < 2 ** %d"):format(bits - 1, bits - 1) or (">= 0 and < 2 ** %d"):format(bits)
  else
    range = (">= %d and <= %d"):format(min, max)
  end
  error(errors.ERR_OUT_OF_RANGE("value", range, value), 0)
end

-- The integer to write: truncated, NaN as 0.
local function integer(value, min, max, size, signed)
  if type(value) ~= "number" or value > max or value < min then bad_value(value, min, max, size, signed) end
  if value ~= value then return 0 end
  return value < 0 and -floor(-value) or floor(value)
end

local function byte_length(n)
  if type(n) ~= "number" then error(errors.ERR_INVALID_ARG_TYPE("byteLength", "number", n), 0) end
  if floor(n) ~= n then error(errors.ERR_OUT_OF_RANGE("byteLength", "an integer", n), 0) end
  if n < 1 or n > 6 then error(errors.ERR_OUT_OF_RANGE("byteLength", ">= 1 and <= 6", n), 0) end
  return n
end

-- ---- any number of bytes

local function read_bytes(data, size, little)
  local v = 0
  if little then
    for i = size - 1, 0, -1 do v = v * 256 + data[i] end
  else
    for i = 0, size - 1 do v = v * 256 + data[i] end
  end
  return v
end

local function write_bytes(self, value, offset, size, little, signed)
  local span = 2 ^ (size * 8)
  local min, max = signed and -span / 2 or 0, signed and span / 2 - 1 or span - 1
  local v = integer(value, min, max, size, signed)
  if offset == nil then error(errors.ERR_INVALID_ARG_TYPE("offset", "number", offset), 0) end
  local data, place = at(self, offset, size)
  if v < 0 then v = v + span end
  for i = 0, size - 1 do
    local byte = v % 256
    data[little and i or size - 1 - i] = byte
    v = (v - byte) / 256
  end
  return place + size
end

-- ---- whole words: what a pointer type reads and writes, in the machine's order (little-endian)

local function swap16(v) return (v % 256) * 256 + floor(v / 256) end

-- ---- signatures, for the reference (docs/api/README.md)
-- readUInt8, readUint8, readInt8(offset?: integer) -> integer
-- readUInt16LE, readUInt16BE, readUint16LE, readUint16BE, readInt16LE, readInt16BE(offset?: integer) -> integer
-- readUInt32LE, readUInt32BE, readUint32LE, readUint32BE, readInt32LE, readInt32BE(offset?: integer) -> integer
-- readUIntLE, readUIntBE, readUintLE, readUintBE, readIntLE, readIntBE(offset: integer, byteLength: integer) -> integer: 1 to 6 bytes
-- readBigUInt64LE, readBigUInt64BE, readBigUint64LE, readBigUint64BE, readBigInt64LE, readBigInt64BE(offset?: integer) -> integer: LuaJIT's 64-bit integers
-- readFloatLE, readFloatBE, readDoubleLE, readDoubleBE(offset?: integer) -> number
-- writeUInt8, writeUint8, writeInt8(value: integer, offset?: integer) -> integer: the offset behind what was written
-- writeUInt16LE, writeUInt16BE, writeUint16LE, writeUint16BE, writeInt16LE, writeInt16BE(value: integer, offset?: integer) -> integer: likewise
-- writeUInt32LE, writeUInt32BE, writeUint32LE, writeUint32BE, writeInt32LE, writeInt32BE(value: integer, offset?: integer) -> integer: likewise
-- writeUIntLE, writeUIntBE, writeUintLE, writeUintBE, writeIntLE, writeIntBE(value: integer, offset: integer, byteLength: integer) -> integer: likewise
-- writeBigUInt64LE, writeBigUInt64BE, writeBigUint64LE, writeBigUint64BE, writeBigInt64LE, writeBigInt64BE(value: integer, offset?: integer) -> integer: likewise
-- writeFloatLE, writeFloatBE, writeDoubleLE, writeDoubleBE(value: number, offset?: integer) -> integer: likewise

return function(Buffer)
  local p = Buffer.prototype

  local function define(name, size, unsigned_t, signed_t, read_swapped, write_swapped)
    local bits = size * 8
    local half, span = 2 ^ (bits - 1), 2 ^ bits
    local low, high, top = -half, half - 1, span - 1
    local function reader(pointer_t)
      return function(self, offset) return cast(pointer_t, (at(self, offset, size)))[0] end
    end
    local function writer(pointer_t, min, max, signed)
      return function(self, value, offset)
        value = integer(value, min, max, size, signed)
        local data, place = at(self, offset, size)
        cast(pointer_t, data)[0] = value
        return place + size
      end
    end
    local le = size > 1 and "LE" or ""
    p["readUInt" .. name .. le], p["readInt" .. name .. le] = reader(unsigned_t), reader(signed_t)
    p["writeUInt" .. name .. le] = writer(unsigned_t, 0, top, false)
    p["writeInt" .. name .. le] = writer(signed_t, low, high, true)
    if size == 1 then return end
    p["readUInt" .. name .. "BE"] = function(self, offset) return (read_swapped((at(self, offset, size)))) end
    p["readInt" .. name .. "BE"] = function(self, offset)
      local v = read_swapped((at(self, offset, size)))
      return v >= half and v - span or v
    end
    p["writeUInt" .. name .. "BE"] = function(self, value, offset)
      value = integer(value, 0, top, size, false)
      local data, place = at(self, offset, size)
      write_swapped(data, value)
      return place + size
    end
    p["writeInt" .. name .. "BE"] = function(self, value, offset)
      value = integer(value, low, high, size, true)
      local data, place = at(self, offset, size)
      write_swapped(data, value)
      return place + size
    end
  end
  define("8", 1, u8, i8)
  define("16", 2, u16, i16, function(d) return d[0] * 256 + d[1] end, function(d, v) cast(u16, d)[0] = swap16(v % 65536) end)
  define("32", 4, u32, i32, function(d) return d[0] * 16777216 + d[1] * 65536 + d[2] * 256 + d[3] end,
    function(d, v) cast(i32, d)[0] = bswap(v) end)

  for _, order in ipairs { "LE", "BE" } do
    local little = order == "LE"
    p["readInt" .. order] = function(self, offset, length)
      if offset == nil then error(errors.ERR_INVALID_ARG_TYPE("offset", "number", offset), 0) end
      length = byte_length(length)
      local v = read_bytes((at(self, offset, length)), length, little)
      return v >= 2 ^ (length * 8 - 1) and v - 2 ^ (length * 8) or v
    end
    p["readUInt" .. order] = function(self, offset, length)
      if offset == nil then error(errors.ERR_INVALID_ARG_TYPE("offset", "number", offset), 0) end
      length = byte_length(length)
      return read_bytes((at(self, offset, length)), length, little)
    end
    p["writeUInt" .. order] = function(self, value, offset, length)
      return write_bytes(self, value, offset, byte_length(length), little, false)
    end
    p["writeInt" .. order] = function(self, value, offset, length)
      return write_bytes(self, value, offset, byte_length(length), little, true)
    end
  end

  -- Floating point and 64 bits.
  local function number(value)
    if type(value) ~= "number" then error(errors.ERR_INVALID_ARG_TYPE("value", "number", value), 0) end
    return value
  end

  -- LuaJIT keeps the types of its values in the bits of NaNs, and the FFI hands on a NaN as it finds it: loaded from bytes
  -- that somebody else chose it could pass for any object. So a NaN is told by its integer bits, and never loaded.
  local NAN = 0 / 0
  local function is_nan(high, low) return band(high, 0x7ff00000) == 0x7ff00000 and (band(high, 0xfffff) ~= 0 or low ~= 0) end
  function p.readFloatLE(self, offset)
    local data = at(self, offset, 4)
    if band(cast(i32, data)[0], 0x7fffffff) > 0x7f800000 then return NAN end
    return cast(f32, data)[0]
  end
  function p.readFloatBE(self, offset)
    local bits = bswap(cast(i32, (at(self, offset, 4)))[0])
    if band(bits, 0x7fffffff) > 0x7f800000 then return NAN end
    scratch.w = bits
    return scratch.f
  end
  function p.readDoubleLE(self, offset)
    local data = at(self, offset, 8)
    if is_nan(cast(i32, data)[1], cast(i32, data)[0]) then return NAN end
    return cast(f64, data)[0]
  end
  function p.readDoubleBE(self, offset)
    local data = at(self, offset, 8)
    if is_nan(bswap(cast(i32, data)[0]), cast(i32, data)[1]) then return NAN end
    scratch.i = bswap(cast(i64, data)[0])
    return scratch.d
  end
  -- NaN as JavaScript writes it, whatever the machine made of it.
  local function set_float(value) if value ~= value then scratch.w = 0x7fc00000 else scratch.f = value end end
  local function set_double(value) if value ~= value then scratch.i = 0x7ff8000000000000LL else scratch.d = value end end
  function p.writeFloatLE(self, value, offset)
    value = number(value)
    local data, place = at(self, offset, 4)
    set_float(value)
    cast(i32, data)[0] = scratch.w
    return place + 4
  end
  function p.writeFloatBE(self, value, offset)
    value = number(value)
    local data, place = at(self, offset, 4)
    set_float(value)
    cast(i32, data)[0] = bswap(scratch.w)
    return place + 4
  end
  function p.writeDoubleLE(self, value, offset)
    value = number(value)
    local data, place = at(self, offset, 8)
    set_double(value)
    cast(i64, data)[0] = scratch.i
    return place + 8
  end
  function p.writeDoubleBE(self, value, offset)
    value = number(value)
    local data, place = at(self, offset, 8)
    set_double(value)
    cast(i64, data)[0] = bswap(scratch.i)
    return place + 8
  end

  function p.readBigInt64LE(self, offset) return cast(i64, (at(self, offset, 8)))[0] end
  function p.readBigInt64BE(self, offset) return bswap(cast(i64, (at(self, offset, 8)))[0]) end
  function p.readBigUInt64LE(self, offset) return cast(u64, (at(self, offset, 8)))[0] end
  function p.readBigUInt64BE(self, offset) return bswap(cast(u64, (at(self, offset, 8)))[0]) end

  -- A 64-bit integer: cdata of either kind, or a number that is one.
  local function wide(value, signed)
    local given = value
    if type(value) == "table" and door.int64 then value = door.int64(value) end -- nil for what 64 bits do not hold
    if type(value) == "number" and floor(value) == value then
      if signed and value >= -2 ^ 63 and value < 2 ^ 63 then return int64(value) end
      if not signed and value >= 0 and value < 2 ^ 64 then return value < 2 ^ 63 and uint64(value) or uint64(value - 2 ^ 63) + 9223372036854775808ULL end
    elseif ffi.istype(int64, value) then
      if signed or value >= 0 then return value end
    elseif ffi.istype(uint64, value) then
      if not signed or value < 9223372036854775808ULL then return value end
    elseif not (door.kind and door.kind(given) == "bigint") then
      error(errors.ERR_INVALID_ARG_TYPE("value", "bigint", given), 0)
    end
    error(errors.ERR_OUT_OF_RANGE("value", signed and ">= -(2n ** 63n) and < 2n ** 63n" or ">= 0n and < 2n ** 64n", given), 0)
  end
  local function wide_writer(pointer_t, integer_t, signed, swapped)
    return function(self, value, offset)
      local v = wide(value, signed)
      local data, place = at(self, offset, 8)
      v = cast(integer_t, v)
      cast(pointer_t, data)[0] = swapped and bswap(v) or v
      return place + 8
    end
  end
  p.writeBigInt64LE, p.writeBigInt64BE = wide_writer(i64, int64, true, false), wide_writer(i64, int64, true, true)
  p.writeBigUInt64LE, p.writeBigUInt64BE = wide_writer(u64, uint64, false, false), wide_writer(u64, uint64, false, true)

  -- readUint8 is readUInt8, and so on.
  local names = {}
  for name in pairs(p) do
    if type(name) == "string" and name:find "UInt" then names[#names + 1] = name end
  end
  for _, name in ipairs(names) do p[name:gsub("UInt", "Uint")] = p[name] end
end
