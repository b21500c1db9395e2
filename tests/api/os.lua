-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local os2 = require "os"
local function sh(text) return (io.popen(text):read "*a":gsub("\n$", "")) end

test("names agree with uname and hostname", function(t)
  t:equal(os2.type(), sh "uname -s")
  t:equal(os2.release(), sh "uname -r")
  t:equal(os2.version(), sh "uname -v")
  t:equal(os2.machine(), sh "uname -m")
  t:equal(os2.hostname(), sh "uname -n")
  t:equal(os2.platform(), process.platform)
  t:equal(os2.arch(), process.arch)
  t:equal(os2.endianness(), require("ffi").abi "le" and "LE" or "BE")
  t:equal(os2.EOL, "\n")
  t:equal(os2.devNull, "/dev/null")
end)

test("processors, memory, load, uptime", function(t)
  local cpus = os2.cpus()
  t:equal(#cpus, tonumber(sh "grep -c ^processor /proc/cpuinfo"))
  for _, n in ipairs { "user", "nice", "sys", "idle", "irq" } do t:equal(type(cpus[1].times[n]), "number", n) end
  t:equal(type(cpus[1].model), "string")
  t:ok(os2.availableParallelism() >= 1)
  t:ok(os2.freemem() > 0 and os2.freemem() <= os2.totalmem())
  t:equal(#os2.loadavg(), 3)
  t:ok(math.abs(os2.uptime() - tonumber(sh "cut -d' ' -f1 /proc/uptime")) < 5)
end)

test("networkInterfaces has the loopback with its mask and cidr", function(t)
  local found
  for _, list in pairs(os2.networkInterfaces()) do
    for _, a in ipairs(list) do if a.address == "127.0.0.1" then found = a end end
  end
  t:equal(found.cidr, "127.0.0.1/8")
  t:equal(found.netmask, "255.0.0.0")
  t:equal(found.family, "IPv4")
  t:equal(found.internal, true)
  t:match(found.mac, "^%x%x:%x%x:%x%x:%x%x:%x%x:%x%x$")
end)

test("homedir and tmpdir follow the environment", function(t)
  local env = process.env
  local home, tmp = env.HOME, env.TMPDIR
  env.HOME, env.TMPDIR = "/some/home", "/some/tmp/"
  t:equal(os2.homedir(), "/some/home")
  t:equal(os2.tmpdir(), "/some/tmp")
  local other = env.TMP
  env.TMPDIR, env.TMP = "", "/other"
  t:equal(os2.tmpdir(), "/other")
  env.TMP = other
  env.HOME, env.TMPDIR = nil, nil
  t:equal(os2.homedir(), os2.userInfo().homedir)
  env.HOME, env.TMPDIR = home, tmp
end)

test("userInfo", function(t)
  local u = os2.userInfo()
  t:equal(u.username, sh "id -un")
  t:equal(u.uid, process.getuid())
  t:equal(u.gid, process.getgid())
  t:ok(Buffer.isBuffer(os2.userInfo({ encoding = "buffer" }).username))
  t:equal(os2.userInfo({ encoding = "hex" }).username, Buffer.from(u.username):toString "hex")
  t:equal(os2.userInfo({ encoding = "utf-8" }).homedir, u.homedir)
  t:equal(os2.userInfo(5).uid, u.uid)
end)

test("priority", function(t)
  t:equal(type(os2.getPriority()), "number")
  local before = os2.getPriority()
  os2.setPriority(before)
  os2.setPriority(0, before)
  t:equal(os2.getPriority(process.pid), before)
  t:throws(function() os2.setPriority(0, 20) end, "ERR_OUT_OF_RANGE")
  t:throws(function() os2.setPriority "x" end, "ERR_INVALID_ARG_TYPE")
  local e = t:throws(function() os2.getPriority(2 ^ 22 + 99) end, "ERR_SYSTEM_ERROR")
  t:equal(e.info.code, "ESRCH")
  t:equal(tostring(e), "SystemError [ERR_SYSTEM_ERROR]: " .. e.message)
  t:equal(e.message, "A system error occurred: uv_os_getpriority returned ESRCH (no such process)")
end)

test("constants", function(t)
  t:equal(os2.constants.signals.SIGTERM, 15)
  t:equal(os2.constants.errno.ENOENT, 2)
  t:equal(os2.constants.priority.PRIORITY_HIGHEST, -20)
  t:equal(os2.constants.dlopen.RTLD_LAZY, 1)
end)

test("Lua's own os functions are found as well", function(t)
  t:equal(os2.time, os.time)
  t:equal(os2.nothing, nil)
end)
