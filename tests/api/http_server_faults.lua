-- SPDX-License-Identifier: MIT
--
-- Bad input, slow and vanishing peers, errors in handlers. The server must answer or close, tell who listens, and live on.
local test = require "../support/test"
local raw = require "../support/raw_http"
local http = require "http"
local net = require "net"

local BAD = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
local HOST = "Host: x\r\n"

-- name, input, answer, how many requests reach the listener (with a body cut short they do)
local malformed = {
  { "no method", "FOO BAR\r\n\r\n" },
  { "garbage", "\0\1\2\3\255\254garbage" },
  { "garbage UTF-8", "G\195\40T / HTTP/1.1\r\n\r\n" },
  { "lower-case method", "get / HTTP/1.1\r\n" .. HOST .. "\r\n" },
  { "an unknown version", "GET / HTTP/9.9\r\n" .. HOST .. "\r\n" },
  { "a space in front of the colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n" },
  { "a name that is no token", "GET / HTTP/1.1\r\nHo st: x\r\n\r\n" },
  { "a continuation line", "GET / HTTP/1.1\r\nHost: x\r\nX: y\r\n z\r\n\r\n" },
  { "a continuation line before the value", "GET / HTTP/1.1\r\nHost: x\r\nX:\r\n z\r\n\r\n" },
  { "a continuation line by tab", "GET / HTTP/1.1\r\nHost: x\r\nX: y\r\n\tz\r\n\r\n" },
  { "bare LF", "GET / HTTP/1.1\nHost: x\n\n" },
  { "bare LF in the head", "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n" },
  { "bare CR in a value", "GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n" },
  { "NUL in a value", "GET / HTTP/1.1\r\nHost: x\0\r\n\r\n" },
  { "Content-Length and Transfer-Encoding", "POST / HTTP/1.1\r\n" .. HOST .. "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
  { "Transfer-Encoding and Content-Length", "POST / HTTP/1.1\r\n" .. HOST .. "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" },
  { "two Content-Lengths", "POST / HTTP/1.1\r\n" .. HOST .. "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello" },
  { "a signed Content-Length", "POST / HTTP/1.1\r\n" .. HOST .. "Content-Length: +5\r\n\r\nhello" },
  { "a Content-Length with a space", "POST / HTTP/1.1\r\n" .. HOST .. "Content-Length: 5 5\r\n\r\nhello" },
  { "a Content-Length past 64 bits", "POST / HTTP/1.1\r\n" .. HOST .. "Content-Length: 99999999999999999999\r\n\r\n" },
  { "chunked not last", "POST / HTTP/1.1\r\n" .. HOST .. "Transfer-Encoding: chunked, gzip\r\n\r\n" },
  { "chunked twice", "POST / HTTP/1.1\r\n" .. HOST .. "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" },
  { "an unknown transfer coding", "POST / HTTP/1.1\r\n" .. HOST .. "Transfer-Encoding: xchunked\r\n\r\n", nil, 1 },
  { "a bad chunk size", "POST / HTTP/1.1\r\n" .. HOST .. "Transfer-Encoding: chunked\r\n\r\nzz\r\n", nil, 1 },
  { "a chunk size with 0x", "POST / HTTP/1.1\r\n" .. HOST .. "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n", nil, 1 },
  { "a chunk size past 64 bits", "POST / HTTP/1.1\r\n" .. HOST .. "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n", nil, 1 },
  { "a chunk longer than it said", "POST / HTTP/1.1\r\n" .. HOST .. "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", nil, 1 },
  { "bare LF behind a chunk size", "POST / HTTP/1.1\r\n" .. HOST .. "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n", nil, 1 },
  { "an oversized head", "GET / HTTP/1.1\r\n" .. HOST .. "X: " .. ("y"):rep(17000) .. "\r\n\r\n", "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n" },
  { "an oversized url", "GET /" .. ("y"):rep(17000) .. " HTTP/1.1\r\n" .. HOST .. "\r\n", "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n" },
  { "many small headers", "GET / HTTP/1.1\r\n" .. HOST .. ("abc: defg\r\n"):rep(3000) .. "\r\n", "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n" },
  { "oversized trailers", "POST / HTTP/1.1\r\n" .. HOST .. "Transfer-Encoding: chunked\r\n\r\n0\r\nT: " .. ("y"):rep(17000) .. "\r\n\r\n",
    "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n", 1 },
  { "oversized chunk extensions", "POST / HTTP/1.1\r\n" .. HOST .. "Transfer-Encoding: chunked\r\n\r\n1;" .. ("a"):rep(17000) .. "\r\n",
    "HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\n\r\n", 1 },
  { "a request cut short by the end", "GET / HTTP/1.1\r\nHost", nil, 0, true },
}

for _, case in ipairs(malformed) do
  for _, split in ipairs { false, true } do
    -- Byte by byte takes long for the long ones: those are cut in three.
    test(case[1] .. (split and ", in pieces," or "") .. " is refused", function(t)
      local requests = 0
      raw.serve(t, {}, function(req)
        requests = requests + 1
        req:on("error", function(err) t:equal(err.code, "ECONNRESET") end)
        req:on("data", function() end)
      end, function(port, server)
        local input = case[2]
        local pieces = { input }
        if split then
          local step = #input < 300 and 1 or math.ceil(#input / 3)
          pieces = {}
          for i = 1, #input, step do pieces[#pieces + 1] = input:sub(i, i + step - 1) end
        end
        raw.send(port, pieces, t:called(function(text)
          t:equal(text, case[3] or BAD)
          t:equal(requests, case[4] or 0, "requests")
          raw.stop(server)
        end), { half = case[5], gap = split and 0 or nil })
      end)
    end)
  end
end

test("insecureHTTPParser lets some of it through", function(t)
  raw.serve(t, { insecureHTTPParser = true }, t:called(function(req, res)
    t:equal(req.headers.x, "a\1b")
    res:finish "ok"
  end), function(port, server)
    raw.send(port, "GET / HTTP/1.1\r\nHost: x\r\nX: a\1b\r\nConnection: close\r\n\r\n", t:called(function(text)
      t:match(text, "\r\n\r\nok$")
      raw.stop(server)
    end))
  end)
end)

test("good answers go out before the refusal of what follows", function(t)
  raw.serve(t, {}, function(_, res) res:finish "good" end, function(port, server)
    raw.send(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\nbad\r\n\r\n", t:called(function(text)
      t:match(text, "^HTTP/1.1 200 OK\r\n.*\r\n\r\ngoodHTTP/1.1 400 Bad Request\r\n")
      raw.stop(server)
    end))
  end)
end)

