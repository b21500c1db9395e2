-- SPDX-License-Identifier: MIT
--
-- Files. Source: Node 20 docs, "File system". Each operation of lua/fs/operations.lua in two of its faces here:
--   fs.readFile(path, options, callback)   callback(err, result)
--   fs.readFileSync(path, options)         the result, or an Error raised
-- The third is require "fs/promises". Paths: text, Buffer or file: URL. Modes: numbers or octal text. Times: seconds.
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"
local ops = require "lunode.fs.operations"
local st = require "lunode.fs.stats"
local core = require "lunode.core"

local callback, type, select = validators.callback, type, select

local fs = { Stats = st.Stats, Dirent = st.Dirent, constants = {} }
for name, value in pairs(core.fs.constants) do
  fs.constants[name] = value
  if name:find "^UV_FS_COPYFILE" then fs.constants[name:sub(7)] = value end
end
fs.F_OK, fs.R_OK, fs.W_OK, fs.X_OK = fs.constants.F_OK, fs.constants.R_OK, fs.constants.W_OK, fs.constants.X_OK

local names = {
  "access", "appendFile", "chmod", "chown", "close", "copyFile", "cp", "fchmod", "fchown", "fdatasync", "fstat", "fsync",
  "ftruncate", "futimes", "lchown", "link", "lstat", "lutimes", "mkdir", "mkdtemp", "open", "read", "readFile", "readdir",
  "readlink", "readv", "realpath", "rename", "rm", "rmdir", "stat", "statfs", "symlink", "truncate", "unlink", "utimes",
  "write", "writeFile", "writev",
}

-- The last argument is the callback; what is before it may be left out.
local function with_callback(op)
  return function(a, b, c, d, e, f)
    local cb
    if f ~= nil then cb = f
    elseif e ~= nil then cb, e = e, nil
    elseif d ~= nil then cb, d = d, nil
    elseif c ~= nil then cb, c = c, nil
    elseif b ~= nil then cb, b = b, nil end
    return op(callback(cb, "cb"), a, b, c, d, e)
  end
end

local function blocking(op)
  return function(...) return op(nil, ...) end
end

for _, name in ipairs(names) do
  fs[name], fs[name .. "Sync"] = with_callback(ops[name]), blocking(ops[name])
end

-- A descriptor that nobody needs any more may be closed without a callback.
function fs.close(fd, cb)
  if cb == nil then
    cb = function(err) if err then error(err, 0) end end
  end
  return ops.close(callback(cb, "cb"), fd)
end

-- exists(path, callback): callback(whether)
function fs.exists(path, cb) return ops.exists(callback(cb, "cb"), path) end
function fs.existsSync(path) return ops.exists(nil, path) end

-- realpath and realpathSync are functions with a second form: realpath.native (one call of the C library).
local function with_native(plain, native)
  return setmetatable({ native = native }, { __call = function(_, ...) return plain(...) end })
end
fs.realpath = with_native(fs.realpath, with_callback(ops.realpathNative))
fs.realpathSync = with_native(fs.realpathSync, blocking(ops.realpathNative))

-- read: the callback gets (err, bytesRead, buffer), write (err, bytesWritten, data): util.promisify gives tables of them.
local custom = require "lunode.internal.promisify_custom"
local function two_results(name, first, second)
  custom[fs[name]] = function(...)
    local Promise = require("lunode.internal.promise").Promise
    local n, a = select("#", ...), { ... }
    return Promise(function(resolve, reject)
      a[n + 1] = function(err, x, y)
        if err then return reject(err) end
        resolve({ [first] = x, [second] = y })
      end
      fs[name](unpack(a, 1, n + 1))
    end)
  end
end
two_results("read", "bytesRead", "buffer")
two_results("write", "bytesWritten", "buffer")
two_results("readv", "bytesRead", "buffers")
two_results("writev", "bytesWritten", "buffers")
custom[fs.exists] = function(path)
  local Promise = require("lunode.internal.promise").Promise
  return Promise(function(resolve) fs.exists(path, resolve) end)
end

function fs.createReadStream(path, options) return fs.ReadStream(path, options) end
function fs.createWriteStream(path, options) return fs.WriteStream(path, options) end

-- Loaded when first asked for: streams and promises are heavy.
local lazy = {
  ReadStream = function() return require("lunode.fs.streams").ReadStream end,
  WriteStream = function() return require("lunode.fs.streams").WriteStream end,
  FileReadStream = function() return fs.ReadStream end,
  FileWriteStream = function() return fs.WriteStream end,
  promises = function() return require "lunode.fs.promises" end,
}
for _, name in ipairs { "watch", "watchFile", "unwatchFile", "opendir", "opendirSync", "glob", "globSync", "openAsBlob" } do
  fs[name] = errors.notImplemented("fs." .. name)
end
fs._toUnixTimestamp = require("lunode.fs.arguments").time

return setmetatable(fs, { __index = function(t, name)
  local make = lazy[name]
  if make == nil then return nil end
  local value = make()
  rawset(t, name, value)
  return value
end })
