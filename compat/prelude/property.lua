-- SPDX-License-Identifier: MIT
--
-- Properties: the internal methods of objects (ECMA-262, 10.1), over the shapes of object_model.lua.
-- A descriptor: {value=} or {get=, set=, accessor=true}, with bits.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, pairs, next = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset, L.pairs, L.next
local sort, byte = L.table.sort, L.string.byte
local band, bor, bnot = L.bit.band, L.bit.bor, L.bit.bnot
local store, is_index, keys_of, pos_of = rt.store, rt.is_index, rt.keys_of, rt.pos_of
local to_own, own_add, own_remove, grow, add_key, root_of = rt.to_own, rt.own_add, rt.own_remove, rt.grow, rt.add_key, rt.root_of
local connect, settle, spread_state, forget = rt.connect, rt.settle, rt.spread_state, rt.forget
local forget_found, forget_all_found, inherited = rt.forget_found, rt.forget_all_found, rt.inherited

local W, E, C = 1, 2, 4
local ALL, HIDDEN = 7, 5
local REMOVED, LITERAL_KEYS = rt.REMOVED, rt.LITERAL_KEYS

local function has_index(t, k) -- an index of an ordinary object
  if rawget(t, k) ~= nil then return true end
  local mt = getmetatable(t)
  return (mt.indices and mt.indices[k]) or (mt.special and mt.special[k] ~= nil) or false
end

-- What lua/ has put into an object by rawset becomes properties when somebody asks for them: those of errors in Node's order.
local FIRST = { errno = 1, code = 2, syscall = 3, address = 4, port = 5, path = 6, dest = 7 }
local NOT_ENUMERABLE = { message = true, stack = true, cause = true, errors = true }
local function field_less(a, b)
  local x, y = FIRST[a] or 8, FIRST[b] or 8
  if x ~= y then return x < y end
  return a < b
