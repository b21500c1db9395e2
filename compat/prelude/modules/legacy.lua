-- SPDX-License-Identifier: MIT
--
-- What Node has under names with an underscore: parts of http and stream, which programs require by these names.
local rt = ...
local L = rt.lua
local native, null = rt.native, rt.null

local own = rt.own_module

for name in ("Readable Writable Duplex Transform PassThrough"):gmatch "%S+" do
  own["_stream_" .. name:lower()] = function() return rt.node_module("stream")[name] end
end

-- A module of some names of http's, and more.
local function part(name, names, more)
  own[name] = function()
    local http, o = rt.node_module "http", rt.object_of(rt.ObjectPrototype)
    for key in names:gmatch "%S+" do o[key] = http[key] end
    if more then more(o, http) end
    return o
  end
end

part("_http_agent", "Agent globalAgent")
part("_http_client", "ClientRequest")
part("_http_incoming", "IncomingMessage")
part("_http_outgoing", "OutgoingMessage validateHeaderName validateHeaderValue")
part("_http_server", "Server ServerResponse STATUS_CODES", function(o)
  o.kConnectionsCheckingInterval = L.require("lunode.http.server")._checking_interval
end)
part("_http_common", "", function(o, http)
  local function define(name, length, f) rt.put(o, name, { value = native(name, length, f), bits = 7 }) end
  define("_checkIsHttpToken", 1, function(_, v) return L.type(v) == "string" and L.require("lunode.core").http.isToken(v) end)
  define("_checkInvalidHeaderChar", 1, function(_, v)
    return (L.string.find(rt.text(v), "[^\t\32-\126\128-\195]")) ~= nil
  end)
  define("isLenient", 0, function() return false end)
  o.CRLF, o.methods = "\r\n", http.METHODS
  local parsers = rt.object_of(rt.ObjectPrototype)
  parsers.name, parsers.max, parsers.list = "parsers", 1000, rt.new_array({}, 0)
  o.parsers = parsers
  local set = http.setMaxIdleHTTPParsers
  if set then
    http.setMaxIdleHTTPParsers = native("setMaxIdleHTTPParsers", 1, L.setfenv(function(_, max)
      set(null, max)
      parsers.max = max
    end, rt.global))
  end
end)
