-- SPDX-License-Identifier: MIT
local rt = ...

function rt.complete.os(view, module)
  for name in ("EOL devNull"):gmatch "%S+" do rt.put(view, name, { value = module[name], bits = 6 }) end
  local constants = view.constants
  for _, name in rt.lua.ipairs { "signals", "errno", "priority", "dlopen" } do rt.set_prototype(rt.fixed(constants[name]), nil) end
  rt.set_prototype(constants, nil)
  rt.put(view, "constants", { bits = 2, value = constants })
  -- `${os.arch}` is what os.arch() gives.
  for name in ("arch availableParallelism endianness freemem homedir hostname machine platform release tmpdir totalmem type uptime version"):gmatch "%S+" do
    local f = view[name]
    rt.hide(f, rt.symbols.toPrimitive, rt.native("[Symbol.toPrimitive]", 0, function() return (f()) end))
  end
end
