-- SPDX-License-Identifier: MIT
--
-- perf_hooks (Node 20 docs: Performance measurement APIs). Its parts are loaded when asked for.
local lazy = require "lunode.internal.lazy"
local shape = require "lunode.internal.shape"

local function from(module, name)
  return function() return require("lunode.perf_hooks." .. module)[name] end
end

return lazy({}, {
  performance = from("performance", "performance"),
  Performance = from("performance", "Performance"),
  PerformanceMark = from("performance", "PerformanceMark"),
  PerformanceEntry = from("entry", "PerformanceEntry"),
  PerformanceMeasure = from("entry", "PerformanceMeasure"),
  PerformanceObserver = from("entry", "PerformanceObserver"),
  PerformanceObserverEntryList = from("entry", "PerformanceObserverEntryList"),
  createHistogram = from("histogram", "createHistogram"),
  monitorEventLoopDelay = from("histogram", "monitorEventLoopDelay"),
  constants = function()
    return shape.dict {
      NODE_PERFORMANCE_GC_MAJOR = 4, NODE_PERFORMANCE_GC_MINOR = 1, NODE_PERFORMANCE_GC_INCREMENTAL = 8, NODE_PERFORMANCE_GC_WEAKCB = 16,
      NODE_PERFORMANCE_GC_FLAGS_NO = 0, NODE_PERFORMANCE_GC_FLAGS_CONSTRUCT_RETAINED = 2, NODE_PERFORMANCE_GC_FLAGS_FORCED = 4,
      NODE_PERFORMANCE_GC_FLAGS_SYNCHRONOUS_PHANTOM_PROCESSING = 8, NODE_PERFORMANCE_GC_FLAGS_ALL_AVAILABLE_GARBAGE = 16,
      NODE_PERFORMANCE_GC_FLAGS_ALL_EXTERNAL_MEMORY = 32, NODE_PERFORMANCE_GC_FLAGS_SCHEDULE_IDLE = 64,
    }
  end,
})
