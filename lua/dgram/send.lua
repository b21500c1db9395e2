-- SPDX-License-Identifier: MIT
--
-- dgram.Socket#send (Node 20 docs: socket.send): what makes datagrams.
--
-- A numeric address goes to the kernel within the call; a name, and everything when the socket has a `lookup`, when it has
-- been looked up. What the kernel does not take at once is copied by C.
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"

local rawget, type, error, tonumber, next, getmetatable, floor, huge = rawget, type, error, tonumber, next, getmetatable, math.floor, math.huge
local nextTick = queue.nextTick

local YES = 2 -- of dgram/socket.lua
local KINDS = { "string", "Buffer", "TypedArray", "DataView" }

-- As JavaScript's >>> 0.
local function uint32(value)
  local n = tonumber(value)
  if not n or n ~= n or n == huge or n == -huge then return 0 end
  return (n < 0 and -floor(-n) or floor(n)) % 4294967296
end

-- What counts as given where JavaScript asks for a truthy value.
local function given(value) return value ~= nil and value ~= false and value ~= "" and value ~= 0 and value ~= errors.null end

-- By the mark in the metatable, as C does: a call of C would break the trace.
local function is_bytes(value)
  local kind = type(value)
  if kind ~= "userdata" then return kind == "string" end
  local mt = getmetatable(value)
  return type(mt) == "table" and mt.is_buffer ~= nil
end

-- -> offset, length, checked against the data
local function range(data, offset, length)
  if not is_bytes(data) then error(errors.ERR_INVALID_ARG_TYPE("buffer", KINDS, data), 0) end
  offset, length = uint32(offset), uint32(length)
  local size = type(data) == "string" and #data or data.length
  if offset > size then error(errors.ERR_BUFFER_OUT_OF_BOUNDS "offset", 0) end
  if offset + length > size then error(errors.ERR_BUFFER_OUT_OF_BOUNDS "length", 0) end
  return offset, length
end

-- What JavaScript gives for a Buffer is one.
local as_bytes = validators.bytes

local function check_list(list)
  if type(list) ~= "table" or list == errors.null or list[1] == nil and next(list) ~= nil and rawget(list, "length") ~= 0 then
    error(errors.ERR_INVALID_ARG_TYPE("buffer", KINDS, list), 0)
  end
  local bytes = list
  if validators.door.bytes then
    local copy = {}
    for i = 1, #list do copy[i] = as_bytes(list[i]) or list[i] end
    bytes = copy
  end
  for i = 1, #bytes do
    if not is_bytes(bytes[i]) then error(errors.ERR_INVALID_ARG_TYPE("buffer list arguments", KINDS, list), 0) end
  end
  return bytes
end

local function size_of(data, length)
  if length then return length end
  if type(data) == "string" then return #data end
  if type(data) == "userdata" then return data.length end
  local total = 0
  for i = 1, #data do total = total + size_of(data[i]) end
  return total
end

-- What happened to a datagram that was handed to C.
local function sent(self, status, data, length, port, address, cb)
  if status == true then
    local pending = self._pending
    pending.last = pending.last + 1
    pending[pending.last] = cb and { cb = cb, address = address, port = port, bytes = size_of(data, length), context = queue.context } or false
  elseif cb then
    if status < 0 then return nextTick(cb, errors.uvAddress(status, "send", address, port)) end
    nextTick(cb, nil, status)
  end
end

local function emit_error(self, err)
  if rawget(self, "_handle") then self:emit("error", err) end
end

local function failed(self, err, cb)
  if cb then return nextTick(cb, err) end
  nextTick(emit_error, self, err)
end

local function by_name(self, data, offset, length, port, address, cb)
  local function found(err, numeric)
    if err and err ~= errors.null then return failed(self, err, cb) end
    local handle = rawget(self, "_handle")
    if not handle then
      if cb then nextTick(cb, errors.ERR_SOCKET_DGRAM_NOT_RUNNING()) end
      return
    end
    local status = self._send(handle, data, port, numeric, offset, length)
    if status == nil then status = errors.uvCode "EINVAL" end
    sent(self, status, data, length, port, address, cb)
  end
  if type(data) == "table" then -- the caller may change it before the name is known
    local copy = {}
    for i = 1, #data do copy[i] = data[i] end
    data = copy
  end
  (self._lookup or require("lunode.dns").lookup)(address, self._six and 6 or 4, found)
