-- SPDX-License-Identifier: MIT
--
-- https: comes with TLS; until then every function says so. The Agent can be made and configured, as many programs do when they are loaded; it
-- opens no connection.
local absent = require("lunode.internal.errors").notImplemented
local class = require "lunode.internal.class"
local HttpAgent = require "lunode.http.agent"

local Agent = class("Agent", HttpAgent)
Agent.prototype.defaultPort = 443
Agent.prototype.protocol = "https:"

function Agent:initialize(options)
  HttpAgent.prototype.initialize(self, options)
  self.maxCachedSessions = self.options.maxCachedSessions or 100
end

local refuse = absent "https.Agent.createConnection"
-- createConnection(options): raises ERR_METHOD_NOT_IMPLEMENTED until TLS is there
function Agent:createConnection() return refuse(self) end

local M = { Agent = Agent, globalAgent = Agent { keepAlive = true, scheduling = "lifo", timeout = 5000 } }
for _, name in ipairs { "createServer", "get", "request", "Server" } do M[name] = absent("https." .. name) end
-- ---- signatures, for the reference (docs/api/README.md)
-- Server, createServer, get, request(...): raise ERR_METHOD_NOT_IMPLEMENTED until TLS is there

return M
