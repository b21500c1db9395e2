-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local lunode = require "lunode"
local internal = require "lunode.internal.async"
local async_iter = require "lunode.internal.async_iter"
local queue = require "lunode.internal.queue"
local await, async, sleep, Promise, Error = lunode.await, lunode.async, lunode.sleep, lunode.Promise, lunode.Error

test("async runs at once, up to the first await, with its arguments, and returns a promise", function(t)
  local out = {}
  local p = async(function(a, b, ...)
    out[1] = "start"
    await(nil)
    out[3] = "end"
    t:equal(select("#", ...), 1)
    return a + b, "dropped"
  end, 1, 2, nil)
  out[2] = "after"
  t:ok(Promise:is(p))
  t:equal(await(p), 3)
  t:deep(out, { "start", "after", "end" })
  t:throws(function() async(5) end, "ERR_INVALID_ARG_TYPE")
end)

test("await takes anything and gives the value, or raises the reason", function(t)
  t:equal(await(5), 5)
  t:equal(await(nil), nil)
  t:equal(await(lunode.null), lunode.null)
  t:equal(await(Promise.resolve "p"), "p")
  t:equal(await { ["then"] = function(_, ok) setImmediate(ok, "thenable") end }, "thenable")
  local plain = { 1 }
  t:equal(await(plain), plain)
  local ok, e = pcall(await, Promise.reject "why")
  t:no(ok)
  t:equal(e, "why")
  t:equal(await(sleep(1, "slept")), "slept")
end)

test("pcall, xpcall, iterators and metamethods let an await through", function(t)
  t:deep({ pcall(function() return await(sleep(1, 1)), 2 end) }, { true, 1, 2 })
  t:equal(select(2, xpcall(function() error(await(sleep(1, "e")), 0) end, function(e) return e .. "!" end)), "e!")
  local sum = 0
  for v in function(_, last) return await(sleep(1, (last or 0) < 3 and (last or 0) + 1 or nil)) end do sum = sum + v end
  t:equal(sum, 6)
  local mt = setmetatable({}, { __add = function(_, b) return await(sleep(1, b * 2)) end, __index = function(_, k) return await(k) end })
  t:equal(mt + 4, 8)
  t:equal(mt.key, "key")
end)

test("an await under C code names the function and says what to do", function(t)
  local e = t:throws(function() table.sort({ 3, 1, 2 }, function(a, b) return await(a) < b end) end, "ERR_AWAIT_ACROSS_C")
  t:match(e.message, "table%.sort")
  t:match(e.message, "await outside of it")
  e = t:throws(function() string.gsub("abc", "b", function() await(1) end) end, "ERR_AWAIT_ACROSS_C")
  t:match(e.message, "string%.gsub")
  local inner
  load(function() inner = t:throws(function() await(1) end, "ERR_AWAIT_ACROSS_C") end)
  t:match(inner.message, "that load called")
end)

test("an await in a plain callback, or in a coroutine of the program's own, is an error that says so", function(t)
  setTimeout(t:called(function()
    t:match(t:throws(function() await(1) end, "ERR_AWAIT_OUTSIDE_ASYNC").message, "outside of an async function")
  end), 1)
  Promise.resolve():next(t:called(function() t:throws(function() await(1) end, "ERR_AWAIT_OUTSIDE_ASYNC") end))
  local e = t:throws(coroutine.wrap(function() await(1) end), "ERR_AWAIT_OUTSIDE_ASYNC")
  t:match(e.message, "coroutine of the program's own")
  t:no(coroutine.wrap(function() return internal.can_await() end)())
  t:ok(internal.can_await())
end)

test("the program's own coroutines work inside async functions", function(t)
  local generate = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end)
  local sum = 0
  for i in generate do sum = sum + await(i) end
  t:equal(sum, 6)
end)

test("a bare coroutine.yield in an async function rejects it", function(t)
  t:rejects(async(function() coroutine.yield(5) end), "ERR_YIELD_IN_ASYNC")
end)

