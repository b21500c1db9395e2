-- SPDX-License-Identifier: MIT
--
-- module (Node 20 docs: Modules: node:module API), as far as it means something for Lua files. JavaScript has a module object of its own.
local errors = require "lunode.internal.errors"
local lazy = require "lunode.internal.lazy"
local loader = require "lunode.internal.loader"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"

local type, error = type, error

local M = {}

local function without_scheme(name) return (name:gsub("^node:", "")) end

-- Whether `name`, with or without "node:", is a module of Lunode's.
function M.isBuiltin(name)
  if type(name) ~= "string" then return false end
  return loader.is_builtin(without_scheme(name))
end

-- filename: an absolute path or a file URL (URL or text); it need not exist. -> a `require` that finds what that file would.
function M.createRequire(filename)
  local path = filename
  if type(path) == "table" or type(path) == "string" and path:find "^file:" then path = require("lunode.url").fileURLToPath(path) end
  if type(path) ~= "string" or path:sub(1, 1) ~= "/" then
    error(errors.ERR_INVALID_ARG_VALUE("filename", filename, "must be a file URL object, file URL string, or absolute path string"), 0)
  end
  return function(name)
    validators.validateString(name, "id")
    return loader.require_from(path, name)
  end
end

-- Modules are tables that all share: there is nothing to synchronize.
function M.syncBuiltinESMExports() end

-- No source maps: a line of Lua is the line of its source.
function M.findSourceMap() return nil end

-- There is no chain of loaders.
M.register = errors.notImplemented "module.register"

-- ---- signatures, for the reference (docs/api/README.md)
-- register(...): absent, there is no chain of loaders: raises ERR_METHOD_NOT_IMPLEMENTED

return lazy(M, {
  builtinModules = function()
    local names = {}
    for name in pairs(loader.builtins) do
      if loader.is_builtin(name) then names[#names + 1] = name end
    end
    table.sort(names)
    return shape.list(names)
  end,
})
