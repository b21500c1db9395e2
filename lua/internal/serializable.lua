-- SPDX-License-Identifier: MIT
--
-- What src/serialize.c (V8's serialization format) knows of classes. It requires this file when it is first used.
--
--   register(kind, {class = or match =, write =, …})   kinds, and what their functions are:
--     "date"    write(date) -> ms since 1970 (NaN: invalid); read(ms) -> date
--     "map"     write(map) -> {key, value, …}, length of that list; new() -> map; set(map, key, value)
--     "set"     write(set) -> {value, …}, length of that list; new() -> set; add(set, value)
--     "regexp"  write(regexp) -> source, bits; read(source, bits) -> regexp    bits: see FLAGS
--     "error"   write(error) -> letter, message, stack, caused, cause; new(letter, message) -> error; finish(error, stack, caused, cause)
--               letter: E, R, F, S, T or U for EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError
--     "listed"  write(object) -> {key, value, …}, length of that list, length when it is an array (else nil): an object that has
--               its own order of keys; keys as on the wire (strings, or numbers that are not shifted)
--     "array"   a list, as one marked by shape.ARRAY
--     "instance" an object whose fields that begin with "_" are not sent; "plain" one with no such fields
--     "refused" what cannot be sent (DataCloneError)
--     class: instances of it and of its subclasses are of the kind; match(metatable) -> boolean is asked where no class decides.
--     The last class registered is the one that is read; those before it are still written. Functions must not change
--     what is being written. nil as a map's key, a set's element and any value is possible.
--   adopt(fn)   fn(table, keys, length): what is read becomes the other language's: an object's list of keys in their order,
--               as read (strings, or numbers for doubles), or an array's length (keys nil). nil takes it away.
--   clone(value) -> a deep copy (structuredClone). What cannot be copied raises DataCloneError.
--   view(buffer) -> "Float64Array", "ArrayBuffer" …: what the Buffer was on the other side, or nil for a Buffer; it is sent as
--               that again. view(buffer, name) tells it for a Buffer made here.
local bit = require "bit"
local ffi = require "ffi"
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local symbols = require "lunode.internal.symbols"
require "lunode.buffer" -- Buffers that are read have its methods

local type, tostring, tonumber, getmetatable, setmetatable, rawget, rawset = type, tostring, tonumber, getmetatable, setmetatable, rawget, rawset
local Error = errors.Error
local serialize = core.serialize
local number_of = serialize.kinds -- name -> number
local at = serialize.hooks        -- name -> place in `hooks`

local M = {}

M.FLAGS = { g = 1, i = 2, m = 4, y = 8, u = 16, s = 32, d = 128, v = 256 }

local weak = { __mode = "k" }
local kinds = setmetatable({}, weak)  -- metatable -> number; C asks here first
local writers = setmetatable({}, weak) -- metatable -> entry
local views = setmetatable({}, weak)  -- Buffer -> number
local hooks = {}
local by_prototype = setmetatable({}, weak) -- prototype -> entry
local matches = {}                          -- entries with `match`, the newest first

-- ---- kinds

local function entry_of(mt)
  local proto = rawget(mt, "proto")
  while proto do
    local entry = by_prototype[proto]
    if entry then return entry end
    proto = shape.prototype(proto)
  end
  for i = 1, #matches do
    if matches[i].match(mt) then return matches[i] end
  end
end

hooks[at.classify] = function(mt)
  if mt == symbols.meta then return number_of.refused end
  local entry = entry_of(mt)
  if entry then
    writers[mt] = entry
    return number_of[entry.kind]
  end
  return rawget(mt, "class") and number_of.instance or number_of.plain
end

local function write(value) return writers[debug.getmetatable(value)].write(value) end
for _, name in ipairs { "dateWrite", "mapWrite", "setWrite", "regexpWrite", "errorWrite", "listedWrite" } do hooks[at[name]] = write end

local readers = {
  date = { read = "dateRead" }, regexp = { read = "regexpRead" }, map = { new = "mapNew", set = "mapSet" }, set = { new = "setNew", add = "setAdd" },
  error = { new = "errorNew", finish = "errorEnd" },
}

function M.register(kind, entry)
  assert(number_of[kind], "unknown kind")
  entry.kind = kind
  if entry.class then by_prototype[entry.class.prototype] = entry else table.insert(matches, 1, entry) end
  for field, hook in pairs(readers[kind] or {}) do
    if entry[field] then hooks[at[hook]] = entry[field] end
  end
  for mt in pairs(kinds) do kinds[mt] = nil end
end

function M.adopt(fn) hooks[at.adopt] = fn end

-- Until somebody registers others, a Date, Map, Set and RegExp are the small classes of value_classes.lua, which
-- registers them when the first one is read.
for _, name in ipairs { "dateRead", "mapNew", "setNew", "regexpRead" } do
  hooks[at[name]] = function(...)
    require "lunode.internal.value_classes"
    return hooks[at[name]](...)
  end
end

-- A date of the class that is read.
function M.date(ms) return hooks[at.dateRead](ms) end

M.register("refused", { class = require("lunode.internal.promise").Promise })

-- ---- errors

local classes = {
  E = errors.EvalError, R = errors.RangeError, F = errors.ReferenceError, S = errors.SyntaxError, T = errors.TypeError, U = errors.URIError,
}
local letters = {}
for letter, c in pairs(classes) do letters[c.name] = letter end

M.register("error", {
  class = Error,
  write = function(e)
    local message, stack, cause = rawget(e, "message"), e.stack, rawget(e, "cause")
    return letters[tostring(e.name)], message ~= nil and tostring(message) or nil, stack, cause ~= nil, cause
  end,
  new = function(letter, message)
    local e = setmetatable({}, (classes[letter] or Error).meta)
    if message then rawset(e, "message", message) end
    return e
  end,
  finish = function(e, stack, caused, cause)
    if stack then rawset(e, "stack", stack) end
    if caused then rawset(e, "cause", cause) end
  end,
})

-- ---- 64-bit integers

local int64, uint64 = ffi.typeof "int64_t", ffi.typeof "uint64_t"

hooks[at.intWrite] = function(value)
  local signed = ffi.istype(int64, value)
  if not signed and not ffi.istype(uint64, value) then return nil end
  local negative = signed and value < 0
  local magnitude = ffi.cast(uint64, negative and -value or value)
  return negative, tonumber(bit.band(magnitude, 0xffffffffULL)), tonumber(bit.rshift(magnitude, 32))
end

hooks[at.intRead] = function(negative, low, high)
  local magnitude = uint64(high) * 4294967296ULL + uint64(low)
  if negative then return ffi.cast(int64, 0ULL - magnitude) + 0LL end
  if high >= 2147483648 then return magnitude end
  return ffi.cast(int64, magnitude) + 0LL
end

-- ---- views

local VIEWS = {
  [0] = "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array", "Float32Array", "Float64Array",
  "DataView", "Buffer", "BigInt64Array", "BigUint64Array", "ArrayBuffer",
}
local view_numbers = {}
for number = 0, #VIEWS do view_numbers[VIEWS[number]] = number end
local sizes = { [3] = 2, [4] = 2, [5] = 4, [6] = 4, [7] = 4, [8] = 8, [11] = 8, [12] = 8 }

function M.view(buffer, name)
  if not core.buffer.is(buffer) then error(errors.ERR_INVALID_ARG_TYPE("buffer", "Buffer", buffer), 0) end
  if name ~= nil then
    local number = view_numbers[name]
    if not number then error(errors.ERR_INVALID_ARG_VALUE("name", name), 0) end
    if buffer.length % (sizes[number] or 1) ~= 0 then
      error(errors.RangeError(("byte length of %s should be a multiple of %d"):format(name, sizes[number])), 0)
    end
    views[buffer] = name ~= "Buffer" and number or nil
  end
  return VIEWS[views[buffer]]
end

-- ---- what goes wrong

local function describe(value)
  local t = type(value)
  if t == "function" then
    local info = debug.getinfo(value, "S")
    return info.what == "C" and "function" or ("function (%s:%d)"):format(info.short_src, info.linedefined)
  end
  if t == "thread" then return "#<Coroutine>" end
  if t ~= "table" and t ~= "userdata" then return tostring(value) end
  local mt = getmetatable(value)
  if mt == symbols.meta then return tostring(value) end
  local name
  if type(mt) == "table" then
    local made_by = rawget(mt, "class")
    name = class.is_class(made_by) and rawget(made_by, "name") or rawget(mt, "__name")
  end
  return "#<" .. (type(name) == "string" and name or "Object") .. ">"
end

-- Called from C: the Error for what went wrong. form "clone": structuredClone is at work.
hooks[at.raise] = function(what, value, form)
  if what == "clone" then
    local message = describe(value) .. " could not be cloned."
    if form == "clone" then return require "lunode.internal.dom_exception"(message, "DataCloneError") end
    return Error(message)
  elseif what == "depth" then
    return errors.RangeError "The value is nested too deeply to be serialized"
  elseif what == "bigint" then
    return errors.RangeError "A BigInt of more than 64 bits cannot be deserialized"
  elseif what == "version" then
    return Error "Unable to deserialize cloned data due to invalid or unsupported version."
  end
  return Error "Unable to deserialize cloned data."
end

function M.clone(value)
  local t = type(value)
  if t == "string" or t == "number" or t == "boolean" or value == nil then return value end
  return serialize.decode(serialize.encode(value, "clone"), nil, nil, "clone")
end

serialize.setup(errors.null, shape.ARRAY, kinds, views, hooks)

return M
