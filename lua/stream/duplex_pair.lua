-- SPDX-License-Identifier: MIT
--
-- duplexPair(options) -> list of two Duplexes: what is written to one is read from the other (Node 20 docs: stream.duplexPair).
local class = require "lunode.internal.class"
local shape = require "lunode.internal.shape"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"
local Duplex = require "lunode.stream.duplex"

local rawset = rawset

local Side = class("DuplexSide", Duplex)

function Side:initialize(options)
  rawset(self, "_other", false)
  rawset(self, "_taken", false) -- the callback of the chunk that the other side has not read yet
  Duplex.prototype.initialize(self, options)
end

function Side:_read()
  local cb = self._taken
  if cb then
    self._taken = false
    cb()
  end
end

function Side:_write(chunk, _, cb)
  cb = validators.callback(cb, "callback")
  local other = self._other
  if #chunk == 0 then
    queue.nextTick(cb)
  else
    other:push(chunk)
    other._taken = cb
  end
end

function Side:_final(cb)
  self._other:on("end", validators.callback(cb, "callback"))
  self._other:push(nil)
end

return function(options)
  local a, b = Side(options), Side(options)
  a._other, b._other = b, a
  return shape.list { a, b }
end
