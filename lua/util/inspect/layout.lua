-- SPDX-License-Identifier: MIT
--
-- How entries become lines: columns for long lists, one line where it fits (Node 20 docs: util.inspect, `compact`, `breakLength`).
local text = require "lunode.util.inspect.text"

local concat, floor, sqrt, min, max, rep, find = table.concat, math.floor, math.sqrt, math.min, math.max, string.rep, string.find
local units, strip, width = text.units, text.strip, text.width

local M = {}

local function length(ctx, entry)
  if ctx.colors then entry = strip(entry) end
  return units(entry)
end

-- Columns of a size that makes the block about 2.5 times as wide as high. The last entry stays out when it counts what was left out
-- (extra). numbers: they stand to the right.
function M.columns(ctx, output, extra, numbers)
  local total, longest, count = 0, 0, #output - (extra and 1 or 0)
  local widths = {}
  for i = 1, count do
    local n = width(output[i])
    widths[i] = n
    total = total + n + 2
    if n > longest then longest = n end
  end
  local actual = longest + 2
  if not (actual * 3 + ctx.indentation < ctx.breakLength and (total / actual > 5 or longest <= 6)) then return output end
  local biased = max(actual - 3 - sqrt(actual - total / #output), 1)
  local columns = min(
    floor(sqrt(2.5 * biased * count) / biased + 0.5), floor((ctx.breakLength - ctx.indentation) / actual), ctx.compact * 4, 15
  )
  if columns <= 1 then return output end
  local line = {}
  for i = 1, columns do
    local here = 0
    for j = i, count, columns do here = max(here, widths[j]) end
    line[i] = here
  end
  local rows, row = {}, {}
  for i = 1, count, columns do
    local last = min(i + columns - 1, count)
    for j = i, last do
      local pad = rep(" ", line[j - i + 1] - widths[j])
      local comma = j < last and ", " or ""
      row[j - i + 1] = numbers and pad .. output[j] .. comma or output[j] .. comma .. (j < last and pad or "")
    end
    rows[#rows + 1] = concat(row, "", 1, last - i + 1)
  end
  if extra then rows[#rows + 1] = output[#output] end
  return rows
end

local function fits(ctx, output, start, base)
  local total = #output + start
  if total + #output > ctx.breakLength then return false end
  for i = 1, #output do
    total = total + length(ctx, output[i])
    if total > ctx.breakLength then return false end
  end
  return base == "" or not find(base, "\n", 1, true)
end

-- view: what value.lua fills in; output: its entries
function M.join(ctx, output, view)
  local compact = ctx.compact
  local base, open, close = view.base, view.open, view.close
  local indentation = "\n" .. rep(" ", ctx.indentation)
  if compact ~= true then
    local front = base ~= "" and base .. " " or ""
    if type(compact) == "number" and compact >= 1 then
      local entries = #output
      if view.list and entries > 6 then output = M.columns(ctx, output, view.extra, view.numbers and view.numbers(entries)) end
      if ctx.current_depth - view.depth < compact and entries == #output then
        if fits(ctx, output, entries + ctx.indentation + units(open) + units(base) + 10, base) then
          local joined = concat(output, ", ")
          if not find(joined, "\n", 1, true) then return front .. open .. " " .. joined .. " " .. close end
        end
      end
    end
    return front .. open .. indentation .. "  " .. concat(output, "," .. indentation .. "  ") .. indentation .. close
  end
  local behind = base ~= "" and " " .. base or ""
  if fits(ctx, output, 0, base) then return open .. behind .. " " .. concat(output, ", ") .. " " .. close end
  local line = base == "" and #open == 1 and " " or behind .. "\n" .. indentation:sub(2) .. "  "
  return open .. line .. concat(output, "," .. indentation .. "  ") .. " " .. close
end

return M
