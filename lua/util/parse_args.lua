-- SPDX-License-Identifier: MIT
--
-- util.parseArgs (Node 20 docs): options of a command line.
--   parseArgs{args =, options = {name = {type = "boolean" | "string", short =, multiple =, default =}}, strict = true,
--     allowPositionals, allowNegative, tokens} -> {values =, positionals =, tokens =}
-- `index` in tokens counts args from 0, as Node's does.
local errors = require "lunode.internal.errors"
local options_of_command = require "lunode.internal.options"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local ARG_TYPE, ARG_VALUE = errors.ERR_INVALID_ARG_TYPE, errors.ERR_INVALID_ARG_VALUE

local function check_default(config, name)
  local value = config.default
  if value == nil then return end
  local label = "options." .. name .. ".default"
  local function one(v, l)
    if config.type == "string" then validators.validateString(v, l) else validators.validateBoolean(v, l) end
  end
  if not config.multiple then return one(value, label) end
  if type(value) ~= "table" then error(ARG_TYPE(label, "Array", value), 0) end
  for i = 1, #value do one(value[i], label .. "[" .. i - 1 .. "]") end
end

local function check_options(options)
  for name, config in pairs(options) do
    validators.validateObject(config, "options." .. name)
    validators.validateOneOf(config.type, "options." .. name .. ".type", { "string", "boolean" })
    if config.short ~= nil then
      validators.validateString(config.short, "options." .. name .. ".short")
      if #config.short ~= 1 then error(ARG_VALUE("options." .. name .. ".short", config.short, "must be a single character"), 0) end
    end
    if config.multiple ~= nil then validators.validateBoolean(config.multiple, "options." .. name .. ".multiple") end
    check_default(config, name)
  end
end

local function tokenize(args, options, allow_negative)
  local by_short = {}
  for name, config in pairs(options) do
    if config.short then by_short[config.short] = name end
  end
  local function takes_value(name) return options[name] ~= nil and options[name].type == "string" end
  local tokens, i, n = {}, 1, #args
  local queue = {} -- what a group of short options was split into
  local group_index
  local function add(token) tokens[#tokens + 1] = shape.dict(token) end
  while i <= n or queue[1] do
    local a, index
    if queue[1] then
      a, index = table.remove(queue, 1), group_index
    else
      a, index = args[i], i - 1
      i = i + 1
    end
    local following = not queue[1] and args[i] or nil
    local short = a:match "^%-([^%-])$"
    if a == "--" then
      add { kind = "option-terminator", index = index }
      while i <= n do
        add { kind = "positional", index = i - 1, value = args[i] }
        i = i + 1
      end
    elseif short then
      local name = by_short[short] or short
      local token = { kind = "option", name = name, rawName = a, index = index }
      if takes_value(name) and following ~= nil then
        token.value, token.inlineValue = following, false
        i = i + 1
      end
      add(token)
    elseif a:find "^%-[^%-]." then
      -- -abc: a group, up to one that takes a value: the rest is its value.
      local letters, k = a:sub(2), 1
      local first = by_short[letters:sub(1, 1)] or letters:sub(1, 1)
      if takes_value(first) then
        add { kind = "option", name = first, rawName = a:sub(1, 2), index = index, value = letters:sub(2), inlineValue = true }
      else
        local expanded = {}
        while k <= #letters do
          local letter = letters:sub(k, k)
          local name = by_short[letter] or letter
          if takes_value(name) and k < #letters then
            expanded[#expanded + 1] = "-" .. letters:sub(k)
            break
          end
          expanded[#expanded + 1] = "-" .. letter
          k = k + 1
        end
        for e = #expanded, 1, -1 do table.insert(queue, 1, expanded[e]) end
        group_index = index
      end
    elseif a:find "^%-%-." then
      local name, value = a:match "^%-%-([^=]+)=(.*)$"
      if name then
        add { kind = "option", name = name, rawName = "--" .. name, index = index, value = value, inlineValue = true }
      else
        name = a:sub(3)
        local token = { kind = "option", name = name, rawName = a, index = index }
        if takes_value(name) and following ~= nil then
          token.value, token.inlineValue = following, false
          i = i + 1
        elseif allow_negative and name:sub(1, 3) == "no-" and options[name] == nil then
          token.negative = true
        end
        add(token)
      end
    else
      add { kind = "positional", index = index, value = a }
    end
  end
  return tokens
end

local function label(token, options)
  local config = options[token.name]
  if config and config.short then return "-" .. config.short .. ", --" .. token.name end
  return "--" .. token.name
end

local function check_token(token, options, allow_positionals)
  local config = options[token.negative and token.name:sub(4) or token.name]
  if not config then error(errors.ERR_PARSE_ARGS_UNKNOWN_OPTION(token.rawName, allow_positionals), 0) end
  local shown = label(token, options)
  if config.type == "string" and type(token.value) ~= "string" then
    error(errors.ERR_PARSE_ARGS_INVALID_OPTION_VALUE("Option '" .. shown .. " <value>' argument missing"), 0)
  end
  if config.type == "boolean" and token.value ~= nil then
    error(errors.ERR_PARSE_ARGS_INVALID_OPTION_VALUE("Option '" .. shown .. "' does not take an argument"), 0)
  end
  if config.type == "string" and token.inlineValue == false and #token.value > 1 and token.value:sub(1, 1) == "-" then
    local hint = token.rawName:sub(1, 2) == "--" and "'" .. token.rawName .. "=-XYZ'"
      or "'--" .. token.name .. "=-XYZ' or '" .. token.rawName .. "-XYZ'"
    error(errors.ERR_PARSE_ARGS_INVALID_OPTION_VALUE("Option '" .. token.rawName .. "' argument is ambiguous.\n"
      .. "Did you forget to specify the option argument for '" .. token.rawName .. "'?\n"
      .. "To specify an option argument starting with a dash use " .. hint .. "."), 0)
  end
end

return function(config)
  if config ~= nil then validators.validateObject(config, "config") end
  config = config or {}
  local args, options = config.args, config.options or {}
  if args == nil then
    -- What stands behind the script in process.argv.
    args = {}
    local argv = require("lunode.process").argv
    for i = options_of_command.script and 3 or 2, #argv do args[#args + 1] = argv[i] end
  end
  validators.validateArray(args, "args")
  validators.validateObject(options, "options")
  local strict = config.strict ~= false
  local allow_positionals = config.allowPositionals
  if allow_positionals == nil then allow_positionals = not strict end
  for _, name in ipairs { "strict", "allowPositionals", "tokens", "allowNegative" } do
    if config[name] ~= nil then validators.validateBoolean(config[name], name) end
  end
  check_options(options)
  local tokens = tokenize(args, options, config.allowNegative)
  local values, positionals = {}, {}
  for _, token in ipairs(tokens) do
    if token.kind == "option" then
      if strict then check_token(token, options, allow_positionals) end
      local name, value = token.name, token.value
      if token.negative then name, value = name:sub(4), false end
      if value == nil then value = true end
      if options[name] and options[name].multiple then
        values[name] = values[name] or shape.list {}
        values[name][#values[name] + 1] = value
      else
        values[name] = value
      end
    elseif token.kind == "positional" then
      if not allow_positionals then error(errors.ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL(token.value), 0) end
      positionals[#positionals + 1] = token.value
    end
  end
  for name, option in pairs(options) do
    if option.default ~= nil and values[name] == nil then values[name] = option.default end
  end
  local result = { values = shape.dict(values), positionals = shape.list(positionals) }
  if config.tokens then result.tokens = shape.list(tokens) end
  return shape.dict(result)
end
