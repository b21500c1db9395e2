-- SPDX-License-Identifier: MIT
--
-- dns: queries to a name server of the test's own (tests/support/name_server.lua).
local test = require "../support/test"
local name_server = require "../support/name_server"
local dns = require "dns"
local JSON = require "json"
local sleep = require("timers/promises").setTimeout
local has_node = require("../support/node").path ~= nil

local long = ("x"):rep(255)
local zone = {
  ["all.test"] = {
    { "A", "192.0.2.1", ttl = 60 }, { "A", "192.0.2.2", ttl = 61 }, { "AAAA", "2001:db8::1", ttl = 62 }, { "MX", 10, "mail.all.test" },
    { "MX", 5, "mail2.all.test" }, { "NS", "ns1.all.test" }, { "NS", "ns.other.test" }, { "TXT", { "one", "two words" } }, { "TXT", { long, long, "" } },
    { "SRV", 1, 2, 8080, "srv.all.test" }, { "PTR", "ptr.all.test" }, { "NAPTR", 30, 100, "s", "SIP+D2U", "!^.*$!sip:x@y!", "_sip._udp.all.test" },
    { "SOA", "ns1.all.test", "admin.all.test", 2026112301, 7200, 3600, 1209600, 300 }, { "CAA", 0, "issue", "ca.test" }, { "CAA", 128, "iodef", "mailto:a@b" },
  },
  ["alias.test"] = { { "CNAME", "target.test" }, { "A", "192.0.2.9", owner = "target.test" } },
  ["only-a.test"] = { { "A", "192.0.2.3" } },
  ["empty.test"] = {},
  ["servfail.test"] = { rcode = 2 }, ["formerr.test"] = { rcode = 1 }, ["notimp.test"] = { rcode = 4 }, ["refused.test"] = { rcode = 5 },
  ["silent.test"] = { silent = true },
  ["slow.test"] = { delay = 5000, { "A", "192.0.2.4" } },
  ["large.test"] = { truncate = true, { "A", "192.0.2.5" }, { "TXT", { "over", "tcp" } } },
  ["many.test"] = {},
  ["1.2.0.192.in-addr.arpa"] = { { "PTR", "one.test" }, { "PTR", "uno.test" } },
  ["1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"] = { { "PTR", "six.test" } },
}
for i = 1, 200 do zone["many.test"][i] = { "A", "10.0." .. math.floor(i / 256) .. "." .. i % 256 } end

local function with_server(fn)
  return function(t)
    local server = await(name_server(zone))
    local resolver = dns.Resolver { timeout = 300, tries = 2 }
    resolver:setServers { "127.0.0.1:" .. server.port }
    local ok, err = pcall(fn, t, resolver, server)
    server:close()
    if not ok then error(err, 0) end
  end
end

