-- SPDX-License-Identifier: MIT
--
-- What no honest peer writes into the channel between a process and its child: random bytes, broken frames, lengths that
-- nothing follows, messages of the library out of place, descriptors that nobody announced or of the wrong kind. Either side
-- must tell it by 'error' events with codes, end in order, and hold no descriptor afterwards.
local ffi = require "ffi"
local core = require "lunode.core"
require "lunode.internal.serializable"
require "lunode.buffer"
local encode = core.serialize.encode

-- ---- the attacker, on a blocking descriptor

ffi.cdef [[
typedef struct { void *base; size_t length; } lunode_test_iovec;
typedef struct { void *name; unsigned name_length; lunode_test_iovec *iov; size_t iov_count; void *control; size_t control_length; int flags; } lunode_test_msghdr;
typedef struct { size_t length; int level, type; int fds[64]; } lunode_test_rights;
int socketpair(int, int, int, int[2]);
int socket(int, int, int);
int open(const char *, int, ...);
int close(int);
int epoll_create1(int);
ssize_t sendmsg(int, const lunode_test_msghdr *, int);
ssize_t recv(int, void *, size_t, int);
]]
local C = ffi.C
local NOSIGNAL, DONTWAIT, RIGHTS, CLOEXEC = 0x4000, 0x40, 1, 0x80000
local scratch = ffi.new("char[?]", 65536)

