-- SPDX-License-Identifier: MIT
-- path.posix. Source: Node 20 docs, "Path".
local validators = require "lunode.internal.validators"
local shape = require "lunode.internal.shape"

local check = validators.validateString
local concat, select = table.concat, select

local M = { sep = "/", delimiter = ":" }

local function cwd() return require("lunode.process").cwd() end

-- Resolves "." and ".."; `above` keeps leading ".." (relative paths).
local function squeeze(path, above)
  local parts, n = {}, 0
  for part in path:gmatch "[^/]+" do
    if part == ".." then
      if n > 0 and parts[n] ~= ".." then
        parts[n] = nil
        n = n - 1
      elseif above then
        n = n + 1
        parts[n] = ".."
      end
    elseif part ~= "." then
      n = n + 1
      parts[n] = part
    end
  end
  return concat(parts, "/")
end

function M.resolve(...)
  local path, absolute = "", false
  for i = select("#", ...), 1, -1 do
    local part = select(i, ...)
    check(part, ("paths[%d]"):format(i - 1))
    if part ~= "" then
      path = path == "" and part or part .. "/" .. path
      if part:sub(1, 1) == "/" then
        absolute = true
        break
      end
    end
  end
  if not absolute then
    local here = cwd() -- may have been replaced
    if here:sub(1, 1) ~= "/" then
      path = squeeze(here == "" and path or here .. "/" .. path, true)
      return path == "" and "." or path
    end
    path = here .. "/" .. path
  end
  return "/" .. squeeze(path, false)
end

function M.normalize(path)
  check(path, "path")
  if path == "" then return "." end
  local absolute, trailing = path:sub(1, 1) == "/", path:sub(-1) == "/"
  path = squeeze(path, not absolute)
  if path == "" then
    if absolute then return "/" end
    return trailing and "./" or "."
  end
  if trailing then path = path .. "/" end
  return absolute and "/" .. path or path
end

function M.isAbsolute(path)
  check(path, "path")
  return path:sub(1, 1) == "/"
end

function M.join(...)
  local parts, n = {}, 0
  for i = 1, select("#", ...) do
    local part = select(i, ...)
    check(part, "path")
    if part ~= "" then
      n = n + 1
      parts[n] = part
    end
  end
  if n == 0 then return "." end
  return M.normalize(concat(parts, "/"))
end

function M.relative(from, to)
  check(from, "from")
  check(to, "to")
  if from == to then return "" end
  from, to = M.resolve(from), M.resolve(to)
  if from == to then return "" end
  local a, b = {}, {}
  for part in from:gmatch "[^/]+" do a[#a + 1] = part end
  for part in to:gmatch "[^/]+" do b[#b + 1] = part end
  local common = 0
  while common < #a and common < #b and a[common + 1] == b[common + 1] do common = common + 1 end
  local out = {}
  for _ = common + 1, #a do out[#out + 1] = ".." end
  for i = common + 1, #b do out[#out + 1] = b[i] end
  return concat(out, "/")
end

function M.toNamespacedPath(path) return path end

function M.dirname(path)
  check(path, "path")
  if path == "" then return "." end
  local stem = path:gsub("/+$", "")
  if stem == "" then return "/" end
  local dir = stem:match "^(.*)/[^/]*$"
  if not dir then return "." end
  if dir == "" then return "/" end
  return dir == "/" and "//" or dir -- of several separators one goes: "a//b" gives "a/", but "//a" gives "//"
end

function M.basename(path, suffix)
  if suffix ~= nil then check(suffix, "suffix") end
  check(path, "path")
  local base, behind = path:match "([^/]*)(/*)$"
  if suffix and suffix ~= "" and #suffix <= #path then
    if suffix == path then return "" end
    if base == "" then return path end
    if #base > #suffix and base:sub(-#suffix) == suffix then return base:sub(1, -#suffix - 1) end
    if #base < #suffix and base == suffix:sub(#suffix - #base + 1) then return base .. behind end -- as Node has it
  end
  return base
end

function M.extname(path)
  check(path, "path")
  local base = path:gsub("/+$", ""):match "[^/]*$"
  if base == ".." then return "" end
  return base:match "^.+(%.[^.]*)$" or ""
end

function M.format(object)
  validators.validateObject(object, "pathObject")
  local function given(text) return text ~= "" and text or nil end
  local dir, ext = given(object.dir) or object.root, given(object.ext)
  if ext and ext:sub(1, 1) ~= "." then ext = "." .. ext end
  local base = given(object.base) or (object.name or "") .. (ext or "")
  if not dir or dir == "" then return base end
  return dir == object.root and dir .. base or dir .. "/" .. base
end

function M.parse(path)
  check(path, "path")
  local out = shape.dict { root = "", dir = "", base = "", ext = "", name = "" }
  if path == "" then return out end
  if path:sub(1, 1) == "/" then out.root = "/" end
  local stem = path:gsub("/+$", "")
  if stem == "" then
    out.dir = out.root
    return out
  end
  local dir, base = stem:match "^(.*)/([^/]*)$"
  if not dir then base = stem end
  out.base = base
  out.ext = stem == "/.." and "." or M.extname(base) -- the former as Node has it
  out.name = base:sub(1, #base - #out.ext)
  if dir and dir ~= "" then out.dir = dir elseif out.root ~= "" then out.dir = "/" end
  return out
end

-- matchesGlob(path, pattern) -> boolean
function M.matchesGlob(path, pattern)
  check(path, "path")
  check(pattern, "pattern")
  return require("lunode.internal.glob").matches(path, pattern, false)
end

M._makeLong = M.toNamespacedPath -- its old name

-- ---- signatures, for the reference (docs/api/README.md)
-- basename(path: string, suffix?: string) -> string: the last part of a path, without the suffix
-- dirname(path: string) -> string: everything before the last part
-- extname(path: string) -> string: from the last dot of the last part on, or ""
-- format(object: table) -> string: of { dir, root, base, name, ext }: what parse gives
-- isAbsolute(path: string) -> boolean
-- join(...: string) -> string: the parts with separators between, normalized
-- normalize(path: string) -> string: without "..", "." and doubled separators
-- parse(path: string) -> table: { root, dir, base, ext, name }
-- relative(from: string, to: string) -> string: how to get from one to the other
-- resolve(...: string) -> string: an absolute path, from the right to the left
-- toNamespacedPath(path: string) -> string: the path itself; Windows has something to do here

return M
