-- SPDX-License-Identifier: MIT
--
-- An error's stack: taken when the error is made as functions and lines, laid out in V8's form when `stack` is first read. Columns are
-- looked for in the source (column.lua); where none is sure they are 1. Error.prepareStackTrace, where the program has set one, is given CallSite objects.
--
--   rt.frames(above) -> frames     of the running code; with a function, only what stands below its frame
--                                  frames.internal: those of the runtime are to be shown, for it is there that something went wrong
--   rt.stack_text(o, frames)       "Error: message\n    at f (file:1:1)…", or what Error.prepareStackTrace makes of it
local rt = ...
local L = rt.lua
local type, rawget, rawset, setmetatable, ipairs = L.type, L.rawget, L.rawset, L.setmetatable, L.ipairs
local getinfo, find, sub, match, concat = L.debug.getinfo, L.string.find, L.string.sub, L.string.match, L.table.concat
local null, native = rt.null, rt.native

-- Between the frames that are shown stand those of the runtime and of the bodies of try.
local LOOKED_AT, LOOKED_AT_BESIDES = 4, 40

local take = rt.compiler.frames

local function limit_of(F)
  local limit = F.stackTraceLimit
  return type(limit) == "number" and limit or 0
end

-- {function, line, function, line, …, n = twice the frames, limit = how many are to be shown}
function rt.frames(above, level)
  local F = rt.global_error
  local limit = F and limit_of(F) or 10
  local most = 0
  if limit >= 1 then most = LOOKED_AT_BESIDES + LOOKED_AT * (limit < 200 and limit or 200) end
  local frames = take(above, (level or 2) + 1, most)
  frames.limit = limit
  return frames
end

-- What V8 calls the function, and whether `new` made the frame.
local function name_of(f)
  local info = rt.finfo(f)
  if not info then return nil end
  if info.kind == "program" then return "Object.<anonymous>" end
  local name = rt.function_name(f)
  if name == "" then name = nil end
  if info.kind == "base" or info.kind == "derived" then return "new " .. (name or "<anonymous>") end
  if info.async and name then return "async " .. name end
  return name
end

-- Calls see(f, file, line, column) for each frame of the program's own code in the stack of o. The body of a try or a generator, which has no
-- record, is a frame of the function around it: the line is the inner one's.
local function each_frame(o, frames, limit, see)
  local count, inner, inner_line, inner_callee = 0, nil, nil, nil
  local callee -- what the frame at hand was calling: a function of the program or one that is built in
  for i = 1, frames.n, 2 do
    if count >= limit then return end
    local f, line = frames[i], frames[i + 1]
    local source = getinfo(f, "S").source
    local file = find(source, "^[@=]") and (frames.internal or not find(source, "^@lunode:")) and sub(source, 2)
    if file then
      local info = rt.finfo(f)
      if not info and L.getfenv(f) == rt.global then
        if inner ~= file then inner, inner_line, inner_callee = file, line, callee end
      else
        if inner == file then line, callee = inner_line, inner_callee end
        inner = nil
        count = count + 1
        see(f, file, line, callee and rt.column_of_call(f, file, line, callee) or count == 1 and rt.column_of_error(f, file, line, o) or 1)
        callee = f
      end
    elseif rt.finfo(f) then
      callee = f
    end
  end
end

-- ---- CallSite (V8's "Stack trace API")

local CallSite
local function call_site(f, file, line, column)
  if not CallSite then
    CallSite = rt.object_of(rt.ObjectPrototype)
    local function of(name, get) rt.hide(CallSite, name, native(name, 0, function(this) return get(rawget(this, rt.DATA)) end)) end
    of("getFileName", function(d) return d.file end)
    of("getLineNumber", function(d) return d.line end)
    of("getColumnNumber", function(d) return d.column end)
    of("getFunctionName", function(d) return d.name or null end)
    of("getMethodName", function() return null end)
    of("getTypeName", function() return "Object" end)
    of("getThis", function() return nil end)
    of("getFunction", function() return nil end)
    of("getEvalOrigin", function() return nil end)
    of("getScriptNameOrSourceURL", function(d) return d.file end)
    of("getScriptHash", function() return "" end)
    of("getEnclosingLineNumber", function(d) return d.line end)
    of("getEnclosingColumnNumber", function() return 1 end)
    of("getPosition", function() return 0 end)
    of("getPromiseIndex", function() return null end)
    of("isNative", function() return false end)
    of("isToplevel", function() return true end)
    of("isEval", function() return false end)
    of("isConstructor", function(d) return d.new end)
    of("isAsync", function() return false end)
    of("isPromiseAll", function() return false end)
    of("toString", function(d) return (d.name and d.name .. " (" or "") .. d.file .. ":" .. d.line .. ":" .. d.column .. (d.name and ")" or "") end)
  end
  local name = name_of(f)
  local o = rt.object_of(CallSite)
  rawset(o, rt.DATA, { file = file, line = line, column = column, name = name and match(name, "^%S+ (.*)$") or name, new = name ~= nil and find(name, "^new ") ~= nil })
  return o
end

-- ---- text

local preparing = false

function rt.stack_text(o, frames)
  local F = rt.global_error
  local limit = frames.limit
  local prepare = F.prepareStackTrace
  if type(prepare) == "function" and not preparing then
    local sites, n = {}, 0
    each_frame(o, frames, limit, function(f, file, line, column)
      n = n + 1
      sites[n] = call_site(f, file, line, column)
    end)
    preparing = true
    local ok, r = rt.attempt(prepare, F, o, rt.new_array(sites, n))
    preparing = false
    if not ok then L.error(r, 0) end
    return r
  end
  local out, n = {}, 1
  local ok, head = rt.attempt(rt.error_prototypes.Error.toString, o)
  out[1] = ok and head or "Error"
  each_frame(o, frames, limit, function(f, file, line, column)
    local name, place = name_of(f), file .. ":" .. line .. ":" .. column
    n = n + 1
    out[n] = name and "    at " .. name .. " (" .. place .. ")" or "    at " .. place
  end)
  return concat(out, "\n")
end
