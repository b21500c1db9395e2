-- SPDX-License-Identifier: MIT
-- Buffers and bytes, offsets and arguments that nobody would write on purpose.
local test = require "../support/test"
local Buffer = require("buffer").Buffer

test("any eight bytes read as a number: NaNs with bits of their own are plain NaNs", function(t)
  local b, seen = Buffer.alloc(16), {}
  for high = 0x60, 0xff do
    for sign = 0x7f, 0xff, 0x80 do
      for _, low in ipairs { 0x00, 0x01, 0x41, 0xff } do
        b:fill(low)
        b[1], b[2], b[8], b[7] = sign, high, sign, high
        local values = { b:readDoubleBE(0), b:readDoubleLE(0), b:readFloatBE(0), b:readFloatLE(4) }
        for _, value in ipairs(values) do
          t:equal(type(value), "number")
          if value ~= value then
            seen.nan = true
            local again = Buffer.alloc(8) -- the NaN that JavaScript writes
            again:writeDoubleBE(value)
            t:equal(again:toString "hex", "7ff8000000000000")
          else
            seen.number = true
          end
        end
      end
    end
  end
  t:ok(seen.nan and seen.number)
  for _, case in ipairs { { "7ff0000000000000", math.huge }, { "fff0000000000000", -math.huge }, { "7fefffffffffffff", 1.7976931348623157e308 } } do
    local be = Buffer.from(case[1], "hex")
    t:equal(be:readDoubleBE(), case[2])
    t:equal(Buffer.from(be):swap64():readDoubleLE(), case[2])
  end
  t:equal(Buffer.from("7f800000", "hex"):readFloatBE(), math.huge)
  t:equal(Buffer.from("000080ff", "hex"):readFloatLE(), -math.huge)
end)

test("the same holds in compiled code", function(t)
  local b, nans = Buffer.alloc(8, 0xff), 0
  for i = 1, 20000 do
    b[1], b[8] = 0xff, 0xff
    b[2], b[7] = 0xf0 + i % 16, 0xf0 + i % 16
    b[5] = i % 256
    local x, y, z, w = b:readDoubleBE(), b:readDoubleLE(), b:readFloatLE(4), b:readFloatBE()
    if x ~= x then nans = nans + 1 end
    if y ~= y then nans = nans + 1 end
    if z ~= z then nans = nans + 1 end
    if w ~= w then nans = nans + 1 end
  end
  t:equal(nans, 80000)
end)

test("alloc with an encoding that is none gives no memory that was not cleared", function(t)
  local e = t:throws(function() return Buffer.alloc(3, "ab", 5) end, "ERR_INVALID_ARG_TYPE")
  t:equal(e.message, 'The "encoding" argument must be of type string. Received type number (5)')
  t:throws(function() return Buffer.alloc(3, "ab", "nope") end, "ERR_UNKNOWN_ENCODING")
end)

test("copy rounds its offsets down and takes what is no number as 0", function(t)
  local source = Buffer.from "abcdef"
  local function copied(...)
    local target = Buffer.alloc(6, ".")
    local ok, n = pcall(source.copy, source, target, ...)
    return ok and n .. target:toString() or n.message
  end
  t:equal(copied(1.9, 1.9, 3.9), "2.bc...")
  t:equal(copied(0 / 0, 0 / 0), "6abcdef")
  t:equal(copied(math.huge, -math.huge, 2), "2ab....")
  t:equal(copied(0, 0, 0 / 0), "0......")
  t:equal(copied("2", "1"), "4..bcde")
  t:equal(copied(-0.5), 'The value of "targetStart" is out of range. It must be >= 0. Received -1')
  t:equal(copied(0, 7), 'The value of "sourceStart" is out of range. It must be >= 0 && <= 6. Received 7')
end)

