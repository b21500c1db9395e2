-- SPDX-License-Identifier: MIT
--
-- Atomics (ECMA-262, clause 25.4). One thread runs JavaScript, so that an operation on memory is one step in any case; what remains is
-- waiting: `wait` sleeps (nobody else can notify), `waitAsync` gives promises that `notify` settles.
local rt = ...
local L = rt.lua
local ffi = L.require "ffi"
local type, rawget, tonumber, ipairs = L.type, L.rawget, L.tonumber, L.ipairs
local huge, max, min, floor = L.math.huge, L.math.max, L.math.min, L.math.floor
local band, bor, bxor = L.bit.band, L.bit.bor, L.bit.bxor
local cast = ffi.cast
local toint, to_index, native = rt.toint, rt.to_index, rt.native
local DATA = rt.DATA
local views = rt.views
local typed_data, live_length = views.typed_data, views.live_length

ffi.cdef "int poll(void *, unsigned long, int);"

local INTEGERS = { Int8Array = true, Uint8Array = true, Int16Array = true, Uint16Array = true, Int32Array = true, Uint32Array = true,
  BigInt64Array = true, BigUint64Array = true }
local WAITABLE = { Int32Array = true, BigInt64Array = true }

local function brief(v)
  if rt.is_object(v) then return rt.object_text(v) end
  return rt.text(v)
end

-- ValidateIntegerTypedArray
local function validate(o, allowed, what)
  local d = typed_data(o)
  if not d or not allowed[d.kind.name] then rt.type_error(brief(o) .. " is not an " .. what .. ".") end
  if live_length(d) == nil then rt.type_error "Cannot perform Atomics operation on a detached ArrayBuffer" end
  return d
end

-- ValidateAtomicAccess: the index
local function access(d, index)
  local n = live_length(d)
  index = toint(index)
  if index < 0 or index > 9007199254740991 or index >= n then rt.range_error "Invalid atomic access index" end
  return index + 0 -- no -0
end

-- A value as the elements take it: a BigInt, or a whole number.
local function operand(d, v)
  if d.kind.big then return rt.to_bigint(v) end
  return toint(v) + 0
end

local function attached(d, i)
  local n = live_length(d)
  if n == nil then rt.type_error "Cannot perform Atomics operation on a detached ArrayBuffer" end
  return i < n
end

local scratch = ffi.new "int64_t[1]"

-- Reads, changes, writes; gives what was there. change(old, v) on numbers, change64 on 64-bit integers.
local function read_modify_write(name, change, change64)
  return name, 3, function(_, o, index, v)
    local d = validate(o, INTEGERS, "integer typed array")
    local i = access(d, index)
    v = operand(d, v)
    if not attached(d, i) then return nil end
    local kind = d.kind
    local old = kind.get(d.at, i)
    if kind.big then
      kind.set(scratch, 0, v)
      local at = cast("int64_t *", d.at)
      at[i] = change64(at[i], scratch[0])
    else
      kind.set(d.at, i, change(old, rt.touint32(v)))
    end
    return old
  end
end

local function load_element(_, o, index)
  local d = validate(o, INTEGERS, "integer typed array")
  local i = access(d, index)
  if not attached(d, i) then return nil end
  return d.kind.get(d.at, i)
end

local function store_element(_, o, index, v)
  local d = validate(o, INTEGERS, "integer typed array")
  local i = access(d, index)
  v = operand(d, v)
  if attached(d, i) then d.kind.set(d.at, i, v) end
  return v
end

local function compare_exchange(_, o, index, expected, v)
  local d = validate(o, INTEGERS, "integer typed array")
  local i = access(d, index)
  expected = operand(d, expected)
  v = operand(d, v)
  if not attached(d, i) then return nil end
  local kind = d.kind
  local old = kind.get(d.at, i)
  local wanted = cast(kind.ctype, scratch)
  kind.set(wanted, 0, expected)
  if kind.get(wanted, 0) == old then kind.set(d.at, i, v) end
  return old
end

-- ---- waiting

