-- SPDX-License-Identifier: MIT
--
-- Domains as URLs have them (Node 20 docs: url.domainToASCII, url.domainToUnicode): "" where they are not valid.
local record = require "lunode.url.record"

local M = {}

function M.toASCII(domain)
  local u, valid = record.set(record.parse "ws://x", "hostname", domain)
  return valid and record.hostname(u) or ""
end

-- Labels with xn-- as what they stand for.
function M.toUnicode(domain)
  domain = M.toASCII(domain)
  if not domain:find("xn--", 1, true) then return domain end
  return require("lunode.core").idna.toUnicode(domain)
end

-- A host's name for the system and for name servers, which know ASCII only: nil when it is not valid.
function M.name(host)
  if not host:find "[\128-\255]" and not host:find "^[xX][nN]%-%-" and not host:find "%.[xX][nN]%-%-" then return host end
  return (require("lunode.core").idna.toASCII(host))
end

return M
