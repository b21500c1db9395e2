-- SPDX-License-Identifier: MIT
--
-- Every function of lunode.core, and every method of the userdata that these make, is called with arguments of all kinds.
-- What is wrong must raise or return a code: never crash, never hang. Each seed is a process of its own.
--   LUNODE_SEEDS=n    that many seeds (3)       LUNODE_SEED=n    the first one       LUNODE_TRACE=1    each call is told on stderr
local core = require "lunode.core"

-- What would end the process, change it for good, signal others, or replace the wiring between C and the library. The
-- descriptors of the loop are no arguments either: a program that closes them has asked for it.
local EXCLUDED = {
  ["loop.exit"] = true, ["loop.run"] = true, ["loop.stop"] = true, ["loop.setup"] = true,
  ["process.abort"] = true, ["process.kill"] = true, ["process.setid"] = true, ["process.setgroups"] = true, ["process.initgroups"] = true,
  ["process.chdir"] = true, ["os.setPriority"] = true, ["fs.close"] = true, ["fs.chown"] = true, ["fs.lchown"] = true, ["fs.fchown"] = true,
  ["buffer.setMetatable"] = true, ["json.setup"] = true, ["serialize.setup"] = true, ["http.setup"] = true, ["timer.setup"] = true,
}
local AREAS_LEFT_OUT = { crypto = true, zlib = true, tls = true } -- other libraries, with tests of their own

