-- SPDX-License-Identifier: MIT
--
-- Messages between a process and its child (Node 20 docs: subprocess.send, process.send; the format on the wire is Node's,
-- so that a child or a parent that runs in Node understands it).
--
--   channel.attach(target, handle, mode, gone)   target: a ChildProcess or process; handle: an open core.channel; mode: "json"
--                                                or "advanced" (the handle is made framed then). gone() is called once, when
--                                                no message can come any more. Sets target.connected and target.channel.
--   channel.send(target, message, handle, options, cb) -> false when too much is waiting to be written
--   channel.disconnect(target)
--   channel.internal(target, message, handle, cb)   for messages of the library ("NODE_…"): they arrive as 'internalMessage'
--
-- A handle goes along with a message {cmd = "NODE_HANDLE", type, msg}; the receiver answers NODE_HANDLE_ACK, or
-- NODE_HANDLE_NACK when it did not get it, which makes the sender try again, three times. Meanwhile all other messages wait,
-- which keeps their order. cb of a message with a handle is called when the handle was acknowledged: with an error when the
-- receiver is gone, so that a socket cannot be lost in silence.
local core = require "lunode.core"
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local json = require "lunode.json"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"
local EventEmitter = require "lunode.events"

local rawget, rawset, type, error, pcall, setmetatable, getmetatable = rawget, rawset, type, error, pcall, setmetatable, getmetatable
local nextTick = queue.nextTick
local parse, stringify = core.json.parse, core.json.stringify
local door = validators.door

local M = {}

local BACKLOG = 2 * 65536       -- bytes waiting from which send returns false
local RETRANSMISSIONS = 3
local EOF = errors.uvCode "EOF"

-- ---- target.channel

-- Keeps the loop alive while somebody listens for messages (in a child) or a write is pending; ref() and unref() decide
-- from then on.
local Control = class("Control", EventEmitter)
M.Control = Control

function Control:initialize(handle)
  EventEmitter.prototype.initialize(self)
  rawset(self, "_handle", handle)
  rawset(self, "_refs", 0)
end

function Control:ref()
  rawset(self, "_decided", true)
  if self._handle then self._handle:ref() end
end

function Control:unref()
  rawset(self, "_decided", true)
  if self._handle then self._handle:unref() end
end

function Control:hasRef() return self._handle ~= nil and self._handle:hasRef() end

function Control:refCounted()
  rawset(self, "_refs", self._refs + 1)
  if self._refs == 1 and not rawget(self, "_decided") and self._handle then self._handle:ref() end
end

function Control:unrefCounted()
  rawset(self, "_refs", self._refs - 1)
  if self._refs == 0 and not rawget(self, "_decided") then
    if self._handle then self._handle:unref() end
    self:emit "unref"
  end
end

Control:accessor("fd", function(self) return self._handle and not self._handle:isClosing() and self._handle.fd or nil end)

-- ---- what handles become, both ways

local function net() return require "lunode.net" end
local function sent() return require "lunode.internal.sent_sockets" end

-- An open descriptor that nobody owns any more.
local function release(handle)
  if handle and not handle:isClosing() then handle:close() end
end

-- Calls emit when the server or socket has taken its handle, refuse when it cannot use it.
local function when_taken(object, method, handle, emit, refuse)
  object:once("error", refuse)
  method(object, handle, function()
    object:removeListener("error", refuse)
    emit(object)
  end)
end

-- send(handle, message, options, state) -> the raw handle, or nil; got(message, handle, emit, refuse, state): emit(object) or refuse(err), or
-- an error is raised; `of`: the method that the raw handle must have, for the sender may announce one thing and send another.
local conversion = {
  ["net.Native"] = {
    of = "readStart",
    send = function(handle) return handle end,
    got = function(_, handle, emit) emit(handle) end,
  },
  ["net.Server"] = {
    of = "readStart",
    send = function(server) return server._handle end,
    got = function(_, handle, emit, refuse)
      local server = net().Server()
      when_taken(server, server.listen, handle, emit, refuse)
    end,
  },
  ["net.Socket"] = {
    of = "readStart",
    moves = true,
    send = function(socket, message, options, state)
      if not socket._handle then return nil end
      if options.keepOpen then return socket._handle end
      local server = socket._server
      if server then message.key = sent().add(state, server) end
      local handle = socket:_detach()
      if server then server:_release() end
      return handle
    end,
    got = function(message, handle, emit, _, state)
      local socket = net().Socket { handle = handle, readable = true, writable = true }
      if type(message.key) == "string" then sent().received(state, message.key, socket) end
      emit(socket)
    end,
  },
  ["dgram.Native"] = {
    of = "recvStart",
    send = function(handle) return handle end,
    got = function(_, handle, emit) emit(handle) end,
  },
  ["dgram.Socket"] = {
    of = "recvStart",
    send = function(socket, message)
      message.dgramType = socket.type
      return socket._handle
    end,
    got = function(message, handle, emit, refuse)
      local socket = require("lunode.dgram").Socket(message.dgramType)
      when_taken(socket, socket.bind, handle, emit, refuse)
    end,
  },
}

