-- SPDX-License-Identifier: MIT
local rt = ...

-- What a program puts in their place is used.
function rt.complete.querystring(view, module)
  for name in ("escape unescape"):gmatch "%S+" do rt.through(view, module, name) end
end
