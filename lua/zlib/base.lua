-- SPDX-License-Identifier: MIT
--
-- ZlibBase: what all of zlib's streams are (Node 20 docs: Class: zlib.ZlibBase). A Transform whose work is done on the thread
-- pool, a chunk of output at a time; the next one waits until the reader has room.
--
--   stream.bytesWritten    bytes of input used so far (bytesRead: its old name)
--   stream:flush(kind, cb), stream:reset(), stream:close(cb); stream:params(level, strategy, cb) but for Brotli
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"
local options = require "lunode.zlib.options"
local Buffer = require("lunode.buffer").Buffer
local Transform = require("lunode.stream").Transform

local callback, optional_callback, hook = validators.callback, validators.optional_callback, validators.hook
local alloc = core.buffer.alloc
local type, pairs, error, rawset = type, pairs, error, rawset
local null, failure = errors.null, options.failure

local ZlibBase = class("ZlibBase", Transform)

-- The engine in C as an object, for programs put methods of their own before its: minizlib's `close` keeps it for the next chunk.
local Handle = class "ZlibHandle"
for _, name in ipairs { "write", "whole", "reset", "params", "close" } do
  Handle.prototype[name] = function(self, ...)
    local engine = self._engine
    return engine[name](engine, ...)
  end
end
local function handle_of(engine)
  local handle = Handle()
  rawset(handle, "_engine", engine)
  return handle
end

-- The Transform's options: bytes only.
local function transform_options(opts)
  if type(opts) ~= "table" or opts == null then return nil end
  local own = {}
  for k, v in pairs(opts) do own[k] = v end
  own.encoding, own.objectMode, own.writableObjectMode = nil, nil, nil
  return own
end

function ZlibBase:initialize(opts)
  local set = options.open(self._mode, opts)
  Transform.prototype.initialize(self, transform_options(opts))
  rawset(self, "bytesWritten", 0)
  rawset(self, "_handle", handle_of(set.handle)) -- nil: closed
  rawset(self, "_chunkSize", set.chunkSize)
  rawset(self, "_defaultFlushFlag", set.flush)
  rawset(self, "_finishFlushFlag", set.finishFlush)
  rawset(self, "_defaultFullFlushFlag", set.fullFlush)
  rawset(self, "_maxOutputLength", set.maxOutputLength)
  rawset(self, "_info", set.info or false)
  rawset(self, "_level", set.level)
  rawset(self, "_strategy", set.strategy)
  rawset(self, "_outBuffer", false) -- made when there is work
  rawset(self, "_outOffset", 0)
  -- Of the chunk at work:
  rawset(self, "_input", false)
  rawset(self, "_inputOffset", 0)
  rawset(self, "_inputLeft", 0)
  rawset(self, "_flag", 0)
  rawset(self, "_written", false) -- the Transform's callback
  rawset(self, "_stalled", false) -- waits for the reader
  rawset(self, "_resetting", false) -- once the chunk is done
  rawset(self, "_stepped", false) -- what the thread's results are handed to; made once
  rawset(self, "_marks", false) -- empty chunks that stand for flushes: [Buffer] = {flush, level, strategy}
  rawset(self, "_context", queue.context)
  -- An abort signal may have had its say before there was a handle.
  if self.destroyed then self:_close_handle() end
end

function ZlibBase:_close_handle()
  local handle = self._handle
  if not handle then return end
  rawset(self, "_handle", nil)
  handle:close()
end

ZlibBase:accessor("_closed", function(self) return not self._handle end)
ZlibBase:accessor("bytesRead", function(self) return self.bytesWritten end, function(self, value) self.bytesWritten = value end)

-- ---- work

-- With `to` on the thread pool, whose results it is handed.
local function step(self, to)
  local out = self._outBuffer
  if not out or self._outOffset >= self._chunkSize then
    out = alloc(self._chunkSize)
    self._outBuffer, self._outOffset = out, 0
  end
  return self._handle:write(self._flag, self._input, self._inputOffset, self._inputLeft, out, self._outOffset, self._chunkSize - self._outOffset, to)
end

-- Counts what a step did; returns the output, if any.
local function taken(self, out_left, in_left)
  local used = self._inputLeft - in_left
  self.bytesWritten = self.bytesWritten + used
  self._inputOffset, self._inputLeft = self._inputOffset + used, in_left
  local from, to = self._outOffset, self._chunkSize - out_left
  self._outOffset = to
  if to > from then return self._outBuffer:subarray(from, to) end
end

local function reset(self)
  self._resetting = false
  local message, errno, code = self._handle:reset()
  if message then self:destroy(failure(message, errno, code)) end
end

local function done(self)
  local cb = self._written
  self._input, self._written = false, false
  if self._resetting and self._handle then reset(self) end
  return cb()
end

local function stepped(self, out_left, in_left, message, errno, code)
  queue.context = self._context
  if self.destroyed then return done(self) end
  if message then
    self:destroy(failure(message, errno, code))
    return
  end
  local output, room = taken(self, out_left, in_left), true
  if output then room = self:push(output) end
  if self.destroyed then return done(self) end
  if out_left == 0 then -- there may be more
    if room then step(self, self._stepped) else self._stalled = true end
    return
  end
  -- There was room, and still input is left: the compressed data has ended before it.
  if in_left > 0 then validators.push_end(self) end
  return done(self)
end

local function check_open(self)
  if not self._handle then error(errors.ERR_INTERNAL_ASSERTION "zlib binding closed", 0) end
end

