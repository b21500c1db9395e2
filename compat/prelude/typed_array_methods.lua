-- SPDX-License-Identifier: MIT
--
-- %TypedArray% and its methods (ECMA-262, clauses 23.2.1 to 23.2.3).
local rt = ...
local L = rt.lua
local ffi = L.require "ffi"
local type, select, ipairs = L.type, L.select, L.ipairs
local floor, huge, min, max = L.math.floor, L.math.huge, L.math.min, L.math.max
local copy = ffi.copy
local null, native, hide, tonum, toint, text, truthy, is_callable = rt.null, rt.native, rt.hide, rt.tonum, rt.toint, rt.text, rt.truthy, rt.is_callable
local SYMBOL = rt.symbols
local views = rt.views
local live_length, typed_data, in_bounds, convert = views.live_length, views.typed_data, views.in_bounds, views.convert
local with_length, validate, create, species_create, slot_buffer = views.with_length, views.validate, views.create, views.species_create, views.slot_buffer

local function need_function(f)
  if type(f) ~= "function" and not is_callable(f) then rt.type_error(rt.show(f) .. " is not a function") end
end

-- The length now, after a program's code has run; it must not have lost its buffer.
local function still(d, name)
  local n = live_length(d)
  if n == nil then rt.type_error("Cannot perform %TypedArray%.prototype." .. name .. " on a detached ArrayBuffer") end
  return n
end

-- body(o, n, slot, three arguments).
local function method(T, name, length, body)
  local full = "%TypedArray%.prototype." .. name
  hide(T, name, native(name, length, function(this, a, b, c)
    local d, n = validate(this, full)
    return body(this, n, d, a, b, c)
  end))
end

-- The number of arguments matters to these: body(o, n, slot, count, two arguments)
local function counting_method(T, name, length, body)
  local full = "%TypedArray%.prototype." .. name
  hide(T, name, native(name, length, function(this, ...)
    local count = select("#", ...)
    local a, b = ...
    local d, n = validate(this, full)
    return body(this, n, d, count, a, b)
  end))
end

local function install_callbacks(T)
  method(T, "every", 1, function(o, n, _, f, receiver)
    need_function(f)
    for i = 1, n do
      if not truthy(f(receiver, o[i], i - 1, o)) then return false end
    end
    return true
  end)
  method(T, "some", 1, function(o, n, _, f, receiver)
    need_function(f)
    for i = 1, n do
      if truthy(f(receiver, o[i], i - 1, o)) then return true end
    end
    return false
  end)
  method(T, "forEach", 1, function(o, n, _, f, receiver)
    need_function(f)
    for i = 1, n do f(receiver, o[i], i - 1, o) end
  end)
  method(T, "find", 1, function(o, n, _, f, receiver)
    need_function(f)
    for i = 1, n do
      local v = o[i]
      if truthy(f(receiver, v, i - 1, o)) then return v end
    end
  end)
  method(T, "findIndex", 1, function(o, n, _, f, receiver)
    need_function(f)
    for i = 1, n do
      if truthy(f(receiver, o[i], i - 1, o)) then return i - 1 end
    end
    return -1
  end)
  method(T, "findLast", 1, function(o, n, _, f, receiver)
    need_function(f)
    for i = n, 1, -1 do
      local v = o[i]
      if truthy(f(receiver, v, i - 1, o)) then return v end
    end
  end)
  method(T, "findLastIndex", 1, function(o, n, _, f, receiver)
    need_function(f)
    for i = n, 1, -1 do
      if truthy(f(receiver, o[i], i - 1, o)) then return i - 1 end
    end
    return -1
  end)
  counting_method(T, "reduce", 1, function(o, n, _, count, f, v)
    need_function(f)
    local first = 1
    if count < 2 then
      if n == 0 then rt.type_error "Reduce of empty array with no initial value" end
      v, first = o[1], 2
    end
    for i = first, n do v = f(nil, v, o[i], i - 1, o) end
    return v
  end)
  counting_method(T, "reduceRight", 1, function(o, n, _, count, f, v)
    need_function(f)
    local first = n
    if count < 2 then
      if n == 0 then rt.type_error "Reduce of empty array with no initial value" end
      v, first = o[n], n - 1
    end
    for i = first, 1, -1 do v = f(nil, v, o[i], i - 1, o) end
    return v
  end)
  method(T, "map", 1, function(o, n, d, f, receiver)
    need_function(f)
    local made = species_create(o, d, "map", n, n)
    for i = 1, n do made[i] = f(receiver, o[i], i - 1, o) end
    return made
  end)
  method(T, "filter", 1, function(o, n, d, f, receiver)
    need_function(f)
    local list, m = {}, 0
    for i = 1, n do
      local v = o[i]
      if truthy(f(receiver, v, i - 1, o)) then
        m = m + 1
        list[m] = v
      end
    end
    local made = species_create(o, d, "filter", m, m)
    for i = 1, m do made[i] = list[i] end
    return made
  end)
