-- SPDX-License-Identifier: MIT
--
-- HTTP messages: what the parser says of any bytes does not depend on the pieces in which they arrive, and the block of headers
-- that it gives can be read. The first byte chooses: a response or a request (1), leniency (2), small limits (4).
require "lunode.buffer"
local core = require "lunode.core"
local http = core.http

local said, forbidden
local function note(...)
  for i = 1, select("#", ...) do said[#said + 1] = tostring((select(i, ...))) end
  said[#said + 1] = "|"
end

local function onheaders(_, first, second, raw, flags)
  note("headers", first, second, raw, flags)
  local fields = http.fields(raw)
  assert(#fields % 2 == 0, "a name without a value")
  for i = 1, #fields do assert(not fields[i]:find(forbidden), "a control character in a header") end
  local joined = http.headers(raw, true)
  for name in pairs(http.headers(raw)) do
    assert(name == name:lower() and joined[name] ~= nil, name)
  end
  http.distinct(raw)
end
local body
local function onbody(_, buffer) body[#body + 1] = tostring(buffer) end
local function oncomplete(_, trailers)
  note("complete", table.concat(body), trailers)
  body = {}
end

local function parse(kind, options, bytes, step)
  said, body = {}, {}
  local parser = http.parser(kind, options)
  parser.owner, parser.onheaders, parser.onbody, parser.oncomplete = {}, onheaders, onbody, oncomplete
  local at = 1
  while at <= #bytes do
    local piece = bytes:sub(at, at + step - 1)
    local count = parser:execute(piece)
    if not count then
      note "error" -- which of two, a head that is too long and wrong besides, depends on the pieces
      return table.concat(said, "\1")
    end
    at = at + count
    if count < #piece then
      assert(parser.upgraded, "bytes left over")
      note("upgrade", at)
      return table.concat(said, "\1")
    end
    if parser.upgraded then
      note("upgrade", at)
      return table.concat(said, "\1")
    end
  end
  local ok, code = parser:finish()
  note("end", ok, code, table.concat(body))
  return table.concat(said, "\1")
end

return function(bytes)
  if #bytes == 0 then return end
  local choice = bytes:byte()
  bytes = bytes:sub(2)
  local kind = choice % 2 == 1 and "response" or "request"
  local options = { lenient = choice % 4 >= 2 }
  forbidden = options.lenient and "[\r\n]" or "[\r\n%z]"
  if choice % 8 >= 4 then options.maxHeaderSize, options.maxHeaders = 64, 3 end
  local whole = parse(kind, options, bytes, #bytes)
  for _, step in ipairs { 1, 7 } do
    local pieces = parse(kind, options, bytes, step)
    if pieces ~= whole then error(("in pieces of %d:\n%q\nat once:\n%q"):format(step, pieces, whole)) end
  end
end
