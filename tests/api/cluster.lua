-- SPDX-License-Identifier: MIT
--
-- cluster: workers, their events, and the sockets that they share. The workers are tests/fixtures/cluster/worker.lua.
local test = require "../support/test"
local cluster = require "cluster"
local child_process = require "child_process"
local net, http, path = require "net", require "http", require "path"
local sleep = require("timers/promises").setTimeout

local FIXTURES = path.resolve "tests/fixtures/cluster"

local function event(emitter, name)
  return Promise(function(resolve) emitter:once(name, function(...) resolve { ... } end) end)
end

-- Tells a worker to act; resolves with its answer.
local function ask(worker, message)
  return Promise(function(resolve)
    local function on_message(answer)
      if answer.done ~= message.act then return end
      worker:removeListener("message", on_message)
      resolve(answer)
    end
    worker:on("message", on_message)
    worker:send(message)
  end)
end

local function fork(env)
  local worker = cluster.fork(env)
  await(event(worker, "online"))
  return worker
end

local function pair() return fork(), fork() end

local function finish()
  await(Promise(function(resolve)
    local left = 0
    for _, worker in pairs(cluster.workers) do
      left = left + 1
      worker:once("exit", function()
        left = left - 1
        if left == 0 then resolve() end
      end)
    end
    cluster.disconnect(function() if left == 0 then resolve() end end)
  end))
end

-- What one connection is told: text, or nil and the error's code.
local function told(options)
  return Promise(function(resolve)
    local text, code = "", nil
    local socket = net.connect(options)
    socket:setEncoding "utf8"
    socket:on("data", function(chunk) text = text .. chunk end)
    socket:on("error", function(err) code = err.code end)
    socket:on("close", function() resolve(code or text) end)
  end)
end

local function get(port, url)
  return Promise(function(resolve)
    local text = ""
    local req = http.get({ port = port, host = "127.0.0.1", path = url or "/", agent = false }, function(res)
      res:setEncoding "utf8"
      res:on("data", function(chunk) text = text .. chunk end)
      res:on("end", function() resolve(text) end)
      res:on("error", function(err) resolve(err.code) end)
    end)
    req:on("error", function(err) resolve(err.code) end)
  end)
end

cluster.setupPrimary { exec = FIXTURES .. "/worker.lua", args = { "argument" } }

test("the primary knows what it is", function(t)
  t:equal(cluster.isPrimary, true)
  t:equal(cluster.isMaster, true)
  t:equal(cluster.isWorker, false)
  t:equal(cluster.worker, nil)
  t:equal(cluster.SCHED_NONE, 1)
  t:equal(cluster.SCHED_RR, 2)
  t:equal(cluster.schedulingPolicy, cluster.SCHED_RR)
  t:equal(cluster.settings.exec, FIXTURES .. "/worker.lua")
  t:deep(cluster.settings.args, { "argument" })
  t:throws(function() cluster:fork() end, "ERR_INVALID_THIS")
  t:throws(function() cluster.on("x", print) end, "ERR_INVALID_THIS")
  t:throws(function() cluster.fork(5) end, "ERR_INVALID_ARG_TYPE")
end)

test("setup is emitted with the settings, each time", function(t)
  cluster:once("setup", t:called(function(settings) t:equal(settings.silent, true) end))
  cluster.setupPrimary { silent = true }
  await(sleep(1))
  cluster.setupPrimary { silent = false }
end)

