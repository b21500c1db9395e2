-- SPDX-License-Identifier: MIT
-- util.inspect beside Node's own, on values that both languages can express.
local test = require "../support/test"
local to_js = require "../support/to_js"
local util = require "util"
local values = require "lunode.internal.value_classes"
local lunode = require "lunode"
local symbols = require "lunode.internal.symbols"
local inspect, null, list = util.inspect, lunode.null, require("lunode.internal.shape").ARRAY
local of = to_js.of

-- Runs all cases ({value, options} …) in one Node, and compares.
local function compare(t, cases, prologue)
  local sources = {}
  for i, case in ipairs(cases) do
    sources[i] = ("inspect(%s, %s)"):format(to_js.source(case[1]), case[2] and to_js.source(case[2]) or "{}")
  end
  local wanted = to_js.evaluate(sources, prologue)
  for i, case in ipairs(cases) do t:equal(inspect(case[1], case[2]), wanted[i], sources[i]:sub(1, 600)) end
end

local function seq(n, f)
  local out = {}
  for i = 1, n do out[i] = f(i) end
  return out
end

local function map(entries)
  local sources = {}
  for i, pair in ipairs(entries) do sources[i] = ("[%s, %s]"):format(to_js.source(pair[1]), to_js.source(pair[2])) end
  return of(values.Map(entries), "new Map([" .. table.concat(sources, ", ") .. "])")
end
local function set(entries)
  local sources = {}
  for i, value in ipairs(entries) do sources[i] = to_js.source(value) end
  return of(values.Set(entries), "new Set([" .. table.concat(sources, ", ") .. "])")
end
local function date(ms) return of(values.Date(ms), "new Date(" .. (ms ~= ms and "NaN" or ("%.0f"):format(ms)) .. ")") end
local function regexp(source, flags) return of(values.RegExp(source, flags), "/" .. source .. "/" .. flags) end

local function loop()
  local a = { name = "a", list = { 1, 2 } }
  a.self = a
  a.inner = { deeper = { back = a } }
  a.inner.deeper.up = a.inner
  a.list[3] = a.list
  return a
end

local function shapes()
  return {
    {}, setmetatable({}, list), { 1 }, { a = 1 }, seq(5, function(i) return i end), seq(7, function(i) return i end), seq(40, function(i) return i * i end),
    seq(130, function(i) return i end), seq(27, function(i) return "word" .. ("x"):rep(i % 9) end), seq(120, function(i) return i % 3 == 0 and "s" or i end),
    seq(9, function(i) return { i } end), seq(12, function(i) return ("long text "):rep(i) end), seq(30, function(i) return 2LL ^ 40 + i end),
    seq(16, function(i) return i % 2 == 0 end), seq(10, function(i) return -i / 8 end), seq(7, function(i) return { name = "n" .. i, list = { i, i } } end),
    { 1.5, "a", true, null, { b = {} }, 5LL }, { x = { y = { z = { w = { v = 1 } } } } }, { { { { { 1 } } } } }, { {}, { {} }, { { {} } } },
    { a = setmetatable({}, list), b = {}, c = "", d = 0, e = false, f = null }, { ["a-b"] = 1, ["1"] = 2, ["with space"] = 3, _ok = 4, ["quote'"] = 5, ["x\n"] = 6 },
    { __proto__ = 1 }, { ["\1"] = { ["\2"] = "\3" } }, { long = ("x"):rep(100), short = "y" }, { a = ("x"):rep(30), b = ("y"):rep(30), c = ("z"):rep(30) },
    { text = ("line of text\n"):rep(8) }, ("line of text\n"):rep(8), { { text = ("line of text, "):rep(4) .. "\nmore" } }, { deep = { er = { text = ("a\n"):rep(40) } } },
    "it's", 'say "hi"', "both ' and \"", "all ' \" `", "${x} ' \"", "\0\1\27\127\\", "\t\n\r\b\f\v", "caf\195\169 \230\150\135 \240\159\152\128", "\194\133\194\159\194\160",
    { "caf\195\169", "\230\150\135\229\173\151", "\240\159\152\128", "abc", "de", "f", "ghijkl" }, { ["caf\195\169"] = 1 }, ("\230\150\135"):rep(90),
    0, -0, 1, -1.5, 1e21, 1e-7, 123456789.123456, -123456, 0 / 0, 1 / 0, -1 / 0, 0.1 + 0.2, 2 ^ 53, 5e-324, 1.7976931348623157e308, true, false, null,
    12345LL, -9007199254740993LL, 18446744073709551615ULL,
    map {}, map { { "a", 1 }, { "b", { c = {} } } }, map { { { key = 1 }, { { 1 } } }, { 1LL, null } }, map { { map { { 1, 2 } }, set { 1, set {} } } },
    map(seq(20, function(i) return { "key" .. i, ("v"):rep(i * 3) } end)), set {}, set { 1, "two", { three = 3 } }, set(seq(120, function(i) return i end)),
    { m = map { { "x", map { { "y", map { { "z", {} } } } } } }, s = set { set { set { set { 1 } } } } }, date(0), date(1e12), date(0 / 0), { when = date(5) },
    regexp("a+b", "gi"), { re = regexp("^x$", "m") }, loop(), { loop(), loop() }, { 1, 2, 3, extra = "x", ["more-so"] = { 1 } }, { "a", extra = { b = { c = { d = 1 } } } },
    seq(8, function(i) return seq(8, function(j) return i * j end) end), seq(3, function() return seq(30, function(j) return j end) end),
    { a = seq(7, function(i) return ("s"):rep(i * 4) end), b = seq(101, function(i) return i * 1000 end) },
  }
