-- SPDX-License-Identifier: MIT
-- dgram.Socket: making, binding, receiving, connecting, closing.
local test = require "../support/test"
local dgram, dns, fs = require "dgram", require "dns", require "fs"
local core, errors = require "lunode.core", require "lunode.internal.errors"
local EventEmitter = require "events"
local createSocket = dgram.createSocket

local ECONNREFUSED = errors.uvCode "ECONNREFUSED"
local FAMILIES = { { "udp4", "127.0.0.1", "IPv4" }, { "udp6", "::1", "IPv6" } }

local function event(emitter, name)
  return Promise(function(resolve) emitter:once(name, function(...) resolve { ... } end) end)
end
local function bound(options, address)
  local socket = createSocket(options)
  await(Promise(function(resolve, reject)
    socket:once("error", reject)
    socket:bind(0, address or "127.0.0.1", function()
      socket:removeListener("error", reject)
      resolve()
    end)
  end))
  return socket, socket:address().port
end
local function closed(socket) return Promise(function(resolve) socket:close(resolve) end) end
local function soon() return Promise(function(resolve) setImmediate(resolve) end) end

-- ---- making

test("createSocket makes a Socket, which is an emitter with a type", function(t)
  for _, case in ipairs(FAMILIES) do
    local socket = createSocket(case[1])
    t:ok(dgram.Socket:is(socket))
    t:ok(EventEmitter:is(socket))
    t:equal(socket.type, case[1])
    socket:close()
    socket = dgram.Socket { type = case[1] }
    t:equal(socket.type, case[1])
    socket:close()
  end
end)

test("a bad type is refused", function(t)
  for _, bad in ipairs { "udp5", 5, {}, { type = "tcp" }, true, "" } do
    t:throws(function() createSocket(bad) end, {
      name = "TypeError", code = "ERR_SOCKET_BAD_TYPE", message = "Bad socket type specified. Valid types are: udp4, udp6",
    })
  end
  t:throws(function() createSocket() end, "ERR_SOCKET_BAD_TYPE")
  t:throws(function() createSocket(errors.null) end, "ERR_SOCKET_BAD_TYPE")
end)

test("bad options are refused", function(t)
  local function refused(options, message)
    options.type = "udp4"
    t:throws(function() createSocket(options) end, { code = "ERR_INVALID_ARG_TYPE", message = message })
  end
  refused({ lookup = 5 }, 'The "lookup" argument must be of type function. Received type number (5)')
  refused({ recvBufferSize = "x" }, "The \"options.recvBufferSize\" property must be of type number. Received type string ('x')")
  refused({ sendBufferSize = "x" }, "The \"options.sendBufferSize\" property must be of type number. Received type string ('x')")
  refused({ signal = 5 }, 'The "options.signal" property must be an instance of AbortSignal. Received type number (5)')
  t:throws(function() createSocket { type = "udp4", signal = {} } end, "ERR_INVALID_ARG_TYPE")
  local socket = createSocket({ type = "udp4", lookup = errors.null, signal = errors.null, recvBufferSize = errors.null }, 5)
  t:equal(socket:listenerCount "message", 0)
  socket:close()
end)

test("the listener given to createSocket gets the messages", function(t)
  for _, case in ipairs(FAMILIES) do
    local server
    server = createSocket(case[1], t:called(function(message, from)
      t:equal(tostring(message), "hello")
      t:ok(Buffer.isBuffer(message))
      t:equal(from.address, case[2])
      t:equal(from.family, case[3])
      t:equal(from.size, 5)
      t:ok(from.port > 0 and from.port < 65536)
      server:close()
    end))
    await(Promise(function(resolve) server:bind(0, case[2], resolve) end))
    local client = createSocket(case[1])
    client:send("hello", server:address().port, case[2], t:called(function() client:close() end))
  end
end)

-- ---- binding

