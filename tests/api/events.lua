-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local events = require "events"
local lunode = require "lunode"
local errors = require "lunode.internal.errors"
local await, async, Error = lunode.await, lunode.async, lunode.Error

local function record()
  local out = {}
  return out, function(name) return function(...) out[#out + 1] = name .. ":" .. table.concat({ ... }, ",") end end
end

test("the module is the EventEmitter class, callable and extensible", function(t)
  t:equal(events.EventEmitter, events)
  t:ok(events.EventEmitter:is(events()))
  local Sub = events:extend "Sub"
  local seen
  function Sub:on(name, fn) seen = name return events.prototype.on(self, name, fn) end
  local s = Sub()
  s:once("x", function() end)
  t:equal(seen, "x", "once goes through an overridden on")
  t:equal(events.usingDomains, false)
end)

test("listeners run in order, with all arguments, nil ones too, and emit says whether there were any", function(t)
  local out, say = record()
  local e = events()
  t:equal(e:emit "x", false)
  e:on("x", say "a"):addListener("x", say "b"):prependListener("x", say "c")
  t:equal(e:emit("x", 1, 2, 3, 4, 5), true)
  t:deep(out, { "c:1,2,3,4,5", "a:1,2,3,4,5", "b:1,2,3,4,5" })
  for n = 0, 6 do
    local count
    local f = events()
    f:on("y", function(...) count = select("#", ...) end)
    f:emit("y", unpack({}, 1, n))
    t:equal(count, n)
    f:on("y", function() end)
    f:emit("y", unpack({}, 1, n))
    t:equal(count, n)
    count = nil
    f:removeAllListeners "y"
    f:once("y", function(...) count = select("#", ...) end)
    f:emit("y", unpack({}, 1, n))
    t:equal(count, n)
  end
end)

test("objects whose initialize never ran, and mixed-in prototypes, are emitters", function(t)
  local raw = setmetatable({}, events.meta)
  raw:on("x", t:called())
  t:equal(raw:emit "x", true)
  local bare = setmetatable({}, { __index = events.prototype })
  t:equal(bare:listenerCount "x", 0)
  t:deep(bare:eventNames(), {})
  t:deep(bare:listeners "x", {})
  t:equal(bare:off("x", print), bare)
  t:equal(bare:removeAllListeners(), bare)
  bare:on("x", t:called())
  bare:emit "x"
  -- An emitter as prototype: initialize gives the heir its own listeners.
  local parent = events()
  parent:on("x", t:never())
  local heir = setmetatable({}, { __index = parent })
  events.init(heir)
  t:equal(heir:emit "x", false)
end)

test("a once listener is off before it runs, and counts as itself", function(t)
  local e = events()
  local n = 0
  local function f() n = n + 1 if n < 3 then e:emit "x" end end
  e:once("x", f)
  t:equal(e:listenerCount("x", f), 1)
  e:emit "x"
  t:equal(n, 1)
  e:once("x", f)
  e:off("x", f)
  t:equal(e:emit "x", false)
  e:once("x", f)
  e:once("x", f)
  e:emit "x"
  t:equal(n, 3)
  t:equal(e:listenerCount "x", 0)
end)

test("rawListeners gives once records that can be called, once", function(t)
  local e = events()
  local f = t:called(function(a) t:equal(a, 7) end)
  e:once("x", f)
  local raw = e:rawListeners "x"
  t:equal(#raw, 1)
  t:equal(raw[1].listener, f)
  raw[1](7)
  raw[1](8)
  t:equal(e:listenerCount "x", 0)
  t:equal(e:listeners("x")[1], nil)
end)

test("what changes during an emit counts from the next one", function(t)
  local out, say = record()
  local e = events()
  local b, c = say "b", say "c"
  e:on("x", function() e:off("x", b) e:on("x", c) end)
  e:on("x", b)
  e:emit "x"
  t:deep(out, { "b:" })
  e:emit "x"
  t:deep(out, { "b:", "c:" })
  -- The same when the walk before ended in an error.
  local f = events()
  f:on("y", function() error("stop", 0) end)
  f:on("y", b)
  f:on("y", c)
  t:throws(function() f:emit "y" end, "stop")
  f:off("y", b)
  t:equal(f:listenerCount "y", 2)
  f:removeAllListeners "y"
  f:on("y", b)
  f:on("y", c)
  f:emit "y"
  t:deep(out, { "b:", "c:", "b:", "c:" })
end)

test("removing takes the newest, from any place", function(t)
  local out, say = record()
  local a, b, c = say "a", say "b", say "c"
  for _, gone in ipairs { 1, 2, 3 } do
    local e = events()
    local list = { a, b, c }
    for _, f in ipairs(list) do e:on("x", f) end
    e:removeListener("x", list[gone])
    table.remove(list, gone)
    t:deep(e:listeners "x", list)
    e:off("x", list[1])
    t:deep(e:listeners "x", { list[2] })
    e:off("x", list[2])
    t:deep(e:eventNames(), {})
  end
  local e = events()
  e:on("x", a) e:on("x", b) e:on("x", a)
  e:off("x", a)
  t:deep(e:listeners "x", { a, b })
  t:equal(#out, 0)
end)

test("newListener comes before the adding, removeListener after the removal", function(t)
  local log = {}
  local e = events()
  local function f() end
  e:on("newListener", function(name, fn) log[#log + 1] = "+" .. name .. e:listenerCount(name) .. tostring(fn == f) end)
  e:on("removeListener", function(name, fn) log[#log + 1] = "-" .. name .. e:listenerCount(name) .. tostring(fn == f) end)
  e:once("x", f)
  e:off("x", f)
  e:on("x", f) e:once("x", f)
  e:removeAllListeners "x"
  t:deep(log, { "+removeListener0false", "+x0true", "-x0true", "+x0true", "+x1true", "-x1true", "-x0true" })
  log = {}
  e:on("y", f)
  e:removeAllListeners()
  t:deep(log, { "+y0true", "-newListener0false", "-y0true" })
  t:deep(e:eventNames(), {})
end)

test("eventNames keeps the order of coming, with symbols", function(t)
  local symbols = require "lunode.internal.symbols"
  local s = symbols.new "s"
  local e = events()
  local function f() end
  for _, name in ipairs { "one", s, "two", "three" } do e:on(name, f) end
  e:off(s, f)
  e:on("one", f)
  e:on(s, f)
  t:deep(e:eventNames(), { "one", "two", "three", s })
end)

test("an error event without a listener raises it, or wraps what is no error", function(t)
  local e = events()
  local own = lunode.RangeError "own"
  t:equal(t:throws(function() e:emit("error", own) end, "RangeError"), own)
  local wrapped = t:throws(function() e:emit("error", "text") end, "ERR_UNHANDLED_ERROR")
  t:equal(wrapped.message, "Unhandled error. ('text')")
  t:equal(wrapped.context, "text")
  t:equal(t:throws(function() e:emit "error" end, "ERR_UNHANDLED_ERROR").message, "Unhandled error. (undefined)")
  e:on(events.errorMonitor, t:called(function(x) t:equal(x, own) end, 2))
  t:throws(function() e:emit("error", own) end, "RangeError")
  e:on("error", t:called(function(x) t:equal(x, own) end))
  t:equal(e:emit("error", own), true)
end)

test("wrong arguments raise Node's errors", function(t)
  local e = events()
  for _, method in ipairs { "on", "addListener", "once", "prependListener", "prependOnceListener", "off", "removeListener" } do
    local err = t:throws(function() e[method](e, "x", 5) end, "ERR_INVALID_ARG_TYPE")
    t:equal(err.message, 'The "listener" argument must be of type function. Received type number (5)')
  end
  t:throws(function() e:setMaxListeners(-1) end, "ERR_OUT_OF_RANGE")
  t:throws(function() e:setMaxListeners "many" end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() events.defaultMaxListeners = -1 end, "ERR_OUT_OF_RANGE")
  t:throws(function() events.captureRejections = 1 end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() events { captureRejections = 1 } end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() events.getEventListeners({}, "x") end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() events.setMaxListeners(1, {}) end, "ERR_INVALID_ARG_TYPE")
end)

test("too many listeners are warned of once for each name", function(t)
  local e = events()
  e:setMaxListeners(2)
  t:equal(e:getMaxListeners(), 2)
  t:equal(events.getMaxListeners(e), 2)
  local warnings = {}
  local function note(w) if w.emitter == e then warnings[#warnings + 1] = w end end
  process:on("warning", note)
  for _ = 1, 5 do e:on("x", function() end) end
  await(lunode.sleep(1))
  process:off("warning", note)
  t:equal(#warnings, 1)
  local w = warnings[1]
  t:equal(w.name, "MaxListenersExceededWarning")
  t:equal(w.count, 3)
  t:equal(w.type, "x")
  t:equal(w.message, "Possible EventEmitter memory leak detected. 3 x listeners added to [EventEmitter]. MaxListeners is 2. Use emitter.setMaxListeners() to increase limit")
end)

test("the default limit, and setMaxListeners for many at once", function(t)
  t:equal(events.defaultMaxListeners, 10)
  local a, b = events(), events()
  events.setMaxListeners(3, a, b)
  t:equal(a:getMaxListeners() + b:getMaxListeners(), 6)
  events.setMaxListeners(12)
  t:equal(events.defaultMaxListeners, 12)
  events.defaultMaxListeners = 10
  t:equal(events():getMaxListeners(), 10)
end)

test("statics that ask", function(t)
  local e = events()
  local function f() end
  e:on("x", f)
  t:equal(events.listenerCount(e, "x"), 1)
  t:deep(events.getEventListeners(e, "x"), { f })
end)

test("captured rejections become error events, or go to the object's own handler", function(t)
  local e = events { captureRejections = true }
  e:on("x", function() return async(function() error(Error "late") end) end)
  e:on("error", t:called(function(err) t:equal(err.message, "late") end))
  e:emit "x"
  local own = events { captureRejections = true }
  own[events.captureRejectionSymbol] = t:called(function(self, err, name, a, b)
    t:equal(self, own) t:equal(err.message, "mine") t:equal(name, "y") t:equal(a, 1) t:equal(b, 2)
  end)
  own:on("y", function() return lunode.Promise.reject(Error "mine") end)
  own:on("y", function() end)
  own:emit("y", 1, 2)
  events.captureRejections = true
  local third = events()
  events.captureRejections = false
  third:once("z", function() return lunode.Promise.reject(Error "third") end)
  third:on("error", t:called(function(err) t:equal(err.message, "third") end))
  third:emit "z"
end)

test("events.once resolves with the arguments", function(t)
  local e = events()
  setImmediate(function() e:emit("x", 1, nil, 3) end)
  local list = await(events.once(e, "x"))
  t:equal(list.n, 3) t:equal(list[1], 1) t:equal(list[3], 3)
  t:deep(e:eventNames(), {})
  setImmediate(function() e:emit("error", Error "no") end)
  t:rejects(events.once(e, "x"), { message = "no" })
  t:deep(e:eventNames(), {})
  setImmediate(function() e:emit("error", Error "wanted") end)
  t:equal(await(events.once(e, "error"))[1].message, "wanted")
end)

test("events.once can be aborted", function(t)
  local e = events()
  local c = AbortController()
  local p = events.once(e, "x", { signal = c.signal })
  c:abort()
  local err = t:rejects(p, { code = "ABORT_ERR", name = "AbortError" })
  t:equal(err.cause, c.signal.reason)
  t:deep(e:eventNames(), {})
  t:rejects(events.once(e, "x", { signal = c.signal }), "ABORT_ERR")
  t:rejects(events.once(e, "x", { signal = {} }), "ERR_INVALID_ARG_TYPE")
  t:rejects(events.once({}, "x"), "ERR_INVALID_ARG_TYPE")
end)

test("events.on gives every event, in a loop, until one of the closing ones", function(t)
  local e = events()
  setImmediate(function() e:emit("x", 1, "a") e:emit "x" e:emit("x", nil, "c") e:emit "over" e:emit("x", 9) end)
  local out = {}
  for a, b in events.on(e, "x", { close = { "over" } }):iter() do out[#out + 1] = tostring(a) .. tostring(b) end
  t:deep(out, { "1a", "nullnil", "nullc" })
  t:deep(e:eventNames(), {})
end)

test("events.on: next, return, throw, errors, abort", function(t)
  local e = events()
  local it = events.on(e, "x")
  local p1, p2 = it:next(), it:next()
  e:emit("x", 1) e:emit("x", 2) e:emit("x", 3)
  t:equal(await(p1).value[1], 1)
  t:equal(await(p2).value[1], 2)
  local r = await(it:next())
  t:equal(r.value[1], 3) t:equal(r.done, false)
  local waiting = it:next()
  t:equal(await(it["return"](it)).done, true)
  t:equal(await(waiting).done, true)
  t:equal(await(it:next()).done, true)
  t:deep(e:eventNames(), {})

  it = events.on(e, "x")
  e:emit("x", "first")
  e:emit("error", Error "bad")
  t:equal(await(it:next()).value[1], "first")
  t:rejects(it:next(), { message = "bad" })
  t:equal(await(it:next()).done, true)

  it = events.on(e, "x")
  t:throws(function() it:throw(5) end, "ERR_INVALID_ARG_TYPE")
  it:throw(Error "thrown")
  t:rejects(it:next(), { message = "thrown" })

  local c = AbortController()
  it = events.on(e, "x", { signal = c.signal })
  local p = it:next()
  c:abort()
  t:rejects(p, "ABORT_ERR")
  t:throws(function() events.on(e, "x", { signal = c.signal }) end, "ABORT_ERR")
  t:deep(e:eventNames(), {})
end)

test("events.on pauses and resumes its emitter at the marks", function(t)
  local e = events()
  local log = {}
  function e:pause() log[#log + 1] = "pause" end
  function e:resume() log[#log + 1] = "resume" end
  local it = events.on(e, "x", { highWaterMark = 2, lowWaterMark = 1 })
  for i = 1, 4 do e:emit("x", i) end
  t:deep(log, { "pause" })
  for _ = 1, 4 do await(it:next()) end
  t:deep(log, { "pause", "resume" })
  t:throws(function() events.on(e, "x", { highWaterMark = 0 }) end, "ERR_OUT_OF_RANGE")
end)

test("a loop over events.on that was left takes its listeners off when collected", function(t)
  local e = events()
  setImmediate(function() e:emit("x", 1) end)
  async(function()
    for a in events.on(e, "x"):iter() do t:equal(a, 1) break end
  end)
  await(lunode.sleep(5))
  for _ = 1, 20 do collectgarbage() await(lunode.sleep(1)) if e:listenerCount "x" == 0 then break end end
  t:equal(e:listenerCount "x", 0)
end)

test("addAbortListener calls once, at once when aborted already, and can be taken back", function(t)
  local c = AbortController()
  c.signal:addEventListener("abort", function(ev) ev:stopImmediatePropagation() end)
  c.signal:addEventListener("abort", t:never())
  events.addAbortListener(c.signal, t:called(function(ev) t:equal(ev.type, "abort") end))
  events.addAbortListener(c.signal, t:never()):dispose()
  c:abort()
  events.addAbortListener(c.signal, t:called())
  t:throws(function() events.addAbortListener(nil, print) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() events.addAbortListener(c.signal, 1) end, "ERR_INVALID_ARG_TYPE")
end)

test("functions that want `this` get the emitter, whatever kind of listener they are", function(t)
  local door = require "lunode.internal.validators".door
  local js = {}
  door.wants_this = function(fn) return js[fn] end
  local e = events()
  local seen = {}
  local function f(self, a) seen[#seen + 1] = self == e and a end
  js[f] = true
  e:on("x", f)
  e:emit("x", 1)
  e:once("x", f)
  e:on("x", function(a) seen[#seen + 1] = a end)
  e:emit("x", 2)
  door.wants_this = nil
  t:deep(seen, { 1, 2, 2, 2 })
end)

test("an error listener that raises, and errors in listeners, reach the caller of emit", function(t)
  local e = events()
  e:on("x", function() error(errors.TypeError "inner") end)
  e:on("x", t:never())
  t:throws(function() e:emit "x" end, "TypeError")
end)
