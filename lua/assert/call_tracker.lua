-- SPDX-License-Identifier: MIT
--
-- assert.CallTracker, deprecated (Node 20 docs: assert.CallTracker).
--
--   tracker:calls(fn, expected) -> function that calls fn and is counted; expected: how often (1)
--   tracker:getCalls(tracked) -> list of { thisArg =, arguments = list }    tracker:reset(tracked)   of one or of all
--   tracker:report() -> list of { message =, actual =, expected =, operator =, stack = error }, one for each that was not called so often
--   tracker:verify()   raises an AssertionError when that is not empty
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local type, ipairs, error = type, ipairs, error

local CallTracker = class "CallTracker"

-- What another language does otherwise: CallTracker.wrap(fn, count) -> the counted function, where count(this, …) is to be called first;
-- CallTracker.entry(this, …) -> an element of getCalls; CallTracker.name_of(fn);
-- CallTracker.failure(options) -> an AssertionError.
function CallTracker.static.wrap(fn, count)
  fn = validators.callback(fn, "fn")
  return function(...)
    count(nil, ...)
    return fn(...)
  end
end
function CallTracker.static.entry(this, ...) return shape.dict { thisArg = this, arguments = shape.list { ... } } end
function CallTracker.static.name_of() return "" end
function CallTracker.static.failure(options) return require "lunode.assert.assertion_error"(options) end

function CallTracker:initialize()
  self._tracked = {} -- in the order of calls(): { fn, expected, calls, name, stack }
end

local function nothing() end

function CallTracker:calls(fn, expected)
  if require("lunode.process")._exiting then error(errors.ERR_UNAVAILABLE_DURING_EXIT(), 0) end
  if type(fn) == "number" then fn, expected = nil, fn end
  if expected == nil then expected = 1 end
  validators.validateUint32(expected, "expected", true)
  if fn == nil then fn = nothing end
  validators.validateFunction(fn, "fn")
  local name = fn ~= nothing and CallTracker.name_of(fn) or ""
  local context = { expected = expected, calls = {}, name = name ~= "" and name or "calls", stack = errors.Error() }
  context.fn = CallTracker.wrap(fn, function(...) context.calls[#context.calls + 1] = CallTracker.entry(...) end)
  self._tracked[#self._tracked + 1] = context
  return context.fn
end

local function context_of(self, tracked)
  for _, context in ipairs(self._tracked) do
    if context.fn == tracked then return context end
  end
  error(errors.ERR_INVALID_ARG_VALUE("tracked", tracked, "is not a tracked function"), 0)
end

function CallTracker:getCalls(tracked)
  local list = {}
  for i, call in ipairs(context_of(self, tracked).calls) do list[i] = call end
  return shape.list(list)
end

function CallTracker:reset(tracked)
  if tracked ~= nil then
    context_of(self, tracked).calls = {}
    return
  end
  for _, context in ipairs(self._tracked) do context.calls = {} end
end

function CallTracker:report()
  local list = {}
  for _, context in ipairs(self._tracked) do
    local actual = #context.calls
    if actual ~= context.expected then
      list[#list + 1] = shape.dict {
        message = ("Expected the %s function to be executed %d time(s) but was executed %d time(s)."):format(context.name, context.expected, actual),
        actual = actual, expected = context.expected, operator = context.name, stack = context.stack,
      }
    end
  end
  return shape.list(list)
end

function CallTracker:verify()
  local list = self:report()
  if #list == 0 then return end
  local message = #list == 1 and list[1].message or "Functions were not called the expected number of times"
  error(CallTracker.failure { message = message, details = list, fn = "verify" }, 0)
end

return CallTracker
