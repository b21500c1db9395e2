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
local concat, floor, ceil = table.concat, math.floor, math.ceil
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

-- A stream that the user gave: errors while writing are swallowed when asked to.
local function over_stream(stream, ignore)
  local function nobody() end
  return {
    write = function(text)
      if not ignore then return stream:write(text) end
      if stream.once and stream:listenerCount "error" == 0 then
        stream:once("error", nobody)
        pcall(stream.write, stream, text)
        stream:removeListener("error", nobody)
      else
        pcall(stream.write, stream, text)
      end
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

function methods:log(...) return print_to(self, self._out, ...) end
methods.info, methods.debug, methods.dirxml = methods.log, methods.log, methods.log
function methods:error(...) return print_to(self, self._err, ...) end
methods.warn = methods.error

function methods:dir(value, options)
  if not inspect then load_format() end
  local merged = { customInspect = false }
  for k, v in pairs(inspect_options(self, self._out) or {}) do merged[k] = v end
  for k, v in pairs(type(options) == "table" and options or {}) do merged[k] = v end
  put(self, self._out, inspect.inspect(value, merged))
end

function methods:trace(...)
  if not format then load_format() end
  local message = format.format_list(inspect_options(self, self._err), select("#", ...), { ... })
  local head = message == "" and "Trace" or "Trace: " .. message
  local frames = errors.layout(debug.traceback("", 2), 10)
  put(self, self._err, frames == "" and head or head .. "\n" .. frames)
end

function methods:assert(condition, ...)
  if condition and condition ~= errors.null then return end
  local first = ...
  if type(first) == "string" then return methods.warn(self, "Assertion failed: " .. first, select(2, ...)) end
  if select("#", ...) == 0 then return methods.warn(self, "Assertion failed") end
  return methods.warn(self, "Assertion failed:", ...)
end

local function label_of(label) return label == nil and "default" or tostring(label) end
local function warn(text) require("lunode.process").emitWarning(text) end

function methods:count(label)
  label = label_of(label)
  local n = (self._counts[label] or 0) + 1
  self._counts[label] = n
  methods.log(self, label .. ": " .. n)
end

function methods:countReset(label)
  label = label_of(label)
  if not self._counts[label] then return warn("Count for '" .. label .. "' does not exist") end
  self._counts[label] = 0
end

function methods:group(...)
  if select("#", ...) > 0 then methods.log(self, ...) end
  self._indent = self._indent .. (" "):rep(self._groupIndentation)
end
methods.groupCollapsed = methods.group

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
    if hours ~= 0 then return ("%d:%02d:%02d (h:mm:ss)"):format(hours, minutes, whole) end
    return ("%d:%02d.%s (m:ss.mmm)"):format(minutes, whole, part)
  end
  if seconds ~= 0 then return ("%.3fs"):format(seconds) end
  return number(ms) .. "ms"
end

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

function methods:timeEnd(label)
  label = elapsed(self, "timeEnd", label)
  if label then self._times[label] = nil end
end

function methods:timeLog(label, ...) elapsed(self, "timeLog", label, ...) end

-- Only an inspector would show these.
function methods:timeStamp() end
function methods:profile() end
function methods:profileEnd() end

function methods:clear()
  local stream = self._stream
  local tty = stream and stream.isTTY or not stream and self._out.colors and core.tty.isatty(1)
  if tty then self._out.write "\27[1;1H\27[0J" end
end

-- ---- tables

local function row_text(cells, widths)
  local out = {}
  for i, width in ipairs(widths) do
    local cell = cells[i] or ""
    local needed = (width - inspect.width(cell, true)) / 2
    out[i] = (" "):rep(floor(needed)) .. cell .. (" "):rep(ceil(needed))
  end
  return "│" .. concat(out, "│") .. "│"
end

-- head: sequence of texts; columns: for each a table row -> text
local function draw(head, columns, rows)
  local widths, rules = {}, {}
  for i, title in ipairs(head) do
    local width = inspect.width(title, true)
    for r = 1, rows do width = math.max(width, inspect.width(columns[i][r] or "", true)) end
    widths[i] = width + 2
    rules[i] = ("─"):rep(width + 2)
  end
  local out = { "┌" .. concat(rules, "┬") .. "┐", row_text(head, widths), "├" .. concat(rules, "┼") .. "┤" }
  for r = 1, rows do
    local cells = {}
    for i = 1, #head do cells[i] = columns[i][r] or "" end
    out[#out + 1] = row_text(cells, widths)
  end
  out[#out + 1] = "└" .. concat(rules, "┴") .. "┘"
  return concat(out, "\n")
end

-- The keys of a table: its sequence, then the others sorted.
local function sorted_keys(t)
  local keys, others, n = {}, {}, #t
  for i = 1, n do keys[i] = i end
  for key in pairs(t) do
    if not (type(key) == "number" and key >= 1 and key <= n and key % 1 == 0) then others[#others + 1] = key end
  end
  table.sort(others, function(a, b)
    if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then return a < b end
    return tostring(a) < tostring(b)
  end)
  for _, key in ipairs(others) do keys[#keys + 1] = key end
  return keys
end

-- properties: a sequence of the columns that are wanted
function methods:table(data, properties)
  if type(data) ~= "table" or data == errors.null then return methods.log(self, data) end
  if not inspect then load_format() end
  if properties ~= nil then require("lunode.internal.validators").validateArray(properties, "properties") end
  local base = inspect_options(self, self._out) or {}
  local function cell(value)
    local options = { maxArrayLength = 3, breakLength = math.huge, depth = 0 }
    if type(value) == "table" and value ~= errors.null and value[1] == nil then
      local n = 0
      for _ in pairs(value) do n = n + 1 end
      if n > 2 then options.depth = -1 end
    end
    for k, v in pairs(base) do options[k] = v end
    return inspect.inspect(value, options)
  end
  local keys = sorted_keys(data)
  local index, values, has_values = {}, {}, false
  local names, by_name = {}, {}
  if properties then
    for i, name in ipairs(properties) do
      names[i] = name
      by_name[name] = {}
    end
  end
  for r, key in ipairs(keys) do
    index[r] = tostring(key)
    local item = data[key]
    if type(item) ~= "table" or item == errors.null then
      values[r] = cell(item)
      has_values = true
    else
      for _, name in ipairs(properties or sorted_keys(item)) do
        if not by_name[name] then
          by_name[name] = {}
          names[#names + 1] = name
        end
        if item[name] ~= nil then by_name[name][r] = cell(item[name]) end
      end
    end
  end
  local head, columns = { "(index)" }, { index }
  for _, name in ipairs(names) do
    head[#head + 1] = tostring(name)
    columns[#columns + 1] = by_name[name]
  end
  if has_values then
    head[#head + 1] = "Values"
    columns[#columns + 1] = values
  end
  return methods.log(self, draw(head, columns, #keys))
end

-- ---- the class

local function bind(self)
  for name, method in pairs(methods) do
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
    error(errors.ERR_INVALID_ARG_VALUE("colorMode", color_mode, "must be one of: 'auto', true, false"), 0)
  end
  if inspect_given ~= nil then
    require("lunode.internal.validators").validateObject(inspect_given, "options.inspectOptions")
    if inspect_given.colors ~= nil and color_mode ~= "auto" then
      error(errors.ERR_INCOMPATIBLE_OPTION_PAIR("options.inspectOptions.color", "colorMode"), 0)
    end
  end
  self._out, self._err, self._stream = over_stream(stdout, ignore), over_stream(stderr, ignore), stdout
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
