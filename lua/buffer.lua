-- SPDX-License-Identifier: MIT
--
-- Buffer: bytes outside Lua's heap. Source: Node 20 docs, "Buffer".
--
-- A Buffer is a userdata (src/buffer.h): a window on a counted block, which slices share. In Lua `buf[1]` is the first
-- byte, `#buf` the length, tostring(buf) and `..` the raw bytes; offsets given to and returned by functions are from 0.
-- All access is by the FFI, so the JIT compiles it; bulk work (transcoding, searching) is C.
local bit = require "bit"
local ffi = require "ffi"
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"
local view = require "lunode.internal.buffer_view"

ffi.cdef [[
int memcmp(const void *, const void *, size_t);
void *memmove(void *, const void *, size_t);
]]

local cast, copy, fill, C = ffi.cast, ffi.copy, ffi.fill, ffi.C
local buffer_t = ffi.typeof "struct lunode_buffer *"
local encoding = core.encoding
local decode, encode, search = encoding.decode, encoding.encode, encoding.search
local alloc, window, is_buffer = core.buffer.alloc, core.buffer.slice, core.buffer.is
local valid_prefix = cast("size_t (*)(const uint8_t *, size_t)", cast("uintptr_t", encoding.validPrefixAddress))
local to_string = ffi.string
local normalize = validators.normalizeEncoding
local type, error, tonumber, tostring, rawget, floor, huge = type, error, tonumber, tostring, rawget, math.floor, math.huge
local ARG_TYPE, ARG_VALUE, RANGE = errors.ERR_INVALID_ARG_TYPE, errors.ERR_INVALID_ARG_VALUE, errors.ERR_OUT_OF_RANGE

local MAX_LENGTH = 2147483647

local Buffer = class "Buffer"
local prototype, static, meta = Buffer.prototype, Buffer.static, Buffer.meta
static.poolSize = 8192

local function size(self) return view(self).length end

-- ---- the metatable

local properties = setmetatable({}, { __mode = "k" }) -- what a program stores on a Buffer

local function make_index(sh)
  local proto, getters, setters = sh.proto, sh.getters, sh.setters
  sh.__index = function(self, key)
    if type(key) == "number" then
      local b = cast(buffer_t, self)
      if key >= 1 and key <= b.length and key % 1 == 0 then return b.data[key - 1] end
      return nil
    end
    local value = proto[key]
    if value ~= nil then return value end
    local get = getters[key]
    if get then return get(self) end
    local own = properties[self]
    return own and own[key]
  end
  sh.__newindex = function(self, key, value)
    if type(key) == "number" then
      local b = cast(buffer_t, self)
      if key >= 1 and key <= b.length and key % 1 == 0 then
        if type(value) ~= "number" then value = value == true and 1 or tonumber(value) or 0 end
        if value >= 0 and value <= 255 then
          b.data[key - 1] = value
        elseif value == value and value > -huge and value < huge then
          b.data[key - 1] = (value < 0 and -floor(-value) or floor(value)) % 256
        else
          b.data[key - 1] = 0
        end
      end
      return
    end
    local set = setters[key]
    if set then return set(self, value) end
    local own = properties[self]
    if not own then
      own = {}
      properties[self] = own
    end
    own[key] = value
  end
  sh.served = true
  sh.make_index = make_index
end
make_index(meta)

meta.__len = size
local function raw(self)
  local b = view(self)
  return ffi.string(b.data, b.length)
end
meta.__tostring = raw
meta.__concat = function(a, b)
  if type(a) == "userdata" then a = raw(a) end
  if type(b) == "userdata" then b = raw(b) end
  return a .. b
end
core.buffer.setMetatable(meta)

Buffer:accessor("length", size)
Buffer:accessor("byteLength", size)
-- Where its bytes are in the memory that it shares (a pool, or what it was sliced from).
local function place(self)
  local b = view(self)
  if b.length == 0 then return 0 end
  return tonumber(b.data - cast("uint8_t *", b.block)) - ffi.sizeof "struct lunode_block"
end
Buffer:accessor("byteOffset", place)
Buffer:accessor("offset", place)
Buffer:accessor("parent", function() return nil end)
make_index(meta) -- accessor() has set the general one

-- ---- making

local function canonical(name)
  local e = normalize(name)
  if not e then error(errors.ERR_UNKNOWN_ENCODING(name), 0) end
  return e