local function kind_of(handle)
  if type(handle) == "userdata" then
    if type(handle.recvStart) == "function" then return "dgram.Native" end
    if type(handle.readStart) == "function" then return "net.Native" end
  elseif type(handle) == "table" then
    local loaded = package.loaded
    if loaded["lunode.net"] then
      if net().Socket:is(handle) then return "net.Socket" end
      if net().Server:is(handle) then return "net.Server" end
    end
    if loaded["lunode.dgram"] and loaded["lunode.dgram"].Socket:is(handle) then return "dgram.Socket" end
  end
  error(errors.ERR_INVALID_HANDLE_TYPE(), 0)
end

-- ---- receiving

local function is_internal(message)
  if type(message) ~= "table" then return false end
  local cmd = rawget(message, "cmd")
  return type(cmd) == "string" and cmd:sub(1, 5) == "NODE_"
end

-- Messages are kept, in their order, while nobody listens.
local function emit(state, message, handle)
  local target, kept = state.target, state.kept
  if kept.first > kept.last and target:listenerCount "message" > 0 then return target:emit("message", message, handle) end
  kept.last = kept.last + 1
  kept[kept.last] = { message, handle }
end

local function emit_kept(state)
  local target, kept = state.target, state.kept
  if kept.first > kept.last or target:listenerCount "message" == 0 then return end
  local entry = kept[kept.first]
  kept[kept.first] = nil
  kept.first = kept.first + 1
  if kept.first <= kept.last then nextTick(emit_kept, state) end
  target:emit("message", entry[1], entry[2])
end

local function handle_message(state, message, handle)
  if is_internal(message) then
    nextTick(state.target.emit, state.target, "internalMessage", message, handle)
  else
    nextTick(emit, state, message, handle)
  end
end

local post, resume_queue, finish_disconnect, bad_message

local quiet = { swallowErrors = true }

-- What the channel itself understands; anything else is for others.
local function control_message(state, message)
  local cmd = message.cmd
  if cmd == "NODE_HANDLE_ACK" or cmd == "NODE_HANDLE_NACK" then
    local pending = state.pending
    if pending then
      local again = cmd == "NODE_HANDLE_NACK" and pending.retransmissions < RETRANSMISSIONS
      if not again then
        state.pending = nil
        if pending.moves then release(pending.handle) end
        if cmd == "NODE_HANDLE_NACK" then
          require("lunode.process").emitWarning("Handle did not reach the receiving process correctly", "SentHandleNotReceivedWarning")
        end
        if pending.cb then nextTick(pending.cb, cmd == "NODE_HANDLE_NACK" and errors.ERR_IPC_CHANNEL_CLOSED() or nil) end
      end
      resume_queue(state, again and pending or nil)
    end
  elseif cmd == "NODE_HANDLE" then
    local handle = state.handle:take()
    local how = type(message.type) == "string" and conversion[message.type]
    if not handle or not how or type(handle[how.of]) ~= "function" then
      release(handle)
      return post(state, { cmd = "NODE_HANDLE_NACK" }, nil, quiet)
    end
    post(state, { cmd = "NODE_HANDLE_ACK" }, nil, quiet)
    local function refuse(err)
      release(handle)
      bad_message(state, err)
    end
    local ok, err = pcall(how.got, message, handle, function(object) handle_message(state, message.msg, object) end, refuse, state)
    if not ok then refuse(err) end
  elseif cmd:sub(1, 12) ~= "NODE_SOCKET_" or not sent().message(state, message) then
    return handle_message(state, message)
  end
end

local decode

-- -> the message, or nil and an Error
local function decoded(state, text)
  if state.advanced then
    local ok, message = pcall(door.decode or decode, text)
    if ok then return message end
    return nil, message
  end
  if door.parse then
    local ok, message = pcall(door.parse, text)
    if ok then return message end
    return nil, message
  end
  local message, why, at = parse(text)
  if not why then return message end
  return nil, json._syntaxError(text, why, at)
end

function bad_message(state, cause)
  local err = errors.ERR_IPC_INVALID_MESSAGE(type(cause) == "table" and cause.message or tostring(cause))
  rawset(err, "cause", cause)
  nextTick(state.target.emit, state.target, "error", err)
end

