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
  -c, --check                 only check the script's syntax
  -e, --eval code             run code
  -h, --help                  print this
  -i, --interactive           always start the interactive prompt, after -e or -r
  -j command                  LuaJIT's control commands: -joff, -jv, -jdump ...
  -O[option]                  LuaJIT's optimizer: -O3, -Ohotloop=10 ...
  -p, --print [code]          run code and print its result
  -r, --require module        require a module first (may be repeated)
  -v, --version               print the versions
  --insecure-http-parser      take HTTP that breaks the rules
  --max-http-header-size=n    of requests and responses, in bytes (16384)
  --no-deprecation            no deprecation warnings
  --no-warnings               no warnings
  --pending-deprecation       warn of what is going to be deprecated
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
  ["--insecure-http-parser"] = "insecureHTTPParser",
}
-- Node's and V8's that have no meaning here: programs that are started with them run all the same.
local ignored = {}
for name in ("abort-on-uncaught-exception allow-natives-syntax enable-source-maps expose-internals expose-gc expose_gc frozen-intrinsics harmony "
  .. "interpreted-frames-native-stack jitless no-addons no-deprecation-warnings no-global-search-paths no-opt node-snapshot no-node-snapshot prof "
  .. "preserve-symlinks preserve-symlinks-main verify-base-objects zero-fill-buffers insecure-http-parser force-context-aware force-fips enable-fips "
  .. "network-family-autoselection no-network-family-autoselection addons permission"):gmatch "%S+" do ignored["--" .. name] = true end
local ignored_groups = { "^%-%-experimental%-", "^%-%-no%-experimental%-", "^%-%-harmony[-_]", "^%-%-no%-harmony[-_]", "^%-%-max[-_]", "^%-%-stack[-_]",
  "^%-%-test%-", "^%-%-trace[-_]", "^%-%-no%-trace[-_]", "^%-%-dns%-result%-order=", "^%-%-icu%-data%-dir=", "^%-%-v8%-", "^%-%-secure%-heap", "^%-%-openssl%-",
  "^%-%-tls%-", "^%-%-report%-", "^%-%-disable%-", "^%-%-input%-type=", "^%-%-conditions=", "^%-%-inspect%-port=", "^%-%-use%-", "^%-%-gc[-_]", "^%-%-random[-_]",
  "^%-%-no%-verify", "^%-%-localstorage", "^%-%-diagnostic%-dir=" }
local function is_ignored(a)
  if ignored[a] then return true end
  for i = 1, #ignored_groups do
    if a:find(ignored_groups[i]) then return true end
  end
  return false
end

local long = {
  ["--eval"] = "-e", ["--print"] = "-p", ["--interactive"] = "-i", ["--require"] = "-r", ["--version"] = "-v",
  ["--help"] = "-h", ["--check"] = "-c",
}
local modes = { throw = true, strict = true, warn = true, none = true, ["warn-with-error-codes"] = true }

local function bad(argv, text) return nil, argv[0] .. ": " .. text, 9 end

function M.parse(argv)
  local plan = { preload = {}, jit = {}, rest = {} }
  local n = #argv
  local i = 1
  local function value(inline)
    if inline then return inline end
    i = i + 1
    return argv[i]
  end
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
      plan.code = value(inline)
      if not plan.code then return bad(argv, a .. " requires an argument") end
      if short == "-pe" then plan.print = true end
    elseif short == "-p" then
      plan.print = true
      local following = inline or argv[i + 1]
      if following and (inline or following:sub(1, 1) ~= "-") and not plan.code then
        plan.code = following
        if not inline then i = i + 1 end
      end
    elseif short == "-i" then plan.interactive = true
    elseif short == "-c" then plan.check = true
    elseif short == "-r" then
      local module = value(inline)
      if not module then return bad(argv, a .. " requires an argument") end
      plan.preload[#plan.preload + 1] = module
    elseif short == "-v" then plan.mode = "version"
    elseif short == "-h" then plan.mode = "help"
    elseif a:sub(1, 2) == "-j" and a:sub(1, 3) ~= "--j" then
      local command = #a > 2 and a:sub(3) or value()
      if not command then return bad(argv, "-j requires an argument") end
      plan.jit[#plan.jit + 1] = { "j", command }
    elseif a:sub(1, 2) == "-O" then
      plan.jit[#plan.jit + 1] = { "O", a:sub(3) }
    elseif flags[name] and not inline then
      options[flags[name]] = true
    elseif name == "--title" and inline then
      require("lunode.core").process.title(inline)
    elseif name == "--redirect-warnings" and inline then options.redirectWarnings = inline
    elseif name == "--warnings" then options.noWarnings = false
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
      if a == "--expose-gc" or a == "--expose_gc" then options.exposeGC = true end
    else
      return bad(argv, "bad option: " .. a)
    end
    i = i + 1
  end
  local first = i
  for k = 1, math.min(first, n + 1) - 1 do options.execArgv[k] = argv[k] end
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
