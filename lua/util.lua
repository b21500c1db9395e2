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

-- original: function(…, callback(err, value)) -> function(…) that returns a promise. What a function declares for itself
-- (timers.setTimeout, fs.exists …) is taken: util.promisify.custom[fn] = its promise form.
local promisify = { custom = custom_promisify }
M.promisify = setmetatable(promisify, {
  __call = function(_, original)
    validators.validateFunction(original, "original")
    local own = custom_promisify[original]
    if own ~= nil then
      validators.validateFunction(own, "util.promisify.custom")
      return own
    end
    local promise = require "lunode.internal.promise"
    local fn = callback(original, "original")
    local function promised(...) return promise.from_callback(fn, ...) end
    custom_promisify[promised] = promised
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

-- signal, resource -> a promise that resolves when the signal is aborted; as weak as the signal's listener.
function M.aborted(signal, resource)
  if signal == nil then error(errors.ERR_INVALID_ARG_TYPE("signal", "AbortSignal", signal), 0) end
  validators.validateAbortSignal(signal, "signal")
  validators.validateObject(resource, "resource")
  local promise = require "lunode.internal.promise"
  if signal.aborted then return promise.resolved() end
  local p = promise.new()
  signal:addEventListener("abort", function() promise.resolve(p) end, { once = true })
  return p
end

-- ---- classes and functions

-- The prototype of `constructor` inherits from that of `super` (both classes); kept for programs that still use it.
function M.inherits(constructor, super)
  if not class.is_class(constructor) then error(errors.ERR_INVALID_ARG_TYPE("ctor", "Function", constructor), 0) end
  if not class.is_class(super) then error(errors.ERR_INVALID_ARG_TYPE("superCtor", "Function", super), 0) end
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

-- fn, message, code -> a function that does the same and warns once (once for each code).
function M.deprecate(fn, message, code)
  validators.validateFunction(fn, "fn")
  if code ~= nil then validators.validateString(code, "code") end
  local told = false
  return function(...)
    local process = require "lunode.process"
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

local function debug_wanted(set)
  local wanted = os.getenv "NODE_DEBUG"
  if not wanted then return false end
  set = set:upper()
  for item in wanted:upper():gmatch "[^,%s]+" do
    local pattern = "^" .. item:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*", ".*") .. "$"
    if set:find(pattern) then return true end
  end
  return false
end

-- section, callback -> log(format, …): writes to standard error when NODE_DEBUG names the section; log.enabled tells.
-- callback(log) is called once, when something is logged first.
function M.debuglog(set, cb)
  validators.validateString(set, "section")
  cb = validators.optional_callback(cb, "callback")
  local enabled
  local function is_enabled()
    if enabled == nil then enabled = debug_wanted(set) end
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
      local text = M.format(...)
      core.tty.writeSync(2, ("%s %d: %s\n"):format(set:upper(), core.process.pid(), text))
    end,
    __index = function(_, key) if key == "enabled" then return is_enabled() end end,
  })
  return log
end
M.debug = M.debuglog

-- ---- system errors

local function check_errno(err)
  validators.validateNumber(err, "err")
  if err >= 0 or err % 1 ~= 0 then error(errors.ERR_OUT_OF_RANGE("err", "a negative integer", err), 0) end
end

-- -2 -> "ENOENT"
function M.getSystemErrorName(err)
  check_errno(err)
  return core.error.name(err)
end

-- A table from number to {name, message}.
function M.getSystemErrorMap()
  local map = {}
  for code, entry in pairs(core.error.list()) do map[code] = shape.list { entry[1], entry[2] } end
  return shape.dict(map)
end

-- ---- text

function M.stripVTControlCharacters(text)
  validators.validateString(text, "str")
  return require("lunode.util.inspect").strip(text)
end

-- format: a name of util.inspect.colors, or a sequence of names
function M.styleText(format, text)
  validators.validateString(text, "text")
  local colors = require("lunode.util.inspect").colors
  local names = type(format) == "table" and format or { format }
  local before, after = "", ""
  for _, name in ipairs(names) do
    local color = type(name) == "string" and colors[name]
    if not color then
      local known = {}
      for key in pairs(colors) do known[#known + 1] = key end
      table.sort(known)
      validators.validateOneOf(name, "format", known)
    end
    before = before .. "\27[" .. color[1] .. "m"
    after = "\27[" .. color[2] .. "m" .. after
  end
  return before .. text .. after
end

-- Bytes that are no UTF-8 become U+FFFD.
function M.toUSVString(text) return require("lunode.util.text_encoding").well_formed(tostring(text)) end

-- "NAME=value" lines with quotes, comments and "export" -> table (Node 20 docs: util.parseEnv)
function M.parseEnv(content)
  validators.validateString(content, "content")
  local out = {}
  local i, n = 1, #content
  content = content:gsub("\r\n?", "\n")
  n = #content
  while i <= n do
    local name, next_i = content:match("^[ \t\n]*export[ \t]+([%w_.%-]+)[ \t]*=[ \t]*()", i)
    if not name then name, next_i = content:match("^[ \t\n]*([%w_.%-]+)[ \t]*=[ \t]*()", i) end
    if name then
      local quote = content:match("^[\"'`]", next_i)
      local close = quote and content:find(quote, next_i + 1, true)
      if close then
        local value = content:sub(next_i + 1, close - 1)
        if quote == '"' then value = value:gsub("\\n", "\n") end
        out[name] = value
        i = (content:find("\n", close, true) or n) + 1
      else
        local line = content:match("^[^\n]*", next_i)
        out[name] = line:gsub("#.*$", ""):match "^%s*(.-)%s*$"
        i = next_i + #line + 1
      end
    else
      i = (content:find("\n", i, true) or n) + 1
    end
  end
  return shape.dict(out)
end

-- ---- the old is… functions, and deep comparison

function M.isDeepStrictEqual(a, b) return require "lunode.util.deep_equal"(a, b) end

function M.isArray(x) return type(x) == "table" and (x[1] ~= nil or getmetatable(x) == shape.ARRAY) end
function M.isBoolean(x) return type(x) == "boolean" end
function M.isBuffer(x) return require("lunode.util.types").isUint8Array(x) end
function M.isError(x) return type(x) == "table" and errors.Error:is(x) end
function M.isFunction(x) return type(x) == "function" end
function M.isNull(x) return x == errors.null end
function M.isNullOrUndefined(x) return x == nil or x == errors.null end
function M.isNumber(x) return type(x) == "number" end
function M.isObject(x) return (type(x) == "table" or type(x) == "userdata") and x ~= errors.null end
function M.isPrimitive(x)
  local t = type(x)
  return x == errors.null or t ~= "table" and t ~= "userdata" and t ~= "function" and t ~= "thread"
end
function M.isString(x) return type(x) == "string" end
function M.isUndefined(x) return x == nil end
function M.isSymbol(x) return require("lunode.internal.symbols").is(x) end
function M.isDate() return false end
function M.isRegExp() return false end

-- The enumerable fields of `source`, when it is a table, are put into `target`.
function M._extend(target, source)
  if type(source) ~= "table" or source == errors.null then return target end
  for key, value in pairs(source) do target[key] = value end
  return target
end

function M.log(...)
  require("lunode.console").log("%s - %s", os.date "%d %b %H:%M:%S", M.format(...))
end

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
}

return setmetatable(M, {
  __index = function(t, key)
    local load = lazy[key]
    if not load then return nil end
    local value = load()
    rawset(t, key, value)
    return value
  end,
})
