-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local net = require "net"
local core = require "lunode.core"

local function nothing() end

test("listen(0) gives a port, 'listening' comes later, close ends it", function(t)
  local server = net.createServer()
  t:equal(server.listening, false)
  t:equal(server:address(), nil)
  local later = false
  t:equal(server:listen(0, "127.0.0.1", t:called(function()
    t:ok(later)
    local a = server:address()
    t:equal(a.address, "127.0.0.1")
    t:equal(a.family, "IPv4")
    t:ok(a.port > 0)
    t:equal(server.listening, true)
    server:on("close", t:called())
    server:close(t:called(function(err)
      t:equal(err, nil)
      t:equal(server.listening, false)
      t:equal(server:address(), nil)
    end))
  end)), server)
  later = true
end)

test("without an address it listens on :: and takes IPv4 too", function(t)
  local server = net.createServer(t:called(function(socket) socket:destroy() end))
  server:listen(t:called(function()
    local a = server:address()
    t:ok(a.address == "::" or a.address == "0.0.0.0")
    net.connect(a.port, "127.0.0.1"):on("close", t:called(function() server:close() end)):on("error", nothing):resume()
  end))
end)

test("all forms of listen", function(t)
  local function try(fn)
    local server = net.createServer()
    fn(server)
    server:on("listening", t:called(function()
      t:equal(type(server:address().port), "number")
      server:close()
    end))
  end
  try(function(s) s:listen() end)
  try(function(s) s:listen(nil) end)
  try(function(s) s:listen "0" end)
  try(function(s) s:listen(0, 5) end)
  try(function(s) s:listen(0, "127.0.0.1", 5) end)
  try(function(s) s:listen { port = 0 } end)
  try(function(s) s:listen { port = "0", host = "localhost", backlog = 5, exclusive = true } end)
  try(function(s) s:listen({ port = 0, host = "127.0.0.1" }, t:called()) end)
  try(function(s) s:listen(0, nil, 7, t:called()) end)
end)

test("ipv6Only leaves IPv4 alone", function(t)
  local server = net.createServer()
  server:on("error", function(e) t:equal(e.code, "EAFNOSUPPORT") end)
  server:listen({ port = 0, host = "::", ipv6Only = true }, t:called(function()
    local c = net.connect(server:address().port, "127.0.0.1")
    c:on("error", t:called(function(e)
      t:equal(e.code, "ECONNREFUSED")
      server:close()
    end))
  end))
end)

local ffi = require "ffi"
ffi.cdef "int dup(int fd);"

test("another server's handle, and a descriptor, can be listened on", function(t)
  local origin = net.createServer()
  origin:listen(0, "127.0.0.1", t:called(function()
    local port = origin:address().port
    local taker = net.createServer(t:called(function(socket) socket:finish "by handle" end))
    taker:listen(origin, t:called(function()
      t:equal(taker:address().port, port)
      net.connect(port, "127.0.0.1"):setEncoding("utf8"):on("data", t:called(function(d)
        t:equal(d, "by handle")
        taker:close()
      end))
    end))
  end))
  local first = net.createServer()
  first:listen(0, "127.0.0.1", t:called(function()
    local port = first:address().port
    local second = net.createServer(t:called(function(socket) socket:finish "from the descriptor" end))
    second:listen({ fd = ffi.C.dup(first._handle.fd) }, t:called(function()
      t:equal(second:address().port, port)
      first:close()
      net.connect(port, "127.0.0.1"):setEncoding("utf8"):on("data", t:called(function(d)
        t:equal(d, "from the descriptor")
        second:close()
      end))
    end))
  end))
  local bad = net.createServer()
  bad:on("error", t:called(function(e)
    t:equal(e.code, "EINVAL")
    t:equal(e.syscall, "listen")
  end))
  bad:listen { fd = 999 }
end)

