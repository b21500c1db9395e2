-- SPDX-License-Identifier: MIT
--
-- dns (Node 20 docs: DNS): lookup and lookupService ask the system's resolver, in a thread; resolve and its like ask name
-- servers (dns/resolver.lua, loaded when the first of them is called).
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"
local ip = require "lunode.net.ip"

local c = core.dns
local type, error = type, error

local M = {
  ADDRCONFIG = c.AI_ADDRCONFIG, ALL = c.AI_ALL, V4MAPPED = c.AI_V4MAPPED,
  NODATA = "ENODATA", FORMERR = "EFORMERR", SERVFAIL = "ESERVFAIL", NOTFOUND = "ENOTFOUND", NOTIMP = "ENOTIMP", REFUSED = "EREFUSED",
  BADQUERY = "EBADQUERY", BADNAME = "EBADNAME", BADFAMILY = "EBADFAMILY", BADRESP = "EBADRESP", CONNREFUSED = "ECONNREFUSED",
  TIMEOUT = "ETIMEOUT", EOF = "EOF", FILE = "EFILE", NOMEM = "ENOMEM", DESTRUCTION = "EDESTRUCTION", BADSTR = "EBADSTR",
  BADFLAGS = "EBADFLAGS", NONAME = "ENONAME", BADHINTS = "EBADHINTS", NOTINITIALIZED = "ENOTINITIALIZED",
  LOADIPHLPAPI = "ELOADIPHLPAPI", ADDRGETNETWORKPARAMS = "EADDRGETNETWORKPARAMS", CANCELLED = "ECANCELLED",
}

local HINTS = bit.bor(M.ADDRCONFIG, M.ALL, M.V4MAPPED)
local FAMILIES = { 0, 4, 6 }
local ORDERS = { "verbatim", "ipv4first", "ipv6first" }
local default_order = "verbatim"

local function failure(code, syscall, hostname) return require("lunode.dns.errors").system(code, syscall, hostname) end

local function check_hints(hints)
  validators.validateNumber(hints, "options.hints")
  if hints % 1 ~= 0 or hints < 0 or bit.band(hints, bit.bnot(HINTS)) ~= 0 then error(errors.ERR_INVALID_ARG_VALUE("hints", hints), 0) end
end
M._check_hints = check_hints

-- -> family, hints, all, order
local function lookup_options(options)
  if options == nil then return 0, 0, false, default_order end
  if type(options) == "number" then
    validators.validateOneOf(options, "family", FAMILIES)
    return options, 0, false, default_order
  end
  if type(options) ~= "table" or options == errors.null then
    error(errors.ERR_INVALID_ARG_TYPE("options", { "integer", "object" }, options), 0)
  end
  local family, hints, order = options.family, options.hints, default_order
  if hints ~= nil then check_hints(hints) end
  if family == nil then family = 0 elseif family == "IPv4" then family = 4 elseif family == "IPv6" then family = 6 end
  validators.validateOneOf(family, "options.family", FAMILIES)
  if options.all ~= nil then validators.validateBoolean(options.all, "options.all") end
  if options.verbatim ~= nil then
    validators.validateBoolean(options.verbatim, "options.verbatim")
    order = options.verbatim and "verbatim" or "ipv4first"
  end
  if options.order ~= nil then
    validators.validateOneOf(options.order, "options.order", ORDERS)
    order = options.order
  end
  return family, hints or 0, options.all == true, order
end

local function record(address) return { address = address, family = address:find(":", 1, true) and 6 or 4 } end

