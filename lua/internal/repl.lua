-- SPDX-License-Identifier: MIT
--
-- The interactive prompt of the command: repl.start with its settings (Node 20 docs: REPL, "The Node.js REPL").
--
-- LUNODE_REPL_HISTORY: the history's file, "" for none, by default ~/.lunode_repl_history; LUNODE_REPL_HISTORY_SIZE: lines it keeps (1000).
local core = require "lunode.core"

local M = {}
local HISTORY_SIZE = 1000

function M.start()
  local process = require "lunode.process"
  local env = process.env
  local stdout = process.stdout
  stdout:write(("Welcome to Lunode v%s (%s).\nType \".help\" for more information.\n"):format(core.version, jit.version))
  local size = tonumber(env.LUNODE_REPL_HISTORY_SIZE)
  if not size or size < 1 then size = HISTORY_SIZE end
  local terminal = process.stdin.isTTY and stdout.isTTY and true or false
  local server = require("lunode.repl").start {
    input = process.stdin, output = stdout, terminal = terminal, useGlobal = true, historySize = size, breakEvalOnSigint = terminal,
  }
  require("lunode.internal.uncaught").survive = function(err, trace)
    if server._busy or server.closed then return server:_showError(err, trace) end
    local line, cursor = server.line, server.cursor
    if server.terminal then server:clearLine() end
    server:_showError(err, trace)
    server.line, server.cursor = line, cursor -- what was being typed stays
    server:displayPrompt(true)
  end
  server:on("exit", function() process.exit() end)
  if terminal then server:setupHistory(env.LUNODE_REPL_HISTORY) end
  return server
end

return M
