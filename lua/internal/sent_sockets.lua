-- SPDX-License-Identifier: MIT
--
-- Sockets of a server that were sent to another process: the server counts them and waits for their end (Node 20 docs:
-- server.getConnections, server.close). The messages are Node's.
--
--   sent.add(state, server)            state: of lua/internal/channel.lua. A socket of the server goes there.
--   sent.received(state, key, socket)  on the other side
--   sent.message(state, message)       what came; true when it was one of these
--   server._workers                    the sequence of processes that have or had sockets of it, each with
--     count(cb)     cb(err, number)    close(cb)   cb() when it has none any more, or has ended
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local class = require "lunode.internal.class"

local rawget, rawset, nextTick = rawget, rawset, queue.nextTick
local internal -- of the channel

local M = {}

-- ---- the side of the server

local Worker = class "SocketListSend"

function Worker:initialize(state, key)
  rawset(self, "_state", state)
  rawset(self, "_key", key)
  rawset(self, "_counting", {})
  rawset(self, "_closing", {})
end

local function ask(self, cmd, list, cb)
  local state = self._state
  if state.over or not state.target.connected then return nextTick(cb, errors.Error "Child closed before reply") end
  list[#list + 1] = cb
  internal = internal or require("lunode.internal.channel").internal
  internal(state.target, shape.dict { cmd = cmd, key = self._key })
end

function Worker:count(cb) ask(self, "NODE_SOCKET_GET_COUNT", self._counting, cb) end
function Worker:close(cb) ask(self, "NODE_SOCKET_NOTIFY_CLOSE", self._closing, cb) end

local function answered(list, ...)
  for i = 1, #list do
    local cb = list[i]
    list[i] = nil
    cb(...)
  end
end

function M.add(state, server)
  local key = rawget(server, "_connectionKey")
  local workers = state.workers
  if not workers then
    workers = {}
    state.workers = workers
  end
  if not key or workers[key] then return key end
  local worker = Worker(state, key)
  workers[key] = worker
  local list = rawget(server, "_workers")
  if not list then
    list = shape.list {}
    rawset(server, "_workers", list)
  end
  shape.add(list, worker)
  state.target:once(state.target.pid and state.target.kill and "exit" or "disconnect", function()
    workers[key] = nil
    for i = 1, #list do
      if list[i] == worker then
        shape.remove(list, i)
        break
      end
    end
    local err = errors.Error "Child closed before reply"
    answered(worker._counting, err)
    answered(worker._closing)
  end)
  return key
end

-- ---- the other side

function M.received(state, key, socket)
  local lists = state.received
  if not lists then
    lists = {}
    state.received = lists
  end
  local list = lists[key]
  if not list then
    list = { open = 0, asked = false }
    lists[key] = list
  end
  list.open = list.open + 1
  socket:once("close", function()
    list.open = list.open - 1
    if list.open == 0 and list.asked then
      list.asked = false
      internal(state.target, shape.dict { cmd = "NODE_SOCKET_ALL_CLOSED", key = key })
    end
  end)
end

function M.message(state, message)
  local cmd, key = message.cmd, message.key
  if cmd == "NODE_SOCKET_NOTIFY_CLOSE" or cmd == "NODE_SOCKET_GET_COUNT" then
    internal = internal or require("lunode.internal.channel").internal
    local list = state.received and key ~= nil and state.received[key]
    local open = list and list.open or 0
    if cmd == "NODE_SOCKET_GET_COUNT" then
      internal(state.target, shape.dict { cmd = "NODE_SOCKET_COUNT", key = key, count = open })
    elseif open == 0 then
      internal(state.target, shape.dict { cmd = "NODE_SOCKET_ALL_CLOSED", key = key })
    else
      list.asked = true
    end
    return true
  end
  if cmd ~= "NODE_SOCKET_ALL_CLOSED" and cmd ~= "NODE_SOCKET_COUNT" then return false end
  local worker = state.workers and key ~= nil and state.workers[key]
  if worker then
    if cmd == "NODE_SOCKET_COUNT" then answered(worker._counting, nil, tonumber(message.count) or 0) else answered(worker._closing) end
  end
  return true
end

return M
