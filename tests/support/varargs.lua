-- SPDX-License-Identifier: MIT
--
-- varargs.lua FILE...: functions of one parameter and `...` that read `local a = ...` after a call of a Lua function. LuaJIT 2.1 (seen in
-- the beta of March 2022) gets the value one further on there, when a trace begins in the called function, returns, and goes on: what is
-- needed of `...` must be taken first. (`f(...)` and `select(i, ...)` are well, and so is a function with no parameter or more than one.)
-- Prints file:line of each, and ends with exit code 1 if there are any. Calls of Lua's own functions do no harm.
local util, vmdef, bit = require "jit.util", require "jit.vmdef", require "bit"
local band, rshift, sub = bit.band, bit.rshift, string.sub

local harmless = {}
for _, library in ipairs { "_G", "string", "table", "math", "bit", "debug", "coroutine", "os", "io" } do
  for name in pairs(package.loaded[library]) do harmless[name] = true end
end
for _, name in ipairs { "pcall", "xpcall", "dofile", "require", "load", "loadstring", "loadfile", "wrap", "resume", "gsub", "sort", "foreach", "foreachi" } do
  harmless[name] = nil -- they call Lua functions
end
-- Names under which the library has Lua's functions, or C's.
for _, name in ipairs { "next_", "lua_select", "table_new", "debug_setmetatable" } do harmless[name] = true end

local function name_of(proto, pc) -- of the instruction
  local ins = util.funcbc(proto, pc)
  local op = sub(vmdef.bcnames, band(ins, 0xff) * 6 + 1, band(ins, 0xff) * 6 + 6):gsub(" ", "")
  return op, band(rshift(ins, 8), 0xff), rshift(ins, 16), band(rshift(ins, 16), 0xff), rshift(ins, 24)
end

-- What the register holds that is called at pc: the name of a global, upvalue or field, or nil.
local function callee(proto, pc, register)
  for at = pc - 1, 1, -1 do
    local op, a, d, c = name_of(proto, at)
    if a == register then
      if op == "GGET" then return util.funck(proto, -d - 1)
      elseif op == "UGET" then return util.funcuvname(proto, d)
      elseif op == "TGETS" then return util.funck(proto, -c - 1)
      elseif op:find "^CALL" or op:find "^K" or op == "MOV" then return nil end
    end
  end
end

local found = 0
local function check(proto, file)
  local info = util.funcinfo(proto)
  if info.isvararg and info.params == 1 then
    local called
    local looped = {} -- what is run again
    for pc = 1, info.bytecodes - 1 do
      local op, _, d = name_of(proto, pc)
      if op:find "LOOP$" or op:find "^J?I?FORL$" or op:find "^J?I?ITERL$" or op == "JMP" or op == "FORL" or op == "ITERL" then
        for at = pc + 1 + d - 0x8000, pc do looped[at] = true end
      end
    end
    for pc = 1, info.bytecodes - 1 do
      local op, a, _, _, b = name_of(proto, pc)
      if op == "VARG" and b > 1 and (called or looped[pc]) then
        found = found + 1
        print(("%s:%d: reads ... %s"):format(file, util.funcinfo(proto, pc).currentline, called and "after the call at line " .. called or "in a loop"))
        break
      elseif op:find "^CALL" and op ~= "CALLT" and op ~= "CALLMT" or op == "ITERC" then
        local name = callee(proto, pc, a)
        if not name or not harmless[name] then called = called or util.funcinfo(proto, pc).currentline end
      end
    end
  end
  for i = -1, -1e6, -1 do
    local k = util.funck(proto, i)
    if k == nil then break end
    if type(k) == "proto" then check(k, file) end
  end
end

for _, file in ipairs(arg) do
  local chunk = assert(loadfile(file))
  for i = -1, -1e6, -1 do -- the chunk itself is vararg, and runs once
    local k = util.funck(chunk, i)
    if k == nil then break end
    if type(k) == "proto" then check(k, file) end
  end
end
os.exit(found == 0 and 0 or 1)
