-- SPDX-License-Identifier: MIT
--
-- Array (ECMA-262, clause 23.1). Each method works on any object with a length; dense arrays take a shorter way where it pays.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, select, unpack, pairs = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset, L.select,
  L.unpack, L.pairs
local concat, floor, huge, move_table = L.table.concat, L.math.floor, L.math.huge, L.table.move
local new_table = L.require "table.new"

local null, is_object, truthy, native, hide, text, toint, tolength, relative = rt.null, rt.is_object, rt.truthy, rt.native, rt.hide, rt.text, rt.toint,
  rt.tolength, rt.relative
local toobject, is_callable, has_property, define_data, new_array, is_array = rt.toobject, rt.is_callable, rt.has_property, rt.define_data, rt.new_array,
  rt.is_array
local SYMBOL, DATA, G, store = rt.symbols, rt.DATA, rt.global, rt.store
local SPECIES = SYMBOL.species
local MANY, whole = rt.MANY, rt.whole
local MAX = 9007199254740991

-- A dense array of the plain kind: no holes, nothing special. One whose holes have been filled is dense again.
local function is_dense(o)
  local mt = getmetatable(o)
  if mt == rt.array then return true end
  if mt ~= rt.holey_array then return false end
  local n = o.length
  if rawget(o, n) == nil then return false end
  for i = 1, n do
    if rawget(o, i) == nil then return false end
  end
  setmetatable(o, rt.array)
  return true
end

-- Element k of an object that may be longer than an array: beyond those, keys are texts.
local MOST_INDEX = 4294967295
local function at(o, k)
  if k > MOST_INDEX then k = rt.whole_key(k) end
  return o[k]
end

local function has_at(o, k)
  if k > MOST_INDEX then k = rt.whole_key(k) end
  return has_property(o, k)
end

local function has(o, k, dense)
  if dense and (rawget(o, k) ~= nil or getmetatable(o) == rt.array and k <= o.length) then return true end
  return has_at(o, k)
end

-- Element n of an array that is being filled from its start.
local append

local function need_function(f)
  if type(f) ~= "function" and not is_callable(f) then rt.type_error(rt.show(f) .. " is not a function") end
end

local function set(o, k, v)
  if type(o) == "table" and is_dense(o) and type(k) == "number" then
    o[k] = v
    return
  end
  if type(k) == "number" and k > MOST_INDEX then k = rt.whole_key(k) end
  if rt.set(o, k, v, o, true) == false then rt.read_only(o, k) end
end

local function set_length(o, n)
  if type(o) == "table" and getmetatable(o).array then -- no proxy of one
    local special = getmetatable(o).special
    if special and special.length or not rt.define_own(o, "length", { value = n, has_value = true }) then
      rt.type_error "Cannot assign to read only property 'length' of object '[object Array]'"
    end
    return
  end
  set(o, "length", n)
end

local function delete(o, k)
  if k > MOST_INDEX then k = rt.whole_key(k) end
  if not rt.delete_own(o, k) then rt.type_error("Cannot delete property '" .. rt.key_text(k) .. "' of " .. rt.brief(o)) end
end

local function create(o, k, v)
  if k > MOST_INDEX then k = rt.whole_key(k) end
  if not define_data(o, k, v) then rt.type_error("Cannot add property " .. rt.key_text(k) .. ", object is not extensible") end
end

function append(a, n, v)
  if getmetatable(a) == rt.array then
    rawset(a, n, v)
    rawset(a, "length", n)
    return
  end
  create(a, n, v)
end

-- An empty array with room for n elements.
local ROOM = 1048576
local function roomy(n)
  local a = new_table(n <= ROOM and n or 0, 1)
  a.length = 0
  return (setmetatable(a, rt.array))
end

-- ArraySpeciesCreate
local function species_create(o, n)
  if not is_array(o) then
    if n > 4294967295 then rt.range_error "Invalid array length" end
    return new_array({}, 0)
  end
  local C = o.constructor
  if C == G.Array and rt.native_species(C) then return (roomy(n)) end
  if is_object(C) then
    C = C[SYMBOL.species]
    if C == null then C = nil end
  end
  if C == nil then return new_array({}, 0) end
  if not rt.is_constructor(C) then rt.type_error "object.constructor[Symbol.species] is not a constructor" end
  return rt.construct(C, C, n)
