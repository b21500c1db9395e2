-- SPDX-License-Identifier: MIT
-- A Console beside Node's own: what both write, for the same calls.
local test = require "../support/test"
local to_js = require "../support/to_js"
local Writable = require("stream").Writable
local lunode = require "lunode"
local values = require "lunode.internal.value_classes"
local null, source, of = lunode.null, to_js.source, to_js.of

local PROLOGUE = [[
const { Writable } = require('stream');
const run = (options, calls) => {
  let text = '';
  const out = new Writable({ decodeStrings: false, write(chunk, e, cb) { text += chunk; cb(); } });
  const err = new Writable({ decodeStrings: false, write(chunk, e, cb) { text += '!' + chunk; cb(); } });
  const c = new console.Console({ stdout: out, stderr: err, ...options });
  for (const [name, ...args] of calls) c[name](...args);
  return text;
};
]]

local function run(options, calls)
  local text = {}
  local function stream(mark)
    return Writable { decodeStrings = false, write = function(_, chunk, _, cb) text[#text + 1] = mark .. tostring(chunk) cb() end }
  end
  local all = { stdout = stream "", stderr = stream "!" }
  for k, v in pairs(options) do all[k] = v end
  local c = console.Console(all)
  for _, call in ipairs(calls) do c[call[1]](unpack(call, 2)) end
  return table.concat(text)
end

local function compare(t, cases)
  local sources = {}
  for i, case in ipairs(cases) do
    local calls = {}
    for j, call in ipairs(case[2]) do
      local args = {}
      for k, v in ipairs(call) do args[k] = source(v) end
      calls[j] = "[" .. table.concat(args, ", ") .. "]"
    end
    sources[i] = ("run(%s, [%s])"):format(source(case[1]), table.concat(calls, ", "))
  end
  local wanted = to_js.evaluate(sources, PROLOGUE)
  for i, case in ipairs(cases) do t:equal(run(case[1], case[2]), wanted[i], sources[i]) end
end

local map = of(values.Map { { "a", 1 }, { "b", { z = 1 } } }, "new Map([['a', 1], ['b', {z: 1}]])")

test("what a Console writes", { skip = to_js.skip }, function(t)
  local calls = {
    { { "log", "a" }, { "info", "b", 1 }, { "debug", "%s", "c" }, { "error", "d" }, { "warn", { e = 1 } }, { "dirxml", { a = 1 }, { b = { 2 } } } },
    { { "log" }, { "log", "" }, { "log", null }, { "log", "100%", 5 }, { "log", "%c red", "color: red" }, { "log", "two\nlines", "three\n" } },
    { { "group" }, { "log", "in" }, { "group", "a", "b", { c = 1 } }, { "log", "deep\nlines" }, { "error", { a = 1, b = { 1, 2, 3 } } }, { "groupEnd" }, { "groupEnd" }, { "groupEnd" }, { "log", "out" } },
    { { "groupCollapsed", "x" }, { "log", { a = ("x"):rep(70), b = 1 } }, { "log", ("y"):rep(78), { a = 1 } }, { "groupEnd" }, { "log", "z" } },
    { { "dir", { a = { b = { c = { d = 1 } } } }, { depth = 0 } }, { "dir", { a = { b = { c = { d = 1 } } } } }, { "dir", "x" }, { "dir", { a = { b = { c = { d = 1 } } } }, { depth = null, colors = true } } },
    { { "count" }, { "count", "x" }, { "count" }, { "countReset" }, { "count" }, { "count", 5 }, { "countReset", "x" }, { "count", "x" } },
    { { "assert", false, "%s x", "y" }, { "assert", false }, { "assert", true, "n" }, { "assert", 5, "n" }, { "assert", false, 5, 6 }, { "assert", null, "%d", 5 } },
    { { "table", { x = { a = 1, b = "s" }, y = { a = true, c = { d = 1 } } } } },
    { { "table", { x = 1, y = { z = null } } }, { "table", 5 }, { "table", "s" }, { "table", null } },
    { { "table", { x = { a = 1, b = 2 } }, { "b" } }, { "table", { x = { a = 1 } }, { "z" } }, { "table", { x = 1, y = { a = 5 } }, { "a" } } },
    { { "table", { x = { a = { x = 1, y = 2, z = 3 }, l = { 1, 2, 3, 4, 5 } } } }, { "table", {} }, { "table", { x = {} } } },
    { { "table", { ["\230\151\165\230\156\172"] = { ["\232\170\158"] = "caf\195\169 \240\159\152\128" } } } },
    { { "group", "g" }, { "table", { x = { a = 1 } } }, { "group", "h" }, { "dir", { a = 1 } } },
    { { "log", map }, { "log", { 1, 2, { 3, { 4, { 5 } } } }, "%s", "x" }, { "log", "%o %O %j %d%%", { a = { 1 } }, { b = { c = { d = { e = 1 } } } }, { 1 }, 50 } },
  }
  local cases = {}
  for _, options in ipairs {
    {}, { groupIndentation = 0 }, { groupIndentation = 4 }, { colorMode = true }, { colorMode = false }, { inspectOptions = { depth = 0 } }, { inspectOptions = { colors = true, compact = false } },
  } do
    for _, list in ipairs(calls) do cases[#cases + 1] = { options, list } end
  end
  compare(t, cases)
end)
