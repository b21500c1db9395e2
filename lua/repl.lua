-- SPDX-License-Identifier: MIT
--
-- repl (Node 20 docs: REPL), for Lua.
--
--   repl.start(prompt | options) -> REPLServer, an Interface of readline
--
-- An entry is an expression, whose values are printed (several with tabs between them), or a chunk, which prints nothing; one that is not
-- complete goes on in the next line. It runs in an async coroutine: await works, and lines that come meanwhile wait.
-- Locals outside of blocks persist, as variables shared by later entries (repl/scope.lua). `_` is the last value, `_error` the last error,
-- until a program assigns to them.
--
-- Options: prompt ("> "), input, output, terminal, eval(code, context, filename, callback), useColors, useGlobal, ignoreUndefined (a nil
-- is not printed), writer(value) -> text, completer, historySize, breakEvalOnSigint, language ("lua").
-- breakEvalOnSigint: Ctrl+C ends code that runs, too. For that, code typed at the prompt is interpreted, not compiled by the JIT; modules it calls
-- are, and a loop of theirs that is compiled ends only with a second Ctrl+C, which ends the program.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"
local Interface = require "lunode.readline.interface"

local type, error, select, unpack, pcall, rawset = type, error, select, unpack, pcall, rawset
local null = errors.null
local M = {}

-- name -> module of a language (repl/lua_language.lua says what it has)
M.languages = { lua = "lunode.repl.lua_language", js = "lunode.compat.repl_language" }

M.REPL_MODE_SLOPPY = require("lunode.internal.symbols").new "repl-sloppy"
M.REPL_MODE_STRICT = require("lunode.internal.symbols").new "repl-strict"

-- An eval's error for an entry that more lines could complete: callback(Recoverable(err)).
local Recoverable = class("Recoverable", errors.SyntaxError)
Recoverable.prototype.name = "SyntaxError"
function Recoverable:initialize(err)
  errors.SyntaxError.prototype.initialize(self, "Unexpected end of input")
  rawset(self, "err", err)
end
M.Recoverable = Recoverable

function M.writer(value, options) return require("lunode.util").inspect(value, options) end

-- ---- the class

local REPLServer = class("REPLServer", Interface)
M.REPLServer = REPLServer
local prototype = REPLServer.prototype
for name, method in pairs(require "lunode.repl.commands") do prototype[name] = method end
for name, method in pairs(require "lunode.repl.history") do prototype[name] = method end
for name, method in pairs(require "lunode.repl.reverse_search") do prototype[name] = method end

-- Behind what the context has: the globals, then the modules by their names.
local function fallback(behind)
  local builtins
  return function(_, name)
    local value
    if type(behind) == "function" then value = behind(_, name) elseif behind then value = behind[name] end
    if value ~= nil or type(name) ~= "string" then return value end
    if not builtins then
      builtins = {}
      for _, module in ipairs(M.builtinModules) do builtins[module] = true end
    end
    if not builtins[name] then return nil end
    local ok, module = pcall(require, require("lunode.internal.loader").builtins[name])
    return ok and module or nil
  end
end

local serving_globals = false

local function global_context()
  if not serving_globals then
    serving_globals = true
    local mt = getmetatable(_G) or {}
    mt.__index = fallback(mt.__index)
    setmetatable(_G, mt)
  end
  return _G
end

function prototype:createContext()
  if self.useGlobal then return global_context() end
  local context = setmetatable({}, { __index = fallback(_G) })
  context._G = context
  return context
end

local function given(options, name)
  local value = options[name]
  if value == null then return nil end
  return value
end

function REPLServer:initialize(options)
  if type(options) == "string" then options = { prompt = options } end
  if options == nil or options == null then options = {} end
  validators.validateObject(options, "options")
  local eval = given(options, "eval")
  if eval ~= nil and given(options, "breakEvalOnSigint") then error(errors.ERR_INVALID_REPL_EVAL_CONFIG(), 0) end
  if eval ~= nil then eval = validators.callback(eval, "options.eval") end
  local language = M.languages[given(options, "language") or "lua"]
  if not language then error(errors.ERR_INVALID_ARG_VALUE("options.language", options.language), 0) end
  local writer, completer = given(options, "writer"), given(options, "completer")
  if writer ~= nil then writer = validators.callback(writer, "options.writer") end
  local input, output = given(options, "input"), given(options, "output")
  if not input and not output then
    local process = require "lunode.process"
    input, output = process.stdin, process.stdout
  end
  local terminal = given(options, "terminal")
  if terminal == nil then terminal = output ~= nil and output.isTTY or false end
  local colors = given(options, "useColors")
  if colors == nil then colors = terminal and type(output) == "table" and type(output.hasColors) == "function" and output:hasColors() or false end

  -- Read by what the base class calls.
  rawset(self, "_language", require(language))
  rawset(self, "useGlobal", given(options, "useGlobal") and true or false)
  rawset(self, "useModules", true)
  rawset(self, "useColors", colors)
  rawset(self, "ignoreUndefined", given(options, "ignoreUndefined") and true or false)
  rawset(self, "breakEvalOnSigint", given(options, "breakEvalOnSigint") and true or false)
  rawset(self, "replMode", given(options, "replMode"))
  rawset(self, "editorMode", false)
  rawset(self, "commands", {})
  rawset(self, "_writer", writer or false)
  rawset(self, "writer", writer or function(value) return M.writer(value, { colors = self.useColors }) end)
  rawset(self, "_buffered", "")
  rawset(self, "_busy", false)
  rawset(self, "_waiting", {})
  rawset(self, "_closing", false)
  rawset(self, "_warned", false)
  rawset(self, "_sawCtrlD", false)
  rawset(self, "_search", false)
  rawset(self, "_restore", false)
  rawset(self, "_results", {})
  rawset(self, "_state", self._language.attach(self))
  local server = self
  Interface.prototype.initialize(self, {
    input = input, output = output, terminal = terminal, historySize = given(options, "historySize"),
    completer = completer or function(text) return server:completer_(text) end,
    prompt = given(options, "prompt") or "> ",
  })
  rawset(self, "_initialPrompt", given(options, "prompt") or "> ")
  rawset(self, "eval", eval or function(code, context, filename, callback) return server:_evaluate(code, context, filename, callback) end)
  rawset(self, "context", self:createContext())
  self:_defineCommands()
  self:on("line", function(line) self:_entered(line) end)
  self:on("SIGINT", function() self:_interrupted() end)
  self:on("SIGCONT", function() self:displayPrompt(true) end)
  self:on("close", function() self:_leave() end)
  self:displayPrompt()
