-- SPDX-License-Identifier: MIT
--
-- StringDecoder: bytes that arrive in pieces, decoded without cutting a character in two.
-- Source: Node 20 docs, "String decoder".
--
--   StringDecoder(encoding):write(bytes) -> text, :finish(bytes?) -> the rest of the text (also called ["end"])
--
-- A UTF-16 pair comes out whole, where Node may give its halves in two pieces (which Lua's strings could not join).
-- Text handed to write() comes back as it is, as in Node: it has been decoded already.
-- lastNeed: bytes missing to the character that has begun; lastTotal: bytes it has in all; lastChar: a Buffer with its bytes.
local class = require "lunode.internal.class"
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"

local normalize, as_bytes = validators.normalizeEncoding, validators.bytes

local decode, raw, is_buffer = core.encoding.decode, core.encoding.bytes, core.buffer.is
local type, error, rawget, byte, band = type, error, rawget, string.byte, bit.band

local StringDecoder = class "StringDecoder"

local split = { utf8 = true, utf16le = true, base64 = true, base64url = true } -- whose characters span bytes

function StringDecoder:initialize(encoding)
  local e = normalize(encoding)
  if not e then error(errors.ERR_UNKNOWN_ENCODING(encoding), 0) end
  self.encoding = e
  self._kept = ""     -- bytes of a character that has begun
  self._missing = 0   -- bytes it still needs
  self._split = split[e] or false
end

-- How many bytes at the end begin a UTF-8 character, and how many that character lacks.
local function open_utf8(bytes, n)
  for i = n, n > 3 and n - 3 or 1, -1 do
    local c, have = bytes[i], n - i + 1
    if band(c, 0xc0) ~= 0x80 then
      local need = band(c, 0xe0) == 0xc0 and 2 or band(c, 0xf0) == 0xe0 and 3 or band(c, 0xf8) == 0xf0 and 4 or 0
      if have >= need then return 0, 0 end
      return have, need - have
    end
  end
  return 0, 0
end

-- The same for any encoding.
local function open_end(encoding, bytes, n)
  if encoding == "utf8" then
    if bytes[n] < 0x80 then return 0, 0 end
    return open_utf8(bytes, n)
  elseif encoding == "utf16le" then
    local odd = n % 2 -- a high surrogate waits for the low one
    if n > odd and band(bytes[n - odd], 0xfc) == 0xd8 then return 2 + odd, 2 - odd end
    return odd, odd
  end
  local have = n % 3
  return have, have > 0 and 3 - have or 0
end

-- Completes the character that has begun. Returns the text it gives, and the offset where the rest starts.
local function complete(self, bytes, n)
  local encoding, kept, missing, from, before = self.encoding, self._kept, self._missing, 0, ""
  while true do
    local take = missing < n - from and missing or n - from
    if encoding == "utf8" then
      for i = 1, take do
        if band(bytes[i], 0xc0) ~= 0x80 then -- not a continuation: what has begun ends here, broken
          take, missing = i - 1, i - 1
          break
        end
      end
    end
    if take > 0 then kept = kept .. raw(bytes, from, from + take) end
    from, missing = from + take, missing - take
    if missing == 0 and encoding == "utf16le" and band(byte(kept, -1), 0xfc) == 0xd8 then
      before = before .. decode(kept, encoding, 0, #kept - 2) -- a high surrogate behind another
      kept, missing = kept:sub(-2), 2
    end
    if missing == 0 then
      self._kept, self._missing = "", 0
      return before .. decode(kept, encoding), from
    elseif from == n then
      self._kept, self._missing = kept, missing
      return before, from
    end
  end
end

function StringDecoder:write(bytes)
  if type(bytes) == "string" then return bytes end
  bytes = as_bytes(bytes) or bytes
  if not is_buffer(bytes) then error(errors.ERR_INVALID_ARG_TYPE("buf", { "Buffer", "TypedArray", "DataView" }, bytes), 0) end
  local encoding, n = self.encoding, #bytes
  if not self._split or n == 0 then return decode(bytes, encoding) end
  local before, from = nil, 0
  if self._missing > 0 then
    before, from = complete(self, bytes, n)
    if from == n then return before end
    if from > 0 then
      bytes = bytes:subarray(from)
      n = n - from
    end
  end
  local have, missing = open_end(encoding, bytes, n)
  if have > 0 then
    self._kept, self._missing = raw(bytes, n - have, n), missing
    n = n - have
  end
  local text = n > 0 and decode(bytes, encoding, 0, n) or ""
  return before and before .. text or text
end

function StringDecoder.prototype:finish(bytes)
  local text = bytes ~= nil and bytes ~= errors.null and self:write(bytes) or ""
  local kept = self._kept
  if kept ~= "" then
    if self.encoding == "utf16le" and #kept % 2 == 1 then kept = kept:sub(1, -2) end
    self._kept, self._missing = "", 0
    if kept ~= "" then text = text .. decode(kept, self.encoding) end
  end
  return text
end
StringDecoder.prototype["end"] = function(self, bytes) return self:finish(bytes) end

-- Undocumented in Node, used by old streams: forgets what has begun and decodes from `offset`.
function StringDecoder:text(bytes, offset)
  self._kept, self._missing = "", 0
  return self:write(bytes:slice(offset))
end

StringDecoder:accessor("lastNeed", function(self) return rawget(self, "_missing") end)
StringDecoder:accessor("lastTotal", function(self) return #rawget(self, "_kept") + rawget(self, "_missing") end)
StringDecoder:accessor("lastChar", function(self)
  local b = require("lunode.buffer").Buffer.alloc(4)
  core.buffer.from(rawget(self, "_kept")):copy(b)
  return b
end)

-- ---- signatures, for the reference (docs/api/README.md)
-- write(buffer: string|Buffer) -> string: what is complete
-- end, finish(buffer?: string|Buffer) -> string: and what is left

return { StringDecoder = StringDecoder }
