-- SPDX-License-Identifier: MIT
--
-- Readable (Node 20 docs: stream.Readable). Order of events and of ticks is Node's.
--
-- options: highWaterMark (bytes or objects), encoding, objectMode, emitClose, autoDestroy, defaultEncoding, signal, and the methods
-- read(self, size), destroy(self, err, cb), construct(self, cb).
--
-- Chunks: Buffers; strings once an encoding is set; anything but nil in object mode. push takes strings too.
-- The state is one flat table, `_readableState`, its fields named as in Node.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local symbols = require "lunode.internal.symbols"
local validators = require "lunode.internal.validators"
local Buffer = require("lunode.buffer").Buffer
local EventEmitter = require "lunode.events"
local Stream = require "lunode.stream.legacy"
local state_of = require "lunode.stream.state"
local destroying = require "lunode.stream.destroy"
local utils = require "lunode.stream.utils"

local type, pcall, rawset, rawget, setmetatable, tonumber, error = type, pcall, rawset, rawget, setmetatable, tonumber, error
local concat, floor, band, ipairs = table.concat, math.floor, require("bit").band, ipairs
local nextTick, callback, bytes, null = queue.nextTick, validators.callback, validators.bytes, errors.null
local errorOrDestroy, isBuffer = destroying.errorOrDestroy, utils.isBuffer
local emitter, door = EventEmitter.prototype, validators.door

local MAX_HIGH_WATER_MARK = 0x40000000

local Readable = class("Readable", Stream)

local function new_decoder(encoding)
  return require("lunode.string_decoder").StringDecoder(encoding)
end

-- ---- state

-- What seldom differs stands here, so that the state's table stays within 32 slots.
local EMPTY = {}
local state_meta = {
  __name = "ReadableState",
  emitClose = true,
  autoDestroy = true,
  defaultEncoding = "utf8",
  constructed = true,
  errorEmitted = false,
  buffer = EMPTY,
  capacity = 0, -- of the buffer: 0 or a power of two
  pipes = EMPTY,
  multiAwaitDrain = false,
  awaiting = 0, -- number of elements of the set awaitDrainWriters
  -- Absent at first: flowing (nil: nobody has asked; false: paused; true), paused (false, true), errored, decoder, encoding,
  -- awaitDrainWriters (the target that we wait for, or with multiAwaitDrain a set), readable (false: there is no such side).
}
state_meta.__index = state_meta

local function new_state(options, is_duplex)
  local object_mode = options and (options.objectMode or is_duplex and options.readableObjectMode) and true or false
  local s = setmetatable({
    objectMode = object_mode,
    highWaterMark = state_of.highWaterMark(options, object_mode, "readableHighWaterMark", is_duplex),
    first = 0,
    last = -1,
    length = 0,
    ended = false,
    endEmitted = false,
    reading = false,
    sync = true, -- inside _read, whose pushes must not emit at once
    needReadable = false,
    emittedReadable = false,
    readableListening = false,
    resumeScheduled = false,
    readingMore = false,
    dataEmitted = false,
    destroyed = false,
    closed = false,
    closeEmitted = false,
  }, state_meta)
  if not options then return s end
  if options.emitClose == false then s.emitClose = false end
  if options.autoDestroy == false then s.autoDestroy = false end
  local default = options.defaultEncoding
  if default ~= nil and default ~= null then
    if not validators.normalizeEncoding(default) or default == "" then error(errors.ERR_UNKNOWN_ENCODING(default), 0) end
    s.defaultEncoding = default
  end
  if options.encoding ~= nil and options.encoding ~= null then
    s.decoder = new_decoder(options.encoding)
    s.encoding = s.decoder.encoding
  end
  return s
end
Readable.static.ReadableState = new_state

local after_construct

-- is_duplex: from Duplex, whose options may name each side
function Readable:initialize(options, is_duplex)
  if options == null then options = nil end
  rawset(self, "_readableState", new_state(options, is_duplex))
  if options then
    if type(options.read) == "function" then rawset(self, "_read", options.read) end
    if type(options.destroy) == "function" then rawset(self, "_destroy", options.destroy) end
    if type(options.construct) == "function" then rawset(self, "_construct", options.construct) end
  end
  emitter.initialize(self, options)
  if options and options.signal ~= nil and not is_duplex then
    require "lunode.stream.add_abort_signal"(options.signal, self)
  end
  if self._construct ~= nil then destroying.construct(self, after_construct) end
