-- A web server. Run: make run, then open the address that it prints.
local http = require "http"

local server = http.createServer(function(req, res)
  res:writeHead(200, { ["Content-Type"] = "text/plain" })
  res:finish("Hello world\n")
end)

server:listen(tonumber(process.env.PORT) or 8000, "127.0.0.1", function()
  console.log("Listening on http://127.0.0.1:" .. server:address().port .. "/")
end)
