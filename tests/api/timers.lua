-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local lunode = require "lunode"
local timers = require "timers"
local internal = require "lunode.internal.timers"
local queue = require "lunode.internal.queue"
local await, Promise = lunode.await, lunode.Promise

-- Waits until the loop has turned some times past `ms`.
local function wait(ms) await(Promise(function(resolve) setTimeout(resolve, ms) end)) end

test("a timeout passes its arguments, nil ones too", function(t)
  for n = 0, 4 do
    setTimeout(t:called(function(...) t:equal(select("#", ...), n) end), 1, unpack({}, 1, n))
    setImmediate(t:called(function(...) t:equal(select("#", ...), n) end), unpack({}, 1, n))
  end
  setTimeout(t:called(function(a, b) t:equal(a, "x") t:equal(b, 2) end), 1, "x", 2)
end)

test("timers run by expiry, equal ones in the order of their start", function(t)
  local out = {}
  local function say(x) out[#out + 1] = x end
  setTimeout(say, 20, "d") setTimeout(say, 10, "b") setTimeout(say, 1, "a") setTimeout(say, 10, "c") setTimeout(say, 20, "e")
  wait(40)
  t:equal(table.concat(out), "abcde")
end)

test("delays are coerced as Node's", function(t)
  t:equal(setTimeout(function() end, 0)._idleTimeout, 1)
  t:equal(setTimeout(function() end, -5)._idleTimeout, 1)
  t:equal(setTimeout(function() end)._idleTimeout, 1)
  t:equal(setTimeout(function() end, 0 / 0)._idleTimeout, 1)
  t:equal(setTimeout(function() end, "7")._idleTimeout, 7)
  t:equal(setTimeout(function() end, "x")._idleTimeout, 1)
  t:equal(setTimeout(function() end, 2.9)._idleTimeout, 2)
  process:once("warning", t:called(function(w)
    t:equal(w.name, "TimeoutOverflowWarning")
    t:equal(w.message, "2147483648 does not fit into a 32-bit signed integer.\nTimeout duration was set to 1.")
  end))
  t:equal(setTimeout(function() end, 2 ^ 31)._idleTimeout, 1)
  local long = setTimeout(t:never(), 2 ^ 31 - 1)
  t:equal(long._idleTimeout, 2 ^ 31 - 1)
  clearTimeout(long)
end)

test("wrong callbacks raise", function(t)
  for _, name in ipairs { "setTimeout", "setInterval", "setImmediate" } do
    t:throws(function() timers[name]() end, "ERR_INVALID_ARG_TYPE")
    t:throws(function() timers[name] "code" end, "ERR_INVALID_ARG_TYPE")
  end
end)

test("what was cleared never runs: by object, number, text; clearing anything else is nothing", function(t)
  clearTimeout(setTimeout(t:never(), 1))
  clearInterval(setInterval(t:never(), 1))
  clearTimeout(setTimeout(t:never(), 1):toPrimitive())
  clearTimeout(tostring(setTimeout(t:never(), 1):toPrimitive()))
  clearImmediate(setImmediate(t:never()))
  for _, v in ipairs { {}, "x", 0, -1, true, lunode.null, function() end } do
    clearTimeout(v) clearInterval(v) clearImmediate(v)
  end
  clearTimeout(nil) clearImmediate(nil)
  setTimeout(t:never(), 1):close()
  local over = setTimeout(function() end, 1)
  wait(10)
  clearTimeout(over) clearTimeout(over)
  local id = over:toPrimitive()
  clearTimeout(id)
end)

test("a timer cleared by the one before it, or by a tick between, does not run", function(t)
  local b, d
  setTimeout(function() clearTimeout(b) end, 3)
  b = setTimeout(t:never(), 3)
  setTimeout(function() queue.nextTick(clearTimeout, d) end, 3)
  d = setTimeout(t:never(), 3)
  setTimeout(t:called(), 3)
  local y
  setImmediate(function() clearImmediate(y) end)
  y = setImmediate(t:never())
  wait(10)
end)

test("an interval goes on until cleared, also from inside", function(t)
  local n, timer = 0, nil
  timer = setInterval(function(a) n = n + 1 t:equal(a, "arg") if n == 4 then clearInterval(timer) end end, 1, "arg")
  wait(30)
  t:equal(n, 4)
end)

test("an interval goes on when its callback raises", function(t)
  local n, timer, got = 0, nil, 0
  local function catch(e) if e == "from interval" then got = got + 1 end end
  local listeners = process:listeners "uncaughtException"
  process:removeAllListeners "uncaughtException"
  process:on("uncaughtException", catch)
  timer = setInterval(function()
    n = n + 1
    if n == 3 then clearInterval(timer) end
    error("from interval", 0)
  end, 1)
  wait(40)
  process:removeAllListeners "uncaughtException"
  for _, f in ipairs(listeners) do process:on("uncaughtException", f) end
  t:equal(n, 3)
  t:equal(got, 3)
end)

test("an error in a callback does not cost the other due ones, nor the order of ticks", function(t)
  local out, errs = {}, {}
  local listeners = process:listeners "uncaughtException"
  process:removeAllListeners "uncaughtException"
  process:on("uncaughtException", function(e) errs[#errs + 1] = e end)
  local function say(x) out[#out + 1] = x end
  setTimeout(function() say "a" queue.nextTick(say, "tick") error("one", 0) end, 2)
  setTimeout(function() say "b" end, 2)
  setTimeout(function() error("two", 0) end, 2)
  setTimeout(function() say "c" queue.nextTick(error, "three", 0) end, 2)
  setTimeout(function() say "d" end, 2)
  setImmediate(function() say "i" error("four", 0) end)
  setImmediate(function() say "j" end)
  wait(20)
  process:removeAllListeners "uncaughtException"
  for _, f in ipairs(listeners) do process:on("uncaughtException", f) end
  table.sort(errs)
  t:deep(errs, { "four", "one", "three", "two" })
  local text = table.concat(out, " ")
  t:match(text, "a b tick c d") -- the ticks of one that raised: behind the next, as in Node
  t:match(text, "i j")
end)

test("ticks and microtasks run between timers and between immediates", function(t)
  local out = {}
  local function say(x) out[#out + 1] = x end
  local function both(x)
    return function()
      say(x)
      queue.microtask(say, x .. "m")
      queue.nextTick(say, x .. "t")
    end
  end
  setTimeout(both "a", 2) setTimeout(both "b", 2) setTimeout(both "c", 3)
  wait(10)
  t:equal(table.concat(out, " "), "a at am b bt bm c ct cm")
  out = {}
  setImmediate(both "i") setImmediate(both "j")
  wait(5)
  t:equal(table.concat(out, " "), "i it im j jt jm")
end)

test("immediates made by immediates wait for the next turn; a timer of 1 ms comes before I/O's immediates end", function(t)
  local out = {}
  setImmediate(function() out[#out + 1] = 1 setImmediate(function() out[#out + 1] = 3 end) end)
  setImmediate(function() out[#out + 1] = 2 end)
  wait(10)
  t:deep(out, { 1, 2, 3 })
end)

test("refresh starts a timer again from now, also one that is over, but not one that was cleared", function(t)
  local n = 0
  local order = {}
  local a = setTimeout(function() n = n + 1 order[#order + 1] = "a" end, 15)
  setTimeout(function() order[#order + 1] = "b" end, 20)
  wait(10)
  t:equal(a:refresh(), a)
  wait(30)
  t:equal(n, 1)
  t:deep(order, { "b", "a" })
  a:refresh()
  wait(30)
  t:equal(n, 2)
  local dead = setTimeout(t:never(), 1)
  clearTimeout(dead)
  dead:refresh()
  wait(10)
end)

test("ref, unref and hasRef count what keeps the loop", function(t)
  local base, base_im = internal.active()
  local function refs() return (internal.active()) - base end
  local a = setTimeout(t:never(), 10000)
  t:equal(refs(), 1)
  t:equal(a:hasRef(), true)
  t:equal(a:unref(), a)
  a:unref()
  t:equal(refs(), 0)
  t:equal(a:hasRef(), false)
  a:ref() a:ref()
  t:equal(refs(), 1)
  clearTimeout(a)
  t:equal(refs(), 0)
  a:unref() a:ref()
  t:equal(refs(), 0)
  local i = setImmediate(function() end)
  t:equal(select(2, internal.active()) - base_im, 1)
  t:equal(i:hasRef(), true)
  i:unref()
  t:equal(i:hasRef(), false)
  t:equal(select(2, internal.active()) - base_im, 0)
  i:ref()
  clearImmediate(i)
  t:equal(select(2, internal.active()) - base_im, 0)
  local over = setTimeout(function() end, 1)
  wait(10)
  over:unref() over:ref()
  t:equal(refs(), 0)
  over:refresh()
  t:equal(refs(), 1)
  clearTimeout(over)
  t:equal(refs(), 0)
end)

test("a hundred thousand timers, cleared in any order, leave nothing behind", function(t)
  local base = internal.active()
  local list = {}
  for i = 1, 100000 do list[i] = setTimeout(t:never(), 1000 + i % 7) end
  for i = 1, 100000, 2 do clearTimeout(list[i]) end
  for i = 100000, 1, -1 do clearTimeout(list[i]) end
  t:equal(internal.active(), base)
  local seen, last = 0, 0
  local state = 12345
  for _ = 1, 2000 do
    state = (state * 1103515245 + 12345) % 2147483648
    local ms = 1 + state % 40
    local at = internal.now() + ms
    setTimeout(function() seen = seen + 1 if internal.now() < at - 1 then t:fail "too early" end last = at end, ms)
  end
  wait(100)
  t:equal(seen, 2000)
end)

test("each timer keeps the async context it was made in", function(t)
  local before = queue.context
  queue.context = { "mine" }
  local mine = queue.context
  setTimeout(t:called(function() t:equal(queue.context, mine) end), 1)
  setImmediate(t:called(function() t:equal(queue.context, mine) end))
  queue.context = before
  setTimeout(t:called(function() t:equal(queue.context, false) end), 1)
end)

test("the library's own timers take an argument and do not keep the loop", function(t)
  local base = internal.active()
  internal.setUnrefTimeout(t:called(function(x) t:equal(x, 5) end), 1, 5)
  t:equal(internal.active(), base)
  wait(10)
end)

test("a timer is disposed of by its dispose method; classes are to be seen", function(t)
  local symbols = require "lunode.internal.symbols"
  local a, i = setTimeout(t:never(), 1), setImmediate(t:never())
  a[symbols.dispose](a)
  i[symbols.dispose](i)
  t:ok(internal.Timeout:is(a))
  t:ok(internal.Immediate:is(i))
  t:equal(timers.promises, require "timers/promises")
end)

test("setTimeout and setImmediate have promise forms for util.promisify", function(t)
  local custom = require "lunode.internal.promisify_custom"
  t:equal(await(custom[timers.setTimeout](1, "v")), "v")
  t:equal(await(custom[timers.setImmediate] "w"), "w")
end)

test("a callback that wants `this` gets its timer", function(t)
  local door = require "lunode.internal.validators".door
  local function f(self, a) t:ok(internal.Timeout:is(self) or internal.Immediate:is(self)) t:equal(a, 1) end
  local g = t:called(f, 2)
  door.adapt = function(fn) return fn end
  door.wants_this = function(fn) return fn == g end
  setTimeout(g, 1, 1)
  setImmediate(g, 1)
  door.adapt, door.wants_this = false, nil
end)
