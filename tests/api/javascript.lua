-- SPDX-License-Identifier: MIT
--
-- Lua requires JavaScript and JavaScript requires Lua: what the membrane (compat/prelude/membrane.lua) promises.
local test = require "../support/test"
local fs, os, path = require "fs", require "os", require "path"

local folder = fs.mkdtempSync(path.join(os.tmpdir(), "lunode-javascript-"))
process:on("exit", function() fs.rmSync(folder, { recursive = true, force = true }) end)

local made = 0
-- What `require` gives for a module of this text.
local function module(text, ext)
  made = made + 1
  local file = path.join(folder, "m" .. made .. (ext or ".js"))
  fs.writeFileSync(file, text)
  return require(file), file
end

test("Lua calls the functions of a package without a self", function(t)
  local m = module [=[
    exports.add = (a, b) => a + b;
    exports.count = function () { return arguments.length; };
    exports.self = function () { return this === exports; };
    exports.name = 'm'; exports.size = 3; exports.yes = true;
  ]=]
  t:equal(m.add(2, 3), 5)
  t:equal(m.add("a", "b"), "ab")
  t:equal(m.count(), 0)
  t:equal(m.count(1, 2, 3), 3)
  t:equal(m.self(), true)
  t:deep({ m.name, m.size, m.yes }, { "m", 3, true })
end)

test("a module that is a function is called, and keeps its fields", function(t)
  local m = module "module.exports = (x) => x * 2; module.exports.version = '1.0';"
  t:equal(m(21), 42)
  t:equal(m.version, "1.0")
end)

test("packages are found in node_modules as Node finds them", function(t)
  local package = path.join(folder, "node_modules/pair/lib")
  fs.mkdirSync(package, { recursive = true })
  fs.writeFileSync(path.join(folder, "node_modules/pair/package.json"), '{"name":"pair","main":"./lib/index.js"}')
  fs.writeFileSync(path.join(package, "index.js"), "exports.pair = (a, b) => [a, b];")
  local _, file = module("return (require 'pair').pair(1, 2)", ".lua")
  t:deep(require(file), { 1, 2 })
end)

test("null and undefined are nil both ways", function(t)
  local m = module [=[
    exports.none = null; exports.undef = undefined;
    exports.back = () => null; exports.nothing = () => {};
    exports.kind = (x) => x === undefined ? 'undefined' : x === null ? 'null' : typeof x;
  ]=]
  t:equal(m.none, nil)
  t:equal(m.undef, nil)
  t:equal(m.back(), nil)
  t:equal(m.nothing(), nil)
  t:equal(m.kind(nil), "undefined")
  t:equal(m.kind(), "undefined")
  t:equal(m.kind(false), "boolean")
end)

