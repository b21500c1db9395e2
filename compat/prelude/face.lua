-- SPDX-License-Identifier: MIT
--
-- JavaScript's view of Lunode's own modules. One library, two faces: the objects, their classes and methods are the same ones; what
-- differs is made here, once.
--
--   rt.face(value)         what a module exports, as JavaScript sees it: a function takes `this` and drops it; a class is a function over
--                          the same prototype, with or without `new`, to be extended; a table is an object with both among its
--                          properties; everything else is itself
--   rt.view(module)        the object of a module, whatever it is
--   rt.given(value)        a plain table that the library hands out: an Array or an object from now on
--
-- Methods need nothing: Lua's take self first as JavaScript's take `this`. Callbacks cross at the doors of lunode.internal.validators.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, select, pairs, next, getfenv, setfenv, tostring = L.type, L.getmetatable, L.setmetatable,
  L.rawget, L.rawset, L.select, L.pairs, L.next, L.getfenv, L.setfenv, L.tostring
local tonumber = L.tonumber
local find, sort, getinfo = L.string.find, L.table.sort, L.debug.getinfo
local class = L.require "lunode.internal.class"
local shape = L.require "lunode.internal.shape"
local validators = L.require "lunode.internal.validators"
local ffi = L.require "ffi"
local null, put, hide, native, own_shape, G = rt.null, rt.put, rt.hide, rt.native, rt.own_shape, rt.global
local ARRAY = shape.ARRAY

local faces = setmetatable({}, { __mode = "kv" }) -- Lua's function, class or module -> its face
local behind = setmetatable({}, { __mode = "kv" }) -- and back
rt.faces, rt.behind = faces, behind

-- ---- plain tables

-- The BigInt of a 64-bit integer.
local function big(v) return rt.bigint((L.string.gsub(tostring(v), "U?LL$", ""))) end

rt.bigint_of_integer = big

-- Keys of a plain table in the order that JSON has them: sorted.
local function names_of(t)
  local names, n = {}, 0
  for k, v in next, t do
    if type(v) == "cdata" then t[k] = big(v) end
    if type(k) == "string" then
      n = n + 1
      names[n] = k
    end
  end
  sort(names)
  return names, n
end

