-- SPDX-License-Identifier: MIT
local rt = ...

function rt.complete.net(_, module) rt.null_methods(rt.face(module.Server).prototype, "address") end
