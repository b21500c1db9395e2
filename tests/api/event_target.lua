-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local lunode = require "lunode"
local events = require "events"
local targets = require "lunode.internal.event_target"
local DOMException = require "lunode.internal.dom_exception"
local await, Error = lunode.await, lunode.Error
local EventTarget, Event, CustomEvent = targets.EventTarget, targets.Event, targets.CustomEvent

test("an event has the DOM's properties", function(t)
  local e = Event("x", { bubbles = true, cancelable = true, composed = true })
  t:equal(e.type, "x") t:equal(e.bubbles, true) t:equal(e.cancelable, true) t:equal(e.composed, true)
  t:equal(e.target, nil) t:equal(e.currentTarget, nil) t:equal(e.srcElement, nil)
  t:equal(e.eventPhase, Event.NONE) t:equal(e.isTrusted, false) t:equal(type(e.timeStamp), "number")
  t:equal(e.defaultPrevented, false) t:equal(e.returnValue, true) t:equal(e.cancelBubble, false)
  e:preventDefault()
  t:equal(e.defaultPrevented, true) t:equal(e.returnValue, false)
  e.cancelBubble = true
  t:equal(e.cancelBubble, true)
  local plain = Event "y"
  t:equal(plain.bubbles, false)
  plain:preventDefault()
  t:equal(plain.defaultPrevented, false)
  plain:initEvent("z", true, true)
  t:equal(plain.type, "z") t:equal(plain.cancelable, true)
  plain.returnValue = false
  t:equal(plain.defaultPrevented, true)
  t:throws(function() Event() end, "ERR_MISSING_ARGS")
  t:throws(function() Event("x", 5) end, "ERR_INVALID_ARG_TYPE")
  t:equal(CustomEvent("c", { detail = 5 }).detail, 5)
  t:equal(CustomEvent("c", { detail = false }).detail, false)
  t:equal(CustomEvent "c".detail, nil)
  t:ok(Event:is(CustomEvent "c"))
end)

