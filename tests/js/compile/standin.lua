-- SPDX-License-Identifier: MIT
--
-- A stand-in for the prelude: just enough of JavaScript's world to run the emitted code of plain language tests under a
-- bare luajit. Slow and incomplete on purpose; it shows what each helper must do (compat/README.md has the contracts).
-- usage: luajit standin.lua FILE.lua

local bit, ffi, buffer = require "bit", require "ffi", require "string.buffer"
local rt, G = {}, {}
local null = newproxy(true)
local unset = newproxy(true)
rt.null, rt.unset, rt.global = null, unset, G
local unpack, floor, type, select, rawget, rawset, setmetatable, getmetatable = unpack, math.floor, type, select, rawget,
  rawset, setmetatable, getmetatable

-- ---- objects: a metatable for each (prototype, keys)

local ObjectProto, FunctionProto, ArrayProto, ErrorProto, GenProto, AsyncGenProto = {}, {}, {}, {}, {}, {}
local Symbol = {}
local UNDEF = {}
local function dead_error(name, message) local e = rt.new(G[name], message) error(e, 0) end

local function find(o, k) -- accessor along the chain
  local mt = getmetatable(o)
  while mt do
    local a = mt.accessors and mt.accessors[k]
    if a then return a end
    local p = mt.proto
    if not p then return nil end
    if rawget(p, k) ~= nil then return nil end
    mt = getmetatable(p)
  end
end

local function shape_index(o, k)
  local p = o
  while p do
    local v = rawget(p, k)
    if v ~= nil then return v end
    local mt = getmetatable(p)
    if not mt then return nil end
    local a = mt.accessors and mt.accessors[k]
    if a then if a.get then return (a.get(o)) end return nil end
    p = mt.proto
  end
end

