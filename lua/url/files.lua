-- SPDX-License-Identifier: MIT
--
-- Files and URLs (Node 20 docs: url.fileURLToPath, url.pathToFileURL).
-- options.windows: whether the path is one of Windows; by default whether the system is.
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local encode = require "lunode.url.encode"
local record = require "lunode.url.record"
local validators = require "lunode.internal.validators"

local M = {}

local function windows(options) return options ~= nil and options ~= errors.null and options.windows == true end

local function invalid(what) error(errors.ERR_INVALID_FILE_URL_PATH(what), 0) end

-- decodeURIComponent
local function decode(text)
  if not text:find("%", 1, true) then return text end
  if text:find "%%%X" or text:find "%%%x%X" or text:find "%%%x?$" then error(errors.URIError "URI malformed", 0) end
  text = encode.decode(text)
  if core.encoding.validPrefix(text) ~= #text then error(errors.URIError "URI malformed", 0) end
  return text
end

local function windows_path(u)
  local pathname, host = record.pathname(u), record.hostname(u)
  if pathname:find "%%2[fF]" or pathname:find "%%5[cC]" then invalid "must not include encoded \\ or / characters" end
  pathname = decode((pathname:gsub("/", "\\")))
  if host ~= "" then return "\\\\" .. require("lunode.url.domains").toUnicode(host) .. pathname end
  if not pathname:find "^.%a:" then invalid "must be absolute" end
  return pathname:sub(2)
end

-- u: a record. Raises ERR_INVALID_URL_SCHEME, ERR_INVALID_FILE_URL_HOST, ERR_INVALID_FILE_URL_PATH, URIError.
function M.toPath(u, options)
  if record.protocol(u) ~= "file:" then error(errors.ERR_INVALID_URL_SCHEME "file", 0) end
  if windows(options) then return windows_path(u) end
  if record.hostname(u) ~= "" then error(errors.ERR_INVALID_FILE_URL_HOST(require("lunode.process").platform), 0) end
  local pathname = record.pathname(u)
  if pathname:find "%%2[fF]" then invalid "must not include encoded / characters" end
  return decode(pathname)
end

-- The setter of pathname encodes the rest.
local escapes = { ["%"] = "%25", ["\\"] = "%5C", ["\n"] = "%0A", ["\r"] = "%0D", ["\t"] = "%09", ["?"] = "%3F", ["#"] = "%23" }

local function unc(path)
  local bare = path:gsub("^\\\\%?\\UNC\\", "\\\\")
  local host_end = bare:find("\\", 3, true)
  if not host_end then error(errors.ERR_INVALID_ARG_VALUE("path", path, "Missing UNC resource path"), 0) end
  if host_end == 3 then error(errors.ERR_INVALID_ARG_VALUE("path", path, "Empty UNC servername"), 0) end
  return bare:sub(3, host_end - 1), bare:sub(host_end)
end

-- An absolute or relative path -> the href of its URL
function M.toHref(path, options)
  validators.validateString(path, "path")
  local on_windows, host = windows(options), nil
  if on_windows and path:find "^\\\\" and (path:find "^\\\\%?\\UNC\\" or not path:find "^\\\\%?\\") then
    host, path = unc(path)
  else
    local ways = require "lunode.path"
    local given = on_windows and path:gsub("^\\\\%?\\", "") or path
    ways = on_windows and ways.win32 or ways.posix
    path = ways.resolve(given)
    if given:find(on_windows and "[/\\]$" or "/$") and path:sub(-1) ~= ways.sep then path = path .. ways.sep end
  end
  if on_windows then path = path:gsub("\\", "/") end
  local u = record.parse "file:///"
  if host then u = record.set(u, "hostname", (require("lunode.url.domains").toASCII(host))) end
  if on_windows and not host and path:sub(1, 1) ~= "/" then path = "/" .. path end
  return record.set(u, "pathname", (path:gsub("[%%\\\n\r\t?#]", escapes)))[1]
end

return M
