-- SPDX-License-Identifier: MIT
--
-- readable:pipe and readable:unpipe (Node 20 docs: readable.pipe). A source waits for every target that is full; it
-- flows again when the last of them has drained.
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local Readable = require "lunode.stream.readable"
local destroying = require "lunode.stream.destroy"
local shape = require "lunode.internal.shape"
local state_of = require "lunode.stream.state"
local utils = require "lunode.stream.utils"

local type = type
local prepend = require("lunode.events").prototype.prependListener
local nextTick = queue.nextTick

-- Several targets: awaitDrainWriters becomes a set, `awaiting` its size.
local function make_set(s)
  s.multiAwaitDrain = true
  local one = s.awaitDrainWriters
  s.awaitDrainWriters, s.awaiting = state_of.set(), 0
  if one then s.awaitDrainWriters[one], s.awaiting = true, 1 end
end

local function wait_for(s, dest)
  local pipes = s.pipes
  if #pipes == 1 and pipes[1] == dest then
    s.awaitDrainWriters, s.multiAwaitDrain = dest, false
  elseif #pipes > 1 then
    for i = 1, #pipes do
      if pipes[i] == dest then
        if not s.awaitDrainWriters[dest] then
          s.awaitDrainWriters[dest] = true
          s.awaiting = s.awaiting + 1
        end
        break
      end
    end
  end
end

local function drained(source, s, dest)
  if s.multiAwaitDrain then
    if s.awaitDrainWriters[dest] then
      s.awaitDrainWriters[dest] = nil
      s.awaiting = s.awaiting - 1
    end
    if s.awaiting > 0 then return end
  else
    if s.awaitDrainWriters == dest then s.awaitDrainWriters = nil end
    if s.awaitDrainWriters then return end
  end
  if source:listenerCount "data" > 0 then source:resume() end
end

-- The targets but the one at `at`, and then `more`. A new list: JavaScript's have a length.
local function others(pipes, at, more)
  local list = {}
  for i = 1, #pipes do
    if i ~= at then list[#list + 1] = pipes[i] end
  end
  list[#list + 1] = more
  return shape.list(list)
end

-- options["end"] false: the target is not ended with the source.
function Readable:pipe(dest, options)
  local source, s = self, self._readableState
  if #s.pipes == 1 and not s.multiAwaitDrain then make_set(s) end
  s.pipes = others(s.pipes, 0, dest)

  local cleaned = false
  local onend, onunpipe, ondrain, ondata, onerror, onclose, onfinish, at_end

  local function unpipe() source:unpipe(dest) end
  function onend() utils.finish(dest) end
  local ends = not dest._isStdio and not (type(options) == "table" and options["end"] == false)
  at_end = ends and onend or unpipe

  local function cleanup()
    dest:removeListener("close", onclose)
    dest:removeListener("finish", onfinish)
    if ondrain then dest:removeListener("drain", ondrain) end
    dest:removeListener("error", onerror)
    dest:removeListener("unpipe", onunpipe)
    source:removeListener("end", onend)
    source:removeListener("end", unpipe)
    source:removeListener("data", ondata)
    cleaned = true
    -- It may be the one that the source waits for.
    if ondrain and s.awaitDrainWriters and (not dest._writableState or dest._writableState.needDrain) then ondrain() end
  end
  function onunpipe(readable, info)
    if readable == source and info and info.hasUnpiped == false then
      info.hasUnpiped = true
      cleanup()
    end
  end
  local function pause()
    if not cleaned then
      wait_for(s, dest)
      source:pause()
    end
    if not ondrain then
      function ondrain() drained(source, s, dest) end
      dest:on("drain", ondrain)
    end
  end
  function ondata(chunk)
    if dest:write(chunk) == false then pause() end
  end
  function onerror(err)
    unpipe()
    dest:removeListener("error", onerror)
    if dest:listenerCount "error" == 0 then
      local state = dest._writableState or dest._readableState
      if state and not state.errorEmitted then destroying.errorOrDestroy(dest, err) else dest:emit("error", err) end
    end
  end
  function onclose()
    dest:removeListener("finish", onfinish)
    unpipe()
  end
  function onfinish()
    dest:removeListener("close", onclose)
    unpipe()
  end

  if s.endEmitted then nextTick(at_end) else source:once("end", at_end) end
  dest:on("unpipe", onunpipe)
  source:on("data", ondata)
  prepend(dest, "error", onerror) -- an emitter of another make need not have it
  dest:once("close", onclose)
  dest:once("finish", onfinish)
  dest:emit("pipe", source)
  if dest.writableNeedDrain == true then
    pause()
  elseif not s.flowing then
    source:resume()
  end
  return dest
end

-- Without a target: from all.
function Readable:unpipe(dest)
  local s = self._readableState
  local pipes = s.pipes
  if #pipes == 0 then return self end
  if dest == nil or dest == errors.null then
    s.pipes = shape.list {}
    self:pause()
    for i = 1, #pipes do pipes[i]:emit("unpipe", self, shape.dict { hasUnpiped = false }) end
    return self
  end
  local at
  for i = 1, #pipes do
    if pipes[i] == dest then at = i break end
  end
  if not at then return self end
  s.pipes = others(pipes, at)
  if #pipes == 1 then self:pause() end
  dest:emit("unpipe", self, shape.dict { hasUnpiped = false })
  return self
end

return Readable
