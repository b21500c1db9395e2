-- SPDX-License-Identifier: MIT
--
-- Modules that are emitters: process, cluster. Their functions take a dot, what they have of EventEmitter takes a colon,
-- and the wrong one raises an error that says so.
--
--   local M, Class, define = emitting_module("process")
--   define("cwd", function() … end)     M.cwd(); M:cwd() raises
--   Class:accessor("title", get, set)   properties
--   M:on("exit", fn)                    M.on("exit", fn) raises
--   M.wrong_dot(name)                   for functions that check themselves because they are called often
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local EventEmitter = require "lunode.events"

local type, error, pairs = type, error, pairs

local function wrong(module, name, sign, other)
  local err = errors.ERR_INVALID_THIS(module)
  rawset(err, "message", ("%s%s%s(...) must be called as %s%s%s(...)"):format(module, other, name, module, sign, name))
  error(err, 0)
end

return function(module_name)
  local Class = class(module_name, EventEmitter)
  local module
  for name, value in pairs(EventEmitter.prototype) do
    if type(name) == "string" and type(value) == "function" and not name:find "^_" and name ~= "initialize" then
      Class.prototype[name] = function(self, ...)
        if self ~= module and not Class:is(self) then wrong(module_name, name, ":", ".") end
        return EventEmitter.prototype[name](self, ...)
      end
    end
  end
  module = Class()
  local function wrong_dot(name) wrong(module_name, name, ".", ":") end
  local function define(name, fn)
    rawset(module, name, function(first, ...)
      if first == module then wrong_dot(name) end
      return fn(first, ...)
    end)
  end
  return module, Class, define, wrong_dot
end
