-- SPDX-License-Identifier: MIT
local rt = ...
local face = rt.face

function rt.complete.stream(_, module)
  local R, W = face(module.Readable).prototype, face(module.Writable).prototype
  rt.null_methods(R, "read")
  rt.null_properties(R, "readableFlowing readableEncoding errored")
  rt.null_properties(W, "errored")
  -- for await (const chunk of stream)
  rt.native_method(R, rt.symbols.asyncIterator, 0, function(stream) return rt.async_iterator_over(stream:iter()) end)
end
