-- SPDX-License-Identifier: MIT
--
-- Iteration: for-of, for-in, spread, destructuring; generators (ECMA-262, 7.4, 14.7.5, 27.3, 27.5).
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, select, unpack, error, pcall = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset,
  L.select, L.unpack, L.error, L.pcall
local create, resume, co_yield, status, running = L.coroutine.create, L.coroutine.resume, L.coroutine.yield, L.coroutine.status, L.coroutine.running
local getinfo = L.debug.getinfo

local null, is_object, truthy, native, put, none = rt.null, rt.is_object, rt.truthy, rt.native, rt.put, rt.none
local SYMBOL = rt.symbols
local ITERATOR, ASYNC_ITERATOR = SYMBOL.iterator, SYMBOL.asyncIterator
local RETURN = rt.RETURN
local MANY, passed, whole = rt.MANY, rt.passed, rt.whole
local switch_iterators = rt.switch_iterators

local function new_array(t, n)
  t.length = n
  return setmetatable(t, rt.array), none()
end
rt.new_array = new_array

local result_shape
local function iter_result(v, done)
  return setmetatable({ value = v, done = done }, result_shape), none()
end
rt.iter_result = iter_result

-- ---- for-of

local function array_next(a, i)
  if i < a.length then return i + 1, a[i + 1] end
end

local function string_next(s, i)
  local c, to = rt.code_point_text(s, i)
  if c then return to, c end
end

local array_values, string_iterator, array_iterator_next
function rt.set_array_iteration(values, next_method, string_method)
  array_values, array_iterator_next, string_iterator = values, next_method, string_method
end

-- An array, or an arguments object, that gives its elements when it is iterated.
local function plain_array(v)
  if type(v) ~= "table" then return false end
  local mt = getmetatable(v)
  if mt == nil or not (mt.array or mt.arguments and rt.is_counted(v)) then return false end
  return v[ITERATOR] == array_values and rt.ArrayIteratorPrototype.next == array_iterator_next
end
rt.plain_array = plain_array

local function push_open(state)
  local open = rt.open_iterators()
  local n = open.n + 1
  open.n = n
  open[n] = state
  state.list, state.at = open, n
end

local function drop_open(state)
  local open, n = state.list, state.at
  if open[n] == state then
    for i = n, open.n do open[i] = nil end
    open.n = n - 1
  end
end

-- GetIterator
local function get_iterator(v, method)
  if method == nil then
    if v == nil or v == null then rt.type_error(rt.show(v) .. " is not iterable") end
    method = v[ITERATOR]
  end
  if not rt.is_callable(method) then rt.type_error(rt.show(v) .. " is not iterable") end
  local it = method(v)
  if not is_object(it) then rt.type_error("Result of the Symbol.iterator method is not an object") end
  return it, it.next
end
rt.get_iterator = get_iterator

-- Iterators of the prelude's own: their `next` -> step(record), which gives 1 and the value, or nothing. No result objects are made where
-- nobody sees them.
local DATA = {} -- the key of an iterator's or generator's record in its object
rt.DATA = DATA
local direct_steps = {}
function rt.direct_step(next_method, f) direct_steps[next_method] = f end

-- The step of an iterator that has nothing to be closed.
local function direct(it, next_method)
  local f = direct_steps[next_method]
  if f and type(it) == "table" and it["return"] == nil then
    local record = rawget(it, DATA)
    if type(record) == "table" and (record.iterator or record.array_iterator) then return f, record end
  end
end

local function step(state)
  state.busy = true
  local r = state.next(state.it)
  if not is_object(r) then rt.type_error("Iterator result " .. rt.text(r) .. " is not an object") end
  if truthy(r.done) then
    drop_open(state)
    return nil
  end
  local v = r.value
  state.busy = false
  return 1, v
end

local function open_state(v, it, next_method)
  if it == nil then it, next_method = get_iterator(v) end
  return { it = it, next = next_method, busy = false }
end

local function each(v)
  if plain_array(v) then return array_next, v, 0 end
  if type(v) == "string" and rt.StringPrototype[ITERATOR] == string_iterator then return string_next, rt.join_surrogates(v), 1 end
  local it, next_method = get_iterator(v)
  local f, record = direct(it, next_method)
  if f then return f, record end
  local state = open_state(v, it, next_method)
  push_open(state)
  return step, state
end
rt.each = each

local function is_state(s) return type(s) == "table" and rawget(s, "it") ~= nil and rawget(s, "at") ~= nil end

