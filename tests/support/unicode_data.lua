-- SPDX-License-Identifier: MIT
-- unicode_data.lua: writes compat/prelude/unicode_data.lua from what `node` knows of Unicode and what the installed PCRE2 does.
-- luajit tests/support/unicode_data.lua, at the root of the tree.
local ffi = require "ffi"

ffi.cdef [[
typedef struct code code; typedef struct match match;
code *pcre2_compile_8(const uint8_t *, size_t, uint32_t, int *, size_t *, void *);
void pcre2_code_free_8(code *);
int pcre2_jit_compile_8(code *, uint32_t);
match *pcre2_match_data_create_8(uint32_t, void *);
int pcre2_match_8(const code *, const uint8_t *, size_t, size_t, uint32_t, match *, void *);
size_t *pcre2_get_ovector_pointer_8(match *);
]]
local pcre = ffi.load "libpcre2-8.so.0"

local names = {}
for kind, name in assert(io.open "compat/property.def"):read("*a"):gmatch "%f[%u](%u+)%(([%w_]+)%)" do
  if name == "name" then kind = nil end -- the macro itself
  if kind == "CATEGORY" or kind == "BINARY" then names[#names + 1] = name
  elseif kind == "SCRIPT" then
    names[#names + 1] = "sc=" .. name
    names[#names + 1] = "scx=" .. name
  end
end

-- ---- what node says

local script = os.tmpname()
local f = assert(io.open(script, "w"))
f:write [==[
let all = '';
for (let c = 0; c < 0x110000; c++) if (c < 0xd800 || c > 0xdfff) all += String.fromCodePoint(c);
const out = [];
for (const name of process.argv.slice(2)) {
  const ranges = [], surrogate = new RegExp(`\\p{${name}}`, 'u').test('\ud800');
  for (const m of all.matchAll(new RegExp(`\\p{${name}}+`, 'gu'))) {
    const last = m[0].length > 1 && /[\udc00-\udfff]/.test(m[0].at(-1)) ? m[0].codePointAt(m[0].length - 2) : m[0].charCodeAt(m[0].length - 1);
    const first = m[0].codePointAt(0);
    if (first < 0xd800 && last > 0xdfff) ranges.push(first, 0xd7ff, 0xe000, last); else ranges.push(first, last);
  }
  if (surrogate) ranges.push(0xd800, 0xdfff);
  out.push('property ' + name + ' ' + ranges.join(' '));
}
for (const way of ['toUpperCase', 'toLowerCase']) {
  for (let c = 128; c < 0x110000; c++) {
    const s = String.fromCodePoint(c), t = s[way]();
    if (s !== t) out.push(way + ' ' + c + ' ' + [...t].map((x) => x.codePointAt(0)).join(' '));
  }
}
console.log(out.join('\n'));
]==]
f:close()

local sets, upper, lower = {}, {}, {}
for line in io.popen("node " .. script .. " '" .. table.concat(names, "' '") .. "'"):lines() do
  local kind, name, rest = line:match "^(%S+) (%S+) ?(.*)$"
  local list = {}
  for n in rest:gmatch "%d+" do list[#list + 1] = tonumber(n) end
  if kind == "property" then
    local ranges = {}
    for i = 1, #list, 2 do ranges[#ranges + 1] = { list[i], list[i + 1] } end
    table.sort(ranges, function(a, b) return a[1] < b[1] end)
    local joined = {}
    for _, r in ipairs(ranges) do
      local before = joined[#joined]
      if before and before[2] + 1 == r[1] then before[2] = r[2] else joined[#joined + 1] = r end
    end
    sets[name] = joined
  else
    local to = kind == "toUpperCase" and upper or lower
    to[#to + 1] = { tonumber(name), list }
  end
end
os.remove(script)

-- ---- what PCRE2 says

local function utf8(c)
  if c < 0x80 then return string.char(c) end
  if c < 0x800 then return string.char(0xc0 + math.floor(c / 64), 0x80 + c % 64) end
  if c < 0x10000 then return string.char(0xe0 + math.floor(c / 4096), 0x80 + math.floor(c / 64) % 64, 0x80 + c % 64) end
  return string.char(0xf0 + math.floor(c / 262144), 0x80 + math.floor(c / 4096) % 64, 0x80 + math.floor(c / 64) % 64, 0x80 + c % 64)
end
local parts, point_at, at = {}, {}, 0
for c = 0, 0x10ffff do
  if c < 0xd800 or c > 0xdfff then
    local s = utf8(c)
    parts[#parts + 1] = s
    point_at[at] = c
    at = at + #s
  end
end
point_at[at] = 0x110000
local everything = table.concat(parts)
local data = pcre.pcre2_match_data_create_8(1, nil)

local function native_set(name)
  local pattern = "[\\p{" .. name .. "}]+"
  local code = pcre.pcre2_compile_8(pattern, #pattern, 0x80000, ffi.new "int[1]", ffi.new "size_t[1]", nil)
  if code == nil then return nil end
  pcre.pcre2_jit_compile_8(code, 1)
  local ranges, from = {}, 0
  while pcre.pcre2_match_8(code, everything, #everything, from, 0x40000000, data, nil) > 0 do
    local ov = pcre.pcre2_get_ovector_pointer_8(data)
    local first, last = point_at[tonumber(ov[0])], point_at[tonumber(ov[1])] - 1
    if last == 0xdfff then last = 0xd7ff end
    if first < 0xd800 and last > 0xdfff then
      ranges[#ranges + 1] = { first, 0xd7ff }
      first = 0xe000
    end
    ranges[#ranges + 1] = { first, last }
    from = tonumber(ov[1])
  end
  pcre.pcre2_code_free_8(code)
  return ranges
end

local function bits(ranges)
  local b = ffi.new "uint8_t[0x110000]"
  for _, r in ipairs(ranges) do for c = r[1], r[2] do b[c] = 1 end end
  return b
end

-- What has to be added to PCRE2's set: a list of ranges, and whether that is all (nothing has to be taken away).
local function added(ranges, native)
  local want, have, list = bits(ranges), bits(native), {}
  for c = 0, 0x10ffff do
    if c >= 0xd800 and c <= 0xdfff then have[c] = want[c] end
    if have[c] == 1 and want[c] == 0 then return nil end
    if want[c] == 1 and have[c] == 0 then
      local last = list[#list]
      if last and last[2] == c - 1 then last[2] = c else list[#list + 1] = { c, c } end
    end
  end
  return list
end

-- ---- writing: a number is digits of 45, all but the last from the upper half of the alphabet

local alphabet = {}
for c = 33, 126 do
  if c ~= 34 and c ~= 92 and c ~= 91 and c ~= 93 then alphabet[#alphabet + 1] = string.char(c) end
end
local function number(n)
  local s = alphabet[n % 45 + 1]
  n = math.floor(n / 45)
  while n > 0 do
    s = alphabet[45 + n % 45 + 1] .. s
    n = math.floor(n / 45)
  end
  return s
end
local function pack(ranges)
  local out, last = {}, 0
  for _, r in ipairs(ranges) do
    out[#out + 1] = number(r[1] - last)
    out[#out + 1] = number(r[2] - r[1])
    last = r[2]
  end
  return table.concat(out)
end
local function signed(n) return number(n < 0 and -n * 2 + 1 or n * 2) end

-- Runs of characters, each `step` from the one before, that move by the same distance.
local function pack_case(list)
  local out, special, last, i = {}, {}, 0, 1
  local simple = {}
  for _, each in ipairs(list) do
    if #each[2] == 1 then simple[#simple + 1] = each else special[#special + 1] = each[1] .. "=" .. table.concat(each[2], " ") end
  end
  while i <= #simple do
    local c, by = simple[i][1], simple[i][2][1] - simple[i][1]
    local step, count = 1, 1
    local second = simple[i + 1]
    if second and second[2][1] - second[1] == by and second[1] - c <= 2 then
      step = second[1] - c
      while simple[i + count] and simple[i + count][1] == c + step * count and simple[i + count][2][1] - simple[i + count][1] == by do count = count + 1 end
    end
    out[#out + 1] = number(c - last) .. number(step) .. number(count) .. signed(by)
    last = c + step * (count - 1)
    i = i + count
  end
  return table.concat(out), table.concat(special, ",")
end

local groups, by_content = {}, {}
for _, name in ipairs(names) do
  local kind = name:match "^(scx?)=" or ""
  local content = kind .. pack(sets[name]) .. (#sets[name] == 0 and name or "")
  local group = by_content[content]
  if not group then
    group = { set = sets[name], kind = kind }
    by_content[content] = group
    groups[#groups + 1] = group
  end
  group[#group + 1] = name
end

local lines = {}
for _, group in ipairs(groups) do
  local native, more
  for _, name in ipairs(group) do
    local word = name:gsub("^scx?=", "")
    if word == "LC" then word = "L&" end
    local try = group.kind == "" and word or group.kind .. ":" .. word
    local set = native_set(try)
    more = set and added(group.set, set)
    if more then
      native = try
      break
    end
  end
  table.sort(group)
  lines[#lines + 1] = ("{%q,%q,%q},"):format(" " .. table.concat(group, " ") .. " ", native or "", pack(native and more or group.set))
end

local up, up_special = pack_case(upper)
local down, down_special = pack_case(lower)
local out = assert(io.open("compat/prelude/unicode_data.lua", "w"))
out:write([==[
-- SPDX-License-Identifier: MIT
--
-- Facts of the Unicode Character Database, version 17.0, packed by tests/support/unicode_data.lua: do not edit. unicode.lua unpacks them.
-- properties: {names, what PCRE2 calls it ("" where its set is another), the ranges: those it lacks, or all}
local rt = ...
rt.unicode_data = {
  upper = "]==], up, [==[",
  upper_special = "]==], up_special, [==[",
  lower = "]==], down, [==[",
  lower_special = "]==], down_special, [==[",
  properties = {
]==], table.concat(lines, "\n"), "\n}}\n")
out:close()
