-- SPDX-License-Identifier: MIT
--
-- require, as a program that `lunode` runs has it. In this order:
--
--   "./x" "../x" "/x"    a file: as it is, then .lua, .json, .js, then a folder (package.json's main, init.lua, index.lua);
--                        relative to the file that calls
--   "http" "node:http"   a module of Lunode; "fs/promises" likewise
--   "name"               package.loaded and package.preload, then node_modules of the calling file's folder and of
--                        those above it, then package.loaders as they stand, so that every rock is found
--
-- A module's chunk is called as chunk(name, filename). What it returns is kept in package.loaded: under its real path, or its
-- name where package.loaders found it. A chunk that fails is not kept. A module that takes part in a cycle can give out what
-- it has so far with package.loaded[name] = M.
--
-- An unfound module raises an Error with code MODULE_NOT_FOUND and `requireStack` (the files that led here). For rocks that
-- take the error for stock Lua's text it has find, match, gsub … and `..`.
--
-- A Lua function does not know who made a tail call: in `return require "./x"` inside a function the caller's caller counts.
-- At the top level of a file it is right all the same.
local options = require "lunode.internal.options"
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"

local fs, getinfo, getlocal = core.fs, debug.getinfo, debug.getlocal
local loaded, loaders, preload = package.loaded, package.loaders, package.preload
local type, error, ipairs, tostring = type, error, ipairs, tostring
local stock_require = require

local M = {}

local start_dir = core.process.cwd() or "/"
local paths = {}     -- chunk name -> absolute path of the file
local shown = {}     -- what Lua's messages call it -> absolute path
M.texts = {}         -- what Lua's messages call code that came from no file -> its text
local parents = {}   -- absolute path -> the file that first required it
M.paths, M.shown = paths, shown
M.main = nil         -- absolute path of the main script; nil for code given otherwise

-- [".ext"] = function(path) -> chunk; raises when it cannot. Extensions are tried in this order.
M.extensions = {}
M.order = { ".lua", ".json", ".js" }

-- ---- files

local DIRECTORY = 0x4000

-- "file", "dir" or nil
local function kind(path)
  local st = fs.stat(path, nil)
  if not st then return nil end
  return bit.band(st[2], 0xf000) == DIRECTORY and "dir" or "file"
end

-- Joins and removes "." and "..".
local function join(dir, name)
  local path = name:sub(1, 1) == "/" and name or dir .. "/" .. name
  if not path:find("/.", 1, true) and not path:find("//", 1, true) then return path end
  local parts = {}
  for part in path:gmatch "[^/]+" do
    if part == ".." then parts[#parts] = nil elseif part ~= "." then parts[#parts + 1] = part end
  end
  return "/" .. table.concat(parts, "/")
end

local function dirname(path) return path:match "^(.+)/[^/]*$" or "/" end
local function real(path) return fs.realpath(path, nil) or path end
local function extension(path) return path:match "[^/](%.[^./]+)$" end

-- A path in messages: relative where the program was started, when it lies there.
function M.display(path)
  local prefix = start_dir == "/" and "/" or start_dir .. "/"
  if path:sub(1, #prefix) == prefix then return path:sub(#prefix + 1) end
  return path
end

function M.absolute(path) return join(core.process.cwd() or "/", path) end

-- Lua's own text or bytecode, a "#!" line allowed -> chunk; or nil, message.
function M.compile(source, chunkname, path)
  if source:sub(1, 3) == "\239\187\191" then source = source:sub(4) end
  if source:byte(1) == 35 then source = source:gsub("^#[^\n]*", "", 1) end
  if chunkname:sub(1, 1) == "=" and chunkname ~= "=[repl]" then M.texts[chunkname:sub(2)] = source end
  local chunk, message = loadstring(source, chunkname)
  if path then
    paths[chunkname] = path
    if chunk then shown[getinfo(chunk, "S").short_src] = path
    elseif message then shown[message:match "^(.-):%d+:" or ""] = path end
  end
  return chunk, message
end

-- Text that is an expression -> function() that returns its values; or nil, message. It is not called as a tail call, so that
-- an error in it has its place.
function M.compile_expression(text, chunkname)
  local chunk, message = M.compile("local __give = ... return __give(" .. text .. "\n)", chunkname)
  if not chunk then return nil, message end
  if M.texts[chunkname:sub(2)] then M.texts[chunkname:sub(2)] = text end
  local function give(...) return ... end
  return function() return chunk(give) end
end

-- The chunk of a file; or nil and why not.
function M.load_file(path)
  local file, why = io.open(path, "rb")
  if not file then return nil, why end
  local source, problem = file:read "*a"
  file:close()
  if not source then return nil, ("cannot read %s: %s"):format(path, tostring(problem)) end
  return M.compile(source, "@" .. M.display(path), path)
end

M.extensions[".lua"] = function(path, name)
  local chunk, message = M.load_file(path)
  if not chunk then error(("error loading module '%s' from file '%s':\n\t%s"):format(name, path, message), 0) end
  return chunk
end

M.extensions[".json"] = function(path)
  local file, why = io.open(path, "rb")
  if not file then error(why, 0) end
  local text = file:read "*a"
  file:close()
  local ok, value = pcall(require("lunode.json").parse, (text:gsub("^\239\187\191", "")))
  if not ok then
    if type(value) == "table" then rawset(value, "message", path .. ": " .. tostring(value.message)) end
    error(value, 0)
  end
  return function() return value end
end

-- JavaScript: compat/prelude/start.lua.
for _, ext in ipairs { ".js", ".cjs", ".mjs" } do
  M.extensions[ext] = function(path) return require("lunode.compat.start").chunk(path) end
end

-- ---- resolving

local function read_json(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  local ok, value = pcall(function() return require("lunode.json").parse(text) end)
  return ok and type(value) == "table" and value or nil
end

local function as_file(path)
  if kind(path) == "file" then return path end
  for _, ext in ipairs(M.order) do
    if kind(path .. ext) == "file" then return path .. ext end
  end
end

local function as_index(dir)
  for _, ext in ipairs(M.order) do
    if ext == ".lua" and kind(dir .. "/init.lua") == "file" then return dir .. "/init.lua" end
    if kind(dir .. "/index" .. ext) == "file" then return dir .. "/index" .. ext end
  end
end

local function as_folder(dir)
  if kind(dir) ~= "dir" then return nil end
  local package_json = read_json(dir .. "/package.json")
  local main = package_json and package_json.main
  if type(main) == "string" and main ~= "" then
    local path = join(dir, main)
    local found = as_file(path) or as_index(path)
    if found then return found end
  end
  return as_index(dir)
end

-- A path without a name in front: exact, with an extension, or a folder; or nil.
function M.find(path)
  if path:sub(-1) ~= "/" then
    local found = as_file(path)
    if found then return found end
  end
  return as_folder(path:match "^(.-)/*$")
end

local function in_node_modules(name, dir)
  while true do
    if not dir:find "/node_modules$" then
      local base = (dir == "/" and "" or dir) .. "/node_modules"
      if kind(base) == "dir" then
        local found = M.find(base .. "/" .. name)
        if found then return found end
      end
    end
    if dir == "/" then return nil end
    dir = dirname(dir)
  end
end

-- ---- modules of Lunode

local builtins = {}
M.builtins = builtins
for name in ([[assert assert/strict async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel
  dns dns/promises domain events fs fs/promises http http2 https inspector json lunode module net os path path/posix path/win32
  perf_hooks process punycode querystring readline readline/promises repl stream stream/consumers stream/promises stream/web
  string_decoder sys timers timers/promises tls trace_events tty url util util/types v8 vm wasi worker_threads zlib]]):gmatch "%S+" do
  builtins[name] = name == "lunode" and name or "lunode." .. name:gsub("/", ".")
end

builtins.sys = "lunode.util" -- its old name

-- Whether a module of the library exists in the executable or the installed tree.
local find_own = loaders[2]
local function own_exists(full)
  return loaded[full] ~= nil or preload[full] ~= nil or type(find_own(full)) == "function"
    or package.searchpath(full, package.path) ~= nil
end

-- ---- who calls

-- name and filename are read by caller_file from this very frame.
local function run_module(main, name, filename, ...)
  local value = main(name, filename, ...)
  return value
end
M.run_module = run_module

-- The file of the code at `level`: absolute path, or nil for code from elsewhere.
local function caller_file(level)
  level = level + 1
  while true do
    local info = getinfo(level, "Sf")
    if not info then return M.main end
    if info.what ~= "C" then
      local source = info.source
      if paths[source] then return paths[source] end
      if info.func == run_module then
        local _, filename = getlocal(level, 3)
        return filename
      end
      if source:sub(1, 1) == "@" then
        local path = source:sub(2)
        if path:sub(1, 7) ~= "lunode:" then return real(join(start_dir, path)) end
      elseif source:sub(1, 1) ~= "=" then
        return M.main -- code made by loadstring
      elseif source:sub(1, 2) == "=[" then
        return nil -- code from the command line
      end
    end
    level = level + 1
  end
end

-- Whether a chunk of this file runs below in this coroutine.
local function is_running(filename)
  local level = 3
  while true do
    local info = getinfo(level, "f")
    if not info then return false end
    if info.func == run_module then
      local _, running = getlocal(level, 3)
      if running == filename then return true end
    end
    level = level + 1
  end
end

-- ---- not found

local NotFound
local function not_found_class()
  if NotFound then return NotFound end
  NotFound = class("Error", errors.Error)
  for _, name in ipairs { "find", "match", "gmatch", "gsub", "sub", "lower", "upper", "len", "rep", "format", "byte" } do
    NotFound.prototype[name] = function(self, ...) return string[name](tostring(self) .. self._tried, ...) end
  end
  NotFound.meta.__concat = function(a, b) return tostring(a) .. tostring(b) end
  return NotFound
end

local function stack_of(file)
  local list, seen = {}, {}
  while file and not seen[file] do
    seen[file] = true
    list[#list + 1] = file
    file = parents[file]
  end
  return list
end

function M.not_found(name, from, tried)
  local stack = stack_of(from)
  local message = "Cannot find module '" .. name .. "'"
  if #stack > 0 then message = message .. "\nRequire stack:\n- " .. table.concat(stack, "\n- ") end
  local err = not_found_class()(message)
  rawset(err, "code", "MODULE_NOT_FOUND")
  rawset(err, "requireStack", setmetatable(stack, shape.ARRAY))
  rawset(err, "_tried", tried and "module '" .. name .. "' not found:" .. tried or "")
  return err
end

-- ---- loading

local function loop_error(name) error("loop or previous error loading module '" .. name .. "'", 0) end

local function keep(key, value)
  if value ~= nil then loaded[key] = value
  elseif loaded[key] == nil then loaded[key] = true end
  return loaded[key]
end

-- A file, by its absolute path.
function M.load_path(path, name, from)
  path = real(path)
  local value = loaded[path]
  if value ~= nil then return value end
  if is_running(path) then loop_error(name) end
  if parents[path] == nil then parents[path] = from end
  local loader = M.extensions[extension(path) or ""] or M.extensions[".lua"]
  value = run_module(loader(path, name), path, path)
  return keep(path, value)
end

-- Stock Lua's way, written in Lua so that a chunk may await.
local function by_loaders(name, from)
  local tried = {}
  for i = 1, #loaders do
    local chunk, extra = loaders[i](name)
    if type(chunk) == "function" then
      if is_running(name) then loop_error(name) end
      local value
      if type(extra) == "string" then
        if parents[extra] == nil then parents[extra] = from end
        value = run_module(chunk, name, extra)
      else
        value = chunk(name)
      end
      return keep(name, value)
    elseif type(chunk) == "string" then
      tried[#tried + 1] = chunk
    end
  end
  error(M.not_found(name, from, table.concat(tried)), 0)
end

-- Takes the place of stock Lua's loader for package.path.
local function lua_loader(name)
  local path, why = package.searchpath(name, package.path)
  if not path then return why end
  path = M.absolute(path)
  return M.extensions[".lua"](path, name), path
end

-- A module of Lunode's, or one that is loaded already by this name; or nil.
local function known(name)
  local own = builtins[name]
  if own then
    local value = loaded[own]
    if value ~= nil then return value end
    if own_exists(own) then return stock_require(own) end
  else
    local value = loaded[name]
    if value ~= nil then return value end
  end
  if name:sub(1, 7) == "lunode." then return stock_require(name) end
  if name:sub(1, 5) == "node:" then
    local full = builtins[name:sub(6)]
    if full and own_exists(full) then return stock_require(full) end
    error(errors.ERR_UNKNOWN_BUILTIN_MODULE(name), 0)
  end
  if name == "" then error(errors.ERR_INVALID_ARG_VALUE("id", name, "must be a non-empty string"), 0) end
end

-- from: the file that asks
local function find_and_load(name, from)
  if name:find "^%.?%.?/" or name == "." or name == ".." then
    local path = M.find(join(from and dirname(from) or core.process.cwd() or "/", name))
    if not path then error(M.not_found(name, from), 0) end
    return M.load_path(path, name, from)
  end
  if preload[name] == nil then
    local path = in_node_modules(name, from and dirname(from) or core.process.cwd() or "/")
    if path then return M.load_path(path, name, from) end
  end
  return by_loaders(name, from)
end

function M.require(name)
  if type(name) ~= "string" then
    if type(name) ~= "number" then error(errors.ERR_INVALID_ARG_TYPE("id", "string", name), 0) end
    name = tostring(name)
  end
  local value = known(name)
  if value ~= nil then return value end
  return find_and_load(name, caller_file(1))
end

-- What `require(name)` gives in the file `from`, an absolute path.
function M.require_from(from, name)
  local value = known(name)
  if value ~= nil then return value end
  return find_and_load(name, from)
end

-- Whether a module of Lunode's is there by this name, without "node:".
function M.is_builtin(name)
  local own = builtins[name]
  return own ~= nil and own_exists(own)
end

-- ---- where rocks are

local function templates(tree, path, cpath)
  path[#path + 1] = tree .. "/share/lua/5.1/?.lua"
  path[#path + 1] = tree .. "/share/lua/5.1/?/init.lua"
  cpath[#cpath + 1] = tree .. "/lib/lua/5.1/?.so"
end

local function add(have, more)
  local known, list = {}, {}
  for item in (have .. ";"):gmatch "([^;]*);" do
    if item ~= "" and not known[item] then
      known[item] = true
      list[#list + 1] = item
    end
  end
  for _, item in ipairs(more) do
    if not known[item] then
      known[item] = true
      list[#list + 1] = item
    end
  end
  return table.concat(list, ";")
end

-- package.path and cpath: what they were, then ./lua_modules, the tree that the executable lies in, ~/.luarocks.
function M.extend_paths(executable)
  local path, cpath = {}, {}
  templates("./lua_modules", path, cpath)
  local tree = executable and executable:match "^(.*)/bin/[^/]+$"
  if tree then
    -- A rock's command lies in <tree>/lib/luarocks/rocks-5.1/<name>/<version>/bin.
    templates(tree:match "^(.*)/lib/luarocks/rocks%-5%.1/[^/]+/[^/]+$" or tree, path, cpath)
  end
  local home = os.getenv "HOME"
  if home and home ~= "" then templates(home .. "/.luarocks", path, cpath) end
  package.path = add(package.path, path)
  package.cpath = add(package.cpath, cpath)
end

function M.install(executable)
  M.extend_paths(executable)
  for i = 1, #loaders do
    -- Behind the preload and the embedded one.
    if i == 3 then loaders[i] = lua_loader end
  end
  _G.require = M.require
end

-- The script given on the command line: resolved as Node does, run with its name and path.
function M.resolve_main(name)
  local path = M.find(M.absolute(name))
  return path and (options.preserveSymlinksMain and path or real(path))
end

return M
