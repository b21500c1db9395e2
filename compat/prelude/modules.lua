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
local match, gmatch, gsub, find, sub = L.string.match, L.string.gmatch, L.string.gsub, L.string.find, L.string.sub
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

local settle_value

-- Has the value of a module that is none of ECMAScript's such a property?
local function has_name(record, name)
  settle_value(record)
  return not record.single and rt.is_object(record.value) and rt.has_property(record.value, name)
end

-- ResolveExport: -> record, key (nil for its namespace); nil where there is none, false where it is ambiguous.
local function resolve_export(record, name, seen)
  local linkage = record.linkage
  if not linkage then -- a value: what it has is known when it has been evaluated
    if name ~= "default" and record.single then return nil end
    return record, name
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
    local dependency = record.dependencies[n]
    local r, k
    if dependency.linkage or has_name(dependency, name) then r, k = resolve_export(dependency, name, seen) end
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
    settle_value(record)
    list[1] = "default"
    if not record.single and (rt.is_object(record.value)) then
      for _, k in ipairs(rt.own_keys(record.value)) do
        local d = type(k) == "string" and k ~= "default" and rt.get_own(record.value, k)
        if d and d.bits % 4 >= 2 then list[#list + 1] = k end
      end
    end
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
  if v == nil and record.linkage and not record.set[key] then rt.dead(key) end
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

-- What require() gives of a module with a default export says so to those that look for __esModule.
local MARK = { export = { __esModule = true } }

function namespace_of(record, marked)
  local ns
  if marked then ns = record.marked_namespace else ns = record.namespace end
  if ns then return ns end
  local names = export_names(record)
  local exports, list = {}, {}
  if marked then exports.__esModule, list[1] = { MARK, "__esModule" }, "__esModule" end
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
  if marked then record.marked_namespace = ns else record.namespace = ns end
  return ns
end

-- ---- loading

local R = rt.resolve

local function file_url(path) return "file://" .. gsub(path, "[^%w/%-%._~!$&'()*+,;=:@]", function(c) return L.string.format("%%%02X", L.string.byte(c)) end) end
rt.file_url = file_url

local function read_file(path, from)
  local source = R.read(path)
  if not source then
    R.fail("Error", "ERR_MODULE_NOT_FOUND", "Cannot find module '" .. path .. "'" .. (from and " imported from " .. from or ""))
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

local function load_source(path, source, key)
  local record = { path = path, key = key }
  records[key] = record
  local world = setmetatable({}, { __index = rt })
  world.import = function(specifier, options) return import_dynamic(path, specifier, options) end
  world.link = function() co_yield "link" end
  local ok, main, metadata = rt.attempt(rt.load, source, path, { goal = "module" }, world)
  if not ok then
    records[key] = nil
    error(main, 0)
  end
  record.main, record.linkage = main, read_linkage(metadata)
  record.export = export_table(record)
  for _, e in pairs(record.linkage.exports) do if e.var then record.set[e.key] = true end end
  record.dependencies = {}
  for n, specifier in ipairs(record.linkage.from) do
    local fine, dependency = rt.attempt(function()
      local target, tail = R.import(specifier, path)
      return load_module(target, path, record.linkage.attributes[n], tail)
    end)
    if not fine then
      records[key] = nil
      error(dependency, 0)
    end
    record.dependencies[n] = dependency
  end
  return record
end

-- A module of another kind: one value, whose properties can be imported by name. get() gives it, when it is evaluated.
local function load_value(key, get)
  local record = { path = key, key = key, get = get, set = {}, value = nil }
  record.export = setmetatable({}, { __index = function(_, k)
    if k == "default" then return record.value end
    if rt.is_object(record.value) then return record.value[k] end
  end })
  records[key] = record
  return record
end

-- Are its names known, and has it been evaluated? (`export *` from it asks before its turn.)
function settle_value(record)
  if record.started then return end
  record.started = true
  record.value = record.get()
end

local function is_esm_file(path)
  if find(path, "%.mjs$") then return true end
  if find(path, "%.cjs$") then return false end
  local package = R.scope(path)
  if package and package.type then return package.type == "module" end
  return nil
end
rt.is_esm_file = is_esm_file

-- A source without a package's word: a module when it is one by its syntax and no CommonJS.
local function looks_like_module(source)
  if not (find(source, "import", 1, true) or find(source, "export", 1, true) or find(source, "await", 1, true)) then return false end
  local options = { goal = "function", params = "exports require module __filename __dirname" }
  if rt.compiler.check(source, options) then return false end
  return (rt.compiler.check(source, { goal = "module" })) or false
end
rt.looks_like_module = looks_like_module

local EXTENSIONS = { [".js"] = true, [".mjs"] = true, [".cjs"] = true, [".json"] = true, [".lua"] = true, [".node"] = true }

function load_module(path, from, attributes, tail)
  local key = path .. (tail or "")
  local record = records[key]
  if record and not (record.single and not (attributes and attributes.type == "json")) then return record end
  local builtin = match(path, "^node:(.*)$")
  if builtin then
    return load_value(key, function()
      local view = rt.node_module(builtin)
      if view == nil then error(L.require("lunode.internal.errors").ERR_UNKNOWN_BUILTIN_MODULE(path), 0) end
      return view
    end)
  end
  if find(path, "^data:") then
    local kind, encoding, text = match(path, "^data:([^;,]*)([^,]*),(.*)$")
    text = gsub(text or "", "%%(%x%x)", function(hex) return L.string.char(L.tonumber(hex, 16)) end)
    if find(encoding or "", "base64", 1, true) then text = L.tostring(L.require("lunode.buffer").Buffer.from(text, "base64")) end
    if kind == "application/json" then return load_value(key, function() return rt.global.JSON.parse(nil, text) end) end
    return load_source(path, text, key)
  end
  local extension = match(path, "%.[^./]+$")
  if extension == ".json" then
    if not (attributes and attributes.type == "json") then
      R.fail("TypeError", "ERR_IMPORT_ASSERTION_TYPE_MISSING", "Module \"" .. file_url(path) .. "\" needs an import attribute of type \"json\"")
    end
    record = load_value(key, function() return rt.global.JSON.parse(nil, (gsub(read_file(path, from), "^\239\187\191", ""))) end)
    record.single = true
    return record
  end
  if extension and not EXTENSIONS[extension] then
    R.fail("TypeError", "ERR_UNKNOWN_FILE_EXTENSION", "Unknown file extension \"" .. extension .. "\" for " .. path)
  end
  local esm = extension ~= ".lua" and extension ~= ".node" and is_esm_file(path)
  if esm then return load_source(path, read_file(path, from), key) end
  if esm == nil then
    local source = read_file(path, from)
    if looks_like_module(source) then return load_source(path, source, key) end
  end
  return load_value(key, function() return rt.require_file(path, from) end)
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
  meta.dirname = R.dirname(record.path)
  meta.filename = record.path
  meta.resolve = rt.native("resolve", 1, function(_, specifier)
    local path, tail = R.import(rt.text(specifier), record.path, true)
    return find(path, "^node:") and path or file_url(path) .. tail
  end)
  meta.url = file_url(record.path) .. sub(record.key, #record.path + 1)
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
      if not each.linkage then
        local ok, e = rt.attempt(settle_value, each)
        if not ok then return promise.reject(result, rt.thrown(e)) end
      else
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

-- Loads, links and evaluates a file as a module: a promise.
function rt.run_module(path)
  local record = records[path] or load_source(path, read_file(path), path)
  check_imports(record, {})
  instantiate(record, {})
  return evaluate(record)
end

-- The same for the main script: the promise keeps the coroutine that its top level runs in.
function rt.run_main_module(path, source)
  if source then load_source(path, source, path) end
  local p = rt.run_module(path)
  p._main = { _co = records[path].task.co }
  return p
end

-- The same for require: the namespace, or the value that it exports as "module.exports".
function rt.require_module(path)
  local p = rt.run_module(path)
  if p._state == 0 then
    R.fail("Error", "ERR_REQUIRE_ASYNC_MODULE", "require() cannot be used on an ESM graph with top-level await. Use import() instead.")
  end
  if p._state == 2 then
    promise.subscribe(p, { _job = function() end })
    rt.throw(p._value)
  end
  local record = records[path]
  local r, key = resolve_export(record, "module.exports")
  if r then return (read_export(r, key)) end
  return namespace_of(record, resolve_export(record, "default") and not resolve_export(record, "__esModule"))
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
        local target, tail = R.import(specifier, from)
        local record = load_module(target, from, attributes, tail)
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
