-- SPDX-License-Identifier: MIT
--
-- String (ECMA-262, clause 22.1). What takes regular expressions asks the object for its method, as the standard has it.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, select, getfenv = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset, L.select, L.getfenv
local byte, sub, find, rep, concat, upper, lower = L.string.byte, L.string.sub, L.string.find, L.string.rep, L.table.concat, L.string.upper, L.string.lower
local floor, huge = L.math.floor, L.math.huge
local new_table = L.require "table.new"

local null, is_object, native, hide, text, toint = rt.null, rt.is_object, rt.native, rt.hide, rt.text, rt.toint
local string_length, is_ascii, substring, code_at, units, from_units, encode = rt.string_length, rt.is_ascii, rt.substring, rt.code_at, rt.units,
  rt.from_units, rt.encode_point
local SYMBOL, DATA, G = rt.symbols, rt.DATA, rt.global

local function this_text(this, name)
  if type(this) == "string" then return this end
  if this == nil or this == null then rt.type_error("String.prototype." .. name .. " called on null or undefined") end
  return text(this)
end

local function is_string(v) return type(v) == "string" end

local function is_regexp(v)
  if not is_object(v) then return false end
  local m = v[SYMBOL.match]
  if m ~= nil then return rt.truthy(m) end
  return type(v) == "table" and (getmetatable(v) or {}).class == "RegExp" or false
end
rt.is_regexp = is_regexp

local function no_regexp(v, name)
  if is_regexp(v) then rt.type_error("First argument to String.prototype." .. name .. " must not be a regular expression") end
end

-- May half of a pair in s be where `what` begins or ends? Its bytes are not to be found there.
local function is_half(what) return find(what, "^\237[\176-\191]") ~= nil or find(what, "\237[\160-\175][\128-\191]$") ~= nil end

local function equal_units(u, at, what, m)
  for k = 0, m - 1 do
    if u[at + k] ~= what[k] then return false end
  end
  return true
end

local function search_units(s, what, from, to, step)
  local u, w, m = units(s), units(what)
  for i = from, to, step do
    if equal_units(u, i, w, m) then return i end
  end
end

-- First position of `what` in s at or after `from` (units, from 0); nil where there is none.
local function index_of(s, what, from)
  if is_ascii(s) then
    local at = find(s, what, from + 1, true)
    return at and at - 1
  end
  if is_half(what) then return search_units(s, what, from, string_length(s) - string_length(what), 1) end
  local at = find(s, what, rt.byte_from(s, from) + 1, true)
  return at and rt.unit_position(s, at - 1)
end

-- Last position of `what` in s at or before `from`.
local function last_index_of(s, what, from)
  local ascii = is_ascii(s)
  if not ascii and is_half(what) then return search_units(s, what, from, 0, -1) end
  local m = #what
  if m == 0 then return from end
  local first = byte(what)
  for at = ascii and from + 1 or rt.byte_position(s, from) + 1, 1, -1 do
    if byte(s, at) == first and sub(s, at, at + m - 1) == what then return ascii and at - 1 or rt.unit_position(s, at - 1) end
  end
end

-- Calls the method that v has under the symbol, if v is something.
local function delegate(this, v, symbol, ...)
  if v == nil or v == null or not is_object(v) then return false end
  local method = v[symbol]
  if method == nil or method == null then return false end
  if not rt.is_callable(method) then rt.type_error(rt.show(method) .. " is not a function") end
  return true, method(v, this, ...)
end

