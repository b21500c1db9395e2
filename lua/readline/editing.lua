-- SPDX-License-Identifier: MIT
--
-- Editing a line on a terminal: methods of Interface (Node 20 docs: "TTY keybindings").
--
-- Every change goes to the output at once, as few bytes as Node sends. The line is UTF-8; `cursor` counts bytes, and moves
-- by whole characters. What is deleted by words or to a line's end goes into the kill ring.
local cursors = require "lunode.internal.cursor"
local width = require "lunode.internal.string_width"

local byte, sub, find, ceil, huge, max = string.byte, string.sub, string.find, math.ceil, math.huge, math.max
local type, insert, remove = type, table.insert, table.remove
local each, width_of = width.each, width.of

local KILL_RING_SIZE, UNDO_SIZE = 32, 2048

local M = {}

-- ---- characters

-- Bytes of the character at `at` (from 0), of the one before it.
local function length_at(line, at)
  if at >= #line then return 1 end
  local _, n = each(line, at + 1)
  return n
end
local function length_before(line, at)
  if at <= 0 then return 0 end
  for n = 2, 4 do
    if at - n < 0 or byte(line, at) < 0x80 then break end
    local _, length = each(line, at - n + 1)
    if length == n then return n end
  end
  return 1
end

-- "space", "word" (a letter of ASCII, a digit, "_") or "other", as JavaScript's \s and \w tell them.
local function kind(code)
  if code < 128 then
    local c = string.char(code)
    if find(c, "^[%w_]") then return "word" end
    return find(c, "^%s") and "space" or "other"
  end
  if code == 0xa0 or code == 0x1680 or code >= 0x2000 and code <= 0x200a or code == 0x2028 or code == 0x2029 or code == 0x202f
    or code == 0x205f or code == 0x3000 or code == 0xfeff then return "space" end
  return "other"
end

-- Passes characters of a kind (or of any other than `but`) to the right; where it comes to.
local function skip(line, at, wanted, but)
  while at < #line do
    local code, n = each(line, at + 1)
    local k = kind(code)
    if wanted and k ~= wanted or but and k == but then break end
    at = at + n
  end
  return at
end

local function kind_at(line, at)
  if at >= #line then return nil end
  return kind((each(line, at + 1)))
end

local function word_left(line, at)
  local wanted
  while at > 0 do
    local n = length_before(line, at)
    local k = kind((each(line, at - n + 1)))
    if wanted and k ~= wanted then break end
    if k ~= "space" then wanted = k end
    at = at - n
  end
  return at
end

local function word_right(line, at)
  local k = kind_at(line, at)
  if k then at = skip(line, at, k) end
  return skip(line, at, "space")
end

-- As word_right, but signs and spaces together are one thing.
local function word_end(line, at)
  local k = kind_at(line, at)
  if k == "other" then at = skip(line, at, nil, "word") elseif k then at = skip(line, at, k) end
  return skip(line, at, "space")
end

-- ---- places on the screen

-- Walks over text[i…] from a place that is `offset` columns behind the start of row `rows`.
local function walk(text, i, offset, rows, columns, tab)
  local n = #text
  while i <= n do
    local c = byte(text, i)
    if c >= 32 and c < 127 then
      offset, i = offset + 1, i + 1
    elseif c == 10 then
      rows, offset, i = rows + max(1, ceil(offset / columns)), 0, i + 1
    elseif c == 9 then
      offset, i = offset + tab - offset % tab, i + 1
    else
      local code, length = each(text, i)
      local w = width_of(code)
      if w == 2 and columns ~= huge and (offset + 1) % columns == 0 then offset = offset + 1 end -- does not fit in the row
      offset, i = offset + w, i + length
    end
  end
  return offset, rows
end

local function place(offset, rows, columns)
  if columns == huge then return offset, rows end
  local cols = offset % columns
  return cols, rows + (offset - cols) / columns
end

-- -> column, row of the end of a text that begins at column 0
function M:_getDisplayPos(text)
  local columns = self.columns
  local offset, rows = walk(width.strip(text), 1, 0, 0, columns, self.tabSize)
  return place(offset, rows, columns)
