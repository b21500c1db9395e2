-- SPDX-License-Identifier: MIT
-- Everything at once and at random: sockets, pipes, requests and responses that are destroyed, reset, paused and left in
-- every callback, handlers that raise, full collections in between, garbage on the wire. Afterwards nothing is left open.
-- chaos.lua [SEED [MS]]: what it does depends on the seed only as far as the timing allows.
local net, http, fs, stream = require "net", require "http", require "fs", require "stream"
local seed, duration = tonumber(arg[1]) or os.time(), tonumber(arg[2]) or 3000
math.randomseed(seed)
local R = math.random
local errs, foreign = { }, false
process:on("uncaughtException", function(e)
  local text = type(e) == "table" and e.stack or tostring(e)
  local ours = text:match ": (chaos)$" or text:match ": (handler)$"
  if ours then errs[ours] = (errs[ours] or 0) + 1 else foreign = foreign or text end
end)
local function descriptors() return #fs.readdirSync "/proc/self/fd" end
local live = true
local function maybe(s) local r = R(12)
  if r == 1 then s:destroy() elseif r == 2 and s.resetAndDestroy then s:resetAndDestroy() elseif r == 3 then s:finish() elseif r == 4 then s:pause() setTimeout(function() s:resume() end, R(5)) elseif r == 5 then collectgarbage("step", 200) elseif r == 6 then error("chaos") elseif r == 7 then s:write(("x"):rep(R(200000))) elseif r == 8 then collectgarbage() end end
local accepted = {} -- a raised error may have kept a handler from ending its half-open socket: the test does it at last
local server = net.createServer({ allowHalfOpen = R(2) == 1 }, function(s)
  accepted[s] = true
  s:on("error", function() end) s:on("data", function(c) s:write(c) maybe(s) end) s:on("end", function() maybe(s) s:finish() end) s:on("close", function() maybe(s) end)
  if R(3) == 1 then s:pipe(s) end
  s:setTimeout(R(50)) s:on("timeout", function() maybe(s) s:destroy() end)
  maybe(s)
end)
local web = http.createServer(function(req, res)
  local r = R(10)
  req:on("error", function() end) res:on("error", function() end)
  if r == 1 then res:destroy() elseif r == 2 then req.socket:destroy() elseif r == 3 then error("handler")
  elseif r == 4 then req:pipe(res) elseif r == 5 then setTimeout(function() res:finish("late") end, R(10))
  elseif r == 6 then stream.pipeline(fs.createReadStream("/proc/self/exe", { ["end"] = R(300000) }), res, function() end)
  elseif r == 7 then res:write("a") setImmediate(function() res:write(("b"):rep(R(100000))) res:finish() end)
  elseif r == 8 then res:writeHead(200, { A = "b" }) res:flushHeaders() setTimeout(function() res:destroy() end, 2)
  else res:finish(("z"):rep(R(2000))) end
  if R(20) == 1 then collectgarbage() end
end)
web:on("clientError", function(e, s) s:destroy() end)
local agent = http.Agent { keepAlive = true, maxSockets = 8 }
local function client()
  if not live then return end
  local s = net.connect(server:address().port, "127.0.0.1")
  s:on("error", function() end) s:on("connect", function() maybe(s) s:write(("q"):rep(R(70000))) end) s:on("data", function() maybe(s) end)
  s:on("close", function() setTimeout(client, R(3)) end)
  setTimeout(function() s:destroy() end, R(60))
end
local function raw()
  if not live then return end
  local s = net.connect(web:address().port, "127.0.0.1")
  s:on("error", function() end) s:on("data", function() if R(5) == 1 then s:destroy() end end)
  s:on("close", function() setTimeout(raw, R(3)) end)
  local reqs = {} for i = 1, R(6) do reqs[i] = R(3) == 1 and "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n" .. ("p"):rep(R(20)) or R(8) == 1 and "GARBAGE\0\255\r\n\r\n" or R(8) == 1 and "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: w\r\nConnection: upgrade\r\n\r\n" or "GET / HTTP/1.1\r\nHost: a\r\n\r\n" end
  local all = table.concat(reqs) local cut = R(#all)
  s:write(all:sub(1, cut)) setTimeout(function() if not s.destroyed then s:write(all:sub(cut + 1)) if R(2) == 1 then s:finish() end end end, R(4))
  setTimeout(function() s:destroy() end, R(80))
end
local function get()
  if not live then return end
  local function again() setTimeout(get, R(3)) end
  local done = false local function once() if not done then done = true again() end end
  local req = http.request({ port = web:address().port, host = "127.0.0.1", agent = agent, method = R(2) == 1 and "POST" or "GET" }, function(res) res:on("error", function() end) if R(6) == 1 then res:destroy() else res:resume() end res:on("close", once) end)
  req:on("error", once) req:on("close", once)
  if R(5) == 1 then req:write(("w"):rep(R(50000))) end
  if R(8) == 1 then setTimeout(function() req:destroy() end, R(5)) end
  req:finish()
  setTimeout(function() req:destroy() end, 200)
end
server:listen(0, "127.0.0.1", function() web:listen(0, "127.0.0.1", function()
  for _ = 1, 10 do client() raw() get() end
  local before = descriptors()
  setTimeout(function()
    live = false
    agent:destroy()
    server:close()
    web:close()
    web:closeAllConnections()
    for s in pairs(accepted) do s:destroy() end
    setTimeout(function()
      collectgarbage()
      collectgarbage()
      local open, after = #require("lunode.core").handle.active(), descriptors()
      local failed = {}
      if open > 0 then failed[#failed + 1] = open .. " handles are still open" end
      if after > before - 2 then failed[#failed + 1] = after .. " descriptors are open, " .. before .. " were with the servers" end
      if foreign then failed[#failed + 1] = "an error of our own: " .. foreign end
      if not (errs.chaos and errs.handler) then failed[#failed + 1] = "no error was raised: the test did nothing" end
      for _, why in ipairs(failed) do print("not ok - seed " .. seed .. ": " .. why) end
      print(#failed == 0 and "1 passed, 0 failed" or "0 passed, 1 failed")
      process.exitCode = #failed
    end, 1500)
  end, duration)
end) end)
