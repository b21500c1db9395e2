-- SPDX-License-Identifier: MIT
--
-- Escapes and character classes of JavaScript's patterns in PCRE2's words. A reading is {s, unicode, sets, fold, units}: the pattern, whether it
-- has the flag u or v, v, i, and whether it is for units of UTF-16 (regexp_engine).
--   rt.character_escape(reading, at, in_class) -> code point, where it ends
--   rt.class_escape(reading, at) -> a pattern that matches \d \p{…} and their kin, where it ends; nil for another escape
--   rt.class_pattern(reading, at) -> a pattern that matches the class whose members begin at `at`, where it ends
local rt = ...
local L = rt.lua
local byte, sub, find, match, format, concat = L.string.byte, L.string.sub, L.string.find, L.string.match, L.string.format, L.table.concat
local tonumber, ipairs, max, min = L.tonumber, L.ipairs, L.math.max, L.math.min

local SPACES = "\\x{9}-\\x{d} \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}"
local NO_SPACES = "\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}"
  .. "\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}"
local WORD, FOLDED_WORD = "A-Za-z0-9_", "A-Za-z0-9_\\x{17f}\\x{212a}"
local NO_WORD, NO_FOLDED_WORD = "\\x{0}-/:-@\\x{5b}-\\x{5e}`{-\\x{10ffff}", "\\x{0}-/:-@\\x{5b}-\\x{5e}`{-\\x{17e}\\x{180}-\\x{2129}\\x{212b}-\\x{10ffff}"

local function code_text(c) return format("\\x{%x}", c) end

-- ---- escapes

-- \uHHHH, a pair of them, \u{…} at `at` (after the u): code, where it ends; nil for none
local function unicode_escape(r, at, in_class)
  local s = r.s
  if r.unicode then
    local braces, stop = match(s, "^{0*(%x+)}()", at)
    if braces then return tonumber(braces, 16), stop end
  end
  local hex = match(s, "^%x%x%x%x", at)
  if not hex then return nil end
  local code = tonumber(hex, 16)
  if code >= 0xd800 and code < 0xdc00 and (r.unicode or not in_class and not r.units) then
    local low = match(s, "^\\u([dD][c-fC-F]%x%x)", at + 4)
    if low then return (code - 0xd800) * 1024 + tonumber(low, 16) - 0xdc00 + 0x10000, at + 10 end
  end
  return code, at + 4
end

local CONTROLS = { n = 10, r = 13, t = 9, v = 11, f = 12 }

-- An escape that stands for one character; `at` is at the letter behind the backslash.
local function character_escape(r, at, in_class)
  local s = r.s
  local c = sub(s, at, at)
  if CONTROLS[c] then return CONTROLS[c], at + 1 end
  if c == "c" then
    local letter = match(s, in_class and not r.unicode and "^[%w_]" or "^%a", at + 1)
    if letter then return byte(letter) % 32, at + 2 end
    return 92, at
  end
  if c == "x" then
    local hex = match(s, "^%x%x", at + 1)
    if hex then return tonumber(hex, 16), at + 3 end
    return 120, at + 1
  end
  if c == "u" then
    local code, stop = unicode_escape(r, at + 1, in_class)
    if code then return code, stop end
    return 117, at + 1
  end
  local octal = match(s, "^[0-3][0-7]?[0-7]?", at) or match(s, "^[4-7][0-7]?", at)
  if octal then return tonumber(octal, 8), at + #octal end
  local text, stop = rt.code_point_text(s, at)
  return rt.point_of(text), stop
end
rt.character_escape = character_escape

