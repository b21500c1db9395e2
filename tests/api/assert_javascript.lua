-- SPDX-License-Identifier: MIT
-- assert seen from JavaScript: the same programs run by Lunode and by Node print the same.
local test = require "../support/test"
local to_js = require "../support/to_js"

local folder = (debug.getinfo(1, "S").source:match "^@(.*)api/[^/]*$" or "tests/") .. "fixtures/assert/"

local function output(program, name, mode)
  local pipe = io.popen(("'%s' '%s%s' %s 2>/dev/null"):format(program, folder, name, mode or ""))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

local function each_line(text)
  local list = {}
  for line in (text .. "\n"):gmatch "(.-)\n" do list[#list + 1] = line end
  return list
end

local function same(t, name, mode)
  local ours, nodes = each_line(output(process.execPath, name, mode)), each_line(output(to_js.node, name, mode))
  for i = 1, math.max(#ours, #nodes) do
    if ours[i] ~= nodes[i] then return t:equal(ours[i], nodes[i], "line " .. i .. " behind " .. tostring(nodes[i - 1])) end
  end
  t:ok(#nodes > 20)
end

local SLOW = { skip = to_js.skip, timeout = 120000 }

test("Map, Set, Date, typed arrays, boxed values, symbols, prototypes, holes, cycles: every pair under every comparison", SLOW, function(t) same(t, "pairs.js") end)
test("the messages of strictEqual on all those pairs", SLOW, function(t) same(t, "pairs.js", "strictEqual") end)
test("throws, doesNotThrow, rejects, doesNotReject, match, fail, ifError, AssertionError", SLOW, function(t) same(t, "errors.js") end)
test("the text of the call in ok's message", SLOW, function(t) same(t, "calls.js") end)
test("CallTracker", SLOW, function(t) same(t, "call_tracker.js") end)
