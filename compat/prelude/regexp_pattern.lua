-- SPDX-License-Identifier: MIT
--
-- JavaScript's regular expressions in PCRE2's words. The pattern is known to be valid (the compiler has checked it).
--   rt.translate_pattern(source, flags) -> pattern, number of groups, names: list of {name, index}
local rt = ...
local L = rt.lua
local byte, sub, find, match, format, concat, char = L.string.byte, L.string.sub, L.string.find, L.string.match, L.string.format, L.table.concat, L.string.char
local tonumber, ipairs = L.tonumber, L.ipairs

local SPACES = "\\x{9}-\\x{d} \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}"
local NO_SPACES = "\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}"
  .. "\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}"
local LINE_ENDS = "\\n\\r\\x{2028}\\x{2029}"

local categories = {
  Letter = "L", Cased_Letter = "L&", LC = "L&", Uppercase_Letter = "Lu", Lowercase_Letter = "Ll", Titlecase_Letter = "Lt", Modifier_Letter = "Lm", Other_Letter = "Lo",
  Mark = "M", Combining_Mark = "M", Nonspacing_Mark = "Mn", Spacing_Mark = "Mc", Enclosing_Mark = "Me", Number = "N", Decimal_Number = "Nd", digit = "Nd",
  Letter_Number = "Nl", Other_Number = "No", Symbol = "S", Math_Symbol = "Sm", Currency_Symbol = "Sc", Modifier_Symbol = "Sk", Other_Symbol = "So",
  Punctuation = "P", punct = "P", Connector_Punctuation = "Pc", Dash_Punctuation = "Pd", Open_Punctuation = "Ps", Close_Punctuation = "Pe",
  Initial_Punctuation = "Pi", Final_Punctuation = "Pf", Other_Punctuation = "Po", Separator = "Z", Space_Separator = "Zs", Line_Separator = "Zl",
  Paragraph_Separator = "Zp", Other = "C", Control = "Cc", cntrl = "Cc", Format = "Cf", Surrogate = "Cs", Private_Use = "Co", Unassigned = "Cn",
}

local function property(text)
  local name, value = match(text, "^([%w_]+)=([%w_]+)$")
  if not name then
    if text == "Any" then return "Any" end
    if text == "ASCII" then return "ASCII" end
    return categories[text] or text
  end
  if name == "gc" or name == "General_Category" then return categories[value] or value end
  if name == "scx" or name == "Script_Extensions" then return "scx:" .. value end
  return "sc:" .. value
end

local function code_text(c) return format("\\x{%x}", c) end

