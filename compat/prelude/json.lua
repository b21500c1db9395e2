-- SPDX-License-Identifier: MIT
--
-- JSON (ECMA-262, clause 25.5).
local rt = ...
local L = rt.lua
local type, getmetatable, rawget, tonumber, select = L.type, L.getmetatable, L.rawget, L.tonumber, L.select
local byte, sub, find, gsub, format, concat, rep, match = L.string.byte, L.string.sub, L.string.find, L.string.gsub, L.string.format, L.table.concat,
  L.string.rep, L.string.match
local null, is_object, text, truthy = rt.null, rt.is_object, rt.text, rt.truthy
local DATA, SYMBOL, G = rt.DATA, rt.symbols, rt.global
local core = L.require "lunode.core"
local write_shaped, parse_shaped, plain_names = core.json_shapes.stringify, core.json.parse, rt.plain_names

-- ---- stringify

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }
for i = 0, 31 do
  local c = L.string.char(i)
  escapes[c] = escapes[c] or format("\\u%04x", i)
end

local function quote(s)
  if find(s, '[%z\1-\31"\\]') then s = gsub(s, '[%z\1-\31"\\]', escapes) end
  if find(s, "\237[\160-\191]") then
    s = gsub(rt.join_surrogates(s), "\237([\160-\191])([\128-\191])", function(a, b)
      return format("\\u%04x", 0xd000 + (byte(a) - 0x80) * 64 + byte(b) - 0x80)
    end)
  end
  return '"' .. s .. '"'
end
rt.json_quote = quote

local write

local function circular(v, stack)
  rt.type_error("Converting circular structure to JSON\n    --> starting at object with constructor '" .. rt.class_name(v) .. "'\n    --- property closes the circle")
end

