-- SPDX-License-Identifier: MIT
local harness = require "../support/test"
local hooks = require "async_hooks"
local AsyncLocalStorage, AsyncResource = hooks.AsyncLocalStorage, hooks.AsyncResource
local fs, net, http, dns, child_process, dgram = require "fs", require "net", require "http", require "dns", require "child_process", require "dgram"
local EventEmitter, zlib, crypto = require "events", require "zlib", require "crypto"
local promises = require "timers/promises"

local als = AsyncLocalStorage()
local here = debug.getinfo(1, "S").source:sub(2)

-- The harness starts a test in whatever context the last expectation of the one before was met.
local function test(name, fn)
  harness(name, function(t)
    als:enterWith(nil)
    return fn(t)
  end)
end

-- cb, to be called n times with the store as it was when this was made.
local function seeing(t, n, fn)
  local want = als:getStore()
  return t:called(function(...)
    t:equal(als:getStore(), want)
    if fn then return fn(...) end
  end, n)
end

test("run gives the store to fn, hands on arguments and results, and takes it back", function(t)
  t:equal(als:getStore(), nil)
  local a, b = als:run("one", function(x, y)
    t:equal(als:getStore(), "one")
    als:run("two", function() t:equal(als:getStore(), "two") end)
    t:equal(als:getStore(), "one")
    als:run(nil, function() t:equal(als:getStore(), nil) end)
    return x, y
  end, 1, 2)
  t:equal(a, 1)
  t:equal(b, 2)
  t:equal(als:getStore(), nil)
  local e = t:throws(function() als:run(1, function() error("no", 0) end) end)
  t:equal(e, "no")
  t:equal(als:getStore(), nil)
  t:throws(function() als:run(1) end, "ERR_INVALID_ARG_TYPE")
end)

test("false is a store as good as any", function(t)
  als:run(false, function() t:equal(als:getStore(), false) end)
end)

test("exit hides the store, also from what is started within", function(t)
  als:run(1, function()
    als:exit(function()
      t:equal(als:getStore(), nil)
      setTimeout(seeing(t), 1)
    end)
    t:equal(als:getStore(), 1)
  end)
  local a, b = AsyncLocalStorage():exit(function(...) return ... end, 3, 4)
  t:equal(a + b, 7)
end)

test("enterWith lasts for the rest of the running code and what it starts, not for what C calls next", function(t)
  setImmediate(t:called(function()
    t:equal(als:getStore(), nil)
    als:enterWith "mine"
    t:equal(als:getStore(), "mine")
    process.nextTick(seeing(t))
    setTimeout(seeing(t), 1)
    fs.stat(here, seeing(t))
  end))
  setImmediate(t:called(function() t:equal(als:getStore(), nil) end))
end)

test("disable forgets the store until the next run", function(t)
  local own = AsyncLocalStorage()
  own:run(1, function()
    own:disable()
    t:equal(own:getStore(), nil)
    own:run(2, function() t:equal(own:getStore(), 2) end)
    t:equal(own:getStore(), nil)
  end)
end)

test("two storages do not see each other", function(t)
  local other = AsyncLocalStorage()
  als:run(1, function()
    other:run(2, function()
      t:equal(als:getStore(), 1)
      t:equal(other:getStore(), 2)
      als:exit(function() t:equal(other:getStore(), 2) end)
      setTimeout(t:called(function()
        t:equal(als:getStore(), 1)
        t:equal(other:getStore(), 2)
      end), 1)
    end)
    t:equal(other:getStore(), nil)
  end)
end)

test("timers, immediates, ticks and microtasks keep it", function(t)
  for _, store in ipairs { "a", "b" } do
    als:run(store, function()
      setTimeout(seeing(t), 1)
      setImmediate(seeing(t))
      process.nextTick(seeing(t))
      queueMicrotask(seeing(t))
      local left, timer = 2, nil
      timer = setInterval(seeing(t, 2, function()
        left = left - 1
        if left == 0 then clearInterval(timer) end
      end), 1)
    end)
  end
  setTimeout(t:called(function() t:equal(als:getStore(), nil) end), 5)
end)

test("promises: handlers see the store of their registration", function(t)
  local p, done = Promise.withResolvers(), nil
  done = p.resolve
  als:run(1, function()
    p.promise:next(seeing(t, 1, function() return Promise.reject "over" end)):catch(seeing(t)):finally(seeing(t))
    Promise.all({ p.promise }):next(seeing(t))
  end)
  als:run(2, function() done "x" end)
  p.promise:next(t:called(function() t:equal(als:getStore(), nil) end))
  await(p.promise)
  t:equal(als:getStore(), nil)
end)