test("bind takes its arguments in every form", function(t)
  local forms = {
    function(s, cb) return s:bind(cb) end,
    function(s, cb) return s:bind(0, cb) end,
    function(s, cb) return s:bind("0", cb) end,
    function(s, cb) return s:bind(nil, cb) end,
    function(s, cb) return s:bind(errors.null, errors.null, cb) end,
    function(s, cb) return s:bind(0, "", cb) end,
    function(s, cb) return s:bind({}, cb) end,
    function(s, cb) return s:bind({ port = 0 }, cb) end,
    function(s, cb) return s:bind({ port = 0, exclusive = true }, nil, cb) end,
    function(s, cb) return s:bind({ fd = -1 }, cb) end,
    function(s, cb) s:on("listening", cb) return s:bind() end,
    function(s, cb) s:on("listening", cb) return s:bind(0, nil, 5) end,
  }
  for i, form in ipairs(forms) do
    local socket = createSocket "udp4"
    t:equal(await(Promise(function(resolve) t:equal(form(socket, function() resolve(socket) end), socket) end)), socket)
    local address = socket:address()
    t:equal(address.address, "0.0.0.0", "form " .. i)
    t:equal(address.family, "IPv4")
    t:ok(address.port > 0)
    socket:close()
  end
  for _, form in ipairs { function(s, cb) s:bind(0, "127.0.0.1", cb) end, function(s, cb) s:bind({ address = "127.0.0.1" }, cb) end } do
    local socket = createSocket "udp4"
    await(Promise(function(resolve) form(socket, resolve) end))
    t:equal(socket:address().address, "127.0.0.1")
    socket:close()
  end
end)

test("without an address udp6 is bound to ::, with ipv6Only beside udp4", function(t)
  local six = createSocket { type = "udp6", ipv6Only = true }
  await(Promise(function(resolve) six:bind(resolve) end))
  t:equal(six:address().address, "::")
  t:equal(six:address().family, "IPv6")
  local four = createSocket "udp4"
  await(Promise(function(resolve) four:bind(six:address().port, resolve) end))
  t:equal(four:address().port, six:address().port)
  six:close()
  local both = createSocket "udp6"
  both:bind(four:address().port)
  t:equal(await(event(both, "error"))[1].code, "EADDRINUSE")
  both:close()
  four:close()
end)

test("a udp6 socket that is not ipv6Only receives from IPv4", function(t)
  local six = createSocket "udp6"
  await(Promise(function(resolve) six:bind(resolve) end))
  local four = createSocket "udp4"
  local got = event(six, "message")
  four:send("x", six:address().port, "127.0.0.1")
  t:equal(await(got)[2].address, "::ffff:127.0.0.1")
  four:close()
  six:close()
end)

test("'listening' comes after bind has returned", function(t)
  local socket = createSocket "udp4"
  local returned = false
  socket:bind(0, t:called(function()
    t:ok(returned)
    t:equal(socket:listenerCount "error", 0)
    t:equal(socket:listenerCount "listening", 0)
    socket:close()
  end))
  returned = true
end)

test("a socket is bound once", function(t)
  local socket = createSocket "udp4"
  socket:bind(0)
  t:throws(function() socket:bind(0) end, { code = "ERR_SOCKET_ALREADY_BOUND", message = "Socket is already bound" })
  await(event(socket, "listening"))
  t:throws(function() socket:bind(0) end, "ERR_SOCKET_ALREADY_BOUND")
  socket:close()
end)

test("bad arguments of bind are refused, and leave the socket unbound", function(t)
  local socket = createSocket "udp4"
  t:throws(function() socket:bind(0, 5) end, { code = "ERR_INVALID_ARG_TYPE", message = 'The "hostname" argument must be of type string. Received type number (5)' })
  for _, port in ipairs { -1, 65536, "abc", 1.5, true } do
    t:throws(function() socket:bind(port) end, "ERR_SOCKET_BAD_PORT")
  end
  t:throws(function() socket:bind { fd = 999 } end, { code = "ERR_INVALID_FD_TYPE", message = "Unsupported fd type: UNKNOWN" })
  local fd = fs.openSync("/dev/null", "r")
  t:throws(function() socket:bind { fd = fd } end, "ERR_INVALID_FD_TYPE")
  fs.closeSync(fd)
  socket:bind(0, t:called(function() socket:close() end))
end)

test("a port that is taken is an 'error', after which another can be bound", function(t)
  for _, case in ipairs(FAMILIES) do
    local first, port = bound(case[1], case[2])
    local second = createSocket(case[1])
    second:bind(port, case[2])
    local err = await(event(second, "error"))[1]
    t:equal(err.message, "bind EADDRINUSE " .. case[2] .. ":" .. port)
    t:deep({ err.code, err.errno, err.syscall, err.address, err.port }, { "EADDRINUSE", errors.uvCode "EADDRINUSE", "bind", case[2], port })
    await(Promise(function(resolve) second:bind(0, case[2], resolve) end))
    t:notEqual(second:address().port, port)
    second:close()
    first:close()
  end
end)