test("async functions interleave, and nest", function(t)
  local out = {}
  local function count(name, n) return async(function() for i = 1, n do out[#out + 1] = name .. i await(nil) end return name end) end
  t:deep(await(Promise.all { count("a", 3), count("b", 2) }), { "a", "b" })
  t:equal(table.concat(out, " "), "a1 b1 a2 b2 a3")
  local function fib(n) return async(function() if n < 2 then return n end return await(fib(n - 1)) + await(fib(n - 2)) end) end
  t:equal(await(fib(12)), 144)
end)

test("an error in an async function rejects its promise, before and after an await", function(t)
  t:rejects(async(function() error(Error "before") end), { message = "before" })
  t:rejects(async(function() await(sleep(1)) error(Error "after") end), { message = "after" })
  t:rejects(async(function() return Promise.reject(Error "returned") end), { message = "returned" })
  t:equal(t:rejects(async(function() error({ own = 1 }) end), { own = 1 }).own, 1)
end)

test("an error that crosses awaits keeps the stacks of all sides", function(t)
  local function bottom() await(sleep(1)) error(Error "deep") end
  local function middle() await(async(bottom)) return 1 end
  local ok, e = pcall(function()
    await(async(middle))
    return 1
  end)
  t:no(ok)
  local lines = {}
  for line in e.stack:gmatch "[^\n]+" do lines[#lines + 1] = line end
  t:equal(lines[1], "Error: deep")
  t:match(lines[2], "^    at .*async%.lua:%d+")
  t:match(lines[3], "^    at async .*async%.lua:%d+")
  t:match(lines[4], "^    at async .*async%.lua:%d+")
  t:no(e.stack:find("lunode:", 1, true))
end)

test("coroutines are used again, also after a long nesting", function(t)
  local seen, made = {}, 0
  for _ = 1, 100 do
    await(async(function()
      local co = coroutine.running()
      if not seen[co] then seen[co], made = true, made + 1 end
      await(nil)
    end))
  end
  t:ok(made < 10, "made " .. made)
  local function many(n)
    local list = {}
    for i = 1, n do list[i] = async(function() await(nil) return i end) end
    local sum = 0
    for _, v in ipairs(await(Promise.all(list))) do sum = sum + v end
    return sum
  end
  t:equal(many(1000), 500500)
  t:equal(many(1000), 500500)
end)

test("the async context survives awaits, and does not leak out", function(t)
  local before = queue.context
  local mine = { "ctx" }
  local p
  queue.context = mine
  p = async(function()
    t:equal(queue.context, mine)
    await(nil)
    t:equal(queue.context, mine)
    await(sleep(1))
    t:equal(queue.context, mine)
  end)
  queue.context = before
  await(p)
  t:equal(queue.context, before)
end)

test("start tells the end of the main function, with the dead coroutine of a plain error", function(t)
  internal.start(function(a) return await(a) end, t:called(function(ok, value) t:ok(ok) t:equal(value, 7) end), 7)
  internal.start(function() error("plain", 0) end, t:called(function(ok, e, co)
    t:no(ok)
    t:equal(e, "plain")
    t:equal(type(co), "thread")
  end))
end)

local function numbers(n, log)
  local i = 0
  return {
    next = function() i = i + 1 return sleep(1, { value = i, done = i > n }) end,
    ["return"] = function() log[#log + 1] = "returned" return Promise.resolve {} end,
  }
end

test("async_iter walks an iterator of promises", function(t)
  local log, sum = {}, 0
  for v in async_iter(numbers(4, log)) do sum = sum + v end
  t:equal(sum, 10)
  t:deep(log, {})
  local step = 0
  local it = { next = function() step = step + 1 return Promise.resolve { done = step > 2 } end }
  local seen = 0
  for v in async_iter(it) do t:equal(v, lunode.null) seen = seen + 1 end
  t:equal(seen, 2)
  local pairs_it = { next = function() step = step + 1 return { value = { step, "b" }, done = step > 5 } end }
  for a, b in async_iter(pairs_it, true) do t:equal(type(a), "number") t:equal(b, "b") end
  t:throws(function() for _ in async_iter { next = function() return Promise.reject(Error "it") end } do t:fail() end end, { message = "it" })
end)

test("async_iter ends an iterator whose loop was left, once it is collected", function(t)
  local log = {}
  async(function()
    for v in async_iter(numbers(100, log)) do if v == 2 then break end end
  end)
  for _ = 1, 50 do
    await(sleep(1))
    collectgarbage()
    if log[1] then break end
  end
  t:deep(log, { "returned" })
end)
