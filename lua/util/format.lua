-- SPDX-License-Identifier: MIT
--
-- util.format and util.formatWithOptions (Node 20 docs).
--   format("%s is %d", "x", 5, rest…): %s text, %d number, %i integer, %f float, %j JSON, %o %O inspect, %c nothing, %% a percent sign
-- nil in the arguments is kept and printed.
local inspect = require "lunode.util.inspect"
local errors = require "lunode.internal.errors"
local class = require "lunode.internal.class"

local type, select, tostring, tonumber, rawget, getmetatable, concat = type, select, tostring, tonumber, rawget, getmetatable, table.concat
local number_text = inspect.number_text

local M = {}

local function with(options, more)
  local merged = {}
  for k, v in pairs(options or {}) do merged[k] = v end
  for k, v in pairs(more) do merged[k] = v end
  return merged
end

-- The leading number of a text, in JavaScript's way; `pattern` says how much counts.
local function leading(text, pattern)
  local digits = text:match("^%s*([+-]?" .. pattern .. ")")
  return digits and tonumber(digits) or 0 / 0
end

local function to_number(value)
  local t = type(value)
  if t == "number" then return value end
  if t == "string" then
    local text = value:match "^%s*(.-)%s*$"
    if text == "" then return 0 end
    if text:find "^[+-]?Infinity$" then return text:sub(1, 1) == "-" and -math.huge or math.huge end
    if text:find "^[%d.+-]" and not text:find "^[+-]?0x" or text:find "^0x%x+$" then
      local n = tonumber(text)
      if n and not text:find "[nN]" then return n end
    end
    return 0 / 0
  end
  if t == "boolean" then return value and 1 or 0 end
  if value == errors.null then return 0 end
  return 0 / 0
end

local function is_bigint(value) return type(value) == "cdata" and tostring(value):find "^%-?%d+U?LL$" ~= nil end

-- An object whose own words say what it is: a class of the program, or a metatable with __tostring.
local function has_text(value)
  local mt = getmetatable(value)
  if type(mt) ~= "table" or rawget(mt, "__tostring") == nil or errors.Error:is(value) then return false end
  return not class.is_class(value)
end

local function as_text(value, options)
  local t = type(value)
  if t == "string" then return value end
  if t == "number" then return number_text(value, options and options.numericSeparator) end
  if t == "cdata" and is_bigint(value) then return inspect.inspect(value, options) end
  if (t == "table" or t == "userdata") and value ~= errors.null and has_text(value) then return tostring(value) end
  return inspect.inspect(value, with(options, { depth = 0, colors = false, compact = 3 }))
end

local function as_json(value)
  local ok, text = pcall(function() return require("lunode.json").stringify(value) end)
  if ok then return text == nil and "nil" or text end
  if type(text) == "table" and type(text.message) == "string" and text.message:find "[Cc]ircular" then return "[Circular]" end
  error(text, 0)
end

local conversions = {
  s = as_text,
  d = function(value, options)
    if is_bigint(value) then return inspect.inspect(value, options) end
    return number_text(to_number(value), options and options.numericSeparator)
  end,
  i = function(value, options)
    if is_bigint(value) then return inspect.inspect(value, options) end
    if type(value) == "number" then value = number_text(value) end
    return number_text(type(value) == "string" and leading(value, "%d+") or 0 / 0, options and options.numericSeparator)
  end,
  f = function(value, options)
    if type(value) == "number" then return number_text(value, options and options.numericSeparator) end
    if type(value) ~= "string" then return "NaN" end
    local n = leading(value, "%d+%.?%d*[eE][+-]?%d+")
    if n ~= n then n = leading(value, "%d+%.?%d*") end
    if n ~= n then n = leading(value, "%.%d+") end
    return number_text(n, options and options.numericSeparator)
  end,
  j = as_json,
  o = function(value, options) return inspect.inspect(value, with(options, { showHidden = true, showProxy = true, depth = 4 })) end,
  O = function(value, options) return inspect.inspect(value, options) end,
  c = function() return "" end,
}

function M.format_list(options, n, args)
  local first = args[1]
  local out, used = {}, 0
  if n > 0 and type(first) == "string" then
    used = 1
    if n > 1 and first:find("%", 1, true) then
      first = first:gsub("%%([%a%%])", function(letter)
        if letter == "%" then return "%" end
        local convert = conversions[letter]
        if not convert or used >= n then return nil end
        used = used + 1
        return convert(args[used], options)
      end)
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
