-- SPDX-License-Identifier: MIT
--
-- The option stdio (Node 20 docs: options.stdio).
--
--   stdio.resolve(value, sync, framed) -> entries, ipc, ipc_fd
--     entries: a sequence, descriptor n at n+1, of {type, …} with type
--       "ignore"; "fd" {fd}; "stream" {handle, owner};
--       "pipe" {handle}: a new handle of core.pipe, or of core.channel (ipc: the handle, ipc_fd: the descriptor);
--       with sync there are no handles, and no channel
--   stdio.from_name(name, channel) -> the list that a word stands for
local core = require "lunode.core"
local errors = require "lunode.internal.errors"

local type, error, rawget, pairs = type, error, rawget, pairs
local null = errors.null

local M = {}

function M.from_name(name, channel)
  local list
  if name == "ignore" or name == "pipe" or name == "overlapped" then list = { name, name, name }
  elseif name == "inherit" then list = { 0, 1, 2 }
  else error(errors.ERR_INVALID_ARG_VALUE("stdio", name), 0) end
  if channel then list[4] = channel end
  return list
end

-- The highest index of a list that may have holes; at least three descriptors.
local function length_of(list)
  local n = 3
  for k in pairs(list) do
    if type(k) == "number" and k % 1 == 0 and k > n then n = k end
  end
  return n
end

-- The raw handle of a stream, server or handle; nil for anything else.
local function handle_of(value)
  if type(value) == "userdata" then
    return not core.buffer.is(value) and type(value.readStart) == "function" and value or nil
  end
  if type(value) ~= "table" then return nil end
  local handle = value._handle or value.handle
  if type(handle) == "userdata" and not core.buffer.is(handle) and type(handle.readStart) == "function" then return handle end
end

local function new_handle(make, ...)
  local handle, code = make(...)
  if handle then return handle end
  error(errors.errnoException(code, "pipe"), 0)
end

local function entry(value, index, sync, framed, found)
  if value == nil or value == null then value = index <= 3 and "pipe" or "ignore" end
  if value == "ignore" then
    return { type = "ignore" }
  elseif value == "pipe" or value == "overlapped" or type(value) == "number" and value < 0 then
    return { type = "pipe", handle = not sync and new_handle(core.pipe.new) or nil }
  elseif value == "ipc" then
    if sync then error(errors.ERR_IPC_SYNC_FORK(), 0) end
    if found.ipc then error(errors.ERR_IPC_ONE_PIPE(), 0) end
    found.ipc, found.fd = new_handle(core.channel.new, framed), index - 1
    return { type = "pipe", handle = found.ipc, ipc = true }
  elseif value == "inherit" then
    return { type = "fd", fd = index - 1 }
  elseif type(value) == "number" then
    if value % 1 ~= 0 or value > 2147483647 then error(errors.ERR_INVALID_ARG_VALUE("stdio", value), 0) end
    return { type = "fd", fd = value }
  end
  if type(value) == "table" and type(value.fd) == "number" then return { type = "fd", fd = value.fd, owner = value } end
  local handle = handle_of(value)
  if handle then
    if handle:isClosing() then error(errors.ERR_INVALID_ARG_VALUE("stdio", value), 0) end
    return { type = "stream", handle = handle, owner = value }
  end
  if not sync and (type(value) == "string" or core.buffer.is(value)) then
    error(errors.ERR_INVALID_SYNC_FORK_INPUT(errors.inspect_brief(value)), 0)
  end
  error(errors.ERR_INVALID_ARG_VALUE("stdio", value), 0)
end

-- Closes what was made for a child that there will not be.
function M.release(entries)
  for i = 1, #entries do
    local e = entries[i]
    if e.type == "pipe" and e.handle then e.handle:close() end
  end
end

function M.resolve(value, sync, framed)
  if type(value) == "string" then
    value = M.from_name(value)
  elseif type(value) ~= "table" or value == null then
    error(errors.ERR_INVALID_ARG_VALUE("stdio", value), 0)
  end
  local entries, found = {}, {}
  for i = 1, length_of(value) do
    local ok, e = pcall(entry, value[i], i, sync, framed, found)
    if not ok then
      M.release(entries)
      error(e, 0)
    end
    entries[i] = e
  end
  return entries, found.ipc, found.fd
end

-- As core.spawn wants it.
function M.raw(entries)
  local out = {}
  for i = 1, #entries do
    local e = entries[i]
    if e.type == "fd" then
      out[i] = { "fd", e.fd }
      if e.fd == 1 then io.stdout:flush() end -- what print holds back comes before what the child writes
    elseif e.type == "ignore" then out[i] = { "ignore" }
    elseif e.type == "pipe" then out[i] = { "pipe", e.handle or e.input }
    else out[i] = { "stream", e.handle } end
  end
  return out
end

-- A stream of this program that the child uses from now on is not read here any more.
function M.hand_over(owner)
  if type(owner) ~= "table" or not owner._readableState then return end
  local handle = rawget(owner, "_handle")
  if handle then handle:readStop() end
  if rawget(owner, "_reading") ~= nil then rawset(owner, "_reading", false) end
  owner:pause()
  owner._readableState.flowing = false
  owner._readableState.reading = false
  rawset(owner, "_usedAsStdio", true)
end

return M
