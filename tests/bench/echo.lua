-- SPDX-License-Identifier: MIT
local net = require "net"

local server = net.createServer(function(socket)
  socket:on("error", function() end) -- a peer that resets
  socket:pipe(socket)
end)
server:listen(0, "127.0.0.1", function() console.log(server:address().port) end)
