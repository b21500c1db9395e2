-- SPDX-License-Identifier: MIT
--
-- Conversions and operators (ECMA-262, clauses 7.1, 7.2 and 13).
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, tonumber, tostring, pairs, ipairs = L.type, L.getmetatable, L.setmetatable, L.tonumber, L.tostring, L.pairs, L.ipairs
local rawequal = L.rawequal
local floor, huge, fmod, abs = L.math.floor, L.math.huge, L.math.fmod, L.math.abs
local byte, sub, find, match, format, gsub = L.string.byte, L.string.sub, L.string.find, L.string.match, L.string.format, L.string.gsub
local bit = L.bit
local tobit, band, bor, bxor, bnot, lshift, rshift, arshift = bit.tobit, bit.band, bit.bor, bit.bxor, bit.bnot, bit.lshift, bit.rshift, bit.arshift
local debug_setmetatable, getinfo, getfenv, error = L.debug.setmetatable, L.debug.getinfo, L.getfenv, L.error

local null, symbol_meta = rt.null, rt.symbol_meta
local is_object = rt.is_object
local bigint_meta = rt.bigint_meta
local print_number = rt.print_number -- shortest text of a finite number

local meta = rt.metamethods

-- `return x, none()` in what the emitted code calls everywhere: a return of several values. Where a recursive function returns through a
-- helper's plain return, LuaJIT begins a trace ("down-recursion") at that very instruction, and from then on gives up every loop whose
-- trace comes by it. It begins none at this kind of return.
local function none() end
rt.none = none

-- ---- text of numbers, numbers of text

local texts = L.require "table.new"(1024, 0) -- of small integers

local function number_text(n)
  if n >= 0 and n < 1024 then
    local known = texts[n]
    if known then return known end
  end
  if n ~= n then return "NaN" end
  if n == huge then return "Infinity" elseif n == -huge then return "-Infinity" end
  if n == floor(n) then
    if n < 1e14 and n > -1e14 then
      local s = n .. "" -- which the JIT compiles
      if n >= 0 and n < 1024 then
        if n == 0 then return "0" end
        texts[n] = s
      end
      return s
    end
    if n < 1e15 and n > -1e15 then return format("%d", n) end
  end
  return print_number(n)
end
rt.number_text = number_text

local SPACE = "^[ \t\n\v\f\r]*"
-- White space of JavaScript beyond ASCII (ECMA-262, 12.2, 12.3).
local WIDE = { ["\194\160"] = true, ["\225\154\128"] = true, ["\226\128\168"] = true, ["\226\128\169"] = true, ["\226\128\175"] = true,
  ["\226\129\159"] = true, ["\227\128\128"] = true, ["\239\187\191"] = true }
for i = 0x80, 0x8a do WIDE["\226\128" .. L.string.char(i)] = true end

local function trim_start(s)
  local from = 1
  while true do
    local _, last = find(s, SPACE, from)
    from = last + 1
    local c = byte(s, from)
    if not c or c < 0xc2 then break end
    if WIDE[sub(s, from, from + 1)] then from = from + 2
    elseif WIDE[sub(s, from, from + 2)] then from = from + 3
    else break end
  end
  return from == 1 and s or sub(s, from)
end

local function trim_end(s)
  local last = #s
  while last > 0 do
    local c = byte(s, last)
    if c == 32 or (c >= 9 and c <= 13) then last = last - 1
    elseif c < 0x80 then break
    elseif last >= 2 and WIDE[sub(s, last - 1, last)] then last = last - 2
    elseif last >= 3 and WIDE[sub(s, last - 2, last)] then last = last - 3
    else break end
  end
  return last == #s and s or sub(s, 1, last)
end
rt.trim_start, rt.trim_end = trim_start, trim_end

local function radix_number(digits, radix, valid)
  if digits == "" or find(digits, valid) then return 0 / 0 end
  local n = 0
  if #digits <= 12 then return tonumber(digits, radix) end
  for i = 1, #digits do n = n * radix + tonumber(sub(digits, i, i), radix) end
  return n
