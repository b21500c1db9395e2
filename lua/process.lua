-- SPDX-License-Identifier: MIT
--
-- process (Node 20 docs: Process). Functions take a dot, emitter methods a colon: process.exit(1), process:on("exit", fn).
--
-- process.env is a plain table, a snapshot of the environment when this module was loaded: read it, write it, walk it with
-- pairs. Values count as their text. What is changed there reaches C's environment (child processes, os.getenv,
-- os.date with TZ) before anything of Lunode reads that.
-- process.version is the version of Node whose API this is; Lunode's own is process.versions.lunode.
local ffi = require "ffi"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local options = require "lunode.internal.options"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local sys = core.process
local type, error, tostring, tonumber, rawget, rawset, pairs, select = type, error, tostring, tonumber, rawget, rawset, pairs, select
local ARG_TYPE = errors.ERR_INVALID_ARG_TYPE

local NODE_VERSION = "20.20.2" -- its documentation is what is followed here

local process, Process, define, wrong_dot = require "lunode.internal.emitting_module" "process"

local function constant(name, value) rawset(process, name, value) end

-- ---- facts

constant("pid", sys.pid())
constant("arch", ({ x64 = "x64", x86 = "ia32", arm = "arm", arm64 = "arm64", arm64be = "arm64", ppc = "ppc64", mips = "mips", mips64 = "mips64", riscv64 = "riscv64" })[jit.arch] or jit.arch)
constant("platform", ({ Linux = "linux", OSX = "darwin", BSD = "freebsd", Windows = "win32" })[jit.os] or jit.os:lower())
constant("version", "v" .. NODE_VERSION)
constant("versions", shape.dict {
  lunode = core.version, node = NODE_VERSION, luajit = (jit.version:gsub("^LuaJIT ", "")), uv = core.uv_version,
  llhttp = sys.llhttp_version, lua = "5.1", zlib = core.zlib.version, openssl = sys.openssl_version,
})
constant("release", shape.dict { name = "node", lts = "Iron" })
constant("features", shape.dict {
  inspector = false, debug = false, uv = true, ipv6 = true, tls_alpn = false, tls_sni = false, tls_ocsp = false, tls = false,
  cached_builtins = true,
})
constant("config", shape.dict { target_defaults = shape.dict {}, variables = shape.dict { v8_enable_i18n_support = 1 } })
constant("execPath", options.execPath or sys.exepath() or "")
constant("argv0", options.argv0 or options.execPath or "")
constant("execArgv", shape.list(options.execArgv))
rawset(process, "_eval", options.eval) -- the text of -e
if not options.embedded then
  -- As a library: the interpreter, the script that it runs, the arguments.
  local given = rawget(_G, "arg")
  local argv = { process.execPath }
  if type(given) == "table" then
    argv[2] = given[0]
    for i = 1, #given do argv[i + 2] = given[i] end
  end
  options.argv = argv
end
constant("argv", shape.list(options.argv))
constant("noDeprecation", options.noDeprecation)
constant("throwDeprecation", options.throwDeprecation)
constant("traceDeprecation", options.traceDeprecation)

Process:accessor("ppid", function() return sys.ppid() end)
Process:accessor("title", function() return sys.title() end, function(_, value)
  validators.validateString(value, "title")
  sys.title(value)
end)
Process:accessor("debugPort", function() return 9229 end)

-- ---- environment

local env = sys.environ()
local synced = {}
for name, value in pairs(env) do synced[name] = value end
constant("env", shape.dict(env))

-- Brings C's environment up to what the table says.
local function sync_env()
  local now = process.env
  for name, value in pairs(now) do
    if type(name) == "string" then
      value = tostring(value)
      if synced[name] ~= value then
        sys.setenv(name, value)
        synced[name] = value
      end
    end
  end
  for name in pairs(synced) do
    if now[name] == nil then
      sys.setenv(name, nil)
      synced[name] = nil
    end
  end
end
rawset(process, "_syncEnv", sync_env)

