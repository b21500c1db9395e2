-- SPDX-License-Identifier: MIT
--
-- http.Agent: which connection a client request goes out on (Node 20 docs: Class: http.Agent).
--
-- sockets (busy), freeSockets (idle) and requests (waiting) are plain tables keyed by getName(options), with lists
-- (sequences) inside. totalSocketCount counts the sockets of both kinds, and those being made.
--
-- A socket tells the agent what becomes of it by events: 'free' when its request is over, 'agentRemove' when somebody
-- has taken it over for good, 'close', 'timeout'. The agent's own 'free' event (socket, options) decides where it goes.
-- The module is the class.
local class = require "lunode.internal.class"
local connection = require "lunode.http.client_connection"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"
local EventEmitter = require "lunode.events"

local list, bare, add_to, remove, forget = shape.list, shape.bare, shape.add, shape.remove, shape.forget
local huge = math.huge
local pairs, next, setmetatable, type, tonumber, tostring, rawget, rawset = pairs, next, setmetatable, type, tonumber, tostring, rawget, rawset
local hook, null = validators.hook, require("lunode.internal.errors").null

local Agent = class("Agent", EventEmitter)
Agent.static.defaultMaxSockets = huge
Agent.prototype.defaultPort = 80
Agent.prototype.protocol = "http:"

-- How much earlier than the server announced a socket is dropped, in ms, so that no request runs into its close.
local HINT_MARGIN = 1000

-- `second` wins
local function merge(first, second)
  local out = {}
  if first then for k, v in pairs(first) do out[k] = v end end
  if second then for k, v in pairs(second) do out[k] = v end end
  out.path = out.socketPath -- for net a path is that of a Unix socket
  return out
end

local function take(sockets, socket)
  for i = 1, #sockets do
    if sockets[i] == socket then
      remove(sockets, i)
      return true
    end
  end
  return false
end

local function drop(set, name, member)
  local members = set[name]
  if members and take(members, member) and #members == 0 then forget(set, name) end
end

local function add(set, name, member)
  local members = set[name]
  if not members then
    members = list {}
    set[name] = members
  end
  add_to(members, member)
end

-- Hands the socket to the request, with the request's own time limit.
local function assign(agent, req, socket)
  local conn = connection.of(socket)
  if conn then conn.kept = true end
  req:onSocket(socket)
  local limit = agent.options.timeout or 0
  if req.timeout == nil or req.timeout == limit then return end
  socket:setTimeout(req.timeout)
end

-- ---- the queue

local turn = 0
local function enqueue(agent, name, req, options)
  turn = turn + 1
  rawset(req, "_turn", turn)
  rawset(req, "_agentOptions", options)
  add(agent.requests, name, req)
end

-- -> the request that is next
local function dequeue(agent, name)
  local waiting = agent.requests[name]
  local req = remove(waiting, 1)
  if #waiting == 0 then forget(agent.requests, name) end
  rawset(req, "_agentOptions", nil)
  return req
end

