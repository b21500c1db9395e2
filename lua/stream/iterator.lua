-- SPDX-License-Identifier: MIT
--
-- Reading a stream chunk by chunk, as `for await` does in Node (Node 20 docs: readable[Symbol.asyncIterator], readable.iterator).
--
--   iterator(stream, options) -> object: called it gives the next chunk, or nil at the end, and waits in an async coroutine:
--     for chunk in stream:iter() do … end
--     object:next() -> promise of {value, done}; object["return"](object), object:throw(err) end it before its time.
--   iterator.open(stream, options) -> reader: reader:pull() waits like that, reader:close(err) ends it. The library's own.
--
-- At the end, and when an iterator is ended early or collected, the stream is destroyed, unless destroyOnReturn is false.
-- Lua cannot see a `break`: until the iterator is collected the stream stays open and paused.
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local symbols = require "lunode.internal.symbols"
local async = require "lunode.internal.async"
local destroying = require "lunode.stream.destroy"
local finished = require "lunode.stream.end_of_stream"

local setmetatable, getmetatable, error, pcall, newproxy = setmetatable, getmetatable, error, pcall, newproxy
local await = async.await

local reader = { __name = "StreamReader" }
reader.__index = reader

local function wake(self)
  local waiting = self.waiting
  if waiting then
    self.waiting = false
    promise.resolve(waiting)
  end
end

-- Listeners come with the first read: an iterator that is never used leaves the stream alone.
local function start(self)
  self.started = true
  local stream = self.stream
  self.onreadable = function() wake(self) end
  stream:on("readable", self.onreadable)
  self.cleanup = finished(stream, { writable = false }, function(err)
    if err ~= nil then self.failed = errors.aggregateTwo(self.failed, err) else self.ended = true end
    wake(self)
  end)
end

function reader:close(err)
  if self.closed then return end
  self.closed = true
  if not self.started then return end
  if err ~= nil then self.failed = err end
  local stream, failed = self.stream, self.failed
  local r = stream._readableState
  if (failed ~= nil or self.destroys) and (failed == nil and not self.ended or not r or r.autoDestroy) then
    destroying.destroyer(stream, nil)
  else
    stream:removeListener("readable", self.onreadable)
    self.cleanup()
  end
end

-- The next chunk; nil at the end; raises the stream's error.
function reader:pull()
  if self.closed then return nil end
  if not self.started then start(self) end
  local stream = self.stream
  while true do
    local chunk
    if not stream.destroyed then chunk = stream:read() end
    if chunk ~= nil and chunk ~= errors.null then return chunk end
    if self.failed ~= nil then
      local err = self.failed
      self:close(err)
      error(err, 0)
    elseif self.ended then
      self:close()
      return nil
    end
    local waiting = promise.new()
    self.waiting = waiting
    await(waiting)
    if self.closed then return nil end
  end
end

local function open(stream, options)
  return setmetatable({
    stream = stream,
    destroys = not (options and options.destroyOnReturn == false),
    started = false, closed = false, ended = false, failed = nil, waiting = false, onreadable = false, cleanup = false,
  }, reader)
end

-- ---- the object that programs hold; the reader must not refer to it, or it would never be collected

local iterator = { __name = "StreamIterator" }
iterator.__index = iterator

function iterator.__call(self) return self._reader:pull() end

local function result(value, done) return shape.dict { value = value, done = done } end

-- Requests are answered in order, one after the other.
local function in_turn(self, fn, ...)
  local before = self._last
  self._last = async.async(function(...)
    if before and promise.state(before) == "pending" then pcall(await, before) end
    return fn(self._reader, ...)
  end, ...)
  return self._last
end

local function next_result(r)
  local chunk = r:pull()
  return result(chunk, chunk == nil)
end

function iterator:next() return in_turn(self, next_result) end
iterator["return"] = function(self, value)
  return in_turn(self, function(r)
    r:close()
    return result(value, true)
  end)
end
function iterator:throw(err)
  return in_turn(self, function(r)
    r:close(err)
    error(err, 0)
  end)
end
function iterator:iter() return self end
iterator[symbols.asyncIterator] = iterator.iter

local function abandon(r)
  wake(r)
  r:close()
end

local function new(stream, options)
  local r = open(stream, options)
  local guard = newproxy(true)
  getmetatable(guard).__gc = function()
    -- Not here: a finalizer may run in the middle of anything.
    if r.started and not r.closed then queue.nextTick(abandon, r) end
  end
  return setmetatable({ _reader = r, _guard = guard, _last = false }, iterator)
end

return setmetatable({ open = open }, { __call = function(_, stream, options) return new(stream, options) end })
