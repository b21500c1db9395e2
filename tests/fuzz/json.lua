-- SPDX-License-Identifier: MIT
--
-- JSON of any bytes: a SyntaxError with a position inside the text, or a value that survives being written and read again.
local json = require "lunode.json"
local buffer = require "lunode.buffer"

return function(bytes)
  local ok, value = pcall(json.parse, bytes)
  if not ok then
    assert(value.name == "SyntaxError" or value.name == "RangeError", tostring(value))
    assert(value.name == "RangeError" or value.position >= 0 and value.position <= #bytes and value.line >= 1 and value.column >= 1, "position")
    return
  end
  local text = json.stringify(value)
  if not buffer.isUtf8(buffer.Buffer.from(bytes, "latin1")) then return end -- what takes the place of invalid bytes makes keys equal, or sorts otherwise
  assert(json.stringify(json.parse(text)) == text, text)
  assert(json.stringify(json.parse(json.stringify(value, nil, 2))) == text, "indented")
end
