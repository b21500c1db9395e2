-- SPDX-License-Identifier: MIT
--
-- child_process: spawn, ChildProcess, its events, streams and signals.
local test = require "../support/test"
local command = require "../support/command"
local child_process = require "child_process"
local fs = require "fs"
local net = require "net"
local symbols = require "lunode.internal.symbols"
local spawn, ChildProcess = child_process.spawn, child_process.ChildProcess

local function sh(text, options) return spawn("sh", { "-c", text }, options) end

-- Resolves with {code, signal} upon 'close'.
local function closed(child)
  return Promise(function(resolve)
    child:once("close", function(code, signal) resolve { code, signal } end)
  end)
end
-- All that a stream gives.
local function text_of(stream)
  return Promise(function(resolve, reject)
    local list = {}
    stream:on("data", function(chunk) list[#list + 1] = tostring(chunk) end)
    stream:on("error", reject)
    stream:on("close", function() resolve(table.concat(list)) end)
  end)
end
local function output(child)
  local text = text_of(child.stdout)
  local finish = closed(child)
  return await(text), await(finish)
end
local function log_of(child, names)
  local log = {}
  for _, name in ipairs(names) do
    child:on(name, function(a, b) log[#log + 1] = name .. (a ~= nil and " " .. tostring(type(a) == "table" and a.code or a) or "") .. (b ~= nil and " " .. tostring(b) or "") end)
  end
  return log
end
local function wait(ms) return Promise(function(resolve) setTimeout(resolve, ms) end) end

-- ---- a child's life

test("events come in the order spawn, exit, close", function(t)
  local child = sh "exit 3"
  local log = log_of(child, { "spawn", "exit", "close", "error" })
  await(closed(child))
  t:equal(table.concat(log, ", "), "spawn, exit 3, close 3")
end)

test("the fields say what was started and how it ended", function(t)
  local child = spawn("sh", { "-c", "exit 7", "x" })
  t:ok(ChildProcess:is(child))
  t:equal(child.spawnfile, "sh")
  t:deep(child.spawnargs, { "sh", "-c", "exit 7", "x" })
  t:equal(type(child.pid), "number")
  t:equal(child.exitCode, nil)
  t:equal(child.signalCode, nil)
  t:equal(child.killed, false)
  t:equal(child.connected, false)
  t:equal(child.send, nil, "no channel")
  child:on("exit", t:called(function() t:equal(child.exitCode, 7) end))
  await(closed(child))
  t:equal(child.signalCode, nil)
end)

test("a signal that ends it is told by name", function(t)
  local child = sh "kill -9 $$"
  local log = log_of(child, { "exit", "close" })
  t:deep(await(closed(child)), { nil, "SIGKILL" })
  t:deep(log, { "exit SIGKILL", "close SIGKILL" })
  t:equal(child.signalCode, "SIGKILL")
  t:equal(child.exitCode, nil)
end)

test("what a child writes right before its end is not lost", function(t)
  for _ = 1, 20 do
    local text = output(sh "printf %065536d 7; exit 0")
    t:equal(#text, 65536)
  end
end)

test("exit comes before close while a grandchild holds the pipe", function(t)
  local child = sh "(sleep 0.2; echo late) & exit 0"
  local log = log_of(child, { "exit", "close" })
  child.stdout:on("data", function(chunk) log[#log + 1] = tostring(chunk) end)
  await(closed(child))
  t:deep(log, { "exit 0", "late\n", "close 0" })
end)

test("pipes that nobody reads do not keep a child from closing", function(t)
  local child = sh "printf %0100000d 1"
  t:deep(await(closed(child)), { 0 })
end)

test("who reads with 'readable' gets everything, also after the exit", function(t)
  local child = sh "printf %060000d 1"
  local n, open = 0, false
  local function take()
    if not open then return end
    local chunk = child.stdout:read()
    while chunk do
      n = n + #chunk
      chunk = child.stdout:read()
    end
  end
  child.stdout:on("readable", take)
  child:on("exit", function()
    setTimeout(function()
      t:equal(n, 0)
      open = true
      take()
    end, 50)
  end)
  await(closed(child))
  t:equal(n, 60000)
end)

test("a child that floods: 64 MiB through a pipe, nothing lost", { timeout = 30000 }, function(t)
  local child = spawn("head", { "-c", "67108864", "/dev/zero" })
  local n = 0
  child.stdout:on("data", function(chunk) n = n + #chunk end)
  t:deep(await(closed(child)), { 0 })
  t:equal(n, 67108864)
end)

test("input arrives whole, with back-pressure, and comes back", { timeout = 30000 }, function(t)
  local child = spawn "cat"
  local chunk, n, waits = ("0123456789abcdef"):rep(4096), 0, 0
  child.stdout:on("data", function(data) n = n + #data end)
  local left = 128
  local function write()
    while left > 0 do
      left = left - 1
      if not child.stdin:write(chunk) then
        waits = waits + 1
        return child.stdin:once("drain", write)
      end
    end
    child.stdin:finish()
  end
  write()
  t:deep(await(closed(child)), { 0 })
  t:equal(n, 128 * 65536)
  t:ok(waits > 0)
end)

test("the ends of the pipes: stdin is written, stdout and stderr are read", function(t)
  local child = sh "cat; echo err >&2"
  t:ok(net.Socket:is(child.stdin) and net.Socket:is(child.stdout) and net.Socket:is(child.stderr))
  t:equal(child.stdin.writable, true)
  t:equal(child.stdin.readable, false)
  t:equal(child.stdout.readable, true)
  t:equal(child.stdio[1], child.stdin)
  t:equal(child.stdio[2], child.stdout)
  t:equal(child.stdio[3], child.stderr)
  local err = text_of(child.stderr)
  child.stdin:finish "in"
  t:equal(output(child), "in")
  t:equal(await(err), "err\n")
end)

test("a child that closes its end: the writer meets EPIPE", function(t)
  local child = sh "exec <&-; echo closed; sleep 0.3"
  child.stdout:once("data", function()
    child.stdin:write(("x"):rep(100000))
  end)
  child.stdin:on("error", t:called(function(e)
    t:equal(e.code, "EPIPE")
    t:equal(e.syscall, "write")
  end))
  t:deep(await(closed(child)), { 0 })
end)

test("ended stdin is closed for the child", function(t)
  local child = sh "cat >/dev/null; echo over"
  child.stdin:finish()
  t:equal(output(child), "over\n")
end)

test("stdin is destroyed when the child has ended", function(t)
  local child = spawn "true"
  child:on("exit", t:called(function() t:equal(child.stdin.destroyed, true) end))
  await(closed(child))
end)

-- ---- what cannot be run

test("a file that is not there: error with ENOENT, no exit, then close", function(t)
  local child = spawn("/nonexistent/x", { "a", "b" })
  local log = log_of(child, { "spawn", "exit", "close", "error" })
  t:equal(child.pid, nil)
  child:on("error", t:called(function(e)
    t:equal(e.message, "spawn /nonexistent/x ENOENT")
    t:equal(e.code, "ENOENT")
    t:equal(e.errno, -2)
    t:equal(e.syscall, "spawn /nonexistent/x")
    t:equal(e.path, "/nonexistent/x")
    t:deep(e.spawnargs, { "a", "b" })
  end))
  t:deep(await(closed(child)), { -2 })
  t:deep(log, { "error ENOENT", "close -2" })
  t:equal(child:kill(), false)
end)

test("the streams of a child that never ran end as usual", function(t)
  local child = spawn "no-such-program-anywhere"
  t:equal(child.stdin.writable, true)
  child:on("error", t:called())
  child.stdout:on("end", t:called())
  child.stdout:resume()
  child.stdout:on("error", t:never())
  child.stdin:on("close", t:called())
  await(closed(child))
end)

test("a file without the right to run it: EACCES; a directory too", function(t)
  for _, file in ipairs { command.write(command.dir() .. "/plain", "text"), "/tmp" } do
    local child = spawn(file)
    local log = log_of(child, { "close", "error" })
    await(closed(child))
    t:deep(log, { "error EACCES", "close -13" })
  end
end)

test("what is not on PATH is not found, and PATH is the child's", function(t)
  local dir = command.dir()
  command.write(dir .. "/prog", "#!/bin/sh\necho found $0\n")
  os.execute("chmod +x " .. dir .. "/prog")
  local child = spawn "prog"
  child:on("error", t:called(function(e) t:equal(e.code, "ENOENT") end))
  await(closed(child))
  t:equal(output(spawn("prog", { env = { PATH = "/bin:" .. dir .. ":/usr/bin" } })), "found " .. dir .. "/prog\n")
  t:equal(output(spawn("prog", { cwd = dir, env = { PATH = "/nonexistent:." } })), "found ./prog\n")
  t:equal(output(spawn("prog", { cwd = dir, env = { PATH = "/nonexistent::/usr/bin" } })), "found prog\n")
  child = spawn("prog", { env = { PATH = dir .. "/none:/" } })
  child:on("error", t:called(function(e) t:equal(e.code, "ENOENT") end))
  await(closed(child))
end)

test("on PATH a file that may not be run is passed over, and told when there is no other", function(t)
  local one, two = command.dir(), command.dir()
  command.write(one .. "/prog", "no")
  command.write(two .. "/prog", "#!/bin/sh\necho second\n")
  os.execute("chmod +x " .. two .. "/prog")
  t:equal(output(spawn("prog", { env = { PATH = one .. ":" .. two .. ":/bin" } })), "second\n")
  local child = spawn("prog", { env = { PATH = one .. ":/bin" } })
  child:on("error", t:called(function(e) t:equal(e.code, "EACCES") end))
  await(closed(child))
end)

test("a script without #! is run by the shell", function(t)
  local path = command.write(command.dir() .. "/script", "echo shell $1 $0\n")
  os.execute("chmod +x " .. path)
  t:equal(output(spawn(path, { "one" })), "shell one " .. path .. "\n")
end)

test("a relative file is looked for in cwd", function(t)
  local dir = command.dir()
  command.write(dir .. "/prog", "#!/bin/sh\npwd\n")
  os.execute("chmod +x " .. dir .. "/prog")
  t:equal(output(spawn("./prog", { cwd = dir })), fs.realpathSync(dir) .. "\n")
end)

test("what else the system refuses is raised, with syscall spawn", function(t)
  local e = t:throws(function() spawn("true", { ("x"):rep(300000) }) end, "E2BIG")
  t:equal(e.message, "spawn E2BIG")
  t:equal(e.syscall, "spawn")
  t:equal(e.path, nil)
  t:throws(function() spawn("true", { cwd = "/etc/passwd" }) end, "ENOTDIR")
  t:throws(function() spawn "/etc/passwd/x" end, "ENOTDIR")
  t:throws(function() spawn("true", { stdio = { 0, 1, 999 } }) end, "EBADF")
end)

test("a cwd that is not there: error with ENOENT", function(t)
  local child = spawn("true", { cwd = "/nonexistent" })
  child:on("error", t:called(function(e) t:equal(e.message, "spawn true ENOENT") end))
  t:deep(await(closed(child)), { -2 })
end)

-- ---- options

test("cwd: text, a file URL, an object", function(t)
  local dir = fs.realpathSync(command.dir())
  t:equal(output(spawn("pwd", { cwd = dir })), dir .. "\n")
  t:equal(output(spawn("pwd", { cwd = require("url").pathToFileURL(dir) })), dir .. "\n")
end)

test("env replaces the environment; numbers are text, nil is absent", function(t)
  t:equal(output(spawn("/usr/bin/env", { env = { A = "1", B = 2.5, C = true, D = require("lunode").null } })), "A=1\nB=2.5\nC=true\n")
  t:equal(output(spawn("/usr/bin/env", { env = {} })), "")
end)

test("without env the child gets process.env as it is now", function(t)
  process.env.CHILD_TEST = "now"
  t:equal(output(sh "echo $CHILD_TEST"), "now\n")
  process.env.CHILD_TEST = nil
  t:equal(output(sh "echo ${CHILD_TEST-unset}"), "unset\n")
  process.env.CHILD_TEST = "again"
  t:equal(output(sh("echo $CHILD_TEST", { env = process.env })), "again\n")
  process.env.CHILD_TEST = nil
end)

test("argv0 is the name that the child sees", function(t)
  local child = spawn("sh", { "-c", "echo $0" }, { argv0 = "other" })
  t:deep(child.spawnargs, { "other", "-c", "echo $0" })
  t:equal(child.spawnfile, "sh")
  t:equal(output(child), "other\n")
end)

test("shell: true is /bin/sh -c, a path is that one", function(t)
  local child = spawn("echo", { "$((1+2))", "|", "tr", "3", "4" }, { shell = true })
  t:equal(child.spawnfile, "/bin/sh")
  t:deep(child.spawnargs, { "/bin/sh", "-c", "echo $((1+2)) | tr 3 4" })
  t:equal(output(child), "4\n")
  local other = command.write(command.dir() .. "/shell", "#!/bin/sh\necho \"$1 $2\"\n")
  os.execute("chmod +x " .. other)
  t:equal(output(spawn("command line", { shell = other })), "-c command line\n")
end)

test("arguments: numbers and booleans are text; what holds spaces and quotes stays one", function(t)
  t:equal(output(spawn("printf", { "%s|", 1, 2.5, true, "a b", "'\"$x", "" })), "1|2.5|true|a b|'\"$x||")
end)

test("detached: the child leads a session of its own", function(t)
  local child = sh("ps -o sid= -p $$ 2>/dev/null || cut -d' ' -f6 /proc/$$/stat", { detached = true })
  local pid = child.pid
  t:equal(tonumber((output(child))), pid)
  child = sh "cut -d' ' -f6 /proc/$$/stat"
  pid = child.pid
  t:notEqual(tonumber((output(child))), pid)
end)

local root = process.getuid() == 0
-- Whether nobody may run this program where it lies.
local reachable = root and child_process.spawnSync(process.execPath, { "-v" }, { uid = 65534, gid = 65534, cwd = "/" }).status == 0
test("uid and gid: the child runs as that user", { skip = not root and "needs root" or nil }, function(t)
  t:equal(output(spawn("id", { "-u" }, { uid = 65534 })), "65534\n")
  t:equal(output(spawn("id", { "-g" }, { gid = 65534 })), "65534\n")
  t:equal(output(spawn("sh", { "-c", "id -u; id -g; id -G" }, { uid = 65534, gid = 65534 })), "65534\n65534\n65534\n")
  local child = spawn("id", { "-u" }, { uid = 65534, gid = 65534, cwd = "/" })
  local log = log_of(child, { "spawn", "exit", "close" })
  child.stdout:resume()
  await(closed(child))
  t:deep(log, { "spawn", "exit 0", "close 0" })
end)

test("uid of somebody else without the right to it: EPERM", { skip = not reachable and "needs root" or nil }, function(t)
  local script = command.script [[
    local cp = require "child_process"
    process.setgid(65534) process.setuid(65534)
    local ok, e = pcall(cp.spawn, "true", { uid = 0 })
    print(ok, e.code, e.message)
  ]]
  os.execute("chmod -R a+rX " .. script:match "^(.*)/")
  os.execute("chmod a+rx " .. script:match "^(.*)/[^/]*/")
  t:match(output(spawn(process.execPath, { script })), "^false\tEPERM\tspawn EPERM\n")
end)

test("no process may be started any more: error with EAGAIN", { skip = not reachable and "needs root" or nil }, function(t)
  local script = command.script [[
    local child = require("child_process").spawn "true"
    child:on("error", function(e) console.log(e.code, e.message) end)
    child:on("close", function(code) console.log("close", code) end)
    console.log(require("child_process").spawnSync("true").error.code)
  ]]
  os.execute("chmod -R a+rX " .. script:match "^(.*)/[^/]*/")
  local text = output(sh("ulimit -p 1 2>/dev/null || ulimit -u 1; exec " .. command.quote(process.execPath) .. " " .. script, { uid = 65534, gid = 65534 }))
  t:equal(text, "EAGAIN\nEAGAIN spawn true EAGAIN\nclose -11\n")
end)

test("signals are at their defaults in the child, and nothing is blocked", function(t)
  process:on("SIGUSR2", function() end)
  local text = output(spawn("cat", { "/proc/self/status" }))
  process:removeAllListeners "SIGUSR2"
  t:equal(text:match "SigBlk:%s*(%x+)", "0000000000000000")
  -- The C library keeps two numbers above 31 for itself.
  t:match(text:match "SigIgn:%s*(%x+)", "0000000$", "SIGPIPE among them, which is ignored here")
end)

-- Those that this very process was given open; no more than these are for children.
local inherited = io.popen("ls /proc/self/fd"):read "*a"
local function with_inherited(list)
  local set, out = {}, {}
  for fd in (inherited .. list):gmatch "%d+" do
    if not set[fd] then out[#out + 1] = fd end
    set[fd] = true
  end
  table.sort(out)
  return table.concat(out, "\n") .. "\n"
end

test("the child gets no descriptor besides those of stdio", function(t)
  local server = net.createServer():listen(0)
  local file = fs.openSync("/etc/passwd", "r")
  local child = spawn("ls", { "/proc/self/fd" })
  local text = output(child)
  server:close()
  fs.closeSync(file)
  t:equal(text, with_inherited "0 1 2 3") -- 3 is the folder that ls reads
end)

-- ---- stdio

test("stdio as a word", function(t)
  local child = spawn("sh", { "-c", "cat; echo out; echo err >&2" }, { stdio = "ignore" })
  t:equal(child.stdin, nil)
  t:equal(child.stdout, nil)
  t:equal(child.stderr, nil)
  t:deep(child.stdio, {})
  t:deep(await(closed(child)), { 0 })
  child = spawn("cat", { stdio = "overlapped" })
  child.stdin:finish "x"
  t:equal(output(child), "x")
  local r = command.lua [[
    require("child_process").spawn("sh", {"-c", "cat; echo err >&2"}, {stdio = "inherit"}):on("close", function(code) print("close", code) end)
  ]]
  t:equal(r.out, "close\t0\n")
  t:equal(r.err, "err\n")
end)

test("inherit passes this process's own descriptors", function(t)
  local r = command.lua([[
    local child = require("child_process").spawn("cat", {stdio = {"inherit", "inherit", 2}})
    child:on("close", function() console.log(tostring(child.stdin), tostring(child.stdout), tostring(child.stderr)) end)
  ]], nil, { input = "through" })
  t:equal(r.out, "throughnil nil nil\n")
end)

test("more than three: pipes on descriptors 3 and up, both ways; holes are ignored", function(t)
  local child = sh("cat <&4 >&6; echo x >&3; ls /proc/self/fd >&3", { stdio = { "ignore", "ignore", "inherit", "pipe", "pipe", nil, "pipe" } })
  t:equal(child.stdin, nil)
  t:equal(child.stdio[6], nil)
  local three, six = text_of(child.stdio[4]), text_of(child.stdio[7])
  child.stdio[5]:finish "via 4"
  await(closed(child))
  t:equal(await(six), "via 4")
  t:equal(await(three), "x\n" .. with_inherited "0 1 2 3 4 5 6") -- 5 is the folder that ls reads
end)

test("holes at the beginning of stdio are pipes", function(t)
  local child = sh("cat; echo three >&3", { stdio = { nil, nil, "ignore", "pipe" } })
  t:ok(child.stdin and child.stdout)
  t:equal(child.stderr, nil)
  local three = text_of(child.stdio[4])
  child.stdin:finish "in"
  t:equal(output(child), "in")
  t:equal(await(three), "three\n")
end)

test("a negative number is a pipe", function(t)
  t:equal(output(spawn("echo", { "x" }, { stdio = { -1, -1, -1 } })), "x\n")
end)

test("descriptors, also crossed over and closed in the parent at once", function(t)
  local dir = command.dir()
  local a, b = fs.openSync(dir .. "/a", "w+"), fs.openSync(dir .. "/b", "w+")
  local stdio = { "ignore", b, a }
  for i = 4, math.max(a, b) + 2 do stdio[i] = "ignore" end
  stdio[a + 1], stdio[b + 1] = b, a
  local child = sh("echo out; echo err >&2; echo a >>/dev/fd/" .. a .. "; echo b >>/dev/fd/" .. b, { stdio = stdio })
  fs.closeSync(a)
  fs.closeSync(b)
  t:deep(await(closed(child)), { 0 })
  t:equal(fs.readFileSync(dir .. "/a", "utf8"), "err\nb\n")
  t:equal(fs.readFileSync(dir .. "/b", "utf8"), "out\na\n")
end)

test("a file stream that is open, and an object with an fd", function(t)
  local path = command.dir() .. "/log"
  local file = fs.createWriteStream(path)
  await(Promise(function(resolve) file:once("open", resolve) end))
  local child = sh("echo one; echo two >&2", { stdio = { "ignore", file, { fd = file.fd } } })
  t:equal(child.stdout, nil)
  await(closed(child))
  await(Promise(function(resolve) file:close(resolve) end))
  t:equal(fs.readFileSync(path, "utf8"), "one\ntwo\n")
end)

test("a socket as stdio: the child speaks with the peer", function(t)
  local server = net.createServer(t:called(function(socket)
    local child = spawn("cat", { stdio = { socket, socket, "inherit" } })
    child:on("close", t:called(function() socket:destroy() end))
  end))
  server:listen(0, t:called(function()
    local client = net.connect(server:address().port)
    client:finish "to the child and back"
    local text = ""
    client:on("data", function(chunk) text = text .. tostring(chunk) end)
    client:on("close", t:called(function()
      t:equal(text, "to the child and back")
      server:close()
    end))
  end))
end)

test("the output of one child is the input of the next", function(t)
  local first = spawn("sh", { "-c", "sleep 0.05; printf abc" }, { stdio = { "ignore", "pipe", "inherit" } })
  local second = spawn("tr", { "a-c", "A-C" }, { stdio = { first.stdout, "pipe", "inherit" } })
  first.stdout:destroy() -- the second has it
  t:equal(output(second), "ABC")
end)

-- ---- kill, timeout, signal

test("kill: by default SIGTERM, by name in any case, by number; 0 only asks", function(t)
  for _, case in ipairs { { nil, "SIGTERM" }, { "SIGINT", "SIGINT" }, { "sigkill", "SIGKILL" }, { 1, "SIGHUP" } } do
    local child = spawn("sleep", { "10" })
    t:equal(child:kill(0), true)
    t:equal(child.killed, true)
    t:equal(child:kill(case[1]), true)
    t:deep(await(closed(child)), { nil, case[2] })
    t:equal(child:kill(), false)
    t:equal(child:kill(0), false)
  end
end)

test("kill with an unknown signal raises", function(t)
  local child = spawn("sleep", { "10" })
  for signal, shown in pairs { SIGFOO = "SIGFOO", [500] = "500" } do
    t:throws(function() child:kill(signal) end, { code = "ERR_UNKNOWN_SIGNAL", message = "Unknown signal: " .. shown, name = "TypeError" })
  end
  t:throws(function() child:kill(true) end, { code = "ERR_UNKNOWN_SIGNAL", message = "Unknown signal: true" })
  t:equal(child.killed, false)
  child:kill()
  await(closed(child))
end)

test("a signal that the child handles does not end it", function(t)
  local child = sh "trap 'echo got; exit 5' TERM; echo ready; while :; do sleep 0.02; done"
  child.stdout:once("data", function() child:kill() end)
  t:deep(await(closed(child)), { 5 })
  t:equal(child.killed, true)
end)

test("timeout kills, with killSignal", function(t)
  local child = spawn("sleep", { "10" }, { timeout = 30, killSignal = "SIGINT" })
  t:deep(await(closed(child)), { nil, "SIGINT" })
  t:equal(child.killed, true)
  child = spawn("sleep", { "10" }, { timeout = 30 })
  t:deep(await(closed(child)), { nil, "SIGTERM" })
end)

test("a timeout that is not reached holds nothing up", function(t)
  local child = spawn("true", { timeout = 60000 })
  t:deep(await(closed(child)), { 0 })
  t:equal(child.killed, false)
  local timers = 0
  for _, name in ipairs(process.getActiveResourcesInfo()) do
    if name == "Timeout" then timers = timers + 1 end
  end
  t:equal(timers, 1, "that of this test")
end)

test("an AbortSignal kills and emits an AbortError with the reason as cause", function(t)
  local controller = AbortController()
  local child = spawn("sleep", { "10" }, { signal = controller.signal, killSignal = "SIGKILL" })
  local log = log_of(child, { "spawn", "exit", "close", "error" })
  child:on("error", t:called(function(e)
    t:equal(e.name, "AbortError")
    t:equal(e.message, "The operation was aborted")
    t:equal(e.cause, "why")
  end))
  child:on("spawn", function() controller:abort "why" end)
  await(closed(child))
  t:deep(log, { "spawn", "error ABORT_ERR", "exit SIGKILL", "close SIGKILL" })
end)

test("a signal that is aborted already", function(t)
  local child = spawn("sleep", { "10" }, { signal = AbortSignal.abort() })
  t:equal(child.killed, false)
  local log = log_of(child, { "spawn", "exit", "close", "error" })
  await(closed(child))
  t:deep(log, { "spawn", "error ABORT_ERR", "exit SIGTERM", "close SIGTERM" })
end)

test("aborting after the end does nothing", function(t)
  local controller = AbortController()
  local child = spawn("true", { signal = controller.signal })
  child:on("error", t:never())
  await(closed(child))
  controller:abort()
end)

test("disposing kills once", function(t)
  local child = spawn("sleep", { "10" })
  child[symbols.dispose](child)
  t:equal(child.killed, true)
  t:deep(await(closed(child)), { nil, "SIGTERM" })
end)

test("SIGCHLD may be listened to, or be ignored since before the program began", function(t)
  local seen = 0
  local function listener() seen = seen + 1 end
  process:on("SIGCHLD", listener)
  t:deep(await(closed(sh "exit 4")), { 4 })
  await(wait(20))
  process:removeListener("SIGCHLD", listener)
  t:ok(seen > 0)
  t:deep(await(closed(sh "exit 5")), { 5 })
  local r = command.run("-e " .. command.quote [[
    local cp = require "child_process"
    console.log(cp.spawnSync("sh", {"-c", "exit 6"}).status)
    cp.spawn("sh", {"-c", "exit 7"}):on("exit", console.log)
  ]], { command = "trap '' CHLD; exec " .. command.quote(process.execPath) })
  t:equal(r.out, "6\n7 nil\n")
end)

test("a child that stops and goes on has not ended", function(t)
  local child = sh "echo x; sleep 0.1; exit 3"
  child.stdout:once("data", function()
    child:kill "SIGSTOP"
    setTimeout(function() child:kill "SIGCONT" end, 50)
  end)
  t:deep(await(closed(child)), { 3 })
end)

-- ---- ref and unref

test("an unref'd child does not keep the program; a ref'd one does", function(t)
  local text = [[
    local child = require("child_process").spawn("sleep", {"1"}, {stdio = "ignore", detached = true})
    if %s then child:unref() end
    if %s then child:ref() end
    child:on("exit", function() print "exit" end)
    process:on("exit", function() print(child.pid) end)
  ]]
  local r = command.lua(text:format("true", "false"))
  t:match(r.out, "^%d+\n$")
  local pid = tonumber(r.out)
  t:ok(process.kill(pid, 0), "it lives on")
  process.kill(pid, "SIGKILL")
  r = command.lua(text:format("true", "true"))
  t:match(r.out, "^exit\n%d+\n$")
end)

test("pid 1 takes over a detached child, which outlives this process", function(t)
  local path = command.dir() .. "/mark"
  command.lua(([[require("child_process").spawn("sh", {"-c", "sleep 0.8; echo done > %s"}, {stdio = "ignore", detached = true}):unref()]]):format(path))
  t:equal(fs.existsSync(path), false)
  for _ = 1, 100 do
    if fs.existsSync(path) then break end
    await(wait(20))
  end
  await(wait(20))
  t:equal(fs.readFileSync(path, "utf8"), "done\n")
end)

test("ref and unref after the end do nothing", function(t)
  local child = spawn "true"
  await(closed(child))
  t:equal(child:ref(), nil)
  t:equal(child:unref(), nil)
end)

-- ---- the class itself

test("ChildProcess can be used by itself", function(t)
  local child = ChildProcess()
  child:spawn { file = "sh", args = { "sh", "-c", "echo $X" }, envPairs = { "X=5" }, stdio = { "ignore", "pipe", "inherit" } }
  t:equal(output(child), "5\n")
  t:throws(function() ChildProcess():spawn() end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() ChildProcess():spawn { file = 5 } end, { code = "ERR_INVALID_ARG_TYPE", message = 'The "options.file" property must be of type string. Received type number (5)' })
  t:throws(function() ChildProcess():spawn { file = "x", args = 5 } end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() ChildProcess():spawn { file = "x", envPairs = 5 } end, { code = "ERR_INVALID_ARG_TYPE", message = 'The "options.envPairs" property must be an instance of Array. Received type number (5)' })
end)

test("an error in a listener of exit leaves close to come", function(t)
  local child = spawn "true"
  process:once("uncaughtException", function() end)
  local kept = process:listeners "uncaughtException"
  process:removeAllListeners "uncaughtException"
  process:once("uncaughtException", t:called(function(e)
    t:match(tostring(e), "in exit")
    for _, listener in ipairs(kept) do process:on("uncaughtException", listener) end
  end))
  child:on("exit", function() error "in exit" end)
  child:on("close", t:called())
end)
