-- SPDX-License-Identifier: MIT
--
-- What an object lists: Object.keys and its kin, Object.assign, spread, rest properties, for-in.
--
-- Most objects that are listed are plain: all they have are ordinary properties under names. Their names are their shape's, in its order, and
-- their values lie in the raw table. For all others own_keys and get_own are asked.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, next, select = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset, L.next, L.select
local new_table = L.require "table.new"

local null, own_keys, get_own, keys_of, pos_of, store, root_of = rt.null, rt.own_keys, rt.get_own, rt.keys_of, rt.pos_of, rt.store, rt.root_of
local shape_changes, add_key, key_value, new_array, none = rt.shape_changes, rt.add_key, rt.key_value, rt.new_array, rt.none

-- The names of a shape that several objects have; false where one is no name.
local function names_of(mt)
  local keys = keys_of(mt)
  for i = 1, mt.n do
    if type(keys[i]) ~= "string" then
      mt.listed = false
      return false
    end
  end
  mt.listed = keys
  return keys
end

-- The names of a dictionary as they are now.
local function own_names(mt)
  local keys, list, n = mt.keys, {}, 0
  for i = 1, mt.n do
    local k = keys[i]
    if type(k) == "string" then
      n = n + 1
      list[n] = k
    elseif type(k) == "number" then
      return nil
    end
  end
  return list, n
end

local function has_index(t)
  for k in next, t do
    if type(k) == "number" then return true end
  end
  return false
end

-- The names of a plain object, not to be changed, and how many they are; nil of any other object.
local function plain_names(t)
  local mt = getmetatable(t)
  if mt == nil or mt.n == nil or mt.exotic or mt.special or mt.bits or mt.indices or mt.host or type(mt.class) == "string" then return nil end
  if has_index(t) then return nil end
  if mt.own then return own_names(mt) end
  local names = mt.listed
  if names == nil then names = names_of(mt) end
  if not names then return nil end
  return names, mt.n
end

rt.plain_names = plain_names

-- Has no prototype from p on anything that for-in would list? Kept in the first one's shape for as long as no prototype changes.
local function look_for_listed(first)
  local p = first
  while p ~= nil do
    local t = store(p)
    local mt = getmetatable(t)
    if mt.host or mt.exotic and p ~= rt.ArrayPrototype or has_index(t) then return false end
    local keys = own_keys(p)
    for i = 1, #keys do
      local k = keys[i]
      if type(k) ~= "table" then
        local d = get_own(p, k)
        if d and d.bits % 4 >= 2 then return false end
      end
    end
    p = mt.proto
  end
  getmetatable(store(first)).lists_nothing = shape_changes()
  return true
end
local function lists_nothing(p)
  return p == nil or getmetatable(store(p)).lists_nothing == shape_changes() or look_for_listed(p)
end

-- ---- Object.keys, values, entries

local function array_of(n)
  local list = new_table(n, 1)
  list.length = n
  return list
end

-- Own enumerable string keys, mapped by what.
local function enumerate(o, what)
  o = rt.toobject(o)
  local keys, list, n = own_keys(o), {}, 0
  for i = 1, #keys do
    local k = keys[i]
    if type(k) ~= "table" then
      local d = get_own(o, k)
      if d and d.bits % 4 >= 2 then
        n = n + 1
        if what == "keys" then list[n] = key_value(k)
        elseif what == "values" then list[n] = o[k]
        else list[n] = new_array({ key_value(k), o[k] }, 2) end
      end
    end
  end
  return new_array(list, n)
end

function rt.object_keys(_, o)
  if type(o) == "table" then
    if getmetatable(o) == rt.array then -- nothing but elements
      local n = o.length
      local list = array_of(n)
      for i = 1, n do list[i] = key_value(i) end
      return setmetatable(list, rt.array), none()
    end
    local names, n = plain_names(o)
    if names then
      local list = array_of(n)
      for i = 1, n do list[i] = names[i] end
      return setmetatable(list, rt.array), none()
    end
  end
  return (enumerate(o, "keys"))
end

function rt.object_values(_, o)
  if type(o) == "table" then
    local names, n = plain_names(o)
    if names then
      local list = array_of(n)
      for i = 1, n do list[i] = rawget(o, names[i]) end
      return setmetatable(list, rt.array), none()
    end
  end
  return (enumerate(o, "values"))
end

function rt.object_entries(_, o)
  if type(o) == "table" then
    local names, n = plain_names(o)
    if names then
      local list, array = array_of(n), rt.array
      for i = 1, n do
        local k = names[i]
        list[i] = setmetatable({ k, rawget(o, k), length = 2 }, array)
      end
      return setmetatable(list, array), none()
    end
  end
  return (enumerate(o, "entries"))
end

-- ---- Object.assign

local function assign_value(o, k, v)
  if type(o) == "table" then
    local mt = getmetatable(o)
    if mt.__newindex == add_key and not mt.guarded and v ~= nil then -- no prototype is in the way
      if rawget(o, k) ~= nil then rawset(o, k, v) else add_key(o, k, v) end
      return
    end
  end
  if not rt.set(o, k, v, o, true) then
    rt.type_error("Cannot assign to read only property '" .. rt.key_text(k) .. "' of object '" .. rt.brief(o) .. "'")
  end
end

