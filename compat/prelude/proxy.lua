-- SPDX-License-Identifier: MIT
--
-- Proxy (ECMA-262, clauses 10.5 and 28.2). A proxy is a table whose shape is wholly exotic; one over a function can be called.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, pairs, ipairs = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset, L.pairs, L.ipairs
local null, is_object, truthy, native, is_callable, store = rt.null, rt.is_object, rt.truthy, rt.native, rt.is_callable, rt.store
local DATA, G = rt.DATA, rt.global
local band = L.bit.band

-- -> target, trap (nil for none), handler
local function trap_of(p, name)
  local d = rawget(p, DATA)
  local handler = d.handler
  if handler == nil then rt.type_error("Cannot perform '" .. name .. "' on a proxy that has been revoked") end
  local trap = handler[name]
  if trap == null then trap = nil end
  if trap ~= nil and not is_callable(trap) then rt.type_error(rt.show(trap) .. " returned for property '" .. name .. "' of object '#<Object>' is not a function") end
  return d.target, trap, handler
end

local key_value = rt.key_value
local function broken(name, k, why)
  rt.type_error("'" .. name .. "' on proxy: " .. why .. (k ~= nil and " for property '" .. rt.key_text(k) .. "'" or ""))
end

local exotic = {}

function exotic.get_proto(p)
  local target, trap, handler = trap_of(p, "getPrototypeOf")
  if not trap then return rt.proto_of(target) end
  local v = trap(handler, target)
  if v ~= null and not is_object(v) then broken("getPrototypeOf", nil, "trap returned neither object nor null") end
  if v == null then v = nil end
  if not rt.is_extensible(target) and v ~= rt.proto_of(target) then
    broken("getPrototypeOf", nil, "proxy target is non-extensible but the trap did not return its actual prototype")
  end
  return v
end

function exotic.set_proto(p, proto)
  local target, trap, handler = trap_of(p, "setPrototypeOf")
  if not trap then return rt.set_prototype(target, proto) end
  local value = proto
  if value == nil then value = null end
  if not truthy(trap(handler, target, value)) then return false end
  if not rt.is_extensible(target) and proto ~= rt.proto_of(target) then
    broken("setPrototypeOf", nil, "trap returned truish for setting a new prototype on the non-extensible proxy target")
  end
  return true
end

function exotic.is_extensible(p)
  local target, trap, handler = trap_of(p, "isExtensible")
  if not trap then return rt.is_extensible(target) end
  local v = truthy(trap(handler, target))
  if v ~= rt.is_extensible(target) then broken("isExtensible", nil, "trap result does not reflect extensibility of proxy target") end
  return v
end

function exotic.prevent(p)
  local target, trap, handler = trap_of(p, "preventExtensions")
  if not trap then return rt.prevent_extensions(target) end
  local v = truthy(trap(handler, target))
  if v and rt.is_extensible(target) then broken("preventExtensions", nil, "the proxy target is extensible") end
  return v
end

-- IsCompatiblePropertyDescriptor
local function compatible(extensible, d, current)
  if not current then return extensible end
  local mask, bits = d.mask or 0, d.bits or 0
  local is_accessor = d.has_get or d.has_set
  if band(current.bits, 4) == 0 then
    if band(mask, 4) ~= 0 and band(bits, 4) ~= 0 then return false end
    if band(mask, 2) ~= 0 and band(bits, 2) ~= band(current.bits, 2) then return false end
    if not is_accessor and not d.has_value and band(mask, 1) == 0 then return true end
    if (is_accessor and true or false) ~= (current.accessor or false) then return false end
    if current.accessor then
      if d.has_get and d.get ~= current.get or d.has_set and d.set ~= current.set then return false end
    elseif band(current.bits, 1) == 0 then
      if band(mask, 1) ~= 0 and band(bits, 1) ~= 0 then return false end
      if d.has_value and not rt.same_value(d.value, current.value) then return false end
    end
  end
  return true
end

