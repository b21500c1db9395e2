-- SPDX-License-Identifier: MIT
--
-- Objects: properties, prototypes, hidden classes.
--
-- An object is a table whose metatable is its shape. A shape holds
--   proto     the prototype: a table, a function, or nil for none; `base` is the table that holds its properties
--   keys, pos the keys in order of insertion, and where each stands (made when first asked for: see keys_of)
--   next      key -> the shape that one key more leads to
--   own       true: the shape belongs to one object (a dictionary, a prototype, anything with special properties)
--   special   key -> {value=} or {get=, set=, accessor=true}, with bits: properties that must not lie in the raw table, because they are
--             read-only, accessors, or undefined where the prototype has a value
--   bits      key -> attributes of a property in the raw table that are not the usual ones
--   touched   true since a property was defined or deleted: who must know whether any was sets it to nil
--   sealed    true: not extensible
--   host      true: of objects that lua/ fills: names that it begins with "_" are no properties
--   extra     metamethods of lua/'s class, which every shape over its prototype has
--   exotic    functions that answer for the object in place of these (arrays, proxies …): see `exotic` below
-- A property's attributes are a number: 1 writable, 2 enumerable, 4 configurable.
--
-- A key is a Lua key: a number is the index + 1, else a string or a symbol.
--
-- The chain of prototypes is a chain of plain tables (__index) as long as no prototype in it has accessors; from then on the shapes
-- below it are "served": their __index walks. In the same way __newindex is cheap until a prototype has a setter or a read-only property.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, pairs, next, select = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset, L.pairs,
  L.next, L.select
local floor, huge, sort, insert, remove = L.math.floor, L.math.huge, L.table.sort, L.table.insert, L.table.remove
local getinfo, getfenv, byte = L.debug.getinfo, L.getfenv, L.string.byte

local W, E, C = 1, 2, 4
local ALL, HIDDEN = 7, 5
local null, symbol_meta, bigint_meta, null_meta = rt.null, rt.symbol_meta, rt.bigint_meta, getmetatable(rt.null)
local LITERAL_KEYS = 48 -- an object with more keys gets a shape of its own
local MAX_INDEX = 4294967295 -- as a Lua key: of index 2^32 - 2

local new_shape, own_shape, to_own, walk_index, walk_newindex, add_key, own_newindex

-- Metamethods that every shape has (arithmetic; set by convert.lua before the first shape that lasts is made).
local meta = {}
rt.metamethods = meta
-- For lua/ (shape.keys) and src/: the names that are listed.
function meta.ordered(o) return rt.listed_keys(o) end

local function is_index(k) return k >= 1 and k <= MAX_INDEX and k == floor(k) end
rt.is_index = is_index

-- ---- where an object's properties lie

local bags = setmetatable({}, { __mode = "k" }) -- function -> the table of its properties
rt.bags = bags
local make_bag

local function store(o)
  if type(o) == "table" then return o end
  if type(o) == "function" then return bags[o] or make_bag(o) end
  return o -- userdata
end
rt.store = store
function rt.set_bag_maker(f) make_bag = f end

local function is_object(v)
  local t = type(v)
  if t == "table" then
    local mt = getmetatable(v)
    return mt ~= symbol_meta and mt ~= bigint_meta and mt ~= null_meta -- no comparison of v: it would keep the JIT from sinking a new object
  end
  return t == "function" or t == "userdata"
end
rt.is_object = is_object

-- ---- shapes

local function keys_of(mt)
  local keys = mt.keys
  if keys then return keys end
  local n = mt.n
  keys = {}
  local s = mt
  while s.key ~= nil do
    keys[s.n] = s.key
    s = s.parent
  end
  if s.keys then for i = 1, #s.keys do keys[i] = s.keys[i] end end
  mt.keys = keys
  return keys
end

local function pos_of(mt)
  local pos = mt.pos
  if pos then return pos end
  local keys = keys_of(mt)
  pos = {}
  for i = 1, #keys do pos[keys[i]] = i end
  mt.pos = pos
  return pos
