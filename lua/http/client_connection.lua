-- SPDX-License-Identifier: MIT
--
-- The client's end of a connection: feeds what a socket reads to a response parser and tells the request that is on it.
--
--   connection.attach(req, socket) -> conn     the request goes out on the socket, which may have served others before
--   connection.of(socket) -> conn or nil
--   connection.detach(conn)                    takes every listener and mark off the socket
--   connection.reset(message) -> Error         code ECONNRESET
--
-- A conn lives as long as its socket serves requests: one table, one set of listeners and one parser for all of them, so
-- that a request on a kept socket adds none. It is socket._httpClient. `conn.req` is the request being served, or
-- false; `conn.kept` is set by an Agent which holds the socket (idle, or promised to a request); a socket that nobody holds
-- is let go after its request. socket._httpMessage and socket.parser are what they are in Node.
require "lunode.buffer" -- what the parser makes are Buffers
local cli = require "lunode.internal.options"
local common = require "lunode.http.common"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local taps = require "lunode.internal.taps"
local IncomingMessage = require "lunode.http.incoming_message"

local nextTick = queue.nextTick
local http, incoming_meta = core.http, IncomingMessage.meta
local band = require("bit").band
local rawget, rawset, type, setmetatable = rawget, rawset, type, setmetatable

local M = {}

function M.emit_error(req, err)
  local tap = taps["http.client.request.error"]
  if tap then tap:publish { request = req, error = err } end
  req:emit("error", err)
end

function M.reset(message)
  local err = errors.Error(message)
  rawset(err, "code", "ECONNRESET")
  return err
end
local reset = M.reset

-- 100 and 102…199 announce another response; 101 is the last one.
local function is_informational(status) return status < 200 and status >= 100 and status ~= 101 end

-- ---- parsers

local pool, pooled = {}, 0

local on_headers, on_body, on_complete

local function make_parser(options)
  local parser = http.parser("response", options)
  parser.onheaders, parser.onbody, parser.oncomplete = on_headers, on_body, on_complete
  return parser
end

local function free_parser(conn)
  local parser = conn.parser
  if not parser then return end
  conn.parser = false
  parser.owner = false
  if not conn.custom and not conn.executing and pooled < (common.maxIdleParsers or 1000) then
    pooled = pooled + 1
    pool[pooled] = parser
  end
end

local DEFAULT_HEAD = 16384 -- C's own

-- The conn's own or one from the pool, unless the request has limits of its own.
local function take_parser(conn, req)
  local count, size = rawget(req, "maxHeadersCount"), rawget(req, "maxHeaderSize")
  if type(count) ~= "number" then count = nil end
  if size == nil or size == 0 then size = common.maxHeaderSize end
  local parser, lenient = conn.parser, rawget(req, "insecureHTTPParser")
  if lenient == nil then lenient = cli.insecureHTTPParser end
  if count == nil and size == DEFAULT_HEAD and not lenient then
    if not parser then
      if pooled > 0 then
        parser = pool[pooled]
        pool[pooled] = nil
        pooled = pooled - 1
      else
        parser = make_parser()
      end
      parser.owner = conn
      conn.parser = parser
    end
    parser:reset()
    conn.custom = false
    return
  end
  if parser then free_parser(conn) end
  parser = make_parser { lenient = lenient, maxHeaders = count, maxHeaderSize = size }
  parser.owner = conn
  conn.parser, conn.custom = parser, true
end

-- ---- what the parser tells

local function new_response(conn, status, phrase, raw, flags)
  local mark = conn.mark
  local res = setmetatable({
    socket = conn.socket, _flags = flags, _raw = raw, statusCode = status, statusMessage = phrase, _events = false,
    _readableState = false, complete = false, aborted = false, _dumped = false, _consuming = false, _highWaterMark = mark,
  }, incoming_meta)
  res._events, res._readableState = nil, nil
  return res
end

