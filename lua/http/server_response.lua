-- SPDX-License-Identifier: MIT
--
-- http.ServerResponse (Node 20 docs: Class: http.ServerResponse).
--
-- Two transports. A response that the server made has `_conn` and `_seq`: heads are built, bodies framed, answers put in
-- order and written in C (src/http_connection.h), and no stream or socket exists. One made by hand (`ServerResponse(req)`
-- with assignSocket) uses OutgoingMessage's.
--
-- The server makes it as a table with just these fields: req, statusCode, sendDate, shouldKeepAlive, finished, _conn, _seq and
-- _state, bits of which 0 is the plain case:
--   1 the head is fixed   2 statusMessage was set   4 listened to   8 something that needs a closer look (removed headers …)
--   16 the last request allowed   32 the request is HTTP/1.0 with TE: chunked   64 no chunked encoding
--   256 chunked   512 the connection closes after it   1024 it has a body
local bit = require "bit"
local common = require "lunode.http.common"
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"
local OutgoingMessage = require "lunode.http.outgoing_message"

local http = core.http
local band, bor = bit.band, bit.bor
local type, rawget, rawset, error, floor, tostring, tonumber = type, rawget, rawset, error, math.floor, tostring, tonumber
local c_write_head, c_write, c_finish, c_raw, c_track, c_queued = http.writeHead, http.write, http.finish, http.raw, http.track, http.queued
local STATUS_CODES = common.STATUS_CODES
local bytes_of, check_chunk = common.bytes, common.check_chunk
local optional_callback = validators.optional_callback
local nextTick = queue.nextTick
local new_events = require("lunode.internal.shape").new_events
local null = errors.null
local base = OutgoingMessage.prototype

local HEADED, PHRASED, TOUCHED, SPECIAL, MAX_REACHED, TE_CHUNKED, NOT_CHUNKED = 1, 2, 4, 8, 16, 32, 64
local CHUNKED, LAST, HAS_BODY = 256, 512, 1024

local ServerResponse = class("ServerResponse", OutgoingMessage)
local prototype = ServerResponse.prototype
prototype.statusCode = 200
prototype._state = 0
prototype.sendDate = true
prototype._sent100 = false
prototype._expect_continue = false

-- By hand: ServerResponse(req, options); options as OutgoingMessage's.
function ServerResponse:initialize(req, options)
  base.initialize(self, options)
  rawset(self, "req", req)
  rawset(self, "sendDate", true)
  if req.method == "HEAD" then rawset(self, "_hasBody", false) end
  local major, minor = req.httpVersionMajor, req.httpVersionMinor
  if major ~= nil and minor ~= nil and (major < 1 or minor < 1) then
    local te = req.headers and req.headers.te
    rawset(self, "useChunkedEncodingByDefault", te ~= nil and te:lower():find("chunked", 1, true) ~= nil)
    rawset(self, "shouldKeepAlive", false)
  end
end

local function mark(self, bits) rawset(self, "_state", bor(self._state, bits)) end

-- ---- the head

-- A response whose length is known when its head is made by finish(): told to writeHead without a field.
local length_of, known_length

local function fields_with(self, headers)
  if headers == nil then return rawget(self, "_out") end
  if not shape.is_sequence(headers) then
    local names = shape.keys(headers)
    for i = 1, #names do self:setHeader(shape.key_text(names[i]), headers[names[i]]) end
  elseif type(headers[1]) == "table" then
    for i = 1, #headers do self:setHeader(headers[i][1], headers[i][2]) end
  else
    if #headers % 2 ~= 0 then error(errors.ERR_INVALID_ARG_VALUE("headers", headers), 0) end
    for i = 1, #headers, 2 do self:setHeader(headers[i], headers[i + 1]) end
  end
  return rawget(self, "_out")
end

