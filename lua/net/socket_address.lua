-- SPDX-License-Identifier: MIT
--
-- net.SocketAddress (Node 20 docs: Class: net.SocketAddress): address, port, family ("ipv4", "ipv6"), flowlabel.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"
local ip = require "lunode.net.ip"

local SocketAddress = class "SocketAddress"

-- options: {address, port, family, flowlabel}. Raises ERR_INVALID_ADDRESS when the address is not of the family.
function SocketAddress:initialize(options)
  if options == nil then options = {} end
  validators.validateObject(options, "options")
  local family = options.family
  if family == nil then family = "ipv4" end
  local lower = type(family) == "string" and family:lower()
  if lower ~= "ipv4" and lower ~= "ipv6" then error(errors.ERR_INVALID_ARG_VALUE("options.family", family), 0) end
  local address = options.address
  if address == nil then address = lower == "ipv4" and "127.0.0.1" or "::" end
  validators.validateString(address, "options.address")
  local port = options.port == nil and 0 or validators.validatePort(options.port, "options.port")
  local flowlabel = options.flowlabel
  if flowlabel == nil then flowlabel = 0 end
  validators.validateUint32(flowlabel, "options.flowlabel")
  local bytes = ip.parse(address)
  if not bytes or #bytes ~= (lower == "ipv4" and 4 or 16) then
    local e = errors.ERR_INVALID_ADDRESS()
    e.message = "Invalid socket address"
    error(e, 0)
  end
  self.address, self.port, self.family, self.flowlabel = ip.format(bytes), port, lower, lower == "ipv6" and flowlabel or 0
end

function SocketAddress:toJSON()
  return { address = self.address, port = self.port, family = self.family, flowlabel = self.flowlabel }
end

SocketAddress.static.isSocketAddress = function(value) return SocketAddress:is(value) end

-- "1.2.3.4:80", "[::1]:80", "1.2.3.4" -> SocketAddress, or nil. The port is 0 when there is none.
SocketAddress.static.parse = function(text)
  validators.validateString(text, "input")
  local host, port = text:match "^%[([^%]]*)%]:?(%d*)$"
  local family = "ipv6"
  if not host then
    host, port = text:match "^([^:]*):?(%d*)$"
    family = "ipv4"
  end
  if not host or ip.isIP(host) ~= (family == "ipv4" and 4 or 6) then return nil end
  port = port == "" and 0 or tonumber(port)
  if port > 65535 then return nil end
  return SocketAddress { address = host, port = port, family = family }
end

return SocketAddress
