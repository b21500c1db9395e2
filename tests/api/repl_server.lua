-- SPDX-License-Identifier: MIT
-- repl.start and REPLServer, on streams in memory.
local test = require "../support/test"
local command = require "../support/command"
local repl = require "repl"
local readline = require "readline"
local PassThrough = require("stream").PassThrough
local sleep = require("lunode").sleep

local function start(options)
  options = options or {}
  local input, output = PassThrough(), PassThrough()
  local text = { "" }
  output:on("data", function(d) text[1] = text[1] .. tostring(d) end)
  options.input, options.output = input, output
  if options.terminal == nil then options.terminal = false end
  local server = repl.start(options)
  local function ask(line)
    await(sleep(2))
    text[1] = ""
    input:write(line .. "\n")
    await(sleep(10))
    return text[1]
  end
  return server, ask, input, text
end

test("start gives a REPLServer, which is a readline Interface", function(t)
  local server, ask = start { prompt = "$ " }
  t:ok(repl.REPLServer:is(server))
  t:ok(readline.Interface:is(server))
  t:equal(ask "1 + 1", "2\n$ ")
  t:equal(server:getPrompt(), "$ ")
  server:on("exit", t:called())
  server:close()
  t:equal(repl.start { prompt = "x ", input = PassThrough(), output = PassThrough() }:getPrompt(), "x ")
end)

test("the context is the entries' own, over the globals", function(t)
  local server, ask = start()
  server.context.answer = 42
  t:equal(ask "answer", "42\n> ")
  t:equal(ask "made_here = 1", "> ")
  t:equal(server.context.made_here, 1)
  t:equal(rawget(_G, "made_here"), nil)
  t:equal(ask "type(print), type(process), type(querystring.parse)", "'function'\t'table'\t'function'\n> ")
  t:equal(ask "local kept = 7", "> ")
  server:on("reset", t:called(function(context) t:equal(context, server.context) end))
  t:equal(ask ".clear", "Clearing context...\n> ")
  t:equal(ask "answer, kept", "nil\tnil\n> ")
  server:close()
end)

test("useGlobal: the context is _G", function(t)
  local server, ask = start { useGlobal = true }
  t:equal(server.context, _G)
  ask "repl_test_global = 5"
  t:equal(rawget(_G, "repl_test_global"), 5)
  _G.repl_test_global = nil
  _G._ = nil
  server:close()
end)

test("locals are shared variables, not copies", function(t)
  local server, ask = start()
  ask "local n = 1 function get() return n end"
  ask "n = 2"
  t:equal(ask "get()", "2\n> ")
  ask "local n = 'another'"
  t:equal(ask "n, get()", "'another'\t2\n> ")
  t:equal(ask "local a, b = 1, 2 return a + b", "3\n> ")
  t:equal(ask "a, b", "1\t2\n> ")
  t:equal(ask "for i = 1, 2 do local inner = i end do local inner = 1 end", "> ")
  t:equal(ask "inner, i", "nil\tnil\n> ")
  t:equal(ask "local s = [[ local hidden = 1 ]] -- local comment", "> ")
  t:equal(ask "hidden, comment, s", "nil\tnil\t' local hidden = 1 '\n> ")
  t:equal(ask "local function fact(k) return k < 2 and 1 or k * fact(k - 1) end", "> ")
  t:equal(ask "fact(5)", "120\n> ")
  t:match(ask "local lost = 1 error 'no'", "Uncaught %[repl%]:1: no")
  t:equal(ask "lost", "nil\n> ")
  local names = {}
  for i = 1, 150 do names[i] = "v" .. i end
  ask("local " .. table.concat(names, ",") .. " = 1")
  t:equal(ask "v1", "1\n> ")
  ask "local _, second = 1, 2"
  t:equal(ask "second", "2\n> ")
  server:close()
end)

test("writer and ignoreUndefined", function(t)
  local server, ask = start { writer = function(value) return "<" .. tostring(value) .. ">" end, ignoreUndefined = true }
  t:equal(ask "5", "<5>\n> ")
  t:equal(ask "nil", "> ")
  server:close()
  server, ask = start { writer = function() error("cannot", 0) end }
  t:match(ask "5", "Uncaught cannot")
  server:close()
end)

