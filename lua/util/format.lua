-- SPDX-License-Identifier: MIT
--
-- util.format and util.formatWithOptions (Node 20 docs).
--   format("%s is %d", "x", 5, rest…): %s text, %d number, %i integer, %f float, %j JSON, %o %O inspect, %c nothing, %% a percent sign
-- nil in the arguments is kept and printed.
local inspect = require "lunode.util.inspect"
local errors = require "lunode.internal.errors"
local text = require "lunode.util.inspect.text"

local type, select, tonumber, tostring, pcall, pairs, concat = type, select, tonumber, tostring, pcall, pairs, table.concat
local find, sub, match = string.find, string.sub, string.match
local number_text, model_of, null, NAN = text.number, inspect.floor.model_of, errors.null, 0 / 0

local M = {}

local function with(options, more)
  local merged = {}
  for k, v in pairs(options or {}) do merged[k] = v end
  for k, v in pairs(more) do merged[k] = v end
  return merged
end

local function is_object(value)
  local t = type(value)
  return (t == "table" or t == "userdata" or t == "cdata" and not text.bigint(value)) and value ~= null
end

-- ---- numbers of texts, as JavaScript reads them

local RADIX = { x = { 16, "^[%x]+$" }, b = { 2, "^[01]+$" }, o = { 8, "^[0-7]+$" } }

-- Number(value)
local function to_number(value)
  local t = type(value)
  if t == "number" then return value end
  if t == "boolean" then return value and 1 or 0 end
  if value == null then return 0 end
  if t == "string" then
    value = match(value, "^%s*(.-)%s*$")
    if value == "" then return 0 end
    local radix = RADIX[match(value, "^0(%a)") and sub(value, 2, 2):lower()]
    if radix then
      local digits = sub(value, 3)
      return find(digits, radix[2]) and tonumber(digits, radix[1]) or NAN
    end
    local sign, rest = match(value, "^([+-]?)(.*)$")
    if rest == "Infinity" then return sign == "-" and -math.huge or math.huge end
    if find(rest, "^%d+%.?%d*$") or find(rest, "^%.%d+$") or find(rest, "^%d+%.?%d*[eE][+-]?%d+$") or find(rest, "^%.%d+[eE][+-]?%d+$") then
      return tonumber(value) or NAN
    end
    return NAN
  end
  if is_object(value) then
    local number_of = model_of(value).number_of
    return number_of and number_of(value) or NAN
  end
  return NAN
end

-- What String() makes of it, for parseInt and parseFloat.
local function string_of(value)
  local t = type(value)
  if t == "string" then return value end
  if t == "number" then return value == 0 and "0" or errors.number(value) end
  if t == "cdata" then return text.bigint(value) end
  if t == "table" and value ~= null then
    local model = model_of(value)
    return model.text_of and model.text_of(value)
  end
end

-- parseInt(value)
local function leading_integer(value)
  value = string_of(value)
  if not value then return NAN end
  local sign, hex = match(value, "^%s*([+-]?)0[xX](%x*)")
  if hex then
    if hex == "" then return NAN end
    local n = 0
    for c in hex:gmatch "." do n = n * 16 + tonumber(c, 16) end
    return sign == "-" and -n or n
  end
  local digits
  sign, digits = match(value, "^%s*([+-]?)(%d+)")
  if not digits then return NAN end
  local n = tonumber(digits)
  return sign == "-" and -n or n
end

-- parseFloat(value)
local function leading_number(value)
  value = string_of(value)
  if not value then return NAN end
  local sign, rest = match(value, "^%s*([+-]?)(.*)$")
  local digits = match(rest, "^%d+%.?%d*[eE][+-]?%d+") or match(rest, "^%.%d+[eE][+-]?%d+") or match(rest, "^%d+%.?%d*") or match(rest, "^%.%d+")
  local n = digits and tonumber(digits) or find(rest, "^Infinity") and math.huge or NAN
  return sign == "-" and -n or n
end

-- ---- conversions

-- A BigInt's or symbol's own text for %d, %i and %f; nil for other values.
local function special_number(value, options)
  local digits = text.bigint(value)
  if digits then return text.integer(digits, options and options.numericSeparator) .. "n" end
  if type(value) == "table" and value ~= null then
    local model = model_of(value)
    local kind = model.kind(value)
    if kind == "primitive" then return (model.text(value, options and options.numericSeparator)) end
    if kind == "symbol" then return "NaN" end
  end
end

local function as_text(value, options)
  local t = type(value)
  if t == "string" then return value end
  if t == "number" then return number_text(value, options and options.numericSeparator) end
  if t == "boolean" then return tostring(value) end
  if t == "nil" or value == null then return value == nil and inspect.floor.undefined or "null" end
  if t ~= "function" and not is_object(value) then return inspect.inspect(value, with(options, { colors = false })) end
  local model = model_of(value)
  local kind = model.kind(value)
  if kind == "primitive" or kind == "symbol" then return (model.text(value, options and options.numericSeparator)) end
  local own = model.text_of and model.text_of(value)
  if own ~= nil then return own end
  return inspect.inspect(value, with(options, { depth = 0, colors = false, compact = 3 }))
end

local function as_json(value)
  local model = type(value) == "table" and value ~= null and model_of(value) or inspect.floor.models[1] or inspect.floor.lua
  local ok, shown = pcall(model.json or inspect.floor.lua.json, value)
  if ok then return shown == nil and inspect.floor.undefined or shown end
  if type(shown) == "table" and type(shown.message) == "string" and find(shown.message, "[Cc]ircular") then return "[Circular]" end
  error(shown, 0)
end

local conversions = {
  s = as_text,
  j = as_json,
  d = function(value, options) return special_number(value, options) or number_text(to_number(value), options and options.numericSeparator) end,
  i = function(value, options) return special_number(value, options) or number_text(leading_integer(value), options and options.numericSeparator) end,
  f = function(value, options)
    return number_text(leading_number(value), options and options.numericSeparator)
  end,
  o = function(value, options) return inspect.inspect(value, with(options, { showHidden = true, showProxy = true, depth = 4 })) end,
  O = function(value, options) return inspect.inspect(value, options) end,
  c = function() return "" end,
}

-- args: the n arguments, the format first
function M.format_list(options, n, args)
  local first = args[1]
  if n == 1 and type(first) == "string" then return first end
  local out, used = {}, 0
  if type(first) == "string" then
    used = 1
    if find(first, "%", 1, true) then
      local parts, from, at = {}, 1, 1
      while true do
        local i = find(first, "%", at, true)
        if not i or i == #first then break end
        local letter = sub(first, i + 1, i + 1)
        local shown = letter == "%" and "%" or nil
        local convert = conversions[letter]
        if convert and used < n then
          used = used + 1
          shown = convert(args[used], options)
        end
        at = i + 1
        if shown then
          parts[#parts + 1] = sub(first, from, i - 1)
          parts[#parts + 1] = shown
          from, at = i + 2, i + 2
        end
      end
      parts[#parts + 1] = sub(first, from)
      first = concat(parts)
    end
    out[1] = first
  end
  for i = used + 1, n do
    local value = args[i]
    out[#out + 1] = type(value) == "string" and value or inspect.inspect(value, options)
  end
  return concat(out, " ")
end

function M.format(...)
  local n = select("#", ...)
  if n == 1 and type((...)) == "string" then return (...) end
  return M.format_list(nil, n, { ... })
end

function M.formatWithOptions(options, ...)
  require("lunode.internal.validators").validateObject(options, "inspectOptions")
  return M.format_list(options, select("#", ...), { ... })
end

return M
