-- SPDX-License-Identifier: MIT
--
-- What spawn, exec, fork and the synchronous forms accept (Node 20 docs: Child process).
--
--   options.spawn(file, args, options) -> what ChildProcess:spawn and core.spawn.sync take: a new table with file, args
--       (the name that the child sees first), envPairs (nil: the environment of this process), and the user's options
--   options.kill_signal(value) -> a number or nil     options.timeout(value) options.max_buffer(value) raise
--   options.signal_number(signal) -> a number         options.signal_name(number) -> "SIGTERM"
--   options.is_list(t) -> whether it can be a list of arguments
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"

local type, error, tostring, pairs, next, getmetatable = type, error, tostring, pairs, next, getmetatable
local ARG_TYPE, ARG_VALUE, RANGE = errors.ERR_INVALID_ARG_TYPE, errors.ERR_INVALID_ARG_VALUE, errors.ERR_OUT_OF_RANGE
local null = errors.null

local M = {}

-- ---- signals

local numbers, names
local function load_signals()
  numbers, names = core.signal.numbers(), {}
  for name, number in pairs(numbers) do
    if name ~= "SIGIOT" and name ~= "SIGPOLL" then names[number] = name end
  end
end

-- signal: a name in any case, or a number. ERR_UNKNOWN_SIGNAL.
function M.signal_number(signal)
  if not numbers then load_signals() end
  local number
  if type(signal) == "number" then number = names[signal] and signal
  elseif type(signal) == "string" then number = numbers[signal:upper()] end
  if not number then error(errors.ERR_UNKNOWN_SIGNAL(type(signal) == "number" and errors.number(signal) or tostring(signal)), 0) end
  return number
end

function M.signal_name(number)
  if not numbers then load_signals() end
  return names[number] or tostring(number)
end

function M.kill_signal(value)
  if value == nil or value == null then return nil end
  if type(value) ~= "string" and type(value) ~= "number" then error(ARG_TYPE("options.killSignal", { "string", "number" }, value), 0) end
  return M.signal_number(value)
end

-- ---- limits

-- ms, an integer; nil: none.
function M.timeout(value)
  if value == nil or value == null then return end
  if type(value) ~= "number" or not (value >= 0 and value % 1 == 0) then error(RANGE("timeout", "an unsigned integer", value), 0) end
end

function M.max_buffer(value)
  if value == nil or value == null then return end
  if type(value) ~= "number" or not (value >= 0) then error(RANGE("options.maxBuffer", "a positive number", value), 0) end
end

-- ---- text

-- As text; numbers and booleans are what a command line makes of them.
local function text_of(value)
  if type(value) == "number" then return errors.number(value) end
  return tostring(value)
end

local function no_nul(text, name)
  if type(text) == "string" and text:find("\0", 1, true) then error(ARG_VALUE(name, text, "must be a string without null bytes"), 0) end
end
M.no_nul = no_nul

function M.text(value, name)
  validators.validateString(value, name)
  no_nul(value, name)
end

-- Every element as text, without NUL.
local function text_list(list, name)
  local out = {}
  for i = 1, #list do
    local text = text_of(list[i])
    no_nul(text, name .. "[" .. i - 1 .. "]")
    out[i] = text
  end
  return out
end
M.text_list = text_list

function M.is_list(t) return validators.is_list(t) or type(t) == "table" and next(t) == nil and getmetatable(t) == nil end

-- ---- environment

-- "NAME=value" for every variable, sorted by name.
function M.pairs_of(env)
  local list = {}
  local step, state, first = pairs(env)
  local properties = validators.door.properties
  if properties then
    local own = properties(env)
    if own then step, state, first = own, nil, nil end
  end
  for name, value in step, state, first do
    if value ~= null then
      name, value = text_of(name), text_of(value)
      local place = "options.env['" .. name .. "']"
      no_nul(name, place)
      no_nul(value, place)
      list[#list + 1] = name .. "=" .. value
    end
  end
  table.sort(list)
  return list
end

-- Of this process, as process.env has it.
function M.environment()
  local process = require "lunode.process"
  process._syncEnv()
  return process.env
end

-- ---- everything

local function boolean(options, name)
  local value = options[name]
  if value ~= nil and value ~= null then validators.validateBoolean(value, "options." .. name) end
end

local function id(options, name)
  local value = options[name]
  if value == nil or value == null then return nil end
  if type(value) ~= "number" or value % 1 ~= 0 or value < -2147483648 or value > 2147483647 then
    error(ARG_TYPE("options." .. name, "int32", value), 0)
  end
  return value
end

-- spawn(file, args?, options?): args and options may be left out.
function M.spawn(file, args, options)
  M.text(file, "file")
  if file == "" then error(ARG_VALUE("file", file, "cannot be empty"), 0) end
  if args == nil or args == null then
    args = {}
  elseif not M.is_list(args) then
    if type(args) ~= "table" then error(ARG_TYPE("args", "object", args), 0) end
    options, args = args, {}
  end
  args = text_list(args, "args")
  if options == nil or options == null then options = {} else validators.validateObject(options, "options") end

  local out = {}
  for name, value in pairs(options) do
    if value ~= null or name == "serialization" then out[name] = value end
  end
  options = out
  if options.cwd == "" then out.cwd = nil elseif options.cwd ~= nil then out.cwd = require("lunode.fs.arguments").path(options.cwd, "options.cwd") end
  boolean(options, "detached")
  out.uid, out.gid = id(options, "uid"), id(options, "gid")
  local shell = options.shell
  if shell ~= nil and type(shell) ~= "boolean" and type(shell) ~= "string" then
    error(ARG_TYPE("options.shell", { "boolean", "string" }, shell), 0)
  end
  if options.argv0 ~= nil then M.text(options.argv0, "options.argv0") end
  boolean(options, "windowsHide")
  boolean(options, "windowsVerbatimArguments")
  if shell then
    no_nul(shell, "options.shell")
    local command = #args > 0 and file .. " " .. table.concat(args, " ") or file
    file = type(shell) == "string" and shell ~= "" and shell or "/bin/sh"
    args = { "-c", command }
  end
  table.insert(args, 1, options.argv0 or file)
  out.file, out.args = file, args
  if options.env ~= nil then
    validators.validateObject(options.env, "options.env")
    if options.env == require("lunode.process").env then out.env = nil end
  end
  out.envPairs = out.env and M.pairs_of(out.env) or nil
  if validators.door.wants_this and (shell or file == require("lunode.process").execPath) then -- text for -e is JavaScript as this program is
    out.envPairs = out.envPairs or M.pairs_of(M.environment())
    table.insert(out.envPairs, "LUNODE_LANGUAGE=js")
  end
  out.detached = options.detached == true
  return out
end

return M
