-- SPDX-License-Identifier: MIT
--
-- http.request against peers that misbehave, and requests that are given up: which events come, in which order, with which
-- codes. The lists are what Node 20 reports for the same.
local test = require "../support/test"
local http = require "http"
local net = require "net"

-- handler(socket) for each connection; ready(port, close) when it listens. The test lasts until close() was called.
local function serve(t, handler, ready)
  local server, sockets, closed = nil, {}, t:called()
  server = net.createServer(function(socket)
    sockets[#sockets + 1] = socket
    socket:on("error", function() end)
    handler(socket)
  end)
  server:listen(0, "127.0.0.1", function()
    ready(server:address().port, function()
      for _, socket in ipairs(sockets) do socket:destroy() end
      server:close(closed)
    end)
  end)
end

-- llhttp's reasons differ between its versions.
local function reworded(text)
  return (text:gsub("Expected HTTP/, RTSP/ or ICE/", "Expected HTTP/"))
end

local function describe(e)
  local parts = { "error", tostring(e.code), e.message }
  if e.bytesParsed then
    parts[#parts + 1] = e.bytesParsed
    parts[#parts + 1] = e.reason
    parts[#parts + 1] = #e.rawPacket
  end
  return reworded(table.concat(parts, "|"))
end

-- Notes what a request and its response emit.
local function record(req)
  local log = {}
  local function note(text) log[#log + 1] = text end
  for _, name in ipairs { "socket", "continue", "finish", "abort", "timeout", "close" } do
    req:on(name, function() note(name) end)
  end
  req:on("information", function(info) note("information" .. info.statusCode) end)
  req:on("error", function(e) note(describe(e)) end)
  req:on("response", function(res)
    note "response"
    res:on("data", function(chunk) note("res.data=" .. tostring(chunk)) end)
    res:on("error", function(e) note("res.error " .. tostring(e.code) .. " " .. e.message) end)
    for _, name in ipairs { "aborted", "end", "close", "timeout" } do
      res:on(name, function() note("res." .. name) end)
    end
  end)
  return log
end

local function answer(bytes)
  return function(socket) socket:once("data", function() socket:finish(bytes) end) end
end

local HEAD = "HTTP/1.1 200 OK\r\n"
local cases = {
  { "a whole response", answer(HEAD .. "Content-Length: 1\r\n\r\nx"), "socket, finish, response, res.data=x, res.end, close, res.close" },
  { "a reset before the response", function(socket) socket:once("data", function() socket:resetAndDestroy() end) end,
    "socket, finish, error|ECONNRESET|read ECONNRESET, close" },
  { "an end before the response", function(socket) socket:once("data", function() socket:finish() end) end,
    "socket, finish, error|ECONNRESET|socket hang up, close" },
  { "an end within the head", answer(HEAD .. "Conte"), "socket, finish, error|ECONNRESET|socket hang up, close" },
  { "an end within the body", answer(HEAD .. "Content-Length: 10\r\n\r\nabc"),
    "socket, finish, response, res.data=abc, res.aborted, close, res.error ECONNRESET aborted, res.close" },
  { "a reset within the body", function(socket)
    socket:once("data", function()
      socket:write(HEAD .. "Content-Length: 10\r\n\r\nabc")
      setTimeout(function() socket:resetAndDestroy() end, 20)
    end)
  end, "socket, finish, response, res.data=abc, error|ECONNRESET|read ECONNRESET, res.aborted, close, res.error ECONNRESET aborted, res.close" },
  { "an end within a chunk", answer(HEAD .. "Transfer-Encoding: chunked\r\n\r\n5\r\nabc"),
    "socket, finish, response, res.data=abc, res.aborted, close, res.error ECONNRESET aborted, res.close" },
  { "garbage", answer "GARBAGE\r\n\r\n",
    "socket, finish, error|HPE_INVALID_CONSTANT|Parse Error: Expected HTTP/|0|Expected HTTP/|11, close" },
  { "a bad chunk size", answer(HEAD .. "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n"),
    "socket, finish, response, error|HPE_INVALID_CHUNK_SIZE|Parse Error: Invalid character in chunk size|47|Invalid character in chunk size|61, "
      .. "res.aborted, close, res.error ECONNRESET aborted, res.close" },
  { "a body until the end", function(socket)
    socket:once("data", function()
      socket:write(HEAD .. "\r\nabc")
      setTimeout(function() socket:finish "def" end, 20)
    end)
  end, "socket, finish, response, res.data=abc, res.data=def, res.end, res.close, close" },
  { "a reset within a body that lasts until the end", function(socket)
    socket:once("data", function()
      socket:write(HEAD .. "\r\nabc")
      setTimeout(function() socket:resetAndDestroy() end, 20)
    end)
  end, "socket, finish, response, res.data=abc, error|ECONNRESET|read ECONNRESET, res.end, res.close, close" },
  { "a second response in one packet", answer(HEAD .. "Content-Length: 1\r\n\r\nx" .. HEAD .. "Content-Length: 1\r\n\r\ny"),
    "socket, finish, response, res.data=x, res.end, close, res.close" },
  { "garbage after the response", answer(HEAD .. "Content-Length: 1\r\n\r\nxgarbage"),
    "socket, finish, response, error|HPE_INVALID_CONSTANT|Parse Error: Expected HTTP/|39|Expected HTTP/|46, "
      .. "res.data=x, res.end, close, res.close" },
  { "1xx before the response", answer "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    "socket, finish, information103, continue, information100, response, res.end, close, res.close" },
  { "an upgrade that nobody listens to", answer "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nHEAD",
    "socket, finish, close" },
  { "a response before the request", function(socket) socket:finish(HEAD .. "Content-Length: 1\r\n\r\nx") end,
    "socket, finish, response, res.data=x, res.end, close, res.close", method = "POST", body = "body" },
}

for _, kind in ipairs { "plain", "keep-alive" } do
  for _, case in ipairs(cases) do
    test(kind .. " agent: " .. case[1], function(t)
      serve(t, case[2], function(port, close)
        local agent = http.Agent { keepAlive = kind == "keep-alive" }
        local req = http.request { host = "127.0.0.1", port = port, agent = agent, method = case.method }
        local log = record(req)
        req:finish(case.body)
        local function check()
          setTimeout(function()
            agent:destroy()
            close()
            local want = case[3]
            -- Without keep-alive the socket ends after the response has closed.
            if kind == "plain" then want = want:gsub("res%.end, close, res%.close$", "res.end, res.close, close") end
            t:equal(table.concat(log, ", "), want)
            t:ok(req.destroyed)
          end, 30)
        end
        req:once("close", check)
      end)
    end)
  end
end

test("a head that is too large is HPE_HEADER_OVERFLOW", function(t)
  serve(t, answer(HEAD .. "X: " .. ("a"):rep(20000) .. "\r\n\r\n"), function(port, close)
    local req = http.get { host = "127.0.0.1", port = port }
    req:on("error", t:called(function(e)
      t:equal(e.code, "HPE_HEADER_OVERFLOW")
      t:equal(e.message, "Parse Error: Header overflow")
      t:equal(e.reason, "Header overflow")
      t:equal(tostring(e.rawPacket):sub(1, 5), "HTTP/")
      t:ok(e.bytesParsed > 0)
    end))
    req:on("close", t:called(close))
  end)
end)

test("a head with both Content-Length and Transfer-Encoding is refused", function(t)
  for _, fields in ipairs { "Content-Length: 3\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 3" } do
    serve(t, answer(HEAD .. fields .. "\r\n\r\n3\r\nabc\r\n0\r\n\r\n"), function(port, close)
      local req = http.get { host = "127.0.0.1", port = port }
      req:on("response", t:never())
      req:on("error", t:called(function(e)
        t:ok(e.code == "HPE_INVALID_TRANSFER_ENCODING" or e.code == "HPE_INVALID_CONTENT_LENGTH", e.code)
        t:equal(e.message, "Parse Error: " .. e.reason)
      end))
      req:on("close", t:called(close))
    end)
  end
end)

test("a head in single bytes is read as in one packet", function(t)
  local text = "HTTP/1.1 200 Fine\r\nA: b\r\nContent-Length: 3\r\n\r\nabc"
  serve(t, function(socket)
    socket:setNoDelay(true)
    socket:once("data", function()
      local i = 0
      local function step()
        i = i + 1
        if i > #text then return end
        socket:write(text:sub(i, i))
        setImmediate(step)
      end
      step()
    end)
  end, function(port, close)
    http.get({ host = "127.0.0.1", port = port, agent = false }, t:called(function(res)
      t:equal(res.statusMessage, "Fine")
      t:equal(res.headers.a, "b")
      local body = ""
      res:on("data", function(chunk) body = body .. tostring(chunk) end)
      res:on("end", t:called(function()
        t:equal(body, "abc")
        close()
      end))
    end))
  end)
end)

-- ---- given up

-- A server that answers nothing, but for /body: a head and three of ten bytes.
local function silent(t, ready)
  serve(t, function(socket)
    socket:on("data", function(chunk)
      if tostring(chunk):find("/body", 1, true) then socket:write(HEAD .. "Content-Length: 10\r\n\r\nabc") end
    end)
  end, ready)
end

-- run(req, port) acts on the request; the log must be `want`.
local function given_up(name, want, options, act)
  test(name, function(t)
    silent(t, function(port, close)
      options.host, options.port = "127.0.0.1", port
      local req = http.request(options)
      local log = record(req)
      if not options.open then req:finish() end
      act(req)
      local function check()
        setTimeout(function()
          close()
          t:equal(table.concat(log, ", "), want)
          t:ok(req.destroyed)
        end, 20)
      end
      if req.closed then check() else req:once("close", check) end
    end)
  end)
end

given_up("abort() before there is a socket: 'close' and 'abort', no error", "close, abort", {}, function(req)
  req:abort()
  req:abort()
end)
given_up("destroy() before there is a socket", "error|ECONNRESET|socket hang up, close", {}, function(req) req:destroy() end)
given_up("destroy(err) before there is a socket", "error|nil|mine, close", {}, function(req) req:destroy(Error "mine") end)
given_up("destroy() in 'socket'", "socket, error|ECONNRESET|socket hang up, close", {}, function(req)
  req:on("socket", function() req:destroy() end)
end)
given_up("destroy(err) while waiting for the response", "socket, finish, error|nil|mine, close", {}, function(req)
  req:on("finish", function() setTimeout(function() req:destroy(Error "mine") end, 20) end)
end)
given_up("destroy(err) within the body", "socket, finish, response, error|nil|boo, res.aborted, close, res.error ECONNRESET aborted, res.close",
  { path = "/body" }, function(req) req:on("response", function() req:destroy(Error "boo") end) end)
given_up("abort() within the body", "socket, finish, response, abort, res.aborted, close, res.error ECONNRESET aborted, res.close",
  { path = "/body" }, function(req) req:on("response", function() req:abort() end) end)
given_up("res:destroy(err)", "socket, finish, response, res.aborted, error|nil|boo, res.error nil boo, res.close, close",
  { path = "/body" }, function(req) req:on("response", function(res) res:destroy(Error "boo") end) end)
given_up("the timeout option", "socket, finish, timeout, error|ECONNRESET|socket hang up, close", { timeout = 20 }, function(req)
  req:on("timeout", function() req:destroy() end)
end)
given_up("req:setTimeout()", "socket, finish, timeout, error|nil|slow, close", {}, function(req)
  req:setTimeout(20, function() req:destroy(Error "slow") end)
end)
given_up("req:setTimeout() in 'socket'", "socket, finish, timeout, error|ECONNRESET|socket hang up, close", {}, function(req)
  req:on("socket", function() req:setTimeout(20, function() req:destroy() end) end)
end)
given_up("a time limit within the body: 'timeout' of request and response", "socket, finish, response, res.data=abc, timeout, res.timeout, res.aborted, close, res.error ECONNRESET aborted, res.close",
  { path = "/body", timeout = 30 }, function(req)
    req:on("response", function(res)
      res:on("timeout", function() req:destroy() end)
    end)
  end)

test("'timeout' of a request comes once, that of its response each time", function(t)
  silent(t, function(port, close)
    local asked, answered = 0, 0
    local req = http.get({ host = "127.0.0.1", port = port, path = "/body", timeout = 20, agent = http.Agent() }, function(res)
      res:on("timeout", function()
        answered = answered + 1
        if answered == 2 then
          t:equal(asked, 1)
          return res:destroy()
        end
        res.socket:setTimeout(20)
      end)
    end)
    req:on("timeout", function() asked = asked + 1 end)
    req:on("error", function() end)
    req:on("close", t:called(close))
  end)
end)

test("res:setTimeout(ms, callback)", function(t)
  silent(t, function(port, close)
    local req
    req = http.get({ host = "127.0.0.1", port = port, path = "/body", agent = http.Agent() }, function(res)
      res:setTimeout(20, t:called(function() req:destroy() end))
    end)
    req:on("timeout", t:never())
    req:on("close", t:called(close))
  end)
end)

test("setTimeout(0) and clearTimeout() take the limit off", function(t)
  silent(t, function(port, close)
    local req = http.get { host = "127.0.0.1", port = port, timeout = 30 }
    req:on("timeout", t:never())
    req:on("error", function() end)
    req:on("socket", function(socket)
      socket:on("connect", function()
        req:clearTimeout()
        setTimeout(t:called(function()
          req:destroy()
          close()
        end), 80)
      end)
    end)
  end)
end)

test("a signal aborts a request under way; the cause is the reason", function(t)
  silent(t, function(port, close)
    local controller = AbortController()
    local req = http.get { host = "127.0.0.1", port = port, signal = controller.signal }
    req:on("error", t:called(function(e)
      t:equal(e.name, "AbortError")
      t:equal(e.code, "ABORT_ERR")
      t:equal(e.message, "The operation was aborted")
      t:equal(e.cause.message, "why")
    end))
    req:on("close", t:called(close))
    setTimeout(function() controller:abort(Error "why") end, 20)
  end)
end)

test("a signal that was aborted before", function(t)
  silent(t, function(port, close)
    local req = http.get { host = "127.0.0.1", port = port, signal = AbortSignal.abort() }
    t:ok(req.destroyed)
    req:on("socket", t:never())
    req:on("error", t:called(function(e) t:equal(e.code, "ABORT_ERR") end))
    req:on("close", t:called(close))
  end)
end)

test("a finished request lets go of its signal", function(t)
  serve(t, answer(HEAD .. "Content-Length: 0\r\n\r\n"), function(port, close)
    local controller = AbortController()
    local req = http.get { host = "127.0.0.1", port = port, signal = controller.signal, agent = false }
    req:on("response", function(res) res:resume() end)
    req:on("error", t:never())
    req:on("close", t:called(function()
      controller:abort()
      close()
    end))
  end)
end)

test("write() after destroy() and after finish()", function(t)
  silent(t, function(port, close)
    local req = http.request { host = "127.0.0.1", port = port, method = "POST" }
    req:on("error", t:called(function(e) t:equal(e.message, "socket hang up") end))
    req:on("close", t:called())
    req:destroy()
    req:write("x", t:called(function(e) t:equal(e.code, "ERR_STREAM_DESTROYED") end))
    req:finish()
    local late = http.request { host = "127.0.0.1", port = port, method = "POST" }
    local codes = {}
    late:on("error", function(e) codes[#codes + 1] = e.code end)
    late:finish "a"
    late:write("x", t:called(function(e) t:equal(e.code, "ERR_STREAM_WRITE_AFTER_END") end))
    setTimeout(function() late:destroy() end, 40)
    late:on("close", t:called(function()
      t:deep(codes, { "ERR_STREAM_WRITE_AFTER_END", "ECONNRESET" })
      close()
    end))
  end)
end)

test("refused, no such Unix socket, an unusable port", function(t)
  local req = http.get { host = "127.0.0.1", port = 1 }
  req:on("error", t:called(function(e)
    t:equal(e.code, "ECONNREFUSED")
    t:equal(e.message, "connect ECONNREFUSED 127.0.0.1:1")
  end))
  req:on("close", t:called())
  local unix = http.get { socketPath = "/nonexistent/socket" }
  unix:on("error", t:called(function(e) t:equal(e.code, "ENOENT") end))
  unix:on("close", t:called())
  t:throws(function() http.request { port = 70000 } end, "ERR_SOCKET_BAD_PORT")
  t:throws(function() http.request { port = 1, lookup = 5 } end, "ERR_INVALID_ARG_TYPE")
end)

test("createConnection that fails: by callback, by raising", function(t)
  local function ask(create) return http.get { createConnection = create } end
  local a = ask(function(_, cb) setTimeout(function() cb(Error "late") end, 1) end)
  a:on("error", t:called(function(e) t:equal(e.message, "late") end))
  local b = ask(function() error(Error "raised", 0) end)
  b:on("error", t:called(function(e) t:equal(e.message, "raised") end))
end)

test("an idle connection that the server ended under a new request is ECONNRESET with reusedSocket", function(t)
  local socket_of
  serve(t, function(socket)
    socket_of = socket
    socket:once("data", function()
      socket:write(HEAD .. "Content-Length: 0\r\n\r\n")
      socket:once("data", function() socket:resetAndDestroy() end)
    end)
  end, function(port, close)
    local agent = http.Agent { keepAlive = true }
    http.get({ host = "127.0.0.1", port = port, agent = agent }, function(res)
      res:resume()
      res:on("close", function()
        setTimeout(function()
          local second = http.get { host = "127.0.0.1", port = port, agent = agent }
          second:on("error", t:called(function(e)
            t:equal(e.code, "ECONNRESET")
            t:ok(second.reusedSocket)
          end))
          second:on("close", t:called(function()
            t:ok(socket_of.destroyed)
            t:equal(next(agent.sockets), nil)
            close()
          end))
        end, 10)
      end)
    end)
  end)
end)

test("bytes on an idle connection close it: they must not answer the next request", function(t)
  local connections = 0
  serve(t, function(socket)
    connections = connections + 1
    socket:once("data", function()
      socket:write(HEAD .. "Content-Length: 1\r\n\r\na")
      setTimeout(function() socket:write(HEAD .. "Content-Length: 6\r\n\r\nforged") end, 20)
    end)
  end, function(port, close)
    local agent = http.Agent { keepAlive = true }
    local function ask(done)
      http.get({ host = "127.0.0.1", port = port, agent = agent }, function(res)
        local body = ""
        res:on("data", function(c) body = body .. tostring(c) end)
        res:on("end", function()
          t:equal(body, "a")
          setTimeout(done, 60)
        end)
      end)
    end
    ask(function()
      t:equal(next(agent.freeSockets), nil)
      ask(t:called(function()
        t:equal(connections, 2)
        close()
      end))
    end)
  end)
end)

test("an error raised in a 'response' listener is uncaught; the next bytes close the connection", function(t)
  local raised = t:called(function(e) t:match(tostring(e), "listener raised") end)
  serve(t, function(socket)
    socket:once("data", function()
      socket:write(HEAD .. "Content-Length: 4\r\n\r\nab")
      setTimeout(function() socket:write "cd" end, 20)
    end)
    socket:on("close", function() end)
  end, function(port, close)
    local before = process:listeners "uncaughtException"
    process:removeAllListeners "uncaughtException"
    process:once("uncaughtException", function(e)
      for _, listener in ipairs(before) do process:on("uncaughtException", listener) end
      raised(e)
    end)
    local req = http.get({ host = "127.0.0.1", port = port }, function(res)
      res:on("error", function() end)
      error "listener raised"
    end)
    req:on("error", function() end)
    req:on("close", t:called(close))
  end)
end)

test("an aborted upload reaches the server as the end of its connection", function(t)
  local server
  local closed = t:called()
  server = http.createServer(function(req, res)
    req:on("aborted", t:called())
    req:on("error", t:called(function(e) t:equal(e.code, "ECONNRESET") end))
    req:on("close", t:called(function()
      server:close(closed)
      res:destroy()
    end))
    req:resume()
  end)
  server:listen(0, "127.0.0.1", function()
    local req = http.request { host = "127.0.0.1", port = server:address().port, method = "POST" }
    req:on("error", t:called(function(e) t:equal(e.code, "ECONNRESET") end))
    req:write(("x"):rep(1000))
    setTimeout(function() req:destroy() end, 30)
  end)
end)

-- ---- everything at once

test("mutated responses in random pieces: each request closes once, and the agent is empty in the end", function(t)
  local whole = {
    HEAD .. "Content-Length: 5\r\n\r\nhello",
    HEAD .. "Transfer-Encoding: chunked\r\nTrailer: A\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nA: b\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No\r\nConnection: close\r\n\r\n",
    "HTTP/1.1 101 Sw\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nrest",
    "HTTP/1.0 200 OK\r\nA: b\r\n\r\nuntil close",
    "HTTP/1.1 304 NM\r\nContent-Length: 7\r\n\r\n",
  }
  local seed = 20
  local function random(n) -- the same on every machine
    seed = (seed * 16807) % 2147483647
    return seed % n + 1
  end
  local function mutate(s)
    for _ = 1, random(4) - 1 do
      local i, kind = random(#s), random(4)
      if kind == 1 then s = s:sub(1, i - 1) .. string.char(random(256) - 1) .. s:sub(i + 1)
      elseif kind == 2 then s = s:sub(1, i)
      elseif kind == 3 then s = s:sub(1, i) .. whole[random(#whole)] .. s:sub(i)
      else s = "x" .. s:sub(1, i) .. s:sub(i + random(3)) end
    end
    return s
  end
  local function pieces(socket)
    local s, i, ending = mutate(whole[random(#whole)]), 1, random(4)
    local function step()
      if socket.destroyed then return end
      if i > #s then
        if ending == 1 then socket:destroy() elseif ending == 2 then socket:finish() elseif ending == 3 then socket:resetAndDestroy() end
        return
      end
      local n = random(20)
      socket:write(s:sub(i, i + n - 1))
      i = i + n
      setImmediate(step)
    end
    step()
  end
  local total, started, over = 300, 0, 0
  local all = t:called()
  serve(t, function(socket) socket:on("data", function() pieces(socket) end) end, function(port, close)
    local agent = http.Agent { keepAlive = true, maxSockets = 8 }
    local function go()
      if started >= total then return end
      started = started + 1
      local req = http.get { host = "127.0.0.1", port = port, agent = agent, timeout = 100, method = random(5) == 1 and "HEAD" or nil }
      local act, closes = random(8), 0
      req:on("error", function() end)
      req:on("timeout", function() req:destroy() end)
      if random(2) == 1 then req:on("upgrade", function(_, socket) socket:destroy() end) end
      if act > 1 then
        req:on("response", function(res)
          res:on("error", function() end)
          if act == 2 then res:destroy() elseif act == 3 then req:destroy() elseif act == 4 then req:abort() else res:resume() end
        end)
      end
      req:on("close", function()
        closes = closes + 1
        t:equal(closes, 1)
        over = over + 1
        if over < total then return go() end
        agent:destroy()
        close()
        setTimeout(function()
          t:equal(agent.totalSocketCount, 0)
          t:equal(next(agent.sockets) or next(agent.freeSockets) or next(agent.requests), nil)
          all()
        end, 20)
      end)
    end
    for _ = 1, 12 do go() end
  end)
end)
