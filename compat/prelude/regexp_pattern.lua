-- SPDX-License-Identifier: MIT
--
-- JavaScript's regular expressions in PCRE2's words. The pattern is known to be valid (the compiler has checked it).
--   rt.translate_pattern(source, flags) -> pattern, number of groups, names: list of {name, index}
local rt = ...
local L = rt.lua
local byte, sub, find, match, format, concat, char = L.string.byte, L.string.sub, L.string.find, L.string.match, L.string.format, L.table.concat, L.string.char
local tonumber, ipairs = L.tonumber, L.ipairs

local LINE_ENDS = "\\n\\r\\x{2028}\\x{2029}"

local function code_text(c) return format("\\x{%x}", c) end

-- The groups: how many, and the names of some.
local function read_groups(s, sets)
  local count, names, i, n, depth = 0, {}, 1, #s, 0 -- of classes: with the flag v they nest
  while i <= n do
    local c = byte(s, i)
    if c == 92 then i = i + 1
    elseif c == 91 and (sets or depth == 0) then depth = depth + 1
    elseif depth > 0 then
      if c == 93 then depth = depth - 1 end
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

function rt.group_name(name) return (rt.join_surrogates(unescape_name(name))) end

function rt.regexp_groups(s, sets)
  local groups, names = read_groups(s, sets)
  for _, each in ipairs(names) do each[1] = rt.group_name(each[1]) end
  return groups, names
end

function rt.translate_pattern(s, flags)
  local unicode = find(flags, "[uv]") ~= nil
  local sets = find(flags, "v", 1, true) ~= nil
  local multiline, dotall, fold = find(flags, "m", 1, true) ~= nil, find(flags, "s", 1, true) ~= nil, find(flags, "i", 1, true) ~= nil
  local groups, names = rt.regexp_groups(s, sets)
  local reading = { s = s, unicode = unicode, sets = sets, fold = fold }
  local out, n = {}, 0
  local function put(text)
    n = n + 1
    out[n] = text
  end
  local i, last = 1, #s

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
      local code, _, stop = rt.class_atom(reading, at)
      local upto = code
      if byte(s, stop) == 45 and byte(s, stop + 1) == 92 then upto, _, stop = rt.class_atom(reading, stop + 1) end
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
      local set, stop = rt.class_escape(reading, i + 1)
      if set then
        put(set)
        i = stop
      elseif d == "b" or d == "B" then
        put("\\" .. d)
        i = i + 2
      elseif d == "k" and #names > 0 then
        local name
        name, stop = match(s, "^<([^>]*)>()", i + 2)
        name = rt.group_name(name)
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
        code, i = rt.character_escape(reading, i + 1, false)
        put(code_text(code))
      end
    elseif c == "[" then
      local class, stop = rt.class_pattern(reading, i + 1)
      put(class)
      i = stop
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
      local bounds, stop = match(s, "^({%d+,?%d*})()", i)
      if bounds then
        put(bounds)
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