-- Called by C with the messages of one read; the tasks that it makes run when all are there.
local function on_messages(state, texts)
  for i = 1, #texts do
    local message, err = decoded(state, texts[i])
    if err then bad_message(state, err)
    elseif is_internal(message) then control_message(state, message)
    else nextTick(emit, state, message) end
  end
  if state.leaving and not state.handle:buffering() then
    state.leaving = nil
    nextTick(finish_disconnect, state)
  end
end

-- Called by C: the other side is gone, or sent what cannot be a message.
local function on_end(state, status)
  if state.over then return end
  if status ~= EOF and status ~= errors.uvCode "ECONNRESET" then
    nextTick(state.target.emit, state.target, "error", errors.errnoException(status, "read"))
  end
  rawset(state.target, "connected", false)
  state.leaving = nil
  nextTick(finish_disconnect, state)
end

-- ---- sending

-- Called by C when `count` writes that did not go at once are over, in their order.
local function on_write(state, status, count)
  local writes, control = state.writes, state.control
  local err = status ~= 0 and errors.errnoException(status, "write") or nil
  for i = writes.first, writes.first + count - 1 do
    local entry = writes[i]
    writes[i] = nil
    control:unrefCounted()
    if entry then nextTick(entry, err) end
  end
  writes.first = writes.first + count
  if state.draining and writes.first > writes.last then
    state.draining = nil
    M.finish(state)
  end
end

local function fail(state, err, options, cb)
  if options.swallowErrors then return end
  if cb then nextTick(cb, err) else nextTick(state.target.emit, state.target, "error", err) end
end

local encode
-- javascript: the message is a program's own object, for its JSON.stringify
local function encoded(state, message, javascript)
  if state.advanced then return (door.encode or encode)(message) end
  local text = javascript and door.json(message) or stringify(message)
  if text == nil then error(errors.ERR_INVALID_ARG_TYPE("message", { "string", "object", "number", "boolean" }, message), 0) end
  return text
end

-- Writes one message; `pending`: the record of the handle that goes with it. -> whether it went; bytes that wait
local function write(state, text, handle, options, cb, pending)
  local status, backlog = state.handle:send(text, handle)
  if status < 0 then
    fail(state, errors.errnoException(status, "write"), options, cb)
    return false, backlog
  end
  if status == 1 then
    local writes = state.writes
    writes.last = writes.last + 1
    writes[writes.last] = not pending and cb or false
    state.control:refCounted()
  elseif cb and not pending then
    nextTick(cb, nil)
  end
  return true, backlog
end

