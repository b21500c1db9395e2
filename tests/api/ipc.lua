-- SPDX-License-Identifier: MIT
--
-- Messages and handles between a process and its child: process.send, subprocess.send, disconnect.
local test = require "../support/test"
local command = require "../support/command"
local child_process = require "child_process"
local net = require "net"
local fs = require "fs"
local CHILD = command.root and command.root .. "/tests/fixtures/ipc/child.lua" or require("path").resolve("tests/fixtures/ipc/child.lua")
local FIXTURES = CHILD:match "^(.*)/"
local has_node = require("../support/node").path ~= nil

local function fork(mode, options, ...) return child_process.fork(CHILD, { mode, ... }, options) end

-- Resolves with the next message, or {message, handle}.
local function next_message(child)
  return Promise(function(resolve)
    child:once("message", function(message, handle) resolve { message, handle } end)
  end)
end
local function ended(child)
  return Promise(function(resolve)
    child:once("close", function(code, signal) resolve { code, signal } end)
  end)
end
local function event(emitter, name)
  return Promise(function(resolve) emitter:once(name, resolve) end)
end
-- What a client that connects there is told.
local function told(port)
  return Promise(function(resolve, reject)
    local text = ""
    local socket = net.connect(port, "127.0.0.1")
    socket:setEncoding "utf8"
    socket:on("data", function(chunk) text = text .. chunk end)
    socket:on("error", reject)
    socket:on("close", function() resolve(text) end)
  end)
end

for _, mode in ipairs { "json", "advanced" } do
  test("messages of every kind go both ways, in their order (" .. mode .. ")", function(t)
    local child = fork("echo", { serialization = mode })
    local values = { "text", "grün\n\0\"", 42, 0.1, -1e300, true, false, "", { a = 1, list = { 1, "two", { three = true } } }, ("x"):rep(100000) }
    for i, value in ipairs(values) do
      t:ok(child:send(value) ~= nil, "value " .. i)
    end
    for i, value in ipairs(values) do
      local got = await(next_message(child))[1].got
      if type(value) == "table" then t:deep(got, value) else t:equal(got, value, "value " .. i) end
    end
    local over = ended(child)
    child:send "disconnect"
    await(event(child, "disconnect"))
    t:equal(child.connected, false)
    t:equal(child.channel, nil)
    t:deep(await(over), { 0 })
  end)

  test("a message of 64 MiB arrives whole (" .. mode .. ")", { timeout = 60000 }, function(t)
    local child = fork("echo", { serialization = mode })
    local over = ended(child)
    local text = ("0123456789abcdef"):rep(4 * 1024 * 1024)
    child:send(text)
    child:send "after"
    t:ok(await(next_message(child))[1].got == text)
    t:equal(await(next_message(child))[1].got, "after")
    child:disconnect()
    t:deep(await(over), { 0 })
  end)

  test("20,000 messages of a flood arrive in order (" .. mode .. ")", { timeout = 30000 }, function(t)
    local child = fork("flood", { serialization = mode })
    local over = ended(child)
    local n, ordered = 0, true
    child:on("message", function(message)
      if message == "end" then return end
      n = n + 1
      if message.i ~= n then ordered = false end
    end)
    await(over)
    t:equal(n, 20000)
    t:ok(ordered)
  end)
end

test("advanced messages keep Buffers, cycles and shared tables", function(t)
  local child = fork("echo", { serialization = "advanced" })
  local over = ended(child)
  local shared = { 1, 2 }
  local message = { bytes = Buffer.from "\0\255bytes", a = shared, b = shared }
  message.self = message
  child:send(message)
  local got = await(next_message(child))[1].got
  t:ok(Buffer.isBuffer(got.bytes))
  t:equal(tostring(got.bytes), "\0\255bytes")
  t:ok(got.a == got.b and got.self == got)
  t:deep(got.a, { 1, 2 })
  child:disconnect()
  await(over)
end)

test("a child knows its channel; the environment does not show it", function(t)
  local child = fork "state"
  local over = ended(child)
  t:deep(await(next_message(child))[1], { connected = true, channel = true, ref = false })
  t:deep(await(over), { 0 })
end)

test("a child that listens to nothing ends by itself", function(t)
  local child = fork "nobody"
  local over = ended(child)
  t:equal(await(next_message(child))[1], "bye")
  t:deep(await(over), { 0 })
end)

test("messages wait for the first listener", function(t)
  local child = fork "nobody"
  await(event(child, "spawn"))
  local over = ended(child)
  for _ = 1, 20 do await(require("timers/promises").setTimeout(10)) end
  if child.connected then t:equal(await(next_message(child))[1], "bye") end
  await(over)
end)

