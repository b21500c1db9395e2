-- SPDX-License-Identifier: MIT
-- util.inspect. The table of layouts was written by Node 20's own util.inspect, keys sorted.
local test = require "../support/test"
local util = require "util"
local inspect = util.inspect

local function seq(n, f) local t = {} for i = 1, n do t[i] = f(i) end return t end
local cases = {
 nums7=seq(7,function(i) return i end), nums30=seq(30,function(i) return i*i end), nums101=seq(101,function(i) return i end), words=seq(20,function(i) return "w"..i end), long=seq(8,function(i) return ("x"):rep(i*5) end), mixed={1,'a',true,2,'b',false,3,'c'},
 neg=seq(12,function(i) return i%2==1 and i or -i end), frac=seq(10,function(i) return i/4 end), objs=seq(8,function(i) return {id=i} end), nested={{1,2,{3,4,{5,{6}}}},{a={b={c={d=1}}}}},
 wide={alpha='aaaaaaaaaaaaaaaaaaaaa',beta='bbbbbbbbbbbbbbbbbbbbbbbbb',gamma='cccccccccccccccccc'}, keys={['a-b']=1,_x=2,['1a']=3,ok=4},
 deep3={a={b={c={}}}}, deepv={a={b={c=1}}}, deepx={a={b={c={d=1}}}}, strs={"it's",'say "hi"',"both ' and \"","`all' \"",'a\\b','tab\tnl\n','\127'},
 multi={s='line one of the text\nline two of the text which is long enough\nline three of the whole text'}, bools={true,false}, inline={a={1,2,3},b={c='d'}},
 matrix=seq(3,function(i) return seq(3,function(j) return i*j end) end), bigm=seq(7,function(i) return seq(7,function(j) return i*j end) end), lst={list=seq(7,function(i) return 'item number '..i end)}, sci={1e21,1e-7,123456789012345680000,0.1+0.2,-0},
}
local opts={plain={},d0={depth=0},dinf={depth=1/0},c0={compact=false},c1={compact=1},ct={compact=true},b40={breakLength=40},binf={breakLength=1/0},col={colors=true},arr2={maxArrayLength=2},str5={maxStringLength=5},sep={numericSeparator=true}}
local want = {
["nums7.plain"] = [=[
[
  1, 2, 3, 4,
  5, 6, 7
]]=],
["nums7.arr2"] = [=[
[ 1, 2, ... 5 more items ]]=],
["nums30.plain"] = [=[
[
    1,   4,   9,  16,  25,  36,  49,
   64,  81, 100, 121, 144, 169, 196,
  225, 256, 289, 324, 361, 400, 441,
  484, 529, 576, 625, 676, 729, 784,
  841, 900
]]=],
["nums101.plain"] = [=[
[
   1,  2,  3,   4,  5,  6,  7,  8,  9, 10, 11, 12,
  13, 14, 15,  16, 17, 18, 19, 20, 21, 22, 23, 24,
  25, 26, 27,  28, 29, 30, 31, 32, 33, 34, 35, 36,
  37, 38, 39,  40, 41, 42, 43, 44, 45, 46, 47, 48,
  49, 50, 51,  52, 53, 54, 55, 56, 57, 58, 59, 60,
  61, 62, 63,  64, 65, 66, 67, 68, 69, 70, 71, 72,
  73, 74, 75,  76, 77, 78, 79, 80, 81, 82, 83, 84,
  85, 86, 87,  88, 89, 90, 91, 92, 93, 94, 95, 96,
  97, 98, 99, 100,
  ... 1 more item
]]=],
["nums101.sep"] = [=[
[
   1,  2,  3,   4,  5,  6,  7,  8,  9, 10, 11, 12,
  13, 14, 15,  16, 17, 18, 19, 20, 21, 22, 23, 24,
  25, 26, 27,  28, 29, 30, 31, 32, 33, 34, 35, 36,
  37, 38, 39,  40, 41, 42, 43, 44, 45, 46, 47, 48,
  49, 50, 51,  52, 53, 54, 55, 56, 57, 58, 59, 60,
  61, 62, 63,  64, 65, 66, 67, 68, 69, 70, 71, 72,
  73, 74, 75,  76, 77, 78, 79, 80, 81, 82, 83, 84,
  85, 86, 87,  88, 89, 90, 91, 92, 93, 94, 95, 96,
  97, 98, 99, 100,
  ... 1 more item
]]=],
["words.plain"] = [=[
[
  'w1',  'w2',  'w3',  'w4',
  'w5',  'w6',  'w7',  'w8',
  'w9',  'w10', 'w11', 'w12',
  'w13', 'w14', 'w15', 'w16',
  'w17', 'w18', 'w19', 'w20'
]]=],
["words.b40"] = [=[
[
  'w1',  'w2',  'w3',  'w4',
  'w5',  'w6',  'w7',  'w8',
  'w9',  'w10', 'w11', 'w12',
  'w13', 'w14', 'w15', 'w16',
  'w17', 'w18', 'w19', 'w20'
]]=],
["long.plain"] = [=[
[
  'xxxxx',
  'xxxxxxxxxx',
  'xxxxxxxxxxxxxxx',
  'xxxxxxxxxxxxxxxxxxxx',
  'xxxxxxxxxxxxxxxxxxxxxxxxx',
  'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'
]]=],
["mixed.plain"] = [=[
[
  1, 'a', true,
  2, 'b', false,
  3, 'c'
]]=],
["mixed.col"] = [=[
[
  <ESC>[33m1<ESC>[39m, <ESC>[32m'a'<ESC>[39m, <ESC>[33mtrue<ESC>[39m,
  <ESC>[33m2<ESC>[39m, <ESC>[32m'b'<ESC>[39m, <ESC>[33mfalse<ESC>[39m,
  <ESC>[33m3<ESC>[39m, <ESC>[32m'c'<ESC>[39m
]]=],
["neg.plain"] = [=[
[
   1,  -2,  3, -4,   5,
  -6,   7, -8,  9, -10,
  11, -12
]]=],
["frac.plain"] = [=[
[
  0.25,  0.5, 0.75,
     1, 1.25,  1.5,
  1.75,    2, 2.25,
   2.5
]]=],
["objs.plain"] = [=[
[
  { id: 1 }, { id: 2 },
  { id: 3 }, { id: 4 },
  { id: 5 }, { id: 6 },
  { id: 7 }, { id: 8 }
]]=],
["nested.plain"] = [=[
[ [ 1, 2, [ 3, 4, [Array] ] ], { a: { b: [Object] } } ]]=],
["nested.d0"] = [=[
[ [Array], [Object] ]]=],
["nested.c0"] = [=[
[
  [
    1,
    2,
    [
      3,
      4,
      [Array]
    ]
  ],
  {
    a: {
      b: [Object]
    }
  }
]]=],
["nested.ct"] = [=[
[ [ 1, 2, [ 3, 4, [Array] ] ], { a: { b: [Object] } } ]]=],
["wide.plain"] = [[
{
  alpha: 'aaaaaaaaaaaaaaaaaaaaa',
  beta: 'bbbbbbbbbbbbbbbbbbbbbbbbb',
  gamma: 'cccccccccccccccccc'
}]],
["wide.b40"] = [[
{
  alpha: 'aaaaaaaaaaaaaaaaaaaaa',
  beta: 'bbbbbbbbbbbbbbbbbbbbbbbbb',
  gamma: 'cccccccccccccccccc'
}]],
["wide.str5"] = [[
{
  alpha: 'aaaaa'... 16 more characters,
  beta: 'bbbbb'... 20 more characters,
  gamma: 'ccccc'... 13 more characters
}]],
["deep3.plain"] = [[
{ a: { b: { c: {} } } }]],
["deepv.plain"] = [[
{ a: { b: { c: 1 } } }]],
["deepx.plain"] = [[
{ a: { b: { c: [Object] } } }]],
["deepx.dinf"] = [[
{
  a: { b: { c: { d: 1 } } }
}]],
["strs.plain"] = [=[
[
  "it's",
  'say "hi"',
  `both ' and "`,
  '`all\' "',
  'a\\b',
  'tab\tnl\n',
  '\x7F'
]]=],
["strs.col"] = [=[
[
  <ESC>[32m"it's"<ESC>[39m,
  <ESC>[32m'say "hi"'<ESC>[39m,
  <ESC>[32m`both ' and "`<ESC>[39m,
  <ESC>[32m'`all\' "'<ESC>[39m,
  <ESC>[32m'a\\b'<ESC>[39m,
  <ESC>[32m'tab\tnl\n'<ESC>[39m,
  <ESC>[32m'\x7F'<ESC>[39m
]]=],
["strs.str5"] = [=[
[
  "it's",
  'say "'... 3 more characters,
  'both '... 7 more characters,
  "`all'"... 2 more characters,
  'a\\b',
  'tab\tn'... 2 more characters,
  '\x7F'
]]=],
["multi.plain"] = [[
{
  s: 'line one of the text\n' +
    'line two of the text which is long enough\n' +
    'line three of the whole text'
}]],
["multi.ct"] = [[
{ s:
   'line one of the text\nline two of the text which is long enough\nline three of the whole text' }]],
["bools.plain"] = [=[
[ true, false ]]=],
["inline.plain"] = [[
{ a: [ 1, 2, 3 ], b: { c: 'd' } }]],
["inline.d0"] = [[
{ a: [Array], b: [Object] }]],
["inline.c1"] = [[
{
  a: [ 1, 2, 3 ],
  b: { c: 'd' }
}]],
["inline.b40"] = [[
{
  a: [ 1, 2, 3 ],
  b: { c: 'd' }
}]],
["matrix.plain"] = [=[
[ [ 1, 2, 3 ], [ 2, 4, 6 ], [ 3, 6, 9 ] ]]=],
["matrix.binf"] = [=[
[ [ 1, 2, 3 ], [ 2, 4, 6 ], [ 3, 6, 9 ] ]]=],
["bigm.plain"] = [=[
[
  [
    1, 2, 3, 4,
    5, 6, 7
  ],
  [
     2,  4,  6, 8,
    10, 12, 14
  ],
  [
     3,  6,  9, 12,
    15, 18, 21
  ],
  [
     4,  8, 12, 16,
    20, 24, 28
  ],
  [
     5, 10, 15, 20,
    25, 30, 35
  ],
  [
     6, 12, 18, 24,
    30, 36, 42
  ],
  [
     7, 14, 21, 28,
    35, 42, 49
  ]
]]=],
["lst.plain"] = [[
{
  list: [
    'item number 1',
    'item number 2',
    'item number 3',
    'item number 4',
    'item number 5',
    'item number 6',
    'item number 7'
  ]
}]],
["lst.ct"] = [[
{ list:
   [ 'item number 1',
     'item number 2',
     'item number 3',
     'item number 4',
     'item number 5',
     'item number 6',
     'item number 7' ] }]],
["lst.arr2"] = [[
{ list: [ 'item number 1', 'item number 2', ... 5 more items ] }]],
["sci.plain"] = [=[
[ 1e+21, 1e-7, 123456789012345680000, 0.30000000000000004, -0 ]]=],
}

for name, text in pairs(want) do
  local case, option = name:match "^(%w+)%.(%w+)$"
  test("layout as Node's: " .. name, function(t) t:equal(inspect(cases[case], opts[option]):gsub("\27", "<ESC>"), text) end)
end

test("plain values", function(t)
  for value, text in pairs { [1] = "1", [true] = "true", x = "'x'", [1e300] = "1e+300", [-1 / 0] = "-Infinity", ["a'b"] = '"a\'b"' } do
    t:equal(inspect(value), text)
  end
  t:equal(inspect(nil), "nil")
  t:equal(inspect(0 / 0), "NaN")
  t:equal(inspect(-0), "-0")
  t:equal(inspect(12LL), "12n")
  t:equal(inspect(18446744073709551615ULL), "18446744073709551615n")
  t:equal(inspect(require("lunode").null), "null")
  t:equal(inspect(function() end), "[Function (anonymous)]")
  t:equal(inspect { fn = function() end }, "{ fn: [Function: fn] }")
  t:equal(inspect(coroutine.create(function() end)), "[Coroutine: suspended]")
  t:equal(inspect(Buffer.from "abc"), "<Buffer 61 62 63>")
  t:match(inspect(io.stdout), "^%[file ")
end)

test("the sequence comes first, then keys in order; what is no string stands in brackets", function(t)
  t:equal(inspect { 1, 2, b = 3, a = 4 }, "[ 1, 2, a: 4, b: 3 ]")
  t:equal(inspect { [3] = "x", [true] = 1, z = 2, [1.5] = 3 }, "{ [1.5]: 3, [3]: 'x', z: 2, [true]: 1 }")
  t:equal(inspect {}, "{}")
  t:equal(inspect(setmetatable({}, require("lunode.internal.shape").ARRAY)), "[]")
end)

test("bytes that are no text are escaped, UTF-8 is kept", function(t)
  t:equal(inspect "é€😀", "'é€😀'")
  t:equal(inspect "\0\1\27\127", "'\\x00\\x01\\x1B\\x7F'")
  t:equal(inspect "\255a\195", "'\\xFFa\\xC3'")
end)

test("circular references are numbered", function(t)
  local a = { name = "a" }
  a.self, a.list = a, { a }
  t:equal(inspect(a), "<ref *1> { list: [ [Circular *1] ], name: 'a', self: [Circular *1] }")
  local b, c = {}, {}
  b.c, c.b, c.c = c, b, c
  t:equal(inspect(b), "<ref *1> { c: <ref *2> { b: [Circular *1], c: [Circular *2] } }")
  local shared = { 1 }
  t:equal(inspect { shared, shared }, "[ [ 1 ], [ 1 ] ]")
end)

test("instances bear their class's name; the library's hidden fields show with showHidden", function(t)
  local class = require("lunode").class
  local P = class "Point"
  function P:initialize(x) self.x, self._y = x, 2 end
  local Q = P:extend "Q"
  t:equal(inspect(P(1)), "Point { _y: 2, x: 1 }")
  t:equal(inspect(Q(1)), "Q { _y: 2, x: 1 }")
  t:equal(inspect(P), "[class Point]")
  t:equal(inspect(Q), "[class Q extends Point]")
  Q.static.limit = 5
  t:equal(inspect(Q), "[class Q extends Point] { limit: 5 }")
  local e = require("events")()
  e:on("x", print)
  t:equal(inspect(e), "EventEmitter {}")
  t:match(inspect(e, { showHidden = true }), "_events")
  t:equal(inspect({ { P(1) } }, { depth = 1 }), "[ [ [Point] ] ]")
  t:equal(inspect(setmetatable({ a = 1 }, { __name = "Named" })), "Named { a: 1 }")
end)

test("errors: stack, fields, cause, errors", function(t)
  local e = Error "boom"
  e.stack = "Error: boom\n    at x"
  t:equal(inspect(e), "Error: boom\n    at x")
  t:equal(inspect { e = e }, "{\n  e: Error: boom\n      at x\n}")
  e.code = "E"
  t:equal(inspect(e), "Error: boom\n    at x {\n  code: 'E'\n}")
  local bare = TypeError "bare"
  bare.stack = "TypeError: bare"
  t:equal(inspect(bare), "[TypeError: bare]")
  t:equal(inspect { bare }, "[ [TypeError: bare] ]")
  e.cause = bare
  t:match(inspect(e), "%[cause%]: %[TypeError: bare%]")
  t:match(inspect(AggregateError({ bare }, "all")), "%[errors%]: %[ %[TypeError: bare%] %]")
end)

test("promises", function(t)
  t:equal(inspect(Promise(function() end)), "Promise { <pending> }")
  t:equal(inspect(Promise.resolve { 1 }), "Promise { [ 1 ] }")
  local p = Promise.reject(5)
  p:catch(function() end)
  t:equal(inspect(p), "Promise { <rejected> 5 }")
end)

test("inspect.custom is called with self, depth, options and inspect", function(t)
  local o = { [inspect.custom] = t:called(function(self, depth, options, ins)
    t:equal(depth, 2)
    t:equal(ins, inspect)
    return "<" .. options.stylize("x", "number") .. ins({ 1 }, options) .. ">"
  end) }
  t:equal(inspect(o), "<x[ 1 ]>")
  t:equal(inspect { { [inspect.custom] = function() return { shown = 1 } end } }, "[ { shown: 1 } ]")
  t:equal(inspect { { [inspect.custom] = function() return "a\nb" end } }, "[\n  a\n  b\n]")
  t:equal(inspect({ [inspect.custom] = function() return "x" end, a = 1 }, { customInspect = false }),
    "{\n  a: 1,\n  [Symbol(nodejs.util.inspect.custom)]: [Function: [nodejs.util.inspect.custom]]\n}")
end)

test("nothing of the value is run or changed", function(t)
  local touched = 0
  local o = setmetatable({ a = 1 }, { __index = function() touched = touched + 1 end, __newindex = function() touched = touched + 1 end, __len = function() touched = touched + 1 return 9 end })
  t:equal(inspect(o), "{ a: 1 }")
  t:equal(touched, 0)
end)

test("metatables that are locked, functions with fields, things that are no tables", function(t)
  t:equal(inspect(setmetatable({ a = 1 }, { __metatable = "locked" })), "{ a: 1 }")
  t:equal(inspect(setmetatable({ 1 }, { __metatable = false })), "[ 1 ]")
  t:equal(inspect(setmetatable({ a = 1 }, { __name = "Thing" })), "Thing { a: 1 }")
  t:equal(inspect(setmetatable({ a = 1 }, { __call = function() end })), "[Function (anonymous)] { a: 1 }")
  t:equal(inspect(setmetatable({}, { __call = function() end, __name = "named" })), "[Function: named]")
  t:match(inspect(coroutine.create(function() end)), "^%[Coroutine: suspended%]$")
  t:match(inspect(io.stdout), "^%[file %(")
  t:match(inspect(require("ffi").new "int[3]"), "^%[cdata<int %[3%]>: ")
  t:equal(inspect({ Buffer.from "ab" }, { customInspect = false }), "[ Buffer(2) [Uint8Array] [ 97, 98 ] ]")
  local deep = {}
  local at = deep
  for _ = 1, 3000 do
    at.a = {}
    at = at.a
  end
  t:ok(inspect(deep, { depth = math.huge }):find("[Object: Inspection interrupted prematurely. Maximum call stack size exceeded.]", 1, true))
end)

test("defaultOptions, and the old argument list", function(t)
  t:equal(inspect.defaultOptions.depth, 2)
  inspect.defaultOptions = { depth = 0 }
  t:equal(inspect { a = { 1 } }, "{ a: [Array] }")
  inspect.defaultOptions = { depth = 2 }
  t:equal(inspect({ a = { b = { c = { d = 1 } } } }, false, 5), "{\n  a: { b: { c: { d: 1 } } }\n}")
  t:throws(function() inspect.defaultOptions = 5 end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() inspect.defaultOptions = { bad = 1 } end, { name = "TypeError", message = "Cannot add property bad, object is not extensible" })
  t:equal(inspect.colors.red[1], 31)
  inspect.styles.number = "red"
  t:equal(inspect(5, { colors = true }), "\27[31m5\27[39m")
  inspect.styles.number = "yellow"
end)

test("a sorted function orders the keys", function(t)
  t:equal(inspect({ a = 1, b = 2 }, { sorted = function(a, b) return a < b and 1 or -1 end }), "{ b: 2, a: 1 }")
end)
