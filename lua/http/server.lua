-- SPDX-License-Identifier: MIT
--
-- http.Server (Node 20 docs: Class: http.Server).
--
-- Connections live in C (src/http_connection.h); this file is what C calls. A plain request is one call: it makes
-- the request and the response, two small tables, and calls the one listener. A Socket is made around a connection when
-- somebody asks for it, listens to 'connection' or sets a time limit on sockets.
--
-- Options, also properties that may be set later: keepAliveTimeout, headersTimeout, requestTimeout, timeout, connectionsCheckingInterval (ms),
-- maxRequestsPerSocket, maxHeadersCount. Options only: maxHeaderSize (bytes), insecureHTTPParser, joinDuplicateHeaders, requireHostHeader,
-- rejectNonStandardBodyWrites, uniqueHeaders, IncomingMessage, ServerResponse, and net.Server's.
local class = require "lunode.internal.class"
local cli = require "lunode.internal.options"
local common = require "lunode.http.common"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local symbols = require "lunode.internal.symbols"
local taps = require "lunode.internal.taps"
local validators = require "lunode.internal.validators"
local EventEmitter = require "lunode.events"
local NetServer = require "lunode.net.server"
local IncomingMessage = require "lunode.http.incoming_message"
local ServerResponse = require "lunode.http.server_response"

local http = core.http
local band, bor = require("bit").band, require("bit").bor
local type, rawget, rawset, setmetatable, error, tostring = type, rawget, rawset, setmetatable, error, tostring
local nextTick = queue.nextTick
local door = validators.door
local default_emit = EventEmitter.prototype.emit
local request_meta, response_meta = IncomingMessage.meta, ServerResponse.meta
local states = ServerResponse._states
local c_keep = http.keep

local KEEP_ALIVE, SPECIAL, COMPLETE, HAS_HOST, HAS_EXPECT = 2, 262144, 128, 8, 16
local MAX_REACHED, DROPPED = 65536, 131072
local EOF = errors.uvCode "EOF"

require "lunode.buffer" -- C makes Buffers for the bodies: they want their methods

local Server = class("Server", NetServer)

-- ---- the Socket around a connection

local on_socket_timeout, client_error, on_input

-- Time without a byte is known to C: the Socket's own clock sees nothing of what the parser takes.
local function on_idle_timer(socket)
  local conn, handle = socket._httpConn, socket._handle
  if conn then
    local timers = require "lunode.internal.timers"
    local idle = timers.now() - http.activity(conn)
    local ms = socket.timeout or 0
    local size = handle and handle.writeQueueSize or 0
    if size > 0 and size ~= rawget(socket, "_lastQueueSize") then -- as the Socket's own: a write under way counts
      rawset(socket, "_lastQueueSize", size)
      return ms > 0 and socket:setTimeout(ms)
    end
    if idle < ms then
      socket:setTimeout(ms - idle)
      socket.timeout = ms
      rawset(socket, "_active", timers.now() - idle)
      return
    end
  end
  socket:emit "timeout"
end

local function no_encoding() error(errors.ERR_HTTP_SOCKET_ENCODING(), 0) end

-- What comes in by way of the Socket goes to the parser.
local function listen(server, conn, socket)
  local function on_data(chunk)
    if type(chunk) == "string" then chunk = require("lunode.buffer").Buffer.from(chunk) end
    http.execute(conn, chunk)
    if http.isPaused(conn) and socket._httpConn then socket:pause() end
  end
  local function on_end()
    if not http.ended(conn) then on_input(server, conn, EOF) end
  end
  local function closed() http.closed(conn) end
  http.env(conn).unlisten = function()
    socket:removeListener("data", on_data)
    socket:removeListener("end", on_end)
    socket:removeListener("close", closed)
  end
  socket:on("data", on_data)
  socket:on("end", on_end)
  socket:on("close", closed)
end

local Socket

-- C reads a connection of its own. Whoever wants to see the bytes, or brings some, has them come by way of the Socket from then on.
local function take_reads(socket)
  local conn = socket._httpConn
  if conn and socket._manual and not http.over(conn) then
    http.handReads(conn)
    if http.isPaused(conn) then socket:pause() end
    socket:_takeReads()
  end
