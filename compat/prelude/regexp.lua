-- SPDX-License-Identifier: MIT
--
-- RegExp (ECMA-262, clause 22.2) on PCRE2, which is loaded when the first pattern is matched.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, select, tonumber, ipairs = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset, L.select,
  L.tonumber, L.ipairs
local find, sub, byte, gsub, concat = L.string.find, L.string.sub, L.string.byte, L.string.gsub, L.table.concat
local ffi = L.require "ffi"
local null, is_object, native, text, truthy, toint = rt.null, rt.is_object, rt.native, rt.text, rt.truthy, rt.toint
local SYMBOL, DATA, G = rt.symbols, rt.DATA, rt.global

-- ---- PCRE2

ffi.cdef [[
typedef struct pcre2_code_8 pcre2_code_8;
typedef struct pcre2_match_data_8 pcre2_match_data_8;
typedef struct pcre2_match_context_8 pcre2_match_context_8;
typedef struct pcre2_compile_context_8 pcre2_compile_context_8;
typedef struct pcre2_jit_stack_8 pcre2_jit_stack_8;
pcre2_code_8 *pcre2_compile_8(const uint8_t *, size_t, uint32_t, int *, size_t *, pcre2_compile_context_8 *);
pcre2_compile_context_8 *pcre2_compile_context_create_8(void *);
void pcre2_compile_context_free_8(pcre2_compile_context_8 *);
int pcre2_set_compile_extra_options_8(pcre2_compile_context_8 *, uint32_t);
int pcre2_set_parens_nest_limit_8(pcre2_compile_context_8 *, uint32_t);
void pcre2_code_free_8(pcre2_code_8 *);
int pcre2_jit_compile_8(pcre2_code_8 *, uint32_t);
pcre2_match_data_8 *pcre2_match_data_create_8(uint32_t, void *);
void pcre2_match_data_free_8(pcre2_match_data_8 *);
pcre2_match_context_8 *pcre2_match_context_create_8(void *);
void pcre2_match_context_free_8(pcre2_match_context_8 *);
int pcre2_set_match_limit_8(pcre2_match_context_8 *, uint32_t);
pcre2_jit_stack_8 *pcre2_jit_stack_create_8(size_t, size_t, void *);
void pcre2_jit_stack_assign_8(pcre2_match_context_8 *, void *(*)(void *), void *);
void pcre2_jit_stack_free_8(pcre2_jit_stack_8 *);
int pcre2_match_8(const pcre2_code_8 *, const uint8_t *, size_t, size_t, uint32_t, pcre2_match_data_8 *, pcre2_match_context_8 *);
size_t *pcre2_get_ovector_pointer_8(pcre2_match_data_8 *);
]]

local CASELESS, ALLOW_EMPTY_CLASS, MATCH_UNSET_BACKREF, UTF, NEVER_BACKSLASH_C = 0x8, 0x1, 0x200, 0x80000, 0x100000
local DOLLAR_ENDONLY, ANCHORED, NO_UTF_CHECK = 0x10, 0x80000000, 0x40000000
local MATCH_LIMIT = 1000000000 -- about a second
local NESTED = 1000 -- groups in groups

local lib, match_context, compile_context
local function library()
  if lib then return lib end
  for _, name in ipairs { "libpcre2-8.so.0", "pcre2-8" } do
    local ok, found = L.pcall(ffi.load, name)
    if ok then
      lib = found
      break
    end
  end
  if not lib then rt.throw_error("Error", "RegExp needs the library pcre2-8") end
  match_context = ffi.gc(lib.pcre2_match_context_create_8(nil), lib.pcre2_match_context_free_8)
  lib.pcre2_set_match_limit_8(match_context, MATCH_LIMIT)
  compile_context = ffi.gc(lib.pcre2_compile_context_create_8(nil), lib.pcre2_compile_context_free_8)
  lib.pcre2_set_compile_extra_options_8(compile_context, 1) -- surrogates as escapes are allowed
  lib.pcre2_set_parens_nest_limit_8(compile_context, NESTED)
  return lib
end

