-- SPDX-License-Identifier: MIT
--
-- How each kind of value is laid out: kind(ctx, view) either returns the whole text, or fills in the view and returns nothing:
--   base           text before the braces; what is printed with no braces at all where there is nothing to put between them
--   open, close    the braces, with what belongs to them
--   entries        function(ctx, view, output): puts what comes before the properties
--   list           the entries are elements: in columns when there are many; extra: the last one counts what was left out;
--                  numbers(count): are the elements numbers, which stand to the right?
-- The view comes with value, model, depth, kind, name (constructor, nil for a null prototype), tag, keys, bare (nothing to print but
-- the kind's own), given_name. See floor.lua for what the model answers.
local errors = require "lunode.internal.errors"
local error_text = require "lunode.util.inspect.error_text"
local floor = require "lunode.util.inspect.floor"
local layout = require "lunode.util.inspect.layout"
local text = require "lunode.util.inspect.text"

local type, tostring, pcall, min, concat, sort = type, tostring, pcall, math.min, table.concat, table.sort
local find, sub, gsub, lower, byte = string.find, string.sub, string.gsub, string.lower, string.byte

local M = {}
floor.kinds = M

local function plural(n, what) return ("<%d empty item%s>"):format(n, n > 1 and "s" or "") end

-- ---- plain objects

local function object(ctx, view, fallback)
  if view.name ~= "Object" or view.tag then view.open = ctx.prefix(view, fallback or "Object") .. "{" end
  if view.bare then return view.open .. "}" end
end
function M.object(ctx, view) return object(ctx, view) end

function M.arguments(_, view)
  view.open = "[Arguments] {"
  if view.bare then return view.open .. "}" end
end

local function namespace_entries(ctx, view, output)
  for _, key in ipairs(view.exports) do
    local ok, shown = pcall(function() return ctx:property(view, key, view.model.property(view.value, key)) end)
    output[#output + 1] = ok and shown or ctx:paint(view.model.key(key), "name") .. ": " .. ctx:paint("<uninitialized>", "special")
  end
end

function M.module(ctx, view)
  view.open = ctx.prefix(view, "Module") .. "{"
  view.exports, view.keys = view.keys, {}
  view.entries = namespace_entries
  if #view.exports == 0 then return view.open .. "}" end
end

-- ---- lists

local function is_numeric(value)
  if type(value) == "number" or text.bigint(value) then return true end
  return type(value) == "table" and value ~= errors.null and floor.model_of(value).kind(value) == "primitive"
end

local function element_text(ctx, view, i) return ctx:member(view.model.element(view.value, i), view.depth + 1) end

local function array_entries(ctx, view, output)
  local model, value = view.model, view.value
  local length, most = model.length(value), ctx.maxArrayLength
  local indices = model.indices and model.indices(value)
  local left, n = 0, #output
  if not indices then
    local count = min(most, length)
    for i = 1, count do output[n + i] = element_text(ctx, view, i) end
    left = length - count
  else
    local at, count, i = 1, 0, 1 -- the index that comes next, how many entries there are, the next of indices
    while at <= length and count < most do
      local following = indices[i]
      count = count + 1
      if following == at then
        output[n + count] = element_text(ctx, view, at)
        at, i = at + 1, i + 1
      else
        following = following and following <= length and following or length + 1
        output[n + count] = ctx:paint(plural(following - at), "undefined")
        at = following
      end
    end
    left = length - at + 1
  end
  if left > 0 then
    output[#output + 1] = ctx.more(left, "item")
    view.extra = true
  end
end

local function all_numbers(view)
  return function(count)
    local model, value = view.model, view.value
    for i = 1, count do
      if not is_numeric(model.element(value, i)) then return false end
    end
    return true
  end
end

function M.array(ctx, view)
  local length = view.model.length(view.value)
  local front = ""
  if view.name ~= "Array" or view.tag then front = ctx.prefix(view, "Array", "(" .. length .. ")") end
  view.open, view.close, view.list = front .. "[", "]", true
  if length == 0 and view.bare then return view.open .. "]" end
  view.entries, view.numbers = array_entries, all_numbers(view)
end

local function typed_entries(ctx, view, output)
  local model, value = view.model, view.value
  local length = model.length(value)
  local count = min(ctx.maxArrayLength, length)
  for i = 1, count do output[i] = ctx:value(model.element(value, i), view.depth + 1) end
  if length > count then
    output[count + 1] = ctx.more(length - count, "item")
    view.extra = true
  end
  if ctx.showHidden and model.extras then
    ctx.indentation, ctx.in_typed = ctx.indentation + 2, true
    for _, extra in ipairs(model.extras(value)) do
      output[#output + 1] = "[" .. extra[1] .. "]: " .. ctx:value(extra[2], view.depth + 1)
    end
    ctx.indentation, ctx.in_typed = ctx.indentation - 2, false
  end
end

function M.typed(ctx, view)
  local length = view.model.length(view.value)
  view.open = ctx.prefix(view, view.model.type_name(view.value), "(" .. length .. ")") .. "["
  view.close, view.list = "]", true
  if length == 0 and view.bare and not ctx.showHidden then return view.open .. "]" end
  view.entries, view.numbers = typed_entries, all_numbers(view)
end

-- ---- collections

local function set_entries(ctx, view, output)
  local entries = view.content
  local count = min(ctx.maxArrayLength, entries.n)
  for i = 1, count do output[i] = ctx:member(entries[i], view.depth + 1) end
  if entries.n > count then output[count + 1] = ctx.more(entries.n - count, "item") end
end

local function map_entries(ctx, view, output)
  local entries = view.content
  local size = entries.n / 2
  local count = min(ctx.maxArrayLength, size)
  ctx.indentation = ctx.indentation + 2
  for i = 1, count do
    output[i] = ctx:value(entries[2 * i - 1], view.depth + 1) .. " => " .. ctx:value(entries[2 * i], view.depth + 1)
  end
  ctx.indentation = ctx.indentation - 2
  if size > count then output[count + 1] = ctx.more(size - count, "item") end
end

local function collection(ctx, view, fallback, entries, per_entry)
  view.content = view.model.entries(view.value)
  local size = view.content.n / per_entry
  view.open = ctx.prefix(view, fallback, "(" .. size .. ")") .. "{"
  if size == 0 and view.bare then return view.open .. "}" end
  view.entries = entries
end

function M.map(ctx, view) return collection(ctx, view, "Map", map_entries, 2) end
function M.set(ctx, view) return collection(ctx, view, "Set", set_entries, 1) end

local function pair_entries(ctx, view, output)
  local entries = view.content
  local count = min(ctx.maxArrayLength, entries.n / 2)
  ctx.indentation = ctx.indentation + 2
  local pair = { base = "", open = "[", close = "]", list = true, depth = view.depth + 1 }
  for i = 1, count do
    output[i] = layout.join(ctx, { ctx:value(entries[2 * i - 1], view.depth + 1), ctx:value(entries[2 * i], view.depth + 1) }, pair)
  end
  ctx.indentation = ctx.indentation - 2
  if entries.n / 2 > count then output[count + 1] = ctx.more(entries.n / 2 - count, "item") end
end

local function iterator(what)
  return function(_, view)
    local of_pairs
    view.content, of_pairs = view.model.entries(view.value)
    local label = what .. (of_pairs and " Entries" or " Iterator")
    if view.tag and view.tag ~= what .. " Iterator" then label = view.tag .. "] [" .. label end
    view.open = "[" .. label .. "] {"
    view.entries = of_pairs and pair_entries or set_entries
  end
end
M.map_iterator, M.set_iterator = iterator "Map", iterator "Set"

local function unknown(ctx, _, output) output[1] = ctx:paint("<items unknown>", "special") end

local function weak(fallback, entries)
  return function(ctx, view)
    view.open = ctx.prefix(view, fallback) .. "{"
    view.entries = unknown
    if ctx.showHidden and view.model.entries then
      view.content = view.model.entries(view.value)
      view.entries = function(...)
        entries(...)
        local output = select(3, ...)
        sort(output)
      end
    end
  end
end
M.weak_map, M.weak_set = weak("WeakMap", map_entries), weak("WeakSet", set_entries)

-- ---- functions

function M.class(ctx, view)
  local name, parent = view.model.name(view.value)
  local base = "[class " .. (name == "" and "(anonymous)" or name)
  if view.name ~= "Function" and view.name ~= nil then base = base .. " [" .. view.name .. "]" end
  if view.tag and view.tag ~= view.name then base = base .. " [" .. view.tag .. "]" end
  if view.name == nil then base = base .. " extends [null prototype]"
  elseif parent and parent ~= "" then base = base .. " extends " .. parent end
  view.base = base .. "]"
  if view.bare then return ctx:paint(view.base, "special") end
end

M["function"] = function(ctx, view)
  local what = view.model.type_name(view.value)
  local name = view.model.name(view.value)
  if name == "" and view.given_name and view.model.named_by_key then name = view.given_name end
  local base = "[" .. what
  if view.name == nil then base = base .. " (null prototype)" end
  base = base .. (name == "" and " (anonymous)]" or ": " .. name .. "]")
  if view.name ~= nil and view.name ~= what and view.name ~= "Function" then base = base .. " " .. view.name end
  if view.tag and view.tag ~= view.name then base = base .. " [" .. view.tag .. "]" end
  view.base = base
  if view.bare then return ctx:paint(base, "special") end
end

-- ---- things with a text

function M.regexp(ctx, view)
  local base = view.model.text(view.value)
  local front = ctx.prefix(view, "RegExp")
  if front ~= "RegExp " then base = front .. base end
  view.base = base
  if view.bare or view.depth > ctx.depth then return ctx:paint(base, "regexp") end
end

function M.date(ctx, view)
  local base = view.model.text(view.value)
  local front = ctx.prefix(view, "Date")
  if front ~= "Date " then base = front .. base end
  view.base = base
  if view.bare then return ctx:paint(base, "date") end
end

function M.error(ctx, view)
  view.base = error_text(ctx, view)
  if #view.keys == 0 then return view.base end
end

function M.symbol(ctx, view)
  return ctx:paint(view.model.text(view.value), "symbol")
end

function M.primitive(ctx, view)
  local shown, style = view.model.text(view.value, ctx.numericSeparator)
  return ctx:paint(shown, style or "bigint")
end

function M.opaque(ctx, view) return ctx:paint(view.model.text(view.value), "special") end

function M.boxed(ctx, view)
  local what, model = view.model.type_name(view.value), view.model
  local base = "[" .. what
  if view.name == nil then base = base .. " (null prototype)"
  elseif view.name ~= what then base = base .. " (" .. view.name .. ")" end
  local inner = model.unboxed(view.value)
  local colors, stylize = ctx.colors, ctx.stylize
  ctx.colors, ctx.stylize = false, false
  base = base .. ": " .. ctx:value(inner, 0) .. "]"
  ctx.colors, ctx.stylize = colors, stylize
  if view.tag and view.tag ~= view.name then base = base .. " [" .. view.tag .. "]" end
  view.base = base
  if view.bare then return ctx:paint(base, lower(what)) end
end

-- ---- promises and memory

local function promise_entries(ctx, view, output)
  local state, result = view.model.promise(view.value)
  if state == "pending" then
    output[1] = ctx:paint("<pending>", "special")
    return
  end
  local shown = ctx:member(result, view.depth + 1)
  output[1] = state == "rejected" and ctx:paint("<rejected>", "special") .. " " .. shown or shown
end

function M.promise(ctx, view)
  view.open = ctx.prefix(view, "Promise") .. "{"
  view.entries = promise_entries
end

local function named_entries(ctx, view, output)
  ctx.indentation = ctx.indentation + 2
  for _, extra in ipairs(view.content) do
    output[#output + 1] = extra[1] .. ": " .. ctx:value(extra[2], view.depth + 1)
  end
  ctx.indentation = ctx.indentation - 2
end

local function buffer_entries(ctx, view, output)
  local bytes = view.model.bytes(view.value)
  if not bytes then
    output[1] = ctx:paint("(detached)", "special")
  else
    local count = min(ctx.maxArrayLength, #bytes)
    local hex = gsub(sub(bytes, 1, count), ".", function(c) return ("%02x "):format(byte(c)) end)
    hex = sub(hex, 1, -2)
    if #bytes > count then hex = hex .. " " .. ctx.more(#bytes - count, "byte") end
    output[1] = ctx:paint("[Uint8Contents]", "special") .. ": <" .. hex .. ">"
  end
  output[#output + 1] = "byteLength: " .. ctx:value(bytes and #bytes or 0, view.depth + 1)
end

-- ArrayBuffer and SharedArrayBuffer; inside of a typed array only their size.
function M.buffer(ctx, view)
  view.open = ctx.prefix(view, view.model.type_name(view.value)) .. "{"
  if ctx.in_typed and view.bare then
    local bytes = view.model.bytes(view.value)
    return view.open .. " byteLength: " .. ctx:paint(tostring(bytes and #bytes or 0), "number") .. " }"
  end
  view.entries = buffer_entries
end

function M.view(ctx, view)
  view.open = ctx.prefix(view, "DataView") .. "{"
  view.content = view.model.extras(view.value)
  view.entries = named_entries
end

return M
