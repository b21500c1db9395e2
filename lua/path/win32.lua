-- SPDX-License-Identifier: MIT
-- path.win32. Source: Node 20 docs, "Path". Both \ and / separate; what is made has \.
local validators = require "lunode.internal.validators"
local shape = require "lunode.internal.shape"

local check = validators.validateString
local concat, select = table.concat, select

local M = { sep = "\\", delimiter = ";" }

-- What a path begins with: its device ("C:", "\\server\share" or nil), whether it is absolute, and where the rest starts.
local function root(path)
  local first, second, stop = path:match "^[/\\][/\\]([^/\\]+)[/\\]+([^/\\]+)()"
  if first then return "\\\\" .. first .. "\\" .. second, true, stop end
  if path:find "^[/\\]" then return nil, true, 2 end
  local drive = path:match "^%a:"
  if not drive then return nil, false, 1 end
  if path:find("^[/\\]", 3) then return drive, true, 4 end
  return drive, false, 3
end

-- Resolves "." and ".."; `above` keeps leading ".." (relative paths).
local function squeeze(path, above)
  local parts, n = {}, 0
  for part in path:gmatch "[^/\\]+" do
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

local function cwd() return require("lunode.process").cwd() end

function M.resolve(...)
  local device, tail, absolute = "", "", false
  for i = select("#", ...), 0, -1 do
    local path
    if i >= 1 then
      path = select(i, ...)
      check(path, ("paths[%d]"):format(i - 1))
    else
      path = cwd()
      if device ~= "" and path:find "^.:\\" and path:sub(1, 2):lower() ~= device:lower() then path = device .. "\\" end
    end
    if path ~= "" then
      local this, rooted, at = root(path)
      local other = this and device ~= "" and this:lower() ~= device:lower()
      if not other then
        if this and device == "" then device = this end
        if not absolute then
          tail = path:sub(at) .. "\\" .. tail
          absolute = rooted
        end
        if absolute and device ~= "" then break end
      end
    end
  end
  tail = squeeze(tail, not absolute)
  if absolute then return device .. "\\" .. tail end
  return device .. tail == "" and "." or device .. tail
end

function M.normalize(path)
  check(path, "path")
  if path == "" then return "." end
  if #path == 1 then return path == "/" and "\\" or path end
  local device, absolute, at = root(path)
  local rest = path:sub(at)
  if device and #device > 2 and rest == "" then
    if not device:find "^\\\\[%.%?]\\" then return device .. "\\" end
    device, rest = device:sub(1, 3), path:sub(5) -- a device's name: \\.\PHYSICALDRIVE0
  end
  local tail = squeeze(rest, not absolute)
  if tail == "" and not absolute then tail = "." end
  if tail ~= "" and path:find "[/\\]$" then tail = tail .. "\\" end
  if not absolute and not device and path:find(":", 1, true) then
    -- What comes out must not name a drive that went in behind a "." or "..".
    if tail:find "^%a:" then return ".\\" .. tail end
    local from = 1
    while true do
      local colon = path:find(":", from, true)
      if not colon then break end
      if colon == #path or path:find("^[/\\]", colon + 1) then return ".\\" .. tail end
      from = colon + 1
    end
  end
  return (device or "") .. (absolute and "\\" or "") .. tail
end

function M.isAbsolute(path)
  check(path, "path")
  return path:find "^[/\\]" ~= nil or path:find "^%a:[/\\]" ~= nil
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
  local joined = concat(parts, "\\")
  -- Two separators at the front would read as a server's name, unless the first part says so itself.
  local slashes = #joined:match "^[/\\]*"
  local unc = parts[1]:find "^[/\\][/\\]$" or parts[1]:find "^[/\\][/\\][^/\\]"
  if not unc and slashes >= 2 then joined = "\\" .. joined:sub(slashes + 1) end
  return M.normalize(joined)
end

