-- SPDX-License-Identifier: MIT
--
-- The tab key: methods of Interface (Node 20 docs: "Use of the completer function").
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local width = require "lunode.internal.string_width"

local floor, huge, max, sub, type, concat = math.floor, math.huge, math.max, string.sub, type, table.concat

local M = {}

-- What all of the non-empty entries begin with.
local function common_prefix(entries)
  local prefix
  for i = 1, #entries do
    local entry = entries[i]
    if entry ~= "" then
      if not prefix then
        prefix = entry
      else
        local n = 0
        while n < #prefix and n < #entry and prefix:byte(n + 1) == entry:byte(n + 1) do n = n + 1 end
        prefix = sub(prefix, 1, n)
      end
    end
  end
  prefix = prefix or ""
  -- Not in the middle of a character.
  local tail = prefix:match "[\192-\255][\128-\191]*$"
  if tail then
    local _, length = width.each(tail, 1)
    if length ~= #tail then prefix = sub(prefix, 1, #prefix - #tail) end
  end
  return prefix
end

-- The entries in columns, row by row; an empty one begins a new group.
local function layout(entries, columns)
  local widths, widest = {}, 0
  for i = 1, #entries do
    widths[i] = width.width(entries[i])
    widest = max(widest, widths[i])
  end
  widest = widest + 2
  local per_row = columns == huge and 1 or max(1, floor(columns / widest))
  local out, in_row, pad = { "\r\n" }, 0, 0
  for i = 1, #entries do
    local entry = entries[i]
    if entry == "" or in_row == per_row then
      out[#out + 1] = "\r\n"
      in_row, pad = 0, 0
    else
      out[#out + 1] = (" "):rep(pad)
    end
    if entry == "" then
      out[#out + 1] = "\r\n"
    else
      out[#out + 1] = entry
      pad, in_row = widest - widths[i], in_row + 1
    end
  end
  if in_row ~= 0 then out[#out + 1] = "\r\n\r\n" end
  return concat(out)
end

function M:_tabCompleter(again, result)
  local entries, given = result[1], result[2] or ""
  if type(entries) ~= "table" or #entries == 0 then return end
  local prefix = common_prefix(entries)
  if #prefix > #given and sub(prefix, 1, #given) == given then return self:_insertString(sub(prefix, #given + 1)) end
  if sub(given, 1, #prefix) ~= prefix then
    local head = sub(self.line, 1, self.cursor - #given) .. prefix
    self.line, self.cursor = head .. sub(self.line, self.cursor + 1), #head
    return self:_refreshLine()
  end
  if not again then return end
  self:_beforeEdit()
  self:_writeToOutput(layout(entries, self.columns))
  self:_refreshLine()
end

-- again: the key before was the tab key, too. Nothing is read until the completer has answered.
function M:_tabComplete(again)
  self:pause()
  local text = sub(self.line, 1, self.cursor)
  local over = false
  local function answer(err, result)
    if over then return end
    over = true
    if self.closed then return end
    self:resume()
    if err ~= nil and err ~= errors.null then
      self:_writeToOutput("Tab completion error: " .. require("lunode.util").inspect(err))
    elseif type(result) == "table" then
      self:_tabCompleter(again, result)
    end
  end
  local ok, result
  if self._completerCalls then
    ok, result = pcall(self.completer, text, answer)
    if ok then return end
  else
    ok, result = pcall(self.completer, text)
  end
  if not ok then return answer(result, nil) end
  if type(result) == "table" and type(result["then"]) == "function" then
    return promise.call_then(result["then"], result, function(list) answer(nil, list) end, function(err) answer(err == nil and "" or err) end)
  end
  answer(nil, result)
end

return M
