-- SPDX-License-Identifier: MIT
--
-- Node's errors of dns: "queryA ENOTFOUND name", with code, syscall and hostname; errno where the system gave a number.
local errors = require "lunode.internal.errors"

local M = {}

local function make(name, syscall, hostname)
  local e = errors.Error(syscall .. " " .. name .. (hostname and " " .. hostname or ""))
  e.code, e.syscall, e.hostname = name, syscall, hostname
  return e
end

-- code: libuv's (getaddrinfo and getnameinfo)
function M.system(code, syscall, hostname)
  local name = errors.uvName(code)
  if name == "EAI_NODATA" or name == "EAI_NONAME" then name = "ENOTFOUND" elseif name == "EAI_MEMORY" then name = "ENOMEM" end
  local e = make(name, syscall, hostname)
  e.errno = code
  return e
end

-- status: c-ares's
function M.query(status, syscall, hostname)
  return make(require("lunode.core").resolver.name(status), syscall, hostname)
end

return M
