-- SPDX-License-Identifier: MIT
--
-- The primary's side of cluster: settings, workers, and the sockets that they share.
local errors = require "lunode.internal.errors"
local messages = require "lunode.cluster.messages"
local process = require "lunode.process"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"
local Worker = require "lunode.cluster.worker"

local nextTick = queue.nextTick

return function(cluster, Class, define)
  local ids = 0
  local handles = {} -- key -> RoundRobin or Shared
  local set_up = false

  rawset(cluster, "workers", shape.dict {})
  rawset(cluster, "settings", shape.dict {})

  local policy = process.env.NODE_CLUSTER_SCHED_POLICY
  policy = policy == "none" and cluster.SCHED_NONE or cluster.SCHED_RR
  local fixed = false
  -- cluster.SCHED_RR or SCHED_NONE; fixed by the first fork or setupPrimary.
  Class:accessor("schedulingPolicy", function() return policy end, function(_, value)
    if value ~= cluster.SCHED_NONE and value ~= cluster.SCHED_RR then
      error(errors.ERR_INVALID_ARG_VALUE("cluster.schedulingPolicy", value), 0)
    end
    if not fixed then policy = value end
  end)

  -- ---- settings

  -- options: exec, args, execArgv, cwd, serialization, silent, stdio, uid, gid (Node 20 docs: cluster.setupPrimary)
  local function setup_primary(options)
    if options == errors.null then options = nil end
    if options ~= nil then validators.validateObject(options, "settings") end
    local argv = process.argv
    local args = {}
    for i = 3, #argv do args[i - 2] = argv[i] end
    local settings = shape.dict { args = shape.list(args), exec = argv[2], execArgv = process.execArgv, silent = false }
    for _, given in ipairs { cluster.settings, options or {} } do
      for name, value in pairs(given) do settings[name] = value end
    end
    rawset(cluster, "settings", settings)
    if set_up then
      nextTick(cluster.emit, cluster, "setup", settings)
      return
    end
    set_up, fixed = true, true
    nextTick(cluster.emit, cluster, "setup", settings)
  end
  define("setupPrimary", setup_primary)
  define("setupMaster", setup_primary)

  -- ---- workers

  local function remove_worker(worker)
    if cluster.workers[worker.id] ~= worker then return end
    cluster.workers[worker.id] = nil
  end

  local function remove_handles(worker)
    for key, handle in pairs(handles) do
      if handle:remove(worker) then handles[key] = nil end
    end
  end

  -- A worker asks for a listening socket; workers that ask for the same one share it.
  local function query_server(worker, message)
    if worker.exitedAfterDisconnect then return end
    local key = table.concat({ tostring(message.address), tostring(message.port), tostring(message.addressType), tostring(message.fd),
      tostring(message.index) }, ":")
    local handle = handles[key]
    if not handle then
      local kind = message.addressType
      local shared = policy ~= cluster.SCHED_RR or kind == "udp4" or kind == "udp6"
      handle = require(shared and "lunode.cluster.shared" or "lunode.cluster.round_robin")(key, message)
      handles[key] = handle
    end
    handle:add(worker, function(errno, reply, raw)
      reply = reply or {}
      if errno then
        reply.errno = errno
        if handles[key] == handle then handles[key] = nil end
      end
      reply.key, reply.ack = key, message.seq
      worker._peer:send(reply, raw)
    end)
  end

  local function listening(worker, message)
    local info = shape.dict { addressType = message.addressType, address = message.address, port = message.port, fd = message.fd }
    worker.state = "listening"
    worker:emit("listening", info)
    cluster:emit("listening", worker, info)
  end

  local acts = {
    online = function(worker)
      worker.state = "online"
      worker:emit "online"
      cluster:emit("online", worker)
    end,
    queryServer = query_server,
    listening = listening,
    exitedAfterDisconnect = function(worker, message)
      worker.exitedAfterDisconnect = true
      worker._peer:send { ack = message.seq }
    end,
    close = function(worker, message)
      local handle = handles[message.key]
      if handle and handle:remove(worker) then handles[message.key] = nil end
    end,
  }

  local function start_process(id, env)
    local settings = cluster.settings
    local full = {}
    for name, value in pairs(process.env) do full[name] = value end
    for name, value in pairs(env or {}) do full[name] = value end
    full.NODE_UNIQUE_ID = tostring(id)
    return require("lunode.child_process").fork(settings.exec, settings.args, {
      cwd = settings.cwd, env = full, serialization = settings.serialization, silent = settings.silent,
      execArgv = settings.execArgv ~= process.execArgv and settings.execArgv or nil, -- fork knows what to leave out of its own
      stdio = settings.stdio, gid = settings.gid, uid = settings.uid, execPath = settings.execPath,
    })
  end

  -- env: names and values added to the worker's environment. -> Worker
  define("fork", function(env)
    if env == errors.null then env = nil end
    if validators.door.kind and type(env) ~= "table" then env = nil end -- JavaScript spreads whatever it is
    if env ~= nil then validators.validateObject(env, "env") end
    setup_primary()
    ids = ids + 1
    local child = start_process(ids, env)
    local worker = Worker { id = ids, process = child }
    worker:on("message", function(message, handle) cluster:emit("message", worker, message, handle) end)

    local function over()
      remove_handles(worker) -- first: nothing new goes to it when what was under way comes back
      worker._peer:lost()
      worker.exitedAfterDisconnect = worker.exitedAfterDisconnect and true or false
      worker.state = "disconnected"
    end
    child:once("exit", function(code, signal)
      if not worker:isConnected() then
        remove_handles(worker)
        remove_worker(worker)
      end
      worker.exitedAfterDisconnect = worker.exitedAfterDisconnect and true or false
      worker.state = "dead"
      worker:emit("exit", code, signal)
      cluster:emit("exit", worker, code, signal)
    end)
    child:once("disconnect", function()
      over()
      if worker:isDead() then remove_worker(worker) end
      worker:emit "disconnect"
      cluster:emit("disconnect", worker)
    end)
    rawset(worker, "_peer", messages.peer(child, function(message, handle)
      local act = acts[message.act]
      if act then act(worker, message) end
      if handle and handle.close and act == nil then handle:close() end
    end))
    cluster.workers[worker.id] = worker
    nextTick(cluster.emit, cluster, "fork", worker)
    return worker
  end)

  -- Asks all workers to finish; cb when none is left.
  define("disconnect", function(cb)
    cb = validators.optional_callback(cb, "callback")
    local list = {}
    for id in pairs(cluster.workers) do list[#list + 1] = id end
    table.sort(list)
    local left = #list
    if cb then
      if left == 0 then nextTick(cb) end
    end
    for _, id in ipairs(list) do
      local worker = cluster.workers[id]
      local function gone()
        left = left - 1
        if left == 0 and cb then cb() end
      end
      if worker:isConnected() then
        worker.process:once("disconnect", gone)
        worker:disconnect()
      else
        nextTick(gone)
      end
    end
  end)

  -- The worker closes its servers, waits for their connections, and ends its channel.
  function Worker:disconnect()
    self.exitedAfterDisconnect = true
    self._peer:send { act = "disconnect" }
    remove_handles(self)
    remove_worker(self)
    return self
  end

  function Worker:destroy(signal) self.process:kill(signal or "SIGTERM") end
end