local function options_of(self, state)
  local options = 0
  if self._removedConnection then options = options + 1 end
  if self._removedTE then options = options + 2 end
  if self._removedContLen then options = options + 4 end
  if band(state, TE_CHUNKED) ~= 0 then options = options + 8 end
  if band(state, MAX_REACHED) ~= 0 then options = options + 32 end
  if band(state, NOT_CHUNKED) ~= 0 then options = options + 64 end
  return options
end

local function plain_head(self, status, reason, headers)
  local text = "HTTP/1.1 " .. status .. " " .. reason .. "\r\n"
  if status == 204 or status == 304 or status >= 100 and status <= 199 then rawset(self, "_hasBody", false) end
  if self._expect_continue and not self._sent100 then rawset(self, "shouldKeepAlive", false) end
  self:_storeHeader(text, headers)
end

-- writeHead(status, reason, headers), (status, headers); headers: map, flat list or list of pairs. Returns the response.
-- Raises ERR_HTTP_INVALID_STATUS_CODE, ERR_INVALID_CHAR, ERR_HTTP_HEADERS_SENT …
function ServerResponse:writeHead(status, reason, headers)
  local state = self._state
  if state % 2 ~= 0 or self._conn == nil and self._header then error(errors.ERR_HTTP_HEADERS_SENT "write", 0) end
  local given = status
  if type(status) ~= "number" then status = tonumber(status) or 0 end
  if status % 1 ~= 0 then status = status == status and floor(status) or 0 end
  if status < 100 or status > 999 then error(errors.ERR_HTTP_INVALID_STATUS_CODE(given), 0) end
  if type(reason) == "string" then
    rawset(self, "_statusMessage", reason)
    state = bor(state, PHRASED)
  else
    if headers == nil then headers = reason end
    reason = state >= PHRASED and rawget(self, "_statusMessage") or STATUS_CODES[status] or "unknown"
  end
  if headers == null then headers = nil end
  self.statusCode = status
  local out = rawget(self, "_out")
  if out then headers = fields_with(self, headers) end
  if state >= PHRASED and not http.isValue(reason) then error(errors.ERR_INVALID_CHAR "statusMessage", 0) end
  local conn = self._conn
  if not conn then return plain_head(self, status, reason, headers) or self end
  local keep = self.shouldKeepAlive
  if state >= SPECIAL and self._expect_continue and not self._sent100 then keep = false end
  local length
  if length_of == self then length = known_length end
  local bits, problem, name, value = c_write_head(conn, self._seq, status, reason, headers, self.sendDate, keep, length,
    state >= SPECIAL and options_of(self, state) or nil, state >= SPECIAL and rawget(self, "_unique") or nil)
  if bits then
    self._state = state + HEADED + bits * 256
  elseif bits == nil then
    if problem == "trailer" then error(errors.ERR_HTTP_TRAILER_INVALID(), 0) end
    common.raise_head(problem, name, value)
  else
    self._state = state + HEADED + 1024 -- over: nothing goes out any more
  end
  return self
end
prototype.writeHeader = prototype.writeHead

function ServerResponse:_implicitHeader() self:writeHead(self.statusCode) end

function ServerResponse:removeHeader(name)
  base.removeHeader(self, name)
  mark(self, SPECIAL)
end

ServerResponse:accessor("statusMessage", function(self)
  local message = rawget(self, "_statusMessage")
  if message ~= nil then return message end
  if self._state % 2 ~= 0 or rawget(self, "_header") then return STATUS_CODES[self.statusCode] or "unknown" end
end, function(self, value)
  rawset(self, "_statusMessage", value)
  mark(self, PHRASED)
end)

-- ---- the body

local function nop() end

local function write_failed(self, err, cb)
  nextTick(function()
    if cb then cb(err) end
    if not self.destroyed then self:emit("error", err) end
  end)
end

-- Whether the announced length is to be held to: it, or nil.
local function strict_length(self)
  if not self.strictContentLength or band(self._state, CHUNKED) ~= 0 or band(self._state, HAS_BODY) == 0 then return nil end
  local length = tonumber(self:getHeader "content-length") or rawget(self, "_announced")
  return length
