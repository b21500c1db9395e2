-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local net = require "net"
local dns = require "dns"
local Buffer = require("buffer").Buffer

local function nothing() end

-- A server on 127.0.0.1 for one test: fn(server, port); it closes with its last connection.
local function serve(t, on_socket, fn, options)
  local server = net.createServer(options or {}, on_socket)
  server:listen(0, "127.0.0.1", t:called(function() fn(server, server:address().port) end))
  return server
end

test("what is written arrives, both ways, in order", function(t)
  serve(t, t:called(function(socket)
    local got = {}
    socket:on("data", function(d) got[#got + 1] = tostring(d) end)
    socket:on("end", t:called(function()
      t:equal(table.concat(got), "one two three")
      socket:finish "answer"
    end))
  end), function(server, port)
    local c = net.connect(port, "127.0.0.1")
    local got = ""
    c:write "one "
    c:write(Buffer.from "two ")
    c:write("7468726565", "hex", t:called())
    c:finish()
    c:on("data", function(d) got = got .. tostring(d) end)
    c:on("close", t:called(function(had_error)
      t:equal(had_error, false)
      t:equal(got, "answer")
      server:close()
    end))
  end, { allowHalfOpen = true })
end)

test("the forms of connect", function(t)
  local n = 0
  local server
  server = serve(t, function(socket)
    n = n + 1
    socket:finish()
    socket:resume()
    if n == 6 then server:close() end
  end, function(_, port)
    net.connect(port, t:called()):resume()
    net.connect(port, "localhost", t:called()):resume()
    net.connect(tostring(port), "127.0.0.1", t:called()):resume()
    net.createConnection({ port = port }, t:called()):resume()
    net.connect({ port = port, host = "127.0.0.1" }, t:called()):resume()
    net.Socket():connect({ port = port, host = "127.0.0.1", family = 4 }, t:called()):resume()
  end)
end)

test("wrong arguments raise", function(t)
  local function try(o) return function() return net.connect(o) end end
  t:throws(try(nil), { code = "ERR_MISSING_ARGS", message = 'The "options" or "port" or "path" argument must be specified' })
  t:throws(try {}, "ERR_MISSING_ARGS")
  t:throws(try(70000), { code = "ERR_SOCKET_BAD_PORT", message = "Port should be >= 0 and < 65536. Received type number (70000)." })
  t:throws(try { port = "x" }, "ERR_SOCKET_BAD_PORT")
  t:throws(try { port = true }, { code = "ERR_INVALID_ARG_TYPE", message = 'The "options.port" property must be one of type number or string. Received type boolean (true)' })
  t:throws(try { port = 80, host = 5 }, "ERR_INVALID_ARG_TYPE")
  t:throws(try { port = 80, localAddress = "x" }, { code = "ERR_INVALID_IP_ADDRESS", message = "Invalid IP address: x" })
  t:throws(try { port = 80, localPort = "x" }, "ERR_INVALID_ARG_TYPE")
  t:throws(try { port = 80, hints = 3 }, "ERR_INVALID_ARG_VALUE")
  t:throws(try { port = 80, lookup = 3 }, { code = "ERR_INVALID_ARG_TYPE", message = 'The "options.lookup" property must be of type function. Received type number (3)' })
  t:throws(try { path = 5 }, "ERR_INVALID_ARG_TYPE")
  t:throws(try { port = 80, autoSelectFamily = 5 }, "ERR_INVALID_ARG_TYPE")
  t:throws(try { port = 80, autoSelectFamilyAttemptTimeout = 0 }, "ERR_OUT_OF_RANGE")
  t:throws(function() net.Socket { objectMode = true } end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() net.Socket { fd = -1 } end, "ERR_OUT_OF_RANGE")
  t:throws(function() net.Socket { fd = "x" } end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() net.Socket { fd = 9999 } end, { code = "ERR_INVALID_FD_TYPE", message = "Unsupported fd type: UNKNOWN" })
end)

test("a socket that was never connected", function(t)
  local s = net.Socket()
  t:equal(s.readyState, "open")
  t:equal(s.pending, true)
  t:equal(s.connecting, false)
  t:deep(s:address(), {})
  t:equal(s.remoteAddress, nil)
  t:equal(s.bytesRead, 0)
  t:equal(s.bytesWritten, 0)
  t:equal(s.bufferSize, nil)
  t:equal(s.timeout, nil)
  s:on("error", t:called(function(e) t:equal(e.code, "ERR_SOCKET_CLOSED") end))
  s:on("close", t:called(function(had_error) t:equal(had_error, true) end))
  s:write("x", t:called(function(e) t:equal(e.code, "ERR_SOCKET_CLOSED") end))
end)

test("states, addresses and counters along a connection", function(t)
  serve(t, t:called(function(socket)
    t:equal(socket.readyState, "open")
    t:equal(socket.remoteAddress, "127.0.0.1")
    t:equal(socket.remoteFamily, "IPv4")
    t:equal(type(socket.remotePort), "number")
    t:equal(socket.localAddress, "127.0.0.1")
    socket:resume()
    socket:on("end", t:called(function() t:equal(socket.bytesRead, 5) end))
  end), function(server, port)
    local c = net.Socket()
    c:connect(port, "127.0.0.1")
    t:equal(c.connecting, true)
    t:equal(c.pending, true)
    t:equal(c.readyState, "opening")
    t:deep(c:address(), {})
    c:write "12345"
    t:equal(c.bytesWritten, 5)
    t:equal(c.bufferSize, 5)
    c:on("connect", t:called(function()
      t:equal(c.connecting, false)
      t:equal(c.pending, false)
      t:equal(c.readyState, "open")
      t:equal(c.remotePort, port)
      t:equal(c:address().address, "127.0.0.1")
      t:equal(c.localFamily, "IPv4")
      t:equal(c.localPort, c:address().port)
      c:finish()
      t:equal(c.readyState, "readOnly")
    end))
    c:on("ready", t:called())
    c:resume()
    c:on("close", t:called(function()
      t:equal(c.readyState, "closed")
      t:equal(c.destroyed, true)
      t:equal(c.bytesWritten, 5)
      t:equal(c.remotePort, port) -- asked before
      server:close()
    end))
  end)
end)

test("events of a connection come in Node's order", function(t)
  serve(t, function(socket) socket:finish() socket:resume() end, function(server, port)
    local log = {}
    local c = net.connect { port = port, host = "localhost", family = 4 }
    for _, name in ipairs { "lookup", "connectionAttempt", "connect", "ready", "end", "finish", "close" } do
      c:on(name, function() log[#log + 1] = name end)
    end
    c:resume()
    c:on("close", t:called(function()
      t:equal(table.concat(log, " "), "lookup connectionAttempt connect ready end finish close")
      server:close()
    end))
  end)
end)

test("text is converted by its encoding, bytes pass unchanged", function(t)
  local all = {}
  for i = 0, 255 do all[#all + 1] = string.char(i) end
  local bytes = table.concat(all)
  serve(t, t:called(function(socket)
    local got = {}
    socket:on("data", function(d) got[#got + 1] = tostring(d) end)
    socket:on("end", t:called(function()
      t:equal(table.concat(got), bytes .. "\195\169" .. "\233" .. "a\0b\0" .. "hi")
    end))
  end), function(server, port)
    local c = net.connect(port, "127.0.0.1")
    c:write(bytes)
    c:write("\195\169", "utf8")
    c:write("\195\169", "latin1")
    c:write("ab", "utf16le")
    c:finish("aGk=", "base64")
    c:on("close", t:called(function() server:close() end)):resume()
  end)
end)

test("half-open: the server answers after the client's end", function(t)
  local server
  server = net.createServer({ allowHalfOpen = true }, t:called(function(socket)
    socket:on("end", t:called(function()
      t:equal(socket.writable, true)
      t:equal(socket.readyState, "writeOnly")
      setTimeout(function() socket:finish "late" end, 20)
    end))
    socket:resume()
    server:close()
  end))
  server:listen(0, "127.0.0.1", t:called(function()
    local c = net.connect { port = server:address().port, host = "127.0.0.1" }
    c:finish()
    c:on("data", t:called(function(d) t:equal(tostring(d), "late") end))
    c:on("close", t:called())
  end))
end)

test("without allowHalfOpen a peer's end ends ours, and a write after that is EPIPE", function(t)
  serve(t, t:called(function(socket)
    socket:resume()
    socket:on("error", t:called(function(e) t:equal(e.code, "EPIPE") end))
    socket:on("end", t:called(function()
      t:equal(socket:write "last words", true) -- still open to us
      socket:on("prefinish", t:called(function()
        t:equal(socket:write("x", t:called(function(e)
          t:equal(e.code, "EPIPE")
          t:equal(e.message, "This socket has been ended by the other party")
        end)), false)
      end))
    end))
  end), function(server, port)
    local c = net.connect(port, "127.0.0.1")
    c:finish()
    c:on("error", nothing)
    c:on("data", t:called(function(d) t:equal(tostring(d), "last words") end))
    c:on("close", t:called(function() server:close() end))
  end)
end)

test("after finish a write is an error", function(t)
  serve(t, function(s) s:resume() end, function(server, port)
    local c = net.connect(port, "127.0.0.1")
    c:finish()
    c:on("error", t:called(function(e) t:equal(e.code, "ERR_STREAM_WRITE_AFTER_END") end))
    c:on("close", t:called(function() server:close() end))
    c:write "x"
  end)
end)

test("an idle time-out is an event, activity puts it off, 0 turns it off", function(t)
  serve(t, function(s)
    s:on("error", nothing)
    s:on("data", function(d) s:write(d) end)
  end, function(server, port)
    local c = net.connect(port, "127.0.0.1")
    local began = require("lunode.internal.timers").now()
    t:equal(c:setTimeout(60), c)
    t:equal(c.timeout, 60)
    local n = 0
    local function ping()
      n = n + 1
      if n <= 5 then
        c:write "ping"
        setTimeout(ping, 25)
      end
    end
    ping()
    c:on("data", nothing)
    local off = t:never()
    c:once("timeout", t:called(function()
      t:ok(require("lunode.internal.timers").now() - began >= 140, "put off by activity")
      t:equal(c.destroyed, false)
      -- it comes again only after activity
      local again = 0
      c:on("timeout", function() again = again + 1 end)
      setTimeout(t:called(function()
        t:equal(again, 0)
        c:write "x"
        setTimeout(t:called(function()
          t:equal(again, 1)
          c:removeAllListeners "timeout"
          c:setTimeout(20, off)
          c:setTimeout(0, off)
          t:equal(c:listenerCount "timeout", 0)
          setTimeout(t:called(function()
            c:destroy()
            server:close()
          end), 40)
        end), 120)
      end), 100)
    end))
  end)
  t:throws(function() net.Socket():setTimeout "x" end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() net.Socket():setTimeout(-1) end, { code = "ERR_OUT_OF_RANGE", message = 'The value of "msecs" is out of range. It must be a non-negative finite number. Received -1' })
  t:throws(function() net.Socket():setTimeout(5, 5) end, "ERR_INVALID_ARG_TYPE")
end)

test("a time-out does not hold the loop, and connect takes one as an option", function(t)
  serve(t, t:called(function(s) s:resume() end), function(server, port)
    local c = net.connect { port = port, host = "127.0.0.1", timeout = 30 }
    t:equal(c.timeout, 30)
    c:on("timeout", t:called(function()
      c:destroy()
      server:close()
    end))
  end)
end)

test("setNoDelay, setKeepAlive, ref and unref return the socket, before and after connecting", function(t)
  serve(t, t:called(function(s)
    t:equal(s:setNoDelay(), s)
    t:equal(s:setKeepAlive(true, 1000), s)
    s:resume()
  end), function(server, port)
    local c = net.Socket()
    t:equal(c:setNoDelay(true), c)
    t:equal(c:setKeepAlive(true, 2500), c)
    t:equal(c:unref(), c)
    t:equal(c:ref(), c)
    c:connect(port, "127.0.0.1", t:called(function()
      c:unref()
      t:equal(c._handle:hasRef(), false)
      c:ref()
      t:equal(c._handle:hasRef(), true)
      t:equal(c:setNoDelay(false), c)
      t:equal(c:setKeepAlive(false), c)
      c:destroy()
      server:close()
    end))
  end, { noDelay = true, keepAlive = true, keepAliveInitialDelay = 3000 })
end)

test("a user's lookup is asked, and what it answers is checked", function(t)
  serve(t, function(s) s:finish() s:resume() end, function(server, port)
    local asked
    local c = net.connect { port = port, host = "some.name", lookup = function(host, options, cb)
      asked = host
      t:equal(options.all, true)
      setImmediate(cb, nil, { { address = "127.0.0.1", family = 4 } })
    end }
    c:on("lookup", t:called(function(err, address, family, host)
      t:equal(err, nil)
      t:equal(address, "127.0.0.1")
      t:equal(family, 4)
      t:equal(host, "some.name")
    end))
    c:on("close", t:called(function()
      t:equal(asked, "some.name")
      server:close()
    end))
    c:resume()
  end)
  local function refused(answer, code)
    local c = net.connect { port = 1, host = "x", family = 4, lookup = function(_, _, cb) answer(cb) end }
    c:on("error", t:called(function(e) t:equal(e.code or e.message, code) end))
  end
  refused(function(cb) cb(nil, "nonsense", 4) end, "ERR_INVALID_IP_ADDRESS")
  refused(function(cb) cb(nil, "1.2.3.4", 5) end, "ERR_INVALID_ADDRESS_FAMILY")
  refused(function(cb) cb(require("lunode.internal.errors").Error "mine") end, "mine")
end)

test("the local end can be chosen", function(t)
  serve(t, t:called(function(s)
    t:equal(s.remoteAddress, "127.0.0.2")
    s:finish()
    s:resume()
  end), function(server, port)
    local c = net.connect { port = port, host = "127.0.0.1", localAddress = "127.0.0.2" }
    c:on("connect", t:called(function() t:equal(c.localAddress, "127.0.0.2") end))
    c:on("close", t:called(function()
      server:close()
      local taken = net.createServer()
      taken:listen(0, "127.0.0.1", t:called(function()
        local d = net.connect { port = port, host = "127.0.0.1", localAddress = "127.0.0.1", localPort = taken:address().port }
        d:on("error", t:called(function(e)
          t:equal(e.code, "EADDRINUSE")
          t:equal(e.syscall, "bind")
          taken:close()
        end))
      end))
    end))
    c:resume()
  end)
end)

test("several addresses are tried in turn, by family", function(t)
  local server
  server = serve(t, t:called(function(s) s:finish() s:resume() end), function(_, port)
    local log = {}
    local c = net.connect { port = port, host = "two.faced", lookup = function(_, _, cb)
      setImmediate(cb, nil, { { address = "::1", family = 6 }, { address = "127.0.0.1", family = 4 }, { address = "127.0.0.1", family = 4 } })
    end }
    c:on("connectionAttempt", function(address, p, family) log[#log + 1] = "try " .. address .. " " .. family t:equal(p, port) end)
    c:on("connectionAttemptFailed", function(address, _, family, e)
      log[#log + 1] = "failed " .. address .. " " .. family
      t:ok(e.code == "ECONNREFUSED" or e.code == "EADDRNOTAVAIL", e.code)
    end)
    c:on("connect", t:called(function()
      t:equal(table.concat(log, ", "), "try ::1 6, failed ::1 6, try 127.0.0.1 4")
      t:deep(c.autoSelectFamilyAttemptedAddresses, { "::1:" .. port, "127.0.0.1:" .. port })
      t:equal(c.remoteAddress, "127.0.0.1")
      c:write "still usable"
      c:destroy()
      server:close()
    end))
  end)
end)

test("an attempt that takes too long gives way to the next", function(t)
  local server
  server = serve(t, t:called(function(s) s:resume() end), function(_, port)
    local timed_out
    -- An address that never answers. Where the network refuses it at once there is no time-out to see.
    local c = net.connect { port = port, host = "slow.name", autoSelectFamilyAttemptTimeout = 30, lookup = function(_, _, cb)
      setImmediate(cb, nil, { { address = "192.0.2.1", family = 4 }, { address = "127.0.0.1", family = 4 } })
    end }
    c:on("connectionAttemptTimeout", function(address) timed_out = address end)
    c:on("connectionAttemptFailed", function(address) timed_out = address end)
    c:on("connect", t:called(function()
      t:equal(timed_out, "192.0.2.1")
      c:destroy()
      server:close()
    end))
  end)
end)

test("when all attempts fail the error holds each of them", function(t)
  local s = net.createServer()
  s:listen(0, "127.0.0.1", t:called(function()
    local port = s:address().port
    s:close(t:called(function()
      local c = net.connect { port = port, host = "none", lookup = function(_, _, cb)
        cb(nil, { { address = "127.0.0.1", family = 4 }, { address = "127.0.0.3", family = 4 } })
      end }
      c:on("error", t:called(function(e)
        t:equal(e.name, "AggregateError")
        t:equal(e.code, "ECONNREFUSED")
        t:equal(#e.errors, 2)
        t:equal(e.errors[2].message, "connect ECONNREFUSED 127.0.0.3:" .. port)
      end))
      c:on("close", t:called(function(had_error) t:equal(had_error, true) end))
    end))
  end))
end)

test("destroying between attempts ends them", function(t)
  local c = net.connect { port = 9, host = "none", autoSelectFamilyAttemptTimeout = 20, lookup = function(_, _, cb)
    setImmediate(cb, nil, { { address = "192.0.2.1", family = 4 }, { address = "192.0.2.2", family = 4 } })
  end }
  c:on("connectionAttempt", t:called(function() c:destroy() end))
  c:on("error", t:never())
  c:on("close", t:called())
end)

test("the defaults of autoSelectFamily can be set", function(t)
  t:equal(net.getDefaultAutoSelectFamily(), true)
  t:equal(net.getDefaultAutoSelectFamilyAttemptTimeout(), 250)
  net.setDefaultAutoSelectFamilyAttemptTimeout(5)
  t:equal(net.getDefaultAutoSelectFamilyAttemptTimeout(), 10)
  net.setDefaultAutoSelectFamilyAttemptTimeout(250)
  net.setDefaultAutoSelectFamily(false)
  t:equal(net.getDefaultAutoSelectFamily(), false)
  local c = net.connect { port = 9, host = "x", lookup = function(_, options, cb)
    t:equal(options.all, nil)
    cb(require("lunode.internal.errors").Error "asked")
  end }
  c:on("error", t:called())
  net.setDefaultAutoSelectFamily(true)
  t:throws(function() net.setDefaultAutoSelectFamily(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() net.setDefaultAutoSelectFamilyAttemptTimeout(0) end, "ERR_OUT_OF_RANGE")
end)

test("onread: the bytes stay in the user's Buffer, false pauses", function(t)
  local server
  server = serve(t, t:called(function(s)
    s:write "first"
    setTimeout(function() s:finish "second" end, 30)
    s:resume()
  end), function(_, port)
    local buffer = Buffer.alloc(64)
    local got = {}
    local c
    c = net.connect { port = port, host = "127.0.0.1", onread = { buffer = buffer, callback = function(n, b)
      t:ok(b == buffer)
      got[#got + 1] = b:toString("utf8", 0, n)
      if #got == 1 then
        setTimeout(function() c:resume() end, 60)
        return false
      end
    end } }
    c:on("data", t:never())
    c:on("end", t:called(function() t:equal(table.concat(got, ","), "first,second") end))
    c:on("close", t:called(function() server:close() end))
  end)
end)

test("onread with a function gives a new Buffer for every read", function(t)
  local server
  server = serve(t, t:called(function(s) s:finish(("x"):rep(100)) s:resume() end), function(_, port)
    local made, bytes = 0, 0
    local c = net.connect { port = port, host = "127.0.0.1", onread = {
      buffer = function() made = made + 1 return Buffer.alloc(40) end,
      callback = function(n) bytes = bytes + n end } }
    c:on("close", t:called(function()
      t:equal(bytes, 100)
      t:ok(made >= 3)
      server:close()
    end))
    c:resume()
  end)
end)

test("reset: the peer sees ECONNRESET", function(t)
  local server
  server = serve(t, t:called(function(s)
    s:resume()
    s:once("data", t:called(function() t:equal(s:resetAndDestroy(), s) end))
    s:on("close", t:called(function(had_error) t:equal(had_error, false) end))
  end), function(_, port)
    local c = net.connect(port, "127.0.0.1")
    c:write "x"
    c:resume()
    c:on("error", t:called(function(e)
      t:equal(e.code, "ECONNRESET")
      t:equal(e.syscall, "read")
      t:equal(e.errno, -104)
      t:equal(e.message, "read ECONNRESET")
    end))
    c:on("close", t:called(function(had_error)
      t:equal(had_error, true)
      server:close()
    end))
  end)
  local s = net.Socket()
  s:on("error", t:called(function(e) t:equal(e.code, "ERR_SOCKET_CLOSED") end))
  s:resetAndDestroy()
end)

test("reset while connecting waits for the connection", function(t)
  local server
  server = serve(t, t:called(function(s)
    s:on("error", nothing)
    s:on("close", t:called(function() server:close() end))
    s:resume()
  end), function(_, port)
    local c = net.connect(port, "127.0.0.1")
    c:resetAndDestroy()
    c:on("close", t:called())
  end)
end)

test("refused: one error with Node's fields, then close", function(t)
  local s = net.createServer()
  s:listen(0, "127.0.0.1", t:called(function()
    local port = s:address().port
    s:close(t:called(function()
      local c = net.connect(port, "127.0.0.1")
      c:on("connect", t:never())
      c:on("connectionAttemptFailed", t:called(function(address, p, family, e)
        t:equal(address .. p .. family .. e.code, "127.0.0.1" .. port .. "4ECONNREFUSED")
      end))
      c:write("x", t:called(function(e) t:ok(e) end))
      c:on("error", t:called(function(e)
        t:equal(e.message, "connect ECONNREFUSED 127.0.0.1:" .. port)
        t:equal(e.code, "ECONNREFUSED")
        t:equal(e.errno, -111)
        t:equal(e.syscall, "connect")
        t:equal(e.address, "127.0.0.1")
        t:equal(e.port, port)
      end))
      c:on("close", t:called(function(had_error)
        t:equal(had_error, true)
        t:equal(c.connecting, false)
        -- and the same socket connects again
        local again = net.createServer(t:called(function(x) x:finish "hi" x:resume() end))
        again:listen(0, "127.0.0.1", t:called(function()
          c:removeAllListeners()
          c:connect(again:address().port, "127.0.0.1")
          c:on("data", t:called(function(d) t:equal(tostring(d), "hi") end))
          c:on("close", t:called(function() again:close() end))
        end))
      end))
    end))
  end))
end)

test("destroy before the connection: write callbacks hear of it", function(t)
  serve(t, function(s) s:on("error", nothing) s:resume() end, function(server, port)
    local c = net.connect(port, "127.0.0.1")
    c:write("x", t:called(function(e) t:ok(e) end))
    c:on("connect", t:never())
    c:on("error", t:never())
    c:on("close", t:called(function() server:close() end))
    c:destroy()
    t:equal(c.destroyed, true)
    t:equal(c.connecting, false)
  end)
end)

test("a signal destroys the socket", function(t)
  local AbortController = require("lunode.internal.abort_controller").AbortController
  serve(t, function(s) s:on("error", nothing) s:resume() end, function(server, port)
    local ac = AbortController()
    local c = net.connect { port = port, host = "127.0.0.1", signal = ac.signal }
    c:on("connect", t:called(function() ac:abort() end))
    c:on("error", t:called(function(e) t:equal(e.name, "AbortError") end))
    c:on("close", t:called(function() server:close() end))
  end)
end)

test("destroySoon waits for what is written", function(t)
  local server
  local size = 1000000
  server = serve(t, t:called(function(s)
    s:write(("x"):rep(size))
    s:destroySoon()
  end), function(_, port)
    local n = 0
    local c = net.connect(port, "127.0.0.1")
    c:on("data", function(d) n = n + #d end)
    c:on("close", t:called(function()
      t:equal(n, size)
      server:close()
    end))
  end)
end)

test("setEncoding gives strings, with characters whole", function(t)
  local server
  server = serve(t, t:called(function(s)
    s:write "\226\130"
    setTimeout(function() s:finish "\172" end, 20)
    s:resume()
  end), function(_, port)
    local got = {}
    local c = net.connect(port, "127.0.0.1"):setEncoding "utf8"
    c:on("data", function(d)
      t:equal(type(d), "string")
      got[#got + 1] = d
    end)
    c:on("end", t:called(function()
      t:equal(table.concat(got), "\226\130\172")
      server:close()
    end))
  end)
end)

test("a subclass's _write and a patched write see everything", function(t)
  local server
  server = serve(t, t:called(function(s) s:pipe(s) end), function(_, port)
    local Sub = net.Socket:extend "Sub"
    local seen = {}
    function Sub:_write(chunk, encoding, cb)
      seen[#seen + 1] = tostring(chunk)
      return net.Socket.prototype._write(self, chunk, encoding, cb)
    end
    local c = Sub()
    c:connect(port, "127.0.0.1", t:called(function() c:write "a" end))
    local n = 0
    c:on("data", function()
      n = n + 1
      if n < 3 then return c:write "b" end
      t:equal(table.concat(seen), "abb")
      c:finish()
      server:close()
    end)
  end)
end)

test("piping between sockets: listeners and patches added on the way are seen", function(t)
  -- small messages go through in C as long as nothing else runs; each change must be noticed
  local log = {}
  local server
  server = serve(t, t:called(function(s)
    s:pipe(s)
    s:on("error", nothing)
    server.peer = s
  end), function(_, port)
    local c = net.connect(port, "127.0.0.1")
    local n = 0
    local write
    local finished = t:called(function()
      t:equal(table.concat(log, " "), "data:20 write:21 data:21 write:22")
      local s = server.peer
      t:equal(s.bytesRead, s.bytesWritten)
      c:destroy()
      server:close()
    end)
    c:on("data", function(d)
      local s = server.peer
      t:equal(tostring(d), "m" .. n)
      n = n + 1
      if n == 20 then
        s:on("data", function(x) log[#log + 1] = "data:" .. tostring(x):sub(2) end)
      elseif n == 21 then
        write = s.write
        function s.write(self, chunk, ...)
          log[#log + 1] = "write:" .. tostring(chunk):sub(2)
          return write(self, chunk, ...)
        end
      elseif n == 22 then
        s:removeAllListeners "data"
        s:unpipe()
        s.write = write
        rawset(s, "write", nil)
        s:pipe(s)
        rawset(s, "write", function(self, chunk, ...)
          log[#log + 1] = "write:" .. tostring(chunk):sub(2)
          return write(self, chunk, ...)
        end)
      elseif n == 23 then
        return finished()
      end
      c:write("m" .. n)
    end)
    c:write "m0"
  end)
end)

test("piping goes on through a time-out, an end and a destroy of the target", function(t)
  local server
  local target
  server = serve(t, function(s)
    if not target then
      target = s
      s:on("error", nothing)
    else
      s:pipe(target)
      s:on("error", nothing)
    end
  end, function(_, port)
    local receiver = net.connect(port, "127.0.0.1", t:called(function()
      local sender = net.connect(port, "127.0.0.1")
      sender:on("error", nothing)
      local n = 0
      local function tick()
        n = n + 1
        sender:write("x")
        if n == 30 then target:destroy() end
        if n < 35 then return setTimeout(tick, 1) end
        sender:destroy()
        server:close()
      end
      tick()
    end))
    local got = 0
    receiver:on("data", function(d) got = got + #d end)
    receiver:on("close", t:called(function() t:ok(got >= 28 and got <= 30, got) end))
  end)
end)