-- GetSubstitution; positions are in units.
local function substitute(matched, s, position, captures, count, groups, template)
  if not find(template, "$", 1, true) then return template end
  return (L.string.gsub(template, "%$(%$?)([&`'<%d]?)(%d?)", function(dollar, c, d)
    if dollar == "$" then return "$" .. c .. d end
    if c == "&" then return matched .. d end
    if c == "`" then return substring(s, 0, position) .. d end
    if c == "'" then
      local n, after = string_length(s), position + string_length(matched)
      return (after >= n and "" or substring(s, after, n)) .. d
    end
    if c == "" then return "$" .. d end
    if c == "<" then return nil end
    local two = d ~= "" and L.tonumber(c .. d) or 0
    if two >= 1 and two <= count then return captures[two] == nil and "" or text(captures[two]) end
    local one = L.tonumber(c)
    if one >= 1 and one <= count then return (captures[one] == nil and "" or text(captures[one])) .. d end
    return nil
  end))
end

function rt.get_substitution(matched, s, position, captures, count, groups, template)
  if groups ~= nil and find(template, "$<", 1, true) then
    local out, at, from = {}, 1, 1
    while true do
      local i = find(template, "%$[$<]", from)
      while i and sub(template, i + 1, i + 1) == "$" do i = find(template, "%$[$<]", i + 2) end -- $$ is for substitute
      local j = i and find(template, ">", i, true)
      if not j then break end
      out[#out + 1] = substitute(matched, s, position, captures, count, nil, sub(template, at, i - 1))
      local v = groups[rt.string_key(sub(template, i + 2, j - 1))]
      out[#out + 1] = v == nil and "" or text(v)
      at = j + 1
      from = at
    end
    out[#out + 1] = substitute(matched, s, position, captures, count, nil, sub(template, at))
    return concat(out)
  end
  return substitute(matched, s, position, captures, count, nil, template)
end

-- All texts: without half of a pair, positions in bytes do.
local function replace_text(s, what, with, all)
  local at = find(s, what, 1, true)
  if not at then return s end
  local m = #what
  local made = sub(s, 1, at - 1) .. with
  local from = at + m
  if all then
    at = find(s, what, from, true)
    if at then
      local out, n = { made }, 1
      repeat
        out[n + 1], out[n + 2] = sub(s, from, at - 1), with
        n = n + 2
        from = at + m
        at = find(s, what, from, true)
      until not at
      made = concat(out)
    end
  end
  made = made .. sub(s, from)
  if find(made, "\237", 1, true) then return rt.joined(made) end
  return made
end

local function replace(name, all)
  return function(this, pattern, replacement)
    if type(this) == "string" and type(pattern) == "string" and type(replacement) == "string" and pattern ~= "" and not find(replacement, "$", 1, true)
      and not find(pattern, "\237", 1, true) then
      return (replace_text(this, pattern, replacement, all))
    end
    if this == nil or this == null then rt.type_error("String.prototype." .. name .. " called on null or undefined") end
    if all and is_regexp(pattern) then
      local flags = pattern.flags
      if flags == nil or flags == null then rt.type_error "String.prototype.replaceAll called with a non-global RegExp argument" end
      if not find(text(flags), "g", 1, true) then rt.type_error "replaceAll must be called with a global RegExp" end
    end
    local done, result = delegate(this, pattern, SYMBOL.replace, replacement)
    if done then return result end
    local s, what = text(this), text(pattern)
    local callable = rt.is_callable(replacement)
    if not callable then replacement = text(replacement) end
    local out, last, at = {}, 0, index_of(s, what, 0)
    local step = string_length(what)
    if step == 0 then step = 1 end
    local n = string_length(s)
    while at do
      local with
      if callable then with = text(replacement(nil, what, at, s))
      else with = rt.get_substitution(what, s, at, {}, 0, nil, replacement) end
      out[#out + 1] = substring(s, last, at)
      out[#out + 1] = with
      last = at + string_length(what)
      if not all or at + step > n then break end
      at = index_of(s, what, at + step)
    end
    if last < n then out[#out + 1] = substring(s, last, n) end
    return rt.joined(concat(out))
  end
end

local function pad(name, at_start)
  return function(this, n, filler)
    local s = this_text(this, name)
    n = rt.tolength(n)
    local have = string_length(s)
    if n <= have then return s end
    filler = filler == nil and " " or text(filler)
    if filler == "" then return s end
    local need, width = n - have, string_length(filler)
    if n > 536870888 then rt.range_error "Invalid string length" end
    local fill = rep(filler, floor(need / width)) .. substring(filler, 0, need % width)
    return at_start and rt.join(rt.joined(fill), s) or rt.join(s, rt.joined(fill))
  end
end

local string_iterator_proto

-- Unicode's normalization forms are libunistring's, loaded when text outside of ASCII is first normalized.
local normalize
local function unicode_forms()
  local ffi = L.require "ffi"
  ffi.cdef [[
  extern const char uninorm_nfc[1], uninorm_nfd[1], uninorm_nfkc[1], uninorm_nfkd[1];
  uint8_t *u8_normalize(const char *form, const uint8_t *text, size_t length, uint8_t *result, size_t *size);
  void free(void *);
  ]]
  local library
  for _, name in L.ipairs { "libunistring.so.2", "libunistring.so.5", "unistring" } do
    local ok, found = L.pcall(ffi.load, name)
    if ok then
      library = found
      break
    end
  end
  if not library then rt.throw_error("Error", "String.prototype.normalize needs the library unistring") end
  local forms = { NFC = library.uninorm_nfc, NFD = library.uninorm_nfd, NFKC = library.uninorm_nfkc, NFKD = library.uninorm_nfkd }
  local size = ffi.new "size_t[1]"
  return function(form, s)
    if s == "" then return s end
    local made = library.u8_normalize(forms[form], s, #s, nil, size)
    if made == nil then return s end -- no valid UTF-8
    local text_of = ffi.string(made, size[0])
    ffi.C.free(made)
    return text_of
  end
end

function rt.install_string()
  local P = rt.StringPrototype
  local String = rt.global_class("String", 1, function(_, ...)
    if select("#", ...) == 0 then return "" end
    local v = ...
    if type(v) == "table" and getmetatable(v) == rt.symbol_meta then return rt.symbol_text(v) end
    return text(v)
  end, function(target, ...)
    local s = ""
    if select("#", ...) > 0 then s = text((...)) end
    local proto = rt.target_prototype(target)
    return rt.wrap_string(s, is_object(proto) and proto or P)
  end, P)
  do -- the prototype is a String object itself
    local mt = getmetatable(P)
    rawset(P, DATA, "")
    mt.class = "String"
    rt.own_add(mt, "length")
    mt.special = mt.special or {}
    mt.special.length = { value = 0, bits = 0 }
    rt.settle(mt)
  end

  local long = {} -- with more arguments than Lua can pass
  rt.methods(String, {
    "fromCharCode", 1, function(_, ...)
      local n = select("#", ...)
      if n == 1 then
        local c = ...
        if type(c) ~= "number" or c < 0 or c > 65535 or c ~= floor(c) then c = rt.touint32(c) % 65536 end
        return encode(c)
      end
      if n > rt.MANY then return rt.with_list(long.fromCharCode, nil, ...) end
      local u = {}
      for i = 1, n do u[i - 1] = rt.touint32((select(i, ...))) % 65536 end
      return from_units(u, 0, n)
    end,
    "fromCodePoint", 1, function(_, ...)
      local out = {}
      if select("#", ...) > rt.MANY then return rt.with_list(long.fromCodePoint, nil, ...) end
      for i = 1, select("#", ...) do
        local c = rt.tonum((select(i, ...)))
        if c ~= floor(c) or c < 0 or c > 0x10ffff then rt.range_error("Invalid code point " .. text((select(i, ...)))) end
        out[i] = encode(c)
      end
      return rt.join_surrogates(concat(out))
    end,
    "raw", 1, function(_, template, ...)
      local raw = rt.toobject(rt.toobject(template).raw)
      local n, out = rt.tolength(raw.length), {}
      local given = select("#", ...)
      if given > rt.MANY then return rt.with_list(long.raw, template, ...) end
      for i = 1, n do
        out[#out + 1] = text(raw[i])
        if i < n and i <= given then out[#out + 1] = text((select(i, ...))) end
      end
      return rt.joined(concat(out))
    end,
  })

  for _, name in L.ipairs { "fromCharCode", "fromCodePoint" } do
    local f = String[name]
    long[name] = function(_, list, n)
      local parts = {}
      for i = 1, n, rt.PIECE do parts[#parts + 1] = f(nil, L.unpack(list, i, L.math.min(i + rt.PIECE - 1, n))) end
      return rt.join_surrogates(concat(parts))
    end
  end
  function long.raw(template, list, n)
    local raw = rt.toobject(rt.toobject(template).raw)
    local m, out = rt.tolength(raw.length), {}
    for i = 1, m do
      out[#out + 1] = text(raw[i])
      if i < m and i <= n then out[#out + 1] = text(list[i]) end
    end
    return rt.joined(concat(out))
  end

  local lua_match = L.string.match
  -- Lua's s:match(pattern) arrives at the same function. A tail call hides who made it: the line of JavaScript must have the word.
  local function asked_by_javascript()
    if getfenv(3) ~= G then return false end
    local info = L.debug.getinfo(3, "Sl")
    if find(info.source, "^@lunode:") then return false end
    local line = rt.source_line(info.source, info.currentline)
    return line == nil or find(line, "match", 1, true) ~= nil
  end
  rt.methods(P, {
    "toString", 0, function(this) return rt.this_value(this, is_string, "String.prototype.toString") end,
    "valueOf", 0, function(this) return rt.this_value(this, is_string, "String.prototype.valueOf") end,
    "at", 1, function(this, i)
      local s = this_text(this, "at")
      i = toint(i)
      if i < 0 then i = i + string_length(s) end
      return rt.unit_at(s, i + 1)
    end,
    "charAt", 1, function(this, i)
      local s = this_text(this, "charAt")
      return rt.unit_at(s, toint(i) + 1) or ""
    end,
    "charCodeAt", 1, function(this, i)
      local s = this_text(this, "charCodeAt")
      if i == nil then i = 0 else i = toint(i) end
      if i < 0 then return 0 / 0 end
      return code_at(s, i) or 0 / 0
    end,
    "codePointAt", 1, function(this, i)
      local s = this_text(this, "codePointAt")
      i = toint(i)
      if i < 0 then return nil end
      local c = code_at(s, i)
      if c and c >= 0xd800 and c < 0xdc00 then
        local d = code_at(s, i + 1)
        if d and d >= 0xdc00 and d < 0xe000 then return (c - 0xd800) * 1024 + (d - 0xdc00) + 0x10000 end
      end
      return c
    end,
    "concat", 1, function(this, ...)
      local out = { this_text(this, "concat") }
      if select("#", ...) > rt.MANY then return rt.with_list(long.concat, out[1], ...) end
      for i = 1, select("#", ...) do out[i + 1] = text((select(i, ...))) end
      return rt.join_surrogates(concat(out))
    end,
    "endsWith", 1, function(this, what, last)
      local s = this_text(this, "endsWith")
      no_regexp(what, "endsWith")
      what = text(what)
      local n = string_length(s)
      if last == nil then last = n else last = rt.relative(toint(last) < 0 and 0 or last, n, n) end
      local from = last - string_length(what)
      return from >= 0 and substring(s, from, last) == what
    end,
    "includes", 1, function(this, what, from)
      local s = this_text(this, "includes")
      no_regexp(what, "includes")
      what = text(what)
      from = toint(from)
      local n = string_length(s)
      if from < 0 then from = 0 elseif from > n then from = n end
      return index_of(s, what, from) ~= nil
    end,
    "indexOf", 1, function(this, what, from)
      local s = this_text(this, "indexOf")
      what = text(what)
      from = toint(from)
      local n = string_length(s)
      if from < 0 then from = 0 elseif from > n then from = n end
      return index_of(s, what, from) or -1
    end,
    "isWellFormed", 0, function(this)
      local s = rt.join_surrogates(this_text(this, "isWellFormed"))
      return not find(s, "\237[\160-\191]")
    end,
    "toWellFormed", 0, function(this)
      local s = rt.join_surrogates(this_text(this, "toWellFormed"))
      return (L.string.gsub(s, "\237[\160-\191][\128-\191]", "\239\191\189"))
    end,
    "lastIndexOf", 1, function(this, what, from)
      local s = this_text(this, "lastIndexOf")
      what = text(what)
      from = rt.tonum(from)
      local n, m = string_length(s), string_length(what)
      if from ~= from then from = n else from = toint(from) end
      if from < 0 then from = 0 end
      if from > n - m then from = n - m end
      return from >= 0 and last_index_of(s, what, from) or -1
    end,
    "localeCompare", 1, function(this, other, locales, options)
      local a, b = this_text(this, "localeCompare"), text(other)
      if a == b then return 0 end
      if locales ~= nil or options ~= nil or find(a, "[^%w]") or find(b, "[^%w]") then
        rt.part "intl"
        return (rt.intl.compare(nil, a, b, locales, options))
      end
      local x, y = lower(a), lower(b)
      if x == y then return a > b and -1 or 1 end
      return x < y and -1 or 1
    end,
    "match", 1, function(this, pattern, init)
      if type(pattern) == "string" and type(this) == "string" and not asked_by_javascript() then return lua_match(this, pattern, init) end
      if this == nil or this == null then rt.type_error "String.prototype.match called on null or undefined" end
      local done, result = delegate(this, pattern, SYMBOL.match)
      if done then return result end
      local s = text(this)
      local r = rt.regexp_create(pattern, nil)
      return r[SYMBOL.match](r, s)
    end,
    "matchAll", 1, function(this, pattern)
      if this == nil or this == null then rt.type_error "String.prototype.matchAll called on null or undefined" end
      if is_regexp(pattern) then
        local flags = pattern.flags
        if flags == nil or flags == null then rt.type_error "String.prototype.matchAll called with a non-global RegExp argument" end
        if not find(text(flags), "g", 1, true) then rt.type_error "String.prototype.matchAll called with a non-global RegExp argument" end
      end
      local done, result = delegate(this, pattern, SYMBOL.matchAll)
      if done then return result end
      local s = text(this)
      local r = rt.regexp_create(pattern, "g")
      return r[SYMBOL.matchAll](r, s)
    end,
    "normalize", 0, function(this, form)
      local s = this_text(this, "normalize")
      form = form == nil and "NFC" or text(form)
      if form ~= "NFC" and form ~= "NFD" and form ~= "NFKC" and form ~= "NFKD" then
        rt.range_error("The normalization form should be one of NFC, NFD, NFKC, NFKD.")
      end
      if not find(s, "[\128-\255]") then return s end
      if not normalize then normalize = unicode_forms() end
      if not find(s, "\237[\160-\191]") then return normalize(form, s) end
      local out, at = {}, 1 -- a lone surrogate stays as it is, between what is normalized
      while true do
        local from = find(s, "\237[\160-\191]", at)
        out[#out + 1] = normalize(form, sub(s, at, (from or 0) - 1))
        if not from then return concat(out) end
        out[#out + 1] = sub(s, from, from + 2)
        at = from + 3
      end
    end,
    "padEnd", 1, pad("padEnd", false),
    "padStart", 1, pad("padStart", true),
    "repeat", 1, function(this, n)
      local s = this_text(this, "repeat")
      local count = toint(n)
      if count < 0 or count == huge then rt.range_error("Invalid count value: " .. text(n)) end
      if count * #s > 536870888 then rt.range_error "Invalid string length" end
      return rt.joined(rep(s, count))
    end,
    "replace", 2, replace("replace", false),
    "replaceAll", 2, replace("replaceAll", true),
    "search", 1, function(this, pattern)
      if this == nil or this == null then rt.type_error "String.prototype.search called on null or undefined" end
      local done, result = delegate(this, pattern, SYMBOL.search)
      if done then return result end
      local s = text(this)
      local r = rt.regexp_create(pattern, nil)
      return r[SYMBOL.search](r, s)
    end,
    "slice", 2, function(this, from, to)
      local s = this_text(this, "slice")
      local n = string_length(s)
      from = rt.relative(from, n, 0)
      to = rt.relative(to, n, n)
      if from >= to then return "" end
      return substring(s, from, to)
    end,
    "split", 2, function(this, separator, limit)
      if type(this) == "string" and type(separator) == "string" and separator ~= "" and limit == nil and byte(separator, 1) ~= 237 and byte(separator, -3) ~= 237 then
        local list, n, at, m = new_table(8, 1), 0, 1, #separator
        while true do
          n = n + 1
          local i = find(this, separator, at, true)
          if not i then break end
          list[n] = sub(this, at, i - 1)
          at = i + m
        end
        list[n] = sub(this, at)
        return rt.new_array(list, n)
      end
      if this == nil or this == null then rt.type_error "String.prototype.split called on null or undefined" end
      local done, result = delegate(this, separator, SYMBOL.split, limit)
      if done then return result end
      local s = text(this)
      if limit == nil then limit = 4294967295 else limit = rt.touint32(limit) end
      local what = text(separator)
      if limit == 0 then return rt.new_array({}, 0) end
      if separator == nil then return rt.new_array({ s }, 1) end
      local list, n = {}, 0
      if what == "" then
        if is_ascii(s) then
          local m = L.math.min(#s, limit)
          list = new_table(m, 1)
          for i = 1, m do list[i] = sub(s, i, i) end
          return rt.new_array(list, m)
        end
        local u, m = units(s)
        if m > limit then m = limit end
        for i = 1, m do list[i] = encode(u[i - 1]) end
        return rt.new_array(list, m)
      end
      if is_half(what) and rt.has_halves(s) then
        local u, m = units(s)
        local from, size, last = 0, string_length(what), nil
        while n < limit do
          last = search_units(s, what, from, m - size, 1)
          n = n + 1
          list[n] = from_units(u, from, last or m)
          if not last then break end
          from = last + size
        end
        return rt.new_array(list, n)
      end
      local at = 1
      while n < limit do
        local i, j = find(s, what, at, true)
        n = n + 1
        if not i then
          list[n] = sub(s, at)
          break
        end
        list[n] = sub(s, at, i - 1)
        at = j + 1
      end
      return rt.new_array(list, n)
    end,
    "startsWith", 1, function(this, what, from)
      local s = this_text(this, "startsWith")
      no_regexp(what, "startsWith")
      what = text(what)
      local n = string_length(s)
      from = toint(from)
      if from < 0 then from = 0 elseif from > n then from = n end
      local last = from + string_length(what)
      return last <= n and substring(s, from, last) == what
    end,
    "substr", 2, function(this, from, count)
      local s = this_text(this, "substr")
      local n = string_length(s)
      from = rt.relative(from, n, 0)
      local last
      if count == nil then last = n else last = L.math.min(from + L.math.max(toint(count), 0), n) end
      if from >= last then return "" end
      return substring(s, from, last)
    end,
    "substring", 2, function(this, from, to)
      local s = this_text(this, "substring")
      local n = string_length(s)
      from = toint(from)
      if to == nil then to = n else to = toint(to) end
      if from < 0 then from = 0 elseif from > n then from = n end
      if to < 0 then to = 0 elseif to > n then to = n end
      if from > to then from, to = to, from end
      return substring(s, from, to)
    end,
    "toLowerCase", 0, function(this) return rt.lower_case(this_text(this, "toLowerCase")) end,
    "toUpperCase", 0, function(this) return rt.upper_case(this_text(this, "toUpperCase")) end,
    "toLocaleLowerCase", 0, function(this) return rt.lower_case(this_text(this, "toLocaleLowerCase")) end,
    "toLocaleUpperCase", 0, function(this) return rt.upper_case(this_text(this, "toLocaleUpperCase")) end,
    "trim", 0, function(this) return rt.trim_end(rt.trim_start(this_text(this, "trim"))) end,
    "trimEnd", 0, function(this) return rt.trim_end(this_text(this, "trimEnd")) end,
    "trimStart", 0, function(this) return rt.trim_start(this_text(this, "trimStart")) end,
  })
  function long.concat(this, list, n)
    local parts = {}
    for i = 1, n do parts[i] = text(list[i]) end
    return rt.join_surrogates(this .. concat(parts))
  end
  hide(P, "trimLeft", P.trimStart)
  hide(P, "trimRight", P.trimEnd)

  -- Annex B: HTML
  for name, tag in L.pairs { anchor = "a name", big = "big", blink = "blink", bold = "b", fixed = "tt", fontcolor = "font color", fontsize = "font size",
    italics = "i", link = "a href", small = "small", strike = "strike", sub = "sub", sup = "sup" } do
    local element, attribute = L.string.match(tag, "^(%S+) ?(.*)$")
    local lua_sub = L.string.sub
    hide(P, name, native(name, attribute ~= "" and 1 or 0, function(this, value, more)
      if name == "sub" and value ~= nil then return lua_sub(this, value, more) end -- Lua's s:sub(i, j)
      local s = this_text(this, name)
      local open = "<" .. element
      if attribute ~= "" then open = open .. " " .. attribute .. '="' .. L.string.gsub(text(value), '"', "&quot;") .. '"' end
      return open .. ">" .. s .. "</" .. element .. ">"
    end))
  end

  string_iterator_proto = rt.object_of(rt.IteratorPrototype)
  rt.methods(string_iterator_proto, { "next", 0, function(this)
    local d = type(this) == "table" and rawget(this, DATA)
    if type(d) ~= "table" or not d.string then rt.type_error("next method called on incompatible receiver " .. rt.show(this)) end
    local c, to = rt.code_point_text(d.string, d.at)
    if not c then
      d.at = huge
      d.string = ""
      return rt.iter_result(nil, true)
    end
    d.at = to
    return rt.iter_result(c, false)
  end })
  rt.readonly(string_iterator_proto, SYMBOL.toStringTag, "String Iterator")
  rt.string_iterator = native("[Symbol.iterator]", 0, function(this)
    local s = rt.join_surrogates(this_text(this, "[Symbol.iterator]"))
    local o = rt.object_of(string_iterator_proto)
    rawset(o, DATA, { string = s, at = 1 })
    return o
  end)
  hide(P, SYMBOL.iterator, rt.string_iterator)
end

-- Case: ASCII by Lua, the rest by Unicode's tables.
local function map_case(s, map)
  return (L.string.gsub(s, "[\194-\244][\128-\191][\128-\191]?[\128-\191]?", map))
end

function rt.upper_case(s)
  if is_ascii(s) then return upper(s) end
  return map_case(upper(s), (rt.case_maps()))
end

local final_sigma
function rt.lower_case(s)
  if is_ascii(s) then return lower(s) end
  if find(s, "\206\163", 1, true) then -- a sigma at a word's end
    final_sigma = final_sigma or rt.regexp("(\\p{Cased}\\p{Case_Ignorable}*)\206\163(?!\\p{Case_Ignorable}*\\p{Cased})", "gu")
    s = rt.regexp_replace(final_sigma, s, "$1\207\130")
  end
  local _, map = rt.case_maps()
  return map_case(lower(s), map)
end
