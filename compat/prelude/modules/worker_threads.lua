-- SPDX-License-Identifier: MIT
--
-- node:worker_threads, as the main thread of a program without threads sees it: a Worker cannot be made.
local rt = ...
local L = rt.lua
local native, null = rt.native, rt.null

function rt.own_module.worker_threads()
  local o = rt.object_of(rt.ObjectPrototype)
  local function missing(name)
    local P = rt.object_of(rt.ObjectPrototype)
    local function refuse() L.require("lunode.internal.errors").notImplemented("worker_threads." .. name)() end
    o[name] = rt.native_constructor(name, 1, refuse, refuse, P)
  end
  o.isMainThread, o.parentPort, o.workerData, o.threadId = true, null, null, 0
  o.resourceLimits = rt.object_of(rt.ObjectPrototype)
  o.SHARE_ENV = L.require("lunode.internal.symbols")["for"] "nodejs.worker_threads.SHARE_ENV"
  for name in ("Worker MessagePort MessageChannel BroadcastChannel"):gmatch "%S+" do missing(name) end
  local data = {}
  local function define(name, length, f) rt.put(o, name, { value = native(name, length, f), bits = 7 }) end
  define("getEnvironmentData", 1, function(_, key) return data[key] end)
  define("setEnvironmentData", 2, function(_, key, value) data[key] = value end)
  define("markAsUntransferable", 1, function() end)
  define("isMarkedAsUntransferable", 1, function() return false end)
  define("moveMessagePortToContext", 2, L.require("lunode.internal.errors").notImplemented "worker_threads.moveMessagePortToContext")
  define("receiveMessageOnPort", 1, function() return nil end)
  return o
end
