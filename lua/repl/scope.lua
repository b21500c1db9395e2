-- SPDX-License-Identifier: MIT
--
-- Locals that outlive the entry which declared them.
--
-- Each entry is a chunk of its own, and Lua ends a chunk's locals with it. Here the entry becomes the body of a function: the
-- locals of earlier entries that it names are the function's upvalues, joined (debug.upvaluejoin) to the very variables; and
-- the locals it declares outside of every block are captured at its end by a closure. So they are shared, not copied: a
-- closure made three entries ago sees what is assigned now. A new `local x` is a new variable; an entry that raises
-- an error keeps none of its own. `_` is not kept.
--
--   local scope = new()
--   scope:compile(code, chunkname, env) -> function, nil, is_expression | nil, message, is_incomplete
--   scope:names() -> sequence; scope:get(name) -> value, whether there is such a local; scope:clear()
local getupvalue, setfenv, loadstring = debug.getupvalue, setfenv, loadstring
local find, sub, match, concat, sort = string.find, string.sub, string.match, table.concat, table.sort

local UPVALUES = 50 -- captured by one closure; Lua's limit is 60

local Scope = {}
Scope.__index = Scope

-- ---- what an entry declares

local OPENS = { ["do"] = 1, ["then"] = 1, ["function"] = 1, ["repeat"] = 1, ["end"] = -1, ["until"] = -1, ["elseif"] = -1 }

-- The next token at i -> first byte, byte behind it, kind ("name", "sign", "other"); nil at the end. The code is known to compile.
local function token(code, i)
  while true do
    i = find(code, "%S", i)
    if not i then return nil end
    if sub(code, i, i + 1) ~= "--" then break end
    local level = match(code, "^%[(=*)%[", i + 2)
    if level then
      local _, last = find(code, "]" .. level .. "]", i + 4, true)
      i = (last or #code) + 1
    else
      i = find(code, "\n", i, true) or #code + 1
    end
  end
  local c = sub(code, i, i)
  if find(c, "[%a_\128-\255]") then return i, match(code, "^[%w_\128-\255]+()", i), "name" end
  if find(c, "%d") or find(code, "^%.%d", i) then
    local after = match(code, "^[%w.]+()", i)
    while find(code, "^[+-]", after) and find(sub(code, after - 1, after - 1), "[eEpP]") do after = match(code, "^[+-][%w.]*()", after) end
    return i, after, "other"
  end
  if c == '"' or c == "'" then
    local k = i + 1
    while true do
      local at = find(code, "[\\" .. c .. "]", k)
      if not at then return i, #code + 1, "other" end
      if sub(code, at, at) == c then return i, at + 1, "other" end
      k = at + 2
    end
  end
  local level = match(code, "^%[(=*)%[", i)
  if level then
    local _, last = find(code, "]" .. level .. "]", i, true)
    return i, (last or #code) + 1, "other"
  end
  return i, i + 1, "sign"
end

-- -> names declared outside of every block, in order; set of all names; where a `return` outside of every block begins
local function scan(code)
  local declared, seen, used = {}, {}, {}
  local depth, returns, at = 0, nil, 1
  local first, text, kind

  local function step()
    local after
    first, after, kind = token(code, at)
    if not first then return false end
    at, text = after, sub(code, first, after - 1)
    if kind == "name" then used[text] = true end
    return true
  end
  local function declare()
    if text ~= "_" and not seen[text] then
      seen[text] = true
      declared[#declared + 1] = text
    end
  end

  local function follows(sign)
    local next_one = token(code, at)
    return next_one and sub(code, next_one, next_one) == sign
  end

  while step() do
    if kind == "name" then
      if text == "local" and depth == 0 and step() then
        if text == "function" then
          depth = 1
          if step() then declare() end
        else
          declare()
          while follows(",") and step() and step() do declare() end
        end
      else
        if text == "return" and depth == 0 then returns = first end
        depth = depth + (OPENS[text] or 0)
      end
    end
  end
  return declared, used, returns
end

-- ---- compiling

local function incomplete(message)
  if find(message, "unfinished string", 1, true) then return false end -- a string in quotes ends on its line
  return find(message, "near '?<eof>'?$") ~= nil or find(message, "unfinished long string", 1, true) ~= nil
    or find(message, "unfinished long comment", 1, true) ~= nil
end

-- Whether it compiles, as what; or why not.
local function check(code, chunkname)
  local trimmed = code:gsub("[%s;]+$", "")
  local fn, other = loadstring("return f(" .. trimmed .. "\n)", chunkname)
  if fn and trimmed ~= "" then return "expression", trimmed end
  local message
  fn, message = loadstring(code, chunkname)
  if fn then return "statement", code end
  local _, bare = loadstring("return " .. code, chunkname)
  return nil, message, incomplete(message) or incomplete(bare or "") or (incomplete(other) and bare == nil)
end

local function give(...) return ... end

-- The entry as a function: its `keep` gets the closures over its locals, or an expression's values.
local function wrap(self, kind, code, used, declared, returns, chunkname)
  local known = {}
  for name in pairs(used) do
    if self.variables[name] then known[#known + 1] = name end
  end
  sort(known)
  local head = (#known > 0 and "local " .. concat(known, ",") .. ";" or "") .. "return function(lunode_keep,...) "
  if kind == "expression" then return loadstring(head .. "return lunode_keep(" .. code .. "\n) end", chunkname) end
  local keep = {}
  for i = 1, #declared, UPVALUES do
    keep[#keep + 1] = " lunode_keep(function() return " .. concat(declared, ",", i, math.min(i + UPVALUES - 1, #declared)) .. " end) "
  end
  local saved = concat(keep)
  if saved ~= "" then
    local text = returns and sub(code, 1, returns - 1) .. saved .. sub(code, returns) .. "\nend" or code .. "\n" .. saved .. " end"
    local fn = loadstring(head .. text, chunkname)
    if fn then return fn end
  end
  return loadstring(head .. code .. "\nend", chunkname)
end

function Scope:compile(code, chunkname, env)
  local kind, text, more = check(code, chunkname)
  if not kind then return nil, text, more end
  local declared, used, returns = scan(text)
  local outer, message = wrap(self, kind, text, used, declared, returns, chunkname)
  if not outer then return nil, message, false end
  local fn = outer()
  local variables = self.variables
  local i = 1
  while true do
    local name = getupvalue(fn, i)
    if not name then break end
    local from = variables[name]
    if from then debug.upvaluejoin(fn, i, from[1], from[2]) end
    i = i + 1
  end
  setfenv(fn, env)
  local function keep(closure)
    local k = 1
    while true do
      local name = getupvalue(closure, k)
      if not name then return end
      variables[name] = { closure, k }
      k = k + 1
    end
  end
  local is_expression = kind == "expression"
  local taken = is_expression and give or keep
  return function() return fn(taken) end, nil, is_expression, fn
end

-- ---- what is there

function Scope:names()
  local list = {}
  for name in pairs(self.variables) do list[#list + 1] = name end
  sort(list)
  return list
end

function Scope:get(name)
  local from = self.variables[name]
  if not from then return nil, false end
  local _, value = getupvalue(from[1], from[2])
  return value, true
end

function Scope:clear() self.variables = {} end

return function() return setmetatable({ variables = {} }, Scope) end
