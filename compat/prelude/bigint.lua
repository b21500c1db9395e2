-- SPDX-License-Identifier: MIT
--
-- BigInt (ECMA-262, clauses 6.1.6.2 and 21.2). A value is an immutable table: limbs of 24 bits, lowest first, and `sign` (1 or -1); zero has
-- no limb. __eq of the metatable makes Lua's == compare values.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, tonumber = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset, L.tonumber
local floor, huge, frexp, ldexp = L.math.floor, L.math.huge, L.math.frexp, L.math.ldexp
local byte, sub, find, format, rep, concat, reverse = L.string.byte, L.string.sub, L.string.find, L.string.format, L.string.rep, L.table.concat, L.string.reverse
local bit = L.bit
local meta = rt.bigint_meta
local DATA, G, SYMBOL = rt.DATA, rt.global, rt.symbols
local BASE, BITS = 16777216, 24

-- Drops leading zero limbs.
local function finish(limbs, n, sign)
  while n > 0 and limbs[n] == 0 do
    limbs[n] = nil
    n = n - 1
  end
  if n == 0 then
    sign = 1
    rt.see_zero_bigint()
  end
  limbs.sign = sign
  return (setmetatable(limbs, meta))
end

local function zero() return (finish({}, 0, 1)) end

local function of_number(v)
  local sign = 1
  if v < 0 then sign, v = -1, -v end
  if v > 0 and v < 281474976710656 then -- two limbs
    local high = floor(v / BASE)
    if high == 0 then return (setmetatable({ v, sign = sign }, meta)) end
    return (setmetatable({ v - high * BASE, high, sign = sign }, meta))
  end
  local limbs, n = {}, 0
  while v > 0 do
    n = n + 1
    limbs[n] = v % BASE
    v = floor(v / BASE)
  end
  return finish(limbs, n, sign)
end

rt.bigint_of = of_number

-- The magnitude as a number where it has two limbs at the most.
local function small(a)
  if rawget(a, 3) ~= nil then return nil end
  local low, high = rawget(a, 1), rawget(a, 2)
  if high ~= nil then return high * BASE + low end
  return low or 0
end

local function compare_magnitude(a, b)
  local n, m = #a, #b
  if n ~= m then return n < m and -1 or 1 end
  for i = n, 1, -1 do
    if a[i] ~= b[i] then return a[i] < b[i] and -1 or 1 end
  end
  return 0
end

local function compare(a, b)
  if a.sign ~= b.sign then return a.sign < b.sign and -1 or 1 end
  return compare_magnitude(a, b) * a.sign
end

local function add_magnitude(a, b, sign)
  local r, carry = {}, 0
  local n, m = #a, #b
  if n < m then a, b, n, m = b, a, m, n end
  for i = 1, n do
    local s = a[i] + carry
    if i <= m then s = s + b[i] end
    if s >= BASE then r[i], carry = s - BASE, 1 else r[i], carry = s, 0 end
  end
  if carry > 0 then
    n = n + 1
    r[n] = carry
  end
  return finish(r, n, sign)
end

-- |a| >= |b|
local function sub_magnitude(a, b, sign)
  local r, borrow = {}, 0
  local n, m = #a, #b
  for i = 1, n do
    local s = a[i] - borrow
    if i <= m then s = s - b[i] end
    if s < 0 then r[i], borrow = s + BASE, 1 else r[i], borrow = s, 0 end
  end
  return finish(r, n, sign)
end

local function add(a, b)
  local x, y = small(a), small(b)
  if x and y then return of_number(x * a.sign + y * b.sign) end
  if a.sign == b.sign then return add_magnitude(a, b, a.sign) end
  local c = compare_magnitude(a, b)
  if c == 0 then return zero() end
  if c > 0 then return sub_magnitude(a, b, a.sign) end
  return sub_magnitude(b, a, b.sign)
end

