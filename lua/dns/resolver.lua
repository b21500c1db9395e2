-- SPDX-License-Identifier: MIT
--
-- dns.Resolver (Node 20 docs: Class: dns.Resolver): queries to name servers of its own, by c-ares (src/resolver.c).
--
-- Every method is made by `kinds`: a name, a record type, and how Node shows its records. The promise forms in
-- dns/promises.lua use the same table through start(resolver, kind, name, options, done).
local class = require "lunode.internal.class"
local core = require "lunode.core"
local dns_errors = require "lunode.dns.errors"
local errors = require "lunode.internal.errors"
local ip = require "lunode.net.ip"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local c = core.resolver
local type, error, rawget, rawset, tonumber = type, error, rawget, rawset, tonumber
local list, dict = shape.list, shape.dict

local Resolver = class "Resolver"
local M = { Resolver = Resolver }

local BADRESP = 10 -- c-ares's ARES_EBADRESP
local DNS_PORT = 53
local NOTIMP = 5 -- c-ares's word for servers that are set while queries are under way

-- ---- records as Node shows them

local function each(fn)
  return function(records, options)
    local out = {}
    for i = 1, #records do out[i] = fn(records[i], options) end
    return #out > 0 and list(out) or setmetatable(out, shape.ARRAY)
  end
end

local function address(r, options) return options.ttl and dict { address = r.address, ttl = r.ttl } or r.address end
local function value(r) return r.value end
local function caa(r) return dict { critical = r.critical, [r.tag] = r.value } end
local function mx(r) return dict { exchange = r.exchange, priority = r.priority } end
local function srv(r) return dict { name = r.name, port = r.port, priority = r.priority, weight = r.weight } end
local function txt(r) return list(r.entries) end
local function naptr(r)
  return dict { flags = r.flags, service = r.service, regexp = r.regexp, replacement = r.replacement, order = r.order, preference = r.preference }
end
local function soa(r)
  return dict { nsname = r.nsname, hostmaster = r.hostmaster, serial = r.serial, refresh = r.refresh, retry = r.retry, expire = r.expire, minttl = r.minttl }
end

-- Of ANY: the parts as above, with the type; kind after kind in this order.
-- As in Node the addresses of an alias are not shown beside it.
local ANY_ORDER = { "CNAME", "A", "AAAA", "MX", "NS", "TXT", "SRV", "PTR", "NAPTR", "SOA", "CAA" }
local any_forms = {
  A = function(r) return dict { address = r.address, ttl = r.ttl } end,
  TXT = function(r) return dict { entries = txt(r) } end,
  MX = mx, SRV = srv, NAPTR = naptr, SOA = soa, CAA = caa,
  CNAME = function(r) return dict { value = r.value } end,
}
any_forms.AAAA, any_forms.NS, any_forms.PTR = any_forms.A, any_forms.CNAME, any_forms.CNAME

