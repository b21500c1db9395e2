-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local assert = require "assert"
local lunode = require "lunode"
local values = require "lunode.internal.value_classes"
local null, class = lunode.null, lunode.class
local AssertionError = assert.AssertionError

-- What fn raises, an AssertionError.
local function failure(t, fn, ...)
  local ok, e = pcall(fn, ...)
  t:no(ok, "nothing was raised")
  t:ok(AssertionError:is(e), tostring(e))
  return e
end

test("the module is called itself; nil, false and null are falsy, everything else is not", function(t)
  assert(1)
  assert(0)
  assert ""
  assert.ok {}
  for _, v in ipairs { false, null } do
    local e = failure(t, assert, v)
    t:equal(e.actual, v)
    t:equal(e.operator, "==")
    t:equal(e.expected, true)
    t:equal(e.code, "ERR_ASSERTION")
    t:equal(e.name, "AssertionError")
  end
  t:equal(failure(t, assert.ok, nil).actual, nil)
end)

test("the message of ok is the text of the call", function(t)
  local x, o = false, { assert = assert, list = { assert } }
  local function message(fn) return (failure(t, fn).message:match "^The expression evaluated to a falsy value:\n\n  (.*)\n$") end
  t:equal(message(function() assert(x) end), "assert(x)")
  t:equal(message(function() assert.ok(x == 3, nil) end), "assert.ok(x == 3, nil)")
  t:equal(message(function() o.assert(x) end), "o.assert(x)")
  t:equal(message(function() o.assert.strict(x) end), "o.assert.strict(x)")
  t:equal(message(function() assert(("(" .. ")"):find "x") end), 'assert(("(" .. ")"):find "x")')
  t:equal(message(function() assert(true) assert(x, --[[ ) ]] nil) end), "assert(x, --[[ ) ]] nil)")
  t:equal(message(function()
    assert.ok(
      x,
      nil
    )
  end), "assert.ok(\n    x,\n    nil\n  )")
  local e = failure(t, assert.ok)
  t:equal(e.message, "No value argument passed to `assert.ok()`")
  t:ok(e.generatedMessage)
  t:equal(failure(t, assert.ok, false, "own").message, "own")
  t:no(failure(t, assert.ok, false, "own").generatedMessage)
  t:equal(failure(t, loadstring "require('assert')(false)").message, "false == true")
end)

test("an error given as the message is what is raised", function(t)
  local own = TypeError "own"
  for _, case in ipairs { { assert.ok, false, own }, { assert.equal, 1, 2, own }, { assert.deepStrictEqual, 1, 2, own }, { assert.match, "a", "b", own }, { assert.fail, own } } do
    local ok, e = pcall(unpack(case))
    t:no(ok)
    t:ok(rawequal(e, own))
  end
end)

test("numbers, NaN and -0", function(t)
  assert.equal(0 / 0, 0 / 0)
  assert.strictEqual(0 / 0, 0 / 0)
  assert.equal(0, -0)
  t:equal(failure(t, assert.strictEqual, 0, -0).message, "Expected values to be strictly equal:\n+ actual - expected\n\n+ 0\n- -0")
  assert.equal("1", 1)
  assert.equal(5LL, 5)
  assert.equal(nil, null)
  assert.strictEqual(5LL, 5LL)
  failure(t, assert.strictEqual, 5LL, 5)
  failure(t, assert.strictEqual, nil, null)
  failure(t, assert.strict.equal, "1", 1)
  assert.deepEqual({ 1, a = "2" }, { "1", a = 2 })
  failure(t, assert.strict.deepEqual, { 1 }, { "1" })
end)

test("Lua's objects: classes, metatables, keys of any kind", function(t)
  local A, B = class "A", class "B"
  local a, b = A(), B()
  a.x, b.x = 1, 1
  assert.deepEqual(a, b)
  t:match(failure(t, assert.deepStrictEqual, a, b).message, "%+ A {\n%- B {")
  local key = { 1 }
  assert.deepStrictEqual({ [key] = { 2 } }, { [{ 1 }] = { 2 } })
  assert.notDeepStrictEqual({ [key] = { 2 } }, { [{ 1 }] = { 3 } })
  assert.deepStrictEqual(values.Map { { "a", { 1 } } }, values.Map { { "a", { 1 } } })
  failure(t, assert.deepStrictEqual, values.Set { 1 }, values.Set { 2 })
end)

test("partialDeepStrictEqual: what is wanted is there", function(t)
  local partial = assert.partialDeepStrictEqual
  partial({ a = 1, b = { c = 2, d = 3 } }, { b = { d = 3 } })
  partial({ 1, 2, 3, 4, 5 }, { 2, 4 })
  partial(values.Set { 1, 2, 3 }, values.Set { 3, 1 })
  partial(values.Map { { "a", 1 }, { "b", { x = 1, y = 2 } } }, values.Map { { "b", { x = 1 } } })
  failure(t, partial, { 1, 2, 3 }, { 3, 1 })
  failure(t, partial, { a = 1 }, { a = 1, b = 2 })
  failure(t, partial, { a = 1 }, { a = "1" })
  failure(t, partial, values.Set { 1 }, values.Set { 2 })
  t:equal(failure(t, partial, { a = 1 }, { a = 2 }).operator, "partialDeepStrictEqual")
end)

