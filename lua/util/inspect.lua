-- SPDX-License-Identifier: MIT
--
-- util.inspect (Node 20 docs: util.inspect): any value as text, in Node's layout.
--
--   inspect(value, options | showHidden, depth, colors)
--   options: showHidden, depth (2), colors, customInspect (true), maxArrayLength (100), maxStringLength (10000),
--     breakLength (80), compact (3), sorted (a comparison function; keys are always sorted), numericSeparator
--   inspect.custom   the key of an object's own function(self, depth, options, inspect) -> text or another value
--   inspect.defaultOptions, inspect.colors, inspect.styles
--
-- A table with [1], or marked as a list, is an Array: its sequence, then other keys, sorted. Fields of the library's own
-- objects that begin with "_" are shown with showHidden only. nil is `nil`.
local class = require "lunode.internal.class"
local custom = require "lunode.internal.inspect_custom"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local symbols = require "lunode.internal.symbols"

local type, tostring, rawget, next, getmetatable, ipairs, pairs = type, tostring, rawget, next, getmetatable, ipairs, pairs
local concat, sort, floor, min, max = table.concat, table.sort, math.floor, math.min, math.max
local null, Error = errors.null, errors.Error

local M = {}

local defaults = {
  showHidden = false, depth = 2, colors = false, customInspect = true, showProxy = false, maxArrayLength = 100,
  maxStringLength = 10000, breakLength = 80, compact = 3, sorted = false, getters = false, numericSeparator = false,
}

-- ---- colours

local colors = {
  reset = { 0, 0 }, bold = { 1, 22 }, dim = { 2, 22 }, italic = { 3, 23 }, underline = { 4, 24 }, blink = { 5, 25 }, inverse = { 7, 27 },
  hidden = { 8, 28 }, strikethrough = { 9, 29 }, doubleunderline = { 21, 24 }, black = { 30, 39 }, red = { 31, 39 }, green = { 32, 39 },
  yellow = { 33, 39 }, blue = { 34, 39 }, magenta = { 35, 39 }, cyan = { 36, 39 }, white = { 37, 39 }, bgBlack = { 40, 49 },
  bgRed = { 41, 49 }, bgGreen = { 42, 49 }, bgYellow = { 43, 49 }, bgBlue = { 44, 49 }, bgMagenta = { 45, 49 }, bgCyan = { 46, 49 },
  bgWhite = { 47, 49 }, framed = { 51, 54 }, overlined = { 53, 55 }, gray = { 90, 39 }, redBright = { 91, 39 }, greenBright = { 92, 39 },
  yellowBright = { 93, 39 }, blueBright = { 94, 39 }, magentaBright = { 95, 39 }, cyanBright = { 96, 39 }, whiteBright = { 97, 39 },
  bgGray = { 100, 49 }, bgRedBright = { 101, 49 }, bgGreenBright = { 102, 49 }, bgYellowBright = { 103, 49 }, bgBlueBright = { 104, 49 },
  bgMagentaBright = { 105, 49 }, bgCyanBright = { 106, 49 }, bgWhiteBright = { 107, 49 },
}
for alias, name in pairs {
  grey = "gray", blackBright = "gray", bgGrey = "bgGray", bgBlackBright = "bgGray", faint = "dim", crossedout = "strikethrough",
  strikeThrough = "strikethrough", crossedOut = "strikethrough", conceal = "hidden", swapColors = "inverse", swapcolors = "inverse",
  doubleUnderline = "doubleunderline",
} do colors[alias] = colors[name] end

local styles = {
  special = "cyan", number = "yellow", bigint = "yellow", boolean = "yellow", undefined = "grey", null = "bold", string = "green",
  symbol = "green", date = "magenta", regexp = "red", module = "underline",
}

local function paint(ctx, text, style)
  if not ctx.colors then return text end
  local color = colors[styles[style] or ""]
  if not color then return text end
  return "\27[" .. color[1] .. "m" .. text .. "\27[" .. color[2] .. "m"
end

-- Characters on the screen, as far as UTF-8 tells.
local function width(text, colored)
  if colored then text = text:gsub("\27%[[%d;]*m", "") end
  if not text:find "[\128-\255]" then return #text end
  local _, n = text:gsub("[^\128-\191]", "")
  return n
end

-- ---- text and numbers

