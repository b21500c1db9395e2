-- SPDX-License-Identifier: MIT
--
-- spawnSync, execFileSync, execSync (Node 20 docs: Synchronous process creation). The whole life of the child is in C
-- (src/spawn.c); the loop stands still meanwhile.
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local exec = require "lunode.child_process.exec"
local given = require "lunode.child_process.options"
local shape = require "lunode.internal.shape"
local stdio = require "lunode.child_process.stdio"
local validators = require "lunode.internal.validators"

local type, error, rawset = type, error, rawset
local null = errors.null
local M = {}

local MAX_BUFFER = 1024 * 1024

-- Bytes or text for the child to read; text in the encoding of the options.
local function input_bytes(input, encoding)
  if type(input) == "string" then
    local canonical = validators.normalizeEncoding(encoding == "buffer" and "utf8" or encoding)
    if canonical == "utf8" then return input end
    return require("lunode.buffer").Buffer.from(input, encoding)
  end
  if core.buffer.is(input) then return input end
  error(errors.ERR_INVALID_ARG_TYPE("options.stdio[0]", { "Buffer", "TypedArray", "DataView", "string" }, input), 0)
end

local function bytes_or_nil(v) if v ~= null then return v end end

-- -> {pid, status, signal, output, stdout, stderr, error}; output has descriptor n at n+1. status is nil when a signal ended
-- the child, output when it was not started.
function M.spawnSync(file, args, options)
  local o = given.spawn(file, args, options)
  given.timeout(o.timeout)
  given.max_buffer(o.maxBuffer)
  local kill_signal = given.kill_signal(o.killSignal)
  local entries = stdio.resolve(o.stdio or "pipe", true)
  local input = o.input
  if input ~= nil and input ~= "" then
    local bytes = input_bytes(input, o.encoding)
    entries[1] = { type = "pipe", input = bytes }
  end
  given.environment()
  require "lunode.buffer" -- gives the Buffers that C makes their methods
  core.loop.flush() -- it blocks
  local raw = core.spawn.sync {
    file = o.file, args = o.args, env = o.envPairs, cwd = o.cwd, detached = o.detached, uid = o.uid, gid = o.gid,
    stdio = stdio.raw(entries), timeout = o.timeout or 0, maxBuffer = o.maxBuffer or MAX_BUFFER, killSignal = kill_signal,
  }
  local output = raw.output
  if output then
    local encoding = o.encoding
    if encoding ~= nil and encoding ~= "buffer" then
      for i, bytes in pairs(output) do output[i] = bytes:toString(encoding) end
    end
    if validators.door.adapt then
      for i = 1, #entries do
        if output[i] == nil then output[i] = null end
      end
    end
    output = shape.list(output)
  end
  local result = shape.dict {
    pid = raw.pid, status = raw.status, signal = raw.signal and given.signal_name(raw.signal), output = output,
    stdout = output and bytes_or_nil(output[2]), stderr = output and bytes_or_nil(output[3]),
  }
  if raw.error then
    local err = errors.errnoException(raw.error, "spawnSync " .. o.file)
    err.path = o.file
    local rest = {}
    for i = 2, #o.args do rest[i - 1] = o.args[i] end
    err.spawnargs = shape.list(rest)
    result.error = err
  end
  return result
end

-- The error of a result, or nil. command: as the message names it.
local function failure(result, command)
  local err = result.error
  if not err then
    if result.status == 0 then return nil end
    local message = "Command failed: " .. command
    if result.stderr and #result.stderr > 0 then message = message .. "\n" .. result.stderr:toString() end
    err = errors.Error(message)
  end
  for name, value in pairs(result) do rawset(err, name, value) end
  if validators.door.adapt then
    for _, name in ipairs { "status", "signal", "output", "stdout", "stderr" } do
      if result[name] == nil then err[name] = null end
    end
  end
  return err
end

local function tell_stderr(result)
  if result.stderr and #result.stderr > 0 then require("lunode.process").stderr:write(result.stderr) end
end

local function finish(result, command, inherit)
  if inherit then tell_stderr(result) end
  local err = failure(result, command)
  if err then error(err, 0) end
  return result.stdout
end

-- -> stdout; raises an error with the fields of spawnSync's result
function M.execFileSync(file, args, options)
  args, options = exec.sort_out(args, options)
  local result = M.spawnSync(file, args, options)
  local words = { options.argv0 or file }
  for i = 1, args and #args or 0 do words[i + 1] = tostring(args[i]) end
  return finish(result, table.concat(words, " "), not options.stdio)
end

function M.execSync(command, options)
  given.text(command, "command")
  if options == null then options = nil end
  if options ~= nil then validators.validateObject(options, "options") end
  local result = M.spawnSync(command, exec.with_shell(options))
  return finish(result, command, not (options and options.stdio))
end

return M
