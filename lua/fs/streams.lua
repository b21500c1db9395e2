-- SPDX-License-Identifier: MIT
--
-- fs.ReadStream and fs.WriteStream. Source: Node 20 docs, "Class: fs.ReadStream", "Class: fs.WriteStream".
--
-- A chunk that the page cache holds is read at once, with no trip through the thread pool (core.fs.readNow, which
-- never waits for a disk); after FRESH of them the loop gets a turn.
local class = require "lunode.internal.class"
local shape = require "lunode.internal.shape"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"
local stream = require "lunode.stream"
local args = require "lunode.fs.arguments"
local ops = require "lunode.fs.operations"

local callback, optional_callback = validators.callback, validators.optional_callback
local fs, uv = core.fs, errors.uv
local min, huge, type, error, rawget, rawset = math.min, math.huge, type, error, rawget, rawset
local FRESH = 16
local EAGAIN = core.error.code "EAGAIN"
local RETRIES = 5

local NONE = {}

local function options_of(options)
  if type(options) == "string" then args.encoding(options) return { encoding = options } end
  if options == nil or options == errors.null then return NONE end
  return args.options(options)
end

-- fn with a callback behind the others, whose error may be null.
local function plain_error(fn)
  return function(...)
    local n, list = select("#", ...), { ... }
    local cb = list[n]
    list[n] = function(err, ...)
      if err == errors.null then err = nil end
      return cb(err, ...)
    end
    return fn(unpack(list, 1, n))
  end
end

-- The functions of options.fs that are used instead of ours.
local function own_functions(given, wanted)
  if given == nil then return false end
  validators.validateObject(given, "options.fs")
  local own = {}
  for _, name in ipairs { "open", "read", "write", "writev", "close", "fsync" } do
    local needed = wanted[name]
    if needed or needed ~= nil and given[name] ~= nil then own[name] = plain_error(callback(given[name], "options.fs." .. name)) end
  end
  return own
end

-- What both kinds take: fd, flags, mode, start, autoClose, emitClose, fs (a table whose functions replace ours), signal.
local function setup(self, path, options, flags, wanted)
  local fd, handle = options.fd, nil
  if path == errors.null then path = nil end
  local text = path ~= nil and args.path(path) or nil
  if fd == nil and not text then args.path(path) end
  self.fd = nil
  if fd ~= nil then
    if type(fd) == "table" and require("lunode.fs.file_handle").FileHandle:is(fd) then
      if options.fs ~= nil then error(errors.ERR_METHOD_NOT_IMPLEMENTED "FileHandle with fs", 0) end
      handle = fd
      fd = handle.fd
    elseif type(fd) ~= "number" then
      error(errors.ERR_INVALID_ARG_TYPE("options.fd", { "number", "FileHandle" }, fd), 0)
    else
      args.fd(fd)
    end
  end
  wanted.open = fd == nil
  wanted.close = options.autoClose ~= false
  local own = own_functions(options.fs, wanted)
  self.path = type(path) ~= "table" and path or text
  self._path = text or false
  self.flags = options.flags == nil and flags or options.flags
  self.mode = args.mode(options.mode, "mode", 438)
  if not own or fd == nil then self._flags = args.flags(self.flags) end
  self.fd = fd
  self._fs = own -- false: straight to the core
  self._handle_object = handle or false
  self._fresh = 0
  self._busy = false
  if handle then
    require("lunode.fs.file_handle").acquire(handle)
    handle:on("close", function() self:close() end)
  end
end

local function check_place(name, value)
  if value ~= nil then validators.validateInteger(value, name, 0) end
end

