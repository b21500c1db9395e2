-- SPDX-License-Identifier: MIT
--
-- Medians, tables and verdicts.
local report = {}

-- The middle value of a sequence of numbers; nil for an empty one.
function report.median(values)
  local sorted = {}
  for i, value in ipairs(values) do sorted[i] = value end
  table.sort(sorted)
  local count = #sorted
  if count == 0 then return nil end
  return (sorted[math.floor((count + 1) / 2)] + sorted[math.ceil((count + 1) / 2)]) / 2
end

-- Half the distance from the lowest to the highest, as a part of the median.
function report.spread(values)
  local middle = report.median(values)
  if not middle or middle == 0 or #values < 2 then return nil end
  return (math.max(unpack(values)) - math.min(unpack(values))) / 2 / middle
end

-- 1234567.8 → "1,234,568"
function report.thousands(number)
  local text = ("%.0f"):format(number)
  repeat
    local changed
    text, changed = text:gsub("^(%d+)(%d%d%d)", "%1,%2")
  until changed == 0
  return text
end

local function width(text)
  return select(2, text:gsub("[^\128-\191]", ""))
end

local function pad(text, to, left)
  local gap = (" "):rep(to - width(text))
  return left and text .. gap or gap .. text
end

-- Prints rows of strings below their titles, the first column to the left, the others to the
-- right. A cell that is nil is shown as "–".
function report.table(titles, rows)
  local widths = {}
  for column, title in ipairs(titles) do
    widths[column] = width(title)
    for _, row in ipairs(rows) do
      widths[column] = math.max(widths[column], width(row[column] or "–"))
    end
  end
  local function line(cells)
    local out = {}
    for column = 1, #titles do
      out[column] = pad(cells[column] or "–", widths[column], column == 1)
    end
    print("  " .. (table.concat(out, "  "):gsub(" +$", "")))
  end
  line(titles)
  for _, row in ipairs(rows) do line(row) end
end

-- Prints "  target  TEXT: VALUE  met|MISSED" and counts. `value` nil: nothing to judge.
-- `sense`: "<=" or ">=".
report.missed = 0
function report.target(text, value, sense, limit, unit)
  if value == nil then
    print(("  target  %s: not measured"):format(text))
    return
  end
  local met = (sense == "<=" and value <= limit) or (sense == ">=" and value >= limit)
  if not met then report.missed = report.missed + 1 end
  print(("  target  %s: %.2f%s  %s"):format(text, value, unit or "", met and "met" or "MISSED"))
end

return report
