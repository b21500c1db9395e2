-- SPDX-License-Identifier: MIT
--
-- util.inspect (Node 20 docs: util.inspect): any value as text, in Node's layout.
--
--   inspect(value, options | showHidden, depth, colors)
--   options: showHidden, depth (2; math.huge or null for all), colors, customInspect (true), showProxy, maxArrayLength (100),
--     maxStringLength (10000), breakLength (80), compact (3, true, false), sorted (true or a comparison function of two entries), getters
--     (true, "get", "set"), numericSeparator
--   inspect.custom   the key of an object's own function(self, depth, options, inspect) -> text or another value
--   inspect.defaultOptions, inspect.colors, inspect.styles
--
-- inspect/floor.lua says how another language's values are added; lua_model.lua what Lua's are.
local custom = require "lunode.internal.inspect_custom"
local floor = require "lunode.util.inspect.floor"
local style = require "lunode.util.inspect.style"
local text = require "lunode.util.inspect.text"

floor.lua = require "lunode.util.inspect.lua_model"
require "lunode.util.inspect.kinds"
local Context = require "lunode.util.inspect.value"

local door = require("lunode.internal.validators").door
if door.inspect then door.inspect() end -- JavaScript's model

local type, pairs, tostring, rawset, error = type, pairs, tostring, rawset, error
local defaults, new = Context.defaults, Context.new

local M = {}

function M.inspect(value, options, depth, colors)
  if type(options) == "boolean" then options = { showHidden = options, depth = depth, colors = colors }
  elseif type(options) ~= "table" then
    if depth == nil and colors == nil then options = nil else options = { depth = depth, colors = colors } end
  end
  local ctx = new(options)
  return ctx:primitive(value) or ctx:value(value, 0)
end

M.strip, M.width, M.floor = text.strip, text.width, floor

M.callable = setmetatable({ custom = custom, colors = style.colors, styles = style.styles }, {
  __name = "inspect",
  __call = function(_, ...) return M.inspect(...) end,
  __index = function(_, key) if key == "defaultOptions" then return defaults end end,
  __newindex = function(t, key, value)
    if key ~= "defaultOptions" then return rawset(t, key, value) end
    require("lunode.internal.validators").validateObject(value, "options")
    for name, v in pairs(value) do
      if defaults[name] == nil then
        error(require("lunode.internal.errors").TypeError("Cannot add property " .. tostring(name) .. ", object is not extensible"), 0)
      end
      defaults[name] = v
    end
  end,
})
Context.inspect = M.callable

-- JavaScript, if it is there, adds its model.
local door = require("lunode.internal.validators").door
if door.inspect then door.inspect() end

return M
