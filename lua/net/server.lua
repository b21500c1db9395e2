-- SPDX-License-Identifier: MIT
--
-- net.Server (Node 20 docs: Class: net.Server).
--
-- What a subclass builds on (http.Server does):
--
--   self:_onconnection(handle)  is called with every accepted raw handle (core.tcp or core.pipe; src/stream.h). It owns the
--       handle. Nothing reads it yet, and it has neither owner nor callbacks. The default makes a Socket and emits 'connection'.
--   self:_admit(handle) -> boolean  comes first in every override: when there is room (maxConnections) it counts the
--       connection (`self._connections`), applies noDelay and keepAlive, and returns true; otherwise it closes the handle,
--       emits 'drop', and returns false.
--   self:_release()  gives one counted connection back, exactly once for each that was admitted, when its handle is
--       closed. It emits the server's 'close' when that was the last one of a server that no longer listens.
--   Socket { handle = handle, server = self, … }  takes that duty over: from then on the Socket releases (in its
--       _destroy), and who made it must not. Without `server` the duty stays where it was.
--   Socket { handle = handle, manualStart = true }  never calls readStart by itself, so a listener in C may go on
--       consuming what arrives, until socket:_takeReads() is called (the listener must be off by then). The Socket sets
--       handle.owner, onread, onwrite and onshutdown: a C listener keeps its own references and touches none of them.
--       Writing through such a Socket and by stream_write may be mixed: both go through the handle's one queue.
--       _takeReads(head) first pushes the bytes (string or Buffer) that the listener had read too far.
--   socket:_detach() -> handle  the reverse: the Socket lets go of its handle without closing it and is destroyed without 'error'.
--   self:_emitCloseIfDrained()  is what close() ends with; call it when a subclass holds it up.
--   Options that Server:initialize takes are read from `self` afterwards: allowHalfOpen, pauseOnConnect, noDelay,
--       keepAlive, keepAliveInitialDelay (as a property in s, as Node has it), highWaterMark.
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local taps = require "lunode.internal.taps"
local validators = require "lunode.internal.validators"
local EventEmitter = require "lunode.events"
local normalize = require "lunode.net.normalize"

local rawget, rawset, type, error, select = rawget, rawset, type, error, select
local nextTick = queue.nextTick
local callback, truthy = validators.callback, validators.truthy

local Server = class("Server", EventEmitter)

-- options: allowHalfOpen, pauseOnConnect, noDelay, keepAlive, keepAliveInitialDelay (ms), highWaterMark, captureRejections
function Server:initialize(options, listener)
  if type(options) == "function" then
    listener, options = options, nil
  elseif options == errors.null then
    options = nil
  elseif options ~= nil and type(options) ~= "table" then
    error(errors.ERR_INVALID_ARG_TYPE("options", "Object", options), 0)
  end
  options = options or {}
  local delay = options.keepAliveInitialDelay
  if delay ~= nil then
    validators.validateNumber(delay, "options.keepAliveInitialDelay")
    if delay < 0 then delay = 0 end
  end
  local mark = options.highWaterMark
  if mark ~= nil then
    validators.validateNumber(mark, "options.highWaterMark")
    if mark < 0 then mark = nil end
  end
  EventEmitter.prototype.initialize(self, options)
  rawset(self, "_connections", 0)
  rawset(self, "allowHalfOpen", options.allowHalfOpen and true or false)
  rawset(self, "pauseOnConnect", options.pauseOnConnect and true or false)
  rawset(self, "noDelay", truthy(options.noDelay))
  rawset(self, "keepAlive", truthy(options.keepAlive))
  rawset(self, "keepAliveInitialDelay", delay and (delay - delay % 1000) / 1000 or 0)
  rawset(self, "highWaterMark", mark or require("lunode.stream.state").getDefaultHighWaterMark(false))
  if type(listener) == "function" then self:on("connection", listener) end
end

-- ---- accepting

local function emit_drop(self, handle)
  if not handle.reset then
    handle:close()
    return self:emit "drop"
  end
  local data = {}
  data.localAddress, data.localPort, data.localFamily = handle:getsockname()
  if not data.localAddress then data.localPort, data.localFamily = nil, nil end
  data.remoteAddress, data.remotePort, data.remoteFamily = handle:getpeername()
  if not data.remoteAddress then data.remotePort, data.remoteFamily = nil, nil end
  handle:close()
  self:emit("drop", data)
