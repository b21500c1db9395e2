-- SPDX-License-Identifier: MIT
--
-- http.OutgoingMessage: what ServerResponse and ClientRequest have in common (Node 20 docs: Class: http.OutgoingMessage).
--
-- Three layers:
--   the header store     setHeader, getHeader … on `_out`, a list of {name, value, lower-case name} in order
--   the head             _storeHeader(first line, headers) fixes `_header`, the text up to the blank line, and how the body is framed
--   the transport        _send puts the head before the first bytes; _writeRaw writes to `socket`, or keeps what is sent
--                        (outputData) until there is one: then _flush()
-- The server's responses replace the last two by C (server_response.lua).
local class = require "lunode.internal.class"
local common = require "lunode.http.common"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local stream = require "lunode.stream"
local validators = require "lunode.internal.validators"

local http = core.http
local type, rawget, rawset, error, tostring, floor = type, rawget, rawset, error, tostring, math.floor
local lower, bytes_of, check_chunk = common.lower, common.bytes, common.check_chunk
local callback, optional_callback = validators.callback, validators.optional_callback
local nextTick = queue.nextTick
local null = errors.null
local band = require("bit").band
local byte, insert, door = string.byte, table.insert, validators.door

local OutgoingMessage = class("OutgoingMessage", stream.Stream or stream)
local prototype = OutgoingMessage.prototype

-- What a message is until told otherwise.
prototype.writable = true
prototype.destroyed = false
prototype.finished = false
prototype.sendDate = false
prototype.shouldKeepAlive = true
prototype.useChunkedEncodingByDefault = true
prototype.maxRequestsOnConnectionReached = false
prototype.strictContentLength = false
prototype._defaultKeepAlive = true
prototype._removedConnection = false
prototype._removedContLen = false
prototype._removedTE = false
prototype._hasBody = true
prototype._trailer = ""
prototype._headerSent = false
prototype._closed = false
prototype._corked = 0
prototype._needDrain = false
prototype._bytesWritten = 0
prototype._keepAliveTimeout = 0
prototype._highWaterMark = 16384

-- options: highWaterMark (bytes), rejectNonStandardBodyWrites
function OutgoingMessage:initialize(options)
  if options and options.highWaterMark then rawset(self, "_highWaterMark", options.highWaterMark) end
  if options and options.rejectNonStandardBodyWrites then rawset(self, "_rejectBody", true) end
end

function OutgoingMessage:_onPendingData() end

-- ---- the header store

local function find(out, low)
  for i = 1, #out do
    if out[i][3] == low then return out[i], i end
  end
end

local function check_sent(self, what)
  if self._header then error(errors.ERR_HTTP_HEADERS_SENT(what), 0) end
end

local function check_name(name)
  if type(name) ~= "string" then error(errors.ERR_INVALID_ARG_TYPE("name", "string", name), 0) end
  return lower(name)
end

-- Where a new field goes: JavaScript's objects have what reads as an index first, in order.
local function place(out, low)
  local last = #out + 1
  local first = byte(low)
  if not door.adapt or first < 48 or first > 57 or low ~= "0" and not low:find "^[1-9]%d*$" then return last end
  local at, index = 1, tonumber(low)
  while at < last and (tonumber(out[at][3], 10) or math.huge) < index do at = at + 1 end
  return at
end

local function store(self, name, value)
  local low = lower(name)
  local out = rawget(self, "_out")
  if not out then
    rawset(self, "_out", { { name, value, low } })
    return
  end
  local field = find(out, low)
  if field then field[1], field[2] = name, value else insert(out, place(out, low), { name, value, low }) end
end

-- value: text, number or a list of text.
function OutgoingMessage:setHeader(name, value)
  check_sent(self, "set")
  common.validateHeaderName(name)
  common.validateHeaderValue(name, value)
  store(self, name, value)
  return self
end

