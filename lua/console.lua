-- SPDX-License-Identifier: MIT
--
-- console: the global console, and the Console class (Node 20 docs: Console).
--
--   console.log("%s", x), console.table(rows), console.group("label") … with a dot; a colon does no harm
--   Console(stdout, stderr, ignoreErrors) or Console{stdout =, stderr =, ignoreErrors =, colorMode = "auto" | true | false,
--     inspectOptions =, groupIndentation = 2}
--
-- Output is written at once. The global console writes to the descriptors directly as long as nobody has touched
-- process.stdout or process.stderr, and through these streams from then on.
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"

local type, select, tostring, rawget, rawset, pairs, ipairs, pcall = type, select, tostring, rawget, rawset, pairs, ipairs, pcall
local floor = math.floor
local write_sync, hrtime = core.tty.writeSync, core.loop.hrtime

local inspect, format
local function load_format()
  inspect = require "lunode.util.inspect"
  format = require "lunode.util.format"
end

local Console = class "Console"

-- ---- where it goes

local function colors_of(stream) return stream.isTTY and (not stream.getColorDepth or stream:getColorDepth() > 2) or false end

-- The global console's two outputs, which need no stream.
local function descriptor(fd, name)
  local colored
  return {
    write = function(text)
      if package.loaded["lunode.internal.stdio"] then
        local stream = require("lunode.process")[name]
        if stream._writableState == nil or not stream.destroyed then return stream:write(text) end
        return
      end
      io.stdout:flush()
      write_sync(fd, text)
    end,
    colors = function()
      if colored == nil then
        colored = core.tty.isatty(fd) and require "lunode.internal.color_depth"(require("lunode.process").env) > 2 or false
      end
      return colored
    end,
  }
end

local function nobody() end

-- A stream that the user gave: errors while writing are swallowed when asked to, also those that come later.
local function over_stream(stream, ignore)
  local function listened() return type(stream.listenerCount) ~= "function" or stream:listenerCount "error" > 0 end
  local function written(err)
    local state = stream._writableState
    if err ~= nil and not (state and state.errorEmitted) and not listened() then stream:once("error", nobody) end
  end
  local function try(text)
    local method, done = require("lunode.internal.validators").hook(stream, "write", written)
    pcall(method, stream, text, done)
  end
  return {
    write = function(text)
      if not ignore then return stream:write(text) end
      if listened() or type(stream.once) ~= "function" then return try(text) end
      stream:once("error", nobody)
      try(text)
      stream:removeListener("error", nobody)
    end,
    colors = function() return colors_of(stream) end,
  }
end

local function inspect_options(self, out)
  local mode = self._colorMode
  local given = self._inspectOptions
  if mode == "auto" then mode = out.colors() end
  if given then
    if given.colors ~= nil then return given end
    local merged = { colors = mode }
    for k, v in pairs(given) do merged[k] = v end
    return merged
  end
  if not mode then return nil end
  return { colors = true }
end

local function put(self, out, text)
  local indent = self._indent
  if indent ~= "" then
    if text:find("\n", 1, true) then text = text:gsub("\n", "\n" .. indent) end
    text = indent .. text
  end
  out.write(text .. "\n")
end

local function print_to(self, out, ...)
  local n = select("#", ...)
  if n == 1 and type((...)) == "string" then return put(self, out, (...)) end
  if not format then load_format() end
  return put(self, out, format.format_list(inspect_options(self, out), n, { ... }))
end

-- ---- methods: each takes the console first

local methods = {}

-- log(...: any): a line on standard output: the arguments as util.format makes them text
-- info(...: any): the same
-- debug(...: any): the same
-- dirxml(...: any): the same
function methods:log(...) return print_to(self, self._out, ...) end
methods.info, methods.debug, methods.dirxml = methods.log, methods.log, methods.log
-- error(...: any): a line on standard error
-- warn(...: any): the same
function methods:error(...) return print_to(self, self._err, ...) end
methods.warn = methods.error

