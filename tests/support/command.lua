-- SPDX-License-Identifier: MIT
--
-- Runs the command under test in a shell, and waits.
--   command.run("-e 'print(1)'", {input = "text", env = "A=1"}) -> {code =, out = standard output, err = standard error}
--   command.script(text, name) -> path of a file that is removed at exit; command.dir() -> a fresh folder, likewise
local M = {}

local root = os.tmpname()
os.remove(root)
assert(os.execute("mkdir " .. root) == 0)
process:on("exit", function() os.execute("rm -rf " .. root) end)

local count = 0
local function fresh()
  count = count + 1
  return root .. "/" .. count
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

function M.write(path, text)
  os.execute("mkdir -p '" .. path:match "^(.*)/[^/]*$" .. "'")
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

function M.dir()
  local path = fresh()
  os.execute("mkdir " .. path)
  return path
end

function M.script(text, name) return M.write(fresh() .. "/" .. (name or "script.lua"), text) end

function M.quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

function M.run(arguments, options)
  options = options or {}
  local base = fresh()
  M.write(base .. ".in", options.input or "")
  local command = ("cd %s && %s %s %s < %s.in > %s.out 2> %s.err"):format(options.cwd or root, options.env or "",
    options.command or M.quote(process.execPath), arguments, base, base, base)
  local status = os.execute(command)
  local code = math.floor(status / 256)
  return { code = code, signal = status % 256, out = read(base .. ".out"), err = read(base .. ".err") }
end

-- The text as a script, with arguments.
function M.lua(text, arguments, options)
  return M.run(M.quote(M.script(text)) .. " " .. (arguments or ""), options)
end

return M
