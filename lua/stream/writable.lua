-- SPDX-License-Identifier: MIT
--
-- Writable (Node 20 docs: stream.Writable). Order of events and of ticks is Node's.
--
-- options: highWaterMark (bytes or objects), decodeStrings, defaultEncoding, objectMode, emitClose, autoDestroy, signal, and the
-- methods write(self, chunk, encoding, cb), writev(self, chunks, cb), final(self, cb), destroy(self, err, cb), construct(self, cb).
--
-- A chunk that finds the stream idle goes to _write at once; others wait as {chunk, encoding, callback} in
-- `buffered`, of which `bufferedIndex` are done. With decodeStrings (the default) strings become Buffers; a subclass that
-- takes strings turns it off and gets them with their encoding.
--
-- Ending: `stream:finish(…)` and `stream["end"](stream, …)` are one method. Whichever of the two a subclass, an
-- instance or a patch overrides, calls by the other name reach it too, once.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"
local EventEmitter = require "lunode.events"
local Stream = require "lunode.stream.legacy"
local state_of = require "lunode.stream.state"
local destroying = require "lunode.stream.destroy"
local utils = require "lunode.stream.utils"

local type, pcall, rawset, rawget, setmetatable, error = type, pcall, rawset, rawget, setmetatable, error
local nextTick, callback, hook, bytes, null = queue.nextTick, validators.callback, validators.hook, validators.bytes, errors.null
local door = validators.door
local errorOrDestroy, isBuffer, nop = destroying.errorOrDestroy, utils.isBuffer, state_of.nop
local emitter = EventEmitter.prototype

local Writable = class("Writable", Stream)

-- ---- state

-- What seldom differs stands here, so that the state's table stays within 32 slots.
local EMPTY = {}
local state_meta = {
  __name = "WritableState",
  emitClose = true,
  autoDestroy = true,
  defaultEncoding = "utf8",
  constructed = true,
  errorEmitted = false,
  finalCalled = false,
  bufferProcessing = false,
  buffered = EMPTY,
  tick = false, -- the callbacks that one scheduled tick will call
  tickPending = false,
  onFinished = false, -- callbacks of finish()
  dispatching = false, -- an override of finish or "end" is running
  -- Absent at first: errored, writable (false: there is no such side).
}
state_meta.__index = state_meta

local function new_state(options, is_duplex)
  local object_mode = options and (options.objectMode or is_duplex and options.writableObjectMode) and true or false
  local s = setmetatable({
    objectMode = object_mode,
    highWaterMark = state_of.highWaterMark(options, object_mode, "writableHighWaterMark", is_duplex),
    decodeStrings = not options or options.decodeStrings ~= false,
    needDrain = false,
    ending = false, -- finish() was called
    ended = false, -- and has returned
    prefinished = false,
    finished = false,
    destroyed = false,
    closed = false,
    closeEmitted = false,
    length = 0,
    writing = false,
    corked = 0,
    sync = true,
    onwrite = false, -- the one callback handed to _write, made with the first chunk
    writecb = false, -- the callback of the chunk being written
    writelen = 0,
    bufferedIndex = 0,
    bufferedCount = 0,
    allBuffers = true,
    allNoop = true,
    pendingcb = 0, -- user callbacks and ticks that must come before 'finish'
  }, state_meta)
  if not options then return s end
  if options.emitClose == false then s.emitClose = false end
  if options.autoDestroy == false then s.autoDestroy = false end
  local encoding = options.defaultEncoding
  if encoding ~= nil and encoding ~= null and encoding ~= "" then
    if encoding ~= "buffer" and not validators.normalizeEncoding(encoding) then error(errors.ERR_UNKNOWN_ENCODING(encoding), 0) end
    s.defaultEncoding = encoding
  end
  return s
end
Writable.static.WritableState = new_state

local after_construct, finish_maybe, clear_buffer

-- is_duplex: from Duplex, whose options may name each side and whose signal is added here
function Writable:initialize(options, is_duplex)
  if options == null then options = nil end
  rawset(self, "_writableState", new_state(options, is_duplex))
  if options then
    if type(options.write) == "function" then rawset(self, "_write", options.write) end
    if type(options.writev) == "function" then rawset(self, "_writev", options.writev) end
    if type(options.final) == "function" then rawset(self, "_final", options.final) end
    if not is_duplex then
      if type(options.destroy) == "function" then rawset(self, "_destroy", options.destroy) end
      if type(options.construct) == "function" then rawset(self, "_construct", options.construct) end
    end
  end
  if not is_duplex then emitter.initialize(self, options) end
  if options and options.signal ~= nil then require "lunode.stream.add_abort_signal"(options.signal, self) end
  if self._construct ~= nil then destroying.construct(self, after_construct) end
