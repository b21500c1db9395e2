-- SPDX-License-Identifier: MIT
local rt = ...

function rt.complete.child_process(_, module)
  local P = rt.face(module.ChildProcess).prototype
  rt.null_properties(P, "exitCode signalCode stdin stdout stderr")
  rt.lua.rawset(P, "_nulls", { exit = true, close = true })
end
