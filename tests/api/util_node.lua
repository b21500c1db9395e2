-- SPDX-License-Identifier: MIT
-- util beside Node's own: the same calls in both languages.
local test = require "../support/test"
local to_js = require "../support/to_js"
local util = require "util"
local lunode = require "lunode"
local json = require "json"
local Buffer = require("buffer").Buffer
local null, list = lunode.null, require("lunode.internal.shape").ARRAY
local source, of = to_js.source, to_js.of

local function raised(e) return (e.code or e.name) .. ": " .. e.message end

-- cases: {JavaScript expression, Lua function} …; what they give is compared as JSON
local function compare(t, cases, prologue)
  local expressions = {}
  for i, case in ipairs(cases) do expressions[i] = case[1] end
  local wanted = to_js.evaluate(expressions, prologue)
  for i, case in ipairs(cases) do
    local ok, got = pcall(case[2])
    if not ok then got = raised(got) end
    t:equal(json.stringify(got), json.stringify(wanted[i]), case[1]:sub(1, 300))
  end
end

-- Calls util[name] with the values.
local function call(name, ...)
  local n, args, sources = select("#", ...), { ... }, {}
  for i = 1, n do sources[i] = source(args[i]) end
  return { ("util.%s(%s)"):format(name, table.concat(sources, ", ")), function() return util[name](unpack(args, 1, n)) end }
end

