-- SPDX-License-Identifier: MIT
-- sha256.lua SECONDS: createHash("sha256") over 1 GiB in pieces of 1 MiB, again until the time is over.
local crypto = require "crypto"
local seconds, piece = tonumber(process.argv[#process.argv]), Buffer.alloc(1048576, 7)
local count, start = 0, process.hrtime.bigint()
repeat
  local hash = crypto.createHash "sha256"
  for _ = 1, 1024 do hash:update(piece) end
  hash:digest "hex"
  count = count + 1
  local took = tonumber(process.hrtime.bigint() - start) / 1e9
  if took >= seconds then console.log(("gib %d seconds %.6f"):format(count, took)) end
until took >= seconds