-- ---- sets: {items: what stands between PCRE2's brackets, alternatives: patterns of one character each, strings: texts of none or several}

local function new_set() return { items = {}, alternatives = {}, strings = {} } end

local function one_of(set)
  local list = {}
  for i, each in ipairs(set.alternatives) do list[i] = each end
  if #set.items > 0 then list[#list + 1] = "[" .. concat(set.items) .. "]" end
  if #list == 0 then return "(?!)" end
  if #list == 1 then return list[1] end
  return "(?:" .. concat(list, "|") .. ")"
end

local function none_of(set)
  if #set.alternatives == 0 then return #set.items == 0 and "(?s:.)" or "[^" .. concat(set.items) .. "]" end
  return "(?:(?!" .. one_of(set) .. ")(?s:.))"
end

local function quoted(text)
  local out = {}
  local at = 1
  while at <= #text do
    local c
    c, at = rt.code_point_text(text, at)
    out[#out + 1] = code_text(rt.point_of(c))
  end
  return concat(out)
end

-- The whole of a set: its texts, the longest first, then its characters.
local function pattern_of(set)
  if #set.strings == 0 then return one_of(set) end
  local list, empty = {}, false
  for _, text in ipairs(set.strings) do
    if text == "" then empty = true else list[#list + 1] = text end
  end
  L.table.sort(list, function(a, b)
    if #a ~= #b then return #a > #b end
    return a < b
  end)
  for i, text in ipairs(list) do list[i] = quoted(text) end
  if #set.items + #set.alternatives > 0 then list[#list + 1] = one_of(set) end
  if empty then list[#list + 1] = "" end
  return "(?:" .. concat(list, "|") .. ")"
end

local function add_set(set, other)
  for _, name in ipairs { "items", "alternatives", "strings" } do
    local to = set[name]
    for _, each in ipairs(other[name]) do to[#to + 1] = each end
  end
end

-- \d \D \w \W \s \S \p{…} \P{…} as a set; `at` is at the letter.
local function escaped_set(r, at)
  local s = r.s
  local c = sub(s, at, at)
  local word = r.fold and r.unicode
  local items = c == "d" and "0-9" or c == "D" and "\\x{0}-/:-\\x{10ffff}" or c == "s" and SPACES or c == "S" and NO_SPACES
    or c == "w" and (word and FOLDED_WORD or WORD) or c == "W" and (word and NO_FOLDED_WORD or NO_WORD)
  local set = new_set()
  if items then
    set.items[1] = items
    return set, at + 1
  end
  if not r.unicode or c ~= "p" and c ~= "P" then return nil end
  local name, stop = match(s, "^{([^}]*)}()", at + 1)
  local strings = c == "p" and rt.emoji_strings(name, set)
  if strings then return set, stop end
  if c == "p" then
    items = rt.property_items(name)
  else
    items = rt.property_complement(name)
    if not items then
      set.alternatives[1] = "[^" .. rt.property_items(name) .. "]"
      return set, stop
    end
  end
  if items ~= "" then set.items[1] = items end
  return set, stop
end

function rt.class_escape(r, at)
  local set, stop = escaped_set(r, at)
  if not set then return nil end
  return pattern_of(set), stop
end

-- ---- classes without the flag v

-- One member: code or nil, set, where it ends
local function class_atom(r, at)
  local s = r.s
  local c = byte(s, at)
  if c ~= 92 then
    local text, stop = rt.code_point_text(s, at)
    return rt.point_of(text), nil, stop
  end
  local set, stop = escaped_set(r, at + 1)
  if set then return nil, set, stop end
  c = byte(s, at + 1)
  if c == 98 then return 8, nil, at + 2 elseif c == 45 then return 45, nil, at + 2 end
  local code
  code, stop = character_escape(r, at + 1, true)
  return code, nil, stop
end
rt.class_atom = class_atom

local function add_range(r, set, from, to)
  local items = set.items
  if r.units and from == to and from > 0xffff then -- two members: its halves
    local c = from - 0x10000
    items[#items + 1] = code_text(0xd800 + L.math.floor(c / 1024)) .. code_text(0xdc00 + c % 1024)
  end
  items[#items + 1] = from == to and code_text(from) or code_text(from) .. "-" .. code_text(to)
  -- Without /u a pattern's units are UTF-16's: a high surrogate in a class stands for the characters that begin with it.
  from, to = max(from, 0xd800), min(to, 0xdbff)
  if not r.unicode and from <= to then
    items[#items + 1] = code_text((from - 0xd800) * 1024 + 0x10000) .. "-" .. code_text((to - 0xd800) * 1024 + 0x103ff)
  end
end

local function plain_class(r, at)
  local s, set = r.s, new_set()
  while byte(s, at) ~= 93 do
    local code, members, stop = class_atom(r, at)
    if byte(s, stop) == 45 and byte(s, stop + 1) ~= 93 and stop < #s then
      local to, to_members, to_stop = class_atom(r, stop + 1)
      if code and to then
        add_range(r, set, code, to)
      else
        if code then add_range(r, set, code, code) else add_set(set, members) end
        add_range(r, set, 45, 45)
        if to then add_range(r, set, to, to) else add_set(set, to_members) end
      end
      at = to_stop
    else
      if code then add_range(r, set, code, code) else add_set(set, members) end
      at = stop
    end
  end
  return set, at + 1
end

-- ---- classes with the flag v

local read_sets

-- \q{a|bc}: `at` is behind the brace
local function quoted_strings(r, at)
  local s, set, text, points = r.s, new_set(), {}, 0
  while true do
    local c = sub(s, at, at)
    if c == "|" or c == "}" then
      if points == 1 then set.items[#set.items + 1] = code_text(rt.point_of(text[1]))
      else set.strings[#set.strings + 1] = concat(text) end
      text, points = {}, 0
      at = at + 1
      if c == "}" then return set, at end
    else
      local code
      if c == "\\" then
        if sub(s, at + 1, at + 1) == "b" then code, at = 8, at + 2 else code, at = character_escape(r, at + 1, true) end
      else
        c, at = rt.code_point_text(s, at)
        code = rt.point_of(c)
      end
      points = points + 1
      text[points] = rt.encode_point(code)
    end
  end
end

-- An operand: code or nil, set, where it ends
local function set_operand(r, at)
  local s = r.s
  local two = sub(s, at, at + 1)
  if sub(two, 1, 1) == "[" then
    local set, stop = read_sets(r, at + 1)
    return nil, set, stop
  end
  if two == "\\q" then
    local set, stop = quoted_strings(r, at + 3)
    return nil, set, stop
  end
  return class_atom(r, at)
end

local function single(r, code, set)
  if set then return set end
  set = new_set()
  add_range(r, set, code, code)
  return set
end

-- Texts are compared as they are, or by case folded.
local function has_text(r, list, text)
  for _, each in ipairs(list) do
    if each == text or r.fold and rt.lower_case(each) == rt.lower_case(text) then return true end
  end
  return false
end

local function combine(r, left, right, both)
  local set = new_set()
  set.alternatives[1] = "(?:(?" .. (both and "=" or "!") .. one_of(right) .. ")" .. one_of(left) .. ")"
  for _, text in ipairs(left.strings) do
    if has_text(r, right.strings, text) == both then set.strings[#set.strings + 1] = text end
  end
  return set
end

function read_sets(r, at)
  local s = r.s
  local negated = byte(s, at) == 94
  if negated then at = at + 1 end
  local set, first = new_set(), true
  while byte(s, at) ~= 93 do
    local op = sub(s, at, at + 1)
    if not first and (op == "&&" or op == "--") then
      local code, members, stop = set_operand(r, at + 2)
      set = combine(r, set, single(r, code, members), op == "&&")
      at = stop
    else
      local code, members, stop = set_operand(r, at)
      if code and byte(s, stop) == 45 and byte(s, stop + 1) ~= 45 then
        local to, _, to_stop = set_operand(r, stop + 1)
        add_range(r, set, code, to)
        at = to_stop
      else
        add_set(set, single(r, code, members))
        at = stop
      end
    end
    first = false
  end
  if negated then
    local rest = new_set()
    rest.alternatives[1] = none_of(set)
    set = rest
  end
  return set, at + 1
end

function rt.class_pattern(r, at)
  if r.sets then
    local set, stop = read_sets(r, at)
    return pattern_of(set), stop
  end
  local negated = byte(r.s, at) == 94
  local set, stop = plain_class(r, negated and at + 1 or at)
  if negated then return none_of(set), stop end
  return one_of(set), stop
end
