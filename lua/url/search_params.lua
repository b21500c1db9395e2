-- SPDX-License-Identifier: MIT
--
-- URLSearchParams (WHATWG URL, clause 6.2; Node 20 docs: url.URLSearchParams).
--   URLSearchParams("a=1&b=2"), URLSearchParams{a = 1} (sorted), URLSearchParams{{"a", 1}, {"b", 2}}, or another one
--   for name, value in params:iter() do … end      entries() is the same; keys(), values() give one each
-- The pairs are kept flat in `_list`: name, value, name, value.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local encode = require "lunode.url.encode"
local inspect_custom = require "lunode.internal.inspect_custom"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local tostring, type, error = tostring, type, error
local sets = encode.sets

local URLSearchParams = class "URLSearchParams"

local function text_of(value)
  if type(value) == "string" then return value end
  if type(value) == "number" then return errors.number(value) end
  if value == nil then return "undefined" end
  return tostring(value)
end

local function form_decode(text)
  text = encode.decode((text:gsub("+", " ")))
  if text:find "[\128-\255]" then text = require("lunode.util.text_encoding").well_formed(text) end
  return text
end

local function parse(text)
  local list = {}
  for part in text:gmatch "[^&]+" do
    local name, value = part:match "^([^=]*)=(.*)$"
    list[#list + 1] = form_decode(name or part)
    list[#list + 1] = form_decode(value or "")
  end
  return list
end

local function form_encode(text) return (encode.encode(text, sets.form):gsub("%%20", "+")) end

local function serialize(list)
  local out = {}
  for i = 1, #list, 2 do out[#out + 1] = form_encode(list[i]) .. "=" .. form_encode(list[i + 1]) end
  return table.concat(out, "&")
end

function URLSearchParams:initialize(init)
  self._list, self._url = {}, false
  if init == nil or init == errors.null then return end
  if type(init) == "table" and URLSearchParams:is(init) then
    for i = 1, #init._list do self._list[i] = init._list[i] end
  elseif type(init) == "table" and init[1] ~= nil then
    for _, pair in ipairs(init) do
      if type(pair) ~= "table" then
        local err = errors.ERR_INVALID_TUPLE("Each query pair", "[name, value]")
        error(err, 0)
      end
      if #pair ~= 2 then error(errors.ERR_INVALID_TUPLE("Each query pair", "[name, value]"), 0) end
      self._list[#self._list + 1] = text_of(pair[1])
      self._list[#self._list + 1] = text_of(pair[2])
    end
  elseif type(init) == "table" then
    local keys = {}
    for key in pairs(init) do keys[#keys + 1] = key end
    table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
    for _, key in ipairs(keys) do
      self._list[#self._list + 1] = text_of(key)
      self._list[#self._list + 1] = text_of(init[key])
    end
  else
    self._list = parse((text_of(init):gsub("^%?", "")))
  end
end

-- The URL that it belongs to follows.
local function changed(self)
  if self._url then self._url(serialize(self._list)) end
end

local function need(n, given, ...)
  if given < n then error(errors.ERR_MISSING_ARGS(...), 0) end
end

function URLSearchParams:append(name, ...)
  need(2, name == nil and 0 or 1 + select("#", ...), "name", "value")
  local list = self._list
  list[#list + 1] = text_of(name)
  list[#list + 1] = text_of((...))
  changed(self)
end

-- value: only the pairs that have it too
function URLSearchParams:delete(name, value)
  need(1, name == nil and 0 or 1, "name")
  name = text_of(name)
  if value ~= nil then value = text_of(value) end
  local list, kept = self._list, {}
  for i = 1, #list, 2 do
    if list[i] ~= name or value ~= nil and list[i + 1] ~= value then
      kept[#kept + 1] = list[i]
      kept[#kept + 1] = list[i + 1]
    end
  end
  self._list = kept
  changed(self)
end

function URLSearchParams:get(name)
  need(1, name == nil and 0 or 1, "name")
  name = text_of(name)
  local list = self._list
  for i = 1, #list, 2 do
    if list[i] == name then return list[i + 1] end
  end
end

function URLSearchParams:getAll(name)
  need(1, name == nil and 0 or 1, "name")
  name = text_of(name)
  local list, out = self._list, {}
  for i = 1, #list, 2 do
    if list[i] == name then out[#out + 1] = list[i + 1] end
  end
  return shape.list(out)
end

function URLSearchParams:has(name, value)
  need(1, name == nil and 0 or 1, "name")
  name = text_of(name)
  if value ~= nil then value = text_of(value) end
  local list = self._list
  for i = 1, #list, 2 do
    if list[i] == name and (value == nil or list[i + 1] == value) then return true end
  end
  return false
end

function URLSearchParams:set(name, ...)
  need(2, name == nil and 0 or 1 + select("#", ...), "name", "value")
  name = text_of(name)
  local list, kept, found = self._list, {}, false
  for i = 1, #list, 2 do
    if list[i] ~= name then
      kept[#kept + 1] = list[i]
      kept[#kept + 1] = list[i + 1]
    elseif not found then
      found = true
      kept[#kept + 1] = name
      kept[#kept + 1] = text_of((...))
    end
  end
  if not found then
    kept[#kept + 1] = name
    kept[#kept + 1] = text_of((...))
  end
  self._list = kept
  changed(self)
end

-- By name, pairs with the same name stay in order.
function URLSearchParams:sort()
  local list, order = self._list, {}
  for i = 1, #list, 2 do order[#order + 1] = i end
  table.sort(order, function(a, b)
    if list[a] ~= list[b] then return list[a] < list[b] end
    return a < b
  end)
  local sorted = {}
  for _, i in ipairs(order) do
    sorted[#sorted + 1] = list[i]
    sorted[#sorted + 1] = list[i + 1]
  end
  self._list = sorted
  changed(self)
end

URLSearchParams:accessor("size", function(self) return #self._list / 2 end)

-- fn(value, name, params)
function URLSearchParams:forEach(callback)
  local fn = validators.callback(callback, "callback")
  local i = 1
  while i < #self._list do
    fn(self._list[i + 1], self._list[i], self)
    i = i + 2
  end
end

function URLSearchParams:iter()
  local i = -1
  return function()
    i = i + 2
    return self._list[i], self._list[i + 1]
  end
end
URLSearchParams.prototype.entries = URLSearchParams.prototype.iter

function URLSearchParams:keys()
  local i = -1
  return function()
    i = i + 2
    return self._list[i]
  end
end

function URLSearchParams:values()
  local i = 0
  return function()
    i = i + 2
    return self._list[i]
  end
end

function URLSearchParams:toString() return serialize(self._list) end
URLSearchParams.meta.__tostring = URLSearchParams.prototype.toString

URLSearchParams.prototype[inspect_custom] = function(self, depth, _, inspect)
  if depth < 0 then return "[Object]" end
  local out = {}
  for name, value in self:iter() do out[#out + 1] = inspect(name) .. " => " .. inspect(value) end
  if #out == 0 then return "URLSearchParams {}" end
  return "URLSearchParams { " .. table.concat(out, ", ") .. " }"
end

-- For the URL that owns it: set(query) is called after every change.
local M = { URLSearchParams = URLSearchParams }
function M.attach(query, set)
  local params = URLSearchParams()
  params._list = parse(query or "")
  params._url = set
  return params
end
function M.update(params, query) params._list = parse(query or "") end

return M
