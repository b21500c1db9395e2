-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local perf = require "perf_hooks"
local http, net, json, util = require "http", require "net", require "json", require "util"
local sleep = require("timers/promises").setTimeout
local once = require("events").once
local performance, PerformanceObserver = perf.performance, perf.PerformanceObserver

local function names(list)
  local out = {}
  for i, e in ipairs(list) do out[i] = e.name end
  return table.concat(out, " ")
end

local function clear()
  performance.clearMarks()
  performance.clearMeasures()
end

test("the global is the module's; now() counts on from timeOrigin, with a dot or a colon", function(t)
  t:equal(_G.performance, performance)
  local a = performance.now()
  local b = performance:now()
  t:ok(a > 0 and b >= a)
  t:ok(math.abs(performance.timeOrigin + performance.now() - os.time() * 1000) < 2000)
  t:ok(perf.Performance:is(performance))
  t:throws(function() perf.Performance() end, "ERR_ILLEGAL_CONSTRUCTOR")
end)

test("marks and measures, and asking for them", function(t)
  clear()
  local a = performance.mark("a", { startTime = 10, detail = { x = 1 } })
  t:ok(perf.PerformanceMark:is(a) and perf.PerformanceEntry:is(a))
  t:deep(a:toJSON(), { name = "a", entryType = "mark", startTime = 10, duration = 0, detail = { x = 1 } })
  performance:mark("b", { startTime = 30 })
  performance.mark("a", { startTime = 20 })
  local m = performance.measure("m", "a", "b")
  t:ok(perf.PerformanceMeasure:is(m))
  t:equal(m.startTime, 20)
  t:equal(m.duration, 10)
  t:equal(m.entryType, "measure")
  t:equal(performance.measure("n", { start = 5, duration = 3 }).duration, 3)
  t:equal(performance.measure("o", { ["end"] = 50, duration = 3, detail = "d" }).startTime, 47)
  t:equal(performance.measure("p", { start = "a", ["end"] = "b" }).duration, 10)
  t:equal(performance.measure("q", { start = 5, ["end"] = 3 }).duration, -2)
  t:equal(performance.measure("r").startTime, 0)
  t:equal(names(performance.getEntriesByType "mark"), "a a b")
  t:equal(names(performance.getEntriesByName "a"), "a a")
  t:equal(#performance.getEntriesByName("a", "measure"), 0)
  t:equal(names(performance.getEntries()), "r n q a a m p b o")
  performance.clearMarks "a"
  t:equal(names(performance.getEntriesByType "mark"), "b")
  performance.clearMeasures "m"
  performance.clearMarks()
  t:equal(names(performance.getEntries()), "r n q p o")
  clear()
  t:equal(#performance.getEntries(), 0)
end)

test("details are copies", function(t)
  local detail = { list = { 1 } }
  local m = performance.mark("d", { detail = detail })
  t:notEqual(m.detail, detail)
  t:deep(m.detail, detail)
  clear()
end)

test("wrong arguments", function(t)
  t:throws(function() performance.mark() end, { code = "ERR_MISSING_ARGS", message = 'The "name" argument must be specified' })
  t:throws(function() performance.mark("a", { startTime = -1 }) end, { code = "ERR_PERFORMANCE_INVALID_TIMESTAMP", message = "-1 is not a valid timestamp" })
  t:throws(function() performance.mark "nodeStart" end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() performance.measure() end, "ERR_MISSING_ARGS")
  t:throws(function() performance.measure("a", "nope") end, { name = "SyntaxError", message = 'The "nope" performance mark has not been set' })
  t:throws(function() performance.measure("a", { start = 1, ["end"] = 2, duration = 3 }) end,
    { code = "ERR_PERFORMANCE_MEASURE_INVALID_OPTIONS", message = "Must not have options.start, options.end, and options.duration specified" })
  t:throws(function() performance.measure("a", { start = 1 }, "b") end, { message = "endMark must not be specified" })
  t:throws(function() performance.getEntriesByName() end, "ERR_MISSING_ARGS")
  t:throws(function() performance.getEntriesByType() end, "ERR_MISSING_ARGS")
  t:throws(function() performance.timerify(1) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() performance.timerify(print, { histogram = 1 }) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() perf.PerformanceEntry() end, "ERR_ILLEGAL_CONSTRUCTOR")
  t:throws(function() perf.PerformanceMeasure() end, "ERR_ILLEGAL_CONSTRUCTOR")
  t:throws(function() perf.PerformanceObserverEntryList() end, "ERR_ILLEGAL_CONSTRUCTOR")
  t:throws(function() PerformanceObserver() end, "ERR_INVALID_ARG_TYPE")
end)

test("an observer is told later, once, of all that came", function(t)
  local observer
  observer = PerformanceObserver(t:called(function(list, from)
    t:equal(from, observer)
    t:ok(perf.PerformanceObserverEntryList:is(list))
    t:equal(names(list:getEntries()), "x y")
    t:equal(names(list:getEntriesByName "y"), "y")
    t:equal(names(list:getEntriesByType "measure"), "")
    observer:disconnect()
    performance.mark "after"
  end))
  observer:observe { entryTypes = { "mark", "unknown" } }
  performance.mark("y", { startTime = 2 })
  performance.mark("x", { startTime = 1 })
  performance.measure "not mine"
  await(sleep(5))
  clear()
end)

test("observe: type with buffered, one more type each time, takeRecords", function(t)
  performance.mark "early"
  local observer = PerformanceObserver(t:called(function(list) t:equal(names(list:getEntries()), "early m") end))
  observer:observe { type = "mark", buffered = true }
  observer:observe { type = "measure" }
  performance.measure("m", "early")
  await(sleep(5))
  performance.mark "taken"
  t:equal(names(observer:takeRecords()), "taken")
  t:equal(#observer:takeRecords(), 0)
  await(sleep(5))
  t:throws(function() observer:observe { entryTypes = { "mark" } } end, { name = "InvalidModificationError" })
  observer:disconnect()
  observer:observe { entryTypes = { "mark" } }
  t:throws(function() observer:observe { type = "mark" } end, { name = "InvalidModificationError" })
  observer:disconnect()
  t:throws(function() observer:observe() end, { code = "ERR_MISSING_ARGS", message = 'The "options.entryTypes" and "options.type" arguments must be specified' })
  t:throws(function() observer:observe { entryTypes = { "mark" }, type = "mark" } end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() observer:observe { entryTypes = 3 } end,
    { code = "ERR_INVALID_ARG_TYPE", message = 'The "options.entryTypes" property must be string[]. Received type number (3)' })
  t:equal(table.concat(PerformanceObserver.supportedEntryTypes, " "), "function http mark measure net")
  clear()
end)

test("timerify: results pass through, observers and histograms are told, promises when they are settled", function(t)
  local histogram = perf.createHistogram()
  local fn = performance.timerify(function(a, b) return a, b end, { histogram = histogram })
  local later = performance.timerify(function() return sleep(5, "v") end)
  local entries = {}
  local observer = PerformanceObserver(function(list)
    for _, e in ipairs(list:getEntries()) do entries[#entries + 1] = e end
  end)
  observer:observe { entryTypes = { "function" } }
  local a, b = fn(1, 2)
  t:equal(a + b, 3)
  t:equal(histogram.count, 1)
  local p = later()
  await(sleep(2))
  t:equal(#entries, 1)
  t:equal(entries[1].entryType, "function")
  t:deep(entries[1].detail, { 1, 2 })
  t:match(entries[1].name, "perf_hooks.lua:%d+$")
  t:equal(await(p), "v")
  await(sleep(5))
  t:equal(#entries, 2)
  t:ok(entries[2].duration >= 4)
  observer:disconnect()
end)

test("http and net entries, while somebody observes them", function(t)
  local seen = {}
  local observer = PerformanceObserver(function(list)
    for _, e in ipairs(list:getEntries()) do seen[e.name] = e end
  end)
  observer:observe { entryTypes = { "http", "net" } }
  local server = http.createServer(function(_, res) res:finish "x" end):listen(0)
  await(once(server, "listening"))
  local port = server:address().port
  local req = http.get { port = port, host = "127.0.0.1", path = "/p", agent = false }
  req:on("response", function(res) res:resume() end)
  await(once(req, "close"))
  server:close()
  local bare = net.createServer(function(s) s:finish() end):listen(0)
  await(once(bare, "listening"))
  local client = net.connect(bare:address().port, "127.0.0.1")
  client:resume()
  await(once(client, "close"))
  bare:close()
  await(sleep(5))
  observer:disconnect()
  t:equal(seen.HttpRequest.detail.req.url, "/p")
  t:equal(seen.HttpRequest.detail.res.statusCode, 200)
  t:equal(seen.HttpClient.detail.req.url, "http://127.0.0.1/p")
  t:equal(seen.HttpClient.entryType, "http")
  t:equal(seen.connect.detail.host, "127.0.0.1")
  t:equal(require("diagnostics_channel").hasSubscribers "http.server.request.start", false)
end)

-- What Node 20.20 gives for the same values.
test("histograms count as HdrHistogram does", function(t)
  local h = perf.createHistogram()
  t:equal(h.count, 0)
  t:equal(h.min, 9223372036854775807)
  t:equal(h.max, 0)
  t:ok(h.mean ~= h.mean and h.stddev ~= h.stddev)
  for _, v in ipairs { 123460, 7000, 7001, 99999999 } do h:record(v) end
  t:equal(json.stringify(h), '{"count":4,"exceeds":0,"max":100007935,"mean":25028165,"min":7000,"percentiles":{"0":7000,"100":99942400,"50":7000,"75":123456,"87.5":99942400},"stddev":43270698.488993324}')
  t:equal(h:percentile(50), 7003)
  t:equal(h:percentile(75), 123519)
  t:equal(h:percentile(100), 100007935)
  t:equal(h:percentile(0.1), 7003)
  t:equal(h.percentiles:get(87.5), 99942400)
  t:equal(h.countBigInt, 4LL)
  t:equal(h.minBigInt, 7000LL)
  t:equal(h:percentileBigInt(50), 7003LL)
  h:reset()
  t:equal(h.count, 0)
  t:equal(h.percentiles.size, 1)

  h = perf.createHistogram { highest = 1000, figures = 2 }
  for _, v in ipairs { 999, 1000, 1023, 2000, 5000, 100000 } do h:record(v) end
  t:equal(json.stringify(h), '{"count":2,"exceeds":4,"max":1003,"mean":1000,"min":996,"percentiles":{"0":996,"100":1000,"50":996,"75":1000},"stddev":2}')

  h = perf.createHistogram { lowest = 100LL, highest = 100000, figures = 1 }
  for _, v in ipairs { 5, 150, 99, 333 } do h:record(v) end
  t:equal(h.min, 0)
  t:equal(h.max, 383)
  t:equal(h.mean, 160)
  t:equal(h:percentile(1), 63)
  t:equal(h:percentile(60), 127)
end)

test("histograms: adding, deltas, limits", function(t)
  local a, b = perf.createHistogram(), perf.createHistogram()
  a:record(3)
  b:record(70000)
  a:add(b)
  t:equal(a.count, 2)
  t:equal(a.mean, 34993.5)
  a:add(a)
  t:equal(a.count, 4)
  local c = perf.createHistogram()
  c:recordDelta()
  t:equal(c.count, 0)
  c:recordDelta()
  t:equal(c.count, 1)
  t:equal(util.inspect(a):match "^Histogram {\n  min: 3,", "Histogram {\n  min: 3,")
  t:throws(function() a:record(0) end, { code = "ERR_OUT_OF_RANGE", message = 'The value of "val" is out of range. It must be >= 1 && <= 9007199254740991. Received 0' })
  t:throws(function() a:record "x" end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() a:record(1.5) end, "ERR_OUT_OF_RANGE")
  t:throws(function() a:percentile(0) end, { code = "ERR_OUT_OF_RANGE", message = 'The value of "percentile" is out of range. It must be > 0 && <= 100. Received 0' })
  t:throws(function() a:percentile(101) end, "ERR_OUT_OF_RANGE")
  t:throws(function() a:add(1) end, { code = "ERR_INVALID_ARG_TYPE", message = 'The "other" argument must be an instance of RecordableHistogram. Received type number (1)' })
  for name, value in pairs { lowest = 0, highest = 1, figures = 6 } do
    t:throws(function() perf.createHistogram { [name] = value } end, "ERR_OUT_OF_RANGE")
  end
  t:throws(function() perf.createHistogram { lowest = 10, highest = 12 } end,
    { message = 'The value of "options.highest" is out of range. It must be >= 20 && <= 9007199254740991. Received 12' })
  t:throws(function() perf.createHistogram(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() a.constructor(1, 2, 3) end, "ERR_ILLEGAL_CONSTRUCTOR")
end)

test("monitorEventLoopDelay sees a loop that was held up", function(t)
  local h = perf.monitorEventLoopDelay { resolution = 1 }
  t:equal(h:enable(), true)
  t:equal(h:enable(), false)
  await(sleep(10))
  local stop = performance.now() + 30
  while performance.now() < stop do end
  await(sleep(10))
  t:equal(h:disable(), true)
  t:equal(h:disable(), false)
  t:ok(h.count > 1)
  t:ok(h.max >= 29e6)
  local count = h.count
  await(sleep(5))
  t:equal(h.count, count)
  t:throws(function() perf.monitorEventLoopDelay { resolution = 0 } end, "ERR_OUT_OF_RANGE")
end)

test("eventLoopUtilization: waiting is idle, computing is active", function(t)
  await(sleep(1))
  local first = performance.eventLoopUtilization()
  await(sleep(40))
  local waited = performance.eventLoopUtilization(first)
  t:ok(waited.idle > 20, "idle")
  t:ok(waited.utilization < 0.6, "utilization")
  local second = performance.eventLoopUtilization()
  local stop = performance.now() + 30
  while performance.now() < stop do end
  local computed = performance:eventLoopUtilization(second)
  t:ok(computed.active > 25)
  t:ok(computed.utilization > 0.8)
  local between = performance.eventLoopUtilization(second, first)
  t:equal(between.idle, second.idle - first.idle)
  local timing = performance.nodeTiming
  t:equal(timing.name, "node")
  t:ok(timing.idleTime > 0 and timing.duration > 0 and timing.loopStart > 0)
  t:equal(performance:toJSON().timeOrigin, performance.timeOrigin)
end)

test("constants", function(t)
  t:equal(perf.constants.NODE_PERFORMANCE_GC_MAJOR, 4)
  t:equal(perf.constants.NODE_PERFORMANCE_GC_FLAGS_SCHEDULE_IDLE, 64)
end)
