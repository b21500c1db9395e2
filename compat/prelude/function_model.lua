-- SPDX-License-Identifier: MIT
--
-- Functions and classes: what the metadata says of each function, its properties, `new`, class definitions, private names.
--
-- A JavaScript function is a Lua function; its properties lie in a table of their own, its bag, made when first needed.
-- What `new` must know of a function is its constructor record: {kind = "plain" | "base" | "derived" | "native", …}.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, select, tonumber, pairs, error = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset,
  L.select, L.tonumber, L.pairs, L.error
local floor = L.math.floor
local match, gsub, find, sub = L.string.match, L.string.gsub, L.string.find, L.string.sub
local getinfo, debug_setmetatable = L.debug.getinfo, L.debug.setmetatable
local util = L.jit_util
local funcinfo, funck = util.funcinfo, util.funck

local null, none = rt.null, rt.none
local bags, lookup, put, own_shape, root_of, is_object, store = rt.bags, rt.lookup, rt.put, rt.own_shape, rt.root_of, rt.is_object, rt.store
local SYMBOL = rt.symbols

-- ---- metadata

local by_proto = setmetatable({}, { __mode = "k" })  -- LuaJIT's prototype -> record
local cached = setmetatable(L.require "table.new"(0, 2048), { __mode = "k" }) -- function -> record
local natives = cached
local waiting = {}                                   -- chunk name -> {main, metadata, source} not yet read

local KINDS = { n = "normal", a = "arrow", M = "method", g = "getter", s = "setter", C = "base", D = "derived", f = "field", S = "static", ["-"] = "program" }

