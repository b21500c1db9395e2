-- SPDX-License-Identifier: MIT
--
-- path.win32. Source: Node 20 docs, "Path"; Microsoft Learn, "File path formats on Windows systems".
-- Both slashes separate on the way in, a backslash on the way out.
local validators = require "lunode.internal.validators"
local shape = require "lunode.internal.shape"

local check = validators.validateString
local concat, select, type = table.concat, select, type

local M = { sep = "\\", delimiter = ";" }

local function cwd() return require("lunode.process").cwd() end

-- ---- what a path begins with

-- The end of "\\host\share", with host and share; nil when the path does not begin so. 0 separators may follow.
local function unc(path)
  local host, share, stop = path:match "^[\\/][\\/]([^\\/]+)[\\/]+([^\\/]+)()"
  if host then return stop - 1, host, share end
end

local function is_drive(path) return path:find "^%a:" ~= nil end

-- Device ("C:", "\\host\share", "\\?", or nil), whether a separator follows it, and the length of both.
-- whole: the path is "\\host\share" and nothing else.
local function split_root(path)
  if path:find "^[\\/]" then
    local stop, host, share = unc(path)
    if not stop then return nil, true, 1, false end
    if host == "." or host == "?" then return "\\\\" .. host, true, 4, false end
    return "\\\\" .. host .. "\\" .. share, true, stop, stop == #path
  elseif is_drive(path) then
    if path:find("^[\\/]", 3) then return path:sub(1, 2), true, 3, false end
    return path:sub(1, 2), false, 2, false
  end
  return nil, false, 0, false
end

-- Length of the root as dirname and parse see it: with the separator behind it.
local function root_length(path)
  if path:find "^[\\/]" then
    local stop = unc(path)
    if not stop then return 1 end
    return stop == #path and stop or stop + 1
  elseif is_drive(path) then
    return path:find("^[\\/]", 3) and 3 or 2
  end
  return 0
end

local reserved = {}
for name in ("CON PRN AUX NUL"):gmatch "%a+" do reserved[name] = true end
for _, digit in ipairs { "1", "2", "3", "4", "5", "6", "7", "8", "9", "\194\185", "\194\178", "\194\179" } do
  reserved["COM" .. digit], reserved["LPT" .. digit] = true, true
end

-- Whether the text before the first colon is a device of old. (Without a colon Node looks at all but the last character.)
local function is_reserved(path, colon)
  return reserved[(colon and path:sub(1, colon - 1) or path:gsub("[%z\1-\127\192-\255][\128-\191]*$", "", 1)):upper()] == true
end

-- Resolves "." and ".."; `above` keeps leading ".." (relative paths).
local function squeeze(path, above)
  local parts, n = {}, 0
  for part in path:gmatch "[^\\/]+" do
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
  return concat(parts, "\\")
end

-- ---- the functions

-- The directory on `device` ("C:") that relative paths start from; nil: the process's own.
local function start_directory(device)
  if not device then return cwd() end
  local path = os.getenv("=" .. device) or cwd()
  if path:sub(1, 2):lower() ~= device:lower() and path:sub(3, 3) == "\\" then return device .. "\\" end
  return path
end

function M.resolve(...)
  local device, tail, absolute = nil, "", false
  for i = select("#", ...), 0, -1 do
    local path
    if i > 0 then
      path = select(i, ...)
      check(path, ("paths[%d]"):format(i - 1))
    else
      path = start_directory(device)
    end
    if path ~= "" then
      local own, rooted, root = split_root(path)
      if not (own and device and own:lower() ~= device:lower()) then -- another device's path says nothing
        device = device or own
        if not absolute then
          tail = path:sub(root + 1) .. "\\" .. tail
          absolute = rooted
        end
        if absolute and device then break end
      end
    end
  end
  tail = squeeze(tail, not absolute)
  local out = (device or "") .. (absolute and "\\" or "") .. tail
  return out == "" and "." or out
end

function M.normalize(path)
  check(path, "path")
  if path == "" then return "." end
  if #path == 1 then return path == "/" and "\\" or path end
  local device, rooted, root, whole = split_root(path)
  if whole then return device .. "\\" end
  local colon = path:find(":", 1, true)
  if not device and not rooted and colon and is_reserved(path, colon) then device, root = path:sub(1, colon), colon end
  local tail = squeeze(path:sub(root + 1), not rooted)
  if tail == "" and not rooted then tail = "." end
  if tail ~= "" and path:find "[\\/]$" then tail = tail .. "\\" end
  if not rooted and not device and colon then
    -- What the path means must not change: "a/../c:x" is no drive.
    if is_drive(tail) or path:find ":$" or path:find ":[\\/]" then return ".\\" .. tail end
  end
  if is_reserved(path, colon) then return ".\\" .. (device or "") .. tail end
  return (device or "") .. (rooted and "\\" or "") .. tail
