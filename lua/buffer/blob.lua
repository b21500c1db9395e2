-- SPDX-License-Identifier: MIT
--
-- Blob and File: bytes that do not change. Source: Node 20 docs, "Class: Blob", "Class: File".
--
--   Blob(sources?, { type = "", endings = "transparent" | "native" })   sources: a list of strings, Buffers and Blobs
--   File(sources, name, { type, endings, lastModified = now in ms })
--
-- text(), arrayBuffer() and bytes() give promises: text, and Buffers for both of the others. stream() gives a Readable.
local ffi = require "ffi"
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local normalize = require("lunode.internal.validators").normalizeEncoding
local Buffer = require("lunode.buffer").Buffer

local type, error, tostring, rawget, floor = type, error, tostring, rawget, math.floor
local is_buffer, window, decode = core.buffer.is, core.buffer.slice, core.encoding.decode

local STREAM_CHUNK = 65536

ffi.cdef [[
struct lunode_time { long seconds, microseconds; };
int lunode_time_of_day(struct lunode_time *, void *) __asm__("gettimeofday");
]]
local function now() -- ms since 1970
  local t = ffi.new "struct lunode_time"
  ffi.C.lunode_time_of_day(t, nil)
  return tonumber(t.seconds) * 1000 + floor(tonumber(t.microseconds) / 1000)
end

local Blob = class "Blob"
local File = class("File", Blob)

-- A field of a Blob or File; `self` may be anything when a method is called without the colon.
local function field(self, name, class_name)
  local value = type(self) == "table" and rawget(self, name)
  if not value then error(errors.ERR_INVALID_THIS(class_name or "Blob"), 0) end
  return value
end

local function media_type(value)
  if value == nil or value == errors.null then return "" end
  value = tostring(value)
  if value:find "[^\32-\126]" then return "" end
  return value:lower()
end

-- One of the sources as a string or Buffer.
local function part(source, native)
  if is_buffer(source) then return source end
  if Blob:is(source) then return rawget(source, "_data") end
  local text = type(source) == "number" and core.json.number(source) or tostring(source)
  if native then text = text:gsub("\r\n", "\n"):gsub("\r", "\n") end
  return Buffer.from(text)
end

function Blob:initialize(sources, options)
  if sources == nil then sources = {} end
  if type(sources) ~= "table" or sources == errors.null or Blob:is(sources) or sources[1] == nil and next(sources) ~= nil then
    local e = errors.ERR_INVALID_ARG_TYPE("sources", "sequence", sources)
    e.message = e.message:gsub("must be .- Received", "must be a sequence. Received")
    error(e, 0)
  end
  if options ~= nil and type(options) ~= "table" then
    local e = errors.ERR_INVALID_ARG_TYPE("options", "dictionary", options)
    e.message = e.message:gsub("must be .- Received", "must be a dictionary. Received")
    error(e, 0)
  end
  options = options or {}
  local endings = options.endings
  if endings ~= nil and endings ~= "transparent" and endings ~= "native" then
    error(errors.ERR_INVALID_ARG_VALUE("options.endings", endings), 0)
  end
  local parts = {}
  for i = 1, #sources do parts[i] = part(sources[i], endings == "native") end
  self._data = Buffer.concat(parts)
  self._type = media_type(options.type)
end

Blob:accessor("size", function(self) return #field(self, "_data") end)
Blob:accessor("type", function(self) return field(self, "_type") end)

local function of_window(data, media)
  local blob = Blob()
  blob._data, blob._type = data, media
  return blob
end

local function clamp(value, size, default)
  if value == nil then return default end
  value = tonumber(value) or 0
  if value ~= value then value = 0 end
  value = value < 0 and -floor(-value) or floor(value)
  if value < 0 then value = value + size end
  return value < 0 and 0 or value > size and size or value
end

-- slice(start, end, type): a Blob on the same bytes
function Blob:slice(start, stop, media)
  local data = field(self, "_data")
  local n = #data
  start, stop = clamp(start, n, 0), clamp(stop, n, n)
  if stop < start then stop = start end
  return of_window(window(data, start, stop), media_type(media))
end

-- A promise of what `fn` makes of the bytes.
local function promised(self, fn)
  local promise = require "lunode.internal.promise"
  local ok, data = pcall(field, self, "_data")
  if not ok then return promise.rejected(data) end
  return promise.resolved(fn(data))
end

local function text_of(data) return (decode(data, normalize "utf8", 0, #data):gsub("^\239\187\191", "")) end

function Blob:text() return promised(self, text_of) end
function Blob:arrayBuffer() return promised(self, Buffer.from) end
function Blob:bytes() return promised(self, Buffer.from) end

-- A Readable of Buffers of up to 64 KiB.
function Blob:stream()
  local Readable = require("lunode.stream").Readable
  local data, at = field(self, "_data"), 0
  return Readable {
    read = function(stream)
      local n = #data
      if at >= n then
        stream:push(nil)
        return
      end
      local stop = at + STREAM_CHUNK < n and at + STREAM_CHUNK or n
      local chunk = Buffer.from(window(data, at, stop))
      at = stop
      stream:push(chunk)
    end,
  }
end

local inspect = require "lunode.internal.inspect_custom"
Blob.prototype[inspect] = function(self)
  return ("Blob { size: %d, type: '%s' }"):format(#rawget(self, "_data"), rawget(self, "_type"))
end

function File:initialize(sources, name, options)
  if sources == nil or name == nil then error(errors.ERR_MISSING_ARGS("fileBits", "fileName"), 0) end
  Blob.prototype.initialize(self, sources, options)
  self._name = tostring(name)
  local modified = options and options.lastModified
  if modified == nil then modified = now() end
  modified = tonumber(modified) or 0
  if modified ~= modified then modified = 0 end
  self._modified = modified
end

File:accessor("name", function(self) return field(self, "_name", "File") end)
File:accessor("lastModified", function(self) return field(self, "_modified", "File") end)

File.prototype[inspect] = function(self)
  return ("File { size: %d, type: '%s', name: '%s', lastModified: %s }"):format(#rawget(self, "_data"), rawget(self, "_type"), rawget(self, "_name"),
    core.json.number(rawget(self, "_modified")))
end

return { Blob = Blob, File = File }
