-- SPDX-License-Identifier: MIT
--
-- http (Node 20 docs: HTTP). The parts are loaded when they are asked for.
local common = require "lunode.http.common"
local core = require "lunode.core"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local M = {}

-- createServer(options, listener) or (listener)
function M.createServer(options, listener) return require "lunode.http.server"(options, listener) end

-- request(url, options, cb), (options, cb) …: http/client.lua
local client
function M.request(url, options, cb)
  client = client or require "lunode.http.client"
  return client.request(url, options, cb)
end
function M.get(url, options, cb)
  client = client or require "lunode.http.client"
  return client.get(url, options, cb)
end

function M.validateHeaderName(name, label) common.validateHeaderName(name, label) end
function M.validateHeaderValue(name, value)
  if value == nil then error(require("lunode.internal.errors").ERR_HTTP_INVALID_HEADER_VALUE(nil, name), 0) end
  common.validateHeaderValue(name, value)
end

-- How many parsers the client keeps for reuse (1000).
function M.setMaxIdleHTTPParsers(max)
  validators.validateInteger(max, "max", 1)
  common.maxIdleParsers = max
end

M.STATUS_CODES = common.STATUS_CODES

local lazy = {
  METHODS = function() return shape.list(core.http.methods()) end,
  Server = function() return require "lunode.http.server" end,
  ServerResponse = function() return require "lunode.http.server_response" end,
  IncomingMessage = function() return require "lunode.http.incoming_message" end,
  OutgoingMessage = function() return require "lunode.http.outgoing_message" end,
  Agent = function() return require "lunode.http.agent" end,
  ClientRequest = function() return require("lunode.http.client").ClientRequest end,
}

-- ---- signatures, for the reference (docs/api/README.md)
-- get(url: string|table, options?: table, callback?: fun(res: http.IncomingMessage)) -> http.ClientRequest: a GET, ended at once
-- validateHeaderName(name: string, label?: string): raises ERR_INVALID_HTTP_TOKEN
-- validateHeaderValue(name: string, value: any): raises ERR_HTTP_INVALID_HEADER_VALUE, ERR_INVALID_CHAR

return require "lunode.internal.lazy"(M, lazy, {
  maxHeaderSize = { function() return common.maxHeaderSize end },
  globalAgent = {
    function() return require("lunode.http.agent").globalAgent end,
    function(value) require("lunode.http.agent").static.globalAgent = value end,
  },
})
