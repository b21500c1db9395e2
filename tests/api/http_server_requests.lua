-- SPDX-License-Identifier: MIT
--
-- What the server's listener sees of a request.
local test = require "../support/test"
local raw = require "../support/raw_http"
local http = require "http"
local net = require "net"

local GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

local function ask(name, request, handler, options, more)
  test(name, function(t)
    raw.serve(t, options or {}, t:called(function(req, res) handler(t, req, res) end), function(port, server)
      raw.send(port, request, t:called(function(text, how)
        if more then more(t, text, how) end
        raw.stop(server)
      end), { done = 1 })
    end)
  end)
end

ask("method, url, version, headers as they came and by name",
  "PUT /a?b=%20c HTTP/1.1\r\nHost: example\r\nX-Thing:  one two \t\r\nEmpty:\r\nx-thing: three\r\nContent-Length: 0\r\n\r\n",
  function(t, req, res)
    t:equal(req.method, "PUT")
    t:equal(req.url, "/a?b=%20c")
    t:equal(req.httpVersion, "1.1")
    t:equal(req.httpVersionMajor, 1)
    t:equal(req.httpVersionMinor, 1)
    t:deep(req.rawHeaders, { "Host", "example", "X-Thing", "one two", "Empty", "", "x-thing", "three", "Content-Length", "0" })
    t:deep(req.headers, { host = "example", ["x-thing"] = "one two, three", empty = "", ["content-length"] = "0" })
    t:deep(req.headersDistinct, { host = { "example" }, ["x-thing"] = { "one two", "three" }, empty = { "" }, ["content-length"] = { "0" } })
    t:equal(req.headers, req.headers, "made once")
    t:deep(req.trailers, {})
    t:deep(req.rawTrailers, {})
    t:equal(req.complete, true)
    t:equal(req.upgrade, false)
    t:equal(req.aborted, false)
    res:finish()
  end)

ask("headers that come twice are treated as Node does",
  "GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\nCookie: a=1\r\nCookie: b=2\r\nSet-Cookie: x\r\nSet-Cookie: y\r\nAge: 1\r\nAge: 2\r\nAccept: c\r\nAccept: d\r\n"
    .. "User-Agent: e\r\nUser-Agent: f\r\n__proto__: g\r\n\r\n",
  function(t, req, res)
    t:deep(req.headers, { host = "a", cookie = "a=1; b=2", ["set-cookie"] = { "x", "y" }, age = "1", accept = "c, d", ["user-agent"] = "e", ["__proto__"] = "g" })
    res:finish()
  end)

ask("joinDuplicateHeaders joins them all", "GET / HTTP/1.1\r\nHost: a\r\nAge: 1\r\nAge: 2\r\n\r\n",
  function(t, req, res)
    t:deep(req.headers, { host = "a", age = "1, 2" })
    res:finish()
  end, { joinDuplicateHeaders = true })

test("headers can be read long after other requests have come", function(t)
  local kept
  raw.serve(t, {}, function(req, res)
    if kept then
      t:equal(kept.headers.n, "1")
      t:equal(kept.url, "/1")
      t:equal(req.headers.n, "2")
    end
    kept = req
    res:finish()
  end, function(port, server)
    raw.send(port, { "GET /1 HTTP/1.1\r\nHost: x\r\nN: 1\r\n\r\n", "GET /2 HTTP/1.1\r\nHost: x\r\nN: 2\r\n\r\n" }, t:called(function() raw.stop(server) end), { gap = 10, done = 2 })
  end)
end)

