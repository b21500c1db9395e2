-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local command = require "../support/command"
local run, lua, quote = command.run, command.lua, command.quote

test("a script gets its arguments in arg and in process.argv", function(t)
  local path = command.script 'print(arg[0], arg[1], arg[2], #arg) print(process.argv[1] == process.execPath, process.argv[2], process.argv[3], #process.argv)'
  local r = run(path .. " a 'b c'")
  t:equal(r.out, path .. "\ta\tb c\t2\ntrue\t" .. path .. "\ta\t4\n")
  t:equal(r.code, 0)
end)

test("a script's path is resolved in process.argv and its chunk gets the file name", function(t)
  local dir = command.dir()
  command.write(dir .. "/s.lua", "local name, filename = ... print(process.argv[2], name, filename, arg[0])")
  t:equal(run("s.lua", { cwd = dir }).out, dir .. "/s.lua\t.\t" .. dir .. "/s.lua\ts.lua\n")
  t:equal(run("./s", { cwd = dir }).out, dir .. "/s.lua\t.\t" .. dir .. "/s.lua\t./s\n")
end)

test("-e runs code, with arguments behind it", function(t)
  local r = run "-e 'print(arg[1], process.argv[2], ...)' x"
  t:equal(r.out, "x\tx\t.\tnil\n")
end)

test("-p prints the value as console.log does", function(t)
  t:equal(run "-p '1 + 1'".out, "2\n")
  t:equal(run "-p '{ a = { 1 } }'".out, "{ a: [ 1 ] }\n")
  t:equal(run "-p 'await(require(\"lunode\").sleep(1, \"slept\"))'".out, "slept\n")
  t:equal(run "-p -e '\"x\"'".out, "x\n")
  t:equal(run "-pe 'nil'".out, "nil\n")
  t:equal(run "-p 'local a = 5 return a'".out, "5\n")
end)

test("a script comes from standard input, with - or without", function(t)
  t:equal(run("", { input = "print(arg[1])" }).out, "nil\n")
  local r = run("- x", { input = "print(arg[0], arg[1], process.argv[2], process.argv[3])" })
  t:equal(r.out, "-\tx\t-\tx\n")
end)

test("-r requires modules first", function(t)
  local dir = command.dir()
  command.write(dir .. "/first.lua", "print('first', ...) G = 5")
  local r = run("-r ./first -e 'print(G)'", { cwd = dir })
  t:equal(r.out, "first\t" .. dir .. "/first.lua\t" .. dir .. "/first.lua\n5\n")
  t:equal(run "-r ./nothere -e 'print(1)'".code, 1)
end)

test("--version and --help", function(t)
  for _, o in ipairs { "-v", "--version" } do
    t:match(run(o).out, "^Lunode %d+%.%d+%.%d+\nLuaJIT 2%.1[^\n]*\nlibuv %d+%.%d+%.%d+\nllhttp %d+%.%d+%.%d+\n$")
  end
  local help = run "--help".out
  t:equal(run "-h".out, help)
  for _, o in ipairs { "-e", "-p", "-i", "-r", "-v", "--no-warnings", "--unhandled-rejections" } do t:ok(help:find(o, 1, true), o) end
end)

test("an unknown option is an error with exit code 9", function(t)
  local r = run "--zork x.lua"
  t:equal(r.code, 9)
  t:match(r.err, "bad option: %-%-zork")
  t:equal(run "-e".code, 9)
  t:equal(run "--unhandled-rejections=maybe".code, 9)
end)

test("-- ends the options", function(t)
  local dir = command.dir()
  command.write(dir .. "/-e", "print('dash', arg[1])")
  t:equal(run("-- -e -v", { cwd = dir }).out, "dash\t-v\n")
end)

test("what stands before the script is execArgv", function(t)
  local path = command.script "print(table.concat(process.execArgv, ' '))"
  t:equal(run("--no-warnings --trace-uncaught " .. path .. " -x").out, "--no-warnings --trace-uncaught\n")
end)

test("a missing file is Node's error, with exit code 1", function(t)
  local r = run "/no/such/file.lua"
  t:equal(r.code, 1)
  t:match(r.err, "Error: Cannot find module '/no/such/file%.lua'")
  t:match(r.err, "MODULE_NOT_FOUND")
end)

test("a syntax error shows file, line and the line", function(t)
  local dir = command.dir()
  command.write(dir .. "/bad.lua", "local x = 1\n  x = = 2\n")
  local r = run("bad.lua", { cwd = dir })
  t:equal(r.code, 1)
  t:match(r.err, "^bad%.lua:2\n  x = = 2\n  %^\n")
  t:match(r.err, "bad%.lua:2: unexpected symbol near '='")
  t:equal(run("-c bad.lua", { cwd = dir }).code, 1)
  command.write(dir .. "/good.lua", "print 'must not run'")
  r = run("-c good.lua", { cwd = dir })
  t:equal(r.code .. r.out, "0")
end)

test("a first line with #! and a byte order mark are passed over", function(t)
  t:equal(lua("#!/usr/bin/env lunode\nprint(debug.getinfo(1, 'l').currentline)").out, "2\n")
  t:equal(lua("\239\187\191print 'bom'").out, "bom\n")
end)

test("-j and -O go to LuaJIT", function(t)
  t:equal(run "-joff -e 'print((jit.status()))'".out, "false\n")
  t:equal(run "-O1 -e 'print(select(2, jit.status()) ~= nil)'".out, "true\n")
  t:equal(run "-jnothing -e ''".code, 9)
end)

test("a top-level await that never ends gives exit code 13", function(t)
  local r = lua "process:on('exit', function(c) print(c) end)\nawait(Promise(function() end))"
  t:equal(r.code, 13)
  t:equal(r.out, "13\n")
  t:match(r.err, "unsettled top%-level await at .-:2\nawait")
end)

test("the command works through a symbolic link of the script", function(t)
  local dir = command.dir()
  command.write(dir .. "/lib/app.lua", "print(require './part')")
  command.write(dir .. "/lib/part.lua", "return 'part'")
  os.execute("ln -s " .. dir .. "/lib/app.lua " .. dir .. "/app")
  t:equal(run(dir .. "/app").out, "part\n")
end)

test("print and console.log keep their order", function(t)
  t:equal(lua "io.write 'a\\n' console.log 'b' print 'c' process.stdout:write 'd\\n' io.write 'e\\n' console.log 'f'".out, "a\nb\nc\nd\ne\nf\n")
end)
