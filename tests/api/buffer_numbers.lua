-- SPDX-License-Identifier: MIT
-- Buffer's numbers. Expected texts recorded from Node 20.
local test = require "../support/test"
local ffi = require "ffi"
local Buffer = require("buffer").Buffer
local z, e0 = Buffer.alloc(8), Buffer.alloc(0)

-- Runs each case: its result as text (Buffers in hex), or "raises Name CODE message".
local function outcomes(t, cases)
  for _, case in ipairs(cases) do
    local ok, value = pcall(case[1])
    local got
    if not ok then
      got = type(value) == "table" and ("raises %s %s %s"):format(value.name, tostring(value.code), value.message) or "raises text " .. tostring(value)
    elseif Buffer.isBuffer(value) then got = value:toString "hex"
    else got = tostring(value) end
    t:equal(got, case[2])
  end
end

test("wrong offsets, lengths and values are refused in Node's words", function(t)
  outcomes(t, {
    { function() return z:readUInt8(8) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "offset" is out of range. It must be >= 0 and <= 7. Received 8' },
    { function() return z:readUInt8(-1) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "offset" is out of range. It must be >= 0 and <= 7. Received -1' },
    { function() return z:readUInt8(1.5) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "offset" is out of range. It must be an integer. Received 1.5' },
    { function() return z:readUInt8("1") end, [==[raises TypeError ERR_INVALID_ARG_TYPE The "offset" argument must be of type number. Received type string ('1')]==] },
    { function() return e0:readUInt8(0) end, "raises RangeError ERR_BUFFER_OUT_OF_BOUNDS Attempt to access memory outside buffer bounds" },
    { function() return z:readUInt32LE(5) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "offset" is out of range. It must be >= 0 and <= 4. Received 5' },
    { function() return z:readUIntLE(0) end, 'raises TypeError ERR_INVALID_ARG_TYPE The "byteLength" argument must be of type number. Received undefined' },
    { function() return z:readUIntLE(0,7) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "byteLength" is out of range. It must be >= 1 and <= 6. Received 7' },
    { function() return z:readUIntLE(0,1.5) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "byteLength" is out of range. It must be an integer. Received 1.5' },
    { function() return z:readUIntBE(3,6) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "offset" is out of range. It must be >= 0 and <= 2. Received 3' },
    { function() return z:readIntLE(nil,2) end, 'raises TypeError ERR_INVALID_ARG_TYPE The "offset" argument must be of type number. Received undefined' },
    { function() return z:readDoubleLE(1) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "offset" is out of range. It must be >= 0 and <= 0. Received 1' },
    { function() return e0:readDoubleLE(0) end, "raises RangeError ERR_BUFFER_OUT_OF_BOUNDS Attempt to access memory outside buffer bounds" },
    { function() return z:readBigInt64LE(1) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "offset" is out of range. It must be >= 0 and <= 0. Received 1' },
    { function() return z:readUInt8(0 / 0) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "offset" is out of range. It must be an integer. Received NaN' },
    { function() return z:readUInt8(math.huge) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "offset" is out of range. It must be >= 0 and <= 7. Received Infinity' },
    { function() return z:writeUInt8(256,0) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "value" is out of range. It must be >= 0 and <= 255. Received 256' },
    { function() return z:writeUInt8(-1,0) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "value" is out of range. It must be >= 0 and <= 255. Received -1' },
    { function() return z:writeInt8(128) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "value" is out of range. It must be >= -128 and <= 127. Received 128' },
    { function() return z:writeUInt16LE(65536) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "value" is out of range. It must be >= 0 and <= 65535. Received 65536' },
    { function() return z:writeUInt32LE(2 ^ 32) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "value" is out of range. It must be >= 0 and <= 4294967295. Received 4294967296' },
    { function() return z:writeUIntLE(2 ^ 48,0,6) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "value" is out of range. It must be >= 0 and < 2 ** 48. Received 281_474_976_710_656' },
    { function() return z:writeIntBE(2 ^ 47,0,6) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "value" is out of range. It must be >= -(2 ** 47) and < 2 ** 47. Received 140_737_488_355_328' },
    { function() return z:writeUIntBE(2 ^ 40,0,5) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "value" is out of range. It must be >= 0 and < 2 ** 40. Received 1_099_511_627_776' },
    { function() return z:writeBigInt64LE(9223372036854775808ULL) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "value" is out of range. It must be >= -(2n ** 63n) and < 2n ** 63n. Received 9_223_372_036_854_775_808n' },
    { function() return z:writeBigUInt64LE(-1LL) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "value" is out of range. It must be >= 0n and < 2n ** 64n. Received -1n' },
    { function() return z:writeUInt8(1,8) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "offset" is out of range. It must be >= 0 and <= 7. Received 8' },
    { function() return z:writeInt32BE(-2147483649) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "value" is out of range. It must be >= -2147483648 and <= 2147483647. Received -2147483649' },
    { function() return z:writeUIntLE(1,0) end, 'raises TypeError ERR_INVALID_ARG_TYPE The "byteLength" argument must be of type number. Received undefined' },
    { function() return z:writeFloatLE(1,5) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "offset" is out of range. It must be >= 0 and <= 4. Received 5' },
    { function() return z:writeUInt16BE(1234567.5) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "value" is out of range. It must be >= 0 and <= 65535. Received 1234567.5' },
    { function() return z:writeInt8(-129) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "value" is out of range. It must be >= -128 and <= 127. Received -129' },
    { function() return z:writeUIntLE(256,0,1) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "value" is out of range. It must be >= 0 and <= 255. Received 256' },
    { function() return z:writeIntLE(-8388609,0,3) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "value" is out of range. It must be >= -8388608 and <= 8388607. Received -8388609' },
  })
end)

test("NaN has one form, fractions are cut, floats overflow to infinity", function(t)
  outcomes(t, {
    { function() local q=Buffer.alloc(12); q:writeFloatBE(0 / 0,0); q:writeDoubleLE(0 / 0,4); return q end, "7fc00000000000000000f87f" },
    { function() local q=Buffer.alloc(4); q:writeFloatLE(1e40); return q end, "0000807f" },
    { function() local q=Buffer.alloc(8); q:writeUInt8(3.9,0); q:writeInt8(-3.9,1); q:writeUInt16BE(0 / 0,2); return q end, "03fd000000000000" },
  })
end)

test("every integer width reads back what it wrote, in both orders, at every offset", function(t)
  local values = { [1] = { 0, 1, 127, 128, 255 }, [2] = { 0, 255, 256, 32767, 32768, 65535 }, [4] = { 0, 65536, 2147483647, 2147483648, 4294967295 } }
  for size, list in pairs(values) do
    for _, order in ipairs(size == 1 and { "" } or { "LE", "BE" }) do
      local name = size * 8 .. order
      for offset = 0, 5 do
        local b = Buffer.alloc(size + 6, 0xee)
        for _, v in ipairs(list) do
          t:equal(b["writeUInt" .. name](b, v, offset), offset + size)
          t:equal(b["readUInt" .. name](b, offset), v, name)
          t:equal(b["readUint" .. name](b, offset), v, name)
          local signed = v >= 2 ^ (size * 8 - 1) and v - 2 ^ (size * 8) or v
          t:equal(b["readInt" .. name](b, offset), signed, name)
          b["writeInt" .. name](b, signed, offset)
          t:equal(b["readUInt" .. name](b, offset), v, name)
          if offset > 0 then t:equal(b[offset], 0xee) end
          t:equal(b[offset + size + 1], 0xee)
        end
      end
    end
  end
end)

test("the byte orders are what they are called", function(t)
  local b = Buffer.from { 1, 2, 3, 4, 5, 6, 7, 8 }
  t:equal(b:readUInt16LE(0), 0x0201) t:equal(b:readUInt16BE(0), 0x0102)
  t:equal(b:readUInt32LE(1), 0x05040302) t:equal(b:readUInt32BE(1), 0x02030405)
  t:equal(b:readBigUInt64LE(0), 0x0807060504030201ULL) t:equal(b:readBigUInt64BE(0), 0x0102030405060708ULL)
  t:equal(b:readUIntLE(0, 6), 0x060504030201) t:equal(b:readUIntBE(0, 6), 0x010203040506)
end)

test("one to six bytes: writeIntLE and its kin", function(t)
  for size = 1, 6 do
    local half = 2 ^ (size * 8 - 1)
    for _, order in ipairs { "LE", "BE" } do
      local b = Buffer.alloc(size + 2)
      for _, v in ipairs { 0, 1, half - 1, -1, -half, math.floor(half / 3) } do
        t:equal(b["writeInt" .. order](b, v, 1, size), size + 1)
        t:equal(b["readInt" .. order](b, 1, size), v)
        t:equal(b["readUInt" .. order](b, 1, size), v < 0 and v + 2 * half or v)
        b["writeUInt" .. order](b, v < 0 and v + 2 * half or v, 1, size)
        t:equal(b["readInt" .. order](b, 1, size), v)
      end
    end
  end
end)

test("floating point in both orders", function(t)
  local b = Buffer.alloc(9)
  for _, v in ipairs { 0, 1, -1.5, 1 / 3, 1e300, -1e-300, math.huge, -math.huge, 5e-324 } do
    b:writeDoubleLE(v, 1) t:equal(b:readDoubleLE(1), v)
    b:writeDoubleBE(v, 1) t:equal(b:readDoubleBE(1), v)
    local single = tonumber(ffi.new("float", v))
    b:writeFloatLE(v, 1) t:equal(b:readFloatLE(1), single)
    b:writeFloatBE(v, 1) t:equal(b:readFloatBE(1), single)
  end
  b:writeDoubleBE(1, 0) t:equal(b:toString("hex", 0, 8), "3ff0000000000000")
  b:writeFloatLE(-2, 0) t:equal(b:toString("hex", 0, 4), "000000c0")
  b:writeFloatBE(0 / 0) local v = b:readFloatBE() t:ok(v ~= v)
end)

test("64-bit integers, given as cdata or as numbers that are integers", function(t)
  local b = Buffer.alloc(8)
  for _, v in ipairs { 0LL, 1LL, -1LL, 9223372036854775807LL, -9223372036854775807LL - 1 } do
    b:writeBigInt64LE(v) t:ok(b:readBigInt64LE() == v)
    t:equal(b:writeBigInt64BE(v), 8) t:ok(b:readBigInt64BE() == v)
  end
  b:writeBigUInt64BE(18446744073709551615ULL) t:equal(b:toString "hex", "ffffffffffffffff")
  b:writeBigUInt64LE(2 ^ 63) t:ok(b:readBigUInt64LE() == 9223372036854775808ULL)
  b:writeBigInt64LE(-5) t:ok(b:readBigInt64LE() == -5LL)
  b:writeBigUint64LE(7ULL) t:ok(b:readBigUint64LE() == 7ULL)
  t:throws(function() b:writeBigInt64LE "1" end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() b:writeBigInt64LE(0.5) end, "ERR_INVALID_ARG_TYPE")
end)

test("numbers go through a slice to its parent, at odd addresses too", function(t)
  local b = Buffer.alloc(16)
  b:subarray(3):writeUInt32BE(0x01020304, 2)
  t:equal(b:toString "hex", "00000000000102030400000000000000")
  t:throws(function() b:subarray(3, 6):readUInt32LE() end, "ERR_BUFFER_OUT_OF_BOUNDS")
end)
