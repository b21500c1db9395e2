-- SPDX-License-Identifier: MIT
--
-- The URL parser and serializer (WHATWG URL, clauses 4.4 and 4.5).
--   parse(text, base) -> record | nil          base: a record
--   record: scheme, username, password (""), host (text or nil), port (number or nil), path (a sequence of segments, or one
--     text when opaque), query, fragment (text or nil)
--   serialize(record, without_fragment), path_text(record), origin(record)
--   set.protocol(record, text), set.host …: the setters of the URL class (clause 6.1)
--
-- The clause is a state machine over characters; here each state is a function over the rest of the text.
local encode = require "lunode.url.encode"
local host = require "lunode.url.host"

local sets, percent = encode.sets, encode.encode
local M = {}

local SPECIAL = { http = 80, https = 443, ws = 80, wss = 443, ftp = 21, file = false }
M.special = SPECIAL
local function is_special(url) return SPECIAL[url.scheme] ~= nil end
local function is_opaque(url) return type(url.path) == "string" end

local function is_drive(text) return text:find "^%a[:|]$" ~= nil end
local function starts_with_drive(text) return text:find "^%a[:|]$" ~= nil or text:find "^%a[:|][/\\?#]" ~= nil end

local function shorten(url)
  local path = url.path
  if url.scheme == "file" and #path == 1 and path[1]:find "^%a:$" then return end
  path[#path] = nil
end

local function copy_list(list)
  if type(list) ~= "table" then return list end
  local out = {}
  for i = 1, #list do out[i] = list[i] end
  return out
end

local DOT = { ["."] = 1, ["%2e"] = 1, [".."] = 2, [".%2e"] = 2, ["%2e."] = 2, ["%2e%2e"] = 2 }

-- ---- the end of a URL: query and fragment

local function parse_fragment(url, text) url.fragment = percent(text, sets.fragment) end

local function encode_query(url, text) return percent(text, is_special(url) and sets.special_query or sets.query) end

-- text begins with "?", "#" or is empty.
local function parse_tail(url, text)
  local sign = text:sub(1, 1)
  if sign == "?" then
    local at = text:find("#", 1, true)
    url.query = encode_query(url, text:sub(2, at and at - 1))
    if at then parse_fragment(url, text:sub(at + 1)) end
  elseif sign == "#" then
    parse_fragment(url, text:sub(2))
  end
end

-- ---- path

local function add_segments(url, text)
  local special, path = is_special(url), url.path
  local delimiter = special and "[/\\]" or "/"
  local i = 1
  while true do
    local at = text:find(delimiter, i)
    local segment = percent(text:sub(i, at and at - 1), sets.path)
    local dots = #segment <= 6 and DOT[segment:lower()]
    if dots then
      if dots == 2 then shorten(url) end
      if not at then path[#path + 1] = "" end
    else
      if url.scheme == "file" and #path == 0 and is_drive(segment) then segment = segment:sub(1, 1) .. ":" end
      path[#path + 1] = segment
    end
    if not at then return end
    i = at + 1
  end
end

local function parse_path(url, text)
  local at = text:find "[?#]"
  add_segments(url, text:sub(1, at and at - 1))
  if at then parse_tail(url, text:sub(at)) end
end

local function parse_path_start(url, text)
  local c = text:sub(1, 1)
  if is_special(url) then
    if c == "/" or c == "\\" then text = text:sub(2) end
    return parse_path(url, text)
  end
  if c == "" or c == "?" or c == "#" then return parse_tail(url, text) end
  if c == "/" then text = text:sub(2) end
  return parse_path(url, text)
end

-- ---- authority

-- Where the port's colon stands, outside of brackets.
local function colon_of(text)
  local bracket = text:find "]"
  if text:sub(1, 1) == "[" then return bracket and text:find(":", bracket, true) end
  local open = text:find("[", 1, true)
  local at = text:find(":", 1, true)
  if at and open and open < at then return bracket and text:find(":", bracket, true) end
  return at
end

local function set_port(url, digits)
  if digits == "" then
    url.port = nil
    return true
  end
  if digits:find "%D" then return false end
  local port = tonumber(digits)
  if port > 65535 then return false end
  url.port = SPECIAL[url.scheme] ~= port and port or nil
  return true
end

-- -> whether it is valid
local function parse_authority(url, text)
  local special = is_special(url)
  local at = text:find(special and "[/\\?#]" or "[/?#]")
  local authority, rest = text:sub(1, at and at - 1), at and text:sub(at) or ""
  local credentials, where = authority:match "^(.*)@(.*)$"
  if credentials then
    if where == "" then return false end
    local user, password = credentials:match "^([^:]*):(.*)$"
    url.username = percent(user or credentials, sets.userinfo)
    url.password = percent(password or "", sets.userinfo)
    authority = where
  end
  local colon = colon_of(authority)
  local name = authority:sub(1, colon and colon - 1)
  if name == "" and (colon or special) then return false end
  local parsed = name == "" and "" or host.parse(name, not special)
  if not parsed then return false end
  url.host = parsed
  if colon and not set_port(url, authority:sub(colon + 1)) then return false end
  parse_path_start(url, rest)
  return true
end

-- ---- file URLs

local function parse_file_host(url, text)
  local at = text:find "[/\\?#]"
  local name, rest = text:sub(1, at and at - 1), at and text:sub(at) or ""
  if is_drive(name) then
    parse_path(url, text)
    return true
  end
  if name ~= "" then
    local parsed = host.parse(name, false)
    if not parsed then return false end
    url.host = parsed == "localhost" and "" or parsed
  else
    url.host = ""
  end
  parse_path_start(url, rest)
  return true
end

local function parse_file(url, text, base)
  url.scheme, url.host = "file", ""
  local c = text:sub(1, 1)
  if c == "/" or c == "\\" then
    local d = text:sub(2, 2)
    if d == "/" or d == "\\" then return parse_file_host(url, text:sub(3)) end
    local rest = text:sub(2)
    if base and base.scheme == "file" then
      url.host = base.host
      if not starts_with_drive(rest) and base.path[1] and base.path[1]:find "^%a:$" then url.path[1] = base.path[1] end
    end
    parse_path(url, rest)
    return true
  end
  if base and base.scheme == "file" then
    url.host, url.path, url.query = base.host, copy_list(base.path), base.query
    if c == "" then return true end
    if c == "?" or c == "#" then
      if c == "?" then url.query = nil end
      parse_tail(url, text)
      return true
    end
    url.query = nil
    if starts_with_drive(text) then url.path = {} else shorten(url) end
  end
  parse_path(url, text)
  return true
end

-- ---- relative

local function parse_relative(url, text, base)
  url.scheme = base.scheme
  local special = is_special(url)
  local c, d = text:sub(1, 1), text:sub(2, 2)
  if c == "/" or special and c == "\\" then
    if special and (d == "/" or d == "\\") then return parse_authority(url, (text:gsub("^[/\\]+", ""))) end
    if d == "/" then return parse_authority(url, text:sub(3)) end
    url.username, url.password, url.host, url.port = base.username, base.password, base.host, base.port
    parse_path(url, text:sub(2))
    return true
  end
  url.username, url.password, url.host, url.port = base.username, base.password, base.host, base.port
  url.path, url.query = copy_list(base.path), base.query
  if c == "" then return true end
  if c == "?" or c == "#" then
    if c == "?" then url.query = nil end
    parse_tail(url, text)
    return true
  end
  url.query = nil
  shorten(url)
  parse_path(url, text)
  return true
end

-- ---- all of it

local function parse_opaque(url, text)
  local at = text:find "[?#]"
  url.path = percent(text:sub(1, at and at - 1), sets.c0)
  if at then parse_tail(url, text:sub(at)) end
end

local function clean(text)
  if text:find "[\128-\255]" then text = require("lunode.util.text_encoding").well_formed(text) end
  return (text:gsub("[\t\n\r]", ""))
end

local function new_record() return { scheme = "", username = "", password = "", path = {} } end

function M.parse(text, base)
  text = clean((text:gsub("^[%z\1-\32]+", ""):gsub("[%z\1-\32]+$", "")))
  local url = new_record()
  local scheme, rest = text:match "^(%a[%w+.%-]*):(.*)$"
  local ok = true
  if not scheme then
    if not base then return nil end
    if is_opaque(base) then
      if text:sub(1, 1) ~= "#" then return nil end
      url.scheme, url.path, url.query = base.scheme, base.path, base.query
      parse_fragment(url, text:sub(2))
    elseif base.scheme == "file" then
      ok = parse_file(url, text, base)
    else
      ok = parse_relative(url, text, base)
    end
  else
    scheme = scheme:lower()
    url.scheme = scheme
    if scheme == "file" then
      ok = parse_file(url, rest, base)
    elseif SPECIAL[scheme] then
      if base and base.scheme == scheme and rest:sub(1, 2) ~= "//" then ok = parse_relative(url, rest, base)
      else ok = parse_authority(url, (rest:gsub("^[/\\]+", ""))) end
    elseif rest:sub(1, 2) == "//" then
      ok = parse_authority(url, rest:sub(3))
    elseif rest:sub(1, 1) == "/" then
      parse_path(url, rest:sub(2))
    else
      parse_opaque(url, rest)
    end
  end
  if not ok then return nil end
  return url
end

-- ---- text

function M.path_text(url)
  if is_opaque(url) then return url.path end
  if #url.path == 0 then return "" end
  return "/" .. table.concat(url.path, "/")
end

function M.serialize(url, without_fragment)
  local out = url.scheme .. ":"
  if url.host then
    out = out .. "//"
    if url.username ~= "" or url.password ~= "" then
      out = out .. url.username .. (url.password ~= "" and ":" .. url.password or "") .. "@"
    end
    out = out .. url.host .. (url.port and ":" .. url.port or "")
  elseif not is_opaque(url) and #url.path > 1 and url.path[1] == "" then
    out = out .. "/."
  end
  out = out .. M.path_text(url)
  if url.query then out = out .. "?" .. url.query end
  if url.fragment and not without_fragment then out = out .. "#" .. url.fragment end
  return out
end

function M.origin(url)
  if url.scheme == "blob" then
    local inner = M.parse(M.path_text(url))
    return inner and (inner.scheme == "http" or inner.scheme == "https") and M.origin(inner) or "null"
  end
  if not SPECIAL[url.scheme] then return "null" end
  return url.scheme .. "://" .. url.host .. (url.port and ":" .. url.port or "")
end

-- ---- setters

local set = {}
M.set = set

local function no_credentials(url) return url.host == nil or url.host == "" or url.scheme == "file" end

function set.protocol(url, text)
  local scheme = clean(text):match "^(%a[%w+.%-]*)$" or clean(text):match "^(%a[%w+.%-]*):"
  if not scheme then return end
  scheme = scheme:lower()
  if (SPECIAL[scheme] ~= nil) ~= is_special(url) then return end
  if scheme == "file" and (url.username ~= "" or url.password ~= "" or url.port) then return end
  if url.scheme == "file" and url.host == "" then return end
  url.scheme = scheme
  if url.port == SPECIAL[scheme] then url.port = nil end
end

function set.username(url, text)
  if not no_credentials(url) then url.username = percent(text, sets.userinfo) end
end

function set.password(url, text)
  if not no_credentials(url) then url.password = percent(text, sets.userinfo) end
end

local function leading_port(url, text)
  local digits = text:match "^%d+"
  if digits then set_port(url, digits) end
end

local function set_host(url, text, with_port)
  if is_opaque(url) then return end
  local special = is_special(url)
  text = clean(text)
  local at = text:find(special and "[/\\?#]" or "[/?#]")
  text = text:sub(1, at and at - 1)
  if url.scheme == "file" then
    if text == "" then
      url.host = ""
    else
      local parsed = not is_drive(text) and host.parse(text, false)
      if parsed then url.host = parsed == "localhost" and "" or parsed end
    end
    return
  end
  local colon = colon_of(text)
  local name = text:sub(1, colon and colon - 1)
  if colon and (name == "" or not with_port) then return end
  if name == "" then
    if special or url.username ~= "" or url.password ~= "" or url.port then return end
    url.host = ""
    return
  end
  local parsed = host.parse(name, not special)
  if not parsed then return end
  url.host = parsed
  if colon then leading_port(url, text:sub(colon + 1)) end
end

function set.host(url, text) set_host(url, text, true) end
function set.hostname(url, text) set_host(url, text, false) end

function set.port(url, text)
  if no_credentials(url) then return end
  if text == "" then url.port = nil else leading_port(url, clean(text)) end
end

function set.pathname(url, text)
  if is_opaque(url) then return end
  text = clean(text)
  url.path = {}
  if is_special(url) then
    add_segments(url, (text:gsub("^[/\\]", "")))
  elseif text ~= "" then
    add_segments(url, (text:gsub("^/", "")))
  elseif url.host == nil then
    url.path[1] = ""
  end
end

-- An opaque path ends in no space once nothing stands behind it.
local function strip_spaces(url)
  if is_opaque(url) and not url.query and not url.fragment then url.path = url.path:gsub(" +$", "") end
end

function set.search(url, text)
  if text == "" then
    url.query = nil
    return strip_spaces(url)
  end
  url.query = encode_query(url, (clean(text):gsub("^%?", "")))
end

function set.hash(url, text)
  if text == "" then
    url.fragment = nil
    return strip_spaces(url)
  end
  url.fragment = percent((clean(text):gsub("^#", "")), sets.fragment)
end

return M