end
local function adopt_fields(t)
  if rawget(t, "_frames") and rawget(t, "stack") == nil then local _ = t.stack end -- laid out when first read
  local mt = getmetatable(t)
  local pos, unseen = pos_of(mt), mt.unseen
  local list
  for k in next, t do
    if type(k) == "string" and not pos[k] and byte(k) ~= 95 and not (unseen and unseen[k]) then
      list = list or {}
      list[#list + 1] = k
    end
  end
  if not list then return mt end
  sort(list, field_less)
  for i = 1, #list do
    local k = list[i]
    mt = getmetatable(t)
    if mt.class == "Error" and NOT_ENUMERABLE[k] then rt.put(t, k, { value = rawget(t, k), bits = HIDDEN })
    elseif mt.own then own_add(mt, k)
    else setmetatable(t, mt.next[k] or grow(mt, k)) end
  end
  return getmetatable(t)
end

local function is_field(t, mt, k)
  if k == "stack" and type(t) == "table" and rawget(t, "_frames") and rawget(t, "stack") == nil then return true end
  return mt.host and type(k) == "string" and byte(k) ~= 95 and type(t) == "table" and rawget(t, k) ~= nil and not (mt.unseen and mt.unseen[k])
end

-- exotic = { get_own(o, k), define(o, k, d), has(o, k), delete(o, k), keys(o), get_proto, set_proto, prevent } : each may be absent
local function get_own(o, k)
  local t = store(o)
  local mt = getmetatable(t)
  local x = mt.exotic
  if x and x.get_own then return x.get_own(t, k) end
  local special = mt.special
  if special then
    local d = special[k]
    if d then return d end
  end
  if type(t) == "userdata" then return nil end -- of C's
  local v = rawget(t, k)
  if type(k) == "number" and is_index(k) then
    if v == nil and not (mt.indices and mt.indices[k]) then return nil end
  elseif not pos_of(mt)[k] then
    if not is_field(t, mt, k) then return nil end -- a field of Lua's, not a property
    mt = adopt_fields(t)
  end
  local bits = mt.bits
  return { value = v, bits = bits and bits[k] or ALL }
end
rt.get_own = get_own

local function has_own(o, k)
  local t = store(o)
  local mt = getmetatable(t)
  local x = mt.exotic
  if x and x.get_own then return x.get_own(t, k) ~= nil end
  if type(k) == "number" and is_index(k) then return has_index(t, k) end
  return pos_of(mt)[k] ~= nil or is_field(t, mt, k) or false
end
rt.has_own = has_own

local function getproto(o)
  local t = store(o)
  local mt = getmetatable(t)
  if mt == nil then return nil end
  local x = mt.exotic
  if x and x.get_proto then return x.get_proto(t) end
  return mt.proto
end
rt.proto_of = getproto

local function has_property(o, k)
  while o ~= nil do
    local t = store(o)
    local mt = getmetatable(t)
    local x = mt.exotic
    if x and x.has then return x.has(t, k) end
    if has_own(o, k) then return true end
    o = mt.proto
  end
  return false
end
rt.has_property = has_property

-- Puts a property as it is, asking nothing.
local function put(o, k, d)
  local t = store(o)
  local was = getmetatable(t)
  if was and was.rope_key ~= nil then rt.settle_rope(t) end
  local bits = d.bits
  if not d.accessor and bits == ALL and d.value ~= nil then
    local mt = getmetatable(t)
    if not mt.own and not mt.guarded and rawget(t, k) == nil and not pos_of(mt)[k] then
      if type(k) ~= "table" and k ~= "__proto__" then
        add_key(t, k, d.value)
        return
      end
      -- Assigned, these would be looked for along the prototypes: this is a definition.
      if mt.n >= LITERAL_KEYS then
        mt = to_own(t)
        own_add(mt, k)
      else
        setmetatable(t, mt.define_next and mt.define_next[k] or grow(mt, k, true))
      end
      rawset(t, k, d.value)
      return
    end
  end
  local mt = to_own(t)
  mt.touched = true
  if mt.users then forget_found(k) end
  local index = type(k) == "number" and is_index(k)
  if index then
    if d.accessor or d.value == nil or bits ~= ALL then
      mt.indices = mt.indices or {}
      mt.indices[k] = true
    end
  else
    own_add(mt, k)
  end
  local special = mt.special
  if d.accessor or bits % 2 == 0 then
    mt.silent = nil
    if not special then
      special = {}
      mt.special = special
    end
    special[k] = d
    rawset(t, k, nil)
    if mt.bits then mt.bits[k] = nil end
    if d.accessor then mt.accessors = true end
    if type(k) ~= "table" then mt.guards = true end -- symbols' are looked for when a shape learns such a key
    settle(mt)
    spread_state(mt)
    forget(mt)
  else
    if special then special[k] = nil end
    if bits ~= ALL then
      mt.bits = mt.bits or {}
      mt.bits[k] = bits
    elseif mt.bits then
      mt.bits[k] = nil
    end
    rawset(t, k, d.value)
    if d.value == nil and inherited(mt, k) then
      mt.special = special or {}
      mt.special[k] = { bits = bits }
      settle(mt)
    end
  end
end
rt.put = put

local function same_value(a, b)
  if a == b then return a ~= 0 or 1 / a == 1 / b end
  return a ~= a and b ~= b and type(a) == "number" and type(b) == "number"
end
rt.same_value = same_value

-- d: {value, has_value} and/or {get, has_get, set, has_set}; bits with mask saying which of them are given.
-- ValidateAndApplyPropertyDescriptor. Gives false where it is refused.

local function apply_descriptor(o, k, d, current, extensible)
  local mask, given = d.mask or 0, d.bits or 0
  local is_accessor = d.has_get or d.has_set
  if not current then
    if not extensible then return false end
    if is_accessor then put(o, k, { accessor = true, get = d.get, set = d.set, bits = band(given, E + C) })
    else put(o, k, { value = d.value, bits = given }) end
    return true
  end
  local bits = current.bits
  if band(bits, C) == 0 then
    if band(mask, C) ~= 0 and band(given, C) ~= 0 then return false end
    if band(mask, E) ~= 0 and band(given, E) ~= band(bits, E) then return false end
    local generic = not is_accessor and not d.has_value and band(mask, W) == 0
    if not generic then
      if (is_accessor and true or false) ~= (current.accessor or false) then return false end
      if current.accessor then
        if d.has_get and d.get ~= current.get then return false end
        if d.has_set and d.set ~= current.set then return false end
      elseif band(bits, W) == 0 then
        if band(mask, W) ~= 0 and band(given, W) ~= 0 then return false end
        if d.has_value and not same_value(d.value, current.value) then return false end
      end
    end
  end
  local result = bor(band(given, mask), band(bits, bnot(mask)))
  if is_accessor then
    local g, s = current.get, current.set
    if d.has_get then g = d.get end
    if d.has_set then s = d.set end
    put(o, k, { accessor = true, get = g, set = s, bits = band(result, E + C) })
  elseif current.accessor and (d.has_value or band(mask, W) ~= 0) then
    local writable = current.late and band(mask, W) == 0 and W or band(given, mask, W)
    put(o, k, { value = d.value, bits = bor(band(result, E + C), writable) })
  elseif current.accessor then
    put(o, k, { accessor = true, get = current.get, set = current.set, late = current.late, bits = band(result, E + C) })
  else
    local v = current.value
    if d.has_value then v = d.value end
    put(o, k, { value = v, bits = result })
  end
  return true
end
rt.apply_descriptor = apply_descriptor

local function is_extensible(o)
  local t = store(o)
  local mt = getmetatable(t)
  local x = mt.exotic
  if x and x.is_extensible then return x.is_extensible(t) end
  return not mt.sealed
end
rt.is_extensible = is_extensible

local function define_own(o, k, d)
  local t = store(o)
  local mt = getmetatable(t)
  local x = mt.exotic
  if x and x.define then return x.define(t, k, d) end
  return apply_descriptor(o, k, d, get_own(o, k), not mt.sealed)
end
rt.define_own = define_own

-- CreateDataProperty
local DATA = { has_value = true, bits = ALL, mask = ALL }
local function define_data(o, k, v)
  local t = store(o)
  local mt = getmetatable(t)
  if not mt.exotic then
    if not mt.own and not mt.sealed and (v ~= nil or mt.base ~= nil and not inherited(mt, k)) and type(k) ~= "number" and not pos_of(mt)[k] then
      if rawget(t, k) == nil then
        local to = mt.n < LITERAL_KEYS
        if to then
          if mt.guarded or k == "__proto__" then
            to = mt.define_next and mt.define_next[k] or grow(mt, k, true)
          else
            to = mt.next[k] or grow(mt, k)
          end
          setmetatable(t, to)
          rawset(t, k, v)
          return true
        end
      end
    elseif (v ~= nil or mt.base ~= nil and not inherited(mt, k)) and rawget(t, k) ~= nil and not mt.bits then
      if type(k) == "number" or pos_of(mt)[k] then
        rawset(t, k, v)
        return true
      end
    end
  end
  return define_own(o, k, { value = v, has_value = true, bits = ALL, mask = ALL })
end
rt.define_data = define_data

local function delete_own(o, k)
  local t = store(o)
  local mt = getmetatable(t)
  local x = mt.exotic
  if x and x.delete then return x.delete(t, k) end
  return rt.plain_delete(o, k)
end

function rt.plain_delete(o, k)
  local t = store(o)
  local d = get_own(o, k)
  if not d then return true end
  if band(d.bits, C) == 0 then return false end
  local mt = to_own(t)
  mt.touched = true
  if mt.users then forget_found(k) end
  if mt.special then mt.special[k] = nil end
  if mt.bits then mt.bits[k] = nil end
  if mt.indices then mt.indices[k] = nil end
  rawset(t, k, nil)
  if type(k) ~= "number" or not is_index(k) then own_remove(mt, k) end
  return true
end
rt.delete_own = delete_own

-- All own keys in order: indices, strings, symbols. A new list.
local function own_keys(o)
  local t = store(o)
  local mt = getmetatable(t)
  local x = mt.exotic
  if x and x.keys then return x.keys(t) end
  if mt.host and type(t) == "table" then mt = adopt_fields(t) end
  local list, n = {}, 0
  for k in next, t do
    if type(k) == "number" and is_index(k) then
      n = n + 1
      list[n] = k
    end
  end
  if mt.indices then
    for k in pairs(mt.indices) do
      if rawget(t, k) == nil then
        n = n + 1
        list[n] = k
      end
    end
  end
  if n > 1 then sort(list) end
  return rt.add_named_keys(mt, list, n)
end
rt.own_keys = own_keys

function rt.add_named_keys(mt, list, n)
  local keys, symbols = keys_of(mt), false
  for i = 1, mt.n do
    local k = keys[i]
    if type(k) == "string" or type(k) == "number" then
      n = n + 1
      list[n] = k
    elseif k ~= REMOVED then
      symbols = true
    end
  end
  if symbols then
    for i = 1, mt.n do
      local k = keys[i]
      if type(k) == "table" and k ~= REMOVED then
        n = n + 1
        list[n] = k
      end
    end
  end
  return list, n
end

-- False where the object refuses (cycles, not extensible).
local function set_prototype(o, proto)
  local t = store(o)
  local mt = getmetatable(t)
  local x = mt.exotic
  if x and x.set_proto then return x.set_proto(t, proto) end
  if mt.proto == proto then return true end
  if mt.sealed or mt.fixed_proto then return false end
  if type(o) == "function" then rt.forget_allocators() end
  local p = proto
  while p ~= nil do
    if p == o then return false end
    local pm = getmetatable(store(p))
    if pm.exotic and pm.exotic.get_proto then break end
    p = pm.proto
  end
  if not mt.own and mt.n == 0 and not mt.exotic and not mt.array and getmetatable(t) == root_of(mt.proto) then
    setmetatable(t, root_of(proto))
    return true
  end
  if not mt.own and not mt.exotic and not mt.array and not mt.special and not mt.bits and type(mt.class) ~= "string" then
    -- the shape with the same keys over the other prototype
    local to, keys = root_of(proto), keys_of(mt)
    for i = 1, mt.n do
      if to.guarded then to = to.define_next and to.define_next[keys[i]] or grow(to, keys[i], true)
      else to = to.next[keys[i]] or grow(to, keys[i]) end
    end
    setmetatable(t, to)
    return true
  end
  mt = to_own(t)
  mt.root = mt.root
  connect(mt, proto)
  settle(mt)
  -- those that stand on this one see another chain now
  if mt.users then
    forget(mt)
    forget_all_found()
    for user in pairs(mt.users) do
      user.served, user.guarded = mt.served or mt.accessors or false, mt.guarded or mt.guards or false
      settle(user)
    end
    spread_state(mt)
  end
  return true
end
rt.set_prototype = set_prototype

local function prevent_extensions(o)
  local t = store(o)
  local mt = getmetatable(t)
  local x = mt.exotic
  if x and x.prevent then return x.prevent(t) end
  mt = to_own(t)
  mt.sealed = true
  settle(mt)
  return true
end
rt.prevent_extensions = prevent_extensions

-- ---- helpers for the prelude's own definitions

-- define(o, key, value): writable, configurable, not enumerable.
function rt.hide(o, k, v)
  local t = store(o)
  local mt = getmetatable(t)
  if mt.own and v ~= nil and rawget(t, k) == nil and type(k) == "string" and not (mt.special and mt.special[k]) then -- the same, of a new one
    mt.touched = true
    own_add(mt, k)
    local bits = mt.bits
    if not bits then
      bits = {}
      mt.bits = bits
    end
    bits[k] = HIDDEN
    rawset(t, k, v)
    return
  end
  put(o, k, { value = v, bits = HIDDEN })
end
function rt.constant_property(o, k, v) put(o, k, { value = v, bits = 0 }) end
function rt.readonly(o, k, v) put(o, k, { value = v, bits = C }) end
function rt.getter(o, k, get_, set) put(o, k, { accessor = true, get = get_, set = set, bits = C }) end
