-- SPDX-License-Identifier: MIT
--
-- How a Socket connects: socket:connect (Node 20 docs: socket.connect), the look-up, and trying several addresses in turn
-- ("happy eyeballs", Node 20 docs: autoSelectFamily).
--
-- A look-up or an attempt that comes back late is told from the current one by its handle, or by `connecting`.
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local timers = require "lunode.internal.timers"
local validators = require "lunode.internal.validators"
local ip = require "lunode.net.ip"
local normalize = require "lunode.net.normalize"
local settings = require "lunode.net.settings"
local Socket = require "lunode.net.socket"

local rawget, rawset, type, error = rawget, rawset, type, error
local nextTick = queue.nextTick
local truthy = validators.truthy
local touch = Socket.static._touch

local M = {}

-- ---- the end of an attempt

-- "connect ECONNREFUSED 127.0.0.1:80 - Local (127.0.0.1:9)"
local function connect_error(status, address, port, local_address, local_port)
  local details = local_address and local_port and local_address .. ":" .. validators.number(local_port) or nil
  local e = errors.uvAddress(status, "connect", address, port, details)
  if details then e.localAddress, e.localPort = local_address, local_port end
  return e
end

local function destroy_later(self, err) self:destroy(err) end

-- The handle is connected.
local function connected(self)
  if self.destroyed or not self._handle then return end
  self.connecting = false
  rawset(self, "_sockname", nil)
  touch(self)
  local handle = self._handle
  if rawget(self, "_noDelay") and handle.setNoDelay then handle:setNoDelay(true) end
  local seconds = rawget(self, "_keepAlive")
  if seconds and handle.setKeepAlive then handle:setKeepAlive(true, seconds) end
  self:emit "connect"
  self:emit "ready"
  -- The first read, or the peer's end that came at once.
  if not self.destroyed and self._readableState.readable ~= false and not self:isPaused() then self:read(0) end
end

local function onconnect(self, status)
  if self.destroyed then return end
  if status == 0 then return connected(self) end
  self.connecting = false
  local to = rawget(self, "_target")
  local e = connect_error(status, to.address, to.port, to.localAddress, to.localPort)
  if to.family then self:emit("connectionAttemptFailed", to.address, to.port, to.family, e) end
  self:destroy(e)
end

-- ---- one address

-- Gives the socket a handle of the kind. Raises when there are no descriptors.
local function new_handle(self, make)
  local handle, code = make()
  if not handle then error(errors.errnoException(code, "socket"), 0) end
  Socket.static._attach(self, handle)
end

-- -> nil, or an error
local function bind_local(handle, family, address, port)
  if not address and not port then return nil end
  address = address or (family == 6 and "::" or "0.0.0.0")
  port = port or 0
  local err = handle:bind(address, port)
  if err == 0 and port > 0 then
    local name, code = handle:getsockname() -- libuv tells of an address in use only now
    if not name then err = code end
  end
  if err ~= 0 then return errors.uvAddress(err, "bind", address, port) end
end

-- A path has no family.
local function connect_one(self, address, port, family, local_address, local_port)
  if not self.connecting or not self._handle then return end
  local handle = self._handle
  rawset(self, "_target", { address = address, port = port, family = family, localAddress = local_address, localPort = local_port })
  handle.onconnect = onconnect
  local status
  if family then
    local e = bind_local(handle, family, local_address, local_port)
    if e then return self:destroy(e) end
    self:emit("connectionAttempt", address, port, family)
    if not self.connecting or self._handle ~= handle then return end
    status = handle:connect(address, port)
  else
    status = handle:connect(address)
  end
  if status == 1 then
    nextTick(onconnect, self, 0)
  elseif status ~= 0 then
    local e = connect_error(status, address, port, local_address, local_port)
    if family then self:emit("connectionAttemptFailed", address, port, family, e) end
    self:destroy(e)
  end
end

-- ---- several addresses

local function all_failed(list)
  local e = errors.AggregateError(list)
  rawset(e, "code", list[1] and list[1].code)
  return e
end

local next_attempt

-- A new handle for every attempt; it keeps what was asked of the first one.
local function renew_handle(self)
  local old = self._handle
  local referenced = not old or old:hasRef()
  self._handle = nil
  if old then
    old.onconnect, old.onread, old.owner = nil, nil, nil
    old:close()
  end
  new_handle(self, core.tcp.new)
  if not referenced then self._handle:unref() end
end

local function stop_timer(attempts)
  if attempts.timer then timers.clear(attempts.timer) end
  attempts.timer = nil
end

