-- SPDX-License-Identifier: MIT
--
-- Runs a JavaScript file while the compiler is not part of the executable yet:
--
--   LUNODE_JS=compiler.so lunode compat/dev.lua file.js
--
-- compiler.so is compat/*.c linked as a shared object (luaopen_lunode_compiler).
local here = debug.getinfo(1, "S").source:match "^@(.*)dev%.lua$" or "./"
local so = assert(os.getenv "LUNODE_JS", "LUNODE_JS must name the compiler's shared object")
local compiler = assert(package.loadlib(so, "luaopen_lunode_compiler"))()
local file = assert(arg[1], "usage: dev.lua file.js")

local function load(name) return assert(loadfile(here .. "prelude/" .. name .. ".lua")) end
local rt = load "init"(compiler, load)
local run = setfenv(load "program", rt.global)
run(rt)
return rt.run_file(file)
