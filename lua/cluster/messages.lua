-- SPDX-License-Identifier: MIT
--
-- What primary and worker tell each other: {cmd = "NODE_CLUSTER", act, seq, …}; an answer bears ack, the seq of the question.
--
--   local peer = messages.peer(target, on_act)   target: a ChildProcess or process
--   peer:send(message, handle, reply)            reply(answer, handle) once; reply(nil) when the other side is gone
--   peer:lost()                                  the other side is gone
--   on_act(message, handle)                      for every message that is no answer
local channel = require "lunode.internal.channel"

local M = {}
local Peer = {}
Peer.__index = Peer

function Peer:send(message, handle, reply)
  message.cmd = "NODE_CLUSTER"
  self.seq = self.seq + 1
  message.seq = self.seq
  if reply then
    if self.gone then return reply(nil) end
    self.replies[self.seq] = reply
  end
  return channel.internal(self.target, message, handle)
end

function Peer:lost()
  if self.gone then return end
  self.gone = true
  local replies = self.replies
  self.replies = {}
  local order = {}
  for seq in pairs(replies) do order[#order + 1] = seq end
  table.sort(order)
  for i = 1, #order do replies[order[i]](nil) end
end

function M.peer(target, on_act)
  local peer = setmetatable({ target = target, seq = 0, replies = {}, gone = false }, Peer)
  target:on("internalMessage", function(message, handle)
    if message.cmd ~= "NODE_CLUSTER" then return end
    local ack = message.ack
    local reply = ack ~= nil and peer.replies[ack]
    if reply then
      peer.replies[ack] = nil
      reply(message, handle)
    elseif ack == nil then
      on_act(message, handle)
    elseif handle and handle.close then
      handle:close() -- for a question that was given up
    end
  end)
  return peer
end

return M