end

function Server:_admit(handle)
  local max = self.maxConnections
  if max ~= nil and max ~= errors.null and self._connections >= max then
    emit_drop(self, handle)
    return false
  end
  self._connections = self._connections + 1
  if self.noDelay and handle.setNoDelay then handle:setNoDelay(true) end
  if self.keepAlive and handle.setKeepAlive then handle:setKeepAlive(true, self.keepAliveInitialDelay) end
  return true
end

function Server:_release()
  self._connections = self._connections - 1
  self:_emitCloseIfDrained()
end

local Socket
function Server:_onconnection(handle)
  if not self:_admit(handle) then return end
  Socket = Socket or require "lunode.net.socket"
  local socket = Socket {
    handle = handle, server = self, allowHalfOpen = self.allowHalfOpen, pauseOnCreate = self.pauseOnConnect, highWaterMark = self.highWaterMark,
  }
  rawset(socket, "server", self)
  if self.noDelay then rawset(socket, "_noDelay", true) end
  if self.keepAlive then rawset(socket, "_keepAlive", self.keepAliveInitialDelay) end
  self:emit("connection", socket)
  local tap = taps["net.server.socket"]
  if tap then tap:publish { socket = socket } end
end

-- Too few descriptors or too little memory for the moment: the server lives on, as its other connections do.
local PASSING = {}
for _, name in ipairs { "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM" } do PASSING[errors.uvCode(name)] = true end

-- Called by C. Programs put a function of their own in its place, and call this one with the handle.
local function on_connection(self, status, handle)
  if type(self) == "userdata" then self = self.owner end
  if status ~= 0 then
    if PASSING[status] and self:listenerCount "error" == 0 then return end
    return self:emit("error", errors.errnoException(status, "accept"))
  end
  self:_onconnection(handle)
end

-- ---- listening

local function emit_error(self, err)
  local tap = taps["tracing:net.server.listen:error"]
  if tap then tap:publish { server = self, error = err } end
  self:emit("error", err)
end
local function emit_listening(self)
  local tap = taps["tracing:net.server.listen:asyncEnd"]
  if tap then tap:publish { server = self } end
  if self._handle then self:emit "listening" end
end

-- -> handle, or nil and libuv's code. address: numeric, a path (port nil), or nil with fd.
local function make_handle(address, port, fd, ipv6_only)
  local handle, err
  if fd then
    local kind = core.tty.guess(fd)
    local make = kind == "TCP" and core.tcp.new or kind == "PIPE" and core.pipe.new
    if not make then return nil, errors.uvCode "EINVAL" end
    handle, err = make()
    if not handle then return nil, err end
    err = handle:open(fd)
  elseif not port then
    handle, err = core.pipe.new()
    if not handle then return nil, err end
    err = handle:bind(address)
  else
    handle, err = core.tcp.new()
    if not handle then return nil, err end
    err = handle:bind(address, port, ipv6_only)
  end
  if err == 0 then return handle end
  handle:close()
  return nil, err
end

-- -> 0 or libuv's code
local function chmod_handle(handle, options)
  local mode = (options.readableAll and "r" or "") .. (options.writableAll and "w" or "")
  return mode == "" and 0 or handle:chmod(mode)
end

-- A bound handle that cluster's primary sends to its workers. -> handle, or nil and libuv's code
Server.static._makeHandle = function(query)
  local port = query.port ~= nil and query.port >= 0 and query.port or nil
  local fd = query.fd ~= nil and query.fd >= 0 and query.fd or nil
  local handle, err
  if port and not query.address then
    handle = make_handle("::", port, nil, query.ipv6Only)
    if not handle then handle, err = make_handle("0.0.0.0", port) end
  else
    handle, err = make_handle(query.address, port, fd, query.ipv6Only)
  end
  if handle and port and not fd then -- libuv keeps an address that is in use to itself until asked
    local address, code = handle:getsockname()
    if not address then
      handle:close()
      return nil, code
    end
  end
  if not handle or fd or port then return handle, err end
  err = chmod_handle(handle, query)
  if err == 0 then return handle end
  handle:close()
  return nil, err
end

