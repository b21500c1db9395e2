-- SPDX-License-Identifier: MIT
--
-- The entries of the performance timeline, and who is told of them (Node 20 docs: perf_hooks; W3C Performance Timeline, User Timing).
--
--   entry.new(Class, name, type, start, duration, detail) -> an entry; ms since timeOrigin
--   entry.publish(e)      to the observers of its type, soon
--   entry.keep(e)         to the timeline too
--   entry.observed(type)  whether somebody observes it
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local timers = require "lunode.internal.timers"
local validators = require "lunode.internal.validators"
local described = require "lunode.perf_hooks.described"

local type, error, rawset, ipairs, sort = type, error, rawset, ipairs, table.sort
local door = validators.door

local M = {}

-- ---- entries

local Entry = class "PerformanceEntry"
M.PerformanceEntry = Entry

local making = false

function Entry:initialize(name, kind, start, duration, detail)
  if not making then error(errors.ERR_ILLEGAL_CONSTRUCTOR(), 0) end
  rawset(self, "name", name)
  rawset(self, "entryType", kind)
  rawset(self, "startTime", start)
  rawset(self, "duration", duration)
  rawset(self, "detail", detail)
end

function M.new(Class, ...)
  making = true
  local e = Class(...)
  making = false
  return e
end

function Entry:toJSON()
  return shape.dict { name = self.name, entryType = self.entryType, startTime = self.startTime, duration = self.duration, detail = self.detail }
end

M.PerformanceMeasure = class("PerformanceMeasure", Entry)
M.PerformanceNodeEntry = class("PerformanceNodeEntry", Entry)
described(Entry, { "name", "entryType", "startTime", "duration", "detail" })

-- ---- the timeline

local timeline = { mark = {}, measure = {} }

