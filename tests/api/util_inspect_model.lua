-- SPDX-License-Identifier: MIT
-- A model added to inspect: values of another language, made of records {kind =, name =, fields …}. What is wanted was written by Node 20.
local test = require "../support/test"
local util = require "util"
local floor = require "lunode.util.inspect.floor"
local table_text = require "lunode.console.table"

local META = {}
local function value(kind, name, record)
  record = record or {}
  record.kind, record.name = kind, name
  return setmetatable(record, META)
end

local model = {
  claims = function(v) return type(v) == "table" and getmetatable(v) == META end,
  kind = function(v) return v.kind end,
  constructor = function(v) return v.name end,
  tag = function(v, name) return v.tag ~= name and v.tag or nil end,
  keys = function(v, hidden)
    local out = {}
    for _, p in ipairs(v.properties or {}) do
      if hidden or not p.hidden then out[#out + 1] = p.key end
    end
    return out
  end,
  property = function(v, key)
    for _, p in ipairs(v.properties or {}) do
      if p.key == key then
        if p.dead then error "dead" end
        return p.value, p.get, p.set, p.hidden
      end
    end
  end,
  key = function(key) return type(key) == "string" and key or nil end,
  get = function(v, key) return v[key] end,
  length = function(v) return v.length or #v.elements end,
  element = function(v, i) return v.elements[i] end,
  indices = function(v) return v.holes end,
  extras = function(v) return v.extras end,
  type_name = function(v) return v.type end,
  entries = function(v) return v.entries, v.pairs end,
  text = function(v) return v.text, v.style end,
  text_of = function(v) return v.words end,
  number_of = function(v) return v.number end,
  unboxed = function(v) return v.inner end,
  bytes = function(v) return v.bytes end,
  promise = function(v) return v.state, v.result end,
  proxy = function(v) return v.target, v.handler end,
  custom = function(v) return v.custom end,
}
model.name = function(v) return v.called or "", v.parent end

local function with_model(fn)
  return function(t)
    table.insert(floor.models, 1, model)
    local ok, err = pcall(fn, t)
    table.remove(floor.models, 1)
    if not ok then error(err, 0) end
  end
end

local function list(elements)
  elements.n = #elements
  return elements
end

test("kinds that Lua has not", with_model(function(t)
  local inspect = util.inspect
  local function shows(v, wanted, options) t:equal(inspect(v, options), wanted) end
  local holey = value("array", "Array", { elements = { nil, "a", nil, nil, "b" }, length = 5, holes = { 2, 5 } })
  shows(holey, "[ <1 empty item>, 'a', <2 empty items>, 'b' ]")
  shows(holey, "[ <1 empty item>, 'a', ... 3 more items ]", { maxArrayLength = 2 })
  shows(value("array", nil, { elements = { 1, 2 } }), "[Array(2): null prototype] [ 1, 2 ]")
  shows(value("array", "List", { elements = {} }), "List(0) []")
  shows(value("typed", "Uint8Array", { type = "Uint8Array", elements = { 1, 2, 3 } }), "Uint8Array(3) [ 1, 2, 3 ]")
  local memory = value("buffer", "ArrayBuffer", { type = "ArrayBuffer", bytes = "\1\2" })
  shows(value("typed", "Uint8Array", { type = "Uint8Array", elements = { 1, 2 }, extras = { { "BYTES_PER_ELEMENT", 1 }, { "length", 2 }, { "buffer", memory } } }),
    "Uint8Array(2) [\n  1,\n  2,\n  [BYTES_PER_ELEMENT]: 1,\n  [length]: 2,\n  [buffer]: ArrayBuffer { byteLength: 2 }\n]", { showHidden = true })
  shows(memory, "ArrayBuffer { [Uint8Contents]: <01 02>, byteLength: 2 }")
  shows(memory, "ArrayBuffer { [Uint8Contents]: <01 ... 1 more byte>, byteLength: 2 }", { maxArrayLength = 1 })
  shows(value("buffer", "ArrayBuffer", { type = "ArrayBuffer" }), "ArrayBuffer { (detached), byteLength: 0 }")
  shows(value("view", "DataView", { extras = { { "byteLength", 2 }, { "byteOffset", 0 }, { "buffer", memory } } }),
    "DataView {\n  byteLength: 2,\n  byteOffset: 0,\n  buffer: ArrayBuffer { [Uint8Contents]: <01 02>, byteLength: 2 }\n}")
  shows(value("map_iterator", "Object", { tag = "Map Iterator", entries = list { 1, 2 } }), "[Map Iterator] { 1, 2 }")
  shows(value("map_iterator", "Object", { tag = "Map Iterator", entries = list { 1, 2 }, pairs = true }), "[Map Entries] { [ 1, 2 ] }")
  shows(value("set_iterator", "Object", { tag = "Set Iterator", entries = list { 1 } }), "[Set Iterator] { 1 }")
  shows(value("weak_map", "WeakMap", { tag = "WeakMap" }), "WeakMap { <items unknown> }")
  shows(value("weak_set", "WeakSet", { entries = list { value("object", "Object") } }), "WeakSet { {} }", { showHidden = true })
  shows(value("boxed", "Number", { type = "Number", inner = 3 }), "[Number: 3]")
  shows(value("boxed", "String", { type = "String", inner = "x", properties = { { key = "a", value = 1 } } }), "[String: 'x'] { a: 1 }")
  shows(value("boxed", "Mine", { type = "Number", inner = 3 }), "[Number (Mine): 3]")
  shows(value("boxed", "Number", { type = "Number", inner = 3 }), "\27[33m[Number: 3]\27[39m", { colors = true })
  shows(value("arguments", "Object", { properties = { { key = "0", value = 1 } } }), "[Arguments] { '0': 1 }")
  shows(value("module", nil, { tag = "Module", properties = { { key = "a", value = 1 }, { key = "b", dead = true } } }), "[Module: null prototype] { a: 1, b: <uninitialized> }")
  shows(value("object", nil), "[Object: null prototype] {}")
  shows(value("object", nil, { tag = "T" }), "[Object: null prototype] [T] {}")
  shows({ a = value("object", nil, { properties = { { key = "x", value = 1 } } }) }, "{ a: [Object: null prototype] }", { depth = 0 })
  shows(value("function", "Function", { type = "Function", called = "f" }), "[Function: f]")
  shows({ key = value("function", "Function", { type = "Function" }) }, "{ key: [Function (anonymous)] }")
  shows(value("function", "AsyncFunction", { type = "AsyncFunction", tag = "AsyncFunction", called = "f" }), "[AsyncFunction: f]")
  shows(value("function", nil, { type = "Function", called = "f" }), "[Function (null prototype): f]")
  shows(value("class", "Function", { called = "B", parent = "A", properties = { { key = "x", value = 1 } } }), "[class B extends A] { x: 1 }")
  shows(value("class", nil, { called = "B" }), "[class B extends [null prototype]]")
  shows(value("class", "Function"), "[class (anonymous)]")
  shows(value("primitive", nil, { text = "5n", style = "bigint" }), "5n")
  shows(value("symbol", "Symbol", { text = "Symbol(x)" }), "\27[32mSymbol(x)\27[39m", { colors = true })
  shows(value("promise", "Promise", { state = "rejected", result = 5 }), "Promise { <rejected> 5 }")
end))

test("properties: accessors, hidden ones, getters that raise", with_model(function(t)
  local reads = 0
  local o = value("object", "Object", { properties = {
    { key = "a", get = function(this) reads = reads + 1 return this.length end, set = function() end }, { key = "b", get = function() error(Error "bad", 0) end }, { key = "c", set = function() end },
    { key = "d", value = 1, hidden = true }, { key = "__proto__", value = 2 },
  }, length = 7 })
  t:equal(util.inspect(o), "{ a: [Getter/Setter], b: [Getter], c: [Setter], ['__proto__']: 2 }")
  t:equal(reads, 0)
  t:equal(util.inspect(o, { getters = true, showHidden = true }), "{\n  a: [Getter/Setter: 7],\n  b: [Getter: <Inspection threw (bad)>],\n  c: [Setter],\n  [d]: 1,\n  ['__proto__']: 2\n}")
  t:equal(reads, 1)
end))

test("proxies", with_model(function(t)
  local p = value("object", "Object", { target = { a = 1 }, handler = {} })
  t:equal(util.inspect(p), "{ a: 1 }")
  t:equal(util.inspect(p, { showProxy = true }), "Proxy [ { a: 1 }, {} ]")
  t:equal(util.inspect({ p }, { showProxy = true, depth = 0 }), "[ Proxy [Array] ]")
end))

test("format, types, deep equality and console.table ask the model, too", with_model(function(t)
  t:equal(util.format("%s %s %d %d", value("object", "Thing", { words = "own words" }), value("object", "Thing"), value("object", "Thing", { number = 9 }), value("object", "Thing")), "own words Thing {} 9 NaN")
  t:equal(util.format("%d", value("primitive", nil, { text = "5n" })), "5n")
  t:ok(util.types.isBoxedPrimitive(value("boxed", "Number", { type = "Number" })))
  t:ok(util.types.isNumberObject(value("boxed", "Number", { type = "Number" })))
  t:ok(util.types.isProxy(value("object", "Object", { target = {}, handler = {} })))
  t:ok(util.types.isAsyncFunction(value("function", "AsyncFunction", { type = "AsyncFunction" })))
  local function array(...) return value("array", "Array", { elements = { ... } }) end
  t:ok(util.isDeepStrictEqual(array(1, { a = 2 }), array(1, { a = 2 })))
  t:no(util.isDeepStrictEqual(array(1), array(2)))
  t:no(util.isDeepStrictEqual(value("boxed", "Number", { type = "Number", inner = 1 }), value("boxed", "Number", { type = "Number", inner = 2 })))
  t:match(table_text(array("x", "y")), "│ 0       │ 'x'    │\n│ 1       │ 'y'    │")
end))
