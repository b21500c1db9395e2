-- SPDX-License-Identifier: MIT
--
-- Child processes for the benchmark, over the FFI: started on a chosen core, read line by line,
-- and accounted for by the kernel. Linux only.
--
-- The kernel kills every child when the runner ends, in whatever way it ends (PR_SET_PDEATHSIG);
-- nothing else is relied upon for that.
local ffi = require "ffi"

ffi.cdef [[
  struct bench_timespec { long tv_sec; long tv_nsec; };
  struct bench_pollfd { int fd; short events; short revents; };
  struct bench_rlimit { unsigned long soft, hard; };
  int fork(void);
  int getpid(void);
  int getppid(void);
  int execvp(const char *file, char *const argv[]);
  void _exit(int status);
  int waitpid(int pid, int *status, int options);
  int kill(int pid, int signal);
  void *signal(int number, void *handler);
  int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
  int pipe2(int fds[2], int flags);
  int dup2(int from, int to);
  int open(const char *path, int flags, unsigned mode);
  int close(int fd);
  long read(int fd, void *bytes, size_t count);
  long write(int fd, const void *bytes, size_t count);
  int poll(struct bench_pollfd *fds, unsigned long count, int milliseconds);
  int isatty(int fd);
  int sched_setaffinity(int pid, size_t size, const unsigned long *mask);
  int sched_getaffinity(int pid, size_t size, unsigned long *mask);
  int getrlimit(int resource, struct bench_rlimit *limit);
  int setrlimit(int resource, const struct bench_rlimit *limit);
  int clock_gettime(int clock, struct bench_timespec *time);
  int clock_getcpuclockid(int pid, int *clock);
  char *strerror(int number);
]]

local C = ffi.C
local EINTR = 4
local SIGINT, SIGKILL = 2, 9
local POLLIN, WNOHANG = 1, 1
local O_RDONLY, O_WRONLY, O_CREAT, O_TRUNC, O_CLOEXEC = 0, 1, 64, 512, 524288
local PR_SET_PDEATHSIG = 1
local RLIMIT_NOFILE = 7
local CLOCK_MONOTONIC = 1
local MASK_LONGS = 16 -- 1,024 cores
local WORD = ffi.sizeof "unsigned long" * 8

local process = {}
local Child = {}
Child.__index = Child

-- LuaJIT's own handler would only act on the next Lua instruction.
C.signal(SIGINT, nil)

local function check(result, what)
  if result < 0 then
    error(what .. ": " .. ffi.string(C.strerror(ffi.errno())), 0)
  end
  return result
end

local function seconds(clock)
  local time = ffi.new "struct bench_timespec"
  check(C.clock_gettime(clock, time), "clock_gettime")
  return tonumber(time.tv_sec) + tonumber(time.tv_nsec) / 1e9
end

-- Monotonic seconds.
function process.now()
  return seconds(CLOCK_MONOTONIC)
end

function process.sleep(duration)
  local deadline = process.now() + duration
  local left = duration
  while left > 0 do
    C.poll(nil, 0, math.ceil(left * 1000))
    left = deadline - process.now()
  end
end

function process.is_terminal(fd)
  return C.isatty(fd) == 1
end

-- ---- cores ----

