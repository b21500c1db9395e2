-- SPDX-License-Identifier: MIT
--
-- readline/promises (Node 20 docs: Readline, "Promises API").
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"
local Base = require "lunode.readline.interface"

local type, error, concat = type, error, table.concat
local M = {}

-- ---- Interface

local Interface = class("Interface", Base)

-- question(query, {signal}) -> promise of the next line; an aborted signal rejects it with an AbortError.
function Interface:question(query, options)
  local p = promise.new()
  local signal = type(options) == "table" and options ~= errors.null and options.signal
  if signal == errors.null then signal = nil end
  local ok, err = pcall(function()
    local answer = function(line) promise.resolve(p, line) end
    if signal then
      validators.validateAbortSignal(signal, "options.signal")
      if signal.aborted then error(errors.AbortError(nil, { cause = signal.reason }), 0) end
      local function abort()
        self:_questionCancel()
        promise.reject(p, errors.AbortError(nil, { cause = signal.reason }))
      end
      signal:addEventListener("abort", abort, { once = true })
      answer = function(line)
        signal:removeEventListener("abort", abort)
        promise.resolve(p, line)
      end
    end
    self:_question(query, answer)
  end)
  if not ok then promise.reject(p, err) end
  return p
end

-- ---- Readline

local CSI = "\27["
local number = validators.number

-- Readline(stream, {autoCommit}): what to do with the cursor is kept until commit(), or written at once with autoCommit.
local Readline = class "Readline"

function Readline:initialize(stream, options)
  if type(stream) ~= "table" or type(stream.write) ~= "function" or type(stream.on) ~= "function" then
    error(errors.ERR_INVALID_ARG_TYPE("stream", "Writable", stream), 0)
  end
  local auto = type(options) == "table" and options.autoCommit
  if auto ~= nil and auto ~= false and auto ~= errors.null then validators.validateBoolean(auto, "options.autoCommit") end
  self._stream, self._todo, self._autoCommit = stream, {}, auto == true
end

local function write(stream, data) stream:write(data) end

local function add(self, data)
  if self._autoCommit then queue.nextTick(write, self._stream, data) else self._todo[#self._todo + 1] = data end
  return self
end

-- x, y from 0; without y only the column changes
function Readline:cursorTo(x, y)
  validators.validateInteger(x, "x")
  if y == nil or y == errors.null then return add(self, CSI .. number(x + 1) .. "G") end
  validators.validateInteger(y, "y")
  return add(self, CSI .. number(y + 1) .. ";" .. number(x + 1) .. "H")
end

function Readline:moveCursor(dx, dy)
  dx, dy = dx or 0, dy or 0
  if dx == 0 and dy == 0 then return self end
  validators.validateInteger(dx, "dx")
  validators.validateInteger(dy, "dy")
  local data = dx < 0 and CSI .. number(-dx) .. "D" or dx > 0 and CSI .. number(dx) .. "C" or ""
  if dy < 0 then data = data .. CSI .. number(-dy) .. "A" elseif dy > 0 then data = data .. CSI .. number(dy) .. "B" end
  return add(self, data)
end

-- dir: -1 to the left of the cursor, 1 to the right, 0 the whole line
function Readline:clearLine(dir)
  validators.validateInteger(dir, "dir", -1, 1)
  return add(self, CSI .. (dir < 0 and "1K" or dir > 0 and "0K" or "2K"))
end

function Readline:clearScreenDown() return add(self, CSI .. "0J") end

-- -> promise: all that was kept is written
function Readline:commit()
  local p = promise.new()
  local data = concat(self._todo)
  self._todo = {}
  self._stream:write(data, function() promise.resolve(p, nil) end)
  return p
end

function Readline:rollback()
  self._todo = {}
  return self
end

M.Interface, M.Readline = Interface, Readline

-- As readline.createInterface.
function M.createInterface(input, output, completer, terminal) return Interface(input, output, completer, terminal) end

return M
