-- SPDX-License-Identifier: MIT
--
-- The functions of assert, made for a language: functions(language) -> table. The language says what its values are; every
-- function here takes plain arguments, no self. (Node 20 docs: assert)
--
-- A language is a table of functions:
--
--   truthy(v)  absent(v)            is it true; is it nil (undefined, null)
--   equals(a, b)  is(a, b)          ==; Object.is
--   deep(a, b, mode)                util/deep_equal.lua
--   is_object(v)  is_function(v)    typeof
--   is_error(v)                     an instance of Error
--   is_regexp(v)  matches(re, text) -> boolean
--   text(v)  inspect(v, options)
--   is_pattern(v)                   text that stands for a regular expression, where the language has such
--   instance_of(v, F)               false for what is no class
--   is_error_class(F)  name_of(F)   "" when it has none
--   keys(o)  has(o, key)            own enumerable keys; is there such a property
--   get(o, key)  typeof(v)  class_name(o)
--   comparison(o, keys, other)      an object of class Comparison with those properties, for the message
--   call(fn)  attempt(f, v)         pcall of the program's function, of one of this file: true, result or false, what was raised
--   run(fn)  validate(fn, v)        the result of the program's function
--   throw(v)
--   new(options)                    an AssertionError. options: message, actual, expected, operator, generated, and fn: the name of the
--                                   function that was called, or a function: frames above it are left out of the stack
--   define(err, key, value, enumerable)
--   code()                          the message that shows the running call's text, or nil
--   join_stacks(err, value)         for ifError: the stack shows where value was made too
--   promise(v)                      a promise for it if it is one or a thenable, else nil
--   show(v)  limit_errors(a, b)     for difference.lua
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local ARG_TYPE, ARG_VALUE = errors.ERR_INVALID_ARG_TYPE, errors.ERR_INVALID_ARG_VALUE

local select, error, type, ipairs, rawequal = select, error, type, ipairs, rawequal

local EXPECTED = { "Object", "Error", "Function", "RegExp" }
local NOTHING = {} -- nothing was raised

-- ---- signatures, for the reference (docs/api/README.md)
-- equal, notEqual(actual: any, expected: any, message?: string|Error): with ==, a NaN equals itself
-- strictEqual, notStrictEqual(actual: any, expected: any, message?: string|Error): as Object.is compares
-- deepEqual, notDeepEqual(actual: any, expected: any, message?: string|Error): by what they hold, primitives with ==
-- deepStrictEqual, notDeepStrictEqual(actual: any, expected: any, message?: string|Error): by what they hold, and their classes
-- partialDeepStrictEqual(actual: any, expected: any, message?: string|Error): what is expected is there; more may be
-- match, doesNotMatch(text: string, pattern: any, message?: string|Error)