end

-- ---- the buffer: a ring, whose places hold false when empty so that the table keeps them as an array

local function grow(s)
  local old, capacity, mask, count = s.buffer, s.capacity, s.capacity - 1, s.last - s.first + 1
  local new = {}
  for i = 0, count - 1 do new[i + 1] = old[band(s.first + i, mask) + 1] end
  capacity = capacity == 0 and 4 or capacity * 2
  for i = count + 1, capacity do new[i] = false end
  s.buffer, s.capacity, s.first, s.last = new, capacity, 0, count - 1
end

local function append(s, chunk)
  if s.last - s.first + 1 == s.capacity then grow(s) end
  local last = s.last + 1
  s.last = last
  s.buffer[band(last, s.capacity - 1) + 1] = chunk
end

local function prepend(s, chunk)
  if s.last - s.first + 1 == s.capacity then grow(s) end
  local first = s.first - 1
  s.first = first
  s.buffer[band(first, s.capacity - 1) + 1] = chunk
end

local function peek(s) return s.buffer[band(s.first, s.capacity - 1) + 1] end

local function shift(s)
  local first = s.first
  local at = band(first, s.capacity - 1) + 1
  local chunk = s.buffer[at]
  s.buffer[at] = false
  if first == s.last then
    s.first, s.last = 0, -1
  else
    s.first = first + 1
  end
  return chunk
end

local function replace_front(s, chunk) s.buffer[band(s.first, s.capacity - 1) + 1] = chunk end

-- The chunks as a list.
local function chunks(s)
  local list, n, mask = {}, 0, s.capacity - 1
  for i = s.first, s.last do
    n = n + 1
    list[n] = s.buffer[band(i, mask) + 1]
  end
  return list
end

-- Bytes, or units of JavaScript's strings.
local function size_of(chunk)
  local units = door.units
  if units and type(chunk) == "string" then return units(chunk) end
  return #chunk
end

-- Of a stream with an encoding: Buffers that were put back lie among the texts.
local function join(list)
  for i = 1, #list do
    if type(list[i]) ~= "string" then list[i] = list[i]:toString() end
  end
  return concat(list)
end

