-- SPDX-License-Identifier: MIT
--
-- Addresses as text and as bytes.
--
--   ip.isIP(text) -> 4, 6 or 0; ip.isIPv4(text), ip.isIPv6(text) -> boolean   (Node 20 docs: net.isIP)
--   ip.parse(text) -> 4 or 16 bytes, or nil; ip.format(bytes) -> canonical text
--   ip.mapped(bytes) -> 16 bytes: an IPv4 address as ::ffff:a.b.c.d
local dns = require("lunode.core").dns

local type, parse = type, dns.parse
local M = { parse = parse, format = dns.format }

function M.isIP(text)
  if type(text) ~= "string" then return 0 end
  local bytes = parse(text)
  if not bytes then return 0 end
  return #bytes == 4 and 4 or 6
end

function M.isIPv4(text) return M.isIP(text) == 4 end
function M.isIPv6(text) return M.isIP(text) == 6 end

local PREFIX = ("\0"):rep(10) .. "\255\255"
function M.mapped(bytes)
  if #bytes == 4 then return PREFIX .. bytes end
  return bytes
end
function M.is_mapped(bytes) return bytes:sub(1, 12) == PREFIX end

return M
