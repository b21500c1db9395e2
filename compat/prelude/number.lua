-- SPDX-License-Identifier: MIT
--
-- Number, Math, and the global functions on numbers and URIs.
local rt = ...
local L = rt.lua
local type, select, setmetatable, rawset, tonumber = L.type, L.select, L.setmetatable, L.rawset, L.tonumber
local math = L.math
local floor, huge, abs = math.floor, math.huge, math.abs
local format, sub, find, match, rep, byte, char, gsub, reverse = L.string.format, L.string.sub, L.string.find, L.string.match, L.string.rep, L.string.byte,
  L.string.char, L.string.gsub, L.string.reverse
local concat = L.table.concat
local tonum, toint, text, native, hide = rt.tonum, rt.toint, rt.text, rt.native, rt.hide
local DATA, SYMBOL, G = rt.DATA, rt.symbols, rt.global

local DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

local function radix_text(n, radix)
  if n ~= n then return "NaN" elseif n == huge then return "Infinity" elseif n == -huge then return "-Infinity" end
  local sign = ""
  if n < 0 then sign, n = "-", -n end
  local whole = floor(n)
  if whole == n and n < 4503599627370496 then
    if radix == 16 then return sign .. format("%x", n) end
    local digits = ""
    repeat
      local d = n % radix
      digits = sub(DIGITS, d + 1, d + 1) .. digits
      n = floor(n / radix)
    until n == 0
    return sign .. digits
  end
  local fraction = n - whole
  local out = {}
  if whole == 0 then out[1] = "0" end
  while whole > 0 do
    local d = whole % radix
    out[#out + 1] = sub(DIGITS, d + 1, d + 1)
    whole = floor(whole / radix)
  end
  local digits = reverse(concat(out))
  if fraction == 0 then return sign .. digits end
  -- as many digits as tell the number from its neighbours
  local delta = math.max(0.5 * (2 ^ (select(2, math.frexp(n)) - 53)), 5e-324)
  out = {}
  repeat
    fraction = fraction * radix
    delta = delta * radix
    local d = floor(fraction)
    out[#out + 1] = d
    fraction = fraction - d
    if fraction > 0.5 or (fraction == 0.5 and d % 2 == 1) then
      if fraction + delta > 1 then
        local i = #out
        while i > 0 do
          out[i] = out[i] + 1
          if out[i] < radix then break end
          out[i] = nil
          i = i - 1
        end
        break
      end
    end
  until fraction < delta
  for i = 1, #out do out[i] = sub(DIGITS, out[i] + 1, out[i] + 1) end
  return sign .. digits .. "." .. concat(out)
end

local function is_number(v) return type(v) == "number" end

local ffi = L.require "ffi"

-- printf; string.format takes no precision above 99.
ffi.cdef "int snprintf(char *, size_t, const char *, ...);"
local function printed(n, digits, conversion)
  if digits < 100 then return format("%." .. digits + 0 .. conversion, n) end
  local room = ffi.new "char[600]" -- of 309 digits, a sign, a point and 130 more
  return ffi.string(room, ffi.C.snprintf(room, 600, "%.*" .. conversion, ffi.cast("int", digits), ffi.cast("double", n)))
end

-- Exactly rounded decimal digits, half away from zero: printf rounds the exact value, ties to even; those are rare and looked at.
local function fixed(n, digits)
  local s = printed(n, digits, "f")
  if digits <= 22 then -- 10 ^ digits is exact, and so is what tells that n lies in the middle between two texts
    local twice = abs(n) * 10 ^ digits * 2
    if twice % 2 ~= 1 then return s end
  end
  if digits < 60 then
    local exact = format("%." .. (digits + 30) .. "f", n)
    local tail = sub(exact, #exact - 29)
    if find(tail, "^50*$") and abs(n) < 1e21 then
      local up = format("%." .. digits .. "f", n + (n < 0 and -1 or 1) * 10 ^ -digits / 4)
      return up
    end
  end
  return s
end

local function exponential(n, digits)
  local s = printed(n, digits, "e")
  local m, sign, e = match(s, "^(.-)e([+-])0*(%d+)$")
  return m .. "e" .. sign .. e
end

function rt.install_number()
  local P = rt.NumberPrototype
  local function convert(...)
    if select("#", ...) == 0 then return 0 end
    local v = rt.tonumeric((...))
    if type(v) == "table" then return rt.bigint_number(v) end
    return v
  end
  local Number = rt.global_class("Number", 1, function(_, ...) return convert(...) end, function(target, ...)
    local n = convert(...)
    local o = setmetatable({}, rt.target_root(target, P))
    rawset(o, DATA, n)
    return o
  end, P)
  rawset(P, DATA, 0)
  for k, v in L.pairs { MAX_SAFE_INTEGER = 9007199254740991, MIN_SAFE_INTEGER = -9007199254740991, MAX_VALUE = 1.7976931348623157e308, MIN_VALUE = 5e-324,
    EPSILON = 2 ^ -52, POSITIVE_INFINITY = huge, NEGATIVE_INFINITY = -huge, NaN = 0 / 0 } do
    rt.constant_property(Number, k, v)
  end

  local function parse_float(_, v)
    local s = text(v)
    local first = byte(s, 1)
    if first and first >= 49 and first <= 57 then
      local n = tonumber(s)
      if n then return n end
    end
    s = rt.trim_start(s)
    local n = match(s, "^[+-]?%d+%.?%d*[eE][+-]?%d+") or match(s, "^[+-]?%.%d+[eE][+-]?%d+") or match(s, "^[+-]?%d+%.?%d*") or match(s, "^[+-]?%.%d+")
    if n then
      local value = tonumber(n)
      if value == 0 and byte(n) == 45 then return -0.0 * 1 end
      return value
    end
    local sign = match(s, "^([+-]?)Infinity")
    if sign then return sign == "-" and -huge or huge end
    return 0 / 0
  end
  local function parse_int(_, v, radix)
    local s = text(v)
    if radix == nil or radix == 10 then
      local first = byte(s, 1)
      if first and first >= 49 and first <= 57 and #s < 15 then
        local n = tonumber(s)
        if n and n < 1e15 and n .. "" == s and n == floor(n) then return n end -- a whole number in its shortest form
      end
    end
    s = rt.trim_start(s)
    local sign = 1
    local c = byte(s, 1)
    if c == 45 then sign = -1 end
    if c == 45 or c == 43 then s = sub(s, 2) end
    radix = rt.toint32(radix)
    if radix ~= 0 and (radix < 2 or radix > 36) then return 0 / 0 end
    if (radix == 0 or radix == 16) and find(s, "^0[xX]") then s, radix = sub(s, 3), 16 end
    if radix == 0 then radix = 10 end
    local digits = match(s, "^%w+") or ""
    local n = 0
    local count = 0
    for i = 1, #digits do
      local d = tonumber(sub(digits, i, i), 36)
      if d >= radix then break end
      count = i
    end
    if count == 0 then return 0 / 0 end
    digits = sub(digits, 1, count)
    if radix == 10 and count > 15 then n = tonumber(digits) else
      for i = 1, count do n = n * radix + tonumber(sub(digits, i, i), 36) end
    end
    return sign * n
  end
  local parseFloat, parseInt = native("parseFloat", 1, parse_float), native("parseInt", 2, parse_int)
  hide(Number, "parseFloat", parseFloat)
  hide(Number, "parseInt", parseInt)
  hide(G, "parseFloat", parseFloat)
  hide(G, "parseInt", parseInt)
  rt.methods(Number, {
    "isFinite", 1, function(_, v) return type(v) == "number" and v - v == 0 end,
    "isInteger", 1, function(_, v) return type(v) == "number" and v - v == 0 and v == floor(v) end,
    "isNaN", 1, function(_, v) return type(v) == "number" and v ~= v end,
    "isSafeInteger", 1, function(_, v) return type(v) == "number" and v == floor(v) and abs(v) <= 9007199254740991 end,
  })
  rt.methods(G, {
    "isFinite", 1, function(_, v)
      v = tonum(v)
      return v - v == 0
    end,
    "isNaN", 1, function(_, v)
      v = tonum(v)
      return v ~= v
    end,
  })

  local function this_number(this, name) return rt.this_value(this, is_number, "Number.prototype." .. name) end
  rt.methods(P, {
    "toString", 1, function(this, radix)
      local n = this_number(this, "toString")
      if radix == nil then return rt.number_text(n) end
      radix = toint(radix)
      if radix < 2 or radix > 36 then rt.range_error "toString() radix must be between 2 and 36" end
      if radix == 10 then return rt.number_text(n) end
      return radix_text(n, radix)
    end,
    "toLocaleString", 0, function(this, locales, options)
      local n = this_number(this, "toLocaleString")
      if locales ~= nil or options ~= nil then
        rt.part "intl"
        return (rt.intl.number(nil, n, locales, options))
      end
      if n ~= n or n == huge or n == -huge then return n ~= n and "NaN" or n > 0 and "∞" or "-∞" end
      local s = fixed(abs(n), 3)
      local whole, fraction = match(s, "^(%d+)%.?(%d*)$")
      whole = gsub(reverse(gsub(reverse(whole), "(%d%d%d)", "%1,")), "^,", "")
      fraction = gsub(fraction, "0+$", "")
      return (n < 0 and "-" or "") .. whole .. (fraction ~= "" and "." .. fraction or "")
    end,
    "valueOf", 0, function(this) return this_number(this, "valueOf") end,
    "toFixed", 1, function(this, digits)
      local n = this_number(this, "toFixed")
      digits = toint(digits)
      if digits < 0 or digits > 100 then rt.range_error "toFixed() digits argument must be between 0 and 100" end
      if n ~= n or abs(n) >= 1e21 then return rt.number_text(n) end
      local s = fixed(n, digits)
      if n == 0 or find(s, "^%-[0.]*$") and n > -0.5 and n == 0 then s = gsub(s, "^%-", "") end
      return s
    end,
    "toExponential", 1, function(this, digits)
      local n = this_number(this, "toExponential")
      local d = toint(digits)
      if n ~= n or n == huge or n == -huge then return rt.number_text(n) end
      if d < 0 or d > 100 then rt.range_error "toExponential() argument must be between 0 and 100" end
      if n == 0 then n = 0 end
      if digits == nil then
        for p = 0, 17 do
          if tonumber(format("%." .. p .. "e", n)) == n then return exponential(n, p) end
        end
      end
      return exponential(n, d)
    end,
    "toPrecision", 1, function(this, precision)
      local n = this_number(this, "toPrecision")
      if precision == nil then return rt.number_text(n) end
      local p = toint(precision)
      if n ~= n or n == huge or n == -huge then return rt.number_text(n) end
      if p < 1 or p > 100 then rt.range_error "toPrecision() argument must be between 1 and 100" end
      if n == 0 then return p == 1 and "0" or "0." .. rep("0", p - 1) end
      local s = exponential(n, p - 1)
      local e = tonumber(match(s, "e([+-]%d+)$"))
      if e < -6 or e >= p then return s end
      return format("%." .. math.max(p - 1 - e, 0) .. "f", n)
    end,
  })

  -- ---- Math
  local M = rt.object_of(rt.ObjectPrototype)
  hide(G, "Math", M)
  rt.readonly(M, SYMBOL.toStringTag, "Math")
  for k, v in L.pairs { E = 2.718281828459045, LN10 = 2.302585092994046, LN2 = 0.6931471805599453, LOG10E = 0.4342944819032518, LOG2E = 1.4426950408889634,
    PI = math.pi, SQRT1_2 = 0.7071067811865476, SQRT2 = 1.4142135623730951 } do
    rt.constant_property(M, k, v)
  end
  ffi.cdef [[double cbrt(double); double expm1(double); double log1p(double); double asinh(double); double acosh(double); double atanh(double); double log2(double); double hypot(double, double);]]
  local C = ffi.C
  local function unary(f)
    return function(_, v)
      if type(v) ~= "number" then v = tonum(v) end
      return f(v)
    end
  end
  local function trunc(v)
    if v < 0 then return -floor(-v) end
    return floor(v)
  end
  local function up(v) return -floor(-v) end -- LuaJIT's interpreter takes ceil(-0.7) for 0
  -- C's is off by one in the last place for every second number: a step of Newton's with the error of v - r * r * r in two parts.
  local SPLIT = 134217729
  local function product_error(a, b, p) -- a * b - p
    local x, y = a * SPLIT, b * SPLIT
    local ah, bh = x - (x - a), y - (y - b)
    local al, bl = a - ah, b - bh
    return ((ah * bh - p) + ah * bl + al * bh) + al * bl
  end
  local cube_root
  function cube_root(v)
    if v == 0 or v - v ~= 0 then return v end
    if v < 1e-290 and v > -1e-290 then return cube_root(v * 2 ^ 300) * 2 ^ -100 end
    local r = C.cbrt(v)
    local square = r * r
    local cube = square * r
    local rest = (cube - v) + product_error(square, r, cube) + product_error(r, r, square) * r
    return r - rest / (3 * square)
  end
  local list = {
    "abs", unary(abs), "acos", unary(math.acos), "acosh", unary(function(v) return C.acosh(v) end), "asin", unary(math.asin),
    "asinh", unary(function(v) return C.asinh(v) end), "atan", unary(math.atan), "atanh", unary(function(v) return C.atanh(v) end),
    "cbrt", unary(cube_root), "ceil", unary(up), "cos", unary(math.cos), "cosh", unary(math.cosh), "exp", unary(math.exp),
    "expm1", unary(function(v) return C.expm1(v) end), "floor", unary(floor), "log", unary(math.log), "log1p", unary(function(v) return C.log1p(v) end),
    "log10", unary(math.log10), "log2", unary(function(v) return C.log2(v) end), "sin", unary(math.sin), "sinh", unary(math.sinh),
    "sqrt", unary(math.sqrt), "tan", unary(math.tan), "tanh", unary(math.tanh), "trunc", unary(trunc),
    "sign", unary(function(v) if v > 0 then return 1 elseif v < 0 then return -1 end return v end),
    "round", unary(function(v)
      if v ~= v or v == huge or v == -huge then return v end
      if abs(v) >= 4503599627370496 then return v end
      local r = floor(v)
      if v - r >= 0.5 then r = r + 1 end
      if r == 0 and (v < 0 or 1 / v < 0) then return -0.0 * 1 end
      return r
    end),
    "fround", unary(function(v) return L.tonumber(ffi.cast("float", v)) end),
  }
  for i = 1, #list, 2 do hide(M, list[i], native(list[i], 1, list[i + 1])) end
  hide(M, "clz32", native("clz32", 1, function(_, v)
    v = rt.touint32(v)
    local n = 32
    while v > 0 do
      v = floor(v / 2)
      n = n - 1
    end
    return n
  end))
  local long_hypot -- with more arguments than Lua can pass
  rt.methods(M, {
    "atan2", 2, function(_, a, b)
      a = tonum(a)
      return math.atan2(a, tonum(b))
    end,
    "pow", 2, function(_, a, b)
      a = tonum(a)
      return rt.pow(a, tonum(b))
    end,
    "imul", 2, function(_, a, b)
      a, b = rt.toint32(a), rt.toint32(b)
      local low = a % 65536
      local high = (a - low) / 65536
      return L.bit.tobit((high * b % 65536) * 65536 + low * (b % 65536) + low * (b - b % 65536) % 4294967296)
    end,
    "random", 0, function() return math.random() end,
    "hypot", 2, function(_, ...)
      local infinite, nan, sum, n = false, false, 0, select("#", ...)
      if n > rt.MANY then return rt.with_list(long_hypot, nil, ...) end
      local values, largest = {}, 0
      for i = 1, n do
        local v = abs(tonum((select(i, ...))))
        values[i] = v
        if v == huge then infinite = true elseif v ~= v then nan = true elseif v > largest then largest = v end
      end
      if infinite then return huge end
      if nan then return 0 / 0 end
      if largest == 0 then return 0 end
      local compensation = 0
      for i = 1, n do
        local v = values[i] / largest
        local y = v * v - compensation
        local t = sum + y
        compensation = (t - sum) - y
        sum = t
      end
      return math.sqrt(sum) * largest
    end,
  })
  -- max and min count their arguments
  local function extreme(name, start, better)
    local f
    local function long(_, list, n)
      local best = start
      for i = 1, n do best = f(nil, best, list[i]) end
      return best
    end
    f = native(name, 2, function(_, ...)
      local n = select("#", ...)
      if n == 2 then
        local a, b = ...
        if type(a) == "number" and type(b) == "number" and a == a and b == b and a ~= b then
          if better(a, b) then return a end
          return b
        end
      end
      if n > rt.MANY then return rt.with_list(long, nil, ...) end
      local best = start
      local nan = false
      for i = 1, n do
        local v = tonum((select(i, ...)))
        if v ~= v then nan = true
        elseif better(v, best) then best = v
        elseif v == 0 and best == 0 then
          if (name == "max") == (1 / v > 0) then best = v end
        end
      end
      if nan then return 0 / 0 end
      return best
    end)
    return f
  end
  hide(M, "max", extreme("max", -huge, function(a, b) return a > b end))
  hide(M, "min", extreme("min", huge, function(a, b) return a < b end))
  local hypot = M.hypot
  function long_hypot(_, list, n)
    local sum = 0
    for i = 1, n, rt.PIECE - 1 do sum = hypot(nil, sum, L.unpack(list, i, L.math.min(i + rt.PIECE - 2, n))) end
    return sum
  end

  -- ---- URIs
  local unreserved = "A-Za-z0-9%-_%.!~%*'%(%)"
  local percent = L.setmetatable({}, { __index = function(t, c)
    local escape = format("%%%02X", byte(c))
    t[c] = escape
    return escape
  end })
  local function encoder(name, keep)
    local pattern = "[^" .. keep .. "]"
    return native(name, 1, function(_, v)
      local s = text(v)
      if find(s, "\237", 1, true) then
        s = rt.join_surrogates(s)
        if find(s, "\237[\160-\191]") then rt.throw_error("URIError", "URI malformed") end
      end
      return (gsub(s, pattern, percent))
    end)
  end
  hide(G, "encodeURIComponent", encoder("encodeURIComponent", unreserved))
  hide(G, "encodeURI", encoder("encodeURI", unreserved .. ";/%?:@&=%+%$,#"))
  local function malformed() rt.throw_error("URIError", "URI malformed") end
  local function decoder(name, reserved)
    return native(name, 1, function(_, v)
      local s = text(v)
      if not find(s, "%", 1, true) then return s end
      local out, at = {}, 1
      while true do
        local i = find(s, "%", at, true)
        if not i then break end
        out[#out + 1] = sub(s, at, i - 1)
        local hex = match(s, "^%x%x", i + 1)
        if not hex then malformed() end
        local b = tonumber(hex, 16)
        if b < 0x80 then
          local c = char(b)
          out[#out + 1] = find(reserved, c, 1, true) and sub(s, i, i + 2) or c
          at = i + 3
        else
          local n = b >= 0xf0 and b <= 0xf4 and 4 or b >= 0xe0 and b < 0xf0 and 3 or b >= 0xc2 and b < 0xe0 and 2 or 0
          if n == 0 then malformed() end
          local bytes = { b }
          for k = 1, n - 1 do
            local h = match(s, "^%%(%x%x)", i + 3 * k)
            local c = h and tonumber(h, 16)
            if not c or c < 0x80 or c > 0xbf then malformed() end
            bytes[k + 1] = c
          end
          local second = bytes[2]
          if b == 0xe0 and second < 0xa0 or b == 0xed and second > 0x9f or b == 0xf0 and second < 0x90 or b == 0xf4 and second > 0x8f then malformed() end
          out[#out + 1] = char(L.unpack(bytes))
          at = i + 3 * n
        end
      end
      out[#out + 1] = sub(s, at)
      return concat(out)
    end)
  end
  hide(G, "decodeURIComponent", decoder("decodeURIComponent", ""))
  hide(G, "decodeURI", decoder("decodeURI", ";/?:@&=+$,#"))
  hide(G, "escape", native("escape", 1, function(_, v)
    local s = text(v)
    local u, n = rt.units(s)
    local out = {}
    for i = 0, n - 1 do
      local c = u[i]
      if c < 128 and find(char(c), "[A-Za-z0-9@%*_%+%-%./]") then out[i + 1] = char(c)
      elseif c < 256 then out[i + 1] = format("%%%02X", c)
      else out[i + 1] = format("%%u%04X", c) end
    end
    return concat(out)
  end))
  hide(G, "unescape", native("unescape", 1, function(_, v)
    local s = text(v)
    s = gsub(s, "%%u(%x%x%x%x)", function(h) return rt.encode_point(tonumber(h, 16)) end)
    s = gsub(s, "%%(%x%x)", function(h) return rt.encode_point(tonumber(h, 16)) end)
    return rt.join_surrogates(s)
  end))
end
