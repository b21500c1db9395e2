-- SPDX-License-Identifier: MIT
--
-- console.table: rows and columns in boxes (Node 20 docs: console.table).
--   table_text(data, properties, options) -> text, or nil for what has no rows; options: those of inspect
-- A list's rows and columns are numbered as its language counts. Map and Set have an "(iteration index)".
local errors = require "lunode.internal.errors"
local floor = require "lunode.util.inspect.floor"
local inspect = require "lunode.util.inspect"

local type, tostring, ipairs, concat, rep, max, huge = type, tostring, ipairs, table.concat, string.rep, math.max, math.huge
local width, null = inspect.width, errors.null

local function row_text(cells, widths)
  local out = {}
  for i, columns in ipairs(widths) do
    local cell = cells[i] or ""
    out[i] = " " .. cell .. rep(" ", columns - width(cell) - 1)
  end
  return "│" .. concat(out, "│") .. "│"
end

-- head: sequence of texts; columns: for each a table row -> text
local function draw(head, columns, rows)
  local widths, rules = {}, {}
  for i, title in ipairs(head) do
    local columns_wide = width(title)
    for r = 1, rows do columns_wide = max(columns_wide, width(columns[i][r] or "")) end
    widths[i] = columns_wide + 2
    rules[i] = rep("─", columns_wide + 2)
  end
  local out = { "┌" .. concat(rules, "┬") .. "┐", row_text(head, widths), "├" .. concat(rules, "┼") .. "┤" }
  for r = 1, rows do
    local cells = {}
    for i = 1, #head do cells[i] = columns[i][r] or "" end
    out[#out + 1] = row_text(cells, widths)
  end
  out[#out + 1] = "└" .. concat(rules, "┴") .. "┘"
  return concat(out, "\n")
end

local LISTS = { array = true, typed = true }

local function is_row(value)
  local t = type(value)
  if not (t == "table" or t == "userdata") or value == null then return false end
  local kind = floor.model_of(value).kind(value)
  return kind ~= "symbol" and kind ~= "primitive"
end

-- The members of a value: sequence of {name, value}.
local function members(value)
  local model = floor.model_of(value)
  local kind, out = model.kind(value), {}
  if LISTS[kind] then
    local indices = model.indices and model.indices(value)
    for k = 1, indices and #indices or model.length(value) do
      local i = indices and indices[k] or k
      out[k] = { tostring(i - 1 + (model.first or 0)), (model.element(value, i)) }
    end
  end
  for _, key in ipairs(model.keys(value, false, kind)) do
    local v, get = model.property(value, key)
    if get then v = (model.call or get)(model.call and get or value, value) end
    out[#out + 1] = { model.key(key) or tostring(key), v }
  end
  return out
end

local function cell_text(value, options)
  local given = { maxArrayLength = 3, breakLength = huge, depth = 0 }
  if is_row(value) and not LISTS[floor.model_of(value).kind(value)] and #members(value) > 2 then given.depth = -1 end
  for k, v in pairs(options) do given[k] = v end
  return inspect.inspect(value, given)
end

-- Of a Map, a Set or an iterator over one.
local function collection(entries, of_pairs, first, options)
  local index, keys, values = {}, {}, {}
  local step = of_pairs and 2 or 1
  for r = 1, entries.n / step do
    index[r] = tostring(r - 1 + first)
    if of_pairs then keys[r] = cell_text(entries[2 * r - 1], options) end
    values[r] = cell_text(entries[step * r], options)
  end
  if of_pairs then return draw({ "(iteration index)", "Key", "Values" }, { index, keys, values }, #index) end
  return draw({ "(iteration index)", "Values" }, { index, values }, #index)
end

return function(data, properties, options)
  if not is_row(data) then return nil end
  options = options or {}
  local model = floor.model_of(data)
  local kind = model.kind(data)
  if kind == "map" or kind == "set" or kind == "map_iterator" or kind == "set_iterator" then
    local entries, of_pairs = model.entries(data)
    if of_pairs == nil then of_pairs = kind == "map" end
    return collection(entries, of_pairs, model.first or 0, options)
  end
  local index, values, has_values = {}, {}, false
  local names, by_name = {}, {}
  if properties then
    for i, name in ipairs(properties) do
      names[i] = tostring(name)
      by_name[names[i]] = {}
    end
  end
  for r, row in ipairs(members(data)) do
    index[r] = row[1]
    local item = row[2]
    if is_row(item) then
      for _, member in ipairs(members(item)) do
        local name = member[1]
        if not by_name[name] and not properties then
          by_name[name] = {}
          names[#names + 1] = name
        end
        if by_name[name] then by_name[name][r] = cell_text(member[2], options) end
      end
    elseif not properties then
      values[r] = cell_text(item, options)
      has_values = true
    end
  end
  local head, columns = { "(index)" }, { index }
  for _, name in ipairs(names) do
    head[#head + 1] = name
    columns[#columns + 1] = by_name[name]
  end
  if has_values then
    head[#head + 1] = "Values"
    columns[#columns + 1] = values
  end
  return draw(head, columns, #index)
end
