-- SPDX-License-Identifier: MIT
local test = require "../support/test"

local pid = io.open("/proc/self/stat"):read "*n"
local exe = io.popen("readlink /proc/" .. pid .. "/exe"):read "*l"

-- Runs a program in a shell command, where %s is the program; what it printed, standard error included.
local function run(program, command)
  local file = os.tmpname()
  local f = io.open(file, "w")
  f:write("local stdio = require 'lunode.internal.stdio'\nlocal stdin, stdout, stderr = stdio.stdin, stdio.stdout, stdio.stderr\n", program)
  f:close()
  local p = io.popen("sh -c '" .. command:format(exe .. " " .. file) .. "' 2>&1")
  local out = p:read "*a"
  p:close()
  os.remove(file)
  return out
end

test("output to a pipe and to a file is there before exit", function(t)
  local program = "stdout():write(('x'):rep(1000000)) stderr():write('E') require('lunode.core').loop.exit(0)"
  t:equal(run(program, "%s 2>/dev/null | wc -c"):match "%d+", "1000000")
  local file = os.tmpname()
  run(program, "%s > " .. file .. " 2>&1")
  local f = io.open(file)
  local text = f:read "*a"
  f:close()
  os.remove(file)
  t:equal(#text, 1000001)
  t:equal(text:sub(-1), "E")
end)

test("output waits for a slow reader, and leaves the descriptor blocking as it was", function(t)
  local out = run("stdout():write(('x'):rep(500000)) stdout():write('end')", "%s | (sleep 0.2; cat) | tail -c 3")
  t:equal(out, "end")
end)

test("text in an encoding, and Buffers, are written as bytes", function(t)
  local out = run("local B = require('lunode.buffer').Buffer stdout():write('616263', 'hex') stdout():write(B.from('def')) stdout():write('\\195\\169', 'latin1')", "%s | od -An -tx1")
  t:match(out, "61 62 63 64 65 66 e9")
end)

test("output streams survive finish and destroy", function(t)
  local out = run([[
    local o = stdout()
    o:on("finish", function() stderr():write "finish " end)
    o:on("close", function() stderr():write "close " end)
    o:finish "bye "
    setTimeout(function() o:write "again " o:destroy() end, 5)
    setTimeout(function() o:write "still" end, 10)
  ]], "%s")
  t:match(out, "bye")
  t:match(out, "finish close")
  t:match(out, "again")
  t:match(out, "still")
end)

test("a reader that went away is an EPIPE error, which can be handled", function(t)
  local out = run([[
    local o = stdout()
    o:on("error", function(e) stderr():write(e.code .. " " .. e.syscall .. "\n") end)
    setTimeout(function() o:write("x", function(e) stderr():write("cb " .. e.code .. "\n") end) end, 200)
  ]], "(%s 2>/tmp/lunode-epipe-" .. pid .. ") | true; sleep 0.4; cat /tmp/lunode-epipe-" .. pid .. "; rm -f /tmp/lunode-epipe-" .. pid)
  t:match(out, "cb EPIPE")
  t:match(out, "EPIPE write")
end)

local READ = [[
  local i = stdin()
  local got = {}
  i:on("data", function(d) got[#got + 1] = tostring(d) end)
  i:on("end", function() stdout():write(i.constructor.name .. " " .. table.concat(got)) end)
]]

test("input from a pipe and from a file", function(t)
  t:equal(run(READ, "(printf one; sleep 0.1; printf two) | %s"), "Socket onetwo")
  local ok, has = pcall(require, "fs")
  if ok and has then
    local file = os.tmpname()
    local f = io.open(file, "w")
    f:write "from a file"
    f:close()
    t:equal(run(READ, "%s < " .. file), "ReadStream from a file")
    t:equal(run(READ, "%s < /dev/null"), "ReadStream ")
    os.remove(file)
  end
end)

test("input nobody reads, and paused input, do not hold the program", function(t)
  t:equal(run("stdin() stdout():write 'done'", "sleep 0.3 | %s"), "done")
  t:equal(run([[
    local i = stdin()
    i:on("data", function() end)
    setTimeout(function() i:pause() stdout():write "paused" end, 20)
  ]], "(printf x; sleep 0.5) | %s; true"), "paused")
end)

test("the streams know their descriptors and kinds", function(t)
  local out = run([[
    stdout():write(stdin().fd .. stdout().fd .. stderr().fd .. " " .. stdout()._type .. " " .. tostring(stdout().isTTY) .. " "
      .. tostring(stdout() == stdout()) .. " " .. tostring(stdout().writable))
  ]], "true | %s | cat")
  t:equal(out, "012 pipe nil true true")
end)

test("a terminal: tty streams", function(t)
  local has = io.popen "command -v script":read "*l"
  if not has then return end
  local file = os.tmpname()
  local f = io.open(file, "w")
  f:write [[
    local stdio = require "lunode.internal.stdio"
    local o, i = stdio.stdout(), stdio.stdin()
    o:write(tostring(o.isTTY) .. " " .. tostring(i.isTTY) .. " " .. o.constructor.name .. " " .. i.constructor.name .. "\n")
    o:finish()
    setTimeout(function() o:write "alive\n" end, 5)
  ]]
  f:close()
  local p = io.popen("script -qec '" .. exe .. " " .. file .. "' /dev/null < /dev/null 2>&1")
  local out = p:read "*a"
  p:close()
  os.remove(file)
  t:match(out, "true true WriteStream ReadStream")
  t:match(out, "alive")
end)
