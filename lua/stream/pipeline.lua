-- SPDX-License-Identifier: MIT
--
-- pipeline(stream, …, callback) (Node 20 docs: stream.pipeline). callback(err, value) comes once, when all is over; on
-- an error every stream is destroyed. A list of streams may be given instead. Returns the last stream.
--
-- In the place of a stream:
--   first     anything that Readable.from takes, or function(push, options): pushes chunks
--   between   function(source, push, options): reads `for chunk in source:iter() do`, pushes chunks
--   last      function(source, push, options): what it returns is the callback's value
-- The functions run as async functions: they may await, and push does while there is no room. options.signal aborts when the
-- pipeline is over. A function of JavaScript is called as in Node: (source, {signal}), returning an iterable or a promise.
local async = require "lunode.internal.async"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"
local abort = require "lunode.stream.abort"
local destroying = require "lunode.stream.destroy"
local finished = require "lunode.stream.end_of_stream"
local utils = require "lunode.stream.utils"
local Readable = require "lunode.stream.pipe"
local PassThrough = require "lunode.stream.passthrough"

local type, select, error, pcall = type, select, error, pcall
local nextTick, door = queue.nextTick, validators.door
local isNodeStream, isReadable, isReadableNodeStream = utils.isNodeStream, utils.isReadable, utils.isReadableNodeStream

local M = {}

local function premature(err) return type(err) == "table" and err.code == "ERR_STREAM_PREMATURE_CLOSE" end

-- destroy(err) for a stream that is not through yet, and what takes the listeners off again.
local function make_destroyer(stream, reading, writing)
  local done = false
  local function on_close() done = true end
  stream:on("close", on_close)
  local cleanup = finished(stream, { readable = reading, writable = writing }, function(err) done = err == nil end)
  return function(err)
    if done then return end
    done = true
    destroying.destroyer(stream, err or errors.ERR_STREAM_DESTROYED "pipe")
  end, cleanup
end

-- Pipes, and calls finish twice: when the source is through and when the target is.
local function connect(src, dst, finish, ends)
  local ended = false
  dst:on("close", function()
    if not ended then finish(errors.ERR_STREAM_PREMATURE_CLOSE()) end
  end)
  src:pipe(dst, { ["end"] = false })
  if ends then
    local function on_end()
      ended = true
      utils.finish(dst)
    end
    if utils.isReadableFinished(src) then nextTick(on_end) else src:once("end", on_end) end
  else
    finish()
  end
  finished(src, { readable = true, writable = false }, function(err)
    local r = src._readableState
    if err ~= nil and premature(err) and r and r.ended and not r.errored and not r.errorEmitted then
      -- Closed, but with its data still to be read.
      src:once("end", function() finish() end)
      src:once("error", finish)
    else
      finish(err)
    end
  end)
  return finished(dst, { readable = false, writable = true }, finish)
end

local function is_javascript(fn) return door.wants_this and door.wants_this(fn) or false end

