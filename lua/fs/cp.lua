-- SPDX-License-Identifier: MIT
--
-- fs.cp. Source: Node 20 docs, "fs.cp(src, dest[, options], callback)".
--
--   cp(src, dest, { dereference, errorOnExist, filter(src, dest), force = true, mode, preserveTimestamps, recursive, verbatimSymlinks })
--
-- filter returns whether to copy; it may await, or return a promise, but in cpSync.
local bit = require "bit"
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"
local args = require "lunode.fs.arguments"
local composite = require("lunode.fs.call").composite
local ops = require "lunode.fs.operations"
local path_module = require "lunode.path"
local door = require("lunode.internal.validators").door

local resolve, dirname, join, isAbsolute = path_module.resolve, path_module.dirname, path_module.join, path_module.isAbsolute
local pcall, error, type, tonumber = pcall, error, type, tonumber
local ENOTDIR, EISDIR, EINVAL, EEXIST = 20, 21, 22, 17
local NUMBERS = { bigint = true }

local function fail(kind, message, path, code, errno)
  error(errors[kind] { message = message, path = path, syscall = "cp", errno = errno, code = code }, 0)
end

local function invalid(message, path) return fail("ERR_FS_CP_EINVAL", message, path, "EINVAL", EINVAL) end

local function same(a, b) return a.ino ~= 0 and a.dev ~= 0 and a.ino == b.ino and a.dev == b.dev end