test("an answer that has begun is not followed by a refusal", function(t)
  raw.serve(t, {}, function(_, res)
    res:writeHead(200, { ["Content-Length"] = "10" })
    res:write "12345"
  end, function(port, server)
    raw.send(port, { "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "bad\r\n\r\n" }, t:called(function(text)
      t:match(text, "\r\n\r\n12345$")
      raw.stop(server)
    end), { gap = 20 })
  end)
end)

test("clientError gets the error and the socket", function(t)
  raw.serve(t, {}, t:never(), function(port, server)
    server:on("clientError", t:called(function(err, socket)
      t:equal(err.code, "HPE_INVALID_METHOD")
      t:equal(err.message, "Parse Error: Invalid method encountered")
      t:equal(tostring(err.rawPacket), "bad\r\n\r\n")
      t:equal(type(err.bytesParsed), "number")
      t:ok(net.Socket:is(socket))
      socket:finish "HTTP/1.1 418 Teapot\r\n\r\n"
    end))
    raw.send(port, "bad\r\n\r\n", t:called(function(text)
      t:equal(text, "HTTP/1.1 418 Teapot\r\n\r\n")
      raw.stop(server)
    end))
  end)
end)

test("clientError for a request cut short: ending the socket closes it", function(t)
  raw.serve(t, {}, t:never(), function(port, server)
    server:on("clientError", t:called(function(err, socket)
      t:equal(err.code, "HPE_INVALID_EOF_STATE")
      socket:finish "HTTP/1.1 400 Mine\r\n\r\n"
      socket:on("close", t:called())
    end))
    raw.send(port, "GET / HT", t:called(function(text)
      t:equal(text, "HTTP/1.1 400 Mine\r\n\r\n")
      raw.stop(server)
    end), { half = true })
  end)
end)

