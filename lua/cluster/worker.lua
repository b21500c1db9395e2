-- SPDX-License-Identifier: MIT
--
-- cluster.Worker (Node 20 docs: Class: Worker): in the primary one for each child, in a worker cluster.worker. What differs
-- between the two (disconnect, destroy) is set on the instance's class by cluster/primary.lua or cluster/child.lua.
--   id, process, exitedAfterDisconnect (nil until the worker is over), state (none, online, listening, disconnected, dead)
local class = require "lunode.internal.class"
local EventEmitter = require "lunode.events"

local Worker = class("Worker", EventEmitter)

-- options: id, process (a ChildProcess, or the module process), state
function Worker:initialize(options)
  EventEmitter.prototype.initialize(self)
  options = options or {}
  rawset(self, "exitedAfterDisconnect", nil)
  rawset(self, "state", options.state or "none")
  rawset(self, "id", options.id or 0)
  local child = options.process
  if child then
    rawset(self, "_process", child)
    child:on("error", function(err) self:emit("error", err) end)
    child:on("message", function(message, handle) self:emit("message", message, handle) end)
  end
end

Worker:accessor("process", function(self) return rawget(self, "_process") end, function(self, value) rawset(self, "_process", value) end)

function Worker:kill(signal) return self:destroy(signal) end

-- send(message, handle?, options?, cb?) -> false when too much is waiting
function Worker:send(...)
  return require("lunode.internal.channel").send(self.process, ...)
end

function Worker:isDead()
  local child = self.process
  return child.exitCode ~= nil or child.signalCode ~= nil
end

function Worker:isConnected() return self.process.connected == true end

return Worker
