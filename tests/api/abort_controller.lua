-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local lunode = require "lunode"
local DOMException = require "lunode.internal.dom_exception"
local await, Error = lunode.await, lunode.Error

test("abort sets the reason and dispatches one trusted event", function(t)
  local c = AbortController()
  local s = c.signal
  t:equal(c.signal, s)
  t:equal(s.aborted, false) t:equal(s.reason, nil)
  t:equal(s:throwIfAborted(), nil)
  s:addEventListener("abort", t:called(function(e)
    t:equal(e.type, "abort") t:equal(e.target, s) t:equal(e.isTrusted, true) t:equal(s.aborted, true)
  end))
  s.onabort = t:called()
  c:abort()
  c:abort(Error "second")
  t:equal(s.aborted, true)
  t:ok(DOMException:is(s.reason))
  t:equal(s.reason.name, "AbortError") t:equal(s.reason.code, 20) t:equal(s.reason.message, "This operation was aborted")
  t:equal(t:throws(function() s:throwIfAborted() end, "AbortError"), s.reason)
end)

test("any value but nil is a reason", function(t)
  local c = AbortController()
  c:abort "why"
  t:equal(c.signal.reason, "why")
  t:throws(function() c.signal:throwIfAborted() end, "why")
  local d = AbortController()
  d:abort(false)
  t:equal(d.signal.reason, false)
  t:equal(AbortSignal.abort(5).reason, 5)
  t:equal(AbortSignal.abort().reason.name, "AbortError")
  t:equal(AbortSignal.abort().aborted, true)
end)

test("signals are not made by hand, and accessors want one", function(t)
  t:throws(function() AbortSignal() end, "ERR_ILLEGAL_CONSTRUCTOR")
  t:throws(function() AbortSignal.prototype.throwIfAborted {} end, "ERR_INVALID_THIS")
  t:ok(AbortSignal:is(AbortController().signal))
end)

test("a time limit aborts with TimeoutError", function(t)
  local s = AbortSignal.timeout(3)
  t:equal(s.aborted, false)
  s:addEventListener("abort", t:called(function() t:equal(s.reason.name, "TimeoutError") t:equal(s.reason.code, 23) end))
  await(lunode.sleep(10))
  t:equal(s.aborted, true)
  t:throws(function() AbortSignal.timeout(-1) end, "ERR_OUT_OF_RANGE")
  t:throws(function() AbortSignal.timeout "x" end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() AbortSignal.timeout() end, "ERR_INVALID_ARG_TYPE")
end)

test("a time limit that is listened to outlives the program's last reference; another does not", function(t)
  AbortSignal.timeout(20):addEventListener("abort", t:called())
  local weak = setmetatable({ AbortSignal.timeout(10000) }, { __mode = "v" })
  await(lunode.sleep(1))
  collectgarbage() collectgarbage()
  t:equal(weak[1], nil)
end)

test("any aborts with the first of its sources, through composites too", function(t)
  local a, b, c = AbortController(), AbortController(), AbortController()
  local ab = AbortSignal.any { a.signal, b.signal }
  local all = AbortSignal.any { ab, c.signal }
  local order = {}
  ab:addEventListener("abort", function() order[#order + 1] = "ab" end)
  all:addEventListener("abort", function() order[#order + 1] = "all" end)
  b.signal:addEventListener("abort", function() order[#order + 1] = "b" end)
  t:equal(all.aborted, false)
  b:abort "reason"
  t:equal(all.reason, "reason") t:equal(ab.reason, "reason") t:equal(a.signal.aborted, false)
  t:deep(order, { "b", "ab", "all" })
  c:abort "other"
  t:equal(all.reason, "reason")
  t:equal(AbortSignal.any({ a.signal, b.signal }).reason, "reason")
  t:equal(AbortSignal.any({}).aborted, false)
  t:throws(function() AbortSignal.any() end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() AbortSignal.any { {} } end, "ERR_INVALID_ARG_TYPE")
end)

test("a source keeps what was made of it only while that is listened to", function(t)
  local c = AbortController()
  AbortSignal.any { c.signal }:addEventListener("abort", t:called())
  for _ = 1, 10 do
    for _ = 1, 100 do AbortSignal.any { c.signal } end
    collectgarbage() collectgarbage()
  end
  local live = 0
  for _, box in ipairs(c.signal._dependents) do if box.signal then live = live + 1 end end
  t:equal(live, 1)
  t:ok(#c.signal._dependents < 500, #c.signal._dependents)
  c:abort()
end)

test("signals have no limit of listeners", function(t)
  local s = AbortController().signal
  local function note() t:fail "warned" end
  process:on("warning", note)
  for _ = 1, 30 do s:addEventListener("abort", function() end) end
  await(lunode.sleep(1))
  process:off("warning", note)
  t:equal(require("events").getMaxListeners(s), 0)
end)
