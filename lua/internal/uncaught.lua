-- SPDX-License-Identifier: MIT
--
-- What happens to an error that nobody caught (Node 20 docs: process, 'uncaughtException', "Exit codes").
--
--   report(err, trace, origin)   capture callback, monitor, listeners; else prints, 'exit' with code 1, leaves.
--                                When the handler itself fails: prints that, leaves with 7.
--   print(err, trace)            file:line, the line, a caret, what was raised, its stack, the version
--   survive(err, trace)          set by the interactive prompt: called instead of leaving
--   source_line("file:line", column) -> the line of text and a caret under it, or nil
--
-- trace is a Lua traceback from where the value was raised; an Error has its own.
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local options = require "lunode.internal.options"

local loaded, traceback = package.loaded, debug.traceback
local type, tostring, rawget, rawset, pcall, xpcall = type, tostring, rawget, rawset, pcall, xpcall
local Error = errors.Error

local M = {}

local function is_error(value) return type(value) == "table" and Error:is(value) end

-- ---- printing

-- Under the column of the stack, where that is known: under `throw`, where that stands before what was made there.
local function with_caret(text, column)
  local plain = text:gsub("[\128-\191]", "") -- a byte for each character
  local at = column and column > 1 and column <= #plain and column or #plain:match "^%s*" + 1
  at = plain:sub(1, at - 1):match "%f[%w_$]()throw%s+$" or at
  return text .. "\n" .. plain:sub(1, at - 1):gsub("[^\t]", " ") .. "^"
end

function M.source_line(place, column)
  local file, number = place:match "^(.*):(%d+)$"
  if not file then return nil end
  local loader = loaded["lunode.internal.loader"]
  number = tonumber(number)
  local given = loader and loader.texts[file]
  if given then
    local n = 0
    for line in (given .. "\n"):gmatch "([^\n]*)\n" do
      n = n + 1
      if n == number then return with_caret(line, column) end
    end
    return nil
  end
  local path = loader and loader.shown[file] or file
  local handle = io.open(path, "rb")
  if not handle then return nil end
  local n, text = 0, nil
  for line in handle:lines() do
    n = n + 1
    if n == number then
      text = line
      break
    end
  end
  handle:close()
  if not text then return nil end
  text = text:gsub("\r$", "")
  if #text > 400 then text = text:sub(1, 400) end
  return with_caret(text, column)
end

-- "file:line" where the value was raised, as far as it is known: of the user's code.
local function place_of(err, trace)
  if type(err) == "string" then
    local place = err:match "^([^\n]-:%d+): "
    if place and not errors.is_internal(place) then return place end
  end
  local frames
  if is_error(err) and rawget(err, "_trace") then
    local ok, stack = pcall(function() return err.stack end)
    frames = ok and type(stack) == "string" and stack
  end
  frames = frames or errors.layout(trace or "", 10)
  for line in frames:gmatch "[^\n]+" do
    local place = line:match "^    at .*%(([^()]+:%d+)%)$" or line:match "^    at ([^()]+:%d+)$"
    local js, column = (place or ""):match "^(.+:%d+):(%d+)$" -- JavaScript's have a column
    place = js or place
    if place and not errors.is_internal(place) then return place:gsub("^async ", ""), tonumber(column) end
  end
end

local function inspect(value)
  local ok, text = pcall(function() return require("lunode.util").inspect(value) end)
  if ok then return text end
  if is_error(value) then
    local fine, stack = pcall(function() return value.stack end)
    if fine and type(stack) == "string" then return stack end
  end
  local fine, plain = pcall(tostring, value)
  return fine and plain or type(value)
end

