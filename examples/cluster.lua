-- All the cores: one process serves on each, and all share one port.
--
--   lunode examples/cluster.lua         then: curl http://127.0.0.1:8000/   (PORT and WORKERS may be set)
--   kill -HUP  <primary>                replaces the workers one by one; no request fails meanwhile
--   kill -TERM <primary>                ends all when their requests are done
--
-- A worker that dies is replaced: at once the first time, then after longer and longer pauses while they keep dying young.
local cluster, http, os = require "cluster", require "http", require "os"

local PORT = tonumber(process.env.PORT or 8000)
local WORKERS = tonumber(process.env.WORKERS) or os.availableParallelism()
local FIRST_PAUSE, LONGEST_PAUSE = 100, 10000 -- ms
local GROWN_UP = 60000                        -- ms that a worker must live before its death counts as the first again
local KEEP_ALIVE = 1000                       -- ms that an idle connection is kept

-- ---- a worker: an ordinary server

local function serve()
  local leaving = false
  local server = http.createServer({ keepAliveTimeout = KEEP_ALIVE }, function(req, res)
    if leaving then res:setHeader("Connection", "close") end
    if req.url == "/crash" then error "a request that kills" end
    res:finish(("Hello from worker %d, process %d\n"):format(cluster.worker.id, process.pid))
  end)
  server:listen(PORT)

  -- To leave without breaking a request: each answer ends its connection, and when none can be idle any more, go.
  process:on("message", function(message)
    if message ~= "leave" or leaving then return end
    leaving = true
    setTimeout(function() cluster.worker:disconnect() end, KEEP_ALIVE + 500)
  end)
  process:on("SIGINT", function() end) -- Ctrl-C reaches all of the terminal's processes: the primary decides
end

-- ---- the primary

local ending = false
local pause = FIRST_PAUSE

local function start()
  local worker = cluster.fork()
  local born = process.uptime()
  worker:on("exit", function(code, signal)
    if worker.exitedAfterDisconnect or ending then return end
    if (process.uptime() - born) * 1000 > GROWN_UP then pause = FIRST_PAUSE end
    console.log("worker %d died (%s), the next one comes in %d ms", worker.id, signal or code, pause)
    setTimeout(start, pause)
    pause = math.min(pause * 2, LONGEST_PAUSE)
  end)
  return worker
end

-- Each worker gets its successor first, then leaves.
local restarting = false
local function restart_all()
  restarting = true
  local old = {}
  for _, worker in pairs(cluster.workers) do old[#old + 1] = worker end
  for _, worker in ipairs(old) do
    local successor = start()
    local up = Promise(function(resolve)
      successor:once("listening", function() resolve(true) end)
      successor:once("exit", function() resolve(false) end)
    end)
    if not await(up) then
      console.log "the new worker does not start: the old ones stay"
      break
    end
    if worker:isConnected() then
      local gone = Promise(function(resolve) worker:once("exit", resolve) end)
      worker.exitedAfterDisconnect = true
      worker:send "leave"
      await(gone)
    end
  end
  restarting = false
  console.log "restarted"
end

local function restart()
  if not restarting and not ending then async(restart_all) end
end

local function finish()
  if ending then return end
  ending = true
  cluster.disconnect(function() process.exit(0) end)
end

if cluster.isPrimary then
  local left = WORKERS
  cluster:on("listening", function(_, address)
    left = left - 1
    if left == 0 then console.log("Process %d and %d workers listen on http://127.0.0.1:%d/", process.pid, WORKERS, address.port) end
  end)
  process:on("SIGHUP", restart)
  process:on("SIGTERM", finish)
  process:on("SIGINT", finish)
  for _ = 1, WORKERS do start() end
else
  serve()
end
