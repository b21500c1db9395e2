-- SPDX-License-Identifier: MIT
--
-- process.emitWarning and the printing of warnings (Node 20 docs: process.emitWarning, Event: 'warning').
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local options = require "lunode.internal.options"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"

local Error = errors.Error
local M = {}

local hinted = false

-- The listener of 'warning' that is there from the start.
function M.print(process, warning)
  if not Error:is(warning) then return end -- emitted by hand
  if options.noWarnings or os.getenv "NODE_NO_WARNINGS" == "1" then return end
  local deprecation = warning.name == "DeprecationWarning"
  if deprecation and process.noDeprecation then return end
  local trace = options.traceWarnings or process.traceProcessWarnings or deprecation and process.traceDeprecation
  local text = ("(%s:%d) "):format(validators.door.kind and "node" or "lunode", core.process.pid()) -- process.release.name for JavaScript
  if warning.code ~= nil then text = text .. "[" .. tostring(warning.code) .. "] " end
  if trace and warning.stack then
    text = text .. warning.stack
  else
    text = text .. (Error:is(warning) and type(warning.toString) == "function" and warning:toString():gsub("^([%w_]*) %[[^%]]*%]", "%1") or tostring(warning))
  end
  if type(warning.detail) == "string" then text = text .. "\n" .. warning.detail end
  if not trace and not hinted then
    hinted = true
    local flag = deprecation and "--trace-deprecation" or "--trace-warnings"
    text = text .. ("\n(Use `lunode %s ...` to show where the warning was created)"):format(flag)
  end
  local file = options.redirectWarnings or os.getenv "NODE_REDIRECT_WARNINGS"
  local out = file and file ~= "" and io.open(file, "a")
  if out then
    out:write(text, "\n")
    return out:close()
  end
  local stderr = package.loaded["lunode.internal.stdio"] and process.stderr
  if stderr and rawget(stderr, "write") ~= nil then return stderr:write(text .. "\n") end -- somebody catches what is printed
  core.tty.writeSync(2, text .. "\n")
end

local function raise(warning) error(warning, 0) end
local function emit(process, warning) process:emit("warning", warning) end

-- warning: text or an Error; type: a name, or {type, code, detail}; code: text
function M.emitWarning(process, warning, kind, code)
  local detail
  if type(kind) == "table" and kind ~= errors.null and not validators.is_list(kind) then
    code = kind.code
    if type(kind.detail) == "string" then detail = kind.detail end
    kind = kind.type or "Warning"
  elseif type(kind) == "function" then
    code, kind = nil, "Warning"
  end
  if kind ~= nil then validators.validateString(kind, "type") end
  if type(code) == "function" then code = nil elseif code ~= nil then validators.validateString(code, "code") end
  if type(warning) == "string" then
    local made = Error(warning)
    rawset(made, "name", kind or "Warning")
    if code ~= nil then rawset(made, "code", code) end
    if detail ~= nil then rawset(made, "detail", detail) end
    warning = made
  elseif not Error:is(warning) then
    error(errors.ERR_INVALID_ARG_TYPE("warning", { "Error", "string" }, warning), 0)
  end
  if warning.name == "DeprecationWarning" then
    if process.noDeprecation then return end
    if process.throwDeprecation then return queue.nextTick(raise, warning) end
  end
  queue.nextTick(emit, process, warning)
end

return M