end
rt.keys_of, rt.pos_of = keys_of, pos_of

local function dress(mt)
  local extra = mt.extra
  if extra then
    for k, v in pairs(extra) do mt[k] = v end
  end
  for k, v in pairs(meta) do if mt[k] == nil then mt[k] = v end end
  return mt
end

-- What reading through a prototype finds. Every shape over a prototype that has served shapes shares the prototype's table `found`: key -> the
-- table that holds the value, or the getter, or false where there is nothing. It says where, not what: a prototype's property may be written
-- without anybody noticing. What changes a place (a new key, a deletion, an accessor, another prototype) empties all these tables.
local WEAK = { __mode = "v" }
local FOUND_ENTRIES = 16384
local founds_of, entries = {}, 0 -- key -> the tables that have it

local function forget_found(k)
  local list = founds_of[k]
  if not list then return end
  for _, found in next, list do found[k] = nil end
  founds_of[k] = nil
end

local function forget_all_found()
  for k in next, founds_of do forget_found(k) end
  entries = 0
end

local function remember(found, k, place)
  if entries >= FOUND_ENTRIES then forget_all_found() end
  local list = founds_of[k]
  if not list then
    list = setmetatable({}, WEAK)
    founds_of[k] = list
  end
  entries = entries + 1
  list[#list + 1] = found
  found[k] = place
end

-- The chain of prototypes as it concerns one shape. A prototype always has a shape of its own, whose `users` are the shapes over it
-- (weak), among them the own shapes of further prototypes.
local function connect(mt, proto)
  mt.proto = proto
  if proto == nil then
    mt.base, mt.found = nil, nil
    mt.__index, mt.__newindex = nil, nil
    mt.served, mt.guarded = false, false
  else
    local base = store(proto)
    mt.base = base
    local up = getmetatable(base)
    if up and up.rope_key ~= nil then up = rt.settle_rope(base) end
    if not up or not (up.own or up.exotic) then up = to_own(base) end
    local users = up.users
    if not users then
      users = setmetatable({}, { __mode = "k" })
      up.users = users
    end
    users[mt] = true
    local found = up.found_below
    if not found then
      found = {}
      up.found_below = found
    end
    mt.found = found
    mt.extra, mt.host = up.extra, up.host
    mt.served = up.served or up.accessors or up.exotic_index or false
    mt.guarded = up.guarded or up.guards or false
    mt.__index = base
  end
  return mt
end

-- Sets the two metamethods as the shape's state asks for.
local function settle(mt)
  if mt.exotic_index then mt.__index = mt.exotic_index
  elseif mt.served or (mt.special and not mt.silent) then mt.__index = walk_index
  else mt.__index = mt.base end
  if mt.exotic_newindex then mt.__newindex = mt.exotic_newindex
  elseif mt.own then mt.__newindex = own_newindex
  else mt.__newindex = add_key end
end
rt.settle = settle

local function spread_state(mt)
  local users = mt.users
  if not users then return end
  local served = mt.served or mt.accessors or mt.exotic_index or false
  local guarded = mt.guarded or mt.guards or false
  for user in pairs(users) do
    if (served and not user.served) or (guarded and not user.guarded) then
      user.served = user.served or served
      user.guarded = user.guarded or guarded
      settle(user)
      if user.next then
        for _, below in pairs(user.next) do spread_state { users = { [below] = true }, served = served, guarded = guarded } end
        for _, below in pairs(user.define_next or {}) do spread_state { users = { [below] = true }, served = served, guarded = guarded } end
      end
      spread_state(user)
    end
  end
end

-- A prototype was given a read-only property or an accessor: the shapes above it forget which shape a new key leads to.
local function forget_tree(mt)
  mt.alloc = nil
  local next_shapes = mt.next
  if next_shapes and next(next_shapes) ~= nil then
    mt.next = {}
    for _, below in pairs(next_shapes) do forget_tree(below) end
  end
  if mt.define_next then for _, below in pairs(mt.define_next) do forget_tree(below) end end
end
local function forget(mt)
  if not mt.users then return end
  for user in pairs(mt.users) do
    forget_tree(user)
    forget(user)
  end
end

local function successor(mt, n)
  return {
    n = n, next = {}, proto = mt.proto, base = mt.base, found = mt.found, served = mt.served, guarded = mt.guarded,
    exotic = mt.exotic, exotic_index = mt.exotic_index, exotic_newindex = mt.exotic_newindex, exotic_set = mt.exotic_set,
    class = mt.class, array = mt.array, holey = mt.holey, extra = mt.extra, host = mt.host, unseen = mt.unseen, bits = mt.bits, special = mt.special, indices = mt.indices,
  }
end

-- A shape's successor for one key more. `defined`: the key was defined, not assigned; an assignment might meet a setter.
local function grow(mt, k, defined)
  local to = successor(mt, mt.n + 1)
  to.parent, to.key = mt, k
  dress(to)
  settle(to)
  if defined then
    if not mt.define_next then mt.define_next = {} end
    mt.define_next[k] = to
  else
    mt.next[k] = to
  end
  return to
end

-- Element k of o is there, and undefined. Few such elements near the start share a shape with others that have the same, as keys do.
local MARKS, MARKED_INDEX = 8, 32
local function mark(o, k)
  local mt = getmetatable(o)
  if mt.rope_key ~= nil then mt = rt.settle_rope(o) end
  local marks = mt.marks or 0
  if mt.own or mt.users or marks >= MARKS or k > MARKED_INDEX then
    mt = to_own(o)
    mt.indices = mt.indices or {}
    mt.indices[k] = true
    return
  end
  if mt.indices and mt.indices[k] then return end
  local marked = mt.marked
  if not marked then
    marked = {}
    mt.marked = marked
  end
  local to = marked[k]
  if not to then
    to = successor(mt, mt.n)
    to.keys, to.marks, to.indices = keys_of(mt), marks + 1, { [k] = true }
    if mt.indices then for i in pairs(mt.indices) do to.indices[i] = true end end
    dress(to)
    settle(to)
    marked[k] = to
  end
  setmetatable(o, to)
end
rt.mark = mark

-- The shape of an empty object with the prototype.
local plain_null
function new_shape(proto)
  local mt = { n = 0, keys = {}, pos = {}, next = {} }
  connect(mt, proto)
  dress(mt)
  settle(mt)
  return mt
end

-- The one shape of plain objects over `proto`.
local function root_of(proto)
  if proto == nil then
    plain_null = plain_null or new_shape(nil)
    return plain_null
  end
  local base = store(proto)
  local up = getmetatable(base)
  if up and up.rope_key ~= nil then up = rt.settle_rope(base) end
  if not up or not (up.own or up.exotic) then up = to_own(base) end
  local root = up.root
  if not root then
    root = new_shape(proto)
    up.root = root
  end
  return root
end
rt.root_of = root_of

-- A shape for one object.
function own_shape(proto, keys)
  local mt = { own = true, keys = keys or {} }
  mt.n = #mt.keys
  connect(mt, proto)
  dress(mt)
  settle(mt)
  return mt
end
rt.own_shape = own_shape

-- Has a prototype below the shape an accessor or a read-only property of that name?
function rt.has_special(mt, k)
  local base = mt.base
  while base ~= nil do
    local up = getmetatable(base)
    if up.special and up.special[k] or up.exotic_set then return true end
    base = up.base
  end
  return false
end

-- Gives the object a shape of its own, if it has none yet; returns it.
function to_own(o)
  local mt = getmetatable(o)
  if mt and mt.rope_key ~= nil then mt = rt.settle_rope(o) end
  if mt and mt.own then return mt end
  local to
  if mt then
    local keys = keys_of(mt)
    local copy = {}
    for i = 1, #keys do copy[i] = keys[i] end
    to = { own = true, keys = copy, n = #copy, exotic = mt.exotic, exotic_index = mt.exotic_index, exotic_newindex = mt.exotic_newindex,
           exotic_set = mt.exotic_set, class = mt.class, array = mt.array, holey = mt.holey, sealed = mt.sealed }
    if mt.bits then
      to.bits = {}
      for k, v in pairs(mt.bits) do to.bits[k] = v end
    end
    if mt.special then
      to.special = {}
      for k, v in pairs(mt.special) do to.special[k] = v end
    end
    if mt.indices then
      to.indices = {}
      for k in pairs(mt.indices) do to.indices[k] = true end
    end
    connect(to, mt.proto)
    dress(to)
    settle(to)
  else
    to = own_shape(nil)
  end
  setmetatable(o, to)
  return to
end
rt.to_own = to_own

-- ---- keys of an own shape

local function own_add(mt, k)
  local pos = pos_of(mt)
  if pos[k] then return end
  local n = mt.n + 1
  mt.n = n
  mt.keys[n] = k
  pos[k] = n
  if mt.users then forget_found(k) end
end

local REMOVED = {}
local function own_remove(mt, k)
  local pos = pos_of(mt)
  local i = pos[k]
  if not i then return end
  if mt.users then forget_found(k) end
  pos[k] = nil
  local keys, n = mt.keys, mt.n
  if i == n then
    keys[n] = nil
    mt.n = n - 1
    while mt.n > 0 and keys[mt.n] == REMOVED do
      keys[mt.n] = nil
      mt.n = mt.n - 1
    end
    return
  end
  keys[i] = REMOVED
  mt.gone = (mt.gone or 0) + 1
  if mt.gone > 16 and mt.gone * 2 > n then
    local to, m = {}, 0
    for j = 1, n do
      local key = keys[j]
      if key ~= REMOVED then
        m = m + 1
        to[m] = key
        pos[key] = m
      end
    end
    mt.keys, mt.n, mt.gone = to, m, 0
  end
end
rt.own_add = own_add

-- ---- reading through served shapes

-- Walks the prototypes of a shape, and keeps in `found` (when it is given) where the key was. -> the value, or nil and the getter
local function search(mt, k, this, found)
  local t = mt.base
  while t ~= nil do
    local v = rawget(t, k)
    if v ~= nil then
      if found then remember(found, k, t) end
      return v
    end
    local up = getmetatable(t)
    local special = up.special
    if special then
      local d = special[k]
      if d then
        if not d.accessor then
          if found and getmetatable(d) == nil then remember(found, k, { [k] = d.value }) end
          return d.value
        end
        if found then remember(found, k, d.get or false) end
        return nil, d.get
      end
    end
    if up.exotic_get then return (up.exotic_get(t, k, this)) end
    t = up.base
  end
  if found then remember(found, k, false) end
  return nil
end

-- What an object of this shape inherits under k; `this` is what a getter is given.
local function inherit(mt, k, this)
  local found = mt.found
  local place
  if found ~= nil and type(k) ~= "number" then place = found[k] else found = nil end
  if place == false then return nil end
  local v, get
  if type(place) == "function" then get = place
  elseif place ~= nil then v = rawget(place, k) end
  if v ~= nil then return v end
  if get == nil then v, get = search(mt, k, this, place == nil and found) end
  if get then return (get(this)) end
  return v
end

rt.inherit = inherit

local function lookup(o, k, this)
  local mt = getmetatable(o)
  if not mt then return nil end
  local special = mt.special
  if special then
    local d = special[k]
    if d then
      if d.accessor then
        local get = d.get
        if get then return (get(this)) end
        return nil
      end
      return d.value
    end
  end
  if mt.exotic_get then return (mt.exotic_get(o, k, this)) end
  return (inherit(mt, k, this))
end
rt.lookup = lookup

function walk_index(o, k)
  local mt = getmetatable(o)
  if type(k) == "number" then
    if not is_index(k) then
      k = rt.whole_key(k)
      local v = rawget(o, k)
      if v ~= nil then return v end
    end
    return (lookup(o, k, o))
  end
  local special = mt.special
  if special ~= nil then
    local d = special[k]
    if d then
      if d.accessor then
        local get = d.get
        if get then return (get(o)) end
        return nil
      end
      return d.value
    end
  end
  if mt.exotic_get ~= nil then return (mt.exotic_get(o, k, o)) end
  local found = mt.found
  if found == nil then return nil end
  local place = found[k]
  if place == false then return nil end
  local v
  if type(place) == "function" then return (place(o)) end
  if place ~= nil then v = rawget(place, k) end
  if v ~= nil then return v end
  local get
  v, get = search(mt, k, o, place == nil and found)
  if get then return (get(o)) end -- from here, as the first time and later: some getters ask who reads
  return v
end

-- o[k] for any `this`: what Reflect.get and super need.
local function get(o, k, this)
  local t = store(o)
  local v = rawget(t, k)
  if v ~= nil then return v end
  return lookup(t, k, this)
end
rt.get = get

-- ---- failures of assignments

-- Is the code that is running strict? Asked only when an assignment has failed.
local function strict_caller()
  for level = 3, 12 do
    local info = getinfo(level, "f")
    if not info then return true end
    local f = rt.finfo(info.func)
    if f and f.strict ~= nil then return f.strict end
  end
  return true
end
rt.strict_caller = strict_caller

local function key_text(k)
  if type(k) == "number" then return rt.text(k - 1) end
  if type(k) == "string" then return k end
  return rt.symbol_text(k)
end
rt.key_text = key_text

local function brief(o)
  if type(o) == "function" then return "function '" .. rt.text(rt.function_text(o)) .. "'" end
  local mt = getmetatable(o)
  if mt and mt.array then return "[object Array]" end
  return "#<" .. (rt.class_name(o) or "Object") .. ">"
end
rt.brief = brief

local function refuse(o, k, why)
  if not strict_caller() then return false end
  if why == "getter" then rt.type_error("Cannot set property " .. key_text(k) .. " of " .. brief(o) .. " which has only a getter") end
  if why == "sealed" then rt.type_error("Cannot add property " .. key_text(k) .. ", object is not extensible") end
  rt.type_error("Cannot assign to read only property '" .. key_text(k) .. "' of object '" .. brief(o) .. "'")
end

-- ---- writing

-- A key that the object's shape does not have. The fast part: the shape that comes next is known.
local add_slow, set_slow
function add_key(o, k, v)
  local to = getmetatable(o).next[k]
  if to and v ~= nil then
    setmetatable(o, to)
    rawset(o, k, v)
    return
  end
  return add_slow(o, k, v)
end

-- May a prototype give the key a value? No getter runs.
local function inherited(mt, k)
  local base = mt.base
  while base ~= nil do
    if rawget(base, k) ~= nil then return true end
    local up = getmetatable(base)
    if up.exotic_get or up.special and up.special[k] ~= nil then return true end
    base = up.base
  end
  return false
end

local function define_undefined(o, k)
  local mt = to_own(o)
  if type(k) ~= "number" then own_add(mt, k) else
    mt.indices = mt.indices or {}
    mt.indices[k] = true
  end
  if inherited(mt, k) then
    mt.special = mt.special or {}
    mt.special[k] = { bits = ALL }
    if mt.users then forget_found(k) end
    settle(mt)
  end
end

function add_slow(o, k, v)
  local mt = getmetatable(o)
  if mt.guarded and not mt.special then -- a setter of a class or of its parent, without a loop: see walk_index
    local base = mt.base
    local up = getmetatable(base)
    local special = up.special
    local d = special and special[k]
    if not d and rawget(base, k) == nil and up.exotic_set == nil then
      base = up.base
      if base ~= nil then
        up = getmetatable(base)
        special = up.special
        d = special and special[k]
      end
    end
    if d and d.accessor and not pos_of(mt)[k] then
      local set = d.set
      if set then
        set(o, v)
        return
      end
    end
  end
  if mt.host and type(k) == "string" and byte(k) == 95 and getfenv(2) ~= rt.global then
    rawset(o, k, v)
    return
  end
  if type(k) == "number" then
    if is_index(k) then
      if v ~= nil then rawset(o, k, v) else define_undefined(o, k) end
      return
    end
    local whole = rt.whole_key(k)
    if type(whole) ~= "number" then
      o[whole] = v
      return
    end
    mt = to_own(o)
    own_add(mt, k)
    rawset(o, k, v)
    return
  end
  if pos_of(mt)[k] then
    rawset(o, k, v)
    return
  end
  if mt.guarded or k == "__proto__" then return set_slow(o, k, v, o) end
  if type(k) == "table" and mt.base ~= nil then return set_slow(o, k, v, o) end
  if v == nil and inherited(mt, k) then return define_undefined(o, k) end
  if mt.n >= LITERAL_KEYS then
    mt = to_own(o)
    own_add(mt, k)
  else
    setmetatable(o, mt.next[k] or grow(mt, k))
  end
  rawset(o, k, v)
end

-- The raw table has no value under k, and the shape is an own or a guarded one: OrdinarySet (ECMA-262, 10.1.9).
-- Gives false where the assignment is refused; raises in strict code.
function set_slow(o, k, v, this, quiet)
  if type(k) == "number" and not is_index(k) then k = rt.whole_key(k) end
  local t = store(o)
  local first = t
  while true do
    local mt = getmetatable(t)
    local special = mt.special
    if special then
      local d = special[k]
      if d then
        if d.accessor then
          local set = d.set
          if set then
            set(this, v)
            return true
          end
          if quiet then return false end
          return refuse(o, k, "getter")
        end
        if d.bits % 2 == 0 then
          if quiet then return false end
          return refuse(o, k)
        end
        if t == first and this == o then -- writable, but out of the raw table: undefined above a prototype's value
          if v == nil then
            if mt.users then forget_found(k) end
            special[k] = { bits = d.bits } -- it may have had a value: a function's prototype that was not made yet
            return true
          end
          special[k] = nil
          if mt.users then forget_found(k) end
          if d.bits ~= ALL then
            mt.bits = mt.bits or {}
            mt.bits[k] = d.bits
          end
          rawset(t, k, v)
          return true
        end
        break
      end
    end
    if t == first then
      if mt.exotic_set then return mt.exotic_set(t, k, v, this, quiet) end
    elseif mt.exotic_set then
      return mt.exotic_set(t, k, v, this, quiet)
    end
    if rawget(t, k) ~= nil then break end
    t = mt.base
    if t == nil then break end
  end
  -- a data property of the receiver
  if this ~= o then return rt.set_on_receiver(this, k, v, quiet) end
  local mt = getmetatable(first)
  if type(k) == "number" and is_index(k) then
    if mt.sealed and not (mt.indices and mt.indices[k]) and rawget(first, k) == nil then
      if quiet then return false end
      return refuse(o, k, "sealed")
    end
    if v ~= nil then rawset(first, k, v) else define_undefined(first, k) end
    return true
  end
  if pos_of(mt)[k] then
    rawset(first, k, v)
    return true
  end
  if mt.sealed then
    if quiet then return false end
    return refuse(o, k, "sealed")
  end
  if not mt.own then
    if v ~= nil or not inherited(mt, k) then
      setmetatable(first, mt.next[k] or grow(mt, k))
      rawset(first, k, v)
      return true
    end
    return define_undefined(first, k)
  end
  if v == nil and inherited(mt, k) then
    define_undefined(first, k)
    return true
  end
  own_add(mt, k)
  rawset(first, k, v)
  return true
end
rt.set_slow = set_slow

function own_newindex(o, k, v)
  local mt = getmetatable(o)
  if mt.host and type(k) == "string" and byte(k) == 95 and getfenv(2) ~= rt.global then
    if mt.users then forget_found(k) end
    rawset(o, k, v)
    return
  end
  -- The common case: a dictionary over prototypes without setters.
  if not mt.guarded and not mt.special and not mt.sealed and v ~= nil and type(k) == "string" and not mt.exotic_set
    and k ~= "__proto__" then
    local pos = mt.pos or pos_of(mt)
    if not pos[k] then
      local n = mt.n + 1
      mt.n = n
      mt.keys[n] = k
      pos[k] = n
      if mt.users then forget_found(k) end
    end
    rawset(o, k, v)
    return
  end
  set_slow(o, k, v, o)
end

-- Reflect.set and super.x = v: any receiver; gives whether it was done.
function rt.set(o, k, v, this, quiet)
  local t = store(o)
  if this == o and rawget(t, k) ~= nil and not getmetatable(t).exotic_set then
    rawset(t, k, v)
    return true
  end
  return set_slow(o, k, v, this, quiet)
end

function rt.set_on_receiver(this, k, v, quiet)
  if not is_object(this) then
    if quiet then return false end
    if not strict_caller() then return false end
    rt.type_error("Cannot create property '" .. key_text(k) .. "' on " .. rt.typeof(this) .. " '" .. rt.text(this) .. "'")
  end
  local d = rt.get_own(this, k)
  if d then
    if d.accessor or d.bits % 2 == 0 then
      if quiet then return false end
      return refuse(this, k)
    end
    return rt.define_own(this, k, { value = v, has_value = true })
  end
  local done = rt.define_own(this, k, { value = v, has_value = true, bits = ALL, mask = ALL })
  if not done and not quiet then return refuse(this, k, "sealed") end
  return done
end

-- ---- the internal methods (ECMA-262, 10.1). A descriptor: {value=} or {get=, set=, accessor=true}, with bits.

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
local band = L.bit.band
local bor, bnot = L.bit.bor, L.bit.bnot

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

-- ---- objects

local object_root
function rt.object_of(proto) return setmetatable({}, root_of(proto)) end

-- Literals: K[n] is made when first indexed.
function rt.shapes(text)
  local lines, K = {}, {}
  local n = 0
  for line in (text .. "\n"):gmatch "(.-)\n" do
    n = n + 1
    lines[n] = line
  end
  return setmetatable(K, { __index = function(_, i)
    if type(i) ~= "number" then return nil end
    local line = lines[i]
    if not line then return nil end
    local mt = root_of(rt.ObjectPrototype)
    local keys, count = {}, 0
    for key in line:gmatch "[^ ]+" do
      count = count + 1
      keys[count] = key
    end
    if count <= LITERAL_KEYS then
      for j = 1, count do mt = mt.next[keys[j]] or grow(mt, keys[j]) end
    else
      mt = { n = count, keys = keys, next = {} }
      connect(mt, rt.ObjectPrototype)
      dress(mt)
      settle(mt)
    end
    rawset(K, i, mt)
    return mt
  end })
end

-- A literal with a value that is undefined lacks the key in its table; the shape has it.

rt.grow, rt.connect, rt.dress, rt.new_shape = grow, connect, dress, new_shape

-- ---- helpers for the prelude's own definitions

-- define(o, key, value): writable, configurable, not enumerable.
function rt.hide(o, k, v) put(o, k, { value = v, bits = HIDDEN }) end
function rt.constant_property(o, k, v) put(o, k, { value = v, bits = 0 }) end
function rt.readonly(o, k, v) put(o, k, { value = v, bits = C }) end
function rt.getter(o, k, get_, set) put(o, k, { accessor = true, get = get_, set = set, bits = C }) end
