-- SPDX-License-Identifier: MIT
--
-- Transform: a Duplex whose output is computed from its input (Node 20 docs: stream.Transform).
--
-- options: those of Duplex, and transform(self, chunk, encoding, cb), flush(self, cb); cb(err, data).
-- The next chunk waits until the readable side has room: the callback is kept, and called by _read.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"
local Duplex = require "lunode.stream.duplex"
local state_of = require "lunode.stream.state"

local type, rawset, pairs, error = type, rawset, pairs, error
local hook, callback, null = validators.hook, validators.callback, errors.null

local Transform = class("Transform", Duplex)

local function flushed(self, cb, err, data)
  if err and err ~= null then
    if cb then cb(err) else self:destroy(err) end
    return
  end
  if data ~= nil and data ~= null then self:push(data) end
  validators.push_end(self)
  if cb then cb() end
end

local function final(self, cb)
  if cb then cb = callback(cb, "callback") end
  if type(self._flush) == "function" and not self.destroyed then
    local method, done = hook(self, "_flush", function(err, data) return flushed(self, cb, err, data) end)
    method(self, done)
  else
    validators.push_end(self)
    if cb then cb() end
  end
end
Transform.prototype._final = final

function Transform:initialize(options)
  if options == null then options = nil end
  -- A readable mark of 0 must not become that of the writable side.
  if options and state_of.highWaterMark(options, false, "readableHighWaterMark", true) == 0 then
    local own = {}
    for k, v in pairs(options) do own[k] = v end
    own.highWaterMark, own.readableHighWaterMark, own.writableHighWaterMark = nil, 0, options.writableHighWaterMark or 0
    options = own
  end
  rawset(self, "_transformCallback", false) -- waits for room
  rawset(self, "_transformDone", false) -- handed to _transform; one for the stream's life
  rawset(self, "_transformWritten", false) -- what it calls in turn
  rawset(self, "_transformLength", 0) -- of the readable side when the chunk came
  Duplex.prototype.initialize(self, options)
  -- _write fills the buffer from outside of _read.
  self._readableState.sync = false
  if options then
    if type(options.transform) == "function" then rawset(self, "_transform", options.transform) end
    if type(options.flush) == "function" then rawset(self, "_flush", options.flush) end
  end
  -- With a _final of the user's own, the readable side is still to be ended.
  self:on("prefinish", function()
    if self._final ~= final then final(self) end
  end)
end

function Transform:_transform() error(errors.ERR_METHOD_NOT_IMPLEMENTED "_transform()", 0) end

local function transformed(self, err, value)
  local cb = self._transformWritten
  if err and err ~= null then return cb(err) end
  if value ~= nil and value ~= null then self:push(value) end
  local r = self._readableState
  if r.ended then
    queue.nextTick(cb)
  elseif self._writableState.ended or self._transformLength == r.length or r.length < r.highWaterMark then
    cb()
  else
    self._transformCallback = cb
  end
end

local function make_done(self)
  local function done(err, value) return transformed(self, err, value) end
  self._transformDone = done
  return done
end

function Transform:_write(chunk, encoding, cb)
  self._transformLength = self._readableState.length
  self._transformWritten = callback(cb, "callback")
  local method, done = hook(self, "_transform", self._transformDone or make_done(self))
  method(self, chunk, encoding, done)
end

function Transform:_read()
  local cb = self._transformCallback
  if cb then
    self._transformCallback = false
    cb()
  end
end

return Transform
