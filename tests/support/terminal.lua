-- SPDX-License-Identifier: MIT
--
-- Programs on a real pseudo-terminal, which is their controlling one.
--
--   local term = terminal.open { columns = 80, rows = 24, env = "A=1" }
--   term:run("script.lua arguments")   the command under test; term:shell("any shell text") runs that instead
--   term:type("text")                  what the user types
--   await(term:expect("text"))         until this (plain) text has come behind what was expected before; -> what came up to its end
--   await(term:exit())                 -> exit status as a shell has it (128 + signal)
--   term:resize(100, 30)   term:raw() -> whether the terminal is in raw mode   term.text: all that has come   term:close()
local ffi = require "ffi"
local tty = require "tty"
local command = require "./command"

ffi.cdef [[
int posix_openpt(int flags); int grantpt(int fd); int unlockpt(int fd); char *ptsname(int fd);
long write(int fd, const void *from, size_t n);
struct lunode_terminal_size { unsigned short rows, columns, x, y; };
int ioctl(int fd, unsigned long request, ...);
]]
local C = ffi.C
local O_RDWR, O_NOCTTY, O_CLOEXEC, TIOCSWINSZ = 2, 256, 524288, 0x5414

-- What would decide on colours and widths in the place of the test.
local AMBIENT = "-u CI -u COLORTERM -u COLUMNS -u FORCE_COLOR -u LINES -u NODE_DISABLE_COLORS -u NO_COLOR -u NODE_REPL_HISTORY"

local M = {}
local Terminal = {}
Terminal.__index = Terminal

local function slurp(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text
end

function M.open(options)
  options = options or {}
  local master = C.posix_openpt(O_RDWR + O_NOCTTY + O_CLOEXEC)
  assert(master >= 0 and C.grantpt(master) == 0 and C.unlockpt(master) == 0, "no pseudo-terminal")
  local self = setmetatable({ master = master, path = ffi.string(C.ptsname(master)), text = "", at = 1, env = options.env or "", dir = command.dir(), count = 0 }, Terminal)
  self:resize(options.columns or 80, options.rows or 24)
  return self
end

function Terminal:resize(columns, rows)
  C.ioctl(self.master, TIOCSWINSZ, ffi.new("struct lunode_terminal_size", rows, columns, 0, 0))
end

function Terminal:shell(text)
  self.status = self.dir .. "/status"
  local file = command.write(self.dir .. "/run.sh", "trap : INT QUIT\n" .. text .. "\necho $? > " .. self.status .. ".new; mv " .. self.status .. ".new " .. self.status
    .. "\nsleep 30\n") -- somebody keeps the terminal open, so that its mode can be asked for; the hang-up ends it
  os.execute(("env %s TERM=xterm %s setsid -c env --default-signal=INT,QUIT sh %s <%s >%s 2>&1 &"):format(AMBIENT, self.env, file, self.path, self.path))
  self.stream = tty.ReadStream(self.master)
  self.stream:on("error", function() end) -- EIO: nobody has the other side open any more
  self.stream:on("data", function(chunk)
    self.text = self.text .. tostring(chunk)
    if self.check then self.check() end
  end)
  return self
end

function Terminal:run(arguments) return self:shell(command.quote(process.execPath) .. " " .. arguments) end

-- A script's text.
function Terminal:lua(text, arguments) return self:run(command.quote(command.script(text)) .. " " .. (arguments or "")) end

function Terminal:type(text)
  assert(C.write(self.master, text, #text) == #text)
end

function Terminal:expect(text)
  return Promise(function(resolve)
    self.check = function()
      local _, last = self.text:find(text, self.at, true)
      if not last then return end
      local got = self.text:sub(self.at, last)
      self.at, self.check = last + 1, nil
      resolve(got)
    end
    self.check()
  end)
end

function Terminal:exit()
  return Promise(function(resolve)
    local function look()
      local text = slurp(self.status)
      if text then return resolve(tonumber(text)) end
      setTimeout(look, 5)
    end
    look()
  end)
end

function Terminal:raw()
  local pipe = io.popen("stty -a <" .. self.path)
  local settings = pipe:read "*a"
  pipe:close()
  assert(settings:find("icanon", 1, true), "no terminal: " .. settings)
  return settings:find("-icanon", 1, true) ~= nil
end

function Terminal:close()
  if self.stream then self.stream:destroy() end
end

return M