test("async functions keep it over await, and their caller's is not touched", function(t)
  local function work()
    t:equal(als:getStore(), "s")
    await(promises.setTimeout(1))
    t:equal(als:getStore(), "s")
    pcall(function() await(Promise.reject "no") end)
    t:equal(als:getStore(), "s")
    als:run("inner", function()
      await(promises.setTimeout(1))
      t:equal(als:getStore(), "inner")
    end)
    t:equal(als:getStore(), "s")
    return als:getStore()
  end
  local p = als:run("s", function() return async(work) end)
  t:equal(als:getStore(), nil)
  t:equal(await(p), "s")
  t:equal(als:getStore(), nil)
  als:run("awaited", function()
    await(promises.setTimeout(1))
    t:equal(als:getStore(), "awaited")
  end)
  t:equal(als:getStore(), nil)
end)

test("fs: callbacks, promises, streams, watchers", function(t)
  local dir = fs.mkdtempSync "/tmp/lunode-hooks-"
  als:run("fs", function()
    fs.readFile(here, seeing(t))
    fs.stat(here, seeing(t))
    fs.writeFile(dir .. "/a", "text", seeing(t))
    fs.opendir(dir, seeing(t, 1, function(_, d) d:close(seeing(t)) end))
    fs.promises.readFile(here):next(seeing(t))
    fs.createReadStream(here, { start = 0, ["end"] = 9 }):on("data", seeing(t)):on("close", seeing(t))
    fs.rm(dir .. "/none", { force = true, recursive = true }, seeing(t))
  end)
  als:run("watch", function()
    local watcher
    watcher = fs.watch(dir, function()
      t:equal(als:getStore(), "watch")
      watcher:close()
      watcher:removeAllListeners "change"
    end)
    watcher:on("close", seeing(t))
  end)
  setTimeout(function() fs.writeFileSync(dir .. "/b", "x") end, 10)
  await(promises.setTimeout(60))
  fs.rmSync(dir, { recursive = true })
end)

test("sockets: each side sees the store of its own making", function(t)
  local server
  als:run("server", function()
    server = net.createServer(seeing(t, 1, function(socket)
      socket:on("data", seeing(t, 1, function(data) socket:finish(data) end))
      socket:on("end", seeing(t))
      socket:on("close", seeing(t))
    end))
    server:on("close", seeing(t))
    server:listen(0, seeing(t, 1, function()
      als:run("client", function()
        local client = net.connect(server:address().port, "127.0.0.1", seeing(t))
        client:write("hello", seeing(t))
        client:on("data", seeing(t))
        client:on("end", seeing(t))
        client:on("close", seeing(t, 1, function() server:close() end))
      end)
    end))
  end)
  als:run("refused", function()
    net.connect(1, "127.0.0.1"):on("error", seeing(t)):on("close", seeing(t))
    net.connect("/tmp/lunode-no-such-socket"):on("error", seeing(t)):on("close", seeing(t))
  end)
end)

test("a socket connected by name keeps the store through the look-up", function(t)
  local server = net.createServer(function(socket) socket:finish() end):listen(0, "localhost")
  await(EventEmitter.once(server, "listening"))
  als:run("by name", function()
    net.connect(server:address().port, "localhost", seeing(t)):on("lookup", function() t:equal(als:getStore(), "by name") end):resume()
      :on("close", seeing(t, 1, function() server:close() end))
  end)
end)

test("http: the server's requests see its store, a handler's run reaches all it starts, clients see their own", function(t)
  local server
  als:run("server", function()
    server = http.createServer(function(req, res)
      t:equal(als:getStore(), "server")
      als:run(req.url, function()
        setTimeout(function()
          local store = als:getStore()
          fs.stat(here, function() res:finish(store .. als:getStore()) end)
        end, 1)
      end)
    end)
    server:listen(0)
  end)
  await(EventEmitter.once(server, "listening"))
  local port, agent = server:address().port, http.Agent { keepAlive = true, maxSockets = 1 }
  local left = 3
  for i = 1, 3 do
    als:run("client" .. i, function()
      http.get({ port = port, path = "/" .. i, agent = agent }, seeing(t, 1, function(res)
        res:setEncoding "utf8"
        res:on("data", seeing(t, 1, function(text) t:equal(text, ("/%d/%d"):format(i, i)) end))
        res:on("end", seeing(t))
        res:on("close", seeing(t, 1, function()
          left = left - 1
          if left == 0 then
            agent:destroy()
            server:close()
          end
        end))
      end)):on("close", seeing(t)):on("socket", seeing(t))
    end)
  end
end)

