-- SPDX-License-Identifier: MIT
-- V8's serialization format (core.serialize, v8.serialize, IPC messages with serialization "advanced"): against bytes that Node 20
-- made (tests/fixtures/serialize_node.txt), and against Node itself where it is installed.
local test = require "../support/test"
local v8 = require "v8"
local core = require "lunode.core"
local serializable = require "lunode.internal.serializable"
local lunode = require "lunode"
local class = lunode.class
local null, ARRAY = lunode.null, require "lunode.internal.shape".ARRAY

local here = debug.getinfo(1, "S").source:match "^@(.*)tests/api/v8%.lua$"
local fixtures = (here == nil or here == "") and "tests/fixtures/" or here .. "tests/fixtures/"

local function hex(value) return v8.serialize(value):toString "hex" end
local function unhex(text) return v8.deserialize(Buffer.from(text, "hex")) end
local function there_and_back(value) return v8.deserialize(v8.serialize(value)) end
local function message_hex(value) return Buffer.from(core.serialize.encode(value)):toString "hex" end

local recorded, names = {}, {}
for line in io.lines(fixtures .. "serialize_node.txt") do
  local name, plain, message = line:match "^(%S+) (%S+) (%S+)$"
  recorded[name] = { plain = plain, message = message }
  names[#names + 1] = name
end
local function from_node(name)
  return unhex(recorded[name].plain), core.serialize.decode(Buffer.from(recorded[name].message, "hex"))
end

-- ---- bytes

test("scalars are written byte for byte as Node writes them", function(t)
  local values = {
    null = null, ["true"] = true, ["false"] = false, zero = 0, one = 1, minusOne = -1, int63 = 63, int64 = 64, intMax = 2147483647, intMin = -2147483648,
    aboveInt = 2147483648, negativeZero = -0.0, half = 1.5, nan = 0 / 0, infinity = math.huge, tiny = 5e-324, safe = 9007199254740991, big0 = 0LL, big5 = 5LL,
    bigMinus5 = -5LL, bigMax = 9223372036854775807LL, bigMin = -9223372036854775807LL - 1, bigUnsigned = 18446744073709551615ULL,
    empty = "", ascii = "hello", latin = "h\195\169llo", wide = "\226\130\172100", astral = "\240\159\152\128", lone = "a\237\160\128b", nul = "a\0b",
    long = ("x"):rep(300), longWide = ("\226\130\172"):rep(700),
  }
  for name, value in pairs(values) do
    t:equal(hex(value), recorded[name].plain, name)
    t:equal(message_hex(value), recorded[name].message, name)
  end
  t:equal(hex(nil), recorded.undefined.plain)
  t:equal(hex(-(0 / 0)), recorded.nan.plain)
end)

test("what Node wrote and Lua read is written as the same bytes again", function(t)
  -- keys are sorted here, causes come last, wrappers are what they wrap, nil properties are not there
  local different = {
    object = true, wideKeys = true, numberKeys = true, cycle = true, cause = true, causes = true, inObject = true, undefinedLast = true, mixed = true,
    numberObject = true, stringObject = true, trueObject = true, falseObject = true, bigObject = true, sameWrapper = true,
  }
  local n = 0
  for _, name in ipairs(names) do
    local plain, message = from_node(name)
    local same = hex(plain) == recorded[name].plain
    if not different[name] then
      t:ok(same, name)
      t:equal(message_hex(message), recorded[name].message, name)
      n = n + 1
    else
      t:no(same, name .. " need not be excepted")
    end
  end
  t:equal(n, 73)
end)

test("values made in Lua are written as Node writes theirs", function(t)
  t:equal(hex { 1, "a", { 2, { 3 } }, {} }, recorded.array.plain)
  t:equal(hex(setmetatable({}, ARRAY)), recorded.emptyArray.plain)
  t:equal(hex {}, recorded.emptyObject.plain)
  t:equal(hex { 1, 2, x = "y" }, recorded.arrayWithProperty.plain)
  t:equal(hex { null, null }, recorded.nulls.plain)
  local shared = { n = 1 }
  t:equal(hex { shared, shared, { shared = shared } }, recorded.shared.plain)
  t:equal(hex(v8.Date(1e12)), recorded.date.plain)
  t:equal(hex(v8.Date(0 / 0)), recorded.badDate.plain)
  t:equal(hex(v8.RegExp("a\\/b\\u20ac", "yusmig")), recorded.regexp.plain)
  t:equal(hex(v8.Set { 1, "a", shared, shared }), recorded.set.plain)
  local map = v8.Map { { 1, 2 }, { "k", { a = 1 } }, { 0 / 0, "nan" } }
  map:set(null, nil):set("self", map)
  t:equal(hex(map), recorded.map.plain)
  t:equal(hex(Buffer.from "hi"), recorded.buffer.plain)
  t:equal(message_hex(Buffer.from "hi"), recorded.buffer.message)
  local same = Buffer.from "same"
  t:equal(message_hex { same, same }, recorded.sameBuffer.message)
  local err = TypeError "typed"
  err.stack = "STACK"
  t:equal(hex(err), recorded.typeError.plain)
end)

-- ---- from Node

test("objects and arrays from Node", function(t)
  for _, form in ipairs { 1, 2 } do
    local function value(name) return (select(form, from_node(name))) end
    t:deep(value "object", { a = "two", b = 1, c = null, e = true })
    t:deep(value "wideKeys", { a = "\226\130\172", bb = "\226\130\172", ["\226\130\172"] = 1, ["\195\169"] = 2 })
    t:deep(value "array", { 1, "a", { 2, { 3 } }, {} })
    t:equal(getmetatable(value "emptyArray"), ARRAY)
    t:equal(getmetatable(value "emptyObject"), nil)
    t:deep(value "undefinedIn", { 1, nil, 3 })
    t:deep(value "holes", { 1, nil, 3, length = 3 })
    t:deep(value "undefinedLast", { 1, length = 2 })
    t:deep(value "sparse", { [6] = "five", length = 10 })
    t:deep(value "tail", { 1, 2, length = 4 })
    t:deep(value "arrayWithProperty", { 1, 2, x = "y" })
    t:deep(value "doubles", { 1.5, 2.5 })
    local keys = value "numberKeys" -- integers are text, as in JSON
    t:equal(keys["5"], "five")
    t:equal(keys["0"], "zero")
    t:equal(keys["-1"], "minus")
    t:equal(keys["1.5"], "x")
    t:deep(value "instance", { x = 1, y = 2 })
    t:equal(value "long", ("x"):rep(300))
    t:equal(value "longWide", ("\226\130\172"):rep(700))
    t:equal(value "lone", "a\237\160\128b")
    t:equal(value "astral", "\240\159\152\128")
  end
end)

test("identities and cycles are kept, from Node and back", function(t)
  for i = 1, 2 do
    local cycle = select(i, from_node "cycle")
    t:equal(cycle.self, cycle)
    t:equal(cycle.list[1], cycle)
    t:equal(cycle.list[2][1], cycle)
    local again = there_and_back(cycle)
    t:equal(again.self, again)
    t:equal(again.list[2][1], again)
    t:notEqual(again, cycle)
    local shared = select(i, from_node "shared")
    t:equal(shared[1], shared[2])
    t:equal(shared[3].shared, shared[1])
    local buffers = select(i, from_node "sameBuffer")
    t:ok(rawequal(buffers[1], buffers[2]))
    local map = select(i, from_node "map")
    t:equal(map:get "self", map)
    local dates = select(i, from_node "sameDate")
    t:ok(rawequal(dates[1], dates[2]))
  end
  local e = Error "mine"
  e.cause = { e }
  local copy = there_and_back(e)
  t:equal(copy.cause[1], copy)
end)

test("a Date from Node", function(t)
  local date = from_node "date"
  t:ok(v8.Date:is(date))
  t:equal(date:getTime(), 1e12)
  t:equal(date:valueOf(), 1e12)
  t:equal(date:toISOString(), "2001-09-09T01:46:40.000Z")
  t:equal(tostring(date), "2001-09-09T01:46:40.000Z")
  t:equal(require "json".stringify { date }, '["2001-09-09T01:46:40.000Z"]')
  t:ok(date == v8.Date(1e12))
  t:ok(date < v8.Date(1e12 + 1))
  t:ok(date <= v8.Date(date))
  local bad = from_node "badDate"
  t:ok(bad:getTime() ~= bad:getTime())
  t:equal(tostring(bad), "Invalid Date")
  t:throws(function() bad:toISOString() end, { name = "RangeError", message = "Invalid time value" })
  t:equal(v8.Date(8.64e15):toISOString(), "+275760-09-13T00:00:00.000Z")
  t:equal(v8.Date(-8.64e15):toISOString(), "-271821-04-20T00:00:00.000Z")
  t:equal(v8.Date(-1):toISOString(), "1969-12-31T23:59:59.999Z")
  t:equal(v8.Date(951782400000):toISOString(), "2000-02-29T00:00:00.000Z")
  t:ok(v8.Date(8.64e15 + 1):getTime() ~= v8.Date(8.64e15 + 1):getTime())
  t:equal(v8.Date(1.9):getTime(), 1)
  t:equal(v8.Date(-1.9):getTime(), -1)
  t:ok(math.abs(v8.Date():getTime() / 1000 - os.time()) <= 2)
end)

test("a Map from Node keeps its order and any key", function(t)
  local map = from_node "map"
  t:ok(v8.Map:is(map))
  t:equal(map.size, 5)
  t:equal(map:get(1), 2)
  t:equal(map:get "k".a, 1)
  t:equal(map:get(0 / 0), "nan")
  t:ok(map:has(null))
  t:equal(map:get(null), nil)
  local keys = {}
  for key in map:keys() do keys[#keys + 1] = key end
  t:equal(#keys, 5)
  t:equal(keys[1], 1)
  t:equal(keys[2], "k")
  t:equal(keys[5], "self")
  t:equal(from_node "emptyMap".size, 0)
end)

test("Map: set, delete, clear and iteration in the order of insertion", function(t)
  local map = v8.Map { { "a", 1 }, { "b", 2 }, { "c", 3 } }
  t:equal(map:set("a", 10), map)
  t:ok(map:delete "b")
  t:no(map:delete "b")
  map:set("b", 20):set(nil, "nil"):set(5LL, "big")
  t:equal(map:get(nil), "nil")
  t:equal(map:get(5LL), "big")
  t:equal(map:get(5ULL), "big")
  t:equal(map:get(5), nil)
  local seen = {}
  for key, value in map:iter() do seen[#seen + 1] = tostring(key) .. "=" .. tostring(value) end
  t:equal(table.concat(seen, " "), "a=10 c=3 b=20 null=nil 5LL=big")
  -- what is added while it goes is seen, what is taken out is not
  local order = {}
  local other = v8.Map { { 1, 1 }, { 2, 2 }, { 3, 3 } }
  for key in other:entries() do
    order[#order + 1] = key
    if key == 1 then
      other:delete(1)
      other:delete(2)
      other:set(4, 4)
    elseif key == 4 then
      other:clear()
      other:set(5, 5)
    end
  end
  t:equal(table.concat(order, " "), "1 3 4 5")
  local calls = {}
  v8.Map { { "x", 1 } }:forEach(function(value, key, whole) calls[1] = { value, key, whole.size } end)
  t:deep(calls, { { 1, "x", 1 } })
  local values = {}
  for value in v8.Map({ { 1, "v" } }):values() do values[#values + 1] = value end
  t:deep(values, { "v" })
  t:equal(v8.Map(map):get "c", 3)
  t:throws(function() v8.Map { 5 } end, { name = "TypeError", message = "Iterator value 5 is not an entry object" })
  t:throws(function() map:forEach() end, "ERR_INVALID_ARG_TYPE")
end)

test("a Set from Node, and Set", function(t)
  local set = from_node "set"
  t:ok(v8.Set:is(set))
  t:equal(set.size, 3)
  t:ok(set:has "a")
  local list = {}
  for value in set:iter() do list[#list + 1] = value end
  t:equal(list[1], 1)
  t:equal(list[3].n, 1)
  set:add "a":add(0 / 0):add(0 / 0)
  t:equal(set.size, 4)
  t:ok(set:delete "a")
  t:equal(set.size, 3)
  set:clear()
  t:equal(set.size, 0)
  local pairs_seen = {}
  for a, b in v8.Set({ "q" }):entries() do pairs_seen[#pairs_seen + 1] = a .. b end
  t:deep(pairs_seen, { "qq" })
  t:equal(v8.Set(v8.Set { 1, 2 }).size, 2)
end)

test("util.inspect shows them as Node's", function(t)
  local inspect = require "util".inspect
  t:equal(inspect(v8.Map { { "a", 1 }, { 2, { 3 } } }), "Map(2) { 'a' => 1, 2 => [ 3 ] }")
  t:equal(inspect(v8.Set { 1, "x" }), "Set(2) { 1, 'x' }")
  t:equal(inspect(v8.Map()), "Map(0) {}")
  t:equal(inspect(v8.Date(0)), "1970-01-01T00:00:00.000Z")
  t:equal(inspect(v8.RegExp("a", "g")), "/a/g")
end)

test("a regular expression from Node", function(t)
  local r = from_node "regexp"
  t:ok(v8.RegExp:is(r))
  t:equal(r.source, "a\\/b\\u20ac")
  t:equal(r.flags, "gimsuy")
  t:ok(r.global)
  t:no(r.hasIndices)
  t:equal(tostring(from_node "indices"), "/x/d")
  t:equal(tostring(from_node "sets"), "/[a--b]/v")
  t:throws(function() v8.RegExp("a", "gg") end, { name = "SyntaxError", message = "Invalid flags supplied to RegExp constructor 'gg'" })
  t:throws(function() v8.RegExp("a", "z") end, { name = "SyntaxError" })
  t:equal(v8.RegExp(v8.RegExp("b", "i")).flags, "i")
  t:equal(tostring(v8.RegExp()), "/(?:)/")
end)

test("errors from Node: class, message, stack and cause", function(t)
  local e = from_node "typeError"
  t:ok(lunode.TypeError:is(e))
  t:equal(e.name, "TypeError")
  t:equal(e.message, "typed")
  t:equal(e.stack, "STACK")
  t:ok(lunode.SyntaxError:is((from_node "syntaxError")))
  t:ok(lunode.RangeError:is((from_node "rangeError")))
  t:equal(from_node "noMessage".message, "")
  t:deep(from_node "cause".cause, { x = 1 })
  local chain = from_node "causes"
  t:ok(lunode.URIError:is(chain.cause))
  t:equal(chain.cause.cause, "c")
end)

test("errors from Lua keep what V8 keeps", function(t)
  local e = require "lunode.internal.errors".ERR_INVALID_ARG_TYPE("x", "string", 5)
  local copy = there_and_back(e)
  t:ok(lunode.TypeError:is(copy))
  t:equal(copy.message, e.message)
  t:equal(copy.code, nil)
  t:equal(copy.stack, e.stack)
  local Mine = class("Mine", lunode.Error)
  copy = there_and_back(Mine "m")
  t:equal(copy.name, "Error")
  t:equal(getmetatable(copy), lunode.Error.meta)
  t:equal(rawget(there_and_back(Error()), "message"), nil)
  t:deep(there_and_back(Error("a", { cause = { 1 } })).cause, { 1 })
end)

test("Buffers and typed arrays from Node", function(t)
  for i = 1, 2 do
    local function value(name) return (select(i, from_node(name))) end
    t:equal(tostring(value "buffer"), "hi")
    t:equal(serializable.view(value "buffer"), nil)
    t:equal(value "emptyBuffer".length, 0)
    t:equal(tostring(value "inObject".data), "\0\255^")
    t:equal(value "float64":readDoubleLE(0), 1.5)
    t:equal(serializable.view(value "float64"), "Float64Array")
    t:equal(value "uint32":readUInt32LE(4), 4294967295)
    t:equal(value "int16":readInt16LE(0), 258)
    t:equal(serializable.view(value "uint8"), "Uint8Array")
    t:equal(serializable.view(value "arrayBuffer"), "ArrayBuffer")
    t:equal(value "arrayBuffer".length, 16)
    local both = value "bothMemories"
    t:ok(rawequal(both[1], both[2]))
  end
  local b = Buffer.alloc(8)
  t:equal(serializable.view(b, "Float64Array"), "Float64Array")
  t:equal(hex(b), "ff0f5c0808" .. ("00"):rep(8))
  serializable.view(b, "Buffer")
  t:equal(hex(b), "ff0f5c0a08" .. ("00"):rep(8))
  t:throws(function() serializable.view(Buffer.alloc(3), "Int16Array") end, { name = "RangeError" })
  t:throws(function() serializable.view(b, "X") end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() serializable.view "x" end, "ERR_INVALID_ARG_TYPE")
end)

test("a view behind its ArrayBuffer shares the bytes", function(t)
  -- an ArrayBuffer with a view of it from byte 2 (Uint16Array, 4 bytes), the buffer again, the view again
  local list = unhex("ff0f4103" .. "42080102030405060708" .. "56" .. "57" .. "02" .. "04" .. "00" .. "5e01" .. "5e02" .. "240003")
  t:equal(serializable.view(list[1]), "Uint16Array")
  t:equal(tostring(list[1]), "\3\4\5\6")
  t:equal(serializable.view(list[2]), "ArrayBuffer")
  t:ok(rawequal(list[1], list[3]))
  list[2][3] = 99
  t:equal(list[1][1], 99)
  -- version 13 has no flags
  t:equal(tostring(unhex "ff0d42040102030456420102"), "\2\3")
end)

test("wrappers of primitives are read as what they wrap", function(t)
  t:equal(from_node "numberObject", 5)
  t:equal(from_node "stringObject", "x")
  t:equal(from_node "trueObject", true)
  t:equal(from_node "falseObject", false)
  t:ok(from_node "bigObject" == 5LL)
  t:deep(from_node "sameWrapper", { 7, 7 })
end)

test("64-bit integers", function(t)
  for name, value in pairs { big0 = 0LL, big5 = 5LL, bigMinus5 = -5LL, bigMax = 9223372036854775807LL, bigMin = -9223372036854775807LL - 1 } do
    local got = from_node(name)
    t:equal(type(got), "cdata", name)
    t:equal(tostring(got), tostring(value), name)
  end
  t:equal(tostring((from_node "bigUnsigned")), "18446744073709551615ULL")
  t:throws(function() unhex "ff0f5a2000000000000000000100000000000000" end, { name = "RangeError" })
  t:throws(function() unhex "ff0f5a110100000000000080" end, { name = "RangeError" }) -- below -2^63
  t:equal(tostring(unhex "ff0f5a2005000000000000000000000000000000"), "5LL") -- zeros above
  local ffi = require "ffi"
  t:throws(function() hex(ffi.new "int32_t[2]") end, { name = "Error" })
end)

-- ---- Lua's own

test("a table's number keys that are no sequence stay numbers between Lua programs", function(t)
  t:deep(there_and_back { [10] = "ten", [-1] = "x", [2.5] = "y", name = "n" }, { [10] = "ten", [-1] = "x", [2.5] = "y", name = "n" })
  t:deep(there_and_back { 1, 2, [0] = "zero", [10] = "ten", [2.5] = "y", x = "x" }, { 1, 2, [0] = "zero", [10] = "ten", [2.5] = "y", x = "x" })
  t:equal(hex { [5] = 1 }, "ff0f6f4e000000000000144049027b01")
  t:equal(hex { 1, [0] = 2 }, "ff0f4101490249014904240101")
  -- V8 takes no key twice
  t:equal(hex { [5] = 1, ["5"] = 2 }, "ff0f6f22013549047b01")
end)

test("keys are sorted, also many of them", function(t)
  t:equal(hex { b = 1, a = 2, c = 3 }, "ff0f6f220161490422016249022201634906" .. "7b03")
  local many = {}
  for i = 1, 100 do many[("k%03d"):format(i)] = i end
  local text, at = tostring(v8.serialize(many)), 0
  for i = 1, 100 do
    local found = text:find(("k%03d"):format(i), 1, true)
    t:ok(found > at)
    at = found
  end
  t:deep(there_and_back(many), many)
  for _, n in ipairs { 31, 32, 33, 64 } do
    local some = {}
    for i = 1, n do some["x" .. i] = { i } end
    t:deep(there_and_back(some), some)
    t:deep(there_and_back { some, some }[2], some)
  end
end)

test("keys of other types are left out", function(t) t:deep(there_and_back { [true] = 1, [{}] = 2, a = 3 }, { a = 3 }) end)

test("instances of classes are objects of their public fields", function(t)
  local Point = class "Point"
  function Point:initialize(x) self.x, self._y = x, 2 end
  Point:accessor("z", function() return 3 end)
  local copy = there_and_back(Point(1))
  t:deep(copy, { x = 1 })
  t:equal(getmetatable(copy), nil)
  t:deep(there_and_back(setmetatable({ _a = 1 }, {})), { _a = 1 })
end)

test("bytes that are no text cross between Lua programs unharmed", function(t)
  for _, s in ipairs { "\255\254", "a\128", "\192\128", "\244\144\128\128", "\240\128\128\128", "\224\159\128", "caf\233", "\226\130", ("\200"):rep(2000) } do
    t:equal(there_and_back(s), s)
    t:equal(next(there_and_back { [s] = 1 }), s)
  end
  t:equal(hex "\255", "ff0f5301ff")
end)

test("text of every kind comes back as it was", function(t)
  for _, s in ipairs { "", "abc", "\195\169", "\195\191", "\196\128", "\223\191", "\224\160\128", "\239\191\191", "\240\144\128\128", "\244\143\191\191",
    "a\226\130\172b", ("\195\169"):rep(5000), ("\226\130\172\240\159\152\128a"):rep(3000), "\237\160\128", ("ab\0"):rep(100) } do
    t:equal(there_and_back(s), s)
    t:equal(there_and_back { s, [s .. "k"] = s }[s .. "k"], s)
  end
end)

test("nil, holes and null in lists", function(t)
  local list = there_and_back { 1, null, 3 }
  t:equal(list[2], null)
  t:deep(there_and_back(setmetatable({ 1, length = 3 }, ARRAY)), { 1, length = 3 })
  t:equal(hex(setmetatable({ 1, length = 3 }, ARRAY)), "ff0f610349004902400103")
  t:deep(there_and_back { 1, length = 9 }, { 1 }) -- V8 takes no such property of an array
  local odd = {}
  odd[4], odd[3], odd[2], odd[1] = "d", "c", "b", "a"
  odd.x, odd.y = 1, 2
  t:deep(there_and_back(odd), odd)
end)

test("what cannot be cloned", function(t)
  local function refused(value, text)
    local e = t:throws(function() v8.serialize { a = { value } } end, { name = "Error" })
    t:match(e.message, text)
    e = t:throws(function() core.serialize.encode { value } end, { name = "Error" })
    e = t:throws(function() serializable.clone { value } end, { name = "DataCloneError", code = 25 })
    t:match(e.message, text)
  end
  refused(function() end, "^function %(.*v8%.lua:%d+%) could not be cloned%.$")
  refused(print, "^function could not be cloned%.$")
  refused(coroutine.create(print), "^#<Coroutine> could not be cloned%.$")
  refused(Promise.resolve(1), "^#<Promise> could not be cloned%.$")
  refused(require "lunode.internal.symbols".iterator, "^Symbol%(Symbol%.iterator%) could not be cloned%.$")
  refused(io.stdout, " could not be cloned%.$")
end)

test("nesting has a limit both ways", function(t)
  local function nest(n, make)
    local top = make()
    local at = top
    for _ = 2, n do
      local below = make()
      at[1] = below
      at = below
    end
    return top
  end
  t:throws(function() v8.serialize(nest(2501, function() return {} end)) end, { name = "RangeError" })
  local bytes = v8.serialize(nest(2500, function() return {} end))
  t:ok(v8.deserialize(bytes))
  local objects
  for i = 1, 2500 do objects = { x = objects, y = i } end
  t:equal(there_and_back(objects).x.x.y, 2498)
  t:throws(function() v8.deserialize("\255\15" .. ("A\1"):rep(2501) .. "_" .. ("$\0\1"):rep(2501)) end, { name = "RangeError" })
  t:throws(function() v8.deserialize("\255\15" .. (";"):rep(100000)) end, { name = "RangeError" })
  t:throws(function() v8.deserialize("\255\15" .. ("rc"):rep(100000)) end, { name = "RangeError" })
  local e = Error "0"
  for i = 1, 4000 do e = Error(tostring(i), { cause = e }) end
  t:throws(function() v8.serialize(e) end, { name = "RangeError" })
  -- and works again afterwards
  t:equal(there_and_back "x", "x")
end)

-- ---- broken messages

local BROKEN, VERSION = "Unable to deserialize cloned data.", "Unable to deserialize cloned data due to invalid or unsupported version."

test("a broken message is an error", function(t)
  for _, text in ipairs {
    "ff0f", "ff0f41ff", "ff0f5c0102", "ff0f5e00", "ff0f720a", "ff0f5e", "ff0f6f", "ff0f41", "ff0f41ffffffff0f", "ff0f4180808008" .. "5f", "ff0f4e0000", "ff0f49",
    "ff0f49ffffffffff", "ff0f22", "ff0f220561", "ff0f6303616161", "ff0f22ffffffff0f61", "ff0f6fffffffff", "ff0f6f7b01", "ff0f6f4902" .. "49027b02",
    "ff0f6f54547b01", "ff0f41014902240000", "ff0f41014902240101", "ff0f61014000" .. "02", "ff0f3b49023a01", "ff0f3b3a01", "ff0f2749022c02", "ff0f44",
    "ff0f5222016180" .. "04", "ff0f5249020", "ff0f72", "ff0f726d", "ff0f72546d49022e", "ff0f726363", "ff0f4205", "ff0f4204010203", "ff0f4204010203045642" .. "050100",
    "ff0f42040102030456" .. "57010200", "ff0f4204010203045678" .. "000400", "ff0f5c0d00", "ff0f5c0801ff", "ff0f5c", "ff0f5a", "ff0f5a10", "ff0f74" .. "00",
    "ff0f7500", "ff0f7000", "ff0f7700", "ff0f2d", "ff0f7b00", "ff0f2400", "ff0f3f", "ff0f00", "ff0f0000", "ff0f6f2201616f22016154", "ff0f7e0401", "ff0f41025e015f" .. "240002",
  } do
    t:throws(function() unhex(text) end, { name = "Error", message = BROKEN }, text)
  end
  for _, text in ipairs { "", "ff", "0f", "ff10", "ff0c5f", "ff8080808080", "5f5f" } do
    t:throws(function() unhex(text) end, { name = "Error", message = VERSION }, text)
  end
  t:throws(function() core.serialize.decode "\255\15\\\2" end, { message = BROKEN })
  t:throws(function() core.serialize.decode "\255\15\\\1T" end, { message = BROKEN })
  t:throws(function() v8.deserialize(5) end, { code = "ERR_INVALID_ARG_TYPE", message = "buffer must be a TypedArray or a DataView" })
end)

test("every message cut at every byte is an error, and changed at every byte is not a crash", function(t)
  for _, name in ipairs(names) do
    local bytes = tostring(Buffer.from(recorded[name].message, "hex"))
    if #bytes < 400 then
      for n = 0, #bytes - 1 do t:no((pcall(core.serialize.decode, bytes:sub(1, n))), name) end
      for n = 3, #bytes do
        for _, byte in ipairs { 0, 0x41, 0x5e, 0x7f, 0x80, 0xff } do
          local ok, value = pcall(core.serialize.decode, bytes:sub(1, n - 1) .. string.char(byte) .. bytes:sub(n + 1))
          if ok then pcall(core.serialize.encode, value) end
        end
      end
    end
  end
end)

test("lengths that lie cost no memory", function(t)
  collectgarbage()
  local before = collectgarbage "count"
  -- arrays in arrays, each said to be as long as the rest
  local parts = {}
  for i = 1, 2000 do parts[i] = "A\255\255\3" end
  t:no((pcall(v8.deserialize, "\255\15" .. table.concat(parts) .. ("_"):rep(65536))))
  parts = {}
  for i = 1, 5000 do parts[i] = "a\255\255\255\255\15@\0\255\255\255\255\15" end
  t:equal(v8.deserialize("\255\15A\136\39" .. table.concat(parts) .. "$\0\136\39")[5000].length, 4294967295)
  t:ok(collectgarbage "count" - before < 20000)
end)

test("any NaN becomes the one NaN", function(t)
  for _, bits in ipairs { "010000000000f07f", "ffffffffffffffff", "000000000000f8ff", "efbeaddefeffffff", "0000000000000cff" } do
    local n = unhex("ff0f4e" .. bits)
    t:equal(type(n), "number")
    if bits ~= "0000000000000cff" then t:ok(n ~= n) end
    local list = unhex("ff0f41014e" .. bits .. "240001")
    t:equal(type(list[1]), "number")
    t:equal(type(unhex("ff0f44" .. bits):getTime()), "number")
    t:equal(type(unhex("ff0f6e" .. bits)), "number")
    local object = unhex("ff0f6f4e" .. bits .. "54" .. "7b01")
    t:ok(type(next(object)) == "string" or type(next(object)) == "number")
  end
end)

test("padding, counts and older versions are read", function(t)
  t:equal(unhex "ff0f00004902", 1)
  t:equal(unhex "ff0f3f054902", 1)
  t:equal(unhex "ff0d4902", 1)
  t:equal(unhex "ff0e5505", 5)
  t:equal(unhex "ff0f5302c3a9", "\195\169")
  t:equal(unhex "ff0f4902ffffff", 1) -- what follows is not looked at
end)

test("messages have their own form for the library", function(t)
  t:equal(Buffer.from(v8._encodeMessage(Buffer.from "hi")):toString "hex", recorded.buffer.message)
  t:deep(v8._decodeMessage "\255\15\\\1o\"\1aI\2{\1", { a = 1 }) -- an object of the other side's own kind
  t:throws(function() unhex "ff0f5c016f22016149027b01" end, { name = "Error" })
end)

test("decode reads from a part of a Buffer", function(t)
  local bytes = Buffer.concat { Buffer.from "1234", Buffer.from(core.serialize.encode { 1, "x" }), Buffer.from "rest" }
  t:deep(core.serialize.decode(bytes, 4, bytes.length - 4), { 1, "x" })
  t:throws(function() core.serialize.decode(bytes, 9, 4) end)
  t:throws(function() core.serialize.decode(bytes, 0, bytes.length + 1) end)
end)

-- ---- program code among it

test("accessors and writers that run meanwhile do no harm", function(t)
  local Nosy = class("Nosy", lunode.Error)
  local message = { list = {} }
  Nosy:accessor("stack", function()
    message.list[2] = nil -- drops what has been numbered
    collectgarbage()
    for i = 1, 1000 do message["junk" .. i % 7] = { i } end
    return tostring(v8.serialize { "inner" }):sub(1, 0) .. "stack"
  end)
  message.list = { { a = 1 }, { b = 2 }, Nosy "x", { c = 3 }, { d = 4 } }
  local ok, copy = pcall(there_and_back, message)
  if ok then
    t:equal(copy.list[3].stack, "stack")
    t:equal(copy.list[5].d, 4)
  end
  local Bad = class("Bad", lunode.Error)
  Bad:accessor("stack", function() error "no stack" end)
  for _ = 1, 5 do t:no((pcall(v8.serialize, { Bad "x" }))) end
  t:deep(there_and_back { 1 }, { 1 })
end)

test("classes can be registered, and objects that list themselves", function(t)
  local Moment = class "Moment"
  serializable.register("date", { class = Moment, write = function(m) return m.at end, read = function(ms)
    local m = Moment()
    m.at = ms
    return m
  end })
  local moment = Moment()
  moment.at = 7
  t:equal(hex(moment), "ff0f440000000000001c40")
  t:equal(there_and_back(moment).at, 7)
  t:equal(there_and_back(v8.Date(8)).at, 8)
  serializable.register("date", { class = v8.Date, write = v8.Date.prototype.getTime, read = function(ms) return v8.Date(ms) end })
  t:equal(there_and_back(moment):getTime(), 7)

  local mark = {}
  serializable.register("listed", {
    match = function(mt) return mt == mark end,
    write = function(o) return o.keys, #o.keys, o.long end,
  })
  t:equal(hex(setmetatable({ keys = { "b", 1, "a", 2, 5, 3 } }, mark)), "ff0f6f22016249022201614904490a49067b03")
  t:equal(hex(setmetatable({ keys = { 0, "x" }, long = 2 }, mark)), "ff0f61024900220178400102")
  local seen = {}
  serializable.adopt(function(object, keys, length) seen[#seen + 1] = { object, keys, length } end)
  local value = unhex("ff0f6f2201624902220161" .. "410249024904240002" .. "490a5f" .. "7b03")
  serializable.adopt(nil)
  t:equal(#seen, 2)
  t:equal(seen[1][3], 2)
  t:equal(seen[2][1], value)
  t:deep(seen[2][2], { "b", "a", "5" })
  t:deep(unhex "ff0f6f22016249027b01", { b = 1 })
end)

test("clone is a deep copy", function(t)
  local value = { list = { 1, { 2 } }, when = v8.Date(3), map = v8.Map { { 1, 2 } }, data = Buffer.from "abc" }
  value.me = value
  local copy = serializable.clone(value)
  t:equal(copy.me, copy)
  t:equal(copy.list[2][1], 2)
  t:equal(copy.when:getTime(), 3)
  t:equal(copy.map:get(1), 2)
  copy.data[1] = 120
  t:equal(tostring(value.data), "abc")
  t:equal(serializable.clone "text", "text")
end)

-- ---- Node itself

local node = require("../support/node").path

test("Node reads what Lunode writes, and its channel writes what is recorded", { skip = not node and "node is not installed", timeout = 30000 }, function(t)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  for _, name in ipairs(names) do
    local plain, message = from_node(name)
    file:write(name, " ", hex(plain), " ", message_hex(message), "\n")
  end
  file:close()
  local pipe = io.popen(("node --expose-internals %sserialize_check.js %s %sserialize_node.txt 2>&1"):format(fixtures, path, fixtures))
  local said = pipe:read "*a"
  pipe:close()
  os.remove(path)
  if not said:find "v8" and said:find "internal/child_process" then return end -- a Node without that file
  t:equal(said, "checked " .. #names .. "\n")
end)

test("Node reads deep nesting and many objects", { skip = not node and "node is not installed", timeout = 30000 }, function(t)
  local deep
  for _ = 1, 2499 do deep = { deep } end
  local many = {}
  for i = 1, 3000 do many[i] = { id = i, name = "n" .. i, tags = { "a", "\226\130\172" .. i }, half = i / 2 } end
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(tostring(v8.serialize { deep = deep, many = many, again = many }))
  file:close()
  local pipe = io.popen(([[node -e 'const v = require("v8").deserialize(require("fs").readFileSync(process.argv[1]));
    let n = 0; for (let d = v.deep; d; d = d[0]) n++;
    console.log(n, v.many.length, v.many === v.again, v.many.every((o, i) => o.id === i + 1 && o.name === "n" + o.id && o.tags[1] === "\u20ac" + o.id && o.half === o.id / 2))' %s 2>&1]]):format(path))
  local said = pipe:read "*a"
  pipe:close()
  os.remove(path)
  t:equal(said, "2499 3000 true true\n")
end)

-- ---- the module

test("heap statistics are numbers", function(t)
  local s = v8.getHeapStatistics()
  t:ok(s.used_heap_size > 0)
  t:ok(s.heap_size_limit > s.used_heap_size)
  for _, value in pairs(s) do t:equal(type(value), "number") end
  t:equal(v8.getHeapSpaceStatistics()[1].space_name, "lua_heap")
end)

test("what only V8 has is said to be missing", function(t)
  t:throws(function() v8.setFlagsFromString "--x" end, "ERR_METHOD_NOT_IMPLEMENTED")
  t:throws(function() v8.setFlagsFromString(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() v8.Serializer() end, "ERR_METHOD_NOT_IMPLEMENTED")
  t:throws(function() v8.promiseHooks.onInit() end, "ERR_METHOD_NOT_IMPLEMENTED")
  t:equal(v8.nothing, nil)
end)