-- Inside the command Lua's own functions see the table too.
if options.embedded then
  local function synced_first(library, name)
    local plain = library[name]
    library[name] = function(...)
      sync_env()
      core.loop.flush() -- it may block
      return plain(...)
    end
  end
  for _, name in ipairs { "date", "time", "execute", "tmpname" } do synced_first(os, name) end
  synced_first(io, "popen")
end

-- .env text: NAME=value lines; names that are set already stay (Node 20 docs: process.loadEnvFile).
define("loadEnvFile", function(path)
  local fs = require "lunode.fs"
  local parsed = require("lunode.util").parseEnv(fs.readFileSync(path == nil and ".env" or path, "utf8"))
  for name, value in pairs(parsed) do
    if process.env[name] == nil then process.env[name] = value end
  end
end)

-- ---- folders, rights

define("cwd", function()
  local path, code = sys.cwd()
  if not path then error(errors.uv(code, "uv_cwd"), 0) end
  return path
end)

define("chdir", function(directory)
  validators.validateString(directory, "directory")
  local before = sys.cwd()
  local code = directory:find("\0", 1, true) and errors.uvCode "ENOENT" or sys.chdir(directory)
  if code ~= 0 then error(errors.uv(code, "chdir", before, directory), 0) end
end)

-- mask: a number, or octal text. -> the mask before
define("umask", function(mask)
  if mask == nil then return sys.umask() end
  if type(mask) == "string" then
    local number = mask:match "^[0-7]+$" and tonumber(mask, 8)
    if not number then error(errors.ERR_INVALID_ARG_VALUE("mask", mask, "must be a 32-bit unsigned integer or an octal string"), 0) end
    mask = number
  end
  validators.validateUint32(mask, "mask")
  return sys.umask(bit.band(mask, 511))
end)

