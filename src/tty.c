// SPDX-License-Identifier: MIT
//
// core.tty: terminals, and what the standard streams need of descriptors.
//   new(fd) -> handle or nil, code; handle:setMode(raw) -> status; handle:getWindowSize() -> columns, rows or nil, code
//   isatty(fd) -> boolean
//   guess(fd) -> "TCP" "PIPE" "TTY" "FILE" "UDP" "UNKNOWN"
//   writeSync(fd, bytes) -> status: all of it, waiting where the descriptor does not take it at once. The
//     descriptor's flags are left alone: it may be shared with other processes.
// At the end of the program modes and flags are what they were (tty.h).
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "areas.h"
#include "buffer.h"
#include "stream.h"
#include "tty.h"

static const luaL_Reg tty_methods[];
static const handle_type tty_type = {"lunode.tty", sizeof(stream), stream_closed, tty_methods, stream_methods};

static stream *tty_check(lua_State *L) {
  return (stream *)handle_check(L, 1, &tty_type);
}

static int tty_new(lua_State *L) {
  lua_Integer fd = luaL_checkinteger(L, 1);
  handle *h = handle_new(L, &tty_type);
  int err = uv_tty_init(&h->rt->loop, &h->uv.tty, (uv_file)fd, 0);
  if (err != 0) {
    handle_abandon(L, h);
    lua_pushnil(L);
    lua_pushinteger(L, err);
    return 2;
  }
  handle_opened(h);
  return 1;
}

// ---- putting things back

static int original_flags[STDERR_FILENO + 1]; // of the standard descriptors; -1: not known
static bool guarding;

// The terminal that was made raw, on a descriptor of its own: the stream may be closed before the program ends.
static struct {
  const stream *owner; // NULL: none
  int fd;
  volatile sig_atomic_t raw;
  struct termios mode;
} terminal = {.fd = -1};

static void remember_mode(const stream *s) {
  uv_os_fd_t fd;
  if (terminal.owner != NULL || uv_fileno(&s->h.uv.handle, &fd) != 0 || tcgetattr(fd, &terminal.mode) != 0) return;
  terminal.fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (terminal.fd != -1) terminal.owner = s;
}

static void forget_mode(void) {
  terminal.raw = false;
  terminal.owner = NULL;
  close(terminal.fd);
}

static void restore_mode(void) {
  if (!terminal.raw) return;
  sigset_t ttou, old; // from the background this would stop the program
  sigemptyset(&ttou);
  sigaddset(&ttou, SIGTTOU);
  pthread_sigmask(SIG_BLOCK, &ttou, &old);
  while (tcsetattr(terminal.fd, TCSANOW, &terminal.mode) != 0 && errno == EINTR) continue;
  pthread_sigmask(SIG_SETMASK, &old, NULL);
}

// As they were before libuv or the program changed them.
static void remember_flags(void) {
  for (int fd = 0; fd <= STDERR_FILENO; fd++) original_flags[fd] = fcntl(fd, F_GETFL);
}

void tty_restore(void) {
  int saved = errno;
  restore_mode();
  for (int fd = 0; fd <= STDERR_FILENO; fd++) {
    int flags = original_flags[fd] == -1 ? -1 : fcntl(fd, F_GETFL);
    if (flags != -1 && ((flags ^ original_flags[fd]) & O_NONBLOCK) != 0) fcntl(fd, F_SETFL, original_flags[fd]);
  }
  errno = saved;
}

// Signals that end the program. Faults may have a handler already (a sanitizer's): it runs after ours.
static const struct {
  int number;
  bool fault;
} fatal[] = {{SIGHUP, false},  {SIGINT, false},  {SIGQUIT, false}, {SIGTERM, false}, {SIGALRM, false}, {SIGUSR1, false}, {SIGUSR2, false},
             {SIGXCPU, false}, {SIGSEGV, true},  {SIGBUS, true},   {SIGFPE, true},   {SIGILL, true},   {SIGABRT, true},  {SIGSYS, true}};
#define FATAL_COUNT (sizeof fatal / sizeof *fatal)
static struct sigaction before[FATAL_COUNT];

