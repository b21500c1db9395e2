-- SPDX-License-Identifier: MIT
--
-- Tools for compat/prelude/modules: what Node's modules have and lua/ has not, or has in Lua's way.
local rt = ...
local L = rt.lua
local type, rawget, rawset, setfenv = L.type, L.rawget, L.rawset, L.setfenv
local put, hide, native, G, null = rt.put, rt.hide, rt.native, rt.global, rt.null
local SYMBOL = rt.symbols
if rt.null_methods then return end

-- Where Node gives null and lua/ nil. Lua's own code must go on seeing nil: the caller's environment tells.
local getfenv = L.getfenv

function rt.null_methods(P, names)
  for name in names:gmatch "%S+" do
    local f = rawget(P, name)
    local info = rt.finfo(f)
    rawset(P, name, native(name, info and info.length or 0, function(this, ...)
      local v = f(this, ...)
      if v == nil and getfenv(2) == G then return null end
      return v
    end))
  end
end

function rt.null_properties(P, names)
  for name in names:gmatch "%S+" do
    local d = rt.get_own(P, name)
    local get, set = d and d.get, d and d.set
    if not d then
      function set(this, v)
        if v ~= nil then rt.define_data(this, name, v) end
      end
    end
    put(P, name, { accessor = true, bits = 4, set = set, get = native("get " .. name, 0, function(this)
      local v
      if get then v = get(this) end
      if v == nil and getfenv(3) == G then return null end
      return v
    end) })
  end
end

-- The JavaScript iterator over an object of lua/'s that next() steps: it gives { value, done }.
function rt.iterator_over(it)
  local o = rt.object_of(rt.IteratorPrototype)
  rt.native_method(o, "next", 0, function()
    local r = it:next()
    return rt.iter_result(r.value, r.done and true or false)
  end)
  return o
end

-- The same where next(), return() and throw() give promises.
function rt.async_iterator_over(it)
  local o = rt.object_of(rt.AsyncIteratorPrototype)
  local function answer(p)
    return p["then"](p, native("", 1, setfenv(function(_, r) return rt.iter_result(r.value, r.done and true or false) end, G)))
  end
  rt.native_method(o, "next", 0, function() return answer(it:next()) end)
  rt.native_method(o, "return", 1, function(_, v) return answer(it["return"](it, v)) end)
  rt.native_method(o, "throw", 1, function(_, e) return answer(it["throw"](it, e)) end)
  return o
end
