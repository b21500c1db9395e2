-- SPDX-License-Identifier: MIT
-- Internationalized host names (UTS 46 as the URL Standard asks for it), punycode, and names in dns.
local test = require "../support/test"
local url = require "url"
local punycode = require "punycode"
local dns = require "dns"
local URL = url.URL

-- {host, what stands in the href, or false}
local hosts = {
  { "EXAMPLE.com", "example.com" },
  { "bücher.de", "xn--bcher-kva.de" },
  { "BÜCHER.DE", "xn--bcher-kva.de" },
  { "bu\204\136cher.de", "xn--bcher-kva.de" }, -- not composed
  { "b%C3%BCcher.de", "xn--bcher-kva.de" },
  { "XN--Bcher-KVA.de", "xn--bcher-kva.de" },
  { "faß.de", "xn--fa-hia.de" }, -- not transitional
  { "FAẞ.de", "xn--fa-hia.de" },
  { "βόλος.com", "xn--nxasmm1c.com" },
  { "☃.net", "xn--n3h.net" },
  { "💩.la", "xn--ls8h.la" },
  { "日本語。ＪＰ", "xn--wgv71a119e.jp" },
  { "a．b｡c", "a.b.c" },
  { "ａ.com", "a.com" },
  { "a\194\173b.com", "ab.com" }, -- ignored
  { "x\226\129\160y", "xy" },
  { "１２７.0.0.１", "127.0.0.1" }, -- an address once it is mapped
  { "①.com", "1.com" },
  { "نامه\226\128\140ای.com", "xn--mgba3gch31f060k.com" }, -- ZWNJ between letters that join
  { "क्\226\128\141ष", "xn--11b2ezcw70k" }, -- ZWJ behind a virama
  { "a\226\128\140b", false },
  { "a\226\128\141b", false },
  { "א.com", "xn--4db.com" },
  { "aא.com", false }, -- both directions in one label
  { "אa.com", false },
  { "1א.com", false },
  { "א1", "xn--1-zhc" },
  { "א.a-", false },
  { "א١1", false }, -- two kinds of digits
  { "\204\136x", false }, -- begins with a mark
  { "\226\128\174x", false }, -- a control of direction
  { "a\238\128\128", false }, -- private use
  { "a\239\191\189", false },
  { "a\255", false },
  { "a%FFb", false },
  { "⒈com", false }, -- holds a dot
  { "℀.com", false }, -- a/c
  { "a\227\128\128b", false }, -- a space
  { "\194\173", false }, -- nothing is left
  { "xn--", false },
  { "xn--a", false }, -- no Punycode
  { "xn--a-ä", false },
  { "xn--zn7c.com", false }, -- what is mapped may not be encoded
  { "xn--ASCII-", false },
  { "xn--xn--a--gua", false },
  { "a.xn--bcher-kva.xn--a.de", false },
  { "-a-.b--c.ab--ü", "-a-.b--c.xn--ab---3ra" }, -- hyphens are free
  { ("ü"):rep(100) .. "." .. ("a"):rep(300), "xn--" .. punycode.encode(("ü"):rep(100)) .. "." .. ("a"):rep(300) }, -- so are lengths
}

test("hosts", function(t)
  for _, case in ipairs(hosts) do
    local u = URL.parse("http://" .. case[1] .. "/")
    t:equal(u and u.host or false, case[2], case[1])
    if u then t:equal(URL(u.href).href, u.href) end
    local other = URL "http://u@h:8/p"
    other.hostname = case[1]
    t:equal(other.href, "http://u@" .. (case[2] or "h") .. ":8/p")
  end
  t:equal(URL("foo://bücher.de").host, "b%C3%BCcher.de") -- not special
end)