end
local reading = {}
for _, name in ipairs { "on", "addListener", "prependListener" } do
  reading[name] = function(socket, event, ...)
    if event == "data" or event == "readable" then take_reads(socket) end
    return Socket.prototype[name](socket, event, ...)
  end
end
for _, name in ipairs { "push", "unshift" } do
  reading[name] = function(socket, ...)
    take_reads(socket)
    return Socket.prototype[name](socket, ...)
  end
end

local function prepare(server, conn, socket)
  rawset(socket, "server", server)
  rawset(socket, "_httpConn", conn)
  http.env(conn).socket = socket
  http.socketed(conn)
  socket:on("timeout", function() on_socket_timeout(server, conn, socket) end)
  local function on_error(err)
    if socket._httpConn then client_error(server, conn, err) end
  end
  socket:on("error", on_error)
  rawset(socket, "setEncoding", no_encoding)
end

local function socket_of(conn)
  local env = http.env(conn)
  if env.socket or env.late then return env.socket or env.late end
  Socket = Socket or require "lunode.net.socket"
  local handle, server = http.handle(conn), env.server
  if not handle or http.over(conn) then -- too late: one that is closed
    local socket = Socket {}
    env.late = socket -- not `socket`: the connection is still this file's to count
    socket:destroy()
    return socket
  end
  server = server or http.owner(conn)
  local socket = Socket { handle = handle, manualStart = true, server = server, allowHalfOpen = true, highWaterMark = server.highWaterMark }
  prepare(server, conn, socket)
  -- What the responses have put together goes before what is written here.
  rawset(socket, "_write", function(self, chunk, encoding, cb)
    http.flush(conn)
    return Socket.prototype._write(self, chunk, encoding, cb)
  end)
  rawset(socket, "_writev", function(self, chunks, cb)
    http.flush(conn)
    return Socket.prototype._writev(self, chunks, cb)
  end)
  rawset(socket, "_onTimeout", on_idle_timer)
  listen(server, conn, socket)
  for name, method in pairs(reading) do rawset(socket, name, method) end
  if server.timeout > 0 then socket:setTimeout(server.timeout) end
  return socket
end
IncomingMessage.static._socket_of = socket_of
ServerResponse.static._socket_of = socket_of

local function existing_socket(conn) return http.env(conn).socket end

ServerResponse.static._existing_socket = existing_socket

local function destroy(conn, err)
  local socket = existing_socket(conn)
  if socket then socket:destroy(err) else http.close(conn) end
end
ServerResponse.static._destroy_conn = destroy
http.destroy = destroy -- incoming_message.lua

-- ---- making requests and responses

local function make_request(server, conn, method, url, raw, flags, body)
  local class_of = server._IncomingMessage
  if not class_of then
    return setmetatable({ method = method, url = url, _raw = raw, _flags = flags, _conn = conn, complete = flags % 256 >= COMPLETE, _arrived = body }, request_meta)
  end
  local req = validators.construct(class_of, socket_of(conn))
  for name, value in pairs { method = method, url = url, _raw = raw, _flags = flags, _conn = conn, complete = flags % 256 >= COMPLETE, _arrived = body } do
    rawset(req, name, value)
  end
  return req
end

local function make_response(server, req, conn, seq, flags)
  local keep = flags % 4 >= KEEP_ALIVE
  local class_of = server._ServerResponse
  if not class_of then
    return setmetatable({ req = req, statusCode = 200, sendDate = true, shouldKeepAlive = keep, finished = false, _conn = conn, _seq = seq, _state = 0 }, response_meta)
  end
  local res = validators.construct(class_of, req, { highWaterMark = server.highWaterMark, rejectNonStandardBodyWrites = server.rejectNonStandardBodyWrites })
  for name, value in pairs { req = req, sendDate = true, shouldKeepAlive = keep, finished = false, _conn = conn, _seq = seq, _state = 0 } do
    rawset(res, name, value)
  end
  if rawget(res, "statusCode") == nil then rawset(res, "statusCode", 200) end
  return res
end

