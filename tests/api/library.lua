-- SPDX-License-Identifier: MIT
-- lunode as a library of plain luajit.
local test = require "../support/test"
local command = require "../support/command"

local build = process.execPath:match "^(.*)/[^/]*$"
local luajit = os.getenv "LUAJIT" or "luajit"
local function run(text, arguments)
  return command.run(command.quote(command.script(text)) .. " " .. (arguments or ""), {
    command = luajit,
    env = ("LUA_PATH='%s/share/?.lua;%s/share/?/init.lua;;' LUA_CPATH='%s/lib/?.so;;'"):format(build, build, build),
  })
end
local probe = io.open(build .. "/lib/lunode/core.so")
local skip = not probe and "the loadable module is not built" or os.getenv "LUNODE_ASAN" and "plain luajit has no sanitizer" or nil
if probe then probe:close() end

test("run() runs the loop until nothing is left", { skip = skip }, function(t)
  local r = run [[
    local lunode = require "lunode"
    lunode.setTimeout(function() print "timer" end, 5)
    lunode.process.nextTick(function() print "tick" end)
    print "before"
    lunode.run()
    print "after"
    lunode.setImmediate(function() print "again" end)
    lunode.run()]]
  t:equal(r.out .. r.err, "before\ntick\ntimer\nafter\nagain\n")
end)

test("run(fn) runs fn where await works", { skip = skip }, function(t)
  local r = run "local lunode = require 'lunode' lunode.run(function(a) print(a, lunode.await(lunode.sleep(2, 'slept'))) end, 'arg')"
  t:equal(r.out .. r.err, "arg\tslept\n")
end)

test("no global is touched", { skip = skip }, function(t)
  local r = run [[
    local before, req = {}, require
    for k in pairs(_G) do before[k] = true end
    local lunode = require "lunode"
    local _ = lunode.http, lunode.process, lunode.util, lunode.Buffer, lunode.URL, lunode.console, lunode.fs, lunode.net
    for k in pairs(_G) do if not before[k] then print("new", k) end end
    print(getmetatable(_G), require == req, setTimeout, lunode.nothing)]]
  t:equal(r.out .. r.err, "nil\ttrue\tnil\tnil\n")
end)

test("modules, globals and helpers are fields", { skip = skip }, function(t)
  local r = run [[
    local l = require "lunode"
    for _, n in ipairs { "http", "net", "fs", "path", "events", "stream", "util", "url", "os", "timers", "process", "console", "buffer", "json", "querystring",
      "Buffer", "setTimeout", "Promise", "Error", "TypeError", "URL", "AbortController", "async", "await", "sleep", "null", "class", "version", "queueMicrotask" } do
      if l[n] == nil then print("missing", n) end
    end
    print(l.process == require "lunode.process", l.http == require "lunode.http", l.null ~= nil, l.version)]]
  t:match(r.out .. r.err, "^true\ttrue\ttrue\t%d+%.%d+%.%d+\n$")
end)

test("an uncaught error in a callback ends the process as in the command", { skip = skip }, function(t)
  local r = run "local l = require 'lunode' l.setTimeout(function() error(l.Error 'boom') end, 1) l.run() print 'not reached'"
  t:equal(r.code, 1)
  t:equal(r.out, "")
  t:match(r.err, "Error: boom\n")
  t:match(r.err, "Lunode v")
  r = run "local l = require 'lunode' l.Promise.reject(l.Error 'lost') l.run()"
  t:equal(r.code, 1)
  r = run "local l = require 'lunode' l.process:on('uncaughtException', function(e) print(e.message) end) l.setTimeout(function() error(l.Error 'boom') end, 1) l.run() print 'on'"
  t:equal(r.out, "boom\non\n")
end)

test("process.exit, beforeExit, argv", { skip = skip }, function(t)
  local r = run("local l = require 'lunode' l.process:once('beforeExit', function() print 'beforeExit' l.setTimeout(function() l.process.exit(4) end, 1) end) l.process:on('exit', function(c) print('exit', c) end) print(l.process.argv[3]) l.run()", "x")
  t:equal(r.out, "x\nbeforeExit\nexit\t4\n")
  t:equal(r.code, 4)
end)

test("run() refuses to run inside a callback, and inside the command", { skip = skip }, function(t)
  local r = run "local l = require 'lunode' l.setTimeout(function() print(pcall(l.run)) end, 1) l.run()"
  t:match(r.out, "^false\t.*inside a callback")
  t:match(t:throws(function() require("lunode").run() end), "the lunode command runs the loop itself")
end)
