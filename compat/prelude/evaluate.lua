-- SPDX-License-Identifier: MIT
--
-- Code made at run time: eval, Function, with; and how any source becomes a running function.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, select, setfenv, pairs = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset, L.select,
  L.setfenv, L.pairs
local concat, byte, find, sub, match, gmatch = L.table.concat, L.string.byte, L.string.find, L.string.sub, L.string.match, L.string.gmatch
local null, is_object, text, truthy, native, hide = rt.null, rt.is_object, rt.text, rt.truthy, rt.native, rt.hide
local G, SYMBOL = rt.global, rt.symbols
local compiler = rt.compiler

local sources = {} -- file name -> source, for messages
function rt.source_text(file) return sources[file] end

-- Line n of a chunk ("@file"), where its source is known.
function rt.source_line(chunk, n)
  local source = sources[sub(chunk, 2)]
  if not source then return nil end
  local at = 1
  for _ = 2, n do
    at = find(source, "\n", at, true)
    if not at then return nil end
    at = at + 1
  end
  return sub(source, at, (find(source, "\n", at, true) or 0) - 1)
end

-- Of code made at run time only the latest sources are kept.
local passing_names, passing_count = {}, 0
local KEPT_SOURCES = 256
local function keep_source(name, source, passing)
  if passing then
    local i = passing_count % KEPT_SOURCES + 1
    passing_count = passing_count + 1
    local old = passing_names[i]
    if old then sources[old] = nil end
    passing_names[i] = name
  end
  sources[name] = source
end

-- The metadata of a chunk without changing it: { main, metadata } of a source. Raises SyntaxError.
-- world: the table of helpers that the code is given (rt by default). options.passing: code made at run time, of which there may be any number.
function rt.load(source, name, options, world)
  options.filename = options.filename or name
  local chunk, e = rt.load_chunk(source, "@" .. name, options)
  if not chunk then
    local err = rt.new_error(e.type == "RangeError" and "RangeError" or "SyntaxError", e.message)
    rawset(err, "_place", e.text)
    L.error(err, 0)
  end
  local main, metadata = chunk(world or rt)
  setfenv(main, G)
  if #name > 58 then L.require("lunode.internal.errors").full_names[L.debug.getinfo(main, "S").short_src] = name end
  rt.register_chunk("@" .. name, main, metadata, source, options.passing)
  if #source < 4194304 then keep_source(name, source, options.passing) end
  return main, metadata
end

-- ---- the global eval

local eval_count = 0
local builtin_eval

local function indirect_eval(code)
  eval_count = eval_count + 1
  local name = "evalmachine.<" .. eval_count .. ">"
  local world = setmetatable({}, { __index = rt })
  function world.declare(key)
    if not rt.has_own(G, key) then rt.put(G, key, { bits = 7 }) end
  end
  local main = rt.load(code, name, { goal = "script", passing = true }, world)
  return (main(G))
end

-- ---- dynamic scopes: {object=} of with, {vars=} of a function whose eval may declare, {get=, set=} of what an eval sees

function rt.scope(object, outer)
  if object == nil then return { vars = {}, has = {}, outer = outer } end
  return { object = rt.toobject(object), outer = outer }
end

function rt.withobject(object, outer)
  if object == nil then object = null end
  return rt.scope(object, outer)
end

local function object_has(o, key)
  if not rt.has_property(o, key) then return false end
  local blocked = o[SYMBOL.unscopables]
  if is_object(blocked) and truthy(blocked[key]) then return false end
  return true
end

-- Where undeclared names are assigned: a vm context, or the global object.
local function global_of(D)
  while D do
    if D.global then return D.global end
    D = D.outer
  end
  return G
end

-- Which scope has the name?
local function holder(D, name)
  while D do
    if D.object then
      if object_has(D.object, rt.string_key(name)) then return D, "object" end
    elseif D.get then
      if D.own and D.own[name] then return D, "own" end
      if D.get(name) then return D, "closure" end
    elseif D.has[name] then
      return D, "vars"
    end
    D = D.outer
  end
end

local UNSET = rt.unset
local function checked(name, v)
  if v == UNSET then rt.dead(name) end
  return v
end

function rt.withget(D, name, static)
  local h, kind = holder(D, name)
  if not h then
    if static == rt.void then return G[rt.string_key(name)] end -- typeof: absent is undefined
    if static then return checked(name, static()) end
    if name == "undefined" then return nil end
    return rt.missing(name)
  end
  if kind == "object" then
    local key = rt.string_key(name)
    return h.object[key]
  end
  if kind == "closure" then
    local _, v = h.get(name)
    return checked(name, v)
  end
  if kind == "own" then return h.own_values[name] end
  return h.vars[name]
end

function rt.withset(D, name, v, static, strict)
  local h, kind = holder(D, name)
  if not h then
    if static then return static(v) end
    local global = global_of(D)
    if strict and global == G then return rt.setglobal(name, v) end
    global[rt.string_key(name)] = v
    return
  end
  if kind == "object" then
    h.object[rt.string_key(name)] = v
  elseif kind == "closure" then
    local _, old = h.get(name)
    checked(name, old)
    if not h.set(name, v) then rt.constant(name) end
  elseif kind == "own" then
    h.own_values[name] = v
  else
    h.vars[name] = v
  end
end

function rt.withcall(D, name, f, ...)
  local h, kind = holder(D, name)
  if h then
    if kind == "object" then return (h.object[rt.string_key(name)](h.object, ...)) end
    return (rt.withget(D, name)(nil, ...))
  end
  if f == nil then f = rt.missing(name) end
  return (f(nil, ...))
end

