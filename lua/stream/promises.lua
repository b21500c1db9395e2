-- SPDX-License-Identifier: MIT
--
-- require "stream/promises": pipeline and finished as promises (Node 20 docs: Streams Promises API).
local promise = require "lunode.internal.promise"
local symbols = require "lunode.internal.symbols"
local validators = require "lunode.internal.validators"
local utils = require "lunode.stream.utils"

local door, null = validators.door, require("lunode.internal.errors").null
local type, select, pcall, getmetatable = type, select, pcall, getmetatable

local M = {}

local function is_options(x)
  if type(x) ~= "table" or x == null or utils.isNodeStream(x) or validators.is_list(x) then return false end
  local kind = door.kind and door.kind(x)
  if kind then return kind == "object" and x[symbols.asyncIterator] == nil and x[symbols.iterator] == nil end
  return getmetatable(x) == nil
    and type(x.next) ~= "function" and type(x.iter) ~= "function" and not utils.isThenable(x)
    and not (utils.isObject(x.readable) or utils.isObject(x.writable))
end

-- (stream, …[, options]) -> promise of the last function's value. options: signal, end (false: the last stream stays open).
function M.pipeline(...)
  local n = select("#", ...)
  local streams, options = { ... }, nil
  local p = promise.new()
  if n > 1 and is_options(streams[n]) then
    options = streams[n]
    streams[n] = nil
  end
  local ok, raised = pcall(function()
    require("lunode.stream.pipeline").run(streams, function(err, value)
      if err ~= nil then promise.reject(p, err) else promise.resolve(p, value) end
    end, options)
  end)
  if not ok then promise.reject(p, raised) end
  return p
end

-- (stream[, options]) -> promise. options: those of stream.finished, and cleanup (true: the listeners are taken off).
function M.finished(stream, options)
  local p = promise.new()
  local clean = false
  if options and options.cleanup ~= nil then
    validators.validateBoolean(options.cleanup, "cleanup")
    clean = options.cleanup
  end
  local ok, raised = pcall(function()
    local cleanup
    cleanup = require "lunode.stream.end_of_stream"(stream, options, function(err)
      if clean then cleanup() end
      if err ~= nil then promise.reject(p, err) else promise.resolve(p) end
    end)
  end)
  if not ok then promise.reject(p, raised) end
  return p
end

return M
