-- SPDX-License-Identifier: MIT
-- dgram.Socket's options: buffer sizes, time to live, broadcast, multicast on this machine.
local test = require "../support/test"
local dgram = require "dgram"
local errors = require "lunode.internal.errors"
local createSocket = dgram.createSocket

local function event(emitter, name)
  return Promise(function(resolve) emitter:once(name, function(...) resolve { ... } end) end)
end
local function bound(options, address)
  local socket = createSocket(options)
  await(Promise(function(resolve) socket:bind(0, address or "127.0.0.1", resolve) end))
  return socket, socket:address().port
end
local function soon() return Promise(function(resolve) setTimeout(resolve, 5) end) end

-- The interface that groups can be joined on, tried once with a datagram that does not leave the machine; or nil and why not.
local function usable(kind, group, interfaces)
  local why = "no interface"
  for _, interface in ipairs(interfaces) do
    local socket = require("lunode.core").udp.new()
    local six = kind == "udp6"
    local code = six and socket:bind6("::", 0) or not six and socket:bind("0.0.0.0", 0) or 0
    if code == 0 then code = socket:addMembership(group, interface) end
    if code == 0 then code = socket:setMulticastInterface(interface) end
    if code == 0 then code = socket:setMulticastTTL(0) end
    local _, port = socket:getsockname()
    if code == 0 then
      local sent = six and socket:send6("x", port, group) or not six and socket:send("x", port, group)
      if type(sent) == "number" and sent < 0 then code = sent end
    end
    socket:close()
    if code == 0 then return interface end
    why = errors.uvName(code)
  end
  return nil, "no multicast here: " .. why