local function start(self, options)
  local address, port = options.address, options.port
  local handle, err = options.handle, nil
  if not handle then
    if not address and not options.fd then -- any address: by IPv6, which takes IPv4 too, where there is IPv6
      handle, err = make_handle("::", port, nil, options.ipv6Only)
      address = "::"
      if not handle then address = "0.0.0.0" end
    end
    if not handle then handle, err = make_handle(address, port, options.fd, options.ipv6Only) end
    if not handle then return nextTick(emit_error, self, errors.uvHostPort(err, "listen", address, port)) end
  end
  rawset(self, "_handle", handle)
  rawset(self, "_connectionKey", (not address and -1 or not port and -1 or address:find(":", 1, true) and 6 or 4) .. ":" .. (address or "null") .. ":" .. (port or -1))
  handle.owner = self
  handle.onconnection = on_connection
  local backlog = options.backlog
  err = handle:listen(backlog and backlog > 0 and backlog or 511)
  if err ~= 0 then
    handle:close()
    self._handle = nil
    return nextTick(emit_error, self, errors.uvHostPort(err, "listen", address, port))
  end
  if rawget(self, "_unref") then handle:unref() end
  nextTick(emit_listening, self)
end

-- In a cluster worker: share(server, options, start) asks the primary for options.handle, unless options.exclusive, and starts.
local share
Server.static._shareBy = function(fn) share = fn end

-- options: address, port, fd, backlog, ipv6Only, handle, exclusive, readableAll, writableAll
function Server:_listen(options)
  local tap = taps["tracing:net.server.listen:asyncStart"]
  if tap then tap:publish { server = self, options = options } end
  if share and not options.handle then return share(self, options, start) end
  return start(self, options)
end

local function start_by_name(self, host, options)
  local turn = {}
  rawset(self, "_lookup", turn)
  require("lunode.dns").lookup(host, function(err, address)
    if rawget(self, "_lookup") ~= turn then return end -- closed meanwhile
    rawset(self, "_lookup", nil)
    if err then return self:emit("error", err) end
    options.address = address
    self:_listen(options)
  end)
end

local function close_on_abort(self, signal)
  if signal == nil then return end
  validators.validateAbortSignal(signal, "options.signal")
  local function aborted() self:close() end
  if signal.aborted then
    nextTick(aborted)
  else
    signal:addEventListener("abort", aborted)
    self:once("close", function() signal:removeEventListener("abort", aborted) end)
  end
end

-- The second or third argument, where that is a number.
local function backlog_of(second, third)
  return type(second) == "number" and second or type(third) == "number" and third or nil
end

local function chmod(self, options)
  local err = chmod_handle(self._handle, options)
  if err == 0 then return end
  self._handle:close()
  self._handle = nil
  error(errors.errnoException(err, "uv_pipe_chmod"), 0)
end

local function is_handle(x) return type(x) == "userdata" and type(x.listen) == "function" end

-- Descends into what carries a handle: a Server, a Socket, {handle = …}, {_handle = …}.
local function carried_handle(options)
  if is_handle(options) then return options end
  if type(options) ~= "table" then return nil end
  local inner = options._handle or options.handle
  if is_handle(inner) then return inner end
  if type(inner) == "table" then return nil, inner end
  return nil
end

