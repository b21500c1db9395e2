-- SPDX-License-Identifier: MIT
--
-- Bound handles of datagram sockets, and where a cluster worker gets them from.
--
--   M.make(plan) -> a bound core.udp handle, or nil and libuv's code. plan: addressType ("udp4", "udp6"), address (numeric;
--       nil: any), port, fd (in place of both), flags (core.udp.REUSEADDR, IPV6ONLY)
--   M.is(value) -> whether it is a core.udp handle
--   M.share  set in a cluster worker: share(socket, plan, start) asks the primary for plan.handle, unless plan.exclusive,
--       and calls start(socket, plan); or socket:_bindFailed(plan, code)
local core = require "lunode.core"
local errors = require "lunode.internal.errors"

local udp = core.udp
local type = type

local cluster = package.loaded["lunode.cluster"]
local M = { share = cluster and cluster._shareDatagrams or false }

local function negative(n) return type(n) == "number" and n < 0 end

-- -> 0 or libuv's code
function M.bind(handle, plan)
  local fd = plan.fd
  if fd ~= nil and not negative(fd) then return handle:open(fd) end
  local port = plan.port
  if port == nil or negative(port) then port = 0 end
  if plan.addressType == "udp6" then return udp.bind6(handle, plan.address or "::", port, plan.flags) end
  return udp.bind(handle, plan.address or "0.0.0.0", port, plan.flags)
end

function M.make(plan)
  local fd = plan.fd
  if fd ~= nil and not negative(fd) and core.tty.guess(fd) ~= "UDP" then return nil, errors.uvCode "EINVAL" end
  local handle, code = udp.new()
  if not handle then return nil, code end
  code = M.bind(handle, plan)
  if code == 0 then return handle end
  handle:close()
  return nil, code
end

function M.is(value) return type(value) == "userdata" and type(value.recvStart) == "function" end

return M
