-- SPDX-License-Identifier: MIT
--
-- cluster (Node 20 docs: Cluster): processes that share listening sockets. A module that emits: cluster.fork(), cluster:on(…).
-- A process that cluster.fork() started finds NODE_UNIQUE_ID in its environment and gets the worker's side, any other the
-- primary's; what both have is made here.
local emitting_module = require "lunode.internal.emitting_module"

local cluster, Class, define = emitting_module "cluster"
package.loaded["lunode.cluster"] = cluster

local env = require("lunode.process").env
local id = env.NODE_UNIQUE_ID
local is_worker = id ~= nil

rawset(cluster, "isWorker", is_worker)
rawset(cluster, "isPrimary", not is_worker)
rawset(cluster, "isMaster", not is_worker)
rawset(cluster, "Worker", require "lunode.cluster.worker")
rawset(cluster, "SCHED_NONE", 1)
rawset(cluster, "SCHED_RR", 2)

if is_worker then
  env.NODE_UNIQUE_ID = nil
  require "lunode.cluster.child"(cluster, tonumber(id) or 0)
else
  require "lunode.cluster.primary"(cluster, Class, define)
end

-- ---- signatures, for the reference (docs/api/README.md)
-- disconnect(callback?: fun()): of the primary: all workers; of a worker: itself
-- fork(env?: table) -> cluster.Worker: in the primary
-- setupPrimary, setupMaster(settings?: table): exec, args, cwd, serialization, silent, stdio, uid, gid, inspectPort
-- destroy, kill(signal?: string): ends the worker
-- isConnected, isDead() -> boolean

return cluster