test("a worker's life, event by event", function(t)
  local seen = {}
  local function on(name)
    local function listener(worker)
      seen[#seen + 1] = name
      t:ok(cluster.Worker:is(worker))
    end
    cluster:on(name, listener)
    return function() cluster:removeListener(name, listener) end
  end
  local off = {}
  for _, name in ipairs { "fork", "online", "listening", "disconnect", "exit" } do off[#off + 1] = on(name) end
  local worker = cluster.fork { GIVEN = "by the primary" }
  t:equal(cluster.workers[worker.id], worker)
  t:equal(worker.state, "none")
  t:equal(worker.exitedAfterDisconnect, nil)
  t:ok(worker.process.pid > 0)
  await(event(worker, "online"))
  t:equal(worker.state, "online")
  t:ok(worker:isConnected())
  t:no(worker:isDead())
  local state = await(ask(worker, { act = "state" }))
  t:deep(state, { done = "state", id = worker.id, primary = false, master = false, worker = true, same = true, connected = true, dead = false,
    fork = "nil", given = "by the primary", argv = "argument" })
  local listening = event(worker, "listening")
  local answer = await(ask(worker, { act = "net", options = { port = 0, host = "127.0.0.1" } }))
  local info = await(listening)[1]
  t:deep({ info.address, info.port, info.addressType }, { "127.0.0.1", answer.address.port, 4 })
  t:equal(worker.state, "listening")
  local exit = event(worker, "exit")
  worker:disconnect()
  t:equal(cluster.workers[worker.id], nil)
  t:deep(await(exit), { 0 })
  t:equal(worker.exitedAfterDisconnect, true)
  t:equal(worker.state, "dead")
  t:ok(worker:isDead())
  t:no(worker:isConnected())
  t:equal(table.concat(seen, " "), "fork online listening disconnect exit")
  for _, fn in ipairs(off) do fn() end
end)

test("port 0 is the same port in all, and connections go round", function(t)
  local a, b = pair()
  local first = await(ask(a, { act = "net", options = { port = 0 } }))
  local second = await(ask(b, { act = "net", options = { port = 0 } }))
  t:equal(first.address.port, second.address.port)
  local counts = {}
  for _ = 1, 20 do
    local who = await(told { port = first.address.port, host = "127.0.0.1" })
    counts[who] = (counts[who] or 0) + 1
  end
  t:equal(counts[tostring(a.id)], 10)
  t:equal(counts[tostring(b.id)], 10)
  -- A second server on port 0 is another one, and the same in both again.
  local third = await(ask(a, { act = "http", options = { port = 0 } }))
  local fourth = await(ask(b, { act = "http", options = { port = 0 } }))
  t:equal(third.address.port, fourth.address.port)
  t:notEqual(third.address.port, first.address.port)
  local who = {}
  for i = 1, 4 do who[i] = await(get(third.address.port)) end
  t:ok(who[1] ~= who[2] and who[1] == who[3] and who[2] == who[4])
  finish()
  t:equal(await(told { port = first.address.port, host = "127.0.0.1" }), "ECONNREFUSED")
end)

test("Unix sockets are shared", function(t)
  local a, b = pair()
  local file = os.tmpname()
  os.remove(file)
  t:equal(await(ask(a, { act = "net", options = { path = file } })).address, file)
  t:equal(await(ask(b, { act = "net", options = { path = file } })).address, file)
  local counts = {}
  for _ = 1, 10 do
    local who = await(told { path = file })
    counts[who] = (counts[who] or 0) + 1
  end
  t:equal(counts[tostring(a.id)], 5)
  finish()
  t:no(require("fs").existsSync(file))
end)

test("datagram sockets are shared", function(t)
  for _, case in ipairs { { "udp4", "127.0.0.1" }, { "udp6", "::1" } } do
    local a, b = pair()
    local first = await(ask(a, { act = "udp", kind = case[1], options = { port = 0, address = case[2] } }))
    local second = await(ask(b, { act = "udp", kind = case[1], options = { port = 0, address = case[2] } }))
    t:equal(first.address.port, second.address.port)
    local client = require("dgram").createSocket(case[1])
    local answer = event(client, "message")
    client:send("hello", first.address.port, case[2])
    t:match(tostring(await(answer)[1]), "^%d+:hello$")
    client:close()
    finish()
  end
end)

test("exclusive sockets are a worker's own", function(t)
  local a, b = pair()
  local first = await(ask(a, { act = "net", options = { port = 0, host = "127.0.0.1", exclusive = true } }))
  local second = await(ask(b, { act = "net", options = { port = 0, host = "127.0.0.1", exclusive = true } }))
  t:notEqual(first.address.port, second.address.port)
  local third = await(ask(b, { act = "net", options = { port = first.address.port, host = "127.0.0.1", exclusive = true } }))
  t:equal(third.code, "EADDRINUSE")
  local fourth = await(ask(a, { act = "udp", kind = "udp4", options = { port = 0, address = "127.0.0.1", exclusive = true } }))
  local fifth = await(ask(b, { act = "udp", kind = "udp4", options = { port = 0, address = "127.0.0.1", exclusive = true } }))
  t:notEqual(fourth.address.port, fifth.address.port)
  finish()
end)

test("a port that is taken is the worker's error", function(t)
  local a = fork()
  local other = net.createServer()
  await(Promise(function(resolve) other:listen(0, "127.0.0.1", resolve) end))
  local port = other:address().port
  local answer = await(ask(a, { act = "http", options = { port = port, host = "127.0.0.1" } }))
  t:deep({ answer.code, answer.port }, { "EADDRINUSE", port })
  other:close()
  await(event(other, "close"))
  t:equal(await(ask(a, { act = "http", options = { port = port, host = "127.0.0.1" } })).address.port, port)
  finish()
end)

test("a server closed before it listens is closed", function(t)
  local a = fork()
  await(ask(a, { act = "listen_and_close", options = { port = 0 } }))
  finish()
end)

test("a closed server's connections go to the others", function(t)
  local a, b = pair()
  local port = await(ask(a, { act = "net", options = { port = 0 } })).address.port
  await(ask(b, { act = "net", options = { port = 0 } }))
  await(ask(a, { act = "close" }))
  for _ = 1, 6 do t:equal(await(told { port = port, host = "127.0.0.1" }), tostring(b.id)) end
  finish()
end)

test("a worker that has enough connections passes them on", function(t)
  local a, b = pair()
  local port = await(ask(a, { act = "hold", max = 2, options = { port = 0 } })).address.port
  await(ask(b, { act = "hold", max = 4, options = { port = 0 } }))
  local counts, sockets = {}, {}
  for i = 1, 6 do
    local socket = net.connect(port, "127.0.0.1")
    sockets[i] = socket
    local who = tostring(await(event(socket, "data"))[1])
    counts[who] = (counts[who] or 0) + 1
  end
  t:equal(counts[tostring(a.id)], 2)
  t:equal(counts[tostring(b.id)], 4)
  for _, socket in ipairs(sockets) do socket:destroy() end
  finish()
end)

test("a connection that a dead worker had not taken goes to the next one", function(t)
  local a, b = pair()
  local port = await(ask(a, { act = "net", options = { port = 0 } })).address.port
  await(ask(b, { act = "net", options = { port = 0 } }))
  a.process:kill "SIGSTOP"
  local answers = {}
  for i = 1, 6 do answers[i] = told { port = port, host = "127.0.0.1" } end
  await(sleep(100))
  local exit = event(a, "exit")
  a.process:kill "SIGKILL"
  for i = 1, 6 do t:equal(await(answers[i]), tostring(b.id)) end
  t:deep(await(exit), { nil, "SIGKILL" })
  t:equal(a.exitedAfterDisconnect, false)
  t:equal(cluster.workers[a.id], nil)
  finish()
end)

test("workers killed under load: those that are left serve all that follows", { timeout = 60000 }, function(t)
  local workers = {}
  for i = 1, 3 do workers[i] = fork() end
  local port
  for i = 1, 3 do port = await(ask(workers[i], { act = "http", options = { port = 0 } })).address.port end
  local good, bad = 0, 0
  local stop = false
  local function load()
    while not stop do
      local answer = await(get(port))
      if answer:match "^%d+$" then good = good + 1 else bad = bad + 1 end
    end
  end
  local clients = {}
  for i = 1, 8 do clients[i] = async(load) end
  for i = 1, 2 do
    await(sleep(200))
    workers[i].process:kill "SIGKILL"
    await(event(workers[i], "exit"))
    local again = fork()
    t:equal(await(ask(again, { act = "http", options = { port = 0 } })).address.port, port)
  end
  await(sleep(200))
  stop = true
  for i = 1, 8 do await(clients[i]) end
  t:ok(good > 50, "answers")
  t:ok(bad <= 16, bad .. " requests failed: only those in a killed worker's hands may")
  for _ = 1, 9 do t:match(await(get(port)), "^%d+$") end
  finish()
end)

test("10,000 connections handed to workers: none is lost", { timeout = 120000 }, function(t)
  local a, b = pair()
  local port = await(ask(a, { act = "net", options = { port = 0, backlog = 1024 } })).address.port
  await(ask(b, { act = "net", options = { port = 0 } }))
  local counts, left = {}, 10000
  local function client()
    while left > 0 do
      left = left - 1
      local who = await(told { port = port, host = "127.0.0.1" })
      counts[who] = (counts[who] or 0) + 1
    end
  end
  local clients = {}
  for i = 1, 64 do clients[i] = async(client) end
  for i = 1, 64 do await(clients[i]) end
  t:equal((counts[tostring(a.id)] or 0) + (counts[tostring(b.id)] or 0), 10000)
  t:ok(counts[tostring(a.id)] > 1000 and counts[tostring(b.id)] > 1000)
  finish()
end)

test("disconnect lets a request finish", function(t)
  local a = fork()
  local port = await(ask(a, { act = "http", options = { port = 0 } })).address.port
  local answer = get(port, "/slow")
  await(sleep(100))
  local exit = event(a, "exit")
  a:disconnect()
  t:equal(await(answer), "slow " .. a.id)
  t:deep(await(exit), { 0 })
  t:equal(a.exitedAfterDisconnect, true)
end)

test("a worker may disconnect and end itself", function(t)
  local a, b = pair()
  await(ask(a, { act = "net", options = { port = 0 } }))
  local exit = event(a, "exit")
  a:send { act = "disconnect" }
  t:deep(await(exit), { 0 })
  t:equal(a.exitedAfterDisconnect, true)
  exit = event(b, "exit")
  b:send { act = "kill" }
  t:deep(await(exit), { 0 })
  t:equal(b.exitedAfterDisconnect, true)
end)

test("a worker that fails, and one that is killed", function(t)
  cluster.setupPrimary { silent = true }
  local a, b = pair()
  cluster.setupPrimary { silent = false }
  local text = ""
  a.process.stderr:on("data", function(chunk) text = text .. tostring(chunk) end)
  local exit = event(a, "exit")
  local seen = event(cluster, "exit")
  a:send { act = "fail" }
  t:deep(await(exit), { 1 })
  t:equal(await(seen)[1], a)
  t:equal(a.exitedAfterDisconnect, false)
  t:match(text, "on purpose")
  exit = event(b, "exit")
  b:kill()
  t:deep(await(exit), { nil, "SIGTERM" })
  t:equal(b.exitedAfterDisconnect, false)
end)

test("messages reach worker and cluster", function(t)
  local a = fork()
  local seen = event(cluster, "message")
  a:send { act = "state" }
  local args = await(seen)
  t:equal(args[1], a)
  t:ok(args[2].done)
  finish()
end)

test("cluster.disconnect without workers calls back", function(t)
  cluster.disconnect(t:called())
end)

test("workers do not outlive the primary", function(t)
  local primary = child_process.spawn(process.execPath, { FIXTURES .. "/primary.lua" })
  primary.stdout:setEncoding "utf8"
  local pid, port = await(event(primary.stdout, "data"))[1]:match "(%d+)%s+(%d+)"
  t:equal(await(get(tonumber(port))), "ok")
  local exit = event(primary, "exit")
  primary:kill "SIGKILL"
  await(exit)
  local alive = true
  for _ = 1, 300 do
    local stat = io.open("/proc/" .. pid .. "/stat")
    alive = stat ~= nil and not stat:read("*a"):find(") Z", 1, true)
    if stat then stat:close() end
    if not alive then break end
    await(sleep(10))
  end
  t:no(alive)
end)

for _, how in ipairs { "environment", "assignment" } do
  test("SCHED_NONE by " .. how, { timeout = 20000 }, function(t)
    local env = {}
    for name, value in pairs(process.env) do env[name] = value end
    local args = { FIXTURES .. "/none.lua" }
    if how == "environment" then env.NODE_CLUSTER_SCHED_POLICY = "none" else args = { "-e", ("require('cluster').schedulingPolicy = 1 require('cluster').setupPrimary { exec = %q } dofile(%q)"):format(args[1], args[1]) } end
    local out = await(Promise(function(resolve)
      child_process.execFile(process.execPath, args, { env = env }, function(_, stdout, stderr) resolve(stdout .. stderr) end)
    end))
    t:equal(out, "true\ttrue\t50\nover\n")
  end)
end
