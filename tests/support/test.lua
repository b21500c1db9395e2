-- SPDX-License-Identifier: MIT
--
-- The test harness. A test file is a program: build/lunode tests/api/x.lua
--
--   local test = require "../support/test"
--   test("what must hold", function(t) … end)            test("…", { timeout = ms, skip = "why" }, function(t) … end)
--
-- Each test runs in an async coroutine (await works) after the one before has ended. It ends when the function has
-- returned and every t:called() was called. It fails on a raised error, a failed check, an expectation that never
-- came, the time limit (10 s), or a handle that is left open afterwards. Output is TAP; the last line counts.
local core = require "lunode.core"
local errors = require "lunode.internal.errors"

local T = {}
T.__index = T

local function show(v)
  if type(v) == "string" then return ("%q"):format(v):gsub("\\\n", "\\n") end
  if type(v) == "table" and not getmetatable(v) then
    local parts, seen = {}, 0
    for k, x in pairs(v) do
      seen = seen + 1
      if seen > 20 then parts[#parts + 1] = "…" break end
      parts[#parts + 1] = (type(k) == "string" and k or "[" .. tostring(k) .. "]") .. "=" .. (type(x) == "table" and tostring(x) or show(x))
    end
    return "{" .. table.concat(parts, ", ") .. "}"
  end
  return tostring(v)
end

local function fail(t, message)
  t.failures[#t.failures + 1] = message .. debug.traceback("", 3):gsub("\n%s*%[C%][^\n]*", ""):match "^(\n[^\n]*\n[^\n]*\n?[^\n]*\n?[^\n]*)"
  error(t.token, 0)
end

local function same(a, b) return a == b or (a ~= a and b ~= b) end

local function deep(a, b, path)
  if same(a, b) then return true end
  if type(a) ~= "table" or type(b) ~= "table" then return false, path, a, b end
  for k, v in pairs(a) do
    local ok, p, x, y = deep(v, b[k], path .. "." .. tostring(k))
    if not ok then return false, p, x, y end
  end
  for k, v in pairs(b) do
    if a[k] == nil then return false, path .. "." .. tostring(k), nil, v end
  end
  return true
end

function T:equal(actual, expected, note)
  if not same(actual, expected) then fail(self, (note and note .. ": " or "") .. "got " .. show(actual) .. ", want " .. show(expected)) end
end

function T:notEqual(actual, other, note)
  if same(actual, other) then fail(self, (note and note .. ": " or "") .. "got " .. show(actual) .. ", which it must not be") end
end

function T:deep(actual, expected, note)
  local ok, path, a, b = deep(actual, expected, "value")
  if not ok then fail(self, (note and note .. ": " or "") .. "at " .. path .. ": got " .. show(a) .. ", want " .. show(b)) end
end

function T:ok(value, note)
  if not value then fail(self, (note or "value") .. " is " .. tostring(value)) end
end

function T:no(value, note)
  if value then fail(self, (note or "value") .. " is " .. show(value)) end
end

function T:match(text, pattern, note)
  if type(text) ~= "string" or not text:find(pattern) then fail(self, (note and note .. ": " or "") .. show(text) .. " does not match " .. show(pattern)) end
end

function T:fail(message) fail(self, message or "failed") end

-- Whether an error is the wanted one: a code, or a table of fields, or (for raised text) a Lua pattern.
local function matches(e, want)
  if want == nil then return true end
  if type(want) == "table" then
    if type(e) ~= "table" then return false, "raised " .. show(e) end
    for k, v in pairs(want) do
      if not same(e[k], v) then return false, k .. " is " .. show(e[k]) .. ", want " .. show(v) end
    end
    return true
  end
  if type(e) == "table" then
    if e.code == want or e.name == want then return true end
    return false, "raised " .. tostring(e) .. " (code " .. tostring(e.code) .. "), want " .. want
  end
  if tostring(e):find(want) then return true end
  return false, "raised " .. show(e) .. ", want " .. want
end

function T:throws(fn, want)
  local ok, e = pcall(fn)
  if ok then fail(self, "raised nothing, want " .. show(want)) end
  if e == self.token then error(e, 0) end
  local fine, why = matches(e, want)
  if not fine then fail(self, why) end
  return e
end

-- await the promise: it must reject with `want`; returns the reason.
function T:rejects(promise, want)
  local ok, e = pcall(require("lunode").await, promise)
  if ok then fail(self, "resolved, want a rejection " .. show(want)) end
  local fine, why = matches(e, want)
  if not fine then fail(self, why) end
  return e
end

-- A function that must be called n times (default 1). An error inside fails the test.
function T:called(fn, n)
  local e = { left = n or 1, want = n or 1, where = debug.traceback("", 2):match "\n%s*([^\n]*)" }
  local test = self
  self.expected[#self.expected + 1] = e
  return function(...)
    if test.over then return end
    e.left = e.left - 1
    if e.left < 0 then
      test.failures[#test.failures + 1] = "called " .. (e.want - e.left) .. " times, want " .. e.want .. " (" .. e.where .. ")"
      return test:check()
    end
    local r = { true }
    if fn then
      r = { xpcall(fn, function(err) if err ~= test.token then test.failures[#test.failures + 1] = tostring(err) .. debug.traceback("", 2) end return err end, ...) }
    end
    test:check()
    if r[1] then return unpack(r, 2) end
  end
end

function T:never(note)
  local test = self
  local where = debug.traceback("", 2):match "\n%s*([^\n]*)"
  return function(first)
    test.failures[#test.failures + 1] = (note or "called what must never be") .. " (" .. where .. "): " .. tostring(type(first) == "table" and (first.stack or first) or first)
    test:check()
  end
end

-- ---- running

local tests, current = {}, 0
local passed, failed, skipped = 0, 0, 0
local baseline
local run_next

local function open_handles()
  local list = {}
  for _, entry in ipairs(core.handle.active()) do
    if not baseline[entry[2]] then list[#list + 1] = entry[1] end
  end
  return list
end

local function report(t)
  if #t.failures == 0 then
    passed = passed + 1
    io.stdout:write("ok ", current, " - ", t.name, "\n")
  else
    failed = failed + 1
    io.stdout:write("not ok ", current, " - ", t.name, "\n")
    for _, f in ipairs(t.failures) do io.stdout:write("  # ", (f:gsub("\n", "\n  # ")), "\n") end
  end
  io.stdout:flush()
end

-- Called whenever something may have completed the test.
function T:check()
  if self.over then return end
  local done = self.returned
  for _, e in ipairs(self.expected) do
    if e.left > 0 then done = false end
  end
  if not done and #self.failures == 0 then return end
  self:finish()
end

function T:finish()
  self.over = true
  clearTimeout(self.timer)
  -- Give closing handles a moment, then say which stay.
  local tries = 0
  local function settle()
    local left = open_handles()
    tries = tries + 1
    if #left > 0 and tries < 200 then return setTimeout(settle, tries < 20 and 1 or 10) end
    if #left > 0 then
      self.failures[#self.failures + 1] = "left open: " .. table.concat(left, ", ")
      for _, entry in ipairs(core.handle.active()) do
        if not baseline[entry[2]] then entry[2]:close() end
      end
    end
    report(self)
    run_next()
  end
  setImmediate(settle)
end

function run_next()
  current = current + 1
  local t = tests[current]
  if not t then return end
  if t.skip then
    skipped = skipped + 1
    io.stdout:write("ok ", current, " - ", t.name, " # SKIP ", t.skip, "\n")
    return run_next()
  end
  baseline = {}
  for _, entry in ipairs(core.handle.active()) do baseline[entry[2]] = true end
  t.timer = setTimeout(function()
    for _, e in ipairs(t.expected) do
      if e.left > 0 then t.failures[#t.failures + 1] = "never called: " .. e.where .. " (" .. e.left .. " of " .. e.want .. " missing)" end
    end
    t.failures[#t.failures + 1] = "no end within " .. t.timeout .. " ms"
    t:finish()
  end, t.timeout)
  local function body()
    local ok, e = xpcall(t.fn, function(err)
      if err == t.token then return err end
      return type(err) == "table" and err.stack and err or tostring(err) .. debug.traceback("", 2)
    end, t)
    if not ok and e ~= t.token then t.failures[#t.failures + 1] = tostring(type(e) == "table" and (rawget(e, "stack") or e.stack) or e) end
    t.returned = true
    t:check()
  end
  local ok, lunode = pcall(require, "lunode")
  if ok and lunode.async then lunode.async(body) else coroutine.wrap(body)() end
end

-- An error that reached nobody belongs to the running test.
if rawget(_G, "process") or pcall(function() return process.on end) then
  process:on("uncaughtException", function(e)
    local t = tests[current]
    if not t or t.over then
      io.stdout:write("not ok - an error outside of every test: ", tostring(type(e) == "table" and e.stack or e), "\n")
      failed = failed + 1
      return
    end
    if e ~= t.token then t.failures[#t.failures + 1] = "uncaught: " .. tostring(type(e) == "table" and e.stack or e) end
    t:check()
  end)
  process:on("exit", function()
    if tests[current] then
      failed = failed + 1
      io.stdout:write("not ok ", current, " - ", tests[current].name, "\n  # the loop ended before the test did\n")
    end
    io.stdout:write(passed, " passed, ", failed, " failed", skipped > 0 and ", " .. skipped .. " skipped" or "", "\n")
    if failed > 0 then process.exitCode = 1 end
  end)
end

local function test(name, options, fn)
  if type(options) == "function" then options, fn = {}, options end
  tests[#tests + 1] = setmetatable({ name = name, fn = fn, timeout = options.timeout or 10000, skip = options.skip,
    failures = {}, expected = {}, token = {} }, T)
  if #tests == 1 then setImmediate(run_next) end
end

return setmetatable({ show = show }, { __call = function(_, ...) return test(...) end })
