-- SPDX-License-Identifier: MIT
--
-- How operations are called. An operation is ops.NAME(cb, …): with cb nil it blocks, returns its result or raises; with a
-- function it returns at once and calls cb(err, result) later. What is wrong with its arguments raises either way.
--
--   call(cb, fn, syscall, path, dest, map, …)   one function of core.fs; map(result…) makes Node's result of its own
--   composite(ops, name, check, body)           an operation made of others, written once:
--     check(…) raises or returns the arguments of body(io, …), in which io.NAME(…) is the blocking operation, or one that
--     suspends the body's own coroutine until the answer is there
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"

local callback = require("lunode.internal.validators").callback
local uv, nextTick = errors.uv, queue.nextTick
local error, select, pcall, setmetatable = error, select, pcall, setmetatable
local create, resume, status, yield = coroutine.create, coroutine.resume, coroutine.status, coroutine.yield

local M = {}

-- What core is to call: the callback with Node's error or result, in the async context of now.
function M.adapt(cb, syscall, path, dest, map)
  local context = queue.context
  return function(code, a, b)
    queue.context = context
    if code then return cb(uv(code, syscall, path, dest)) end
    if map then return cb(nil, map(a, b)) end
    return cb(nil, a)
  end
end
local adapt = M.adapt

local function sync(syscall, path, dest, map, a, b)
  if a == nil then error(uv(b, syscall, path, dest), 0) end
  if map then return map(a, b) end
  return a
end

-- fn(…, done): the callback goes behind the last argument.
local function submit(fn, done, n, a, b, c, d, e)
  if n == 1 then return fn(a, done)
  elseif n == 2 then return fn(a, b, done)
  elseif n == 3 then return fn(a, b, c, done)
  elseif n == 4 then return fn(a, b, c, d, done)
  else return fn(a, b, c, d, e, done) end
end

-- Given for a callback that is missing where the other arguments are to be checked before it.
function M.MISSING() end
local MISSING = M.MISSING

function M.call(cb, fn, syscall, path, dest, map, ...)
  if cb == MISSING then callback(nil, "cb") end
  if not cb then return sync(syscall, path, dest, map, fn(...)) end
  local code = submit(fn, adapt(cb, syscall, path, dest, map), select("#", ...), ...)
  if code < 0 then nextTick(cb, uv(code, syscall, path, dest)) end
end

-- ---- composites

local FAILED = {} -- marks an answer that is an error

local function answer(first, ...)
  if first == FAILED then error((...), 0) end
  return first, ...
end

local bodies = {} -- name -> check, body: in a composite another one runs in the same coroutine

local function io_table(make)
  return setmetatable({}, { __index = function(io, name)
    local entry = bodies[name]
    local fn
    if entry then
      local check, body = entry.check, entry.body
      fn = function(...) return body(io, check(...)) end
    else
      fn = make(name)
    end
    io[name] = fn
    return fn
  end })
end

local operations
local blocking = io_table(function(name)
  local op = operations[name]
  return function(...) return op(nil, ...) end
end)
local suspending = io_table(function(name)
  return function(...) return answer(yield(name, ...)) end
end)
blocking.async, suspending.async = false, true

-- Runs body(suspending, …) in a coroutine of its own; cb(err, result) once it ends, never before drive returns.
local function drive(cb, body, ...)
  local co = create(body)
  local step
  local started = false
  local function resumed(ok, name, ...)
    if not ok or status(co) == "dead" then
      if not ok then
        if started then return cb(name) end
        return nextTick(cb, name)
      end
      if started then return cb(nil, name) end
      return nextTick(cb, nil, name)
    end
    local fine, err = pcall(operations[name], step, ...)
    if not fine then return nextTick(step, err) end
  end
  function step(err, ...)
    if err ~= nil then return resumed(resume(co, FAILED, err)) end
    return resumed(resume(co, ...))
  end
  resumed(resume(co, suspending, ...))
  started = true
end

function M.composite(ops, name, check, body)
  operations = ops
  bodies[name] = { check = check, body = body }
  ops[name] = function(cb, ...)
    if not cb then return body(blocking, check(...)) end
    if cb == MISSING then
      check(...)
      callback(nil, "cb")
    end
    return drive(cb, body, check(...))
  end
end

return M