-- 'information' has what the head holds, in a plain table.
local function inform(conn, req, status, phrase, raw, flags)
  if status == 100 then req:emit "continue" end
  if req:listenerCount "information" == 0 then return end
  local res = new_response(conn, status, phrase, raw, flags)
  req:emit("information", shape.dict {
    statusCode = status, statusMessage = phrase, httpVersion = res.httpVersion, httpVersionMajor = res.httpVersionMajor,
    httpVersionMinor = res.httpVersionMinor, headers = res.headers, rawHeaders = res.rawHeaders,
  })
end

-- Returns 1: no body, 2: from here on it is another protocol, nil: as the head says.
function on_headers(conn, status, phrase, raw, flags)
  local req = conn and conn.req
  if not req then return end
  if rawget(req, "res") then -- a second answer to one request
    conn.ignore, conn.res = true, false
    conn.socket:destroy()
    return
  end
  conn.complete = false
  local upgrade = band(flags, common.UPGRADE) ~= 0 or req.method == "CONNECT"
  if not upgrade and is_informational(status) then
    conn.informational = true
    inform(conn, req, status, phrase, raw, flags)
    return 1
  end
  conn.informational = false
  local res = new_response(conn, status, phrase, raw, flags)
  if rawget(req, "joinDuplicateHeaders") then rawset(res, "joinDuplicateHeaders", true) end
  conn.res = res
  rawset(req, "res", res)
  if upgrade then
    rawset(res, "upgrade", true)
    conn.upgraded = true
    return 2
  end
  if band(flags, common.KEEP_ALIVE) == 0 and not req.upgradeOrConnect then rawset(req, "shouldKeepAlive", false) end
  rawset(res, "req", req)
  res:on("end", conn.on_response_end)
  if not conn.answered then -- the first one on this socket
    conn.answered = true
    conn.socket:on("timeout", conn.on_response_timeout)
  end
  local tap = taps["http.client.response.finish"]
  if tap then tap:publish { request = req, response = res } end
  if req.aborted or not req:emit("response", res) then res:_dump() end
  if status == 304 or req.method == "HEAD" then return 1 end
end

function on_body(conn, chunk)
  local res = conn and conn.res
  if res then res:_chunk(chunk) end
end

local function listen_again(conn)
  if not conn.deaf then return end
  conn.deaf = false
  if rawget(conn.socket, "_httpClient") == conn then conn.socket:on("data", conn.on_data) end
end

function on_complete(conn, trailers)
  if not conn or conn.informational then return end
  conn.complete = true
  local res = conn.res
  if not res or conn.upgraded then return end
  local socket = conn.socket
  -- Whoever waits for the response's 'close' may count the socket's listeners of 'data' there, to tell an answer that was cut off.
  if res:listenerCount "close" > 0 then
    conn.deaf = true
    socket:removeListener("data", conn.on_data)
    res:once("close", function() listen_again(conn) end)
  end
  res:_complete(trailers)
  local state = socket._readableState
  if (not state or state.flowing == false) and socket.readable then socket:resume() end
end

-- ---- the end of a request

local function clear(conn)
  free_parser(conn)
  rawset(conn.socket, "parser", nil)
  conn.req, conn.res = false, false
end

-- After the 'end' listeners of the response had their turn the socket is free.
local function emit_free(req, conn)
  rawset(req, "_closed", true)
  req:emit "close"
  local socket = req.socket
  if not socket then return end
  socket:emit "free"
  if not conn.req and not conn.kept and rawget(socket, "_httpClient") == conn then M.detach(conn) end
end

local function keep_alive(conn, req)
  local socket = conn.socket
  local timeout_listener = rawget(req, "timeoutCb")
  if timeout_listener then
    local options = rawget(req, "agent") and req.agent.options
    if socket.timeout ~= (options and options.timeout or 0) then socket:setTimeout(0) end
    socket:removeListener("timeout", timeout_listener)
    rawset(req, "timeoutCb", nil)
  end
  local res = rawget(req, "res")
  conn.req, conn.res, conn.kept = false, false, false
  rawset(socket, "parser", nil)
  if conn.custom then free_parser(conn) end
  rawset(req, "destroyed", true)
  if res then rawset(res, "socket", nil) end -- destroying the response must not touch a socket that serves another
  nextTick(emit_free, req, conn)
end