local function compile(d)
  local pcre = library()
  local pattern, groups, names = rt.translate_pattern(d.source, d.flags)
  local options = UTF + ALLOW_EMPTY_CLASS + MATCH_UNSET_BACKREF + NEVER_BACKSLASH_C + DOLLAR_ENDONLY
  if find(d.flags, "i", 1, true) then options = options + CASELESS end
  local code_error, offset = ffi.new "int[1]", ffi.new "size_t[1]"
  local code = pcre.pcre2_compile_8(pattern, #pattern, options, code_error, offset, compile_context)
  if code == nil then return nil end
  code = ffi.gc(code, pcre.pcre2_code_free_8)
  pcre.pcre2_jit_compile_8(code, 1)
  d.groups, d.names = groups, names
  d.match_data = d.match_data or ffi.gc(pcre.pcre2_match_data_create_8(groups + 1, nil), pcre.pcre2_match_data_free_8)
  d.ovector = pcre.pcre2_get_ovector_pointer_8(d.match_data)
  return code
end

-- RegExp.$1 and its kin: the last match, wherever it was. Its places stand in the record's own vector until that matches again, or in those
-- that regexp_engine gave; once a program has asked, they are copied at each match.
local last_record, last_subject, last_places, kept, legacy = false, "", false, false, false
local function keep_last()
  local d, s, places = last_record, last_subject, last_places
  kept = { s = s, n = d.groups }
  for i = 0, d.groups do
    local from, to
    if places then
      from, to = places[2 * i + 1], places[2 * i + 2]
      kept[i] = from and rt.substring(s, from, to) or ""
    else
      from, to = tonumber(d.ovector[2 * i]), tonumber(d.ovector[2 * i + 1])
      kept[i] = from <= #s and sub(s, from + 1, to) or ""
    end
  end
  if places then
    kept.left, kept.right = rt.substring(s, 0, places[1]), rt.substring(s, places[2], rt.string_length(s))
  else
    kept.left, kept.right = sub(s, 1, tonumber(d.ovector[0])), sub(s, tonumber(d.ovector[1]) + 1)
  end
end

local function note_match(d, s, places)
  last_record, last_subject, last_places = d, s, places
  if kept then kept = false end
  if legacy then keep_last() end
end

local function last_match()
  legacy = true
  if not kept and last_record then keep_last() end
  return kept
end

-- Does a character, as text, match the pattern? For the matcher of our own, which asks for each once.
function rt.character_matcher(pattern, fold)
  local pcre = library()
  pattern = "\\A(?:" .. pattern .. ")\\z"
  local code = pcre.pcre2_compile_8(pattern, #pattern, UTF + ALLOW_EMPTY_CLASS + (fold and CASELESS or 0), ffi.new "int[1]", ffi.new "size_t[1]", compile_context)
  code = ffi.gc(code, pcre.pcre2_code_free_8)
  local data = ffi.gc(pcre.pcre2_match_data_create_8(1, nil), pcre.pcre2_match_data_free_8)
  return function(c) return pcre.pcre2_match_8(code, c, #c, 0, NO_UTF_CHECK, data, match_context) > 0 end
end

-- Where PCRE2 goes other ways than JavaScript, or finds it too large (it writes a group out as often as it may come), a pattern is matched
-- by regexp_engine: always ("needs"), or where the text has pairs of surrogates ("halves"). Few patterns are looked at so closely.
local function survey(d)
  d.looked_at, d.surveyed = true, true
  local tree, groups = rt.regexp_tree(d.source, d.flags)
  local _, names = rt.regexp_groups(d.source, find(d.flags, "v", 1, true) ~= nil)
  d.needs, d.halves, d.groups, d.names, d.tree = tree.needs, tree.halves, groups, names, tree
end

local function needs_engine(d, s, ascii)
  if not d.looked_at then
    d.looked_at, d.unicode = true, find(d.flags, "[uv]") ~= nil
    local source = d.source
    if find(source, "(?<", 1, true) and find(source, "%(%?<[=!]") or find(source, "%)[*+?{]") or find(source, "\\[1-9k]")
      or find(source, "{%d*,?%d%d%d%d%d") then
      survey(d)
    end
    if not d.needs and not d.code then
      d.code = compile(d)
      if not d.code then
        survey(d)
        d.needs = true
      end
    end
  end
  if d.needs then return true end
  if ascii or d.unicode or not rt.has_halves(s) then return false end
  if not d.surveyed then survey(d) end
  return d.halves
end

-- Compiled patterns take their places to go back to from a stack of 32 KB. What needs more gets 1 MB, which stay, and then as much as V8
-- gives, 64 MB, for this one match.
local SMALL, LARGE = 1048576, 67108864
local small_stack = false
local function match_on_larger_stack(code, s, from, options, data)
  if not small_stack then
    small_stack = ffi.gc(lib.pcre2_jit_stack_create_8(32768, SMALL, nil), lib.pcre2_jit_stack_free_8)
    lib.pcre2_jit_stack_assign_8(match_context, nil, small_stack)
    local rc = lib.pcre2_match_8(code, s, #s, from, options, data, match_context)
    if rc ~= -46 then return rc end
  end
  local stack = lib.pcre2_jit_stack_create_8(SMALL, LARGE, nil)
  lib.pcre2_jit_stack_assign_8(match_context, nil, stack)
  local rc = lib.pcre2_match_8(code, s, #s, from, options, data, match_context)
  lib.pcre2_jit_stack_assign_8(match_context, nil, small_stack)
  lib.pcre2_jit_stack_free_8(stack)
  return rc
end

-- Matches at or after byte `from` (from 0). True, and the ovector has the places. Lone surrogates are not UTF-8, but PCRE2 reads them as
-- it reads any three bytes; it must not look for them.
local function run(d, s, from, sticky)
  local code = d.code
  if not code then
    code = compile(d)
    d.code = code
  end
  local options = sticky and NO_UTF_CHECK + ANCHORED or NO_UTF_CHECK
  local rc = lib.pcre2_match_8(code, s, #s, from, options, d.match_data, match_context)
  if rc == -46 then rc = match_on_larger_stack(code, s, from, options, d.match_data) end
  if rc > 0 then
    note_match(d, s, false)
    return true
  end
  if d == last_record and not kept and not last_places then last_record = false end -- its places are gone
  if rc == -1 then return false end
  if rc == -47 then rt.range_error "Regular expression match limit exceeded" end
  if rc == -63 or rc == -46 or rc == -53 then rt.range_error "Regular expression too complex" end
  return false
end

-- ---- objects

local RegExpPrototype, RegExpFunction, builtin_exec
local FLAGS = "^[dgimsuvy]*$"

local function escape_source(s)
  if s == "" then return "(?:)" end
  if not find(s, "[/\n\r]") and not find(s, "\226\128[\168\169]") then return s end
  local out, in_class, i = {}, false, 1
  while i <= #s do
    local c = sub(s, i, i)
    local step = 1
    if c == "\\" then
      local d = sub(s, i + 1, i + 1)
      if d == "\n" then out[#out + 1] = "\\n" elseif d == "\r" then out[#out + 1] = "\\r" else out[#out + 1] = c .. d end
      step = 2
    elseif c == "\n" then out[#out + 1] = "\\n"
    elseif c == "\r" then out[#out + 1] = "\\r"
    elseif sub(s, i, i + 2) == "\226\128\168" then out[#out + 1], step = "\\u2028", 3
    elseif sub(s, i, i + 2) == "\226\128\169" then out[#out + 1], step = "\\u2029", 3
    elseif c == "/" and not in_class then out[#out + 1] = "\\/"
    else
      if c == "[" then in_class = true elseif c == "]" then in_class = false end
      out[#out + 1] = c
    end
    i = i + step
  end
  return concat(out)
end


-- What is known of a source with its flags, shared by all objects that have them: the last thousand, by flags and source.
local RECORDS = 500
local records, older, count = {}, {}, 0

local function record_of(source, flags)
  local by_source = records[flags]
  local d = by_source and by_source[source]
  if d then return d end
  d = older[flags] and older[flags][source]
  if not d then
    d = { regexp = true, source = source, shown = escape_source(source), flags = flags }
    d.global, d.sticky, d.has_indices = find(flags, "g", 1, true) ~= nil, find(flags, "y", 1, true) ~= nil, find(flags, "d", 1, true) ~= nil
  end
  if count >= RECORDS then
    records, older, count = {}, records, 0
    by_source = nil
  end
  if not by_source then
    by_source = records[flags] or {}
    records[flags] = by_source
  end
  by_source[source] = d
  count = count + 1
  return d
end

local function initialize(o, source, flags)
  if not find(flags, FLAGS) or find(flags, "(.).*%1") or find(flags, "u", 1, true) and find(flags, "v", 1, true) then
    rt.throw_error("SyntaxError", "Invalid flags supplied to RegExp constructor '" .. flags .. "'")
  end
  local d = records[flags] and records[flags][source]
  if not d then
    if source ~= "" then
      local ok, e = rt.compiler.check("/" .. escape_source(source) .. "/" .. flags, { goal = "script" })
      if not ok then rt.throw_error("SyntaxError", e.message) end
    end
    d = record_of(source, flags)
  end
  rawset(o, DATA, d)
  o.lastIndex = 0
  return o
end

local function shape_for(proto)
  local up = getmetatable(rt.root_of(proto).base)
  local shape = up.regexp_shape
  if not shape then
    shape = rt.grow(rt.root_of(proto), "lastIndex", true)
    rt.root_of(proto).define_next.lastIndex = nil
    shape.bits = { lastIndex = 1 }
    shape.class = "RegExp"
    up.regexp_shape = shape
  end
  return shape
end

local function allocate(proto) return (setmetatable({ lastIndex = 0 }, shape_for(proto))) end

-- A literal: known to be valid.
function rt.regexp(source, flags)
  local o = allocate(RegExpPrototype)
  rawset(o, DATA, record_of(source, flags))
  return o
end

function rt.regexp_create(pattern, flags)
  return initialize(allocate(RegExpPrototype), pattern == nil and "" or text(pattern), flags == nil and "" or text(flags))
end

local function data_of(o)
  local d = type(o) == "table" and rawget(o, DATA)
  if type(d) == "table" and d.regexp then return d end
end

local function need(o, name)
  local d = data_of(o)
  if not d then rt.type_error("Receiver is not a RegExp: " .. name) end
  return d
end

local function set_last(o, n)
  if not rt.set(o, "lastIndex", n, o, true) then rt.type_error("Cannot assign to read only property 'lastIndex' of object '[object RegExp]'") end
end

-- The same by regexp_engine: places in units, and a third result that says so.
local function match_units(o, s, d, last)
  if not d.surveyed then survey(d) end
  d.matcher = d.matcher or rt.regexp_matcher(d.tree, d.groups)
  local units, length = rt.units(s)
  local places = d.matcher(units, length, last, d.sticky)
  if places then note_match(d, s, places) end
  if d.global or d.sticky then set_last(o, places and places[2] or 0) end
  return places, nil, true
end

-- RegExpBuiltinExec up to the match: its ovector, and whether s is ASCII; nil when there is none.
local function match(o, s, d) -- s has its surrogates joined
  local last = rt.tolength(o.lastIndex)
  local global, sticky = d.global, d.sticky
  if not global and not sticky then last = 0 end
  local n = rt.string_length(s)
  if last > n then
    if global or sticky then set_last(o, 0) end
    return nil
  end
  local ascii = n == #s
  if (d.needs or not ascii or not d.looked_at) and needs_engine(d, s, ascii) then
    return match_units(o, s, d, last)
  end
  local from = last
  if not ascii then
    from = rt.byte_position(s, last)
    if last > 0 and not d.unicode and rt.unit_position(s, from) ~= last then return match_units(o, s, d, last) end -- within a pair
  end
  if not run(d, s, from, sticky) then
    if global or sticky then set_last(o, 0) end
    return nil
  end
  local ov = d.ovector
  if global or sticky then
    local to = tonumber(ov[1])
    set_last(o, ascii and to or rt.unit_position(s, to))
  end
  return ov, ascii
end

-- What names say: from a list by group number to an object.
local function named(d, list)
  local groups = rt.object_of(nil)
  for _, each in ipairs(d.names) do
    local k = rt.string_key(each[1])
    if list[each[2] + 1] ~= nil or not rt.has_own(groups, k) then rt.define_data(groups, k, list[each[2] + 1]) end
  end
  return groups
end

local table_new = L.require "table.new"
local match_shape

-- Where the groups are, for the flag d. No closure in exec: that would keep the JIT from it.
local function places(ov, n, s)
  local indices = {}
  for i = 0, n do
    local from, to = tonumber(ov[2 * i]), tonumber(ov[2 * i + 1])
    if from <= #s then indices[i + 1] = rt.new_array({ rt.unit_position(s, from), rt.unit_position(s, to) }, 2) end
  end
  return indices
end

local function finish_result(d, a, s, n, first, indices)
  a.length = n + 1
  a.index = first
  a.input = s
  if #d.names > 0 then a.groups = named(d, a) end
  if not match_shape then match_shape = rt.grow(rt.grow(rt.grow(rt.array, "index"), "input"), "groups") end
  setmetatable(a, match_shape)
  if indices then
    local b = rt.new_array(indices, n + 1)
    rt.define_data(b, "groups", #d.names > 0 and named(d, indices) or nil)
    rt.define_data(a, "indices", b)
  end
  return a
end

-- From the places that regexp_engine gives.
local function result_of_units(d, s, places, n)
  local a, indices = table_new(n + 2, 4), d.has_indices and {}
  for i = 0, n do
    local from, to = places[2 * i + 1], places[2 * i + 2]
    if from then
      a[i + 1] = rt.substring(s, from, to)
      if indices then indices[i + 1] = rt.new_array({ from, to }, 2) end
    end
  end
  return finish_result(d, a, s, n, places[1], indices)
end

-- The result array or null
local function exec(o, s)
  local d = rawget(o, DATA)
  s = rt.join_surrogates(s)
  local ov, ascii, by_units = match(o, s, d)
  if not ov then return null end
  local n = d.groups
  if by_units then return result_of_units(d, s, ov, n) end
  local indices = d.has_indices and places(ov, n, s) -- before anything else matches
  local a = table_new(n + 2, 4)
  for i = 0, n do
    local from = tonumber(ov[2 * i])
    if from <= #s then a[i + 1] = sub(s, from + 1, tonumber(ov[2 * i + 1])) end -- an unset group's is the largest of its type
  end
  local first = tonumber(ov[0])
  return finish_result(d, a, s, n, ascii and first or rt.unit_position(s, first), indices)
end

-- RegExpExec: through an `exec` of the user's
local function regexp_exec(o, s)
  local f = o.exec
  if f == builtin_exec and data_of(o) then return exec(o, s) end
  if rt.is_callable(f) then
    local r = f(o, s)
    if r ~= null and not is_object(r) then rt.type_error("object null is not a function") end
    return r
  end
  need(o, "RegExp.prototype.exec")
  return exec(o, s)
end

local function advance(s, i, unicode)
  if not unicode then return i + 1 end
  local c = rt.code_at(s, i)
  if c and c >= 0xd800 and c < 0xdc00 then
    local d = rt.code_at(s, i + 1)
    if d and d >= 0xdc00 and d < 0xe000 then return i + 2 end
  end
  return i + 1
end

local function flags_of(o)
  return text(o.flags)
end

-- Is o a RegExp as it was made, and its prototype as it was? Then what the standard asks of properties is known.
local pristine_shape, prototype_shape
local function pristine(o)
  if type(o) ~= "table" or getmetatable(o) ~= pristine_shape or prototype_shape.touched or RegExpPrototype.exec ~= builtin_exec then return nil end
  return rawget(o, DATA)
end

-- The parts of a replacement text: strings and numbers of groups; nil where it asks for more than these.
local function parts_of(d, template)
  local known = d.templates and d.templates[template]
  if known ~= nil then return known end
  local parts, n, at = {}, 0, 1
  while true do
    local i = find(template, "$", at, true)
    local c, e = byte(template, (i or 0) + 1, (i or 0) + 2)
    if not i or not c then
      parts[n + 1] = sub(template, at)
      break
    end
    n = n + 1
    parts[n] = sub(template, at, i - 1)
    at = i + 2
    if c == 36 or c == 38 then
      parts[n + 1] = c == 36 and "$" or 0
    elseif c >= 48 and c <= 57 then
      local one, two = c - 48, e and e >= 48 and e <= 57 and (c - 48) * 10 + e - 48 or 0
      if two >= 1 and two <= d.groups then
        parts[n + 1] = two
        at = at + 1
      elseif one >= 1 and one <= d.groups then
        parts[n + 1] = one
      else
        parts[n + 1] = "$" .. L.string.char(c)
      end
    elseif c == 96 or c == 39 or c == 60 then
      parts = false
      break
    else
      parts[n + 1] = "$"
      at = i + 1
    end
    n = n + 1
  end
  if not d.templates or d.template_count > 50 then d.templates, d.template_count = {}, 0 end
  d.templates[template], d.template_count = parts, d.template_count + 1
  return parts
end

-- The bytes where s matches, for each match the first and the end of all groups; how many numbers these are. An unset group's first is -1.
-- nil where the next place to look at is within a pair of surrogates.
local function all_places(d, s, all)
  local places, n, at, size = {}, 0, 0, #s
  while at <= size and run(d, s, at, false) do
    local ov = d.ovector
    for i = 0, d.groups do
      local from = tonumber(ov[2 * i])
      places[n + 1], places[n + 2] = from <= size and from or -1, tonumber(ov[2 * i + 1])
      n = n + 2
    end
    if not all then break end
    local from, to = tonumber(ov[0]), tonumber(ov[1])
    if to == from then
      local c = byte(s, to + 1) or 0
      if c >= 0xf0 and not d.unicode then return nil end
      to = to + (c < 0xc0 and 1 or c < 0xe0 and 2 or c < 0xf0 and 3 or 4)
    end
    at = to
  end
  return places, n
end

local function group(s, places, k)
  local from = places[k]
  if from < 0 then return nil end
  return sub(s, from + 1, places[k + 1])
end

local function called_with(f, s, places, k, groups)
  local matched, position = group(s, places, k), rt.unit_position(s, places[k])
  if groups == 0 then return f(nil, matched, position, s) end
  if groups == 1 then return f(nil, matched, group(s, places, k + 2), position, s) end
  if groups == 2 then return f(nil, matched, group(s, places, k + 2), group(s, places, k + 4), position, s) end
  local list = { matched }
  for i = 1, groups do list[i + 1] = group(s, places, k + 2 * i) end
  list[groups + 2], list[groups + 3] = position, s
  return f(nil, L.unpack(list, 1, groups + 3))
end

-- All of @@replace for a pristine RegExp, or nil. `with`: a function, or the list that parts_of makes.
local function replace_all(d, s, with)
  local places, count = all_places(d, s, d.global)
  if not places then return nil end
  if count == 0 then return s end
  local groups, out, n, at = d.groups, {}, 0, 0
  local step, callable = 2 * groups + 2, type(with) == "function"
  local simple = not callable and #with == 1 and with[1]
  for k = 1, count, step do
    out[n + 1] = sub(s, at + 1, places[k])
    n = n + 1
    if simple then
      n = n + 1
      out[n] = simple
    elseif callable then
      local v = called_with(with, s, places, k, groups)
      n = n + 1
      out[n] = type(v) == "string" and v or text(v)
    else
      for i = 1, #with do
        local part = with[i]
        if type(part) == "number" then part = group(s, places, k + 2 * part) or "" end
        n = n + 1
        out[n] = part
      end
    end
    at = places[k + 1]
  end
  out[n + 1] = sub(s, at + 1)
  return rt.joined(concat(out))
end

local function need_object(o, name)
  if not is_object(o) then rt.type_error("RegExp.prototype." .. name .. " called on incompatible receiver " .. rt.show(o)) end
end

function rt.install_regexp()
  local P = rt.object_of(rt.ObjectPrototype)
  RegExpPrototype = P
  local function construct(target, pattern, flags)
    local d = data_of(pattern)
    local source
    if d then
      source = d.source
      if flags == nil then flags = d.flags end
    elseif rt.is_regexp(pattern) then
      source = pattern.source
      if flags == nil then flags = pattern.flags end
    else
      source = pattern
    end
    local proto = rt.target_prototype(target)
    local o = allocate(is_object(proto) and proto or P)
    return initialize(o, source == nil and "" or text(source), flags == nil and "" or text(flags))
  end
  RegExpFunction = rt.global_class("RegExp", 2, function(_, pattern, flags)
    if flags == nil and rt.is_regexp(pattern) and pattern.constructor == RegExpFunction then return pattern end
    return construct(RegExpFunction, pattern, flags)
  end, construct, P)
  rt.getter(RegExpFunction, SYMBOL.species, native("get [Symbol.species]", 0, function(this) return this end))

  local function legacy_getter(names, read)
    for name in names:gmatch "%S+" do
      rt.put(RegExpFunction, name, { accessor = true, bits = 4,
        get = native("get " .. name, 0, function()
          local last = last_match()
          return last and read(last) or ""
        end),
        set = native("set " .. name, 1, function() end) })
    end
  end
  for i = 1, 9 do legacy_getter("$" .. i, function(last) return last[i] end) end
  legacy_getter("lastMatch $&", function(last) return last[0] end)
  legacy_getter("lastParen $+", function(last) return last.n > 0 and last[last.n] end)
  legacy_getter("leftContext $`", function(last) return last.left end)
  legacy_getter("rightContext $'", function(last) return last.right end)
  legacy_getter("input $_", function(last) return last.s end)

  builtin_exec = native("exec", 1, function(this, s)
    need(this, "RegExp.prototype.exec")
    return exec(this, text(s))
  end)
  rt.hide(P, "exec", builtin_exec)
  for _, each in ipairs { { "hasIndices", "d" }, { "global", "g" }, { "ignoreCase", "i" }, { "multiline", "m" }, { "dotAll", "s" }, { "unicode", "u" },
    { "unicodeSets", "v" }, { "sticky", "y" } } do
    local name, flag = each[1], each[2]
    rt.define_getter(P, name, function(this)
      local d = data_of(this)
      if d then return find(d.flags, flag, 1, true) ~= nil end
      if this == P then return nil end
      rt.type_error("RegExp.prototype." .. name .. " getter called on non-RegExp object")
    end)
  end
  rt.define_getter(P, "flags", function(this)
    if not is_object(this) then rt.type_error("RegExp.prototype.flags getter called on non-object " .. rt.text(this)) end
    local out = ""
    if truthy(this.hasIndices) then out = out .. "d" end
    if truthy(this.global) then out = out .. "g" end
    if truthy(this.ignoreCase) then out = out .. "i" end
    if truthy(this.multiline) then out = out .. "m" end
    if truthy(this.dotAll) then out = out .. "s" end
    if truthy(this.unicode) then out = out .. "u" end
    if truthy(this.unicodeSets) then out = out .. "v" end
    if truthy(this.sticky) then out = out .. "y" end
    return out
  end)
  rt.define_getter(P, "source", function(this)
    local d = data_of(this)
    if d then return d.shown end
    if this == P then return "(?:)" end
    rt.type_error "RegExp.prototype.source getter called on non-RegExp object"
  end)

  rt.methods(P, {
    "test", 1, function(this, s)
      need_object(this, "test")
      s = text(s)
      local d = type(this) == "table" and rawget(this, DATA)
      if d and d.regexp and this.exec == builtin_exec then return match(this, rt.join_surrogates(s), d) ~= nil end
      return regexp_exec(this, s) ~= null
    end,
    "toString", 0, function(this)
      need_object(this, "toString")
      return "/" .. text(this.source) .. "/" .. text(this.flags)
    end,
    "compile", 2, function(this, pattern, flags)
      need(this, "RegExp.prototype.compile")
      local d = data_of(pattern)
      if d then
        if flags ~= nil then rt.type_error "Invalid flags" end
        pattern, flags = d.source, d.flags
      end
      initialize(this, pattern == nil and "" or text(pattern), flags == nil and "" or text(flags))
      set_last(this, 0)
      return this
    end,
    SYMBOL.match, 1, function(this, s)
      need_object(this, "@@match")
      s = text(s)
      local flags = flags_of(this)
      if not find(flags, "g", 1, true) then return regexp_exec(this, s) end
      local unicode = find(flags, "[uv]") ~= nil
      set_last(this, 0)
      local list, n = {}, 0
      while true do
        local r = regexp_exec(this, s)
        if r == null then
          if n == 0 then return null end
          return rt.new_array(list, n)
        end
        local m = text(r[1])
        n = n + 1
        list[n] = m
        if m == "" then set_last(this, advance(s, rt.tolength(this.lastIndex), unicode)) end
      end
    end,
    SYMBOL.matchAll, 1, function(this, s)
      need_object(this, "@@matchAll")
      s = text(s)
      local C = rt.species_constructor(this, RegExpFunction)
      local flags = flags_of(this)
      local matcher = rt.construct(C, C, this, flags)
      matcher.lastIndex = rt.tolength(this.lastIndex)
      local o = rt.object_of(rt.RegExpStringIteratorPrototype)
      rawset(o, DATA, { string_iterator = true, matcher = matcher, string = s, global = find(flags, "g", 1, true) ~= nil, unicode = find(flags, "[uv]") ~= nil })
      return o
    end,
    SYMBOL.search, 1, function(this, s)
      need_object(this, "@@search")
      s = text(s)
      local previous = this.lastIndex
      if not rt.same_value(previous, 0) then set_last(this, 0) end
      local r = regexp_exec(this, s)
      if not rt.same_value(this.lastIndex, previous) then set_last(this, previous) end
      if r == null then return -1 end
      return r.index
    end,
    SYMBOL.replace, 2, function(this, s, replacement)
      need_object(this, "@@replace")
      s = text(s)
      local callable = rt.is_callable(replacement)
      if not callable then replacement = text(replacement) end
      local d = pristine(this)
      if d and not d.sticky and not (callable and type(replacement) ~= "function") and not needs_engine(d, s, rt.is_ascii(s)) then
        if not d.code then d.code = compile(d) end
        local with = replacement
        if not callable then with = parts_of(d, replacement)
        elseif #d.names > 0 then with = nil end
        if with then
          if d.global then this.lastIndex = 0 else toint(this.lastIndex) end
          local replaced = replace_all(d, s, with)
          if replaced then return replaced end
        end
      end
      local flags = flags_of(this)
      local global, unicode = find(flags, "g", 1, true) ~= nil, find(flags, "[uv]") ~= nil
      if global then set_last(this, 0) end
      local results = {}
      while true do
        local r = regexp_exec(this, s)
        if r == null then break end
        results[#results + 1] = r
        if not global then break end
        if text(r[1]) == "" then set_last(this, advance(s, rt.tolength(this.lastIndex), unicode)) end
      end
      local out, at = {}, 0
      local length = rt.string_length(s)
      for i = 1, #results do
        local r = results[i]
        local count = L.math.max(rt.tolength(r.length) - 1, 0)
        local matched = text(r[1])
        local position = L.math.max(L.math.min(toint(r.index), length), 0)
        local captures = {}
        for k = 1, count do
          local v = r[k + 1]
          if v ~= nil then v = text(v) end
          captures[k] = v
        end
        local groups = r.groups
        local with
        if callable then
          local arguments = { matched }
          for k = 1, count do arguments[k + 1] = captures[k] end
          local m = count + 1
          arguments[m + 1], arguments[m + 2] = position, s
          m = m + 2
          if groups ~= nil then
            m = m + 1
            arguments[m] = groups
          end
          with = text(replacement(nil, L.unpack(arguments, 1, m)))
        else
          if groups ~= nil then groups = rt.toobject(groups) end
          with = rt.get_substitution(matched, s, position, captures, count, groups, replacement)
        end
        if position >= at then
          out[#out + 1] = rt.substring(s, at, position)
          out[#out + 1] = with
          at = position + rt.string_length(matched)
        end
      end
      if at < length then out[#out + 1] = rt.substring(s, at, length) end
      return rt.joined(concat(out))
    end,
    SYMBOL.split, 2, function(this, s, limit)
      need_object(this, "@@split")
      s = text(s)
      local C = rt.species_constructor(this, RegExpFunction)
      local flags = flags_of(this)
      local unicode = find(flags, "[uv]") ~= nil
      local splitter = rt.construct(C, C, this, find(flags, "y", 1, true) and flags or flags .. "y")
      if limit == nil then limit = 4294967295 else limit = rt.touint32(limit) end
      if limit == 0 then return rt.new_array({}, 0) end
      local size = rt.string_length(s)
      if size == 0 then
        if regexp_exec(splitter, s) ~= null then return rt.new_array({}, 0) end
        return rt.new_array({ s }, 1)
      end
      local list, n, p, q = {}, 0, 0, 0
      local d = data_of(splitter)
      local fast = d and C == RegExpFunction and splitter.exec == builtin_exec and rt.is_ascii(s) and not needs_engine(d, s, true)
      while q < size do
        local r
        if fast then -- jump to where it next matches
          if not run(d, s, q, false) then break end
          q = tonumber(d.ovector[0])
          if q >= size then break end
        end
        splitter.lastIndex = q
        r = regexp_exec(splitter, s)
        if r == null then
          q = advance(s, q, unicode)
        else
          local e = L.math.min(rt.tolength(splitter.lastIndex), size)
          if e == p then
            q = advance(s, q, unicode)
          else
            n = n + 1
            list[n] = rt.substring(s, p, q)
            if n == limit then return rt.new_array(list, n) end
            p = e
            for i = 1, L.math.max(rt.tolength(r.length) - 1, 0) do
              n = n + 1
              list[n] = r[i + 1]
              if n == limit then return rt.new_array(list, n) end
            end
            q = p
          end
        end
      end
      n = n + 1
      list[n] = rt.substring(s, p, size)
      return rt.new_array(list, n)
    end,
  })

  rt.regexp_replace = P[SYMBOL.replace]

  local I = rt.object_of(rt.IteratorPrototype)
  rt.RegExpStringIteratorPrototype = I
  rt.methods(I, { "next", 0, function(this)
    local d = type(this) == "table" and rawget(this, DATA)
    if type(d) ~= "table" or not d.string_iterator then rt.type_error("next method called on incompatible receiver " .. rt.show(this)) end
    if d.done then return rt.iter_result(nil, true) end
    local r = regexp_exec(d.matcher, d.string)
    if r == null then
      d.done = true
      return rt.iter_result(nil, true)
    end
    if not d.global then
      d.done = true
    elseif text(r[1]) == "" then
      d.matcher.lastIndex = advance(d.string, rt.tolength(d.matcher.lastIndex), d.unicode)
    end
    return rt.iter_result(r, false)
  end })
  rt.readonly(I, SYMBOL.toStringTag, "RegExp String Iterator")
  pristine_shape, prototype_shape = shape_for(P), getmetatable(P)
  prototype_shape.touched = nil
end
