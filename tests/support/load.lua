-- SPDX-License-Identifier: MIT
--
-- A load for tests: load.lua PORT CLIENTS asks for / over and over until SIGTERM, half of the clients over connections that
-- are kept, half over a new one each time; prints "good N bad N" and the first error.
local http = require "http"

local port, clients = tonumber(process.argv[3]), tonumber(process.argv[4])
local agents = { http.Agent { keepAlive = true }, http.Agent { keepAlive = false } }
local good, bad, first, stop = 0, 0, nil, false

local function ask(agent)
  return Promise(function(resolve)
    local req = http.get({ port = port, host = "127.0.0.1", path = "/", agent = agent }, function(res)
      local failed
      res:on("error", function(err) failed = err.code end)
      res:on("close", function() resolve(res.statusCode == 200 and res.complete and not failed and "good" or failed or res.statusCode) end)
      res:resume()
    end)
    req:on("error", function(err) resolve(err.code or tostring(err)) end)
  end)
end

local running = {}
for i = 1, clients do
  running[i] = async(function()
    while not stop do
      local answer = await(ask(agents[i % 2 + 1]))
      if answer == "good" then good = good + 1 else bad, first = bad + 1, first or answer end
    end
  end)
end

process:on("SIGTERM", function()
  stop = true
  Promise.all(running):next(function()
    print(("good %d bad %d %s"):format(good, bad, tostring(first or "")))
    process.exit(0)
  end)
end)
