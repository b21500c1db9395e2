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

function M.structuredClone(...)
  if select("#", ...) == 0 then error(errors.ERR_MISSING_ARGS "value", 0) end
  local value, options = ...
  local list = type(options) == "table" and options.transfer
  if type(list) == "table" and #list > 0 then errors.notImplemented "structuredClone with transfer"() end
  return require("lunode.internal.serializable").clone(value)
end

return M
