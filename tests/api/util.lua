-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local command = require "../support/command"
local util = require "util"

test("format", function(t)
  for _, case in ipairs {
    { "%s|%s|%s", "a", 5, { 1, { 2, { 3 } } }, want = "a|5|[ 1, [Array] ]" }, { "%d %d %d %d", "12.5", "x", 12LL, {}, want = "12.5 NaN 12n NaN" },
    { "%i %i %i", "12.9abc", 3.7, "x", want = "12 3 NaN" }, { "%f %f %f", "1.5x", 2, ".5", want = "1.5 2 0.5" },
    { "%o", { a = { b = { c = { d = {} } } } }, want = "{\n  a: { b: { c: { d: {} } } }\n}" }, { "%O", { a = 1 }, want = "{ a: 1 }" },
    { "a%cb", "css", want = "ab" }, { "%%", 1, want = "% 1" }, { "%%", want = "%%" }, { "%s", want = "%s" }, { "%s %s", "a", want = "a %s" },
    { "%x %", 1, want = "%x % 1" }, { 1, "a", true, want = "1 a true" }, { "a", "b", { x = "s" }, want = "a b { x: 's' }" }, { "%s", -0, want = "-0" },
    { "%s", true, want = "true" },
  } do t:equal(util.format(unpack(case)), case.want) end
  t:equal(util.format("%s %s", nil, nil), "nil nil")
  t:equal(util.format(), "")
  t:equal(util.format("%j", { a = 1 }), '{"a":1}')
  local circular = {}
  circular.c = circular
  t:equal(util.format("%j", circular), "[Circular]")
  t:equal(util.format("%s", setmetatable({}, { __tostring = function() return "own words" end })), "own words")
  t:equal(util.formatWithOptions({ depth = 0 }, { a = {1} }, "x"), "{ a: [Array] } x")
  t:throws(function() util.formatWithOptions(5, "x") end, "ERR_INVALID_ARG_TYPE")
end)

test("promisify and callbackify", function(t)
  local add = util.promisify(function(a, b, cb) if a == 0 then cb(Error "zero") else cb(nil, a + b) end end)
  t:equal(await(add(1, 2)), 3)
  t:rejects(add(0, 1), { message = "zero" })
  t:equal(util.promisify(add), add)
  t:equal(util.promisify(setTimeout), util.promisify.custom[setTimeout])
  local own = function() end
  local fn = function() end
  util.promisify.custom[fn] = own
  t:equal(util.promisify(fn), own)
  t:throws(function() util.promisify(5) end, "ERR_INVALID_ARG_TYPE")
  util.callbackify(function(a) return Promise.resolve(a + 1) end)(4, t:called(function(e, v) t:equal(e, nil) t:equal(v, 5) end))
  util.callbackify(function() return Promise.reject(Error "no") end)(t:called(function(e) t:equal(e.message, "no") end))
  util.callbackify(function() return Promise.reject(nil) end)(t:called(function(e) t:equal(e.code, "ERR_FALSY_VALUE_REJECTION") end))
  t:throws(function() util.callbackify(function() end)() end, "ERR_INVALID_ARG_TYPE")
end)

test("inherits, for programs that still use it", function(t)
  local class, EventEmitter = require("lunode").class, require "events"
  local Old = class "Old"
  function Old:initialize() EventEmitter.prototype.initialize(self) end
  function Old:hello() return "hello" end
  util.inherits(Old, EventEmitter)
  local o = Old()
  o:on("x", t:called())
  o:emit "x"
  t:equal(o:hello(), "hello")
  t:ok(EventEmitter:is(o))
  t:equal(Old.super_, EventEmitter)
  t:throws(function() util.inherits(5, EventEmitter) end, "ERR_INVALID_ARG_TYPE")
end)

test("debuglog writes when NODE_DEBUG names the section", function(t)
  local text = "local log = require('util').debuglog 'web' log('x %d', 1) print(log.enabled)"
  local r = command.lua(text, "", { env = "NODE_DEBUG=fs,web" })
  t:match(r.err, "^WEB %d+: x 1\n$")
  t:equal(r.out, "true\n")
  t:match(command.lua(text, "", { env = "NODE_DEBUG='w*'" }).err, "WEB")
  r = command.lua(text)
  t:equal(r.err .. r.out, "false\n")
end)