end

function M.isAbsolute(path)
  check(path, "path")
  return path:find "^[\\/]" ~= nil or path:find "^%a:[\\/]" ~= nil
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
  local path = concat(parts, "\\")
  -- Two separators at the front mean a host only where the first part itself says so: "//host".
  if not parts[1]:find "^[\\/][\\/][^\\/]" then path = path:gsub("^[\\/][\\/]+", "\\") end
  return M.normalize(path)
end

function M.relative(from, to)
  check(from, "from")
  check(to, "to")
  if from == to then return "" end
  from, to = M.resolve(from), M.resolve(to)
  if from:lower() == to:lower() then return "" end
  local a, b, common = {}, {}, 0
  for part in from:gmatch "[^\\]+" do a[#a + 1] = part end
  for part in to:gmatch "[^\\]+" do b[#b + 1] = part end
  while common < #a and common < #b and a[common + 1]:lower() == b[common + 1]:lower() do common = common + 1 end
  if common == 0 and #a > 0 and #b > 0 then return to end
  local out = {}
  for _ = common + 1, #a do out[#out + 1] = ".." end
  for i = common + 1, #b do out[#out + 1] = b[i] end
  return concat(out, "\\")
end

-- "\\?\C:\…": a path that Windows takes as it is. What is no path, or no drive's and no share's, comes back as given.
function M.toNamespacedPath(path)
  if type(path) ~= "string" or path == "" then return path end
  local full = M.resolve(path)
  if not full:find "^[%z\1-\127\192-\255][\128-\191]*[%z\1-\127\192-\255][\128-\191]*[%z\1-\127\192-\255]" then return path end -- two characters
  if full:sub(1, 2) == "\\\\" then
    local mark = full:sub(3, 3)
    if mark ~= "?" and mark ~= "." then return "\\\\?\\UNC\\" .. full:sub(3) end
  elseif full:find "^%a:\\" then
    return "\\\\?\\" .. full
  end
  return full
end

function M.dirname(path)
  check(path, "path")
  if path == "" then return "." end
  if #path == 1 then return path:find "[\\/]" and path or "." end
  local root = root_length(path)
  if root == #path and unc(path) == root then return path end
  local stop = #path
  while stop > root and path:find("^[\\/]", stop) do stop = stop - 1 end
  while stop > root and not path:find("^[\\/]", stop) do stop = stop - 1 end
  if stop > root then return path:sub(1, stop - 1) end
  return root > 0 and path:sub(1, root) or "."
end

function M.basename(path, suffix)
  if suffix ~= nil then check(suffix, "suffix") end
  check(path, "path")
  local whole = path
  if is_drive(path) then path = path:sub(3) end
  local base, behind = path:match "([^\\/]*)([\\/]*)$"
  if suffix and suffix ~= "" and #suffix <= #whole then
    if suffix == whole then return "" end
    if #base > #suffix and base:sub(-#suffix) == suffix then return base:sub(1, -#suffix - 1) end
    if #base < #suffix and base == suffix:sub(#suffix - #base + 1) then return base .. behind end -- as Node has it
  end
  return base
end

local function extension(base)
  if base == ".." then return "" end
  return base:match "^.+(%.[^.]*)$" or ""
end

function M.extname(path)
  check(path, "path")
  if is_drive(path) then path = path:sub(3) end
  return extension((path:gsub("[\\/]+$", ""):match "[^\\/]*$"))
end

function M.format(object)
  validators.validateObject(object, "pathObject")
  local dir = object.dir or object.root
  local ext = object.ext
  if ext and ext ~= "" and ext:sub(1, 1) ~= "." then ext = "." .. ext end
  local base = object.base or (object.name or "") .. (ext or "")
  if not dir or dir == "" then return base end
  return dir == object.root and dir .. base or dir .. "\\" .. base
end

function M.parse(path)
  check(path, "path")
  local out = shape.dict { root = "", dir = "", base = "", ext = "", name = "" }
  if path == "" then return out end
  local root = root_length(path)
  out.root, out.dir = path:sub(1, root), path:sub(1, root)
  local stop = #path
  while stop > root and path:find("^[\\/]", stop) do stop = stop - 1 end
  local start = stop
  while start > root and not path:find("^[\\/]", start) do start = start - 1 end
  out.base = path:sub(start + 1, stop)
  out.ext = extension(out.base)
  out.name = out.base:sub(1, #out.base - #out.ext)
  if start > root then out.dir = path:sub(1, start - 1) end
  return out
end

-- matchesGlob(path, pattern) -> boolean
function M.matchesGlob(path, pattern)
  check(path, "path")
  check(pattern, "pattern")
  return require("lunode.internal.glob").matches(path, pattern, true)
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