-- The cores that this process may run on, a sequence of numbers from 0.
function process.cores()
  local mask = ffi.new("unsigned long[?]", MASK_LONGS)
  check(C.sched_getaffinity(0, ffi.sizeof(mask), mask), "sched_getaffinity")
  local cores = {}
  for core = 0, MASK_LONGS * WORD - 1 do
    if mask[math.floor(core / WORD)] / 2ULL ^ (core % WORD) % 2 == 1 then
      cores[#cores + 1] = core
    end
  end
  return cores
end

local function set_core(core)
  local mask = ffi.new("unsigned long[?]", MASK_LONGS)
  mask[math.floor(core / WORD)] = 2ULL ^ (core % WORD)
  return C.sched_setaffinity(0, ffi.sizeof(mask), mask)
end

-- Puts this process, and what it starts without a core of its own, on one core.
function process.pin(core)
  check(set_core(core), "sched_setaffinity")
end

-- ---- children ----

local function raise_file_limit()
  local limit = ffi.new "struct bench_rlimit"
  C.getrlimit(RLIMIT_NOFILE, limit)
  limit.soft = limit.hard
  C.setrlimit(RLIMIT_NOFILE, limit)
end

-- Starts a program. `argv`: a sequence of strings and numbers, the program first, looked for in PATH. Options:
--   cores   sequence of cores it may run on
--   log     file that takes its standard error; ours otherwise
-- Its standard input and output are pipes to us.
function process.start(argv, options)
  options = options or {}
  local words, kept = ffi.new("const char *[?]", #argv + 1), {}
  for i, word in ipairs(argv) do
    kept[i] = tostring(word) -- or it would be collected
    words[i - 1] = kept[i]
  end
  local mask = ffi.new("unsigned long[?]", MASK_LONGS)
  for _, core in ipairs(options.cores or {}) do
    local word = math.floor(core / WORD)
    mask[word] = mask[word] + 2ULL ^ (core % WORD)
  end
  local input, output = ffi.new "int[2]", ffi.new "int[2]"
  check(C.pipe2(input, O_CLOEXEC), "pipe")
  check(C.pipe2(output, O_CLOEXEC), "pipe")
  local runner = C.getpid()

  local pid = check(C.fork(), "fork")
  if pid == 0 then
    C.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    if C.getppid() ~= runner then C._exit(127) end
    if options.cores then C.sched_setaffinity(0, ffi.sizeof(mask), mask) end
    raise_file_limit()
    C.dup2(input[0], 0)
    C.dup2(output[1], 1)
    if options.log then
      C.dup2(C.open(options.log, O_WRONLY + O_CREAT + O_TRUNC, 420), 2) -- 0644
    end
    C.execvp(argv[1], ffi.cast("char *const *", words))
    C._exit(127)
  end
  C.close(input[0])
  C.close(output[1])
  return setmetatable({
    pid = pid, name = argv[1]:match "[^/]*$", log = options.log,
    input = input[1], output = output[0], unread = "",
  }, Child)
end

-- The next line of its output without the newline, or nil at the end. Raises when none comes
-- within `limit` seconds (default 30).
function Child:line(limit)
  local deadline = process.now() + (limit or 30)
  local bytes = ffi.new "char[4096]"
  local wait = ffi.new("struct bench_pollfd", {self.output, POLLIN, 0})
  while true do
    local line, rest = self.unread:match "^([^\n]*)\n(.*)$"
    if line then
      self.unread = rest
      return line
    end
    local left = deadline - process.now()
    if left <= 0 then error(self.name .. " printed nothing in time", 0) end
    if C.poll(wait, 1, math.ceil(left * 1000)) > 0 then
      local count = tonumber(C.read(self.output, bytes, ffi.sizeof(bytes)))
      if count == 0 then
        line, self.unread = self.unread, ""
        return line ~= "" and line or nil
      elseif count > 0 then
        self.unread = self.unread .. ffi.string(bytes, count)
      elseif ffi.errno() ~= EINTR then
        check(-1, "read")
      end
    end
  end
end

-- Writes a line to its standard input.
function Child:send(line)
  line = line .. "\n"
  check(tonumber(C.write(self.input, line, #line)), "write")
end

function Child:interrupt()
  C.kill(self.pid, SIGINT)
end

local function ended(self, status)
  local signal = status % 128
  C.close(self.input)
  C.close(self.output)
  self.status = signal == 0 and math.floor(status / 256) % 256 or 128 + signal
  return self.status
end

-- Waits until it has ended. Returns its exit status, or 128 + the signal's number.
function Child:wait()
  local status = ffi.new "int[1]"
  while not self.status do
    if C.waitpid(self.pid, status, 0) >= 0 then return ended(self, status[0]) end
    if ffi.errno() ~= EINTR then check(-1, "waitpid") end
  end
  return self.status
end

-- Ends it, whatever it does.
function Child:stop()
  if self.status then return end
  C.kill(self.pid, SIGKILL)
  self:wait()
end

-- Whether it still runs.
function Child:alive()
  local status = ffi.new "int[1]"
  if not self.status and C.waitpid(self.pid, status, WNOHANG) ~= 0 then ended(self, status[0]) end
  return self.status == nil
end

-- The first lines that it wrote to its log: the error is there, the traceback comes after.
function Child:first_words(count)
  local file = self.log and io.open(self.log)
  local lines = {}
  for line in file and file:lines() or function() end do
    lines[#lines + 1] = line
    if #lines == (count or 6) then break end
  end
  if file then file:close() end
  return table.concat(lines, "\n")
end

-- ---- what the kernel accounts to a child ----

-- CPU time in seconds of all its threads, the ended ones too, in user and kernel mode; the
-- kernel counts it in nanoseconds (the sum that /proc/PID/schedstat shows for one thread).
function Child:cpu()
  local clock = ffi.new "int[1]"
  if C.clock_getcpuclockid(self.pid, clock) ~= 0 then error(self.name .. " has ended", 0) end
  return seconds(clock[0])
end

local function read_all(path)
  local file = io.open(path)
  local text = file and file:read "*a"
  if file then file:close() end
  return text or ""
end

-- Resident memory in bytes: all of it, and the part that is its own and no file's.
-- smaps_rollup counts pages; /proc/PID/status may lag behind on newer kernels.
function Child:rss()
  local text = read_all("/proc/" .. self.pid .. "/smaps_rollup")
  local all, own = text:match "\nRss:%s+(%d+) kB", text:match "\nAnonymous:%s+(%d+) kB"
  if not all then
    text = read_all("/proc/" .. self.pid .. "/status")
    all, own = text:match "VmRSS:%s+(%d+) kB", text:match "RssAnon:%s+(%d+) kB"
  end
  if not all then error(self.name .. " has ended", 0) end
  return tonumber(all) * 1024, tonumber(own or 0) * 1024
end

-- The highest resident memory since reset_peak, in bytes.
function Child:peak()
  local text = read_all("/proc/" .. self.pid .. "/status")
  return (tonumber(text:match "VmHWM:%s+(%d+) kB") or 0) * 1024
end

function Child:reset_peak()
  local file = io.open("/proc/" .. self.pid .. "/clear_refs", "w")
  if file then
    file:write "5"
    file:close()
  end
end

-- How many files it has open.
function Child:open_files()
  local list = io.popen("ls /proc/" .. self.pid .. "/fd 2>/dev/null | wc -l")
  local count = tonumber(list:read "*a")
  list:close()
  return count
end

-- Seconds that a core has spent in programs, and that it was taken away by a hypervisor, since
-- boot, in the kernel's ticks of 10 ms.
function process.core_time(core)
  local user, nice, system, steal = read_all("/proc/stat"):match(
    "\ncpu" .. core .. " (%d+) (%d+) (%d+) %d+ %d+ %d+ %d+ (%d+)")
  if not user then return 0, 0 end
  return (user + nice + system) / 100, steal / 100
end

return process
