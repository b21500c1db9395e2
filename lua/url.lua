-- SPDX-License-Identifier: MIT
--
-- url: the WHATWG URL class, URLSearchParams, files and URLs, domains, and the older functions (Node 20 docs: URL).
-- tostring(url) is its href.
local class = require "lunode.internal.class"
local encode = require "lunode.url.encode"
local errors = require "lunode.internal.errors"
local inspect_custom = require "lunode.internal.inspect_custom"
local record = require "lunode.url.record"
local search_params = require "lunode.url.search_params"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local type, tostring, error, rawget, rawset = type, tostring, error, rawget, rawset
local parse, text_of = record.parse, search_params.text_of

local M = {}

-- What counts as given where JavaScript asks for a truthy value.
local function truthy(value) return value ~= nil and value ~= false and value ~= 0 and value ~= "" and value ~= errors.null end

-- ---- URL

local URL = class "URL"
M.URL, M.URLSearchParams = URL, search_params.URLSearchParams

local function is_url(value) return type(value) == "table" and rawget(value, "_url") ~= nil and URL:is(value) end

local function record_of(self)
  local u = type(self) == "table" and rawget(self, "_url")
  if not u then error(errors.ERR_INVALID_THIS "URL", 0) end
  return u
end

local function invalid(input, base)
  local err = errors.ERR_INVALID_URL(input)
  if base ~= nil then rawset(err, "base", base) end
  rawset(err, "_coded", nil) -- Node's comes from its C++: no code in its text
  error(err, 0)
end

-- URL(input, base): text, or anything whose tostring is one. Raises ERR_INVALID_URL with `input` and `base`.
function URL:initialize(input, ...)
  local base = ...
  if type(input) ~= "string" then
    if input == nil then error(errors.ERR_MISSING_ARGS "url", 0) end
    input = text_of(input)
  end
  if base ~= nil and type(base) ~= "string" then base = text_of(base) end
  rawset(self, "_url", parse(input, base) or invalid(input, base))
end

-- The URLSearchParams, once it was asked for, lies in the record and follows it.
local function take(self, u)
  rawset(self, "_url", u)
  if u[10] then search_params.update(u[10], record.query(u)) end
end

URL:accessor("href", function(self) return record_of(self)[1] end, function(self, value)
  local old = record_of(self)
  value = text_of(value)
  local u = parse(value) or invalid(value)
  u[10] = old[10]
  take(self, u)
end)
URL:accessor("origin", function(self) return record.origin(record_of(self)) end)
for _, name in ipairs { "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash" } do
  local get, set = record[name], record.set
  URL:accessor(name, function(self) return get(record_of(self)) end, function(self, value)
    local u = set(record_of(self), name, text_of(value))
    if name == "search" then take(self, u) else rawset(self, "_url", u) end
  end)
end
function search_params.changed(self, query) rawset(self, "_url", (record.set(rawget(self, "_url"), "search", query))) end
URL:accessor("searchParams", function(self)
  local u = record_of(self)
  if not u[10] then
    u[10] = search_params.attach(record.query(u), self)
  end
  return u[10]
end)

-- -> the href, as tostring(url) and url.href
function URL:toString() return record_of(self)[1] end
-- -> the href: JSON.stringify asks for it
function URL:toJSON() return record_of(self)[1] end
URL.meta.__tostring = URL.prototype.toString

-- Whether URL(input, base) would not raise.
function URL.static.canParse(input, base)
  if input == nil then error(errors.ERR_MISSING_ARGS "url", 0) end
  return parse(text_of(input), base ~= nil and text_of(base) or nil) ~= nil
end

-- As URL(input, base), but nil where that would raise ERR_INVALID_URL.
function URL.static.parse(input, base)
  if input == nil then error(errors.ERR_MISSING_ARGS "url", 0) end
  local u = parse(text_of(input), base ~= nil and text_of(base) or nil)
  return u and setmetatable({ _url = u }, URL.meta) or nil
end

-- Blob -> its URL, which holds it until it is revoked
function URL.static.createObjectURL(blob) return require("lunode.url.object_urls").create(blob) end
-- The URL of createObjectURL no longer leads to its Blob. What is none is passed over.
function URL.static.revokeObjectURL(url)
  if url == nil then error(errors.ERR_MISSING_ARGS "url", 0) end
  require("lunode.url.object_urls").revoke(url)
end

