-- SPDX-License-Identifier: MIT
--
-- url: the WHATWG URL class, URLSearchParams, files and URLs, and the older functions (Node 20 docs: URL).
-- tostring(url) is its href. Hosts outside of ASCII are refused (ERR_INVALID_URL): mapping them needs the tables of UTS 46.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local encode = require "lunode.url.encode"
local inspect_custom = require "lunode.internal.inspect_custom"
local parser = require "lunode.url.parser"
local search_params = require "lunode.url.search_params"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local type, tostring, error, rawget = type, tostring, error, rawget

local M = {}

-- ---- URL

local URL = class "URL"
M.URL, M.URLSearchParams = URL, search_params.URLSearchParams

local function is_url(value) return type(value) == "table" and URL:is(value) end

local function text_of(value)
  if value == nil then return "undefined" end
  return tostring(value)
end

-- input, base: text, or anything whose tostring is one. Raises ERR_INVALID_URL.
function URL:initialize(...)
  local n = select("#", ...)
  local input, base = ...
  if n == 0 then error(errors.ERR_MISSING_ARGS "url", 0) end
  input = text_of(input)
  local base_record
  if base ~= nil then
    base_record = parser.parse(tostring(base))
    if not base_record then
      local err = errors.ERR_INVALID_URL(input)
      rawset(err, "base", tostring(base))
      error(err, 0)
    end
  end
  local record = parser.parse(input, base_record)
  if not record then
    local err = errors.ERR_INVALID_URL(input)
    if base ~= nil then rawset(err, "base", tostring(base)) end
    error(err, 0)
  end
  self._url, self._params = record, false
end

local function params_of(self)
  local params = self._params
  if not params then
    params = search_params.attach(self._url.query, function(query)
      if query == "" then parser.set.search(self._url, "") else self._url.query = query end
    end)
    self._params = params
  end
  return params
end

local function property(name, get, set)
  URL:accessor(name, function(self) return get(self._url) end, set and function(self, value) set(self._url, text_of(value)) end)
end

local set = parser.set
URL:accessor("href", function(self) return parser.serialize(self._url) end, function(self, value)
  local record = parser.parse(text_of(value))
  if not record then error(errors.ERR_INVALID_URL(text_of(value)), 0) end
  self._url = record
  if self._params then search_params.update(self._params, record.query) end
end)
property("origin", parser.origin)
property("protocol", function(u) return u.scheme .. ":" end, set.protocol)
property("username", function(u) return u.username end, set.username)
property("password", function(u) return u.password end, set.password)
property("host", function(u) return (u.host or "") .. (u.port and ":" .. u.port or "") end, set.host)
property("hostname", function(u) return u.host or "" end, set.hostname)
property("port", function(u) return u.port and tostring(u.port) or "" end, set.port)
property("pathname", parser.path_text, set.pathname)
property("hash", function(u) return u.fragment and u.fragment ~= "" and "#" .. u.fragment or "" end, set.hash)
URL:accessor("search", function(self)
  local query = self._url.query
  return query and query ~= "" and "?" .. query or ""
end, function(self, value)
  set.search(self._url, text_of(value))
  if self._params then search_params.update(self._params, self._url.query) end
end)
URL:accessor("searchParams", params_of)

function URL:toString() return parser.serialize(self._url) end
function URL:toJSON() return parser.serialize(self._url) end
URL.meta.__tostring = URL.prototype.toString

function URL.static.canParse(input, base)
  if input == nil then error(errors.ERR_MISSING_ARGS "url", 0) end
  local base_record
  if base ~= nil then
    base_record = parser.parse(tostring(base))
    if not base_record then return false end
  end
  return parser.parse(tostring(input), base_record) ~= nil
end
URL.static.createObjectURL = errors.notImplemented "URL.createObjectURL"
URL.static.revokeObjectURL = errors.notImplemented "URL.revokeObjectURL"

