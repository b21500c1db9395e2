-- SPDX-License-Identifier: MIT
--
-- Calls with very many arguments. LuaJIT's unpack gives less than 8,000 values, and its stack holds 65,000 slots. So where a spread or an
-- apply has more, the call passes the first HEAD of them and then the tail: one value, always the last, that holds all the others.
-- Whoever takes any number of arguments asks `whole` or `many` when there are more than MANY, which costs usual calls a comparison.
-- A function with named parameters never sees the tail. Functions of lua/ that do find that any use of it raises the RangeError that
-- V8 raises where its stack is full.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, select, unpack, min = L.type, L.getmetatable, L.setmetatable, L.select, L.unpack, L.math.min

local HEAD = 4000
local MANY = 3700 -- HEAD without the most parameters that a function has names for: who gets more asks for the tail (emit_function.c knows the number)
local PLAIN = 7000 -- up to so many are passed as they are
local MOST = 125000 -- V8's stack holds about as many
local PIECE = 3000 -- fewer than MANY: what is done in pieces
rt.MANY, rt.PIECE = MANY, PIECE

local function too_many() rt.range_error "Maximum call stack size exceeded" end

local raising = setmetatable({}, { __index = function() return too_many end })
local tail = { exotic = raising, exotic_get = too_many, exotic_set = too_many, __index = too_many, __newindex = too_many, __tostring = too_many,
  __call = too_many, __concat = too_many, __add = too_many, __sub = too_many, __mul = too_many, __div = too_many, __unm = too_many, __lt = too_many, __le = too_many }

local function is_tail(v) return type(v) == "table" and getmetatable(v) == tail end

-- The n values of a Lua list as arguments.
function rt.passed(list, n)
  if n <= PLAIN then return unpack(list, 1, n) end
  if n > MOST then
    if n >= 2 ^ 27 then rt.range_error "Invalid array length" end
    too_many()
  end
  local head, others = {}, {}
  for i = 1, HEAD do head[i] = list[i] end
  for i = HEAD + 1, n do others[i - HEAD] = list[i] end
  head[HEAD + 1] = setmetatable({ list = others, n = n - HEAD }, tail)
  return unpack(head, 1, HEAD + 1)
end

-- A list of n arguments, of which the last may be the tail, becomes a list of all; with their number.
local function whole(list, n)
  local last = list[n]
  if not is_tail(last) then return list, n end
  local others, m = L.rawget(last, "list"), L.rawget(last, "n")
  for i = 1, m do list[n - 1 + i] = others[i] end
  return list, n - 1 + m
end
rt.whole = whole

-- How many arguments these are.
function rt.many(...)
  local n = select("#", ...)
  local last = select(n, ...)
  return is_tail(last) and n - 1 + L.rawget(last, "n") or n
end

-- f(this, list, n) with all the arguments that follow: what a function that takes any number calls for more than MANY.
function rt.with_list(f, this, ...)
  local list, n = whole({ ... }, select("#", ...))
  return (f(this, list, n))
end

-- f(this, …) piece by piece.
function rt.in_pieces(f, this, list, n)
  for i = 1, n, PIECE do f(this, unpack(list, i, min(i + PIECE - 1, n))) end
end