end

local function install_searches(T)
  method(T, "includes", 1, function(o, n, _, v, from)
    if n == 0 then return false end
    from = toint(from)
    if from < 0 then from = max(n + from, 0) end
    for i = from + 1, n do if rt.same_value_zero(o[i], v) then return true end end
    return false
  end)
  method(T, "indexOf", 1, function(o, n, d, v, from)
    if n == 0 then return -1 end
    from = toint(from)
    if from < 0 then from = max(n + from, 0) end
    for i = from + 1, min(n, live_length(d) or 0) do if o[i] == v then return i - 1 end end
    return -1
  end)
  counting_method(T, "lastIndexOf", 1, function(o, n, d, count, v, from)
    if n == 0 then return -1 end
    if count > 1 then from = toint(from) else from = n - 1 end
    if from < 0 then from = n + from elseif from > n - 1 then from = n - 1 end
    for i = min(from + 1, live_length(d) or 0), 1, -1 do if o[i] == v then return i - 1 end end
    return -1
  end)
  method(T, "at", 1, function(o, n, _, i)
    i = toint(i)
    if i < 0 then i = i + n end
    if i < 0 or i >= n then return nil end
    return o[i + 1]
  end)
  method(T, "join", 1, function(o, n, _, separator)
    separator = separator == nil and "," or text(separator)
    local list = {}
    for i = 1, n do
      local v = o[i]
      list[i] = v == nil and "" or text(v)
    end
    return L.table.concat(list, separator)
  end)
  method(T, "toLocaleString", 0, function(o, n)
    local list = {}
    for i = 1, n do
      local v = o[i]
      list[i] = (v == nil or v == null) and "" or text(v:toLocaleString())
    end
    return L.table.concat(list, ",")
  end)
end

