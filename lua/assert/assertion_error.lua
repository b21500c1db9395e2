-- SPDX-License-Identifier: MIT
--
-- AssertionError (Node 20 docs: assert.AssertionError).
--
--   AssertionError{ message =, actual =, expected =, operator =, stackStartFn = }
--     fields: message (made of the others when not given), generatedMessage, code "ERR_ASSERTION", actual, expected, operator
--   AssertionError.fill(error, options, language): what every constructor does; language.define(error, key, value, enumerable)
local class = require "lunode.internal.class"
local custom = require "lunode.internal.inspect_custom"
local difference = require "lunode.assert.difference"
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"

local type, pairs, rawset = type, pairs, rawset

local AssertionError = class("AssertionError", errors.Error)
AssertionError.prototype.name = "AssertionError"

local LONG, MANY = 512, 10

local function fill(self, options, L)
  local message, operator = options.message, options.operator
  local actual, expected = options.actual, options.expected
  local define = L.define
  local text
  if not L.absent(message) then text = L.text(message) end
  if text == nil or operator == "deepStrictEqual" or operator == "strictEqual" then -- their difference is shown below any message
    text = difference.message(L, actual, expected, operator, text)
  end
  define(self, "message", text, false)
  local generated = options.generated
  if generated == nil then generated = not L.truthy(message) or message == "" end
  define(self, "generatedMessage", generated, true)
  define(self, "code", "ERR_ASSERTION", true)
  local details = options.details
  if details then actual, expected, operator = nil, nil, nil end
  define(self, "actual", actual, true)
  define(self, "expected", expected, true)
  define(self, "operator", operator, true)
  if details then
    for i = 1, #details do
      local detail = details[i]
      local at = " " .. (i - 1)
      define(self, "message" .. at, detail.message, true)
      define(self, "actual" .. at, detail.actual, true)
      define(self, "expected" .. at, detail.expected, true)
      define(self, "operator" .. at, detail.operator, true)
      define(self, "stack trace" .. at, detail.stack, true)
    end
  end
  return self
end
AssertionError.static.fill = fill

function AssertionError:initialize(options)
  validators.validateObject(options, "options")
  errors.Error.prototype.initialize(self)
  rawset(self, "_coded", true)
  fill(self, options, require "lunode.assert.language")
end

local function head(self) return self.name .. " [" .. self.code .. "]: " .. self.message end
AssertionError.meta.__tostring = head
function AssertionError:toString() return head(self) end

-- Long text is not shown whole twice.
local function shorten(value)
  local lines = difference.lines_of(value)
  if lines.n > MANY then return table.concat(lines, "\n", 1, MANY) .. "\n..." end
  if difference.units(value) > LONG then return difference.first_units(value, LONG) .. "..." end
  return value
end

AssertionError.prototype[custom] = function(self, _, options)
  local actual, expected = self.actual, self.expected
  if type(actual) == "string" then self.actual = shorten(actual) end
  if type(expected) == "string" then self.expected = shorten(expected) end
  local inner = {}
  for key, value in pairs(options) do inner[key] = value end
  inner.customInspect, inner.depth = false, 0
  local text = require("lunode.util").inspect(self, inner)
  self.actual, self.expected = actual, expected
  return text
end

return AssertionError
