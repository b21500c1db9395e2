-- SPDX-License-Identifier: MIT
--
-- punycode (RFC 3492; Node 20 docs: Punycode, which is deprecated there). Text is UTF-8, lone surrogates are kept (WTF-8).
--   decode("maana-pta") -> "mañana" · encode · toUnicode(domain or address), toASCII: label by label · ucs2.decode(text) -> sequence of
--   code points, ucs2.encode(sequence) · version
-- What is no Punycode raises a RangeError.
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"

local byte, char, floor, concat, min = string.byte, string.char, math.floor, table.concat, math.min

local M = { version = "2.1.0", ucs2 = {} }

local BASE, TMIN, TMAX, SKEW, DAMP, FIRST_BIAS, FIRST = 36, 1, 26, 38, 700, 72, 128
local MAX = 0x7fffffff

local MESSAGES = {
  overflow = "Overflow: input needs wider integers to process",
  not_basic = "Illegal input >= 0x80 (not a basic code point)",
  invalid = "Invalid input",
}
local function fail(kind) error(errors.RangeError(MESSAGES[kind]), 0) end

-- ---- characters

function M.ucs2.decode(text)
  local out, n, i, length = {}, 0, 1, #text
  while i <= length do
    local b = byte(text, i)
    local size = b < 0x80 and 1 or b < 0xe0 and 2 or b < 0xf0 and 3 or 4
    local code = size == 1 and b or b % 2 ^ (7 - size)
    for k = i + 1, min(i + size - 1, length) do code = code * 64 + byte(text, k) % 64 end
    n = n + 1
    out[n] = code
    i = i + size
  end
  return shape.list(out)
end
local code_points = M.ucs2.decode

local function utf8(code)
  if code < 0x80 then return char(code) end
  if code < 0x800 then return char(0xc0 + floor(code / 64), 0x80 + code % 64) end
  if code < 0x10000 then return char(0xe0 + floor(code / 4096), 0x80 + floor(code / 64) % 64, 0x80 + code % 64) end
  return char(0xf0 + floor(code / 262144), 0x80 + floor(code / 4096) % 64, 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
end

function M.ucs2.encode(codes)
  local out = {}
  for i = 1, #codes do
    if codes[i] < 0 or codes[i] > 0x10ffff then error(errors.RangeError("Invalid code point " .. errors.number(codes[i])), 0) end
    out[i] = utf8(codes[i])
  end
  return concat(out)
end

-- ---- Punycode

local function adapt(delta, count, first)
  local k = 0
  delta = first and floor(delta / DAMP) or floor(delta / 2)
  delta = delta + floor(delta / count)
  while delta > (BASE - TMIN) * TMAX / 2 do
    delta = floor(delta / (BASE - TMIN))
    k = k + BASE
  end
  return k + floor((BASE - TMIN + 1) * delta / (delta + SKEW))
end

local function threshold(k, bias)
  if k <= bias then return TMIN end
  return k >= bias + TMAX and TMAX or k - bias
end

local function digit_of(b)
  if b >= 48 and b <= 57 then return b - 22 end
  if b >= 65 and b <= 90 then return b - 65 end
  if b >= 97 and b <= 122 then return b - 97 end
  return BASE
end

-- A label without xn-- -> what it stands for
function M.decode(text)
  local out, i, n, bias = {}, 0, FIRST, FIRST_BIAS
  local basic = (text:find "%-[^-]*$" or 1) - 1
  for at = 1, basic do
    local b = byte(text, at)
    if b >= 0x80 then fail "not_basic" end
    out[at] = b
  end
  local at, length = basic > 0 and basic + 2 or 1, #text
  while at <= length do
    local before, weight, k = i, 1, BASE
    while true do
      if at > length then fail "invalid" end
      local digit = digit_of(byte(text, at))
      at = at + 1
      if digit >= BASE then fail "invalid" end
      if digit > floor((MAX - i) / weight) then fail "overflow" end
      i = i + digit * weight
      local t = threshold(k, bias)
      if digit < t then break end
      if weight > floor(MAX / (BASE - t)) then fail "overflow" end
      weight = weight * (BASE - t)
      k = k + BASE
    end
    local count = #out + 1
    bias = adapt(i - before, count, before == 0)
    if floor(i / count) > MAX - n then fail "overflow" end
    n = n + floor(i / count)
    i = i % count
    table.insert(out, i + 1, n)
    i = i + 1
  end
  return M.ucs2.encode(out)
end

local function put_number(out, q, bias)
  local k = BASE
  while true do
    local t = threshold(k, bias)
    local digit = q < t and q or t + (q - t) % (BASE - t)
    out[#out + 1] = char(digit < 26 and digit + 97 or digit + 22)
    if q < t then return end
    q = floor((q - t) / (BASE - t))
    k = k + BASE
  end
end

-- Text -> a label without xn--
function M.encode(text)
  local codes, out = code_points(text), {}
  for i = 1, #codes do
    if codes[i] < 0x80 then out[#out + 1] = char(codes[i]) end
  end
  local basic, done, n, delta, bias = #out, #out, FIRST, 0, FIRST_BIAS
  if basic > 0 then out[#out + 1] = "-" end
  while done < #codes do
    local least = MAX
    for i = 1, #codes do
      if codes[i] >= n and codes[i] < least then least = codes[i] end
    end
    if least - n > floor((MAX - delta) / (done + 1)) then fail "overflow" end
    delta = delta + (least - n) * (done + 1)
    n = least
    for i = 1, #codes do
      if codes[i] < n then
        delta = delta + 1
        if delta > MAX then fail "overflow" end
      elseif codes[i] == n then
        put_number(out, delta, bias)
        bias = adapt(delta, done + 1, done == basic)
        delta = 0
        done = done + 1
      end
    end
    delta, n = delta + 1, n + 1
  end
  return concat(out)
end

-- ---- domains

-- What stands before the last "@" of an address stays as it is; 。 ． ｡ are dots too.
local function each_label(text, change)
  local before, domain = text:match "^(.-@)(.*)$"
  if domain then domain = domain:match "^[^@]*" end
  domain = (domain or text):gsub("\227\128\130", "."):gsub("\239\188\142", "."):gsub("\239\189\161", ".")
  return (before or "") .. domain:gsub("[^.]+", change)
end

-- A domain or address -> the same with what its labels in Punycode (xn--) stand for
function M.toUnicode(text)
  return each_label(text, function(label) return label:sub(1, 4) == "xn--" and M.decode(label:sub(5):lower()) or nil end)
end

-- A domain or address -> the same with its labels that are not ASCII in Punycode (xn--)
function M.toASCII(text)
  return each_label(text, function(label) return label:find "[\128-\255]" and "xn--" .. M.encode(label) or nil end)
end

return M