define("getuid", function() return (sys.ids()) end)
define("geteuid", function() return (select(2, sys.ids())) end)
define("getgid", function() return (select(3, sys.ids())) end)
define("getegid", function() return (select(4, sys.ids())) end)
define("getgroups", function()
  local list, own, found = sys.groups(), process.getegid(), false
  for i = 1, #list do found = found or list[i] == own end
  if not found then list[#list + 1] = own end
  return shape.list(list)
end)

-- A number as it is, a name looked up.
local function resolve_id(id, name, lookup, kind)
  if type(id) == "number" then
    validators.validateUint32(id, name)
    return id
  end
  if type(id) ~= "string" then error(ARG_TYPE(name, { "number", "string" }, id), 0) end
  local found = lookup(id)
  if not found then error(errors.ERR_UNKNOWN_CREDENTIAL(kind, id), 0) end
  return found
end

local function refused(code, syscall)
  local e = errors.errnoException(code, syscall)
  e.message = e.code .. ", " .. errors.uvMessage(code):gsub("^%l", string.upper)
  error(e, 0)
end

local function setter(name, which, lookup, kind)
  define(name, function(id)
    id = resolve_id(id, "id", lookup, kind)
    local code = sys.setid(which, id)
    if code ~= 0 then refused(code, name) end
  end)
end
setter("setuid", "uid", sys.user, "User")
setter("seteuid", "euid", sys.user, "User")
setter("setgid", "gid", sys.group, "Group")
setter("setegid", "egid", sys.group, "Group")

define("setgroups", function(groups)
  validators.validateArray(groups, "groups")
  local list = {}
  for i = 1, rawget(groups, "length") or #groups do list[i] = resolve_id(groups[i], "groups[" .. i - 1 .. "]", sys.group, "Group") end
  local code = sys.setgroups(list)
  if code ~= 0 then refused(code, "setgroups") end
end)

define("initgroups", function(user, extraGroup)
  local name = user
  if type(extraGroup) ~= "number" and type(extraGroup) ~= "string" and (type(user) == "number" or type(user) == "string") then
    error(ARG_TYPE("extraGroup", { "number", "string" }, extraGroup), 0)
  end
  if type(user) == "number" then
    validators.validateUint32(user, "user")
    name = sys.user_name(user)
    if not name then error(errors.ERR_UNKNOWN_CREDENTIAL("User", tostring(user)), 0) end
  elseif type(user) ~= "string" then error(ARG_TYPE("user", { "number", "string" }, user), 0) end
  local group = resolve_id(extraGroup, "extraGroup", sys.group, "Group")
  if type(user) == "string" and not sys.user(user) then error(errors.ERR_UNKNOWN_CREDENTIAL("User", user), 0) end
  local code = sys.initgroups(name, group)
  if code ~= 0 then refused(code, "initgroups") end
end)

-- ---- time

local monotonic = require("lunode.internal.clock").monotonic

local hrtime = {}
-- -> {seconds, nanoseconds} of a clock that only runs forward; with an earlier result, the time since then
setmetatable(hrtime, {
  __call = function(_, time)
    if time == process then wrong_dot "hrtime" end
    local sec, nsec = monotonic()
    if time ~= nil then
      validators.validateArray(time, "time")
      if #time ~= 2 then error(errors.ERR_OUT_OF_RANGE("time", "2", #time), 0) end
      sec, nsec = sec - time[1], nsec - time[2]
      if nsec < 0 then sec, nsec = sec - 1, nsec + 1000000000 end
    end
    return shape.list { sec, nsec }
  end,
})
-- -> nanoseconds as a 64-bit integer
function hrtime.bigint()
  local sec, nsec = monotonic()
  return ffi.cast("uint64_t", sec) * 1000000000ULL + ffi.cast("uint64_t", nsec)
end
constant("hrtime", hrtime)

define("uptime", function() return (core.loop.hrtime() - sys.started) / 1e9 end)

-- ---- resources

local memoryUsage = {}
setmetatable(memoryUsage, {
  __call = function(_, self)
    if self == process then wrong_dot "memoryUsage" end
    local heap = collectgarbage "count" * 1024
    return shape.dict { rss = sys.rss(), heapTotal = heap, heapUsed = heap, external = sys.external(), arrayBuffers = sys.external() }
  end,
})
function memoryUsage.rss() return sys.rss() end
constant("memoryUsage", memoryUsage)

-- previous: an earlier result. -> {user, system} in microseconds
define("cpuUsage", function(previous)
  local r = sys.rusage()
  local user, system = r.userCPUTime, r.systemCPUTime
  if previous ~= nil then
    validators.validateObject(previous, "prevValue")
    for _, name in ipairs { "user", "system" } do
      local value = previous[name]
      if type(value) ~= "number" then error(ARG_TYPE("prevValue." .. name, "number", value), 0) end
      if not (value >= 0 and value < 2 ^ 53) then
        local err = errors.RangeError(errors.ERR_INVALID_ARG_VALUE("prevValue." .. name, value).message)
        rawset(err, "code", "ERR_INVALID_ARG_VALUE")
        rawset(err, "_coded", true)
        error(err, 0)
      end
    end
    user, system = user - previous.user, system - previous.system
  end
  return shape.dict { user = user, system = system }
end)

define("resourceUsage", function() return shape.dict(sys.rusage()) end)

define("constrainedMemory", function() return (select(3, sys.memory())) end)
define("availableMemory", function() return (sys.memory()) end)

local resource_names = {
  ["lunode.tcp"] = "TCPSocketWrap", ["lunode.pipe"] = "PipeWrap", ["lunode.tty"] = "TTYWrap", ["lunode.udp"] = "UDPWrap",
  ["lunode.signal"] = "SignalWrap", ["lunode.process"] = "ProcessWrap", ["lunode.timer"] = "Timeout",
}
define("getActiveResourcesInfo", function()
  local list = {}
  for _, entry in ipairs(core.handle.active(true)) do
    local owner = entry[2].owner
    if type(owner) == "table" and owner.listening ~= nil then list[#list + 1] = entry[1] == "lunode.tcp" and "TCPServerWrap" or "PipeServerWrap"
    elseif entry[1] ~= "lunode.timer" then list[#list + 1] = resource_names[entry[1]] or entry[1] end
  end
  local timers = package.loaded["lunode.internal.timers"]
  if timers then
    local refs, immediates = timers.active()
    for _ = 1, refs do list[#list + 1] = "Timeout" end
    for _ = 1, immediates do list[#list + 1] = "Immediate" end
  end
  return shape.list(list)
end)

-- ---- leaving

rawset(process, "_exiting", false)
local exit_code

-- An integer, or text that is one; nil for none.
local function check_code(value, name)
  if value == nil or value == errors.null then return nil end
  if type(value) == "string" and value ~= "" and tonumber(value) then value = tonumber(value) end
  if type(value) ~= "number" then error(ARG_TYPE(name, "number", value), 0) end
  validators.validateInteger(value, name)
  return value
end

Process:accessor("exitCode", function() return exit_code end, function(_, value) exit_code = check_code(value, "code") end)

-- code: an integer, by default process.exitCode, else 0. 'exit' is emitted once; nothing pending runs any more.
define("exit", function(code)
  if code ~= nil then exit_code = check_code(code, "code") end
  if not process._exiting then
    rawset(process, "_exiting", true)
    process:emit("exit", exit_code or 0)
  end
  process.reallyExit(exit_code or 0)
end)

define("reallyExit", function(code) core.loop.exit(bit.band(code or 0, 255)) end)

-- The end of the program when nothing is left to do. -> exit code
define("_leave", function(default)
  if default and exit_code == nil then exit_code = default end
  if not process._exiting then
    rawset(process, "_exiting", true)
    local trace
    local ok, e = xpcall(process.emit, function(e)
      trace = debug.traceback("", 2)
      return e
    end, process, "exit", exit_code or 0)
    if not ok then require("lunode.internal.uncaught").report(e, trace) end
  end
  return bit.band(exit_code or 0, 255)
end)

define("abort", function()
  core.loop.flush()
  sys.abort()
end)

-- ---- signals

local numbers
local function signal_numbers()
  numbers = numbers or core.signal.numbers()
  return numbers
end

define("_kill", function(pid, number) return sys.kill(pid, number) end)

-- signal: a name, or a number; 0 only asks whether the process exists.
define("kill", function(pid, signal)
  if type(pid) == "string" and pid:find "^%-?%d+$" then pid = tonumber(pid) end
  if signal == errors.null then signal = nil end
  if type(pid) ~= "number" or pid % 1 ~= 0 or pid < -2147483648 or pid > 2147483647 then error(ARG_TYPE("pid", "number", pid), 0) end
  local number
  if type(signal) == "number" then
    number = signal
    if number % 1 ~= 0 then error(errors.ERR_UNKNOWN_SIGNAL(errors.number(number)), 0) end
  else
    if signal == nil then signal = "SIGTERM" end
    number = signal_numbers()[signal]
    if not number then error(errors.ERR_UNKNOWN_SIGNAL(tostring(signal)), 0) end
  end
  core.loop.flush() -- it may end this process
  local code = process._kill(pid, number)
  if type(code) == "number" and code ~= 0 then error(errors.errnoException(code, "kill"), 0) end
  return true
end)

local watchers = {}

local function on_signal(name, number) process:emit(name, name, number) end

-- The first listener of a signal starts its handle, the last one to go stops it: then the default action is back.
local function watch(name)
  if watchers[name] or type(name) ~= "string" or name:sub(1, 3) ~= "SIG" then return end
  local number = signal_numbers()[name]
  if not number then return end
  local handle, code = core.signal.new(number)
  if not handle then error(errors.errnoException(code, "uv_signal_start"), 0) end
  handle.owner, handle.onsignal = name, on_signal
  watchers[name] = handle
end

local function unwatch(name)
  local handle = watchers[name]
  if handle and process:listenerCount(name) == 0 then
    watchers[name] = nil
    handle:close()
  end
end

-- ---- ticks, warnings, errors

-- callback runs before anything else that is pending, with the arguments behind it.
rawset(process, "nextTick", function(callback, ...)
  if callback == process then wrong_dot "nextTick" end
  local fn = validators.callback(callback, "callback")
  if process._exiting then return end
  return queue.nextTick(fn, ...)
end)

-- warning: text or an Error; type: a name, or {type, code, detail} (Node 20 docs: process.emitWarning)
define("emitWarning", function(warning, kind, code) return require("lunode.internal.warning").emitWarning(process, warning, kind, code) end)

rawset(process, "_capture", false)
define("setUncaughtExceptionCaptureCallback", function(fn)
  local domain = package.loaded["lunode.domain"]
  if type(domain) == "table" then -- it has a use of its own for what nobody caught
    local e = errors.ERR_DOMAIN_CANNOT_SET_UNCAUGHT_EXCEPTION_CAPTURE()
    e.stack = e.stack .. "\n" .. ("-"):rep(40) .. "\n" .. domain._required
    error(e, 0)
  end
  if fn == nil or fn == errors.null then
    rawset(process, "_capture", false)
    return
  end
  if type(fn) ~= "function" then error(ARG_TYPE("fn", { "Function", "null" }, fn), 0) end
  if process._capture then error(errors.ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET(), 0) end
  rawset(process, "_capture", validators.callback(fn, "fn"))
end)
define("hasUncaughtExceptionCaptureCallback", function() return process._capture ~= false end)

-- ---- the rest

-- A module of Lunode by its name, or nil.
define("getBuiltinModule", function(id)
  validators.validateString(id, "id")
  local loader = require "lunode.internal.loader"
  local full = loader.builtins[id:match "^node:(.*)$" or id]
  if not full then return nil end
  local ok, module = pcall(require, full)
  return ok and module or nil
end)

define("dlopen", errors.notImplemented "process.dlopen")

local stdio
local function stream(name)
  return function()
    stdio = stdio or require "lunode.internal.stdio"
    local made = stdio[name]()
    if rawget(process, "_resize") == nil and name ~= "stdin" and made.isTTY then
      rawset(process, "_resize", true)
      process:on("SIGWINCH", stdio.resized)
    end
    return made
  end
end
-- Assigning replaces them, as tests do.
for _, name in ipairs { "stdin", "stdout", "stderr" } do
  Process:accessor(name, stream(name), function(self, value) rawset(self, name, value) end)
end

-- Published before listeners are added, which may ask for it.
package.loaded["lunode.process"] = process
process:on("newListener", watch)
process:on("removeListener", unwatch)
process:on("warning", function(warning) return require("lunode.internal.warning").print(process, warning) end)

-- The channel to the parent that forked this process (Node 20 docs: process.send).
local channel_fd, channel_mode = env.NODE_CHANNEL_FD, env.NODE_CHANNEL_SERIALIZATION_MODE
if channel_fd then
  env.NODE_CHANNEL_FD, env.NODE_CHANNEL_SERIALIZATION_MODE = nil, nil
  channel_fd = channel_fd:match "^%d+$" and tonumber(channel_fd)
  if channel_fd then require("lunode.internal.channel").adopt(process, define, channel_fd, channel_mode) end
end

-- ---- signatures, for the reference (docs/api/README.md)
-- abort(): ends the process with SIGABRT
-- availableMemory, constrainedMemory() -> integer: bytes
-- chdir(directory: string)
-- cpuUsage(previous?: table) -> table: { user, system }, microseconds
-- cwd() -> string
-- dlopen(...): absent: raises ERR_METHOD_NOT_IMPLEMENTED
-- emitWarning(warning: string|Error, options?: table|string, code?: string)
-- exit(code?: integer): after the 'exit' event
-- getActiveResourcesInfo() -> string[]
-- getBuiltinModule(name: string) -> any: or nil
-- getuid, geteuid, getgid, getegid() -> integer
-- getgroups() -> integer[]
-- hasUncaughtExceptionCaptureCallback() -> boolean
-- initgroups(user: string|integer, group: string|integer)
-- kill(pid: integer, signal?: string|integer) -> boolean
-- loadEnvFile(path?: string): by default ".env"
-- reallyExit(code?: integer): without the 'exit' event
-- resourceUsage() -> table
-- setUncaughtExceptionCaptureCallback(fn: fun(err: any)|nil)
-- setuid, seteuid, setgid, setegid(id: string|integer)
-- setgroups(groups: table)
-- umask(mask?: integer|string) -> integer: the one before
-- uptime() -> number: seconds

return process