test("eval of one's own: values, errors, entries that go on, answers that come late", function(t)
  local seen = {}
  local server, ask = start { eval = function(code, context, filename, callback)
    seen = { code, context, filename }
    if code == "more\n" then return callback(repl.Recoverable(SyntaxError "unfinished")) end
    if code == "raise\n" then error("raised", 0) end
    if code == "fail\n" then return callback(Error "failed") end
    if code == "nothing\n" then return callback() end
    if code == "late\n" then return setTimeout(callback, 20, nil, "late value") end
    callback(nil, code)
  end }
  t:equal(ask "a b c", "'a b c\\n'\n> ")
  t:equal(seen[2], server.context)
  t:equal(seen[3], "[repl]")
  t:equal(ask "more", "... ")
  t:equal(ask "end", "'more\\nend\\n'\n> ")
  t:match(ask "raise", "^Uncaught raised\n> $")
  t:match(ask "fail", "^Uncaught Error: failed\n")
  t:equal(ask "nothing", "> ")
  t:equal(ask "late", "")
  t:equal(ask "next", "'late value'\n> 'next\\n'\n> ")
  server:close()
  t:throws(function() start { eval = function() end, breakEvalOnSigint = true } end, "ERR_INVALID_REPL_EVAL_CONFIG")
  t:throws(function() start { eval = 5 } end, "ERR_INVALID_ARG_TYPE")
end)

test("defineCommand", function(t)
  local server, ask = start()
  server:defineCommand("say", { help = "Says it", action = function(self, text)
    self.output:write("said " .. text .. "\n")
    self:displayPrompt()
  end })
  server:defineCommand("bye", function(self) self:close() end)
  t:equal(ask ".say hello world ", "said hello world\n> ")
  t:match(ask ".help", "%.say +Says it\n")
  t:equal(ask ".none", "Invalid REPL keyword\n> ")
  t:throws(function() server:defineCommand("x", 5) end, "ERR_INVALID_ARG_TYPE")
  server:on("exit", t:called())
  ask ".bye"
  t:equal(server.closed, true)
end)

test("clearBufferedCommand and .break", function(t)
  local server, ask = start()
  t:equal(ask "x = {", "... ")
  server:clearBufferedCommand()
  t:equal(ask "1", "1\n> ")
  t:equal(ask "x = {", "... ")
  t:equal(ask ".break", "> ")
  t:equal(ask "2", "2\n> ")
  server:close()
end)

test(".save and .load", function(t)
  local server, ask = start()
  local path = command.dir() .. "/session.lua"
  ask "local a = 20"
  ask "b = a * 2"
  t:equal(ask(".save " .. path), "Session saved to: " .. path .. "\n> ")
  server:close()
  server, ask = start()
  t:equal(ask(".load " .. path), "> ")
  t:equal(ask "a, b", "20\t40\n> ")
  t:equal(ask(".load " .. path .. ".none"), "Failed to load: " .. path .. ".none\n> ")
  t:equal(ask(".save /proc/none/x"), "Failed to save: /proc/none/x\n> ")
  local broken = command.script "x = ("
  t:match(ask(".load " .. broken), "^Uncaught %[repl%]:1: ")
  local hash = command.script "#!/usr/bin/env lunode\nfrom_script = 1\n"
  ask(".load " .. hash)
  t:equal(ask "from_script", "1\n> ")
  server:close()
end)

test("_error is the last error; errors are inspected", function(t)
  local server, ask = start()
  t:match(ask "error(TypeError 'wrong kind')", "^Uncaught TypeError: wrong kind\n")
  t:equal(ask "_error.message", "'wrong kind'\n> ")
  t:match(ask "error { a = 1 }", "^Uncaught { a: 1 }\n")
  t:match(ask "nil + 1", "attempt to perform arithmetic on a nil value")
  server:close()
end)

test("an entry is evaluated when it is complete, and only then", function(t)
  local server, ask = start()
  for _, case in ipairs {
    { "if true then", "end" }, { "x = [[", "]]" }, { "--[[", "]]" }, { "f = function()", "end" }, { "return", nil }, { "x = {", "}" }, { "repeat", "until true" },
    { "print(", ")" }, { "x =", "1" }, { "1 +", "1" }, { "'a' ..", "'b'" } } do
    if case[2] then
      t:equal(ask(case[1]), "... ", case[1])
      t:match(ask(case[2]), "> $", case[1])
    end
  end
  for _, wrong in ipairs { "x y", ")", "'abc", "end", "x = = 1", "local 5" } do t:match(ask(wrong), "^Uncaught %[repl%]:1: .*> $", wrong) end
  t:equal(ask "   ", "> ")
  t:equal(ask "-- only a comment", "> ")
  t:equal(ask "5;", "5\n> ")
  server:close()
end)

test("completer of one's own", function(t)
  local server, _, input, text = start { terminal = true, completer = function(line) return { { "completed" }, line } end }
  input:write "comp"
  await(sleep(5))
  input:write "\t"
  await(sleep(5))
  t:match(text[1], "completed$")
  server:close()
end)

test("setupHistory without a file, and its callback", function(t)
  local server = start { terminal = true }
  server:setupHistory("", t:called(function(err, given)
    t:equal(err, nil)
    t:equal(given, server)
  end))
  server:close()
end)

test("builtinModules names what require finds", function(t)
  t:ok(#repl.builtinModules > 20)
  local have = {}
  for _, name in ipairs(repl.builtinModules) do have[name] = true end
  t:ok(have.fs and have["readline/promises"] and have.repl)
  t:no(have.vm)
end)
