-- SPDX-License-Identifier: MIT
--
-- URLSearchParams (WHATWG URL, clause 6.2; Node 20 docs: url.URLSearchParams).
--   URLSearchParams("a=1&b=2"), URLSearchParams{a = 1} (sorted), URLSearchParams{{"a", 1}, {"b", 2}}, another one, a Map,
--   or a Lua iterator of pairs
--   for name, value in params:iter() do … end      entries() is the same; keys(), values() give one each
-- The pairs are kept flat in `_list`: name, value, name, value. Names and values are text: lone surrogates become U+FFFD.
local class = require "lunode.internal.class"
local encode = require "lunode.url.encode"
local errors = require "lunode.internal.errors"
local inspect_custom = require "lunode.internal.inspect_custom"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local tostring, type, error, rawget, rawset, getmetatable, setmetatable = tostring, type, error, rawget, rawset, getmetatable, setmetatable
local byte, find, sub, concat = string.byte, string.find, string.sub, table.concat
local form_encode = encode.form_encode
local function same(piece) return piece end

local URLSearchParams = class "URLSearchParams"
local Iterator = class "URLSearchParams Iterator"
local M = { URLSearchParams = URLSearchParams }

-- Any value as JavaScript's String(value) gives it.
local function text_of(value)
  if type(value) == "string" then return value end
  if type(value) == "number" then return errors.number(value) end
  if value == nil then return "undefined" end
  return (validators.door.text or tostring)(value)
end
M.text_of = text_of

-- Whether text is free of bytes beyond ASCII, and of "+" and "%" where `plain` asks for it. A loop: the JIT compiles no patterns.
local function is_simple(value, plain)
  for i = 1, #value do
    local b = byte(value, i)
    if b >= 128 or plain and (b == 37 or b == 43) then return false end
  end
  return true
end

local function text(value)
  if type(value) ~= "string" then value = text_of(value) end
  if not is_simple(value, false) then value = require("lunode.util.text_encoding").well_formed(value) end
  return value
end

local function parse(query)
  local list, n, at, length = {}, 0, 1, #query
  local form_decode = is_simple(query, true) and same or encode.form_decode
  while at <= length do
    local finish = (find(query, "&", at, true) or length + 1) - 1
    if finish >= at then
      local equals = find(query, "=", at, true)
      if equals and equals <= finish then
        list[n + 1], list[n + 2] = form_decode(sub(query, at, equals - 1)), form_decode(sub(query, equals + 1, finish))
      else
        list[n + 1], list[n + 2] = form_decode(sub(query, at, finish)), ""
      end
      n = n + 2
    end
    at = finish + 2
  end
  return list
end

local function serialize(list)
  local out, n = {}, 0
  for i = 1, #list, 2 do
    if n > 0 then
      out[n + 1] = "&"
      n = n + 1
    end
    out[n + 1], out[n + 2], out[n + 3] = form_encode(list[i]), "=", form_encode(list[i + 1])
    n = n + 3
  end
  return concat(out)
end

local function list_of(self)
  local list = type(self) == "table" and rawget(self, "_list")
  if not list then error(errors.ERR_INVALID_THIS "URLSearchParams", 0) end
  return list
end

-- ---- making one

local function invalid_tuple() error(errors.ERR_INVALID_TUPLE("Each query pair", "[name, value]"), 0) end

