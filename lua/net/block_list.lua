-- SPDX-License-Identifier: MIT
--
-- net.BlockList (Node 20 docs: Class: net.BlockList). An IPv4 address and its IPv4-mapped IPv6 form are the same to it.
--
-- Inside, every address is 16 bytes, IPv4 as mapped: they compare as strings do. Single addresses are looked up, the
-- others tried in turn.
local bit = require "bit"
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"
local ip = require "lunode.net.ip"
local SocketAddress = require "lunode.net.socket_address"

local BlockList = class "BlockList"

function BlockList:initialize()
  self._single = {} -- bytes -> true
  self._wide = {}   -- {low, high, v4 = whether IPv4 addresses can lie in it}: ranges and subnets
  self._rules = {}  -- their texts, oldest first
end

BlockList:accessor("rules", function(self)
  local rules = self._rules
  local out, n = {}, #rules
  for i = 1, n do out[i] = rules[n - i + 1] end
  return shape.list(out)
end)

local function family_name(family)
  if family == nil then return "ipv4" end
  if type(family) ~= "string" or (family:lower() ~= "ipv4" and family:lower() ~= "ipv6") then
    error(errors.ERR_INVALID_ARG_VALUE("options.family", family), 0)
  end
  return family:lower()
end

-- Text with a family, or a SocketAddress -> a SocketAddress.
local function address_of(value, family, name)
  if SocketAddress:is(value) then return value end
  validators.validateString(value, name)
  return SocketAddress { address = value, family = family_name(family) }
end

local LABEL = { ipv4 = "IPv4", ipv6 = "IPv6" }

local function add_rule(self, text)
  self._rules[#self._rules + 1] = text
end

local function bytes_of(address) return ip.mapped(ip.parse(address.address)) end

function BlockList:addAddress(address, family)
  address = address_of(address, family, "address")
  self._single[bytes_of(address)] = true
  add_rule(self, "Address: " .. LABEL[address.family] .. " " .. address.address)
end

function BlockList:addRange(start, stop, family)
  start, stop = address_of(start, family, "start"), address_of(stop, family, "end")
  local low, high = bytes_of(start), bytes_of(stop)
  if low > high then error(errors.ERR_INVALID_ARG_VALUE("start", start, "must come before end"), 0) end
  local wide = self._wide
  wide[#wide + 1] = { low, high, v4 = ip.is_mapped(low) and ip.is_mapped(high) }
  add_rule(self, "Range: " .. LABEL[start.family] .. " " .. start.address .. "-" .. stop.address)
end

-- prefix: the number of bits, 0 to 32 or 128.
function BlockList:addSubnet(network, prefix, family)
  network = address_of(network, family, "network")
  local v4 = network.family == "ipv4"
  validators.validateInt32(prefix, "prefix", 0, v4 and 32 or 128)
  local bits = v4 and prefix + 96 or prefix
  local bytes = bytes_of(network)
  local whole = (bits - bits % 8) / 8
  local low, high = bytes:sub(1, whole), bytes:sub(1, whole)
  if whole < 16 then
    local mask = bit.rshift(255, bits % 8) -- of the bits that vary
    local byte = bytes:byte(whole + 1)
    low = low .. string.char(bit.band(byte, 255 - mask)) .. ("\0"):rep(15 - whole)
    high = high .. string.char(bit.bor(byte, mask)) .. ("\255"):rep(15 - whole)
  end
  local wide = self._wide
  wide[#wide + 1] = { low, high, v4 = true }
  add_rule(self, "Subnet: " .. LABEL[network.family] .. " " .. network.address .. "/" .. prefix)
end

-- Whether any rule covers the address; false for text that is no address of the family.
function BlockList:check(address, family)
  local v4
  local bytes
  if SocketAddress:is(address) then
    v4 = address.family == "ipv4"
    bytes = ip.parse(address.address)
  else
    validators.validateString(address, "address")
    v4 = family == nil or type(family) == "string" and family:lower() == "ipv4"
    if not v4 and not (type(family) == "string" and family:lower() == "ipv6") then return false end
    bytes = ip.parse(address)
    if not bytes or #bytes ~= (v4 and 4 or 16) then return false end
  end
  bytes = ip.mapped(bytes)
  if self._single[bytes] then return true end
  local wide = self._wide
  for i = 1, #wide do
    local rule = wide[i]
    if bytes >= rule[1] and bytes <= rule[2] and (rule.v4 or not v4) then return true end
  end
  return false
end

function BlockList:toJSON() return self.rules end

BlockList.static.isBlockList = function(value) return BlockList:is(value) end

return BlockList
