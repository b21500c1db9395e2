-- SPDX-License-Identifier: MIT
--
-- tty (Node 20 docs: TTY).
local class = require "lunode.internal.class"
local core = require "lunode.core"
local cursor = require "lunode.internal.cursor"
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"
local Socket = require "lunode.net.socket"

local rawset, type = rawset, type
local M = {}

-- Whether descriptor fd is a terminal; false for what is no descriptor.
function M.isatty(fd)
  return type(fd) == "number" and fd % 1 == 0 and fd >= 0 and fd <= 2147483647 and core.tty.isatty(fd)
end

local function open(fd)
  if type(fd) ~= "number" or fd % 1 ~= 0 or fd < 0 or fd > 2147483647 then
    error(errors.ERR_INVALID_FD(type(fd) == "number" and validators.number(fd) or tostring(fd)), 0)
  end
  local handle, code = core.tty.new(fd)
  if handle then return handle end
  local e = errors.ERR_TTY_INIT_FAILED()
  e.message = e.message .. ": uv_tty_init returned " .. errors.uvName(code) .. " (" .. errors.uvMessage(code) .. ")"
  e.errno, e.syscall = code, "uv_tty_init"
  error(e, 0)
end

-- ---- reading

-- ReadStream(fd, options): options of net.Socket
local ReadStream = class("ReadStream", Socket)

function ReadStream:initialize(fd, options)
  local own = { highWaterMark = 0 }
  if type(options) == "table" then
    for k, v in pairs(options) do own[k] = v end
  end
  own.handle = open(fd)
  own.lazyStart, own.writable = true, false
  Socket.prototype.initialize(self, own)
  rawset(self, "isRaw", false)
  rawset(self, "isTTY", true)
end

-- Raw: every key at once, and none of them a signal. An error is emitted.
function ReadStream:setRawMode(on)
  on = on and on ~= errors.null and true or false
  local handle = self._handle
  if not handle then return self end
  local err = handle:setMode(on)
  if err ~= 0 then
    self:emit("error", errors.errnoException(err, "setRawMode"))
    return self
  end
  self.isRaw = on
  return self
end

-- ---- writing

-- WriteStream(fd): columns and rows say the window's size; 'resize' when it has changed.
local WriteStream = class("WriteStream", Socket)

function WriteStream:initialize(fd)
  local handle = open(fd)
  Socket.prototype.initialize(self, { handle = handle, lazyStart = true, readable = false })
  rawset(self, "_type", "tty")
  handle:setBlocking(true) -- as Node: a terminal takes its text before the next statement runs
  local columns, rows = handle:getWindowSize()
  if columns then
    rawset(self, "columns", columns)
    rawset(self, "rows", rows)
  end
end
WriteStream.prototype.isTTY = true

-- Asks for the size again; called upon SIGWINCH.
function WriteStream:_refreshSize()
  local handle = self._handle
  if not handle then return end
  local columns, rows = handle:getWindowSize()
  if not columns then
    self:emit("error", errors.errnoException(rows, "getWindowSize"))
    return
  end
  if columns ~= self.columns or rows ~= self.rows then
    rawset(self, "columns", columns)
    rawset(self, "rows", rows)
    self:emit "resize"
  end
end

-- -> {columns, rows}
function WriteStream:getWindowSize() return require("lunode.internal.shape").list { self.columns, self.rows } end

function WriteStream:cursorTo(x, y, cb) return cursor.cursorTo(self, x, y, cb) end
function WriteStream:moveCursor(dx, dy, cb) return cursor.moveCursor(self, dx, dy, cb) end
function WriteStream:clearLine(dir, cb) return cursor.clearLine(self, dir, cb) end
function WriteStream:clearScreenDown(cb) return cursor.clearScreenDown(self, cb) end

-- env: names and values, by default the process's. -> 1, 4, 8 or 24 bits
function WriteStream:getColorDepth(env) return require "lunode.internal.color_depth"(env) end

-- hasColors(count, env), hasColors(env): whether there are `count` (16) colours
function WriteStream:hasColors(count, env)
  if env == nil and type(count) == "table" then
    env, count = count, nil
  end
  if count == nil then count = 16 else validators.validateInteger(count, "count", 2) end
  return count <= 2 ^ self:getColorDepth(env)
end

M.ReadStream, M.WriteStream = ReadStream, WriteStream
-- ---- signatures, for the reference (docs/api/README.md)
-- clearLine(dir: integer, callback?: fun()) -> boolean
-- clearScreenDown(callback?: fun()) -> boolean
-- cursorTo(x: integer, y?: integer, callback?: fun()) -> boolean
-- moveCursor(dx: integer, dy: integer, callback?: fun()) -> boolean

return M
