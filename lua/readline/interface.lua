-- SPDX-License-Identifier: MIT
--
-- Interface: a stream's input, line by line (Node 20 docs: Readline, InterfaceConstructor, readline.Interface).
--
-- On a terminal it edits the line (readline/editing.lua), keeps a history and completes. Fields: line (text so far), cursor (the
-- place in it: bytes before the cursor, so rl.line:sub(1, rl.cursor) is the text before it), terminal, closed, paused, input, output,
-- history (newest first), historySize, prompt by getPrompt(), columns.
-- Methods with an underscore that Node has are called by name, and may be replaced: _writeToOutput, _ttyWrite, _refreshLine …
local async = require "lunode.internal.async"
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"
local EventEmitter = require "lunode.events"

local type, error, find, sub, byte, huge = type, error, string.find, string.sub, string.byte, math.huge
local concat, null, await = table.concat, errors.null, async.await
local newproxy, getmetatable = newproxy, getmetatable

local HISTORY_SIZE, TAB_SIZE = 30, 8
local CRLF_DELAY, ESCAPE_TIMEOUT = 100, 500 -- ms

local Interface = class("Interface", EventEmitter)
local prototype = Interface.prototype

-- ---- making one

local function value_of(options, name)
  local value = options[name]
  if value == null then return nil end
  return value
end

-- ms
local function now() return require("lunode.internal.timers").now() end

local function range_error(name, value)
  local err = errors.ERR_INVALID_ARG_VALUE(name, value)
  rawset(err, "name", "RangeError")
  return err
end

-- Puts the options into a table of settings, all of them checked before anything is done.
local function settings(input, output, completer, terminal)
  local s = { input = input, output = output, completer = completer, terminal = terminal, prompt = "> " }
  if type(input) == "table" and input ~= null and value_of(input, "input") ~= nil then
    local o = input
    s.input, s.output, s.completer, s.terminal = o.input, value_of(o, "output"), value_of(o, "completer"), value_of(o, "terminal")
    s.history, s.historySize, s.signal = value_of(o, "history"), value_of(o, "historySize"), value_of(o, "signal")
    s.removeHistoryDuplicates, s.crlfDelay = value_of(o, "removeHistoryDuplicates"), value_of(o, "crlfDelay")
    if value_of(o, "prompt") ~= nil then s.prompt = o.prompt end
    s.tabSize = value_of(o, "tabSize")
    if validators.door.adapt then s.escapeCodeTimeout = o.escapeCodeTimeout else s.escapeCodeTimeout = value_of(o, "escapeCodeTimeout") end
    if s.tabSize ~= nil then validators.validateUint32(s.tabSize, "tabSize", true) end
    if s.signal ~= nil then validators.validateAbortSignal(s.signal, "options.signal") end
    local wait = s.escapeCodeTimeout
    if wait ~= nil and (type(wait) ~= "number" or wait ~= wait or wait == huge or wait == -huge) then
      error(errors.ERR_INVALID_ARG_VALUE("input.escapeCodeTimeout", wait), 0)
    end
  end
  if s.completer ~= nil and type(s.completer) ~= "function" then error(errors.ERR_INVALID_ARG_VALUE("completer", s.completer), 0) end
  if s.history ~= nil then validators.validateArray(s.history, "history") end
  if s.historySize == nil then s.historySize = HISTORY_SIZE end
  if type(s.historySize) ~= "number" or not (s.historySize >= 0) then error(range_error("historySize", s.historySize), 0) end
  if type(s.input) ~= "table" and type(s.input) ~= "userdata" then error(errors.ERR_INVALID_ARG_TYPE("input", "Readable", s.input), 0) end
  if s.terminal == nil then s.terminal = s.output ~= nil and s.output.isTTY and true or false end
  return s
end

