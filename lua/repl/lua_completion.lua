-- SPDX-License-Identifier: MIT
--
-- What a line of Lua could go on with: keywords, locals and globals; fields and methods behind "." and ":"; module names and files in
-- require "…. Nothing is called to find out, but accessors of objects are read.
local type, pairs, pcall, getmetatable, sort, sub = type, pairs, pcall, getmetatable, table.sort, string.sub

local KEYWORDS = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return then true until while"):gmatch "%S+" do
  KEYWORDS[#KEYWORDS + 1] = word
end

-- ---- modules

local function require_entries(name)
  local loader = require "lunode.internal.loader"
  local list = {}
  local dir, base = name:match "^(%.%.?/.*/)([^/]*)$"
  if not dir then dir, base = name:match "^(%.%.?/)([^/]*)$" end
  if not dir then dir, base = name:match "^(/.*/)([^/]*)$" end
  if not dir then dir, base = name:match "^(/)([^/]*)$" end
  if dir then
    local ok, entries = pcall(require("lunode.fs").readdirSync, dir, { withFileTypes = true })
    for i = 1, ok and #entries or 0 do
      local entry = entries[i]
      if sub(entry.name, 1, #base) == base and (base ~= "" or sub(entry.name, 1, 1) ~= ".") then
        if entry:isDirectory() then list[#list + 1] = dir .. entry.name .. "/"
        else
          for _, ext in pairs(loader.order) do
            if sub(entry.name, -#ext) == ext then list[#list + 1] = dir .. (ext == ".lua" and sub(entry.name, 1, -5) or entry.name) end
          end
        end
      end
    end
    sort(list)
    return list
  end
  local bare = name:match "^node:(.*)$"
  for _, builtin in ipairs(require("lunode.repl").builtinModules) do
    if sub(builtin, 1, #(bare or name)) == (bare or name) then list[#list + 1] = (bare and "node:" or "") .. builtin end
  end
  return list
end

-- ---- fields

local function add(group, seen, name, prefix, methods_only, value)
  if type(name) ~= "string" or seen[name] or not name:find "^[%a_][%w_]*$" or sub(name, 1, #prefix) ~= prefix then return end
  if methods_only and type(value) ~= "function" then
    if type(value) ~= "table" or not (getmetatable(value) or {}).__call then return end
  end
  if prefix == "" and sub(name, 1, 1) == "_" and sub(name, 1, 2) ~= "__" then return end -- the library's own
  seen[name] = true
  group[#group + 1] = name
end

local function add_table(groups, seen, t, prefix, methods_only)
  local group = {}
  for name, value in pairs(t) do add(group, seen, name, prefix, methods_only, value) end
  if #group > 0 then
    sort(group)
    groups[#groups + 1] = group
  end
end

-- The fields of a value: its own, then those of each prototype or __index behind it.
local function field_groups(value, prefix, methods_only)
  local groups, seen = {}, {}
  local visited = {}
  local current = value
  if type(current) == "table" then add_table(groups, seen, current, prefix, methods_only) end
  while true do
    local mt = current ~= nil and (type(current) == "table" or type(current) == "userdata" or type(current) == "string") and getmetatable(current)
    if type(mt) ~= "table" or visited[mt] then break end
    visited[mt] = true
    if not methods_only and type(rawget(mt, "getters")) == "table" then add_table(groups, seen, mt.getters, prefix, false) end
    if rawget(mt, "static") == nil and type(current) == "table" and type(rawget(current, "static")) == "table" then
      add_table(groups, seen, current.static, prefix, methods_only)
    end
    local behind = rawget(mt, "proto") or rawget(mt, "__index")
    if type(behind) ~= "table" then break end
    add_table(groups, seen, behind, prefix, methods_only)
    current = behind
  end
  return groups
end

-- ---- names

local function value_of(state, name, context)
  local value, is_local = state.scope:get(name)
  if is_local then return value end
  return context[name]
end

local function global_groups(state, prefix, context)
  local groups, seen = {}, {}
  local locals = {}
  for _, name in pairs(state.scope:names()) do add(locals, seen, name, prefix) end
  if #locals > 0 then groups[1] = locals end
  add_table(groups, seen, context, prefix)
  if context ~= _G then add_table(groups, seen, _G, prefix) end
  local node = {}
  for name in pairs(require("lunode.internal.globals").lazy) do add(node, seen, name, prefix) end
  if state.server.useModules then
    for _, name in pairs(require("lunode.repl").builtinModules) do add(node, seen, name, prefix) end
  end
  sort(node)
  if #node > 0 then groups[#groups + 1] = node end
  if prefix ~= "" then
    local words = {}
    for i = 1, #KEYWORDS do add(words, seen, KEYWORDS[i], prefix) end
    if #words > 0 then groups[#groups + 1] = words end
  end
  return groups
end

local function joined(groups, head)
  local out = {}
  for i = 1, #groups do
    if i > 1 then out[#out + 1] = "" end
    for k = 1, #groups[i] do out[#out + 1] = head .. groups[i][k] end
  end
  return out
end

return function(state, text, context)
  local quoted = text:match "require%s*%(?%s*[\"']([^\"']*)$"
  if quoted then return require_entries(quoted), quoted end
  local chain = text:match "([%a_][%w_.:]*)$"
  if not chain then
    if text:find "^%s*$" or text:find "[%s(,=+%-*/%%^#<>~{;%[]$" then return joined(global_groups(state, "", context), ""), "" end
    return {}, text
  end
  if text:sub(-#chain - 1, -#chain - 1):find "[.:%])\"'%w]" then return {}, chain end -- behind a call or an index: unknown
  local head, sign, prefix = chain:match "^(.*)([.:])([%w_]*)$"
  if not head then return joined(global_groups(state, chain, context), ""), chain end
  local value, first = nil, true
  for name in head:gmatch "[^.:]+" do
    local ok, found
    if first then ok, found = pcall(value_of, state, name, context) else ok, found = pcall(function() return value[name] end) end
    if not ok or found == nil then return {}, chain end
    value, first = found, false
  end
  return joined(field_groups(value, prefix, sign == ":"), head .. sign), chain
end
