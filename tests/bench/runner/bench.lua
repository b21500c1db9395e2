-- SPDX-License-Identifier: MIT
--
-- What the scenarios share: servers started and checked, one load measured, rounds in turn.
local process = require "process"
local report = require "report"

local bench = {}

-- Set by `run`: out, file, folder (paths), server_core, load_core (numbers or nil), rivals
-- (sequence), rounds, seconds, warm_up (seconds), quick (boolean).
bench.setup = {}

bench.failed = 0

-- Says what went wrong with a rival, and makes the run end with status 1.
function bench.fail(rival, text, child)
  bench.failed = bench.failed + 1
  bench.progress()
  print(("  FAILED  %s: %s"):format(rival, text))
  local words = child and child:first_words() or ""
  if words ~= "" then print((words:gsub("[^\n]+", "          | %0"))) end
end

-- One line on the terminal that is written over by the next.
function bench.progress(text)
  if process.is_terminal(2) then
    io.stderr:write("\r\27[K", text or "")
    io.stderr:flush()
  end
end

local function cores(core)
  return core and {core} or nil
end

-- Starts a rival's server of a kind. Returns the child with its `port`; or nil, after having
-- said why.
function bench.serve(rival, kind)
  local argv = rival.servers[kind]
  local child = process.start(argv, {
    cores = cores(bench.setup.server_core),
    log = ("%s/%s-%s.log"):format(bench.setup.out, rival.name, kind),
  })
  local ok, line = pcall(child.line, child, 10)
  child.port = ok and tonumber(line)
  if not child.port then
    child:stop()
    bench.fail(rival.name, ok and ("no port, but %s (%s)"):format(line or "the end", kind) or line, child)
    return nil
  end
  return child
end

-- Starts a helper or a load on the load core.
function bench.load(argv)
  return process.start(argv, {cores = cores(bench.setup.load_core), log = bench.setup.out .. "/load.log"})
end

-- Runs a load to its end; returns its last line as a table of name → number. Raises when it failed.
local function finish(child, limit)
  local figures = {}
  for line in function() return child:line(limit) end do
    for name, number in line:gmatch "(%a[%w_]*) ([%d.]+)" do figures[name] = tonumber(number) end
  end
  if child:wait() ~= 0 then
    error(("%s failed: %s"):format(child.name, child:first_words(3)), 0)
  end
  return figures
end

-- Checks with `count` requests that a server's answers are right to the last byte.
-- Returns true; or nil, after having said what is wrong.
function bench.verify(rival, server, kinds, count)
  local child = bench.load {bench.setup.out .. "/mixed_load", server.port, bench.setup.file,
    "--requests", count, "--connections", "4", "--kinds", kinds}
  local ok, figures = pcall(finish, child, 60)
  if ok and figures.broken == 0 then return true end
  child:stop()
  bench.fail(rival.name, ok and "answers broken off" or figures, server)
end

-- The loads. Each takes (server, seconds) and returns {units = N, seconds = S, errors = N …}.
bench.loads = {}

local function wrk(script)
  return function(server, duration)
    local child = bench.load {"wrk", "-t1", "-c64", ("-d%ds"):format(math.ceil(duration)), "-s",
      bench.setup.folder .. "/wrk/" .. script, ("http://127.0.0.1:%d/"):format(server.port)}
    if duration < 1 then -- wrk knows whole seconds only
      process.sleep(duration)
      child:interrupt()
    end
    local figures = finish(child, duration + 30)
    figures.units = figures.requests
    if not figures.units then error("wrk gave no figures: " .. child:first_words(3), 0) end
    return figures
  end
end

bench.loads.hello = wrk "plain.lua"
bench.loads.pipelined = function(server, duration)
  local figures = wrk "pipelined.lua"(server, duration)
  figures.p99_ms = nil -- wrk takes the time of a batch's first answer only
  return figures
end

local function mixed(kind)
  return function(server, duration)
    local figures = finish(bench.load {bench.setup.out .. "/mixed_load", server.port, bench.setup.file,
      "--seconds", duration, "--connections", "64", "--kinds", kind}, duration + 30)
    figures.units, figures.errors = figures.answered, figures.broken
    return figures
  end
end

bench.loads.file = mixed "file"
bench.loads.post = mixed "post"

local function echo(size)
  return function(server, duration)
    local figures = finish(bench.load {bench.setup.out .. "/echo_load", server.port, size, "64", duration},
      duration + 30)
    figures.units, figures.errors = figures.messages, 0
    return figures
  end
end

bench.loads.echo_64 = echo "64"
bench.loads.echo_64k = echo "65536"

