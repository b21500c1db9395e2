-- SPDX-License-Identifier: MIT
--
-- What fs functions accept: paths, flags, modes, times, encodings, callbacks.
local core = require "lunode.core"
local bit = require "bit"
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"

local C = core.fs.constants
local M = {}

-- A path: text without NUL, a Buffer, or a file: URL; returned as text.
function M.path(path, name)
  name = name or "path"
  if type(path) == "table" and path.href and path.protocol then path = require("lunode.url").fileURLToPath(path) end
  if core.buffer.is(path) then path = tostring(path) end
  if type(path) ~= "string" then error(errors.ERR_INVALID_ARG_TYPE(name, { "string", "Buffer", "URL" }, path), 0) end
  if path:find("\0", 1, true) then
    error(errors.ERR_INVALID_ARG_VALUE(name, path, "must be a string, Uint8Array, or URL without null bytes"), 0)
  end
  return path
end

local flags = {
  r = C.O_RDONLY, rs = C.O_RDONLY + C.O_SYNC, ["r+"] = C.O_RDWR, ["rs+"] = C.O_RDWR + C.O_SYNC,
  w = C.O_TRUNC + C.O_CREAT + C.O_WRONLY, wx = C.O_TRUNC + C.O_CREAT + C.O_WRONLY + C.O_EXCL,
  ["w+"] = C.O_TRUNC + C.O_CREAT + C.O_RDWR, ["wx+"] = C.O_TRUNC + C.O_CREAT + C.O_RDWR + C.O_EXCL,
  a = C.O_APPEND + C.O_CREAT + C.O_WRONLY, ax = C.O_APPEND + C.O_CREAT + C.O_WRONLY + C.O_EXCL,
  as = C.O_APPEND + C.O_CREAT + C.O_WRONLY + C.O_SYNC, ["a+"] = C.O_APPEND + C.O_CREAT + C.O_RDWR,
  ["ax+"] = C.O_APPEND + C.O_CREAT + C.O_RDWR + C.O_EXCL, ["as+"] = C.O_APPEND + C.O_CREAT + C.O_RDWR + C.O_SYNC,
}
flags.sr, flags["sr+"], flags.xw, flags["xw+"], flags.xa, flags.sa, flags["xa+"], flags["sa+"] =
  flags.rs, flags["rs+"], flags.wx, flags["wx+"], flags.ax, flags.as, flags["ax+"], flags["as+"]

-- Flags as text or number; default "r".
function M.flags(value, name)
  if value == nil then return C.O_RDONLY end
  if type(value) == "number" then
    validators.validateInt32(value, name or "flags")
    return value
  end
  local n = type(value) == "string" and flags[value]
  if not n then error(errors.ERR_INVALID_ARG_VALUE(name or "flags", value), 0) end
  return n
end

-- A mode: a number, or octal text; `default` for nil.
function M.mode(value, name, default)
  if value == nil then return default end
  if type(value) == "string" then
    if not value:find "^[0-7]+$" then
      error(errors.ERR_INVALID_ARG_VALUE(name, value, "must be a 32-bit unsigned integer or an octal string"), 0)
    end
    value = tonumber(value, 8)
  end
  validators.validateUint32(value, name)
  return value
end

function M.fd(fd, name) validators.validateInt32(fd, name or "fd", 0) return fd end

-- Seconds since the epoch, from a number (seconds), numeric text, or anything with getTime() (ms).
function M.time(value, name)
  if type(value) == "number" and value == value and math.abs(value) ~= math.huge then
    return value < 0 and os.time() or value
  end
  if type(value) == "string" and tonumber(value) then return tonumber(value) end
  if type(value) == "table" and type(value.getTime) == "function" then return value:getTime() / 1000 end
  error(errors.ERR_INVALID_ARG_TYPE(name, { "Date", "Time in seconds" }, value), 0)
end

-- Options as a table: nil, an encoding as text, or a table. Checks the encoding.
function M.options(options, defaults)
  if options == nil or options == errors.null or type(options) == "function" then options = defaults or {} end
  if type(options) == "string" then options = setmetatable({ encoding = options }, { __index = defaults })
  elseif type(options) ~= "table" then error(errors.ERR_INVALID_ARG_TYPE("options", { "string", "Object" }, options), 0)
  elseif defaults and options ~= defaults then
    local given = options
    options = setmetatable({}, { __index = function(_, k)
      local v = given[k]
      if v == nil then return defaults[k] end
      return v
    end })
  end
  local encoding = options.encoding
  if encoding ~= nil and encoding ~= errors.null and encoding ~= "buffer" and (type(encoding) ~= "string" or not validators.normalizeEncoding(encoding)) then
    error(errors.ERR_INVALID_ARG_VALUE("encoding", encoding, "is invalid encoding"), 0)
  end
  return options
end

-- A name from the system in the wanted encoding.
function M.name(text, encoding)
  if encoding == nil or encoding == "utf8" or encoding == "utf-8" then return text end
  local Buffer = require("lunode.buffer").Buffer
  if encoding == "buffer" then return Buffer.from(text) end
  return Buffer.from(text):toString(encoding)
end

-- Data to be written: text (in `encoding`) or a Buffer; returned as bytes.
function M.data(data, encoding, name)
  if core.buffer.is(data) then return data end
  if type(data) ~= "string" then
    error(errors.ERR_INVALID_ARG_TYPE(name or "data", { "string", "Buffer" }, data), 0)
  end
  encoding = validators.normalizeEncoding(encoding)
  if encoding == "utf8" or encoding == nil then return data end
  return require("lunode.buffer").Buffer.from(data, encoding)
end

M.band, M.bor = bit.band, bit.bor
return M
