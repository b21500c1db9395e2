-- SPDX-License-Identifier: MIT
--
-- readline (Node 20 docs: Readline).
local cursor = require "lunode.internal.cursor"
local Interface = require "lunode.readline.interface"

local M = {}

M.Interface = Interface

-- createInterface{input =, output =, …} or (input, output, completer, terminal); the options are at the class.
function M.createInterface(input, output, completer, terminal) return Interface(input, output, completer, terminal) end

-- From now on the stream's input comes as 'keypress' (text, {sequence, name, ctrl, meta, shift}) too.
function M.emitKeypressEvents(stream, interface) return require("lunode.readline.keys").emitKeypressEvents(stream, interface) end

-- Each returns what stream:write does, or true when there is nothing to write.
M.clearLine, M.clearScreenDown, M.cursorTo, M.moveCursor = cursor.clearLine, cursor.clearScreenDown, cursor.cursorTo, cursor.moveCursor

setmetatable(M, { __index = function(_, name)
  if name == "promises" then
    local promises = require "lunode.readline.promises"
    rawset(M, "promises", promises)
    return promises
  end
end })

-- ---- signatures, for the reference (docs/api/README.md)
-- clearLine(stream: table, dir?: integer, callback?: fun()) -> boolean: -1 to the left, 1 to the right, 0 all of it
-- clearScreenDown(stream: table, callback?: fun()) -> boolean
-- moveCursor(stream: table, dx: integer, dy: integer, callback?: fun()) -> boolean
-- getPrompt() -> string
-- setPrompt(prompt: string)
-- pause, resume() -> readline.Interface: itself
-- rollback() -> readline.Readline: itself, with nothing left to do

return M
