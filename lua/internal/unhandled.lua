-- SPDX-License-Identifier: MIT
-- Sends what nobody caught to internal/uncaught.lua, which is loaded when it is needed.
local promise = require "lunode.internal.promise"
local queue = require "lunode.internal.queue"

queue.uncaught = function(...) return require("lunode.internal.uncaught").report(...) end
promise.on_unhandled = function(...) return require("lunode.internal.uncaught").unhandled_rejection(...) end
promise.on_handled_late = function(...) return require("lunode.internal.uncaught").handled_late(...) end

return true
