-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local command = require "../support/command"

-- A folder with these files; runs main.lua in it.
local function tree(files, options)
  local dir = command.dir()
  for name, text in pairs(files) do command.write(dir .. "/" .. name, text) end
  options = options or {}
  options.cwd = options.cwd or dir
  local r = command.run((options.arguments or "") .. " " .. dir .. "/main.lua", options)
  r.dir = dir
  return r
end

test("relative names count from the file that requires, not from the folder the command runs in", function(t)
  local r = tree({
    ["main.lua"] = "print(require './a/one')",
    ["a/one.lua"] = "return 'one+' .. require './two' .. require '../three'",
    ["a/two.lua"] = "return 'two+'", ["three.lua"] = "return 'three'",
  }, { cwd = "/" })
  t:equal(r.out, "one+two+three\n", r.err)
end)

test("a file is found as it is, with .lua, .json, as folder with package.json, init.lua or index.lua", function(t)
  local r = tree {
    ["main.lua"] = "for _, n in ipairs { './x.lua', './x', './d.json', './d', './init', './index', './pkg', './pkg2', './', '.' } do local v = require(n) print(n, type(v) == 'table' and v.a or v) end",
    ["x.lua"] = "return 'x'", ["d.json"] = '{"a": 5}', ["init/init.lua"] = "return 'init'", ["index/index.lua"] = "return 'index'",
    ["pkg/package.json"] = '{"main": "lib/m"}', ["pkg/lib/m.lua"] = "return 'm'",
    ["pkg2/package.json"] = '{"main": "./lib"}', ["pkg2/lib/index.lua"] = "return 'lib index'", ["init.lua"] = "return 'here'",
  }
  t:equal(r.out, "./x.lua\tx\n./x\tx\n./d.json\t5\n./d\t5\n./init\there\n./index\tindex\n./pkg\tm\n./pkg2\tlib index\n./\there\n.\there\n", r.err)
end)

test("a module is run once, whatever path leads to it, and gets its name and file name", function(t)
  local r = tree {
    ["main.lua"] = "local a, b = require './m', require './sub/../m.lua' print(a == b, require './sub/other' == a, package.loaded[a.filename] == a, a.name == a.filename)",
    ["m.lua"] = "local name, filename = ... print 'run' return { name = name, filename = filename }",
    ["sub/other.lua"] = "return require '../m'",
  }
  t:equal(r.out, "run\ntrue\ttrue\ttrue\ttrue\n", r.err)
end)

test("a module without a value counts as true, false stays false", function(t)
  t:equal(tree { ["main.lua"] = "print(require './a', require './b', require './b')", ["a.lua"] = "", ["b.lua"] = "print 'b' return false" }.out, "b\ntrue\tfalse\tfalse\n")
end)

test("node_modules are looked up in the file's folder and in all above", function(t)
  local r = tree {
    ["main.lua"] = "print(require 'top', require 'scoped/part', require './deep/er/file', require '@org/pkg')",
    ["node_modules/top/init.lua"] = "return 'top'", ["node_modules/scoped/part.lua"] = "return 'part'",
    ["node_modules/@org/pkg/package.json"] = '{"main":"x.lua"}', ["node_modules/@org/pkg/x.lua"] = "return 'org'",
    ["deep/er/file.lua"] = "return require 'top' .. require 'near'", ["deep/node_modules/near.lua"] = "return 'near'",
    ["deep/node_modules/top.lua"] = "return 'nearer top '",
  }
  t:equal(r.out, "top\tpart\tnearer top near\torg\n", r.err)
end)

test("modules of Lunode: with and without node:, with a slash, before files of the same name", function(t)
  local r = tree {
    ["main.lua"] = "print(require 'events' == require 'node:events', require 'fs/promises' == require('fs').promises, type(require 'http'), require 'os'.EOL == '\\n', require 'os'.time() > 0)",
    ["node_modules/events.lua"] = "return 'wrong'", ["events.lua"] = "return 'wrong'",
  }
  t:equal(r.out, "true\ttrue\ttable\ttrue\ttrue\n", r.err)
  local e = t:throws(function() require "node:nothing" end, "ERR_UNKNOWN_BUILTIN_MODULE")
  t:equal(e.message, "No such built-in module: node:nothing")
end)