function exotic.get_own(p, k)
  local target, trap, handler = trap_of(p, "getOwnPropertyDescriptor")
  if not trap then return rt.get_own(target, k) end
  local v = trap(handler, target, key_value(k))
  if v ~= nil and not is_object(v) then broken("getOwnPropertyDescriptor", k, "trap returned neither object nor undefined") end
  local current = rt.get_own(target, k)
  if v == nil then
    if not current then return nil end
    if band(current.bits, 4) == 0 then broken("getOwnPropertyDescriptor", k, "trap returned undefined which is non-configurable in the proxy target") end
    if not rt.is_extensible(target) then broken("getOwnPropertyDescriptor", k, "trap returned undefined which exists in the non-extensible proxy target") end
    return nil
  end
  local extensible = rt.is_extensible(target)
  local d = rt.to_descriptor(v)
  local is_accessor = d.has_get or d.has_set
  local result = is_accessor and { accessor = true, get = d.get, set = d.set, bits = band(d.bits, 6) } or { value = d.value, bits = d.bits }
  local full = is_accessor and { has_get = true, get = d.get, has_set = true, set = d.set, bits = result.bits, mask = 6 }
    or { has_value = true, value = d.value, bits = d.bits, mask = 7 }
  if not compatible(extensible, full, current) then broken("getOwnPropertyDescriptor", k, "trap returned descriptor that is incompatible with the existing property in the proxy target") end
  if band(result.bits, 4) == 0 then
    if not current or band(current.bits, 4) ~= 0 then broken("getOwnPropertyDescriptor", k, "trap reported non-configurability which is either non-existent or configurable in the proxy target") end
    if not is_accessor and band(d.mask, 1) ~= 0 and band(d.bits, 1) == 0 and band(current.bits, 1) ~= 0 then
      broken("getOwnPropertyDescriptor", k, "trap reported non-configurable and writable which is non-configurable, non-writable in the proxy target")
    end
  end
  return result
end

function exotic.define(p, k, d)
  local target, trap, handler = trap_of(p, "defineProperty")
  if not trap then return rt.define_own(target, k, d) end
  local o = rt.object_of(rt.ObjectPrototype)
  local mask, bits = d.mask or 0, d.bits or 0
  if d.has_value then rt.define_data(o, "value", d.value) end
  if band(mask, 1) ~= 0 then rt.define_data(o, "writable", band(bits, 1) ~= 0) end
  if d.has_get then rt.define_data(o, "get", d.get) end
  if d.has_set then rt.define_data(o, "set", d.set) end
  if band(mask, 2) ~= 0 then rt.define_data(o, "enumerable", band(bits, 2) ~= 0) end
  if band(mask, 4) ~= 0 then rt.define_data(o, "configurable", band(bits, 4) ~= 0) end
  if not truthy(trap(handler, target, key_value(k), o)) then return false end
  local current = rt.get_own(target, k)
  local fixed = band(mask, 4) ~= 0 and band(bits, 4) == 0
  if not current then
    if not rt.is_extensible(target) then broken("defineProperty", k, "trap returned truish for adding property to the non-extensible proxy target") end
    if fixed then broken("defineProperty", k, "trap returned truish for defining non-configurable property which is either non-existent or configurable in the proxy target") end
  else
    if not compatible(rt.is_extensible(target), d, current) then broken("defineProperty", k, "trap returned truish for adding property that is incompatible with the existing property in the proxy target") end
    if fixed and band(current.bits, 4) ~= 0 then broken("defineProperty", k, "trap returned truish for defining non-configurable property which is either non-existent or configurable in the proxy target") end
    if not current.accessor and band(current.bits, 5) == 1 and band(mask, 1) ~= 0 and band(bits, 1) == 0 then
      broken("defineProperty", k, "trap returned truish for defining non-configurable property which cannot be non-writable")
    end
  end
  return true
end

function exotic.has(p, k)
  local target, trap, handler = trap_of(p, "has")
  if not trap then return rt.has_property(target, k) end
  local v = truthy(trap(handler, target, key_value(k)))
  if not v then
    local current = rt.get_own(target, k)
    if current then
      if band(current.bits, 4) == 0 then broken("has", k, "trap returned falsish which exists in the proxy target as non-configurable") end
      if not rt.is_extensible(target) then broken("has", k, "trap returned falsish but the proxy target is not extensible") end
    end
  end
  return v
end

local function proxy_get(p, k, this)
  if type(k) == "table" and k.is_private then return nil end
  local target, trap, handler = trap_of(p, "get")
  if not trap then return (rt.get(target, k, this)) end
  local v = trap(handler, target, key_value(k), this)
  local current = rt.get_own(target, k)
  if current and band(current.bits, 4) == 0 then
    if not current.accessor and band(current.bits, 1) == 0 and not rt.same_value(v, current.value) then
      broken("get", k, "is a read-only and non-configurable data property on the proxy target but the proxy did not return its actual value")
    end
    if current.accessor and current.get == nil and v ~= nil then
      broken("get", k, "is a non-configurable accessor property on the proxy target and does not have a getter function, but the trap did not return 'undefined'")
    end
  end
  return v
end