local function add_key(mt, k)
  for i = 1, #mt.keys do if mt.keys[i] == k then return end end
  mt.keys[#mt.keys + 1] = k
end

local arith = {}
local function shape_newindex(o, k, v)
  local a = find(o, k)
  if a then if a.set then a.set(o, v) elseif true then dead_error("TypeError", "Cannot set property " .. tostring(k) .. " of #<Object> which has only a getter") end return end
  if type(k) ~= "number" then add_key(getmetatable(o), k) end
  local mt = getmetatable(o)
  if mt.is_array and type(k) == "number" and v ~= nil or mt.is_array and type(k) == "number" then
    if k > rawget(o, "length") then rawset(o, "length", k) end
  end
  rawset(o, k, v)
end

local function new_shape(proto, keys)
  local mt = {__index = shape_index, __newindex = shape_newindex, proto = proto, keys = keys or {}}
  for k, v in pairs(arith) do mt[k] = v end
  return mt
end

local function object(proto) return setmetatable({}, new_shape(proto)) end
for _, p in ipairs {FunctionProto, ArrayProto, ErrorProto, GenProto, AsyncGenProto} do setmetatable(p, new_shape(ObjectProto)) end
setmetatable(ObjectProto, new_shape(nil))

function rt.shapes(text)
  local K, n = {}, 0
  for line in (text .. "\n"):gmatch("(.-)\n") do
    n = n + 1
    local keys = {}
    for k in line:gmatch("%S+") do keys[#keys + 1] = k end
    K[n] = keys
  end
  return K
end
function rt.setmeta(o, what)
  if what == rt.array then
    local mt = new_shape(ArrayProto)
    mt.is_array = true
    return setmetatable(o, mt)
  end
  return setmetatable(o, new_shape(ObjectProto, {unpack(what)}))
end
rt.array = {}
local function array(t, n) t.length = n or #t return rt.setmeta(t, rt.array) end
local function is_array(o) local mt = type(o) == "table" and getmetatable(o) return mt and mt.is_array end

-- functions' properties
local fprops = setmetatable({}, {__mode = "k"})
local names = setmetatable({}, {__mode = "k"})
local info = setmetatable({}, {__mode = "k"})
local function fobj(f)
  local p = fprops[f]
  if not p then
    p = object(FunctionProto)
    fprops[f] = p
  end
  return p
end
debug.setmetatable(print, {
  __index = function(f, k)
    local p = fobj(f)
    local v = p[k]
    if v == nil and k == "prototype" and not (info[f] and info[f].arrow) then
      v = object(ObjectProto)
      v.constructor = f
      getmetatable(v).keys = {}
      rawset(p, "prototype", v)
    end
    if v == nil and k == "name" then return names[f] or "" end
    if v == nil and k == "length" then return info[f] and info[f].length or 0 end
    return v
  end,
  __newindex = function(f, k, v) fobj(f)[k] = v end,
})

-- ---- conversions

local function number_text(n)
  if n ~= n then return "NaN" elseif n == math.huge then return "Infinity" elseif n == -math.huge then return "-Infinity" end
  if n == floor(n) and math.abs(n) < 1e21 then return (("%.0f"):format(n):gsub("^%-0$", "0")) end
  for p = 1, 17 do
    local s = ("%." .. p .. "g"):format(n)
    if tonumber(s) == n then
      local m, e = s:match("^(.-)e(.*)$")
      if m then
        e = tonumber(e)
        if e >= -6 and e < 0 then return (("%." .. (#m:gsub("[%-%.]", "") - 1 - e) .. "f"):format(n)) end
        return m .. (e < 0 and "e-" or "e+") .. math.abs(e)
      end
      return s
    end
  end
end

local function to_primitive(v, hint)
  if type(v) ~= "table" and type(v) ~= "function" then return v end
  for _, m in ipairs(hint == "string" and {"toString", "valueOf"} or {"valueOf", "toString"}) do
    local f = v[m]
    if f then
      local r = f(v)
      if type(r) ~= "table" and type(r) ~= "function" then return r end
    end
  end
  dead_error("TypeError", "Cannot convert object to primitive value")
end
local function str(v)
  local t = type(v)
  if t == "string" then return v
  elseif t == "number" then return number_text(v)
  elseif v == nil then return "undefined"
  elseif v == null then return "null"
  elseif t == "boolean" then return tostring(v)
  elseif t == "cdata" then return (tostring(v):gsub("U?LL$", ""))
  end
  return str(to_primitive(v, "string"))
end
local function num(v)
  local t = type(v)
  if t == "number" then return v
  elseif t == "string" then
    v = v:match("^%s*(.-)%s*$")
    if v == "" then return 0 end
    return v:find("^[+-]?Infinity$") and (v:sub(1, 1) == "-" and -math.huge or math.huge) or (not v:find("[nN]") and tonumber(v)) or 0 / 0
  elseif v == null or v == false then return 0
  elseif v == true then return 1
  elseif v == nil then return 0 / 0
  elseif t == "cdata" then return v end
  return num(to_primitive(v, "number"))
end
rt.tonum, rt.tonumeric, rt.text = num, num, str
function rt.tostr(v) if type(v) == "table" then v = to_primitive(v) end return str(v) end
function rt.truthy(v) return not (not v or v == null or v == 0 or v == "" or v ~= v) end
function rt.plus(a, b)
  a, b = to_primitive(a), to_primitive(b)
  if type(a) == "string" or type(b) == "string" then return str(a) .. str(b) end
  return num(a) + num(b)
end
function rt.mod(a, b)
  a, b = num(a), num(b)
  return math.fmod(a, b)
end
function rt.pow(a, b) a, b = num(a), num(b) if b ~= b then return b end return a ^ b end
local function int32(v)
  v = num(v)
  if v ~= v or v == math.huge or v == -math.huge then return 0 end
  v = v < 0 and -floor(-v) or floor(v)
  return bit.tobit(v % 4294967296)
end
function rt.bitor(a, b) return bit.bor(int32(a), int32(b)) end
function rt.bitand(a, b) return bit.band(int32(a), int32(b)) end
function rt.bitxor(a, b) return bit.bxor(int32(a), int32(b)) end
function rt.bitnot(a) return bit.bnot(int32(a)) end
function rt.shl(a, b) return bit.lshift(int32(a), bit.band(int32(b), 31)) end
function rt.sar(a, b) return bit.arshift(int32(a), bit.band(int32(b), 31)) end
function rt.shr(a, b) return bit.rshift(int32(a), bit.band(int32(b), 31)) % 4294967296 end
function rt.equals(a, b)
  if a == null then a = nil end
  if b == null then b = nil end
  if a == b then return true end
  if a == nil or b == nil then return false end
  local ta, tb = type(a), type(b)
  if ta == tb then return false end
  if ta == "table" or ta == "function" then a = to_primitive(a) ta = type(a) end
  if tb == "table" or tb == "function" then b = to_primitive(b) tb = type(b) end
  if ta == tb then return a == b end
  return num(a) == num(b)
end
function rt.typeof(v)
  local t = type(v)
  if v == nil then return "undefined" elseif t == "table" or v == null then return getmetatable(v) == Symbol and "symbol" or "object"
  elseif t == "cdata" then return "bigint" end
  return t
end
function rt.keyof(_, k) return rt.tokey(k) end
function rt.tokey(k)
  if type(k) == "number" then return k + 1 end
  if type(k) == "table" and getmetatable(k) == Symbol then return k end
  k = str(k)
  if k:find("^%d+$") and (k == "0" or k:sub(1, 1) ~= "0") then return tonumber(k) + 1 end
  return k
end
function rt.void() return nil end
function rt.logand(a, b) if rt.truthy(a) then return b end return a end
function rt.logor(a, b) if rt.truthy(a) then return a end return b end
function rt.nullish(a, b) if a == nil or a == null then return b end return a end
function rt.bigint(s) return ffi.cast("int64_t", tonumber(s)) end

for _, op in ipairs {"add", "sub", "mul", "div", "unm"} do
  arith["__" .. op] = op == "unm" and function(a) return -num(a) end
    or loadstring("local num = ... return function(a, b) return num(a) " .. ({add = "+", sub = "-", mul = "*", div = "/"})[op] .. " num(b) end")(num)
end
local function compare(name, f)
  rt[name] = function(a, b)
    a, b = to_primitive(a, "number"), to_primitive(b, "number")
    if type(a) == "string" and type(b) == "string" then return f(a, b) end
    return f(num(a), num(b))
  end
end
compare("less", function(a, b) return a < b end)
compare("lesseq", function(a, b) return a <= b end)
compare("greater", function(a, b) return a > b end)
compare("greatereq", function(a, b) return a >= b end)

local NumberProto, StringProto, BooleanProto = object(ObjectProto), object(ObjectProto), object(ObjectProto)
local function basemeta(index)
  local mt = {__index = index}
  for k, v in pairs(arith) do mt[k] = v end
  return mt
end
local function no_property(what) return function(_, k) dead_error("TypeError", "Cannot read properties of " .. what .. " (reading '" .. str(type(k) == "number" and k - 1 or k) .. "')") end end
local nilmeta = basemeta(no_property "undefined")
nilmeta.__newindex = function(_, k) dead_error("TypeError", "Cannot set properties of undefined (setting '" .. str(k) .. "')") end
debug.setmetatable(nil, nilmeta)
local nullmeta = getmetatable(null)
for k, v in pairs(nilmeta) do nullmeta[k] = v end
nullmeta.__index = no_property "null"
debug.setmetatable(0, basemeta(function(_, k) return NumberProto[k] end))
debug.setmetatable(true, basemeta(function(_, k) return BooleanProto[k] end))
local strmeta, string = getmetatable(""), string
for k, v in pairs(arith) do strmeta[k] = v end
strmeta.__index = function(s, k)
  if k == "length" then return #s end
  if type(k) == "number" then local c = s:sub(k, k) if c ~= "" then return c end return nil end
  local v = StringProto[k]
  if v ~= nil then return v end
  return string[k]
end

-- ---- properties

function rt.getproto(o)
  if type(o) == "function" then return rawget(fobj(o), "__parent") or FunctionProto end
  local mt = getmetatable(o)
  return mt and mt.proto or null
end
rt.dunder_proto = rt.getproto
function rt.setproto(o, p) if type(o) == "function" then rawset(fobj(o), "__parent", p) getmetatable(fobj(o)).proto = fobj(p) else getmetatable(o).proto = p ~= null and p or nil end end
local function own(o)
  if type(o) == "function" then o = fobj(o) end
  return o
end
local function has_own(o, k)
  o = own(o)
  if type(o) == "string" then return type(k) == "number" and k <= #o end
  if rawget(o, k) ~= nil then return true end
  local mt = getmetatable(o)
  for _, x in ipairs(mt.keys) do if x == k then return true end end
  return false
end
function rt.has(k, o)
  if type(o) ~= "table" and type(o) ~= "function" then dead_error("TypeError", "Cannot use 'in' operator to search for '" .. str(k) .. "' in " .. str(o)) end
  k = rt.tokey(k)
  o = own(o)
  while o do
    if has_own(o, k) then return true end
    o = getmetatable(o).proto
  end
  return false
end
local function own_keys(o)
  o = own(o)
  if type(o) == "string" then local r = {} for i = 1, #o do r[i] = number_text(i - 1) end return r end
  local n, keys = {}, {}
  if is_array(o) then for i = 1, o.length do n[i] = i end
  else for k in pairs(o) do if type(k) == "number" then n[#n + 1] = k end end end
  table.sort(n)
  for i, k in ipairs(n) do keys[i] = number_text(k - 1) end
  local mt = getmetatable(o)
  for _, k in ipairs(mt.keys) do if type(k) == "string" and not (mt.hidden and mt.hidden[k]) then keys[#keys + 1] = k end end
  return keys
end
function rt.new1(...) return (rt.new(...)) end
rt.new2, rt.new3 = rt.new1, rt.new1
function rt.closure(f, environment) return function(_, ...) return f(environment, ...) end end
function rt.lend(_, _, f, environment) return rt.closure(f, environment) end

function rt.keys(o)
  local list, seen = {}, {}
  if o ~= nil and o ~= null then
    o = own(o)
    while type(o) == "table" do
      for _, k in ipairs(own_keys(o)) do if not seen[k] then seen[k] = true list[#list + 1] = k end end
      o = getmetatable(o).proto
    end
  end
  local i = 0
  return function() i = i + 1 return list[i] end
end
function rt.delete(o, k)
  o = own(o)
  local mt = getmetatable(o)
  for i, x in ipairs(mt.keys) do if x == k then table.remove(mt.keys, i) break end end
  if mt.accessors then mt.accessors[k] = nil end
  rawset(o, k, nil)
  return true
end
local function accessor(o, kind, k, f)
  o = own(o)
  local mt = getmetatable(o)
  mt.accessors = mt.accessors or {}
  mt.accessors[k] = mt.accessors[k] or {}
  mt.accessors[k][kind] = f
  add_key(mt, k)
  rawset(o, k, nil)
end
local function define(o, k, v)
  o = own(o)
  local mt = getmetatable(o)
  if type(k) ~= "number" then add_key(mt, k) elseif mt.is_array and k > o.length then rawset(o, "length", k) end
  rawset(o, k, v)
end
local function hide(o, k) local mt = getmetatable(own(o)) mt.hidden = mt.hidden or {} mt.hidden[k] = true end
function rt.object(o, ...)
  for i = 1, select("#", ...), 3 do
    local kind, k, v = select(i, ...)
    if kind == "get" or kind == "set" then accessor(o, kind, k, v)
    elseif kind == "value" then define(o, k, v)
    elseif kind == "named" then define(o, k, v) if type(v) == "function" and type(k) == "string" and not names[v] then names[v] = k end
    elseif kind == "proto" then if v == null or type(v) == "table" then rt.setproto(o, v) end
    elseif v ~= nil and v ~= null then for _, key in ipairs(own_keys(v)) do define(o, rt.tokey(key), v[rt.tokey(key)]) end end
  end
  return o
end
rt.field = define
function rt.restof(o, ...)
  local skip, r = {}, object(ObjectProto)
  for i = 1, select("#", ...) do skip[select(i, ...)] = true end
  for _, k in ipairs(own_keys(o)) do k = rt.tokey(k) if not skip[k] then define(r, k, o[k]) end end
  return r
end

-- ---- calls

function rt.invoke(o, k, ...) return o[k](o, ...) end
local newtarget
function rt.newtarget() local t = newtarget newtarget = nil return t end
local function construct(f, target, ...)
  local i = info[f]
  if type(f) ~= "function" or i and i.arrow then dead_error("TypeError", str(names[f] or "value") .. " is not a constructor") end
  if i and i.derived then return (f(target, ...)) end
  if i and i.native then return i.native(target, ...) end
  local o = object(target.prototype)
  if i and i.fields then for _, init in ipairs(i.fields) do init(o) end end
  newtarget = i and i.target and target or nil
  local r = f(o, ...)
  if type(r) == "table" or type(r) == "function" then return r end
  return o
end
function rt.new(f, ...) return construct(f, f, ...) end
setmetatable(rt, {__index = function(_, k) error("stand-in: no helper " .. k) end})
function rt.super(C, target, ...)
  local parent = rt.getproto(C)
  local o = construct(parent, target, ...)
  local i = info[C]
  if i.fields then for _, init in ipairs(i.fields) do init(o) end end
  return o
end
function rt.result(v, this)
  if type(v) == "table" or type(v) == "function" then return v end
  if not this then return rt.nothis() end
  return this
end
function rt.nothis() dead_error("ReferenceError", "Must call super constructor in derived class before accessing 'this' or returning from derived constructor") end
function rt.noclass() dead_error("TypeError", "Class constructor cannot be invoked without 'new'") end
function rt.instanceof(o, f)
  if type(f) ~= "function" then dead_error("TypeError", "Right-hand side of 'instanceof' is not callable") end
  local p = f.prototype
  if type(o) ~= "table" and type(o) ~= "function" then return false end
  o = rt.getproto(o)
  while o and o ~= null do
    if o == p then return true end
    o = rt.getproto(o)
  end
  return false
end
function rt.arguments(...) local a = array({...}, select("#", ...)) getmetatable(a).proto = ObjectProto accessor(a, "x", "x") rt.delete(a, "x") define(a, Symbol.iterator, ArrayProto.values) return a end
rt.select = select
function rt.many(...) return select("#", ...) end
function rt.pack(...) return {...} end
rt.plainarguments, rt.strictarguments = rt.arguments, rt.arguments -- which differ in what callee is
function rt.mappedarguments(n, access, ...) return rt.arguments(...) end -- the tests do not see the tie
function rt.rest(n, ...) return array({select(n + 1, ...)}, math.max(0, select("#", ...) - n)) end
function rt.restarguments(arguments, n) return rt.rest(n, unpack(arguments, 1, arguments.length)) end
function rt.sloppy(this) if this == nil or this == null then return G end return this end
local each
function rt.spread(o)
  if is_array(o) then return unpack(o, 1, o.length) end
  local t, n = {}, 0
  for _, v in each(o) do n = n + 1 t[n] = v end
  return unpack(t, 1, n)
end
function rt.flatten(mask, ...)
  local r, n = {}, 0
  for i = 1, #mask do
    local v = select(i, ...)
    if mask:byte(i) == 49 then for _, x in each(v) do n = n + 1 r[n] = x end else n = n + 1 r[n] = v end
  end
  return array(r, n)
end
rt.flat = rt.flatten
function rt.applied(f) return f end

-- ---- iteration

local depth, open, await = 0, {}
Symbol.iterator = setmetatable({description = "Symbol.iterator"}, Symbol)
Symbol.asyncIterator = setmetatable({description = "Symbol.asyncIterator"}, Symbol)
local function array_next(a, i) if i < a.length then return i + 1, a[i + 1] end end
local function string_next(s, i)
  if i > #s then return end
  local c = s:match("^[\1-\127\194-\244][\128-\191]*", i) or s:sub(i, i)
  return i + #c, c
end
function each(o)
  if is_array(o) then return array_next, o, 0 end
  if type(o) == "string" then return string_next, o, 1 end
  local f = o[Symbol.iterator]
  if type(f) ~= "function" then dead_error("TypeError", str(type(o) == "table" and "object" or o) .. " is not iterable") end
  local it = f(o)
  local state = {it = it}
  depth = depth + 1
  open[depth] = state
  return function()
    local r = it:next()
    if rt.truthy(r.done) then
      for i = depth, 1, -1 do if open[i] == state then for k = depth, i, -1 do open[k] = nil end depth = i - 1 end end
      return nil
    end
    return 1, r.value
  end, state
end
rt.each = each
function rt.close(s)
  if type(s) ~= "table" or not s.it then return end
  for i = depth, 1, -1 do if open[i] == s then for k = depth, i, -1 do open[k] = nil end depth = i - 1 end end
  local f = s.it["return"]
  if f then
    if s.async then await(f(s.it)) else f(s.it) end
  end
end
function rt.take(o, n)
  if is_array(o) then return unpack(o, 1, n) end
  local r, i = {}, 0
  local f, s, c = each(o)
  while i < n do
    local v
    c, v = f(s, c)
    if c == nil then return unpack(r, 1, n) end
    i = i + 1
    r[i] = v
  end
  rt.close(s)
  return unpack(r, 1, n)
end
function rt.superbase(o) return rt.getproto(o) end
function rt.steps(o)
  if is_array(o) then return {list = o, i = 0} end
  local f, s, c = each(o)
  return {f = f, s = s, c = c}
end
function rt.step(s)
  if s.list then
    s.i = s.i + 1
    return s.list[s.i]
  end
  if s.done then return nil end
  local v
  s.c, v = s.f(s.s, s.c)
  s.done = s.c == nil
  return v
end
function rt.steprest(s)
  local r, n = {}, 0
  while not (s.done or s.list and s.i >= s.list.length) do
    local v = rt.step(s)
    if not s.done then
      n = n + 1
      r[n] = v
    end
  end
  return array(r, n)
end
function rt.stepend(s) if s.s and not s.done then rt.close(s.s) end end
function rt.takerest(o, n)
  local all = rt.flatten("1", o)
  local rest = {unpack(all, n + 1, all.length)}
  local r = {unpack(all, 1, n)}
  r[n + 1] = array(rest, math.max(0, all.length - n))
  return unpack(r, 1, n + 1)
end

-- ---- exceptions

local RETURN, THROWN = {}, {}
local function settle(d, ok, ...)
  if not ok then
    while depth > d do
      local s = open[depth]
      open[depth] = nil
      depth = depth - 1
      local f = s.it["return"]
      if f then pcall(f, s.it) end
    end
  end
  return ok, ...
end
function rt.try(f, ...) return settle(depth, pcall(f, ...)) end
function rt.keep(bodies, n, f) bodies[n] = f return f end
function rt.catch(e)
  if type(e) == "table" and e.signal == RETURN then error(e, 0) end
  if getmetatable(e) == THROWN then return e.value end
  if type(e) == "string" then
    if e:find("stack overflow") then return rt.new(G.RangeError, "Maximum call stack size exceeded") end
    local call = e:match("attempt to call %w+ '(.-)'")
    if call then return rt.new(G.TypeError, call .. " is not a function") end
    return rt.new(G.TypeError, e)
  end
  return e
end
function rt.throw(v) -- a thrown string must not be taken for a Lua error
  if type(v) == "string" then v = setmetatable({value = v}, THROWN) end
  error(v, 0)
end
function rt.dead(name) dead_error("ReferenceError", "Cannot access '" .. name .. "' before initialization") end
function rt.missing(name)
  local v = rawget(G, name)
  if v == nil and not has_own(G, name) then dead_error("ReferenceError", name .. " is not defined") end
  return v
end
function rt.constant() dead_error("TypeError", "Assignment to constant variable.") end
function rt.setglobal(name, v)
  if rawget(G, name) == nil and not has_own(G, name) then dead_error("ReferenceError", name .. " is not defined") end
  G[name] = v
end
function rt.declare(name) add_key(getmetatable(G), name) end
function rt.buffer(s) local b = buffer.new() if s then b:put(s) end return b end
function rt.joined(s) return s end
function rt.join(a, b) return a .. b end
function rt.textof(v) return v end
function rt.unitsof(v) return #v end
function rt.sizeof(v) return v end
function rt.appended(v, x) return v .. rt.tostr(x) end
function rt.appended_at(_, old, x) return old .. rt.tostr(x) end
function rt.extend(o, k, x) o[k] = rt.plus(o[k], x) end
function rt.held(o, k) return o[k] end
function rt.extend_at(o, k, v, _, x) o[k] = rt.plus(v, x) end
function rt.length_of(o, k) return o[k].length end

-- ---- classes

local function define_member(C, P, kind, k, v)
  if kind == "fields" then
    local i = info[C]
    i.fields = i.fields or {}
    i.fields[#i.fields + 1] = v
    return
  elseif kind == "static" then
    local i = info[C]
    i.statics = i.statics or {}
    i.statics[#i.statics + 1] = v
    return
  end
  local is_static, what = kind:find("^static ") ~= nil, kind:match("%a+$")
  local o = is_static and C or P
  if type(k) == "table" and k.private then
    k[what] = v
    return
  end
  if what == "method" then define(o, k, v) names[v] = str(k) else accessor(o, what, k, v) end
  hide(o, type(k) == "string" and k or "")
end
rt["class"] = function(name, parent, ...)
  local C
  local n = select("#", ...)
  C = select(n, ...)
  local known = info[C]
  info[C] = {derived = parent ~= false, target = known and known.target, length = known and known.length}
  names[C] = name
  local P = object(parent and parent ~= null and parent.prototype or parent == false and ObjectProto or nil)
  define(P, "constructor", C)
  hide(P, "constructor")
  rawset(fobj(C), "prototype", P)
  if parent and parent ~= null then rt.setproto(C, parent) end
  for i = 1, n - 3, 3 do define_member(C, P, select(i, ...)) end
  return C, P
end
function rt.method(C, ...) define_member(C, C.prototype, ...) end
function rt.finish(C) for _, f in ipairs(info[C].statics or {}) do f(C) end end
rt.private = function(name) return {private = name, values = setmetatable({}, {__mode = "k"})} end
function rt.privatefield(o, p, v) if v == nil then v = UNDEF end p.values[o] = v end
function rt.getprivate(o, p)
  if p.method then return p.method end
  if p.get then return p.get(o) end
  local v = p.values[o]
  if v == nil then dead_error("TypeError", "Cannot read private member " .. p.private .. " from an object whose class did not declare it") end
  if v == UNDEF then return nil end
  return v
end
function rt.setprivate(o, p, v)
  if p.set then p.set(o, v) return end
  if p.values[o] == nil then dead_error("TypeError", "Cannot write private member " .. p.private .. " to an object whose class did not declare it") end
  rt.privatefield(o, p, v)
end
function rt.hasprivate(o, p) return p.values[o] ~= nil or (p.method ~= nil and type(o) == "table") end
function rt.callprivate(o, p, ...) return rt.getprivate(o, p)(o, ...) end
function rt.getsuper(_, base, k) return base[k] end
function rt.setlength(o, v) o.length = v end
function rt.holey(a) return a end
function rt.setsuper(this, _, k, v) this[k] = v end

-- ---- generators, async

local function iter_result(v, done) local o = object(ObjectProto) define(o, "value", v) define(o, "done", done) return o end
local coroutine = coroutine
local function resume_gen(g, mode, v)
  if g.state == "done" then
    if mode == "throw" then rt.throw(v) end
    return iter_result(mode == "return" and v or nil, true)
  end
  if g.state == "start" and mode ~= "next" then
    g.state = "done"
    if mode == "throw" then error(v, 0) end
    return iter_result(v, true)
  end
  if g.state == "running" then dead_error("TypeError", "Generator is already running") end
  local first = g.state == "start"
  g.state = "running"
  local ok, r
  if first then ok, r = coroutine.resume(g.co) else ok, r = coroutine.resume(g.co, mode, v) end
  if not ok then
    g.state = "done"
    if type(r) == "table" and r.signal == RETURN then return iter_result(r.value, true) end
    error(r, 0)
  end
  if coroutine.status(g.co) == "dead" then
    g.state = "done"
    return iter_result(r, true)
  end
  g.state = "suspended"
  return iter_result(r, false)
end
local gens = setmetatable({}, {__mode = "k"})
function rt.generator(f)
  local callee = debug.getinfo(2, "f").func
  local p = rawget(fobj(callee), "prototype")
  if not p then p = object(GenProto) rawset(fobj(callee), "prototype", p) end
  local o = object(p)
  gens[o] = {co = coroutine.create(f), state = "start"}
  return o
end
function GenProto.next(this, v) return resume_gen(gens[this], "next", v) end
GenProto["return"] = function(this, v) return resume_gen(gens[this], "return", v) end
GenProto["throw"] = function(this, v) return resume_gen(gens[this], "throw", v) end
GenProto[Symbol.iterator] = function(this) return this end
local function resumed(mode, v)
  if mode == "throw" then rt.throw(v) elseif mode == "return" then error({signal = RETURN, value = v}, 0) end
  return v
end
function rt.yield(v)
  local co = coroutine.running()
  local g = rt.asyncgens and rt.asyncgens[co]
  if g then v = await(v) return resumed(coroutine.yield("yield", v)) end
  return resumed(coroutine.yield(v))
end
function rt.yieldall(o)
  if rt.asyncgens and rt.asyncgens[coroutine.running()] then
    for _, v in rt.eachasync(o) do rt.yield(v) end
    return
  end
  local it = o[Symbol.iterator](o)
  local r = it:next()
  while not rt.truthy(r.done) do
    local mode, v = coroutine.yield(r.value)
    if mode == "throw" then
      if it["throw"] then r = it["throw"](it, v) else rt.throw(v) end
    elseif mode == "return" then
      local f = it["return"]
      if f then r = f(it, v) if rt.truthy(r.done) then error({signal = RETURN, value = r.value}, 0) end else error({signal = RETURN, value = v}, 0) end
    else
      r = it:next(v)
    end
  end
  return r.value
end

local queue, head, tail = {}, 1, 0
local function later(f) tail = tail + 1 queue[tail] = f end
local PromiseProto = object(ObjectProto)
local promises = setmetatable({}, {__mode = "k"})
local resolve, reject
local function settle_promise(p, state, v)
  local s = promises[p]
  if s.state then return end
  s.state, s.value = state, v
  for _, f in ipairs(s) do later(f) end
end
function reject(p, v) settle_promise(p, "rejected", v) end
function resolve(p, v)
  local t = type(v) == "table" and v["then"]
  if type(t) == "function" then
    later(function()
      local done = false
      local ok, e = pcall(t, v, function(_, x) if not done then done = true resolve(p, x) end end, function(_, x) if not done then done = true reject(p, x) end end)
      if not ok and not done then reject(p, e) end
    end)
  else
    settle_promise(p, "fulfilled", v)
  end
end
local function promise() local p = object(PromiseProto) promises[p] = {} return p end
function rt.plain_then(p, yes, no)
  local q, s = promise(), promises[p]
  local function run()
    local f = s.state == "fulfilled" and yes or s.state == "rejected" and no
    if type(f) ~= "function" then
      if s.state == "fulfilled" then resolve(q, s.value) else reject(q, s.value) end
      return
    end
    local ok, v = pcall(f, nil, s.value)
    if ok then resolve(q, v) else reject(q, rt.catch(v)) end
  end
  if s.state then later(run) else s[#s + 1] = run end
  return q
end
PromiseProto["then"] = rt.plain_then
PromiseProto["catch"] = function(this, no) return this["then"](this, nil, no) end
PromiseProto["finally"] = function(this, f) return this["then"](this, function(_, v) f() return v end, function(_, e) f() error(e, 0) end) end
G.Promise = function() end
fobj(G.Promise).prototype = PromiseProto
info[G.Promise] = {native = function(target, f)
  local p = object(target.prototype)
  promises[p] = {}
  local ok, e = pcall(f, nil, function(_, v) resolve(p, v) end, function(_, v) reject(p, v) end)
  if not ok then reject(p, rt.catch(e)) end
  return p
end}
G.Promise.resolve = function(_, v) if promises[v] then return v end local p = promise() resolve(p, v) return p end
G.Promise.reject = function(_, v) local p = promise() reject(p, v) return p end
G.Promise.all = function(_, list)
  local p, r, left = promise(), {}, 0
  for i = 1, list.length do
    left = left + 1
    local one = G.Promise:resolve(list[i])
    one["then"](one, function(_, v) r[i] = v left = left - 1 if left == 0 then resolve(p, array(r, list.length)) end end, function(_, e) reject(p, e) end)
  end
  if left == 0 then resolve(p, array({}, 0)) end
  return p
end
local tops = {}
function await(v)
  local co = coroutine.running()
  local p = promises[v] and v or G.Promise:resolve(v)
  rt.plain_then(p, function(_, x) rt.run(co, "next", x) end, function(_, e) rt.run(co, "throw", e) end)
  return resumed(coroutine.yield("await"))
end
rt.await = await
local results = setmetatable({}, {__mode = "k"})
function rt.run(co, ...)
  local ok, what, v = coroutine.resume(co, ...)
  local done = results[co]
  if not ok then
    if type(what) == "table" and what.signal == RETURN then return done(false, what) end
    return done(false, rt.catch(what))
  end
  if coroutine.status(co) == "dead" then return done(true, what) end
  if what == "yield" then return done("yield", v) end
end
function rt.async(f)
  local p = promise()
  local co = coroutine.create(f)
  results[co] = function(ok, v) if ok then resolve(p, v) else reject(p, v) end end
  rt.run(co)
  return p
end
rt.asyncgens = setmetatable({}, {__mode = "k"})
function rt.asyncgenerator(f)
  local g = {queue = {}, state = "start"}
  g.co = coroutine.create(f)
  rt.asyncgens[g.co] = g
  local o = object(AsyncGenProto)
  gens[o] = g
  local function pump()
    if g.busy or not g.queue[1] then return end
    local r = g.queue[1]
    if g.state == "start" and r.mode ~= "next" then g.state = "done" end
    if g.state == "done" then
      table.remove(g.queue, 1)
      if r.mode == "throw" then reject(r.p, r.v) else
        if r.mode == "return" then rt.plain_then(G.Promise:resolve(r.v), function(_, v) resolve(r.p, iter_result(v, true)) end) else resolve(r.p, iter_result(nil, true)) end
      end
      return pump()
    end
    g.busy = true
    local first = g.state == "start"
    g.state = "running"
    if first then rt.run(g.co) else rt.run(g.co, r.mode, r.v) end
  end
  results[g.co] = function(ok, v)
    local r = table.remove(g.queue, 1)
    g.busy = false
    if ok == "yield" then resolve(r.p, iter_result(v, false))
    else
      g.state = "done"
      if ok then resolve(r.p, iter_result(v, true))
      elseif type(v) == "table" and v.signal == RETURN then resolve(r.p, iter_result(v.value, true))
      else reject(r.p, v) end
    end
    pump()
  end
  g.pump = pump
  return o
end
for _, mode in ipairs {"next", "return", "throw"} do
  AsyncGenProto[mode] = function(this, v)
    local g, p = gens[this], promise()
    table.insert(g.queue, {mode = mode, v = v, p = p})
    g.pump()
    return p
  end
end
AsyncGenProto[Symbol.asyncIterator] = function(this) return this end
function rt.eachasync(o)
  local f = o[Symbol.asyncIterator]
  local it = f and f(o) or o[Symbol.iterator](o)
  return function()
    local r = f and await(it:next()) or it:next()
    if rt.truthy(r.done) then return nil end
    return 1, f and r.value or (not f and await(r.value))
  end, {it = it, async = true}
end

-- ---- the rest

function rt.template(K, site, ...)
  local key = "site" .. site
  if K[key] then return K[key] end
  local cooked, raw, n = {}, {}, select("#", ...) / 2
  for i = 1, n do cooked[i], raw[i] = select(i * 2 - 1, ...) end
  local o = array(cooked, n)
  o.raw = array(raw, n)
  K[key] = o
  return o
end
function rt.regexp(source, flags) local o = object(ObjectProto) o.source = source o.flags = flags return o end
function rt.scope(o, outer) return {o = o or object(nil), outer = outer} end
local function holder(D, k)
  while D do
    if D.get then local has = D.get(k) if has then return D, true end
    elseif rt.has(k, D.o) then return D end
    D = D.outer
  end
end
function rt.withget(D, k, static)
  local h, closure = holder(D, k)
  if closure then return (select(2, h.get(k))) end
  if h then return h.o[rt.tokey(k)] end
  if static then return static() end
  return rt.missing(k)
end
function rt.withset(D, k, v, static)
  local h, closure = holder(D, k)
  if closure then h.set(k, v) elseif h then h.o[rt.tokey(k)] = v elseif static then static(v) else G[k] = v end
end
function rt.withcall(D, k, static, ...)
  local h, closure = holder(D, k)
  if h and not closure then return h.o[k](h.o, ...) end
  if closure then return (select(2, h.get(k)))(nil, ...) end
  if static == nil then static = rt.missing(k) end
  return static(nil, ...)
end
function rt.withdelete(D, k) local h = holder(D, k) if h and h.o then return rt.delete(h.o, k) end return false end

setmetatable(G, new_shape(ObjectProto))
G.globalThis = G
G.undefined = nil
G.console = object(ObjectProto)
G.console.log = function(_, ...)
  local t = {}
  for i = 1, select("#", ...) do t[i] = str((select(i, ...))) end
  io.write(table.concat(t, " "), "\n")
end
G.String = function(_, v) return str(v) end
fobj(G.String).prototype = StringProto
G.String.fromCharCode = function(_, n) return string.char(n) end
G.Number = function(_, v) return num(v) end
fobj(G.Number).prototype = NumberProto
G.Boolean = function(_, v) return rt.truthy(v) end
fobj(G.Boolean).prototype = BooleanProto
G.isNaN = function(_, v) v = num(v) return v ~= v end
G.parseInt = function(_, v) return tonumber((str(v):match("^%s*([+-]?%d+)"))) or 0 / 0 end
G.Object = function(_, o) return o or object(ObjectProto) end
fobj(G.Object).prototype = ObjectProto
G.Object.keys = function(_, o) return array(own_keys(o)) end
G.Object.values = function(_, o) local r = {} for i, k in ipairs(own_keys(o)) do r[i] = o[rt.tokey(k)] end return array(r) end
G.Object.entries = function(_, o) local r = {} for i, k in ipairs(own_keys(o)) do r[i] = array({k, o[rt.tokey(k)]}, 2) end return array(r) end
G.Object.assign = function(_, o, ...) for i = 1, select("#", ...) do rt.object(o, "spread", nil, (select(i, ...))) end return o end
G.Object.create = function(_, p) return object(p ~= null and p or nil) end
G.Object.getPrototypeOf = function(_, o) return rt.getproto(o) end
G.Object.setPrototypeOf = function(_, o, p) rt.setproto(o, p) return o end
G.Object.freeze = function(_, o) return o end
G.Object.defineProperty = function(_, o, k, d)
  k = rt.tokey(k)
  if d.get or d.set then accessor(o, "get", k, d.get) accessor(o, "set", k, d.set) else define(o, k, d.value) end
  if not d.enumerable then hide(o, k) end
  return o
end
ObjectProto.toString = function(this) return "[object " .. (this == nil and "Undefined" or is_array(this) and "Array" or type(this) == "function" and "Function" or "Object") .. "]" end
ObjectProto.valueOf = function(this) return this end
ObjectProto.hasOwnProperty = function(this, k) return has_own(this, rt.tokey(k)) end
ObjectProto.constructor = G.Object
for k in pairs(ObjectProto) do hide(ObjectProto, k) end
G.Function = function() end
fobj(G.Function).prototype = FunctionProto
FunctionProto.call = function(this, t, ...) return this(t, ...) end
FunctionProto.apply = function(this, t, a) if a == nil or a == null then return this(t) end return this(t, unpack(a, 1, a.length)) end
FunctionProto.bind = function(this, t, ...) local n, a = select("#", ...), {...} return function(_, ...) local all = {unpack(a, 1, n)} local m = select("#", ...) for i = 1, m do all[n + i] = select(i, ...) end return this(t, unpack(all, 1, n + m)) end end
FunctionProto.toString = function() return "function () { [code] }" end
NumberProto.toString = function(this, radix) if radix == 16 then return ("%x"):format(this) elseif radix == 2 then local s = "" repeat s = this % 2 .. s this = floor(this / 2) until this == 0 return s end return str(this) end
NumberProto.toFixed = function(this, n) return ("%." .. (n or 0) .. "f"):format(this) end
BooleanProto.toString = function(this) return tostring(this) end
StringProto.toString = function(this) return this end
StringProto.charCodeAt = function(this, i) return this:byte((i or 0) + 1) or 0 / 0 end
StringProto.charAt = function(this, i) return this:sub((i or 0) + 1, (i or 0) + 1) end
StringProto.indexOf = function(this, s) local i = this:find(s, 1, true) return i and i - 1 or -1 end
StringProto.toUpperCase = function(this) return this:upper() end
StringProto.slice = function(this, a, b) local n = #this a = a or 0 b = b or n if a < 0 then a = n + a end if b < 0 then b = n + b end return this:sub(a + 1, b) end
StringProto.substring = StringProto.slice
StringProto["repeat"] = function(this, n) return this:rep(n) end
StringProto.split = function(this, s) local r = {} if s == "" then for c in this:gmatch(".") do r[#r + 1] = c end return array(r) end local i = 1 while true do local a, b = this:find(s, i, true) if not a then break end r[#r + 1] = this:sub(i, a - 1) i = b + 1 end r[#r + 1] = this:sub(i) return array(r) end
StringProto.concat = function(this, ...) for i = 1, select("#", ...) do this = this .. str((select(i, ...))) end return this end
StringProto.padStart = function(this, n, c) return (c or " "):rep(n - #this) .. this end
StringProto[Symbol.iterator] = function(this) return array({this:match((this:gsub(".", "(.)")))}):values() end

G.Array = function(_, n) return array({}, n or 0) end
fobj(G.Array).prototype = ArrayProto
info[G.Array] = {native = function(target, ...) local n = select("#", ...) local a if n == 1 and type((...)) == "number" then a = array({}, (...)) else a = array({...}, n) end getmetatable(a).proto = target.prototype return a end}
G.Array.isArray = function(_, a) return is_array(a) or false end
G.Array.from = function(_, o, f) local a = o[Symbol.iterator] and rt.flatten("1", o) or array({}, o.length) if f then for i = 1, a.length do a[i] = f(nil, a[i], i - 1) end end return a end
G.Array.of = function(_, ...) return array({...}, select("#", ...)) end
function ArrayProto.push(this, ...) for i = 1, select("#", ...) do local n = this.length + 1 rawset(this, n, (select(i, ...))) this.length = n end return this.length end
function ArrayProto.pop(this) local n = this.length if n == 0 then return end local v = this[n] rawset(this, n, nil) this.length = n - 1 return v end
function ArrayProto.shift(this) local n = this.length if n == 0 then return end local v = this[1] for i = 1, n do rawset(this, i, rawget(this, i + 1)) end this.length = n - 1 return v end
function ArrayProto.unshift(this, v) for i = this.length, 1, -1 do rawset(this, i + 1, rawget(this, i)) end rawset(this, 1, v) this.length = this.length + 1 return this.length end
function ArrayProto.map(this, f) local r = {} for i = 1, this.length do r[i] = f(nil, this[i], i - 1, this) end return array(r, this.length) end
function ArrayProto.forEach(this, f) for i = 1, this.length do f(nil, this[i], i - 1, this) end end
function ArrayProto.filter(this, f) local r, n = {}, 0 for i = 1, this.length do if rt.truthy(f(nil, this[i], i - 1, this)) then n = n + 1 r[n] = this[i] end end return array(r, n) end
function ArrayProto.reduce(this, f, ...) local i, a = 1, (...) if select("#", ...) == 0 then a = this[1] i = 2 end for k = i, this.length do a = f(nil, a, this[k], k - 1, this) end return a end
function ArrayProto.join(this, s) local t = {} for i = 1, this.length do local v = this[i] t[i] = (v == nil or v == null) and "" or str(v) end return table.concat(t, s or ",") end
function ArrayProto.slice(this, a, b) local n = this.length a = a or 0 b = b or n if a < 0 then a = math.max(0, n + a) end if b < 0 then b = n + b end b = math.min(b, n) local r = {} for i = a, b - 1 do r[i - a + 1] = this[i + 1] end return array(r, math.max(0, b - a)) end
function ArrayProto.indexOf(this, v) for i = 1, this.length do if this[i] == v then return i - 1 end end return -1 end
function ArrayProto.includes(this, v) return this:indexOf(v) >= 0 end
function ArrayProto.concat(this, ...) local r = {unpack(this, 1, this.length)} local n = this.length for i = 1, select("#", ...) do local v = select(i, ...) if is_array(v) then for k = 1, v.length do n = n + 1 r[n] = v[k] end else n = n + 1 r[n] = v end end return array(r, n) end
function ArrayProto.reverse(this) local n = this.length for i = 1, floor(n / 2) do local a, b = rawget(this, i), rawget(this, n + 1 - i) rawset(this, i, b) rawset(this, n + 1 - i, a) end return this end
function ArrayProto.sort(this, f) local t = {unpack(this, 1, this.length)} for i = 2, #t do local v, k = t[i], i while k > 1 and (f and num(f(nil, t[k - 1], v)) > 0 or not f and str(t[k - 1]) > str(v)) do t[k] = t[k - 1] k = k - 1 end t[k] = v end for i = 1, #t do this[i] = t[i] end return this end
function ArrayProto.some(this, f) for i = 1, this.length do if rt.truthy(f(nil, this[i], i - 1)) then return true end end return false end
function ArrayProto.every(this, f) for i = 1, this.length do if not rt.truthy(f(nil, this[i], i - 1)) then return false end end return true end
function ArrayProto.find(this, f) for i = 1, this.length do if rt.truthy(f(nil, this[i], i - 1)) then return this[i] end end end
function ArrayProto.keys(this) local i = -1 return rt.object(object(GenProto), "value", "next", function() i = i + 1 return iter_result(i < this.length and i or nil, i >= this.length) end) end
function ArrayProto.values(this) local i = 0 return rt.object(object(GenProto), "value", "next", function() i = i + 1 return iter_result(this[i], i > this.length) end) end
function ArrayProto.entries(this) local i = 0 return rt.object(object(GenProto), "value", "next", function() i = i + 1 return iter_result(array({i - 1, this[i]}, 2), i > this.length) end) end
ArrayProto.toString = function(this) return this:join() end
ArrayProto[Symbol.iterator] = ArrayProto.values
ArrayProto.constructor = G.Array
for k in pairs(ArrayProto) do hide(ArrayProto, k) end

G.Error = function(_, m) return rt.new(G.Error, m) end
fobj(G.Error).prototype = ErrorProto
info[G.Error] = {native = function(target, m) local o = object(target.prototype) if m ~= nil then define(o, "message", str(m)) hide(o, "message") end return o end}
ErrorProto.name, ErrorProto.message, ErrorProto.constructor = "Error", "", G.Error
names[G.Error] = "Error"
ErrorProto.toString = function(this) return this.message ~= "" and str(this.name) .. ": " .. str(this.message) or str(this.name) end
for _, n in ipairs {"TypeError", "RangeError", "ReferenceError", "SyntaxError", "EvalError"} do
  local f = function(_, m) return rt.new(G[n], m) end
  names[f] = n
  G[n] = f
  local p = object(ErrorProto)
  p.name, p.constructor = n, f
  fobj(f).prototype = p
  info[f] = info[G.Error]
end

G.Symbol = function(_, d) return setmetatable({description = d}, Symbol) end
G.Symbol.iterator, G.Symbol.asyncIterator = Symbol.iterator, Symbol.asyncIterator
Symbol.__index = {toString = function(this) return "Symbol(" .. str(this.description) .. ")" end}

G.Math = object(ObjectProto)
for _, n in ipairs {"floor", "ceil", "abs", "sqrt", "max", "min", "random", "sin", "cos"} do local f = math[n] G.Math[n] = function(_, ...) return f(...) end end
G.Math.round = function(_, n) return floor(n + 0.5) end
G.Math.pow = function(_, a, b) return a ^ b end
G.Math.PI = math.pi

local function collection(name, is_set)
  local P = object(ObjectProto)
  local C = function() end
  names[C] = name
  G[name] = C
  fobj(C).prototype = P
  local data = setmetatable({}, {__mode = "k"})
  local NIL = {}
  local function key(k) if k == nil then return NIL end return k end
  info[C] = {native = function(target, it)
    local o = object(target.prototype)
    data[o] = {keys = {}, values = {}, at = {}, n = 0, size = 0}
    if it ~= nil and it ~= null then for _, v in each(it) do if is_set then o:add(v) else o:set(v[1], v[2]) end end end
    return o
  end}
  local function put(this, k, v)
    local d = data[this]
    local i = d.at[key(k)]
    if not i then d.n = d.n + 1 d.size = d.size + 1 i = d.n d.at[key(k)] = i d.keys[i] = key(k) end
    d.values[i] = v
    return this
  end
  P.set, P.add = put, function(this, v) return put(this, v, v) end
  P.get = function(this, k) local d = data[this] local i = d.at[key(k)] return i and d.values[i] end
  P.has = function(this, k) return data[this].at[key(k)] ~= nil end
  P.delete = function(this, k) local d = data[this] local i = d.at[key(k)] if not i then return false end d.at[key(k)] = nil d.keys[i] = nil d.values[i] = nil d.size = d.size - 1 return true end
  accessor(P, "get", "size", function(this) return data[this].size end)
  local function iterate(what)
    return function(this)
      local i, d = 0, data[this]
      return rt.object(object(GenProto), "value", "next", function()
        repeat i = i + 1 until i > d.n or d.keys[i] ~= nil
        if i > d.n then return iter_result(nil, true) end
        local k = d.keys[i] ~= NIL and d.keys[i] or nil
        if what == "keys" then return iter_result(k, false) elseif what == "values" then return iter_result(d.values[i], false) end
        return iter_result(array({k, d.values[i]}, 2), false)
      end)
    end
  end
  P.keys, P.values, P.entries = iterate "keys", iterate "values", iterate "entries"
  P[Symbol.iterator] = is_set and P.values or P.entries
  P.forEach = function(this, f) local d = data[this] for i = 1, d.n do if d.keys[i] ~= nil then f(nil, d.values[i], d.keys[i], this) end end end
end
collection("Map", false)
collection("Set", true)
collection("WeakMap", false)

G.JSON = object(ObjectProto)
local function json(v)
  local t = type(v)
  if v == null or t == "number" and (v ~= v or v == math.huge or v == -math.huge) then return "null"
  elseif t == "string" then return '"' .. v:gsub('[%c"\\]', function(c) local s = ({["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r", ['"'] = '\\"', ["\\"] = "\\\\"})[c] return s or ("\\u%04x"):format(c:byte()) end) .. '"'
  elseif t == "number" or t == "boolean" then return str(v)
  elseif t == "table" then
    local r = {}
    if is_array(v) then for i = 1, v.length do r[i] = json(v[i]) or "null" end return "[" .. table.concat(r, ",") .. "]" end
    for _, k in ipairs(own_keys(v)) do local x = json(v[rt.tokey(k)]) if x then r[#r + 1] = json(k) .. ":" .. x end end
    return "{" .. table.concat(r, ",") .. "}"
  end
end
G.JSON.stringify = function(_, v) return json(v) end
G.setTimeout = function(_, f) later(f) end
G.queueMicrotask = function(_, f) later(f) end
for k in pairs(G) do if type(k) == "string" and type(G[k]) == "function" and not names[G[k]] then names[G[k]] = k end end

-- ---- run

local file = assert(io.open(arg[1], "rb"))
local source = file:read("*a")
file:close()
local chunk = assert(loadstring(source, "@" .. arg[1]))
local main, meta = chunk(rt)

-- The functions' metadata, in the order of the text, is matched to LuaJIT's prototypes in the same order.
local util = require "jit.util"
local by_proto, entries = {}, {}
for line in (meta .. "\n"):gmatch("(.-)\n") do entries[#entries + 1] = line end
local nth = 0
local function walk(proto)
  nth = nth + 1
  by_proto[util.funcinfo(proto).proto or proto] = entries[nth]
  local children, i = {}, -1
  while true do
    local k = util.funck(proto, i)
    if k == nil then break end
    if type(k) == "proto" then table.insert(children, k) end
    i = i - 1
  end
  for c = 1, #children do walk(children[c]) end
end
pcall(walk, main)
setmetatable(names, {__mode = "k", __index = function(_, f)
  local i = type(f) == "function" and util.funcinfo(f)
  local line = i and i.proto and by_proto[i.proto]
  return line and line:match("^%S+ %d+ %d+ %d+ (.*)$")
end})
setmetatable(info, {__mode = "k", __index = function(_, f)
  local i = type(f) == "function" and util.funcinfo(f)
  local line = i and i.proto and by_proto[i.proto]
  local flags = line and line:match("^(%S+)")
  return flags and {length = tonumber(line:match("^%S+ (%d+)")), arrow = flags:find("^[aMgs]") ~= nil or flags:find("A") ~= nil, target = flags:find("t", 2, true) ~= nil}
end})

local top = rt.async(function()
  setfenv(main, G)
  local module = object(ObjectProto)
  module.exports = object(ObjectProto)
  if source:find("^local rt.-function%(this, export, import%)") then
    rt.link = function() end
    main(nil, setmetatable({}, new_shape(ObjectProto)), {meta = object(ObjectProto)})
  else
    main(module.exports, module.exports, function() return module.exports end, module, arg[1], ".")
  end
end)
while queue[head] do
  local f = queue[head]
  queue[head] = nil
  head = head + 1
  f()
end
if promises[top].state == "rejected" then
  local e = promises[top].value
  io.write("Uncaught ", type(e) == "string" and e or str(rt.catch(e)), "\n")
end