-- Whether the path `inner` is `outer` or lies in it.
local function inside(outer, inner)
  outer, inner = resolve(outer), resolve(inner)
  if outer == "/" then return true end
  return inner == outer or inner:sub(1, #outer + 1) == outer .. "/"
end

local copy

local function allowed(io, from, to, options)
  local filter = options.filter
  if not filter then return true end
  if io.async then return io.ask(filter, from, to) end
  local answer = filter(from, to)
  if type(answer) == "table" and type(answer["then"]) == "function" then
    error(errors.ERR_INVALID_RETURN_VALUE("boolean", "filter", answer), 0)
  end
  return answer
end

-- The Stats of both (`to` may be absent), or nothing when the filter says no.
local function check(io, from, to, options)
  if not allowed(io, from, to, options) then return nil end
  local stat = options.dereference and io.stat or io.lstat
  local source = stat(from, NUMBERS)
  local there, target = pcall(stat, to, NUMBERS)
  if not there then
    if target.code ~= "ENOENT" then error(target, 0) end
    target = nil
  end
  if target then
    if same(source, target) then invalid("src and dest cannot be the same", to) end
    if source:isDirectory() and not target:isDirectory() then
      fail("ERR_FS_CP_DIR_TO_NON_DIR", ("cannot overwrite non-directory %s with directory %s"):format(to, from), to, "EISDIR", EISDIR)
    end
    if not source:isDirectory() and target:isDirectory() then
      fail("ERR_FS_CP_NON_DIR_TO_DIR", ("cannot overwrite directory %s with non-directory %s"):format(to, from), to, "ENOTDIR", ENOTDIR)
    end
  end
  if source:isDirectory() and inside(from, to) then
    invalid(("cannot copy %s to a subdirectory of self %s"):format(from, to), to)
  end
  return source, target
end

-- A folder must not be copied into itself by way of a link.
local function check_parents(io, from, source, to)
  local parent = resolve(dirname(from))
  while true do
    local at = resolve(dirname(to))
    if at == parent or at == "/" then return end
    local there, stats = pcall(io.stat, at, NUMBERS)
    if not there then
      if stats.code == "ENOENT" then return end
      error(stats, 0)
    end
    if same(source, stats) then invalid(("cannot copy %s to a subdirectory of self %s"):format(from, to), to) end
    to = at
  end
end

-- (The numbers of these Stats are BigInts where JavaScript has been loaded.)
local function permissions(stats)
  local mode = stats.mode
  return bit.band(tonumber(mode) or tonumber(door.text(mode)), 4095)
end

local function copy_file(io, source, target, from, to, options)
  if target then
    if options.force == false then
      if options.errorOnExist then fail("ERR_FS_CP_EEXIST", to .. " already exists", to, "EEXIST", EEXIST) end
      return
    end
    io.unlink(to)
  end
  io.copyFile(from, to, options.mode)
  local mode = permissions(source)
  if options.preserveTimestamps then
    if bit.band(mode, 128) == 0 then io.chmod(to, bit.bor(mode, 128)) end
    local now = io.stat(from) -- reading has changed the time of access
    io.utimes(to, now.atimeMs / 1000, now.mtimeMs / 1000)
  end
  io.chmod(to, mode)
end

-- A folder and what is in it, depth first: a stack instead of recursion, for paths may have thousands of parts.
local function copy_folder(io, source, target, from, to, options)
  local stack = {}
  local function open_folder(stats, there, a, b)
    if not there then io.mkdirOne(b, 511) end
    stack[#stack + 1] = { from = a, to = b, names = io.scandir(a).names, at = 0, mode = not there and permissions(stats) or false }
  end
  open_folder(source, target, from, to)
  while #stack > 0 do
    local top = stack[#stack]
    top.at = top.at + 1
    local name = top.names[top.at]
    if name then
      local a, b = join(top.from, name), join(top.to, name)
      local stats, there = check(io, a, b, options)
      if stats and stats:isDirectory() then open_folder(stats, there, a, b)
      elseif stats then copy(io, stats, there, a, b, options) end
    else
      if top.mode then io.chmod(top.to, top.mode) end
      stack[#stack] = nil
    end
  end
end

local function copy_link(io, target, from, to, options)
  local points = io.readlink(from)
  if not options.verbatimSymlinks and not isAbsolute(points) then points = resolve(dirname(from), points) end
  if not target then return io.symlink(points, to) end
  local is_link, old = pcall(io.readlink, to)
  if not is_link then
    if old.code ~= "EINVAL" then error(old, 0) end
    return io.symlink(points, to)
  end
  if not isAbsolute(old) then old = resolve(dirname(to), old) end
  if inside(points, old) then invalid(("cannot copy %s to a subdirectory of self %s"):format(points, old), to) end
  -- To replace a link by one that leads into what it leads to now would break the new one.
  if io.stat(from):isDirectory() and inside(old, points) then
    fail("ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY", ("cannot overwrite %s with %s"):format(old, points), to, "EINVAL", EINVAL)
  end
  io.unlink(to)
  io.symlink(points, to)
end

function copy(io, source, target, from, to, options)
  if source:isDirectory() then
    if options.recursive then return copy_folder(io, source, target, from, to, options) end
    fail("ERR_FS_EISDIR", from .. " is a directory (not copied)", from, "EISDIR", io.async and EISDIR or EINVAL) -- Node's cpSync says EINVAL
  elseif source:isFile() or source:isCharacterDevice() or source:isBlockDevice() then
    return copy_file(io, source, target, from, to, options)
  elseif source:isSymbolicLink() then
    return copy_link(io, target, from, to, options)
  elseif source:isSocket() then
    fail("ERR_FS_CP_SOCKET", "cannot copy a socket file: " .. to, to, "EINVAL", EINVAL)
  elseif source:isFIFO() then
    fail("ERR_FS_CP_FIFO_PIPE", "cannot copy a FIFO pipe: " .. to, to, "EINVAL", EINVAL)
  end
  fail("ERR_FS_CP_UNKNOWN", "cannot copy an unknown file type: " .. to, to, "EINVAL", EINVAL)
end

composite(ops, "cp", function(from, to, options)
  if options ~= nil then validators.validateObject(options, "options") end
  options = args.options(options)
  for _, name in ipairs { "dereference", "errorOnExist", "force", "preserveTimestamps", "recursive", "verbatimSymlinks" } do
    args.boolean(options, name)
  end
  local mode = options.mode
  if mode ~= nil then validators.validateInteger(mode, "mode", 0, 7) end
  if options.dereference and options.verbatimSymlinks then
    error(errors.ERR_INCOMPATIBLE_OPTION_PAIR("dereference", "verbatimSymlinks"), 0)
  end
  local own = {}
  for _, name in ipairs { "dereference", "errorOnExist", "force", "mode", "preserveTimestamps", "recursive", "verbatimSymlinks" } do own[name] = options[name] end
  if options.filter ~= nil then own.filter = validators.callback(options.filter, "options.filter") end
  return args.path(from, "src"), args.path(to, "dest"), own
end, function(io, from, to, options)
  local source, target = check(io, from, to, options)
  if not source then return end
  check_parents(io, from, source, to)
  if not target then io.mkdir(dirname(to), { recursive = true }) end
  copy(io, source, target, from, to, options)
end)

return ops
