-- SPDX-License-Identifier: MIT
--
-- The command: main(argv) -> exit code. argv[0] is the command as typed.
--
-- The script runs in an async coroutine, then the loop, as Node does it: when nothing is left 'beforeExit' may give more
-- work; then comes 'exit'. What only some programs need (process, console, util …) is loaded when they ask.
local core = require "lunode.core"
local options = require "lunode.internal.options"
local loader = require "lunode.internal.loader"

local loaded, traceback = package.loaded, debug.traceback

-- Of text that has no file name: "js", or nil for what can be seen. From the environment, which nobody else sees it in.
local language = os.getenv "LUNODE_LANGUAGE"
if language then core.process.setenv("LUNODE_LANGUAGE", nil) end

local UNSETTLED = 13 -- exit code of a main script that waits for what can never come

local function uncaught(...) return require("lunode.internal.uncaught").report(...) end

-- Calls what nobody else protects.
local function guarded(fn, ...)
  local trace
  local ok, e = xpcall(fn, function(e)
    trace = traceback("", 2)
    return e
  end, ...)
  if not ok then uncaught(e, trace) end
  return ok
end

local function print_versions()
  io.write("Lunode ", core.version, "\n", jit.version, "\nlibuv ", core.uv_version, "\nllhttp ", core.process.llhttp_version, "\n")
end