end

local function text_number(s)
  local first, second = byte(s, 1, 2)
  if first and (first >= 49 and first <= 57 or first == 48 and (second == nil or second >= 46 and second <= 57 and second ~= 47)) then
    local n = tonumber(s) -- of what begins so, Lua takes nothing that JavaScript does not
    if n then return n end
  end
  s = trim_end(trim_start(s))
  if s == "" then return 0 end
  local c, d = byte(s, 1, 2)
  if c == 48 and d and d > 57 then
    if d == 120 or d == 88 then return radix_number(sub(s, 3), 16, "[^%x]") end
    if d == 111 or d == 79 then return radix_number(sub(s, 3), 8, "[^0-7]") end
    if d == 98 or d == 66 then return radix_number(sub(s, 3), 2, "[^01]") end
  end
  if find(s, "^[+-]?%d+%.?%d*[eE][+-]?%d+$") or find(s, "^[+-]?%d+%.?%d*$") or find(s, "^[+-]?%.%d+$") or find(s, "^[+-]?%.%d+[eE][+-]?%d+$") then
    local n = tonumber(s)
    if n == 0 and byte(s, 1) == 45 then return -0.0 * 1 end
    return n
  end
  if s == "Infinity" or s == "+Infinity" then return huge end
  if s == "-Infinity" then return -huge end
  return 0 / 0
end
rt.text_number = text_number

-- ---- to primitive

local SYMBOL = rt.symbols
local function ordinary_to_primitive(v, first, second)
  local f = v[first]
  if type(f) == "function" or rt.is_callable(f) then
    local r = f(v)
    if not is_object(r) then return r end
  end
  f = v[second]
  if type(f) == "function" or rt.is_callable(f) then
    local r = f(v)
    if not is_object(r) then return r end
  end
  rt.type_error("Cannot convert object to primitive value")
end

rt.ordinary_to_primitive = ordinary_to_primitive

local function to_primitive(v, hint)
  if not is_object(v) then return v end
  local f = v[SYMBOL.toPrimitive]
  if f ~= nil and f ~= null then
    if not rt.is_callable(f) then rt.type_error(rt.show(f) .. " is not a function") end
    local r = f(v, hint or "default")
    if not is_object(r) then return r end
    rt.type_error("Cannot convert object to primitive value")
  end
  if hint == "string" then return ordinary_to_primitive(v, "toString", "valueOf") end
  return ordinary_to_primitive(v, "valueOf", "toString")
end
rt.to_primitive = to_primitive

-- ---- ToString, ToNumber, ToNumeric

local function text(v)
  local t = type(v)
  if t == "string" then return v end
  if t == "number" then return number_text(v) end
  if v == nil then return "undefined" end
  if v == null then return "null" end
  if v == true then return "true" elseif v == false then return "false" end
  local mt = getmetatable(v)
  if mt == symbol_meta then rt.type_error("Cannot convert a Symbol value to a string") end
  if mt == bigint_meta then return rt.bigint_text(v) end
  if t == "cdata" then return (gsub(tostring(v), "U?LL$", "")) end
  return text(to_primitive(v, "string"))
end
rt.text = text

function rt.tostr(v)
  local t = type(v)
  if t == "string" then return v end
  if t == "number" then return number_text(v) end
  if t == "table" or t == "function" or t == "userdata" then v = to_primitive(v) end
  return text(v)
end

local function tonum(v)
  local t = type(v)
  if t == "number" then return v end
  if t == "string" then return text_number(v) end
  if v == nil then return 0 / 0 end
  if v == true then return 1 end
  if v == false or v == null then return 0 end
  local mt = getmetatable(v)
  if mt == symbol_meta then rt.type_error("Cannot convert a Symbol value to a number") end
  if mt == bigint_meta or t == "cdata" then rt.type_error("Cannot convert a BigInt value to a number") end
  return tonum(to_primitive(v, "number"))