test("what cannot be sent is refused", function(t)
  local child = fork "stay"
  local over = ended(child)
  await(next_message(child))
  t:throws(function() child:send() end, "ERR_MISSING_ARGS")
  t:throws(function() child:send(print) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() child:send("x", { not_a = "handle" }) end, "ERR_INVALID_HANDLE_TYPE")
  t:throws(function() child:send("x", nil, 5) end, "ERR_INVALID_ARG_TYPE")
  local circle = {}
  circle.circle = circle
  t:throws(function() child:send(circle) end)
  child:send("fine", t:called(function(err) t:equal(err, nil) end))
  child:disconnect()
  child:send("late", t:called(function(err) t:equal(err.code, "ERR_IPC_CHANNEL_CLOSED") end))
  local errors = {}
  child:on("error", function(err) errors[#errors + 1] = err.code end)
  t:equal(child:send "to nobody", false)
  child:disconnect()
  await(over)
  t:deep(errors, { "ERR_IPC_DISCONNECTED", "ERR_IPC_CHANNEL_CLOSED" })
end)

test("garbage on the channel is an error, and the messages around it arrive", function(t)
  local child = fork "garbage"
  local over = ended(child)
  local seen = {}
  child:on("message", function(message) seen[#seen + 1] = message end)
  child:on("error", function(err)
    t:equal(err.code, "ERR_IPC_INVALID_MESSAGE")
    t:match(err.message, "JSON")
    seen[#seen + 1] = "error"
  end)
  t:deep(await(over), { 0 })
  t:deep(seen, { "before", "error", "after" })
end)

test("a frame that is longer than any message ends the channel", function(t)
  local child = fork("huge_frame", { serialization = "advanced" })
  local over = ended(child)
  local failed = event(child, "error")
  await(event(child, "disconnect"))
  t:equal(await(failed).code, "EMSGSIZE")
  child:kill()
  t:deep(await(over), { nil, "SIGTERM" })
end)

test("send returns false while the child does not read, and nothing is lost", { timeout = 30000 }, function(t)
  local child = fork "slow"
  local over = ended(child)
  await(next_message(child))
  child:kill "SIGSTOP"
  local refused, n, called = false, 0, 0
  while not refused or n < 3000 do
    n = n + 1
    if not child:send({ i = n, padding = ("p"):rep(1000) }, function(err) if not err then called = called + 1 end end) then refused = true end
  end
  child:send "end"
  child:kill "SIGCONT"
  local report = await(next_message(child))[1]
  t:deep(report, { n = n, ordered = true })
  t:equal(called, n)
  child:disconnect()
  await(over)
end)

test("disconnect writes what was sent before it", { timeout = 30000 }, function(t)
  local child = fork "slow"
  local over = ended(child)
  await(next_message(child))
  child:kill "SIGSTOP"
  for i = 1, 3000 do child:send { i = i, padding = ("p"):rep(1000) } end
  child:send("end", t:called(function(err) t:equal(err, nil) end))
  child:disconnect()
  child:kill "SIGCONT"
  await(over)
end)

test("a child killed with a full pipe: every callback hears of it", { timeout = 30000 }, function(t)
  local child = fork "slow"
  await(next_message(child))
  local over = ended(child)
  child:kill "SIGSTOP"
  local good, bad, n = 0, 0, 2000
  local all = Promise(function(resolve)
    for i = 1, n do
      child:send({ i = i, padding = ("p"):rep(1000) }, function(err)
        if err then bad = bad + 1 else good = good + 1 end
        if good + bad == n then resolve() end
      end)
    end
  end)
  child:kill "SIGKILL"
  await(all)
  t:ok(bad > 0)
  t:deep(await(over), { nil, "SIGKILL" })
  t:equal(child.connected, false)
end)

test("the death of the parent ends the channel", function(t)
  local file = os.tmpname()
  os.remove(file)
  local parent = fork("parent", nil, file)
  local over = ended(parent)
  local pid = await(next_message(parent))[1].pid
  parent:kill "SIGKILL"
  await(over)
  for _ = 1, 500 do
    if fs.existsSync(file) and fs.readFileSync(file, "utf8") ~= "" then break end
    await(require("timers/promises").setTimeout(10))
  end
  t:equal(fs.readFileSync(file, "utf8"), "disconnected false")
  os.remove(file)
  t:ok(pid > 0)
end)

-- ---- handles

local function listener(options, on_connection)
  return Promise(function(resolve)
    local server = net.createServer(options, on_connection)
    server:listen(0, "127.0.0.1", function() resolve(server) end)
  end)
end

test("a socket is handed over, and the parent has it no more", function(t)
  local child = fork "handles"
  local over = ended(child)
  local server
  server = await(listener({ pauseOnConnect = true }, function(socket)
    child:send("socket", socket, t:called(function(err)
      t:equal(err, nil)
      t:equal(server._connections, 0)
    end))
  end))
  t:equal(await(told(server:address().port)), "from the child")
  server:close()
  child:disconnect()
  await(over)
end)

test("with keepOpen both have it", function(t)
  local child = fork "handles"
  local over = ended(child)
  local kept
  local server = await(listener({ pauseOnConnect = true }, function(socket)
    kept = socket
    child:send("socket", socket, { keepOpen = true })
  end))
  local done = next_message(child)
  local answer = told(server:address().port)
  t:equal(await(done)[1], "socket done")
  t:no(kept.destroyed)
  kept:destroy()
  t:equal(await(answer), "from the child")
  server:close()
  child:disconnect()
  await(over)
end)

test("a server is shared with the child, and one comes from it", function(t)
  local child = fork "handles"
  local over = ended(child)
  local server = await(listener())
  child:send("server", server)
  t:equal(await(next_message(child))[1], "serving")
  local port = server:address().port
  server:close()
  t:equal(await(told(port)), "served by the child")
  child:send "give"
  local got = await(next_message(child))
  local theirs = got[2]
  t:ok(net.Server:is(theirs))
  t:equal(theirs:address().port, got[1].port)
  t:equal(await(next_message(child))[1].acknowledged, true)
  theirs:on("connection", function(socket)
    socket:finish "served by the parent"
    theirs:close()
  end)
  t:equal(await(told(got[1].port)), "served by the parent")
  child:disconnect()
  await(over)
end)

test("a datagram socket is shared with the child", function(t)
  local dgram = require "dgram"
  local child = fork "handles"
  local over = ended(child)
  local socket, client = dgram.createSocket "udp4", dgram.createSocket "udp4"
  await(Promise(function(resolve) socket:bind(0, "127.0.0.1", resolve) end))
  child:send("datagrams", socket)
  t:equal(await(next_message(child))[1], "receiving")
  local port = socket:address().port
  socket:close()
  local answer = Promise(function(resolve) client:once("message", function(text) resolve(tostring(text)) end) end)
  client:send("hello", port, "127.0.0.1")
  t:equal(await(answer), "from the child: hello")
  client:close()
  child:disconnect()
  await(over)
end)

test("messages behind a handle stay behind it", function(t)
  local child = fork "handles"
  local over = ended(child)
  local server = await(listener())
  local order = {}
  local all = Promise(function(resolve)
    child:on("message", function(message)
      order[#order + 1] = message == "serving" and "serving" or message.message
      if #order == 6 then resolve() end
    end)
  end)
  child:send(1)
  child:send("server", server)
  child:send(2)
  child:send(3)
  child:send(4)
  child:send(5)
  await(all)
  t:deep(order, { 1, "serving", 2, 3, 4, 5 })
  server:close()
  child:kill()
  await(over)
end)

test("a socket sent twice goes as text the second time", function(t)
  local child = fork "handles"
  local over = ended(child)
  local server = await(listener({ pauseOnConnect = true }, function(socket)
    child:send("first", socket)
    child:send("second", socket)
  end))
  local answer = told(server:address().port)
  t:deep(await(next_message(child))[1], { message = "first", handle = true })
  t:deep(await(next_message(child))[1], { message = "second", handle = false })
  child:kill()
  await(over)
  await(answer)
  server:close()
end)

test("a handle whose receiver dies is not lost in silence", function(t)
  local child = fork "stay"
  await(next_message(child))
  local over = ended(child)
  child:kill "SIGSTOP"
  local server = await(listener())
  local closed = Promise(function(resolve)
    child:send("one", server, function(err) resolve(err) end)
  end)
  local queued = Promise(function(resolve)
    child:send("two", server, function(err) resolve(err) end)
  end)
  child:kill "SIGKILL"
  t:equal(await(closed).code, "ERR_IPC_CHANNEL_CLOSED")
  t:equal(await(queued).code, "ERR_IPC_CHANNEL_CLOSED")
  await(over)
  local warned = event(process, "warning")
  local second = fork "stay"
  await(next_message(second))
  local second_over = ended(second)
  second:kill "SIGSTOP"
  second:send("nobody hears", server)
  second:kill "SIGKILL"
  t:equal(await(warned).name, "SentHandleNotReceivedWarning")
  await(second_over)
  server:close()
end)

test("a handle that does not arrive is sent again, three times", function(t)
  -- A shell on the other end reads the text and drops the descriptor.
  local child = child_process.spawn("/bin/sh", { "-c", [[
    n=0
    while IFS= read -r line <&3; do
      case $line in
        *NODE_HANDLE*) n=$((n + 1)); echo '{"cmd":"NODE_HANDLE_NACK"}' >&3 ;;
        *) echo "{\"tries\":$n}" >&3; exit 0 ;;
      esac
    done]] }, { stdio = { "ignore", "inherit", "inherit", "ipc" } })
  local over = ended(child)
  local server = await(listener())
  local warned = event(process, "warning")
  local failed = Promise(function(resolve) child:send("take it", server, resolve) end)
  child:send "and then"
  t:equal(await(next_message(child))[1].tries, 4)
  t:equal(await(failed).code, "ERR_IPC_CHANNEL_CLOSED")
  t:equal(await(warned).name, "SentHandleNotReceivedWarning")
  server:close()
  t:deep(await(over), { 0 })
end)

test("a claimed handle that did not come along is refused", function(t)
  local child = child_process.spawn("/bin/sh", { "-c", [[
    echo '{"cmd":"NODE_HANDLE","type":"net.Socket","msg":"fake"}' >&3
    IFS= read -r line <&3
    echo '{"cmd":"NODE_HANDLE","type":"no such type","msg":"fake"}' >&3
    IFS= read -r line2 <&3
    printf '{"a":%s,"b":%s}\n' "$line" "$line2" >&3]] }, { stdio = { "ignore", "inherit", "inherit", "ipc" } })
  local over = ended(child)
  local message = await(next_message(child))[1]
  t:equal(message.a.cmd, "NODE_HANDLE_NACK")
  t:equal(message.b.cmd, "NODE_HANDLE_NACK")
  t:deep(await(over), { 0 })
end)

test("no descriptor is left behind", function(t)
  local function count() return #fs.readdirSync "/proc/self/fd" end
  local before
  for round = 1, 4 do
    local child = fork "handles"
    local over = ended(child)
    local server = await(listener({ pauseOnConnect = true }, function(socket) child:send("socket", socket) end))
    t:equal(await(told(server:address().port)), "from the child")
    server:close()
    child:disconnect()
    await(over)
    await(require("timers/promises").setTimeout(20))
    if round == 1 then before = count() end
  end
  t:equal(count(), before)
end)

-- ---- Node on the other side

test("a Node child", { skip = not has_node and "Node is not installed" or nil }, function(t)
  for _, mode in ipairs { "json", "advanced" } do
    local child = child_process.fork(FIXTURES .. "/node_child.js", {}, { execPath = "node", serialization = mode, execArgv = {} })
    local over = ended(child)
    t:equal(await(next_message(child))[1], "ready")
    child:send { a = { 1, 2, { b = "grün\n" } }, c = true }
    t:deep(await(next_message(child))[1].got, { a = { 1, 2, { b = "grün\n" } }, c = true })
    local server = await(listener({ pauseOnConnect = true }, function(socket) child:send("socket", socket) end))
    local answer = told(server:address().port)
    t:equal(await(next_message(child))[1], "socket done")
    t:equal(await(answer), "from a Node child")
    server:close()
    if mode == "advanced" then
      local message = { bytes = Buffer.from "\1\2\255" }
      message.self = message
      child:send(message)
      local got = await(next_message(child))[1]
      t:equal(got.hex, "0102ff")
      t:ok(got.is and got.self)
      t:equal(tostring(got.bytes), "\1\2\255")
    end
    child:send "disconnect"
    t:deep(await(over), { 0 })
  end
end)

test("a Node parent", { skip = not has_node and "Node is not installed" or nil }, function(t)
  for _, mode in ipairs { "json", "advanced" } do
    local out = await(Promise(function(resolve)
      child_process.execFile("node", { FIXTURES .. "/node_parent.js", process.execPath, mode }, function(_, stdout, stderr) resolve(stdout .. stderr) end)
    end))
    local lines = {}
    for line in out:gmatch "[^\n]+" do lines[#lines + 1] = line end
    table.sort(lines)
    t:deep(lines, { "exit 0", "from the child", "socket done", '{"message":{"list":[1,2.5,true],"text":"grün\\n"},"handle":false}' == lines[4] and lines[4]
      or '{"handle":false,"message":{"list":[1,2.5,true],"text":"grün\\n"}}' })
  end
end)
