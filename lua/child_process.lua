-- SPDX-License-Identifier: MIT
--
-- child_process (Node 20 docs: Child process).
local errors = require "lunode.internal.errors"
local given = require "lunode.child_process.options"
local validators = require "lunode.internal.validators"
local ChildProcess = require "lunode.child_process.child"

local type, error, rawset, pcall = type, error, rawset, pcall
local null = errors.null

local M = { ChildProcess = ChildProcess }

-- ---- spawn

-- Kills the child when the time is over.
local function limit_time(child, ms, signal)
  local timers = require "lunode.timers"
  local timer
  timer = timers.setTimeout(function()
    timer = nil
    local ok, err = pcall(child.kill, child, signal)
    if not ok then child:emit("error", err) end
  end, ms)
  child:once("exit", function()
    if timer then timers.clearTimeout(timer) end
    timer = nil
  end)
end

local function abort_child(child, kill_signal, signal)
  local ok, killed = pcall(child.kill, child, kill_signal)
  if not ok then
    child:emit("error", killed)
  elseif killed then
    child:emit("error", require("lunode.stream.abort").error(signal))
  end
end

local function kill_on_abort(child, signal, kill_signal)
  local function aborted() abort_child(child, kill_signal, signal) end
  if signal.aborted then
    require("lunode.internal.queue").nextTick(aborted)
  else
    child:once("exit", require("lunode.stream.abort").listen(signal, aborted))
  end
end

-- file: a path, or a name that is looked for in PATH; args: a list of texts. options: cwd, env, argv0, stdio, detached, uid,
-- gid, serialization, shell, signal, timeout (ms), killSignal. -> ChildProcess. Raises ERR_INVALID_ARG_*, and an error
-- with code, errno, syscall "spawn" for what the system refuses; ENOENT, EACCES, EAGAIN, EMFILE, ENFILE come as 'error'.
function M.spawn(file, args, options)
  local o = given.spawn(file, args, options)
  given.timeout(o.timeout)
  if o.signal ~= nil then validators.validateAbortSignal(o.signal, "options.signal") end
  local kill_signal = given.kill_signal(o.killSignal)
  local child = ChildProcess()
  child:spawn(o)
  if o.timeout and o.timeout > 0 then limit_time(child, o.timeout, kill_signal) end
  if o.signal then kill_on_abort(child, o.signal, kill_signal) end
  return child
end

-- ---- fork

-- What this process was started with, without the text of -e.
local function own_arguments(process)
  local list, source = process.execArgv, process._eval
  local out = {}
  for i = 1, #list do out[i] = list[i] end
  if source == nil then return out end
  for i = #out, 2, -1 do
    if out[i] == source then
      table.remove(out, i)
      table.remove(out, i - 1)
      break
    end
  end
  return out
end

local function has_channel(stdio)
  for _, value in pairs(stdio) do
    if value == "ipc" then return true end
  end
  return false
end

-- A child that runs a module with this very program, and a channel for messages. options: those of spawn, and execPath,
-- execArgv, silent (its output comes as streams instead of going where that of this process goes).
function M.fork(modulePath, args, options)
  modulePath = require("lunode.fs.arguments").path(modulePath, "modulePath")
  if args == nil or args == null then
    args = {}
  elseif type(args) == "table" and not given.is_list(args) and not (validators.door.kind and validators.door.kind(args) == "symbol") then
    options, args = args, {}
  else
    validators.validateArray(args, "args")
  end
  if options ~= nil and options ~= null then
    validators.validateObject(options, "options")
    if validators.door.kind and validators.door.kind(options) == "symbol" then error(errors.ERR_INVALID_ARG_TYPE("options", "Object", options), 0) end
  else options = {} end
  local process = require "lunode.process"
  local o = {}
  for name, value in pairs(options) do
    if value ~= null then o[name] = value end
  end
  o.shell = false
  local program = o.execPath or process.execPath
  given.text(program, "options.execPath")
  local own = o.execArgv or own_arguments(process)
  validators.validateArray(own, "options.execArgv")
  local list = given.text_list(own, "options.execArgv")
  list[#list + 1] = modulePath
  args = given.text_list(args, "args")
  for i = 1, #args do list[#list + 1] = args[i] end

  local stdio = require "lunode.child_process.stdio"
  if type(o.stdio) == "string" then
    o.stdio = stdio.from_name(o.stdio, "ipc")
  elseif type(o.stdio) ~= "table" then
    o.stdio = stdio.from_name(o.silent and "pipe" or "inherit", "ipc")
  elseif not has_channel(o.stdio) then
    error(errors.ERR_CHILD_PROCESS_IPC_REQUIRED "options.stdio", 0)
  end
  return M.spawn(program, list, o)
end

-- ---- the rest, when it is asked for

local function lazy(name, call)
  return function(...) return call(require(name), ...) end
end

-- (file, args?, options?, callback?)
M.execFile = lazy("lunode.child_process.exec", function(exec, file, args, options, callback)
  return exec.execFile(M.spawn, file, args, options, callback)
end)
-- (command, options?, callback?): a shell runs it.
M.exec = lazy("lunode.child_process.exec", function(exec, command, options, callback)
  return exec.exec(M.execFile, command, options, callback)
end)
M.spawnSync = lazy("lunode.child_process.sync", function(sync, file, args, options) return sync.spawnSync(file, args, options) end)
M.execFileSync = lazy("lunode.child_process.sync", function(sync, file, args, options) return sync.execFileSync(file, args, options) end)
M.execSync = lazy("lunode.child_process.sync", function(sync, command, options) return sync.execSync(command, options) end)

local custom = require "lunode.internal.promisify_custom"
for _, name in ipairs { "exec", "execFile" } do
  local fn = M[name]
  custom[fn] = function(...) return require("lunode.child_process.exec").promised(fn)(...) end
end

-- ---- signatures, for the reference (docs/api/README.md)
-- exec(command: string, options?: table, callback?: fun(err: Error?, stdout: string|Buffer, stderr: string|Buffer)) -> child_process.ChildProcess: through a shell
-- execFile(file: string, args?: string[], options?: table, callback?: fun(err: Error?, stdout: string|Buffer, stderr: string|Buffer)) -> child_process.ChildProcess
-- execSync(command: string, options?: table) -> string|Buffer: its output; raises when it fails
-- ref, unref(): whether the child keeps the loop running

return M