local function any(records)
  local out, alias = {}, false
  for _, kind in ipairs(ANY_ORDER) do
    for i = 1, #records do
      local r = records[i]
      if kind == "CNAME" and r.type == kind then alias = true end
      if r.type == kind and not (alias and kind == "A") then
        local shown = any_forms[kind](r)
        shown.type = kind
        out[#out + 1] = shown
      end
    end
  end
  return list(out)
end

-- method -> {type: the record's number, call: as errors name it, show, rrtype}
local kinds = {
  resolveAny = { type = 255, call = "queryAny", show = any, rrtype = "ANY" },
  resolve4 = { type = 1, call = "queryA", show = each(address), rrtype = "A" },
  resolve6 = { type = 28, call = "queryAaaa", show = each(address), rrtype = "AAAA" },
  resolveCaa = { type = 257, call = "queryCaa", show = each(caa), rrtype = "CAA" },
  resolveCname = { type = 5, call = "queryCname", show = each(value), rrtype = "CNAME" },
  resolveMx = { type = 15, call = "queryMx", show = each(mx), rrtype = "MX" },
  resolveNaptr = { type = 35, call = "queryNaptr", show = each(naptr), rrtype = "NAPTR" },
  resolveNs = { type = 2, call = "queryNs", show = each(value), rrtype = "NS" },
  resolvePtr = { type = 12, call = "queryPtr", show = each(value), rrtype = "PTR" },
  resolveSoa = { type = 6, call = "querySoa", show = function(records) return soa(records[1]) end, rrtype = "SOA" },
  resolveSrv = { type = 33, call = "querySrv", show = each(srv), rrtype = "SRV" },
  resolveTxt = { type = 16, call = "queryTxt", show = each(txt), rrtype = "TXT" },
}
M.kinds = kinds
local by_rrtype = {}
for name, kind in pairs(kinds) do by_rrtype[kind.rrtype] = name end

-- ---- the handle

-- Called by C. asked: id -> {kind, name, options, done, context}
local function on_answer(asked, id, status, answer)
  local q = asked[id]
  asked[id] = nil
  if not q then return end
  queue.context = q.context
  if status ~= 0 then return q.done(dns_errors.query(status, q.kind.call, q.name)) end
  if type(answer) == "table" then return q.done(nil, list(answer)) end
  local records, why = c.parse(answer or "", q.kind.type)
  if not records then return q.done(dns_errors.query(why or BADRESP, q.kind.call, q.name)) end
  q.done(nil, q.kind.show(records, q.options))
end

-- The handle is pinned while it is open; this closes it when the Resolver is collected, which a query that is under way prevents.
local function close_with(handle)
  local guard = newproxy(true)
  getmetatable(guard).__gc = function() handle:close() end
  return guard
end

-- options: timeout (ms of the first try; -1: the system's), tries
function Resolver:initialize(options)
  local timeout, tries = -1, 4
  if options ~= nil and options ~= errors.null then
    validators.validateObject(options, "options")
    if options.timeout ~= nil then
      timeout = options.timeout
      validators.validateInt32(timeout, "options.timeout", -1)
    end
    if options.tries ~= nil then
      tries = options.tries
      validators.validateInt32(tries, "options.tries", 1)
    end
  end
  local handle, status = c.new(timeout, tries)
  if not handle then error(dns_errors.query(status, "ares_init"), 0) end
  local asked = {}
  handle.owner, handle.onanswer = asked, on_answer
  rawset(self, "_handle", handle)
  rawset(self, "_asked", asked)
  rawset(self, "_last", 0)
  rawset(self, "_guard", close_with(handle))
end

local function new_query(self, kind, name, options, done)
  local id = self._last + 1
  rawset(self, "_last", id)
  self._asked[id] = { kind = kind, name = name, options = options, done = done, context = queue.context, resolver = self }
  return id
end

local no_options = {}

-- done(err, records)
function M.start(self, kind, name, options, done)
  if type(options) ~= "table" then options = no_options end
  local ascii = name
  if name:find "[\128-\255]" then ascii = require("lunode.url.domains").name(name) end
  if not ascii or name:find("\0", 1, true) then return queue.nextTick(done, dns_errors.query(8, kind.call, name)) end -- EBADNAME
  local id = new_query(self, kind, name, options, done)
  self._handle:query(id, ascii, kind.type)
end

local reverse_kind = { call = "getHostByAddr" }

function M.start_reverse(self, address, done)
  validators.validateString(address, "name")
  local bytes = ip.isIP(address) ~= 0 and core.dns.parse(address)
  if not bytes then
    local err = dns_errors.system(errors.uvCode "EINVAL", "getHostByAddr", address)
    error(err, 0)
  end
  local id = new_query(self, reverse_kind, address, no_options, done)
  self._handle:reverse(id, bytes)
end

-- The method that a record type means; raises for others.
function M.method_of(rrtype)
  if type(rrtype) ~= "string" then error(errors.ERR_INVALID_ARG_TYPE("rrtype", "string", rrtype), 0) end
  local name = by_rrtype[rrtype]
  if not name then error(errors.ERR_INVALID_ARG_VALUE("rrtype", rrtype), 0) end
  return name
end

-- ---- methods with callbacks

-- resolve4(hostname, options?, callback(err, records)) and so on. options: ttl (of resolve4 and resolve6)
for method, kind in pairs(kinds) do
  Resolver.prototype[method] = function(self, name, options, callback)
    if callback == nil and type(options) == "function" then options, callback = nil, options end
    validators.validateString(name, "name")
    M.start(self, kind, name, options, validators.callback(callback, "callback"))
  end
end

-- resolve(hostname, rrtype?, callback): "A" by default
function Resolver:resolve(hostname, rrtype, callback)
  if type(rrtype) == "function" then rrtype, callback = "A", rrtype end
  return self[M.method_of(rrtype)](self, hostname, callback)
end

-- reverse(address, callback(err, hostnames))
function Resolver:reverse(address, callback)
  validators.validateString(address, "name")
  M.start_reverse(self, address, validators.callback(callback, "callback"))
end

-- What is under way fails with ECANCELLED.
function Resolver:cancel() self._handle:cancel() end

-- ---- servers

-- "1.2.3.4", "1.2.3.4:53", "::1", "[::1]:53" -> bytes, port
local function parse_server(text)
  if ip.isIP(text) ~= 0 then return core.dns.parse(text), DNS_PORT end
  local host, rest = text:match "^%[([^%[%]]*)%](.*)$"
  if host and ip.isIP(host) == 6 then
    local port = tonumber(rest:match "^:(%d+)")
    return core.dns.parse(host), port and port ~= 0 and port or DNS_PORT
  end
  local port
  host, port = text:match "^([^:]+):(%d+)$"
  if host and ip.isIP(host) ~= 0 then
    port = tonumber(port)
    return core.dns.parse(host), port ~= 0 and port or DNS_PORT
  end
  error(errors.ERR_INVALID_IP_ADDRESS(text), 0)
end

-- servers: a list of addresses, each with a port where that is not 53. While queries are under way: ERR_DNS_SET_SERVERS_FAILED.
function Resolver:setServers(servers)
  validators.validateArray(servers, "servers")
  local out = {}
  for i = 1, rawget(servers, "length") or #servers do
    validators.validateString(servers[i], ("servers[%d]"):format(i - 1))
    local bytes, port = parse_server(servers[i])
    if not bytes or port > 65535 then error(errors.ERR_INVALID_IP_ADDRESS(servers[i]), 0) end
    out[i] = { bytes, port }
  end
  local status = self._handle:setServers(out)
  local why = status ~= 0 and (status == NOTIMP and "There are pending queries." or c.message(status))
  if why then error(errors.ERR_DNS_SET_SERVERS_FAILED(why, table.concat(servers, ",")), 0) end
end

-- -> list of addresses, with the port where it is not 53
function Resolver:getServers()
  local out = {}
  for i, server in ipairs(self._handle:getServers() or {}) do
    local text, port = core.dns.format(server[1]), server[2]
    if port ~= DNS_PORT then text = (text:find(":", 1, true) and "[%s]:%d" or "%s:%d"):format(text, port) end
    out[i] = text
  end
  return list(out)
end

local function value_error(text)
  local e = errors.TypeError(text)
  e.code = "ERR_INVALID_ARG_VALUE"
  return e
end

-- The addresses that queries are sent from, one of each family.
function Resolver:setLocalAddress(ipv4, ipv6)
  validators.validateString(ipv4, "ipv4")
  if ipv6 ~= nil then validators.validateString(ipv6, "ipv6") end
  local four, six
  for _, text in ipairs { ipv4, ipv6 } do
    local kind = ip.isIP(text)
    if kind == 0 then error(value_error "Invalid IP address.", 0) end
    if kind == 4 then
      if four then error(value_error "Cannot specify two IPv4 addresses.", 0) end
      four = core.dns.parse(text)
    else
      if six then error(value_error "Cannot specify two IPv6 addresses.", 0) end
      six = core.dns.parse(text)
    end
  end
  self._handle:setLocalAddress(four or "\0\0\0\0", six or ("\0"):rep(16))
end

-- ---- the one behind dns.resolve and its like

local default
function M.default()
  default = default or Resolver()
  return default
end
function M.set_default(resolver) default = resolver end

return M
