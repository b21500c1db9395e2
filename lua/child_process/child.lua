-- SPDX-License-Identifier: MIT
--
-- ChildProcess (Node 20 docs: Class: ChildProcess): pid, stdin, stdout, stderr, stdio (descriptor n at n+1), spawnfile,
-- spawnargs, exitCode, signalCode, killed, connected, channel. Events: spawn, exit(code, signal), close(code, signal),
-- error(err), disconnect, message(message, handle).
--
-- 'close' comes when the process has ended, all its pipes are closed and no message can come any more; what waits for
-- that is counted in _waiting.
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local given = require "lunode.child_process.options"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local stdio = require "lunode.child_process.stdio"
local symbols = require "lunode.internal.symbols"
local taps = require "lunode.internal.taps"
local validators = require "lunode.internal.validators"
local EventEmitter = require "lunode.events"

local type, error, rawget, rawset = type, error, rawget, rawset
local nextTick = queue.nextTick
local errnoException = errors.errnoException

local ChildProcess = class("ChildProcess", EventEmitter)

function ChildProcess:initialize()
  EventEmitter.prototype.initialize(self)
  self._waiting = 1
  self.connected = false
  self.killed = false
  self.exitCode, self.signalCode, self.spawnfile = nil, nil, nil
  local tap = taps.child_process
  if tap then tap:publish { process = self } end
end

-- ---- the end

local function part_over(self)
  self._waiting = self._waiting - 1
  if self._waiting == 0 then self:emit("close", self.exitCode, self.signalCode) end
end

-- Once for each child: by `over`, or later where a listener raised an error.
local function end_told(self)
  self._ending = false
  part_over(self)
end

-- What nobody reads is thrown away, or the pipes would never close. What the child wrote last is read until the end.
local function after_exit(self)
  if self._ending then end_told(self) end
  local list = self.stdio
  if not list then return end
  for i = 1, self._stdioCount do
    local stream = list[i]
    if stream and stream.readable and not rawget(stream, "_usedAsStdio") then stream:resume() end
  end
end

local function over(self, code, signal)
  if signal then self.signalCode = signal else self.exitCode = code end
  if self.stdin then self.stdin:destroy() end
  if self._handle then
    self._handle:close()
    self._handle = nil
  end
  self._ending = true
  nextTick(after_exit, self)
  if code < 0 then
    local file = self.spawnfile
    local err = errnoException(code, file and "spawn " .. file or "spawn")
    if file then err.path = file end
    local args = {}
    for i = 2, #self.spawnargs do args[i - 1] = self.spawnargs[i] end
    err.spawnargs = shape.list(args)
    self:emit("error", err)
  else
    self:emit("exit", self.exitCode, self.signalCode)
  end
  end_told(self)
end

-- Called by C. The listeners run in the async context that the child was made in.
local function on_exit(self, code, signal)
  queue.context = rawget(self, "_context") or false
  over(self, code, signal ~= 0 and given.signal_name(signal) or nil)
  queue.context = false
end

-- ---- the beginning

local function send(self, ...) return require("lunode.internal.channel").send(self, ...) end
local function disconnect(self) return require("lunode.internal.channel").disconnect(self) end

local LATER = {} -- failures that are told by 'error'
for _, name in ipairs { "EACCES", "EAGAIN", "EMFILE", "ENFILE", "ENOENT" } do LATER[errors.uvCode(name)] = true end

local Socket

-- What the child's end of the pipe is here. A pipe that the system did not make is a closed stream.
local function make_socket(handle, readable)
  Socket = Socket or require "lunode.net.socket"
  if handle.fd >= 0 then return Socket { handle = handle, readable = readable } end
  handle:close()
  local socket = Socket { readable = readable }
  socket:destroy()
  return socket
end

local function make_streams(self, entries)
  local list = {}
  for i = 1, #entries do
    local e = entries[i]
    if e.type == "stream" then
      stdio.hand_over(e.owner)
    elseif e.type == "pipe" and not e.ipc then
      local socket = make_socket(e.handle, i > 1)
      list[i] = socket
      if i > 1 then
        self._waiting = self._waiting + 1
        socket:on("close", function() part_over(self) end)
      end
    end
  end
  self.stdin, self.stdout, self.stderr = list[1], list[2], list[3]
  self._stdioCount = #entries
  self.stdio = shape.list(list)
