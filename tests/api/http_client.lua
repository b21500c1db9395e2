-- SPDX-License-Identifier: MIT
--
-- http.request, http.get and http.ClientRequest against peers that behave: our server, raw sockets, and Node's server.
local test = require "../support/test"
local http = require "http"
local net = require "net"
local stream = require "stream"

-- handler(socket, text) once the head of a request is there; ready(port, close). The test lasts until close() was called.
local function serve(t, handler, ready)
  local sockets, closed, server = {}, t:called(), nil
  server = net.createServer(function(socket)
    sockets[#sockets + 1] = socket
    socket:on("error", function() end)
    local text, told = "", false
    socket:on("data", function(chunk)
      text = text .. tostring(chunk)
      if told or not text:find("\r\n\r\n", 1, true) then return end
      told = true
      handler(socket, text)
    end)
  end)
  server:listen(0, "127.0.0.1", function()
    ready(server:address().port, function()
      for _, socket in ipairs(sockets) do socket:destroy() end
      server:close(closed)
    end)
  end)
end

local function read(res, done)
  local body = ""
  res:on("data", function(chunk) body = body .. tostring(chunk) end)
  res:on("end", function() done(body) end)
end

local OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

-- What a request with these options sends, to its connection's end.
local function sent(t, options, act, check)
  local text, closed, server = "", t:called(), nil
  server = net.createServer(function(socket)
    socket:on("error", function() end)
    socket:on("data", function(chunk)
      text = text .. tostring(chunk)
      socket:write(OK)
    end)
    socket:on("end", function()
      check(text)
      server:close(closed)
    end)
  end)
  server:listen(0, "127.0.0.1", function()
    local port = server:address().port
    local o = { host = "127.0.0.1", port = port, agent = false }
    if type(options) == "function" then options = options(port) end
    for k, v in pairs(options) do o[k] = v end
    local req = http.request(o)
    req:on("response", function(res)
      res:resume()
      if o.agent == nil or o.agent then res:on("close", function() req.socket:destroy() end) end
    end)
    req:on("error", function() end)
    if act then act(req) else req:finish() end
  end)
end

-- ---- arguments

test("wrong arguments raise Node's errors", function(t)
  local cases = {
    { { path = "/a b" }, "ERR_UNESCAPED_CHARACTERS", "Request path contains unescaped characters" },
    { { path = "/a\nb" }, "ERR_UNESCAPED_CHARACTERS" },
    { { path = "/ł" }, "ERR_UNESCAPED_CHARACTERS" },
    { { protocol = "https:" }, "ERR_INVALID_PROTOCOL", 'Protocol "https:" not supported. Expected "http:"' },
    { { agent = {} }, "ERR_INVALID_ARG_TYPE", 'The "options.agent" property must be one of Agent-like Object, undefined, or false. Received an instance of Object' },
    { { method = 5 }, "ERR_INVALID_ARG_TYPE", 'The "options.method" property must be of type string. Received type number (5)' },
    { { method = "a b" }, "ERR_INVALID_HTTP_TOKEN", 'Method must be a valid HTTP token ["a b"]' },
    { { host = 5 }, "ERR_INVALID_ARG_TYPE", 'The "options.host" property must be of type string or one of undefined or null. Received type number (5)' },
    { { hostname = {} }, "ERR_INVALID_ARG_TYPE" },
    { { timeout = "x" }, "ERR_INVALID_ARG_TYPE", "The \"timeout\" argument must be of type number. Received type string ('x')" },
    { { timeout = -1 }, "ERR_OUT_OF_RANGE", 'The value of "timeout" is out of range. It must be a non-negative finite number. Received -1' },
    { { maxHeaderSize = -1 }, "ERR_OUT_OF_RANGE" },
    { { maxHeaderSize = "1" }, "ERR_INVALID_ARG_TYPE" },
    { { insecureHTTPParser = 1 }, "ERR_INVALID_ARG_TYPE", 'The "options.insecureHTTPParser" property must be of type boolean. Received type number (1)' },
    { { joinDuplicateHeaders = 1 }, "ERR_INVALID_ARG_TYPE" },
    { { signal = 5 }, "ERR_INVALID_ARG_TYPE" },
    { { headers = { ["a b"] = "1" } }, "ERR_INVALID_HTTP_TOKEN", 'Header name must be a valid HTTP token ["a b"]' },
    { { headers = { a = "x\ny" } }, "ERR_INVALID_CHAR", 'Invalid character in header content ["a"]' },
    { { headers = { a = "x\0y" } }, "ERR_INVALID_CHAR" },
    { { headers = { a = {} } }, nil },
    { { headers = { "a" } }, "ERR_INVALID_ARG_VALUE" },
    { { headers = { "a", "x\r\ny: z" } }, "ERR_INVALID_CHAR" },
    { { headers = { { "a b", "x" } } }, "ERR_INVALID_HTTP_TOKEN" },
  }
  for i, case in ipairs(cases) do
    case[1].createConnection = case[1].agent == nil and function() return stream.PassThrough() end or nil
    if case[2] then t:throws(function() http.request(case[1]) end, { code = case[2], message = case[3] }) end
    t:ok(i)
  end
end)

local no_url = not pcall(require, "lunode.url") and "there is no url module" or nil
test("(url, options, callback) in all their forms", { skip = no_url }, function(t)
  t:throws(function() http.request "nope" end, "ERR_INVALID_URL")
  serve(t, function(socket, text)
    local line = text:match "^[^\r]+"
    socket:finish("HTTP/1.1 200 OK\r\nContent-Length: " .. #line .. "\r\n\r\n" .. line)
  end, function(port, close)
    local base = "http://127.0.0.1:" .. port
    local left, done = 6, nil
    local function expect(want)
      return t:called(function(res)
        read(res, t:called(function(body)
          t:equal(body, want)
          left = left - 1
          if left == 0 then close() end
        end))
      end)
    end
    http.get(base .. "/a?b=c", expect "GET /a?b=c HTTP/1.1")
    http.get(base .. "/a", { method = "DELETE" }, expect "DELETE /a HTTP/1.1")
    http.get(URL(base .. "/u"), expect "GET /u HTTP/1.1")
    http.get(URL(base .. "/u"), { path = "/v" }, expect "GET /v HTTP/1.1")
    http.get({ port = port, host = "127.0.0.1", path = "/o" }, expect "GET /o HTTP/1.1")
    local req = http.get(base .. "/p", nil, expect "GET /p HTTP/1.1")
    t:equal(req.path, "/p")
    t:equal(done, nil)
  end)
end)

test("a request knows what it was made of", function(t)
  serve(t, function(socket) socket:finish(OK) end, function(port, close)
    local req = http.request { host = "127.0.0.1", port = port, path = "/x", method = "post", headers = { B = "2", a = "1" } }
    t:equal(req.method, "POST")
    t:equal(req.path, "/x")
    t:equal(req.host, "127.0.0.1")
    t:equal(req.protocol, "http:")
    t:equal(req.agent, http.globalAgent)
    t:equal(req.aborted, false)
    t:equal(req.destroyed, false)
    t:equal(req.reusedSocket, false)
    t:equal(req.finished, false)
    t:equal(req.writableEnded, false)
    t:equal(req.writableFinished, false)
    t:equal(req.headersSent, false)
    t:equal(req.socket, nil)
    t:equal(req:getHeader "b", "2")
    t:deep(req:getHeaderNames(), { "b", "a", "host" })
    t:deep(req:getRawHeaderNames(), { "B", "a", "Host" })
    t:ok(req:hasHeader "HOST")
    req:removeHeader "b"
    req:setHeader("c", { "x", "y" })
    t:deep(req:getHeaders(), { a = "1", host = "127.0.0.1:" .. port, c = { "x", "y" } })
    t:ok(http.ClientRequest:is(req))
    t:ok(http.OutgoingMessage:is(req))
    req:finish()
    t:ok(req.writableEnded)
    t:ok(req.headersSent)
    t:throws(function() req:setHeader("d", "1") end, { code = "ERR_HTTP_HEADERS_SENT", message = "Cannot set headers after they are sent to the client" })
    t:throws(function() req:removeHeader "a" end, "ERR_HTTP_HEADERS_SENT")
    req:on("response", t:called(function(res)
      t:equal(res.req, req)
      t:equal(res.socket, req.socket)
      t:equal(req.connection, req.socket)
      t:equal(res.statusCode, 200)
      t:equal(res.statusMessage, "OK")
      t:equal(res.httpVersion, "1.1")
      t:equal(res.httpVersionMajor, 1)
      t:deep(res.rawHeaders, { "Content-Length", "0" })
      t:ok(http.IncomingMessage:is(res))
      res:resume()
      res:on("end", function()
        t:ok(res.complete)
        t:ok(req.writableFinished)
        close()
      end)
    end))
  end)
end)

-- ---- what goes out

local function head(want, options, act)
  return function(t)
    local o = options or {}
    sent(t, o, act, function(text)
      t:equal(text:gsub("127%.0%.0%.1:%d+", "H"):gsub("Host: %[::1%]:%d+", "Host: [::1]:P"), (want:gsub("\n", "\r\n")))
    end)
  end
end

test("a GET", head "GET / HTTP/1.1\nHost: H\nConnection: close\n\n")
test("a DELETE has no body unless one is given", head("DELETE / HTTP/1.1\nHost: H\nConnection: close\n\n", { method = "DELETE" }))
test("a POST with nothing", head("POST / HTTP/1.1\nHost: H\nConnection: close\nContent-Length: 0\n\n", { method = "POST" }))
test("finish(body) announces its length", head("POST / HTTP/1.1\nHost: H\nConnection: close\nContent-Length: 3\n\nabc", { method = "POST" },
  function(req) req:finish "abc" end))
test("write() and finish(): chunked", head("POST / HTTP/1.1\nHost: H\nConnection: close\nTransfer-Encoding: chunked\n\n2\nab\n1\nc\n0\n\n", { method = "POST" },
  function(req)
    req:write "ab"
    req:finish "c"
  end))
test("a GET with an announced length", head("GET / HTTP/1.1\ncontent-length: 3\nHost: H\nConnection: close\n\nabc", { headers = { ["content-length"] = 3 } },
  function(req) req:finish "abc" end))
test("Transfer-Encoding: chunked asked for", head("GET / HTTP/1.1\ntransfer-encoding: chunked\nHost: H\nConnection: close\n\n3\nabc\n0\n\n",
  { headers = { ["transfer-encoding"] = "chunked" } }, function(req) req:finish "abc" end))
test("trailers after a chunked body", head("POST / HTTP/1.1\nTrailer: A\nHost: H\nConnection: close\nTransfer-Encoding: chunked\n\n1\nx\n0\nA: b\n\n",
  { method = "POST", headers = { Trailer = "A" } }, function(req)
    req:write "x"
    req:addTrailers { A = "b" }
    req:finish()
  end))
test("encodings of written text", head("POST / HTTP/1.1\nHost: H\nConnection: close\nTransfer-Encoding: chunked\n\n2\nhi\n1\n!\n0\n\n", { method = "POST" },
  function(req)
    req:write("aGk=", "base64")
    req:write("21", "hex")
    req:finish()
  end))
test("a map of headers is sent in sorted order", head("GET / HTTP/1.1\nA: 1\nb: x\nb: y\nc: true\nHost: H\nConnection: close\n\n",
  { headers = { c = true, A = 1, b = { "x", "y" } } }))
test("a list of headers as it is, without Host", head("GET / HTTP/1.1\nZ: 1\nz: 2\nA: y\nConnection: close\n\n", { headers = { "Z", "1", "z", "2", "A", "y" } }))
test("a list of pairs", head("GET / HTTP/1.1\nZ: 1\nHost: q\nConnection: close\n\n", { headers = { { "Z", "1" }, { "Host", "q" } } }))
test("auth", head("GET / HTTP/1.1\nHost: H\nAuthorization: Basic dTpw\nConnection: close\n\n", { auth = "u:p" }))
test("auth gives way to an Authorization header", head("GET / HTTP/1.1\nAuthorization: z\nHost: H\nConnection: close\n\n", { auth = "u:p", headers = { Authorization = "z" } }))
test("setHost = false", head("GET / HTTP/1.1\nConnection: close\n\n", { setHost = false }))
test("setDefaultHeaders = false", head("GET / HTTP/1.1\n\n", { setDefaultHeaders = false }))
test("uniqueHeaders are joined", head("GET / HTTP/1.1\ncookie: q; z\nx: a; b\ny: c\ny: d\nHost: H\nConnection: close\n\n",
  { uniqueHeaders = { "x" }, headers = { x = { "a", "b" }, y = { "c", "d" }, cookie = { "q", "z" } } }))
test("the default port is not named", head("GET / HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n\n", function(port) return { defaultPort = port } end))
test("hostname wins over host", head("GET / HTTP/1.1\nHost: H\nConnection: close\n\n", { hostname = "127.0.0.1", host = "nowhere.invalid" }))
test("an explicit Connection header stays", head("GET / HTTP/1.1\nConnection: keep-alive\nHost: H\n\n", { headers = { Connection = "keep-alive" } },
  function(req)
    req:on("response", function(res) res:on("close", function() req.socket:destroy() end) end)
    req:finish()
  end))
test("removeHeader('connection') leaves it out", head("GET / HTTP/1.1\nHost: H\n\n", {}, function(req)
  req:removeHeader "Connection"
  req:finish()
end))
test("a method that is not known is sent in upper case", head("FOO / HTTP/1.1\nHost: H\nConnection: close\nContent-Length: 0\n\n", { method = "foo" }))
test("keep-alive through an Agent", head("GET / HTTP/1.1\nHost: H\nConnection: keep-alive\n\n", { agent = http.Agent { keepAlive = true } }))
test("corked pieces leave as one chunk", head("POST / HTTP/1.1\nHost: H\nConnection: close\nTransfer-Encoding: chunked\n\n1\na\n2\nbc\n1\nd\n0\n\n", { method = "POST" },
  function(req)
    req:write "a"
    req:cork()
    req:write "b"
    req:write "c"
    req:uncork()
    req:finish "d"
  end))

test("an IPv6 host is bracketed in Host", function(t)
  local req = http.request { host = "::1", port = 8080, createConnection = function() return stream.PassThrough() end }
  t:equal(req:getHeader "host", "[::1]:8080")
  req:on("error", function() end)
  req:destroy()
end)

test("flushHeaders() sends the head before there is a body", function(t)
  serve(t, function(socket, text)
    t:match(text, "^POST / HTTP/1.1\r\n.*chunked\r\n\r\n$")
    socket:write "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
  end, function(port, close)
    local req = http.request({ host = "127.0.0.1", port = port, method = "POST" }, t:called(function(res)
      read(res, function(body)
        t:equal(body, "ok")
        close()
      end)
    end))
    req:on("error", function() end)
    req:flushHeaders()
  end)
end)

test("write() and finish() call back, 'finish' comes when all is handed to the system", function(t)
  serve(t, function(socket) setTimeout(function() socket:finish(OK) end, 10) end, function(port, close)
    local order = {}
    local req = http.request({ host = "127.0.0.1", port = port, method = "POST" }, function(res)
      res:resume()
      res:on("end", function()
        t:equal(table.concat(order, " "), "write finish end")
        close()
      end)
    end)
    req:write("a", function() order[#order + 1] = "write" end)
    req:on("finish", function() order[#order + 1] = "finish" end)
    req:finish("b", function() order[#order + 1] = "end" end)
  end)
end)

-- ---- what comes back

test("Expect: 100-continue: the head goes at once, the body after 'continue'", function(t)
  local server
  local closed = t:called()
  server = http.createServer(function(req, res)
    read(req, function(body) res:finish("got " .. body) end)
  end)
  server:on("checkContinue", t:called(function(req, res)
    res:writeContinue()
    server:emit("request", req, res)
  end))
  server:listen(0, "127.0.0.1", function()
    local req = http.request({ host = "127.0.0.1", port = server:address().port, method = "PUT", headers = { Expect = "100-continue" }, agent = false }, function(res)
      read(res, function(body)
        t:equal(body, "got abc")
        server:close(closed)
      end)
    end)
    t:ok(req.headersSent)
    req:on("information", t:called(function(info) t:equal(info.statusCode, 100) end))
    req:on("continue", t:called(function() req:finish "abc" end))
  end)
end)

test("'information' tells what a 1xx head holds", function(t)
  serve(t, function(socket)
    socket:finish("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n\r\n" .. OK)
  end, function(port, close)
    local req = http.get({ host = "127.0.0.1", port = port }, t:called(function(res)
      t:equal(res.statusCode, 200)
      res:resume()
      res:on("end", close)
    end))
    req:on("continue", t:never())
    req:on("information", t:called(function(info)
      t:equal(info.statusCode, 103)
      t:equal(info.statusMessage, "Early Hints")
      t:equal(info.httpVersion, "1.1")
      t:equal(info.httpVersionMajor, 1)
      t:equal(info.httpVersionMinor, 1)
      t:equal(info.headers.link, "</a>, </b>")
      t:deep(info.rawHeaders, { "Link", "</a>", "Link", "</b>" })
    end))
  end)
end)

test("answers without a body: HEAD, 204, 304; the connection serves on", function(t)
  local connections = 0
  local closed = t:called()
  local server = net.createServer(function(socket)
    connections = connections + 1
    socket:on("error", function() end)
    socket:on("data", function(chunk)
      local method, path = tostring(chunk):match "^(%S+) /(%S*)"
      if method == "HEAD" then socket:write "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
      elseif path == "304" then socket:write "HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n"
      else socket:write "HTTP/1.1 204 No Content\r\n\r\n" end
    end)
  end)
  server:listen(0, "127.0.0.1", function()
    local agent = http.Agent { keepAlive = true }
    local cases = { { "HEAD", "/", 200 }, { "GET", "/304", 304 }, { "GET", "/204", 204 }, { "HEAD", "/", 200 } }
    local function go(i)
      local case = cases[i]
      if not case then
        t:equal(connections, 1)
        agent:destroy()
        server:close(closed)
        return
      end
      http.request({ host = "127.0.0.1", port = server:address().port, method = case[1], path = case[2], agent = agent }, function(res)
        t:equal(res.statusCode, case[3])
        read(res, function(body)
          t:equal(body, "")
          t:ok(res.complete)
          setTimeout(function() go(i + 1) end, 5)
        end)
      end):finish()
    end
    go(1)
  end)
end)

test("upgrade: the response, the socket, and what followed the head", function(t)
  serve(t, function(socket, text)
    t:match(text, "Upgrade: echo")
    socket:on("data", function(chunk) socket:write(chunk) end)
    socket:write "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\nfirst bytes"
  end, function(port, close)
    local agent = http.Agent { keepAlive = true }
    local req = http.get { host = "127.0.0.1", port = port, agent = agent, headers = { Connection = "Upgrade", Upgrade = "echo" } }
    req:on("response", t:never())
    req:on("close", t:called())
    req:on("upgrade", t:called(function(res, socket, rest)
      t:equal(res.statusCode, 101)
      t:equal(res.headers.upgrade, "echo")
      t:ok(res.upgrade)
      t:ok(Buffer.isBuffer(rest))
      t:equal(tostring(rest), "first bytes")
      t:equal(agent.totalSocketCount, 0)
      t:equal(socket:listenerCount "data", 0)
      socket:write "echo me"
      socket:on("data", t:called(function(chunk)
        t:equal(tostring(chunk), "echo me")
        socket:destroy()
        close()
      end))
    end))
  end)
end)

test("an upgraded socket keeps what came with the head in one read for its reader", function(t)
  serve(t, function(socket)
    socket:write "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n"
    setTimeout(function() socket:write "later" end, 10)
  end, function(port, close)
    local req = http.get { host = "127.0.0.1", port = port, headers = { Connection = "Upgrade", Upgrade = "echo" } }
    req:on("upgrade", t:called(function(_, socket, rest)
      t:equal(#rest, 0)
      setTimeout(function() -- nobody reads meanwhile: nothing is lost
        socket:on("data", t:called(function(chunk)
          t:equal(tostring(chunk), "later")
          socket:destroy()
          close()
        end))
      end, 40)
    end))
  end)
end)

test("CONNECT", function(t)
  serve(t, function(socket, text)
    t:match(text, "^CONNECT example.com:80 HTTP/1.1\r\nHost: 127.0.0.1:%d+\r\n")
    socket:write "HTTP/1.1 200 Connection established\r\n\r\nhello"
  end, function(port, close)
    local req = http.request { host = "127.0.0.1", port = port, method = "CONNECT", path = "example.com:80" }
    req:on("response", t:never())
    req:on("connect", t:called(function(res, socket, rest)
      t:equal(res.statusCode, 200)
      t:equal(tostring(rest), "hello")
      socket:destroy()
      close()
    end))
    req:finish()
  end)
end)

test("trailers of a response", function(t)
  serve(t, function(socket)
    socket:finish "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\nC: d\r\n\r\n"
  end, function(port, close)
    http.get({ host = "127.0.0.1", port = port }, function(res)
      t:equal(next(res.trailers), nil)
      read(res, function(body)
        t:equal(body, "abc")
        t:deep(res.trailers, { a = "b", c = "d" })
        t:deep(res.rawTrailers, { "A", "b", "C", "d" })
        close()
      end)
    end)
  end)
end)

test("duplicate headers; joinDuplicateHeaders; maxHeadersCount", function(t)
  local text = "HTTP/1.1 200 OK\r\nAge: 1\r\nAge: 2\r\nX: a\r\nX: b\r\nSet-Cookie: c\r\nSet-Cookie: d\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
  serve(t, function(socket) socket:finish(text) end, function(port, close)
    local left = 3
    local function over(res)
      res:resume()
      res:on("end", function()
        left = left - 1
        if left == 0 then close() end
      end)
    end
    http.get({ host = "127.0.0.1", port = port }, function(res)
      t:equal(res.headers.age, "1")
      t:equal(res.headers.x, "a, b")
      t:deep(res.headers["set-cookie"], { "c", "d" })
      t:deep(res.headersDistinct.age, { "1", "2" })
      over(res)
    end)
    http.get({ host = "127.0.0.1", port = port, joinDuplicateHeaders = true }, function(res)
      t:equal(res.headers.age, "1, 2")
      over(res)
    end)
    local req = http.request({ host = "127.0.0.1", port = port }, function(res)
      t:deep(res.rawHeaders, { "Age", "1", "Age", "2" })
      over(res)
    end)
    req.maxHeadersCount = 2
    req:finish()
  end)
end)

test("maxHeaderSize of one request; insecureHTTPParser", function(t)
  local mode = "large"
  serve(t, function(socket)
    if mode == "large" then
      socket:finish("HTTP/1.1 200 OK\r\nX: " .. ("a"):rep(30000) .. "\r\nContent-Length: 0\r\n\r\n")
    else
      socket:finish "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    end
  end, function(port, close)
    http.get({ host = "127.0.0.1", port = port, maxHeaderSize = 65536 }, t:called(function(res)
      t:equal(#res.headers.x, 30000)
      res:resume()
      res:on("end", function()
        local small = http.get { host = "127.0.0.1", port = port, maxHeaderSize = 100 }
        small:on("error", t:called(function(e)
          t:equal(e.code, "HPE_HEADER_OVERFLOW")
          mode = "both"
          http.get({ host = "127.0.0.1", port = port, insecureHTTPParser = true }, t:called(function(lenient)
            read(lenient, function(body)
              t:equal(body, "abc")
              close()
            end)
          end))
        end))
      end)
    end))
  end)
end)

test("HTTP/1.0: the body lasts until the end, the socket is not kept", function(t)
  serve(t, function(socket) socket:finish "HTTP/1.0 200 OK\r\n\r\nold" end, function(port, close)
    local agent = http.Agent { keepAlive = true }
    local req
    req = http.get({ host = "127.0.0.1", port = port, agent = agent }, function(res)
      t:equal(res.httpVersion, "1.0")
      t:equal(req.shouldKeepAlive, false)
      read(res, function(body)
        t:equal(body, "old")
        setTimeout(function()
          t:equal(next(agent.freeSockets), nil)
          close()
        end, 10)
      end)
    end)
  end)
end)

test("a response that nobody listens to is thrown away and its socket is free", function(t)
  serve(t, function(socket) socket:write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" .. ("x"):rep(100000)) end, function(port, close)
    local agent = http.Agent { keepAlive = true }
    local req = http.get { host = "127.0.0.1", port = port, agent = agent }
    req:on("close", t:called(function()
      setTimeout(function()
        t:equal(#agent.freeSockets["127.0.0.1:" .. port .. ":"], 1)
        agent:destroy()
        close()
      end, 10)
    end))
  end)
end)

-- ---- back-pressure

test("a response that is not read stops its socket, and then arrives whole", function(t)
  local total = 8 * 1024 * 1024
  local taken
  serve(t, function(socket)
    taken = socket
    socket:write("HTTP/1.1 200 OK\r\nContent-Length: " .. total .. "\r\n\r\n")
    socket:write(("x"):rep(total))
  end, function(port, close)
    http.get({ host = "127.0.0.1", port = port, agent = false }, function(res)
      setTimeout(function()
        t:ok(taken.writableLength > 0, "the server could not send all")
        t:ok(res.readableLength <= 256 * 1024, "what is held is bounded")
        t:ok(res.socket:isPaused() or not res.socket.readableFlowing)
        local got = 0
        res:on("data", function(chunk) got = got + #chunk end)
        res:on("end", t:called(function()
          t:equal(got, total)
          close()
        end))
      end, 100)
    end)
  end)
end)

test("pause() and resume() within a response", function(t)
  local body = ("0123456789"):rep(30000)
  serve(t, function(socket) socket:write("HTTP/1.1 200 OK\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body) end, function(port, close)
    http.get({ host = "127.0.0.1", port = port, agent = false }, function(res)
      local parts, paused = {}, false
      res:on("data", function(chunk)
        t:no(paused, "data while paused")
        parts[#parts + 1] = tostring(chunk)
        paused = true
        res:pause()
        setTimeout(function()
          paused = false
          res:resume()
        end, 1)
      end)
      res:on("end", t:called(function()
        t:ok(table.concat(parts) == body)
        close()
      end))
    end)
  end)
end)

test("an upload that the server does not read: write() says false, 'drain' comes when it does", function(t)
  local held
  serve(t, function(socket)
    socket:pause()
    held = socket
  end, function(port, close)
    local req = http.request { host = "127.0.0.1", port = port, method = "POST", agent = false }
    local piece, sent_pieces = ("x"):rep(65536), 0
    req:on("error", function() end)
    local drained = t:called(function()
      t:equal(req.writableNeedDrain, false)
      t:equal(req.writableLength, 0)
      req:destroy()
      close()
    end)
    req:on("drain", function()
      if held then drained() end
    end)
    local function pump()
      while not held do
        req:write(piece)
        return setTimeout(pump, 1)
      end
      while sent_pieces < 2000 and req:write(piece) do sent_pieces = sent_pieces + 1 end
      t:ok(sent_pieces < 2000, "never said false")
      t:ok(req.writableNeedDrain)
      t:ok(req.writableLength >= req.writableHighWaterMark)
      setTimeout(function() held:resume() end, 20)
    end
    pump()
  end)
end)

test("a stream piped through a request and its response arrives whole", function(t)
  local server
  local closed = t:called()
  server = http.createServer(function(req, res) req:pipe(res) end)
  server:listen(0, "127.0.0.1", function()
    local pieces = {}
    for i = 1, 200 do pieces[i] = (string.char(65 + i % 26)):rep(10000) end
    local req = http.request({ host = "127.0.0.1", port = server:address().port, method = "POST", agent = false }, function(res)
      t:equal(res.headers["transfer-encoding"], "chunked")
      read(res, function(body)
        t:ok(body == table.concat(pieces))
        server:close(closed)
      end)
    end)
    stream.Readable.from(pieces):pipe(req)
  end)
end)

test("for chunk in res:iter()", function(t)
  serve(t, function(socket) socket:write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n") end, function(port, close)
    local lunode = require "lunode"
    http.get({ host = "127.0.0.1", port = port, agent = false }, function(res)
      lunode.async(function()
        local body = ""
        for chunk in res:iter() do body = body .. tostring(chunk) end
        t:equal(body, "abcde")
        close()
      end)
    end)
  end)
end)

-- ---- connections

test("createConnection: any Duplex, by return or by callback", function(t)
  local function wire(answer)
    local got = ""
    local duplex
    duplex = stream.Duplex {
      read = function() end,
      write = function(_, chunk, _, cb)
        got = got .. tostring(chunk)
        cb()
        if got:find("\r\n\r\n", 1, true) then
          got = ""
          duplex:push(answer)
        end
      end,
    }
    return duplex
  end
  local seen
  local function ask(create, done)
    http.get({ host = "h", port = 1, path = "/p", createConnection = create }, t:called(function(res)
      read(res, t:called(function(body)
        t:equal(body, "abc")
        if done then done() end
      end))
    end))
  end
  local text = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
  ask(function(options)
    seen = options
    return wire(text)
  end)
  t:equal(seen.host, "h")
  t:equal(seen.path, nil)
  ask(function(_, cb) setTimeout(function() cb(nil, wire(text)) end, 1) end)
end)

test("a stream that answers from within its write, also after a 100", function(t)
  local step = 0
  local duplex
  duplex = stream.Duplex {
    read = function() end,
    write = function(_, chunk, _, cb)
      cb()
      step = step + 1
      if step == 1 then duplex:push "HTTP/1.1 100 Continue\r\n\r\n"
      elseif tostring(chunk):find "body" then duplex:push "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" end
    end,
  }
  local req = http.request({ method = "POST", headers = { Expect = "100-continue", ["Content-Length"] = 4 }, createConnection = function() return duplex end },
    t:called(function(res) read(res, t:called(function(body) t:equal(body, "ok") end)) end))
  req:on("continue", t:called(function() req:finish "body" end))
end)

test("the agent wins over createConnection", function(t)
  serve(t, function(socket) socket:finish(OK) end, function(port, close)
    http.get({ host = "127.0.0.1", port = port, agent = http.Agent(), createConnection = t:never() }, function(res)
      res:resume()
      res:on("end", close)
    end)
  end)
end)

test("socketPath, localAddress, lookup and family reach the connection", function(t)
  serve(t, function(socket)
    t:equal(socket.remoteAddress, "127.0.0.2")
    socket:finish(OK)
  end, function(port, close)
    local asked
    http.get({
      host = "some.name", port = port, localAddress = "127.0.0.2", family = 4, agent = false,
      lookup = function(name, options, cb)
        asked = name .. " " .. tostring(options.family)
        if options.all then cb(nil, { { address = "127.0.0.1", family = 4 } }) else cb(nil, "127.0.0.1", 4) end
      end,
    }, function(res)
      t:equal(asked, "some.name 4")
      res:resume()
      res:on("end", close)
    end)
  end)
end)

test("setNoDelay and setSocketKeepAlive wait for the connection", function(t)
  serve(t, function(socket) socket:finish(OK) end, function(port, close)
    local calls = {}
    local req = http.get({ host = "127.0.0.1", port = port, agent = false }, function(res)
      t:equal(table.concat(calls, ", "), "delay true, alive true 500")
      res:resume()
      res:on("end", close)
    end)
    req:setNoDelay()
    req:setSocketKeepAlive(true, 500)
    t:equal(#calls, 0)
    req:prependOnceListener("socket", function(socket)
      socket.setNoDelay = function(_, on) calls[#calls + 1] = "delay " .. tostring(on) end
      socket.setKeepAlive = function(_, on, ms) calls[#calls + 1] = "alive " .. tostring(on) .. " " .. tostring(ms) end
    end)
  end)
end)

test("the callback is a listener of 'response'; get() ends the request", function(t)
  serve(t, function(socket) socket:finish(OK) end, function(port, close)
    local function listener(res)
      res:resume()
      res:on("end", close)
    end
    local req = http.get({ host = "127.0.0.1", port = port }, listener)
    t:equal(req:listeners("response")[1], listener)
    t:ok(req.writableEnded)
    t:throws(function() http.request({ host = "127.0.0.1", port = port }, 5) end, "ERR_INVALID_ARG_TYPE")
  end)
end)

test("ClientRequest can be subclassed and its methods replaced", function(t)
  serve(t, function(socket, text)
    t:match(text, "X: added")
    socket:finish(OK)
  end, function(port, close)
    local Own = http.ClientRequest:extend "Own"
    function Own:_implicitHeader()
      self:setHeader("X", "added")
      http.ClientRequest.prototype._implicitHeader(self)
    end
    local req = Own({ host = "127.0.0.1", port = port }, function(res)
      res:resume()
      res:on("end", close)
    end)
    t:ok(http.ClientRequest:is(req))
    req:finish()
  end)
end)

-- ---- our server, and Node's

test("our server: many at once, in order on each socket, bodies whole", function(t)
  local server
  local closed = t:called()
  server = http.createServer(function(req, res)
    read(req, function(body) res:finish(req.method .. " " .. req.url .. " " .. #body) end)
  end)
  server:listen(0, "127.0.0.1", function()
    local agent = http.Agent { keepAlive = true, maxSockets = 5 }
    local left = 60
    for i = 1, 60 do
      local post = i % 2 == 0
      local req = http.request({ host = "127.0.0.1", port = server:address().port, path = "/" .. i, method = post and "POST" or "GET", agent = agent }, function(res)
        read(res, function(body)
          t:equal(body, (post and "POST" or "GET") .. " /" .. i .. " " .. (post and i * 1000 or 0))
          left = left - 1
          if left > 0 then return end
          agent:destroy()
          server:close(closed)
        end)
      end)
      if post then req:finish(("x"):rep(i * 1000)) else req:finish() end
    end
  end)
end)

local NODE_SERVER = [[
const http = require("http");
const server = http.createServer((req, res) => {
  let n = 0;
  req.on("data", (c) => { n += c.length; });
  req.on("end", () => {
    if (req.url === "/trailers") { res.setHeader("Trailer", "T"); res.write("body"); res.addTrailers({ T: "end" }); return res.end(); }
    if (req.url === "/large") return res.end("y".repeat(1000000));
    if (req.url === "/hints") { res.writeEarlyHints({ link: "</s.css>; rel=preload" }); return res.end("hinted"); }
    res.end([req.method, req.url, n, req.headers["transfer-encoding"] || req.headers["content-length"], req.headers.connection].join(" "));
  });
});
server.on("upgrade", (req, socket, head) => {
  socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nhi");
  socket.on("data", (c) => socket.end(c));
});
server.on("connection", (s) => s.on("error", () => {}));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit()); process.stdin.resume();
]]

local no_node = require("../support/node").skip
test("Node's server as the peer", { skip = no_node }, function(t)
  local script, out = os.tmpname(), os.tmpname()
  local f = assert(io.open(script, "w"))
  f:write(NODE_SERVER)
  f:close()
  local node = assert(io.popen("exec node " .. script .. " > " .. out, "w"))
  local finished = t:called()
  local function over()
    node:close()
    os.remove(script)
    os.remove(out)
    finished()
  end
  local function go(port)
    local agent = http.Agent { keepAlive = true }
    local connections = {}
    local steps = {
      { { path = "/a" }, nil, "GET /a 0  keep-alive" },
      { { path = "/b", method = "POST" }, "12345", "POST /b 5 5 keep-alive" },
      { { path = "/c", method = "PUT", headers = { ["Transfer-Encoding"] = "chunked" } }, "123", "PUT /c 3 chunked keep-alive" },
      { { path = "/d", method = "POST", headers = { Expect = "100-continue" } }, "1234", "POST /d 4 chunked keep-alive" },
      { { path = "/trailers" }, nil, "body" },
      { { path = "/large" }, nil, ("y"):rep(1000000) },
      { { path = "/hints" }, nil, "hinted" },
      { { path = "/e", method = "HEAD" }, nil, "" },
      { { path = "/f" }, nil, "GET /f 0  keep-alive" },
    }
    local function step(i)
      local one = steps[i]
      if not one then
        local n = 0
        for _ in pairs(connections) do n = n + 1 end
        t:equal(n, 2, "connections") -- after HEAD without a length the socket is not kept, as in Node
        agent:destroy()
        local up = http.get { host = "127.0.0.1", port = port, headers = { Connection = "Upgrade", Upgrade = "x" } }
        up:on("upgrade", function(_, socket, rest)
          local got = tostring(rest)
          socket:on("data", function(c) got = got .. tostring(c) end)
          socket:on("end", function()
            t:equal(got, "hithere")
            over()
          end)
          socket:write "there"
        end)
        return
      end
      one[1].host, one[1].port, one[1].agent = "127.0.0.1", port, agent
      local req
      req = http.request(one[1], function(res)
        connections[res.socket] = true
        read(res, function(body)
          t:ok(body == one[3], one[1].path .. ": " .. body:sub(1, 60))
          if one[1].path == "/trailers" then t:equal(res.trailers.t, "end") end
          setTimeout(function() step(i + 1) end, 5)
        end)
      end)
      req:finish(one[2])
    end
    step(1)
  end
  local function wait(tries)
    local o = io.open(out)
    local port = o and o:read "*n"
    if o then o:close() end
    if port then return go(port) end
    t:ok(tries < 400, "node did not start")
    setTimeout(function() wait(tries + 1) end, 10)
  end
  wait(1)
end)
