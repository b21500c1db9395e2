-- SPDX-License-Identifier: MIT
local rt = ...

function rt.complete.events(F)
  if not rt.has_own(F, "EventEmitter") then rt.put(F, "EventEmitter", { value = F, bits = 7 }) end
end
