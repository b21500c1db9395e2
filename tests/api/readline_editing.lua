-- SPDX-License-Identifier: MIT
-- Editing on a terminal: what is written is, byte for byte, what Node writes (fixtures/readline_editing.txt).
local test = require "../support/test"
local readline = require "readline"
local EventEmitter = require "events"
local sleep = require("lunode").sleep

local root = debug.getinfo(1, "S").source:match "^@(.*)tests/api/readline_editing%.lua$"
local fixture = (root or "") .. "tests/fixtures/readline_editing.txt"

local function unescape(text)
  return (text:gsub("\\x(%x%x)", function(h) return string.char(tonumber(h, 16)) end):gsub("\\e", "\27"))
end
local function escape(text)
  return (text:gsub("[ |,;:\\%c]", function(c) return c == "\27" and "\\e" or ("\\x%02x"):format(c:byte()) end))
end
local function split(text, sign)
  local list = {}
  if text == "" then return list end
  for item in (text .. sign):gmatch("(.-)" .. sign) do list[#list + 1] = item end
  return list
end

local function interface(options)
  local input, output = EventEmitter(), EventEmitter()
  rawset(input, "pause", function() end)
  rawset(input, "resume", function() end)
  rawset(output, "text", "")
  rawset(output, "columns", options.columns)
  rawset(output, "write", function(self, text)
    self.text = self.text .. text
    return true
  end)
  options.input, options.output, options.terminal = input, output, true
  return readline.createInterface(options), input, output
end

local function run(case)
  local columns, history, flags, entries, keys = case:match "^(%d+)|([^|]*)|([^|]*)|([^|]*)|(.*)$"
  local options = { columns = columns ~= "0" and tonumber(columns) or nil, history = {}, escapeCodeTimeout = 1000 }
  for i, line in ipairs(split(history, ",")) do options.history[i] = unescape(line) end
  options.removeHistoryDuplicates = flags:find "d" ~= nil
  if flags:find "s" then options.historySize = 3 end
  if flags:find "p" then options.prompt = "日本> \27[1mx\27[0m\n$ " end
  local all = split(entries, ",")
  if #all > 0 then
    options.completer = function(text)
      local hits = {}
      for _, entry in ipairs(all) do
        entry = unescape(entry)
        if entry == "" or entry:sub(1, #text) == text then hits[#hits + 1] = entry end
      end
      return { hits, text }
    end
  end
  local rl, input, output = interface(options)
  local events = {}
  local function add(text) events[#events + 1] = text end
  rl:on("line", function(line) add("L" .. escape(line)) end)
  rl:on("history", function(list)
    local out = {}
    for i, line in ipairs(list) do out[i] = escape(line) end
    add("H" .. table.concat(out, ","))
  end)
  for name, letter in pairs { close = "C", SIGINT = "I", pause = "P", resume = "R" } do rl:on(name, function() add(letter) end) end
  rl:prompt()
  for _, key in ipairs(split(keys, " ")) do
    if key == "W" then
      output.columns = output.columns == 20 and 33 or 20
      output:emit "resize"
    elseif key == "Q" then
      if not rl.closed then rl:question("q? ", function(answer) add("A" .. escape(answer)) end) end
    else
      input:emit("data", unescape(key))
    end
  end
  local at = rl:getCursorPos()
  local state = ("%s:%d:%d:%d"):format(escape(rl.line), rl.cursor, at.rows, at.cols)
  local out, told = escape(output.text), table.concat(events, ";")
  rl:close()
  return out, told .. " " .. state
end

local cases, current = {}, nil
for line in io.lines(fixture) do
  local kind, rest = line:match "^(%a+) +(.*)$"
  if kind == "keys" then
    current = { keys = rest }
    cases[#cases + 1] = current
  elseif kind == "out" then current.out = rest
  elseif kind == "end" then current.state = line:sub(6) end
end

local chunk = 32
for first = 1, #cases, chunk do
  test(("keys of cases %d to %d write what Node writes"):format(first, math.min(first + chunk - 1, #cases)), function(t)
    for i = first, math.min(first + chunk - 1, #cases) do
      local case = cases[i]
      local out, state = run(case.keys)
      t:equal(out, case.out, case.keys)
      t:equal(state, case.state, case.keys)
    end
  end)
end

-- ---- keys

local function keys_of(bytes, timeout)
  local input = EventEmitter()
  readline.emitKeypressEvents(input, { escapeCodeTimeout = timeout or 1000 })
  local list = {}
  input:on("keypress", function(text, key)
    list[#list + 1] = ("%s:%s%s%s%s"):format(text and escape(text) or "-", key.ctrl and "C-" or "", key.meta and "M-" or "", key.shift and "S-" or "", key.name or "?")
  end)
  for i = 1, #bytes do input:emit("data", Buffer.from(bytes[i])) end
  return list
end

test("keys have their names", function(t)
  local function is(bytes, ...) t:deep(keys_of { bytes }, { ... }, escape(bytes)) end
  is("a", "a:a")
  is("A", "A:S-a")
  is("7", "7:7")
  is(".", ".:?")
  is("\1", "\\x01:C-a")
  is("\r", "\\x0d:return")
  is("\n", "\\x0a:enter")
  is("\t", "\\x09:tab")
  is("\127", "\\x7f:backspace")
  is(" ", "\\x20:space")
  is("\27b", "-:M-b")
  is("\27B", "-:M-S-b")
  is("\27\r", "-:M-return")
  is("é日😀", "é:?", "日:?", "😀:?")
  is("\27[A", "-:up")
  is("\27OA", "-:up")
  is("\27[1;2A", "-:S-up")
  is("\27[1;3A", "-:M-up")
  is("\27[1;5A", "-:C-up")
  is("\27[1;6A", "-:C-S-up")
  is("\27[a", "-:S-up")
  is("\27Oa", "-:C-up")
  is("\27\27[A", "-:up")
  is("\27[3~", "-:delete")
  is("\27[3^", "-:C-delete")
  is("\27[3$", "-:S-delete")
  is("\27[3;5~", "-:C-delete")
  is("\27[Z", "-:S-tab")
  is("\27[11~", "-:f1")
  is("\27OP", "-:f1")
  is("\27[[A", "-:f1")
  is("\27[24~", "-:f12")
  is("\27[24;5~", "-:C-f12")
  is("\27[1~", "-:home")
  is("\27[F", "-:end")
  is("\27[5~", "-:pageup")
  is("\27[200~x\27[201~", "-:paste-start", "x:x", "-:paste-end")
  is("\27[99x", "-:undefined")
  is("\27[Ax\27[B", "-:up", "x:x", "-:down")
end)

test("a sequence may be cut anywhere", function(t)
  t:deep(keys_of { "\27", "[", "1", ";", "5", "A" }, { "-:C-up" })
  t:deep(keys_of { "\240\159", "\152\128" }, { "😀:?" })
end)

test("a lone escape is a key when its time is over", function(t)
  local list = keys_of({ "\27" }, 5)
  t:deep(list, {})
  await(sleep(30))
  t:deep(list, { "-:M-escape" })
  local again = keys_of({ "\27" }, 30)
  await(sleep(60))
  t:equal(#again, 1)
end)

test("without a listener of 'keypress' nothing is read", function(t)
  local input = EventEmitter()
  readline.emitKeypressEvents(input)
  readline.emitKeypressEvents(input) -- twice is once
  t:equal(input:listenerCount "data", 0)
  local fn = t:called()
  input:on("keypress", fn)
  t:equal(input:listenerCount "data", 1)
  input:emit("data", "x")
  input:removeListener("keypress", fn)
  input:emit("data", "y")
  t:equal(input:listenerCount "data", 0)
  input:on("keypress", t:called(function(text) t:equal(text, "z") end))
  input:emit("data", "z")
end)

-- ---- what differs from Node, or needs more than keys

test("text pasted into the middle of a line stays in order", function(t)
  local rl, input, output = interface { columns = 80 }
  input:emit("data", "ab")
  input:emit("data", "\27[D")
  output.text = ""
  input:emit("data", "123")
  t:equal(rl.line, "a123b")
  t:equal(rl.cursor, 4)
  t:match(output.text, "> a123b\27%[7G$")
  rl:close()
end)

test("several lines pasted at once", function(t)
  local rl, input = interface { columns = 80 }
  local lines = {}
  rl:on("line", function(line) lines[#lines + 1] = line end)
  input:emit("data", "one\r\ntwo\nthree\rfour")
  t:deep(lines, { "one", "two", "three" })
  t:equal(rl.line, "four")
  rl:close()
end)

test("a row that was filled by pasting is cleared as a whole afterwards", function(t)
  local rl, input, output = interface { columns = 10 }
  input:emit("data", ("x"):rep(25))
  output.text = ""
  input:emit("data", "\127")
  t:match(output.text, "^\27%[2A\27%[1G\27%[0J")
  rl:close()
end)

test("a completer may answer later, by callback or promise, or fail", function(t)
  local function completes(completer, wanted)
    local rl, input, output = interface { completer = completer }
    input:emit("data", "a")
    input:emit("data", "\t")
    await(sleep(10))
    t:match(output.text, wanted)
    t:equal(rl.paused, false)
    rl:close()
  end
  completes(function(text) return { { "apple" }, text } end, "apple$")
  completes(function(text, callback) setTimeout(callback, 1, nil, { { "apricot" }, text }) end, "apricot$")
  completes(function(text) return sleep(1, { { "avocado" }, text }) end, "avocado$")
  completes(function() error("broken", 0) end, "Tab completion error: 'broken'$")
  completes(function(_, callback) callback("later") end, "Tab completion error: 'later'$")
  completes(function() return Promise.reject "no" end, "Tab completion error: 'no'$")
end)

test("write(nil, key) presses a key", function(t)
  local rl = interface {}
  rl:write "hello world"
  rl:write(nil, { ctrl = true, name = "w" })
  t:equal(rl.line, "hello ")
  rl:write(nil, { ctrl = true, name = "u" })
  t:equal(rl.line, "")
  rl:close()
end)

test("_writeToOutput may be replaced, to hide a password", function(t)
  local rl, input, output = interface {}
  rl._writeToOutput = function(self, text) self.output:write(text:gsub(".", "*")) end
  input:emit("data", "secret")
  t:equal(output.text, "******")
  rl:close()
end)

test("listeners of 'history' may take a line out", function(t)
  local rl, input = interface { history = { "old" } }
  rl:on("history", function(list) table.remove(list, 1) end)
  rl:on("line", t:called())
  input:emit("data", "secret\r")
  t:deep(rl.history, { "old" })
  rl:close()
end)

test("SIGTSTP is emitted where somebody listens; close gives the terminal back", function(t)
  local rl, input, output = interface {}
  rl:on("SIGTSTP", t:called())
  input:emit("data", "\26")
  rl:close()
  t:equal(input:listenerCount "keypress", 0)
  t:equal(output:listenerCount "resize", 0)
end)

test("the width of text", function(t)
  local width = require("lunode.internal.string_width").width
  for text, n in pairs { [""] = 0, abc = 3, ["日本"] = 4, ["e\204\129"] = 1, ["😀"] = 2, ["\27[31mred\27[39m"] = 3, ["\27]0;title\7x"] = 1, ["\194\173"] = 1, ["ｱ"] = 1,
    ["\226\128\139"] = 0, ["한국"] = 4, ["\255"] = 1 } do t:equal(width(text), n, escape(text)) end
end)