local function keep_alive_later(conn, req) -- the upload goes on
  req:once("finish", function()
    if conn.req == req and req.shouldKeepAlive then keep_alive(conn, req) end
  end)
end

local function on_response_end(conn)
  local req = conn.req
  if not req then return end
  rawset(req, "_ended", true)
  conn.times = false
  if not req.shouldKeepAlive then
    local socket = conn.socket
    if socket.writable then
      if type(socket.destroySoon) == "function" then socket:destroySoon() else socket:finish() end
    end
  elseif not req.aborted then
    if req.writableFinished then return keep_alive(conn, req) end
    keep_alive_later(conn, req)
  end
end

-- ---- what the socket tells

local function hang_up(conn, req)
  conn.had_error = true
  M.emit_error(req, reset "socket hang up")
end

local function on_close(conn)
  local req = conn.req
  if not req then return end
  rawset(req, "destroyed", true)
  local res = req.res
  clear(conn)
  rawset(req, "outputData", nil)
  rawset(req, "outputSize", 0)
  if res then
    if not res.complete then res:destroy(reset "aborted") end
    rawset(req, "_closed", true)
    req:emit "close"
    if not res.aborted and res.readable then res:push(nil) end
  else
    if not conn.had_error then hang_up(conn, req) end
    rawset(req, "_closed", true)
    req:emit "close"
  end
end

local function on_error(conn, err)
  local req, socket = conn.req, conn.socket
  conn.ignore = true
  if req then
    conn.had_error = true
    socket:destroy()
    M.emit_error(req, err)
    -- As in Node: what lasts until the end of the connection has ended.
    local parser = conn.parser
    if parser and not conn.complete and not conn.executing then parser:finish() end
  else -- while it lies idle an error only means that it is gone
    socket:destroy()
    if conn.kept then socket:emit "agentRemove" end
  end
end

local function on_end(conn)
  local req, socket = conn.req, conn.socket
  if not req or conn.ignore then return end
  conn.ignore = true
  local parser = conn.parser
  if parser and not conn.complete and not conn.executing then parser:finish() end
  if not req.res and not conn.had_error then hang_up(conn, req) end
  socket:finish()
end

-- The socket is another protocol's now.
local function on_upgrade(conn, chunk, parsed)
  local req, res, socket = conn.req, conn.res, conn.socket
  local head
  if type(chunk) == "string" then
    head = require("lunode.buffer").Buffer.from(chunk:sub(parsed + 1))
  else
    head = chunk:subarray(parsed)
  end
  local name = req.method == "CONNECT" and "connect" or "upgrade"
  if req:listenerCount(name) == 0 then -- asked for, but nobody to take it
    conn.ignore = true
    socket:destroy()
    return
  end
  M.detach(conn)
  rawset(req, "upgradeOrConnect", true)
  socket:emit "agentRemove"
  socket._httpMessage = nil
  local state = socket._readableState
  if state then state.flowing = nil end
  req:emit(name, res, socket, head)
  rawset(req, "destroyed", true)
  rawset(req, "_closed", true)
  req:emit "close"
end

local function parse_error(code, reason, parsed, chunk)
  local err = errors.Error("Parse Error: " .. reason)
  rawset(err, "code", code)
  rawset(err, "reason", reason)
  rawset(err, "bytesParsed", parsed)
  rawset(err, "rawPacket", chunk)
  return err
end

-- The stack is empty now: a parser that is still at work was left by an error, and is of no more use.
local function check_parser(conn)
  if not conn.executing then return end
  conn.executing, conn.parser, conn.later, conn.ignore = false, false, false, true
  conn.socket:destroy()
end

