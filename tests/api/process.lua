-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local command = require "../support/command"
local lua = command.lua
local fs = require "fs"

test("facts", function(t)
  t:equal(type(process.pid), "number")
  t:equal(tonumber(io.open("/proc/self/stat"):read "*a":match "^%d+"), process.pid)
  t:ok(process.ppid > 0 and process.ppid ~= process.pid)
  t:equal(process.platform, "linux")
  t:equal(process.arch, jit.arch)
  t:match(process.version, "^v20%.%d+%.%d+$")
  t:equal("v" .. process.versions.node, process.version)
  for _, n in ipairs { "lunode", "luajit", "uv", "llhttp" } do t:match(process.versions[n], "^%d+%.%d+") end
  t:equal(process.release.name, "node")
  t:equal(process.execPath:sub(1, 1), "/")
  t:equal(process.argv[1], process.execPath)
  t:equal(process.features.uv, true)
  t:equal(require "lunode.process", process)
  t:match(tostring(process.config), "table")
end)

test("cwd and chdir", function(t)
  local before, dir = process.cwd(), fs.realpathSync(command.dir())
  process.chdir(dir)
  t:equal(process.cwd(), dir)
  process.chdir(before)
  local e = t:throws(function() process.chdir(dir .. "/no") end, "ENOENT")
  t:equal(e.syscall, "chdir")
  t:equal(e.message, "ENOENT: no such file or directory, chdir '" .. before .. "' -> '" .. dir .. "/no'")
  t:throws(function() process.chdir(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() process.chdir() end, "ERR_INVALID_ARG_TYPE")
end)

test("cwd of a folder that was removed raises", function(t)
  local dir = command.dir()
  local r = lua("os.execute 'rmdir $PWD' local ok, e = pcall(process.cwd) print(e.code, e.syscall)", "", { cwd = dir })
  t:equal(r.out, "ENOENT\tuv_cwd\n")
end)

test("umask", function(t)
  local before = process.umask()
  t:equal(process.umask(18), before)
  t:equal(process.umask "077", 18)
  t:equal(process.umask(before), 63)
  t:throws(function() process.umask "9" end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() process.umask(-1) end, "ERR_OUT_OF_RANGE")
  t:throws(function() process.umask {} end, "ERR_INVALID_ARG_TYPE")
end)

test("env is a plain table, reaches child processes, os.getenv and the time zone", function(t)
  local r = lua([[
    print(process.env.GIVEN, process.env.NOT_GIVEN)
    local seen = false
    for k, v in pairs(process.env) do if k == "GIVEN" then seen = v end end
    print(seen)
    process.env.MADE, process.env.GIVEN, process.env.NUMBER = "made", nil, 7
    print(os.getenv "MADE", os.getenv "GIVEN", os.getenv "NUMBER")
    print(io.popen("echo $MADE-$GIVEN-$NUMBER"):read "*l")
    process.env.TZ = "UTC" local a = os.date("%H", 0)
    process.env.TZ = "JST-9" local b = os.date("%H", 0)
    print(a, b)]], "", { env = "GIVEN=given" })
  t:equal(r.out, "given\tnil\ngiven\nmade\tnil\t7\nmade--7\n00\t09\n", r.err)
end)

test("uptime, hrtime, memoryUsage, cpuUsage, resourceUsage", function(t)
  local up = process.uptime()
  t:ok(up > 0 and up < 600)
  local a = process.hrtime()
  t:equal(#a, 2)
  local d = process.hrtime(a)
  t:ok(d[1] >= 0 and d[2] >= 0 and d[2] < 1e9)
  t:equal(type(process.hrtime.bigint()), "cdata")
  t:ok(process.hrtime.bigint() >= a[1] * 1000000000ULL)
  t:throws(function() process.hrtime(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() process.hrtime { 1 } end, "ERR_OUT_OF_RANGE")
  local m = process.memoryUsage()
  for _, n in ipairs { "rss", "heapTotal", "heapUsed", "external", "arrayBuffers" } do t:equal(type(m[n]), "number", n) end
  t:ok(process.memoryUsage.rss() > 1e6)
  local before = process.memoryUsage().external
  local big = Buffer.alloc(1e6)
  t:ok(process.memoryUsage().external >= before + #big)
  local c = process.cpuUsage()
  t:ok(c.user + c.system > 0)
  t:ok(process.cpuUsage(c).user >= 0)
  t:throws(function() process.cpuUsage { user = "x", system = 1 } end, "ERR_INVALID_ARG_TYPE")
  local e = t:throws(function() process.cpuUsage { user = -1, system = 1 } end, "ERR_INVALID_ARG_VALUE")
  t:equal(e.name, "RangeError")
  local u = process.resourceUsage()
  for _, n in ipairs { "userCPUTime", "systemCPUTime", "maxRSS", "minorPageFault", "voluntaryContextSwitches" } do t:equal(type(u[n]), "number", n) end
  t:ok(process.availableMemory() > 0)
  t:equal(type(process.constrainedMemory()), "number")
end)

test("getActiveResourcesInfo names what keeps the loop alive", function(t)
  local timer = setTimeout(function() end, 1000)
  local list = table.concat(process.getActiveResourcesInfo(), ",")
  clearTimeout(timer)
  t:match(list, "Timeout")
end)

test("title", function(t)
  local r = lua "print(#process.title > 0) process.title = 'ttl' print(process.title) print(pcall(function() process.title = 5 end))"
  t:match(r.out, "^true\nttl\nfalse\t.*ERR_INVALID_ARG_TYPE")
end)

test("identities", function(t)
  local id = io.popen("id -u; id -g"):read "*a"
  local uid, gid = id:match "(%d+)\n(%d+)"
  t:equal(process.getuid(), tonumber(uid))
  t:equal(process.geteuid(), tonumber(uid))
  t:equal(process.getgid(), tonumber(gid))
  t:equal(process.getegid(), tonumber(gid))
  t:equal(type(process.getgroups()), "table")
  local e = t:throws(function() process.setuid "no-such-user-x" end, "ERR_UNKNOWN_CREDENTIAL")
  t:equal(e.message, "User identifier does not exist: no-such-user-x")
  t:throws(function() process.setgid {} end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() process.setgid(-1) end, "ERR_OUT_OF_RANGE")
  t:throws(function() process.setgroups "x" end, "ERR_INVALID_ARG_TYPE")
  process.setuid(process.getuid())
end)

test("the wrong sign says which is right", function(t)
  for _, name in ipairs { "exit", "cwd", "chdir", "nextTick", "hrtime", "uptime", "memoryUsage", "kill", "emitWarning" } do
    local e = t:throws(function() process[name](process) end)
    t:equal(e.message, "process:" .. name .. "(...) must be called as process." .. name .. "(...)")
  end
  for _, name in ipairs { "on", "once", "emit", "off", "listenerCount", "removeAllListeners" } do
    local e = t:throws(function() process[name]("x", function() end) end)
    t:equal(e.message, "process." .. name .. "(...) must be called as process:" .. name .. "(...)")
  end
end)

test("nextTick keeps order and arguments", function(t)
  local seen = {}
  process.nextTick(t:called(function(...) seen[1] = select("#", ...) end), nil, 2, nil)
  process.nextTick(t:called(function(a, b, c, d, e) t:deep({ seen[1], a, e }, { 3, 1, 5 }) end), 1, 2, 3, 4, 5)
  t:throws(function() process.nextTick(5) end, "ERR_INVALID_ARG_TYPE")
end)

test("kill", function(t)
  t:equal(process.kill(process.pid, 0), true)
  local e = t:throws(function() process.kill(2 ^ 22 + 12345, 0) end, "ESRCH")
  t:equal(e.message, "kill ESRCH")
  t:equal(e.syscall, "kill")
  t:throws(function() process.kill(process.pid, "SIGNOPE") end, { code = "ERR_UNKNOWN_SIGNAL", message = "Unknown signal: SIGNOPE" })
  t:throws(function() process.kill(process.pid, 990) end, "EINVAL")
  t:throws(function() process.kill "x" end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() process.kill(1.5) end, "ERR_INVALID_ARG_TYPE")
end)

test("getBuiltinModule, loadEnvFile, dlopen", function(t)
  t:equal(process.getBuiltinModule "node:events", require "events")
  t:equal(process.getBuiltinModule "nothing", nil)
  t:throws(function() process.dlopen() end, "ERR_METHOD_NOT_IMPLEMENTED")
  local path = command.script("LOADED_ENV='a b'\nHOME=other\n", ".env")
  local home = process.env.HOME
  process.loadEnvFile(path)
  t:equal(process.env.LOADED_ENV, "a b")
  t:equal(process.env.HOME, home)
  process.env.LOADED_ENV = nil
end)

test("standard descriptors that are closed at the start do no harm", function(t)
  local shell = command.script(process.execPath .. " -e \"print(process.stdin.fd) console.log(1) process.stdout:write('2') io.stderr:write 'done'\" <&- >&-")
  local r = command.run(shell, { command = "sh" })
  t:equal(r.err, "done")
  t:equal(r.code, 0)
end)

test("stdin, stdout and stderr are streams made once", function(t)
  t:equal(process.stdout, process.stdout)
  t:equal(process.stdout.fd, 1)
  t:equal(process.stderr.fd, 2)
  t:equal(process.stdin.fd, 0)
  local r = lua("process.stdin:on('data', function(d) process.stdout:write('<' .. d .. '>') end):on('end', function() process.stderr:write 'end' end)", "", { input = "abc" })
  t:equal(r.out .. r.err, "<abc>end")
end)

test("the group of the process is among its groups; initgroups wants both arguments", function(t)
  local found = false
  for _, group in ipairs(process.getgroups()) do found = found or group == process.getegid() end
  t:ok(found)
  t:throws(function() process.initgroups "root" end, "ERR_INVALID_ARG_TYPE")
end)

test("text of -e that is no Lua is JavaScript; flags of Node's are passed over", function(t)
  local function eval(flag, code)
    return require("child_process").execFileSync(process.execPath, { flag, "-e", code }, { encoding = "utf8" })
  end
  t:equal(eval("--max-old-space-size=100", "const list = [1, 2]; console.log(list.length)"), "2\n")
  t:equal(eval("--expose-internals", "print(#{ 1, 2 })"), "2\n")
end)

test("uncaughtExceptionMonitor is told before the capture callback", function(t)
  local r = lua("process.setUncaughtExceptionCaptureCallback(function() io.write 'captured' end) "
    .. "process:on('uncaughtExceptionMonitor', function() io.write 'monitor ' end) setTimeout(function() error 'x' end, 1)", "")
  t:equal(r.out, "monitor captured")
end)