local escapes = { ["\b"] = "\\b", ["\t"] = "\\t", ["\n"] = "\\n", ["\f"] = "\\f", ["\r"] = "\\r", ["\\"] = "\\\\", ["\v"] = "\\v" }
local function escape(c) return escapes[c] or ("\\x%02X"):format(c:byte()) end

-- The length of the UTF-8 sequence at i, or nil.
local function sequence(text, i)
  local c = text:byte(i)
  local n = c >= 0xf0 and c < 0xf5 and 4 or c >= 0xe0 and c < 0xf0 and 3 or c >= 0xc2 and c < 0xe0 and 2
  if not n then return nil end
  for k = 1, n - 1 do
    local d = text:byte(i + k)
    if not d or d < 0x80 or d > 0xbf then return nil end
  end
  if c == 0xc2 and text:byte(i + 1) < 0xa0 then return nil end -- C1 controls
  return n
end

local function quote(text)
  local q = "'"
  if text:find("'", 1, true) then
    if not text:find('"', 1, true) then q = '"' elseif not text:find("`", 1, true) and not text:find("${", 1, true) then q = "`" end
  end
  text = text:gsub("[%z\1-\31\127\\]", escape)
  if q == "'" then text = text:gsub("'", "\\'") end
  if text:find "[\128-\255]" then
    local out, i = {}, 1
    while i <= #text do
      local plain = text:match("^[%z\1-\127]+", i)
      if plain then
        out[#out + 1] = plain
        i = i + #plain
      else
        local n = sequence(text, i)
        if n then
          out[#out + 1] = text:sub(i, i + n - 1)
        else
          n = 1
          out[#out + 1] = escape(text:sub(i, i))
        end
        i = i + n
      end
    end
    text = concat(out)
  end
  return q .. text .. q
end
M.quote = quote

local function separate(digits) return (digits:reverse():gsub("(%d%d%d)", "%1_"):reverse():gsub("^_", "")) end

local function number_text(n, separated)
  if n ~= n then return "NaN" end
  if n == math.huge then return "Infinity" end
  if n == -math.huge then return "-Infinity" end
  if n == 0 then return 1 / n < 0 and "-0" or "0" end
  local text = errors.number(n)
  if separated and not text:find "e" then
    local sign, whole, rest = text:match "^(%-?)(%d+)(.*)$"
    text = sign .. separate(whole)
    if rest ~= "" then text = text .. "." .. rest:sub(2):gsub("(%d%d%d)", "%1_"):gsub("_$", "") end
  end
  return text
end
M.number_text = number_text

local function bigint_text(value) return (tostring(value):gsub("U?LL$", "n")) end

local function format_string(ctx, text)
  local trailer = ""
  local limit = ctx.maxStringLength
  if #text > limit then
    local left = #text - limit
    text = text:sub(1, limit)
    trailer = "... " .. left .. " more character" .. (left > 1 and "s" or "")
  end
  if ctx.compact ~= true and #text > 16 and width(text) > ctx.breakLength - ctx.indentation - 4 and text:find("\n", 1, true) then
    local lines = {}
    for line in text:gmatch "[^\n]*\n?" do
      if line ~= "" then lines[#lines + 1] = paint(ctx, quote(line), "string") end
    end
    return concat(lines, " +\n" .. (" "):rep(ctx.indentation + 2)) .. trailer
  end
  return paint(ctx, quote(text), "string") .. trailer
end

local ffi
local function format_cdata(ctx, value)
  ffi = ffi or require "ffi"
  if ffi.istype("int64_t", value) or ffi.istype("uint64_t", value) then
    local text = bigint_text(value)
    if ctx.numericSeparator then
      local sign, digits = text:match "^(%-?)(%d+)n$"
      text = sign .. separate(digits) .. "n"
    end
    return paint(ctx, text, "bigint")
  end
  return paint(ctx, "[" .. tostring(value) .. "]", "special")
end

-- ---- what a table is

-- Classes of the library hide what begins with "_".
local own_class = setmetatable({}, { __mode = "k" })
local function is_own(C)
  local known = own_class[C]
  if known ~= nil then return known end
  known = false
  for _, value in pairs(rawget(C, "prototype")) do
    if type(value) == "function" then
      known = errors.is_internal(debug.getinfo(value, "S").source)
      if known then break end
    end
  end
  if not known and rawget(C, "super") then known = is_own(rawget(C, "super")) end
  own_class[C] = known
  return known
end

local function class_of(value)
  local mt = getmetatable(value)
  if type(mt) ~= "table" then return nil end
  local C = rawget(mt, "class")
  if class.is_class(C) then return C end
  local proto = rawget(mt, "proto") -- an object made over a prototype by hand
  local made = type(proto) == "table" and proto.constructor
  return class.is_class(made) and made or nil
end

-- The name that stands in front of the braces, or nil for a plain table.
local function name_of(value)
  local C = class_of(value)
  if C then return rawget(C, "name"), C end
  local mt = getmetatable(value)
  local name = type(mt) == "table" and rawget(mt, "__name")
  if type(name) == "string" and mt ~= shape.ARRAY then return name end
end

local function is_list(value)
  if rawget(value, 1) ~= nil then return true end
  local mt = getmetatable(value)
  return mt ~= nil and (mt == shape.ARRAY or type(mt) == "table" and rawget(mt, "__jsontype") == "array")
end

local order = { number = 1, string = 2, boolean = 3, table = 4, userdata = 5, ["function"] = 6, thread = 7, cdata = 8 }
local function key_less(a, b)
  local ta, tb = type(a), type(b)
  if ta ~= tb then return order[ta] < order[tb] end
  if ta == "number" or ta == "string" then return a < b end
  return tostring(a) < tostring(b)
end

-- Keys outside of the sequence part 1 … n, sorted.
local function keys_of(ctx, value, n, hide)
  local keys = {}
  for key in next, value do
    if not (type(key) == "number" and key >= 1 and key <= n and key % 1 == 0)
      and not (hide and type(key) == "string" and key:byte() == 95) and key ~= custom then
      keys[#keys + 1] = key
    end
  end
  sort(keys, key_less)
  if type(ctx.sorted) == "function" then
    local less = ctx.sorted
    sort(keys, function(a, b) return less(tostring(a), tostring(b)) < 0 end)
  end
  return keys
end

-- ---- layout

-- Puts many short entries of a list into columns.
local function columns_of(ctx, output, value, extra)
  local total, longest, count = 0, 0, #output - (extra and 1 or 0)
  local widths = {}
  for i = 1, count do
    local n = width(output[i], ctx.colors)
    widths[i] = n
    total = total + n + 2
    if n > longest then longest = n end
  end
  local actual = longest + 2
  if not (actual * 3 + ctx.indentation < ctx.breakLength and (total / actual > 5 or longest <= 6)) then return output end
  local bias = math.sqrt(actual - total / #output)
  local biased = max(actual - 3 - bias, 1)
  local columns = min(floor(math.sqrt(2.5 * biased * count) / biased + 0.5), floor((ctx.breakLength - ctx.indentation) / actual), ctx.compact * 4, 15)
  if columns <= 1 then return output end
  local line_widths = {}
  for i = 1, columns do
    local longest_here = 0
    for j = i, count, columns do longest_here = max(longest_here, widths[j]) end
    line_widths[i] = longest_here + 2
  end
  local left = false -- numbers stand to the right
  if value ~= nil then
    for i = 1, #output do
      local t = type(rawget(value, i))
      if t ~= "number" and t ~= "cdata" then
        left = true
        break
      end
    end
  end
  local rows = {}
  for i = 1, count, columns do
    local last = min(i + columns - 1, count)
    local row = {}
    for j = i, last - 1 do
      local pad = (" "):rep(line_widths[j - i + 1] - widths[j] - 2)
      row[#row + 1] = left and output[j] .. ", " .. pad or pad .. output[j] .. ", "
    end
    if left then row[#row + 1] = output[last]
    else row[#row + 1] = (" "):rep(line_widths[last - i + 1] - widths[last] - 2) .. output[last] end
    rows[#rows + 1] = concat(row)
  end
  if extra then rows[#rows + 1] = output[#output] end
  return rows
end

local function fits(ctx, output, start, base)
  local total = #output + start
  if total + #output > ctx.breakLength then return false end
  for i = 1, #output do
    total = total + width(output[i], ctx.colors)
    if total > ctx.breakLength then return false end
  end
  return base == "" or not base:find("\n", 1, true)
end

-- base: text before the braces; open, close: the braces; list: entries of a list, in columns when many.
local function join(ctx, output, base, open, close, list, depth, value, extra)
  local compact = ctx.compact
  local indentation = "\n" .. (" "):rep(ctx.indentation)
  local front = base ~= "" and base .. " " or ""
  if compact ~= true then
    if type(compact) == "number" and compact >= 1 then
      local entries = #output
      if list and entries > 6 then output = columns_of(ctx, output, value, extra) end
      if ctx.current_depth - depth < compact and entries == #output then
        local start = #output + ctx.indentation + #open + #base + 10
        if fits(ctx, output, start, base) then
          local joined = concat(output, ", ")
          if not joined:find("\n", 1, true) then return front .. open .. " " .. joined .. " " .. close end
        end
      end
    end
    return front .. open .. indentation .. "  " .. concat(output, "," .. indentation .. "  ") .. indentation .. close
  end
  if fits(ctx, output, 0, base) then
    return open .. (base ~= "" and " " .. base or "") .. " " .. concat(output, ", ") .. " " .. close
  end
  local line = base == "" and #open == 1 and " " or (base ~= "" and " " .. base or "") .. indentation .. "  "
  return open .. line .. concat(output, "," .. indentation .. "  ") .. " " .. close
end

-- ---- values

local format_value

local function format_key(ctx, key)
  if type(key) == "string" then
    if key:find "^[%a_][%w_]*$" then return paint(ctx, key, "name") end
    return paint(ctx, quote(key), "string")
  end
  if type(key) == "number" then return "[" .. paint(ctx, number_text(key), "number") .. "]" end
  if type(key) == "table" and symbols.is(key) then return "[" .. paint(ctx, tostring(key), "symbol") .. "]" end
  local keep = ctx.depth
  ctx.depth = 0
  local text = format_value(ctx, key, 1)
  ctx.depth = keep
  return "[" .. text .. "]"
end

local function format_member(ctx, value, depth, name)
  ctx.indentation = ctx.indentation + 2
  local text = format_value(ctx, value, depth, name)
  ctx.indentation = ctx.indentation - 2
  return text
end

local function format_property(ctx, key, value, depth, in_list)
  local name = type(key) == "string" and key or nil
  if ctx.compact ~= true or in_list then return format_key(ctx, key) .. ": " .. format_member(ctx, value, depth, name) end
  ctx.indentation = ctx.indentation + 3
  local text = format_value(ctx, value, depth, name)
  local gap = ctx.breakLength < width(text, ctx.colors) and "\n" .. (" "):rep(ctx.indentation) or " "
  ctx.indentation = ctx.indentation - 3
  return format_key(ctx, key) .. ":" .. gap .. text
end

local function format_function(ctx, value, name)
  return paint(ctx, name and "[Function: " .. name .. "]" or "[Function (anonymous)]", "special")
end

local function indent_text(ctx, text)
  if ctx.indentation == 0 then return text end
  return (text:gsub("\n", "\n" .. (" "):rep(ctx.indentation)))
end

-- The stack, or [Name: message] where there is none.
local function error_base(ctx, err)
  local ok, stack = pcall(function() return err.stack end)
  if not ok or type(stack) ~= "string" or stack == "" then
    local fine, text = pcall(tostring, err)
    stack = fine and text or "Error"
    return "[" .. stack .. "]"
  end
  if not stack:find "\n%s*at " then return "[" .. indent_text(ctx, stack) .. "]" end
  if ctx.colors then
    stack = stack:gsub("\n(    at [^\n]*)", function(line)
      if errors.is_internal(line) then return "\n\27[90m" .. line .. "\27[39m" end
      return "\n" .. line
    end)
  end
  return indent_text(ctx, stack)
end

local function error_keys(ctx, err, stack)
  local keys = {}
  for _, key in ipairs(keys_of(ctx, err, 0, not ctx.showHidden)) do
    local value = rawget(err, key)
    local hidden = key == "stack" or key == "cause" or key == "errors" and type(value) == "table"
    if (key == "message" or key == "name") and type(value) == "string" and stack:find(value, 1, true) then hidden = true end
    if not hidden then keys[#keys + 1] = key end
  end
  return keys
end

local function format_class(ctx, C, depth)
  local base = "[class " .. tostring(rawget(C, "name"))
  local parent = rawget(C, "super")
  if parent then base = base .. " extends " .. tostring(rawget(parent, "name")) end
  base = paint(ctx, base .. "]", "special")
  if is_own(C) then return base end
  local keys = {}
  for key, value in next, rawget(C, "static") do
    if type(value) ~= "function" then keys[#keys + 1] = key end
  end
  if #keys == 0 or depth > ctx.depth then return base end
  sort(keys, key_less)
  local output = {}
  for i, key in ipairs(keys) do output[i] = format_property(ctx, key, rawget(C, "static")[key], depth) end
  return join(ctx, output, base, "{", "}", false, depth, nil)
end

local function format_promise(ctx, value, depth)
  local state, result = require("lunode.internal.promise").state(value)
  if state == "pending" then return { paint(ctx, "<pending>", "special") } end
  local text = format_member(ctx, result, depth)
  if state == "rejected" then text = paint(ctx, "<rejected>", "special") .. " " .. text end
  return { text }
end

local function more_items(n) return "... " .. n .. " more item" .. (n > 1 and "s" or "") end

local function format_table(ctx, value, depth, name, C)
  if class.is_class(value) then return format_class(ctx, value, depth) end
  local mt = getmetatable(value)
  local is_error = Error:is(value)
  local callable = type(mt) == "table" and rawget(mt, "__call") and not C
  local list = not C and is_list(value)
  local hide = C and is_own(C) and not ctx.showHidden
  local promise = C and rawget(value, "_state") ~= nil and require("lunode.internal.promise").is(value)

  -- What is empty is shown whatever the depth.
  if not is_error and not promise and not callable and (not list or rawget(value, 1) == nil) and #keys_of(ctx, value, 0, hide) == 0 then
    if list then return (name and name .. "(0) " or "") .. "[]" end
    return name and name .. " {}" or "{}"
  end

  if depth > ctx.depth then
    local shown = name or (list and "Array") or (callable and "Function") or "Object"
    return paint(ctx, "[" .. shown .. "]", "special")
  end

  depth = depth + 1
  ctx.seen[value] = true
  ctx.current_depth = depth - 1
  local output, base, open, close, extra = {}, "", "{", "}", false
  local n = list and #value or 0

  if is_error then
    base = error_base(ctx, value)
    for _, key in ipairs(error_keys(ctx, value, base)) do
      output[#output + 1] = format_property(ctx, key, rawget(value, key), depth)
    end
    local cause, several = rawget(value, "cause"), rawget(value, "errors")
    if cause ~= nil then output[#output + 1] = "[cause]: " .. format_member(ctx, cause, depth) end
    if type(several) == "table" then output[#output + 1] = "[errors]: " .. format_member(ctx, several, depth) end
    if #output == 0 then
      ctx.seen[value] = nil
      return base
    end
  else
    if promise then
      output = format_promise(ctx, value, depth)
      hide = true
    elseif list then
      open, close = name and name .. "(" .. n .. ") [" or "[", "]"
      local limit = min(n, ctx.maxArrayLength)
      for i = 1, limit do output[i] = format_member(ctx, rawget(value, i), depth) end
      if n > limit then
        output[#output + 1] = more_items(n - limit)
        extra = true
      end
    end
    for _, key in ipairs(keys_of(ctx, value, n, hide)) do
      output[#output + 1] = format_property(ctx, key, rawget(value, key), depth, list)
    end
    if name and not list then open = name .. " {" end
    if callable then
      base = format_function(ctx, value, nil)
      if not name then open = "{" end
    end
    if #output == 0 then
      ctx.seen[value] = nil
      if callable then return base end
      return open .. close
    end
  end
  ctx.seen[value] = nil
  local refs = ctx.circular
  if refs and refs[value] then
    local reference = paint(ctx, "<ref *" .. refs[value] .. ">", "special")
    if ctx.compact ~= true then base = base == "" and reference or reference .. " " .. base
    else open = reference .. " " .. open end
  end
  return join(ctx, output, base, open, close, list and not is_error, depth - 1, list and value or nil, extra)
end

local function circular(ctx, value)
  local refs = ctx.circular
  if not refs then
    refs = { count = 0 }
    ctx.circular = refs
  end
  if not refs[value] then
    refs.count = refs.count + 1
    refs[value] = refs.count
  end
  return paint(ctx, "[Circular *" .. refs[value] .. "]", "special")
end

local option_names = {}
for name in pairs(defaults) do option_names[#option_names + 1] = name end

-- What a custom function is given as its options: they can be changed and handed to inspect again.
local function user_options(ctx)
  local given = {}
  for _, name in ipairs(option_names) do given[name] = ctx[name] end
  given.stylize = function(text, style) return paint(ctx, tostring(text), style) end
  return given
end

-- The object's own function, through its class, its metatable or a field; never by running an accessor.
local function custom_function(value)
  if type(value) == "table" then
    local fn = rawget(value, custom)
    if fn ~= nil then return fn end
  end
  local mt = getmetatable(value)
  if type(mt) ~= "table" then return nil end
  local proto = rawget(mt, "proto")
  if type(proto) ~= "table" then proto = rawget(mt, "__index") end
  while type(proto) == "table" do
    local fn = rawget(proto, custom)
    if fn ~= nil then return fn end
    local link = getmetatable(proto)
    proto = type(link) == "table" and rawget(link, "__index") or nil
  end
end

function format_value(ctx, value, depth, name)
  local t = type(value)
  if t == "string" then return format_string(ctx, value) end
  if t == "number" then return paint(ctx, number_text(value, ctx.numericSeparator), "number") end
  if t == "nil" then return paint(ctx, "nil", "undefined") end
  if t == "boolean" then return paint(ctx, tostring(value), "boolean") end
  if t == "function" then return format_function(ctx, value, name) end
  if t == "cdata" then return format_cdata(ctx, value) end
  if t == "thread" then return paint(ctx, "[Coroutine: " .. coroutine.status(value) .. "]", "special") end
  if value == null then return paint(ctx, "null", "null") end
  if t == "table" and symbols.is(value) then return paint(ctx, tostring(value), "symbol") end
  if ctx.customInspect then
    local fn = custom_function(value)
    if type(fn) == "function" and fn ~= M.inspect then
      local result = fn(value, ctx.depth - depth, user_options(ctx), M.callable)
      if result ~= value then
        if type(result) ~= "string" then return format_value(ctx, result, depth) end
        return indent_text(ctx, result)
      end
    end
  end
  if t == "userdata" then
    local label, C = name_of(value)
    if C then return label .. " {}" end
    return paint(ctx, "[" .. tostring(value) .. "]", "special")
  end
  if ctx.seen[value] then return circular(ctx, value) end
  local label, C = name_of(value)
  return format_table(ctx, value, depth, label, C)
end

-- ---- the function

local function context(options)
  local ctx = { seen = {}, indentation = 0, current_depth = 0, stylize = nil }
  for name, value in pairs(defaults) do ctx[name] = value end
  for _, name in ipairs(option_names) do
    local value = options and options[name]
    if value ~= nil then ctx[name] = value end
  end
  for _, name in ipairs { "depth", "maxArrayLength", "maxStringLength" } do
    if ctx[name] == null then ctx[name] = math.huge end
  end
  if ctx.maxArrayLength < 0 then ctx.maxArrayLength = 0 end
  return ctx
end

function M.inspect(value, options, depth, with_colors)
  if type(options) == "boolean" then
    options = { showHidden = options, depth = depth, colors = with_colors }
  elseif options == nil and (depth ~= nil or with_colors ~= nil) then
    options = { depth = depth, colors = with_colors }
  elseif type(options) ~= "table" then
    options = nil
  end
  return format_value(context(options), value, 0)
end

-- Removes what a terminal takes as a command.
function M.strip(text)
  return (text:gsub("[\27\155]%][^\7\27]*\7", ""):gsub("[\27\155]%][^\7\27]*\27\\", ""):gsub("\27%[[%d;:?<=>]*[ -/]*[@-~]", "")
    :gsub("\194\155[%d;:?]*[@-~]", ""):gsub("\27[%(%)#][%w]", ""):gsub("\27[@-Z\\-_c-~=>78]", ""))
end

M.width, M.colors, M.styles, M.custom, M.Defaults = width, colors, styles, custom, defaults

M.callable = setmetatable({ custom = custom, colors = colors, styles = styles }, {
  __call = function(_, ...) return M.inspect(...) end,
  __index = function(_, key) if key == "defaultOptions" then return defaults end end,
  __newindex = function(t, key, value)
    if key ~= "defaultOptions" then return rawset(t, key, value) end
    require("lunode.internal.validators").validateObject(value, "options")
    for name, v in pairs(value) do
      if defaults[name] ~= nil then defaults[name] = v end
    end
  end,
})

return M
