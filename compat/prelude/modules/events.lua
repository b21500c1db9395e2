-- SPDX-License-Identifier: MIT
local rt = ...
local L = rt.lua
local G, put, native = rt.global, rt.put, rt.native
local rawget, rawset = L.rawget, L.rawset

-- An emitter's `_events`, as JavaScript sees it: an object without a prototype whose properties are what listens. Its metatable has no
-- __index, so that it stays as fast as a plain table.
local shape = L.require "lunode.internal.shape"
local NAMES = shape.EVENT_NAMES
local exotic = {}

function exotic.get_own(events, k)
  local v = rawget(events, k)
  if v == nil or k == NAMES then return nil end
  return { value = v, bits = 7 }
end

function exotic.has(events, k) return k ~= NAMES and rawget(events, k) ~= nil end

function exotic.define(events, k, d)
  if d.has_get or d.has_set then return false end
  if rawget(events, k) == nil then L.table.insert(rawget(events, NAMES), k) end
  rawset(events, k, d.value)
  return true
end

function exotic.delete(events, k)
  if rawget(events, k) ~= nil then
    local names = rawget(events, NAMES)
    for i = 1, #names do
      if names[i] == k then
        L.table.remove(names, i)
        break
      end
    end
    rawset(events, k, nil)
  end
  return true
end

function exotic.keys(events)
  local list, names = {}, rawget(events, NAMES)
  for i = 1, #names do list[i] = names[i] end
  return list
end

do
  local meta = rt.own_shape(nil)
  meta.exotic = exotic
  rt.settle(meta)
  meta.__index, meta.__newindex = nil, nil
  shape.events = meta
end

function rt.complete.events(F, module)
  if not rt.has_own(F, "EventEmitter") then put(F, "EventEmitter", { value = F, bits = 7 }) end
  for _, name in L.ipairs { "defaultMaxListeners", "captureRejections" } do
    put(F, name, { accessor = true, bits = name == "captureRejections" and 6 or 2,
      get = native("get " .. name, 0, L.setfenv(function() return module[name] end, G)),
      set = native("set " .. name, 1, L.setfenv(function(_, v) module[name] = v end, G)) })
  end
  put(F, "EventEmitterAsyncResource", { accessor = true, bits = 6,
    get = native("get EventEmitterAsyncResource", 0, L.setfenv(function() return rt.face(module.EventEmitterAsyncResource) end, G)) })
end
