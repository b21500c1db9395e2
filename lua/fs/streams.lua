-- SPDX-License-Identifier: MIT
--
-- fs.ReadStream and fs.WriteStream. Source: Node 20 docs, "Class: fs.ReadStream", "Class: fs.WriteStream".
--
-- A chunk that the page cache holds is read at once, with no trip through the thread pool (core.fs.readNow, which
-- never waits for a disk); after FRESH of them the loop gets a turn.
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"
local stream = require "lunode.stream"
local args = require "lunode.fs.arguments"

local callback, optional_callback = validators.callback, validators.optional_callback
local fs, uv = core.fs, errors.uv
local min = math.min
local FRESH = 16

local function default_fs() return require "lunode.fs" end

-- What both kinds take: fd, flags, mode, start, autoClose, emitClose, fs (a table whose functions replace ours), signal.
local function setup(self, path, options, flags)
  local fd, handle = options.fd, nil
  if fd == nil then
    self.path = args.path(path)
    self.fd = nil
  elseif type(fd) == "table" then -- FileHandle
    handle = fd
    fd = handle.fd
    self.fd = fd
    handle:on("close", function() if not self.destroyed then self:destroy() end end)
  else
    self.fd = args.fd(fd)
    if path ~= nil then self.path = args.path(path) end
  end
  self._handle_object = handle
  self.flags = options.flags or flags
  self.mode = args.mode(options.mode, "options.mode", 438)
  self._flags = args.flags(self.flags, "options.flags")
  if options.fs ~= nil then validators.validateObject(options.fs, "options.fs") end
  self._fs = options.fs or false -- false: straight to the core
  self.bytesDone = 0
  self._fresh = 0
  self._busy = false
end

local function check_range(options, name, value)
  if value == nil then return end
  if value == math.huge and name == "end" then return end
  validators.validateInteger(value, name, 0)
end

local function construct(self, cb)
  if self.fd ~= nil then return cb() end
  local function opened(err, fd)
    if err then return cb(err) end
    self.fd = fd
    cb()
    self:emit("open", fd)
    self:emit "ready"
  end
  (self._fs and self._fs.open or default_fs().open)(self.path, self._flags, self.mode, opened)
end

local function close(self, err, cb)
  local fd = self.fd
  if self._handle_object then
    self.fd = nil
    return self._handle_object:close():next(function() cb(err) end, function(e) cb(err or e) end)
  end
  if fd == nil then return cb(err) end
  self.fd = nil;
  (self._fs and self._fs.close or default_fs().close)(fd, function(e) cb(err or e) end)
end

-- Waits for a running read or write before it closes: the descriptor must not be reused under it.
local function destroy(self, err, cb)
  if self._busy then
    self:once("_idle", function(e) close(self, err or e, cb) end)
  else
    close(self, err, cb)
  end
end

local function idle(self, err)
  self._busy = false
  if self.destroyed then
    self:emit("_idle", err)
    return true
  end
end

local function finish_close(self, cb)
  cb = optional_callback(cb, "cb")
  if cb then
    if self.closed then return require("lunode.internal.queue").nextTick(cb) end
    self:on("close", cb)
  end
end

-- ---- reading

local ReadStream = class("ReadStream", stream.Readable)

function ReadStream:initialize(path, options)
  options = args.options(options)
  local own = {}
  for _, name in ipairs { "encoding", "highWaterMark", "emitClose", "signal", "objectMode", "autoDestroy" } do own[name] = options[name] end
  if own.highWaterMark == nil then own.highWaterMark = 65536 end
  own.autoDestroy = options.autoClose ~= false
  local start, stop = options.start, options["end"]
  check_range(options, "start", start)
  check_range(options, "end", stop)
  if stop == nil then stop = math.huge end
  if start ~= nil and start > stop then
    error(errors.ERR_OUT_OF_RANGE("start", ('<= "end" (here: %s)'):format(validators.number(stop)), start), 0)
  end
  setup(self, path, options, "r")
  self.start, self["end"] = start, stop
  self.pos = start
  stream.Readable.prototype.initialize(self, own)
end

function ReadStream:_construct(cb) construct(self, callback(cb, "cb")) end

local function deliver(self, chunk, n)
  if n == 0 then return self:push(nil) end
  if self.pos then self.pos = self.pos + n end
  self.bytesDone = self.bytesDone + n
  if n < #chunk then chunk = core.buffer.slice(chunk, 0, n) end
  self:push(chunk)