test("package.path, package.cpath, package.preload and package.loaders work as in stock Lua", function(t)
  local r = tree {
    ["main.lua"] = [[
      package.path = "./rocks/?.lua;./rocks/?/init.lua;" .. package.path
      print(require "one.two", require "pack", package.loaded["one.two"])
      package.preload.mine = function(name) return "preloaded " .. name end
      print(require "mine", package.loaded.mine)
      table.insert(package.loaders, function(name) if name == "virtual" then return function(n) return "from loader " .. n end end return "\n\tno virtual" end)
      print(require "virtual")
      package.loaded.given = "given"
      print(require "given", require "string" == string, require "package" == package, require "bit" == bit, require "ffi" ~= nil)
      local ok, e = pcall(require, "absent.module")
      print(e:find("no virtual", 1, true) ~= nil, e:match "no field package.preload%['absent.module'%]" ~= nil, ("x" .. e):sub(1, 6))]],
    ["rocks/one/two.lua"] = "local name, filename = ... return name .. ':' .. filename:match '[^/]*$'",
    ["rocks/pack/init.lua"] = "return 'pack ' .. require 'pack.part'", ["rocks/pack/part.lua"] = "return ...",
  }
  t:equal(r.out, "one.two:two.lua\tpack pack.part\tone.two:two.lua\npreloaded mine\tpreloaded mine\nfrom loader virtual\ngiven\ttrue\ttrue\ttrue\ttrue\ntrue\ttrue\txError\n", r.err)
end)

test("LuaRocks' trees are in the path: ./lua_modules, the executable's, ~/.luarocks", function(t)
  local r = tree({
    ["main.lua"] = "print(require 'local_rock', require 'home_rock')",
    ["lua_modules/share/lua/5.1/local_rock.lua"] = "return 'local'", ["home/.luarocks/share/lua/5.1/home_rock/init.lua"] = "return 'home'",
  }, { env = "HOME=$PWD/home" })
  t:equal(r.out, "local\thome\n", r.err)
  local dir = command.dir()
  os.execute(("mkdir -p %s/bin && cp %s %s/bin/lunode"):format(dir, process.execPath, dir))
  command.write(dir .. "/share/lua/5.1/tree_rock.lua", "return 'tree'")
  t:equal(command.run("-p 'require \"tree_rock\"'", { command = dir .. "/bin/lunode" }).out, "tree\n")
end)

test("an unfound module: code, message and require stack", function(t)
  local r = tree {
    ["main.lua"] = "local ok, e = pcall(require, './a') print(e.code, #e.requireStack) print(e.message) print(pcall(require, 'nowhere'))",
    ["a.lua"] = "return require './absent'",
  }
  t:equal(r.out, ("MODULE_NOT_FOUND\t2\nCannot find module './absent'\nRequire stack:\n- DIR/a.lua\n- DIR/main.lua\nfalse\tError: Cannot find module 'nowhere'\nRequire stack:\n- DIR/main.lua\n"):gsub("DIR", r.dir), r.err)
end)

test("an error in a module is not swallowed, and the module is tried again", function(t)
  local r = tree {
    ["main.lua"] = "print(pcall(require, './bad')) print(pcall(require, './bad')) print(pcall(require, './syntax'))",
    ["bad.lua"] = "N = (N or 0) + 1 if N == 1 then error('first', 0) end return 'second'", ["syntax.lua"] = "return +",
  }
  t:equal(r.out, "false\tfirst\ntrue\tsecond\nfalse\terror loading module './syntax' from file '" .. r.dir .. "/syntax.lua':\n\tsyntax.lua:1: unexpected symbol near '+'\n", r.err)
end)

test("a cycle is told, and what a module gave out by package.loaded is found", function(t)
  local r = tree {
    ["main.lua"] = "print(pcall(require, './a')) print(require './c'.d.c.early)",
    ["a.lua"] = "return require './b'", ["b.lua"] = "return require './a'",
    ["c.lua"] = "local M = { early = 'yes' } package.loaded[...] = M M.d = require './d' return M", ["d.lua"] = "return { c = require './c' }",
  }
  t:match(r.out, "^false\tloop or previous error loading module './[ab]'\nyes\n$")
end)

test("a module may await at its top level", function(t)
  local r = tree { ["main.lua"] = "print(require './slow')", ["slow.lua"] = "return await(require('lunode').sleep(5, 'slept'))" }
  t:equal(r.out, "slept\n", r.err)
end)

test("require by pcall, from a loaded string, in a callback and at the end of a file finds the right folder", function(t)
  local r = tree {
    ["main.lua"] = "print(select(2, pcall(require, './x')), loadstring \"return (require './x')\"(), require './sub') setTimeout(function() print((require './sub/y')) end, 1)",
    ["x.lua"] = "return 'x'", ["sub/init.lua"] = "return require './y'", ["sub/y.lua"] = "return 'y'",
  }
  t:equal(r.out, "x\tx\ty\ny\n", r.err)
end)

test("a .js file is JavaScript, unless its extension is given to something else", function(t)
  local r = tree {
    ["main.lua"] = [[
      print(require "./y".double(4))
      require("lunode.internal.loader").extensions[".js"] = function(path) return function(name, filename) return "js " .. filename:match "[^/]*$" end end
      print(require "./x", require "./dir")]],
    ["x.js"] = "1", ["y.js"] = "exports.double = x => x * 2", ["dir/index.js"] = "2",
  }
  t:equal(r.out, "8\njs x.js\tjs index.js\n", r.err)
end)

test("wrong names raise", function(t)
  t:throws(function() require(nil) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() require "" end, "ERR_INVALID_ARG_VALUE")
end)
