-- SPDX-License-Identifier: MIT
--
-- What a Buffer has from Uint8Array. Source: ECMA-262, "TypedArray Objects".
-- Functions are called as fn(byte, offset, buffer); offsets are from 0, as everywhere in Buffer's arguments and results.
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local callback = require("lunode.internal.validators").callback

local is_buffer, alloc = core.buffer.is, core.buffer.alloc
local type, error, tonumber, floor, huge = type, error, tonumber, math.floor, math.huge

-- An index as JavaScript takes it: truncated, from the end when negative; not kept within bounds.
local function relative(i, n, default)
  if i == nil then return default end
  i = tonumber(i) or 0
  if i ~= i then i = 0 end
  if i > -huge and i < huge then i = i < 0 and -floor(-i) or floor(i) end
  return i < 0 and i + n or i
end

local function within(i, n) return i < 0 and 0 or i > n and n or i end

-- ---- signatures, for the reference (docs/api/README.md)
-- at(index: integer) -> integer?: the byte at an index from 0, from the end when negative
-- copyWithin(target: integer, start: integer, finish?: integer) -> Buffer: itself
-- every, some(fn: fun(byte: integer, index: integer, buffer: Buffer): boolean) -> boolean
-- filter(fn: fun(byte: integer, index: integer, buffer: Buffer): boolean) -> Buffer
-- find, findLast(fn: fun(byte: integer, index: integer, buffer: Buffer): boolean) -> integer?
-- findIndex, findLastIndex(fn: fun(byte: integer, index: integer, buffer: Buffer): boolean) -> integer: from 0; -1 when there is none
-- forEach(fn: fun(byte: integer, index: integer, buffer: Buffer))
-- map(fn: fun(byte: integer, index: integer, buffer: Buffer): integer) -> Buffer
-- reduce, reduceRight(fn: fun(sum: any, byte: integer, index: integer, buffer: Buffer): any, initial?: any) -> any
-- join(separator?: string) -> string: the bytes in decimal
-- keys, values, entries, iter() -> fun(): any: an iterator for `for … in`
-- reverse() -> Buffer: itself, the other way round
-- with(index: integer, value: integer) -> Buffer: a copy with one byte changed
-- toReversed() -> Buffer: a copy
-- toSorted(fn?: fun(a: integer, b: integer): number) -> Buffer: a copy
-- toLocaleString(encoding?: string) -> string: toString

return function(Buffer)
  local p = Buffer.prototype

  function p:at(index)
    local n = #self
    index = relative(index, n, 0)
    if index < 0 or index >= n then return nil end
    return self[index + 1]
  end

  -- set(list or Buffer, offset = 0)
  function p:set(source, offset)
    offset = relative(offset, 0, 0)
    if type(source) ~= "table" and not is_buffer(source) then error(errors.ERR_INVALID_ARG_TYPE("source", { "Array", "Buffer" }, source), 0) end
    local n = #source
    if offset < 0 or offset + n > #self then error(errors.RangeError "offset is out of bounds", 0) end
    if is_buffer(source) then
      source:copy(self, offset)
      return
    end
    for i = 1, n do self[offset + i] = tonumber(source[i]) or 0 end
  end

  function p:reverse()
    local n = #self
    for i = 1, floor(n / 2) do self[i], self[n + 1 - i] = self[n + 1 - i], self[i] end
    return self
  end

  function p:copyWithin(target, start, stop)
    local n = #self
    target, start, stop = within(relative(target, n, 0), n), within(relative(start, n, 0), n), within(relative(stop, n, n), n)
    if stop - start > n - target then stop = start + n - target end
    if stop > start then self:copy(self, target, start, stop) end
    return self
  end

  function p:join(separator)
    local out = {}
    for i = 1, #self do out[i] = self[i] end
    return table.concat(out, separator == nil and "," or tostring(separator))
  end

  function p:forEach(fn)
    fn = callback(fn, "fn")
    for i = 1, #self do fn(self[i], i - 1, self) end
  end

  function p:map(fn)
    fn = callback(fn, "fn")
    local out = alloc(#self)
    for i = 1, #self do out[i] = tonumber(fn(self[i], i - 1, self)) or 0 end
    return out
  end

  function p:filter(fn)
    fn = callback(fn, "fn")
    local kept = {}
    for i = 1, #self do
      local byte = self[i]
      if fn(byte, i - 1, self) then kept[#kept + 1] = byte end
    end
    return Buffer.from(kept)
  end

  -- The offset of the first (or last) byte for which fn holds, and the byte.
  local function search(self, fn, from, to, step)
    fn = callback(fn, "fn")
    for i = from, to, step do
      local byte = self[i]
      if fn(byte, i - 1, self) then return i - 1, byte end
    end
    return -1, nil
  end
  function p:findIndex(fn) return (search(self, fn, 1, #self, 1)) end
  function p:findLastIndex(fn) return (search(self, fn, #self, 1, -1)) end
  function p:find(fn) return (select(2, search(self, fn, 1, #self, 1))) end
  function p:findLast(fn) return (select(2, search(self, fn, #self, 1, -1))) end
  function p:some(fn) return search(self, fn, 1, #self, 1) ~= -1 end
  function p:every(fn)
    fn = callback(fn, "fn")
    for i = 1, #self do
      if not fn(self[i], i - 1, self) then return false end
    end
    return true
  end

  local function fold(self, fn, initial, from, to, step)
    fn = callback(fn, "fn")
    if initial == nil then
      if #self == 0 then error(errors.TypeError "Reduce of empty array with no initial value", 0) end
      initial, from = self[from], from + step
    end
    for i = from, to, step do initial = fn(initial, self[i], i - 1, self) end
    return initial
  end
  function p:reduce(fn, initial) return fold(self, fn, initial, 1, #self, 1) end
  function p:reduceRight(fn, initial) return fold(self, fn, initial, #self, 1, -1) end

  -- sort(fn?): by value, or by fn(a, b) < 0
  function p:sort(fn)
    local bytes = {}
    for i = 1, #self do bytes[i] = self[i] end
    if fn == nil then
      table.sort(bytes)
    else
      fn = callback(fn, "fn")
      table.sort(bytes, function(a, b) return fn(a, b) < 0 end)
    end
    for i = 1, #bytes do self[i] = bytes[i] end
    return self
  end

  function p:toReversed() return Buffer.from(self):reverse() end
  function p:toSorted(fn) return Buffer.from(self):sort(fn) end
  p["with"] = function(self, index, value)
    local n = #self
    index = relative(index, n, 0)
    if index < 0 or index >= n then error(errors.RangeError "Invalid typed array index", 0) end
    local out = Buffer.from(self)
    out[index + 1] = value
    return out
  end
end