test("isDeepStrictEqual", function(t)
  local eq = util.isDeepStrictEqual
  t:ok(eq({ 1, { a = "b" } }, { 1, { a = "b" } }))
  t:no(eq({ 1 }, { "1" }))
  t:no(eq({ a = 1 }, { a = 1, b = 2 }))
  t:no(eq({ a = 1, b = 2 }, { a = 1 }))
  t:ok(eq(0 / 0, 0 / 0))
  t:no(eq(0, -0))
  t:ok(eq(Buffer.from "x", Buffer.from "x"))
  t:no(eq(Buffer.from "x", Buffer.from "y"))
  t:ok(eq(Error "x", Error "x"))
  t:no(eq(Error "x", TypeError "x"))
  local a, b = {}, {}
  a.s, b.s = a, b
  t:ok(eq(a, b))
  t:ok(eq({ [{ 1 }] = 2 }, { [{ 1 }] = 2 }))
  t:no(eq({ [{ 1 }] = 2 }, { [{ 2 }] = 2 }))
  local class = require("lunode").class
  local A, B = class "A", class "B"
  t:no(eq(A(), B()))
  t:ok(eq(A(), A()))
  t:ok(eq(Promise.resolve(1), Promise.resolve(2))) -- as in Node 20, which sees no properties
  local f = function() end
  t:ok(eq({ f }, { f }))
  t:no(eq({ f }, { function() end }))
  t:ok(eq(5LL, 5LL))
end)

