-- SPDX-License-Identifier: MIT
--
-- Exceptions: throw, try, catch; LuaJIT's own messages in V8's words; the Error classes, which are those of lua/internal/errors.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, pairs, select, error, xpcall, pcall = L.type, L.getmetatable, L.setmetatable, L.rawget,
  L.rawset, L.pairs, L.select, L.error, L.xpcall, L.pcall
local match, find, gmatch, sub = L.string.match, L.string.find, L.string.gmatch, L.string.sub
local getinfo, getfenv = L.debug.getinfo, L.getfenv
local frames = rt.frames
local errors = L.require "lunode.internal.errors"
local null, put, store, own_shape = rt.null, rt.put, rt.store, rt.own_shape
local native, native_constructor = rt.native, rt.native_constructor

-- ---- the classes

local prototypes, functions = {}, {}
rt.error_prototypes = prototypes

-- Makes a class of lua/ one of JavaScript's: its prototype gets a shape of its own, the shape of its instances a place among ours.
local function adopt(class, parent_proto)
  local P = class.prototype
  local fields = {}
  for k, v in L.next, P do fields[k] = v end
  setmetatable(P, own_shape(parent_proto))
  local mt = getmetatable(P)
  for k in pairs(fields) do
    if k ~= "initialize" and k ~= "constructor" then
      rt.own_add(mt, k)
      mt.bits = mt.bits or {}
      mt.bits[k] = 5
    end
  end
  local shape = class.meta
  mt.extra, mt.host = { __tostring = shape.__tostring }, true
  shape.n, shape.keys, shape.pos, shape.next, shape.served, shape.class = 0, {}, {}, {}, nil, "Error"
  rt.connect(shape, P)
  rt.dress(shape)
  rt.settle(shape)
  mt.root = shape
  return P
end

local Error = errors.Error
local stack_get, stack_set = Error.meta.getters.stack, Error.meta.setters.stack

local function message_shape(proto)
  local up = getmetatable(proto)
  local shape = up.message_shape
  if not shape then
    local root = rt.root_of(proto)
    shape = rt.grow(root, "message")
    root.next.message = nil -- an ordinary assignment makes an enumerable one
    shape.bits = { message = 5 }
    shape.class = "Error"
    up.message_shape = shape
  end
  return shape
end

local function make(proto, message, target)
  local taken = frames(target, 0) -- of a subclass's error only what stands below its constructor
  if target and taken.n == 0 then taken = frames(nil, 0) end
  if message ~= nil then
    return (setmetatable({ message = rt.text(message), _trace = "", _frames = taken }, message_shape(proto)))
  end
  local root = rt.root_of(proto)
  root.class = "Error"
  return (setmetatable({ _trace = "", _frames = taken }, root))
end

local function add_cause(o, options)
  if rt.is_object(options) and rt.has_property(options, "cause") then rt.hide(o, "cause", options.cause) end
end

local function define_error(name, class, parent)
  local P = adopt(class, parent and prototypes[parent] or rt.ObjectPrototype)
  prototypes[name] = P
  local function call(this, message, options)
    local o = make(P, message)
    add_cause(o, options)
    return o
  end
  local function construct(target, message, options)
    local proto = rt.target_prototype(target)
    if not rt.is_object(proto) then proto = P end
    local o = make(proto, message, target ~= functions[name] and target or nil)
    add_cause(o, options)
    return o
  end
  if name == "AggregateError" then
    local function fill(o, list, options)
      add_cause(o, options)
      rt.hide(o, "errors", rt.flatten("1", list))
      return o
    end
    call = function(this, list, message, options) return fill(make(P, message), list, options) end
    construct = function(target, list, message, options)
      local proto = rt.target_prototype(target)
      if not rt.is_object(proto) then proto = P end
      return fill(make(proto, message), list, options)
    end
  end
  rawset(P, "constructor", nil)
  local f = native_constructor(name, name == "AggregateError" and 2 or 1, call, construct, P)
  if parent then rt.set_prototype(f, functions[parent]) end
  rt.hide(P, "name", name)
  rt.hide(P, "message", "")
  functions[name] = f
  rt.hide(rt.global, name, f)
  return f
end

