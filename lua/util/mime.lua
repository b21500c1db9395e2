-- SPDX-License-Identifier: MIT
--
-- util.MIMEType and util.MIMEParams (Node 20 docs; WHATWG MIME Sniffing, clause 4).
--
--   MIMEType "text/html; charset=utf-8"   .type .subtype (can be set) .essence .params; tostring, :toString(), :toJSON()
--   MIMEParams()   :get(name) :set(name, value) :has(name) :delete(name) :entries() :keys() :values(); for name, value in params:iter() do
--
-- What is no MIME type raises ERR_INVALID_MIME_SYNTAX; parameters that are none are passed over.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local text_of = require "lunode.util.inspect.text"

local type, tostring, concat, error = type, tostring, table.concat, error
local find, sub, match, gsub, byte = string.find, string.sub, string.match, string.gsub, string.byte

local M = {}

local NO_TOKEN = "[^!#$%%&'*+%-.^_`|~%w]"

-- Where a value holds what no parameter may hold: control characters, or more than U+00FF. nil: nowhere.
local function wrong_in_value(value)
  local at = find(value, "[%z\1-\8\10-\31\127]")
  local high = find(value, "[\196-\255]")
  if at and high then return at < high and at or high end
  return at or high
end

local function syntax_error(what, text, at) return errors.ERR_INVALID_MIME_SYNTAX(what, text, at and text_of.units(sub(text, 1, at - 1))) end

local function check_token(what, value, text)
  local at = find(value, NO_TOKEN)
  if value == "" or at then error(syntax_error(what, text or value, at), 0) end
  return value
end

local function as_text(value)
  if value == nil then return "undefined" end
  if type(value) == "number" then return errors.number(value) end
  return tostring(value)
end

-- ---- parameters

local MIMEParams = class "MIMEParams"
M.MIMEParams = MIMEParams

function MIMEParams:initialize() self._names, self._values = {}, {} end

function MIMEParams:get(name) return self._values[as_text(name)] end
function MIMEParams:has(name) return self._values[as_text(name)] ~= nil end

function MIMEParams:delete(name)
  name = as_text(name)
  if self._values[name] == nil then return end
  self._values[name] = nil
  for i, known in ipairs(self._names) do
    if known == name then return table.remove(self._names, i) and nil end
  end
end

local function put(self, name, value)
  if self._values[name] == nil then self._names[#self._names + 1] = name end
  self._values[name] = value
end

function MIMEParams:set(name, value)
  name, value = as_text(name), as_text(value)
  check_token("parameter name", name)
  local at = wrong_in_value(value)
  if at then error(syntax_error("parameter value", value, at), 0) end
  put(self, name, value)
end

local function walk(self, pick)
  local i = 0
  return function()
    i = i + 1
    local name = self._names[i]
    if name ~= nil then return pick(name, self._values[name]) end
  end
end

function MIMEParams:entries() return walk(self, function(name, value) return name, value end) end
function MIMEParams:keys() return walk(self, function(name) return name end) end
function MIMEParams:values() return walk(self, function(_, value) return value end) end
MIMEParams.prototype.iter = MIMEParams.prototype.entries

function MIMEParams:toString()
  local out = {}
  for i, name in ipairs(self._names) do
    local value = self._values[name]
    if value == "" or find(value, NO_TOKEN) then value = '"' .. gsub(value, '["\\]', "\\%0") .. '"' end
    out[i] = name .. "=" .. value
  end
  return concat(out, ";")
end
MIMEParams.prototype.toJSON = MIMEParams.prototype.toString
MIMEParams.meta.__tostring = function(self) return self:toString() end

-- The text behind an opening quote at i -> the value, where it ends
local function quoted(text, i)
  local out = {}
  while i <= #text do
    local c = sub(text, i, i)
    if c == '"' then break end
    if c == "\\" and i < #text then
      i = i + 1
      c = sub(text, i, i)
    end
    out[#out + 1] = c
    i = i + 1
  end
  return concat(out), i
end

local function parse(text)
  local params, i, n = MIMEParams(), 1, #text
  while i <= n do
    i = match(text, "^[\t\n\r ]*()", i)
    local name, stop = match(text, "^([^;=]*)()", i)
    name = name:lower()
    i = stop + 1
    if byte(text, stop) == 61 then
      local value
      if sub(text, i, i) == '"' then
        value, i = quoted(text, i + 1)
        i = match(text, "^[^;]*()", i) + 1
      else
        value, stop = match(text, "^([^;]*)()", i)
        i = stop + 1
        value = gsub(value, "[\t\n\r ]+$", "")
        if value == "" then value = nil end
      end
      local valid = value and name ~= "" and not find(name, NO_TOKEN) and not wrong_in_value(value)
      if valid and params._values[name] == nil then put(params, name, value) end
    end
  end
  return params
end

-- ---- types

local MIMEType = class "MIMEType"
M.MIMEType = MIMEType

function MIMEType:initialize(input)
  input = as_text(input)
  local text = match(input, "^[\t\n\r ]*(.-)[\t\n\r ]*$")
  local kind, rest = match(text, "^([^/]*)/(.*)$")
  if not kind then error(syntax_error("type", input, find(text, NO_TOKEN)), 0) end
  check_token("type", kind, input)
  local subtype, parameters = match(rest, "^([^;]*);?(.*)$")
  subtype = gsub(subtype, "[\t\n\r ]+$", "")
  check_token("subtype", subtype, input)
  self._type, self._subtype, self._parameters = kind:lower(), subtype:lower(), parse(parameters)
end

MIMEType:accessor("type", function(self) return self._type end, function(self, value)
  self._type = check_token("type", as_text(value)):lower()
end)
MIMEType:accessor("subtype", function(self) return self._subtype end, function(self, value)
  self._subtype = check_token("subtype", as_text(value)):lower()
end)
MIMEType:accessor("essence", function(self) return self._type .. "/" .. self._subtype end)
MIMEType:accessor("params", function(self) return self._parameters end)

function MIMEType:toString()
  local params = self._parameters:toString()
  return self.essence .. (params ~= "" and ";" .. params or "")
end
MIMEType.prototype.toJSON = MIMEType.prototype.toString
MIMEType.meta.__tostring = function(self) return self:toString() end

return M
