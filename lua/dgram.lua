-- SPDX-License-Identifier: MIT
--
-- dgram (Node 20 docs: UDP/datagram sockets).
local handles = require "lunode.dgram.handle"
local Socket = require "lunode.dgram.socket"

local M = { Socket = Socket, _makeHandle = handles.make }

-- createSocket(type, listener), (options, listener) -> Socket. options: see Socket:initialize. The listener gets 'message'.
function M.createSocket(options, listener) return Socket(options, listener) end

return M