static void on_fatal(int number) {
  tty_restore();
  for (size_t i = 0; i < FATAL_COUNT; i++) {
    if (fatal[i].number == number) sigaction(number, &before[i], NULL);
  }
  raise(number); // comes when this returns
}

static void guard_signals(void) {
  for (size_t i = 0; i < FATAL_COUNT; i++) {
    struct sigaction now;
    if (sigaction(fatal[i].number, NULL, &now) != 0 || now.sa_handler == on_fatal || now.sa_handler == SIG_IGN) continue;
    if (now.sa_handler != SIG_DFL && !fatal[i].fault) continue;
    before[i] = now;
    struct sigaction ours = {.sa_handler = on_fatal, .sa_flags = SA_ONSTACK};
    sigfillset(&ours.sa_mask);
    sigaction(fatal[i].number, &ours, NULL);
  }
}

void tty_guard(void) {
  if (guarding) guard_signals();
}

static int method_set_mode(lua_State *L) {
  stream *s = tty_check(L);
  bool raw = lua_toboolean(L, 2);
  if (raw && !guarding) {
    static char stack[1 << 16]; // a fault may be the stack's end
    stack_t current;
    if (sigaltstack(NULL, &current) == 0 && (current.ss_flags & SS_DISABLE) != 0) {
      sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    }
    guarding = true;
    guard_signals();
  }
  if (raw) remember_mode(s);
  int err = uv_tty_set_mode(&s->h.uv.tty, raw ? UV_TTY_MODE_RAW : UV_TTY_MODE_NORMAL);
  if (err == 0 && terminal.owner == s) {
    if (raw) terminal.raw = true;
    else forget_mode();
  }
  lua_pushinteger(L, err);
  return 1;
}

static int method_get_window_size(lua_State *L) {
  int width, height;
  int err = uv_tty_get_winsize(&tty_check(L)->h.uv.tty, &width, &height);
  if (err != 0) {
    lua_pushnil(L);
    lua_pushinteger(L, err);
    return 2;
  }
  lua_pushinteger(L, width);
  lua_pushinteger(L, height);
  return 2;
}

static const luaL_Reg tty_methods[] = {{"setMode", method_set_mode}, {"getWindowSize", method_get_window_size}, {NULL, NULL}};

static int tty_isatty(lua_State *L) {
  lua_pushboolean(L, uv_guess_handle((uv_file)luaL_checkinteger(L, 1)) == UV_TTY);
  return 1;
}

static int guess(lua_State *L) {
  const char *name;
  switch (uv_guess_handle((uv_file)luaL_checkinteger(L, 1))) {
    case UV_TCP: name = "TCP"; break;
    case UV_NAMED_PIPE: name = "PIPE"; break;
    case UV_TTY: name = "TTY"; break;
    case UV_FILE: name = "FILE"; break;
    case UV_UDP: name = "UDP"; break;
    default: name = "UNKNOWN";
  }
  lua_pushstring(L, name);
  return 1;
}

static int write_sync(lua_State *L) {
  int fd = (int)luaL_checkinteger(L, 1);
  size_t left;
  const char *bytes = buffer_check_bytes(L, 2, &left);
  int err = 0;
  if (fd == STDOUT_FILENO) fflush(stdout); // what Lua's print and io.write hold back comes first
  while (left > 0 && err == 0) {
    ssize_t n = write(fd, bytes, left);
    if (n >= 0) {
      bytes += n;
      left -= (size_t)n;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      struct pollfd wait = {.fd = fd, .events = POLLOUT};
      if (poll(&wait, 1, -1) < 0 && errno != EINTR) err = errno;
    } else if (errno != EINTR) {
      err = errno;
    }
  }
  lua_pushinteger(L, err == 0 ? 0 : uv_translate_sys_error(err));
  return 1;
}

void tty_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"new", tty_new}, {"isatty", tty_isatty}, {"guess", guess}, {"writeSync", write_sync}, {NULL, NULL}};
  static bool registered;
  if (!registered) {
    registered = true;
    remember_flags();
    atexit(tty_restore);
  }
  handle_register(L, &tty_type);
  lua_newtable(L);
  luaL_register(L, NULL, functions);
}
