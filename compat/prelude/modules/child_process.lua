-- SPDX-License-Identifier: MIT
local rt = ...
local L = rt.lua
local null = rt.null

-- What spawnSync gives has null where lua/ has nil, in Node's order.
local function with_nulls(r)
  local o = rt.object_of(rt.ObjectPrototype)
  local function nulled(v) if v == nil then return null end return v end
  if r.error ~= nil then rt.define_data(o, "error", r.error) end
  rt.define_data(o, "status", nulled(r.status))
  rt.define_data(o, "signal", nulled(r.signal))
  local output = r.output
  if output == nil then output = null end
  rt.define_data(o, "output", output)
  rt.define_data(o, "pid", r.pid)
  rt.define_data(o, "stdout", nulled(r.stdout))
  rt.define_data(o, "stderr", nulled(r.stderr))
  return o
end

function rt.complete.child_process(view, module)
  local P = rt.face(module.ChildProcess).prototype
  rt.null_properties(P, "exitCode signalCode stdin stdout stderr channel")
  L.rawset(P, "_nulls", { exit = true, close = true })
  local sync = view.spawnSync
  rt.put(view, "spawnSync", { bits = 7, value = rt.native("spawnSync", 3, L.setfenv(function(this, ...) return (with_nulls(sync(this, ...))) end, rt.global)) })
end
