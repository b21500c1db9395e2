-- SPDX-License-Identifier: MIT
-- The doors to JavaScript: every public function passes what it is given to call through callback(), and every
-- method that users may override and that gets a callback is called through hook(). This walks all of them.
local test = require "../support/test"

local root = debug.getinfo(1, "S").source:match "^@(.*)tests/api/doors%.lua$"
local root_lua = (root == nil or root == "") and "lua/" or root .. "lua/"

local sources = {}
local function lines_of(file)
  if not sources[file] then
    local list = {}
    for line in assert(io.open(file)):lines() do list[#list + 1] = line end
    sources[file] = list
  end
  return sources[file]
end

-- The text of a function of the library, or nil for C, builtins and functions from elsewhere.
local function text_of(fn)
  local info = debug.getinfo(fn, "S")
  if info.what == "C" then return nil end
  local rel = info.source:match "^@lunode:(.+)$"
  local file = rel and root_lua .. rel .. ".lua"
  if not file then return nil end
  local list = lines_of(file)
  return table.concat(list, "\n", info.linedefined, info.lastlinedefined), rel .. ".lua:" .. info.linedefined
end

local names = { cb = true, callback = true, fn = true, listener = true, handler = true, done = true, requestListener = true, connectionListener = true }
local adapters = { "callback", "optional_callback", "validateFunction", "validators%.callback", "validators%.optional_callback", "validators%.validateFunction", "check_listener" }

local function adapted(text, name)
  for _, a in ipairs(adapters) do
    if text:find("%f[%w_.]" .. a .. "%(%s*" .. name .. "%f[^%w_]") then return true end
  end
  -- an error of the type, raised by hand, is a check too
  return text:find("type%(" .. name .. "%) ~= \"function\"") ~= nil and text:find "ERR_INVALID_ARG_TYPE" ~= nil
end

-- Whether the function itself calls what it was given, or hands it to the queues, which call it.
local function calls(text, name)
  local body = text:gsub("^[^\n]-%b()", "", 1):gsub("%-%-[^\n]*", "")
  return body:find("%f[%w_.:]" .. name .. "%(") ~= nil or body:find("nextTick%(%s*" .. name .. "%f[^%w_]") ~= nil
    or body:find("microtask%(%s*" .. name .. "%f[^%w_]") ~= nil or body:find("pcall%(%s*" .. name .. "%f[^%w_]") ~= nil
end

local seen, functions, offenders = {}, 0, {}

local function examine(fn, label)
  if seen[fn] then return end
  seen[fn] = true
  local text, where = text_of(fn)
  if not text then return end
  functions = functions + 1
  local i = 1
  while true do
    local param = debug.getlocal(fn, i)
    if not param then break end
    if names[param] and calls(text, param) and not adapted(text, param) then
      offenders[#offenders + 1] = label .. " (" .. where .. ") calls its " .. param .. " without callback()"
    end
    i = i + 1
  end
end

-- Methods whose names begin with _ and that end in a callback are called BY the library: it adapts what it hands over.
local function walk(value, label, depth)
  if type(value) == "function" then return examine(value, label) end
  if type(value) ~= "table" or seen[value] or depth > 3 then return end
  seen[value] = true
  local prototype, static = rawget(value, "prototype"), rawget(value, "static")
  if prototype and static then
    for k, v in pairs(prototype) do
      if type(v) == "function" and not tostring(k):find "^_" then examine(v, label .. "." .. tostring(k)) end
    end
    for k, v in pairs(static) do walk(v, label .. "." .. tostring(k), depth + 1) end
    return
  end
  for k, v in pairs(value) do
    if not tostring(k):find "^_" then walk(v, label .. "." .. tostring(k), depth + 1) end
  end
end

local modules = {}
for path in io.popen("cd '" .. root_lua .. "' && ls *.lua */promises.lua stream/consumers.lua 2>/dev/null"):lines() do
  local name = path:gsub("%.lua$", "")
  if name ~= "init" then modules[#modules + 1] = name end
end

test("no public function calls what it was given without callback()", function(t)
  for _, name in ipairs(modules) do
    local ok, module = pcall(require, name)
    t:ok(ok, name .. ": " .. tostring(module))
    walk(module, name, 0)
  end
  t:ok(functions > 500, "only " .. functions .. " functions were found")
  if #offenders > 0 then t:fail(table.concat(offenders, "\n")) end
end)

test("methods that users override and that get a callback are called through hook()", function(t)
  local hooked = { "_read", "_write", "_writev", "_final", "_destroy", "_construct", "_transform", "_flush" }
  local with_callback = { _write = true, _writev = true, _final = true, _destroy = true, _construct = true, _transform = true, _flush = true }
  local found = 0
  for path in io.popen("find '" .. root_lua .. "' -name '*.lua'"):lines() do
    local text = table.concat(lines_of(path), "\n"):gsub("%-%-[^\n]*", "")
    for _, name in ipairs(hooked) do
      if with_callback[name] then
        if text:find('hook%([%w_]+, "' .. name .. '"') then found = found + 1 end
        local direct = text:match("\n[^\n]*self:" .. name .. "%([^)\n][^\n]*") -- with an argument: OutgoingMessage has a _flush without
        if direct and not direct:find "function" then t:fail(path .. " calls " .. name .. " without hook(): " .. direct) end
      end
    end
  end
  t:ok(found >= 6, "hook() is used " .. found .. " times")
end)

test("the door sees every callback of an asynchronous call, and only once", function(t)
  local door = require("lunode.internal.validators").door
  local count = 0
  door.adapt = function(fn)
    count = count + 1
    return fn
  end
  local fs, net, timers = require "fs", require "net", require "timers"
  local ok, e = pcall(function()
    fs.stat("/", t:called())
    fs.readFile("/dev/null", t:called())
    timers.setTimeout(t:called(), 1)
    timers.setImmediate(t:called())
    process.nextTick(t:called())
    queueMicrotask(t:called())
    local server = net.createServer()
    server:listen(0, "127.0.0.1", t:called(function() server:close(t:called()) end))
  end)
  door.adapt = false
  if not ok then error(e, 0) end
  t:ok(count >= 6, "the door saw " .. count)
end)