-- listen(port, host, backlog, cb), (path, backlog, cb), (handle, backlog, cb), (options, cb); what comes last may be left out.
-- options: port, host, path, fd, backlog, exclusive, readableAll, writableAll, ipv6Only, signal
function Server:listen(...)
  local first, second, third = ...
  local options, cb = normalize.args(...)
  if rawget(self, "_handle") or rawget(self, "_lookup") then error(errors.ERR_SERVER_ALREADY_LISTEN(), 0) end
  local handle, inner = carried_handle(first)
  options = inner or options
  local port, path, fd = options.port, options.path, options.fd
  local args = select("#", ...)
  local backlog = args > 1 and backlog_of(second, third) or nil
  if not handle then
    close_on_abort(self, options.signal)
    if not (type(fd) == "number" and fd >= 0) then
      fd = nil
      if port == nil and (first == nil or first == errors.null or type(first) == "function") or port == errors.null then port = 0 end
      if type(port) == "number" or type(port) == "string" then
        port = validators.validatePort(port, "options.port")
      elseif not (port == nil and path ~= nil and normalize.is_path(path)) then
        if port == nil and path == nil then
          error(errors.ERR_INVALID_ARG_VALUE("options", options, 'must have the property "port" or "path"'), 0)
        end
        error(errors.ERR_INVALID_ARG_VALUE("options", options), 0)
      end
    end
  end
  if cb then self:once("listening", cb) end
  local given = tonumber(options.backlog)
  backlog = given and given ~= 0 and given or backlog
  if handle or fd then
    self:_listen { handle = handle, fd = fd, backlog = backlog, exclusive = options.exclusive and true or false }
  elseif port then
    local plan = { port = port, backlog = backlog, exclusive = options.exclusive and true or false, ipv6Only = options.ipv6Only and true or false }
    if options.host then start_by_name(self, options.host, plan) else self:_listen(plan) end
  else
    rawset(self, "_pipeName", path)
    self:_listen {
      address = path, backlog = backlog, exclusive = options.exclusive and true or false, readableAll = options.readableAll,
      writableAll = options.writableAll,
    }
    if rawget(self, "_handle") then chmod(self, options) end
  end
  return self
end

Server:accessor("listening", function(self) return rawget(self, "_handle") ~= nil end)

-- {address, family, port}, a path, or nil when not listening.
function Server:address()
  local handle = rawget(self, "_handle")
  if handle and handle.reset then
    local address, port, family = handle:getsockname()
    if type(address) ~= "string" then error(errors.errnoException(address or port, "address"), 0) end
    return { address = address, family = family, port = port }
  end
  return handle and rawget(self, "_pipeName") or nil
end

-- cb(err, count): with those that were sent to other processes
function Server:getConnections(cb)
  cb = callback(cb, "callback")
  local workers = rawget(self, "_workers")
  local left, total = workers and #workers or 0, self._connections
  if left == 0 then
    nextTick(cb, nil, total)
    return self
  end
  local function counted(err, n)
    if left == 0 then return end
    if err then
      left = 0
      return cb(err)
    end
    left, total = left - 1, total + n
    if left == 0 then cb(nil, total) end
  end
  for i = 1, left do workers[i]:count(counted) end
  return self
end

-- ---- ending

local function emit_close(self) self:emit "close" end

function Server:_emitCloseIfDrained()
  if rawget(self, "_handle") or self._connections > 0 then return end
  local workers = rawget(self, "_workers")
  local left = workers and #workers or 0
  if left == 0 then return nextTick(emit_close, self) end
  if rawget(self, "_asking") then return end
  rawset(self, "_asking", true)
  for i = 1, left do
    workers[i]:close(function()
      left = left - 1
      if left > 0 then return end
      rawset(self, "_asking", nil)
      if not rawget(self, "_handle") and self._connections == 0 then emit_close(self) end
    end)
  end
end

-- No new connections; 'close', and cb(err) with it, when the last one is over.
function Server:close(cb)
  if type(cb) == "function" then
    cb = callback(cb, "callback")
    if rawget(self, "_handle") or rawget(self, "_lookup") then
      self:once("close", cb)
    else
      self:once("close", function() cb(errors.ERR_SERVER_NOT_RUNNING()) end)
    end
  end
  rawset(self, "_lookup", nil)
  local handle = rawget(self, "_handle")
  if handle then
    handle:close()
    self._handle = nil
  end
  self:_emitCloseIfDrained()
  return self
end

function Server:ref()
  rawset(self, "_unref", nil)
  if rawget(self, "_handle") then self._handle:ref() end
  return self
end

function Server:unref()
  rawset(self, "_unref", true)
  if rawget(self, "_handle") then self._handle:unref() end
  return self
end

-- Closes it, if it listens; a promise. Node 20 docs: server[Symbol.asyncDispose]
Server.prototype[require("lunode.internal.symbols").asyncDispose] = function(self)
  local promise = require "lunode.internal.promise"
  local p = promise.new()
  if not self._handle then
    promise.resolve(p)
    return p
  end
  self:close(function(err)
    if err ~= nil then promise.reject(p, err) else promise.resolve(p) end
  end)
  return p
end

Server.prototype[EventEmitter.captureRejectionSymbol] = function(self, err, event, socket)
  if event == "connection" then socket:destroy(err) else self:emit("error", err) end
end

return Server
