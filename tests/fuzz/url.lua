-- SPDX-License-Identifier: MIT
--
-- URLs: any text, optionally after a line that is its base, is refused with ERR_INVALID_URL or gives a URL whose text gives the
-- same again; so do its parts set to themselves, and its search parameters. The legacy functions do not fail in other ways either.
local url = require "lunode.url"
local URL, URLSearchParams = url.URL, url.URLSearchParams

local function refused(err) return type(err) == "table" and (err.code == "ERR_INVALID_URL" or err.name == "URIError") end

return function(bytes)
  local base, text = bytes:match "^([^\n]*)\n(.*)$"
  text = text or bytes
  local ok, u = pcall(URL, text, base)
  if not ok then
    assert(refused(u), tostring(u))
  else
    local href = u.href
    assert(URL(href).href == href, href)
    for _, part in ipairs { "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash" } do
      local again = URL(href)
      again[part] = u[part]
      local same = again.href == href
        or part:find "^host" and (u.host == "" or part == "host" and u.port == "") or part == "port" or part == "search" and u.search == "" or part == "hash" and u.hash == ""
      assert(same, part .. " of " .. href .. " gives " .. again.href)
    end
    local params = URLSearchParams(u.search)
    assert(tostring(URLSearchParams(tostring(params))) == tostring(params), u.search)
  end
  for _, slashes in ipairs { false, true } do
    local fine, parsed = pcall(url.parse, text, false, slashes)
    if fine then pcall(url.format, parsed) else assert(refused(parsed), tostring(parsed)) end
  end
  if base then
    local fine, resolved = pcall(url.resolve, base, text)
    assert(fine or refused(resolved), tostring(resolved))
  end
end
