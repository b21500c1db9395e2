-- SPDX-License-Identifier: MIT
--
-- util, where functions are what it deals with: JavaScript's take `this` and have properties.
local rt = ...
local L = rt.lua
local type, getmetatable, rawget, select, setfenv, ipairs, error = L.type, L.getmetatable, L.rawget, L.select, L.setfenv, L.ipairs, L.error
local null, native, put, G, SYMBOL, DATA = rt.null, rt.native, rt.put, rt.global, rt.symbols, rt.DATA
local errors = L.require "lunode.internal.errors"
local promise = L.require "lunode.internal.promise"
local queue = L.require "lunode.internal.queue"
local ARG_TYPE = errors.ERR_INVALID_ARG_TYPE

local function check_function(f, name)
  if type(f) ~= "function" then error(ARG_TYPE(name, "function", f), 0) end
end

-- ---- promisify, callbackify

local function promisify(lua_promisify, custom)
  return function(_, original)
    check_function(original, "original")
    local own = original[custom]
    if own ~= nil and own ~= null and rt.truthy(own) then
      check_function(own, "util.promisify.custom")
      put(own, custom, { value = own, bits = 4 })
      return own
    end
    local lua = rt.behind[original]
    local f
    if type(lua) == "function" then
      f = rt.face(lua_promisify(lua))
    else
      f = native(rt.function_name(original), 0, setfenv(function(this, ...)
        local p = promise.new()
        local n = select("#", ...)
        local list = { ... }
        list[n + 1] = native("", 2, setfenv(function(_, err, value)
          if rt.truthy(err) then return promise.reject(p, err) end
          rt.resolve_promise(p, value)
        end, G))
        local ok, e = rt.attempt(function() original(this, L.unpack(list, 1, n + 1)) end)
        if not ok then promise.reject(p, rt.thrown(e)) end
        return p
      end, G))
    end
    rt.set_prototype(f, rt.proto_of(original))
    put(f, custom, { value = f, bits = 4 })
    for _, key in ipairs(rt.own_keys(original)) do
      if key ~= custom then
        local d = rt.get_own(original, key)
        local now = rt.get_own(f, key)
        if not now or now.bits >= 4 then put(f, key, d) end
      end
    end
    return f
  end
end

local function callbackify(_, original)
  check_function(original, "original")
  local f = native(rt.function_name(original) .. "Callbackified", original.length + 1, setfenv(function(this, ...)
    local n = select("#", ...)
    local list = { ... }
    local cb = list[n]
    check_function(cb, "last argument")
    local p = G.Promise.resolve(G.Promise, original(this, L.unpack(list, 1, n - 1)))
    promise.subscribe(p, { _job = function(_, ok, value)
      queue.nextTick(function()
        if ok then return cb(this, null, value) end
        if not rt.truthy(value) then
          local reason = value
          value = errors.ERR_FALSY_VALUE_REJECTION(reason)
          put(value, "reason", { value = reason, bits = 7 })
        end
        cb(this, value)
      end)
    end })
  end, G))
  return f
end

-- ---- functions and classes

local function inherits(_, ctor, super)
  if ctor == nil or ctor == null then error(ARG_TYPE("ctor", "function", ctor), 0) end
  if super == nil or super == null then error(ARG_TYPE("superCtor", "function", super), 0) end
  if super.prototype == nil then error(ARG_TYPE("superCtor.prototype", "Object", super.prototype), 0) end
  put(ctor, "super_", { value = super, bits = 5 })
  rt.set_prototype(ctor.prototype, super.prototype)
end

local function deprecate(lua_deprecate)
  return function(_, f, message, code)
    local warn = lua_deprecate(L.print, message, code)
    if warn == L.print then return f end
    warn = lua_deprecate(function() end, message, code)
    local deprecated
    local function call(this, ...)
      warn()
      return (f(this, ...))
    end
    local function construct(target, ...)
      warn()
      return rt.construct(f, target == deprecated and f or target, ...)
    end
    deprecated = setfenv(call, G)
    if rt.is_constructor(f) then rt.native_constructor("deprecated", 0, deprecated, construct)
    else native("deprecated", 0, deprecated) end
    rt.set_prototype(deprecated, f)
    if f.prototype ~= nil then put(deprecated, "prototype", { value = f.prototype, bits = 1 }) end
    return deprecated
  end
end

-- ---- types

local function data(v) -- may be false: a Boolean's
  if type(v) == "table" and rt.is_object(v) then return rawget(v, DATA) end
end

local BOXED = { Number = "number", String = "string", Boolean = "boolean" }

