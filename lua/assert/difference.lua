-- SPDX-License-Identifier: MIT
--
-- The text that an AssertionError makes of two values, in Node 20's layout (Node 20 docs: assert.AssertionError): line by line, "+" what
-- there is, "-" what was expected, equal lines far from a difference left out.
--
--   difference.message(words, actual, expected, operator, head) -> text; head: what stands above a difference instead of the usual words
--   words: show(value) -> text of all that it holds, is_object(value), is_function(value), text(value),
--   limit_errors(a, b) -> a, b as they are shown
local concat, max, min, rawequal = table.concat, math.max, math.min, rawequal

local M = {}

local HEADS = {
  deepStrictEqual = "Expected values to be strictly deep-equal:",
  partialDeepStrictEqual = "Expected values to be partially and strictly deep-equal:",
  strictEqual = "Expected values to be strictly equal:",
  strictEqualObject = 'Expected "actual" to be reference-equal to "expected":',
  deepEqual = "Expected values to be loosely deep-equal:",
  notDeepStrictEqual = 'Expected "actual" not to be strictly deep-equal to:',
  notStrictEqual = 'Expected "actual" to be strictly unequal to:',
  notStrictEqualObject = 'Expected "actual" not to be reference-equal to "expected":',
  notDeepEqual = 'Expected "actual" not to be loosely deep-equal to:',
  notIdentical = "Values have same structure but are not reference-equal:",
  notDeepEqualUnequal = "Expected values not to be loosely deep-equal:",
}

local SHORT = 12       -- characters of both values together that are shown as "a !== b"
local ROWS = 50        -- lines shown at most
local WIDTH = 80       -- of output that is no terminal

-- ---- colours: only where standard error is a terminal that has them

local PLAIN = { blue = "", green = "", red = "", white = "" }
local COLOURED = { blue = "\27[34m", green = "\27[32m", red = "\27[31m", white = "\27[39m" }

local function colours()
  local stderr = require("lunode.process").stderr
  if stderr and stderr.isTTY and (not stderr.getColorDepth or stderr:getColorDepth() > 2) then return COLOURED, stderr end
  return PLAIN, stderr
end

-- ---- lines

local function lines_of(text)
  local list, n, from = {}, 0, 1
  while true do
    local at = text:find("\n", from, true)
    n = n + 1
    list[n] = text:sub(from, (at or 0) - 1)
    if not at then
      list.n = n
      return list
    end
    from = at + 1
  end
end

-- At most 47 of more than 50 lines, the last of them three dots.
local function cut(list, c)
  if list.n > ROWS then
    list[47] = c.blue .. "..." .. c.white
    for i = 48, list.n do list[i] = nil end
    list.n = 47
  end
  return concat(list, "\n", 1, list.n)
end

-- Characters are UTF-16 units in Node's limits.
local function units(text)
  if not text:find "[\128-\255]" then return #text end
  local n = 0
  for i = 1, #text do
    local b = text:byte(i)
    if b < 128 or b >= 192 then n = n + (b >= 240 and 2 or 1) end
  end
  return n
end

-- The first `count` units of text, whole characters only.
local function first_units(text, count)
  if #text <= count then return text end
  local n, i = 0, 1
  while i <= #text do
    local b = text:byte(i)
    local size = b < 128 and 1 or b < 224 and 2 or b < 240 and 3 or 4
    n = n + (size == 4 and 2 or 1)
    if n > count then break end
    i = i + size
  end
  return text:sub(1, i - 1)
end
M.units, M.first_units, M.lines_of = units, first_units, lines_of

local function shorten(text, limit)
  if units(text) > limit then return first_units(text, limit - 3) .. "..." end
  return text
end

-- How many characters two lines have in common at the start.
local function common(a, b)
  local i = 1
  while i <= #a and i <= #b and a:byte(i) == b:byte(i) do i = i + 1 end
  return units(a:sub(1, i - 1))
end

-- ---- two values of one line: "1 !== 2", or where to look

-- -> text of the whole message, or nil; the number of equal characters at the start; whether a caret goes under the first other one
local function one_line(words, actual, expected, a, b, operator, head, c, stderr)
  local length = units(a) + units(b)
  if length <= SHORT then
    if not words.is_object(actual) and not words.is_object(expected) and not (rawequal(actual, 0) and rawequal(expected, 0)) then
      return head .. "\n\n" .. a .. " !== " .. b .. "\n"
    end
    return nil, 0, false
  end
  if operator == "strictEqualObject" then return nil, 0, false end
  local width = c == COLOURED and stderr.columns or stderr and stderr.isTTY and stderr.columns or WIDTH
  if length >= width then return nil, 0, false end
  local same = common(a, b)
  return nil, same, same > 2
end

-- ---- the rows