end

local function mismatch(got, want) error(errors.ERR_HTTP_CONTENT_LENGTH_MISMATCH(("%.0f"):format(got), ("%.0f"):format(want)), 0) end

local function add_callback(self, cb)
  local list = rawget(self, "_callbacks")
  if not list then
    list = {}
    rawset(self, "_callbacks", list)
  end
  list[#list + 1] = cb
end

-- What was written while corked goes out as one piece.
local function release_held(self)
  local held = rawget(self, "_held")
  if not held then return end
  rawset(self, "_held", nil)
  local parts = {}
  for i = 1, #held do parts[i] = tostring(held[i]) end
  c_write(self._conn, self._seq, table.concat(parts), rawget(self, "_callbacks") ~= nil)
end

-- A piece of the body, checked; everything but the plain case.
local function write_slowly(self, chunk, encoding, cb, from_end)
  chunk = check_chunk(chunk)
  if self.finished or self.destroyed then
    local err = self.finished and errors.ERR_STREAM_WRITE_AFTER_END() or errors.ERR_STREAM_DESTROYED "write"
    if self.destroyed then nextTick(cb or nop, err) else write_failed(self, err, cb) end
    return false
  end
  chunk = bytes_of(chunk, encoding)
  local length = #chunk
  if self._state % 2 == 0 then
    if from_end then length_of, known_length = self, length end
    self:_implicitHeader()
    length_of = nil
  end
  if self.strictContentLength then
    local want = strict_length(self)
    local total = self._bytesWritten + length
    if want and (from_end and total ~= want or total > want) then mismatch(total, want) end
    rawset(self, "_bytesWritten", total)
  end
  if band(self._state, HAS_BODY) == 0 then
    if self._rejectBody then error(errors.ERR_HTTP_BODY_NOT_ALLOWED(), 0) end
    if cb then nextTick(cb) end
    return true
  end
  if cb then add_callback(self, cb) end
  if self._corked > 0 and rawget(self, "_headerSent") and band(self._state, CHUNKED) ~= 0 then
    local held = rawget(self, "_held")
    if not held then
      held = { size = 0 }
      rawset(self, "_held", held)
    end
    held[#held + 1] = chunk
    held.size = held.size + length
    local more = held.size < self._highWaterMark
    if not more then rawset(self, "_needDrain", true) end
    return more
  end
  if self._corked > 0 then rawset(self, "_headerSent", true) end
  local more = c_write(self._conn, self._seq, chunk, cb ~= nil)
  if not more then rawset(self, "_needDrain", true) end
  return more or false
end

-- chunk: string or Buffer. False: wait for 'drain'.
function ServerResponse:write(chunk, encoding, cb)
  local conn = self._conn
  if not conn then return base.write(self, chunk, encoding, cb) end
  if type(encoding) == "function" then encoding, cb = nil, encoding end
  if encoding ~= nil or cb ~= nil or self.finished or self._state >= SPECIAL and band(self._state, SPECIAL) ~= 0 or type(chunk) ~= "string" and not core.buffer.is(chunk) then
    return write_slowly(self, chunk, encoding, optional_callback(cb, "callback"), false)
  end
  if self._state % 2 == 0 then self:_implicitHeader() end
  local more = c_write(conn, self._seq, chunk)
  if not more then rawset(self, "_needDrain", true) end
  return more or false
end

local function finish_slowly(self, chunk, encoding, cb)
  if type(chunk) == "function" then chunk, encoding, cb = nil, nil, chunk
  elseif type(encoding) == "function" then encoding, cb = nil, encoding end
  cb = optional_callback(cb, "callback")
  if chunk == null then chunk = nil end
  if chunk ~= nil and self.finished then
    write_failed(self, errors.ERR_STREAM_WRITE_AFTER_END(), cb)
    return self
  elseif self.finished then
    if cb then
      local function late() cb(errors.ERR_STREAM_ALREADY_FINISHED "end") end
      if self.writableFinished then late() else self:on("finish", late) end
    end
    return self
  end
  if chunk ~= nil then
    chunk = check_chunk(chunk)
    chunk = bytes_of(chunk, encoding)
  end
  local length = chunk and #chunk or 0
  if self._state % 2 == 0 then
    length_of, known_length = self, length
    rawset(self, "_announced", length)
    self:_implicitHeader()
    length_of = nil
  end
  if self.strictContentLength then
    local want, total = strict_length(self), self._bytesWritten + length
    if want and total ~= want then mismatch(total, want) end
  end
  if length > 0 and band(self._state, HAS_BODY) == 0 then
    if self._rejectBody then error(errors.ERR_HTTP_BODY_NOT_ALLOWED(), 0) end
    chunk = nil
  end
  if cb then self:once("finish", cb) end
  local held = rawget(self, "_held")
  if held then release_held(self) end
  rawset(self, "_corked", nil)
  self.finished = true
  c_finish(self._conn, self._seq, chunk, rawget(self, "_trailer"))
  if rawget(self, "_events") then self:emit "prefinish" end
  return self
end

-- Ends the response, with a last piece of the body if given. In Lua also `finish`.
local function finish(self, chunk, encoding, cb)
  local conn = self._conn
  if not conn then return base["end"](self, chunk, encoding, cb) end
  local state = self._state
  if encoding ~= nil or cb ~= nil or self.finished or state % 256 > HEADED or chunk ~= nil and type(chunk) ~= "string" then
    return finish_slowly(self, chunk, encoding, cb)
  end
  if state == 0 then
    length_of, known_length = self, chunk and #chunk or 0
    self:writeHead(self.statusCode)
    length_of = nil
  end
  self.finished = true
  c_finish(conn, self._seq, chunk)
  return self
end
prototype["end"] = finish
prototype.finish = finish

function ServerResponse:addTrailers(headers)
  base.addTrailers(self, headers)
  mark(self, SPECIAL)
end

function ServerResponse:flushHeaders()
  if not self._conn then return base.flushHeaders(self) end
  if self._state % 2 == 0 then self:_implicitHeader() end
  http.flushHead(self._conn, self._seq)
end

function ServerResponse:_send(data, encoding, cb)
  local conn = self._conn
  if not conn then return base._send(self, data, encoding, cb) end
  cb = optional_callback(cb, "cb")
  if #data > 0 then return self:write(data, encoding, cb) end
  http.flushHead(conn, self._seq)
  if cb then nextTick(cb) end
  return true
end

function ServerResponse:_writeRaw(data, encoding, cb)
  if type(encoding) == "function" then encoding, cb = nil, encoding end
  cb = optional_callback(cb, "cb")
  local conn = self._conn
  if not conn then return base._writeRaw(self, data, encoding, cb) end
  c_raw(conn, self._seq, tostring(bytes_of(data, encoding)))
  if cb then nextTick(cb) end
  return true
end

function ServerResponse:cork()
  if not self._conn then return base.cork(self) end
  mark(self, SPECIAL)
  rawset(self, "_corked", self._corked + 1)
end

function ServerResponse:uncork()
  if not self._conn then return base.uncork(self) end
  if self._corked > 0 then rawset(self, "_corked", self._corked - 1) end
  if self._corked == 0 then release_held(self) end
end

-- ---- interim answers

local function interim(self, text)
  if self._conn then c_raw(self._conn, self._seq, text) else base._writeRaw(self, text) end
end

function ServerResponse:writeContinue(cb)
  cb = optional_callback(cb, "cb")
  interim(self, "HTTP/1.1 100 Continue\r\n\r\n")
  rawset(self, "_sent100", true)
  if cb then nextTick(cb) end
end

function ServerResponse:writeProcessing(cb)
  cb = optional_callback(cb, "cb")
  interim(self, "HTTP/1.1 102 Processing\r\n\r\n")
  if cb then nextTick(cb) end
end

-- hints: {link = text or list of text, [name] = value …}; nothing is sent without a link.
function ServerResponse:writeEarlyHints(hints, cb)
  cb = optional_callback(cb, "cb")
  validators.validateObject(hints, "hints")
  local link = hints.link
  if link == nil or link == null then return end
  local list = type(link) == "table" and link or { link }
  for i = 1, #list do
    if type(list[i]) ~= "string" or not list[i]:match "^%s*<[^>]*>%s*;.*[%w%-]+%s*=?" and not list[i]:match "^%s*<[^>]*>%s*$" then
      error(errors.ERR_INVALID_ARG_VALUE("hints", link, "must be an array or string of format \"</styles.css>; rel=preload; as=style\""), 0)
    end
  end
  if #list == 0 then return end
  local rest, names = {}, shape.keys(hints)
  for i = 1, #names do
    if names[i] ~= "link" then rest[#rest + 1] = { shape.key_text(names[i]), hints[names[i]] } end
  end
  local text, problem, name, value = http.head(rest)
  if not text then common.raise_head(problem, name, value) end
  local joined = table.concat(list, ", ")
  if not http.isValue(joined) then
    error(errors.ERR_INVALID_ARG_VALUE("hints", link, "must be an array or string of format \"</styles.css>; rel=preload; as=style\""), 0)
  end
  interim(self, "HTTP/1.1 103 Early Hints\r\nLink: " .. joined .. "\r\n" .. text .. "\r\n")
  if cb then nextTick(cb) end
end

-- ---- sockets

local function on_socket_close(self)
  if self.destroyed and self._closed then return end
  rawset(self, "destroyed", true)
  rawset(self, "_closed", true)
  self:emit "close"
end

-- For responses made by hand.
function ServerResponse:assignSocket(socket)
  if socket._httpMessage then error(errors.ERR_HTTP_SOCKET_ASSIGNED(), 0) end
  socket._httpMessage = self
  local function closed() on_socket_close(self) end
  rawset(self, "_onSocketClose", closed)
  socket:on("close", closed)
  rawset(self, "socket", socket)
  self:emit("socket", socket)
  self:_flush()
end

function ServerResponse:detachSocket(socket)
  socket:removeListener("close", rawget(self, "_onSocketClose"))
  socket._httpMessage = nil
  rawset(self, "socket", nil)
end

-- http/server.lua sets these: the Socket around a connection, and its end.
ServerResponse.static._socket_of = false
ServerResponse.static._destroy_conn = false

local function socket_of(self)
  local conn = rawget(self, "_conn")
  if conn and not rawget(self, "_detached") then return ServerResponse._socket_of(conn) end
end
ServerResponse:accessor("socket", socket_of, function(self, value) rawset(self, "socket", value) end)

function ServerResponse:setTimeout(ms, cb)
  cb = optional_callback(cb, "callback")
  if cb then self:on("timeout", cb) end
  local socket = self.socket
  if socket then socket:setTimeout(ms) end
  return self
end

function ServerResponse:destroy(err)
  local conn = self._conn
  if not conn then return base.destroy(self, err) end
  if self.destroyed then return self end
  rawset(self, "destroyed", true)
  rawset(self, "_errored", err)
  mark(self, SPECIAL)
  ServerResponse._destroy_conn(conn, err)
  return self
end

-- ---- events come into being when somebody listens

ServerResponse:accessor("_events", function(self)
  if not rawget(self, "_conn") then return nil end
  local events = new_events()
  rawset(self, "_events", events)
  if self.finished then
    c_track(self._conn, self._seq, self)
  else
    rawset(self, "_state", bor(self._state, TOUCHED))
  end
  return events
end, function(self, value) rawset(self, "_events", value) end)

-- ---- what can be asked

local function from_state(name, bits, fallback)
  ServerResponse:accessor(name, function(self)
    local state = self._state
    if state % 2 == 0 then return fallback end
    return band(state, bits) ~= 0
  end, function(self, value) rawset(self, name, value) end)
end
from_state("_last", LAST, false)
from_state("chunkedEncoding", CHUNKED, false)

ServerResponse:accessor("_header", function(self)
  if self._state % 2 ~= 0 then return "HTTP/1.1 " .. self.statusCode .. " " .. tostring(self.statusMessage) .. "\r\n\r\n" end
end, function(self, value) rawset(self, "_header", value) end)

ServerResponse:accessor("headersSent", function(self) return self._state % 2 ~= 0 or rawget(self, "_header") ~= nil end)

ServerResponse:accessor("writableLength", function(self)
  local conn = rawget(self, "_conn")
  if conn then
    local held = rawget(self, "_held")
    return c_queued(conn, self._seq) + (held and held.size or 0)
  end
  local socket = self.socket
  return self.outputSize + (socket and socket.writableLength or 0)
end)

ServerResponse:accessor("outputSize", function(self)
  local conn = rawget(self, "_conn")
  return conn and http.outputSize(conn, self._seq) or 0
end, function(self, value) rawset(self, "outputSize", value) end)

ServerResponse:accessor("writableFinished", function(self)
  if not self.finished then return false end
  local conn = rawget(self, "_conn")
  if conn then return c_queued(conn, self._seq) == 0 end
  local socket = self.socket
  return self.outputSize == 0 and (not socket or socket.writableLength == 0)
end)

ServerResponse:accessor("writableHighWaterMark", function(self)
  if rawget(self, "_conn") then return rawget(self, "_highWaterMark") or self.req._highWaterMark or 16384 end
  local socket = self.socket
  return socket and socket.writableHighWaterMark or self._highWaterMark
end)

-- ---- from C, by way of http/server.lua

local function run_callbacks(self, err)
  local list = rawget(self, "_callbacks")
  if not list then return end
  rawset(self, "_callbacks", nil)
  for i = 1, #list do list[i](err) end
end

local function emit_close(self)
  if self._closed then return end
  rawset(self, "destroyed", true)
  rawset(self, "_closed", true)
  self:emit "close"
end

-- Its bytes are out.
function ServerResponse:_onFinished()
  run_callbacks(self)
  local listened = rawget(self, "_events")
  if listened then
    if self._last then -- as in Node the socket ends before anybody else hears of it
      local conn = rawget(self, "_conn")
      local socket = conn and ServerResponse._existing_socket(conn)
      if socket and socket.destroySoon then socket:destroySoon() end
    end
    self:emit "finish"
  end
  rawset(self, "_detached", true)
  rawset(self, "socket", nil)
  local req = self.req
  if not req._consuming and (rawget(req, "_readableState") or rawget(req, "_events") or not req.complete) then req:_dump() end
  nextTick(emit_close, self)
end

function ServerResponse:_onDrain()
  run_callbacks(self)
  if self._needDrain then
    rawset(self, "_needDrain", false)
    if not self.finished then self:emit "drain" end
  end
end

-- The connection is gone before that.
function ServerResponse:_onConnectionClose()
  run_callbacks(self, errors.ERR_STREAM_DESTROYED "write")
  emit_close(self)
end

-- strictContentLength and useChunkedEncodingByDefault lead away from the plain case when they are set.
ServerResponse:accessor("strictContentLength", function() return false end, function(self, value)
  rawset(self, "strictContentLength", value)
  mark(self, SPECIAL)
end)
ServerResponse:accessor("useChunkedEncodingByDefault", function() return true end, function(self, value)
  rawset(self, "useChunkedEncodingByDefault", value)
  if not value then mark(self, SPECIAL + NOT_CHUNKED) end
end)

ServerResponse.static._states = { SPECIAL = SPECIAL, MAX_REACHED = MAX_REACHED, TE_CHUNKED = TE_CHUNKED }

return ServerResponse
