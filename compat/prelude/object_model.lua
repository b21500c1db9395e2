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
--   exotic    functions that answer for the object in place of these (arrays, proxies …): see property.lua
-- A property's attributes are a number: 1 writable, 2 enumerable, 4 configurable.
--
-- A key is a Lua key: a number is the index + 1, else a string or a symbol.
--
-- The chain of prototypes is a chain of plain tables (__index) as long as no prototype in it has accessors; from then on the shapes
-- below it are "served": their __index walks. In the same way __newindex is cheap until a prototype has a setter or a read-only property.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, pairs, next = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset, L.pairs, L.next
local floor, getinfo, getfenv, byte = L.math.floor, L.debug.getinfo, L.getfenv, L.string.byte

local ALL = 7
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

-- Grows whenever an object that others inherit from was given or lost a property, or has other attributes or another prototype.
local changes = 0
function rt.shape_changes() return changes end

local function forget_found(k)
  changes = changes + 1
  local list = founds_of[k]
  if not list then return end
  for _, found in next, list do found[k] = nil end
  founds_of[k] = nil
end

local function forget_all_found()
  changes = changes + 1
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
-- Where very many keys follow on a shape (objects are used as maps, each with keys of its own), it keeps only those successors that objects have.
local FAN = 64
local function grow(mt, k, defined)
  local to = successor(mt, mt.n + 1)
  local fan = (mt.fan or 0) + 1
  mt.fan = fan
  if fan >= FAN then
    setmetatable(mt.next, WEAK)
    if mt.define_next then setmetatable(mt.define_next, WEAK) end
  end
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
  if mt and mt.proxy_target then return "#<Object>" end -- nothing is asked of it
  return "#<" .. (rt.class_name(o) or "Object") .. ">"
end
rt.brief = brief

local function read_only(o, k)
  local what = type(o) == "function" and brief(o) or "object '" .. brief(o) .. "'"
  rt.type_error("Cannot assign to read only property '" .. key_text(k) .. "' of " .. what)
end
rt.read_only = read_only

local function refuse(o, k, why)
  if not strict_caller() then return false end
  if why == "getter" then rt.type_error("Cannot set property " .. key_text(k) .. " of " .. brief(o) .. " which has only a getter") end
  if why == "sealed" then rt.type_error("Cannot add property " .. key_text(k) .. ", object is not extensible") end
  read_only(o, k)
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
rt.add_key = add_key

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
    if mt.users then forget_found(k) end
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
      if mt.n >= LITERAL_KEYS then own_add(to_own(first), k) else setmetatable(first, mt.next[k] or grow(mt, k)) end
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
  if this == o and type(t) == "table" and rawget(t, k) ~= nil and not getmetatable(t).exotic_set then
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

-- ---- objects

function rt.object_of(proto) return (setmetatable({}, root_of(proto))) end

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

rt.grow, rt.connect, rt.dress, rt.new_shape, rt.add_key, rt.inherited = grow, connect, dress, new_shape, add_key, inherited
rt.spread_state, rt.forget, rt.forget_found, rt.forget_all_found = spread_state, forget, forget_found, forget_all_found
rt.own_remove, rt.REMOVED, rt.LITERAL_KEYS = own_remove, REMOVED, LITERAL_KEYS
