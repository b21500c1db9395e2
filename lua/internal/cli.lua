-- SPDX-License-Identifier: MIT
--
-- The command line.  parse(argv) -> plan | nil, message, exit code
--   plan.mode: "file" "stdin" "eval" "repl" "version" "help" "check"; plan.file, plan.code, plan.print, plan.interactive,
--   plan.preload (modules of -r), plan.jit (what -j and -O gave), plan.rest (arguments of the program)
local options = require "lunode.internal.options"

local M = {}

M.help = [[
Usage: lunode [options] [ script.lua | script.js ] [arguments]
       lunode [options] -e code [arguments]
       lunode compile script.js [-o script.lua] [--ast | --scope]

  -                           script read from standard input (default when that is no terminal)
  --                          end of the options
  --abort-on-uncaught-exception  end with SIGABRT where an error ends the program
  -c, --check                 only check the script's syntax
  -C, --conditions name       a further condition of packages' exports and imports (may be repeated)
  -e, --eval code             run code
  -h, --help                  print this
  -i, --interactive           always start the interactive prompt, after -e or -r
  -j command                  LuaJIT's control commands: -joff, -jv, -jdump ...
  -O[option]                  LuaJIT's optimizer: -O3, -Ohotloop=10 ...
  -p, --print [code]          run code and print its result
  -r, --require module        require a module first (may be repeated)
  -v, --version               print the versions
  --import module             import a module first (may be repeated)
  --input-type=type           what -e and standard input hold: commonjs or module
  --insecure-http-parser      take HTTP that breaks the rules
  --max-http-header-size=n    of requests and responses, in bytes (16384)
  --network-family-autoselection-attempt-timeout=ms  how long one address is tried (250)
  --no-deprecation            no deprecation warnings
  --no-warnings               no warnings
  --pending-deprecation       warn of what is going to be deprecated
  --preserve-symlinks         modules are known by the path they were found at
  --preserve-symlinks-main    the main script likewise
  --throw-deprecation         deprecations raise an error
  --trace-deprecation         deprecation warnings with a stack
  --trace-uncaught            where a value was raised that is not an Error
  --trace-warnings            warnings with a stack
  --unhandled-rejections=mode throw (default), strict, warn, none, warn-with-error-codes
]]

local flags = {
  ["--no-warnings"] = "noWarnings", ["--trace-warnings"] = "traceWarnings", ["--no-deprecation"] = "noDeprecation",
  ["--trace-deprecation"] = "traceDeprecation", ["--throw-deprecation"] = "throwDeprecation",
  ["--pending-deprecation"] = "pendingDeprecation", ["--trace-uncaught"] = "traceUncaught",
  ["--insecure-http-parser"] = "insecureHTTPParser", ["--preserve-symlinks"] = "preserveSymlinks",
  ["--preserve-symlinks-main"] = "preserveSymlinksMain", ["--no-experimental-require-module"] = "noRequireModule",
  ["--abort-on-uncaught-exception"] = "abortOnUncaught", ["--expose-gc"] = "exposeGC",
}
-- Node's and V8's that have no meaning here: programs that are started with them run all the same.
local ignored = {}
for name in ("allow-natives-syntax stress-compaction enable-source-maps expose-internals frozen-intrinsics harmony "
  .. "interpreted-frames-native-stack jitless no-addons no-deprecation-warnings no-global-search-paths no-opt node-snapshot no-node-snapshot prof "
  .. "verify-base-objects zero-fill-buffers predictable-gc-schedule trace-sync-io force-context-aware force-fips enable-fips "
  .. "network-family-autoselection no-network-family-autoselection addons permission"):gmatch "%S+" do ignored["--" .. name] = true end
