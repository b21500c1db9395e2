-- SPDX-License-Identifier: MIT
--
-- Where on its line a frame of a stack stood. LuaJIT knows lines only; what was called there, or made, has a name, and where the line has one
-- place that calls a thing of that name, that is the place. Where it has none or two the column stays 1.
--
--   rt.column_of_call(f, file, line, callee) -> the column in f, which was calling callee at that line
--   rt.column_of_error(f, file, line, o)     -> the same for the innermost frame of the error o
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget = L.type, L.getmetatable, L.setmetatable, L.rawget
local find, sub, match, gsub, byte = L.string.find, L.string.sub, L.string.match, L.string.gsub, L.string.byte

local LONGEST = 2000 -- bytes of a line that are looked through: a minified file has but one line

-- ---- lines

local by_file = {}

-- Where each line of the file begins, and the text.
local function lines_of(file, source)
  local known = by_file[file]
  if known and known.source == source then return known, source end
  known = { 1, source = source }
  local n, at = 1, 1
  while true do
    at = find(source, "\n", at, true)
    if not at then break end
    at = at + 1
    n = n + 1
    known[n] = at
  end
  by_file[file] = known
  return known
end

-- The part of the line that is f's own: text, the offset of its first byte, the offset of the line.
local function part(f, file, line)
  local info = rt.finfo(f)
  local source = info and info.chunk and info.chunk.source -- the file may have been loaded again since
  if not source then return nil end
  local lines = lines_of(file, source)
  local from = lines[line]
  if not from then return nil end
  local first, last = from, (lines[line + 1] or #source + 2) - 2
  if info.first and info.kind ~= "program" then
    if info.last < last then last = info.last end
    if info.first + 1 > first then
      first = info.first + 1
      -- not its head: f(a) { … }, a => …
      local body = match(sub(source, first, first + LONGEST), "^[^{=]*()[{=]")
      first = body and first + body or first
    end
  end
  if last - first > LONGEST or last < first then return nil end
  return sub(source, first, last), first, from, source
end

local function column(source, line_start, at)
  return rt.string_length(sub(source, line_start, at - 1)) + 1
end

local function is_identifier(name) return type(name) == "string" and find(name, "^#?[%a_$\128-\255][%w_$\128-\255]*$") ~= nil end

-- The only place in the text that calls `name`, or makes one: for `new name` that of the word `new`. nil where there is none or more.
local function call_of(text, name)
  local at, place = 1, nil
  while true do
    local first, last = find(text, name, at, true)
    if not first then return place end
    at = last + 1
    local before = first > 1 and sub(text, first - 1, first - 1) or ""
    if not find(before, "[%w_$#\128-\255]") and not find(text, "^[%w_$\128-\255]", at) then
      local new = match(sub(text, 1, first - 1), "()new%s+[%w_$.]*$")
      local declared = find(sub(text, 1, first - 1), "function%s*%*?%s*$") or find(sub(text, 1, first - 1), "class%s+$")
      local called = match(text, "^%s*()%(", at)
      local optional = match(text, "^%s*%?%.%s*()%(", at)
      if called and match(text, "^%s*%b()%s*{", at) and not new then called = false end -- a method's definition
      if (called or optional or new) and not declared then
        if place then return nil end
        place = new or optional or (byte(name) == 35 and called) or first -- V8 has the parenthesis of f?.() and #f()
      end
    end
  end
end

local function commented(text, place)
  local head = sub(text, 1, place - 1)
  return find(head, "//", 1, true) or find(head, "/*", 1, true)
end

local function look_for_call(f, file, line, name)
  if not is_identifier(name) then return nil end
  local text, first, from, source = part(f, file, line)
  if not text then return nil end
  local place = call_of(text, name)
  if place and not commented(text, place) then return column(source, from, first + place - 1) end
end

local looked = setmetatable({}, { __mode = "k" }) -- what is known of a function -> line -> name -> column or false

local function at_call(f, file, line, name)
  local info = rt.finfo(f)
  if not info or not name then return nil end
  local lines = looked[info]
  if not lines then
    lines = {}
    looked[info] = lines
  end
  local names = lines[line]
  if not names then
    names = {}
    lines[line] = names
  end
  local at = names[name]
  if at == nil then
    at = look_for_call(f, file, line, name) or false
    names[name] = at
  end
  return at
end

function rt.column_of_call(f, file, line, callee)
  local info = callee and rt.finfo(callee)
  if not info then return 1 end
  local at = at_call(f, file, line, rt.function_name(callee))
  if not at and (info.kind == "base" or info.kind == "derived") then at = at_call(f, file, line, "super") end
  return at or 1
end

-- ---- errors of the language itself, which say what stood there

-- The only match of the pattern, which captures a position.
local function only(text, pattern)
  local place = match(text, pattern)
  if not place or commented(text, place) then return nil end
  local _, last = find(text, pattern)
  if find(text, pattern, last) then return nil end
  return place
end

local function quoted(text) return (gsub(text, "%W", "%%%0")) end

local function told(text, message)
  local name = match(message, "^([%w_$.#]+) is not a function$")
  if name then
    local last = match(name, "([^.]+)$")
    return only(text, "%f[%w_$#]" .. quoted(sub(name, 1, -#last - 1)) .. "()" .. quoted(last) .. "%s*%??%.?%(")
  end
  name = match(message, "^([%w_$]+) is not defined$")
  if name then return only(text, "%f[%w_$]()" .. quoted(name) .. "%f[^%w_$]") end
  name = match(message, "^Cannot read properties of .* %(reading '([%w_$]+)'%)$")
  if name and not find(text, "%." .. quoted(name) .. "%s*[+%-*/%%&|^<>?]+=") and not find(text, "%." .. quoted(name) .. "%s*[+-][+-]") then
    return only(text, "%.()" .. quoted(name) .. "%f[^%w_$]")
  end
  name = match(message, "^Cannot set properties of .* %(setting '([%w_$]+)'%)$")
  if name then return only(text, "%." .. quoted(name) .. "%s*()=") end
end

-- The name of the class that made o, which asks nothing of the program's.
local function class_of(o)
  local proto = rt.proto_of(o)
  local maker = proto ~= nil and rawget(rt.store(proto), "constructor")
  return type(maker) == "function" and rt.function_name(maker) or nil
end

function rt.column_of_error(f, file, line, o)
  if type(o) ~= "table" or getmetatable(o) == nil then return 1 end
  local at = at_call(f, file, line, class_of(o))
  if at then return at end
  local message = rawget(o, "message")
  local text, first, from, source = part(f, file, line)
  if not text or type(message) ~= "string" or #message > LONGEST then return 1 end
  local place = told(text, message)
  return place and column(source, from, first + place - 1) or 1
end
