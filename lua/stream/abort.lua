-- SPDX-License-Identifier: MIT
--
-- abort.listen(signal, fn) -> stop: calls fn once when the signal aborts; stop() takes the listener off.
-- abort.controller() -> AbortController    abort.error(signal) -> AbortError whose cause is the signal's reason
local M = {}

function M.listen(signal, fn)
  local function listener() fn() end
  signal:addEventListener("abort", listener, { once = true })
  return function() signal:removeEventListener("abort", listener) end
end

function M.controller() return require("lunode.internal.abort_controller").AbortController() end

-- The error that an aborted operation ends with.
function M.error(signal)
  local cause = signal.reason
  return require("lunode.internal.errors").AbortError(nil, cause ~= nil and { cause = cause } or nil)
end

return M
