-- SPDX-License-Identifier: MIT
--
-- The `performance` object (Node 20 docs: perf_hooks, Class: Performance). Times are ms, with fractions, since timeOrigin.
local class = require "lunode.internal.class"
local core = require "lunode.core"
local entry = require "lunode.perf_hooks.entry"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"
local clock = require "lunode.internal.clock"
local described = require "lunode.perf_hooks.described"
local EventTarget = require("lunode.internal.event_target").EventTarget

local type, error, rawset, select, tostring, setfenv, getfenv = type, error, rawset, select, tostring, setfenv, getfenv
local monotonic, door = clock.monotonic, validators.door

local M = {}

-- ---- the clock

local started = core.process.started -- ns
local started_s = (started - started % 1e9) / 1e9
local started_ns = started % 1e9

local function now()
  local seconds, ns = monotonic()
  return (seconds - started_s) * 1e3 + (ns - started_ns) / 1e6
end
M.now = now

local function time_origin()
  local seconds, ns = clock.realtime()
  return seconds * 1e3 + ns / 1e6 - now()
end
local origin = time_origin()

-- ---- nodeTiming and the loop

local loaded = now()
local idle_since -- when the loop began to count its idle time

-- ms that the loop waited; counted from the first question on.
local function idle_time()
  local idle = core.loop.idleTime() / 1e6
  idle_since = idle_since or now()
  return idle
end

local Timing = class("PerformanceNodeTiming", entry.PerformanceEntry)
Timing:accessor("duration", now)
Timing:accessor("idleTime", idle_time)
Timing:accessor("loopStart", function()
  idle_time()
  return queue.shared.depth > 0 and idle_since or -1
end)
function Timing:initialize()
  for name, value in pairs { name = "node", entryType = "node", startTime = 0, nodeStart = 0, v8Start = 0, environment = 0, bootstrapComplete = loaded,
    loopExit = -1 } do rawset(self, name, value) end
end
local TIMING = { "name", "entryType", "startTime", "duration", "nodeStart", "v8Start", "bootstrapComplete", "environment", "loopStart", "loopExit", "idleTime" }
function Timing:toJSON()
  local out = {}
  for _, name in ipairs(TIMING) do out[name] = self[name] end
  return shape.dict(out)
end
described(Timing, TIMING)
local node_timing = Timing()

local function ratio(idle, active)
  return shape.dict { idle = idle, active = active, utilization = active + idle > 0 and active / (idle + active) or 0 }
end

-- () -> {idle (ms), active (ms), utilization (0 to 1)} since the first call; (u1): since u1 was taken; (u1, u2): between the two
local function utilization(u1, u2)
  if u2 ~= nil then return ratio(u1.idle - u2.idle, u1.active - u2.active) end
  local idle = idle_time()
  if queue.shared.depth == 0 then return ratio(0, 0) end -- the loop does not run yet
  local active = now() - idle_since - idle
  if active < 0 then active = 0 end
  if u1 == nil then return ratio(idle, active) end
  return ratio(idle - u1.idle, active - u1.active)
end

-- ---- marks and measures

local MILESTONES = { nodeStart = true, v8Start = true, environment = true, loopStart = true, loopExit = true, bootstrapComplete = true }

local function cloned(detail)
  if detail == nil or detail == errors.null then return nil end
  return require("lunode.internal.microtask").structuredClone(detail)
end

local Mark = class("PerformanceMark", entry.PerformanceEntry)
M.PerformanceMark = Mark

-- options: startTime (now), detail: any value, copied
function Mark:initialize(...)
  local name, options = ...
  if select("#", ...) == 0 then error(errors.ERR_MISSING_ARGS "name", 0) end
  name = tostring(name)
  if MILESTONES[name] then error(errors.ERR_INVALID_ARG_VALUE("name", name), 0) end
  if options ~= nil and options ~= errors.null then validators.validateObject(options, "options") else options = {} end
  local start = options.startTime
  if start == nil then start = now() else validators.validateNumber(start, "startTime") end
  if start < 0 then error(errors.ERR_PERFORMANCE_INVALID_TIMESTAMP(start), 0) end
  rawset(self, "name", name)
  rawset(self, "entryType", "mark")
  rawset(self, "startTime", start)
  rawset(self, "duration", 0)
  rawset(self, "detail", cloned(options.detail))
end

local function told(e)
  entry.keep(e)
  entry.publish(e)
  return e
end

-- A mark's name, or a time.
local function time_of(mark)
  if mark == nil then return nil end
  if type(mark) == "number" then
    if mark < 0 then error(errors.ERR_PERFORMANCE_INVALID_TIMESTAMP(mark), 0) end
    return mark
  end
  mark = tostring(mark)
  if MILESTONES[mark] then return node_timing[mark] end
  local found = entry.mark(mark)
  if not found then error(require "lunode.internal.dom_exception"(('The "%s" performance mark has not been set'):format(mark), "SyntaxError"), 0) end
  return found.startTime
end