local ignored_groups = { "^%-%-experimental%-", "^%-%-no%-experimental%-", "^%-%-harmony[-_]", "^%-%-no%-harmony[-_]", "^%-%-max[-_]", "^%-%-stack[-_]",
  "^%-%-test%-", "^%-%-trace[-_]", "^%-%-no%-trace[-_]", "^%-%-dns%-result%-order=", "^%-%-icu%-data%-dir=", "^%-%-v8%-", "^%-%-secure%-heap", "^%-%-openssl%-",
  "^%-%-tls%-", "^%-%-report%-", "^%-%-disable%-", "^%-%-inspect%-port=", "^%-%-use%-", "^%-%-gc[-_]", "^%-%-random[-_]",
  "^%-%-no%-verify", "^%-%-localstorage", "^%-%-diagnostic%-dir=" }
local function is_ignored(a)
  a = a:match "^[^=]*":gsub("(.)_", "%1-") .. (a:match "=.*$" or "")
  if ignored[a] then return true end
  for i = 1, #ignored_groups do
    if a:find(ignored_groups[i]) then return true end
  end
  return false
end

local long = {
  ["--eval"] = "-e", ["--print"] = "-p", ["--interactive"] = "-i", ["--require"] = "-r", ["--version"] = "-v",
  ["--help"] = "-h", ["--check"] = "-c", ["--conditions"] = "-C",
}
local types = { module = true, commonjs = true }
-- What NODE_OPTIONS may not have, and what takes the next word as its value.
local command_line_only, with_value = {}, {}
for name in ("-e --eval -p --print -pe -c --check -i --interactive -v --version -h --help -j --test --v8-options --expose-internals --expose_internals "
  .. "--prof-process --build-snapshot - --"):gmatch "%S+" do command_line_only[name] = true end
for name in ("-r --require --import -C --conditions --unhandled-rejections --max-http-header-size --input-type"):gmatch "%S+" do with_value[name] = true end
local modes = { throw = true, strict = true, warn = true, none = true, ["warn-with-error-codes"] = true }

local function bad(argv, text) return nil, argv[0] .. ": " .. text, 9 end