end
local outer4, outer6 = {}, {}
for name, list in pairs(require("os").networkInterfaces()) do
  for _, entry in ipairs(list) do
    if not entry.internal and entry.family == "IPv4" then outer4[#outer4 + 1] = entry.address end
    if not entry.internal and entry.family == "IPv6" and entry.address:find "^fe80" then outer6[#outer6 + 1] = "::%" .. name end
  end
end
local GROUP4, GROUP6 = "224.0.0.114", "ff02::114"
local LO4, no4 = usable("udp4", GROUP4, { "127.0.0.1", unpack(outer4) })
local LO6, no6 = usable("udp6", GROUP6, { "::%lo", unpack(outer6) })
local OUT4, no_out4 = usable("udp4", GROUP4, outer4)
local OUT6, no_out6 = usable("udp6", GROUP6, outer6)

test("buffer sizes are set and read", function(t)
  local socket = bound "udp4"
  for _, name in ipairs { "Recv", "Send" } do
    local set, get = "set" .. name .. "BufferSize", "get" .. name .. "BufferSize"
    t:ok(socket[get](socket) > 0)
    t:equal(socket[set](socket, 10000), nil)
    local size = socket[get](socket)
    t:ok(size == 10000 or size == 20000, name .. " is " .. size) -- Linux doubles
    socket[set](socket, 2147483647)
    t:ok(socket[get](socket) >= size)
  end
  socket:close()
end)

test("buffer sizes can be given to createSocket", function(t)
  local socket = bound { type = "udp4", recvBufferSize = 12000, sendBufferSize = 16000 }
  local receive, send = socket:getRecvBufferSize(), socket:getSendBufferSize()
  t:ok(receive == 12000 or receive == 24000)
  t:ok(send == 16000 or send == 32000)
  socket:close()
  socket = createSocket { type = "udp4", recvBufferSize = 2147483648 }
  socket:on("listening", t:never())
  socket:bind(0)
  local err = await(event(socket, "error"))[1]
  t:equal(err.code, "ERR_SOCKET_BUFFER_SIZE")
  socket:close()
end)

test("bad buffer sizes are refused", function(t)
  local unbound, socket = createSocket "udp4", bound "udp4"
  for _, name in ipairs { "recv", "send" } do
    local upper = name:gsub("^%l", string.upper)
    local set, get, syscall = "set" .. upper .. "BufferSize", "get" .. upper .. "BufferSize", "uv_" .. name .. "_buffer_size"
    for _, size in ipairs { -1, math.huge, "x", 0.5, 4294967296, 0 / 0 } do
      t:throws(function() socket[set](socket, size) end, { name = "TypeError", code = "ERR_SOCKET_BAD_BUFFER_SIZE", message = "Buffer size must be a positive integer" })
    end
    t:throws(function() socket[set](socket) end, "ERR_SOCKET_BAD_BUFFER_SIZE")
    local e = t:throws(function() socket[set](socket, 2147483648) end, {
      name = "SystemError", code = "ERR_SOCKET_BUFFER_SIZE", errno = errors.uvCode "EINVAL", syscall = syscall,
      message = "Could not get or set buffer size: " .. syscall .. " returned EINVAL (invalid argument)",
    })
    t:deep(e.info, { errno = errors.uvCode "EINVAL", code = "EINVAL", message = "invalid argument", syscall = syscall })
    for _, fn in ipairs { function() unbound[get](unbound) end, function() unbound[set](unbound, 8192) end } do
      t:throws(fn, { code = "ERR_SOCKET_BUFFER_SIZE", message = "Could not get or set buffer size: " .. syscall .. " returned EBADF (bad file descriptor)" })
    end
    t:equal(socket[set](socket, 0), nil)
  end
  unbound:close()
  socket:close()
end)

test("nothing is queued on a socket that has nothing to send", function(t)
  local socket = createSocket "udp4"
  t:deep({ socket:getSendQueueSize(), socket:getSendQueueCount() }, { 0, 0 })
  socket:close()
end)

test("setTTL and setMulticastTTL take a number in range and return it", function(t)
  for _, case in ipairs { { "udp4", "127.0.0.1" }, { "udp6", "::1" } } do
    local socket = bound(case[1], case[2])
    for name, edge in pairs { setTTL = { 1, 255, 0, 256 }, setMulticastTTL = { 0, 255, -2, 256 } } do
      t:equal(socket[name](socket, 16), 16)
      t:equal(socket[name](socket, edge[1]), edge[1])
      t:equal(socket[name](socket, edge[2]), edge[2])
      for i = 3, 4 do
        t:throws(function() socket[name](socket, edge[i]) end, { code = "EINVAL", message = name .. " EINVAL", syscall = name, errno = errors.uvCode "EINVAL" })
      end
      t:throws(function() socket[name](socket, "16") end, { code = "ERR_INVALID_ARG_TYPE", message = "The \"ttl\" argument must be of type number. Received type string ('16')" })
      t:throws(function() socket[name](socket) end, { message = 'The "ttl" argument must be of type number. Received undefined' })
    end
    socket:close()
  end
end)

test("options of a socket that is not bound are EBADF", function(t)
  local socket = createSocket "udp4"
  for name, argument in pairs { setTTL = 5, setMulticastTTL = 5, setMulticastLoopback = true, setBroadcast = true, setMulticastInterface = "127.0.0.1" } do
    t:throws(function() socket[name](socket, argument) end, { code = "EBADF", message = name .. " EBADF", syscall = name })
  end
  socket:close()
end)

test("broadcast must be allowed first", function(t)
  local socket = bound("udp4", "0.0.0.0")
  local function try() return await(Promise(function(resolve) socket:send("x", 9, "255.255.255.255", resolve) end)) end
  local err = try()
  if err and err.code == "EACCES" then
    t:equal(socket:setBroadcast(true), nil)
    err = try()
    t:ok(err == nil or err.code ~= "EACCES")
    socket:setBroadcast(false)
    t:equal(try().code, "EACCES")
  else
    t:equal(err and err.code, "ENETUNREACH") -- a machine without a network
    socket:setBroadcast(true)
  end
  socket:close()
end)

test("bad arguments of the multicast methods are refused", function(t)
  local socket = bound "udp4"
  local none = { code = "ERR_MISSING_ARGS", message = 'The "multicastAddress" argument must be specified' }
  t:throws(function() socket:addMembership() end, none)
  t:throws(function() socket:dropMembership "" end, none)
  for _, name in ipairs { "addMembership", "dropMembership" } do
    for _, group in ipairs { "x", "10.0.0.1", "ff02::1", "224.0.0.114\0" } do
      t:throws(function() socket[name](socket, group) end, { syscall = name })
    end
  end
  t:throws(function() socket:addMembership "x" end, { code = "EINVAL", message = "addMembership EINVAL" })
  t:throws(function() socket:addMembership(5) end, { message = "addMembership EINVAL" })
  t:throws(function() socket:addMembership("224.0.0.114", 5) end, { message = "addMembership EINVAL" })
  for _, name in ipairs { "addSourceSpecificMembership", "dropSourceSpecificMembership" } do
    t:throws(function() socket[name](socket) end, { message = 'The "sourceAddress" argument must be of type string. Received undefined' })
    t:throws(function() socket[name](socket, "127.0.0.1", 5) end, { message = 'The "groupAddress" argument must be of type string. Received type number (5)' })
    t:throws(function() socket[name](socket, "x", "y") end, { code = "EINVAL", message = name .. " EINVAL" })
  end
  t:throws(function() socket:setMulticastInterface(5) end, { message = 'The "interfaceAddress" argument must be of type string. Received type number (5)' })
  t:throws(function() socket:setMulticastInterface "x" end, { code = "EINVAL", message = "setMulticastInterface EINVAL", syscall = "setMulticastInterface" })
  t:throws(function() socket:setMulticastInterface "" end, "EINVAL")
  t:throws(function() socket:setMulticastInterface "224.0.0.2" end, { syscall = "setMulticastInterface" })
  for _, flag in ipairs { true, false, 16, 0 } do t:equal(socket:setMulticastLoopback(flag), flag) end
  t:equal(socket:setMulticastLoopback(), nil)
  socket:close()
end)

local function multicast(kind, group, interface, skip, outer, skip_outer)
  test(kind .. ": members of a group get what is sent to it, others do not", { skip = skip }, function(t)
    local one = createSocket { type = kind, reuseAddr = true }
    await(Promise(function(resolve) one:bind(0, resolve) end))
    local port = one:address().port
    local two = createSocket { type = kind, reuseAddr = true }
    await(Promise(function(resolve) two:bind(port, resolve) end))
    local sender = createSocket(kind)
    await(Promise(function(resolve) sender:bind(0, resolve) end))
    t:equal(sender:setMulticastInterface(interface), nil)
    sender:setMulticastTTL(0)
    t:equal(one:addMembership(group, interface), nil)
    t:throws(function() one:addMembership(group, interface) end, { code = "EADDRINUSE", message = "addMembership EADDRINUSE", syscall = "addMembership" })
    two:addMembership(group, interface)
    local first, second = event(one, "message"), event(two, "message")
    sender:send("to all", port, group)
    t:equal(tostring(await(first)[1]), "to all")
    t:equal(tostring(await(second)[1]), "to all")
    t:equal(two:dropMembership(group, interface), nil)
    t:throws(function() two:dropMembership(group, interface) end, { code = "EADDRNOTAVAIL", message = "dropMembership EADDRNOTAVAIL", syscall = "dropMembership" })
    first = event(one, "message")
    sender:send("to one", port, group)
    t:equal(tostring(await(first)[1]), "to one")
    one:dropMembership(group, interface)
    sender:close()
    one:close()
    two:close()
  end)

  -- Not on the loopback interface, where everything sent arrives. Nothing leaves the machine with no hops to go.
  test(kind .. ": without loopback this machine gets nothing of its own", { skip = skip_outer }, function(t)
    local one = createSocket { type = kind, reuseAddr = true }
    await(Promise(function(resolve) one:bind(0, resolve) end))
    one:addMembership(group, outer)
    one:setMulticastInterface(outer)
    one:setMulticastTTL(0)
    local got = {}
    local seen = Promise(function(resolve) one:on("message", function(message)
      got[#got + 1] = tostring(message)
      if got[#got] == "end" then resolve() end
    end) end)
    local port = one:address().port
    one:setMulticastLoopback(false)
    await(Promise(function(resolve) one:send("unheard", port, group, resolve) end))
    one:setMulticastLoopback(true)
    one:send("heard", port, group)
    one:send("end", port, group)
    await(seen)
    t:deep(got, { "heard", "end" })
    one:close()
  end)
end
multicast("udp4", GROUP4, LO4, no4, OUT4, no_out4)
multicast("udp6", GROUP6, LO6, no6, OUT6, no_out6)

test("a source-specific member gets what comes from its source", { skip = LO4 ~= "127.0.0.1" and (no4 or "no multicast on loopback here") }, function(t)
  local group = "232.1.1.1"
  local member, port = bound({ type = "udp4", reuseAddr = true }, "0.0.0.0")
  t:equal(member:addSourceSpecificMembership("127.0.0.1", group, LO4), nil)
  local sender = bound("udp4", "127.0.0.1")
  sender:setMulticastInterface(LO4)
  local got = event(member, "message")
  sender:send("from the source", port, group)
  t:equal(tostring(await(got)[1]), "from the source")
  t:throws(function() member:dropSourceSpecificMembership("127.0.0.1", "232.1.1.9", LO4) end, { syscall = "dropSourceSpecificMembership", message = "dropSourceSpecificMembership EINVAL" })
  t:equal(member:dropSourceSpecificMembership("127.0.0.1", group, LO4), nil)
  -- Another source is not heard.
  member:addSourceSpecificMembership("127.0.0.9", group, LO4)
  member:on("message", function(message) t:equal(tostring(message), "direct") end)
  local direct = event(member, "message")
  sender:send("from a stranger", port, group)
  await(soon())
  sender:send("direct", port, "127.0.0.1")
  await(direct)
  sender:close()
  member:close()
end)
