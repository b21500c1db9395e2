-- SPDX-License-Identifier: MIT
--
-- Date, Map, Set and RegExp as values that Lua programs get and send in messages (serialization "advanced", v8.deserialize):
-- what Node's have that makes sense in Lua. Source: ECMA-262, clauses 21.4, 24.1, 24.2.
--
--   Date(ms), Date(): now      date:getTime(), :valueOf() ms since 1970 or NaN; :toISOString(), :toJSON(); == and < compare times
--   Map(list of {key, value})  map:get(key), :set(key, value), :has(key), :delete(key), :clear(), :forEach(fn(value, key, map)), map.size
--   Set(list)                  set:add(value), :has, :delete, :clear, :forEach(fn(value, value, set)), set.size
--   RegExp(source, flags)      regexp.source, .flags, .global, .ignoreCase …: carried, not matched
--
-- `for key, value in map:iter() do`, `for value in set:iter() do` go in the order of insertion and see what is added meanwhile; also
-- entries(), keys(), values(). They hand a nil key or value out as lunode.null. NaN is a key like others; 64-bit integers are
-- keys by their value.
local ffi = require "ffi"
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local serializable = require "lunode.internal.serializable"
local validators = require "lunode.internal.validators"

local type, tostring, setmetatable, rawget, rawset, floor, huge = type, tostring, setmetatable, rawget, rawset, math.floor, math.huge
local null = errors.null

ffi.cdef [[
struct lunode_timeval { long seconds, microseconds; };
int gettimeofday(struct lunode_timeval *, void *);
]]

local M = {}

-- ---- Date

local Date = class "Date"
M.Date = Date

local NAN = 0 / 0
local DAY = 86400000

local function clip(ms)
  if type(ms) ~= "number" or not (ms >= -8.64e15 and ms <= 8.64e15) then return NAN end
  return (ms < 0 and -floor(-ms) or floor(ms)) + 0
end

local function now()
  local t = ffi.new "struct lunode_timeval"
  ffi.C.gettimeofday(t, nil)
  return tonumber(t.seconds) * 1000 + floor(tonumber(t.microseconds) / 1000)
end

function Date:initialize(ms)
  if ms == nil then
    ms = now()
  elseif Date:is(ms) then
    ms = rawget(ms, "_ms")
  end
  rawset(self, "_ms", clip(ms))
end

function Date:getTime() return rawget(self, "_ms") end
Date.prototype.valueOf = Date.prototype.getTime

