-- SPDX-License-Identifier: MIT
--
-- v8: what of Node's module makes sense without V8. Source: Node 20 docs, "V8".
--
--   v8.serialize(value) -> Buffer, v8.deserialize(buffer) -> value    the format is V8's (src/serialize.c): Node reads what Lunode
--                          writes and the other way round. Dates, Maps, Sets and regular expressions arrive as
--                          v8.Date, v8.Map, v8.Set, v8.RegExp (lua/internal/value_classes.lua), typed arrays as Buffers.
--   v8.getHeapStatistics(), v8.getHeapSpaceStatistics()   of Lua's collector, in bytes
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local M = {}

-- Raises Error "… could not be cloned." for functions, coroutines, promises and handles.
function M.serialize(value) return core.serialize.encode(value, "v8") end

-- buffer: a Buffer or a string. Raises Error where it is not such a message.
function M.deserialize(buffer)
  if type(buffer) ~= "string" and not core.buffer.is(buffer) then
    local err = errors.ERR_INVALID_ARG_TYPE("buffer", "Buffer", buffer)
    rawset(err, "message", "buffer must be a TypedArray or a DataView")
    error(err, 0)
  end
  return core.serialize.decode(buffer, nil, nil, "v8")
end

-- How much of its memory the collector holds is not known apart from what is in use: the two are the same number. There is no
-- limit but the machine's memory.
function M.getHeapStatistics()
  local used = collectgarbage "count" * 1024
  local free, total = core.process.memory()
  local external = core.buffer.external()
  return shape.dict {
    total_heap_size = used, total_heap_size_executable = 0, total_physical_size = used, total_available_size = free, used_heap_size = used,
    heap_size_limit = total, malloced_memory = external, peak_malloced_memory = external, does_zap_garbage = 0, number_of_native_contexts = 1,
    number_of_detached_contexts = 0, total_global_handles_size = 0, used_global_handles_size = 0, external_memory = external,
  }
end

function M.getHeapSpaceStatistics()
  local used = collectgarbage "count" * 1024
  return shape.list {
    shape.dict { space_name = "lua_heap", space_size = used, space_used_size = used, space_available_size = 0, physical_space_size = used },
  }
end

-- V8's flags mean nothing here, but for one.
function M.setFlagsFromString(flags)
  validators.validateString(flags, "flags")
  local set, name = flags:match "^%-%-(no[-_]?)(abort[-_]on[-_]uncaught[-_]exception)$"
  name = name or flags:match "^%-%-(abort[-_]on[-_]uncaught[-_]exception)$"
  if name then
    require("lunode.internal.options").abortOnUncaught = set == nil
    return
  end
  error(errors.ERR_METHOD_NOT_IMPLEMENTED "v8.setFlagsFromString", 0)
end

for _, name in ipairs {
  "Serializer", "Deserializer", "DefaultSerializer", "DefaultDeserializer", "cachedDataVersionTag", "getHeapCodeStatistics", "getHeapSnapshot",
  "writeHeapSnapshot", "setHeapSnapshotNearHeapLimit", "takeCoverage", "stopCoverage", "queryObjects", "GCProfiler",
} do
  M[name] = errors.notImplemented("v8." .. name)
end

local function absent(prefix, names)
  local t = {}
  for name in names:gmatch "%S+" do t[name] = errors.notImplemented(prefix .. name) end
  return t
end
M.promiseHooks = absent("v8.promiseHooks.", "createHook onInit onSettled onBefore onAfter")
M.startupSnapshot = absent("v8.startupSnapshot.", "addSerializeCallback addDeserializeCallback setDeserializeMainFunction isBuildingSnapshot")

-- Lua's own: the classes of what arrives. For the library: _encodeMessage(value) -> string and _decodeMessage(string) -> value, the
-- form that IPC messages have (Buffers are told from other objects of the other side's own kinds).
local values = { Date = true, Map = true, Set = true, RegExp = true }
local messages = { _encodeMessage = core.serialize.encode, _decodeMessage = core.serialize.decode }
-- ---- signatures, for the reference (docs/api/README.md)
-- DefaultDeserializer, DefaultSerializer, Deserializer, GCProfiler, Serializer, cachedDataVersionTag, getHeapCodeStatistics, getHeapSnapshot, queryObjects, setHeapSnapshotNearHeapLimit, stopCoverage, takeCoverage, writeHeapSnapshot(...): V8's own: raise ERR_METHOD_NOT_IMPLEMENTED
-- getHeapSpaceStatistics() -> table[]: one space: Lua's heap

return setmetatable(M, {
  __index = function(t, name)
    if not values[name] then return messages[name] end
    local value = require("lunode.internal.value_classes")[name]
    rawset(t, name, value)
    return value
  end,
})