local waiters = L.setmetatable({}, { __mode = "k" }) -- slot -> list of {place, promise's resolve, timer}, in order

-- What both kinds of waiting check. -> slot, place in bytes, is the value the one that is there, timeout in ms
local function prepare(o, index, v, timeout)
  local d = validate(o, WAITABLE, "int32 or BigInt64 typed array")
  if not d.data.shared then rt.type_error(brief(o) .. " is not a shared typed array.") end
  local i = access(d, index)
  if d.kind.big then v = rt.to_bigint(v) else v = rt.tonum(v) end
  timeout = timeout == nil and huge or rt.tonum(timeout)
  if timeout ~= timeout then timeout = huge end
  timeout = max(timeout, 0)
  local wanted = cast(d.kind.ctype, scratch)
  d.kind.set(wanted, 0, v)
  return d.data, d.offset + i * d.kind.size, d.at[i] == wanted[0], timeout
end

local function wait(_, o, index, v, timeout)
  local _, _, equal, left = prepare(o, index, v, timeout)
  if not equal then return "not-equal" end
  while left > 0 do
    local step = min(left, 2000000000)
    ffi.C.poll(nil, 0, floor(step))
    left = left - step
  end
  return "timed-out"
end

local function forget(list, waiter)
  for i = 1, #list do
    if list[i] == waiter then return (L.table.remove(list, i)) end
  end
end

local function wait_async(_, o, index, v, timeout)
  local data, place, equal, left = prepare(o, index, v, timeout)
  if not equal then return rt.record("async", false, "value", "not-equal") end
  if left == 0 then return rt.record("async", false, "value", "timed-out") end
  local list = waiters[data]
  if not list then
    list = {}
    waiters[data] = list
  end
  local waiter = { place = place }
  local P = rt.global.Promise
  local promise = rt.construct(P, P, native("", 2, function(_, resolve) waiter.resolve = resolve end))
  list[#list + 1] = waiter
  if left < huge then
    waiter.timer = rt.global.setTimeout(nil, native("", 0, function()
      if forget(list, waiter) then waiter.resolve(nil, "timed-out") end
    end), left)
  end
  return rt.record("async", true, "value", promise)
end

local function notify(_, o, index, count)
  local d = validate(o, WAITABLE, "int32 or BigInt64 typed array")
  local i = access(d, index)
  count = count == nil and huge or max(toint(count), 0)
  local list = d.data.shared and waiters[d.data]
  local place, woken, at = d.offset + i * d.kind.size, 0, 1
  while list and woken < count and at <= #list do
    if list[at].place == place then
      local waiter = L.table.remove(list, at)
      if waiter.timer then rt.global.clearTimeout(nil, waiter.timer) end
      waiter.resolve(nil, "ok")
      woken = woken + 1
    else
      at = at + 1
    end
  end
  return woken
end

function rt.install_atomics()
  local A = rt.object_of(rt.ObjectPrototype)
  rt.hide(rt.global, "Atomics", A)
  local function operation(...) rt.methods(A, { ... }) end
  operation("load", 2, load_element)
  operation("store", 3, store_element)
  operation(read_modify_write("add", function(a, b) return a + b end, function(a, b) return a + b end))
  operation(read_modify_write("sub", function(a, b) return a - b end, function(a, b) return a - b end))
  operation(read_modify_write("and", function(a, b) return band(a, b) end, band))
  operation(read_modify_write("or", function(a, b) return bor(a, b) end, bor))
  operation(read_modify_write("xor", function(a, b) return bxor(a, b) end, bxor))
  operation(read_modify_write("exchange", function(_, b) return b end, function(_, b) return b end))
  operation("compareExchange", 4, compare_exchange)
  operation("isLockFree", 1, function(_, n)
    n = toint(n)
    return n == 1 or n == 2 or n == 4 or n == 8
  end)
  operation("wait", 4, wait)
  operation("waitAsync", 4, wait_async)
  operation("notify", 3, notify)
  rt.readonly(A, rt.symbols.toStringTag, "Atomics")
end
