-- SPDX-License-Identifier: MIT
--
-- child_process: many children. No zombie, no descriptor and no handle is left behind; all of them dying at once is survived.
local test = require "../support/test"
local command = require "../support/command"
local child_process = require "child_process"
local fs = require "fs"

local function descriptors() return #fs.readdirSync "/proc/self/fd" end

-- Children of this process that have ended and were not waited for.
local function zombies()
  local n = 0
  for _, name in ipairs(fs.readdirSync "/proc") do
    if name:find "^%d+$" then
      local ok, stat = pcall(fs.readFileSync, "/proc/" .. name .. "/stat", "utf8")
      local state, parent = (ok and stat or ""):match "^%d+ %(.*%) (%a) (%d+)"
      if state == "Z" and tonumber(parent) == process.pid then n = n + 1 end
    end
  end
  return n
end

local function later(ms) return Promise(function(resolve) setTimeout(resolve, ms) end) end

-- Keeps `flight` children running until `count` have ended; start(i, done)
local function run_many(count, flight, start)
  return Promise(function(resolve)
    local started, ended = 0, 0
    local function go_on()
      while started < count and started - ended < flight do
        started = started + 1
        start(started, function()
          ended = ended + 1
          if ended == count then resolve() else go_on() end
        end)
      end
    end
    go_on()
  end)
end

test("2,000 children: no zombie, no descriptor left", { timeout = 120000 }, function(t)
  local bad = 0
  local function start(i, done)
    local child = child_process.spawn("true", i % 2 == 0 and { stdio = "ignore" } or nil)
    child:on("exit", function(code) if code ~= 0 then bad = bad + 1 end end)
    child:on("close", done)
  end
  await(run_many(20, 8, start))
  await(later(10))
  local before = descriptors()
  await(run_many(2000, 8, start))
  await(later(10))
  t:equal(bad, 0)
  t:equal(zombies(), 0)
  t:equal(descriptors(), before)
end)

test("200 that cannot be started leave nothing either", { timeout = 60000 }, function(t)
  local before = descriptors()
  await(run_many(200, 8, function(_, done)
    local child = child_process.spawn "/nonexistent/x"
    child:on("error", function() end)
    child:on("close", done)
  end))
  await(later(10))
  t:equal(descriptors(), before)
  t:equal(zombies(), 0)
end)

test("200 at once, killed at once: each is told of once", { timeout = 60000 }, function(t)
  local children, exits, closes = {}, 0, 0
  local over = Promise(function(resolve)
    for i = 1, 200 do
      local child = child_process.spawn("sleep", { "60" }, { stdio = i % 4 == 0 and "pipe" or "ignore" })
      children[i] = child
      child:on("exit", function(code, signal)
        if code == nil and signal == "SIGKILL" then exits = exits + 1 end
      end)
      child:on("close", function()
        closes = closes + 1
        if closes == 200 then resolve() end
      end)
    end
  end)
  for i = 1, 200 do children[i]:kill "SIGKILL" end
  await(over)
  t:equal(exits, 200)
  t:equal(zombies(), 0)
end)

test("200 that end by themselves while the loop stands still", { timeout = 60000 }, function(t)
  local children, seen, n = {}, {}, 0
  local over = Promise(function(resolve)
    for i = 1, 200 do
      local child = child_process.spawn("sh", { "-c", "read x; exit " .. i % 100 }, { stdio = { "pipe", "ignore", "ignore" } })
      children[i] = child
      child:on("exit", function(code)
        t:equal(code, i % 100)
        seen[i] = (seen[i] or 0) + 1
        n = n + 1
        if n == 200 then resolve() end
      end)
    end
  end)
  for i = 1, 200 do children[i].stdin:destroy() end
  child_process.spawnSync("sleep", { "0.3" })
  t:equal(n, 0)
  await(over)
  for i = 1, 200 do t:equal(seen[i], 1) end
  t:equal(zombies(), 0)
end)

test("spawnSync many times leaves nothing", { timeout = 60000 }, function(t)
  child_process.spawnSync "true"
  local before = descriptors()
  for i = 1, 300 do
    local r = child_process.spawnSync(i % 10 == 0 and "/nonexistent/x" or "true", { input = i % 3 == 0 and "x" or nil, timeout = i % 2 == 0 and 10000 or nil })
    t:equal(r.status, i % 10 ~= 0 and 0 or nil)
  end
  t:equal(descriptors(), before)
  t:equal(zombies(), 0)
end)

test("without descriptors: error with EMFILE, and the program goes on", function(t)
  local r = command.run("-e " .. command.quote [[
    local cp, fs = require "child_process", require "fs"
    require "net"
    local held = {}
    local function fill()
      while true do
        local ok, fd = pcall(fs.openSync, "/dev/null", "r")
        if not ok then break end
        held[#held + 1] = fd
      end
    end
    local function free(n) for _ = 1, n do fs.closeSync(table.remove(held)) end end
    local left = 14
    local function round()
      if left < 0 then
        free(#held)
        return cp.spawn("true"):on("close", function(code) console.log("after", code) end)
      end
      fill()
      free(left)
      left = left - 1
      local child = cp.spawn("true")
      local told
      child:on("error", function(e) told = e.code end)
      child:on("exit", function(code) told = code end)
      setTimeout(function()
        console.log(tostring(told))
        round()
      end, 60)
    end
    round()
  ]], { command = "ulimit -n 64; " .. command.quote(process.execPath) })
  t:match(r.out, "^0\n", "enough at first")
  t:match(r.out, "EMFILE\nafter 0\n$")
  t:no(r.out:find "nil", "each is told something")
  t:equal(r.err, "")
end)

test("a program that ends while children run leaves them alone and crashes nowhere", function(t)
  local r = command.lua [[
    local cp = require "child_process"
    for i = 1, 20 do cp.spawn("sleep", {"0.3"}, {stdio = i % 2 == 0 and "pipe" or "ignore"}) end
    cp.spawn("true"):on("exit", function() process.exit(3) end)
  ]]
  t:equal(r.code, 3)
  t:equal(r.err, "")
end)

test("handles that were collected: a child without a reference ends as usual", function(t)
  local ends = 0
  for _ = 1, 20 do
    child_process.spawn("true"):on("close", function() ends = ends + 1 end)
  end
  collectgarbage() collectgarbage()
  while ends < 20 do await(later(5)) end
  t:equal(ends, 20)
end)