local function as_list(t)
  if rawget(t, "length") == nil then rawset(t, "length", #t) end
  return (setmetatable(t, rt.array))
end

local function as_dict(t, proto)
  local names, n = names_of(t)
  if n == 0 and getmetatable(t) == nil then return (setmetatable(t, rt.root_of(proto or rt.ObjectPrototype))) end
  return (setmetatable(t, own_shape(proto or rt.ObjectPrototype, names)))
end
rt.as_list, rt.as_dict = as_list, as_dict

local function given(v)
  if type(v) ~= "table" then return v end
  local mt = getmetatable(v)
  if mt == ARRAY then return as_list(v) end
  if mt == nil then
    if v[1] ~= nil then return as_list(v) end
    return as_dict(v)
  end
  return v
end
rt.given = given

-- ---- functions

local face

-- A method that is not enumerable.
function rt.native_method(o, name, length, f) hide(o, name, native(type(name) == "string" and name or "", length, setfenv(f, G))) end

local function result(v)
  local t = type(v)
  if t == "table" then
    if getmetatable(v) == nil or getmetatable(v) == ARRAY then return given(v) end
    if class.is_class(v) then return face(v) end
    return v
  end
  if t == "function" and getfenv(v) ~= G then return face(v) end
  if t == "cdata" then return big(v) end
  return v
end
rt.result_of_lua = result

local made, adopted, adopt_new = class.made, 0, nil

local function function_face(f, name)
  local known = faces[f]
  if known then return known end
  local w = setfenv(function(_, ...)
    local v = f(...)
    if adopted < made.count then adopt_new() end
    return (result(v))
  end, G)
  native(name or "", getinfo(f, "u").nparams or 0, w, true) -- Node's are declared functions: `new` may call them
  faces[f], behind[w] = w, f
  return w
end

-- ---- classes

-- Old ones are functions whose methods `for in` sees.
local FUNCTIONS = {}
for name in ("EventEmitter Stream Readable Writable Duplex Transform PassThrough Server Socket Agent IncomingMessage OutgoingMessage "
  .. "ServerResponse ClientRequest ReadStream WriteStream Stats Buffer Console Interface ChildProcess Worker Hash Hmac Sign Verify "
  .. "Cipheriv Decipheriv DiffieHellman DiffieHellmanGroup ECDH Zlib Gzip Gunzip Deflate Inflate DeflateRaw InflateRaw Unzip BrotliCompress "
  .. "BrotliDecompress Url AssertionError Certificate Cipher Decipher StringDecoder Domain Resolver REPLServer"):gmatch "%S+" do FUNCTIONS[name] = true end

-- Those of the web: their methods and properties are seen, instances tell their class.
local WEB = {}
for name in ("URL URLSearchParams Event EventTarget AbortController AbortSignal Blob File TextEncoder TextDecoder Crypto SubtleCrypto CryptoKey "
  .. "Performance PerformanceEntry PerformanceObserver PerformanceObserverEntryList"):gmatch "%S+" do WEB[name] = true end

-- Names that only Lua needs.
local LUA_ONLY = { initialize = true, constructor = true, iter = true, finish = true, catch_ = true }

local function getter_bits(C) return (FUNCTIONS[C.name] or WEB[C.name]) and 6 or 4 end

-- What is otherwise: NAME/BITS, with - where there is no setter; for methods their bits alone.
local EXCEPTIONS = {}
for line in ([[
Readable closed/0- destroyed/0 errored/0- readable/0 readableAborted/0- readableBuffer/0- readableDidRead/0- readableEncoding/0- readableEnded/0- readableFlowing/0 readableHighWaterMark/0- readableLength/0- readableObjectMode/0- asIndexedPairs/5 compose/5 drop/5 every/5 filter/5 find/5 flatMap/5 forEach/5 map/5 reduce/5 some/5 take/5 toArray/5
Writable closed/0- destroyed/0 errored/0- writable/0 writableAborted/0- writableBuffer/0- writableCorked/0- writableEnded/0- writableFinished/0- writableHighWaterMark/0- writableLength/0- writableNeedDrain/0- writableObjectMode/0-
Duplex destroyed/0 writable/0 writableBuffer/0- writableCorked/0- writableEnded/0- writableFinished/0- writableHighWaterMark/0- writableLength/0- writableNeedDrain/0- writableObjectMode/0-
Socket bufferSize/0- bytesRead/2- bytesWritten/2- localAddress/2- localFamily/2- localPort/2- pending/4- readyState/0- remoteAddress/2- remoteFamily/2- remotePort/2-
Server listening/6-
IncomingMessage connection/0 headers/0 headersDistinct/0 trailers/0 trailersDistinct/0
OutgoingMessage closed/0- connection/0 errored/0- headersSent/6- writableCorked/0- writableEnded/0- writableFinished/0- writableHighWaterMark/0- writableLength/0- writableNeedDrain/0- writableObjectMode/0-
AssertionError toString/5
Buffer toJSON/7
KeyObject type/4-
X509Certificate ca/4- fingerprint/4- fingerprint256/4- fingerprint512/4- infoAccess/4- issuer/4- issuerCertificate/4- keyUsage/4- publicKey/4- raw/4- serialNumber/4- subject/4- subjectAltName/4- validFrom/4- validTo/4-
Channel hasSubscribers/4-
StringDecoder lastChar/6- lastNeed/6- lastTotal/6-
]]):gmatch "[^\n]+" do
  local name, list = line:match "^(%S+) (.*)"
  local of = {}
  for k, bits, single in list:gmatch "(%S+)/(%d)(%-?)" do of[k] = { bits = tonumber(bits), single = single == "-" } end
  EXCEPTIONS[name] = of
end
local NO_EXCEPTION = {}

local class_face

-- Makes the prototype of a class of lua/ an object of JavaScript's, and the shape of its instances one of ours.
local function adopt(C)
  local P, shape_of_instances = rawget(C, "prototype"), rawget(C, "meta")
  if getmetatable(P) and getmetatable(P).own then return P end -- errors, promises; what was adopted before
  local super = rawget(C, "super")
  local parent = super and adopt(super) or rt.ObjectPrototype
  local visible = FUNCTIONS[rawget(C, "name")] or false
  local names = names_of(P)
  local shown, mt = {}, nil
  for i = 1, #names do
    local k = names[i]
    if not LUA_ONLY[k] then shown[#shown + 1] = k end
  end
  mt = own_shape(parent, shown)
  mt.host, mt.unseen = true, LUA_ONLY -- what lua/ keeps in fields that begin with "_" is no property
  setmetatable(P, mt)
  local exceptions = EXCEPTIONS[C.name] or NO_EXCEPTION
  for i = 1, #shown do
    local k = shown[i]
    local bits = exceptions[k] and exceptions[k].bits % 2 == 1 and exceptions[k].bits or (visible or WEB[C.name]) and 7 or 5
    if bits ~= 7 then
      mt.bits = mt.bits or {}
      mt.bits[k] = bits
    end
  end
  for i = 1, #shown do
    local f = rawget(P, shown[i])
    if type(f) == "function" and not find(shown[i], "^_") then rt.class_methods[f] = true end
    -- Of several names (on, addListener) the longest is the function's.
    if type(f) == "function" and getfenv(f) ~= G and not (rt.finfo(f) and #rt.finfo(f).name >= #shown[i]) then
      local n = getinfo(f, "u").nparams or 0
      native(shown[i], n > 0 and n - 1 or 0, f)
    end
  end
  for k, v in next, P do
    if type(k) == "table" then -- symbols
      rt.own_add(mt, k)
      mt.bits = mt.bits or {}
      mt.bits[k] = 5
      if type(v) == "function" then native("[" .. (k.description or "") .. "]", 0, v) end
    end
  end
  local getters, setters = rawget(shape_of_instances, "getters"), rawget(shape_of_instances, "setters")
  local extra
  for k, v in next, shape_of_instances do -- metamethods of its own: tostring, concatenation
    if type(k) == "string" and find(k, "^__") and k ~= "__index" and k ~= "__newindex" then
      extra = extra or {}
      extra[k] = v
    end
  end
  mt.extra = extra
  local serves_keys = shape_of_instances.make_index -- a kind that has all its properties in its metatable: Buffer
  if not serves_keys then
    shape_of_instances.n, shape_of_instances.keys, shape_of_instances.pos, shape_of_instances.next = 0, {}, {}, {}
    shape_of_instances.served = nil
    rt.connect(shape_of_instances, P)
    rt.dress(shape_of_instances)
    rt.settle(shape_of_instances)
    mt.root = shape_of_instances
  else
    shape_of_instances.keys, shape_of_instances.n = {}, 0
    rt.dress(shape_of_instances)
  end
  if getters and not serves_keys then
    for name, get in next, getters do
      local set = setters[name]
      local exception = exceptions[name]
      if (WEB[C.name] or exception and exception.single) and set == shape.drop then set = nil end
      native("get " .. tostring(name), 0, get)
      if set then native("set " .. tostring(name), 1, set) end
      put(P, name, { accessor = true, get = get, set = set, bits = exception and exception.bits or getter_bits(C) })
    end
  end
  if WEB[C.name] then put(P, rt.symbols.toStringTag, { value = C.name, bits = 4 }) end
  rawset(P, "constructor", nil)
  put(P, "constructor", { accessor = true, bits = 4, -- until somebody asks
    get = native("get constructor", 0, setfenv(function() return class_face(C) end, G)),
    set = native("set constructor", 1, setfenv(function(this, v) hide(this, "constructor", v) end, G)) })
  return P
end

rt.adopt_class = adopt

-- Classes that lua/ has made since the last time: their instances may be about to be seen.
function adopt_new()
  while adopted < made.count do
    adopted = adopted + 1
    adopt(made[adopted])
  end
end

-- Is `this` an object that the class's constructor is to fill?
local function belongs(this, P)
  if type(this) ~= "table" then return false end
  local p = rt.proto_of(this)
  while p ~= nil do
    if p == P then return true end
    p = rt.proto_of(p)
  end
  return false
end

function class_face(C)
  local known = faces[C]
  if known then return known end
  local super = rawget(C, "super")
  local parent = super and class_face(super) or nil
  local name = rawget(C, "name")
  local visible = FUNCTIONS[name] or false
  local P = adopt(C)
  local own = rawget(P, "constructor")
  if type(own) == "function" and getfenv(own) == G then -- the prelude's own already
    faces[C], behind[own] = own, C
    return own
  end
  local make = rawget(C, "construct")
  local initialize = P.initialize
  local function fill(o, ...)
    local init = P.initialize
    if init then init(o, ...) end
    return o
  end
  local call = setfenv(function(this, ...)
    if belongs(this, P) then
      fill(this, ...)
      return nil
    end
    if not visible then rt.type_error("Class constructor " .. name .. " cannot be invoked without 'new'") end
    return C(...)
  end, G)
  local function construct(target, ...)
    if target == call or C.meta.make_index then return C(...) end
    if make then return (make({ meta = rt.target_root(target, P) }, ...)) end -- it makes room for the usual fields
    return fill(setmetatable({}, rt.target_root(target, P)), ...)
  end
  local length = initialize and getinfo(initialize, "u").nparams or 1
  local F = rt.native_constructor(name, length > 0 and length - 1 or 0, call, construct)
  faces[C], behind[F] = F, C
  put(F, "prototype", { value = P, bits = visible and 1 or 0 })
  hide(P, "constructor", F)
  if parent then rt.set_prototype(F, parent) end
  local static = rawget(C, "static")
  local names = names_of(static)
  for i = 1, #names do
    local k = names[i]
    local v = rawget(static, k)
    if type(v) == "function" or type(v) == "table" then
      put(F, k, { value = face(v, k), bits = (visible or WEB[name]) and 7 or 5 })
    elseif WEB[name] and type(v) == "number" and k == L.string.upper(k) then -- a constant
      put(F, k, { value = v, bits = 2 })
    else
      put(F, k, { accessor = true, bits = getter_bits(C),
        get = native("get " .. k, 0, setfenv(function() return static[k] end, G)),
        set = native("set " .. k, 1, setfenv(function(_, value) static[k] = value end, G)) })
    end
  end
  return F
end
rt.class_face = class_face

-- ---- modules

-- Properties of modules that are a pair of functions in Node too.
local PAIRS = {}
for name in ("buffer.Blob buffer.File buffer.INSPECT_MAX_BYTES crypto.fips crypto.prng crypto.pseudoRandomBytes crypto.rng crypto.subtle crypto.webcrypto "
  .. "dns.promises fs.Dir fs.FileReadStream fs.FileWriteStream fs.ReadStream fs.WriteStream fs.promises http.globalAgent http.maxHeaderSize net.BlockList "
  .. "net.SocketAddress process.allowedNodeEnvironmentFlags process.domain process.exitCode process.report process.sourceMapsEnabled process.stderr "
  .. "process.stdin process.stdout repl.builtinModules stream.promises timers.promises util.MIMEParams util.MIMEType util.TextDecoder util.TextEncoder "
  .. "util.aborted util.parseArgs util.transferableAbortController util.transferableAbortSignal"):gmatch "%S+" do PAIRS[name] = true end

-- Their modules' objects, with the names.
local module_names = setmetatable({}, { __mode = "k" })
rt.module_names = module_names

-- Is a property of a module, here made when it is asked for or kept in the module, plain data in Node?
function rt.is_late(o, k) return not PAIRS[(module_names[o] or "") .. "." .. k] end

-- A property that reads and writes the module's own, which others see.
function rt.through(o, module, k, bits)
  put(o, k, { accessor = true, late = rt.is_late(o, k), bits = bits or 6,
    get = native("get " .. k, 0, setfenv(function() return (face(module[k], k)) end, G)),
    set = native("set " .. k, 1, setfenv(function(_, v)
      if type(v) == "function" and getfenv(v) == G then -- what lua/ calls
        local f = v
        function v(...) return f(o, ...) end
        faces[v] = f
      end
      module[k] = v
    end, G)) })
end

-- The module's values as properties of o. Names in `aside` are left to the caller.
local function spread(o, module, aside)
  local names = names_of(module)
  for i = 1, #names do
    local k = names[i]
    if find(k, "^_") == nil and not (aside and aside[k]) then
      local v = rawget(module, k)
      put(o, k, { value = face(v, k), bits = 7 })
    end
  end
  return o
end
rt.spread_module = spread

function rt.view(module, name)
  local known = faces[module]
  if known then return known end
  if class.is_class(module) then
    local F = class_face(module)
    module_names[F] = name
    return F
  end
  if type(module) ~= "table" then return face(module) end
  local mt = getmetatable(module)
  local o
  if mt and rawget(mt, "__call") then -- is called itself, as assert
    o = native("", 0, setfenv(function(_, ...) return (result((module(...)))) end, G))
  else
    o = rt.object_of(rt.ObjectPrototype)
  end
  faces[module], behind[o], module_names[o] = o, module, name
  spread(o, module)
  -- what is loaded when first asked for (lunode.internal.lazy)
  local lazy = mt and mt.lazy
  if lazy then
    local names = names_of(lazy)
    for i = 1, #names do
      local k = names[i]
      if find(k, "^_") == nil and not rt.has_own(o, k) then
        local function settle(v)
          put(o, k, { value = v, bits = 7 })
          if rt.give_lengths then rt.give_lengths(o, name) end
          return v
        end
        put(o, k, { accessor = true, late = rt.is_late(o, k), loads = true, bits = 6,
          get = native("get " .. k, 0, setfenv(function() return settle((face(module[k], k))) end, G)),
          set = native("set " .. k, 1, setfenv(function(_, v) settle(v) end, G)) })
      end
    end
  end
  local live = mt and mt.live
  if live then
    local names = names_of(live)
    for i = 1, #names do rt.through(o, module, names[i]) end
  end
  return o
end

-- A module that emits: its functions take no `this`, what it has of EventEmitter goes to the module itself.
function rt.emitting_view(module, C, name)
  local known = faces[module]
  if known then return known end
  local P = rawget(C, "prototype")
  local parent = class_face(rawget(C, "super"))
  local proto = rt.object_of(parent.prototype)
  local o = rt.object_of(proto)
  faces[module], behind[o], module_names[o] = o, module, name
  for k in next, rawget(L.require "lunode.events", "prototype") do
    if type(k) == "string" and k ~= "constructor" and k ~= "initialize" and find(k, "^_") == nil then
      hide(proto, k, native(k, 0, setfenv(function(_, ...)
        local r = module[k](module, ...)
        if r == module then return o end
        return (result(r))
      end, G)))
    end
  end
  local names = names_of(module)
  for i = 1, #names do
    local k = names[i]
    if find(k, "^_") == nil or k == "_exiting" or k == "_kill" then
      local v = rawget(module, k)
      if type(v) == "function" then put(o, k, { value = face(v, k), bits = 7 }) else rt.through(o, module, k) end
    end
  end
  local getters = C.meta.getters
  for k in next, getters do if type(k) == "string" then rt.through(o, module, k) end end
  return o, P
end

-- A table by number (http.STATUS_CODES): an object of its own, for JavaScript's keys are one more.
local function numbered(v)
  local o = rt.object_of(rt.ObjectPrototype)
  for k, inner in next, v do
    if type(k) == "number" then rt.define_data(o, rt.tokey(k), inner) end
  end
  local names, n = names_of(v)
  for i = 1, n do rt.define_data(o, names[i], v[names[i]]) end
  faces[v] = o
  return o
end

function face(v, name)
  local t = type(v)
  if t == "function" then
    if getfenv(v) == G then return v end
    return function_face(v, name)
  end
  if t ~= "table" then return v end
  local known = faces[v]
  if known then return known end
  if class.is_class(v) then return class_face(v) end
  local mt = getmetatable(v)
  if mt == nil then
    if v[1] ~= nil and v[0] == nil then return as_list(v) end
    for _, inner in next, v do
      if type(inner) == "function" then return rt.view(v) end
    end
    for _, inner in next, v do face(inner) end -- tables of constants
    for k in next, v do
      if type(k) == "number" then return numbered(v) end
    end
    return as_dict(v)
  end
  if mt == ARRAY then return as_list(v) end
  if type(mt) == "table" and mt.proto == nil and (rawget(mt, "__call") or mt.lazy) then return rt.view(v) end
  return v
end
rt.face = face

-- ---- the doors

function rt.open_doors()
  local door = validators.door
  local wants_this = rt.wants_this
  local adapted = setmetatable({}, { __mode = "kv" }) -- a value holds its key: weak both ways
  local OUTSIDE = {} -- an environment that is not JavaScript's: what is adapted takes no `this`
  local function call_many(f, n, ...)
    local list = { ... }
    for i = 1, n do list[i] = result(list[i]) end
    if list[1] == nil then list[1] = null end
    return f(nil, L.unpack(list, 1, n))
  end
  -- A callback's first argument is an error or null. The usual numbers of arguments are written out: LuaJIT's traces go wrong where
  -- varargs are handed through several functions.
  function door.adapt(f)
    if not wants_this(f) then return f end
    local w = adapted[f]
    if not w then
      w = function(...)
        if adopted < made.count then adopt_new() end
        local n = select("#", ...)
        if n == 0 then return f(nil) end
        if n > 3 then return call_many(f, n, ...) end
        local a, b, c = ...
        if a == nil then a = null else a = result(a) end
        if n == 1 then return f(nil, a) end
        b = result(b)
        if n == 2 then return f(nil, a, b) end
        return f(nil, a, b, (result(c)))
      end
      adapted[f] = setfenv(w, OUTSIDE)
    end
    return w
  end
  function door.visitor(f)
    if not wants_this(f) then return f end
    return setfenv(function(a, b, c)
      if adopted < made.count then adopt_new() end
      return f(nil, (result(a)), (result(b)), (result(c)))
    end, OUTSIDE)
  end
    door.truthy, door.text, door.integer = rt.truthy, rt.text, big
    function door.bytes(v) -- the first time: what it stands on is not loaded yet
      door.bytes = rt.bytes_of
      return door.bytes(v)
    end
  -- Texts in UTF-16 units, for streams with an encoding; whether the caller of the caller is JavaScript's.
  door.byte_position = rt.byte_position
  function door.units(s)
    if not find(s, "[\128-\255]") then return #s end
    local _, n = rt.units(s)
    return n
  end
  function door.from_script() return getfenv(3) == G end
  function door.has(o, name) return door.kind(o) ~= nil and rt.has_own(o, name) end
  -- The 64-bit integer (signed where it fits) of a BigInt; nil for other values.
  function door.int64(v)
    if getmetatable(v) ~= rt.bigint_meta then return nil end
    local low, high = rt.bigint_words(v)
    local bits = ffi.cast("uint64_t", high) * 4294967296ULL + low
    if big(bits) == v then return bits end
    bits = ffi.cast("int64_t", bits)
    return big(bits) == v and bits or nil
  end
  function door.json(v) return (G.JSON.stringify(nil, v)) end
  function door.construct(f, ...) return rt.construct(f, f, ...) end
  function door.kind(v)
    if type(v) ~= "table" then return nil end
    local mt = getmetatable(v)
    if mt == nil or mt == ARRAY then return nil end
    if rt.is_array(v) then return "array" end
    if mt == rt.bigint_meta then return "bigint" end
    if mt == rt.symbol_meta then return "symbol" end
    return (mt.proto ~= nil or mt.own) and "object" or nil
  end
  -- for name, value in door.properties(o): as for … in has them; of a plain table of lua/'s nil, and its pairs.
  function door.properties(o)
    if not door.kind(o) then return nil end
    local step, state = rt.keys(o)
    return function()
      while true do
        local name = step(state)
        if name == nil then return nil end
        local v = o[rt.tokey(name)]
        if v ~= nil then return name, v ~= null and v or "null" end
      end
    end
  end
  function door.parse(text) return (G.JSON.parse(nil, text)) end
  -- Of an event whose name is in `_nulls`, arguments that are nil are null.
  local function nulls(...)
    local n, list = select("#", ...), { ... }
    for i = 1, n do if list[i] == nil then list[i] = null end end
    return L.unpack(list, 1, n)
  end
  function door.listener(f, emitter, name, ...)
    if adopted < made.count then adopt_new() end
    local set = emitter._nulls
    if set and set[name] then
      if set[name] == "first" and ... ~= nil then return f(emitter, ...) end -- nil is null only where there is no error
      return f(emitter, nulls(...))
    end
    return f(emitter, ...)
  end
  function door.hook(self, name, done)
    local method = self[name]
    if type(method) == "function" and wants_this(method) and type(done) == "function" then return method, face(done) end
    return method, done
  end
  -- Messages between processes, in V8's form.
  function door.encode(v)
    rt.part "serdes"
    return tostring(rt.serdes.encode(nil, v))
  end
  function door.decode(text)
    rt.part "serdes"
    return rt.serdes.decode(nil, L.require("lunode.buffer").Buffer.from(text))
  end
  -- The names that are listed: enumerable, of strings and numbers (as text).
  function rt.listed_keys(o)
    local list, n = {}, 0
    local keys = rt.own_keys(o)
    for i = 1, #keys do
      local k = keys[i]
      if type(k) ~= "table" then
        local d = rt.get_own(o, k)
        if d and d.bits % 4 >= 2 then
          n = n + 1
          list[n] = k
        end
      end
    end
    return list
  end
  L.require("lunode.core").http.latin1(true)
  adopt_new()
  shape.make_list, shape.make_integer = as_list, big
  shape.make_dict = function(t, bare)
    if not bare then return as_dict(t) end
    local names, n = names_of(t)
    if n == 0 then return (setmetatable(t, rt.root_of(nil))) end
    return (setmetatable(t, own_shape(nil, names)))
  end
  shape.forget_key, shape.hide_key = rt.delete_own, rt.hide
  function shape.put_key(t, k, v) rt.define_data(t, rt.tokey(k), v) end
end