end

function prototype:setPrompt(prompt)
  rawset(self, "_initialPrompt", prompt)
  Interface.prototype.setPrompt(self, prompt)
end

-- The prompt, or dots within an entry of several lines.
function prototype:displayPrompt(preserveCursor)
  Interface.prototype.setPrompt(self, self.editorMode and "" or self._buffered ~= "" and "... " or self._initialPrompt)
  self:prompt(preserveCursor)
end

-- Forgets the lines of an entry so far.
function prototype:clearBufferedCommand() self._buffered = "" end

-- A new context: what entries have left is gone. With useGlobal only locals are forgotten.
function prototype:resetContext()
  self._language.reset(self._state)
  self._results = {}
  rawset(self, "context", self:createContext())
  self:emit("reset", self.context)
end

-- Goes on in another language of repl.languages.
function prototype:_useLanguage(name)
  rawset(self, "_language", require(M.languages[name]))
  rawset(self, "_state", self._language.attach(self))
  self:clearBufferedCommand()
end

function prototype:completer_(text)
  local command = text:match "^%s*(%.%a*)$"
  if command and self._buffered == "" then
    local list = {}
    for name in pairs(self.commands) do
      if ("." .. name):sub(1, #command) == command then list[#list + 1] = "." .. name end
    end
    table.sort(list)
    return { list, command }
  end
  local list, of = self._language.complete(self._state, text, self.context)
  return { list, of }
end

-- ---- evaluating

local function pack(...) return { n = select("#", ...), ... } end

-- The default eval: callback(err) or callback(nil, values …). `trace` is where a raised value that is no Error came from.
function prototype:_evaluate(code, context, filename, callback)
  local fn, problem, more = self._language.compile(self._state, code, filename, context)
  if not fn then
    if more then return callback(Recoverable(problem)) end
    return callback(problem)
  end
  local signals = self.breakEvalOnSigint and require("lunode.core").signal
  local raw = signals and self.terminal and self:_setRawMode(false)
  -- Before anything is shown: what is then typed must meet a terminal that is raw again.
  local function restore()
    if not signals then return end
    signals.interruptible(false) -- raises when Ctrl+C came just now: then _run calls this again
    signals, self._restore = nil, false
    if raw then self:_setRawMode(true) end
  end
  self._restore = restore
  if signals then signals.interruptible(true) end
  require("lunode.internal.async").start(function() return pack(fn()) end, function(ok, result, co)
    restore()
    if not ok then return callback(result, nil, co and debug.traceback(co, "") or "") end
    return callback(nil, unpack(result, 1, result.n))
  end)
  restore()
end

-- `_` and `_error` in the context, as long as the program leaves them alone.
function prototype:_remember(name, value)
  local results, context = self._results, self.context
  local entry = results[name]
  if not entry then
    entry = { value = rawget(context, name) }
    results[name] = entry
  end
  if entry.off then return end
  if rawget(context, name) ~= entry.value then
    entry.off = true
    self:_show("Expression assignment to " .. name .. " now disabled.\n")
    return
  end
  entry.value = value
  rawset(context, name, value)
end

function prototype:_show(text)
  io.stdout:flush() -- what the entry printed comes first
  self.output:write(text)
end

-- An error, with its stack where it has one.
function prototype:_showError(err, trace)
  local text
  if type(err) == "string" then
    text = err
    local frames = errors.layout(trace or "", 10)
    if frames ~= "" then text = text .. "\n" .. frames end
  else
    text = require("lunode.util").inspect(err, { colors = self.useColors })
  end
  self:_show("Uncaught " .. text .. "\n")
  self:_remember("_error", err)
end

-- Runs an entry; lines and keys wait until done() was called.
function prototype:_run(code, done)
  self._busy = {}
  local token = self._busy
  local function finish(...)
    if self._busy ~= token then return end -- interrupted, or called twice
    if self._restore then self._restore() end
    self._busy = false
    done(...)
    self:_catchUp()
  end
  local ok, err = pcall(self.eval, code, self.context, "[repl]", finish)
  if not ok then finish(err, nil, "") end
end

-- callback(err, …) of an eval.
function prototype:_finished(code, err, ...)
  if err ~= nil then
    if Recoverable:is(err) and not self._sawCtrlD then
      self._buffered = code
      return self:displayPrompt()
    end
    local _, trace = ...
    self._sawCtrlD = false
    self:clearBufferedCommand()
    if Recoverable:is(err) then err = rawget(err, "err") or err end
    self:_showError(err, trace)
    return self:displayPrompt()
  end
  self._sawCtrlD = false
  self:clearBufferedCommand()
  local n = select("#", ...)
  local first = ...
  if n > 1 or n == 1 and not (first == nil and self.ignoreUndefined) then
    self:_remember("_", first)
    local out = {}
    local fine, problem = pcall(function(...)
      for i = 1, n do out[i] = self.writer((select(i, ...))) end
    end, ...)
    if fine then self:_show(table.concat(out, "\t") .. "\n") else self:_showError(problem) end
  end
  self:displayPrompt()
end

function prototype:_entered(line)
  if self._busy then
    self._waiting[#self._waiting + 1] = { line }
    return
  end
  self._warned = false
  if self.editorMode then return self:_editorLine(line) end
  local name, rest = line:match "^%s*%.([^%s%d.][^%s]*)%s*(.-)%s*$"
  if name then
    local command = self.commands[name]
    if command then return command.action(self, rest) end
    if self._buffered == "" then
      self:_show "Invalid REPL keyword\n"
      return self:displayPrompt()
    end
  end
  if self._buffered == "" and line:find "^%s*$" then return self:displayPrompt() end
  self:_entry(self._buffered .. line .. "\n")
end

function prototype:_entry(code)
  self:_run(code, function(...) self:_finished(code, ...) end)
end

-- ---- while an entry is running

-- What was typed meanwhile, until an entry runs again.
function prototype:_catchUp()
  local waiting = self._waiting
  while not self._busy and waiting[1] do
    local item = table.remove(waiting, 1)
    if item.key then
      self.isCompletionEnabled = item.whole
      self:_ttyWrite(item.text, item.key)
      self.isCompletionEnabled = true
    else
      self:_entered(item[1])
    end
  end
  if not self._busy and self._closing then
    self._closing = false
    self:_leave()
  end
end

function prototype:_leave()
  if self._busy then
    self._closing = true
    return
  end
  self:flushHistory()
  self:emit "exit"
end

function prototype:_ttyWrite(text, key)
  key = key or {}
  if self._busy then
    if self.breakEvalOnSigint and key.ctrl and key.name == "c" then return self:_breakAwait() end
    self._waiting[#self._waiting + 1] = { key = key, text = text, whole = self.isCompletionEnabled }
    return
  end
  if self.editorMode then return self:_editorKey(text, key) end
  if self:_reverseSearch(text, key) then return end
  if key.ctrl and key.name == "d" and self.line == "" then self:clearLine() end
  return Interface.prototype._ttyWrite(self, text, key)
end

-- The entry waits for something: it is left waiting, its result will not be looked at.
function prototype:_breakAwait()
  self._busy = false
  self:clearBufferedCommand()
  self:_showError(errors.ERR_SCRIPT_EXECUTION_INTERRUPTED(), "")
  self:displayPrompt()
  self:_catchUp()
end

-- Ctrl+C at the prompt.
function prototype:_interrupted()
  local empty = self.line == "" and self._buffered == "" and not self.editorMode
  self:clearLine()
  self.editorMode = false
  self:clearBufferedCommand()
  if empty then
    if self._warned then
      self._warned = false
      return self:close()
    end
    self:_show "(To exit, press Ctrl+C again or Ctrl+D or type .exit)\n"
  end
  self._warned = empty
  self:displayPrompt()
end

-- ---- the module

function M.start(options) return REPLServer(options) end

local function exists(full)
  if package.loaded[full] or package.preload[full] then return true end
  local find = package.loaders[2]
  return type(find(full)) == "function" or package.searchpath(full, package.path) ~= nil
end

setmetatable(M, { __index = function(_, name)
  if name ~= "builtinModules" then return nil end
  local list = {}
  for module, full in pairs(require("lunode.internal.loader").builtins) do
    if exists(full) then list[#list + 1] = module end
  end
  table.sort(list)
  rawset(M, "builtinModules", require("lunode.internal.shape").list(list))
  return list
end })

-- ---- signatures, for the reference (docs/api/README.md)
-- start(options?: table|string) -> repl.REPLServer
-- writer(value: any) -> string: how values are shown
-- completer_(line: string, callback: function): the default completer
-- createContext() -> table: the globals of the prompt
-- setPrompt(prompt: string)

return M
