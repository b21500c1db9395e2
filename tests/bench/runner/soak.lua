-- SPDX-License-Identifier: MIT
--
-- Millions of mixed requests, with aborts, to one server after the other, and what becomes of
-- its memory and its open files.
local bench = require "bench"
local process = require "process"
local report = require "report"

local MB = 1e6
local LINES = 20 -- printed on the way

local function range(samples, from, to)
  local part = {}
  for i = math.floor(#samples * from) + 1, math.floor(#samples * to) do part[#part + 1] = samples[i] end
  return part
end

local function soak(rival, requests)
  local server = bench.serve(rival, "body")
  if not server then return end
  if not bench.verify(rival, server, "hello,pipelined,post,post-chunked,file", 200) then
    server:stop()
    return
  end
  process.sleep(0.5)
  local files_before = server:open_files()
  print(("\n%s, %s requests; RSS %.1f MB and %d open files before"):format(
    rival.name, report.thousands(requests), server:rss() / MB, files_before))
  print "    requests   seconds  requests/s  CPU µs/request    RSS MB   peak MB    aborted  broken"

  local load = bench.load {bench.setup.out .. "/mixed_load", server.port, bench.setup.file,
    "--requests", ("%.0f"):format(requests), "--connections", "64", "--progress", "0.25"}
  local samples, shown = {}, 0
  local last = {requests = 0, seconds = 0, cpu = server:cpu()}
  local kinds, final = {}, nil
  local ok, problem = pcall(function()
    for line in function() return load:line(60) end do
      local kind, turns = line:match "^kind (%S+) (%d+)"
      if kind then kinds[#kinds + 1] = kind .. " " .. report.thousands(turns) end
      local now = {}
      for name, number in line:gmatch "(%a+) ([%d.]+)" do now[name] = tonumber(number) end
      if now.requests then
        local rss = server:rss()
        if not line:find "^done" then samples[#samples + 1] = rss end
        if now.requests >= (shown + 1) * requests / LINES then
          shown = math.floor(now.requests * LINES / requests)
          local cpu = server:cpu()
          local count = math.max(1, now.requests - last.requests)
          print(("%12s  %8.0f  %10s  %14.2f  %8.1f  %8.1f  %9s  %6s"):format(
            report.thousands(now.requests), now.seconds,
            report.thousands(count / math.max(1e-9, now.seconds - last.seconds)), (cpu - last.cpu) / count * 1e6,
            rss / MB, server:peak() / MB, report.thousands(now.aborted), report.thousands(now.broken)))
          io.stdout:flush()
          now.cpu = cpu
          last = now
        end
        if line:find "^done" then final = now end
      end
    end
    if load:wait() ~= 0 or not final then error(load:first_words(3), 0) end
  end)
  if not ok or not server:alive() then
    bench.fail(rival.name, server:alive() and problem or ("the server died: " .. tostring(problem)), server)
    load:stop()
    server:stop()
    return
  end

  process.sleep(2)
  local early, late = report.median(range(samples, 0.25, 0.5)), report.median(range(samples, 0.75, 1))
  local files_after = server:open_files()
  print("  turns     " .. table.concat(kinds, ", "))
  print(("  at rest   RSS %.1f MB, %d open files"):format(server:rss() / MB, files_after))
  if final.broken > 0 then
    bench.fail(rival.name, ("%d answers were broken off by the server"):format(final.broken), server)
  end
  if early and late then
    print(("  memory    median of the second quarter %.1f MB, of the last %.1f MB"):format(early / MB, late / MB))
    report.target(rival.name .. "'s memory from the second quarter to the last grows ≤ 5 % or 1 MB",
      (late - early) / MB, "<=", math.max(1, 0.05 * early / MB), " MB")
  else
    print "  memory    not judged: too short a run"
  end
  report.target(rival.name .. "'s open files at rest are no more than before", files_after, "<=", files_before)
  server:stop()
end

return soak