local function check_idle(self)
  if self._written then error(errors.ERR_INTERNAL_ASSERTION "write already in progress", 0) end
end

local function process(self, chunk, flag, cb)
  if not self._handle then return queue.nextTick(cb) end
  check_idle(self)
  if not self._stepped then
    self._stepped = function(out_left, in_left, message, errno, code) return stepped(self, out_left, in_left, message, errno, code) end
  end
  self._input, self._inputOffset, self._inputLeft, self._flag, self._written = chunk, 0, #chunk, flag, cb
  step(self, self._stepped)
end

function ZlibBase:_read(n)
  if self._stalled then
    self._stalled = false
    if self._handle then step(self, self._stepped) end
  end
  Transform.prototype._read(self, n)
end

-- Which of two flushes is the stronger.
local STRENGTH = { [0] = 0, [5] = 1, [1] = 2, [2] = 3, [3] = 4, [4] = 5 }

function ZlibBase:_transform(chunk, _, cb)
  cb = callback(cb, "callback")
  local flag, mark = self._defaultFlushFlag, self._marks and self._marks[chunk]
  if mark then
    self._marks[chunk] = nil
    flag = mark.flush
  end
  if self.writableEnded and self.writableLength == #chunk and STRENGTH[self._finishFlushFlag] > STRENGTH[flag] then flag = self._finishFlushFlag end
  if not mark or not mark.level then return process(self, chunk, flag, cb) end
  process(self, chunk, flag, function(err)
    local message, errno, code
    if self._handle then message, errno, code = self._handle:params(mark.level, mark.strategy) end
    if message then return self:destroy(failure(message, errno, code)) end
    self._level, self._strategy = mark.level, mark.strategy
    cb(err)
  end)
end

function ZlibBase:_flush(cb)
  local method, next_done = hook(self, "_transform", cb)
  method(self, alloc(0), "", next_done)
end

-- Before the flush, not after it: Transform's prefinish makes it.
function ZlibBase:_final(cb) callback(cb, "callback")() end

function ZlibBase:_destroy(err, cb)
  self:_close_handle()
  callback(cb, "callback")(err)
end

-- ---- what users call

local function write_mark(self, mark, cb)
  local chunk = alloc(0)
  self._marks = self._marks or {}
  self._marks[chunk] = mark
  self:write(chunk, nil, cb)
end

-- flush(kind = Z_FULL_FLUSH, or BROTLI_OPERATION_FLUSH, cb): what has been written so far comes out before cb.
function ZlibBase:flush(kind, cb)
  if type(kind) == "function" or kind == nil or kind == null then
    if type(kind) == "function" then cb = kind end
    kind = self._defaultFullFlushFlag
  end
  cb = optional_callback(cb, "callback")
  if self.writableFinished then
    if cb then queue.nextTick(cb) end
  elseif self.writableEnded then
    if cb then self:once("end", cb) end
  elseif not STRENGTH[kind] then
    error(errors.ERR_INVALID_ARG_TYPE("chunk", { "string", "Buffer", "TypedArray", "DataView" }, nil), 0)
  else
    write_mark(self, { flush = kind }, cb)
  end
end

-- close(cb): frees what the stream holds; cb once it has closed.
function ZlibBase:close(cb)
  if cb ~= nil and cb ~= null then require "lunode.stream.end_of_stream"(self, callback(cb, "callback")) end
  self:destroy()
end

-- Back to the state of a new stream; a chunk that is at work is finished before.
function ZlibBase:reset()
  check_open(self)
  if self._written then self._resetting = true else reset(self) end
end

local Zlib, Brotli = class("Zlib", ZlibBase), class("Brotli", ZlibBase)

-- params(level, strategy, cb): for what is written from now on, when the stream compresses.
function Zlib:params(level, strategy, cb)
  level = options.range(level, "level", -1, 9, self._level)
  strategy = options.range(strategy, "strategy", 0, 4, self._strategy)
  if self._level == level and self._strategy == strategy then return queue.nextTick(callback(cb, "callback")) end
  write_mark(self, { flush = 2, level = level, strategy = strategy }, optional_callback(cb, "callback"))
end

-- ---- at once

-- All of the output for a piece of input, now.
local function process_sync(self, chunk, flag)
  if type(chunk) == "string" then chunk = Buffer.from(chunk) end
  local parts, total = {}, 0
  check_open(self)
  check_idle(self)
  self._input, self._inputOffset, self._inputLeft, self._flag = chunk, 0, #chunk, flag
  local out_left, in_left, message, errno, code
  repeat
    out_left, in_left, message, errno, code = step(self)
    if message then
      local err = failure(message, errno, code)
      self:destroy(err)
      error(err, 0)
    end
    local output = taken(self, out_left, in_left)
    if output then
      parts[#parts + 1] = output
      total = total + #output
      if total > self._maxOutputLength then
        self:_close_handle()
        error(errors.ERR_BUFFER_TOO_LARGE(errors.number(self._maxOutputLength)), 0)
      end
    end
  until out_left > 0
  self._input = false
  self:_close_handle()
  return #parts == 1 and parts[1] or Buffer.concat(parts, total)
end

-- _processChunk(chunk, flush, cb): without cb now, and closes the stream, as Node's does; programs are known that call it.
function ZlibBase:_processChunk(chunk, flag, cb)
  if type(cb) == "function" then return process(self, chunk, flag, callback(cb, "callback")) end
  return process_sync(self, chunk, flag)
end

return { Zlib = Zlib, Brotli = Brotli }
