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
    if config.type ~= "string" and config.type ~= "boolean" then
      error(ARG_TYPE("options." .. name .. ".type", "('string|boolean')", config.type), 0)
    end
    if config.short ~= nil then
      validators.validateString(config.short, "options." .. name .. ".short")
      if #config.short ~= 1 then error(ARG_VALUE("options." .. name .. ".short", config.short, "must be a single character"), 0) end
    end
    if config.multiple ~= nil then validators.validateBoolean(config.multiple, "options." .. name .. ".multiple") end
    check_default(config, name)
  end
end

-- The arguments as tokens (Node 20 docs: parseArgs tokens). The items of a group of short options (-abc) have the index of the group.
local function tokenize(args, options)
  local by_short = {}
  for name, config in pairs(options) do
    if config.short then by_short[config.short] = name end
  end
  local function long_name(letter) return by_short[letter] or letter end
  local function takes_value(name) return options[name] ~= nil and options[name].type == "string" end

  local tokens, i, n, index = {}, 1, #args, 0
  local group, at -- what a group of short options stands for, and the next of it
  local function add(token) tokens[#tokens + 1] = shape.dict(token) end
  local function following() return not (group and group[at]) and args[i] or nil end
  -- An option whose value, if it takes one, is the next argument.
  local function option(name, raw)
    local token = { kind = "option", name = name, rawName = raw, index = index }
    local value = following()
    if takes_value(name) and value ~= nil then
      token.value, token.inlineValue = value, false
      i = i + 1
    end
    add(token)
  end

  while i <= n or group and group[at] do
    local a
    if group and group[at] then
      a, at = group[at], at + 1
    else
      a, group, index = args[i], nil, i - 1
      i = i + 1
    end
    if type(a) ~= "string" or not a:find "^%-." then
      add { kind = "positional", index = index, value = a }
    elseif a == "--" then
      add { kind = "option-terminator", index = index }
      for k = i, n do add { kind = "positional", index = k - 1, value = args[k] } end
      break
    elseif a:sub(2, 2) == "-" then
      local equals = a:find("=", 4, true)
      if equals then
        local raw = a:sub(1, equals - 1)
        add { kind = "option", name = raw:sub(3), rawName = raw, index = index, value = a:sub(equals + 1), inlineValue = true }
      else
        option(a:sub(3), a)
      end
    elseif #a == 2 then
      option(long_name(a:sub(2)), a)
    elseif takes_value(long_name(a:sub(2, 2))) then
      add { kind = "option", name = long_name(a:sub(2, 2)), rawName = a:sub(1, 2), index = index, value = a:sub(3), inlineValue = true }
    else
      group, at = {}, 1
      for k = 2, #a do
        if takes_value(long_name(a:sub(k, k))) then
          group[#group + 1] = "-" .. a:sub(k)
          break
        end
        group[#group + 1] = "-" .. a:sub(k, k)
      end
    end
  end
  return tokens
end

-- Strict mode's complaints.
local function check_token(token, options, allow_positionals, allow_negative)
  local name = token.name
  local config = options[name]
  if not config and allow_negative and name:sub(1, 3) == "no-" and options[name:sub(4)] and options[name:sub(4)].type == "boolean" then
    name = name:sub(4)
    config = options[name]
  end
  if not config then error(errors.ERR_PARSE_ARGS_UNKNOWN_OPTION(token.rawName, allow_positionals), 0) end
  local shown = (config.short and "-" .. config.short .. ", " or "") .. "--" .. name
  if config.type == "string" and type(token.value) ~= "string" then
    error(errors.ERR_PARSE_ARGS_INVALID_OPTION_VALUE("Option '" .. shown .. " <value>' argument missing"), 0)
  end
  if config.type == "boolean" and token.value ~= nil then
    error(errors.ERR_PARSE_ARGS_INVALID_OPTION_VALUE("Option '" .. shown .. "' does not take an argument"), 0)
  end
  if token.inlineValue == false and #token.value > 1 and token.value:sub(1, 1) == "-" then
    local hint = token.rawName:sub(1, 2) == "--" and "'" .. token.rawName .. "=-XYZ'"
      or "'--" .. token.name .. "=-XYZ' or '" .. token.rawName .. "-XYZ'"
    error(errors.ERR_PARSE_ARGS_INVALID_OPTION_VALUE("Option '" .. token.rawName .. "' argument is ambiguous.\n"
      .. "Did you forget to specify the option argument for '" .. token.rawName .. "'?\n"
      .. "To specify an option argument starting with a dash use " .. hint .. "."), 0)
  end
end

return function(config)
  if type(config) ~= "table" then config = {} end
  local args, options = config.args, config.options
  if args == nil or args == errors.null then
    -- What stands behind the script in process.argv.
    args = {}
    local argv = require("lunode.process").argv
    for i = options_of_command.script and 3 or 2, #argv do args[#args + 1] = argv[i] end
  end
  if options == nil or options == errors.null then options = {} end
  validators.validateArray(args, "args")
  local strict, allow_positionals, allow_negative = config.strict, config.allowPositionals, config.allowNegative
  if strict == nil then strict = true end
  if allow_positionals == nil then allow_positionals = not strict end
  for _, name in ipairs { "strict", "allowPositionals", "tokens", "allowNegative" } do
    if config[name] ~= nil then validators.validateBoolean(config[name], name) end
  end
  validators.validateObject(options, "options")
  check_options(options)

  local tokens, values, positionals = tokenize(args, options), {}, {}
  for _, token in ipairs(tokens) do
    if token.kind == "option" then
      if strict then check_token(token, options, allow_positionals, allow_negative) end
      local value = token.value
      if value == nil then value = true end
      if allow_negative and token.value == nil and token.name:sub(1, 3) == "no-" then
        token.name = token.name:sub(4)
        value = false
      end
      local name = token.name
      if options[name] and options[name].multiple then
        values[name] = values[name] or shape.list {}
        values[name][#values[name] + 1] = value
      elseif name ~= "__proto__" then
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
