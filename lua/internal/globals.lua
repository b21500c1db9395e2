-- SPDX-License-Identifier: MIT
--
-- Node's globals in a program that `lunode` runs. Each is looked up when first used and then kept as a plain global;
-- a program may assign its own before or after. Unknown names stay nil.
local M = {}

local function from(module, field)
  return function()
    local value = require(module)
    if field then return value[field] end
    return value
  end
end

local lazy = {
  process = from "lunode.process",
  console = from "lunode.console",
}
M.lazy = lazy

local function group(module, names)
  for name in names:gmatch "%S+" do lazy[name] = from(module, name) end
end
group("lunode.buffer", "Buffer atob btoa Blob File")
group("lunode.timers", "setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate")
group("lunode.internal.errors", "Error TypeError RangeError SyntaxError ReferenceError EvalError URIError AggregateError")
group("lunode.internal.promise", "Promise")
group("lunode.internal.async", "async await")
group("lunode.internal.event_target", "Event EventTarget CustomEvent")
group("lunode.internal.abort_controller", "AbortController AbortSignal")
group("lunode.url", "URL URLSearchParams")
group("lunode.util", "TextEncoder TextDecoder")
group("lunode.internal.microtask", "queueMicrotask structuredClone")
group("lunode.crypto.webcrypto", "crypto Crypto CryptoKey SubtleCrypto")
group("lunode.perf_hooks", "performance PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver PerformanceObserverEntryList")
lazy.DOMException = from "lunode.internal.dom_exception"

-- The value of a global of Node's, or nil.
function M.get(name)
  local get = lazy[name]
  if get then return get() end
end

-- Lua's own that must agree with process.
local function wrap_os()
  os.getenv = function(name)
    local process = package.loaded["lunode.process"]
    if process then
      local value = process.env[name]
      return value ~= nil and tostring(value) or nil
    end
    return M.getenv(name)
  end
  -- os.exit(true | false | code): the 'exit' event comes as with process.exit.
  os.exit = function(code)
    if code == nil or code == true then code = 0 elseif code == false then code = 1 end
    require("lunode.process").exit(code)
  end
end

function M.install()
  M.getenv = os.getenv
  wrap_os()
  local mt = getmetatable(_G) or {}
  local before = mt.__index
  mt.__index = function(t, name)
    local get = lazy[name]
    if get then
      local value = get()
      rawset(t, name, value)
      return value
    end
    if type(before) == "function" then return before(t, name) elseif before then return before[name] end
  end
  setmetatable(_G, mt)
end

return M
