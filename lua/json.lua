-- SPDX-License-Identifier: MIT
--
-- JSON. Source: ECMA-262, "The JSON Object"; the work is done in C (src/json.c).
--
--   json.parse(text, reviver?)            text: a string or Buffer. Raises SyntaxError with the engine's words of Node, and
--                                         fields position (bytes before the error), line and column (from 1, in bytes)
--   json.stringify(value, replacer?, space?) -> text, or nil where there is none (a function, nil)
--   json.array(t) -> t, marked as a list, also when empty      json.null: null, as lunode.null
--
-- A table with [1], or one that json.array or parse marked, is written as an array; any other as an object, integer keys
-- first, then sorted. reviver(key, value) and replacer(key, value) get text keys in objects, positions from 1 in lists, and ""
-- for the outermost value. A replacer may be a list of keys: these, in that order. Numbers that are not finite are null.
-- Nesting beyond 2,500 levels raises RangeError.
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local parse, stringify = core.json.parse, core.json.stringify
local decode, encode = core.encoding.decode, core.encoding.encode
local ARRAY, null = shape.ARRAY, errors.null
local type, error, pairs, getmetatable, setmetatable, rawset, floor = type, error, pairs, getmetatable, setmetatable, rawset, math.floor

local function constructor_name(value)
  local mt = getmetatable(value)
  if mt == ARRAY or mt == nil and value[1] ~= nil then return "Array" end
  local made_by = value.constructor
  return type(made_by) == "table" and type(made_by.name) == "string" and made_by.name or "Object"
end

local function step(key) return type(key) == "number" and ("index %d"):format(key - 1) or ("property '%s'"):format(tostring(key)) end

-- chain: object, key, object, …, key; the last key leads back to the first object. The middle of a long one is left out.
local function circular(chain)
  local lines = { "Converting circular structure to JSON",
    ("    --> starting at object with constructor '%s'"):format(constructor_name(chain[1])) }
  local inner = (#chain - 2) / 2
  for i = 1, inner do
    if i <= 2 or i == inner then
      lines[#lines + 1] = ("    |     %s -> object with constructor '%s'"):format(step(chain[2 * i]), constructor_name(chain[2 * i + 1]))
    elseif i == 3 then
      lines[#lines + 1] = "    |     ..."
    end
  end
  lines[#lines + 1] = ("    --- %s closes the circle"):format(step(chain[#chain]))
  return errors.TypeError(table.concat(lines, "\n"))
end

-- Called from C.
local function raise(kind, chain)
  if kind == "circular" then error(circular(chain), 0) end
  if kind == "bigint" then error(errors.TypeError "Do not know how to serialize a BigInt", 0) end
  error(errors.RangeError "The value is nested too deeply for JSON", 0)
end

core.json.setup(null, ARRAY, raise)

-- ---- errors of parse

-- UTF-16 units before byte `at`: how Node counts.
local function units(text, at)
  if not text:find "[\128-\255]" then return at end
  return core.encoding.length(text:sub(1, at), "utf16le") / 2
end

-- Ten UTF-16 units before and behind byte `at`, as Node shows them; all of a text of twenty or less.
local function around(text, at)
  local wide = encode(text, "utf16le")
  local total = core.encoding.length(text, "utf16le") / 2
  local place = math.min(units(text, at), total)
  if total <= 20 then return '"' .. text .. '"' end
  local from, to = place >= 10 and place - 10 or 0, place < total - 10 and place + 10 or total
  return (place >= 10 and '..."' or '"') .. decode(wide, "utf16le", from * 2, to * 2) .. (place < total - 10 and '"...' or '"')
end

local whole = { NaN = true, Infinity = true, undefined = true, ["[object Object]"] = true }

local function syntax_error(text, message, at)
  if type(text) ~= "string" then text = tostring(text) end
  local kind = errors.SyntaxError
  if message == "Unexpected token" then
    local token = text:sub(at + 1):match "^[%z\1-\127\192-\255][\128-\191]*" or text:sub(at + 1, at + 1)
    message = whole[text] and ('"%s" is not valid JSON'):format(text)
      or "Unexpected token '" .. token .. "', " .. around(text, at) .. " is not valid JSON"
  elseif message == "Nested too deeply" then
    message, kind = "The JSON text is nested too deeply", errors.RangeError
  elseif message ~= "Unexpected end of JSON input" then
    message = message .. " at position " .. units(text, at)
  end
  local head = text:sub(1, at)
  local _, breaks = head:gsub("\n", "")
  local line, column = breaks + 1, at - #(head:match "^.*\n" or "") + 1
  local e = kind(("%s (line %d column %d)"):format(message, line, column))
  rawset(e, "position", at)
  rawset(e, "line", line)
  rawset(e, "column", column)
  return e
end

-- ---- the module

local function is_list(t) return getmetatable(t) == ARRAY or getmetatable(t) == nil and t[1] ~= nil end

-- Applies the reviver from the leaves up; nil takes a value out.
local function revive(reviver, key, value)
  if type(value) == "table" and value ~= null then
    if is_list(value) then
      for i = 1, #value do value[i] = revive(reviver, i, value[i]) end
    else
      local keys, n = {}, 0
      for k in pairs(value) do
        n = n + 1
        keys[n] = k
      end
      table.sort(keys, function(a, b)
        if type(a) ~= type(b) then return type(a) == "number" end
        return a < b
      end)
      for i = 1, n do value[keys[i]] = revive(reviver, keys[i], value[keys[i]]) end
    end
  end
  return reviver(key, value)
end

local M = { null = null, _syntaxError = syntax_error }

function M.parse(text, reviver)
  if type(text) ~= "string" and not core.buffer.is(text) then error(errors.ERR_INVALID_ARG_TYPE("text", { "string", "Buffer" }, text), 0) end
  local value, message, at = parse(text)
  if message then error(syntax_error(text, message, at), 0) end
  if reviver ~= nil and reviver ~= null then return revive(validators.callback(reviver, "reviver"), "", value) end
  return value
end

local function gap(space)
  if type(space) == "number" then
    if not (space >= 1) then return "" end
    return (" "):rep(space > 10 and 10 or floor(space))
  elseif type(space) == "string" then
    if #space <= 10 then return space end
    return space:match(("[%z\1-\127\192-\255]?[\128-\191]*"):rep(10))
  end
  return ""
end

-- The keys that a list names, each once, as text.
local function named(list)
  local keys, seen = {}, {}
  for i = 1, #list do
    local key = list[i]
    if type(key) == "number" then key = core.json.number(key) end
    if type(key) == "string" and not seen[key] then
      seen[key] = true
      keys[#keys + 1] = key
    end
  end
  return keys
end

function M.stringify(value, replacer, space)
  if replacer == nil and space == nil then return (stringify(value)) end
  local fn, keys
  if type(replacer) == "function" then fn = validators.callback(replacer, "replacer")
  elseif type(replacer) == "table" and replacer ~= null and (is_list(replacer) or next(replacer) == nil) then keys = named(replacer) end
  return (stringify(value, gap(space), fn, keys))
end

function M.array(t)
  if t == nil then t = {} end
  if type(t) ~= "table" then error(errors.ERR_INVALID_ARG_TYPE("t", "table", t), 0) end
  return setmetatable(t, ARRAY)
end

-- ---- signatures, for the reference (docs/api/README.md)
-- parse(text: string|Buffer, reviver?: fun(key: any, value: any): any) -> any: raises SyntaxError with position, line and column
-- stringify(value: any, replacer?: function|table, space?: integer|string) -> string?
-- array(t?: table) -> table: marked as a list, also when it is empty

return M
