-- SPDX-License-Identifier: MIT
--
-- The same values in Lua and in Node, to compare what both make of them.
--
--   to_js.node                     path of Node's executable, nil where there is none (20 is wanted: its layout is compared)
--   to_js.of(value, "new Map()")   says how a value is written in JavaScript; returns it
--   to_js.source(value)            the value as a JavaScript expression; keys in Lua's order (see inspect/lua_model.lua), cycles too
--   to_js.evaluate(expressions, prologue)  a list of what Node makes of each: the value, as JSON carries it, or "code: message" of what it threw
local command = require "./command"
local json = require "json"
local null = require("lunode").null

local M = {}

local node = require "./node"
M.node, M.skip = node.path, node.skip

local written = setmetatable({}, { __mode = "k" })
function M.of(value, source)
  written[value] = source
  return value
end

local rank = { number = 1, string = 2, boolean = 3 }
local function before(a, b)
  if type(a) ~= type(b) then return rank[type(a)] < rank[type(b)] end
  return a < b
end

local function quote(text)
  return '"' .. text:gsub('[%z\1-\31\127"\\]', function(c) return ("\\x%02x"):format(c:byte()) end) .. '"'
end

local function number(n)
  if n ~= n then return "NaN" elseif n == math.huge then return "Infinity" elseif n == -math.huge then return "-Infinity" end
  if n == 0 and 1 / n < 0 then return "-0" end
  return ("%.17g"):format(n)
end

function M.source(value)
  local lines, names, count = {}, {}, 0
  local function expression(v)
    local t = type(v)
    if v == nil then return "undefined" end
    if v == null then return "null" end
    if written[v] then return written[v] end
    if t == "string" then return quote(v) end
    if t == "number" then return number(v) end
    if t == "boolean" then return tostring(v) end
    if t == "cdata" then return (tostring(v):gsub("U?LL$", "n")) end
    assert(t == "table", "no JavaScript for a " .. t)
    if names[v] then return names[v] end
    count = count + 1
    local name, n = "t" .. count, 0
    names[v] = name
    local list = v[1] ~= nil or getmetatable(v) == require("lunode.internal.shape").ARRAY
    lines[#lines + 1] = ("const %s = %s;"):format(name, list and "[]" or "{}")
    if list then
      n = #v
      for i = 1, n do
        local text = expression(v[i])
        lines[#lines + 1] = ("%s[%d] = %s;"):format(name, i - 1, text)
      end
    end
    local keys = {}
    for key in pairs(v) do
      if not (type(key) == "number" and key >= 1 and key <= n) then keys[#keys + 1] = key end
    end
    table.sort(keys, before)
    for _, key in ipairs(keys) do
      local text = expression(v[key])
      lines[#lines + 1] = ("Object.defineProperty(%s, %s, {value: %s, writable: true, enumerable: true, configurable: true});"):format(name, expression(key), text)
    end
    return name
  end
  local result = expression(value)
  if #lines == 0 then return "(" .. result .. ")" end
  return "(() => { " .. table.concat(lines, " ") .. " return " .. result .. "; })()"
end

function M.evaluate(expressions, prologue)
  local out = { "const util = require('util'); const inspect = util.inspect; const out = [];", prologue or "",
    "const t = (f) => { try { out.push(f()); } catch (e) { out.push(`${e.code || e.name}: ${e.message}`); } };" }
  for i, source in ipairs(expressions) do out[#out + 1] = ("t(() => (%s));"):format(source) end
  out[#out + 1] = "process.stdout.write(JSON.stringify(out));"
  local script = command.script(table.concat(out, "\n"), "cases.js")
  local r = command.run(script, { command = M.node, env = "env -u NO_COLOR -u FORCE_COLOR NODE_NO_WARNINGS=1" })
  assert(r.code == 0, r.err)
  return json.parse(r.out)
end

return M
