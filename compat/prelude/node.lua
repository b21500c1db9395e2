-- SPDX-License-Identifier: MIT
--
-- What Node gives a program: its modules by name, its globals.
--
--   rt.node_module(name) -> the module that require(name) gives ("fs", "node:fs", "fs/promises"); nil where Lunode has none
local rt = ...
local L = rt.lua
local type, pairs, ipairs, rawget, pcall, error = L.type, L.pairs, L.ipairs, L.rawget, L.pcall, L.error
local gsub, match, find = L.string.gsub, L.string.match, L.string.find
local put, native, face, G = rt.put, rt.native, rt.face, rt.global
local setfenv = L.setfenv

-- ---- modules

local NAMES = {}
for name in ("assert assert/strict async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns dns/promises domain events "
  .. "fs fs/promises http http2 https inspector module net os path path/posix path/win32 perf_hooks process punycode querystring readline readline/promises "
  .. "repl stream stream/consumers stream/promises stream/web string_decoder sys timers timers/promises tls trace_events tty url util util/types v8 vm "
  .. "wasi worker_threads zlib _http_agent _http_client _http_common _http_incoming _http_outgoing _http_server _stream_duplex _stream_passthrough "
  .. "_stream_readable _stream_transform _stream_writable"):gmatch "%S+" do NAMES[name] = true end
rt.node_names = NAMES

local ALSO = { sys = "util", ["path/posix"] = "path" } -- other names of the same module
local emits = { process = true, cluster = true }

-- compat/prelude/modules/NAME.lua sets rt.complete[NAME] = function(view, module): what has no counterpart in Lua.
rt.complete = {}
local COMPLETED = {}
for name in ("buffer child_process cluster crypto dns domain events fs http net os process querystring stream url util v8 zlib"):gmatch "%S+" do COMPLETED[name] = true end

