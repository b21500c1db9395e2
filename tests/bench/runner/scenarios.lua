-- SPDX-License-Identifier: MIT
--
-- What is measured, and the figures to reach. Each scenario: name, about (one line), run().
local bench = require "bench"
local process = require "process"
local report = require "report"
local rivals = require "rivals"

local MB, KB = 1e6, 1e3 -- the stricter reading of the limits

local scenarios = {}

local function add(name, about, run)
  scenarios[#scenarios + 1] = {name = name, about = about, run = run}
end

local function ratio(a, b)
  return a and b and b > 0 and a / b or nil
end

local function show(format, value)
  return value and format:format(value) or nil
end

local function megabytes(bytes)
  return show("%.1f", bytes and bytes / MB)
end

local function spread(values)
  local part = report.spread(values)
  return show("±%.0f%%", part and part * 100)
end

-- ---- under load ----

-- The contest as a table; returns the medians of CPU time and rate by name. `unit`: what is counted.
local function load_table(entries, unit, bytes)
  local cpu, rate = bench.medians(entries, "cpu"), bench.medians(entries, "rate")
  local busy, p99 = bench.medians(entries, "busy"), bench.medians(entries, "p99_ms")
  local rows = {}
  for _, entry in ipairs(entries) do
    local name = entry.name
    rows[#rows + 1] = {
      name,
      show("%.2f", cpu[name]), show("%.2f", ratio(cpu[name], cpu.raw)),
      show("%.2f", ratio(cpu[name], cpu.node)), spread(entry.rounds.cpu),
      report.thousands(rate[name]), show("%.2f", ratio(rate[name], rate.raw)),
      show("%.2f", ratio(rate[name], rate.node)),
      spread(entry.rounds.rate),
      bytes and report.thousands(rate[name] * bytes / MB) or show("%.2f", p99[name]),
      show("%.0f%%", busy[name] * 100),
      megabytes(entry.rounds.rss[#entry.rounds.rss]), megabytes(entry.peak),
    }
  end
  report.table({"", "CPU µs/" .. unit, "×raw", "×node", "", unit .. "/s", "×raw", "×node", "",
    bytes and "MB/s" or "p99 ms", "busy", "RSS MB", "peak"}, rows)

  local others, stolen = 0, 0
  for _, entry in ipairs(entries) do
    others = math.max(others, report.median(entry.rounds.others or {}) or 0)
    stolen = math.max(stolen, report.median(entry.rounds.stolen or {}) or 0)
  end
  if others > 0.05 or stolen > 0.02 then
    print(("  note    the server's core was not its own: other programs %.0f%%, the hypervisor %.0f%%; rough figures")
      :format(others * 100, stolen * 100))
  end
  return cpu, rate, busy
end

local function faster(rate, busy, factor, what)
  report.target(("lunode's %s ≥ %.4g × node's"):format(what, factor), ratio(rate.lunode, rate.node), ">=", factor, " ×")
  if rate.lunode and busy.lunode < 0.9 then
    print(("  note    lunode's core was only %.0f%% busy: the load was the limit, the CPU column tells more")
      :format(busy.lunode * 100))
  end
end

add("hello", "GET /: 200, two headers, 12 bytes; wrk, 64 keep-alive connections", function(title)
  local entries = bench.contest(title, "hello", bench.loads.hello, {kinds = "hello,split", count = 200})
  local cpu = load_table(entries, "request")
  report.target("lunode's CPU per request ≤ 1.3 × raw's", ratio(cpu.lunode, cpu.raw), "<=", 1.3, " ×")
  report.target("lunode's CPU per request ≤ 0.45 × node's", ratio(cpu.lunode, cpu.node), "<=", 0.45, " ×")
end)

add("pipelined", "the same, 16 requests in every write", function(title)
  local entries = bench.contest(title, "hello", bench.loads.pipelined, {kinds = "pipelined", count = 1600})
  local _, rate, busy = load_table(entries, "request")
  faster(rate, busy, 5, "requests per second")
end)

add("file", "GET /file: 1 MiB, pipeline(fs.createReadStream(f), res), 64 connections", function(title)
  local entries = bench.contest(title, "body", bench.loads.file, {kinds = "file", count = 50})
  local _, rate, busy = load_table(entries, "request", 1048576)
  faster(rate, busy, 1, "throughput")
  for _, entry in ipairs(entries) do
    local rss = entry.rounds.rss
    if entry.name == "lunode" and #rss > 1 then
      report.target("lunode's memory from the first round to the last grows ≤ 5 % or 1 MB",
        (rss[#rss] - rss[1]) / MB, "<=", math.max(1, 0.05 * rss[1] / MB), " MB")
    end
  end
end)

add("post", "POST /echo: 64 KiB, req:pipe(res), 64 connections", function(title)
  local entries = bench.contest(title, "body", bench.loads.post, {kinds = "post,post-chunked", count = 200})
  local _, rate, busy = load_table(entries, "request", 65536)
  faster(rate, busy, 1.5, "requests per second")
end)

add("echo64", "TCP echo, 64 B messages, socket:pipe(socket), 64 connections", function(title)
  local _, rate, busy = load_table(bench.contest(title, "echo", bench.loads.echo_64), "message", 64)
  faster(rate, busy, 1.5, "messages per second")
end)

add("echo64k", "TCP echo, 64 KiB messages, socket:pipe(socket), 64 connections", function(title)
  local _, rate, busy = load_table(bench.contest(title, "echo", bench.loads.echo_64k), "message", 65536)
  faster(rate, busy, 1.5, "messages per second")
end)

-- ---- several processes ----

add("cluster", "the hello server with 2 workers, round-robin; servers and load share all cores", function(title)
  local server_core, load_core = bench.setup.server_core, bench.setup.load_core
  bench.setup.server_core, bench.setup.load_core = nil, nil
  local entries = bench.contest(title, "cluster", bench.loads.hello, {kinds = "hello,split", count = 200})
  bench.setup.server_core, bench.setup.load_core = server_core, load_core
  local rate, p99, rows = bench.medians(entries, "rate"), bench.medians(entries, "p99_ms"), {}
  for _, entry in ipairs(entries) do
    local name = entry.name
    rows[#rows + 1] = {name, report.thousands(rate[name]), show("%.2f", ratio(rate[name], rate.node)), spread(entry.rounds.rate), show("%.2f", p99[name])}
  end
  report.table({"", "requests/s", "×node", "", "p99 ms"}, rows)
  report.target("lunode's requests per second with 2 workers ≥ 1.5 × node's", ratio(rate.lunode, rate.node), ">=", 1.5, " ×")
end)

-- A table of rates: `count` of the program's figures by its seconds.
local function rates(entries, count, unit)
  local rate, rows = {}, {}
  for _, entry in ipairs(entries) do
    local each = {}
    for i, n in ipairs(entry.rounds[count] or {}) do each[i] = n / entry.rounds.seconds[i] end
    entry.rounds.rate = each
    rate[entry.name] = report.median(each)
  end
  for _, entry in ipairs(entries) do
    local name = entry.name
    if rate[name] then
      rows[#rows + 1] = {name, report.thousands(rate[name]), ("%.1f"):format(1e6 / rate[name]), show("%.2f", ratio(rate[name], rate.raw)),
        show("%.2f", ratio(rate[name], rate.node)), spread(entry.rounds.rate)}
    end
  end
  report.table({"", unit .. "/s", "µs each", "×raw", "×node", ""}, rows)
  return rate
end

local function ipc(name, about)
  add(name, "messages of 100 bytes of JSON from a parent to its forked child and back, " .. about, function(title)
    local rate = rates(bench.commands(title, name), "trips", "trips")
    report.target("lunode's round trips per second ≥ 3 × node's", ratio(rate.lunode, rate.node), ">=", 3, " ×")
  end)
end
ipc("ipc", "one at a time")
ipc("ipc100", "100 on their way")

add("spawn", "spawn of /bin/true until 'exit', one after the other; raw is posix_spawn and waitpid", function(title)
  local rate = rates(bench.commands(title, "spawn", bench.setup.server_core), "spawns", "spawns")
  report.target("lunode's time of one spawn ≤ 1.2 × posix_spawn's", ratio(rate.raw, rate.lunode), "<=", 1.2, " ×")
  report.target("and below node's", ratio(rate.node, rate.lunode), "<=", 1, " ×")
end)

add("sha256", "crypto.createHash('sha256') over 1 GiB, updated with 1 MiB at a time", function(title)
  local rate = rates(bench.commands(title, "sha256", bench.setup.server_core), "gib", "GiB")
  report.target("lunode's bytes per second ≥ node's", ratio(rate.lunode, rate.node), ">=", 1, " ×")
end)

add("readfile", "fs.readFile of 10,000 files of 100 to 4,000 bytes, 64 under way; on all cores", function(title)
  local rate = rates(bench.commands(title, "readfile"), "files", "files")
  report.target("lunode's files per second ≥ 1.5 × node's", ratio(rate.lunode, rate.node), ">=", 1.5, " ×")
end)

-- ---- JavaScript's speed ----

-- A row for each program: the shortest time of each engine, and how many times the others' it is.
local function times(entries, names)
  local logs, rows = {}, {}
  for _, program in ipairs(names) do
    local best, row = bench.medians(entries, program), {program}
    for _, other in ipairs {"lunode", "node", "qjs", "luajit"} do
      row[#row + 1] = show("%.2f", best[other])
      if other ~= "lunode" then
        local part = ratio(best.lunode, best[other])
        row[#row + 1] = show("%.2f", part)
        if part then
          local log = logs[other] or {sum = 0, count = 0}
          log.sum, log.count = log.sum + math.log(part), log.count + 1
          logs[other] = log
        end
      end
    end
    rows[#rows + 1] = row
  end
  report.table({"", "lunode ms", "node ms", "×node", "qjs ms", "×qjs", "luajit ms", "×luajit"}, rows)
  local means = {}
  for other, log in pairs(logs) do means[other] = math.exp(log.sum / log.count) end
  return means
end

local function names_of(entries)
  local names, seen = {}, {}
  for _, entry in ipairs(entries) do
    for name in pairs(entry.rounds) do
      if not seen[name] then names[#names + 1] = name end
      seen[name] = true
    end
  end
  table.sort(names)
  return names
end

add("programs", "small JavaScript programs of many kinds, the shortest time of each", function(title)
  local qjs = rivals.path(os.getenv "QJS" or "qjs")
  local entries = bench.commands(title, "programs", bench.setup.server_core, qjs and {qjs = {qjs, bench.setup.folder .. "/programs.js"}})
  local means = times(entries, names_of(entries))
  report.target("lunode's times, geometric mean, ≤ 4 × node's", means.node, "<=", 4, " ×")
  report.target("and ≤ 0.25 × QuickJS's", means.qjs, "<=", 0.25, " ×")
end)

add("compile", "the compiler over 40 times the source of `programs`", function(title)
  bench.progress(title)
  local file, source = bench.setup.out .. "/compile.js", assert(io.open(bench.setup.folder .. "/programs.js")):read "*a"
  local out = assert(io.open(file, "w"))
  for _ = 1, 40 do out:write("{\n", source, "}\n") end
  out:close()
  local child = process.start({bench.setup.lunode, bench.setup.folder .. "/compile.lua", file}, {log = bench.setup.out .. "/compile.log"})
  child:line(60)
  local line = child:line(60)
  child:wait()
  bench.progress()
  print("  " .. (line or "failed"))
  report.target("lunode compiles ≥ 20 MB of JavaScript in a second", tonumber(line and line:match "ms%s+(%S+)"), ">=", 20, " MB/s")
end)

-- The benchmarks of a checkout of are-we-fast-yet, JavaScript here against the Lua of the same name under luajit.
local AWFY = os.getenv "AWFY"
local INNER = {Richards = 20, DeltaBlue = 1000, Json = 30, NBody = 250000, Havlak = 15, CD = 100, Bounce = 500, List = 500, Mandelbrot = 500,
  Permute = 300, Queens = 300, Sieve = 1000, Storage = 300, Towers = 200}
if AWFY then
  add("awfy", "are-we-fast-yet in " .. AWFY .. ": JavaScript on lunode and node, the hand-written Lua on luajit", function(title)
    local engines = {{name = "lunode", folder = "JavaScript", command = bench.setup.lunode .. " harness.js"},
      {name = "luajit", folder = "Lua", command = "luajit harness.lua"}}
    local node = rivals.path(os.getenv "NODE" or "node")
    if node then engines[#engines + 1] = {name = "node", folder = "JavaScript", command = node .. " harness.js"} end
    for _, engine in ipairs(engines) do engine.rounds = {} end
    local names = {}
    for name in pairs(INNER) do names[#names + 1] = name end
    table.sort(names)
    for _, name in ipairs(names) do
      for round = 1, bench.setup.rounds do
        for _, engine in ipairs(engines) do
          bench.progress(("%s: %s, round %d of %d, %s"):format(title, name, round, bench.setup.rounds, engine.name))
          local child = process.start({"/bin/sh", "-c", ("cd '%s/benchmarks/%s' && exec %s %s %d %d"):format(AWFY, engine.folder, engine.command,
            name, name == "Havlak" and 1 or 5, INNER[name])}, {log = bench.setup.out .. "/awfy.log"})
          local least
          for line in function() return child:line(120) end do
            local took = tonumber(line:match "runtime: (%d+)us")
            if took and (not least or took < least) then least = took end
          end
          child:wait()
          engine.rounds[name] = engine.rounds[name] or {}
          table.insert(engine.rounds[name], least and least / 1000 or nil)
        end
      end
    end
    bench.progress()
    local means = times(engines, names)
    report.target("lunode's times, geometric mean, ≤ 1.3 × the hand-written Lua's", means.luajit, "<=", 1.3, " ×")
  end)
end

-- ---- at rest ----

add("startup", "an empty script, from fork and exec to its end; raw is /bin/true", function(title)
  local commands, names = {}, {}
  local function take(name, argv)
    names[#names + 1] = name
    commands[#commands + 1] = "--"
    for _, word in ipairs(argv) do commands[#commands + 1] = word end
  end
  bench.progress(title)
  for _, rival in ipairs(bench.setup.rivals) do
    -- One that cannot do it is found now, and does not spoil the others' measurement.
    local child = process.start(rival.empty, {log = bench.setup.out .. "/startup.log"})
    if child:wait() == 0 then
      take(rival.name, rival.empty)
    else
      bench.fail(rival.name, "the empty script fails", child)
    end
  end
  take("luajit", {"luajit", bench.setup.folder .. "/empty.lua"})
  local runs = bench.setup.quick and 20 or 60
  local child = process.start({bench.setup.out .. "/startup", tostring(runs), unpack(commands)},
    {log = bench.setup.out .. "/startup.log"})
  local wall, rows = {}, {}
  for i, name in ipairs(names) do
    local line = child:line(120)
    if not line then
      bench.fail("startup", "the helper failed", child)
      return
    end
    local median, min, cpu, peak = line:match "wall_ms (%S+) min_ms (%S+) cpu_ms (%S+) peak_kib (%S+)"
    wall[name] = tonumber(median)
    rows[i] = {name, ("%.2f"):format(median), ("%.2f"):format(min), nil, nil, ("%.2f"):format(cpu),
      megabytes(peak * 1024)}
  end
  child:wait()
  bench.progress()
  for i, name in ipairs(names) do
    rows[i][4] = show("%.2f", ratio(wall[name], wall.raw))
    rows[i][5] = show("%.2f", ratio(wall[name], wall.node))
  end
  report.table({"", "wall ms", "lowest", "×raw", "×node", "CPU ms", "peak MB"}, rows)
  report.target("lunode starts and ends within 4 ms", wall.lunode, "<=", 4, " ms")
end)

local CONNECTIONS = 2000

add("idle", "memory of the hello server at rest, and with 2,000 idle keep-alive connections", function(title)
  local entries = {}
  for _, rival in ipairs(bench.setup.rivals) do
    bench.progress(title)
    local server = bench.serve(rival, "hello")
    if server then entries[#entries + 1] = {name = rival.name, server = server, rival = rival} end
  end
  process.sleep(1)
  for _, entry in ipairs(entries) do entry.fresh = entry.server:rss() end
  for _, entry in ipairs(entries) do
    entry.out = not bench.verify(entry.rival, entry.server, "hello", 1)
  end
  process.sleep(0.5)
  for _, entry in ipairs(entries) do
    if not entry.out then entry.used, entry.used_own = entry.server:rss() end
  end
  -- All at once, for Node closes an idle connection after 5 seconds.
  for _, entry in ipairs(entries) do
    if not entry.out then
      entry.opener = bench.load {bench.setup.out .. "/idle_connections", entry.server.port, CONNECTIONS}
      local ok, line = pcall(entry.opener.line, entry.opener, 30)
      if not ok or not line then
        entry.opener:stop()
        bench.fail(entry.name, "connections: " .. (ok and entry.opener:first_words() or line), entry.server)
        entry.out = true
      end
    end
  end
  process.sleep(1)
  local used, each, rows = {}, {}, {}
  for _, entry in ipairs(entries) do
    if not entry.out then
      local full, full_own = entry.server:rss()
      entry.opener:send "go"
      local still = tonumber((entry.opener:line(10) or ""):match "still (%d+)")
      entry.opener:wait()
      if still ~= CONNECTIONS then
        bench.fail(entry.name, ("only %s of %d connections stayed open"):format(still or "none", CONNECTIONS),
          entry.server)
      else
        used[entry.name] = entry.used / MB
        each[entry.name] = (full - entry.used) / CONNECTIONS / KB
        rows[#rows + 1] = {entry.name, megabytes(entry.fresh), megabytes(entry.used), megabytes(entry.used_own),
          megabytes(full), ("%.2f"):format(each[entry.name]),
          ("%.2f"):format((full_own - entry.used_own) / CONNECTIONS / KB)}
      end
    end
    entry.server:stop()
  end
  bench.progress()
  report.table({"", "RSS MB started", "after 1 request", "of it anonymous", "with " .. report.thousands(CONNECTIONS),
    "KB/connection", "of it anonymous"}, rows)
  report.target("lunode's idle hello server ≤ 8 MB after its first request", used.lunode, "<=", 8, " MB")
  report.target("lunode's idle connection ≤ 4 KB", each.lunode, "<=", 4, " KB")
end)

return scenarios