function rt.install_errors()
  define_error("Error", Error)
  local P = prototypes.Error
  rt.own_add(getmetatable(P), "toString")
  rt.hide(P, "toString", native("toString", 0, function(this)
    if not rt.is_object(this) then rt.type_error "Error.prototype.toString requires that 'this' be a JSReceiver" end
    local name, message = this.name, this.message
    name = name == nil and "Error" or rt.text(name)
    message = message == nil and "" or rt.text(message)
    if type(this) == "table" and rawget(this, "_coded") then name = name .. " [" .. rt.text(this.code) .. "]" end
    if name == "" then return message end
    if message == "" then return name end
    return name .. ": " .. message
  end))
  rt.put(P, "stack", { accessor = true, bits = 4, get = native("stack", 0, function(this)
    if not rt.is_object(this) then return nil end
    local taken = type(this) == "table" and rawget(this, "_frames")
    if not taken then return stack_get(this) end
    local text = rt.stack_text(this, taken)
    rt.hide(this, "stack", text)
    return text
  end), set = native("stack", 1, function(this, v) rt.hide(this, "stack", v) end) })
  getmetatable(P).guards = nil
  for _, name in L.ipairs { "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError", "AggregateError" } do
    define_error(name, errors[name], "Error")
  end
  adopt(errors.AbortError, P) -- no global, but its instances are errors: message and cause are not listed
  local F = functions.Error
  rt.global_error = F
  rt.hide(F, "captureStackTrace", native("captureStackTrace", 2, function(_, o, above)
    if not rt.is_object(o) then rt.type_error("Invalid argument") end
    local taken = frames(type(above) == "function" and above or nil, 0)
    local text
    local function get()
      if taken then
        text = rt.stack_text(o, taken)
        taken = nil
      end
      return text
    end
    rt.put(o, "stack", { accessor = true, bits = 4, get = native("stack", 0, get), set = native("stack", 1, function(_, v)
      rt.hide(o, "stack", v)
    end) })
  end))
  F.stackTraceLimit = 10
end

-- An error object by its class's name.
local function new_error(name, message) return make(prototypes[name], message) end
rt.new_error = new_error
function rt.throw_error(name, message) error(make(prototypes[name], message), 0) end
function rt.type_error(message) error(make(prototypes.TypeError, message), 0) end
function rt.range_error(message) error(make(prototypes.RangeError, message), 0) end

-- ---- LuaJIT's messages

local function source_line(place)
  local file, line = match(place, "^(.*):(%d+)$")
  return file and rt.source_line("@" .. (errors.full_names[file] or file), L.tonumber(line)) -- LuaJIT's messages cut long names short
end

-- "o.f" as the source has it, for "f".
local function callee_text(place, name)
  local line = source_line(place)
  if line then
    local quoted = L.string.gsub(name, "%W", "%%%0")
    local found = match(line, "([%w_$%.%]%[]*[%.]" .. quoted .. ")%s*%??%.?%(")
    if found and found ~= "." .. name then return found end
  end
  return name
end

local function translate(e)
  if find(e, "stack overflow", 1, true) or find(e, "too many results to unpack", 1, true) then return new_error("RangeError", "Maximum call stack size exceeded") end
  local place, text = match(e, "^(.-:%d+): (.*)$")
  text = text or e
  local what, name = match(text, "^attempt to call (%w+) '(.-)'")
  if what then
    if what == "method" or what == "field" then name = callee_text(place or "", name) end
    name = L.string.gsub(name, "_%d+$", "")
    return new_error("TypeError", name .. " is not a function")
  end
  if find(text, "^attempt to call") then
    local line = place and source_line(place)
    return new_error("TypeError", (line and match(line, "([%w_$%.%]%[]+)%s*%(") or "value") .. " is not a function")
  end
  if find(text, "^bad argument #%d+ to '.-' %(table overflow%)") or find(text, "not enough memory", 1, true) or find(text, "overflow", 1, true) then
    return new_error("RangeError", "Invalid array length")
  end
  local err = new_error("Error", e)
  if find(e, "^lunode:") then rawget(err, "_frames").internal = true end
  return err
end

-- ---- how a value is described in a message of lua/'s

local function inspected(v, options) return (L.require("lunode.util").inspect(v, options)) end

function errors.foreign(v)
  local t = type(v)
  if t == "function" then
    if L.getfenv(v) ~= rt.global then return nil end
    local name = v.name
    return "function " .. (type(name) == "string" and name or "")
  end
  if t ~= "table" or v == null then return nil end
  local kind = rt.typeof(v)
  if kind ~= "object" then
    local text = inspected(v)
    if #text > 28 then text = sub(text, 1, 25) .. "..." end
    return "type " .. kind .. " (" .. text .. ")"
  end
  if not rt.is_object(v) then return nil end
  local maker = v.constructor
  local name = maker ~= nil and maker ~= null and maker.name
  if type(name) == "string" then return "an instance of " .. name end
  return inspected(v, { depth = -1 })