-- Requests that need thought before 'request' is emitted. Returns the event to emit, or nil when it has been answered.
local function special(server, conn, req, res, flags)
  if flags % 2 == 0 then -- HTTP/1.0: no chunked encoding, unless it asks
    if req.headers.te and req.headers.te:lower():find("chunked", 1, true) then
      rawset(res, "_state", bor(res._state, states.TE_CHUNKED, states.SPECIAL))
    end
    return "request"
  end
  if server.requireHostHeader and band(flags, HAS_HOST) == 0 then
    res:writeHead(400, { "Connection", "close" })
    res:finish()
    return nil
  end
  if band(flags, MAX_REACHED) ~= 0 then rawset(res, "_state", bor(res._state, states.MAX_REACHED, states.SPECIAL)) end
  if band(flags, DROPPED) ~= 0 then
    server:emit("dropRequest", req, socket_of(conn))
    res:writeHead(503)
    res:finish()
    return nil
  end
  if band(flags, HAS_EXPECT) ~= 0 then
    local expect = req.headers.expect
    if (" " .. expect:lower() .. " "):find "[^%w_]100%-continue[^%w_]" then
      rawset(res, "_expect_continue", true)
      rawset(res, "_state", bor(res._state, states.SPECIAL))
      if server:listenerCount "checkContinue" > 0 then return "checkContinue" end
      res:writeContinue()
    elseif server:listenerCount "checkExpectation" > 0 then
      return "checkExpectation"
    else
      res:writeHead(417)
      res:finish()
      return nil
    end
  end
  return "request"
end

local function decorate(server, req, res)
  if server.joinDuplicateHeaders then rawset(req, "joinDuplicateHeaders", true) end
  if server._unique then rawset(res, "_unique", server._unique) end
  if server.rejectNonStandardBodyWrites then rawset(res, "_rejectBody", true) end
  if server._unique or server.rejectNonStandardBodyWrites then rawset(res, "_state", states.SPECIAL) end
  if server.highWaterMark ~= 16384 then
    rawset(res, "_highWaterMark", server.highWaterMark)
    rawset(req, "_highWaterMark", server.highWaterMark)
  end
end

-- From C, for every request.
-- For diagnostics_channel.
local function publish(server, conn, req, res)
  local message = { request = req, response = res, socket = socket_of(conn), server = server }
  local start = taps["http.server.request.start"]
  if start then start:publish(message) end
  if taps["http.server.response.finish"] then
    res:once("finish", function()
      local finish = taps["http.server.response.finish"]
      if finish then finish:publish(message) end
    end)
  end
end

local function on_request(server, conn, seq, method, url, raw, flags, body)
  local complete = flags % 256 >= COMPLETE
  local req, res
  if server._plain then
    req = setmetatable({ method = method, url = url, _raw = raw, _flags = flags, _conn = conn, complete = complete, _arrived = body }, request_meta)
    res = setmetatable({ req = req, statusCode = 200, sendDate = true, shouldKeepAlive = flags % 4 >= KEEP_ALIVE, finished = false,
      _conn = conn, _seq = seq, _state = 0 }, response_meta)
  else
    req = make_request(server, conn, method, url, raw, flags, body)
    res = make_response(server, req, conn, seq, flags)
    decorate(server, req, res)
  end
  if not complete then c_keep(conn, req) end
  local event = "request"
  if flags >= SPECIAL then event = special(server, conn, req, res, flags) end
  if taps["http.server.request.start"] or taps["http.server.response.finish"] then publish(server, conn, req, res) end
  if event then
    local events = rawget(server, "_events")
    local listener = events and events[event]
    if type(listener) == "function" and server._plain and not door.wants_this and server.emit == default_emit then
      listener(req, res)
    else
      server:emit(event, req, res)
    end
  end
  if res.finished and res._state % 8 < 4 and complete and not rawget(req, "_readableState") and not rawget(req, "_events") and not rawget(res, "_events") and not rawget(res, "_callbacks") then
    return nil
  end
  return res
end

local function on_body(_, _, req, buffer) req:_chunk(buffer) end
local function on_complete(_, _, req, trailers) req:_complete(trailers) end
local function on_finished(_, res) res:_onFinished() end
local function on_drain(_, res) res:_onDrain() end

-- ---- what goes wrong

local function reset_error(message)
  local err = errors.Error(message)
  rawset(err, "code", "ECONNRESET")
  return err
end

