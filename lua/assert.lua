-- SPDX-License-Identifier: MIT
--
-- assert (Node 20 docs: Assert). The module itself is ok: assert(value, message). Functions take no self; message may be an Error, which is raised.
--
--   ok(value, message)  equal, notEqual (==)  strictEqual, notStrictEqual (Object.is)  deepEqual, notDeepEqual, deepStrictEqual,
--   notDeepStrictEqual, partialDeepStrictEqual (actual, expected, message)
--   throws, doesNotThrow (fn, expected, message)   rejects, doesNotReject (promise or fn, expected, message) -> promise
--     expected: a class, a RegExp, text that is a Lua pattern, function(error) -> true, a table of properties, values of which may be RegExps
--   match, doesNotMatch (text, RegExp or Lua pattern, message)   fail(message)   ifError(value)
--   strict: the same with the strict functions under the loose ones' names
--   AssertionError, CallTracker
-- Failing raises an AssertionError: code "ERR_ASSERTION", actual, expected, operator, generatedMessage, message with Node's layout.
local language = require "lunode.assert.language"
local functions = require "lunode.assert.functions"(language)
local lazy = require "lunode.internal.lazy"

local M = functions
local ok, strict_ok = M.ok, M.strict
M.strict = nil

-- STRICT[name of a loose function] = name of its strict one
local STRICT = { equal = "strictEqual", notEqual = "notStrictEqual", deepEqual = "deepStrictEqual", notDeepEqual = "notDeepStrictEqual" }

local late = {
  AssertionError = function() return require "lunode.assert.assertion_error" end,
  CallTracker = function()
    local CallTracker = require "lunode.assert.call_tracker"
    local warn = require("lunode.util").deprecate(function() end, "assert.CallTracker is deprecated.", "DEP0173")
    local initialize = CallTracker.prototype.initialize
    function CallTracker:initialize()
      warn()
      initialize(self)
    end
    return CallTracker
  end,
}

local function callable(module, fn)
  lazy(module, late)
  getmetatable(module).__call = function(_, ...) return fn(...) end
  return module
end

local strict = {}
for name, fn in pairs(M) do strict[name] = fn end
for loose, name in pairs(STRICT) do strict[loose] = M[name] end
strict.ok = strict_ok
strict.strict = callable(strict, strict_ok)
M.strict = strict

return callable(M, ok)
