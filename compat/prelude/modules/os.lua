-- SPDX-License-Identifier: MIT
local rt = ...

function rt.complete.os(view, module)
  for name in ("EOL devNull"):gmatch "%S+" do rt.put(view, name, { value = module[name], bits = 6 }) end
  rt.put(view, "constants", { bits = 2, value = view.constants })
  -- `${os.arch}` is what os.arch() gives.
  for name in ("arch availableParallelism endianness freemem homedir hostname machine platform release tmpdir totalmem type uptime version"):gmatch "%S+" do
    local f = view[name]
    rt.hide(f, rt.symbols.toPrimitive, rt.native("[Symbol.toPrimitive]", 0, function() return (f()) end))
  end
end