test("wrong arguments to listen raise", function(t)
  local s = net.createServer()
  t:throws(function() s:listen(70000) end, { code = "ERR_SOCKET_BAD_PORT", message = "options.port should be >= 0 and < 65536. Received type number (70000)." })
  t:throws(function() s:listen { port = -1 } end, "ERR_SOCKET_BAD_PORT")
  t:throws(function() s:listen {} end, { code = "ERR_INVALID_ARG_VALUE", message = "The argument 'options' must have the property \"port\" or \"path\". Received {}" })
  t:throws(function() s:listen { path = 5 } end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() s:listen(true) end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() s:listen { fd = "x" } end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() s:listen { port = 0, signal = 5 } end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() net.createServer(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() net.createServer { keepAliveInitialDelay = "x" } end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() net.createServer { highWaterMark = "x" } end, "ERR_INVALID_ARG_TYPE")
  s:listen(0)
  t:throws(function() s:listen(0) end, { code = "ERR_SERVER_ALREADY_LISTEN", message = "Listen method has been called more than once without closing." })
  s:close()
end)

test("closing what does not run tells so, and it can listen again", function(t)
  local s = net.createServer()
  s:close(t:called(function(e)
    t:equal(e.code, "ERR_SERVER_NOT_RUNNING")
    s:listen(0, t:called(function()
      s:close(t:called(function(err) t:equal(err, nil) end))
    end))
  end))
end)

test("an address in use is an 'error' event with Node's fields", function(t)
  local a, b = net.createServer(), net.createServer()
  a:listen(0, "127.0.0.1", t:called(function()
    local port = a:address().port
    b:on("error", t:called(function(e)
      t:equal(e.code, "EADDRINUSE")
      t:equal(e.errno, -98)
      t:equal(e.syscall, "listen")
      t:equal(e.address, "127.0.0.1")
      t:equal(e.port, port)
      t:equal(e.message, "listen EADDRINUSE: address already in use 127.0.0.1:" .. port)
      t:equal(b.listening, false)
      a:close()
    end))
    b:listen(port, "127.0.0.1")
  end))
end)

test("an address that is not ours, and a host that does not exist", { timeout = 30000 }, function(t)
  local s = net.createServer()
  s:on("error", t:called(function(e)
    t:equal(e.code, "EADDRNOTAVAIL")
    t:equal(e.address, "192.0.2.1")
  end))
  s:listen(0, "192.0.2.1")
  local u = net.createServer()
  u:on("error", t:called(function(e) t:equal(e.syscall, "getaddrinfo") end))
  u:listen(0, "no-such-host.invalid")
end)

test("connections are counted, and close waits for them", function(t)
  local sockets = {}
  local server
  local finished = t:called()
  server = net.createServer(function(socket) sockets[#sockets + 1] = socket end)
  server:listen(0, "127.0.0.1", t:called(function()
    local port = server:address().port
    local clients = {}
    local function all_there()
      server:getConnections(t:called(function(err, n)
        t:equal(err, nil)
        t:equal(n, 2)
        local closed = false
        server:close(function()
          closed = true
          finished()
        end)
        server:getConnections(t:called(function(_, m) t:equal(m, 2) end))
        sockets[1]:destroy()
        setTimeout(t:called(function()
          t:no(closed)
          clients[2]:finish()
        end), 20)
      end))
    end
    server:on("connection", function() if #sockets == 2 then all_there() end end)
    for i = 1, 2 do clients[i] = net.connect(port, "127.0.0.1"):resume() end
  end))
  t:throws(function() server:getConnections() end, "ERR_INVALID_ARG_TYPE")
end)

test("beyond maxConnections they are dropped, with 'drop'", function(t)
  local server = net.createServer(t:called(function(s) s:resume() end))
  server.maxConnections = 1
  server:listen(0, "127.0.0.1", t:called(function()
    local port = server:address().port
    local one = net.connect(port, "127.0.0.1")
    server:once("connection", t:called(function()
      local two = net.connect(port, "127.0.0.1")
      two:on("error", nothing)
      two:on("close", t:called())
      two:resume()
    end))
    server:on("drop", t:called(function(data)
      t:equal(data.localAddress, "127.0.0.1")
      t:equal(data.localPort, port)
      t:equal(data.localFamily, "IPv4")
      t:equal(data.remoteAddress, "127.0.0.1")
      t:equal(data.remoteFamily, "IPv4")
      t:equal(type(data.remotePort), "number")
      one:destroy()
      server:close()
    end))
  end))
end)

test("pauseOnConnect: nothing is read before resume", function(t)
  local server
  server = net.createServer({ pauseOnConnect = true }, t:called(function(socket)
    local got = false
    socket:on("data", t:called(function(d)
      got = true
      t:equal(tostring(d), "hi")
      socket:finish()
      server:close()
    end))
    t:equal(socket:isPaused(), true)
    setTimeout(t:called(function()
      t:no(got)
      t:equal(socket.bytesRead, 0)
      socket:resume()
    end), 30)
  end))
  server:listen(0, "127.0.0.1", t:called(function()
    net.connect(server:address().port, "127.0.0.1"):finish "hi":resume()
  end))
end)

test("an abort signal closes the server", function(t)
  local AbortController = require("lunode.internal.abort_controller").AbortController
  local c = AbortController()
  local s = net.createServer()
  s:on("close", t:called())
  s:listen({ port = 0, signal = c.signal }, t:called(function() c:abort() end))
  local d = AbortController()
  d:abort()
  local u = net.createServer()
  u:on("close", t:called())
  u:listen { port = 0, signal = d.signal }
end)

test("an unref'd server does not hold the loop", function(t)
  local s = net.createServer()
  t:equal(s:unref(), s)
  s:listen(0, t:called(function()
    t:equal(s._handle:hasRef(), false)
    s:ref()
    t:equal(s._handle:hasRef(), true)
    s:close()
  end))
end)

test("a subclass may take the raw handles: _onconnection, _admit, _release", function(t)
  local Raw = net.Server:extend "Raw"
  local server = Raw()
  server:on("connection", t:never())
  function Raw:_onconnection(handle)
    if not self:_admit(handle) then return end
    t:equal(self._connections, 1)
    -- a Socket around it later, while reads are not its business
    local socket = net.Socket { handle = handle, server = self, manualStart = true }
    socket:write "from the socket"
    local got = ""
    local complete = t:called(function()
      t:equal(socket.bytesRead, 5)
      socket:destroy()
      t:equal(self._connections, 0)
      server:close(t:called())
    end)
    socket:on("data", function(d)
      got = got .. tostring(d)
      if got == "head+first" then complete() end
    end)
    setTimeout(t:called(function()
      t:equal(socket.bytesRead, 0)
      socket:_takeReads "head+"
    end), 20)
  end
  server:listen(0, "127.0.0.1", t:called(function()
    local c = net.connect(server:address().port, "127.0.0.1")
    c:on("data", t:called(function(d) t:equal(tostring(d), "from the socket") end))
    c:write "first"
  end))
end)

test("a Socket lets go of its handle: _detach", function(t)
  local server
  server = net.createServer(t:called(function(socket)
    socket:on("close", t:called(function(had_error)
      t:equal(had_error, false)
      t:equal(socket.destroyed, true)
    end))
    local handle = socket:_detach()
    t:equal(handle:isClosing(), false)
    t:equal(server._connections, 1)
    t:equal(handle:write "still open", 0)
    handle:close()
    server:_release()
    server:close(t:called())
  end))
  server:listen(0, "127.0.0.1", t:called(function()
    net.connect(server:address().port, "127.0.0.1"):on("data", t:called(function(d) t:equal(tostring(d), "still open") end))
  end))
end)

test("a connection destroyed at once does not stop the server", function(t)
  local n = 0
  local server
  local closed = t:called()
  server = net.createServer(function(socket)
    n = n + 1
    socket:destroy()
    if n == 2 then server:close(closed) end
  end)
  server:listen(0, "127.0.0.1", t:called(function()
    local port = server:address().port
    net.connect(port, "127.0.0.1"):on("error", nothing):on("close", t:called(function()
      net.connect(port, "127.0.0.1"):on("error", nothing):resume()
    end)):resume()
  end))
end)

test("thousands of quick connections leave no descriptor behind", { timeout = 60000 }, function(t)
  local function descriptors()
    local stat = io.open "/proc/self/stat"
    local ls = io.popen("ls /proc/" .. stat:read "*n" .. "/fd")
    stat:close()
    local n = 0
    for _ in ls:lines() do n = n + 1 end
    ls:close()
    return n
  end
  collectgarbage()
  local before = descriptors()
  local total, done, opened, active = 3000, 0, 0, 0
  local server = net.createServer(function(socket) socket:finish "x" end)
  server:listen(0, "127.0.0.1", t:called(function()
    local port = server:address().port
    local finished = t:called(function()
      t:equal(done, total)
      server:close(t:called(function()
        setImmediate(t:called(function()
          t:equal(server._connections, 0)
          collectgarbage()
          local settled, tries = t:called(), 0
          local function look() -- the last ones may be closing still
            local now = descriptors()
            tries = tries + 1
            if now <= before then return settled() end
            if tries == 100 then t:fail("descriptors " .. before .. " -> " .. now) end
            setTimeout(look, 10)
          end
          look()
        end))
      end))
    end)
    local function one()
      if opened == total then return end
      opened, active = opened + 1, active + 1
      local c = net.connect(port, "127.0.0.1")
      c:resume()
      c:on("close", function()
        done, active = done + 1, active - 1
        if done == total then return finished() end
        one()
      end)
    end
    for _ = 1, 50 do one() end
  end))
end)