local PARTS = { "href", "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "searchParams", "hash" }
URL.prototype[inspect_custom] = function(self, depth, options)
  local inspect = require("lunode.util.inspect").inspect
  local name = shape.prototype(self).constructor.name
  if type(depth) == "number" and depth < 0 then return name .. " {}" end
  local out, length = {}, #PARTS
  for i, part in ipairs(PARTS) do
    out[i] = part .. ": " .. inspect(self[part], options)
    length = length + #out[i]
  end
  local width = options and options.breakLength or 80
  if options and options.compact and length + #PARTS + 11 <= width then return name .. " { " .. table.concat(out, ", ") .. " }" end
  return name .. " {\n  " .. table.concat(out, ",\n  ") .. "\n}"
end

-- ---- files

-- A URL or its text -> path. options: { windows }. Raises ERR_INVALID_URL_SCHEME, ERR_INVALID_FILE_URL_HOST, ERR_INVALID_FILE_URL_PATH.
function M.fileURLToPath(path, options)
  if type(path) == "string" then path = URL(path)
  elseif not is_url(path) then error(errors.ERR_INVALID_ARG_TYPE("path", { "string", "URL" }, path), 0) end
  return require("lunode.url.files").toPath(path._url, options)
end

-- An absolute or relative path -> URL. options: { windows }
function M.pathToFileURL(path, options) return URL(require("lunode.url.files").toHref(path, options)) end

-- ---- hosts

local function domain(name, value)
  if value == nil then error(errors.ERR_MISSING_ARGS "domain", 0) end
  return require("lunode.url.domains")[name](text_of(value))
end

-- An international domain -> its name in ASCII ("español.com" -> "xn--espaol-zwa.com"), "" when it is not valid.
function M.domainToASCII(name) return domain("toASCII", name) end

-- A domain in ASCII -> what it stands for in Unicode, "" when it is not valid.
function M.domainToUnicode(name) return domain("toUnicode", name) end

-- ---- for http.request

-- URL (or an object like one) -> options of http.request
function M.urlToHttpOptions(url)
  validators.validateObject(url, "url")
  local options = shape.dict()
  if not is_url(url) then
    for _, key in ipairs(shape.keys(url)) do options[key] = url[key] end
  end
  local hostname, pathname, search = url.hostname, url.pathname, url.search
  options.protocol = url.protocol
  options.hostname = type(hostname) == "string" and hostname:match "^%[(.*)%]$" or hostname
  options.hash = url.hash
  options.search = search
  options.pathname = pathname
  options.path = (pathname or "") .. (search or "")
  options.href = url.href
  local port = url.port
  if port ~= nil and port ~= "" then options.port = tonumber(port) end
  local username, password = url.username or "", url.password or ""
  if username ~= "" or password ~= "" then options.auth = encode.decode(username) .. ":" .. encode.decode(password) end
  return options
end

-- ---- format, and the older functions

local function legacy() return require "lunode.url.legacy" end

-- format(URL, { auth = true, fragment = true, search = true, unicode = false }) or format(legacy object or text)
function M.format(value, options)
  if not is_url(value) then return legacy().format(value) end
  if options == nil or options == errors.null then return value.href end
  validators.validateObject(options, "options")
  local function shown(name) return options[name] == nil or options[name] == errors.null or truthy(options[name]) end
  local u = value._url
  if not shown "fragment" then u = record.set(u, "hash", "") end
  if not shown "search" then u = record.set(u, "search", "") end
  if not shown "auth" then u = record.set(record.set(u, "username", ""), "password", "") end
  local href = u[1]
  if truthy(options.unicode) then
    local host = record.hostname(u)
    if host:find("xn--", 1, true) then
      return href:sub(1, u[5] - #host) .. require("lunode.url.domains").toUnicode(host) .. href:sub(u[5] + 1)
    end
  end
  return href
end

-- Text -> Url, a table of parts. parse_query: `query` as querystring.parse makes it; slashes_denote_host: "//h/x" has a host.
-- Raises ERR_INVALID_URL, URIError.
function M.parse(url, parse_query, slashes_denote_host) return legacy().parse(url, parse_query, slashes_denote_host) end

-- Resolves the text of a URL as a browser does in a page: resolve("/one/two", "three") -> "/one/three"
function M.resolve(from, to) return legacy().resolve(from, to) end

-- As resolve, -> Url
function M.resolveObject(from, to) return legacy().resolveObject(from, to) end

return require "lunode.internal.lazy"(M, { Url = function() return require("lunode.url.legacy").Url end })
