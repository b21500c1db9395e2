-- SPDX-License-Identifier: MIT
--
-- dgram.Socket's options (Node 20 docs: Class: dgram.Socket): multicast, broadcast, time to live, the kernel's buffers. They
-- raise what the system refuses, with the method's name as `syscall`: EBADF before the socket is bound.
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"

local type, error = type, error

local function check(code, syscall)
  if code ~= 0 then error(errors.errnoException(code, syscall), 0) end
end

-- A text to C: absent means any, and what is no text, or holds a NUL, is no address.
local function address_text(value)
  if value == nil or value == errors.null then return nil end
  if type(value) ~= "string" or value:find("\0", 1, true) then return "?" end
  return value
end

local function missing(value) return value == nil or value == errors.null or value == "" end

local function buffer_size(self, name, size, syscall)
  local handle = self:_checkRunning()
  local result = handle[name](handle, size)
  if result < 0 then error(errors.ERR_SOCKET_BUFFER_SIZE(result, syscall), 0) end
  return result
end

local function check_size(size)
  if type(size) ~= "number" or size < 0 or size > 4294967295 or size % 1 ~= 0 then error(errors.ERR_SOCKET_BAD_BUFFER_SIZE(), 0) end
end

return function(Socket)
  -- Datagrams may go to broadcast addresses.
  function Socket:setBroadcast(flag) check(self:_checkRunning():setBroadcast(flag and flag ~= 0), "setBroadcast") end

  -- Hops of what is sent, 1 to 255. -> ttl
  function Socket:setTTL(ttl)
    validators.validateNumber(ttl, "ttl")
    check(self:_checkRunning():setTTL(ttl), "setTTL")
    return ttl
  end

  -- Hops of multicast datagrams, 0 to 255. -> ttl
  function Socket:setMulticastTTL(ttl)
    validators.validateNumber(ttl, "ttl")
    check(self:_checkRunning():setMulticastTTL(ttl), "setMulticastTTL")
    return ttl
  end

  -- Whether this machine gets its own multicast datagrams. -> flag
  function Socket:setMulticastLoopback(flag)
    check(self:_checkRunning():setMulticastLoopback(flag and flag ~= 0), "setMulticastLoopback")
    return flag
  end

  -- The interface multicast datagrams leave by: its address, or "::%eth0" for udp6.
  function Socket:setMulticastInterface(interfaceAddress)
    local handle = self:_checkRunning()
    validators.validateString(interfaceAddress, "interfaceAddress")
    check(handle:setMulticastInterface(address_text(interfaceAddress)), "setMulticastInterface")
  end

  -- Joins a group on the interface (by default the system's choice); a socket that is not bound is, to any port.
  function Socket:addMembership(multicastAddress, interfaceAddress)
    local handle = self:_checkRunning()
    if missing(multicastAddress) then error(errors.ERR_MISSING_ARGS "multicastAddress", 0) end
    check(handle:addMembership(address_text(multicastAddress), address_text(interfaceAddress)), "addMembership")
  end

  function Socket:dropMembership(multicastAddress, interfaceAddress)
    local handle = self:_checkRunning()
    if missing(multicastAddress) then error(errors.ERR_MISSING_ARGS "multicastAddress", 0) end
    check(handle:dropMembership(address_text(multicastAddress), address_text(interfaceAddress)), "dropMembership")
  end

  -- Joins a group for what comes from one source.
  function Socket:addSourceSpecificMembership(sourceAddress, groupAddress, interfaceAddress)
    local handle = self:_checkRunning()
    validators.validateString(sourceAddress, "sourceAddress")
    validators.validateString(groupAddress, "groupAddress")
    check(handle:addSourceMembership(address_text(sourceAddress), address_text(groupAddress), address_text(interfaceAddress)), "addSourceSpecificMembership")
  end

  function Socket:dropSourceSpecificMembership(sourceAddress, groupAddress, interfaceAddress)
    local handle = self:_checkRunning()
    validators.validateString(sourceAddress, "sourceAddress")
    validators.validateString(groupAddress, "groupAddress")
    check(handle:dropSourceMembership(address_text(sourceAddress), address_text(groupAddress), address_text(interfaceAddress)), "dropSourceSpecificMembership")
  end

  -- Bytes, as the system reports them (Linux: twice what was set). Raise ERR_SOCKET_BUFFER_SIZE, ERR_SOCKET_BAD_BUFFER_SIZE.
  function Socket:getRecvBufferSize() return buffer_size(self, "recvBufferSize", nil, "uv_recv_buffer_size") end
  function Socket:getSendBufferSize() return buffer_size(self, "sendBufferSize", nil, "uv_send_buffer_size") end

  function Socket:setRecvBufferSize(size)
    check_size(size)
    buffer_size(self, "recvBufferSize", size, "uv_recv_buffer_size")
  end

  function Socket:setSendBufferSize(size)
    check_size(size)
    buffer_size(self, "sendBufferSize", size, "uv_send_buffer_size")
  end
end