-- Sends or queues. The message has been checked; handle: the object that the user gave.
function post(state, message, handle, options, cb, javascript)
  local waiting = state.waiting
  if handle then
    local name = kind_of(handle)
    if waiting then
      waiting[#waiting + 1] = { message, handle, options, cb }
      return #waiting == 1
    end
    local how = conversion[name]
    local envelope = shape.dict { cmd = "NODE_HANDLE", type = name, msg = message }
    local raw = how.send(handle, envelope, options, state)
    if raw then
      local text = encoded(state, envelope)
      local pending = { text = text, handle = raw, cb = cb, moves = how.moves and not options.keepOpen, options = options, retransmissions = 0 }
      local sent, backlog = write(state, text, raw, options, cb, pending)
      if sent then
        state.pending, state.waiting = pending, {}
      elseif pending.moves then
        release(raw)
      end
      return backlog < BACKLOG
    end
    -- A handle that was sent before: the message goes without it.
  elseif waiting and options ~= quiet then
    waiting[#waiting + 1] = { message, nil, options, cb }
    return #waiting == 1
  end
  local _, backlog = write(state, encoded(state, message, javascript), nil, options, cb)
  return backlog < BACKLOG
end

-- The handle under way has arrived, or is sent again: what waited for it follows.
function resume_queue(state, again)
  if again then
    again.retransmissions = again.retransmissions + 1
    if write(state, again.text, again.handle, again.options, again.cb, again) then return end
    state.pending = nil
    if again.moves then release(again.handle) end
  end
  local waiting = state.waiting
  state.waiting = nil
  if not waiting then return end
  for i = 1, #waiting do
    local w = waiting[i]
    local ok, err = pcall(post, state, w[1], w[2], w[3], w[4])
    if not ok then fail(state, err, w[3], w[4]) end
  end
  if not state.target.connected and not state.waiting then M.finish(state) end -- disconnect() waited for this
end

local SENDABLE = { string = true, number = true, boolean = true, table = true, userdata = true }
local no_options = {}

function M.send(target, message, handle, options, cb)
  if type(handle) == "function" then
    cb, handle, options = handle, nil, nil
  elseif type(options) == "function" then
    cb, options = options, nil
  elseif options ~= nil and (options ~= errors.null or door.adapt) then -- JavaScript tells null from undefined
    validators.validateObject(options, "options")
  end
  if handle == errors.null then handle = nil end
  if options == nil or options == errors.null then options = no_options end
  if type(cb) == "function" then cb = validators.callback(cb, "callback") else cb = nil end
  local state = rawget(target, "_channel")
  if not state or not target.connected then
    local err = errors.ERR_IPC_CHANNEL_CLOSED()
    if cb then nextTick(cb, err) else nextTick(target.emit, target, "error", err) end
    return false
  end
  if message == nil then error(errors.ERR_MISSING_ARGS "message", 0) end
  local kind = validators.door.kind and validators.door.kind(message)
  if not SENDABLE[type(message)] or kind == "symbol" or kind == "bigint" then
    error(errors.ERR_INVALID_ARG_TYPE("message", { "string", "object", "number", "boolean" }, message), 0)
  end
  return post(state, message, handle, options, cb, kind == "object" or kind == "array")
end

-- Also after disconnect() while the channel is still open. Errors are for cb, or nobody's.
function M.internal(target, message, handle, cb)
  local state = rawget(target, "_channel")
  if not state or state.over then
    if cb then nextTick(cb, errors.ERR_IPC_CHANNEL_CLOSED()) end
    return false
  end
  return post(state, message, handle, cb and no_options or { swallowErrors = true }, cb)
end

-- ---- the end

-- What was not delivered is told to its callback, and closed.
local function give_up(state)
  local pending, waiting = state.pending, state.waiting
  state.pending, state.waiting = nil, nil
  if pending then
    if pending.moves then release(pending.handle) end
    if pending.cb then
      nextTick(pending.cb, errors.ERR_IPC_CHANNEL_CLOSED())
    elseif not pending.options.swallowErrors then
      require("lunode.process").emitWarning("A handle was sent to a process that ended before it took it", "SentHandleNotReceivedWarning")
    end
  end
  for i = 1, waiting and #waiting or 0 do
    local w = waiting[i]
    fail(state, errors.ERR_IPC_CHANNEL_CLOSED(), w[3], w[4])
  end
end

function finish_disconnect(state)
  if state.over then return end
  state.over = true
  local target, handle = state.target, state.handle
  rawset(target, "channel", nil)
  rawset(target, "_channel", nil)
  give_up(state)
  rawset(state.control, "_handle", nil)
  handle:close()
  target:emit "disconnect"
  if state.gone then state.gone() end
end

-- A message that has begun to arrive is waited for, and what has been sent is written first.
function M.finish(state)
  if state.over then return end
  if state.writes.first <= state.writes.last then
    state.draining = true
  elseif state.handle:buffering() then
    state.leaving = true
  else
    nextTick(finish_disconnect, state)
  end
end

function M.disconnect(target)
  if not target.connected then
    target:emit("error", errors.ERR_IPC_DISCONNECTED())
    return
  end
  rawset(target, "connected", false)
  local state = rawget(target, "_channel")
  if not state.waiting then M.finish(state) end
end

-- ---- the beginning

function M.attach(target, handle, mode, gone)
  local control = Control(handle)
  local state = {
    target = target, handle = handle, control = control, advanced = mode == "advanced", kept = { first = 1, last = 0 }, writes = { first = 1, last = 0 },
    waiting = nil, pending = nil, leaving = nil, over = false, gone = gone,
  }
  if state.advanced and not decode then
    require "lunode.internal.serializable"
    require "lunode.buffer"
    decode, encode = core.serialize.decode, core.serialize.encode
  end
  rawset(target, "_channel", state)
  rawset(target, "channel", control)
  rawset(target, "connected", true)
  handle.owner = state
  handle.onmessages = on_messages
  handle.onend = on_end
  handle.onwrite = on_write
  target:on("newListener", function(name)
    if name == "message" then nextTick(emit_kept, state) end
  end)
  local status = handle:readStart()
  if status ~= 0 then on_end(state, status) end
  return control
end

-- The child's side: process gets send, disconnect, connected, channel. fd: the number in NODE_CHANNEL_FD.
function M.adopt(process, define, fd, mode)
  local handle, status = core.channel.new(mode == "advanced")
  if handle then
    status = handle:open(fd)
    if status ~= 0 then handle:close() end
  end
  if status ~= nil and status ~= 0 then
    error("NODE_CHANNEL_FD: " .. tostring(errors.errnoException(status, "open")), 0) -- text: nothing that shows Errors is up yet
  end
  define("send", function(...) return M.send(process, ...) end)
  define("disconnect", function() return M.disconnect(process) end)
  local control = M.attach(process, handle, mode)
  handle:unref()
  local function counts(name) return name == "message" or name == "disconnect" end
  process:on("newListener", function(name)
    if counts(name) then control:refCounted() end
  end)
  process:on("removeListener", function(name)
    if counts(name) then control:unrefCounted() end
  end)
end

return M