function M.keep(e)
  local list = timeline[e.entryType]
  list[#list + 1] = e
end

-- name nil: all
function M.clear(kind, name)
  local rest = {}
  if name ~= nil then
    for _, e in ipairs(timeline[kind]) do
      if e.name ~= name then rest[#rest + 1] = e end
    end
  end
  timeline[kind] = rest
end

-- The newest mark of this name, or nil.
function M.mark(name)
  local list = timeline.mark
  for i = #list, 1, -1 do
    if list[i].name == name then return list[i] end
  end
end

-- Those that match, by their start; equal ones in the order of their coming.
local function select_from(list, name, kind)
  local found = {}
  for i, e in ipairs(list) do
    if (name == nil or e.name == name) and (kind == nil or e.entryType == kind) then found[#found + 1] = { e, i } end
  end
  sort(found, function(a, b)
    if a[1].startTime ~= b[1].startTime then return a[1].startTime < b[1].startTime end
    return a[2] < b[2]
  end)
  for i, pair in ipairs(found) do found[i] = pair[1] end
  return found
end

function M.entries(name, kind)
  local all = {}
  for _, of in ipairs { "mark", "measure" } do
    for _, e in ipairs(timeline[of]) do all[#all + 1] = e end
  end
  return shape.list(select_from(all, name, kind))
end

-- ---- PerformanceObserverEntryList

local List = class "PerformanceObserverEntryList"
M.PerformanceObserverEntryList = List

function List:initialize(entries)
  if not making then error(errors.ERR_ILLEGAL_CONSTRUCTOR(), 0) end
  rawset(self, "_entries", entries)
end

function List:getEntries() return shape.list(select_from(self._entries)) end

function List:getEntriesByType(...)
  local kind = ...
  if select("#", ...) == 0 then error(errors.ERR_MISSING_ARGS "type", 0) end
  return shape.list(select_from(self._entries, nil, tostring(kind)))
end

function List:getEntriesByName(...)
  local name, kind = ...
  if select("#", ...) == 0 then error(errors.ERR_MISSING_ARGS "name", 0) end
  return shape.list(select_from(self._entries, tostring(name), kind))
end

-- ---- PerformanceObserver

local SUPPORTED = { "function", "http", "mark", "measure", "net" }
local supported = {}
for _, name in ipairs(SUPPORTED) do supported[name] = true end

local observers = {}  -- those that observe, in the order of their coming
local counts = {}
local waiting = {}    -- those with entries that they do not know yet
local scheduled = false

function M.observed(kind) return (counts[kind] or 0) > 0 end

local function count(kind, by)
  local before = counts[kind] or 0
  counts[kind] = before + by
  if (before == 0 or before + by == 0) and (kind == "http" or kind == "net") then
    require("lunode.perf_hooks.network")[before == 0 and "start" or "stop"](kind)
  end
end

local Observer = class "PerformanceObserver"
M.PerformanceObserver = Observer

-- fn(list, observer) is called, soon after, with all that came
function Observer:initialize(fn)
  validators.validateFunction(fn, "callback")
  rawset(self, "_fn", fn)
  rawset(self, "_buffer", {})
  rawset(self, "_types", {})
  rawset(self, "_mode", false)
end

local function dispatch()
  local list = waiting
  waiting, scheduled = {}, false
  for i = 1, #list do
    local observer = list[i]
    local entries = observer._buffer
    observer._buffer, observer._waits = {}, false
    if entries[1] then
      -- Another turn for the rest, should this one raise.
      if list[i + 1] then
        for j = i + 1, #list do waiting[#waiting + 1] = list[j] end
        scheduled = true
        timers.immediate(dispatch, 0)
      end
      local of = M.new(List, entries)
      if door.wants_this and door.wants_this(observer._fn) then return observer._fn(observer, of, observer) end
      return observer._fn(of, observer)
    end
  end
end

local function wake(observer)
  if not observer._waits then
    rawset(observer, "_waits", true)
    waiting[#waiting + 1] = observer
  end
  if not scheduled then
    scheduled = true
    timers.immediate(dispatch, 0)
  end
end

function M.publish(e)
  if not M.observed(e.entryType) then return end
  for i = 1, #observers do
    local observer = observers[i]
    if observer._types[e.entryType] then
      local buffer = observer._buffer
      buffer[#buffer + 1] = e
      wake(observer)
    end
  end
end

local function observe_type(self, kind)
  if not supported[kind] or self._types[kind] then return end
  self._types[kind] = true
  count(kind, 1)
end

local function forget_types(self)
  for kind in pairs(self._types) do count(kind, -1) end
  self._types = {}
end

local function remove(self)
  for i = #observers, 1, -1 do
    if observers[i] == self then table.remove(observers, i) end
  end
end

-- options: entryTypes (a list), in place of those observed until now; or type, one more, with buffered: true for what the timeline has of it
function Observer:observe(options)
  if options == nil then options = {} end
  validators.validateObject(options, "options")
  local types, kind = options.entryTypes, options.type
  if types == nil and kind == nil then error(errors.ERR_MISSING_ARGS("options.entryTypes", "options.type"), 0) end
  if types ~= nil and kind ~= nil then
    error(errors.ERR_INVALID_ARG_VALUE("options.entryTypes", types, "options.entryTypes can not set with options.type together"), 0)
  end
  local mode = types ~= nil and "multiple" or "single"
  if self._mode and self._mode ~= mode then
    error(require "lunode.internal.dom_exception"("PerformanceObserver can not change to " .. (mode == "single" and "single" or "multiple") .. " observation",
      "InvalidModificationError"), 0)
  end
  if types ~= nil then
    if type(types) ~= "table" then error(errors.ERR_INVALID_ARG_TYPE("options.entryTypes", "string[]", types), 0) end
    forget_types(self)
    for _, name in ipairs(types) do observe_type(self, name) end
  else
    observe_type(self, kind)
  end
  self._mode = mode
  remove(self)
  if next(self._types) == nil then return self:disconnect() end
  observers[#observers + 1] = self
  if kind ~= nil and options.buffered and timeline[kind] then
    for _, e in ipairs(timeline[kind]) do self._buffer[#self._buffer + 1] = e end
    if self._buffer[1] then wake(self) end
  end
end

function Observer:disconnect()
  remove(self)
  forget_types(self)
  self._mode, self._buffer = false, {}
end

-- What came and was not told yet; it will not be.
function Observer:takeRecords()
  local list = self._buffer
  self._buffer = {}
  return shape.list(list)
end

Observer.static.supportedEntryTypes = shape.list(SUPPORTED)

return M
