-- SPDX-License-Identifier: MIT
local rt = ...
local L = rt.lua
local rawget, rawset = L.rawget, L.rawset

function rt.complete.cluster(_, module)
  local P = rt.face(module.Worker).prototype
  local nulls = { exit = true }
  rawset(P, "_nulls", nulls)
  rawset(module, "_nulls", nulls)
  -- cluster.worker.process is the program's own: its view.
  local process = L.require "lunode.process"
  rt.put(P, "process", { accessor = true, bits = 6, set = rt.native("set process", 1, function(this, v) rawset(this, "_process", v) end),
    get = rt.native("get process", 0, function(this)
      local v = rawget(this, "_process")
      if v == process and L.getfenv(3) == rt.global then return rt.node_module "process" end
      return v
    end) })
end
