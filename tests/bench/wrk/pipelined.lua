-- SPDX-License-Identifier: MIT
-- For wrk: as plain.lua, but every write carries 16 requests.
dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "plain.lua")

local batch

function init()
  batch = wrk.format("GET", "/"):rep(16)
end

function request()
  return batch
end