end

-- The same for the prompt and the line up to the cursor. What was found last is kept: usually a little has been added.
local function cursor_pos(self)
  local before, prompt, columns, tab = sub(self.line, 1, self.cursor), self._prompt, self.columns, self.tabSize
  if find(before, "[\27\194]") then return self:_getDisplayPos(prompt .. before) end
  local seen = self._seen
  if not seen then
    seen = {}
    self._seen = seen
  end
  if seen.prompt ~= prompt or seen.columns ~= columns or seen.tab ~= tab then
    seen.prompt, seen.columns, seen.tab, seen.text = prompt, columns, tab, ""
    seen.offset, seen.rows = walk(width.strip(prompt), 1, 0, 0, columns, tab)
    seen.start, seen.start_rows = seen.offset, seen.rows
  end
  local known = #seen.text
  if known > #before or sub(before, 1, known) ~= seen.text then known, seen.offset, seen.rows = 0, seen.start, seen.start_rows end
  seen.offset, seen.rows = walk(before, known + 1, seen.offset, seen.rows, columns, tab)
  seen.text = before
  return place(seen.offset, seen.rows, columns)
end

-- -> {rows, cols} of the cursor relative to the start of the prompt
function M:getCursorPos()
  local cols, rows = cursor_pos(self)
  return require("lunode.internal.shape").dict { rows = rows, cols = cols }
end

M._getCursorPos = M.getCursorPos

-- Writes prompt and line anew.
function M:_refreshLine()
  local output = self.output
  local text = self._prompt .. self.line
  local end_cols, end_rows = self:_getDisplayPos(text)
  local cols, rows = cursor_pos(self)
  if self.prevRows > 0 then cursors.moveCursor(output, 0, -self.prevRows) end
  cursors.cursorTo(output, 0)
  cursors.clearScreenDown(output)
  self:_writeToOutput(text)
  if end_cols == 0 then self:_writeToOutput " " end -- makes the terminal begin the next row
  cursors.cursorTo(output, cols)
  if end_rows > rows then cursors.moveCursor(output, 0, rows - end_rows) end
  self.prevRows = rows
end

-- By characters' bytes; math.huge goes to the end.
function M:_moveCursor(by)
  if by == 0 then return end
  local cols, rows = cursor_pos(self)
  local to = self.cursor + by
  self.cursor = to < 0 and 0 or to > #self.line and #self.line or to
  local new_cols, new_rows = cursor_pos(self)
  if rows == new_rows then return cursors.moveCursor(self.output, new_cols - cols, 0) end
  self:_refreshLine()
end

-- ---- undo