-- What a program has put in the place of functions of fs (JavaScript's only), as options.fs would.
local M = { patched = false }

local function replaced(self) return self._fs or M.patched and M.patched(own_functions) or false end

-- Old: opens the file. Some programs put theirs in its place, which sets `fd` and emits 'open', or 'error'.
local function open_it() end

local function open_by(self, open, cb)
  local emit = self.emit
  local inside = rawget(self, "emit")
  rawset(self, "emit", function(stream, name, ...)
    if name ~= "open" and name ~= "error" then return emit(stream, name, ...) end
    rawset(stream, "emit", inside)
    if name == "error" then return cb((...)) end
    cb()
    return emit(stream, name, ...)
  end)
  open(self)
end

local function construct(self, cb)
  if self.fd ~= nil then return cb() end
  if self.open ~= open_it and type(self.open) == "function" then return open_by(self, self.open, cb) end
  local function opened(err, fd)
    if err then return cb(err) end
    self.fd = fd
    cb()
    self:emit("open", fd)
    self:emit "ready"
  end
  local own = replaced(self)
  if own then return own.open(self._path, self.flags, self.mode, opened) end
  return ops.open(opened, self._path, self._flags, self.mode)
end

local function close_fd(self, err, cb)
  local fd, handle = self.fd, self._handle_object
  self.fd = nil
  if handle then
    self._handle_object = false
    require("lunode.fs.file_handle").release(handle)
    return handle:close():next(function() cb(err) end, function(e) cb(err or e) end)
  end
  local function closed(e) cb(err or e) end
  local own = replaced(self)
  if own and own.close then return own.close(fd, closed) end
  return ops.close(closed, fd)
end

local function close(self, err, cb)
  if self.fd == nil then return cb(err) end
  if not self.flush or err then return close_fd(self, err, cb) end
  local function flushed(e) close_fd(self, e or err, cb) end
  if self._fs and self._fs.fsync then return self._fs.fsync(self.fd, flushed) end
  return ops.fsync(flushed, self.fd)
end

-- Waits for a running read or write before it closes: the descriptor must not be reused under it.
local function destroy(self, err, cb)
  if not self._busy then return close(self, err, cb) end
  rawset(self, "_idle", function(e) close(self, err or e, cb) end)
end

-- A read or write is over; true when the stream was destroyed meanwhile.
local function idle(self, err)
  self._busy = false
  local waiting = rawget(self, "_idle")
  if waiting then
    rawset(self, "_idle", nil)
    waiting(err)
  end
  return self.destroyed
end

local function on_close(self, cb)
  cb = optional_callback(cb, "cb")
  if not cb then return end
  if self.closed then return queue.nextTick(cb) end
  self:on("close", cb)
end

-- autoClose is the state's autoDestroy.
local function auto_close(Class, state)
  Class:accessor("autoClose", function(self)
    local s = rawget(self, state)
    if s then return s.autoDestroy end
  end, function(self, value)
    local s = rawget(self, state)
    if s then s.autoDestroy = value and true or false end
  end)
  Class:accessor("pending", function(self) return self.fd == nil end)
end

-- ---- reading

local ReadStream = class("ReadStream", stream.Readable)

function ReadStream:initialize(path, options)
  options = options_of(options)
  local own = {}
  for _, name in ipairs { "encoding", "highWaterMark", "emitClose", "signal", "objectMode" } do own[name] = options[name] end
  if own.encoding == "buffer" then own.encoding = nil end
  if own.highWaterMark == nil then own.highWaterMark = 65536 end
  own.autoDestroy = options.autoClose ~= false
  local start, stop = options.start, options["end"]
  if stop == nil then stop = huge elseif stop ~= huge then check_place("end", stop) end
  if start ~= nil then
    check_place("start", start)
    if start > stop then
      error(errors.ERR_OUT_OF_RANGE("start", ('<= "end" (here: %s)'):format(validators.number(stop)), start), 0)
    end
  end
  setup(self, path, options, "r", { read = true })
  self.start, self["end"] = start, stop
  self.pos = start
  self.bytesRead = 0
  stream.Readable.prototype.initialize(self, own)
end

ReadStream.prototype.open = open_it
function ReadStream:_construct(cb) construct(self, callback(cb, "cb")) end

local function deliver(self, chunk, n)
  if n == 0 then return validators.push_end(self) end
  if self.pos then self.pos = self.pos + n end
  self.bytesRead = self.bytesRead + n
  if n < #chunk then
    local whole = chunk
    if n * 4 < #whole then -- little in a large one, whose memory is not kept for that
      chunk = core.buffer.alloc(n)
      whole:copy(chunk, 0, 0, n)
    else
      chunk = core.buffer.slice(whole, 0, n)
    end
  end
  self:push(chunk)
end

function ReadStream:_read(size)
  local want = size
  if self["end"] ~= huge then
    want = min(want, self.pos and self["end"] - self.pos + 1 or self["end"] - self.bytesRead + 1)
  end
  if want <= 0 then return validators.push_end(self) end
  local chunk = core.buffer.alloc(want, true)
  local position = self.pos or -1
  local own = replaced(self)
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
    if err then return require("lunode.stream.destroy").errorOrDestroy(self, err) end
    deliver(self, chunk, n)
  end
  if own then return own.read(self.fd, chunk, 0, want, self.pos, done) end
  local context = queue.context
  local code = fs.read(self.fd, chunk, 0, want, position, function(code, n)
    queue.context = context
    return done(code and uv(code, "read"), n)
  end)
  if code < 0 then queue.nextTick(done, uv(code, "read")) end
end

function ReadStream:_destroy(err, cb) destroy(self, err, callback(cb, "cb")) end
function ReadStream:close(cb)
  on_close(self, cb)
  self:destroy()
end
auto_close(ReadStream, "_readableState")

-- ---- writing

local WriteStream = class("WriteStream", stream.Writable)

function WriteStream:initialize(path, options)
  options = options_of(options)
  local own = { decodeStrings = true }
  for _, name in ipairs { "highWaterMark", "emitClose", "signal", "objectMode" } do own[name] = options[name] end
  if options.encoding ~= "buffer" then own.defaultEncoding = options.encoding end
  own.autoDestroy = options.autoClose ~= false
  check_place("start", options.start)
  local flush = args.boolean(options, "flush")
  local given = options.fs
  local vector = type(given) == "table" and given.writev ~= nil
  setup(self, path, options, "w", { write = not vector, writev = false, fsync = flush == true })
  self.start = options.start
  self.pos = options.start
  self.flush = flush
  self.bytesWritten = 0
  stream.Writable.prototype.initialize(self, own)
  if self._fs and not self._fs.writev then rawset(self, "_writev", false) end
end

WriteStream.prototype.open = open_it
function WriteStream:_construct(cb) construct(self, callback(cb, "cb")) end

-- Calls write(offset, done(err, n)) until all of `length` bytes are written: the system may take less at a time.
local function write_on(self, length, write, cb)
  local offset, tries = 0, 0
  local function done(err, n)
    if err and err.errno == EAGAIN and tries < RETRIES then err, n = nil, 0 end
    if idle(self, err) then return cb(err or errors.ERR_STREAM_DESTROYED "write") end
    if err then return cb(err) end
    tries = n > 0 and 0 or tries + 1
    self.bytesWritten = self.bytesWritten + n
    if self.pos then self.pos = self.pos + n end
    offset = offset + n
    if offset >= length then return cb() end
    self._busy = true
    return write(offset, done)
  end
  self._busy = true
  return write(0, done)
end

local function write_bytes(self, data, cb)
  local length, own = #data, replaced(self)
  write_on(self, length, function(offset, done)
    if own then
      if own.write then return own.write(self.fd, data, offset, length - offset, self.pos, done) end
      return own.writev(self.fd, { offset == 0 and data or data:subarray(offset) }, self.pos, done)
    end
    local context = queue.context
    local code = fs.write(self.fd, data, offset, length - offset, self.pos or -1, function(code, n)
      queue.context = context
      return done(code and uv(code, "write"), n)
    end)
    if code < 0 then queue.nextTick(done, uv(code, "write")) end
  end, cb)
end

function WriteStream:_write(data, _, cb) write_bytes(self, data, callback(cb, "cb")) end

function WriteStream:_writev(chunks, cb)
  cb = callback(cb, "cb")
  local list, total, gone = {}, 0, 0
  for i = 1, #chunks do
    list[i] = chunks[i].chunk
    total = total + #list[i]
  end
  write_on(self, total, function(offset, done)
    local written = offset - gone -- of the list's beginning
    gone = offset
    while written > 0 do
      local size = #list[1]
      if size > written then
        list[1] = list[1]:subarray(written)
        written = 0
      else
        table.remove(list, 1)
        written = written - size
      end
    end
    local own = replaced(self)
    if own then return own.writev(self.fd, shape.list(list), self.pos, done) end
    return ops.writev(done, self.fd, list, self.pos)
  end, cb)
end

function WriteStream:_destroy(err, cb) destroy(self, err, callback(cb, "cb")) end
function WriteStream:close(cb)
  on_close(self, cb)
  if not self.autoClose then self:on("finish", function() self:destroy() end) end
  self:finish()
end
WriteStream.prototype.destroySoon = function(self, ...) return self:finish(...) end
auto_close(WriteStream, "_writableState")

M.ReadStream, M.WriteStream = ReadStream, WriteStream
return M