local function body_of(req, cb)
  local got = {}
  req:on("data", function(chunk) got[#got + 1] = tostring(chunk) end)
  req:on("end", function() cb(table.concat(got), #got) end)
end

local CHUNKED = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5;ext=1\r\ndefgh\r\n0\r\nT-One: 1\r\nt-two: 2 \r\n\r\n"
for _, whole in ipairs { true, false } do
  test("a chunked body and its trailers, " .. (whole and "in one piece" or "byte by byte"), function(t)
    raw.serve(t, {}, t:called(function(req, res)
      body_of(req, t:called(function(body)
        t:equal(body, "abcdefgh")
        t:deep(req.trailers, { ["t-one"] = "1", ["t-two"] = "2" })
        t:deep(req.rawTrailers, { "T-One", "1", "t-two", "2" })
        t:deep(req.trailersDistinct, { ["t-one"] = { "1" }, ["t-two"] = { "2" } })
        t:equal(req.headers.host, "x")
        t:equal(req.headers["t-one"], nil)
        t:ok(req.complete)
        res:finish()
      end))
    end), function(port, server)
      local pieces = { CHUNKED }
      if not whole then
        pieces = {}
        for i = 1, #CHUNKED do pieces[i] = CHUNKED:sub(i, i) end
      end
      raw.send(port, pieces, t:called(function() raw.stop(server) end), { gap = not whole and 0 or nil, done = 1 })
    end)
  end)
end

test("trailers behind an empty body are no headers", function(t)
  raw.serve(t, {}, t:called(function(req, res)
    t:equal(req.headers.evil, nil)
    body_of(req, t:called(function(body)
      t:equal(body, "")
      t:equal(req.trailers.evil, "1")
      res:finish()
    end))
  end), function(port, server)
    raw.send(port, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nEvil: 1\r\n\r\n", t:called(function() raw.stop(server) end), { done = 1 })
  end)
end)

ask("a body that came with the head can be read later, by whatever way", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
  function(t, req, res)
    setTimeout(t:called(function()
      req:setEncoding "utf8"
      local text = ""
      req:on("readable", function()
        local chunk = req:read()
        while chunk do
          text = text .. chunk
          chunk = req:read()
        end
      end)
      req:on("end", t:called(function()
        t:equal(text, "hello")
        res:finish()
      end))
    end), 5)
  end)

test("a large body arrives whole, and an echo of it", function(t)
  local body = {}
  for i = 1, 30000 do body[i] = ("%08d"):format(i) end
  body = table.concat(body)
  raw.serve(t, {}, function(req, res) req:pipe(res) end, function(port, server)
    raw.send(port, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body, t:called(function(text)
      local plain = {}
      local at = select(2, text:find("\r\n\r\n", 1, true)) + 1
      while true do
        local size, stop = text:match("^(%x+)\r\n()", at)
        if size == "0" then break end
        plain[#plain + 1] = text:sub(stop, stop + tonumber(size, 16) - 1)
        at = stop + tonumber(size, 16) + 2
      end
      t:ok(table.concat(plain) == body, "the echo is the body")
      raw.stop(server)
    end))
  end)
end)

test("a reader that stops stops the sender, and memory is bounded", function(t)
  local sent, total = 0, 64 * 1024 * 1024
  raw.serve(t, {}, t:called(function(req, res)
    req:pause()
    req:on("data", function() end)
    req:pause()
    setTimeout(t:called(function()
      t:ok(sent < total / 2, "the sender was held up at " .. sent)
      t:ok(req.readableLength < 300000, "buffered " .. req.readableLength)
      req:resume()
      req:on("end", t:called(function() res:finish "done" end))
    end), 200)
  end), function(port, server)
    local socket = net.connect(port, "127.0.0.1")
    local piece = ("x"):rep(65536)
    socket:write("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " .. total .. "\r\n\r\n")
    local function more()
      while sent < total do
        sent = sent + #piece
        if not socket:write(piece) then return end
      end
    end
    socket:on("drain", more)
    more()
    socket:on("data", function() end)
    socket:on("close", t:called(function() raw.stop(server) end))
  end)
end)

test("a body that nobody reads is thrown away and the connection goes on", function(t)
  local urls = {}
  raw.serve(t, {}, function(req, res)
    urls[#urls + 1] = req.url
    res:finish()
  end, function(port, server)
    raw.send(port, { "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", ("y"):rep(50000), ("y"):rep(50000) .. "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n" },
      t:called(function()
        t:deep(urls, { "/1", "/2" })
        raw.stop(server)
      end), { gap = 10, done = 2 })
  end)
end)

test("answers to pipelined requests leave in order, many of them", function(t)
  local waiting = {}
  raw.serve(t, {}, function(req, res)
    waiting[#waiting + 1] = function() res:finish(req.url) end
    if #waiting == 100 then
      for i = 100, 1, -1 do waiting[i]() end
    end
  end, function(port, server)
    local all = {}
    for i = 1, 100 do all[i] = "GET /" .. i .. " HTTP/1.1\r\nHost: x\r\n\r\n" end
    raw.send(port, table.concat(all), t:called(function(text)
      local n = 0
      for url in text:gmatch "\r\n\r\n/(%d+)" do
        n = n + 1
        t:equal(tonumber(url), n)
      end
      t:equal(n, 100)
      raw.stop(server)
    end), { done = function(text) return text:find "\r\n\r\n/100$" end })
  end)
end)

test("requests split at every byte are the same requests", function(t)
  local request = "GET /abc HTTP/1.1\r\nHost: h\r\nA-Name: some value\r\n\r\n"
  local served = 0
  raw.serve(t, {}, function(req, res)
    served = served + 1
    t:equal(req.url, "/abc")
    t:deep(req.rawHeaders, { "Host", "h", "A-Name", "some value" })
    res:finish()
  end, function(port, server)
    local left = #request - 1
    for i = 1, #request - 1 do
      raw.send(port, { request:sub(1, i), request:sub(i + 1) }, function(text, how)
        t:match(text, "^HTTP/1.1 200 OK\r\n")
        t:equal(how, "open")
        left = left - 1
        if left == 0 then
          t:equal(served, #request - 1)
          raw.stop(server)
        end
      end, { gap = 2, done = 1 })
    end
    server:on("close", t:called())
  end)
end)

do
  test("maxHeadersCount drops what is too much", function(t)
    local server = http.createServer(t:called(function(req, res)
      t:deep(req.rawHeaders, { "Host", "x", "A", "1" })
      res:finish()
    end))
    server.maxHeadersCount = 2
    t:equal(server.maxHeadersCount, 2)
    server:listen(0, "127.0.0.1", t:called(function()
      raw.send(server:address().port, "GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nB: 2\r\n\r\n", t:called(function() raw.stop(server) end), { done = 1 })
    end))
  end)
end

ask("req.socket is a net.Socket that knows the peer", GET, function(t, req, res)
  t:ok(net.Socket:is(req.socket))
  t:equal(req.socket.remoteAddress, "127.0.0.1")
  t:equal(req.connection, req.socket)
  t:equal(res.socket, req.socket)
  t:equal(req.socket.server ~= nil, true)
  res:finish()
end)

ask("what is written to req.socket keeps its place among the answers", GET, function(_, req, res)
  res:writeContinue()
  req.socket:write "HTTP/1.1 102 Processing\r\n\r\n"
  res:finish "x"
end, nil, function(t, text) t:match(text, "^HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n") end)

test("subclasses of IncomingMessage and ServerResponse are used", function(t)
  local Request, Response = http.IncomingMessage:extend "Request", http.ServerResponse:extend "Response"
  function Request:param() return self.url:sub(2) end
  function Response:json(text) self:setHeader("Content-Type", "application/json") self:finish(text) end
  raw.serve(t, { IncomingMessage = Request, ServerResponse = Response }, t:called(function(req, res)
    t:ok(Request:is(req))
    res:json('"' .. req:param() .. '"')
  end), function(port, server)
    raw.send(port, "GET /p HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", t:called(function(text)
      t:match(text, 'Content%-Type: application/json\r\n.*\r\n\r\n"p"$')
      raw.stop(server)
    end))
  end)
end)

test("patched methods are seen", function(t)
  raw.serve(t, {}, t:called(function(_, res)
    local plain = res.writeHead
    res.writeHead = function(self, status, ...)
      self:setHeader("X-Patched", "yes")
      return plain(self, status, ...)
    end
    res:finish "x"
  end), function(port, server)
    raw.send(port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", t:called(function(text)
      t:match(text, "X%-Patched: yes\r\n.*Content%-Length: 1\r\n")
      raw.stop(server)
    end))
  end)
end)

test("a connection given by hand, any Duplex, is served", function(t)
  local Duplex = require("stream").Duplex
  local out = {}
  local duplex = Duplex {
    read = function() end,
    write = function(_, chunk, _, cb)
      out[#out + 1] = tostring(chunk)
      cb()
    end,
  }
  local server = http.createServer(function(req, res)
    res.sendDate = false
    local body = ""
    req:on("data", function(c) body = body .. tostring(c) end)
    req:on("end", function() res:finish(req.method .. " " .. body) end)
  end)
  server:emit("connection", duplex)
  duplex:push "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
  duplex:push "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\nde"
  duplex:on("finish", t:called(function()
    duplex:push(nil)
    t:equal(table.concat(out), "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 8\r\n\r\nPOST abc"
      .. "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 7\r\n\r\nPOST de")
  end))
end)

test("a server on a Unix socket", function(t)
  local path = os.tmpname()
  os.remove(path)
  local server = http.createServer(function(req, res) res:finish(req.url) end)
  server:listen(path, t:called(function()
    local socket = net.connect(path)
    local got = ""
    socket:write "GET /u HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    socket:on("data", function(c) got = got .. tostring(c) end)
    socket:on("close", t:called(function()
      t:match(got, "\r\n\r\n/u$")
      raw.stop(server)
    end))
  end))
end)