-- completer(line) -> {{entries …}, what they complete}, a promise of it, or, with two parameters, callback(err, that).
local function wants_callback(completer)
  local parameters = debug.getinfo(completer, "u").nparams or 1
  local wants_this = validators.door.wants_this
  if wants_this and wants_this(completer) then parameters = parameters - 1 end
  return parameters >= 2
end

-- options: input, output, completer, terminal, history, historySize (30), removeHistoryDuplicates, prompt ("> "), crlfDelay (100 ms at
-- least), escapeCodeTimeout (500 ms), tabSize (8), signal. Or the first four, one after the other.
function Interface:initialize(input, output, completer, terminal)
  local s = settings(input, output, completer, terminal)
  EventEmitter.prototype.initialize(self)
  rawset(self, "input", s.input)
  rawset(self, "output", s.output)
  self.terminal = s.terminal and true or false
  self.line, self.cursor = "", 0
  self.closed, self.paused = false, false
  self.isCompletionEnabled = true
  self.crlfDelay = math.max(CRLF_DELAY, type(s.crlfDelay) == "number" and s.crlfDelay or 0)
  self.escapeCodeTimeout = s.escapeCodeTimeout or ESCAPE_TIMEOUT
  self.tabSize = s.tabSize or TAB_SIZE
  self.historySize = s.historySize
  self.removeHistoryDuplicates = s.removeHistoryDuplicates and true or false
  self.prevRows, self._stale = 0, false
  self._prompt, self._oldPrompt = s.prompt, s.prompt
  self._questionCallback = false
  self._sawReturnAt, self._sawKeyPress = false, false
  self._undoStack, self._redoStack = {}, {}
  self._killRing, self._killRingCursor, self._yanking = {}, 1, false
  self._substringSearch, self._previousKey = false, false
  self._pieces, self._cleanup = false, {}
  if s.completer then
    self._completerCalls = wants_callback(s.completer)
    self.completer = validators.callback(s.completer, "completer")
  end
  if self.terminal then
    self.history = s.history or shape.list {}
    self.historyIndex = 0
    self:_openTerminal()
  else
    self:_openLines()
  end
  self:_watchSignal(s.signal)
  self.input:resume()
end

