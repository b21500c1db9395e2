-- SPDX-License-Identifier: MIT
--
-- A program of one file: the globals that Node gives it, the module function, what is said of an error nobody caught.
local rt = ...
local L = rt.lua
local type, rawget, select, getmetatable = L.type, L.rawget, L.select, L.getmetatable
local G, hide, native = rt.global, rt.hide, rt.native
local concat = L.table.concat

local function shown(v)
  if type(v) == "string" then return (L.string.gsub(rt.join_surrogates(v), "\237[\160-\191][\128-\191]", "\239\191\189")) end
  if type(v) == "function" then return "[Function: " .. rt.function_name(v) .. "]" end
  if not rt.is_object(v) then
    if type(v) == "table" and getmetatable(v) == rt.symbol_meta then return rt.symbol_text(v) end
    if getmetatable(v) == rt.bigint_meta then return rt.text(v) .. "n" end
    if v == 0 and 1 / v < 0 then return "-0" end
    return rt.text(v)
  end
  local ok, s = L.pcall(function()
    if type(v) == "table" and rawget(v, "_trace") then return v.stack end
    return G.JSON.stringify(nil, v)
  end)
  if ok and type(s) == "string" then return s end
  return rt.brief(v)
end

local function write(to)
  return function(_, ...)
    local out = {}
    for i = 1, select("#", ...) do out[i] = shown((select(i, ...))) end
    to:write(concat(out, " "), "\n")
  end
end

local timers = L.require "lunode.timers"
local console = rt.object_of(rt.ObjectPrototype)
hide(G, "console", console)
for _, name in L.ipairs { "log", "info", "debug" } do console[name] = native(name, 0, write(L.io.stdout)) end
for _, name in L.ipairs { "error", "warn", "trace" } do console[name] = native(name, 0, write(L.io.stderr)) end
rt.methods(G, {
  "queueMicrotask", 1, function(_, f)
    L.require "lunode.internal.queue".microtask(function()
      local ok, e = rt.attempt(f, nil)
      if not ok then rt.uncaught(rt.thrown(e)) end
    end)
  end,
  "setTimeout", 2, function(_, f, ms, ...) return timers.setTimeout(f, ms or 1, ...) end,
  "setInterval", 2, function(_, f, ms, ...) return timers.setInterval(f, ms or 1, ...) end,
  "setImmediate", 1, function(_, f, ...) return timers.setImmediate(f, ...) end,
  "clearTimeout", 1, function(_, t) return timers.clearTimeout(t) end,
  "clearInterval", 1, function(_, t) return timers.clearInterval(t) end,
  "clearImmediate", 1, function(_, t) return timers.clearImmediate(t) end,
})
hide(G, "global", G)
local performance = rt.object_of(rt.ObjectPrototype)
local hrtime = L.require("lunode.core").loop.hrtime
local origin = hrtime and hrtime() or 0
hide(G, "performance", performance)
rt.methods(performance, { "now", 0, function() return hrtime and (hrtime() - origin) / 1e6 or L.os.clock() * 1000 end })

function rt.uncaught(e)
  local out = L.io.stderr
  local place = type(e) == "table" and rawget(e, "_place")
  if place then
    out:write(place, "\n")
  elseif type(e) == "table" and rawget(e, "_trace") then
    out:write("Uncaught ", rt.text(e.stack), "\n")
  else
    local ok, s = L.pcall(function()
      if rt.is_object(e) and type(e.name) == "string" then return e.name .. ": " .. rt.text(e.message) end
      if rt.is_object(e) and rt.is_object(e.constructor) then return rt.text(e.constructor.name) .. ": " .. rt.text(e.message) end
      return shown(e)
    end)
    out:write("Uncaught ", ok and s or "exception", "\n")
  end
  L.io.stdout:flush()
  L.os.exit(1)
end

-- By its name's end, or by the nearest package.json.
function rt.is_module_file(path)
  if L.string.find(path, "%.mjs$") then return true end
  if L.string.find(path, "%.cjs$") then return false end
  local dir = L.string.match(path, "^(.*)/[^/]*$") or "."
  while dir ~= "" do
    local f = L.io.open(dir .. "/package.json", "rb")
    if f then
      local text = f:read "*a"
      f:close()
      local ok, json = L.pcall(G.JSON.parse, nil, text)
      return ok and rt.is_object(json) and json.type == "module"
    end
    dir = L.string.match(dir, "^(.*)/[^/]*$") or ""
  end
  return false
end

function rt.run_file(path)
  local f = L.assert(L.io.open(path, "rb"))
  local source = f:read "*a"
  f:close()
  local queue = L.require "lunode.internal.queue"
  queue.uncaught = function(e) rt.uncaught(rt.thrown(e)) end
  L.require "lunode.internal.promise".on_unhandled = function(reason) rt.uncaught(reason) end
  if rt.is_module_file(path) then
    local ok, e = rt.attempt(function()
      L.require("lunode.internal.promise").subscribe(rt.run_module(path), { _job = function(_, fine, reason)
        if not fine then rt.uncaught(reason) end
      end })
    end)
    if not ok then rt.uncaught(rt.thrown(e)) end
    return
  end
  local module = rt.record("exports", rt.object_of(rt.ObjectPrototype), "id", ".", "filename", path)
  local require_ = native("require", 1, function(_, name) rt.throw_error("Error", "Cannot find module '" .. rt.text(name) .. "'") end)
  local ok, e = rt.attempt(function()
    local world = L.setmetatable({}, { __index = rt })
    world["import"] = function(specifier, options) return rt.import_dynamic(path, specifier, options) end
    local main = rt.load(source, path, { goal = "function", params = "exports require module __filename __dirname" }, world)
    return main(module.exports, module.exports, require_, module, path, L.string.match(path, "^(.*)/[^/]*$") or ".")
  end)
  if not ok then rt.uncaught(rt.thrown(e)) end
end
