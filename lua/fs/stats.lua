-- SPDX-License-Identifier: MIT
--
-- fs.Stats and fs.Dirent. Source: Node 20 docs, "Class: fs.Stats", "Class: fs.Dirent".
local bit = require "bit"
local class = require "lunode.internal.class"
local core = require "lunode.core"

local band = bit.band
local C = core.fs.constants
local setmetatable = setmetatable

local Stats = class "Stats"

local kinds = {
  isDirectory = C.S_IFDIR, isFile = C.S_IFREG, isBlockDevice = C.S_IFBLK, isCharacterDevice = C.S_IFCHR,
  isSymbolicLink = C.S_IFLNK, isFIFO = C.S_IFIFO, isSocket = C.S_IFSOCK,
}
for name, kind in pairs(kinds) do
  Stats[name] = function(self) return band(self.mode, C.S_IFMT) == kind end
end

-- Times are numbers in ms (atimeMs …); atime … are the same as a table with getTime().
local Time = class "Date"
function Time:getTime() return self.ms end
function Time:valueOf() return self.ms end
function Time:toISOString()
  local ms = math.floor(self.ms)
  return os.date("!%Y-%m-%dT%H:%M:%S", math.floor(ms / 1000)) .. (".%03dZ"):format(ms % 1000)
end
Time.prototype.toJSON = Time.prototype.toISOString
Time.meta.__tostring = Time.prototype.toISOString
Time.meta.__lt = function(a, b) return a.ms < b.ms end
Time.meta.__le = function(a, b) return a.ms <= b.ms end
Time.meta.__eq = function(a, b) return a.ms == b.ms end

for _, name in ipairs { "atime", "mtime", "ctime", "birthtime" } do
  Stats:accessor(name, function(self) return setmetatable({ ms = self[name .. "Ms"] }, Time.meta) end)
end

-- From core.fs's sequence of fourteen numbers.
local function stats(v)
  return setmetatable({
    dev = v[1], mode = v[2], nlink = v[3], uid = v[4], gid = v[5], rdev = v[6], blksize = v[7], ino = v[8], size = v[9],
    blocks = v[10], atimeMs = v[11], mtimeMs = v[12], ctimeMs = v[13], birthtimeMs = v[14],
  }, Stats.meta)
end

local Dirent = class "Dirent"
local dirent_kinds = {
  isDirectory = "dir", isFile = "file", isBlockDevice = "block", isCharacterDevice = "char",
  isSymbolicLink = "link", isFIFO = "fifo", isSocket = "socket",
}
for name, kind in pairs(dirent_kinds) do
  Dirent[name] = function(self) return self._type == kind end
end

local function dirent(name, type, parent)
  return setmetatable({ name = name, parentPath = parent, path = parent, _type = type }, Dirent.meta)
end

return { Stats = Stats, Dirent = Dirent, stats = stats, dirent = dirent }
