-- SPDX-License-Identifier: MIT
local http = require "http"

local server = http.createServer(function(req, res)
  res:setHeader("Content-Type", "text/plain")
  res:setHeader("Content-Length", "12")
  res:finish("Hello world\n")
end)
server:listen(0, "127.0.0.1")
print(server:address().port)
