-- SPDX-License-Identifier: MIT
--
-- Where lua/ meets JavaScript: `require "lunode.compat.start"` makes JavaScript's world in this state, once.
--
--   start.run_file(path, done) -> task     the main script; done(ok, value) when it has ended, perhaps later (top-level await)
--   start.run_text(text, name, print, done) -> task     the text of -e, -p and standard input
--   start.chunk(path) -> function          for the Lua loader: calling it gives the module's exports as Lua sees them
--   start.check(path), start.check_text(text, name, type)     raise what is wrong with the source
--   start.import_all(list, done)           the modules of --import, one after the other
--   start.rt                               the prelude's table
local compiler = require "lunode.compiler"
local queue = require "lunode.internal.queue"
local type, pcall = type, pcall

-- Programs of some size have more traces than LuaJIT is set up for; constructors call one another.
require("jit.opt").start("maxtrace=10000", "maxrecord=10000", "maxmcode=40960", "maxirconst=1000", "maxsnap=1000", "callunroll=8", "loopunroll=40")

local find_embedded = package.loaders[2]

-- The chunk of compat/prelude/NAME.lua: embedded in the executable, or a file beside lua/.
local function load(name)
  local full = "lunode.compat." .. name
  local chunk = package.preload[full] or find_embedded(full)
  if type(chunk) == "function" then return chunk end
  return assert(loadfile(assert(package.searchpath(full, package.path))))
end

local rt = load "init"(compiler, load)
local collector = package.loaded["lunode.internal.collector"]
if collector then collector.small = 49152 end
local M = { rt = rt }

-- Calls fn; what it raises, or its promise is rejected with, goes to done(false, reason).
local function run(fn, done)
  local ok, value = rt.attempt(fn)
  if not ok then
    done(false, rt.thrown(value))
    return nil
  end
  if type(value) == "table" and rt.is_promise(value) and value._main then
    require("lunode.internal.promise").subscribe(value, { _job = function(_, fine, result) done(fine, result) end })
    return value._main
  end
  done(true, value)
end

function M.run_file(path, done)
  return run(function()
    local esm = rt.is_esm_file(path)
    if esm == nil then
      local source = rt.resolve.read(path)
      esm = source and rt.looks_like_module(source)
    end
    if not esm then
      rt.run_commonjs(path)
      return nil
    end
    return rt.run_main_module(path)
  end, done)
end

-- type: "module" is an ES module.
function M.run_text(text, name, done, type)
  return run(function()
    if type == "module" then return rt.run_main_module(rt.cwd() .. "/" .. name, text) end
    local require_, module = rt.text_module(name)
    local world = setmetatable({ import = function(specifier, options) return rt.import_dynamic(module.filename, specifier, options) end }, { __index = rt })
    local G = rt.global
    rt.builtin_globals()
    for k, v in pairs { require = require_, module = module, exports = module.exports, __filename = name, __dirname = "." } do rt.hide(G, k, v) end
    local main = rt.load(text, name, { goal = "script" }, world)
    return (main(G))
  end, done)
end

-- Imports each in turn, then calls done(ok, reason).
function M.import_all(list, done)
  local promise = require "lunode.internal.promise"
  local function from(i)
    if not list[i] then return done(true) end
    promise.subscribe(rt.import_dynamic(rt.cwd() .. "/internal_preload", list[i]), { _job = function(_, fine, reason)
      if not fine then return done(false, reason) end
      return from(i + 1)
    end })
  end
  from(1)
end

function M.check(path)
  return M.check_text(rt.resolve.read(path), path, rt.is_esm_file(path) and "module" or nil)
end

-- Raises what is wrong with a script's text, or with a module's where type is "module".
function M.check_text(source, name, type)
  local ok, e = compiler.check(source, { goal = type == "module" and "module" or "function", params = "exports require module __filename __dirname", filename = name })
  if not ok then
    local err = rt.new_error("SyntaxError", e.message)
    rawset(err, "_place", e.text)
    error(err, 0)
  end
end

function M.chunk(path)
  return function()
    if not rt.to_lua then rt.part "membrane" end
    return rt.to_lua(rt.require_file(path))
  end
end

-- What a Lua error is to JavaScript's handlers.
queue.on_raise = rt.on_raise

return M