local function on_data(conn, chunk)
  local req = conn.req
  if not req then
    -- Bytes that nobody asked for would be taken for the next request's answer.
    if conn.kept then
      conn.ignore = true
      conn.socket:destroy()
    end
    return
  end
  if conn.ignore then return end
  if conn.complete then -- the answer is over, the upload may not be: this socket is not to be used again
    rawset(req, "shouldKeepAlive", false)
    return
  end
  local parser = conn.parser
  if conn.executing then
    -- Either the parser is at work below us (a stream that answers from within its write), or a listener raised there.
    local later = conn.later or {}
    later[#later + 1] = chunk
    conn.later = later
    nextTick(check_parser, conn)
    return
  end
  conn.executing = true
  local parsed, code, reason, at = parser:execute(chunk)
  conn.executing = false
  if not parsed then
    conn.ignore, conn.had_error = true, true
    conn.socket:removeListener("data", conn.on_data)
    conn.socket:removeListener("end", conn.on_end)
    conn.socket:destroy()
    M.emit_error(req, parse_error(code, reason, at, chunk))
  elseif conn.upgraded then
    on_upgrade(conn, chunk, parsed)
  end
  local later = conn.later
  if later then
    conn.later = false
    for i = 1, #later do conn.on_data(later[i]) end
  end
end

local function on_drain(conn)
  local req = conn.req
  if req and not req.finished and req._needDrain then
    rawset(req, "_needDrain", false)
    req:emit "drain"
  end
end

-- The request's 'timeout' comes once.
local function on_request_timeout(conn)
  local req, socket = conn.req, conn.socket
  socket:removeListener("timeout", conn.on_request_timeout)
  if req and conn.times then req:emit "timeout" end
end

local function on_response_timeout(conn)
  local req = conn.req
  local res = req and conn.times and rawget(req, "res")
  if res then res:emit "timeout" end
end

-- The socket's time limit is the request's from now on. As in Node the listener is req.timeoutCb, for one 'timeout'.
function M.watch_time(req)
  local conn = rawget(req.socket, "_httpClient")
  if not conn or rawget(req, "timeoutCb") then return end
  rawset(req, "timeoutCb", conn.on_request_timeout)
  req.socket:on("timeout", conn.on_request_timeout)
end

-- ---- the life of a conn

local function new_connection(socket)
  local conn = {
    socket = socket, req = false, res = false, parser = false, custom = false, kept = false, executing = false, later = false, ignore = false,
    complete = false, informational = false, upgraded = false, had_error = false, times = false, answered = false, deaf = false, mark = socket.readableHighWaterMark, context = false,
  }
  -- What the socket tells is told in the async context that the request was made in.
  local function within(fn)
    return function(value)
      local before = queue.context
      queue.context = conn.context
      fn(conn, value)
      queue.context = before
    end
  end
  conn.on_error, conn.on_data, conn.on_end = within(on_error), within(on_data), within(on_end)
  conn.on_close, conn.on_drain = within(on_close), within(on_drain)
  conn.on_request_timeout, conn.on_response_timeout = within(on_request_timeout), within(on_response_timeout)
  conn.on_response_end = function() on_response_end(conn) end
  rawset(socket, "_httpClient", conn)
  socket:on("error", conn.on_error)
  socket:on("data", conn.on_data)
  socket:on("end", conn.on_end)
  socket:on("close", conn.on_close)
  socket:on("drain", conn.on_drain)
  return conn
end

function M.of(socket) return rawget(socket, "_httpClient") end

function M.detach(conn)
  local socket = conn.socket
  clear(conn)
  rawset(socket, "_httpClient", nil)
  conn.ignore = true
  socket:removeListener("error", conn.on_error)
  socket:removeListener("data", conn.on_data)
  socket:removeListener("end", conn.on_end)
  socket:removeListener("close", conn.on_close)
  socket:removeListener("drain", conn.on_drain)
  socket:removeListener("timeout", conn.on_request_timeout)
  if conn.answered then socket:removeListener("timeout", conn.on_response_timeout) end
end

function M.attach(req, socket)
  local conn = rawget(socket, "_httpClient")
  if conn then
    local state = socket._readableState
    if state and state.flowing == false then socket:resume() end
    listen_again(conn)
  else
    conn = new_connection(socket)
  end
  conn.req, conn.res, conn.kept = req, false, false
  conn.complete, conn.informational, conn.upgraded, conn.had_error, conn.times = false, false, false, false, true
  conn.context = queue.context
  take_parser(conn, req)
  rawset(socket, "_httpMessage", req)
  rawset(socket, "parser", conn.parser)
  rawset(req, "socket", socket)
  return conn
end

return M
