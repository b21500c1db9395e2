-- SPDX-License-Identifier: MIT
--
-- How answers are framed. What is expected is what Node 20 sent for the same program.
local test = require "../support/test"
local raw = require "../support/raw_http"
local http = require "http"

local GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
local CLOSE = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
local KEEP = "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n"

-- name, request, handler, the answer, whether the server closes
local cases = {
  { "the answer to HEAD has no body and no length of its own", "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    function(_, res) res:finish "hello" end, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", true },
  { "HTTP/1.0 is answered with a body up to the end", "GET / HTTP/1.0\r\n\r\n",
    function(_, res) res:write "a" res:finish "hello" end, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nahello", true },
  { "HTTP/1.0 with keep-alive and a length stays open", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    function(_, res) res:setHeader("Content-Length", 5) res:finish "hello" end, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n" .. KEEP .. "\r\nhello" },
  { "a body given to finish gets a Content-Length", GET,
    function(_, res) res:finish "hello" end, "HTTP/1.1 200 OK\r\n" .. KEEP .. "Content-Length: 5\r\n\r\nhello" },
  { "an empty answer has length 0", GET,
    function(_, res) res:finish() end, "HTTP/1.1 200 OK\r\n" .. KEEP .. "Content-Length: 0\r\n\r\n" },
  { "after writeHead without a length the body is chunked", CLOSE,
    function(_, res) res:writeHead(200, { ["X-A"] = "1" }) res:finish "hello" end,
    "HTTP/1.1 200 OK\r\nX-A: 1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", true },
  { "a chunked answer without a body is its last chunk", CLOSE,
    function(_, res) res:writeHead(200) res:finish() end, "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", true },
  { "204 has no body", CLOSE, function(_, res) res:writeHead(204) res:finish "x" end, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", true },
  { "304 that claims to be chunked has no body and closes", GET,
    function(_, res) res:writeHead(304, { ["Transfer-Encoding"] = "chunked" }) res:finish() end,
    "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n", true },
  { "without Transfer-Encoding the body ends with the connection", GET,
    function(_, res) res:removeHeader "Transfer-Encoding" res:write "a" res:finish() end, "HTTP/1.1 200 OK\r\n" .. KEEP .. "\r\na", true },
  { "a removed Connection header is not sent, and the connection stays", GET,
    function(_, res) res:removeHeader "connection" res:finish "a" end, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na" },
  { "a removed Content-Length makes the body chunked", GET,
    function(_, res) res:removeHeader "content-length" res:finish "a" end,
    "HTTP/1.1 200 OK\r\n" .. KEEP .. "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n" },
  { "Connection: close closes", GET, function(_, res) res:setHeader("Connection", "close") res:finish "a" end,
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na", true },
  { "a Keep-Alive header of one's own replaces the default", GET, function(_, res) res:setHeader("Keep-Alive", "timeout=9") res:finish "a" end,
    "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=9\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na" },
  { "writeHead's headers replace those that were set, in their place", GET,
    function(_, res) res:setHeader("B", "1") res:setHeader("a", "2") res:writeHead(201, "Yo", { A = "3", C = "4" }) res:finish "a" end,
    "HTTP/1.1 201 Yo\r\nB: 1\r\nA: 3\r\nC: 4\r\n" .. KEEP .. "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n" },
  { "a list of headers keeps its order and its repetitions", GET,
    function(_, res) res:writeHead(200, { "Z", "1", "A", "2", "Z", "3", "Content-Length", "0" }) res:finish() end,
    "HTTP/1.1 200 OK\r\nZ: 1\r\nA: 2\r\nZ: 3\r\nContent-Length: 0\r\n" .. KEEP .. "\r\n" },
  { "a list of pairs likewise", GET, function(_, res) res:writeHead(200, { { "Z", "1" }, { "A", { "2", "3" } }, { "Content-Length", 0 } }) res:finish() end,
    "HTTP/1.1 200 OK\r\nZ: 1\r\nA: 2\r\nA: 3\r\nContent-Length: 0\r\n" .. KEEP .. "\r\n" },
  { "a map is sent in the order of its names", GET, function(_, res) res:writeHead(200, { c = "3", B = "2", a = 1, ["Content-Length"] = "0" }) res:finish() end,
    "HTTP/1.1 200 OK\r\nB: 2\r\nContent-Length: 0\r\na: 1\r\nc: 3\r\n" .. KEEP .. "\r\n" },
  { "lists of values are a line each", GET,
    function(_, res) res:setHeader("Set-Cookie", { "a=1", "b=2" }) res:setHeader("X", { "1", "2" }) res:finish "a" end,
    "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX: 1\r\nX: 2\r\n" .. KEEP .. "Content-Length: 1\r\n\r\na" },
  { "trailers follow the last chunk", GET,
    function(_, res) res:writeHead(200, { Trailer = "T" }) res:write "a" res:addTrailers { T = "1" } res:finish "b" end,
    "HTTP/1.1 200 OK\r\nTrailer: T\r\n" .. KEEP .. "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\nT: 1\r\n\r\n" },
  { "writes are chunks, and empty ones are none", GET, function(_, res) res:write "ab" res:write "" res:write(Buffer.from "c") res:finish "d" end,
    "HTTP/1.1 200 OK\r\n" .. KEEP .. "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n1\r\nd\r\n0\r\n\r\n" },
  { "text in another encoding is decoded", GET, function(_, res) res:write("6869", "hex") res:finish("IQ==", "base64") end,
    "HTTP/1.1 200 OK\r\n" .. KEEP .. "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n" },
  { "what is written while corked, after the head, is one chunk", GET,
    function(_, res) res:write "0" res:cork() res:write "a" res:write "b" res:uncork() res:finish() end,
    function(text) return text:find("1\r\n0\r\n", 1, true) and text:find("0\r\n\r\n", 1, true) and text:find("a", 1, true) end },
  { "statusMessage and statusCode are used", GET, function(_, res) res.statusCode = 404 res.statusMessage = "Nope" res:finish() end,
    "HTTP/1.1 404 Nope\r\n" .. KEEP .. "Content-Length: 0\r\n\r\n" },
  { "an unknown status has the phrase unknown", GET, function(_, res) res.statusCode = 599 res:finish() end,
    "HTTP/1.1 599 unknown\r\n" .. KEEP .. "Content-Length: 0\r\n\r\n" },
  { "interim answers come first", GET,
    function(_, res)
      res:writeEarlyHints { link = { "</a>; rel=preload", "</b>; rel=preload" }, ["X-T"] = "5" }
      res:writeProcessing()
      res:writeContinue()
      res:finish "b"
    end,
    "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload, </b>; rel=preload\r\nX-T: 5\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
      .. "HTTP/1.1 200 OK\r\n" .. KEEP .. "Content-Length: 1\r\n\r\nb" },
  { "a long body is whole", GET, function(_, res) res:finish(("x"):rep(300000)) end,
    "HTTP/1.1 200 OK\r\n" .. KEEP .. "Content-Length: 300000\r\n\r\n" .. ("x"):rep(300000) },
  { "long chunks are whole, and in order with short ones", GET,
    function(_, res) res:write "<" res:write(("y"):rep(20000)) res:write(Buffer.from(("z"):rep(20000))) res:finish ">" end,
    "HTTP/1.1 200 OK\r\n" .. KEEP .. "Transfer-Encoding: chunked\r\n\r\n1\r\n<\r\n4e20\r\n" .. ("y"):rep(20000) .. "\r\n4e20\r\n" .. ("z"):rep(20000) .. "\r\n1\r\n>\r\n0\r\n\r\n" },
  { "many headers, more than the sorter holds at once", GET,
    function(_, res)
      local map = { ["Content-Length"] = "0" }
      for i = 1, 100 do map[("h%03d"):format(i)] = i end
      res:writeHead(200, map)
      res:finish()
    end,
    function(text)
      local last
      for n in text:gmatch "h(%d%d%d): " do
        if last and tonumber(n) ~= last + 1 then return false end
        last = tonumber(n)
      end
      return last == 100 and text:find("h042: 42\r\n", 1, true)
    end },
}

for _, case in ipairs(cases) do
  test(case[1], function(t)
    raw.serve(t, {}, function(req, res)
      res.sendDate = false
      case[3](req, res)
    end, function(port, server)
      local want = case[4]
      local function complete(text)
        if type(want) == "string" then return #text >= #want end
        return want(text)
      end
      raw.send(port, case[2], t:called(function(text, how)
        if type(want) == "string" then t:equal(text, want) else t:ok(want(text), "the answer") end
        t:equal(how, case[5] and "closed" or "open")
        raw.stop(server)
      end), { done = not case[5] and complete or nil })
    end)
  end)
end

test("the Date header is an IMF-fixdate of now, after the given headers", function(t)
  raw.serve(t, {}, function(_, res) res:setHeader("X", "1") res:finish "a" end, function(port, server)
    raw.send(port, CLOSE, t:called(function(text)
      local date = text:match "^HTTP/1.1 200 OK\r\nX: 1\r\nDate: ([^\r]*)\r\nConnection: close\r\nContent%-Length: 1\r\n\r\na$"
      t:match(date, "^%a%a%a, %d%d %a%a%a %d%d%d%d %d%d:%d%d:%d%d GMT$")
      t:equal(date:sub(1, 16), os.date "!%a, %d %b %Y")
      raw.stop(server)
    end))
  end)
end)

-- Checks on a response that raise in the handler.
local function in_handler(name, check)
  test(name, function(t)
    raw.serve(t, {}, t:called(function(req, res)
      check(t, res, req)
      if not res.finished then res:finish() end
    end), function(port, server)
      raw.send(port, CLOSE, t:called(function() raw.stop(server) end))
    end)
  end)
end

in_handler("CR, LF, NUL and other controls are refused in values", function(t, res)
  for _, bad in ipairs { "a\rb", "a\nb", "a\0b", "a\r\nX: y", "\127" } do
    t:throws(function() res:setHeader("X", bad) end, "ERR_INVALID_CHAR")
    t:throws(function() res:setHeader("X", { "fine", bad }) end, "ERR_INVALID_CHAR")
    t:throws(function() res:writeHead(200, { X = bad }) end, "ERR_INVALID_CHAR")
    t:throws(function() res:writeHead(200, { "X", bad }) end, "ERR_INVALID_CHAR")
    t:throws(function() res:writeHead(200, { { "X", bad } }) end, "ERR_INVALID_CHAR")
    t:throws(function() res:addTrailers { X = bad } end, "ERR_INVALID_CHAR")
    t:throws(function() res:writeHead(200, bad) end, "ERR_INVALID_CHAR")
  end
  res:setHeader("X", "tab\tand \200\255 pass")
end)

in_handler("names must be tokens", function(t, res)
  for _, bad in ipairs { "", "a b", "a:", "a\n", "ä", "(x)" } do
    t:throws(function() res:setHeader(bad, "1") end, "ERR_INVALID_HTTP_TOKEN")
    t:throws(function() res:writeHead(200, { [bad] = "1" }) end, "ERR_INVALID_HTTP_TOKEN")
    t:throws(function() res:addTrailers { [bad] = "1" } end, "ERR_INVALID_HTTP_TOKEN")
  end
  t:throws(function() res:setHeader("X", nil) end, { code = "ERR_HTTP_INVALID_HEADER_VALUE", message = 'Invalid value "undefined" for header "X"' })
  t:throws(function() res:writeHead(200, { X = {} }) end, "ERR_HTTP_INVALID_HEADER_VALUE")
  t:throws(function() res:writeHead(200, { "X" }) end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() res:writeHead(200, { [5] = "1" }) end, "ERR_INVALID_HTTP_TOKEN")
end)

in_handler("after a refused writeHead another one works", function(t, res)
  t:throws(function() res:writeHead(200, { A = "good", B = "b\n" }) end, "ERR_INVALID_CHAR")
  t:no(res.headersSent)
  res:writeHead(200, { A = "good" })
  t:ok(res.headersSent)
end)

in_handler("status codes are checked", function(t, res)
  for _, bad in ipairs { 99, 1000, 0, -1, "x" } do
    t:throws(function() res:writeHead(bad) end, { code = "ERR_HTTP_INVALID_STATUS_CODE", message = "Invalid status code: " .. bad })
  end
end)

in_handler("headers are settled once the head is", function(t, res)
  res:setHeader("A", "1")
  res:writeHead(200)
  t:throws(function() res:writeHead(200) end, { code = "ERR_HTTP_HEADERS_SENT", message = "Cannot write headers after they are sent to the client" })
  t:throws(function() res:setHeader("A", "2") end, "ERR_HTTP_HEADERS_SENT")
  t:throws(function() res:appendHeader("A", "2") end, "ERR_HTTP_HEADERS_SENT")
  t:throws(function() res:removeHeader "A" end, "ERR_HTTP_HEADERS_SENT")
  t:equal(res:getHeader "a", "1")
end)

in_handler("the header store answers in Node's way", function(t, res)
  t:equal(res:setHeader("X-One", "1"), res)
  res:setHeader("Two", 2)
  res:setHeader("x-one", { "a", "b" })
  res:appendHeader("Two", "3")
  res:appendHeader("Three", "c")
  t:deep(res:getHeaderNames(), { "x-one", "two", "three" })
  t:deep(res:getRawHeaderNames(), { "x-one", "Two", "Three" })
  t:deep(res:getHeaders(), { ["x-one"] = { "a", "b" }, two = { 2, "3" }, three = "c" })
  t:ok(res:hasHeader "TWO")
  res:removeHeader "Two"
  t:no(res:hasHeader "two")
  t:equal(res:getHeader "two", nil)
  res:setHeaders { { "A", "1" }, { "Set-Cookie", "x" }, { "Set-Cookie", "y" } }
  t:deep(res:getHeader "set-cookie", { "x", "y" })
  t:throws(function() res:getHeader(5) end, "ERR_INVALID_ARG_TYPE")
end)

in_handler("chunks are strings or Buffers", function(t, res)
  t:throws(function() res:write(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() res:write(nil) end, "ERR_STREAM_NULL_VALUES")
  t:throws(function() res:write(true) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() res:finish(5) end, "ERR_INVALID_ARG_TYPE")
  t:no(res.headersSent)
end)

in_handler("properties tell the state", function(t, res, req)
  t:equal(res.statusCode, 200)
  t:equal(res.statusMessage, nil)
  t:no(res.headersSent)
  t:no(res.writableEnded)
  t:no(res.writableFinished)
  t:no(res.finished)
  t:equal(res.req, req)
  t:equal(res.writableHighWaterMark, 16384)
  t:equal(res.writableObjectMode, false)
  t:equal(res.shouldKeepAlive, false)
  res:write "abc"
  t:ok(res.headersSent)
  t:equal(res.statusMessage, "OK")
  t:equal(res.chunkedEncoding, true)
  t:ok(res.writableLength > 0)
  res:finish()
  t:ok(res.writableEnded)
  t:ok(res.finished)
end)

test("finish and close are emitted, callbacks run, in order", function(t)
  local order = {}
  raw.serve(t, {}, function(req, res)
    res:on("prefinish", function() order[#order + 1] = "prefinish" end)
    res:on("finish", function() order[#order + 1] = "finish" t:ok(res.writableFinished) end)
    res:on("close", function() order[#order + 1] = "close" t:ok(res.destroyed) end)
    req:on("close", function() order[#order + 1] = "req close" end)
    res:write("a", function(err) t:equal(err, nil) order[#order + 1] = "written" end)
    res:finish("b", function() order[#order + 1] = "ended" end)
    order[#order + 1] = "returned"
  end, function(port, server)
    raw.send(port, GET, t:called(function()
      setTimeout(t:called(function()
        t:equal(table.concat(order, ","), "prefinish,returned,written,finish,ended,close,req close")
        raw.stop(server)
      end), 20)
    end), { done = function(text) return text:find "0\r\n\r\n$" end })
  end)
end)

test("a listener added after finish hears it all the same", function(t)
  raw.serve(t, {}, function(_, res)
    res:finish "x"
    res:on("finish", t:called())
    res:on("close", t:called())
  end, function(port, server)
    raw.send(port, GET, t:called(function() raw.stop(server) end), { done = 1 })
  end)
end)

test("writing after the end is an error, ending twice is none", function(t)
  raw.serve(t, {}, function(_, res)
    res:finish "x"
    res:finish()
    res:on("error", t:called(function(err) t:equal(err.code, "ERR_STREAM_WRITE_AFTER_END") end, 2))
    t:equal(res:write("y", t:called(function(err) t:equal(err.code, "ERR_STREAM_WRITE_AFTER_END") end)), false)
    res:finish "z"
  end, function(port, server)
    raw.send(port, CLOSE, t:called(function(text)
      t:match(text, "\r\n\r\nx$")
      raw.stop(server)
    end))
  end)
end)

test("strictContentLength holds to the announced length", function(t)
  raw.serve(t, {}, t:called(function(_, res)
    res.strictContentLength = true
    res:setHeader("Content-Length", 3)
    t:throws(function() res:write "1234" end, "ERR_HTTP_CONTENT_LENGTH_MISMATCH")
    res:write "12"
    t:throws(function() res:finish() end, "ERR_HTTP_CONTENT_LENGTH_MISMATCH")
    res:finish "3"
  end), function(port, server)
    raw.send(port, CLOSE, t:called(function(text)
      t:match(text, "\r\n\r\n123$")
      raw.stop(server)
    end))
  end)
end)

test("rejectNonStandardBodyWrites raises where no body may be", function(t)
  raw.serve(t, { rejectNonStandardBodyWrites = true }, t:called(function(_, res)
    res:writeHead(204)
    t:throws(function() res:write "x" end, "ERR_HTTP_BODY_NOT_ALLOWED")
    t:throws(function() res:finish "x" end, "ERR_HTTP_BODY_NOT_ALLOWED")
    res:finish()
  end), function(port, server)
    raw.send(port, CLOSE, t:called(function() raw.stop(server) end))
  end)
end)

test("flushHeaders sends the head at once", function(t)
  local answer
  raw.serve(t, {}, function(_, res)
    res:setHeader("X", "1")
    res:flushHeaders()
    answer = res
  end, function(port, server)
    raw.send(port, CLOSE, t:called(function(text)
      t:match(text, "X: 1\r\n.*\r\n\r\n4\r\nlate\r\n0\r\n\r\n$")
      raw.stop(server)
    end), { done = function(text)
      if text:find "\r\n\r\n$" and answer then
        answer:finish "late"
        answer = nil
      end
    end })
  end)
end)

test("a response made by hand writes to the socket that it is given", function(t)
  local stream = require "stream"
  local got = {}
  local socket = stream.PassThrough()
  socket:on("data", function(chunk) got[#got + 1] = tostring(chunk) end)
  local req = http.IncomingMessage()
  req.method, req.httpVersionMajor, req.httpVersionMinor = "GET", 1, 1
  local res = http.ServerResponse(req)
  res.sendDate = false
  res:assignSocket(socket)
  t:throws(function() http.ServerResponse(req):assignSocket(socket) end, "ERR_HTTP_SOCKET_ASSIGNED")
  res:setHeader("A", "1")
  res:write "one"
  res:on("finish", t:called(function()
    setTimeout(t:called(function()
      t:equal(table.concat(got), "HTTP/1.1 200 OK\r\nA: 1\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")
    end), 5)
  end))
  res:finish "two"
end)

test("http.METHODS, STATUS_CODES, maxHeaderSize and the validators", function(t)
  t:equal(http.STATUS_CODES[404], "Not Found")
  t:equal(http.maxHeaderSize, 16384)
  local seen = {}
  for i, name in ipairs(http.METHODS) do
    seen[name] = true
    if i > 1 then t:ok(http.METHODS[i - 1] < name, "sorted") end
  end
  t:ok(seen.GET and seen["M-SEARCH"] and seen.PATCH)
  http.validateHeaderName "x"
  t:throws(function() http.validateHeaderName "a b" end, { code = "ERR_INVALID_HTTP_TOKEN", message = 'Header name must be a valid HTTP token ["a b"]' })
  http.validateHeaderValue("x", "y")
  t:throws(function() http.validateHeaderValue("x", nil) end, "ERR_HTTP_INVALID_HEADER_VALUE")
  t:throws(function() http.validateHeaderValue("x", "\n") end, { code = "ERR_INVALID_CHAR", message = 'Invalid character in header content ["x"]' })
end)
