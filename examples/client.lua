-- An HTTP client: GET an address, follow redirects, print the answer.
--   lunode examples/client.lua http://127.0.0.1:8000/
local http = require "http"

local function fetch(address, hops)
  local req = http.get(address, { timeout = 10000 }, function(res)
    local location = res.headers.location
    if res.statusCode >= 300 and res.statusCode < 400 and location then
      res:resume() -- the body is not wanted
      if hops == 0 then
        console.error("too many redirects")
        process.exit(1)
      end
      return fetch(URL(location, address).href, hops - 1)
    end
    console.log(("%d %s"):format(res.statusCode, res.statusMessage))
    for i = 1, #res.rawHeaders, 2 do console.log(res.rawHeaders[i] .. ": " .. res.rawHeaders[i + 1]) end
    console.log("")
    res:pipe(process.stdout)
  end)
  req:on("timeout", function() req:destroy(Error("timed out")) end)
  req:on("error", function(err)
    console.error(err.message)
    process.exitCode = 1
  end)
end

if not arg[1] then
  console.error("usage: client.lua URL")
  process.exit(2)
end
fetch(arg[1], 5)
