-- SPDX-License-Identifier: MIT
--
-- The history file: methods of REPLServer (Node 20 docs: replServer.setupHistory). The newest line is the first of the file.
local validators = require "lunode.internal.validators"

local M = {}
local WRITE_DELAY = 15 -- ms: lines that come together are written together

local function write(self)
  local path = self._historyPath
  if not path or not self._historyChanged then return end
  self._historyChanged = false
  local text = table.concat(self.history, "\n")
  pcall(function() require("lunode.fs").writeFileSync(path, text, { mode = 384 }) end) -- 0600: lines may hold secrets
end

-- Writes what has not been written yet; 'flushHistory' tells.
function M:flushHistory()
  if self._historyTimer then
    require("lunode.internal.timers").clear(self._historyTimer)
    self._historyTimer = false
  end
  if self._historyPath then
    write(self)
    self:emit "flushHistory"
  end
end

local function default_path()
  local home = require("lunode.os").homedir()
  return home and home .. "/.lunode_repl_history"
end

-- path: a file, nil for ~/.lunode_repl_history, "" for none. callback(err, server) when the history has been read.
function M:setupHistory(path, callback)
  callback = validators.optional_callback(callback, "callback")
  if path == nil then
    local ok, found = pcall(default_path)
    path = ok and found or ""
  end
  local fs = require "lunode.fs"
  if path == "" or not self.terminal then
    rawset(self, "_historyPath", false)
    if callback then callback(nil, self) end
    return
  end
  local ok, text = pcall(function()
    local fd = fs.openSync(path, "a+", 384)
    fs.closeSync(fd)
    return fs.readFileSync(path, "utf8")
  end)
  if not ok then
    rawset(self, "_historyPath", false)
    self:_show "\nError: Could not open history file.\nREPL session history will not be persisted.\n"
    self:displayPrompt()
    if callback then callback(nil, self) end
    return
  end
  local list = {}
  for line in text:gmatch "[^\r\n]+" do
    if #list >= self.historySize then break end
    list[#list + 1] = line
  end
  self.history = require("lunode.internal.shape").list(list)
  self.historyIndex = 0
  rawset(self, "_historyPath", path)
  rawset(self, "_historyChanged", false)
  rawset(self, "_historyTimer", false)
  self:on("line", function()
    self._historyChanged = true
    local timers = require "lunode.internal.timers"
    if self._historyTimer then timers.clear(self._historyTimer) end
    self._historyTimer = timers.setUnrefTimeout(function() self:flushHistory() end, WRITE_DELAY)
  end)
  require("lunode.process"):on("exit", function() write(self) end)
  if callback then callback(nil, self) end
end

return M