test("format", { skip = to_js.skip }, function(t)
  local values = {
    "text", "", "42abc", " 12 ", "0x1f", "-0x10", "0b101", "0o17", "1e3", "-.5", ".5", "5.", "1_0", "Infinity", "-Infinity", "infinity", "NaN", "\t7\n", "+8", "--1", "1e", "0x", 0, -0, 1.5, -5.7, 1e21,
    1e-7, 123456789, 0 / 0, 1 / 0, true, false, null, 5LL, -7LL, {}, { a = 1 }, { 1, { 2, { 3 } } }, { a = { b = { c = { d = { e = 1 } } } } }, setmetatable({}, list), { "it's", 'q"' },
    of(function() end, "(Object.defineProperty(() => {}, 'name', {value: ''}), Object.assign(() => {}))") and { 1, 2, x = { y = {} } },
  }
  local cases = {}
  for _, letter in ipairs { "s", "d", "i", "f", "j", "o", "O", "c", "%", "x" } do
    for _, value in ipairs(values) do
      if not (letter == "j" and type(value) == "cdata") and not (letter == "i" or letter == "f" or letter == "d" or letter == "j") or type(value) ~= "table" and not (letter == "j" and type(value) == "cdata") then
        cases[#cases + 1] = call("format", "<%" .. letter .. ">", value)
      end
    end
  end
  for _, args in ipairs {
    { "%%" }, { "%%", 1 }, { "%" }, { "%", 1 }, { "%s" }, { "%s %s", "a" }, { "%%%s", 1 }, { "%s%%", "a" }, { "a", "b", { c = 1 }, "d" }, { 1, 2, "3" }, { { a = 1 }, "%s" }, { "%s", "a", "b" }, {},
    { null }, { "", 1 }, { "%s:%s", 1 }, { "100%", 1 }, { "%%s%s", "foo" }, { "%", 1, "%" }, { "%s %", "a" }, { "%s%s%s%s", 1, 2, 3 }, { "%c%s", "css", "x" }, { "%j", { a = { 1, 2, null } } }, { "%d%%", 50 }, { true, "x" },
    { "a\nb", { 1 } }, { "%o", { 1, { 2, {} } } }, { "%O %O", { a = { b = { c = { d = 1 } } } }, { ("x"):rep(80) } }, { "%s", ("long "):rep(30) }, { "%S %D" , 1 }, { "% s", 1 }, { "%5d", 1 },
  } do cases[#cases + 1] = call("format", unpack(args)) end
  for _, opts in ipairs { { colors = true }, { depth = 0 }, { compact = false }, { numericSeparator = true }, { breakLength = 20 }, { showHidden = true } } do
    cases[#cases + 1] = call("formatWithOptions", opts, "%s %d %i %f %o %O %j", { a = { b = 1 } }, 12345, 12345, 1234.5, { 1, { 2 } }, { b = { c = {} } }, { c = 3 }, { d = { e = { f = 4 } } }, "rest", 5)
    cases[#cases + 1] = call("formatWithOptions", opts, { a = { b = { 1, 2 } } }, "x", 1234567)
  end
  for _, bad in ipairs { "x", 5, true } do cases[#cases + 1] = call("formatWithOptions", bad, "a") end
  compare(t, cases)
end)

-- ---- deep equality

test("isDeepStrictEqual and assert.deepEqual", { skip = to_js.skip }, function(t)
  local values = require "lunode.internal.value_classes"
  local deep_equal = require "lunode.util.deep_equal"
  local function map(...)
    local entries, sources = { ... }, {}
    for i, pair in ipairs(entries) do sources[i] = ("[%s, %s]"):format(source(pair[1]), source(pair[2])) end
    return of(values.Map(entries), "new Map([" .. table.concat(sources, ",") .. "])")
  end
  local function set(...)
    local entries, sources = { ... }, {}
    for i, value in ipairs(entries) do sources[i] = source(value) end
    return of(values.Set(entries), "new Set([" .. table.concat(sources, ",") .. "])")
  end
  local function loop(n)
    local a = {}
    local at = a
    for _ = 2, n do
      at.c = {}
      at = at.c
    end
    at.c = a
    return a
  end
  local function error_with(e, text) return of(e, text) end
  local all = {
    1, 2, "1", "", " 1 ", "0x1", true, false, 0, -0, 0 / 0, null, "a", 1LL, 2LL, {}, setmetatable({}, list), { 1 }, { 1, 2 }, { 2, 1 }, { "1" }, { a = 1 }, { a = "1" }, { a = null }, { a = 1, b = 2 }, { 1, x = 1 }, { { 1 } },
    { a = { b = { 1, { c = 2 } } } }, { a = { b = { 1, { c = 3 } } } }, set(), set(1, 2), set(2, 1), set("1", 2), set({ a = 1 }), set({ a = 1 }, { a = 1 }), set({ a = 1 }, { b = 1 }), set({ b = 1 }, { a = 1 }), set({ a = "1" }, 5), set(null), set(false),
    set { { { 1 } } }, map(), map { 1, 2 }, map { "1", 2 }, map { 1, "2" }, map { { a = 1 }, 1 }, map { { a = 1 }, 2 }, map({ 1, 2 }, { 3, 4 }), map({ 3, 4 }, { 1, 2 }), map { null, 1 }, map { 1, { a = {} } }, map { 1, { a = { 1 } } },
    of(values.Date(0), "new Date(0)"), of(values.Date(0), "new Date(0)"), of(values.Date(1), "new Date(1)"), of(values.RegExp("a", "g"), "/a/g"), of(values.RegExp("a", "g"), "/a/g"), of(values.RegExp("a", "i"), "/a/i"),
    of(Buffer.from "a", "Buffer.from('a')"), of(Buffer.from "a", "Buffer.from('a')"), of(Buffer.from "b", "Buffer.from('b')"), loop(1), loop(2), loop(3),
    error_with(Error "a", "new Error('a')"), error_with(Error "a", "new Error('a')"), error_with(Error "b", "new Error('b')"), error_with(TypeError "a", "new TypeError('a')"), error_with(Error("a", { cause = 1 }), "new Error('a', {cause: 1})"),
    error_with(Error("a", { cause = 2 }), "new Error('a', {cause: 2})"),
  }
  local prologue, expressions = { "const all = [" }, {}
  for _, value in ipairs(all) do prologue[#prologue + 1] = source(value) .. "," end
  prologue[#prologue + 1] = "]; const assert = require('assert'); const loose = (a, b) => { try { assert.deepEqual(a, b); return true; } catch { return false; } };"
  local cases = {}
  for i = 1, #all do
    for j = 1, #all do
      cases[#cases + 1] = { ("[%d, %d, util.isDeepStrictEqual(all[%d], all[%d])]"):format(i, j, i - 1, j - 1), function() return { i, j, util.isDeepStrictEqual(all[i], all[j]) } end }
      cases[#cases + 1] = { ("[%d, %d, 'loose', loose(all[%d], all[%d])]"):format(i, j, i - 1, j - 1), function() return { i, j, "loose", deep_equal(all[i], all[j], "loose") } end }
    end
  end
  compare(t, cases, table.concat(prologue, "\n"))
end)

-- ---- parseArgs

local function random(seed)
  local state = seed
  return function(n)
    state = (state * 1103515245 + 12345) % 2147483648
    return math.floor(state / 65536) % n + 1
  end
end

local configs = {
  {}, { foo = { type = "boolean" } }, { foo = { type = "string" } }, { foo = { type = "boolean", short = "f" }, bar = { type = "string", short = "b" } },
  { foo = { type = "boolean", short = "f", multiple = true }, bar = { type = "string", short = "b", multiple = true } }, { foo = { type = "string", default = "d" } },
  { foo = { type = "boolean", default = true }, bar = { type = "string", multiple = true, default = { "x", "y" } } }, { ["no-color"] = { type = "boolean" }, color = { type = "boolean", short = "c" } },
  { foo = { type = "boolean", short = "f" }, f2 = { type = "boolean", short = "g" }, val = { type = "string", short = "v" } },
}
local WORDS = {
  "--foo", "--bar", "--no-foo", "--foo=1", "--bar=x=y", "--bar=", "-f", "-b", "-fb", "-bf", "-fg", "-gfv", "-vx", "-fbvalue", "-b=5", "-f=5", "--", "-", "pos", "x y", "", "--color", "--no-color", "-c", "-x", "--unknown",
  "--unknown=1", "-xyz", "---", "--=x", "-5", "--no-bar=1", "--val", "-", "--foo-bar",
}

test("parseArgs: 700 command lines made at random", { skip = to_js.skip }, function(t)
  local pick = random(7)
  local cases = {}
  for _ = 1, 700 do
    local args = setmetatable({}, list)
    for i = 1, pick(6) - 1 do args[i] = WORDS[pick(#WORDS)] end
    local config = { args = args, options = configs[pick(#configs)], tokens = pick(2) == 1 }
    local what = pick(4)
    if what == 1 then config.strict = false elseif what == 2 then config.allowPositionals = true elseif what == 3 then config.allowPositionals, config.strict = false, false end
    if pick(3) == 1 then config.allowNegative = true end
    cases[#cases + 1] = {
      ("(() => { const r = util.parseArgs(%s); return JSON.stringify(Object.keys(r.values).sort().map((k) => [k, r.values[k]])) + JSON.stringify(r.positionals) + ((r.tokens || []).map((k) => [k.kind, k.name, k.rawName, k.index, k.value, k.inlineValue].map(String).join(',')).join(';')); })()"):format(source(config)),
      function()
        local r = util.parseArgs(config)
        local tokens = {}
        for i, k in ipairs(r.tokens or {}) do
          local parts = { k.kind, k.name, k.rawName, k.index, k.value, k.inlineValue }
          for j = 1, 6 do parts[j] = parts[j] == nil and "undefined" or tostring(parts[j]) end
          tokens[i] = table.concat(parts, ",")
        end
        local entries = setmetatable({}, list)
        for k, v in pairs(r.values) do entries[#entries + 1] = { k, v } end
        table.sort(entries, function(a, b) return a[1] < b[1] end)
        return json.stringify(entries) .. json.stringify(setmetatable(r.positionals, list)) .. table.concat(tokens, ";")
      end,
    }
  end
  compare(t, cases)
end)

test("parseArgs: wrong configurations", { skip = to_js.skip }, function(t)
  local cases = {}
  for _, config in ipairs {
    { args = 5 }, { args = "x" }, { options = 5 }, { options = { a = 5 } }, { options = { a = {} } }, { options = { a = { type = "number" } } }, { options = { a = { type = "string", short = 5 } } },
    { options = { a = { type = "string", short = "ab" } } }, { options = { a = { type = "string", short = "" } } }, { options = { a = { type = "string", multiple = 1 } } }, { options = { a = { type = "string", default = true } } },
    { options = { a = { type = "boolean", default = "x" } } }, { options = { a = { type = "string", multiple = true, default = "x" } } }, { options = { a = { type = "string", multiple = true, default = { "x", 5 } } } },
    { options = { a = { type = "boolean", multiple = true, default = { true, "x" } } } }, { strict = 5 }, { strict = "no" }, { tokens = 1 }, { allowPositionals = "yes" }, { allowNegative = 0 },
  } do cases[#cases + 1] = call("parseArgs", config) end
  compare(t, cases)
end)

test("parseEnv", { skip = to_js.skip }, function(t)
  local pick = random(3)
  local PARTS = { "A", "B=", "=", "C=1", "export D=2", "#x", " ", "\n", "\n", "\n", "'", '"', "`", "\\n", "E='a b'", 'F="x\\ny"', "G = z # c", "H=a#b", "I=`q\nr`", "\t", "=5", "\r\n", "J.k-l=1", "K='un", "export ", "L=\"a\" b" }
  local cases = {}
  for i = 1, 300 do
    local parts = {}
    for j = 1, pick(12) do parts[j] = PARTS[pick(#PARTS)] end
    local text = table.concat(parts)
    cases[i] = {
      ("Object.entries(util.parseEnv(%s)).sort(([a], [b]) => a < b ? -1 : 1)"):format(source(text)),
      function()
        local entries = setmetatable({}, list)
        for k, v in pairs(util.parseEnv(text)) do entries[#entries + 1] = { k, v } end
        table.sort(entries, function(a, b) return a[1] < b[1] end)
        return entries
      end,
    }
  end
  compare(t, cases)
end)

-- ---- texts

test("stripVTControlCharacters, toUSVString, styleText", { skip = to_js.skip }, function(t)
  local pick = random(11)
  local PARTS = {
    "\27", "\27[", "\27]", "\194\155", "1", ";", "31", "m", "8", "http://x/y", "\7", "\27\\", "\194\156", "text", "A", "?", "25h", "(B", "#8", "z", "q", "=", ">", " ", "12345", "38;5;1", "K", "r", "~", "caf\195\169", "0", "[",
  }
  local cases = {}
  for i = 1, 500 do
    local parts = {}
    for j = 1, pick(9) do parts[j] = PARTS[pick(#PARTS)] end
    cases[i] = call("stripVTControlCharacters", table.concat(parts))
  end
  for _, bad in ipairs { 5, true, null, {} } do cases[#cases + 1] = call("stripVTControlCharacters", bad) end
  for _, text in ipairs { "abc", "caf\195\169", "\240\159\152\128" } do cases[#cases + 1] = call("toUSVString", text) end
  for _, args in ipairs {
    { { "red", "bold" }, "x" }, { "gray", "x", { validateStream = false } }, { "nope", "x" }, { 5, "x" }, { { "red", "bad" }, "x" }, { setmetatable({}, list), "x" }, { "red", 5 }, { "red", "x", { validateStream = "a" } },
    { "red", "x", { validateStream = false, stream = 5 } }, { "strikeThrough", "x", { validateStream = false } }, { "red", "x", { stream = {} } }, { { "bgRed", "underline", "inverse" }, "a\nb", { validateStream = false } },
  } do cases[#cases + 1] = call("styleText", unpack(args)) end
  compare(t, cases)
end)

test("MIMEType and MIMEParams", { skip = to_js.skip }, function(t)
  local pick = random(5)
  local PARTS = { "text", "/", "plain", ";", "charset", "=", "utf-8", '"', "\\", " ", "\t", "a", "B", "\195\188", "\230\150\135", "x/y", "; q=1", ';n="a b"', ";a=b", ";", "\n", "*", "é" }
  local cases = {}
  local function case(text)
    return {
      ("(() => { const m = new util.MIMEType(%s); return [String(m), m.type, m.subtype, m.essence, String(m.params), [...m.params].flat()]; })()"):format(source(text)),
      function()
        local m = util.MIMEType(text)
        local flat = setmetatable({}, list)
        for name, value in m.params:iter() do
          flat[#flat + 1] = name
          flat[#flat + 1] = value
        end
        return { tostring(m), m.type, m.subtype, m.essence, tostring(m.params), flat }
      end,
    }
  end
  for i = 1, 400 do
    local parts = { pick(4) > 1 and "text/plain" or "" }
    for j = 2, pick(10) do parts[j] = PARTS[pick(#PARTS)] end
    cases[i] = case(table.concat(parts))
  end
  for _, text in ipairs { "", "/", "a", "a/", "/b", "a b/c", "a/b c", 'text/x;a="b\\"c"d;e=f', "TEXT/HTML; Charset=\"UTF-8\"; a=b;a=c;;x=;y=\"", "a/b/c" } do cases[#cases + 1] = case(text) end
  for _, change in ipairs { { "type", "IMAGE" }, { "type", "" }, { "type", "a b" }, { "subtype", "X" }, { "subtype", "x/y" }, { "essence", "q" } } do
    cases[#cases + 1] = {
      ("(() => { const m = new util.MIMEType('text/plain;a=b'); m.%s = %s; return String(m); })()"):format(change[1], source(change[2])),
      function()
        local m = util.MIMEType "text/plain;a=b"
        m[change[1]] = change[2]
        return tostring(m)
      end,
    }
  end
  for _, pair in ipairs { { "a", "b" }, { "x y", "1" }, { "x", "\230\150\135" }, { "Big", "V" }, { "n", 5 }, { "e", "" }, { "q", 'a"b\\' }, { "", "x" } } do
    cases[#cases + 1] = {
      ("(() => { const p = new util.MIMEParams(); p.set('a', '1'); p.set(%s, %s); return [String(p), p.has(%s), p.get('Big') ?? 'none', p.delete('a') === undefined, p.toJSON()]; })()")
        :format(source(pair[1]), source(pair[2]), source(pair[1])),
      function()
        local p = util.MIMEParams()
        p:set("a", "1")
        p:set(pair[1], pair[2])
        return { tostring(p), p:has(pair[1]), p:get "Big" or "none", p:delete "a" == nil, p:toJSON() }
      end,
    }
  end
  compare(t, cases)
end)

test("TextDecoder: bytes made at random, in pieces", { skip = to_js.skip }, function(t)
  local pick = random(13)
  local labels = { "utf-8", "utf8", " UTF-8 ", "utf-16le", "utf-16", "utf-16be", "latin1", "ascii", "windows-1252", "unicode", "x-user-defined", "utf-32", "", "koi8-r", "windows-1251", "iso-8859-2", "windows-1255", "iso-8859-15" }
  local BYTES = { "a", "\239\187\191", "\255\254", "\254\255", "\195\169", "\240\159\152\128", "\240\159", "\237\160\128", "\128", "\61\216", "\0\222", "\216\61\222\0", "b\0", "\0b", "\224\128", "\244\144\128\128", "\226\130" }
  local cases = {}
  for i = 1, 600 do
    local label = labels[pick(#labels)]
    local fatal, ignore = pick(3) == 1, pick(3) == 1
    local pieces, shown = {}, {}
    for j = 1, pick(4) do
      local parts = {}
      for k = 1, pick(4) - 1 do parts[k] = BYTES[pick(#BYTES)] end
      pieces[j] = { table.concat(parts), pick(2) == 1 }
      shown[j] = ("['%s', %s]"):format(Buffer.from(pieces[j][1]):toString "hex", tostring(pieces[j][2]))
    end
    cases[i] = {
      ("(() => { const d = new TextDecoder(%s, {fatal: %s, ignoreBOM: %s}); const out = [d.encoding]; for (const [hex, stream] of [%s]) { try { out.push(d.decode(Buffer.from(hex, 'hex'), {stream})); } catch (e) { out.push(e.code); } } return out; })()")
        :format(source(label), tostring(fatal), tostring(ignore), table.concat(shown, ", ")),
      function()
        local d = util.TextDecoder(label, { fatal = fatal, ignoreBOM = ignore })
        local out = { d.encoding }
        for _, piece in ipairs(pieces) do
          local ok, text = pcall(d.decode, d, Buffer.from(piece[1]), { stream = piece[2] })
          out[#out + 1] = ok and text or text.code
        end
        return out
      end,
    }
  end
  compare(t, cases)
end)

test("TextDecoder: encodings of several bytes, in pieces", { skip = to_js.skip }, function(t)
  local cases = {}
  for label, hex in pairs {
    shift_jis = "93fa967b8cea41b1", ["euc-jp"] = "c6fccbdcb8ec41", gbk = "d6d0b9fa41", gb18030 = "d6d081308130fe50", big5 = "a4a4a4e541", ["euc-kr"] = "c7d1b1db41", ["iso-2022-jp"] = "1b2442467c4b5c1b284241",
  } do
    for cut = 0, #hex, 2 do
      cases[#cases + 1] = {
        ("(() => { const d = new TextDecoder('%s'); return d.decode(Buffer.from('%s', 'hex'), {stream: true}) + d.decode(Buffer.from('%s', 'hex')); })()"):format(label, hex:sub(1, cut), hex:sub(cut + 1)),
        function()
          local d = util.TextDecoder(label)
          return d:decode(Buffer.from(hex:sub(1, cut), "hex"), { stream = true }) .. d:decode(Buffer.from(hex:sub(cut + 1), "hex"))
        end,
      }
    end
  end
  compare(t, cases)
end)

test("system errors", { skip = to_js.skip }, function(t)
  local cases = {}
  for _, n in ipairs { -1, -2, -13, -98, -111, -3008, -4095, -99999, 0, 2, -1.5, "a", null } do cases[#cases + 1] = call("getSystemErrorName", n) end
  for n, entry in pairs(util.getSystemErrorMap()) do
    cases[#cases + 1] = { ("util.getSystemErrorMap().get(%d)"):format(n), function() return entry end }
  end
  compare(t, cases)
end)
