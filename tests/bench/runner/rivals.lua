-- SPDX-License-Identifier: MIT
--
-- Who takes part, and how each one's servers are started.
local process = require "process"

local rivals = {}

-- In the order of the tables.
local NAMES = {"raw", "lunode", "node", "bun", "luvit"}

-- The file that a command means, looked for in PATH when it has no slash; nil when there is none.
local function find(command)
  local function executable(path)
    -- `test` and not io.open: a directory opens too.
    return os.execute(("test -f '%s' -a -x '%s'"):format(path, path)) == 0 and path or nil
  end
  if command:find "/" then return executable(command) end
  for folder in (os.getenv "PATH" or ""):gmatch "[^:]+" do
    local path = executable(folder .. "/" .. command)
    if path then return path end
  end
end

local function version(path)
  local child = process.start({path, "--version"}, {log = "/dev/null"})
  local ok, line = pcall(child.line, child, 10)
  child:stop()
  return ok and line or "version unknown"
end

-- Finds the rivals. `setup`: folder (this benchmark's), out (the compiled helpers'), file (the one
-- to be streamed), lunode (the executable), only (set of names, or nil for all).
-- Returns a sequence of {name, version, servers = {hello = argv, body = argv, echo = argv, cluster = argv}, empty = argv,
-- commands = {ipc = argv, ipc100 = argv, spawn = argv, sha256 = argv, readfile = argv}}, and a sequence of lines about those that are not here.
function rivals.find(setup)
  local here, missing = {}, {}
  local function script(name) return setup.folder .. "/" .. name end
  local commands = {
    raw = setup.out .. "/raw_http",
    lunode = setup.lunode,
    node = os.getenv "NODE" or "node",
    bun = os.getenv "BUN" or "bun",
    luvit = os.getenv "LUVIT" or "luvit",
  }
  local function servers(name, path)
    if name == "raw" then
      return {
        hello = {path},
        body = {setup.out .. "/raw_body", setup.file},
        echo = {setup.out .. "/raw_echo"},
      }, {"/bin/true"}, {spawn = {setup.out .. "/spawn"}}
    elseif name == "lunode" then
      return {
        hello = {path, script "hello.lua"},
        body = {path, script "body.lua", setup.file},
        echo = {path, script "echo.lua"},
        cluster = {path, script "cluster.lua"},
      }, {path, script "empty.lua"}, {ipc = {path, script "ipc.lua", "1"}, ipc100 = {path, script "ipc.lua", "100"}, spawn = {path, script "spawn.lua"}, sha256 = {path, script "sha256.lua"}, readfile = {path, script "readfile.lua"}, programs = {path, script "programs.js"}}
    elseif name == "luvit" then
      return {hello = {path, script "hello.luvit.lua"}}, {path, script "empty.lua"}
    end
    return {
      hello = {path, script(name == "bun" and "hello.bun.js" or "hello.js")},
      body = {path, script "body.js", setup.file},
      echo = {path, script "echo.js"},
      cluster = name == "node" and {path, script "cluster.js"} or nil,
    }, {path, script "empty.js"}, {ipc = {path, script "ipc.js", "1"}, ipc100 = {path, script "ipc.js", "100"}, spawn = {path, script "spawn.js"}, sha256 = {path, script "sha256.js"}, readfile = {path, script "readfile.js"}, programs = {path, script "programs.js"}}
  end

  for _, name in ipairs(NAMES) do
    if not setup.only or setup.only[name] then
      local path = find(commands[name])
      if path then
        local commands_of, empty, programs = servers(name, path)
        here[#here + 1] = {
          name = name,
          version = name == "raw" and "libuv + llhttp" or version(path),
          servers = commands_of,
          empty = empty,
          commands = programs or {},
        }
      else
        missing[#missing + 1] = ("%s is left out: no %s here"):format(name, commands[name])
      end
    end
  end
  return here, missing
end

rivals.path = find

return rivals
