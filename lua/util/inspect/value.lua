-- SPDX-License-Identifier: MIT
--
-- Any value as text: the context of one inspection, and the order in which things are decided (Node 20 docs: util.inspect).
--
--   Context.new(options) -> ctx; ctx:value(value, depth, name) -> text
--
-- ctx has the options as fields, and: indentation, seen (objects above), circular (those that came back), current_depth, user (options
-- that are none of inspect's). What a value is comes from its model (floor.lua), how it is laid out from its kind (kinds.lua).
local errors = require "lunode.internal.errors"
local floor = require "lunode.util.inspect.floor"
local layout = require "lunode.util.inspect.layout"
local style = require "lunode.util.inspect.style"
local text = require "lunode.util.inspect.text"

local type, tostring, pcall, setmetatable, pairs, ipairs = type, tostring, pcall, setmetatable, pairs, ipairs
local concat, rep, gsub, find, match, gmatch, huge = table.concat, string.rep, string.gsub, string.find, string.match, string.gmatch, math.huge
local null, model_of, quote, number_text, units, width = errors.null, floor.model_of, text.quote, text.number, text.units, text.width

local MAX_NESTING = 450 -- LuaJIT's stack takes a few hundred more
local MAX_TEXT = 2 ^ 27 -- of one level: what is below is cut short then

local Context = {}
Context.__index = Context

local defaults = {
  showHidden = false, depth = 2, colors = false, customInspect = true, showProxy = false, maxArrayLength = 100,
  maxStringLength = 10000, breakLength = 80, compact = 3, sorted = false, getters = false, numericSeparator = false,
}
local NAMES = {
  "showHidden", "depth", "colors", "customInspect", "showProxy", "maxArrayLength", "maxStringLength", "breakLength", "compact", "sorted",
  "getters", "numericSeparator",
}
Context.defaults, Context.NAMES = defaults, NAMES

local function limit(n) -- null and what is no number is no limit
  if type(n) ~= "number" then return huge end
  return n
end

function Context.new(options)
  local ctx = {
    indentation = 0, current_depth = 0, seen = {}, circular = false, user = false, levels = 0, budget = false, stylize = false, in_typed = false,
  }
  for i = 1, #NAMES do
    local name = NAMES[i]
    local value = options and options[name]
    if value == nil then value = defaults[name] end
    ctx[name] = value
  end
  if options then
    for key in pairs(options) do
      if defaults[key] == nil then
        if key == "stylize" then
          local stylize = options.stylize
          ctx.stylize = type(stylize) == "function" and require("lunode.internal.validators").callback(stylize, "stylize")
        else
          ctx.user = options
        end
      end
    end
  end
  ctx.depth, ctx.maxArrayLength, ctx.maxStringLength = limit(ctx.depth), limit(ctx.maxArrayLength), limit(ctx.maxStringLength)
  ctx.breakLength = limit(ctx.breakLength)
  if ctx.maxArrayLength < 0 then ctx.maxArrayLength = 0 end
  if ctx.maxStringLength < 0 then ctx.maxStringLength = 0 end
  if ctx.colors == null then ctx.colors = false end
  return setmetatable(ctx, Context)
end

function Context:paint(shown, name)
  if self.colors then return style.paint(shown, name) end
  if self.stylize then return tostring(self.stylize(shown, name)) end
  return shown
end

-- ---- primitives

local function more(n, what) return ("... %s more %s%s"):format(number_text(n), what, n > 1 and "s" or "") end
Context.more = more

function Context:string(value)
  local trailer = ""
  local most = self.maxStringLength
  if #value > most then
    local left = units(value) - most
    if left > 0 then
      value = text.cut(value, most)
      trailer = more(left, "character")
    end
  end
  if self.compact ~= true and #value > 16 and find(value, "\n", 1, true) and units(value) > self.breakLength - self.indentation - 4 then
    local lines = {}
    for line in gmatch(value, "[^\n]*\n?") do
      if line ~= "" then lines[#lines + 1] = self:paint(quote(line), "string") end
    end
    value = concat(lines, " +\n" .. rep(" ", self.indentation + 2))
  else
    value = self:paint(quote(value), "string")
  end
  return value .. trailer
end

-- A value without properties, or nil.
function Context:primitive(value)
  local t = type(value)
  if t == "string" then return self:string(value) end
  if t == "number" then return self:paint(number_text(value, self.numericSeparator), "number") end
  if t == "nil" then return self:paint(floor.undefined, "undefined") end
  if t == "boolean" then return self:paint(value and "true" or "false", "boolean") end
  if value == null then return self:paint("null", "null") end
  if t == "cdata" then
    local digits = text.bigint(value)
    return digits and self:paint(text.integer(digits, self.numericSeparator) .. "n", "bigint")
  end
end

-- ---- objects' own functions

-- What a custom function is given as its options: they can be changed and handed to inspect again.
function Context:options()
  local given = {}
  for i = 1, #NAMES do given[NAMES[i]] = self[NAMES[i]] end
  if self.user then
    for key, value in pairs(self.user) do
      if defaults[key] == nil then given[key] = value end
    end
  end
  given.stylize = function(shown, name) return self:paint(tostring(shown), name) end
  return given
end

function Context:indent(shown)
  if self.indentation == 0 or not find(shown, "\n", 1, true) then return shown end
  return (gsub(shown, "\n", "\n" .. rep(" ", self.indentation)))
end

local function own_text(self, model, value, depth)
  local fn = model.custom(value)
  if fn == nil or fn == Context.inspect or fn == model.inspect then return nil end
  if type(fn) ~= "function" then return nil end
  local result = fn(value, self.depth - depth, self:options(), model.inspect or Context.inspect)
  if result == value then return nil end
  if type(result) == "string" then return self:indent(result) end
  return self:value(result, depth)
end

-- ---- circles

local function circular(self, value)
  local refs = self.circular
  if not refs then
    refs = { count = 0 }
    self.circular = refs
  end
  if not refs[value] then
    refs.count = refs.count + 1
    refs[value] = refs.count
  end
  return self:paint("[Circular *" .. refs[value] .. "]", "special")
end

-- ---- properties

local function read_getter(self, model, value, get, set, depth)
  local label = set and "Getter/Setter" or "Getter"
  local wanted = self.getters
  if not (wanted == true or wanted == "get" and not set or wanted == "set" and set) then return self:paint("[" .. label .. "]", "special") end
  local ok, result = pcall(model.call or get, model.call and get or value, value)
  if not ok then
    local message = type(result) == "table" and result ~= null and result.message or result
    return self:paint("[" .. label .. ": <Inspection threw (" .. tostring(message) .. ")>]", "special")
  end
  local shown = self:primitive(result)
  if not shown and type(result) == "function" then shown = self:value(result, depth) end
  if shown then return self:paint("[" .. label .. ":", "special") .. " " .. shown .. self:paint("]", "special") end
  self.indentation = self.indentation + 2
  shown = self:value(result, depth)
  self.indentation = self.indentation - 2
  return self:paint("[" .. label .. "]", "special") .. " " .. shown
end

local function key_text(self, model, key, hidden)
  local name = model.key(key)
  if name == nil then
    local shown = self:primitive(key)
    if shown then return "[" .. shown .. "]" end
    if model.kind(key) == "symbol" then return "[" .. self:paint(text.escape_name(model.text(key)), "symbol") .. "]" end
    local keep = self.depth
    self.depth = 0
    shown = self:value(key, 1)
    self.depth = keep
    return "[" .. shown .. "]"
  end
  if name == "__proto__" then return "['__proto__']" end
  if hidden then return "[" .. text.escape_name(name) .. "]" end
  if find(name, "^[%a_][%w_]*$") then return self:paint(name, "name") end
  return self:paint(quote(name), "string")
end

-- One value inside of another, two columns further in.
function Context:member(value, depth, name)
  self.indentation = self.indentation + 2
  local shown = self:value(value, depth, name)
  self.indentation = self.indentation - 2
  return shown
end

-- A function in a literal has the key for its name.
local function name_from(key)
  if type(key) == "string" then return key end
  if type(key) == "table" and floor.lua.kind(key) == "symbol" then return "[" .. key.description .. "]" end
end

function Context:property(view, key, value, get, set, hidden)
  local model, depth, gap, shown = view.model, view.depth + 1, " ", nil
  local name = type(value) == "function" and name_from(key) or nil
  if get then shown = read_getter(self, model, view.value, get, set, depth)
  elseif set then shown = self:paint("[Setter]", "special")
  elseif self.compact ~= true or view.list then
    shown = self:member(value, depth, name)
  else
    self.indentation = self.indentation + 3
    shown = self:value(value, depth, name)
    if self.breakLength < width(shown) then gap = "\n" .. rep(" ", self.indentation) end
    self.indentation = self.indentation - 3
  end
  return key_text(self, model, key, hidden) .. ":" .. gap .. shown
end

-- ---- objects

-- "Name(size) [tag] ", "[Name(size): null prototype] [tag] "
function Context.prefix(view, fallback, size)
  local name, tag = view.name, view.tag
  size = size or ""
  if name == nil then
    if tag and tag ~= fallback then return ("[%s%s: null prototype] [%s] "):format(fallback, size, tag) end
    return ("[%s%s: null prototype] "):format(fallback, size)
  end
  if tag and tag ~= name then return name .. size .. " [" .. tag .. "] " end
  return name .. size .. " "
end
local prefix = Context.prefix

local function stable_sort(list, less)
  for i = 2, #list do -- entries are few, and a comparison function of the user's may contradict itself
    local entry, j = list[i], i - 1
    while j >= 1 and less(entry, list[j]) do
      list[j + 1] = list[j]
      j = j - 1
    end
    list[j + 1] = entry
  end
end

local function sort_output(self, view, output, properties)
  local by = self.sorted
  local function less(a, b) return a < b end
  if type(by) == "function" then
    by = require("lunode.internal.validators").callback(by, "sorted")
    less = function(a, b)
      local order = by(a, b)
      return type(order) == "number" and order < 0
    end
  end
  if not view.list then return stable_sort(output, less) end
  local tail, from = {}, #output - properties
  for i = 1, properties do tail[i] = output[from + i] end
  stable_sort(tail, less)
  for i = 1, properties do output[from + i] = tail[i] end
end

local function object_text(self, model, value, depth, given_name)
  local kind = model.kind(value)
  local name = model.constructor(value, self)
  local view = {
    value = value, model = model, depth = depth, kind = kind, name = name, tag = model.tag and model.tag(value, name, kind) or nil,
    keys = model.keys(value, self.showHidden, kind), given_name = given_name, inherited = nil,
    base = "", open = "{", close = "}", entries = false, list = false, extra = false, numbers = false,
  }
  if self.showHidden and depth <= self.depth and model.inherited then view.inherited = model.inherited(value) end
  view.bare = #view.keys == 0 and not (view.inherited and #view.inherited > 0)
  local whole = floor.kinds[kind](self, view)
  if whole then return whole end
  if depth > self.depth then
    local shown = prefix(view, "Object"):sub(1, -2)
    return self:paint(view.name and "[" .. shown .. "]" or shown, "special")
  end

  self.seen[value] = true
  self.current_depth = depth
  local output = {}
  if view.entries then view.entries(self, view, output) end
  local keys, properties = view.keys, #view.keys
  for i = 1, properties do
    local key = keys[i]
    output[#output + 1] = self:property(view, key, model.property(value, key))
  end
  if view.inherited then
    for _, p in ipairs(view.inherited) do
      local shown = self:property(view, p.key, p.value, p.get, p.set, true)
      output[#output + 1] = self.colors and "\27[2m" .. shown .. "\27[22m" or shown
    end
    properties = properties + #view.inherited
  end
  self.seen[value] = nil

  local refs = self.circular
  if refs and refs[value] then
    local reference = self:paint("<ref *" .. refs[value] .. ">", "special")
    if self.compact ~= true then view.base = view.base == "" and reference or reference .. " " .. view.base
    else view.open = reference .. " " .. view.open end
  end
  if self.sorted then sort_output(self, view, output, properties) end
  local shown = layout.join(self, output, view)
  local budget = self.budget
  if not budget then
    budget = {}
    self.budget = budget
  end
  local used = (budget[self.indentation] or 0) + #shown
  budget[self.indentation] = used
  if used > MAX_TEXT then self.depth = -1 end
  return shown
end

-- name: of the property that holds the value, which a Lua function takes for its own
function Context:value(value, depth, name)
  local shown = self:primitive(value)
  if shown then return shown end
  local model = model_of(value)
  local target, handler
  if model.proxy then target, handler = model.proxy(value) end
  if target ~= nil then
    if self.showProxy then
      if depth > self.depth then return self:paint("Proxy [Array]", "special") end
      self.indentation, self.current_depth = self.indentation + 2, depth
      local both = { self:value(target, depth + 1), self:value(handler, depth + 1) }
      self.indentation = self.indentation - 2
      return layout.join(self, both, { base = "", open = "Proxy [", close = "]", list = true, depth = depth })
    end
    local original = value
    repeat
      value = target
      model = model_of(value)
      target = model.proxy and model.proxy(value)
    until target == nil
    if self.customInspect then
      shown = own_text(self, model, value, depth)
      if shown then return shown end
    end
    if self.seen[original] then return circular(self, original) end
  elseif self.customInspect then
    shown = own_text(self, model, value, depth)
    if shown then return shown end
  end
  if self.seen[value] then return circular(self, value) end
  if self.levels >= MAX_NESTING then
    return ("[%s: Inspection interrupted prematurely. Maximum call stack size exceeded.]"):format(prefix({
      name = model.constructor(value, self), tag = nil,
    }, "Object"):sub(1, -2))
  end
  self.levels = self.levels + 1
  shown = object_text(self, model, value, depth, name)
  self.levels = self.levels - 1
  return shown
end

return Context
