-- SPDX-License-Identifier: MIT
--
-- A Buffer's bytes through the FFI (the structs are those of src/buffer.h).
--
--   view(buf) -> struct lunode_buffer *: .data (uint8_t *, from 0), .length      valid while the Buffer lives
--
-- Anything but a Buffer raises ERR_INVALID_THIS: the FFI would take nil, a number or a string for an address.
local ffi = require "ffi"
local errors = require "lunode.internal.errors"

ffi.cdef [[
struct lunode_block { void *runtime; size_t refs, size; }; /* the bytes follow */
struct lunode_buffer { uint8_t *data; uint32_t length; uint32_t length_high; struct lunode_block *block; };
]]
assert(ffi.abi "le", "lunode's Buffers need a little-endian machine")

local cast, type, getmetatable, error = ffi.cast, type, getmetatable, error
local buffer_t = ffi.typeof "struct lunode_buffer *"

local function no_buffer()
  local e = errors.ERR_INVALID_THIS "Buffer"
  e.message = e.message .. " (methods are called with a colon: buf:toString())"
  error(e, 0)
end

-- JavaScript's typed arrays may have Buffer's methods: the Buffer over the same bytes lives as long as they do.
local windows = setmetatable({}, { __mode = "k" })
local function window(self)
  local door = require("lunode.internal.validators").door
  local b = windows[self] or door.bytes and type(self) == "table" and door.bytes(self)
  if not b then no_buffer() end
  windows[self] = b
  return cast(buffer_t, b)
end

return function(self)
  if type(self) ~= "userdata" then return window(self) end
  if not getmetatable(self).is_buffer then no_buffer() end
  return cast(buffer_t, self)
end
