-- SPDX-License-Identifier: MIT
--
-- A socket of the primary that is bound once and sent to every worker, which listens on it (or, for datagrams, receives from
-- it) by itself: cluster.SCHED_NONE, and all UDP. The same methods as RoundRobin; done(errno, reply, handle).
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"

local Shared = class "Shared"

-- -> handle, or nil and libuv's code
local function make(message)
  local kind = message.addressType
  if kind == "udp4" or kind == "udp6" then return require("lunode.dgram")._makeHandle(message) end
  return require("lunode.net.server")._makeHandle(message)
end

function Shared:initialize(key, message)
  self.key = key
  self.all, self.count = {}, 0
  local handle, code = make(message)
  self.handle, self.errno = handle, not handle and (code or errors.uvCode "EINVAL") or nil
end

function Shared:add(worker, done)
  self.all[worker.id] = worker
  self.count = self.count + 1
  done(self.errno, nil, self.handle)
end

function Shared:remove(worker)
  if not self.all[worker.id] then return false end
  self.all[worker.id] = nil
  self.count = self.count - 1
  if self.count > 0 then return false end
  if self.handle then self.handle:close() end
  self.handle = nil
  return true
end

return Shared
