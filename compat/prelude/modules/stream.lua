-- SPDX-License-Identifier: MIT
local rt = ...
local L = rt.lua
local getfenv, getmetatable, rawget = L.getfenv, L.getmetatable, L.rawget
local face = rt.face

-- What the states of streams have that lua/ keeps otherwise. Their other fields are plain.
local function adopt_states(module)
  local r, w = getmetatable(module.Readable {}._readableState), getmetatable(module.Writable {}._writableState)
  if rawget(r.pipes, "length") == nil then rt.as_list(r.pipes) end
  L.setmetatable(r, { __index = function(_, k)
    if k == "awaitDrainWriters" and getfenv(2) == rt.global then return rt.null end
  end })
  function w.__index(s, k)
    local v = rawget(w, k)
    if v == nil and k == "bufferedRequestCount" then return s.bufferedCount - s.bufferedIndex end
    return v
  end
end

function rt.complete.stream(F, module)
  local promises
  rt.put(F, "promises", { accessor = true, bits = 6, get = rt.native("get promises", 0, L.setfenv(function()
    promises = promises or rt.node_module "stream/promises"
    return promises
  end, rt.global)) })
  local custom = rt.symbols["for"] "nodejs.util.promisify.custom"
  for _, name in L.ipairs { "pipeline", "finished" } do
    rt.put(F[name], custom, { accessor = true, bits = 4, get = rt.native("get", 0, L.setfenv(function() return F.promises[name] end, rt.global)) })
  end
  local R, W = face(module.Readable).prototype, face(module.Writable).prototype
  -- A Duplex inherits from Readable alone, and is a Writable all the same.
  local Writable = face(module.Writable)
  local state_meta = getmetatable(module.Writable {}._writableState)
  rt.put(Writable, rt.symbols.hasInstance, { bits = 0, value = rt.native("[Symbol.hasInstance]", 1, L.setfenv(function(this, o)
    if rt.ordinary_has_instance(this, o) then return true end
    if this ~= Writable or L.type(o) ~= "table" or o == rt.null then return false end
    local s = o._writableState
    return L.type(s) == "table" and getmetatable(s) == state_meta
  end, rt.global)) })
  rt.null_methods(R, "read")
  rt.null_properties(R, "readableFlowing readableEncoding errored")
  rt.null_properties(W, "errored")
  adopt_states(module)
  -- for await (const chunk of stream)
  rt.native_method(R, rt.symbols.asyncIterator, 0, function(stream) return rt.async_iterator_over(stream:iter()) end)
end
