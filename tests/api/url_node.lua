-- SPDX-License-Identifier: MIT
-- URLs made by chance, beside Node's own. What Node 20 does in another way than the URL Standard is left out: `^` in paths, spaces at the
-- end of opaque paths, bases with an opaque path, "..", setters of hosts and ports in URLs that are not special, an empty query of the base,
-- host names that mix directions.
local test = require "../support/test"
local to_js = require "../support/to_js"
local url = require "url"
local URL = url.URL

local state
local function chance(n) -- 1 … n: the same on every machine
  state = (state * 16807) % 2147483647
  return state % n + 1
end
local function pick(list) return list[chance(#list)] end

local SCHEMES = { "http:", "https:", "HTTP:", "ws:", "wss:", "ftp:", "file:", "ht\ttp:", "", "" }
local SLASHES = { "//", "//", "//", "///", "\\\\", "/\\", "//\t", "", "/" }
local HOSTS = {
  "example.com", "EX.Com", "a.b.c.", "1.2.3.4", "0x7f.1", "256", "1.2.3.4.5", "0300.1", "[::1]", "[1:2::3]", "[::ffff:1.2.3.4]", "[1:2", "[g::]", "::1",
  "a b", "a%20b", "a%41b", "%zz", "bücher.de", "xn--bcher-kva", "xn--a", "faß.de", "日本語。jp", "☃", "א.com", "a.א1", "%C3%BC", "a\194\173b", "", "localhost",
  "-a-", "a_b", "a..b", ".", "..", "a|b", "a<b", "C:", "c|", "%", "xn--", "ＥＸ．com", "4294967295", "4294967296", "0x", "09", "1.0x", "a.09", "1e2",
  "[1::2::3]", "[::1.2.3]", "[0:0:0:1:0:0:0:0]", "[1:0:0:2:3:4:5:6]", "а.рф", "ﷺ.com", "x\204\136.y", "\204\136x",
}
local SEGMENTS = { "a", "b c", "..", ".", "%2e", "%2E%2e", ".%2e", "", "C:", "c|", "é", "%", "%zz", "%C3", "a\\b", "x;y", "{z}", "`", "'", '"', "<>", "|", "~", "!$&*+,=:@", "\t", "a\nb", "[x]", "😀" }
local CHARACTERS = {
  "a", "B", "0", "/", "\\", "?", "#", ":", "@", "%", "%2", "%41", "&", "=", "+", ".", "..", "é", "[", "]", "<", ">", '"', "'", "`", "{", "|", "}", "~", "!", "$", "(",
  ";", ",", "\t", "\n", "\r", "\1", "\127", "-", "_", "*", "C:", "c|",
}

local function characters(most)
  local out = {}
  for i = 1, chance(most + 1) - 1 do out[i] = pick(CHARACTERS) end
  return table.concat(out)
end

local function make()
  if chance(6) == 1 then return characters(12) end
  local out = { pick(SCHEMES), pick(SLASHES) }
  if chance(4) == 1 then out[#out + 1] = characters(4) .. "@" end
  out[#out + 1] = pick(HOSTS)
  if chance(3) == 1 then out[#out + 1] = ":" .. pick { "80", "443", "21", "0", "65535", "65536", "", "8a", "00080", "99999999999", "1\t2" } end
  for _ = 1, chance(4) do out[#out + 1] = pick { "/", "/", "\\" } .. pick(SEGMENTS) end
  if chance(3) == 1 then out[#out + 1] = "?" .. characters(6) end
  if chance(3) == 1 then out[#out + 1] = "#" .. characters(6) end
  return table.concat(out)
end

local PARTS = { "href", "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash" }

local function ours(input, base, part, value)
  local ok, u = pcall(URL, input, base)
  if not ok then return u.code end
  if part then u[part] = value end
  local out = {}
  for i, name in ipairs(PARTS) do out[i] = u[name] end
  out[#out + 1] = u.searchParams:toString()
  return table.concat(out, " | ")
end

local PROLOGUE = [[
const parts = ["href", "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"];
const text = (hex) => hex === undefined ? undefined : Buffer.from(hex, "hex").toString();
const show = (input, base, part, value) => {
  let u;
  try { u = new URL(text(input), text(base)); } catch (e) { return e.code; }
  if (part) u[part] = text(value);
  return parts.map((name) => u[name]).concat(u.searchParams.toString()).join(" | ");
};
const url = require("url");
const old = (from, to) => { try { return url.resolve(text(from), text(to)); } catch (e) { return e.code || e.name; } };
]]

local function hex(text) return (text:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
local function quoted(text) return text and '"' .. hex(text) .. '"' or "undefined" end

-- The parts that are free to be set: those of a special URL.
local SETTERS = { "username", "password", "host", "hostname", "pathname", "search", "hash" }
local BASES = { "http://u:p@h:8080/a/b?q#f", "https://ex.org/", "file:///C:/x/y", "foo://h/p/q", "file://h/a", "ws://1.2.3.4/?x" }

test("URLs and their setters", { skip = to_js.skip, timeout = 60000 }, function(t)
  state = 20261123
  local cases, sources = {}, {}
  for i = 1, 6000 do
    local base, part, value = pick { false, pick(BASES) } or nil, nil, nil
    if chance(2) == 1 then
      part = pick(SETTERS)
      value = part == "host" and pick(HOSTS) or pick { characters(6), pick(HOSTS), make() } -- a bad port drops the old one in Node
    end
    local case = { make(), base, part, value }
    cases[i] = case
    sources[i] = ("show(%s, %s, %s, %s)"):format(quoted(case[1]), quoted(base), part and '"' .. part .. '"' or "undefined", quoted(value))
  end
  local wanted = to_js.evaluate(sources, PROLOGUE)
  local accepted = 0
  for i, case in ipairs(cases) do
    local got = ours(case[1], case[2], case[3], case[4])
    if got ~= "ERR_INVALID_URL" then accepted = accepted + 1 end
    -- Of URLs that are not special Node drops the slash that ".." leaves.
    if got ~= wanted[i] and not got:find "^foo:" then t:equal(got, wanted[i], ("%q on %q, %s = %q"):format(case[1], tostring(case[2]), tostring(case[3]), tostring(case[4]))) end
  end
  t:ok(accepted > 2000, accepted)
end)

test("the older parse and resolve", { skip = to_js.skip, timeout = 60000 }, function(t)
  state = 77
  local cases, sources = {}, {}
  for i = 1, 6000 do
    cases[i] = { make(), make() }
    sources[i] = ("old(%s, %s)"):format(quoted(cases[i][1]), quoted(cases[i][2]))
  end
  local wanted = to_js.evaluate(sources, PROLOGUE)
  for i, case in ipairs(cases) do
    local ok, got = pcall(url.resolve, case[1], case[2])
    t:equal(ok and got or got.code or got.name, wanted[i], ("%q and %q"):format(case[1], case[2]))
  end
end)

test("search parameters", { skip = to_js.skip, timeout = 60000 }, function(t)
  state = 5
  local texts, sources = {}, {}
  for i = 1, 3000 do
    texts[i] = (characters(14):gsub("é", "e")) -- of text beside a broken escape Node makes another one
    sources[i] = ("(() => { const p = new URLSearchParams(text(%s)); const s = [...p].join(';'); p.sort(); return s + '|' + p; })()"):format(quoted(texts[i]))
  end
  local wanted = to_js.evaluate(sources, PROLOGUE)
  for i, source in ipairs(texts) do
    local p, out = url.URLSearchParams(source), {}
    for name, value in p:iter() do out[#out + 1] = name .. "," .. value end
    p:sort()
    t:equal(table.concat(out, ";") .. "|" .. tostring(p), wanted[i], ("%q"):format(source))
  end
end)
