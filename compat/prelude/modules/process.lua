-- SPDX-License-Identifier: MIT
--
-- What process has in JavaScript alone.
local rt = ...
local L = rt.lua
local type, rawget, rawset, ipairs, getmetatable = L.type, L.rawget, L.rawset, L.ipairs, L.getmetatable
local G, put, null = rt.global, rt.put, rt.null
local errors = L.require "lunode.internal.errors"
local options = L.require "lunode.internal.options"

local function native(name, length, f) return rt.native(name, length, L.setfenv(f, G)) end

-- process.env: every value is text, no accessors, no symbols.
local function environment(process)
  local told = false
  if L.getmetatable(process.env) == nil then rt.as_dict(process.env) end
  local function store(target, key, value)
    if type(key) == "table" then rt.type_error "Cannot convert a Symbol value to a string" end
    if options.pendingDeprecation and not told and type(value) ~= "string" and type(value) ~= "number" and type(value) ~= "boolean" then
      told = true
      process.emitWarning("Assigning any value other than a string, number, or boolean to a process.env property is deprecated. "
        .. "Please make sure to convert the value to a string before setting process.env with it.", "DeprecationWarning", "DEP0104")
    end
    rt.define_data(target, rt.tokey(key), rt.text(value))
    if key == "TZ" then process._syncEnv() end
    return true
  end
  local handler = rt.object_of(nil)
  put(handler, "set", { bits = 7, value = native("set", 4, function(_, target, key, value) return (store(target, key, value)) end) })
  put(handler, "defineProperty", { bits = 7, value = native("defineProperty", 3, function(_, target, key, d)
    if d.get ~= nil or d.set ~= nil then
      L.error(errors.ERR_INVALID_OBJECT_DEFINE_PROPERTY "'process.env' does not accept an accessor(getter/setter) descriptor", 0)
    end
    if d.configurable ~= true or d.writable ~= true or d.enumerable ~= true then
      L.error(errors.ERR_INVALID_OBJECT_DEFINE_PROPERTY "'process.env' only accepts a configurable, writable, and enumerable data descriptor", 0)
    end
    return (store(target, key, d.value))
  end) })
  put(handler, "deleteProperty", { bits = 7, value = native("deleteProperty", 2, function(_, target, key)
    rt.delete(target, rt.tokey(key))
    if key == "TZ" then process._syncEnv() end
    return true
  end) })
  return (rt.construct(G.Proxy, G.Proxy, process.env, handler))
end

-- The flags that NODE_OPTIONS may hold: a Set that cannot be changed.
local function allowed_flags()
  local set = rt.construct(G.Set, G.Set)
  for name in ("--conditions --dns-result-order --enable-source-maps --icu-data-dir --import --input-type --inspect --inspect-port --max-http-header-size "
    .. "--no-deprecation --no-warnings --pending-deprecation --preserve-symlinks --redirect-warnings --require --throw-deprecation --title "
    .. "--trace-deprecation --trace-uncaught --trace-warnings --unhandled-rejections --zero-fill-buffers -r -C --max-old-space-size --stack-trace-limit "
    .. "--abort-on-uncaught-exception --disallow-code-generation-from-strings --perf-basic-prof --perf-prof --jitless --interpreted-frames-native-stack"):gmatch "%S+" do
    set:add(name)
  end
  return (G.Object.freeze(nil, set))
end

function rt.complete.process(view, process)
  local proto = rt.proto_of(view)
  rt.readonly(proto, rt.symbols.toStringTag, "process")
  local constructor = rt.native_constructor("process", 0, L.setfenv(function() rt.type_error "Illegal constructor" end, G), function() rt.type_error "Illegal constructor" end)
  put(constructor, "prototype", { value = proto, bits = 0 })
  rt.hide(proto, "constructor", constructor)
  local env = environment(process)
  rt.behind[env] = process.env
  put(view, "env", { bits = 7, value = env })
  -- What programs put in their place is what lua/ calls.
  for _, name in ipairs { "reallyExit", "kill", "_kill", "emitWarning", "exit", "abort", "cwd", "chdir" } do
    local original, now = view[name], nil
    local before = process[name]
    put(view, name, { accessor = true, late = true, bits = 6, get = native("get " .. name, 0, function() return now or original end),
      set = native("set " .. name, 1, function(_, v)
        now = v ~= original and v or nil
        rawset(process, name, now and type(v) == "function" and function(...) return (v(view, ...)) end or before)
      end) })
  end
  put(view, "exitCode", { accessor = true, bits = 2, get = rt.get_own(view, "exitCode").get, set = rt.get_own(view, "exitCode").set })
  for name, bits in ("arch/6 platform/6 version/6 versions/6 release/6 config/6 pid/6 argv0/2 features/2"):gmatch "(%w+)/(%d)" do
    local d = rt.get_own(view, name)
    put(view, name, { accessor = true, late = true, bits = L.tonumber(bits), get = d.get or native("get " .. name, 0, function() return d.value end) })
  end
  for _, name in ipairs { "noDeprecation", "throwDeprecation", "traceDeprecation", "traceProcessWarnings" } do
    if rawget(process, name) == nil then rt.through(view, process, name, 4) end
  end
  local function define(name, length, f) put(view, name, { bits = 7, value = native(name, length, f) }) end
  define("_rawDebug", 0, function(_, ...) L.require("lunode.core").tty.writeSync(2, L.require("lunode.util").format(...) .. "\n") end)
  define("setSourceMapsEnabled", 1, function(_, on)
    if type(on) ~= "boolean" then L.error(errors.ERR_INVALID_ARG_TYPE("val", "boolean", on), 0) end
  end)
  define("getBuiltinModule", 1, function(_, id)
    if type(id) ~= "string" then L.error(errors.ERR_INVALID_ARG_TYPE("id", "string", id), 0) end
    return rt.node_module(id)
  end)
  define("_getActiveRequests", 0, function() return rt.new_array({}, 0) end)
  define("_getActiveHandles", 0, function()
    local list, n = {}, 0
    for _, entry in ipairs(L.require("lunode.core").handle.active(true)) do
      local owner = entry[2].owner
      if type(owner) == "table" then
        n = n + 1
        list[n] = owner
      end
    end
    return (rt.new_array(list, n))
  end)
  define("openStdin", 0, function()
    local stdin = view.stdin
    stdin:resume()
    return stdin
  end)
  define("_tickCallback", 0, function() L.require("lunode.core").loop.settle() end)
  local flags
  put(view, "allowedNodeEnvironmentFlags", { accessor = true, bits = 6, get = native("get allowedNodeEnvironmentFlags", 0, function()
    flags = flags or allowed_flags()
    return flags
  end) })
  put(view, "moduleLoadList", { bits = 7, value = rt.new_array({}, 0) })
end
