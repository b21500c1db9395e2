-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local readline = require "readline"
local EventEmitter = require "events"
local PassThrough = require("stream").PassThrough
local sleep = require("lunode").sleep

-- A stream that only emits, and one that collects.
local function source()
  local input = EventEmitter()
  rawset(input, "paused", 0)
  rawset(input, "pause", function(self) self.paused = self.paused + 1 end)
  rawset(input, "resume", function() end)
  return input
end
local function sink(columns)
  local output = EventEmitter()
  rawset(output, "text", "")
  rawset(output, "columns", columns)
  rawset(output, "write", function(self, text)
    self.text = self.text .. text
    return true
  end)
  return output
end

-- ---- lines

local function lines_of(chunks, options)
  local input = source()
  options = options or {}
  options.input = input
  local rl = readline.createInterface(options)
  local lines = {}
  rl:on("line", function(line) lines[#lines + 1] = line end)
  for _, chunk in ipairs(chunks) do input:emit("data", chunk) end
  input:emit "end"
  return lines, rl
end

test("lines end with \\n, \\r\\n and \\r; the rest comes at the end", function(t)
  t:deep(lines_of { "a\nb\r\nc\rd\n\n\re" }, { "a", "b", "c", "d", "", "", "e" })
  t:deep(lines_of { "no end" }, { "no end" })
  t:deep(lines_of { "" }, {})
  t:deep(lines_of { "a\226\128\168b\n" }, { "a\226\128\168b" }) -- U+2028 ends no line in Node 20
end)

test("the input may be cut at every byte", function(t)
  local text = "h\195\169llo\r\nw\230\151\165\n\240\159\152\128\r\nlast"
  for cut = 1, #text - 1 do
    t:deep(lines_of { text:sub(1, cut), text:sub(cut + 1) }, { "h\195\169llo", "w\230\151\165", "\240\159\152\128", "last" }, "cut at " .. cut)
  end
  local bytes = {}
  for i = 1, #text do bytes[i] = Buffer.from(text:sub(i, i)) end
  t:deep(lines_of(bytes), { "h\195\169llo", "w\230\151\165", "\240\159\152\128", "last" })
end)

test("crlfDelay: a \\n that comes too late is a line end of its own", function(t)
  local function run(delay, wait)
    local input = source()
    local rl = readline.createInterface { input = input, crlfDelay = delay }
    local lines = {}
    rl:on("line", function(line) lines[#lines + 1] = line end)
    input:emit("data", "a\r")
    await(sleep(wait))
    input:emit("data", "\nb\n")
    rl:close()
    return lines
  end
  t:deep(run(nil, 150), { "a", "", "b" })
  t:deep(run(math.huge, 150), { "a", "b" })
  t:deep(run(0, 10), { "a", "b" }) -- 100 ms at least
end)

test("a long line in many pieces", function(t)
  local chunks = {}
  for i = 1, 2000 do chunks[i] = ("x"):rep(100) end
  chunks[2001] = "\nnext\n"
  local lines = lines_of(chunks)
  t:equal(#lines, 2)
  t:equal(#lines[1], 200000)
end)

test("lines of one chunk come even after close(), as in Node", function(t)
  local input = source()
  local rl = readline.createInterface { input = input }
  local lines = {}
  rl:on("close", t:called())
  rl:on("line", function(line)
    lines[#lines + 1] = line
    rl:close()
  end)
  input:emit("data", "a\nb\n")
  input:emit("data", "c\n")
  t:deep(lines, { "a", "b" })
  t:equal(rl.closed, true)
  t:equal(input:listenerCount "data", 0)
  t:equal(input:listenerCount "end", 0)
end)

test("pause and resume tell once, and reach the input", function(t)
  local input = source()
  local rl = readline.createInterface { input = input }
  rl:on("pause", t:called(nil, 2))
  rl:on("resume", t:called(nil, 1))
  t:equal(rl:pause(), rl)
  rl:pause()
  t:equal(rl:resume(), rl)
  rl:resume()
  t:equal(input.paused, 1)
  rl:close()
end)

test("write() on a closed pause resumes and counts as input", function(t)
  local rl = readline.createInterface { input = source() }
  rl:pause()
  rl:on("line", t:called(function(line) t:equal(line, "typed") end))
  rl:write "typed\n"
  t:equal(rl.paused, false)
  rl:close()
end)

test("errors of the input are the interface's", function(t)
  local input = source()
  local rl = readline.createInterface { input = input }
  rl:on("error", t:called(function(e) t:equal(e, "broken") end))
  input:emit("error", "broken")
  rl:close()
end)

-- ---- arguments

test("options are checked", function(t)
  local function bad(options, code, name)
    options.input = source()
    local e = t:throws(function() readline.createInterface(options) end, code)
    if name then t:equal(e.name, name) end
  end
  bad({ completer = 5 }, "ERR_INVALID_ARG_VALUE")
  bad({ history = 5, terminal = true }, "ERR_INVALID_ARG_TYPE")
  bad({ historySize = -1, terminal = true }, "ERR_INVALID_ARG_VALUE", "RangeError")
  bad({ historySize = 0 / 0, terminal = true }, "ERR_INVALID_ARG_VALUE", "RangeError")
  bad({ historySize = "x", terminal = true }, "ERR_INVALID_ARG_VALUE", "RangeError")
  bad({ tabSize = 0 }, "ERR_OUT_OF_RANGE")
  bad({ tabSize = "8" }, "ERR_INVALID_ARG_TYPE")
  bad({ escapeCodeTimeout = math.huge }, "ERR_INVALID_ARG_VALUE")
  bad({ escapeCodeTimeout = "x" }, "ERR_INVALID_ARG_VALUE")
  bad({ signal = "x" }, "ERR_INVALID_ARG_TYPE")
  local rl = readline.createInterface(source(), sink(), nil, true)
  t:equal(rl.terminal, true)
  t:equal(rl:getPrompt(), "> ")
  t:equal(rl.historySize, 30)
  t:equal(rl.escapeCodeTimeout, 500)
  t:equal(rl.tabSize, 8)
  t:equal(rl.crlfDelay, 100)
  t:ok(readline.Interface:is(rl))
  rl:close()
end)

-- ---- question

test("question takes one line; the prompt is back afterwards", function(t)
  local input, output = source(), sink()
  local rl = readline.createInterface { input = input, output = output, prompt = "$ " }
  rl:on("line", t:called(function(line) t:equal(line, "other") end))
  rl:question("name? ", t:called(function(answer)
    t:equal(answer, "bob")
    t:equal(rl:getPrompt(), "$ ")
  end))
  t:equal(rl:getPrompt(), "name? ")
  t:equal(output.text, "name? ")
  rl:question("second? ", t:never()) -- shows the first again
  t:equal(output.text, "name? name? ")
  input:emit("data", "bob\nother\n")
  rl:close()
  t:throws(function() rl:question("x", function() end) end, { code = "ERR_USE_AFTER_CLOSE", message = "readline was closed" })
end)

test("a question is taken back by its signal", function(t)
  local rl = readline.createInterface { input = source(), output = sink() }
  local ac = AbortController()
  rl:question("x? ", { signal = ac.signal }, t:never())
  ac:abort()
  t:equal(rl:getPrompt(), "> ")
  rl:question("y? ", { signal = ac.signal }, t:never()) -- aborted before
  t:equal(rl:getPrompt(), "> ")
  local other = AbortController()
  rl:question("z? ", { signal = other.signal }, t:called(function(a) t:equal(a, "yes") end))
  rl:write "yes\n"
  other:abort()
  rl:close()
  t:throws(function() readline.createInterface({ input = source() }):question("q", { signal = 5 }, function() end) end, "ERR_INVALID_ARG_TYPE")
end)

test("an aborted signal closes the interface", function(t)
  local ac = AbortController()
  local rl = readline.createInterface { input = source(), signal = ac.signal }
  rl:on("close", t:called())
  ac:abort()
  t:equal(rl.closed, true)
  local late = readline.createInterface { input = source(), signal = ac.signal }
  t:equal(late.closed, false)
  late:on("close", t:called())
end)

test("readline/promises: question", function(t)
  local rlp = require "readline/promises"
  t:equal(readline.promises, rlp)
  local input = source()
  local rl = rlp.createInterface { input = input, output = sink() }
  t:ok(rlp.Interface:is(rl) and readline.Interface:is(rl))
  local p = rl:question "a? "
  input:emit("data", "one\n")
  t:equal(await(p), "one")
  local ac = AbortController()
  p = rl:question("b? ", { signal = ac.signal })
  ac:abort "why"
  local e = t:rejects(p, "ABORT_ERR")
  t:equal(e.cause, "why")
  t:rejects(rl:question("c? ", { signal = ac.signal }), "ABORT_ERR")
  t:equal(rl:getPrompt(), "> ")
  rl:close()
  t:rejects(rl:question "d? ", "ERR_USE_AFTER_CLOSE")
end)

-- ---- loops

test("for line in rl:iter()", function(t)
  local input = PassThrough()
  local rl = readline.createInterface { input = input }
  setImmediate(function()
    input:write "one\ntw"
    setImmediate(function() input["end"](input, "o\n\nlast") end)
  end)
  local lines = {}
  for line in rl:iter() do lines[#lines + 1] = line end
  t:deep(lines, { "one", "two", "", "last" })
  t:equal(rl.closed, true)
end)

test("many lines with a slow reader: nothing is lost, the input is paused", function(t)
  local input = PassThrough()
  local rl = readline.createInterface { input = input, crlfDelay = math.huge }
  local list = {}
  for i = 1, 5000 do list[i] = i .. "\n" end
  local paused = 0
  rl:on("pause", function() paused = paused + 1 end)
  setImmediate(function() input["end"](input, table.concat(list)) end)
  local n = 0
  for line in rl:iter() do
    n = n + 1
    t:equal(line, tostring(n))
    if n % 1000 == 0 then await(sleep(1)) end
  end
  t:equal(n, 5000)
  t:ok(paused >= 1)
end)

test("the lines of a file", function(t)
  local fs = require "fs"
  local command = require "../support/command"
  local path = command.script("a\r\nb\nc", "lines.txt")
  local lines = {}
  for line in require "lunode.internal.read_lines"(fs.createReadStream(path)):iter() do lines[#lines + 1] = line end
  t:deep(lines, { "a", "b", "c" })
end)

-- ---- the functions

test("clearLine, cursorTo, moveCursor, clearScreenDown write ECMA-48", function(t)
  local output = sink()
  rawset(output, "write", function(self, text, cb)
    self.text = self.text .. text
    if cb then cb() end
    return true
  end)
  readline.clearLine(output, -1)
  readline.clearLine(output, 1)
  readline.clearLine(output, 0, t:called())
  readline.clearScreenDown(output, t:called())
  readline.cursorTo(output, 4, 2)
  readline.cursorTo(output, 4, t:called())
  readline.moveCursor(output, -1, 2, t:called())
  t:equal(output.text, "\27[1K\27[0K\27[2K\27[0J\27[3;5H\27[5G\27[1D\27[2B")
  t:equal(readline.moveCursor(output, 0, 0), true)
  t:equal(readline.clearLine(nil, 0, t:called()), true)
  t:throws(function() readline.clearLine(output, 0, 5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() readline.cursorTo(output, nil, 5) end, "ERR_INVALID_CURSOR_POS")
end)

test("Readline collects, commits and rolls back", function(t)
  local rlp = require "readline/promises"
  local out = PassThrough()
  local got = ""
  out:on("data", function(d) got = got .. tostring(d) end)
  local r = rlp.Readline(out)
  t:equal(r:cursorTo(1, 2):moveCursor(1, -1):moveCursor(0, 0):clearLine(0):clearScreenDown():cursorTo(3), r)
  await(sleep(1))
  t:equal(got, "")
  t:equal(await(r:commit()), nil)
  await(sleep(1))
  t:equal(got, "\27[3;2H\27[1C\27[1A\27[2K\27[0J\27[4G")
  t:equal(r:clearLine(-1):rollback(), r)
  await(r:commit())
  t:equal(got, "\27[3;2H\27[1C\27[1A\27[2K\27[0J\27[4G")
  local auto = rlp.Readline(out, { autoCommit = true })
  auto:clearLine(1)
  t:match(got, "4G$")
  await(sleep(1))
  t:match(got, "4G\27%[0K$")
  t:throws(function() rlp.Readline {} end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() rlp.Readline(out, { autoCommit = 1 }) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() r:clearLine(2) end, "ERR_OUT_OF_RANGE")
  t:throws(function() r:cursorTo "1" end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() r:moveCursor(1, 1.5) end, "ERR_OUT_OF_RANGE")
end)

test("a script that reads nothing loads no readline", function(t)
  local r = require("../support/command").lua "for _, m in ipairs{'readline', 'readline.interface', 'repl', 'internal.repl'} do print(package.loaded['lunode.' .. m]) end"
  t:equal(r.out, "nil\nnil\nnil\nnil\n")
end)

test("an iterator that is left and collected closes its interface", function(t)
  local input = PassThrough()
  local rl = readline.createInterface { input = input }
  rl:on("close", t:called())
  setImmediate(function() input:write "a\nb\n" end)
  local function first()
    for line in rl:iter() do return line end
  end
  t:equal(first(), "a")
  t:equal(rl.closed, false)
  for _ = 1, 5 do
    collectgarbage()
    await(sleep(2))
  end
  t:equal(rl.closed, true)
end)

test("an error of the input is raised in the loop", function(t)
  local input = source()
  local rl = readline.createInterface { input = input }
  setImmediate(function()
    input:emit("data", "a\n")
    input:emit("error", Error "broken")
  end)
  local lines = {}
  local ok, err = pcall(function()
    for line in rl:iter() do lines[#lines + 1] = line end
  end)
  t:equal(ok, false)
  t:equal(err.message, "broken")
  t:deep(lines, { "a" })
  rl:close()
end)

test("FileHandle.readLines walks a file", function(t)
  local fs = require "fs"
  local path = os.tmpname()
  fs.writeFileSync(path, "one\ntwo\r\nthree")
  local handle = await(fs.promises.open(path))
  local lines = {}
  for line in handle:readLines { encoding = "utf8" }:iter() do lines[#lines + 1] = line end
  t:deep(lines, { "one", "two", "three" })
  os.remove(path)
end)
