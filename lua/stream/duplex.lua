-- SPDX-License-Identifier: MIT
--
-- Duplex: a Readable with a Writable's methods mixed in (Node 20 docs: stream.Duplex).
--
-- options: those of both, which readableX and writableX (ObjectMode, HighWaterMark) set for one side; allowHalfOpen (false:
-- the writable side ends with the readable one), readable, writable (false: there is no such side).
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local Readable = require "lunode.stream.pipe" -- with its pipe
local Writable = require "lunode.stream.writable"

local rawset, rawget, pairs = rawset, rawget, pairs

local Duplex = class("Duplex", Readable)
local prototype = Duplex.prototype

for name, method in pairs(Writable.prototype) do
  if prototype[name] == nil then prototype[name] = method end
end
prototype._event_order = { "close", "error", "prefinish", "finish", "drain", "data", "end", "readable" }
prototype.destroy = Writable.prototype.destroy

for name, pair in pairs(Writable.static._accessors) do
  -- Both sides share the one error and the one 'close'.
  if name ~= "errored" and name ~= "closed" and name ~= "destroyed" then Duplex:accessor(name, pair[1], pair[2]) end
end

Duplex:accessor("destroyed", function(self)
  local r, w = rawget(self, "_readableState"), rawget(self, "_writableState")
  return r ~= nil and w ~= nil and r.destroyed and w.destroyed
end, function(self, value)
  local r, w = rawget(self, "_readableState"), rawget(self, "_writableState")
  if r and w then
    r.destroyed = value and true or false
    w.destroyed = r.destroyed
  end
end)

function Duplex:initialize(options)
  if options == errors.null then options = nil end
  rawset(self, "allowHalfOpen", not options or options.allowHalfOpen ~= false)
  Readable.prototype.initialize(self, options, true)
  Writable.prototype.initialize(self, options, true)
  if not options then return end
  if options.readable == false then
    local r = self._readableState
    r.readable, r.ended, r.endEmitted = false, true, true
  end
  if options.writable == false then
    local w = self._writableState
    w.writable, w.ending, w.ended, w.finished = false, true, true, true
  end
end

-- Node 20 docs: stream.Duplex.from
Duplex.static.from = function(source) return require "lunode.stream.duplexify"(source, "body") end
Duplex.static.fromWeb = errors.notImplemented "stream.Duplex.fromWeb"
Duplex.static.toWeb = errors.notImplemented "stream.Duplex.toWeb"

return Duplex
