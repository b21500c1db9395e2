-- SPDX-License-Identifier: MIT
--
-- compose(stream, …) -> Duplex that writes to the first and reads from the last; between them a pipeline
-- (Node 20 docs: stream.compose). Functions and lists may stand for streams, as in pipeline.
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"
local destroying = require "lunode.stream.destroy"
local duplexify = require "lunode.stream.duplexify"
local finished = require "lunode.stream.end_of_stream"
local utils = require "lunode.stream.utils"
local Duplex = require "lunode.stream.duplex"

local type, error, select, rawset = type, error, select, rawset
local callback = validators.callback
local isNodeStream, isReadable, isWritable = utils.isNodeStream, utils.isReadable, utils.isWritable

return function(...)
  local n = select("#", ...)
  if n == 0 then error(errors.ERR_MISSING_ARGS "streams", 0) end
  local given, streams = { ... }, { ... }
  if n == 1 then return duplexify(streams[1], "streams[0]") end
  if type(streams[1]) == "function" then streams[1] = duplexify(streams[1], "streams[0]") end
  if type(streams[n]) == "function" then streams[n] = duplexify(streams[n], "streams[" .. (n - 1) .. "]") end
  for i = 1, n do
    if isNodeStream(streams[i]) then
      if i < n and not isReadable(streams[i]) then
        error(errors.ERR_INVALID_ARG_VALUE("streams[" .. (i - 1) .. "]", given[i], "must be readable"), 0)
      end
      if i > 1 and not isWritable(streams[i]) then
        error(errors.ERR_INVALID_ARG_VALUE("streams[" .. (i - 1) .. "]", given[i], "must be writable"), 0)
      end
    end
  end

  local ondrain, onfinish, onreadable, onclose
  local d, readable, writable

  local function on_finished(err)
    local cb = onclose
    onclose = nil
    if cb then cb(err)
    elseif err ~= nil then d:destroy(err)
    elseif not readable and not writable then d:destroy() end
  end

  local head = streams[1]
  local tail = require("lunode.stream.pipeline").run(streams, on_finished)
  writable, readable = isWritable(head) and true or false, isReadable(tail) and true or false

  d = Duplex {
    writableObjectMode = type(head) == "table" and head.writableObjectMode or false,
    readableObjectMode = tail.readableObjectMode or false,
    writable = writable,
    readable = readable,
  }

  if writable then
    rawset(d, "_write", function(_, chunk, encoding, cb)
      cb = callback(cb, "callback")
      if head:write(chunk, encoding) then cb() else ondrain = cb end
    end)
    rawset(d, "_final", function(_, cb)
      utils.finish(head)
      onfinish = callback(cb, "callback")
    end)
    head:on("drain", function()
      local cb = ondrain
      if cb then
        ondrain = nil
        cb()
      end
    end)
    finished(tail, function()
      local cb = onfinish
      if cb then
        onfinish = nil
        cb()
      end
    end)
  end

  if readable then
    tail:on("readable", function()
      local again = onreadable
      if again then
        onreadable = nil
        again(d)
      end
    end)
    tail:on("end", function() d:push(nil) end)
    rawset(d, "_read", function(self)
      while true do
        local chunk = tail:read()
        if chunk == nil or chunk == errors.null then
          onreadable = d._read
          return
        end
        if not self:push(chunk) then return end
      end
    end)
  end

  rawset(d, "_destroy", function(_, err, cb)
    cb = callback(cb, "callback")
    if err == nil and not (onclose == nil and (head.destroyed or tail.destroyed)) then err = errors.AbortError() end
    onreadable, ondrain, onfinish = nil, nil, nil
    if utils.isDestroyed(tail) then
      cb(err)
    else
      onclose = cb
      destroying.destroyer(tail, err)
    end
  end)
  return d
end