-- dir(value: any, options?: table): the value as util.inspect shows it, without its own inspect function; options are inspect's
function methods:dir(value, options)
  if not inspect then load_format() end
  local merged = { customInspect = false }
  for k, v in pairs(inspect_options(self, self._out) or {}) do merged[k] = v end
  for k, v in pairs(type(options) == "table" and options or {}) do merged[k] = v end
  put(self, self._out, inspect.inspect(value, merged))
end

-- trace(...: any): "Trace: " and the text, then the stack, on standard error
function methods:trace(...)
  if not format then load_format() end
  local message = format.format_list(inspect_options(self, self._err), select("#", ...), { ... })
  local head = message == "" and "Trace" or "Trace: " .. message
  local frames = errors.layout(debug.traceback("", 2), 10)
  put(self, self._err, frames == "" and head or head .. "\n" .. frames)
end

-- assert(condition: any, ...: any): "Assertion failed" and the text on standard error, unless the condition holds; raises nothing
function methods:assert(condition, ...)
  if condition and condition ~= errors.null then return end
  if select("#", ...) == 0 then return methods.warn(self, "Assertion failed") end
  local first = ...
  local t = type(first)
  if t == "table" or t == "userdata" or t == "function" then return methods.warn(self, "Assertion failed:", ...) end
  if not format then load_format() end
  return methods.warn(self, "Assertion failed: " .. format.format("%s", first), select(2, ...))
end

local function label_of(label) return label == nil and "default" or (require("lunode.internal.validators").door.text or tostring)(label) end
local function warn(text) require("lunode.process").emitWarning(text) end

-- count(label?: string): how often it was called with this label ("default")
function methods:count(label)
  label = label_of(label)
  local n = (self._counts[label] or 0) + 1
  self._counts[label] = n
  methods.log(self, label .. ": " .. n)
end

-- countReset(label?: string): from 0 again; a warning when there is no such count
function methods:countReset(label)
  label = label_of(label)
  if not self._counts[label] then return warn("Count for '" .. label .. "' does not exist") end
  self._counts[label] = 0
end

-- group(...: any): prints its arguments, if any, and indents what follows, until groupEnd
-- groupCollapsed(...: any): the same
function methods:group(...)
  if select("#", ...) > 0 then methods.log(self, ...) end
  self._indent = self._indent .. (" "):rep(self._groupIndentation)
end
methods.groupCollapsed = methods.group

