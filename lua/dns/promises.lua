-- SPDX-License-Identifier: MIT
--
-- dns.promises (Node 20 docs: DNS promises API).
local class = require "lunode.internal.class"
local dns = require "lunode.dns"
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local validators = require "lunode.internal.validators"

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

-- ---- queries

local resolvers = require "lunode.dns.resolver"
local Resolver = class("Resolver", resolvers.Resolver)
M.Resolver = Resolver

local function settle(p)
  return function(err, value)
    if err then promise.reject(p, err) else promise.resolve(p, value) end
  end
end

for method, kind in pairs(resolvers.kinds) do
  Resolver.prototype[method] = function(self, name, options)
    validators.validateString(name, "name")
    local p = promise.new()
    resolvers.start(self, kind, name, options, settle(p))
    return p
  end
end

function Resolver:resolve(hostname, rrtype)
  validators.validateString(hostname, "name")
  if rrtype == nil then rrtype = "A" end
  return self[resolvers.method_of(rrtype)](self, hostname)
end

function Resolver:reverse(address)
  validators.validateString(address, "name")
  local p = promise.new()
  resolvers.start_reverse(self, address, settle(p))
  return p
end

-- Functions of the module ask the servers of dns itself.
for _, name in ipairs { "resolve4", "resolve6", "resolveAny", "resolveCaa", "resolveCname", "resolveMx", "resolveNaptr", "resolveNs",
  "resolvePtr", "resolveSoa", "resolveSrv", "resolveTxt", "reverse" } do
  M[name] = function(...) return Resolver.prototype[name](resolvers.default(), ...) end
end
M.getServers, M.setServers = dns.getServers, dns.setServers
function M.resolve(hostname, rrtype)
  validators.validateString(hostname, "name")
  return M[resolvers.method_of(rrtype == nil and "A" or rrtype)](hostname)
end

return M
