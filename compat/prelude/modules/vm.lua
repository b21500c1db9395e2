-- SPDX-License-Identifier: MIT
--
-- node:vm (Node 20 docs: "VM (executing JavaScript)"). A context is an object that code finds its global names in; the built-ins are the
-- program's own, not new ones. Modules of vm (SourceTextModule) are not there; timeout is not watched.
local rt = ...
local L = rt.lua
local type, rawget, rawset = L.type, L.rawget, L.rawset
local errors = L.require "lunode.internal.errors"
local is_object, native = rt.is_object, rt.native

local contexts = L.setmetatable({}, { __mode = "k" })

local function check_text(v, name)
  if type(v) ~= "string" then L.error(errors.ERR_INVALID_ARG_TYPE(name, "string", v), 0) end
end

local function filename_of(options, default)
  if type(options) == "string" then return options end
  if options == nil then return default end
  if not is_object(options) then L.error(errors.ERR_INVALID_ARG_TYPE("options", "Object", options), 0) end
  local name = options.filename
  if name == nil then return default end
  check_text(name, "options.filename")
  return name
end

local function create(o)
  if o == nil then o = rt.object_of(rt.ObjectPrototype) end
  if not is_object(o) then L.error(errors.ERR_INVALID_ARG_TYPE("contextObject", "Object", o), 0) end
  contexts[o] = true
  return o
end

local function check_context(o)
  if not is_object(o) or not contexts[o] then L.error(errors.ERR_INVALID_ARG_TYPE("contextifiedObject", "vm.Context", o), 0) end
end

local function run_here(code, name)
  local world = L.setmetatable({ import = function(specifier, options)
    return rt.import_dynamic(rt.cwd() .. "/" .. name, specifier, options)
  end }, { __index = rt })
  return (rt.load(code, name, { goal = "script", passing = true }, world)(rt.global))
end

function rt.own_module.vm()
  local vm = rt.object_of(rt.ObjectPrototype)
  local function define(o, name, length, f) rt.put(o, name, { value = native(name, length, f), bits = 7 }) end
  define(vm, "createContext", 0, function(_, o) return (create(o)) end)
  define(vm, "isContext", 1, function(_, o)
    if not is_object(o) then L.error(errors.ERR_INVALID_ARG_TYPE("object", "Object", o), 0) end
    return contexts[o] or false
  end)
  define(vm, "runInThisContext", 2, function(_, code, options)
    check_text(code, "code")
    return (run_here(code, filename_of(options, "evalmachine.<anonymous>")))
  end)
  define(vm, "runInContext", 3, function(_, code, o, options)
    check_text(code, "code")
    check_context(o)
    return (rt.run_in_object(code, filename_of(options, "evalmachine.<anonymous>"), o))
  end)
  define(vm, "runInNewContext", 3, function(_, code, o, options)
    check_text(code, "code")
    return (rt.run_in_object(code, filename_of(options, "evalmachine.<anonymous>"), create(o)))
  end)
  define(vm, "compileFunction", 1, function(_, code, params, options)
    check_text(code, "code")
    local list, n = {}, is_object(params) and params.length or 0
    for i = 1, n do
      check_text(params[i], "params[" .. i - 1 .. "]")
      list[i] = params[i]
    end
    list[n + 1] = code
    local context = is_object(options) and options.parsingContext
    if context then
      return (rt.run_in_object("(function(" .. L.table.concat(list, ",", 1, n) .. "\n) {\n" .. code .. "\n})", filename_of(options, "evalmachine.<anonymous>"), context))
    end
    return (rt.make_function("function", L.unpack(list, 1, n + 1)))
  end)
  define(vm, "measureMemory", 0, function() return rt.global.Promise.resolve(rt.global.Promise, rt.object_of(rt.ObjectPrototype)) end)

  local P = rt.object_of(rt.ObjectPrototype)
  local Script = rt.native_constructor("Script", 1, function() rt.type_error "Class constructor Script cannot be invoked without 'new'" end,
    function(target, code, options)
      code = rt.text(code)
      local name = filename_of(options, "evalmachine.<anonymous>")
      local ok, e = rt.compiler.check(code, { goal = "script", filename = name })
      if not ok then
        local err = rt.new_error("SyntaxError", e.message)
        rawset(err, "_place", e.text)
        L.error(err, 0)
      end
      local o = L.setmetatable({}, rt.target_root(target, P))
      rawset(o, rt.DATA, { code = code, name = name })
      return o
    end, P)
  rt.put(vm, "Script", { value = Script, bits = 7 })
  local function data(this)
    local d = type(this) == "table" and rawget(this, rt.DATA)
    if not d or not d.code then rt.type_error "Illegal invocation" end
    return d
  end
  define(P, "runInThisContext", 1, function(this)
    local d = data(this)
    return (run_here(d.code, d.name))
  end)
  define(P, "runInContext", 2, function(this, o)
    local d = data(this)
    check_context(o)
    return (rt.run_in_object(d.code, d.name, o))
  end)
  define(P, "runInNewContext", 2, function(this, o)
    local d = data(this)
    return (rt.run_in_object(d.code, d.name, create(o)))
  end)
  define(P, "createCachedData", 0, function() return (L.require("lunode.buffer").Buffer.alloc(0)) end)
  vm.constants = rt.object_of(nil)
  return vm
end
