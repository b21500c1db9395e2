-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local lunode = require "lunode"
local timers = require "timers/promises"
local internal = require "lunode.internal.timers"
local await, async = lunode.await, lunode.async

test("setTimeout and setImmediate resolve with the value", function(t)
  t:equal(await(timers.setTimeout(1, "v")), "v")
  t:equal(await(timers.setTimeout(1)), nil)
  t:equal(await(timers.setImmediate "w"), "w")
end)

test("a signal rejects with AbortError and clears the timer", function(t)
  for _, start in ipairs { function(o) return timers.setTimeout(10000, 1, o) end, function(o) return timers.setImmediate(1, o) end } do
    local base, base_im = internal.active()
    local c = AbortController()
    local p = start { signal = c.signal }
    c:abort "why"
    local e = t:rejects(p, { name = "AbortError", code = "ABORT_ERR", message = "The operation was aborted" })
    t:equal(e.cause, "why")
    local now, now_im = internal.active()
    t:equal(now, base)
    t:equal(now_im, base_im)
    t:rejects(start { signal = c.signal }, "ABORT_ERR")
  end
  local c = AbortController()
  await(timers.setTimeout(1, nil, { signal = c.signal }))
  await(nil)
  t:equal(#require("events").getEventListeners(c.signal, "abort"), 0)
end)

test("wrong options reject", function(t)
  for _, start in ipairs { function(o) return timers.setTimeout(1, 1, o) end, function(o) return timers.setImmediate(1, o) end,
    function(o) return timers.setInterval(1, 1, o):next() end } do
    t:rejects(start(5), "ERR_INVALID_ARG_TYPE")
    t:rejects(start { signal = {} }, "ERR_INVALID_ARG_TYPE")
    t:rejects(start { ref = 1 }, "ERR_INVALID_ARG_TYPE")
  end
end)

test("ref = false does not keep the loop", function(t)
  local base, base_im = internal.active()
  timers.setTimeout(1, 1, { ref = false })
  timers.setImmediate(1, { ref = false })
  local it = timers.setInterval(1, 1, { ref = false })
  local p = it:next()
  local now, now_im = internal.active()
  t:equal(now, base)
  t:equal(now_im, base_im)
  await(p)
  it["return"](it)
end)

test("an interval is walked by a loop", function(t)
  local n = 0
  local base = internal.active()
  local it = timers.setInterval(1, "tick")
  for v in it:iter() do
    t:equal(v, "tick")
    n = n + 1
    if n == 3 then break end
  end
  local r = await(it["return"](it, "end"))
  t:equal(r.done, true) t:equal(r.value, "end")
  t:equal(await(it:next()).done, true)
  t:equal(internal.active(), base)
end)

test("an interval counts the ticks nobody waited for, and starts with the first call", function(t)
  local it = timers.setInterval(2, 7)
  await(lunode.sleep(10))
  t:equal(it._timer, nil)
  await(it:next())
  await(lunode.sleep(15))
  t:ok(it._due >= 2)
  local a, b = it:next(), it:next()
  t:deep(await(a), { value = 7, done = false })
  t:deep(await(b), { value = 7, done = false })
  t:rejects(it:throw(lunode.Error "mine"), { message = "mine" })
  t:equal(await(it:next()).done, true)
end)

test("an abort ends an interval's loop with AbortError", function(t)
  local c = AbortController()
  local n = 0
  local e = t:throws(function()
    for _ in timers.setInterval(1, nil, { signal = c.signal }):iter() do
      n = n + 1
      if n == 2 then c:abort() end
    end
  end, "ABORT_ERR")
  t:equal(e.cause, c.signal.reason)
  t:equal(n, 2)
  t:rejects(timers.setInterval(1, 1, { signal = c.signal }):next(), "ABORT_ERR")
end)

test("an interval whose loop was left stops when collected", function(t)
  local base = internal.active()
  async(function() for _ in timers.setInterval(1):iter() do break end end)
  for _ = 1, 50 do
    await(lunode.sleep(2))
    collectgarbage()
    if internal.active() == base then break end
  end
  t:equal(internal.active(), base)
end)

test("the scheduler waits and yields", function(t)
  await(timers.scheduler.wait(1))
  await(timers.scheduler.yield())
  local c = AbortController()
  c:abort()
  t:rejects(timers.scheduler.wait(1000, { signal = c.signal }), "ABORT_ERR")
end)
