-- SPDX-License-Identifier: MIT
--
-- net.Socket (Node 20 docs: Class: net.Socket): a Duplex over a handle of core.tcp or core.pipe. Connecting is in
-- lua/net/connect.lua; what a server and a listener in C do with a Socket is told in lua/net/server.lua.
--
-- _handle   the handle, nil before connecting and after destroy
-- _reading  whether readStart was called; _manual: reads are consumed by somebody else
-- _pending  the callback of the one write that the kernel did not take at once, _inflight its bytes
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local timers = require "lunode.internal.timers"
local validators = require "lunode.internal.validators"
local stream = require "lunode.stream"
require "lunode.buffer" -- gives the Buffers that C makes their methods

local Duplex = stream.Duplex
local rawget, rawset, type, error, setmetatable, getmetatable = rawget, rawset, type, error, setmetatable, getmetatable
local c_write, c_writev, c_read_start, c_read_stop = core.stream.write, core.stream.writev, core.stream.readStart, core.stream.readStop
local c_recycle, c_forward = core.stream.recycle, core.stream.forward
local c_bytes_read, c_bytes_written, c_queue_size = core.stream.bytesRead, core.stream.bytesWritten, core.stream.writeQueueSize
local errnoException = errors.errnoException
local nextTick, shared, getinfo = queue.nextTick, queue.shared, debug.getinfo
local callback, optional_callback, truthy = validators.callback, validators.optional_callback, validators.truthy
local duplex = Duplex.prototype
local readable_push, writable_write, socket_write, emit -- found below, to see whether they were overridden

local EOF = errors.uvCode "EOF"
local ENOTCONN = errors.uvCode "ENOTCONN"

local Socket = class("Socket", Duplex)

-- Every field that a Socket sets in its life, so that none is added later through the accessors.
rawset(Socket, "construct", function(self, ...)
  local socket = setmetatable({
    _handle = false, _reading = false, _manual = false, _pending = false, _inflight = 0, _server = false, _timer = false,
    _active = 0, _into = false, _piped = false, connecting = false, allowHalfOpen = false, _hadError = false, _events = false,
  }, self.meta)
  socket._handle, socket._events = nil, nil
  socket:initialize(...)
  return socket
end)

-- ---- idle time-out. One timer, not started again by every read and write: they note the time, the timer looks.

local now, setUnrefTimeout, clear = timers.now, timers.setUnrefTimeout, timers.clear
local watch

local function expired(self)
  if not self._timer then return end
  local left = self.timeout - (now() - self._active)
  if left >= 1 then
    self._timer = setUnrefTimeout(expired, left, self)
    return
  end
  self._timer = true -- not running; the next activity starts it
  self:_onTimeout()
end

local function touch(self)
  self._active = now()
  if self._timer == true then self._timer = setUnrefTimeout(expired, self.timeout, self) end
end

local function stop_timer(self)
  local timer = self._timer
  if timer and timer ~= true then clear(timer) end
  self._timer = false
end

function Socket:_unrefTimer()
  if self._timer then touch(self) end
end

-- A write under way counts as activity.
function Socket:_onTimeout()
  local handle = self._handle
  if handle and self._pending then
    local size = c_queue_size(handle)
    if size ~= self._lastQueueSize then
      rawset(self, "_lastQueueSize", size)
      return touch(self)
    end
  end
  self:emit "timeout"
end

-- 'timeout' after `ms` without a byte in either direction; 0 turns it off. The socket stays open.
function Socket:setTimeout(ms, cb)
  if self.destroyed then return self end
  if type(ms) ~= "number" then error(errors.ERR_INVALID_ARG_TYPE("msecs", "number", ms), 0) end
  if ms ~= ms or ms < 0 or ms == math.huge then error(errors.ERR_OUT_OF_RANGE("msecs", "a non-negative finite number", ms), 0) end
  if ms > 2147483647 then
    require("lunode.process").emitWarning(validators.number(ms) .. " does not fit into a 32-bit signed integer.\nTimer duration was truncated to 2147483647.", "TimeoutOverflowWarning")
    ms = 2147483647
  end
  if cb ~= nil then validators.validateFunction(cb, "callback") end
  self.timeout = ms
  stop_timer(self)
  if ms == 0 then
    if cb then self:removeListener("timeout", cb) end
  else
    self._timer = setUnrefTimeout(expired, ms, self)
    self._active = now()
    if cb then self:once("timeout", cb) end
  end
  return self
