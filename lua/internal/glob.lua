-- SPDX-License-Identifier: MIT
--
-- Glob patterns. Source: Node 20 docs, "path.matchesGlob"; POSIX.1-2017, XCU 2.13 (with Bash's braces, ** and extended patterns).
--
--   glob.matches(path, pattern, windows) -> boolean      windows: a backslash separates in the path, too
--   glob.compiled(pattern) -> for each pattern that its braces stand for the list of its parts between slashes: text, glob.DEEP (**), or
--   what glob.name_matches(part, name) takes
--
-- * any text, ? a character, [a-z] [!a-z] [[:alpha:]] a class, ** directories at any depth, {a,b} {1..5} alternatives,
-- ?(a|b) *(a|b) +(a|b) @(a|b) !(a|b). A name that begins with a dot is met only by a pattern that begins with one. Text is UTF-8.
-- A backslash in the pattern separates, as in Node.
local errors = require "lunode.internal.errors"

local type, tonumber, error, ipairs = type, tonumber, error, ipairs

local M = {}

local MAX_PATTERNS = 20000 -- that braces may expand to
local MAX_LENGTH = 65536   -- of a pattern
local MAX_LEVELS = 100     -- of groups in groups; those further in are text

-- ---- braces

-- For every brace that is closed: where, and the commas between the two.
local function braces(text)
  local closes, commas, open, depth = {}, {}, {}, 0
  for i, c in text:gmatch "()([{},])" do
    if c == "{" then
      depth = depth + 1
      open[depth], commas[i] = i, {}
    elseif depth > 0 then
      local list = commas[open[depth]]
      if c == "," then
        list[#list + 1] = i
      else
        closes[open[depth]] = i
        depth = depth - 1
      end
    end
  end
  return closes, commas
end

-- {1..9..2}, {a..e}: the list, or nil.
local function sequence(body)
  local from, to, step = body:match "^(%-?%d+)%.%.(%-?%d+)%.?%.?(%-?%d*)$"
  local letters = false
  if not from then
    from, to, step = body:match "^(%a)%.%.(%a)%.?%.?(%-?%d*)$"
    letters = from ~= nil
  end
  if not from or body:find "%.%.$" then return nil end
  local width = 0
  if not letters and (from:find "^%-?0%d" or to:find "^%-?0%d") then width = #from > #to and #from or #to end
  local a, b = letters and from:byte() or tonumber(from), letters and to:byte() or tonumber(to)
  local by = math.abs(tonumber(step) or 1)
  if by == 0 then by = 1 end
  if math.abs(b - a) / by > MAX_PATTERNS then return nil end
  local out = {}
  for v = a, b, a <= b and by or -by do
    if letters then
      out[#out + 1] = v == 92 and "" or string.char(v)
    elseif width > 0 then
      out[#out + 1] = (v < 0 and "-" or "") .. ("%0" .. (v < 0 and width - 1 or width) .. "d"):format(math.abs(v))
    else
      out[#out + 1] = ("%d"):format(v)
    end
  end
  return out
end

-- The patterns without braces that a pattern stands for.
local function expand(text, out)
  if not text:find("{", 1, true) then
    out[#out + 1] = text
    return out
  end
  local all_closes, all_commas = braces(text)
  local open = 1
  while true do
    open = text:find("{", open, true)
    if not open then
      out[#out + 1] = text
      return out
    end
    local close, commas = all_closes[open], all_commas[open]
    if close and text:byte(open - 1) ~= 36 then -- "${" is text
      local body = text:sub(open + 1, close - 1)
      local list = #commas == 0 and sequence(body) or nil
      if #commas > 0 then
        list = {}
        local from = open + 1
        for i = 1, #commas + 1 do
          local stop = commas[i] or close
          expand(text:sub(from, stop - 1), list)
          from = stop + 1
        end
      end
      if list then
        local head, tails = text:sub(1, open - 1), expand(text:sub(close + 1), {})
        for i = 1, #list do
          for j = 1, #tails do
            if #out >= MAX_PATTERNS then return out end
            out[#out + 1] = head .. list[i] .. tails[j]
          end
        end
        return out
      end
    end
    open = open + 1
  end
end

-- ---- one name

local CLASSES = {
  alnum = "%w\128-\255", alpha = "%a\128-\255", ascii = "%z\1-\127", blank = " \t", cntrl = "%c", digit = "%d", graph = "%w%p\128-\255", lower = "%l",
  print = "%w%p \128-\255", punct = "%p", space = "%s", upper = "%u", word = "%w_\128-\255", xdigit = "%x",
}

local function character_end(text, at)
  local c = text:byte(at)
  local n = c < 0x80 and 1 or c < 0xe0 and 2 or c < 0xf0 and 3 or 4
  return at + n - 1
end

-- [..] at `at`: the node and the position behind it; nil where it is no class. A node's items are characters, pairs of them and Lua sets.
local function class_at(text, at)
  local node = { kind = "class", negated = false, items = {} }
  local i = at + 1
  if text:find("^[!^]", i) then
    node.negated = true
    i = i + 1
  end
  local first = true
  while i <= #text do
    local c = text:sub(i, character_end(text, i))
    if c == "]" and not first then
      local only = #node.items == 1 and not node.negated and node.items[1]
      if only and only.low and only.low == only.high then node = { kind = "text", text = only.low } end -- "[.]" is a dot
      return node, i + 1
    end
    local name = c == "[" and text:match("^%[:(%a+):%]", i)
    if name and CLASSES[name] then
      node.items[#node.items + 1] = { set = "^[" .. CLASSES[name] .. "]" }
      i = i + #name + 4
    else
      i = i + #c
      local high = text:match("^%-()", i)
      if high and high <= #text and text:sub(high, high) ~= "]" then
        local last = text:sub(high, character_end(text, high))
        if c <= last then node.items[#node.items + 1] = { low = c, high = last } end
        i = high + #last
      else
        node.items[#node.items + 1] = { low = c, high = c }
      end
    end
    first = false
  end
end

local parse

-- ?( *( +( @( !( at `at`: the node and the position behind it.
local function group_at(text, at, level)
  local depth, from, node, i = 0, at + 2, { kind = "group", mark = text:sub(at, at), alternatives = {} }, at + 1
  while i <= #text do
    local c = text:byte(i)
    if c == 91 then
      local _, behind = class_at(text, i)
      if behind then i = behind - 1 end
    elseif c == 40 then
      depth = depth + 1
    elseif c == 41 or c == 124 then
      if depth == 1 then
        node.alternatives[#node.alternatives + 1] = parse(text:sub(from, i - 1), level + 1)
        from = i + 1
      end
      if c == 41 then
        depth = depth - 1
        if depth == 0 then return node, i + 1 end
      end
    end
    i = i + 1
  end
end

-- A list of nodes. level: of groups around it.
function parse(text, level)
  local nodes, i = {}, 1
  while i <= #text do
    local node, behind
    local c = text:byte(i)
    if level < MAX_LEVELS and text:find("^[?*+@!]%(", i) then node, behind = group_at(text, i, level) end
    if not node then
      if c == 42 then node, behind = { kind = "star", least = 0 }, i + 1
      elseif c == 63 then node, behind = { kind = "any" }, i + 1
      elseif c == 91 then node, behind = class_at(text, i) end
    end
    if not node then
      behind = i + 1
      node = { kind = "text", text = text:sub(i, i) }
    end
    local last = nodes[#nodes]
    if last and last.kind == "text" and node.kind == "text" then last.text = last.text .. node.text
    elseif not (last and last.kind == "star" and node.kind == "star") then nodes[#nodes + 1] = node end
    i = behind
  end
  return nodes
end

local function in_class(node, c)
  local found = false
  for i = 1, #node.items do
    local item = node.items[i]
    if item.set then found = c:find(item.set) ~= nil else found = c >= item.low and c <= item.high end
    if found then break end
  end
  return found ~= node.negated
end

local SOME = { { kind = "star", least = 1 } }

-- What is left to match is a chain: { nodes, index, next }; `loop` marks the place where a repeated group begins its next turn.
-- `failed` remembers where which chain did not match, so that the time stays polynomial: every chain is made once.
local match

local function alternatives_of(chain, node, following)
  local list = chain.alternatives
  if not list then
    list = {}
    for i = 1, #node.alternatives do list[i] = { nodes = node.alternatives[i], index = 1, next = following } end
    chain.alternatives = list
  end
  return list
end

local function any_of(list, name, at, failed, start)
  for i = 1, #list do
    if match(list[i], name, at, failed, start) then return true end
  end
  return false
end

-- The rest of the name behind at, with `least` characters or more before it.
local function after_text(rest, name, at, failed, least)
  if least > 0 then
    if at > #name then return false end
    at = character_end(name, at) + 1
  end
  while true do
    if match(rest, name, at, failed, false) then return true end
    if at > #name then return false end
    at = character_end(name, at) + 1
  end
end

local function match_group(chain, node, rest, name, at, failed, start, hidden)
  local mark = node.mark
  if mark == "!" then
    -- Node's "!(a)*" refuses "ab" but not "a": the star behind a leading group counts as text here.
    local after = rest
    if chain.index == 1 and #chain.nodes == 2 and chain.nodes[2].kind == "star" and not chain.next then after = { nodes = SOME, index = 1 } end
    if any_of(alternatives_of(chain, node, after), name, at, failed, start) then return false end
    return not hidden and after_text(rest, name, at, failed, 0)
  elseif mark == "@" or mark == "?" then
    return any_of(alternatives_of(chain, node, rest), name, at, failed, start) or mark == "?" and match(rest, name, at, failed, false)
  end
  local again = chain.again
  if not again then
    again = { loop = true, rest = rest }
    again.turns = alternatives_of(chain, node, again)
    chain.again = again
  end
  return mark == "*" and match(rest, name, at, failed, false) or any_of(again.turns, name, at, failed, start)
end

-- Whether the chain matches all of name from `at` on; `start`: nothing of the pattern came before.
function match(chain, name, at, failed, start)
  while chain and not chain.loop and chain.index > #chain.nodes do chain = chain.next end
  if not chain then return at > #name end
  local memo = failed[chain]
  if not memo then
    memo = {}
    failed[chain] = memo
  elseif memo[at] then
    return false
  end
  if chain.loop then
    memo[at] = true -- until it is known better: a turn that takes no text leads nowhere
    local ok = match(chain.rest, name, at, failed, false) or any_of(chain.turns, name, at, failed, false)
    if ok then memo[at] = nil end
    return ok
  end
  local node, rest = chain.nodes[chain.index], chain.rest
  if not rest then
    rest = { nodes = chain.nodes, index = chain.index + 1, next = chain.next }
    chain.rest = rest
  end
  local kind, hidden, ok = node.kind, start and at == 1 and name:byte(1) == 46, false
  if kind == "text" then
    local stop = at + #node.text
    ok = name:sub(at, stop - 1) == node.text and match(rest, name, stop, failed, false)
  elseif kind == "any" or kind == "class" then
    if at <= #name and not hidden then
      local stop = character_end(name, at)
      ok = (kind == "any" or in_class(node, name:sub(at, stop))) and match(rest, name, stop + 1, failed, false)
    end
  elseif kind == "star" then
    ok = not hidden and after_text(rest, name, at, failed, node.least)
  else
    ok = match_group(chain, node, rest, name, at, failed, start, hidden)
  end
  if not ok and not start then memo[at] = true end
  return ok
end

local function name_matches(part, name)
  if type(part) == "string" then return part == name end
  local first, second = part[1], part[2]
  if not second and first.kind == "star" and name == "" then return false end
  if (name == "." or name == "..") and second and first.kind == "text" and second.kind ~= "group" then return false end -- ".*" is no way up
  return match({ nodes = part, index = 1 }, name, 1, {}, true)
end

-- ---- paths

local DEEP = {} -- **

-- Parts between slashes; "." and empty ones in the middle say nothing, "x/.." goes.
local function split(text, is_pattern)
  local parts, n = {}, 0
  for part in (text .. "/"):gmatch "([^/]*)/" do
    n = n + 1
    parts[n] = part
  end
  local out = {}
  for i = 1, n do
    local part, last = parts[i], out[#out]
    if (part == "" or part == ".") and i > 1 and i < n then -- nothing
    elseif part == ".." and last and last ~= "" and last ~= "." and last ~= ".." and last ~= "**" then
      out[#out] = is_pattern and #out == 1 and parts[i + 1] == "**" and "." or nil
    else
      out[#out + 1] = part
    end
  end
  if #out == 0 then out[1] = "" end
  return out
end

-- A name that is one group alone is never met by an empty alternative.
local function drop_empty(nodes)
  local group = nodes[1]
  if #nodes ~= 1 or group.kind ~= "group" then return nodes end
  local kept = {}
  for _, alternative in ipairs(group.alternatives) do
    if #alternative > 0 then kept[#kept + 1] = drop_empty(alternative) end
  end
  group.alternatives = kept
  return nodes
end

local function compile(pattern)
  local parts = split(pattern, true)
  for i = 1, #parts do
    local part = parts[i]
    if part == "**" then parts[i] = DEEP
    elseif part:find "[%*%?%[]" or part:find "[+@!]%(" then parts[i] = drop_empty(parse(part, 0)) end
  end
  return parts
end

-- failed: which ** did not match from which name on
local function path_matches(names, parts, i, j, failed)
  while true do
    local part = parts[j]
    if not part then return i > #names or (i == #names and names[i] == "") end
    if i > #names then return false end
    if part == DEEP then
      if j == #parts then
        for k = i, #names do
          if names[k]:byte() == 46 then return false end
        end
        return true
      end
      for k = i, #names do
        local key = j * (#names + 1) + k
        if failed[key] then return false end
        failed[key] = true
        if path_matches(names, parts, k, j + 1, failed) then return true end
        if names[k]:byte() == 46 then return false end
      end
      return false
    end
    if not name_matches(part, names[i]) then return false end
    i, j = i + 1, j + 1
  end
end

M.DEEP, M.name_matches = DEEP, name_matches

function M.compiled(pattern)
  if #pattern > MAX_LENGTH then error(errors.TypeError "pattern is too long", 0) end
  local out = {}
  for _, text in ipairs(expand((pattern:gsub("\\", "/")), {})) do
    if text ~= "" then out[#out + 1] = compile(text) end
  end
  return out
end

function M.matches(path, pattern, windows)
  if windows then path = path:gsub("\\", "/") end
  if pattern == "" then return path == "" end
  local names, list = split(path), M.compiled(pattern)
  for i = 1, #list do
    if path_matches(names, list[i], 1, 1, {}) then return true end
  end
  return false
end

return M
