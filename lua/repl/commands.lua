-- SPDX-License-Identifier: MIT
--
-- What begins with a dot: methods of REPLServer (Node 20 docs: REPL, "Commands and special keys").
local validators = require "lunode.internal.validators"

local type = type
local M = {}

-- command: function(self, text), or {help = "…", action = function(self, text)}; entered as .keyword text
function M:defineCommand(keyword, command)
  if type(command) == "function" then
    command = { action = command }
  elseif type(command) ~= "table" or type(command.action) ~= "function" then
    validators.validateFunction(type(command) == "table" and command.action or nil, "cmd.action")
  end
  self.commands[keyword] = { help = command.help, action = command.action }
end

-- ---- the editor

local EDITOR = "Entering editor mode (Ctrl+D to finish, Ctrl+C to cancel)\n"

-- A line of it: the next one begins with the same spaces, unless text is being pasted.
function M:_editorLine(line)
  self._buffered = self._buffered .. line .. "\n"
  local indent = self.isCompletionEnabled and line:match "^[ \t]*" or ""
  self:displayPrompt()
  if indent ~= "" then self:_insertString(indent) end
end

function M:_editorKey(text, key)
  local name = key.name
  local write = require("lunode.readline.interface").prototype._ttyWrite
  if key.ctrl and not key.shift then
    if name == "d" then
      local code = self._buffered .. self.line .. "\n"
      self.editorMode = false
      self:clearLine()
      self:clearBufferedCommand()
      if not code:find "%S" then return self:displayPrompt() end
      self._sawCtrlD = true -- nothing will complete it
      return self:_entry(code)
    elseif name == "n" or name == "p" then
      return
    end
  elseif name == "up" or name == "down" then
    return
  end
  return write(self, text, key)
end

-- ---- files

local function load(self, file)
  local fs = require "lunode.fs"
  local ok, text = pcall(function()
    if not fs.statSync(file):isFile() then error("it is no file", 0) end
    return fs.readFileSync(file, "utf8")
  end)
  if not ok then
    self:_show("Failed to load: " .. file .. "\n")
    return self:displayPrompt()
  end
  self:clearBufferedCommand()
  self._sawCtrlD = true
  self:_entry((text:gsub("^#[^\n]*", "")))
end

-- The lines entered in this session; commands are left out.
local function save(self, file)
  local lines = {}
  for i = 1, #self._session do lines[i] = self._session[i] end
  local ok = pcall(function() require("lunode.fs").writeFileSync(file, table.concat(lines, "\n") .. "\n") end)
  self:_show((ok and "Session saved to: " or "Failed to save: ") .. file .. "\n")
  self:displayPrompt()
end

local function help(self)
  local names, longest = {}, 0
  for name in pairs(self.commands) do
    names[#names + 1] = name
    if #name > longest then longest = #name end
  end
  table.sort(names)
  local out = {}
  for i, name in ipairs(names) do
    local text = self.commands[name].help
    out[i] = "." .. name .. (text and (" "):rep(longest - #name + 3) .. text or "")
  end
  self:_show(table.concat(out, "\n") .. "\n\nPress Ctrl+C to abort current expression, Ctrl+D to exit the REPL\n")
  self:displayPrompt()
end

local function abort(self)
  self:clearBufferedCommand()
  self:displayPrompt()
end

function M:_defineCommands()
  rawset(self, "_session", {})
  self:on("line", function(line)
    if not line:find "^%s*%.%a" or self._buffered ~= "" then self._session[#self._session + 1] = line end
  end)
  self:defineCommand("break", { help = "Sometimes you get stuck, this gets you out", action = abort })
  self:defineCommand("clear", {
    help = self.useGlobal and "Break, and forget the locals of earlier entries" or "Break, and also clear the local context",
    action = function(server)
      server:clearBufferedCommand()
      if not server.useGlobal then server:_show "Clearing context...\n" end
      server:resetContext()
      server:displayPrompt()
    end,
  })
  self:defineCommand("exit", { help = "Exit the REPL", action = function(server) server:close() end })
  self:defineCommand("help", { help = "Print this help message", action = help })
  self:defineCommand("save", { help = "Save all evaluated commands in this REPL session to a file", action = save })
  for name, language in pairs { lua = "Lua", js = "JavaScript" } do
    self:defineCommand(name, { help = "Go on in " .. language, action = function(server)
      server:_useLanguage(name)
      server:displayPrompt()
    end })
  end
  self:defineCommand("load", { help = "Load a file into the REPL session", action = load })
  if self.terminal then
    self:defineCommand("editor", { help = "Enter editor mode", action = function(server)
      server.editorMode = true
      server:clearBufferedCommand()
      server:_show("-- " .. EDITOR)
      server:displayPrompt()
    end })
  end
end

return M