-- The groups: how many, and the names of some.
local function survey(s)
  local count, names, i, n, in_class = 0, {}, 1, #s, false
  while i <= n do
    local c = byte(s, i)
    if c == 92 then i = i + 1
    elseif in_class then
      if c == 93 then in_class = false end
    elseif c == 91 then in_class = true
    elseif c == 40 then
      if byte(s, i + 1) ~= 63 then
        count = count + 1
      elseif byte(s, i + 2) == 60 and byte(s, i + 3) ~= 61 and byte(s, i + 3) ~= 33 then
        count = count + 1
        names[#names + 1] = { match(s, "^([^>]*)>", i + 3), count }
      end
    end
    i = i + 1
  end
  return count, names
end

local function unescape_name(name)
  return (L.string.gsub(L.string.gsub(name, "\\u{(%x+)}", function(h) return rt.encode_point(tonumber(h, 16)) end), "\\u(%x%x%x%x)", function(h)
    return rt.encode_point(tonumber(h, 16))
  end))
end

-- most: bounds of repetition above it count as infinite (65535 is what PCRE2 takes).
function rt.translate_pattern(s, flags, most)
  most = most or 65535
  local unicode = find(flags, "[uv]") ~= nil
  local sets = find(flags, "v", 1, true) ~= nil
  local multiline, dotall, fold = find(flags, "m", 1, true) ~= nil, find(flags, "s", 1, true) ~= nil, find(flags, "i", 1, true) ~= nil
  local groups, names = survey(s)
  for _, each in ipairs(names) do each[1] = rt.join_surrogates(unescape_name(each[1])) end
  local WORD = fold and unicode and "A-Za-z0-9_\\x{17f}\\x{212a}" or "A-Za-z0-9_"
  local out, n = {}, 0
  local function put(text)
    n = n + 1
    out[n] = text
  end
  local i, last = 1, #s

  -- \uHHHH, a pair of them, \u{…} at i (after the u): code, where it ends; nil for none
  local function unicode_escape(at)
    if unicode then
      local braces, stop = match(s, "^{0*(%x+)}()", at)
      if braces then return tonumber(braces, 16), stop end
    end
    local hex = match(s, "^%x%x%x%x", at)
    if not hex then return nil end
    local code = tonumber(hex, 16)
    if code >= 0xd800 and code < 0xdc00 then
      local low = match(s, "^\\u([dD][c-fC-F]%x%x)", at + 4)
      if low then return (code - 0xd800) * 1024 + tonumber(low, 16) - 0xdc00 + 0x10000, at + 10 end
    end
    return code, at + 4
  end

  -- An escape that stands for one character; i is at the letter behind the backslash. -> code, where it ends
  local function character_escape(at, in_class)
    local c = sub(s, at, at)
    if c == "n" then return 10, at + 1 elseif c == "r" then return 13, at + 1 elseif c == "t" then return 9, at + 1
    elseif c == "v" then return 11, at + 1 elseif c == "f" then return 12, at + 1 end
    if c == "c" then
      local letter = match(s, in_class and not unicode and "^[%w_]" or "^%a", at + 1)
      if letter then return byte(letter) % 32, at + 2 end
      return 92, at
    end
    if c == "x" then
      local hex = match(s, "^%x%x", at + 1)
      if hex then return tonumber(hex, 16), at + 3 end
      return 120, at + 1
    end
    if c == "u" then
      local code, stop = unicode_escape(at + 1)
      if code then return code, stop end
      return 117, at + 1
    end
    local octal = match(s, "^[0-3][0-7]?[0-7]?", at) or match(s, "^[4-7][0-7]?", at)
    if octal then return tonumber(octal, 8), at + #octal end
    local text, stop = rt.code_point_text(s, at)
    return rt.point_of(text), stop
  end

  local function class_set(at)
    local c = sub(s, at, at)
    if c == "d" then return "0-9", at + 1 elseif c == "D" then return "\\x{0}-/:-\\x{10ffff}", at + 1
    elseif c == "w" then return WORD, at + 1
    elseif c == "W" then
      if WORD == "A-Za-z0-9_" then return "\\x{0}-/:-@\\x{5b}-\\x{5e}`{-\\x{10ffff}", at + 1 end
      return "\\x{0}-/:-@\\x{5b}-\\x{5e}`{-\\x{17e}\\x{180}-\\x{2129}\\x{212b}-\\x{10ffff}", at + 1
    elseif c == "s" then return SPACES, at + 1 elseif c == "S" then return NO_SPACES, at + 1 end
    if unicode and (c == "p" or c == "P") then
      local name, stop = match(s, "^{([^}]*)}()", at + 1)
      if name == "ASCII" then return c == "p" and "\\x{0}-\\x{7f}" or "\\x{80}-\\x{10ffff}", stop end
      return "\\" .. c .. "{" .. property(name) .. "}", stop
    end
  end

  -- One member of a class: code or nil, text, where it ends
  local function class_atom(at)
    local c = byte(s, at)
    if c ~= 92 then
      local text, stop = rt.code_point_text(s, at)
      local code = rt.point_of(text)
      return code, code_text(code), stop
    end
    local set, stop = class_set(at + 1)
    if set then return nil, set, stop end
    if byte(s, at + 1) == 98 then return 8, "\\x{8}", at + 2 end
    if byte(s, at + 1) == 45 then return 45, "\\x{2d}", at + 2 end
    local code
    code, stop = character_escape(at + 1, true)
    return code, code_text(code), stop
  end

  local function class(at)
    local negated = byte(s, at) == 94
    if negated then at = at + 1 end
    if byte(s, at) == 93 then
      put(negated and "(?s:.)" or "(?!)")
      return at + 1
    end
    local members = {}
    -- Without /u a pattern's units are UTF-16's: a high surrogate in a class stands for the characters that begin with it.
    local function halves(from, to)
      from, to = L.math.max(from, 0xd800), L.math.min(to, 0xdbff)
      if not unicode and from <= to then
        members[#members + 1] = code_text((from - 0xd800) * 1024 + 0x10000) .. "-" .. code_text((to - 0xd800) * 1024 + 0x103ff)
      end
    end
    while byte(s, at) ~= 93 do
      if sets and byte(s, at) == 91 then rt.throw_error("SyntaxError", "Invalid regular expression: /" .. s .. "/v: nested classes are not supported") end
      local code, text, stop = class_atom(at)
      if byte(s, stop) == 45 and byte(s, stop + 1) ~= 93 and stop < last then
        local to, to_text, to_stop = class_atom(stop + 1)
        if code and to then
          members[#members + 1] = text .. "-" .. to_text
          halves(code, to)
        else
          members[#members + 1] = text .. "\\x{2d}" .. to_text
        end
        at = to_stop
      else
        members[#members + 1] = text
        if code then halves(code, code) end
        at = stop
      end
    end
    put((negated and "[^" or "[") .. concat(members) .. "]")
    return at + 1
  end

  -- A class, or an escape, of nothing but surrogates from … to: its ranges, where it ends.
  local function surrogates(at, from, to)
    if byte(s, at) == 92 then
      local code = match(s, "^u(%x%x%x%x)", at + 1)
      code = code and tonumber(code, 16)
      if code and code >= from and code <= to then return { { code, code } }, at + 6 end
      return nil
    end
    if byte(s, at) ~= 91 then return nil end
    at = at + 1
    local ranges = {}
    while byte(s, at) ~= 93 do
      if byte(s, at) ~= 92 or byte(s, at + 1) ~= 117 then return nil end
      local code, _, stop = class_atom(at)
      local upto = code
      if byte(s, stop) == 45 and byte(s, stop + 1) == 92 then upto, _, stop = class_atom(stop + 1) end
      if not code or not upto or code < from or upto > to then return nil end
      ranges[#ranges + 1] = { code, upto }
      at = stop
    end
    return ranges, at + 1
  end

  -- Two of them in a row are characters beyond the basic plane.
  local function surrogate_pair(at)
    local high, middle = surrogates(at, 0xd800, 0xdbff)
    if not high then return nil end
    local low, stop = surrogates(middle, 0xdc00, 0xdfff)
    if not low then return nil end
    local members = {}
    local function range(from, to) members[#members + 1] = code_text(from) .. "-" .. code_text(to) end
    for _, h in ipairs(high) do
      for _, l in ipairs(low) do
        if l[1] == 0xdc00 and l[2] == 0xdfff then
          range((h[1] - 0xd800) * 1024 + 0x10000, (h[2] - 0xd800) * 1024 + 0x103ff)
        else
          for each = h[1], h[2] do
            local base = (each - 0xd800) * 1024 + 0x10000 - 0xdc00
            range(base + l[1], base + l[2])
          end
        end
      end
    end
    return "[" .. concat(members) .. "]", stop
  end

  while i <= last do
    local c = sub(s, i, i)
    local pair, behind
    if not unicode and (c == "\\" or c == "[") then pair, behind = surrogate_pair(i) end
    if pair then
      put(pair)
      i = behind
    elseif c == "\\" then
      local d = sub(s, i + 1, i + 1)
      local set, stop = class_set(i + 1)
      if set then
        put("[" .. set .. "]")
        i = stop
      elseif d == "b" or d == "B" then
        put("\\" .. d)
        i = i + 2
      elseif d == "k" and #names > 0 then
        local name
        name, stop = match(s, "^<([^>]*)>()", i + 2)
        name = rt.join_surrogates(unescape_name(name))
        for _, each in ipairs(names) do
          if each[1] == name then
            put("\\g{" .. each[2] .. "}")
            break
          end
        end
        i = stop
      elseif find(d, "[1-9]") and (unicode or tonumber(match(s, "^%d+", i + 1)) <= groups) then
        local digits = match(s, "^%d+", i + 1)
        put("\\g{" .. digits .. "}")
        i = i + 1 + #digits
      else
        local code
        code, i = character_escape(i + 1, false)
        put(code_text(code))
      end
    elseif c == "[" then i = class(i + 1)
    elseif c == "(" then
      local special = match(s, "^%(%?<?[=!:]", i)
      if special then
        put(special)
        i = i + #special
      elseif sub(s, i, i + 2) == "(?<" then
        put("(")
        i = find(s, ">", i, true) + 1
      else
        put("(")
        i = i + 1
      end
    elseif c == "." then
      put(dotall and "(?s:.)" or "[^" .. LINE_ENDS .. "]")
      i = i + 1
    elseif c == "^" then
      put(multiline and "(?:\\A|(?<=[" .. LINE_ENDS .. "]))" or "\\A")
      i = i + 1
    elseif c == "$" then
      put(multiline and "(?=[" .. LINE_ENDS .. "]|\\z)" or "\\z")
      i = i + 1
    elseif c == "{" then
      local from, comma, to, stop = match(s, "^{(%d+)(,?)(%d*)}()", i)
      if from then
        local function bound(text) return tonumber(text) > 65535 and "65535" or text end
        if comma == "" then put("{" .. bound(from) .. "}")
        elseif to == "" or tonumber(to) > most then put("{" .. bound(from) .. ",}")
        else put("{" .. from .. "," .. to .. "}") end
        i = stop
      else
        put("\\{")
        i = i + 1
      end
    elseif find(c, "[*+?|)]") then
      put(c)
      i = i + 1
    else
      local text, stop = rt.code_point_text(s, i)
      if #text > 1 then put(code_text(rt.point_of(text)))
      elseif find(text, "[%w ]") then put(text)
      else put(code_text(byte(text))) end
      i = stop
    end
  end
  return concat(out), groups, names
end

function rt.point_of(text)
  local a, b, c, d = byte(text, 1, 4)
  if a < 0x80 then return a end
  if a < 0xe0 then return (a - 0xc0) * 64 + b - 0x80 end
  if a < 0xf0 then return (a - 0xe0) * 4096 + (b - 0x80) * 64 + c - 0x80 end
  return (a - 0xf0) * 262144 + (b - 0x80) * 4096 + (c - 0x80) * 64 + d - 0x80
end
