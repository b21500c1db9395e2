-- SPDX-License-Identifier: MIT
-- Buffer: making, windows, filling, comparing, the module's other functions. Texts of errors recorded from Node 20.
local test = require "../support/test"
local buffer = require "buffer"
local Buffer = buffer.Buffer
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

test("fill takes text, bytes and Buffers", function(t)
  outcomes(t, {
    { function() return Buffer.alloc(4):fill("a",5) end, "00000000" },
    { function() return Buffer.alloc(4):fill("a",-1) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "offset" is out of range. It must be >= 0 && <= 2147483647. Received -1' },
    { function() return Buffer.alloc(4):fill("a",0,4,"nope") end, "raises TypeError ERR_UNKNOWN_ENCODING Unknown encoding: nope" },
    { function() return Buffer.alloc(4):fill(Buffer.alloc(0)) end, "raises TypeError ERR_INVALID_ARG_VALUE The argument 'value' is invalid. Received <Buffer >" },
    { function() return Buffer.alloc(4,true) end, "01010101" },
    { function() return Buffer.alloc(3,"a","b") end, "raises TypeError ERR_UNKNOWN_ENCODING Unknown encoding: b" },
  })
end)

test("wrong arguments are refused in Node's words", function(t)
  outcomes(t, {
    { function() return Buffer.concat({ },5) end, "" },
    { function() return Buffer.concat({ z},1.5) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "length" is out of range. It must be an integer. Received 1.5' },
    { function() return Buffer.concat("x") end, [==[raises TypeError ERR_INVALID_ARG_TYPE The "list" argument must be an instance of Array. Received type string ('x')]==] },
    { function() return Buffer.concat({ z,5 }) end, 'raises TypeError ERR_INVALID_ARG_TYPE The "list[1]" argument must be an instance of Buffer or Uint8Array. Received type number (5)' },
    { function() return Buffer.alloc(-1) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "size" is out of range. It must be >= 0 && <= 2147483647. Received -1' },
    { function() return Buffer.alloc("5") end, [==[raises TypeError ERR_INVALID_ARG_TYPE The "size" argument must be of type number. Received type string ('5')]==] },
    { function() return Buffer.alloc(2 ^ 40) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "size" is out of range. It must be >= 0 && <= 2147483647. Received 1_099_511_627_776' },
    { function() return Buffer.allocUnsafe(0 / 0) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "size" is out of range. It must be >= 0 && <= 2147483647. Received NaN' },
    { function() return Buffer.from(5) end, "raises TypeError ERR_INVALID_ARG_TYPE The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object. Received type number (5)" },
    { function() return Buffer.from("a","nope") end, "raises TypeError ERR_UNKNOWN_ENCODING Unknown encoding: nope" },
    { function() return Buffer.from({ type = "Buffer", data = { 1, 2 } }) end, "0102" },
    { function() return Buffer.from({ length = 2, [1] = 1, [2] = 2 }) end, "0102" },
    { function() return Buffer.from({ "7","x",-1,300.7 }) end, "0700ff2c" },
    { function() return z:copy("x") end, [==[raises TypeError ERR_INVALID_ARG_TYPE The "target" argument must be an instance of Buffer or Uint8Array. Received type string ('x')]==] },
    { function() return z:copy(Buffer.alloc(2),-1) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "targetStart" is out of range. It must be >= 0. Received -1' },
    { function() return z:copy(Buffer.alloc(2),0,9) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "sourceStart" is out of range. It must be >= 0 && <= 8. Received 9' },
    { function() return z:copy(Buffer.alloc(2),0,0,-1) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "sourceEnd" is out of range. It must be >= 0. Received -1' },
    { function() return Buffer.compare("a",z) end, [==[raises TypeError ERR_INVALID_ARG_TYPE The "buf1" argument must be an instance of Buffer or Uint8Array. Received type string ('a')]==] },
    { function() return z:compare(z,0,9) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "targetEnd" is out of range. It must be >= 0 && <= 8. Received 9' },
    { function() return z:compare(z,-1) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "targetStart" is out of range. It must be >= 0 && <= 2147483647. Received -1' },
    { function() return z:compare(5) end, 'raises TypeError ERR_INVALID_ARG_TYPE The "target" argument must be an instance of Buffer or Uint8Array. Received type number (5)' },
    { function() return z:equals("x") end, [==[raises TypeError ERR_INVALID_ARG_TYPE The "otherBuffer" argument must be an instance of Buffer or Uint8Array. Received type string ('x')]==] },
    { function() return Buffer.alloc(3):swap16() end, "raises RangeError ERR_INVALID_BUFFER_SIZE Buffer size must be a multiple of 16-bits" },
    { function() return Buffer.alloc(60):inspect() end, "<Buffer 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ... 10 more bytes>" },
    { function() return e0:inspect() end, "<Buffer >" },
    { function() return Buffer.copyBytesFrom(Buffer.from({ 1,2,3 }),1,1) end, "02" },
    { function() return Buffer.copyBytesFrom(Buffer.from({ 1,2,3 }),-1) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "offset" is out of range. It must be >= 0 && <= 9007199254740991. Received -1' },
    { function() return Buffer.copyBytesFrom("x") end, [==[raises TypeError ERR_INVALID_ARG_TYPE The "view" argument must be an instance of TypedArray. Received type string ('x')]==] },
    { function() return z:indexOf({}) end, 'raises TypeError ERR_INVALID_ARG_TYPE The "value" argument must be one of type number or string or an instance of Buffer or Uint8Array. Received an instance of Object' },
    { function() return z:indexOf("a",0,"nope") end, "raises TypeError ERR_UNKNOWN_ENCODING Unknown encoding: nope" },
    { function() return require("json").stringify(Buffer.from("hi")) end, '{"data":[104,105],"type":"Buffer"}' },
    { function() return Buffer.of(1,2,300) end, "01022c" },
  })
end)

test("a Buffer behaves as Lua expects", function(t)
  local b = Buffer.from "abc"
  t:equal(#b, 3) t:equal(b.length, 3) t:equal(b.byteLength, 3)
  t:equal(b[1], 97) t:equal(b[3], 99) t:equal(b[0], nil) t:equal(b[4], nil) t:equal(b[1.5], nil)
  t:equal(tostring(b), "abc") t:equal(b .. "d", "abcd") t:equal("x" .. b, "xabc") t:equal(b .. b, "abcabc")
  t:equal(tostring(Buffer.from { 255, 0 }), "\255\0")
  b[1], b[2], b[3] = 256 + 65, -1, 3.99
  t:equal(b:toString "hex", "41ff03")
  b[1], b[2] = 0 / 0, math.huge
  t:equal(b:toString "hex", "000003")
  b[9] = 1
  t:equal(#b, 3)
  b.note = "kept"
  t:equal(b.note, "kept")
  t:ok(Buffer:is(b)) t:ok(Buffer.isBuffer(b)) t:no(Buffer.isBuffer "abc") t:no(Buffer.isBuffer {})
end)

test("the first and last index of a large Buffer, and none beyond", function(t)
  local b = Buffer.alloc(100000, 7)
  local sum = 0
  for i = 0, 100001 do sum = sum + (b[i] or 1000) end
  t:equal(sum, 700000 + 2000)
end)

test("a slice shares its parent's bytes and keeps them alive", function(t)
  local part
  do
    local whole = Buffer.alloc(100000, 5)
    part = whole:subarray(50000, 50004)
    whole[50001] = 9
  end
  collectgarbage() collectgarbage()
  Buffer.alloc(100000, 6)
  t:equal(part:toString "hex", "09050505")
end)

test("memory of dropped Buffers is given back", function(t)
  local core = require "lunode.core"
  collectgarbage() collectgarbage()
  local before = core.buffer.external()
  for _ = 1, 200 do Buffer.alloc(1000000) end
  t:ok(core.buffer.external() - before < 150e6, "garbage Buffers do not pile up")
  collectgarbage() collectgarbage()
  t:ok(core.buffer.external() - before < 1e5)
end)

test("Buffer.from copies; small ones come from a pool without touching each other", function(t)
  local list = {}
  for i = 1, 500 do list[i] = Buffer.from(("%03d"):format(i)) end
  for i = 1, 500 do list[i][1] = 120 end
  for i = 1, 500 do t:equal(list[i]:toString(), "x" .. ("%03d"):format(i):sub(2)) end
  local a = Buffer.from "abc"
  local b = Buffer.from(a)
  b[1] = 0
  t:equal(a[1], 97)
  t:equal(Buffer.from({ valueOf = function() return "inner" end }):toString(), "inner")
end)

test("calling the class makes Buffers, new Buffer's way", function(t)
  t:equal(Buffer("hi"):toString(), "hi") t:equal(#Buffer(3), 3) t:equal(Buffer:new({ 1, 2 }):toString "hex", "0102")
end)

test("isEncoding knows every spelling", function(t)
  for _, e in ipairs { "utf8", "UTF-8", "ucs2", "UCS-2", "utf16le", "UTF-16LE", "latin1", "binary", "base64", "base64URL", "hex", "ASCII" } do t:ok(Buffer.isEncoding(e), e) end
  for _, e in ipairs { "", "utf-7", "utf16" } do t:no(Buffer.isEncoding(e), e) end
  t:no(Buffer.isEncoding(nil)) t:no(Buffer.isEncoding(5))
end)

test("allocUnsafeSlow is of its own, alloc is zero", function(t)
  for _ = 1, 50 do
    local b = Buffer.allocUnsafe(100) b:fill(0xff)
  end
  local b = Buffer.alloc(5000)
  for i = 1, 5000 do t:equal(b[i], 0) end
  t:equal(#Buffer.allocUnsafeSlow(10), 10) t:equal(#buffer.SlowBuffer(4), 4)
end)

test("swap, keys, values, entries", function(t)
  local b = Buffer.from { 1, 2, 3, 4, 5, 6, 7, 200 }
  t:equal(b:swap16():toString "hex", "020104030605c807") b:swap16()
  t:equal(b:swap32():toString "hex", "04030201c8070605") b:swap32()
  t:equal(b:swap64():toString "hex", "c807060504030201")
  local seen = {}
  for i, byte in Buffer.from("ab"):entries() do seen[#seen + 1] = i .. "=" .. byte end
  for i in Buffer.from("ab"):keys() do seen[#seen + 1] = i end
  for byte in Buffer.from("ab"):values() do seen[#seen + 1] = byte end
  t:equal(table.concat(seen, " "), "0=97 1=98 0 1 97 98")
end)

test("methods that come from Uint8Array", function(t)
  local b = Buffer.from { 3, 1, 2 }
  t:equal(b:at(-1), 2) t:equal(b:at(0), 3) t:equal(b:at(3), nil)
  t:equal(b:join "-", "3-1-2") t:equal(b:toSorted():join(), "1,2,3") t:equal(b:toReversed():join(), "2,1,3") t:equal(b:join(), "3,1,2")
  t:equal(b:map(function(x, i) return x * 100 + i end):join(), "44,101,202")
  t:equal(b:filter(function(x) return x > 1 end):join(), "3,2")
  t:equal(b:reduce(function(a, x) return a + x end), 6) t:equal(b:reduceRight(function(a, x) return a .. x end, ""), "213")
  t:equal(b:find(function(x) return x < 3 end), 1) t:equal(b:findIndex(function(x) return x < 3 end), 1)
  t:equal(b:findLast(function(x) return x < 3 end), 2) t:equal(b:findLastIndex(function(x) return x == 9 end), -1)
  t:ok(b:some(function(x) return x == 1 end)) t:no(b:every(function(x) return x == 1 end))
  t:equal(b:sort(function(x, y) return y - x end):join(), "3,2,1") t:equal(b["with"](b, 0, 9):join(), "9,2,1")
  b:set({ 7, 8 }, 1) t:equal(b:join(), "3,7,8")
  t:throws(function() b:set({ 1, 2 }, 2) end, { name = "RangeError" })
  t:equal(Buffer.from("abcde"):copyWithin(0, 3):toString(), "decde")
  t:throws(function() b:map(5) end, "ERR_INVALID_ARG_TYPE")
end)

test("a subclass of Buffer is one too", function(t)
  t:equal(buffer.constants.MAX_LENGTH, buffer.kMaxLength)
  t:equal(Buffer.poolSize, 8192)
  t:equal(Buffer.from("é"):inspect(), "<Buffer c3 a9>")
end)

test("Blob keeps bytes, slices them, and gives them back", function(t)
  local Blob = buffer.Blob
  local blob = Blob({ "héllo", Buffer.from { 33 }, Blob { " x" } }, { type = "Text/Plain" })
  t:equal(blob.size, 9) t:equal(blob.type, "text/plain")
  t:equal(await(blob:text()), "héllo! x")
  local part = blob:slice(-3, -1, "A/B")
  t:equal(part.size, 2) t:equal(part.type, "a/b") t:equal(await(part:text()), "! ")
  local bytes = await(blob:arrayBuffer())
  bytes[1] = 0
  t:equal(await(blob:text()), "héllo! x", "what was handed out is a copy")
  t:equal(#await(blob:bytes()), 9)
  t:equal(Blob({ "a\r\nb\rc" }, { endings = "native" }).size, 5)
  t:equal(Blob().size, 0) t:equal(Blob({}, { type = "é" }).type, "")
  local e = t:throws(function() Blob "x" end, "ERR_INVALID_ARG_TYPE")
  t:equal(e.message, [[The "sources" argument must be a sequence. Received type string ('x')]])
  t:throws(function() Blob({}, 5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() Blob({}, { endings = "x" }) end, "ERR_INVALID_ARG_VALUE")
end)

test("a Blob streams in pieces", function(t)
  local blob = buffer.Blob { ("x"):rep(150000) }
  local got, pieces = 0, 0
  for chunk in blob:stream():iter() do got, pieces = got + #chunk, pieces + 1 end
  t:equal(got, 150000) t:equal(pieces, 3)
end)

test("File has a name and a date", function(t)
  local f = buffer.File({ "abc" }, "a.txt", { type = "text/plain", lastModified = 5 })
  t:equal(f.name, "a.txt") t:equal(f.lastModified, 5) t:equal(f.size, 3) t:ok(buffer.Blob:is(f))
  t:ok(math.abs(buffer.File({}, "n").lastModified / 1000 - os.time()) < 5)
  t:throws(function() buffer.File {} end, "ERR_MISSING_ARGS")
  t:no(buffer.File:is(f:slice(0, 1)))
end)
