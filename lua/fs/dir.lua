-- SPDX-License-Identifier: MIT
--
-- fs.Dir: a folder read piece by piece. Source: Node 20 docs, "Class: fs.Dir".
--
--   fs.opendir(path, { encoding, bufferSize = 32, recursive }, callback)
--   dir:read() -> promise, dir:read(callback), dir:readSync() -> the next Dirent, or nil at the end
--   dir:close(), dir:close(callback), dir:closeSync()    dir.path
--   for entry in dir:iter() do … end     closes it at the end, and when it is left and collected
--
-- bufferSize: entries fetched at a time. Operations on one Dir wait for each other.
local core = require "lunode.core"
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local queue = require "lunode.internal.queue"
local symbols = require "lunode.internal.symbols"
local validators = require "lunode.internal.validators"
local shape = require "lunode.internal.shape"
local args = require "lunode.fs.arguments"
local calls = require "lunode.fs.call"
local ops = require "lunode.fs.operations"
local st = require "lunode.fs.stats"
local join = require("lunode.path").join

local dirs = core.fs_dir
local call, composite = calls.call, calls.composite
local error, pcall, setmetatable, tostring = error, pcall, setmetatable, tostring
local nextTick = queue.nextTick

local Dir = class "Dir"

local function nothing() end
local function pair(names, types) return { names = names, types = types } end

function ops.dirOpen(cb, path) return call(cb, dirs.open, "opendir", nil, nil, nil, path) end
function ops.dirRead(cb, handle, count) return call(cb, dirs.read, "scandir", nil, nil, pair, handle, count) end
function ops.dirClose(cb, handle) return call(cb, dirs.close, "closedir", nil, nil, nothing, handle) end

local function wrap(handle, path, encoding, count, recursive)
  return setmetatable({
    path = path, _handle = handle, _encoding = encoding, _count = count, _recursive = recursive or false,
    _entries = {}, _next = 1, _folders = {}, _busy = false, _waiting = {}, _at = path,
  }, Dir.meta)
end

composite(ops, "opendir", function(path, options)
  path = args.path(path)
  options = args.options(options)
  local count = options.bufferSize
  if count == nil then count = 32 else validators.validateUint32(count, "options.bufferSize", true) end
  return path, options.encoding, math.min(count, 1048576), args.boolean(options, "recursive")
end, function(io, path, encoding, count, recursive)
  return wrap(io.dirOpen(path), path, encoding, count, recursive)
end)

-- The next entry; reads on when the last ones are used up, and folder after folder when recursive.
composite(ops, "dirNext", function(dir) return dir end, function(io, dir)
  while true do
    local entry = dir._entries[dir._next]
    if entry then
      dir._entries[dir._next] = false
      dir._next = dir._next + 1
      if dir._recursive and entry:isDirectory() then dir._folders[#dir._folders + 1] = join(dir._at, tostring(entry.name)) end
      return entry
    end
    local found = io.dirRead(dir._handle, dir._count)
    local names, types = found.names, found.types
    if #names == 0 then
      local folder = table.remove(dir._folders, 1)
      if not folder then return nil end
      local handle = io.dirOpen(folder)
      local old = dir._handle
      dir._handle, dir._at = handle, folder
      io.dirClose(old)
    else
      local entries, encoding = {}, dir._encoding
      for i = 1, #names do
        local kind = types[i]
        if kind == "unknown" then
          local ok, stats = pcall(io.lstat, join(dir._at, names[i]))
          if ok then kind = st.type_of(stats) end
        end
        entries[i] = st.dirent(args.name(names[i], encoding), kind, dir._at)
      end
      dir._entries, dir._next = entries, 1
    end
  end
end)

local function check_open(self)
  if not self._handle then error(errors.ERR_DIR_CLOSED(), 0) end
end

local function check_free(self)
  check_open(self)
  if self._busy then error(errors.ERR_DIR_CONCURRENT_OPERATION(), 0) end
end

-- One after the other: run(done) now, or when those before it are through.
local function next_turn(self)
  local run = table.remove(self._waiting, 1)
  if run then return run() end
  self._busy = false
end

local function in_turn(self, op, cb)
  local context = queue.context
  local function run()
    local ok, err = pcall(op, function(e, result)
      next_turn(self)
      queue.context = context
      return cb(e, result)
    end, self)
    if not ok then
      next_turn(self)
      nextTick(cb, err)
    end
  end
  if self._busy then
    self._waiting[#self._waiting + 1] = run
    return
  end
  self._busy = true
  run()
end

local function read_op(cb, self)
  check_open(self)
  return ops.dirNext(cb, self)
end

local function close_op(cb, self)
  check_open(self)
  local handle = self._handle
  self._handle = false
  return ops.dirClose(cb, handle)
end

local function promised(self, op)
  if not self._handle then return promise.rejected(errors.ERR_DIR_CLOSED()) end
  local p = promise.new()
  in_turn(self, op, function(err, result)
    if err ~= nil then promise.reject(p, err) else promise.resolve(p, result) end
  end)
  return p
end

-- With a callback, or else as a promise.
local function either(op)
  return function(self, cb)
    if cb == nil or cb == errors.null then return promised(self, op) end
    cb = validators.callback(cb, "callback")
    check_open(self)
    return in_turn(self, op, cb)
  end
end
Dir.read, Dir.close = either(read_op), either(close_op)

-- The next Dirent, or nil. Raises ERR_DIR_CONCURRENT_OPERATION while an asynchronous operation is under way.
function Dir:readSync()
  check_free(self)
  return ops.dirNext(nil, self)
end

-- Raises like readSync.
function Dir:closeSync()
  check_free(self)
  close_op(nil, self)
end

-- An asynchronous iterator: next() -> promise of { value, done }.
function Dir:entries()
  local dir, closed = self, false
  local it = {}
  local function close_it(value)
    if closed or not dir._handle then return promise.resolved(shape.dict { value = value, done = true }) end
    closed = true
    return promised(dir, close_op):next(function() return shape.dict { value = value, done = true } end)
  end
  function it:next()
    return promised(dir, read_op):next(function(entry)
      if entry == nil then return close_it() end
      return shape.dict { value = entry, done = false }
    end, function(err)
      return close_it():next(function() error(err, 0) end)
    end)
  end
  it["return"] = function(_, value) return close_it(value) end
  it[symbols.asyncIterator] = function(x) return x end
  return it
end

function Dir:iter() return require "lunode.internal.async_iter"(self:entries()) end
Dir.prototype[symbols.asyncIterator] = function(self) return self:entries() end
Dir.prototype[symbols.asyncDispose] = function(self)
  if not self._handle then return promise.resolved() end
  return self:close()
end

return Dir
