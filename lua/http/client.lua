-- SPDX-License-Identifier: MIT
--
-- http.ClientRequest, http.request and http.get (Node 20 docs: Class: http.ClientRequest, http.request()).
--
-- The request asks its agent for a socket, which arrives by onSocket; what is written before waits in the message. What comes
-- back is read by http/client_connection.lua.
local Agent = require "lunode.http.agent"
local class = require "lunode.internal.class"
local common = require "lunode.http.common"
local connection = require "lunode.http.client_connection"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local queue = require "lunode.internal.queue"
local taps = require "lunode.internal.taps"
local validators = require "lunode.internal.validators"
local OutgoingMessage = require "lunode.http.outgoing_message"

local new_events = shape.new_events
local nextTick, null = queue.nextTick, errors.null
local pairs, type, error, tostring, tonumber, rawget, rawset, pcall, getmetatable, setmetatable =
  pairs, type, error, tostring, tonumber, rawget, rawset, pcall, getmetatable, setmetatable
local huge, find = math.huge, string.find

local ClientRequest = class("ClientRequest", OutgoingMessage)
local prototype = ClientRequest.prototype
local base = OutgoingMessage.prototype

prototype.aborted = false
prototype.protocol = "http:"
prototype.reusedSocket = false
prototype.upgradeOrConnect = false
prototype._ended = false

-- The fields that every request sets or is asked for on its way, so that few are looked up in vain or added through the
-- accessors. There are 32 at most: one more would double the table. Those that stand for nothing until set are nil again.
rawset(ClientRequest, "construct", function(self, ...)
  local req = setmetatable({
    destroyed = false, finished = false, chunkedEncoding = false, shouldKeepAlive = true, useChunkedEncodingByDefault = true, outputSize = 0,
    aborted = false, reusedSocket = false, method = "GET", path = "/", host = "localhost", agent = false, socket = false, res = false, timeout = false,
    timeoutCb = false, outputData = false, _last = false, _hasBody = true, _header = false, _headerSent = false, _closed = false, _corked = 0,
    _needDrain = false, _ended = false, _out = false, _options = false, _events = false, _contentLength = false, _removedConnection = false,
  }, rawget(self, "meta"))
  req.agent, req.socket, req.res, req.timeout, req.timeoutCb, req.outputData, req._out, req._contentLength = nil, nil, nil, nil, nil, nil, nil, nil
  req._events = new_events()
  req:initialize(...)
  return req
end)

-- Methods whose requests have no body unless one is written.
local BODILESS = { GET = true, HEAD = true, DELETE = true, OPTIONS = true, TRACE = true, CONNECT = true }
local KNOWN = {}
for name in pairs(BODILESS) do KNOWN[name] = name end
for _, name in ipairs { "POST", "PUT", "PATCH" } do KNOWN[name] = name end

-- ---- options

local function check_host(host, name)
  if host ~= nil and type(host) ~= "string" then
    error(errors.ERR_INVALID_ARG_TYPE("options." .. name, { "string", "undefined", "null" }, host), 0)
  end
  return host ~= "" and host or nil
end

local function check_duration(ms, name)
  if type(ms) ~= "number" then error(errors.ERR_INVALID_ARG_TYPE(name, "number", ms), 0) end
  if not (ms >= 0 and ms < huge) then error(errors.ERR_OUT_OF_RANGE(name, "a non-negative finite number", ms), 0) end
  if ms > 2147483647 then
    require("lunode.process").emitWarning(validators.number(ms) .. " does not fit into a 32-bit signed integer.\nTimer duration was truncated to 2147483647.", "TimeoutOverflowWarning")
    return 2147483647
  end
  return ms
end

