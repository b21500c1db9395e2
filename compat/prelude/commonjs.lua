-- SPDX-License-Identifier: MIT
--
-- CommonJS: the class Module, require, and what a program may patch of them (Node 20 docs: "Modules: CommonJS modules", "node:module").
-- A .lua file may be required too; it sees rt.face of what it gives.
local rt = ...
local L = rt.lua
local type, setmetatable, rawset, ipairs, error, select = L.type, L.setmetatable, L.rawset, L.ipairs, L.error, L.select
local find, match, gsub, sub = L.string.find, L.string.match, L.string.gsub, L.string.sub
local concat = L.table.concat
local null, G, native, hide, put, is_object = rt.null, rt.global, rt.native, rt.hide, rt.put, rt.is_object
local R = rt.resolve
local kind, join, dirname, fail = R.kind, R.join, R.dirname, R.fail
local errors = L.require "lunode.internal.errors"
local options = L.require "lunode.internal.options"

local Module, Prototype
local main_module, main_file = nil, nil
local init_paths

-- ---- built-in modules

function rt.is_builtin(name)
  local plain = match(name, "^node:(.*)$")
  return rt.builtin_modules[plain or name] or name == "node:test"
end

local function builtin(name)
  local view = rt.node_module(name)
  if view == nil then error(rt.face and errors.ERR_UNKNOWN_BUILTIN_MODULE(name) or rt.new_error("Error", "No such built-in module: " .. name), 0) end
  return view
end

-- ---- finding

