-- SPDX-License-Identifier: MIT
-- ipc.lua FLIGHT SECONDS: messages of 100 bytes of JSON to a child and back, FLIGHT of them on their way at any time.
if process.argv[3] == "child" then
  process:on("message", function(message) process.send(message) end)
  return
end
local flight, seconds = tonumber(process.argv[3]), tonumber(process.argv[4])
local message = {n = 12345, text = ("x"):rep(81)} -- {"n":12345,"text":"x…"}: 100 bytes
local child = require("child_process").fork(arg[0], {"child"})
local count, start, warm, done = 0, 0, false, false
child:on("message", function(got)
  if done then -- what is on its way comes home first
    done = done - 1
    return done == 0 and child:disconnect()
  end
  count = count + 1
  if count % 64 == 0 then
    local now = process.hrtime.bigint()
    if not warm then
      if count >= 2048 then warm, count, start = true, 0, now end
    elseif now - start >= seconds * 1000000000ULL then
      console.log(("trips %d seconds %.6f length %d"):format(count, tonumber(now - start) / 1e9, #got.text))
      done = flight - 1
      return done == 0 and child:disconnect()
    end
  end
  child:send(message)
end)
for _ = 1, flight do child:send(message) end