end

local options = {
  {}, { depth = 0 }, { depth = 1 }, { depth = math.huge }, { depth = null }, { depth = -1 }, { compact = false }, { compact = true }, { compact = 1 }, { compact = 0 }, { compact = 5 },
  { breakLength = 20 }, { breakLength = 40 }, { breakLength = 120 }, { breakLength = math.huge }, { breakLength = 40, compact = true }, { colors = true },
  { colors = true, compact = true, breakLength = 50 }, { maxArrayLength = 0 }, { maxArrayLength = 2 }, { maxArrayLength = null }, { maxStringLength = 0 },
  { maxStringLength = 3 }, { maxStringLength = null }, { sorted = true }, { numericSeparator = true }, { showHidden = true }, { colors = true, numericSeparator = true, depth = 5 },
  { compact = 4, breakLength = 60, depth = 6 }, { compact = false, breakLength = 30, colors = true },
}

test("every shape with every option", { skip = to_js.skip }, function(t)
  for _, opts in ipairs(options) do
    local cases = {}
    for _, value in ipairs(shapes()) do
      -- Node 20.20 writes 1e-7 as 1e-.1e-_7 there
      if not (opts.numericSeparator and type(value) == "number" and tostring(value):find "e%-") then cases[#cases + 1] = { value, opts } end
    end
    compare(t, cases)
  end
end)

-- ---- values made at random

local function random(seed)
  local state = seed
  return function(n)
    state = (state * 1103515245 + 12345) % 2147483648
    return math.floor(state / 65536) % n + 1
  end
end

local WORDS = { "a", "id", "name", "some key", "x-y", "value", "list", "caf\195\169", "deep", "Z", "_z", "k9", "a very long key that takes room" }
local function make(pick, depth)
  local what = pick(depth <= 0 and 8 or 14)
  if what == 1 then return pick(2000) - 1000 end
  if what == 2 then return pick(1000000) / 64 end
  if what <= 4 then return ("abc \n'\"é"):sub(1, pick(9)):rep(pick(12)) end
  if what == 5 then return pick(2) == 1 end
  if what == 6 then return null end
  if what == 7 then return WORDS[pick(#WORDS)]:rep(pick(3)) end
  if what == 8 then return pick(5000) * 1LL end
  if what <= 10 then
    local out = setmetatable({}, list)
    for i = 1, pick(14) - 1 do out[i] = make(pick, depth - 1) end
    return out
  end
  if what == 11 then
    local out, same = {}, pick(3)
    for i = 1, pick(60) do out[i] = same == 1 and pick(100000) or same == 2 and WORDS[pick(#WORDS)] or make(pick, 0) end
    return out
  end
  local out = {}
  for _ = 1, pick(8) - 1 do out[WORDS[pick(#WORDS)]] = make(pick, depth - 1) end
  if what == 14 then
    local entries = {}
    for k, v in pairs(out) do entries[#entries + 1] = { k, v } end
    return map(entries)
  end
  return out
end

local function utf8_only(value) -- what was cut inside of a character has no counterpart
  local ok = true
  local seen = {}
  local function walk(v)
    if type(v) == "string" then ok = ok and util.toUSVString(v) == v
    elseif type(v) == "table" and v ~= null and not seen[v] then
      seen[v] = true
      for k, x in pairs(v) do walk(k) walk(x) end
    end
  end
  walk(value)
  return ok
end

test("600 values made at random", { skip = to_js.skip }, function(t)
  local pick = random(20)
  local cases = {}
  while #cases < 600 do
    local value = make(pick, 4)
    if utf8_only(value) then cases[#cases + 1] = { value, options[pick(#options)] } end
  end
  compare(t, cases)
end)

-- ---- what needs its own words in each language

local prologue = [[
class Plain { constructor(x) { this.x = x; } }
class Sub extends Plain {}
class Empty {}
class Tagged { get [Symbol.toStringTag]() { return 'T!'; } }
class Shown { constructor(f) { this.f = f; } [inspect.custom](depth, options, inspect) { return this.f(depth, options, inspect); } }
class Access { get a() { return 5; } set a(v) {} get b() { throw new Error('bad'); } get c() { return { d: 1 }; } get e() { return 'text'; } }
class SubMap extends Map {}
class SubSet extends Set {}
class ValidationError extends Error {}
class Odd extends Error {}
const stack = (e, text) => { e.stack = text === undefined ? `${e}` : text; return e; };
const cause = (e, c) => { Object.defineProperty(e, 'cause', { value: c, enumerable: false }); return e; };
]]

local Plain = lunode.class "Plain"
function Plain:initialize(x) self.x = x end
local Sub = Plain:extend "Sub"
local Empty = lunode.class "Empty"
local Tagged = lunode.class "Tagged"
Tagged.prototype[symbols.toStringTag] = "T!"
local Shown = lunode.class "Shown"
function Shown:initialize(f) self.f = f end
Shown.prototype[inspect.custom] = function(self, depth, opts, fn) return self.f(depth, opts, fn) end
local Access = lunode.class "Access"
Access:accessor("a", function() return 5 end, function() end)
Access:accessor("b", function() error(lunode.Error "bad", 0) end)
Access:accessor("c", function() return { d = 1 } end)
Access:accessor("e", function() return "text" end)
local SubMap, SubSet = values.Map:extend "SubMap", values.Set:extend "SubSet"
local Error, TypeError, AggregateError = lunode.Error, lunode.TypeError, lunode.AggregateError
local ValidationError, Odd = Error:extend "ValidationError", Error:extend "Odd"

local function stack(e, text)
  e.stack = text or tostring(e)
  return e
end
local function caused(e, cause)
  rawset(e, "cause", cause)
  return e
end
local function with(e, fields)
  for k, v in pairs(fields) do e[k] = v end
  return e
end
local function error_case(make, source) return of(make, source) end

local promise = lunode.Promise
local rejected = promise.reject(5)
rejected:catch(function() end)

test("classes, promises, errors, custom functions", { skip = to_js.skip }, function(t)
  local cases = {}
  local function add(value, source, ...)
    for _, opts in ipairs { {}, ... } do cases[#cases + 1] = { of(value, source), opts } end
  end
  local deep, colored, hidden = { depth = 0 }, { colors = true }, { showHidden = true }
  add(Plain(1), "new Plain(1)", deep, colored)
  add(Sub { a = Sub(2) }, "new Sub({a: new Sub(2)})", deep, { depth = 1 })
  add(Empty(), "new Empty()", { depth = -1 })
  add({ a = { b = Empty(), c = Sub(1) } }, "({a: {b: new Empty(), c: new Sub(1)}})", { depth = 1 })
  add(Tagged(), "new Tagged()")
  add({ x = with(Tagged(), { a = 1 }) }, "({x: Object.assign(new Tagged(), {a: 1})})", deep)
  add({ Empty = Empty, Sub = Sub }, "({Empty, Sub})", colored)
  add(Plain.prototype, "Plain.prototype")
  add(Sub.prototype, "Sub.prototype")
  add(Access(), "new Access()", hidden, { showHidden = true, getters = true }, { showHidden = true, getters = "get" }, { showHidden = true, getters = "set", colors = true })
  add({ f = function() end }, "({f: () => {}})", deep, colored)
  add({ 1, function() end }, "[1, () => {}]")
  add({ [symbols.new "k\ney"] = 1, b = symbols.new "x\ny" }, "({[Symbol('k\\ney')]: 1, b: Symbol('x\\ny')})")
  add(SubMap { { 1, 2 } }, "new SubMap([[1, 2]])", deep)
  add(SubSet(), "new SubSet()")
  add(with(values.Map { { 1, 2 } }, { extra = 1 }), "Object.assign(new Map([[1, 2]]), {extra: 1})")
  add(with(values.Date(0), { extra = 1 }), "Object.assign(new Date(0), {extra: 1})", { depth = -1 }, colored)
  add(with(values.RegExp("a", "g"), { extra = 1 }), "Object.assign(/a/g, {extra: 1})", { depth = -1 }, colored)
  add(promise(function() end), "new Promise(() => {})", colored, deep, { depth = -1 })
  add(promise.resolve { a = { b = { c = 1 } } }, "Promise.resolve({a: {b: {c: 1}}})", deep)
  add(rejected, "(() => { const p = Promise.reject(5); p.catch(() => {}); return p; })()", colored)
  add({ p = promise.resolve "x" }, "({p: Promise.resolve('x')})", deep, { compact = false })

  add(Shown(function() return "one\ntwo" end), "new Shown(() => 'one\\ntwo')")
  add({ a = { b = Shown(function() return "one\ntwo" end) } }, "({a: {b: new Shown(() => 'one\\ntwo')}})", { compact = false })
  add(Shown(function() return { x = { y = { z = {} } } } end), "new Shown(() => ({x: {y: {z: {}}}}))", deep)
  add(Shown(function() return 5 end), "new Shown(() => 5)", colored)
  add({ Shown(function(depth) return "depth " .. depth end) }, "[new Shown((depth) => 'depth ' + depth)]", deep, { depth = 5 })
  add({ a = Shown(function(_, o, f) return f({ o.compact, o.colors, { {} } }, with(o, { depth = 0 })) end) },
    "({a: new Shown((_, o, f) => f([o.compact, o.colors, [[]]], {...o, depth: 0}))})", { compact = false }, colored)
  add(Shown(function(_, o) return o.stylize("text", "number") .. o.stylize("more", "none") end), "new Shown((_, o) => o.stylize('text', 'number') + o.stylize('more', 'none'))", colored)
  add(Shown(function(_, o) return o.mine or "not given" end), "new Shown((_, o) => o.mine ?? 'not given')", { mine = "given" })
  add({ Shown(function() return "x" end) }, "[Object.assign(Object.create({f: 1}), {[inspect.custom]() { return 'x'; }})]")

  local function err(e, source, ...) return add(e, source, ...) end
  err(stack(Error "boom"), "stack(new Error('boom'))", colored, hidden)
  err(stack(Error "boom", "Error: boom\n    at somewhere (/file.js:1:2)"), "stack(new Error('boom'), 'Error: boom\\n    at somewhere (/file.js:1:2)')", deep, { depth = -1 })
  err({ e = stack(Error "two\nlines", "Error: two\nlines\n    at a\n    at b") }, "({e: stack(new Error('two\\nlines'), 'Error: two\\nlines\\n    at a\\n    at b')})", deep, { compact = false })
  err(with(stack(Error "x"), { code = "E_X", n = 5 }), "Object.assign(stack(new Error('x')), {code: 'E_X', n: 5})", { depth = 0 }, colored)
  err(caused(stack(Error "x"), stack(TypeError "why")), "cause(stack(new Error('x')), stack(new TypeError('why')))", deep)
  err(caused(stack(Error "x"), { a = { b = {} } }), "cause(stack(new Error('x')), {a: {b: {}}})", deep)
  err(caused(stack(Error "x", "Error: x\n    at one\n    at two\n    at three\n    at four\n    at five"), stack(TypeError "why", "TypeError: why\n    at zero\n    at two\n    at three\n    at four\n    at five")),
    "cause(stack(new Error('x'), 'Error: x\\n    at one\\n    at two\\n    at three\\n    at four\\n    at five'), stack(new TypeError('why'), 'TypeError: why\\n    at zero\\n    at two\\n    at three\\n    at four\\n    at five'))")
  err(stack(AggregateError({ stack(Error "1"), stack(TypeError "2") }, "all")), "stack(new AggregateError([stack(new Error('1')), stack(new TypeError('2'))], 'all'))", deep)
  err(with(stack(Error "x"), { errors = { 1 } }), "Object.assign(stack(new Error('x')), {errors: [1]})")
  err(stack(ValidationError "bad"), "stack(new ValidationError('bad'))")
  err(stack(Odd "bad"), "stack(new Odd('bad'))")
  err(stack(Odd "bad", "Error: bad\n    at x"), "stack(new Odd('bad'), 'Error: bad\\n    at x')")
  err(stack(with(Error "bad", { name = "Custom" })), "stack(Object.assign(new Error('bad'), {name: 'Custom'}))")
  err(with(stack(Error "bad"), { name = "Later" }), "Object.assign(stack(new Error('bad')), {name: 'Later'})")
  err(with(stack(Error "bad"), { message = "other" }), "(() => { const e = stack(new Error('bad')); e.message = 'other'; return e; })()")
  err(stack(with(Error "x", { name = "TypeError" })), "stack(Object.assign(new Error('x'), {name: 'TypeError'}))")
  err(stack(Error "x", "nothing at all"), "stack(new Error('x'), 'nothing at all')")
  err({ { { { stack(Error "in the depth") } } } }, "[[[[stack(new Error('in the depth'))]]]]", { depth = 5 })
  local own = stack(Error "x")
  own.self = own
  err(own, "(() => { const e = stack(new Error('x')); e.self = e; return e; })()")
  compare(t, cases, prologue)
end)

test("sorted with a function, in both languages", { skip = to_js.skip }, function(t)
  local function down(a, b) return a < b and 1 or a > b and -1 or 0 end
  local opts = { sorted = of(down, "((a, b) => a < b ? 1 : a > b ? -1 : 0)") }
  local values = { { a = 1, b = { c = 1, d = 2 }, e = 3 }, { 3, 1, 2, x = 1, y = 2 }, set { "a", "c", "b" }, map { { "a", 1 }, { "b", 2 } } }
  local cases = {}
  for i, value in ipairs(values) do cases[i] = { value, opts } end
  compare(t, cases)
end)
