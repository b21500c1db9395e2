-- SPDX-License-Identifier: MIT
--
-- What process has in JavaScript alone.
local rt = ...

function rt.complete.process(view)
  rt.readonly(rt.proto_of(view), rt.symbols.toStringTag, "process")
end
