-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local tty = require "tty"
local ffi = require "ffi"

ffi.cdef [[
int posix_openpt(int flags); int grantpt(int fd); int unlockpt(int fd); char *ptsname(int fd); int open(const char *path, int flags, ...);
int close(int fd); long read(int fd, void *to, size_t n); long write(int fd, const void *from, size_t n);
struct lunode_test_winsize { unsigned short rows, columns, x, y; };
int ioctl(int fd, unsigned long request, ...);
]]
local C = ffi.C
local TIOCSWINSZ = 0x5414

-- A pseudo-terminal: the program's side and the user's side.
local function pair()
  local master = C.posix_openpt(2 + 256)
  assert(master >= 0 and C.grantpt(master) == 0 and C.unlockpt(master) == 0)
  local slave = C.open(ffi.string(C.ptsname(master)), 2 + 256)
  assert(slave >= 0)
  return slave, master
end
local function resize(fd, columns, rows) C.ioctl(fd, TIOCSWINSZ, ffi.new("struct lunode_test_winsize", rows, columns, 0, 0)) end
local function read(fd)
  local to = ffi.new "char[4096]"
  local n = C.read(fd, to, 4096)
  return n > 0 and ffi.string(to, n) or ""
end

test("isatty tells terminals from all else", function(t)
  local slave, master = pair()
  t:equal(tty.isatty(slave), true)
  t:equal(tty.isatty(999), false)
  t:equal(tty.isatty(-1), false)
  t:equal(tty.isatty(1.5), false)
  t:equal(tty.isatty "0", false)
  t:equal(tty.isatty(), false)
  C.close(slave)
  C.close(master)
end)

test("a WriteStream writes at once and knows its size", function(t)
  local slave, master = pair()
  resize(master, 100, 30)
  local w = tty.WriteStream(slave)
  t:equal(w.isTTY, true)
  t:equal(w.columns, 100)
  t:equal(w.rows, 30)
  t:deep(w:getWindowSize(), { 100, 30 })
  w:write "hello"
  t:equal(read(master), "hello")
  w:on("resize", t:called(function()
    t:equal(w.columns, 120)
    t:equal(w.rows, 40)
  end))
  resize(master, 120, 40)
  w:_refreshSize()
  w:_refreshSize() -- nothing new
  w:destroy()
  w:on("close", t:called(function() C.close(master) end))
end)

test("the cursor's sequences are those of ECMA-48", function(t)
  local slave, master = pair()
  local w = tty.WriteStream(slave)
  local function writes(text, fn)
    fn()
    t:equal(read(master), text)
  end
  writes("\27[4G", function() t:equal(w:cursorTo(3), true) end)
  writes("\27[6;4H", function() w:cursorTo(3, 5) end)
  writes("\27[1G", function() w:cursorTo(0, t:called()) end)
  writes("\27[2C\27[3A", function() w:moveCursor(2, -3) end)
  writes("\27[2D\27[3B", function() w:moveCursor(-2, 3, t:called()) end)
  writes("\27[1K", function() w:clearLine(-1) end)
  writes("\27[0K", function() w:clearLine(1) end)
  writes("\27[2K", function() w:clearLine(0) end)
  writes("\27[0J", function() w:clearScreenDown() end)
  t:equal(w:moveCursor(0, 0, t:called()), true)
  t:throws(function() w:cursorTo(nil, 5) end, { code = "ERR_INVALID_CURSOR_POS", message = "Cannot set cursor row without setting its column" })
  t:throws(function() w:cursorTo(0 / 0) end, "ERR_INVALID_ARG_VALUE")
  w:destroy()
  w:on("close", t:called(function() C.close(master) end))
end)

