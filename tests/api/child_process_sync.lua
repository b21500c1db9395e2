-- SPDX-License-Identifier: MIT
--
-- child_process: spawnSync, execFileSync, execSync.
local test = require "../support/test"
local command = require "../support/command"
local child_process = require "child_process"
local fs = require "fs"
local net = require "net"
local spawnSync, execSync, execFileSync = child_process.spawnSync, child_process.execSync, child_process.execFileSync

test("the result of spawnSync", function(t)
  local r = spawnSync("sh", { "-c", "echo out; echo err >&2; exit 3" }, { encoding = "utf8" })
  t:equal(r.status, 3)
  t:equal(r.signal, nil)
  t:equal(r.error, nil)
  t:equal(r.stdout, "out\n")
  t:equal(r.stderr, "err\n")
  t:equal(r.output[1], nil)
  t:equal(r.output[2], "out\n")
  t:equal(r.output[3], "err\n")
  t:ok(r.pid > 0)
end)

test("Buffers without an encoding", function(t)
  for _, encoding in ipairs { false, "buffer" } do
    local r = spawnSync("printf", { "\\377" }, { encoding = encoding or nil })
    t:ok(Buffer.isBuffer(r.stdout))
    t:equal(r.stdout[1], 255)
    t:equal(#r.stderr, 0)
  end
  t:equal(spawnSync("printf", { "\\377" }, { encoding = "hex" }).stdout, "ff")
end)

test("a signal, and a child that closes its output early", function(t)
  local r = spawnSync("sh", { "-c", "kill -9 $$" })
  t:equal(r.status, nil)
  t:equal(r.signal, "SIGKILL")
  t:equal(r.error, nil)
  r = spawnSync("sh", { "-c", "exec >&- 2>&-; sleep 0.05; exit 6" })
  t:equal(r.status, 6)
end)

test("input: text, text in an encoding, a Buffer, nothing", function(t)
  t:equal(spawnSync("cat", { input = "héé", encoding = "utf8" }).stdout, "héé")
  t:equal(spawnSync("cat", { input = "hé", encoding = "latin1" }).stdout, "hé")
  t:equal(tostring(spawnSync("cat", { input = "6869", encoding = "hex" }).stdout), "6869")
  t:equal(tostring(spawnSync("cat", { input = Buffer.from "bytes" }).stdout), "bytes")
  t:equal(#spawnSync("cat").stdout, 0)
  t:equal(#spawnSync("cat", { input = "" }).stdout, 0)
  t:equal(tostring(spawnSync("cat", { input = "wins", stdio = { "ignore", "pipe", "pipe" } }).stdout), "wins")
end)

test("64 MiB of input, and back", { timeout = 30000 }, function(t)
  local chunk = ("0123456789abcdef"):rep(65536)
  local input = chunk:rep(64)
  local r = spawnSync("cat", { input = input, maxBuffer = math.huge })
  t:equal(r.status, 0)
  t:equal(#r.stdout, 67108864)
  t:ok(tostring(r.stdout) == input)
end)

test("input that the child does not read: EPIPE", function(t)
  local r = spawnSync("true", { input = ("x"):rep(5000000) })
  t:equal(r.status, 0)
  t:equal(r.error.code, "EPIPE")
  t:equal(r.error.message, "spawnSync true EPIPE")
end)

test("what cannot be started", function(t)
  local r = spawnSync("/nonexistent/x", { "a" })
  t:equal(r.status, nil)
  t:equal(r.signal, nil)
  t:equal(r.output, nil)
  t:equal(r.stdout, nil)
  t:equal(r.stderr, nil)
  t:equal(r.pid, 0)
  t:equal(r.error.message, "spawnSync /nonexistent/x ENOENT")
  t:equal(r.error.code, "ENOENT")
  t:equal(r.error.errno, -2)
  t:equal(r.error.syscall, "spawnSync /nonexistent/x")
  t:equal(r.error.path, "/nonexistent/x")
  t:deep(r.error.spawnargs, { "a" })
  t:equal(spawnSync("/etc/passwd").error.code, "EACCES")
  t:equal(spawnSync("true", { ("x"):rep(300000) }).error.code, "E2BIG")
  t:equal(spawnSync("true", { cwd = "/nonexistent" }).error.code, "ENOENT")
  t:equal(spawnSync("true", { stdio = { 999 } }).error.code, "EBADF")
end)

test("timeout and killSignal", function(t)
  local r = spawnSync("sleep", { "10" }, { timeout = 50 })
  t:equal(r.error.code, "ETIMEDOUT")
  t:equal(r.error.message, "spawnSync sleep ETIMEDOUT")
  t:equal(r.signal, "SIGTERM")
  t:equal(r.status, nil)
  t:equal(#r.stdout, 0)
  r = spawnSync("sh", { "-c", "trap '' TERM; echo x; while :; do sleep 0.05; done" }, { timeout = 500, killSignal = "SIGKILL" })
  t:equal(r.signal, "SIGKILL")
  t:equal(tostring(r.stdout), "x\n")
  r = spawnSync("sh", { "-c", "trap 'exit 9' INT; echo x; while :; do sleep 0.02; done" }, { timeout = 500, killSignal = 2 })
  t:equal(r.error.code, "ETIMEDOUT")
  t:equal(r.status, 9)
  t:equal(spawnSync("true", { timeout = 60000 }).error, nil)
end)

test("timeout does not wait for a grandchild that holds the pipe", function(t)
  local start = process.hrtime.bigint()
  local r = spawnSync("sh", { "-c", "sleep 8 & sleep 8" }, { timeout = 100, killSignal = "SIGKILL" })
  t:equal(r.error.code, "ETIMEDOUT")
  t:ok(process.hrtime.bigint() - start < 6000000000ULL)
end)

test("maxBuffer: of all output together; what was read by then is there", function(t)
  local r = spawnSync("sh", { "-c", "printf abcdef; exec sleep 10" }, { maxBuffer = 3 })
  t:equal(r.error.code, "ENOBUFS")
  t:equal(r.error.message, "spawnSync sh ENOBUFS")
  t:equal(r.signal, "SIGTERM")
  t:equal(tostring(r.stdout), "abcdef")
  t:equal(spawnSync("sh", { "-c", "printf ab; printf cd >&2" }, { maxBuffer = 4 }).error, nil)
  t:equal(spawnSync("sh", { "-c", "printf ab; printf cd >&2; exec sleep 10" }, { maxBuffer = 3 }).error.code, "ENOBUFS")
  t:equal(spawnSync("echo", { "x" }, { maxBuffer = 0 }).error, nil, "0 is no limit, as in Node")
  r = spawnSync("cat", { "/dev/zero" })
  t:equal(r.error.code, "ENOBUFS")
  t:ok(#r.stdout > 1024 * 1024 and #r.stdout <= 1024 * 1024 + 65536)
end)

test("64 MiB of output", { timeout = 30000 }, function(t)
  local r = spawnSync("head", { "-c", "67108864", "/dev/zero" }, { maxBuffer = 67108864 })
  t:equal(r.error, nil)
  t:equal(#r.stdout, 67108864)
end)

test("stdio: ignore, inherit, descriptors, streams, more than three", function(t)
  local r = spawnSync("sh", { "-c", "cat; echo out; echo err >&2" }, { stdio = "ignore" })
  t:equal(r.status, 0)
  t:equal(r.stdout, nil)
  t:deep(r.output, {})
  local path = command.dir() .. "/file"
  local fd = fs.openSync(path, "w")
  r = spawnSync("sh", { "-c", "echo out; echo err >&2; echo four >&4" }, { stdio = { "pipe", fd, "ignore", "pipe", "pipe" } })
  fs.closeSync(fd)
  t:equal(r.stdout, nil)
  t:equal(r.stderr, nil)
  t:equal(tostring(r.output[5]), "four\n")
  t:equal(fs.readFileSync(path, "utf8"), "out\n")
  local inner = command.lua [[
    require("child_process").spawnSync("sh", {"-c", "echo out; echo err >&2"}, {stdio = "inherit"})
    require("child_process").execSync("echo again", {stdio = {"pipe", 1, 2}})
  ]]
  t:equal(inner.out, "out\nagain\n")
  t:equal(inner.err, "err\n")
  inner = command.lua [[
    print "first"
    require("child_process").spawnSync("echo", {"second"}, {stdio = "inherit"})
    print "third"
  ]]
  t:equal(inner.out, "first\nsecond\nthird\n", "what print holds back comes before")
end)

test("the options that spawn has", function(t)
  local function text(...)
    local r = spawnSync(...)
    return (tostring(r.stdout):gsub("\n$", ""))
  end
  t:equal(text("pwd", { cwd = "/" }), "/")
  t:equal(text("/usr/bin/env", { env = { A = "1" } }), "A=1")
  t:equal(text("sh", { "-c", "echo $0" }, { argv0 = "other" }), "other")
  t:equal(text("echo $((1+1))", { shell = true }), "2")
  t:equal(text("sh", { "-c", "test $(cut -d' ' -f6 /proc/$$/stat) = $$ && echo leads" }, { detached = true }), "leads")
  process.env.CHILD_SYNC = "x"
  t:equal(text("sh", { "-c", "echo $CHILD_SYNC" }), "x")
  process.env.CHILD_SYNC = nil
  if process.getuid() == 0 then t:equal(text("sh", { "-c", "id -u; id -g" }, { uid = 65534, gid = 65534 }), "65534\n65534") end
end)

test("execFileSync gives stdout, or raises an error with all of the result", function(t)
  t:equal(tostring(execFileSync("echo", { "x" })), "x\n")
  t:equal(execFileSync("echo", { "x" }, { encoding = "utf8" }), "x\n")
  t:equal(execFileSync("cat", { input = "in", encoding = "utf8" }), "in")
  t:equal(execFileSync("true", { stdio = "ignore" }), nil)
  local e = t:throws(function() execFileSync("sh", { "-c", "echo o; echo e >&2; exit 2" }, { stdio = "pipe" }) end)
  t:equal(e.message, "Command failed: sh -c echo o; echo e >&2; exit 2\ne\n")
  t:equal(e.name, "Error")
  t:equal(e.status, 2)
  t:equal(e.signal, nil)
  t:equal(tostring(e.stdout), "o\n")
  t:equal(tostring(e.stderr), "e\n")
  t:equal(e.code, nil)
  e = t:throws(function() execFileSync("/nonexistent/x", { "q" }) end, "ENOENT")
  t:equal(e.message, "spawnSync /nonexistent/x ENOENT")
  t:equal(e.error, e)
  t:equal(e.pid, 0)
  e = t:throws(function() execFileSync("sleep", { "10" }, { timeout = 50 }) end, "ETIMEDOUT")
  t:equal(e.signal, "SIGTERM")
  e = t:throws(function() execFileSync("sh", { "-c", "kill -9 $$" }) end)
  t:equal(e.message, "Command failed: sh -c kill -9 $$")
  t:equal(e.signal, "SIGKILL")
  t:equal(e.status, nil)
end)

test("execSync", function(t)
  t:equal(tostring(execSync "echo $((1+2)) | tr 3 4"), "4\n")
  t:equal(execSync("printf x", { encoding = "utf8" }), "x")
  local e = t:throws(function() execSync("echo foo >&2; exit 2", { stdio = "pipe" }) end)
  t:equal(e.message, "Command failed: echo foo >&2; exit 2\nfoo\n")
  t:equal(e.status, 2)
  e = t:throws(function() execSync("head -c 3000000 /dev/zero") end, "ENOBUFS")
  t:equal(e.message, "spawnSync /bin/sh ENOBUFS")
  t:equal(execSync("echo \"$1\"; cat", { shell = "/bin/sh", input = "in", encoding = "utf8" }), "\nin")
end)

test("without stdio, what the child says on stderr is passed on", function(t)
  local r = command.lua [[
    local cp = require "child_process"
    cp.execSync "echo one >&2"
    cp.execFileSync("sh", {"-c", "echo two >&2"})
    cp.execSync("echo three >&2", {stdio = "pipe"})
    cp.spawnSync("sh", {"-c", "echo four >&2"})
    pcall(cp.execSync, "echo five >&2; exit 1")
  ]]
  t:equal(r.err, "one\ntwo\nfive\n")
end)

test("the loop stands still meanwhile, and goes on afterwards", function(t)
  local ticks = 0
  local interval = setInterval(function() ticks = ticks + 1 end, 1)
  local server = net.createServer(t:called(function(socket) socket:finish() end))
  await(Promise(function(resolve) server:listen(0, resolve) end))
  local client = net.connect(server:address().port)
  client:resume()
  ticks = 0
  spawnSync("sleep", { "0.05" })
  t:equal(ticks, 0)
  client:on("close", t:called(function()
    clearInterval(interval)
    server:close()
  end))
end)

test("beside asynchronous children: none is taken for another's", function(t)
  local ends = 0
  for i = 1, 20 do
    child_process.spawn("sh", { "-c", "exit " .. i }, { stdio = "ignore" }):on("exit", t:called(function(code)
      t:equal(code, i)
      ends = ends + 1
    end))
  end
  for i = 1, 20 do t:equal(spawnSync("sh", { "-c", "exit " .. 100 + i }).status, 100 + i) end
  t:equal(ends, 0)
end)

test("inside a callback, inside a coroutine, inside another's event", function(t)
  setImmediate(t:called(function() t:equal(spawnSync("true").status, 0) end))
  coroutine.wrap(function() t:equal(spawnSync("true").status, 0) end)()
  child_process.spawn("true"):on("exit", t:called(function() t:equal(tostring(execSync "echo x"), "x\n") end))
end)