end

-- ---- throw, try, catch

local THROWN = {} -- metatable of what carries a string, which must not be taken for a message of LuaJIT's
local RETURN = {} -- metatable of a generator's return(): only finally may see it
rt.RETURN = RETURN

-- Where an error is raised: strings are LuaJIT's.
local function on_raise(e)
  if type(e) == "string" then return translate(e) end
  return e
end
rt.on_raise = on_raise

-- What reaches C, where it is raised: the same, of what JavaScript's functions do. Lua's strings stay.
-- After a stack overflow there is room for little: that one is told again when the stack is free.
L.require("lunode.internal.queue").raised = function(e, late)
  local t = type(e)
  if t == "table" then
    if getmetatable(e) == THROWN then return e.value end
    return e
  end
  if t ~= "string" then return e end
  if late or find(e, "stack overflow", 1, true) then return late and new_error("RangeError", "Maximum call stack size exceeded") or e end
  for level = 3, 12 do -- of the function that raised it, or of the one that called what is ours
    local info = getinfo(level, "Sf")
    if not info then return e end
    if info.what ~= "C" and sub(info.source, 1, 8) ~= "@lunode:" then
      if getfenv(info.func) == rt.global then return translate(e) end
      return e
    end
  end
  return e
end

rt.throw = function(v)
  if type(v) == "string" or v == nil then v = setmetatable({ value = v }, THROWN) end
  error(v, 0)
end

-- What was raised as a value of JavaScript; no signal passes.
local function thrown(e)
  local t = type(e)
  if t == "table" then
    if getmetatable(e) == THROWN then return e.value end
    return e
  end
  if t == "string" then return translate(e) end
  return e
end
rt.thrown = thrown

rt.catch = function(e)
  if type(e) == "table" then
    local mt = getmetatable(e)
    if mt == RETURN then error(e, 0) end
    if mt == THROWN then return e.value end
    return e
  end
  if type(e) == "string" then return translate(e) end
  return e
end

-- Iterators that for-of has open, innermost last; each coroutine has its own list.
local open = { n = 0 }
rt.open_iterators = function() return open end
rt.switch_iterators = function(list)
  local was = open
  open = list
  return was
end

local function leave(depth)
  while open.n > depth do
    local n = open.n
    local state = open[n]
    open[n] = nil
    open.n = n - 1
    if not state.busy then rt.close_quietly(state) end
  end
end

local function settle(list, depth, ok, a, b)
  if not ok then
    if open.n > depth then
      -- a generator's return() lets an error of the iterator's through; another error stays itself
      if type(a) == "table" and getmetatable(a) == RETURN then
        while open.n > depth do
          local n = open.n
          local state = open[n]
          open[n] = nil
          open.n = n - 1
          if not state.busy then
            local fine, e = pcall(rt.close, state)
            if not fine then a = e end
          end
        end
      else
        leave(depth)
      end
    end
    return false, a
  end
  return true, a, b
end

-- The rest is what the body is given; the emitter gives seven at the most.
rt.try = function(f, a, b, c, d, e, g, h)
  return settle(open, open.n, xpcall(f, on_raise, a, b, c, d, e, g, h))
end

-- A try's body that is made once.
function rt.keep(bodies, n, f)
  bodies[n] = f
  return f
end

-- For the prelude: calls, and gives whether it went well and what came of it.
function rt.attempt(f, ...)
  return settle(open, open.n, xpcall(f, on_raise, ...))
end

function rt.dead(name) rt.throw_error("ReferenceError", "Cannot access '" .. name .. "' before initialization") end
function rt.missing(name)
  local G = rt.global
  local v = G[name]
  if v == nil and not rt.has_property(G, name) then rt.throw_error("ReferenceError", name .. " is not defined") end
  return v
end
function rt.constant() rt.type_error "Assignment to constant variable." end
function rt.setglobal(name, v)
  local G = rt.global
  if rawget(G, name) == nil and not rt.has_property(G, name) then rt.throw_error("ReferenceError", name .. " is not defined") end
  G[name] = v
end
function rt.declare(name)
  local G = rt.global
  if not rt.has_own(G, name) then
    if rt.in_eval then put(G, name, { bits = 7 }) else put(G, name, { bits = 3 }) end
  end
end
