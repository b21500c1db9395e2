-- SPDX-License-Identifier: MIT
--
-- fs.Stats, fs.StatFs and fs.Dirent. Source: Node 20 docs, "Class: fs.Stats", "Class: fs.StatFs", "Class: fs.Dirent".
--
-- Times: atimeMs, mtimeMs, ctimeMs, birthtimeMs in ms, and atime … as dates (getTime(), toISOString(), compared by < and ==).
-- With `bigint: true` numbers are 64-bit integers (1LL), and atimeNs … are there too.
local bit = require "bit"
local ffi = require "ffi"
local class = require "lunode.internal.class"
local core = require "lunode.core"
local inspect_custom = require "lunode.internal.inspect_custom"
local shape = require "lunode.internal.shape"

local band = bit.band
local C = core.fs.constants
local setmetatable, rawset, rawget, tonumber, floor, cast = setmetatable, rawset, rawget, tonumber, math.floor, ffi.cast
local int64s = ffi.typeof "const int64_t *"

local kinds = {
  isDirectory = C.S_IFDIR, isFile = C.S_IFREG, isBlockDevice = C.S_IFBLK, isCharacterDevice = C.S_IFCHR,
  isSymbolicLink = C.S_IFLNK, isFIFO = C.S_IFIFO, isSocket = C.S_IFSOCK,
}

local FIELDS = { "dev", "mode", "nlink", "uid", "gid", "rdev", "blksize", "ino", "size", "blocks" }
local TIMES = { "atime", "mtime", "ctime", "birthtime" }
local NAMES = {} -- for inspect: every field, as Node orders them
for i = 1, #FIELDS do NAMES[i] = FIELDS[i] end
for _, suffix in ipairs { "Ms", "Ns", "" } do
  for i = 1, #TIMES do NAMES[#NAMES + 1] = TIMES[i] .. suffix end
end

local function stats_class(name)
  local Stats = class(name)
  for method, kind in pairs(kinds) do
    Stats[method] = function(self) return band(rawget(self, "_mode") or tonumber(self.mode), C.S_IFMT) == kind end
  end
  for _, field in ipairs(TIMES) do
    Stats:accessor(field, function(self)
      local ms = rawget(self, "_" .. field) or self[field .. "Ms"]
      if ms == nil then return nil end
      local date = require("lunode.internal.serializable").date(floor(tonumber(ms) + 0.5))
      rawset(self, field, date)
      return date
    end, function(self, value) rawset(self, field, value) end)
  end
  Stats.prototype[inspect_custom] = function(self, _, options, inspect)
    local lines = {}
    for i = 1, #NAMES do
      local value = self[NAMES[i]]
      if value ~= nil then lines[#lines + 1] = "  " .. NAMES[i] .. ": " .. (inspect and inspect(value, options) or tostring(value)) end
    end
    return name .. " {\n" .. table.concat(lines, ",\n") .. "\n}"
  end
  return Stats
end

local Stats, BigIntStats = stats_class "Stats", stats_class "BigIntStats"

-- Stats(dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks, atimeMs, mtimeMs, ctimeMs, birthtimeMs)
function Stats:initialize(...)
  local n = #FIELDS
  for i = 1, n do self[FIELDS[i]] = (select(i, ...)) end
  for i = 1, #TIMES do self[TIMES[i] .. "Ms"] = (select(n + i, ...)) end
end

-- From core.fs's sequence of fourteen numbers.
local function stats(v)
  return setmetatable({
    dev = v[1], mode = v[2], nlink = v[3], uid = v[4], gid = v[5], rdev = v[6], blksize = v[7], ino = v[8], size = v[9],
    blocks = v[10], atimeMs = v[11], mtimeMs = v[12], ctimeMs = v[13], birthtimeMs = v[14],
  }, Stats.meta)
end

-- A 64-bit integer as the program's language has it.
local function integer(v)
  local make = shape.make_integer
  return make and make(v) or v
end

-- From core.fs's string of eighteen 64-bit integers.
local function big_stats(bytes)
  local v = cast(int64s, bytes)
  local self = setmetatable({}, BigIntStats.meta)
  for i = 1, #FIELDS do rawset(self, FIELDS[i], integer(v[i - 1])) end
  rawset(self, "_mode", tonumber(v[1]))
  for i = 1, #TIMES do
    local seconds, ns = v[8 + 2 * i], v[9 + 2 * i]
    local ms = seconds * 1000 + ns / 1000000
    rawset(self, "_" .. TIMES[i], tonumber(ms))
    rawset(self, TIMES[i] .. "Ms", integer(ms))
    rawset(self, TIMES[i] .. "Ns", integer(seconds * 1000000000 + ns))
  end
  return self
end

local StatFs = class "StatFs"
local SPACE = { "type", "bsize", "blocks", "bfree", "bavail", "files", "ffree" }

local function statfs(v)
  local big = type(v) == "string" and cast(int64s, v)
  local self = setmetatable({}, StatFs.meta)
  for i = 1, #SPACE do
    if big then self[SPACE[i]] = integer(big[i - 1]) else self[SPACE[i]] = v[i] end
  end
  return self
end

-- ---- entries of folders

local Dirent = class "Dirent"
local dirent_kinds = {
  isDirectory = "dir", isFile = "file", isBlockDevice = "block", isCharacterDevice = "char",
  isSymbolicLink = "link", isFIFO = "fifo", isSocket = "socket",
}
for name, kind in pairs(dirent_kinds) do
  Dirent[name] = function(self) return rawget(self, "_type") == kind end
end

local function dirent(name, type, parent)
  return setmetatable({ name = name, parentPath = parent, path = parent, _type = type }, Dirent.meta)
end

-- The type that a Stats tells, for file systems whose folders do not.
local function type_of(st)
  for method, kind in pairs(dirent_kinds) do
    if st[method](st) then return kind end
  end
  return "unknown"
end

return {
  Stats = Stats, BigIntStats = BigIntStats, Dirent = Dirent, StatFs = StatFs, stats = stats, big_stats = big_stats, statfs = statfs,
  dirent = dirent, type_of = type_of,
}