local function busy_count(agent, name)
  local busy = agent.sockets[name]
  return (busy and #busy or 0) + (agent._making[name] or 0)
end

-- The name under which the request waits that came first among those a new socket would help.
local function first_waiting(agent)
  local found, first
  for name, waiting in pairs(agent.requests) do
    local at = #waiting > 0 and (rawget(waiting[1], "_turn") or 0)
    if at and (not first or at < first) and busy_count(agent, name) < agent.maxSockets then found, first = name, at end
  end
  return found
end

local function open_socket(agent, req, options)
  local method, done = hook(agent, "createSocket", function(err, socket)
    if err ~= nil and err ~= null then req:onSocket(socket, err) else assign(agent, req, socket) end
  end)
  method(agent, req, options, done)
end

-- A socket is gone: there may be room for a new one.
local function serve_waiting(agent, name)
  if next(agent.requests) == nil or agent.totalSocketCount >= agent.maxTotalSockets then return end
  local waiting = agent.requests[name]
  if not waiting or #waiting == 0 or busy_count(agent, name) >= agent.maxSockets then name = first_waiting(agent) end
  if not name then return end
  -- The request stays in the queue until the socket, told to be free, takes the one that is first then.
  local req, options
  waiting = agent.requests[name]
  for i = 1, #waiting do
    req = waiting[i]
    options = rawget(req, "_agentOptions")
    if options then break end -- for the others a socket is being made already
  end
  if not options then return end
  rawset(req, "_agentOptions", nil)
  local method, done = hook(agent, "createSocket", function(err, socket)
    if err == nil or err == null then
      socket:emit "free"
      return
    end
    drop(agent.requests, name, req)
    req:onSocket(socket, err)
  end)
  method(agent, req, options, done)
end

-- ---- idle sockets

-- While a socket lies idle an error only means that it is gone. (One that served a request has its listener still.)
local function watch_idle(socket)
  local conn = connection.of(socket)
  if conn then
    conn.kept = true
    return
  end
  local function listener()
    socket:destroy()
    socket:emit "agentRemove"
  end
  rawset(socket, "_idleError", listener)
  socket:on("error", listener)
end

-- The listener of 'free': the next request, or the pool, or the end.
local function on_free(agent, socket, options)
  local name = options._agentKey or agent:getName(options)
  if not socket.writable then
    socket:destroy()
    return
  end
  local waiting = agent.requests[name]
  if waiting and #waiting > 0 then return assign(agent, dequeue(agent, name), socket) end
  local req = socket._httpMessage
  if not req or not req.shouldKeepAlive or not agent.keepAlive then
    socket:destroy()
    return
  end
  local free = agent.freeSockets[name]
  local free_count = free and #free or 0
  local total, total_limit = agent.totalSocketCount, agent.maxTotalSockets
  if total > total_limit or free_count >= agent.maxFreeSockets or free_count + busy_count(agent, name) > agent.maxSockets
    or total == total_limit and first_waiting(agent) -- another destination needs the place
    or not agent:keepSocketAlive(socket) then
    socket:destroy()
    return
  end
  rawset(socket, "_httpMessage", nil)
  agent:removeSocket(socket, options)
  watch_idle(socket)
  add(agent.freeSockets, name, socket)
end

-- options (all may be nil): keepAlive, keepAliveMsecs (1000), maxSockets, maxTotalSockets, maxFreeSockets (256), scheduling
-- ("lifo", "fifo"), timeout (ms); the others go to net.connect.
function Agent:initialize(options)
  EventEmitter.prototype.initialize(self)
  local o = merge(options)
  o.path = nil
  if o.noDelay == nil then o.noDelay = true end
  self.options = o
  self.requests, self.sockets, self.freeSockets = bare(), bare(), bare()
  self.keepAliveMsecs = o.keepAliveMsecs or 1000
  self.keepAlive = o.keepAlive or false
  self.maxSockets = o.maxSockets or Agent.defaultMaxSockets
  self.maxFreeSockets = o.maxFreeSockets or 256
  self.scheduling = o.scheduling or "lifo"
  self.maxTotalSockets = o.maxTotalSockets or huge
  self.totalSocketCount = 0
  self._making = {}
  validators.validateOneOf(self.scheduling, "scheduling", { "fifo", "lifo" })
  if o.maxTotalSockets ~= nil then validators.validateNumber(o.maxTotalSockets, "maxTotalSockets", 1) end
  self:on("free", function(socket, socket_options) on_free(self, socket, socket_options) end)
end

-- createConnection(options, callback): returns a socket (any Duplex), or calls callback(err, socket). Meant to be overridden.
function Agent:createConnection(options)
  return require("lunode.net").createConnection(options)
end

-- The key of a destination: host:port:localAddress[:family][:socketPath]
function Agent:getName(options)
  options = options or {}
  local port = options.port
  local name = (options.host or "localhost") .. ":" .. (port and tostring(port) or "") .. ":" .. (options.localAddress or "")
  if options.family == 4 or options.family == 6 then name = name .. ":" .. options.family end
  if options.socketPath then name = name .. ":" .. options.socketPath end
  return name
end

-- The total is reached, but somewhere a socket lies idle: its place is better used. serve_waiting does the rest.
local function evict_idle(agent)
  for _, free in pairs(agent.freeSockets) do
    if free[1] then return free[1]:destroy() end
  end
end

-- addRequest(req, options): the request gets a free socket, a new one, or a place in the queue.
function Agent:addRequest(req, options, port, localAddress)
  if type(options) == "string" then options = { host = options, port = port, localAddress = localAddress } end
  if rawget(req, "_options") == options then -- nobody else's
    for k, v in pairs(self.options) do options[k] = v end
    options.path = options.socketPath
  else
    options = merge(options, self.options)
  end
  local name = self:getName(options)
  local free, socket = self.freeSockets[name], nil
  if free then
    while #free > 0 and not socket do
      local candidate
      if self.scheduling == "fifo" then candidate = remove(free, 1) else candidate = remove(free) end
      if not candidate.destroyed and candidate.writable then socket = candidate end
    end
    if #free == 0 then forget(self.freeSockets, name) end
  end
  if socket then
    self:reuseSocket(socket, req)
    add(self.sockets, name, socket)
    return assign(self, req, socket)
  end
  if busy_count(self, name) >= self.maxSockets or self.totalSocketCount >= self.maxTotalSockets then
    enqueue(self, name, req, options)
    if busy_count(self, name) < self.maxSockets then evict_idle(self) end
    return
  end
  open_socket(self, req, options)
end

-- What the socket tells, until it is gone or somebody else's.
local function watch(agent, socket, options)
  local over = false
  local on_close, on_timeout, on_removed
  local function free() agent:emit("free", socket, options) end
  local function gone()
    if over then return end
    over = true
    agent.totalSocketCount = agent.totalSocketCount - 1
    agent:removeSocket(socket, options)
  end
  on_close = gone
  function on_timeout() -- an idle one is dropped; a busy one is its request's business
    local idle = agent.freeSockets[options._agentKey]
    if not idle then return end
    for i = 1, #idle do
      if idle[i] == socket then return socket:destroy() end
    end
  end
  function on_removed()
    gone()
    socket:removeListener("close", on_close)
    socket:removeListener("free", free)
    socket:removeListener("timeout", on_timeout)
    socket:removeListener("agentRemove", on_removed)
  end
  socket:on("free", free)
  socket:on("close", on_close)
  socket:on("timeout", on_timeout)
  socket:on("agentRemove", on_removed)
end

-- createSocket(req, options, callback): callback(err, socket)
function Agent:createSocket(_, options, callback)
  callback = validators.callback(callback, "callback")
  options = merge(options, self.options)
  local name = self:getName(options)
  options._agentKey = name
  options.encoding = nil
  if self.keepAlive then
    options.keepAlive = true
    options.keepAliveInitialDelay = self.keepAliveMsecs
  end
  local called, reserved = false, false
  local function created(err, socket)
    if called then return end
    called = true
    if reserved then
      self.totalSocketCount = self.totalSocketCount - 1
      local making = self._making[name] - 1
      self._making[name] = making > 0 and making or nil
    end
    if err ~= nil and err ~= null then
      callback(err, socket)
      return serve_waiting(self, name)
    end
    add(self.sockets, name, socket)
    self.totalSocketCount = self.totalSocketCount + 1
    watch(self, socket, options)
    callback(nil, socket)
  end
  local method, done = hook(self, "createConnection", created)
  local socket = method(self, options, done)
  if socket then
    created(nil, socket)
  elseif not called then -- it will come later: its place is taken already
    reserved = true
    self.totalSocketCount = self.totalSocketCount + 1
    self._making[name] = (self._making[name] or 0) + 1
  end
end

-- Forgets the socket, which is closed, taken over or about to lie idle; a waiting request may get a new one.
function Agent:removeSocket(socket, options)
  local name = options._agentKey or self:getName(options)
  drop(self.sockets, name, socket)
  if not socket.writable then drop(self.freeSockets, name, socket) end
  serve_waiting(self, name)
end

-- Whether a socket that has done its work may be kept; prepares it to lie idle.
function Agent:keepSocketAlive(socket)
  socket:setKeepAlive(true, self.keepAliveMsecs)
  socket:unref()
  local limit = self.options.timeout or 0
  local req = socket._httpMessage
  local res = req and req.res
  local hint = res and res.headers["keep-alive"]
  local seconds = hint and hint:match "^timeout=(%d+)"
  if seconds then
    local ms = tonumber(seconds) * 1000 - HINT_MARGIN
    if ms <= 0 then return false end
    if ms < limit then limit = ms end
  end
  if socket.timeout ~= limit then socket:setTimeout(limit) end
  return true
end

-- A kept socket is about to serve the request.
function Agent:reuseSocket(socket, req)
  local listener = rawget(socket, "_idleError")
  if listener then
    socket:removeListener("error", listener)
    rawset(socket, "_idleError", nil)
  end
  rawset(req, "reusedSocket", true)
  socket:ref()
  local limit = self.options.timeout or 0
  if socket.timeout ~= limit then socket:setTimeout(limit) end
end

-- Destroys every socket; the agent can still be used.
function Agent:destroy()
  local all = {}
  for _, sockets in pairs(self.freeSockets) do
    for i = 1, #sockets do all[#all + 1] = sockets[i] end
  end
  for _, sockets in pairs(self.sockets) do
    for i = 1, #sockets do all[#all + 1] = sockets[i] end
  end
  for i = 1, #all do all[i]:destroy() end
end

-- Agent.globalAgent: what requests use that name no agent; may be set. Node's: keep-alive, idle sockets dropped after 5 s.
local static = rawget(Agent, "static")
local inherited = EventEmitter.static
setmetatable(static, { __index = function(_, key)
  if key ~= "globalAgent" then return inherited[key] end
  local agent = Agent { keepAlive = true, scheduling = "lifo", timeout = 5000 }
  rawset(static, "globalAgent", agent)
  return agent
end })

return Agent