-- White space, controls, and what is beyond U+00FF (Node's rule, told of UTF-8).
local function check_path(path)
  if find(path, "[%z\1-\32]") or find(path, "[\196-\244][\128-\191]") then
    error(errors.ERR_UNESCAPED_CHARACTERS "Request path", 0)
  end
end

local function check_method(method)
  if method == nil then return "GET" end
  if type(method) ~= "string" then error(errors.ERR_INVALID_ARG_TYPE("options.method", "string", method), 0) end
  if method == "" then return "GET" end
  if KNOWN[method] then return method end
  common.validateHeaderName(method, "Method")
  return method:upper()
end

-- A list of names of headers that are sent once, with the values joined by "; ".
local function unique_headers(list)
  if type(list) ~= "table" then return nil end
  local map = {}
  for i = 1, #list do
    local names = list[i]
    if type(names) == "string" then
      map[names:lower()] = true
    elseif type(names) == "table" then
      for j = 1, #names do map[names[j]:lower()] = true end
    end
  end
  return map
end

-- A copy in which null is nil, but for options where JavaScript's null is an error.
local STRICT = { timeout = true, maxHeaderSize = true, insecureHTTPParser = true, joinDuplicateHeaders = true }

local function copy(into, from)
  for k, v in pairs(from) do
    if v == null and not (STRICT[k] and validators.door.adapt) then v = nil end
    into[k] = v
  end
  return into
end

local function is_url(x)
  return type(x) == "table" and x.href ~= nil and x.protocol ~= nil and x.auth == nil and x.path == nil
end

-- (url, options, cb), (url, cb), (options, cb) -> one table of options, which is the request's own, and cb
local function gather(input, options, cb)
  local own
  if type(input) == "string" then
    local url = require "lunode.url"
    own = copy({}, url.urlToHttpOptions(url.URL(input)))
  elseif is_url(input) then
    own = copy({}, require("lunode.url").urlToHttpOptions(input))
    if type(input.headers) == "table" then own.headers = input.headers end -- a field that was added
  else
    if options ~= nil and type(options) ~= "table" or cb == nil then cb = options end
    options, own = input, {}
  end
  if type(options) == "function" then
    options, cb = nil, options
  end
  if options ~= nil and options ~= null then copy(own, options) end
  return own, cb
end

-- Once the request is over the signal no longer knows it.
local function obey(req, signal)
  if signal.aborted then
    req:destroy(errors.AbortError(nil, { cause = signal.reason }))
    return
  end
  local function on_abort() req:destroy(errors.AbortError(nil, { cause = signal.reason })) end
  signal:addEventListener("abort", on_abort, { once = true })
  req:once("close", function() signal:removeEventListener("abort", on_abort) end)
end

local function set_headers(self, headers)
  local names = shape.keys(headers)
  for i = 1, #names do
    local name, value = shape.key_text(names[i]), headers[names[i]]
    if type(value) == "table" and value ~= null and #name == 4 and name:lower() == "host" then
      error(errors.ERR_INVALID_ARG_TYPE("options.headers.host", "string", value), 0)
    end
    self:setHeader(name, value)
  end
end

-- The Host values made last: most requests go where the one before went.
local last_host, last_port, last_default, last_value

local function host_value(host, port, default_port)
  if host == last_host and port == last_port and default_port == last_default then return last_value end
  local value = host
  local colon = find(value, ":", 1, true)
  if colon and find(value, ":", colon + 1, true) and value:sub(1, 1) ~= "[" then value = "[" .. value .. "]" end
  if port and tonumber(port) ~= default_port then value = value .. ":" .. tostring(port) end
  common.validateHeaderValue("Host", value)
  last_host, last_port, last_default, last_value = host, port, default_port, value
  return value
end

local function set_defaults(self, options, host, port, default_port)
  local set_host = options.setHost
  if set_host == nil then set_host = options.setDefaultHeaders ~= false end
  if set_host then
    local value = host_value(host, port, default_port)
    if rawget(self, "_out") == nil and self.setHeader == base.setHeader then
      rawset(self, "_out", { { "Host", value, "host" } })
    elseif not self:getHeader "host" then
      self:setHeader("Host", value)
    end
  end
  if options.auth ~= nil and options.auth ~= "" and not self:getHeader "authorization" then
    local text = require("lunode.buffer").Buffer.from(options.auth):toString "base64"
    self:setHeader("Authorization", "Basic " .. text)
  end
end

-- Without an agent: options.createConnection, which returns a socket, or calls back with (err, socket), or raises.
local function connect(req, options)
  options.path = options.socketPath
  local done = false
  local function created(err, socket)
    if done then return end
    done = true
    if err ~= nil and err ~= null then
      nextTick(function() connection.emit_error(req, err) end)
    else
      req:onSocket(socket)
    end
  end
  local ok, socket = pcall(validators.callback(options.createConnection, "options.createConnection"), options, created)
  if not ok then created(socket) elseif socket then created(nil, socket) end
end

-- ---- making

-- (url [, options] [, callback]) or (options [, callback]); callback hears 'response' once. For options see http.request().
function ClientRequest:initialize(input, options, cb)
  base.initialize(self)
  if queue.context then rawset(self, "_context", queue.context) end
  options, cb = gather(input, options, cb)

  local agent, default_agent = options.agent, options._defaultAgent or Agent.globalAgent
  if agent == false then
    agent = default_agent.constructor()
  elseif agent == nil then
    if type(options.createConnection) ~= "function" then agent = default_agent end
  elseif type(agent) ~= "table" or type(agent.addRequest) ~= "function" then
    error(errors.ERR_INVALID_ARG_TYPE("options.agent", { "Agent-like Object", "undefined", "false" }, agent), 0)
  end
  rawset(self, "agent", agent)

  local path = options.path
  if path ~= nil then
    path = tostring(path)
    check_path(path)
  end
  if path == nil or path == "" then path = "/" end
  local protocol = options.protocol or default_agent.protocol
  local expected = agent and agent.protocol
  if not expected or expected == null then expected = default_agent.protocol end
  if protocol ~= expected then error(errors.ERR_INVALID_PROTOCOL(tostring(protocol), tostring(expected)), 0) end

  local default_port = options.defaultPort or agent and agent.defaultPort
  local port = options.port
  if port == nil or port == "" or port == 0 then port = default_port or 80 end
  options.port = port
  local host = check_host(options.hostname, "hostname") or check_host(options.host, "host") or "localhost"
  options.host = host
  if options.setDefaultHeaders == false then
    rawset(self, "_removedConnection", true)
    rawset(self, "_removedContLen", true)
    rawset(self, "_removedTE", true)
  end
  if options.socketPath ~= nil then rawset(self, "socketPath", options.socketPath) end
  if options.timeout ~= nil then rawset(self, "timeout", check_duration(options.timeout, "timeout")) end
  local signal = options.signal
  if signal ~= nil then
    validators.validateAbortSignal(signal, "signal")
    options.signal = nil
    obey(self, signal)
  end
  local method = check_method(options.method)
  rawset(self, "method", method)
  if options.maxHeaderSize ~= nil then
    validators.validateInteger(options.maxHeaderSize, "maxHeaderSize", 0)
    rawset(self, "maxHeaderSize", options.maxHeaderSize)
  end
  local lenient, join = options.insecureHTTPParser, options.joinDuplicateHeaders
  if lenient ~= nil then
    validators.validateBoolean(lenient, "options.insecureHTTPParser")
    rawset(self, "insecureHTTPParser", lenient)
  end
  if join ~= nil then
    validators.validateBoolean(join, "options.joinDuplicateHeaders")
    rawset(self, "joinDuplicateHeaders", join)
  end
  rawset(self, "path", path)
  rawset(self, "host", host)
  if protocol ~= "http:" then rawset(self, "protocol", protocol) end
  if cb ~= nil then self:once("response", cb) end
  if BODILESS[method] then rawset(self, "useChunkedEncodingByDefault", false) end
  if agent and (agent.keepAlive or agent.maxSockets ~= nil and agent.maxSockets ~= huge) then
    rawset(self, "shouldKeepAlive", true)
  else -- the socket will not be used again
    rawset(self, "_last", true)
    rawset(self, "shouldKeepAlive", false)
  end
  if options.uniqueHeaders ~= nil then rawset(self, "_unique", unique_headers(options.uniqueHeaders)) end

  local headers = options.headers
  if type(headers) == "table" and shape.is_sequence(headers) then
    self:_storeHeader(method .. " " .. path .. " HTTP/1.1\r\n", headers)
  else
    if headers ~= nil then set_headers(self, headers) end
    set_defaults(self, options, host, port, default_port)
    if (headers ~= nil or self.setHeader ~= base.setHeader) and self:getHeader "expect" then self:_implicitHeader() end
  end

  if agent then
    rawset(self, "_options", options)
    agent:addRequest(self, options)
    rawset(self, "_options", nil)
    return
  end
  connect(self, options)
end

function ClientRequest:_implicitHeader()
  if self._header then error(errors.ERR_HTTP_HEADERS_SENT "render", 0) end
  self:_storeHeader(self.method .. " " .. self.path .. " HTTP/1.1\r\n")
end

-- ---- the socket

local function end_unsent(req, err)
  if not req.aborted and err == nil then err = connection.reset "socket hang up" end
  rawset(req, "_closed", true)
  rawset(req, "destroyed", true)
  if err ~= nil then connection.emit_error(req, err) end
  req:emit "close"
end

local function on_socket(req, socket, err)
  if req.destroyed or err ~= nil then
    local reason = rawget(req, "_reason")
    if reason == nil then reason = err end
    if socket then
      if err == nil and req.agent and not socket.destroyed then
        socket:emit "free"
      else
        socket:destroy(reason)
        require "lunode.stream.end_of_stream"(socket, function(failed)
          if failed ~= nil and failed.code == "ERR_STREAM_PREMATURE_CLOSE" then failed = nil end
          end_unsent(req, failed ~= nil and failed or reason)
        end)
        return
      end
    end
    return end_unsent(req, reason)
  end
  local state = socket.closed and socket._writableState
  if state and state.closeEmitted then -- it went between its being handed over and now, and will tell nobody
    rawset(req, "destroyed", true)
    return end_unsent(req)
  end
  connection.attach(req, socket)
  local agent = rawget(req, "agent")
  if rawget(req, "timeout") ~= nil or rawget(req, "_timed") or agent and agent.options and agent.options.timeout then connection.watch_time(req) end
  req:emit("socket", socket)
  local list = rawget(req, "outputData")
  -- Most often one piece waits, head and all.
  if list and #list == 1 and req._flush == base._flush and socket.writable then
    local entry = list[1]
    rawset(req, "outputData", nil)
    rawset(req, "outputSize", 0)
    local ok = socket:write(entry.data, nil, entry.callback)
    if req.finished then
      req:_finish()
    elseif ok and req._needDrain then
      rawset(req, "_needDrain", false)
      req:emit "drain"
    end
    return
  end
  req:_flush()
end

-- All of it has been handed to the socket.
function ClientRequest:_finish()
  base._finish(self)
  local tap = taps["http.client.request.start"]
  if tap then tap:publish { request = self } end
end

-- Called by agents, with the request's socket or an error.
function ClientRequest:onSocket(socket, err)
  if err == null then err = nil end
  local before = queue.context
  queue.context = rawget(self, "_context") or false -- not that of whoever freed the socket
  nextTick(on_socket, self, socket, err)
  queue.context = before
end

-- ---- giving up

local function emit_abort(req) req:emit "abort" end

-- Deprecated: destroy() without an 'error'.
function ClientRequest:abort()
  if self.aborted then return end
  rawset(self, "aborted", true)
  nextTick(emit_abort, self)
  self:destroy()
end

-- The socket goes too. 'error' (err, or "socket hang up" ECONNRESET when there is no response yet) and 'close' follow.
function ClientRequest:destroy(err)
  if self.destroyed then return self end
  if err == null then err = nil end
  rawset(self, "destroyed", true)
  local res = self.res
  if res then res:_dump() end
  rawset(self, "_reason", err)
  rawset(self, "_errored", err)
  local socket = self.socket
  if socket then socket:destroy(err) end -- one that waits for its socket ends when it has it
  return self
end

-- ---- settings of the socket, now or when it is there

local function defer(req, name, a, b)
  local function call() req.socket[name](req.socket, a, b) end
  local function with_socket()
    if req.socket.connecting then req.socket:once("connect", call) else call() end
  end
  if req.socket then with_socket() else req:once("socket", with_socket) end
end

function ClientRequest:setNoDelay(on)
  if on == nil then on = true end
  defer(self, "setNoDelay", on)
end

-- initialDelay in ms
function ClientRequest:setSocketKeepAlive(on, initialDelay) defer(self, "setKeepAlive", on, initialDelay) end

local function limit(socket, ms)
  if socket.connecting then
    socket:once("connect", function() socket:setTimeout(ms) end)
  else
    socket:setTimeout(ms)
  end
end

-- 'timeout' after ms without a byte in either direction, once there is a connection; it does not end the request.
function ClientRequest:setTimeout(ms, callback)
  if self._ended then return self end
  ms = check_duration(ms, "msecs")
  rawset(self, "_timed", true)
  if callback ~= nil then self:once("timeout", callback) end
  if self.socket then
    connection.watch_time(self)
    limit(self.socket, ms)
  else
    self:once("socket", function(socket) limit(socket, ms) end)
  end
  return self
end

function ClientRequest:clearTimeout(callback) return self:setTimeout(0, callback) end

-- ---- the module's functions

local M = { ClientRequest = ClientRequest }

-- (url [, options] [, callback]) or (options [, callback]) -> a ClientRequest, to be ended by req:finish()
function M.request(input, options, cb) return ClientRequest(input, options, cb) end

-- request(…), ended
function M.get(input, options, cb)
  local req = ClientRequest(input, options, cb)
  req:finish()
  return req
end

return M