end

local function check_size(n)
  if type(n) ~= "number" then error(ARG_TYPE("size", "number", n), 0) end
  if not (n >= 0 and n <= MAX_LENGTH) then error(RANGE("size", ">= 0 && <= " .. MAX_LENGTH, n), 0) end
  return floor(n)
end

local function zeroed(n)
  local b = alloc(n)
  if n > 0 then fill(view(b).data, n) end
  return b
end

-- A number, or text holding one, as the byte that JavaScript would store.
local function to_byte(v)
  if v == true then return 1 end
  v = tonumber(v)
  if not v or v ~= v or v == huge or v == -huge then return 0 end
  return (v < 0 and -floor(-v) or floor(v)) % 256
end

local function from_list(list, n)
  local b = alloc(n)
  local data = view(b).data
  for i = 1, n do data[i - 1] = to_byte(list[i]) end
  return b
end

local function copy_of(source)
  local s = view(source)
  local b = alloc(s.length)
  if s.length > 0 then copy(view(b).data, s.data, s.length) end
  return b
end

-- from(text, encoding), from(buffer), from(list), from({type = "Buffer", data = list}), from(object with valueOf)
function static.from(value, second)
  local t = type(value)
  if t == "string" then
    if second == nil or second == "utf8" then return encode(value, "utf8") end
    return encode(value, canonical(second))
  end
  if is_buffer(value) then return copy_of(value) end
  if t == "table" and value ~= errors.null then
    local n = #value
    if n > 0 or next(value) == nil or getmetatable(value) == shape.ARRAY then return from_list(value, n) end
    if value.type == "Buffer" and type(value.data) == "table" then return from_list(value.data, #value.data) end
    if type(value.length) == "number" then return from_list(value, math.max(0, floor(value.length))) end
    if type(value.valueOf) == "function" then
      local inner = value:valueOf()
      if inner ~= value and inner ~= nil then return static.from(inner, second) end
    end
  end
  error(ARG_TYPE("first argument", { "string", "Buffer", "ArrayBuffer", "Array", "Array-like Object" }, value), 0)
end

function static.of(...) return from_list({ ... }, select("#", ...)) end

function static.alloc(n, value, enc)
  n = check_size(n)
  if value ~= nil and value ~= 0 and n > 0 then return alloc(n):fill(value, 0, n, enc) end
  return zeroed(n)
end

function static.allocUnsafe(n) return alloc(check_size(n)) end
function static.allocUnsafeSlow(n) return alloc(check_size(n), true) end

-- copyBytesFrom(buffer, offset, length): as views are Buffers here, their elements are bytes.
function static.copyBytesFrom(source, offset, length)
  if not is_buffer(source) then error(ARG_TYPE("view", "TypedArray", source), 0) end
  if offset ~= nil then validators.validateInteger(offset, "offset", 0) else offset = 0 end
  local n = size(source)
  if length ~= nil then validators.validateInteger(length, "length", 0) else length = n end
  if offset >= n then return alloc(0) end
  return copy_of(window(source, offset, math.min(n, offset + length)))
end

function static.isBuffer(x) return is_buffer(x) end
function static.isEncoding(name) return type(name) == "string" and name ~= "" and normalize(name) ~= nil end

function static.byteLength(value, enc)
  if type(value) == "string" then
    local e = normalize(enc) or "utf8"
    return encoding.length(value, e)
  end
  if is_buffer(value) then return size(value) end
  error(ARG_TYPE("string", { "string", "Buffer", "ArrayBuffer" }, value), 0)
end

local function memory_order(a, an, b, bn)
  local r = C.memcmp(a, b, an < bn and an or bn)
  if r ~= 0 then return r < 0 and -1 or 1 end
  return an < bn and -1 or an > bn and 1 or 0
end

function static.compare(a, b)
  if not is_buffer(a) then error(ARG_TYPE("buf1", { "Buffer", "Uint8Array" }, a), 0) end
  if not is_buffer(b) then error(ARG_TYPE("buf2", { "Buffer", "Uint8Array" }, b), 0) end
  local x, y = view(a), view(b)
  return memory_order(x.data, x.length, y.data, y.length)
end

function static.concat(list, total)
  if type(list) ~= "table" then error(ARG_TYPE("list", "Array", list), 0) end
  local n = #list
  if n == 0 then return alloc(0) end
  if total == nil then
    total = 0
    for i = 1, n do
      if is_buffer(list[i]) then total = total + size(list[i]) end
    end
  else
    validators.validateInteger(total, "length", 0, MAX_LENGTH)
  end
  local out = alloc(total)
  local data, at = view(out).data, 0
  for i = 1, n do
    local item = list[i]
    if not is_buffer(item) then error(ARG_TYPE(("list[%d]"):format(i - 1), { "Buffer", "Uint8Array" }, item), 0) end
    local b = view(item)
    local m = b.length
    if m > total - at then m = total - at end
    if m > 0 then copy(data + at, b.data, m) end
    at = at + m
  end
  if at < total then fill(data + at, total - at) end
  return out
end

rawset(Buffer, "construct", function(_, value, second, third)
  if type(value) == "number" then
    if type(second) == "string" then error(ARG_TYPE("string", "string", value), 0) end
    return static.alloc(value)
  end
  return static.from(value, second, third)
end)

-- ---- windows and copies

-- An index as JavaScript takes it: truncated, from the end when negative, kept within 0 … n.
local function clamp(i, n, default)
  if i == nil then return default end
  i = i == true and 1 or tonumber(i) or 0
  if i ~= i then i = 0 end
  i = i < 0 and -floor(-i) or floor(i)
  if i < 0 then i = i + n end
  return i < 0 and 0 or i > n and n or i
end

function Buffer:subarray(start, stop)
  local n = size(self)
  start, stop = clamp(start, n, 0), clamp(stop, n, n)
  if stop < start then stop = start end
  return window(self, start, stop)
end
prototype.slice = prototype.subarray

local function to_integer(v)
  if v == true then return 1 end
  v = tonumber(v)
  if not v or v ~= v then return 0 end
  return v < 0 and -floor(-v) or floor(v)
end

-- An offset of copy: rounded down; what is no number that fits is 0.
local function to_offset(v)
  v = tonumber(v)
  if not v or not (v >= -9007199254740991 and v <= 9007199254740991) then return 0 end
  return floor(v)
end

-- copy(target, targetStart, sourceStart, sourceEnd) -> bytes copied; the two may overlap
function Buffer:copy(target, target_start, source_start, source_end)
  if not is_buffer(target) then error(ARG_TYPE("target", { "Buffer", "Uint8Array" }, target), 0) end
  local s, t = view(self), view(target)
  target_start = to_offset(target_start)
  if target_start < 0 then error(RANGE("targetStart", ">= 0", target_start), 0) end
  source_start = to_offset(source_start)
  if source_start < 0 or source_start > s.length then error(RANGE("sourceStart", (">= 0 && <= %d"):format(s.length), source_start), 0) end
  source_end = source_end == nil and s.length or to_offset(source_end)
  if source_end < 0 then error(RANGE("sourceEnd", ">= 0", source_end), 0) end
  if target_start >= t.length or source_start >= source_end then return 0 end
  if source_end > s.length then source_end = s.length end
  local n = source_end - source_start
  if n > t.length - target_start then n = t.length - target_start end
  C.memmove(t.data + target_start, s.data + source_start, n)
  return n
end

function Buffer:equals(other)
  if not is_buffer(other) then error(ARG_TYPE("otherBuffer", { "Buffer", "Uint8Array" }, other), 0) end
  local a, b = view(self), view(other)
  return a.length == b.length and C.memcmp(a.data, b.data, a.length) == 0
end

local function bounded(value, name, default, max)
  if value == nil then return default end
  validators.validateInteger(value, name, 0, max)
  return value
end

function prototype:compare(target, target_start, target_end, source_start, source_end)
  if not is_buffer(target) then error(ARG_TYPE("target", { "Buffer", "Uint8Array" }, target), 0) end
  local a, b = view(self), view(target)
  target_start = bounded(target_start, "targetStart", 0, MAX_LENGTH)
  target_end = bounded(target_end, "targetEnd", b.length, b.length)
  source_start = bounded(source_start, "sourceStart", 0, MAX_LENGTH)
  source_end = bounded(source_end, "sourceEnd", a.length, a.length)
  if source_start >= source_end then return target_start >= target_end and 0 or -1 end
  if target_start >= target_end then return 1 end
  return memory_order(a.data + source_start, source_end - source_start, b.data + target_start, target_end - target_start)
end

-- fill(value, offset, end, encoding): value is text, a byte or a Buffer, repeated
function Buffer:fill(value, offset, stop, enc)
  local b = view(self)
  local n = b.length
  if type(offset) == "string" then offset, stop, enc = nil, nil, offset
  elseif type(stop) == "string" then stop, enc = nil, stop end
  if type(value) == "string" and enc ~= nil and type(enc) ~= "string" then error(ARG_TYPE("encoding", "string", enc), 0) end
  if offset == nil then
    offset, stop = 0, n
  else
    validators.validateInteger(offset, "offset", 0, MAX_LENGTH)
    if stop == nil then stop = n else validators.validateInteger(stop, "end", 0, n) end
  end
  if offset >= stop then return self end
  local pattern
  if type(value) == "string" then
    local e = canonical(enc)
    if value == "" then fill(b.data + offset, stop - offset) return self end
    pattern = encode(value, e)
    if size(pattern) == 0 then error(ARG_VALUE("value", value), 0) end
  elseif is_buffer(value) then
    pattern = value
    if size(pattern) == 0 then error(ARG_VALUE("value", value), 0) end
  else
    local byte = type(value) == "boolean" and (value and 1 or 0) or to_byte(value)
    fill(b.data + offset, stop - offset, byte)
    return self
  end
  local p = view(pattern)
  local at, step = offset, p.length
  if step > stop - at then step = stop - at end
  C.memmove(b.data + at, p.data, step)
  at = at + step
  while at < stop do -- double what is there
    local m = at - offset
    m = m - m % p.length
    if m > stop - at then m = stop - at end
    copy(b.data + at, b.data + offset, m)
    at = at + m
  end
  return self
end

-- ---- text

-- toString(encoding, start, end): decoded, what is not valid replaced
function Buffer:toString(enc, start, stop)
  local b = view(self)
  local n = b.length
  if type(self) ~= "userdata" then self = validators.bytes(self) end
  local e = (enc == nil or enc == "utf8") and "utf8" or canonical(enc)
  if start == nil and stop == nil then
    if e == "utf8" and valid_prefix(b.data, n) == n then return to_string(b.data, n) end
    return decode(self, e, 0, n)
  end
  start, stop = to_integer(start), stop == nil and n or to_integer(stop)
  if start < 0 then start = 0 end
  if stop > n then stop = n end
  if start >= n or stop <= start then return "" end
  return decode(self, e, start, stop)
end
prototype.toLocaleString = prototype.toString

-- write(text, offset, length, encoding) -> bytes written; no character is written in part
function Buffer:write(text, offset, length, enc)
  if type(text) ~= "string" then
    local e = ARG_TYPE("argument", "string", text)
    e.message = "argument must be a string"
    error(e, 0)
  end
  local n = size(self)
  if type(offset) == "string" then offset, length, enc = nil, nil, offset
  elseif type(length) == "string" then length, enc = nil, length end
  if offset == nil then offset = 0 else validators.validateInteger(offset, "offset", 0, n) end
  local room = n - offset
  if length ~= nil then
    validators.validateInteger(length, "length", 0, n)
    if length < room then room = length end
  end
  return encoding.write(text, canonical(enc), self, offset, room)
end
for _, e in ipairs { "utf8", "ascii", "latin1", "base64", "base64url", "hex", "ucs2", "utf16le" } do
  local name = normalize(e)
  prototype[e .. "Write"] = function(self, text, offset, length) return self:write(text, offset, length, name) end
  prototype[e .. "Slice"] = function(self, start, stop) return self:toString(name, start, stop) end
end

local function hex_of(self, limit)
  local n = size(self)
  local text = decode(self, "hex", 0, math.min(n, limit)):gsub("..", "%0 "):sub(1, -2)
  if n > limit then text = text .. (" ... %d more byte%s"):format(n - limit, n - limit == 1 and "" or "s") end
  return text
end

local M = { Buffer = Buffer, SlowBuffer = static.allocUnsafeSlow, INSPECT_MAX_BYTES = 50, kMaxLength = MAX_LENGTH,
  kStringMaxLength = 2147483647 - 24, constants = { MAX_LENGTH = MAX_LENGTH, MAX_STRING_LENGTH = 2147483647 - 24 } }

function Buffer:inspect()
  local made_by = self.constructor -- a class, or its function in JavaScript
  local name = made_by and made_by.name or "Buffer"
  local bytes = hex_of(self, M.INSPECT_MAX_BYTES)
  return "<" .. name .. " " .. bytes .. ">"
end
prototype[require "lunode.internal.inspect_custom"] = prototype.inspect

function Buffer:toJSON()
  local b, data = view(self), {}
  for i = 1, b.length do data[i] = b.data[i - 1] end
  return shape.dict { type = "Buffer", data = shape.list(setmetatable(data, shape.ARRAY)) }
end

-- ---- searching

local function find(self, value, offset, enc, backwards)
  local n = size(self)
  if type(offset) == "string" then offset, enc = nil, offset end
  local needle, step = value, 1
  if type(value) == "string" then
    local e = canonical(enc)
    needle = encode(value, e)
    if e == "utf16le" then
      step = 2
      n = n - n % 2
    end
  elseif type(value) == "number" then
    needle = string.char(to_byte(value))
  elseif is_buffer(value) then
    if enc ~= nil and normalize(enc) == "utf16le" then step = 2 end
  else
    error(ARG_TYPE("value", { "number", "string", "Buffer", "Uint8Array" }, value), 0)
  end
  offset = tonumber(offset)
  if not offset or offset ~= offset then offset = backwards and n or 0 end
  offset = offset < 0 and -floor(-offset) or floor(offset)
  if offset < 0 then offset = offset + n end
  local m = type(needle) == "string" and 1 or size(needle)
  if m == 0 then return offset < 0 and 0 or offset > n and n or offset end
  if offset < 0 then
    if backwards then return -1 end
    offset = 0
  end
  if not backwards and offset + (type(needle) == "string" and #needle or m) > n then return -1 end
  if step == 2 then -- whole UTF-16 units only
    if m < 2 or n < 2 then return -1 end
    if m % 2 == 1 then needle = window(needle, 0, m - 1) end
    if offset < huge then offset = offset - offset % 2 end
  end
  return search(self, needle, offset, step, backwards)
end

function Buffer:indexOf(value, offset, enc) return find(self, value, offset, enc, false) end
function Buffer:lastIndexOf(value, offset, enc) return find(self, value, offset, enc, true) end
function Buffer:includes(value, offset, enc) return find(self, value, offset, enc, false) ~= -1 end

-- ---- swapping, walking

local function swapper(bits, pointer_t, swap)
  local bytes = bits / 8
  prototype["swap" .. bits] = function(self)
    local b = view(self)
    if b.length % bytes ~= 0 then error(errors.ERR_INVALID_BUFFER_SIZE(bits .. "-bits"), 0) end
    local words = cast(pointer_t, b.data)
    for i = 0, b.length / bytes - 1 do words[i] = swap(words[i]) end
    return self
  end
end
swapper(16, ffi.typeof "uint16_t *", function(v) return bit.bor(bit.lshift(v, 8), bit.rshift(v, 8)) end)
swapper(32, ffi.typeof "int32_t *", bit.bswap)
swapper(64, ffi.typeof "int64_t *", bit.bswap)

-- Iterators for Lua's `for`: keys from 0, as in Node; values are bytes.
function Buffer:entries()
  local i, b = -1, view(self)
  return function()
    i = i + 1
    if i < b.length then return i, self[i + 1] end
  end
end
function Buffer:keys()
  local i, n = -1, size(self)
  return function()
    i = i + 1
    if i < n then return i end
  end
end
function Buffer:values()
  local i, n = 0, size(self)
  return function()
    i = i + 1
    if i <= n then return self[i] end
  end
end
prototype.iter = prototype.values

require "lunode.buffer.numbers" (Buffer)
require "lunode.buffer.array" (Buffer)

-- ---- the rest of the module

M.isUtf8 = function(b)
  b = validators.bytes(b) or error(ARG_TYPE("input", { "ArrayBuffer", "Buffer", "TypedArray" }, b), 0)
  return encoding.validPrefix(b) == size(b)
end
M.isAscii = function(b)
  b = validators.bytes(b) or error(ARG_TYPE("input", { "ArrayBuffer", "Buffer", "TypedArray" }, b), 0)
  return encoding.ascii(b)
end

-- transcode(buffer, from, to): what the target cannot hold becomes "?"
function M.transcode(source, from_encoding, to_encoding)
  source = validators.bytes(source) or error(ARG_TYPE("source", { "Buffer", "Uint8Array" }, source), 0)
  local from, to = normalize(from_encoding), normalize(to_encoding)
  local allowed = { utf8 = true, utf16le = true, latin1 = true, ascii = true }
  if not allowed[from] or not allowed[to] then
    local e = errors.Error("Unable to transcode Buffer [U_ILLEGAL_ARGUMENT_ERROR]")
    e.code, e.errno = "U_ILLEGAL_ARGUMENT_ERROR", 1
    error(e, 0)
  end
  local text = decode(source, from)
  if to == "latin1" or to == "ascii" then
    local max = to == "ascii" and 0x7f or 0xff
    text = text:gsub("[\194-\244][\128-\191]*", function(c)
      local a, b = c:byte(1, 2)
      local point = #c == 2 and (a - 192) * 64 + b - 128 or huge
      return point > max and "?" or nil
    end)
  end
  return encode(text, to)
end

-- btoa(text), atob(text): text whose characters are bytes (U+0000 … U+00FF), as in browsers
local function invalid_character(message)
  local DOMException = require "lunode.internal.dom_exception"
  error(DOMException(message, "InvalidCharacterError"), 0)
end
function M.btoa(text)
  if text == nil then error(errors.ERR_MISSING_ARGS "input", 0) end
  text = (validators.door.text or tostring)(text)
  if text:find "[\196-\244]" then invalid_character "Invalid character" end
  return decode(encode(text, "latin1"), "base64")
end
function M.atob(text)
  if text == nil then error(errors.ERR_MISSING_ARGS "input", 0) end
  text = (validators.door.text or tostring)(text):gsub("[\t\n\f\r ]", "")
  if #text % 4 == 0 then text = text:gsub("==?$", "") end
  if text:find "[^%w+/]" then invalid_character "Invalid character" end
  if #text % 4 == 1 then invalid_character "The string to be decoded is not correctly encoded." end
  return decode(encode(text, "base64"), "latin1")
end

-- The Blob that URL.createObjectURL gave the id for, or nil.
function M.resolveObjectURL(id) return require("lunode.url.object_urls").resolve(id) end

if validators.door.buffer then validators.door.buffer(Buffer) end -- JavaScript's Uint8Array

-- ---- signatures, for the reference (docs/api/README.md)
-- SlowBuffer(size: integer) -> Buffer: allocUnsafeSlow, deprecated
-- atob(data: string) -> string: base64 to binary text
-- isAscii, isUtf8(input: Buffer) -> boolean
-- alloc(size: integer, fill?: string|Buffer|integer, encoding?: string) -> Buffer: filled, with zeros by default
-- allocUnsafe, allocUnsafeSlow(size: integer) -> Buffer: whatever the memory holds
-- byteLength(value: string|Buffer, encoding?: string) -> integer
-- compare(a: Buffer, b: Buffer) -> integer: -1, 0 or 1; of a Buffer: compare(target, targetStart, targetEnd, sourceStart, sourceEnd)
-- concat(list: Buffer[], totalLength?: integer) -> Buffer
-- isBuffer(value: any) -> boolean
-- isEncoding(encoding: string) -> boolean
-- of(...: integer) -> Buffer
-- equals(other: Buffer) -> boolean
-- includes(value: string|Buffer|integer, byteOffset?: integer, encoding?: string) -> boolean
-- indexOf, lastIndexOf(value: string|Buffer|integer, byteOffset?: integer, encoding?: string) -> integer: from 0; -1 when it is not there
-- inspect() -> string
-- subarray(start?: integer, finish?: integer) -> Buffer: a window on the same memory
-- swap16, swap32, swap64() -> Buffer: itself, with the bytes of each unit reversed
-- toJSON() -> table: { type = "Buffer", data = { … } }
-- asciiSlice, base64Slice, base64urlSlice, hexSlice, latin1Slice, ucs2Slice, utf16leSlice, utf8Slice(start?: integer, finish?: integer) -> string
-- asciiWrite, base64Write, base64urlWrite, hexWrite, latin1Write, ucs2Write, utf16leWrite, utf8Write(text: string, offset?: integer, length?: integer) -> integer: bytes written

return require "lunode.internal.lazy"(M, {
  Blob = function() return require("lunode.buffer.blob").Blob end,
  File = function() return require("lunode.buffer.blob").File end,
})
