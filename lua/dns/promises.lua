-- SPDX-License-Identifier: MIT
--
-- dns.promises (Node 20 docs: DNS promises API). Queries to name servers are absent, as in lua/dns.lua.
local dns = require "lunode.dns"
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"

local M = { getDefaultResultOrder = dns.getDefaultResultOrder, setDefaultResultOrder = dns.setDefaultResultOrder }

for key, value in pairs(dns) do
  if type(key) == "string" and key == key:upper() and type(value) == "string" then M[key] = value end
end

-- -> promise of {address, family}, or with options.all of a list of these
function M.lookup(hostname, options)
  local p = promise.new()
  dns.lookup(hostname, options, function(err, address, family)
    if err then return promise.reject(p, err) end
    if type(address) == "table" then return promise.resolve(p, address) end
    promise.resolve(p, { address = address, family = family })
  end)
  return p
end

-- -> promise of {hostname, service}
function M.lookupService(address, port)
  if address == nil or port == nil then error(errors.ERR_MISSING_ARGS("address", "port"), 0) end
  local p = promise.new()
  dns.lookupService(address, port, function(err, hostname, service)
    if err then return promise.reject(p, err) end
    promise.resolve(p, { hostname = hostname, service = service })
  end)
  return p
end

local absent = { "getServers", "setServers", "resolve", "resolve4", "resolve6", "resolveAny", "resolveCaa", "resolveCname", "resolveMx",
  "resolveNaptr", "resolveNs", "resolvePtr", "resolveSoa", "resolveSrv", "resolveTxt", "reverse", "Resolver" }
for i = 1, #absent do M[absent[i]] = errors.notImplemented("dns.promises." .. absent[i]) end

return M
