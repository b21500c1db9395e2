-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local command = require "../support/command"

-- What the prompt printed for the lines, without the banner.
local function session(lines, options)
  options = options or {}
  options.input = table.concat(lines, "\n") .. "\n"
  local r = command.run("-i", options)
  return (r.out:gsub("^Welcome to Lunode v[%d.]+ %(LuaJIT[^\n]*\nType \"%.help\" for more information%.\n", "")), r
end

test("expressions are printed, statements are not; globals persist", function(t)
  t:equal(session { "1 + 1", "x = { a = 1 }", "x", "nil", "1, nil, 'b'" }, "> 2\n> > { a: 1 }\n> nil\n> 1\tnil\t'b'\n> ")
end)

test("an entry may have several lines", function(t)
  t:equal(session { "function f()", "  return 5", "end", "f()", "1 +", "2" }, "> ... ... > 5\n> ... 3\n> ")
end)

test("_ is the last value", function(t) t:equal(session { "20", "_ + 1" }, "> 20\n> 21\n> ") end)

test("await works, and lines wait for it", function(t)
  t:equal(session { "await(require('lunode').sleep(20, 'slept'))", "'next'" }, "> 'slept'\n> 'next'\n> ")
end)

test("errors of every kind are printed and end nothing", function(t)
  local out, r = session { "error('oops')", "local x = )", "nil + 1", "error(Error('obj'))", "'alive'" }
  t:match(out, "Uncaught %[repl%]:1: oops")
  t:match(out, "unexpected symbol near '%)'")
  t:match(out, "attempt to perform arithmetic on a nil value")
  t:match(out, "Uncaught Error: obj")
  t:match(out, "'alive'\n> $")
  t:equal(r.code, 0)
end)

test("an error in a callback does not end the prompt", function(t)
  local out = session { "do setTimeout(function() error('late') end, 1) end", "await(require('lunode').sleep(30))", "'alive'" }
  t:match(out, "Uncaught %[repl%]:1: late")
  t:match(out, "'alive'")
end)

test(".help, .break, .exit and what is no command", function(t)
  local out, r = session { ".help", "function f(", ".break", ".nothing", "5", ".exit", "6" }
  t:match(out, "%.break")
  t:match(out, "Invalid REPL keyword")
  t:match(out, "> 5\n> $")
  t:equal(r.code, 0)
end)

test(".load runs a file", function(t)
  local path = command.script "loaded_value = 7"
  t:match(session { ".load " .. path, "loaded_value" }, "7\n> $")
end)

test("-i after -e keeps its globals", function(t)
  local r = command.run("-i -e 'y = 3'", { input = "y\n" })
  t:match(r.out, "> 3\n> $")
end)
