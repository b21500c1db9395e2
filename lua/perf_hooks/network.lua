-- SPDX-License-Identifier: MIT
--
-- Entries of the types 'http' and 'net' (Node 20 docs: perf_hooks, performanceNodeEntry.detail). They are made of what the library
-- publishes in diagnostics_channel, and only while somebody observes them.
local channels = require "lunode.diagnostics_channel"
local entry = require "lunode.perf_hooks.entry"
local shape = require "lunode.internal.shape"
local now = require("lunode.perf_hooks.performance").now

local M = {}

local function weak() return setmetatable({}, { __mode = "k" }) end
local requests, responses = weak(), weak() -- -> when they began

local function publish(name, kind, start, detail)
  entry.publish(entry.new(entry.PerformanceNodeEntry, name, kind, start, now() - start, shape.dict(detail)))
end

local function about(res) return shape.dict { statusCode = res.statusCode, statusMessage = res.statusMessage, headers = res.headers or res:getHeaders() } end

local subscriptions = {
  http = {
    ["http.client.request.start"] = function(message) requests[message.request] = now() end,
    ["http.client.response.finish"] = function(message)
      local req, res = message.request, message.response
      local start = requests[req]
      if not start then return end
      requests[req] = nil
      publish("HttpClient", "http", start, {
        req = shape.dict { method = req.method, url = req.protocol .. "//" .. req.host .. req.path, headers = req:getHeaders() }, res = about(res),
      })
    end,
    ["http.server.request.start"] = function(message) responses[message.response] = now() end,
    ["http.server.response.finish"] = function(message)
      local req, res = message.request, message.response
      local start = responses[res]
      if not start then return end
      responses[res] = nil
      publish("HttpRequest", "http", start, { req = shape.dict { method = req.method, url = req.url, headers = req.headers }, res = about(res) })
    end,
  },
  net = {
    ["net.client.socket"] = function(message)
      local socket, start = message.socket, now()
      socket:once("connect", function()
        if socket.remotePort == nil then return end -- a pipe
        publish("connect", "net", start, { host = socket.remoteAddress, port = socket.remotePort })
      end)
    end,
  },
}

function M.start(kind)
  for name, fn in pairs(subscriptions[kind]) do channels.subscribe(name, fn) end
end

function M.stop(kind)
  for name, fn in pairs(subscriptions[kind]) do channels.unsubscribe(name, fn) end
end

return M