function OutgoingMessage:appendHeader(name, value)
  check_sent(self, "append")
  common.validateHeaderName(name)
  common.validateHeaderValue(name, value)
  local out = rawget(self, "_out")
  local field = out and find(out, lower(name))
  if not field then
    store(self, name, value)
    return self
  end
  local list = {}
  for _, old in ipairs { field[2], value } do
    if type(old) == "table" then
      for i = 1, #old do list[#list + 1] = old[i] end
    else
      list[#list + 1] = old
    end
  end
  field[2] = shape.list(list)
  return self
end

-- A map, a list of pairs, a Headers or Map object (anything whose :entries() or :iter() gives name and value), a flat list.
function OutgoingMessage:setHeaders(headers)
  check_sent(self, "set")
  if type(headers) ~= "table" or headers == null then
    error(errors.ERR_INVALID_ARG_TYPE("headers", { "Headers", "Map" }, headers), 0)
  end
  local cookies
  local function set(name, value)
    if lower(tostring(name)) == "set-cookie" then
      cookies = cookies or {}
      if type(value) == "table" then for i = 1, #value do cookies[#cookies + 1] = value[i] end else cookies[#cookies + 1] = value end
    else
      self:setHeader(name, value)
    end
  end
  if type(headers.forEach) == "function" then
    headers:forEach(validators.door.adapt and function(_, value, name) set(name, value) end or function(value, name) set(name, value) end)
  elseif not shape.is_sequence(headers) then
    local names = shape.keys(headers)
    for i = 1, #names do set(shape.key_text(names[i]), headers[names[i]]) end
  elseif type(headers[1]) == "table" then
    for i = 1, #headers do set(headers[i][1], headers[i][2]) end
  else
    for i = 1, #headers, 2 do set(headers[i], headers[i + 1]) end
  end
  if cookies then self:setHeader("set-cookie", shape.list(cookies)) end
  return self
end

function OutgoingMessage:getHeader(name)
  local low = check_name(name)
  local out = rawget(self, "_out")
  local field = out and find(out, low)
  if field then return field[2] end
end

-- -> list of names in lower case, in order
function OutgoingMessage:getHeaderNames()
  local out, names = rawget(self, "_out") or {}, {}
  for i = 1, #out do names[i] = out[i][3] end
  return shape.list(names)
end

function OutgoingMessage:getRawHeaderNames()
  local out, names = rawget(self, "_out") or {}, {}
  for i = 1, #out do names[i] = out[i][1] end
  return shape.list(names)
end

-- -> table of lower-case name to value
function OutgoingMessage:getHeaders()
  local out, map = rawget(self, "_out") or {}, shape.bare {}
  for i = 1, #out do shape.put(map, out[i][3], out[i][2]) end
  return map
end

function OutgoingMessage:hasHeader(name)
  local low = check_name(name)
  local out = rawget(self, "_out")
  return out ~= nil and find(out, low) ~= nil
end

function OutgoingMessage:removeHeader(name)
  local low = check_name(name)
  check_sent(self, "remove")
  if low == "connection" then rawset(self, "_removedConnection", true)
  elseif low == "content-length" then rawset(self, "_removedContLen", true)
  elseif low == "transfer-encoding" then rawset(self, "_removedTE", true)
  elseif low == "date" then rawset(self, "sendDate", false) end
  local out = rawget(self, "_out")
  local _, at
  if out then _, at = find(out, low) end
  if at then table.remove(out, at) end
end

-- ---- the head

-- Fixes the head. `headers` nil: those of the store. See http_head.h for the forms that `headers` may have.
function OutgoingMessage:_storeHeader(first_line, headers)
  local text, bits, length, bad = http.head(headers or rawget(self, "_out"), rawget(self, "_unique"))
  if not text then common.raise_head(bits, length, bad) end
  local has_length, has_encoding = band(bits, 1) ~= 0, band(bits, 2) ~= 0
  if has_length then
    rawset(self, "_contentLength", length == length and length or nil)
    rawset(self, "_removedContLen", false)
  end
  if has_encoding then
    rawset(self, "_removedTE", false)
    if band(bits, 4) ~= 0 then rawset(self, "chunkedEncoding", true) end
  end
  if band(bits, 8) ~= 0 then
    rawset(self, "_removedConnection", false)
    if band(bits, 16) ~= 0 then rawset(self, "_last", true) else rawset(self, "shouldKeepAlive", true) end
  end
  if band(bits, 256) ~= 0 then rawset(self, "_defaultKeepAlive", false) end
  local tail = ""
  if self.sendDate and band(bits, 32) == 0 then tail = "Date: " .. common.utcDate() .. "\r\n" end
  if self.chunkedEncoding and (self.statusCode == 204 or self.statusCode == 304) then
    rawset(self, "chunkedEncoding", false)
    rawset(self, "shouldKeepAlive", false)
  end
  if self._removedConnection then
    rawset(self, "_last", not self.shouldKeepAlive)
  elseif band(bits, 8) == 0 then
    local keep = self.shouldKeepAlive and (has_length or self.useChunkedEncodingByDefault or self.agent)
    if keep and self.maxRequestsOnConnectionReached then
      tail = tail .. "Connection: close\r\n"
    elseif keep then
      tail = tail .. "Connection: keep-alive\r\n"
      local timeout = self._keepAliveTimeout
      if timeout ~= 0 and self._defaultKeepAlive then
        local max = self._maxRequestsPerSocket
        tail = tail .. ("Keep-Alive: timeout=%d%s\r\n"):format(floor(timeout / 1000), max and max > 0 and (", max=%d"):format(max) or "")
      end
    else
      rawset(self, "_last", true)
      tail = tail .. "Connection: close\r\n"
    end
  end
  if not has_length and not has_encoding then
    if not self._hasBody then
      rawset(self, "chunkedEncoding", false)
    elseif not self.useChunkedEncodingByDefault then
      rawset(self, "_last", true)
    elseif band(bits, 128) == 0 and not self._removedContLen and type(self._contentLength) == "number" then
      tail = tail .. ("Content-Length: %.0f\r\n"):format(self._contentLength)
    elseif not self._removedTE then
      tail = tail .. "Transfer-Encoding: chunked\r\n"
      rawset(self, "chunkedEncoding", true)
    else
      rawset(self, "_last", true)
    end
  end
  if not self.chunkedEncoding and band(bits, 128) ~= 0 then error(errors.ERR_HTTP_TRAILER_INVALID(), 0) end
  rawset(self, "_header", first_line .. text .. tail .. "\r\n")
  rawset(self, "_headerSent", false)
  if band(bits, 64) ~= 0 then self:_send "" end
end

function OutgoingMessage:_implicitHeader() error(errors.ERR_METHOD_NOT_IMPLEMENTED "_implicitHeader()", 0) end

-- Header lines for the end of a chunked body; forms as for headers.
function OutgoingMessage:addTrailers(headers)
  if headers == nil or headers == null then error(errors.TypeError "Cannot convert undefined or null to object", 0) end
  local text, what, name, value = http.head(headers)
  if not text then
    if what == "name" then error(errors.ERR_INVALID_HTTP_TOKEN("Trailer name", name == nil and "undefined" or name), 0) end
    if what == "char" then error(errors.ERR_INVALID_CHAR("trailer content", name), 0) end
    common.raise_head(what, name, value)
  end
  rawset(self, "_trailer", text)
end

-- ---- the transport

-- Sends bytes, the head first when it is due. Returns false when the reader should wait for 'drain'.
function OutgoingMessage:_send(data, encoding, cb)
  cb = optional_callback(cb, "cb")
  if not self._headerSent then
    rawset(self, "_headerSent", true)
    data = bytes_of(data, encoding)
    if type(data) == "string" and #data < 4096 then
      data = (self._header or "") .. data
    else
      self:_writeRaw(self._header or "")
    end
    return self:_writeRaw(data, nil, cb)
  end
  return self:_writeRaw(data, encoding, cb)
end

local function flush_output(self, socket)
  local list = rawget(self, "outputData")
  if not list or #list == 0 then return true end
  rawset(self, "outputData", nil)
  local ok = true
  socket:cork()
  for i = 1, #list do ok = socket:write(list[i].data, nil, list[i].callback) end
  socket:uncork()
  local size = self.outputSize
  rawset(self, "outputSize", 0)
  self:_onPendingData(-size)
  return ok
end

-- The public form of it.
function OutgoingMessage:_flushOutput(socket) return flush_output(self, socket) end

function OutgoingMessage:_writeRaw(data, encoding, cb)
  if type(encoding) == "function" then encoding, cb = nil, encoding end
  cb = optional_callback(cb, "cb")
  data = bytes_of(data, encoding)
  local socket = self.socket
  if socket and socket.destroyed then return false end
  if socket and socket._httpMessage == self and socket.writable then
    flush_output(self, socket)
    return socket:write(data, nil, cb)
  end
  local list = rawget(self, "outputData")
  if not list then
    list = {}
    rawset(self, "outputData", list)
  end
  list[#list + 1] = { data = data, callback = cb }
  rawset(self, "outputSize", self.outputSize + #data)
  self:_onPendingData(#data)
  return self.outputSize < self._highWaterMark
end

-- There is a socket now, or it is this message's turn on it.
function OutgoingMessage:_flush()
  local socket = self.socket
  if not socket or not socket.writable then return end
  local ok = flush_output(self, socket)
  if self.finished then
    self:_finish()
  elseif ok and self._needDrain then
    rawset(self, "_needDrain", false)
    self:emit "drain"
  end
end

local function nop() end

local function on_error(self, err, cb)
  nextTick(function()
    cb(err)
    if not self.destroyed then self:emit("error", err) end
  end)
end

-- Whether the announced length is to be held to.
local function strict(self)
  return self.strictContentLength and self._contentLength ~= nil and self._hasBody and not self._removedContLen
    and not self.chunkedEncoding and not self:hasHeader "transfer-encoding"
end

local function uncork_later(socket)
  socket:uncork()
end

-- One piece of the body. from_end: the last one, whose length may be announced.
function OutgoingMessage:_write_(chunk, encoding, cb, from_end)
  cb = cb == nil and nop or callback(cb, "callback")
  chunk = check_chunk(chunk)
  local err
  if self.finished then err = errors.ERR_STREAM_WRITE_AFTER_END()
  elseif self.destroyed then err = errors.ERR_STREAM_DESTROYED "write" end
  if err then
    if self.destroyed then nextTick(cb, err) else on_error(self, err, cb) end
    return false
  end
  chunk = bytes_of(chunk, encoding)
  local length = #chunk
  if self.strictContentLength then
    local total = self._bytesWritten + length
    if strict(self) and (from_end and total ~= self._contentLength or total > self._contentLength) then
      error(errors.ERR_HTTP_CONTENT_LENGTH_MISMATCH(("%.0f"):format(total), ("%.0f"):format(self._contentLength)), 0)
    end
    rawset(self, "_bytesWritten", total)
  end
  if not self._header then
    if from_end then rawset(self, "_contentLength", length) end
    self:_implicitHeader()
  end
  if not self._hasBody then
    if self._rejectBody then error(errors.ERR_HTTP_BODY_NOT_ALLOWED(), 0) end
    nextTick(cb)
    return true
  end
  local socket = self.socket
  if not from_end and socket and socket.writableCorked == 0 then
    socket:cork()
    nextTick(uncork_later, socket)
  end
  local ok
  if self.chunkedEncoding and length ~= 0 then
    if self._corked > 0 and self._headerSent then
      local held = rawget(self, "_held")
      if not held then
        held = { size = 0 }
        rawset(self, "_held", held)
      end
      held[#held + 1] = { chunk, cb }
      held.size = held.size + length
      ok = held.size < self._highWaterMark
    else
      self:_send(("%x\r\n"):format(length))
      self:_send(chunk)
      ok = self:_send("\r\n", nil, cb)
    end
  else
    ok = self:_send(chunk, nil, cb)
  end
  if not ok then rawset(self, "_needDrain", true) end
  return ok
end

-- chunk: string or Buffer. Returns false when the caller should wait for 'drain'.
function OutgoingMessage:write(chunk, encoding, cb)
  if type(encoding) == "function" then encoding, cb = nil, encoding end
  return prototype._write_(self, chunk, encoding, optional_callback(cb, "callback"), false)
end

local function on_finish(self)
  if self.socket and self.socket.destroyed and self.socket.errored then return end
  self:emit "finish"
end

-- Ends the message, with a last piece of the body if given. In Lua also `finish`.
prototype["end"] = function(self, chunk, encoding, cb)
  if type(chunk) == "function" then chunk, encoding, cb = nil, nil, chunk
  elseif type(encoding) == "function" then encoding, cb = nil, encoding end
  if chunk == null then chunk = nil end
  cb = optional_callback(cb, "callback")
  local socket = self.socket
  if chunk ~= nil then
    if self.finished then
      on_error(self, errors.ERR_STREAM_WRITE_AFTER_END(), cb or nop)
      return self
    end
    chunk = check_chunk(chunk)
    if socket then socket:cork() end
    if #chunk > 0 or not self._header then self:_write_(chunk, encoding, nil, true) end
  elseif self.finished then
    if cb then
      local function late() cb(errors.ERR_STREAM_ALREADY_FINISHED "end") end
      if self.writableFinished then late() else self:on("finish", late) end
    end
    return self
  elseif not self._header then
    if socket then socket:cork() end
    rawset(self, "_contentLength", 0)
    self:_implicitHeader()
  end
  if cb then self:once("finish", cb) end
  if strict(self) and self._bytesWritten ~= self._contentLength then
    error(errors.ERR_HTTP_CONTENT_LENGTH_MISMATCH(("%.0f"):format(self._bytesWritten), ("%.0f"):format(self._contentLength)), 0)
  end
  local function over() on_finish(self) end
  self:_uncork_chunks()
  if self._hasBody and self.chunkedEncoding then
    self:_send("0\r\n" .. self._trailer .. "\r\n", nil, over)
  elseif not self._headerSent or self.writableLength > 0 or chunk ~= nil then
    self:_send("", nil, over)
  else
    nextTick(over)
  end
  socket = self.socket
  if socket then
    while socket.writableCorked > 1 do socket:uncork() end
    socket:uncork()
  end
  rawset(self, "_corked", 0)
  rawset(self, "finished", true)
  local waiting = rawget(self, "outputData")
  if (not waiting or #waiting == 0) and socket and socket._httpMessage == self then self:_finish() end
  return self
end
prototype.finish = prototype["end"]

function OutgoingMessage:_finish() self:emit "prefinish" end

-- What was written while corked goes out as one chunk.
function OutgoingMessage:_uncork_chunks()
  local held = rawget(self, "_held")
  if not held or #held == 0 then return end
  rawset(self, "_held", nil)
  self:_send(("%x\r\n"):format(held.size))
  for i = 1, #held do self:_send(held[i][1]) end
  self:_send("\r\n", nil, function(err)
    for i = 1, #held do held[i][2](err) end
  end)
end

function OutgoingMessage:cork()
  rawset(self, "_corked", self._corked + 1)
  if self.socket then self.socket:cork() end
end

function OutgoingMessage:uncork()
  if self._corked > 0 then rawset(self, "_corked", self._corked - 1) end
  if self._corked == 0 then self:_uncork_chunks() end
  if self.socket then self.socket:uncork() end
end

-- Sends the head now.
function OutgoingMessage:flushHeaders()
  if not self._header then self:_implicitHeader() end
  self:_send ""
end

function OutgoingMessage:setTimeout(ms, cb)
  cb = optional_callback(cb, "callback")
  if cb then self:on("timeout", cb) end
  if self.socket then
    self.socket:setTimeout(ms)
  else
    self:once("socket", function(socket) socket:setTimeout(ms) end)
  end
  return self
end

function OutgoingMessage:destroy(err)
  if self.destroyed then return self end
  rawset(self, "destroyed", true)
  rawset(self, "_errored", err)
  if self.socket then
    self.socket:destroy(err)
  else
    self:once("socket", function(socket) socket:destroy(err) end)
  end
  return self
end

-- Nothing can be read from it.
function OutgoingMessage:pipe() self:emit("error", errors.ERR_STREAM_CANNOT_PIPE()) end

function OutgoingMessage:_renderHeaders()
  check_sent(self, "render")
  local out, map = rawget(self, "_out") or {}, shape.dict {}
  for i = 1, #out do shape.put(map, out[i][1], out[i][2]) end
  return map
end

-- ---- what can be asked

local function reads(name, get, set) OutgoingMessage:accessor(name, get, set) end
reads("headersSent", function(self) return self._header ~= nil and self._header ~= false end)
reads("outputSize", function() return 0 end, function(self, value) rawset(self, "outputSize", value) end)
reads("outputData", function() return shape.list {} end, function(self, value) rawset(self, "outputData", value) end)
reads("writableEnded", function(self) return self.finished end)
reads("writableFinished", function(self)
  local socket = self.socket
  return self.finished and self.outputSize == 0 and (not socket or socket.writableLength == 0)
end)
reads("writableLength", function(self)
  local socket, held = self.socket, rawget(self, "_held")
  return self.outputSize + (held and held.size or 0) + (socket and socket.writableLength or 0)
end)
reads("writableHighWaterMark", function(self)
  local socket = self.socket
  return socket and socket.writableHighWaterMark or self._highWaterMark
end)
reads("writableCorked", function(self) return self._corked end)
reads("writableNeedDrain", function(self) return not self.destroyed and not self.finished and self._needDrain end)
reads("writableObjectMode", function() return false end)
-- No defaults in the prototype: subclasses work them out.
for _, name in ipairs { "chunkedEncoding", "_last" } do
  reads(name, function() return false end, function(self, value) rawset(self, name, value) end)
end
reads("errored", function(self) return rawget(self, "_errored") end)
reads("closed", function(self) return self._closed end)
reads("connection", function(self) return self.socket end, function(self, value) rawset(self, "socket", value) end)
reads("_headers", function(self) return self:getHeaders() end)

return OutgoingMessage