local ANSWERS = {
  HPE_HEADER_OVERFLOW = "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n",
  HPE_CHUNK_EXTENSIONS_OVERFLOW = "HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\n\r\n",
  ERR_HTTP_REQUEST_TIMEOUT = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n",
}
local BAD_REQUEST = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"

-- 'clientError' if anybody listens; else the fitting answer, and the connection is closed.
function client_error(server, conn, err)
  local env = http.env(conn)
  if env.failed then return end
  env.failed = true
  http.halt(conn)
  if server:listenerCount "clientError" > 0 then
    http.flush(conn)
    local socket = socket_of(conn)
    -- The peer has ended its side: nothing more comes that would end the connection once ours is.
    if err.code == "HPE_INVALID_EOF_STATE" then socket:once("finish", function() socket:destroy() end) end
    server:emit("clientError", err, socket)
    return
  end
  http.reject(conn, ANSWERS[err.code] or BAD_REQUEST)
  destroy(conn, err)
end

local function on_failed(server, conn, code, reason, parsed, packet)
  local err = errors.Error("Parse Error: " .. reason)
  rawset(err, "code", code)
  rawset(err, "reason", reason)
  rawset(err, "bytesParsed", parsed)
  rawset(err, "rawPacket", packet)
  client_error(server, conn, err)
end

-- Reading has ended: by the peer's FIN, or an error.
function on_input(server, conn, status)
  if status == EOF then
    local res = http.current(conn)
    if server.httpAllowHalfOpen and res then return http.finishLast(conn) end
    http.flush(conn)
    return destroy(conn)
  end
  local err = errors.errnoException(status, "read")
  if server:listenerCount "clientError" > 0 and not http.env(conn).failed then client_error(server, conn, err) end
  destroy(conn) -- also what the listener has left open: there is no peer any more
end

function on_socket_timeout(server, conn, socket)
  local res = not http.over(conn) and http.current(conn) or nil
  local req = res and res.req
  local heard = req and not req.complete and rawget(req, "_events") and req:emit("timeout", socket)
  heard = res and rawget(res, "_events") and res:emit("timeout", socket) or heard
  heard = server:emit("timeout", socket) or heard
  if not heard then socket:destroy() end
end

local function on_timeout(server, conn, kind)
  if kind == "idle" then
    if server:listenerCount "timeout" > 0 then
      server:emit("timeout", socket_of(conn))
    else
      destroy(conn)
    end
    return
  end
  client_error(server, conn, errors.ERR_HTTP_REQUEST_TIMEOUT())
end

-- The connection is gone: what was going on is aborted.
local function on_close(server, conn, req, list)
  local env = http.env(conn)
  if list then
    for i = 1, #list do
      local res = list[i]
      local of = res.req
      if not of.destroyed then of:destroy(reset_error "aborted") end
      res:_onConnectionClose()
    end
  end
  if req and not req.destroyed and not req.complete then req:destroy(reset_error "aborted") end
  if not env.socket then server:_release() end
end

-- ---- upgrades

local function on_wants_upgrade(server, connect)
  return server:listenerCount(connect and "connect" or "upgrade") > 0
end

local function on_upgrade(server, conn, method, url, raw, flags, head)
  local req = make_request(server, conn, method, url, raw, flags, nil)
  rawset(req, "upgrade", true)
  local socket = socket_of(conn)
  rawset(req, "socket", socket)
  rawset(req, "_conn", nil)
  local env = http.env(conn)
  http.detach(conn)
  rawset(socket, "_httpConn", nil)
  rawset(socket, "_write", nil)
  rawset(socket, "_writev", nil)
  rawset(socket, "_onTimeout", nil)
  for name, method in pairs(reading) do
    if rawget(socket, name) == method then rawset(socket, name, nil) end
  end
  socket:removeAllListeners "timeout"
  socket:removeAllListeners "error"
  if env.unlisten then env.unlisten() end
  socket:setTimeout(0)
  if socket._takeReads then socket:_takeReads() end
  if socket._readableState then socket._readableState.flowing = nil end
  server:emit(method == "CONNECT" and "connect" or "upgrade", req, socket, head)
end

-- ---- connections

-- All answers are out and the last one closes.
local function on_last(_, conn)
  local socket = existing_socket(conn)
  if not socket then return http.close(conn) end
  if socket.destroySoon then socket:destroySoon() else socket:finish() end
