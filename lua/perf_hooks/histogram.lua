-- SPDX-License-Identifier: MIT
--
-- Histograms of whole numbers with a given number of significant figures (Node 20 docs: perf_hooks.createHistogram; the counting is that of
-- HdrHistogram, http://hdrhistogram.org).
--
-- Values share a counter when they agree in their leading bits: `half` counters for each power of two. Only counters that are
-- in use exist; `order` lists their lowest values and is sorted when somebody asks.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local timers = require "lunode.internal.timers"
local validators = require "lunode.internal.validators"
local monotonic = require("lunode.internal.clock").monotonic
local described = require "lunode.perf_hooks.described"

local type, error, rawset, floor, log, max, sort, frexp = type, error, rawset, math.floor, math.log, math.max, table.sort, math.frexp
local MAX_SAFE, INT64_MAX = 9007199254740991, 9223372036854775807

local M = {}

local Histogram = class "Histogram"
M.Histogram = Histogram

local function clear(self)
  rawset(self, "_counts", {})
  rawset(self, "_order", {})
  rawset(self, "_sorted", true)
  rawset(self, "_total", 0)
  rawset(self, "_count", 0)
  rawset(self, "_exceeds", 0)
  rawset(self, "_last", false)
end

local making = false -- only this file makes them

function Histogram:initialize(lowest, highest, figures)
  if not making then error(errors.ERR_ILLEGAL_CONSTRUCTOR(), 0) end
  local _, bits = frexp(2 * 10 ^ figures - 1)
  local _, unit = frexp(lowest)
  rawset(self, "_highest", highest)
  rawset(self, "_unit", 2 ^ (unit - 1)) -- the largest power of two that is not above `lowest`
  rawset(self, "_sub", 2 ^ bits)
  clear(self)
end

-- How many values share the counter of `value`.
local function width(self, value)
  local unit = self._unit
  if value < unit * self._sub then return unit end
  local _, exponent = frexp(value)
  return 2 ^ exponent / self._sub
end

local function lowest_of(self, value) return value - value % width(self, value) end
local function highest_of(self, low) return low + width(self, low) - 1 end
local function median_of(self, low) return low + floor(width(self, low) / 2) end

local function add(self, value, n)
  if value > self._highest then return false end
  local low = lowest_of(self, value)
  local counts = self._counts
  local before = counts[low]
  if before then
    counts[low] = before + n
  else
    counts[low] = n
    local order = self._order
    order[#order + 1] = low
    rawset(self, "_sorted", false)
  end
  self._total = self._total + n
  return true
end

local function record(self, value)
  if add(self, value, 1) then self._count = self._count + 1 else self._exceeds = self._exceeds + 1 end
end

local function ordered(self)
  local order = self._order
  if not self._sorted then
    sort(order)
    rawset(self, "_sorted", true)
  end
  return order
end

local function minimum(self) return ordered(self)[1] or INT64_MAX end

local function maximum(self)
  local order = ordered(self)
  local low = order[#order]
  return low and highest_of(self, low) or 0
end

local function mean(self)
  local sum = 0
  for low, n in pairs(self._counts) do sum = sum + n * median_of(self, low) end
  return sum / self._total
end

local function deviation(self)
  local middle, sum = mean(self), 0
  for low, n in pairs(self._counts) do sum = sum + n * (median_of(self, low) - middle) ^ 2 end
  return (sum / self._total) ^ 0.5
end

-- The value that p percent of all do not exceed.
function Histogram:percentile(p)
  validators.validateNumber(p, "percentile")
  if not (p > 0 and p <= 100) then error(errors.ERR_OUT_OF_RANGE("percentile", "> 0 && <= 100", p), 0) end
  local wanted, seen = max(floor(p / 100 * self._total + 0.5), 1), 0
  for _, low in ipairs(ordered(self)) do
    seen = seen + self._counts[low]
    if seen >= wanted then return highest_of(self, low) end
  end
  return 0
end

-- 0, 50, 75, 87.5 … as far as there are values, and 100: fn(percentile, value)
local function walk(self, fn)
  local seen, to, value, total = 0, 0, 0, self._total
  for _, low in ipairs(ordered(self)) do
    seen, value = seen + self._counts[low], low
    while to <= 100 * seen / total do
      fn(to, low)
      to = to + 100 / 2 ^ (floor(log(100 / (100 - to)) / log(2)) + 1)
      if seen == total then break end
    end
  end
  fn(100, value)
end

local function percentiles(self)
  local map = require("lunode.internal.value_classes").Map()
  walk(self, function(p, value) map:set(p, value) end)
  return map
end

function Histogram:percentileBigInt(p) return 0LL + self:percentile(p) end

for name, get in pairs {
  min = minimum, max = maximum, mean = mean, stddev = deviation, percentiles = percentiles,
  count = function(self) return self._count end, exceeds = function(self) return self._exceeds end,
} do Histogram:accessor(name, get) end

local function whole(n) return n >= 2 ^ 63 and 9223372036854775807LL or 0LL + n end
for name, get in pairs {
  min = minimum, max = maximum, count = function(self) return self._count end, exceeds = function(self) return self._exceeds end,
} do Histogram:accessor(name .. "BigInt", function(self) return whole(get(self)) end) end
Histogram:accessor("percentilesBigInt", function(self)
  local map = require("lunode.internal.value_classes").Map()
  walk(self, function(p, value) map:set(p, whole(value)) end)
  return map
end)

function Histogram:reset() clear(self) end

function Histogram:toJSON()
  local list = {}
  walk(self, function(p, value) list[("%.14g"):format(p)] = value end)
  return shape.dict {
    count = self._count, min = minimum(self), max = maximum(self), mean = mean(self), exceeds = self._exceeds, stddev = deviation(self),
    percentiles = shape.dict(list),
  }
end
described(Histogram, { "min", "max", "mean", "exceeds", "stddev", "count", "percentiles" }, "Histogram")

-- ---- RecordableHistogram

local Recordable = class("RecordableHistogram", Histogram)
M.RecordableHistogram = Recordable

-- value: a whole number from 1, or a 64-bit integer
function Recordable:record(value)
  if type(value) == "cdata" then value = tonumber(value) end
  validators.validateInteger(value, "val", 1)
  record(self, value)
end

-- Nanoseconds since the call before; the first one counts nothing.
local function record_delta(self)
  local seconds, ns = monotonic()
  local now = seconds * 1e9 + ns
  if self._last then
    local delta = now - self._last
    record(self, delta > 0 and delta or 1)
  end
  self._last = now
end
function Recordable:recordDelta() record_delta(self) end

-- All that `other` has counted; values too high for this one are dropped.
function Recordable:add(other)
  if not Recordable:is(other) then error(errors.ERR_INVALID_ARG_TYPE("other", "RecordableHistogram", other), 0) end
  local list = {} -- `other` may be self
  for low, n in pairs(other._counts) do list[#list + 1] = { low, n } end
  self._count, self._exceeds = self._count + other._count, self._exceeds + other._exceeds
  for i = 1, #list do add(self, list[i][1], list[i][2]) end
end

local function make(Class, ...)
  making = true
  local histogram = Class(...)
  making = false
  return histogram
end

local function limit(value, name, default, low)
  if value == nil then return default end
  if type(value) == "cdata" then value = tonumber(value) end
  validators.validateInteger(value, name, low)
  return value
end

-- options: lowest (1), highest (2^53 - 1; at least twice the lowest), figures (1 to 5; 3): significant decimal digits
function M.createHistogram(options)
  if options ~= nil then validators.validateObject(options, "options") else options = {} end
  local lowest = limit(options.lowest, "options.lowest", 1, 1)
  local highest = limit(options.highest, "options.highest", MAX_SAFE, 2 * lowest)
  local figures = options.figures
  if figures == nil then figures = 3 else validators.validateInteger(figures, "options.figures", 1, 5) end
  return make(Recordable, lowest, highest, figures)
end

-- ---- the event loop's delay

local Delay = class("ELDHistogram", Histogram)

function Delay:initialize(resolution)
  Histogram.prototype.initialize(self, 1, 3600000000000, 3)
  rawset(self, "_resolution", resolution)
  rawset(self, "_timer", false)
end

-- Whether it was not enabled before.
function Delay:enable()
  if self._timer then return false end
  self._last = false
  local timer = timers.timeout(record_delta, self._resolution, 1, self)
  timer._repeat = timer._idleTimeout
  self._timer = timer:unref()
  return true
end

function Delay:disable()
  if not self._timer then return false end
  timers.clear(self._timer)
  self._timer = false
  return true
end

-- options.resolution: ms between two looks (10). -> a histogram of the ns that passed between them, to be enabled
function M.monitorEventLoopDelay(options)
  if options ~= nil then validators.validateObject(options, "options") end
  local resolution = options and options.resolution
  if resolution == nil then resolution = 10 else validators.validateInteger(resolution, "options.resolution", 1) end
  return make(Delay, resolution)
end

return M
