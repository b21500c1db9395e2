-- SPDX-License-Identifier: MIT
-- readfile.lua SECONDS: fs.readFile of 10,000 files of 100 to 4,000 bytes, 64 under way at any time, again and again.
local fs, os, path = require "fs", require "os", require "path"
local seconds, COUNT, FLIGHT = tonumber(process.argv[#process.argv]), 10000, 64
local dir = fs.mkdtempSync(path.join(os.tmpdir(), "readfile-"))
local names, sizes = {}, {}
for i = 1, COUNT do
  names[i], sizes[i] = dir .. "/" .. i, 100 + i * 37 % 3900
  fs.writeFileSync(names[i], ("x"):rep(sizes[i]))
end
local at, going, count, start, warm, stopped = 0, 0, 0, nil, true, false
local next_one
local function report(now)
  local took = tonumber(now - start) / 1e9
  console.log(("us_per_file %.1f\nfiles %d seconds %.6f"):format(took * 1e6 / count, count, took))
  fs.rmSync(dir, { recursive = true })
end
function next_one()
  at = at % COUNT + 1
  local size = sizes[at]
  fs.readFile(names[at], function(err, data)
    if err then error(err, 0) end
    if #data ~= size then error("wrong size") end
    count = count + 1
    if count % COUNT == 0 and not stopped then
      local now = process.hrtime.bigint()
      if warm then
        warm, count, start = false, 0, now
      elseif now - start >= seconds * 1000000000ULL then
        stopped = now
      end
    end
    if not stopped then return next_one() end
    going = going - 1
    if going == 0 then report(stopped) end
  end)
end
for _ = 1, FLIGHT do
  going = going + 1
  next_one()
end