return function(L)
  local M = {}

  local function worded(message) return L.truthy(message) and message ~= "" end

  -- ---- failing

  local function fail(options)
    if L.is_error(options.message) then return L.throw(options.message) end
    L.throw(L.new(options))
  end

  local function ok(name, n, value, message)
    if L.truthy(value) then return end
    local generated = false
    if n == 0 then
      generated, message = true, "No value argument passed to `assert.ok()`"
    elseif L.absent(message) then
      generated, message = true, L.code()
    end
    fail { actual = value, expected = true, message = message, operator = "==", fn = name, generated = generated }
  end

  -- ok(value: any, message: string|Error|nil): raises an AssertionError unless the value is true
  function M.ok(...) ok("ok", select("#", ...), ...) end
  -- strict(value: any, message: string|Error|nil): the same, of the strict module
  function M.strict(...) ok("strict", select("#", ...), ...) end

  -- fail(message), or the deprecated fail(actual, expected, message, operator, fn)
  local warned = false
  function M.fail(...)
    local n = select("#", ...)
    local actual, expected, message, operator, fn = ...
    local generated = nil
    if n <= 1 and L.absent(actual) then
      generated, message = true, "Failed"
    elseif n == 1 then
      message, actual = actual, nil
    else
      if not warned then
        warned = true
        require("lunode.process").emitWarning("assert.fail() with more than one argument is deprecated. Please use assert.strictEqual() "
          .. "instead or only pass a message.", "DeprecationWarning", "DEP0094")
      end
      if n == 2 then operator = "!=" end
    end
    if operator == nil then operator = "fail" end
    fail { actual = actual, expected = expected, message = message, operator = operator, fn = fn or "fail", generated = generated }
  end

  -- ifError(value: any): raises unless the value is nil; an AssertionError with the words of the error that it is
  function M.ifError(value)
    if L.absent(value) then return end
    local message = "ifError got unwanted exception: "
    local own = L.is_object(value) and L.get(value, "message")
    if type(own) == "string" then
      message = message .. (own == "" and L.class_name(value) or own)
    else
      message = message .. L.inspect(value)
    end
    local err = L.new { actual = value, expected = L.null, message = message, operator = "ifError", fn = "ifError" }
    L.join_stacks(err, value)
    L.throw(err)
  end

  -- ---- comparing

  local function is_nan(v) return type(v) == "number" and v ~= v end

  -- compare(name, operator, test): raises unless test(actual, expected)
  local function comparison(name, operator, test)
    -- equal(actual: any, expected: any, message: string|Error|nil): raises an AssertionError unless the comparison holds
    M[name] = function(...)
      if select("#", ...) < 2 then error(errors.ERR_MISSING_ARGS("actual", "expected"), 0) end
      local actual, expected, message = ...
      if test(actual, expected) then return end
      fail { actual = actual, expected = expected, message = message, operator = operator, fn = name }
    end
  end

  local function equal(a, b) return L.equals(a, b) or is_nan(a) and is_nan(b) end
  comparison("equal", "==", equal)
  comparison("notEqual", "!=", function(a, b) return not equal(a, b) end)
  comparison("strictEqual", "strictEqual", L.is)
  comparison("notStrictEqual", "notStrictEqual", function(a, b) return not L.is(a, b) end)
  comparison("deepEqual", "deepEqual", function(a, b) return L.deep(a, b, "loose") end)
  comparison("notDeepEqual", "notDeepEqual", function(a, b) return not L.deep(a, b, "loose") end)
  comparison("deepStrictEqual", "deepStrictEqual", function(a, b) return L.deep(a, b) end)
  comparison("notDeepStrictEqual", "notDeepStrictEqual", function(a, b) return not L.deep(a, b) end)
  comparison("partialDeepStrictEqual", "partialDeepStrictEqual", function(a, b) return L.deep(a, b, "partial") end)

  -- ---- text against a regular expression

  local function matching(name, wanted)
    -- match(text: string, regexp: RegExp|string, message: string|Error|nil): raises unless the text does (or does not) match
    M[name] = function(text, regexp, message)
      if not L.is_regexp(regexp) and not L.is_pattern(regexp) then error(ARG_TYPE("regexp", "RegExp", regexp), 0) end
      local is_text = type(text) == "string"
      if is_text and L.matches(regexp, text) == wanted then return end
      if L.is_error(message) then return L.throw(message) end
      local generated = not worded(message)
      if generated then
        if is_text then
          message = (wanted and "The input did not match the regular expression " or "The input was expected to not match the regular expression ")
            .. L.inspect(regexp) .. ". Input:\n\n" .. L.inspect(text) .. "\n"
        else
          message = 'The "string" argument must be of type string. Received type ' .. L.typeof(text) .. " (" .. L.inspect(text) .. ")"
        end
      end
      fail { actual = text, expected = regexp, message = message, operator = name, fn = name, generated = generated }
    end
  end
  matching("match", true)
  matching("doesNotMatch", false)

  -- ---- what functions raise

  local function compare_key(actual, expected, key, message, keys, name)
    if L.has(actual, key) and L.deep(L.get(actual, key), L.get(expected, key)) then return end
    if worded(message) then return fail { actual = actual, expected = expected, message = message, operator = name, fn = name } end
    local err = L.new { actual = L.comparison(actual, keys), expected = L.comparison(expected, keys, actual), operator = "deepStrictEqual", fn = name }
    L.define(err, "actual", actual, true)
    L.define(err, "expected", expected, true)
    L.define(err, "operator", name, true)
    L.throw(err)
  end

  -- -> true when it fits, or the reason why not
  local function fits_function(actual, expected)
    if L.instance_of(actual, expected) then return true end
    if L.is_error_class(expected) then
      return 'The error is expected to be an instance of "' .. L.name_of(expected) .. '". Received '
        .. (L.is_error(actual) and '"' .. L.text(L.get(actual, "name")) .. '"' or '"' .. L.inspect(actual, { depth = -1 }) .. '"')
        .. (L.is_error(actual) and "\n\nError message:\n\n" .. L.text(L.get(actual, "message")) or "")
    end
    local result = L.validate(expected, actual)
    if result == true then return true end
    local named = L.name_of(expected)
    return "The " .. (named ~= "" and '"' .. named .. '" ' or "") .. 'validation function is expected to return "true". Received '
      .. L.inspect(result) .. (L.is_error(actual) and "\n\nCaught error:\n\n" .. L.text(actual) or "")
  end

  local function check_expected(name, actual, expected, message)
    local reason
    if L.is_regexp(expected) or L.is_pattern(expected) then
      local text = L.text(actual)
      if L.matches(expected, text) then return end
      reason = "The input did not match the regular expression " .. L.inspect(expected) .. ". Input:\n\n" .. L.inspect(text) .. "\n"
    elseif L.is_function(expected) then
      reason = fits_function(actual, expected)
      if reason == true then return end
    elseif not L.is_object(actual) then
      local err = L.new { actual = actual, expected = expected, message = message, operator = "deepStrictEqual", fn = name }
      L.define(err, "operator", name, true)
      return L.throw(err)
    else
      local keys = L.keys(expected)
      if L.is_error(expected) then
        keys[#keys + 1] = "name"
        keys[#keys + 1] = "message"
      elseif #keys == 0 then
        error(ARG_VALUE("error", expected, "may not be an empty object"), 0)
      end
      for _, key in ipairs(keys) do
        local wanted = L.get(expected, key)
        local have = L.get(actual, key)
        if not (type(have) == "string" and L.is_regexp(wanted) and L.matches(wanted, have)) then
          compare_key(actual, expected, key, message, keys, name)
        end
      end
      return
    end
    local generated = not worded(message)
    L.throw(L.new { actual = actual, expected = expected, message = generated and reason or message, operator = name, fn = name, generated = generated })
  end

  -- what: "exception" or "rejection"
  local function expects(name, what, actual, n, expected, message)
    if type(expected) == "string" and not L.is_pattern(expected) then
      if n >= 2 then error(ARG_TYPE("error", EXPECTED, expected), 0) end
      if L.is_object(actual) then
        if L.get(actual, "message") == expected then
          error(errors.ERR_AMBIGUOUS_ARGUMENT("error/message", 'The error message "' .. expected .. '" is identical to the message.'), 0)
        end
      elseif actual == expected then
        error(errors.ERR_AMBIGUOUS_ARGUMENT("error/message", 'The error "' .. expected .. '" is identical to the message.'), 0)
      end
      message, expected = expected, nil
    elseif not L.absent(expected) and not L.is_object(expected) and not L.is_function(expected) and not L.is_pattern(expected) then
      error(ARG_TYPE("error", EXPECTED, expected), 0)
    end
    if rawequal(actual, NOTHING) then
      local wanted = not L.absent(expected) and not L.is_pattern(expected) and L.get(expected, "name")
      return fail { actual = nil, expected = expected, operator = name, fn = name, message = "Missing expected " .. what
        .. (wanted and L.truthy(wanted) and " (" .. L.text(wanted) .. ")" or "") .. (worded(message) and ": " .. L.text(message) or ".") }
    end
    if L.absent(expected) then return end
    check_expected(name, actual, expected, message)
  end

  local function is_meant(actual, expected)
    if L.is_regexp(expected) or L.is_pattern(expected) then return L.matches(expected, L.text(actual)) end
    if not L.is_function(expected) then error(ARG_TYPE("expected", { "Function", "RegExp" }, expected), 0) end
    if L.instance_of(actual, expected) then return true end
    if L.is_error_class(expected) then return false end
    return L.validate(expected, actual) == true
  end

  local function expects_none(name, what, actual, expected, message)
    if rawequal(actual, NOTHING) then return end
    if type(expected) == "string" and not L.is_pattern(expected) then message, expected = expected, nil end
    if L.absent(expected) or is_meant(actual, expected) then
      local own = actual
      if L.truthy(actual) then own = L.get(actual, "message") end
      return fail { actual = actual, expected = expected, operator = name, fn = name, message = "Got unwanted " .. what
        .. (worded(message) and ": " .. L.text(message) or ".") .. '\nActual message: "' .. L.text(own) .. '"' }
    end
    L.throw(actual)
  end

  local function raised(fn)
    if not L.is_function(fn) then error(ARG_TYPE("fn", "function", fn), 0) end
    local fine, e = L.call(fn)
    if fine then return NOTHING end
    return e
  end

  -- throws(fn, expected, message): fn must raise; expected: a class, RegExp, validating function, object of properties, Lua pattern
  function M.throws(fn, ...)
    local e = raised(fn)
    expects("throws", "exception", e, select("#", ...), ...)
  end

  -- doesNotThrow(fn, expected, message): fn must raise nothing; what it raises and is not what `expected` means is raised again
  function M.doesNotThrow(fn, ...)
    local e = raised(fn)
    expects_none("doesNotThrow", "exception", e, ...)
  end

  local function promise_of(given)
    local p
    if L.is_function(given) then
      local value = L.run(given)
      p = L.promise(value)
      if not p then error(errors.ERR_INVALID_RETURN_VALUE("instance of Promise", "promiseFn", value), 0) end
    else
      p = L.promise(given)
      if not p then error(ARG_TYPE("promiseFn", { "Function", "Promise" }, given), 0) end
    end
    return p
  end

  -- A promise for judge(what the other was rejected with, or NOTHING).
  local function judged(given, judge)
    local out = promise.new()
    local fine, p = L.attempt(promise_of, given)
    if not fine then
      promise.reject(out, p)
      return out
    end
    promise.subscribe(p, { _job = function(_, fulfilled, value)
      local e = value
      if fulfilled then e = NOTHING end
      local passed, why = L.attempt(judge, e)
      if passed then promise.resolve(out, nil) else promise.reject(out, why) end
    end })
    return out
  end

  -- rejects(promise or function, expected, message) -> promise
  function M.rejects(given, ...)
    local n, expected, message = select("#", ...), ...
    return judged(given, function(e) expects("rejects", "rejection", e, n, expected, message) end)
  end

  -- doesNotReject(promise or function, expected, message) -> promise
  function M.doesNotReject(given, expected, message)
    return judged(given, function(e) expects_none("doesNotReject", "rejection", e, expected, message) end)
  end

  return M
end
