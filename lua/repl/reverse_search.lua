-- SPDX-License-Identifier: MIT
--
-- Searching the history while typing: a method of REPLServer (Node 20 docs: REPL, "Reverse-i-search").
--
-- Ctrl+R goes to older entries that contain what is typed, Ctrl+S to newer ones; entries shown already are passed over. Escape and Ctrl+C
-- bring back the line from before; any other key takes the entry and does what it does.
local cursors = require "lunode.internal.cursor"

local find, type = string.find, type
local M = {}

local LABELS = { [1] = "bck-i-search: ", [-1] = "fwd-i-search: " }

-- The line with its entry, below it what is searched for.
local function draw(self, search)
  self:_refreshLine()
  local at = self:getCursorPos()
  local _, rows = self:_getDisplayPos(self._prompt .. self.line)
  local down = rows - at.rows
  if down > 0 then cursors.moveCursor(self.output, 0, down) end
  self:_writeToOutput("\r\n" .. (search.failed and "failed-" or "") .. LABELS[search.direction] .. search.input .. "_")
  cursors.moveCursor(self.output, 0, -down - 1)
  cursors.cursorTo(self.output, at.cols)
end

-- Looks from `index` on in the direction of the search; the line becomes the entry.
local function look(self, search, index)
  local history, input = self.history, search.input
  search.failed = false
  if input == "" then return end
  while history[index] do
    local entry = history[index]
    local at = find(entry, input, 1, true)
    if at and not (search.seen[entry] and search.seen[entry] ~= index) then
      search.index, search.seen[entry] = index, index
      self.line, self.cursor = entry, at - 1
      return
    end
    index = index + search.direction
  end
  search.failed = true
end

local function start(self, direction)
  self._search = { direction = direction, input = "", index = 0, seen = {}, failed = false, line = self.line, cursor = self.cursor }
  draw(self, self._search)
end

local function leave(self, search, back)
  self._search = false
  if back then self.line, self.cursor = search.line, search.cursor elseif search.index > 0 then self.historyIndex = search.index end
  self:_refreshLine()
end

-- Whether the key was the search's.
function M:_reverseSearch(text, key)
  local search, name = self._search, key.name
  if key.ctrl and not key.meta and (name == "r" or name == "s") then
    local direction = name == "r" and 1 or -1
    if not search then
      start(self, direction)
      return true
    end
    if search.direction ~= direction then
      search.direction, search.seen = direction, { [self.line] = search.index }
    end
    look(self, search, search.index + direction)
    draw(self, search)
    return true
  end
  if not search then return false end
  if name == "escape" or key.ctrl and name == "c" then
    leave(self, search, true)
    return true
  elseif name == "backspace" and not key.ctrl and not key.meta then
    search.input = search.input:gsub("[^\128-\191][\128-\191]*$", "", 1)
    search.index, search.seen = 0, {}
    if search.input == "" then self.line, self.cursor = search.line, search.cursor end
    look(self, search, search.direction == 1 and 1 or #self.history)
    draw(self, search)
    return true
  elseif type(text) == "string" and text ~= "" and not key.ctrl and not key.meta and name ~= "return" and name ~= "enter" and name ~= "tab" then
    search.input = search.input .. text
    search.seen = {}
    look(self, search, search.index > 0 and search.index or search.direction == 1 and 1 or #self.history)
    draw(self, search)
    return true
  end
  leave(self, search, false)
  return false
end

return M
