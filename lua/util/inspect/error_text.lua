-- SPDX-License-Identifier: MIT
--
-- An Error's text: its stack, with the class's name in front, frames that its cause has too left out, grey and underlined where colours
-- are wanted; [Name: message] where there is no stack. Changes the view's keys: what the stack says already is not said again.
local errors = require "lunode.internal.errors"
local floor = require "lunode.util.inspect.floor"

local type, tostring, pcall, concat = type, tostring, pcall, table.concat
local find, sub, match, gsub = string.find, string.sub, string.match, string.gsub

local null = errors.null

local function read(model, value, key)
  local ok, result = pcall(model.get, value, key)
  if ok then return result end
end

local function text_of(value) return type(value) == "string" and value or tostring(value) end

local function stack_of(model, err)
  local stack = read(model, err, "stack")
  if stack ~= nil and stack ~= null and stack ~= "" and stack ~= false then
    return type(stack) == "string" and stack or (floor.model_text or text_of)(stack)
  end
  local name, message = read(model, err, "name"), read(model, err, "message")
  name = (name == nil or name == null) and "Error" or text_of(name)
  message = (message == nil or message == null) and "" or text_of(message)
  return message == "" and name or name == "" and message or name .. ": " .. message
end

-- What the stack tells is no property of its own, and cause and errors are printed in brackets, as they are not enumerable.
local function sift_keys(ctx, view, stack)
  local model, err = view.model, view.value
  local keys, present = {}, {}
  for _, key in ipairs(view.keys) do
    local drop = false
    if not ctx.showHidden and (key == "name" or key == "message" or key == "stack") then
      local value = model.property(err, key)
      drop = type(value) ~= "string" or find(stack, value, 1, true) ~= nil
    end
    if not drop then
      keys[#keys + 1] = key
      present[key] = true
    end
  end
  return keys, present
end

-- The class's name, where the stack begins with another one.
local function improve(view, name, stack, prefix)
  local n = #name
  local after = sub(stack, n + 1, n + 1)
  local fallback = "Error"
  if view.name == nil then
    local start = match(stack, "^([A-Z][a-z_ A-Z0-9%[%]()%-]+):") or match(stack, "^([A-Z][a-z_ A-Z0-9%[%]()%-]+)\n%s+at")
      or match(stack, "^([%w_%-]*Error)$") or ""
    n = #start
    if start ~= "" then fallback = start end
  elseif not (find(name, "Error$") and sub(stack, 1, n) == name and (after == "" or after == ":" or after == "\n")) then
    return stack
  end
  local front = sub(prefix(view, fallback), 1, -2)
  if name == front then return stack end
  if find(front, name, 1, true) then return n == 0 and front .. ": " .. stack or front .. sub(stack, n + 1) end
  return front .. " [" .. name .. "]" .. sub(stack, n + 1)
end

local function split(lines)
  local list = {}
  for line in (lines .. "\n"):gmatch "(.-)\n" do list[#list + 1] = line end
  return list
end

-- The longest run of frames that stands in both: where it begins in `a`, and its length.
local function common(a, b)
  local best, at = 0, 0
  for i = 1, #a - 3 do
    for j = 1, #b do
      if a[i] == b[j] then
        local n = 1
        while a[i + n] ~= nil and a[i + n] == b[j + n] do n = n + 1 end
        if n > best then best, at = n, i end
      end
    end
    if best > 3 then break end
  end
  return at, best
end

local function frames_of(ctx, view, trace)
  local frames = split(trace)
  local cause = read(view.model, view.value, "cause")
  if (type(cause) == "table" or type(cause) == "userdata") and cause ~= null then
    local model = floor.model_of(cause)
    if model.kind(cause) == "error" then
      local stack = stack_of(model, cause)
      local start = find(stack, "\n    at", 1, true)
      if start then
        local at, n = common(frames, split(sub(stack, start + 1)))
        if n > 3 then
          local out = {}
          for i = 1, at do out[i] = frames[i] end
          out[at + 1] = ctx:paint("    ... " .. (n - 2) .. " lines matching cause stack trace ...", "undefined")
          for i = at + n - 1, #frames do out[#out + 1] = frames[i] end
          frames = out
        end
      end
    end
  end
  return frames
end

local directory
local function grey_directory(ctx, line)
  if directory == nil then
    local ok, cwd = pcall(require("lunode.core").process.cwd)
    directory = ok and type(cwd) == "string" and cwd .. "/" or false
  end
  local first = directory and directory ~= "//" and find(line, directory, 1, true)
  if not first then return line end
  local last = first + #directory - 1
  local open = sub(line, first - 1, first - 1) == "("
  if open then first = first - 1 end
  line = sub(line, 1, first - 1) .. ctx:paint(sub(line, first, last), "undefined") .. sub(line, last + 1)
  if open then line = gsub(line, "%)$", function(c) return ctx:paint(c, "undefined") end) end
  return line
end

local function paint_frame(ctx, model, line)
  if (model.internal or errors.is_internal)(line) then return ctx:paint(line, "undefined") end
  line = gsub(line, "([/\\]node_modules[/\\])(@?[^/\\]+)", function(folder, name) return folder .. ctx:paint(name, "module") end)
  return grey_directory(ctx, line)
end

return function(ctx, view)
  local model, err = view.model, view.value
  local stack = stack_of(model, err)
  local name = read(model, err, "name")
  name = (name == nil or name == null) and "Error" or text_of(name)
  local keys, present = sift_keys(ctx, view, stack)
  if not present.cause then
    local value, _, _, hidden = model.property(err, "cause")
    if value ~= nil or hidden then keys[#keys + 1] = "cause" end
  end
  if not present.errors and type((model.property(err, "errors"))) == "table" then keys[#keys + 1] = "errors" end
  view.keys = keys

  stack = improve(view, name, stack, ctx.prefix)
  local message = read(model, err, "message")
  local position = 1
  if type(message) == "string" and message ~= "" then
    local first, last = find(stack, message, 1, true)
    if first then position = last end
  end
  local start = find(stack, "\n    at", position, true)
  if not start then
    stack = "[" .. stack .. "]"
  else
    local lines = frames_of(ctx, view, sub(stack, start + 1))
    if ctx.colors then
      for i = 1, #lines do lines[i] = paint_frame(ctx, model, lines[i]) end
    end
    stack = sub(stack, 1, start - 1) .. "\n" .. concat(lines, "\n")
  end
  return ctx:indent(stack)
end
