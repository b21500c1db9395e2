-- SPDX-License-Identifier: MIT
--
-- A small name server for tests, on 127.0.0.1, over datagrams and TCP (RFC 1035).
--
--   local server = await(name_server(zone))       server.port; server:close()
--   zone["name"] = { {type, …}, … }: records. Types and their parts:
--     A address · AAAA address · CNAME name · NS name · PTR name · MX priority name · TXT {text, …} · SRV priority weight port name
--     NAPTR order preference flags service regexp replacement · SOA ns host serial refresh retry expire minttl · CAA flags tag value
--     and ttl = seconds (300)
--   zone["name"] = { rcode = 2 }                  that answer (2: SERVFAIL, 5: REFUSED …)
--   zone["name"] = { silent = true }              no answer
--   zone["name"] = { delay = ms, … }              a late one
--   zone["name"] = { truncate = true, … }         datagrams say so: the client asks again over TCP
--   zone["name"] = { raw = function(id, question) return bytes end }    anything at all
-- A name that is not there is NXDOMAIN. server.asked: name -> how often, "name/tcp" likewise.
local dgram, net = require "dgram", require "net"
local core = require "lunode.core"

local TYPES = { A = 1, NS = 2, CNAME = 5, SOA = 6, PTR = 12, MX = 15, TXT = 16, AAAA = 28, SRV = 33, NAPTR = 35, ANY = 255, CAA = 257 }

local function u16(n) return string.char(math.floor(n / 256) % 256, n % 256) end
local function u32(n) return u16(math.floor(n / 65536)) .. u16(n % 65536) end
local function text(s) return string.char(#s) .. s end

-- A name, the longest known tail as a pointer. seen: name -> position, which only grows.
local function name_at(name, at, seen)
  local out = ""
  local rest = name:lower()
  while rest ~= "" do
    if seen[rest] then return out .. u16(0xc000 + seen[rest]) end
    if at + #out < 0x3fff then seen[rest] = at + #out end
    local label, after = rest:match "^([^.]+)%.?(.*)$"
    out = out .. text(label)
    rest = after
  end
  return out .. "\0"
end

local data = {
  A = function(r) return core.dns.parse(r[2]) end,
  CNAME = function(r, at, seen) return name_at(r[2], at, seen) end,
  MX = function(r, at, seen) return u16(r[2]) .. name_at(r[3], at + 2, seen) end,
  TXT = function(r)
    local out = {}
    for i, part in ipairs(r[2]) do out[i] = text(part) end
    return table.concat(out)
  end,
  SRV = function(r) return u16(r[2]) .. u16(r[3]) .. u16(r[4]) .. name_at(r[5], 0, {}) end,
  NAPTR = function(r) return u16(r[2]) .. u16(r[3]) .. text(r[4]) .. text(r[5]) .. text(r[6]) .. name_at(r[7], 0, {}) end,
  SOA = function(r, at, seen)
    local first = name_at(r[2], at, seen)
    local second = name_at(r[3], at + #first, seen)
    return first .. second .. u32(r[4]) .. u32(r[5]) .. u32(r[6]) .. u32(r[7]) .. u32(r[8])
  end,
  CAA = function(r) return string.char(r[2]) .. text(r[3]) .. r[4] end,
}
data.AAAA, data.NS, data.PTR = data.A, data.CNAME, data.CNAME

-- -> id, name, type, the question's bytes; nil when it is none
local function parse(query)
  if #query < 17 then return nil end
  local labels, at = {}, 13
  while true do
    local n = query:byte(at)
    if not n or n > 63 then return nil end
    if n == 0 then break end
    labels[#labels + 1] = query:sub(at + 1, at + n)
    at = at + n + 1
  end
  local kind = query:byte(at + 1) * 256 + query:byte(at + 2)
  return query:sub(1, 2), table.concat(labels, "."):lower(), kind, query:sub(13, at + 4)
end

local function head(id, flags, answers) return id .. u16(flags) .. u16(1) .. u16(answers) .. u16(0) .. u16(0) end

local function answer(zone, id, name, kind, question, tcp)
  local entry = zone[name]
  if not entry then return head(id, 0x8583, 0) .. question end
  if entry.raw then return entry.raw(id, question) end
  if entry.rcode then return head(id, 0x8580 + entry.rcode, 0) .. question end
  if entry.truncate and not tcp then return head(id, 0x8780, 0) .. question end
  local seen = { [name] = 12 }
  local out, n = question, 0
  for _, r in ipairs(entry) do
    local number = TYPES[r[1]]
    if kind == TYPES.ANY or kind == number or r[1] == "CNAME" then
      local at = 12 + #out
      local owner = name_at(r.owner or name, at, seen)
      local body = data[r[1]](r, at + #owner + 10, seen)
      out = out .. owner .. u16(number) .. u16(1) .. u32(r.ttl or 300) .. u16(#body) .. body
      n = n + 1
    end
  end
  return head(id, 0x8580, n) .. out
end

return function(zone)
  local server = { asked = {} }
  local function respond(query, tcp, send)
    local id, name, kind, question = parse(query)
    if not id then return end
    local key = tcp and name .. "/tcp" or name
    server.asked[key] = (server.asked[key] or 0) + 1
    local entry = zone[name] or {}
    if entry.silent then return end
    local bytes = answer(zone, id, name, kind, question, tcp)
    if entry.delay then
      local timer = setTimeout(function() send(bytes) end, entry.delay)
      timer:unref()
    else
      send(bytes)
    end
  end

  local udp = dgram.createSocket "udp4"
  udp:on("message", function(query, from)
    respond(tostring(query), false, function(bytes)
      if not server.closed then udp:send(bytes, from.port, from.address, function() end) end
    end)
  end)
  local tcp = net.createServer(function(socket)
    local got = ""
    socket:on("error", function() end)
    socket:on("data", function(chunk)
      got = got .. tostring(chunk)
      while #got >= 2 do
        local length = got:byte(1) * 256 + got:byte(2)
        if #got < length + 2 then return end
        local query = got:sub(3, length + 2)
        got = got:sub(length + 3)
        respond(query, true, function(bytes) if not socket.destroyed then socket:write(u16(#bytes) .. bytes) end end)
      end
    end)
  end)
  function server:close()
    self.closed = true
    udp:close()
    tcp:close()
  end

  return Promise(function(resolve, reject)
    local tries = 0
    local function start() -- the same port for both
      tries = tries + 1
      tcp:listen(0, "127.0.0.1", function()
        server.port = tcp:address().port
        udp:bind(server.port, "127.0.0.1")
      end)
    end
    udp:on("listening", function() resolve(server) end)
    udp:on("error", function(err)
      if err.code ~= "EADDRINUSE" or tries > 20 then return reject(err) end
      tcp:close(start)
    end)
    start()
  end)
end
