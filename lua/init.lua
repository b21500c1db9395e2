-- SPDX-License-Identifier: MIT
--
-- lunode: everything, for programs that plain luajit runs as well as inside the command. It touches no global.
--
--   local lunode = require "lunode"
--   lunode.http, lunode.fs, lunode.process …     the modules, loaded when first asked for
--   lunode.setTimeout, lunode.Buffer, lunode.Promise, lunode.Error, lunode.async, lunode.await …   Node's globals
--   lunode.sleep(ms), lunode.null, lunode.class(name, parent), lunode.version
--   lunode.run(fn, …)   runs fn in an async coroutine, when given, then the loop until nothing is left (plain luajit only:
--                       the command does that by itself)
--
-- An error that nobody catches in a callback ends the process as it does in the command; so does process.exit().
if not rawget(_G, "jit") then error("lunode needs LuaJIT 2.1: this Lua is " .. tostring(_VERSION), 0) end

local core = require "lunode.core"

local M = { version = core.version }
package.loaded.lunode = M -- modules that ask for it while it loads

require "lunode.internal.unhandled"

local function field(module, name)
  return function() return require(module)[name] end
end

local special = {
  null = field("lunode.internal.errors", "null"),
  class = function() return require "lunode.internal.class" end,
  sleep = field("lunode.internal.async", "sleep"),
  iter = function() return require "lunode.internal.async_iter" end,
  symbols = function() return require "lunode.internal.symbols" end,
}

-- Whether the module exists here; its own errors are not hidden.
local function find_module(name)
  local full = "lunode." .. name
  if package.loaded[full] ~= nil then return package.loaded[full] end
  for i = 1, #package.loaders do
    local loader = package.loaders[i](full)
    if type(loader) == "function" then return require(full) end
  end
end

local modules = {}
for name in ([[assert async_hooks buffer child_process cluster console crypto dgram diagnostics_channel dns events fs http http2 https json
  module net os path perf_hooks process punycode querystring readline repl stream string_decoder test timers tls tty url util v8 vm
  worker_threads zlib]]):gmatch "%S+" do
  modules[name] = true
end

setmetatable(M, {
  __index = function(t, name)
    local value
    if special[name] then value = special[name]()
    elseif modules[name] then value = find_module(name)
    elseif type(name) == "string" then value = require("lunode.internal.globals").get(name) end
    if value ~= nil then rawset(t, name, value) end
    return value
  end,
})

function M.run(fn, ...)
  if require("lunode.internal.options").embedded then
    error("lunode.run() is for plain luajit: the lunode command runs the loop itself", 2)
  end
  local validators = require "lunode.internal.validators"
  fn = validators.optional_callback(fn, "fn")
  if fn then
    require("lunode.internal.async").start(fn, function(ok, value, co)
      if not ok then require("lunode.internal.uncaught").report(value, co and debug.traceback(co, "") or "") end
    end, ...)
  end
  repeat
    core.loop.run()
    local process = package.loaded["lunode.process"]
    if process then
      local trace
      local ok, e = xpcall(process.emit, function(e)
        trace = debug.traceback("", 2)
        return e
      end, process, "beforeExit", process.exitCode or 0)
      if not ok then require("lunode.internal.uncaught").report(e, trace) end
      core.loop.settle()
    end
  until not core.loop.alive()
end

return M