-- The words of NODE_OPTIONS: blanks separate, double quotes hold together, a backslash in them takes the next character as it is.
local function environment_options()
  local text = os.getenv "NODE_OPTIONS"
  local words = {}
  if not text then return words end
  local word, quoted = nil, false
  local i = 1
  while i <= #text do
    local c = text:sub(i, i)
    if quoted and c == "\\" then
      i = i + 1
      if i > #text then return nil, "invalid value for NODE_OPTIONS (invalid escape)" end
      word = word .. text:sub(i, i)
    elseif c == '"' then word, quoted = word or "", not quoted
    elseif c == " " and not quoted then
      words[#words + 1], word = word, nil
    else word = (word or "") .. c end
    i = i + 1
  end
  if quoted then return nil, "invalid value for NODE_OPTIONS (unterminated string)" end
  words[#words + 1] = word
  for k = 1, #words do
    local name = words[k]:match "^[^=]*"
    local valued = words[k - 1] and with_value[words[k - 1]]
    if not valued and (command_line_only[name] or name:sub(1, 1) ~= "-") then return nil, words[k] .. " is not allowed in NODE_OPTIONS" end
  end
  return words
end

function M.parse(argv)
  local plan = { preload = {}, imports = {}, jit = {}, rest = {} }
  local more, refused = environment_options()
  if not more then return bad(argv, refused) end
  if #more > 0 then -- those of the command line come later, and win
    local joined = { [0] = argv[0] }
    for k = 1, #more do joined[k] = more[k] end
    for k = 1, #argv do joined[#more + k] = argv[k] end
    argv = joined
  end
  local n = #argv
  local i = 1
  local function value(inline)
    if inline then return inline end
    i = i + 1
    return argv[i]
  end
  local function text(given) return given and given:gsub("^\\%-", "-") or nil end -- a backslash before a code's first minus is no part of it
  while i <= n do
    local a = argv[i]
    if a == "-" then
      plan.mode = plan.mode or "stdin"
      i = i + 1
      break
    elseif a == "--" then
      i = i + 1
      break
    elseif a:sub(1, 1) ~= "-" then
      break
    end
    local name, inline = a:match "^(%-%-[^=]+)=(.*)$"
    name = name or a
    local short = long[name] or name
    if short == "-e" or short == "-pe" then
      plan.code = text(value(inline))
      if not plan.code then return bad(argv, a .. " requires an argument") end
      if short == "-pe" then plan.print = true end
    elseif short == "-p" then
      plan.print = true
      local following = inline or argv[i + 1]
      if following and (inline or following:sub(1, 1) ~= "-") and not plan.code then
        plan.code = text(following)
        if not inline then i = i + 1 end
      end
    elseif short == "-i" then plan.interactive = true
    elseif short == "-c" then plan.check = true
    elseif short == "-r" then
      local module = value(inline)
      if not module then return bad(argv, a .. " requires an argument") end
      plan.preload[#plan.preload + 1] = module
    elseif short == "--import" then
      local module = value(inline)
      if not module then return bad(argv, a .. " requires an argument") end
      plan.imports[#plan.imports + 1] = module
    elseif short == "-C" then
      local condition = value(inline)
      if not condition then return bad(argv, a .. " requires an argument") end
      options.conditions = options.conditions or {}
      table.insert(options.conditions, condition)
    elseif name == "--input-type" then
      plan.type = value(inline)
      if not types[plan.type or ""] then return bad(argv, '--input-type must be "module" or "commonjs"') end
    elseif short == "-v" then plan.mode = "version"
    elseif short == "-h" then plan.mode = "help"
    elseif a:sub(1, 2) == "-j" and a:sub(1, 3) ~= "--j" then
      local command = #a > 2 and a:sub(3) or value()
      if not command then return bad(argv, "-j requires an argument") end
      plan.jit[#plan.jit + 1] = { "j", command }
    elseif a:sub(1, 2) == "-O" then
      plan.jit[#plan.jit + 1] = { "O", a:sub(3) }
    elseif flags[name:gsub("(.)_", "%1-")] and not inline then
      options[flags[name:gsub("(.)_", "%1-")]] = true
    elseif name == "--title" and inline then
      require("lunode.core").process.title(inline)
    elseif name == "--redirect-warnings" and inline then options.redirectWarnings = inline
    elseif name == "--warnings" then options.noWarnings = false
    elseif name == "--network-family-autoselection-attempt-timeout" then
      local ms = tonumber(value(inline))
      if not ms or ms < 1 then return bad(argv, name .. " must be a number of ms") end
      options.attemptTimeout = ms < 10 and 10 or ms
    elseif name == "--unhandled-rejections" then
      local mode = value(inline)
      if not modes[mode or ""] then
        return bad(argv, "invalid value for --unhandled-rejections")
      end
      options.unhandledRejections = mode
    elseif name == "--max-http-header-size" then
      local size = tonumber(value(inline))
      if not size or size < 0 or size % 1 ~= 0 then return bad(argv, "--max-http-header-size must be a number of bytes") end
      options.maxHttpHeaderSize = size
    elseif is_ignored(a) then -- nothing to do
    else
      return bad(argv, "bad option: " .. a)
    end
    i = i + 1
  end
  local first = i
  for k = #more + 1, math.min(first, n + 1) - 1 do options.execArgv[k - #more] = argv[k] end
  if plan.check and plan.code then return bad(argv, "either --check or --eval can be used, not both") end
  if plan.code then
    plan.mode = plan.mode or "eval"
  elseif not plan.mode and i <= n then
    plan.mode, plan.file = "file", argv[i]
    i = i + 1
  end
  if plan.mode == "stdin" then options.execArgv[#options.execArgv] = nil end
  for k = i, n do plan.rest[#plan.rest + 1] = argv[k] end
  return plan
end

return M