end
rt.tonum = tonum

local function tonumeric(v)
  if type(v) == "number" then return v end
  v = to_primitive(v, "number")
  if getmetatable(v) == bigint_meta then return v end
  return tonum(v)
end
rt.tonumeric = tonumeric

-- A BigInt is looked for only once there was one that is 0, and null by rawequal: both for the metatable of every object would have to be read.
local zero_bigints = false
function rt.see_zero_bigint() zero_bigints = true end

function rt.truthy(v)
  if not v or v == 0 or v == "" or v ~= v or rawequal(v, null) then return false, none() end
  if zero_bigints and type(v) == "table" and getmetatable(v) == bigint_meta then return #v > 0 end
  return true, none()
end
local truthy = rt.truthy

-- ToIntegerOrInfinity
local function toint(v)
  if type(v) ~= "number" then v = tonum(v) end
  if v ~= v then return 0 end
  if v >= 0 then return floor(v) end
  return -floor(-v) + 0
end
rt.toint = toint

function rt.tolength(v)
  v = toint(v)
  if v <= 0 then return 0 end
  if v > 9007199254740991 then return 9007199254740991 end
  return v
end

-- A position counted from the end when negative, within 0 … n.
function rt.relative(v, n, default)
  if v == nil then return default end
  v = toint(v)
  if v < 0 then
    v = n + v
    if v < 0 then return 0 end
    return v
  end
  if v > n then return n end
  return v
end

-- tobit takes the lowest 32 bits of a whole number of up to 2^51.
local function toint32(v)
  if type(v) ~= "number" then v = tonum(v) end
  local i = tobit(v)
  if i == v then return i end
  if v >= 0 then v = floor(v) else v = -floor(-v) end
  if v <= 2251799813685248 and v >= -2251799813685248 then return tobit(v) end
  if v ~= v or v == huge or v == -huge then return 0 end
  return tobit(v % 4294967296)
end
rt.toint32 = toint32
function rt.touint32(v)
  return toint32(v) % 4294967296
end

function rt.toobject(v)
  if v == nil or v == null then rt.type_error("Cannot convert undefined or null to object") end
  if is_object(v) then return v end
  return rt.wrap(v)
end

-- ---- property keys

-- A string as a key: an array index is a number (shifted); other numbers' keys are their texts.
local function string_key(s)
  local c = byte(s, 1)
  if not c or c > 57 or c < 48 or #s > 10 or c == 48 and #s > 1 then return s end
  if find(s, "[^0-9]") then return s end
  local n = tonumber(s)
  if n < 4294967295 then return n + 1 end
  return s
end
rt.string_key = string_key

local function tokey(v)
  local t = type(v)
  if t == "number" then
    local i = tobit(v) -- compiled, this is an integer from here on, and all there is to check of an index
    if i == v and i >= 0 then return i + 1, none() end
    if v >= 0 and v < 4294967295 and v == floor(v) then return v + 1 end
    return number_text(v)
  end
  if t == "string" then return string_key(v), none() end
  if t == "table" and getmetatable(v) == symbol_meta then return v end
  v = to_primitive(v, "string")
  if type(v) == "table" and getmetatable(v) == symbol_meta then return v end
  return string_key(text(v))
end
rt.tokey = tokey

-- The key of base[v], where base must be there before v is converted.
function rt.keyof(base, v)
  local t = type(v)
  if t == "number" then
    if v >= 0 and v < 4294967295 and v == floor(v) then return v + 1 end
    return number_text(v)
  end
  if t == "string" then return string_key(v) end
  if base == nil or base == null then rt.type_error("Cannot read properties of " .. (base == nil and "undefined" or "null")) end
  return tokey(v)
end

-- The key that the emitted code makes of a number by adding 1 (it does where it knows that it is one), as it should be.
function rt.whole_key(k)
  if k >= 1 and k <= 4294967295 and k == floor(k) then return k end
  if k == floor(k) or k - k ~= 0 then return number_text(k - 1) end
  return format("%.15g", k - 1)
