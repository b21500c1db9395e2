// SPDX-License-Identifier: MIT
//
// core.signal: new(number) -> handle, status; the handle calls onsignal(owner, number) and does not keep the loop alive.
// numbers() -> {SIGINT = 2, …}
// interruptible(on): while on, SIGINT raises an error in the Lua code that runs. Compiled code (LuaJIT's traces) does not see it
// before it comes back to the interpreter. A second SIGINT meanwhile does what it did before.
#include <pthread.h>
#include <signal.h>

#include "areas.h"
#include "call.h"
#include "handle.h"
#include "tty.h"

typedef struct signal_handle {
  handle h;
} signal_handle;

// Writing to a peer that has gone is an error of the write, not the end of the process; a handler of the host's stays.
static void ignore_sigpipe(void) {
  struct sigaction now;
  if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL) signal(SIGPIPE, SIG_IGN);
}

// After the last handle of its number, libuv puts the default action back. Ours comes before the next signal.
static int method_close(lua_State *L) {
  handle *h = handle_check_base(L, 1, NULL, true);
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  handle_close(h);
  ignore_sigpipe();
  tty_guard();
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  return 0;
}

// Closed otherwise: by the collector, or at teardown.
static void closed(handle *h) {
  (void)h;
  ignore_sigpipe();
  tty_guard();
}

static const luaL_Reg signal_methods[] = {{"close", method_close}, {NULL, NULL}};
static const handle_type signal_type = {"lunode.signal", sizeof(signal_handle), closed, signal_methods, NULL};

static void on_signal(uv_signal_t *uv, int number) {
  handle *h = uv->data;
  runtime *rt = h->rt;
  if (!handle_begin(h, "onsignal", 1)) return;
  lua_pushinteger(rt->L, number);
  call_end(rt, handle_args(1));
}

static int signal_new(lua_State *L) {
  int number = (int)luaL_checkinteger(L, 1);
  handle *h = handle_new(L, &signal_type);
  int err = uv_signal_init(&h->rt->loop, &h->uv.signal);
  if (err != 0) {
    handle_abandon(L, h);
    lua_pushnil(L);
    lua_pushinteger(L, err);
    return 2;
  }
  handle_opened(h);
  err = uv_signal_start(&h->uv.signal, on_signal, number);
  if (err != 0) {
    handle_close(h);
    lua_pushnil(L);
    lua_pushinteger(L, err);
    return 2;
  }
  uv_unref(&h->uv.handle);
  return 1;
}

// ---- interrupting Lua

static struct {
  lua_State *L; // not NULL: on
  pthread_t thread;
  struct sigaction before;
  lua_Hook hook; // the program's own
  int mask, count;
} interrupt;

static void restore_hook(lua_State *L) {
  lua_sethook(L, interrupt.hook, interrupt.mask, interrupt.count);
}

static void raise_interrupted(lua_State *L, lua_Debug *ar) {
  (void)ar;
  restore_hook(L);
  luaL_error(L, "Script execution was interrupted by `SIGINT`");
}

static void on_interrupt(int number) {
  if (!pthread_equal(pthread_self(), interrupt.thread)) {
    pthread_kill(interrupt.thread, number);
    return;
  }
  if (interrupt.L == NULL) return;
  sigaction(number, &interrupt.before, NULL);
  lua_sethook(interrupt.L, raise_interrupted, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1); // as LuaJIT's own command does
}

static int signal_interruptible(lua_State *L) {
  bool on = lua_toboolean(L, 1);
  if (on == (interrupt.L != NULL)) return 0;
  if (!on) {
    struct sigaction now;
    interrupt.L = NULL;
    if (sigaction(SIGINT, NULL, &now) == 0 && now.sa_handler == on_interrupt) sigaction(SIGINT, &interrupt.before, NULL);
    if (lua_gethook(L) == raise_interrupted) restore_hook(L);
    return 0;
  }
  interrupt.hook = lua_gethook(L);
  interrupt.mask = lua_gethookmask(L);
  interrupt.count = lua_gethookcount(L);
  interrupt.thread = pthread_self();
  interrupt.L = runtime_get(L)->L; // the main state: it lives as long as there is Lua
  struct sigaction ours = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};
  sigemptyset(&ours.sa_mask);
  sigaction(SIGINT, &ours, &interrupt.before);
  return 0;
}

static int signal_numbers(lua_State *L) {
  static const struct {
    const char *name;
    int number;
  } signals[] = {
#define XX(name) {#name, name},
      XX(SIGHUP) XX(SIGINT) XX(SIGQUIT) XX(SIGILL) XX(SIGTRAP) XX(SIGABRT) XX(SIGBUS) XX(SIGFPE) XX(SIGKILL) XX(SIGUSR1)
      XX(SIGSEGV) XX(SIGUSR2) XX(SIGPIPE) XX(SIGALRM) XX(SIGTERM) XX(SIGCHLD) XX(SIGCONT) XX(SIGSTOP) XX(SIGTSTP)
      XX(SIGTTIN) XX(SIGTTOU) XX(SIGURG) XX(SIGXCPU) XX(SIGXFSZ) XX(SIGVTALRM) XX(SIGPROF) XX(SIGWINCH) XX(SIGIO) XX(SIGSYS)
#ifdef SIGSTKFLT
      XX(SIGSTKFLT)
#endif
#ifdef SIGPWR
      XX(SIGPWR)
#endif
#ifdef SIGPOLL
      XX(SIGPOLL)
#endif
#undef XX
      {"SIGIOT", SIGABRT}};
  lua_newtable(L);
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    lua_pushinteger(L, signals[i].number);
    lua_setfield(L, -2, signals[i].name);
  }
  return 1;
}

void signal_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"new", signal_new}, {"numbers", signal_numbers}, {"interruptible", signal_interruptible}, {NULL, NULL}};
  handle_register(L, &signal_type);
  ignore_sigpipe();
  lua_newtable(L);
  luaL_register(L, NULL, functions);
}
