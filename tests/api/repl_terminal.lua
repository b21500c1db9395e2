-- SPDX-License-Identifier: MIT
-- The prompt on a real terminal.
local test = require "../support/test"
local command = require "../support/command"
local terminal = require "../support/terminal"

local function visible(text) return (text:gsub("\27%[[%d;?]*%a", ""):gsub("\r", "")) end

-- A prompt that is ready.
local function start(options)
  options = options or {}
  options.env = (options.env or "") .. " LUNODE_REPL_HISTORY=" .. (options.history or "''")
  local term = terminal.open(options)
  term:run(options.arguments or "")
  await(term:expect "\27[3G")
  return term
end
-- Types a line and waits for the next prompt. -> what came, without the echo
local function ask(term, line)
  term:type(line .. "\r")
  local echoed = await(term:expect "\r\n")
  return visible(await(term:expect "\27[0J> ")):gsub("> $", ""), echoed
end
local function leave(t, term, code)
  term:type "\4"
  t:equal(await(term:exit()), code or 0)
  t:equal(term:raw(), false)
  term:close()
end

test("values are printed in colour, locals persist, _ is the last value", function(t)
  local term = start()
  term:type "1 + 1\r"
  t:match(await(term:expect "\27[0J> "), "\27%[33m2\27%[39m\r\n")
  t:equal(ask(term, "local x, y = 20, 'text'"), "")
  t:equal(ask(term, "x + 2"), "22\n")
  t:equal(ask(term, "_ + 1, y"), "23\t'text'\n")
  t:equal(ask(term, "local function inc() x = x + 1 return x end"), "")
  t:equal(ask(term, "inc()"), "21\n")
  t:equal(ask(term, "x"), "21\n")
  t:match(ask(term, "error 'oops'"), "^Uncaught %[repl%]:1: oops\n")
  t:equal(ask(term, "_error:match 'oops'"), "'oops'\n")
  t:equal(ask(term, "_ = 5"), "")
  t:match(ask(term, "7"), "Expression assignment to _ now disabled.\n7\n")
  t:equal(ask(term, "_"), "5\n")
  t:equal(ask(term, "fs.existsSync '/'"), "true\n")
  t:equal(ask(term, "do print 'printed' end"), "printed\n")
  leave(t, term)
end)

test("an entry of several lines, and Ctrl+C out of it", function(t)
  local term = start()
  term:type "function f()\r"
  await(term:expect "... ")
  term:type "return 5 end\r"
  await(term:expect "> ")
  t:equal(ask(term, "f()"), "5\n")
  term:type "x = (\r"
  await(term:expect "... ")
  term:type "\3"
  await(term:expect "\27[0J> ")
  t:equal(ask(term, "x"), "nil\n")
  leave(t, term)
end)

test("Ctrl+C twice leaves, as Ctrl+D does", function(t)
  local term = start()
  term:type "\3"
  await(term:expect "(To exit, press Ctrl+C again or Ctrl+D or type .exit)")
  await(term:expect "> ")
  term:type "\3"
  t:equal(await(term:exit()), 0)
  t:equal(term:raw(), false)
  term:close()
end)

test("Ctrl+C ends a loop, and an await", function(t)
  local term = start()
  term:type "while true do end\r"
  await(term:expect "\r\n")
  await(require("lunode").sleep(100))
  t:equal(term:raw(), false)
  term:type "\3"
  await(term:expect "Script execution was interrupted by `SIGINT`")
  await(term:expect "> ")
  t:equal(term:raw(), true)
  term:type "await(Promise(function() end))\r"
  await(term:expect "\r\n")
  await(require("lunode").sleep(50))
  term:type "\3"
  await(term:expect "Script execution was interrupted by `SIGINT`")
  await(term:expect "> ")
  t:equal(ask(term, "3 * 3"), "9\n")
  leave(t, term)
end)

test("what is typed while an entry runs comes after it", function(t)
  local term = start()
  term:type "await(require('lunode').sleep(100, 'slept'))\r1 + 1\r"
  await(term:expect "'slept'")
  await(term:expect "1 + 1")
  await(term:expect "2")
  await(term:expect "> ")
  leave(t, term)
end)

test("the tab key completes globals, fields, methods, locals, modules, commands", function(t)
  local term = start()
  local function completes(typed, whole)
    term:type(typed .. "\t")
    await(term:expect(whole))
    term:type "\21"
    await(term:expect "\27[3G")
  end
  completes("collectg", "collectgarbage")
  completes("setInter", "setInterval")
  completes("string.rev", "string.reverse")
  completes("process.stdout.isT", "process.stdout.isTTY")
  completes("process:listenerC", "process:listenerCount")
  completes("print(string.form", "print(string.format")
  completes("require 'readline/pr", "require 'readline/promises")
  completes("require('node:querys", "require('node:querystring")
  completes(".edi", ".editor")
  completes("querystring.unesc", "querystring.unescape")
  t:equal(ask(term, "local long_local_name, text = { inner_field = 1 }, 'x'"), "")
  completes("long_loc", "long_local_name")
  completes("long_local_name.inn", "long_local_name.inner_field")
  completes("text:gma", "text:gmatch")
  term:type "string.g"
  await(term:expect "string.g")
  term:type "\t"
  await(require("lunode").sleep(50)) -- one key a chunk: a tab within pasted text is only text
  term:type "\t"
  t:match(visible(await(term:expect "> string.g")), "string%.gmatch +string%.gsub")
  term:type "\21"
  leave(t, term)
end)

