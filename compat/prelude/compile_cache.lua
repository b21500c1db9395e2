-- SPDX-License-Identifier: MIT
--
-- The compile cache: files that were compiled once are loaded from $XDG_CACHE_HOME/lunode or ~/.cache/lunode, known by the hash of their
-- source, name, options and of this executable. LUNODE_CACHE=folder puts it elsewhere, LUNODE_CACHE=0 turns it off. What is in the
-- folder counts only if the user owns it and its hash is right (cache.h); a program never notices whether there is one.
local rt = ...
local L = rt.lua
local byte, format, getenv, type = L.string.byte, L.string.format, L.os.getenv, L.type
local compiler = rt.compiler

local LEAST = 512 -- bytes of a source; smaller ones are compiled faster than looked up
local MOST = 134217728 -- bytes in the folder

local function folder()
  local path = getenv "LUNODE_CACHE"
  if path == "0" then return nil end
  if path and path ~= "" then return path end
  path = getenv "XDG_CACHE_HOME"
  if path and byte(path) == 47 then return path .. "/lunode" end
  path = getenv "HOME"
  if path and byte(path) == 47 then return path .. "/.cache/lunode" end
end

local jit = L.jit
local cache -- nil until it is needed; false: none
local function open()
  local path = folder()
  cache = path and compiler.cache and compiler.cache(path, jit.version .. " " .. jit.os .. " " .. jit.arch, MOST) or false
  return cache
end

-- compiler.load through the cache: the chunk, or nil and an error.
function rt.load_chunk(source, name, options)
  local goal = options.goal
  local first = byte(name, 2)
  if #source < LEAST or cache == false or goal == "eval" or options.keepLexical or (first ~= 47 and first ~= 108) then
    return compiler.load(source, name, options)
  end
  if not (cache or open()) then return compiler.load(source, name, options) end
  local chunk, key = cache:get(source, name, format("%s|%s|%s", goal or "function", type(options.params) == "string" and options.params or "",
    options.strict and "strict" or ""))
  if chunk then return chunk end
  local e
  chunk, e = compiler.load(source, name, options)
  if chunk then cache:put(key, chunk) end
  return chunk, e
end
