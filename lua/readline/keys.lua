-- SPDX-License-Identifier: MIT
--
-- What a terminal sends, told apart into keys (Node 20 docs: readline.emitKeypressEvents, "rl.write").
--
--   emitKeypressEvents(stream, interface)   from the first 'keypress' listener on, what the stream reads is emitted as
--     'keypress' (text | nil, {sequence, name, ctrl, meta, shift, code})
--   decoder(emit) -> feed; feed(character) takes one character at a time, "" ends an escape sequence that does not go on
--
-- Sequences are those of xterm, rxvt, Putty, Cygwin and the Linux console (ECMA-48 CSI and SS3, xterm's ctlseqs
-- "PC-Style Function Keys": a modifier is 1 + shift 1 + alt 2 + ctrl 4 + meta 8).
local shape = require "lunode.internal.shape"
local width = require "lunode.internal.string_width"

local find, match, sub, byte, band = string.find, string.match, string.sub, string.byte, bit.band
local rawget, rawset = rawget, rawset

local M = {}

-- ---- the names

-- code -> name; "^" and "$" are rxvt's ctrl and shift.
local NAMES = {
  ["[200~"] = "paste-start", ["[201~"] = "paste-end",
}
local CTRL, SHIFT = {}, {}

local function name(key, codes)
  for code in codes:gmatch "%S+" do NAMES[code] = key end
end
name("f1", "[P OP [11~ [[A") name("f2", "[Q OQ [12~ [[B") name("f3", "[R OR [13~ [[C") name("f4", "[S OS [14~ [[D")
name("f5", "[15~ [[E") name("f6", "[17~") name("f7", "[18~") name("f8", "[19~") name("f9", "[20~") name("f10", "[21~")
name("f11", "[23~") name("f12", "[24~")
name("up", "[A OA") name("down", "[B OB") name("right", "[C OC") name("left", "[D OD") name("clear", "[E OE")
name("end", "[F OF [4~ [8~") name("home", "[H OH [1~ [7~") name("insert", "[2~") name("delete", "[3~")
name("pageup", "[5~ [[5~") name("pagedown", "[6~ [[6~")
for letter, key in pairs { a = "up", b = "down", c = "right", d = "left", e = "clear" } do
  NAMES["[" .. letter], SHIFT["[" .. letter] = key, true
  NAMES["O" .. letter], CTRL["O" .. letter] = key, true
end
for digit, key in pairs { ["2"] = "insert", ["3"] = "delete", ["5"] = "pageup", ["6"] = "pagedown", ["7"] = "home", ["8"] = "end" } do
  NAMES["[" .. digit .. "$"], SHIFT["[" .. digit .. "$"] = key, true
  NAMES["[" .. digit .. "^"], CTRL["[" .. digit .. "^"] = key, true
end
NAMES["[Z"], SHIFT["[Z"] = "tab", true

-- ---- one sequence

local function is_digit(c) return c ~= "" and find(c, "^%d$") ~= nil end

-- The code and the modifier of what follows the escapes; nil while more must come. `parts` are the characters behind them.
local function function_key(parts)
  local kind, n = parts[1], #parts
  if kind == "O" then
    if n < 2 then return nil end
    if not is_digit(parts[2]) then return "O" .. parts[2], 0 end
    if n < 3 then return nil end
    return "O" .. parts[3], tonumber(parts[2]) - 1
  end
  local at, code = 2, "["
  if n < at then return nil end
  if parts[at] == "[" then -- the Linux console's
    at, code = at + 1, "[["
    if n < at then return nil end
  end
  local first = at
  for _ = 1, 3 do
    if not is_digit(parts[at]) then break end
    at = at + 1
    if n < at then return nil end
  end
  if parts[at] == ";" then
    at = at + 1
    if n < at then return nil end
    if is_digit(parts[at]) then
      at = at + 1
      if n < at then return nil end
    end
  end
  local command = table.concat(parts, "", first, at)
  local number, modifier, sign = match(command, "^(%d%d?);?(%d?)([~^$])$")
  if number and (modifier == "") == not find(command, ";", 1, true) then
    return code .. number .. sign, (modifier == "" and 1 or tonumber(modifier)) - 1
  end
  if find(command, "^%d%d%d~$") then return code .. command, 0 end
  local letter
  modifier, letter = match(command, "^%d;(%d)(%a)$")
  if not letter then modifier, letter = match(command, "^(%d?)(%a)$") end
  if letter then return code .. letter, (modifier == "" and 1 or tonumber(modifier)) - 1 end
  return code .. command, 0
end