end

function rt.native_species(C)
  local special = getmetatable(store(C)).special
  local d = special and special[SPECIES]
  return d ~= nil and d.get == rt.array_species
end

local function array_of_length(n)
  if n > 4294967295 then rt.range_error "Invalid array length" end
  if n == 0 then return new_array({}, 0) end
  return rt.holes(n)
end

-- forEach and its kin: walk(o, n, f, receiver)
local function callbacks(name, body)
  native(name, 1, body) -- the one that stacks see
  return native(name, 1, function(this, f, receiver)
    local o = toobject(this)
    local n = tolength(o.length)
    need_function(f)
    return body(o, n, f, receiver)
  end)
end

local function strict_equal(a, b) return a == b end

local function same_value_zero(a, b) return a == b or (a ~= a and b ~= b and type(a) == "number" and type(b) == "number") end
rt.same_value_zero = same_value_zero

-- ---- sorting: a merge sort, stable; compare(a, b) gives a number

local function merge_sort(list, n, compare)
  if n < 2 then return list end
  -- runs of up to 8 by insertion
  for lo = 1, n, 8 do
    local hi = lo + 7
    if hi > n then hi = n end
    for i = lo + 1, hi do
      local v, j = list[i], i - 1
      while j >= lo and compare(list[j], v) > 0 do
        list[j + 1] = list[j]
        j = j - 1
      end
      list[j + 1] = v
    end
  end
  local from, to, width = list, {}, 8
  while width < n do
    for lo = 1, n, 2 * width do
      local i, mid = lo, lo + width
      local j, hi = mid, lo + 2 * width
      if mid > n + 1 then mid = n + 1 end
      if hi > n + 1 then hi = n + 1 end
      for k = lo, hi - 1 do
        if i < mid and (j >= hi or compare(from[i], from[j]) <= 0) then
          to[k] = from[i]
          i = i + 1
        else
          to[k] = from[j]
          j = j + 1
        end
      end
    end
    from, to = to, from
    width = width * 2
  end
  return from
end
rt.merge_sort = merge_sort

-- Sorts by text, each value's made once. Bytes are in the order of UTF-16's units up to U+D7FF.
local function sort_by_text(list, n)
  local texts, order, bytewise = {}, {}, true
  for i = 1, n do
    local s = list[i]
    if type(s) ~= "string" then s = text(s) end
    texts[i], order[i] = s, i
    if bytewise and L.string.find(s, "[\238-\244]") then bytewise = false end
  end
  local less = rt.less
  order = merge_sort(order, n, bytewise and function(i, j)
    local a, b = texts[i], texts[j]
    return a == b and 0 or a < b and -1 or 1
  end or function(i, j)
    local a, b = texts[i], texts[j]
    return a == b and 0 or less(a, b) and -1 or 1
  end)
  local to = {}
  for i = 1, n do to[i] = list[order[i]] end
  return to
end

local function comparator(f)
  return function(a, b)
    local r = f(nil, a, b)
    if type(r) ~= "number" then r = rt.tonum(r) end
    if r ~= r then return 0 end
    return r
  end
end

-- The values of o that are there, sorted: undefined ones last. -> list, defined, undefined
local function sorted(o, n, f, with_holes)
  local list, m, undefined = {}, 0, 0
  local dense = is_array(o)
  for i = 1, n do
    if with_holes or has(o, i, dense) then
      local v = o[i]
      if v == nil then undefined = undefined + 1 else
        m = m + 1
        list[m] = v
      end
    end
  end
  if f == nil then return sort_by_text(list, m), m, undefined end
  return merge_sort(list, m, comparator(f)), m, undefined
end

-- ---- flat

local function flatten(target, at, source, n, depth, f, receiver)
  for i = 1, n do
    if has_property(source, i) then
      local v = source[i]
      if f then v = f(receiver, v, i - 1, source) end
      if depth > 0 and is_array(v) then
        at = flatten(target, at, v, tolength(v.length), depth - 1)
      else
        at = at + 1
        create(target, at, v)
      end
    end
  end
  return at
end

local joining = {}

