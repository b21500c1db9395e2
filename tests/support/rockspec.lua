-- SPDX-License-Identifier: MIT
-- rockspec.lua [--write]: whether lunode-scm-1.rockspec lists every file of lua/ and compat/prelude/; --write makes the list anew.
local name = "lunode-scm-1.rockspec"
local lines = {}
for path in io.popen("find lua -name '*.lua' | LC_ALL=C sort"):lines() do
  local rel = path:sub(5, -5)
  local module = rel == "init" and "lunode" or "lunode." .. rel:gsub("/", ".")
  lines[#lines + 1] = ('      ["%s"] = "%s",\n'):format(module, path)
end
for path in io.popen("find compat/prelude -name '*.lua' | LC_ALL=C sort"):lines() do
  lines[#lines + 1] = ('      ["lunode.compat.%s"] = "%s",\n'):format(path:match("^compat/prelude/(.*)%.lua$"):gsub("/", "."), path)
end
local want = "    lua = {\n" .. table.concat(lines) .. "    },\n"
local text = assert(io.open(name)):read("*a")
local from, to = text:find("    lua = {\n.-    },\n")
if text:sub(from, to) == want then return end
if arg[1] == "--write" then
  local f = assert(io.open(name, "w"))
  f:write(text:sub(1, from - 1), want, text:sub(to + 1))
  f:close()
else
  io.stderr:write(name, " does not list the files of lua/: run luajit tests/support/rockspec.lua --write\n")
  os.exit(1)
end
