-- Stand-in until the command is written: runs one file.
local core = require "lunode.core"
local queue = require "lunode.internal.queue"

local function exists(p) local f = io.open(p, "rb") if f then f:close() return true end end

local function install_require()
  local plain = require
  function require(name)
    if name:match "^%.%.?/" then
      local from = debug.getinfo(2, "S").source:match "^@(.*/)" or "./"
      local p = from .. name
      if not exists(p) then p = p .. ".lua" end
      local key = p
      if package.loaded[key] then return package.loaded[key] end
      local r = assert(loadfile(p))(name, p)
      package.loaded[key] = r == nil and true or r
      return package.loaded[key]
    end
    local short = name:gsub("^node:", ""):gsub("/", ".")
    if package.loaded["lunode." .. short] then return package.loaded["lunode." .. short] end
    for _, loader in ipairs { package.loaders[2] } do
      local f = loader(short == "lunode" and "lunode" or "lunode." .. short)
      if type(f) == "function" then return plain(short == "lunode" and "lunode" or "lunode." .. short) end
    end
    return plain(name)
  end
end

return function(arg)
  local file = arg[1]
  _G.arg = { [0] = file, unpack(arg, 2) }
  install_require()
  local function try(name) local ok, m = pcall(require, name) if ok then return m elseif not m:find("not found") then io.stderr:write(name, ": ", tostring(m), "\n") end end
  _G.console = { log = print, error = function(...) io.stderr:write(tostring((...)), "\n") end }
  local timers = try "timers"
  if timers then for _, n in ipairs { "setTimeout", "setInterval", "setImmediate", "clearTimeout", "clearInterval", "clearImmediate" } do _G[n] = timers[n] end end
  local b = try "buffer" if b then _G.Buffer = b.Buffer end
  local fn = assert(loadfile(file))
  local co = coroutine.create(fn)
  local ok, e = coroutine.resume(co, file, file)
  if not ok then io.stderr:write(debug.traceback(co, tostring(e)), "\n") return 1 end
  core.loop.run()
  return 0
end
