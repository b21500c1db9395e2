-- A reverse proxy: requests go to TARGET, both bodies are streamed, connections to it are kept.
--   lunode examples/proxy.lua http://127.0.0.1:9000
local http = require "http"
local stream = require "stream"

local target = URL(arg[1] or "http://127.0.0.1:9000")
local agent = http.Agent { keepAlive = true, maxSockets = 64 }

local hop_by_hop = { connection = true, ["keep-alive"] = true, ["proxy-authenticate"] = true, ["proxy-authorization"] = true,
  te = true, trailer = true, ["transfer-encoding"] = true, upgrade = true }

local function pass_on(headers)
  local out = {}
  for name, value in pairs(headers) do
    if not hop_by_hop[name] then out[name] = value end
  end
  return out
end

local server = http.createServer(function(req, res)
  local headers = pass_on(req.headers)
  headers.host = target.host
  local before = headers["x-forwarded-for"]
  headers["x-forwarded-for"] = (before and before .. ", " or "") .. req.socket.remoteAddress

  local upstream = http.request {
    host = target.hostname, port = target.port, method = req.method, path = req.url, headers = headers, agent = agent,
  }
  upstream:on("response", function(answer)
    res:writeHead(answer.statusCode, answer.statusMessage, pass_on(answer.headers))
    stream.pipeline(answer, res, function() end)
  end)
  upstream:on("error", function(err)
    if res.headersSent then return res:destroy(err) end
    res:writeHead(502, { ["Content-Type"] = "text/plain" })
    res:finish("bad gateway: " .. (err.code or err.message) .. "\n")
  end)
  res:on("close", function()
    if not res.writableFinished then upstream:destroy() end
  end)
  req:pipe(upstream)
end)

server:listen(tonumber(process.env.PORT) or 8000, "127.0.0.1", function()
  console.log("Proxy for " .. target.origin .. " on http://127.0.0.1:" .. server:address().port .. "/")
end)
