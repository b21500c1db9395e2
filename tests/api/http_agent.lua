-- SPDX-License-Identifier: MIT
--
-- http.Agent: which sockets requests go out on, which are kept, and when they are dropped.
local test = require "../support/test"
local http = require "http"
local net = require "net"

-- A server that answers every request with "<path> <number of the connection>"; "/hang" is never answered.
-- ready(port, close, seen): seen.connections, seen.sockets
local function serve(t, ready, head)
  local seen = { connections = 0, sockets = {}, requests = {} }
  local closed = t:called()
  local server
  server = net.createServer(function(socket)
    seen.connections = seen.connections + 1
    local number = seen.connections
    seen.sockets[number] = socket
    socket:on("error", function() end)
    local text = ""
    socket:on("data", function(chunk)
      text = text .. tostring(chunk)
      while true do
        local one, rest = text:match "^(.-\r\n\r\n)(.*)$"
        if not one then return end
        text = rest
        seen.requests[#seen.requests + 1] = one
        local path = one:match "^%S+ (%S+)"
        if path ~= "/hang" then
          local body = path .. " " .. number
          local function reply()
            if socket.destroyed then return end
            socket:write("HTTP/1.1 200 OK\r\n" .. (head or "") .. "Content-Length: " .. #body .. "\r\n\r\n" .. body)
          end
          if path:find "^/slow" then setTimeout(reply, 20) else reply() end
        end
      end
    end)
  end)
  server:listen(0, "127.0.0.1", function()
    ready(server:address().port, function()
      for _, socket in ipairs(seen.sockets) do socket:destroy() end
      server:close(closed)
    end, seen)
  end)
end

local function count(map)
  local n = 0
  for _, members in pairs(map) do n = n + #members end
  return n
end

local function state(agent) return count(agent.sockets) .. " " .. count(agent.freeSockets) .. " " .. count(agent.requests) end

-- One request; done(body, req) a moment after its end, when the socket has been put away.
local function ask(agent, port, path, done, options)
  local o = { host = "127.0.0.1", port = port, path = path, agent = agent }
  for k, v in pairs(options or {}) do o[k] = v end
  local req
  req = http.get(o, function(res)
    local body = ""
    res:on("data", function(c) body = body .. tostring(c) end)
    res:on("end", function() setTimeout(function() done(body, req) end, 5) end)
  end)
  return req
end

test("the constructor: defaults and checks", function(t)
  local agent = http.Agent()
  t:equal(agent.maxSockets, math.huge)
  t:equal(agent.maxTotalSockets, math.huge)
  t:equal(agent.maxFreeSockets, 256)
  t:equal(agent.keepAlive, false)
  t:equal(agent.keepAliveMsecs, 1000)
  t:equal(agent.scheduling, "lifo")
  t:equal(agent.defaultPort, 80)
  t:equal(agent.protocol, "http:")
  t:equal(agent.options.noDelay, true)
  t:equal(http.Agent.defaultMaxSockets, math.huge)
  t:throws(function() http.Agent { scheduling = "x" } end, { code = "ERR_INVALID_ARG_VALUE", message = "The argument 'scheduling' must be one of: 'fifo', 'lifo'. Received 'x'" })
  t:throws(function() http.Agent { maxTotalSockets = 0 } end, "ERR_OUT_OF_RANGE")
  t:throws(function() http.Agent { maxTotalSockets = "x" } end, "ERR_INVALID_ARG_TYPE")
  local global = http.globalAgent
  t:ok(http.Agent:is(global))
  t:equal(global.keepAlive, true)
  t:equal(global.options.timeout, 5000)
  t:equal(global.scheduling, "lifo")
end)

test("getName() tells destinations apart", function(t)
  local agent = http.Agent()
  t:equal(agent:getName(), "localhost::")
  t:equal(agent:getName { host = "h", port = 80, localAddress = "1.2.3.4" }, "h:80:1.2.3.4")
  t:equal(agent:getName { host = "h", port = 80, family = 6 }, "h:80::6")
  t:equal(agent:getName { host = "h", port = 80, family = 0 }, "h:80:")
  t:equal(agent:getName { socketPath = "/tmp/s" }, "localhost:::/tmp/s")
end)

test("without keepAlive every request has a socket of its own and says close", function(t)
  serve(t, function(port, close, seen)
    local agent = http.Agent()
    ask(agent, port, "/a", function(body, req)
      t:equal(body, "/a 1")
      t:match(seen.requests[1], "Connection: close")
      t:equal(req.reusedSocket, false)
      t:equal(state(agent), "0 0 0")
      ask(agent, port, "/b", function(body2)
        t:equal(body2, "/b 2")
        close()
      end)
    end)
  end)
end)

test("with maxSockets, without keepAlive: keep-alive while others wait for the socket", function(t)
  serve(t, function(port, close, seen)
    local agent = http.Agent { maxSockets = 1 }
    local bodies, left = {}, 3
    for i = 1, 3 do
      ask(agent, port, "/" .. i, function(body)
        bodies[#bodies + 1] = body
        left = left - 1
        if left > 0 then return end
        t:deep(bodies, { "/1 1", "/2 1", "/3 1" })
        t:equal(seen.connections, 1)
        t:equal(state(agent), "0 0 0")
        close()
      end)
    end
    t:equal(state(agent), "1 0 2")
  end)
end)

test("keepAlive: the socket is used again, unref'd while idle", function(t)
  serve(t, function(port, close, seen)
    local agent = http.Agent { keepAlive = true }
    ask(agent, port, "/a", function(_, first)
      t:equal(state(agent), "0 1 0")
      local socket = first.socket
      t:equal(agent.freeSockets["127.0.0.1:" .. port .. ":"][1], socket)
      t:no(socket._handle:hasRef())
      t:no(first.reusedSocket)
      local second
      second = ask(agent, port, "/b", function(body)
        t:equal(body, "/b 1")
        t:equal(seen.connections, 1)
        t:ok(second.reusedSocket)
        agent:destroy()
        setTimeout(function()
          t:equal(state(agent), "0 0 0")
          t:equal(agent.totalSocketCount, 0)
          close()
        end, 10)
      end)
      t:equal(state(agent), "1 0 0")
      t:ok(socket._handle:hasRef())
    end)
  end)
end)

test("a hundred requests on one socket leave no listeners behind", function(t)
  serve(t, function(port, close, seen)
    local agent = http.Agent { keepAlive = true, timeout = 1000 }
    local before
    local function go(n)
      ask(agent, port, "/x", function(_, req)
        local counts = {}
        for _, name in ipairs(req.socket:eventNames()) do counts[tostring(name)] = req.socket:listenerCount(name) end
        if n == 1 then before = counts end
        if n < 100 then return go(n + 1) end
        t:deep(counts, before)
        t:equal(seen.connections, 1)
        agent:destroy()
        close()
      end)
    end
    go(1)
  end)
end)

test("scheduling: lifo takes the socket used last, fifo the one idle longest", function(t)
  local function run(scheduling, want, done)
    serve(t, function(port, close)
      local agent = http.Agent { keepAlive = true, scheduling = scheduling }
      local left = 2
      local function next_one()
        left = left - 1
        if left > 0 then return end
        ask(agent, port, "/last", function(body)
          t:equal(body, want)
          agent:destroy()
          close()
          if done then done() end
        end)
      end
      ask(agent, port, "/fast", next_one)
      ask(agent, port, "/slow", next_one)
    end)
  end
  run("lifo", "/last 2", nil)
  run("fifo", "/last 1", nil)
end)

test("maxSockets for each destination; the queue is served in order", function(t)
  serve(t, function(port, close, seen)
    local agent = http.Agent { keepAlive = true, maxSockets = 2 }
    local order, left = {}, 6
    for i = 1, 6 do
      ask(agent, port, "/slow" .. i, function()
        left = left - 1
        if left > 0 then return end
        t:equal(seen.connections, 2)
        for j, one in ipairs(seen.requests) do order[j] = one:match "/slow(%d)" end
        t:equal(table.concat(order), "123456")
        t:equal(state(agent), "0 2 0")
        agent:destroy()
        close()
      end)
    end
    t:equal(state(agent), "2 0 4")
  end)
end)

test("maxTotalSockets holds across destinations, and nobody starves", function(t)
  serve(t, function(port, close)
    serve(t, function(other, close_other)
      local agent = http.Agent { keepAlive = true, maxTotalSockets = 1 }
      local most, left = 0, 4
      local function done()
        most = math.max(most, agent.totalSocketCount)
        left = left - 1
        if left > 0 then return end
        t:equal(most, 1)
        -- An idle socket makes room for another destination.
        setTimeout(function()
          ask(agent, other, "/late", function()
            ask(agent, port, "/later", function()
              t:equal(agent.totalSocketCount, 1)
              agent:destroy()
              close()
              close_other()
            end)
          end)
        end, 10)
      end
      ask(agent, port, "/a", done)
      ask(agent, other, "/b", done)
      ask(agent, port, "/c", done)
      ask(agent, other, "/d", done)
      t:equal(agent.totalSocketCount, 1)
    end)
  end)
end)

test("maxFreeSockets: the rest is closed", function(t)
  serve(t, function(port, close, seen)
    local agent = http.Agent { keepAlive = true, maxFreeSockets = 1 }
    local left = 3
    for i = 1, 3 do
      ask(agent, port, "/" .. i, function()
        left = left - 1
        if left > 0 then return end
        t:equal(seen.connections, 3)
        t:equal(state(agent), "0 1 0")
        agent:destroy()
        close()
      end)
    end
  end)
end)

test("Connection: close in the response ends the socket", function(t)
  serve(t, function(port, close)
    local agent = http.Agent { keepAlive = true }
    ask(agent, port, "/a", function()
      t:equal(state(agent), "0 0 0")
      close()
    end)
  end, "Connection: close\r\n")
end)

test("an idle socket that the server closes leaves the pool", function(t)
  serve(t, function(port, close, seen)
    local agent = http.Agent { keepAlive = true }
    ask(agent, port, "/a", function()
      t:equal(state(agent), "0 1 0")
      seen.sockets[1]:resetAndDestroy()
      setTimeout(function()
        t:equal(state(agent), "0 0 0")
        t:equal(agent.totalSocketCount, 0)
        ask(agent, port, "/b", function(body)
          t:equal(body, "/b 2")
          agent:destroy()
          close()
        end)
      end, 20)
    end)
  end)
end)

test("timeout: idle sockets are dropped, requests hear 'timeout'", function(t)
  serve(t, function(port, close)
    local agent = http.Agent { keepAlive = true, timeout = 30 }
    ask(agent, port, "/a", function(_, req)
      t:equal(req.socket.timeout, 30)
      t:equal(state(agent), "0 1 0")
      setTimeout(function()
        t:equal(state(agent), "0 0 0")
        local hung = http.get { host = "127.0.0.1", port = port, path = "/hang", agent = agent }
        hung:on("error", function() end)
        hung:on("timeout", t:called(function()
          hung:destroy()
          close()
        end))
      end, 80)
    end)
  end)
end)

test("a request's own timeout is set on a kept socket and taken off again", function(t)
  serve(t, function(port, close)
    local agent = http.Agent { keepAlive = true, timeout = 500 }
    ask(agent, port, "/a", function()
      local req
      req = ask(agent, port, "/b", function()
        t:equal(req.socket.timeout, 500)
        agent:destroy()
        close()
      end, { timeout = 77 })
      req:on("response", function() t:equal(req.socket.timeout, 77) end)
    end)
  end)
end)

test("Keep-Alive: timeout=… shortens the idle limit, and forbids keeping when there is no time", function(t)
  serve(t, function(port, close)
    local agent = http.Agent { keepAlive = true, timeout = 60000 }
    ask(agent, port, "/a", function(_, req)
      t:equal(req.socket.timeout, 2000)
      agent:destroy()
      close()
    end)
  end, "Keep-Alive: timeout=3, max=10\r\n")
  serve(t, function(port, close)
    local agent = http.Agent { keepAlive = true, timeout = 60000 }
    ask(agent, port, "/a", function()
      t:equal(state(agent), "0 0 0")
      close()
    end)
  end, "Keep-Alive: timeout=1\r\n")
end)

test("a request destroyed in the queue ends when its turn comes", function(t)
  serve(t, function(port, close)
    local agent = http.Agent { keepAlive = true, maxSockets = 1 }
    local hung = http.get { host = "127.0.0.1", port = port, path = "/hang", agent = agent }
    hung:on("error", function() end)
    local queued = http.get { host = "127.0.0.1", port = port, path = "/q", agent = agent }
    queued:on("error", t:called(function(e) t:equal(e.code, "ECONNRESET") end))
    queued:on("close", t:called(function()
      agent:destroy()
      close()
    end))
    t:equal(state(agent), "1 0 1")
    queued:destroy()
    t:equal(state(agent), "1 0 1")
    setTimeout(function() hung:destroy() end, 20)
  end)
end)

test("when a busy socket dies the next in the queue gets a new one", function(t)
  serve(t, function(port, close, seen)
    local agent = http.Agent { keepAlive = true, maxSockets = 1 }
    local hung = http.get { host = "127.0.0.1", port = port, path = "/hang", agent = agent }
    hung:on("error", t:called(function(e) t:equal(e.message, "enough") end))
    ask(agent, port, "/q", function(body)
      t:equal(body, "/q 2")
      t:equal(seen.connections, 2)
      agent:destroy()
      close()
    end)
    setTimeout(function() hung:destroy(Error "enough") end, 20)
  end)
end)

test("a response that nobody reads holds its socket; destroying it frees the place", function(t)
  serve(t, function(port, close)
    local agent = http.Agent { keepAlive = true, maxSockets = 1 }
    http.get({ host = "127.0.0.1", port = port, path = "/a", agent = agent }, function(res)
      setTimeout(function()
        t:equal(state(agent), "1 0 1")
        res:destroy()
      end, 30)
    end)
    ask(agent, port, "/b", function(body)
      t:equal(body, "/b 2")
      agent:destroy()
      close()
    end)
  end)
end)

test("createConnection: overridden in a subclass, by return, by callback, failing", function(t)
  serve(t, function(port, close)
    local made = {}
    local Own = http.Agent:extend "Own"
    function Own:createConnection(options, cb)
      made[#made + 1] = options
      if options.headers.fail then return setTimeout(function() cb(Error "no way") end, 1) and nil end
      if options.headers.later then
        setTimeout(function() cb(nil, net.connect(options)) end, 1)
        return
      end
      return net.connect(options)
    end
    local agent = Own { keepAlive = true, maxSockets = 1 }
    ask(agent, port, "/a", function(body)
      t:equal(body, "/a 1")
      t:equal(made[1].host, "127.0.0.1")
      t:equal(made[1].port, port)
      t:equal(made[1].path, nil)
      t:equal(made[1].keepAlive, true)
      t:equal(made[1].keepAliveInitialDelay, 1000)
      agent:destroy()
      setTimeout(function()
        ask(agent, port, "/b", function(body2)
          t:equal(body2, "/b 2")
          agent:destroy()
          setTimeout(function()
            local req = http.get { host = "127.0.0.1", port = port, agent = agent, headers = { fail = "1" } }
            req:on("error", t:called(function(e) t:equal(e.message, "no way") end))
            req:on("close", t:called(function()
              t:equal(agent.totalSocketCount, 0)
              close()
            end))
          end, 10)
        end, { headers = { later = "1" } })
        t:equal(agent.totalSocketCount, 1)
      end, 10)
    end, { headers = { x = "1" } })
  end)
end)

test("connections under way count against maxSockets", function(t)
  serve(t, function(port, close, seen)
    local Slow = http.Agent:extend "Slow"
    function Slow:createConnection(options, cb)
      setTimeout(function() cb(nil, net.connect(options)) end, 5)
    end
    local agent = Slow { keepAlive = true, maxSockets = 1 }
    local left = 3
    for i = 1, 3 do
      ask(agent, port, "/" .. i, function()
        left = left - 1
        if left > 0 then return end
        t:equal(seen.connections, 1)
        agent:destroy()
        close()
      end)
    end
    t:equal(count(agent.requests), 2)
  end)
end)

test("a failing createConnection does not stop the queue", function(t)
  serve(t, function(port, close)
    local calls = 0
    local Own = http.Agent:extend "Own"
    function Own:createConnection(options, cb)
      calls = calls + 1
      local n = calls
      setTimeout(function() if n == 1 then cb(Error "first") else cb(nil, net.connect(options)) end end, 1)
    end
    local agent = Own { maxSockets = 1 }
    http.get { host = "127.0.0.1", port = port, agent = agent }:on("error", t:called(function(e) t:equal(e.message, "first") end))
    ask(agent, port, "/b", function(body)
      t:equal(body, "/b 1")
      close()
    end)
  end)
end)

test("keepSocketAlive and reuseSocket can be overridden", function(t)
  serve(t, function(port, close, seen)
    local kept, reused = 0, 0
    local Own = http.Agent:extend "Own"
    function Own:keepSocketAlive(socket)
      kept = kept + 1
      if kept == 2 then return false end
      return http.Agent.prototype.keepSocketAlive(self, socket)
    end
    function Own:reuseSocket(socket, req)
      reused = reused + 1
      http.Agent.prototype.reuseSocket(self, socket, req)
    end
    local agent = Own { keepAlive = true }
    ask(agent, port, "/a", function()
      t:equal(state(agent), "0 1 0")
      ask(agent, port, "/b", function()
        t:equal(state(agent), "0 0 0")
        t:equal(kept .. " " .. reused, "2 1")
        t:equal(seen.connections, 1)
        close()
      end)
    end)
  end)
end)

test("getName overridden: one pool for all", function(t)
  serve(t, function(port, close, seen)
    local Own = http.Agent:extend "Own"
    function Own:getName() return "all" end
    local agent = Own { keepAlive = true }
    ask(agent, port, "/a", function()
      t:equal(#agent.freeSockets.all, 1)
      ask(agent, port, "/b", function()
        t:equal(seen.connections, 1)
        agent:destroy()
        close()
      end, { localAddress = "127.0.0.1" })
    end)
  end)
end)

test("addRequest overridden, and agents that are no Agent", function(t)
  serve(t, function(port, close)
    local Own, asked = http.Agent:extend "Own", 0
    function Own:addRequest(req, options)
      asked = asked + 1
      options.path = "/ignored"
      http.Agent.prototype.addRequest(self, req, options)
    end
    ask(Own(), port, "/a", function(body)
      t:equal(body, "/a 1")
      t:equal(asked, 1)
      local plain = { addRequest = function(_, req, options) req:onSocket(net.connect(options.port, options.host)) end }
      ask(plain, port, "/b", function(body2)
        t:equal(body2, "/b 2")
        local failing = { addRequest = function(_, req) req:onSocket(nil, Error "none left") end }
        http.get { port = port, agent = failing }:on("error", t:called(function(e)
          t:equal(e.message, "none left")
          close()
        end))
      end)
    end)
  end)
end)

test("the agent's 'free' event is a protocol: without its listener the socket is the user's", function(t)
  serve(t, function(port, close)
    local agent = http.Agent { keepAlive = true }
    agent:removeAllListeners "free"
    agent:on("free", t:called(function(socket, options)
      t:equal(options.port, port)
      setTimeout(function()
        t:equal(state(agent), "1 0 0")
        socket:on("data", t:called(function(chunk)
          t:match(tostring(chunk), "/mine 1")
          socket:destroy()
          close()
        end))
        socket:write "GET /mine HTTP/1.1\r\n\r\n"
      end, 5)
    end))
    ask(agent, port, "/a", function() end)
  end)
end)

test("'agentRemove' takes a socket out of the agent's hands", function(t)
  serve(t, function(port, close)
    local agent = http.Agent { keepAlive = true, maxSockets = 1 }
    http.get({ host = "127.0.0.1", port = port, path = "/a", agent = agent }, function(res)
      res.socket:emit "agentRemove"
      t:equal(agent.totalSocketCount, 0)
      t:equal(state(agent), "0 0 0")
      res.socket:on("close", t:called(close))
      res.socket:destroy()
    end)
  end)
end)

test("destroy() closes busy and idle sockets; the agent still works", function(t)
  serve(t, function(port, close)
    local agent = http.Agent { keepAlive = true }
    ask(agent, port, "/idle", function()
      local hung = http.get { host = "127.0.0.1", port = port, path = "/hang", agent = agent }
      hung:on("error", t:called(function(e)
        t:equal(e.code, "ECONNRESET")
        ask(agent, port, "/after", function(body)
          t:equal(body, "/after 2")
          agent:destroy()
          close()
        end)
      end))
      setTimeout(function() agent:destroy() end, 10)
    end)
  end)
end)

test("http.globalAgent can be set; agent = false makes a new one of its class", function(t)
  serve(t, function(port, close, seen)
    local before = http.globalAgent
    local own = http.Agent { keepAlive = true }
    http.globalAgent = own
    t:equal(http.globalAgent, own)
    ask(nil, port, "/a", function()
      t:equal(state(own), "0 1 0")
      ask(false, port, "/b", function(body, req)
        t:equal(body, "/b 2")
        t:match(seen.requests[2], "Connection: close")
        t:notEqual(req.agent, own)
        http.globalAgent = before
        own:destroy()
        close()
      end)
    end)
  end)
end)

test("an agent's options go to net, and win over the request's", function(t)
  serve(t, function(port, close)
    local seen
    local Own = http.Agent:extend "Own"
    function Own:createConnection(options)
      seen = options
      return net.connect(options)
    end
    ask(Own { noDelay = false, localAddress = "127.0.0.1" }, port, "/a", function()
      t:equal(seen.noDelay, false)
      t:equal(seen.localAddress, "127.0.0.1")
      close()
    end, { noDelay = true })
  end)
end)

test("an idle socket does not keep the process alive", function(t)
  serve(t, function(port, close)
    local agent = http.Agent { keepAlive = true }
    ask(agent, port, "/a", function(_, req)
      t:no(req.socket._handle:hasRef())
      agent:destroy()
      close()
    end)
  end)
end)

test("a response is heard in the async context of its request, whichever socket it came on", function(t)
  local queue = require "lunode.internal.queue"
  serve(t, function(port, close)
    local agent = http.Agent { keepAlive = true, maxSockets = 1 }
    local left = 3
    for i = 1, 3 do
      local context = { i }
      local before = queue.context
      queue.context = context
      http.get({ host = "127.0.0.1", port = port, path = "/slow" .. i, agent = agent }, function(res)
        t:equal(queue.context, context)
        res:on("data", function() t:equal(queue.context, context) end)
        res:on("end", function()
          t:equal(queue.context, context)
          left = left - 1
          if left > 0 then return end
          agent:destroy()
          close()
        end)
      end)
      queue.context = before
    end
  end)
end)

test("Unix sockets have a pool of their own", function(t)
  local path = os.tmpname()
  os.remove(path)
  local closed = t:called()
  local accepted
  local server = net.createServer(function(socket)
    accepted = socket
    socket:on("data", function(chunk)
      t:match(tostring(chunk), "^GET /u HTTP/1.1\r\nHost: localhost\r\n")
      socket:write "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    end)
  end)
  server:listen(path, function()
    local agent = http.Agent { keepAlive = true }
    ask(agent, nil, "/u", function(body)
      t:equal(body, "ok")
      t:equal(#agent.freeSockets["localhost:80::" .. path], 1)
      agent:destroy()
      accepted:destroy()
      server:close(closed)
    end, { socketPath = path, host = "localhost" })
  end)
end)
