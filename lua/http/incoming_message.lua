-- SPDX-License-Identifier: MIT
--
-- http.IncomingMessage: a request as the server sees it, a response as the client does (Node 20 docs: Class: http.IncomingMessage).
--
-- It is a Readable, but becomes one only when somebody looks: `_readableState` is made on first use, `headers`,
-- `rawHeaders`, `socket` … likewise. What the object holds from the start:
--   method, url            of a request; statusCode, statusMessage of a response
--   _raw                   the raw header block (src/http_parser.h), _flags the numbers beside it, _trailers the raw trailers
--   _conn                  the server's connection, or nil: then `socket` is a field
--   _arrived               bytes of a body that came with the head, until the stream takes them
--   complete               the whole message has arrived
local class = require "lunode.internal.class"
local core = require "lunode.core"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local stream = require "lunode.stream"
local validators = require "lunode.internal.validators"

local http = core.http
local Readable = stream.Readable
local rawget, rawset, floor = rawget, rawset, math.floor

local IncomingMessage = class("IncomingMessage", Readable)
local prototype = IncomingMessage.prototype

prototype._raw = ""
prototype._flags = 4352 + 1 -- HTTP/1.1
prototype.complete = false
prototype.aborted = false
prototype.upgrade = false
prototype._consuming = false
prototype._dumped = false
prototype.joinDuplicateHeaders = false

-- socket: the net.Socket that it comes from, or nil.
function IncomingMessage:initialize(socket)
  if socket ~= nil then
    rawset(self, "socket", socket)
    rawset(self, "_highWaterMark", socket.readableHighWaterMark)
  end
end

-- ---- the Readable that it is

local function materialise(self)
  if self == prototype then return nil end
  local mark = rawget(self, "_highWaterMark")
  rawset(self, "_readableState", false) -- the constructor asks for nothing of the kind
  Readable.prototype.initialize(self, mark and { highWaterMark = mark } or nil)
  local state = rawget(self, "_readableState")
  local body = rawget(self, "_arrived")
  if body then
    rawset(self, "_arrived", nil)
    self:push(body)
  end
  if rawget(self, "complete") then validators.push_end(self) end
  return state
end

IncomingMessage:accessor("_readableState", function(self)
  return materialise(self)
end, function(self, value) rawset(self, "_readableState", value) end)

function IncomingMessage:_read()
  if not self._consuming then
    self._readableState.readingMore = false
    rawset(self, "_consuming", true)
  end
  local conn = rawget(self, "_conn")
  if conn then return http.resume(conn) end
  local socket = rawget(self, "socket")
  if socket and socket.readable and not socket._paused then socket:resume() end
end

-- From the parser: a piece of the body.
function IncomingMessage:_chunk(buffer)
  if self._dumped then return end
  if not self:push(buffer) then
    local conn = rawget(self, "_conn")
    if conn then return http.pause(conn) end
    local socket = rawget(self, "socket")
    if socket then socket:pause() end
  end
end

-- From the parser: the head.
function IncomingMessage:_head(flags, raw)
  rawset(self, "_flags", flags)
  rawset(self, "_raw", raw)
end

-- From the parser: the end of the message, with its raw trailers or nil.
function IncomingMessage:_complete(trailers)
  if trailers then rawset(self, "_trailers", trailers) end
  rawset(self, "complete", true)
  if rawget(self, "_readableState") then validators.push_end(self) end
end

local function done(self, err, cb)
  if self:listenerCount "error" == 0 then return cb() end
  cb(err)
end

-- 'aborted', and the connection goes, unless the message had been read to its end.
function IncomingMessage:_destroy(err, cb)
  cb = validators.callback(cb, "cb")
  if not self.readableEnded or not self.complete then
    rawset(self, "aborted", true)
    self:emit "aborted"
  end
  local conn = rawget(self, "_conn")
  if conn then
    if self.aborted then http.destroy(conn, err) end
    return queue.nextTick(done, self, err, cb)
  end
  local socket = rawget(self, "socket")
  if socket and not socket.destroyed and self.aborted then
    socket:destroy(err)
    require "lunode.stream.end_of_stream"(socket, function(e)
      if e ~= nil and e.code == "ERR_STREAM_PREMATURE_CLOSE" then e = nil end
      queue.nextTick(done, self, err or e, cb)
    end)
    return
  end
  queue.nextTick(done, self, err, cb)
end

