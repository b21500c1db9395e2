-- SPDX-License-Identifier: MIT
-- For wrk: GET, over and over, and one line of figures that a program can read.
function done(summary, latency)
  local e = summary.errors
  io.write(("bench requests %d seconds %.6f errors %d p50_ms %.3f p99_ms %.3f\n"):format(
    summary.requests, summary.duration / 1e6,
    e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
