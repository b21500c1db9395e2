-- SPDX-License-Identifier: MIT
--
-- exec and execFile (Node 20 docs: child_process.exec, child_process.execFile): the output is collected, callback(err,
-- stdout, stderr) is called once at the end. err has code (exit code, or a name), killed, signal, cmd.
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local given = require "lunode.child_process.options"
local validators = require "lunode.internal.validators"

local type, error, tostring = type, error, tostring
local null = errors.null
local M = {}

-- The first `units` UTF-16 units of UTF-8 text.
local function text_prefix(text, units)
  local at, length = 1, #text
  while at <= length and units > 0 do
    local byte = text:byte(at)
    local size = byte < 0x80 and 1 or byte < 0xE0 and 2 or byte < 0xF0 and 3 or 4
    units = units - (size == 4 and 2 or 1)
    if units < 0 then break end
    at = at + size
  end
  return text:sub(1, at - 1)
end

-- Collects what a stream gives, up to `limit` bytes; full() is called when there is more. -> function that gives all of it
local function collect(stream, encoding, limit, full)
  local Buffer = require("lunode.buffer").Buffer
  local list, n, got = {}, 0, 0
  if encoding then stream:setEncoding(encoding) end
  stream:on("data", function(chunk)
    n = n + 1
    list[n] = chunk
    if limit == math.huge then return end
    local length
    if type(chunk) == "string" then
      local shown = stream.readableEncoding
      length = (shown == nil or shown == "utf8" or shown == "utf-8") and #chunk or Buffer.byteLength(chunk, shown)
    else
      length = #chunk
    end
    got = got + length
    if got > limit then
      local left = limit - (got - length)
      if left < 0 then left = 0 end
      list[n] = type(chunk) == "string" and text_prefix(chunk, left) or chunk:subarray(0, left)
      full()
    end
  end)
  return function()
    if encoding or stream.readableEncoding then return table.concat(list) end
    return Buffer.concat(list)
  end
end

-- (file, args?, options?, callback?), whatever is left out -> args, options, callback
local function sort_out(args, options, callback)
  if given.is_list(args) then -- as it is
  elseif type(args) == "table" and args ~= null then
    args, options, callback = nil, args, options
  elseif type(args) == "function" then
    args, options, callback = nil, nil, args
  end
  if type(options) == "function" then
    callback, options = options, nil
  elseif options ~= nil and options ~= null then
    validators.validateObject(options, "options")
  end
  if options == null then options = nil end
  if callback == null then callback = nil end
  if callback ~= nil then callback = validators.callback(callback, "callback") end
  return args, options or {}, callback
end
M.sort_out = sort_out

-- A property of JavaScript's that is there and undefined: it takes the default's place.
local function is_undefined(options, name)
  local has = validators.door.has
  return has ~= nil and options[name] == nil and has(options, name)
end

local default = { encoding = "utf8", timeout = 0, maxBuffer = 1024 * 1024, killSignal = "SIGTERM", shell = false }

function M.execFile(spawn, file, args, options, callback)
  args, options, callback = sort_out(args, options, callback)
  local o = {}
  for name, value in pairs(default) do o[name] = value end
  for name, value in pairs(options) do
    if value ~= null or default[name] == nil then o[name] = value
    elseif name == "encoding" and validators.door.kind then o.encoding = "buffer" end
  end
  if is_undefined(options, "encoding") then o.encoding = "buffer" end
  given.timeout(o.timeout)
  given.max_buffer(o.maxBuffer)
  o.killSignal = given.kill_signal(o.killSignal)

  local child = spawn(file, args, {
    cwd = o.cwd, env = o.env, gid = o.gid, uid = o.uid, shell = o.shell, signal = o.signal, argv0 = o.argv0,
    windowsHide = o.windowsHide and true or false, windowsVerbatimArguments = o.windowsVerbatimArguments and true or false,
  })
  local encoding
  if o.encoding ~= "buffer" and validators.normalizeEncoding(o.encoding) and type(o.encoding) == "string" and o.encoding ~= "" then encoding = o.encoding end

  local stdout, stderr, timer, err
  local killed, done = false, false

  local function finish(code, signal)
    if done then return end
    done = true
    if timer then
      require("lunode.timers").clearTimeout(timer)
      timer = nil
    end
    if not callback then return end
    local out, outerr = stdout and stdout() or encoding and "" or require("lunode.buffer").Buffer.alloc(0), stderr and stderr() or encoding and "" or require("lunode.buffer").Buffer.alloc(0)
    if not err and code == 0 and signal == nil then return callback(nil, out, outerr) end
    local cmd = file
    if args and #args > 0 then
      local words = {}
      for i = 1, #args do words[i] = tostring(args[i]) end
      cmd = cmd .. " " .. table.concat(words, " ")
    end
    if not err then
      err = errors.Error("Command failed: " .. cmd .. "\n" .. tostring(outerr))
      if code == nil and validators.door.kind then code = null -- as JavaScript has it
      elseif code ~= nil and code < 0 then code = errors.uvName(code) end
      err.code = code
      err.killed = child.killed or killed
      err.signal = signal == nil and validators.door.kind and null or signal
    end
    err.cmd = cmd
    callback(err, out, outerr)
  end

  local function close_pipes()
    if child.stdout then child.stdout:destroy() end
    if child.stderr then child.stderr:destroy() end
  end

  local function kill()
    close_pipes()
    killed = true
    local ok, e = pcall(child.kill, child, o.killSignal)
    if not ok then
      err = err or e
      finish()
    end
  end

  if o.timeout > 0 then
    timer = require("lunode.timers").setTimeout(function()
      timer = nil
      kill()
    end, o.timeout)
  end

  local limit = o.maxBuffer
  local function too_much(name)
    return function()
      err = err or errors.ERR_CHILD_PROCESS_STDIO_MAXBUFFER(name)
      kill()
    end
  end
  if child.stdout then stdout = collect(child.stdout, encoding, limit, too_much "stdout") end
  if child.stderr then stderr = collect(child.stderr, encoding, limit, too_much "stderr") end
  child:on("close", finish)
  child:on("error", function(e)
    err = e
    close_pipes()
    finish()
  end)
  return child
end

-- The options of exec for execFile: a shell runs the command.
function M.with_shell(options)
  local o = {}
  for name, value in pairs(options or {}) do o[name] = value end
  if options and is_undefined(options, "encoding") then o.encoding = "buffer" end
  o.shell = type(o.shell) == "string" and o.shell or true
  return o
end

function M.exec(execFile, command, options, callback)
  given.text(command, "command")
  if type(options) == "function" then options, callback = nil, options end
  if options == null then options = nil end
  if options ~= nil then validators.validateObject(options, "options") end
  return execFile(command, M.with_shell(options), callback)
end

-- The promise form of util.promisify: resolves with {stdout, stderr}; an error has both. promise.child is the ChildProcess.
function M.promised(fn)
  return function(...)
    local promises = require "lunode.internal.promise"
    local promise = promises.new()
    local n = select("#", ...)
    local args = { ... }
    args[n + 1] = function(err, stdout, stderr)
      if err ~= nil then
        err.stdout, err.stderr = stdout, stderr
        promises.reject(promise, err)
      else
        promises.resolve(promise, require("lunode.internal.shape").dict { stdout = stdout, stderr = stderr })
      end
    end
    promise.child = fn(unpack(args, 1, n + 1))
    return promise
  end
end

return M
