-- SPDX-License-Identifier: MIT
--
-- Shapes: the metatables of instances. One for each prototype, made on first use.
--
--   shape.of(proto)  -> the metatable for objects whose prototype is `proto`
--   shape.accessor(proto, name, get, set)  declares a property served by functions
--   shape.link(proto, parent)  makes `proto` inherit from `parent` (before shape.of(proto))
--   shape.prototype(value)  -> the prototype of a table or userdata made here, or nil
--   shape.list(t), shape.dict(t)  what the library hands out as lists and as objects keyed by name
--   shape.bare(t)  like dict, of an object without a prototype; shape.forget(t, key) takes a key out of one
--   shape.hide(t, key, v)  sets a field which is not among those that are listed (in JavaScript)
--   shape.add(list, v), shape.remove(list, i)  change a list that has been handed out (JavaScript's has a length)
--   shape.keys(t)  the keys of an object in the order in which they are listed: JavaScript's as they were made, else sorted
--   shape.key_text(k)  a key of that list as text (JavaScript's numbers are the index + 1)
--   shape.is_sequence(t)  whether it is one: an array, or a table with elements (JavaScript's objects may have a key 0)
--   shape.ARRAY  metatable that marks a list (also an empty one) for JSON and inspect
--
-- A shape holds: __index, proto, keys (the ordered key list of JavaScript objects; empty for what Lua
-- makes), getters, setters, and metamethods inherited from the parent's shape. Instances made by Lua code
-- store raw fields, nothing hidden among them. A prototype is itself a table whose metatable only links
-- to the parent's prototype: accessors live in the instances' shape, never in the chain, so that they
-- always see the instance.
local M = {}

local shapes = setmetatable({}, { __mode = "k" })
local children = setmetatable({}, { __mode = "k" }) -- proto -> list of shapes derived from it

local function inherit(to, from)
  for k, v in pairs(from) do
    if type(k) == "string" and k:sub(1, 2) == "__" and k ~= "__index" and k ~= "__newindex" and k ~= "__gc" then to[k] = v end
  end
end

-- With accessors: methods first (the chain of plain tables), then getters.
local function serve(sh)
  local proto, getters, setters = sh.proto, sh.getters, sh.setters
  sh.__index = function(self, key)
    local value = proto[key]
    if value ~= nil then return value end
    local get = getters[key]
    if get then return get(self) end
  end
  sh.__newindex = function(self, key, value)
    local set = setters[key]
    if set then return set(self, value) end
    rawset(self, key, value)
  end
  sh.served = true
  for _, child in ipairs(children[proto] or {}) do
    if not child.served then serve(child) end
  end
end

function M.of(proto)
  local sh = shapes[proto]
  if sh then return sh end
  local link = getmetatable(proto)
  local parent_proto = link and link.proto
  local parent = parent_proto and M.of(parent_proto)
  sh = { proto = proto, keys = {}, __index = proto }
  sh.getters = setmetatable({}, { __index = parent and parent.getters })
  sh.setters = setmetatable({}, { __index = parent and parent.setters })
  shapes[proto] = sh
  if parent then
    inherit(sh, parent)
    if parent.is_buffer then sh.is_buffer, sh.__gc = true, parent.__gc end
    if parent.make_index then
      parent.make_index(sh) -- a kind that serves its own keys (Buffer's bytes)
      return sh
    end
    local list = children[parent_proto]
    if not list then
      list = setmetatable({}, { __mode = "v" })
      children[parent_proto] = list
    end
    list[#list + 1] = sh
    if parent.served then serve(sh) end
  end
  return sh
end

function M.link(proto, parent)
  return setmetatable(proto, { __index = parent, proto = parent })
end

-- get(self) and set(self, value); without `set` a write is dropped, as in sloppy JavaScript.
local function drop() end
M.drop = drop
function M.accessor(proto, name, get, set)
  local sh = M.of(proto)
  sh.getters[name] = get
  sh.setters[name] = set or drop
  if not sh.served then serve(sh) end
end

function M.prototype(value)
  local t = type(value)
  if t ~= "table" and t ~= "userdata" then return nil end
  local mt = getmetatable(value)
  return type(mt) == "table" and mt.proto or nil
end

M.ARRAY = { __name = "Array" }

-- While only Lua runs these return the table as it is; the JavaScript prelude replaces the two hooks.
M.make_list, M.make_dict, M.make_integer, M.forget_key, M.put_key = nil, nil, nil, nil, nil
function M.list(t)
  if M.make_list then return M.make_list(t) end
  return t
end
function M.dict(t)
  t = t or {}
  if M.make_dict then return M.make_dict(t) end
  return t
end

function M.bare(t)
  if M.make_dict then return M.make_dict(t or {}, true) end
  return t or {}
end

-- The key under which an emitter's `_events` has its names in order.
M.EVENT_NAMES = { "names" }

-- The `_events` of an emitter. JavaScript's programs look at it: then it is an object, by the metatable `events`.
function M.new_events()
  local events, mt = { [M.EVENT_NAMES] = {} }, M.events
  if mt then return (setmetatable(events, mt)) end
  return events
end

-- A key that may be the text of a number, which JavaScript's objects have as a number.
function M.put(t, key, value)
  if M.put_key then return M.put_key(t, key, value) end
  t[key] = value
end

function M.forget(t, key)
  t[key] = nil
  if M.forget_key then M.forget_key(t, key) end
end

-- A field that is not listed.
function M.hide(t, key, v)
  if M.hide_key then M.hide_key(t, key, v) else t[key] = v end
end

local function sized(list)
  if rawget(list, "length") then rawset(list, "length", #list) end
end

function M.add(list, v)
  local n = #list + 1
  list[n] = v
  if rawget(list, "length") then rawset(list, "length", n) end
end

-- -> the element; the last one where i is nil
function M.remove(list, i)
  local v
  if i then v = table.remove(list, i) else v = table.remove(list) end
  sized(list)
  return v
end

function M.key_text(key)
  if type(key) == "number" and M.put_key then return ("%.0f"):format(key - 1) end
  return key
end

function M.is_sequence(t)
  local mt = getmetatable(t)
  if mt == nil or mt == M.ARRAY then return mt ~= nil or rawget(t, 1) ~= nil end
  return mt.array ~= nil or not mt.ordered and rawget(t, 1) ~= nil
end

local function key_order(a, b)
  local kind = type(a)
  if kind ~= type(b) then return kind == "number" end
  if kind ~= "string" and kind ~= "number" then return tostring(a) < tostring(b) end
  return a < b
end

-- Numbers before names. JavaScript's objects have a function for it in their metatable.
function M.keys(t)
  local mt = getmetatable(t)
  if mt and mt.ordered then return mt.ordered(t) end
  local names, n = {}, 0
  for name in pairs(t) do
    n = n + 1
    names[n] = name
  end
  if n > 1 then table.sort(names, key_order) end
  return names
end

return M