test("dispatch calls functions and handleEvent objects with the event, in order, once each", function(t)
  local out = {}
  local target = EventTarget()
  local function f(e)
    out[#out + 1] = "f"
    t:equal(e.target, target) t:equal(e.currentTarget, target) t:equal(e.eventPhase, Event.AT_TARGET)
    t:deep(e:composedPath(), { target })
  end
  local object = {}
  function object:handleEvent(e) out[#out + 1] = "o" t:equal(self, object) t:equal(e.type, "x") end
  target:addEventListener("x", f)
  target:addEventListener("x", f)
  target:addEventListener("x", object)
  target:addEventListener("x", f, true)
  local e = Event "x"
  t:equal(target:dispatchEvent(e), true)
  t:deep(out, { "f", "o", "f" })
  t:equal(e.target, target) t:equal(e.currentTarget, nil) t:deep(e:composedPath(), {})
  target:removeEventListener("x", f)
  target:removeEventListener("x", object)
  target:removeEventListener("x", f, { capture = true })
  target:removeEventListener("x", f)
  target:dispatchEvent(e)
  t:equal(#out, 3)
end)

test("once, passive and preventDefault", function(t)
  local target = EventTarget()
  target:addEventListener("x", t:called(), { once = true })
  target:dispatchEvent(Event "x")
  target:dispatchEvent(Event "x")
  target:addEventListener("y", function(e) e:preventDefault() end, { passive = true })
  t:equal(target:dispatchEvent(Event("y", { cancelable = true })), true)
  target:addEventListener("y", function(e) e:preventDefault() end)
  t:equal(target:dispatchEvent(Event("y", { cancelable = true })), false)
end)

test("what is added during a dispatch waits for the next; what is removed does not run", function(t)
  local target = EventTarget()
  local n = 0
  local function late() n = n + 1 end
  local gone = t:never()
  target:addEventListener("x", function() target:addEventListener("x", late) target:removeEventListener("x", gone) end)
  target:addEventListener("x", gone)
  target:dispatchEvent(Event "x")
  t:equal(n, 0)
  target:dispatchEvent(Event "x")
  t:equal(n, 1)
end)

test("stopImmediatePropagation stops the rest; an event is not dispatched within itself", function(t)
  local target = EventTarget()
  target:addEventListener("x", function(e)
    t:throws(function() target:dispatchEvent(e) end, "ERR_EVENT_RECURSION")
    e:stopImmediatePropagation()
  end)
  target:addEventListener("x", t:never())
  target:dispatchEvent(Event "x")
end)

test("a signal takes listeners off", function(t)
  local c = AbortController()
  local target = EventTarget()
  target:addEventListener("x", t:never(), { signal = c.signal })
  c:abort()
  target:addEventListener("x", t:never(), { signal = c.signal })
  target:dispatchEvent(Event "x")
  t:throws(function() target:addEventListener("x", print, { signal = 5 }) end, "ERR_INVALID_ARG_TYPE")
end)

test("wrong arguments raise", function(t)
  local target = EventTarget()
  t:throws(function() target:addEventListener "x" end, "ERR_MISSING_ARGS")
  t:throws(function() target:addEventListener("x", 5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() target:addEventListener("x", print, 5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() target:removeEventListener "x" end, "ERR_MISSING_ARGS")
  t:throws(function() target:dispatchEvent() end, "ERR_MISSING_ARGS")
  t:throws(function() target:dispatchEvent { type = "x" } end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() EventTarget.prototype.dispatchEvent({}, Event "x") end, "ERR_INVALID_THIS")
  target:removeEventListener("x", print)
end)

test("errors in listeners are uncaught exceptions of the next tick; the other listeners run", function(t)
  local got = {}
  local old = process:listeners "uncaughtException"
  process:removeAllListeners "uncaughtException"
  process:on("uncaughtException", function(e) got[#got + 1] = type(e) == "table" and e.message or e end)
  local target = EventTarget()
  local ran = false
  target:addEventListener("x", function() error(Error "one") end)
  target:addEventListener("x", function() error("two", 0) end)
  target:addEventListener("x", function() return lunode.Promise.reject(Error "three") end)
  target:addEventListener("x", function() ran = true end)
  target:dispatchEvent(Event "x")
  t:ok(ran)
  t:equal(#got, 0)
  await(lunode.sleep(5))
  process:removeAllListeners "uncaughtException"
  for _, f in ipairs(old) do process:on("uncaughtException", f) end
  t:deep(got, { "one", "two", "three" })
end)

test("handler properties hold one listener, in the place of the first", function(t)
  local Thing = EventTarget:extend "Thing"
  targets.defineHandler(Thing, "x")
  local out = {}
  local thing = Thing()
  t:equal(thing.onx, nil)
  thing.onx = function() out[#out + 1] = "first" end
  thing:addEventListener("x", function() out[#out + 1] = "listener" end)
  local second = function() out[#out + 1] = "second" end
  thing.onx = second
  t:equal(thing.onx, second)
  thing:dispatchEvent(Event "x")
  t:deep(out, { "second", "listener" })
  thing.onx = nil
  t:equal(thing.onx, nil)
  thing:dispatchEvent(Event "x")
  t:deep(out, { "second", "listener", "listener" })
end)

test("the events module works on targets too", function(t)
  local target = EventTarget()
  local function f() end
  target:addEventListener("x", f)
  t:deep(events.getEventListeners(target, "x"), { f })
  t:equal(events.getMaxListeners(target), 10)
  events.setMaxListeners(1, target)
  t:equal(events.getMaxListeners(target), 1)
  process:once("warning", t:called(function(w)
    t:equal(w.name, "MaxListenersExceededWarning") t:equal(w.target, target) t:equal(w.type, "x") t:equal(w.count, 2)
  end))
  target:addEventListener("x", function() end)
  setImmediate(function() target:dispatchEvent(Event "y") end)
  local list = await(events.once(target, "y"))
  t:equal(list[1].type, "y")
  setImmediate(function() target:dispatchEvent(Event "z") end)
  for e in events.on(target, "z"):iter() do t:equal(e.type, "z") break end
end)

test("a nil listener has no effect but a warning", function(t)
  process:once("warning", t:called(function(w) t:equal(w.name, "AddEventListenerArgumentTypeWarning") end))
  EventTarget():addEventListener("x", nil)
end)

test("DOMException has a name and its code", function(t)
  local e = DOMException("text", "AbortError")
  t:equal(e.name, "AbortError") t:equal(e.code, 20) t:equal(e.message, "text") t:equal(tostring(e), "AbortError: text")
  t:equal(DOMException.ABORT_ERR, 20) t:equal(e.TIMEOUT_ERR, 23)
  t:equal(DOMException().name, "Error") t:equal(DOMException().code, 0) t:equal(DOMException().message, "")
  local cause = {}
  local with = DOMException("m", { name = "DataCloneError", cause = cause })
  t:equal(with.code, 25) t:equal(with.cause, cause)
  t:ok(Error:is(e))
end)
