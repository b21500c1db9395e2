-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local dc = require "diagnostics_channel"
local hooks = require "async_hooks"
local http, net, dgram, child_process = require "http", require "net", require "dgram", require "child_process"
local once = require("events").once

test("a channel is one for each name; subscribers hear message and name until they leave", function(t)
  local channel = dc.channel "one"
  t:equal(dc.channel "one", channel)
  t:equal(channel.name, "one")
  t:ok(dc.Channel:is(channel))
  t:equal(channel.hasSubscribers, false)
  t:equal(dc.hasSubscribers "one", false)
  t:equal(dc.hasSubscribers "never", false)
  local seen = {}
  local function fn(message, name)
    seen[#seen + 1] = message
    t:equal(name, "one")
  end
  dc.subscribe("one", fn)
  t:ok(channel.hasSubscribers and dc.hasSubscribers "one")
  channel:publish "a"
  t:equal(channel:unsubscribe(fn), true)
  t:equal(dc.unsubscribe("one", fn), false)
  t:equal(channel.hasSubscribers, false)
  channel:publish "b"
  t:deep(seen, { "a" })
  local symbol = require("lunode.internal.symbols").new "s"
  t:equal(dc.channel(symbol).name, symbol)
end)

test("bad arguments", function(t)
  t:throws(function() dc.channel(5) end, { code = "ERR_INVALID_ARG_TYPE", message = 'The "channel" argument must be one of type string or symbol. Received type number (5)' })
  t:throws(function() dc.subscribe("a", 5) end, { code = "ERR_INVALID_ARG_TYPE", message = 'The "subscription" argument must be of type function. Received type number (5)' })
  t:throws(function() dc.tracingChannel(5) end,
    { code = "ERR_INVALID_ARG_TYPE", message = 'The "nameOrChannels" argument must be of type string or an instance of TracingChannel or Object. Received type number (5)' })
  t:throws(function() dc.tracingChannel { start = 1 } end,
    { code = "ERR_INVALID_ARG_TYPE", message = 'The "nameOrChannels.start" property must be an instance of Channel. Received type number (1)' })
end)

test("subscribing and leaving during a publish do not change who hears it", function(t)
  local channel, seen = dc.channel "changing", {}
  local late, third
  late = function() seen[#seen + 1] = "late" end
  third = function() seen[#seen + 1] = "third" end
  channel:subscribe(function()
    channel:subscribe(late)
    channel:unsubscribe(third)
  end)
  channel:subscribe(third)
  channel:publish(1)
  t:deep(seen, { "third" })
  channel:publish(2)
  t:deep(seen, { "third", "late" })
end)

test("a channel that somebody subscribes to by name is not collected, another is", function(t)
  local heard
  dc.subscribe("kept", function(m) heard = m end)
  collectgarbage() collectgarbage()
  dc.channel("kept"):publish "x"
  t:equal(heard, "x")
  local weak = setmetatable({ dc.channel "forgotten" }, { __mode = "v" })
  collectgarbage() collectgarbage()
  t:equal(weak[1], nil)
end)

test("what a subscriber raises is uncaught in the next tick; the others hear the message", function(t)
  local r = child_process.spawnSync(process.execPath, { "-e", [[
    local dc = require "diagnostics_channel"
    process:on("uncaughtException", function(e) print("uncaught", e) end)
    dc.subscribe("x", function() error("bad", 0) end)
    dc.subscribe("x", function() print "second" end)
    dc.channel("x"):publish(1)
    print "done"
  ]] })
  t:equal(r.stdout:toString(), "second\ndone\nuncaught\tbad\n")
end)

test("runStores publishes and runs within the bound stores", function(t)
  local channel, a, b = dc.channel "stores", hooks.AsyncLocalStorage(), hooks.AsyncLocalStorage()
  channel:bindStore(a)
  channel:bindStore(b, function(message) return message.n + 1 end)
  t:ok(channel.hasSubscribers)
  local message, seen = { n = 1 }, nil
  channel:subscribe(function(m) seen = m == message and a:getStore() end)
  local x, y = channel:runStores(message, function(...)
    t:equal(a:getStore(), message)
    t:equal(b:getStore(), 2)
    return ...
  end, nil, 3, 4)
  t:equal(x + y, 7)
  t:equal(seen, message)
  t:equal(a:getStore(), nil)
  t:equal(channel:unbindStore(a), true)
  t:equal(channel:unbindStore(a), false)
  channel:runStores(message, function() t:equal(a:getStore(), nil) end)
  t:equal(t:throws(function() channel:runStores(message, function() error("e", 0) end) end), "e")
end)

local function listen_to(name)
  local tracing, log = dc.tracingChannel(name), {}
  local handlers = {}
  for _, event in ipairs { "start", "end", "asyncStart", "asyncEnd", "error" } do
    handlers[event] = function(message, from)
      log[#log + 1] = event
      log.last = message
      assert(from == "tracing:" .. name .. ":" .. event)
    end
  end
  tracing:subscribe(handlers)
  return tracing, log, handlers
end

test("traceSync", function(t)
  local tracing, log, handlers = listen_to "sync"
  t:ok(tracing.hasSubscribers)
  local context = {}
  local a, b = tracing:traceSync(function(...) return ... end, context, nil, 1, 2)
  t:equal(a + b, 3)
  t:equal(context.result, 1)
  t:equal(table.concat(log, " "), "start end")
  t:equal(log.last, context)
  t:equal(t:throws(function() tracing:traceSync(function() error("e", 0) end, context) end), "e")
  t:equal(context.error, "e")
  t:equal(table.concat(log, " "), "start end start error end")
  t:equal(tracing:unsubscribe(handlers), true)
  t:equal(tracing:unsubscribe(handlers), false)
  t:no(tracing.hasSubscribers)
  t:equal(tracing:traceSync(function(x) return x end, nil, nil, 5), 5)
  t:equal(#log, 5)
end)

test("tracePromise", function(t)
  local tracing, log = listen_to "promise"
  local context = {}
  local p = tracing:tracePromise(function(x) return Promise.resolve(x) end, context, nil, 5)
  t:equal(table.concat(log, " "), "start end")
  t:equal(await(p), 5)
  t:equal(context.result, 5)
  t:equal(table.concat(log, " "), "start end asyncStart asyncEnd")
  local failing = tracing:tracePromise(function() return Promise.reject "no" end, context)
  t:equal(t:throws(function() await(failing) end), "no")
  t:equal(context.error, "no")
  t:equal(table.concat(log, " ", 5), "start end error asyncStart asyncEnd")
  t:equal(await(tracing:tracePromise(function() return 7 end)), 7)
  t:equal(t:throws(function() tracing:tracePromise(function() error("now", 0) end) end), "now")
end)

test("traceCallback", function(t)
  local tracing, log = listen_to "callback"
  local context = {}
  local function later(value, cb) process.nextTick(cb, nil, value) end
  tracing:traceCallback(later, -1, context, nil, 5, t:called(function(err, value)
    t:equal(err, nil)
    t:equal(value, 5)
    t:equal(context.result, 5)
    t:equal(table.concat(log, " "), "start end asyncStart")
  end))
  await(Promise.resolve())
  process.nextTick(t:called(function() t:equal(table.concat(log, " "), "start end asyncStart asyncEnd") end))
  await(require("timers/promises").setImmediate())
  tracing:traceCallback(function(cb, x) cb(x) end, 0, context, nil, t:called(function(err) t:equal(err, "no") end), "no")
  t:equal(context.error, "no")
  t:equal(table.concat(log, " ", 5), "start error asyncStart asyncEnd end")
  t:throws(function() tracing:traceCallback(function() end, -1, {}, nil, 5) end, "ERR_INVALID_ARG_TYPE")
end)

-- Subscribes to `names`, runs fn, and leaves again. -> what came: name -> list of messages
local function watching(names, fn)
  local seen, subscribed = {}, {}
  for _, name in ipairs(names) do
    seen[name] = {}
    subscribed[name] = function(message) table.insert(seen[name], message) end
    dc.subscribe(name, subscribed[name])
  end
  fn()
  for name, listener in pairs(subscribed) do dc.unsubscribe(name, listener) end
  return seen
end

test("http publishes requests and responses of both sides", function(t)
  local server, request, response, first
  local seen = watching({ "http.client.request.start", "http.client.response.finish", "http.server.request.start", "http.server.response.finish",
    "http.client.request.error", "net.client.socket", "net.server.socket" }, function()
    server = http.createServer(function(req, res)
      request, response = req, res
      res:finish "x"
    end):listen(0)
    await(once(server, "listening"))
    first = http.get { port = server:address().port, agent = false }
    local res = await(once(first, "response"))
    local incoming = type(res[1]) == "table" and res[1] or res
    incoming:resume()
    await(once(incoming, "end"))
    await(require("timers/promises").setTimeout(10))
    local refused = http.get { port = 1, agent = false }
    await(once(refused, "error"))
    server:close()
    await(once(server, "close"))
  end)
  t:equal(seen["http.client.request.start"][1].request, first)
  t:equal(seen["http.client.response.finish"][1].request, first)
  t:equal(seen["http.client.response.finish"][1].response.statusCode, 200)
  t:equal(seen["http.server.request.start"][1].request, request)
  t:equal(seen["http.server.request.start"][1].server, server)
  t:equal(seen["http.server.request.start"][1].socket, request.socket)
  t:equal(seen["http.server.response.finish"][1].response, response)
  t:equal(#seen["http.client.request.error"], 1)
  t:equal(seen["http.client.request.error"][1].error.code, "ECONNREFUSED")
  t:equal(#seen["net.server.socket"], 1)
  t:equal(#seen["net.client.socket"], 2)
end)

test("net, dgram and child_process publish what they make", function(t)
  local server, socket, child
  local listen = "tracing:net.server.listen:"
  local seen = watching({ "net.client.socket", "net.server.socket", "udp.socket", "child_process", listen .. "asyncStart", listen .. "asyncEnd", listen .. "error" }, function()
    server = net.createServer(function(s) s:finish() end):listen(0)
    await(once(server, "listening"))
    local client = net.connect(server:address().port):resume()
    await(once(client, "close"))
    local second = net.createServer():listen(server:address().port)
    await(once(second, "error"))
    server:close()
    socket = dgram.createSocket "udp4"
    socket:close()
    child = child_process.spawn "true"
    await(once(child, "close"))
  end)
  t:equal(#seen["net.client.socket"], 1)
  t:equal(#seen["net.server.socket"], 1)
  t:equal(seen["udp.socket"][1].socket, socket)
  t:equal(seen.child_process[1].process, child)
  t:equal(seen[listen .. "asyncStart"][1].server, server)
  t:equal(seen[listen .. "asyncEnd"][1].server, server)
  t:equal(seen[listen .. "error"][1].error.code, "EADDRINUSE")
end)
