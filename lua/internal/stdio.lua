-- SPDX-License-Identifier: MIT
--
-- The standard streams, made when first asked for (Node 20 docs: process.stdin, "A note on process I/O").
--
--   stdio.stdin(), stdio.stdout(), stdio.stderr()
--
-- Output is synchronous whatever the descriptor is: what was written before process.exit() arrives. A terminal is a
-- tty.WriteStream, all else a Writable over write(2), which leaves the descriptor's flags alone, for other processes
-- share it. Output streams cannot be closed. Input: fs.ReadStream, net.Socket or tty.ReadStream.
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"

local rawget, rawset, type = rawget, rawset, type
local write_sync, guess = core.tty.writeSync, core.tty.guess
local M = {}

-- ---- output

local SyncWriteStream

local function sync_write_stream()
  if SyncWriteStream then return SyncWriteStream end
  local validators = require "lunode.internal.validators"
  local Writable = require("lunode.stream").Writable
  SyncWriteStream = class("SyncWriteStream", Writable)

  function SyncWriteStream:initialize(fd)
    Writable.prototype.initialize(self, { autoDestroy = true, decodeStrings = false })
    rawset(self, "fd", fd)
  end

  function SyncWriteStream:_write(chunk, encoding, cb)
    if type(chunk) == "string" and encoding ~= "utf8" and validators.normalizeEncoding(encoding) ~= "utf8" then
      chunk = require("lunode.buffer").Buffer.from(chunk, encoding)
    end
    local status = write_sync(self.fd, chunk)
    if status == 0 then return cb() end
    cb(errors.errnoException(status, "write"))
  end

  -- Node's are Sockets where the descriptor is a pipe; these never keep the loop.
  function SyncWriteStream:ref() return self end
  function SyncWriteStream:unref() return self end
  return SyncWriteStream
end

local function emit_close(self) self:emit "close" end

-- 'close' is told, and the stream goes on.
local function survive(self, err, cb)
  cb(err)
  self:_undestroy()
  if not self._writableState.emitClose then queue.nextTick(emit_close, self) end
end

-- A terminal's handle must not be shut down by finish().
local function nothing_final(_, cb) cb() end

local function output(fd)
  local kind = guess(fd)
  local stream
  if kind == "TTY" then
    stream = require("lunode.tty").WriteStream(fd)
    stream._handle:unref()
    rawset(stream, "_final", nothing_final)
  else
    stream = sync_write_stream()(fd)
    rawset(stream, "_type", kind == "FILE" and "fs" or "pipe")
  end
  rawset(stream, "fd", fd)
  rawset(stream, "_isStdio", true)
  rawset(stream, "_destroy", survive)
  rawset(stream, "destroySoon", stream.destroy)
  return stream
end

-- ---- input

local function stop_reading(stdin)
  if stdin._handle and stdin._reading then
    stdin._reading = false
    stdin._readableState.reading = false
    stdin._handle:readStop()
  end
end

-- Paused input must not keep the program alive.
local function watch_pause(stdin)
  stdin:on("pause", function() queue.nextTick(stop_reading, stdin) end)
end

local function input()
  require "lunode.buffer" -- what is read has its methods
  local kind = guess(0)
  local stdin
  if kind == "TTY" then
    stdin = require("lunode.tty").ReadStream(0)
  elseif kind == "FILE" then
    stdin = require("lunode.fs").ReadStream(nil, { fd = 0, autoClose = false })
  elseif kind == "PIPE" or kind == "TCP" then
    stdin = require "lunode.net.socket" { fd = 0, readable = true, writable = false, lazyStart = true }
    rawset(stdin, "_type", "pipe")
  else
    local Readable = require("lunode.stream").Readable
    stdin = Readable { read = function() end }
    stdin:push(nil)
  end
  rawset(stdin, "fd", 0)
  if rawget(stdin, "_handle") then watch_pause(stdin) end
  return stdin
end

-- ----

local stdin, stdout, stderr

function M.stdin()
  stdin = stdin or input()
  return stdin
end
function M.stdout()
  stdout = stdout or output(1)
  return stdout
end
function M.stderr()
  stderr = stderr or output(2)
  return stderr
end

-- The terminals among the output streams that were made: they ask for their size again upon SIGWINCH.
function M.resized()
  if stdout and stdout._refreshSize then stdout:_refreshSize() end
  if stderr and stderr._refreshSize then stderr:_refreshSize() end
end

return M
