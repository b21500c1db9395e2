-- SPDX-License-Identifier: MIT
--
-- fs.watchFile, fs.unwatchFile and StatWatcher. Source: Node 20 docs, "fs.watchFile", "Class: fs.StatWatcher".
--
-- watchFile(path, options?: table, listener: function) -> fs.StatWatcher
--   options: bigint = false, persistent = true, interval = 5007 (ms)
--   listener(current, previous): Stats, all zero when there is no such file. One watcher serves all listeners of a path.
local core = require "lunode.core"
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"
local EventEmitter = require "lunode.events"
local args = require "lunode.fs.arguments"
local st = require "lunode.fs.stats"
local resolve = require("lunode.path").resolve

local poll = core.fs_watch.poll
local rawset, setmetatable, error, type = rawset, setmetatable, error, type

local StatWatcher = class("StatWatcher", EventEmitter)
local watchers = {} -- by absolute path

-- Told once that there is no such file; each further change both ways.
local function on_change(self, _, current, previous)
  local map = self._map
  queue.context = self._context
  self:emit("change", map(current), map(previous))
end

local function emit_stop(self) self:emit "stop" end

local function stop(self)
  if not self._handle then return end
  self._handle:close()
  rawset(self, "_handle", false)
  watchers[self._path] = nil
  queue.nextTick(emit_stop, self)
end

function StatWatcher:ref()
  if self._handle then self._handle:ref() end
  return self
end

function StatWatcher:unref()
  if self._handle then self._handle:unref() end
  return self
end

local function watchFile(path, options, listener)
  path = resolve(args.path(path))
  if type(options) == "function" then options, listener = nil, options end
  if options == errors.null then options = nil end
  if options ~= nil then validators.validateObject(options, "options") end
  options = options or {}
  validators.validateFunction(listener, "listener")
  local self = watchers[path]
  if not self then
    local interval, wide = options.interval, options.bigint == true
    if interval == nil then interval = 5007 end
    validators.validateUint32(interval, "interval")
    local handle, code = poll(path, interval, wide)
    if not handle then error(errors.uv(code, "watch", path), 0) end
    self = setmetatable({}, StatWatcher.meta)
    EventEmitter.prototype.initialize(self)
    rawset(self, "_handle", handle)
    rawset(self, "_path", path)
    rawset(self, "_context", queue.context)
    rawset(self, "_map", wide and st.big_stats or st.stats)
    handle.owner, handle.onchange = self, on_change
    if options.persistent == false then handle:unref() end
    watchers[path] = self
  end
  self:on("change", listener)
  return self
end

-- unwatchFile(path, listener?: function)
-- Without a listener all of the path's are taken off.
local function unwatchFile(path, listener)
  local self = watchers[resolve(args.path(path))]
  if not self then return end
  if type(listener) == "function" then self:removeListener("change", listener) else self:removeAllListeners "change" end
  if self:listenerCount "change" == 0 then stop(self) end
end

return { watchFile = watchFile, unwatchFile = unwatchFile, StatWatcher = StatWatcher }