local read_chunk
function rt.register_chunk(name, main, metadata, source, passing)
  if passing then -- nothing but its functions keeps it
    read_chunk { main = main, metadata = metadata, source = source }
    return
  end
  local list = waiting[name]
  if not list then
    list = {}
    waiting[name] = list
  end
  list[#list + 1] = { main = main, metadata = metadata, source = source }
end

local function unescape(c) return c == "n" and "\n" or c end

function read_chunk(chunk)
  local lines, n = {}, 0
  for line in (chunk.metadata .. "\n"):gmatch "(.-)\n" do
    n = n + 1
    lines[n] = line
  end
  local nth = 0
  local function walk(proto)
    nth = nth + 1
    local line = lines[nth]
    if line and line ~= "-" then
      local flags, length, first, last, name = match(line, "^(%S+) (%d+) (%d+) (%d+) ?([^\t]*)")
      local keys = match(line, "\tthis (.*)$")
      if flags then
        local kind = KINDS[sub(flags, 1, 1)]
        local rest = sub(flags, 2)
        local plain = kind == "normal" and not find(rest, "[AG]")
        by_proto[proto] = {
          kind = kind, async = find(rest, "A", 1, true) ~= nil, generator = find(rest, "G", 1, true) ~= nil, strict = find(rest, "s", 1, true) ~= nil,
          target = find(rest, "t", 1, true) ~= nil, length = tonumber(length), first = tonumber(first), last = tonumber(last),
          name = name ~= "" and gsub(name, "\\(.)", unescape) or nil, keys = keys, chunk = chunk, constructor = plain or kind == "base" or kind == "derived",
        }
      end
    end
    local children, count, i = {}, 0, -1
    while true do
      local k = funck(proto, i)
      if k == nil then break end
      if type(k) == "proto" then
        count = count + 1
        children[count] = k
      end
      i = i - 1
    end
    for c = 1, count do walk(children[c]) end
  end
  walk(funcinfo(chunk.main).proto)
  chunk.main, chunk.metadata = nil, nil
end

-- The record of a function: JavaScript's, or one that `native` has told of; nil for Lua's.
local function finfo(f)
  local known = cached[f]
  if known then return known end
  local info = funcinfo(f)
  local proto = info.proto
  if not proto then return nil end
  local record = by_proto[proto]
  if not record then
    local name = getinfo(f, "S").source
    local list = waiting[name]
    if list then
      waiting[name] = nil
      for i = 1, #list do read_chunk(list[i]) end
      record = by_proto[proto]
    end
  end
  if record then cached[f] = record end
  return record
end
rt.finfo = finfo

-- A function of the prelude's own.
local function native(name, length, f, constructor)
  cached[f] = { kind = "native", name = name, length = length, constructor = constructor or false, native = true }
  return f
end
rt.native = native

-- All functions that are made where f was made are the prelude's own: no record for each.
function rt.native_kind(name, length, f)
  by_proto[funcinfo(f).proto] = { kind = "native", name = name, length = length, constructor = false, native = true }
end

-- ---- lent functions (compat/scope_lend.c): made once, their first parameter is a table of what they use of the functions around

local lendable = setmetatable({}, { __mode = "k" }) -- Array.prototype's methods that call with what they get as thisArg
function rt.may_lend(f) lendable[f] = true end

local function closure(f, environment)
  local g = function(_, ...) return (f(environment, ...)) end
  cached[g] = rt.finfo(f)
  return g
end
rt.closure = closure

-- The arguments of o[name] for the function f.
function rt.lend(o, name, f, environment)
  if type(o) == "table" then
    local mt = getmetatable(o)
    if mt ~= nil and mt.array and lendable[o[name]] then return f, environment end
  end
  return (closure(f, environment))
end

local given_names = setmetatable({}, { __mode = "k" }) -- of functions behind computed keys
local function name_of_key(k)
  if type(k) == "table" then
    if k.is_private then return k.name end
    local d = k.description
    return d == nil and "" or "[" .. d .. "]"
  end
  if type(k) == "number" then return rt.number_text(k - 1) end
  return k
end

-- SetFunctionName for a function or class that has no name of its own.
local function give_name(f, k, prefix)
  if type(f) ~= "function" then return end
  local info = finfo(f)
  if not info or info.native then return end
  local bag = bags[f]
  if bag then
    local d = rt.get_own(f, "name")
    if d and (d.value ~= "" or d.accessor) then return end
    if info.kind == "base" or info.kind == "derived" then
      if d then put(f, "name", { value = (prefix or "") .. name_of_key(k), bits = 4 }) end
      return
    end
  end
  if (info.name == nil or prefix) and given_names[f] == nil then
    given_names[f] = (prefix or "") .. name_of_key(k)
    if bag then put(f, "name", { value = given_names[f], bits = 4 }) end
  end
end
rt.give_name = give_name

local function function_name(f)
  local bag = bags[f]
  if bag then
    local d = rt.get_own(f, "name")
    if d and type(d.value) == "string" then return d.value end
    return ""
  end
  local given = given_names[f]
  if given then return given end
  local info = finfo(f)
  return info and info.name or ""
end
rt.function_name = function_name

function rt.function_text(f)
  local info = type(f) == "function" and finfo(f)
  if info and info.chunk and info.chunk.source then return (sub(info.chunk.source, info.first + 1, info.last)) end
  return "function " .. (type(f) == "function" and not rt.bound[f] and function_name(f) or "") .. "() { [native code] }"
end

-- ---- bags

local function default_proto(info)
  if not info then return rt.FunctionPrototype end
  if info.async then return info.generator and rt.AsyncGeneratorFunctionPrototype or rt.AsyncFunctionPrototype end
  if info.generator then return rt.GeneratorFunctionPrototype end
  return rt.FunctionPrototype
end

-- The prototype of a plain function is made when somebody asks: it knows the function, and the bag must not (see `constructors`).
local late_prototype = { __index = function(d, key)
  if key ~= "value" then return nil end
  local f = d.owner[1]
  if f == nil then return nil end
  local proto = setmetatable({}, own_shape(rt.ObjectPrototype))
  rt.hide(proto, "constructor", f)
  put(f, "prototype", { value = proto, bits = 1 })
  return proto
end }
local WEAK = { __mode = "v" }

-- That of a function as it is made. Those of the library are Node's when somebody asks.
local exact = false
local function length_of(info)
  if not info then return 0 end
  if info.native and not exact then
    exact = true
    rt.exact_lengths()
  end
  return info.length
end
rt.length_of_function = length_of

local late_length = { __index = function(d, k)
  if k == "value" then return length_of(d.info) end
end }

local function make_bag(f)
  local info = finfo(f)
  local bag = setmetatable({}, own_shape(default_proto(info)))
  bags[f] = bag
  local name = given_names[f] or info and info.name or ""
  if info and info.native then put(f, "length", setmetatable({ info = info, bits = 4 }, late_length))
  else put(f, "length", { value = length_of(info), bits = 4 }) end
  if name ~= "" or info and (info.kind ~= "base" and info.kind ~= "derived") then put(f, "name", { value = name, bits = 4 }) end
  if info and (info.kind == "normal" and info.constructor or info.generator) then
    if info.generator then
      put(f, "prototype", { value = rt.object_of(info.async and rt.AsyncGeneratorPrototype or rt.GeneratorPrototype), bits = 1 })
    else
      local mt = getmetatable(bag)
      rt.own_add(mt, "prototype")
      mt.special = mt.special or {}
      mt.special.prototype = setmetatable({ bits = 1, owner = setmetatable({ f }, WEAK) }, late_prototype)
      rt.settle(mt)
    end
  end
  return bag
end
rt.set_bag_maker(make_bag)

function rt.install_function_type()
  local function_base = store(rt.FunctionPrototype)
  local mt = {}
  for k, v in pairs(rt.metamethods) do mt[k] = v end
  function mt.__index(f, k)
    local bag = bags[f]
    if bag then
      local v = rawget(bag, k)
      if v ~= nil then return v end
      return lookup(bag, k, f)
    end
    local v = rawget(function_base, k)
    if v ~= nil and k ~= "constructor" then return v end
    if k == "name" then return function_name(f) end
    if k == "length" then
      return length_of(finfo(f))
    end
    bag = make_bag(f)
    v = rawget(bag, k)
    if v ~= nil then return v end
    return lookup(bag, k, f)
  end
  function mt.__newindex(f, k, v)
    local bag = bags[f] or make_bag(f)
    if rawget(bag, k) ~= nil then
      rawset(bag, k, v)
      return
    end
    rt.set_slow(f, k, v, f)
  end
  debug_setmetatable(L.print, mt)
end

-- ---- constructors

-- Nothing in these weak tables may lead back to its key: LuaJIT would keep both for ever.
local constructors = setmetatable({}, { __mode = "k" }) -- function -> record
rt.constructors = constructors
local bound = setmetatable({}, { __mode = "k" }) -- bound function -> its target
local bound_arguments = setmetatable({}, { __mode = "k" })
rt.bound, rt.bound_arguments = bound, bound_arguments

-- `new` of a bound function.
local function bound_constructor(f, target)
  return { kind = "native", native = function(new_target, ...)
    if new_target == f then new_target = target end
    local given = bound_arguments[f]
    local n, m = given.n, select("#", ...)
    local all = {}
    for i = 1, n do all[i] = given[i] end
    for i = 1, m do all[n + i] = (select(i, ...)) end
    rt.note_target(target, new_target)
    if m > rt.MANY then
      all, m = rt.whole(all, n + m)
      m = m - n
    end
    return rt.construct(target, new_target, rt.passed(all, n + m))
  end }
end

-- A function of its own: a closure in constructor_of would keep the JIT from compiling whoever calls that.
local function exotic_constructor(f, mt)
  return { kind = "native", native = function(target, ...) return mt.construct(f, target, ...) end }
end

local function constructor_of(f)
  local c = constructors[f]
  if c then return c end
  if type(f) ~= "function" then
    local mt = type(f) == "table" and getmetatable(f)
    return mt and mt.construct and exotic_constructor(f, mt) or nil
  end
  local info = finfo(f)
  if not info or not info.constructor then return nil end
  local target = bound[f]
  if target then
    c = bound_constructor(f, target)
    constructors[f] = c
    return c
  end
  c = { kind = info.kind == "normal" and "plain" or info.kind, target = info.target, bag = store(f) }
  c.plain = c.kind == "plain" and not c.target
  constructors[f] = c
  return c
end
rt.constructor_of = constructor_of

function rt.is_constructor(f) return constructor_of(f) ~= nil end

-- A constructor of the prelude's own. construct(target, …) gives the object; called without new, `call` runs.
function rt.native_constructor(name, length, call, construct, prototype)
  native(name, length, call, true)
  constructors[call] = { kind = "native", native = construct, bag = store(call), prototype = prototype }
  if prototype then
    put(call, "prototype", { value = prototype, bits = 0 })
    rt.hide(prototype, "constructor", call)
  end
  return call
end

local function not_constructor(f) rt.type_error(rt.show(f) .. " is not a constructor") end

-- target.prototype, where it can by its kind be found without asking the object.
local function target_prototype(target)
  local c = constructors[target]
  local proto = c and (c.prototype or c.bag and rawget(c.bag, "prototype"))
  if proto ~= nil then return proto end
  return (target.prototype)
end
rt.target_prototype = target_prototype

-- The shape of what `new` makes for target; `fallback` is the prototype where target's own is no object.
local function target_root(target, fallback)
  local proto = target_prototype(target)
  if not is_object(proto) then proto = fallback or rt.ObjectPrototype end
  return root_of(proto)
end
rt.target_root = target_root

local NO_TARGET = {}
local inherited_roots = setmetatable({}, { __mode = "k" }) -- root shapes whose allocator knows the constructors of several classes
local pending = nil

local METHOD, UNDEFINED = {}, {} -- in an object under a private name: a method or accessor; a field that is undefined

local function initialize(c, o)
  local privates = c.privates
  if privates then
    local t = store(o)
    for i = 1, #privates do
      if rawget(t, privates[i]) ~= nil then rt.type_error("Cannot initialize private methods of class twice on the same object") end
      rawset(t, privates[i], METHOD)
    end
  end
  local fields = c.fields
  if fields then
    for i = 1, #fields do fields[i](o) end
  end
end

-- The constructors of a new object: the base one first, then those of the classes over it up to target. Only f where another than
-- target's own base was asked for.
local function constructors_to(f, target)
  local list, n = { target }, 1
  while list[n] ~= f do
    local parent = rt.proto_of(list[n])
    if type(parent) ~= "function" then return { f } end
    n = n + 1
    list[n] = parent
  end
  for i = 1, floor(n / 2) do list[i], list[n + 1 - i] = list[n + 1 - i], list[i] end
  return list
end

-- Makes the objects of a constructor whose first statements assign keys: they have room for those from the start (and false in them,
-- which nobody sees). nil where a prototype has setters, or the constructor tells no keys. The classes over it add theirs as long as
-- each constructor does nothing else.
local function allocator(f, root, target)
  local shape, fields = root, {}
  local above = constructors[target]
  local list = above.kind == "derived" and not above.indirect and constructors_to(f, target) or { f }
  for i = 1, #list do
    local info = finfo(list[i])
    local keys = info and info.keys
    if not keys then
      if i == 1 then return nil end
      break
    end
    local all = false
    for key in L.string.gmatch(keys, "[^ ]+") do
      if key == "." then all = true else
        if root.guarded and rt.has_special(root, key) then return nil end
        if not rt.pos_of(shape)[key] then
          shape = shape.next[key] or rt.grow(shape, key)
          fields[#fields + 1] = L.string.format("[%q]=false", key)
        end
      end
    end
    if not all then break end
  end
  if #fields == 0 then return nil end
  if #list > 1 then inherited_roots[root] = true end
  return L.loadstring("local setmetatable, shape = ... return function() return (setmetatable({" .. L.table.concat(fields, ",") .. "}, shape)) end",
    "=new")(setmetatable, shape)
end

-- A class has another parent now: what its objects begin with is to be found anew.
function rt.forget_allocators()
  for root in pairs(inherited_roots) do root.alloc = nil end
end

-- What `new` needs of a target whose prototype is as it was: its root shape, and how its own and its parent's objects are made.
local function refresh(c, target, proto)
  c.proto = proto
  c.root = target_root(target)
  c.root.alloc = nil
end

local function prototype_of(c) return c.prototype or rawget(c.bag, "prototype") end

-- The object of a plain or base constructor f that `new target` asked for.
local function make(f, target)
  local t = constructors[target]
  if not t or t.native then return (setmetatable({}, target_root(target))) end
  local proto = prototype_of(t)
  if proto ~= t.proto or proto == nil then refresh(t, target, proto) end
  local root = t.root
  if root.alloc == nil or root.alloc_for ~= f then
    root.alloc_for, root.alloc = f, allocator(f, root, target) or false
  end
  local alloc = root.alloc
  if alloc then return (alloc()) end
  return (setmetatable({}, root))
end

local function build(f, target, ...)
  local c = constructors[f] or constructor_of(f)
  if not c then not_constructor(f) end
  if c.native then return c.native(target, ...) end
  if c.kind == "derived" then return (f(target, ...)) end
  local o = make(f, target)
  if c.fields or c.privates then initialize(c, o) end
  if c.target then pending = target end
  local r = f(o, ...)
  if r ~= nil and is_object(r) then return r end
  return o
end

rt.construct = build -- and no function between: LuaJIT's traces go wrong where varargs are handed on twice

-- Before a construct(f, target, …) that is not the program's `super`: not all of target's constructors will run.
function rt.note_target(f, target)
  if f == target then return end
  local t = constructors[target] or constructor_of(target)
  if not t or t.indirect then return end
  t.indirect = true
  if t.root then t.root.alloc = nil end
end

local function fresh(f, c)
  local proto = c.prototype or rawget(c.bag, "prototype")
  if proto ~= c.proto or proto == nil then refresh(c, f, proto) end
  local root = c.root
  if root.alloc == nil or root.alloc_for ~= f then
    root.alloc_for, root.alloc = f, allocator(f, root, f) or false
  end
  local alloc = root.alloc
  if alloc then return (alloc()) end
  return (setmetatable({}, root))
end

rt["new"] = function(f, ...)
  local c = constructors[f]
  if c and c.plain then
    local o = fresh(f, c)
    local r = f(o, ...)
    if r == nil or not is_object(r) then return o, none() end
    return r, none()
  end
  if c and c.kind == "derived" then return (f(f, ...)) end
  return build(f, f, ...)
end

-- The same for so many arguments.
function rt.new1(f, a)
  local c = constructors[f]
  if c then
    if c.plain then
      local o = fresh(f, c)
      local r = f(o, a)
      if r == nil or not is_object(r) then return o, none() end
      return r, none()
    end
    local single = c.single
    if single then return (single(a)) end
    if c.kind == "derived" then return (f(f, a)) end
  end
  return build(f, f, a)
end
function rt.new2(f, a, b)
  local c = constructors[f]
  if c then
    if c.plain then
      local o = fresh(f, c)
      local r = f(o, a, b)
      if r == nil or not is_object(r) then return o, none() end
      return r, none()
    end
    if c.kind == "derived" then return (f(f, a, b)) end
  end
  return build(f, f, a, b)
end
function rt.new3(f, a, b, d)
  local c = constructors[f]
  if c then
    if c.plain then
      local o = fresh(f, c)
      local r = f(o, a, b, d)
      if r == nil or not is_object(r) then return o, none() end
      return r, none()
    end
    if c.kind == "derived" then return (f(f, a, b, d)) end
  end
  return build(f, f, a, b, d)
end

function rt.newtarget()
  local target = pending
  pending = nil
  return target
end

local function no_super(C, parent)
  rt.type_error("Super constructor " .. (parent == rt.FunctionPrototype and "null" or rt.show(parent or null)) .. " of " .. (function_name(C) ~= "" and function_name(C) or "anonymous class") .. " is not a constructor")
end

function rt.super(C, target, ...)
  if type(target) ~= "function" and not constructor_of(target) then rt.noclass(C) end
  local c = constructors[C]
  local parent = getmetatable(c.bag).proto
  local above = constructors[parent] or parent ~= nil and constructor_of(parent)
  if not above then no_super(C, parent) end
  local o
  if above.kind == "derived" then o = parent(target, ...) else o = build(parent, target, ...) end
  if c.fields or c.privates then initialize(c, o) end
  return o
end

-- super() where it may have run before.
function rt.supertwice(this, C, target, ...)
  if this == nil then return (rt.super(C, target, ...)) end
  rt.construct(getmetatable(constructors[C].bag).proto, target, ...)
  rt.throw_error("ReferenceError", "Super constructor may only be called once")
end

-- f() = x
function rt.invalid(message) rt.throw_error("ReferenceError", message) end

-- delete super.x
function rt.supernot() rt.throw_error("ReferenceError", "Unsupported reference to 'super'") end

function rt.result(v, this)
  if v ~= nil then
    if is_object(v) then return v end
    rt.type_error "Derived constructors may only return object or undefined"
  end
  if this == nil then return rt.nothis() end
  return this
end

function rt.nothis()
  rt.throw_error("ReferenceError", "Must call super constructor in derived class before accessing 'this' or returning from derived constructor")
end
function rt.noclass(C)
  local name = C and function_name(C)
  if not name then
    local info = getinfo(2, "f")
    name = info and function_name(info.func) or ""
  end
  rt.type_error("Class constructor " .. name .. " cannot be invoked without 'new'")
end

local symbol_meta, bigint_meta = rt.symbol_meta, rt.bigint_meta

local function sloppy_slow(this)
  if this == nil or this == null then return rt.global end
  local t = type(this)
  if t == "function" or t == "userdata" then return this end
  return rt.wrap(this)
end

function rt.sloppy(this)
  if type(this) == "table" then
    local mt = getmetatable(this)
    if mt ~= symbol_meta and mt ~= bigint_meta then return this end
  end
  return sloppy_slow(this)
end

-- The first step is written out: most objects are of the class itself or of none.
local function instanceof(o, f)
  if type(f) == "function" and type(o) == "table" then
    local c = constructors[f]
    local bag = c and c.bag
    local mt = getmetatable(o)
    if bag and mt.n and bag[SYMBOL.hasInstance] == rt.default_has_instance and not mt.exotic then -- a class or a function that was constructed
      local wanted = c.prototype or rawget(bag, "prototype")
      local p = mt.proto
      if wanted ~= nil and type(wanted) == "table" then
        if p == wanted then return true, none() end
        if p == nil or p == rt.ObjectPrototype then return false, none() end
      end
    end
  end
  if not is_object(f) then rt.type_error "Right-hand side of 'instanceof' is not an object" end
  local method = f[SYMBOL.hasInstance]
  if method ~= nil and method ~= null and method ~= rt.default_has_instance then return rt.truthy(method(f, o)) end
  if not rt.is_callable(f) then rt.type_error "Right-hand side of 'instanceof' is not callable" end
  return rt.ordinary_has_instance(f, o)
end
rt.instanceof = instanceof

function rt.ordinary_has_instance(f, o)
  if not rt.is_callable(f) then return false end
  local target = bound[f]
  if target then return instanceof(o, target) end
  if not is_object(o) then return false end
  local proto = f.prototype
  if not is_object(proto) then rt.type_error("Function has non-object prototype '" .. rt.text(proto) .. "' in instanceof check") end
  local proto_of = rt.proto_of
  o = proto_of(o)
  while o ~= nil do
    if o == proto then return true end
    o = proto_of(o)
  end
  return false
end

-- ---- classes

local define_member

rt["class"] = function(name, parent, ...)
  local n = select("#", ...)
  local C = select(n, ...)
  local proto_parent, parent_function = rt.ObjectPrototype, rt.FunctionPrototype
  if parent == null then
    proto_parent = nil
  elseif parent ~= false then
    if not is_object(parent) or not constructor_of(parent) then
      rt.type_error("Class extends value " .. rt.show(parent) .. " is not a constructor or null")
    end
    proto_parent = parent.prototype
    if proto_parent == null then proto_parent = nil
    elseif not is_object(proto_parent) then rt.type_error("Class extends value does not have valid prototype property " .. rt.show(proto_parent)) end
    parent_function = parent
  end
  local info = finfo(C)
  local P = setmetatable({}, own_shape(proto_parent))
  local bag = setmetatable({}, own_shape(parent_function))
  bags[C] = bag
  local c = { kind = info.kind, target = info.target, bag = bag, prototype = P, plain = info.kind == "base" and not info.target }
  constructors[C] = c
  put(C, "length", { value = info.length, bits = 4 })
  put(C, "name", { value = name, bits = 4 })
  put(C, "prototype", { value = P, bits = 0 })
  rt.hide(P, "constructor", C)
  local members = { ... } -- compiled, select would give several values from the wrong place (LuaJIT 2.1.0-beta3)
  for i = 1, n - 3, 3 do
    define_member(C, c, members[i], members[i + 1], members[i + 2])
  end
  return C, P
end

local function append(c, list, v)
  local t = c[list]
  if not t then
    t = {}
    c[list] = t
  end
  t[#t + 1] = v
end

function define_member(C, c, kind, key, value)
  if kind == "fields" then
    c.plain = false
    return append(c, "fields", value)
  end
  if kind == "static" then return append(c, "statics", value) end
  local is_static = sub(kind, 1, 7) == "static "
  local what = is_static and sub(kind, 8) or kind
  if type(key) == "table" and key.is_private then
    key[what] = value
    if not key.placed then
      key.placed = true
      if is_static then rawset(store(C), key, METHOD) else
        c.plain = false
        append(c, "privates", key)
      end
    end
    give_name(value, key, what ~= "method" and what .. " " or nil)
    return
  end
  local o = is_static and C or c.prototype
  if is_static and key == "prototype" then rt.type_error "Classes may not have a static property named 'prototype'" end
  if what == "method" then
    give_name(value, key)
    if rt.get_own(o, key) then
      rt.define_own(o, key, { value = value, has_value = true, bits = 5, mask = 7 })
    else
      put(o, key, { value = value, bits = 5 })
    end
    return
  end
  give_name(value, key, what .. " ")
  local old = rt.get_own(o, key)
  local d = { accessor = true, bits = 4, get = old and old.get, set = old and old.set }
  d[what] = value
  put(o, key, d)
end

rt.method = function(C, kind, key, value) define_member(C, constructors[C], kind, key, value) end

function rt.finish(C)
  local statics = constructors[C].statics
  for i = 1, #statics do statics[i](C) end
end

function rt.field(o, key, value)
  if type(value) == "function" then give_name(value, key) end
  if not rt.define_data(o, key, value) then rt.type_error("Cannot redefine property: " .. rt.key_text(key)) end
end

-- ---- private names

function rt.private(name) return { is_private = true, name = name } end

function rt.privatefield(o, p, v)
  local t = store(o)
  if rawget(t, p) ~= nil then rt.type_error("Cannot initialize " .. p.name .. " twice on the same object") end
  if type(v) == "function" then give_name(v, p) end
  if v == nil then v = UNDEFINED end
  rawset(t, p, v)
end

local function private_missing(p, verb)
  rt.type_error("Cannot " .. verb .. " private member " .. p.name .. (verb == "write" and " to" or " from") .. " an object whose class did not declare it")
end

local function getprivate(o, p)
  if not is_object(o) then private_missing(p, "read") end
  local v = rawget(store(o), p)
  if v == nil then private_missing(p, "read") end
  if v == UNDEFINED then return nil end
  if v == METHOD then
    if p.method then return p.method end
    if p.get then return (p.get(o)) end
    rt.type_error("'" .. p.name .. "' was defined without a getter")
  end
  return v
end
rt.getprivate = getprivate

function rt.setprivate(o, p, v)
  if not is_object(o) then private_missing(p, "write") end
  local t = store(o)
  local old = rawget(t, p)
  if old == nil then private_missing(p, "write") end
  if old == METHOD then
    if p.set then
      p.set(o, v)
      return
    end
    if p.method then rt.type_error("Private method '" .. p.name .. "' is not writable") end
    rt.type_error("'" .. p.name .. "' was defined without a setter")
  end
  if v == nil then v = UNDEFINED end
  rawset(t, p, v)
end

function rt.hasprivate(o, p)
  if not is_object(o) then rt.type_error("Cannot use 'in' operator to search for '" .. p.name .. "' in " .. rt.text(o)) end
  return rawget(store(o), p) ~= nil
end
function rt.callprivate(o, p, ...)
  return (getprivate(o, p)(o, ...))
end

function rt.getsuper(this, base, k)
  if base == nil or base == null then rt.type_error("Cannot read properties of null (reading '" .. rt.key_text(k) .. "')") end
  return (rt.get(base, k, this))
end
function rt.setsuper(this, base, k, v)
  if base == nil or base == null then rt.type_error("Cannot set properties of null (setting '" .. rt.key_text(k) .. "')") end
  rt.set(base, k, v, this, false)
end