-- Whoever was to read the body never will.
function IncomingMessage:_dump()
  if self._dumped then return end
  rawset(self, "_dumped", true)
  if not rawget(self, "_readableState") then
    local conn = rawget(self, "_conn")
    if conn and not rawget(self, "complete") then http.dump(conn) end
    return
  end
  if self:listenerCount "data" > 0 then self:removeAllListeners "data" end -- what is buffered is nobody's any more
  self:resume()
end

-- listener, if given, hears the socket's 'timeout'.
function IncomingMessage:setTimeout(ms, callback)
  callback = validators.optional_callback(callback, "callback")
  if callback then self:on("timeout", callback) end
  self.socket:setTimeout(ms)
  return self
end

-- ---- what is worked out when asked for

local function lazily(name, make)
  IncomingMessage:accessor(name, function(self)
    local value = make(self)
    if value ~= nil then rawset(self, name, value) end
    return value
  end, function(self, value) rawset(self, name, value) end)
end

-- For JavaScript the bytes are latin1, in Lua they are what they are.
local door, decode = validators.door, core.encoding.decode
local function text_of(raw)
  if door.adapt and raw:find "[\128-\255]" then return decode(raw, "latin1") end
  return raw
end

local function headers_of(self, raw)
  raw = text_of(raw)
  local headers = http.headers(raw, self.joinDuplicateHeaders, shape.dict {})
  local cookies = rawget(headers, "set-cookie")
  if cookies then shape.list(cookies) end
  return headers
end

lazily("headers", function(self) return headers_of(self, self._raw) end)
lazily("headersDistinct", function(self) return http.distinct(text_of(self._raw), shape.bare {}) end)
lazily("rawHeaders", function(self) return shape.list(http.fields(text_of(self._raw))) end)

-- Trailers are there once the body has ended: until then the answer is empty and not kept.
local function trailing(name, make)
  IncomingMessage:accessor(name, function(self)
    local raw = rawget(self, "_trailers")
    local value = make(self, raw or "")
    if raw then rawset(self, name, value) end
    return value
  end, function(self, value) rawset(self, name, value) end)
end
trailing("trailers", headers_of)
trailing("trailersDistinct", function(_, raw) return http.distinct(text_of(raw), shape.bare {}) end)
trailing("rawTrailers", function(_, raw) return shape.list(http.fields(text_of(raw))) end)

lazily("httpVersionMajor", function(self) return floor(self._flags / 256) % 16 end)
lazily("httpVersionMinor", function(self) return floor(self._flags / 4096) % 16 end)
lazily("httpVersion", function(self) return self.httpVersionMajor .. "." .. self.httpVersionMinor end)

-- The server makes its Socket when somebody asks for it (http/server.lua sets this).
IncomingMessage.static._socket_of = false
lazily("socket", function(self)
  local conn = rawget(self, "_conn")
  return conn and IncomingMessage._socket_of(conn) or nil
end)
IncomingMessage:accessor("connection", function(self) return self.socket end, function(self, value) rawset(self, "socket", value) end)

IncomingMessage:accessor("client", function(self) return self.socket end, function(self, value) rawset(self, "socket", value) end)

-- Adds headers as if they had arrived: {"Name", "value", …} (what some libraries use on made-up messages).
function IncomingMessage:_addHeaderLines(list)
  local headers = rawget(self, "headers")
  if headers then
    for i = 1, #list, 2 do self:_addHeaderLine(list[i], list[i + 1], headers) end
    return
  end
  local lines = {}
  for i = 1, #list do lines[i] = list[i] .. "\n" end
  rawset(self, "_raw", self._raw .. table.concat(lines))
  rawset(self, "headers", nil)
  rawset(self, "headersDistinct", nil)
  rawset(self, "rawHeaders", nil)
end

-- Without a value JavaScript's object gets the name all the same.
local function add_bare(self, name, dest)
  local low = name:lower()
  if not shape.put_key or dest[low] ~= nil then return self:_addHeaderLine(name, "undefined", dest) end
  if low == "set-cookie" then
    local list = shape.list {}
    rawset(list, "length", 1)
    dest[low] = list
  else
    shape.put_key(dest, low, nil)
  end
end

function IncomingMessage:_addHeaderLine(name, value, dest)
  if value == nil then return add_bare(self, name, dest) end
  http.headers(name .. "\n" .. tostring(value) .. "\n", self.joinDuplicateHeaders, dest)
  local cookies = shape.put_key and dest["set-cookie"]
  if type(cookies) == "table" then rawset(shape.list(cookies), "length", #cookies) end
end

function IncomingMessage:_addHeaderLineDistinct(name, value, dest)
  http.distinct(name .. "\n" .. tostring(value) .. "\n", dest)
end


return IncomingMessage
