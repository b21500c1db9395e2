-- SPDX-License-Identifier: MIT
--
-- Hosts (WHATWG URL, clause 3.5).
--   parse(text, opaque) -> the host as it is written in a URL, or nil when it is no host
-- A host with characters outside of ASCII is refused: mapping it needs the tables of UTS 46.
local encode = require "lunode.url.encode"

local M = {}

-- -> the number, or nil; whether it was written in another base than ten
local function ipv4_number(text)
  if text == "" then return nil end
  if text:find "^0[xX]" then
    local digits = text:sub(3)
    if digits == "" then return 0 end
    if digits:find "%X" then return nil end
    digits = digits:gsub("^0+", "")
    return #digits > 12 and math.huge or tonumber("0x0" .. digits)
  end
  if #text >= 2 and text:sub(1, 1) == "0" then
    if text:find "[^0-7]" then return nil end
    local digits = text:gsub("^0+", "")
    return digits == "" and 0 or #digits > 15 and math.huge or tonumber(digits, 8)
  end
  if text:find "%D" then return nil end
  return tonumber(text)
end

local function split(text)
  local parts = {}
  for part in (text .. "."):gmatch "([^.]*)%." do parts[#parts + 1] = part end
  return parts
end

local function ends_in_number(text)
  local parts = split(text)
  if parts[#parts] == "" then
    if #parts == 1 then return false end
    parts[#parts] = nil
  end
  local last = parts[#parts]
  if last ~= "" and not last:find "%D" then return true end
  return last:find "^0[xX]" ~= nil and ipv4_number(last) ~= nil
end

local function parse_ipv4(text)
  local parts = split(text)
  if parts[#parts] == "" and #parts > 1 then parts[#parts] = nil end
  if #parts > 4 then return nil end
  local numbers = {}
  for i, part in ipairs(parts) do
    local n = ipv4_number(part)
    if not n then return nil end
    numbers[i] = n
  end
  for i = 1, #numbers - 1 do
    if numbers[i] > 255 then return nil end
  end
  local last = numbers[#numbers]
  if last >= 256 ^ (5 - #numbers) then return nil end
  local address = last
  for i = 1, #numbers - 1 do address = address + numbers[i] * 256 ^ (4 - i) end
  return ("%d.%d.%d.%d"):format(math.floor(address / 16777216), math.floor(address / 65536) % 256, math.floor(address / 256) % 256, address % 256)
end

-- Dotted decimal at the end of an IPv6 address: exactly four numbers without leading zeros.
local function embedded_ipv4(text)
  local numbers = { text:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$" }
  if #numbers ~= 4 then return nil end
  for i = 1, 4 do
    local n = tonumber(numbers[i])
    if n > 255 or #numbers[i] > 1 and numbers[i]:sub(1, 1) == "0" then return nil end
    numbers[i] = n
  end
  return numbers[1] * 256 + numbers[2], numbers[3] * 256 + numbers[4]
end

-- -> sequence of groups, or nil
local function groups_of(text)
  local groups = {}
  if text == "" then return groups end
  local rest = text .. ":"
  local pieces = {}
  for piece in rest:gmatch "([^:]*):" do pieces[#pieces + 1] = piece end
  for i, piece in ipairs(pieces) do
    if piece:find("%x%x?%x?%x?$") and #piece <= 4 and not piece:find "%X" then
      groups[#groups + 1] = tonumber(piece, 16)
    elseif i == #pieces and piece:find("%.") then
      local high, low = embedded_ipv4(piece)
      if not high then return nil end
      groups[#groups + 1], groups[#groups + 2] = high, low
    else
      return nil
    end
  end
  return groups
end

local function parse_ipv6(text)
  local groups
  local head, tail = text:match "^(.-)::(.*)$"
  if head then
    if tail:find("::", 1, true) or tail:sub(1, 1) == ":" then return nil end
    if head:find("%.") then return nil end
    groups = groups_of(head)
    local behind = groups_of(tail)
    if not groups or not behind or #groups + #behind > 7 then return nil end
    for _ = #groups + #behind + 1, 8 do groups[#groups + 1] = 0 end
    for _, g in ipairs(behind) do groups[#groups + 1] = g end
  else
    groups = groups_of(text)
    if not groups or #groups ~= 8 then return nil end
  end
  -- The longest run of at least two zeros is left out, the first of equals.
  local best, best_length, i = nil, 1, 1
  while i <= 8 do
    local j = i
    while j <= 8 and groups[j] == 0 do j = j + 1 end
    if j - i > best_length then best, best_length = i, j - i end
    i = math.max(j, i + 1)
  end
  local out = {}
  i = 1
  while i <= 8 do
    if i == best then
      out[#out + 1] = i == 1 and "::" or ":"
      i = i + best_length
    else
      out[#out + 1] = ("%x"):format(groups[i])
      if i < 8 then out[#out + 1] = ":" end
      i = i + 1
    end
  end
  return "[" .. table.concat(out) .. "]"
end

function M.parse(text, opaque)
  if text:sub(1, 1) == "[" then
    if text:sub(-1) ~= "]" then return nil end
    return parse_ipv6(text:sub(2, -2))
  end
  if opaque then
    if text:find "[%z\t\n\r #/:<>?@%[\\%]^|]" then return nil end
    return encode.encode(text, encode.sets.c0)
  end
  local domain = encode.decode(text)
  if domain:find "[\128-\255]" then return nil end
  domain = domain:lower()
  if domain == "" or domain:find "[%z\1-\32\127#/:<>?@%[\\%]^|%%]" then return nil end
  if ends_in_number(domain) then return parse_ipv4(domain) end
  return domain
end

return M
