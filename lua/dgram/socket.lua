-- SPDX-License-Identifier: MIT
--
-- dgram.Socket (Node 20 docs: Class: dgram.Socket): its life from createSocket to 'close'. What sends is in dgram/send.lua,
-- the socket's options in dgram/options.lua.
--
-- What others build on:
--
--   socket:_bindHandle(plan)  is the one way to a bound handle. plan: addressType ("udp4", "udp6"), address (numeric), port,
--       flags (core.udp.REUSEADDR, IPV6ONLY), fd (in place of address and port), exclusive, handle (bound already: it
--       replaces the socket's own).
--       It binds the socket's own handle, unless `share` of dgram/handle.lua is set: in a cluster worker that gets (socket,
--       plan, start) and, unless plan.exclusive, asks the primary for a handle, sets plan.handle, and calls
--       start(socket, plan), at once or later. start closes plan.handle when the socket was closed meanwhile.
--   socket:_bindFailed(plan, code)  is what it calls in place of start when there is none: the socket is unbound again and
--       emits 'error'.
--   require "lunode.dgram"._makeHandle(plan) -> a bound handle (or nil and libuv's code), as the primary makes it.
--   Socket(type):bind(handle, cb)  takes a handle that came from elsewhere; it is listening when bind returns.
--   socket:_detach() -> handle  the reverse: the socket is closed but its handle lives, without owner and callbacks. What
--       was pending is still sent, but its callbacks get ECANCELED.
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local taps = require "lunode.internal.taps"
local validators = require "lunode.internal.validators"
local EventEmitter = require "lunode.events"
local handles = require "lunode.dgram.handle"
local ip = require "lunode.net.ip"
require "lunode.buffer" -- gives Buffers their methods

local udp = core.udp
local rawget, rawset, type, error, pcall = rawget, rawset, type, error, pcall
local nextTick, dict = queue.nextTick, shape.dict

local Socket = class("Socket", EventEmitter)

-- _bound and _connected
local NO, UNDER_WAY, YES = 0, 1, 2

-- ---- called by C

local function on_message(self, nread, buffer, address, port, family)
  if nread < 0 then return self:emit("error", errors.errnoException(nread, "recvmsg")) end
  self:emit("message", buffer, dict { address = address, family = family, port = port, size = nread })
end

local ECANCELED = errors.uvCode "ECANCELED"

local function on_send(self, status)
  local pending = self._pending
  local first = pending.first
  local entry = pending[first]
  pending[first] = nil
  pending.first = first + 1
  if not entry then return end
  queue.context = entry.context
  if status < 0 then return entry.cb(errors.uvAddress(status, "send", entry.address, entry.port)) end
  entry.cb(nil, entry.bytes)
end

-- ---- making

local function own(self, handle)
  handle.owner = self
  handle.onmessage = on_message
  handle.onsend = on_send
  rawset(self, "_handle", handle)
end

local function number_option(options, name)
  local value = options[name]
  if value == nil or value == errors.null then return nil end
  validators.validateNumber(value, "options." .. name)
  return value
end

local function close_on_abort(self, signal)
  local function aborted()
    if rawget(self, "_handle") then self:close() end
  end
  if signal.aborted then return aborted() end
  signal:addEventListener("abort", aborted)
  self:once("close", function() signal:removeEventListener("abort", aborted) end)
end

-- options: "udp4" or "udp6", or {type, reuseAddr, ipv6Only, recvBufferSize, sendBufferSize (bytes), lookup(hostname, family,
-- callback(err, address)), signal}. listener: for 'message'.
function Socket:initialize(options, listener)
  local kind, lookup, receive, send, signal = options, nil, nil, nil, nil
  if type(options) == "table" and options ~= errors.null then
    kind, lookup, signal = options.type, options.lookup, options.signal
    if lookup == errors.null and not validators.door.adapt then lookup = nil end -- JavaScript's null is no function
    if signal == errors.null then signal = nil end
    if kind == "udp4" or kind == "udp6" then
      if lookup ~= nil then lookup = validators.callback(lookup, "lookup") end
      receive, send = number_option(options, "recvBufferSize"), number_option(options, "sendBufferSize")
      validators.validateAbortSignal(signal, "options.signal")
    end
  else
    options = {}
  end
  if kind ~= "udp4" and kind ~= "udp6" then error(errors.ERR_SOCKET_BAD_TYPE(), 0) end
  local handle, code = udp.new()
  if not handle then error(errors.errnoException(code, "socket"), 0) end
  EventEmitter.prototype.initialize(self, options)
  local six = kind == "udp6"
  rawset(self, "type", kind)
  rawset(self, "_six", six)
  rawset(self, "_send", six and udp.send6 or udp.send)
  rawset(self, "_lookup", lookup or false)
  rawset(self, "_reuseAddr", options.reuseAddr and true or false)
  rawset(self, "_ipv6Only", options.ipv6Only and true or false)
  rawset(self, "_receiveSize", receive or false)
  rawset(self, "_sendSize", send or false)
  rawset(self, "_bound", NO)
  rawset(self, "_connected", NO)
  rawset(self, "_waiting", false)                  -- what was asked for while binding: a list of {fn, …}
  rawset(self, "_pending", { first = 1, last = 0 }) -- callbacks of datagrams that wait in the kernel's stead
  own(self, handle)
  if type(listener) == "function" then self:on("message", listener) end
  if signal ~= nil then close_on_abort(self, signal) end
  local tap = taps["udp.socket"]
  if tap then tap:publish { socket = self } end
end

local function check_running(self)
  local handle = rawget(self, "_handle")
  if not handle then error(errors.ERR_SOCKET_DGRAM_NOT_RUNNING(), 0) end
  return handle
end
Socket._checkRunning = check_running

-- done(err, address): names by options.lookup or dns.lookup. A numeric address needs neither, but a `lookup` that was given sees
-- it too. Never before this has returned, unless that `lookup` is so.
local function resolve(self, address, default, done)
  if address == nil or address == "" then address = default end
  local family = self._six and 6 or 4
  local dns, lookup = package.loaded["lunode.dns"], self._lookup
  if not lookup and dns and dns.lookup ~= dns._own_lookup then lookup = dns.lookup end -- somebody's own in its place
  if lookup then
    return lookup(address, family, function(err, found)
      if err == errors.null then err = nil end
      done(err, found)
    end)
  end
  if ip.isIP(address) ~= 0 then return nextTick(done, nil, address) end
  require("lunode.dns").lookup(address, family, done)
end

-- ---- what waits for the socket to be bound

local function run_waiting(self)
  local waiting = self._waiting
  if not waiting then return end
  rawset(self, "_waiting", false)
  local context = queue.context
  for i = 1, #waiting do
    local w = waiting[i]
    queue.context = w.context
    w.fn(self, nil, w.a, w.b, w.c, w.d, w.e, w.f)
  end
  queue.context = context
end

-- fn(self, err, a, …) when the socket is bound; with err when it could not be.
local function wait(self, fn, a, b, c, d, e, f)
  local waiting = self._waiting
  if not waiting then
    waiting = {}
    rawset(self, "_waiting", waiting)
    rawset(self, "_onListening", function() run_waiting(self) end)
    self:once("listening", self._onListening) -- in its turn among the listeners
  end
  waiting[#waiting + 1] = { fn = fn, a = a, b = b, c = c, d = d, e = e, f = f, context = queue.context }
end
Socket._wait = wait

local function give_up_waiting(self, err)
  local waiting = self._waiting
  if not waiting then return end
  rawset(self, "_waiting", false)
  self:removeListener("listening", self._onListening)
  local context = queue.context
  for i = 1, #waiting do
    local w = waiting[i]
    queue.context = w.context
    w.fn(self, err, w.a, w.b, w.c, w.d, w.e, w.f)
  end
  queue.context = context
end

-- ---- binding

local function fail_bind(self, err)
  if not rawget(self, "_handle") then return end
  rawset(self, "_bound", NO)
  give_up_waiting(self, err)
  self:emit("error", err)
end

function Socket:_bindFailed(plan, code)
  local port = plan.port
  fail_bind(self, errors.uvAddress(code, "bind", plan.address, port ~= 0 and port or nil))
end

-- The handle is bound.
local function listen(self)
  local handle = self._handle
  local code = handle:recvStart()
  if code ~= 0 then return fail_bind(self, errors.errnoException(code, "recvmsg")) end
  rawset(self, "_bound", YES)
  if handle:getpeername() then rawset(self, "_connected", YES) end
  local ok, err = pcall(function()
    if self._receiveSize then self:setRecvBufferSize(self._receiveSize) end
    if self._sendSize then self:setSendBufferSize(self._sendSize) end
  end)
  if not ok then
    give_up_waiting(self, err)
    return self:emit("error", err)
  end
  self:emit "listening"
end

local function replace(self, handle)
  local before = self._handle
  if before == handle then return end
  if rawget(self, "_unref") then handle:unref() else handle:ref() end
  before.owner, before.onmessage, before.onsend = nil, nil, nil
  before:close()
  own(self, handle)
end

-- addMembership binds what is not bound.
local function has_port(handle)
  local address, port = handle:getsockname()
  return address ~= nil and port ~= 0
end

local function start(self, plan)
  local handle = rawget(self, "_handle")
  if not handle then
    if plan.handle then plan.handle:close() end
    return
  end
  if plan.handle then
    replace(self, plan.handle)
  elseif not (plan.implicit and has_port(handle)) then
    local code = handles.bind(handle, plan)
    if code ~= 0 then
      if plan.fd then return fail_bind(self, errors.errnoException(code, "open")) end
      return self:_bindFailed(plan, code)
    end
  end
  listen(self)
end

function Socket:_bindHandle(plan)
  local share = handles.share
  if share and not plan.handle then return share(self, plan, start) end
  return start(self, plan)
end

local function bind_to(self, err, plan, address)
  if not rawget(self, "_handle") then return end -- closed meanwhile
  if err then return fail_bind(self, err) end
  plan.address = address
  self:_bindHandle(plan)
end

local function new_plan(self, port)
  return {
    addressType = self.type, port = port,
    flags = (self._reuseAddr and udp.REUSEADDR or 0) + (self._six and self._ipv6Only and udp.IPV6ONLY or 0),
  }
end

local function begin(self, address, plan)
  rawset(self, "_bound", UNDER_WAY)
  return resolve(self, address, self._six and "::" or "0.0.0.0", function(err, found) bind_to(self, err, plan, found) end)
end

-- Before the first datagram is sent: any port, which no other worker shares.
function Socket:_bindImplicitly()
  local plan = new_plan(self, 0)
  plan.exclusive, plan.implicit = true, true
  begin(self, nil, plan)
end

-- As a 'listening' listener; with it an error of this bind has been seen to.
local function tell_bound(self, cb)
  local heard, forget
  function forget()
    self:removeListener("error", forget)
    self:removeListener("listening", heard)
    self:removeListener("listening", cb)
  end
  function heard() self:removeListener("error", forget) end
  self:on("error", forget)
  self:once("listening", heard)
  self:once("listening", cb)
end

-- bind(port, address, cb), (options, cb); what comes last may be left out. options: port, address, exclusive, fd.
-- Raises ERR_SOCKET_ALREADY_BOUND, ERR_SOCKET_BAD_PORT, ERR_INVALID_FD_TYPE; other failures are 'error' events.
function Socket:bind(port, address, cb)
  check_running(self)
  if self._bound ~= NO then error(errors.ERR_SOCKET_ALREADY_BOUND(), 0) end
  if type(port) == "function" then port, cb = nil, port
  elseif type(address) == "function" then address, cb = nil, address end
  local null, fd, exclusive = errors.null, nil, false
  local handle = handles.is(port) and port or nil
  if not handle then
    if type(port) == "table" and port ~= null then
      port, address, fd, exclusive = port.port, port.address, port.fd, port.exclusive and port.exclusive ~= null and true or false
      fd = type(fd) == "number" and fd > 0 and fd % 1 == 0 and fd <= 2147483647 and fd or nil
    end
    if port == null then port = nil end
    if address == null then address = nil end
    port = (fd or port == nil) and 0 or validators.validatePort(port, "Port")
    if address ~= nil then validators.validateString(address, "hostname") end
    if fd and not handles.share then
      local kind = core.tty.guess(fd)
      if kind ~= "UDP" then error(errors.ERR_INVALID_FD_TYPE(kind), 0) end
    end
  end
  if type(cb) == "function" then tell_bound(self, cb) end
  if not handle and not fd then
    local plan = new_plan(self, port)
    plan.exclusive = exclusive
    begin(self, address, plan)
    return self
  end
  rawset(self, "_bound", UNDER_WAY)
  local plan = new_plan(self, not fd and port or nil)
  plan.handle, plan.fd, plan.exclusive, plan.port = handle, fd, exclusive, nil
  self:_bindHandle(plan)
  return self
end

-- {address, family, port}
function Socket:address()
  local address, port, family = check_running(self):getsockname()
  if not address then error(errors.errnoException(port, "getsockname"), 0) end
  return dict { address = address, family = family, port = port }
end

-- ---- connecting

local function emit_connect(self)
  if rawget(self, "_handle") then self:emit "connect" end
end

local function connect_failed(self, err, cb)
  if cb then
    self:removeListener("connect", cb)
    return cb(err)
  end
  if rawget(self, "_handle") then self:emit("error", err) end
end

local function fail_connect(self, err, cb)
  rawset(self, "_connected", NO)
  nextTick(connect_failed, self, err, cb)
end

local function connect_to(self, err, address, port, cb)
  local handle = rawget(self, "_handle")
  if not handle then return end
  if err then return fail_connect(self, err, cb) end
  local code = (self._six and udp.connect6 or udp.connect)(handle, address, port)
  if code ~= 0 then return fail_connect(self, errors.uvAddress(code, "connect", address, port), cb) end
  rawset(self, "_connected", YES)
  nextTick(emit_connect, self)
end

local function begin_connect(self, err, port, address, cb)
  if err then return fail_connect(self, err, cb) end
  if not rawget(self, "_handle") then return end
  if cb then self:once("connect", cb) end
  resolve(self, address, self._six and "::1" or "127.0.0.1", function(failure, found) connect_to(self, failure, found, port, cb) end)
end

-- connect(port, address, cb), (port, cb): datagrams go there and come from there only. cb(err), once; without it failures are
-- 'error' events. Raises ERR_SOCKET_BAD_PORT, ERR_SOCKET_DGRAM_IS_CONNECTED.
function Socket:connect(port, address, cb)
  port = validators.validatePort(port, "Port", false)
  if type(address) == "function" then address, cb = nil, address end
  if address == errors.null then address = nil end
  if address ~= nil then validators.validateString(address, "address") end
  check_running(self)
  if self._connected ~= NO then error(errors.ERR_SOCKET_DGRAM_IS_CONNECTED(), 0) end
  if type(cb) == "function" then cb = validators.callback(cb, "callback") else cb = nil end
  rawset(self, "_connected", UNDER_WAY)
  if self._bound == NO then self:_bindImplicitly() end
  if self._bound ~= YES then return wait(self, begin_connect, port, address, cb) end
  begin_connect(self, nil, port, address, cb)
end

-- Raises ERR_SOCKET_DGRAM_NOT_CONNECTED.
function Socket:disconnect()
  if self._connected ~= YES then error(errors.ERR_SOCKET_DGRAM_NOT_CONNECTED(), 0) end
  local code = check_running(self):disconnect()
  if code ~= 0 then error(errors.errnoException(code, "connect"), 0) end
  rawset(self, "_connected", NO)
end

-- {address, family, port}
function Socket:remoteAddress()
  local handle = check_running(self)
  if self._connected ~= YES then error(errors.ERR_SOCKET_DGRAM_NOT_CONNECTED(), 0) end
  local address, port, family = handle:getpeername()
  if not address then error(errors.errnoException(port, "getpeername"), 0) end
  return dict { address = address, family = family, port = port }
end

-- ---- ending

local function emit_close(self) self:emit "close" end

local function over(self)
  rawset(self, "_handle", nil)
  rawset(self, "_bound", NO)
  rawset(self, "_connected", NO)
  nextTick(emit_close, self)
end

local function close_later(self)
  if rawget(self, "_handle") then self:close() end
end

-- cb: a listener of 'close'. What waits for the socket to be bound is sent first.
function Socket:close(cb)
  if type(cb) == "function" then self:on("close", cb) end
  if self._waiting then
    wait(self, close_later)
    return self
  end
  check_running(self):close()
  over(self)
  return self
end

function Socket:_detach()
  local handle = rawget(self, "_handle")
  if not handle then return nil end
  handle:recvStop()
  handle.owner, handle.onmessage, handle.onsend = nil, nil, nil
  give_up_waiting(self, errors.ERR_SOCKET_DGRAM_NOT_RUNNING())
  local pending = self._pending
  for i = pending.first, pending.last do
    local entry = pending[i]
    if entry then nextTick(entry.cb, errors.uvAddress(ECANCELED, "send", entry.address, entry.port)) end
  end
  rawset(self, "_pending", { first = 1, last = 0 })
  over(self)
  return handle
end

function Socket:ref()
  rawset(self, "_unref", nil)
  local handle = rawget(self, "_handle")
  if handle then handle:ref() end
  return self
end

function Socket:unref()
  rawset(self, "_unref", true)
  local handle = rawget(self, "_handle")
  if handle then handle:unref() end
  return self
end

require "lunode.dgram.send"(Socket)
require "lunode.dgram.options"(Socket)

-- ---- signatures, for the reference (docs/api/README.md)
-- dropMembership(address: string, interface?: string)
-- dropSourceSpecificMembership(source: string, group: string, interface?: string)
-- getSendBufferSize, getRecvBufferSize() -> integer: bytes
-- setSendBufferSize, setRecvBufferSize(size: integer)
-- getSendQueueCount, getSendQueueSize() -> integer: of what the kernel has not taken yet: datagrams, bytes
-- ref, unref() -> dgram.Socket: whether it keeps the loop running

return Socket