end

local door = validators.door
local serializations = { json = true, advanced = true }

-- options: file, args (the name that the child sees first), envPairs, cwd, stdio, detached, uid, gid, serialization.
-- -> 0, or the code of what 'error' will tell. Raises what else the system says, and for wrong options.
function ChildProcess:spawn(options)
  validators.validateObject(options, "options")
  local strict = door.adapt -- JavaScript tells null from undefined
  local mode = options.serialization
  if mode == errors.null and not strict then mode = nil end
  if mode ~= nil and not serializations[mode] then
    error(errors.ERR_INVALID_ARG_VALUE("options.serialization", mode, "must be one of: undefined, 'json', 'advanced'"), 0)
  end
  mode = mode or "json"
  local env, args = options.envPairs, options.args
  if env == errors.null and not strict then env = nil end
  if args == errors.null and not strict then args = nil end
  if env ~= nil then validators.validateArray(env, "options.envPairs") end
  validators.validateString(options.file, "options.file")
  if args ~= nil then validators.validateArray(args, "options.args") end
  local entries, ipc, ipc_fd = stdio.resolve(options.stdio or "pipe", false, mode == "advanced")
  self.spawnfile = options.file
  self.spawnargs = args or shape.list {}

  local ok, handle, code = pcall(function()
    local process_env = given.environment() -- C's is up to date now
    if ipc then
      local copy = {}
      env = env or given.pairs_of(process_env)
      for i = 1, #env do
        if not env[i]:find "^NODE_CHANNEL_" then copy[#copy + 1] = env[i] end
      end
      copy[#copy + 1] = "NODE_CHANNEL_FD=" .. ipc_fd
      copy[#copy + 1] = "NODE_CHANNEL_SERIALIZATION_MODE=" .. mode
      env = copy
    end
    return core.spawn.spawn {
      file = options.file, args = #self.spawnargs > 0 and self.spawnargs or { options.file }, env = env, cwd = options.cwd,
      detached = options.detached, uid = options.uid, gid = options.gid, stdio = stdio.raw(entries),
    }
  end)
  if not ok then
    stdio.release(entries)
    error(handle, 0)
  end
  if not handle then
    if not LATER[code] then
      stdio.release(entries)
      error(errnoException(code, "spawn"), 0)
    end
    nextTick(over, self, code)
    local name = errors.uvName(code)
    if name == "EMFILE" or name == "ENFILE" then -- no pipe was made
      stdio.release(entries)
      return code
    end
  else
    self._handle = handle
    if queue.context then rawset(self, "_context", queue.context) end
    handle.owner, handle.onexit = self, on_exit
    self.pid = handle:pid()
    nextTick(self.emit, self, "spawn")
  end
  make_streams(self, entries)
  if ipc then
    self._waiting = self._waiting + 1
    rawset(self, "send", send)
    rawset(self, "disconnect", disconnect)
    require("lunode.internal.channel").attach(self, ipc, mode, function() part_over(self) end)
  end
  return code or 0
end

-- ---- while it runs

-- signal: a name or number, by default SIGTERM; 0 only asks. -> whether it was sent
function ChildProcess:kill(signal)
  local number = signal == 0 and 0 or given.signal_number(signal == nil and "SIGTERM" or signal)
  local handle = self._handle
  if not handle then return false end
  local status = handle:kill(number)
  if status == 0 then
    self.killed = true
    return true
  end
  local name = errors.uvName(status)
  if name == "EINVAL" or name == "ENOSYS" then error(errnoException(status, "kill"), 0) end
  if name ~= "ESRCH" then self:emit("error", errnoException(status, "kill")) end
  return false
end

ChildProcess.prototype[symbols.dispose] = function(self)
  if not self.killed then self:kill() end
end

function ChildProcess:ref()
  if self._handle then self._handle:ref() end
end

function ChildProcess:unref()
  if self._handle then self._handle:unref() end
end

return ChildProcess