local function extensions_of()
  local list = {}
  for _, key in ipairs(rt.own_keys(Module._extensions)) do list[#list + 1] = key end
  return list
end

local function as_file(path, list)
  if kind(path) == "file" then return R.real(path) end
  for _, ext in ipairs(list) do
    if kind(path .. ext) == "file" then return R.real(path .. ext) end
  end
end

local function as_index(dir, list)
  for _, ext in ipairs(list) do
    if kind(dir .. "/index" .. ext) == "file" then return R.real(dir .. "/index" .. ext) end
  end
end

local function as_folder(dir, list, request)
  local package = R.read_package(dir)
  local main = package and package.json.main
  if type(main) ~= "string" or main == "" then return as_index(dir, list) end
  local path = join(dir, main)
  local found = as_file(path, list) or as_index(path, list)
  if not found then
    found = as_index(dir, list)
    if found then
      L.require("lunode.process").emitWarning("Invalid 'main' field in '" .. dir .. "/package.json' of '" .. main .. "'. Please either fix that or report it to the module author",
        "DeprecationWarning", "DEP0128")
    end
  end
  if not found then
    local e = rt.new_error("Error", "Cannot find module '" .. path .. "'. Please verify that the package.json has a valid \"main\" entry")
    e.code, e.path, e.requestPath = "MODULE_NOT_FOUND", dir .. "/package.json", request
    error(e, 0)
  end
  return found
end

local function find_path(path, request, trailing)
  local list = extensions_of()
  if not trailing then
    local what = kind(path)
    if what ~= "dir" then return as_file(path, list) end
    local found -- a file with an extension comes before the folder
    for _, ext in ipairs(list) do
      if kind(path .. ext) == "file" then
        found = path .. ext
        break
      end
    end
    if found then return R.real(found) end
  end
  if kind(path) == "dir" then return as_folder(path, list, request) end
end

local function node_module_paths(dir)
  local list, n = {}, 0
  while true do
    if not find(dir, "/node_modules$") then
      n = n + 1
      list[n] = (dir == "/" and "" or dir) .. "/node_modules"
    end
    if dir == "/" then break end
    dir = dirname(dir)
  end
  return list, n
end

-- A name that can only be a folder's.
local function is_trailing(request) return find(request, "/$") ~= nil or find(request, "^%.%.?$") ~= nil or find(request, "/%.%.?$") ~= nil end

local function is_relative(request) return find(request, "^%.%.?/") or request == "." or request == ".." end

-- A package in one node_modules folder.
local function in_folder(base, request)
  if kind(base) ~= "dir" then return nil end
  local name, subpath = R.split(request)
  if name then
    local package = R.read_package(base .. "/" .. name)
    if package and package.exports then
      local path = R.exports(package, gsub(subpath, "/$", ""), R.require_conditions)
      local found = kind(path) == "file" and R.real(path)
      if found then return found end
      local e = rt.new_error("Error", "Cannot find module '" .. path .. "'")
      e.code, e.path = "MODULE_NOT_FOUND", package.dir .. "/package.json"
      error(e, 0)
    end
  end
  return find_path(join(base, request), request, is_trailing(request))
end

-- Module._findPath
local function find_in(request, paths, n)
  if find(request, "^/") then return find_path(join("/", request), request, is_trailing(request)) end
  local relative = is_relative(request)
  for i = 1, n do
    local found
    local dir = join(rt.cwd(), paths[i])
    if relative then found = find_path(join(dir, request), request, is_trailing(request))
    else found = in_folder(dir, request) end
    if found then return found end
  end
end

local function stack_of(module)
  local list, n = {}, 0
  while is_object(module) do
    n = n + 1
    list[n] = module.filename == null and module.id or module.filename or module.id
    module = module.parent
  end
  return list, n
end

local function not_found(request, parent)
  local list, n = stack_of(parent)
  local message = "Cannot find module '" .. request .. "'"
  if n > 0 then message = message .. "\nRequire stack:\n- " .. concat(list, "\n- ") end
  local e = rt.new_error("Error", message)
  e.code, e.requireStack = "MODULE_NOT_FOUND", rt.new_array(list, n)
  error(e, 0)
end

local function lookup_paths(request, parent)
  if is_relative(request) then
    local file = is_object(parent) and parent.filename
    local id = is_object(parent) and parent.id
    if type(file) ~= "string" or id == nil then
      local list, n = node_module_paths(rt.cwd())
      L.table.insert(list, 1, ".")
      for _, each in ipairs(rt.global_paths()) do list[#list + 1] = each end
      return list, #list
    end
    return { dirname(file) }, 1
  end
  local paths = is_object(parent) and parent.paths
  local list, n = {}, 0
  if is_object(paths) then
    for i = 1, paths.length do list[i] = paths[i] end
    n = paths.length
  end
  for _, each in ipairs(rt.global_paths()) do
    n = n + 1
    list[n] = each
  end
  return list, n
end

local resolved = {} -- folder .. "\0" .. request -> path

local function resolve_filename(request, parent, options)
  if rt.is_builtin(request) then return request end
  if find(request, "^node:") then error(errors.ERR_UNKNOWN_BUILTIN_MODULE(request), 0) end
  local paths, n
  local given = is_object(options) and options.paths
  if given ~= nil and given ~= false and not rt.is_array(given) then error(errors.ERR_INVALID_ARG_VALUE("options.paths", given), 0) end
  if given then
    paths, n = {}, 0
    for i = 1, given.length do
      local dir = given[i]
      if type(dir) ~= "string" then error(errors.ERR_INVALID_ARG_TYPE("paths[" .. i - 1 .. "]", "string", dir), 0) end
      if is_relative(request) then
        n = n + 1
        paths[n] = dir
      else
        for _, each in ipairs(node_module_paths(join(rt.cwd(), dir))) do
          n = n + 1
          paths[n] = each
        end
      end
    end
  else
    paths, n = lookup_paths(request, parent)
  end
  local file = is_object(parent) and parent.filename
  if type(file) == "string" then
    if find(request, "^#") then return R.real(R.imports(request, file, R.require_conditions)) end
    if not is_relative(request) and not find(request, "^/") then
      local own = R.own_name(request, file, R.require_conditions)
      if own then return R.real(own) end
    end
  end
  return find_in(request, paths, n) or not_found(request, parent)
end

-- ---- loading

local function add_child(parent, module)
  local children = is_object(parent) and parent.children
  if not is_object(children) then return end
  for i = 1, children.length do if children[i] == module then return end end
  children[children.length + 1] = module
end

local function new_module(o, id, parent)
  o.id = id
  o.path = dirname(id)
  o.exports = rt.object_of(rt.ObjectPrototype)
  o.filename = null
  o.loaded = false
  o.children = rt.new_array({}, 0)
  hide(o, "parent", parent)
  add_child(parent, o)
  return o
end

local function load(request, parent, is_main)
  local key
  if is_object(parent) and type(parent.filename) == "string" then
    key = dirname(parent.filename) .. "\0" .. request
    local file = resolved[key]
    local cached = file and Module._cache[file]
    if cached ~= nil and cached then
      add_child(parent, cached)
      return cached.exports
    end
  end
  if find(request, "^node:") then return builtin(request) end
  local file = Module._resolveFilename(Module, request, parent, is_main)
  local cached = Module._cache[file]
  if cached ~= nil then
    add_child(parent, cached)
    if key then resolved[key] = file end
    return cached.exports
  end
  if rt.is_builtin(file) then return builtin(file) end
  local module = rt.construct(Module, Module, file, parent)
  if is_main then
    main_module = module
    module.id = "."
    if rt.set_main_module then rt.set_main_module(module) end
  end
  Module._cache[file] = module
  if key then resolved[key] = file end
  local ok, e = rt.attempt(module.load, module, file)
  if not ok then
    rt.delete_own(Module._cache, file)
    if key then resolved[key] = nil end
    local children = is_object(parent) and parent.children
    if is_object(children) and children[children.length] == module then rt.setlength(children, children.length - 1) end
    error(e, 0)
  end
  return module.exports
end

local function make_require(module)
  local require_ = native("require", 1, function(_, id) return (module.require(module, id)) end)
  local resolve = native("resolve", 2, function(_, request, options)
    if type(request) ~= "string" then error(errors.ERR_INVALID_ARG_TYPE("request", "string", request), 0) end
    return (Module._resolveFilename(Module, request, module, false, options))
  end)
  hide(resolve, "paths", native("paths", 1, function(_, request)
    if type(request) ~= "string" then error(errors.ERR_INVALID_ARG_TYPE("request", "string", request), 0) end
    if rt.is_builtin(request) then return null end
    return rt.new_array(lookup_paths(request, module))
  end))
  require_.resolve = resolve
  require_.main = main_module
  require_.extensions = Module._extensions
  require_.cache = Module._cache
  return require_
end

local MODULE_SYNTAX = { ["Cannot use import statement outside a module"] = true, ["Unexpected token 'export'"] = true, ["Cannot use 'import.meta' outside a module"] = true }

-- The longest of the extensions registered for a file's name.
local function extension_of(file)
  local name = match(file, "[^/]*$")
  local at = 2
  while true do
    local dot = find(name, ".", at, true)
    if not dot then return ".js" end
    local ext = sub(name, dot)
    if ext ~= "." and is_object(Module._extensions[ext]) then return ext end
    at = dot + 1
  end
end

-- Has the program put something around modules?
local wrap, wrapper, before, behind
local function is_wrapped() return Module.wrap ~= wrap or Module.wrapper ~= wrapper or wrapper[1] ~= before or wrapper[2] ~= behind end

-- Compiles and runs a CommonJS source as `module`.
local function compile(module, source, file)
  if is_wrapped() then
    local f = rt.load(Module.wrap(Module, (gsub(source, "^#![^\n]*", ""))), file, { goal = "script" })(nil)
    return (f(module.exports, module.exports, make_require(module), module, file, dirname(file)))
  end
  local world = setmetatable({ import = function(specifier, options) return rt.import_dynamic(file, specifier, options) end }, { __index = rt })
  local main = rt.load(source, file, { goal = "function", params = "exports require module __filename __dirname" }, world)
  return (main(module.exports, module.exports, make_require(module), module, file, dirname(file)))
end

-- require of an ES module, unless --no-experimental-require-module forbids it.
local function require_esm(file, module)
  if options.noRequireModule then
    local by = is_object(module.parent) and module.parent.filename
    fail("Error", "ERR_REQUIRE_ESM", "require() of ES Module " .. file .. (type(by) == "string" and " from " .. by or "") .. " not supported.\nInstead change the require of "
      .. match(file, "[^/]*$") .. (type(by) == "string" and " in " .. by or "") .. " to a dynamic import() which is available in all CommonJS modules.")
  end
  return rt.require_module(file)
end

local function run_javascript(module, file)
  local package = not find(file, "%.cjs$") and R.scope(file)
  local source = R.read(file)
  if not source then error(errors.uvException and errors.uvException { syscall = "open", path = file } or rt.new_error("Error", "ENOENT: no such file or directory, open '" .. file .. "'"), 0) end
  if package and package.type == "module" and find(file, "%.js$") then
    module.exports = require_esm(file, module)
    return
  end
  local ok, e = rt.attempt(module._compile, module, source, file)
  if ok then return end
  local err = rt.thrown(e)
  if not (package and package.type) and not find(file, "%.cjs$") and is_object(err) and err._place and MODULE_SYNTAX[err.message] then
    module.exports = rt.require_module(file)
    return
  end
  error(e, 0)
end

local function run_json(module, file)
  local ok, v = rt.attempt(G.JSON.parse, nil, (gsub(R.read(file) or "", "^\239\187\191", "")))
  if not ok then
    local e = rt.thrown(v)
    e.message = file .. ": " .. e.message
    error(e, 0)
  end
  module.exports = v
end

local function run_lua(module, file)
  local loader = L.require "lunode.internal.loader"
  if not rt.to_lua then rt.part "membrane" end
  module.exports = rt.module_of_lua(loader.load_path(file, file, is_object(module.parent) and module.parent.filename or nil))
end

-- ---- the class

local function check_id(id)
  if type(id) ~= "string" then error(errors.ERR_INVALID_ARG_TYPE("id", "string", id), 0) end
  if id == "" then error(errors.ERR_INVALID_ARG_VALUE("id", id, "must be a non-empty string"), 0) end
end

local function path_of(place)
  if is_object(place) and type(place.href) == "string" then place = place.href end
  if type(place) == "string" then
    local path = match(place, "^file://(/.*)$")
    if path then return (gsub(path, "%%(%x%x)", function(hex) return L.string.char(L.tonumber(hex, 16)) end)) end
    if find(place, "^/") then return place end
  end
  error(errors.ERR_INVALID_ARG_VALUE("filename", place, "must be a file URL object, file URL string, or absolute path string"), 0)
end

local global_paths = {}
function init_paths()
  local list = {}
  local env = L.os.getenv "NODE_PATH"
  if env then for each in L.string.gmatch(env, "[^:]+") do list[#list + 1] = each end end
  local home = L.os.getenv "HOME"
  if home and home ~= "" then
    list[#list + 1] = home .. "/.node_modules"
    list[#list + 1] = home .. "/.node_libraries"
  end
  global_paths = list
  Module.globalPaths = rt.new_array({ L.unpack(list) }, #list)
end
function rt.global_paths() return global_paths end

function rt.cwd() return L.require("lunode.core").process.cwd() or "/" end

function rt.install_commonjs()
  local function call(this, id, parent)
    if is_object(this) and this ~= G then return new_module(this, id == nil and "" or rt.text(id), parent) and nil end
    rt.type_error "Class constructor Module cannot be invoked without 'new'"
  end
  Prototype = rt.object_of(rt.ObjectPrototype)
  Module = rt.native_constructor("Module", 0, call, function(target, id, parent)
    return new_module(setmetatable({}, rt.target_root(target, Prototype)), id == nil and "" or rt.text(id), parent)
  end)
  put(Module, "prototype", { value = Prototype, bits = 1 })
  hide(Prototype, "constructor", Module)
  rt.Module = Module

  local function define(o, name, length, f) put(o, name, { value = native(name, length, f), bits = 7 }) end
  define(Prototype, "require", 1, function(this, id)
    check_id(id)
    return (Module._load(Module, id, this, false))
  end)
  define(Prototype, "load", 1, function(this, file)
    this.filename = file
    this.paths = rt.new_array(node_module_paths(dirname(file)))
    local ext = find(file, "%.mjs$") and ".mjs" or extension_of(file)
    if ext == ".mjs" and Module._extensions[".mjs"] == nil then this.exports = require_esm(file, this)
    else Module._extensions[ext](Module._extensions, this, file) end
    this.loaded = true
  end)
  define(Prototype, "_compile", 2, function(this, source, file) return (compile(this, source, file)) end)

  define(Module, "_load", 3, function(_, request, parent, is_main) return (load(request, parent, is_main)) end)
  define(Module, "_resolveFilename", 4, function(_, request, parent, _, options) return (resolve_filename(request, parent, options)) end)
  define(Module, "_resolveLookupPaths", 2, function(_, request, parent)
    if rt.is_builtin(request) then return null end
    return rt.new_array(lookup_paths(request, parent))
  end)
  define(Module, "_findPath", 3, function(_, request, paths)
    local list = {}
    for i = 1, is_object(paths) and paths.length or 0 do list[i] = paths[i] end
    return find_in(request, list, #list) or false
  end)
  define(Module, "_stat", 1, function(_, path)
    local what = type(path) == "string" and kind(path)
    return what == "dir" and 1 or what == "file" and 0 or -2
  end)
  define(Module, "_nodeModulePaths", 1, function(_, dir) return rt.new_array(node_module_paths(dir)) end)
  define(Module, "_initPaths", 0, function() init_paths() end)
  define(Module, "createRequire", 1, function(_, place)
    local file = path_of(place)
    local module = rt.construct(Module, Module, file)
    module.filename = file
    module.paths = rt.new_array(node_module_paths(find(file, "/$") and gsub(file, "(.)/$", "%1") or dirname(file)))
    return make_require(module)
  end)
  define(Module, "isBuiltin", 1, function(_, name) return type(name) == "string" and rt.is_builtin(name) end)
  define(Module, "wrap", 1, function(_, script) return Module.wrapper[1] .. rt.text(script) .. Module.wrapper[2] end)
  define(Module, "syncBuiltinESMExports", 0, function() end)
  define(Module, "findSourceMap", 1, function() end)
  define(Module, "register", 1, function() fail("Error", "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM", "module.register is not available") end)
  define(Module, "runMain", 0, function() return (load(main_file or G.process.argv[2], null, true)) end)
  before, behind = "(function (exports, require, module, __filename, __dirname) { ", "\n});"
  wrap = Module.wrap
  Module.wrapper = rt.new_array({ before, behind }, 2)
  wrapper = Module.wrapper
  Module._cache = rt.object_of(nil)
  Module._pathCache = rt.object_of(nil)
  init_paths()
  Module.Module = Module
  local names = {}
  for name in L.pairs(rt.builtin_modules) do names[#names + 1] = name end
  L.table.sort(names)
  Module.builtinModules = rt.new_array(names, #names)

  local extensions = rt.object_of(nil)
  Module._extensions = extensions
  define(extensions, ".js", 2, function(_, module, file) run_javascript(module, file) end)
  define(extensions, ".json", 2, function(_, module, file) run_json(module, file) end)
  define(extensions, ".node", 2, function(_, _, file)
    local ok, why = L.package.loadlib(file, "*")
    fail("Error", "ERR_DLOPEN_FAILED", ok and "Native addons of Node cannot be loaded: " .. file or why)
  end)
  hide(extensions, ".lua", native(".lua", 2, function(_, module, file) run_lua(module, file) end))
  rt.settle(L.getmetatable(Prototype))
end

-- What `module` is to JavaScript: the class itself.
function rt.module_view() return Module end

-- The exports of a file, for import.
function rt.require_file(file, from)
  local cached = Module._cache[file]
  if cached ~= nil then return cached.exports end
  return (load(file, from and Module._cache[from] or nil, false))
end

-- Runs the main script. Raises what it raises.
function rt.run_commonjs(file)
  main_file = file
  return (Module.runMain(Module))
end

-- Requires what -r names, as a file of the working folder would.
function rt.preload(name)
  local module = rt.construct(Module, Module, "internal/preload")
  module.filename = rt.cwd() .. "/internal_preload"
  module.paths = rt.new_array(node_module_paths(rt.cwd()))
  return (module.require(module, name))
end

-- A require for code that came from no file (-e, the REPL), and its module.
function rt.text_module(name)
  local module = rt.construct(Module, Module, name)
  module.filename = rt.cwd() .. "/" .. name
  module.paths = rt.new_array(node_module_paths(rt.cwd()))
  return make_require(module), module
end
