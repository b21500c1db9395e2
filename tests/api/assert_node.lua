-- SPDX-License-Identifier: MIT
-- assert beside Node's own: the same calls in both languages, what they raise compared.
local test = require "../support/test"
local to_js = require "../support/to_js"
local assert = require "assert"
local json = require "json"
local lunode = require "lunode"
local null, list = lunode.null, require("lunode.internal.shape").ARRAY
local source = to_js.source

-- What a call comes to: "ok", or all that the error says.
local PROLOGUE = [[
const assert = require('assert');
Error.stackTraceLimit = 0;
function outcome(f) {
  try { f(); return 'ok' } catch (e) {
    return e.code === 'ERR_ASSERTION' ? [e.name, e.message, e.generatedMessage, e.operator, String(e)] : `${e.code || e.name}: ${e.message}`;
  }
}
]]

local function outcome(fn, ...)
  local ok, e = pcall(fn, ...)
  if ok then return "ok" end
  if type(e) ~= "table" then return "raised " .. tostring(e) end
  if e.code == "ERR_ASSERTION" then return { e.name, e.message, e.generatedMessage, e.operator, tostring(e) } end
  return (e.code or e.name) .. ": " .. e.message
end

-- calls: { name, n, … } …
local function compare(t, calls)
  local expressions = {}
  for i, call in ipairs(calls) do
    local args = {}
    for k = 1, call[2] do args[k] = source(call[2 + k]) end
    expressions[i] = ("outcome(() => assert.%s(%s))"):format(call[1], table.concat(args, ", "))
  end
  local wanted = to_js.evaluate(expressions, PROLOGUE)
  for i, call in ipairs(calls) do
    local fn = assert
    for part in call[1]:gmatch "[^.]+" do fn = fn[part] end
    t:equal(json.stringify(outcome(fn, unpack(call, 3, 2 + call[2]))), json.stringify(wanted[i]), expressions[i]:sub(1, 300))
  end
end

local COMPARING = {
  "equal", "notEqual", "strictEqual", "notStrictEqual", "deepEqual", "notDeepEqual", "deepStrictEqual", "notDeepStrictEqual", "strict.equal", "strict.notDeepEqual",
}

local function numbers(n, changed)
  local t = {}
  for i = 1, n do t[i] = i end
  for i, v in pairs(changed or {}) do t[i] = v end
  return t
end

local function lines(n, changed)
  local t = {}
  for i = 1, n do t[i] = "line " .. i end
  for i, v in pairs(changed or {}) do t[i] = v end
  return table.concat(t, "\n")
end