end

-- The JavaScript value of a key: a string or a symbol.
function rt.key_value(k)
  if type(k) == "number" then return number_text(k - 1) end
  return k
end

-- ---- operators

local function plus(a, b)
  local ta, tb = type(a), type(b)
  if ta == "number" and tb == "number" then return a + b, none() end
  if ta == "string" then
    if tb == "string" then
      if byte(b, 1) == 237 then return rt.join(a, b) end -- it may begin with half of a pair
      return a .. b, none()
    end
    if tb == "number" then return a .. number_text(b), none() end
  elseif tb == "string" and ta == "number" then
    return number_text(a) .. b, none()
  end
  a, b = to_primitive(a), to_primitive(b)
  if type(a) == "string" or type(b) == "string" then return rt.join(text(a), text(b)) end
  local ma, mb = getmetatable(a), getmetatable(b)
  if ma == bigint_meta or mb == bigint_meta then
    if ma ~= mb then
      if ma == symbol_meta or mb == symbol_meta then rt.type_error("Cannot convert a Symbol value to a number") end
      rt.type_error("Cannot mix BigInt and other types, use explicit conversions")
    end
    return rt.bigint_op.add(a, b)
  end
  return tonum(a) + tonum(b)
end
rt.plus = plus

-- Both operands as numerics; two BigInts go to `big`. step(a): what a BigInt and -1 make, which is how x++ and x-- are
-- written: x - -1, x + -1.
local function arithmetic(name, op, step)
  return function(a, b)
    if type(a) ~= "number" then a = tonumeric(a) end
    if type(b) ~= "number" then b = tonumeric(b) end
    local ma, mb = type(a) == "table", type(b) == "table"
    if ma or mb then
      if not (ma and mb) then
        if b == -1 and step then return step(a) end
        rt.type_error("Cannot mix BigInt and other types, use explicit conversions")
      end
      return rt.bigint_op[name](a, b)
    end
    return op(a, b)
  end
end

meta.__sub = arithmetic("sub", function(a, b) return a - b end, function(a) return rt.bigint_op.add(a, rt.bigint "1") end)
meta.__add = arithmetic("add", function(a, b) return a + b end, function(a) return rt.bigint_op.sub(a, rt.bigint "1") end)
meta.__mul = arithmetic("mul", function(a, b) return a * b end)
meta.__div = arithmetic("div", function(a, b) return a / b end)
function meta.__unm(a)
  a = tonumeric(a)
  if type(a) == "table" then return rt.bigint_op.unm(a) end
  return -a
end

-- fmod keeps the sign of the dividend, as % does. Where both are 32-bit integers Lua's operator is the same, and faster.
local slow_mod = arithmetic("mod", function(a, b) return fmod(a, b) end)
function rt.mod(a, b)
  if type(a) == "number" and type(b) == "number" then
    local i, j = tobit(a), tobit(b)
    if i == a and j == b and i >= 0 and j > 0 and (i ~= 0 or 1 / a > 0) then return i % j, none() end
    return fmod(a, b)
  end
  return slow_mod(a, b)
end
rt.pow = arithmetic("pow", function(a, b)
  if b ~= b then return b end
  if (a == 1 or a == -1) and (b == huge or b == -huge) then return 0 / 0 end
  return a ^ b
end)

-- Each of these is written out: one closure for all would be called through an upvalue that the JIT cannot take for constant.
local function slow_bits(name, op) return arithmetic(name, function(a, b) return op(toint32(a), toint32(b)) end) end
local slow_and, slow_or, slow_xor = slow_bits("band", band), slow_bits("bor", bor), slow_bits("bxor", bxor)
local slow_shl = slow_bits("shl", function(a, b) return lshift(a, band(b, 31)) end)
local slow_sar = slow_bits("sar", function(a, b) return arshift(a, band(b, 31)) end)
local slow_shr = slow_bits("shr", function(a, b) return rshift(a, band(b, 31)) % 4294967296 end)
function rt.bitand(a, b)
  if type(a) == "number" and type(b) == "number" then return band(toint32(a), toint32(b)), none() end
  return slow_and(a, b)