end

-- The socket is bound. port nil: to where it is connected.
local function transmit(self, data, offset, length, port, address, cb)
  local handle, status = self._handle, nil
  if not port then
    status = self._send(handle, data, nil, nil, offset, length)
  else
    if address == nil or address == "" then address = self._six and "::1" or "127.0.0.1" end
    if not self._lookup then status = self._send(handle, data, port, address, offset, length) end
    if status == nil then return by_name(self, data, offset, length, port, address, cb) end
  end
  sent(self, status, data, length, port, address, cb)
end

local function transmit_later(self, err, data, range_of, port, address, cb)
  if not err and not rawget(self, "_handle") then err = errors.ERR_SOCKET_DGRAM_NOT_RUNNING() end
  if err then
    if cb then nextTick(cb, err) end
    return
  end
  transmit(self, data, range_of and range_of[1], range_of and range_of[2], port, address, cb)
end

return function(Socket)
  -- send(msg, port, address, cb), (msg, offset, length, port, address, cb), and on a connected socket (msg, cb),
  -- (msg, offset, length, cb). msg: a string, a Buffer, or a list of them, which makes one datagram; offset and length (bytes)
  -- need a string or Buffer. address: a name or numeric, by default the own machine. cb(err, bytes); without it a failed look-up
  -- is an 'error' event, and other failures pass in silence.
  -- Raises ERR_INVALID_ARG_TYPE, ERR_BUFFER_OUT_OF_BOUNDS, ERR_SOCKET_BAD_PORT, ERR_SOCKET_DGRAM_IS_CONNECTED.
  function Socket:send(msg, offset, length, port, address, cb)
    local from, size
    local connected = self._connected == YES
    if type(msg) == "table" then msg = as_bytes(msg) or msg end
    if connected then
      if type(length) == "number" then
        from, size = range(msg, offset, length)
        if type(port) == "function" then port, cb = nil, port end
      else
        cb = offset
      end
      if given(port) or given(address) then error(errors.ERR_SOCKET_DGRAM_IS_CONNECTED(), 0) end
      port, address = nil, nil
    elseif given(address) or given(port) and type(port) ~= "function" then
      from, size = range(msg, offset, length)
    else
      cb, port, address = port, offset, length
    end
    if not is_bytes(msg) then msg = check_list(msg) end
    if not connected then
      if type(port) ~= "number" or port % 1 ~= 0 or port < 1 or port > 65535 then port = validators.validatePort(port, "Port", false) end
      if type(address) == "function" then
        address, cb = nil, address
      elseif address == errors.null then
        address = nil
      elseif address ~= nil and type(address) ~= "string" then
        error(errors.ERR_INVALID_ARG_TYPE("address", "string", address), 0)
      end
    end
    if type(cb) == "function" then cb = validators.callback(cb, "callback") else cb = nil end
    self:_checkRunning()
    if self._bound == YES then return transmit(self, msg, from, size, port, address, cb) end
    if self._bound == 0 then self:_bindImplicitly() end
    if type(msg) == "table" then
      local copy = {}
      for i = 1, #msg do copy[i] = msg[i] end
      msg = copy
    end
    self:_wait(transmit_later, msg, from and { from, size } or nil, port, address, cb)
  end

  -- The old form, all but the callback required.
  function Socket:sendto(buffer, offset, length, port, address, cb)
    validators.validateNumber(offset, "offset")
    validators.validateNumber(length, "length")
    validators.validateNumber(port, "port")
    validators.validateString(address, "address")
    return self:send(buffer, offset, length, port, address, cb)
  end

  -- Bytes, and datagrams, that the kernel has not taken yet.
  function Socket:getSendQueueSize() return self:_checkRunning():sendQueueSize() end
  function Socket:getSendQueueCount() return self:_checkRunning():sendQueueCount() end
end
