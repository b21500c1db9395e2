-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local lunode = require "lunode"
local promise = require "lunode.internal.promise"
local queue = require "lunode.internal.queue"
local await, async, Promise, Error, TypeError = lunode.await, lunode.async, lunode.Promise, lunode.Error, lunode.TypeError

local function nothing() end

-- How many turns of the microtask queue pass before `start(mark)` calls mark.
local function turns(start)
  return await(Promise(function(done)
    local n = 0
    start(function() done(n) end)
    local p = Promise.resolve()
    for i = 1, 10 do p = p:next(function() n = i end) end
  end))
end

test("the executor runs at once; the first of resolve and reject counts", function(t)
  local order = {}
  local p = Promise(function(resolve, reject) order[1] = "in" resolve(1) resolve(2) reject(Error "no") end)
  order[2] = "out"
  t:deep(order, { "in", "out" })
  t:equal(await(p), 1)
  t:equal(await(Promise:new(function(resolve) resolve "new" end)), "new")
  t:rejects(Promise(function() error(Error "raised") end), { message = "raised" })
  t:equal(await(Promise(function(resolve) resolve "x" error(Error "ignored") end)), "x")
  t:throws(function() Promise() end, { name = "TypeError", message = "Promise resolver undefined is not a function" })
  t:throws(function() Promise {} end, "TypeError")
  t:equal(tostring(p), "[object Promise]")
  t:ok(Promise:is(p))
end)

test("handlers never run before the code that added them has ended", function(t)
  local after = false
  Promise.resolve():next(t:called(function() t:ok(after) end))
  after = true
end)

test("next and then are the same, and pass what has no handler", function(t)
  t:equal(await(Promise.resolve(1):next(function(v) return v + 1 end)), 2)
  t:equal(await(Promise.resolve(1)["then"](Promise.resolve(1), function(v) return v + 1 end)), 2)
  t:equal(await(Promise.resolve(5):next():next(nil, t:never()):next("no function")), 5)
  t:rejects(Promise.reject(Error "e"):next(t:never()):next(nil, nil), { message = "e" })
  t:equal(await(Promise.reject(Error "e"):catch(function(e) return e.message end)), "e")
  t:equal(await(Promise.resolve(nil)), nil)
  t:equal(await(Promise.resolve(false)), false)
  t:throws(function() Promise.prototype["then"]({}, print) end, "TypeError")
end)

test("any value can be a reason, false and nil too", function(t)
  for _, reason in ipairs { "text", false, 5 } do
    local ok, got = pcall(await, Promise.reject(reason))
    t:no(ok)
    t:equal(got, reason)
  end
  local ok, got = pcall(await, Promise.reject())
  t:no(ok)
  t:equal(got, nil)
end)

test("a promise is adopted, a thenable asked, itself refused", function(t)
  local inner = Promise(function(resolve) setTimeout(resolve, 1, "inner") end)
  t:equal(await(Promise(function(resolve) resolve(inner) end)), "inner")
  t:equal(await(Promise.resolve { ["then"] = function(self, ok) ok "asked" ok "again" end }), "asked")
  t:rejects(Promise.resolve { ["then"] = function(self, ok, err) err(Error "refused") ok(1) end }, { message = "refused" })
  t:rejects(Promise.resolve { ["then"] = function() error(Error "broken") end }, { message = "broken" })
  t:equal(await(Promise.resolve { ["then"] = function(self, ok) ok(1) error "late" end }), 1)
  local trap = setmetatable({}, { __index = function(_, k) if k == "then" then error(Error "getter", 0) end end })
  t:rejects(Promise(function(resolve) resolve(trap) end), { message = "getter" })
  local plain = { ["then"] = 5 }
  t:equal(await(Promise.resolve(plain)), plain)
  local self
  self = Promise(function(resolve) setImmediate(function() resolve(self) end) end)
  t:rejects(self, { name = "TypeError", message = "Chaining cycle detected for promise #<Promise>" })
  local q
  q = Promise.resolve():next(function() return q end)
  t:rejects(q, "TypeError")
  t:equal(Promise.resolve(inner), inner)
end)

