-- SPDX-License-Identifier: MIT
--
-- How many colours a terminal has, guessed from the environment (Node 20 docs: writeStream.getColorDepth): bits, 1 4 8 24.
local NONE, SIXTEEN, INDEXED, TRUE = 1, 4, 8, 24

local TERMS = {
  eterm = SIXTEEN, cons25 = SIXTEEN, console = SIXTEEN, cygwin = SIXTEEN, dtterm = SIXTEEN, gnome = SIXTEEN, hurd = SIXTEEN,
  jfbterm = SIXTEEN, konsole = SIXTEEN, kterm = SIXTEEN, mlterm = SIXTEEN, putty = SIXTEEN, st = SIXTEEN,
  mosh = TRUE, ["rxvt-unicode-24bit"] = TRUE, terminator = TRUE, ["xterm-kitty"] = TRUE,
}
local PATTERNS = { "ansi", "color", "linux", "direct", "^con%d*x%d", "^rxvt", "^screen", "^xterm", "^vt100", "^vt220" }
local CI = { "APPVEYOR", "BUILDKITE", "CIRCLECI", "DRONE", "GITHUB_ACTIONS", "GITLAB_CI", "TRAVIS" }
local FORCED = { [""] = SIXTEEN, ["1"] = SIXTEEN, ["true"] = SIXTEEN, ["2"] = INDEXED, ["3"] = TRUE }

local environment = setmetatable({}, { __index = function(_, name) return os.getenv(name) end })

local function filled(value) return value ~= nil and value ~= "" end

local function by_program(env)
  local program, version = env.TERM_PROGRAM, env.TERM_PROGRAM_VERSION
  if program == "iTerm.app" then return (not filled(version) or version:find "^[0-2]%.") and INDEXED or TRUE end
  if program == "HyperTerm" or program == "MacTerm" then return TRUE end
  if program == "Apple_Terminal" then return INDEXED end
end

local function by_term(env)
  local term = env.TERM
  if not filled(term) then return nil end
  if term:find "^xterm%-256" then return INDEXED end
  term = term:lower()
  if TERMS[term] then return TERMS[term] end
  for i = 1, #PATTERNS do
    if term:find(PATTERNS[i]) then return SIXTEEN end
  end
end

return function(env)
  env = env or environment
  if env.FORCE_COLOR ~= nil then return FORCED[tostring(env.FORCE_COLOR)] or NONE end
  if filled(env.NODE_DISABLE_COLORS) or filled(env.NO_COLOR) or env.TERM == "dumb" then return NONE end
  if filled(env.TMUX) then return INDEXED end
  if env.TF_BUILD ~= nil and env.AGENT_NAME ~= nil then return SIXTEEN end
  if env.CI ~= nil then
    for i = 1, #CI do
      if env[CI[i]] ~= nil then return INDEXED end
    end
    return env.CI_NAME == "codeship" and INDEXED or NONE
  end
  local teamcity = env.TEAMCITY_VERSION
  if teamcity ~= nil then
    local minor = teamcity:match "^9%.(%d+)%."
    return (minor and minor:find "[1-9]" or teamcity:find "%d%d%.") and SIXTEEN or NONE
  end
  local depth = by_program(env)
  if depth then return depth end
  if env.COLORTERM == "truecolor" or env.COLORTERM == "24bit" then return TRUE end
  return by_term(env) or filled(env.COLORTERM) and SIXTEEN or NONE
end
