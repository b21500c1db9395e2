-- SPDX-License-Identifier: MIT
--
-- querystring. Source: Node 20 docs, "Query string".
-- Text is UTF-8. parse gives a plain table: name -> text, or a list of texts when a name comes more than once.
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local type, tostring, tonumber, char = type, tostring, tonumber, string.char
local decode, encode = core.encoding.decode, core.encoding.encode

local M = {}

-- ---- decoding

local function unescape_bytes(text) return (text:gsub("%%(%x%x)", function(h) return char(tonumber(h, 16)) end)) end

-- unescapeBuffer(text, decodeSpaces?) -> Buffer: what is no valid escape stays as it is; characters beyond U+00FF lose their high byte.
function M.unescapeBuffer(text, spaces)
  validators.validateString(text, "s")
  if text:find "[\128-\255]" then text = core.encoding.bytes(encode(text, "latin1"), 0, core.encoding.length(text, "latin1")) end
  if spaces then text = text:gsub("%+", " ") end
  require "lunode.buffer" -- gives Buffers their methods
  return core.buffer.from(unescape_bytes(text))
end

-- unescape(text, decodeSpaces?): decodeURIComponent, or what can be had of a text that it would refuse.
function M.unescape(text, spaces)
  if type(text) ~= "string" then text = tostring(text) end
  if not text:find("%", 1, true) then return text end
  if not text:find "%%%X" and not text:find "%%%x%X" and not text:find "%%%x?$" then
    local out = unescape_bytes(text)
    if core.encoding.validPrefix(out) == #out then return out end
  end
  return (decode(M.unescapeBuffer(text, spaces), "utf8"))
end
local default_unescape = M.unescape

-- ---- encoding

local escapes = {}
for i = 0, 255 do escapes[char(i)] = ("%%%02X"):format(i) end

-- A lone surrogate takes the character after it for its other half, as in Node.
local function paired(high, low, following)
  local unit = (high:byte() - 160) % 16 * 64 + low:byte() - 128
  local a, b, c = following:byte(1, 3)
  local code = #following == 1 and a or #following == 2 and (a - 192) * 64 + b - 128 or #following == 3 and (b - 128) * 64 + c - 128 or (b - 128) % 16 * 4
  local point = 65536 + unit * 1024 + code % 1024
  local function six(shift) return 128 + math.floor(point / 2 ^ shift) % 64 end
  return char(240 + math.floor(point / 262144), six(12), six(6), six(0))
end

-- escape(text): all but A-Z a-z 0-9 - _ . ! ~ * ' ( ) as %XX of its UTF-8 bytes.
function M.escape(text)
  if type(text) ~= "string" then
    if type(text) == "table" then text = (validators.door.text or tostring)(text) else text = type(text) == "number" and core.json.number(text) or tostring(text) end
  end
  if not text:find "[^%w%-_%.!~%*'%(%)]" then return text end
  if text:find "[\128-\255]" and core.encoding.validPrefix(text) ~= #text then
    text = text:gsub("\237([\160-\191])([\128-\191])([%z\1-\244][\128-\191]*)", paired)
    if text:find "\237[\160-\191]" then error(errors.ERR_INVALID_URI(), 0) end -- a lone surrogate
    text = decode(text, "utf8")
  end
  return (text:gsub("[^%w%-_%.!~%*'%(%)]", escapes))
end
local default_escape = M.escape

-- ---- parse

local function decoded(piece, custom)
  if custom then
    local ok, text = pcall(custom, piece)
    if ok then return text end
    return M.unescape(piece, true)
  end
  if not piece:find "%%%x%x" then return piece end
  return M.unescape(piece)
end

-- parse(text, sep = "&", eq = "=", { maxKeys = 1000, decodeURIComponent })
function M.parse(text, sep, eq, options)
  local values, names = {}, {}
  if type(text) ~= "string" or text == "" then return shape.bare() end
  local text_of = validators.door.text or tostring
  sep = sep ~= nil and sep ~= "" and sep ~= errors.null and text_of(sep) or "&"
  eq = eq ~= nil and eq ~= "" and eq ~= errors.null and text_of(eq) or "="
  local left, custom = 1000, nil
  if type(options) == "table" then
    if type(options.maxKeys) == "number" then left = options.maxKeys > 0 and options.maxKeys or math.huge end
    if type(options.decodeURIComponent) == "function" then custom = validators.callback(options.decodeURIComponent, "decodeURIComponent") end
  end
  if not custom and M.unescape ~= default_unescape then custom = M.unescape end
  local space = custom and "%%20" or " "
  local at, n = 1, #text
  while at <= n + 1 and left > 0 do
    local from, to
    if sep ~= "" then from, to = text:find(sep, at, true) end
    local stop = from and from - 1 or n
    if stop >= at then
      local piece = text:sub(at, stop)
      local a, b = piece:find(eq, 1, true)
      local key = (a and piece:sub(1, a - 1) or piece):gsub("%+", space)
      local value = a and piece:sub(b + 1):gsub("%+", space) or ""
      key, value = decoded(key, custom), decoded(value, custom)
      local old = values[key]
      if old == nil then
        names[#names + 1] = key
        values[key] = value
      elseif type(old) == "table" then old[#old + 1] = value
      else values[key] = { old, value } end
    end
    left = left - 1
    if not from then break end
    at = to + 1
  end
  local out = shape.bare()
  for i = 1, #names do
    local value = values[names[i]]
    shape.put(out, names[i], type(value) == "table" and shape.list(value) or value)
  end
  return out
end
M.decode = M.parse

-- ---- stringify

local function primitive(value)
  local t = type(value)
  if t == "string" then return value end
  if t == "number" then return value == value and value < math.huge and value > -math.huge and core.json.number(value) or "" end
  if t == "boolean" then return tostring(value) end
  if t == "cdata" then return (tostring(value):gsub("U?LL$", "")) end
  if t == "table" and validators.door.kind and validators.door.kind(value) == "bigint" then return validators.door.text(value) end
  return ""
end

-- stringify(table, sep = "&", eq = "=", { encodeURIComponent }): keys sorted; a list gives one pair for each of its values.
function M.stringify(object, sep, eq, options)
  if type(object) ~= "table" or object == errors.null then return "" end
  sep = sep ~= nil and sep ~= "" and sep ~= errors.null and tostring(sep) or "&"
  eq = eq ~= nil and eq ~= "" and eq ~= errors.null and tostring(eq) or "="
  local escape = M.escape ~= default_escape and M.escape or default_escape
  if type(options) == "table" and type(options.encodeURIComponent) == "function" then
    escape = validators.callback(options.encodeURIComponent, "encodeURIComponent")
  end
  local keys = shape.keys(object)
  local out, n = {}, 0
  for i = 1, #keys do
    local value = object[keys[i]]
    local key = keys[i]
    if type(key) == "number" and validators.door.kind and validators.door.kind(object) then key = key - 1 end -- JavaScript's begin at 0
    local name = escape(primitive(key)) .. eq
    if type(value) == "table" and validators.is_list(value) then
      for j = 1, #value do
        n = n + 1
        out[n] = name .. escape(primitive(value[j]))
      end
    else
      n = n + 1
      out[n] = name .. escape(primitive(value))
    end
  end
  return table.concat(out, sep)
end
M.encode = M.stringify

-- ---- signatures, for the reference (docs/api/README.md)
-- decode(text: string, sep?: string, eq?: string, options?: table) -> table: parse
-- encode(object: table, sep?: string, eq?: string, options?: table) -> string: stringify

return M