test("lists are sequences in Lua and Arrays in JavaScript", function(t)
  local m = module [=[
    exports.list = () => [1, 'two', [3, [4]]];
    exports.empty = () => [];
    exports.sum = (l) => l.reduce((a, b) => a + b, 0);
    exports.isArray = (l) => Array.isArray(l) && l.length;
    exports.first = (l) => l[0];
    exports.nested = (l) => l[1][0];
  ]=]
  local list = m.list()
  t:equal(#list, 3)
  t:deep(list, { 1, "two", { 3, { 4 } } })
  t:equal(#m.empty(), 0)
  t:equal(m.sum { 1, 2, 3 }, 6)
  t:equal(m.isArray { "a", "b" }, 2)
  t:equal(m.first { "a", "b" }, "a")
  t:equal(m.nested { 1, { 2 } }, 2)
end)

test("data is tables both ways, and pairs walks it", function(t)
  local m = module [=[
    exports.data = () => ({ a: 1, b: { c: [true] }, d: null });
    exports.keys = (o) => Object.keys(o).sort().join();
    exports.deep = (o) => o.a.b.c;
    exports.proto = (o) => Object.getPrototypeOf(o) === Object.prototype;
  ]=]
  local data, seen = m.data(), {}
  for k in pairs(data) do seen[#seen + 1] = k end
  table.sort(seen)
  t:deep(seen, { "a", "b" })
  t:equal(data.b.c[1], true)
  t:equal(m.keys { y = 1, x = 2 }, "x,y")
  t:equal(m.deep { a = { b = { c = "deep" } } }, "deep")
  t:equal(m.proto { a = 1 }, true)
end)

test("data that holds itself is copied once", function(t)
  local m = module [=[
    exports.ring = () => { const o = { n: 1 }; o.self = o; return o; };
    exports.isRing = (o) => o.self === o;
  ]=]
  local ring = m.ring()
  t:equal(ring.self, ring)
  local own = { n = 1 }
  own.self = own
  t:equal(m.isRing(own), true)
end)

test("classes make instances, methods take a colon", function(t)
  local m = module [=[
    class Point {
      static origin() { return new this(0, 0); }
      constructor(x, y) { this.x = x; this.y = y; }
      get length() { return Math.hypot(this.x, this.y); }
      plus(other) { return new Point(this.x + other.x, this.y + other.y); }
      set both(v) { this.x = this.y = v; }
      toString() { return `(${this.x}, ${this.y})`; }
    }
    exports.Point = Point;
    exports.isPoint = (p) => p instanceof Point;
  ]=]
  local p = m.Point(3, 4)
  t:equal(p.x, 3)
  t:equal(p.length, 5)
  t:equal(tostring(p), "(3, 4)")
  local q = p:plus(m.Point(1, 1))
  t:equal(q.x, 4)
  t:equal(m.isPoint(q), true)
  p.x, p.y = 6, 8
  t:equal(p.length, 10)
  p.both = 7
  t:equal(p.y, 7)
  t:equal(m.Point.origin().x, 0)
end)

test("an object is the same proxy whenever it comes, and itself when it goes back", function(t)
  local m = module [=[
    class Thing { touch() { return this; } }
    const one = new Thing();
    exports.get = () => one;
    exports.same = (x) => x === one;
  ]=]
  local thing = m.get()
  t:ok(rawequal(thing, m.get()))
  t:ok(rawequal(thing, thing:touch()))
  t:equal(m.same(thing), true)
end)

test("Lua's functions are JavaScript's callbacks", function(t)
  local m = module [=[
    exports.map = (l, f) => l.map((x) => f(x));
    exports.later = (f) => { setTimeout(() => f(null, 'done'), 1); };
    exports.pick = (f) => typeof f + f(1, null, 3);
    exports.same = (f, g) => f === g;
    exports.give = (f) => f;
    exports.inc = (x) => x + 1;
    exports.twice = (f) => (x) => f(f(x));
  ]=]
  t:deep(m.map({ 1, 2, 3 }, function(x) return x * 10 end), { 10, 20, 30 })
  m.later(t:called(function(err, value)
    t:equal(err, nil)
    t:equal(value, "done")
  end))
  t:equal(m.pick(function(a, b, c) return a + c + (b == nil and 10 or 0) end), "function14")
  local function f(x) return x + 1 end
  t:equal(m.same(f, f), true)
  t:equal(m.twice(f)(1), 3)
  t:ok(rawequal(m.give(f), f))
  t:deep(m.map({ 1 }, m.inc), { 2 })
  t:equal(m.same(m.inc, m.inc), true)
end)

test("promises are awaited on both sides", function(t)
  local m = module [=[
    exports.slow = async (x) => { await new Promise((r) => setTimeout(r, 1)); return [x, x]; };
    exports.fails = async () => { throw new RangeError('no'); };
    exports.wait = async (p) => (await p) + 1;
  ]=]
  t:deep(await(m.slow(2)), { 2, 2 })
  local ok, e = pcall(await, m.fails())
  t:equal(ok, false)
  t:equal(e.name, "RangeError")
  t:equal(e.message, "no")
  t:equal(await(m.wait(Promise.resolve(1))), 2)
end)

test("errors are the same objects on both sides", function(t)
  local m = module [=[
    class Special extends Error { constructor(m) { super(m); this.name = 'Special'; this.code = 'E_SPECIAL'; } }
    const kept = new Error('kept');
    exports.raise = () => { throw new TypeError('bad'); };
    exports.special = () => { throw new Special('odd'); };
    exports.kept = () => { throw kept; };
    exports.isKept = (e) => e === kept && e instanceof Error;
    exports.caught = (f) => { try { f(); } catch (e) { return e instanceof Error ? `${e.name} ${e.message}` : e; } };
  ]=]
  local ok, e = pcall(m.raise)
  t:equal(ok, false)
  t:equal(e.name, "TypeError")
  t:equal(e.message, "bad")
  ok, e = pcall(m.special)
  t:equal(e.code, "E_SPECIAL")
  t:equal(e.message, "odd")
  ok, e = pcall(m.kept)
  t:equal(m.isKept(e), true)
  t:equal(m.caught(function() error(TypeError "mine", 0) end), "TypeError mine")
end)

test("Buffers are Buffers, shared", function(t)
  local m = module [=[
    exports.make = () => Buffer.from('abc');
    exports.hex = (b) => Buffer.isBuffer(b) && b instanceof Uint8Array && b.toString('hex');
    exports.poke = (b) => { b[0] = 0x7a; };
  ]=]
  local b = m.make()
  t:ok(Buffer.isBuffer(b))
  t:equal(#b, 3)
  t:equal(m.hex(Buffer.from "hi"), "6869")
  m.poke(b)
  t:equal(b:toString(), "zbc")
end)

test("emitters and streams of one language serve the other", function(t)
  local m = module [=[
    const { EventEmitter } = require('events');
    class Bell extends EventEmitter { ring(n) { return this.emit('ring', n, [1, 2]); } }
    exports.Bell = Bell;
    exports.listen = (e, done) => e.on('x', (v) => done(v));
  ]=]
  local bell = m.Bell()
  bell:on("ring", t:called(function(n) t:equal(n, 5) end))
  bell:ring(5)
  local own = require("events")()
  m.listen(own, t:called(function(v) t:equal(v, "hello") end))
  own:emit("x", "hello")
end)

test("ES modules come as their namespace", function(t)
  local m = module("export const a = 1; export default (x) => x + 1; export function f() { return [a]; }", ".mjs")
  t:equal(m.a, 1)
  t:equal(m.default(1), 2)
  t:deep(m.f(), { 1 })
end)

-- ---- JavaScript requires Lua

-- What JavaScript's `exports.run` gives with this Lua module as L.
local function from_js(lua, js)
  local _, file = module(lua, ".lua")
  return module(("const L = require(%q);\nexports.run = %s;"):format(file, js)).run
end

test("JavaScript calls the functions of a Lua module", function(t)
  local run = from_js("return { add = function(a, b) return a + b end, name = 'lua', list = { 1, 2 }, none = function() end }",
    "() => [L.add(1, 2), L.name, L.list.length, L.list[0], String(L.none()), typeof L.add]")
  t:deep(run(), { 3, "lua", 2, 1, "undefined", "function" })
end)

test("a Lua module that is a function is one", function(t)
  t:equal(from_js("return function(a) return a .. '!' end", "() => L('hi')")(), "hi!")
end)

test("Lua is given sequences and tables", function(t)
  local run = from_js([=[
    return {
      sum = function(l) local s = 0 for i = 1, #l do s = s + l[i] end return s end,
      keys = function(o) local k = {} for key in pairs(o) do k[#k + 1] = key end table.sort(k) return k end,
      kind = function(v) return type(v) end,
    }]=], "() => [L.sum([1, 2, 3]), L.keys({ b: 1, a: 2 }).join(), L.kind(null), L.kind(undefined), L.kind({})]")
  t:deep(run(), { 6, "a,b", "nil", "nil", "table" })
end)

test("JavaScript's functions are Lua's callbacks", function(t)
  local run = from_js("return { each = function(l, f) for i = 1, #l do f(l[i], i) end end, apply = function(f, ...) return f(...) end }",
    "() => { const got = []; L.each(['a', 'b'], (v, i) => got.push(v + i)); return [got.join(), L.apply((...a) => a.length, 1, 2, 3)]; }")
  t:deep(run(), { "a1,b2", 3 })
end)

test("a class of Lua's is one of JavaScript's, to make, to ask and to extend", function(t)
  local run = from_js([=[
    local Animal = require("lunode.internal.class")("Animal")
    function Animal:initialize(name) self.name = name end
    function Animal:speak() return self.name .. " " .. self:sound() end
    function Animal:sound() return "?" end
    return { Animal = Animal }]=], [=[() => {
      const a = new L.Animal('ann');
      class Dog extends L.Animal { sound() { return 'woof'; } }
      const d = new Dog('rex');
      return [a.speak(), a instanceof L.Animal, d.speak(), d instanceof L.Animal];
    }]=])
  t:deep(run(), { "ann ?", true, "rex woof", true })
end)

test("errors of Lua's are caught as Errors", function(t)
  local run = from_js("return { raise = function() error(RangeError 'far', 0) end, text = function() error('plain', 0) end }", [=[() => {
    const got = [];
    try { L.raise(); } catch (e) { got.push(e instanceof RangeError, e.message); }
    try { L.text(); } catch (e) { got.push(String(e.message ?? e)); }
    return got;
  }]=])
  t:deep(run(), { true, "far", "plain" })
end)

test("promises of Lua's are awaited", function(t)
  local run = from_js("return { slow = function(x) return async(function() return { x, x } end) end, fails = function() return async(function() error(TypeError 'no', 0) end) end }",
    "async () => { const v = await L.slow(4); try { await L.fails(); } catch (e) { return [v.length + v[1], e.name, e instanceof TypeError]; } }")
  t:deep(await(run()), { 6, "TypeError", true })
end)

test("a module is loaded once, whoever asks", function(t)
  local m, file = module "let n = 0; exports.next = () => ++n;"
  t:equal(m.next(), 1)
  t:equal(require(file).next(), 2)
  t:equal(module(("exports.n = require(%q).next();"):format(file)).n, 3)
end)