-- Appends v's text to out; false where it has none (undefined, functions, symbols).
function write(out, holder, key, v, state)
  if is_object(v) or getmetatable(v) == rt.bigint_meta then
    local f = v.toJSON
    if rt.is_callable(f) then v = f(v, rt.key_value(key)) end
  end
  local replacer = state.replacer
  if replacer then v = replacer(holder(), rt.key_value(key), v) end
  local t = type(v)
  if t == "string" then
    out[#out + 1] = quote(v)
    return true
  elseif t == "number" then
    out[#out + 1] = v - v == 0 and rt.number_text(v) or "null"
    return true
  elseif t == "boolean" then
    out[#out + 1] = v and "true" or "false"
    return true
  elseif v == nil or t == "function" then
    return false
  elseif v == null then
    out[#out + 1] = "null"
    return true
  end
  local mt = getmetatable(v)
  if mt == rt.symbol_meta then return false end
  if mt == rt.bigint_meta then rt.type_error "Do not know how to serialize a BigInt" end
  if rt.is_callable(v) then return false end
  local data = t == "table" and rawget(v, DATA)
  if data ~= nil and type(data) ~= "table" then -- a wrapper
    local dt = type(data)
    if dt == "number" and mt.class ~= "Date" then return write(out, holder, key, rt.tonum(v), { }) end
    if dt == "string" then return write(out, holder, key, text(v), { }) end
    if dt == "boolean" then return write(out, holder, key, data, { }) end
  elseif data and getmetatable(data) == rt.bigint_meta then
    rt.type_error "Do not know how to serialize a BigInt"
  end
  local stack = state.stack
  if stack[v] then circular(v) end
  stack[v] = true
  local indent, gap = state.indent, state.gap
  local inner = indent .. gap
  state.indent = inner
  local function own() return v end
  local separator = gap ~= "" and ",\n" .. inner or ","
  local first = true
  if rt.is_array(v) then
    local n = rt.tolength(v.length)
    out[#out + 1] = "["
    for i = 1, n do
      if first then
        if gap ~= "" then out[#out + 1] = "\n" .. inner end
      else
        out[#out + 1] = separator
      end
      first = false
      if not write(out, own, i, v[i], state) then out[#out + 1] = "null" end
    end
    if not first and gap ~= "" then out[#out + 1] = "\n" .. indent end
    out[#out + 1] = "]"
  else
    local keys = state.list
    local given = keys ~= nil
    if state.replacer and not given then -- asked for those too that a getter deletes
      keys, given = rt.listed_keys(v), true
    elseif not given then
      keys = rt.own_keys(v)
    end
    out[#out + 1] = "{"
    local colon = gap ~= "" and ": " or ":"
    for i = 1, #keys do
      local k = keys[i]
      local wanted = type(k) ~= "table"
      if wanted and not given then
        local d = rt.get_own(v, k)
        wanted = d ~= nil and d.bits % 4 >= 2
      end
      if wanted then
        local at = #out
        if first then
          out[at + 1] = gap ~= "" and "\n" .. inner or ""
        else
          out[at + 1] = separator
        end
        out[at + 2] = quote(rt.key_value(k))
        out[at + 3] = colon
        if write(out, own, k, v[k], state) then first = false else
          for j = #out, at + 1, -1 do out[j] = nil end
        end
      end
    end
    if not first and gap ~= "" then out[#out + 1] = "\n" .. indent end
    out[#out + 1] = "}"
  end
  state.indent = indent
  stack[v] = nil
  return true
end

-- What src/json_shapes.c leaves to others: the text of a value, or nil.
local function write_other(gap)
  return function(key, v, depth)
    local out = {}
    local function holder() return rt.record(key, v) end
    if not write(out, holder, key, v, { stack = {}, indent = rep(gap, depth), gap = gap }) then return nil end
    return concat(out)
  end
end
local write_other_flat = write_other ""

local function unwrap(v, kind)
  local data = type(v) == "table" and rawget(v, DATA)
  return type(data) == kind
end

local function stringify(_, v, replacer, space)
  local state = { stack = {}, indent = "", gap = "" }
  if rt.is_callable(replacer) then
    state.replacer = replacer
  elseif rt.is_array(replacer) then
    local list, seen = {}, {}
    for i = 1, rt.tolength(replacer.length) do
      local item = replacer[i]
      local name
      if type(item) == "string" then name = item
      elseif type(item) == "number" then name = text(item)
      elseif unwrap(item, "number") or unwrap(item, "string") then name = text(item) end
      if name and not seen[name] then
        seen[name] = true
        list[#list + 1] = rt.string_key(name)
      end
    end
    state.list = list
  end
  if unwrap(space, "number") then space = rt.tonum(space) elseif unwrap(space, "string") then space = text(space) end
  if type(space) == "number" then
    local n = rt.toint(space)
    state.gap = rep(" ", n < 0 and 0 or n > 10 and 10 or n)
  elseif type(space) == "string" then
    state.gap = rt.string_length(space) > 10 and rt.substring(space, 0, 10) or space
  end
  if not state.replacer and not state.list and rt.ArrayPrototype.toJSON == nil then
    local gap = state.gap
    local written = write_shaped(v, gap, rt.array, plain_names, gap == "" and write_other_flat or write_other(gap), null)
    if written ~= false then return written end
  end
  local out = {}
  local function holder() return rt.record("", v) end
  if not write(out, holder, "", v, state) then return nil end
  return concat(out)
end

-- ---- parse

-- expected: what V8 says instead of the token's name.
local function fail(s, at, expected)
  if expected then rt.throw_error("SyntaxError", expected .. " in JSON at position " .. at - 1) end
  if at > #s then rt.throw_error("SyntaxError", "Unexpected end of JSON input") end
  if s == "undefined" or s == "[object Object]" then rt.throw_error("SyntaxError", '"' .. s .. '" is not valid JSON') end
  local shown = '"' .. s .. '"'
  if #s > 20 then
    local first, last = L.math.max(1, at - 10), L.math.min(#s, at + 9)
    shown = (first > 1 and "..." or "") .. '"' .. sub(s, first, last) .. '"' .. (last < #s and "..." or "")
  end
  rt.throw_error("SyntaxError", "Unexpected token '" .. rt.code_point_text(s, at) .. "', " .. shown .. " is not valid JSON")
end

local unescapes = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local function parse_string(s, at)
  local from = at + 1
  local i = find(s, '["\\%z\1-\31]', from)
  if not i then rt.throw_error("SyntaxError", "Unterminated string in JSON at position " .. #s) end
  if byte(s, i) == 34 then return sub(s, from, i - 1), i + 1 end
  local out = {}
  while true do
    local c = byte(s, i)
    out[#out + 1] = sub(s, from, i - 1)
    if c == 34 then break end
    if c ~= 92 then rt.throw_error("SyntaxError", "Bad control character in string literal in JSON at position " .. i - 1) end
    local e = sub(s, i + 1, i + 1)
    if e == "u" then
      local hex = match(s, "^%x%x%x%x", i + 2)
      if not hex then rt.throw_error("SyntaxError", "Bad Unicode escape in JSON at position " .. i - 1) end
      out[#out + 1] = rt.encode_point(tonumber(hex, 16))
      from = i + 6
    else
      local plain = unescapes[e]
      if not plain then rt.throw_error("SyntaxError", "Bad escaped character in JSON at position " .. i) end
      out[#out + 1] = plain
      from = i + 2
    end
    i = find(s, '["\\%z\1-\31]', from)
    if not i then rt.throw_error("SyntaxError", "Unterminated string in JSON at position " .. #s) end
  end
  return rt.join_surrogates(concat(out)), i + 1
end

local parse_value
local depth = 0

local function skip(s, at)
  local _, last = find(s, "^[ \t\n\r]*", at)
  return last + 1
end

function parse_value(s, at)
  local c = byte(s, at)
  if c == 123 then
    local o = rt.object_of(rt.ObjectPrototype)
    at = skip(s, at + 1)
    if byte(s, at) == 125 then return o, at + 1 end
    local expected = "Expected property name or '}'"
    while true do
      if byte(s, at) ~= 34 then fail(s, at, expected) end
      expected = "Expected double-quoted property name"
      local key, v
      key, at = parse_string(s, at)
      at = skip(s, at)
      if byte(s, at) ~= 58 then fail(s, at, "Expected ':' after property name") end
      v, at = parse_value(s, skip(s, at + 1))
      rt.define_data(o, rt.string_key(key), v)
      at = skip(s, at)
      c = byte(s, at)
      if c == 125 then return o, at + 1 end
      if c ~= 44 then fail(s, at, "Expected ',' or '}' after property value") end
      at = skip(s, at + 1)
    end
  elseif c == 91 then
    local list, n = {}, 0
    at = skip(s, at + 1)
    if byte(s, at) == 93 then return rt.new_array(list, 0), at + 1 end
    while true do
      n = n + 1
      list[n], at = parse_value(s, at)
      at = skip(s, at)
      c = byte(s, at)
      if c == 93 then return rt.new_array(list, n), at + 1 end
      if c ~= 44 then fail(s, at, "Expected ',' or ']' after array element") end
      at = skip(s, at + 1)
    end
  elseif c == 34 then
    return parse_string(s, at)
  elseif c == 116 and sub(s, at, at + 3) == "true" then
    return true, at + 4
  elseif c == 102 and sub(s, at, at + 4) == "false" then
    return false, at + 5
  elseif c == 110 and sub(s, at, at + 3) == "null" then
    return null, at + 4
  end
  local number = match(s, "^-?%d+", at)
  if not number then
    if c == 45 then fail(s, at + 1, "No number after minus sign") end
    local word = c == 116 and "true" or c == 102 and "false" or c == 110 and "null"
    if word then
      local n = 1
      while n < #word and byte(s, at + n) == byte(word, n + 1) do n = n + 1 end
      at = at + n
    end
    fail(s, at)
  elseif find(number, "^-?0%d") then
    fail(s, at + (byte(number) == 45 and 2 or 1), "Unexpected number")
  end
  local last = at + #number
  local more = match(s, "^%.%d+", last)
  if more then last = last + #more elseif byte(s, last) == 46 then fail(s, last + 1, "Unterminated fractional number") end
  more = match(s, "^[eE][+-]?%d+", last)
  if more then last = last + #more elseif find(s, "^[eE]", last) then fail(s, last + #match(s, "^[eE][+-]?", last), "Exponent part is missing a number") end
  local n = tonumber(sub(s, at, last - 1))
  if n == 0 and c == 45 then n = -0.0 * 1 end
  return n, last
end

local function revive(holder, key, reviver)
  local v = holder[key]
  if is_object(v) then
    if rt.is_array(v) then
      for i = 1, rt.tolength(v.length) do
        local new = revive(v, i, reviver)
        if new == nil then rt.delete_own(v, i) else rt.define_data(v, i, new) end
      end
    else
      local keys, n = rt.own_keys(v), 0 -- the enumerable ones, as they are now
      for i = 1, #keys do
        local k = keys[i]
        local d = type(k) ~= "table" and rt.get_own(v, k)
        if d and d.bits % 4 >= 2 then
          n = n + 1
          keys[n] = k
        end
      end
      for i = 1, n do
        local k = keys[i]
        local new = revive(v, k, reviver)
        if new == nil then rt.delete_own(v, k) else rt.define_data(v, k, new) end
      end
    end
  end
  return reviver(holder, rt.key_value(key), v)
end

local function parse(_, v, reviver)
  local s = text(v)
  local root = rt.root_of(rt.ObjectPrototype)
  local value, at
  if not root.guarded then value = parse_shaped(s, root, rt.array, rt.define_data, null) end
  if value ~= nil then
    if rt.is_callable(reviver) then return revive(rt.record("", value), "", reviver) end
    return value
  end
  -- Once more, for what is rare, and for the error's words.
  value, at = parse_value(s, skip(s, 1))
  at = skip(s, at)
  if at <= #s then
    if find(s, "^%S", at) then rt.throw_error("SyntaxError", "Unexpected non-whitespace character after JSON at position " .. at - 1) end
    fail(s, at)
  end
  if rt.is_callable(reviver) then return revive(rt.record("", value), "", reviver) end
  return value
end

function rt.install_json()
  local J = rt.object_of(rt.ObjectPrototype)
  rt.hide(G, "JSON", J)
  rt.readonly(J, SYMBOL.toStringTag, "JSON")
  rt.methods(J, { "parse", 2, parse, "stringify", 3, stringify })
end
