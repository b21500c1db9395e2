-- SPDX-License-Identifier: MIT
--
-- From a specifier to a file: what require and import share (Node 20 docs: "Modules: Packages", "All together" of CommonJS, "Resolution
-- algorithm" of ECMAScript modules). Paths are absolute; what is found is its real path.
--
--   rt.resolve.scope(path)                     the nearest package: {dir, json (a JavaScript object), type}, or nil
--   rt.resolve.exports(package, subpath, …)    what `exports` of a package.json says
--   rt.resolve.imports(specifier, from, …)     what `imports` of the nearest one says of "#name"
--   rt.resolve.import(specifier, from)         for import: a path; raises
local rt = ...
local L = rt.lua
local type, ipairs = L.type, L.ipairs
local find, match, gsub, sub, gmatch = L.string.find, L.string.match, L.string.gsub, L.string.sub, L.string.gmatch
local concat = L.table.concat
local fs = L.require("lunode.core").fs
local options = L.require "lunode.internal.options"
local null, is_object = rt.null, rt.is_object
local band = L.bit.band

local M = {}
rt.resolve = M

-- ---- files

-- "file", "dir" or nil
local function kind(path)
  local st = fs.stat(path, nil)
  if not st then return nil end
  return band(st[2], 0xf000) == 0x4000 and "dir" or "file"
end
M.kind = kind

local function join(dir, name)
  local path = find(name, "^/") and name or dir .. "/" .. name
  if not find(path, "/.", 1, true) and not find(path, "//", 1, true) then return path end
  local parts = {}
  for part in gmatch(path, "[^/]+") do
    if part == ".." then parts[#parts] = nil elseif part ~= "." then parts[#parts + 1] = part end
  end
  return "/" .. concat(parts, "/")
end
local function dirname(path) return match(path, "^(.+)/[^/]*$") or "/" end
M.join, M.dirname = join, dirname

-- With --preserve-symlinks a module is known by the path that it was found at.
function M.real(path) return not options.preserveSymlinks and fs.realpath(path, nil) or path end

function M.read(path)
  local f = L.io.open(path, "rb")
  if not f then return nil end
  local text = f:read "*a"
  f:close()
  return text
end

-- An error with Node's code, as Node's own loaders raise it.
function M.fail(class, code, message)
  local e = rt.new_error(class, message)
  e.code = code
  L.error(e, 0)
end

-- ---- package.json

local packages = {} -- folder -> package or false

function M.read_package(dir)
  local known = packages[dir]
  if known ~= nil then return known end
  local text = M.read(dir .. "/package.json")
  local package = false
  if text then
    local ok, json = rt.attempt(rt.global.JSON.parse, nil, (gsub(text, "^\239\187\191", "")))
    if not ok then
      M.fail("Error", "ERR_INVALID_PACKAGE_CONFIG", "Invalid package config " .. dir .. "/package.json.")
    end
    if is_object(json) then
      package = { dir = dir, json = json, type = json.type == "module" and "module" or json.type == "commonjs" and "commonjs" or nil }
      local exports = json.exports
      if exports ~= nil and exports ~= null then package.exports = exports end
    else
      package = { dir = dir, json = rt.object_of(nil) }
    end
  end
  packages[dir] = package
  return package
end

function M.scope(path)
  local dir = dirname(path)
  while true do
    if find(dir, "/node_modules$") then return nil end
    local package = M.read_package(dir)
    if package then return package end
    if dir == "/" then return nil end
    dir = dirname(dir)
  end
end

-- ---- exports and imports

M.require_conditions = { node = true, require = true, ["node-addons"] = true, ["module-sync"] = true }
M.import_conditions = { node = true, import = true, ["node-addons"] = true, ["module-sync"] = true }
for _, name in ipairs(options.conditions or {}) do M.require_conditions[name], M.import_conditions[name] = true, true end

local function invalid_target(package, key, value, internal, from)
  local shown = type(value) == "string" and '"' .. value .. '"' or rt.global.JSON.stringify(nil, value)
  M.fail("Error", "ERR_INVALID_PACKAGE_TARGET", ("Invalid \"%s\" %starget %s defined %sin the package config %s/package.json%s"):format(
    internal and "imports" or "exports", key == "." and "main " or "", shown,
    key == "." and "" or "for '" .. key .. "' ", package.dir, from and " imported from " .. from or ""))
end

-- Segments that lead out of the package.
local function leaves(path)
  for part in gmatch(path, "[^/\\]+") do
    local low = L.string.lower(part)
    if low == "." or low == ".." or low == "node_modules" or low == "%2e" or low == "%2e%2e" then return true end
  end
  return false
end

local target

-- nil: undefined, false: null, else a path.
local function string_target(package, key, value, star, internal, conditions, from)
  if not find(value, "^%./") then
    if internal and not find(value, "^%.%.?/") and not find(value, "^/") and not find(value, "^%a[%w+.-]*:") then
      local name = star and gsub(value, "%*", function() return star end) or value
      return M.bare(name, package.dir .. "/", conditions, from)
    end
    if internal and find(value, "^node:") then return value end
    invalid_target(package, key, value, internal, from)
  end
  if leaves(sub(value, 3)) then invalid_target(package, key, value, internal, from) end
  if star then
    if leaves(star) then
      M.fail("TypeError", "ERR_INVALID_MODULE_SPECIFIER", "Invalid module \"" .. key .. "\" request is not a valid match in pattern \"" .. key
        .. "\" for the \"" .. (internal and "imports" or "exports") .. "\" resolution of " .. package.dir .. "/package.json"
        .. (from and " imported from " .. from or ""))
    end
    if find(value, "*", 1, true) then value = gsub(value, "%*", function() return star end) else value = value .. star end
  end
  return join(package.dir, value)
end

function target(package, key, value, star, internal, conditions, from)
  if type(value) == "string" then return string_target(package, key, value, star, internal, conditions, from) end
  if value == null then return false end
  if rt.is_array(value) then
    local last, last_error
    if value.length == 0 then return false end
    for i = 1, value.length do
      local ok, r = rt.attempt(target, package, key, value[i], star, internal, conditions, from)
      if ok then
        if r then return r end
        last, last_error = r, nil
      else
        local e = rt.thrown(r)
        if not is_object(e) or e.code ~= "ERR_INVALID_PACKAGE_TARGET" then L.error(r, 0) end
        last_error = r
      end
    end
    if last_error then L.error(last_error, 0) end
    return last
  end
  if is_object(value) then
    for _, k in ipairs(rt.own_keys(value)) do
      if k == "default" or conditions[k] then
        local r = target(package, key, value[k], star, internal, conditions, from)
        if r ~= nil then return r end
      end
    end
    return nil
  end
  invalid_target(package, key, value, internal, from)
end

-- The longer base first, then the longer key.
local function better(a, b)
  local base_a, base_b = find(a, "*", 1, true) or #a + 1, find(b, "*", 1, true) or #b + 1
  if base_a ~= base_b then return base_a > base_b end
  if not find(a, "*", 1, true) then return false end
  if not find(b, "*", 1, true) then return true end
  return #a > #b
end

local function match_table(package, table_, name, internal, conditions, from)
  if rt.has_own(table_, name) and not find(name, "*", 1, true) and sub(name, -1) ~= "/" then
    return target(package, name, table_[name], nil, internal, conditions, from), true
  end
  local best, star
  for _, key in ipairs(rt.own_keys(table_)) do
    local at = type(key) == "string" and find(key, "*", 1, true)
    if at and sub(name, 1, at - 1) == sub(key, 1, at - 1) then
      local tail = sub(key, at + 1)
      if #name >= #key and (tail == "" or sub(name, -#tail) == tail) and not find(tail, "*", 1, true) and (not best or better(key, best)) then
        best, star = key, sub(name, at, #name - #tail)
      end
    end
  end
  if best then return target(package, best, table_[best], star, internal, conditions, from), true end
end

-- subpath: "." or "./x". from is shown in messages; nil for require.
function M.exports(package, subpath, conditions, from)
  local exports = package.exports
  local found
  local sugar = type(exports) == "string" or rt.is_array(exports)
  if not sugar and is_object(exports) then
    local first = rt.own_keys(exports)[1]
    sugar = first ~= nil and not find(rt.key_text(first), "^%.")
  end
  if sugar then
    if subpath == "." then found = target(package, ".", exports, nil, false, conditions, from) end
  elseif is_object(exports) then
    found = match_table(package, exports, subpath, false, conditions, from)
  end
  if found then return found end
  local where = package.dir .. "/package.json" .. (from and " imported from " .. from or "")
  M.fail("Error", "ERR_PACKAGE_PATH_NOT_EXPORTED", subpath == "." and "No \"exports\" main defined in " .. where
    or "Package subpath '" .. subpath .. "' is not defined by \"exports\" in " .. where)
end

function M.imports(specifier, from, conditions)
  if specifier == "#" or find(specifier, "^#/") then
    M.fail("TypeError", "ERR_INVALID_MODULE_SPECIFIER", "Invalid module \"" .. specifier .. "\" is not a valid internal imports specifier name imported from " .. from)
  end
  local package = M.scope(from)
  local imports = package and package.json.imports
  if is_object(imports) then
    local found = match_table(package, imports, specifier, true, conditions, from)
    if found then return found end
  end
  M.fail("TypeError", "ERR_PACKAGE_IMPORT_NOT_DEFINED", "Package import specifier \"" .. specifier .. "\" is not defined"
    .. (package and " in package " .. package.dir .. "/package.json" or "") .. " imported from " .. from)
end

-- "name/sub" or "@scope/name/sub" -> name, "." or "./sub"
local function split(specifier)
  local name, rest = match(specifier, "^(@[^/]+/[^/]+)(.*)$")
  if not name and not find(specifier, "^@") then name, rest = match(specifier, "^([^/]+)(.*)$") end
  if not name then return nil end
  return name, "." .. rest
end
M.split = split

-- The folder's own package, by its own name.
function M.own_name(specifier, from, conditions, shown)
  local package = M.scope(from)
  if not package or not package.exports then return nil end
  local name, subpath = split(specifier)
  if not name or package.json.name ~= name then return nil end
  return M.exports(package, subpath, conditions, shown)
end

-- ---- import

local function not_found(what, path, from)
  M.fail("Error", "ERR_MODULE_NOT_FOUND", "Cannot find " .. what .. " '" .. path .. "' imported from " .. from)
end

-- A package without exports: main as a file, with .js, as a folder.
local function legacy_main(package, from)
  local main = package.json.main
  if type(main) == "string" then
    for _, tail in ipairs { "", ".js", ".json", ".node", "/index.js", "/index.json", "/index.node" } do
      local path = join(package.dir, main .. tail)
      if kind(path) == "file" then return path end
    end
  end
  for _, tail in ipairs { "index.js", "index.json", "index.node" } do
    if kind(package.dir .. "/" .. tail) == "file" then return package.dir .. "/" .. tail end
  end
  not_found("package", package.dir, from)
end

function M.bare(specifier, from, conditions, shown)
  if rt.is_builtin(specifier) then return "node:" .. gsub(specifier, "^node:", "") end
  local own = M.own_name(specifier, from, conditions, shown)
  if own then return own end
  local name, subpath = split(specifier)
  if not name then
    M.fail("TypeError", "ERR_INVALID_MODULE_SPECIFIER", "Invalid module \"" .. specifier .. "\" is not a valid package name imported from " .. shown)
  end
  local dir = dirname(from)
  while true do
    if not find(dir, "/node_modules$") then
      local base = (dir == "/" and "" or dir) .. "/node_modules/" .. name
      if kind(base) == "dir" then
        local package = M.read_package(base)
        if package and package.exports then return M.exports(package, subpath, conditions, shown) end
        if subpath == "." then return legacy_main(package or { dir = base, json = rt.object_of(nil) }, shown) end
        return join(base, subpath)
      end
    end
    if dir == "/" then break end
    dir = dirname(dir)
  end
  not_found("package", name, shown)
end

local function unescape(path)
  return (gsub(path, "%%(%x%x)", function(hex) return L.string.char(L.tonumber(hex, 16)) end))
end

-- unchecked: whether the file is there is not asked (import.meta.resolve).
-- -> path, or "node:name"; what follows a "?" or "#" of a relative specifier (its own instance of the module)
function M.import(specifier, from, unchecked)
  local path, tail = specifier, ""
  if find(specifier, "^%.%.?/") or find(specifier, "^/") or find(specifier, "^file:") or specifier == "." or specifier == ".." then
    path, tail = match(gsub(specifier, "^file://", ""), "^([^?#]*)(.*)$")
    path = join(dirname(from), unescape(path))
  elseif find(specifier, "^#") then path = M.imports(specifier, from, M.import_conditions)
  elseif find(specifier, "^data:") then return specifier, ""
  elseif find(specifier, "^%a[%w+.-]*:") and not find(specifier, "^node:") then
    M.fail("Error", "ERR_UNSUPPORTED_ESM_URL_SCHEME", "Only URLs with a scheme in: file, data, and node are supported by the default ESM loader. Received protocol '"
      .. match(specifier, "^(.-:)") .. "'")
  else
    path = M.bare(specifier, from, M.import_conditions, from)
  end
  if find(path, "^node:") then return path, "" end
  local what = kind(path)
  if unchecked and not what then return path, tail end
  if what == "dir" then
    M.fail("Error", "ERR_UNSUPPORTED_DIR_IMPORT", "Directory import '" .. path .. "' is not supported resolving ES modules imported from " .. from)
  elseif not what then not_found("module", path, from) end
  return M.real(path), tail
end