local function child(seed)
  local ffi = require "ffi"
  local trace = os.getenv "LUNODE_TRACE"
  require "lunode.buffer"
  require "lunode.internal.serializable"
  require "lunode.json"
  math.randomseed(seed)
  local random = math.random
  process:on("uncaughtException", function() end)

  local made, known = {}, {}
  local function ignore() return nil end
  local function keep(value)
    if type(value) == "userdata" and not known[value] and #made < 400 then
      known[value] = true
      made[#made + 1] = value
    end
    return value
  end
  local numbers = { 0, 1, 2, -1, -0.0, 0.5, -1.5, 0 / 0, 1 / 0, -1 / 0, 255, 256, 65535, 65536, -2147483648, -2147483649, 4294967297, 2 ^ 53, -2 ^ 53,
    2 ^ 64, 1e300, 1e-300, 4096, 70000 }
  local strings = { "", "a", "\0", "a\0b", ("x"):rep(300), ("y"):rep(70000), "\255\254\128", "127.0.0.1", "::1", "not an address", "utf8", "hex", "base64",
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "[1,{\"a\":null}]", "{", "\255\15o\"\1a", "[[[[", "rw", "request", "response", "%s%n", "ä€😀" }
  local cycle = {}
  cycle[1], cycle.me = cycle, cycle
  local deep = {}
  for _ = 1, 5000 do deep = { deep } end
  local tables = { {}, { 1, 2, 3 }, { "a", "b\0c" }, { a = 1, b = { c = "d" } }, cycle, deep, { { "ignore" }, { "fd", -1 }, { "stream", 5 }, { "pipe", {} } },
    setmetatable({}, { __index = function() error "index" end }), setmetatable({}, { __tostring = function() return 5 end, __len = function() return -1 end }),
    { file = "\0", args = {}, stdio = 5 }, { file = "/nowhere", args = { "a" }, stdio = { { "fd", -1 } } }, { [1] = 0 / 0, [3] = "hole" } }
  local function closed()
    local h = core.tcp.new()
    if h then h:close() end
    return h
  end
  local choices = {
    function() return nil end, function() return random(2) == 1 end, function() return numbers[random(#numbers)] end,
    function() return numbers[random(#numbers)] end, function() return strings[random(#strings)] end,
    function() return strings[random(#strings)] end, function() return tables[random(#tables)] end, function() return ignore end,
    function() return coroutine.create(ignore) end, function() return keep(core.buffer.alloc(random(0, 300))) end,
    function() return closed() end, function() return made[random(math.max(1, #made))] end, function() return made[random(math.max(1, #made))] end,
    function() return made[random(math.max(1, #made))] end, function() return io.stdout end, function() return newproxy(true) end,
    function() return ffi.new("int64_t", -5) end, function() return ffi.new "char[8]" end, function() return ffi.cast("void *", 0) end,
  }
  local function value() return choices[random(#choices)]() end

  local functions = {}
  local function walk(area, tbl, seen)
    local names = {}
    for name in pairs(tbl) do if type(name) == "string" then names[#names + 1] = name end end
    table.sort(names)
    for _, name in ipairs(names) do
      local f, full = tbl[name], area .. "." .. name
      if type(f) == "function" and not EXCLUDED[full] then functions[#functions + 1] = { full, f }
      elseif type(f) == "table" and not seen[f] then
        seen[f] = true
        walk(full, f, seen)
      end
    end
  end
  local areas = {}
  for name, t in pairs(core) do if type(t) == "table" and not AREAS_LEFT_OUT[name] and not name:find "^crypto" then areas[#areas + 1] = name end end
  table.sort(areas)
  for _, name in ipairs(areas) do walk(name, core[name], {}) end

  -- The methods of a userdata: __index is a table, or a C closure over one.
  local function methods_of(object)
    local mt = debug.getmetatable(object)
    local index = mt and rawget(mt, "__index")
    if type(index) == "function" then
      local _, upvalue = debug.getupvalue(index, 1)
      index = upvalue
    end
    local names = {}
    for name, f in pairs(type(index) == "table" and index or {}) do
      if type(name) == "string" and type(f) == "function" then names[#names + 1] = name end
    end
    table.sort(names)
    return names, index
  end

  local function show(v)
    if type(v) == "string" then return ("%q"):format(#v > 40 and v:sub(1, 40) .. "…" or v):gsub("\n", "n") end
    return type(v) == "userdata" and tostring(debug.getmetatable(v)) .. " userdata" or tostring(v)
  end
  local args, calls = {}, 0
  local function call(name, f, self)
    local n, from = random(0, 6), 0
    for i = 1, 8 do args[i] = nil end
    if self ~= nil then
      args[1], from = self, 1
    end
    for i = from + 1, n do args[i] = value() end
    n = math.max(n, from)
    calls = calls + 1
    if trace then
      local parts = {}
      for i = 1, n do parts[i] = show(args[i]) end
      io.stderr:write(name, "(", table.concat(parts, ", "), ")\n")
    end
    local ok, a, b = pcall(f, unpack(args, 1, n))
    if ok then
      keep(a)
      keep(b)
    end
  end

  -- Some of each kind to begin with.
  for _, make in ipairs { core.tcp.new, core.pipe.new, core.udp.new, core.resolver.new, core.signal.new } do
    for _ = 1, 2 do
      local ok, h = pcall(make)
      if ok then keep(h) end
    end
  end
  keep(core.channel.new(false))
  keep(core.channel.new(true))
  for _, kind in ipairs { "request", "response" } do
    local ok, parser = pcall(core.http.parser, kind)
    if ok then keep(parser) end
  end

  local function close_all()
    for _, object in ipairs(made) do
      local ok, close = pcall(function() return object.close end)
      if ok and type(close) == "function" then pcall(close, object) end
    end
  end
  local started, left = os.clock(), 4
  local function round()
    for _ = 1, 700 do
      if random(3) > 1 and #made > 0 then
        local object = made[random(#made)]
        local names, index = methods_of(object)
        local name = names[random(math.max(1, #names))]
        -- A descriptor that the loop owns, opened twice, is closed under its feet.
        if name and name ~= "open" and not (name == "close" and random(4) > 1) then call("method " .. name, index[name], object) end
      else
        local f = functions[random(#functions)]
        call(f[1], f[2])
      end
      if random(40) == 1 then collectgarbage() end
      if os.clock() - started > 2.5 then break end
    end
    left = left - 1
    if left > 0 and os.clock() - started < 2.5 then return setTimeout(round, 1) end
    close_all()
    made, known = {}, {}
    collectgarbage()
    setTimeout(function()
      io.stderr:write("\ndone: ", calls, " calls\n")
      process.exit(0)
    end, 20)
  end
  round()
end

if process.argv[3] == "child" then return child(tonumber(process.argv[4])) end

local test = require "../support/test"
local command = require "../support/command"
local first = tonumber(os.getenv "LUNODE_SEED") or 20231114
for seed = first, first + (tonumber(os.getenv "LUNODE_SEEDS") or 3) - 1 do
  test("lunode.core survives arguments of every kind (seed " .. seed .. ")", { timeout = 60000 }, function(t)
    local script = command.quote(require("path").resolve(process.argv[2]))
    local r = command.run(script .. " child " .. seed, { cwd = command.dir(), command = "timeout -s KILL 30 " .. command.quote(process.execPath) })
    t:equal(r.code, 0, "exit code; stderr ends with " .. r.err:sub(-3000))
    t:equal(r.signal, 0)
    t:ok((tonumber(r.err:match "\ndone: (%d+) calls") or 0) > 100, "all calls were made")
  end)
end
