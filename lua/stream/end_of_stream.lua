-- SPDX-License-Identifier: MIT
--
-- finished(stream, options, callback) -> cleanup (Node 20 docs: stream.finished). callback(err) once, when the stream
-- is no longer readable or writable, or has met an error, or was closed too early (ERR_STREAM_PREMATURE_CLOSE).
--
-- options: readable, writable (false: that side does not count), error (false: 'error' is not listened to), signal.
-- cleanup() takes all listeners off, but for the one that the docs name: none are left behind here.
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"
local utils = require "lunode.stream.utils"
local abort = require "lunode.stream.abort"
local nop = require("lunode.stream.state").nop

local type = type
local nextTick = queue.nextTick
local isReadable, isWritable = utils.isReadable, utils.isWritable
local isReadableFinished, isWritableFinished = utils.isReadableFinished, utils.isWritableFinished
local isReadableNodeStream, isWritableNodeStream = utils.isReadableNodeStream, utils.isWritableNodeStream

local function given(value, default)
  if value == nil or value == errors.null then return default end
  return value and true or false
end

return function(stream, options, cb)
  if type(options) == "function" and cb == nil then
    options, cb = nil, options
  elseif options == errors.null then
    options = nil
  elseif options ~= nil then
    if cb == nil then validators.callback(options, "callback") end
    validators.validateObject(options, "options")
  end
  cb = validators.callback(cb, "callback")
  local signal = options and options.signal
  if signal ~= nil then validators.validateAbortSignal(signal, "options.signal") end
  if not utils.isNodeStream(stream) then
    error(errors.ERR_INVALID_ARG_TYPE("stream", { "ReadableStream", "WritableStream", "Stream" }, stream), 0)
  end

  local called, stop_signal = false, nil
  local finish
  local function call(err)
    if called then return end
    called = true
    if stop_signal then stop_signal() end
    if err == nil then finish() else finish(err) end
  end
  finish = cb

  local is_readable, is_writable = isReadableNodeStream(stream), isWritableNodeStream(stream)
  local readable = given(options and options.readable, is_readable)
  local writable = given(options and options.writable, is_writable)
  local w, r = stream._writableState, stream._readableState
  -- 'close' decides then, as it comes after all else.
  local will_close = utils.willEmitClose(stream) and is_readable == readable and is_writable == writable
  local writable_done = isWritableFinished(stream, false)
  local readable_done = isReadableFinished(stream, false)
  local closed = utils.isClosed(stream)

  local function onfinish()
    writable_done = true
    -- Destroyed by hand inside 'finish': no 'close' may follow.
    if stream.destroyed then will_close = false end
    if will_close and (not stream.readable or readable) then return end
    if not readable or readable_done then call() end
  end
  local function onend()
    readable_done = true
    if stream.destroyed then will_close = false end
    if will_close and (not stream.writable or writable) then return end
    if not writable or writable_done then call() end
  end
  local function onlegacyfinish()
    if not stream.writable then onfinish() end
  end
  local function onerror(err) call(err) end
  local function own_error()
    local err = utils.isWritableErrored(stream) or utils.isReadableErrored(stream)
    return type(err) ~= "boolean" and err or nil
  end
  local function onclose()
    closed = true
    local err = own_error()
    if err ~= nil then return call(err) end
    if readable and not readable_done and isReadableNodeStream(stream, true) and not isReadableFinished(stream, false) then
      return call(errors.ERR_STREAM_PREMATURE_CLOSE())
    end
    if writable and not writable_done and not isWritableFinished(stream, false) then
      return call(errors.ERR_STREAM_PREMATURE_CLOSE())
    end
    call()
  end
  local function onclosed()
    closed = true
    call(own_error())
  end
  local function onrequest() stream.req:on("finish", onfinish) end

  local is_request = utils.isRequest(stream)
  if is_request then
    stream:on("complete", onfinish)
    if not will_close then stream:on("abort", onclose) end
    if stream.req then onrequest() else stream:on("request", onrequest) end
  elseif writable and not w then
    stream:on("end", onlegacyfinish)
    stream:on("close", onlegacyfinish)
  end
  if not will_close and type(stream.aborted) == "boolean" then stream:on("aborted", onclose) end
  stream:on("end", onend)
  stream:on("finish", onfinish)
  if not options or options.error ~= false then stream:on("error", onerror) end
  stream:on("close", onclose)

  if closed then
    nextTick(onclose)
  elseif w and w.errorEmitted or r and r.errorEmitted then
    if not will_close then nextTick(onclosed) end
  elseif not readable and (not will_close or isReadable(stream)) and (writable_done or isWritable(stream) == false)
    and (not w or w.pendingcb == nil or w.pendingcb == 0) then
    nextTick(onclosed)
  elseif not writable and (not will_close or isWritable(stream)) and (readable_done or isReadable(stream) == false) then
    nextTick(onclosed)
  elseif r and stream.req and stream.aborted then
    nextTick(onclosed)
  end

  local function cleanup()
    finish = nop
    stream:removeListener("aborted", onclose)
    stream:removeListener("complete", onfinish)
    stream:removeListener("abort", onclose)
    stream:removeListener("request", onrequest)
    if stream.req and type(stream.req) == "table" then stream.req:removeListener("finish", onfinish) end
    stream:removeListener("end", onlegacyfinish)
    stream:removeListener("close", onlegacyfinish)
    stream:removeListener("finish", onfinish)
    stream:removeListener("end", onend)
    stream:removeListener("error", onerror)
    stream:removeListener("close", onclose)
  end

  if signal ~= nil and not closed then
    local function on_abort()
      local report = finish
      cleanup()
      if called then return end
      called = true
      report(abort.error(signal))
    end
    if signal.aborted then nextTick(on_abort) else stop_signal = abort.listen(signal, on_abort) end
  end
  return cleanup
end
