-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local fs = require "fs"
local path = require "path"
local os = require "os"
local sleep = require("lunode").sleep
local p = fs.promises

local dir = fs.mkdtempSync(path.join(os.tmpdir(), "lunode-fs-watch-"))
local function at(name) return path.join(dir, name) end
process:on("exit", function() fs.rmSync(dir, { recursive = true, force = true }) end)

local function fresh(name)
  fs.mkdirSync(at(name), { recursive = true })
  return at(name)
end

-- Waits until fn() is true.
local function until_true(fn)
  for _ = 1, 400 do
    if fn() then return true end
    await(sleep(5))
  end
  return false
end

-- What a watcher tells, as a set of "type name".
local function listen(watcher)
  local seen = {}
  watcher:on("change", function(kind, name) seen[kind .. " " .. tostring(name)] = true end)
  return seen
end

test("a folder's entries: made, changed, renamed, removed", function(t)
  local d = fresh "one"
  local w = fs.watch(d)
  local seen = listen(w)
  fs.writeFileSync(d .. "/a", "x")
  t:ok(until_true(function() return seen["rename a"] and seen["change a"] end))
  fs.renameSync(d .. "/a", d .. "/b")
  t:ok(until_true(function() return seen["rename b"] end))
  seen["rename b"] = nil
  fs.unlinkSync(d .. "/b")
  t:ok(until_true(function() return seen["rename b"] end))
  w:on("close", t:called())
  w:close()
  w:close()
end)

test("one file; a listener given to watch; Buffers as names", function(t)
  local d = fresh "two"
  fs.writeFileSync(d .. "/f", "1")
  local got
  local w = fs.watch(d .. "/f", "buffer", function(kind, name) got = kind == "change" and name end)
  t:ok(require("events"):is(w))
  fs.appendFileSync(d .. "/f", "2")
  t:ok(until_true(function() return got end))
  t:equal(got:toString(), "f")
  w:close()
end)

test("recursive: folders there, and folders made later", function(t)
  local d = fresh "deep"
  fs.mkdirSync(d .. "/x/y", { recursive = true })
  fs.writeFileSync(d .. "/x/y/old", "")
  local w = fs.watch(d, { recursive = true })
  local seen = listen(w)
  -- The watches of the folders below stand a little later.
  t:ok(until_true(function()
    fs.writeFileSync(d .. "/x/y/old", "changed")
    return seen["change x/y/old"]
  end))
  fs.writeFileSync(d .. "/top", "")
  fs.mkdirSync(d .. "/new/inner", { recursive = true })
  fs.writeFileSync(d .. "/new/inner/file", "")
  t:ok(until_true(function() return seen["rename new"] and seen["rename new/inner"] and seen["rename new/inner/file"] and seen["rename top"] end))
  t:ok(until_true(function()
    fs.writeFileSync(d .. "/new/inner/file", "more")
    return seen["change new/inner/file"]
  end))
  -- A folder that is moved goes by its new name, and one that is removed is forgotten.
  fs.renameSync(d .. "/new", d .. "/moved")
  t:ok(until_true(function() return seen["rename moved"] end))
  t:ok(until_true(function()
    fs.writeFileSync(d .. "/moved/inner/file", "again")
    return seen["change moved/inner/file"]
  end))
  fs.rmSync(d .. "/moved", { recursive = true })
  t:ok(until_true(function() return not w._nodes[d .. "/moved"] and not w._nodes[d .. "/moved/inner"] end))
  fs.mkdirSync(d .. "/moved")
  t:ok(until_true(function() return w._nodes[d .. "/moved"] end))
  w:on("error", t:never())
  w:close()
end)

test("recursive: a folder with an entry of its own name, and links", function(t)
  local d = fresh "names"
  fs.mkdirSync(d .. "/same", { recursive = true })
  fs.mkdirSync(at "elsewhere", { recursive = true })
  fs.symlinkSync(at "elsewhere", d .. "/link")
  local w = fs.watch(d, { recursive = true })
  local seen = listen(w)
  t:ok(until_true(function()
    fs.writeFileSync(d .. "/same/same", "x")
    return seen["change same/same"]
  end))
  fs.writeFileSync(at "elsewhere/file", "")
  fs.unlinkSync(d .. "/same/same")
  await(sleep(30))
  for name in pairs(seen) do t:no(name:find "file", name) end
  t:equal(w._nodes[d .. "/link"], nil)
  w:close()
end)

