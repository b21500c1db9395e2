-- SPDX-License-Identifier: MIT
-- hello.lua with two workers; the primary says the port when both listen.
local cluster, http = require "cluster", require "http"

if cluster.isPrimary then
  local listening = 0
  cluster:on("listening", function(_, address)
    listening = listening + 1
    if listening == 2 then console.log(address.port) end
  end)
  cluster.fork()
  cluster.fork()
else
  http.createServer(function(req, res)
    res:writeHead(200, {["Content-Type"] = "text/plain", ["Content-Length"] = "12"})
    res:finish("Hello world\n")
  end):listen(0, "127.0.0.1")
end
