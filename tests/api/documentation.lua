-- SPDX-License-Identifier: MIT
-- The reference and the stubs that docs/api/generate.lua makes, and the examples in the comments.
local test = require "../support/test"
local command = require "../support/command"
local fs = require "fs"
local generate = require "../../docs/api/generate"

local out = command.dir() .. "/api"
local list, problems = generate.write(out)
local by_name = {}
for _, m in ipairs(list) do by_name[m.name] = m end

test("every module has a page and a stub that Lua reads", function(t)
  t:deep(problems, {})
  for _, name in ipairs(generate.names()) do
    t:ok(by_name[name], name)
    local stub = fs.readFileSync(out .. "/library/" .. name .. ".lua", "utf8")
    t:ok(loadstring(stub, name), name)
    t:ok(fs.readFileSync(out .. "/" .. name:gsub("/", "-") .. ".md", "utf8"):find("# " .. name, 1, true), name)
  end
end)

test("a signature in a comment gives types, a definition names", function(t)
  local path = fs.readFileSync(out .. "/library/path.lua", "utf8")
  t:match(path, "%-%-%-@param path string[^\n]*\n[^\n]*\n?%-%-%-@return string\nfunction M%.basename%(path, suffix%) end")
  local net = fs.readFileSync(out .. "/library/net.lua", "utf8")
  t:match(net, "%-%-%-@class net%.Server: events%.EventEmitter\n")
  t:match(net, "function C%d+:listen%(")
end)

test("every public function is described", function(t)
  local missing, count = generate.undocumented(list)
  t:ok(count > 600)
  t:equal(table.concat(missing, "\n"), "")
end)

for _, example in ipairs(generate.examples()) do
  test("the example at " .. example.file .. ":" .. example.line, function(t)
    local got = command.run(command.quote(command.script(example.text)))
    t:equal(got.err, "")
    t:equal(got.code, 0)
    if #example.prints > 0 then t:equal((got.out:gsub("\n$", "")), table.concat(example.prints, "\n")) end
  end)
end