test("http: enterWith in a handler does not reach the next request, pipelined or not", function(t)
  local stores = {}
  local server = http.createServer(function(req, res)
    stores[#stores + 1] = tostring(als:getStore())
    als:enterWith(req.url)
    res:finish "x"
  end):listen(0)
  await(EventEmitter.once(server, "listening"))
  local client = net.connect(server:address().port)
  client:write "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
  await(promises.setTimeout(20))
  client:finish "GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
  client:resume()
  await(EventEmitter.once(client, "close"))
  server:close()
  t:equal(table.concat(stores, " "), "nil nil nil")
end)

test("children: events, output and messages see the store of the spawn", function(t)
  als:run("child", function()
    child_process.execFile("/bin/echo", { "hi" }, seeing(t))
    child_process.exec("exit 3", seeing(t))
    local child = child_process.spawn("/bin/cat")
    child.stdout:on("data", seeing(t))
    child:on("exit", seeing(t))
    child:on("close", seeing(t))
    child:on("spawn", seeing(t))
    child.stdin:finish "text"
    child_process.spawn("/no/such/file"):on("error", seeing(t))
  end)
end)

test("cluster: a worker's server and its connections see the store of listen, with both policies", function(t)
  local dir = require("fs").mkdtempSync "/tmp/lunode-hooks-"
  fs.writeFileSync(dir .. "/app.lua", [[
    local cluster, net = require "cluster", require "net"
    cluster.schedulingPolicy = process.argv[3] == "none" and cluster.SCHED_NONE or cluster.SCHED_RR
    if cluster.isPrimary then
      local worker = cluster.fork()
      worker:on("message", function(text)
        io.write(text, "\n")
        worker:disconnect()
      end)
      cluster:on("listening", function(_, address) net.connect(address.port, "127.0.0.1"):finish "x" end)
    else
      local als = require("async_hooks").AsyncLocalStorage()
      local seen
      local function note() seen = (seen and seen .. " " or "") .. tostring(als:getStore()) end
      als:run("worker", function()
        net.createServer(function(socket)
          note()
          socket:on("data", function()
            note()
            process.send(seen)
          end)
        end):listen(0, "127.0.0.1", note)
      end)
    end
  ]])
  for _, policy in ipairs { "rr", "none" } do
    local r = child_process.spawnSync(process.execPath, { dir .. "/app.lua", policy }, { timeout = 8000 })
    t:equal(r.stdout:toString(), "worker worker worker\n", policy .. r.stderr:toString())
  end
  fs.rmSync(dir, { recursive = true })
end)

test("dns, dgram, zlib, crypto, signals", function(t)
  als:run("ask", function()
    dns.lookup("localhost", seeing(t))
    dns.promises.lookup("127.0.0.1"):next(seeing(t))
    local resolver = dns.Resolver()
    resolver:setServers { "127.0.0.1:1" }
    resolver:resolve4("x.test", seeing(t))
    zlib.gzip("text", seeing(t))
    local gzip = zlib.createGzip()
    gzip:on("data", function() t:equal(als:getStore(), "ask") end):on("end", seeing(t))
    gzip:finish "text"
    crypto.randomBytes(8, seeing(t))
    crypto.pbkdf2("a", "b", 1, 8, "sha1", seeing(t))
    local socket = dgram.createSocket "udp4"
    socket:on("message", seeing(t, 1, function() socket:close(seeing(t)) end))
    socket:bind(0, "127.0.0.1", seeing(t, 1, function() socket:send("x", socket:address().port, "127.0.0.1", seeing(t)) end))
    local on_signal
    on_signal = seeing(t, 1, function() process:removeListener("SIGUSR2", on_signal) end)
    process:on("SIGUSR2", on_signal)
  end)
  process.kill(process.pid, "SIGUSR2")
end)

test("emitters run listeners in the context of emit; abort signals and streams too", function(t)
  local e = EventEmitter()
  als:run("on", function() e:on("x", t:called(function() t:equal(als:getStore(), "emit") end)) end)
  als:run("emit", function() e:emit "x" end)
  als:run("s", function()
    local pass = require("stream").PassThrough()
    pass:on("data", seeing(t)):on("end", seeing(t))
    pass:finish "x"
    AbortSignal.timeout(1):addEventListener("abort", seeing(t))
  end)
end)

test("an uncaught error leaves no store behind", function(t)
  local r = child_process.spawnSync(process.execPath, { "-e", [[
    local als = require("async_hooks").AsyncLocalStorage()
    process:once("uncaughtException", function() setImmediate(function() print(als:getStore()) end) end)
    als:run(1, function() require("net").connect(1, "127.0.0.1", function() end) end)
    require("net").connect("/tmp/lunode-no-such-socket"):on("error", function() print(als:getStore()) end)
  ]] })
  t:equal(r.stdout:toString(), "nil\nnil\n")
end)

test("AsyncLocalStorage.bind and snapshot keep the context of now", function(t)
  local bound, snapshot = als:run("then", function()
    return AsyncLocalStorage.bind(function(...) return als:getStore(), ... end), AsyncLocalStorage.snapshot()
  end)
  local store, x = bound(7)
  t:equal(store, "then")
  t:equal(x, 7)
  als:run("now", function()
    t:equal(select(2, snapshot(function(a) return a, als:getStore() end, 1)), "then")
    t:equal(als:getStore(), "now")
  end)
  t:throws(function() AsyncLocalStorage.bind(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() snapshot(5) end, "ERR_INVALID_ARG_TYPE")
end)

test("AsyncResource: the scope has the context of its making, and its ids", function(t)
  local outer = AsyncResource "Outer"
  local resource = als:run("made", function() return AsyncResource("Mine", { triggerAsyncId = 42 }) end)
  t:equal(resource:triggerAsyncId(), 42)
  t:equal(AsyncResource("Mine", 43):triggerAsyncId(), 43)
  t:ok(resource:asyncId() > outer:asyncId())
  local id, trigger, current, store, x = als:run("else", function()
    return resource:runInAsyncScope(function(...)
      return hooks.executionAsyncId(), hooks.triggerAsyncId(), hooks.executionAsyncResource(), als:getStore(), ...
    end, nil, "x")
  end)
  t:equal(id, resource:asyncId())
  t:equal(trigger, 42)
  t:equal(current, resource)
  t:equal(store, "made")
  t:equal(x, "x")
  t:equal(resource:emitDestroy(), resource)
  t:equal(t:throws(function() resource:runInAsyncScope(function() error("e", 0) end) end), "e")
  t:equal(als:getStore(), nil)
  outer:runInAsyncScope(function() t:equal(AsyncResource("In"):triggerAsyncId(), outer:asyncId()) end)
end)

test("AsyncResource: bad arguments", function(t)
  t:throws(function() AsyncResource() end, { code = "ERR_INVALID_ARG_TYPE", message = 'The "type" argument must be of type string. Received undefined' })
  t:throws(function() AsyncResource("a", { triggerAsyncId = "x" }) end, { code = "ERR_INVALID_ASYNC_ID", message = "Invalid triggerAsyncId value: x" })
  t:throws(function() AsyncResource("a", -2) end, { code = "ERR_INVALID_ASYNC_ID", name = "RangeError" })
  t:throws(function() AsyncResource("a"):bind(1) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() AsyncResource.bind(1) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() hooks.createHook { init = 1 } end, { code = "ERR_ASYNC_CALLBACK", message = "hook.init must be a function" })
end)

test("AsyncResource: bind, static and as a method", function(t)
  local resource = als:run("b", function() return AsyncResource "B" end)
  local bound = resource:bind(function(x) return als:getStore(), x, hooks.executionAsyncId() end)
  local store, x, id = bound(1)
  t:equal(store, "b")
  t:equal(x, 1)
  t:equal(id, resource:asyncId())
  local fn = als:run("c", function() return AsyncResource.bind(function(...) return als:getStore(), select("#", ...) end) end)
  local s, n = fn(nil, nil)
  t:equal(s, "c")
  t:equal(n, 2)
  local Sub = AsyncResource:extend "Sub"
  function Sub:initialize() AsyncResource.prototype.initialize(self, "SUB") end
  t:ok(AsyncResource:is(Sub()))
end)

test("EventEmitterAsyncResource emits in the context of its making", function(t)
  local Class = EventEmitter.EventEmitterAsyncResource
  local emitter = als:run("made", function() return Class { name = "Q", triggerAsyncId = 5 } end)
  t:ok(EventEmitter:is(emitter))
  emitter:on("x", t:called(function(a)
    t:equal(a, 1)
    t:equal(als:getStore(), "made")
    t:equal(hooks.executionAsyncId(), emitter.asyncId)
  end))
  als:run("else", function() t:equal(emitter:emit("x", 1), true) end)
  t:equal(emitter:emit "y", false)
  t:equal(emitter.triggerAsyncId, 5)
  t:equal(emitter.asyncResource.eventEmitter, emitter)
  emitter:emitDestroy()
  local Sub = Class:extend "Sub"
  t:equal(Sub("Named").asyncResource._record.type, "Named")
  t:equal(Sub().asyncResource._record.type, "Sub")
  t:throws(function() Class { name = 5 } end, "ERR_INVALID_ARG_TYPE")
end)

test("ids: each timer, tick and promise handler has its own, and knows who made it", function(t)
  local main = hooks.executionAsyncId()
  local seen = {}
  local function note() seen[#seen + 1] = hooks.executionAsyncId() return hooks.triggerAsyncId() end
  setTimeout(t:called(function()
    t:equal(note(), main)
    local timer_id = hooks.executionAsyncId()
    t:equal(tostring(hooks.executionAsyncResource()), tostring(hooks.executionAsyncResource()))
    setImmediate(t:called(function() t:equal(note(), timer_id) end))
    process.nextTick(t:called(function() t:equal(note(), timer_id) end))
    Promise.resolve():next(t:called(function() note() end))
    queueMicrotask(t:called(function() t:equal(note(), timer_id) end))
  end), 1)
  await(promises.setTimeout(20))
  local ids = {}
  for _, id in ipairs(seen) do
    t:no(ids[id])
    ids[id] = true
  end
  t:equal(#seen, 5)
end)

test("createHook tells of timers, promises and resources until it is disabled", function(t)
  local log, kinds = {}, {}
  local hook = hooks.createHook {
    init = function(id, kind, trigger, resource)
      kinds[id] = kind
      t:equal(type(trigger), "number")
      t:ok(resource)
      log[#log + 1] = "init " .. kind
    end,
    before = function(id) log[#log + 1] = "before " .. tostring(kinds[id]) end,
    after = function(id) log[#log + 1] = "after " .. tostring(kinds[id]) end,
    destroy = function(id) log[#log + 1] = "destroy " .. tostring(kinds[id]) end,
  }
  t:equal(hook:enable(), hook)
  t:throws(function() AsyncResource "" end, { code = "ERR_ASYNC_TYPE", message = 'Invalid name for async "type": ' })
  local function both(fn)
    log = {}
    local done = Promise.withResolvers()
    fn(function() hook:enable() done.resolve() end)
    local mine = log
    await(done.promise)
    return mine, table.concat(mine, ", ")
  end
  local _, text = both(function(over)
    setTimeout(function() log[#log + 1] = "run" setImmediate(over) hook:disable() end, 1)
  end)
  t:match(text, "^init Timeout, .*before Timeout, run, init Immediate")
  log = {}
  hook:enable()
  AsyncResource("R"):runInAsyncScope(function() log[#log + 1] = "in" end)
  t:equal(table.concat(log, ", "), "init R, before R, in, after R")
  log = {}
  AsyncResource("D"):emitDestroy()
  t:equal(table.concat(log, ", "), "init D, destroy D")
  log = {}
  local timer = setTimeout(function() end, 1000)
  clearTimeout(timer)
  t:equal(table.concat(log, ", "), "init Timeout, destroy Timeout")
  log = {}
  local p = Promise(function(resolve) resolve(1) end)
  p:next(function() log[#log + 1] = "handler" end)
  t:equal(table.concat(log, ", "), "init PROMISE, init PROMISE")
  log = {}
  await(promises.setTimeout(2))
  t:match(table.concat(log, ", "), "before PROMISE, handler, after PROMISE")
  hook:disable()
  log = {}
  setTimeout(function() end, 1)
  await(promises.setTimeout(3))
  t:equal(#log, 0)
end)

test("a resource that is collected is told as destroyed, unless it is destroyed by hand", function(t)
  local destroyed = {}
  local hook = hooks.createHook { destroy = function(id) destroyed[id] = (destroyed[id] or 0) + 1 end }:enable()
  local function ids()
    return AsyncResource("gone"):asyncId(), AsyncResource("manual", { requireManualDestroy = true }):asyncId(), AsyncResource("done"):emitDestroy():asyncId()
  end
  local gone, manual, done = ids()
  await(promises.setTimeout(1))
  for _ = 1, 3 do
    collectgarbage()
    await(promises.setTimeout(1))
  end
  hook:disable()
  t:equal(destroyed[gone], 1)
  t:equal(destroyed[manual], nil)
  t:equal(destroyed[done], 1)
end)

test("an error in a hook ends the process with its stack", function(t)
  local r = child_process.spawnSync(process.execPath, { "-e", [[
    require("async_hooks").createHook({ init = function() error(Error("in the hook")) end }):enable()
    setTimeout(function() print "not reached" end, 1)
    print "nor this"
  ]] })
  t:equal(r.status, 1)
  t:equal(r.stdout:toString(), "")
  t:match(r.stderr:toString(), "in the hook")
end)
