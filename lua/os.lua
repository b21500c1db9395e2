-- SPDX-License-Identifier: MIT
--
-- os (Node 20 docs: OS). Lua's own os functions (time, date, getenv …) are found here too, for code that
-- requires "os" to get them.
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local options = require "lunode.internal.options"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local sys = core.os
local type, error = type, error

local M = { EOL = "\n", devNull = "/dev/null" }

-- Raises Node's SystemError for what libuv refused.
local function must(value, code, syscall)
  if value ~= nil then return value end
  local err = errors.Error(("A system error occurred: %s returned %s (%s)"):format(syscall, errors.uvName(code), errors.uvMessage(code)))
  rawset(err, "code", "ERR_SYSTEM_ERROR")
  rawset(err, "name", "SystemError")
  rawset(err, "_coded", true)
  rawset(err, "errno", code)
  rawset(err, "syscall", syscall)
  rawset(err, "info", shape.dict { code = errors.uvName(code), errno = code, message = errors.uvMessage(code), syscall = syscall })
  error(err, 0)
end

local function check(syscall, value, code) return must(value, code, syscall) end

-- The environment as the program sees it.
local function env(name)
  if options.embedded then
    local value = require("lunode.process").env[name]
    return value ~= nil and tostring(value) or nil
  end
  return os.getenv(name)
end

local names
local function uname()
  names = names or check("uv_os_uname", sys.uname())
  return names
end

-- "x64", "arm64" …
function M.arch() return require("lunode.process").arch end
-- "linux", "darwin" …
function M.platform() return require("lunode.process").platform end
-- The system's name: "Linux", "Darwin" …
function M.type() return uname().sysname end
-- The kernel's release: "6.1.0-18-amd64"
function M.release() return uname().release end
-- What the kernel says of its version.
function M.version() return uname().version end
-- "x86_64", "aarch64" …
function M.machine() return uname().machine end
-- The machine's name.
function M.hostname() return check("uv_os_gethostname", sys.hostname()) end
-- "LE" or "BE"
function M.endianness() return require("ffi").abi "le" and "LE" or "BE" end

-- Seconds since the machine started.
function M.uptime() return check("uv_uptime", sys.uptime()) end
-- -> the load of the last 1, 5 and 15 minutes
function M.loadavg() return shape.list { sys.loadavg() } end
-- Bytes that could be had.
function M.freemem() return (core.process.memory()) end
-- Bytes of the machine's memory.
function M.totalmem() return (select(2, core.process.memory())) end
-- How many threads can run at once.
function M.availableParallelism() return sys.parallelism() end

-- -> sequence of {model, speed (MHz), times = {user, nice, sys, idle, irq} (ms)}
function M.cpus()
  local list = sys.cpus() or {}
  for i, cpu in ipairs(list) do
    list[i] = shape.dict {
      model = cpu.model, speed = cpu.speed,
      times = shape.dict { user = cpu.user, nice = cpu.nice, sys = cpu.sys, idle = cpu.idle, irq = cpu.irq },
    }
  end
  return shape.list(list)
end

-- Bits set at the front of a netmask.
local function prefix_length(address, netmask, family)
  local bits, ended = 0, false
  local function take(value, width)
    for i = width - 1, 0, -1 do
      local set = bit.band(bit.rshift(value, i), 1) == 1
      if set and ended then return false end
      if set then bits = bits + 1 else ended = true end
    end
    return true
  end
  if family == "IPv4" then
    for octet in netmask:gmatch "%d+" do
      if not take(tonumber(octet), 8) then return nil end
    end
  else
    local head, tail = netmask:match "^(.*)::(.*)$"
    local groups = {}
    for g in (head or netmask):gmatch "%x+" do groups[#groups + 1] = tonumber(g, 16) end
    local behind = {}
    for g in (tail or ""):gmatch "%x+" do behind[#behind + 1] = tonumber(g, 16) end
    while #groups + #behind < 8 do groups[#groups + 1] = 0 end
    for _, g in ipairs(behind) do groups[#groups + 1] = g end
    for _, g in ipairs(groups) do
      if not take(g, 16) then return nil end
    end
  end
  return bits
end

-- -> a table from name to a sequence of {address, netmask, family, mac, internal, cidr, scopeid}
function M.networkInterfaces()
  local result = {}
  for _, entry in ipairs(check("uv_interface_addresses", sys.interfaces())) do
    local list = result[entry.name] or shape.list {}
    result[entry.name] = list
    local length = prefix_length(entry.address, entry.netmask, entry.family)
    list[#list + 1] = shape.dict {
      address = entry.address, netmask = entry.netmask, family = entry.family, mac = entry.mac, internal = entry.internal,
      cidr = length and entry.address .. "/" .. length or nil, scopeid = entry.scopeid,
    }
  end
  return shape.dict(result)
end

-- HOME, or what the user database says.
function M.homedir()
  local home = env "HOME"
  if home and home ~= "" then return home end
  return check("uv_os_homedir", sys.homedir())
end

-- TMPDIR, TMP or TEMP of the environment, without a slash at the end; else /tmp
function M.tmpdir()
  local path = "/tmp"
  for _, name in ipairs { "TMPDIR", "TMP", "TEMP" } do
    local value = env(name)
    if value and value ~= "" then
      path = value
      break
    end
  end
  if #path > 1 and path:sub(-1) == "/" then path = path:sub(1, -2) end
  return path
end

-- options.encoding: of the text: "buffer" for Buffers, "hex" … (utf8) -> {uid, gid, username, homedir, shell}
function M.userInfo(given)
  local encoding = type(given) == "table" and given.encoding or nil
  local info = check("uv_os_get_passwd", sys.passwd())
  if encoding ~= nil and encoding ~= "buffer" then
    encoding = validators.normalizeEncoding(encoding)
    if encoding == "utf8" then encoding = nil end
  end
  if encoding then
    local Buffer = require("lunode.buffer").Buffer
    for _, name in ipairs { "username", "homedir", "shell" } do
      local bytes = info[name] and Buffer.from(info[name])
      info[name] = bytes and encoding ~= "buffer" and bytes:toString(encoding) or bytes
    end
  end
  return shape.dict(info)
end

-- pid: 0 for this process
function M.getPriority(pid)
  if pid == nil then pid = 0 end
  validators.validateInt32(pid, "pid")
  return check("uv_os_getpriority", sys.getPriority(pid))
end

-- setPriority(priority) or setPriority(pid, priority): -20 (highest) to 19
function M.setPriority(pid, priority)
  if priority == nil then pid, priority = 0, pid end
  validators.validateInt32(pid, "pid")
  validators.validateInt32(priority, "priority", -20, 19)
  local code = sys.setPriority(pid, priority)
  if code ~= 0 then must(nil, code, "uv_os_setpriority") end
end

local function constants()
  local all = sys.constants()
  return shape.dict {
    UV_UDP_REUSEADDR = 4, dlopen = shape.dict(all.dlopen), errno = shape.dict(all.errno), signals = shape.dict(core.signal.numbers()),
    priority = shape.dict {
      PRIORITY_LOW = 19, PRIORITY_BELOW_NORMAL = 10, PRIORITY_NORMAL = 0, PRIORITY_ABOVE_NORMAL = -7, PRIORITY_HIGH = -14,
      PRIORITY_HIGHEST = -20,
    },
  }
end

require "lunode.internal.lazy"(M, { constants = constants })
local mt, lua_os = getmetatable(M), os
local own = mt.__index
function mt.__index(t, name)
  local value = own(t, name)
  if value == nil then value = lua_os[name] end
  return value
end
return M
