-- SPDX-License-Identifier: MIT
--
-- Classes.
--
--   local Server = class("Server", EventEmitter)
--   function Server:initialize(options) EventEmitter.prototype.initialize(self) … end   the constructor
--   function Server:listen(…) … end            a method, stored in Server.prototype
--   Server.static.create = function(…) … end   a static: called with a dot, inherited by subclasses
--   Server:accessor("listening", get, set)     a property served by get(self), set(self, value)
--   Server.meta.__tostring = …                 a metamethod of the instances (subclasses made later inherit it)
--
--   Server(…) or Server:new(…) makes an instance; Server:extend("Name") a subclass; Server:is(x) asks.
--   Server.prototype, Server.name, Server.super are what they say.
--
-- Assigning a function to a class defines a method, unless the class itself (not its parent) has a static of that name;
-- any other value is a static.
-- A class whose instances are not tables (Buffer) sets its raw field `construct` to function(class, …).
local shape = require "lunode.internal.shape"

local rawget, rawset, setmetatable, type = rawget, rawset, setmetatable, type

local methods = {}
local class_mt = {}
local made = { count = 0 } -- every class, in order: the JavaScript prelude gives them its own face

local function class(name, parent)
  local prototype = {}
  local static = {}
  if parent then
    shape.link(prototype, parent.prototype)
    setmetatable(static, { __index = parent.static })
  end
  local new = {
    name = name,
    super = parent or false,
    prototype = prototype,
    static = static,
    meta = shape.of(prototype),
    construct = parent and rawget(parent, "construct") or nil,
  }
  new.meta.class = new
  new.meta.__name = name
  prototype.constructor = new
  made.count = made.count + 1
  made[made.count] = new
  return setmetatable(new, class_mt)
end

function class_mt.__call(self, ...)
  local construct = rawget(self, "construct")
  if construct then return construct(self, ...) end
  local instance = setmetatable({}, self.meta)
  local initialize = instance.initialize
  if initialize then initialize(instance, ...) end
  return instance
end

function class_mt.__index(self, key)
  local value = rawget(self, "static")[key]
  if value ~= nil then return value end
  return methods[key]
end

function class_mt.__newindex(self, key, value)
  local static = rawget(self, "static")
  if type(value) == "function" and rawget(static, key) == nil then
    rawget(self, "prototype")[key] = value
  else
    static[key] = value
  end
end

function class_mt.__tostring(self) return "[class " .. rawget(self, "name") .. "]" end

methods.new = class_mt.__call

function methods:extend(name) return class(name, self) end

-- True when x's prototype chain passes through this class.
function methods:is(x)
  local t = type(x)
  if t ~= "table" and t ~= "userdata" then return false end
  local wanted, proto = rawget(self, "prototype"), shape.prototype(x)
  while proto do
    if proto == wanted then return true end
    proto = shape.prototype(proto)
  end
  return false
end

function methods:accessor(name, get, set) shape.accessor(rawget(self, "prototype"), name, get, set) end

return setmetatable({
  made = made,
  -- The type first: LuaJIT 2.1.0-beta3 can record getmetatable of a stale stack slot and then crash on the nil that is there.
  is_class = function(x) return type(x) == "table" and getmetatable(x) == class_mt end,
}, { __call = function(_, name, parent) return class(name, parent) end })