test("jobs take as many turns as ECMA-262 says", function(t)
  local thenable = { ["then"] = function(_, ok) ok() end }
  local Sub = Promise:extend "Sub"
  local function sub() return Sub(function(r) r() end) end
  t:equal(turns(function(f) Promise.resolve():finally(nothing):next(f) end), 3)
  t:equal(turns(function(f) Promise(function(r) r(thenable) end):next(f) end), 1)
  t:equal(turns(function(f) Promise(function(r) r(Promise.resolve()) end):next(f) end), 2)
  t:equal(turns(function(f) Promise.resolve():next(function() return Promise.resolve() end):next(f) end), 3)
  t:equal(turns(function(f) Promise.reject(1):next(nothing):next(nothing):catch(f) end), 2)
  t:equal(turns(function(f) Promise.all { 1, Promise.resolve(2) }:next(f) end), 1)
  t:equal(turns(function(f) Promise.all {}:next(f) end), 0)
  t:equal(turns(function(f) Promise.race { Promise.resolve(2), 1 }:next(f) end), 1)
  t:equal(turns(function(f) Promise.any { Promise.reject(2) }:catch(f) end), 1)
  t:equal(turns(function(f) Promise.allSettled { Promise.reject(2), 1 }:next(f) end), 1)
  t:equal(turns(function(f) sub():next(nothing):next(f) end), 1)
  t:equal(turns(function(f) async(function() await(Promise.resolve()) f() end) end), 0)
  t:equal(turns(function(f) async(function() await(thenable) f() end) end), 1)
  t:equal(turns(function(f) async(function() await(sub()) f() end) end), 2)
  t:equal(turns(function(f) async(nothing):next(f) end), 0)
  t:equal(turns(function(f) async(function() return Promise.resolve() end):next(f) end), 2)
end)