function rt.close(state)
  if not is_state(state) then return end
  drop_open(state)
  local method = state.it["return"]
  if method == nil or method == null then return end
  local r = method(state.it)
  if state.async then r = rt.await(r) end
  if not is_object(r) then rt.type_error(rt.text(r) .. " is not an object") end
end

-- After an error: what the iterator raises is forgotten.
function rt.close_quietly(state)
  local function call()
    local method = state.it["return"]
    if method == nil or method == null then return end
    local r = method(state.it)
    if state.async then rt.await(r) end
  end
  pcall(call)
end

-- Runs f(value, i) for each value; closes the iterator when f raises. For the prelude's own loops.
function rt.for_each(v, f)
  local i = 0
  if plain_array(v) then
    while i < v.length do
      i = i + 1
      f(v[i], i)
    end
    return
  end
  local state = open_state(v)
  local it, next_method = state.it, state.next
  while true do
    local r = next_method(it)
    if not is_object(r) then rt.type_error("Iterator result " .. rt.text(r) .. " is not an object") end
    if truthy(r.done) then return end
    i = i + 1
    local ok, e = pcall(f, r.value, i)
    if not ok then
      rt.close_quietly(state)
      error(e, 0)
    end
  end
end

-- All values: a Lua list and its length.
local function collect(v)
  local list, n = {}, 0
  if plain_array(v) then
    n = v.length
    for i = 1, n do list[i] = v[i] end
    return list, n
  end
  if type(v) == "string" and rt.StringPrototype[ITERATOR] == string_iterator then
    local i = 1
    v = rt.join_surrogates(v)
    while true do
      local c
      i, c = string_next(v, i)
      if not i then return list, n end
      n = n + 1
      list[n] = c
    end
  end
  local it, next_method = get_iterator(v)
  local f, record = direct(it, next_method)
  if f then
    for _, value in f, record do
      n = n + 1
      list[n] = value
    end
    return list, n
  end
  while true do
    local r = next_method(it)
    if not is_object(r) then rt.type_error("Iterator result " .. rt.text(r) .. " is not an object") end
    if truthy(r.done) then return list, n end
    n = n + 1
    list[n] = r.value
  end
end
rt.collect = collect

function rt.spread(v)
  if plain_array(v) then
    local n = v.length
    if n <= 4 then -- unpack is not compiled by the JIT
      if n == 0 then return elseif n == 1 then return v[1] elseif n == 2 then return v[1], v[2] elseif n == 3 then return v[1], v[2], v[3] end
      return v[1], v[2], v[3], v[4]
    end
    return passed(v, n)
  end
  local list, n = collect(v)
  return passed(list, n)
end

local byte, none = L.string.byte, rt.none

-- Appends v, or what it gives, to r that has n.
local function flatten_one(r, n, v, letter)
  if letter == 48 then
    r[n + 1] = v
    return n + 1
  end
  local list, m = v, nil
  if plain_array(v) then m = v.length else list, m = collect(v) end
  if m > 4 then
    for j = 1, m do r[n + j] = list[j] end
  elseif m > 0 then -- written out: a loop of few steps would be a trace of its own, where callers' traces end
    r[n + 1] = list[1]
    if m > 1 then r[n + 2] = list[2] end
    if m > 2 then r[n + 3] = list[3] end
    if m > 3 then r[n + 4] = list[4] end
  end
  return n + m
end

-- For up to three, without holes.
function rt.flat(mask, a, b, c)
  local r = {}
  local n = flatten_one(r, 0, a, byte(mask, 1))
  if #mask > 1 then n = flatten_one(r, n, b, byte(mask, 2)) end
  if #mask > 2 then n = flatten_one(r, n, c, byte(mask, 3)) end
  return new_array(r, n), none()
end

