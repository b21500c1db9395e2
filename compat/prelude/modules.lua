-- SPDX-License-Identifier: MIT
--
-- ES modules: loading, linking, evaluation, namespace objects, import() (ECMA-262, clause 16.2).
--
-- A module record: path, main, linkage {from=, with=, exports=, stars=}, export (the table of live variables), started, promise,
-- namespace. A CommonJS or JSON module is a record whose `default` is its value.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, pairs, ipairs, error, select = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset,
  L.pairs, L.ipairs, L.error, L.select
local match, gmatch, gsub, find = L.string.match, L.string.gmatch, L.string.gsub, L.string.find
local create, co_yield = L.coroutine.create, L.coroutine.yield
local promise = L.require "lunode.internal.promise"
local SYMBOL, null = rt.symbols, rt.null
local UNSET = {}

local records = {} -- path -> record
rt.module_records = records

-- ---- linkage

local function unescape(s)
  return (gsub(s, "\\(.)", function(c)
    return c == "n" and "\n" or c == "s" and " " or c == "t" and "\t" or c
  end))
end

local function read_linkage(metadata)
  local line = match(metadata, "^[^\n]*")
  local linkage = { from = {}, attributes = {}, imports = {}, exports = {}, stars = {}, order = {} }
  local first = true
  for item in gmatch(line, "[^\t]+") do
    if first then first = false else
      local words = {}
      for word in gmatch(item, "[^ ]+") do words[#words + 1] = unescape(word) end
      local what = words[1]
      local n = L.tonumber(words[2])
      if what == "from" then linkage.from[n] = words[3] or ""
      elseif what == "with" then
        linkage.attributes[n] = linkage.attributes[n] or {}
        linkage.attributes[n][words[3]] = words[4]
      elseif what == "import" then linkage.imports[#linkage.imports + 1] = { n, words[3] }
      elseif what == "all" then linkage.stars[#linkage.stars + 1] = n
      else
        local name = (what == "reexport" or what == "namespace") and words[3] or words[2]
        linkage.order[#linkage.order + 1] = name
        if what == "export" or what == "var" then linkage.exports[name] = { key = name, var = what == "var" }
        elseif what == "alias" then linkage.exports[name] = { key = words[3] }
        elseif what == "reexport" then linkage.exports[name] = { from = n, name = words[4] }
        elseif what == "namespace" then linkage.exports[name] = { from = n, namespace = true } end
      end
    end
  end
  return linkage
end

-- ResolveExport: -> record, key (nil for its namespace); nil where there is none, false where it is ambiguous.
local function resolve_export(record, name, seen)
  local linkage = record.linkage
  if not linkage then
    if name == "default" then return record, "default" end
    if record.names and record.names[name] then return record, name end
    return nil
  end
  seen = seen or {}
  seen[record] = seen[record] or {}
  if seen[record][name] then return nil end
  seen[record][name] = true
  local e = linkage.exports[name]
  if e then
    if e.namespace then return record.dependencies[e.from], nil end
    if e.from then return resolve_export(record.dependencies[e.from], e.name, seen) end
    return record, e.key
  end
  if name == "default" then return nil end
  local found, key
  for _, n in ipairs(linkage.stars) do
    local r, k = resolve_export(record.dependencies[n], name, seen)
    if r == false then return false end
    if r then
      if found and (found ~= r or key ~= k) then return false end
      found, key = r, k
    end
  end
  return found, key
end

local function export_names(record, seen)
  local names, list = {}, {}
  seen = seen or {}
  if seen[record] then return list end
  seen[record] = true
  if not record.linkage then
    list[1] = "default"
    for name in pairs(record.names or {}) do if name ~= "default" then list[#list + 1] = name end end
    return list
  end
  local function add(name)
    if not names[name] then
      names[name] = true
      list[#list + 1] = name
    end
  end
  for _, name in ipairs(record.linkage.order) do add(name) end
  for _, n in ipairs(record.linkage.stars) do
    for _, name in ipairs(export_names(record.dependencies[n], seen)) do
      if name ~= "default" then add(name) end
    end
  end
  return list
end

local namespace_of

local function read_export(record, key)
  if key == nil then return namespace_of(record) end
  local export = record.export
  local v = export[key]
  if v == nil and record.set and not record.set[key] then rt.dead(key) end
  return v
end

-- ---- namespace objects (ECMA-262, 10.4.6)

local exotic = {}
local function entry(t, k)
  local d = rawget(t, rt.DATA)
  if type(k) == "number" then k = rt.number_text(k - 1) end
  return d.exports[k]
end
function exotic.get_own(t, k)
  if k == SYMBOL.toStringTag then return { value = "Module", bits = 0 } end
  local e = entry(t, k)
  if e then return { value = read_export(e[1], e[2]), bits = 3 } end
end
function exotic.has(t, k) return k == SYMBOL.toStringTag or entry(t, k) ~= nil end
function exotic.define(t, k, d)
  local current = exotic.get_own(t, k)
  if not current then return false end
  if d.has_get or d.has_set then return false end
  local mask, bits = d.mask or 0, d.bits or 0
  if L.bit.band(mask, L.bit.bxor(bits, current.bits)) ~= 0 then return false end
  return not d.has_value or rt.same_value(d.value, current.value)
end
function exotic.delete(t, k)
  if k == SYMBOL.toStringTag then return false end
  return entry(t, k) == nil
end
function exotic.keys(t)
  local list = {}
  for i, name in ipairs(rawget(t, rt.DATA).names) do list[i] = rt.string_key(name) end
  list[#list + 1] = SYMBOL.toStringTag
  return list
end
function exotic.set_proto(_, proto) return proto == nil end
function exotic.is_extensible() return false end
function exotic.prevent() return true end
local function namespace_get(t, k)
  if k == SYMBOL.toStringTag then return "Module" end
  local e = entry(t, k)
  if e then return read_export(e[1], e[2]) end
end
local function namespace_set(t, k, _, _, quiet)
  if quiet then return false end
  if rt.strict_caller() then rt.type_error("Cannot assign to read only property '" .. rt.key_text(k) .. "' of object '[object Module]'") end
  return false
end

function namespace_of(record)
  local ns = record.namespace
  if ns then return ns end
  local names = export_names(record)
  local exports, list = {}, {}
  for _, name in ipairs(names) do
    local r, key = resolve_export(record, name)
    if r then
      exports[name] = { r, key }
      list[#list + 1] = name
    end
  end
  L.table.sort(list, function(a, b) return rt.less(a, b) end)
  local shape = rt.own_shape(nil)
  shape.exotic, shape.class, shape.sealed = exotic, "Module", true
  shape.exotic_get = namespace_get
  shape.exotic_index = function(o, k) return (namespace_get(o, k)) end
  shape.exotic_set = namespace_set
  shape.exotic_newindex = function(o, k, v) namespace_set(o, k, v) end
  rt.settle(shape)
  ns = setmetatable({ [rt.DATA] = { exports = exports, names = list } }, shape)
  record.namespace = ns
  return ns
end

-- ---- loading

local function resolve_path(specifier, from)
  if rt.resolve_specifier then
    local found = rt.resolve_specifier(specifier, from)
    if found then return found end
  end
  local path = match(specifier, "^file://(.*)$") or specifier
  if find(path, "^%.%.?/") then path = (match(from, "^(.*)/[^/]*$") or ".") .. "/" .. path
  elseif not find(path, "^/") then
    local e = rt.new_error("Error", "Cannot find package '" .. specifier .. "' imported from " .. from)
    e.code = "ERR_MODULE_NOT_FOUND"
    error(e, 0)
  end
  local parts = {}
  for part in gmatch(path, "[^/]+") do
    if part == ".." and #parts > 0 and parts[#parts] ~= ".." then parts[#parts] = nil
    elseif part ~= "." then parts[#parts + 1] = part end
  end
  return (find(path, "^/") and "/" or "") .. L.table.concat(parts, "/")
end

local function read_file(path, from)
  local f = L.io.open(path, "rb")
  local source = f and f:read "*a"
  if f then f:close() end
  if not source then
    local e = rt.new_error("Error", "Cannot find module '" .. path .. "'" .. (from and " imported from " .. from or ""))
    e.code = "ERR_MODULE_NOT_FOUND"
    error(e, 0)
  end
  return source
end

local import_dynamic

-- What an export table's keys are assigned through: it notes which have a value by now.
local function export_table(record)
  local set, values = {}, {}
  record.set, record.values = set, values
  return setmetatable({}, {
    __index = values,
    __newindex = function(_, k, v)
      set[k] = true
      values[k] = v
    end,
  })
end

local function import_table(record, n)
  return setmetatable({}, { __index = function(_, name)
    local target = record.dependencies[n]
    if name == 0 then return namespace_of(target) end
    local r, key = resolve_export(target, name)
    if not r then return nil end
    return read_export(r, key)
  end })
end

local load_module

local function load_source(path, source)
  local record = { path = path }
  records[path] = record
  local world = setmetatable({}, { __index = rt })
  world.import = function(specifier, options) return import_dynamic(path, specifier, options) end
  world.link = function() co_yield "link" end
  local ok, main, metadata = L.pcall(rt.load, source, path, { goal = "module" }, world)
  if not ok then
    records[path] = nil
    error(main, 0)
  end
  record.main, record.linkage = main, read_linkage(metadata)
  record.export = export_table(record)
  for _, e in pairs(record.linkage.exports) do if e.var then record.set[e.key] = true end end
  record.dependencies = {}
  for n, specifier in ipairs(record.linkage.from) do
    record.dependencies[n] = load_module(resolve_path(specifier, path), path, record.linkage.attributes[n])
  end
  return record
end

function load_module(path, from, attributes)
  local record = records[path]
  if record then return record end
  if attributes and attributes.type == "json" or find(path, "%.json$") then
    record = { path = path }
    record.export = { default = rt.global.JSON.parse(nil, read_file(path, from)) }
    record.started = true
    records[path] = record
    return record
  end
  return load_source(path, read_file(path, from))
end

-- ---- linking and evaluation

local function check_imports(record, seen)
  if seen[record] or not record.linkage then return end
  seen[record] = true
  for _, dependency in ipairs(record.dependencies) do check_imports(dependency, seen) end
  local function missing(n, name, r)
    local what = record.linkage.from[n]
    local text = r == false and "The requested module '" .. what .. "' contains conflicting star exports for name '" .. name .. "'"
      or "The requested module '" .. what .. "' does not provide an export named '" .. name .. "'"
    rt.throw_error("SyntaxError", text)
  end
  for _, import in ipairs(record.linkage.imports) do
    local r = resolve_export(record.dependencies[import[1]], import[2])
    if not r then missing(import[1], import[2], r) end
  end
  for _, name in ipairs(record.linkage.order) do
    local e = record.linkage.exports[name]
    if e.from and not e.namespace then
      local r = resolve_export(record, name)
      if not r then missing(e.from, e.name, r) end
    end
  end
end

local function meta_of(record)
  local meta = rt.object_of(nil)
  meta.url = "file://" .. record.path
  meta.filename = record.path
  meta.dirname = match(record.path, "^(.*)/[^/]*$") or "."
  return meta
end

-- Runs the module up to rt.link: its function declarations are there then.
local function instantiate(record, seen)
  if seen[record] then return end
  seen[record] = true
  if not record.linkage then return end
  for _, dependency in ipairs(record.dependencies) do instantiate(dependency, seen) end
  if record.task then return end
  local imports = setmetatable({}, { __index = function(t, k)
    if k == "meta" then
      local meta = meta_of(record)
      rawset(t, k, meta)
      return meta
    end
    local table_ = import_table(record, k)
    rawset(t, k, table_)
    return table_
  end })
  local main = record.main
  record.task = rt.module_task(function() return main(nil, record.export, imports) end)
end

-- Gives the list of records in the order of evaluation.
local function order(record, list, seen)
  if seen[record] then return list end
  seen[record] = true
  if record.linkage then
    for _, dependency in ipairs(record.dependencies) do order(dependency, list, seen) end
  end
  list[#list + 1] = record
  return list
end

-- A promise of the module's evaluation. Modules are evaluated one after the other; one that awaits is waited for.
local function evaluate(record)
  local list = order(record, {}, {})
  local result = promise.new()
  local i = 0
  local advance
  local function on_done(reaction, ok, value)
    if not ok then return promise.reject(result, value) end
    return advance()
  end
  function advance()
    while true do
      i = i + 1
      local each = list[i]
      if not each then return promise.resolve(result, nil) end
      if each.linkage then
        local p = each.task.promise
        if not each.started then
          each.started = true
          rt.continue_task(each.task)
        end
        if p._state == 2 then
          promise.subscribe(p, { _job = function() end })
          return promise.reject(result, p._value)
        end
        if p._state == 0 then
          if each == record and i == #list then
            return promise.subscribe(p, { _job = function(_, ok, value)
              if ok then return promise.resolve(result, nil) end
              return promise.reject(result, value)
            end })
          end
          return promise.subscribe(p, { _job = on_done })
        end
      end
    end
  end
  advance()
  return result
end

-- Loads, links and evaluates a file: a promise.
function rt.run_module(path)
  local record = load_module(path)
  check_imports(record, {})
  instantiate(record, {})
  return evaluate(record)
end

function import_dynamic(from, specifier, options)
  local result = promise.new()
  local ok, e = rt.attempt(function()
    specifier = rt.text(specifier)
    local attributes
    if options ~= nil then
      if not rt.is_object(options) then rt.type_error "The second argument of import() must be an object" end
      local with = options["with"]
      if with ~= nil then
        if not rt.is_object(with) then rt.type_error "The 'options.with' argument of import() must be an object" end
        attributes = {}
        for _, k in ipairs(rt.own_keys(with)) do
          local d = rt.get_own(with, k)
          if d and d.bits % 4 >= 2 then
            local v = with[k]
            if type(v) ~= "string" then rt.type_error "Import attribute value must be a string" end
            attributes[k] = v
          end
        end
      end
    end
    L.require("lunode.internal.queue").microtask(function()
      local fine, err = rt.attempt(function()
        local record = load_module(resolve_path(specifier, from), from, attributes)
        check_imports(record, {})
        instantiate(record, {})
        promise.subscribe(evaluate(record), { _job = function(_, done, value)
          if not done then return promise.reject(result, value) end
          local got, ns = rt.attempt(namespace_of, record)
          if got then rt.resolve_promise(result, ns) else promise.reject(result, rt.thrown(ns)) end
        end })
      end)
      if not fine then promise.reject(result, rt.thrown(err)) end
    end)
  end)
  if not ok then promise.reject(result, rt.thrown(e)) end
  return result
end
rt.import_dynamic = import_dynamic
