-- SPDX-License-Identifier: MIT
--
-- Stream: the class that all streams inherit from, and the module itself. Its own `pipe` is the one of old streams that
-- only emit 'data'; Readable has another.
local class = require "lunode.internal.class"
local EventEmitter = require "lunode.events"
local utils = require "lunode.stream.utils"

local prepend = EventEmitter.prototype.prependListener
local type, rawset, setmetatable = type, rawset, setmetatable

local Stream = class("Stream", EventEmitter)

-- Room for the fields that every stream gets, so that the table does not grow field by field.
rawset(Stream, "construct", function(self, ...)
  local stream = setmetatable({ _events = false, _readableState = false, _writableState = false }, self.meta)
  stream._events, stream._readableState, stream._writableState = nil, nil, nil
  local initialize = stream.initialize
  if initialize then initialize(stream, ...) end
  return stream
end)

function Stream:initialize(options) EventEmitter.prototype.initialize(self, options) end

-- Old streams: data goes to dest:write, which may hold the source with pause and resume.
function Stream:pipe(dest, options)
  local source = self
  local did_end = false
  local cleanup

  local function ondata(chunk)
    if dest.writable and dest:write(chunk) == false and source.pause then source:pause() end
  end
  local function ondrain()
    if source.readable and source.resume then source:resume() end
  end
  local function onend()
    if did_end then return end
    did_end = true
    utils.finish(dest)
  end
  local function onclose()
    if did_end then return end
    did_end = true
    if type(dest.destroy) == "function" then dest:destroy() end
  end
  local function failing(side)
    return function(err)
      cleanup()
      if EventEmitter.listenerCount(side, "error") == 0 then side:emit("error", err) end
    end
  end
  local source_failed, dest_failed = failing(source), failing(dest)
  local ends = not dest._isStdio and not (type(options) == "table" and options["end"] == false)
  function cleanup()
    source:removeListener("data", ondata)
    dest:removeListener("drain", ondrain)
    source:removeListener("end", onend)
    source:removeListener("close", onclose)
    source:removeListener("error", source_failed)
    dest:removeListener("error", dest_failed)
    source:removeListener("end", cleanup)
    source:removeListener("close", cleanup)
    dest:removeListener("close", cleanup)
  end

  source:on("data", ondata)
  dest:on("drain", ondrain)
  if ends then
    source:on("end", onend)
    source:on("close", onclose)
  end
  prepend(source, "error", source_failed)
  prepend(dest, "error", dest_failed)
  source:on("end", cleanup)
  source:on("close", cleanup)
  dest:on("close", cleanup)
  dest:emit("pipe", source)
  return dest
end

return Stream