end

-- ---- reading

-- A method of the handle; programs put objects of their own in its place, with some of the methods.
local function ask(handle, c_function, name)
  if type(handle) == "userdata" then return c_function(handle) end
  local method = handle[name]
  return type(method) == "function" and method(handle) or 0
end

local function try_read_start(self)
  if self._manual then return end
  self._reading = true
  local err = ask(self._handle, c_read_start, "readStart")
  if err ~= 0 then self:destroy(errnoException(err, "read")) end
end

local function read_stop(self)
  self._reading = false
  local err = ask(self._handle, c_read_stop, "readStop")
  if err ~= 0 then self:destroy(errnoException(err, "read")) end
end

-- After the peer's end, with both halves tied, ours is ended too; a write that comes later is answered with EPIPE.
local function write_after_end(self, chunk, encoding, cb)
  if not self._readableState.endEmitted or not self._writableState.ending then return writable_write(self, chunk, encoding, cb) end
  if type(encoding) == "function" then encoding, cb = nil, encoding end
  cb = optional_callback(cb, "callback")
  local e = errors.Error "This socket has been ended by the other party"
  e.code = "EPIPE"
  if cb then nextTick(cb, e) end
  self:destroy(e)
  return false
end

-- The Socket's own listener, which programs count.
local function listen_to_end(self)
  self:on("end", function()
    if not self.allowHalfOpen and rawget(self, "write") == nil then rawset(self, "write", write_after_end) end
  end)
end

local function on_eof(self)
  self._reading = false
  local r = self._readableState
  if r.endEmitted then
    local w = self._writableState
    if w and (w.finished or w.writable == false) then self:destroy() end
  else
    validators.push_end(self)
    self:read(0)
  end
end

-- onread: {buffer, callback}. The bytes stay in the user's Buffer; false from the callback pauses.
local function read_into(self, nread)
  local into = self._into
  local go_on = into.callback(nread, into.buffer)
  if into.make and not self.destroyed then
    into.buffer = into.make()
    self._handle:useBuffer(into.buffer)
  end
  return go_on ~= false
end

-- A chunk went only through a pipe into another Socket, whose kernel took it at once, and nothing that it passed is
-- patched or listened to besides. Then nobody holds it: a large one's memory serves the next read, while it is in the
-- caches. And what comes next may go the same way in C (src/stream.h, "Forwarding"), until some other Lua code runs.
local taken = false -- the last chunk that _write got rid of
local RECYCLE_MIN = 17408 -- smaller ones were copied
local pipe_source -- where the listener of pipe() is written

local function only_piped(self, listener)
  if listener == self._piped then return true end
  pipe_source = pipe_source or getinfo(duplex.pipe, "S").source
  if type(listener) ~= "function" or getinfo(listener, "S").source ~= pipe_source then return false end
  self._piped = listener
  return true
end

-- -> true when no code but the library's has run
local function passed_on(self, r, buffer, nread)
  taken = false
  local dest = r.pipes[1]
  if r.pipes[2] or not only_piped(self, self._events.data) or getmetatable(dest) ~= Socket.meta or self.emit ~= emit
    or rawget(dest, "write") ~= nil or rawget(dest, "_write") ~= nil or dest.write ~= writable_write or dest._write ~= socket_write then return end
  if nread >= RECYCLE_MIN then c_recycle(buffer) end
  local w = dest._writableState
  if w.length > 0 or w.needDrain or w.ending or w.destroyed or w.errored or w.corked > 0 or w.pendingcb > 0
    or not r.flowing or r.ended or r.destroyed or r.readingMore or self._timer or dest._timer or shared.pending ~= 0 then return end
  c_forward(self._handle, dest._handle, w.highWaterMark)
  return true
end

