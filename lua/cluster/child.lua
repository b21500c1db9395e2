-- SPDX-License-Identifier: MIT
--
-- The worker's side of cluster: net and dgram ask the primary for their listening sockets here.
--
-- With round-robin the worker has no listening socket of its own: a Faux handle stands for it, and connections arrive as
-- messages. Otherwise the primary sends the bound socket itself.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local messages = require "lunode.cluster.messages"
local process = require "lunode.process"
local queue = require "lunode.internal.queue"
local Worker = require "lunode.cluster.worker"

local rawget, rawset = rawget, rawset

-- ---- what a server holds instead of a listening socket

local Faux = class "Faux"
local FOREVER = 2 ^ 31 - 1 -- ms
local function nothing() end

function Faux:initialize(key, sockname, on_close)
  self.key, self.sockname, self.on_close = key, sockname, on_close
  self.alive = require("lunode.timers").setInterval(nothing, FOREVER) -- as a listening socket keeps the loop alive
  if sockname then self.reset = true end -- as TCP handles have it, whose address can be asked for
end
function Faux:listen() return 0 end
function Faux:close()
  if not self.key then return end
  local key = self.key
  self.key = nil
  require("lunode.timers").clearInterval(self.alive)
  self.on_close(key)
end
function Faux:isClosing() return self.key == nil end
function Faux:ref() self.alive:ref() end
function Faux:unref() self.alive:unref() end
function Faux:hasRef() return self.key ~= nil and self.alive:hasRef() end
function Faux:chmod() return 0 end -- the primary's affair
function Faux:getsockname()
  local name = self.sockname
  if not name then return nil, errors.uvCode "EBADF" end
  return name.address, name.port, name.family
end

