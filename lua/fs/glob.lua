-- SPDX-License-Identifier: MIT
--
-- fs.glob, fs.globSync, fs.promises.glob. Source: Node 22 docs, "fs.glob" (Node 20 has none); patterns: lua/internal/glob.lua.
--
-- glob(pattern: string|string[], options?: table, callback: fun(err: Error?, found: table))
--   options: cwd, exclude, withFileTypes; found: a list of paths (relative to cwd unless the pattern is absolute), or of Dirents
--
-- exclude: a list of patterns, or a function(path or Dirent) -> whether to leave it out. What is in a folder that is left
-- out is not looked at. ** goes through folders, and into a link to one, but not beyond.
local errors = require "lunode.internal.errors"
local glob = require "lunode.internal.glob"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"
local args = require "lunode.fs.arguments"
local calls = require "lunode.fs.call"
local ops = require "lunode.fs.operations"
local st = require "lunode.fs.stats"
local path_module = require "lunode.path"

local join, basename, dirname, resolve = path_module.join, path_module.basename, path_module.dirname, path_module.resolve
local pcall, type, ipairs, error = pcall, type, ipairs, error
local DEEP, name_matches = glob.DEEP, glob.name_matches

-- What one search knows: the folders it has listed, what it found.
local function new_search(io, options)
  return { io = io, cwd = options.cwd, exclude = options.exclude, with_types = options.withFileTypes, folders = {}, found = {}, out = {}, left = {} }
end

local function full(search, path)
  if path:sub(1, 1) == "/" then return path end
  return path == "" and search.cwd or search.cwd .. "/" .. path
end

local function below(path, name)
  if path == "" then return name end
  return path:sub(-1) == "/" and path .. name or path .. "/" .. name
end

-- What cannot be read holds nothing.
local function list(search, path)
  local found = search.folders[path]
  if not found then
    local ok
    ok, found = pcall(search.io.scandir, full(search, path))
    if not ok then found = { names = {}, types = {} } end
    search.folders[path] = found
  end
  return found
end

local function type_at(search, path, follow)
  local ok, stats = pcall(follow and search.io.stat or search.io.lstat, full(search, path))
  return ok and st.type_of(stats) or nil
end

local function dirent_at(search, path, kind)
  local at = resolve(full(search, path))
  return st.dirent(basename(at), kind or type_at(search, path) or "unknown", dirname(at))
end

local function excluded(search, path, kind)
  local exclude = search.exclude
  if not exclude then return false end
  local known = search.left[path]
  if known == nil then
    if type(exclude) == "function" then
      known = exclude(search.with_types and dirent_at(search, path, kind) or path) and true or false
    else
      known = false
      for _, pattern in ipairs(exclude) do
        known = known or glob.matches(path, pattern, false) or glob.matches(full(search, path), pattern, false)
      end
    end
    search.left[path] = known
  end
  return known
end

