-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local net = require "net"
local BlockList, SocketAddress = net.BlockList, net.SocketAddress

test("isIP tells IPv4 from IPv6 from neither", function(t)
  local four = { "127.0.0.1", "0.0.0.0", "255.255.255.255", "1.2.3.4" }
  local six = { "::", "::1", "1::", "fe80::1%lo", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:1.2.3.4",
    "fe80::1%eth0.1", "2001:DB8::A", "::1%a:b" }
  local none = { "", "1.2.3", "01.2.3.4", "256.1.1.1", "1.2.3.4.5", "1.2.3.4%lo", ":::", "1:2:3:4:5:6:7:8:9", "::1%", "fe80::1%é", "1::2::3", "12345::",
    "::1\0", "1.2.3.4\0", " 1.2.3.4", "1.2.3.4 ", "::1%a/b", "1:2:3:4::5:6:7:8", "0x1.2.3.4", "[::1]" }
  for _, s in ipairs(four) do
    t:equal(net.isIP(s), 4, s)
    t:equal(net.isIPv4(s), true, s)
    t:equal(net.isIPv6(s), false, s)
  end
  for _, s in ipairs(six) do
    t:equal(net.isIP(s), 6, s)
    t:equal(net.isIPv6(s), true, s)
    t:equal(net.isIPv4(s), false, s)
  end
  for _, s in ipairs(none) do t:equal(net.isIP(s), 0, s) end
  t:equal(net.isIP(5), 0)
  t:equal(net.isIP(nil), 0)
  t:equal(net.isIP {}, 0)
end)

test("a single address is blocked, others are not", function(t)
  local b = BlockList()
  b:addAddress "1.2.3.4"
  b:addAddress("::1", "ipv6")
  b:addAddress(SocketAddress { address = "9.9.9.9" })
  t:equal(b:check "1.2.3.4", true)
  t:equal(b:check "1.2.3.5", false)
  t:equal(b:check("::1", "ipv6"), true)
  t:equal(b:check("0:0:0:0:0:0:0:1", "IPv6"), true)
  t:equal(b:check "9.9.9.9", true)
  t:equal(b:check(SocketAddress { address = "1.2.3.4" }), true)
  t:equal(b:check(SocketAddress { address = "::2", family = "ipv6" }), false)
end)

test("a range holds its ends and what lies between", function(t)
  local b = BlockList()
  b:addRange("10.0.0.9", "10.0.1.2")
  for _, a in ipairs { "10.0.0.9", "10.0.0.255", "10.0.1.0", "10.0.1.2" } do t:equal(b:check(a), true, a) end
  for _, a in ipairs { "10.0.0.8", "10.0.1.3", "9.255.255.255", "255.0.0.9" } do t:equal(b:check(a), false, a) end
  b:addRange("::1", "::ffff", "ipv6")
  t:equal(b:check("::8000", "ipv6"), true)
  t:equal(b:check("::1:0", "ipv6"), false)
  t:throws(function() b:addRange("1.1.1.2", "1.1.1.1") end, { code = "ERR_INVALID_ARG_VALUE", name = "TypeError" })
  t:throws(function() b:addRange "1.1.1.2" end, "ERR_INVALID_ARG_TYPE")
end)

test("a subnet is told by its prefix, at every length", function(t)
  local b = BlockList()
  b:addSubnet("192.168.130.77", 23)
  for _, a in ipairs { "192.168.130.0", "192.168.131.255" } do t:equal(b:check(a), true, a) end
  for _, a in ipairs { "192.168.129.255", "192.168.132.0" } do t:equal(b:check(a), false, a) end
  local six = BlockList()
  six:addSubnet("8592:757c:efae:4e45::", 61, "ipv6")
  t:equal(six:check("8592:757c:efae:4e47:ffff::", "ipv6"), true)
  t:equal(six:check("8592:757c:efae:4e48::", "ipv6"), false)
  local all = BlockList()
  all:addSubnet("0.0.0.0", 0)
  t:equal(all:check "200.1.1.1", true)
  t:equal(all:check("2000::1", "ipv6"), false)
  local one = BlockList()
  one:addSubnet("1.2.3.4", 32)
  t:equal(one:check "1.2.3.4", true)
  t:equal(one:check "1.2.3.5", false)
  t:throws(function() b:addSubnet("1.1.1.1", 33) end, { code = "ERR_OUT_OF_RANGE", message = 'The value of "prefix" is out of range. It must be >= 0 && <= 32. Received 33' })
  t:throws(function() b:addSubnet("::", 129, "ipv6") end, "ERR_OUT_OF_RANGE")
  t:throws(function() b:addSubnet("1.1.1.1", "x") end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() b:addSubnet "1.1.1.1" end, "ERR_INVALID_ARG_TYPE")
end)

test("an IPv4 address and its mapped form are one", function(t)
  local b = BlockList()
  b:addAddress "1.2.3.4"
  b:addSubnet("9.0.0.0", 8)
  b:addRange("20.0.0.1", "20.0.0.9")
  t:equal(b:check("::ffff:1.2.3.4", "ipv6"), true)
  t:equal(b:check("::ffff:9.8.7.6", "ipv6"), true)
  t:equal(b:check("::ffff:20.0.0.5", "ipv6"), true)
  t:equal(b:check("::ffff:1.2.3.5", "ipv6"), false)
  local m = BlockList()
  m:addAddress("::ffff:1.2.3.4", "ipv6")
  m:addSubnet("::ffff:5.0.0.0", 104, "ipv6")
  m:addRange("::ffff:7.0.0.1", "::ffff:7.0.0.3", "ipv6")
  t:equal(m:check "1.2.3.4", true)
  t:equal(m:check "5.1.1.1", true)
  t:equal(m:check "7.0.0.2", true)
  local wide = BlockList()
  wide:addRange("::", "ffff::", "ipv6")
  t:equal(wide:check "1.2.3.4", false)
  t:equal(wide:check("::ffff:1.2.3.4", "ipv6"), true)
end)

test("rules are listed newest first, in Node's words", function(t)
  local b = BlockList()
  b:addAddress "1.2.3.4"
  b:addRange("10.0.0.1", "10.0.0.9")
  b:addSubnet("8592:757c:efae:4e45::", 64, "ipv6")
  t:deep(b.rules, { "Subnet: IPv6 8592:757c:efae:4e45::/64", "Range: IPv4 10.0.0.1-10.0.0.9", "Address: IPv4 1.2.3.4" })
  t:deep(b:toJSON(), b.rules)
  t:equal(BlockList.isBlockList(b), true)
  t:equal(BlockList.isBlockList {}, false)
end)

test("wrong arguments raise, an unparsable address is simply not blocked", function(t)
  local b = BlockList()
  t:throws(function() b:addAddress "x" end, { code = "ERR_INVALID_ADDRESS", message = "Invalid socket address" })
  t:throws(function() b:addAddress(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() b:addAddress("1.1.1.1", "ipvx") end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() b:check(5) end, "ERR_INVALID_ARG_TYPE")
  t:equal(b:check "x", false)
  t:equal(b:check "::1", false)
  t:equal(b:check("1.2.3.4", "ipv6"), false)
end)
