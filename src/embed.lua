-- SPDX-License-Identifier: MIT
-- embed.lua DIR=NAME …: writes to standard output a C file that holds every DIR/**.lua as bytecode with debug information.
-- With lua=lunode, lua/init.lua is the module "lunode", lua/a/b.lua is "lunode.a.b"; the chunk's name is "lunode:a/b".
assert(arg[1])
local files = {}
for _, given in ipairs(arg) do
  local dir, prefix = given:match "^(.-)=(.*)$"
  for path in io.popen("find '" .. dir .. "' -name '*.lua' | LC_ALL=C sort"):lines() do
    local name = (prefix .. "." .. path:sub(#dir + 2, -5):gsub("/", ".")):gsub("^(%w+)%.init$", "%1")
    files[#files + 1] = { name = name, path = path, chunk = "@lunode:" .. (name:match "^lunode%.(.*)" or "init"):gsub("%.", "/") }
  end
end
table.sort(files, function(a, b) return a.name < b.name end)
local out = { "// Made by src/embed.lua.\n#include \"embed.h\"\n" }
for i, f in ipairs(files) do
  local source = assert(io.open(f.path, "rb")):read("*a")
  local code = string.dump(assert(loadstring(source, f.chunk)))
  local bytes = {}
  for p = 1, #code, 4096 do
    bytes[#bytes + 1] = code:sub(p, p + 4095):gsub(".", function(c) return c:byte() .. "," end)
  end
  out[#out + 1] = ("static const unsigned char m%d[] = {%s};\n"):format(i, table.concat(bytes, "\n"))
  f.size = #code
end
out[#out + 1] = "const struct embedded embedded[] = {\n"
for i, f in ipairs(files) do out[#out + 1] = ("  {%q, %q, m%d, %d},\n"):format(f.name, f.chunk, i, f.size) end
out[#out + 1] = ("};\nconst int embedded_count = %d;\n"):format(#files)
io.write(table.concat(out))
