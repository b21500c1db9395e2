-- SPDX-License-Identifier: MIT
--
-- Error objects and Node's error codes.
--
--   Error(message, options), TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError(list, message)
--     fields: message, cause (when given); accessors: stack (text); tostring: "Name: message"
--   errors.ERR_X(…) -> an Error with `code`; raise with error(errors.ERR_X(…), 0)
--   errors.uv(code, syscall, path, dest) -> an Error with errno, code, syscall, path, dest (Node's UVException)
--   errors.uvAddress(code, syscall, address, port, extra) -> the same with address, port (Node's ExceptionWithHostPort)
--   errors.AbortError(message, options)   name AbortError, code ABORT_ERR
--   errors.notImplemented(name) -> a function that raises ERR_METHOD_NOT_IMPLEMENTED
--   errors.aggregateTwo(inner, outer)     both, when an error happened while handling another
--   errors.hide(fn)                       frames of fn are left out of stacks
--
-- The stack is taken when the error is made (one debug.traceback) and laid out when `stack` is read.
local class = require "lunode.internal.class"
local core = require "lunode.core"

local type, tostring, traceback, setmetatable, rawget, rawset = type, tostring, debug.traceback, setmetatable, rawget, rawset

local M = {}

-- lunode.null: JSON's and JavaScript's null. Every API takes it as nil.
M.null = setmetatable({}, { __tostring = function() return "null" end, __name = "null", __newindex = function() error("null cannot be written to", 2) end })

local Error = class "Error"
Error.prototype.name = "Error"
Error.prototype.message = ""
Error.static.stackTraceLimit = 10

function Error:initialize(message, options)
  if message ~= nil then rawset(self, "message", tostring(message)) end
  if type(options) == "table" and options.cause ~= nil then rawset(self, "cause", options.cause) end
  rawset(self, "_trace", traceback("", 3))
end

local function head(self)
  local name, message = self.name, self.message
  name = name == nil and "Error" or tostring(name)
  message = message == nil and "" or tostring(message)
  if rawget(self, "_coded") then name = name .. " [" .. tostring(self.code) .. "]" end
  if message == "" then return name end
  if name == "" then return message end
  return name .. ": " .. message
end
Error.meta.__tostring = head
function Error:toString() return head(self) end

-- Frames of the library itself: their chunk is "lunode:…", or a file of the installed library.
local own_dir = debug.getinfo(1, "S").source:match "^@(.*)internal/errors%.lua$"
function M.is_internal(line)
  return line:find("lunode:", 1, true) ~= nil or line:find("[C]:", 1, true) ~= nil or line:find("[builtin", 1, true) ~= nil
    or (own_dir ~= nil and own_dir ~= "lunode:" and line:find(own_dir, 1, true) ~= nil)
end

-- LuaJIT cuts long names of files short: what they are.
M.full_names = {}

local function full_place(place)
  local short, line = place:match "^(%.%.%.[^:]*):(%d+)$"
  local full = short and M.full_names[short]
  return full and full .. ":" .. line or place
end

-- A Lua traceback as "    at function (file:line)" lines: the user's frames first, then the library's, `limit` in all.
function M.layout(trace, limit)
  local user, own = {}, {}
  for line in trace:gmatch "\n\t([^\n]+)" do
    local place, what = line:match "^(.-): in (.*)$"
    if place then
      what = what:gsub("^function ", ""):gsub("^upvalue ", ""):gsub("^local ", ""):gsub("^field ", ""):gsub("^method ", "")
      local name = what:match "^'(.*)'$"
      if place ~= "[C]" then
        place = full_place(place)
        local frame
        if what == "main chunk" then frame = "    at main chunk (" .. place .. ")"
        elseif name then frame = "    at " .. name .. " (" .. place .. ")"
        else frame = "    at " .. place end
        if M.is_internal(line) then own[#own + 1] = frame else user[#user + 1] = frame end
      end
    elseif line:find("^%-%-") then user[#user + 1] = "    " .. line
    end
  end
  local out = {}
  for _, list in ipairs { user, own } do
    for i = 1, #list do
      if #out >= limit then break end
      out[#out + 1] = list[i]
    end
  end
  return table.concat(out, "\n")
end

-- Behind the frames where the error was made, those of the functions that awaited it (internal/async.lua): list of tracebacks.
function M.async_frames(frames, list, limit)
  if not list then return frames end
  local out = {}
  for line in frames:gmatch "[^\n]+" do
    if not M.is_internal(line) then out[#out + 1] = line end
  end
  for i = 1, #list do
    for line in M.layout(list[i], 100):gmatch "[^\n]+" do
      if not M.is_internal(line) and #out < limit then
        out[#out + 1] = line:gsub("^    at ", "    at async ")
      end
    end
  end
  return table.concat(out, "\n")
end

Error:accessor("stack", function(self)
  local limit = Error.stackTraceLimit
  local frames = M.layout(rawget(self, "_trace") or "", type(limit) == "number" and limit or 10)
  frames = M.async_frames(frames, rawget(self, "_async"), type(limit) == "number" and limit or 10)
  if frames == "" then return head(self) end
  return head(self) .. "\n" .. frames
end, function(self, value) rawset(self, "stack", value) end)

-- Called when an error reaches C with nobody to catch it: what has no stack yet is given this one.
function M.attach(err, trace)
  if type(err) == "table" and Error:is(err) and rawget(err, "_trace") == nil then rawset(err, "_trace", trace) end
end

-- captureStackTrace(t): gives any table a `stack`.
function Error.static.captureStackTrace(target)
  rawset(target, "stack", tostring(target.name or "Error") .. "\n" .. M.layout(traceback("", 2), 10))
end

M.Error = Error
for _, name in ipairs { "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError" } do
  local sub = class(name, Error)
  sub.prototype.name = name
  M[name] = sub
end
local TypeError, RangeError, SyntaxError = M.TypeError, M.RangeError, M.SyntaxError

local AggregateError = class("AggregateError", Error)
AggregateError.prototype.name = "AggregateError"
function AggregateError:initialize(list, message, options)
  Error.prototype.initialize(self, message, options)
  rawset(self, "errors", list or {})
end
M.AggregateError = AggregateError

local AbortError = class("AbortError", Error)
AbortError.prototype.name = "AbortError"
function AbortError:initialize(message, options)
  Error.prototype.initialize(self, message or "The operation was aborted", options)
  rawset(self, "code", "ABORT_ERR")
end
M.AbortError = AbortError

-- ---- how a value is described in a message

function M.number(n)
  if n ~= n then return "NaN" elseif n == math.huge then return "Infinity" elseif n == -math.huge then return "-Infinity" end
  if n == math.floor(n) and n > -9007199254740992 and n < 9007199254740992 then return ("%.0f"):format(n) end
  -- The fewest digits that read back as n (ECMA-262, Number::toString).
  local sign, first, rest, exponent
  for digits = math.abs(n) < 2.3e-308 and 0 or 14, 16 do
    local text = ("%." .. digits .. "e"):format(n)
    if tonumber(text) == n then
      sign, first, rest, exponent = text:match "^(%-?)(%d)%.?(%d*)e([+-]%d+)$"
      break
    end
  end
  local digits, e = (first .. rest):gsub("0+$", ""), tonumber(exponent)
  if e >= 21 or e < -6 then
    local mantissa = #digits > 1 and digits:sub(1, 1) .. "." .. digits:sub(2) or digits
    return sign .. mantissa .. "e" .. (e < 0 and "-" or "+") .. math.abs(e)
  elseif e < 0 then
    return sign .. "0." .. ("0"):rep(-e - 1) .. digits
  elseif e + 1 >= #digits then
    return sign .. digits .. ("0"):rep(e + 1 - #digits)
  end
  return sign .. digits:sub(1, e + 1) .. "." .. digits:sub(e + 2)
end

local escapes = { ["\b"] = "\\b", ["\t"] = "\\t", ["\n"] = "\\n", ["\f"] = "\\f", ["\r"] = "\\r", ["\\"] = "\\\\" }
local function escape(c) return escapes[c] or ("\\x%02X"):format(c:byte()) end

-- Text in quotes that it does not hold.
local function quote(text)
  local mark = not text:find("'", 1, true) and "'" or not text:find('"', 1, true) and '"' or not text:find "[`$]" and "`" or "'"
  text = text:gsub("[%z\1-\31\127\\]", escape)
  if mark == "'" then text = text:gsub("'", "\\'") end
  return mark .. text .. mark
end

-- One line, as util.inspect would print it, without loading it.
function M.inspect_brief(value)
  local t = type(value)
  if t == "string" then
    if #value > 128 then value = value:sub(1, 128) .. "..." end
    return quote(value)
  elseif t == "number" then
    return M.number(value)
  elseif t == "nil" then
    return "undefined"
  elseif value == M.null then
    return "null"
  elseif t == "function" then
    return M.foreign and require("lunode.util").inspect(value) or "[Function]"
  elseif t == "table" then
    local ok, util = pcall(require, "lunode.util")
    if ok and util.inspect then
      local text = util.inspect(value, { depth = 0 })
      if #text > 128 then text = text:sub(1, 128) .. "..." end
      return text
    end
    return next(value) == nil and "{}" or value[1] ~= nil and "[Array]" or "[Object]"
  elseif t == "cdata" then
    return (tostring(value):gsub("U?LL$", "n"))
  elseif core.buffer.is(value) then
    return value:inspect()
  end
  return tostring(value)
end

local function class_name(value)
  local mt = getmetatable(value)
  local c = type(mt) == "table" and rawget(mt, "class")
  if type(c) == "string" then return c end -- an object of JavaScript
  return c and rawget(c, "name") or nil
end

-- M.foreign(value) -> "an instance of Map", "function f", "type symbol (Symbol(x))" for values of another language, nil for others.

-- "Received type number (5)", "Received an instance of Foo", "Received undefined"
function M.received(value)
  local t = type(value)
  local described = M.foreign and M.foreign(value)
  if described then return " Received " .. described end
  if t == "nil" or value == M.null then return " Received " .. M.inspect_brief(value) end
  if t == "function" then return " Received function " end
  if t == "table" or t == "userdata" then
    local name = class_name(value)
    if name then return " Received an instance of " .. name end
    if t == "table" then
      local mt = getmetatable(value)
      return " Received an instance of " .. ((value[1] ~= nil or type(mt) == "table" and mt.__name == "Array") and "Array" or "Object")
    end
    return " Received " .. M.inspect_brief(value)
  end
  local shown = M.inspect_brief(value)
  if #shown > 28 then shown = shown:sub(1, 25) .. "..." end
  return " Received type " .. (t == "cdata" and "bigint" or t) .. " (" .. shown .. ")"
end

-- ---- coded errors

-- define(code, base, message): message is text with %s, or function(self, …) -> text (it may set fields).
local function define(code, base, message)
  M[code] = function(...)
    local self = setmetatable({}, base.meta)
    rawset(self, "code", code)
    rawset(self, "_coded", true)
    rawset(self, "message", type(message) == "function" and message(self, ...) or message:format(...))
    rawset(self, "_trace", traceback("", 2))
    return self
  end
end
M.define = define

local kinds = { ["function"] = true, string = true, number = true, boolean = true, bigint = true, object = true, symbol = true, Function = true, Object = true }

local function join(list, last)
  if #list == 1 then return list[1] end
  if #list == 2 then return list[1] .. " " .. last .. " " .. list[2] end
  return table.concat(list, ", ", 1, #list - 1) .. ", " .. last .. " " .. list[#list]
end

define("ERR_INVALID_ARG_TYPE", TypeError, function(_, name, expected, actual)
  local out = "The "
  if name:find("argument$") and name:find(" ", 1, true) then out = out .. name .. " "
  else out = out .. '"' .. name .. '" ' .. (name:find(".", 1, true) and "property " or "argument ") end
  if type(expected) == "string" then expected = { expected } end
  local types, instances, other = {}, {}, {}
  for _, e in ipairs(expected) do
    if kinds[e] then types[#types + 1] = e:lower()
    elseif e:find "^[A-Z]%w*$" then instances[#instances + 1] = e
    else other[#other + 1] = e end
  end
  if #instances > 0 then -- an object stands with the other classes then, last
    for i = 1, #types do
      if types[i] == "object" then
        table.remove(types, i)
        instances[#instances + 1] = "Object"
        break
      end
    end
  end
  local parts = {}
  if #types > 0 then parts[#parts + 1] = (#types > 1 and "one of type " or "of type ") .. join(types, "or") end
  if #instances > 0 then parts[#parts + 1] = "an instance of " .. join(instances, "or") end
  if #other > 0 then
    local text = #other > 1 and "one of " .. join(other, "or") or (other[1]:lower() ~= other[1] and "an " or "") .. other[1]
    parts[#parts + 1] = text
  end
  out = out .. "must be " .. table.concat(parts, " or ")
  return out .. "." .. M.received(actual)
end)

define("ERR_INVALID_ARG_VALUE", TypeError, function(_, name, value, reason)
  local shown = M.inspect_brief(value)
  if #shown > 128 then shown = shown:sub(1, 128) .. "..." end
  local kind = name:find(".", 1, true) and "property" or "argument"
  return ("The %s '%s' %s. Received %s"):format(kind, name, reason or "is invalid", shown)
end)

-- "1_000_000" from "1000000"
local function separated(text)
  local i = #text - 3
  while i > (text:find "^%-" and 1 or 0) do
    text = text:sub(1, i) .. "_" .. text:sub(i + 1)
    i = i - 3
  end
  return text
end

define("ERR_OUT_OF_RANGE", RangeError, function(_, name, range, value)
  local shown
  if type(value) == "number" and value % 1 == 0 and math.abs(value) > 4294967296 and value < math.huge then shown = separated(M.number(value))
  elseif type(value) == "cdata" then
    shown = M.inspect_brief(value)
    local sign, digits = shown:match "^(-?)(%d+)n$"
    if digits and (#digits > 10 or #digits == 10 and digits > "4294967296") then
      shown = separated(sign .. digits) .. "n"
    end
  else shown = M.inspect_brief(value) end
  return ('The value of "%s" is out of range. It must be %s. Received %s'):format(name, range, shown)
end)

define("ERR_MISSING_ARGS", TypeError, function(_, ...)
  local names = {}
  for i = 1, select("#", ...) do
    local a = select(i, ...)
    if type(a) == "table" then
      local quoted = {}
      for j = 1, #a do quoted[j] = '"' .. a[j] .. '"' end
      names[i] = table.concat(quoted, " or ")
    else
      names[i] = '"' .. a .. '"'
    end
  end
  return "The " .. join(names, "and") .. (#names == 1 and " argument" or " arguments") .. " must be specified"
end)

define("ERR_UNKNOWN_BUILTIN_MODULE", Error, "No such built-in module: %s")
define("ERR_UNKNOWN_CREDENTIAL", Error, "%s identifier does not exist: %s")
define("ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET", Error, "`process.setupUncaughtExceptionCapture()` was called while a capture callback was already active")
define("ERR_CONSOLE_WRITABLE_STREAM", TypeError, "Console expects a writable stream instance for %s")
define("ERR_INCOMPATIBLE_OPTION_PAIR", TypeError, 'Option "%s" cannot be used in combination with option "%s"')
define("ERR_FALSY_VALUE_REJECTION", Error, function(self, reason)
  rawset(self, "reason", reason)
  return "Promise was rejected with falsy value"
end)
define("ERR_ENCODING_NOT_SUPPORTED", RangeError, 'The "%s" encoding is not supported')
define("ERR_ENCODING_INVALID_ENCODED_DATA", TypeError, "The encoded data was not valid for encoding %s")
define("ERR_INVALID_MIME_SYNTAX", TypeError, function(_, what, text, index)
  return ('The MIME syntax for a %s in "%s" is invalid%s'):format(what, text, index and " at " .. index or "")
end)
define("ERR_PARSE_ARGS_INVALID_OPTION_VALUE", TypeError, "%s")
define("ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL", TypeError, "Unexpected argument '%s'. This command does not take positional arguments")
define("ERR_PARSE_ARGS_UNKNOWN_OPTION", TypeError, function(_, option, positionals)
  return ("Unknown option '%s'"):format(option)
    .. (positionals and (". To specify a positional argument starting with a '-', place it at the end of the command after '--', as in '-- \"%s\""):format(option) or "")
end)
define("ERR_INVALID_TUPLE", TypeError, "%s must be an iterable %s tuple")
define("ERR_METHOD_NOT_IMPLEMENTED", Error, "The %s method is not implemented")
define("ERR_UNHANDLED_ERROR", Error, function(_, context)
  return context ~= nil and "Unhandled error. (" .. M.inspect_brief(context) .. ")" or "Unhandled error."
end)
define("ERR_BUFFER_OUT_OF_BOUNDS", RangeError, function(_, name)
  return name and ('"%s" is outside of buffer bounds'):format(name) or "Attempt to access memory outside buffer bounds"
end)
define("ERR_BUFFER_TOO_LARGE", RangeError, "Cannot create a Buffer larger than %s bytes")
define("ERR_INVALID_BUFFER_SIZE", RangeError, "Buffer size must be a multiple of %s")
define("ERR_BROTLI_INVALID_PARAM", RangeError, "%s is not a valid Brotli parameter")
define("ERR_ZLIB_INITIALIZATION_FAILED", Error, "Initialization failed")
define("ERR_INTERNAL_ASSERTION", Error, "%s")
define("ERR_STRING_TOO_LONG", Error, "Cannot create a string longer than 0x%x characters")
define("ERR_UNKNOWN_ENCODING", TypeError, function(_, encoding)
  return "Unknown encoding: " .. (type(encoding) == "table" and M.inspect_brief(encoding) or tostring(encoding))
end)
define("ERR_INVALID_STATE", Error, "Invalid state: %s")
define("ERR_INVALID_TRANSFER_OBJECT", TypeError, "Found invalid object in transferList")
define("ERR_INVALID_THIS", TypeError, 'Value of "this" must be of type %s')
define("ERR_INVALID_RETURN_VALUE", TypeError, function(_, expected, name, value)
  return ('Expected %s to be returned from the "%s" function but got %s.'):format(expected, name, (M.received(value):gsub("^ Received ", "")))
end)
define("ERR_ASYNC_CALLBACK", TypeError, "%s must be a function")
define("ERR_ASYNC_TYPE", TypeError, 'Invalid name for async "type": %s')
define("ERR_INVALID_ASYNC_ID", RangeError, "Invalid %s value: %s")
define("ERR_PERFORMANCE_INVALID_TIMESTAMP", TypeError, "%s is not a valid timestamp")
define("ERR_PERFORMANCE_MEASURE_INVALID_OPTIONS", TypeError, "%s")
define("ERR_ILLEGAL_CONSTRUCTOR", TypeError, "Illegal constructor")
define("ERR_EVENT_RECURSION", Error, 'The event "%s" is already being dispatched')
define("ERR_UNKNOWN_SIGNAL", TypeError, "Unknown signal: %s")
define("ERR_INVALID_URL", TypeError, function(self, input)
  rawset(self, "input", input)
  return "Invalid URL"
end)
define("ERR_INVALID_URI", M.URIError, "URI malformed")
define("ERR_INVALID_PROTOCOL", TypeError, 'Protocol "%s" not supported. Expected "%s"')
define("ERR_UNHANDLED_REJECTION", Error, function(_, reason)
  return "This error originated either by throwing inside of an async function without a catch block, or by rejecting a promise which was not handled with .catch(). The promise rejected with the reason \"" .. M.inspect_brief(reason) .. '".'
end)
define("ERR_MULTIPLE_CALLBACK", Error, "Callback called multiple times")
define("ERR_AMBIGUOUS_ARGUMENT", TypeError, 'The "%s" argument is ambiguous. %s')
define("ERR_UNAVAILABLE_DURING_EXIT", Error, "Cannot call function in process exit handler")
define("ERR_AWAIT_OUTSIDE_ASYNC", Error, "await was called %s")
define("ERR_AWAIT_ACROSS_C", Error, "await was called in a function that %s called: the wait cannot pass through C code. Collect the values first and await outside of it, or use a plain loop")
define("ERR_YIELD_IN_ASYNC", Error, "coroutine.yield was called in an async function, where nothing resumes it. Use await, or yield inside a coroutine of your own")

-- streams
define("ERR_STREAM_ALREADY_FINISHED", Error, "Cannot call %s after a stream was finished")
define("ERR_STREAM_CANNOT_PIPE", Error, "Cannot pipe, not readable")
define("ERR_STREAM_DESTROYED", Error, "Cannot call %s after a stream was destroyed")
define("ERR_STREAM_NULL_VALUES", TypeError, "May not write null values to stream")
define("ERR_STREAM_PREMATURE_CLOSE", Error, "Premature close")
define("ERR_STREAM_PUSH_AFTER_EOF", Error, "stream.push() after EOF")
define("ERR_STREAM_UNSHIFT_AFTER_END_EVENT", Error, "stream.unshift() after end event")
define("ERR_STREAM_WRITE_AFTER_END", Error, "write after end")
define("ERR_STREAM_WRAP", Error, "Stream has StringDecoder set or is in objectMode")
define("ERR_STREAM_UNABLE_TO_PIPE", Error, "Cannot pipe to a closed or destroyed stream")

-- net
define("ERR_SOCKET_BAD_PORT", RangeError, function(_, name, port, allow_zero)
  return ("%s should be %s 0 and < 65536.%s."):format(name, allow_zero == false and ">" or ">=", M.received(port))
end)
define("ERR_SOCKET_ALREADY_BOUND", Error, "Socket is already bound")
define("ERR_SOCKET_BAD_BUFFER_SIZE", TypeError, "Buffer size must be a positive integer")
define("ERR_SOCKET_BUFFER_SIZE", Error, function(self, code, syscall)
  local name, text = M.uvName(code), M.uvMessage(code)
  rawset(self, "name", "SystemError")
  rawset(self, "info", { errno = code, code = name, message = text, syscall = syscall })
  rawset(self, "errno", code)
  rawset(self, "syscall", syscall)
  return ("Could not get or set buffer size: %s returned %s (%s)"):format(syscall, name, text)
end)
define("ERR_SOCKET_DGRAM_IS_CONNECTED", Error, "Already connected")
define("ERR_SOCKET_DGRAM_NOT_CONNECTED", Error, "Not connected")
define("ERR_SOCKET_DGRAM_NOT_RUNNING", Error, "Not running")
define("ERR_SOCKET_BAD_TYPE", TypeError, "Bad socket type specified. Valid types are: udp4, udp6")
define("ERR_SOCKET_CLOSED", Error, "Socket is closed")
define("ERR_SOCKET_CLOSED_BEFORE_CONNECTION", Error, "Socket closed before the connection was established")
define("ERR_SOCKET_CONNECTION_TIMEOUT", Error, "Socket connection timeout")
define("ERR_SERVER_ALREADY_LISTEN", Error, "Listen method has been called more than once without closing.")
define("ERR_SERVER_NOT_RUNNING", Error, "Server is not running.")
define("ERR_ARG_NOT_ITERABLE", TypeError, "%s must be iterable")
define("ERR_INVALID_OBJECT_DEFINE_PROPERTY", TypeError, "%s")
define("ERR_INVALID_ADDRESS", Error, "Invalid address")
define("ERR_INVALID_ADDRESS_FAMILY", RangeError, function(self, family, host, port)
  rawset(self, "host", host)
  rawset(self, "port", port)
  return ("Invalid address family: %s %s:%s"):format(tostring(family), tostring(host), tostring(port))
end)
define("ERR_INVALID_FD_TYPE", TypeError, "Unsupported fd type: %s")
define("ERR_USE_AFTER_CLOSE", Error, "%s was closed")
define("ERR_INVALID_REPL_EVAL_CONFIG", TypeError, 'Cannot specify both "breakEvalOnSigint" and "eval" for REPL')
define("ERR_INVALID_REPL_INPUT", TypeError, "%s")
define("ERR_SCRIPT_EXECUTION_INTERRUPTED", Error, "Script execution was interrupted by `SIGINT`")
define("ERR_INVALID_CURSOR_POS", TypeError, "Cannot set cursor row without setting its column")
define("ERR_TTY_INIT_FAILED", Error, "TTY initialization failed")
define("ERR_INVALID_FD", RangeError, '"fd" must be a positive integer: %s')
define("ERR_CHILD_PROCESS_IPC_REQUIRED", Error, "Forked processes must have an IPC channel, missing value 'ipc' in %s")
define("ERR_CHILD_PROCESS_STDIO_MAXBUFFER", RangeError, "%s maxBuffer length exceeded")
define("ERR_INVALID_SYNC_FORK_INPUT", TypeError, "Asynchronous forks do not support Buffer, TypedArray, DataView or string input: %s")
define("ERR_IPC_ONE_PIPE", Error, "Child process can have only one IPC pipe")
define("ERR_IPC_SYNC_FORK", Error, "IPC cannot be used with synchronous forks")
define("ERR_IPC_CHANNEL_CLOSED", Error, "Channel closed")
define("ERR_IPC_DISCONNECTED", Error, "IPC channel is already disconnected")
define("ERR_IPC_INVALID_MESSAGE", Error, "Invalid message on the IPC channel: %s")
define("ERR_INVALID_HANDLE_TYPE", TypeError, "This handle type cannot be sent")
define("ERR_DNS_SET_SERVERS_FAILED", Error, 'c-ares failed to set servers: "%s" [%s]')
define("ERR_INVALID_IP_ADDRESS", TypeError, "Invalid IP address: %s")

-- http
define("ERR_HTTP_BODY_NOT_ALLOWED", Error, "Adding content for this request method or response status is not allowed.")
define("ERR_HTTP_CONTENT_LENGTH_MISMATCH", Error, "Response body's content-length of %s byte(s) does not match the content-length of %s byte(s) set in header")
define("ERR_HTTP_HEADERS_SENT", Error, "Cannot %s headers after they are sent to the client")
define("ERR_HTTP_INVALID_HEADER_VALUE", TypeError, function(_, value, name)
  return ('Invalid value "%s" for header "%s"'):format(value == nil and "undefined" or tostring(value), tostring(name))
end)
define("ERR_HTTP_INVALID_STATUS_CODE", RangeError, function(_, code) return "Invalid status code: " .. (type(code) == "string" and code or M.inspect_brief(code)) end)
define("ERR_HTTP_REQUEST_TIMEOUT", Error, "Request timeout")
define("ERR_HTTP_SOCKET_ASSIGNED", Error, "ServerResponse has an already assigned socket")
define("ERR_HTTP_SOCKET_ENCODING", Error, "Changing the socket encoding is not allowed per RFC7230 Section 3.")
define("ERR_HTTP_TRAILER_INVALID", Error, "Trailers are invalid with this transfer encoding")
define("ERR_INVALID_CHAR", TypeError, function(_, name, field)
  return "Invalid character in " .. name .. (field ~= nil and (' ["%s"]'):format(tostring(field)) or "")
end)
define("ERR_INVALID_HTTP_TOKEN", TypeError, function(_, name, field) return ('%s must be a valid HTTP token ["%s"]'):format(name, tostring(field)) end)
define("ERR_DOMAIN_CALLBACK_NOT_AVAILABLE", Error, "A callback was registered through process.setUncaughtExceptionCaptureCallback(), "
  .. "which is mutually exclusive with using the `domain` module")
define("ERR_DOMAIN_CANNOT_SET_UNCAUGHT_EXCEPTION_CAPTURE", Error, "The `domain` module is in use, "
  .. "which is mutually exclusive with calling process.setUncaughtExceptionCaptureCallback()")
define("ERR_INVALID_DOMAIN_NAME", TypeError, "Unable to determine the domain name")
define("ERR_UNESCAPED_CHARACTERS", TypeError, "%s contains unescaped characters")

-- crypto
define("ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED", Error, "Custom engines not supported by this OpenSSL")
define("ERR_CRYPTO_ECDH_INVALID_FORMAT", TypeError, "Invalid ECDH format: %s")
define("ERR_CRYPTO_HASH_FINALIZED", Error, "Digest already called")
define("ERR_CRYPTO_HASH_UPDATE_FAILED", Error, "Hash update failed")
define("ERR_CRYPTO_INCOMPATIBLE_KEY", Error, "Incompatible %s: %s")
define("ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS", Error, "The selected key encoding %s %s.")
define("ERR_CRYPTO_INVALID_JWK", TypeError, "Invalid JWK data")
define("ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE", TypeError, "Invalid key object type %s, expected %s.")
define("ERR_CRYPTO_INVALID_STATE", Error, "Invalid state for operation %s")
define("ERR_CRYPTO_SCRYPT_INVALID_PARAMETER", Error, "Invalid scrypt parameter")
define("ERR_CRYPTO_SIGN_KEY_REQUIRED", Error, "No key provided to sign")
define("ERR_MISSING_OPTION", TypeError, "%s is required")

-- files
define("ERR_INVALID_FILE_URL_HOST", TypeError, 'File URL host must be "localhost" or empty on %s')
define("ERR_INVALID_FILE_URL_PATH", TypeError, "File URL path %s")
define("ERR_INVALID_URL_SCHEME", TypeError, function(_, expected) return "The URL must be of scheme " .. expected end)
define("ERR_FS_INVALID_SYMLINK_TYPE", Error, 'Symlink type must be one of "dir", "file", or "junction". Received "%s"')
define("ERR_DIR_CLOSED", Error, "Directory handle was closed")
define("ERR_DIR_CONCURRENT_OPERATION", Error, "Cannot do synchronous work on directory handle with concurrent asynchronous operations")
define("ERR_FS_WATCH_QUEUE_OVERFLOW", Error, "fs.watch() queued more than %d events")

-- Node's SystemError. info: { code = "EISDIR", message, path, syscall, errno }
for code, text in pairs {
  ERR_FS_EISDIR = "Path is a directory", ERR_FS_CP_DIR_TO_NON_DIR = "Cannot overwrite non-directory with directory",
  ERR_FS_CP_NON_DIR_TO_DIR = "Cannot overwrite directory with non-directory", ERR_FS_CP_EEXIST = "Target already exists",
  ERR_FS_CP_EINVAL = "Invalid src or dest", ERR_FS_CP_FIFO_PIPE = "Cannot copy a FIFO pipe", ERR_FS_CP_SOCKET = "Cannot copy a socket file",
  ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY = "Cannot overwrite symlink in subdirectory of self", ERR_FS_CP_UNKNOWN = "Cannot copy an unknown file type",
} do
  define(code, Error, function(self, info)
    rawset(self, "name", "SystemError")
    rawset(self, "info", info)
    rawset(self, "errno", info.errno)
    rawset(self, "syscall", info.syscall)
    rawset(self, "path", info.path)
    return ("%s: %s returned %s (%s) %s"):format(text, info.syscall, info.code, info.message, info.path)
  end)
end
define("ERR_FS_FILE_TOO_LARGE", RangeError, "File size (%s) is greater than 2 GiB")

function M.notImplemented(name)
  return function() error(M.ERR_METHOD_NOT_IMPLEMENTED(name), 2) end
end

-- ---- errors of the system

local uv_errors
local function uv_entry(code)
  uv_errors = uv_errors or core.error.list()
  return uv_errors[code] or { "UNKNOWN", "unknown error" }
end

-- name "ENOENT", text "no such file or directory"
function M.uvName(code) return uv_entry(code)[1] end
function M.uvMessage(code) return uv_entry(code)[2] end
function M.uvCode(name) return core.error.code(name) end

function M.uv(code, syscall, path, dest)
  local entry = uv_entry(code)
  local message = entry[1] .. ": " .. entry[2] .. (syscall and ", " .. syscall or "")
  if path then message = message .. " '" .. path .. "'" end
  if dest then message = message .. " -> '" .. dest .. "'" end
  local self = setmetatable({ message = message, errno = code, code = entry[1], syscall = syscall, path = path, dest = dest }, Error.meta)
  rawset(self, "_trace", traceback("", 2))
  return self
end

-- Without the description, as Node's for sockets: "connect ECONNREFUSED 127.0.0.1:80"
function M.uvAddress(code, syscall, address, port, additional)
  local name = type(code) == "string" and code or uv_entry(code)[1]
  local details = ""
  if port and port > 0 then details = " " .. tostring(address) .. ":" .. port elseif address then details = " " .. tostring(address) end
  if additional then details = details .. " - Local (" .. additional .. ")" end
  local self = setmetatable({ message = syscall .. " " .. name .. details, errno = code, code = name, syscall = syscall, address = address, port = port or nil }, Error.meta)
  rawset(self, "_trace", traceback("", 2))
  return self
end

-- With the description: "listen EADDRINUSE: address already in use 127.0.0.1:80" (Node's UVExceptionWithHostPort)
function M.uvHostPort(code, syscall, address, port)
  local entry = uv_entry(code)
  local details = ""
  if port and port > 0 then details = " " .. tostring(address) .. ":" .. port elseif address then details = " " .. tostring(address) end
  local self = setmetatable({ message = syscall .. " " .. entry[1] .. ": " .. entry[2] .. details, errno = code, code = entry[1], syscall = syscall, address = address, port = port or nil }, Error.meta)
  rawset(self, "_trace", traceback("", 2))
  return self
end

-- "write EPIPE"
function M.errnoException(code, syscall, original)
  local name = uv_entry(code)[1]
  local self = setmetatable({ message = (original and original .. " " or "") .. syscall .. " " .. name, errno = code, code = name, syscall = syscall }, Error.meta)
  rawset(self, "_trace", traceback("", 2))
  return self
end

function M.aggregateTwo(inner, outer)
  if inner and outer and inner ~= outer then
    if AggregateError:is(outer) then
      table.insert(outer.errors, inner)
      return outer
    end
    local both = AggregateError({ outer, inner }, outer.message)
    rawset(both, "code", outer.code)
    return both
  end
  return inner or outer
end

return M