test("a ReadStream reads, line by line or raw", function(t)
  local slave, master = pair()
  local r = tty.ReadStream(slave)
  t:equal(r.isTTY, true)
  t:equal(r.isRaw, false)
  local got = ""
  local step = 1
  r:on("data", function(d)
    got = got .. tostring(d)
    if step == 1 and got == "line\n" then
      step = 2
      got = ""
      t:equal(r:setRawMode(true), r)
      t:equal(r.isRaw, true)
      C.write(master, "k\3", 2) -- an interrupt is a byte now
    elseif step == 2 and got == "k\3" then
      step = 3
      r:setRawMode(false)
      t:equal(r.isRaw, false)
      r:destroy()
    end
  end)
  r:on("close", t:called(function()
    t:equal(step, 3)
    C.close(master)
  end))
  C.write(master, "line\n", 5)
end)

test("what is no terminal is refused", function(t)
  t:throws(function() tty.WriteStream(-1) end, "ERR_INVALID_FD")
  t:throws(function() tty.ReadStream "x" end, "ERR_INVALID_FD")
  t:throws(function() tty.WriteStream(999) end, "ERR_TTY_INIT_FAILED")
end)

test("the number of colours is guessed as Node does", function(t)
  local slave, master = pair()
  local w = tty.WriteStream(slave)
  local cases = {
    { { FORCE_COLOR = "" }, 4 }, { { FORCE_COLOR = "1" }, 4 }, { { FORCE_COLOR = "true" }, 4 }, { { FORCE_COLOR = "2" }, 8 },
    { { FORCE_COLOR = "3" }, 24 }, { { FORCE_COLOR = "0" }, 1 }, { { NODE_DISABLE_COLORS = "1", TERM = "xterm" }, 1 },
    { { NO_COLOR = "1", TERM = "xterm" }, 1 }, { { NO_COLOR = "", TERM = "xterm" }, 4 }, { { TERM = "dumb", COLORTERM = "1" }, 1 }, { { TMUX = "1" }, 8 }, { { CI = "1" }, 1 },
    { { CI = "1", TRAVIS = "1" }, 8 }, { { CI = "1", CI_NAME = "codeship" }, 8 }, { { TEAMCITY_VERSION = "9.1.0 (x)" }, 4 },
    { { TEAMCITY_VERSION = "8.1.0 (x)" }, 1 }, { { TEAMCITY_VERSION = "10.1.0" }, 4 }, { { TF_BUILD = "1", AGENT_NAME = "x" }, 4 },
    { { TERM_PROGRAM = "iTerm.app", TERM_PROGRAM_VERSION = "3.0" }, 24 }, { { TERM_PROGRAM = "iTerm.app", TERM_PROGRAM_VERSION = "2.0" }, 8 },
    { { TERM_PROGRAM = "HyperTerm" }, 24 }, { { TERM_PROGRAM = "Apple_Terminal" }, 8 }, { { COLORTERM = "truecolor" }, 24 },
    { { COLORTERM = "24bit" }, 24 }, { { COLORTERM = "1" }, 4 }, { { TERM = "xterm-256color" }, 8 }, { { TERM = "XTERM" }, 4 },
    { { TERM = "console" }, 4 }, { { TERM = "mosh" }, 24 }, { { TERM = "screen" }, 4 }, { { TERM = "con80x25" }, 4 }, { { TERM = "vt100" }, 4 },
    { { TERM = "unheard-of" }, 1 }, { {}, 1 },
  }
  for i, case in ipairs(cases) do t:equal(w:getColorDepth(case[1]), case[2], "case " .. i) end
  t:equal(w:hasColors { TERM = "xterm" }, true)
  t:equal(w:hasColors(256, { TERM = "xterm" }), false)
  t:equal(w:hasColors(256, { TERM = "xterm-256color" }), true)
  t:equal(w:hasColors(16777216, { COLORTERM = "truecolor" }), true)
  t:throws(function() w:hasColors "x" end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() w:hasColors(1) end, "ERR_OUT_OF_RANGE")
  w:destroy()
  w:on("close", t:called(function() C.close(master) end))
end)
