-- SPDX-License-Identifier: MIT
-- dgram.Socket#send: its forms, its errors, what waits.
local test = require "../support/test"
local dgram, os = require "dgram", require "os"
local core, errors = require "lunode.core", require "lunode.internal.errors"
local createSocket = dgram.createSocket

local FAMILIES = { { "udp4", "127.0.0.1" }, { "udp6", "::1" } }

local function event(emitter, name)
  return Promise(function(resolve) emitter:once(name, function(...) resolve { ... } end) end)
end
local function bound(options, address)
  local socket = createSocket(options)
  await(Promise(function(resolve) socket:bind(0, address or "127.0.0.1", resolve) end))
  return socket, socket:address().port
end
local function soon() return Promise(function(resolve) setImmediate(resolve) end) end

test("send takes what is sent in every form", function(t)
  for _, case in ipairs(FAMILIES) do
    local server, port = bound(case[1], case[2])
    local client = createSocket(case[1])
    local address, buffer, null = case[2], Buffer.from "hello", errors.null
    local list = { "he", Buffer.from "ll", "", Buffer.alloc(0), "o" }
    local name = await(Promise(function(resolve) -- not every system knows localhost's IPv6 address
      require("dns").lookup("localhost", case[1] == "udp6" and 6 or 4, function(err) resolve(err and address or "localhost") end)
    end))
    local forms = {
      { "hello", function(cb) client:send("hello", port, address, cb) end },
      { "hello", function(cb) client:send(buffer, port, address, cb) end },
      { "hello", function(cb) client:send(list, port, address, cb) end },
      { "hello", function(cb) client:send("hello", tostring(port), address, cb) end },
      { "hello", function(cb) client:send("hello", port, cb) end },
      { "hello", function(cb) client:send(buffer, port, nil, cb) end },
      { "hello", function(cb) client:send(list, port, null, cb) end },
      { "hello", function(cb) client:send("hello", port, "", cb) end },
      { "hello", function(cb) client:send("hello", port, name, cb) end },
      { "hello", function(cb) client:send(list, port, name, cb) end },
      { "ell", function(cb) client:send("hello", 1, 3, port, address, cb) end },
      { "ell", function(cb) client:send(buffer, 1, 3, port, address, cb) end },
      { "ell", function(cb) client:send(buffer, 1, 3, port, cb) end },
      { "ell", function(cb) client:send("hello", "1", 3.7, port, nil, cb) end },
      { "ell", function(cb) client:send("hello", 1, 3, port, name, cb) end },
      { "", function(cb) client:send("hello", nil, nil, port, address, cb) end },
      { "", function(cb) client:send("hello", 5, 0, port, address, cb) end },
      { "", function(cb) client:send("", port, address, cb) end },
      { "", function(cb) client:send(Buffer.alloc(0), port, address, cb) end },
      { "", function(cb) client:send({}, port, address, cb) end },
      { "h\0o", function(cb) client:send("h\0o", port, address, cb) end },
      { "ell", function(cb) client:sendto(buffer, 1, 3, port, address, cb) end },
    }
    for i, form in ipairs(forms) do
      local got = event(server, "message")
      local result = await(Promise(function(resolve)
        form[2](function(...)
          t:equal(select("#", ...), 2)
          resolve { ... }
        end)
      end))
      t:deep({ result[1], result[2] }, { nil, #form[1] }, "form " .. i)
      t:equal(tostring(await(got)[1]), form[1], "form " .. i)
    end
    t:equal(client:send("no callback", port, address), nil)
    t:equal(tostring(await(event(server, "message"))[1]), "no callback")
    client:send("not a callback", port, address, "")
    t:equal(tostring(await(event(server, "message"))[1]), "not a callback")
    await(Promise(function(resolve) client:connect(port, address, resolve) end))
    local connected = {
      { "hello", function(cb) client:send("hello", cb) end },
      { "hello", function(cb) client:send(buffer, cb) end },
      { "hello", function(cb) client:send(list, cb) end },
      { "ell", function(cb) client:send(buffer, 1, 3, cb) end },
      { "ell", function(cb) client:send("hello", 1, 3, cb) end },
      { "ell", function(cb) client:send("hello", 1, 3, nil, nil, cb) end },
      { "", function(cb) client:send({}, cb) end },
    }
    for i, form in ipairs(connected) do
      local got = event(server, "message")
      local result = await(Promise(function(resolve) form[2](function(...) resolve { ... } end) end))
      t:deep({ result[1], result[2] }, { nil, #form[1] }, "connected form " .. i)
      t:equal(tostring(await(got)[1]), form[1])
    end
    client:close()
    server:close()
  end
end)

test("the callback comes after send has returned, in the order of sending", function(t)
  local server, port = bound "udp4"
  local client = bound "udp4"
  local order = {}
  local done = Promise(function(resolve)
    for i = 1, 5 do
      client:send(tostring(i), port, "127.0.0.1", function(err, bytes)
        t:deep({ err, bytes }, { nil, 1 })
        order[#order + 1] = i
        if i == 5 then resolve() end
      end)
    end
  end)
  t:deep(order, {})
  await(done)
  t:deep(order, { 1, 2, 3, 4, 5 })
  client:close()
  server:close()
end)

test("bad arguments of send are refused", function(t)
  local socket = createSocket "udp4"
  local kinds = "must be of type string or an instance of Buffer, TypedArray, or DataView."
  local function refused(code, message, ...)
    local args, n = { ... }, select("#", ...)
    t:throws(function() socket:send(unpack(args, 1, n)) end, { code = code, message = message })
  end
  refused("ERR_INVALID_ARG_TYPE", 'The "buffer" argument ' .. kinds .. " Received undefined")
  refused("ERR_INVALID_ARG_TYPE", 'The "buffer" argument ' .. kinds .. " Received type number (5)", 5, 1, "127.0.0.1")
  refused("ERR_INVALID_ARG_TYPE", nil, { a = 1 }, 1, "127.0.0.1")
  refused("ERR_INVALID_ARG_TYPE", nil, errors.null, 1, "127.0.0.1")
  refused("ERR_INVALID_ARG_TYPE", nil, { "x" }, 0, 1, 9999, "127.0.0.1")
  local e = t:throws(function() socket:send({ "x", 5 }, 1, "127.0.0.1") end, "ERR_INVALID_ARG_TYPE")
  t:match(e.message, '^The "buffer list arguments" argument must be of type string')
  refused("ERR_SOCKET_BAD_PORT", "Port should be > 0 and < 65536. Received undefined.", "x")
  refused("ERR_SOCKET_BAD_PORT", "Port should be > 0 and < 65536. Received type number (0).", "x", 0)
  refused("ERR_SOCKET_BAD_PORT", "Port should be > 0 and < 65536. Received type string ('abc').", "x", "abc")
  refused("ERR_SOCKET_BAD_PORT", nil, "x", 65536)
  refused("ERR_SOCKET_BAD_PORT", nil, "x", 1.5)
  refused("ERR_SOCKET_BAD_PORT", nil, "x", 0, 1, -9, "127.0.0.1")
  refused("ERR_BUFFER_OUT_OF_BOUNDS", '"offset" is outside of buffer bounds', Buffer.from "abc", 5, 1, 9999)
  refused("ERR_BUFFER_OUT_OF_BOUNDS", '"length" is outside of buffer bounds', Buffer.from "abc", 1, 5, 9999)
  refused("ERR_BUFFER_OUT_OF_BOUNDS", '"offset" is outside of buffer bounds', Buffer.from "abc", -1, 1, 9999)
  refused("ERR_BUFFER_OUT_OF_BOUNDS", '"length" is outside of buffer bounds', "abc", 0, -1, 9999)
  refused("ERR_INVALID_ARG_TYPE", 'The "address" argument must be of type string. Received type number (5)', "x", 9999, 5)
  refused("ERR_INVALID_ARG_TYPE", nil, "x", 9999, {})
  refused("ERR_INVALID_ARG_TYPE", 'The "address" argument must be of type string. Received type boolean (false)', "x", 9999, false)
  refused("ERR_INVALID_ARG_TYPE", 'The "address" argument must be of type string. Received type number (2)', "hello", 1, 2, function() end)
  t:throws(function() socket:sendto "x" end, { code = "ERR_INVALID_ARG_TYPE", message = 'The "offset" argument must be of type number. Received undefined' })
  t:throws(function() socket:sendto("x", 0) end, { message = 'The "length" argument must be of type number. Received undefined' })
  t:throws(function() socket:sendto("x", 0, 1, "a") end, { message = "The \"port\" argument must be of type number. Received type string ('a')" })
  t:throws(function() socket:sendto("x", 0, 1, 9, 5) end, { message = 'The "address" argument must be of type string. Received type number (5)' })
  t:throws(function() socket:address() end, "EBADF") -- nothing of this bound it
  await(Promise(function(resolve) socket:connect(9, resolve) end))
  refused("ERR_SOCKET_DGRAM_IS_CONNECTED", "Already connected", "hello", 1, 2, 9999, "127.0.0.1")
  refused("ERR_SOCKET_DGRAM_IS_CONNECTED", nil, "hello", 1, 2, 9999)
  refused("ERR_INVALID_ARG_TYPE", nil)
  refused("ERR_BUFFER_OUT_OF_BOUNDS", nil, "abc", 2, 2)
  t:throws(function() socket:sendto("x", 0, 1, 9, "127.0.0.1") end, "ERR_SOCKET_DGRAM_IS_CONNECTED")
  socket:close()
end)

test("what the kernel refuses is told to the callback, else to nobody", function(t)
  for _, case in ipairs(FAMILIES) do
    local socket = bound(case[1], case[2])
    local function fails(message, port, address)
      return await(Promise(function(resolve) socket:send(message, port, address, function(err, bytes)
        t:equal(bytes, nil)
        resolve(err)
      end) end))
    end
    socket:on("error", t:never())
    local err = fails(Buffer.alloc(70000), 9999, case[2])
    t:equal(err.message, "send EMSGSIZE " .. case[2] .. ":9999")
    t:deep({ err.code, err.errno, err.syscall, err.address, err.port }, { "EMSGSIZE", errors.uvCode "EMSGSIZE", "send", case[2], 9999 })
    t:equal(fails(Buffer.alloc(65535), 9999, case[2]).code, "EMSGSIZE")
    t:equal(fails({ ("x"):rep(40000), ("x"):rep(40000) }, 9999).code, "EMSGSIZE")
    local other = case[1] == "udp4" and "::1" or "127.0.0.1"
    t:equal(fails("x", 9999, other).message, "send EINVAL " .. other .. ":9999")
    socket:send(Buffer.alloc(70000), 9999, case[2])
    await(soon())
    socket:close()
  end
end)

test("a list of thousands makes one datagram", function(t)
  local server, port = bound "udp4"
  local client = createSocket "udp4"
  local list = {}
  for i = 1, 5000 do list[i] = string.char(65 + i % 26) end
  local got = event(server, "message")
  t:equal(await(Promise(function(resolve) client:send(list, port, function(err, bytes) resolve(err or bytes) end) end)), 5000)
  t:equal(tostring(await(got)[1]), table.concat(list))
  for i = 1, 5000 do list[i] = ("x"):rep(20) end
  t:equal(await(Promise(function(resolve) client:send(list, port, resolve) end)).code, "EMSGSIZE")
  client:close()
  server:close()
end)

test("a name that is not known is told to the callback, or is an 'error'", function(t)
  local failure = errors.uv(errors.uvCode "ENOENT", "lookup")
  local socket = createSocket { type = "udp4", lookup = function(host, _, done)
    if host == "0.0.0.0" then return done(nil, host) end
    process.nextTick(done, failure)
  end }
  await(Promise(function(resolve) socket:bind(resolve) end))
  t:equal(await(Promise(function(resolve) socket:send("x", 9, "nowhere", resolve) end)), failure)
  socket:send("x", 9, "nowhere")
  t:equal(await(event(socket, "error"))[1], failure)
  socket:close()
end)

test("a name with a NUL inside is no address", function(t)
  local socket = bound "udp4"
  local err = await(Promise(function(resolve) socket:send("x", 9, "127.0.0.1\0.example", resolve) end))
  t:ok(err)
  socket:close()
end)

test("what is sent before the socket is bound waits for that, in its order", function(t)
  local server, port = bound "udp4"
  local got = {}
  local all = Promise(function(resolve)
    server:on("message", function(message)
      got[#got + 1] = tostring(message)
      if #got == 4 then resolve() end
    end)
  end)
  local client = createSocket "udp4"
  local list = { "a", "b" }
  client:send("1", port, "127.0.0.1", t:called(function(err, bytes) t:deep({ err, bytes }, { nil, 1 }) end))
  client:send(list, port, "127.0.0.1")
  list[1], list[2], list[3] = "never", "seen", "c"
  client:send("xxx3", 3, 1, port, "127.0.0.1")
  client:send("4", port, "127.0.0.1")
  t:equal(client:getSendQueueCount(), 0)
  t:throws(function() client:bind(0) end, "ERR_SOCKET_ALREADY_BOUND")
  await(all)
  t:deep(got, { "1", "ab", "3", "4" })
  t:equal(client:address().address, "0.0.0.0")
  t:equal(client:listenerCount "listening", 0)
  client:close()
  server:close()
end)

test("what waits is sent before a close that came after it", function(t)
  local server, port = bound "udp4"
  local got = event(server, "message")
  local client = createSocket "udp4"
  local order = {}
  client:send("last words", port, "127.0.0.1", t:called(function(err) t:equal(err, nil) order[#order + 1] = "sent" end))
  client:close(t:called(function() order[#order + 1] = "closed" end))
  t:equal(tostring(await(got)[1]), "last words")
  await(soon())
  t:deep(order, { "sent", "closed" })
  server:close()
end)

test("what waits behind a close is told so", function(t)
  local client = createSocket "udp4"
  client:send("1", 9, "127.0.0.1", t:called(function(err) t:equal(err, nil) end))
  client:close()
  client:send("2", 9, "127.0.0.1", t:called(function(err) t:equal(err.code, "ERR_SOCKET_DGRAM_NOT_RUNNING") end))
  local slow
  local other = createSocket { type = "udp4", lookup = function(host, _, done)
    if host == "0.0.0.0" then done(nil, host) else slow = done end
  end }
  await(Promise(function(resolve) other:bind(resolve) end))
  other:send("x", 9, "name", t:called(function(err) t:equal(err.code, "ERR_SOCKET_DGRAM_NOT_RUNNING") end))
  local found = slow
  other:send("x", 9, "name")
  other:close()
  found(nil, "127.0.0.1")
  slow(errors.uv(-2, "lookup"))
  await(soon())
end)

test("what waits for a bind that fails gets its error", function(t)
  local first, port = bound "udp4"
  local socket = createSocket "udp4"
  socket:bind(port, "127.0.0.1")
  socket:send("x", 9, "127.0.0.1", t:called(function(err) t:equal(err.code, "EADDRINUSE") end))
  t:equal(await(event(socket, "error"))[1].code, "EADDRINUSE")
  t:equal(socket:listenerCount "listening", 0)
  local got = event(first, "message")
  socket:send("again", port, "127.0.0.1")
  t:equal(tostring(await(got)[1]), "again")
  socket:close()
  socket = createSocket "udp4"
  socket:bind(port, "127.0.0.1")
  socket:connect(9, t:called(function(err) t:equal(err.code, "EADDRINUSE") end))
  await(event(socket, "error"))
  await(soon())
  socket:connect(9, t:called(function(err) t:equal(err, nil) socket:close() end))
  first:close()
end)

test("addMembership before anything else leaves a socket that can send and receive", function(t)
  local socket = createSocket "udp4"
  local ok, err = pcall(socket.addMembership, socket, "224.0.0.114", "127.0.0.1")
  if not ok then
    t:equal(err.syscall, "addMembership") -- no multicast here
    return socket:close()
  end
  local port = socket:address().port
  t:ok(port > 0)
  local got = event(socket, "message")
  socket:send("to itself", port, "127.0.0.1")
  t:equal(tostring(await(got)[1]), "to itself")
  t:equal(socket:address().port, port)
  socket:close()
end)

test("the async context of send is that of its callback", function(t)
  local queue = require "lunode.internal.queue"
  local mine = {}
  local socket = createSocket "udp4"
  queue.context = mine
  socket:send("x", 9, "127.0.0.1", t:called(function()
    t:equal(queue.context, mine)
    socket:send("x", 9, "127.0.0.1", t:called(function()
      t:equal(queue.context, mine)
      socket:send("x", 9, "localhost", t:called(function()
        t:equal(queue.context, mine)
        socket:close()
      end))
    end))
  end))
  queue.context = false
end)

-- ---- what the kernel does not take at once

-- Two sockets that are connected with each other over a Unix socket pair, whose queue is short.
local ffi = require "ffi"
pcall(ffi.cdef, "int socketpair(int, int, int, int *);")
local function pair()
  local fds = ffi.new "int[2]"
  assert(ffi.C.socketpair(1, 2, 0, fds) == 0) -- AF_UNIX, SOCK_DGRAM
  local out = {}
  for i = 1, 2 do
    local handle = core.udp.new()
    assert(handle:open(fds[i - 1]) == 0)
    out[i] = createSocket "udp4"
    out[i]:bind(handle)
  end
  return out[1], out[2]
end

test("datagrams that the kernel does not take are copied, counted and sent in their order", function(t)
  local a, b = pair()
  local N = 2000
  local results, got = {}, {}
  b._handle:recvStop()
  local buffer = Buffer.alloc(100)
  for i = 1, N do
    local text = ("%04d"):format(i)
    if i % 3 == 0 then
      buffer:write(text)
      a:send({ buffer, text }, function(err, bytes) results[i] = err or bytes end)
    elseif i % 50 == 1 then
      a:send(text .. ("y"):rep(5000), function(err, bytes) results[i] = err or bytes end)
    elseif i % 7 == 0 then
      a:send(text)
    else
      buffer:write(text)
      a:send(buffer, 0, 50, function(err, bytes) results[i] = err or bytes end)
    end
  end
  buffer:fill "z" -- what waits was copied
  t:ok(a:getSendQueueCount() > 200, "queued " .. a:getSendQueueCount())
  t:ok(a:getSendQueueSize() > 10000)
  t:equal(await(Promise(function(resolve) a:send(Buffer.alloc(70000), resolve) end)).code, "EMSGSIZE")
  local all = Promise(function(resolve)
    b:on("message", function(message)
      got[#got + 1] = message
      if #got == N then resolve() end
    end)
  end)
  b._handle:recvStart()
  await(all)
  while a:getSendQueueCount() > 0 do await(soon()) end
  await(soon())
  t:equal(a:getSendQueueSize(), 0)
  for i = 1, N do
    local size = i % 3 == 0 and 104 or i % 50 == 1 and 5004 or i % 7 == 0 and 4 or 50
    t:equal(#got[i], size, "datagram " .. i)
    t:equal(got[i]:toString("latin1", 0, 4), ("%04d"):format(i))
    if not (i % 7 == 0 and i % 3 ~= 0 and i % 50 ~= 1) then t:equal(results[i], size, "callback " .. i) end
  end
  a:close()
  b:close()
end)

test("close gives up what waits, and tells its callbacks", function(t)
  local queue = require "lunode.internal.queue"
  local a, b = pair()
  b._handle:recvStop()
  local N = 2000
  local sent, cancelled, order = 0, 0, {}
  local mine = {}
  queue.context = mine
  for i = 1, N do
    a:send("x", function(err)
      t:equal(queue.context, mine)
      if not err then sent = sent + 1 return end
      t:equal(err.message, "send ECANCELED")
      t:deep({ err.code, err.syscall, err.address, err.port }, { "ECANCELED", "send", nil, nil })
      cancelled = cancelled + 1
      order[#order + 1] = i
    end)
  end
  queue.context = false
  local waiting = a:getSendQueueCount()
  t:ok(waiting > 100)
  a:close(t:called())
  while sent + cancelled < N do await(soon()) end
  t:equal(cancelled, waiting)
  for i = 2, #order do t:equal(order[i], order[i - 1] + 1) end
  b:close()
end)

test("a callback may send, and close, while others wait", function(t)
  local a, b = pair()
  b._handle:recvStop()
  local done = 0
  for _ = 1, 600 do a:send(("x"):rep(2000), function() done = done + 1 end) end
  a:send("last", t:called(function(err)
    t:equal(err, nil)
    a:send("one more", t:called(function(failure)
      t:equal(failure, nil)
      a:close()
      b:close()
    end))
  end))
  b._handle:recvStart()
end)

test("_detach leaves what waits to the handle, and tells its callbacks", function(t)
  local a, b = pair()
  b._handle:recvStop()
  local cancelled = 0
  for _ = 1, 1000 do a:send("x", function(err) if err then t:equal(err.code, "ECANCELED") cancelled = cancelled + 1 end end) end
  local waiting = a:getSendQueueCount()
  t:ok(waiting > 100)
  local handle = a:_detach()
  await(soon())
  t:equal(cancelled, waiting)
  local got = 0
  local all = Promise(function(resolve) b:on("message", function()
    got = got + 1
    if got == 1000 then resolve() end
  end) end)
  b._handle:recvStart()
  await(all)
  handle:close()
  b:close()
end)

-- ---- the C floor checks what it is given

test("core.udp raises for what it cannot use", function(t)
  local handle = core.udp.new()
  t:throws(function() handle:send(5, 9, "127.0.0.1") end, "string or Buffer expected")
  t:throws(function() handle:send({ 5 }, 9, "127.0.0.1") end, "string or Buffer expected")
  t:throws(function() handle:send("abc", 9, "127.0.0.1", 2, 2) end, "outside of the data")
  t:throws(function() handle:send("abc", 9, "127.0.0.1", -1, 2) end, "outside of the data")
  t:throws(function() handle:send("abc", 9, "127.0.0.1", 0 / 0, 2) end, "outside of the data")
  t:throws(function() core.udp.send(core.tcp.new(), "x", 9, "127.0.0.1") end, "lunode.udp expected")
  t:equal(handle:send("x", 70000, "127.0.0.1"), errors.uvCode "EINVAL")
  t:equal(handle:send("x", -1, "127.0.0.1"), errors.uvCode "EINVAL")
  t:equal(handle:send("x", 9, "::1"), errors.uvCode "EINVAL")
  t:equal(handle:send6("x", 9, "127.0.0.1"), errors.uvCode "EINVAL")
  t:equal(handle:send("x", 9, "name"), nil)
  t:equal(handle:send("x", 9, ""), nil)
  t:equal(handle:send "x", errors.uvCode "EDESTADDRREQ")
  t:equal(handle:bind("name", 9), errors.uvCode "EINVAL")
  t:equal(handle:bind("127.0.0.1", 70000), errors.uvCode "EINVAL")
  t:equal(handle:recvBufferSize(1e300), errors.uvCode "EINVAL")
  t:equal(handle:recvBufferSize(0 / 0), errors.uvCode "EINVAL")
  t:equal(handle:setTTL(1e300), errors.uvCode "EINVAL")
  t:equal(handle:setTTL(0 / 0), errors.uvCode "EINVAL")
  t:equal(handle:send("x", 9, "127.0.0.1"), 1)
  t:equal(handle:recvStart(), 0)
  t:equal(handle:recvStart(), 0)
  t:equal(handle:recvStop(), 0)
  t:equal(handle:recvStop(), 0)
  handle:close()
  t:throws(function() handle:send("x", 9, "127.0.0.1") end, "is closed")
end)
