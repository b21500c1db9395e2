-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local module = require "module"
local fs, path = require "fs", require "path"

test("builtinModules lists what require finds, isBuiltin tells of one", function(t)
  local seen = {}
  for _, name in ipairs(module.builtinModules) do
    seen[name] = true
    t:ok(module.isBuiltin(name), name)
    t:ok(module.isBuiltin("node:" .. name), name)
  end
  for _, name in ipairs { "fs", "http", "async_hooks", "perf_hooks", "diagnostics_channel", "module", "constants", "sys", "fs/promises" } do t:ok(seen[name], name) end
  t:no(module.isBuiltin "nothing")
  t:no(module.isBuiltin "wasi")
  t:no(module.isBuiltin "./fs")
  t:no(module.isBuiltin(5))
end)

test("createRequire finds what a file of that name would", function(t)
  local dir = fs.mkdtempSync "/tmp/lunode-module-"
  fs.mkdirSync(dir .. "/node_modules/dep", { recursive = true })
  fs.writeFileSync(dir .. "/node_modules/dep/init.lua", "return { dep = ... }")
  fs.writeFileSync(dir .. "/near.lua", "return { near = select(2, ...) }")
  for _, from in ipairs { dir .. "/app.lua", dir .. "/", "file://" .. dir .. "/app.lua", URL("file://" .. dir .. "/app.lua") } do
    local req = module.createRequire(from)
    t:equal(req("./near").near, path.join(dir, "near.lua"))
    t:equal(req("dep").dep, dir .. "/node_modules/dep/init.lua")
    t:equal(req "node:fs", fs)
    t:throws(function() req "./far" end, "MODULE_NOT_FOUND")
    t:throws(function() req(5) end, "ERR_INVALID_ARG_TYPE")
  end
  t:throws(function() module.createRequire "app.lua" end, { code = "ERR_INVALID_ARG_VALUE",
    message = "The argument 'filename' must be a file URL object, file URL string, or absolute path string. Received 'app.lua'" })
  t:throws(function() module.createRequire(5) end, "ERR_INVALID_ARG_VALUE")
  fs.rmSync(dir, { recursive = true })
end)

test("constants has those of os, fs and crypto", function(t)
  local constants = require "constants"
  t:equal(constants.SIGTERM, 15)
  t:equal(constants.ENOENT, 2)
  t:equal(constants.O_CREAT, fs.constants.O_CREAT)
  t:equal(constants.PRIORITY_LOW, 19)
  t:equal(constants.RTLD_LAZY, 1)
  t:equal(constants.RSA_PKCS1_PADDING, 1)
  t:equal(constants.UV_UDP_REUSEADDR, nil)
end)

test("what has no meaning here does nothing, or says so", function(t)
  t:equal(module.syncBuiltinESMExports(), nil)
  t:equal(module.findSourceMap "/x", nil)
  t:throws(function() module.register "x" end, "ERR_METHOD_NOT_IMPLEMENTED")
end)
