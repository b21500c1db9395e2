-- SPDX-License-Identifier: MIT
--
-- node:test (Node 20 docs: Test runner): tests and suites run one after the other in the program that declares them; what fails is
-- written to stdout and makes the exit code 1. Not there: run(), mock.timers, snapshots, reporters.
local rt = ...
local L = rt.lua
local type, ipairs, select, unpack, setfenv = L.type, L.ipairs, L.select, L.unpack, L.setfenv
local G, null, put = rt.global, rt.null, rt.put
local async = L.require "lunode.internal.async"
local errors = L.require "lunode.internal.errors"
local promise = L.require "lunode.internal.promise"
local queue = L.require "lunode.internal.queue"

local function native(name, length, f) return rt.native(name, length, setfenv(f, G)) end
local function method(o, name, length, f) put(o, name, { value = native(name, length, f), bits = 7 }) end
local function getter(o, name, f) put(o, name, { accessor = true, bits = 6, get = native("get " .. name, 0, f) }) end

-- ---- mocks

-- A tracker gives mocks back at its end: mock.fn, mock.method, mock.getter, mock.setter, reset, restoreAll.
local function tracker()
  local o = rt.object_of(rt.ObjectPrototype)
  local made = {}

  local function mock_of(original, implementation, times, restore)
    local calls, now, once = rt.new_array({}, 0), implementation or original, {}
    local context = rt.object_of(rt.ObjectPrototype)
    local count = 0
    local function called(this, target, ...)
      local call = rt.object_of(rt.ObjectPrototype)
      local n = select("#", ...)
      local f = once[count] or (times and count >= times) and original or now
      if once[count] then once[count] = nil end
      count = count + 1
      local ok, value = rt.attempt(function(...)
        if target then return (rt.construct(f, target, ...)) end
        if f == nil then return nil end
        return (f(this, ...))
      end, ...)
      if not ok then value = rt.thrown(value) end
      call.arguments = rt.new_array({ ... }, n)
      call.error, call.result = not ok and value or nil, ok and value or nil
      call.stack, call.target, call.this = rt.new_error("Error", ""), target, target and value or this
      calls:push(call)
      if not ok then L.error(value, 0) end
      return value
    end
    getter(context, "calls", function() return (calls:slice()) end)
    method(context, "callCount", 0, function() return count end)
    method(context, "mockImplementation", 1, function(_, f) now, times = f, nil end)
    method(context, "mockImplementationOnce", 2, function(_, f, at) once[at or count] = f end)
    method(context, "resetCalls", 0, function() calls, count = rt.new_array({}, 0), 0 end)
    local function undo()
      now, once, times = original, {}, nil
      if restore then restore() end
    end
    method(context, "restore", 0, undo)
    made[#made + 1] = undo
    local call = setfenv(function(this, ...) return (called(this, nil, ...)) end, G)
    local name, length = original and rt.function_name(original) or "", original and original.length or 0
    local f = rt.native_constructor(name, length, call, function(target, ...) return (called(nil, target, ...)) end)
    if original and original.prototype ~= nil then put(f, "prototype", { value = original.prototype, bits = 1 }) end
    put(f, "mock", { value = context, bits = 6 })
    return f
  end

  local function times_of(options) return options ~= nil and options ~= null and options.times or nil end
  local function sort_out(original, implementation, options)
    if original ~= nil and type(original) ~= "function" then original, implementation, options = nil, nil, original end
    if implementation ~= nil and type(implementation) ~= "function" then implementation, options = nil, implementation end
    return original, implementation, options
  end

  method(o, "fn", 3, function(_, ...)
    local original, implementation, options = sort_out(...)
    return (mock_of(original or native("", 0, function() end), implementation, times_of(options)))
  end)

  local function property(object, name)
    local holder = object
    while holder ~= nil do
      local d = rt.get_own(holder, name)
      if d then return d end
      holder = rt.proto_of(holder)
    end
  end

  local function replace(object, name, implementation, options, kind)
    if implementation ~= nil and type(implementation) ~= "function" then implementation, options = nil, implementation end
    if options ~= nil then kind = options.getter and "get" or options.setter and "set" or kind end
    local d = property(object, name)
    local original = d and (kind and d[kind] or not kind and d.value)
    if not kind and d and d.accessor then original = object[name] end
    if type(original) ~= "function" then
      L.error(errors.ERR_INVALID_ARG_VALUE("methodName", name, "must be a method"), 0)
    end
    local own = rt.get_own(object, name)
    local f = mock_of(original, implementation, times_of(options), function()
      if own then put(object, name, own) else rt.delete(object, name) end
    end)
    if kind then
      put(object, name, { accessor = true, bits = d.bits, get = kind == "get" and f or d.get, set = kind == "set" and f or d.set })
    else
      put(object, name, { value = f, bits = d.bits % 8 })
    end
    return f
  end
  method(o, "method", 4, function(_, object, name, implementation, options) return (replace(object, name, implementation, options)) end)
  method(o, "getter", 4, function(_, object, name, implementation, options) return (replace(object, name, implementation, options, "get")) end)
  method(o, "setter", 4, function(_, object, name, implementation, options) return (replace(object, name, implementation, options, "set")) end)
  local function restore_all() for _, undo in ipairs(made) do undo() end end
  method(o, "restoreAll", 0, restore_all)
  method(o, "reset", 0, function()
    restore_all()
    made = {}
  end)
  return o, restore_all
end

-- ---- declaring

local current -- the suite or test whose function runs now, while nothing waits
local counts = { pass = 0, fail = 0, skipped = 0, todo = 0 }

local function new_node(parent, name, kind)
  return { parent = parent, name = name, kind = kind, level = parent and parent.level + 1 or -1, before = {}, after = {}, beforeEach = {}, afterEach = {}, children = {} }
end
local root = new_node(nil, "<root>", "suite")
current = root

local function set(v) return v ~= nil and v ~= null and v ~= false end

-- (name?, options?, fn?) -> name, options, fn
local function arguments(name, options, fn)
  if type(name) == "function" then name, fn, options = nil, name, nil
  elseif name ~= nil and type(name) ~= "string" then name, options, fn = nil, name, options end
  if type(options) == "function" then options, fn = nil, options end
  if name == nil or name == "" then name = fn and rt.function_name(fn) or "" end
  if name == "" then name = "<anonymous>" end
  return name, options, fn
end

-- Calls a function of the program: its result awaited, or with a second parameter its callback's.
local function run_function(fn, this, ...)
  local n = select("#", ...)
  local p
  if fn.length > n then
    p = promise.new()
    local list = { ... }
    list[n + 1] = native("done", 1, function(_, err) if set(err) then promise.reject(p, err) else promise.resolve(p, nil) end end)
    fn(this, unpack(list, 1, n + 1))
  else
    p = fn(this, ...)
  end
  if type(p) == "table" and (rt.is_promise(p) or rt.is_object(p) and type(p["then"]) == "function") then async.await(G.Promise.resolve(G.Promise, p)) end
end

local function protected(f, ...)
  local ok, e = rt.attempt(f, ...)
  if ok then return true end
  return false, rt.thrown(e)
end

local function say(level, text) L.require("lunode.process").stdout:write(("  "):rep(level) .. text:gsub("\n", "\n" .. ("  "):rep(level)) .. "\n") end

local run

local function context_of(node)
  local o = rt.object_of(rt.ObjectPrototype)
  local mock, restore = tracker()
  node.restore = restore
  o.name, o.fullName, o.mock = node.name, node.name, mock
  local assert = rt.object_of(rt.ObjectPrototype)
  getter(o, "assert", function()
    if not node.assert then
      node.assert = true
      local from = rt.node_module "assert"
      for _, key in ipairs(rt.listed_keys(from)) do
        if type(key) == "string" and type(from[key]) == "function" then
          method(assert, key, from[key].length, function(_, ...)
            node.asserted = (node.asserted or 0) + 1
            return (from[key](from, ...))
          end)
        end
      end
    end
    return assert
  end)
  getter(o, "signal", function()
    node.signal = node.signal or rt.construct(G.AbortController, G.AbortController)
    return node.signal.signal
  end)
  method(o, "diagnostic", 1, function(_, message) say(node.level, "# " .. rt.text(message)) end)
  method(o, "plan", 1, function(_, n) node.planned = n end)
  method(o, "skip", 1, function(_, why) node.skipped = why or true end)
  method(o, "todo", 1, function(_, why) node.todo = why or true end)
  method(o, "runOnly", 1, function() end)
  for _, name in ipairs { "before", "after", "beforeEach", "afterEach" } do
    method(o, name, 2, function(_, fn)
      if name == "before" and node.running then return end
      node[name][#node[name] + 1] = fn
    end)
  end
  method(o, "test", 3, function(_, ...)
    node.asserted = (node.asserted or 0) + 1
    local child = new_node(node, "", "test")
    local options
    child.name, options, child.fn = arguments(...)
    child.options = options or {}
    local p = promise.new()
    node.chain = node.chain or promise.resolved(nil)
    local before = node.chain
    node.chain = p
    async.start(function()
      async.await(before)
      run(child)
      if child.failed then node.child_failed = true end
      promise.resolve(p, nil)
    end, function(ok, e) if not ok then promise.reject(p, e) end end)
    return p
  end)
  return o
end

local function hooks(node, name, ...)
  for _, fn in ipairs(node[name]) do run_function(fn, nil, ...) end
end

local function each_hooks(node, name, context)
  if node.parent and name == "beforeEach" then each_hooks(node.parent, name, context) end
  hooks(node, name, context)
  if node.parent and name == "afterEach" then each_hooks(node.parent, name, context) end
end

local function with_timeout(node, f)
  local limit = node.options.timeout
  if type(limit) ~= "number" or limit == L.math.huge then return f() end
  local timer
  local race = promise.new()
  async.start(function() return f() end, function(ok, e) if ok then promise.resolve(race, nil) else promise.reject(race, e) end end)
  local timers = L.require "lunode.timers"
  timer = timers.setTimeout(function() promise.reject(race, rt.new_error("Error", "test timed out after " .. rt.text(limit) .. "ms")) end, limit)
  local ok, e = L.pcall(async.await, race)
  timers.clearTimeout(timer)
  if not ok then L.error(e, 0) end
end

local function body(node)
  if node.kind == "suite" then
    hooks(node, "before")
    for _, child in ipairs(node.children) do
      if not root.only or child.only or node.only then run(child) end
      if child.failed then node.child_failed = true end
    end
    hooks(node, "after")
    return
  end
  local context = context_of(node)
  node.running = true
  each_hooks(node.parent, "beforeEach", context)
  local ok, e = protected(function()
    if node.fn then run_function(node.fn, context, context) end
    if node.chain then async.await(node.chain) end
    if node.planned and node.planned ~= (node.asserted or 0) then
      L.error(rt.new_error("Error", "plan expected " .. rt.text(node.planned) .. " assertions but received " .. (node.asserted or 0)), 0)
    end
  end)
  each_hooks(node.parent, "afterEach", context)
  hooks(node, "after", context)
  node.restore()
  if node.signal then node.signal:abort() end
  if not ok then L.error(e, 0) end
end

function run(node)
  local options = node.options
  local skip = options.skip
  node.todo = node.todo or set(options.todo)
  local ok, e = true, nil
  if not set(skip) then ok, e = protected(with_timeout, node, function() return body(node) end) end
  if ok and node.load_error then ok, e = false, node.load_error end
  if ok and node.child_failed then ok, e = false, "subtests failed" end
  if set(skip) or node.skipped then
    counts.skipped = counts.skipped + 1
    say(node.level, "﹣ " .. node.name .. " # SKIP")
  elseif ok then
    counts.pass = counts.pass + 1
    say(node.level, "✔ " .. node.name)
  else
    if node.todo then counts.todo = counts.todo + 1 else
      counts.fail = counts.fail + 1
      node.failed = true
      L.require("lunode.process").exitCode = 1
    end
    say(node.level, "✖ " .. node.name .. (node.todo and " # TODO" or "") .. "\n" .. L.require("lunode.util").inspect(e))
  end
  if node.finished then promise.resolve(node.finished, nil) end
end

-- ---- the root

local started, running = false, false

local function run_all()
  running = true
  hooks(root, "before")
  local i = 1
  while root.children[i] do
    local node = root.children[i]
    if not root.only or node.only then run(node) end
    i = i + 1
  end
  hooks(root, "after")
  running, started, root.children = false, false, {}
end

local function start()
  if started then return end
  started = true
  local process = L.require "lunode.process"
  if not root.watched then
    root.watched = true
    process:on("exit", function()
      if running then
        process.exitCode = 1
        say(0, "✖ Promise resolution is still pending but the event loop has already resolved")
      end
      say(0, ("ℹ pass %d\nℹ fail %d\nℹ skipped %d\nℹ todo %d"):format(counts.pass, counts.fail, counts.skipped, counts.todo))
    end)
  end
  queue.nextTick(function()
    async.start(run_all, function(ok, e)
      if not ok then queue.uncaught(e, "") end
    end)
  end)
end

local function declare(kind, flag)
  return function(_, ...)
    local name, options, fn = arguments(...)
    local parent = current
    local node = new_node(parent, name, kind)
    node.options, node.fn = options ~= nil and options ~= null and options or {}, fn
    if flag then node.options = rt.object_of(node.options) node.options[flag] = true end
    if set(node.options.only) then node.only = true end
    parent.children[#parent.children + 1] = node
    node.finished = promise.new()
    if kind == "suite" and fn and not set(node.options.skip) then
      current = node
      local ok, e = protected(function()
        local context = rt.object_of(rt.ObjectPrototype)
        context.name = name
        local p = fn(context, context)
        if rt.is_promise(p) then promise.subscribe(p, { _job = function(_, fine, why) if not fine then node.load_error = why end end }) end
      end)
      current = parent
      if not ok then node.load_error = e end
    end
    if parent == root then start() end
    return node.finished
  end
end

function rt.own_module.test()
  local function with_flags(name, kind)
    local f = native(name, 3, declare(kind))
    for _, flag in ipairs { "skip", "todo", "only" } do method(f, flag, 3, declare(kind, flag)) end
    return f
  end
  local test, suite = with_flags("test", "test"), with_flags("suite", "suite")
  local function export(name, value) put(test, name, { value = value, bits = 7 }) end
  export("test", test)
  export("it", test)
  export("describe", suite)
  export("suite", suite)
  for _, name in ipairs { "before", "after", "beforeEach", "afterEach" } do
    method(test, name, 2, function(_, fn)
      if current == root then start() end
      current[name][#current[name] + 1] = fn
    end)
  end
  export("mock", (tracker()))
  export("run", native("run", 1, function() errors.notImplemented "test.run"() end))
  return test
end