end

-- Also every duplex is a Writable.
local base_is = Writable.is
Writable.static.is = function(self, x)
  if base_is(self, x) then return true end
  if self ~= Writable or type(x) ~= "table" then return false end
  return getmetatable(rawget(x, "_writableState")) == state_meta
end

-- ---- the buffer

local function reset_buffer(s)
  s.buffered, s.bufferedIndex, s.bufferedCount = EMPTY, 0, 0
  s.allBuffers, s.allNoop = true, true
end

-- Tells all that wait, of chunks and of the end, that nothing will come of it.
local function error_buffer(s)
  if s.writing then return end
  local i = s.bufferedIndex
  while i < s.bufferedCount do -- a callback may write again
    i = i + 1
    local entry = s.buffered[i]
    s.length = s.length - (s.objectMode and 1 or #entry.chunk)
    entry.callback(s.errored or errors.ERR_STREAM_DESTROYED "write")
  end
  local waiting = s.onFinished
  if waiting then
    s.onFinished = false
    for i = 1, #waiting do waiting[i](s.errored or errors.ERR_STREAM_DESTROYED "end") end
  end
  reset_buffer(s)
end

-- ---- after _write

-- 'drain', then the callbacks of `count` chunks.
local function after_write(self, s, count, cb)
  s.tickPending = false
  if s.needDrain and not s.ending and s.length == 0 and not self.destroyed then
    s.needDrain = false
    self:emit "drain"
  end
  while count > 0 do
    count = count - 1
    s.pendingcb = s.pendingcb - 1
    cb()
  end
  if s.destroyed then error_buffer(s) end
  if s.ending then finish_maybe(self, s, true) end
end

local function after_write_tick(self, s, info)
  if s.tick == info then s.tick = false end
  return after_write(self, s, info.count, info.cb)
end

local function after_write_nop(self) return after_write(self, self._writableState, 1, nop) end

local function write_failed(self, s, err, cb)
  s.pendingcb = s.pendingcb - 1
  cb(err)
  error_buffer(s)
  errorOrDestroy(self, err)
end

local function write_failed_tick(self, err, cb) write_failed(self, self._writableState, err, cb) end

-- What _write calls when it is done with its chunk.
local function onwrite(self, err)
  local s = self._writableState
  local sync, cb = s.sync, s.writecb
  if not cb then return errorOrDestroy(self, errors.ERR_MULTIPLE_CALLBACK()) end
  s.writing = false
  s.writecb = false
  s.length = s.length - s.writelen
  s.writelen = 0
  if err and err ~= null then
    if not s.errored then s.errored = err end
    local r = self._readableState
    if r and not r.errored then r.errored = err end
    if sync then nextTick(write_failed_tick, self, err, cb) else write_failed(self, s, err, cb) end
    return
  end
  if s.bufferedCount > s.bufferedIndex then clear_buffer(self, s) end
  if not sync then return after_write(self, s, 1, cb) end
  -- Called back at once: what follows waits for a tick, which many chunks share.
  if cb == nop then
    -- (In object mode one is always due: so it is in Node.)
    if not s.tickPending and (s.objectMode or s.needDrain and s.length == 0) then
      s.tickPending = true
      nextTick(after_write_nop, self)
    else
      s.pendingcb = s.pendingcb - 1
      if s.ending then finish_maybe(self, s, true) end
    end
  else
    local tick = s.tick
    if tick and tick.cb == cb then
      tick.count = tick.count + 1
    else
      tick = { count = 1, cb = cb }
      s.tick = tick
      s.tickPending = true
      nextTick(after_write_tick, self, s, tick)
    end
  end
end

local function make_onwrite(self)
  local function done(err) return onwrite(self, err) end
  self._writableState.onwrite = done
  return done
end

local function do_write(self, s, writev, length, chunk, encoding, cb)
  s.writelen = length
  s.writecb = cb
  s.writing = true
  s.sync = true
  local done = s.onwrite or make_onwrite(self)
  if s.destroyed then
    onwrite(self, errors.ERR_STREAM_DESTROYED "write")
  elseif writev then
    local method, hooked = hook(self, "_writev", done)
    method(self, chunk, hooked)
  else
    local method, hooked = hook(self, "_write", done)
    method(self, chunk, encoding, hooked)
  end
  s.sync = false
end

-- Writes what waits: in one go where there is a _writev.
function clear_buffer(self, s)
  if s.corked > 0 or s.bufferProcessing or s.destroyed or not s.constructed then return end
  local list, i, n = s.buffered, s.bufferedIndex, s.bufferedCount
  if n == i then return end
  s.bufferProcessing = true
  if n - i > 1 and type(self._writev) == "function" then
    s.pendingcb = s.pendingcb - (n - i - 1)
    local chunks, cb
    if i == 0 then
      chunks = list
    else
      chunks = {}
      for j = i + 1, n do chunks[j - i] = list[j] end
    end
    chunks.allBuffers = s.allBuffers
    if shape.make_dict then
      for j = 1, #chunks do chunks[j] = shape.dict(chunks[j]) end
    end
    chunks = shape.list(chunks)
    if s.allNoop then
      cb = nop
    else
      function cb(err)
        for j = i + 1, n do list[j].callback(err) end
      end
    end
    do_write(self, s, true, s.length, chunks, "", cb)
    reset_buffer(s)
  else
    repeat
      local entry = list[i + 1]
      i = i + 1
      list[i] = false
      local chunk = entry.chunk
      do_write(self, s, false, s.objectMode and 1 or #chunk, chunk, entry.encoding, entry.callback)
    until i >= s.bufferedCount or s.writing
    n = s.bufferedCount
    if s.buffered ~= list then
      -- Emptied meanwhile.
    elseif i == n then
      reset_buffer(s)
    elseif i > 256 then
      local rest = {}
      for j = i + 1, n do rest[j - i] = list[j] end
      s.buffered, s.bufferedIndex, s.bufferedCount = rest, 0, n - i
    else
      s.bufferedIndex = i
    end
  end
  s.bufferProcessing = false
end

function after_construct(self)
  local s = self._writableState
  if not s.writing then clear_buffer(self, s) end
  if s.ending then finish_maybe(self, s) end
end

-- ---- write

-- Returns whether more is wanted (false also when it failed), and the error if one was found at once.
local function write(self, chunk, encoding, cb)
  local s = self._writableState
  if type(encoding) == "function" then
    cb = callback(encoding, "callback")
    encoding = not s.objectMode and s.defaultEncoding or nil
  else
    if encoding == nil or encoding == null or encoding == "" then
      if s.objectMode then encoding = nil else encoding = s.defaultEncoding end
    elseif encoding ~= "buffer" and not validators.normalizeEncoding(encoding) then
      error(errors.ERR_UNKNOWN_ENCODING(encoding), 0)
    end
    if type(cb) == "function" then cb = callback(cb, "callback") else cb = nop end
  end
  -- JavaScript's undefined is an object like others.
  if chunk == null or chunk == nil and not door.adapt then error(errors.ERR_STREAM_NULL_VALUES(), 0) end
  local length = 1
  if not s.objectMode then
    if type(chunk) == "string" then
      if s.decodeStrings then
        chunk = utils.toBuffer(chunk, encoding)
        encoding = "buffer"
      end
    elseif isBuffer(chunk) then
      encoding = "buffer"
    elseif bytes(chunk) then
      chunk, encoding = bytes(chunk), "buffer"
    else
      error(errors.ERR_INVALID_ARG_TYPE("chunk", { "string", "Buffer", "TypedArray", "DataView" }, chunk), 0)
    end
    length = #chunk
  end

  if s.ending or s.destroyed then
    local err = s.ending and errors.ERR_STREAM_WRITE_AFTER_END() or errors.ERR_STREAM_DESTROYED "write"
    nextTick(cb, err)
    errorOrDestroy(self, err, true)
    return false, err
  end

  s.pendingcb = s.pendingcb + 1
  s.length = s.length + length
  if s.writing or s.corked > 0 or s.errored or not s.constructed then
    local n = s.bufferedCount + 1
    if s.buffered == EMPTY then s.buffered = {} end
    s.buffered[n] = { chunk = chunk, encoding = encoding, callback = cb }
    s.bufferedCount = n
    if encoding ~= "buffer" then s.allBuffers = false end
    if cb ~= nop then s.allNoop = false end
  else
    s.writelen = length
    s.writecb = cb
    s.writing = true
    s.sync = true
    local method, done = hook(self, "_write", s.onwrite or make_onwrite(self))
    method(self, chunk, encoding, done)
    s.sync = false
  end
  -- What was written at once does not count.
  local more = s.length < s.highWaterMark or s.length == 0
  if not more then s.needDrain = true end
  -- A failed stream may be fed no more.
  return more and not s.errored and not s.destroyed
end

function Writable:write(chunk, encoding, cb)
  return (write(self, chunk, encoding, cb))
end

function Writable:_write(chunk, encoding, cb)
  if not self._writev then error(errors.ERR_METHOD_NOT_IMPLEMENTED "_write()", 0) end
  local method, done = hook(self, "_writev", callback(cb, "callback"))
  method(self, { { chunk = chunk, encoding = encoding } }, done)
end

function Writable:cork()
  local s = self._writableState
  s.corked = s.corked + 1
end

function Writable:uncork()
  local s = self._writableState
  if s.corked > 0 then
    s.corked = s.corked - 1
    if not s.writing then clear_buffer(self, s) end
  end
end

function Writable:setDefaultEncoding(encoding)
  if type(encoding) == "string" then encoding = encoding:lower() end
  if not validators.normalizeEncoding(encoding) or encoding == "" then error(errors.ERR_UNKNOWN_ENCODING(encoding), 0) end
  self._writableState.defaultEncoding = encoding
  return self
end

function Writable:pipe() errorOrDestroy(self, errors.ERR_STREAM_CANNOT_PIPE()) end

-- ---- the end

local function need_finish(s)
  return s.ending and not s.destroyed and s.constructed and s.length == 0 and not s.errored and s.bufferedCount == 0
    and not s.finished and not s.writing and not s.errorEmitted and not s.closeEmitted
end

local function call_finished(s, err)
  local waiting = s.onFinished
  if not waiting then return end
  s.onFinished = false
  for i = 1, #waiting do waiting[i](err) end
end

local function finish_now(self, s)
  s.pendingcb = s.pendingcb - 1
  s.finished = true
  call_finished(s)
  self:emit "finish"
  if s.autoDestroy then
    -- A duplex waits for its other side.
    local r = self._readableState
    if not r or (r.autoDestroy and (r.endEmitted or r.readable == false)) then self:destroy() end
  end
end

local function call_final(self, s)
  local called = false
  local function on_final(err)
    if err == null or err == false then err = nil end
    if called then return errorOrDestroy(self, err or errors.ERR_MULTIPLE_CALLBACK()) end
    called = true
    s.pendingcb = s.pendingcb - 1
    if err ~= nil then
      call_finished(s, err)
      errorOrDestroy(self, err, s.sync)
    elseif need_finish(s) then
      s.prefinished = true
      self:emit "prefinish"
      -- Its own tick, as 'finish' must not come inside of _final.
      s.pendingcb = s.pendingcb + 1
      nextTick(finish_now, self, s)
    end
  end
  s.sync = true
  s.pendingcb = s.pendingcb + 1
  local method, done = hook(self, "_final", on_final)
  local ok, raised = pcall(method, self, done)
  if not ok then on_final(raised) end
  s.sync = false
end

local function prefinish(self, s)
  if s.prefinished or s.finalCalled then return end
  if type(self._final) == "function" and not s.destroyed then
    s.finalCalled = true
    call_final(self, s)
  else
    s.prefinished = true
    self:emit "prefinish"
  end
end

local function finish_tick(self, s)
  if need_finish(s) then finish_now(self, s) else s.pendingcb = s.pendingcb - 1 end
end

function finish_maybe(self, s, sync)
  if not need_finish(s) then return end
  prefinish(self, s)
  if s.pendingcb ~= 0 then return end
  if sync then
    s.pendingcb = s.pendingcb + 1
    nextTick(finish_tick, self, s)
  elseif need_finish(s) then
    s.pendingcb = s.pendingcb + 1
    finish_now(self, s)
  end
end

local function end_stream(self, chunk, encoding, cb)
  local s = self._writableState
  if type(chunk) == "function" then
    cb, chunk, encoding = chunk, nil, nil
  elseif type(encoding) == "function" then
    cb, encoding = encoding, nil
  end
  if type(cb) == "function" then cb = callback(cb, "callback") else cb = nil end
  local err, _
  if chunk ~= nil and chunk ~= null then _, err = write(self, chunk, encoding) end
  if s.corked > 0 then
    s.corked = 1
    self:uncork()
  end
  if err == nil then
    if not s.errored and not s.ending then
      s.ending = true
      finish_maybe(self, s, true)
      s.ended = true
    elseif s.finished then
      err = errors.ERR_STREAM_ALREADY_FINISHED "end"
    elseif s.destroyed then
      err = errors.ERR_STREAM_DESTROYED "end"
    end
  end
  if cb then
    if err ~= nil then
      nextTick(cb, err)
    elseif s.errored then
      nextTick(cb, s.errored)
    elseif s.finished then
      nextTick(cb)
    else
      local waiting = s.onFinished
      if waiting then waiting[#waiting + 1] = cb else s.onFinished = { cb } end
    end
  end
  return self
end

-- Runs the override of the other name, once.
local function dispatch(self, s, override, ...)
  s.dispatching = true
  local ok, result = pcall(override, self, ...)
  s.dispatching = false
  if not ok then error(result, 0) end
  return result
end

local by_end
local function by_finish(self, ...)
  local s = self._writableState
  local other = self["end"]
  if other == by_end or s.dispatching or other == self.finish then return end_stream(self, ...) end
  return dispatch(self, s, other, ...)
end
function by_end(self, ...)
  local s = self._writableState
  local other = self.finish
  if other == by_finish or s.dispatching or other == self["end"] then return end_stream(self, ...) end
  return dispatch(self, s, other, ...)
end

-- finish([chunk [, encoding]] [, callback]): the last chunk, if any, and then no more.
Writable.prototype.finish = by_finish
Writable.prototype["end"] = by_end

local function error_buffer_tick(s) error_buffer(s) end

function Writable:destroy(err, cb)
  local s = self._writableState
  if not s.destroyed and (s.bufferedIndex < s.bufferedCount or s.onFinished) then nextTick(error_buffer_tick, s) end
  return destroying.destroy(self, err, type(cb) == "function" and callback(cb, "callback") or nil)
end
function Writable:_undestroy() return destroying.undestroy(self) end
function Writable:_destroy(err, cb) callback(cb, "callback")(err) end

Writable.prototype[EventEmitter.captureRejectionSymbol] = function(self, err) self:destroy(err) end

Writable.static.fromWeb = errors.notImplemented "stream.Writable.fromWeb"
Writable.static.toWeb = errors.notImplemented "stream.Writable.toWeb"

-- Node makes places for these events at first, which the others' names follow.
Writable.prototype._event_order = { "close", "error", "prefinish", "finish", "drain" }

-- ---- properties

local accessors = {}
Writable.static._accessors = accessors

local function property(name, get, set)
  local function getter(self)
    local s = rawget(self, "_writableState")
    if s then return get(s, self) end
  end
  local setter = set and function(self, value)
    local s = rawget(self, "_writableState")
    if s then set(s, value) end
  end
  accessors[name] = { getter, setter }
  Writable:accessor(name, getter, setter)
end

property("writable", function(s)
  return s.writable ~= false and not s.destroyed and not s.errored and not s.ending and not s.ended
end, function(s, value) s.writable = value and true or false end)
property("writableFinished", function(s) return s.finished end)
property("writableObjectMode", function(s) return s.objectMode end)
-- What waits, as a list of { chunk, encoding, callback }.
function state_meta.getBuffer(s)
  local list = {}
  for i = s.bufferedIndex + 1, s.bufferedCount do list[#list + 1] = shape.dict(s.buffered[i]) end
  return shape.list(list)
end
property("writableBuffer", state_meta.getBuffer)
property("writableEnded", function(s) return s.ending end)
property("writableNeedDrain", function(s) return not s.destroyed and not s.ending and s.needDrain end)
property("writableHighWaterMark", function(s) return s.highWaterMark end)
property("writableCorked", function(s) return s.corked end)
property("writableLength", function(s) return s.length end)
property("writableAborted", function(s)
  return s.writable ~= false and (s.destroyed or s.errored ~= nil) and not s.finished
end)
property("errored", function(s) return s.errored end)
property("closed", function(s) return s.closed end)
property("destroyed", function(s) return s.destroyed end, function(s, value) s.destroyed = value and true or false end)

return Writable