-- Moves one family to the front, each keeping its order.
local function sort(list, order)
  if order == "verbatim" then return list end
  local first, rest = {}, {}
  local wants6 = order == "ipv6first"
  for i = 1, #list do
    local is6 = list[i]:find(":", 1, true) ~= nil
    local to = is6 == wants6 and first or rest
    to[#to + 1] = list[i]
  end
  for i = 1, #rest do first[#first + 1] = rest[i] end
  return first
end

-- lookup(hostname, options or family or nil, callback(err, address, family)); with options.all callback(err, {{address, family}, …}).
-- options: family (0, 4, 6), hints, all, order ("verbatim", "ipv4first", "ipv6first"), verbatim
function M.lookup(hostname, options, callback)
  if hostname ~= nil and hostname ~= errors.null then validators.validateString(hostname, "hostname") else hostname = nil end
  if callback == nil and type(options) == "function" then options, callback = nil, options end
  if options == errors.null then options = nil end
  local given = options
  local fn = validators.callback(callback, "callback")
  local family, hints, all, order = lookup_options(given)
  if not hostname or hostname == "" then
    if all then queue.nextTick(fn, nil, shape.list {}) else queue.nextTick(fn, nil, nil, family == 6 and 6 or 4) end
    return
  end
  local kind = ip.isIP(hostname)
  if kind ~= 0 then
    if all then queue.nextTick(fn, nil, shape.list { { address = hostname, family = kind } }) else queue.nextTick(fn, nil, hostname, kind) end
    return
  end
  local context = queue.context
  local name = hostname
  if name:find "[\128-\255]" or name:find("xn--", 1, true) then name = require("lunode.url.domains").name(name) end
  local err = not name and errors.uvCode "EINVAL" or c.getaddrinfo(name, family, hints, function(status, list)
    queue.context = context
    if status ~= 0 then return fn(failure(status, "getaddrinfo", hostname)) end
    list = sort(list, order)
    if #list == 0 then return fn(failure(errors.uvCode "EAI_NODATA", "getaddrinfo", hostname)) end
    if not all then return fn(nil, list[1], list[1]:find(":", 1, true) and 6 or 4) end
    local out = {}
    for i = 1, #list do out[i] = record(list[i]) end
    fn(nil, shape.list(out))
  end)
  if err ~= 0 then queue.nextTick(fn, failure(err, "getaddrinfo", hostname)) end
end
M._own_lookup = M.lookup

-- lookupService(address, port, callback(err, hostname, service))
function M.lookupService(address, port, callback)
  if address == nil or port == nil or callback == nil then error(errors.ERR_MISSING_ARGS("address", "port", "callback"), 0) end
  if ip.isIP(address) == 0 then error(errors.ERR_INVALID_ARG_VALUE("address", address), 0) end
  port = validators.validatePort(port)
  local fn = validators.callback(callback, "callback")
  local context = queue.context
  local err = c.getnameinfo(address, port, function(status, host, service)
    queue.context = context
    if status ~= 0 then return fn(failure(status, "getnameinfo", address)) end
    fn(nil, host, service)
  end)
  if err ~= 0 then queue.nextTick(fn, failure(err, "getnameinfo", address)) end
end

-- "verbatim", "ipv4first" or "ipv6first"
function M.getDefaultResultOrder() return default_order end
function M.setDefaultResultOrder(order)
  validators.validateOneOf(order, "dnsOrder", ORDERS)
  default_order = order
end

-- Functions of the module are methods of one Resolver.
for _, name in ipairs { "getServers", "resolve", "resolve4", "resolve6", "resolveAny", "resolveCaa", "resolveCname", "resolveMx",
  "resolveNaptr", "resolveNs", "resolvePtr", "resolveSoa", "resolveSrv", "resolveTxt", "reverse" } do
  M[name] = function(...)
    local resolver = require("lunode.dns.resolver").default()
    return resolver[name](resolver, ...)
  end
end

-- For another one from then on: queries that are under way go on with the old.
function M.setServers(servers)
  local module = require "lunode.dns.resolver"
  local resolver = module.Resolver()
  resolver:setServers(servers)
  module.set_default(resolver)
end

-- ---- signatures, for the reference (docs/api/README.md)
-- resolve(name: string, type?: string, callback: fun(err: Error?, records: any)): the type is "A" by default
-- resolve6(name: string, options?: table, callback: fun(err: Error?, addresses: string[]))
-- resolveAny, resolveCaa, resolveCname, resolveMx, resolveNaptr, resolveNs, resolvePtr, resolveSoa, resolveSrv, resolveTxt(name: string, callback: fun(err: Error?, records: any))
-- reverse(address: string, callback: fun(err: Error?, names: string[]))
-- setDefaultResultOrder(order: string): "verbatim", "ipv4first" or "ipv6first"

return require "lunode.internal.lazy"(M, {
  promises = function() return require "lunode.dns.promises" end,
  Resolver = function() return require("lunode.dns.resolver").Resolver end,
})
