-- SPDX-License-Identifier: MIT
local rt = ...
local L = rt.lua
local type, rawget, rawset, setmetatable, error, ipairs = L.type, L.rawget, L.rawset, L.setmetatable, L.error, L.ipairs
local null, put, G, SYMBOL = rt.null, rt.put, rt.global, rt.symbols
local errors = L.require "lunode.internal.errors"
local custom = L.require "lunode.internal.inspect_custom"

local function native(name, length, f) return rt.native(name, length, L.setfenv(f, G)) end

-- ---- URLSearchParams

-- What a sequence of pairs, or an object, gives: a sequence of pairs for lua/.
local function pairs_of(init)
  local list, n = {}, 0
  local method = init[SYMBOL.iterator]
  if method == nil or method == null then
    for _, key in ipairs(rt.own_keys(init)) do
      local d = rt.get_own(init, key)
      if d and d.bits % 4 >= 2 then
        n = n + 1
        list[n] = { rt.text(rt.key_value(key)), rt.text(init[key]) }
      end
    end
    return list
  end
  if type(method) ~= "function" then error(errors.ERR_ARG_NOT_ITERABLE "Query pairs", 0) end
  for _, pair in rt.each(init) do
    if not rt.is_object(pair) or type(pair[SYMBOL.iterator]) ~= "function" then error(errors.ERR_INVALID_TUPLE("Each query pair", "[name, value]"), 0) end
    local one, length = {}, 0
    for _, v in rt.each(pair) do
      length = length + 1
      one[length] = rt.text(v)
    end
    if length ~= 2 then error(errors.ERR_INVALID_TUPLE("Each query pair", "[name, value]"), 0) end
    n = n + 1
    list[n] = one
  end
  return list
end

local function complete_params(URLSearchParams)
  local P = rt.face(URLSearchParams).prototype
  rt.null_methods(P, "get")
  local initialize = P.initialize
  rawset(P, "initialize", function(self, init)
    if init ~= null and rt.is_object(init) and (type(init) == "table" or type(init) == "function") then
      if L.getmetatable(init) ~= nil or type(init) == "function" then init = pairs_of(init) end
    elseif init ~= nil and init ~= null and type(init) ~= "string" then
      init = rt.text(init)
    end
    initialize(self, init)
  end)

  local own = setmetatable({}, { __mode = "k" }) -- the iterator of lua/ behind each of JavaScript's
  local IteratorPrototype = rt.object_of(rt.IteratorPrototype)
  put(IteratorPrototype, "next", { bits = 7, value = native("next", 0, function(this)
    local it = rt.is_object(this) and own[this]
    if not it then error(errors.ERR_INVALID_THIS "URLSearchParamsIterator", 0) end
    local r = it:next()
    return rt.iter_result(r.value, r.done and true or false)
  end) })
  rt.readonly(IteratorPrototype, SYMBOL.toStringTag, "URLSearchParams Iterator")
  rt.hide(IteratorPrototype, custom, native("[nodejs.util.inspect.custom]", 2, function(this, depth, options)
    local it = rt.is_object(this) and own[this]
    if not it then error(errors.ERR_INVALID_THIS "URLSearchParamsIterator", 0) end
    local plain = {}
    if rt.is_object(options) then
      for _, key in ipairs(rt.listed_keys(options)) do plain[key] = options[key] end
    end
    plain.stylize = nil
    return (it[custom](it, depth, plain))
  end))
  for _, name in ipairs { "entries", "keys", "values" } do
    local make = rawget(P, name)
    put(P, name, { bits = 7, value = native(name, 0, function(this)
      local o = rt.object_of(IteratorPrototype)
      own[o] = make(this)
      return o
    end) })
  end
  rt.hide(P, SYMBOL.iterator, P.entries)
  local each = rawget(P, "forEach")
  put(P, "forEach", { bits = 7, value = native("forEach", 1, function(this, f, this_arg)
    if type(f) ~= "function" then return each(this, f) end
    return each(this, native("", 3, function(_, ...) f(this_arg, ...) end))
  end) })
end

-- ---- the older functions

-- A parsed URL has all of these, in this order; null where lua/ has nil.
local LEGACY = { "protocol", "slashes", "auth", "host", "port", "hostname", "hash", "search", "query", "pathname", "path", "href" }

local function complete_legacy(view, module)
  local Url = module.Url
  local F = rt.face(Url)
  local P = F.prototype

  local function shown(parsed)
    if type(parsed) ~= "table" then return parsed end
    local o = rt.object_of(P)
    for _, key in ipairs(LEGACY) do
      local v = rawget(parsed, key)
      if v == nil then v = null end
      rt.define_data(o, key, v)
    end
    return o
  end

  -- What JavaScript has, for lua/.
  local function plain(o)
    if type(o) ~= "table" or o == null or not rt.is_object(o) or rawget(o, "_url") then return o end
    local u = setmetatable({}, Url.meta)
    for _, key in ipairs(LEGACY) do
      local v = o[key]
      if v ~= nil and v ~= null then rawset(u, key, v) end
    end
    return u
  end

  local function wrap(o, name, length, f) put(o, name, { bits = 7, value = native(name, length, f) }) end
  local parse, format, resolve, resolve_object = module.parse, module.format, module.resolve, module.resolveObject
  wrap(view, "parse", 3, function(_, url, ...)
    if rt.instanceof(url, F) then return url end
    return shown(parse(url, ...))
  end)
  wrap(view, "format", 2, function(_, o, options)
    if type(o) ~= "string" and (type(o) ~= "table" or o == null or not rt.is_object(o)) then
      L.error(errors.ERR_INVALID_ARG_TYPE("urlObject", { "Object", "string" }, o), 0)
    end
    return (format(plain(o), options))
  end)
  wrap(view, "resolve", 2, function(_, from, to) return (resolve(plain(from), plain(to))) end)
  wrap(view, "resolveObject", 2, function(_, from, to) return (shown(resolve_object(plain(from), plain(to)))) end)
  local p_format, p_resolve, p_object = P.format, P.resolve, P.resolveObject
  wrap(P, "format", 0, function(this) return (p_format(L.getfenv(2) == G and plain(this) or this)) end)
  wrap(P, "resolve", 1, function(this, to) return (p_resolve(plain(this), plain(to))) end)
  wrap(P, "resolveObject", 1, function(this, to)
    if L.getfenv(2) ~= G then return p_object(this, to) end
    return (shown(p_object(plain(this), plain(to))))
  end)
  wrap(P, "parse", 3, function(this, url, ...)
    local parsed = shown(parse(url, ...))
    for _, key in ipairs(LEGACY) do rt.define_data(this, key, parsed[key]) end
    return this
  end)
end

function rt.complete.url(view, module)
  complete_params(module.URLSearchParams)
  complete_legacy(view, module)
  local F = rt.face(module.URL)
  local initialize = F.prototype.initialize
  rawset(F.prototype, "initialize", function(self, ...) -- undefined is text where it is given
    local input, base = ...
    if input == nil and L.select("#", ...) > 0 then input = "undefined" end
    return initialize(self, input, base)
  end)
  local parse = F.parse
  put(F, "parse", { bits = 7, value = native("parse", 1, function(this, ...)
    local u = parse(this, ...)
    if u == nil then return null end
    return u
  end) })
end