local function complete_types(types)
  local function is(name, test) put(types, name, { bits = 7, value = native(name, 1, setfenv(function(_, v) return test(v) and true or false end, G)) }) end
  local function kind(name, wanted) is(name, function(v) local d = data(v) return type(d) == "table" and d.kind == wanted end) end
  kind("isMap", "Map")
  kind("isSet", "Set")
  kind("isWeakMap", "WeakMap")
  kind("isWeakSet", "WeakSet")
  is("isMapIterator", function(v) local d = data(v) return type(d) == "table" and d.iterator == "Map" end)
  is("isSetIterator", function(v) local d = data(v) return type(d) == "table" and d.iterator == "Set" end)
  is("isRegExp", function(v) local d = data(v) return type(d) == "table" and d.regexp end)
  is("isDate", function(v) return data(v) ~= nil and getmetatable(v).class == "Date" end)
  is("isPromise", rt.is_promise)
  is("isProxy", function(v) return type(v) == "table" and getmetatable(v) ~= nil and getmetatable(v).proxy_target ~= nil end)
  is("isNativeError", function(v) return type(v) == "table" and rt.is_object(v) and rawget(v, "_trace") ~= nil end)
  is("isArgumentsObject", function(v) return type(v) == "table" and rt.is_object(v) and getmetatable(v).class == "Arguments" end)
  is("isGeneratorFunction", function(v) local info = type(v) == "function" and rt.finfo(v) return info and info.generator end)
  is("isAsyncFunction", function(v) local info = type(v) == "function" and rt.finfo(v) return info and info.async end)
  is("isGeneratorObject", function(v) local d = data(v) return type(d) == "table" and (d.kind == "generator" or d.kind == "asyncgenerator") end)
  is("isArrayBuffer", function(v) local d = data(v) return type(d) == "table" and d.array_buffer and not d.shared end)
  is("isAnyArrayBuffer", function(v) local d = data(v) return type(d) == "table" and d.array_buffer end)
  is("isSharedArrayBuffer", function(v) local d = data(v) return type(d) == "table" and d.shared end)
  is("isDataView", function(v) local d = data(v) return type(d) == "table" and d.view end)
  is("isTypedArray", function(v) local d = data(v) return rt.is_buffer(v) or type(d) == "table" and d.typed end)
  is("isArrayBufferView", function(v) local d = data(v) return rt.is_buffer(v) or type(d) == "table" and (d.typed or d.view) end)
  for _, name in ipairs { "Int8", "Uint8", "Uint8Clamped", "Int16", "Uint16", "Int32", "Uint32", "Float32", "Float64", "BigInt64", "BigUint64" } do
    is("is" .. name .. "Array", function(v)
      if rt.is_buffer(v) then return name == "Uint8" end
      local d = data(v)
      return type(d) == "table" and d.typed and d.kind.name == name .. "Array"
    end)
  end
  local function boxed(v)
    local d = data(v)
    if d == nil then return nil end
    local t = type(d)
    if t == "table" then
      if getmetatable(d) == rt.symbol_meta then return "symbol" end
      if getmetatable(d) == rt.bigint_meta then return "bigint" end
      return nil
    end
    if getmetatable(v).class == "Date" then return nil end
    return t
  end
  for name, wanted in L.pairs(BOXED) do is("is" .. name .. "Object", function(v) return boxed(v) == wanted end) end
  is("isSymbolObject", function(v) return boxed(v) == "symbol" end)
  is("isBigIntObject", function(v) return boxed(v) == "bigint" end)
  is("isBoxedPrimitive", function(v) return boxed(v) ~= nil end)
  is("isModuleNamespaceObject", function(v) local d = data(v) return type(d) == "table" and d.exports ~= nil and getmetatable(v).class == "Module" end)
end

function rt.complete.util(view, module)
  local function set(name, length, f) put(view, name, { bits = 7, value = native(name, length, setfenv(f, G)) }) end
  local custom = SYMBOL["for"]("nodejs.util.promisify.custom")
  set("promisify", 1, promisify(module.promisify, custom))
  put(view.promisify, "custom", { value = custom, bits = 7 })
  set("callbackify", 1, callbackify)
  set("inherits", 2, inherits)
  set("deprecate", 3, deprecate(module.deprecate))
  set("isArray", 1, function(_, v) return rt.is_array(v) end)
  set("isRegExp", 1, function(_, v) return (view.types.isRegExp(nil, v)) end)
  set("isDate", 1, function(_, v) return (view.types.isDate(nil, v)) end)
  set("isError", 1, function(_, v) return (view.types.isNativeError(nil, v)) or rt.instanceof(v, G.Error) end)
  set("isFunction", 1, function(_, v) return type(v) == "function" end)
  set("isObject", 1, function(_, v) return rt.is_object(v) and type(v) ~= "function" end)
  set("_extend", 2, function(_, target, source)
    if source == nil or source == null or not rt.is_object(source) then return target end
    return (G.Object.assign(nil, target, source))
  end)
  for _, name in ipairs { "debuglog", "debug" } do
    local make = module[name]
    set(name, 2, function(_, section, cb)
      local log = make(section, cb and function(f) return cb(nil, rt.face(f)) end)
      local f = native("debuglog", 0, setfenv(function(_, ...) log(...) end, G))
      put(f, "enabled", { accessor = true, bits = 6, get = native("get enabled", 0, setfenv(function() return log.enabled end, G)) })
      return f
    end)
  end
  complete_types(view.types)
  -- Lua's text is bytes, JavaScript's is not.
  local P = rt.face(module.TextDecoder).prototype
  local decode = rawget(P, "decode")
  L.rawset(P, "decode", native("decode", 0, function(this, input, ...)
    if type(input) == "string" and L.getfenv(2) == G then error(ARG_TYPE("list", { "SharedArrayBuffer", "ArrayBuffer", "ArrayBufferView" }, input), 0) end
    return (decode(this, input, ...))
  end))
end