return function(cluster, id)
  local handles = {} -- key -> Faux, or a record of a shared handle
  local own = {}     -- servers that are this worker's alone (exclusive)
  local indexes = {} -- address -> how many servers of this worker listen there: each has the primary's socket of that number

  local worker = Worker { id = id, process = process, state = "online" }
  rawset(cluster, "worker", worker)

  -- ---- connections

  local peer
  local function new_connection(message, handle)
    if not handle then return end
    local faux = handles[message.key]
    local owner = faux and faux.owner
    local accepted = owner ~= nil and faux.key ~= nil
    if accepted then
      local max = owner.maxConnections
      if max ~= nil and max ~= errors.null and owner._connections >= max and not owner.dropMaxConnection then accepted = false end
    end
    peer:send { ack = message.seq, accepted = accepted }
    if not accepted then return handle:close() end
    queue.context, handle.context = faux.context, faux.context
    faux.onconnection(owner, 0, handle)
  end

  -- ---- leaving

  -- All servers close; when their connections are over the channel ends.
  local function leave(by_primary)
    worker.exitedAfterDisconnect = true
    local left = 1
    local function closed()
      left = left - 1
      if left > 0 then return end
      if not process.connected then return end
      if by_primary then return process.disconnect() end
      peer:send({ act = "exitedAfterDisconnect" }, nil, function()
        if process.connected then process.disconnect() end
      end)
    end
    local list = {}
    for _, handle in pairs(handles) do list[#list + 1] = handle end
    for _, handle in ipairs(list) do
      left = left + 1
      local owner = handle.owner
      if owner and owner.close then owner:close(closed) else handle:close() closed() end
    end
    handles = {}
    for server in pairs(own) do
      left = left + 1
      server:close(closed)
    end
    closed()
  end

  function Worker:disconnect()
    if self.state ~= "disconnecting" and self.state ~= "destroying" then
      self.state = "disconnecting"
      leave(false)
    end
    return self
  end

  function Worker:destroy()
    if self.state == "destroying" then return end
    self.exitedAfterDisconnect = true
    if not self:isConnected() then return process.exit(0) end
    self.state = "destroying"
    process:once("disconnect", function() process.exit(0) end)
    peer:send({ act = "exitedAfterDisconnect" }, nil, function()
      if process.connected then process.disconnect() end
    end)
  end

  peer = messages.peer(process, function(message, handle)
    if message.act == "newconn" then new_connection(message, handle)
    elseif message.act == "disconnect" then leave(true)
    elseif handle and handle.close then handle:close() end
  end)

  process:once("disconnect", function()
    peer:lost()
    worker:emit "disconnect"
    if not worker.exitedAfterDisconnect then process.exit(0) end -- the primary died
  end)

  -- ---- asking for sockets

  -- query: address, port, addressType, fd, backlog, ipv6Only, flags …; done(errno or nil, handle). owner: a net.Server or
  -- dgram.Socket with address(), whose 'listening' is told to the primary.
  local function get_server(owner, query, done)
    local place = table.concat({ tostring(query.address), tostring(query.port), tostring(query.addressType), tostring(query.fd) }, ":")
    local index = indexes[place]
    index = index and index + 1 or 0
    indexes[place] = index
    query.index, query.act = index, "queryServer"

    local function closed(key)
      handles[key] = nil
      peer:send { act = "close", key = key }
    end

    local context = queue.context -- handles from the primary are as if they had been made here
    peer:send(query, nil, function(reply, raw)
      if not reply then return end -- the primary is gone, and this process goes too
      queue.context = context
      local errno = reply.errno
      if errno then
        if raw then raw:close() end
        return done(errno)
      end
      local key = reply.key
      if raw then -- the socket itself
        raw.context = context
        handles[key] = { owner = owner, close = function() raw:close() end }
        owner:once("close", function() closed(key) end)
        return done(nil, raw)
      end
      local faux = Faux(key, reply.sockname, closed)
      faux.context = context
      handles[key] = faux
      done(nil, faux)
    end)
    owner:once("listening", function()
      worker.state = "listening"
      local address = owner:address()
      peer:send {
        act = "listening", addressType = query.addressType, fd = query.fd, address = query.address,
        port = type(address) == "table" and address.port or query.port,
      }
    end)
  end
  rawset(cluster, "_getServer", get_server)

  -- A server or datagram socket that did not want to share: it is closed with the others when the worker leaves.
  local function keep_own(server)
    server:once("listening", function() own[server] = true end)
    server:once("close", function() own[server] = nil end)
  end
  rawset(cluster, "_keepOwn", keep_own)

  -- net.Server:_listen in a worker. options: lua/net/server.lua's plan.
  require("lunode.net.server")._shareBy(function(server, options, start)
    if options.exclusive then
      keep_own(server)
      return start(server, options)
    end
    local turn = {}
    rawset(server, "_lookup", turn) -- listening is under way: close() ends it
    local address, port, fd = options.address, options.port, options.fd
    get_server(server, {
      address = address, port = port or -1, addressType = not fd and (port == nil and -1 or (address and address:find(":", 1, true) and 6) or address and 4 or 6) or nil,
      fd = fd, backlog = options.backlog, ipv6Only = options.ipv6Only, readableAll = options.readableAll, writableAll = options.writableAll,
    }, function(errno, handle)
      if rawget(server, "_lookup") ~= turn then -- closed meanwhile
        if handle then handle:close() end
        return
      end
      rawset(server, "_lookup", nil)
      if errno then return server:emit("error", errors.uvHostPort(errno, "bind", address, port)) end
      options.handle = handle
      start(server, options)
    end)
  end)

  -- The same for dgram.Socket:_bindHandle; the module may be loaded already, or later.
  local function share_datagrams(socket, plan, start)
    if plan.exclusive then
      keep_own(socket)
      return start(socket, plan)
    end
    get_server(socket, {
      address = plan.address, port = plan.port or -1, addressType = plan.addressType, flags = plan.flags, fd = plan.fd,
    }, function(errno, handle)
      if errno then return socket:_bindFailed(plan, errno) end
      plan.handle = handle
      start(socket, plan)
    end)
  end
  rawset(cluster, "_shareDatagrams", share_datagrams)
  local datagrams = package.loaded["lunode.dgram.handle"]
  if datagrams then datagrams.share = share_datagrams end

  peer:send { act = "online" }
end