-- The listeners that close() takes off again.
function Interface:_listen(emitter, name, fn)
  emitter:on(name, fn)
  local list = self._cleanup
  list[#list + 1] = function() emitter:removeListener(name, fn) end
end

function Interface:_watchSignal(signal)
  if signal == nil then return end
  local function abort() self:close() end
  if signal.aborted then return queue.nextTick(abort) end
  signal:addEventListener("abort", abort, { once = true })
  self:once("close", function() signal:removeEventListener("abort", abort) end)
end

function Interface:_openLines()
  self._decoder = require("lunode.string_decoder").StringDecoder "utf8"
  self:_listen(self.input, "error", function(err) self:emit("error", err) end)
  self:_listen(self.input, "data", function(chunk) self:_normalWrite(chunk) end)
  self:_listen(self.input, "end", function()
    if self._pieces then self:emit("line", concat(self._pieces)) end
    self:close()
  end)
end

function Interface:_openTerminal()
  require("lunode.readline.keys").emitKeypressEvents(self.input, self)
  if require("lunode.process").env.TERM == "dumb" then rawset(self, "_ttyWrite", prototype._ttyWriteDumb) end
  self:_listen(self.input, "error", function(err) self:emit("error", err) end)
  self:_listen(self.input, "keypress", function(text, key) self:_ttyWrite(text, key) end)
  self:_listen(self.input, "end", function()
    if self.line ~= "" then self:emit("line", self.line) end
    self:close()
  end)
  if self.output ~= nil and type(self.output.on) == "function" then
    self:_listen(self.output, "resize", function() self:_refreshLine() end)
  end
  self:_setRawMode(true)
end

-- Infinite without an output that knows.
Interface:accessor("columns", function(self)
  local output = self.output
  local columns = output and output.columns
  return columns and columns ~= 0 and columns or huge
end)

-- ---- lines of what is no terminal

-- The next line end at or behind i: "\n", "\r\n", "\r" -> its first and last byte, or nil.
local function line_end(text, i)
  local at = find(text, "[\r\n]", i)
  if not at then return nil end
  return at, byte(text, at) == 13 and byte(text, at + 1) == 10 and at + 1 or at
end
prototype._lineEnd = line_end

function Interface:_normalWrite(chunk)
  if chunk == nil then return end
  local text = self._decoder:write(chunk)
  if text == "" then return end
  if self._sawReturnAt then
    -- The second half of a "\r\n" that was cut in two.
    if byte(text, 1) == 10 and now() - self._sawReturnAt <= self.crlfDelay then text = sub(text, 2) end
    self._sawReturnAt = false
    if text == "" then return end
  end
  local first, last = line_end(text, 1)
  local pieces = self._pieces
  if not first then -- pieces of a long line are put together when it ends
    if pieces then pieces[#pieces + 1] = text else self._pieces = { text } end
    return
  end
  if byte(text, -1) == 13 then self._sawReturnAt = now() end
  local head
  if pieces then
    pieces[#pieces + 1] = sub(text, 1, first - 1)
    head = concat(pieces)
  else
    head = sub(text, 1, first - 1)
  end
  self._pieces = false
  self:_onLine(head)
  local from = last + 1
  if find(text, "\r", from, true) then
    first, last = line_end(text, from)
    while first do
      self:_onLine(sub(text, from, first - 1))
      from = last + 1
      first, last = line_end(text, from)
    end
  else
    local on_line = self._onLine
    first = find(text, "\n", from, true)
    while first do
      on_line(self, sub(text, from, first - 1))
      from = first + 1
      first = find(text, "\n", from, true)
    end
  end
  if from <= #text then self._pieces = { sub(text, from) } end
end

-- ---- what a line is for

function Interface:_onLine(line)
  local answer = self._questionCallback
  if answer then
    self._questionCallback = false
    self:setPrompt(self._oldPrompt)
    return answer(line)
  end
  self:emit("line", line)
end

function Interface:_question(query, answer)
  if self.closed then error(errors.ERR_USE_AFTER_CLOSE "readline", 0) end
  if self._questionCallback then return self:prompt() end
  self._oldPrompt = self._prompt
  self:setPrompt(query)
  self._questionCallback = answer
  self:prompt()
end

function Interface:_questionCancel()
  if not self._questionCallback then return end
  self._questionCallback = false
  self:setPrompt(self._oldPrompt)
  self:clearLine()
end

-- question(query, {signal}, callback): shows the query, callback(answer) gets the next line. An aborted signal takes it back.
function Interface:question(query, options, callback)
  if type(options) == "function" then options, callback = nil, options end
  local answer = type(callback) == "function" and validators.callback(callback, "callback") or nil
  local signal = type(options) == "table" and options ~= null and options.signal
  if signal and signal ~= null then
    validators.validateAbortSignal(signal, "options.signal")
    if signal.aborted then return end
    local function abort() self:_questionCancel() end
    signal:addEventListener("abort", abort, { once = true })
    local given = answer
    answer = function(line)
      signal:removeEventListener("abort", abort)
      if given then given(line) end
    end
  end
  if answer then self:_question(query, answer) end
end

-- ---- prompt, pause, close

function Interface:getPrompt() return self._prompt end
function Interface:setPrompt(prompt) self._prompt = prompt end

-- Shows the prompt for a new line; preserveCursor: the cursor stays where it is in the line.
function Interface:prompt(preserveCursor)
  if self.paused then self:resume() end
  if self.terminal and require("lunode.process").env.TERM ~= "dumb" then
    if not preserveCursor then self.cursor = 0 end
    self:_refreshLine()
  else
    self:_writeToOutput(self._prompt)
  end
end

function Interface:_writeToOutput(text)
  validators.validateString(text, "stringToWrite")
  if self.output ~= nil then self.output:write(text) end
end

function Interface:_setRawMode(mode)
  local input = self.input
  local before = input.isRaw
  if type(input.setRawMode) == "function" then input:setRawMode(mode) end
  return before
end

function Interface:pause()
  if self.paused then return self end
  self.input:pause()
  self.paused = true
  self:emit "pause"
  return self
end

function Interface:resume()
  if not self.paused then return self end
  self.input:resume()
  self.paused = false
  self:emit "resume"
  return self
end

-- Gives the input back. Lines that came in the same chunk are still emitted.
function Interface:close()
  if self.closed then return end
  self:pause()
  if self.terminal then self:_setRawMode(false) end
  self.closed = true
  local list = self._cleanup
  self._cleanup = {}
  for i = 1, #list do list[i]() end
  self:emit "close"
end

-- Text as if it had been typed; or key = {name, ctrl, meta, shift}.
function Interface:write(data, key)
  if self.paused then self:resume() end
  if self.terminal then return self:_ttyWrite(data, key) end
  self:_normalWrite(data)
end

-- ---- reading in a loop

local KEPT = 1024 -- lines read ahead before the input is paused

local function wake(state)
  local waiting = state.waiting
  if waiting then
    state.waiting = false
    promise.resolve(waiting)
  end
end

-- Lines that nobody has taken yet; one queue for all iterators of an interface.
local function lines_of(self)
  local state = self._lines
  if state then return state end
  state = { first = 1, last = 0, waiting = false, ended = self.closed, failed = nil, paused = false, interface = self }
  self._lines = state
  local function on_line(line)
    local last = state.last + 1
    state.last, state[last] = last, line
    if state.waiting then return wake(state) end
    if last - state.first >= KEPT and not state.paused then
      state.paused = true
      self:pause()
    end
  end
  local function on_error(err)
    state.failed = { err }
    wake(state)
  end
  self:on("line", on_line)
  self:on("error", on_error)
  self:once("close", function()
    self:removeListener("line", on_line)
    self:removeListener("error", on_error)
    state.ended = true
    wake(state)
  end)
  return state
end

-- The next line, nil at the end; waits.
local function take(state)
  while true do
    local first = state.first
    if first <= state.last then
      local line = state[first]
      state[first], state.first = nil, first + 1
      if state.paused and first == state.last then
        state.paused = false
        if not state.ended then state.interface:resume() end
      end
      return line
    end
    local failed = state.failed
    if failed then
      state.failed, state.ended = nil, true
      error(failed[1], 0)
    end
    if state.ended then return nil end
    local waiting = state.waiting
    if not waiting then
      waiting = promise.new()
      state.waiting = waiting
    end
    await(waiting)
  end
end

local function abandon(state)
  if not state.ended then state.interface:close() end
end

-- for line in rl:iter() do … end, in an async coroutine. Lines that come before it is called are lost. When the loop was left before
-- the end, and the iterator is collected, the interface is closed.
function Interface:iter()
  local state = lines_of(self)
  local guard = newproxy(true)
  getmetatable(guard).__gc = function()
    if not state.ended then queue.nextTick(abandon, state) end -- not here: a finalizer may run in the middle of anything
  end
  return function() return guard and take(state) end
end

-- JavaScript's for await.
prototype[require("lunode.internal.symbols").asyncIterator] = function(self)
  local state = lines_of(self)
  local iterator = {}
  function iterator.next()
    return async.async(function()
      local line = take(state)
      return shape.dict { value = line, done = line == nil }
    end)
  end
  iterator["return"] = function()
    abandon(state)
    return promise.resolved(shape.dict { done = true })
  end
  iterator[require("lunode.internal.symbols").asyncIterator] = function() return iterator end
  return iterator
end

for name, method in pairs(require "lunode.readline.editing") do prototype[name] = method end
for name, method in pairs(require "lunode.readline.history") do prototype[name] = method end
for name, method in pairs(require "lunode.readline.completion") do prototype[name] = method end

return Interface
