-- SPDX-License-Identifier: MIT
--
-- fs.watch, fs.FSWatcher and fs.promises.watch. Source: Node 20 docs, "fs.watch", "Class: fs.FSWatcher".
--
-- watch(path, options?: string|table, listener?: function) -> fs.FSWatcher
--   options: persistent = true, recursive = false, encoding = "utf8", signal
--   'change' (eventType "rename" | "change", name), 'error' (err), 'close'; close(), ref(), unref()
--
-- `recursive`: the system (inotify) tells of one folder's entries only, so every folder below gets a watch of its own. They
-- are found without blocking; what changes in a folder before its watch stands is not told, but entries that a new folder has
-- by then are (as "rename"). Links are not followed.
local core = require "lunode.core"
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local EventEmitter = require "lunode.events"
local args = require "lunode.fs.arguments"
local composite = require("lunode.fs.call").composite
local ops = require "lunode.fs.operations"
local path_module = require "lunode.path"

local event = core.fs_watch.event
local join, basename = path_module.join, path_module.basename
local nextTick, uv = queue.nextTick, errors.uv
local pcall, error, pairs, type, rawset, setmetatable = pcall, error, pairs, type, rawset, setmetatable

local FSWatcher = class("FSWatcher", EventEmitter)

local function emit_close(self) self:emit "close" end

local function close_all(self)
  for _, node in pairs(self._nodes) do node.handle:close() end
  rawset(self, "_nodes", {})
  rawset(self, "_closed", true)
  if self._stop then
    self._stop()
    rawset(self, "_stop", nil)
  end
end

function FSWatcher:close()
  if self._closed then return end
  close_all(self)
  nextTick(emit_close, self)
end

local function fail(self, code, path)
  if self._closed then return end
  close_all(self)
  local err = uv(code, "watch", path)
  err.filename = path
  self:emit("error", err)
end

-- name: relative to what is watched; nil when the system does not say
local function tell(self, kind, name)
  if self._closed then return end
  queue.context = self._context
  if name ~= nil then name = args.name(name, self._encoding) end
  self:emit("change", kind, name)
end

local function relative(node, name) return node.prefix .. name end

-- ---- folders below

local follow