-- Called by C.
local function on_read(self, nread, buffer)
  if self._timer then touch(self) end
  if nread > 0 then
    local r, events = self._readableState, self._events
    if r.destroyed then return end
    if self._into then
      if not read_into(self, nread) and not self.destroyed then read_stop(self) end
      return
    end
    -- Straight to the listeners when nothing stands between: no state changes, the handle goes on reading.
    if r.flowing and r.length == 0 and not r.sync and not r.decoder and not r.multiAwaitDrain and not r.ended
      and events and events.data ~= nil and self.push == readable_push then
      r.awaitDrainWriters = nil
      r.dataEmitted = true
      self:emit("data", buffer)
      if taken == buffer then return passed_on(self, r, buffer, nread) end
      return
    end
    if not self:push(buffer) and self._reading and not self.destroyed then read_stop(self) end
    return
  end
  if nread == EOF then return on_eof(self) end
  self._reading = false
  self:destroy(errnoException(nread, "read"))
end

function Socket:_read(n)
  if self.connecting or not self._handle then
    self:once("connect", function() self:_read(n) end)
  elseif not self._reading then
    try_read_start(self)
  end
end

-- ---- writing

local function take_pending(self)
  local cb = self._pending
  self._pending, self._inflight = false, 0
  return cb
end

-- Called by C.
local function on_write(self, status)
  if self._timer then touch(self) end
  local cb = take_pending(self)
  if not cb then return end
  if status ~= 0 and not self.destroyed then
    local e = errnoException(status, "write")
    self:destroy(e)
    cb(e)
  else
    cb()
  end
end

-- Text in these goes to C as it is.
local RAW = { utf8 = true, ["utf-8"] = true, buffer = true }
local function raw(chunk, encoding)
  if type(chunk) ~= "string" or encoding == nil or RAW[encoding] then return chunk end
  if validators.normalizeEncoding(encoding) == "utf8" then return chunk end
  return require("lunode.buffer").Buffer.from(chunk, encoding)
end

-- Runs `fn` when the socket has connected, or cb(err) when it closes first.
local function when_connected(self, fn, cb)
  local on_connect, on_close
  function on_close() cb(errors.ERR_SOCKET_CLOSED_BEFORE_CONNECTION()) end
  function on_connect()
    self:removeListener("close", on_close)
    fn()
  end
  self:once("connect", on_connect)
  self:once("close", on_close)
end

local function dispatched(self, status, size, cb)
  if status == 0 then return cb() end
  if status == 1 then
    self._pending, self._inflight = cb, size
    self._handle.onwrite = on_write
    return
  end
  cb(errnoException(status, "write"))
end

