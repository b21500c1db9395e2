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

function rt.complete.stream(_, module)
  local R, W = face(module.Readable).prototype, face(module.Writable).prototype
  rt.null_methods(R, "read")
  rt.null_properties(R, "readableFlowing readableEncoding errored")
  rt.null_properties(W, "errored")
  adopt_states(module)
  -- for await (const chunk of stream)
  rt.native_method(R, rt.symbols.asyncIterator, 0, function(stream) return rt.async_iterator_over(stream:iter()) end)
end
