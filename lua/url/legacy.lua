-- SPDX-License-Identifier: MIT
--
-- The older URL functions (Node 20 docs: "Legacy URL API"): parse(text, parseQueryString, slashesDenoteHost) -> Url,
-- format(Url or table), resolve(from, to). Internationalized hosts become ASCII; what is none raises ERR_INVALID_URL.
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local type, error, tostring = type, error, tostring

local Url = class "Url"
local M = { Url = Url }

local SLASHED = { http = true, https = true, ftp = true, gopher = true, file = true, ws = true, wss = true }
local HOSTLESS = { javascript = true }

local function slashed(protocol) return protocol ~= nil and SLASHED[protocol:gsub(":$", "")] == true end
local function hostless(protocol) return protocol ~= nil and HOSTLESS[protocol:gsub(":$", "")] == true end

-- Characters that never stand in a URL as they are.
local escaped = {
  ["\t"] = "%09", ["\n"] = "%0A", ["\r"] = "%0D", [" "] = "%20", ['"'] = "%22", ["'"] = "%27", ["<"] = "%3C", [">"] = "%3E",
  ["\\"] = "%5C", ["^"] = "%5E", ["`"] = "%60", ["{"] = "%7B", ["|"] = "%7C", ["}"] = "%7D",
}
local function auto_escape(text) return (text:gsub("[\t\n\r \"'<>\\^`{|}]", escaped)) end