local function from_pairs(list, init)
  for i = 1, #init do
    local pair = init[i]
    if type(pair) ~= "table" or pair == errors.null or #pair ~= 2 then invalid_tuple() end
    list[#list + 1] = text(pair[1])
    list[#list + 1] = text(pair[2])
  end
end

local function from_table(list, init)
  local keys = shape.keys(init)
  for i = 1, #keys do
    list[#list + 1] = text(keys[i])
    list[#list + 1] = text(init[keys[i]])
  end
end

-- for name, value in next_pair do … end
local function from_iterator(list, next_pair)
  for name, value in next_pair do
    list[#list + 1] = text(name)
    list[#list + 1] = text(value)
  end
end

-- What a Map's entries() gives: a Lua iterator, or JavaScript's with next().
local function from_entries(list, entries)
  if type(entries) == "function" or Iterator:is(entries) then return from_iterator(list, entries) end
  from_iterator(list, function()
    local step = entries:next()
    if step.done then return nil end
    local pair = step.value
    if type(pair) ~= "table" then invalid_tuple() end
    return pair[1], pair[2]
  end)
end

function URLSearchParams:initialize(init)
  local list = {}
  rawset(self, "_list", list)
  rawset(self, "_changed", false)
  if init == nil or init == errors.null then return end
  if type(init) == "function" or Iterator:is(init) then return from_iterator(list, init) end
  if type(init) == "table" then
    local other = rawget(init, "_list")
    if other and URLSearchParams:is(init) then
      for i = 1, #other do list[i] = other[i] end
    elseif init[1] ~= nil then
      from_pairs(list, init)
    elseif getmetatable(init) and type(init.entries) == "function" and rawget(init, "entries") == nil then
      from_entries(list, init:entries())
    else
      from_table(list, init)
    end
  else
    init = text(init)
    rawset(self, "_list", parse(sub(init, 1, 1) == "?" and sub(init, 2) or init))
  end
end

-- For the URL that owns it: M.changed(owner, query), which url.lua sets, is called after every change.
function M.attach(query, owner)
  return setmetatable({ _list = parse(query or ""), _changed = owner }, URLSearchParams.meta)
end
function M.update(params, query) rawset(params, "_list", parse(query or "")) end

-- The URL that it belongs to follows.
local function changed(self, list)
  rawset(self, "_list", list)
  local owner = rawget(self, "_changed")
  if owner then M.changed(owner, serialize(list)) end
end

-- ---- methods

local function need_name(name)
  if name == nil then error(errors.ERR_MISSING_ARGS "name", 0) end
  return text(name)
end

-- A value that is nil counts as given when it stands there.
local function need_both(name, count)
  if name == nil or count == 0 then error(errors.ERR_MISSING_ARGS("name", "value"), 0) end
  return text(name)
end

-- Adds a pair at the end.
function URLSearchParams:append(name, ...)
  local list = list_of(self)
  name = need_both(name, select("#", ...))
  local n = #list
  list[n + 1], list[n + 2] = name, text((...))
  changed(self, list)
end

-- value: only the pairs that have it too
function URLSearchParams:delete(name, value)
  local list, kept = list_of(self), {}
  name = need_name(name)
  if value ~= nil then value = text(value) end
  for i = 1, #list, 2 do
    if list[i] ~= name or value ~= nil and list[i + 1] ~= value then
      local n = #kept
      kept[n + 1], kept[n + 2] = list[i], list[i + 1]
    end
  end
  changed(self, kept)
end

-- -> the first value of the name, or nil
function URLSearchParams:get(name)
  local list = list_of(self)
  name = need_name(name)
  for i = 1, #list, 2 do
    if list[i] == name then return list[i + 1] end
  end
end

-- -> list of all values of the name
function URLSearchParams:getAll(name)
  local list, out = list_of(self), {}
  name = need_name(name)
  for i = 1, #list, 2 do
    if list[i] == name then out[#out + 1] = list[i + 1] end
  end
  return shape.list(out)
end

-- value: whether there is a pair of both
function URLSearchParams:has(name, value)
  local list = list_of(self)
  name = need_name(name)
  if value ~= nil then value = text(value) end
  for i = 1, #list, 2 do
    if list[i] == name and (value == nil or list[i + 1] == value) then return true end
  end
  return false
end

-- The first pair of the name gets the value, the others go; without one it is appended.
function URLSearchParams:set(name, ...)
  local list, kept, found = list_of(self), {}, false
  name = need_both(name, select("#", ...))
  local value = text((...))
  for i = 1, #list, 2 do
    local n = #kept
    if list[i] ~= name then
      kept[n + 1], kept[n + 2] = list[i], list[i + 1]
    elseif not found then
      found = true
      kept[n + 1], kept[n + 2] = name, value
    end
  end
  if not found then
    local n = #kept
    kept[n + 1], kept[n + 2] = name, value
  end
  changed(self, kept)
end

-- By the UTF-16 code units of the names; pairs with the same name stay in order.
function URLSearchParams:sort()
  local list, order, keys = list_of(self), {}, {}
  for i = 1, #list, 2 do
    order[#order + 1] = i
    keys[i] = encode.utf16_order(list[i])
  end
  table.sort(order, function(a, b)
    if keys[a] ~= keys[b] then return keys[a] < keys[b] end
    return a < b
  end)
  local sorted = {}
  for k = 1, #order do
    local i = order[k]
    sorted[2 * k - 1], sorted[2 * k] = list[i], list[i + 1]
  end
  changed(self, sorted)
end

URLSearchParams:accessor("size", function(self) return #list_of(self) / 2 end)

-- fn(value, name, params)
function URLSearchParams:forEach(callback)
  list_of(self)
  local fn = validators.callback(callback, "callback")
  local i = 1
  while i < #self._list do
    fn(self._list[i + 1], self._list[i], self)
    i = i + 2
  end
end

-- -> "name=value&name=value", percent-encoded as forms are
function URLSearchParams:toString() return serialize(list_of(self)) end
URLSearchParams.meta.__tostring = URLSearchParams.prototype.toString

-- ---- iterators: called by `for`, or asked by next() -> { value, done }. They see what changes meanwhile.

function Iterator:initialize(params, kind) self._params, self._kind, self._at = params, kind, 1 end

function Iterator.meta.__call(self)
  local list, at = self._params._list, self._at
  local name, value = list[at], list[at + 1]
  if name == nil then return nil end
  self._at = at + 2
  if self._kind == "entries" then return name, value end
  return self._kind == "keys" and name or value
end

local function pair_of(kind, name, value)
  if kind == "entries" then return shape.list { name, value } end
  return name
end

function Iterator:next()
  if type(self) ~= "table" or not rawget(self, "_params") then error(errors.ERR_INVALID_THIS "URLSearchParamsIterator", 0) end
  local first, second = self()
  if first == nil then return shape.dict { done = true } end
  return shape.dict { value = pair_of(self._kind, first, second), done = false }
end

local STYLES = "\27%[%d+m"

Iterator.prototype[inspect_custom] = function(self, depth, options)
  local inspect = require("lunode.util.inspect").inspect
  if type(depth) == "number" and depth < 0 then return "[Object]" end
  local rest = Iterator(self._params, self._kind)
  rest._at = self._at
  local out, length = {}, -2
  for first, second in rest do
    out[#out + 1] = inspect(pair_of(self._kind, first, second), options)
    length = length + #out[#out]:gsub(STYLES, "") + 2
  end
  local wide = length > (options and options.breakLength or 80)
  for _, part in ipairs(out) do wide = wide or part:find("\n", 1, true) end
  if wide then return "URLSearchParams Iterator {\n  " .. concat(out, ",\n  ") .. " }" end
  return #out == 0 and "URLSearchParams Iterator {  }" or "URLSearchParams Iterator { " .. concat(out, ", ") .. " }"
end

local function iterate(self, kind)
  list_of(self)
  return Iterator(self, kind)
end

-- for name, value in params:entries() do … end
function URLSearchParams:entries() return iterate(self, "entries") end

-- As entries.
function URLSearchParams:iter() return iterate(self, "entries") end

-- for name in params:keys() do … end
function URLSearchParams:keys() return iterate(self, "keys") end

-- for value in params:values() do … end
function URLSearchParams:values() return iterate(self, "values") end

URLSearchParams.prototype[inspect_custom] = function(self, depth, options)
  local inspect = require("lunode.util.inspect").inspect
  if type(depth) == "number" and depth < 0 then return "[Object]" end
  local name, out, length = shape.prototype(self).constructor.name, {}, -2
  for key, value in self:iter() do
    out[#out + 1] = inspect(key, options) .. " => " .. inspect(value, options)
    length = length + #out[#out]:gsub(STYLES, "") + 2
  end
  if length > (options and options.breakLength or 80) then return name .. " {\n  " .. concat(out, ",\n  ") .. " }" end
  return name .. (#out == 0 and " {}" or " { " .. concat(out, ", ") .. " }")
end

return M
