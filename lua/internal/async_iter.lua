-- SPDX-License-Identifier: MIT
--
-- Asynchronous iterators in `for` loops.
--
--   for value in async_iter(it) do … end            waits (await) for each result of it:next()
--   for a, b in async_iter(it, true) do … end       results whose value is a list are spread
--
-- `it` has next(self) -> promise of {value =, done =}, and may have ["return"](self) -> promise. A nil value comes as lunode.null,
-- since nil would end the loop. Lua cannot tell the iterator of a `break`: when the loop was left before its end, and
-- the iterator is collected, it["return"] is called.
local async = require "lunode.internal.async"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"

local null, await, unpack = errors.null, async.await, unpack

local function nobody() end

local function give_back(it)
  local fn = it["return"]
  if not fn then return end
  local p = fn(it)
  if type(p) == "table" and p.catch then p:catch(nobody) end
end

local function async_iter(it, spread)
  local finished = false
  -- Collected together with the function below.
  local guard = newproxy(true)
  getmetatable(guard).__gc = function()
    if not finished then queue.nextTick(give_back, it) end
  end
  return function()
    if finished or not guard then return nil end
    local ok, result = pcall(await, it:next())
    if not ok then
      finished = true
      error(result, 0)
    end
    if result.done then
      finished = true
      return nil
    end
    local value = result.value
    if spread and type(value) == "table" then
      local first = value[1]
      if first == nil then first = null end
      return first, unpack(value, 2, value.n or #value)
    end
    if value == nil then return null end
    return value
  end
end

return async_iter