test("fill takes whole offsets within the Buffer, and nothing else", function(t)
  local b = Buffer.alloc(4)
  t:equal(t:throws(function() b:fill("x", 1.5) end, "ERR_OUT_OF_RANGE").message, 'The value of "offset" is out of range. It must be an integer. Received 1.5')
  t:equal(t:throws(function() b:fill(1, 0, 2.5) end, "ERR_OUT_OF_RANGE").message, 'The value of "end" is out of range. It must be an integer. Received 2.5')
  t:equal(t:throws(function() b:fill(1, 0, 5) end, "ERR_OUT_OF_RANGE").message, 'The value of "end" is out of range. It must be >= 0 && <= 4. Received 5')
  t:throws(function() b:fill("x", 9, -1) end, "ERR_OUT_OF_RANGE")
  t:equal(b:fill("x", 3, 1):toString "hex", "00000000")
end)

test("toString takes an end that is no number as 0", function(t)
  local b = Buffer.from "abcdef"
  t:equal(b:toString("utf8", 1, 0 / 0), "")
  t:equal(b:toString("utf8", 0 / 0, 2), "ab")
  t:equal(b:toString("utf8", -5, 3.9), "abc")
  t:equal(b:toString("utf8", 2, math.huge), "cdef")
end)

test("messages show control characters, quotes, Buffers and large numbers as Node does", function(t)
  local b = Buffer.alloc(2)
  t:equal(t:throws(function() b:fill("\0\27", "hex") end, "ERR_INVALID_ARG_VALUE").message, "The argument 'value' is invalid. Received '\\x00\\x1B'")
  t:equal(t:throws(function() b:fill("'", "hex") end, "ERR_INVALID_ARG_VALUE").message, [[The argument 'value' is invalid. Received "'"]])
  t:equal(t:throws(function() b:fill(Buffer.alloc(0)) end, "ERR_INVALID_ARG_VALUE").message, "The argument 'value' is invalid. Received <Buffer >")
  t:match(t:throws(function() b:writeInt8(1e300) end).message, "Received 1e%+_300$")
  t:match(t:throws(function() b:writeInt8(-1234567890123) end).message, "Received %-1_234_567_890_123$")
  t:match(t:throws(function() b:writeInt8(4294967296) end).message, "Received 4294967296$")
  t:match(t:throws(function() Buffer.compare(require("json").array {}, b) end).message, "Received an instance of Array$")
end)

test("a method called without its Buffer says so", function(t)
  local b = Buffer.from "hello"
  for name, call in pairs {
    toString = function() b.toString() end, readUInt8 = function() b.readUInt8(0) end, writeDoubleLE = function() b.writeDoubleLE(1, 0) end,
    slice = function() b.slice(1) end, fill = function() b.fill(0) end, toJSON = function() b.toJSON() end, swap16 = function() b.swap16() end,
    values = function() b.values() end, copy = function() Buffer.prototype.copy("text", b) end, indexOf = function() Buffer.prototype.indexOf(7, "x") end,
    compare = function() Buffer.prototype.compare(io.stdout, b) end,
  } do
    local e = t:throws(call, "ERR_INVALID_THIS")
    t:match(e.message, '^Value of "this" must be of type Buffer .*colon', name)
  end
end)

test("what is stored as a byte is made one as in JavaScript", function(t)
  local b = Buffer.alloc(8, 9)
  b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8] = "7", "x", true, nil, -1, 256.9, 0 / 0, math.huge
  t:equal(b:toString "hex", "07000100ff000000")
  b[0], b[9], b[1.5], b[-1] = 1, 1, 1, 1 -- no bytes: nothing happens
  t:equal(b:toString "hex", "07000100ff000000")
  t:equal(b[0], nil)
  t:equal(b[9], nil)
  t:equal(b[1.5], nil)
end)

test("byteOffset counts from where the shared memory begins", function(t)
  local b = Buffer.alloc(20)
  t:equal(b:slice(7):slice(3).byteOffset - b.byteOffset, 10)
  t:equal(b:slice(20).byteOffset, 0)
  t:equal(Buffer.allocUnsafeSlow(8).byteOffset, 0)
end)
