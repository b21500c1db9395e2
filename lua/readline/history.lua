-- SPDX-License-Identifier: MIT
--
-- The lines entered before: methods of Interface. history[1] is the newest; historyIndex is the one shown, 0 for none.
local sub, find, insert, remove = string.sub, string.find, table.insert, table.remove

local M = {}

-- What the line adds. -> the line as the listeners of 'history' left it
function M:_addHistory()
  local line, history = self.line, self.history
  if line == "" or not history or self.historySize == 0 or not find(line, "%S") then return line end
  if history[1] ~= line then
    if self.removeHistoryDuplicates then
      for i = 1, #history do
        if history[i] == line then
          remove(history, i)
          break
        end
      end
    end
    insert(history, 1, line)
    if #history > self.historySize then remove(history) end
  end
  self.historyIndex = 0
  line = history[1]
  self:emit("history", history) -- a listener may change it: a password need not stay
  return line
end

local function show(self, index, line)
  self.historyIndex, self.line, self.cursor = index, line, #line
  self:_refreshLine()
end

-- An entry that begins with what was typed, and is not what is shown.
local function fits(self, entry, search) return sub(entry, 1, #search) == search and entry ~= self.line end

function M:_historyNext()
  local index = self.historyIndex
  if index < 1 then return end
  self:_beforeEdit()
  local search, history = self._substringSearch or "", self.history
  index = index - 1
  while index >= 1 and not fits(self, history[index], search) do index = index - 1 end
  show(self, index, history[index] or search)
end

function M:_historyPrev()
  local index, history = self.historyIndex, self.history
  local n = #history
  if n == 0 or index > n then return end
  self:_beforeEdit()
  local search = self._substringSearch or ""
  index = index + 1
  while index <= n and not fits(self, history[index], search) do index = index + 1 end
  show(self, index, history[index] or search)
end

return M
