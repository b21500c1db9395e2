-- SPDX-License-Identifier: MIT
--
-- What both sides of a stream share: the high-water mark (bytes, or objects in object mode), and empty callbacks.
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"

local type = type

local M = {}

-- As of Node 20: 16 KiB, 16 objects.
local default_bytes, default_objects = 16384, 16

-- Node 20 docs: stream.getDefaultHighWaterMark(objectMode)
function M.getDefaultHighWaterMark(object_mode)
  if object_mode then return default_objects end
  return default_bytes
end

function M.setDefaultHighWaterMark(object_mode, value)
  validators.validateInteger(value, "value", 0)
  if object_mode then default_objects = value else default_bytes = value end
end

-- options.highWaterMark, or for one side of a duplex options[side_key], or the default.
function M.highWaterMark(options, object_mode, side_key, is_duplex)
  local mark
  if options then
    mark = options.highWaterMark
    if (mark == nil or mark == errors.null) and is_duplex then mark = options[side_key] end
  end
  if mark == nil or mark == errors.null then return object_mode and default_objects or default_bytes end
  if type(mark) ~= "number" or mark % 1 ~= 0 or mark < 0 then
    error(errors.ERR_INVALID_ARG_VALUE(is_duplex and "options." .. side_key or "options.highWaterMark", mark), 0)
  end
  return mark
end

-- A set of writables; `size` is their number.
local set_meta = { __index = function(set, key)
  if key ~= "size" then return nil end
  local n = 0
  for _ in next, set do n = n + 1 end
  return n
end }
function M.set() return setmetatable({}, set_meta) end

function M.nop() end

-- An option that is on unless it is false.
function M.default_on(value) return value ~= false end

return M
