-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local SocketAddress = require("net").SocketAddress

test("defaults are those of Node", function(t)
  local a = SocketAddress()
  t:deep(a:toJSON(), { address = "127.0.0.1", port = 0, family = "ipv4", flowlabel = 0 })
  t:deep(SocketAddress({ family = "IPv6" }):toJSON(), { address = "::", port = 0, family = "ipv6", flowlabel = 0 })
end)

test("address, port, family and flow label are kept, the address in canonical form", function(t)
  local a = SocketAddress { address = "2001:DB8:0:0:0:0:0:1", family = "ipv6", port = 80, flowlabel = 5 }
  t:equal(a.address, "2001:db8::1")
  t:equal(a.port, 80)
  t:equal(a.family, "ipv6")
  t:equal(a.flowlabel, 5)
  t:equal(SocketAddress({ address = "fe80::1%lo", family = "ipv6" }).address, "fe80::1")
  t:equal(SocketAddress.isSocketAddress(a), true)
  t:equal(SocketAddress.isSocketAddress {}, false)
end)

test("wrong options raise", function(t)
  local function make(o) return function() return SocketAddress(o) end end
  t:throws(make(5), "ERR_INVALID_ARG_TYPE")
  t:throws(make { address = 5 }, "ERR_INVALID_ARG_TYPE")
  t:throws(make { address = "::1" }, { code = "ERR_INVALID_ADDRESS", message = "Invalid socket address" })
  t:throws(make { address = "1.2.3.4", family = "ipv6" }, "ERR_INVALID_ADDRESS")
  t:throws(make { family = 4 }, { code = "ERR_INVALID_ARG_VALUE", message = "The property 'options.family' is invalid. Received 4" })
  t:throws(make { port = 70000 }, { code = "ERR_SOCKET_BAD_PORT", message = "options.port should be >= 0 and < 65536. Received type number (70000)." })
  t:throws(make { port = "x" }, "ERR_SOCKET_BAD_PORT")
  t:throws(make { flowlabel = -1 }, "ERR_OUT_OF_RANGE")
  t:throws(make { flowlabel = "x" }, "ERR_INVALID_ARG_TYPE")
end)

test("parse takes an address with or without a port", function(t)
  local function parsed(text)
    local a = SocketAddress.parse(text)
    return a and a.family .. " " .. a.address .. " " .. a.port
  end
  t:equal(parsed "1.2.3.4:80", "ipv4 1.2.3.4 80")
  t:equal(parsed "1.2.3.4", "ipv4 1.2.3.4 0")
  t:equal(parsed "[::1]:8080", "ipv6 ::1 8080")
  t:equal(parsed "[::1]", "ipv6 ::1 0")
  for _, bad in ipairs { "", "x", "1.2.3.4:99999", "::1", "[1.2.3.4]:5", "1.2.3:5", "[::1" } do t:equal(parsed(bad), nil, bad) end
  t:throws(function() SocketAddress.parse(5) end, "ERR_INVALID_ARG_TYPE")
end)
