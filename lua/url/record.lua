-- SPDX-License-Identifier: MIT
--
-- Parsed URLs: src/url.h through the FFI.
--   parse(input, base or nil) -> record, or nil when one of them is no URL      input, base: text
--   set(record, part, value) -> a record with the part changed; whether the value was one that the part can take
--   origin(record); username(record), password, host, hostname, port, pathname, search, hash: as the URL class has them
-- A record is a sequence: the href and the offsets that src/url.h draws; it does not change. [10] is for its owner (the URLSearchParams).
local ffi = require "ffi"
local core = require("lunode.core").url

local byte, sub, tostring, tonumber, error = string.byte, string.sub, tostring, tonumber, error

ffi.cdef [[
struct lunode_url_parts {
  const char *href;
  uint32_t length;
  uint32_t protocol_end, username_end, host_start, host_end, port, pathname_start, search_start, hash_start;
};
]]
local scratch = ffi.cast("struct lunode_url_parts *", core.scratch) -- core.url keeps the userdata
local c_parse = ffi.cast("int (*)(void *, const char *, size_t, const char *, size_t)", core.parse)
local c_set = ffi.cast("int (*)(void *, int, const char *, size_t, const char *, size_t)", core.set)
local text = ffi.string

local HREF, PROTOCOL_END, USERNAME_END, HOST_START, HOST_END, PORT, PATHNAME, SEARCH, HASH = 1, 2, 3, 4, 5, 6, 7, 8, 9
local NONE = 0xffffffff
local OK, INVALID, BAD_BASE, LIBRARY = 0, 1, 2, 4

local M = {}

local function record()
  local p = scratch
  return {
    text(p.href, p.length),
    tonumber(p.protocol_end), tonumber(p.username_end), tonumber(p.host_start), tonumber(p.host_end),
    tonumber(p.port), tonumber(p.pathname_start), tonumber(p.search_start), tonumber(p.hash_start), false,
  }
end

local function fail(status)
  if status == INVALID or status == BAD_BASE then return nil end
  if status == LIBRARY then error(require("lunode.internal.errors").Error(core.problem()), 0) end
  error("not enough memory", 0)
end

function M.parse(input, base)
  local status = c_parse(scratch, input, #input, base, base and #base or 0)
  if status == OK then return record() end
  return fail(status)
end

local PARTS = { protocol = 0, username = 1, password = 2, host = 3, hostname = 4, port = 5, pathname = 6, search = 7, hash = 8 }

function M.set(old, part, value)
  local href = old[HREF]
  local status = c_set(scratch, PARTS[part], href, #href, value, #value)
  if status ~= OK then
    fail(status)
    return old, false
  end
  local new = record()
  new[10] = old[10]
  return new, true
end

function M.protocol(u) return sub(u[HREF], 1, u[PROTOCOL_END]) end

local function credentials(u) return byte(u[HREF], u[HOST_START] + 1) == 64 and u[HOST_END] > u[HOST_START] end -- "@"

function M.username(u)
  return sub(u[HREF], u[PROTOCOL_END] + 3, u[USERNAME_END])
end
function M.password(u)
  return sub(u[HREF], u[USERNAME_END] + 2, u[HOST_START])
end

local function hostname(u)
  local start = u[HOST_START]
  return sub(u[HREF], credentials(u) and start + 2 or start + 1, u[HOST_END])
end
M.hostname = hostname
function M.port(u) return u[PORT] ~= NONE and tostring(u[PORT]) or "" end
function M.host(u)
  local name = hostname(u)
  return u[PORT] ~= NONE and name .. ":" .. u[PORT] or name
end

local function stop(u, first, second)
  if first ~= NONE then return first end
  return second ~= NONE and second or #u[HREF]
end
function M.pathname(u) return sub(u[HREF], u[PATHNAME] + 1, stop(u, u[SEARCH], u[HASH])) end

-- Without what follows the "?"; nil when there is no query at all.
function M.query(u)
  local start = u[SEARCH]
  if start ~= NONE then return sub(u[HREF], start + 2, stop(u, u[HASH], NONE)) end
end
function M.search(u)
  local start = u[SEARCH]
  if start == NONE then return "" end
  local finish = stop(u, u[HASH], NONE)
  return finish > start + 1 and sub(u[HREF], start + 1, finish) or ""
end
function M.hash(u)
  local start, href = u[HASH], u[HREF]
  return start ~= NONE and #href > start + 1 and sub(href, start + 1) or ""
end

local ORIGINS = { ["http:"] = true, ["https:"] = true, ["ws:"] = true, ["wss:"] = true, ["ftp:"] = true }

function M.origin(u)
  local protocol = M.protocol(u)
  if ORIGINS[protocol] then return protocol .. "//" .. M.host(u) end
  if protocol == "blob:" then
    local inner = M.parse(M.pathname(u))
    local scheme = inner and M.protocol(inner)
    if scheme == "http:" or scheme == "https:" then return M.origin(inner) end
  end
  return "null"
end

return M