local function new_key(sequence)
  local key = shape.dict {}
  shape.put(key, "sequence", sequence)
  shape.put(key, "name", nil) -- in JavaScript a property all the same
  shape.put(key, "ctrl", false)
  shape.put(key, "meta", false)
  shape.put(key, "shift", false)
  return key
end

local PLAIN = { ["\r"] = "return", ["\n"] = "enter", ["\t"] = "tab", ["\b"] = "backspace", ["\127"] = "backspace", ["\27"] = "escape", [" "] = "space" }

-- A key that is one character, after an escape or not.
local function plain_key(key, ch, escaped)
  if PLAIN[ch] then
    key.name, key.meta = PLAIN[ch], escaped
  elseif not escaped and ch <= "\26" and ch ~= "" then
    key.name, key.ctrl = string.char(byte(ch) + 96), true
  elseif ch == "\0" then
    key.meta = true
  elseif find(ch, "^%w$") then
    key.name, key.shift, key.meta = ch:lower(), find(ch, "^%u$") ~= nil, escaped
  elseif escaped then
    key.meta = true
    if ch == "" then key.name = "escape" end
  end
end

function M.decoder(emit)
  local sequence, escapes = "", 0
  local parts = {}

  local function done()
    sequence, escapes = "", 0
    for i = #parts, 1, -1 do parts[i] = nil end
  end

  return function(ch)
    sequence = sequence .. ch
    if ch == "\27" and parts[1] == nil and escapes < 2 then
      escapes = escapes + 1 -- the second one is the meta key of a sequence
      return
    end
    local escaped = escapes > 0
    parts[#parts + 1] = ch
    local key
    if escaped and (parts[1] == "O" or parts[1] == "[") then
      local code, modifier = function_key(parts)
      if not code then return end
      key = new_key(sequence)
      key.name = NAMES[code] or "undefined"
      key.ctrl = band(modifier, 4) ~= 0 or CTRL[code] or false
      key.meta = band(modifier, 10) ~= 0
      key.shift = band(modifier, 1) ~= 0 or SHIFT[code] or false
      key.code = code
    else
      key = new_key(sequence)
      plain_key(key, ch, escaped)
    end
    local text = key.sequence
    done()
    if text ~= "" and (key.name ~= nil or escaped) then
      emit(not escaped and text or nil, key)
    elseif text ~= "" then
      local _, length = width.each(text, 1)
      if length == #text then emit(text, key) end -- one character without a name
    end
  end
end

-- ---- streams

local ESCAPE_TIMEOUT = 500 -- ms until a lone escape counts as the key

-- interface: an Interface, or nil; it says how long an escape may wait, and is told whether a chunk was one key.
function M.emitKeypressEvents(stream, interface)
  if rawget(stream, "_keypressDecoder") then return end
  local timers = require "lunode.internal.timers"
  local text_of = require("lunode.string_decoder").StringDecoder "utf8"
  local timer
  local feed = M.decoder(function(s, key) stream:emit("keypress", s, key) end)
  rawset(stream, "_keypressDecoder", feed)

  -- An error in a listener must not leave half a key behind: the decoder has none then, for it emits when it is done.
  local function flush() feed "" end

  local function on_data(chunk)
    if stream:listenerCount "keypress" == 0 then
      -- Nobody listens any more; once there is somebody again this comes back.
      stream:removeListener("data", stream._keypressData)
      stream:on("newListener", stream._keypressNew)
      return
    end
    local text = text_of:write(chunk)
    if text == "" then return end
    if timer then
      timers.clear(timer)
      timer = nil
    end
    local n, i = #text, 1
    if interface then
      local _, length = width.each(text, 1)
      interface._sawKeyPress = length == n
      interface.isCompletionEnabled = false
    end
    while i <= n do
      local _, length = width.each(text, i)
      local ch = sub(text, i, i + length - 1)
      i = i + length
      if i > n then
        if interface then interface.isCompletionEnabled = true end
        feed(ch)
        if ch == "\27" then
          timer = timers.timeout(flush, interface and interface.escapeCodeTimeout or ESCAPE_TIMEOUT, 0)
        end
      else
        feed(ch)
      end
    end
  end

  local function on_new(event)
    if event ~= "keypress" then return end
    stream:on("data", stream._keypressData)
    stream:removeListener("newListener", stream._keypressNew)
  end

  rawset(stream, "_keypressData", on_data)
  rawset(stream, "_keypressNew", on_new)
  if stream:listenerCount "keypress" > 0 then stream:on("data", on_data) else stream:on("newListener", on_new) end
end

return M
