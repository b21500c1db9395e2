-- SPDX-License-Identifier: MIT
-- spawn.lua [ignore|pipe] SECONDS: /bin/true from spawn to 'exit', one after the other.
local spawn = require("child_process").spawn
local seconds, options = tonumber(process.argv[#process.argv]), {stdio = process.argv[4] and process.argv[3] or "ignore"}
local warm, count, start = 50, 0
local next_one
local function ended(code)
  if code ~= 0 then error("/bin/true ended with " .. tostring(code)) end
  count = count + 1
  local now = process.hrtime.bigint()
  if warm and count == warm then warm, count, start = nil, 0, now end
  if not warm and now - start >= seconds * 1000000000ULL then
    local took = tonumber(now - start) / 1e9
    console.log(("us_per_spawn %.1f\nspawns %d seconds %.6f"):format(took * 1e6 / count, count, took))
  else
    next_one()
  end
end
function next_one() spawn("/bin/true", nil, options):on("exit", ended) end
next_one()
