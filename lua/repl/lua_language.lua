-- SPDX-License-Identifier: MIT
--
-- Lua at the prompt. A language of the REPL is a table:
--
--   name                  "lua"
--   attach(server)        what it keeps for a server: language.evaluate(state, code, filename, context) and the others get it
--   compile(state, code, filename, context) -> function; or nil, error, whether more lines could complete it
--                         the function runs in an async coroutine and returns the values to print: none, or some
--   complete(state, text, context) -> entries (an empty one begins a group), the text that they complete
--   reset(state)          forgets what entries left
--
-- Another language (JavaScript) is added with repl.languages.js = "its module".
local new_scope = require "lunode.repl.scope"

local M = { name = "lua" }

function M.attach(server)
  return { scope = new_scope(), server = server }
end

function M.reset(state) state.scope:clear() end

function M.compile(state, code, filename, context)
  local fn, problem, flag, body = state.scope:compile(code, "=" .. filename, context)
  if not fn then return nil, problem, flag end
  -- What was compiled to machine code cannot be interrupted.
  if state.server.breakEvalOnSigint and jit then jit.off(body, true) end
  return fn
end

function M.complete(state, text, context)
  return require "lunode.repl.lua_completion"(state, text, context)
end

return M