local function attempt_failed(attempts, err)
  local self, to = attempts.socket, attempts.list[attempts.current]
  attempts.errors[#attempts.errors + 1] = err
  self:emit("connectionAttemptFailed", to.address, attempts.port, to.family, err)
  if self.connecting then next_attempt(attempts) end
end

local function attempt_timed_out(attempts)
  local self, to = attempts.socket, attempts.list[attempts.current]
  attempts.timer = nil
  self:emit("connectionAttemptTimeout", to.address, attempts.port, to.family)
  attempts.errors[#attempts.errors + 1] = connect_error(errors.uvCode "ETIMEDOUT", to.address, attempts.port, attempts.localAddress, attempts.localPort)
  if self.connecting then next_attempt(attempts) end
end

local function attempt_done(self, status)
  local attempts = rawget(self, "_attempts")
  if not attempts or self.destroyed then return end
  stop_timer(attempts)
  if status == 0 then
    rawset(self, "_attempts", nil)
    return connected(self)
  end
  local to = attempts.list[attempts.current]
  attempt_failed(attempts, connect_error(status, to.address, attempts.port, attempts.localAddress, attempts.localPort))
end

function next_attempt(attempts)
  local self = attempts.socket
  stop_timer(attempts)
  local at = attempts.current + 1
  local to = attempts.list[at]
  if not to then
    rawset(self, "_attempts", nil)
    local list = attempts.errors
    return self:destroy(#list == 0 and errors.ERR_SOCKET_CONNECTION_TIMEOUT() or all_failed(list))
  end
  attempts.current = at
  if at > 1 then renew_handle(self) end
  local handle = self._handle
  local e = bind_local(handle, to.family, attempts.localAddress, attempts.localPort)
  if e then
    attempts.errors[#attempts.errors + 1] = e
    return next_attempt(attempts)
  end
  handle.onconnect = attempt_done
  self:emit("connectionAttempt", to.address, attempts.port, to.family)
  if not self.connecting or self._handle ~= handle then return end
  local tried = self.autoSelectFamilyAttemptedAddresses
  tried[#tried + 1] = to.address .. ":" .. attempts.port
  local status = handle:connect(to.address, attempts.port)
  if status ~= 0 then
    return attempt_failed(attempts, connect_error(status, to.address, attempts.port, attempts.localAddress, attempts.localPort))
  end
  -- The last one has all the time there is.
  if attempts.list[at + 1] then attempts.timer = timers.timeout(attempt_timed_out, attempts.timeout, 1, attempts) end
end

-- Alternating families, beginning with the first one's, no address twice.
local function interleave(addresses)
  local by, first, seen = { [4] = {}, [6] = {} }, nil, {}
  for i = 1, #addresses do
    local a = addresses[i]
    if ip.isIP(a.address) ~= 0 and (a.family == 4 or a.family == 6) and not seen[a.address] then
      first = first or a.family
      seen[a.address] = true
      local list = by[a.family]
      list[#list + 1] = { address = a.address, family = a.family }
    end
  end
  if not first then return {} end
  local one, other, out = by[first], by[10 - first], {}
  for i = 1, math.max(#one, #other) do
    out[#out + 1] = one[i]
    out[#out + 1] = other[i]
  end
  return out
end

-- ---- the look-up

local function bad_answer(address, family, host, port)
  if ip.isIP(address) == 0 then return errors.ERR_INVALID_IP_ADDRESS(tostring(address)) end
  return errors.ERR_INVALID_ADDRESS_FAMILY(family, host, port)
end

local function lookup_many(self, lookup, host, options, port, wish)
  options.all = true
  lookup(host, options, function(err, addresses)
    if err ~= nil and err ~= errors.null then
      self:emit("lookup", err, nil, nil, host)
      if self.connecting then nextTick(destroy_later, self, err) end
      return
    end
    if type(addresses) ~= "table" then addresses = {} end
    for i = 1, #addresses do self:emit("lookup", nil, addresses[i].address, addresses[i].family, host) end
    if not self.connecting then return end
    local list = interleave(addresses)
    if #list == 0 then
      local a = addresses[1] or {}
      nextTick(destroy_later, self, bad_answer(a.address, a.family, host, port))
    elseif #list == 1 then
      touch(self)
      connect_one(self, list[1].address, port, list[1].family, wish.localAddress, wish.localPort)
    else
      rawset(self, "autoSelectFamilyAttemptedAddresses", {})
      local attempts = { socket = self, list = list, current = 0, port = port, timeout = wish.timeout, errors = {},
        localAddress = wish.localAddress, localPort = wish.localPort }
      attempts.cancel = function()
        stop_timer(attempts)
        rawset(self, "_attempts", nil)
      end
      rawset(self, "_attempts", attempts)
      touch(self)
      next_attempt(attempts)
    end
  end)
end

local function lookup_one(self, lookup, host, options, port, wish)
  lookup(host, options, function(err, address, family)
    self:emit("lookup", err, address, family, host)
    if not self.connecting then return end
    if err ~= nil and err ~= errors.null then
      nextTick(destroy_later, self, err)
    elseif ip.isIP(address) == 0 or (family ~= 4 and family ~= 6) then
      nextTick(destroy_later, self, bad_answer(address, family, host, port))
    else
      touch(self)
      connect_one(self, address, port, family, wish.localAddress, wish.localPort)
    end
  end)
end

local function start_numeric(self, host, port, family, wish)
  if self.connecting then connect_one(self, host, port, family, wish.localAddress, wish.localPort) end
end

-- Checks everything before anything is begun.
local function check(options)
  local local_address, local_port = options.localAddress, options.localPort
  if local_address and ip.isIP(local_address) == 0 then error(errors.ERR_INVALID_IP_ADDRESS(tostring(local_address)), 0) end
  if local_port ~= nil then validators.validateNumber(local_port, "options.localPort") end
  local port = options.port
  if type(port) ~= "number" and type(port) ~= "string" then
    error(errors.ERR_INVALID_ARG_TYPE("options.port", { "number", "string" }, port), 0)
  end
  port = validators.validatePort(port)
  local auto, timeout = options.autoSelectFamily, options.autoSelectFamilyAttemptTimeout
  if auto ~= nil then validators.validateBoolean(auto, "options.autoSelectFamily") else auto = settings.auto_select_family end
  if timeout ~= nil then
    validators.validateInt32(timeout, "options.autoSelectFamilyAttemptTimeout", 1)
    if timeout < 10 then timeout = 10 end
  else
    timeout = settings.attempt_timeout
  end
  local lookup = options.lookup
  if lookup ~= nil then lookup = validators.callback(lookup, "options.lookup") end
  if options.hints ~= nil and options.hints ~= 0 then require("lunode.dns")._check_hints(options.hints) end
  return port, lookup, auto, { localAddress = local_address, localPort = local_port, timeout = timeout }
end

local FAMILY = { [4] = 4, [6] = 6, IPv4 = 4, IPv6 = 6 }

local function lookup_and_connect(self, options, port, lookup, auto, wish)
  local host = options.host or "localhost"
  local kind = ip.isIP(host)
  if kind ~= 0 then return nextTick(start_numeric, self, host, port, kind, wish) end
  local dns = require "lunode.dns"
  local family = FAMILY[options.family] or 0
  local hints = options.hints or 0
  if family == 0 and hints == 0 then hints = dns.ADDRCONFIG end
  rawset(self, "_host", host)
  local ask = { family = family, hints = hints }
  if auto and family == 0 and not wish.localAddress then
    lookup_many(self, lookup or dns.lookup, host, ask, port, wish)
  else
    lookup_one(self, lookup or dns.lookup, host, ask, port, wish)
  end
end

-- ---- socket:connect

function M.connect(self, ...)
  local list = ...
  if type(list) == "table" and type(list[1]) == "table" then -- arguments in order already: {options, cb}
    local cb = list[2]
    return M.with(self, list[1], cb ~= errors.null and cb or nil)
  end
  local options, cb = normalize.args(...)
  return M.with(self, options, cb)
end

-- A listener, kept as it is, with the options of net.connect.
function M.with(self, options, cb)
  if options.path == nil and options.port == nil then error(errors.ERR_MISSING_ARGS { "options", "port", "path" }, 0) end
  local path = options.path
  local port, lookup, auto, wish
  if path ~= nil then
    validators.validateString(path, "options.path")
  else
    port, lookup, auto, wish = check(options)
    local host = options.host
    if host ~= nil and not lookup then validators.validateString(host, "hostname") end
  end
  if rawget(self, "write") ~= nil then rawset(self, "write", nil) end
  if self.destroyed then
    self:_undestroy()
    self._handle = nil
    self._hadError = false
    rawset(self, "_peername", nil)
    rawset(self, "_sockname", nil)
    rawset(self, "_bytesRead", nil)
    rawset(self, "_bytesWritten", nil)
    rawset(self, "_resetting", nil)
  end
  if not self._handle then new_handle(self, path and core.pipe.new or core.tcp.new) end
  if cb ~= nil then self:once("connect", cb) end
  touch(self)
  self.connecting = true
  if truthy(options.noDelay) then rawset(self, "_noDelay", true) end
  if truthy(options.keepAlive) then
    local delay = options.keepAliveInitialDelay
    rawset(self, "_keepAlive", type(delay) == "number" and delay > 0 and (delay - delay % 1000) / 1000 or 0)
  end
  if path then
    connect_one(self, path)
  else
    lookup_and_connect(self, options, port, lookup, auto, wish)
  end
  return self
end

return M
