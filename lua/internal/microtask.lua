-- SPDX-License-Identifier: MIT
-- queueMicrotask(fn): runs fn after the running code and the ticks.
-- structuredClone(value) -> a deep copy; cycles and shared tables are kept, what cannot be copied raises DataCloneError.
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"

local M = {}

local function run(fn) fn() end

function M.queueMicrotask(callback)
  local fn = validators.callback(callback, "callback")
  local hooks, before = queue.hooks, queue.context
  if hooks then queue.context = hooks.made("Microtask", {}) end
  queue.microtask(run, fn)
  queue.context = before
end

local function refuse(err, message)
  rawset(err, "message", message)
  error(err, 0)
end

-- options.transfer: a list; nothing that Lua has can be transferred.
function M.structuredClone(...)
  if select("#", ...) == 0 then refuse(errors.ERR_MISSING_ARGS "value", "The value argument must be specified") end
  local value, options = ...
  if options ~= nil and options ~= errors.null then
    if type(options) ~= "table" then
      refuse(errors.ERR_INVALID_ARG_TYPE("options", "Object", options), "The options argument must be either an object or undefined")
    end
    local list = options.transfer
    if list ~= nil and type(list) ~= "table" then
      refuse(errors.ERR_INVALID_ARG_TYPE("transfer", "Array", list), "Optional transferList argument must be an iterable")
    end
    if list and list[1] ~= nil then error(errors.ERR_INVALID_TRANSFER_OBJECT(), 0) end
  end
  return require("lunode.internal.serializable").clone(value)
end

return M