local function join(this, separator)
  local o = toobject(this)
  local n = tolength(o.length)
  separator = separator == nil and "," or text(separator)
  if n == 0 then return "" end
  local plain = is_array(o)
  if plain then
    for i = 1, n do
      if type(rawget(o, i)) ~= "string" then
        plain = false
        break
      end
    end
  end
  if plain then return (rt.joined(concat(o, separator, 1, n))) end
  if joining[o] then return "" end
  joining[o] = true
  local ok, e = L.pcall(function()
    local list = {}
    for i = 1, n do
      local v = o[i]
      if type(v) == "string" then list[i] = v
      elseif v == nil or v == null then list[i] = ""
      else list[i] = text(v) end
    end
    return (rt.joined(concat(list, separator)))
  end)
  joining[o] = nil
  if not ok then L.error(e, 0) end
  return e
end

function rt.install_array()
  local P = rt.ArrayPrototype
  -- push of any number of values. One that is not nil has a way of its own: where it was written as an argument `(...)`, LuaJIT's traces went wrong.
  local function push_many(this, ...)
    local count, list = select("#", ...), { ... }
    if count > MANY then list, count = whole(list, count) end
    if type(this) == "table" and is_dense(this) then
      local n = this.length
      for i = 1, count do rawset(this, n + i, list[i]) end
      this.length = n + count
      return n + count
    end
    local o = toobject(this)
    local n = tolength(o.length)
    if n + count > MAX then rt.type_error "Pushing elements past 2 ** 53 - 1 is disallowed" end
    for i = 1, count do set(o, n + i, list[i]) end
    set_length(o, n + count)
    return n + count
  end

  local Array
  local function construct(proto, ...)
    local count = select("#", ...)
    local a
    if count == 1 then
      local n = ...
      if type(n) == "number" then
        if n < 0 or n > 4294967295 or n ~= floor(n) then rt.range_error "Invalid array length" end
        a = array_of_length(n)
      else
        a = new_array({ n }, 1)
      end
    else
      a = new_array(whole({ ... }, count))
    end
    if proto ~= P then
      if getmetatable(a) == rt.array then setmetatable(a, rt.array_root(proto)) else rt.set_prototype(a, proto) end
    end
    return a
  end
  Array = rt.global_class("Array", 1, function(_, ...) return construct(P, ...) end, function(target, ...)
    local proto = rt.target_prototype(target)
    return construct(is_object(proto) and proto or P, ...)
  end, P)
  rt.constructors[Array].single = function(n) -- new Array(n)
    if type(n) == "number" and n > 0 and n <= 4294967295 and n == floor(n) then return rt.holes(n) end
    return construct(P, n)
  end
  rt.array_species = native("get [Symbol.species]", 0, function(this) return this end)
  rt.getter(Array, SYMBOL.species, rt.array_species)

  local long_of, long_concat, long_unshift, long_splice, long_to_spliced -- with more arguments than Lua can pass
  local function construct_for(C, ...)
    local first = ...
    if C ~= Array and rt.is_constructor(C) then return rt.construct(C, C, ...) end
    if select("#", ...) > 0 then return array_of_length(first) end
    return new_array({}, 0)
  end

  rt.methods(Array, {
    "isArray", 1, function(_, v) return is_array(v) end,
    "of", 0, function(C, ...)
      local n = select("#", ...)
      if C == Array then return new_array(whole({ ... }, n)) end
      if n > MANY then return rt.with_list(long_of, C, ...) end
      local a = construct_for(C, n)
      for i = 1, n do create(a, i, (select(i, ...))) end
      set_length(a, n)
      return a
    end,
    "from", 1, function(C, items, f, receiver)
      if f ~= nil then need_function(f) end
      if items == nil or items == null then rt.type_error(rt.text(items) .. " is not iterable") end
      if f == nil and C == Array and rt.plain_array(items) then
        local list, n = rt.collect(items)
        return new_array(list, n)
      end
      local method = items[SYMBOL.iterator]
      if method ~= nil and method ~= null then
        need_function(method)
        local a = C == Array and new_array({}, 0) or construct_for(C)
        local n = 0
        rt.for_each(items, function(v, i)
          if f then v = f(receiver, v, i - 1) end
          append(a, i, v)
          n = i
        end)
        set_length(a, n)
        return a
      end
      local o = toobject(items)
      local n = tolength(o.length)
      local a = C == Array and new_array({}, 0) or construct_for(C, n)
      for i = 1, n do
        local v = o[i]
        if f then v = f(receiver, v, i - 1) end
        append(a, i, v)
      end
      set_length(a, n)
      return a
    end,
  })

  rt.methods(P, {
    "at", 1, function(this, i)
      local o = toobject(this)
      local n = tolength(o.length)
      i = toint(i)
      if i < 0 then i = i + n end
      if i < 0 or i >= n then return nil end
      return o[i + 1]
    end,
    "concat", 1, function(this, ...)
      if select("#", ...) > MANY then return rt.with_list(long_concat, this, ...) end
      local o = toobject(this)
      local a = species_create(o, 0)
      local n = 0
      for i = 0, select("#", ...) do
        local v
        if i == 0 then v = o else v = (select(i, ...)) end
        local spreadable = false
        if is_object(v) then
          spreadable = v[SYMBOL.isConcatSpreadable]
          if spreadable == nil then spreadable = is_array(v) else spreadable = truthy(spreadable) end
        end
        if spreadable then
          local m = tolength(v.length)
          if n + m > MAX then rt.type_error "Invalid array length" end
          local dense = type(v) == "table" and is_dense(v)
          if dense and is_dense(a) then
            for k = 1, m do rawset(a, n + k, v[k]) end
            rawset(a, "length", n + m)
          else
            for k = 1, m do
              if has(v, k, is_array(v)) then create(a, n + k, v[k]) end
            end
          end
          n = n + m
        else
          if n >= MAX then rt.type_error "Invalid array length" end
          n = n + 1
          create(a, n, v)
        end
      end
      set_length(a, n)
      return a
    end,
    "copyWithin", 2, function(this, target, from, to)
      local o = toobject(this)
      local n = tolength(o.length)
      target = relative(target, n, 0)
      from = relative(from, n, 0)
      to = relative(to, n, n)
      local count = L.math.min(to - from, n - target)
      local step, i = 1, 1
      if from < target and target < from + count then step, i = -1, count end
      for _ = 1, count do
        if has_at(o, from + i) then set(o, target + i, at(o, from + i)) else delete(o, target + i) end
        i = i + step
      end
      return o
    end,
    "fill", 1, function(this, v, from, to)
      local o = toobject(this)
      local n = tolength(o.length)
      from = relative(from, n, 0)
      to = relative(to, n, n)
      local mt = getmetatable(o)
      if type(o) == "table" and mt.array and not mt.special and not mt.bits and not mt.sealed and not mt.guarded and v ~= nil then
        for i = from + 1, to do rawset(o, i, v) end
        if from == 0 and to == n and mt.holey and mt.n == 0 and mt.proto == P and not mt.users then setmetatable(o, rt.array) end
        return o
      end
      for i = from + 1, to do set(o, i, v) end
      return o
    end,
    "includes", 1, function(this, v, from)
      local o = toobject(this)
      local n = tolength(o.length)
      if n == 0 then return false end
      from = toint(from)
      if from < 0 then from = L.math.max(n + from, 0) end
      for i = from + 1, n do if same_value_zero(at(o, i), v) then return true end end
      return false
    end,
    "indexOf", 1, function(this, v, from)
      local o = toobject(this)
      local n = tolength(o.length)
      if n == 0 then return -1 end
      from = toint(from)
      if from < 0 then from = L.math.max(n + from, 0) end
      if type(o) == "table" and is_dense(o) then
        for i = from + 1, L.math.min(n, o.length) do if rawget(o, i) == v then return i - 1 end end
        return -1
      end
      for i = from + 1, n do
        if has_at(o, i) and at(o, i) == v then return i - 1 end
      end
      return -1
    end,
    "join", 1, join,
    "lastIndexOf", 1, function(this, v, ...)
      local o = toobject(this)
      local n = tolength(o.length)
      if n == 0 then return -1 end
      local from = n - 1
      if select("#", ...) > 0 then from = toint((...)) end
      if from < 0 then from = n + from elseif from > n - 1 then from = n - 1 end
      local dense = type(o) == "table"
      for i = from + 1, 1, -1 do
        if has(o, i, dense) and at(o, i) == v then return i - 1 end
      end
      return -1
    end,
    "pop", 0, function(this)
      if type(this) == "table" and is_dense(this) then
        local n = this.length
        if n == 0 then return nil end
        local v = this[n]
        rawset(this, n, nil)
        this.length = n - 1
        return v
      end
      local o = toobject(this)
      local n = tolength(o.length)
      if n == 0 then
        set_length(o, 0)
        return nil
      end
      local v = at(o, n)
      delete(o, n)
      set_length(o, n - 1)
      return v
    end,
    "push", 1, function(this, ...)
      local v = ...
      if v ~= nil and select("#", ...) == 1 and type(this) == "table" and is_dense(this) then
        local n = this.length + 1
        rawset(this, n, v)
        this.length = n
        return n
      end
      return push_many(this, ...)
    end,
    "reverse", 0, function(this)
      local o = toobject(this)
      local n = tolength(o.length)
      if type(o) == "table" and is_dense(o) then
        for i = 1, floor(n / 2) do
          local a, b = o[i], o[n + 1 - i]
          rawset(o, i, b)
          rawset(o, n + 1 - i, a)
        end
        return o
      end
      for i = 1, floor(n / 2) do
        local j = n + 1 - i
        local a, b
        local has_a = has_at(o, i)
        if has_a then a = at(o, i) end
        local has_b = has_at(o, j)
        if has_b then b = at(o, j) end
        if has_b then set(o, i, b) elseif has_a then delete(o, i) end
        if has_a then set(o, j, a) elseif has_b then delete(o, j) end
      end
      return o
    end,
    "shift", 0, function(this)
      local o = toobject(this)
      local n = tolength(o.length)
      if n == 0 then
        set_length(o, 0)
        return nil
      end
      local v = o[1]
      if type(o) == "table" and is_dense(o) then
        if #o == n then L.table.remove(o, 1) else
          for i = 1, n do rawset(o, i, rawget(o, i + 1)) end
        end
        o.length = n - 1
        return v
      end
      for i = 1, n - 1 do
        if has_at(o, i + 1) then set(o, i, at(o, i + 1)) else delete(o, i) end
      end
      delete(o, n)
      set_length(o, n - 1)
      return v
    end,
    "slice", 2, function(this, from, to)
      local mt = type(this) == "table" and getmetatable(this)
      if mt and mt.arguments and rt.is_counted(this) then
        local n, first = rawget(this, "length"), 0
        if to == nil and (from == nil or type(from) == "number") then
          first = relative(from, n, 0)
          local a, count = {}, 0
          for i = first + 1, n do
            count = count + 1
            a[count] = this[i]
          end
          return new_array(a, count)
        end
      end
      local o = toobject(this)
      local n = tolength(o.length)
      from = relative(from, n, 0)
      to = relative(to, n, n)
      local count = to - from
      if count <= 0 then count = 0 end -- no -0
      local a = species_create(o, count)
      if type(o) == "table" and is_dense(o) and is_dense(a) and o.length >= to then
        for i = 1, count do rawset(a, i, o[from + i]) end
        rawset(a, "length", count)
        return a
      end
      local m = 0
      for i = 1, count do
        if has(o, from + i, is_array(o)) then create(a, i, at(o, from + i)) end
        m = i
      end
      set_length(a, m)
      return a
    end,
    "sort", 1, function(this, f)
      if f ~= nil then need_function(f) end
      local o = toobject(this)
      local n = tolength(o.length)
      local list, m, undefined = sorted(o, n, f, false)
      for i = 1, m do set(o, i, list[i]) end
      for i = m + 1, m + undefined do set(o, i, nil) end
      for i = m + undefined + 1, n do if has_property(o, i) then delete(o, i) end end
      return o
    end,
    "splice", 2, function(this, ...)
      local given = select("#", ...)
      local from, count = ...
      if given > MANY then return rt.with_list(long_splice, this, ...) end
      local o = toobject(this)
      local n = tolength(o.length)
      from = relative(from, n, 0)
      local added = given > 2 and given - 2 or 0
      if given == 0 then count = 0
      elseif given == 1 then count = n - from
      else
        count = toint(count)
        if count <= 0 then count = 0 elseif count > n - from then count = n - from end
      end
      if n + added - count > MAX then rt.type_error "Invalid array length" end
      local a = species_create(o, count)
      local dense = type(o) == "table" and is_dense(o)
      if dense and is_dense(a) and o.length == n then
        for i = 1, count do rawset(a, i, o[from + i]) end
        rawset(a, "length", count)
        if added < count then
          for i = from + added + 1, n - count + added do rawset(o, i, rawget(o, i + count - added)) end
          for i = n, n - count + added + 1, -1 do rawset(o, i, nil) end
        elseif added > count then
          for i = n, from + count + 1, -1 do rawset(o, i + added - count, rawget(o, i)) end
        end
        for i = 1, added do rawset(o, from + i, (select(i + 2, ...))) end
        o.length = n + added - count
        return a
      end
      for i = 1, count do
        if has_at(o, from + i) then create(a, i, at(o, from + i)) end
      end
      set_length(a, count)
      if added < count then
        for i = from + 1, n - count do
          if has_at(o, i + count) then set(o, i + added, at(o, i + count)) else delete(o, i + added) end
        end
        for i = n, n - count + added + 1, -1 do delete(o, i) end
      elseif added > count then
        for i = n - count, from + 1, -1 do
          if has_at(o, i + count) then set(o, i + added, at(o, i + count)) else delete(o, i + added) end
        end
      end
      for i = 1, added do set(o, from + i, (select(i + 2, ...))) end
      set_length(o, n - count + added)
      return a
    end,
    "toLocaleString", 0, function(this)
      local o = toobject(this)
      local n, list = tolength(o.length), {}
      for i = 1, n do
        local v = o[i]
        list[i] = (v == nil or v == null) and "" or text(v:toLocaleString())
      end
      return concat(list, ",")
    end,
    "toString", 0, function(this)
      local o = toobject(this)
      local f = o.join
      if is_callable(f) then return (f(o)) end
      return (rt.object_text(o))
    end,
    "unshift", 1, function(this, ...)
      local o = toobject(this)
      local n = tolength(o.length)
      local count = select("#", ...)
      if count > MANY then return rt.with_list(long_unshift, this, ...) end
      if count > 0 then
        if n + count > MAX then rt.type_error "Invalid array length" end
        if type(o) == "table" and is_dense(o) then
          for i = n, 1, -1 do rawset(o, i + count, rawget(o, i)) end
          for i = 1, count do rawset(o, i, (select(i, ...))) end
          o.length = n + count
          return n + count
        end
        for i = n, 1, -1 do
          if has_at(o, i) then set(o, i + count, at(o, i)) else delete(o, i + count) end
        end
        for i = 1, count do set(o, i, (select(i, ...))) end
      end
      set_length(o, n + count)
      return n + count
    end,
    "toReversed", 0, function(this)
      local o = toobject(this)
      local n, list = tolength(o.length), {}
      if n > 4294967295 then rt.range_error "Invalid array length" end
      for i = 1, n do list[i] = o[n + 1 - i] end
      return new_array(list, n)
    end,
    "toSorted", 1, function(this, f)
      if f ~= nil then need_function(f) end
      local o = toobject(this)
      local n = tolength(o.length)
      if n > 4294967295 then rt.range_error "Invalid array length" end
      return new_array(sorted(o, n, f, true), n)
    end,
    "toSpliced", 2, function(this, ...)
      local given = select("#", ...)
      local from, count = ...
      if given > MANY then return rt.with_list(long_to_spliced, this, ...) end
      local o = toobject(this)
      local n = tolength(o.length)
      from = relative(from, n, 0)
      if given == 0 then count = 0
      elseif given == 1 then count = n - from
      else
        count = toint(count)
        if count < 0 then count = 0 elseif count > n - from then count = n - from end
      end
      local added = given > 2 and given - 2 or 0
      local m = n + added - count
      if m > MAX then rt.type_error "Invalid array length" end
      if m > 4294967295 then rt.range_error "Invalid array length" end
      local list = {}
      for i = 1, from do list[i] = o[i] end
      for i = 1, added do list[from + i] = (select(i + 2, ...)) end
      for i = from + count + 1, n do list[i + added - count] = at(o, i) end
      return new_array(list, m)
    end,
    "with", 2, function(this, i, v)
      local o = toobject(this)
      local n = tolength(o.length)
      local place = toint(i)
      if place < 0 then place = place + n end
      if place < 0 or place >= n then rt.range_error("Invalid index : " .. text(i)) end
      if n > MOST_INDEX then rt.range_error "Invalid array length" end
      local list = {}
      for k = 1, n do
        if k == place + 1 then list[k] = v else list[k] = o[k] end
      end
      return new_array(list, n)
    end,
    "flat", 0, function(this, depth)
      local o = toobject(this)
      local n = tolength(o.length)
      depth = depth == nil and 1 or toint(depth)
      local a = species_create(o, 0)
      flatten(a, 0, o, n, depth)
      return a
    end,
    "flatMap", 1, function(this, f, receiver)
      local o = toobject(this)
      local n = tolength(o.length)
      need_function(f)
      local a = species_create(o, 0)
      flatten(a, 0, o, n, 1, f, receiver)
      return a
    end,
  })

  function long_of(C, list, n)
    local a = construct_for(C, n)
    for i = 1, n do create(a, i, list[i]) end
    set_length(a, n)
    return a
  end
  local concat_few, unshift_few, splice_few, to_spliced_few = P.concat, P.unshift, P.splice, P.toSpliced
  local PIECE = rt.PIECE
  function long_concat(this, list, n)
    for i = 1, n, PIECE do this = concat_few(this, unpack(list, i, L.math.min(i + PIECE - 1, n))) end
    return this
  end
  function long_unshift(this, list, n)
    local length
    for last = n, 1, -PIECE do length = unshift_few(this, unpack(list, L.math.max(last - PIECE + 1, 1), last)) end
    return length
  end
  -- Puts the items from the third on into o, one piece behind the other.
  local function insert(f, o, from, list, n)
    for i = 3, n, PIECE do o = f(o, from + i - 3, 0, unpack(list, i, L.math.min(i + PIECE - 1, n))) or o end
    return o
  end
  function long_splice(this, list, n)
    local from = relative(list[1], tolength(toobject(this).length), 0)
    local removed = splice_few(this, from, list[2])
    insert(function(o, ...) splice_few(o, ...) end, this, from, list, n)
    return removed
  end
  function long_to_spliced(this, list, n)
    local from = relative(list[1], tolength(toobject(this).length), 0)
    return insert(to_spliced_few, to_spliced_few(this, from, list[2]), from, list, n)
  end

  hide(P, "forEach", callbacks("forEach", function(o, n, f, receiver)
    local dense = is_array(o)
    for i = 1, n do
      if has(o, i, dense) then f(receiver, o[i], i - 1, o) end
    end
  end))
  hide(P, "map", callbacks("map", function(o, n, f, receiver)
    local a = species_create(o, n)
    local dense = is_array(o)
    if is_dense(a) then
      if n > 4294967295 then rt.range_error "Invalid array length" end
      local holes = false
      for i = 1, n do
        if has(o, i, dense) then
          local v = f(receiver, o[i], i - 1, o)
          if holes then create(a, i, v) else
            rawset(a, i, v)
            rawset(a, "length", i)
          end
        elseif not holes then
          holes = true
          rt.make_holey(a)
        end
      end
      set_length(a, n)
      return a
    end
    for i = 1, n do
      if has(o, i, dense) then create(a, i, (f(receiver, o[i], i - 1, o))) end
    end
    return a
  end))
  hide(P, "filter", callbacks("filter", function(o, n, f, receiver)
    local a, m = species_create(o, 0), 0
    local dense = is_array(o)
    for i = 1, n do
      if has(o, i, dense) then
        local v = o[i]
        if truthy(f(receiver, v, i - 1, o)) then
          m = m + 1
          append(a, m, v)
        end
      end
    end
    return a
  end))
  hide(P, "some", callbacks("some", function(o, n, f, receiver)
    local dense = is_array(o)
    for i = 1, n do
      if has(o, i, dense) and truthy(f(receiver, o[i], i - 1, o)) then return true end
    end
    return false
  end))
  hide(P, "every", callbacks("every", function(o, n, f, receiver)
    local dense = is_array(o)
    for i = 1, n do
      if has(o, i, dense) and not truthy(f(receiver, o[i], i - 1, o)) then return false end
    end
    return true
  end))
  hide(P, "find", callbacks("find", function(o, n, f, receiver)
    for i = 1, n do
      local v = o[i]
      if truthy(f(receiver, v, i - 1, o)) then return v end
    end
  end))
  hide(P, "findIndex", callbacks("findIndex", function(o, n, f, receiver)
    for i = 1, n do if truthy(f(receiver, o[i], i - 1, o)) then return i - 1 end end
    return -1
  end))
  hide(P, "findLast", callbacks("findLast", function(o, n, f, receiver)
    for i = n, 1, -1 do
      local v = o[i]
      if truthy(f(receiver, v, i - 1, o)) then return v end
    end
  end))
  hide(P, "findLastIndex", callbacks("findLastIndex", function(o, n, f, receiver)
    for i = n, 1, -1 do if truthy(f(receiver, o[i], i - 1, o)) then return i - 1 end end
    return -1
  end))
  local function reduce(name, right)
    return native(name, 1, function(this, f, ...)
      local o = toobject(this)
      local n = tolength(o.length)
      need_function(f)
      local i, last, step = 1, n, 1
      if right then i, last, step = n, 1, -1 end
      local v
      if select("#", ...) > 0 then
        v = ...
      else
        while (step == 1 and i <= last or step == -1 and i >= last) and not has_at(o, i) do i = i + step end
        if step == 1 and i > last or step == -1 and i < last then rt.type_error "Reduce of empty array with no initial value" end
        v = at(o, i)
        i = i + step
      end
      local dense = is_array(o)
      for k = i, last, step do
        if has(o, k, dense) then v = f(nil, v, at(o, k), k - 1, o) end
      end
      return v
    end)
  end
  hide(P, "reduce", reduce("reduce", false))
  hide(P, "reduceRight", reduce("reduceRight", true))

  -- iterators
  local I = rt.object_of(rt.IteratorPrototype)
  rt.ArrayIteratorPrototype = I
  local iterator_root = rt.root_of(I)
  local function iterator(kind)
    return function(this)
      local o = setmetatable({}, iterator_root)
      rawset(o, DATA, { array_iterator = true, object = toobject(this), at = 0, kind = kind })
      return o
    end
  end
  local values = native("values", 0, iterator "values")
  hide(P, "values", values)
  hide(P, "keys", native("keys", 0, iterator "keys"))
  hide(P, "entries", native("entries", 0, iterator "entries"))
  hide(P, SYMBOL.iterator, values)
  rt.array_values = values
  local function array_step(d)
    local o = d.object
    if o == nil then return nil end
    local i = d.at + 1
    local n
    if rt.typed_length then n = rt.typed_length(o) end
    if n == nil then n = tolength(o.length) end
    if i > n then
      d.object = nil
      return nil
    end
    d.at = i
    local kind = d.kind
    if kind == "values" then return 1, o[i] end
    if kind == "keys" then return 1, i - 1 end
    return 1, new_array({ i - 1, o[i] }, 2)
  end
  local next_method = native("next", 0, function(this)
    local d = type(this) == "table" and rawget(this, DATA)
    if type(d) ~= "table" or not d.array_iterator then rt.type_error("next method called on incompatible receiver " .. rt.show(this)) end
    local there, v = array_step(d)
    return (rt.iter_result(v, there == nil))
  end)
  rt.direct_step(next_method, array_step)
  hide(I, "next", next_method)
  rt.readonly(I, SYMBOL.toStringTag, "Array Iterator")
  rt.set_array_iteration(values, next_method, rt.string_iterator)

  local unscopables = rt.object_of(nil)
  for _, name in L.ipairs { "forEach", "map", "filter", "some", "every", "find", "findIndex", "flatMap" } do rt.may_lend(P[name]) end
  for _, name in L.ipairs { "at", "copyWithin", "entries", "fill", "find", "findIndex", "findLast", "findLastIndex", "flat", "flatMap", "includes", "keys",
    "toReversed", "toSorted", "toSpliced", "values" } do
    unscopables[name] = true
  end
  rt.readonly(P, SYMBOL.unscopables, unscopables)
end