local function assign_from(o, from)
  if from == nil or from == null then return end
  if type(from) == "table" then
    local names, n = plain_names(from)
    if names then
      local mt = getmetatable(from)
      for i = 1, n do
        local k = names[i]
        local v = rawget(from, k)
        if v == nil or getmetatable(from) ~= mt or mt.own then -- a setter of o's may have changed it
          local d = get_own(from, k)
          if d and d.bits % 4 >= 2 then assign_value(o, k, from[k]) end
        else
          assign_value(o, k, v)
        end
      end
      return
    end
  end
  from = rt.toobject(from)
  local keys = own_keys(from)
  for i = 1, #keys do
    local k = keys[i]
    local d = get_own(from, k)
    if d and d.bits % 4 >= 2 then assign_value(o, k, from[k]) end
  end
end

-- With more arguments than Lua can pass.
local function long_assign(o, list, n)
  for i = 1, n do assign_from(o, list[i]) end
  return o
end

function rt.object_assign(_, o, ...)
  local a, b = ...
  local n = select("#", ...)
  o = rt.toobject(o)
  if n > rt.MANY then return rt.with_list(long_assign, o, ...) end
  assign_from(o, a)
  if n > 1 then assign_from(o, b) end
  for i = 3, n do assign_from(o, (select(i, ...))) end
  return o
end

-- ---- spread and rest properties

-- CopyDataProperties. skip: the keys that are not wanted.
local function copy_own(to, from, skip)
  if from == nil or from == null then return end
  if type(from) == "table" then
    local names, n = plain_names(from)
    if names then
      local mt, was = getmetatable(from), getmetatable(to)
      if not skip and not mt.own and mt.proto == rt.ObjectPrototype and was == root_of(rt.ObjectPrototype) and next(to) == nil then
        setmetatable(to, mt)
        for i = 1, n do
          local k = names[i]
          rawset(to, k, rawget(from, k))
        end
        return
      end
      for i = 1, n do
        local k = names[i]
        if not (skip and skip[k]) then rt.define_data(to, k, rawget(from, k)) end
      end
      return
    end
  end
  from = rt.toobject(from)
  local keys = own_keys(from)
  for i = 1, #keys do
    local k = keys[i]
    if not (skip and skip[k]) then
      local d = get_own(from, k)
      if d and d.bits % 4 >= 2 then rt.define_data(to, k, from[k]) end
    end
  end
end
rt.copy_own = copy_own

function rt.restof(o, ...)
  local a, b, c = ...
  local m = select("#", ...)
  if o == nil or o == null then rt.type_error("Cannot destructure '" .. rt.text(o) .. "' as it is " .. rt.text(o) .. ".") end
  local r = rt.object_of(rt.ObjectPrototype)
  if m <= 3 and type(o) == "table" then
    local names, n = plain_names(o)
    if names then
      for i = 1, n do
        local k = names[i]
        if k ~= a and k ~= b and k ~= c then rt.define_data(r, k, rawget(o, k)) end
      end
      return r
    end
  end
  local skip = {}
  for i = 1, m do skip[(select(i, ...))] = true end
  copy_own(r, o, skip)
  return r
end

-- ---- for-in

-- Of a plain object over prototypes that list nothing: what is still there is listed.
local function plain_step(state)
  local i = state.i + 1
  state.i = i
  if i > state.n then return nil end
  local k, o, shape = state.names[i], state.o, state.shape
  if getmetatable(o) == shape then
    if not shape.own or pos_of(shape)[k] then return k, none() end
  elseif get_own(o, k) then
    return k, none()
  end
  return plain_step(state)
end

local function element_step(state)
  local i = state.i + 1
  state.i = i
  local a = state.o
  if i > state.n then return nil end
  if rawget(a, i) ~= nil or get_own(a, i) then return key_value(i), none() end
  return element_step(state)
end

local function key_step(state)
  local list = state.list
  while true do
    local i = state.i + 1
    state.i = i
    local k = list[i]
    if k == nil then return nil end
    if k ~= false then
      local o = state.owner[i]
      if get_own(o, k) then return key_value(k) end
    end
  end
end

local function all_keys(o)
  local list, owner, n, seen = {}, {}, 0, nil
  if o ~= nil and o ~= null then
    o = rt.toobject(o)
    local first = true
    local p = o
    while p ~= nil do
      local keys = own_keys(p)
      local up = rt.proto_of(p)
      if first and up ~= nil then seen = {} end
      for i = 1, #keys do
        local k = keys[i]
        if type(k) ~= "table" and not (seen and seen[k]) then
          local d = get_own(p, k)
          if d then
            if seen then seen[k] = true end
            if d.bits % 4 >= 2 then
              n = n + 1
              list[n], owner[n] = k, p
            end
          end
        end
      end
      first = false
      p = up
      if lists_nothing(p) then break end
    end
  end
  return key_step, { list = list, owner = owner, i = 0 }
end

function rt.keys(o)
  if type(o) == "table" then
    local mt = getmetatable(o)
    if mt == rt.array then
      if lists_nothing(mt.proto) then return element_step, { o = o, i = 0, n = o.length } end
    elseif not mt.exotic and lists_nothing(mt.proto) then
      local names, n = plain_names(o)
      if names then return plain_step, { o = o, i = 0, names = names, n = n, shape = mt } end
    end
  end
  return all_keys(o)
end
