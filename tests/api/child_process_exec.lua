-- SPDX-License-Identifier: MIT
--
-- child_process: exec, execFile, their promise forms, and fork.
local test = require "../support/test"
local command = require "../support/command"
local child_process = require "child_process"
local promisify = require("util").promisify
local exec, execFile, fork = child_process.exec, child_process.execFile, child_process.fork
local here = debug.getinfo(1, "S").source:match "^@(.*)child_process_exec%.lua$" or ""
local CHILD = require("path").resolve(here == "" and "." or here, "../fixtures/child_fork.lua")
local has_node = require("../support/node").path ~= nil

test("exec gives the output as text", function(t)
  exec("echo out; echo err >&2", t:called(function(e, stdout, stderr)
    t:equal(e, nil)
    t:equal(stdout, "out\n")
    t:equal(stderr, "err\n")
  end))
end)

test("exec without a callback", function(t)
  local child = exec "exit 4"
  t:ok(child_process.ChildProcess:is(child))
  child:on("exit", t:called(function(code) t:equal(code, 4) end))
end)

test("an exit code other than 0 is an error, which has the output beside it", function(t)
  exec("echo out; echo err >&2; exit 3", t:called(function(e, stdout, stderr)
    t:equal(e.message, "Command failed: echo out; echo err >&2; exit 3\nerr\n")
    t:equal(e.name, "Error")
    t:equal(e.code, 3)
    t:equal(e.killed, false)
    t:equal(e.signal, nil)
    t:equal(e.cmd, "echo out; echo err >&2; exit 3")
    t:equal(stdout, "out\n")
    t:equal(stderr, "err\n")
  end))
end)

test("execFile names the command with its arguments", function(t)
  execFile("sh", { "-c", "exit 2" }, t:called(function(e)
    t:equal(e.message, "Command failed: sh -c exit 2\n")
    t:equal(e.cmd, "sh -c exit 2")
    t:equal(e.code, 2)
  end))
end)

test("execFile: arguments and options may be left out", function(t)
  execFile("echo", t:called(function(_, out) t:equal(out, "\n") end))
  execFile("echo", { "a" }, t:called(function(_, out) t:equal(out, "a\n") end))
  execFile("echo", { encoding = "buffer" }, t:called(function(_, out) t:ok(Buffer.isBuffer(out)) end))
  execFile("echo", {}, { encoding = "hex" }, t:called(function(_, out) t:equal(out, "0a") end))
  execFile("echo", nil, { encoding = "hex" }, t:called(function(_, out) t:equal(out, "0a") end))
  execFile("echo $((1+1))", { shell = true }, t:called(function(_, out) t:equal(out, "2\n") end))
end)

test("what cannot be started is an error with code and cmd", function(t)
  execFile("/nonexistent/x", { "a", "b" }, t:called(function(e, stdout, stderr)
    t:equal(e.message, "spawn /nonexistent/x ENOENT")
    t:equal(e.code, "ENOENT")
    t:equal(e.errno, -2)
    t:equal(e.syscall, "spawn /nonexistent/x")
    t:equal(e.cmd, "/nonexistent/x a b")
    t:deep(e.spawnargs, { "a", "b" })
    t:equal(stdout, "")
    t:equal(stderr, "")
  end))
end)

test("a signal", function(t)
  exec("kill -TERM $$", t:called(function(e)
    t:equal(e.code, nil)
    t:equal(e.signal, "SIGTERM")
    t:equal(e.killed, false)
  end))
end)

test("timeout: killed, with killSignal", function(t)
  exec("echo before; exec sleep 10", { timeout = 500, killSignal = "SIGINT" }, t:called(function(e, stdout)
    t:equal(e.killed, true)
    t:equal(e.signal, "SIGINT")
    t:equal(e.code, nil)
    t:equal(e.cmd, "echo before; exec sleep 10")
    t:equal(stdout, "before\n")
  end))
end)

test("an AbortSignal", function(t)
  local controller = AbortController()
  local child = exec("exec sleep 10", { signal = controller.signal }, t:called(function(e, stdout)
    t:equal(e.name, "AbortError")
    t:equal(e.code, "ABORT_ERR")
    t:equal(e.cmd, "exec sleep 10")
    t:equal(stdout, "")
  end))
  child:on("close", t:called())
  setTimeout(function() controller:abort() end, 10)
end)