function M.relative(from, to)
  check(from, "from")
  check(to, "to")
  if from == to then return "" end
  from, to = M.resolve(from), M.resolve(to)
  if from == to or from:lower() == to:lower() then return "" end
  local a, b = {}, {}
  for part in from:gmatch "[^\\]+" do a[#a + 1] = part end
  for part in to:gmatch "[^\\]+" do b[#b + 1] = part end
  local common = 0
  while common < #a and common < #b and a[common + 1]:lower() == b[common + 1]:lower() do common = common + 1 end
  if common == 0 and #a > 0 and #b > 0 then return to end
  local out = {}
  for _ = common + 1, #a do out[#out + 1] = ".." end
  for i = common + 1, #b do out[#out + 1] = b[i] end
  return concat(out, "\\")
end

function M.toNamespacedPath(path)
  if type(path) ~= "string" or path == "" then return path end
  local full = M.resolve(path)
  if #full <= 2 then return path end
  if full:find "^\\\\" then
    if not full:find "^\\\\[%.%?]" then return "\\\\?\\UNC\\" .. full:sub(3) end
  elseif full:find "^%a:\\" then
    return "\\\\?\\" .. full
  end
  return full
end

-- The end of the root, as dirname and parse see it: "C:", "C:\", "\", "\\server\share\".
local function root_end(path)
  if path:find "^[/\\][/\\][^/\\]+[/\\]+[^/\\]+" then
    local stop = path:match "^[/\\][/\\][^/\\]+[/\\]+[^/\\]+()"
    return stop <= #path and stop or stop - 1
  end
  if path:find "^[/\\]" then return 1 end
  if path:find "^%a:" then return path:find("^[/\\]", 3) and 3 or 2 end
  return 0
end

function M.dirname(path)
  check(path, "path")
  if path == "" then return "." end
  if #path == 1 then return path:find "[/\\]" and path or "." end
  local root_stop = root_end(path)
  if root_stop == #path and path:find "^[/\\][/\\]" then return path end
  local i = #path
  while i > root_stop and path:find("^[/\\]", i) do i = i - 1 end
  while i > root_stop and not path:find("^[/\\]", i) do i = i - 1 end
  if i > root_stop then return path:sub(1, i - 1) end
  return root_stop == 0 and "." or path:sub(1, root_stop)
end

-- The last part, without separators behind it.
local function last_part(path)
  local stem = path:gsub("^%a:", ""):gsub("[/\\]+$", "")
  return stem:match "[^/\\]*$"
end

function M.basename(path, suffix)
  if suffix ~= nil then check(suffix, "suffix") end
  check(path, "path")
  local base = last_part(path)
  if suffix and suffix ~= "" and #suffix <= #path then
    if suffix == path then return "" end
    if base == "" then return (path:gsub("^%a:", "")) end
    if #base > #suffix and base:sub(-#suffix) == suffix then base = base:sub(1, -#suffix - 1) end
  end
  return base
end

local function extension(base)
  if base == ".." then return "" end
  return base:match "^.+(%.[^.]*)$" or ""
end

function M.extname(path)
  check(path, "path")
  return extension(last_part(path))
end

function M.format(object)
  validators.validateObject(object, "pathObject")
  local function given(text) return text ~= "" and text or nil end
  local dir, ext = given(object.dir) or object.root, given(object.ext)
  if ext and ext:sub(1, 1) ~= "." then ext = "." .. ext end
  local base = given(object.base) or (object.name or "") .. (ext or "")
  if not dir or dir == "" then return base end
  return dir == object.root and dir .. base or dir .. "\\" .. base
end

function M.parse(path)
  check(path, "path")
  local out = shape.dict { root = "", dir = "", base = "", ext = "", name = "" }
  if path == "" then return out end
  if #path == 1 then
    if path:find "[/\\]" then out.root, out.dir = path, path else out.base, out.name = path, path end
    return out
  end
  local stop = root_end(path)
  out.root = path:sub(1, stop)
  if stop == #path then
    out.dir = out.root
    return out
  end
  local rest = path:sub(stop + 1):gsub("[/\\]+$", "")
  local at, base = rest:match "^.*()[/\\]([^/\\]*)$"
  out.base = base or rest
  out.ext = extension(out.base)
  out.name = out.base:sub(1, #out.base - #out.ext)
  if at and at > 1 then out.dir = path:sub(1, stop + at - 1) else out.dir = out.root end
  return out
end

return M
