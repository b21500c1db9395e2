-- SPDX-License-Identifier: MIT
local http = require "http"

local server = http.createServer(function(req, res)
  res:writeHead(200, {["Content-Type"] = "text/plain", ["Content-Length"] = "12"})
  res:finish("Hello world\n")
end)
server:listen(0, "127.0.0.1", function() console.log(server:address().port) end)
