-- SPDX-License-Identifier: MIT
--
-- lunode compile FILE.js [-o FILE.lua] [--ast | --scope]: the Lua that a JavaScript file becomes, or what a pass of the compiler
-- saw. Returns the exit code: 0, 1 when the source is refused or a file cannot be read or written, 9 for wrong arguments.
local USAGE = "usage: lunode compile FILE.js [-o FILE.lua] [--ast | --scope]\n"

local function read(path)
  local file, why = io.open(path, "rb")
  if not file then return nil, why end
  local text, problem = file:read "*a"
  file:close()
  return text, problem
end

return function(argv)
  local input, output, pass
  local i = 2
  while i <= #argv do
    local a = argv[i]
    if a == "-o" then
      i = i + 1
      output = argv[i]
      if not output then return io.stderr:write(USAGE) and 9 end
    elseif a == "--ast" or a == "--scope" then pass = a:sub(3)
    elseif a:sub(1, 1) == "-" or input then return io.stderr:write(USAGE) and 9
    else input = a end
    i = i + 1
  end
  if not input then return io.stderr:write(USAGE) and 9 end
  local source, why = read(input)
  if not source then return io.stderr:write("lunode compile: ", tostring(why), "\n") and 1 end
  local module = input:find "%.mjs$" ~= nil
  local lua, problem = require "lunode.compiler".compile(source, {
    goal = module and "module" or "function", params = not module and "exports require module __filename __dirname" or nil,
    filename = input, output = pass,
  })
  if not lua then return io.stderr:write(problem.text or (problem.type .. ": " .. problem.message), "\n") and 1 end
  if not output then return io.write(lua, lua:sub(-1) ~= "\n" and "\n" or "") and 0 end
  local file, refused = io.open(output, "wb")
  if not file then return io.stderr:write("lunode compile: ", tostring(refused), "\n") and 1 end
  local ok = file:write(lua)
  return file:close() and ok and 0 or 1
end
