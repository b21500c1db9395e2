-- SPDX-License-Identifier: MIT
local rt = ...
local face = rt.face

function rt.complete.http(_, module)
  rt.node_module "net"
  rt.node_module "stream"
  local O, R = face(module.OutgoingMessage).prototype, face(module.ClientRequest).prototype
  rt.null_properties(O, "_header socket connection errored")
  rt.null_properties(R, "res")
  rt.null_properties(face(module.IncomingMessage).prototype, "statusCode statusMessage method")
end