-- declared: a variable around has the name
function rt.withdelete(D, name, declared)
  local h, kind = holder(D, name)
  if not h and declared then return false end
  if not h then return rt.delete_own(G, rt.string_key(name)) end
  if kind == "object" then return rt.delete_own(h.object, rt.string_key(name)) end
  if kind == "vars" then
    h.vars[name], h.has[name] = nil, nil
    return true
  end
  return false
end

-- Where a sloppy eval's vars go: the nearest function that keeps a scope for them, or the global object.
local function var_scope(D)
  while D do
    if D.vars then return D end
    D = D.outer
  end
end

-- A private name of a class around the evals around.
local function outer_private(D, name)
  while D do
    if D.get then
      local there, v = D.get(name)
      if there then return v end
    end
    D = D.outer
  end
end

-- The table D1 that eval code is given: D1.name is its own var.
local function eval_scope(D, get, set, lexical)
  local target = var_scope(D)
  local scope = { get = get, set = set, outer = D }
  local function check(name)
    if find(lexical, " " .. name .. " ", 1, true) then
      rt.throw_error("SyntaxError", "Identifier '" .. name .. "' has already been declared")
    end
  end
  local function declare(name)
    check(name)
    if get(name) then return end
    if target then
      target.has[name] = true
    elseif not rt.has_own(G, rt.string_key(name)) then
      rt.put(G, rt.string_key(name), { bits = 7 })
    end
  end
  setmetatable(scope, {
    __index = function(_, name)
      if name == "own" or name == "object" or name == "vars" then return nil end
      local there, v = get(name)
      if there then return v end
      if byte(name) == 35 then return outer_private(D, name) end
      if target then return target.vars[name] end
      return G[rt.string_key(name)]
    end,
    __newindex = function(_, name, v)
      check(name)
      if get(name) then
        set(name, v)
      elseif target then
        target.has[name] = true
        target.vars[name] = v
      else
        local key = rt.string_key(name)
        if not rt.has_own(G, key) then rt.put(G, key, { value = v, bits = 7 }) else G[key] = v end
      end
    end,
  })
  return scope, declare
end

-- names: "@" and letters (s: super is allowed, f: `arguments` is not, t: new.target is), then the private names that the
-- code sees and the names that a var of it must not have.
function rt.direct(D, strict, this, get, set, names, code, ...)
  local current = G.eval
  if current ~= builtin_eval then return (current(nil, code, ...)) end
  if type(code) ~= "string" then return code end
  eval_count = eval_count + 1
  local name = "evalmachine.<" .. eval_count .. ">"
  local scope, declare = eval_scope(D, get, set, names .. " ")
  local world = setmetatable({ declare = declare }, { __index = rt })
  local context, private = match(names, "^@(%a*)"), {}
  for each in gmatch(names, "#[^ ]+") do private[#private + 1] = each end
  local _, target = get("new.target")
  local main = rt.load(code, name, { goal = "eval", passing = true, strict = strict, inFunction = find(context, "t", 1, true) ~= nil,
    inMethod = find(context, "s", 1, true) ~= nil, inField = find(context, "f", 1, true) ~= nil, private = concat(private, " ") }, world)
  return (main(this, scope, target))
end

-- Runs code as a script whose global object is `o` (node:vm). What o lacks is found in the global object that there is.
function rt.run_in_object(code, filename, o)
  local function put_missing(name)
    local key = rt.string_key(name)
    if not rt.has_own(o, key) then rt.put(o, key, { bits = 7 }) end
  end
  local scope = setmetatable({ object = o, global = o }, {
    __index = function(_, name)
      if name == "outer" or name == "own" or name == "get" or name == "vars" then return nil end
      return o[rt.string_key(name)]
    end,
    __newindex = function(_, name, v) o[rt.string_key(name)] = v end,
  })
  local world = setmetatable({ declare = put_missing, import = function(specifier, options)
    return rt.import_dynamic(rt.cwd() .. "/" .. filename, specifier, options)
  end }, { __index = rt })
  local main = rt.load(code, filename, { goal = "eval", passing = true }, world)
  return (main(o, scope))
end

-- ---- Function

function rt.make_function(kind, ...)
  local given, n = rt.whole({ ... }, select("#", ...))
  local params, body = {}, ""
  for i = 1, n - 1 do params[i] = text(given[i]) end
  if n > 0 then body = text(given[n]) end
  local list = concat(params, ",")
  -- each part must stand alone
  local ok, e = compiler.check("(" .. kind .. " anonymous(\n) {\n" .. body .. "\n})", { goal = "script" })
  if ok and list ~= "" then ok, e = compiler.check("(" .. kind .. " anonymous(" .. list .. "\n) {\n})", { goal = "script" }) end
  if not ok then rt.throw_error("SyntaxError", e.message) end
  eval_count = eval_count + 1
  local source = "(" .. kind .. " anonymous(" .. list .. "\n) {\n" .. body .. "\n})"
  local main = rt.load(source, "anonymous.<" .. eval_count .. ">", { goal = "script", passing = true })
  local f = main(nil)
  return f
end

function rt.install_evaluate()
  builtin_eval = native("eval", 1, function(_, code)
    if type(code) ~= "string" then return code end
    return indirect_eval(code)
  end)
  hide(G, "eval", builtin_eval)
end

-- ---- templates, spread values, regular expressions until they are there

function rt.template(K, site, ...)
  local at = -site
  local made = rawget(K, at)
  if made then return made end
  local cooked, raw, n = {}, {}, select("#", ...) / 2
  for i = 1, n do
    local c, r = select(i * 2 - 1, ...)
    cooked[i], raw[i] = c, r
  end
  local a = rt.new_array(cooked, n)
  local freeze = rt.freeze
  rt.put(a, "raw", { value = rt.freeze(rt.new_array(raw, n)), bits = 0 })
  made = freeze(a)
  rawset(K, at, made)
  return made
end