local function add(search, path, kind)
  if path == "" then path = "." end
  if search.found[path] or excluded(search, path, kind) then return end
  search.found[path] = true
  search.out[#search.out + 1] = search.with_types and dirent_at(search, path, kind) or path
end

local visit

-- An entry that matches parts[j]: taken, or gone into. kind: its type when it is known
local function enter(search, parts, j, path, kind, seen)
  if excluded(search, path, kind) then return end
  if j == #parts then return add(search, path, kind) end
  if kind == nil or kind == "link" or kind == "unknown" then kind = type_at(search, path, true) end
  if kind == "dir" then return visit(search, parts, j + 1, path, seen) end
end

local function visit_deep(search, parts, j, path, seen)
  local last = j == #parts
  local folders, at = { path }, 0
  while folders[at + 1] do
    at = at + 1
    local folder = folders[at]
    if last then
      if folder ~= "" then add(search, folder, "dir") end
    else
      visit(search, parts, j + 1, folder, seen)
    end
    local found = list(search, folder)
    for i, name in ipairs(found.names) do
      if name:byte() ~= 46 then
        local child, kind = below(folder, name), found.types[i]
        if kind == "unknown" then kind = type_at(search, child) end
        if kind == "dir" then
          if not excluded(search, child, kind) then folders[#folders + 1] = child end
        elseif last then
          add(search, child, kind)
        elseif kind == "link" then
          enter(search, parts, j, child, kind, seen)
        end
      end
    end
  end
end

-- From parts[j] on, in the folder `path` ("": cwd).
function visit(search, parts, j, path, seen)
  local key = path .. "\0" .. j
  if seen[key] then return end
  seen[key] = true
  local part = parts[j]
  if part == DEEP then return visit_deep(search, parts, j, path, seen) end
  if part == "" or part == "." then
    if part == "" and j == 1 then path = "/" end
    if j == #parts then return add(search, path, "dir") end
    return visit(search, parts, j + 1, path, seen)
  elseif part == ".." then
    local up = join(path == "" and "." or path, "..")
    return enter(search, parts, j, up == "." and "" or up, "dir", seen)
  elseif type(part) == "string" then
    local child = below(path, part)
    local kind = type_at(search, child)
    if kind then enter(search, parts, j, child, kind, seen) end
    return
  end
  local found = list(search, path)
  for i, name in ipairs(found.names) do
    if name_matches(part, name) then enter(search, parts, j, below(path, name), found.types[i], seen) end
  end
end

calls.composite(ops, "glob", function(pattern, options)
  if options ~= nil then validators.validateObject(options, "options") end
  options = args.options(options)
  local patterns = type(pattern) == "table" and pattern or { pattern }
  for i = 1, #patterns do validators.validateString(patterns[i], type(pattern) == "table" and ("patterns[%d]"):format(i - 1) or "patterns") end
  if #patterns == 0 and pattern == nil then validators.validateString(pattern, "patterns") end
  local exclude = options.exclude
  if type(exclude) == "function" then
    exclude = validators.callback(exclude, "options.exclude")
  elseif exclude ~= nil then
    if type(exclude) ~= "table" then error(errors.ERR_INVALID_ARG_TYPE("options.exclude", { "function", "string[]" }, exclude), 0) end
    for i = 1, #exclude do validators.validateString(exclude[i], ("options.exclude[%d]"):format(i - 1)) end
  end
  local cwd = options.cwd
  cwd = resolve(cwd == nil and "." or args.path(cwd, "options.cwd"))
  return patterns, { cwd = cwd, exclude = exclude, withFileTypes = args.boolean(options, "withFileTypes") }
end, function(io, patterns, options)
  local search = new_search(io, options)
  for _, pattern in ipairs(patterns) do
    for _, parts in ipairs(glob.compiled(pattern)) do visit(search, parts, 1, "", {}) end
  end
  return shape.list(search.out)
end)

local M = {}

function M.glob(pattern, options, cb)
  if type(options) == "function" then options, cb = nil, options end
  cb = validators.callback(cb, "callback")
  if options == errors.null then options = nil end
  return ops.glob(cb, pattern, options)
end

function M.globSync(pattern, options) return ops.glob(nil, pattern, options) end

-- An asynchronous iterator: the search begins with the first next().
function M.iterate(pattern, options)
  local promise = require "lunode.internal.promise"
  local symbols = require "lunode.internal.symbols"
  local list_promise
  local at = 0
  local it = {}
  function it:next()
    list_promise = list_promise or promise.from_callback(function(cb) return ops.glob(cb, pattern, options) end)
    return list_promise:next(function(found)
      at = at + 1
      return shape.dict { value = found[at], done = found[at] == nil }
    end)
  end
  it["return"] = function(_, value)
    list_promise = promise.resolved {}
    return promise.resolved(shape.dict { value = value, done = true })
  end
  function it:iter() return require "lunode.internal.async_iter"(self) end
  it[symbols.asyncIterator] = function(self) return self end
  return it
end

return M
