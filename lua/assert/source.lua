-- SPDX-License-Identifier: MIT
--
-- The text of a call that is running, for the message of assert.ok: the call's expression as the caller's file has it.
local errors = require "lunode.internal.errors"

local getinfo = debug.getinfo

local M = {}

-- ---- files

local files, held = {}, 0

local function lines_of(path)
  local lines = files[path]
  if lines ~= nil then return lines end
  lines = false
  local file = io.open(path, "r")
  if file then
    local text = file:read "*a"
    file:close()
    lines = {}
    if text then
      for line in (text .. "\n"):gmatch "(.-)\r?\n" do lines[#lines + 1] = line end
    end
  end
  if held >= 20 then files, held = {}, 0 end
  files[path], held = lines, held + 1
  return lines
end

-- ---- the text of one call

local MOST = 200 -- lines of a call

local CLOSE = { ["("] = ")", ["["] = "]", ["{"] = "}" }

-- The position behind a string, comment or template that begins at i, else nil.
local function skip(text, i, lua)
  local c = text:sub(i, i)
  if c == "'" or c == '"' or not lua and c == "`" then
    local j = i + 1
    while j <= #text do
      local d = text:sub(j, j)
      if d == "\\" then j = j + 1
      elseif d == c then return j + 1 end
      j = j + 1
    end
    return #text + 1
  end
  if lua then
    local level = text:match("^%-%-%[(=*)%[", i) or text:match("^%[(=*)%[", i)
    if level then
      local _, stop = text:find("]" .. level .. "]", i, true)
      return (stop or #text) + 1
    end
    if text:find("^%-%-", i) then return (text:find("\n", i, true) or #text + 1) end
    return nil
  end
  if text:find("^//", i) then return text:find("\n", i, true) or #text + 1 end
  if text:find("^/%*", i) then
    local _, stop = text:find("*/", i, true)
    return (stop or #text) + 1
  end
  -- a regular expression stands where a value begins
  if c == "/" and text:sub(1, i - 1):find "[%(%[{,;:=!&|?+%-*%%<>~^]%s*$" then
    local j, set = i + 1, false
    while j <= #text do
      local d = text:sub(j, j)
      if d == "\\" then j = j + 1
      elseif d == "[" then set = true
      elseif d == "]" then set = false
      elseif d == "/" and not set then return j + 1
      elseif d == "\n" then return nil end
      j = j + 1
    end
  end
end

-- Where the bracket that opens at i closes.
local function closing(text, i, lua)
  local stack = {}
  while i <= #text do
    local after = skip(text, i, lua)
    if after then
      i = after
    else
      local c = text:sub(i, i)
      if CLOSE[c] then stack[#stack + 1] = CLOSE[c]
      elseif c == ")" or c == "]" or c == "}" then
        if stack[#stack] ~= c then return nil end
        stack[#stack] = nil
        if #stack == 0 then return i end
      end
      i = i + 1
    end
  end
end

-- Behind the blanks at i.
local function past_blanks(text, i) return text:match("^%s*()", i) end

local NAME = "^[%a_$\128-\255][%w_$\128-\255]*()"

-- The calls in the chain that begins at i (a.b["c"](…).d(…)): calls[n] = { start, stop, name, arguments }; where its first part ends.
local function chain(text, i, lua, calls)
  local start, name, first = i, nil, nil
  if text:sub(i, i) == "(" then
    local close = closing(text, i, lua)
    if not close then return i + 1 end
    i, first = close + 1, start + 1
  else
    i = text:match(NAME, i)
    name, first = text:sub(start, i - 1), i
  end
  while true do
    local at = past_blanks(text, i)
    local dot = text:match("^%??%.%s*()", at) or lua and text:match("^:%s*()", at)
    local stop = dot and text:match(NAME, dot)
    local c = text:sub(dot or at, dot or at)
    if stop then
      name, i = text:sub(dot, stop - 1), stop
    elseif c == "[" and not text:find("^%[=*%[", at) then
      local close = closing(text, dot or at, lua)
      if not close then break end
      name = text:sub((dot or at) + 1, close - 1):match "^%s*['\"](.*)['\"]%s*$"
      i = close + 1
    elseif c == "(" then
      local close = closing(text, dot or at, lua)
      if not close then break end
      calls[#calls + 1] = { start, close, name, text:sub((dot or at) + 1, close - 1) }
      name, i = nil, close + 1
    elseif lua and text:find("^[\"'{]", at) or lua and text:find("^%[=*%[", at) then -- f "text", f {table}
      local stop_at = c == "{" and closing(text, at, lua) or c ~= "{" and (skip(text, at, lua) or 0) - 1
      if not stop_at or stop_at < at then break end
      calls[#calls + 1] = { start, stop_at, name, text:sub(at, stop_at) }
      name, i = nil, stop_at + 1
    else
      break
    end
  end
  return first
end

local WORDS = {}
for word in ("if while for switch catch function return typeof await void delete new in of case else do throw yield and or not then local until elseif async"):gmatch "%S+" do
  WORDS[word] = true
end

-- Is the argument's text one that is true?
local function is_true(arguments, lua)
  local text = arguments:match "^%s*(.-)%s*$"
  if text == "true" then return true end
  local number = tonumber(text)
  if number then return lua or number ~= 0 end
  return text:find "^'[^']+'$" ~= nil or text:find '^"[^"]+"$' ~= nil
end

-- The call of a function that is written `name` (or assert, or any) which begins on the first line of text.
local function call_in(text, name, lua)
  local line_end = text:find("\n", 1, true) or #text + 1
  local best, rank
  local i, after_dot = 1, false
  while i < line_end do
    local behind = skip(text, i, lua)
    local c = text:sub(i, i)
    if behind then
      i, after_dot = behind, false
    elseif not after_dot and (c == "(" or text:find(NAME, i)) then
      local word = text:match("^[%a_]+", i)
      if word and WORDS[word] and not text:find("^[%w_$.]", i + #word) then
        i = i + #word
      else
        local calls = {}
        i = chain(text, i, lua, calls)
        for n = 1, #calls do
          local call = calls[n]
          local last = call[3] or ""
          local weight = (last == name and 3 or (last:lower():find("assert", 1, true) or last == "ok" or last == "strict") and 2 or 1)
            - (is_true(call[4], lua) and 3 or 0)
          if not best or weight > rank then best, rank = call, weight end
        end
      end
    else
      local stop = text:match(NAME, i)
      after_dot = c == "." or after_dot and c:find "%s" ~= nil
      i = stop or i + 1
    end
  end
  if best then return text:sub(best[1], best[2]), best[1] end
end

-- Lines behind the first lose what stood in front of the call.
local function unindent(text, column)
  return (text:gsub("\n([ \t]*)", function(blanks) return "\n" .. blanks:sub(column) end))
end

-- expression(path, line, name) -> the text of the call there, or nil
function M.expression(path, line, name)
  local lines = lines_of(path)
  if not lines or not lines[line] then return nil end
  local last = math.min(#lines, line + MOST)
  local text, start = call_in(table.concat(lines, "\n", line, last), name, not path:find "%.[cm]?js$")
  return text and unindent(text, start) or nil
end

-- ---- who calls

-- The nearest frame of the program's own code: path, line and the name by which it calls the library.
function M.caller()
  local level, name = 2, nil
  while true do
    local info = getinfo(level, "Sln")
    if not info then return nil end
    if info.what ~= "C" and not errors.is_internal(info.source) and info.currentline > 0 then
      local path = info.source:match "^@(.*)"
      if not path then return nil end
      return path, info.currentline, name
    end
    name = info.name
    level = level + 1
  end
end

function M.message()
  local path, line, name = M.caller()
  local text = path and M.expression(path, line, name)
  if text then return "The expression evaluated to a falsy value:\n\n  " .. text:gsub("\n", "\n  ") .. "\n" end
  return nil
end

return M
