-- SPDX-License-Identifier: MIT
--
-- addAbortSignal(signal, stream): destroys the stream with an AbortError when the signal aborts; returns the stream
-- (Node 20 docs: stream.addAbortSignal).
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"
local utils = require "lunode.stream.utils"
local abort = require "lunode.stream.abort"

return function(signal, stream)
  if signal == nil then error(errors.ERR_INVALID_ARG_TYPE("signal", "AbortSignal", signal), 0) end
  validators.validateAbortSignal(signal, "signal")
  if not utils.isNodeStream(stream) then
    error(errors.ERR_INVALID_ARG_TYPE("stream", { "ReadableStream", "WritableStream", "Stream" }, stream), 0)
  end
  local function on_abort() stream:destroy(abort.error(signal)) end
  if signal.aborted then
    on_abort()
  else
    local stop = abort.listen(signal, on_abort)
    require "lunode.stream.end_of_stream"(stream, stop)
  end
  return stream
end
