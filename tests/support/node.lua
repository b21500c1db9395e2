-- SPDX-License-Identifier: MIT
--
-- Node, when the one is installed whose behaviour these tests are about: version 20. -> its command, or nil
local found = io.popen "command -v node 2>/dev/null && node -p 'process.versions.node.split(\".\")[0]' 2>/dev/null"
local path, major = found:read "*l", found:read "*l"
found:close()
return { path = path and major == "20" and path or nil, skip = not (path and major == "20") and "Node 20 is not installed" or nil }