test("throws: a class, a Lua pattern, a function, a table of properties", function(t)
  local function raise(v) return function() error(v, 0) end end
  assert.throws(raise(TypeError "bad"), TypeError)
  assert.throws(raise(TypeError "bad"), Error)
  assert.throws(raise(TypeError "bad"), "^TypeError: b.d$")
  assert.throws(raise "plain text", "plain")
  assert.throws(raise(TypeError "bad"), function(e) return e.message == "bad" end)
  assert.throws(raise(TypeError "bad"), { name = "TypeError", message = "bad" })
  assert.throws(raise(TypeError "bad"), TypeError "bad")
  assert.throws(raise { code = 5, extra = 1 }, { code = 5 })
  local _, raised = pcall(assert.throws, raise(TypeError "bad"), RangeError)
  t:equal(raised.message, 'The error is expected to be an instance of "RangeError". Received "TypeError"\n\nError message:\n\nbad')
  t:equal(raised.operator, "throws")
  t:match(failure(t, assert.throws, raise "text", "other").message, "did not match the regular expression 'other'. Input:\n\n'text'\n")
  t:match(failure(t, assert.throws, raise "text", function() return 1 end).message, 'validation function is expected to return "true". Received 1')
  t:equal(failure(t, assert.throws, raise(TypeError "bad"), { message = "good" }).message,
    "Expected values to be strictly deep-equal:\n+ actual - expected\n\n  Comparison {\n+   message: 'bad'\n-   message: 'good'\n  }")
  t:equal(failure(t, assert.throws, function() end).message, "Missing expected exception.")
  t:equal(failure(t, assert.throws, function() end, TypeError, "why").message, "Missing expected exception (TypeError): why")
  t:throws(function() assert.throws(raise(TypeError "bad"), {}) end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() assert.throws(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() assert.throws(raise "x", 5) end, "ERR_INVALID_ARG_TYPE")
end)

test("doesNotThrow passes on what is not meant", function(t)
  assert.doesNotThrow(function() end)
  local e = failure(t, assert.doesNotThrow, function() error(TypeError "bad", 0) end, TypeError, "why")
  t:equal(e.message, 'Got unwanted exception: why\nActual message: "bad"')
  local other = RangeError "other"
  local ok, raised = pcall(assert.doesNotThrow, function() error(other, 0) end, TypeError)
  t:no(ok)
  t:ok(rawequal(raised, other))
end)

test("rejects and doesNotReject", function(t)
  local function failing(e) return async(function() error(e, 0) end) end
  await(assert.rejects(failing(TypeError "bad"), TypeError))
  await(assert.rejects(function() return failing "text" end, "^text$"))
  await(assert.doesNotReject(async(function() return 1 end)))
  t:equal(failure(t, function() await(assert.rejects(async(function() end), TypeError)) end).message, "Missing expected rejection (TypeError).")
  t:equal(failure(t, function() await(assert.doesNotReject(failing(TypeError "bad"))) end).message, 'Got unwanted rejection.\nActual message: "bad"')
  t:throws(function() await(assert.rejects(5)) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() await(assert.rejects(function() return 5 end)) end, "ERR_INVALID_RETURN_VALUE")
  local own = RangeError "own"
  local ok, raised = pcall(function() await(assert.rejects(function() error(own, 0) end)) end)
  t:no(ok)
  t:ok(rawequal(raised, own))
end)

test("match and doesNotMatch take Lua patterns", function(t)
  assert.match("abc", "b.")
  assert.doesNotMatch("abc", "^b")
  t:equal(failure(t, assert.match, "abc", "x").message, "The input did not match the regular expression 'x'. Input:\n\n'abc'\n")
  t:equal(failure(t, assert.match, 5, "x").message, 'The "string" argument must be of type string. Received type number (5)')
  t:throws(function() assert.match("abc", 5) end, "ERR_INVALID_ARG_TYPE")
end)

test("AssertionError: fields, stack, long values when inspected", function(t)
  local e = AssertionError { actual = 1, expected = 2, operator = "strictEqual" }
  t:equal(e.message, "Expected values to be strictly equal:\n\n1 !== 2\n")
  t:ok(e.generatedMessage)
  t:match(e.stack, "^AssertionError %[ERR_ASSERTION%]: Expected")
  t:ok(Error:is(e))
  t:equal(tostring(AssertionError { message = "m" }), "AssertionError [ERR_ASSERTION]: m")
  t:throws(function() AssertionError() end, "ERR_INVALID_ARG_TYPE")
  local text = require("util").inspect(AssertionError { message = "m", actual = ("x\n"):rep(30), expected = ("y"):rep(600) })
  t:match(text, "%.%.%.'")
  t:no(text:find(("y"):rep(513), 1, true))
  t:equal(#failure(t, assert.equal, ("x"):rep(2000), 1).message, 512 + #" == 1")
end)

test("assert/strict is assert.strict", function(t)
  t:ok(rawequal(require "assert/strict", assert.strict))
  t:ok(rawequal(assert.strict.equal, assert.strictEqual))
  t:ok(rawequal(assert.strict.strict, assert.strict))
  failure(t, require "assert/strict", false)
end)

test("CallTracker counts calls", function(t)
  process:once("warning", t:called(function(w) t:equal(w.code, "DEP0173") end))
  local tracker = assert.CallTracker()
  local sum = tracker:calls(function(a, b) return a + b end, 2)
  t:equal(sum(1, 2), 3)
  t:deep(tracker:getCalls(sum)[1].arguments, { 1, 2 })
  local e = failure(t, function() tracker:verify() end)
  t:equal(e.message, "Expected the calls function to be executed 2 time(s) but was executed 1 time(s).")
  sum(3, 4)
  tracker:verify()
  tracker:reset(sum)
  t:equal(#tracker:report(), 1)
  local exact = tracker:calls(1)
  t:equal(failure(t, function() tracker:verify() end).message, "Functions were not called the expected number of times")
  exact()
  t:throws(function() tracker:getCalls(print) end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() tracker:calls(print, 0) end, "ERR_OUT_OF_RANGE")
end)