local PARTS = { "href", "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "searchParams", "hash" }
URL.prototype[inspect_custom] = function(self, depth, options, inspect)
  if depth < 0 then return "URL {}" end
  local out = {}
  for i, name in ipairs(PARTS) do out[i] = "  " .. name .. ": " .. inspect(self[name], options) end
  return "URL {\n" .. table.concat(out, ",\n") .. "\n}"
end

-- ---- files

-- A URL or its text -> path. Raises ERR_INVALID_URL_SCHEME, ERR_INVALID_FILE_URL_HOST, ERR_INVALID_FILE_URL_PATH.
function M.fileURLToPath(path)
  if type(path) == "string" then path = URL(path)
  elseif not is_url(path) then error(errors.ERR_INVALID_ARG_TYPE("path", { "string", "URL" }, path), 0) end
  local record = path._url
  if record.scheme ~= "file" then error(errors.ERR_INVALID_URL_SCHEME "file", 0) end
  if record.host ~= nil and record.host ~= "" then error(errors.ERR_INVALID_FILE_URL_HOST(require("lunode.process").platform), 0) end
  local pathname = parser.path_text(record)
  if pathname:find "%%2[fF]" then error(errors.ERR_INVALID_FILE_URL_PATH "must not include encoded / characters", 0) end
  return encode.decode(pathname)
end

local path_escapes = { ["%"] = "%25", ["\\"] = "%5C", ["\n"] = "%0A", ["\r"] = "%0D", ["\t"] = "%09", ["?"] = "%3F", ["#"] = "%23" }

-- An absolute or relative path -> URL
function M.pathToFileURL(path)
  validators.validateString(path, "path")
  local resolved = require("lunode.path").resolve(path)
  if path:sub(-1) == "/" and resolved:sub(-1) ~= "/" then resolved = resolved .. "/" end
  return URL("file://" .. resolved:gsub("[%%\\\n\r\t?#]", path_escapes))
end

-- ---- hosts

-- "" where the domain is not valid; names outside of ASCII are not (see above).
function M.domainToASCII(domain)
  if domain == nil then error(errors.ERR_MISSING_ARGS "domain", 0) end
  local record = parser.parse("ws://" .. tostring(domain))
  return record and record.host or ""
end

-- As domainToASCII: what is written with xn-- stays so.
function M.domainToUnicode(domain) return M.domainToASCII(domain) end

-- ---- for http.request

-- URL -> options of http.request
function M.urlToHttpOptions(url)
  validators.validateObject(url, "url")
  local record = rawget(url, "_url")
  local hostname = url.hostname
  local options = {
    protocol = url.protocol,
    hostname = type(hostname) == "string" and hostname:match "^%[(.*)%]$" or hostname,
    hash = url.hash, search = url.search, pathname = url.pathname,
    path = (url.pathname or "") .. (url.search or ""), href = url.href,
  }
  if not record then
    for key, value in pairs(url) do
      if options[key] == nil then options[key] = value end
    end
  end
  if url.port ~= nil and url.port ~= "" then options.port = tonumber(url.port) end
  if url.username ~= nil and url.username ~= "" or url.password ~= nil and url.password ~= "" then
    options.auth = encode.decode(url.username or "") .. ":" .. encode.decode(url.password or "")
  end
  return shape.dict(options)
end

-- ---- format, and the older functions

-- format(URL, {auth, fragment, search, unicode}) or format(legacy object or text)
function M.format(value, options)
  if is_url(value) then
    local show = { auth = true, fragment = true, search = true, unicode = false }
    if options ~= nil then
      validators.validateObject(options, "options")
      for name in pairs(show) do
        if options[name] ~= nil then
          if name ~= "unicode" then validators.validateBoolean(options[name], "options." .. name) end
          show[name] = options[name]
        end
      end
    end
    local copy = {}
    for key, part in pairs(value._url) do copy[key] = part end
    if not show.auth then copy.username, copy.password = "", "" end
    if not show.fragment then copy.fragment = nil end
    if not show.search then copy.query = nil end
    return parser.serialize(copy)
  end
  return require("lunode.url.legacy").format(value)
end

for _, name in ipairs { "parse", "resolve", "resolveObject" } do
  M[name] = function(...) return require("lunode.url.legacy")[name](...) end
end

return setmetatable(M, {
  __index = function(t, name)
    if name ~= "Url" then return nil end
    local Url = require("lunode.url.legacy").Url
    rawset(t, "Url", Url)
    return Url
  end,
})
