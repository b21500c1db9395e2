-- SPDX-License-Identifier: MIT
local rt = ...
local L = rt.lua
local put, native, G, face = rt.put, rt.native, rt.global, rt.face

local REPLACED = { open = true, read = true, write = true, writev = true, close = true, fsync = true }

-- Dates of JavaScript in Stats.
local function give_dates(P)
  for name in ("atime mtime ctime birthtime"):gmatch "%S+" do
    put(P, name, { accessor = true, bits = 6,
      get = native("get " .. name, 0, L.setfenv(function(this)
        local ms = this[name .. "Ms"]
        if ms == nil then return nil end
        local date = rt.construct(G.Date, G.Date, L.math.floor((L.tonumber(ms) or L.tonumber(rt.text(ms))) + 0.5))
        rt.define_data(this, name, date)
        return date
      end, G)),
      set = native("set " .. name, 1, L.setfenv(function(this, v) rt.define_data(this, name, v) end, G)) })
  end
end

-- The hidden class of objects that get these fields in this order.
local function shape_with(meta, names, bigint)
  local probe = L.setmetatable({}, meta)
  for _, name in L.ipairs(names) do
    if not L.string.find(name, "time$") and (bigint or not L.string.find(name, "Ns$")) then probe[name] = 0 end
  end
  return L.getmetatable(probe)
end

function rt.complete.fs(view, module)
  rt.node_module "stream"
  local stats = L.require "lunode.fs.stats"
  give_dates(face(stats.Stats).prototype)
  give_dates(face(stats.BigIntStats).prototype)
  stats.big_meta = shape_with(stats.BigIntStats.meta, stats.names, true)
  stats.meta = shape_with(stats.Stats.meta, stats.names, false)
  put(view, "_toUnixTimestamp", { value = face(module._toUnixTimestamp, "_toUnixTimestamp"), bits = 7 })
  -- Streams use the functions that a program has put here.
  local original = {}
  for name in L.pairs(REPLACED) do original[name] = view[name] end
  L.require("lunode.fs.streams").patched = function(adapt)
    for name, f in L.next, original do
      if view[name] ~= f then return adapt(view, REPLACED) end
    end
  end
end
