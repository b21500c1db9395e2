-- SPDX-License-Identifier: MIT
-- queueMicrotask(fn): runs fn after the running code and the ticks. structuredClone does not exist yet.
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"

local M = {}

local function run(fn) fn() end

function M.queueMicrotask(callback)
  local fn = validators.callback(callback, "callback")
  queue.microtask(run, fn)
end

M.structuredClone = errors.notImplemented "structuredClone"

return M
