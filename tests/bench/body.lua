-- SPDX-License-Identifier: MIT
-- body.lua FILE: GET /file streams FILE, POST /echo sends back its body, anything else is hello.
local fs = require "fs"
local http = require "http"
local stream = require "stream"

local file = process.argv[3]
local size = tostring(fs.statSync(file).size)

local server = http.createServer(function(req, res)
  if req.url == "/file" then
    res:writeHead(200, {["Content-Type"] = "application/octet-stream", ["Content-Length"] = size})
    stream.pipeline(fs.createReadStream(file), res, function() end) -- an error has closed both
  elseif req.method == "POST" then
    res:writeHead(200, {["Content-Type"] = "application/octet-stream"})
    req:pipe(res)
  else
    res:writeHead(200, {["Content-Type"] = "text/plain", ["Content-Length"] = "12"})
    res:finish("Hello world\n")
  end
end)
server:listen(0, "127.0.0.1", function() console.log(server:address().port) end)