test("every pair of values under every comparison", { skip = to_js.skip, timeout = 60000 }, function(t)
  local values = {
    true, false, 0, -0, 1, 0 / 0, 1 / 0, "", "1", "a", 1LL, 0LL, setmetatable({}, list), { 1 }, { "1" }, { 1, 2 }, { 1, { 2, { 3 } } }, { 1, { 2, { 4 } } },
    { a = 1 }, { a = "1" }, { a = 1, b = 2 }, { b = 2, a = 1 }, { a = { b = { c = { d = { 1 } } } } }, { a = 0 / 0 }, "abcdefghijklmnopqrs", "abcdefghijklmnopqrt",
    "two\nlines", "two\nrows", "it's", "wörld ☃ 😀 and more",
  }
  local calls = {}
  for _, name in ipairs(COMPARING) do
    for _, a in ipairs(values) do
      for _, b in ipairs(values) do
        -- == of an object and a primitive makes a primitive of the object in JavaScript; Lua has no such thing
        local of_objects = type(a) == "table" and a == b and not name:find "[dD]eep" -- another copy in JavaScript
        if not of_objects and not (name:find "^n?o?t?[Ee]qual$" and (type(a) == "table") ~= (type(b) == "table")) then calls[#calls + 1] = { name, 2, a, b } end
      end
    end
  end
  compare(t, calls)
end)

test("differences of many lines: what is shown and what is skipped", { skip = to_js.skip, timeout = 60000 }, function(t)
  local pairs_of = {
    { numbers(10), numbers(10, { [5] = 0 }) }, { numbers(30), numbers(30, { [15] = 0 }) }, { numbers(100), numbers(100, { [50] = 0 }) },
    { numbers(60), numbers(10) }, { numbers(10), numbers(60) }, { numbers(200), { 1 } }, { { 1 }, numbers(200) }, { numbers(30), numbers(30, { 0, [30] = 0 }) },
    { numbers(30), numbers(30, { [8] = 0, [14] = 0, [21] = 0 }) }, { numbers(7), numbers(8) }, { numbers(8), numbers(7) },
    { lines(5), lines(5, { [3] = "other" }) }, { lines(40), lines(40, { [20] = "other" }) }, { lines(80), "x" }, { ("x"):rep(600), ("y"):rep(600) },
    { { a = numbers(60) }, { a = numbers(60) } }, { numbers(60), numbers(60) }, { ("x"):rep(2000), ("x"):rep(2000) }, { numbers(400), numbers(400) },
    { { numbers(6), numbers(6), numbers(6) }, { numbers(6), numbers(6, { [2] = "2" }), numbers(6) } },
  }
  local calls = {}
  for _, name in ipairs(COMPARING) do
    for _, p in ipairs(pairs_of) do
      calls[#calls + 1] = { name, 2, p[1], p[2] }
      if name:lower():find "deep" then calls[#calls + 1] = { name, 2, p[1], p[1] } end
    end
  end
  compare(t, calls)
end)

test("a random structure and the same with some changes", { skip = to_js.skip, timeout = 60000 }, function(t)
  local seed = 20
  local function random(n)
    seed = (seed * 16807) % 2147483647
    return seed % n
  end
  local function make(depth)
    local kind = random(depth > 2 and 3 or 6)
    if kind == 0 then return random(5) end
    if kind == 1 then return ("word "):rep(random(4)) .. random(9) end
    if kind == 2 then return random(2) == 0 end
    local made = {}
    if kind == 3 then
      for i = 1, 1 + random(depth == 0 and 60 or 6) do made[i] = make(depth + 1) end
    else
      for _ = 1, 1 + random(depth == 0 and 60 or 6) do made["k" .. random(100)] = make(depth + 1) end
    end
    return made
  end
  local function change(v)
    if type(v) ~= "table" then return make(3) end
    local copy = {}
    for k, inner in pairs(v) do copy[k] = random(8) == 0 and change(inner) or inner end
    if copy[1] == nil then copy.new = 1 end
    return copy
  end
  local calls = {}
  for _ = 1, 150 do
    local a = make(0)
    local b = change(a)
    for _, name in ipairs { "deepStrictEqual", "strictEqual", "deepEqual", "notDeepStrictEqual" } do calls[#calls + 1] = { name, 2, a, b } end
  end
  compare(t, calls)
end)

test("messages of one's own, missing arguments, fail", { skip = to_js.skip, timeout = 60000 }, function(t)
  local calls = {}
  for _, name in ipairs(COMPARING) do
    for _, a in ipairs { 1, 2, "abc" } do
      for _, message in ipairs { "own words", "", "two\nlines" } do calls[#calls + 1] = { name, 3, a, 2, message } end
    end
    calls[#calls + 1] = { name, 0 }
    calls[#calls + 1] = { name, 1, 1 }
    calls[#calls + 1] = { name, 3, { a = 1 }, { a = 2 }, "of objects" }
    calls[#calls + 1] = { name, 3, 1, 2, null }
  end
  for _, args in ipairs { {}, { "text" }, { "" }, { 5 }, { "a", "b" }, { "a", "b", "m" }, { "a", "b", "m", ">" }, { 1, { 2 }, null, "op" } } do
    calls[#calls + 1] = { "fail", #args, unpack(args) }
  end
  for _, v in ipairs { 0, 1, "", "x", false, true, { a = 1 }, { message = "m" }, { message = 5 } } do calls[#calls + 1] = { "ifError", 1, v } end
  calls[#calls + 1] = { "ifError", 1, null }
  calls[#calls + 1] = { "ok", 2, false, "text" }
  calls[#calls + 1] = { "ok", 2, true, "text" }
  compare(t, calls)
end)