-- One measurement: the load's figures, and the server's CPU time, memory and core beside them.
local function measure(server, load, duration)
  local core = bench.setup.server_core
  local cpu, start = server:cpu(), process.now()
  local core_before, steal_before = 0, 0
  if core then core_before, steal_before = process.core_time(core) end
  local figures = load(server, duration)
  local used, wall = server:cpu() - cpu, process.now() - start
  figures.cpu = used / figures.units * 1e6
  figures.rate = figures.units / figures.seconds
  figures.busy = used / wall
  figures.rss = server:rss()
  if core then
    local core_after, steal_after = process.core_time(core)
    figures.others = math.max(0, core_after - core_before - used) / wall
    figures.stolen = (steal_after - steal_before) / wall
  end
  return figures
end

-- Runs `load` against every rival that has a server of `kind`: all are started and checked, warmed
-- up, and then measured in turn, round by round, beginning with another one in each round.
-- Returns a sequence of {name, peak, rounds = {metric → sequence of numbers}}, in the rivals' order.
function bench.contest(title, kind, load, verify)
  local entries = {}
  for _, rival in ipairs(bench.setup.rivals) do
    local server = rival.servers[kind] and bench.serve(rival, kind)
    if server and verify and not bench.verify(rival, server, verify.kinds, verify.count) then
      server:stop()
      server = nil
    end
    if server then
      entries[#entries + 1] = {name = rival.name, server = server, rounds = {}}
    end
  end

  local function guarded(entry, ...)
    if entry.out then return end
    local ok, result = pcall(...)
    if ok and entry.server:alive() then return result end
    bench.fail(entry.name, ok and "the server died" or result, entry.server)
    entry.out = true
  end

  for _, entry in ipairs(entries) do
    bench.progress(("%s: warm-up, %s"):format(title, entry.name))
    guarded(entry, load, entry.server, bench.setup.warm_up)
    entry.server:reset_peak()
  end
  for round = 1, bench.setup.rounds do
    for i = 1, #entries do
      local entry = entries[(i + round - 2) % #entries + 1]
      bench.progress(("%s: round %d of %d, %s"):format(title, round, bench.setup.rounds, entry.name))
      local figures = guarded(entry, measure, entry.server, load, bench.setup.seconds)
      for metric, value in pairs(figures or {}) do
        entry.rounds[metric] = entry.rounds[metric] or {}
        table.insert(entry.rounds[metric], value)
      end
    end
  end
  bench.progress()
  local done = {}
  for _, entry in ipairs(entries) do
    if not entry.out then
      entry.peak = entry.server:peak()
      done[#done + 1] = entry
      local errors = 0
      for _, count in ipairs(entry.rounds.errors) do errors = errors + count end
      if errors > 0 then bench.fail(entry.name, ("%d failed requests"):format(errors), entry.server) end
    end
    entry.server:stop()
  end
  return done
end

-- As contest, for programs that measure themselves: runs each rival's command of `kind` in turn, round by round, pinned to
-- `core` (nil: not at all); the last argument is the seconds. Their last line gives the figures by name.
-- `others`: name -> argv of programs that take part in this only.
function bench.commands(title, kind, core, others)
  local entries = {}
  for name, argv in pairs(others or {}) do entries[#entries + 1] = {name = name, argv = argv, rounds = {}} end
  for _, rival in ipairs(bench.setup.rivals) do
    if rival.commands[kind] then entries[#entries + 1] = {name = rival.name, argv = rival.commands[kind], rounds = {}} end
  end
  for round = 1, bench.setup.rounds do
    for i = 1, #entries do
      local entry = entries[(i + round - 2) % #entries + 1]
      bench.progress(("%s: round %d of %d, %s"):format(title, round, bench.setup.rounds, entry.name))
      local argv = {unpack(entry.argv)}
      argv[#argv + 1] = tostring(bench.setup.seconds)
      local child = process.start(argv, {cores = cores(core), log = ("%s/%s-%s.log"):format(bench.setup.out, entry.name, kind)})
      local ok, figures = pcall(finish, child, bench.setup.seconds + 30)
      if not ok then
        child:stop()
        bench.fail(entry.name, figures, child)
        figures = {}
      end
      for metric, value in pairs(figures) do
        entry.rounds[metric] = entry.rounds[metric] or {}
        table.insert(entry.rounds[metric], value)
      end
    end
  end
  bench.progress()
  return entries
end

-- The median of a metric by rival's name; nil where there is none.
function bench.medians(entries, metric)
  local medians = {}
  for _, entry in ipairs(entries) do
    medians[entry.name] = report.median(entry.rounds[metric] or {})
  end
  return medians
end

return bench