end

-- For connections that are not C's streams: any Duplex.
local function on_output(_, conn, bytes)
  local socket = existing_socket(conn)
  if not socket or socket.destroyed or not socket.writable then return http.written(conn, #bytes) end
  socket:write(bytes, function()
    http.written(conn, #bytes)
    if not http.isPaused(conn) and not socket.destroyed and socket:isPaused() then socket:resume() end
  end)
end

-- It stopped when the parser had enough.
local function on_resume(_, conn)
  local socket = existing_socket(conn)
  if socket and not socket.destroyed and socket:isPaused() then socket:resume() end
end

local function serve_duplex(server, socket)
  local conn = http.attach(server._http, nil)
  prepare(server, conn, socket)
  listen(server, conn, socket)
  return conn
end

-- The server's own 'connection' listener; sockets that carry a connection already need nothing.
local function connection_listener(server, socket)
  if rawget(socket, "_httpConn") or http.over == nil then return end
  serve_duplex(server, socket)
  if server.timeout > 0 and type(socket.setTimeout) == "function" then socket:setTimeout(server.timeout) end
end

function Server:_connectionListener(socket) connection_listener(self, socket) end

function Server:_onconnection(handle)
  if not self:_admit(handle) then return end
  local conn = http.attach(self._http, handle)
  if taps["net.server.socket"] then
    self:emit("connection", socket_of(conn))
    return taps["net.server.socket"]:publish { socket = socket_of(conn) }
  end
  if self.timeout == 0 and self._events.connection == self._serve then return end
  self:emit("connection", socket_of(conn))
end

-- ---- the server

-- The regular look at the connections' time limits, which is C's: from 'listening' to close(). Programs ask whether it goes on.
local CHECK = symbols.new "http.server.connectionsCheckingInterval"
Server.static._checking_interval = CHECK

local function end_check(self)
  local check = rawget(self, CHECK)
  if check then check._destroyed = true end
end

local function begin_check(self)
  end_check(self)
  rawset(self, CHECK, shape.dict { _destroyed = false })
end

-- createServer(options, listener): `listener(req, res)` hears 'request'.
function Server:initialize(options, listener)
  if type(options) == "function" then options, listener = nil, options end
  if options == errors.null then options = nil end
  if options ~= nil then validators.validateObject(options, "options") end
  options = options or {}
  rawset(self, "_values", {})
  local net_options = {}
  for name, value in pairs(options) do net_options[name] = value end
  net_options.allowHalfOpen = true
  net_options.noDelay = options.noDelay == nil and true or options.noDelay
  NetServer.prototype.initialize(self, net_options)
  rawset(self, "_http", http.server(self))
  rawset(self, "httpAllowHalfOpen", false)
  rawset(self, "timeout", 0)

  local function boolean(name, default)
    local value = options[name]
    if value == nil then value = default else validators.validateBoolean(value, "options." .. name) end
    rawset(self, name, value)
  end
  boolean("requireHostHeader", true)
  boolean("joinDuplicateHeaders", false)
  boolean("rejectNonStandardBodyWrites", false)
  if options.insecureHTTPParser ~= nil then validators.validateBoolean(options.insecureHTTPParser, "options.insecureHTTPParser") end
  rawset(self, "insecureHTTPParser", options.insecureHTTPParser)
  local lenient = options.insecureHTTPParser
  if lenient == nil then lenient = cli.insecureHTTPParser end
  if lenient then http.option(self._http, "lenient", true) end
  if options.maxHeaderSize ~= nil then
    validators.validateInteger(options.maxHeaderSize, "maxHeaderSize", 0)
    rawset(self, "maxHeaderSize", options.maxHeaderSize)
  end
  http.option(self._http, "maxHeaderSize", options.maxHeaderSize and options.maxHeaderSize > 0 and options.maxHeaderSize or common.maxHeaderSize)
  http.option(self._http, "highWaterMark", self.highWaterMark)

  local request_timeout, headers_timeout = options.requestTimeout, options.headersTimeout
  if request_timeout ~= nil then validators.validateInteger(request_timeout, "requestTimeout", 0) end
  if headers_timeout ~= nil then validators.validateInteger(headers_timeout, "headersTimeout", 0) end
  request_timeout = request_timeout or 300000
  headers_timeout = headers_timeout or (request_timeout > 0 and request_timeout < 60000 and request_timeout or 60000)
  if request_timeout > 0 and headers_timeout > 0 and headers_timeout > request_timeout then
    error(errors.ERR_OUT_OF_RANGE("headersTimeout", "<= requestTimeout", headers_timeout), 0)
  end
  for _, name in ipairs { "keepAliveTimeout", "connectionsCheckingInterval" } do
    if options[name] ~= nil then validators.validateInteger(options[name], name, 0) end
  end
  self.requestTimeout = request_timeout
  self.headersTimeout = headers_timeout
  self.keepAliveTimeout = options.keepAliveTimeout or 5000
  self.connectionsCheckingInterval = options.connectionsCheckingInterval or 30000
  self.maxRequestsPerSocket = 0
  self.maxHeadersCount = nil

  if options.uniqueHeaders ~= nil then
    local set = {}
    for i = 1, #options.uniqueHeaders do set[common.lower(tostring(options.uniqueHeaders[i]))] = true end
    rawset(self, "_unique", set)
  end
  rawset(self, "_IncomingMessage", options.IncomingMessage or nil)
  rawset(self, "_ServerResponse", options.ServerResponse or nil)
  rawset(self, "_plain", not options.IncomingMessage and not options.ServerResponse and not options.uniqueHeaders and not self.joinDuplicateHeaders
    and not self.rejectNonStandardBodyWrites and self.highWaterMark == 16384 and not rawget(self, "_captureRejections"))

  if listener ~= nil then self:on("request", listener) end
  local function serve(socket) connection_listener(self, socket) end
  rawset(self, "_serve", serve)
  self:on("connection", serve)
  self:on("listening", function() begin_check(self) end)
end

for _, name in ipairs { "keepAliveTimeout", "headersTimeout", "requestTimeout", "connectionsCheckingInterval", "maxRequestsPerSocket" } do
  Server:accessor(name, function(self) return self._values[name] end, function(self, value)
    self._values[name] = value
    http.option(self._http, name, type(value) == "number" and value or 0)
  end)
end

-- nil: 1000; 0: no limit. What comes after that many is dropped.
Server:accessor("maxHeadersCount", function(self) return self._values.maxHeadersCount end, function(self, value)
  self._values.maxHeadersCount = value
  http.option(self._http, "maxHeaders", type(value) == "number" and value or 1000)
end)

-- ms without traffic after which a socket's 'timeout' is emitted, and it is destroyed when nobody listens. 0: never.
function Server:setTimeout(ms, cb)
  rawset(self, "timeout", ms)
  if cb ~= nil then
    validators.validateFunction(cb, "callback")
    self:on("timeout", cb)
  end
  return self
end

function Server:closeIdleConnections()
  local list = http.connections(self._http, true)
  for i = 1, #list do destroy(list[i]) end
end

function Server:closeAllConnections()
  local list = http.connections(self._http, false)
  for i = 1, #list do destroy(list[i]) end
end

-- No new connections; idle ones go at once, the others after their requests. cb(err) with 'close'.
function Server:close(cb)
  end_check(self)
  if type(cb) == "function" then NetServer.prototype.close(self, cb) else NetServer.prototype.close(self) end
  self:closeIdleConnections()
  return self
end

Server.prototype[EventEmitter.captureRejectionSymbol] = function(self, err, event, req, res)
  if event ~= "request" then return NetServer.prototype[EventEmitter.captureRejectionSymbol](self, err, event, req) end
  if not res.headersSent then
    local names = res:getHeaderNames()
    for i = 1, #names do res:removeHeader(names[i]) end
    res.statusCode = 500
    res:finish(common.STATUS_CODES[500])
  else
    res:destroy()
  end
  local _ = err
end

http.setup {
  request = on_request, body = on_body, complete = on_complete, finished = on_finished, drain = on_drain, failed = on_failed, input = on_input,
  timeout = on_timeout, wantsUpgrade = on_wants_upgrade, upgrade = on_upgrade, last = on_last, output = on_output, resume = on_resume, close = on_close,
}

return Server