-- The mask's letters: 0 a value, 1 one to be spread, 2 a hole.
function rt.flatten(mask, ...)
  local count = #mask
  local r, n, holes = {}, 0, nil
  for i = 1, count do
    local v = (select(i, ...))
    if byte(mask, i) == 49 then
      local list, m = collect(v)
      for j = 1, m do r[n + j] = list[j] end
      n = n + m
    elseif byte(mask, i) == 50 then
      n = n + 1
      holes = holes or {}
      holes[#holes + 1] = n
    else
      n = n + 1
      r[n] = v
    end
  end
  r = new_array(r, n)
  if holes then rt.holey(r, holes) end
  return r
end

-- n values for a destructuring; the iterator is closed unless it has ended.
function rt.take(v, n)
  if plain_array(v) then
    if n == 1 then return (v[1]) elseif n == 2 then return v[1], v[2] elseif n == 3 then return v[1], v[2], v[3] end
    return unpack(v, 1, n)
  end
  local state = open_state(v)
  local it, next_method, values = state.it, state.next, {}
  for i = 1, n do
    local r = next_method(it)
    if not is_object(r) then rt.type_error("Iterator result " .. rt.text(r) .. " is not an object") end
    if truthy(r.done) then return unpack(values, 1, n) end
    values[i] = r.value
  end
  state.list, state.at = {}, 0
  rt.close(state)
  return unpack(values, 1, n)
end

function rt.takerest(v, n)
  local list, m = collect(v)
  local values, rest, k = {}, {}, 0
  for i = 1, n do values[i] = list[i] end
  for i = n + 1, m do
    k = k + 1
    rest[k] = list[i]
  end
  values[n + 1] = new_array(rest, k)
  return unpack(values, 1, n + 1)
end

-- A destructuring whose targets and defaults run code between the steps: open, step by step, close. An error (or a
-- generator's return) between them closes the iterator as it does in a for-of.
function rt.steps(v)
  if plain_array(v) then return { list = v, i = 0 } end
  local state = open_state(v)
  push_open(state)
  return state
end

function rt.step(state)
  if state.done then return nil end
  if state.i then
    local i = state.i + 1
    state.i = i
    return state.list[i]
  end
  local there, v = step(state)
  if not there then state.done = true end
  return v
end

function rt.steprest(state)
  local rest, n = {}, 0
  if state.i then
    local list = state.list
    for i = state.i + 1, list.length do
      n = n + 1
      rest[n] = list[i]
    end
    return new_array(rest, n)
  end
  while not state.done do
    local there, v = step(state)
    if there then
      n = n + 1
      rest[n] = v
    else
      state.done = true
    end
  end
  return new_array(rest, n)
end

function rt.stepend(state)
  if state.it and not state.done then rt.close(state) end
end

function rt.rest(n, ...)
  local a, b, c = ...
  local m = select("#", ...) - n
  if m <= 0 then return new_array({}, 0) end
  if n == 0 then -- LuaJIT compiles no `{ ... }`
    if m == 1 then return (setmetatable({ a, length = 1 }, rt.array)) end
    if m == 2 then return (setmetatable({ a, b, length = 2 }, rt.array)) end
    if m == 3 then return (setmetatable({ a, b, c, length = 3 }, rt.array)) end
    if m > MANY then return new_array(whole({ ... }, m)) end
    return new_array({ ... }, m)
  end
  if n == 1 and m < 3 then
    return (setmetatable({ b, c, length = m }, rt.array))
  end
  if m > MANY then return new_array(whole({ select(n + 1, ...) }, m)) end
  return new_array({ select(n + 1, ...) }, m)
end

-- Of a function that has an arguments object too, which is new still.
function rt.restarguments(arguments, n)
  local m = L.rawget(arguments, "length") - n
  local list = {}
  for i = 1, m do list[i] = arguments[n + i] end
  return new_array(list, m > 0 and m or 0)
end

-- ---- generators

local current = false -- the record of the coroutine that runs, if it is one of JavaScript's
function rt.current_coroutine() return current end
function rt.set_current(record)
  local was = current
  current = record
  return was
end

-- A coroutine that is resumed inside another takes some of the C stack, of which LuaJIT keeps no count.
local nested, MOST_NESTED = 0, 7000

-- Resumes a coroutine of JavaScript's with its own list of open iterators.
local function go(record, mode, v)
  if nested >= MOST_NESTED then return false, rt.new_error("RangeError", "Maximum call stack size exceeded") end
  local was = current
  current = record
  nested = nested + 1
  local outer = switch_iterators(record.open)
  local ok, what, value = resume(record.co, mode, v)
  nested = nested - 1
  current = was
  switch_iterators(outer)
  return ok, what, value
end
rt.go = go

-- What a coroutine finds when it is resumed after a yield or await.
local function resumed(mode, v)
  if mode == "throw" then rt.throw(v) elseif mode == "return" then error(setmetatable({ value = v }, RETURN), 0) end
  return v
end
rt.resumed = resumed

local function body(f)
  local ok, v = rt.attempt(f)
  if ok then return "done", v end
  return "failed", v
end

local function resume_generator(g, mode, v)
  local state = g.state
  if state == "running" then rt.type_error "Generator is already running" end
  if state == "start" and mode ~= "next" then
    g.state, state = "done", "done"
  end
  if state == "done" then
    if mode == "throw" then rt.throw(v) end
    return iter_result(mode == "return" and v or nil, true)
  end
  g.state = "running"
  local ok, what, value
  if state == "start" then
    g.co = create(body)
    ok, what, value = go(g, g.f)
    g.f = nil
  else
    ok, what, value = go(g, mode, v)
  end
  if not ok then
    g.state = "done"
    error(what, 0)
  end
  if what == "yield" then
    g.state = "suspended"
    return iter_result(value, false)
  elseif what == "raw" then -- of yield*: the inner iterator's own result
    g.state = "suspended"
    return value
  end
  g.state, g.co = "done", nil
  if what == "failed" then
    if type(value) == "table" and getmetatable(value) == RETURN then return iter_result(value.value, true) end
    error(value, 0)
  end
  return iter_result(value, true)
end

local function generator_of(this, name)
  local g = type(this) == "table" and rawget(this, DATA)
  if not g or g.kind ~= "generator" then
    rt.type_error(name .. " method called on incompatible receiver " .. rt.show(this))
  end
  return g
end

local function callee_proto(callee, default)
  local bag = callee and rt.bags[callee]
  if not bag and callee then bag = rt.store(callee) end
  local proto = bag and bag.prototype
  if is_object(proto) then return proto end
  return default
end

function rt.generator(f)
  local callee = getinfo(2, "f").func
  local o = setmetatable({}, rt.root_of(callee_proto(callee, rt.GeneratorPrototype)))
  rawset(o, DATA, { kind = "generator", state = "start", f = f, open = { n = 0 } })
  return o
end

function rt.yield(v)
  local g = current
  if g.kind == "asyncgenerator" then
    v = rt.await(v)
    return rt.async_resumed(co_yield("yield", v))
  end
  return resumed(co_yield("yield", v))
end

function rt.yieldall(v)
  local g = current
  if g.kind == "asyncgenerator" then return rt.async_yieldall(v) end
  local it, next_method = get_iterator(v)
  local mode, value = "next", nil
  while true do
    local r
    if mode == "next" then
      r = next_method(it, value)
    elseif mode == "throw" then
      local method = it["throw"]
      if method ~= nil and method ~= null then
        r = method(it, value)
      else
        local close = it["return"]
        if close ~= nil and close ~= null then
          local c = close(it)
          if not is_object(c) then rt.type_error(rt.text(c) .. " is not an object") end
        end
        rt.type_error "The iterator does not provide a 'throw' method"
      end
    else
      local method = it["return"]
      if method == nil or method == null then return resumed("return", value) end
      r = method(it, value)
      if not is_object(r) then rt.type_error(rt.text(r) .. " is not an object") end
      if truthy(r.done) then return resumed("return", r.value) end
      mode, value = co_yield("raw", r)
      goto continue
    end
    if not is_object(r) then rt.type_error("Iterator result " .. rt.text(r) .. " is not an object") end
    if truthy(r.done) then return r.value end
    mode, value = co_yield("raw", r)
    ::continue::
  end
end

function rt.install_iteration()
  result_shape = rt.shapes "value done"[1]
  local P = rt.GeneratorPrototype
  rt.hide(P, "next", native("next", 1, function(this, v) return resume_generator(generator_of(this, "next"), "next", v) end))
  rt.hide(P, "return", native("return", 1, function(this, v) return resume_generator(generator_of(this, "return"), "return", v) end))
  rt.hide(P, "throw", native("throw", 1, function(this, v) return resume_generator(generator_of(this, "throw"), "throw", v) end))
  rt.readonly(P, SYMBOL.toStringTag, "Generator")
  rt.hide(rt.IteratorPrototype, ITERATOR, native("[Symbol.iterator]", 0, function(this) return this end))
  rt.hide(rt.AsyncIteratorPrototype, ASYNC_ITERATOR, native("[Symbol.asyncIterator]", 0, function(this) return this end))
  rt.readonly(P, "constructor", rt.GeneratorFunctionPrototype)
  rt.readonly(rt.GeneratorFunctionPrototype, "prototype", P)
  rt.readonly(rt.GeneratorFunctionPrototype, SYMBOL.toStringTag, "GeneratorFunction")
end
