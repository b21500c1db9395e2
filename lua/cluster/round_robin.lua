-- SPDX-License-Identifier: MIT
--
-- A listening socket of the primary that hands its connections to the workers in turn (cluster.SCHED_RR). A worker gets the
-- next one when it has answered for the last. A connection that a worker refused, or had not answered for when it died,
-- goes to the next worker.
--
--   RoundRobin(key, message)             message: the worker's question (address, port, addressType, fd, backlog, …)
--   :add(worker, done)                   done(errno or nil, reply): reply {sockname = {address, port, family}}
--   :remove(worker) -> true when that was the last one, and the socket was closed. What is under way to the worker stays so:
--                                        its answer, or the news of its death (nil), decides.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"

local RoundRobin = class "RoundRobin"

function RoundRobin:initialize(key, message)
  self.key = key
  self.all, self.count = {}, 0             -- worker id -> worker
  self.free, self.first, self.last = {}, 1, 0 -- a queue of workers that wait for a connection
  self.waiting, self.head, self.tail = {}, 1, 0 -- connections that wait for a worker
  self.handle, self.server, self.errno = nil, nil, nil
  local server = require("lunode.net").createServer()
  self.server = server
  local plan = { backlog = message.backlog, exclusive = true, ipv6Only = message.ipv6Only, readableAll = message.readableAll,
    writableAll = message.writableAll }
  if message.fd ~= nil and message.fd >= 0 then plan.fd = message.fd
  elseif message.port ~= nil and message.port >= 0 then plan.port, plan.host = message.port, message.address
  else plan.path = message.address end
  server:once("listening", function()
    self.handle, self.path = server._handle, server._pipeName
    rawset(server, "_handle", nil)
    self.server = nil
    self.handle.owner = self
    self.handle.onconnection = self._onconnection
  end)
  server:on("error", function(err)
    self.errno = err.errno or errors.uvCode "EINVAL"
  end)
  server:listen(plan)
end

function RoundRobin:add(worker, done)
  self.all[worker.id] = worker
  self.count = self.count + 1
  local function ready()
    if not self.handle then return done(errors.uvCode "EBADF") end -- the last worker left meanwhile
    local sockname
    if self.handle.reset then
      local address, port, family = self.handle:getsockname()
      sockname = { address = address, port = port, family = family }
    end
    done(nil, { sockname = sockname })
    self:handoff(worker)
  end
  if self.errno then
    done(self.errno)
  elseif not self.server then
    ready()
  else
    self.server:once("listening", ready)
    self.server:once("error", function() done(self.errno) end)
  end
end

function RoundRobin:remove(worker)
  if not self.all[worker.id] then return false end
  self.all[worker.id] = nil
  self.count = self.count - 1
  if self.count > 0 then return false end
  while self.head <= self.tail do
    self.waiting[self.head]:close()
    self.waiting[self.head] = nil
    self.head = self.head + 1
  end
  if self.handle then
    self.handle:close()
    self.handle = nil
  elseif self.server then
    self.server:close()
  end
  return true
end

-- Called by C for every connection.
function RoundRobin._onconnection(self, status, handle)
  if status ~= 0 then return end -- too few descriptors for the moment: the next one may succeed
  self:distribute(handle)
end

function RoundRobin:distribute(handle)
  if self.count == 0 then return handle:close() end
  self.tail = self.tail + 1
  self.waiting[self.tail] = handle
  while self.first <= self.last do
    local worker = self.free[self.first]
    self.free[self.first] = nil
    self.first = self.first + 1
    if self.all[worker.id] == worker then return self:handoff(worker) end
  end
end

function RoundRobin:handoff(worker)
  if self.all[worker.id] ~= worker then return end
  if self.head > self.tail then
    self.last = self.last + 1
    self.free[self.last] = worker
    return
  end
  local handle = self.waiting[self.head]
  self.waiting[self.head] = nil
  self.head = self.head + 1
  worker._peer:send({ act = "newconn", key = self.key }, handle, function(reply)
    if reply and reply.accepted then handle:close() else self:distribute(handle) end
    self:handoff(worker)
  end)
end

return RoundRobin