-- Writes it all, the descriptors with the first byte; false when the other side is gone. Answers are thrown away.
local function put(fd, text, fds)
  local at = 0
  while at < #text do
    local piece = text:sub(at + 1, at + 65536)
    local iov = ffi.new("lunode_test_iovec[1]")
    iov[0].base, iov[0].length = ffi.cast("void *", ffi.cast("const char *", piece)), #piece
    local message = ffi.new "lunode_test_msghdr"
    message.iov, message.iov_count = iov, 1
    local rights
    if fds and at == 0 then
      rights = ffi.new "lunode_test_rights"
      rights.length, rights.level, rights.type = 16 + 4 * #fds, 1, RIGHTS
      for i, n in ipairs(fds) do rights.fds[i - 1] = n end
      message.control, message.control_length = rights, math.ceil((16 + 4 * #fds) / 8) * 8
    end
    local n = tonumber(C.sendmsg(fd, message, NOSIGNAL))
    if n <= 0 then return false end
    at = at + n
    while C.recv(fd, scratch, 65536, DONTWAIT) > 0 do end
  end
  return true
end

local function frame(text)
  local n = #text
  return string.char(math.floor(n / 2 ^ 24) % 256, math.floor(n / 2 ^ 16) % 256, math.floor(n / 256) % 256, n % 256) .. text
end
local function pack(mode, message)
  if mode == "advanced" then return frame(encode(message)) end
  return core.json.stringify(message) .. "\n"
end
local function random_bytes(n)
  local out = {}
  for i = 1, n do out[i] = string.char(math.random(0, 255)) end
  return table.concat(out)
end

local kinds = {
  file = function() return C.open("/etc/passwd", CLOEXEC) end, null = function() return C.open("/dev/null", CLOEXEC) end,
  folder = function() return C.open("/", CLOEXEC) end, tcp = function() return C.socket(2, 1 + CLOEXEC, 0) end,
  udp = function() return C.socket(2, 2 + CLOEXEC, 0) end, unix = function() return C.socket(1, 1 + CLOEXEC, 0) end,
  datagram = function() return C.socket(1, 2 + CLOEXEC, 0) end, epoll = function() return C.epoll_create1(CLOEXEC) end,
}
local kind_names = { "file", "null", "folder", "tcp", "udp", "unix", "datagram", "epoll" }
local function with(make, use)
  local fd = make()
  use(fd)
  C.close(fd)
end

local attacks = {}
function attacks.random_bytes(fd, mode)
  for _ = 1, 200 do
    local bytes = random_bytes(math.random(1, 400))
    if not put(fd, mode == "advanced" and frame(bytes) or bytes:gsub("\n", " ") .. "\n") then return end
  end
  put(fd, random_bytes(20000))
end
function attacks.spoilt_messages(fd, mode)
  local whole = pack(mode, { list = { 1, "two", { three = true } }, text = "ü", bytes = mode == "advanced" and Buffer.from "abc" or nil })
  local from = mode == "advanced" and 5 or 1
  for _ = 1, 500 do
    local at = math.random(from, #whole - 1)
    local spoilt = whole:sub(1, at - 1) .. string.char(math.random(0, 255)):gsub("\n", "x") .. whole:sub(at + 1)
    put(fd, spoilt)
    local cut = whole:sub(from, math.random(from, #whole - 1))
    put(fd, mode == "advanced" and frame(cut) or cut .. "\n")
  end
end
function attacks.truncated(fd, mode)
  local whole = pack(mode, { text = ("x"):rep(1000) })
  put(fd, whole .. whole:sub(1, 500))
end
function attacks.half_a_head(fd) put(fd, "\0\0") end
function attacks.huge_length(fd) put(fd, "\255\255\255\255 and no more") end
function attacks.large_length(fd) put(fd, "\31\255\255\255 and no more") end -- below the limit: nothing is set aside for it
function attacks.empty_messages(fd, mode)
  put(fd, (mode == "advanced" and "\0\0\0\0" or "\n"):rep(3000))
end
function attacks.deep(fd, mode)
  put(fd, mode == "advanced" and frame("\255\15" .. ("A\1"):rep(100000)) or ("["):rep(100000) .. "\n")
end
function attacks.flood(fd, mode)
  local many = pack(mode, 1):rep(1000)
  for _ = 1, 100 do
    if not put(fd, many) then return end
  end
end
function attacks.out_of_place(fd, mode)
  for _, message in ipairs {
    { cmd = 5 }, { cmd = "NODE_" }, { cmd = "NODE_HANDLE_ACK" }, { cmd = "NODE_HANDLE_NACK" }, { cmd = "NODE_HANDLE" },
    { cmd = "NODE_HANDLE", type = 5 }, { cmd = "NODE_HANDLE", type = "net.Socket", msg = 1 }, { cmd = "NODE_HANDLE", type = "net.Server" },
    { cmd = "NODE_HANDLE", type = "dgram.Socket", dgramType = {} }, { cmd = "NODE_HANDLE", type = "__index" }, { cmd = "NODE_CLUSTER", act = "newconn", key = {} },
    { cmd = "NODE_CLUSTER", ack = 1, seq = "x" }, { cmd = "NODE_SOCKET_NOTIFY_CLOSE", key = 7 }, { type = "NODE_HANDLE" },
  } do
    put(fd, pack(mode, message))
    with(kinds.tcp, function(extra) put(fd, pack(mode, message), { extra }) end)
  end
end
function attacks.unannounced_descriptors(fd, mode)
  for i = 1, 200 do
    with(kinds[kind_names[i % #kind_names + 1]], function(extra) put(fd, pack(mode, i), { extra }) end)
  end
end
function attacks.many_descriptors_at_once(fd, mode)
  for _ = 1, 5 do
    with(kinds.tcp, function(a)
      with(kinds.file, function(b)
        local fds = {}
        for i = 1, 60 do fds[i] = i % 2 == 0 and a or b end
        put(fd, pack(mode, "many"), fds)
      end)
    end)
  end
end
function attacks.descriptors_of_the_wrong_kind(fd, mode)
  for _, kind in ipairs(kind_names) do
    for _, announced in ipairs { "net.Socket", "net.Server", "net.Native", "dgram.Socket", "dgram.Native", "nothing" } do
      with(kinds[kind], function(extra)
        put(fd, pack(mode, { cmd = "NODE_HANDLE", type = announced, msg = kind .. announced, dgramType = "udp4" }), { extra })
      end)
    end
  end
end

if process.argv[3] == "attack" then
  math.randomseed(tonumber(process.argv[6]))
  attacks[process.argv[4]](3, process.argv[5])
  process.exit(0)
end

-- ---- the victim

local fs = require "fs"
local function descriptors() return #fs.readdirSync "/proc/self/fd" end

-- Notes what `target` tells; report() -> {codes =, messages =}
local function watch(target)
  local codes, messages = {}, 0
  target:on("error", function(err)
    local code = err.code or tostring(err)
    codes[code] = (codes[code] or 0) + 1
  end)
  target:on("message", function(_, handle)
    messages = messages + 1
    if not handle then return end
    if type(handle) == "table" and handle.on then handle:on("error", function() end) end
    if type(handle) == "table" and handle.resume then handle:resume() end
    if type(handle) == "userdata" and handle.readStart then handle:readStart() end
    setTimeout(function()
      if type(handle) == "table" and handle.destroy then handle:destroy()
      else pcall(handle.close, handle) end
    end, 20)
  end)
  return function() return { codes = codes, messages = messages } end
end

if process.argv[3] == "victim" then
  local before = descriptors()
  local report = watch(process)
  process:on("disconnect", function()
    setTimeout(function()
      local told = report()
      told.left = descriptors() - (before - 1)
      io.stdout:write(core.json.stringify(told), "\n")
      io.stdout:flush()
    end, 100)
  end)
  return
end

-- ---- the tests

local test = require "../support/test"
local child_process = require "child_process"
local SCRIPT = require("path").resolve(process.argv[2])
local SEED = tonumber(os.getenv "LUNODE_SEED") or 4
math.randomseed(SEED)

-- attack -> what must be told, by mode (nothing else may be); nil: only what is no message
local MUST = {
  spoilt_messages = { json = "ERR_IPC_INVALID_MESSAGE", advanced = "ERR_IPC_INVALID_MESSAGE" },
  empty_messages = { json = "ERR_IPC_INVALID_MESSAGE", advanced = "ERR_IPC_INVALID_MESSAGE" },
  random_bytes = { json = "ERR_IPC_INVALID_MESSAGE", advanced = "ERR_IPC_INVALID_MESSAGE" },
  deep = { json = "ERR_IPC_INVALID_MESSAGE", advanced = "ERR_IPC_INVALID_MESSAGE" },
  huge_length = { advanced = "EMSGSIZE" },
}
local MAY = { ERR_IPC_INVALID_MESSAGE = true, EMSGSIZE = true, EPIPE = true }

local function judge(t, name, mode, told)
  for code in pairs(told.codes) do t:ok(MAY[code], "code " .. code) end
  local must = MUST[name] and MUST[name][mode]
  if must then t:ok(told.codes[must], must .. " was told") end
  if name == "flood" then t:equal(told.messages, 100000) end
  if name == "truncated" then t:equal(told.messages, 1) end
end

local names = {}
for name in pairs(attacks) do names[#names + 1] = name end
table.sort(names)

for _, name in ipairs(names) do
  for _, mode in ipairs { "json", "advanced" } do
    test(("a child's channel: %s (%s)"):format(name:gsub("_", " "), mode), { timeout = 30000 }, function(t)
      local pair = ffi.new "int[2]"
      t:equal(C.socketpair(1, 1 + CLOEXEC, 0, pair), 0)
      local child = child_process.spawn(process.execPath, { SCRIPT, "victim" }, {
        stdio = { "ignore", "pipe", "inherit", pair[1] },
        env = setmetatable({ NODE_CHANNEL_FD = "3", NODE_CHANNEL_SERIALIZATION_MODE = mode }, { __index = process.env }),
      })
      C.close(pair[1])
      local text = ""
      child.stdout:on("data", function(chunk) text = text .. tostring(chunk) end)
      local over = Promise(function(resolve) child:on("close", function(code, signal) resolve { code = code, signal = signal } end) end)
      attacks[name](pair[0], mode)
      C.close(pair[0])
      local how = await(over)
      t:deep(how, { code = 0 })
      local told = core.json.parse(text)
      judge(t, name, mode, told)
      t:equal(told.left, 0, "descriptors that are left")
    end)

    test(("a parent's channel: %s (%s)"):format(name:gsub("_", " "), mode), { timeout = 30000 }, function(t)
      local before = descriptors()
      local child = child_process.spawn("sh", { "-c", "unset NODE_CHANNEL_FD; exec \"$@\"", "sh", process.execPath, SCRIPT, "attack", name, mode, tostring(SEED) },
        { stdio = { "ignore", "inherit", "inherit", "ipc" }, serialization = mode })
      local report = watch(child)
      await(Promise(function(resolve) child:on("close", resolve) end))
      await(require("timers/promises").setTimeout(100))
      judge(t, name, mode, report())
      t:equal(child.connected, false)
      t:equal(descriptors() - before, 0, "descriptors that are left")
    end)
  end
end

-- libuv aborts when it waits for a file.
test("NODE_CHANNEL_FD names a file, a folder, or nothing", function(t)
  local command = require "../support/command"
  -- A closed 3 is taken by the loop for itself.
  for where, code in pairs { ["3</etc/passwd"] = "EINVAL", ["3</"] = "EINVAL", ["3</dev/null"] = "EINVAL", ["3<&-"] = "EINVAL", ["99<&-"] = "EBADF" } do
    local r = command.run("-e 'process:on(\"message\", function() end)' " .. where, { env = "NODE_CHANNEL_FD=" .. where:match "^%d+" })
    t:equal(r.signal, 0, where)
    t:equal(r.code, 1, where)
    t:match(r.err, code, where)
  end
end)

test("a stream is not opened on what cannot be waited for", function(t)
  for _, make in ipairs { core.pipe.new, core.tcp.new, core.channel.new } do
    for _, kind in ipairs { "file", "null", "folder" } do
      local handle, fd = make(), kinds[kind]()
      t:equal(handle:open(fd), require("lunode.internal.errors").uvCode "EINVAL", kind)
      t:equal(C.close(fd), 0) -- it is still the caller's
      handle:close()
    end
    local handle = make()
    t:equal(handle:open(-1), require("lunode.internal.errors").uvCode "EBADF")
    handle:close()
  end
end)