function M:_beforeEdit()
  local stack = self._undoStack
  stack[#stack + 1] = { self.line, self.cursor }
  if #stack > UNDO_SIZE then remove(stack, 1) end
end

local function back(self, from, to)
  local entry = remove(from)
  if not entry then return end
  to[#to + 1] = { self.line, self.cursor }
  self.line, self.cursor = entry[1], entry[2]
  self:_refreshLine()
end
function M:_undo() back(self, self._undoStack, self._redoStack) end
function M:_redo() back(self, self._redoStack, self._undoStack) end

-- ---- changes

function M:_insertString(text)
  self:_beforeEdit()
  local line, at = self.line, self.cursor
  if at < #line then
    self.line, self.cursor = sub(line, 1, at) .. text .. sub(line, at + 1), at + #text
    if self.isCompletionEnabled then return self:_refreshLine() end
    self._stale = true -- more is being pasted: shown when it ends
    return
  end
  local _, rows = cursor_pos(self)
  self.line, self.cursor = line .. text, at + #text
  local _, new_rows = cursor_pos(self)
  if not self.isCompletionEnabled then -- in the middle of what is pasted: the terminal wraps by itself
    self.prevRows = new_rows
    return self:_writeToOutput(text)
  end
  if new_rows > rows then self:_refreshLine() else self:_writeToOutput(text) end
end

-- Takes out the bytes from `first` to before `last` (from 0). -> them
local function cut(self, first, last)
  local line = self.line
  self:_beforeEdit()
  self.line, self.cursor = sub(line, 1, first) .. sub(line, last + 1), first
  return sub(line, first + 1, last)
end

function M:_deleteLeft()
  local at = self.cursor
  if at <= 0 or self.line == "" then return end
  cut(self, at - length_before(self.line, at), at)
  self:_refreshLine()
end

function M:_deleteRight()
  local at = self.cursor
  if at >= #self.line then return end
  cut(self, at, at + length_at(self.line, at))
  self:_refreshLine()
end

function M:_deleteWordLeft()
  local at = self.cursor
  if at <= 0 then return end
  cut(self, word_left(self.line, at), at)
  self:_refreshLine()
end

function M:_deleteWordRight()
  local at = self.cursor
  if at >= #self.line then return end
  cut(self, at, word_end(self.line, at))
  self:_refreshLine()
end

function M:_deleteLineLeft()
  self:_pushToKillRing(cut(self, 0, self.cursor))
  self:_refreshLine()
end

function M:_deleteLineRight()
  self:_pushToKillRing(cut(self, self.cursor, #self.line))
  self:_refreshLine()
end

function M:_wordLeft()
  if self.cursor > 0 then self:_moveCursor(word_left(self.line, self.cursor) - self.cursor) end
end
function M:_wordRight()
  if self.cursor < #self.line then self:_moveCursor(word_right(self.line, self.cursor) - self.cursor) end
end

-- ---- the kill ring

function M:_pushToKillRing(text)
  local ring = self._killRing
  if text == "" or text == ring[1] then return end
  insert(ring, 1, text)
  self._killRingCursor = 1
  while #ring > KILL_RING_SIZE do remove(ring) end
end

function M:_yank()
  local text = self._killRing[self._killRingCursor]
  if not text then return end
  self._yanking = true
  self:_insertString(text)
end

-- Directly after a yank: the entry before the one that was put in, in its place.
function M:_yankPop()
  local ring = self._killRing
  if not self._yanking or #ring <= 1 then return end
  local last = ring[self._killRingCursor]
  self._killRingCursor = self._killRingCursor % #ring + 1
  local text = ring[self._killRingCursor]
  local head = sub(self.line, 1, self.cursor - #last) .. text
  self.line, self.cursor = head .. sub(self.line, self.cursor + 1), #head
  self:_refreshLine()
end

-- ---- the end of a line

function M:clearLine()
  self:_moveCursor(huge)
  self:_writeToOutput "\r\n"
  self.line, self.cursor, self.prevRows = "", 0, 0
end

function M:_line()
  local line = self:_addHistory()
  self._undoStack, self._redoStack = {}, {}
  self:clearLine()
  self:_onLine(line)
end

-- ---- keys

local function now() return require("lunode.internal.timers").now() end

-- Stops the program as a shell's ^Z does; when it goes on the terminal is as it was.
local function suspend(self)
  if self:listenerCount "SIGTSTP" > 0 then return self:emit "SIGTSTP" end
  local process = require "lunode.process"
  process:once("SIGCONT", function()
    if not self.paused then -- so that the stream, resumed, gets its keys again
      self:pause()
      self:emit "SIGCONT"
    end
    if self.closed then return end
    self:_setRawMode(true)
    self:_refreshLine()
  end)
  self:_setRawMode(false)
  process.kill(process.pid, "SIGTSTP")
end

local function interrupt(self)
  if self:listenerCount "SIGINT" > 0 then self:emit "SIGINT" else self:close() end
end

local CTRL = {
  c = interrupt,
  d = function(self)
    if self.line == "" then self:close() elseif self.cursor < #self.line then self:_deleteRight() end
  end,
  h = function(self) self:_deleteLeft() end,
  u = function(self) self:_deleteLineLeft() end,
  k = function(self) self:_deleteLineRight() end,
  a = function(self) self:_moveCursor(-huge) end,
  e = function(self) self:_moveCursor(huge) end,
  b = function(self) self:_moveCursor(-length_before(self.line, self.cursor)) end,
  f = function(self) self:_moveCursor(length_at(self.line, self.cursor)) end,
  l = function(self)
    cursors.cursorTo(self.output, 0, 0)
    cursors.clearScreenDown(self.output)
    self:_refreshLine()
  end,
  n = function(self) self:_historyNext() end,
  p = function(self) self:_historyPrev() end,
  y = function(self) self:_yank() end,
  z = suspend,
  w = function(self) self:_deleteWordLeft() end,
  backspace = function(self) self:_deleteWordLeft() end,
  delete = function(self) self:_deleteWordRight() end,
  left = function(self) self:_wordLeft() end,
  right = function(self) self:_wordRight() end,
}
local CTRL_SHIFT = { backspace = CTRL.u, delete = CTRL.k }
local META = { b = CTRL.left, f = CTRL.right, d = CTRL.delete, delete = CTRL.delete, backspace = CTRL.w, y = function(self) self:_yankPop() end }

local PLAIN = {
  ["return"] = function(self)
    self._sawReturnAt = now()
    self:_line()
  end,
  -- A "\n" directly behind a "\r" is part of it.
  enter = function(self)
    local at = self._sawReturnAt
    self._sawReturnAt = false
    if not at or now() - at > self.crlfDelay then self:_line() end
  end,
  backspace = CTRL.h,
  delete = function(self) self:_deleteRight() end,
  left = CTRL.b, right = CTRL.f, home = CTRL.a, ["end"] = CTRL.e, up = CTRL.p, down = CTRL.n,
}

-- Text that was typed or pasted: each line end in it ends a line.
local function typed(self, text)
  local first, last = self._lineEnd(text, 1)
  local from = 1
  while first do
    if first > from or from == 1 then self:_insertString(sub(text, from, first - 1)) end
    self:_line()
    from = last + 1
    first, last = self._lineEnd(text, from)
  end
  if from <= #text then self:_insertString(sub(text, from)) end
end

function M:_ttyWrite(text, key)
  local previous = self._previousKey
  key = key or {}
  self._previousKey = key
  local name = key.name
  if not key.meta or name ~= "y" then self._yanking = false end -- M-y goes on with a yank, nothing else does
  if self._stale and (self.isCompletionEnabled or key.ctrl or key.meta or PLAIN[name] or name == "tab") then
    self._stale = false
    self:_refreshLine()
  end
  if (name == "up" or name == "down") and not key.ctrl and not key.meta and not key.shift then
    if not self._substringSearch then self._substringSearch = sub(self.line, 1, self.cursor) end
  elseif self._substringSearch then
    self._substringSearch = false
    if #self.history + 1 == self.historyIndex then self.historyIndex = 0 end
  end
  local sequence = type(key.sequence) == "string" and byte(key.sequence)
  if sequence == 0x1f then return self:_undo() elseif sequence == 0x1e then return self:_redo() end
  if name == "escape" then return end
  if key.ctrl or key.meta then
    local action = (key.ctrl and key.shift and CTRL_SHIFT or key.ctrl and CTRL or META)[name]
    if action then action(self) end
    return
  end
  if self._sawReturnAt and name ~= "enter" then self._sawReturnAt = false end
  local action = PLAIN[name]
  if action then return action(self) end
  if name == "tab" and self.completer and self.isCompletionEnabled then
    return self:_tabComplete(previous and previous.name == "tab" or false)
  end
  if type(text) == "string" and text ~= "" then typed(self, text) end
end

-- For a terminal that can nothing (TERM=dumb): text is added, and shown.
function M:_ttyWriteDumb(text, key)
  key = key or {}
  local name = key.name
  if name == "escape" then return end
  if self._sawReturnAt and name ~= "enter" then self._sawReturnAt = false end
  if key.ctrl and (name == "c" or name == "d") then
    if name == "c" and self:listenerCount "SIGINT" > 0 then return self:emit "SIGINT" end
    return self:close()
  end
  if name == "return" or name == "enter" then return PLAIN[name](self) end
  if type(text) == "string" and text ~= "" then
    self.line, self.cursor = self.line .. text, self.cursor + #text
    self:_writeToOutput(text)
  end
end

return M
