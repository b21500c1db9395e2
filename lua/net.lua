-- SPDX-License-Identifier: MIT
--
-- net (Node 20 docs: Net): TCP and Unix sockets, servers and clients.
local errors = require "lunode.internal.errors"
local taps = require "lunode.internal.taps"
local validators = require "lunode.internal.validators"
local ip = require "lunode.net.ip"
local normalize = require "lunode.net.normalize"
local settings = require "lunode.net.settings"
local Server = require "lunode.net.server"
local Socket = require "lunode.net.socket"

local shape = require "lunode.internal.shape"

local rawget, rawset, type = rawget, rawset, type

local M = {
  Server = Server, Socket = Socket, Stream = Socket,
  isIP = ip.isIP, isIPv4 = ip.isIPv4, isIPv6 = ip.isIPv6,
}

-- createServer(options, listener): see Server:initialize. The listener gets every Socket.
function M.createServer(options, listener) return Server(options, listener) end

local own_connect = rawget(Socket.prototype, "connect")

-- connect(port, host, cb), (path, cb), (options, cb) -> Socket. options: those of Socket, and
--   port, host, localAddress, localPort, family (0, 4, 6), hints, lookup(host, options, callback), noDelay, keepAlive,
--   keepAliveInitialDelay, autoSelectFamily, autoSelectFamilyAttemptTimeout (ms); path; timeout (ms), signal
function M.connect(...)
  local options, cb = normalize.args(...)
  local socket = Socket(options)
  local tap = taps["net.client.socket"]
  if tap then tap:publish { socket = socket } end
  if options.timeout and options.timeout ~= errors.null then socket:setTimeout(options.timeout) end
  local patched = rawget(Socket.prototype, "connect")
  if patched ~= own_connect then return socket:connect(shape.list { options, cb or errors.null }) end -- one list, as Node hands it over
  return require("lunode.net.connect").with(socket, options, cb)
end
M.createConnection = M.connect

function M._normalizeArgs(list)
  local options, cb = normalize.args(unpack(list, 1, list.n or #list))
  return { options, cb }
end

function M.getDefaultAutoSelectFamily() return settings.auto_select_family end
function M.setDefaultAutoSelectFamily(value)
  validators.validateBoolean(value, "value")
  settings.auto_select_family = value
end

-- ms; at least 10
function M.getDefaultAutoSelectFamilyAttemptTimeout() return settings.attempt_timeout end
function M.setDefaultAutoSelectFamilyAttemptTimeout(value)
  validators.validateInt32(value, "value", 1)
  settings.attempt_timeout = value < 10 and 10 or value
end

local lazy = { BlockList = "lunode.net.block_list", SocketAddress = "lunode.net.socket_address" }
-- ---- signatures, for the reference (docs/api/README.md)
-- createConnection(options: table|integer|string, host?: string, listener?: fun()) -> net.Socket: connect
-- isIP(text: string) -> integer: 4, 6 or 0
-- isIPv4, isIPv6(text: string) -> boolean
-- getDefaultAutoSelectFamily() -> boolean
-- setDefaultAutoSelectFamily(value: boolean)
-- setDefaultAutoSelectFamilyAttemptTimeout(ms: integer)
-- ref, unref() -> self: whether it keeps the loop running
-- destroySoon(): when all has been written
-- read(size?: integer) -> Buffer|string|nil
-- resume() -> net.Socket: itself

return setmetatable(M, {
  __index = function(self, key)
    local name = lazy[key]
    if not name then return nil end
    local value = require(name)
    rawset(self, key, value)
    return value
  end,
})