-- Exactly n bytes from the front; 0 < n < length.
local function take(s, n)
  local parts, got = {}, 0
  while got < n do
    local chunk = peek(s)
    local size = size_of(chunk)
    if size <= n - got then
      shift(s)
    else
      local rest = n - got
      if type(chunk) == "string" then
        local at = door.byte_position and door.byte_position(chunk, rest) or rest
        replace_front(s, chunk:sub(at + 1))
        chunk = chunk:sub(1, at)
      else
        local whole = chunk
        chunk = whole:subarray(0, rest)
        replace_front(s, whole:subarray(rest))
      end
      size = rest
    end
    got = got + size
    parts[#parts + 1] = chunk
  end
  if #parts == 1 then return parts[1] end
  if s.decoder then return join(parts) end
  return Buffer.concat(parts, n)
end

local function clear(s)
  s.buffer, s.capacity, s.first, s.last = EMPTY, 0, 0, -1
end

-- All of it, as one chunk.
local function take_all(s)
  if s.first == s.last then return shift(s) end
  local list, chunk = chunks(s), nil
  if s.decoder then
    chunk = join(list)
  else
    chunk = Buffer.concat(list, s.length)
  end
  clear(s)
  return chunk
end

local function from_list(s, n)
  if s.length == 0 then return nil end
  if s.objectMode then return shift(s) end
  if n >= s.length then return take_all(s) end
  if size_of(peek(s)) == n then return shift(s) end
  return take(s, n)
end

-- ---- scheduling

local function flow(self)
  local s = self._readableState
  while s.flowing do
    local chunk = self:read() -- a method of JavaScript's may stand before ours, and gives null
    if chunk == nil or chunk == null then return end
  end
end

local function emit_readable_now(self)
  local s = self._readableState
  if not s.destroyed and not s.errored and (s.length > 0 or s.ended) then
    self:emit "readable"
    s.emittedReadable = false
  end
  if not s.flowing and not s.ended and s.length <= s.highWaterMark then s.needReadable = true end
  flow(self)
end

local function emit_readable(self, s)
  s.needReadable = false
  if not s.emittedReadable then
    s.emittedReadable = true
    nextTick(emit_readable_now, self)
  end
end

-- Fills the buffer up to the mark; a _read that brings nothing ends it.
local function read_more_now(self)
  local s = self._readableState
  while not s.reading and not s.ended and (s.length < s.highWaterMark or (s.flowing and s.length == 0)) do
    local before = s.length
    self:read(0)
    if before == s.length then break end
  end
  s.readingMore = false
end

local function read_more(self, s)
  if not s.readingMore and s.constructed then
    s.readingMore = true
    nextTick(read_more_now, self)
  end
end

function after_construct(self)
  local s = self._readableState
  if s.needReadable then read_more(self, s) end
end

local function end_writable(self)
  if self.writable and not self.writableEnded and not self.destroyed then utils.finish(self) end
end

local function end_readable_now(self)
  local s = self._readableState
  if s.errored or s.closeEmitted or s.endEmitted or s.length ~= 0 then return end
  s.endEmitted = true
  self:emit "end"
  local w = self._writableState
  if w and self.allowHalfOpen == false and self.writable then
    nextTick(end_writable, self)
  elseif s.autoDestroy then
    -- A duplex waits for its other side.
    if not w or (w.autoDestroy and (w.finished or w.writable == false)) then self:destroy() end
  end
end

local function end_readable(self, s)
  if not s.endEmitted then
    s.ended = true
    nextTick(end_readable_now, self)
  end
end

-- ---- push

local function on_eof(self, s)
  if s.ended then return end
  local decoder = s.decoder
  if decoder then
    local chunk = decoder["end"](decoder)
    if chunk ~= nil and chunk ~= "" then
      append(s, chunk)
      s.length = s.length + (s.objectMode and 1 or size_of(chunk))
    end
  end
  s.ended = true
  if s.sync then
    emit_readable(self, s)
  else
    s.needReadable = false
    s.emittedReadable = true
    emit_readable_now(self)
  end
end

local function data_listened(self)
  local events = self._events
  return events and events.data ~= nil
end

local function add_chunk(self, s, chunk, front)
  if s.flowing and s.length == 0 and not s.sync and data_listened(self) then
    -- Straight through: nothing is waiting before it.
    if s.multiAwaitDrain then
      s.awaitDrainWriters, s.awaiting = state_of.set(), 0
    else
      s.awaitDrainWriters = nil
    end
    s.dataEmitted = true
    self:emit("data", chunk)
  else
    s.length = s.length + (s.objectMode and 1 or size_of(chunk))
    if front then prepend(s, chunk) else append(s, chunk) end
    if s.needReadable then emit_readable(self, s) end
  end
  if not s.readingMore then read_more(self, s) end
end

-- A chunk in the form that the buffer keeps, or nil and an error. Second result: it is text of the stream's encoding.
local function convert(s, chunk, encoding, front)
  if type(chunk) == "string" then
    encoding = encoding or s.defaultEncoding
    if s.encoding == encoding then return chunk, true end
    if front and s.encoding then return utils.toBuffer(chunk, encoding):toString(s.encoding), true end
    if chunk == "" then return chunk, false end
    return utils.toBuffer(chunk, encoding), false
  end
  if isBuffer(chunk) then return chunk, false end
  chunk = bytes(chunk) or chunk
  if isBuffer(chunk) then return chunk, false end
  return nil, errors.ERR_INVALID_ARG_TYPE("chunk", { "string", "Buffer", "TypedArray", "DataView" }, chunk)
end

local function more_wanted(s)
  return not s.ended and (s.length < s.highWaterMark or s.length == 0)
end

-- Adds a chunk at the end; nil means that there are no more. Returns whether more is wanted.
function Readable:push(chunk, encoding)
  local s = self._readableState
  if chunk == nil or chunk == null then
    s.reading = false
    if chunk == nil and not s.objectMode and door.from_script and door.from_script() then -- undefined is no chunk, and no end
      read_more(self, s)
      return more_wanted(s)
    end
    on_eof(self, s)
    return false
  end
  local decoded = encoding ~= nil and encoding ~= ""
  if not s.objectMode then
    local why
    chunk, why = convert(s, chunk, encoding, false)
    if chunk == nil then
      errorOrDestroy(self, why)
      return more_wanted(s)
    end
    decoded = why
    if #chunk == 0 then
      s.reading = false
      read_more(self, s)
      return more_wanted(s)
    end
  end
  if s.ended then
    errorOrDestroy(self, errors.ERR_STREAM_PUSH_AFTER_EOF())
    return false
  end
  if s.destroyed or s.errored then return false end
  s.reading = false
  if s.decoder and not decoded then
    chunk = s.decoder:write(chunk)
    if not s.objectMode and chunk == "" then
      read_more(self, s)
      return more_wanted(s)
    end
  end
  add_chunk(self, s, chunk, false)
  return not s.ended and (s.length < s.highWaterMark or s.length == 0)
end

-- Puts a chunk back before all others.
function Readable:unshift(chunk, encoding)
  local s = self._readableState
  if chunk == nil or chunk == null then
    s.reading = false
    on_eof(self, s)
    return false
  end
  if not s.objectMode then
    local why
    chunk, why = convert(s, chunk, encoding, true)
    if chunk == nil then
      errorOrDestroy(self, why)
      return more_wanted(s)
    end
    if #chunk == 0 then return more_wanted(s) end
  end
  if s.endEmitted then
    errorOrDestroy(self, errors.ERR_STREAM_UNSHIFT_AFTER_END_EVENT())
  elseif s.destroyed or s.errored then
    return false
  else
    add_chunk(self, s, chunk, true)
  end
  return more_wanted(s)
end

-- ---- read

local function new_high_water_mark(n)
  if n > MAX_HIGH_WATER_MARK then error(errors.ERR_OUT_OF_RANGE("size", "<= 1GiB", n), 0) end
  local mark = 1
  while mark < n do mark = mark * 2 end
  return mark
end

-- n nil: what there is (the first chunk while flowing).
local function amount(s, n)
  if n ~= nil and n <= 0 or s.length == 0 and s.ended then return 0 end
  if s.objectMode then return 1 end
  if n == nil then
    if s.flowing and s.length > 0 then return size_of(peek(s)) end
    return s.length
  end
  if n <= s.length then return n end
  return s.ended and s.length or 0
end

-- Returns n bytes (or all, or in object mode one object); nil when there are not so many yet.
function Readable:read(n)
  local s = self._readableState
  if n ~= nil then
    n = tonumber(n)
    if n then
      if n ~= n then n = nil elseif n % 1 ~= 0 then n = n < 0 and -floor(-n) or floor(n) end
    end
  end
  local asked = n
  if n and n > s.highWaterMark then s.highWaterMark = new_high_water_mark(n) end
  if n ~= 0 then s.emittedReadable = false end

  -- read(0) while there is enough: only tells.
  if n == 0 and s.needReadable
    and ((s.highWaterMark ~= 0 and s.length >= s.highWaterMark or s.highWaterMark == 0 and s.length > 0) or s.ended) then
    if s.length == 0 and s.ended then end_readable(self, s) else emit_readable(self, s) end
    return nil
  end

  n = amount(s, n)
  if n == 0 and s.ended then
    if s.length == 0 then end_readable(self, s) end
    return nil
  end

  local wanted = s.needReadable
  if s.length == 0 or s.length - n < s.highWaterMark then wanted = true end
  if wanted and not (s.ended or s.reading or s.destroyed or s.errored or not s.constructed) then
    s.reading = true
    s.sync = true
    if s.length == 0 then s.needReadable = true end
    local ok, raised = pcall(self._read, self, s.highWaterMark)
    if not ok then errorOrDestroy(self, raised) end
    s.sync = false
    -- It pushed at once: there may be enough now.
    if not s.reading then n = amount(s, asked) end
  end

  local chunk
  if n > 0 then chunk = from_list(s, n) end
  if chunk == nil then
    if s.length <= s.highWaterMark then s.needReadable = true end
    n = 0
  else
    s.length = s.length - n
    if s.multiAwaitDrain then
      s.awaitDrainWriters, s.awaiting = state_of.set(), 0
    else
      s.awaitDrainWriters = nil
    end
  end
  if s.length == 0 then
    if not s.ended then s.needReadable = true end
    if asked ~= n and s.ended then end_readable(self, s) end
  end
  if chunk ~= nil and not s.errorEmitted and not s.closeEmitted then
    s.dataEmitted = true
    self:emit("data", chunk)
  end
  return chunk
end

function Readable:_read() error(errors.ERR_METHOD_NOT_IMPLEMENTED "_read()", 0) end

-- ---- flowing

local function read_zero(self) self:read(0) end

local function resume_now(self)
  local s = self._readableState
  if not s.reading then self:read(0) end
  s.resumeScheduled = false
  self:emit "resume"
  flow(self)
  if s.flowing and not s.reading then self:read(0) end
end

function Readable:resume()
  local s = self._readableState
  if not s.flowing then
    -- With a listener of 'readable' the flow stays its business.
    s.flowing = not s.readableListening
    if not s.resumeScheduled then
      s.resumeScheduled = true
      nextTick(resume_now, self)
    end
  end
  s.paused = false
  return self
end

function Readable:pause()
  local s = self._readableState
  if s.flowing ~= false then
    s.flowing = false
    self:emit "pause"
  end
  s.paused = true
  return self
end

function Readable:isPaused()
  local s = self._readableState
  return s.paused == true or s.flowing == false
end

function Readable:on(name, listener)
  local result = emitter.on(self, name, listener)
  local s = self._readableState
  if name == "data" then
    -- Taken back only in the tick after the last listener of 'readable' went.
    if self:listenerCount "readable" > 0 then s.readableListening = true end
    if s.flowing ~= false then self:resume() end
  elseif name == "readable" then
    if not s.endEmitted and not s.readableListening then
      s.readableListening, s.needReadable = true, true
      s.flowing = false
      s.emittedReadable = false
      if s.length > 0 then
        emit_readable(self, s)
      elseif not s.reading then
        nextTick(read_zero, self)
      end
    end
  end
  return result
end
Readable.prototype.addListener = Readable.prototype.on

local function update_listening(self)
  local s = self._readableState
  s.readableListening = self:listenerCount "readable" > 0
  if s.resumeScheduled and s.paused == false then
    s.flowing = true
  elseif self:listenerCount "data" > 0 then
    self:resume()
  elseif not s.readableListening then
    s.flowing = nil
  end
end

-- In the next tick, for another listener may come first.
function Readable:removeListener(name, listener)
  local result = emitter.removeListener(self, name, listener)
  if name == "readable" then nextTick(update_listening, self) end
  return result
end
Readable.prototype.off = Readable.prototype.removeListener

function Readable:removeAllListeners(...)
  local name = ...
  local result = emitter.removeAllListeners(self, ...)
  if name == "readable" or name == nil then nextTick(update_listening, self) end
  return result
end

-- ---- text

-- From now on chunks are strings, characters that are split between chunks put together.
function Readable:setEncoding(encoding)
  local s = self._readableState
  local decoder = new_decoder(encoding)
  s.decoder = decoder
  s.encoding = decoder.encoding
  local parts = {}
  for _, chunk in ipairs(chunks(s)) do parts[#parts + 1] = decoder:write(chunk) end
  local content = concat(parts)
  clear(s)
  if content ~= "" then append(s, content) end
  s.length = size_of(content)
  return self
end

-- ---- ends

function Readable:destroy(err, cb)
  return destroying.destroy(self, err, type(cb) == "function" and callback(cb, "callback") or nil)
end
function Readable:_undestroy() return destroying.undestroy(self) end
function Readable:_destroy(err, cb) callback(cb, "callback")(err) end

Readable.prototype[EventEmitter.captureRejectionSymbol] = function(self, err) self:destroy(err) end

-- An old stream's data through a new one. Node 20 docs: readable.wrap(stream)
function Readable:wrap(old)
  local paused = false
  local inner = self
  old:on("data", function(chunk)
    if not inner:push(chunk) and old.pause then
      paused = true
      old:pause()
    end
  end)
  old:on("end", function() inner:push(nil) end)
  old:on("error", function(err) errorOrDestroy(inner, err) end)
  old:on("close", function() inner:destroy() end)
  old:on("destroy", function() inner:destroy() end)
  rawset(self, "_read", function()
    if paused and old.resume then
      paused = false
      old:resume()
    end
  end)
  for key, value in pairs(old) do
    if type(key) == "string" and type(value) == "function" and self[key] == nil then
      rawset(self, key, function(_, ...) return value(old, ...) end)
    end
  end
  return self
end

Readable.static.wrap = function(source, options)
  local own = { objectMode = source.readableObjectMode or source.objectMode or source.readableObjectMode == nil and source.objectMode == nil or false }
  for k, v in pairs(options or {}) do own[k] = v end
  own.destroy = function(_, err, cb)
    destroying.destroyer(source, err)
    callback(cb, "callback")(err)
  end
  return Readable(own):wrap(source)
end

Readable.static._fromList = function(n, s) return from_list(s, n or s.length) end
Readable.static.from = function(iterable, options) return require "lunode.stream.from"(Readable, iterable, options) end
Readable.static.fromWeb = errors.notImplemented "stream.Readable.fromWeb"
Readable.static.toWeb = errors.notImplemented "stream.Readable.toWeb"

-- ---- iteration: `for chunk in stream:iter() do`, and stream:iterator(options)

function Readable:iterator(options)
  if options ~= nil then validators.validateObject(options, "options") end
  return require("lunode.stream.iterator")(self, options)
end
function Readable:iter(options) return self:iterator(options) end
-- Destroys it; a promise of its end. Node 20 docs: readable[Symbol.asyncDispose]
Readable.prototype[symbols.asyncDispose] = function(self)
  local given
  if not self.destroyed then
    if not self.readableEnded then given = errors.AbortError() end
    self:destroy(given)
  end
  local promise = require "lunode.internal.promise"
  local p = promise.new()
  require "lunode.stream.end_of_stream"(self, function(err)
    if err ~= nil and err ~= null and err ~= given then promise.reject(p, err) else promise.resolve(p) end
  end)
  return p
end
Readable.prototype[symbols.asyncIterator] = function(self) return self:iterator() end

Readable.prototype._event_order = { "close", "error", "data", "end", "readable" }

-- ---- properties

local function property(name, get, set)
  Readable:accessor(name, function(self)
    local s = rawget(self, "_readableState") or self._readableState -- a message of http's makes it now
    if s then return get(s, self) end
  end, set and function(self, value)
    local s = rawget(self, "_readableState")
    if s then set(s, value) end
  end)
end

property("readable", function(s)
  return s.readable ~= false and not s.destroyed and not s.errorEmitted and not s.endEmitted
end, function(s, value) s.readable = value and true or false end)
property("readableDidRead", function(s) return s.dataEmitted end)
property("readableAborted", function(s)
  return s.readable ~= false and (s.destroyed or s.errored ~= nil) and not s.endEmitted
end)
property("readableHighWaterMark", function(s) return s.highWaterMark end)
property("readableBuffer", function(s) return shape.list(chunks(s)) end)
property("readableFlowing", function(s) return s.flowing end, function(s, value) s.flowing = value end)
property("readableLength", function(s) return s.length end)
property("readableObjectMode", function(s) return s.objectMode end)
property("readableEncoding", function(s) return s.encoding end)
property("readableEnded", function(s) return s.endEmitted end)
property("errored", function(s) return s.errored end)
property("closed", function(s) return s.closed end)
property("destroyed", function(s) return s.destroyed end, function(s, value) s.destroyed = value and true or false end)

return Readable