test("parseArgs", function(t)
  local r = util.parseArgs { args = { "-f", "--bar", "b" }, options = { foo = { type = "boolean", short = "f" }, bar = { type = "string" } } }
  t:deep(r.values, { foo = true, bar = "b" })
  r = util.parseArgs { args = { "-abc", "--x=1", "--x", "2", "pos", "--", "-z" }, allowPositionals = true, tokens = true,
    options = { a = { type = "boolean", short = "a" }, b = { type = "string", short = "b" }, x = { type = "string", multiple = true }, d = { type = "string", default = "dd" } } }
  t:deep(r.values, { a = true, b = "c", x = { "1", "2" }, d = "dd" })
  t:deep(r.positionals, { "pos", "-z" })
  t:equal(#r.tokens, 7)
  t:throws(function() util.parseArgs { args = { "--nope" } } end, { code = "ERR_PARSE_ARGS_UNKNOWN_OPTION", message = "Unknown option '--nope'" })
  t:throws(function() util.parseArgs { args = { "pos" } } end, "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL")
  t:throws(function() util.parseArgs { args = { "--s" }, options = { s = { type = "string" } } } end,
    { code = "ERR_PARSE_ARGS_INVALID_OPTION_VALUE", message = "Option '--s <value>' argument missing" })
  t:throws(function() util.parseArgs { args = { "--b=1" }, options = { b = { type = "boolean" } } } end, "ERR_PARSE_ARGS_INVALID_OPTION_VALUE")
  t:deep(util.parseArgs { args = { "--what", "--v=5" }, strict = false }.values, { what = true, v = "5" })
  t:throws(function() util.parseArgs { args = {}, options = { x = { type = "number" } } } end, "ERR_INVALID_ARG_TYPE")
  t:equal(command.lua("print(require('util').parseArgs({ options = { n = { type = 'string' } } }).values.n)", "--n=7").out, "7\n")
end)

test("TextEncoder and TextDecoder", function(t)
  local e = TextEncoder()
  t:equal(e.encoding, "utf-8")
  t:equal(e:encode("é€"):toString "hex", "c3a9e282ac")
  t:equal(#e:encode(), 0)
  local b = Buffer.alloc(4)
  t:deep(e:encodeInto("é€😀", b), { read = 1, written = 2 })
  t:equal(b:toString "hex", "c3a90000")
  local d = TextDecoder()
  t:equal(d:decode(Buffer.from "\239\187\191hé"), "hé")
  t:equal(TextDecoder("utf-8", { ignoreBOM = true }):decode "\239\187\191h", "\239\187\191h")
  t:equal(d:decode "a\255\226\130b", "a\239\191\189\239\191\189b")
  t:equal(d:decode("\226", { stream = true }) .. d:decode("\130", { stream = true }) .. d:decode "\172", "€")
  t:throws(function() TextDecoder("utf8", { fatal = true }):decode "\255" end, "ERR_ENCODING_INVALID_ENCODED_DATA")
  t:equal(TextDecoder "utf-16le":decode(Buffer.from("é😀", "utf16le")), "é😀")
  t:equal(TextDecoder "latin1":decode "\233", "é")
  t:equal(TextDecoder("ASCII").encoding, "windows-1252")
  t:throws(function() TextDecoder "nope" end, "ERR_ENCODING_NOT_SUPPORTED")
  t:throws(function() d:decode(5) end, "ERR_INVALID_ARG_TYPE")
end)

test("types", function(t)
  t:ok(util.types.isPromise(Promise.resolve()))
  t:ok(util.types.isNativeError(TypeError "x"))
  t:no(util.types.isNativeError { message = "x" })
  t:ok(util.types.isUint8Array(Buffer.from "x"))
  t:no(util.types.isDate {})
  t:equal(require "util/types", util.types)
end)

test("text helpers", function(t)
  t:equal(util.stripVTControlCharacters "\27[31mred\27[39m \27]8;;http://x\7link\27]8;;\7", "red link")
  t:equal(util.styleText("red", "x", { validateStream = false }), "\27[31mx\27[39m")
  t:equal(util.styleText({ "bold", "red" }, "x"), "\27[1m\27[31mx\27[39m\27[22m")
  t:throws(function() util.styleText("nocolor", "x") end, "ERR_INVALID_ARG_VALUE")
  t:equal(util.toUSVString "a\237\160\128", "a\239\191\189") -- a lone surrogate
  t:deep(util.parseEnv "A=1\n# c\nB='x y' # c\nC=\"l\\nm\"\nexport D = e # q\nE=\nF=`a\nb`", { A = "1", B = "x y", C = "l\nm", D = "e", E = "", F = "a\nb" })
end)

test("system errors", function(t)
  t:equal(util.getSystemErrorName(-2), "ENOENT")
  t:deep(util.getSystemErrorMap()[-13], { "EACCES", "permission denied" })
  t:throws(function() util.getSystemErrorName(2) end, "ERR_OUT_OF_RANGE")
  t:throws(function() util.getSystemErrorName "x" end, "ERR_INVALID_ARG_TYPE")
end)

test("aborted", function(t)
  local c = AbortController()
  local p = util.aborted(c.signal, {})
  setTimeout(function() c:abort() end, 2)
  await(p)
  await(util.aborted(c.signal, {}))
  t:rejects(util.aborted(nil, {}), "ERR_INVALID_ARG_TYPE")
  t:rejects(util.aborted(c.signal), "ERR_INVALID_ARG_TYPE")
end)

test("what does not exist says so", function(t)
  t:throws(function() util.transferableAbortSignal() end, "ERR_METHOD_NOT_IMPLEMENTED")
  t:equal(util.nothing, nil)
end)

test("promisify: the form that a function declares", function(t)
  local function original() end
  local function promised() return Promise.resolve(5) end
  util.promisify.custom[original] = promised
  t:equal(util.promisify(original), promised)
  util.promisify.custom[original] = 5
  t:throws(function() util.promisify(original) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() util.promisify(5) end, "ERR_INVALID_ARG_TYPE")
end)

test("promisify keeps nothing alive", function(t)
  local seen = setmetatable({}, { __mode = "k" })
  for _ = 1, 50 do seen[util.promisify(function() end)] = true end
  collectgarbage() collectgarbage()
  local left = 0
  for _ in pairs(seen) do left = left + 1 end
  t:ok(left < 5, left)
end)

test("deprecate: once, once for a code, never with noDeprecation", function(t)
  local r = command.lua [[
    local util = require "util"
    local f = util.deprecate(function(a) return a * 2 end, "f is old", "DEP1")
    local g = util.deprecate(function() end, "g is old", "DEP1")
    local h = util.deprecate(function() end, "h is old")
    print(f(1), f(2)) g() h() h()
    process.noDeprecation = true
    local function plain() end
    print(util.deprecate(plain, "plain is old") == plain)
  ]]
  t:equal(r.out, "2\t4\ntrue\n")
  r = command.lua [[
    local util = require "util"
    local f, g, h = util.deprecate(function() end, "f is old", "DEP1"), util.deprecate(function() end, "g is old", "DEP1"), util.deprecate(function() end, "h is old")
    f() f() g() h() h()
  ]]
  t:match(r.err, "%[DEP1%] DeprecationWarning: f is old\n")
  t:match(r.err, "DeprecationWarning: h is old\n")
  t:no(r.err:find "g is old")
  local _, n = r.err:gsub("h is old", "")
  t:equal(n, 1)
  t:throws(function() util.deprecate(5, "x") end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() util.deprecate(function() end, "x", 5) end, "ERR_INVALID_ARG_TYPE")
end)

test("debuglog: sections of NODE_DEBUG, with wildcards and in any case", function(t)
  local script = [[
    local util = require "util"
    for _, name in ipairs { "foo", "foo-bar", "other", "FOO2" } do
      local told = 0
      local log = util.debuglog(name, function(fn) told = told + 1 end)
      log("hello %d", 5)
      log { a = 1 }
      print(name, log.enabled, told)
    end
  ]]
  local r = command.lua(script, nil, { env = "NODE_DEBUG=foo*,nothing" })
  t:equal(r.out, "foo\ttrue\t1\nfoo-bar\ttrue\t1\nother\tfalse\t1\nFOO2\ttrue\t1\n")
  t:match(r.err, "^FOO %d+: hello 5\nFOO %d+: { a: 1 }\nFOO%-BAR %d+: hello 5\n")
  t:equal(command.lua(script, nil, { env = "NODE_DEBUG=" }).err, "")
end)

test("getCallSites", function(t)
  local function inner()
    local here = util.getCallSites(2)
    return here
  end
  local sites = inner()
  t:equal(#sites, 2)
  t:equal(sites[1].functionName, "inner")
  t:match(sites[1].scriptName, "util%.lua$")
  t:equal(sites[1].lineNumber, debug.getinfo(inner, "S").linedefined + 1)
  t:ok(#util.getCallSites() <= 10)
  t:throws(function() util.getCallSites(0) end, "ERR_OUT_OF_RANGE")
  t:throws(function() util.getCallSites "x" end, "ERR_INVALID_ARG_TYPE")
end)

test("styleText asks the stream, unless told not to", function(t)
  local stream = require("stream").PassThrough()
  t:equal(util.styleText("red", "x", { stream = stream }), "x")
  stream.isTTY = true
  t:equal(util.styleText("red", "x", { stream = stream }), "\27[31mx\27[39m")
  stream.getColorDepth = function() return 1 end
  t:equal(util.styleText("red", "x", { stream = stream }), "x")
  t:equal(util.styleText({ "red" }, "x", { stream = stream }), "\27[31mx\27[39m")
  t:throws(function() util.styleText("red", "x", { stream = 5 }) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() util.styleText("red", "x", { validateStream = 1 }) end, "ERR_INVALID_ARG_TYPE")
end)

test("MIMEType", function(t)
  local m = util.MIMEType 'Text/HTML; Charset="utf-8"; a="b c";a=again'
  t:equal(tostring(m), 'text/html;charset=utf-8;a="b c"')
  t:equal(m.type .. m.subtype .. m.essence, "texthtmltext/html")
  m.type = "IMAGE"
  m.params:set("n", 5)
  m.params:delete "a"
  t:equal(require("json").stringify { m }, '["image/html;charset=utf-8;n=5"]')
  t:equal(m.params:get "charset", "utf-8")
  t:equal(m.params:get "none", nil)
  t:throws(function() util.MIMEType "nothing" end, { code = "ERR_INVALID_MIME_SYNTAX", message = 'The MIME syntax for a type in "nothing" is invalid' })
  t:throws(function() m.params:set("a b", "x") end, { code = "ERR_INVALID_MIME_SYNTAX", message = 'The MIME syntax for a parameter name in "a b" is invalid at 1' })
end)

test("the older encodings, through the C library", function(t)
  t:equal(TextDecoder "koi8-r":decode "\193\255\128", "аЪ─")
  local d = TextDecoder("SJIS")
  t:equal(d.encoding, "shift_jis")
  t:equal(d:decode("\147", { stream = true }) .. d:decode "\250\150\123", "日本")
  t:equal(TextDecoder "gbk":decode "\214", "\239\191\189")
  t:throws(function() TextDecoder("euc-kr", { fatal = true }):decode "\255" end, "ERR_ENCODING_INVALID_ENCODED_DATA")
end)

test("deep equality of Map, Set, Date, RegExp and cycles", function(t)
  local v, eq = require "lunode.internal.value_classes", util.isDeepStrictEqual
  t:ok(eq(v.Set { 1, { a = 1 } }, v.Set { { a = 1 }, 1 }))
  t:no(eq(v.Set { { a = 1 } }, v.Set { { a = 2 } }))
  t:ok(eq(v.Map { { { 1 }, "x" } }, v.Map { { { 1 }, "x" } }))
  t:no(eq(v.Map { { 1, "x" } }, v.Map { { 1, "y" } }))
  t:ok(eq(v.Date(5), v.Date(5)))
  t:no(eq(v.Date(0 / 0), v.Date(0 / 0))) -- as in Node 20
  t:no(eq(v.RegExp("a", "g"), v.RegExp("a", "i")))
  t:no(eq(Error("a", { cause = 1 }), Error("a", { cause = 2 })))
end)

test("an aborted promise keeps the resource weakly", function(t)
  local c = AbortController()
  local p = util.aborted(c.signal, {})
  collectgarbage() collectgarbage()
  local settled = false
  p:next(function() settled = true end)
  c:abort()
  await(require("timers").promises.setTimeout(5))
  t:no(settled)
end)
