-- SPDX-License-Identifier: MIT
--
-- Operations on folders and what is in them: mkdir, readdir, rm, rmdir, realpath. Source: Node 20 docs, "File system".
local core = require "lunode.core"
local errors = require "lunode.internal.errors"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"
local args = require "lunode.fs.arguments"
local composite = require("lunode.fs.call").composite
local ops = require "lunode.fs.operations"
local st = require "lunode.fs.stats"
local path_module = require "lunode.path"

local uv, uv_code = errors.uv, core.error.code
local getpath, getmode, boolean = args.path, args.mode, args.boolean
local join, dirname = path_module.join, path_module.dirname
local pcall, error, type = pcall, error, type

-- ---- mkdir

-- mkdir(path, mode or { recursive, mode }) -> the first folder made (recursive), or nothing
composite(ops, "mkdir", function(path, options)
  local recursive, mode = false, options
  if type(options) == "table" then
    recursive, mode = boolean(options, "recursive"), options.mode
  end
  return getpath(path), recursive, getmode(mode, "mode", 511)
end, function(io, path, recursive, mode)
  if not recursive then
    io.mkdirOne(path, mode)
    return nil
  end
  local missing, first = { path }, nil
  while #missing > 0 do
    local at = missing[#missing]
    local ok, e = pcall(io.mkdirOne, at, mode)
    if ok then
      first = first or at
      missing[#missing] = nil
    elseif e.code == "ENOENT" and dirname(at) ~= at and at ~= "" then
      if #missing > 1 and missing[#missing - 1] == dirname(at) then error(uv(e.errno, "mkdir", path), 0) end
      missing[#missing + 1] = dirname(at)
    elseif e.code == "ENOTDIR" or e.code == "EACCES" or e.code == "ENOSPC" or e.code == "EPERM" or e.code == "ENOENT" then
      error(uv(e.errno, "mkdir", path), 0)
    else
      -- Something is there, or made by somebody else meanwhile: fine when it is a folder.
      local there, stats = pcall(io.stat, at)
      if not there or not stats:isDirectory() then
        local code = e.code == "EEXIST" and #missing > 1 and uv_code "ENOTDIR" or e.errno
        error(uv(code, "mkdir", path), 0)
      end
      missing[#missing] = nil
    end
  end
  return first
end)

-- ---- readdir

-- readdir(path, encoding or { encoding, withFileTypes, recursive }) -> list of names (relative to path) or of Dirents; the
-- folders inside follow after all of their parent's entries.
composite(ops, "readdir", function(path, options)
  options = args.options(options)
  return getpath(path), options.withFileTypes, boolean(options, "recursive"), options.encoding
end, function(io, path, with_types, recursive, encoding)
  local out, queue, prefixes = {}, { path }, { "" }
  local i = 0
  while queue[i + 1] do
    i = i + 1
    local dir, prefix = queue[i], prefixes[i]
    local found = io.scandir(dir)
    local names, types = found.names, found.types
    for k = 1, #names do
      local name, kind = names[k], types[k]
      if kind == "unknown" and (with_types or recursive) then
        local ok, stats = pcall(io.lstat, join(dir, name))
        if ok then kind = st.type_of(stats) end
      end
      if with_types then
        out[#out + 1] = st.dirent(args.name(name, encoding), kind, dir)
      else
        out[#out + 1] = args.name(prefix .. name, encoding)
      end
      if recursive and kind == "dir" then
        queue[#queue + 1] = join(dir, name)
        prefixes[#queue] = prefix .. name .. "/"
      end
    end
  end
  return shape.list(out)
end)

-- ---- rm, rmdir

-- Where the platform says one of these it may be otherwise a little later.
local retried = { EBUSY = true, EMFILE = true, ENFILE = true, ENOTEMPTY = true, EPERM = true }

-- fn(at), again while it fails for a reason that may pass. What is gone already is fine.
local function attempt(io, fn, at, retries, delay)
  local try = 0
  while true do
    local ok, e = pcall(fn, at)
    if ok then return e end
    if e.code == "ENOENT" then return nil end
    if not retried[e.code] or try >= retries then error(e, 0) end
    try = try + 1
    io.wait(delay * try)
  end
end

local function remove_folder(io, path, retries, delay)
  local stack = { { path = path, tries = 0 } }
  while #stack > 0 do
    local top = stack[#stack]
    if not top.names then
      local found = attempt(io, io.scandir, top.path, retries, delay) or { names = {}, types = {} }
      top.names, top.types, top.at = found.names, found.types, 0
    end
    top.at = top.at + 1
    local name = top.names[top.at]
    if name then
      local full, kind = join(top.path, name), top.types[top.at]
      if kind == "unknown" then
        local ok, stats = pcall(io.lstat, full)
        kind = ok and st.type_of(stats) or "file"
      end
      if kind == "dir" then stack[#stack + 1] = { path = full, tries = 0 } else attempt(io, io.unlink, full, retries, delay) end
    else
      local ok, e = pcall(io.rmdirOne, top.path)
      if ok or e.code == "ENOENT" then
        stack[#stack] = nil
      elseif retried[e.code] and top.tries < retries then -- somebody may have filled it again
        top.tries = top.tries + 1
        io.wait(delay * top.tries)
        top.names = nil
      else
        error(e, 0)
      end
    end
  end
end

local function retry_options(options)
  local retries, delay = options.maxRetries, options.retryDelay
  if retries == nil then retries = 0 else validators.validateUint32(retries, "options.maxRetries") end
  if delay == nil then delay = 100 else validators.validateInt32(delay, "options.retryDelay", 0) end
  return retries, delay
end

-- rm(path, { force, recursive, maxRetries, retryDelay in ms })
composite(ops, "rm", function(path, options)
  options = args.options(options)
  path = getpath(path)
  local recursive, force = boolean(options, "recursive"), boolean(options, "force")
  local retries, delay = retry_options(options)
  return path, force, recursive, retries, delay
end, function(io, path, force, recursive, retries, delay)
  local ok, stats = pcall(io.lstat, path)
  if not ok then
    if force and stats.code == "ENOENT" then return end
    error(stats, 0)
  end
  local is_folder = stats:isDirectory()
  if is_folder and not recursive then
    error(errors.ERR_FS_EISDIR { code = "EISDIR", message = "is a directory", path = path, syscall = "rm", errno = 21 }, 0)
  end
  if is_folder then return remove_folder(io, path, retries, delay) end
  attempt(io, io.unlink, path, recursive and retries or 0, delay)
end)

local warned = false

-- rmdir(path, { recursive (deprecated), maxRetries, retryDelay })
composite(ops, "rmdir", function(path, options)
  path = getpath(path)
  options = type(options) == "table" and args.options(options) or {}
  local recursive = boolean(options, "recursive")
  local retries, delay = retry_options(options)
  if recursive and not warned then
    warned = true
    require("lunode.process").emitWarning("In future versions of Node.js, fs.rmdir(path, { recursive: true }) will be removed. Use fs.rm(path, { recursive: true }) instead",
      "DeprecationWarning", "DEP0147")
  end
  return path, recursive, retries, delay
end, function(io, path, recursive, retries, delay)
  if not recursive then return io.rmdirOne(path) end
  if not io.lstat(path):isDirectory() then error(uv(uv_code "ENOTDIR", "rmdir", path), 0) end
  return remove_folder(io, path, retries, delay)
end)

-- ---- realpath

local MAX_LINKS = 40

-- Link by link, as Node's does: its errors name lstat and stat.
composite(ops, "realpath", function(path, options)
  options = args.options(options)
  return getpath(path), options.encoding
end, function(io, path, encoding)
  local rest, done, links, i = {}, "/", 0, 1
  for part in path_module.resolve(path):gmatch "[^/]+" do rest[#rest + 1] = part end
  while i <= #rest do
    local at = join(done, rest[i])
    if io.lstat(at):isSymbolicLink() then
      links = links + 1
      io.stat(at) -- a link that leads nowhere, or in a circle, is its error
      if links > MAX_LINKS then error(uv(uv_code "ELOOP", "stat", at), 0) end
      local parts = {}
      for part in path_module.resolve(done, io.readlink(at)):gmatch "[^/]+" do parts[#parts + 1] = part end
      for k = i + 1, #rest do parts[#parts + 1] = rest[k] end
      rest, i, done = parts, 1, "/"
    else
      done, i = at, i + 1
    end
  end
  return args.name(done, encoding)
end)

return ops
