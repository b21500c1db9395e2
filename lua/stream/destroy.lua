-- SPDX-License-Identifier: MIT
--
-- The end of a stream's life, and its beginning: destroy, errors, construct (Node 20 docs: Stream, "Errors while …").
--
--   destroy(stream, err, cb)         what stream:destroy does
--   undestroy(stream)                puts both states back, for streams that are used again
--   errorOrDestroy(stream, err, sync)  destroys, or with autoDestroy off only reports; sync: 'error' waits for the next tick
--   construct(stream, cb)            runs stream:_construct; cb() once the stream may be used
--   destroyer(stream, err)           destroys a stream of any make that is not destroyed yet
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"
local utils = require "lunode.stream.utils"

local type, pcall, rawset, rawget = type, pcall, rawset, rawget
local nextTick, hook, null = queue.nextTick, validators.hook, errors.null

local M = {}

-- The first error is kept.
local function note_error(r, w, err)
  if w and not w.errored then w.errored = err end
  if r and not r.errored then r.errored = err end
end

local function emit_close(self)
  local r, w = self._readableState, self._writableState
  if w then w.closeEmitted = true end
  if r then r.closeEmitted = true end
  if (w and w.emitClose) or (r and r.emitClose) then self:emit "close" end
end

local function emit_error(self, err)
  local r, w = self._readableState, self._writableState
  if (w and w.errorEmitted) or (r and r.errorEmitted) then return end
  if w then w.errorEmitted = true end
  if r then r.errorEmitted = true end
  self:emit("error", err)
end

local function emit_error_close(self, err)
  emit_error(self, err)
  emit_close(self)
end

local function run_destroy(self, err, cb)
  local r, w = self._readableState, self._writableState
  local called = false
  local function on_destroy(e)
    if called then return end
    called = true
    if e == null or e == false then e = nil end
    if e ~= nil then note_error(r, w, e) end
    if w then w.closed = true end
    if r then r.closed = true end
    if cb then cb(e) end
    if e ~= nil then nextTick(emit_error_close, self, e) else nextTick(emit_close, self) end
  end
  local method, done = hook(self, "_destroy", on_destroy)
  local ok, raised = pcall(method, self, err, done)
  if not ok then on_destroy(raised) end
end

function M.destroy(self, err, cb)
  local r, w = self._readableState, self._writableState
  if (w and w.destroyed) or (r and r.destroyed) then
    if cb then cb() end
    return self
  end
  if err == null or err == false then err = nil end
  if err ~= nil then note_error(r, w, err) end
  if w then w.destroyed = true end
  if r then r.destroyed = true end
  local s = w or r
  if s and not s.constructed then
    local pending = rawget(self, "_constructing")
    pending.destroy = function(e)
      if e == null then e = nil end
      run_destroy(self, errors.aggregateTwo(e, err), cb)
    end
  else
    run_destroy(self, err, cb)
  end
  return self
end

function M.undestroy(self)
  local r, w = self._readableState, self._writableState
  if r then
    r.constructed, r.closed, r.closeEmitted, r.destroyed, r.errored, r.errorEmitted = true, false, false, false, nil, false
    r.reading, r.ended, r.endEmitted = false, r.readable == false, r.readable == false
  end
  if w then
    w.constructed, w.closed, w.closeEmitted, w.destroyed, w.errored, w.errorEmitted = true, false, false, false, nil, false
    w.finalCalled, w.prefinished = false, false
    w.ended, w.ending, w.finished = w.writable == false, w.writable == false, w.writable == false
  end
end

function M.errorOrDestroy(self, err, sync)
  local r, w = self._readableState, self._writableState
  if (w and w.destroyed) or (r and r.destroyed) then return end
  if (r and r.autoDestroy) or (w and w.autoDestroy) then
    self:destroy(err)
  elseif err ~= nil then
    note_error(r, w, err)
    if sync then nextTick(emit_error, self, err) else emit_error(self, err) end
  end
end
local errorOrDestroy = M.errorOrDestroy

-- ---- construct

local function run_construct(self)
  local r, w = self._readableState, self._writableState
  local pending = rawget(self, "_constructing")
  local called = false
  local function on_construct(err)
    if err == null or err == false then err = nil end
    if called then return errorOrDestroy(self, err or errors.ERR_MULTIPLE_CALLBACK()) end
    called = true
    rawset(self, "_constructing", nil)
    if r then r.constructed = true end
    if w then w.constructed = true end
    if (w or r).destroyed then
      if pending.destroy then pending.destroy(err) end
    elseif err ~= nil then
      errorOrDestroy(self, err, true)
    else
      for i = 1, #pending do pending[i](self) end
    end
  end
  local function later(err) nextTick(on_construct, err) end
  local method, done = hook(self, "_construct", later)
  local ok, raised = pcall(method, self, done)
  if not ok then nextTick(on_construct, raised) end
end

-- Both sides of a duplex come here; _construct runs once.
function M.construct(self, cb)
  if type(self._construct) ~= "function" then return end
  local r, w = self._readableState, self._writableState
  if r then r.constructed = false end
  if w then w.constructed = false end
  local pending = rawget(self, "_constructing")
  if pending then
    pending[#pending + 1] = cb
    return
  end
  rawset(self, "_constructing", { cb })
  nextTick(run_construct, self)
end

-- ---- streams of any make

local function emit_close_legacy(s) s:emit "close" end
local function emit_error_close_legacy(s, err)
  s:emit("error", err)
  nextTick(emit_close_legacy, s)
end
M.emitCloseLegacy, M.emitErrorCloseLegacy = emit_close_legacy, emit_error_close_legacy

-- Without an error, a stream that is not over yet is aborted.
function M.destroyer(s, err)
  if not s or utils.isDestroyed(s) then return end
  if err == null then err = nil end
  if err == nil and not utils.isFinished(s) then err = errors.AbortError() end
  if utils.isServerRequest(s) then
    s.socket = nil -- the answer may still go out
    s:destroy(err)
  elseif utils.isRequest(s) then
    s:abort()
  elseif utils.isRequest(s.req) then
    s.req:abort()
  elseif type(s.destroy) == "function" then
    s:destroy(err)
  elseif type(s.close) == "function" then
    s:close()
  elseif err ~= nil then
    nextTick(emit_error_close_legacy, s, err)
  else
    nextTick(emit_close_legacy, s)
  end
  if not s.destroyed then rawset(s, "_isDestroyed", true) end
end

return M