test("an address of nobody here is an 'error' without a port", function(t)
  local socket = createSocket "udp4"
  socket:bind(0, "192.0.2.200")
  local err = await(event(socket, "error"))[1]
  t:deep({ err.message, err.address, err.port }, { "bind EADDRNOTAVAIL 192.0.2.200", "192.0.2.200", nil })
  socket:close()
  socket = createSocket "udp4"
  socket:bind(0, "::1")
  t:equal(await(event(socket, "error"))[1].message, "bind EINVAL ::1")
  socket:close()
end)

test("a bind with a callback has its error told to nobody else", function(t)
  local first, port = bound "udp4"
  local socket = createSocket "udp4"
  socket:bind(port, "127.0.0.1", t:never())
  t:equal(socket:listenerCount "error", 1)
  while socket:listenerCount "error" > 0 do await(soon()) end
  t:equal(socket:listenerCount "listening", 0)
  socket:close()
  first:close()
end)

test("two sockets share an address with reuseAddr, and only with it", function(t)
  for _, case in ipairs(FAMILIES) do
    local first, port = bound({ type = case[1], reuseAddr = true }, case[2])
    local second = createSocket { type = case[1], reuseAddr = true }
    await(Promise(function(resolve) second:bind(first:address(), resolve) end))
    t:equal(second:address().port, port)
    local third = createSocket(case[1])
    third:bind(port, case[2])
    t:equal(await(event(third, "error"))[1].code, "EADDRINUSE")
    first:close()
    second:close()
    third:close()
  end
end)

test("an open descriptor can be bound", function(t)
  local ffi = require "ffi"
  pcall(ffi.cdef, "int dup(int);")
  local original, port = bound "udp4"
  local fd = ffi.C.dup(original._handle.fd)
  original:close()
  local socket = createSocket "udp4"
  local listening = 0
  socket:bind({ fd = fd }, function() listening = listening + 1 end)
  t:equal(listening, 1)
  t:equal(socket:address().port, port)
  local got = event(socket, "message")
  local client = createSocket "udp4"
  client:send("over a descriptor", port)
  t:equal(tostring(await(got)[1]), "over a descriptor")
  client:close()
  socket:close()
end)

test("names are looked up, and one that is not known is an 'error'", function(t)
  local socket = createSocket "udp4"
  await(Promise(function(resolve) socket:bind(0, "localhost", resolve) end))
  t:equal(socket:address().address, "127.0.0.1")
  socket:close()
  socket = createSocket { type = "udp4", lookup = function(_, _, done) process.nextTick(done, errors.errnoException(-2, "x")) end }
  socket:bind(0, "nowhere")
  t:equal(await(event(socket, "error"))[1].code, "ENOENT")
  t:throws(function() socket:address() end, { code = "EBADF", message = "getsockname EBADF", syscall = "getsockname" })
  socket:close()
end)

