-- SPDX-License-Identifier: MIT
--
-- child_process: what wrong arguments are answered with. The messages are those of Node 20.
local test = require "../support/test"
local child_process = require "child_process"
local null = require("lunode").null
local fork, spawn = child_process.fork, child_process.spawn

-- {the call's arguments …}, code, message
local function refuses(t, fn, cases)
  for _, case in ipairs(cases) do
    local e = t:throws(function() fn(unpack(case[1], 1, 4)) end, { code = case[2], message = case[3] })
    t:equal(e.name, case[2] == "ERR_OUT_OF_RANGE" and "RangeError" or (case[2]:find "_IPC_") and "Error" or "TypeError")
  end
end
local TYPE, VALUE, RANGE = "ERR_INVALID_ARG_TYPE", "ERR_INVALID_ARG_VALUE", "ERR_OUT_OF_RANGE"

test("spawn: file and arguments", function(t)
  refuses(t, spawn, {
    { {}, TYPE, 'The "file" argument must be of type string. Received undefined' },
    { { 5 }, TYPE, 'The "file" argument must be of type string. Received type number (5)' },
    { { "" }, VALUE, "The argument 'file' cannot be empty. Received ''" },
    { { "tr\0ue" }, VALUE, "The argument 'file' must be a string without null bytes. Received 'tr\\x00ue'" },
    { { "true", 5 }, TYPE, 'The "args" argument must be of type object. Received type number (5)' },
    { { "true", "x" }, TYPE, "The \"args\" argument must be of type object. Received type string ('x')" },
    { { "true", { "a", "b\0" } }, VALUE, "The argument 'args[1]' must be a string without null bytes. Received 'b\\x00'" },
    { { "true", {}, 5 }, TYPE, 'The "options" argument must be of type object. Received type number (5)' },
  })
end)

test("spawn: options", function(t)
  local function with(name, value) return { "true", {}, { [name] = value } } end
  refuses(t, spawn, {
    { with("cwd", 5), TYPE, 'The "options.cwd" property must be of type string or an instance of Buffer or URL. Received type number (5)' },
    { with("cwd", "a\0"), VALUE, "The property 'options.cwd' must be a string, Uint8Array, or URL without null bytes. Received 'a\\x00'" },
    { with("detached", 5), TYPE, 'The "options.detached" property must be of type boolean. Received type number (5)' },
    { with("uid", "a"), TYPE, "The \"options.uid\" property must be int32. Received type string ('a')" },
    { with("gid", 1.5), TYPE, 'The "options.gid" property must be int32. Received type number (1.5)' },
    { with("uid", 4294967296), TYPE, 'The "options.uid" property must be int32. Received type number (4294967296)' },
    { with("shell", 5), TYPE, 'The "options.shell" property must be one of type boolean or string. Received type number (5)' },
    { with("shell", "a\0"), VALUE, "The property 'options.shell' must be a string without null bytes. Received 'a\\x00'" },
    { with("argv0", 5), TYPE, 'The "options.argv0" property must be of type string. Received type number (5)' },
    { with("argv0", "a\0"), VALUE, "The property 'options.argv0' must be a string without null bytes. Received 'a\\x00'" },
    { with("env", { ["a\0"] = "b" }), VALUE, "The property 'options.env['a\0']' must be a string without null bytes. Received 'a\\x00'" },
    { with("env", { a = "b\0" }), VALUE, "The property 'options.env['a']' must be a string without null bytes. Received 'b\\x00'" },
    { with("timeout", -1), RANGE, 'The value of "timeout" is out of range. It must be an unsigned integer. Received -1' },
    { with("timeout", 1.5), RANGE, 'The value of "timeout" is out of range. It must be an unsigned integer. Received 1.5' },
    { with("timeout", "1"), RANGE, "The value of \"timeout\" is out of range. It must be an unsigned integer. Received '1'" },
    { with("killSignal", "SIGFOO"), "ERR_UNKNOWN_SIGNAL", "Unknown signal: SIGFOO" },
    { with("killSignal", 500), "ERR_UNKNOWN_SIGNAL", "Unknown signal: 500" },
    { with("killSignal", true), TYPE, 'The "options.killSignal" property must be one of type string or number. Received type boolean (true)' },
    { with("signal", 5), TYPE, 'The "options.signal" property must be an instance of AbortSignal. Received type number (5)' },
    { with("serialization", "foo"), VALUE, "The property 'options.serialization' must be one of: undefined, 'json', 'advanced'. Received 'foo'" },
    { with("windowsHide", 5), TYPE, 'The "options.windowsHide" property must be of type boolean. Received type number (5)' },
    { with("windowsVerbatimArguments", 5), TYPE, 'The "options.windowsVerbatimArguments" property must be of type boolean. Received type number (5)' },
  })
end)

test("spawn: stdio", function(t)
  local function with(value) return { "true", {}, { stdio = value } } end
  refuses(t, spawn, {
    { with "foo", VALUE, "The argument 'stdio' is invalid. Received 'foo'" },
    { with(5), VALUE, "The argument 'stdio' is invalid. Received 5" },
    { with { "pipe", "foo" }, "ERR_INVALID_SYNC_FORK_INPUT", "Asynchronous forks do not support Buffer, TypedArray, DataView or string input: 'foo'" },
    { with { Buffer.from "x" }, "ERR_INVALID_SYNC_FORK_INPUT", "Asynchronous forks do not support Buffer, TypedArray, DataView or string input: <Buffer 78>" },
    { with { "ipc", "ipc" }, "ERR_IPC_ONE_PIPE", "Child process can have only one IPC pipe" },
    { with { "pipe", true }, VALUE, "The argument 'stdio' is invalid. Received true" },
    { with { "pipe", { a = 1 } }, VALUE, "The argument 'stdio' is invalid. Received { a: 1 }" },
  })
end)

test("a closed stream cannot be stdio", function(t)
  local child = spawn("true", { stdio = { "ignore", "pipe", "ignore" } })
  local handle = child.stdout._handle
  child:on("close", t:called(function()
    t:throws(function() spawn("true", { stdio = { "ignore", child.stdout } }) end, VALUE)
    t:throws(function() spawn("true", { stdio = { "ignore", handle } }) end, VALUE)
  end))
end)

test("null and nil are the same everywhere", function(t)
  local none = {}
  for _, name in ipairs { "cwd", "env", "argv0", "stdio", "detached", "uid", "gid", "shell", "timeout", "killSignal", "signal", "serialization" } do none[name] = null end
  for _, args in ipairs { { "true" }, { "true", nil, nil }, { "true", null, null }, { "true", {}, none }, { "true", none } } do
    spawn(unpack(args, 1, 3)):on("exit", t:called(function(code) t:equal(code, 0) end))
  end
  t:equal(child_process.spawnSync("true", null, none).status, 0)
  child_process.execFile("true", null, none, t:called(function(e) t:equal(e, nil) end))
end)

test("exec and execFile", function(t)
  refuses(t, child_process.exec, {
    { { 5 }, TYPE, 'The "command" argument must be of type string. Received type number (5)' },
    { { "a\0b" }, VALUE, "The argument 'command' must be a string without null bytes. Received 'a\\x00b'" },
    { { "true", 5 }, TYPE, 'The "options" argument must be of type object. Received type number (5)' },
    { { "true", { maxBuffer = -1 } }, RANGE, 'The value of "options.maxBuffer" is out of range. It must be a positive number. Received -1' },
    { { "true", { maxBuffer = "a" } }, RANGE, "The value of \"options.maxBuffer\" is out of range. It must be a positive number. Received 'a'" },
    { { "true", { maxBuffer = 0 / 0 } }, RANGE, 'The value of "options.maxBuffer" is out of range. It must be a positive number. Received NaN' },
    { { "true", { timeout = 1.5 } }, RANGE, 'The value of "timeout" is out of range. It must be an unsigned integer. Received 1.5' },
    { { "true", {}, 5 }, TYPE, 'The "callback" argument must be of type function. Received type number (5)' },
  })
  refuses(t, child_process.execFile, {
    { { 5 }, TYPE, 'The "file" argument must be of type string. Received type number (5)' },
    { { "true", {}, {}, 5 }, TYPE, 'The "callback" argument must be of type function. Received type number (5)' },
    { { "true", 5 }, TYPE, 'The "args" argument must be of type object. Received type number (5)' },
    { { "true", "a" }, TYPE, "The \"args\" argument must be of type object. Received type string ('a')" },
    { { "true", {}, { killSignal = "X" } }, "ERR_UNKNOWN_SIGNAL", "Unknown signal: X" },
  })
end)

test("fork", function(t)
  refuses(t, fork, {
    { { 5 }, TYPE, 'The "modulePath" argument must be of type string or an instance of Buffer or URL. Received type number (5)' },
    { { "a\0" }, VALUE, "The argument 'modulePath' must be a string, Uint8Array, or URL without null bytes. Received 'a\\x00'" },
    { { "a", 5 }, TYPE, 'The "args" argument must be an instance of Array. Received type number (5)' },
    { { "a", {}, 5 }, TYPE, 'The "options" argument must be of type object. Received type number (5)' },
    { { "a", {}, { stdio = { "pipe" } } }, "ERR_CHILD_PROCESS_IPC_REQUIRED", "Forked processes must have an IPC channel, missing value 'ipc' in options.stdio" },
    { { "a", {}, { execPath = "a\0" } }, VALUE, "The property 'options.execPath' must be a string without null bytes. Received 'a\\x00'" },
    { { "a", {}, { execArgv = { "a\0" } } }, VALUE, "The property 'options.execArgv[0]' must be a string without null bytes. Received 'a\\x00'" },
    { { "a", {}, { stdio = "foo" } }, VALUE, "The argument 'stdio' is invalid. Received 'foo'" },
    { { "a", { "b\0" } }, VALUE, nil },
  })
end)

test("the synchronous forms", function(t)
  local function with(name, value) return { "true", {}, { [name] = value } } end
  refuses(t, child_process.spawnSync, {
    { {}, TYPE, 'The "file" argument must be of type string. Received undefined' },
    { with("input", 5), TYPE, 'The "options.stdio[0]" property must be of type string or an instance of Buffer, TypedArray, or DataView. Received type number (5)' },
    { with("maxBuffer", -1), RANGE, 'The value of "options.maxBuffer" is out of range. It must be a positive number. Received -1' },
    { with("timeout", -1), RANGE, 'The value of "timeout" is out of range. It must be an unsigned integer. Received -1' },
    { with("killSignal", "X"), "ERR_UNKNOWN_SIGNAL", "Unknown signal: X" },
    { with("stdio", { "pipe", "ipc" }), "ERR_IPC_SYNC_FORK", "IPC cannot be used with synchronous forks" },
    { with("stdio", "foo"), VALUE, "The argument 'stdio' is invalid. Received 'foo'" },
    { with("stdio", { { input = 5 } }), VALUE, "The argument 'stdio' is invalid. Received { input: 5 }" },
  })
  refuses(t, child_process.execSync, {
    { {}, TYPE, 'The "command" argument must be of type string. Received undefined' },
    { { "a\0" }, VALUE, "The argument 'command' must be a string without null bytes. Received 'a\\x00'" },
    { { "true", 5 }, TYPE, 'The "options" argument must be of type object. Received type number (5)' },
  })
  refuses(t, child_process.execFileSync, { { { 5 }, TYPE, 'The "file" argument must be of type string. Received type number (5)' } })
end)

test("what was refused leaves no descriptor behind", function(t)
  local fs = require "fs"
  local before
  for i = 1, 50 do
    pcall(spawn, "true", { stdio = { "pipe", "pipe", "pipe", "ipc", "ipc" } })
    pcall(spawn, "true", { ("x"):rep(300000) })
    pcall(spawn, "true", { stdio = { "pipe", "pipe", 999 } })
    if i == 5 then
      await(Promise(function(resolve) setTimeout(resolve, 5) end))
      before = #fs.readdirSync "/proc/self/fd"
    end
  end
  await(Promise(function(resolve) setTimeout(resolve, 5) end))
  t:equal(#fs.readdirSync "/proc/self/fd", before)
end)