function M.text(err, trace)
  local out = {}
  local refused = type(err) == "table" and rawget(err, "_place") -- a source that JavaScript's compiler refused: place, line, caret, message
  if refused then return refused .. "\n\nLunode v" .. core.version .. "\n" end
  local place, column = place_of(err, trace)
  if place then
    local source = M.source_line(place, column)
    if source then out[1] = place .. "\n" .. source .. "\n" end
  end
  local frames = errors.layout(trace or "", 10)
  if is_error(err) then
    out[#out + 1] = (inspect(err):gsub("^%[([^\n]*)%]", "%1"))
  else
    out[#out + 1] = "Uncaught " .. (type(err) == "string" and err or inspect(err))
    -- A coroutine that has ended no longer knows the line of its innermost frame; the message does.
    local file, line
    if type(err) == "string" then file, line = err:match "^([^\n]-):(%d+): " end
    if file then
      local head, rest = frames:match "^(    at [^\n]-)%)(.*)$"
      if head and head:sub(-#file - 1) == "(" .. file then frames = head .. ":" .. line .. ")" .. rest end
    end
    if frames ~= "" then out[#out + 1] = frames end
  end
  return table.concat(out, "\n") .. "\n\nLunode v" .. core.version .. "\n"
end

function M.print(err, trace)
  io.stdout:flush()
  core.tty.writeSync(2, M.text(err, trace))
end

-- ---- what to do

-- --abort-on-uncaught-exception
local function leave(code)
  if options.abortOnUncaught then core.process.abort() end
  core.loop.exit(code)
end

local function handlers(process, err, origin)
  process:emit("uncaughtExceptionMonitor", err, origin)
  local domain = loaded["lunode.domain"]
  if type(domain) == "table" and domain._uncaught(err) then return true end
  local capture = process._capture
  if capture then
    capture(err)
    return true
  end
  if process:listenerCount "uncaughtException" == 0 or options.abortOnUncaught then return false end
  process:emit("uncaughtException", err, origin)
  return true
end

local handler_trace
local function on_handler_error(e)
  handler_trace = traceback("", 2)
  errors.attach(e, handler_trace)
  return e
end

function M.report(err, trace, origin)
  if type(err) == "string" and queue.raised and err:find("stack overflow", 1, true) then
    local file = err:match "^(.-):%d+: "
    local loader = loaded["lunode.internal.loader"]
    if not (file and (loader and loader.texts[file] or file:find "%.lua$")) then -- of JavaScript, as far as is known
      err = queue.raised(err, true)
      err.stack = "RangeError: " .. err.message .. "\n" .. errors.layout(trace or "", 10)
    end
  end
  local process = loaded["lunode.process"]
  if process then
    local ok, result = xpcall(handlers, on_handler_error, process, err, origin or "uncaughtException")
    if ok and result then return end
    if not ok then
      M.print(result, handler_trace)
      leave(7)
    end
  end
  if M.survive then return M.survive(err, trace) end
  M.print(err, trace)
  if options.abortOnUncaught then leave() end
  local code = 1
  if process and not process._exiting then
    rawset(process, "_exiting", true)
    process.exitCode = 1
    pcall(process.emit, process, "exit", 1)
    code = process.exitCode or 1
  end
  core.loop.exit(tonumber(code) or 1)
end

-- ---- rejections (--unhandled-rejections)

local count = 0
local ids = setmetatable({}, { __mode = "k" }) -- promise -> the number that warnings call its rejection by

local function warn(process, reason, id)
  local text = is_error(reason) and reason.stack or type(reason) == "string" and reason or inspect(reason)
  process.emitWarning(text, "UnhandledPromiseRejectionWarning")
  process.emitWarning("Unhandled promise rejection. This error originated either by throwing inside of an async function without "
    .. "a catch block, or by rejecting a promise which was not handled with .catch(). To terminate the node process on unhandled promise "
    .. "rejection, use the CLI flag `--unhandled-rejections=strict` (see https://nodejs.org/api/cli.html#cli_unhandled_rejections_mode). (rejection id: " .. id .. ")", "UnhandledPromiseRejectionWarning")
end

-- true: it was taken care of.
function M.unhandled_rejection(reason, p)
  count = count + 1
  ids[p] = count
  local domain = loaded["lunode.domain"]
  if type(domain) == "table" and domain._rejected(reason, p) then return true end
  local mode = options.unhandledRejections
  local process = loaded["lunode.process"]
  if mode == "throw" then
    return process ~= nil and process:emit("unhandledRejection", reason, p)
  end
  process = process or require "lunode.process"
  if mode == "none" then
    process:emit("unhandledRejection", reason, p)
  elseif mode == "warn" then
    process:emit("unhandledRejection", reason, p)
    warn(process, reason, count)
  elseif mode == "warn-with-error-codes" then
    if not process:emit("unhandledRejection", reason, p) then
      warn(process, reason, count)
      process.exitCode = 1
    end
  else -- strict: an exception first, then the event
    local made, trace = require("lunode.internal.promise").as_error(reason)
    M.report(made, trace, "unhandledRejection")
    if not process:emit("unhandledRejection", reason, p) then warn(process, reason, count) end
  end
  return true
end

function M.handled_late(p)
  local process = loaded["lunode.process"]
  if not process or process:emit("rejectionHandled", p) then return end
  local warning = Error("Promise rejection was handled asynchronously (rejection id: " .. tostring(ids[p]) .. ")")
  rawset(warning, "name", "PromiseRejectionHandledWarning")
  rawset(warning, "id", ids[p])
  process.emitWarning(warning)
end

return M