test("a signal closes the watcher", function(t)
  local c = AbortController()
  local w = fs.watch(fresh "signal", { signal = c.signal })
  w:on("close", t:called())
  c:abort()
  local late = fs.watch(fresh "signal", { signal = AbortSignal.abort() })
  late:on("close", t:called())
end)

test("persistent false, ref and unref: whether the loop is kept alive", function(t)
  local script = at "loop.lua"
  local exe = process.execPath
  local function run(text)
    fs.writeFileSync(script, text)
    return require("child_process").spawnSync(exe, { script }, { timeout = 5000 })
  end
  t:equal(run([[require "fs".watch("/", { persistent = false })]]).status, 0)
  t:equal(run([[require "fs".watch("/", { recursive = false }):unref()]]).status, 0)
  t:equal(run([[require "fs".watchFile("/tmp", { persistent = false }, function() end)]]).status, 0)
  t:equal(run([[local w = require "fs".watch("/"); setTimeout(function() w:close() end, 20)]]).status, 0)
  t:equal(run([[local w = require "fs".watch("/", { persistent = false }); w:ref(); setTimeout(function() w:unref() end, 20)]]).status, 0)
end)

test("fs.promises.watch gives one event after the other, and ends with its signal", function(t)
  local d = fresh "async"
  local c = AbortController()
  local names = {}
  setTimeout(function()
    for i = 1, 3 do fs.writeFileSync(d .. "/" .. i, "") end
  end, 5)
  local ok, e = pcall(function()
    for event in p.watch(d, { signal = c.signal }):iter() do
      if event.eventType == "rename" then names[#names + 1] = event.filename end
      if #names == 3 then c:abort "stop" end
    end
  end)
  t:no(ok)
  t:equal(e.name, "AbortError")
  t:equal(e.cause, "stop")
  t:deep(names, { "1", "2", "3" })
  local it = p.watch(at "none")
  local err = t:rejects(it:next(), "ENOENT")
  t:equal(err.syscall, "watch")
  it = p.watch(d)
  local waiting = it:next()
  await(it["return"](it))
  t:equal(await(waiting).done, true)
  t:equal(await(it:next()).done, true)
  t:throws(function() p.watch(5) end, "ERR_INVALID_ARG_TYPE")
end)

test("watchFile tells both states; unwatchFile ends it", function(t)
  local f = at "polled"
  fs.writeFileSync(f, "1")
  local calls = {}
  local function listener(current, previous) calls[#calls + 1] = { current.size, previous.size, current.mtimeMs >= previous.mtimeMs } end
  local w = fs.watchFile(f, { interval = 5 }, listener)
  local second = 0
  t:ok(fs.watchFile(f, { interval = 5 }, function() second = second + 1 end) == w)
  await(sleep(30))
  fs.writeFileSync(f, "123")
  t:ok(until_true(function() return #calls > 0 and second > 0 end))
  t:equal(calls[#calls][1], 3)
  t:ok(calls[1][3])
  fs.unlinkSync(f)
  t:ok(until_true(function() return calls[#calls][1] == 0 end))
  fs.unwatchFile(f, listener)
  local before = #calls
  fs.writeFileSync(f, "12345")
  t:ok(until_true(function() return second >= 3 end))
  t:equal(#calls, before)
  w:on("stop", t:called())
  fs.unwatchFile(f)
  fs.unwatchFile(f)
end)

test("watchFile of what is not there, with 64-bit integers", function(t)
  local f = at "later"
  fs.watchFile(f, { interval = 5, bigint = true }, t:called(function(current, previous)
    t:equal(current.ino, 0LL)
    t:equal(previous.mtimeNs, 0LL)
    fs.unwatchFile(f)
  end))
end)

test("an error ends the watcher", function(t)
  t:throws(function() fs.watch(at "nothing") end, "ENOENT")
  local e = t:throws(function() fs.watch(at "nothing", { recursive = true }) end, "ENOENT")
  t:equal(e.path, at "nothing")
end)