end

function ReadStream:_read(size)
  local want = size
  if self["end"] ~= math.huge then
    local left = self.pos and self["end"] - self.pos + 1 or self["end"] - self.bytesDone + 1
    want = min(want, left)
  end
  if want <= 0 then return self:push(nil) end
  local chunk = core.buffer.alloc(want)
  local position = self.pos or -1
  local own = self._fs
  if not own and self._fresh < FRESH then
    local n = fs.readNow(self.fd, chunk, 0, want, position)
    if n then
      self._fresh = self._fresh + 1
      return deliver(self, chunk, n)
    end
  end
  self._fresh = 0
  self._busy = true
  local function done(err, n)
    if idle(self, err) then return end
    if err then return self:destroy(err) end
    deliver(self, chunk, n)
  end
  if own and own.read then return own.read(self.fd, chunk, 0, want, self.pos, done) end
  local code = fs.read(self.fd, chunk, 0, want, position, function(code, n)
    return done(code and uv(code, "read"), n)
  end)
  if code < 0 then done(uv(code, "read")) end
end

function ReadStream:_destroy(err, cb) destroy(self, err, callback(cb, "cb")) end
function ReadStream:close(cb)
  finish_close(self, cb)
  self:destroy()
end
ReadStream:accessor("bytesRead", function(self) return self.bytesDone end)
ReadStream:accessor("pending", function(self) return self.fd == nil end)

-- ---- writing

local WriteStream = class("WriteStream", stream.Writable)

function WriteStream:initialize(path, options)
  options = args.options(options)
  local own = { decodeStrings = true }
  for _, name in ipairs { "highWaterMark", "emitClose", "signal", "objectMode" } do own[name] = options[name] end
  own.defaultEncoding = options.encoding
  own.autoDestroy = options.autoClose ~= false
  check_range(options, "start", options.start)
  setup(self, path, options, "w")
  self.start = options.start
  self.pos = options.start
  self._flush_on_close = options.flush
  stream.Writable.prototype.initialize(self, own)
end

function WriteStream:_construct(cb) construct(self, callback(cb, "cb")) end

-- Writes all of it: the system may take less at a time.
local function write_all(self, data, offset, cb)
  local length = #data - offset
  self._busy = true
  local function done(err, n)
    if idle(self, err) then return cb(err) end
    if err then return cb(err) end
    self.bytesDone = self.bytesDone + n
    if self.pos then self.pos = self.pos + n end
    if n < length then return write_all(self, data, offset + n, cb) end
    cb()
  end
  local own = self._fs
  if own and own.write then return own.write(self.fd, data, offset, length, self.pos, done) end
  local code = fs.write(self.fd, data, offset, length, self.pos or -1, function(code, n) return done(code and uv(code, "write"), n) end)
  if code < 0 then done(uv(code, "write")) end
end

function WriteStream:_write(data, _, cb) write_all(self, data, 0, callback(cb, "cb")) end

function WriteStream:_writev(chunks, cb)
  cb = callback(cb, "cb")
  local list = {}
  for i = 1, #chunks do list[i] = chunks[i].chunk end
  if self._fs and not self._fs.writev or #list > 1024 then
    return write_all(self, require("lunode.buffer").Buffer.concat(list), 0, cb)
  end
  local total = 0
  for i = 1, #list do total = total + #list[i] end
  self._busy = true
  default_fs().writev(self.fd, list, self.pos, function(err, n)
    if idle(self, err) then return cb(err) end
    if err then return cb(err) end
    self.bytesDone = self.bytesDone + n
    if self.pos then self.pos = self.pos + n end
    if n == total then return cb() end
    write_all(self, require("lunode.buffer").Buffer.concat(list), n, cb)
  end)
end

function WriteStream:_final(cb)
  cb = callback(cb, "cb")
  if self._flush_on_close and self.fd then return default_fs().fsync(self.fd, cb) end
  cb()
end

function WriteStream:_destroy(err, cb) destroy(self, err, callback(cb, "cb")) end
function WriteStream:close(cb)
  finish_close(self, cb)
  if self.autoClose == false then self:on("finish", function() self:destroy() end) end
  self:finish()
end
WriteStream.destroySoon = function(self) return self:finish() end
WriteStream:accessor("bytesWritten", function(self) return self.bytesDone end)
WriteStream:accessor("pending", function(self) return self.fd == nil end)

return { ReadStream = ReadStream, WriteStream = WriteStream }
