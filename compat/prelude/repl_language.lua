-- SPDX-License-Identifier: MIT
--
-- JavaScript at the prompt: a language of the REPL (lua/repl/lua_language.lua says what one has). Entries are scripts whose let, const and
-- class stay; an entry that begins with "{" is tried as an expression first; one with a top-level await runs in an async function.
local rt = require("lunode.compat.start").rt

local pcall, error, type, rawset = pcall, error, type, rawset
local G = rt.global

local M = { name = "js" }

function M.attach(server)
  local require_, module = rt.text_module "<repl>"
  for name, value in pairs { require = require_, module = module, exports = module.exports } do rt.hide(G, name, value) end
  return { server = server }
end

function M.reset() end

-- What is missing at the very end can still come.
local function is_unfinished(code, e)
  if e.message:find "^Unterminated" or e.message == "Unexpected end of input" then return e.message ~= "Unterminated string" end
  return e.first ~= nil and e.first >= #code:gsub("%s+$", "")
end

local function load(code, filename)
  local world = setmetatable({ import = function(specifier, options) return rt.import_dynamic(rt.cwd() .. "/" .. filename, specifier, options) end },
    { __index = rt })
  local main = rt.load(code, filename, { goal = "script", keepLexical = true }, world)
  return function() return (main(G)) end
end

local function check(code) return rt.compiler.check(code, { goal = "script" }) end

-- An async function around code that awaits: its value is the last expression's, where the entry is one.
local function awaiting(code)
  for _, shape in ipairs { "(async () => (%s\n))()", "(async () => {%s\n})()" } do
    local around = shape:gsub("%%s", function() return code end)
    if check(around) then return around end
  end
end

local function run(fn)
  local ok, value = rt.attempt(fn)
  if not ok then error(rt.thrown(value), 0) end
  return value
end

function M.compile(_, code, filename)
  local source = code
  if code:find "^%s*{" and not code:find ";%s*$" and check("(" .. code:gsub("%s+$", "") .. "\n)") then source = "(" .. code:gsub("%s+$", "") .. "\n)" end
  local ok, e = check(source)
  local waits = false
  if not ok and code:find("await", 1, true) then
    local around = awaiting(code)
    if around then source, waits, ok = around, true, true end
  end
  if not ok then
    local err = rt.new_error(e.type == "RangeError" and "RangeError" or "SyntaxError", e.message)
    rawset(err, "_place", e.text)
    return nil, err, is_unfinished(code, e)
  end
  local fn = load(source, filename)
  return function()
    local value = run(fn)
    if waits then value = require("lunode.internal.async").await(value) end
    return value
  end
end

-- Names of an object and its prototypes that begin with a text.
local function names_of(o, start)
  local list, seen = {}, {}
  while o ~= nil do
    for _, key in ipairs(rt.own_keys(o)) do
      if type(key) == "string" and key:sub(1, #start) == start and not seen[key] then
        seen[key] = true
        list[#list + 1] = key
      end
    end
    o = rt.proto_of(o)
  end
  table.sort(list)
  return list
end

function M.complete(_, text)
  local path, start = text:match "([%w_$][%w_$.]*)%.([%w_$]*)$"
  if path then
    local ok, value = pcall(rt.compiler.check, path, { goal = "script" })
    if ok and value then ok, value = pcall(load(path, "[complete]")) end
    if not ok or value == nil or value == rt.null then return {}, text end
    local list = names_of(rt.toobject(value), start)
    for i, name in ipairs(list) do list[i] = path .. "." .. name end
    return list, path .. "." .. start
  end
  start = text:match "[%w_$]*$"
  return names_of(G, start), start
end

return M