local function proxy_set(p, k, v, this, quiet)
  local target, trap, handler = trap_of(p, "set")
  if not trap then return rt.set(target, k, v, this, quiet) end
  if not truthy(trap(handler, target, key_value(k), v, this)) then
    if quiet then return false end
    if rt.strict_caller() then rt.type_error("'set' on proxy: trap returned falsish for property '" .. rt.key_text(k) .. "'") end
    return false
  end
  local current = rt.get_own(target, k)
  if current and band(current.bits, 4) == 0 then
    if not current.accessor and band(current.bits, 1) == 0 and not rt.same_value(v, current.value) then
      broken("set", k, "trap returned truish which exists in the proxy target as a non-configurable and non-writable data property with a different value")
    end
    if current.accessor and current.set == nil then
      broken("set", k, "trap returned truish which exists in the proxy target as a non-configurable and non-writable accessor property without a setter")
    end
  end
  return true
end

function exotic.delete(p, k)
  local target, trap, handler = trap_of(p, "deleteProperty")
  if not trap then return rt.delete_own(target, k) end
  if not truthy(trap(handler, target, key_value(k))) then return false end
  local current = rt.get_own(target, k)
  if current then
    if band(current.bits, 4) == 0 then broken("deleteProperty", k, "trap returned truish which is non-configurable in the proxy target") end
    if not rt.is_extensible(target) then broken("deleteProperty", k, "trap returned truish but the proxy target is non-extensible") end
  end
  return true
end

function exotic.keys(p)
  local target, trap, handler = trap_of(p, "ownKeys")
  if not trap then return rt.own_keys(target) end
  local result = trap(handler, target)
  if not is_object(result) then rt.type_error "CreateListFromArrayLike called on non-object" end
  local list, seen, n = {}, {}, rt.tolength(result.length)
  for i = 1, n do
    local v = result[i]
    if type(v) ~= "string" and not (type(v) == "table" and getmetatable(v) == rt.symbol_meta) then rt.type_error(rt.show(v) .. " is not a valid property name") end
    local k = rt.tokey(v)
    if seen[k] then broken("ownKeys", nil, "trap returned duplicate entries") end
    seen[k] = true
    list[i] = k
  end
  local extensible = rt.is_extensible(target)
  local own = rt.own_keys(target)
  local count, fixed = 0, false
  for _, k in ipairs(own) do
    local d = rt.get_own(target, k)
    local hard = d and band(d.bits, 4) == 0
    if hard then fixed = true end
    if (hard or not extensible) and not seen[k] then broken("ownKeys", nil, "trap result did not include '" .. rt.key_text(k) .. "'") end
    count = count + 1
  end
  if not extensible and n ~= count then broken("ownKeys", nil, "trap returned extra keys but proxy target is non-extensible") end
  return list
end

local function proxy_call(p, this, ...)
  local target, trap, handler = trap_of(p, "apply")
  if not trap then return (target(this, ...)) end
  local n = L.select("#", ...)
  return (trap(handler, target, this, rt.new_array(rt.whole({ ... }, n))))
end

local function proxy_construct(p, new_target, ...)
  local target, trap, handler = trap_of(p, "construct")
  if not trap then rt.note_target(target, new_target) end
  if not trap then return rt.construct(target, new_target == p and new_target or new_target, ...) end
  local n = L.select("#", ...)
  local v = trap(handler, target, rt.new_array(rt.whole({ ... }, n)), new_target)
  if not is_object(v) then rt.type_error "proxy [[Construct]] must return an object" end
  return v
end

local function make(target, handler)
  if not is_object(target) or not is_object(handler) then rt.type_error "Cannot create proxy with a non-object as target or handler" end
  local shape = rt.own_shape(nil)
  shape.exotic, shape.proxy_target = exotic, true
  shape.exotic_get, shape.exotic_set = proxy_get, proxy_set
  shape.exotic_index = function(p, k) return (proxy_get(p, k, p)) end
  shape.exotic_newindex = function(p, k, v) proxy_set(p, k, v, p) end
  if is_callable(target) then
    shape.callable = true
    shape.__call = proxy_call
    if rt.is_constructor(target) then shape.construct = proxy_construct end
  end
  rt.settle(shape)
  return (setmetatable({ [DATA] = { target = target, handler = handler } }, shape))
end

function rt.proxy_is_array(p)
  local d = rawget(p, DATA)
  if d.handler == nil then rt.type_error "Cannot perform 'IsArray' on a proxy that has been revoked" end
  return rt.is_array(d.target)
end

function rt.install_proxy()
  local Proxy = rt.global_class("Proxy", 2, function() rt.type_error "Constructor Proxy requires 'new'" end, function(_, target, handler)
    return make(target, handler)
  end)
  rt.methods(Proxy, { "revocable", 2, function(_, target, handler)
    local p = make(target, handler)
    return rt.record("proxy", p, "revoke", native("", 0, function()
      local d = rawget(p, DATA)
      d.target, d.handler = nil, nil
    end))
  end })
end