-- -> start, duration, detail
local function span(options, finish)
  local from, to, duration, detail
  if type(options) == "table" and options ~= errors.null then
    from, to, duration, detail = options.start, options["end"], options.duration, options.detail
    local given = from ~= nil or to ~= nil or duration ~= nil or detail ~= nil
    if given and finish ~= nil then
      error(errors.ERR_PERFORMANCE_MEASURE_INVALID_OPTIONS "endMark must not be specified", 0)
    end
    if from ~= nil and to ~= nil and duration ~= nil then
      error(errors.ERR_PERFORMANCE_MEASURE_INVALID_OPTIONS "Must not have options.start, options.end, and options.duration specified", 0)
    end
  elseif type(options) == "string" then
    from = options
  end
  if duration ~= nil then validators.validateNumber(duration, "options.duration") end
  local stop
  if finish ~= nil then stop = time_of(finish)
  elseif to ~= nil then stop = time_of(to)
  elseif from ~= nil and duration ~= nil then stop = time_of(from) + duration
  else stop = now() end
  local start
  if from ~= nil then start = time_of(from)
  elseif duration ~= nil and to ~= nil then start = stop - duration
  else start = 0 end
  return start, stop - start, cloned(detail)
end

-- ---- timerify

local function name_of(fn)
  local ok, name = pcall(function() return fn.name end) -- JavaScript's functions have one
  if ok and type(name) == "string" then return name end
  local info = debug.getinfo(fn, "S")
  return info.short_src .. ":" .. info.linedefined
end

local function measured(name, histogram, start, args, n, ...)
  local duration = now() - start
  if histogram then histogram:record(math.max(math.ceil(duration * 1e6), 1)) end
  local detail = {}
  for i = 1, n do detail[i] = args[i] end
  entry.publish(entry.new(entry.PerformanceNodeEntry, name, "function", start, duration, shape.list(detail)))
  return ...
end

local function finished(name, histogram, start, args, n, first, ...)
  if type(first) == "table" and first ~= errors.null and type(first.finally) == "function" then
    return first:finally(function() measured(name, histogram, start, args, n) end)
  end
  return measured(name, histogram, start, args, n, first, ...)
end

-- A function like fn, each of whose calls becomes an entry of the type 'function'. options.histogram: a RecordableHistogram of its ns.
local function timerify(fn, options)
  validators.validateFunction(fn, "fn")
  if options ~= nil then validators.validateObject(options, "options") end
  local histogram = options and options.histogram
  if histogram ~= nil and not (type(histogram) == "table" and type(histogram.record) == "function") then
    error(errors.ERR_INVALID_ARG_TYPE("options.histogram", "RecordableHistogram", histogram), 0)
  end
  local name = name_of(fn)
  if door.wants_this and door.wants_this(fn) then
    return setfenv(function(this, ...)
      return finished(name, histogram, now(), { ... }, select("#", ...), fn(this, ...))
    end, getfenv(fn))
  end
  return function(...)
    return finished(name, histogram, now(), { ... }, select("#", ...), fn(...))
  end
end

-- ---- the object: its functions take a dot or a colon

local Performance = class("Performance", EventTarget)
M.Performance = Performance
local performance
local making = false

function Performance:initialize()
  if not making then error(errors.ERR_ILLEGAL_CONSTRUCTOR(), 0) end
  EventTarget.prototype.initialize(self)
end

-- `performance.now()` and `performance:now()`: no argument of these functions is ever the object itself.
local function define(name, fn)
  Performance.prototype[name] = function(first, ...)
    if first == performance then return fn(...) end
    if select("#", ...) == 0 and first == nil then return fn() end
    return fn(first, ...)
  end
end

Performance.prototype.now = now
define("mark", function(...) return told(Mark(...)) end)
define("measure", function(...)
  if select("#", ...) == 0 then error(errors.ERR_MISSING_ARGS "name", 0) end
  local name, options, finish = ...
  validators.validateString(name, "name")
  local start, duration, detail = span(options, finish)
  return told(entry.new(entry.PerformanceMeasure, name, "measure", start, duration, detail))
end)
define("clearMarks", function(name) entry.clear("mark", name ~= nil and tostring(name) or nil) end)
define("clearMeasures", function(name) entry.clear("measure", name ~= nil and tostring(name) or nil) end)
define("getEntries", function() return entry.entries() end)
define("getEntriesByName", function(...)
  if select("#", ...) == 0 then error(errors.ERR_MISSING_ARGS "name", 0) end
  local name, kind = ...
  return entry.entries(tostring(name), kind)
end)
define("getEntriesByType", function(...)
  if select("#", ...) == 0 then error(errors.ERR_MISSING_ARGS "type", 0) end
  return entry.entries(nil, tostring((...)))
end)
define("timerify", timerify)
define("eventLoopUtilization", utilization)
define("toJSON", function()
  return shape.dict { nodeTiming = node_timing, timeOrigin = origin, eventLoopUtilization = utilization() }
end)
-- Nothing here fetches resources.
define("clearResourceTimings", function() end)
define("setResourceTimingBufferSize", function() end)
define("markResourceTiming", errors.notImplemented "performance.markResourceTiming")
Performance.prototype.nodeTiming = node_timing
Performance.prototype.timeOrigin = origin
described(Performance, { "nodeTiming", "timeOrigin" })

making = true
performance = Performance()
making = false
M.performance = performance

return M