local function component(text)
  return (text:gsub("[^%w%-_.!~*'()]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function parse_host(self, text)
  local port = text:match ":(%d*)$"
  if port then
    if port ~= "" then self.port = port end
    text = text:sub(1, #text - #port - 1)
  end
  if text ~= "" then self.hostname = text end
end

local function lower_case(text)
  if text:find "[\128-\255]" then return text end -- IDNA does it
  return text:lower()
end

-- decodeURIComponent: URIError where it is malformed
local function decode_component(text)
  if not text:find("%", 1, true) then return text end
  local out = not text:find "%%%X" and not text:find "%%%x%X" and not text:find "%%%x?$" and require("lunode.url.encode").decode(text)
  if not out or core.encoding.validPrefix(out) ~= #out then error(errors.URIError "URI malformed", 0) end
  return out
end

local function invalid(text) error(errors.ERR_INVALID_URL(text), 0) end

local function parse(text, parse_query, slashes_denote_host)
  if type(text) == "table" and Url:is(text) then return text end
  validators.validateString(text, "url")
  local self = Url()
  local rest = text:gsub("^[%z\1-\32]+", ""):gsub("^\239\187\191", ""):gsub("[%z\1-\32]+$", "")
  -- Backslashes before the query count as slashes.
  local query_at = rest:find "[?#]"
  local front = rest:sub(1, query_at and query_at - 1):gsub("\\", "/")
  rest = front .. (query_at and rest:sub(query_at) or "")

  if not slashes_denote_host and not rest:find("#", 1, true) and not front:find("@", 1, true) then
    -- The plain case: a path and perhaps a query.
    local path, search = rest:match "^(/[^?%s]*)(%??%S*)$"
    if path and path:sub(1, 3) ~= "///" then
      self.path, self.href, self.pathname = rest, rest, path
      if search ~= "" then
        self.search = search
        self.query = search:sub(2)
        if parse_query then self.query = require("lunode.querystring").parse(self.query) end
      elseif parse_query then
        self.query = shape.bare()
      end
      return self
    end
  end

  local protocol = rest:match "^([%w.+%-]+:)"
  local lower
  if protocol then
    lower = protocol:lower()
    self.protocol = lower
    rest = rest:sub(#protocol + 1)
  end
  local slashes = false
  if slashes_denote_host or protocol or rest:find "^//[^@/]+@[^@/]+" then
    slashes = rest:sub(1, 2) == "//"
    if slashes and not hostless(lower) then
      rest = rest:sub(3)
      self.slashes = true
    end
  end
  if not hostless(lower) and (slashes or protocol and not slashed(protocol)) then -- in capitals it is another one, as in Node
    -- The authority ends at / ? # (and other characters that no host has), but what stands before the last @ of it is auth. Tabs and
    -- line ends in it do not count.
    local host_end, at, non_host
    local i = 1
    while i <= #rest and not host_end do
      local c = rest:sub(i, i)
      if c:find "[\t\n\r]" then
        rest = rest:sub(1, i - 1) .. rest:sub(i + 1)
        i = i - 1
      elseif c:find "[ \"%%';<>\\^`{|}]" then
        non_host = non_host or i
      elseif c == "#" or c == "/" or c == "?" then
        non_host = non_host or i
        host_end = i
      elseif c == "@" then
        at, non_host = i, nil
      end
      i = i + 1
    end
    local start = 1
    if at then
      self.auth = decode_component(rest:sub(1, at - 1))
      start = at + 1
    end
    if non_host then
      self.host = rest:sub(start, non_host - 1)
      rest = rest:sub(non_host)
    else
      self.host = rest:sub(start)
      rest = ""
    end
    parse_host(self, self.host)
    local name = self.hostname or ""
    local ipv6 = name:sub(1, 1) == "[" and name:sub(-1) == "]"
    local colon = not ipv6 and name:find(":", 1, true)
    if colon then
      rest = "/" .. name:sub(colon) .. rest
      name = name:sub(1, colon - 1)
    end
    name = #name > 255 and "" or lower_case(name)
    if ipv6 and name:find "[%z\t\n\r #%%/<>?@\\^|]" then invalid(text) end
    if not ipv6 and name ~= "" then
      name = require("lunode.url.domains").name(name)
      if not name or name == "" or name:find "[%z\t\n\r #%%/:<>?@%[\\%]^|]" then invalid(text) end
    end
    self.hostname = name
    self.host = name .. (self.port and ":" .. self.port or "")
    if ipv6 then
      self.hostname = name:sub(2, -2)
      if rest:sub(1, 1) ~= "/" then rest = "/" .. rest end
    end
  end
  if not hostless(lower) then rest = auto_escape(rest) end

  local hash_at = rest:find("#", 1, true)
  if hash_at then self.hash = rest:sub(hash_at) end
  local before_hash = rest:sub(1, hash_at and hash_at - 1)
  local at = before_hash:find("?", 1, true)
  if at then
    self.search = before_hash:sub(at)
    self.query = self.search:sub(2)
    if parse_query then self.query = require("lunode.querystring").parse(self.query) end
  elseif parse_query then
    self.query = shape.bare()
  end
  local path = before_hash:sub(1, at and at - 1)
  if path ~= "" then self.pathname = path end
  if slashed(lower) and self.hostname and self.hostname ~= "" and not self.pathname then self.pathname = "/" end
  if self.pathname or self.search then self.path = (self.pathname or "") .. (self.search or "") end
  self.href = self:format()
  return self
end
M.parse = function(url, parse_query, slashes_denote_host)
  if type(url) == "table" and Url:is(url) then return url end
  return parse(url, parse_query, slashes_denote_host)
end

function Url:format()
  local auth = self.auth or ""
  if auth ~= "" then auth = component(auth):gsub("%%3A", ":") .. "@" end
  local protocol, pathname, hash = self.protocol or "", self.pathname or "", self.hash or ""
  local host, query = "", ""
  if self.host and self.host ~= "" then
    host = auth .. self.host
  elseif self.hostname and self.hostname ~= "" then
    host = auth .. (self.hostname:find(":", 1, true) and self.hostname:sub(1, 1) ~= "[" and "[" .. self.hostname .. "]" or self.hostname)
    if self.port then host = host .. ":" .. tostring(self.port) end
  end
  if type(self.query) == "table" and next(self.query) ~= nil then query = require("lunode.querystring").stringify(self.query) end
  local search = self.search or (query ~= "" and "?" .. query) or ""
  if protocol ~= "" and protocol:sub(-1) ~= ":" then protocol = protocol .. ":" end
  pathname = pathname:gsub("[#?]", { ["#"] = "%23", ["?"] = "%3F" })
  if self.slashes or slashed(protocol) then
    if self.slashes or host ~= "" then
      if pathname ~= "" and pathname:sub(1, 1) ~= "/" then pathname = "/" .. pathname end
      host = "//" .. host
    elseif protocol == "file:" then
      host = "//"
    end
  end
  search = search:gsub("#", "%%23")
  if hash ~= "" and hash:sub(1, 1) ~= "#" then hash = "#" .. hash end
  if search ~= "" and search:sub(1, 1) ~= "?" then search = "?" .. search end
  return protocol .. host .. pathname .. search .. hash
end

Url.meta.__tostring = function(self) return self.href or self:format() end

local function split(path)
  local list = {}
  for part in (path .. "/"):gmatch "([^/]*)/" do list[#list + 1] = part end
  return list
end

local FIELDS = { "protocol", "slashes", "auth", "host", "port", "hostname", "hash", "search", "query", "pathname", "path", "href" }

local function set_host_with_auth(result)
  local auth, host = (result.host or ""):match "^(.-)@(.*)$"
  if auth and auth ~= "" then
    result.auth, result.host, result.hostname = auth, host, host
  end
end

local function finish(result)
  if result.pathname or result.search then result.path = (result.pathname or "") .. (result.search or "") end
  result.href = result:format()
  return result
end

-- relative: text or Url -> Url
function Url:resolveObject(relative)
  if type(relative) == "string" then relative = parse(relative, false, true) end
  local result = Url()
  for _, name in ipairs(FIELDS) do result[name] = self[name] end
  result.hash = relative.hash
  if relative.href == "" then
    result.href = result:format()
    return result
  end
  if relative.slashes and not relative.protocol then
    for _, name in ipairs(FIELDS) do
      if name ~= "protocol" then result[name] = relative[name] end
    end
    if slashed(result.protocol) and result.hostname and result.hostname ~= "" and not result.pathname then
      result.path, result.pathname = "/", "/"
    end
    result.href = result:format()
    return result
  end
  if relative.protocol and relative.protocol ~= result.protocol then
    if not slashed(relative.protocol) then
      for _, name in ipairs(FIELDS) do result[name] = relative[name] end
      result.href = result:format()
      return result
    end
    result.protocol = relative.protocol
    if (relative.host or "") == "" and relative.protocol ~= "file:" and not hostless(relative.protocol) then
      local parts = split(relative.pathname or "")
      local host
      repeat host = table.remove(parts, 1) until host == nil or host ~= ""
      relative.host, relative.hostname = host or "", host or ""
      if parts[1] ~= "" then table.insert(parts, 1, "") end
      if #parts < 2 then table.insert(parts, 1, "") end
      result.pathname = table.concat(parts, "/")
    else
      result.pathname = relative.pathname
    end
    result.search, result.query = relative.search, relative.query
    result.host, result.auth = relative.host or "", relative.auth
    result.hostname, result.port = relative.hostname or relative.host, relative.port
    result.slashes = result.slashes or relative.slashes
    return finish(result)
  end

  local source_absolute = result.pathname ~= nil and result.pathname:sub(1, 1) == "/"
  local relative_absolute = relative.host ~= nil and relative.host ~= "" or relative.pathname ~= nil and relative.pathname:sub(1, 1) == "/"
  local must_end_absolute = relative_absolute or source_absolute or (result.host ~= nil and result.host ~= "" and relative.pathname ~= nil)
  local remove_all_dots = must_end_absolute
  local source_path = result.pathname and split(result.pathname) or {}
  local relative_path = relative.pathname and split(relative.pathname) or {}
  local no_slashes = result.protocol ~= nil and not slashed(result.protocol)

  if no_slashes then
    result.hostname, result.port = "", nil
    if result.host and result.host ~= "" then
      if source_path[1] == "" then source_path[1] = result.host else table.insert(source_path, 1, result.host) end
    end
    result.host = ""
    if relative.protocol then
      relative.hostname, relative.port = nil, nil
      result.auth = nil
      if relative.host and relative.host ~= "" then
        if relative_path[1] == "" then relative_path[1] = relative.host else table.insert(relative_path, 1, relative.host) end
      end
      relative.host = nil
    end
    must_end_absolute = must_end_absolute and (relative_path[1] == "" or source_path[1] == "")
  end

  if relative_absolute then
    if relative.host ~= nil then
      if result.host ~= relative.host then result.auth = nil end
      result.host, result.port = relative.host, relative.port
    end
    if relative.hostname ~= nil then
      if result.hostname ~= relative.hostname then result.auth = nil end
      result.hostname = relative.hostname
    end
    result.search, result.query = relative.search, relative.query
    source_path = relative_path
  elseif #relative_path > 0 then
    source_path[#source_path] = nil
    for _, part in ipairs(relative_path) do source_path[#source_path + 1] = part end
    result.search, result.query = relative.search, relative.query
  elseif relative.search ~= nil then
    if no_slashes then
      result.hostname = table.remove(source_path, 1)
      result.host = result.hostname
      set_host_with_auth(result)
    end
    result.search, result.query = relative.search, relative.query
    if result.pathname or result.search then result.path = (result.pathname or "") .. (result.search or "") end
    result.href = result:format()
    return result
  end
  if #source_path == 0 then
    result.pathname = nil
    result.path = result.search and "/" .. result.search or nil
    result.href = result:format()
    return result
  end

  local last = source_path[#source_path]
  local trailing = (result.host ~= nil and result.host ~= "" or relative.host ~= nil and relative.host ~= "" or #source_path > 1)
    and (last == "." or last == "..") or last == ""
  local up = 0
  for i = #source_path, 1, -1 do
    local part = source_path[i]
    if part == "." then
      table.remove(source_path, i)
    elseif part == ".." then
      table.remove(source_path, i)
      up = up + 1
    elseif up > 0 then
      table.remove(source_path, i)
      up = up - 1
    end
  end
  if not must_end_absolute and not remove_all_dots then
    for _ = 1, up do table.insert(source_path, 1, "..") end
  end
  if must_end_absolute and source_path[1] ~= "" and (not source_path[1] or source_path[1]:sub(1, 1) ~= "/") then
    table.insert(source_path, 1, "")
  end
  if trailing and table.concat(source_path, "/"):sub(-1) ~= "/" then source_path[#source_path + 1] = "" end
  local absolute = source_path[1] == "" or source_path[1] ~= nil and source_path[1]:sub(1, 1) == "/"
  if no_slashes then
    result.hostname = absolute and "" or #source_path > 0 and table.remove(source_path, 1) or ""
    result.host = result.hostname
    set_host_with_auth(result)
  end
  must_end_absolute = must_end_absolute or (result.host ~= nil and result.host ~= "" and #source_path > 0)
  if must_end_absolute and not absolute then table.insert(source_path, 1, "") end
  if #source_path == 0 then
    result.pathname, result.path = nil, nil
  else
    result.pathname = table.concat(source_path, "/")
  end
  if result.pathname or result.search then result.path = (result.pathname or "") .. (result.search or "") end
  result.auth = relative.auth ~= "" and relative.auth or result.auth
  result.slashes = result.slashes or relative.slashes
  result.href = result:format()
  return result
end

function Url:resolve(relative) return self:resolveObject(parse(relative, false, true)):format() end

function M.resolve(from, to) return parse(from, false, true):resolve(to) end

function M.resolveObject(from, to)
  if not from or from == "" then return to end
  return parse(from, false, true):resolveObject(to)
end

function M.format(object)
  if type(object) == "string" then object = parse(object)
  elseif type(object) ~= "table" or object == errors.null then
    error(errors.ERR_INVALID_ARG_TYPE("urlObject", { "Object", "string" }, object), 0)
  end
  return Url.prototype.format(object)
end

return M
