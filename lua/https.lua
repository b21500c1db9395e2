-- SPDX-License-Identifier: MIT
--
-- https: comes with TLS; until then every function says so.
local absent = require("lunode.internal.errors").notImplemented
local class = require "lunode.internal.class"
local Agent = require "lunode.http.agent"

local M = { Agent = class("Agent", Agent) }
M.Agent.initialize = absent "https.Agent"
for _, name in ipairs { "createServer", "get", "request", "Server" } do M[name] = absent("https." .. name) end
-- ---- signatures, for the reference (docs/api/README.md)
-- Server, createServer, get, request(...): raise ERR_METHOD_NOT_IMPLEMENTED until TLS is there

return M