-- Year, month and day of a day counted from 1970-01-01 (proleptic Gregorian calendar; years that begin in March).
local function civil(days)
  local z = days + 719468
  local era = floor(z / 146097)
  local doe = z - era * 146097
  local yoe = floor((doe - floor(doe / 1460) + floor(doe / 36524) - floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + floor(yoe / 4) - floor(yoe / 100))
  local mp = floor((5 * doy + 2) / 153)
  local month = mp < 10 and mp + 3 or mp - 9
  return yoe + era * 400 + (month <= 2 and 1 or 0), month, doy - floor((153 * mp + 2) / 5) + 1
end

function Date:toISOString()
  local ms = rawget(self, "_ms")
  if ms ~= ms then error(errors.RangeError "Invalid time value", 0) end
  local days = floor(ms / DAY)
  local rest = ms - days * DAY
  local year, month, day = civil(days)
  local head = year >= 0 and year <= 9999 and ("%04d"):format(year) or ("%s%06d"):format(year < 0 and "-" or "+", year < 0 and -year or year)
  return ("%s-%02d-%02dT%02d:%02d:%02d.%03dZ"):format(head, month, day, floor(rest / 3600000), floor(rest / 60000) % 60, floor(rest / 1000) % 60, rest % 1000)
end

function Date:toJSON()
  local ms = rawget(self, "_ms")
  if ms == ms then return self:toISOString() end
  return null
end

local function shown(self)
  if rawget(self, "_ms") ~= rawget(self, "_ms") then return "Invalid Date" end
  return self:toISOString()
end
Date.meta.__tostring = shown
Date.meta.__eq = function(a, b) return rawget(a, "_ms") == rawget(b, "_ms") end
Date.meta.__lt = function(a, b) return rawget(a, "_ms") < rawget(b, "_ms") end
Date.meta.__le = function(a, b) return rawget(a, "_ms") <= rawget(b, "_ms") end

serializable.register("date", {
  class = Date,
  write = Date.prototype.getTime,
  read = function(ms) return setmetatable({ _ms = clip(ms) }, Date.meta) end,
})

-- ---- Map and Set

-- Both are rings of entries {key, value, prev, next}. A removed one keeps `prev`, by which an iterator that stands on it finds back.
local NIL, NOT_A_NUMBER = {}, {}

local function index_of(self, key)
  local t = type(key)
  if t == "cdata" then return rawget(self, "_integers"), (tostring(key):gsub("U?LL$", "")) end
  if key == nil then return rawget(self, "_index"), NIL end
  if key ~= key then return rawget(self, "_index"), NOT_A_NUMBER end
  return rawget(self, "_index"), key
end

local function begin(self)
  local head = {}
  head.prev, head.next = head, head
  self._head, self._index, self._integers, self._size = head, {}, {}, 0
  return self
end

local function put(self, key, value)
  local index, k = index_of(self, key)
  local entry = index[k]
  if entry then
    entry.value = value
    return
  end
  local head = rawget(self, "_head")
  if key == 0 then key = 0 end -- -0 is 0
  entry = { key = key, value = value, prev = head.prev, next = head }
  head.prev.next = entry
  head.prev = entry
  index[k] = entry
  rawset(self, "_size", rawget(self, "_size") + 1)
end

local function has(self, key)
  local index, k = index_of(self, key)
  return index[k] ~= nil
end

local function delete(self, key)
  local index, k = index_of(self, key)
  local entry = index[k]
  if not entry then return false end
  index[k] = nil
  entry.prev.next, entry.next.prev = entry.next, entry.prev
  entry.gone = true
  rawset(self, "_size", rawget(self, "_size") - 1)
  return true
end

local function clear(self)
  local head = rawget(self, "_head")
  local entry = head.next
  while entry ~= head do
    local following = entry.next
    entry.gone, entry.prev = true, head
    entry = following
  end
  head.prev, head.next = head, head
  rawset(self, "_index", {})
  rawset(self, "_integers", {})
  rawset(self, "_size", 0)
end

-- A function that gives one entry after the other, then nil.
local function walk(self)
  local head = rawget(self, "_head")
  local at = head
  return function()
    if not at then return nil end
    while at.gone do at = at.prev end
    at = at.next
    if at == head then at = nil end
    return at
  end
end

local function out(value)
  if value == nil then return null end
  return value
end

local function flat(self, with_values)
  local list, n = {}, 0
  local head = rawget(self, "_head")
  local entry = head.next
  while entry ~= head do
    n = n + 1
    list[n] = entry.key
    if with_values then
      n = n + 1
      list[n] = entry.value
    end
    entry = entry.next
  end
  return list, n
end

local function shared(c)
  function c:has(key) return has(self, key) end
  function c:delete(key) return delete(self, key) end
  function c:clear() clear(self) end
  c:accessor("size", function(self) return rawget(self, "_size") end)
  function c:keys()
    local step = walk(self)
    return function()
      local entry = step()
      if entry then return out(entry.key) end
    end
  end
  function c:forEach(fn)
    fn = validators.callback(fn, "callback")
    for entry in walk(self) do fn(entry.value, entry.key, self) end
  end
end

local Map = class "Map"
M.Map = Map
shared(Map)

local function listed(list, what)
  if list ~= nil and type(list) ~= "table" then error(errors.ERR_INVALID_ARG_TYPE(what, "Array", list), 0) end
  return list ~= null and list or {}
end

function Map:initialize(list)
  begin(self)
  if Map:is(list) then
    for entry in walk(list) do put(self, entry.key, entry.value) end
    return
  end
  for _, pair in ipairs(listed(list, "entries")) do
    if type(pair) ~= "table" then error(errors.TypeError("Iterator value " .. tostring(pair) .. " is not an entry object"), 0) end
    put(self, pair[1], pair[2])
  end
end

function Map:get(key)
  local index, k = index_of(self, key)
  local entry = index[k]
  if entry then return entry.value end
end

function Map:set(key, value)
  put(self, key, value)
  return self
end

function Map:entries()
  local step = walk(self)
  return function()
    local entry = step()
    if entry then return out(entry.key), out(entry.value) end
  end
end
Map.prototype.iter = Map.prototype.entries

function Map:values()
  local step = walk(self)
  return function()
    local entry = step()
    if entry then return out(entry.value) end
  end
end

local Set = class "Set"
M.Set = Set
shared(Set)

function Set:initialize(list)
  begin(self)
  if Set:is(list) then
    for entry in walk(list) do put(self, entry.key, entry.key) end
    return
  end
  for _, value in ipairs(listed(list, "values")) do put(self, value, value) end
end

function Set:add(value)
  put(self, value, value)
  return self
end

Set.prototype.values, Set.prototype.iter = Set.prototype.keys, Set.prototype.keys

function Set:entries()
  local step = walk(self)
  return function()
    local entry = step()
    if entry then return out(entry.key), out(entry.key) end
  end
end

serializable.register("map", {
  class = Map,
  write = function(map) return flat(map, true) end,
  new = function() return begin(setmetatable({ _head = false, _index = false, _integers = false, _size = 0 }, Map.meta)) end,
  set = put,
})
serializable.register("set", {
  class = Set,
  write = function(set) return flat(set, false) end,
  new = function() return begin(setmetatable({ _head = false, _index = false, _integers = false, _size = 0 }, Set.meta)) end,
  add = function(set, value) put(set, value, value) end,
})

-- ---- RegExp

local RegExp = class "RegExp"
M.RegExp = RegExp

local FLAGS, ORDER = serializable.FLAGS, "dgimsuvy"
local NAMES = {
  d = "hasIndices", g = "global", i = "ignoreCase", m = "multiline", s = "dotAll", u = "unicode", v = "unicodeSets", y = "sticky",
}

function RegExp:initialize(source, flags)
  if RegExp:is(source) then source, flags = source.source, flags == nil and source.flags or flags end
  if source == nil or source == "" then source = "(?:)" end
  if type(source) ~= "string" then error(errors.ERR_INVALID_ARG_TYPE("source", "string", source), 0) end
  if flags == nil then flags = "" end
  if type(flags) ~= "string" then error(errors.ERR_INVALID_ARG_TYPE("flags", "string", flags), 0) end
  local seen = {}
  for flag in flags:gmatch "." do
    if not FLAGS[flag] or seen[flag] or seen.u and flag == "v" or seen.v and flag == "u" then
      error(errors.SyntaxError(("Invalid flags supplied to RegExp constructor '%s'"):format(flags)), 0)
    end
    seen[flag] = true
  end
  rawset(self, "source", source)
  rawset(self, "flags", (ORDER:gsub(".", function(flag) return seen[flag] and flag or "" end)))
  rawset(self, "lastIndex", 0)
end

for flag, name in pairs(NAMES) do
  RegExp:accessor(name, function(self) return rawget(self, "flags"):find(flag, 1, true) ~= nil end)
end

local function regexp_text(self) return "/" .. tostring(rawget(self, "source")) .. "/" .. tostring(rawget(self, "flags")) end
RegExp.meta.__tostring = regexp_text
function RegExp:toString() return regexp_text(self) end

serializable.register("regexp", {
  class = RegExp,
  write = function(regexp)
    local bits = 0
    for flag in rawget(regexp, "flags"):gmatch "." do bits = bits + (FLAGS[flag] or 0) end
    return rawget(regexp, "source"), bits
  end,
  read = function(source, bits)
    local flags = ORDER:gsub(".", function(flag) return math.floor(bits / FLAGS[flag]) % 2 == 1 and flag or "" end)
    return setmetatable({ source = source, flags = flags, lastIndex = 0 }, RegExp.meta)
  end,
})

return M
