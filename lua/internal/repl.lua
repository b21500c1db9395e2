-- SPDX-License-Identifier: MIT
--
-- The interactive prompt of the command (Node 20 docs: REPL, without its editing).
--
-- Each entry is an expression, whose value is printed, or a chunk; one that is not complete goes on in the next line.
-- It runs in an async coroutine, so await works; lines that come meanwhile wait. Globals persist, locals do not.
-- `_` is the last value printed. An error is printed and ends nothing.
local core = require "lunode.core"
local loader = require "lunode.internal.loader"

local M = {}

local HELP = [[
.break    Forget the lines of an entry that is not complete
.clear    The same
.exit     Leave
.help     Print this
.load     Run the lines of a file:  .load file.lua
]]

local pending = ""  -- lines of an entry so far
local lines = {}    -- read, not yet looked at
local busy, ended = false, false
local process, inspect

local function write(text) process.stdout:write(text) end
local function prompt() write(pending == "" and "> " or "... ") end

local function show_error(value, trace)
  local errors = require "lunode.internal.errors"
  local text
  if type(value) == "string" then
    text = value
    local frames = errors.layout(trace or "", 10)
    if frames ~= "" then text = text .. "\n" .. frames end
  else
    text = inspect(value)
  end
  write("Uncaught " .. text .. "\n")
end

local function incomplete(message)
  return message:find "near '?<eof>'?$" ~= nil or message:find "unfinished long string" ~= nil or message:find "unfinished long comment" ~= nil
end

-- -> chunk, nil, whether it is an expression; or nil, message, whether more lines could complete it
local function compile(text)
  local chunk = loader.compile_expression(text, "=[repl]")
  if chunk then return chunk, nil, true end
  local message
  chunk, message = loader.compile(text, "=[repl]")
  if chunk then return chunk, nil, false end
  local _, other = loader.compile("return " .. text, "=[repl]")
  return nil, message, incomplete(message) or other and incomplete(other)
end

local next_line

local function colors() return process.stdout.isTTY or false end

local function evaluated(is_expression, ok, packed, co)
  if not ok then
    show_error(packed, co and debug.traceback(co, "") or "")
  elseif packed.n > 0 or is_expression then
    _G._ = packed[1]
    local out = {}
    for i = 1, math.max(packed.n, 1) do out[i] = inspect(packed[i], { colors = colors() }) end
    write(table.concat(out, "\t") .. "\n")
  end
  busy = false
  prompt()
  next_line()
end

local function pack(...) return { n = select("#", ...), ... } end

local function evaluate(chunk, is_expression)
  busy = true
  require("lunode.internal.async").start(function() return pack(chunk()) end, function(ok, value, co)
    evaluated(is_expression, ok, value, co)
  end)
end

local commands = {}
commands[".break"] = function() pending = "" end
commands[".clear"] = commands[".break"]
commands[".exit"] = function() process.exit() end
commands[".help"] = function() write(HELP) end
commands[".load"] = function(file)
  local handle, why = io.open(file, "rb")
  if not handle then return write("Failed to load: " .. tostring(why) .. "\n") end
  local text = handle:read "*a"
  handle:close()
  local chunk, message = loader.compile(text, "=[repl]")
  if not chunk then return show_error(message) end
  evaluate(chunk, false)
  return true
end

local function take(line)
  local name, argument = line:match "^%s*(%.%a+)%s*(.-)%s*$"
  if name and (pending == "" or name == ".break" or name == ".clear" or name == ".exit") then
    local command = commands[name]
    if not command then write "Invalid REPL keyword\n" elseif command(argument) then return end
    return prompt()
  end
  local text = pending == "" and line or pending .. "\n" .. line
  if text:find "^%s*$" then return prompt() end
  local chunk, message, flag = compile(text)
  if chunk then
    pending = ""
    return evaluate(chunk, flag)
  end
  if flag then
    pending = text
  else
    pending = ""
    show_error(message)
  end
  prompt()
end

function next_line()
  while not busy and lines[1] do take(table.remove(lines, 1)) end
  if ended and not busy and not lines[1] then
    ended = false
    if process.stdin.isTTY then write "\n" end
  end
end

function M.start()
  process = require "lunode.process"
  inspect = require("lunode.util").inspect
  require("lunode.internal.uncaught").survive = function(err, trace)
    show_error(err, trace)
    prompt()
  end
  write(("Welcome to Lunode v%s (%s).\nType \".help\" for more information.\n"):format(core.version, jit.version))
  prompt()
  local left = ""
  process.stdin:setEncoding "utf8"
  process.stdin:on("data", function(chunk)
    left = left .. chunk
    while true do
      local at = left:find("\n", 1, true)
      if not at then break end
      lines[#lines + 1] = left:sub(1, at - 1):gsub("\r$", "")
      left = left:sub(at + 1)
    end
    next_line()
  end)
  process.stdin:on("end", function()
    if left ~= "" then lines[#lines + 1] = left end
    ended = true
    next_line()
  end)
  if process.stdin.isTTY then
    local warned = false
    process:on("SIGINT", function()
      if pending == "" and warned then process.exit() end
      warned = pending == ""
      pending = ""
      write(warned and "\n(To exit, press Ctrl+C again or Ctrl+D or type .exit)\n" or "\n")
      prompt()
    end)
  end
end

return M
