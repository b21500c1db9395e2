-- SPDX-License-Identifier: MIT
--
-- core.http.parser on the cases of tests/http/*.md: each is fed whole, split at every byte in two, and byte by byte; all
-- must give the same. A case is
--
--   ## name                 the kind is the file's: request*.md, response*.md
--   ```http                 the input; at the ends of lines \r\n is meant, \xNN, \t, \0, \n, \r, \r alone may be written;
--   …                       a backslash at the end of a line joins it to the next without a line break
--   ```
--   ```log                  what is seen: head, header, body, trailer, complete, upgrade, error, or "eof" before what finish() gives
--   …
--   ```
local test = require "../support/test"
local core = require "lunode.core"

local here = (debug.getinfo(1, "S").source:match "^@(.*/)" or "./")

local function decode(text)
  text = text:gsub("\\$", ""):gsub("\\\n", "\1"):gsub("\n", "\r\n"):gsub("\1", "")
  return (text:gsub("\\(x?)(%w?%w?)", function(x, rest)
    if x == "x" then return string.char(tonumber(rest, 16)) end
    local map = { n = "\n", r = "\r", t = "\t", ["0"] = "\0" }
    return map[rest:sub(1, 1)] .. rest:sub(2)
  end))
end

-- Feeds pieces, returns the log as text.
local function run(kind, options, pieces, eof)
  local log = {}
  local function say(...) log[#log + 1] = table.concat({ ... }, " ") end
  local parser = core.http.parser(kind, options)
  local body = {}
  local function flush_body()
    if #body > 0 then say("body", (table.concat(body):gsub("[%c\128-\255]", function(c) return ("\\x%02x"):format(c:byte()) end))) end
    body = {}
  end
  parser.owner = "owner"
  parser.onheaders = function(owner, first, second, raw, flags)
    assert(owner == "owner")
    local names = {}
    if flags % 4 >= 2 then names[#names + 1] = "keep-alive" end
    if flags % 128 >= 64 then names[#names + 1] = "chunked" end
    if flags % 64 >= 32 then names[#names + 1] = "length" end
    if flags % 8 >= 4 then names[#names + 1] = "upgrade" end
    say("head", first, second, ("%d.%d"):format(math.floor(flags / 256) % 16, math.floor(flags / 4096) % 16), unpack(names))
    local list = core.http.fields(raw)
    for i = 1, #list, 2 do say("header", list[i] .. ":", (list[i + 1]:gsub("[%c\128-\255]", function(c) return ("\\x%02x"):format(c:byte()) end))) end
    if options.nobody then return 1 end
    if flags % 8 >= 4 then return 2 end
  end
  parser.onbody = function(_, buffer) body[#body + 1] = tostring(buffer) end
  parser.oncomplete = function(_, trailers)
    flush_body()
    local list = core.http.fields(trailers or "")
    for i = 1, #list, 2 do say("trailer", list[i] .. ":", list[i + 1]) end
    say "complete"
  end
  local failed, rest = false, {}
  for _, piece in ipairs(pieces) do
    if parser.upgraded then
      rest[#rest + 1] = piece
    elseif not failed then
      local n, code, reason = parser:execute(piece)
      if not n then
        flush_body()
        say("error", code, reason)
        failed = true
      elseif n < #piece then
        rest[#rest + 1] = piece:sub(n + 1)
      end
    end
  end
  flush_body()
  if parser.upgraded then say("upgraded", (table.concat(rest):gsub("[\r\n]", "|"))) end
  if eof and not failed then
    say "eof"
    local ok, code = parser:finish()
    flush_body()
    if not ok then say("error", code) end
  end
  return table.concat(log, "\n")
end

local function cases_of(text)
  local cases, block = {}, nil
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    local case = cases[#cases]
    if block then
      if line == "```" then block = nil else block[#block + 1] = line end
    elseif line:find "^## " then
      cases[#cases + 1] = { title = line:sub(4) }
    elseif line:find "^```http" then
      block = {}
      case.http, case.info = block, line:sub(8)
    elseif line:find "^```log" then
      block = {}
      case.log = block
    end
  end
  return cases
end

require "lunode.buffer"
for _, name in ipairs { "request", "request-body", "request-refused", "response" } do
  local file = assert(io.open(here .. name .. ".md", "rb"))
  local text = file:read "*a"
  file:close()
  local kind = name:match "^%a+"
  for _, case in ipairs(cases_of(text)) do
    local title, info, input, want = case.title, case.info, table.concat(case.http or {}, "\n"), table.concat(case.log or {}, "\n")
    test(name .. ": " .. title, function(t)
      assert(case.http and case.log, "a case has an http and a log block")
      local bytes = decode(input)
      local options = { lenient = info:find "lenient" ~= nil, nobody = info:find "nobody" ~= nil }
      local eof = want:find "%f[%w]eof%f[%W]" ~= nil
      t:equal(run(kind, options, { bytes }, eof), want)
      for i = 1, #bytes - 1 do
        t:equal(run(kind, options, { bytes:sub(1, i), bytes:sub(i + 1) }, eof), want, "split at " .. i)
      end
      local single = {}
      for i = 1, #bytes do single[i] = bytes:sub(i, i) end
      t:equal(run(kind, options, single, eof), want, "byte by byte")
    end)
  end
end

test("an error raised in a callback leaves execute, and the parser works after reset", function(t)
  local parser = core.http.parser "request"
  parser.onheaders = function() error "stop" end
  t:throws(function() parser:execute "GET / HTTP/1.1\r\n\r\n" end, "stop")
  t:throws(function() parser:execute "GET / HTTP/1.1\r\n\r\n" end, "wants a reset")
  parser:reset()
  parser.onheaders = nil
  t:equal(parser:execute "GET / HTTP/1.1\r\n\r\n", 18)
end)

test("a parser is not re-entrant, and stop leaves early", function(t)
  local parser = core.http.parser "request"
  parser.onheaders = function() t:throws(function() parser:execute "GET" end, "not re%-entrant") end
  parser.oncomplete = function() parser:stop() end
  local one = "GET / HTTP/1.1\r\n\r\n"
  t:equal(parser:execute(one .. one), #one)
  t:equal(parser:execute(one), #one)
end)

test("limits: size of the head, number of headers", function(t)
  local parser = core.http.parser("response", { maxHeaderSize = 50, maxHeaders = 2 })
  parser.onheaders = function(_, _, _, raw) t:deep(core.http.fields(raw), { "A", "1", "B", "2" }) end
  t:ok(parser:execute "HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nC: 3\r\nContent-Length: 0\r\n\r\n")
  local ok, code = parser:execute("HTTP/1.1 200 OK\r\nA: " .. ("x"):rep(60))
  t:equal(ok, nil)
  t:equal(code, "HPE_HEADER_OVERFLOW")
end)

test("arguments are checked", function(t)
  t:throws(function() core.http.parser "neither" end)
  t:throws(function() core.http.parser() end)
  t:throws(function() core.http.parser "request".execute({}, "x") end)
  t:throws(function() core.http.parser("request"):execute(5) end)
end)