test("maxBuffer: the output is cut, the child killed", function(t)
  exec("printf abcdef; exec sleep 10", { maxBuffer = 4 }, t:called(function(e, stdout)
    t:equal(e.code, "ERR_CHILD_PROCESS_STDIO_MAXBUFFER")
    t:equal(e.name, "RangeError")
    t:equal(e.message, "stdout maxBuffer length exceeded")
    t:equal(e.cmd, "printf abcdef; exec sleep 10")
    t:equal(stdout, "abcd")
  end))
  exec("printf abcdef >&2; exec sleep 10", { maxBuffer = 4, encoding = "buffer" }, t:called(function(e, _, stderr)
    t:equal(e.message, "stderr maxBuffer length exceeded")
    t:equal(tostring(stderr), "abcd")
  end))
  -- Bytes are counted, UTF-16 units are kept, as Node does.
  exec("printf héééé; exec sleep 10", { maxBuffer = 4 }, t:called(function(_, stdout) t:equal(stdout, "hééé") end))
  exec("printf '𝄞𝄞𝄞'; exec sleep 10", { maxBuffer = 5 }, t:called(function(_, stdout) t:equal(stdout, "𝄞𝄞") end))
end)

test("maxBuffer: exactly so much is allowed; 0 allows nothing; Infinity everything", function(t)
  exec("printf abcd", { maxBuffer = 4 }, t:called(function(e, stdout)
    t:equal(e, nil)
    t:equal(stdout, "abcd")
  end))
  exec("printf a; exec sleep 10", { maxBuffer = 0 }, t:called(function(e, stdout)
    t:equal(e.code, "ERR_CHILD_PROCESS_STDIO_MAXBUFFER")
    t:equal(stdout, "")
  end))
  exec("head -c 3000000 /dev/zero", { maxBuffer = math.huge }, t:called(function(e, stdout)
    t:equal(e, nil)
    t:equal(#stdout, 3000000)
  end))
end)

test("maxBuffer: a megabyte by default, against a child that floods", function(t)
  execFile("cat", { "/dev/zero" }, t:called(function(e, stdout)
    t:equal(e.code, "ERR_CHILD_PROCESS_STDIO_MAXBUFFER")
    t:equal(#stdout, 1024 * 1024)
  end))
end)

test("encoding: text is not torn between chunks; unknown ones and buffer give Buffers", function(t)
  exec("for i in 1 2 3; do printf '\\303'; sleep 0.02; printf '\\251'; done", t:called(function(_, stdout) t:equal(stdout, "ééé") end))
  exec("printf '\\303\\251'", { encoding = "latin1" }, t:called(function(_, stdout) t:equal(stdout, "Ã©") end))
  exec("printf '\\303\\251'", { encoding = "base64" }, t:called(function(_, stdout) t:equal(stdout, "w6k=") end))
  for _, encoding in ipairs { "buffer", "no-such" } do
    exec("printf x", { encoding = encoding }, t:called(function(_, stdout, stderr)
      t:ok(Buffer.isBuffer(stdout))
      t:equal(#stderr, 0)
      t:ok(Buffer.isBuffer(stderr))
    end))
  end
end)

test("cwd, env and shell reach the command", function(t)
  exec("pwd; echo $A", { cwd = "/", env = { A = "b" } }, t:called(function(_, stdout) t:equal(stdout, "/\nb\n") end))
  local other = command.write(command.dir() .. "/shell", "#!/bin/sh\necho \"shell $1 $2\"\n")
  os.execute("chmod +x " .. other)
  exec("the line", { shell = other }, t:called(function(_, stdout) t:equal(stdout, "shell -c the line\n") end))
end)

test("promise forms", function(t)
  local promise = promisify(exec) "echo out; echo err >&2"
  t:ok(child_process.ChildProcess:is(promise.child))
  t:deep(await(promise), { stdout = "out\n", stderr = "err\n" })
  t:deep(await(promisify(execFile)("echo", { "x" })), { stdout = "x\n", stderr = "" })
  t:deep(await(promisify(execFile)("echo", { "x" }, { encoding = "hex" })), { stdout = "780a", stderr = "" })
  local e = t:rejects(promisify(exec) "echo out; echo err >&2; exit 9")
  t:equal(e.code, 9)
  t:equal(e.stdout, "out\n")
  t:equal(e.stderr, "err\n")
  e = t:rejects(promisify(execFile) "/nonexistent/x", "ENOENT")
  t:equal(e.stdout, "")
end)

-- ---- fork

local function next_message(child)
  return Promise(function(resolve) child:once("message", resolve) end)
end
local function closed(child)
  return Promise(function(resolve) child:once("close", function(code, signal) resolve { code, signal } end) end)
end

test("fork runs a script with this program; arguments and execArgv go along", function(t)
  local child = fork(CHILD, { "one", 2 }, { execArgv = { "--no-warnings" }, silent = true })
  t:equal(child.spawnfile, process.execPath)
  t:deep(child.spawnargs, { process.execPath, "--no-warnings", CHILD, "one", "2" })
  t:equal(child.connected, true)
  t:ok(child.channel)
  t:ok(child.stdin and child.stdout and child.stderr)
  local told = await(next_message(child))
  t:deep(told.args, { "one", "2" })
  t:deep(told.execArgv, { "--no-warnings" })
  t:equal(told.fd, nil, "the child's own children do not see the channel")
  child:send "end"
  t:deep(await(closed(child)), { 0 })
  t:equal(child.connected, false)
end)

test("fork: close comes when the process has ended, its pipes and the channel are closed", function(t)
  local child = fork(CHILD, { silent = true })
  local log = {}
  for _, name in ipairs { "spawn", "disconnect", "exit", "close" } do child:on(name, function() log[#log + 1] = name end) end
  await(next_message(child))
  child:send "end"
  await(closed(child))
  t:equal(log[1], "spawn")
  t:equal(log[#log], "close")
  t:equal(#log, 4)
end)

test("fork: without silent the output goes where this one's goes", function(t)
  local r = command.lua(([[
    local child = require("child_process").fork(%q, { "say" })
    child:once("message", function() child:disconnect() end)
  ]]):format(CHILD))
  t:equal(r.out, "said\n")
end)

test("fork: stdio as a word or a list with ipc, env, cwd, execPath", function(t)
  local child = fork(CHILD, { "say" }, { stdio = "pipe", env = { PATH = process.env.PATH, MARK = "x" }, cwd = "/" })
  local text = ""
  child.stdout:on("data", function(chunk) text = text .. tostring(chunk) end)
  local told = await(next_message(child))
  t:equal(told.mark, "x")
  t:equal(told.cwd, "/")
  child:send "end"
  await(closed(child))
  t:equal(text, "said\n")
  child = fork(CHILD, {}, { stdio = { "ignore", "ignore", "inherit", "ignore", "ignore", "ipc" } })
  await(next_message(child))
  child:send "end"
  t:deep(await(closed(child)), { 0 })
  child = fork("x", { execPath = "/nonexistent/lunode" })
  child:on("error", t:called(function(e) t:equal(e.code, "ENOENT") end))
  t:deep(await(closed(child)), { -2 })
end)

test("fork: shell is never used", function(t)
  local child = fork(CHILD, { "a b;c" }, { shell = true, silent = true })
  t:deep(await(next_message(child)).args, { "a b;c" })
  child:send "end"
  await(closed(child))
end)

test("fork: both serializations, and the environment that tells of the channel", function(t)
  for _, mode in ipairs { "json", "advanced" } do
    local child = fork(CHILD, { silent = true, serialization = mode })
    await(next_message(child))
    child:send { back = { 1, 2, { x = "y" } } }
    t:deep(await(next_message(child)), { 1, 2, { x = "y" } })
    child:send "end"
    t:deep(await(closed(child)), { 0 })
  end
  local child = child_process.spawn("sh", { "-c", "echo $NODE_CHANNEL_FD $NODE_CHANNEL_SERIALIZATION_MODE" }, { stdio = { "ignore", "pipe", "inherit", "ignore", "ipc" } })
  local text = ""
  child.stdout:on("data", function(chunk) text = text .. tostring(chunk) end)
  await(closed(child))
  t:equal(text, "4 json\n")
end)

test("fork of a Node program", { skip = not has_node and "no node here" or nil }, function(t)
  local script = command.script("process.on('message', (m) => { process.send({ got: m }); process.disconnect(); });", "child.js")
  local child = fork(script, { execPath = "node", silent = true })
  child:send { a = { 1, 2 } }
  t:deep(await(next_message(child)), { got = { a = { 1, 2 } } })
  t:deep(await(closed(child)), { 0 })
end)

test("fork: a parent that disconnects still sees exit and close", function(t)
  local child = fork(CHILD, { silent = true })
  await(next_message(child))
  child:disconnect()
  t:deep(await(closed(child)), { 0 })
end)

test("fork from -e does not run the text again", function(t)
  local r = command.run("-e " .. command.quote(([[
    local child = require("child_process").fork(%q, { "say" })
    child:once("message", function(m) console.log(#m.execArgv) child:disconnect() end)
  ]]):format(CHILD)))
  t:equal(r.out:gsub("said\n", "", 1), "0\n")
  t:equal(r.err, "")
end)