test("the editor takes several lines at once", function(t)
  local term = start()
  term:type ".editor\r"
  await(term:expect "-- Entering editor mode (Ctrl+D to finish, Ctrl+C to cancel)")
  await(term:expect "\27[1G")
  term:type "local a = {\r  1,\r2,\r}\rfunction all() return #a end\r"
  await(term:expect "return #a end")
  term:type "\4"
  await(term:expect "> ")
  t:equal(ask(term, "all()"), "2\n")
  t:equal(ask(term, "#a"), "2\n")
  term:type ".editor\r"
  await(term:expect "cancel)")
  await(term:expect "\27[1G\27[0J")
  term:type "x = 1\r"
  await(term:expect "\r\n")
  term:type "\3"
  await(term:expect "> ")
  t:equal(ask(term, "x"), "nil\n")
  leave(t, term)
end)

test("the history is kept in a file, newest first", function(t)
  local path = command.dir() .. "/history"
  local term = start { history = path, env = "LUNODE_REPL_HISTORY_SIZE=3" }
  for i = 1, 4 do t:equal(ask(term, i .. " * 2"), i * 2 .. "\n") end
  leave(t, term)
  local function content()
    local file = assert(io.open(path))
    local text = file:read "*a"
    file:close()
    return text
  end
  t:equal(content(), "4 * 2\n3 * 2\n2 * 2")
  local stat = require("fs").statSync(path)
  t:equal(bit.band(stat.mode, 511), 384)
  term = start { history = path }
  term:type "\27[A\27[A\r"
  await(term:expect "3 * 2")
  await(term:expect "6")
  await(term:expect "> ")
  t:equal(ask(term, "'new'"), "'new'\n")
  leave(t, term)
  t:equal(content(), "'new'\n3 * 2\n4 * 2\n3 * 2\n2 * 2")
end)

test("a history that cannot be opened is told, and no harm", function(t)
  local term = terminal.open { env = "LUNODE_REPL_HISTORY=/proc/none/history" }
  term:run ""
  await(term:expect "Error: Could not open history file.")
  await(term:expect "\27[3G")
  t:equal(ask(term, "1"), "1\n")
  leave(t, term)
end)

test("errors of callbacks are shown and survived, the line stays", function(t)
  local term = start()
  t:match(ask(term, "do setTimeout(function() error 'late' end, 50) end"), "^$")
  term:type "1 +"
  await(term:expect "Uncaught [repl]:1: late")
  await(term:expect "> 1 +")
  t:equal(ask(term, " 1"), "2\n")
  t:match(ask(term, "Promise.reject(Error 'unheard')"), "Promise")
  await(term:expect "Uncaught Error: unheard")
  await(term:expect "\27[3G")
  t:equal(ask(term, "'alive'"), "'alive'\n")
  leave(t, term)
end)

test("a wide terminal's lines wrap, and a new size is taken", function(t)
  local term = start { columns = 20 }
  term:type "'aaaaaaaaaaaaaaaaaaaaaaaa'"
  await(term:expect "'")
  await(term:expect "a'")
  term:resize(40, 24)
  await(term:expect "\27[0J> 'aaaaaaaaaaaaaaaaaaaaaaaa'\27[29G")
  term:type "\r"
  await(term:expect "'aaaaaaaaaaaaaaaaaaaaaaaa'\27[39m")
  await(term:expect "> ")
  leave(t, term)
end)

test("Ctrl+Z stops the program as any other, and it goes on", function(t)
  local term = terminal.open { env = "LUNODE_REPL_HISTORY=" }
  term:shell("set -m\n" .. command.quote(process.execPath) .. "\necho stopped; stty -a | grep -o -- '-*icanon'; fg")
  await(term:expect "\27[3G")
  term:type "local kept = 41\r"
  await(term:expect "\27[3G")
  term:type "\26"
  await(term:expect "stopped")
  t:equal(await(term:expect "icanon"):match "%-?icanon", "icanon") -- while it is stopped the shell has its terminal
  await(term:expect "\27[3G") -- by the listener of SIGCONT, then once more when the terminal is raw
  await(term:expect "\27[3G")
  t:equal(ask(term, "kept + 1"), "42\n")
  leave(t, term)
end)

test("Ctrl+R searches the history", function(t)
  local term = start()
  ask(term, "'apple pie'")
  ask(term, "'banana'")
  ask(term, "'apple tart'")
  term:type "12"
  await(term:expect "12")
  term:type "\18"
  await(term:expect "bck-i-search: _")
  term:type "app"
  await(term:expect "'apple tart'")
  await(term:expect "bck-i-search: app_")
  term:type "\18"
  await(term:expect "'apple pie'")
  await(term:expect "bck-i-search: app_")
  term:type "\18"
  await(term:expect "failed-bck-i-search: app_")
  term:type "\19"
  await(term:expect "'apple tart'")
  await(term:expect "fwd-i-search: app_")
  term:type "\127"
  await(term:expect "fwd-i-search: ap_")
  term:type "\3"
  await(term:expect "\27[0J> 12\27[5G") -- the line from before
  term:type "\21\18"
  await(term:expect "bck-i-search: _")
  term:type "ban"
  await(term:expect "bck-i-search: ban_")
  term:type "\r"
  await(term:expect "\27[32m'banana'")
  await(term:expect "\27[3G")
  leave(t, term)
end)
