-- SPDX-License-Identifier: MIT
--
-- generate(body, options) -> Readable in object mode, of what body(push) pushes. The body runs as an async function, from
-- the first read on; push(chunk) waits while nobody wants more, and raises once the stream is destroyed. What the body raises
-- destroys the stream; its return ends it. options.done(ok, value), when given, is told of either first.
local async = require "lunode.internal.async"
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local validators = require "lunode.internal.validators"
local Readable = require "lunode.stream.readable"

local error, pcall = error, pcall

return function(body, options)
  local out, waiting
  local started, over = false, false

  local function push(chunk)
    if out.destroyed or over then error(errors.AbortError(), 0) end
    if chunk == nil or chunk == errors.null then error(errors.ERR_STREAM_NULL_VALUES(), 0) end
    if out:push(chunk) then return end
    waiting = promise.new()
    async.await(waiting)
  end

  local function run()
    local ok, value = pcall(body, push)
    over = true
    if options and options.done then options.done(ok, value) end
    if out.destroyed then return end
    if ok then out:push(nil) else out:destroy(value) end
  end

  out = Readable {
    objectMode = true,
    highWaterMark = options and options.highWaterMark or 1,
    signal = options and options.signal,
    read = function()
      if not started then
        started = true
        async.async(run)
      elseif waiting then
        local p = waiting
        waiting = nil
        promise.resolve(p)
      end
    end,
    destroy = function(_, err, cb)
      cb = validators.callback(cb, "callback")
      if waiting then
        local p = waiting
        waiting = nil
        promise.reject(p, err or errors.AbortError())
      end
      cb(err)
    end,
  }
  return out
end