end
function rt.bitor(a, b)
  if type(a) == "number" and type(b) == "number" then return bor(toint32(a), toint32(b)), none() end
  return slow_or(a, b)
end
function rt.bitxor(a, b)
  if type(a) == "number" and type(b) == "number" then return bxor(toint32(a), toint32(b)), none() end
  return slow_xor(a, b)
end
function rt.shl(a, b)
  if type(a) == "number" and type(b) == "number" then return lshift(toint32(a), toint32(b)), none() end
  return slow_shl(a, b)
end
function rt.sar(a, b)
  if type(a) == "number" and type(b) == "number" then return arshift(toint32(a), toint32(b)), none() end
  return slow_sar(a, b)
end
function rt.shr(a, b)
  if type(a) == "number" and type(b) == "number" then
    local v = rshift(toint32(a), toint32(b))
    if v >= 0 then return v, none() end
    return v + 4294967296, none()
  end
  return slow_shr(a, b)
end
function rt.bitnot(a)
  if type(a) ~= "number" then
    a = tonumeric(a)
    if type(a) == "table" then return rt.bigint_op.bnot(a) end
  end
  return bnot(toint32(a))
end

-- Code units are compared, not bytes: they differ where a surrogate pair (4 bytes) meets U+E000 … U+FFFF.
local function string_less(a, b)
  if a == b or rt.is_ascii(a) or rt.is_ascii(b) then return a < b end
  if find(a, "[\238\239\240-\244]") and find(b, "[\238\239\240-\244]") then return rt.units_less(a, b) end
  return a < b
end

-- a < b for any values; undefined (NaN) is false. `left` says which operand is converted first.
local function less_any(a, b, left)
  if left then
    a = to_primitive(a, "number")
    b = to_primitive(b, "number")
  else
    b = to_primitive(b, "number")
    a = to_primitive(a, "number")
  end
  if type(a) == "string" and type(b) == "string" then return string_less(a, b), none() end
  local ma, mb = getmetatable(a) == bigint_meta, getmetatable(b) == bigint_meta
  if ma or mb then return rt.bigint_less(a, b, left) end
  if left then
    a = tonum(a)
    b = tonum(b)
  else
    b = tonum(b)
    a = tonum(a)
  end
  if a ~= a or b ~= b then return nil end
  return a < b
end

function rt.less(a, b)
  if type(a) == "number" and type(b) == "number" then return a < b, none() end
  if type(a) == "string" and type(b) == "string" then return string_less(a, b), none() end
  return less_any(a, b, true) or false
end
function rt.greater(a, b)
  if type(a) == "number" and type(b) == "number" then return a > b, none() end
  if type(a) == "string" and type(b) == "string" then return string_less(b, a), none() end
  return less_any(b, a, false) or false
end
function rt.lesseq(a, b)
  if type(a) == "number" and type(b) == "number" then return a <= b, none() end
  if type(a) == "string" and type(b) == "string" then return not string_less(b, a), none() end
  return less_any(b, a, false) == false
end
function rt.greatereq(a, b)
  if type(a) == "number" and type(b) == "number" then return a >= b, none() end
  if type(a) == "string" and type(b) == "string" then return not string_less(a, b), none() end
  return less_any(a, b, true) == false
end

local function equals(a, b)
  if a == b then return true, none() end
  local ta, tb = type(a), type(b)
  if ta == "number" and tb == "number" then return false end
  if a == nil or a == null then return b == nil or b == null end
  if b == nil or b == null then return false end
  if ta == "string" and tb == "string" then return false end
  local oa, ob = is_object(a), is_object(b)
  if oa and ob then return false end
  if ta == "boolean" then
    if tb == "boolean" then return false end
    return equals(a and 1 or 0, b)
  end
  if tb == "boolean" then return equals(a, b and 1 or 0) end
  if oa then return equals(to_primitive(a), b) end
  if ob then return equals(a, to_primitive(b)) end
  local ma, mb = getmetatable(a), getmetatable(b)
  if ma == symbol_meta or mb == symbol_meta then return false end
  if ma == bigint_meta or mb == bigint_meta then return rt.bigint_equals(a, b) end
  return tonum(a) == tonum(b)