-- compat/prelude/modules/NAME.lua sets rt.own_module[NAME] = function() -> view: modules that are JavaScript's alone.
rt.own_module = {
  module = function() return rt.Module end,
  ["assert/strict"] = function() return rt.node_module("assert").strict end,
}
local OWN = { assert = true, ["assert/strict"] = true, module = true, test = true, vm = true, worker_threads = true }
for name in pairs(NAMES) do if find(name, "^_") then OWN[name] = "legacy" end end -- (a file's name)

local views = {}
function rt.node_module(name)
  local bare = gsub(name, "^node:", "")
  if not NAMES[bare] and name ~= "node:test" then return nil end
  bare = ALSO[bare] or bare
  local view = views[bare]
  if view ~= nil then return view end
  if OWN[bare] then
    if not rt.own_module[bare] then rt.part("modules." .. (OWN[bare] == true and bare or OWN[bare])) end
    view = rt.own_module[bare]()
    views[bare] = view
    return view
  end
  local ok, module = pcall(L.require, "lunode." .. gsub(bare, "/", "."))
  if not ok then
    if type(module) == "string" and find(module, "not found", 1, true) then return nil end
    error(module, 0)
  end
  if emits[bare] then
    view = rt.emitting_view(module, L.getmetatable(module).class, bare)
  else
    view = rt.view(module, bare)
  end
  views[bare] = view
  if bare == "punycode" and L.require("lunode.internal.options").pendingDeprecation then
    L.require("lunode.process").emitWarning("The `punycode` module is deprecated. Please use a userland alternative instead.", "DeprecationWarning", "DEP0040")
  end
  if COMPLETED[bare] then
    rt.part "complete"
    rt.part("modules." .. gsub(bare, "/", "_"))
    rt.complete[bare](view, module)
  end
  if rt.give_lengths then rt.give_lengths(view, bare) end
  return view
end

function rt.exact_lengths()
  rt.part "node_lengths"
  for view, name in pairs(rt.module_names) do rt.give_lengths(view, name) end
end

-- ---- globals

-- Found when first asked for; a program may assign its own.
local lazy, accessor_seen = {}, {}

-- What getOwnPropertyDescriptor says of a global: values that are made when they are read are values, and what Node keeps behind a
-- pair of functions is shown so.
function rt.global_descriptor(name, d)
  if d.accessor and lazy[name] == d.get then
    local _ = G[name]
    d = rt.get_own(G, name)
  end
  if accessor_seen[name] and not d.accessor then
    return { accessor = true, bits = 4, get = native("get", 0, setfenv(function() return G[name] end, G)),
      set = native("set", 1, setfenv(function(_, v) G[name] = v end, G)) }
  end
  return d
end

local function global(name, bits, find_it)
  local function settle(v)
    put(G, name, { value = v, bits = bits })
    return v
  end
  lazy[name] = native("get " .. name, 0, setfenv(function() return settle(find_it()) end, G))
  put(G, name, { accessor = true, bits = bits - 1, get = lazy[name],
    set = native("set " .. name, 1, setfenv(function(_, v) settle(v) end, G)) })
end

-- Every built-in module as a global of its name, loaded when it is read: for -e, -p, standard input.
function rt.builtin_globals()
  for name in L.pairs(rt.builtin_modules) do
    if not L.string.find(name, "/", 1, true) and rt.get_own(G, name) == nil then global(name, 5, function() return rt.node_module(name) end) end
  end
end

function rt.install_node()
  rt.open_doors()
  -- Instances of errors name their class, however they come to be seen.
  face(L.require("lunode.internal.errors").AbortError)
  local exception = L.package.loaded["lunode.internal.dom_exception"]
  if exception then face(exception, "DOMException") end
  L.require("lunode.internal.validators").door.class = face
  local function of(module, key, bits)
    global(key, bits, function() return rt.node_module(module)[key] end)
  end
  put(G, "global", { value = G, bits = 5 })
  if L.require("lunode.internal.options").exposeGC then rt.hide(G, "gc", native("gc", 0, setfenv(function() L.collectgarbage() end, G))) end
  global("Intl", 5, function()
    rt.part "intl"
    return rt.intl.Intl
  end)
  global("process", 5, function() return rt.node_module "process" end)
  accessor_seen = { process = true, Buffer = true }
  global("console", 5, function() return rt.node_module "console" end)
  for name in ("setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate"):gmatch "%S+" do of("timers", name, 7) end
  for name in ("Buffer Blob File"):gmatch "%S+" do of("buffer", name, 5) end
  for name in ("atob btoa"):gmatch "%S+" do of("buffer", name, 7) end
  for name in ("URL URLSearchParams"):gmatch "%S+" do of("url", name, 5) end
  for name in ("TextEncoder TextDecoder"):gmatch "%S+" do of("util", name, 5) end
  local function from(module, names, bits)
    for name in names:gmatch "%S+" do
      global(name, bits, function()
        local m = L.require(module)
        return face(L.type(m) == "table" and not rawget(m, "prototype") and m[name] or m, name)
      end)
    end
  end
  from("lunode.internal.event_target", "Event EventTarget CustomEvent", 5)
  from("lunode.internal.abort_controller", "AbortController AbortSignal", 5)
  from("lunode.internal.dom_exception", "DOMException", 5)
  from("lunode.internal.microtask", "queueMicrotask", 7)
  global("structuredClone", 7, function()
    rt.part "clone"
    return rt.structured_clone
  end)
  global("fetch", 7, function() return face(L.require("lunode.internal.fetch").fetch, "fetch") end)
  for name in ("Headers Request Response"):gmatch "%S+" do
    global(name, 5, function() return face(L.require("lunode.internal.fetch")[name], name) end)
  end
  of("worker_threads", "MessagePort", 5) -- nothing is one
  for name in ("ReadableStream TransformStream WritableStream"):gmatch "%S+" do of("stream/web", name, 5) end
  for name in ("crypto Crypto CryptoKey SubtleCrypto"):gmatch "%S+" do
    global(name, 5, function()
      rt.node_module "crypto"
      return face(L.require("lunode.crypto.webcrypto")[name], name)
    end)
  end
  from("lunode.perf_hooks", "performance", 7)
  from("lunode.perf_hooks", "PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver PerformanceObserverEntryList", 5)
end