test("domainToASCII and domainToUnicode", function(t)
  for domain, ascii in pairs {
    ["español.com"] = "xn--espaol-zwa.com", ["xn--iñvalid.com"] = "", ["a b"] = "", ["1.2"] = "1.0.0.2", ["x/y"] = "x", ["x:80"] = "", [""] = "", ["EXAMPLE.com"] = "example.com",
  } do
    t:equal(url.domainToASCII(domain), ascii, domain)
  end
  for domain, unicode in pairs {
    ["xn--espaol-zwa.com"] = "español.com", ["XN--espaol-ZWA.com"] = "español.com", ["español.com"] = "español.com", ["xn--iñvalid.com"] = "", ["xn--fa-hia.XN--n3h"] = "faß.☃", ["x.y"] = "x.y",
  } do
    t:equal(url.domainToUnicode(domain), unicode, domain)
  end
  t:throws(function() url.domainToASCII() end, "ERR_MISSING_ARGS")
  t:throws(function() url.domainToUnicode() end, "ERR_MISSING_ARGS")
end)

-- RFC 3492, section 7.1
local samples = {
  { "ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn" },
  { "他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye" },
  { "Pročprostěnemluvíčesky", "Proprostnemluvesky-uyb24dma41a" },
  { "למההםפשוטלאמדבריםעברית", "4dbcagdahymbxekheh6e0a7fei0b" },
  { "почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l" },
  { "3年B組金八先生", "3B-ww4c5e180e575a65lsy2b" },
  { "安室奈美恵-with-SUPER-MONKEYS", "-with-SUPER-MONKEYS-pc58ag80a8qai00g7n9n" },
  { "パフィーdeルンバ", "de-jg4avhby1noc0d" },
  { "そのスピードで", "d9juau41awczczp" },
  { "-> $1.00 <-", "-> $1.00 <--" },
  { "mañana", "maana-pta" },
  { "", "" },
  { "😀é中", "9ca4760b4y5s" },
}

test("punycode", function(t)
  for _, case in ipairs(samples) do
    t:equal(punycode.encode(case[1]), case[2])
    t:equal(punycode.decode(case[2]), case[1])
  end
  t:equal(punycode.toASCII "ü@b@mañana.com@x", "ü@b") -- of an address, as Node, what follows a second @ is lost
  t:equal(punycode.toASCII "mañana。com", "xn--maana-pta.com")
  t:equal(punycode.toUnicode "a@xn--maana-pta.com", "a@mañana.com")
  t:equal(punycode.toUnicode "XN--maana-pta", "XN--maana-pta")
  t:deep(punycode.ucs2.decode "a😀", { 97, 0x1f600 })
  t:equal(punycode.ucs2.encode { 0x1f600, 97 }, "😀a")
  t:equal(punycode.version, "2.1.0")
  t:throws(function() punycode.decode "é-abc" end, { name = "RangeError", message = "Illegal input >= 0x80 (not a basic code point)" })
  t:throws(function() punycode.decode "a b" end, { name = "RangeError", message = "Invalid input" })
  t:throws(function() punycode.decode "999999999" end, { name = "RangeError", message = "Overflow: input needs wider integers to process" })
end)

test("dns asks for names in ASCII and reports them as they were given", function(t)
  dns.lookup("ＬＯＣＡＬＨＯＳＴ", t:called(function(err, address)
    t:equal(err, nil)
    t:ok(address == "127.0.0.1" or address == "::1", address)
  end))
  dns.lookup("xn--iñvalid.com", t:called(function(err)
    t:equal(err.code, "EINVAL")
    t:equal(err.hostname, "xn--iñvalid.com")
    t:equal(err.message, "getaddrinfo EINVAL xn--iñvalid.com")
  end))
  local server = require("dgram").createSocket "udp4"
  local resolver = dns.Resolver { timeout = 5000, tries = 1 }
  server:on("message", t:called(function(message)
    t:ok(tostring(message):find("\13xn--bcher-kva\2de\0", 1, true))
    resolver:cancel()
    server:close()
  end))
  server:bind(0, "127.0.0.1", function()
    resolver:setServers { "127.0.0.1:" .. server:address().port }
    resolver:resolve4("Bücher.de", t:called(function(err)
      t:equal(err.code, "ECANCELLED")
      t:equal(err.hostname, "Bücher.de")
    end))
  end)
end)