test("CONNECT with nobody listening closes a connection whose Socket is known", function(t)
  raw.serve(t, {}, t:called(function(req, res)
    req.socket:on("close", t:called())
    res:finish "x"
  end), function(port, server)
    raw.send(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\nCONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", t:called(function(text)
      t:match(text, "\r\n\r\nx$")
      raw.stop(server)
    end))
  end)
end)

test("slow headers are answered 408", function(t)
  raw.serve(t, { headersTimeout = 50, requestTimeout = 1000, connectionsCheckingInterval = 20 }, t:never(), function(port, server)
    raw.send(port, "GET / HTTP/1.1\r\nHo", t:called(function(text)
      t:equal(text, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n")
      raw.stop(server)
    end))
  end)
end)

test("a connection that says nothing is answered 408", function(t)
  raw.serve(t, { headersTimeout = 50, requestTimeout = 1000, connectionsCheckingInterval = 20 }, t:never(), function(port, server)
    raw.send(port, {}, t:called(function(text)
      t:equal(text, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n")
      raw.stop(server)
    end))
  end)
end)

test("a slow body is answered 408 and the request aborted", function(t)
  raw.serve(t, { headersTimeout = 50, requestTimeout = 100, connectionsCheckingInterval = 20 }, t:called(function(req, res)
    req:on("data", function() end)
    req:on("aborted", t:called())
    req:on("error", t:called(function(err) t:equal(err.code, "ECONNRESET") end))
    res:on("close", t:called())
  end), function(port, server)
    raw.send(port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc", t:called(function(text)
      t:equal(text, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n")
      raw.stop(server)
    end))
  end)
end)

test("idle connections close after keepAliveTimeout, busy ones do not", function(t)
  raw.serve(t, { keepAliveTimeout = 50 }, function(req, res)
    if req.url == "/slow" then setTimeout(function() res:finish "slow" end, 200) else res:finish "quick" end
  end, function(port, server)
    raw.send(port, { "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n" }, t:called(function(text, how)
      t:match(text, "\r\n\r\nslow$")
      t:equal(how, "closed")
      raw.stop(server)
    end))
    raw.send(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", t:called(function(text, how)
      t:match(text, "Keep%-Alive: timeout=0\r\n.*quick$")
      t:equal(how, "closed")
    end))
  end)
end)

-- Where a client vanishes: the text it has sent by then, what the handler does.
local vanishing = {
  { "before a byte", nil },
  { "within the head", "GET / HTTP/1.1\r\nHo" },
  { "behind the head, the answer not begun", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", function() end },
  { "within the body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc", function(req) req:on("data", function() end) end },
  { "within the body, nobody reading", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc", function() end },
  { "with the answer begun", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", function(_, res) res:write "abc" end },
  { "with a long answer under way", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", function(_, res) res:write(("x"):rep(4000000)) end },
  { "with pipelined requests waiting", ("GET / HTTP/1.1\r\nHost: x\r\n\r\n"):rep(5), function() end, 5 },
}
for _, case in ipairs(vanishing) do
  for _, how in ipairs { "resetAndDestroy", "destroy" } do
    test("a client that goes " .. case[1] .. " (" .. how .. ")", function(t)
      local n = case[3] and (case[4] or 1) or 0
      local closed = 0
      local server
      server = http.createServer(function(req, res)
        req:on("error", function(err) t:equal(err.code, "ECONNRESET") end)
        res:on("close", function()
          closed = closed + 1
          t:ok(res.destroyed)
          t:ok(req.aborted or req.complete)
          t:ok(res:write "late" == false, "a late write says no")
          res:finish()
        end)
        case[3](req, res)
      end)
      server:listen(0, "127.0.0.1", t:called(function()
        local socket = net.connect(server:address().port, "127.0.0.1")
        socket:on("error", function() end)
        socket:on("connect", t:called(function()
          if case[2] then socket:write(case[2]) end
          setTimeout(t:called(function()
            socket[how](socket)
            setTimeout(t:called(function()
              t:equal(closed, n, "closed responses")
              server:getConnections(t:called(function(_, count)
                t:equal(count, 0, "connections")
                server:close(t:called())
              end))
            end), 50)
          end), 30)
        end))
      end))
    end)
  end
end

test("a client that ends its side gets answers that are ready, the rest is aborted", function(t)
  raw.serve(t, {}, function(req, res)
    if req.url == "/now" then return res:finish "now" end
    req:on("aborted", t:called())
    req:on("error", t:called(function(err) t:equal(err.message, "aborted") end))
  end, function(port, server)
    raw.send(port, "GET /now HTTP/1.1\r\nHost: x\r\n\r\nGET /later HTTP/1.1\r\nHost: x\r\n\r\n", t:called(function(text)
      t:match(text, "\r\n\r\nnow$")
      raw.stop(server)
    end), { half = true })
  end)
end)

test("a peer that never reads cannot make the server hold its answers", function(t)
  local served, answer = 0, ("x"):rep(100000)
  raw.serve(t, {}, function(_, res)
    served = served + 1
    res:finish(answer)
  end, function(port, server)
    local socket = net.connect(port, "127.0.0.1")
    socket:on("error", function() end)
    socket:pause()
    socket:write(("GET / HTTP/1.1\r\nHost: x\r\n\r\n"):rep(20000))
    setTimeout(t:called(function()
      t:ok(served < 500, "requests taken: " .. served)
      local before = served
      socket:resume() -- and it goes on once the peer reads
      socket:on("data", function() end)
      setTimeout(t:called(function()
        t:ok(served > before, "went on")
        socket:destroy()
        raw.stop(server)
      end), 100)
    end), 200)
  end)
end)

test("write says false when enough waits, drain comes when it is gone", function(t)
  raw.serve(t, {}, t:called(function(_, res)
    t:equal(res:write "small", true)
    t:equal(res:write(("x"):rep(20000)), false)
    t:ok(res.writableNeedDrain)
    res:on("drain", t:called(function()
      t:no(res.writableNeedDrain)
      res:finish()
    end))
  end), function(port, server)
    raw.send(port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", t:called(function(text)
      t:match(text, "0\r\n\r\n$")
      raw.stop(server)
    end))
  end)
end)

test("drain waits for a peer that reads late", function(t)
  local drained = false
  raw.serve(t, {}, t:called(function(_, res)
    res:write(("x"):rep(8000000))
    res:on("drain", t:called(function()
      drained = true
      res:finish()
    end))
  end), function(port, server)
    local socket = net.connect(port, "127.0.0.1")
    socket:write "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    socket:pause()
    setTimeout(t:called(function()
      t:no(drained)
      socket:on("data", function() end)
      socket:resume()
      socket:on("close", t:called(function() raw.stop(server) end))
    end), 100)
  end)
end)

test("an error raised by a listener is uncaught and the server lives on", function(t)
  local seen
  local function caught(err) seen = err end
  -- The harness listens to uncaughtException too: its record of it is taken off again.
  process:prependListener("uncaughtException", caught)
  local failures = t.failures
  raw.serve(t, {}, function(req, res)
    if req.url == "/bad" then error "thrown in a handler" end
    res:finish "fine"
  end, function(port, server)
    t.failures = setmetatable({}, { __newindex = function() end })
    local bad = raw.send(port, "GET /bad HTTP/1.1\r\nHost: x\r\n\r\n", function() end)
    setTimeout(t:called(function()
      t.failures = failures
      process:removeListener("uncaughtException", caught)
      t:match(tostring(seen), "thrown in a handler")
      bad:destroy()
      raw.send(port, "GET /good HTTP/1.1\r\nHost: x\r\n\r\n", t:called(function(text)
        t:match(text, "fine$")
        raw.stop(server)
      end), { done = 1 })
    end), 50)
  end)
end)
