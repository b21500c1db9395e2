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
  t:no(eq(Promise.resolve(1), Promise.resolve(1)))
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
  t:throws(function() util.parseArgs { args = {}, options = { x = { type = "number" } } } end, "ERR_INVALID_ARG_VALUE")
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
  t:equal(util.styleText("red", "x"), "\27[31mx\27[39m")
  t:equal(util.styleText({ "bold", "red" }, "x"), "\27[1m\27[31mx\27[39m\27[22m")
  t:throws(function() util.styleText("nocolor", "x") end, "ERR_INVALID_ARG_VALUE")
  t:equal(util.toUSVString "a\237\160\128", "a" .. ("\239\191\189"):rep(3))
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
  t:throws(function() util.aborted(nil, {}) end, "ERR_INVALID_ARG_TYPE")
end)

test("what does not exist says so", function(t)
  t:throws(function() util.transferableAbortSignal() end, "ERR_METHOD_NOT_IMPLEMENTED")
  t:equal(util.nothing, nil)
end)