-- As luajit's own command does it: -jon, -joff, -jflush, -jmodule[=arguments].
local function control_jit(list)
  for _, entry in ipairs(list) do
    local kind, text = entry[1], entry[2]
    if kind == "O" then
      local given = {}
      for item in text:gmatch "[^,]+" do given[#given + 1] = item end
      require("jit.opt").start(unpack(given))
    else
      local name, rest = text:match "^([^=]*)=?(.*)$"
      local builtin = jit[name]
      if type(builtin) == "function" and rest == "" then
        builtin()
      else
        local ok, module = pcall(require, "jit." .. name)
        if not ok or type(module) ~= "table" or not module.start then
          return nil, "unknown LuaJIT command or jit.* module: " .. name
        end
        local given = {}
        for item in rest:gmatch "[^,]+" do given[#given + 1] = item end
        module.start(unpack(given))
      end
    end
  end
  return true
end

-- ---- the main script

local main_task, main_done = nil, true

local function ended(ok, value, co)
  main_done = true
  if not ok then return uncaught(value, co and traceback(co, "") or "", nil) end
  if options.print then require("lunode.console").log(value) end
end

local function start(chunk, name, filename)
  local async = require "lunode.internal.async"
  main_done = false
  main_task = async.start(loader.run_module, ended, chunk, name, filename)
end

-- A script in JavaScript: run(path, ended) of compat/prelude/start.lua, likewise of text.
local function start_javascript(run, ...)
  main_done = false
  main_task = run(...)
end

-- "file:line" of the await that never ended.
local function warn_unsettled()
  local place
  for line in traceback(main_task._co, ""):gmatch "\n\t([^\n]+)" do
    if not require("lunode.internal.errors").is_internal(line) then
      place = line:match "^(.-:%d+):"
      if place then break end
    end
  end
  io.stderr:write("Warning: Detected unsettled top-level await at ", place or "?", "\n")
  local source = place and require("lunode.internal.uncaught").source_line(place)
  if source then io.stderr:write(source, "\n") end
  io.stderr:write "\n"
end

local function run_to_end()
  repeat
    core.loop.run()
    local process = loaded["lunode.process"]
    if process then
      guarded(process.emit, process, "beforeExit", process.exitCode or 0)
      core.loop.settle()
    end
  until not core.loop.alive()
  local code
  if not main_done then
    local process = loaded["lunode.process"]
    if not (process and process.exitCode ~= nil) then
      code = UNSETTLED
      warn_unsettled()
    end
  end
  local process = loaded["lunode.process"]
  if not process then return code or 0 end
  return process._leave(code)
end

local function compile_eval(code)
  if options.print then
    local chunk = loader.compile_expression(code, "=[eval]")
    if chunk then return chunk end
  end
  return loader.compile(code, "=[eval]")
end

-- The value of -p's text in JavaScript, which has its own undefined.
local function ended_javascript(ok, value, co)
  if ok and options.print then
    main_done = true
    local G = require("lunode.compat.start").rt.global
    return G.console:log(value)
  end
  return ended(ok, value, co)
end

-- Text without a file name is Lua when it can be, else JavaScript; a program in JavaScript that starts this one says that it is JavaScript.
-- type: of --input-type, which says that it is JavaScript; check: it is not run.
local function run_text(text, name, compile, type, check)
  local chunk, problem
  if type then language = "js" end
  if check and language == "js" then return guarded(require("lunode.compat.start").check_text, text, name, type) end
  if language ~= "js" then chunk, problem = compile(text) end
  if not chunk and (language == "js" or require("lunode.compiler").check(text, { goal = "script", filename = name })) then
    if check then return end
    return start_javascript(require("lunode.compat.start").run_text, text, name, ended_javascript, type)
  end
  if not chunk then return uncaught(problem, "") end
  if check then return end
  start(chunk, ".", nil)
end

local function run_file(plan)
  local path = loader.resolve_main(plan.file)
  if not path then
    local err = loader.not_found(loader.absolute(plan.file))
    return uncaught(err, "")
  end
  loader.main = path
  options.script, options.argv[2] = path, path
  local ext = path:match "[^/](%.[^./]+)$"
  if ext == ".js" or ext == ".mjs" or ext == ".cjs" or language == "js" and not (ext and loader.extensions[ext]) then
    local javascript = require "lunode.compat.start"
    if plan.check then return guarded(javascript.check, path) end
    return start_javascript(javascript.run_file, path, ended)
  end
  local chunk, problem
  if ext and ext ~= ".lua" and loader.extensions[ext] then
    local ok
    ok, chunk = pcall(loader.extensions[ext], path, plan.file)
    if not ok then return uncaught(chunk, "") end
  else
    chunk, problem = loader.load_file(path)
    if not chunk then return uncaught(problem, "") end
  end
  if plan.check then return end
  start(chunk, ".", path)
end

local function set_arguments(plan, argv)
  local list = options.argv
  list[1] = options.execPath
  if plan.mode == "file" then list[2] = loader.absolute(plan.file)
  elseif plan.mode == "stdin" then list[2] = "-" end
  for i = 1, #plan.rest do list[#list + 1] = plan.rest[i] end
  local arg = { [0] = plan.file or plan.mode == "stdin" and "-" or argv[0] }
  for i = 1, #plan.rest do arg[i] = plan.rest[i] end
  arg[-1] = plan.file and argv[0] or nil
  _G.arg = arg
end

return function(argv)
  if argv[1] == "compile" and not core.fs.stat("compile", nil) then return require "lunode.internal.compile_command"(argv) end
  local cli = require "lunode.internal.cli"
  local plan, problem, code = cli.parse(argv)
  if not plan then
    io.stderr:write(problem, "\n")
    return code
  end
  if plan.mode == "version" then return print_versions() or 0 end
  if plan.mode == "help" then return io.write(cli.help) and 0 end
  options.embedded, options.execPath, options.argv0, options.print = true, core.process.exepath() or argv[0], argv[0], plan.print
  if plan.mode == "eval" then options.eval = plan.code end
  require "lunode.internal.unhandled"
  loader.install(options.execPath)
  require("lunode.internal.globals").install()
  local ok, why = control_jit(plan.jit)
  if not ok then
    io.stderr:write(argv[0], ": ", why, "\n")
    return 9
  end
  if not plan.mode then
    plan.mode = (plan.interactive or core.tty.isatty(0)) and "repl" or "stdin"
  end
  if plan.print and plan.type == "module" then
    io.stderr:write(argv[0], ": --print cannot be used with ESM input\n")
    return 9
  end
  set_arguments(plan, argv)
  if os.getenv "NODE_CHANNEL_FD" then -- opened before a child could inherit it
    local process = require "lunode.process"
    if process.env.NODE_UNIQUE_ID and plan.file then require "lunode.cluster" end
  end
  local javascript = language == "js" or plan.type or plan.file and plan.file:find "%.[mc]?js$"
  local preload = javascript and #plan.preload > 0 and require("lunode.compat.start").rt.preload or loader.require
  for _, name in ipairs(plan.preload) do
    if not guarded(preload, name) then return 1 end
  end
  local function run_script()
    if plan.mode == "file" then return run_file(plan) end
    if plan.mode == "eval" then return run_text(plan.code, "[eval]", compile_eval, plan.type) end
    if plan.mode == "stdin" then
      local text = io.read "*a" or ""
      run_text(text, "[stdin]", function(source) return loader.compile(source, "=[stdin]") end, plan.type, plan.check)
    end
  end
  if #plan.imports > 0 then
    main_done = false
    main_task = require("lunode.compat.start").import_all(plan.imports, function(fine, reason)
      if not fine then return ended(fine, reason) end
      main_done = true
      return run_script()
    end)
  else
    run_script()
  end
  if plan.mode == "repl" or plan.interactive then require("lunode.internal.repl").start() end
  return run_to_end()
end
