-- SPDX-License-Identifier: MIT
--
-- The prelude: JavaScript's world in a Lua state. `init(compiler, load)` makes it and returns its table of helpers, `rt`.
-- load(name) gives the chunk of one file of this folder. Each file is a chunk that is handed rt and adds to it; its environment is the
-- global object, so that its functions are JavaScript's; Lua's own globals are in rt.lua.
local compiler, load = ...

-- What runs once is not worth compiling, and failed attempts would keep the JIT from these functions later.
local compiling = jit.status()
jit.off()
collectgarbage "stop" -- little of what is made here is garbage

local lua = {}
for k, v in pairs(_G) do lua[k] = v end
lua.jit_util = require "jit.util"
lua.require = require

local errors = require "lunode.internal.errors"
local symbols = require "lunode.internal.symbols"
local core = require "lunode.core"

local G = {}
local rt = { lua = lua, compiler = compiler, global = G, null = errors.null, symbol_meta = symbols.meta, symbols = symbols, symbol_registry = symbols }
rt.bigint_meta = { __name = "bigint" }
rt.print_number = core.json.number
rt.is_buffer = core.buffer.is
rt.unset = setmetatable({}, { __tostring = function() return "unset" end })
getmetatable(rt.null).__newindex = nil

for _, name in ipairs { "isConcatSpreadable", "match", "matchAll", "replace", "search", "split", "unscopables" } do
  symbols[name] = symbols[name] or symbols.new("Symbol." .. name)
end

local registered = {}
local symbol_for = symbols["for"]
symbols["for"] = function(key)
  local s = symbol_for(key)
  registered[s] = true
  return s
end
function rt.symbol_registered(s) return registered[s] or false end

local function part(name)
  local chunk = load(name)
  setfenv(chunk, G)
  chunk(rt)
end

-- Parts that not every program needs are loaded with the first use of a name that they give, in rt or among the globals.
local late = {
  regexp_matcher = "regexp_engine", regexp_tree = "regexp_engine",
  group_name = "regexp_pattern", point_of = "regexp_pattern", regexp_groups = "regexp_pattern", translate_pattern = "regexp_pattern",
  character_escape = "regexp_class", class_atom = "regexp_class", class_escape = "regexp_class", class_pattern = "regexp_class",
  case_maps = "unicode", emoji_strings = "unicode", property_complement = "unicode", property_items = "unicode",
  views = "binary", detach = "binary", is_detached = "binary", adopt_buffer = "buffer_object", bytes_of = "buffer_object",
}
local load_late = {}
function load_late.date()
  part "date"
  rt.install_date()
end
function load_late.binary()
  part "typed_array"
  part "typed_array_methods"
  part "array_buffer"
  rt.install_array_buffers()
  rt.install_typed_array_methods()
  rt.install_typed_arrays()
end
function load_late.atomics()
  part "atomics"
  rt.install_atomics()
end
local function load_part(from)
  local f = load_late[from]
  load_late[from] = nil
  for name, needed in pairs(late) do
    if needed == from then late[name] = nil end
  end
  if f then f() else part(from) end
end
setmetatable(rt, { __index = function(_, name)
  local from = late[name]
  if not from then return nil end
  load_part(from)
  return rawget(rt, name)
end })
function rt.typed_length() return nil end -- of what is no typed array

local late_value = { __index = function(d, key)
  if key ~= "value" then return nil end
  if load_late[d.from] then load_part(d.from) end
  return rawget(G, d.name)
end }
local function late_globals(from, ...)
  local mt = getmetatable(G)
  mt.special = mt.special or {}
  for _, name in ipairs { ... } do
    rt.own_add(mt, name)
    mt.special[name] = setmetatable({ bits = 5, from = from, name = name }, late_value)
  end
  rt.settle(mt)
end

part "object_model"
part "property"
part "convert"

-- The prototypes that the others stand on.
rt.ObjectPrototype = setmetatable({}, rt.own_shape(nil))
local function prototype(parent) return setmetatable({}, rt.own_shape(parent)) end
rt.NumberPrototype, rt.BooleanPrototype = prototype(rt.ObjectPrototype), prototype(rt.ObjectPrototype)
rt.StringPrototype, rt.SymbolPrototype, rt.BigIntPrototype = prototype(rt.ObjectPrototype), prototype(rt.ObjectPrototype), prototype(rt.ObjectPrototype)
rt.ArrayPrototype = setmetatable({}, rt.own_shape(rt.ObjectPrototype))
setmetatable(G, rt.own_shape(rt.ObjectPrototype))

