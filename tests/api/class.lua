-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local class = require "lunode.internal.class"
local shape = require "lunode.internal.shape"

test("a class makes instances, by call and by new", function(t)
  local Point = class "Point"
  function Point:initialize(x, y) self.x, self.y = x, y end
  function Point:sum() return self.x + self.y end
  t:equal(Point(1, 2):sum(), 3)
  t:equal(Point:new(3, 4):sum(), 7)
  t:ok(Point:is(Point(1, 2)))
  t:no(Point:is {})
  t:no(Point:is(5))
  t:no(Point:is(nil))
  t:equal(tostring(Point), "[class Point]")
  t:equal(Point(1, 2).constructor, Point)
end)

test("a subclass inherits methods, statics and metamethods", function(t)
  local A = class "A"
  A.meta.__tostring = function(self) return "A:" .. self.v end
  A.static.kind = "a"
  function A.static.make(v) local x = A() x.v = v return x end
  function A:hi() return "hi " .. self.v end
  local B = A:extend "B"
  function B:initialize(v) self.v = v end
  local b = B(5)
  t:equal(b:hi(), "hi 5")
  t:equal(tostring(b), "A:5")
  t:equal(B.kind, "a")
  B.static.kind = "b"
  t:equal(A.kind, "a")
  t:equal(B.kind, "b")
  t:ok(A:is(b))
  t:no(B:is(A.make(1)))
  function A:late() return "late" end
  t:equal(b:late(), "late")
end)

test("a method replaced on a prototype is seen by what exists already", function(t)
  local A = class "A"
  function A:f() return 1 end
  local B = A:extend "B"
  local a, b = A(), B()
  A.prototype.f = function() return 2 end
  t:equal(a:f(), 2)
  t:equal(b:f(), 2)
  function B:f() return 3 end
  t:equal(a:f(), 2)
  t:equal(b:f(), 3)
end)

test("accessors see the instance, in subclasses too, even when declared late", function(t)
  local A = class "A"
  local B = A:extend "B"
  local early = B()
  A:accessor("double", function(self) return self.n * 2 end, function(self, v) self.n = v / 2 end)
  local b = B()
  b.n = 4
  t:equal(b.double, 8)
  b.double = 10
  t:equal(b.n, 5)
  early.n = 1
  t:equal(early.double, 2)
  B:accessor("read_only", function() return "x" end)
  b.read_only = "y"
  t:equal(b.read_only, "x")
  t:equal(rawget(b, "read_only"), nil)
  t:equal(b.none, nil)
end)

test("an instance holds nothing but its own fields", function(t)
  local A = class "A"
  A:accessor("x", function() return 1 end)
  function A:initialize() self.own = true end
  local keys = {}
  for k in pairs(A()) do keys[#keys + 1] = k end
  t:deep(keys, { "own" })
end)

test("another prototype may be given to an instance", function(t)
  local A = class "A"
  function A:f() return "A" end
  local a = A()
  local proto = shape.link({ g = function() return "own" end }, A.prototype)
  setmetatable(a, shape.of(proto))
  t:equal(a:f(), "A")
  t:equal(a:g(), "own")
  t:ok(A:is(a))
end)