local function drop(self, path)
  local inner = path .. "/"
  for at, node in pairs(self._nodes) do
    if at == path or at:sub(1, #inner) == inner then
      self._nodes[at] = nil
      node.handle:close()
    end
  end
end

-- What stands at `path` now: its Stats' type and inode, or nothing.
composite(ops, "watchLook", function(path) return path end, function(io, path)
  local ok, stats = pcall(io.lstat, path)
  if not ok then return nil end
  return { folder = stats:isDirectory(), ino = stats.ino }
end)

-- An entry of a watched folder came, went or was replaced.
local function renamed(self, path, prefix)
  ops.watchLook(function(_, found)
    if self._closed then return end
    local node = self._nodes[path]
    if node and (not found or not found.folder or found.ino ~= node.ino) then
      drop(self, path)
      node = nil
    end
    if found and found.folder and not node then follow(self, path, prefix, found.ino, true) end
  end, path)
end

local function on_inner(node, kind, name)
  local self = node.watcher
  if self._closed then return end
  if name == nil then return tell(self, kind, nil) end
  local path = join(node.path, name)
  if name == node.name then
    -- The folder's own change bears its own name, and is its parent's to tell.
    return ops.watchLook(function(_, found)
      if not found or self._closed then return end
      tell(self, kind, relative(node, name))
      if kind == "rename" then renamed(self, path, relative(node, name) .. "/") end
    end, path)
  end
  tell(self, kind, relative(node, name))
  if kind == "rename" then renamed(self, path, relative(node, name) .. "/") end
end

-- Watches a folder and those in it. fresh: made while we watched, so that its entries are news.
function follow(self, path, prefix, ino, fresh)
  if self._closed or self._nodes[path] then return end
  local handle, code = event(path)
  if not handle then
    if code == core.error.code "ENOENT" or code == core.error.code "ENOTDIR" or code == core.error.code "EACCES" then return end
    return fail(self, code, path)
  end
  local node = { watcher = self, handle = handle, path = path, prefix = prefix, name = basename(path), ino = ino }
  handle.owner, handle.onchange, handle.onerror = node, on_inner, function(n, c) fail(n.watcher, c, n.path) end
  if not self._ref then handle:unref() end
  self._nodes[path] = node
  ops.readdir(function(err, entries)
    if err or self._closed or self._nodes[path] ~= node then return end
    for i = 1, #entries do
      local entry = entries[i]
      if fresh then tell(self, "rename", prefix .. entry.name) end
      if self._closed then return end
      if entry:isDirectory() then
        local at = join(path, entry.name)
        ops.watchLook(function(_, found)
          if found and found.folder then follow(self, at, prefix .. entry.name .. "/", found.ino, fresh) end
        end, at)
      end
    end
  end, path, { withFileTypes = true })
end

-- ---- the watcher

local function on_top(node, kind, name)
  local self = node.watcher
  tell(self, kind, name)
  if self._recursive and not self._closed and name ~= nil and kind == "rename" then renamed(self, join(node.path, name), name .. "/") end
end

local function start(self, path)
  local handle, code = event(path)
  if not handle then
    local err = uv(code, "watch", path)
    err.filename = path
    error(err, 0)
  end
  local node = { watcher = self, handle = handle, path = path, prefix = "", name = basename(path) }
  handle.owner, handle.onchange, handle.onerror = node, on_top, function(n, c) fail(n.watcher, c, n.path) end
  if not self._ref then handle:unref() end
  self._nodes[path] = node
  if not self._recursive then return end
  ops.readdir(function(err, entries)
    if err or self._closed then return end -- a file has nothing below
    for i = 1, #entries do
      if entries[i]:isDirectory() then renamed(self, join(path, entries[i].name), entries[i].name .. "/") end
    end
  end, path, { withFileTypes = true })
end

function FSWatcher:ref()
  rawset(self, "_ref", true)
  for _, node in pairs(self._nodes) do node.handle:ref() end
  return self
end

function FSWatcher:unref()
  rawset(self, "_ref", false)
  for _, node in pairs(self._nodes) do node.handle:unref() end
  return self
end

local function parse(options)
  options = args.options(options)
  for _, name in pairs { "persistent", "recursive" } do args.boolean(options, name) end
  return options
end

local function watch(path, options, listener)
  if type(options) == "function" then options, listener = nil, options end
  options = parse(options)
  path = args.path(path)
  local signal = options.signal
  local self = setmetatable({}, FSWatcher.meta)
  EventEmitter.prototype.initialize(self)
  for name, value in pairs {
    _nodes = {}, _closed = false, _ref = options.persistent ~= false, _encoding = options.encoding or false, _recursive = options.recursive or false,
    _context = queue.context,
  } do rawset(self, name, value) end
  if not self._encoding then rawset(self, "_encoding", nil) end
  start(self, path)
  if listener ~= nil then self:on("change", listener) end
  if signal then
    if signal.aborted then
      nextTick(function() self:close() end)
    else
      rawset(self, "_stop", require("lunode.stream.abort").listen(signal, function() self:close() end))
    end
  end
  return self
end

-- ---- fs.promises.watch: an asynchronous iterator of { eventType, filename }

local function watch_async(path, options)
  options = parse(options)
  path = args.path(path)
  local promise = require "lunode.internal.promise"
  local shape = require "lunode.internal.shape"
  local symbols = require "lunode.internal.symbols"
  local signal = options.signal
  local events, first, waiting, watcher, failed, over = {}, 1, {}, nil, nil, false
  local function result(value, done) return shape.dict { value = value, done = done } end
  local function finish(err)
    if over then return end
    over = true
    if watcher then watcher:close() end
    for i = 1, #waiting do
      if err ~= nil and i == 1 then promise.reject(waiting[i], err) else promise.resolve(waiting[i], result(nil, true)) end
    end
    if err ~= nil and not waiting[1] then failed = err end
    waiting = {}
  end
  local function abort_error() return require("lunode.stream.abort").error(signal) end
  local function begin()
    if signal and signal.aborted then return finish(abort_error()) end
    local ok, made = pcall(watch, path, { persistent = options.persistent, recursive = options.recursive, encoding = options.encoding })
    if not ok then return finish(made) end
    watcher = made
    watcher:on("change", function(kind, name)
      local event_object = shape.dict { eventType = kind, filename = name }
      local p = table.remove(waiting, 1)
      if p then return promise.resolve(p, result(event_object, false)) end
      events[#events + 1] = event_object
    end)
    watcher:on("error", finish)
    if signal then rawset(watcher, "_stop", require("lunode.stream.abort").listen(signal, function() finish(abort_error()) end)) end
  end
  local it = {}
  function it:next()
    if not watcher and not over then begin() end
    if events[first] then
      local value = events[first]
      events[first] = false
      first = first + 1
      if first > #events then events, first = {}, 1 end
      return promise.resolved(result(value, false))
    end
    if failed ~= nil then
      local err = failed
      failed = nil
      return promise.rejected(err)
    end
    if over then return promise.resolved(result(nil, true)) end
    local p = promise.new()
    waiting[#waiting + 1] = p
    return p
  end
  it["return"] = function(_, value)
    finish()
    return promise.resolved(result(value, true))
  end
  function it:iter() return require "lunode.internal.async_iter"(self) end
  it[symbols.asyncIterator] = function(self) return self end
  return it
end

return { watch = watch, watch_async = watch_async, FSWatcher = FSWatcher }