function Socket:_write(chunk, encoding, cb)
  local handle = self._handle
  if self.connecting then
    return when_connected(self, function() self:_write(chunk, encoding, cb) end, cb)
  end
  if type(handle) ~= "userdata" then return cb(errors.ERR_SOCKET_CLOSED()) end -- programs put null there, or objects of their own
  if self._timer then touch(self) end
  if type(chunk) == "string" then chunk = raw(chunk, encoding) end
  local status = c_write(handle, chunk)
  if status == 0 then
    taken = chunk
    return cb()
  end
  dispatched(self, status, #chunk, cb)
end

-- chunks: a sequence of {chunk, encoding}
function Socket:_writev(chunks, cb)
  local handle = self._handle
  if self.connecting then
    return when_connected(self, function() self:_writev(chunks, cb) end, cb)
  end
  if type(handle) ~= "userdata" then return cb(errors.ERR_SOCKET_CLOSED()) end -- programs put null there, or objects of their own
  if self._timer then touch(self) end
  local list, size = {}, 0
  for i = 1, #chunks do
    local entry = chunks[i]
    local chunk = raw(entry.chunk, entry.encoding)
    list[i] = chunk
    size = size + #chunk
  end
  dispatched(self, c_writev(handle, list), size, cb)
end

-- Called by C. As in Node its status is nobody's: the peer may be gone, and a terminal or pipe cannot be half closed.
local function on_shutdown(self)
  local cb = rawget(self, "_shutdown")
  if not cb then return end
  rawset(self, "_shutdown", nil)
  cb()
end

-- The writable side is over: FIN.
function Socket:_final(cb)
  if self.connecting then
    self:once("connect", function() self:_final(cb) end)
    return
  end
  local handle = self._handle
  if not handle then return cb() end
  rawset(self, "_shutdown", cb)
  handle.onshutdown = on_shutdown
  local err = handle:shutdown()
  if err == 0 then return end
  rawset(self, "_shutdown", nil)
  if err == ENOTCONN then return cb() end
  cb(errnoException(err, "shutdown"))
end

-- ---- making

-- A handle for a descriptor: a socket or a pipe. Raises ERR_INVALID_FD_TYPE.
local function handle_for(fd)
  validators.validateInt32(fd, "fd", 0)
  local kind = core.tty.guess(fd)
  local make = kind == "TCP" and core.tcp.new or kind == "PIPE" and core.pipe.new
  if not make then error(errors.ERR_INVALID_FD_TYPE(kind), 0) end
  local handle, err = make()
  if not handle then error(errnoException(err, "socket"), 0) end
  return handle
end
Socket.static._handle_for = handle_for

local function attach(self, handle)
  self._handle = handle
  handle.owner = self
  handle.onread = on_read
  if self._into then handle:useBuffer(self._into.buffer) end
end
Socket.static._attach = attach

-- options: handle or fd, allowHalfOpen, readable, writable, noDelay, keepAlive, keepAliveInitialDelay (ms), highWaterMark,
-- onread {buffer, callback(nread, buffer)}, signal; a number is {fd = number}. Of the library only: server, manualStart,
-- pauseOnCreate, lazyStart (no read before somebody asks).
function Socket:initialize(options)
  if options == nil or options == errors.null then
    options = {}
  elseif type(options) == "number" then
    options = { fd = options }
  end
  for _, name in ipairs { "objectMode", "readableObjectMode", "writableObjectMode" } do
    if options[name] then
      local e = errors.ERR_INVALID_ARG_VALUE("options." .. name, options[name], "is not supported")
      error(e, 0)
    end
  end
  local delay = options.keepAliveInitialDelay
  if delay ~= nil then
    validators.validateNumber(delay, "options.keepAliveInitialDelay")
    if delay < 0 then delay = 0 end
  end
  local handle, fd = options.handle, options.fd
  if fd ~= nil and handle == nil then
    handle = handle_for(fd)
    local err = handle:open(fd)
    if err ~= 0 then
      handle:close()
      error(errnoException(err, "open"), 0)
    end
  end
  duplex.initialize(self, {
    allowHalfOpen = options.allowHalfOpen == true, emitClose = false, autoDestroy = true, decodeStrings = false,
    readable = options.readable, writable = options.writable, highWaterMark = options.highWaterMark,
    readableHighWaterMark = options.readableHighWaterMark, writableHighWaterMark = options.writableHighWaterMark,
    signal = options.signal, captureRejections = options.captureRejections,
    read = options.read, write = options.write, writev = options.writev, final = options.final, destroy = options.destroy,
  })
  listen_to_end(self)
  if truthy(options.noDelay) then rawset(self, "_noDelay", true) end
  if truthy(options.keepAlive) then rawset(self, "_keepAlive", delay and (delay - delay % 1000) / 1000 or 0) end
  local onread = options.onread
  if type(onread) == "table" and onread ~= errors.null then
    local buffer = onread.buffer
    if (buffer ~= nil) and type(onread.callback) == "function" then
      local into = { callback = callback(onread.callback, "options.onread.callback"), buffer = buffer }
      if type(buffer) == "function" then
        into.make = callback(buffer, "options.onread.buffer")
        into.buffer = into.make()
      end
      self._into = into
    end
  end
  if options.server then self._server = options.server end
  if options.manualStart then self._manual = true end
  if handle then
    attach(self, handle)
    if options.pauseOnCreate then
      self._readableState.flowing = false
    elseif options.readable ~= false and not options.manualStart and not options.lazyStart then
      self:read(0)
    end
  end
end

-- Contract with listeners in C: see lua/net/server.lua.
function Socket:_takeReads(head)
  if not self._manual then return end
  self._manual = false
  local r = self._readableState
  if head ~= nil and #head > 0 then
    if type(head) == "string" then head = require("lunode.buffer").Buffer.from(head) end
    if not self:push(head) then return end
  end
  if self._handle and not self._reading and r.flowing ~= false then
    if r.reading then try_read_start(self) else self:read(0) end
  end
end

function Socket:_detach()
  local handle = self._handle
  if not handle then return nil end
  if self._reading then
    self._reading = false
    c_read_stop(handle)
  end
  rawset(self, "_bytesRead", c_bytes_read(handle))
  rawset(self, "_bytesWritten", c_bytes_written(handle))
  self._handle, self._server = nil, false
  handle.owner, handle.onread, handle.onwrite, handle.onshutdown = nil, nil, nil, nil
  self:destroy()
  return handle
end

-- ---- ending

local function nop() end -- for a close of the program's own, which calls back

local function emit_close(self, had_error) self:emit("close", had_error) end

-- Called by C, when the descriptor is closed.
local function on_close(self) self:emit("close", self._hadError) end

function Socket:_destroy(err, cb)
  self.connecting = false
  stop_timer(self)
  local attempts = rawget(self, "_attempts")
  if attempts then attempts.cancel() end
  local handle = self._handle
  local had_error = err ~= nil and err ~= errors.null
  if type(handle) == "userdata" then
    self._hadError = had_error
    rawset(self, "_bytesRead", c_bytes_read(handle))
    rawset(self, "_bytesWritten", c_bytes_written(handle))
    handle.onclose = on_close
    handle.onread = nil
    local conn = rawget(self, "_httpConn")
    if conn then core.http.closing(conn) end
    self._handle = nil
    self._reading = false
    if rawget(self, "_resetting") then
      local status = handle:reset()
      if status ~= 0 and not handle:isClosing() then handle:close(nop) end
    else
      handle:close(nop)
    end
    cb(err)
  else
    self._handle = nil
    if type(handle) == "table" and type(handle.close) == "function" then handle:close(nop) end
    cb(err)
    nextTick(emit_close, self, had_error)
  end
  local server = self._server
  if server then
    self._server = false
    server:_release()
  end
end

function Socket:destroySoon()
  if self.writable then self:finish() end
  if self.writableFinished then self:destroy() else self:once("finish", function() self:destroy() end) end
end

-- Closes with RST (Node 20 docs: socket.resetAndDestroy()). TCP only: ERR_INVALID_HANDLE_TYPE.
function Socket:resetAndDestroy()
  local handle = self._handle
  if not handle then
    self:destroy(errors.ERR_SOCKET_CLOSED())
    return self
  end
  if not handle.reset then error(errors.ERR_INVALID_HANDLE_TYPE(), 0) end
  if self.connecting then
    self:once("connect", function() self:_reset() end)
  else
    self:_reset()
  end
  return self
end

function Socket:_reset()
  rawset(self, "_resetting", true)
  return self:destroy()
end

-- ---- flow and options

-- With onread the user's callback is not behind a buffer: reading itself stops and starts.
function Socket:pause()
  if self._into and not self.connecting and self._handle and self._reading then read_stop(self) end
  return duplex.pause(self)
end

function Socket:resume()
  if self._into and not self.connecting and self._handle and not self._reading then try_read_start(self) end
  return duplex.resume(self)
end

function Socket:read(n)
  if self._into and not self.connecting and self._handle and not self._reading then try_read_start(self) end
  return duplex.read(self, n)
end

local function callable(f) return type(f) == "function" end

-- Nagle's algorithm off (default) or on again.
function Socket:setNoDelay(enable)
  enable = enable == nil or truthy(enable)
  local handle = self._handle
  if not handle or self.connecting then
    rawset(self, "_noDelay", enable or nil)
  elseif callable(handle.setNoDelay) and enable ~= (rawget(self, "_noDelay") or false) then
    rawset(self, "_noDelay", enable or nil)
    handle:setNoDelay(enable)
  end
  return self
end

-- initialDelay in ms; 0 leaves the system's.
function Socket:setKeepAlive(enable, initial_delay)
  local seconds = type(initial_delay) == "number" and initial_delay > 0 and (initial_delay - initial_delay % 1000) / 1000 or 0
  enable = truthy(enable)
  local handle, before = self._handle, rawget(self, "_keepAlive")
  if not handle or self.connecting then
    rawset(self, "_keepAlive", enable and seconds or nil)
  elseif callable(handle.setKeepAlive) and (enable ~= (before ~= nil) or enable and before ~= seconds) then
    rawset(self, "_keepAlive", enable and seconds or nil)
    handle:setKeepAlive(enable, seconds)
  end
  return self
end

local function ref_later(self, name)
  self:once("connect", function() self[name](self) end)
  return self
end

function Socket:ref()
  if not self._handle then return ref_later(self, "ref") end
  self._handle:ref()
  return self
end

function Socket:unref()
  if not self._handle then return ref_later(self, "unref") end
  self._handle:unref()
  return self
end

-- ---- what it is connected to

local EMPTY = {}

local function lookup_name(self, which, cached)
  local handle = self._handle
  local known = rawget(self, cached)
  if known then return known end
  if not handle or self.connecting or not handle.reset then return EMPTY end
  local address, port, family = handle[which](handle)
  if not address then return EMPTY end
  known = { address = address, port = port, family = family }
  rawset(self, cached, known)
  return known
end

-- {address, family, port} of this end; {} for what has none.
function Socket:address()
  local name = lookup_name(self, "getsockname", "_sockname")
  return { address = name.address, family = name.family, port = name.port }
end
function Socket:_getpeername() return lookup_name(self, "getpeername", "_peername") end
function Socket:_getsockname() return lookup_name(self, "getsockname", "_sockname") end

Socket:accessor("remoteAddress", function(self) return lookup_name(self, "getpeername", "_peername").address end)
Socket:accessor("remotePort", function(self) return lookup_name(self, "getpeername", "_peername").port end)
Socket:accessor("remoteFamily", function(self) return lookup_name(self, "getpeername", "_peername").family end)
Socket:accessor("localAddress", function(self) return lookup_name(self, "getsockname", "_sockname").address end)
Socket:accessor("localPort", function(self) return lookup_name(self, "getsockname", "_sockname").port end)
Socket:accessor("localFamily", function(self) return lookup_name(self, "getsockname", "_sockname").family end)

Socket:accessor("pending", function(self) return not self._handle or self.connecting end)
Socket:accessor("_connecting", function(self) return self.connecting end)

Socket:accessor("readyState", function(self)
  if self.connecting then return "opening" end
  local r, w = self.readable, self.writable
  if r and w then return "open" elseif r then return "readOnly" elseif w then return "writeOnly" end
  return "closed"
end)

-- Bytes waiting to be written; nil without a handle.
Socket:accessor("bufferSize", function(self)
  if self._handle then return self.writableLength end
end)

Socket:accessor("bytesRead", function(self)
  return type(self._handle) == "userdata" and c_bytes_read(self._handle) or rawget(self, "_bytesRead") or 0
end)
Socket:accessor("_bytesDispatched", function(self)
  return type(self._handle) == "userdata" and c_bytes_written(self._handle) or rawget(self, "_bytesWritten") or 0
end)

-- Handed to the kernel, or still waiting here.
Socket:accessor("bytesWritten", function(self)
  local w = self._writableState
  if not w then return nil end -- the prototype
  local waiting = w and w.length - self._inflight or 0
  local conn = rawget(self, "_httpConn")
  if conn then waiting = waiting + core.http.unsent(conn) end
  return self._bytesDispatched + (waiting > 0 and waiting or 0)
end)

-- socket:connect(options, cb), (port, host, cb), (path, cb)
function Socket:connect(...) return require("lunode.net.connect").connect(self, ...) end

Socket.static._touch = function(self) if self._timer then touch(self) end end

readable_push, emit = Socket.prototype.push, Socket.prototype.emit
writable_write, socket_write = Socket.prototype.write, Socket.prototype._write

return Socket
