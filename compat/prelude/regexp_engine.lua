-- SPDX-License-Identifier: MIT
--
-- A backtracking matcher of JavaScript's own rules (ECMA-262, 22.2.2) over UTF-16 units, for what PCRE2 does otherwise: look-behind of any
-- length, groups that are unset anew in each turn of a loop, halves of a surrogate pair without the flag u.
--   rt.regexp_tree(source, flags)   -> the tree, how many groups; tree.needs: PCRE2 cannot do it; tree.halves: it sees halves of pairs
--   rt.regexp_matcher(tree, groups) -> match(u, n, from, sticky): the groups' places in units by 2 * group + 1 (false: unset), or nil
local rt = ...
local L = rt.lua
local byte, sub, find, match, tonumber, ipairs, huge = L.string.byte, L.string.sub, L.string.find, L.string.match, L.tonumber, L.ipairs, L.math.huge

-- ---- the tree: {kind, …}; kinds: char (code), any, class (pattern), group (index, body), alternatives (list), sequence (list),
-- loop (body, min, max, greedy, first and last: its groups), look (body, behind, negated, first, last), back (group), start, finish, boundary (negated)

local function parse(source, flags)
  local unicode = find(flags, "[uv]") ~= nil
  local r = { s = source, unicode = unicode, sets = find(flags, "v", 1, true) ~= nil, fold = find(flags, "i", 1, true) ~= nil, units = not unicode }
  local s, at, groups = source, 1, 0
  local total, names = rt.regexp_groups(source, r.sets)
  local tree = { unicode = unicode, fold = r.fold, multiline = find(flags, "m", 1, true) ~= nil, dotall = find(flags, "s", 1, true) ~= nil }
  local behind = 0 -- how many look-behinds are open
  local closed = {} -- groups that have ended: a reference to another one matches nothing at all, in JavaScript
  local disjunction

  local function char(code)
    if unicode or code < 0x10000 then return { kind = "char", code = code } end
    code = code - 0x10000
    return { kind = "char", code = 0xdc00 + code % 1024, before = { kind = "char", code = 0xd800 + L.math.floor(code / 1024) } }
  end

  local function class(pattern)
    return { kind = "class", pattern = pattern }
  end

  local function reference(group)
    if behind > 0 or not closed[group] then tree.needs = true end
    return { kind = "back", group = group }
  end

  local function atom()
    local c = sub(s, at, at)
    if c == "(" then
      local special = match(s, "^%(%?<?[=!:]", at)
      if special then
        at = at + #special
        local first = groups
        local look_behind = find(special, "<", 1, true) ~= nil
        if look_behind then behind = behind + 1 end
        local body = disjunction()
        if look_behind then behind = behind - 1 end
        at = at + 1
        if special == "(?:" then return body end
        return { kind = "look", body = body, behind = look_behind, negated = find(special, "!", 1, true) ~= nil, first = first + 1, last = groups }
      end
      at = match(s, "^%(%?<[^>]*>()", at) or at + 1
      groups = groups + 1
      local index = groups
      if behind > 0 then tree.needs = true end
      local body = disjunction()
      at = at + 1
      closed[index] = true
      return { kind = "group", index = index, body = body }
    elseif c == "." then
      at = at + 1
      return { kind = "any" }
    elseif c == "[" then
      local pattern, stop = rt.class_pattern(r, at + 1)
      local negated = sub(s, at + 1, at + 1) == "^"
      at = stop
      local node = class(pattern)
      node.wide = negated
      return node
    elseif c == "\\" then
      local pattern, stop = rt.class_escape(r, at + 1)
      if pattern then
        local node = class(pattern)
        node.wide = find(s, "^[DWSP]", at + 1) ~= nil
        at = stop
        return node
      end
      local d = sub(s, at + 1, at + 1)
      if d == "b" or d == "B" then
        at = at + 2
        return { kind = "boundary", negated = d == "B" }
      elseif d == "k" and #names > 0 then
        local name
        name, at = match(s, "^<([^>]*)>()", at + 2)
        name = rt.group_name(name)
        for _, each in ipairs(names) do
          if each[1] == name then return reference(each[2]) end
        end
      elseif find(d, "[1-9]") and (unicode or tonumber(match(s, "^%d+", at + 1)) <= total) then
        local digits = match(s, "^%d+", at + 1)
        at = at + 1 + #digits
        return reference(tonumber(digits))
      end
      local code
      code, at = rt.character_escape(r, at + 1, false)
      return char(code)
    elseif c == "^" or c == "$" then
      at = at + 1
      return { kind = c == "^" and "start" or "finish" }
    end
    local text, stop = rt.code_point_text(s, at)
    at = stop
    return char(rt.point_of(text))
  end

  local function bounds()
    local c = sub(s, at, at)
    if c == "*" then return 0, huge, at + 1 elseif c == "+" then return 1, huge, at + 1 elseif c == "?" then return 0, 1, at + 1 end
    local from, comma, to, stop = match(s, "^{(%d+)(,?)(%d*)}()", at)
    if not from then return nil end
    return tonumber(from), comma == "" and tonumber(from) or to == "" and huge or tonumber(to), stop
  end

  local function sequence()
    local list = {}
    while at <= #s and not find(s, "^[|)]", at) do
      local first = groups
      local node = atom()
      local min, max, stop = bounds()
      if min then
        at = stop
        local greedy = sub(s, at, at) ~= "?"
        if not greedy then at = at + 1 end
        if node.before then
          list[#list + 1] = node.before
          node.before = nil
        end
        if behind > 0 and min ~= max or min > 65535 or max > 65535 and max < huge then tree.needs = true end -- PCRE2 counts to 65,535
        node = { kind = "loop", body = node, min = min, max = max, greedy = greedy, first = first + 1, last = groups }
      elseif node.before then
        list[#list + 1] = node.before
      end
      list[#list + 1] = node
    end
    if #list == 1 then return list[1] end
    return { kind = "sequence", list = list }
  end

  function disjunction()
    local list = { sequence() }
    while sub(s, at, at) == "|" do
      at = at + 1
      list[#list + 1] = sequence()
    end
    if #list == 1 then return list[1] end
    if behind > 0 then tree.needs = true end
    return { kind = "alternatives", list = list }
  end

  tree.root = disjunction()
  return tree, total
end

-- Has the node a group that one pass over it may leave unset? `optional`: it stands where it may be passed by.
local function leaves_unset(node, optional)
  local kind = node.kind
  if kind == "group" then return optional or leaves_unset(node.body, optional) end
  if kind == "loop" then return leaves_unset(node.body, optional or node.min == 0) end
  if kind == "look" then return leaves_unset(node.body, true) end
  if kind == "sequence" or kind == "alternatives" then
    for _, each in ipairs(node.list) do
      if leaves_unset(each, optional or kind == "alternatives") then return true end
    end
  end
  return false
end

local function has_lazy(node)
  if node.kind == "loop" and not node.greedy or node.kind == "back" then return true end
  if node.body then return has_lazy(node.body) end
  for _, each in ipairs(node.list or {}) do
    if has_lazy(each) then return true end
  end
  return false
end

local function may_be_empty(node)
  local kind = node.kind
  if kind == "char" or kind == "any" or kind == "class" then return false end
  if kind == "group" then return may_be_empty(node.body) end
  if kind == "loop" then return node.min == 0 or may_be_empty(node.body) end
  if kind == "sequence" or kind == "alternatives" then
    for _, each in ipairs(node.list) do
      if may_be_empty(each) == (kind == "alternatives") then return kind == "alternatives" end
    end
    return kind == "sequence"
  end
  return true
end

-- What PCRE2 would do otherwise: loops whose groups may be unset, or that can turn without progress; a pair's halves seen one by one.
local function survey(tree, node, in_loop)
  local kind = node.kind
  if kind == "loop" then
    if node.max > 1 and node.last >= node.first and leaves_unset(node.body, false) then tree.needs = true end
    -- JavaScript refuses a turn that matched nothing; it shows in a group, and where something lazy might have matched more.
    if node.max > node.min and (node.last >= node.first or has_lazy(node.body)) and may_be_empty(node.body) then tree.needs = true end
    survey(tree, node.body, node.max == huge)
  elseif kind == "any" or kind == "class" and node.wide then
    if not in_loop then tree.halves = true end
  elseif kind == "char" and node.code >= 0xd800 and node.code < 0xe000 then
    tree.halves = true
  elseif kind == "class" and find(node.pattern, "\\x{d[89a-f]") then
    tree.halves = true
  elseif kind == "sequence" or kind == "alternatives" then
    for _, each in ipairs(node.list) do survey(tree, each, false) end
  elseif node.body then
    survey(tree, node.body, false)
  end
end

function rt.regexp_tree(source, flags)
  local tree, groups = parse(source, flags)
  survey(tree, tree.root, false)
  if tree.unicode then tree.halves = false end
  return tree, groups
end

-- ---- characters

-- Canonicalize: upper case where that is one unit, and no ASCII letter for another; with the flag u Unicode's simple folding.
local function canonicalizer(unicode)
  local known = {}
  local function one(text, otherwise)
    if rt.string_length(text) ~= 1 and #text < 4 then return otherwise end
    local c = rt.point_of(text)
    return rt.encode_point(c) == text and c or otherwise
  end
  return function(c)
    local k = known[c]
    if k then return k end
    k = one(rt.upper_case(rt.encode_point(c)), c)
    if unicode then k = one(rt.lower_case(rt.encode_point(k)), k)
    elseif k < 128 and c >= 128 or k > 0xffff then k = c end
    known[c] = k
    return k
  end
end

local function is_line_end(c) return c == 10 or c == 13 or c == 0x2028 or c == 0x2029 end

-- ---- the matcher: every node becomes a function(i) that matches from i on and goes on with the next one; true when all has matched

local BUDGET = 50000000

function rt.regexp_matcher(tree, groups)
  local unicode, fold, multiline = tree.unicode, tree.fold, tree.multiline
  local canonical = fold and canonicalizer(unicode)
  local u, n, budget, finish -- the string, its length, steps left, where the match ended
  local caps, starts = {}, {}

  local function spend()
    budget = budget - 1
    if budget < 0 then rt.range_error "Regular expression match limit exceeded" end
  end

  -- The character before or behind i and where it ends; nil at the string's end.
  local function behind_of(i)
    if i >= n then return nil end
    local c = u[i]
    if unicode and c >= 0xd800 and c < 0xdc00 and i + 1 < n then
      local d = u[i + 1]
      if d >= 0xdc00 and d < 0xe000 then return (c - 0xd800) * 1024 + d - 0xdc00 + 0x10000, i + 2 end
    end
    return c, i + 1
  end
  local function before_of(i)
    if i <= 0 then return nil end
    local c = u[i - 1]
    if unicode and c >= 0xdc00 and c < 0xe000 and i > 1 then
      local d = u[i - 2]
      if d >= 0xd800 and d < 0xdc00 then return (d - 0xd800) * 1024 + c - 0xdc00 + 0x10000, i - 2 end
    end
    return c, i - 1
  end

  local function char_test(node)
    if node.kind == "any" then
      if tree.dotall then return function() return true end end
      return function(c) return not is_line_end(c) end
    elseif node.kind == "class" then
      local matches, known = rt.character_matcher(node.pattern, fold), {}
      return function(c)
        local v = known[c]
        if v == nil then
          v = matches(rt.encode_point(c))
          known[c] = v
        end
        return v
      end
    end
    local code = node.code
    if not fold then return function(c) return c == code end end
    code = canonical(code)
    return function(c) return c == code or canonical(c) == code end
  end

  local function is_word(i)
    if i < 0 or i >= n then return false end
    local c = u[i]
    return c >= 48 and c <= 57 or c >= 65 and c <= 90 or c == 95 or c >= 97 and c <= 122 or fold and unicode and (c == 0x17f or c == 0x212a)
  end

  local function save(first, last)
    local saved = {}
    for g = 2 * first, 2 * last + 1 do saved[g] = caps[g] end
    return saved
  end
  local function restore(saved, first, last)
    for g = 2 * first, 2 * last + 1 do caps[g] = saved[g] end
  end

  local build

  -- A loop over single characters.
  local function run_of(node, k, step)
    local test, min, max = char_test(node.body), node.min, node.max
    local back = step == behind_of and before_of or behind_of
    if node.greedy then
      return function(i)
        local count = 0
        while count < max do
          local c, to = step(i)
          if not c or not test(c) then break end
          i, count = to, count + 1
        end
        while count >= min do
          spend()
          if k(i) then return true end
          count = count - 1
          if count >= min then
            local _, to = back(i)
            i = to
          end
        end
        return false
      end
    end
    return function(i)
      local count = 0
      while true do
        spend()
        if count >= min and k(i) then return true end
        if count >= max then return false end
        local c, to = step(i)
        if not c or not test(c) then return false end
        i, count = to, count + 1
      end
    end
  end

  -- RepeatMatcher. `count` and `from` belong to the turn that is going on: whoever changes them puts them back when it fails.
  local function loop(node, k, step)
    local min, max, greedy, first, last = node.min, node.max, node.greedy, node.first, node.last
    local count, from = 0, -1
    local body
    local function turn(i)
      spend()
      local c, f = count, from
      if c >= max then return k(i) end
      if c >= min and not greedy and k(i) then return true end
      local saved = last >= first and save(first, last)
      for g = 2 * first, 2 * last + 1 do caps[g] = false end
      count, from = c + 1, i
      if body(i) then return true end
      count, from = c, f
      if saved then restore(saved, first, last) end
      return c >= min and greedy and k(i) or false
    end
    body = build(node.body, function(i)
      if count > min and i == from then return false end
      local c, f = count, from
      if turn(i) then return true end
      count, from = c, f
      return false
    end, step)
    return function(i)
      local c, f = count, from
      count, from = 0, -1
      if turn(i) then return true end
      count, from = c, f
      return false
    end
  end

  local function group(node, k, step)
    local g, a, b = node.index, 2 * node.index, 2 * node.index + 1
    local forward = step == behind_of
    local body = build(node.body, function(i)
      local old_a, old_b, start = caps[a], caps[b], starts[g]
      if forward then caps[a], caps[b] = start, i else caps[a], caps[b] = i, start end
      if k(i) then return true end
      caps[a], caps[b], starts[g] = old_a, old_b, start
      return false
    end, step)
    return function(i)
      local start = starts[g]
      starts[g] = i
      if body(i) then return true end
      starts[g] = start
      return false
    end
  end

  local function look(node, k)
    local body = build(node.body, function() return true end, node.behind and before_of or behind_of)
    local first, last, negated = node.first, node.last, node.negated
    return function(i)
      local saved = save(first, last)
      if body(i) == negated then
        restore(saved, first, last)
        return false
      end
      if negated then restore(saved, first, last) end
      if k(i) then return true end
      restore(saved, first, last)
      return false
    end
  end

  local function back_reference(node, k, step)
    local a, b = 2 * node.group, 2 * node.group + 1
    local forward = step == behind_of
    return function(i)
      local from, to = caps[a], caps[b]
      if not from then return k(i) end
      local length = to - from
      local at = forward and i or i - length
      if at < 0 or at + length > n then return false end
      for j = 0, length - 1 do
        local x, y = u[from + j], u[at + j]
        if x ~= y and not (fold and canonical(x) == canonical(y)) then return false end
      end
      return k(forward and i + length or at)
    end
  end

  local builders = { loop = function(node, k, step)
    local kind = node.body.kind
    if kind == "char" or kind == "any" or kind == "class" then return run_of(node, k, step) end
    return loop(node, k, step)
  end, group = group, look = look, back = back_reference }

  function builders.sequence(node, k, step)
    local list = node.list
    local from, to, by = #list, 1, -1
    if step == before_of then from, to, by = 1, #list, 1 end
    for i = from, to, by do k = build(list[i], k, step) end
    return k
  end

  function builders.alternatives(node, k, step)
    local list = {}
    for i, each in ipairs(node.list) do list[i] = build(each, k, step) end
    return function(i)
      for j = 1, #list do
        if list[j](i) then return true end
      end
      return false
    end
  end

  function builders.start(_, k)
    return function(i) return (i == 0 or multiline and is_line_end(u[i - 1])) and k(i) end
  end
  function builders.finish(_, k)
    return function(i) return (i == n or multiline and is_line_end(u[i])) and k(i) end
  end
  function builders.boundary(node, k)
    local negated = node.negated
    return function(i) return (is_word(i - 1) == is_word(i)) == negated and k(i) end
  end

  function build(node, k, step)
    local builder = builders[node.kind]
    if builder then return builder(node, k, step) end
    local test = char_test(node)
    return function(i)
      local c, to = step(i)
      return c ~= nil and test(c) and k(to)
    end
  end

  local start = build(tree.root, function(i)
    finish = i
    return true
  end, behind_of)

  return function(units, length, from, sticky)
    u, n, budget = units, length, BUDGET
    for i = from, sticky and from or length do
      for g = 0, 2 * groups + 1 do caps[g] = false end
      if start(i) then
        local places = { i, finish }
        for g = 2, 2 * groups + 1 do places[g + 1] = caps[g] end
        return places
      end
    end
    return nil
  end
end