local function install_changes(T)
  method(T, "fill", 1, function(o, n, d, v, from, to)
    v = convert(d.kind, v)
    from = rt.relative(from, n, 0)
    to = rt.relative(to, n, n)
    local now = still(d, "fill")
    local at, put = d.at, d.kind.set
    for i = from, min(to, now) - 1 do put(at, i, v) end
    return o
  end)
  method(T, "reverse", 0, function(o, n)
    for i = 1, floor(n / 2) do
      local a, b = o[i], o[n + 1 - i]
      o[i], o[n + 1 - i] = b, a
    end
    return o
  end)
  method(T, "copyWithin", 2, function(o, n, d, target, from, to)
    target = rt.relative(target, n, 0)
    from = rt.relative(from, n, 0)
    to = rt.relative(to, n, n)
    local count = min(to - from, n - target)
    if count <= 0 then return o end
    local now = still(d, "copyWithin")
    count = min(count, now - from, now - target)
    local size = d.kind.size
    local base = d.data.memory + d.offset
    if count > 0 then
      local part = ffi.new("uint8_t[?]", count * size)
      copy(part, base + from * size, count * size)
      copy(base + target * size, part, count * size)
    end
    return o
  end)
  method(T, "slice", 2, function(o, n, d, from, to)
    from = rt.relative(from, n, 0)
    to = rt.relative(to, n, n)
    local count = max(to - from, 0)
    local made, md = species_create(o, d, "slice", count, count)
    if count == 0 then return made end
    to = min(to, still(d, "slice"))
    if md.kind == d.kind then
      -- upwards byte by byte: both may be of one buffer
      local source, target = d.data.memory + d.offset + from * d.kind.size, md.data.memory + md.offset
      for i = 0, min((to - from) * d.kind.size, md.data.length - md.offset) - 1 do target[i] = source[i] end
    else
      for i = from + 1, to do made[i - from] = o[i] end
    end
    return made
  end)
  hide(T, "subarray", native("subarray", 2, function(this, from, to)
    local d = views.slot_for(this, "subarray")
    local n = live_length(d) or 0
    from = rt.relative(from, n, 0)
    local tracking = d.length == nil and to == nil
    local last = rt.relative(to, n, n)
    local C = rt.species_constructor(this, d.kind.constructor)
    local offset = d.offset + from * d.kind.size
    local made, md
    if tracking then made, md = create(C, "subarray", nil, slot_buffer(d), offset)
    else made, md = create(C, "subarray", nil, slot_buffer(d), offset, max(last - from, 0)) end
    if md.kind.big ~= d.kind.big then rt.type_error "Content type of source and derived typed arrays differ" end
    return made
  end))
  hide(T, "set", native("set", 1, function(this, source, offset)
    local d = views.slot_for(this, "set")
    offset = toint(offset)
    if offset < 0 then rt.range_error "offset is out of bounds" end
    local n = still(d, "set")
    local e = typed_data(source)
    if e then
      local m = still(e, "set")
      if e.kind.big ~= d.kind.big then rt.type_error "Cannot mix BigInt and other types, use explicit conversions" end
      if offset == huge or m + offset > n then rt.range_error "offset is out of bounds" end
      if e.kind == d.kind then
        local part = ffi.new("uint8_t[?]", m * e.kind.size + 1)
        copy(part, e.data.memory + e.offset, m * e.kind.size)
        copy(d.data.memory + d.offset + offset * d.kind.size, part, m * d.kind.size)
      else
        local list = {}
        for i = 1, m do list[i] = source[i] end
        for i = 1, m do this[offset + i] = list[i] end
      end
      return
    end
    source = rt.toobject(source)
    local m = rt.tolength(source.length)
    if offset == huge or m + offset > n then rt.range_error "offset is out of bounds" end
    for i = 1, m do this[offset + i] = source[i] end
  end))
end

-- ---- sorting

local function numeric_compare(a, b)
  if a ~= a then return b ~= b and 0 or 1 end
  if b ~= b then return -1 end
  if a < b then return -1 elseif b < a then return 1 end
  if a == 0 and b == 0 and type(a) == "number" then
    if 1 / a < 0 and 1 / b > 0 then return -1 elseif 1 / a > 0 and 1 / b < 0 then return 1 end
  end
  return 0
end

local function sorted(o, n, f)
  local list = {}
  for i = 1, n do list[i] = o[i] end
  local compare = numeric_compare
  if f ~= nil then
    function compare(a, b)
      local r = tonum(f(nil, a, b))
      return r ~= r and 0 or r
    end
  end
  return rt.merge_sort(list, n, compare)
end