-- groupEnd(): ends the innermost group
function methods:groupEnd() self._indent = self._indent:sub(1, #self._indent - self._groupIndentation) end

-- ---- time

local function number(n) return (("%.3f"):format(n):gsub("%.?0+$", "")) end

local function duration(ms)
  local hours, minutes, seconds = 0, 0, 0
  if ms >= 1000 then
    if ms >= 60000 then
      if ms >= 3600000 then
        hours = floor(ms / 3600000)
        ms = ms % 3600000
      end
      minutes = floor(ms / 60000)
      ms = ms % 60000
    end
    seconds = ms / 1000
  end
  if hours ~= 0 or minutes ~= 0 then
    local whole, part = ("%.3f"):format(seconds):match "^(%d+)%.(%d+)$"
    if hours ~= 0 then return ("%d:%02d:%02d.%s (h:mm:ss.mmm)"):format(hours, minutes, whole, part) end
    return ("%d:%02d.%s (m:ss.mmm)"):format(minutes, whole, part)
  end
  if seconds ~= 0 then return ("%.3fs"):format(seconds) end
  return number(ms) .. "ms"
end

-- time(label?: string): starts a timer of that name ("default")
function methods:time(label)
  label = label_of(label)
  if self._times[label] then return warn("Label '" .. label .. "' already exists for console.time()") end
  self._times[label] = hrtime()
end

local function elapsed(self, name, label, ...)
  label = label_of(label)
  local start = self._times[label]
  if not start then
    warn("No such label '" .. label .. "' for console." .. name .. "()")
    return nil
  end
  local text = label .. ": " .. duration((hrtime() - start) / 1e6)
  if select("#", ...) > 0 then methods.log(self, text, ...) else methods.log(self, text) end
  return label
end

-- timeEnd(label?: string): prints the time since console.time and ends the timer
function methods:timeEnd(label)
  label = elapsed(self, "timeEnd", label)
  if label then self._times[label] = nil end
end

-- timeLog(label?: string, ...: any): prints the time since console.time, and the other arguments
function methods:timeLog(label, ...) elapsed(self, "timeLog", label, ...) end

-- timeStamp(label?: string): does nothing: only an inspector would show it
function methods:timeStamp() end
-- profile(label?: string): does nothing, likewise
function methods:profile() end
-- profileEnd(label?: string): does nothing, likewise
function methods:profileEnd() end

-- clear(): clears the screen, when standard output is a terminal
function methods:clear()
  local stream = self._stdout or package.loaded["lunode.internal.stdio"] and require("lunode.process").stdout
  local tty = stream and stream.isTTY or not stream and core.tty.isatty(1)
  if tty and require("lunode.process").env.TERM ~= "dumb" then self._out.write "\27[1;1H\27[0J" end
end

-- table(data: any, properties?: string[]): rows and columns in boxes; properties: the columns that are wanted; what has no rows is printed by log
function methods:table(data, properties)
  if type(data) ~= "table" and type(data) ~= "userdata" or data == errors.null then return methods.log(self, data) end
  if properties ~= nil then require("lunode.internal.validators").validateArray(properties, "properties") end
  local text = require "lunode.console.table"(data, properties, inspect_options(self, self._out))
  return methods.log(self, text == nil and data or text)
end

-- ---- the class

for name, method in pairs(methods) do Console.prototype[name] = method end

-- Methods may be detached (local log = console.log), and are called with a dot.
local function bind(self)
  for name in pairs(methods) do
    local method = self[name] -- a subclass's, maybe
    rawset(self, name, function(...)
      if (...) == self then return method(self, select(2, ...)) end
      return method(self, ...)
    end)
  end
end

local function prepare(self)
  self._counts, self._times, self._indent = {}, {}, ""
  self._colorMode, self._groupIndentation = self._colorMode or "auto", self._groupIndentation or 2
  bind(self)
end

local function is_writable(stream) return (type(stream) == "table" or type(stream) == "userdata") and type(stream.write) == "function" end

function Console:initialize(options, stderr, ignore)
  local stdout = options
  local color_mode, inspect_given, indentation = "auto", nil, 2
  if type(options) == "table" and not is_writable(options) then
    stdout, stderr, ignore = options.stdout, options.stderr, options.ignoreErrors
    if options.colorMode ~= nil then color_mode = options.colorMode end
    inspect_given = options.inspectOptions
    if options.groupIndentation ~= nil then
      require("lunode.internal.validators").validateInteger(options.groupIndentation, "groupIndentation", 0, 1000)
      indentation = options.groupIndentation
    end
  end
  if stderr == nil then stderr = stdout end
  if ignore == nil then ignore = true end
  if not is_writable(stdout) then error(errors.ERR_CONSOLE_WRITABLE_STREAM "stdout", 0) end
  if not is_writable(stderr) then error(errors.ERR_CONSOLE_WRITABLE_STREAM "stderr", 0) end
  if color_mode ~= "auto" and type(color_mode) ~= "boolean" then
    require("lunode.internal.validators").validateOneOf(color_mode, "colorMode", { "auto", true, false })
  end
  if inspect_given ~= nil then
    require("lunode.internal.validators").validateObject(inspect_given, "options.inspectOptions")
    if inspect_given.colors ~= nil and options.colorMode ~= nil then
      error(errors.ERR_INCOMPATIBLE_OPTION_PAIR("options.inspectOptions.color", "colorMode"), 0)
    end
  end
  self._out, self._err, self._stdout, self._stderr = over_stream(stdout, ignore), over_stream(stderr, ignore), stdout, stderr
  self._inspectOptions, self._groupIndentation = inspect_given, indentation
  prepare(self)
  self._colorMode = color_mode
end

-- ---- the global one

local console = setmetatable({}, Console.meta)
console._out, console._err = descriptor(1, "stdout"), descriptor(2, "stderr")
prepare(console)
rawset(console, "Console", Console)

return console