test("ticks come before microtasks, and both before timers", function(t)
  local out = {}
  local function say(x) out[#out + 1] = x end
  setImmediate(function()
    setTimeout(say, 1, "timer")
    Promise.resolve():next(function() say "job" queue.nextTick(say, "tick from job") end)
    queue.microtask(say, "micro")
    queue.nextTick(say, "tick")
  end)
  await(Promise(function(r) setTimeout(r, 10) end))
  t:deep(out, { "tick", "job", "micro", "tick from job", "timer" })
end)

test("finally passes value and error through, waits, and its own error wins", function(t)
  t:equal(await(Promise.resolve "v":finally(function(...) t:equal(select("#", ...), 0) return "dropped" end)), "v")
  t:rejects(Promise.reject(Error "e"):finally(nothing), { message = "e" })
  t:rejects(Promise.resolve "v":finally(function() error(Error "mine") end), { message = "mine" })
  t:rejects(Promise.reject(Error "e"):finally(function() return Promise.reject(Error "mine") end), { message = "mine" })
  local waited = false
  await(Promise.resolve():finally(function() return Promise(function(r) setTimeout(function() waited = true r() end, 1) end) end))
  t:ok(waited)
  t:equal(await(Promise.resolve(3):finally(nil)), 3)
end)

local function later(ms, v) return Promise(function(r) setTimeout(r, ms, v) end) end
local function fail(ms, m) return Promise(function(_, r) setTimeout(function() r(Error(m)) end, ms) end) end

test("all keeps the input's order; the first rejection wins", function(t)
  t:deep(await(Promise.all { later(5, "a"), "b", later(1, "c") }), { "a", "b", "c" })
  t:deep(await(Promise.all {}), {})
  t:rejects(Promise.all { later(9, 1), fail(5, "second"), fail(1, "first") }, { message = "first" })
  t:rejects(Promise.all(5), "TypeError")
  t:rejects(Promise.all(), { name = "TypeError", message = "undefined is not iterable (cannot read property Symbol(Symbol.iterator))" })
  local r = await(Promise.all { Promise.resolve(), Promise.resolve(2) })
  t:equal(r.n, 2) t:equal(r[2], 2)
  -- An element calling back twice counts once.
  local double = { ["then"] = function(_, ok) ok(1) ok(2) end }
  t:deep(await(Promise.all { double, later(1, "x") }), { 1, "x" })
end)

test("allSettled, any, race", function(t)
  local list = await(Promise.allSettled { fail(2, "no"), "yes", later(1, "later") })
  t:equal(list[1].status, "rejected") t:equal(list[1].reason.message, "no")
  t:deep(list[2], { status = "fulfilled", value = "yes" })
  t:deep(list[3], { status = "fulfilled", value = "later" })
  t:equal(await(Promise.any { fail(1, "a"), later(3, "w") }), "w")
  local e = t:rejects(Promise.any { fail(4, "a"), fail(1, "b") }, { name = "AggregateError", message = "All promises were rejected" })
  t:equal(e.errors[1].message, "a") t:equal(e.errors[2].message, "b")
  t:equal(#t:rejects(Promise.any {}, "AggregateError").errors, 0)
  t:equal(await(Promise.race { later(9, "slow"), later(1, "fast") }), "fast")
  t:rejects(Promise.race { fail(1, "f"), later(5) }, { message = "f" })
  Promise.race {}:next(t:never(), t:never())
end)

test("withResolvers and try", function(t)
  local w = Promise.withResolvers()
  setImmediate(w.resolve, 4)
  t:equal(await(w.promise), 4)
  local w2 = Promise.withResolvers()
  w2.reject(Error "r")
  t:rejects(w2.promise, { message = "r" })
  t:equal(await(Promise["try"](function(a, b) return a + b end, 1, 2)), 3)
  t:rejects(Promise["try"](function() error(Error "t") end), { message = "t" })
  t:throws(function() Promise["try"]() end, "ERR_INVALID_ARG_TYPE")
end)

test("a subclass makes its own kind, unless its species says another", function(t)
  local Sub = Promise:extend "Sub"
  local p = Sub(function(r) r(1) end)
  t:ok(Sub:is(p))
  t:ok(Sub:is(p:next(nothing)))
  t:ok(Sub:is(p:catch(nothing)))
  t:ok(Sub:is(p:finally(nothing)))
  t:equal(await(p:next(function(v) return v + 1 end)), 2)
  t:equal(await(p), 1)
  Sub.static[require("lunode.internal.symbols").species] = Promise
  t:no(Sub:is(p:next(nothing)))
  local Logged = Promise:extend "Logged"
  local seen = 0
  Logged.prototype["then"] = function(self, ...) seen = seen + 1 return Promise.prototype["then"](self, ...) end
  await(Logged(function(r) r() end))
  Logged(function(r) r() end):next(nothing)
  t:equal(seen, 2)
end)

local function swap(event, fn)
  local old = process:listeners(event)
  process:removeAllListeners(event)
  process:on(event, fn)
  return function()
    process:removeAllListeners(event)
    for _, f in ipairs(old) do process:on(event, f) end
  end
end

test("a rejection nobody handles is told to process; handling it later, too", function(t)
  local reason = Error "lonely"
  local p
  local late = t:called(function(q) t:equal(q, p) end)
  local back = swap("unhandledRejection", t:called(function(r, q) t:equal(r, reason) t:equal(q, p) end))
  local back2 = swap("rejectionHandled", late)
  p = Promise.reject(reason)
  await(later(2))
  p:catch(nothing)
  await(later(2))
  back() back2()
end)

test("a rejection handled in the same turn is not told", function(t)
  local back = swap("unhandledRejection", t:never())
  local p = Promise.reject(Error "soon")
  queue.microtask(function() p:catch(nothing) end)
  Promise.reject(Error "awaited"):next(nothing, nothing)
  async(function() pcall(await, Promise.reject(Error "x")) end)
  Promise.allSettled { Promise.reject(1) }
  await(later(2))
  back()
end)

test("with no listener it is an uncaught exception; what is no Error is wrapped", function(t)
  local got = {}
  local back = swap("uncaughtException", function(e, origin) got[#got + 1] = { e, origin } end)
  Promise.reject(Error "plain")
  Promise.reject "text"
  Promise.reject()
  async(function() local x = nil; return x.y end)
  await(later(5))
  back()
  t:equal(#got, 4)
  t:equal(got[1][1].message, "plain")
  t:equal(got[1][2], "unhandledRejection")
  t:equal(got[2][1].code, "ERR_UNHANDLED_REJECTION")
  t:equal(got[2][1].name, "UnhandledPromiseRejection")
  t:match(got[2][1].message, 'rejected with the reason "text"%.$')
  t:match(got[3][1].message, 'rejected with the reason "undefined"%.$')
  t:match(got[4][1].message, "promise.lua:%d+: attempt to index local 'x'")
  t:match(got[4][1].stack, "async_function")
end)

test("an error raised by an unhandledRejection listener does not lose the other rejections", function(t)
  local told, raised = 0, 0
  local back = swap("unhandledRejection", function() told = told + 1 if told == 1 then error("listener", 0) end end)
  local back2 = swap("uncaughtException", function(e) raised = raised + 1 t:equal(e, "listener") end)
  Promise.reject(1) Promise.reject(2) Promise.reject(3)
  await(later(5))
  back() back2()
  t:equal(told, 3)
  t:equal(raised, 1)
end)

test("handlers keep the async context in which they were added", function(t)
  local w = Promise.withResolvers()
  local mine = { "context" }
  local before = queue.context
  queue.context = mine
  w.promise:next(t:called(function() t:equal(queue.context, mine) end))
  queue.context = before
  w.promise:next(t:called(function() t:equal(queue.context, before) end))
  w.resolve()
end)

test("what the library uses: from_callback, state, resolved, rejected", function(t)
  t:equal(await(promise.from_callback(function(a, cb) cb(nil, a * 2) end, 4)), 8)
  t:rejects(promise.from_callback(function(cb) cb(Error "cb") end), { message = "cb" })
  t:equal(promise.state(promise.new()), "pending")
  t:deep({ promise.state(promise.resolved(3)) }, { "fulfilled", 3 })
  local r = promise.rejected(4)
  r:catch(nothing)
  t:deep({ promise.state(r) }, { "rejected", 4 })
  t:no(promise.is {})
  t:no(promise.is "x")
end)

test("a chain of a hundred thousand steps neither nests nor leaks", function(t)
  local p = Promise.resolve(0)
  for _ = 1, 100000 do p = p:next(function(v) return v + 1 end) end
  t:equal(await(p), 100000)
end)
