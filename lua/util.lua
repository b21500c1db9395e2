-- SPDX-License-Identifier: MIT
--
-- util (Node 20 docs: Util). inspect, format, types, text encodings, parseArgs and deep comparison are in util/*.lua,
-- loaded when first asked for.
local class = require "lunode.internal.class"
local core = require "lunode.core"
local custom_promisify = require "lunode.internal.promisify_custom"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local type, select, tostring, error, pcall, ipairs, pairs, unpack = type, select, tostring, error, pcall, ipairs, pairs, unpack
local callback = validators.callback

local M = {}

-- ---- callbacks and promises

-- What a function declares as its promise form; functions that are it themselves.
local own_symbol = getmetatable(custom_promisify).symbol
local promised_forms = setmetatable({}, { __mode = "k" })
local function declared_form(fn)
  local own = custom_promisify[fn]
  if own == nil and debug.getmetatable(fn) ~= nil then own = fn[own_symbol] end -- functions have fields in JavaScript
  return own
end

-- original: function(…, callback(err, value)) -> function(…) that returns a promise. What a function declares for itself
-- (timers.setTimeout, fs.exists …) is taken: util.promisify.custom[fn] = its promise form.
local promisify = { custom = custom_promisify }
M.promisify = setmetatable(promisify, {
  __name = "promisify",
  __call = function(_, original)
    validators.validateFunction(original, "original")
    if promised_forms[original] then return original end
    local own = declared_form(original)
    if own ~= nil then
      validators.validateFunction(own, "util.promisify.custom")
      return own
    end
    local promise = require "lunode.internal.promise"
    local fn = callback(original, "original")
    local function promised(...) return promise.from_callback(fn, ...) end
    promised_forms[promised] = true
    return promised
  end,
})

-- original: function(…) that returns a promise -> function(…, callback(err, value))
function M.callbackify(original)
  validators.validateFunction(original, "original")
  local queue = require "lunode.internal.queue"
  local promise = require "lunode.internal.promise"
  local fn = callback(original, "original")
  return function(...)
    local n = select("#", ...)
    local last = select(n > 0 and n or 1, ...)
    if n == 0 or type(last) ~= "function" then error(errors.ERR_INVALID_ARG_TYPE("last argument", "function", last), 0) end
    local done = callback(last, "callback")
    local args = { ... }
    local p = promise.promise_resolve(promise.Promise, fn(unpack(args, 1, n - 1)))
    p:next(function(value) queue.nextTick(done, nil, value) end, function(reason)
      if not reason or reason == errors.null then reason = errors.ERR_FALSY_VALUE_REJECTION(reason) end
      queue.nextTick(done, reason)
    end)
  end
end

-- signal, resource -> a promise that resolves when the signal is aborted; the listener goes when the resource is collected.
-- What is wrong with the arguments rejects the promise.
function M.aborted(signal, resource)
  local promise = require "lunode.internal.promise"
  local ok, err = pcall(function()
    if signal == nil then error(errors.ERR_INVALID_ARG_TYPE("signal", "AbortSignal", signal), 0) end
    validators.validateAbortSignal(signal, "signal")
    validators.validateObject(resource, "resource")
  end)
  if not ok then return promise.Promise.reject(err) end
  if signal.aborted then return promise.resolved() end
  local p, held = promise.new(), setmetatable({ resource }, { __mode = "v" })
  signal:addEventListener("abort", function()
    if held[1] ~= nil then promise.resolve(p) end
  end, { once = true })
  return p
end

-- ---- classes and functions

-- The prototype of `constructor` inherits from that of `super` (both classes); kept for programs that still use it.
function M.inherits(constructor, super)
  if not class.is_class(constructor) then error(errors.ERR_INVALID_ARG_TYPE("ctor", "function", constructor), 0) end
  if not class.is_class(super) then error(errors.ERR_INVALID_ARG_TYPE("superCtor", "function", super), 0) end
  rawset(constructor, "super_", super)
  rawset(constructor, "super", super)
  local proto, parent = rawget(constructor, "prototype"), rawget(super, "prototype")
  shape.link(proto, parent)
  local mt, above = rawget(constructor, "meta"), rawget(super, "meta")
  for key, value in pairs(above) do
    if type(key) == "string" and key:sub(1, 2) == "__" and rawget(mt, key) == nil then mt[key] = value end
  end
  getmetatable(mt.getters).__index, getmetatable(mt.setters).__index = above.getters, above.setters
  -- Accessors above must be served here too: declaring one makes the shape do so.
  if above.served and not mt.served then shape.accessor(proto, "super_", function() return super end) end
end

local warned = {}

-- fn, message, code -> a function that does the same and warns once (once for each code); fn itself while process.noDeprecation is set.
function M.deprecate(fn, message, code)
  validators.validateFunction(fn, "fn")
  if code ~= nil then validators.validateString(code, "code") end
  local process = require "lunode.process"
  if process.noDeprecation == true then return fn end
  local told = false
  return function(...)
    if not told and not process.noDeprecation then
      told = true
      if code == nil or not warned[code] then
        if code ~= nil then warned[code] = true end
        process.emitWarning(message, "DeprecationWarning", code)
      end
    end
    return fn(...)
  end
end

-- ---- debuglog

local wanted_sections -- NODE_DEBUG as it was at the start: a list of Lua patterns
local function debug_wanted(set)
  if not wanted_sections then
    wanted_sections = {}
    for item in ((os.getenv "NODE_DEBUG" or "") .. ","):upper():gmatch "([^,]*)," do
      if item ~= "" then
        wanted_sections[#wanted_sections + 1] = "^" .. item:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*", ".*") .. "$"
      end
    end
  end
  for _, pattern in ipairs(wanted_sections) do
    if set:find(pattern) then return true end
  end
  return false
end

-- section, callback -> log(format, …): writes to standard error when NODE_DEBUG ("http,net*") names the section; log.enabled tells.
-- callback(log) is called once, when something is logged first.
function M.debuglog(set, cb)
  validators.validateString(set, "section")
  if cb ~= nil then cb = callback(cb, "callback") end
  local section, enabled = set:upper(), nil
  local function is_enabled()
    if enabled == nil then enabled = debug_wanted(section) end
    return enabled
  end
  local log
  log = setmetatable({}, {
    __call = function(_, ...)
      if cb then
        local told = cb
        cb = nil
        told(log)
      end
      if not is_enabled() then return end
      local colors = core.tty.isatty(2) and require "lunode.internal.color_depth"(require("lunode.process").env) > 2
      local text = M.formatWithOptions({ colors = colors }, ...)
      core.tty.writeSync(2, ("%s %d: %s\n"):format(section, core.process.pid(), text))
    end,
    __index = function(_, key) if key == "enabled" then return is_enabled() end end,
    __name = "logger",
  })
  return log
end
-- debug(section: string, callback?: function) -> table: the same as debuglog
M.debug = M.debuglog

-- ---- the stack

-- n (10), {sourceMap =} -> sequence of the callers' {functionName, scriptName, scriptId, lineNumber, columnNumber, column}, the innermost
-- first (Node 22 docs: util.getCallSites). Lua knows no columns: they are 1.
function M.getCallSites(n, options)
  if type(n) == "table" and options == nil then n, options = nil, n end
  if n == nil then n = 10 end
  validators.validateInteger(n, "frameCount", 1, 200)
  if options ~= nil then validators.validateObject(options, "options") end
  local sites, level = {}, 2
  while #sites < n do
    local info = debug.getinfo(level, "Sln")
    if not info then break end
    if info.what ~= "C" then
      sites[#sites + 1] = shape.dict {
        functionName = info.what ~= "main" and info.name or "", scriptName = info.source:match "^[@=](.*)$" or info.source, scriptId = "0",
        lineNumber = info.currentline, columnNumber = 1, column = 1,
      }
    end
    level = level + 1
  end
  return shape.list(sites)
end

-- ---- system errors

local function check_errno(err)
  validators.validateNumber(err, "err")
  if err >= 0 or err % 1 ~= 0 then error(errors.ERR_OUT_OF_RANGE("err", "a negative integer", err), 0) end
end

-- -2 -> "ENOENT"
function M.getSystemErrorName(err)
  check_errno(err)
  local name = core.error.name(err)
  return name ~= nil and name ~= "" and name or ("Unknown system error %.0f"):format(err)
end

-- -2 -> "no such file or directory" (Node 22 docs)
function M.getSystemErrorMessage(err)
  check_errno(err)
  local entry = core.error.list()[err]
  return entry and entry[2] or ("Unknown system error %.0f"):format(err)
end

function M._errnoException(err, syscall, original)
  check_errno(err)
  local made = errors.errnoException(err, syscall)
  if original then rawset(made, "message", made.message .. " " .. tostring(original)) end
  return made
end
function M._exceptionWithHostPort(err, syscall, address, port, additional)
  check_errno(err)
  return errors.uvAddress(err, syscall, address, port, additional)
end

-- A table from number to {name, message}.
function M.getSystemErrorMap()
  local map = {}
  for code, entry in pairs(core.error.list()) do map[code] = shape.list { entry[1], entry[2] } end
  return shape.dict(map)
end

-- ---- text

-- stripVTControlCharacters(str: string) -> string: without what a terminal takes as a command
function M.stripVTControlCharacters(text)
  validators.validateString(text, "str")
  return require("lunode.util.inspect").strip(text)
end

local function wants_colors(stream)
  local env = require("lunode.process").env
  if env.FORCE_COLOR ~= nil then return require "lunode.internal.color_depth"(env) > 2 end
  if not stream.isTTY then return false end
  return type(stream.getColorDepth) ~= "function" or stream:getColorDepth() > 2
end

-- format: a name of util.inspect.colors, or a sequence of names; options: validateStream (true), stream (process.stdout): a name is left
-- out when the stream shows no colours; a sequence never, as in Node 20.
function M.styleText(format, text, options)
  local style = require "lunode.util.inspect.style"
  validators.validateString(text, "text")
  local validate, stream = true, nil
  if type(options) == "table" then
    if options.validateStream ~= nil then validate = options.validateStream end
    stream = options.stream
  end
  validators.validateBoolean(validate, "options.validateStream")
  local plain = false
  if validate then
    if stream == nil then stream = require("lunode.process").stdout end
    local t = type(stream)
    local usable = (t == "table" or t == "userdata") and stream ~= errors.null and type(stream.on) == "function"
    if not usable or type(stream.write) ~= "function" and type(stream.read) ~= "function" then
      error(errors.ERR_INVALID_ARG_TYPE("stream", { "ReadableStream", "WritableStream", "Stream" }, stream), 0)
    end
    plain = type(format) ~= "table" and not wants_colors(stream)
  end
  local before, after = "", ""
  for _, name in ipairs(type(format) == "table" and format or { format }) do
    local color = type(name) == "string" and style.colors[name]
    if not color then validators.validateOneOf(name, "format", style.names) end
    before = before .. "\27[" .. color[1] .. "m"
    after = "\27[" .. color[2] .. "m" .. after
  end
  if plain then return text end
  return before .. text .. after
end

-- Bytes that are no UTF-8 become U+FFFD.
function M.toUSVString(text) return require("lunode.util.text_encoding").well_formed(tostring(text)) end

local function trim(text) return text:match "^ *(.-) *$" end

-- "NAME=value" lines with quotes, comments and "export" -> table (Node 20 docs: util.parseEnv)
function M.parseEnv(content)
  validators.validateString(content, "content")
  local out = {}
  local rest = trim((content:gsub("\r", "")))
  while rest ~= "" do
    local behind_line = rest:find "^[\n#]" and rest:match "^[^\n]*\n(.*)$"
    if behind_line then
      rest = behind_line
    else
      local key, behind = rest:match "^([^=]*)=(.*)$"
      key = key and trim(key)
      if not key or key == "" then break end
      key = key:match "^export (.*)$" or key
      if behind == "" or behind:sub(1, 1) == "\n" then
        out[key] = ""
        rest = behind:sub(2)
      else
        behind = trim(behind)
        local mark = behind:match "^[\"'`]"
        local close = mark and behind:find(mark, 2, true)
        if close then
          local value = behind:sub(2, close - 1)
          out[key] = mark == '"' and value:gsub("\\n", "\n") or value
          rest = behind:match("\n(.*)$", close + 1) or ""
        elseif mark and not behind:find("\n", 1, true) then
          rest = behind -- a quote that nothing closes, on the last line: it is no value
        else
          local line, following = behind:match "^([^\n]*)\n?(.*)$"
          out[key] = trim(mark and line or line:match "^[^#]*")
          rest = following
        end
      end
      rest = trim(rest)
    end
  end
  return shape.dict(out)
end

-- ---- the old is… functions, and deep comparison

-- isDeepStrictEqual(a: any, b: any) -> boolean: are they of one make, with equal contents? (Node 20 docs: assert.deepStrictEqual)
function M.isDeepStrictEqual(a, b) return require "lunode.util.deep_equal"(a, b) end

-- isArray(x: any) -> boolean: a list: a sequence, or marked as one; deprecated
function M.isArray(x) return type(x) == "table" and (x[1] ~= nil or getmetatable(x) == shape.ARRAY) end
-- isBoolean(x: any) -> boolean: true or false; deprecated
function M.isBoolean(x) return type(x) == "boolean" end
-- isBuffer(x: any) -> boolean: a Buffer; deprecated
function M.isBuffer(x) return require("lunode.util.types").isUint8Array(x) end
-- isError(x: any) -> boolean: an Error; deprecated
function M.isError(x) return type(x) == "table" and errors.Error:is(x) end
-- isFunction(x: any) -> boolean: a function; deprecated
function M.isFunction(x) return type(x) == "function" end
-- isNull(x: any) -> boolean: lunode.null; deprecated
function M.isNull(x) return x == errors.null end
-- isNullOrUndefined(x: any) -> boolean: nil or lunode.null; deprecated
function M.isNullOrUndefined(x) return x == nil or x == errors.null end
-- isNumber(x: any) -> boolean: a number; deprecated
function M.isNumber(x) return type(x) == "number" end
-- isObject(x: any) -> boolean: a table or userdata; deprecated
function M.isObject(x) return (type(x) == "table" or type(x) == "userdata") and x ~= errors.null end
-- isPrimitive(x: any) -> boolean: no table, function, userdata or coroutine; deprecated
function M.isPrimitive(x)
  local t = type(x)
  return x == errors.null or t ~= "table" and t ~= "userdata" and t ~= "function" and t ~= "thread"
end
-- isString(x: any) -> boolean: a string; deprecated
function M.isString(x) return type(x) == "string" end
-- isUndefined(x: any) -> boolean: nil; deprecated
function M.isUndefined(x) return x == nil end
-- isSymbol(x: any) -> boolean: a symbol; deprecated
function M.isSymbol(x) return require("lunode.internal.symbols").is(x) end
-- isDate(x: any) -> boolean: a Date; deprecated
function M.isDate(x) return require("lunode.util.types").isDate(x) end
-- isRegExp(x: any) -> boolean: a RegExp; deprecated
function M.isRegExp(x) return require("lunode.util.types").isRegExp(x) end

-- The enumerable fields of `source`, when it is a table, are put into `target`.
function M._extend(target, source)
  if type(source) ~= "table" or source == errors.null then return target end
  for key, value in pairs(source) do target[key] = value end
  return target
end

-- log(...: any): prints with the time in front; deprecated
function M.log(...)
  require("lunode.console").log("%s - %s", os.date "%d %b %H:%M:%S", M.format(...))
end

-- transferableAbortController(): raises ERR_METHOD_NOT_IMPLEMENTED
-- transferableAbortSignal(signal: any): likewise
M.transferableAbortController = errors.notImplemented "util.transferableAbortController"
M.transferableAbortSignal = errors.notImplemented "util.transferableAbortSignal"

-- ---- what is loaded when first asked for

local lazy = {
  inspect = function() return require("lunode.util.inspect").callable end,
  format = function() return require("lunode.util.format").format end,
  formatWithOptions = function() return require("lunode.util.format").formatWithOptions end,
  types = function() return require "lunode.util.types" end,
  TextEncoder = function() return require("lunode.util.text_encoding").TextEncoder end,
  TextDecoder = function() return require("lunode.util.text_encoding").TextDecoder end,
  parseArgs = function() return require "lunode.util.parse_args" end,
  MIMEType = function() return require("lunode.util.mime").MIMEType end,
  MIMEParams = function() return require("lunode.util.mime").MIMEParams end,
}

return require "lunode.internal.lazy"(M, lazy)