local function install_sorts(T)
  hide(T, "sort", native("sort", 1, function(this, f)
    if f ~= nil then need_function(f) end
    local d, n = validate(this, "%TypedArray%.prototype.sort")
    local list = sorted(this, n, f)
    for i = 1, min(n, live_length(d) or 0) do this[i] = list[i] end
    return this
  end))
  hide(T, "toSorted", native("toSorted", 1, function(this, f)
    if f ~= nil then need_function(f) end
    local d, n = validate(this, "%TypedArray%.prototype.toSorted")
    local made = with_length(d.kind.prototype, d.kind, n)
    local list = sorted(this, n, f)
    for i = 1, n do made[i] = list[i] end
    return made
  end))
  method(T, "toReversed", 0, function(o, n, d)
    local made = with_length(d.kind.prototype, d.kind, n)
    for i = 1, n do made[i] = o[n + 1 - i] end
    return made
  end)
  method(T, "with", 2, function(o, n, d, i, v)
    local at = toint(i)
    if at < 0 then at = at + n end
    v = convert(d.kind, v)
    if at < 0 or not in_bounds(d, at + 1) then rt.range_error "Invalid typed array index" end
    local made = with_length(d.kind.prototype, d.kind, n)
    for k = 1, n do
      if k == at + 1 then made[k] = v else made[k] = o[k] end
    end
    return made
  end)
end

-- ---- %TypedArray% itself

function views.slot_for(o, name)
  local d = typed_data(o)
  if not d then rt.type_error("Receiver of TypedArray.prototype." .. name .. " is not a typed array") end
  return d
end
local slot_for = views.slot_for

local function install_statics(TypedArray)
  rt.getter(TypedArray, SYMBOL.species, native("get [Symbol.species]", 0, function(this) return this end))
  rt.methods(TypedArray, {
    "of", 0, function(C, ...)
      if not rt.is_constructor(C) then rt.type_error(rt.show(C) .. " is not a constructor") end
      local n = select("#", ...)
      local list = { ... }
      list, n = rt.whole(list, n)
      local o = create(C, "%TypedArray%.of", n, n)
      for i = 1, n do o[i] = list[i] end
      return o
    end,
    "from", 1, function(C, items, f, receiver)
      if not rt.is_constructor(C) then rt.type_error(rt.show(C) .. " is not a constructor") end
      if f ~= nil then need_function(f) end
      local iterator = items[SYMBOL.iterator]
      local list, n
      if iterator ~= nil and iterator ~= null then
        need_function(iterator)
        list, n = rt.collect(items)
      else
        list = rt.toobject(items)
        n = rt.tolength(list.length)
      end
      local o = create(C, "%TypedArray%.from", n, n)
      for i = 1, n do
        local v = list[i]
        if f then v = f(receiver, v, i - 1) end
        o[i] = v
      end
      return o
    end,
  })
end

local function install_getters(T)
  rt.define_getter(T, "buffer", function(this) return slot_buffer(slot_for(this, "buffer")) end)
  rt.define_getter(T, "byteLength", function(this)
    local d = slot_for(this, "byteLength")
    return (live_length(d) or 0) * d.kind.size
  end)
  rt.define_getter(T, "byteOffset", function(this)
    local d = slot_for(this, "byteOffset")
    return live_length(d) and d.offset or 0
  end)
  rt.define_getter(T, "length", function(this) return live_length(slot_for(this, "length")) or 0 end)
  rt.getter(T, SYMBOL.toStringTag, native("get [Symbol.toStringTag]", 0, function(this)
    local d = typed_data(this)
    return d and d.kind.name
  end))
end

function rt.install_typed_array_methods()
  local T = rt.object_of(rt.ObjectPrototype)
  local function abstract() rt.type_error "Abstract class TypedArray not directly constructable" end
  local TypedArray = rt.native_constructor("TypedArray", 0, abstract, function() abstract() end, T)
  views.TypedArray, views.TypedArrayPrototype = TypedArray, T
  install_statics(TypedArray)
  install_getters(T)
  local A = rt.ArrayPrototype
  for _, name in ipairs { "entries", "keys", "values" } do
    local shared = A[name]
    hide(T, name, native(name, 0, function(this)
      validate(this, "%TypedArray%.prototype." .. name)
      return shared(this)
    end))
  end
  hide(T, SYMBOL.iterator, T.values)
  install_searches(T)
  install_callbacks(T)
  install_changes(T)
  hide(T, "toString", A.toString)
  install_sorts(T)
end