end
rt.equals = equals

function rt.typeof(v)
  local t = type(v)
  if t == "string" or t == "number" or t == "boolean" then return t end
  if t == "table" then
    local mt = getmetatable(v)
    if mt == symbol_meta then return "symbol" end
    if mt == bigint_meta then return "bigint" end
    if mt ~= nil and mt.callable then return "function" end
    return "object"
  end
  if t == "function" then return "function" end
  if v == nil then return "undefined" end
  if t == "cdata" then return "bigint" end
  return "object"
end

local function is_callable(v)
  if type(v) == "function" then return true end
  if type(v) ~= "table" then return false end
  local mt = getmetatable(v)
  return mt ~= nil and mt.callable or false
end
rt.is_callable = is_callable

function rt.void() return nil end
function rt.logand(a, b) if truthy(a) then return b end return a end
function rt.logor(a, b) if truthy(a) then return a end return b end
function rt.nullish(a, b) if a == nil or a == null then return b end return a end

-- ---- the basic types' metatables

local function key_text(k) return rt.key_text(k) end

-- Code of Lua that does what JavaScript allows gets Lua's own error.
local function raise_lua(level, message) error(message, level + 1) end

local function no_property(what)
  return function(_, k)
    if what == "null" and L.getfenv(2) ~= rt.global then return nil end -- lua/ takes null as nil
    rt.type_error("Cannot read properties of " .. what .. " (reading '" .. key_text(k) .. "')")
  end, function(_, k)
    rt.type_error("Cannot set properties of " .. what .. " (setting '" .. key_text(k) .. "')")
  end
end

local function primitive_newindex(v, k, value)
  -- a setter of the prototype, or nothing
  local proto = rt.proto_of_primitive(v)
  if rt.has_property(proto, k) then
    rt.set_slow(proto, k, value, v, false)
    return
  end
  if rt.strict_caller() then
    rt.type_error("Cannot create property '" .. key_text(k) .. "' on " .. rt.typeof(v) .. " '" .. rt.show(v) .. "'")
  end
end

rt.primitive_newindex = primitive_newindex

function rt.install_basic_types()
  local lookup = rt.lookup
  local function base(index, newindex)
    local mt = { __index = index, __newindex = newindex }
    for k, v in pairs(meta) do mt[k] = v end
    return mt
  end
  local nil_meta = base(no_property "undefined")
  debug_setmetatable(nil, nil_meta)
  local null_meta = getmetatable(null)
  for k, v in pairs(base(no_property "null")) do null_meta[k] = v end
  local NumberPrototype, BooleanPrototype, StringPrototype = rt.NumberPrototype, rt.BooleanPrototype, rt.StringPrototype
  debug_setmetatable(0, base(function(n, k) return (rt.get(NumberPrototype, k, n)) end, primitive_newindex))
  debug_setmetatable(true, base(function(b, k) return (rt.get(BooleanPrototype, k, b)) end, primitive_newindex))

  local string_meta, string_length, unit_at = getmetatable "", rt.string_length, rt.unit_at
  local rawget, string_base = L.rawget, StringPrototype
  local lua_string = L.string
  for k, v in pairs(base(nil, primitive_newindex)) do string_meta[k] = v end
  function string_meta.__index(s, k)
    if k == "length" then return string_length(s) end
    if type(k) == "number" then return (unit_at(s, k)) end
    local v = rawget(string_base, k)
    if v ~= nil then return v end
    v = lookup(string_base, k, s)
    if v ~= nil then return v end
    return lua_string[k]
  end
  rt.symbol_object_index()
end