local function ask(resolver, method, ...)
  local args = { ... }
  return await(Promise(function(resolve)
    args[#args + 1] = function(err, value) resolve { err, value } end
    resolver[method](resolver, unpack(args))
  end))
end
local function good(resolver, ...)
  local answer = ask(resolver, ...)
  if answer[1] then error(answer[1], 0) end
  return answer[2]
end
local function failure(resolver, ...) return ask(resolver, ...)[1] end

test("every record type", with_server(function(t, r)
  t:deep(good(r, "resolve4", "all.test"), { "192.0.2.1", "192.0.2.2" })
  t:deep(good(r, "resolve4", "all.test", { ttl = true }), { { address = "192.0.2.1", ttl = 60 }, { address = "192.0.2.2", ttl = 61 } })
  t:deep(good(r, "resolve6", "all.test"), { "2001:db8::1" })
  t:deep(good(r, "resolve6", "all.test", { ttl = true }), { { address = "2001:db8::1", ttl = 62 } })
  t:deep(good(r, "resolveMx", "all.test"), { { exchange = "mail.all.test", priority = 10 }, { exchange = "mail2.all.test", priority = 5 } })
  t:deep(good(r, "resolveNs", "all.test"), { "ns1.all.test", "ns.other.test" })
  t:deep(good(r, "resolveTxt", "all.test"), { { "one", "two words" }, { long, long, "" } })
  t:deep(good(r, "resolveSrv", "all.test"), { { name = "srv.all.test", port = 8080, priority = 1, weight = 2 } })
  t:deep(good(r, "resolvePtr", "all.test"), { "ptr.all.test" })
  t:deep(good(r, "resolveNaptr", "all.test"), { { flags = "s", service = "SIP+D2U", regexp = "!^.*$!sip:x@y!", replacement = "_sip._udp.all.test", order = 30, preference = 100 } })
  t:deep(good(r, "resolveSoa", "all.test"), { nsname = "ns1.all.test", hostmaster = "admin.all.test", serial = 2026112301, refresh = 7200, retry = 3600, expire = 1209600, minttl = 300 })
  t:deep(good(r, "resolveCaa", "all.test"), { { critical = 0, issue = "ca.test" }, { critical = 128, iodef = "mailto:a@b" } })
  t:deep(good(r, "resolveCname", "alias.test"), { "target.test" })
  t:deep(good(r, "resolve4", "alias.test"), { "192.0.2.9" })
  t:equal(#good(r, "resolveAny", "all.test"), 15)
  t:equal(#good(r, "resolve4", "many.test"), 200)
end))

test("resolve takes the type as text", with_server(function(t, r)
  t:deep(good(r, "resolve", "only-a.test"), { "192.0.2.3" })
  t:deep(good(r, "resolve", "only-a.test", "A"), { "192.0.2.3" })
  t:deep(good(r, "resolve", "all.test", "TXT")[1], { "one", "two words" })
  t:equal(good(r, "resolve", "all.test", "SOA").minttl, 300)
  t:throws(function() r:resolve("x", "NONE", print) end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() r:resolve("x", 5, print) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() r:resolve4(5, print) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() r:resolve4 "x" end, "ERR_INVALID_ARG_TYPE")
end))

test("failures have Node's codes and fields", with_server(function(t, r)
  local e = failure(r, "resolve4", "none.test")
  t:equal(e.message, "queryA ENOTFOUND none.test")
  t:deep({ e.code, e.syscall, e.hostname }, { "ENOTFOUND", "queryA", "none.test" })
  t:equal(e.errno, nil)
  t:equal(failure(r, "resolve6", "only-a.test").message, "queryAaaa ENODATA only-a.test")
  t:equal(failure(r, "resolveMx", "empty.test").code, "ENODATA")
  t:equal(failure(r, "resolveMx", "servfail.test").code, "ESERVFAIL")
  t:equal(failure(r, "resolveTxt", "formerr.test").code, "EFORMERR")
  t:equal(failure(r, "resolveTxt", "notimp.test").code, "ENOTIMP")
  t:equal(failure(r, "resolveSrv", "refused.test").code, "EREFUSED")
  t:equal(failure(r, "resolve4", ("a"):rep(64) .. ".test").code, "EBADNAME")
  t:equal(failure(r, "resolve4", "nul\0.test").code, "EBADNAME")
end))

test("no answer is ETIMEOUT after the tries that were asked for", with_server(function(t, _, server)
  local r = dns.Resolver { timeout = 50, tries = 3 }
  r:setServers { "127.0.0.1:" .. server.port }
  t:equal(failure(r, "resolve4", "silent.test").code, "ETIMEOUT")
  t:equal(server.asked["silent.test"], 3)
end))

test("a server that is not there refuses", function(t)
  local server = await(name_server {})
  local port = server.port
  server:close()
  local r = dns.Resolver { timeout = 100, tries = 1 }
  r:setServers { "127.0.0.1:" .. port }
  t:match(failure(r, "resolve4", "x.test").code, "^ECONNREFUSED$")
end)

test("a truncated answer is asked for again over TCP", with_server(function(t, r, server)
  t:deep(good(r, "resolve4", "large.test"), { "192.0.2.5" })
  t:deep(good(r, "resolveTxt", "large.test"), { { "over", "tcp" } })
  t:equal(server.asked["large.test/tcp"], 2)
end))

test("cancel fails what is under way, and only that", with_server(function(t, r)
  local first, second = {}, {}
  local both = Promise(function(resolve)
    r:resolve4("slow.test", function(err) first = err if second.code then resolve() end end)
    r:resolveMx("silent.test", function(err) second = err if first.code then resolve() end end)
  end)
  await(sleep(20))
  r:cancel()
  await(both)
  t:deep({ first.code, first.message, second.code }, { "ECANCELLED", "queryA ECANCELLED slow.test", "ECANCELLED" })
  t:deep(good(r, "resolve4", "only-a.test"), { "192.0.2.3" })
  r:cancel()
end))

test("callbacks may cancel, ask again and set servers", with_server(function(t, r, server)
  local seen = {}
  await(Promise(function(resolve)
    local left = 3
    local function over(what)
      seen[#seen + 1] = what
      left = left - 1
      if left == 0 then resolve() end
    end
    r:resolve4("slow.test", function(err) over(err.code) end)
    r:resolve4("only-a.test", function()
      r:cancel()
      r:resolve4("only-a.test", function(err)
        t:equal(err, nil)
        r:setServers { "127.0.0.1:" .. server.port }
        over "again"
      end)
      over "first"
    end)
  end))
  table.sort(seen)
  t:deep(seen, { "ECANCELLED", "again", "first" })
end))

test("servers are checked, kept and shown as in Node", with_server(function(t, r, server)
  r:setServers { "192.0.2.1", "192.0.2.2:53", "192.0.2.3:5353", "::1", "[2001:db8::1]", "[2001:db8::2]:53", "[2001:db8::3]:5353" }
  t:deep(r:getServers(), { "192.0.2.1", "192.0.2.2", "192.0.2.3:5353", "::1", "2001:db8::1", "2001:db8::2", "[2001:db8::3]:5353" })
  t:throws(function() r:setServers { "example.org" } end, "ERR_INVALID_IP_ADDRESS")
  t:throws(function() r:setServers { "" } end, "ERR_INVALID_IP_ADDRESS")
  t:throws(function() r:setServers { 5 } end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() r:setServers "x" end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() r:setServers { "1.2.3.4:99999" } end, "ERR_INVALID_IP_ADDRESS")
  r:setServers { "127.0.0.1:" .. server.port }
  local asked = Promise(function(resolve) r:resolve4("silent.test", resolve) end)
  t:throws(function() r:setServers { "192.0.2.1" } end, "ERR_DNS_SET_SERVERS_FAILED")
  r:cancel()
  await(asked)
end))

test("options and local addresses are checked", with_server(function(t, r)
  t:throws(function() dns.Resolver { timeout = -2 } end, "ERR_OUT_OF_RANGE")
  t:throws(function() dns.Resolver { timeout = "x" } end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() dns.Resolver { tries = 0 } end, "ERR_OUT_OF_RANGE")
  t:throws(function() dns.Resolver(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() r:setLocalAddress "no" end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() r:setLocalAddress("127.0.0.1", "127.0.0.2") end, "ERR_INVALID_ARG_VALUE")
  t:throws(function() r:setLocalAddress(5) end, "ERR_INVALID_ARG_TYPE")
  r:setLocalAddress("127.0.0.1", "::1")
  t:deep(good(r, "resolve4", "only-a.test"), { "192.0.2.3" })
end))

test("reverse", with_server(function(t, r)
  t:deep(good(r, "reverse", "192.0.2.1"), { "one.test", "uno.test" })
  t:deep(good(r, "reverse", "2001:db8::1"), { "six.test" })
  local e = failure(r, "reverse", "192.0.2.77")
  t:deep({ e.code, e.syscall, e.hostname, e.message }, { "ENOTFOUND", "getHostByAddr", "192.0.2.77", "getHostByAddr ENOTFOUND 192.0.2.77" })
  t:throws(function() r:reverse("no address", print) end, "EINVAL")
  t:throws(function() r:reverse(5, print) end, "ERR_INVALID_ARG_TYPE")
end))

test("promise forms", with_server(function(t, _, server)
  local r = dns.promises.Resolver { timeout = 300, tries = 1 }
  r:setServers { "127.0.0.1:" .. server.port }
  t:deep(await(r:resolve4 "only-a.test"), { "192.0.2.3" })
  t:deep(await(r:resolve("all.test", "NS")), { "ns1.all.test", "ns.other.test" })
  t:deep(await(r:reverse "192.0.2.1"), { "one.test", "uno.test" })
  t:rejects(r:resolveMx "none.test", "ENOTFOUND")
  local before = dns.getServers()
  dns.setServers { "127.0.0.1:" .. server.port }
  t:deep(dns.promises.getServers(), { "127.0.0.1:" .. server.port })
  t:deep(await(dns.promises.resolve4 "only-a.test"), { "192.0.2.3" })
  t:deep(await(dns.promises.resolve("only-a.test", "A")), { "192.0.2.3" })
  t:deep(await(dns.promises.resolve "only-a.test"), { "192.0.2.3" })
  dns.resolve("all.test", "MX", t:called(function(_, list) t:equal(#list, 2) end))
  dns.resolve4("only-a.test", t:called(function(_, list)
    t:deep(list, { "192.0.2.3" })
    dns.setServers(before)
  end))
  await(sleep(50))
  t:equal(require "dns/promises", dns.promises)
end))

test("hostile answers are EBADRESP or no answer, never more", { timeout = 30000 }, with_server(function(t, _, server)
  local function be16(n) return string.char(math.floor(n / 256) % 256, n % 256) end
  local function reply(id, question, answers, rest) return id .. be16(0x8580) .. be16(1) .. be16(answers) .. be16(0) .. be16(0) .. question .. rest end
  local record = "\192\12" .. be16(1) .. be16(1) .. "\0\0\0\1" .. be16(4) .. "\1\2\3\4"
  local cases = {
    function(id, q) return reply(id, q, 1, "") end,                                             -- a record that is not there
    function(id, q) return reply(id, q, 1, record:sub(1, -2)) end,                              -- one that is cut off
    function(id, q) return reply(id, q, 5, record) end,                                         -- fewer than it says
    function(id, q) return reply(id, q, 1, "\192\12" .. be16(1) .. be16(1) .. "\0\0\0\1" .. be16(9999) .. "\1\2\3\4") end, -- a length that lies
    function(id, q) return reply(id, q, 1, "\192\12" .. be16(1) .. be16(1) .. "\0\0\0\1" .. be16(3) .. "\1\2\3") end,      -- an address of three bytes
    function(id, q) local at = 12 + #q return reply(id, q, 1, be16(0xc000 + at) .. record:sub(3)) end,                     -- a name that points to itself
    function(id, q) local at = 12 + #q return reply(id, q, 1, be16(0xc000 + at + 2) .. be16(0xc000 + at) .. record:sub(3)) end, -- two, to each other
    function(id, q) return reply(id, q, 1, "\255\255" .. record:sub(3)) end,                    -- a pointer beyond the end
    function(id, q) return reply(id, q, 1, "\63abc") end,                                       -- a label beyond the end
  }
  for i, raw in ipairs(cases) do
    zone["hostile" .. i .. ".test"] = { raw = raw }
    local r = dns.Resolver { timeout = 100, tries = 1 }
    r:setServers { "127.0.0.1:" .. server.port }
    local e = failure(r, "resolve4", "hostile" .. i .. ".test")
    t:equal(e and e.code, "EBADRESP", "case " .. i)
  end
  -- Not an answer at all, or somebody else's: waited out.
  for i, raw in ipairs {
    function() return "" end, function(id) return id end, function(_, q) return reply("\0\0", q, 1, record) end,
    function(id, q) return reply(id, (q:gsub("stray", "other")), 1, record) end,
  } do
    zone["stray" .. i .. ".test"] = { raw = raw }
    local r = dns.Resolver { timeout = 60, tries = 1 }
    r:setServers { "127.0.0.1:" .. server.port }
    t:match(failure(r, "resolve4", "stray" .. i .. ".test").code, "^E%u+$", "stray " .. i)
  end
  -- Random damage to a good answer, all types.
  math.randomseed(20261123)
  local parse = require("lunode.core").resolver.parse
  zone["capture.test"] = zone["all.test"]
  local captured = await(Promise(function(resolve)
    local socket = require("dgram").createSocket "udp4"
    socket:once("message", function(m)
      socket:close()
      resolve(tostring(m))
    end)
    socket:send("\1\2\1\0\0\1\0\0\0\0\0\0\7capture\4test\0\0\255\0\1", server.port, "127.0.0.1")
  end))
  t:equal(#parse(captured, 255), 15)
  for _ = 1, 20000 do
    local bytes = { captured:byte(1, -1) }
    for _ = 1, math.random(1, 4) do bytes[math.random(#bytes)] = math.random(0, 255) end
    local damaged = ""
    for i = 1, #bytes, 200 do damaged = damaged .. string.char(unpack(bytes, i, math.min(i + 199, #bytes))) end
    damaged = damaged:sub(1, math.random() < 0.3 and math.random(0, #damaged) or -1)
    local list, status = parse(damaged, 255)
    if not list and status ~= 10 and status ~= 1 then t:fail("status " .. tostring(status)) end
  end
end))

test("a resolver that is forgotten is closed, one that waits is not", with_server(function(t, _, server)
  local function count()
    local n = 0
    for _, entry in ipairs(require("fs").readdirSync "/proc/self/fd") do if entry then n = n + 1 end end
    return n
  end
  local before = count()
  local answers = 0
  for _ = 1, 50 do
    local r = dns.Resolver { timeout = 2000 }
    r:setServers { "127.0.0.1:" .. server.port }
    r:resolve4("only-a.test", function(err) if not err then answers = answers + 1 end end)
  end
  for _ = 1, 3 do collectgarbage() end
  for _ = 1, 200 do
    if answers == 50 then break end
    await(sleep(5))
  end
  t:equal(answers, 50)
  for _ = 1, 3 do collectgarbage() end
  await(sleep(20))
  t:equal(count(), before)
end))

test("an idle resolver does not keep the program, a query does", with_server(function(t, _, server)
  local function run(code)
    return await(Promise(function(resolve)
      require("child_process").execFile(process.execPath, { "-e", code }, function(err, stdout, stderr) resolve(err and stderr or stdout) end)
    end))
  end
  local make = ("local r = require('dns').Resolver() r:setServers { '127.0.0.1:%d' } "):format(server.port)
  t:equal(run(make .. "print 'idle'"), "idle\n")
  t:equal(run(make .. "r:resolve4('only-a.test', function(e, l) print(l[1]) end)"), "192.0.2.3\n")
  t:equal(run(make .. "r:resolve4('silent.test', print) process.exit(0)"), "")
  t:equal(run(make .. "r:resolve4('silent.test', function(e) print(e.code) end) r:cancel()"), "ECANCELLED\n")
end))

test("Node gets the same answers", { skip = not has_node and "Node is not installed" or nil, timeout = 60000 }, with_server(function(t, _, server)
  local names = { "all.test", "alias.test", "only-a.test", "empty.test", "none.test", "servfail.test", "refused.test", "large.test", "many.test" }
  local r = dns.promises.Resolver()
  r:setServers { "127.0.0.1:" .. server.port }
  local theirs = await(Promise(function(resolve)
    local args = { "tests/fixtures/dns_node.js", tostring(server.port) }
    for _, name in ipairs(names) do args[#args + 1] = name end
    require("child_process").execFile("node", args, { maxBuffer = 2 ^ 24 }, function(err, stdout, stderr)
      resolve(err and stderr or stdout)
    end)
  end))
  local n = 0
  for line in theirs:gmatch "[^\n]+" do
    local name, method, ttl, want = unpack(JSON.parse(line))
    local ok, got = pcall(await, r[method](r, name, ttl and { ttl = true } or nil))
    if not ok then got = { got.code, got.syscall, got.hostname, got.message, got.errno == nil } end
    t:equal(JSON.stringify(got), JSON.stringify(want), name .. " " .. method)
    n = n + 1
  end
  t:equal(n, #names * 14)
end))