part "function_model"

-- Function.prototype is a function itself; the prototypes of other kinds of functions are plain objects.
local function FunctionPrototype() end
setfenv(FunctionPrototype, G)
rt.native("", 0, FunctionPrototype)
rt.FunctionPrototype = FunctionPrototype
rt.bags[FunctionPrototype] = setmetatable({}, rt.own_shape(rt.ObjectPrototype))
rt.put(FunctionPrototype, "length", { value = 0, bits = 4 })
rt.put(FunctionPrototype, "name", { value = "", bits = 4 })
rt.IteratorPrototype = prototype(rt.ObjectPrototype)
rt.AsyncIteratorPrototype = prototype(rt.ObjectPrototype)
rt.GeneratorPrototype = prototype(rt.IteratorPrototype)
rt.AsyncGeneratorPrototype = prototype(rt.AsyncIteratorPrototype)
rt.GeneratorFunctionPrototype = prototype(FunctionPrototype)
rt.AsyncFunctionPrototype = prototype(FunctionPrototype)
rt.AsyncGeneratorFunctionPrototype = prototype(FunctionPrototype)

-- %ThrowTypeError%; it is also what sloppy functions, which have no `caller` of their own here, are asked by: theirs is null.
local type = type
local thrower = setfenv(function(this)
  local info = type(this) == "function" and rt.finfo(this)
  if info and info.kind == "normal" and not info.strict and not info.async and not info.generator then return rt.null end
  rt.type_error "'caller', 'callee', and 'arguments' properties may not be accessed on strict mode functions or the arguments objects for calls to them"
end, G)
rt.thrower = rt.native("", 0, thrower)
rt.put(rt.thrower, "name", { value = "", bits = 0 })
rt.put(rt.thrower, "length", { value = 0, bits = 0 })
rt.prevent_extensions(rt.thrower)

part "column"
part "stack"
part "exception"
part "array_model"
part "long_arguments"
part "iterate"
part "async"
part "text"
part "rope"
part "listing"
part "object"
part "arguments"

rt.install_function_type()
rt.install_arrays()
rt.install_basic_types()
rt.install_object()
rt.install_function()
rt.install_errors()
rt.install_small()

part "string"
part "number"
part "array"
part "json"
part "compile_cache"
part "evaluate"
part "resolve"
part "modules"
part "commonjs"
part "collection"
part "bigint"
part "regexp"
part "proxy"
part "face"
part "node"

rt.install_string()
rt.install_number()
rt.install_array()
rt.install_iteration()
rt.install_promise()
rt.install_json()
rt.install_evaluate()
rt.install_collections()
rt.install_proxy()
rt.install_bigint()
rt.install_regexp()
late_globals("date", "Date")
late_globals("binary", "ArrayBuffer", "SharedArrayBuffer", "DataView", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array",
  "Int32Array", "Uint32Array", "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array")
late_globals("atomics", "Atomics")

rt.setmeta = setmetatable
rt.freeze = function(o) return (G.Object.freeze(nil, o)) end
function rt.buffer(s)
  local b = require("string.buffer").new()
  if s then b:put(s) end
  return b
end

rt.hide(G, "globalThis", G)
rt.put(G, "undefined", { bits = 0 })
rt.constant_property(G, "NaN", 0 / 0)
rt.constant_property(G, "Infinity", 1 / 0)

-- Parts that not every program needs are loaded when they are asked for.
rt.part = part
local door = require("lunode.internal.validators").door
function door.inspect() part "inspect_model" end
if package.loaded["lunode.util.inspect"] then door.inspect() end
function door.buffer(Buffer) rt.adopt_buffer(Buffer) end
if package.loaded["lunode.buffer"] then door.buffer(package.loaded["lunode.buffer"].Buffer) end

rt.builtin_modules = rt.node_names
rt.install_commonjs()
rt.install_node()

collectgarbage "restart"
if compiling then jit.on() end
return rt
