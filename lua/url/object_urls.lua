-- SPDX-License-Identifier: MIT
--
-- The store of Blobs behind blob: URLs (Node 20 docs: URL.createObjectURL, buffer.resolveObjectURL). It holds a Blob until its URL is revoked.
local errors = require "lunode.internal.errors"
local record = require "lunode.url.record"

local blobs = {}
local M = {}

-- The Blob's URL: blob:nodedata:<a random UUID>
function M.create(blob)
  local Blob = require("lunode.buffer").Blob
  if not Blob:is(blob) then error(errors.ERR_INVALID_ARG_TYPE("obj", "Blob", blob), 0) end
  local id = require("lunode.crypto").randomUUID()
  blobs[id] = blob
  return "blob:nodedata:" .. id
end

local function id_of(url)
  local u = record.parse(tostring(url))
  return u and record.protocol(u) == "blob:" and record.pathname(u):match "^nodedata:([^:]+)$"
end

-- URLs that are none of these are passed over.
function M.revoke(url)
  local id = id_of(url)
  if id then blobs[id] = nil end
end

-- -> the Blob, or nil
function M.resolve(url)
  local id = id_of(url)
  return id and blobs[id] or nil
end

return M
