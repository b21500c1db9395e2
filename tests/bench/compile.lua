-- SPDX-License-Identifier: MIT
--
-- How fast the compiler is: lunode tests/bench/compile.lua FILE.js …   (best of several runs; LuaJIT's own reading beside it)
local compiler = require "lunode.compiler"

local options = { goal = "function", params = "exports require module __filename __dirname" }

local function best(runs, f, ...)
  local least, result = math.huge, nil
  for _ = 1, runs do
    collectgarbage()
    local start = os.clock()
    result = assert(f(...))
    least = math.min(least, os.clock() - start)
  end
  return least, result
end

if not arg[1] then error("usage: lunode tests/bench/compile.lua FILE.js …", 0) end
print(("%-40s %10s %9s %8s %11s"):format("file", "bytes", "compile", "MB/s", "LuaJIT load"))
for i = 1, #arg do
  local file = assert(io.open(arg[i], "rb"))
  local source = file:read "*a"
  file:close()
  local runs = #source > 1000000 and 3 or 20
  local time, text = best(runs, function(s)
    local lua, e = compiler.compile(s, options)
    return lua, e and e.text
  end, source)
  local loading = best(runs, loadstring, text, "@" .. arg[i])
  print(("%-40s %10d %6.1f ms %8.1f %8.1f ms"):format(arg[i]:match "[^/]*/?[^/]*$", #source, time * 1e3, #source / time / 1e6, loading * 1e3))
end