test("lookup sees every address", function(t)
  for _, case in ipairs { { "udp4", "127.0.0.1", 4, "0.0.0.0" }, { "udp6", "::1", 6, "::" } } do
    local asked = {}
    local socket = createSocket { type = case[1], lookup = function(host, family, done)
      asked[#asked + 1] = host
      t:equal(family, case[3])
      done(nil, case[2])
    end }
    await(Promise(function(resolve) socket:bind(0, resolve) end))
    t:equal(socket:address().address, case[2])
    await(Promise(function(resolve) socket:send("x", socket:address().port, "there", resolve) end))
    await(Promise(function(resolve) socket:send("x", socket:address().port, resolve) end))
    await(Promise(function(resolve) socket:connect(9, "peer", resolve) end))
    t:deep(asked, { case[4], "there", case[2], "peer" })
    t:equal(socket:remoteAddress().address, case[2])
    socket:close()
  end
end)

-- ---- receiving

test("an IPv6 scope comes with the sender's address and goes with the receiver's", function(t)
  local address, name
  for interface, list in pairs(require("os").networkInterfaces()) do
    for _, entry in ipairs(list) do
      if entry.family == "IPv6" and entry.address:find "^fe80" then address, name = entry.address, interface end
    end
  end
  if not address then return t:ok(true, "no link-local address here") end
  local full = address .. "%" .. name
  local socket = createSocket "udp6"
  local ok = await(Promise(function(resolve)
    socket:once("error", function() resolve(false) end)
    socket:once("listening", function() resolve(true) end)
    socket:bind(0, full)
  end))
  if not ok then
    socket:close()
    return
  end
  t:equal(socket:address().address, full)
  local got = event(socket, "message")
  socket:send("x", socket:address().port, full)
  local from = await(got)[2]
  t:equal(from.address, full)
  t:equal(from.family, "IPv6")
  socket:close()
end)

test("10,000 datagrams reach a slow receiver that the sender waits for", function(t)
  local server, port = bound "udp4"
  local client = createSocket "udp4"
  local total, got, sum, kept = 10000, 0, 0, {}
  local busy = Buffer.alloc(200)
  await(Promise(function(resolve)
    local function more(n)
      for i = n, math.min(n + 49, total) do client:send(("%08d"):format(i) .. ("x"):rep(92), port, "127.0.0.1") end
    end
    server:on("message", function(message)
      got = got + 1
      sum = sum + tonumber(message:toString("latin1", 0, 8))
      if got % 100 == 0 then kept[#kept + 1] = message end
      for _ = 1, 20 do busy:fill "y" end
      if got == total then resolve() elseif got % 50 == 0 then more(got + 1) end
    end)
    more(1)
  end))
  t:equal(sum, total * (total + 1) / 2)
  for i, message in ipairs(kept) do t:equal(#message, 100, "datagram " .. i) end -- kept ones are not written over
  for i, message in ipairs(kept) do t:equal(message:toString("latin1", 0, 8), ("%08d"):format(i * 100)) end
  client:close()
  server:close()
end)

test("datagrams of every size arrive whole, one by one and in bursts", function(t)
  for _, case in ipairs(FAMILIES) do
    local server, port = bound({ type = case[1], recvBufferSize = 1000000 }, case[2])
    local client = createSocket(case[1])
    for _, size in ipairs { 0, 1, 64, 1471, 1472, 1473, 9000, 16384, 20000, 33300, 40000, 65000, case[1] == "udp4" and 65507 or 65527 } do
      local sent = Buffer.alloc(size, "0123456789abcdef")
      local got = event(server, "message")
      t:equal(await(Promise(function(resolve) client:send(sent, port, case[2], function(err, bytes) resolve(err or bytes) end) end)), size)
      local message = await(got)
      t:equal(message[2].size, size)
      t:equal(#message[1], size)
      t:ok(message[1]:equals(sent), "bytes of " .. size)
    end
    for burst = 1, 30 do -- wake-ups that bring one datagram and such that bring more
      local left = burst % 3 == 0 and 40 or 1
      local all = Promise(function(resolve)
        server:removeAllListeners "message"
        server:on("message", function()
          left = left - 1
          if left == 0 then resolve() end
        end)
      end)
      for _ = 1, left do client:send("x", port, case[2]) end
      await(all)
    end
    client:close()
    server:close()
  end
end)

test("bursts among single datagrams lose nothing", function(t)
  local server, port = bound "udp4"
  local client = createSocket "udp4"
  local got, want = 0, 0
  local waiting
  server:on("message", function()
    got = got + 1
    if got == want and waiting then waiting() end
  end)
  for round = 1, 60 do
    local n = (round > 20 and round < 40 or round % 17 == 0) and 70 or 1
    want = want + n
    local all = Promise(function(resolve) waiting = resolve end)
    for _ = 1, n do client:send("x", port, "127.0.0.1") end
    await(all)
  end
  t:equal(got, want)
  client:close()
  server:close()
end)

test("an error raised by a 'message' listener does not stop the socket", function(t)
  local server, port = bound "udp4"
  local client = createSocket "udp4"
  local caught
  local before = process:listeners "uncaughtException"
  process:removeAllListeners "uncaughtException"
  process:once("uncaughtException", function(e) caught = e end)
  server:once("message", function() error("from the listener", 0) end)
  client:send("1", port)
  while not caught do await(soon()) end
  for _, listener in ipairs(before) do process:on("uncaughtException", listener) end
  t:equal(caught, "from the listener")
  local got = event(server, "message")
  client:send("2", port)
  t:equal(tostring(await(got)[1]), "2")
  client:close()
  server:close()
end)

test("a socket closed in its 'message' listener gets no more", function(t)
  local server, port = bound "udp4"
  local client = bound "udp4"
  server:on("message", t:called(function() server:close() end))
  for _ = 1, 20 do client:send("x", port, "127.0.0.1") end
  await(event(server, "close"))
  client:close()
end)

-- ---- connecting

test("a connected socket sends and receives without an address", function(t)
  for _, case in ipairs(FAMILIES) do
    local server, port = bound(case[1], case[2])
    local client = createSocket(case[1])
    local returned = client:connect(port, case[2], t:called(function(err)
      t:equal(err, nil)
      t:deep(client:remoteAddress(), { address = case[2], family = case[3], port = port })
    end))
    t:equal(returned, nil)
    await(event(client, "connect"))
    server:on("message", function(message, from) server:send("re: " .. tostring(message), from.port, from.address) end)
    local got = event(client, "message")
    client:send "hello"
    t:equal(tostring(await(got)[1]), "re: hello")
    local stranger = bound(case[1], case[2])
    client:on("message", t:never "a stranger's datagram arrived")
    stranger:send("x", client:address().port, case[2])
    for _ = 1, 3 do await(soon()) end
    stranger:close()
    client:close()
    server:close()
  end
end)

test("connect without an address is to this machine; names are looked up", function(t)
  local client = createSocket "udp4"
  await(Promise(function(resolve) client:connect(9, resolve) end))
  t:equal(client:remoteAddress().address, "127.0.0.1")
  client:disconnect()
  await(Promise(function(resolve) client:connect(10, "localhost", resolve) end))
  t:deep(client:remoteAddress(), { address = "127.0.0.1", family = "IPv4", port = 10 })
  client:disconnect()
  t:throws(function() client:remoteAddress() end, { code = "ERR_SOCKET_DGRAM_NOT_CONNECTED", message = "Not connected" })
  client:connect(11)
  await(event(client, "connect"))
  t:equal(client:remoteAddress().port, 11)
  client:close()
end)

test("connect refuses bad ports, and what is connected already", function(t)
  local client = createSocket "udp4"
  for _, port in ipairs { 0, 65536, -1, "x", 1.5 } do
    t:throws(function() client:connect(port) end, "ERR_SOCKET_BAD_PORT")
  end
  t:throws(function() client:connect() end, { code = "ERR_SOCKET_BAD_PORT", message = "Port should be > 0 and < 65536. Received undefined." })
  t:throws(function() client:connect(0) end, { message = "Port should be > 0 and < 65536. Received type number (0)." })
  client:connect(9)
  t:throws(function() client:connect(10) end, { code = "ERR_SOCKET_DGRAM_IS_CONNECTED", message = "Already connected" })
  t:throws(function() client:disconnect() end, "ERR_SOCKET_DGRAM_NOT_CONNECTED")
  t:throws(function() client:remoteAddress() end, "ERR_SOCKET_DGRAM_NOT_CONNECTED")
  await(event(client, "connect"))
  t:throws(function() client:connect(10) end, "ERR_SOCKET_DGRAM_IS_CONNECTED")
  client:disconnect()
  t:throws(function() client:disconnect() end, "ERR_SOCKET_DGRAM_NOT_CONNECTED")
  client:close()
end)

test("a connect that fails is told to the callback, or is an 'error'", function(t)
  local client = bound "udp4"
  local err = await(Promise(function(resolve) client:connect(9997, "::1", resolve) end))
  t:deep({ err.message, err.code, err.syscall, err.address, err.port }, { "connect EINVAL ::1:9997", "EINVAL", "connect", "::1", 9997 })
  t:equal(client:listenerCount "connect", 0)
  client:connect(9997, "::1")
  t:equal(await(event(client, "error"))[1].code, "EINVAL")
  await(Promise(function(resolve) client:connect(9997, resolve) end)) -- it may be tried again
  client:close()
  local lost = createSocket { type = "udp4", lookup = function(host, _, done)
    if host == "0.0.0.0" then return done(nil, host) end
    done(errors.uv(errors.uvCode "ENOENT", "lookup"))
  end }
  t:equal(await(Promise(function(resolve) lost:connect(9, "x", resolve) end)).code, "ENOENT")
  t:ok(lost:address().port > 0)
  lost:close()
end)

test("what a connected socket sent to nobody is an 'error'", function(t)
  local gone, port = bound "udp4"
  await(closed(gone))
  local client = createSocket "udp4"
  await(Promise(function(resolve) client:connect(port, "127.0.0.1", resolve) end))
  local refused = event(client, "error")
  client:send "x"
  local err = await(refused)[1]
  t:equal(err.message, "recvmsg ECONNREFUSED")
  t:deep({ err.code, err.errno, err.syscall, err.address, err.port }, { "ECONNREFUSED", ECONNREFUSED, "recvmsg", nil, nil })
  client:once("error", function() end)
  client:send("1")
  local second = await(Promise(function(resolve) client:send("2", resolve) end))
  if second then t:deep({ second.message, second.address, second.port }, { "send ECONNREFUSED", nil, nil }) end
  client:close()
end)

-- ---- closing

test("close is told by 'close', later, and to its callback", function(t)
  local socket = bound "udp4"
  local order = {}
  socket:on("close", function() order[#order + 1] = "event" end)
  t:equal(socket:close(function(...)
    order[#order + 1] = "callback"
    t:equal(select("#", ...), 0)
  end), socket)
  t:deep(order, {})
  await(soon())
  t:deep(order, { "event", "callback" })
  local unbound = createSocket "udp4"
  await(closed(unbound))
  createSocket("udp4"):close(5)
end)

test("nothing runs on a closed socket", function(t)
  local socket = bound "udp4"
  socket:close()
  local text = "Not running"
  for name, args in pairs {
    close = {}, bind = {}, address = {}, send = { "x", 9 }, connect = { 9 }, remoteAddress = {}, setTTL = { 5 }, setBroadcast = { true }, setMulticastTTL = { 5 },
    setMulticastLoopback = { true }, setMulticastInterface = { "127.0.0.1" }, addMembership = { "224.0.0.114" }, dropMembership = { "224.0.0.114" },
    addSourceSpecificMembership = { "127.0.0.1", "232.1.1.1" }, dropSourceSpecificMembership = { "127.0.0.1", "232.1.1.1" },
    getSendQueueSize = {}, getSendQueueCount = {}, getRecvBufferSize = {}, getSendBufferSize = {}, setRecvBufferSize = { 1 }, setSendBufferSize = { 1 },
  } do
    t:throws(function() socket[name](socket, unpack(args)) end, { code = "ERR_SOCKET_DGRAM_NOT_RUNNING", message = text })
  end
  t:throws(function() socket:disconnect() end, "ERR_SOCKET_DGRAM_NOT_CONNECTED")
  t:equal(socket:ref(), socket)
  t:equal(socket:unref(), socket)
end)

test("a socket closed while it is being bound is not bound", function(t)
  local socket = createSocket "udp4"
  socket:on("listening", t:never())
  socket:bind(0, t:never())
  await(closed(socket))
  local slow
  socket = createSocket { type = "udp4", lookup = function(_, _, done) slow = done end }
  socket:bind(0, "x", t:never())
  await(closed(socket))
  slow(nil, "127.0.0.1")
  slow(errors.uv(-2, "lookup"))
  await(soon())
end)

test("a signal closes the socket", function(t)
  local control = AbortController()
  local socket = createSocket { type = "udp4", signal = control.signal }
  await(Promise(function(resolve) socket:bind(0, resolve) end))
  local over = event(socket, "close")
  control:abort()
  await(over)
  t:throws(function() socket:address() end, "ERR_SOCKET_DGRAM_NOT_RUNNING")
  control = AbortController()
  control:abort()
  socket = createSocket { type = "udp4", signal = control.signal }
  over = event(socket, "close")
  t:throws(function() socket:address() end, "ERR_SOCKET_DGRAM_NOT_RUNNING")
  await(over)
  control = AbortController()
  socket = createSocket { type = "udp4", signal = control.signal }
  socket:on("close", t:called())
  await(closed(socket))
  control:abort()
end)

test("closed sockets leave no descriptor behind", function(t)
  local function open() return #fs.readdirSync "/proc/self/fd" end
  if not fs.existsSync "/proc/self/fd" then return end
  collectgarbage()
  await(soon())
  local before = open()
  for _ = 1, 10 do
    local sockets = {}
    for i = 1, 50 do
      sockets[i] = createSocket(i % 2 == 0 and "udp4" or "udp6")
      if i % 3 > 0 then sockets[i]:bind(0) end
      if i % 3 == 2 then sockets[i]:send("x", 9) end
    end
    for i = 1, 50 do sockets[i]:close() end
    await(soon())
    await(soon())
  end
  t:equal(open(), before)
end)

-- ---- what others build on

test("an unreferenced socket does not keep the program alive", function(t)
  local socket = createSocket "udp4"
  t:equal(socket:unref(), socket)
  await(Promise(function(resolve) socket:bind(0, resolve) end))
  local function counts()
    for _, entry in ipairs(core.handle.active()) do
      if entry[2] == socket._handle then return true end
    end
    return false
  end
  t:no(counts())
  t:equal(socket:ref(), socket)
  t:ok(counts())
  socket:close()
end)

test("a socket takes a handle that is bound already, and gives one up", function(t)
  local handle = dgram._makeHandle { addressType = "udp4", address = "127.0.0.1", port = 0 }
  local _, port = handle:getsockname()
  local socket = createSocket "udp4"
  local listening = 0
  t:equal(socket:bind(handle, function() listening = listening + 1 end), socket)
  t:equal(listening, 1)
  t:equal(socket:address().port, port)
  local client = createSocket "udp4"
  local got = event(socket, "message")
  client:send("first", port)
  t:equal(tostring(await(got)[1]), "first")
  local over = event(socket, "close")
  t:equal(socket:_detach(), handle)
  t:equal(socket:_detach(), nil)
  await(over)
  t:throws(function() socket:address() end, "ERR_SOCKET_DGRAM_NOT_RUNNING")
  t:no(handle:isClosing())
  local other = createSocket "udp4"
  other:bind(handle)
  got = event(other, "message")
  client:send("second", port)
  t:equal(tostring(await(got)[1]), "second")
  client:close()
  other:close()
end)

test("a connected handle makes a connected socket", function(t)
  local handle = dgram._makeHandle { addressType = "udp6", address = "::1", port = 0 }
  t:equal(handle:connect6("::1", 9), 0)
  local socket = createSocket "udp6"
  socket:bind(handle)
  t:equal(socket:remoteAddress().port, 9)
  socket:close()
end)

test("_makeHandle says why there is no handle", function(t)
  local first, port = bound "udp4"
  local handle, code = dgram._makeHandle { addressType = "udp4", address = "127.0.0.1", port = port, fd = -1 }
  t:deep({ handle, code }, { nil, errors.uvCode "EADDRINUSE" })
  handle, code = dgram._makeHandle { addressType = "udp4", fd = 999 }
  t:deep({ handle, code }, { nil, errors.uvCode "EINVAL" })
  first:close()
  handle = dgram._makeHandle { addressType = "udp6", port = -1, flags = core.udp.IPV6ONLY }
  t:equal(handle:getsockname(), "::")
  handle:close()
end)

test("a cluster worker is asked for its handle in one place", function(t)
  local handles = require "lunode.dgram.handle"
  local plans = {}
  handles.share = function(socket, plan, start)
    plans[#plans + 1] = plan
    if plan.exclusive then return start(socket, plan) end
    if plan.port == 7 then return socket:_bindFailed(plan, errors.uvCode "EADDRINUSE") end
    setImmediate(function()
      plan.handle = handles.make { addressType = plan.addressType, address = plan.address, port = plan.port, flags = plan.flags }
      start(socket, plan)
    end)
  end
  local ok, err = pcall(function()
    local socket = createSocket { type = "udp4", reuseAddr = true }
    await(Promise(function(resolve) socket:bind(0, "127.0.0.1", resolve) end))
    t:deep({ plans[1].addressType, plans[1].address, plans[1].port, plans[1].flags, plans[1].exclusive }, { "udp4", "127.0.0.1", 0, core.udp.REUSEADDR, false })
    t:equal(socket._handle, plans[1].handle)
    socket:close()
    socket = createSocket "udp4"
    await(Promise(function(resolve) socket:bind({ port = 0, exclusive = true }, resolve) end))
    t:equal(plans[2].exclusive, true)
    socket:close()
    socket = createSocket "udp4"
    await(Promise(function(resolve) socket:send("x", 9, resolve) end))
    t:equal(plans[3].exclusive, true)
    socket:close()
    socket = createSocket "udp6"
    socket:bind(7, "::1")
    local failure = await(event(socket, "error"))[1]
    t:equal(failure.message, "bind EADDRINUSE ::1:7")
    socket:bind(0)
    await(soon()) -- past the look-up
    socket:close()
    while not plans[5].handle do await(soon()) end
    t:ok(plans[5].handle:isClosing()) -- it came too late
  end)
  handles.share = false
  if not ok then error(err, 0) end
end)