-- What was equal since the last difference and is shown in front of the next: `count` lines that end before line `at`.
local function before(out, lines, at, count, c)
  local printed, skipped = 0, false
  if count > 2 then
    if count > 4 then
      if count == 5 then
        out[#out + 1] = "\n  " .. lines[at - 3]
        printed = 1
      else
        out[#out + 1] = "\n" .. c.blue .. "..." .. c.white
        skipped = true
      end
    end
    for back = count > 3 and 2 or 1, 1, -1 do
      out[#out + 1] = "\n  " .. lines[at - back]
      printed = printed + 1
    end
  end
  return printed, skipped
end

local function but_comma(a, b) return a:sub(-1) == "," and a:sub(1, -2) == b end

local function rows(words, actual, expected, operator, head)
  local c, stderr = colours()
  local shown = words.show(actual)
  local left, right = lines_of(shown), lines_of(words.show(expected))
  if operator == "strictEqual" and (words.is_object(actual) and words.is_object(expected)
    or words.is_function(actual) and words.is_function(expected)) then
    operator = "strictEqualObject"
  end
  if not head or head == "" then head = HEADS[operator] end
  local equal, caret = 0, nil
  if left.n == 1 and right.n == 1 and left[1] ~= right[1] then
    local whole, same, mark = one_line(words, actual, expected, left[1], right[1], operator, head, c, stderr)
    if whole then return whole end
    equal = same
    if mark then
      caret = "\n  " .. (" "):rep(same) .. "^"
      equal = 0
    end
  end

  -- equal lines at the end: three are shown, and the first of them if there are more
  local tail, first = {}, nil
  local nl, nr = left.n, right.n
  while nl > 0 and nr > 0 and left[nl] == right[nr] do
    if equal < 3 then table.insert(tail, 1, "\n  " .. left[nl]) else first = left[nl] end
    equal = equal + 1
    nl, nr = nl - 1, nr - 1
  end
  local total = max(nl, nr)
  if total == 0 then
    return HEADS.notIdentical .. "\n\n" .. cut(lines_of(shown), c) .. "\n"
  end
  local skipped = false
  if equal >= 5 then
    table.insert(tail, 1, "\n" .. c.blue .. "..." .. c.white)
    skipped = true
  end
  if first then table.insert(tail, 1, "\n  " .. first) end

  head = head .. "\n" .. c.green .. "+ actual" .. c.white .. " " .. c.red .. "- expected" .. c.white
  local plus, minus = "\n" .. c.green .. "+" .. c.white .. " ", "\n" .. c.red .. "-" .. c.white .. " "
  local longer = nl < total and right or left
  local out, later, printed, alike = {}, {}, 0, 0
  local both = min(nl, nr)
  local function lead(lines, i)
    local count, left_out = before(out, lines, i, alike, c)
    printed, skipped, alike = printed + count, skipped or left_out, 0
  end
  for i = 1, total do
    if i > both then
      lead(longer, i)
      if longer == left then out[#out + 1] = plus .. left[i] else later[#later + 1] = minus .. right[i] end
      printed = printed + 1
    else
      local a, b = left[i], right[i]
      local differ = a ~= b and not but_comma(a, b)
      if differ and but_comma(b, a) then
        differ = false
        a = a .. ","
      end
      if differ then
        lead(left, i)
        out[#out + 1] = plus .. a
        later[#later + 1] = minus .. b
        printed = printed + 2
      else
        for k = 1, #later do out[#out + 1] = later[k] end
        later = {}
        alike = alike + 1
        if alike <= 2 then
          out[#out + 1] = "\n  " .. a
          printed = printed + 1
        end
      end
    end
    if printed > ROWS and i - 1 < total - 2 then
      local dots = c.blue .. "..." .. c.white
      return head .. " " .. dots .. " Lines skipped\n" .. concat(out) .. "\n" .. dots .. concat(later) .. "\n" .. dots
    end
  end
  return head .. (skipped and " " .. c.blue .. "..." .. c.white .. " Lines skipped" or "") .. "\n" .. concat(out) .. concat(later)
    .. concat(tail) .. (caret or "")
end

-- ---- messages

-- One value that must not have been so.
local function unwanted(words, actual, operator)
  local head = HEADS[operator]
  if operator == "notStrictEqual" and (words.is_object(actual) or words.is_function(actual)) then head = HEADS.notStrictEqualObject end
  local c = colours()
  local list = lines_of(words.show(actual))
  if list.n == 1 then return head .. (units(list[1]) > 5 and "\n\n" or " ") .. list[1] end
  return head .. "\n\n" .. cut(list, c) .. "\n"
end

function M.message(words, actual, expected, operator, head)
  actual, expected = words.limit_errors(actual, expected)
  if operator == "deepStrictEqual" or operator == "strictEqual" or operator == "partialDeepStrictEqual" then
    return rows(words, actual, expected, operator, head)
  end
  if operator == "notDeepStrictEqual" or operator == "notStrictEqual" then return unwanted(words, actual, operator) end
  local a, b = words.show(actual), words.show(expected)
  if operator == "notDeepEqual" and a == b then return shorten(HEADS.notDeepEqual .. "\n\n" .. a, 1024) end
  a, b = shorten(a, 512), shorten(b, 512)
  if operator == "deepEqual" then return HEADS.deepEqual .. "\n\n" .. a .. "\n\nshould loosely deep-equal\n\n" .. b end
  if operator == "notDeepEqual" then return HEADS.notDeepEqualUnequal .. "\n\n" .. a .. "\n\nshould not loosely deep-equal\n\n" .. b end
  return a .. " " .. words.text(operator) .. " " .. b
end

return M