local function negate(a)
  if #a == 0 then return a end
  local r = {}
  for i = 1, #a do r[i] = a[i] end
  return finish(r, #a, -a.sign)
end

local MAX_SAFE = 9007199254740991

local function multiply(a, b)
  local x, y = small(a), small(b)
  if x and y then
    local product = x * y
    if product <= MAX_SAFE then return of_number(product * a.sign * b.sign) end
  end
  local n, m = #a, #b
  if n == 0 or m == 0 then return zero() end
  if n + m > 1400000 then rt.range_error "Maximum BigInt size exceeded" end
  local r = {}
  for i = 1, n + m do r[i] = 0 end
  for i = 1, n do
    local x, carry = a[i], 0
    if x ~= 0 then
      for j = 1, m do
        local s = r[i + j - 1] + x * b[j] + carry
        carry = floor(s / BASE)
        r[i + j - 1] = s - carry * BASE
      end
      local k = i + m
      while carry > 0 do
        local s = r[k] + carry
        carry = floor(s / BASE)
        r[k] = s - carry * BASE
        k = k + 1
      end
    end
  end
  return finish(r, n + m, a.sign * b.sign)
end

-- Divides the magnitude by a small number: limbs, remainder.
local function divide_small(a, d)
  local r, carry = {}, 0
  for i = #a, 1, -1 do
    local s = carry * BASE + a[i]
    local q = floor(s / d)
    r[i] = q
    carry = s - q * d
  end
  return r, carry
end

-- Knuth's algorithm D: quotient and remainder of the magnitudes.
local function divide_magnitude(a, b)
  if compare_magnitude(a, b) < 0 then
    local r = {}
    for i = 1, #a do r[i] = a[i] end
    return zero(), finish(r, #a, 1)
  end
  local n = #b
  if n == 1 then
    local q, r = divide_small(a, b[1])
    return finish(q, #a, 1), of_number(r)
  end
  local shift = 0
  local top = b[n]
  while top < BASE / 2 do
    top = top * 2
    shift = shift + 1
  end
  local factor = 2 ^ shift
  local u, v = {}, {}
  local carry = 0
  for i = 1, #a do
    local s = a[i] * factor + carry
    carry = floor(s / BASE)
    u[i] = s - carry * BASE
  end
  u[#a + 1] = carry
  carry = 0
  for i = 1, n do
    local s = b[i] * factor + carry
    carry = floor(s / BASE)
    v[i] = s - carry * BASE
  end
  local q = {}
  local m = #a - n
  for j = m, 0, -1 do
    local numerator = u[j + n + 1] * BASE + u[j + n]
    local guess = floor(numerator / v[n])
    local left = numerator - guess * v[n]
    while guess >= BASE or guess * v[n - 1] > left * BASE + u[j + n - 1] do
      guess = guess - 1
      left = left + v[n]
      if left >= BASE then break end
    end
    local borrow = 0
    for i = 1, n do
      local s = u[i + j] - guess * v[i] - borrow
      local limb = s % BASE
      borrow = (limb - s) / BASE
      u[i + j] = limb
    end
    local s = u[j + n + 1] - borrow
    if s < 0 then
      guess = guess - 1
      local over = 0
      for i = 1, n do
        local t = u[i + j] + v[i] + over
        if t >= BASE then u[i + j], over = t - BASE, 1 else u[i + j], over = t, 0 end
      end
      s = s + over
    end
    u[j + n + 1] = s
    q[j + 1] = guess
  end
  local r = {}
  carry = 0
  for i = n, 1, -1 do
    local t = carry * BASE + u[i]
    r[i] = floor(t / factor)
    carry = t - r[i] * factor
  end
  return finish(q, m + 1, 1), finish(r, n, 1)
end

local function divide(a, b)
  if #b == 0 then rt.range_error "Division by zero" end
  local x, y = small(a), small(b)
  if x and y then return of_number(floor(x / y) * a.sign * b.sign) end -- exact: below 2^48, a quotient lies far enough from the next whole one
  local q = divide_magnitude(a, b)
  if a.sign ~= b.sign then return negate(q) end
  return q
end

local function remainder(a, b)
  if #b == 0 then rt.range_error "Division by zero" end
  local x, y = small(a), small(b)
  if x and y then return of_number((x - floor(x / y) * y) * a.sign) end
  local _, r = divide_magnitude(a, b)
  if a.sign < 0 then return negate(r) end
  return r
end

local function to_number(a)
  local n = #a
  if n == 0 then return 0 end
  if n <= 2 then return ((rawget(a, 2) or 0) * BASE + a[1]) * a.sign end
  -- the top 54 bits and whether anything lies below them
  local v, used = 0, 0
  local top = a[n]
  local bits = 0
  while 2 ^ bits <= top do bits = bits + 1 end
  local total = (n - 1) * BITS + bits
  if total > 1024 then return huge * a.sign end
  local keep = 55
  local low = total - keep
  local sticky = false
  for i = n, 1, -1 do
    local at = (i - 1) * BITS
    if at >= low then v = v * BASE + a[i]
    elseif at + BITS > low then
      local cut = low - at
      local p = 2 ^ cut
      local high = floor(a[i] / p)
      if a[i] - high * p ~= 0 then sticky = true end
      v = v * 2 ^ (BITS - cut) + high
    elseif a[i] ~= 0 then sticky = true end
  end
  if low <= 0 then return v * a.sign end
  -- v has 55 bits, exact in two parts: round to 53 by hand
  local high = floor(v / 4)
  local rest = v - high * 4
  -- v may have lost its lowest bits already: take them from the limbs instead
  local lowest = 0
  for k = 0, 1 do
    local position = low + k
    local limb = a[floor(position / BITS) + 1] or 0
    if floor(limb / 2 ^ (position % BITS)) % 2 == 1 then lowest = lowest + 2 ^ k end
  end
  rest = lowest
  high = 0
  for position = total - 1, low + 2, -1 do
    local limb = a[floor(position / BITS) + 1]
    high = high * 2 + floor(limb / 2 ^ (position % BITS)) % 2
  end
  if rest > 2 or rest == 2 and (sticky or high % 2 == 1) or rest == 3 then high = high + 1 end
  return ldexp(high, low + 2) * a.sign
end
rt.bigint_number = to_number

local DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

local function to_text(a, radix)
  radix = radix or 10
  if #a == 0 then return "0" end
  local chunk, width = radix, 1
  while chunk * radix < BASE do
    chunk = chunk * radix
    width = width + 1
  end
  local out = {}
  local limbs = {}
  for i = 1, #a do limbs[i] = a[i] end
  local n = #limbs
  while n > 0 do
    local carry = 0
    for i = n, 1, -1 do
      local s = carry * BASE + limbs[i]
      local q = floor(s / chunk)
      limbs[i] = q
      carry = s - q * chunk
    end
    while n > 0 and limbs[n] == 0 do n = n - 1 end
    for _ = 1, width do
      local d = carry % radix
      out[#out + 1] = sub(DIGITS, d + 1, d + 1)
      carry = floor(carry / radix)
    end
  end
  local s = L.string.gsub(reverse(concat(out)), "^0+", "")
  return (a.sign < 0 and "-" or "") .. s
end
rt.bigint_text = to_text

local function parse_digits(s, radix)
  local chunk_width, chunk = 1, radix
  while chunk * radix < BASE do
    chunk = chunk * radix
    chunk_width = chunk_width + 1
  end
  local limbs, n = {}, 0
  local at = 1
  while at <= #s do
    local part = sub(s, at, at + chunk_width - 1)
    local scale = radix ^ #part
    local carry = tonumber(part, radix)
    for i = 1, n do
      local v = limbs[i] * scale + carry
      carry = floor(v / BASE)
      limbs[i] = v - carry * BASE
    end
    if carry > 0 then
      n = n + 1
      limbs[n] = carry
    end
    at = at + chunk_width
  end
  return finish(limbs, n, 1)
end

-- StringToBigInt: nil for what is none.
local function of_text(s)
  s = rt.trim_end(rt.trim_start(s))
  if s == "" then return zero() end
  local c = sub(s, 1, 2)
  if c == "0x" or c == "0X" then return find(s, "^..%x+$") and parse_digits(sub(s, 3), 16) or nil end
  if c == "0o" or c == "0O" then return find(s, "^..[0-7]+$") and parse_digits(sub(s, 3), 8) or nil end
  if c == "0b" or c == "0B" then return find(s, "^..[01]+$") and parse_digits(sub(s, 3), 2) or nil end
  local sign, digits = L.string.match(s, "^([+-]?)(%d+)$")
  if not sign then return nil end
  local v = parse_digits(digits, 10)
  return sign == "-" and negate(v) or v
end

local literals = setmetatable({}, { __mode = "v" })
function rt.bigint(text)
  local v = literals[text]
  if not v then
    v = of_text((L.string.gsub(text, "[n_]", "")))
    literals[text] = v
  end
  return v
end

-- ---- bits: two's complement of n limbs

local function complement(a, n)
  local r = {}
  if a.sign > 0 then
    for i = 1, n do r[i] = rawget(a, i) or 0 end
    return r
  end
  local carry = 1
  for i = 1, n do
    local v = BASE - 1 - (rawget(a, i) or 0) + carry
    if v >= BASE then r[i], carry = v - BASE, 1 else r[i], carry = v, 0 end
  end
  return r
end

local function from_complement(r, n)
  if r[n] < BASE / 2 then return finish(r, n, 1) end
  local carry = 1
  for i = 1, n do
    local v = BASE - 1 - r[i] + carry
    if v >= BASE then r[i], carry = v - BASE, 1 else r[i], carry = v, 0 end
  end
  return finish(r, n, -1)
end

local function bitwise(op)
  return function(a, b)
    local n = (#a > #b and #a or #b) + 1
    local x, y = complement(a, n), complement(b, n)
    for i = 1, n do x[i] = op(x[i], y[i]) end
    return from_complement(x, n)
  end
end

local function shift_left(a, count)
  if #a == 0 then return a end
  if count > 1073741824 then rt.range_error "Maximum BigInt size exceeded" end
  local limbs, bits = floor(count / BITS), count % BITS
  local r, carry, p = {}, 0, 2 ^ bits
  for i = 1, limbs do r[i] = 0 end
  for i = 1, #a do
    local v = a[i] * p + carry
    carry = floor(v / BASE)
    r[limbs + i] = v - carry * BASE
  end
  local n = limbs + #a + 1
  r[n] = carry
  return finish(r, n, a.sign)
end

-- Rounds toward minus infinity.
local function shift_right(a, count)
  local limbs, bits = floor(count / BITS), count % BITS
  if limbs >= #a then return a.sign < 0 and of_number(-1) or zero() end
  local r, lost, p = {}, false, 2 ^ bits
  for i = 1, limbs do if a[i] ~= 0 then lost = true end end
  local n = #a - limbs
  for i = 1, n do
    local v = a[limbs + i]
    local low = v % p
    if i == 1 and low ~= 0 then lost = true end
    r[i] = (v - low) / p + ((rawget(a, limbs + i + 1) or 0) % p) * (BASE / p)
  end
  local result = finish(r, n, a.sign)
  if a.sign < 0 and lost then return add(result, of_number(-1)) end
  return result
end

local function shift(a, b, left)
  if b.sign < 0 then
    left = not left
    b = negate(b)
  end
  local count = #b > 2 and huge or to_number(b)
  if left then return shift_left(a, count) end
  return shift_right(a, count)
end

local function power(a, b)
  if b.sign < 0 then rt.range_error "Exponent must be non-negative" end
  local e = to_number(b)
  if e == 0 then return of_number(1) end
  if #a == 0 or (#a == 1 and a[1] == 1) then
    if #a == 0 then return a end
    return (a.sign > 0 or e % 2 == 1) and a or of_number(1)
  end
  if e * #a > 1400000 then rt.range_error "Maximum BigInt size exceeded" end
  local result, base = of_number(1), a
  while e > 0 do
    if e % 2 == 1 then result = multiply(result, base) end
    e = floor(e / 2)
    if e > 0 then base = multiply(base, base) end
  end
  return result
end

rt.bigint_op = {
  add = add, sub = function(a, b) return add(a, negate(b)) end, mul = multiply, div = divide, mod = remainder, pow = power, unm = negate,
  band = bitwise(function(a, b) return bit.band(a, b) end), bor = bitwise(function(a, b) return bit.bor(a, b) end),
  bxor = bitwise(function(a, b) return bit.bxor(a, b) end), bnot = function(a) return add(negate(a), of_number(-1)) end,
  shl = function(a, b) return shift(a, b, true) end, sar = function(a, b) return shift(a, b, false) end,
  shr = function() rt.type_error "BigInts have no unsigned right shift, use >> instead" end,
}

-- ---- comparing with others

-- -1, 0, 1 against a number that is no NaN
local function compare_number(a, v)
  if v == huge then return -1 elseif v == -huge then return 1 end
  local whole = floor(v)
  local c = compare(a, of_number(whole))
  if c ~= 0 then return c end
  return whole < v and -1 or 0
end

local function compare_any(a, b)
  local x, y = getmetatable(a) == meta, getmetatable(b) == meta
  if type(a) == "string" then
    a = of_text(a)
    if not a then return nil end
    x = true
  elseif type(b) == "string" then
    b = of_text(b)
    if not b then return nil end
    y = true
  end
  if x and y then return compare(a, b) end
  if x then
    b = rt.tonum(b)
    if b ~= b then return nil end
    return compare_number(a, b)
  end
  a = rt.tonum(a)
  if a ~= a then return nil end
  return -compare_number(b, a)
end

function rt.bigint_less(a, b)
  local c = compare_any(a, b)
  if c == nil then return nil end
  return c < 0
end
function rt.bigint_equals(a, b) return compare_any(a, b) == 0 end

-- ---- the class

local function is_bigint(v) return type(v) == "table" and getmetatable(v) == meta end

local function to_bigint(v)
  v = rt.to_primitive(v, "number")
  if is_bigint(v) then return v end
  if type(v) == "boolean" then return of_number(v and 1 or 0) end
  if type(v) == "string" then
    local b = of_text(v)
    if not b then rt.throw_error("SyntaxError", "Cannot convert " .. v .. " to a BigInt") end
    return b
  end
  rt.type_error("Cannot convert " .. rt.show(v) .. " to a BigInt")
end
rt.to_bigint = to_bigint

local function to_index(v)
  local n = rt.toint(v)
  if n < 0 or n > 9007199254740991 then rt.range_error("Invalid value: not (convertible to) a safe integer") end
  if n == 0 then return 0 end -- no -0
  return n
end
rt.to_index = to_index

local function modulo_bits(a, bits)
  if bits == 0 then return zero() end
  local n = floor(bits / BITS) + 1
  if a.sign > 0 and #a < n then return a end
  local r = complement(a, n)
  r[n] = r[n] % 2 ^ (bits % BITS)
  return finish(r, n, 1)
end

-- The value modulo 2^64 as two numbers of 32 bits.
function rt.bigint_words(a)
  local limbs = complement(a, 4)
  local low = limbs[1] + (limbs[2] % 256) * 16777216
  local high = floor(limbs[2] / 256) + (limbs[3] % 65536) * 65536
  return low, high
end

function rt.install_bigint()
  for k, v in L.pairs(rt.metamethods) do meta[k] = v end
  meta.__eq = function(a, b)
    return a.sign == b.sign and compare_magnitude(a, b) == 0
  end
  meta.__lt = function(a, b) return compare(a, b) < 0 end
  meta.__le = function(a, b) return compare(a, b) <= 0 end
  local P = rt.BigIntPrototype
  meta.__index = function(b, k)
    return (rt.get(P, k, b))
  end
  meta.__newindex = function() end
  local BigInt = rt.global_class("BigInt", 1, function(_, v)
    v = rt.to_primitive(v, "number")
    if type(v) == "number" then
      if v ~= floor(v) or v - v ~= 0 then
        rt.range_error("The number " .. rt.number_text(v) .. " cannot be converted to a BigInt because it is not an integer")
      end
      return of_number(v)
    end
    return to_bigint(v)
  end, function() rt.type_error "BigInt is not a constructor" end, P)
  rt.methods(BigInt, {
    "asUintN", 2, function(_, bits, v)
      bits = to_index(bits)
      return modulo_bits(to_bigint(v), bits)
    end,
    "asIntN", 2, function(_, bits, v)
      bits = to_index(bits)
      v = modulo_bits(to_bigint(v), bits)
      if bits == 0 then return zero() end
      local half = shift_left(of_number(1), bits - 1)
      if compare(v, half) >= 0 then return add(v, negate(shift_left(half, 1))) end
      return v
    end,
  })
  rt.methods(P, {
    "toString", 0, function(this, radix)
      local v = rt.this_value(this, is_bigint, "BigInt.prototype.toString")
      if radix == nil then return to_text(v, 10) end
      radix = rt.toint(radix)
      if radix < 2 or radix > 36 then rt.range_error "toString() radix must be between 2 and 36" end
      return to_text(v, radix)
    end,
    "toLocaleString", 0, function(this, locales, options)
      if locales ~= nil or options ~= nil then
        rt.part "intl"
        return (rt.intl.number(nil, rt.this_value(this, is_bigint, "BigInt.prototype.toLocaleString"), locales, options))
      end
      local s = to_text(rt.this_value(this, is_bigint, "BigInt.prototype.toLocaleString"), 10)
      local sign, digits = L.string.match(s, "^(%-?)(%d+)$")
      return sign .. L.string.gsub(reverse(L.string.gsub(reverse(digits), "(%d%d%d)", "%1,")), "^,", "")
    end,
    "valueOf", 0, function(this) return rt.this_value(this, is_bigint, "BigInt.prototype.valueOf") end,
  })
  rt.readonly(P, SYMBOL.toStringTag, "BigInt")
end
