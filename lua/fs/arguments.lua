-- SPDX-License-Identifier: MIT
--
-- What fs functions accept: paths, flags, modes, times, encodings, positions, data.
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local C = core.fs.constants
local as_bytes, door, null = validators.bytes, validators.door, errors.null
local type, error, tonumber, tostring, setmetatable = type, error, tonumber, tostring, setmetatable
local ARG_TYPE, ARG_VALUE, RANGE = errors.ERR_INVALID_ARG_TYPE, errors.ERR_INVALID_ARG_VALUE, errors.ERR_OUT_OF_RANGE
local M = {}

-- A path: text without NUL, a Buffer, or a file: URL; returned as text.
function M.path(path, name)
  name = name or "path"
  if type(path) == "table" and path.href and path.protocol then path = require("lunode.url").fileURLToPath(path) end
  local bytes = as_bytes(path)
  if bytes then path = tostring(bytes) end
  if type(path) ~= "string" then error(ARG_TYPE(name, { "string", "Buffer", "URL" }, path), 0) end
  if path:find("\0", 1, true) then
    error(ARG_VALUE(name, path, "must be a string, Uint8Array, or URL without null bytes"), 0)
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
function M.flags(value)
  if value == nil then return C.O_RDONLY end
  if type(value) == "number" then
    validators.validateInt32(value, "flags")
    return value
  end
  local n = type(value) == "string" and flags[value]
  if not n then error(ARG_VALUE("flags", value), 0) end
  return n
end

-- A mode: a number, or octal text; `default` for nil, which without one is a mistake.
function M.mode(value, name, default)
  if value == nil and default then return default end
  if type(value) == "string" then
    if not value:find "^[0-7]+$" then
      error(ARG_VALUE(name, value, "must be a 32-bit unsigned integer or an octal string"), 0)
    end
    value = tonumber(value, 8)
  end
  validators.validateUint32(value, name)
  return value
end

-- A number of bits from 0 to 7, as access and copyFile take: 0 for nil.
function M.small_mode(value)
  if value == nil then return 0 end
  local e
  if type(value) ~= "number" or value % 1 ~= 0 then
    e = ARG_TYPE("mode", "number", value)
    e.message = "mode must be int32 or null/undefined"
  elseif value < 0 or value > 7 then
    e = RANGE("mode", ">= 0 && <= 7", value)
    e.message = "mode is out of range: >= 0 && <= 7"
  end
  if e then error(e, 0) end
  return value
end

function M.fd(fd) validators.validateInt32(fd, "fd", 0) return fd end

-- Seconds since the epoch, from a number (seconds; a negative one is the present), numeric text, or anything with getTime() (ms).
function M.time(value, name)
  if type(value) == "number" and value - value == 0 then
    if value >= 0 then return value end
    return os.time()
  end
  if type(value) == "string" and tonumber(value) then return tonumber(value) end
  if type(value) == "table" and type(value.getTime) == "function" then return value:getTime() / 1000 end
  error(ARG_TYPE(name or "time", { "Date", "Time in seconds" }, value), 0)
end

-- A place in a file: -1 (where it stands) for nil; 64-bit integers are taken too.
function M.position(position)
  if position == nil or position == null then return -1 end
  if type(position) == "table" and door.int64 then position = door.int64(position) or position end
  if type(position) == "cdata" then return tonumber(position) end
  if type(position) ~= "number" then error(ARG_TYPE("position", { "bigint", "integer" }, position), 0) end
  validators.validateInteger(position, "position", -1)
  return position
end

local NONE = {}

-- A plain table, or what is marked as a list.
function M.is_list(x)
  local mt = getmetatable(x)
  return mt == nil or mt == shape.ARRAY or mt.array or mt.__name == "Array"
end

function M.encoding(encoding)
  if encoding ~= nil and encoding ~= null and encoding ~= "buffer" and (type(encoding) ~= "string" or not validators.normalizeEncoding(encoding)) then
    error(ARG_VALUE("encoding", encoding, "is invalid encoding"), 0)
  end
end

-- Options as a table that has no null in it: nil, an encoding as text, or a table. Checks encoding and signal.
function M.options(options)
  if options == nil or options == null or type(options) == "function" then return NONE end
  if type(options) == "string" then
    M.encoding(options)
    return { encoding = options }
  elseif type(options) ~= "table" then
    local e = ARG_TYPE("options", { "string", "Object" }, options)
    e.message = e.message:gsub("must be .- Received", "must be one of type string or object. Received", 1)
    error(e, 0)
  end
  M.encoding(options.encoding)
  local signal = options.signal
  if signal ~= nil and signal ~= null then validators.validateAbortSignal(signal, "options.signal") end
  for _, value in next, options do
    if value == null then
      local given = options
      return setmetatable({}, { __index = function(_, name)
        local v = given[name]
        if v == null then return nil end
        return v
      end })
    end
  end
  return options
end

-- Raises unless options[name] is nil or a boolean.
function M.boolean(options, name)
  local value = options[name]
  if value ~= nil then validators.validateBoolean(value, "options." .. name) end
  return value
end

local function Buffer() return require("lunode.buffer").Buffer end

-- A name from the system in the wanted encoding.
function M.name(text, encoding)
  if encoding == nil or encoding == "utf8" or encoding == "utf-8" then return text end
  if encoding == "buffer" then return Buffer().from(text) end
  return Buffer().from(text):toString(encoding)
end

function M.wrong_data(data, name)
  error(ARG_TYPE(name, { "string", "Buffer", "TypedArray", "DataView" }, data), 0)
end

-- Data to be written: text (in `encoding`) or a Buffer; returned as a string of bytes or a Buffer.
function M.data(data, encoding, name)
  local bytes = as_bytes(data)
  if bytes then return bytes end
  if type(data) ~= "string" then M.wrong_data(data, name or "data") end
  if encoding == nil then return data end
  local known = validators.normalizeEncoding(encoding)
  if known == "hex" and #data % 2 == 1 then
    error(ARG_VALUE("encoding", encoding, ("is invalid for data of length %d"):format(#data)), 0)
  end
  if known == "utf8" or not known then return data end
  return Buffer().from(data, encoding)
end

-- What of a buffer of `size` bytes is meant: offset, length.
function M.window(size, offset, length)
  if offset == nil or offset == null then offset = 0 else validators.validateInteger(offset, "offset", 0) end
  if length == nil or length == null then length = size - offset else validators.validateInteger(length, "length") end
  return offset, length
end

return M
