-- SPDX-License-Identifier: MIT
--
-- Control sequences (ECMA-48) for a terminal: what tty.WriteStream and readline offer (Node 20 docs: readline.cursorTo …).
-- Each writes to the stream and returns what write returned; with nothing to do it calls back and returns true.
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"

local M = {}
local CSI = "\27["
local number = validators.number

local function send(stream, data, cb)
  cb = validators.optional_callback(cb, "callback")
  if stream == nil or stream == errors.null or data == "" then
    if cb then queue.nextTick(cb, nil) end
    return true
  end
  return stream:write(data, cb)
end

-- x, y from 0; y may be left out
function M.cursorTo(stream, x, y, cb)
  if type(y) == "function" then y, cb = nil, y end
  if x ~= x then error(errors.ERR_INVALID_ARG_VALUE("x", x), 0) end
  if y ~= y then error(errors.ERR_INVALID_ARG_VALUE("y", y), 0) end
  if type(x) ~= "number" then
    if type(y) == "number" and stream then error(errors.ERR_INVALID_CURSOR_POS(), 0) end
    return send(nil, "", cb)
  end
  if type(y) == "number" then return send(stream, CSI .. number(y + 1) .. ";" .. number(x + 1) .. "H", cb) end
  return send(stream, CSI .. number(x + 1) .. "G", cb)
end

function M.moveCursor(stream, dx, dy, cb)
  local data = ""
  if dx < 0 then data = CSI .. number(-dx) .. "D" elseif dx > 0 then data = CSI .. number(dx) .. "C" end
  if dy < 0 then data = data .. CSI .. number(-dy) .. "A" elseif dy > 0 then data = data .. CSI .. number(dy) .. "B" end
  return send(stream, data, cb)
end

-- dir: -1 to the left of the cursor, 1 to the right, 0 the whole line
function M.clearLine(stream, dir, cb)
  return send(stream, CSI .. (dir < 0 and "1K" or dir > 0 and "0K" or "2K"), cb)
end

function M.clearScreenDown(stream, cb) return send(stream, CSI .. "0J", cb) end

return M