local function run(streams, report, opts)
  local n = #streams
  if n == 1 and validators.is_list(streams[1]) then
    streams = streams[1]
    n = #streams
  end
  if n < 2 then error(errors.ERR_MISSING_ARGS "streams", 0) end
  local outer = opts and opts.signal
  if outer ~= nil then validators.validateAbortSignal(outer, "options.signal") end
  local ends_last = not (opts and opts["end"] == false)

  local controller -- of the signal that functions get; made when there is one
  local function function_options()
    controller = controller or abort.controller()
    return { signal = controller.signal }
  end

  local failure, value
  local destroys, first_destroy = {}, 1
  local last_cleanups = {}
  local count = 0
  local stop_signal

  local function settle(err, final)
    if err ~= nil and (failure == nil or premature(failure)) then failure = err end
    if failure == nil and not final then return end
    while first_destroy <= #destroys do
      local destroy = destroys[first_destroy]
      first_destroy = first_destroy + 1
      destroy(failure)
    end
    if stop_signal then stop_signal() end
    if controller then controller:abort() end
    if final then
      if failure == nil then
        for i = 1, #last_cleanups do last_cleanups[i]() end
      end
      nextTick(report, failure, value)
    end
  end
  local function finish(err)
    if err == errors.null then err = nil end
    count = count - 1
    settle(err, count == 0)
  end
  local function on_abort() settle(abort.error(outer), false) end

  local function own(stream, reading, writing, is_last)
    local destroy, cleanup = make_destroyer(stream, reading, writing)
    destroys[#destroys + 1] = destroy
    if is_last then last_cleanups[#last_cleanups + 1] = cleanup end
  end

  local ret
  for i = 1, n do
    local stream = streams[i]
    local reading, writing = i < n, i > 1
    local ends, is_last = reading or ends_last, i == n

    if isNodeStream(stream) then
      local through = is_last and isReadable(stream)
      if ends then own(stream, reading, writing, through) end
      local function on_error(err)
        if type(err) == "table" and (err.name == "AbortError" or premature(err)) then return end
        -- Counts as one of the ends awaited: the callback does not wait for every slow _destroy.
        if err ~= nil then finish(err) end
      end
      stream:on("error", on_error)
      if through then
        last_cleanups[#last_cleanups + 1] = function() stream:removeListener("error", on_error) end
      end
    end

    if i == 1 then
      if isNodeStream(stream) then
        if not isReadableNodeStream(stream) then stream = require "lunode.stream.duplexify"(stream, "streams[0]") end
        ret = stream
      elseif type(stream) == "function" then
        local fn = validators.callback(stream, "streams[0]")
        if is_javascript(stream) then
          local made = fn(function_options())
          if isReadableNodeStream(made) then
            ret = made
          elseif require("lunode.stream.from").source(made) == nil then
            error(errors.ERR_INVALID_RETURN_VALUE("Iterable, AsyncIterable or Stream", "source", made), 0)
          else
            ret = Readable.from(made)
          end
        else
          local options = function_options()
          ret = require "lunode.stream.generate"(function(push) return fn(push, options) end)
        end
        own(ret, true, false, false)
      elseif utils.isObject(stream) and not utils.isThenable(stream) and (stream.readable ~= nil or stream.writable ~= nil) then
        ret = require "lunode.stream.duplexify"(stream, "streams[0]")
        own(ret, true, false, false)
      else
        ret = Readable.from(stream)
        own(ret, true, false, false)
      end
    elseif type(stream) == "function" then
      local fn, source, options = validators.callback(stream, "streams[" .. (i - 1) .. "]"), ret, function_options()
      local javascript = is_javascript(stream)
      if reading then
        if javascript then
          local made = fn(source, options)
          if isReadableNodeStream(made) then
            ret = made
          elseif utils.isThenable(made) or require("lunode.stream.from").source(made) == nil then
            error(errors.ERR_INVALID_RETURN_VALUE("AsyncIterable", "transform[" .. (i - 2) .. "]", made), 0)
          else
            ret = Readable.from(made)
          end
        else
          ret = require "lunode.stream.generate"(function(push) return fn(source, push, options) end)
        end
        own(ret, true, false, false)
      else
        local pt = PassThrough { objectMode = true }
        local made = javascript and fn(source, options) or nil
        if javascript and not utils.isThenable(made) then
          if made == nil or require("lunode.stream.from").source(made) == nil then
            error(errors.ERR_INVALID_RETURN_VALUE("AsyncIterable or Promise", "destination", made), 0)
          end
          count = count + 2
          local cleanup = connect(Readable.from(made), pt, finish, ends)
          if is_last then last_cleanups[#last_cleanups + 1] = cleanup end
        else
          count = count + 1
          local function push(chunk)
            if pt.destroyed then error(pt.errored or errors.AbortError(), 0) end
            if not pt:write(chunk) then async.await(require("lunode.events").once(pt, "drain")) end
          end
          async.async(function()
            local ok, result = pcall(function()
              if javascript then return async.await(made) end
              local r = fn(source, push, options)
              if utils.isThenable(r) then return async.await(r) end
              return r
            end)
            if ok then
              if result == errors.null then result = nil end
              value = result
              if result ~= nil then pt:write(result) end
              if ends then pt:finish() end
              nextTick(finish)
            else
              pt:destroy(result)
              nextTick(finish, result)
            end
          end)
        end
        ret = pt
        own(pt, false, true, is_last)
      end
    elseif isNodeStream(stream) then
      count = count + 2
      local cleanup = connect(ret, stream, finish, ends)
      if is_last and isReadable(stream) then last_cleanups[#last_cleanups + 1] = cleanup end
      ret = stream
    else
      local made = require "lunode.stream.duplexify"(stream, "streams[" .. (i - 1) .. "]")
      own(made, reading, writing, is_last)
      count = count + 2
      connect(ret, made, finish, ends)
      ret = made
    end
  end

  if outer ~= nil then
    if outer.aborted then nextTick(on_abort) else stop_signal = abort.listen(outer, on_abort) end
  end
  return ret
end

-- (streams, report, options): the library's own way in.
M.run = run

function M.pipeline(...)
  local n = select("#", ...)
  local callback = validators.callback(n > 0 and (select(n, ...)) or nil, "streams[stream.length - 1]")
  local called = false
  local function once(err, value)
    if called then return end
    called = true
    callback(err, value)
  end
  local streams = { ... }
  streams[n] = nil
  return run(streams, once)
end

return M
